# Maps of every type that programs for packets use: missing keys, full maps, bad flags, and what is left in them.
.license "GPL"
.map arr, array, key=4, value=8, entries=3
.map vals, hash, key=4, value=8, entries=3
.map bare, hash, key=4, value=8, entries=3, flags=1
.map pvals, percpu_hash, key=4, value=8, entries=3
.map parr, percpu_array, key=4, value=8, entries=3
.map plru, lru_percpu_hash, key=4, value=8, entries=64
.map trie, lpm_trie, key=8, value=8, entries=4, flags=1
.map fifo, queue, value=8, entries=3
.map lifo, stack, value=8, entries=3
.map bloom, bloom_filter, value=8, entries=100, flags=64
.map bloom6, bloom_filter, value=6, entries=1000, flags=64, extra=3
.map bloom20, bloom_filter, value=20, entries=10, flags=64, extra=15
.map devs, devmap, key=4, value=8, entries=3
.map devh, devmap_hash, key=4, value=4, entries=3
.map xsks, xskmap, key=4, value=4, entries=3
.map socks, sockmap, key=4, value=4, entries=3
.map sockh, sockhash, key=8, value=8, entries=3
.bss
out:    .zero 256

#== an array: index out of range, flags, deletion
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 3
        *(u64 *)(r10 - 16) = 42
        r1 = arr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        *(u32 *)(r10 - 4) = 1
        r1 = arr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 1
        call bpf_map_update_elem
        *(u64 *)(r7 + 8) = r0
        r1 = arr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 3
        call bpf_map_update_elem
        *(u64 *)(r7 + 16) = r0
        r1 = arr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 2
        call bpf_map_update_elem
        *(u64 *)(r7 + 24) = r0
        r1 = arr ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 32) = r0
        *(u32 *)(r10 - 4) = -1
        r1 = arr ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        *(u64 *)(r7 + 40) = 1
no:     r1 = arr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 4
        call bpf_map_update_elem
        *(u64 *)(r7 + 48) = r0
        r0 = 0
        exit

#== a hash: missing keys, flags, full
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 9
        *(u64 *)(r10 - 16) = 42
        r1 = vals ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 2
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        r1 = vals ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 8) = r0
        r8 = 0
fill:   *(u32 *)(r10 - 4) = r8
        r1 = vals ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 1
        call bpf_map_update_elem
        r1 = *(u64 *)(r7 + 16)
        r1 *= 31
        r1 += r0
        *(u64 *)(r7 + 16) = r1
        r8 += 1
        if r8 != 5 goto fill
        *(u32 *)(r10 - 4) = 1
        r1 = vals ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 3
        call bpf_map_update_elem
        *(u64 *)(r7 + 24) = r0
        r1 = vals ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 4
        call bpf_map_update_elem
        *(u64 *)(r7 + 32) = r0
        r1 = vals ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit

#== a hash that is not preallocated
.section xdp
        r7 = out ll
        *(u64 *)(r10 - 16) = 7
        r8 = 0
fill:   *(u32 *)(r10 - 4) = r8
        r1 = bare ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        r1 = *(u64 *)(r7 + 16)
        r1 *= 31
        r1 += r0
        *(u64 *)(r7 + 16) = r1
        r8 += 1
        if r8 != 5 goto fill
        *(u32 *)(r10 - 4) = 2
        r1 = bare ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 24) = r0
        r0 = 2
        exit

#== per-CPU values of this CPU, another, and none
.section tc
        r7 = out ll
        *(u32 *)(r10 - 4) = 1
        *(u64 *)(r10 - 16) = 7
        r1 = parr ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        r1 = pvals ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 8) = r0
        r1 = parr ll
        r2 = r10
        r2 += -4
        r3 = 0
        call bpf_map_lookup_percpu_elem
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 16) = r1
        r1 = pvals ll
        r2 = r10
        r2 += -4
        r3 = 1
        call bpf_map_lookup_percpu_elem
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 24) = r1
        r1 = pvals ll
        r2 = r10
        r2 += -4
        r3 = 100000
        call bpf_map_lookup_percpu_elem
        if r0 != 0 goto no
        *(u64 *)(r7 + 32) = 1
        *(u32 *)(r10 - 4) = 5
        r1 = parr ll
        r2 = r10
        r2 += -4
        r3 = 0
        call bpf_map_lookup_percpu_elem
        if r0 != 0 goto no
        *(u64 *)(r7 + 40) = 1
        r1 = pvals ll
        r2 = r10
        r2 += -4
        r3 = 0
        call bpf_map_lookup_percpu_elem
        if r0 != 0 goto no
        *(u64 *)(r7 + 48) = 1
no:     r0 = 0
        exit

#== an LRU hash with a value for each CPU
.section tc
        r7 = out ll
        *(u64 *)(r10 - 16) = 7
        r8 = 0
fill:   *(u32 *)(r10 - 4) = r8
        r1 = plru ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        r1 = *(u64 *)(r7 + 0)
        r1 += r0
        *(u64 *)(r7 + 0) = r1
        r8 += 1
        if r8 != 20 goto fill
        r1 = plru ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 8) = r1
        r1 = plru ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 16) = r0
        r1 = plru ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 24) = r0
        r1 = plru ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 2
        call bpf_map_update_elem
        *(u64 *)(r7 + 32) = r0
no:     r0 = 0
        exit

#== a trie: the longest prefix, wrong lengths, full
.section tc
        r7 = out ll
        *(u64 *)(r10 - 24) = 1
        *(u32 *)(r10 - 8) = 8
        *(u32 *)(r10 - 4) = 10
        r1 = trie ll
        r2 = r10
        r2 += -8
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 0) = r0
        *(u64 *)(r10 - 24) = 2
        *(u32 *)(r10 - 8) = 16
        *(u32 *)(r10 - 4) = 0x010a
        r1 = trie ll
        r2 = r10
        r2 += -8
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 8) = r0
        *(u32 *)(r10 - 8) = 33
        r1 = trie ll
        r2 = r10
        r2 += -8
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r7 + 16) = r0
        *(u32 *)(r10 - 8) = 32
        *(u32 *)(r10 - 4) = 0x0302010a
        r1 = trie ll
        r2 = r10
        r2 += -8
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 24) = r1
        *(u32 *)(r10 - 4) = 0x0302020a
        r1 = trie ll
        r2 = r10
        r2 += -8
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 32) = r1
        r1 = trie ll
        r2 = r10
        r2 += -8
        call bpf_map_delete_elem
        *(u64 *)(r7 + 40) = r0
        *(u32 *)(r10 - 4) = 11
        r1 = trie ll
        r2 = r10
        r2 += -8
        call bpf_map_lookup_elem
        if r0 != 0 goto no
        *(u64 *)(r7 + 48) = 1
no:     r0 = 0
        exit

#== a queue and a stack: empty, full, dropping the oldest
.section tc
        r7 = out ll
        r8 = 0
push:   *(u64 *)(r10 - 8) = r8
        r1 = fifo ll
        r2 = r10
        r2 += -8
        r3 = 0
        call bpf_map_push_elem
        r1 = *(u64 *)(r7 + 0)
        r1 *= 3
        r1 += r0
        *(u64 *)(r7 + 0) = r1
        r1 = lifo ll
        r2 = r10
        r2 += -8
        r3 = 2
        call bpf_map_push_elem
        r1 = *(u64 *)(r7 + 8)
        r1 *= 3
        r1 += r0
        *(u64 *)(r7 + 8) = r1
        r8 += 1
        if r8 != 5 goto push
        r1 = fifo ll
        r2 = r10
        r2 += -8
        call bpf_map_peek_elem
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 24) = r1
        r1 = lifo ll
        r2 = r10
        r2 += -8
        call bpf_map_peek_elem
        *(u64 *)(r7 + 32) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 40) = r1
        r8 = 0
pop:    r1 = fifo ll
        r2 = r10
        r2 += -8
        call bpf_map_pop_elem
        r1 = *(u64 *)(r7 + 48)
        r1 *= 3
        r1 += r0
        r2 = *(u64 *)(r10 - 8)
        r1 += r2
        *(u64 *)(r7 + 48) = r1
        r1 = lifo ll
        r2 = r10
        r2 += -8
        call bpf_map_pop_elem
        r1 = *(u64 *)(r7 + 56)
        r1 *= 3
        r1 += r0
        r2 = *(u64 *)(r10 - 8)
        r1 += r2
        *(u64 *)(r7 + 56) = r1
        r8 += 1
        if r8 != 4 goto pop
        r1 = fifo ll
        r2 = r10
        r2 += -8
        r3 = 1
        call bpf_map_push_elem
        *(u64 *)(r7 + 64) = r0
        r1 = fifo ll
        r2 = r10
        r2 += -8
        r3 = 3
        call bpf_map_push_elem
        *(u64 *)(r7 + 72) = r0
        r0 = 0
        exit

#== bloom filters know what was pushed, and what was not
.section tc
        r7 = out ll
        r8 = 0
push:   r1 = r8
        r1 *= 7919
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 16) = r8
        *(u64 *)(r10 - 24) = r1
        r1 = bloom ll
        r2 = r10
        r2 += -8
        r3 = 0
        call bpf_map_push_elem
        r9 = r0
        r1 = bloom6 ll
        r2 = r10
        r2 += -8
        r3 = 0
        call bpf_map_push_elem
        r9 += r0
        r1 = bloom20 ll
        r2 = r10
        r2 += -24
        r3 = 0
        call bpf_map_push_elem
        r9 += r0
        r1 = *(u64 *)(r7 + 0)
        r1 += r9
        *(u64 *)(r7 + 0) = r1
        r8 += 1
        if r8 != 30 goto push
        r8 = 0
ask:    r1 = r8
        r1 *= 4001
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 16) = r8
        *(u64 *)(r10 - 24) = r1
        r1 = bloom ll
        r2 = r10
        r2 += -8
        call bpf_map_peek_elem
        r1 = *(u64 *)(r7 + 8)
        r1 *= 31
        r1 += r0
        *(u64 *)(r7 + 8) = r1
        r1 = bloom6 ll
        r2 = r10
        r2 += -8
        call bpf_map_peek_elem
        r1 = *(u64 *)(r7 + 16)
        r1 *= 31
        r1 += r0
        *(u64 *)(r7 + 16) = r1
        r1 = bloom20 ll
        r2 = r10
        r2 += -24
        call bpf_map_peek_elem
        r1 = *(u64 *)(r7 + 24)
        r1 *= 31
        r1 += r0
        *(u64 *)(r7 + 24) = r1
        r8 += 1
        if r8 != 300 goto ask
        r1 = bloom ll
        r2 = r10
        r2 += -8
        r3 = 1
        call bpf_map_push_elem
        *(u64 *)(r7 + 32) = r0
        r1 = bloom ll
        r2 = r10
        r2 += -8
        r3 = 2
        call bpf_map_push_elem
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit

#== maps of devices and sockets that nobody has filled
.section xdp
        r7 = out ll
        *(u32 *)(r10 - 4) = 1
        r1 = devs ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto one
        *(u64 *)(r7 + 0) = 1
one:    *(u32 *)(r10 - 4) = 7
        r1 = devh ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto two
        *(u64 *)(r7 + 8) = 1
two:    r1 = xsks ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto three
        *(u64 *)(r7 + 16) = 1
three:  r0 = 2
        exit

#== maps of sockets that nobody has filled
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = 1
        r1 = socks ll
        r2 = r10
        r2 += -8
        call bpf_map_lookup_elem
        if r0 == 0 goto one
        r1 = r0
        call bpf_sk_release
        *(u64 *)(r7 + 0) = 1
one:    r1 = sockh ll
        r2 = r10
        r2 += -8
        call bpf_map_lookup_elem
        if r0 == 0 goto two
        r1 = r0
        call bpf_sk_release
        *(u64 *)(r7 + 8) = 1
two:    r1 = socks ll
        r2 = r10
        r2 += -8
        call bpf_map_delete_elem
        *(u64 *)(r7 + 16) = r0
        *(u32 *)(r10 - 8) = 9
        r1 = socks ll
        r2 = r10
        r2 += -8
        call bpf_map_delete_elem
        *(u64 *)(r7 + 24) = r0
        r1 = sockh ll
        r2 = r10
        r2 += -8
        call bpf_map_delete_elem
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit
