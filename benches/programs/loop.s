# One million instructions in a loop of four.
.license "Dual MIT/GPL"

.section xdp
prog:
        r0 = 1
        r1 = 0
again:
        r0 *= 3
        r0 += r1
        r1 += 1
        if r1 != 250000 goto again
        exit
