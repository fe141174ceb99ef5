#= kernel 6.18
# Kernel functions, one after another: casts, sections, dynptrs and their slices, objects that are held, exceptions.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=4
.map rb, ringbuf, entries=4096

#== cast to kernel context
#= accepted
.section tc
        call bpf_cast_to_kern_ctx
        r1 = *(u32 *)(r0 + 112)
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== cast of a number
#= rejected: arg#0 expected pointer to ctx, but got scalar (errno EINVAL)
.section tc
        r1 = 0
        call bpf_cast_to_kern_ctx
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== rdonly cast
#= rejected: kfunc bpf_rdonly_cast type ID argument must be of a struct or void (errno EINVAL)
.section tc
        r2 = 1
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== rdonly cast to void
#= accepted
.section tc
        r1 = 0
        r2 = 0
        call bpf_rdonly_cast
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== rdonly cast to nothing
#= rejected: Unknown type ID 99999999 passed to kfunc bpf_rdonly_cast (errno EINVAL)
.section tc
        r2 = 99999999
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== preempt section
#= rejected: unmatched attempt to enable preemption (kernel function bpf_preempt_enable) (errno EINVAL)
.section tc
        call bpf_preempt_disable
        call bpf_preempt_disable
        call bpf_preempt_enable
        call bpf_preempt_enable
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== irq save twice same slot
#= rejected: expected uninitialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save

#== irq ok
#= accepted
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== irq leak
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_local_irq_save-ed region (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save

#== irq flag written
#= rejected: expected an initialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== irq flag read
#= rejected: invalid read from stack off -8+0 size 8 (errno EACCES)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = *(u64 *)(r10 - 8)
        r0 = 0
        exit
        .extern bpf_local_irq_save

#== irq flag unaligned
#= rejected: expected uninitialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -12
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save

#== irq restore nothing
#= rejected: expected an initialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_restore

#== dynptr clone of skb
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -32
        call bpf_dynptr_clone
        r1 = r10
        r1 += -32
        r2 = 0
        r3 = 0
        r4 = 8
        call bpf_dynptr_slice
        if r0 == 0 goto 1f
        r0 = *(u8 *)(r0 + 7)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_clone, bpf_dynptr_slice

#== dynptr slice with buffer
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 16
        call bpf_dynptr_slice_rdwr
        if r0 == 0 goto 1f
        r1 = 3
        *(u8 *)(r0 + 15) = r1
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice_rdwr

#== dynptr slice with a short buffer
#= rejected: arg#2 arg#3 memory, len pair leads to invalid memory access (errno EINVAL)
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 16
        call bpf_dynptr_slice_rdwr
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice_rdwr

#== dynptr slice variable size
#= rejected: R4 must be a known constant (errno EINVAL)
.section tc
        r6 = *(u32 *)(r1 + 0)
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        r4 = r6
        call bpf_dynptr_slice
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice

#== dynptr rdwr slice in socket filter
#= rejected: the prog does not allow writes to packet data (errno EINVAL)
.section socket
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        r4 = 8
        call bpf_dynptr_slice_rdwr
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice_rdwr

#== slice is stale after packet change
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        r4 = 8
        call bpf_dynptr_slice
        r7 = r0
        r1 = r6
        r2 = 0
        call bpf_skb_pull_data
        if r7 == 0 goto 1f
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice

#== ringbuf clone and submit
#= rejected: arg 1 is an unacquired reference (errno EINVAL)
.section tc
        r1 = rb ll
        r2 = 8
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -32
        call bpf_dynptr_clone
        r1 = r10
        r1 += -32
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit
        .extern bpf_dynptr_clone

#== dynptr size and friends
#= accepted
.section xdp
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_xdp
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_null
        r1 = r10
        r1 += -16
        r2 = 1
        r3 = 4
        call bpf_dynptr_adjust
        r0 = 0
        exit
        .extern bpf_dynptr_from_xdp, bpf_dynptr_size, bpf_dynptr_is_null, bpf_dynptr_adjust

#== xdp function in tc
#= rejected: calling kernel function bpf_dynptr_from_xdp is not allowed (errno EACCES)
.section tc
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_xdp
        r0 = 0
        exit
        .extern bpf_dynptr_from_xdp

#== task from pid
#= accepted
.section tc
        r1 = 1
        call bpf_task_from_pid
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r0
        call bpf_task_acquire
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_task_release
2:      r1 = r6
        call bpf_task_release
1:      r0 = 0
        exit
        .extern bpf_task_from_pid, bpf_task_acquire, bpf_task_release

#== task leak
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r1 = 1
        call bpf_task_from_pid
        r0 = 0
        exit
        .extern bpf_task_from_pid

#== task released twice
#= rejected: arg#0 pointer type STRUCT task_struct must point to scalar, or struct with scalar (errno EINVAL)
.section tc
        r1 = 1
        call bpf_task_from_pid
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r0
        call bpf_task_release
        r1 = r6
        call bpf_task_release
1:      r0 = 0
        exit
        .extern bpf_task_from_pid, bpf_task_release

#== cgroup for a task
#= rejected: kernel function bpf_cgroup_release args#0 expected pointer to STRUCT cgroup but R1 has a pointer to STRUCT task_struct (errno EINVAL)
.section tc
        r1 = 1
        call bpf_task_from_pid
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_cgroup_release
1:      r0 = 0
        exit
        .extern bpf_task_from_pid, bpf_cgroup_release

#== task from bad pid
#= rejected: R1 is not a scalar (errno EINVAL)
.section tc
        call bpf_task_from_pid
        r0 = 0
        exit
        .extern bpf_task_from_pid

#== throw
#= accepted
.section tc
        r1 = 5
        call bpf_throw
        exit
        .extern bpf_throw

#== throw with a reference
#= rejected: bpf_throw would lead to reference leak (errno EINVAL)
.section tc
        r1 = 1
        call bpf_task_from_pid
        r1 = 5
        call bpf_throw
        exit
        .extern bpf_task_from_pid, bpf_throw

#== throw in a function
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      r1 = 5
        call bpf_throw
        exit
        .extern bpf_throw

#== throw an unreturnable
#= rejected: At program exit the register R1 has smin=5 smax=5 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        r1 = 5
        call bpf_throw
        r0 = 0
        exit
        .extern bpf_throw

#== ct lookup
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -32
        r3 = 12
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_ct_release
1:      r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== ct lookup bad length
#= rejected: arg#1 arg#2 memory, len pair leads to invalid memory access (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r3 = 12
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_skb_ct_lookup
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup

#== sum of elements
#= accepted
.section tc
        r1 = vals ll
        call bpf_map_sum_elem_count
        r0 = 0
        exit
        .extern bpf_map_sum_elem_count

#== sum of elements of ctx
#= rejected: arg#0 pointer type STRUCT bpf_map must point to scalar, or struct with scalar (errno EINVAL)
.section tc
        call bpf_map_sum_elem_count
        r0 = 0
        exit
        .extern bpf_map_sum_elem_count

#== nested iterators of bits
#= accepted
.section tc
        *(u64 *)(r10 - 32) = 3
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -32
        r3 = 1
        call bpf_iter_bits_new
1:      r1 = r10
        r1 += -16
        call bpf_iter_bits_next
        if r0 == 0 goto 2f
        r6 = *(u32 *)(r0 + 0)
        goto 1b
2:      r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r0 = 0
        exit
        .extern bpf_iter_bits_new, bpf_iter_bits_next, bpf_iter_bits_destroy

#== iterator of another kind is destroyed
#= rejected: expected an initialized iter_task_vma as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 4
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_task_vma_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_task_vma_destroy

#== rcu unlock twice
#= rejected: unmatched rcu read unlock (kernel function bpf_rcu_read_unlock) (errno EINVAL)
.section tc
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== rcu leak
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region (errno EINVAL)
.section tc
        call bpf_rcu_read_lock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock

#== str functions
#= accepted
.section tc
        r1 = 0
        r2 = 0
        call bpf_strcmp
        r0 = 0
        exit
        .extern bpf_strcmp

#== kfunc under lock
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        call bpf_preempt_disable
        r1 = 1
        call bpf_task_from_pid
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_task_from_pid

#== obj new without type
#= rejected: bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct (errno EINVAL)
.section tc
        r1 = 1
        r2 = 0
        call bpf_obj_new_impl
        r0 = 0
        exit
        .extern bpf_obj_new_impl

#== obj new of unknown
#= rejected: R1 must be a known constant (errno EINVAL)
.section tc
        r1 = *(u32 *)(r1 + 0)
        r2 = 0
        call bpf_obj_new_impl
        r0 = 0
        exit
        .extern bpf_obj_new_impl

#== obj drop of number
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        call bpf_obj_drop_impl
        r0 = 0
        exit
        .extern bpf_obj_drop_impl

#== metadata
#= rejected: metadata kfuncs require device-bound program (errno EINVAL)
.section xdp
        r2 = r10
        r2 += -8
        call bpf_xdp_metadata_rx_timestamp
        r0 = 0
        exit
        .extern bpf_xdp_metadata_rx_timestamp

#== not for kprobes
#= rejected: calling kernel function bpf_task_from_pid is not allowed (errno EACCES)
.section kprobe/x
        r1 = 1
        call bpf_task_from_pid
        r0 = 0
        exit
        .extern bpf_task_from_pid

#== pull data
#= accepted
.section xdp
        r6 = *(u32 *)(r1 + 0)
        r7 = *(u32 *)(r1 + 4)
        r2 = 10
        call bpf_xdp_pull_data
        r8 = r6
        r8 += 4
        r0 = 0
        exit
        .extern bpf_xdp_pull_data

#== rdonly cast by a negative number
#= rejected: Unknown type ID -1 passed to kfunc bpf_rdonly_cast (errno EINVAL)
.section tc
        r2 = -1
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== rdonly cast by more than 32 bits, whose lower half is a type that is no structure
#= rejected: kfunc bpf_rdonly_cast type ID argument must be of a struct or void (errno EINVAL)
.section tc
        r2 = 0x100000001 ll
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== rdonly cast by more than 32 bits, whose lower half is no type
#= rejected: Unknown type ID 4295950337 passed to kfunc bpf_rdonly_cast (errno EINVAL)
.section tc
        r2 = 0x1000f0001 ll
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== rdonly cast by more than 32 bits, whose lower half is void
#= accepted
.section tc
        r2 = 0x100000000 ll
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== missing function is refused once all else is known
#= rejected: invalid kernel function call not eliminated in verifier pass (errno EINVAL)
.section tc
        r1 = 5
        .quad 0x0000000000002085
        r0 = r1
        exit

#== missing function is refused after what is wrong elsewhere
#= rejected: R9 !read_ok (errno EACCES)
.section tc
        .quad 0x0000000000002085
        r0 = r9
        exit

#== missing function where no path comes
#= accepted
.section tc
        r1 = 5
        if r1 == 5 goto 1f
        .quad 0x0000000000002085
1:      r0 = r1
        exit

#== missing function between what a number depends on
#= rejected: invalid kernel function call not eliminated in verifier pass (errno EINVAL)
.section tc
        r2 = *(u32 *)(r1 + 0)
        r2 &= 7
        .quad 0x0000000000002085
        r3 = r10
        r3 += -16
        r3 += r2
        *(u8 *)(r3 + 0) = 1
        r0 = 0
        exit

#== iterator behind the frame pointer is made nowhere
#= rejected: invalid write to stack R1 off=0 size=8 (errno EACCES)
.section tc
        r1 = r10
        r2 = 0
        r3 = 3
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new

#== the frame pointer stands for the iterator below it
#= accepted
.section tc
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 3
        call bpf_iter_num_new
        r1 = r10
        call bpf_iter_num_next
        r1 = r10
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new
        .extern bpf_iter_num_next
        .extern bpf_iter_num_destroy

#== eight bytes above the frame pointer there is no iterator
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 3
        call bpf_iter_num_new
        r1 = r10
        r1 += 8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new
        .extern bpf_iter_num_destroy

#== the frame pointer stands for the saved interrupt flag below it
#= accepted
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save
        .extern bpf_local_irq_restore

#== interrupts are saved behind the frame pointer
#= rejected: invalid write to stack R1 off=0 size=8 (errno EACCES)
.section tc
        r1 = r10
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save

#== kernel function by a negative number
#= rejected: kernel btf_id 4294967293 is not a function (errno EINVAL)
.section tc
        .quad 0xfffffffd00002085
        exit

#== new object without types
#= no btf
#= rejected: bpf_obj_new/bpf_percpu_obj_new requires prog BTF (errno EINVAL)
.section tc
        r1 = 1
        r2 = 0
        call bpf_obj_new_impl
        r0 = 0
        exit
        .extern bpf_obj_new_impl

#== list in a value without types
#= rejected: bpf_list_head not found at offset=0 (errno EINVAL)
.section tc
        r1 = v ll
        call bpf_list_front
        r0 = 0
        exit
        .extern bpf_list_front
.section .data
v:      .quad 0, 0

#== tree in a value at an unknown place
#= rejected: R1 doesn't have constant offset. bpf_rb_root has to be at the constant offset (errno EINVAL)
.section tc
        r6 = *(u32 *)(r1 + 0)
        r6 &= 8
        r1 = v ll
        r1 += r6
        call bpf_rbtree_first
        r0 = 0
        exit
        .extern bpf_rbtree_first
.section .data
v:      .quad 0, 0, 0

#== number as a node
#= rejected: bpf_list_head not found at offset=0 (errno EINVAL)
.section tc
        r1 = v ll
        r2 = 0
        r3 = 0
        r4 = 0
        call bpf_list_push_back_impl
        r0 = 0
        exit
        .extern bpf_list_push_back_impl
.section .data
v:      .quad 0, 0

#== value as a node of a tree
#= rejected: bpf_rb_root not found at offset=0 (errno EINVAL)
.section tc
        r1 = v ll
        r2 = r1
        call bpf_rbtree_remove
        r0 = 0
        exit
        .extern bpf_rbtree_remove
.section .data
v:      .quad 0, 0

#== exchange with a value that has no kernel pointer
#= rejected: R1 has no valid kptr (errno EINVAL)
.section tc
        call bpf_preempt_disable
        r1 = v ll
        r2 = 0
        call bpf_kptr_xchg
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable
.section .data
v:      .quad 0, 0

#== context as a counted object
#= rejected: arg#0 is neither owning or non-owning ref (errno EINVAL)
.section tc
        r2 = 0
        call bpf_refcount_acquire_impl
        r0 = 0
        exit
        .extern bpf_refcount_acquire_impl

#== per-CPU object of a type that is no structure
#= rejected: bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct (errno EINVAL)
.section tc
        r1 = 1
        r2 = 0
        call bpf_percpu_obj_new_impl
        r0 = 0
        exit
        .extern bpf_percpu_obj_new_impl
