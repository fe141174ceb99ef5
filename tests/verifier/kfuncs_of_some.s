#= kernel 6.18
# Kernel functions that are for some programs only: sets of processors, sessions, what the kernel has for its own tests.
.license "GPL"

#== set of processors is made and released
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== set of processors is not released
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== set of processors may be null
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        r1 = r0
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== traffic control makes no set of processors
#= rejected: calling kernel function bpf_cpumask_create is not allowed (errno EACCES)
.section tc
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== XDP makes no set of processors
#= rejected: calling kernel function bpf_cpumask_create is not allowed (errno EACCES)
.section xdp
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== a kprobe makes no set of processors
#= rejected: calling kernel function bpf_cpumask_create is not allowed (errno EACCES)
.section kprobe/vfs_read
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== a raw tracepoint makes no set of processors
#= rejected: calling kernel function bpf_cpumask_create is not allowed (errno EACCES)
.section raw_tp/sys_enter
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release

#== one more reference to a set of processors
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_acquire
        r1 = r0
        call bpf_cpumask_release
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_acquire

#== reference to a set of processors is one more to release
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_acquire
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_acquire

#== processor is put into a set
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = 1
        r2 = r6
        call bpf_cpumask_set_cpu
        r1 = 1
        r2 = r6
        call bpf_cpumask_test_cpu
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_set_cpu, bpf_cpumask_test_cpu

#== processor is a number
#= rejected: R1 is not a scalar (errno EINVAL)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        r2 = r6
        call bpf_cpumask_set_cpu
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_set_cpu

#== sets of the kernel are read
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_get_current_task_btf
        r7 = r0
        call bpf_rcu_read_lock
        r1 = *(u64 *)(r7 + 800)
        call bpf_cpumask_first
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_cpumask_first, bpf_rcu_read_lock, bpf_rcu_read_unlock

#== set that nobody vouches for is not read
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        r1 = 0
        r2 = 0
        call bpf_rdonly_cast
        r1 = r0
        call bpf_cpumask_first
        r0 = 0
        exit
        .extern bpf_cpumask_first, bpf_rdonly_cast

#== sets are joined
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        r2 = r6
        r3 = r6
        call bpf_cpumask_or
        r1 = r6
        call bpf_cpumask_weight
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_or, bpf_cpumask_weight

#== set is not null where it is read
#= rejected: Possibly NULL pointer passed to trusted arg2 (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        r2 = r6
        r3 = 0
        call bpf_cpumask_or
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_or

#== set is not used after its release
#= rejected: R1 type=scalar expected=fp (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        call bpf_cpumask_release
        r1 = r6
        call bpf_cpumask_weight
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_weight

#== set is filled from memory
#= accepted
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        *(u64 *)(r10 - 8) = 3
        r1 = r6
        r2 = r10
        r2 += -8
        r3 = 8
        call bpf_cpumask_populate
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_populate

#== set is filled from memory that is there
#= rejected: arg#1 arg#2 memory, len pair leads to invalid memory access (errno EINVAL)
.section tp/syscalls/sys_enter_getpid
        call bpf_cpumask_create
        if r0 != 0 goto 1f
        exit
1:      r6 = r0
        r1 = r6
        r2 = r10
        r2 += -8
        r3 = 16
        call bpf_cpumask_populate
        r1 = r6
        call bpf_cpumask_release
        r0 = 0
        exit
        .extern bpf_cpumask_create, bpf_cpumask_release, bpf_cpumask_populate

#== session knows whether its function returns
#= accepted
.section kprobe.session/vfs_read
        call bpf_session_is_return
        r0 &= 1
        exit
        .extern bpf_session_is_return

#== session of a program knows too
#= accepted
.section uprobe.session/vfs_read
        call bpf_session_is_return
        r0 &= 1
        exit
        .extern bpf_session_is_return

#== kprobe is of no session
#= rejected: calling kernel function bpf_session_is_return is not allowed (errno EACCES)
.section kprobe/vfs_read
        call bpf_session_is_return
        r0 &= 1
        exit
        .extern bpf_session_is_return

#== several kprobes are of no session
#= rejected: calling kernel function bpf_session_is_return is not allowed (errno EACCES)
.section kprobe.multi/vfs_read
        call bpf_session_is_return
        r0 &= 1
        exit
        .extern bpf_session_is_return

#== tracepoint is of no session
#= attach: 56
#= rejected: calling kernel function bpf_session_is_return is not allowed (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        call bpf_session_is_return
        r0 = 0
        exit
        .extern bpf_session_is_return

#== cookie of a session is written and read
#= accepted
.section kprobe.session/vfs_read
        call bpf_session_cookie
        *(u64 *)(r0 + 0) = 7
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit
        .extern bpf_session_cookie

#== cookie of a session has eight bytes
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section kprobe.session/vfs_read
        call bpf_session_cookie
        *(u64 *)(r0 + 8) = 7
        r0 = 0
        exit
        .extern bpf_session_cookie

#== kprobe has no cookie of a session
#= rejected: calling kernel function bpf_session_cookie is not allowed (errno EACCES)
.section kprobe/vfs_read
        call bpf_session_cookie
        r0 = 0
        exit
        .extern bpf_session_cookie

#== test object of the kernel is null
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tc
        r1 = 0
        call bpf_kfunc_call_test_release
        r0 = 0
        exit
        .extern bpf_kfunc_call_test_release

#== test object of the kernel is not of XDP
#= rejected: calling kernel function bpf_kfunc_call_test_release is not allowed (errno EACCES)
.section xdp
        r1 = 0
        call bpf_kfunc_call_test_release
        r0 = 0
        exit
        .extern bpf_kfunc_call_test_release

#== memb object of the kernel is null
#= rejected: Possibly NULL pointer passed to trusted arg0 (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        r1 = 0
        call bpf_kfunc_call_memb_release
        r0 = 0
        exit
        .extern bpf_kfunc_call_memb_release

#== memb object of the kernel is not of XDP
#= rejected: calling kernel function bpf_kfunc_call_memb_release is not allowed (errno EACCES)
.section xdp
        r1 = 0
        call bpf_kfunc_call_memb_release
        r0 = 0
        exit
        .extern bpf_kfunc_call_memb_release

#== statistics of a group are written back
#= rejected: arg#0 pointer type STRUCT cgroup_subsys_state must point to scalar, or struct with scalar (errno EINVAL)
.section tp/syscalls/sys_enter_getpid
        r1 = 0
        r2 = 0
        call css_rstat_updated
        r0 = 0
        exit
        .extern css_rstat_updated

#== statistics of a group are not waited for
#= rejected: program must be sleepable to call sleepable kfunc css_rstat_flush (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        r1 = 0
        call css_rstat_flush
        r0 = 0
        exit
        .extern css_rstat_flush

#== statistics of a group are not written back by traffic control
#= rejected: calling kernel function css_rstat_updated is not allowed (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        call css_rstat_updated
        r0 = 0
        exit
        .extern css_rstat_updated
