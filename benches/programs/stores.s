# A loop that writes to the stack, to the packet and to a map, for as long as it may.
.license "Dual MIT/GPL"
.map sums, array, key=4, value=64, entries=4

.section xdp
.globl stores
stores:
        r6 = *(u32 *)(r1 + 0)
        r7 = *(u32 *)(r1 + 4)
        r2 = r6
        r2 += 14
        if r2 > r7 goto out
        r1 = 0
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = sums ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 0
again:
        r1 += 1
        *(u64 *)(r10 - 16) = r1
        *(u16 *)(r6 + 12) = r1
        *(u64 *)(r0 + 8) = r1
        if r1 != 1000000 goto again
out:
        r0 = 2
        exit
