# Timers in values of maps. The kernel's run by their own, so that only what does not wait for one is compared.
.license "GPL"
.map timed, array, key=4, value=24, entries=2
.field timed, bpf_timer, 8
.map hashed, hash, key=4, value=24, entries=4
.field hashed, bpf_timer, 0
.bss
out:    .zero 128

#== what is not initialised
.section tc
        *(u32 *)(r10 - 4) = 0
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r6 += 8
        r7 = out ll
        r1 = r6
        r2 = tick ll
        call bpf_timer_set_callback
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = 1000
        r3 = 0
        call bpf_timer_start
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        call bpf_timer_cancel
        *(u64 *)(r7 + 16) = r0
        r1 = r6
        r2 = 1000
        r3 = 4
        call bpf_timer_start
        *(u64 *)(r7 + 24) = r0
no:     r0 = 0
        exit
.text
tick:   r0 = 0
        exit
        .type tick, @function

#== clocks that there are, and that there are not
.section tc
        *(u32 *)(r10 - 4) = 0
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r6 += 8
        r7 = out ll
        r1 = r6
        r2 = timed ll
        r3 = 2
        call bpf_timer_init
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = timed ll
        r3 = 17
        call bpf_timer_init
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        r2 = timed ll
        r3 = 7
        call bpf_timer_init
        r1 = *(u64 *)(r7 + 16)
        r1 <<= 8
        r1 ^= r0
        *(u64 *)(r7 + 16) = r1
        r1 = r6
        r2 = timed ll
        r3 = 0
        call bpf_timer_init
        *(u64 *)(r7 + 24) = r0
no:     r0 = 0
        exit

#== a timer is started and cancelled
.section xdp
        *(u32 *)(r10 - 4) = 1
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r6 += 8
        r7 = out ll
        r1 = r6
        r2 = timed ll
        r3 = 1
        call bpf_timer_init
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = 1000
        r3 = 0
        call bpf_timer_start
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        r2 = tick ll
        call bpf_timer_set_callback
        *(u64 *)(r7 + 16) = r0
        r1 = r6
        r2 = 3600000000000 ll
        r3 = 0
        call bpf_timer_start
        *(u64 *)(r7 + 24) = r0
        r1 = r6
        r2 = 3600000000000 ll
        r3 = 0
        call bpf_timer_start
        *(u64 *)(r7 + 32) = r0
        r1 = r6
        call bpf_timer_cancel
        *(u64 *)(r7 + 40) = r0
        r1 = r6
        call bpf_timer_cancel
        *(u64 *)(r7 + 48) = r0
        r1 = r6
        r2 = 1000
        r3 = 0
        call bpf_timer_start
        *(u64 *)(r7 + 56) = r0
no:     r0 = 2
        exit
.text
tick:   r0 = 0
        exit
        .type tick, @function

# Once for each capture: a kernel gives the memory of timers back late, and has none at hand for many that come and go.
#== a timer ends with its entry
.section tc
        r7 = out ll
        r1 = *(u64 *)(r7 + 120)
        if r1 != 0 goto no
        *(u64 *)(r7 + 120) = 1
        *(u32 *)(r10 - 4) = 1
        *(u64 *)(r10 - 16) = 11
        *(u64 *)(r10 - 24) = 12
        *(u64 *)(r10 - 32) = 13
        r1 = hashed ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 0
        call bpf_map_update_elem
        r1 = hashed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r7 = out ll
        r1 = r6
        r2 = hashed ll
        r3 = 1
        call bpf_timer_init
        *(u64 *)(r7 + 0) = r0
        r1 = hashed ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        *(u64 *)(r7 + 8) = r0
        r1 = hashed ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 0
        call bpf_map_update_elem
        r1 = hashed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r1 = *(u64 *)(r6 + 16)
        *(u64 *)(r7 + 16) = r1
        r1 = r6
        r2 = hashed ll
        r3 = 1
        call bpf_timer_init
        *(u64 *)(r7 + 24) = r0
no:     r0 = 0
        exit

#== storing to an array's entry ends its timer
.section tc
        *(u32 *)(r10 - 4) = 0
        *(u64 *)(r10 - 16) = 11
        *(u64 *)(r10 - 24) = 12
        *(u64 *)(r10 - 32) = 13
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r6 += 8
        r7 = out ll
        r1 = r6
        r2 = timed ll
        r3 = 1
        call bpf_timer_init
        *(u64 *)(r7 + 0) = r0
        r1 = timed ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -32
        r4 = 0
        call bpf_map_update_elem
        r1 = r6
        r2 = timed ll
        r3 = 1
        call bpf_timer_init
        *(u64 *)(r7 + 8) = r0
no:     r0 = 0
        exit
