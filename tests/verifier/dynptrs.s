#= kernel 6.18
# Dynamic pointers: two slots of the stack that only their helpers may touch; records of ring buffers through them;
# what they point to, and when that ends.
.license "GPL"
.map ring, ringbuf, entries=4096
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=1

#== pointer to memory of a map
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== pointer to the stack
#= rejected: Unsupported reg type fp for bpf_dynptr_from_mem data (errno EACCES)
.section tc
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit

#== pointer to more than the memory has
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 65
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== pointer of unknown size within the memory
#= accepted
.section tc
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 63
        r1 = mem ll
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== slot for it is not aligned
#= rejected: Dynptr has to be an uninitialized dynptr (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -12
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== slot for it is too near the frame pointer
#= rejected: Dynptr has to be an uninitialized dynptr (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== slot for it is no stack
#= rejected: R4 type=map_value expected=fp, dynptr_ptr (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r1
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== slot for it is at a variable offset
#= rejected: Dynptr has to be an uninitialized dynptr (errno EINVAL)
.section tc
        call bpf_get_prandom_u32
        r0 &= 16
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -32
        r4 += r0
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== slot that has been written is taken
#= accepted
.section tc
        *(u64 *)(r10 - 16) = 1
        *(u64 *)(r10 - 8) = 2
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== pointer to memory is made anew in its slot
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== it is read
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== it is written
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r10 - 32) = 1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        r0 = 0
        exit
.data
mem:    .zero 64

#== it is read before it is made
#= rejected: Expected an initialized dynptr as arg #2 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit

#== it is read by half
#= rejected: Expected an initialized dynptr as arg #2 (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -8
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== its slot is read
#= rejected: invalid read from stack off -16+0 size 8 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = *(u64 *)(r10 - 16)
        exit
.data
mem:    .zero 64

#== its second slot is read
#= rejected: invalid read from stack off -8+0 size 8 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = *(u64 *)(r10 - 8)
        exit
.data
mem:    .zero 64

#== byte of its slot is read
#= rejected: invalid read from stack off -3+0 size 1 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = *(u8 *)(r10 - 3)
        exit
.data
mem:    .zero 64

#== its slot is overwritten and it is gone
#= rejected: Expected an initialized dynptr as arg #2 (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r10 - 16) = 0
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== half of its slot is overwritten and it is gone
#= rejected: Expected an initialized dynptr as arg #2 (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u32 *)(r10 - 8) = 0
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== its slots are read after they were overwritten
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r10 - 16) = 0
        r0 = *(u64 *)(r10 - 16)
        exit
.data
mem:    .zero 64

#== helper reads its slot
#= rejected: invalid read from stack R1 off -16+0 size 16 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 16
        call bpf_trace_printk
        r0 = 0
        exit
.data
mem:    .zero 64

#== helper writes over its slot
#= rejected: potential write to dynptr at off=-16 disallowed (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r6
        r2 = 0
        r3 = r10
        r3 += -16
        r4 = 16
        call bpf_skb_load_bytes
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== it is written at a variable offset of the stack
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        call bpf_get_prandom_u32
        r0 &= 8
        r1 = r10
        r1 += -16
        r1 += r0
        *(u8 *)(r1 + 0) = 1
        r0 = 0
        exit
.data
mem:    .zero 64

#== it is read at a variable offset of the stack
#= rejected: invalid read from stack R1 var_off (0x0; 0x8)+0 size 1 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        call bpf_get_prandom_u32
        r0 &= 8
        r1 = r10
        r1 += -16
        r1 += r0
        r0 = *(u8 *)(r1 + 0)
        exit
.data
mem:    .zero 64

#== it is atomically changed
#= rejected: invalid read from stack off -16+0 size 8 (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = 1
        lock *(u64 *)(r10 - 16) += r1
        r0 = 0
        exit
.data
mem:    .zero 64

#== number where it is needed
#= rejected: R3 type=scalar expected=fp, dynptr_ptr (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== context where it is needed
#= rejected: R3 type=ctx expected=fp, dynptr_ptr (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r6
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit

#== memory where it is needed
#= rejected: R3 type=map_value expected=fp, dynptr_ptr (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = mem ll
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.data
mem:    .zero 64

#== slice of it is read
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit
.data
mem:    .zero 64

#== slice of it is not checked
#= rejected: R0 invalid mem access 'mem_or_null' (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        r0 = *(u64 *)(r0 + 0)
        exit
.data
mem:    .zero 64

#== slice of it is read past its size
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 1)
1:      r0 = 0
        exit
.data
mem:    .zero 64

#== slice of it is written
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 1
1:      r0 = 0
        exit
.data
mem:    .zero 64

#== slice of unknown size
#= rejected: R3 is not a known constant' (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        call bpf_get_prandom_u32
        r3 = r0
        r3 &= 7
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_dynptr_data
        r0 = 0
        exit
.data
mem:    .zero 64

#== slice of it after its slot is overwritten
#= rejected: R0 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        *(u64 *)(r10 - 16) = 0
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit
.data
mem:    .zero 64

#== slice of it after it is made anew
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        r7 = r0
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r0 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit
.data
mem:    .zero 64

#== record through it is submitted
#= accepted
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== record through it is discarded
#= accepted
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_discard_dynptr
        r0 = 0
        exit

#== record through it leaks
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r0 = 0
        exit

#== record through it leaks when it was not had
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        if r0 != 0 goto 1f
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
1:      r0 = 0
        exit

#== record through it is submitted twice
#= rejected: arg 1 is an unacquired reference (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== record through it is written after its submission
#= rejected: Expected an initialized dynptr as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        *(u64 *)(r10 - 32) = 1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        r0 = 0
        exit

#== record through it is written
#= accepted
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r10 - 32) = 1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== slice of a record is written after its submission
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        r7 = r0
        if r0 == 0 goto 2f
        *(u64 *)(r7 + 0) = 1
2:      r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        if r7 == 0 goto 1f
        *(u64 *)(r7 + 0) = 1
1:      r0 = 0
        exit

#== slice of a record is submitted as a record
#= rejected: R1 type=mem expected=ringbuf_mem (errno EACCES)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 2f
        r1 = r0
        r2 = 0
        call bpf_ringbuf_submit
2:      r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== slot of a record is overwritten
#= rejected: cannot overwrite referenced dynptr (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r10 - 16) = 0
        r0 = 0
        exit

#== slot of a record is reserved again
#= rejected: cannot overwrite referenced dynptr (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== memory is submitted as a record
#= rejected: arg 1 is an unacquired reference (errno EINVAL)
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit
.data
mem:    .zero 64

#== record of unknown size through it
#= accepted
.section tc
        call bpf_get_prandom_u32
        r2 = r0
        r1 = ring ll
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== record through it on a hash map
#= rejected: cannot pass map_type 1 into func bpf_ringbuf_reserve_dynptr#198 (errno EINVAL)
.section tc
        r6 = r1
        r1 = vals ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== function makes it on the stack of its caller
#= accepted
.section tc
        r1 = r10
        r1 += -16
        call f
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
.text
f:      r4 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.data
mem:    .zero 64

#== function submits the record of its caller
#= accepted
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        call f
        r0 = 0
        exit
.text
f:      r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== function leaks a record on its stack
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r0 = 0
        exit

#== callback submits the record of its caller
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = 2
        r2 = f ll
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r1 = r2
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== pointer to a packet
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb

#== pointer to a packet in xdp
#= accepted
.section xdp
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_xdp
        r0 = 0
        exit
        .extern bpf_dynptr_from_xdp

#== pointer to a packet of another program type
#= rejected: calling kernel function bpf_dynptr_from_xdp is not allowed (errno EACCES)
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_xdp
        r0 = 0
        exit
        .extern bpf_dynptr_from_xdp

#== data of a pointer to a packet are null when it runs
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        *(u8 *)(r0 + 0) = 0
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb

#== slice of a packet is read
#= accepted
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 8)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet is read past its size
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 16)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet is not written
#= rejected: R0 cannot write into rdonly_mem (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 8) = 1
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet is not checked
#= rejected: R0 invalid mem access 'rdonly_mem_or_null' (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        r0 = *(u64 *)(r0 + 8)
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet for writing is written
#= accepted
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice_rdwr
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 8) = 1
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet for writing where the packet is not written
#= rejected: the prog does not allow writes to packet data (errno EINVAL)
.section cgroup_skb/ingress
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice_rdwr
        r0 = 1
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet without a buffer
#= accepted
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 8)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet of unknown size
#= rejected: R4 must be a known constant (errno EINVAL)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        call bpf_get_prandom_u32
        r4 = r0
        r4 &= 15
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        call bpf_dynptr_slice
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet larger than its buffer
#= rejected: arg#2 arg#3 memory, len pair leads to invalid memory access (errno EINVAL)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 64
        call bpf_dynptr_slice
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet is gone after the packet changes
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r6
        r2 = 8
        call bpf_skb_pull_data
        r0 = *(u64 *)(r7 + 8)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== slice of a packet is gone after a write through it
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r10 - 40) = 1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -40
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        r0 = *(u64 *)(r7 + 8)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice, bpf_dynptr_slice_rdwr

#== size of it
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        r0 = 0
        exit
        .extern bpf_dynptr_size
.data
mem:    .zero 64

#== size of what is not made
#= rejected: Expected an initialized dynptr as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        r0 = 0
        exit
        .extern bpf_dynptr_size

#== adjusted
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 16
        call bpf_dynptr_adjust
        r0 = 0
        exit
        .extern bpf_dynptr_adjust
.data
mem:    .zero 64

#== clone of it is read
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -48
        call bpf_dynptr_clone
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -48
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
        .extern bpf_dynptr_clone
.data
mem:    .zero 64

#== clone of a record is gone with it
#= rejected: Expected an initialized dynptr as arg #2 (errno EINVAL)
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -48
        call bpf_dynptr_clone
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -48
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        r0 = 0
        exit
        .extern bpf_dynptr_clone

#== clone of a record is submitted in its place
#= accepted
.section tc
        r6 = r1
        r1 = ring ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -48
        call bpf_dynptr_clone
        r1 = r10
        r1 += -48
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit
        .extern bpf_dynptr_clone

#== clone over itself
#= accepted
.section tc
        r6 = r1
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -16
        call bpf_dynptr_clone
        r0 = 0
        exit
        .extern bpf_dynptr_clone
.data
mem:    .zero 64
