/* Global functions, verified once by their signatures: numbers, the context, memory. */
#include "bpf.h"

struct key {
	__be32 src, dst;
	__u8 protocol;
};

GLOBAL __u32 weight(__u32 packets, __u32 bytes)
{
	if (packets == 0)
		return 0;
	return bytes / packets;
}

GLOBAL int extract(struct __sk_buff *skb, struct key *key)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);

	if (!key || (void *)(ip + 1) > end)
		return -1;
	key->src = ip->saddr;
	key->dst = ip->daddr;
	key->protocol = ip->protocol;
	return 0;
}

GLOBAL __u32 hash(const struct key *key)
{
	if (!key)
		return 0;
	return (key->src * 31 + key->dst) * 31 + key->protocol;
}

GLOBAL __attribute__((weak)) int choose(struct __sk_buff *skb)
{
	return skb->ifindex & 1;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	struct key key = {};

	if (extract(skb, &key))
		return TC_ACT_OK;
	skb->mark = hash(&key);
	skb->priority = weight(skb->gso_segs, skb->len);
	return choose(skb) ? TC_ACT_OK : TC_ACT_RECLASSIFY;
}
