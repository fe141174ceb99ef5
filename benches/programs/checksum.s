# The Internet checksum of 64 words of 32 bits, carry by carry: about 600 instructions.
.license "Dual MIT/GPL"

.section xdp
prog:
        w0 = 0
        w3 = *(u32 *)(r1 + 4)
        w2 = *(u32 *)(r1 + 0)
        r1 = r2
        r1 += 256
        if r1 > r3 goto LBB0_6
        r3 = 0
        r4 = 4294967296 ll
        r1 = 0
        goto LBB0_2
LBB0_4:
        r3 += 4
        if r3 == 256 goto LBB0_5
LBB0_2:
        r5 = r2
        r5 += r3
        w5 = *(u32 *)(r5 + 0)
        r5 <<= 32
        r5 >>= 32
        r1 += r5
        if r1 < r4 goto LBB0_4
        r1 <<= 32
        r1 >>= 32
        r1 += 1
        goto LBB0_4
LBB0_5:
        r2 = r1
        r2 >>= 16
        r1 &= 65535
        r1 += r2
        r2 = r1
        r2 >>= 16
        w1 &= 65535
        w1 += w2
        w0 = w1
        w0 >>= 16
        w0 += w1
        w0 ^= -1
        w0 &= 65535
LBB0_6:
        exit
