# Count packets by protocol, as the talk shows it: a socket filter with
# load_byte(skb, ETH_HLEN + offsetof(struct iphdr, protocol)) and an array.
.license "GPL"
.map my_map, array, key=4, value=8, entries=256

.section socket
.globl bpf_prog1
bpf_prog1:
        r6 = r1                         // packet loads take the context from r6
        r0 = *(u8 *)skb[23]             // load_byte: ends the program if it is not there
        *(u32 *)(r10 - 4) = r0          // index = protocol

        r2 = r10
        r2 += -4
        r1 = my_map ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1     // __sync_fetch_and_add(value, 1)
out:
        r0 = 0                          // keep no bytes: the packet is only counted
        exit
