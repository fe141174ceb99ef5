#= kernel 6.18
# Atomic operations, loads that acquire and stores that release: operations, sizes, memory they work on, results.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4

#== atomic add
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) += r1
        r0 = 0
        exit

#== atomic or
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) |= r1
        r0 = 0
        exit

#== atomic and
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) &= r1
        r0 = 0
        exit

#== atomic exclusive or
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) ^= r1
        r0 = 0
        exit

#== atomic fetch and add
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = atomic_fetch_add((u64 *)(r10 - 8), r1)
        r0 = 0
        exit

#== atomic fetch and or
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = atomic_fetch_or((u64 *)(r10 - 8), r1)
        r0 = 0
        exit

#== atomic fetch and and
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = atomic_fetch_and((u64 *)(r10 - 8), r1)
        r0 = 0
        exit

#== atomic fetch and exclusive or
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = atomic_fetch_xor((u64 *)(r10 - 8), r1)
        r0 = 0
        exit

#== atomic exchange
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = xchg_64(r10 - 8, r1)
        r0 = 0
        exit

#== atomic compare and exchange
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = 0
        r0 = cmpxchg_64(r10 - 8, r0, r1)
        r0 = 0
        exit

#== atomic 32-bit add
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u32 *)(r10 - 8) += w1
        r0 = 0
        exit

#== atomic 32-bit exchange
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        w1 = xchg32_32(r10 - 8, w1)
        r0 = 0
        exit

#== atomic 32-bit compare and exchange
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = 0
        w0 = cmpxchg32_32(r10 - 8, w0, w1)
        r0 = 0
        exit

#== atomic 32-bit fetch and add
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        w1 = atomic_fetch_add((u32 *)(r10 - 8), w1)
        r0 = 0
        exit

#== atomic of 16 bits
#= rejected: invalid atomic operand size (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        .quad 0x00000000fff81acb
        r0 = 0
        exit

#== atomic of 8 bits
#= rejected: invalid atomic operand size (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        .quad 0x00000000fff81ad3
        r0 = 0
        exit

#== atomic operation that is unknown
#= rejected: BPF_ATOMIC uses invalid atomic opcode 20 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        .quad 0x00000020fff81adb
        r0 = 0
        exit

#== atomic operation with stray bits
#= rejected: BPF_ATOMIC uses invalid atomic opcode 02 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        .quad 0x00000002fff81adb
        r0 = 0
        exit

#== exchange without its fetch bit
#= rejected: BPF_ATOMIC uses invalid atomic opcode e0 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        .quad 0x000000e0fff81adb
        r0 = 0
        exit

#== compare and exchange without its fetch bit
#= rejected: BPF_ATOMIC uses invalid atomic opcode f0 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = 0
        .quad 0x000000f0fff81adb
        r0 = 0
        exit

#== atomic on a slot never written, privileged
#= accepted
.section tc
        r1 = 1
        lock *(u64 *)(r10 - 8) += r1
        r0 = 0
        exit

#== atomic on a slot never written, unprivileged
#= unprivileged
#= rejected: invalid read from stack R10 off=-8 size=8 (errno EACCES)
.section socket
        r1 = 1
        lock *(u64 *)(r10 - 8) += r1
        r0 = 0
        exit

#== atomic outside the stack
#= rejected: invalid read from stack R10 off=0 size=8 (errno EACCES)
.section tc
        r1 = 1
        lock *(u64 *)(r10 + 0) += r1
        r0 = 0
        exit

#== atomic below the stack
#= rejected: invalid read from stack R10 off=-520 size=8 (errno EACCES)
.section tc
        r1 = 1
        lock *(u64 *)(r10 - 520) += r1
        r0 = 0
        exit

#== atomic misaligned on the stack
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        *(u64 *)(r10 - 16) = 0
        lock *(u64 *)(r10 - 12) += r1
        r0 = 0
        exit

#== 32-bit atomic in the upper half of a slot
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u32 *)(r10 - 4) += w1
        r0 = 0
        exit

#== 32-bit atomic misaligned
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u32 *)(r10 - 6) += w1
        r0 = 0
        exit

#== atomic with an unset operand
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        lock *(u64 *)(r10 - 8) += r2
        r0 = 0
        exit

#== atomic through an unset pointer
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r1 = 1
        lock *(u64 *)(r2 + 0) += r1
        r0 = 0
        exit

#== atomic through a number
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = 1
        r2 = 8
        lock *(u64 *)(r2 + 0) += r1
        r0 = 0
        exit

#== compare and exchange with r0 unset
#= rejected: R0 !read_ok (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = cmpxchg_64(r10 - 8, r0, r1)
        r0 = 0
        exit

#== compare and exchange with a pointer in r0, privileged
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = r10
        r0 = cmpxchg_64(r10 - 8, r0, r1)
        r0 = 0
        exit

#== compare and exchange with a pointer in r0, unprivileged
#= unprivileged
#= rejected: R0 leaks addr into mem (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r0 = r10
        r0 = cmpxchg_64(r10 - 8, r0, r1)
        r0 = 0
        exit

#== pointer is added atomically, privileged
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) += r10
        r0 = 0
        exit

#== pointer is added atomically, unprivileged
#= unprivileged
#= rejected: R10 leaks addr into mem (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) += r10
        r0 = 0
        exit

#== pointer is exchanged to the stack
#= rejected: R3 invalid mem access 'scalar' (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r2 = r10
        r2 = xchg_64(r10 - 8, r2)
        r3 = *(u64 *)(r10 - 8)
        r0 = *(u64 *)(r3 - 8)
        exit

#== spilled pointer is exchanged away
#= accepted
.section tc
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        r2 = xchg_64(r10 - 8, r2)
        r0 = *(u32 *)(r2 + 0)
        exit

#== spilled pointer is added to
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        lock *(u64 *)(r10 - 8) += r2
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== fetched value is what the slot held
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r1 = atomic_fetch_add((u64 *)(r10 - 8), r1)
        r2 = r10
        r2 += r1
        *(u8 *)(r2 - 1) = 0
        r0 = 0
        exit

#== 32-bit fetched value is bounded by 32 bits
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        w1 = atomic_fetch_add((u32 *)(r10 - 8), w1)
        r2 = r10
        r1 >>= 32
        r2 += r1
        *(u8 *)(r2 - 1) = 0
        r0 = 0
        exit

#== slot is unknown after an atomic
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) += r1
        r1 = *(u64 *)(r10 - 8)
        r2 = r10
        r2 += r1
        *(u8 *)(r2 - 1) = 0
        r0 = 0
        exit

#== operand without fetch stays known
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        lock *(u64 *)(r10 - 8) += r1
        r2 = r10
        r1 = -r1
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r0 = 0
        exit

#== frame pointer is not fetched to
#= rejected: frame pointer is read only (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r10 = atomic_fetch_add((u64 *)(r10 - 8), r10)
        r0 = 0
        exit

#== atomic on a value
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        lock *(u64 *)(r0 + 8) += r1
1:      r0 = 0
        exit

#== atomic past a value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        lock *(u64 *)(r0 + 64) += r1
1:      r0 = 0
        exit

#== atomic misaligned on a value
#= rejected: misaligned value access off 0+0+4 size 8 (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        lock *(u64 *)(r0 + 4) += r1
1:      r0 = 0
        exit

#== pointer is added to a value, unprivileged
#= unprivileged
#= rejected: R10 leaks addr into mem (errno EACCES)
.section socket
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        lock *(u64 *)(r0 + 0) += r10
1:      r0 = 0
        exit

#== atomic on a value or null
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = 1
        lock *(u64 *)(r0 + 8) += r1
        r0 = 0
        exit

#== atomic on the context
#= rejected: BPF_ATOMIC stores into R1 ctx is not allowed (errno EACCES)
.section tc
        r2 = 1
        lock *(u64 *)(r1 + 48) += r2
        r0 = 0
        exit

#== atomic on a map
#= rejected: only read from bpf_htab is supported (errno EACCES)
.section tc
        r2 = 1
        r1 = vals ll
        lock *(u64 *)(r1 + 0) += r2
        r0 = 0
        exit

#== compare and exchange on a value
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        r2 = r0
        r0 = 0
        r0 = cmpxchg_64(r2 + 0, r0, r1)
1:      r0 = 0
        exit

#== load that acquires from the stack
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r2 = load_acquire((u64 *)(r10 - 8))
        r0 = 0
        exit

#== load that acquires a byte
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        w2 = load_acquire((u8 *)(r10 - 8))
        r0 = 0
        exit

#== load that acquires a spilled number keeps its bounds
#= accepted
.section tc
        *(u64 *)(r10 - 8) = -8
        r2 = load_acquire((u64 *)(r10 - 8))
        r3 = r10
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== load that acquires a spilled pointer
#= accepted
.section tc
        *(u64 *)(r10 - 8) = r1
        r2 = load_acquire((u64 *)(r10 - 8))
        r0 = *(u32 *)(r2 + 0)
        exit

#== load that acquires misaligned
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r2 = load_acquire((u64 *)(r10 - 12))
        r0 = 0
        exit

#== load that acquires from the context
#= rejected: BPF_ATOMIC loads from R1 ctx is not allowed (errno EACCES)
.section tc
        w2 = load_acquire((u32 *)(r1 + 0))
        r0 = 0
        exit

#== load that acquires from the packet
#= rejected: BPF_ATOMIC loads from R2 pkt is not allowed (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        w5 = load_acquire((u32 *)(r2 + 2))
1:      r0 = 0
        exit

#== load that acquires from a value
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        r2 = load_acquire((u64 *)(r0 + 0))
1:      r0 = 0
        exit

#== load that acquires past a value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        r2 = load_acquire((u64 *)(r0 + 64))
1:      r0 = 0
        exit

#== load that acquires from a common socket
#= rejected: BPF_ATOMIC loads from R2 sock_common is not allowed (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        w3 = load_acquire((u32 *)(r2 + 4))
1:      r0 = 0
        exit

#== load that acquires from a number
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = 0
        r3 = load_acquire((u64 *)(r2 + 0))
        r0 = 0
        exit

#== load that acquires through an unset register
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r3 = load_acquire((u64 *)(r2 + 0))
        r0 = 0
        exit

#== load that acquires to the frame pointer
#= rejected: frame pointer is read only (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 1
        r10 = load_acquire((u64 *)(r10 - 8))
        r0 = 0
        exit

#== store that releases to the stack
#= accepted
.section tc
        r1 = 0
        store_release((u64 *)(r10 - 8), r1)
        r0 = *(u64 *)(r10 - 8)
        exit

#== store that releases a pointer to the stack
#= accepted
.section tc
        store_release((u64 *)(r10 - 8), r1)
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== store that releases half a word
#= accepted
.section tc
        r1 = 0
        store_release((u16 *)(r10 - 8), w1)
        r0 = 0
        exit

#== store that releases half a pointer
#= rejected: invalid size of register spill (errno EACCES)
.section tc
        store_release((u32 *)(r10 - 8), w1)
        r0 = 0
        exit

#== store that releases misaligned
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section tc
        r1 = 0
        store_release((u64 *)(r10 - 12), r1)
        r0 = 0
        exit

#== store that releases to the context
#= rejected: BPF_ATOMIC stores into R1 ctx is not allowed (errno EACCES)
.section tc
        r2 = 0
        store_release((u32 *)(r1 + 8), w2)
        r0 = 0
        exit

#== store that releases to the packet
#= rejected: BPF_ATOMIC stores into R2 pkt is not allowed (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        w5 = 0
        store_release((u32 *)(r2 + 2), w5)
1:      r0 = 0
        exit

#== store that releases to the packet is aligned strictly
#= rejected: misaligned packet access off 2+0+0+0 size 4 (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        w5 = 0
        store_release((u32 *)(r2 + 0), w5)
1:      r0 = 0
        exit

#== store that releases to a value
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        store_release((u64 *)(r0 + 0), r1)
1:      r0 = 0
        exit

#== store that releases to a common socket
#= rejected: R2 cannot write into sock_common (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        w3 = 0
        store_release((u32 *)(r2 + 4), w3)
1:      r0 = 0
        exit

#== store that releases an unset register
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        store_release((u64 *)(r10 - 8), r2)
        r0 = 0
        exit

#== store that releases a pointer into a value, unprivileged
#= unprivileged
#= rejected: R10 leaks addr into map (errno EACCES)
.section socket
        *(u32 *)(r10 - 4) = 0
        r6 = r1
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        store_release((u64 *)(r0 + 0), r10)
1:      r0 = 0
        exit

#== load that acquires from the context into the context's register
#= accepted
.section tc
        w1 = load_acquire((u32 *)(r1 + 0))
        r0 = 0
        exit

#== load that acquires from the context into another register
#= rejected: BPF_ATOMIC loads from R1 ctx is not allowed (errno EACCES)
.section tc
        w2 = load_acquire((u32 *)(r1 + 0))
        r0 = 0
        exit
