# Helpers that call functions of the program: loops, walks over maps, samples of user space.
.license "GPL"
.map arr, array, key=4, value=8, entries=5
.map parr, percpu_array, key=4, value=8, entries=3
.map vals, hash, key=4, value=8, entries=8
.map pvals, percpu_hash, key=4, value=8, entries=8
.map lru, lru_hash, key=4, value=8, entries=64
.map plru, lru_percpu_hash, key=4, value=8, entries=64
.map samples, user_ringbuf, entries=4096
.bss
out:    .zero 128

#== a loop calls its function as often as it says
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 10
        r2 = add ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_loop
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 0
        exit
.text
add:    r3 = *(u64 *)(r2 + 0)
        r3 += r1
        *(u64 *)(r2 + 0) = r3
        r0 = 0
        exit
        .type add, @function

#== a loop ends when its function says so
.section xdp
        *(u64 *)(r10 - 8) = 0
        r1 = 1000
        r2 = upto ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_loop
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 2
        exit
.text
upto:   *(u64 *)(r2 + 0) = r1
        r0 = 0
        if r1 != 7 goto more
        r0 = 1
more:   exit
        .type upto, @function

#== a loop of no turns, one of too many, and one with a flag
.section socket
        r7 = out ll
        r1 = 0
        r2 = nop ll
        r3 = 0
        r4 = 0
        call bpf_loop
        *(u64 *)(r7 + 0) = r0
        r1 = 8388609
        r2 = nop ll
        r3 = 0
        r4 = 0
        call bpf_loop
        *(u64 *)(r7 + 8) = r0
        r1 = 3
        r2 = nop ll
        r3 = 0
        r4 = 1
        call bpf_loop
        *(u64 *)(r7 + 16) = r0
        r0 = 0
        exit
.text
nop:    r0 = 0
        exit
        .type nop, @function

#== what a function is called with, and what is left of the caller's registers
.section tc
        r6 = 6
        r7 = 7
        r8 = 8
        r9 = 9
        *(u64 *)(r10 - 8) = 100
        r1 = 3
        r2 = turn ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_loop
        r1 = out ll
        r6 += r7
        r6 += r8
        r6 += r9
        *(u64 *)(r1 + 0) = r6
        r2 = *(u64 *)(r10 - 8)
        *(u64 *)(r1 + 8) = r2
        r0 = 0
        exit
.text
turn:   r6 = 60
        r7 = r1
        r8 = 80
        r9 = 90
        *(u64 *)(r10 - 8) = r7
        r3 = *(u64 *)(r10 - 8)
        r4 = *(u64 *)(r2 + 0)
        r4 += r3
        *(u64 *)(r2 + 0) = r4
        r0 = 0
        exit
        .type turn, @function

#== loops in loops
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = 4
        r2 = outer ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_loop
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 0
        exit
.text
outer:  r6 = r1
        r1 += 1
        r3 = r2
        r2 = inner ll
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
inner:  r3 = *(u64 *)(r2 + 0)
        r3 += 1
        *(u64 *)(r2 + 0) = r3
        r0 = 0
        exit
        .type outer, @function
        .type inner, @function

#== a walk over an array has every index, in order
.section tc
        r8 = 0
        *(u64 *)(r10 - 8) = 1
fill:   *(u32 *)(r10 - 12) = r8
        r9 = r8
        r9 *= 3
        *(u64 *)(r10 - 24) = r9
        r1 = arr ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r8 += 1
        if r8 != 5 goto fill
        r1 = arr ll
        r2 = each ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 0
        exit
.text
each:   r5 = *(u64 *)(r4 + 0)
        r5 *= 7
        r1 = *(u32 *)(r2 + 0)
        r5 += r1
        r1 = *(u64 *)(r3 + 0)
        r5 += r1
        *(u64 *)(r4 + 0) = r5
        r1 += 100
        *(u64 *)(r3 + 0) = r1
        r0 = 0
        exit
        .type each, @function

#== a walk ends when its function says so
.section xdp
        *(u64 *)(r10 - 8) = 0
        r1 = arr ll
        r2 = third ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 2
        exit
.text
third:  r1 = *(u32 *)(r2 + 0)
        *(u64 *)(r4 + 0) = r1
        r0 = 0
        if r1 != 2 goto more
        r0 = 1
more:   exit
        .type third, @function

#== a walk with a flag
.section tc
        r1 = arr ll
        r2 = any ll
        r3 = 0
        r4 = 1
        call bpf_for_each_map_elem
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r0 = 0
        exit
.text
any:    r0 = 0
        exit
        .type any, @function

#== a walk over a per-CPU array has this CPU's values
.section tc
        *(u32 *)(r10 - 12) = 1
        *(u64 *)(r10 - 24) = 5
        r1 = parr ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        *(u64 *)(r10 - 8) = 0
        r1 = parr ll
        r2 = sum ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 0
        exit
.text
sum:    r1 = *(u64 *)(r3 + 0)
        r5 = *(u64 *)(r4 + 0)
        r5 += r1
        *(u64 *)(r4 + 0) = r5
        r0 = 0
        exit
        .type sum, @function

#== walks over hashes of every kind
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
        r1 = lru ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r1 = plru ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -24
        r4 = 0
        call bpf_map_update_elem
        r8 += 1
        if r8 != 6 goto fill
        r7 = out ll
        *(u64 *)(r10 - 8) = 0
        r1 = vals ll
        r2 = sum ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r1 = pvals ll
        r2 = sum ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 24) = r1
        r1 = lru ll
        r2 = sum ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 32) = r0
        r1 = plru ll
        r2 = sum ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 40) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 48) = r1
        r0 = 0
        exit
.text
sum:    r1 = *(u64 *)(r3 + 0)
        r2 = *(u32 *)(r2 + 0)
        r1 *= r2
        r5 = *(u64 *)(r4 + 0)
        r5 += r1
        *(u64 *)(r4 + 0) = r5
        r0 = 0
        exit
        .type sum, @function

#== a walk that deletes every entry
.section xdp
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
        r8 += 1
        if r8 != 8 goto fill
        r7 = out ll
        *(u64 *)(r10 - 8) = 0
        r1 = vals ll
        r2 = drop ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 0) = r0
        r1 = vals ll
        r2 = drop ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_for_each_map_elem
        *(u64 *)(r7 + 8) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 16) = r1
        r0 = 2
        exit
.text
drop:   r6 = r4
        r1 = *(u32 *)(r2 + 0)
        *(u32 *)(r10 - 4) = r1
        r1 = vals ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        r1 = *(u64 *)(r6 + 0)
        r1 += r0
        *(u64 *)(r6 + 0) = r1
        r0 = 0
        exit
        .type drop, @function

#== values are changed in the walk
.section tc
        r1 = arr ll
        r2 = inc ll
        r3 = 0
        r4 = 0
        call bpf_for_each_map_elem
        r0 = 0
        exit
.text
inc:    r1 = *(u64 *)(r3 + 0)
        r1 += 1
        *(u64 *)(r3 + 0) = r1
        r0 = 0
        exit
        .type inc, @function

#== nobody has put samples in
.section tc
        r1 = samples ll
        r2 = any ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = samples ll
        r2 = any ll
        r3 = 0
        r4 = 4
        call bpf_user_ringbuf_drain
        *(u64 *)(r6 + 8) = r0
        r1 = samples ll
        r2 = any ll
        r3 = 0
        r4 = 3
        call bpf_user_ringbuf_drain
        *(u64 *)(r6 + 16) = r0
        r0 = 0
        exit
.text
any:    r0 = 0
        exit
        .type any, @function

#== an exception ends the program from within functions
.section tc
        call one
        r0 = 7
        exit
        .extern bpf_throw
.text
one:    r1 = 5
        call two
        r0 = 6
        exit
two:    r1 = 2
        call bpf_throw
        r0 = 9
        exit

#== an exception callback goes on with the cookie
.section tc
prog:   r6 = 1
        call one
        r0 = 7
        exit
        .extern bpf_throw
.text
one:    r6 = 2
        *(u64 *)(r10 - 8) = 3
        call two
        r0 = 6
        exit
two:    r1 = 40
        call bpf_throw
        r0 = 9
        exit
catch:  *(u64 *)(r10 - 8) = r1
        r6 = out ll
        r2 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 0) = r2
        call three
        r0 += 1
        exit
three:  r0 = r1
        r0 += 1
        exit
.exception_callback prog, catch

#== an exception callback and what it calls have eight frames, wherever it was thrown
.section tc
prog:   r1 = 1
        call down
        r0 = 7
        exit
        .extern bpf_throw
.text
down:   call a
        exit
a:      call b
        exit
b:      call c
        exit
c:      call d
        exit
d:      call e
        exit
e:      call f
        exit
f:      r2 = out ll
        r0 = *(u64 *)(r2 + 0)
        r0 += 1
        *(u64 *)(r2 + 0) = r0
        if r1 == 2 goto back
        r1 = 2
        call bpf_throw
back:   exit
catch:  r0 = r1
        r0 += 5
        exit
.exception_callback prog, catch

#== a program that a function jumps to ends alone when it throws
.map steps, prog_array, key=4, value=4, entries=2
.entry steps, 1, last
.section tc
prog:   r6 = r1
        call jump
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        call two
        r0 = 1
        exit
        .extern bpf_throw
        .globl last
last:   r6 = 9
        call two
        r0 = 2
        exit
.text
jump:   r2 = steps ll
        r3 = 1
        call bpf_tail_call
        r0 = 3
        exit
two:    r1 = 20
        call bpf_throw
        exit
catch:  r6 = out ll
        r0 = *(u64 *)(r6 + 8)
        r0 += r1
        *(u64 *)(r6 + 8) = r0
        r0 += 100
        exit
.exception_callback prog, catch

#== may_goto goes on
.section tc
        r1 = 0
again:  r1 += 1
        if r1 == 100 goto done
        may_goto done
        goto again
done:   r6 = out ll
        *(u64 *)(r6 + 0) = r1
        r0 = 0
        exit

#== a loop that only may_goto ends comes to its end
.section tc
        r6 = out ll
        r1 = *(u64 *)(r6 + 0)
        if r1 != 0 goto done
        *(u64 *)(r6 + 0) = 1
again:  may_goto done
        goto again
done:   r0 = 0
        exit
