# Functions of the kernel: iterators, sections that nothing interrupts, strings.
.license "GPL"
.map vals, hash, key=4, value=8, entries=8
.map lru, lru_hash, key=4, value=8, entries=64
.map pvals, percpu_hash, key=4, value=8, entries=8
.map npvals, hash, key=4, value=8, entries=8, flags=1
.map arr, array, key=4, value=8, entries=8
.bss
out:    .zero 256
.data
bits:   .quad 0x8000000000000011
        .quad 0x0000000100000000
        .quad 0x0000000000000000
        .quad 0x4000000000000001
hello:  .asciz "hello, world"
lloo:   .asciz "lo, w"
upper:  .asciz "HELLO, World"
hell:   .asciz "hell"
empty:  .asciz ""
set:    .asciz "ehlo"

#== numbers from one to another
.section tc
        r7 = out ll
        r6 = 0
        r1 = r10
        r1 += -8
        r2 = 3
        r3 = 10
        call bpf_iter_num_new
        *(u64 *)(r7 + 0) = r0
loop:   r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto done
        r1 = *(s32 *)(r0 + 0)
        r2 = *(u64 *)(r7 + 8)
        r2 *= 3
        r2 += r1
        *(u64 *)(r7 + 8) = r2
        goto loop
done:   r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== ranges that are none, and none that is negative
.section xdp
        r7 = out ll
        r1 = r10
        r1 += -8
        r2 = 3
        r3 = 2
        call bpf_iter_num_new
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto none
        *(u64 *)(r7 + 8) = 1
none:   r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        r2 = -8388608
        r3 = 1
        call bpf_iter_num_new
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        r2 = -8388608
        r3 = 0
        call bpf_iter_num_new
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto nor
        r1 = *(s32 *)(r0 + 0)
        *(u64 *)(r7 + 32) = r1
nor:    r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r1 = r10
        r1 += -8
        r2 = 5
        r3 = 5
        call bpf_iter_num_new
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -8
        call bpf_iter_num_next
        if r0 == 0 goto last
        *(u64 *)(r7 + 48) = 1
last:   r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 2
        exit
        .extern bpf_iter_num_new, bpf_iter_num_next, bpf_iter_num_destroy

#== the bits of one word, and of four
.section tc
        r7 = out ll
        r1 = r10
        r1 += -16
        r2 = bits ll
        r3 = 1
        call bpf_iter_bits_new
        *(u64 *)(r7 + 0) = r0
one:    r1 = r10
        r1 += -16
        call bpf_iter_bits_next
        if r0 == 0 goto four
        r1 = *(s32 *)(r0 + 0)
        r2 = *(u64 *)(r7 + 8)
        r2 *= 5
        r2 += r1
        *(u64 *)(r7 + 8) = r2
        goto one
four:   r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r1 = r10
        r1 += -16
        r2 = bits ll
        r3 = 4
        call bpf_iter_bits_new
        *(u64 *)(r7 + 16) = r0
more:   r1 = r10
        r1 += -16
        call bpf_iter_bits_next
        if r0 == 0 goto done
        r1 = *(s32 *)(r0 + 0)
        r2 = *(u64 *)(r7 + 24)
        r2 *= 5
        r2 += r1
        *(u64 *)(r7 + 24) = r2
        goto more
done:   r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r0 = 0
        exit
        .extern bpf_iter_bits_new, bpf_iter_bits_next, bpf_iter_bits_destroy

#== bits of nothing, of too many words, and of memory that is not there
.section tc
        r7 = out ll
        r1 = r10
        r1 += -16
        r2 = bits ll
        r3 = 0
        call bpf_iter_bits_new
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_iter_bits_next
        if r0 == 0 goto none
        *(u64 *)(r7 + 8) = 1
none:   r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r1 = r10
        r1 += -16
        r2 = bits ll
        r3 = 512
        call bpf_iter_bits_new
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 1
        call bpf_iter_bits_new
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r1 = r10
        r1 += -16
        r2 = 4096
        r3 = 1
        call bpf_iter_bits_new
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r1 = r10
        r1 += -16
        r2 = 4096
        r3 = 2
        call bpf_iter_bits_new
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -16
        call bpf_iter_bits_destroy
        r0 = 0
        exit
        .extern bpf_iter_bits_new, bpf_iter_bits_next, bpf_iter_bits_destroy

#== sections
.section tc
        call bpf_rcu_read_lock
        call bpf_rcu_read_unlock
        call bpf_preempt_disable
        call bpf_preempt_enable
        r1 = r10
        r1 += -8
        call bpf_local_irq_save
        r1 = r10
        r1 += -8
        call bpf_local_irq_restore
        r0 = 1
        exit
        .extern bpf_rcu_read_lock, bpf_rcu_read_unlock, bpf_preempt_disable, bpf_preempt_enable
        .extern bpf_local_irq_save, bpf_local_irq_restore

#== how many entries a map has
.section tc
        r8 = 0
fill:   *(u32 *)(r10 - 12) = r8
        *(u64 *)(r10 - 24) = r8
        r1 = vals ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r1 = pvals ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r1 = npvals ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r1 = lru ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r8 += 1
        if r8 != 3 goto fill
        r7 = out ll
        r1 = vals ll
        call bpf_map_sum_elem_count
        *(u64 *)(r7 + 0) = r0
        r1 = pvals ll
        call bpf_map_sum_elem_count
        *(u64 *)(r7 + 8) = r0
        r1 = npvals ll
        call bpf_map_sum_elem_count
        *(u64 *)(r7 + 16) = r0
        r1 = lru ll
        call bpf_map_sum_elem_count
        *(u64 *)(r7 + 24) = r0
        r1 = arr ll
        call bpf_map_sum_elem_count
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit
        .extern bpf_map_sum_elem_count

#== strings are compared
.section tc
        r7 = out ll
        r1 = hello ll
        r2 = lloo ll
        call bpf_strcmp
        *(u64 *)(r7 + 0) = r0
        r1 = hello ll
        r2 = hello ll
        call bpf_strcmp
        *(u64 *)(r7 + 8) = r0
        r1 = hello ll
        r2 = hell ll
        call bpf_strcmp
        *(u64 *)(r7 + 16) = r0
        r1 = hello ll
        r2 = upper ll
        call bpf_strcasecmp
        *(u64 *)(r7 + 24) = r0
        r1 = hello ll
        r2 = upper ll
        call bpf_strcmp
        *(u64 *)(r7 + 32) = r0
        r1 = empty ll
        r2 = empty ll
        call bpf_strcmp
        *(u64 *)(r7 + 40) = r0
        r1 = 0
        r2 = empty ll
        call bpf_strcmp
        *(u64 *)(r7 + 48) = r0
        r1 = hello ll
        r2 = 4096
        call bpf_strcmp
        *(u64 *)(r7 + 56) = r0
        r0 = 0
        exit
        .extern bpf_strcmp, bpf_strcasecmp

#== characters are found in strings
.section tc
        r7 = out ll
        r1 = hello ll
        r2 = 'l'
        call bpf_strchr
        *(u64 *)(r7 + 0) = r0
        r1 = hello ll
        r2 = 'z'
        call bpf_strchr
        *(u64 *)(r7 + 8) = r0
        r1 = hello ll
        r2 = 0
        call bpf_strchr
        *(u64 *)(r7 + 16) = r0
        r1 = hello ll
        r2 = 'z'
        call bpf_strchrnul
        *(u64 *)(r7 + 24) = r0
        r1 = hello ll
        r2 = 'o'
        call bpf_strchrnul
        *(u64 *)(r7 + 32) = r0
        r1 = hello ll
        r2 = 'o'
        call bpf_strrchr
        *(u64 *)(r7 + 40) = r0
        r1 = hello ll
        r2 = 'z'
        call bpf_strrchr
        *(u64 *)(r7 + 48) = r0
        r1 = hello ll
        r2 = 0
        call bpf_strrchr
        *(u64 *)(r7 + 56) = r0
        r1 = hello ll
        r2 = 5
        r3 = 'o'
        call bpf_strnchr
        *(u64 *)(r7 + 64) = r0
        r1 = hello ll
        r2 = 4
        r3 = 'o'
        call bpf_strnchr
        *(u64 *)(r7 + 72) = r0
        r1 = hello ll
        r2 = 100
        r3 = 0
        call bpf_strnchr
        *(u64 *)(r7 + 80) = r0
        r1 = hello ll
        r2 = 12
        r3 = 0
        call bpf_strnchr
        *(u64 *)(r7 + 88) = r0
        r1 = 0
        r2 = 'l'
        call bpf_strchr
        *(u64 *)(r7 + 96) = r0
        r1 = 0
        r2 = 'l'
        call bpf_strrchr
        *(u64 *)(r7 + 104) = r0
        r0 = 0
        exit
        .extern bpf_strchr, bpf_strchrnul, bpf_strrchr, bpf_strnchr

#== lengths of strings, and of their starts
.section xdp
        r7 = out ll
        r1 = hello ll
        call bpf_strlen
        *(u64 *)(r7 + 0) = r0
        r1 = empty ll
        call bpf_strlen
        *(u64 *)(r7 + 8) = r0
        r1 = hello ll
        r2 = 4
        call bpf_strnlen
        *(u64 *)(r7 + 16) = r0
        r1 = hello ll
        r2 = 40
        call bpf_strnlen
        *(u64 *)(r7 + 24) = r0
        r1 = 0
        call bpf_strlen
        *(u64 *)(r7 + 32) = r0
        r1 = hello ll
        r2 = set ll
        call bpf_strspn
        *(u64 *)(r7 + 40) = r0
        r1 = hello ll
        r2 = empty ll
        call bpf_strspn
        *(u64 *)(r7 + 48) = r0
        r1 = hello ll
        r2 = lloo ll
        call bpf_strcspn
        *(u64 *)(r7 + 56) = r0
        r1 = hello ll
        r2 = empty ll
        call bpf_strcspn
        *(u64 *)(r7 + 64) = r0
        r1 = 0
        r2 = 0
        call bpf_strnlen
        *(u64 *)(r7 + 72) = r0
        r1 = hello ll
        r2 = 0
        call bpf_strcspn
        *(u64 *)(r7 + 80) = r0
        r0 = 2
        exit
        .extern bpf_strlen, bpf_strnlen, bpf_strspn, bpf_strcspn

#== strings are found in strings
.section tc
        r7 = out ll
        r1 = hello ll
        r2 = lloo ll
        call bpf_strstr
        *(u64 *)(r7 + 0) = r0
        r1 = hello ll
        r2 = empty ll
        call bpf_strstr
        *(u64 *)(r7 + 8) = r0
        r1 = hell ll
        r2 = hello ll
        call bpf_strstr
        *(u64 *)(r7 + 16) = r0
        r1 = hello ll
        r2 = lloo ll
        r3 = 8
        call bpf_strnstr
        *(u64 *)(r7 + 24) = r0
        r1 = hello ll
        r2 = lloo ll
        r3 = 7
        call bpf_strnstr
        *(u64 *)(r7 + 32) = r0
        r1 = hello ll
        r2 = empty ll
        r3 = 0
        call bpf_strnstr
        *(u64 *)(r7 + 40) = r0
        r1 = empty ll
        r2 = empty ll
        call bpf_strstr
        *(u64 *)(r7 + 48) = r0
        r1 = hello ll
        r2 = set ll
        call bpf_strstr
        *(u64 *)(r7 + 56) = r0
        r1 = hello ll
        r2 = 0
        call bpf_strstr
        *(u64 *)(r7 + 64) = r0
        r1 = hell ll
        r2 = hell ll
        r3 = 4
        call bpf_strnstr
        *(u64 *)(r7 + 72) = r0
        r0 = 0
        exit
        .extern bpf_strstr, bpf_strnstr

#== tasks, control groups and keys that there are not
.section tc
        r7 = out ll
        r1 = 4000000
        call bpf_task_from_pid
        if r0 != 0 goto task
        *(u64 *)(r7 + 0) = 1
        r1 = 4000000
        call bpf_task_from_vpid
        if r0 != 0 goto task
        *(u64 *)(r7 + 8) = 1
        r1 = -5 ll
        call bpf_cgroup_from_id
        if r0 != 0 goto group
        *(u64 *)(r7 + 16) = 1
        r1 = 77
        call bpf_lookup_system_key
        if r0 != 0 goto key
        *(u64 *)(r7 + 24) = 1
        r0 = 0
        exit
task:   r1 = r0
        call bpf_task_release
        r0 = 0
        exit
group:  r1 = r0
        call bpf_cgroup_release
        r0 = 0
        exit
key:    r1 = r0
        call bpf_key_put
        r0 = 0
        exit
        .extern bpf_task_from_pid, bpf_task_from_vpid, bpf_cgroup_from_id, bpf_lookup_system_key
        .extern bpf_task_release, bpf_cgroup_release, bpf_key_put

#== packet data that is pulled in
.section xdp
        r6 = r1
        r7 = out ll
        r2 = 20
        call bpf_xdp_pull_data
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = 100000
        call bpf_xdp_pull_data
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        r2 = 0
        call bpf_xdp_pull_data
        *(u64 *)(r7 + 16) = r0
        r0 = 2
        exit
        .extern bpf_xdp_pull_data
