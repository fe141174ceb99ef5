# Locks in values of maps: nobody else takes them here.
.license "GPL"
.map locked, array, key=4, value=24, entries=2
.field locked, bpf_spin_lock, 8
.map lhash, hash, key=4, value=24, entries=3
.field lhash, bpf_spin_lock, 0
.bss
out:    .zero 128

#== a value is changed under its lock
.section tc
        *(u32 *)(r10 - 4) = 0
        r1 = locked ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r1 = r6
        r1 += 8
        call bpf_spin_lock
        r1 = *(u64 *)(r6 + 16)
        r1 += 3
        *(u64 *)(r6 + 16) = r1
        r1 = r6
        r1 += 8
        call bpf_spin_unlock
no:     r0 = 0
        exit

#== entries are stored under their lock
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 1
        *(u64 *)(r10 - 32) = 1
        *(u64 *)(r10 - 24) = 2
        *(u64 *)(r10 - 16) = 3
        r1 = locked ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 4
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        r1 = locked ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 5
        call bpf_map_update_elem
        *(u64 *)(r7 + 8) = r0
        r1 = locked ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 8
        call bpf_map_update_elem
        *(u64 *)(r7 + 16) = r0
        r1 = lhash ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 4
        call bpf_map_update_elem
        *(u64 *)(r7 + 24) = r0
        r1 = lhash ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 5
        call bpf_map_update_elem
        *(u64 *)(r7 + 32) = r0
        r1 = lhash ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        *(u64 *)(r10 - 24) = 22
        r1 = lhash ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 6
        call bpf_map_update_elem
        *(u64 *)(r7 + 40) = r0
        r1 = *(u64 *)(r6 + 8)
        *(u64 *)(r7 + 48) = r1
        *(u64 *)(r10 - 24) = 33
        r1 = lhash ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 56) = r0
        r1 = *(u64 *)(r6 + 8)
        *(u64 *)(r7 + 64) = r1
        *(u32 *)(r10 - 4) = 9
        r1 = lhash ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 6
        call bpf_map_update_elem
        *(u64 *)(r7 + 72) = r0
no:     r0 = 0
        exit
