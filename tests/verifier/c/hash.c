/* A flow hash in Bob Jenkins' manner, and its use as an index in several ways. */
#include "bpf.h"

#define SIZE 64

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u32[SIZE]);
	UINT(max_entries, 4);
} sketch SEC(".maps");

INLINE __u32 rotate(__u32 value, int by)
{
	return value << by | value >> (32 - by);
}

INLINE __u32 mix(__u32 a, __u32 b, __u32 c)
{
	c ^= b, c -= rotate(b, 14);
	a ^= c, a -= rotate(c, 11);
	b ^= a, b -= rotate(a, 25);
	c ^= b, c -= rotate(b, 16);
	a ^= c, a -= rotate(c, 4);
	b ^= a, b -= rotate(a, 14);
	c ^= b, c -= rotate(b, 24);
	return c;
}

/* A count-min sketch: four rows, a different hash for each. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 least = ~0u;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	for (__u32 i = 0; i < 4; i++) {
		__u32 hash = mix(ip->saddr, ip->daddr, i * 0x9e3779b9), key = i;
		__u32 *row = bpf_map_lookup_elem(&sketch, &key), seen;

		if (!row)
			return XDP_ABORTED;
		seen = ++row[hash % SIZE];
		if (seen < least)
			least = seen;
	}
	return least > 10000 ? XDP_DROP : XDP_PASS;
}

/* Indexes kept within bounds by a mask, a comparison, a shift and a remainder. */
SEC("tc")
int bounds(struct __sk_buff *skb)
{
	__u32 key = 0, *row = bpf_map_lookup_elem(&sketch, &key), hash = skb->hash, sum = 0;
	__s64 near = (__s32)skb->mark;

	if (!row)
		return TC_ACT_OK;
	sum += row[hash & (SIZE - 1)];
	sum += row[hash >> 26];
	sum += row[hash % SIZE];
	if (hash < SIZE)
		sum += row[hash];
	if (near >= 0 && near < SIZE)
		sum += row[near];
	FORGET(near);
	if (near > 0) {
		FORGET(near);
		if (near <= SIZE / 2)
			sum += row[2 * near - 1];
	}
	skb->mark = sum;
	return TC_ACT_OK;
}
