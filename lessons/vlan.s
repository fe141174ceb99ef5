# Walk over VLAN tags, one or two deep, and count each by its number.
.license "GPL"
.map vlans, lru_hash, key=4, value=8, entries=64

.section tc
.globl by_vlan
by_vlan:
        r6 = r1
        r7 = 12                         // offset of the first EtherType
        r8 = 2                          // tags at most
next:
        r1 = r6
        r2 = r7
        r3 = r10
        r3 += -8
        r4 = 4
        call bpf_skb_load_bytes         // EtherType, and what follows it
        if r0 != 0 goto out
        r1 = *(u16 *)(r10 - 8)
        r1 = be16 r1
        if r1 == 0x8100 goto tag        // 802.1Q
        if r1 != 0x88a8 goto out        // 802.1ad
tag:
        r1 = *(u16 *)(r10 - 6)
        r1 = be16 r1
        r1 &= 0xfff                     // the number is twelve bits of the tag
        call note
        r7 += 4
        r8 += -1
        if r8 != 0 goto next
out:
        r0 = 0                          // TC_ACT_OK
        exit

.text
note:                                   // counts the number in r1
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = vlans ll
        call bpf_map_lookup_elem
        if r0 == 0 goto first
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
        goto noted
first:
        r1 = 1
        *(u64 *)(r10 - 16) = r1
        r1 = vlans ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
noted:
        r0 = 0
        exit
