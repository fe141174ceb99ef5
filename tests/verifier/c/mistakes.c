/* What the verifier is for: programs with one mistake each. None of them loads. */
#include "bpf.h"

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 8);
} counts SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u32[16]);
	UINT(max_entries, 1);
} tables SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_RINGBUF);
	UINT(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int no_bounds_check(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA(ctx);

	return eth->h_proto == swap16(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int check_too_short(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);

	if (data + sizeof(struct ethhdr) + 12 > end)
		return XDP_DROP;
	return ip->daddr == 1 ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int no_null_check(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	*count += 1;
	return TC_ACT_OK;
}

SEC("tc")
int index_too_large(struct __sk_buff *skb)
{
	__u32 key = 0, *table = bpf_map_lookup_elem(&tables, &key);

	if (!table)
		return TC_ACT_OK;
	return table[skb->hash & 31];
}

SEC("tc")
int signed_index(struct __sk_buff *skb)
{
	__u32 key = 0, *table = bpf_map_lookup_elem(&tables, &key);
	__s32 at = skb->mark;

	if (!table || at >= 16)
		return TC_ACT_OK;
	return table[at];
}

SEC("tc")
int stale_pointer(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb), *end = DATA_END(skb);

	if (data + 1 > end)
		return TC_ACT_OK;
	bpf_skb_pull_data(skb, 0);
	return data[0];
}

SEC("tc")
int record_lost(struct __sk_buff *skb)
{
	__u64 *event = bpf_ringbuf_reserve(&events, 8, 0);

	if (!event)
		return TC_ACT_OK;
	*event = skb->len;
	if (skb->mark)
		bpf_ringbuf_submit(event, 0);
	return TC_ACT_OK;
}

SEC("tc")
int used_after_submit(struct __sk_buff *skb)
{
	__u64 *event = bpf_ringbuf_reserve(&events, 8, 0);

	if (!event)
		return TC_ACT_OK;
	bpf_ringbuf_submit(event, 0);
	*event = 1;
	return TC_ACT_OK;
}

SEC("tc")
int socket_lost(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);

	return sk ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("tc")
int never_ends(struct __sk_buff *skb)
{
	__u32 left = skb->len, steps = 0;

	for (; left != 1; steps++)
		left = left & 1 ? left * 3 + 1 : left / 2;
	skb->mark = steps;
	return TC_ACT_OK;
}

/* The helper gets the counter's address: from then on it is a number like any other in memory. */
SEC("tc")
int counter_in_memory(struct __sk_buff *skb)
{
	for (__u32 i = 0; i < 4; i++) {
		__u64 *count = bpf_map_lookup_elem(&counts, &i);

		if (!count)
			return TC_ACT_SHOT;
		if (*count > skb->mark)
			skb->mark = *count;
	}
	return TC_ACT_OK;
}

struct locked {
	struct bpf_spin_lock lock;
	__u32 value;
};

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct locked);
	UINT(max_entries, 1);
} locks SEC(".maps");

SEC("tc")
int lock_kept(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *locked = bpf_map_lookup_elem(&locks, &key);

	if (!locked)
		return TC_ACT_OK;
	bpf_spin_lock(&locked->lock);
	if (locked->value > skb->len)
		return TC_ACT_SHOT;
	bpf_spin_unlock(&locked->lock);
	return TC_ACT_OK;
}

SEC("tc")
int call_under_lock(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *locked = bpf_map_lookup_elem(&locks, &key);

	if (!locked)
		return TC_ACT_OK;
	bpf_spin_lock(&locked->lock);
	locked->value = bpf_get_prandom_u32();
	bpf_spin_unlock(&locked->lock);
	return TC_ACT_OK;
}

SEC("tc")
int lock_read(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *locked = bpf_map_lookup_elem(&locks, &key);

	return locked ? locked->lock.val : TC_ACT_OK;
}

SEC("xdp")
int not_for_xdp(struct xdp_md *ctx)
{
	return bpf_skb_vlan_pop((void *)ctx) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int read_only_field(struct __sk_buff *skb)
{
	*(volatile __u32 *)&skb->len = 0;
	return TC_ACT_OK;
}

SEC("cgroup_skb/ingress")
int wrong_verdict(struct __sk_buff *skb)
{
	return 2;
}

/* Maps that evict on their own cannot hold a lock: the kernel refuses the types, and there is no lock without them. */
struct {
	UINT(type, BPF_MAP_TYPE_LRU_HASH);
	TYPE(key, __u32);
	TYPE(value, struct locked);
	UINT(max_entries, 8);
} evicting SEC(".maps");

SEC("tc")
int lock_in_lru(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *locked = bpf_map_lookup_elem(&evicting, &key);

	if (!locked)
		return TC_ACT_OK;
	bpf_spin_lock(&locked->lock);
	locked->value = skb->len;
	bpf_spin_unlock(&locked->lock);
	return TC_ACT_OK;
}
