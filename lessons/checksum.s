# Is the IPv4 header checksum right? A loop over the header, sixteen bits at a time.
.license "GPL"
.map results, array, key=4, value=8, entries=2   // 0 right, 1 wrong

.section socket
.globl check
check:
        r6 = r1
        r0 = *(u16 *)skb[12]
        if r0 != 0x800 goto out         // not IPv4; packet loads give host order
        r0 = *(u8 *)skb[14]
        r7 = r0
        r7 &= 15
        r7 <<= 2                        // header length in bytes
        r8 = 0                          // offset into the header
        r9 = 0                          // sum
sum:
        r1 = r8
        r0 = *(u16 *)skb[r1 + 14]
        r9 += r0
        r8 += 2
        if r8 < r7 goto sum

        r1 = r9
        r1 >>= 16                       // fold the carries in
        r9 &= 0xffff
        r9 += r1
        r1 = r9
        r1 >>= 16
        r9 += r1
        r9 &= 0xffff
        r1 = 0
        if r9 == 0xffff goto right
        r1 = 1
right:
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = results ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
out:
        r0 = -1                         // keep the whole packet
        exit
