/* Tail calls: by a fixed slot, by one that the packet chooses, and out of a subprogram. */
#include "bpf.h"

struct {
	UINT(type, BPF_MAP_TYPE_PROG_ARRAY);
	UINT(key_size, 4);
	UINT(value_size, 4);
	UINT(max_entries, 8);
} steps SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	skb->cb[0] = skb->len;
	bpf_tail_call(skb, &steps, 1);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int by_protocol(struct __sk_buff *skb)
{
	__u32 slot = skb->protocol == swap16(ETH_P_IP) ? 2 : skb->protocol == swap16(ETH_P_IPV6) ? 3 : 4;

	bpf_tail_call(skb, &steps, slot);
	return TC_ACT_SHOT;
}

SUBPROG int jump(struct __sk_buff *skb, __u32 slot)
{
	bpf_tail_call(skb, &steps, slot);
	return TC_ACT_OK;
}

SEC("tc")
int from_below(struct __sk_buff *skb)
{
	int ret = jump(skb, skb->cb[0] & 7);

	return ret == TC_ACT_OK ? TC_ACT_PIPE : ret;
}
