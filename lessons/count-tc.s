# Count packets by protocol: the program of the talk that started bpfscope,
# as a tc classifier with direct packet access.
.license "GPL"
.map counts, hash, key=4, value=8, entries=256

.section tc
.globl count
count:
        r6 = r1                         // struct __sk_buff *skb
        r2 = *(u32 *)(r6 + 76)          // skb->data
        r3 = *(u32 *)(r6 + 80)          // skb->data_end
        r4 = r2
        r4 += 34                        // Ethernet and IPv4 headers
        if r4 > r3 goto out             // too short: not counted
        r5 = *(u16 *)(r2 + 12)          // eth->h_proto
        if r5 != 0x8 goto out           // not IPv4 (0x0800 in network order)

        r5 = *(u8 *)(r2 + 23)           // ip->protocol
        *(u32 *)(r10 - 4) = r5          // the key

        r2 = r10
        r2 += -4
        r1 = counts ll
        call bpf_map_lookup_elem
        if r0 == 0 goto first
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1     // one more
        goto out

first:
        r1 = 1
        *(u64 *)(r10 - 16) = r1         // the first of its kind
        r1 = counts ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0                          // BPF_ANY
        call bpf_map_update_elem
out:
        r0 = 0                          // TC_ACT_OK
        exit
