# Drop DNS queries before the kernel makes an skb of them.
.license "GPL"
.map verdicts, percpu_array, key=4, value=8, entries=2   // 0 passed, 1 dropped

.section xdp
.globl drop_dns
drop_dns:
        r6 = 2                          // XDP_PASS
        r2 = *(u32 *)(r1 + 0)           // ctx->data
        r3 = *(u32 *)(r1 + 4)           // ctx->data_end
        r4 = r2
        r4 += 42                        // Ethernet, IPv4, UDP
        if r4 > r3 goto done
        r5 = *(u16 *)(r2 + 12)
        if r5 != 0x8 goto done          // not IPv4
        r5 = *(u8 *)(r2 + 14)
        r5 &= 15
        if r5 != 5 goto done            // options: the UDP header is elsewhere
        r5 = *(u8 *)(r2 + 23)
        if r5 != 17 goto done           // not UDP
        r5 = *(u16 *)(r2 + 36)
        r5 = be16 r5                    // udp->dest in host order
        if r5 != 53 goto done
        r6 = 1                          // XDP_DROP

done:
        r1 = r6
        r1 &= 1                         // 1 when dropped
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = verdicts ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = *(u64 *)(r0 + 0)           // per CPU: no lock is needed
        r1 += 1
        *(u64 *)(r0 + 0) = r1
out:
        r0 = r6
        exit
