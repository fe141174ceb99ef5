#= kernel 6.18
# What a comparison tells of its operands, on both ways, in 64 and in 32 bits; branches that cannot be taken; numbers
# that stay equal. A program of a control group must return 0 or 1: a way on which r0 may be more is rejected.
.license "GPL"

#== equal to a number, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 == 1 goto 1f
        r0 = 0
        exit
1:      exit

#== equal to a number, not taken, tells nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 == 1 goto 1f
        exit
1:      r0 = 0
        exit

#== not equal to a number, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 != 1 goto 1f
        exit
1:      r0 = 0
        exit

#== not equal to a number, taken, tells nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 != 1 goto 1f
        r0 = 0
        exit
1:      exit

#== not equal to a bound makes the range smaller
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        if r0 == 3 goto 1f
        if r0 == 2 goto 1f
        exit
1:      r0 = 0
        exit

#== not equal to the lower bound makes the range smaller
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 += 1
        if r0 == 2 goto 1f
        if r0 == 0 goto 1f
        exit
1:      r0 = 0
        exit

#== not equal to a number inside the range changes nothing
#= rejected: At program exit the register R0 has smin=0 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        if r0 == 1 goto 1f
        exit
1:      r0 = 0
        exit

#== less, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < 2 goto 1f
        r0 = 0
        exit
1:      exit

#== less, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < 3 goto 1f
        r0 = 0
        exit
1:      exit

#== less or equal, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 <= 1 goto 1f
        r0 = 0
        exit
1:      exit

#== less or equal, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 <= 2 goto 1f
        r0 = 0
        exit
1:      exit

#== greater, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== greater, taken, tells only the lower bound
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 > 1 goto 1f
        r0 = 0
        exit
1:      exit

#== greater or equal, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 >= 2 goto 1f
        exit
1:      r0 = 0
        exit

#== greater or equal, not taken, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 >= 3 goto 1f
        exit
1:      r0 = 0
        exit

#== signed less, taken, allows negative numbers
#= rejected: At program exit the register R0 has smax=1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s< 2 goto 1f
        r0 = 0
        exit
1:      exit

#== signed less, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s>= 2 goto 1f
        if r0 s< 0 goto 1f
        exit
1:      r0 = 0
        exit

#== signed less or equal, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s< 0 goto 2f
        goto 3f
2:      r0 = 0
        exit
3:      r0 = r0
        if r0 s<= 1 goto 1f
        r0 = 0
        exit
1:      exit

#== signed greater, not taken, allows negative numbers
#= rejected: At program exit the register R0 has smax=1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s> 1 goto 1f
        exit
1:      r0 = 0
        exit

#== signed greater, then signed less
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s<= -1 goto 1f
        if r0 s> 1 goto 1f
        exit
1:      r0 = 0
        exit

#== signed greater or equal, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s< 0 goto 1f
        if r0 s>= 2 goto 1f
        exit
1:      r0 = 0
        exit

#== bit test, not taken, clears the bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 & -2 goto 1f
        exit
1:      r0 = 0
        exit

#== bit test, not taken, leaves the other bits
#= rejected: At program exit the register R0 has smax=9223372036854775805 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 & 2 goto 1f
        exit
1:      r0 = 0
        exit

#== bit test of one bit, taken, sets it
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        if r0 & 2 goto 1f
        r0 = 0
        exit
1:      r0 -= 2
        exit

#== bit test of two bits, taken, tells nothing
#= rejected: At program exit the register R0 has smin=-1 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        if r0 & 3 goto 1f
        r0 = 0
        exit
1:      r0 -= 1
        exit

#== 32-bit equal, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 == 1 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit equal leaves the upper half unknown
#= rejected: At program exit the register R0 has smin=-9223372036854775807 smax=9223372032559808513 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 == 1 goto 1f
        r0 = 0
        exit
1:      exit

#== 32-bit less, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 < 2 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit less, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 < 3 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit greater, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 > 1 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit greater or equal, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 >= 2 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit less or equal, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 <= 1 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit not equal, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 != 0 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit signed less allows negative numbers
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s< 2 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit signed less on both sides
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s>= 0 goto 2f
        r0 = 0
        exit
2:      r0 = r0
        if w0 s< 2 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit signed greater or equal, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s< 0 goto 1f
        if w0 s>= 2 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit signed greater, not taken, allows negative numbers
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s> 1 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit signed less or equal, taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s> -1 goto 2f
        r0 = 0
        exit
2:      r0 = r0
        if w0 s<= 1 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit bit test, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 & -2 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== 32-bit bit test with the sign bit
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 & 0x80000000 goto 1f
        w0 s>>= 31
        exit
1:      r0 = 0
        exit

#== upper half known to be zero: a 32-bit check bounds all
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 >>= 32
        if w0 < 2 goto 1f
        r0 = 0
        exit
1:      exit

#== upper half known: a 64-bit check bounds the lower
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < 2 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== less than a bounded register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r6 += 1
        if r0 < r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== less or equal to a bounded register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r0 <= r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== less than a register of unknown bounds tells nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        if r0 < r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== greater than a bounded register, not taken
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r0 > r6 goto 1f
        r0 = r0
        exit
1:      r0 = 0
        exit

#== a bounded register greater than this one bounds this one
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r6 += 1
        if r6 > r0 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== a bounded register greater or equal bounds this one
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r6 >= r0 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== a bounded register not less bounds this one
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r6 < r0 goto 1f
        r0 = r0
        exit
1:      r0 = 0
        exit

#== lower bounds pass to the other register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r6 += 2
        r0 &= 3
        if r0 >= r6 goto 1f
        r0 = 0
        exit
1:      r0 -= 2
        exit

#== equal registers share their bounds
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r0 == r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== equal registers share their bounds, other way round
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r6 == r0 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== not-equal registers not taken share their bounds
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if r0 != r6 goto 1f
        r0 = r0
        exit
1:      r0 = 0
        exit

#== equal registers share their known bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 5
        r0 &= 3
        if r0 == r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== not equal to a known register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 = 3
        r0 &= 3
        if r0 == r6 goto 1f
        r0 >>= 1
        exit
1:      r0 = 0
        exit

#== bit test with a known register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 = -2
        if r0 & r6 goto 1f
        r0 = r0
        exit
1:      r0 = 0
        exit

#== bit test with an unknown register tells nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        if r0 & r6 goto 1f
        r0 = r0
        exit
1:      r0 = 0
        exit

#== signed less than a bounded register
#= rejected: At program exit the register R0 has smax=1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r6 += 1
        if r0 s< r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== signed between two bounds by registers
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r7 = 0
        if r7 s> r0 goto 2f
        if r0 s<= r6 goto 1f
        r0 = 0
        exit
1:      exit
2:      r0 = 0
        exit

#== 32-bit less than a bounded register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        w6 &= 1
        w6 += 1
        if w0 < w6 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit equal registers share their lower bounds
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if w0 == w6 goto 1f
        r0 = 0
        exit
1:      w0 = w0
        exit

#== 32-bit signed greater by a register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        if w0 s< 0 goto 2f
        if w0 s> w6 goto 1f
        w0 = w0
        exit
2:      r0 = 0
        exit
1:      r0 = 0
        exit

#== 32-bit bit test with a known register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 = -2
        if w0 & w6 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== less than a known register is as less than a number
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 = 2
        if r0 < r6 goto 1f
        r0 = 0
        exit
1:      r0 = r0
        exit

#== branch never taken: equal to another constant
#= accepted
.section cgroup_skb/ingress
        r0 = 5
        if r0 == 6 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch always taken: equal to its constant
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 5
        if r0 == 5 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: outside the range
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        if r0 > 7 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch may be taken: at the end of the range
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        if r0 >= 7 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: bits that cannot be set
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        if r0 & 8 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch may be taken: a bit that may be set
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        if r0 & 4 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: known bit makes it unequal
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 |= 1
        if r0 == 4 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: signed range
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        if r0 s< 0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: 32-bit range
#= accepted
.section cgroup_skb/ingress
        r0 = *(u8 *)(r1 + 0)
        if w0 > 255 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: 32-bit signed range
#= accepted
.section cgroup_skb/ingress
        r0 = *(u8 *)(r1 + 0)
        if w0 s< 0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: ranges of two registers
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        r6 = r0
        r6 += 8
        if r0 >= r6 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: separate ranges are not equal
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r0 &= 7
        r6 |= 8
        if r0 == r6 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch may be taken: touching ranges
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r0 &= 7
        r6 &= 1
        r6 += 7
        if r0 == r6 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch not decided: a register less than itself
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < r0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch not decided: a register unequal to itself
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 != r0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch not decided: 32-bit comparison of a register with itself
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 s> w0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: bit test of zero
#= accepted
.section cgroup_skb/ingress
        r0 = 0
        if r0 & r0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch may be taken: bit test with itself
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 & r0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken after the same check
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 > 3 goto 2f
        goto 3f
2:      r0 = 1
        exit
3:      r0 = r0
        if r0 == 4 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch not decided: stack against null
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r1 = r10
        if r1 == 0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch not decided: context against null
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        if r1 == 0 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch may be taken: context against a number
#= rejected: At program exit the register R0 has smin=9 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        if r1 == 5 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== branch never taken: signed bounds in 64 bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s> 10 goto 2f
        if r0 s< -10 goto 2f
        goto 3f
2:      r0 = 1
        exit
3:      r0 = r0
        if r0 s> 11 goto 1f
        r0 = 0
        exit
1:      r0 = 9
        exit

#== code of a dead branch is not checked
#= accepted
.section cgroup_skb/ingress
        r0 = 0
        if r0 == 0 goto 1f
        r2 = *(u64 *)(r9 + 0)
        r0 = r8
1:      exit

#== code of a live branch is checked
#= rejected: R9 !read_ok (errno EACCES)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 == 0 goto 1f
        r2 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit

#== both ways are checked with their own values
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 == 7 goto 1f
        r0 = 0
        exit
1:      r0 -= 6
        exit

#== check of a copy bounds the original
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== check of the original bounds the copy
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        if r0 > 1 goto 1f
        r0 = r6
        exit
1:      r0 = 0
        exit

#== check of a copy bounds the original in all its copies
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r7 = r6
        r8 = r7
        if r8 > 1 goto 1f
        r0 = r6
        exit
1:      r0 = 0
        exit

#== changed copy does not bound the original
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 255
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== check of a copy plus a constant bounds the original
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r6 = r0
        r6 += 1
        if r6 > 2 goto 1f
        exit
1:      r0 = 0
        exit

#== check of an original bounds the copy plus a constant
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r6 = r0
        r6 += 1
        if r0 > 0 goto 1f
        r0 = r6
        exit
1:      r0 = 0
        exit

#== check of a copy plus one constant, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r6 = r0
        r6 += 1
        if r6 > 3 goto 1f
        exit
1:      r0 = 0
        exit

#== copy plus two constants loses the link
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r6 = r0
        r6 += 1
        r6 += 1
        if r6 > 3 goto 1f
        exit
1:      r0 = 0
        exit

#== 32-bit copy bounds the original when the upper half is zero
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w6 = w0
        if w6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== 32-bit copy of an unknown number does not bound the original
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w6 = w0
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== copy through the stack bounds the original
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        *(u64 *)(r10 - 8) = r0
        r6 = *(u64 *)(r10 - 8)
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== check bounds the number spilled on the stack
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        *(u64 *)(r10 - 8) = r0
        if r0 > 1 goto 1f
        r0 = *(u64 *)(r10 - 8)
        exit
1:      r0 = 0
        exit

#== 32-bit spill of a small number keeps the link
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        *(u32 *)(r10 - 8) = r0
        r6 = *(u32 *)(r10 - 8)
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== 32-bit spill to the upper half of a slot cuts the link
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        *(u32 *)(r10 - 4) = r0
        r6 = *(u32 *)(r10 - 4)
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== 32-bit spill of an unknown number cuts the link
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        *(u32 *)(r10 - 8) = r0
        r6 = *(u32 *)(r10 - 8)
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== sign-extended copy of a small number keeps the link
#= accepted
.section cgroup_skb/ingress
        r0 = *(u16 *)(r1 + 0)
        r6 = (s32)r0
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== sign-extended copy of a large number cuts the link
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = (s8)r0
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== byte swap cuts the link
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 = bswap64 r6
        if r6 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== equality with a known register makes all copies known
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r7 = 1
        if r6 != r7 goto 1f
        exit
1:      r0 = 0
        exit

#== check in a function bounds the copy of its caller
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r1 = r0
        call f
        if r0 != 0 goto 1f
        r0 = r6
        exit
1:      r0 = 0
        exit
.text
f:      if r1 > 1 goto 1f
        r0 = 0
        exit
1:      r0 = 1
        exit

#== two checks make a range
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < 10 goto 1f
        if r0 > 11 goto 1f
        r0 -= 10
        exit
1:      r0 = 0
        exit

#== two checks make a range, off by one
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < 10 goto 1f
        if r0 > 12 goto 1f
        r0 -= 10
        exit
1:      r0 = 0
        exit

#== negative range of two signed checks
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s> -10 goto 1f
        if r0 s< -11 goto 1f
        r0 += 11
        exit
1:      r0 = 0
        exit

#== unsigned check of a negative number
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 < -2 goto 1f
        r0 += 2
        exit
1:      r0 = 0
        exit

#== range over the sign change of 32 bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 = w0
        if w0 < 0x7fffffff goto 1f
        if w0 > 0x80000000 goto 1f
        w0 -= 0x7fffffff
        exit
1:      r0 = 0
        exit

#== pointers compared with an unknown number give nothing
#= accepted
.section cgroup_skb/ingress
        r6 = r1
        call bpf_ktime_get_ns
        if r6 > r0 goto 1f
1:      r0 = 0
        exit

#== two contexts are compared
#= accepted
.section cgroup_skb/ingress
        r6 = r1
        if r6 == r1 goto 1f
1:      r0 = 0
        exit

#== 32-bit comparison of a pointer with zero
#= accepted
.section cgroup_skb/ingress
        if w1 == 0 goto 1f
1:      r0 = 0
        exit

#== 32-bit comparison of a pointer with a register
#= accepted
.section cgroup_skb/ingress
        r2 = 0
        if w1 > w2 goto 1f
1:      r0 = 0
        exit

#== comparison of an unset register
#= rejected: R3 !read_ok (errno EACCES)
.section cgroup_skb/ingress
        if r3 == 0 goto 1f
1:      r0 = 0
        exit

#== comparison with an unset register
#= rejected: R4 !read_ok (errno EACCES)
.section cgroup_skb/ingress
        r0 = 0
        if r0 == r4 goto 1f
1:      exit

#== return value must be set on every way
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 > 1 goto 1f
        exit
1:      exit
