/* A map of every kind that a classifier may use. */
#include "bpf.h"

struct prefix {
	__u32 len;
	__be32 addr;
};

struct flow {
	__be32 src, dst;
	__be16 sport, dport;
};

#define PLAIN(name, kind, key_type, value_type, entries, bits) \
	struct { \
		UINT(type, kind); \
		TYPE(key, key_type); \
		TYPE(value, value_type); \
		UINT(max_entries, entries); \
		UINT(map_flags, bits); \
	} name SEC(".maps")

PLAIN(hash, BPF_MAP_TYPE_HASH, struct flow, __u64, 128, 0);
PLAIN(percpu, BPF_MAP_TYPE_PERCPU_HASH, struct flow, __u64, 128, 0);
PLAIN(lru, BPF_MAP_TYPE_LRU_PERCPU_HASH, __be32, __u64, 128, 0);
PLAIN(array, BPF_MAP_TYPE_ARRAY, __u32, __u64[4], 8, 0);
PLAIN(routes, BPF_MAP_TYPE_LPM_TRIE, struct prefix, __u32, 64, BPF_F_NO_PREALLOC);
PLAIN(sockets, BPF_MAP_TYPE_SOCKHASH, struct flow, int, 16, 0);

struct {
	UINT(type, BPF_MAP_TYPE_QUEUE);
	TYPE(value, __u32);
	UINT(max_entries, 16);
} queue SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_STACK);
	TYPE(value, __u32);
	UINT(max_entries, 16);
} stack SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_BLOOM_FILTER);
	TYPE(value, __be32);
	UINT(max_entries, 1000);
	UINT(map_extra, 3);
} seen SEC(".maps");

struct inner {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 4);
} first SEC(".maps"), second SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	TYPE(key, __u32);
	UINT(max_entries, 2);
	ARRAY(values, struct inner);
} outer SEC(".maps") = { .values = { &first, &second } };

SEC("tc")
int lookups(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct prefix prefix = { 32, 0 };
	__u64 one = 1, *count;
	__u32 *route, port;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	struct flow flow = { ip->saddr, ip->daddr, 0, 0 };

	count = bpf_map_lookup_elem(&hash, &flow);
	if (!count)
		bpf_map_update_elem(&hash, &flow, &one, BPF_ANY);
	else if (++*count > 1000)
		bpf_map_delete_elem(&hash, &flow);
	count = bpf_map_lookup_elem(&percpu, &flow);
	if (count)
		*count += skb->len;
	count = bpf_map_lookup_elem(&lru, &ip->daddr);
	if (count)
		*count += 1;
	prefix.addr = ip->daddr;
	route = bpf_map_lookup_elem(&routes, &prefix);
	port = route ? *route : 0;
	bpf_map_push_elem(&queue, &port, BPF_EXIST);
	if (!bpf_map_pop_elem(&queue, &port))
		bpf_map_push_elem(&stack, &port, 0);
	if (!bpf_map_peek_elem(&stack, &port))
		skb->mark = port;
	if (bpf_map_peek_elem(&seen, &flow.src))
		bpf_map_push_elem(&seen, &flow.src, 0);
	return TC_ACT_OK;
}

SEC("tc")
int indexed(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex & 7, at = skb->hash & 3, which = skb->len > 100, slot = skb->mark & 3;
	__u64 *values = bpf_map_lookup_elem(&array, &key), *value;
	void *map = bpf_map_lookup_elem(&outer, &which);

	if (values)
		values[at] += 1;
	if (!map)
		return TC_ACT_OK;
	value = bpf_map_lookup_elem(map, &slot);
	if (value)
		__sync_fetch_and_add(value, skb->len);
	return TC_ACT_OK;
}

SEC("tc")
int other_cpus(struct __sk_buff *skb)
{
	struct flow flow = { skb->mark, skb->hash, 80, skb->queue_mapping };
	__u64 sum = 0;

	for (__u32 cpu = 0; cpu < 4; cpu++) {
		__u64 *count = bpf_map_lookup_percpu_elem(&percpu, &flow, cpu);

		if (count)
			sum += *count;
	}
	skb->mark = sum;
	return TC_ACT_OK;
}

SEC("tc")
int by_socket(struct __sk_buff *skb)
{
	struct flow flow = {};
	struct bpf_sock *sk;

	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + 12, &flow, 8))
		return TC_ACT_OK;
	sk = bpf_map_lookup_elem(&sockets, &flow);
	if (!sk)
		return TC_ACT_OK;
	skb->mark = sk->dst_port;
	bpf_sk_release(sk);
	return TC_ACT_OK;
}
