# Parses Ethernet, VLAN tags, IPv4 or IPv6, TCP or UDP with every bounds check, and mixes addresses and ports
# into a number: about 45 instructions on a TCP segment.
.license "Dual MIT/GPL"

.section xdp
prog:
        w0 = 0
        w2 = *(u32 *)(r1 + 4)
        w4 = *(u32 *)(r1 + 0)
        r1 = r4
        r1 += 14
        if r1 > r2 goto LBB0_26
        w5 = *(u8 *)(r4 + 12)
        w3 = *(u8 *)(r4 + 13)
        w3 <<= 8
        w3 |= w5
        if w3 == 129 goto LBB0_3
        if w3 != 43144 goto LBB0_5
LBB0_3:
        r1 = r4
        r1 += 18
        if r1 > r2 goto LBB0_26
        w3 = *(u16 *)(r4 + 16)
LBB0_5:
        if w3 == 129 goto LBB0_7
        if w3 != 43144 goto LBB0_9
LBB0_7:
        r4 = r1
        r4 += 4
        if r4 > r2 goto LBB0_26
        w3 = *(u16 *)(r1 + 2)
        r1 = r4
LBB0_9:
        if w3 == 56710 goto LBB0_15
        w0 = 2
        if w3 != 8 goto LBB0_26
        r3 = r1
        r3 += 20
        w0 = 0
        if r3 > r2 goto LBB0_26
        w0 = 1
        w5 = *(u8 *)(r1 + 0)
        w5 &= 15
        if w5 < 5 goto LBB0_26
        w3 = *(u16 *)(r1 + 6)
        w3 &= 65311
        w0 = 2
        if w3 != 0 goto LBB0_26
        w4 = *(u32 *)(r1 + 12)
        w3 = *(u32 *)(r1 + 16)
        w3 ^= w4
        w5 <<= 2
        r4 = r1
        r4 += r5
        r1 += 9
        goto LBB0_17
LBB0_15:
        r4 = r1
        r4 += 40
        if r4 > r2 goto LBB0_26
        w5 = *(u32 *)(r1 + 20)
        w3 = *(u32 *)(r1 + 36)
        w3 ^= w5
        r1 += 6
LBB0_17:
        w1 = *(u8 *)(r1 + 0)
        w3 *= 31
        w3 += w1
        if w1 == 17 goto LBB0_23
        if w1 != 6 goto LBB0_25
        r1 = r4
        r1 += 20
        w0 = 0
        if r1 > r2 goto LBB0_26
        w2 = *(u16 *)(r4 + 0)
        w2 <<= 16
        w1 = *(u16 *)(r4 + 2)
        w2 |= w1
        w2 += w3
        w4 = *(u16 *)(r4 + 12)
        w4 &= 4608
        w3 = w2
        w3 ^= 1540483477
        if w4 == 512 goto LBB0_22
        w3 = w2
LBB0_22:
        w0 = 1
        if w1 == 5632 goto LBB0_26
        goto LBB0_25
LBB0_23:
        r1 = r4
        r1 += 8
        w0 = 0
        if r1 > r2 goto LBB0_26
        w1 = *(u16 *)(r4 + 0)
        w1 <<= 16
        w2 = *(u16 *)(r4 + 2)
        w1 |= w2
        w1 += w3
        w0 = 1
        w2 = *(u16 *)(r4 + 4)
        r2 = be16 r2
        w3 = w1
        if w2 < 8 goto LBB0_26
LBB0_25:
        w0 = w3
        w0 >>= 16
        w0 ^= w3
LBB0_26:
        exit
