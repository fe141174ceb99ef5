#= kernel 6.18
# What a user without capabilities may not do, each beside what he may: leak addresses, compare and compute with
# pointers, call functions, loop; and what must be masked against speculation.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=1
.map progs, prog_array, key=4, value=4, entries=4

#== socket filter is allowed
#= unprivileged
#= accepted
.section socket
        r0 = 0
        exit

#== control group program is allowed
#= unprivileged
#= accepted
.section cgroup_skb/ingress
        r0 = 1
        exit

#== classifier is refused
#= unprivileged
#= rejected: (errno EPERM)
.section tc
        r0 = 0
        exit

#== xdp program is refused
#= unprivileged
#= rejected: (errno EPERM)
.section xdp
        r0 = 0
        exit

#== kprobe is refused
#= unprivileged
#= rejected: (errno EPERM)
.section kprobe
        r0 = 0
        exit

#== tracepoint program is refused
#= unprivileged
#= rejected: (errno EPERM)
.section tracepoint
        r0 = 0
        exit

#== raw tracepoint program is refused
#= unprivileged
#= rejected: (errno EPERM)
.section raw_tracepoint
        r0 = 0
        exit

#== action is refused
#= unprivileged
#= rejected: (errno EPERM)
.section action
        r0 = 0
        exit

#== pointer is stored into a value
#= unprivileged
#= rejected: R6 leaks addr into map (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = r6
1:      r0 = 0
        exit

#== pointer is stored into a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = r6
1:      r0 = 0
        exit

#== map pointer is stored into a value
#= unprivileged
#= rejected: R1 leaks addr into map (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = vals ll
        *(u64 *)(r0 + 0) = r1
1:      r0 = 0
        exit

#== map pointer is stored into a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = vals ll
        *(u64 *)(r0 + 0) = r1
1:      r0 = 0
        exit

#== pointer is stored into the context
#= unprivileged
#= rejected: R10 leaks addr into ctx (errno EACCES)
.section socket
        *(u64 *)(r1 + 48) = r10
        r0 = 0
        exit

#== pointer is stored into the context, privileged
#= accepted
.section socket
        *(u64 *)(r1 + 48) = r10
        r0 = 0
        exit

#== half of a pointer is stored into the context
#= unprivileged
#= rejected: R10 leaks addr into ctx (errno EACCES)
.section socket
        *(u32 *)(r1 + 48) = r10
        r0 = 0
        exit

#== half of a pointer is stored into the context, privileged
#= accepted
.section socket
        *(u32 *)(r1 + 48) = r10
        r0 = 0
        exit

#== pointer is compared with a number
#= unprivileged
#= rejected: R1 pointer comparison prohibited (errno EACCES)
.section socket
        if r1 == 5 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with a number, privileged
#= accepted
.section socket
        if r1 == 5 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with zero
#= unprivileged
#= rejected: R1 pointer comparison prohibited (errno EACCES)
.section socket
        if r1 == 0 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with zero, privileged
#= accepted
.section socket
        if r1 == 0 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with a pointer
#= unprivileged
#= rejected: R2 pointer comparison prohibited (errno EACCES)
.section socket
        r2 = r10
        if r1 == r2 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with a pointer, privileged
#= accepted
.section socket
        r2 = r10
        if r1 == r2 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with an unknown number
#= unprivileged
#= rejected: R1 pointer comparison prohibited (errno EACCES)
.section socket
        r2 = *(u32 *)(r1 + 0)
        if r1 > r2 goto 1f
1:      r0 = 0
        exit

#== pointer is compared with an unknown number, privileged
#= accepted
.section socket
        r2 = *(u32 *)(r1 + 0)
        if r1 > r2 goto 1f
1:      r0 = 0
        exit

#== value or null is compared with zero
#= unprivileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
1:      r0 = 0
        exit

#== value or null is compared with zero, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
1:      r0 = 0
        exit

#== value is compared with zero again
#= unprivileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        if r0 == 0 goto 1f
1:      r0 = 0
        exit

#== value is compared with zero again, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        if r0 == 0 goto 1f
1:      r0 = 0
        exit

#== lower half of a pointer is compared
#= unprivileged
#= rejected: R1 pointer comparison prohibited (errno EACCES)
.section socket
        if w1 == 0 goto 1f
1:      r0 = 0
        exit

#== lower half of a pointer is compared, privileged
#= accepted
.section socket
        if w1 == 0 goto 1f
1:      r0 = 0
        exit

#== pointer is negated
#= unprivileged
#= rejected: R2 pointer arithmetic prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 = -r2
        r0 = 0
        exit

#== pointer is negated, privileged
#= accepted
.section socket
        r2 = r10
        r2 = -r2
        r0 = 0
        exit

#== pointer is swapped
#= unprivileged
#= rejected: R2 pointer arithmetic prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 = be32 r2
        r0 = 0
        exit

#== pointer is swapped, privileged
#= accepted
.section socket
        r2 = r10
        r2 = be32 r2
        r0 = 0
        exit

#== pointer is moved by 32 bits
#= unprivileged
#= rejected: R10 partial copy of pointer (errno EACCES)
.section socket
        w2 = w10
        r0 = 0
        exit

#== pointer is moved by 32 bits, privileged
#= accepted
.section socket
        w2 = w10
        r0 = 0
        exit

#== pointer is sign-extended
#= unprivileged
#= rejected: R10 sign-extension part of pointer (errno EACCES)
.section socket
        r2 = (s16)r10
        r0 = 0
        exit

#== pointer is sign-extended, privileged
#= accepted
.section socket
        r2 = (s16)r10
        r0 = 0
        exit

#== pointer is multiplied
#= unprivileged
#= rejected: R2 pointer arithmetic with *= operator prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 *= 2
        r0 = 0
        exit

#== pointer is multiplied, privileged
#= rejected: R2 pointer arithmetic with *= operator prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 *= 2
        r0 = 0
        exit

#== pointers are subtracted
#= unprivileged
#= rejected: R2 pointer -= pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r3 = r10
        r2 -= r3
        r0 = 0
        exit

#== pointers are subtracted, privileged
#= accepted
.section socket
        r2 = r10
        r3 = r10
        r2 -= r3
        r0 = 0
        exit

#== pointer is subtracted from a number
#= unprivileged
#= rejected: R2 tried to subtract pointer from scalar (errno EACCES)
.section socket
        r2 = 7
        r2 -= r10
        r0 = 0
        exit

#== pointer is subtracted from a number, privileged
#= rejected: R2 tried to subtract pointer from scalar (errno EACCES)
.section socket
        r2 = 7
        r2 -= r10
        r0 = 0
        exit

#== pointers are added
#= unprivileged
#= rejected: R2 pointer += pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 += r10
        r0 = 0
        exit

#== pointers are added, privileged
#= rejected: R2 pointer += pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 += r10
        r0 = 0
        exit

#== pointer is masked
#= unprivileged
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 &= -8
        r0 = 0
        exit

#== pointer is masked, privileged
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 &= -8
        r0 = 0
        exit

#== 32-bit addition to a pointer
#= unprivileged
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section socket
        r2 = r10
        w2 += 8
        r0 = 0
        exit

#== 32-bit addition to a pointer, privileged
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section socket
        r2 = r10
        w2 += 8
        r0 = 0
        exit

#== pointer is returned from a branch
#= unprivileged
#= rejected: R0 leaks addr as return value (errno EACCES)
.section socket
        r0 = 0
        r2 = *(u32 *)(r1 + 0)
        if r2 == 0 goto 1f
        r0 = r1
1:      exit

#== pointer is returned from a branch, privileged
#= accepted
.section socket
        r0 = 0
        r2 = *(u32 *)(r1 + 0)
        if r2 == 0 goto 1f
        r0 = r1
1:      exit

#== number is added to the context
#= unprivileged
#= rejected: R1 has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root (errno EACCES)
.section socket
        r2 = *(u32 *)(r1 + 0)
        r2 &= 4
        r1 += r2
        r0 = 0
        exit

#== number is added to the context, privileged
#= accepted
.section socket
        r2 = *(u32 *)(r1 + 0)
        r2 &= 4
        r1 += r2
        r0 = 0
        exit

#== constant is added to the context
#= unprivileged
#= accepted
.section socket
        r1 += 4
        r0 = 0
        exit

#== constant is added to the context, privileged
#= accepted
.section socket
        r1 += 4
        r0 = 0
        exit

#== variable offset on the stack
#= unprivileged
#= rejected: R3 variable stack access prohibited for !root, var_off=(0x0; 0x8) off=-16 (errno EACCES)
.section socket
        r2 = *(u32 *)(r1 + 0)
        r2 &= 8
        r3 = r10
        r3 += -16
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== variable offset on the stack, privileged
#= accepted
.section socket
        r2 = *(u32 *)(r1 + 0)
        r2 &= 8
        r3 = r10
        r3 += -16
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== constant offset on the stack in a register
#= unprivileged
#= accepted
.section socket
        r2 = -8
        r3 = r10
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== constant offset on the stack in a register, privileged
#= accepted
.section socket
        r2 = -8
        r3 = r10
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== stack pointer is moved out of its frame
#= unprivileged
#= rejected: R3 stack pointer arithmetic goes out of range, prohibited for !root; off=-600 (errno EACCES)
.section socket
        r3 = r10
        r3 += -600
        r0 = 0
        exit

#== stack pointer is moved out of its frame, privileged
#= accepted
.section socket
        r3 = r10
        r3 += -600
        r0 = 0
        exit

#== stack pointer is moved above its frame
#= unprivileged
#= rejected: R3 stack pointer arithmetic goes out of range, prohibited for !root; off=8 (errno EACCES)
.section socket
        r3 = r10
        r3 += 8
        r0 = 0
        exit

#== stack pointer is moved above its frame, privileged
#= accepted
.section socket
        r3 = r10
        r3 += 8
        r0 = 0
        exit

#== variable offset in a value
#= unprivileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 31
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== variable offset in a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 31
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== variable offset in a value, both signs
#= unprivileged
#= rejected: R1 has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 31
        r1 -= 16
        r0 += 16
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== variable offset in a value, both signs, privileged
#= rejected: R0 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 31
        r1 -= 16
        r0 += 16
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== offset past a value
#= unprivileged
#= rejected: R0 pointer arithmetic of map value goes out of range, prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 64
1:      r0 = 0
        exit

#== offset past a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 64
1:      r0 = 0
        exit

#== offset before a value
#= unprivileged
#= rejected: R0 pointer arithmetic of map value goes out of range, prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += -1
1:      r0 = 0
        exit

#== offset before a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += -1
1:      r0 = 0
        exit

#== offset of a value out and back
#= unprivileged
#= rejected: R0 pointer arithmetic of map value goes out of range, prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 72
        r0 += -8
1:      r0 = 0
        exit

#== offset of a value out and back, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 72
        r0 += -8
1:      r0 = 0
        exit

#== variable offset that may pass a value
#= unprivileged
#= rejected: R0 pointer arithmetic of map value goes out of range, prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 127
        r0 += r1
1:      r0 = 0
        exit

#== variable offset that may pass a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 127
        r0 += r1
1:      r0 = 0
        exit

#== two ways add different offsets to a value
#= unprivileged
#= rejected: R0 tried to add from different maps, paths or scalars, pointer arithmetic with it prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        if r1 > 5 goto 2f
        r1 = 4
        goto 3f
2:      r1 = 8
3:      r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== two ways add different offsets to a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        if r1 > 5 goto 2f
        r1 = 4
        goto 3f
2:      r1 = 8
3:      r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== variable offset subtracted from a value
#= unprivileged
#= rejected: R0 pointer arithmetic of map value goes out of range, prohibited for !root (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 15
        r0 += 16
        r0 -= r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== variable offset subtracted from a value, privileged
#= rejected: R0 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 15
        r0 += 16
        r0 -= r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== number plus a value
#= unprivileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 15
        r1 += r0
        *(u8 *)(r1 + 0) = 1
1:      r0 = 0
        exit

#== number plus a value, privileged
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r6 + 0)
        r1 &= 15
        r1 += r0
        *(u8 *)(r1 + 0) = 1
1:      r0 = 0
        exit

#== half of a spilled number is read
#= unprivileged
#= accepted
.section socket
        r2 = 7
        *(u64 *)(r10 - 8) = r2
        r0 = *(u32 *)(r10 - 8)
        exit

#== half of a spilled number is read, privileged
#= accepted
.section socket
        r2 = 7
        *(u64 *)(r10 - 8) = r2
        r0 = *(u32 *)(r10 - 8)
        exit

#== half of a spilled pointer is read
#= unprivileged
#= rejected: invalid size of register fill (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r0 = *(u32 *)(r10 - 8)
        exit

#== spilled pointer is overwritten in half
#= unprivileged
#= rejected: attempt to corrupt spilled pointer on stack (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        *(u32 *)(r10 - 8) = r2
        r0 = 0
        exit

#== spilled pointer is overwritten in half, privileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        *(u32 *)(r10 - 8) = r2
        r0 = 0
        exit

#== pointer of two kinds on two ways
#= unprivileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = *(u32 *)(r1 + 0)
        if r3 == 0 goto 1f
        r2 = counter ll
1:      r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== pointer of two kinds on two ways, privileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = *(u32 *)(r1 + 0)
        if r3 == 0 goto 1f
        r2 = counter ll
1:      r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== function is called
#= unprivileged
#= rejected: loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN (errno EPERM)
.section socket
        call f
        exit
.text
f:      r0 = 0
        exit

#== function is called, privileged
#= accepted
.section socket
        call f
        exit
.text
f:      r0 = 0
        exit

#== kernel function is called
#= unprivileged
#= rejected: loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN (errno EPERM)
.section socket
        call kfunc(1)
        r0 = 0
        exit

#== kernel function is called, privileged
#= rejected: kernel btf_id 1 is not a function (errno EINVAL)
.section socket
        call kfunc(1)
        r0 = 0
        exit

#== tail call
#= unprivileged
#= accepted
.section socket
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call, privileged
#= accepted
.section socket
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== helper for tracing
#= unprivileged
#= rejected: program of this type cannot use helper bpf_trace_printk#6 (errno EINVAL)
.section socket
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== helper for tracing, privileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== helper about the current task
#= unprivileged
#= accepted
.section socket
        call bpf_get_current_pid_tgid
        exit

#== helper about the current task, privileged
#= accepted
.section socket
        call bpf_get_current_pid_tgid
        exit

#== random number
#= unprivileged
#= accepted
.section socket
        call bpf_get_prandom_u32
        exit

#== field of a map is read
#= unprivileged
#= rejected: 'struct bpf_array' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN (errno EPERM)
.section socket
        r1 = arr ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit

#== field of a map is read, privileged
#= accepted
.section socket
        r1 = arr ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit

#== packet is read by a control group program
#= unprivileged
#= rejected: invalid bpf_context access off=76 size=4 (errno EACCES)
.section cgroup_skb/ingress
        r2 = *(u32 *)(r1 + 76)
        r0 = 1
        exit

#== packet is read by a control group program, privileged
#= accepted
.section cgroup_skb/ingress
        r2 = *(u32 *)(r1 + 76)
        r0 = 1
        exit

#== time stamp is read by a control group program
#= unprivileged
#= accepted
.section cgroup_skb/ingress
        r2 = *(u64 *)(r1 + 152)
        r0 = 1
        exit

#== time stamp is read by a control group program, privileged
#= accepted
.section cgroup_skb/ingress
        r2 = *(u64 *)(r1 + 152)
        r0 = 1
        exit

#== mark is written by a control group program
#= unprivileged
#= accepted
.section cgroup_skb/ingress
        r2 = 0
        *(u32 *)(r1 + 8) = r2
        r0 = 1
        exit

#== mark is written by a control group program, privileged
#= accepted
.section cgroup_skb/ingress
        r2 = 0
        *(u32 *)(r1 + 8) = r2
        r0 = 1
        exit

#== code that is never reached by values
#= unprivileged
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r0 = r1
1:      exit

#== code that is never reached by values, privileged
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r0 = r1
1:      exit

#== unset register on a way never taken
#= unprivileged
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r0 = r9
1:      exit

#== unset register on a way never taken, privileged
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r0 = r9
1:      exit

#== spilled pointer and number by one load
#= unprivileged
#= accepted
.section socket
        r2 = *(u32 *)(r1 + 0)
        *(u64 *)(r10 - 8) = r2
        if r2 == 0 goto 1f
        *(u64 *)(r10 - 8) = r1
1:      r3 = *(u64 *)(r10 - 8)
        r0 = 0
        exit

#== spilled pointer and number by one load, privileged
#= accepted
.section socket
        r2 = *(u32 *)(r1 + 0)
        *(u64 *)(r10 - 8) = r2
        if r2 == 0 goto 1f
        *(u64 *)(r10 - 8) = r1
1:      r3 = *(u64 *)(r10 - 8)
        r0 = 0
        exit

#== strict alignment may be asked for
#= unprivileged
#= flags: strict_alignment
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r0 = 0
        exit

#== other licence is allowed
#= unprivileged
#= license: none
#= accepted
.section socket
        r1 = r1
        r0 = 0
        exit

#== lookup of 8 bytes never written
#= unprivileged
#= rejected: invalid read from stack R2 off=-8 size=4 (errno EACCES)
.section socket
        r2 = r10
        r2 += -8
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== cb is written and read
#= unprivileged
#= accepted
.section socket
        r2 = 1
        *(u32 *)(r1 + 48) = r2
        r0 = *(u32 *)(r1 + 48)
        exit

#== frame pointer is a pointer before it may not be written
#= unprivileged
#= rejected: R10 pointer arithmetic prohibited (errno EACCES)
.section socket
        r10 = be16 r10
        r0 = 0
        exit

#== frame pointer is a pointer before it may not be negated
#= unprivileged
#= rejected: R10 pointer arithmetic prohibited (errno EACCES)
.section socket
        r10 = -r10
        r0 = 0
        exit

#== where a guess compares a pointer with a number, the side that jumps is followed all the same
#= unprivileged
#= accepted
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 1f
        exit
1:      r6 = *(u8 *)(r0 + 0)
        r7 = r0
        if r6 == 0 goto 2f
        r7 = 5
2:      if r6 == 0 goto 3f
        if r7 != 7 goto 4f
3:      r0 = 0
        exit
4:      r0 = r7
        r0 = 0
        exit

#== a pointer that is null is a number that counts, as all numbers do
#= unprivileged
#= accepted
.section socket
        r6 = *(u32 *)(r1 + 0)
        r0 = 1
        if r6 == 7 goto 1f
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 2f
1:      r6 = r0
        r6 = 0
        r6 = 0
        r6 = 0
        r6 = 0
        r6 = 0
        exit
2:      r0 = 0
        exit
