#= kernel 6.18
# Functions of a program: arguments and results, saved registers, depth, the stack of all frames together; functions
# that helpers call back; tail calls.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=8, entries=4
.map progs, prog_array, key=4, value=4, entries=4
.map ring, ringbuf, entries=4096
.map uring, user_ringbuf, entries=4096

#== function is called
#= accepted
.section tc
        call f
        exit
.text
f:      r0 = 0
        exit

#== function gets its arguments
#= accepted
.section tc
        r2 = 5
        call f
        r0 = 0
        exit
.text
f:      r0 = *(u32 *)(r1 + 0)
        r0 += r2
        exit

#== argument that was not set may not be read
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = r2
        exit

#== r6 of a function is its own
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r6 = 1
        call f
        r0 = 0
        exit
.text
f:      r0 = r6
        exit

#== r6 to r9 are left to the caller
#= accepted
.section tc
        r6 = 1
        r9 = 2
        call f
        r0 = r6
        r0 += r9
        exit
.text
f:      r6 = r1
        r9 = 7
        r0 = 0
        exit

#== r1 to r5 are gone after a function
#= rejected: R3 !read_ok (errno EACCES)
.section tc
        r3 = 1
        call f
        r0 = r3
        exit
.text
f:      r0 = 0
        exit

#== r1 is gone after a function
#= rejected: R1 !read_ok (errno EACCES)
.section tc
        call f
        r0 = *(u32 *)(r1 + 0)
        exit
.text
f:      r0 = 0
        exit

#== r0 of a function must be set when it is used
#= rejected: R0 !read_ok (errno EACCES)
.section tc
        call f
        exit
.text
f:      r2 = 0
        exit

#== r0 of a function may stay unset when it is not used
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      r2 = 0
        exit

#== result of a function is known
#= accepted
.section tc
        call f
        r1 = r10
        r1 += r0
        *(u64 *)(r1 + 0) = 1
        r0 = 0
        exit
.text
f:      r0 = -8
        exit

#== result of a function by its argument
#= accepted
.section tc
        r1 = 1
        call f
        r6 = r0
        r1 = 2
        call f
        r0 += r6
        r0 -= 3
        r1 = r10
        r1 += r0
        *(u64 *)(r1 - 8) = 1
        r0 = 0
        exit
.text
f:      r0 = r1
        exit

#== function returns a pointer to a value
#= accepted
.section tc
        call f
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit
.text
f:      *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        exit

#== function returns a pointer that its caller does not check
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section tc
        call f
        r0 = *(u64 *)(r0 + 0)
        exit
.text
f:      *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        exit

#== function checks the pointer of its caller
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = r0
        call f
        r0 = 0
        exit
.text
f:      if r1 == 0 goto 1f
        *(u64 *)(r1 + 0) = 1
1:      r0 = 0
        exit

#== check in a function holds for the register of its caller
#= accepted
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r6 = r0
        r1 = r0
        call f
        if r0 == 0 goto 1f
        *(u64 *)(r6 + 0) = 1
1:      r0 = 0
        exit
.text
f:      r0 = 0
        if r1 == 0 goto 1f
        r0 = 1
1:      exit

#== function has 512 bytes of stack
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 512) = 0
        r0 = 0
        exit

#== stack of caller and function together
#= rejected: combined stack size of 2 calls is 544. Too large (errno EACCES)
.section tc
        *(u64 *)(r10 - 264) = 0
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 264) = 0
        r0 = 0
        exit

#== stack of caller and function together, just enough
#= accepted
.section tc
        *(u64 *)(r10 - 256) = 0
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 256) = 0
        r0 = 0
        exit

#== stacks of functions called one after another do not add up
#= accepted
.section tc
        *(u64 *)(r10 - 128) = 0
        call f
        call g
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 304) = 0
        r0 = 0
        exit
g:      *(u64 *)(r10 - 320) = 0
        r0 = 0
        exit

#== eight frames
#= accepted
.section tc
        call f1
        r0 = 0
        exit
.text
f1:     call f2
        exit
f2:     call f3
        exit
f3:     call f4
        exit
f4:     call f5
        exit
f5:     call f6
        exit
f6:     call f7
        exit
f7:     r0 = 0
        exit

#== nine frames
#= rejected: the call stack of 9 frames is too deep (errno E2BIG)
.section tc
        call f1
        r0 = 0
        exit
.text
f1:     call f2
        exit
f2:     call f3
        exit
f3:     call f4
        exit
f4:     call f5
        exit
f5:     call f6
        exit
f6:     call f7
        exit
f7:     call f8
        exit
f8:     r0 = 0
        exit

#== function that calls itself
#= rejected: the call stack of 9 frames is too deep (errno E2BIG)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
        call f
        exit

#== two functions that call each other
#= rejected: the call stack of 9 frames is too deep (errno E2BIG)
.section tc
        call f
        r0 = 0
        exit
.text
f:      call g
        exit
g:      r0 = 0
        if r1 == 0 goto 1f
        call f
1:      exit

#== main function is called again
#= rejected: the call stack of 9 frames is too deep (errno E2BIG)
.section tc
        if r1 == 0 goto 1f
        call pc-2
1:      r0 = 0
        exit

#== jump from a function into another
#= rejected: jump out of range from insn 4 to 7 (errno EINVAL)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
        if r1 == 0 goto 1f
        exit
g:      r0 = 1
1:      exit
.globl g

#== jump out of a function
#= rejected: jump out of range from insn 4 to 7 (errno EINVAL)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
        goto +2
        exit
g:      r0 = 1
        exit
.globl g

#== function that falls into the next
#= rejected: last insn is not an exit or jmp (errno EINVAL)
.section tc
        call f
        call g
        r0 = 0
        exit
.text
f:      r0 = 0
g:      r0 = 1
        exit

#== function on a way that is never taken
#= accepted
.section tc
        r0 = 0
        if r0 == 0 goto 1f
        call f
1:      exit
.text
f:      r0 = *(u64 *)(r9 + 0)
        exit

#== calls of a function from two places
#= accepted
.section tc
        r6 = r1
        call f
        r1 = r6
        call f
        exit
.text
f:      r0 = *(u32 *)(r1 + 0)
        exit

#== function that never returns
#= rejected: BPF program is too large. Processed 1000001 insn (errno E2BIG)
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
1:      r0 += 1
        goto 1b

#== loop in a function
#= accepted
.section tc
        r1 = 10
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
1:      r0 += 1
        if r0 < 10 goto 1b
        exit

#== loop calls back with an index
#= accepted
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r2 = r1
        r2 &= 7
        r0 = 0
        exit

#== loop passes its context on
#= accepted
.section tc
        r3 = r10
        r3 += -8
        *(u64 *)(r10 - 8) = 0
        r1 = 10
        r2 = f ll
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r3 = *(u64 *)(r2 + 0)
        r3 += 1
        *(u64 *)(r2 + 0) = r3
        r0 = 0
        exit

#== flags of a loop are seen when it runs
#= accepted
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 1
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== callback of a loop returns 0 or 1
#= rejected: At callback return the register R0 has smin=2 smax=2 should have been in [0, 1] (errno EINVAL)
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = 2
        exit

#== callback of a loop returns 1
#= accepted
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = 1
        exit

#== callback of a loop returns what is unknown
#= rejected: At callback return the register R0 has unknown scalar value should have been in [0, 1] (errno EINVAL)
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = r1
        exit

#== callback that is no function
#= rejected: R2 type=scalar expected=func (errno EACCES)
.section tc
        r1 = 10
        r2 = 0
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit

#== callback that is the stack
#= rejected: R2 type=fp expected=func (errno EACCES)
.section tc
        r1 = 10
        r2 = r10
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit

#== callback reads an argument it does not get
#= rejected: R3 !read_ok (errno EACCES)
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = r3
        exit

#== callback reads r6 of its caller
#= rejected: R6 !read_ok (errno EACCES)
.section tc
        r6 = 1
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = r6
        exit

#== loop index is not bounded for the callback
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r3 = r10
        r3 += -16
        r1 = 10
        r2 = f ll
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r2 += r1
        *(u8 *)(r2 + 0) = 0
        r0 = 0
        exit

#== number of iterations may be unknown
#= accepted
.section tc
        call bpf_get_prandom_u32
        r1 = r0
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== what a callback writes is unknown to its caller
#= rejected: invalid write to stack R1 off=48 size=1 (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r3 = r10
        r3 += -8
        r1 = 10
        r2 = f ll
        r4 = 0
        call bpf_loop
        r0 = *(u64 *)(r10 - 8)
        r1 = r10
        r1 += r0
        *(u8 *)(r1 - 16) = 0
        r0 = 0
        exit
.text
f:      *(u64 *)(r2 + 0) = 64
        r0 = 0
        exit

#== loop within a loop
#= accepted
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r1 = 3
        r2 = g ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
g:      r0 = 0
        exit

#== callback that calls a function
#= accepted
.section tc
        r1 = 10
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      call g
        r0 = 0
        exit
g:      r0 = 0
        exit

#== callback takes a socket and leaves it
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = r1
        r3 = r10
        r3 += -8
        r1 = 10
        r2 = f ll
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r0 = 0
        exit

#== callback submits the record of its caller
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r1 = ring ll
        r2 = 8
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        *(u64 *)(r10 - 8) = r0
        r3 = r10
        r3 += -8
        r1 = 1
        r2 = f ll
        r4 = 0
        call bpf_loop
1:      r0 = 0
        exit
.text
f:      r1 = *(u64 *)(r2 + 0)
        r2 = 0
        call bpf_ringbuf_submit
        r0 = 0
        exit

#== context of a callback is the stack or null
#= rejected: R3 type=ctx expected=fp (errno EACCES)
.section tc
        r3 = r1
        r1 = 10
        r2 = f ll
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== callback for each element gets key and value
#= accepted
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r5 = *(u32 *)(r2 + 0)
        r5 = *(u64 *)(r3 + 0)
        r0 = 0
        exit

#== callback for each element writes the value
#= accepted
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      *(u64 *)(r3 + 0) = 1
        r0 = 0
        exit

#== callback for each element does not write the key
#= rejected: write to change key R2 not allowed (errno EACCES)
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      *(u32 *)(r2 + 0) = 1
        r0 = 0
        exit

#== callback for each element reads past the key
#= rejected: R2 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r5 = *(u64 *)(r2 + 0)
        r0 = 0
        exit

#== callback for each element reads past the value
#= rejected: R3 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r5 = *(u64 *)(r3 + 8)
        r0 = 0
        exit

#== callback for each element passes the key to a helper
#= accepted
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r1 = vals ll
        call bpf_map_delete_elem
        r0 = 0
        exit

#== callback for each element passes the map on
#= accepted
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== callback for each element may not return 2
#= rejected: At callback return the register R0 has smin=2 smax=2 should have been in [0, 1] (errno EINVAL)
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r0 = 2
        exit

#== key of an element takes numbers within its size
#= accepted
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r2 += 2
        r5 = *(u16 *)(r2 + 0)
        r0 = 0
        exit

#== key of an element takes numbers past its size
#= rejected: R2 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = arr ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r2 += 4
        r5 = *(u16 *)(r2 + 0)
        r0 = 0
        exit

#== each element of a map that has no walk
#= rejected: callback function not allowed for map (errno ENOTSUPP)
.section tc
        r1 = progs ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== each element of a ring buffer
#= rejected: callback function not allowed for map (errno ENOTSUPP)
.section tc
        r1 = ring ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== task is found from a tracing program
#= accepted
.section kprobe
        r1 = r1
        call bpf_get_current_task_btf
        r1 = r0
        r2 = 0
        r3 = f ll
        r4 = 0
        r5 = 0
        call bpf_find_vma
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== records of a user are drained
#= accepted
.section kprobe
        r1 = uring ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== record of a user is read
#= accepted
.section kprobe
        r1 = uring ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.text
f:      r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== record of a user is not submitted
#= rejected: cannot release unowned const bpf_dynptr (errno EINVAL)
.section kprobe
        r1 = uring ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.text
f:      r2 = 0
        call bpf_ringbuf_submit_dynptr
        r0 = 0
        exit

#== drain of a plain ring buffer
#= rejected: cannot pass map_type 27 into func bpf_user_ringbuf_drain#209 (errno EINVAL)
.section kprobe
        r1 = ring ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== tail call takes the context
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section tc
        r1 = 0
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call sets no registers but leaves r6
#= accepted
.section tc
        r6 = 3
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = r6
        exit

#== tail call leaves no arguments
#= rejected: R3 !read_ok (errno EACCES)
.section tc
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = r3
        exit

#== tail call gives a number when it returns
#= rejected: R0 !read_ok (errno EACCES)
.section tc
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        exit

#== tail call of a variable index
#= accepted
.section tc
        r3 = *(u32 *)(r1 + 0)
        r2 = progs ll
        call bpf_tail_call
        r0 = 0
        exit

#== tail call from a function
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call from a function leaves 256 bytes
#= rejected: tail_calls are not allowed when call stack of previous frames is 272 bytes. Too large (errno EACCES)
.section tc
        *(u64 *)(r10 - 264) = 0
        call f
        r0 = 0
        exit
.text
f:      r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call through a map that is no program array
#= rejected: expected prog array map for tail call (errno EINVAL)
.section tc
        r2 = vals ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call through a number
#= rejected: R2 type=scalar expected=map_ptr (errno EACCES)
.section tc
        r2 = 0
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== tail call with a pointer for index, unprivileged
#= unprivileged
#= rejected: R3 leaks addr into helper function (errno EACCES)
.section socket
        r2 = progs ll
        r3 = r10
        call bpf_tail_call
        r0 = 0
        exit

#== tail call with an unset index
#= rejected: R3 !read_ok (errno EACCES)
.section tc
        r2 = progs ll
        call bpf_tail_call
        r0 = 0
        exit

#== packet pointers are gone after a tail call in a function
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r7 = *(u32 *)(r1 + 76)
        r8 = *(u32 *)(r1 + 80)
        r2 = r7
        r2 += 8
        if r2 > r8 goto 1f
        call f
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 0
        exit
.text
f:      r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== address of a function that nothing calls, in the main function alone
#= accepted
.section tc
        r2 = f ll
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== address of a function that nothing calls, in a program of several
#= rejected: verifier bug: No program to jit at insn 6 (subprog < 0) (errno EFAULT)
.section tc
        call g
        exit
.text
g:      r2 = f ll
        r0 = 0
        exit
f:      r0 = 0
        exit

#== address of a function that nothing calls, before one that is called
#= accepted
.section tc
        r2 = f ll
        call g
        r0 = 0
        exit
.text
f:      r0 = 0
        exit
g:      r0 = 0
        exit

#== address of a function that nothing calls, where no path comes
#= accepted
.section tc
        call g
        exit
.text
g:      r0 = 0
        if r0 == 0 goto 1f
        r2 = f ll
1:      exit
f:      r0 = 0
        exit

#== address of a function that nothing calls, behind a loop that is put in place of its call
#= rejected: verifier bug: No program to jit at insn 30 (subprog < 0) (errno EFAULT)
.section tc
        r1 = 1
        r2 = g ll
        r3 = r10
        r4 = 0
        call bpf_loop
        r2 = f ll
        r0 = 0
        exit
.text
g:      r0 = 0
        exit
f:      r0 = 0
        exit

#== addresses of two functions that nothing calls, one behind the other
#= rejected: verifier bug: No program to jit at insn 9 (subprog < 0) (errno EFAULT)
.section tc
        call g
        r2 = f ll
        r3 = h ll
        r0 = 0
        exit
.text
f:      r0 = 0
        exit
h:      r0 = 0
        exit
g:      r0 = 0
        exit

#== address of a function that nothing calls leads into another one, from which a jump to the next instruction goes
#= rejected: verifier bug: No program to jit at insn 12 (subprog < 0) (errno EFAULT)
.section tc
        call g
        r2 = f ll
        r3 = h ll
        r0 = 0
        exit
.text
f:      r0 = 0
        exit
h:      r0 = 0
        exit
g:      goto 1f
1:      r0 = 0
        call i
        exit
i:      r0 = 0
        exit

#== number from a function that a tail call may leave matters
#= accepted
.section tc
        r6 = r1
        r7 = *(u32 *)(r6 + 0)
        r7 &= 7
        r8 = r7
        call f
        r9 = r10
        r9 += -16
        r9 += r8
        *(u8 *)(r9 + 0) = 1
        r0 = 0
        exit
.text
f:      r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit
