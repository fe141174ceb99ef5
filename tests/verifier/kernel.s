#= kernel 6.18
# Kernel functions and the kernel's own objects: iterators, read-side sections, preemption and interrupts, tasks that
# are trusted or not, fields that maps without types do not have.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=64, entries=1

#== iterator is made and destroyed
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is not destroyed
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is walked
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator below the end of the frame is walked at its end
#= accepted
.section tc
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 0
        call bpf_iter_num_new
        r1 = r10
        call bpf_iter_num_next
        r1 = r10
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== element of an iterator is not checked
#= rejected: R0 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        r1 = *(u32 *)(r0 + 0)
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== element of an iterator is read past its size
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 4)
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== element of an iterator is not written
#= rejected: R0 cannot write into rdonly_mem (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        *(u32 *)(r0 + 0) = 1
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== element of an iterator is not bounded
#= rejected: R2 unbounded memory access, make sure to bounds check any such access (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        r2 = arr_mem ll
        r2 += r1
        *(u8 *)(r2 + 0) = 1
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy
.data
arr_mem:.zero 16

#== element of an iterator is bounded by a check
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        if r1 > 15 goto 1f
        r2 = arr_mem ll
        r2 += r1
        *(u8 *)(r2 + 0) = 1
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy
.data
arr_mem:.zero 16

#== next of an iterator that was not made
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== end of an iterator that was not made
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is made twice
#= rejected: expected uninitialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is destroyed twice
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is used after its end
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is made anew after its end
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is read as memory
#= rejected: invalid read from stack off -8+0 size 8 (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r0 = *(u64 *)(r10 - 8)
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator is overwritten
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator at a misaligned slot
#= rejected: expected uninitialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -12
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator that is no stack
#= rejected: arg#0 expected pointer to an iterator on stack (errno EINVAL)
.section tc
        r1 = arr_mem ll
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy
.data
arr_mem:.zero 16

#== iterator at a variable offset
#= rejected: expected uninitialized iter_num as arg #0 (errno EINVAL)
.section tc
        call bpf_get_prandom_u32
        r0 &= 8
        r1 = r10
        r1 += -16
        r1 += r0
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator passed to a helper as memory
#= rejected: invalid read from stack R1 off -8+0 size 8 (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r1 = r10
        r1 += -8
        r2 = 8
        call bpf_trace_printk
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== sum over an iterator
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r7 = 0
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        r7 += r1
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== counter beside an iterator is not bounded
#= rejected: R2 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
        r7 = 0
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r2 = arr_mem ll
        r2 += r7
        *(u8 *)(r2 + 0) = 1
        r7 += 1
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy
.data
arr_mem:.zero 16

#== iterator in an iterator
#= accepted
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 3
        call bpf_iter_num_new
3:      r1 = r10
        r1 += -16
        call bpf_iter_num_next
        if r0 != 0 goto 3b
        r1 = r10
        r1 += -16
        call bpf_iter_num_destroy
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator left by its middle
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 10
        call bpf_iter_num_new
2:      r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto 1f
        r1 = *(u32 *)(r0 + 0)
        if r1 == 5 goto 3f
        goto 2b
1:      r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
3:      r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== iterator with pointers for its bounds
#= rejected: R2 is not a scalar (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        r2 = r10
        r3 = 10
        call bpf_iter_num_new
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== read-side section is left
#= accepted
.section tc
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== read-side section is not left
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region (errno EINVAL)
.section tc
        call bpf_rcu_read_lock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== read-side section is left without being entered
#= rejected: unmatched rcu read unlock (kernel function bpf_rcu_read_unlock) (errno EINVAL)
.section tc
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== read-side section in another
#= rejected: nested rcu read lock (kernel function bpf_rcu_read_lock) (errno EINVAL)
.section tc
        call bpf_rcu_read_lock
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== read-side section is left on one way only
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region (errno EINVAL)
.section tc
        r6 = *(u32 *)(r1 + 0)
        call bpf_rcu_read_lock
        if r6 == 0 goto 1f
        call bpf_rcu_read_unlock
1:      r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== sleeping helper in a read-side section
#= rejected: sleepable helper bpf_copy_from_user#148 in rcu_read_lock region (errno EINVAL)
.section uprobe.s
        call bpf_rcu_read_lock
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== packet load in a read-side section
#= rejected: BPF_LD_[ABS|IND] cannot be used inside bpf_rcu_read_lock-ed region (errno EINVAL)
.section tc
        r6 = r1
        call bpf_rcu_read_lock
        r0 = *(u8 *)skb[0]
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== tail call in a read-side section
#= rejected: tail_call cannot be used inside bpf_rcu_read_lock-ed region (errno EINVAL)
.section tc
        r6 = r1
        call bpf_rcu_read_lock
        r1 = r6
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock
.map progs, prog_array, key=4, value=4, entries=4

#== preemption is disabled and enabled
#= accepted
.section tc
        call bpf_preempt_disable
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== preemption stays disabled
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_preempt_disable-ed region (errno EINVAL)
.section tc
        call bpf_preempt_disable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== preemption is enabled without being disabled
#= rejected: unmatched attempt to enable preemption (kernel function bpf_preempt_enable) (errno EINVAL)
.section tc
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== preemption is disabled twice and enabled once
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_preempt_disable-ed region (errno EINVAL)
.section tc
        call bpf_preempt_disable
        call bpf_preempt_disable
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== preemption is disabled twice and enabled twice
#= accepted
.section tc
        call bpf_preempt_disable
        call bpf_preempt_disable
        call bpf_preempt_enable
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== sleeping helper with preemption disabled
#= rejected: sleepable helper bpf_copy_from_user#148 in non-preemptible region (errno EINVAL)
.section uprobe.s
        call bpf_preempt_disable
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== packet load with preemption disabled
#= rejected: BPF_LD_[ABS|IND] cannot be used inside bpf_preempt_disable-ed region (errno EINVAL)
.section tc
        r6 = r1
        call bpf_preempt_disable
        r0 = *(u8 *)skb[0]
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== function enables preemption for its caller
#= accepted
.section tc
        call bpf_preempt_disable
        call f
        r0 = 0
        exit
.text
f:      call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_preempt_disable, bpf_preempt_enable

#== interrupts are saved and restored
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

#== interrupts are not restored
#= rejected: BPF_EXIT instruction in main prog cannot be used inside bpf_local_irq_save-ed region (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupts are restored without being saved
#= rejected: expected an initialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupts are saved twice to one slot
#= rejected: expected uninitialized irq flag as arg#0 (errno EINVAL)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupts are restored out of order
#= rejected: cannot restore irq state out of order, expected id=2 acquired at insn_idx=5 (errno EACCES)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -16
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r1 = r10
        r1 += -16
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupts are restored in order
#= accepted
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -16
        call bpf_local_irq_save
        r1 = r10
        r1 += -16
        call bpf_local_irq_restore
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupt flags are overwritten
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

#== interrupt flags are read
#= rejected: invalid read from stack off -8+0 size 8 (errno EACCES)
.section tc
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r0 = *(u64 *)(r10 - 8)
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== interrupt flags are no stack
#= rejected: arg#0 doesn't point to an irq flag on stack (errno EINVAL)
.section tc
        r1 = 0
        call bpf_local_irq_save
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== sleeping helper with interrupts disabled
#= rejected: sleepable helper bpf_copy_from_user#148 in IRQ-disabled region (errno EINVAL)
.section uprobe.s
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -24
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== packet load with interrupts disabled
#= rejected: BPF_LD_[ABS|IND] cannot be used inside bpf_local_irq_save-ed region (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r0 = *(u8 *)skb[0]
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 0
        exit
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== current task is read
#= accepted
.section kprobe
        call bpf_get_current_task_btf
        r0 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== current task is not written
#= rejected: only read is supported (errno EACCES)
.section kprobe
        call bpf_get_current_task_btf
        *(u64 *)(r0 + 0) = 0
        r0 = 0
        exit

#== current task is read far past its end
#= rejected: access beyond struct task_struct at off 30000 size 8 (errno EACCES)
.section kprobe
        call bpf_get_current_task_btf
        r0 = *(u64 *)(r0 + 30000)
        r0 = 0
        exit

#== current task is read before its start
#= rejected: R0 is ptr_task_struct invalid negative access: off=-8 (errno EACCES)
.section kprobe
        call bpf_get_current_task_btf
        r0 = *(u64 *)(r0 - 8)
        r0 = 0
        exit

#== current task is read at a variable offset
#= rejected: R0 is ptr_task_struct invalid variable offset: off=0, var_off=(0x0; 0x8) (errno EACCES)
.section kprobe
        call bpf_get_prandom_u32
        r6 = r0
        r6 &= 8
        call bpf_get_current_task_btf
        r0 += r6
        r0 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== current task as a number is no pointer
#= rejected: R0 invalid mem access 'scalar' (errno EACCES)
.section kprobe
        call bpf_get_current_task
        r0 = *(u64 *)(r0 + 0)
        r0 = 0
        exit

#== current task is null-checked
#= accepted
.section kprobe
        call bpf_get_current_task_btf
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== current task is memory for a helper
#= accepted
.section kprobe
        call bpf_get_current_task_btf
        r1 = r0
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== current task is no socket
#= rejected: R1 type=trusted_ptr_ expected=sock_common, sock, tcp_sock, xdp_sock (errno EACCES)
.section tc
        call bpf_get_current_task_btf
        r1 = r0
        call bpf_sk_fullsock
        r0 = 0
        exit

#== task from its number is released
#= accepted
.section tc
        r1 = 1
        call bpf_task_from_pid
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_task_release
1:      r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== task from its number is not released
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r1 = 1
        call bpf_task_from_pid
        if r0 == 0 goto 1f
1:      r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== task from its number is not checked
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tc
        r1 = 1
        call bpf_task_from_pid
        r1 = r0
        call bpf_task_release
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== task is released twice
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
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== current task is released
#= rejected: release kernel function bpf_task_release expects refcounted PTR_TO_BTF_ID (errno EINVAL)
.section tc
        call bpf_get_current_task_btf
        r1 = r0
        call bpf_task_release
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== current task is acquired and released
#= accepted
.section tc
        call bpf_get_current_task_btf
        r1 = r0
        call bpf_task_acquire
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_task_release
1:      r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== stack is no task
#= rejected: arg#0 pointer type STRUCT task_struct must point to scalar, or struct with scalar (errno EINVAL)
.section tc
        r1 = r10
        call bpf_task_acquire
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== number is no task
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tc
        r1 = 0
        call bpf_task_acquire
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== moved task is no task
#= rejected: kernel function bpf_task_acquire args#0 expected pointer to STRUCT task_struct but R1 has a pointer to STRUCT task_struct (errno EINVAL)
.section tc
        call bpf_get_current_task_btf
        r1 = r0
        r1 += 8
        call bpf_task_acquire
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== tasks are for other programs
#= rejected: calling kernel function bpf_task_from_pid is not allowed (errno EACCES)
.section socket
        r1 = 1
        call bpf_task_from_pid
        r0 = 0
        exit
        .extern bpf_task_acquire, bpf_task_release, bpf_task_from_pid

#== kernel function for GPL
#= license: none
#= rejected: cannot call kernel function from non-GPL compatible program (errno EINVAL)
.section tc
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== kernel function clobbers r1
#= rejected: R1 !read_ok (errno EACCES)
.section tc
        r6 = r1
        r1 = 1
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        r0 = r1
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== kernel function without a value sets no r0
#= rejected: R0 !read_ok (errno EACCES)
.section tc
        r6 = r1
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock

#== context as the kernel has it, half a pointer in it
#= rejected: cannot access ptr member next with moff 0 in struct (anon) with off 0 size 4 (errno EACCES)
.section tc
        call bpf_cast_to_kern_ctx
        r0 = *(u32 *)(r0 + 0)
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== context as the kernel has it
#= accepted
.section tc
        call bpf_cast_to_kern_ctx
        r0 = *(u64 *)(r0 + 0)
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== context as the kernel has it is not written
#= rejected: only read is supported (errno EACCES)
.section tc
        call bpf_cast_to_kern_ctx
        *(u32 *)(r0 + 0) = 0
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== stack cast as a context
#= rejected: arg#0 expected pointer to ctx, but got fp (errno EINVAL)
.section tc
        r1 = r10
        call bpf_cast_to_kern_ctx
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== number cast to void
#= accepted
.section tc
        r1 = 0
        r2 = 0
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== number cast to a type that is not known
#= rejected: R2 must be a known constant (errno EINVAL)
.section tc
        r1 = 0
        call bpf_get_prandom_u32
        r2 = r0
        r1 = 0
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== map passed to a kernel function
#= accepted
.section tc
        r1 = vals ll
        call bpf_map_sum_elem_count
        r0 = 0
        exit
        .extern bpf_map_sum_elem_count

#== stack where a kernel function takes a map
#= rejected: arg#0 pointer type STRUCT bpf_map must point to scalar, or struct with scalar (errno EINVAL)
.section tc
        r1 = r10
        call bpf_map_sum_elem_count
        r0 = 0
        exit
        .extern bpf_map_sum_elem_count

#== kernel function that throws
#= accepted
.section tc
        r1 = 1
        call bpf_throw
        r0 = 0
        exit
        .extern bpf_throw

#== kernel function that throws with a socket held
#= rejected: bpf_throw would lead to reference leak (errno EINVAL)
.section tc
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r6 = r0
        r1 = 1
        call bpf_throw
        r0 = 0
        exit
        .extern bpf_throw

#== lock in a value without types
#= rejected: map 'vals' has to have BTF in order to use bpf_spin_lock (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        call bpf_spin_lock
        r1 = r6
        call bpf_spin_unlock
1:      r0 = 0
        exit

#== lock on the stack
#= rejected: R1 type=fp expected=map_value, ptr_ (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        call bpf_spin_lock
        r0 = 0
        exit

#== lock at a variable offset
#= rejected: R1 doesn't have constant offset. bpf_spin_lock has to be at the constant offset (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        call bpf_get_prandom_u32
        r0 &= 4
        r6 += r0
        r1 = r6
        call bpf_spin_lock
1:      r0 = 0
        exit

#== unlock without a lock
#= rejected: map 'vals' has to have BTF in order to use bpf_spin_lock (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        call bpf_spin_unlock
1:      r0 = 0
        exit

#== timer in a value without types
#= rejected: map 'vals' has to have BTF in order to use bpf_timer (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r2 = vals ll
        r3 = 0
        call bpf_timer_init
1:      r0 = 0
        exit

#== timer on the stack
#= rejected: R1 type=fp expected=map_value (errno EACCES)
.section tc
        r1 = r10
        r1 += -16
        r2 = vals ll
        r3 = 0
        call bpf_timer_init
        r0 = 0
        exit

#== timer in a value of another map
#= rejected: map 'vals' has to have BTF in order to use bpf_timer (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r2 = arr ll
        r3 = 0
        call bpf_timer_init
1:      r0 = 0
        exit

#== timer at a variable offset
#= rejected: R1 doesn't have constant offset. bpf_timer has to be at the constant offset (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        call bpf_get_prandom_u32
        r0 &= 8
        r6 += r0
        r1 = r6
        r2 = vals ll
        r3 = 0
        call bpf_timer_init
1:      r0 = 0
        exit

#== kernel pointer in a value without types
#= rejected: map 'vals' has to have BTF in order to use bpf_kptr_xchg (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r2 = 0
        call bpf_kptr_xchg
1:      r0 = 0
        exit

#== kernel pointer on the stack
#= rejected: R1 type=fp expected=map_value, ptr_ (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 0
        call bpf_kptr_xchg
        r0 = 0
        exit

#== kernel pointer at a variable offset
#= rejected: map 'vals' has to have BTF in order to use bpf_kptr_xchg (errno EINVAL)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        call bpf_get_prandom_u32
        r0 &= 8
        r6 += r0
        r1 = r6
        r2 = 0
        call bpf_kptr_xchg
1:      r0 = 0
        exit

#== per-CPU address of a number
#= rejected: R1 type=scalar expected=percpu_ptr_, percpu_rcu_ptr_, percpu_trusted_ptr_ (errno EACCES)
.section tc
        r1 = 0
        call bpf_this_cpu_ptr
        r0 = 0
        exit

#== per-CPU address of a value
#= rejected: R1 type=map_value expected=percpu_ptr_, percpu_rcu_ptr_, percpu_trusted_ptr_ (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r6 = r0
        r1 = r6
        r2 = 0
        call bpf_per_cpu_ptr
1:      r0 = 0
        exit

#== storage of a socket
#= rejected: cannot pass map_type 1 into func bpf_sk_storage_get#107 (errno EINVAL)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        if r0 == 0 goto 1f
        r2 = r0
        r1 = vals ll
        r3 = 0
        r4 = 1
        call bpf_sk_storage_get
1:      r0 = 0
        exit

#== map structure has nothing between two members
#= rejected: struct bpf_map doesn't have field at offset 36 (errno EINVAL)
.map clocks, array, key=4, value=32, entries=2
.section tc
        r1 = clocks ll
        r2 = *(u32 *)(r1 + 36)
        r0 = 0
        exit

#== map structure is read across what aligns a member
#= rejected: struct bpf_map doesn't have field at offset 36 (errno EINVAL)
.map clocks, array, key=4, value=32, entries=2
.section tc
        r1 = clocks ll
        r2 = *(u64 *)(r1 + 36)
        r0 = 0
        exit

#== pointer of a structure to what is no structure is memory
#= accepted
.section raw_tp/sys_enter
        call bpf_get_current_task_btf
        r1 = *(u64 *)(r0 + 32)
        r0 = *(u64 *)(r1 + 8)
        r0 = 0
        exit

#== memory behind a structure is not written
#= rejected: R1 cannot write into rdonly_untrusted_mem (errno EACCES)
.section raw_tp/sys_enter
        call bpf_get_current_task_btf
        r1 = *(u64 *)(r0 + 32)
        *(u64 *)(r1 + 8) = 1
        r0 = 0
        exit

#== memory behind a structure is no argument of a helper
#= rejected: R1 type=rdonly_untrusted_mem expected=percpu_ptr_, percpu_rcu_ptr_, percpu_trusted_ptr_ (errno EACCES)
.section raw_tp/sys_enter
        call bpf_get_current_task_btf
        r1 = *(u64 *)(r0 + 32)
        call bpf_this_cpu_ptr
        r0 = 0
        exit

#== memory behind a structure is not read by a helper
#= rejected: R2 type=rdonly_untrusted_mem expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section raw_tp/sys_enter
        call bpf_get_current_task_btf
        r4 = *(u64 *)(r0 + 32)
        r1 = vals ll
        r2 = r4
        call bpf_map_lookup_elem
        r0 = 0
        exit
