# Tail calls, maps of maps, constants, atomic operations.
.license "GPL"
.map progs, prog_array, key=4, value=4, entries=4
.map outer, array_of_maps, key=4, value=4, entries=3
.inner outer, array, key=4, value=8, entries=2
.map inside, array, key=4, value=8, entries=2
.entry outer, 1, inside
.map houter, hash_of_maps, key=4, value=4, entries=3
.inner houter, hash, key=4, value=8, entries=2
.map hinside, hash, key=4, value=8, entries=2
.entry houter, 7, hinside
.map vals, array, key=4, value=16, entries=1
.bss
out:    .zero 128
.rodata
table:  .quad 3, 1, 4, 1, 5, 9, 2, 6

#== a tail call to nothing falls through
.section tc
        r2 = progs ll
        r3 = 2
        call bpf_tail_call
        r6 = out ll
        r1 = *(u64 *)(r6 + 0)
        r1 += 1
        *(u64 *)(r6 + 0) = r1
        r0 = 0
        exit

#== a tail call out of range falls through
.section xdp
        r2 = progs ll
        r3 = 100
        call bpf_tail_call
        r0 = 2
        exit

#== an inner map that there is, and one that there is not
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 1
        r1 = outer ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto none
        *(u32 *)(r10 - 4) = 0
        r1 = r0
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto none
        r1 = *(u64 *)(r0 + 0)
        r1 += 2
        *(u64 *)(r0 + 0) = r1
        *(u64 *)(r7 + 0) = r1
none:   *(u32 *)(r10 - 4) = 2
        r1 = outer ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 != 0 goto done
        *(u64 *)(r7 + 8) = 1
        *(u32 *)(r10 - 4) = 9
        r1 = outer ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 != 0 goto done
        *(u64 *)(r7 + 16) = 1
done:   r0 = 0
        exit

#== an inner hash is stored to
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 7
        r1 = houter ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto none
        r6 = r0
        *(u64 *)(r10 - 16) = 5
        r1 = r6
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 1
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        *(u32 *)(r10 - 4) = 8
        r1 = r6
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 8) = r0
none:   *(u32 *)(r10 - 4) = 3
        r1 = houter ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 != 0 goto done
        *(u64 *)(r7 + 16) = 1
done:   r0 = 0
        exit

#== constants are read by an index
.section tc
        r6 = r1
        r1 = *(u32 *)(r6 + 0)
        r1 &= 7
        r1 <<= 3
        r2 = table ll
        r2 += r1
        r3 = *(u64 *)(r2 + 0)
        r4 = out ll
        *(u64 *)(r4 + 0) = r3
        r0 = 0
        exit

#== atomic operations on a value
.section xdp
        *(u32 *)(r10 - 4) = 0
        r1 = vals ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r1 = 3
        lock *(u64 *)(r6 + 0) += r1
        r2 = 5
        r2 = atomic_fetch_add((u64 *)(r6 + 0), r2)
        r3 = 0x70
        lock *(u32 *)(r6 + 8) |= r3
        r4 = 9
        w4 = xchg32_32(r6 + 12, w4)
        r7 = out ll
        *(u64 *)(r7 + 0) = r2
no:     r0 = 2
        exit

#== functions call functions
.section socket
        r1 = 5
        call fact
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r0 = 0
        exit
.text
fact:   r0 = r1
        if r1 == 0 goto end
        r6 = r1
        r1 -= 1
        call half
        r0 *= r6
end:    exit
half:   r0 = r1
        r0 >>= 1
        exit

#== functions that call their program on keep their frames
.entry progs, 0, deep
.text
below:  r2 = r1
        *(u64 *)(r10 - 8) = 3
        call lower
        r1 = *(u64 *)(r10 - 8)
        r0 += r1
        exit
lower:  r1 = r2
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit
.section tc
main:   call below
        r0 += 5
        exit
.section classifier
deep:   r7 = out ll
        r2 = *(u64 *)(r7 + 0)
        r2 += 1
        *(u64 *)(r7 + 0) = r2
        *(u64 *)(r10 - 8) = r2
        call below
        r7 = out ll
        r1 = *(u64 *)(r10 - 8)
        r2 = *(u64 *)(r7 + 8)
        r2 += r1
        *(u64 *)(r7 + 8) = r2
        r0 += 1
        exit
