/* bpf_for_each_map_elem: sums over arrays and hashes, and deletion while walking. */
#include "bpf.h"

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 32);
} counters SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 64);
} flows SEC(".maps");

struct walk {
	__u64 sum, now;
	struct __sk_buff *skb;
};

static long add(void *map, __u32 *key, __u64 *value, struct walk *walk)
{
	walk->sum += *value;
	*value = 0;
	return *key > 16;
}

static long expire(void *map, const __u32 *key, __u64 *value, struct walk *walk)
{
	__u32 copy = *key;

	if (walk->now - *value > 1000000000ull)
		bpf_map_delete_elem(map, &copy);
	if (walk->skb)
		walk->skb->mark = copy;
	return 0;
}

SEC("tc")
int walk_all(struct __sk_buff *skb)
{
	struct walk walk = { .now = bpf_ktime_get_ns(), .skb = skb };

	bpf_for_each_map_elem(&counters, add, &walk, 0);
	bpf_for_each_map_elem(&flows, expire, &walk, 0);
	skb->priority = walk.sum > 100;
	return TC_ACT_OK;
}
