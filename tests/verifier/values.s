#= kernel 6.18
# Values of maps: the check against null, bounds, variable offsets, maps that programs may only read or only write,
# addresses of values in the program itself.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=4
.map rdonly, array, key=4, value=16, entries=2, flags=0x80
.map wronly, array, key=4, value=16, entries=2, flags=0x100
.map wide, array, key=4, value=0x10000, entries=2
.map one, array, key=4, value=64, entries=1
.map onewr, array, key=4, value=64, entries=1, flags=0x100
.map ro1, array, key=4, value=16, entries=1, flags=0x80

#== value after a check against null
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== value without a check
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== value on the way where it is null
#= rejected: R0 invalid mem access 'scalar' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== value on the way where it is not null
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 1f
        r0 = 0
        exit
1:      r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== null is the number zero
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 1f
        r2 = r10
        r2 += r0
        *(u8 *)(r2 - 1) = 0
1:      r0 = 0
        exit

#== check against a register that is zero
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = 0
        if r0 == r1 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== 32-bit check against null shows nothing
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if w0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== check against one shows nothing
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 1 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== check by greater shows nothing
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 > 0 goto 2f
        r0 = 0
        exit
2:      r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== check holds for copies
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r7 = r0
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit

#== check of one look-up does not hold for another
#= rejected: R7 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r7 = r0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit

#== number added before the check
#= rejected: R0 pointer arithmetic on map_value_or_null prohibited, null-check it first (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 += 8
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== number subtracted before the check
#= rejected: R0 pointer arithmetic on map_value_or_null prohibited, null-check it first (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 -= 8
        r0 = 0
        exit

#== value or null is not stored to
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        *(u64 *)(r0 + 0) = 1
        r0 = 0
        exit

#== value or null is no argument
#= rejected: R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r2 = r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== last byte of the value
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u8 *)(r0 + 63)
1:      r0 = 0
        exit

#== byte past the value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u8 *)(r0 + 64)
1:      r0 = 0
        exit

#== word across the end of the value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 60)
1:      r0 = 0
        exit

#== byte before the value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u8 *)(r0 - 1)
1:      r0 = 0
        exit

#== store past the value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u32 *)(r0 + 64) = 1
1:      r0 = 0
        exit

#== pointer stored into a value by a privileged program
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = r10
1:      r0 = 0
        exit

#== pointer moved out of the value and back
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 100
        r0 -= 100
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== pointer moved out of the value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 100
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== pointer moved before the value and accessed within
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += -8
        r1 = *(u64 *)(r0 + 8)
1:      r0 = 0
        exit

#== large constant added to a value
#= rejected: math between map_value pointer and 536870912 is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 0x20000000
1:      r0 = 0
        exit

#== constant below the limit added to a value
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 0x1fffffff
1:      r0 = 0
        exit

#== sum of constants added to a value
#= rejected: map_value pointer offset 1073741822 is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 0x1fffffff
        r0 += 0x1fffffff
1:      r0 = 0
        exit

#== constant of 64 bits added to a value
#= rejected: math between map_value pointer and 4294967296 is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 0x100000000 ll
        r0 += r1
1:      r0 = 0
        exit

#== variable offset within the value
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 63
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset one byte past the value
#= rejected: R7 max value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 63
        r7 += r0
        r1 = *(u8 *)(r7 + 1)
1:      r0 = 0
        exit

#== variable offset by a comparison
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        if r0 > 63 goto 1f
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset by a comparison, off by one
#= rejected: R7 max value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        if r0 > 64 goto 1f
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== signed variable offset without a lower bound
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        if r0 s> 63 goto 1f
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== signed variable offset of 32 bits without a lower bound
#= rejected: value -2147483648 makes map_value pointer be out of bounds (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 <<= 32
        r0 s>>= 32
        if r0 s> 63 goto 1f
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== signed variable offset with both bounds
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        if r0 s> 63 goto 1f
        if r0 s< 0 goto 1f
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset without an upper bound
#= rejected: R7 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        w0 = w0
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== unknown number added to a value
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset subtracted leaves no upper bound
#= rejected: R7 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 7
        r7 += 8
        r7 -= r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset subtracted before the value
#= rejected: R7 min value is negative, either use unsigned index or do a if (index >=0) check. (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 7
        r7 += 6
        r7 -= r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset checked after it was added
#= rejected: R8 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        w0 = w0
        r8 = r7
        r8 += r0
        if r0 > 63 goto 1f
        r1 = *(u8 *)(r8 + 0)
1:      r0 = 0
        exit

#== variable offset times the size of an element
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 7
        r0 *= 8
        r7 += r0
        r1 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit

#== variable offset modulo is not bounded
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 %= 64
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== two variable offsets
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 31
        r7 += r0
        r7 += r0
        r1 = *(u8 *)(r7 + 1)
1:      r0 = 0
        exit

#== two variable offsets past the value
#= rejected: R7 max value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 32
        r7 += r0
        r7 += r0
        r1 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit

#== constant and variable offset
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 15
        r7 += 40
        r7 += r0
        r1 = *(u64 *)(r7 + 1)
1:      r0 = 0
        exit

#== offset from the value itself
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        if r1 > 60 goto 1f
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== offset from the value itself read again
#= rejected: R0 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        if r1 > 60 goto 1f
        r1 = *(u32 *)(r0 + 0)
        r0 += r1
        *(u8 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== misaligned access to a value where the machine can
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 3)
1:      r0 = 0
        exit

#== misaligned access to a value with strict alignment
#= flags: strict_alignment
#= rejected: misaligned value access off 0+0+3 size 4 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 3)
1:      r0 = 0
        exit

#== variable misaligned access to a value with strict alignment
#= flags: strict_alignment
#= rejected: misaligned value access off (0x0; 0x1f)+0+0 size 4 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 31
        r7 += r0
        r1 = *(u32 *)(r7 + 0)
1:      r0 = 0
        exit

#== difference of two values is a number
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r0 -= r1
1:      r0 = 0
        exit

#== value is not multiplied
#= rejected: R0 pointer arithmetic with *= operator prohibited (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 *= 2
1:      r0 = 0
        exit

#== value is not compared into bounds
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        if r0 > 100 goto 1f
        r1 = *(u64 *)(r0 + 64)
1:      r0 = 0
        exit

#== wide value to its end
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = wide ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 0xffff
        r1 = *(u8 *)(r0 + 0)
1:      r0 = 0
        exit

#== past the end of a wide value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = wide ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 0xffff
        r1 = *(u8 *)(r0 + 1)
1:      r0 = 0
        exit

#== constant index below the size of an array is never null
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== constant index at the size of an array may be null
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        *(u32 *)(r10 - 4) = 4
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== variable index of an array may be null
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        call bpf_get_prandom_u32
        w0 &= 3
        *(u32 *)(r10 - 4) = r0
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== index of an array in two halves may be null
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        *(u16 *)(r10 - 4) = 1
        *(u16 *)(r10 - 2) = 0
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== constant index in a register stored on the stack
#= accepted
.section socket
        r1 = 2
        *(u32 *)(r10 - 8) = r1
        r2 = r10
        r2 += -8
        r1 = arr ll
        call bpf_map_lookup_elem
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== null check of a value that is never null leaves the other way dead
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        if r0 != 0 goto 1f
        r1 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit

#== read-only array is read at a constant offset
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = rdonly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== read-only array of one entry is read
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = ro1 ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== read-only array is read at a variable offset
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = rdonly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_ktime_get_ns
        r0 &= 8
        r7 += r0
        r1 = *(u64 *)(r7 + 0)
1:      r0 = 0
        exit

#== read-only map is not written
#= rejected: write into map forbidden, value_size=16 off=0 size=8 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = rdonly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== read-only map is not updated
#= rejected: write into map forbidden (errno EACCES)
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r3 = r2
        r3 += -16
        r1 = rdonly ll
        r4 = 0
        call bpf_map_update_elem
        r0 = 0
        exit

#== value of a read-only map is no buffer to write to
#= rejected: write into map forbidden, value_size=16 off=0 size=8 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = rdonly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r6
        r2 = 0
        r3 = r0
        r4 = 8
        call bpf_skb_load_bytes
1:      r0 = 0
        exit

#== read-only map is not changed atomically
#= rejected: write into map forbidden, value_size=16 off=0 size=8 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = rdonly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
1:      r0 = 0
        exit

#== write-only map is written
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = wronly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== write-only map is looked up
#= accepted
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = wronly ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== value of a write-only map is not read
#= rejected: read from map forbidden, value_size=16 off=0 size=8 (errno EACCES)
.section socket
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = wronly ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== write-only map is updated
#= accepted
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r3 = r2
        r3 += -16
        r1 = wronly ll
        r4 = 0
        call bpf_map_update_elem
        r0 = 0
        exit

#== write-only map is not read directly
#= rejected: read from map forbidden, value_size=64 off=0 size=8 (errno EACCES)
.section socket
        ld_pseudo r1, 2, 6
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== write-only map is written directly
#= accepted
.section socket
        ld_pseudo r1, 2, 6
        *(u64 *)(r1 + 0) = 1
        r0 = 0
        exit

#== address of a value needs no check
#= accepted
.section socket
        ld_pseudo r1, 2, 5
        r0 = *(u64 *)(r1 + 56)
        r0 = 0
        exit

#== address within a value
#= accepted
.section socket
        ld_pseudo r1, 2, 0x3800000005
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== address within a value, access past its end
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section socket
        ld_pseudo r1, 2, 0x3900000005
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== address past a value
#= rejected: invalid access to map value pointer, value_size=64 off=64 (errno EINVAL)
.section socket
        ld_pseudo r1, 2, 0x4000000005
        r0 = 0
        exit

#== address far past a value
#= rejected: direct value offset of 536870912 is not allowed (errno EINVAL)
.section socket
        ld_pseudo r1, 2, 0x2000000000000005
        r0 = 0
        exit

#== address of a value of an array of several
#= rejected: invalid access to map value pointer, value_size=64 off=0 (errno ENOTSUPP)
.section socket
        ld_pseudo r1, 2, 1
        r0 = 0
        exit

#== address of a value of a hash map
#= rejected: no direct value access support for this map type (errno EINVAL)
.section socket
        ld_pseudo r1, 2, 0
        r0 = 0
        exit

#== address of a value is no map
#= rejected: R1 type=map_value expected=map_ptr (errno EACCES)
.section socket
        ld_pseudo r1, 2, 5
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== map is not accessed as memory of a value
#= rejected: only read from bpf_array is supported (errno EACCES)
.section socket
        r1 = arr ll
        *(u64 *)(r1 + 0) = 1
        r0 = 0
        exit

#== map pointer reads 8 bytes where the field has 4
#= accepted
.section socket
        r1 = arr ll
        r0 = *(u64 *)(r1 + 24)
        r0 = 0
        exit

#== map pointer reads no bytes past the map
#= rejected: access beyond struct bpf_array at off 30000 size 4 (errno EACCES)
.section socket
        r1 = arr ll
        r0 = *(u32 *)(r1 + 30000)
        r0 = 0
        exit

#== map pointer reads no bytes before the map
#= rejected: R1 is bpf_array invalid negative access: off=-4 (errno EACCES)
.section socket
        r1 = arr ll
        r0 = *(u32 *)(r1 - 4)
        r0 = 0
        exit

#== map pointer takes no number
#= rejected: R1 pointer arithmetic on map_ptr prohibited (errno EACCES)
.section socket
        r1 = arr ll
        r1 += 8
        r0 = 0
        exit

#== map pointer takes a zero
#= accepted
.section socket
        r1 = arr ll
        r1 += 0
        r0 = 0
        exit

#== map pointer is not null
#= accepted
.section socket
        r1 = arr ll
        if r1 == 0 goto 1f
        r0 = 0
        exit
1:      r0 = *(u64 *)(r9 + 0)
        exit

#== constant data is read
#= accepted
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 0)
        exit
.rodata
table:  .long 5, 6

#== constant data is not written
#= rejected: write into map forbidden, value_size=8 off=0 size=4 (errno EACCES)
.section socket
        r1 = table ll
        *(u32 *)(r1 + 0) = 1
        r0 = 0
        exit
.rodata
table:  .long 5, 6

#== constant data is known to the verifier
#= accepted
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 4)
        if r0 != 6 goto 1f
        r0 = 0
        exit
1:      r0 = *(u64 *)(r9 + 0)
        exit
.rodata
table:  .long 5, 6

#== constant data at a variable offset is not known
#= rejected: R9 !read_ok (errno EACCES)
.section socket
        call bpf_ktime_get_ns
        r0 &= 4
        r1 = table ll
        r1 += r0
        r0 = *(u32 *)(r1 + 0)
        if r0 == 7 goto 1f
        r0 = 0
        exit
1:      r0 = *(u64 *)(r9 + 0)
        exit
.rodata
table:  .long 5, 6

#== constant data is read sign-extended
#= accepted
.section socket
        r1 = table ll
        r0 = *(s8 *)(r1 + 0)
        if r0 s< 0 goto 1f
        r0 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit
.rodata
table:  .long 0xff, 6

#== constant data is not read past its end
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 8)
        exit
.rodata
table:  .long 5, 6

#== global variable is written
#= accepted
.section socket
        r1 = total ll
        *(u32 *)(r1 + 0) = 1
        r0 = 0
        exit
.data
total:  .long 5

#== global variable is not known
#= rejected: R9 !read_ok (errno EACCES)
.section socket
        r1 = total ll
        r0 = *(u32 *)(r1 + 0)
        if r0 == 5 goto 1f
        r0 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit
.data
total:  .long 5

#== global variable is not written past its section
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section socket
        r1 = total ll
        *(u64 *)(r1 + 0) = 1
        r0 = 0
        exit
.data
total:  .long 5

#== constant data that is all zero is known too
#= accepted
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 4)
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r9 + 0)
1:      exit
.rodata
table:  .long 0, 0

#== constant zero bounds a loop
#= accepted
.section socket
        r1 = table ll
        r6 = *(u64 *)(r1 + 0)
        r7 = 0
1:      if r7 >= r6 goto 2f
        r7 += 1
        call bpf_ktime_get_ns
        goto 1b
2:      r0 = 0
        exit
.rodata
table:  .quad 0

#== zero in constant data is followed
#= rejected: R9 !read_ok (errno EACCES)
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 0)
        if r0 == 0 goto 1f
        exit
1:      r0 = *(u64 *)(r9 + 0)
        exit
.rodata
table:  .long 0

#== zero in data that is not constant is not known
#= rejected: R9 !read_ok (errno EACCES)
.section socket
        r1 = table ll
        r0 = *(u32 *)(r1 + 0)
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit
.bss
table:  .zero 4
