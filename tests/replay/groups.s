# Storage of the control group that a program is attached to. A test run is of none, and has storage of its own: zeroes.
.license "GPL"
.bss
out:    .zero 64

#== storage is of zeroes, and is the same each time that it is asked for
.map kept, cgroup_storage, key=16, value=16, entries=0
.section cgroup_skb/ingress
        r7 = out ll
        r1 = kept ll
        r2 = 0
        call bpf_get_local_storage
        r8 = r0
        r1 = *(u64 *)(r8 + 0)
        *(u64 *)(r7 + 0) = r1
        *(u64 *)(r8 + 0) = 77
        *(u64 *)(r8 + 8) = 78
        r1 = kept ll
        r2 = 0
        call bpf_get_local_storage
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 8) = r1
        r1 = *(u64 *)(r0 + 8)
        *(u64 *)(r7 + 16) = r1
        r0 -= r8
        *(u64 *)(r7 + 24) = r0
        r0 = 1
        exit

#== storage that both directions share
.map kept, cgroup_storage, key=8, value=4, entries=0
.section cgroup_skb/egress
        r7 = out ll
        r1 = kept ll
        r2 = 0
        call bpf_get_local_storage
        r1 = 1
        lock *(u32 *)(r0 + 0) += r1
        r1 = *(u32 *)(r0 + 0)
        *(u64 *)(r7 + 0) = r1
        r0 = 1
        exit

#== storage of this CPU, beside storage of all
.map kept, cgroup_storage, key=16, value=8, entries=0
.map mine, percpu_cgroup_storage, key=16, value=8, entries=0
.section cgroup_skb/ingress
        r7 = out ll
        r1 = mine ll
        r2 = 0
        call bpf_get_local_storage
        r8 = r0
        r1 = *(u64 *)(r8 + 0)
        r1 += 3
        *(u64 *)(r8 + 0) = r1
        *(u64 *)(r7 + 0) = r1
        r1 = kept ll
        r2 = 0
        call bpf_get_local_storage
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 8) = r1
        *(u64 *)(r0 + 0) = 5
        r1 = *(u64 *)(r8 + 0)
        *(u64 *)(r7 + 16) = r1
        r0 = 1
        exit
