# Put the packets of one host into a VLAN, and send them out of another interface.
.license "GPL"

.section tc/ingress
.globl to_vlan
to_vlan:
        r6 = r1
        r2 = *(u32 *)(r6 + 76)          // skb->data
        r3 = *(u32 *)(r6 + 80)          // skb->data_end
        r4 = r2
        r4 += 34                        // Ethernet and IPv4
        if r4 > r3 goto out
        r5 = *(u16 *)(r2 + 12)
        if r5 != 0x8 goto out           // not IPv4 (0x0800 in network byte order)
        r5 = *(u32 *)(r2 + 26)          // source address
        r5 = be32 r5
        if r5 != 0x0a000007 goto out    // not from 10.0.0.7

        r1 = r6
        r2 = 0x8100
        r2 = be16 r2                    // 802.1Q, in network byte order
        r3 = 100                        // the VLAN's number
        call bpf_skb_vlan_push
        if r0 != 0 goto out
        r1 = 2                          // uplink's index
        r2 = 0
        call bpf_redirect
        exit
out:
        r0 = 0                          // TC_ACT_OK: up to the host
        exit
