#= kernel 6.18
# Arithmetic on pointers: each kind of pointer with each operation. A privileged program may look at the bits of a
# pointer, but has no pointer left afterwards.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=1
.map ring, ringbuf, entries=4096

#== stack: plus a constant
#= accepted
.section tc
        r2 = r10
        r2 += 8
        r0 = 0
        exit

#== stack: plus zero
#= accepted
.section tc
        r2 = r10
        r2 += 0
        r0 = 0
        exit

#== stack: minus a constant
#= rejected: R2 subtraction from stack pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 -= 8
        r0 = 0
        exit

#== stack: times
#= rejected: R2 pointer arithmetic with *= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 *= 2
        r0 = 0
        exit

#== stack: divided
#= rejected: R2 pointer arithmetic with /= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 /= 2
        r0 = 0
        exit

#== stack: and
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 &= -8
        r0 = 0
        exit

#== stack: or
#= rejected: R2 bitwise operator |= on pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 |= 1
        r0 = 0
        exit

#== stack: xor
#= rejected: R2 bitwise operator ^= on pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 ^= 1
        r0 = 0
        exit

#== stack: shifted left
#= rejected: R2 pointer arithmetic with <<= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 <<= 1
        r0 = 0
        exit

#== stack: shifted right
#= rejected: R2 pointer arithmetic with >>= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 >>= 1
        r0 = 0
        exit

#== stack: shifted right with its sign
#= rejected: R2 pointer arithmetic with s>>= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 s>>= 1
        r0 = 0
        exit

#== stack: modulo
#= rejected: R2 pointer arithmetic with %= operator prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 %= 8
        r0 = 0
        exit

#== stack: negated
#= accepted
.section tc
        r2 = r10
        r2 = -r2
        r0 = 0
        exit

#== stack: swapped
#= accepted
.section tc
        r2 = r10
        r2 = be64 r2
        r0 = 0
        exit

#== stack: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = r10
        w2 += 8
        r0 = 0
        exit

#== stack: 32-bit move
#= accepted
.section tc
        r2 = r10
        w3 = w2
        r0 = 0
        exit

#== stack: minus itself
#= accepted
.section tc
        r2 = r10
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== stack: plus itself
#= rejected: R2 pointer += pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r2 += r2
        r0 = 0
        exit

#== stack: sign-extended move
#= accepted
.section tc
        r2 = r10
        r3 = (s32)r2
        r0 = 0
        exit

#== stack: sign-extended move of a byte
#= accepted
.section tc
        r2 = r10
        r3 = (s8)r2
        r0 = 0
        exit

#== stack: taken from a constant
#= rejected: R3 tried to subtract pointer from scalar (errno EACCES)
.section tc
        r2 = r10
        r3 = 8
        r3 -= r2
        r0 = 0
        exit

#== stack: plus a number of full range
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r2 = r10
        r6 = r2
        call bpf_ktime_get_ns
        r6 += r0
        r0 = 0
        exit

#== stack: plus a small number
#= accepted
.section tc
        r2 = r10
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== stack: added to a small number
#= accepted
.section tc
        r2 = r10
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r0 += r6
        r0 = 0
        exit

#== stack: minus a small number
#= rejected: R6 subtraction from stack pointer prohibited (errno EACCES)
.section tc
        r2 = r10
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 -= r0
        r0 = 0
        exit

#== context: plus a constant
#= accepted
.section tc
        r2 = r1
        r2 += 8
        r0 = 0
        exit

#== context: plus zero
#= accepted
.section tc
        r2 = r1
        r2 += 0
        r0 = 0
        exit

#== context: plus a small number
#= accepted
.section tc
        r2 = r1
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== context: minus itself
#= accepted
.section tc
        r2 = r1
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== context: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = r1
        w2 += 8
        r0 = 0
        exit

#== context: and
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section tc
        r2 = r1
        r2 &= -8
        r0 = 0
        exit

#== context: swapped
#= accepted
.section tc
        r2 = r1
        r2 = be64 r2
        r0 = 0
        exit

#== context: negated
#= accepted
.section tc
        r2 = r1
        r2 = -r2
        r0 = 0
        exit

#== map: plus a constant
#= rejected: R2 pointer arithmetic on map_ptr prohibited (errno EACCES)
.section tc
        r2 = vals ll
        r2 += 8
        r0 = 0
        exit

#== map: plus zero
#= accepted
.section tc
        r2 = vals ll
        r2 += 0
        r0 = 0
        exit

#== map: plus a small number
#= rejected: R6 pointer arithmetic on map_ptr prohibited (errno EACCES)
.section tc
        r2 = vals ll
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== map: minus itself
#= accepted
.section tc
        r2 = vals ll
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== map: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = vals ll
        w2 += 8
        r0 = 0
        exit

#== map: and
#= rejected: R2 pointer arithmetic on map_ptr prohibited (errno EACCES)
.section tc
        r2 = vals ll
        r2 &= -8
        r0 = 0
        exit

#== map: swapped
#= accepted
.section tc
        r2 = vals ll
        r2 = be64 r2
        r0 = 0
        exit

#== map: negated
#= accepted
.section tc
        r2 = vals ll
        r2 = -r2
        r0 = 0
        exit

#== value: plus a constant
#= accepted
.section tc
        r2 = counter ll
        r2 += 8
        r0 = 0
        exit
.data
counter:.quad 1

#== value: plus zero
#= accepted
.section tc
        r2 = counter ll
        r2 += 0
        r0 = 0
        exit
.data
counter:.quad 1

#== value: minus a constant
#= accepted
.section tc
        r2 = counter ll
        r2 -= 8
        r0 = 0
        exit
.data
counter:.quad 1

#== value: times
#= rejected: R2 pointer arithmetic with *= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 *= 2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: divided
#= rejected: R2 pointer arithmetic with /= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 /= 2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: and
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 &= -8
        r0 = 0
        exit
.data
counter:.quad 1

#== value: or
#= rejected: R2 bitwise operator |= on pointer prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 |= 1
        r0 = 0
        exit
.data
counter:.quad 1

#== value: xor
#= rejected: R2 bitwise operator ^= on pointer prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 ^= 1
        r0 = 0
        exit
.data
counter:.quad 1

#== value: shifted left
#= rejected: R2 pointer arithmetic with <<= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 <<= 1
        r0 = 0
        exit
.data
counter:.quad 1

#== value: shifted right
#= rejected: R2 pointer arithmetic with >>= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 >>= 1
        r0 = 0
        exit
.data
counter:.quad 1

#== value: shifted right with its sign
#= rejected: R2 pointer arithmetic with s>>= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 s>>= 1
        r0 = 0
        exit
.data
counter:.quad 1

#== value: modulo
#= rejected: R2 pointer arithmetic with %= operator prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 %= 8
        r0 = 0
        exit
.data
counter:.quad 1

#== value: negated
#= accepted
.section tc
        r2 = counter ll
        r2 = -r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: swapped
#= accepted
.section tc
        r2 = counter ll
        r2 = be64 r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = counter ll
        w2 += 8
        r0 = 0
        exit
.data
counter:.quad 1

#== value: 32-bit move
#= accepted
.section tc
        r2 = counter ll
        w3 = w2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: minus itself
#= accepted
.section tc
        r2 = counter ll
        r3 = r2
        r3 -= r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: plus itself
#= rejected: R2 pointer += pointer prohibited (errno EACCES)
.section tc
        r2 = counter ll
        r2 += r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: sign-extended move
#= accepted
.section tc
        r2 = counter ll
        r3 = (s32)r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: sign-extended move of a byte
#= accepted
.section tc
        r2 = counter ll
        r3 = (s8)r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: taken from a constant
#= rejected: R3 tried to subtract pointer from scalar (errno EACCES)
.section tc
        r2 = counter ll
        r3 = 8
        r3 -= r2
        r0 = 0
        exit
.data
counter:.quad 1

#== value: plus a number of full range
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r2 = counter ll
        r6 = r2
        call bpf_ktime_get_ns
        r6 += r0
        r0 = 0
        exit
.data
counter:.quad 1

#== value: plus a small number
#= accepted
.section tc
        r2 = counter ll
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit
.data
counter:.quad 1

#== value: added to a small number
#= accepted
.section tc
        r2 = counter ll
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r0 += r6
        r0 = 0
        exit
.data
counter:.quad 1

#== value: minus a small number
#= accepted
.section tc
        r2 = counter ll
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 -= r0
        r0 = 0
        exit
.data
counter:.quad 1

#== packet: plus a constant
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r2 += 8
        r0 = 0
        exit

#== packet: plus zero
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r2 += 0
        r0 = 0
        exit

#== packet: plus a small number
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== packet: minus itself
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== packet: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        w2 += 8
        r0 = 0
        exit

#== packet: and
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 76)
        r2 &= -8
        r0 = 0
        exit

#== packet: swapped
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r2 = be64 r2
        r0 = 0
        exit

#== packet: negated
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 76)
        r2 = -r2
        r0 = 0
        exit

#== end of packet: plus a constant
#= rejected: R2 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 80)
        r2 += 8
        r0 = 0
        exit

#== end of packet: plus zero
#= rejected: R2 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 80)
        r2 += 0
        r0 = 0
        exit

#== end of packet: plus a small number
#= rejected: R6 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 80)
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== end of packet: minus itself
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 80)
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== end of packet: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 80)
        w2 += 8
        r0 = 0
        exit

#== end of packet: and
#= rejected: R2 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section tc
        r2 = *(u32 *)(r1 + 80)
        r2 &= -8
        r0 = 0
        exit

#== end of packet: swapped
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 80)
        r2 = be64 r2
        r0 = 0
        exit

#== end of packet: negated
#= accepted
.section tc
        r2 = *(u32 *)(r1 + 80)
        r2 = -r2
        r0 = 0
        exit

#== common socket or null: plus a constant
#= rejected: R2 pointer arithmetic on sock_common_or_null prohibited, null-check it first (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        r2 += 8
        r0 = 0
        exit

#== common socket or null: plus zero
#= rejected: R2 pointer arithmetic on sock_common_or_null prohibited, null-check it first (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        r2 += 0
        r0 = 0
        exit

#== common socket or null: plus a small number
#= rejected: R6 pointer arithmetic on sock_common_or_null prohibited, null-check it first (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit

#== common socket or null: minus itself
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        r3 = r2
        r3 -= r2
        r0 = 0
        exit

#== common socket or null: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        w2 += 8
        r0 = 0
        exit

#== common socket or null: and
#= rejected: R2 pointer arithmetic on sock_common_or_null prohibited, null-check it first (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        r2 &= -8
        r0 = 0
        exit

#== common socket or null: swapped
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        r2 = be64 r2
        r0 = 0
        exit

#== common socket or null: negated
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        r2 = -r2
        r0 = 0
        exit

#== common socket: plus a constant
#= rejected: R2 pointer arithmetic on sock_common prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r2 += 8
1:      r0 = 0
        exit

#== common socket: plus zero
#= rejected: R2 pointer arithmetic on sock_common prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r2 += 0
1:      r0 = 0
        exit

#== common socket: plus a small number
#= rejected: R6 pointer arithmetic on sock_common prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
1:      r0 = 0
        exit

#== common socket: minus itself
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r3 = r2
        r3 -= r2
1:      r0 = 0
        exit

#== common socket: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        w2 += 8
1:      r0 = 0
        exit

#== common socket: and
#= rejected: R2 pointer arithmetic on sock_common prohibited (errno EACCES)
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r2 &= -8
1:      r0 = 0
        exit

#== common socket: swapped
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r2 = be64 r2
1:      r0 = 0
        exit

#== common socket: negated
#= accepted
.section tc
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r2 = -r2
1:      r0 = 0
        exit

#== function: plus a constant
#= accepted
.section tc
        r2 = f ll
        r2 += 8
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: plus zero
#= accepted
.section tc
        r2 = f ll
        r2 += 0
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: plus a small number
#= accepted
.section tc
        r2 = f ll
        r6 = r2
        call bpf_ktime_get_ns
        r0 &= 7
        r6 += r0
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: minus itself
#= accepted
.section tc
        r2 = f ll
        r3 = r2
        r3 -= r2
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: 32-bit plus
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section tc
        r2 = f ll
        w2 += 8
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: and
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section tc
        r2 = f ll
        r2 &= -8
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: swapped
#= accepted
.section tc
        r2 = f ll
        r2 = be64 r2
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== function: negated
#= accepted
.section tc
        r2 = f ll
        r2 = -r2
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== pointer that was masked is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = r10
        r2 = be64 r2
        r0 = *(u64 *)(r2 - 8)
        exit

#== pointer that was negated is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = counter ll
        r2 = -r2
        r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== pointer moved by 32 bits is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        w2 = w10
        r0 = *(u64 *)(r2 - 8)
        exit

#== difference of pointers is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = r10
        r3 = r10
        r2 -= r3
        r0 = *(u64 *)(r2 + 0)
        exit

#== sign-extended pointer is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = (s32)r10
        r0 = *(u64 *)(r2 - 8)
        exit

#== number is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = 8
        r0 = *(u64 *)(r2 + 0)
        exit

#== number is no pointer to write to
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = 8
        *(u64 *)(r2 + 0) = 0
        r0 = 0
        exit

#== null is no pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = 0
        r0 = *(u8 *)(r2 + 0)
        exit

#== unset register is no pointer
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r0 = *(u8 *)(r2 + 0)
        exit

#== unset register is not stored
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = r2
        r0 = 0
        exit

#== unset register is not moved
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r6 = r2
        r0 = 0
        exit

#== unset register is not added to
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r6 += 1
        r0 = 0
        exit

#== unset register is not added
#= rejected: R7 !read_ok (errno EACCES)
.section tc
        r6 = 1
        r6 += r7
        r0 = 0
        exit

#== unset register is not negated
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r6 = -r6
        r0 = 0
        exit

#== unset register is not swapped
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r6 = be16 r6
        r0 = 0
        exit

#== 32 bits of an unset register
#= rejected: R7 !read_ok (errno EACCES)
.section tc
        w6 = w7
        r0 = 0
        exit

#== function is no memory
#= rejected: R2 invalid mem access 'func' (errno EACCES)
.section tc
        r2 = f ll
        r0 = *(u64 *)(r2 + 0)
        exit
.text
f:      r0 = 0
        exit

#== pointer of two kinds on two ways is followed as each
#= accepted
.section tc
        r6 = r1
        r2 = r10
        r2 += -8
        *(u64 *)(r10 - 8) = 0
        r3 = *(u32 *)(r1 + 0)
        if r3 == 0 goto 1f
        r2 = counter ll
1:      r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== pointer on one way and number on the other
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section tc
        r2 = counter ll
        r3 = *(u32 *)(r1 + 0)
        if r3 == 0 goto 1f
        r2 = 0
1:      r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== exchange of two pointers
#= accepted
.section tc
        r2 = r1
        r3 = r10
        r4 = r2
        r2 = r3
        r3 = r4
        r0 = *(u32 *)(r3 + 0)
        exit

#== bounds of a pointer are not the bounds of a number
#= rejected: R3 pointer += pointer prohibited (errno EACCES)
.section tc
        r2 = counter ll
        if r2 > 8 goto 1f
        r3 = r10
        r3 += r2
1:      r0 = 0
        exit
.data
counter:.quad 1

#== pointer limit of additions: large steps
#= accepted
.section tc
        r2 = counter ll
        r2 += 0x1ffffffe
        r2 += 1
        r2 -= 0x1fffffff
        r0 = *(u64 *)(r2 + 0)
        exit
.data
counter:.quad 1

#== pointer limit of additions: step over it
#= rejected: map_value pointer offset 536870912 is not allowed (errno EINVAL)
.section tc
        r2 = counter ll
        r2 += 0x1ffffffe
        r2 += 2
        r0 = 0
        exit
.data
counter:.quad 1

#== unprivileged: stack plus a constant
#= unprivileged
#= accepted
.section socket
        r2 = r10
        r2 += -8
        *(u64 *)(r2 + 0) = 0
        r0 = 0
        exit
