#= kernel 6.18
# When a path ends at a state that was kept: what of numbers, ids and stack must be alike, in loops and outside. The
# logs tell (level 2), the verdicts are all the same.
.license "GPL"
.map progs, prog_array, key=4, value=4, entries=4

#== loop with a bound
#= accepted
.section socket
  r6 = 0
1: r6 += 1
  if r6 < 10 goto 1b
  r0 = 0
  exit

#== loop without an end
#= rejected: infinite loop detected at insn 2 (errno EINVAL)
.section socket
  r6 = 0
  r0 = 0
1: if r0 == 1 goto 2f
  if r6 == 5 goto 2f
  goto 1b
2:
  exit

#== loop in a loop
#= accepted
.section socket
  r6 = 0
1: r7 = 0
2: r7 += 1
  *(u64 *)(r10 - 8) = r7
  if r7 < 5 goto 2b
  r6 += 1
  r8 = *(u64 *)(r10 - 8)
  if r6 < 6 goto 1b
  r0 = r8
  exit

#== loop bounded by data
#= accepted
.section socket
  r6 = *(u32 *)(r1 + 0)
  r7 = 0
1: r7 += 1
  if r7 > 20 goto 2f
  if r7 < r6 goto 1b
2: r0 = r7
  exit

#== many branches one after another
#= accepted
.section socket
  r6 = *(u32 *)(r1 + 0)
  r7 = *(u32 *)(r1 + 4)
  r0 = 0
  if r6 > 5 goto 1f
  r0 += 1
1: if r7 > 6 goto 2f
  r0 += 2
2: if r6 > 7 goto 3f
  r0 += 4
3: if r7 > 8 goto 4f
  r0 += 8
4: if r6 > 9 goto 5f
  r0 += 16
5: if r7 > 10 goto 6f
  r0 += 32
6: exit

#== spilled number is made precise
#= accepted
.section socket
  r6 = *(u32 *)(r1 + 0)
  r6 &= 7
  *(u64 *)(r10 - 16) = r6
  r7 = *(u32 *)(r1 + 4)
  r8 = 0
  if r7 > 5 goto 1f
  r8 = 1
1: if r7 > 10 goto 2f
  r8 += 1
2: if r7 > 11 goto 3f
  r8 += 1
3: r3 = *(u64 *)(r10 - 16)
  r2 = r10
  r2 += -16
  r2 += r3
  *(u8 *)(r2 - 8) = 1
  r0 = 0
  exit

#== callback writes any number over bytes of any kind
#= accepted
.section socket
prog:
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  r3 = *(u64 *)(r7 + 0)
  r3 += 1
  *(u64 *)(r7 + 0) = r3
  r0 = 0
  exit

#== callback spills any number over bytes of any kind
#= accepted
.section socket
prog:
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  r3 = *(u64 *)(r10 - 8)
  *(u64 *)(r7 + 0) = r3
  r0 = 0
  exit

#== callback writes a number over bytes of any kind
#= accepted
.section socket
prog:
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = 1
  r0 = 0
  exit

#== callback writes zero over bytes of any kind
#= accepted
.section socket
prog:
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = 0
  r0 = 0
  exit

#== callback writes half a slot over bytes of any kind
#= accepted
.section socket
prog:
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = 0
  *(u32 *)(r7 + 0) = 6
  r0 = 0
  exit

#== callback writes beyond the stack that was in use
#= accepted
.section socket
prog:
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = 7
  r0 = 0
  exit

#== callback leaves a pointer with its caller
#= rejected: cannot spill pointers to stack into stack frame of the caller (errno EINVAL)
.section socket
prog:
  r6 = r1
  *(u32 *)(r10 - 8) = 5
  *(u32 *)(r10 - 4) = 5
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = r10
  r0 = 0
  exit

#== callback writes a slot that was never written
#= accepted
.section socket
prog:
  *(u64 *)(r10 - 16) = 7
  r1 = 4
  r2 = cb ll
  r3 = r10
  r3 += -8
  r4 = 0
  call bpf_loop
  r0 = 0
  exit
.section .text
cb:
  r7 = r2
  *(u64 *)(r7 + 0) = 7
  r0 = 0
  exit

#== number with no link comes to where there was no link
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a copy comes to where there was no link
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a sum comes to where there was no link
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  r7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a 32-bit sum comes to where there was no link
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  w7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with no link comes to where there was a copy
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a copy comes to where there was a copy
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a sum comes to where there was a copy
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  r7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a 32-bit sum comes to where there was a copy
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  w7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with no link comes to where there was a sum
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r7 += 1
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = *(u32 *)(r9 + 4)
  r7 &= 15
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a copy comes to where there was a sum
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r7 += 1
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a sum comes to where there was a sum
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r7 += 1
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  r7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit

#== number with a 32-bit sum comes to where there was a sum
#= accepted
.section socket
  r9 = r1
  r6 = *(u32 *)(r9 + 0)
  r7 = *(u32 *)(r9 + 4)
  r6 &= 7
  r7 &= 7
  r8 = *(u32 *)(r9 + 8)
  if r8 <= 3 goto 1f
  r7 = r6
  r7 += 1
  r0 = 0
  r0 = 0
  goto 2f
1: r0 = 0
  r7 = r6
  w7 += 1
2: r0 = 0
  r0 = 0
  if r8 > 5 goto 3f
  r0 = 1
3:
  r2 = r10
  r2 += r6
  *(u8 *)(r2 - 40) = 1
  r2 = r10
  r2 += r7
  *(u8 *)(r2 - 40) = 1

  r0 = 0
  exit


#== slot that is written before a tail call
#= accepted
.section tc
        r6 = r1
        r2 = r10
        r2 += -8
        call f
        r0 = *(u64 *)(r10 - 8)
        r0 = 0
        exit
.text
f:      
        r6 = r2
        *(u64 *)(r6 + 0) = 1
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        *(u64 *)(r6 + 0) = 1
        r0 = 0
        exit

#== slot that is written after a tail call
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 1
        r2 = r10
        r2 += -8
        call f
        r0 = *(u64 *)(r10 - 8)
        r0 = 0
        exit
.text
f:      
        r6 = r2
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        *(u64 *)(r6 + 0) = 1
        r0 = 0
        exit

#== may_goto within may_goto
#= accepted
.section tc
  r6 = *(u32 *)(r1 + 0)
  r7 = 0
  r8 = 0
1: may_goto 2f
  r7 += 1
  r8 = 0
4: may_goto 5f
  r8 += 2
  if r8 > 100 goto 5f
  goto 4b
5: r3 = r8
  goto 1b
2: r0 = r8
  exit

#== socket of a map is not the socket of a look-up
#= flags: test_state_freq
#= accepted
.map socks, sockmap, key=4, value=8, entries=4
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        r1 = *(u32 *)(r1 + 0)
        if r1 == 0 goto 1f
        r1 = socks ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto 3f
        goto 2f
1:      r1 = r6
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 3f
2:      r1 = r0
        call bpf_sk_release
3:      r0 = 0
        exit
