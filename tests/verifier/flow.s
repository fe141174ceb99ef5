#= kernel 6.18
# Loops, may_goto, packet loads by LD_ABS and LD_IND, and what a program of each type may return.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=8, entries=4

#== loop with a constant bound
#= accepted
.section tc
        r1 = 0
1:      r1 += 1
        if r1 < 10 goto 1b
        r0 = 0
        exit

#== loop that counts down
#= accepted
.section tc
        r1 = 10
1:      r1 -= 1
        if r1 != 0 goto 1b
        r0 = 0
        exit

#== loop with a bound in a register
#= accepted
.section tc
        r1 = 0
        r2 = 16
1:      r1 += 1
        if r1 < r2 goto 1b
        r0 = 0
        exit

#== loop with a bound that is unknown but limited
#= accepted
.section tc
        call bpf_get_prandom_u32
        r0 &= 15
        r1 = 0
1:      r1 += 1
        if r1 < r0 goto 1b
        r0 = 0
        exit

#== loop with a bound that is unknown
#= rejected: BPF program is too large. Processed 1000001 insn (errno E2BIG)
.section tc
        call bpf_ktime_get_ns
        r1 = 0
1:      r1 += 1
        if r1 < r0 goto 1b
        r0 = 0
        exit

#== loop that changes nothing
#= rejected: infinite loop detected at insn 1 (errno EINVAL)
.section tc
        r0 = 0
1:      if r0 == 0 goto 1b
        exit

#== loop on a way that is never taken
#= accepted
.section tc
        r0 = 0
        if r0 != 0 goto 1f
        exit
1:      goto 1b

#== loop that waits for a random number
#= rejected: infinite loop detected at insn 0 (errno EINVAL)
.section tc
1:      call bpf_get_prandom_u32
        if r0 != 7 goto 1b
        r0 = 0
        exit

#== loop that reads memory until it changes
#= rejected: infinite loop detected at insn 8 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
2:      r1 = *(u64 *)(r0 + 0)
        if r1 == 0 goto 2b
1:      r0 = 0
        exit

#== loop whose counter overflows in 32 bits
#= accepted
.section tc
        w1 = 1
1:      w1 <<= 1
        if w1 != 0 goto 1b
        r0 = 0
        exit

#== loop of a million steps is too many
#= rejected: BPF program is too large. Processed 1000001 insn (errno E2BIG)
.section tc
        r1 = 0
1:      r1 += 1
        if r1 < 1000000 goto 1b
        r0 = 0
        exit

#== loop of a hundred thousand steps
#= accepted
.section tc
        r1 = 0
1:      r1 += 1
        if r1 < 100000 goto 1b
        r0 = 0
        exit

#== two loops one in the other
#= accepted
.section tc
        r1 = 0
1:      r2 = 0
2:      r2 += 1
        if r2 < 5 goto 2b
        r1 += 1
        if r1 < 5 goto 1b
        r0 = 0
        exit

#== loop with an exit in its middle
#= accepted
.section tc
        r1 = 0
1:      if r1 == 5 goto 2f
        r1 += 1
        goto 1b
2:      r0 = 0
        exit

#== loop entered in its middle
#= accepted
.section tc
        r1 = 0
        goto 2f
1:      r1 += 1
2:      if r1 < 5 goto 1b
        r0 = 0
        exit

#== loop with an index into a value
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 0
2:      r2 = r0
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r1 += 1
        if r1 < 64 goto 2b
1:      r0 = 0
        exit

#== loop with an index one past a value
#= rejected: R2 min value is outside of the allowed memory range (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 0
2:      r2 = r0
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r1 += 1
        if r1 < 65 goto 2b
1:      r0 = 0
        exit

#== loop that writes the stack from the bottom
#= accepted
.section tc
        r1 = -64
1:      r2 = r10
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r1 += 1
        if r1 s< 0 goto 1b
        r0 = 0
        exit

#== loop counted by a number in a slot
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
1:      r1 = *(u64 *)(r10 - 8)
        r1 += 1
        *(u64 *)(r10 - 8) = r1
        if r1 < 10 goto 1b
        r0 = 0
        exit

#== loop counted by an atomic in a slot is not counted
#= rejected: infinite loop detected at insn 2 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = 1
1:      lock *(u64 *)(r10 - 8) += r2
        r1 = *(u64 *)(r10 - 8)
        if r1 < 10 goto 1b
        r0 = 0
        exit

#== loop in an unprivileged program
#= unprivileged
#= rejected: back-edge from insn 2 to 1 (errno EINVAL)
.section socket
        r1 = 0
1:      r1 += 1
        if r1 < 10 goto 1b
        r0 = 0
        exit

#== jump backwards without a loop, unprivileged
#= unprivileged
#= accepted
.section socket
        goto 2f
1:      r0 = 0
        exit
2:      goto 1b

#== 32-bit long jump makes a loop
#= accepted
.section tc
        r1 = 0
1:      r1 += 1
        if r1 == 10 goto 2f
        gotol 1b
2:      r0 = 0
        exit

#== branches that double the ways are followed once
#= accepted
.section tc
        r6 = r1
        r0 = *(u32 *)(r6 + 0)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 4)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 8)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 12)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 16)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 20)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 24)
        if r0 == 0 goto +1
        r7 = 0
        r0 = *(u32 *)(r6 + 28)
        if r0 == 0 goto +1
        r7 = 0
        r0 = 0
        exit

#== branches that keep all ways apart
#= accepted
.section tc
        call bpf_get_prandom_u32
        r6 = r0
        r7 = 0
        r0 = r6
        r0 &= 1
        if r0 == 0 goto +1
        r7 += 1
        r0 = r6
        r0 &= 2
        if r0 == 0 goto +1
        r7 += 2
        r0 = r6
        r0 &= 4
        if r0 == 0 goto +1
        r7 += 4
        r0 = r6
        r0 &= 8
        if r0 == 0 goto +1
        r7 += 8
        r0 = r6
        r0 &= 16
        if r0 == 0 goto +1
        r7 += 16
        r0 = r6
        r0 &= 32
        if r0 == 0 goto +1
        r7 += 32
        r2 = r10
        r2 += -64
        r2 += r7
        *(u8 *)(r2 + 0) = 0
        r0 = 0
        exit

#== endless loop with may_goto
#= accepted
.section tc
1:      may_goto 2f
        goto 1b
2:      r0 = 0
        exit

#== endless loop with may_goto that counts
#= accepted
.section tc
        r1 = 0
1:      may_goto 2f
        r1 += 1
        goto 1b
2:      r0 = 0
        exit

#== loop with may_goto and an index
#= accepted
.section tc
        r1 = 0
1:      may_goto 2f
        if r1 >= 64 goto 2f
        r2 = r10
        r2 += -64
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r1 += 1
        goto 1b
2:      r0 = 0
        exit

#== loop with may_goto and an unchecked index
#= rejected: invalid write to stack R2 off=0 size=1 (errno EACCES)
.section tc
        r1 = 0
1:      may_goto 2f
        r2 = r10
        r2 += -64
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r1 += 1
        goto 1b
2:      r0 = 0
        exit

#== may_goto to the next instruction
#= accepted
.section tc
        may_goto +0
        r0 = 0
        exit

#== may_goto out of the program
#= rejected: jump out of range from insn 0 to 101 (errno EINVAL)
.section tc
        may_goto +100
        r0 = 0
        exit

#== may_goto backwards
#= accepted
.section tc
        r0 = 0
        goto 2f
1:      exit
2:      may_goto 1b
        goto 2b

#== may_goto in a function
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
1:      may_goto 2f
        goto 1b
2:      exit

#== two may_goto
#= accepted
.section tc
1:      may_goto 2f
        goto 1b
2:      may_goto 3f
        goto 2b
3:      r0 = 0
        exit

#== both ways of may_goto are checked
#= rejected: R9 !read_ok (errno EACCES)
.section tc
        r1 = 0
        may_goto 1f
        r1 = 1
        r0 = 0
        exit
1:      r0 = *(u64 *)(r9 + 0)
        exit

#== may_goto uses a slot of the stack
#= accepted
.section tc
        *(u64 *)(r10 - 512) = 0
1:      may_goto 2f
        goto 1b
2:      r0 = 0
        exit

#== may_goto in an unprivileged program
#= unprivileged
#= rejected: back-edge from insn 1 to 0 (errno EINVAL)
.section socket
1:      may_goto 2f
        goto 1b
2:      r0 = 0
        exit

#== packet load with the context in r6
#= accepted
.section tc
        r6 = r1
        r0 = *(u8 *)skb[0]
        exit

#== packet load without the context in r6
#= rejected: at the time of BPF_LD_ABS|IND R6 != pointer to skb (errno EINVAL)
.section tc
        r6 = 0
        r0 = *(u8 *)skb[0]
        exit

#== packet load with r6 unset
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r0 = *(u8 *)skb[0]
        exit

#== packet load with a moved context
#= rejected: dereference of modified ctx ptr R6 off=4 disallowed (errno EACCES)
.section tc
        r6 = r1
        r6 += 4
        r0 = *(u8 *)skb[0]
        exit

#== packet load at a register
#= accepted
.section tc
        r6 = r1
        r7 = 4
        r0 = *(u16 *)skb[r7 + 2]
        exit

#== packet load at an unset register
#= rejected: R7 !read_ok (errno EACCES)
.section tc
        r6 = r1
        r0 = *(u16 *)skb[r7 + 2]
        exit

#== packet load at a pointer
#= accepted
.section tc
        r6 = r1
        r7 = r10
        r0 = *(u16 *)skb[r7 + 2]
        exit

#== packet load at a pointer, unprivileged
#= unprivileged
#= accepted
.section socket
        r6 = r1
        r7 = r10
        r0 = *(u16 *)skb[r7 + 2]
        exit

#== packet load clobbers r1
#= rejected: R1 !read_ok (errno EACCES)
.section tc
        r6 = r1
        r0 = *(u8 *)skb[0]
        r0 = r1
        exit

#== packet load clobbers r5
#= rejected: R5 !read_ok (errno EACCES)
.section tc
        r6 = r1
        r5 = 1
        r0 = *(u8 *)skb[0]
        r0 = r5
        exit

#== packet load leaves r7
#= accepted
.section tc
        r6 = r1
        r7 = 1
        r0 = *(u8 *)skb[0]
        r0 = r7
        exit

#== packet load of a byte is not bounded by a byte
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r6 = r1
        r0 = *(u8 *)skb[0]
        r1 = r10
        r1 += -256
        r1 += r0
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== packet load in xdp
#= rejected: BPF_LD_[ABS|IND] instructions not allowed for this program type (errno EINVAL)
.section xdp
        r6 = r1
        r0 = *(u8 *)skb[0]
        exit

#== packet load in a control group program
#= rejected: BPF_LD_[ABS|IND] instructions not allowed for this program type (errno EINVAL)
.section cgroup_skb/ingress
        r6 = r1
        r0 = *(u8 *)skb[0]
        r0 = 1
        exit

#== packet load in a control group egress program
#= rejected: BPF_LD_[ABS|IND] instructions not allowed for this program type (errno EINVAL)
.section cgroup_skb/egress
        r6 = r1
        r0 = *(u8 *)skb[0]
        r0 = 0
        exit

#== packet load in a function
#= accepted
.section tc
        r6 = r1
        call f
        exit
.text
f:      r6 = r1
        r0 = *(u8 *)skb[0]
        exit

#== packet load of 64 bits
#= rejected: unknown opcode 38 (errno EINVAL)
.section tc
        r6 = r1
        .quad 0x0000000000000038
        exit

#== packet load with a destination register
#= rejected: BPF_LD_[ABS|IND] uses reserved fields (errno EINVAL)
.section tc
        r6 = r1
        .quad 0x0000000000000130
        exit

#== packet load with an offset
#= rejected: BPF_LD_[ABS|IND] uses reserved fields (errno EINVAL)
.section tc
        r6 = r1
        .quad 0x0000000000010030
        exit

#== packet load by number with a register
#= rejected: BPF_LD_[ABS|IND] uses reserved fields (errno EINVAL)
.section tc
        r6 = r1
        .quad 0x0000000000001030
        exit

#== packet load by register of 64 bits
#= rejected: unknown opcode 58 (errno EINVAL)
.section tc
        r6 = r1
        r7 = 0
        .quad 0x0000000000007058
        exit

#== tc returns any number
#= accepted
.section tc
        call bpf_get_prandom_u32
        exit

#== xdp returns any number
#= accepted
.section xdp
        call bpf_get_prandom_u32
        exit

#== socket filter returns any number
#= accepted
.section socket
        call bpf_get_prandom_u32
        exit

#== action returns any number
#= accepted
.section action
        call bpf_get_prandom_u32
        exit

#== kprobe returns any number
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        exit

#== tracepoint returns any number
#= accepted
.section tracepoint
        call bpf_get_prandom_u32
        exit

#== raw tracepoint returns any number
#= accepted
.section raw_tracepoint
        call bpf_get_prandom_u32
        exit

#== control group egress program returns up to 3
#= accepted
.section cgroup_skb/egress
        r0 = 3
        exit

#== control group egress program does not return 4
#= rejected: At program exit the register R0 has smin=4 smax=4 should have been in [0, 3] (errno EINVAL)
.section cgroup_skb/egress
        r0 = 4
        exit

#== control group egress program returns no unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 3] (errno EINVAL)
.section cgroup_skb/egress
        call bpf_get_prandom_u32
        exit

#== session kprobe returns 0 or 1
#= accepted
.section kprobe.session
        r0 = 1
        exit

#== session kprobe does not return 2
#= rejected: At program exit the register R0 has smin=2 smax=2 should have been in [0, 1] (errno EINVAL)
.section kprobe.session
        r0 = 2
        exit

#== pointer is returned by a privileged program
#= accepted
.section tc
        r0 = r1
        exit

#== pointer is returned by a control group program
#= rejected: At program exit the register R0 is not a known value (ctx) (errno EINVAL)
.section cgroup_skb/ingress
        r0 = r1
        exit

#== pointer is returned, unprivileged
#= unprivileged
#= rejected: R0 leaks addr as return value (errno EACCES)
.section socket
        r0 = r10
        exit

#== value or null is returned
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        exit

#== result of one way is unset
#= rejected: R0 !read_ok (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 0)
        if r2 == 0 goto 1f
        r0 = 0
1:      exit
