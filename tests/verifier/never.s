#= kernel 6.18
# What no program that sees packets can call or use, whatever it passes: the kernel's word for each function and map type
# that HELPERS.md says `never runs` of.
.license "GPL"

#== a socket filter copies from user space
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section socket
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== a socket filter copies from a task
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section socket
        call bpf_get_current_task_btf
        r4 = r0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r5 = 0
        call bpf_copy_from_user_task
        r0 = 0
        exit

#== a tc program copies from user space
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== a tc program copies from a task
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section tc
        call bpf_get_current_task_btf
        r4 = r0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r5 = 0
        call bpf_copy_from_user_task
        r0 = 0
        exit

#== a tc action copies from user space
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section action
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== a tc action copies from a task
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section action
        call bpf_get_current_task_btf
        r4 = r0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r5 = 0
        call bpf_copy_from_user_task
        r0 = 0
        exit

#== a XDP program copies from user space
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section xdp
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== a XDP program copies from a task
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section xdp
        call bpf_get_current_task_btf
        r4 = r0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r5 = 0
        call bpf_copy_from_user_task
        r0 = 0
        exit

#== a cgroup program copies from user space
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section cgroup_skb/ingress
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== a cgroup program copies from a task
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_get_current_task_btf
        r4 = r0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r5 = 0
        call bpf_copy_from_user_task
        r0 = 0
        exit

#== bpf_arena_alloc_pages sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_arena_alloc_pages (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_arena_alloc_pages
        r0 = 0
        exit
        .extern bpf_arena_alloc_pages

#== bpf_arena_free_pages sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_arena_free_pages (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_arena_free_pages
        r0 = 0
        exit
        .extern bpf_arena_free_pages

#== bpf_arena_reserve_pages sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_arena_reserve_pages (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_arena_reserve_pages
        r0 = 0
        exit
        .extern bpf_arena_reserve_pages

#== bpf_copy_from_user_dynptr sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_dynptr (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_dynptr
        r0 = 0
        exit
        .extern bpf_copy_from_user_dynptr

#== bpf_copy_from_user_str sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_str (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_str
        r0 = 0
        exit
        .extern bpf_copy_from_user_str

#== bpf_copy_from_user_str_dynptr sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_str_dynptr (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_str_dynptr
        r0 = 0
        exit
        .extern bpf_copy_from_user_str_dynptr

#== bpf_copy_from_user_task_dynptr sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_task_dynptr (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_task_dynptr
        r0 = 0
        exit
        .extern bpf_copy_from_user_task_dynptr

#== bpf_copy_from_user_task_str sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_task_str (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_task_str
        r0 = 0
        exit
        .extern bpf_copy_from_user_task_str

#== bpf_copy_from_user_task_str_dynptr sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_task_str_dynptr (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_copy_from_user_task_str_dynptr
        r0 = 0
        exit
        .extern bpf_copy_from_user_task_str_dynptr

#== bpf_iter_dmabuf_destroy sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_dmabuf_destroy (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_dmabuf_destroy
        r0 = 0
        exit
        .extern bpf_iter_dmabuf_destroy

#== bpf_iter_dmabuf_new sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_dmabuf_new (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_dmabuf_new
        r0 = 0
        exit
        .extern bpf_iter_dmabuf_new

#== bpf_iter_dmabuf_next sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_dmabuf_next (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_dmabuf_next
        r0 = 0
        exit
        .extern bpf_iter_dmabuf_next

#== bpf_iter_kmem_cache_destroy sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_kmem_cache_destroy (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_kmem_cache_destroy
        r0 = 0
        exit
        .extern bpf_iter_kmem_cache_destroy

#== bpf_iter_kmem_cache_new sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_kmem_cache_new (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_kmem_cache_new
        r0 = 0
        exit
        .extern bpf_iter_kmem_cache_new

#== bpf_iter_kmem_cache_next sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_iter_kmem_cache_next (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_iter_kmem_cache_next
        r0 = 0
        exit
        .extern bpf_iter_kmem_cache_next

#== bpf_lookup_user_key sleeps
#= rejected: program must be sleepable to call sleepable kfunc bpf_lookup_user_key (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_lookup_user_key
        r0 = 0
        exit
        .extern bpf_lookup_user_key

#== the trap that compilers put
#= rejected: unexpected __bpf_trap() due to uninitialized variable? (errno EFAULT)
.section xdp
        call __bpf_trap
        r0 = 0
        exit
        .extern __bpf_trap

#== bpf_sock_addr_set_sun_path takes another context
#= rejected: arg#0 pointer type STRUCT bpf_sock_addr_kern must point to scalar, or struct with scalar (errno EINVAL)
.section cgroup_skb/ingress
        r2 = 0
        r3 = 0
        call bpf_sock_addr_set_sun_path
        r0 = 0
        exit
        .extern bpf_sock_addr_set_sun_path

#== bpf_sock_addr_set_sun_path does not take a socket
#= rejected: kernel function bpf_sock_addr_set_sun_path args#0 expected pointer to STRUCT bpf_sock_addr_kern but R1 has a pointer to STRUCT sock_common (errno EINVAL)
.section cgroup_skb/ingress
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto no
        r2 = 0
        r3 = 0
        call bpf_sock_addr_set_sun_path
no:        r0 = 0
        exit
        .extern bpf_sock_addr_set_sun_path

#== bpf_sock_ops_enable_tx_tstamp takes another context
#= rejected: arg#0 pointer type STRUCT bpf_sock_ops_kern must point to scalar, or struct with scalar (errno EINVAL)
.section cgroup_skb/ingress
        r2 = 0
        r3 = 0
        call bpf_sock_ops_enable_tx_tstamp
        r0 = 0
        exit
        .extern bpf_sock_ops_enable_tx_tstamp

#== bpf_sock_ops_enable_tx_tstamp does not take a socket
#= rejected: kernel function bpf_sock_ops_enable_tx_tstamp args#0 expected pointer to STRUCT bpf_sock_ops_kern but R1 has a pointer to STRUCT sock_common (errno EINVAL)
.section cgroup_skb/ingress
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto no
        r2 = 0
        r3 = 0
        call bpf_sock_ops_enable_tx_tstamp
no:        r0 = 0
        exit
        .extern bpf_sock_ops_enable_tx_tstamp

#== css_task iterators are for programs that sleep, or of security modules
#= rejected: css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs (errno EINVAL)
.section cgroup_skb/ingress
        r1 = 1
        call bpf_cgroup_from_id
        if r0 == 0 goto no
        r6 = r0
        r1 = r10
        r1 += -24
        r2 = r6
        r3 = 0
        call bpf_iter_css_task_new
        r1 = r10
        r1 += -24
        call bpf_iter_css_task_destroy
        r1 = r6
        call bpf_cgroup_release
no:        r0 = 0
        exit
        .extern bpf_cgroup_from_id
        .extern bpf_cgroup_release
        .extern bpf_iter_css_task_new
        .extern bpf_iter_css_task_destroy

#== bpf_iter_css_task_next takes what nobody has made
#= rejected: expected an initialized iter_css_task as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -24
        call bpf_iter_css_task_next
        r0 = 0
        exit
        .extern bpf_iter_css_task_next

#== bpf_iter_css_task_destroy takes what nobody has made
#= rejected: expected an initialized iter_css_task as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -24
        call bpf_iter_css_task_destroy
        r0 = 0
        exit
        .extern bpf_iter_css_task_destroy

#== stack_trace: lookup
#= rejected: cannot pass map_type 7 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = m ll
        call bpf_map_lookup_elem
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=4

#== stack_trace: update
#= rejected: cannot pass map_type 7 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        *(u64 *)(r10 - 16) = 0
        r4 = 0
        r1 = m ll
        call bpf_map_update_elem
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=4

#== stack_trace: delete
#= rejected: cannot pass map_type 7 into func bpf_map_delete_elem#3 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = m ll
        call bpf_map_delete_elem
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=4

#== reuseport_sockarray: lookup
#= rejected: cannot pass map_type 20 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = m ll
        call bpf_map_lookup_elem
        r0 = 0
        exit
.map m, reuseport_sockarray, key=4, value=4, entries=4

#== reuseport_sockarray: update
#= rejected: cannot pass map_type 20 into func bpf_map_update_elem#2 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        *(u64 *)(r10 - 16) = 0
        r4 = 0
        r1 = m ll
        call bpf_map_update_elem
        r0 = 0
        exit
.map m, reuseport_sockarray, key=4, value=4, entries=4

#== reuseport_sockarray: delete
#= rejected: cannot pass map_type 20 into func bpf_map_delete_elem#3 (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = m ll
        call bpf_map_delete_elem
        r0 = 0
        exit
.map m, reuseport_sockarray, key=4, value=4, entries=4

#== bpf_get_stackid is for others
#= rejected: program of this type cannot use helper bpf_get_stackid#27 (errno EINVAL)
.section tc
        r2 = m ll
        r3 = 0
        r4 = 0
        call bpf_get_stackid
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=4

#== bpf_sk_select_reuseport is for others
#= rejected: program of this type cannot use helper bpf_sk_select_reuseport#82 (errno EINVAL)
.section tc
        r2 = m ll
        r3 = 0
        r4 = 0
        call bpf_sk_select_reuseport
        r0 = 0
        exit
.map m, reuseport_sockarray, key=4, value=4, entries=4

#== bpf_inode_storage_get is for others
#= rejected: program of this type cannot use helper bpf_inode_storage_get#145 (errno EINVAL)
.section tc
        r2 = 0
        r3 = 0
        r4 = 0
        call bpf_inode_storage_get
        r0 = 0
        exit

#== bpf_inode_storage_delete is for others
#= rejected: program of this type cannot use helper bpf_inode_storage_delete#146 (errno EINVAL)
.section tc
        r2 = 0
        r3 = 0
        r4 = 0
        call bpf_inode_storage_delete
        r0 = 0
        exit
