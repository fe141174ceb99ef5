#= kernel 6.18
# Strict alignment, asked for by a flag of the load: each kind of memory, constant and variable offsets. Without the
# flag this machine takes any alignment, except on the stack, in contexts, and for atomics.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map keys, hash, key=16, value=8, entries=4
.map ring, ringbuf, entries=4096

#== half word of a context across words
#= flags: strict_alignment
#= rejected: misaligned context access off 0+0+2 size 4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 2)
        r0 = 0
        exit

#== half word of a context across words, not strict
#= rejected: invalid bpf_context access off=2 size=4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 2)
        r0 = 0
        exit

#== argument of a raw tracepoint
#= flags: strict_alignment
#= rejected: misaligned context access off 0+0+4 size 8 (errno EACCES)
.section raw_tracepoint
        r0 = *(u64 *)(r1 + 4)
        r0 = 0
        exit

#== argument of a raw tracepoint, not strict
#= rejected: invalid bpf_context access off=4 size=8 (errno EACCES)
.section raw_tracepoint
        r0 = *(u64 *)(r1 + 4)
        r0 = 0
        exit

#== word of a value at 2
#= flags: strict_alignment
#= rejected: misaligned value access off 0+0+2 size 4 (errno EACCES)
.section tc
        r0 = 0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== word of a value at 2, not strict
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== 8 bytes of a value at 4
#= flags: strict_alignment
#= rejected: misaligned value access off 0+0+4 size 8 (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 4)
1:      r0 = 0
        exit

#== 8 bytes of a value at 4, not strict
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 4)
1:      r0 = 0
        exit

#== half word of a value at 1
#= flags: strict_alignment
#= rejected: misaligned value access off 0+0+1 size 2 (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u16 *)(r0 + 1) = 0
1:      r0 = 0
        exit

#== half word of a value at 1, not strict
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u16 *)(r0 + 1) = 0
1:      r0 = 0
        exit

#== byte of a value at 1
#= flags: strict_alignment
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u8 *)(r0 + 1) = 0
1:      r0 = 0
        exit

#== word of a value at 4
#= flags: strict_alignment
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 4)
1:      r0 = 0
        exit

#== value moved by 1
#= flags: strict_alignment
#= rejected: misaligned value access off 0+1+0 size 4 (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 1
        r1 = *(u32 *)(r0 + 0)
1:      r0 = 0
        exit

#== value moved by 1, not strict
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 1
        r1 = *(u32 *)(r0 + 0)
1:      r0 = 0
        exit

#== value moved by 1 and accessed at 3
#= flags: strict_alignment
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 1
        r1 = *(u32 *)(r0 + 3)
1:      r0 = 0
        exit

#== value at a variable multiple of 2
#= flags: strict_alignment
#= rejected: misaligned value access off (0x0; 0x1e)+0+0 size 4 (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 30
        r7 += r0
        r1 = *(u32 *)(r7 + 0)
1:      r0 = 0
        exit

#== value at a variable multiple of 2, not strict
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 30
        r7 += r0
        r1 = *(u32 *)(r7 + 0)
1:      r0 = 0
        exit

#== value at a variable multiple of 4
#= flags: strict_alignment
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 28
        r7 += r0
        r1 = *(u32 *)(r7 + 0)
1:      r0 = 0
        exit

#== value at a variable shifted by 3
#= flags: strict_alignment
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 7
        r0 <<= 3
        r7 += r0
        r1 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit

#== value at a variable times 6
#= flags: strict_alignment
#= rejected: misaligned value access off (0x0; 0x3e)+0+0 size 4 (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 7
        r0 *= 6
        r7 += r0
        r1 = *(u32 *)(r7 + 0)
1:      r0 = 0
        exit

#== word of a record at 2
#= flags: strict_alignment
#= rejected: misaligned access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u32 *)(r7 + 2) = 0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== word of a record at 2, not strict
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u32 *)(r7 + 2) = 0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== word of a key of an element at 2
#= flags: strict_alignment
#= rejected: misaligned key access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = keys ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r5 = *(u32 *)(r2 + 2)
        r0 = 0
        exit

#== word of a key of an element at 2, not strict
#= accepted
.section tc
        r1 = keys ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r5 = *(u32 *)(r2 + 2)
        r0 = 0
        exit

#== field of a common socket at 2
#= flags: strict_alignment
#= rejected: misaligned sock_common access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        r0 = *(u32 *)(r1 + 2)
1:      r0 = 0
        exit

#== field of a common socket at 2, not strict
#= rejected: R1 invalid sock_common access off=2 size=4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        r0 = *(u32 *)(r1 + 2)
1:      r0 = 0
        exit

#== field of a full socket at 2
#= flags: strict_alignment
#= rejected: misaligned sock access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== field of a full socket at 2, not strict
#= rejected: R0 invalid sock access off=2 size=4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== field of a tcp socket at 2
#= flags: strict_alignment
#= rejected: misaligned tcp_sock access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== field of a tcp socket at 2, not strict
#= rejected: R0 invalid tcp_sock access off=2 size=4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== field of a map at 2
#= flags: strict_alignment
#= rejected: misaligned access off 0+0+26 size 4 (errno EACCES)
.section tc
        r1 = vals ll
        r0 = *(u32 *)(r1 + 26)
        r0 = 0
        exit

#== field of a map at 2, not strict
#= accepted
.section tc
        r1 = vals ll
        r0 = *(u32 *)(r1 + 26)
        r0 = 0
        exit

#== global data at 1
#= flags: strict_alignment
#= rejected: misaligned value access off 0+0+1 size 2 (errno EACCES)
.section tc
        r1 = data ll
        r0 = *(u16 *)(r1 + 1)
        r0 = 0
        exit
.data
data:   .quad 0

#== global data at 1, not strict
#= accepted
.section tc
        r1 = data ll
        r0 = *(u16 *)(r1 + 1)
        r0 = 0
        exit
.data
data:   .quad 0

#== stack at 2
#= flags: strict_alignment
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r0 = *(u32 *)(r10 - 6)
        exit

#== stack at 2, not strict
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r0 = *(u32 *)(r10 - 6)
        exit

#== stack at a variable multiple of 2
#= flags: strict_alignment
#= rejected: misaligned stack access off (0x0; 0x2)+-16+0 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        call bpf_get_prandom_u32
        r0 &= 2
        r1 = r10
        r1 += -16
        r1 += r0
        r0 = *(u32 *)(r1 + 0)
        exit

#== stack at a variable multiple of 2, not strict
#= rejected: misaligned stack access off (0x0; 0x2)+-16+0 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        call bpf_get_prandom_u32
        r0 &= 2
        r1 = r10
        r1 += -16
        r1 += r0
        r0 = *(u32 *)(r1 + 0)
        exit

#== both flags of alignment at once
#= flags: strict_alignment, any_alignment
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r0 = *(u32 *)(r10 - 8)
        exit

#== any alignment does not hold for the stack
#= flags: any_alignment
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r0 = *(u32 *)(r10 - 6)
        exit

#== helper takes a misaligned key of the stack
#= flags: strict_alignment
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -7
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== packet word behind the Ethernet header
#= flags: strict_alignment
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 26)
1:      r0 = 0
        exit

#== packet word within the Ethernet header
#= flags: strict_alignment
#= rejected: misaligned packet access off 2+0+0+8 size 4 (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 8)
1:      r0 = 0
        exit

#== packet word behind a header of variable length
#= flags: strict_alignment
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto 1f
        r5 = *(u8 *)(r2 + 14)
        r5 &= 15
        r5 <<= 2
        r2 += r5
        r4 = r2
        r4 += 18
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 14)
1:      r0 = 0
        exit

#== packet 8 bytes behind a header of variable length
#= flags: strict_alignment
#= rejected: misaligned packet access off 2+(0x0; 0x3c)+0+14 size 8 (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto 1f
        r5 = *(u8 *)(r2 + 14)
        r5 &= 15
        r5 <<= 2
        r2 += r5
        r4 = r2
        r4 += 22
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 14)
1:      r0 = 0
        exit

#== constant that is no pointer
#= flags: strict_alignment
#= rejected: misaligned access off 0xffffffffffffffff+0+26 size 4 (errno EACCES)
.section tc
        r2 = -1
        r0 = *(u32 *)(r2 + 26)
        exit

#== small constant that is no pointer
#= flags: strict_alignment
#= rejected: misaligned access off 7+0+26 size 4 (errno EACCES)
.section tc
        r2 = 7
        r0 = *(u32 *)(r2 + 26)
        exit

#== large constant that is no pointer
#= flags: strict_alignment
#= rejected: misaligned access off 0x12345+0+26 size 4 (errno EACCES)
.section tc
        r2 = 0x12345
        r0 = *(u32 *)(r2 + 26)
        exit

#== socket that may be null
#= flags: strict_alignment
#= rejected: misaligned access off 0+0+2 size 4 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        r0 = *(u32 *)(r1 + 2)
        exit

#== value that may be null
#= flags: strict_alignment
#= rejected: misaligned access off 0+0+2 size 4 (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = *(u32 *)(r0 + 2)
        exit

#== word of a value at 2, both flags
#= flags: strict_alignment, any_alignment
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit

#== stack across a word, any alignment
#= flags: any_alignment
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r0 = *(u32 *)(r10 - 6)
        r0 = 0
        exit

#== atomic operation across a word, any alignment
#= flags: any_alignment
#= rejected: misaligned stack access off 0+0+-10 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        r1 = 1
        lock *(u32 *)(r10 - 10) += r1
        r0 = 0
        exit

#== word of a value at 2, both flags, unprivileged
#= unprivileged
#= flags: strict_alignment, any_alignment
#= accepted
.section socket
        r0 = 0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 2)
1:      r0 = 0
        exit
