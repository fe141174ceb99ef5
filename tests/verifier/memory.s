#= kernel 6.18
# Loads and stores by size: zero and sign extension from each kind of memory, stores of numbers, what a load makes of
# its destination, and offsets of an access that are large, negative or unknown.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map ring, ringbuf, entries=4096

#== byte of a value is an index below 256
#= accepted
.section tc
        r1 = data ll
        r2 = *(u8 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== half word of a value is no index below 256
#= rejected: R3 max value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(u16 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== word of a value is no index below 256
#= rejected: R3 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(u32 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== 8 bytes of a value are no index
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r1 = data ll
        r2 = *(u64 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of a value is an index from -128
#= accepted
.section tc
        r1 = data ll
        r2 = *(s8 *)(r1 + 0)
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of a value is no index from 0
#= rejected: R3 min value is negative, either use unsigned index or do a if (index >=0) check. (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(s8 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed half word of a value is no index from -128
#= rejected: R3 min value is negative, either use unsigned index or do a if (index >=0) check. (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(s16 *)(r1 + 0)
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed word of a value, shifted, is an index from -128
#= accepted
.section tc
        r1 = data ll
        r2 = *(s32 *)(r1 + 0)
        r2 s>>= 24
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte moved in 32 bits is no index from -128
#= rejected: R3 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(s8 *)(r1 + 0)
        w2 = w2
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== bias of a signed byte is added to the pointer
#= rejected: R3 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section tc
        r1 = data ll
        r2 = *(s8 *)(r1 + 0)
        r3 = data ll
        r3 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== byte of a stack slot never written is an index below 256
#= accepted
.section tc
        r2 = *(u8 *)(r10 - 8)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of a stack slot is an index from -128
#= accepted
.section tc
        r0 = 0
        call bpf_get_prandom_u32
        *(u64 *)(r10 - 8) = r0
        r2 = *(s8 *)(r10 - 8)
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of a known slot
#= accepted
.section tc
        *(u64 *)(r10 - 8) = -16
        r2 = *(s8 *)(r10 - 8)
        r3 = data ll
        r2 += 16
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed half word of a known slot
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0xfff0
        r2 = *(s16 *)(r10 - 8)
        r3 = data ll
        r2 += 16
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of the context
#= accepted
.section tc
        r2 = *(s8 *)(r1 + 0)
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== byte of the context
#= accepted
.section tc
        r2 = *(u8 *)(r1 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit
.data
data:   .zero 256

#== byte of the packet is an index below 256
#= accepted
.section tc
        r4 = *(u32 *)(r1 + 76)
        r5 = *(u32 *)(r1 + 80)
        r2 = r4
        r2 += 8
        if r2 > r5 goto 1f
        r2 = *(u8 *)(r4 + 0)
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
1:      r0 = 0
        exit
.data
data:   .zero 256

#== signed byte of the packet is an index from -128
#= accepted
.section tc
        r4 = *(u32 *)(r1 + 76)
        r5 = *(u32 *)(r1 + 80)
        r2 = r4
        r2 += 8
        if r2 > r5 goto 1f
        r2 = *(s8 *)(r4 + 0)
        r3 = data ll
        r2 += 128
        r3 += r2
        *(u8 *)(r3 + 0) = 0
1:      r0 = 0
        exit
.data
data:   .zero 256

#== half word of the packet, shifted, is an index below 256
#= accepted
.section tc
        r4 = *(u32 *)(r1 + 76)
        r5 = *(u32 *)(r1 + 80)
        r2 = r4
        r2 += 8
        if r2 > r5 goto 1f
        r2 = *(u16 *)(r4 + 0)
        r2 >>= 8
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
1:      r0 = 0
        exit
.data
data:   .zero 256

#== swapped half word of the packet, masked, is an index below 256
#= accepted
.section tc
        r4 = *(u32 *)(r1 + 76)
        r5 = *(u32 *)(r1 + 80)
        r2 = r4
        r2 += 8
        if r2 > r5 goto 1f
        r2 = *(u16 *)(r4 + 0)
        r2 = be16 r2
        r2 &= 255
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
1:      r0 = 0
        exit
.data
data:   .zero 256

#== signed word of the packet is compared and used
#= accepted
.section tc
        r4 = *(u32 *)(r1 + 76)
        r5 = *(u32 *)(r1 + 80)
        r2 = r4
        r2 += 8
        if r2 > r5 goto 1f
        r2 = *(s32 *)(r4 + 0)
        if r2 s< -8 goto 1f
        if r2 s> 8 goto 1f
        r2 += 8
        r3 = data ll
        r3 += r2
        *(u8 *)(r3 + 0) = 0
1:      r0 = 0
        exit
.data
data:   .zero 256

#== load overwrites its own base
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = data ll
        r1 = *(u64 *)(r1 + 0)
        r0 = *(u8 *)(r1 + 0)
        exit
.data
data:   .zero 256

#== load of a number overwrites a pointer
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = *(u32 *)(r1 + 0)
        r0 = *(u32 *)(r1 + 0)
        exit

#== load to r0 of a byte
#= accepted
.section tc
        r1 = data ll
        r0 = *(u8 *)(r1 + 255)
        exit
.data
data:   .zero 256

#== load at a negative offset of a moved pointer
#= accepted
.section tc
        r1 = data ll
        r1 += 16
        r0 = *(u64 *)(r1 - 16)
        exit
.data
data:   .zero 256

#== load at a negative offset past the start
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = data ll
        r1 += 16
        r0 = *(u64 *)(r1 - 17)
        exit
.data
data:   .zero 256

#== load at the largest offset of an instruction
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = data ll
        r0 = *(u8 *)(r1 + 32767)
        exit
.data
data:   .zero 256

#== load at the smallest offset of an instruction
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = data ll
        r0 = *(u8 *)(r1 - 32768)
        exit
.data
data:   .zero 256

#== store of a number of 8 bytes
#= accepted
.section tc
        r1 = data ll
        *(u64 *)(r1 + 0) = -1
        r0 = 0
        exit
.data
data:   .zero 256

#== store of a number of a byte at the end
#= accepted
.section tc
        r1 = data ll
        *(u8 *)(r1 + 255) = 7
        r0 = 0
        exit
.data
data:   .zero 256

#== store of a number of a half word across the end
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = data ll
        *(u16 *)(r1 + 255) = 7
        r0 = 0
        exit
.data
data:   .zero 256

#== store of a negative number is sign-extended to a slot
#= accepted
.section tc
        *(u64 *)(r10 - 8) = -8
        r1 = *(u64 *)(r10 - 8)
        r2 = r10
        r2 += r1
        *(u64 *)(r2 + 0) = 0
        r0 = 0
        exit

#== store of a 32-bit number to a slot is zero-extended when loaded
#= accepted
.section tc
        *(u32 *)(r10 - 8) = -8
        r1 = *(u32 *)(r10 - 8)
        r1 >>= 32
        r2 = r10
        r2 += -16
        r2 += r1
        *(u64 *)(r2 + 0) = 0
        r0 = 0
        exit

#== store through a number
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = 0
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== store through an unset register
#= rejected: R7 !read_ok (errno EACCES)
.section tc
        *(u8 *)(r7 + 0) = 0
        r0 = 0
        exit

#== store through a map
#= rejected: only read from bpf_htab is supported (errno EACCES)
.section tc
        r1 = vals ll
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== store through the end of the packet
#= rejected: R1 invalid mem access 'pkt_end' (errno EACCES)
.section tc
        r1 = *(u32 *)(r1 + 80)
        *(u8 *)(r1 - 1) = 0
        r0 = 0
        exit

#== unbounded offset of the stack is read
#= rejected: invalid unbounded variable-offset read from stack R1 (errno EACCES)
.section tc
        call bpf_get_prandom_u32
        w0 = w0
        r1 = r10
        r1 += r0
        r0 = *(u8 *)(r1 + 0)
        exit

#== unbounded offset of the stack is read by a helper
#= rejected: invalid unbounded variable-offset read from stack R2 (errno EACCES)
.section tc
        call bpf_get_prandom_u32
        w0 = w0
        r2 = r10
        r2 += r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== unbounded offset of the stack is written by a helper
#= rejected: invalid unbounded variable-offset write to stack R3 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        w0 = w0
        r3 = r10
        r3 += r0
        r1 = r6
        r2 = 0
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== variable offset of the stack is read by a helper past its end
#= rejected: invalid variable-offset read from stack R2 var_off=(0x0; 0xf) off=-16 size=4 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        call bpf_get_prandom_u32
        r0 &= 15
        r2 = r10
        r2 += -16
        r2 += r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== variable offset of the stack is written by a helper
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r0 &= 7
        r3 = r10
        r3 += -16
        r3 += r0
        r1 = r6
        r2 = 0
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== helper writes at a variable offset over a spilled pointer
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = r1
        call bpf_get_prandom_u32
        r0 &= 7
        r3 = r10
        r3 += -16
        r3 += r0
        r1 = r6
        r2 = 0
        r4 = 8
        call bpf_skb_load_bytes
        r1 = *(u64 *)(r10 - 16)
        r0 = *(u32 *)(r1 + 0)
        exit

#== kprobe reads user memory into its stack
#= accepted
.section kprobe
        r6 = *(u64 *)(r1 + 112)
        r1 = r10
        r1 += -32
        r2 = 32
        r3 = r6
        call bpf_probe_read_user
        r0 = *(u64 *)(r10 - 32)
        exit

#== register of a kprobe is a number
#= rejected: R6 invalid mem access 'scalar' (errno EACCES)
.section kprobe
        r6 = *(u64 *)(r1 + 112)
        r0 = *(u64 *)(r6 + 0)
        exit

#== argument of a raw tracepoint is a number
#= rejected: R6 invalid mem access 'scalar' (errno EACCES)
.section raw_tracepoint
        r6 = *(u64 *)(r1 + 0)
        r0 = *(u64 *)(r6 + 0)
        exit

#== field of a tracepoint is a number
#= rejected: R6 invalid mem access 'scalar' (errno EACCES)
.section tracepoint
        r6 = *(u64 *)(r1 + 16)
        r0 = *(u64 *)(r6 + 0)
        exit

#== stack trace into a buffer on the stack
#= accepted
.section kprobe
        r2 = r10
        r2 += -64
        r3 = 64
        r4 = 0
        call bpf_get_stack
        if r0 s< 0 goto 1f
        r1 = r10
        r1 += -64
        r1 += r0
        *(u8 *)(r1 - 1) = 0
1:      r0 = 0
        exit

#== stack trace of more bytes than the buffer
#= rejected: invalid write to stack R2 off=-64 size=72 (errno EINVAL)
.section kprobe
        r2 = r10
        r2 += -64
        r3 = 72
        r4 = 0
        call bpf_get_stack
        r0 = 0
        exit

#== result of a stack trace is not checked
#= rejected: invalid variable-offset write to stack R1 var_off=(0x0; 0xffffffffffffffff) off=-65 size=1 (errno EACCES)
.section kprobe
        r2 = r10
        r2 += -64
        r3 = 64
        r4 = 0
        call bpf_get_stack
        r1 = r10
        r1 += -64
        r1 += r0
        *(u8 *)(r1 - 1) = 0
        r0 = 0
        exit

#== name of the task into a buffer
#= accepted
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 16
        call bpf_get_current_comm
        r0 = *(u8 *)(r10 - 16)
        exit

#== name of the task past a buffer
#= rejected: invalid write to stack R1 off=-8 size=16 (errno EINVAL)
.section kprobe
        r1 = r10
        r1 += -8
        r2 = 16
        call bpf_get_current_comm
        r0 = 0
        exit

#== cookie of an attachment takes the context
#= accepted
.section kprobe
        call bpf_get_attach_cookie
        exit

#== cookie of an attachment takes no number
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section kprobe
        r1 = 0
        call bpf_get_attach_cookie
        exit

#== address of the probed function
#= accepted
.section kprobe
        call bpf_get_func_ip
        exit

#== address of the probed function from a tracepoint
#= rejected: func bpf_get_func_ip#173 not supported for program type 5 (errno ENOTSUPP)
.section tracepoint
        call bpf_get_func_ip
        exit

#== context of a kprobe is no buffer
#= rejected: R1 type=ctx expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section kprobe
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== signal from a kprobe
#= accepted
.section kprobe
        r1 = 10
        call bpf_send_signal
        exit

#== signal from tc
#= accepted
.section tc
        r1 = 10
        call bpf_send_signal
        exit
