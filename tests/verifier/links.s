#= kernel 6.18
# Sums with a constant stay linked to what they are sums of: a comparison of one tells of the other.
.license "GPL"
.section socket

#== difference by a constant stays linked
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  r7 -= 7
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== difference by a register that is constant stays linked
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  r2 = 7
  r7 -= r2
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== 32-bit sum stays linked
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  w7 += 7
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== 32-bit difference stays linked
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  w7 -= 7
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== 32-bit sum of a number of 64 bits is not linked
#= accepted
  r6 = *(u64 *)(r10 - 8)
  r7 = r6
  w7 += 7
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== 32-bit sum of a 32-bit copy stays linked
#= accepted
  r6 = *(u32 *)(r1 + 0)
  w7 = w6
  w7 += 7
  if w6 > 20 goto 1f
  r0 = r7
  r0 = r6
1: r0 = r7
  exit

#== sums of both widths learn from their base
#= accepted
  r6 = *(u32 *)(r1 + 0)
  w7 = w6
  w7 += 7
  r8 = r6
  r8 += 9
  if r6 > 20 goto 1f
  r0 = r7
  r0 = r8
  r0 = r6
1: r0 = r7
   r0 = r8
  exit

#== 32-bit sum tells its base, not the 64-bit sum
#= accepted
  r6 = *(u32 *)(r1 + 0)
  w7 = w6
  w7 += 7
  r8 = r6
  r8 += 9
  if r7 > 20 goto 1f
  r0 = r7
  r0 = r8
  r0 = r6
1: r0 = r7
   r0 = r8
   r0 = r6
  exit

#== 64-bit sum tells its base, not the 32-bit sum
#= accepted
  r6 = *(u32 *)(r1 + 0)
  w7 = w6
  w7 += 7
  r8 = r6
  r8 += 9
  if r8 > 20 goto 1f
  r0 = r7
  r0 = r8
  r0 = r6
1: r0 = r7
   r0 = r8
   r0 = r6
  exit

#== second sum ends the link
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  r7 += 7
  w7 += 7
  r8 = r6
  w8 += 7
  w8 += 7
  r0 = 0
  exit

#== difference by the least number ends the link
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  r7 -= -2147483648
  r8 = r6
  w8 -= -2147483648
  r8 = r6
  w8 += -2147483648
  r8 = r6
  r2 = 0xffffffff ll
  w8 += w2
  r8 = r6
  r8 += r2
  r8 = r6
  w8 += w8
  r0 = 0
  exit

#== sum with itself ends the link
#= accepted
  r6 = 5
  r7 = r6
  r7 += r7
  r7 = *(u32 *)(r1 + 0)
  r6 = r7
  if r7 != 6 goto 1f
  r7 += r7
  if r6 > 5 goto 1f
  r0 = 1
  exit
1:  r0 = 0
  exit

#== sums of both widths are not linked even by the same constant
#= accepted
  r6 = *(u32 *)(r1 + 0)
  r7 = r6
  w7 += 7
  r8 = r6
  r8 += 7
  if r8 > 20 goto 1f
  r0 = r7
  r0 = r8
  r0 = r6
1: r0 = r7
   r0 = r8
   r0 = r6
  exit
