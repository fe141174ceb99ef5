#= kernel 6.18
# What is known of a number: known bits and bounds, signed and unsigned, 64 and 32 bits wide, through each operation.
# A program of a control group must return 0 or 1, so what its exit says is what the verifier knows of r0.
.license "GPL"

#== constant in range
#= accepted
.section cgroup_skb/ingress
        r0 = 1
        exit

#== constant out of range
#= rejected: At program exit the register R0 has smin=2 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 2
        exit

#== negative constant
#= rejected: At program exit the register R0 has smin=-1 smax=-1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = -1
        exit

#== 32-bit move of a negative constant zero-extends
#= rejected: At program exit the register R0 has smin=4294967295 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        w0 = -1
        exit

#== result of a helper is unknown
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        exit

#== 32-bit load is bounded by 32 bits
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        exit

#== 16-bit load is bounded by 16 bits
#= rejected: At program exit the register R0 has smin=0 smax=65535 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u16 *)(r1 + 0)
        exit

#== 8-bit load is bounded by 8 bits
#= rejected: At program exit the register R0 has smin=0 smax=255 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u8 *)(r1 + 0)
        exit

#== 64-bit number out of range
#= rejected: At program exit the register R0 has smin=4294967297 smax=4294967297 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 0x100000001 ll
        exit

#== 64-bit number in range
#= accepted
.section cgroup_skb/ingress
        r0 = 1 ll
        exit

#== 32-bit move cuts a constant
#= accepted
.section cgroup_skb/ingress
        r1 = 0x100000001 ll
        w0 = w1
        exit

#== 32-bit move of an unknown number
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 = w0
        exit

#== moving a register copies what is known
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r6 = r0
        r0 = r6
        exit

#== and with 1
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        exit

#== and with 3
#= rejected: At program exit the register R0 has smin=0 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        exit

#== and with 2 is 0 or 2
#= rejected: At program exit the register R0 has smin=0 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 2
        exit

#== and with a negative number stays unknown
#= rejected: At program exit the register R0 has smax=9223372036854775806 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= -2
        exit

#== and with a sign bit of 32
#= rejected: At program exit the register R0 has smin=0 smax=2147483648 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 0x80000000
        exit

#== 32-bit and with 1 clears the upper half
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 1
        exit

#== and with a bounded register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r0 &= r6
        exit

#== and of two bounded registers
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 12
        r0 &= 3
        r0 &= r6
        exit

#== and with zero is zero
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 0
        exit

#== or sets bits
#= rejected: At program exit the register R0 has smin=2 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 |= 2
        exit

#== or of two bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r0 &= 1
        r0 |= r6
        exit

#== or with minus one
#= rejected: At program exit the register R0 has smin=-1 smax=-1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 |= -1
        exit

#== 32-bit or keeps the upper half clear
#= rejected: At program exit the register R0 has smin=1 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 |= 1
        w0 &= 3
        exit

#== or of an unknown number and 1
#= rejected: At program exit the register R0 has smin=-9223372036854775807 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 |= 1
        exit

#== exclusive or of a register with itself is not known as zero
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 ^= r0
        exit

#== difference of an unknown register with itself is not known as zero
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 -= r0
        exit

#== exclusive or of two bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r0 &= 1
        r0 ^= r6
        exit

#== exclusive or with minus one
#= rejected: At program exit the register R0 has smin=-2 smax=-1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 ^= -1
        exit

#== exclusive or of constants
#= accepted
.section cgroup_skb/ingress
        r0 = 5
        r0 ^= 4
        exit

#== 32-bit exclusive or of a bit
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 1
        w0 ^= 1
        exit

#== addition moves the bounds
#= rejected: At program exit the register R0 has smin=1 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 += 1
        exit

#== addition and subtraction cancel
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 += 100
        r0 -= 100
        exit

#== addition of bounded registers
#= rejected: At program exit the register R0 has smin=0 smax=22 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 7
        r0 &= 15
        r0 += r6
        exit

#== addition that may overflow knows nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 >>= 1
        r0 += r0
        exit

#== addition to an unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 += 1
        exit

#== 32-bit addition wraps at 32 bits
#= accepted
.section cgroup_skb/ingress
        w0 = -1
        w0 += 1
        exit

#== 64-bit addition of the same numbers does not wrap
#= rejected: At program exit the register R0 has smin=4294967296 smax=4294967296 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        w0 = -1
        r0 += 1
        exit

#== 32-bit addition that may overflow
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 += 1
        exit

#== 32-bit addition that always overflows
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 |= 0xfffffffe
        w0 += 2
        exit

#== 64-bit addition that always overflows
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 |= -2
        r0 += 2
        exit

#== 64-bit subtraction that always underflows
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 -= 2
        r0 += 2
        exit

#== subtraction below zero
#= rejected: At program exit the register R0 has smin=-1 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 -= 1
        exit

#== subtraction of bounded registers
#= rejected: At program exit the register R0 has smin=-7 smax=15 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 7
        r0 &= 15
        r0 -= r6
        exit

#== 32-bit subtraction below zero
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 1
        w0 -= 1
        exit

#== constant minus a bounded register
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r1 = 1
        r1 -= r0
        r0 = r1
        exit

#== addition of the smallest number
#= accepted
.section cgroup_skb/ingress
        r0 = 0x8000000000000000 ll
        r1 = r0
        r0 += r1
        exit

#== multiplication by a constant
#= rejected: At program exit the register R0 has smin=0 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 *= 3
        exit

#== multiplication by zero
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 *= 0
        exit

#== multiplication of bounded registers
#= rejected: At program exit the register R0 has smin=0 smax=9 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 3
        r0 &= 3
        r0 *= r6
        exit

#== multiplication of two bits
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r6 &= 1
        r0 &= 1
        r0 *= r6
        exit

#== multiplication by a negative number
#= rejected: At program exit the register R0 has smin=-1 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 *= -1
        exit

#== multiplication that may overflow
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_ns
        r0 *= r6
        exit

#== 32-bit multiplication
#= rejected: At program exit the register R0 has smin=0 smax=15 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 3
        w0 *= 5
        exit

#== 32-bit multiplication that may overflow
#= rejected: At program exit the register R0 has smin=0 smax=4294967294 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 *= 2
        exit

#== multiplication by a power of two knows the low bits
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r0 *= 4
        r0 &= 3
        exit

#== multiplication of negative bounds
#= rejected: At program exit the register R0 has smin=-6 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 3
        r0 -= 3
        r0 *= 2
        exit

#== division of constants
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 6
        r0 /= 5
        exit

#== division result of an unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 /= 2
        exit

#== division of a bounded number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 7
        r0 /= 8
        exit

#== modulo 2 of an unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 %= 2
        exit

#== modulo of constants
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 9
        r0 %= 4
        exit

#== 32-bit division of an unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 /= 16
        exit

#== 32-bit modulo 2
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 %= 2
        exit

#== signed division of a constant
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = -6
        r0 s/= -6
        exit

#== signed modulo of an unknown number
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 s%= 2
        exit

#== 32-bit signed division
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        w0 = -8
        w0 s/= 8
        exit

#== division by an unknown register
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r0 = 1
        r0 /= r6
        exit

#== modulo by an unknown register
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r0 = 1
        r0 %= r6
        exit

#== left shift of a bit
#= rejected: At program exit the register R0 has smin=0 smax=8 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 <<= 3
        exit

#== left shift to the sign bit
#= rejected: At program exit the register R0 has smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 <<= 63
        exit

#== left shift and back
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 <<= 63
        r0 >>= 63
        exit

#== left shift and back with the sign
#= rejected: At program exit the register R0 has smin=-1 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 <<= 63
        r0 s>>= 63
        exit

#== sign extension by shifts of 32
#= rejected: At program exit the register R0 has smin=-2147483648 smax=2147483647 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r0 <<= 32
        r0 s>>= 32
        exit

#== zero extension by shifts of 32
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 <<= 32
        r0 >>= 32
        exit

#== right shift by 63
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 >>= 63
        exit

#== right shift by 62
#= rejected: At program exit the register R0 has smin=0 smax=3 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 >>= 62
        exit

#== 32-bit right shift by 31
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 >>= 31
        exit

#== 32-bit left shift cuts off
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        w0 <<= 31
        w0 >>= 31
        exit

#== arithmetic right shift by 63
#= rejected: At program exit the register R0 has smin=-1 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 s>>= 63
        exit

#== arithmetic right shift of a positive number
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 0)
        r0 s>>= 31
        exit

#== 32-bit arithmetic right shift by 31
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 s>>= 31
        exit

#== 32-bit arithmetic right shift of constants
#= rejected: At program exit the register R0 has smin=4294967294 smax=4294967294 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        w0 = -4
        w0 s>>= 1
        exit

#== shift by a known register
#= accepted
.section cgroup_skb/ingress
        r0 = 16
        r1 = 4
        r0 >>= r1
        exit

#== shift by a bounded register
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 3
        r0 = 1
        r0 <<= r6
        exit

#== right shift by a bounded register
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 3
        r0 = 1
        r0 >>= r6
        exit

#== shift by an unbounded register knows nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r0 = 0
        r0 <<= r6
        exit

#== right shift by an unbounded register knows nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r0 = 0
        r0 >>= r6
        exit

#== 32-bit shift by a register that may reach 32
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 63
        r0 = 1
        w0 >>= w6
        exit

#== 32-bit shift by a register below 32 knows no more
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 31
        r0 = 1
        w0 >>= w6
        exit

#== arithmetic shift by a bounded register knows nothing
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 &= 3
        r0 = 1
        r0 s>>= r6
        exit

#== shift by a register known to be 64
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 1
        r1 = 64
        r0 <<= r1
        exit

#== negation of a constant
#= accepted
.section cgroup_skb/ingress
        r0 = -1
        r0 = -r0
        exit

#== negation of a bit
#= rejected: At program exit the register R0 has smin=-1 smax=0 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 = -r0
        exit

#== 32-bit negation of a constant
#= accepted
.section cgroup_skb/ingress
        w0 = -1
        w0 = -w0
        exit

#== 32-bit negation of a bit
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 &= 1
        w0 = -w0
        exit

#== byte swap of a constant
#= accepted
.section cgroup_skb/ingress
        r0 = 0x100
        r0 = be16 r0
        exit

#== byte swap of 16 bits
#= rejected: At program exit the register R0 has smin=0 smax=65535 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = be16 r0
        exit

#== little-endian swap of 16 bits on a little-endian machine
#= rejected: At program exit the register R0 has smin=0 smax=65535 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = le16 r0
        exit

#== unconditional swap of 32 bits
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = bswap32 r0
        exit

#== swap of 64 bits
#= rejected: At program exit the register R0 has smin=0 smax=72057594037927936 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 = be64 r0
        exit

#== swapped number is bounded again by a mask
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = be32 r0
        r0 &= 1
        exit

#== sign extension of a byte
#= rejected: At program exit the register R0 has smin=-128 smax=127 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = (s8)r0
        exit

#== sign extension of 16 bits
#= rejected: At program exit the register R0 has smin=-32768 smax=32767 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = (s16)r0
        exit

#== sign extension of 32 bits
#= rejected: At program exit the register R0 has smin=-2147483648 smax=2147483647 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 = (s32)r0
        exit

#== sign extension of a known byte
#= accepted
.section cgroup_skb/ingress
        r1 = 0x1ff
        r0 = (s8)r1
        r0 += 1
        exit

#== sign extension keeps a small number
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 = (s8)r0
        exit

#== sign extension of bits that may be the sign
#= rejected: At program exit the register R0 has smin=-128 smax=127 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 0x80
        r0 = (s8)r0
        exit

#== sign extension of bounds with one sign
#= rejected: At program exit the register R0 has smin=-128 smax=-127 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 1
        r0 |= 0x80
        r0 = (s8)r0
        exit

#== 32-bit sign extension of a byte
#= rejected: At program exit the register R0 has smin=0 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        w0 = (s8)w0
        exit

#== 32-bit sign extension of 16 known bits
#= rejected: At program exit the register R0 has smin=4294967295 smax=4294967295 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        w1 = 0xffff
        w0 = (s16)w1
        exit

#== sign-extending load of a byte
#= rejected: At program exit the register R0 has smin=-1 smax=-1 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        *(u64 *)(r10 - 8) = 0xff
        r0 = *(s8 *)(r10 - 8)
        exit

#== sign-extending load of a small word
#= accepted
.section cgroup_skb/ingress
        *(u64 *)(r10 - 8) = 1
        r0 = *(s32 *)(r10 - 8)
        exit

#== bounds of 32 bits follow from 64
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 > 1 goto 1f
        w0 = w0
        exit
1:      r0 = 0
        exit

#== upper half stays unknown after a 32-bit check
#= rejected: At program exit the register R0 has smax=9223372032559808513 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if w0 > 1 goto 1f
        exit
1:      r0 = 0
        exit

#== signed bounds give unsigned ones when both positive
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        if r0 s< 0 goto 1f
        if r0 s> 1 goto 1f
        exit
1:      r0 = 0
        exit

#== known bits give bounds
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 0xf0
        r0 >>= 4
        r0 &= 1
        exit

#== known bits and bounds meet in one number
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r0 &= 4
        if r0 == 0 goto 1f
        r0 -= 3
        exit
1:      exit

#== return value of a main program in 64 bits
#= rejected: At program exit the register R0 has smax=-9223372036854775808 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r0 = 0x8000000000000000 ll
        exit

#== le64 on a little-endian machine keeps what a number is linked to
#= accepted
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 = le64 r6
        if r6 > 0 goto 1f
        exit
1:      r0 = 0
        exit

#== be64 on a little-endian machine does not
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_ktime_get_ns
        r6 = r0
        r6 = be64 r6
        if r6 > 0 goto 1f
        exit
1:      r0 = 0
        exit
