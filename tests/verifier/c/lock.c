/* A token bucket for each source address, under a lock; and a lock in global data. */
#include "bpf.h"

struct bucket {
	struct bpf_spin_lock lock;
	__u64 tokens, last;
};

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __be32);
	TYPE(value, struct bucket);
	UINT(max_entries, 512);
} buckets SEC(".maps");

struct {
	struct bpf_spin_lock lock;
	__u64 total;
} shared SEC(".data.shared");

SEC("tc")
int limit(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct bucket fresh = { .tokens = 100 };
	__u64 now = bpf_ktime_get_ns();
	struct bucket *bucket;
	__be32 source;
	int verdict;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	source = ip->saddr;
	bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) {
		bpf_map_update_elem(&buckets, &source, &fresh, BPF_NOEXIST);
		return TC_ACT_OK;
	}
	bpf_spin_lock(&bucket->lock);
	bucket->tokens += (now - bucket->last) >> 20;
	if (bucket->tokens > 100)
		bucket->tokens = 100;
	bucket->last = now;
	verdict = bucket->tokens ? TC_ACT_OK : TC_ACT_SHOT;
	if (bucket->tokens)
		bucket->tokens--;
	bpf_spin_unlock(&bucket->lock);
	return verdict;
}

SEC("xdp")
int total(struct xdp_md *ctx)
{
	__u64 len = ctx->data_end - ctx->data;

	bpf_spin_lock(&shared.lock);
	shared.total += len;
	bpf_spin_unlock(&shared.lock);
	return XDP_PASS;
}
