# Be a router for a moment: take one from the TTL and mend the checksum.
.license "GPL"

.section tc
.globl forward
forward:
        r6 = r1
        r2 = *(u32 *)(r6 + 76)          // skb->data
        r3 = *(u32 *)(r6 + 80)          // skb->data_end
        r4 = r2
        r4 += 34
        if r4 > r3 goto ok
        r5 = *(u16 *)(r2 + 12)
        if r5 != 0x8 goto ok            // not IPv4
        r7 = *(u8 *)(r2 + 22)           // ip->ttl
        if r7 < 2 goto expired

        r8 = r7
        r8 += -1
        *(u8 *)(r10 - 1) = r8           // the new TTL
        r1 = r6
        r2 = 24                         // offset of ip->check
        r3 = r7                         // old and new 16-bit word: the TTL is its low half here
        r4 = r8
        r5 = 2                          // two bytes changed
        call bpf_l3_csum_replace
        if r0 != 0 goto drop

        r1 = r6
        r2 = 22                         // offset of ip->ttl
        r3 = r10
        r3 += -1
        r4 = 1
        r5 = 0
        call bpf_skb_store_bytes        // packet pointers are stale from here on
        if r0 != 0 goto drop
ok:
        r0 = 0                          // TC_ACT_OK
        exit
expired:
drop:
        r0 = 2                          // TC_ACT_SHOT
        exit
