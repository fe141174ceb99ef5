#= kernel 6.18
# Locks and timers in map values: what is done with them in which order, and what may not touch them.
.license "GPL"
.map locks, array, key=4, value=24, entries=2
.field locks, bpf_spin_lock, 16
.map clocks, array, key=4, value=32, entries=2
.field clocks, bpf_timer, 16
.map others, array, key=4, value=32, entries=2
.field others, bpf_timer, 16

#== value is changed under its lock
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r1 += 16
        call bpf_spin_lock
        r1 = *(u64 *)(r6 + 0)
        r1 += 1
        *(u64 *)(r6 + 0) = r1
        r1 = r6
        r1 += 16
        call bpf_spin_unlock
1:      r0 = 0
        exit

#== lock is read as memory
#= rejected: bpf_spin_lock cannot be accessed directly by load/store (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 16)
1:      r0 = 0
        exit

#== lock is taken twice
#= rejected: function calls are not allowed while holding a lock (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r1 += 16
        call bpf_spin_lock
        r1 = r6
        r1 += 16
        call bpf_spin_lock
1:      r0 = 0
        exit

#== lock is not given back
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 16
        call bpf_spin_lock
1:      r0 = 0
        exit

#== helper is called under a lock
#= rejected: function calls are not allowed while holding a lock (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r0
        r1 += 16
        call bpf_spin_lock
        call bpf_ktime_get_ns
1:      r0 = 0
        exit

#== lock is where none is
#= rejected: off 12 doesn't point to 'struct bpf_spin_lock' that is at 16 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 12
        call bpf_spin_lock
1:      r0 = 0
        exit

#== map with a lock in a kprobe
#= type: kprobe
#= rejected: tracing progs cannot use bpf_spin_lock yet (errno EINVAL)
.section kprobe
        r1 = locks ll
        r0 = 0
        exit

#== map with a lock in a socket filter
#= rejected: socket filter progs cannot use bpf_spin_lock yet (errno EINVAL)
.section socket
        r1 = locks ll
        r0 = 0
        exit

#== timer is made, given a function and started
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = clocks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r1 += 16
        r2 = clocks ll
        r3 = 1
        call bpf_timer_init
        r1 = r6
        r1 += 16
        r2 = tick ll
        call bpf_timer_set_callback
        r1 = r6
        r1 += 16
        r2 = 1000
        r3 = 0
        call bpf_timer_start
1:      r0 = 0
        exit
.text
tick:   r1 = *(u64 *)(r3 + 0)
        r1 += 1
        *(u64 *)(r3 + 0) = r1
        r0 = 0
        exit

#== timer is made with another map than its own
#= rejected: timer pointer in R1 map_uid=0 doesn't match map pointer in R2 map_uid=0 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = clocks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 16
        r2 = others ll
        r3 = 1
        call bpf_timer_init
1:      r0 = 0
        exit

#== function of a timer returns something else than 0
#= rejected: At async callback return the register R0 has smin=1 smax=1 should have been in [0, 0] (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = clocks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 16
        r2 = tick ll
        call bpf_timer_set_callback
1:      r0 = 0
        exit
.text
tick:   r0 = 1
        exit

#== timer is written as memory
#= rejected: bpf_timer cannot be accessed directly by load/store (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = clocks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 24) = 0
1:      r0 = 0
        exit

#== value with a timer is stored
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        *(u64 *)(r10 - 40) = 0
        r1 = clocks ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -40
        r4 = 0
        call bpf_map_update_elem
        r0 = 0
        exit
