#= kernel 6.18
# Exception callbacks: what may be one, who may call it, what it may do. Those with other types are in c/exception_mistakes.c.
.license "GPL"
.map steps, prog_array, key=4, value=4, entries=1
.extern bpf_throw

#== a callback that nothing calls
#= accepted
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback of a program that does not throw
#= accepted
.section tc
prog:   r0 = 0
        exit
.text
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback without types is code that nothing leads to
#= no btf
#= rejected: unreachable insn 3 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== two callbacks
#= rejected: multiple exception callback tags for main subprog (errno EEXIST)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = r1
        exit
other:  r0 = 1
        exit
.exception_callback prog, catch
.exception_callback prog, other

#== a local callback
#= rejected: exception callback 'catch' must have global linkage (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
        .local catch
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a hidden callback
#= rejected: exception callback 'catch' must have global linkage (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
        .hidden catch
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback in the program's own section
#= rejected: exception callback type id not found in func_info (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== the program as its own callback
#= rejected: invalid exception callback insn_off in func_info: 0 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.exception_callback prog, prog

#== a callback that is called
#= rejected: insn 1 cannot call exception cb directly (errno EINVAL)
.section tc
prog:   r1 = 5
        call catch
        exit
.text
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback that is called by another function
#= rejected: insn 3 cannot call exception cb directly (errno EINVAL)
.section tc
prog:   call f
        exit
.text
f:      r1 = 5
        call catch
        exit
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback that a helper calls back, too
#= rejected: callback function not static (errno EINVAL)
.section tc
prog:   r1 = 3
        r2 = catch ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
catch:  r0 = 0
        exit
.exception_callback prog, catch

#== a callback that calls another function
#= accepted
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  call f
        r0 += 1
        exit
f:      r0 = r1
        exit
.exception_callback prog, catch

#== a callback that calls itself
#= rejected: insn 5 cannot call exception cb directly (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  if r1 == 0 goto out
        r1 = 0
        call catch
out:    r0 = 0
        exit
.exception_callback prog, catch

#== a callback that throws
#= rejected: bpf_throw kfunc (insn 4) cannot be called from callback subprog 1 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r1 = 1
        call bpf_throw
        exit
.exception_callback prog, catch

#== a callback that calls a function that throws
#= rejected: bpf_throw kfunc (insn 6) cannot be called from callback subprog 2 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  call f
        exit
f:      r1 = 1
        call bpf_throw
        exit
.exception_callback prog, catch

#== a function that throws is called back
#= rejected: bpf_throw kfunc (insn 12) cannot be called from callback subprog 1 (errno EINVAL)
.section tc
prog:   r6 = *(u32 *)(r1 + 0)
        if r6 == 0 goto here
        r1 = 3
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
here:   call f
        r0 = 0
        exit
.text
f:      r1 = 1
        call bpf_throw
        exit

#== a function that throws is called by one that is called back
#= rejected: bpf_throw kfunc (insn 13) cannot be called from callback subprog 2 (errno EINVAL)
.section tc
prog:   r1 = 3
        r2 = g ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r1 = 1
        call bpf_throw
        exit
g:      if r1 == 2 goto out
        call f
out:    r0 = 0
        exit

#== a function that throws has its address taken
#= accepted
.section tc
prog:   r2 = f ll
        call f
        r0 = 0
        exit
.text
f:      r1 = 1
        call bpf_throw
        exit

#== the second argument of a callback
#= rejected: R2 !read_ok (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = r2
        exit
.exception_callback prog, catch

#== the cookie as an address
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = *(u32 *)(r1 + 0)
        exit
.exception_callback prog, catch

#== a callback returns an address
#= accepted
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = r10
        exit
.exception_callback prog, catch

#== a callback returns nothing
#= rejected: R0 !read_ok (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r1 = 0
        exit
.exception_callback prog, catch

#== a cookie that the program could not return
#= accepted
.section cgroup_skb/ingress
prog:   r1 = 5
        call bpf_throw
        r0 = 0
        exit
.text
catch:  r0 = 1
        exit
.exception_callback prog, catch

#== a callback returns what the program may not
#= rejected: At program exit the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
prog:   r1 = 0
        call bpf_throw
        r0 = 0
        exit
.text
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== a callback bounds the cookie
#= accepted
.section cgroup_skb/ingress
prog:   r1 = 7
        call bpf_throw
        r0 = 0
        exit
.text
catch:  r0 = r1
        r0 &= 1
        exit
.exception_callback prog, catch

#== a cookie that is an address
#= rejected: R1 is not a scalar (errno EINVAL)
.section tc
prog:   r1 = r10
        call bpf_throw
        exit
.text
catch:  r0 = 1
        exit
.exception_callback prog, catch

#== thrown with a reference in spite of a callback
#= rejected: bpf_throw would lead to reference leak (errno EINVAL)
.section tc
prog:   r1 = 1
        call bpf_task_from_pid
        r1 = 5
        call bpf_throw
        exit
        .extern bpf_task_from_pid
.text
catch:  r0 = 1
        exit
.exception_callback prog, catch

#== a callback keeps a reference
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
        .extern bpf_task_from_pid
.text
catch:  call bpf_task_from_pid
        r0 = 0
        exit
.exception_callback prog, catch

#== a tail call below a callback
#= rejected: cannot tail call within exception cb (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  call f
        exit
f:      r0 = 1
        if r0 == 1 goto out
        r2 = steps ll
        r3 = 0
        call bpf_tail_call
out:    exit
.exception_callback prog, catch

#== a tail call two functions below a callback
#= rejected: cannot tail call within exception cb (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  call g
        call h
        exit
g:      call f
        exit
f:      r0 = 1
        if r0 == 1 goto out
        r2 = steps ll
        r3 = 0
        call bpf_tail_call
out:    exit
h:      r0 = 1
        exit
.exception_callback prog, catch

#== a tail call in a callback that comes to none
#= accepted
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = 1
        if r0 == 1 goto out
        r2 = steps ll
        r3 = 0
        call bpf_tail_call
out:    exit
.exception_callback prog, catch

#== a tail call in a callback
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r2 = steps ll
        r3 = 0
        call bpf_tail_call
        exit
.exception_callback prog, catch

#== a tail call in a function of a program that throws
#= accepted
.section tc
prog:   call f
        r1 = 5
        call bpf_throw
        exit
.text
f:      r2 = steps ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit
catch:  r0 = r1
        exit
.exception_callback prog, catch

#== the stack of a callback is its own
#= accepted
.section tc
prog:   *(u64 *)(r10 - 400) = 0
        r1 = 5
        call bpf_throw
        exit
.text
catch:  *(u64 *)(r10 - 400) = 0
        r0 = r1
        exit
.exception_callback prog, catch

#== a callback and what it calls share a stack
#= rejected: combined stack size of 2 calls is 608. Too large (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  *(u64 *)(r10 - 400) = 0
        call f
        exit
f:      *(u64 *)(r10 - 200) = 0
        r0 = 0
        exit
.exception_callback prog, catch

#== the throw and a stack that is too deep, in this order
#= rejected: bpf_throw kfunc (insn 5) cannot be called from callback subprog 1 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  *(u64 *)(r10 - 400) = 0
        r1 = 5
        call bpf_throw
        call f
        exit
f:      *(u64 *)(r10 - 200) = 0
        r0 = 0
        exit
.exception_callback prog, catch

#== the stack that is too deep and the throw, in this order
#= rejected: combined stack size of 2 calls is 608. Too large (errno EACCES)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  *(u64 *)(r10 - 400) = 0
        call f
        r1 = 5
        call bpf_throw
        exit
f:      *(u64 *)(r10 - 200) = 0
        r0 = 0
        exit
.exception_callback prog, catch

#== a loop without an end in a callback
#= rejected: infinite loop detected at insn 4 (errno EINVAL)
.section tc
prog:   r1 = 5
        call bpf_throw
        exit
.text
catch:  r0 = 0
again:  goto again
.exception_callback prog, catch

#== thrown with a lock
#= rejected: function calls are not allowed while holding a lock (errno EINVAL)
.map locks, array, key=4, value=8, entries=1
.field locks, bpf_spin_lock, 0
.section tc
prog:   *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = r0
        call bpf_spin_lock
        r1 = 0
        call bpf_throw
out:    r0 = 0
        exit

#== thrown below with a callback, out of range
#= accepted
.section cgroup_skb/ingress
prog:   call f
        r0 = 0
        exit
.text
f:      r1 = 7
        call bpf_throw
        exit
catch:  r0 = 0
        exit
.exception_callback prog, catch

#== thrown below without a callback, out of range
#= rejected: At program exit the register R1 has smin=7 smax=7 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
prog:   call f
        r0 = 0
        exit
.text
f:      r1 = 7
        call bpf_throw
        exit
