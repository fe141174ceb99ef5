# What programs ask of the machine around them: where a simulated one is idle, so is the kernel's for these questions.
.license "GPL"
.map events, perf_event_array, key=4, value=4, entries=512
.map ring, ringbuf, entries=4096
.map groups, cgroup_array, key=4, value=4, entries=3
.bss
out:    .zero 256

#== reading memory by its address
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = 0x61626364
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = r10
        r3 += -8
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 8) = r1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 0
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 24) = r1
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 4096
        call bpf_probe_read_user
        *(u64 *)(r7 + 32) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 40) = r1
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = r10
        r3 += -8
        call bpf_probe_read_user
        *(u64 *)(r7 + 48) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 56) = r1
        r0 = 0
        exit

#== reading nothing
.section tc
        r7 = out ll
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_probe_read_kernel_str
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_probe_read_user
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_probe_read_user_str
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_probe_read_kernel_str
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit

#== reading strings by their address
.section xdp
        r7 = out ll
        *(u64 *)(r10 - 8) = 0x61626364
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = r10
        r3 += -8
        call bpf_probe_read_kernel_str
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 8) = r1
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 3
        r3 = r10
        r3 += -8
        call bpf_probe_read_kernel_str
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 24) = r1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 0
        call bpf_probe_read_kernel_str
        *(u64 *)(r7 + 32) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 40) = r1
        *(u64 *)(r10 - 16) = -1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 4096
        call bpf_probe_read_user_str
        *(u64 *)(r7 + 48) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r7 + 56) = r1
        r0 = 2
        exit

#== addresses that nobody has
.section tc
        r7 = out ll
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 0x7ffffffff000 ll
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = -4096
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 0x800000000000 ll
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 0x800000002000 ll
        call bpf_probe_read_kernel
        *(u64 *)(r7 + 24) = r0
        r0 = 0
        exit

#== counters of events
.section tc
        r7 = out ll
        r1 = events ll
        r2 = 0xffffffff ll
        call bpf_perf_event_read
        *(u64 *)(r7 + 0) = r0
        r1 = events ll
        r2 = 600
        call bpf_perf_event_read
        *(u64 *)(r7 + 8) = r0
        r1 = events ll
        r2 = 0x1ffffffff ll
        call bpf_perf_event_read
        *(u64 *)(r7 + 16) = r0
        r1 = events ll
        r2 = 0
        call bpf_perf_event_read
        *(u64 *)(r7 + 24) = r0
        r1 = events ll
        r2 = 511
        call bpf_perf_event_read
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit

#== counters of events, with their times
.section tc
        r7 = out ll
        r1 = events ll
        r2 = 0xffffffff ll
        r3 = r10
        r3 += -24
        r4 = 24
        call bpf_perf_event_read_value
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 8) = r1
        *(u64 *)(r10 - 24) = -1
        r1 = events ll
        r2 = 0xffffffff ll
        r3 = r10
        r3 += -24
        r4 = 16
        call bpf_perf_event_read_value
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 24) = r1
        r1 = events ll
        r2 = 600
        r3 = r10
        r3 += -24
        r4 = 24
        call bpf_perf_event_read_value
        *(u64 *)(r7 + 32) = r0
        r1 = events ll
        r2 = 0x1ffffffff ll
        r3 = r10
        r3 += -24
        r4 = 24
        call bpf_perf_event_read_value
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit

#== the current task's control groups
.section tc
        r7 = out ll
        r1 = groups ll
        r2 = 0
        call bpf_current_task_under_cgroup
        *(u64 *)(r7 + 0) = r0
        r1 = groups ll
        r2 = 3
        call bpf_current_task_under_cgroup
        *(u64 *)(r7 + 8) = r0
        r1 = 100
        call bpf_get_current_ancestor_cgroup_id
        *(u64 *)(r7 + 16) = r0
        r1 = -1
        call bpf_get_current_ancestor_cgroup_id
        *(u64 *)(r7 + 24) = r0
        r0 = 0
        exit

#== namespaces of processes
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = 0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_get_ns_current_pid_tgid
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        *(u64 *)(r10 - 8) = -1
        r1 = 0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 4
        call bpf_get_ns_current_pid_tgid
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 24) = r1
        r1 = 0x100000000 ll
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_get_ns_current_pid_tgid
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit

#== branches that were taken
.section tc
        r7 = out ll
        r1 = r10
        r1 += -24
        r2 = 24
        r3 = 0
        call bpf_get_branch_snapshot
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -24
        r2 = 24
        r3 = 1
        call bpf_get_branch_snapshot
        *(u64 *)(r7 + 8) = r0
        r0 = 0
        exit

#== a ring buffer is asked, filled, and full
.section tc
        r7 = out ll
        r1 = ring ll
        r2 = 0
        call bpf_ringbuf_query
        *(u64 *)(r7 + 0) = r0
        r1 = ring ll
        r2 = 1
        call bpf_ringbuf_query
        *(u64 *)(r7 + 8) = r0
        r1 = ring ll
        r2 = 4
        call bpf_ringbuf_query
        *(u64 *)(r7 + 16) = r0
        r1 = ring ll
        r2 = 2000
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto no
        r8 = r0
        r1 = ring ll
        r2 = 0
        call bpf_ringbuf_query
        *(u64 *)(r7 + 24) = r0
        r1 = ring ll
        r2 = 2080
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto full
        r1 = r0
        r2 = 0
        call bpf_ringbuf_discard
        *(u64 *)(r7 + 40) = 1
full:   r1 = r8
        r2 = 0
        call bpf_ringbuf_discard
        *(u64 *)(r7 + 48) = 1
        *(u64 *)(r10 - 8) = 5
        r1 = ring ll
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 4
        call bpf_ringbuf_output
        *(u64 *)(r7 + 56) = r0
        r1 = ring ll
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 2
        call bpf_ringbuf_output
        *(u64 *)(r7 + 64) = r0
        r1 = ring ll
        r2 = r10
        r2 += -8
        r3 = 5
        r4 = 0
        call bpf_ringbuf_output
        *(u64 *)(r7 + 72) = r0
no:     r0 = 0
        exit

#== packet bytes go with an event
.section tc
        r6 = r1
        r7 = out ll
        *(u64 *)(r10 - 8) = 0x5566
        r2 = events ll
        r3 = 0xeffffffff ll
        r4 = r10
        r4 += -8
        r5 = 6
        call bpf_perf_event_output
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = events ll
        r3 = 0xfffffffffffff ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        r2 = events ll
        r3 = 0x100000ffffffff ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        *(u64 *)(r7 + 16) = r0
        r1 = r6
        r2 = events ll
        r3 = 600
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        *(u64 *)(r7 + 24) = r0
        r1 = r6
        r2 = events ll
        r3 = 0
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit

#== packet bytes go with an event of xdp, and of a socket filter
.section xdp
        r6 = r1
        r7 = out ll
        *(u64 *)(r10 - 8) = 0x5566
        r2 = events ll
        r3 = 0x14ffffffff ll
        r4 = r10
        r4 += -8
        r5 = 4
        call bpf_perf_event_output
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = events ll
        r3 = 0xfffffffffffff ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        *(u64 *)(r7 + 8) = r0
        r0 = 2
        exit

#== clocks go forward
.section tc
        call bpf_ktime_get_ns
        r6 = r0
        call bpf_ktime_get_boot_ns
        r0 -= r6
        if r0 s< 0 goto no
        call bpf_ktime_get_coarse_ns
        r8 = r0
        call bpf_ktime_get_tai_ns
        if r8 s> r0 goto no
        call bpf_jiffies64
        r8 = r0
        call bpf_jiffies64
        if r8 > r0 goto no
        r0 = 1
        exit
no:     r0 = 2
        exit

#== the current task is some task
.section tc
        r7 = out ll
        r1 = r10
        r1 += -16
        r2 = 16
        call bpf_get_current_comm
        *(u64 *)(r7 + 0) = r0
        r1 = *(u8 *)(r10 - 1)
        *(u64 *)(r7 + 8) = r1
        call bpf_get_numa_node_id
        *(u64 *)(r7 + 16) = r0
        call bpf_get_smp_processor_id
        *(u64 *)(r7 + 24) = r0
        call bpf_get_prandom_u32
        r0 >>= 32
        *(u64 *)(r7 + 32) = r0
        call bpf_get_current_pid_tgid
        call bpf_get_current_uid_gid
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit
