#= kernel 6.18
# Which helper takes which type of map, and what keys and values they are given.
.license "GPL"
.map hash, hash, key=4, value=8, entries=4
.map arr, array, key=4, value=8, entries=4
.map big, hash, key=16, value=32, entries=4
.map lpm, lpm_trie, key=8, value=8, entries=4, flags=1
.map progs, prog_array, key=4, value=4, entries=4
.map perf, perf_event_array, key=4, value=4, entries=4
.map stacks, stack_trace, key=4, value=8, entries=4
.map cgroups, cgroup_array, key=4, value=4, entries=4
.map outer, array_of_maps, key=4, value=4, entries=2
.inner outer, array, key=4, value=8, entries=1
.map outerh, hash_of_maps, key=4, value=4, entries=2
.inner outerh, hash, key=4, value=8, entries=4
.map devs, devmap, key=4, value=4, entries=4
.map devh, devmap_hash, key=4, value=4, entries=4
.map cpus, cpumap, key=4, value=4, entries=4
.map xsks, xskmap, key=4, value=4, entries=4
.map socks, sockmap, key=4, value=4, entries=4
.map sockh, sockhash, key=4, value=4, entries=4
.map reuse, reuseport_sockarray, key=4, value=8, entries=4
.map queue, queue, value=8, entries=4
.map stack, stack, value=8, entries=4
.map ring, ringbuf, entries=4096
.map bloom, bloom_filter, value=8, entries=4
.map pcpu, percpu_array, key=4, value=8, entries=4
.map pcpuh, percpu_hash, key=4, value=8, entries=4
.map uring, user_ringbuf, entries=4096

#== look-up in a trie
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = lpm ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a program array
#= rejected: cannot pass map_type 3 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = progs ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a perf event array
#= rejected: cannot pass map_type 4 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = perf ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a stack trace map
#= rejected: cannot pass map_type 7 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = stacks ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a cgroup array
#= rejected: cannot pass map_type 8 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = cgroups ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a device map
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = devs ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a cpu map
#= rejected: cannot pass map_type 16 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = cpus ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a socket map
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = socks ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a queue
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = queue ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a ring buffer
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = ring ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a bloom filter
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = bloom ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in an array of maps
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a reuseport array
#= rejected: cannot pass map_type 20 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = reuse ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a per-CPU hash
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = pcpuh ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a user ring buffer
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = uring ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== look-up in a socket map leaves a reference
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = sockh ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 = 0
        exit
1:      exit

#== look-up in a socket map, released
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = sockh ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== look-up in a socket map from xdp
#= accepted
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = socks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== look-up in a device map from xdp
#= accepted
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = devs ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 0)
1:      r0 = 0
        exit

#== value of a device map is not written
#= rejected: write into map forbidden, value_size=4 off=0 size=4 (errno EACCES)
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = devs ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u32 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== look-up in an xsk map gives a socket of xdp
#= accepted
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = xsks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 0)
1:      r0 = 0
        exit

#== socket of xdp is not written
#= rejected: R0 cannot write into xdp_sock (errno EACCES)
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = xsks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u32 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== socket of xdp is not read past its field
#= rejected: R0 invalid xdp_sock access off=4 size=4 (errno EACCES)
.section xdp
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = xsks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 4)
1:      r0 = 0
        exit

#== update of a hash map
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = hash ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a program array
#= rejected: cannot pass map_type 3 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = progs ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a device map
#= rejected: write into map forbidden (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = devs ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a queue
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = queue ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a ring buffer
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = ring ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of an array of maps
#= rejected: cannot pass map_type 12 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = outer ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a stack trace map
#= rejected: cannot pass map_type 7 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = stacks ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a cgroup array
#= rejected: cannot pass map_type 8 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = cgroups ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a bloom filter
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = bloom ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== update of a socket map of a number
#= rejected: R3 type=fp expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = sockh ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== deletion in a hash map
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = hash ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in an array
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = arr ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in a program array
#= rejected: cannot pass map_type 3 into func bpf_map_delete_elem#3 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = progs ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in a queue
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = queue ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in a hash of maps
#= rejected: cannot pass map_type 13 into func bpf_map_delete_elem#3 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outerh ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in a stack trace map
#= rejected: cannot pass map_type 7 into func bpf_map_delete_elem#3 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = stacks ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== deletion in a socket hash
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = sockh ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== push to a queue
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 0
        r1 = queue ll
        call bpf_map_push_elem
        r0 = 0
        exit

#== push to a bloom filter
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 0
        r1 = bloom ll
        call bpf_map_push_elem
        r0 = 0
        exit

#== push to a hash map
#= rejected: cannot pass map_type 1 into func bpf_map_push_elem#87 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 0
        r1 = hash ll
        call bpf_map_push_elem
        r0 = 0
        exit

#== pop from a stack
#= accepted
.section tc
        r2 = r10
        r2 += -8
        r1 = stack ll
        call bpf_map_pop_elem
        r0 = *(u64 *)(r10 - 8)
        exit

#== pop from a bloom filter
#= rejected: cannot pass map_type 30 into func bpf_map_pop_elem#88 (errno EINVAL)
.section tc
        r2 = r10
        r2 += -8
        r1 = bloom ll
        call bpf_map_pop_elem
        r0 = 0
        exit

#== peek into a bloom filter
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 0
        r1 = bloom ll
        call bpf_map_peek_elem
        r0 = 0
        exit

#== peek into an array
#= rejected: cannot pass map_type 2 into func bpf_map_peek_elem#89 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 0
        r1 = arr ll
        call bpf_map_peek_elem
        r0 = 0
        exit

#== pop of less than a value
#= rejected: invalid write to stack R2 off=-4 size=8 (errno EINVAL)
.section tc
        r2 = r10
        r2 += -4
        r1 = queue ll
        call bpf_map_pop_elem
        r0 = 0
        exit

#== tail call through a hash map
#= rejected: expected prog array map for tail call (errno EINVAL)
.section tc
        r2 = hash ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call through a program array
#= accepted
.section tc
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== perf output to a perf event array
#= accepted
.section tc
        r2 = perf ll
        r3 = 0
        *(u64 *)(r10 - 8) = 0
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        r0 = 0
        exit

#== perf output to a ring buffer
#= rejected: cannot pass map_type 27 into func bpf_perf_event_output#25 (errno EINVAL)
.section tc
        r2 = ring ll
        r3 = 0
        *(u64 *)(r10 - 8) = 0
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        r0 = 0
        exit

#== perf event is read from a perf event array
#= accepted
.section kprobe
        r1 = perf ll
        r2 = 0
        call bpf_perf_event_read
        r0 = 0
        exit

#== perf event is read from an array
#= rejected: cannot pass map_type 2 into func bpf_perf_event_read#22 (errno EINVAL)
.section kprobe
        r1 = arr ll
        r2 = 0
        call bpf_perf_event_read
        r0 = 0
        exit

#== stack trace to a stack trace map
#= accepted
.section kprobe
        r2 = stacks ll
        r3 = 0
        call bpf_get_stackid
        r0 = 0
        exit

#== stack trace to a hash map
#= rejected: cannot pass map_type 1 into func bpf_get_stackid#27 (errno EINVAL)
.section kprobe
        r2 = hash ll
        r3 = 0
        call bpf_get_stackid
        r0 = 0
        exit

#== cgroup test with a cgroup array
#= accepted
.section tc
        r2 = cgroups ll
        r3 = 0
        call bpf_skb_under_cgroup
        r0 = 0
        exit

#== cgroup test with an array
#= rejected: cannot pass map_type 2 into func bpf_skb_under_cgroup#33 (errno EINVAL)
.section tc
        r2 = arr ll
        r3 = 0
        call bpf_skb_under_cgroup
        r0 = 0
        exit

#== current task cgroup test with a program array
#= rejected: cannot pass map_type 3 into func bpf_current_task_under_cgroup#37 (errno EINVAL)
.section kprobe
        r1 = progs ll
        r2 = 0
        call bpf_current_task_under_cgroup
        r0 = 0
        exit

#== redirect through a device map
#= accepted
.section xdp
        r1 = devs ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== redirect through a device hash
#= accepted
.section xdp
        r1 = devh ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== redirect through a cpu map
#= accepted
.section xdp
        r1 = cpus ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== redirect through an xsk map
#= accepted
.section xdp
        r1 = xsks ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== redirect through a hash map
#= rejected: cannot pass map_type 1 into func bpf_redirect_map#51 (errno EINVAL)
.section xdp
        r1 = hash ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== redirect through a socket map
#= rejected: cannot pass map_type 15 into func bpf_redirect_map#51 (errno EINVAL)
.section xdp
        r1 = socks ll
        r2 = 0
        r3 = 0
        call bpf_redirect_map
        exit

#== reservation in a ring buffer of a hash map
#= rejected: cannot pass map_type 1 into func bpf_ringbuf_reserve#131 (errno EINVAL)
.section tc
        r1 = hash ll
        r2 = 8
        r3 = 0
        call bpf_ringbuf_reserve
        r0 = 0
        exit

#== output to a ring buffer
#= accepted
.section tc
        r1 = ring ll
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 0
        call bpf_ringbuf_output
        r0 = 0
        exit

#== output to a user ring buffer
#= rejected: cannot pass map_type 31 into func bpf_ringbuf_output#130 (errno EINVAL)
.section tc
        r1 = uring ll
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 0
        call bpf_ringbuf_output
        r0 = 0
        exit

#== query of a ring buffer
#= accepted
.section tc
        r1 = ring ll
        r2 = 0
        call bpf_ringbuf_query
        r0 = 0
        exit

#== query of a queue
#= rejected: cannot pass map_type 22 into func bpf_ringbuf_query#134 (errno EINVAL)
.section tc
        r1 = queue ll
        r2 = 0
        call bpf_ringbuf_query
        r0 = 0
        exit

#== value of another CPU of a per-CPU map
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = 0
        r1 = pcpu ll
        call bpf_map_lookup_percpu_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== value of another CPU of a plain map
#= rejected: cannot pass map_type 2 into func bpf_map_lookup_percpu_elem#195 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = 0
        r1 = arr ll
        call bpf_map_lookup_percpu_elem
        r0 = 0
        exit

#== socket of a socket map is redirected to
#= rejected: program of this type cannot use helper bpf_sk_redirect_map#52 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r3 = 0
        r4 = 0
        r1 = r6
        r2 = socks ll
        call bpf_sk_redirect_map
        r0 = 0
        exit

#== socket is assigned to a socket map only by its programs
#= rejected: program of this type cannot use helper bpf_sock_map_update#53 (errno EINVAL)
.section tc
        r1 = r1
        r2 = socks ll
        r3 = r10
        r3 += -8
        *(u64 *)(r10 - 8) = 0
        r4 = 0
        call bpf_sock_map_update
        r0 = 0
        exit

#== inner map of an array of maps is looked up
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = r10
        r2 += -16
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== inner map without a check against null
#= rejected: R1 type=map_value_or_null expected=map_ptr (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        r1 = r0
        r2 = r10
        r2 += -16
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== inner map is no memory
#= rejected: only read from bpf_array is supported (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== value of an inner map ends as its template says
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = r10
        r2 += -16
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 8)
1:      r0 = 0
        exit

#== arithmetic on an inner map
#= rejected: R0 pointer arithmetic on map_ptr prohibited (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = outer ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r0 += 8
1:      r0 = 0
        exit

#== template of maps is not updated
#= rejected: cannot pass map_type 13 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -8
        r4 = 0
        r1 = outerh ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== key is as long as the map says
#= rejected: invalid read from stack R2 off=-8 size=16 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r1 = big ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== key of the whole length
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        r2 = r10
        r2 += -16
        r1 = big ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== value is as long as the map says
#= rejected: invalid read from stack R3 off=-24 size=32 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r10
        r3 += -24
        r4 = 0
        r1 = big ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== key is no number
#= rejected: R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r2 = 0
        r1 = hash ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== key is no context
#= rejected: R2 type=ctx expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r2 = r1
        r1 = hash ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== key is no map
#= rejected: R2 type=map_ptr expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = hash ll
        r2 = r1
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== key is a value of a map
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = hash ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r2 = r0
        r1 = arr ll
        call bpf_map_lookup_elem
1:      r0 = 0
        exit

#== key past the end of a value
#= rejected: R2 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = hash ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r2 = r0
        r2 += 6
        r1 = arr ll
        call bpf_map_lookup_elem
1:      r0 = 0
        exit

#== key is unset
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r1 = hash ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== map is no number
#= rejected: R1 type=scalar expected=map_ptr (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = 0
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== map is no stack
#= rejected: R1 type=fp expected=map_ptr (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = r10
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== map is no context
#= rejected: R1 type=ctx expected=map_ptr (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = r6
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== flags of an update are unset
#= rejected: R4 !read_ok (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r2
        r1 = hash ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== flags of an update are no pointer, unprivileged
#= unprivileged
#= rejected: R4 leaks addr into helper function (errno EACCES)
.section socket
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r2
        r4 = r10
        r1 = hash ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== flags of an update may be a pointer, privileged
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = r2
        r4 = r10
        r1 = hash ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== value of an update is no number
#= rejected: R3 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = 5
        r4 = 0
        r1 = hash ll
        call bpf_map_update_elem
        r0 = 0
        exit

#== two maps in one call
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r7 = *(u32 *)(r6 + 0)
        r1 = hash ll
        if r7 == 0 goto 2f
        r1 = arr ll
2:      call bpf_map_lookup_elem
        r0 = 0
        exit

#== two maps of one type with different values in one call
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r7 = *(u32 *)(r6 + 0)
        r1 = hash ll
        if r7 == 0 goto 2f
        r1 = big ll
2:      call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r0 + 24)
1:      r0 = 0
        exit
