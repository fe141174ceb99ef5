/* Walks the extension headers of IPv6: through the packet's pointers, and with copies of the headers. */
#include "bpf.h"

struct ext {
	__u8 next, len;
};

INLINE int is_ext(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS || next == IPPROTO_MH;
}

SEC("tc")
int by_pointer(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct ipv6hdr *ip = data + sizeof(struct ethhdr);
	__u32 at = sizeof(struct ethhdr) + sizeof(*ip);
	__u8 next;

	if ((void *)(ip + 1) > end || skb->protocol != swap16(ETH_P_IPV6))
		return TC_ACT_OK;
	next = ip->nexthdr;
	for (int i = 0; i < 6 && is_ext(next); i++) {
		struct ext *ext = data + at;

		if ((void *)(ext + 1) > end)
			return TC_ACT_SHOT;
		next = ext->next;
		at += (ext->len + 1) * 8;
		if (at > 1500)
			return TC_ACT_SHOT;
	}
	if (next == IPPROTO_TCP) {
		struct tcphdr *tcp = data + at;

		if ((void *)(tcp + 1) > end)
			return TC_ACT_SHOT;
		return tcp->syn && !tcp->ack ? TC_ACT_SHOT : TC_ACT_OK;
	}
	return TC_ACT_OK;
}

SEC("tc")
int by_copy(struct __sk_buff *skb)
{
	__u32 at = sizeof(struct ethhdr) + sizeof(struct ipv6hdr);
	struct ext ext;
	__u8 next;

	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + 6, &next, 1) < 0)
		return TC_ACT_OK;
	for (int i = 0; i < 8; i++) {
		if (!is_ext(next))
			break;
		if (bpf_skb_load_bytes(skb, at, &ext, sizeof(ext)) < 0)
			return TC_ACT_SHOT;
		next = ext.next;
		at += (ext.len + 1) << 3;
	}
	skb->mark = next;
	return TC_ACT_OK;
}
