/* Objects without lists: kept in map values and in each other, one for each CPU, and with a lock of their own. */
#include "objects.h"

struct counter {
	__u64 packets, bytes;
};

struct leaf {
	__u64 value;
};

struct holder {
	struct bpf_spin_lock lock;
	__u64 count;
	struct leaf KPTR *leaf;
};

struct state {
	struct holder KPTR *holder;
	struct counter PERCPU_KPTR *counter;
	struct leaf UNTRUSTED_KPTR *seen;
	__u64 used;
};

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, struct state);
	UINT(max_entries, 64);
} states SEC(".maps");

SEC("tc")
int new_and_drop(struct __sk_buff *skb)
{
	struct counter *counter = bpf_obj_new(struct counter);

	if (!counter)
		return TC_ACT_SHOT;
	counter->packets = 1;
	counter->bytes = skb->len;
	skb->mark = counter->packets + counter->bytes;
	bpf_obj_drop(counter);
	return TC_ACT_OK;
}

SEC("tc")
int exchange(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct state *state = bpf_map_lookup_elem(&states, &key);
	struct holder *holder;
	struct leaf *leaf;

	if (!state)
		return TC_ACT_OK;
	holder = bpf_obj_new(struct holder);
	if (!holder)
		return TC_ACT_SHOT;
	leaf = bpf_obj_new(struct leaf);
	if (!leaf)
		goto drop;
	leaf->value = skb->len;
	leaf = bpf_kptr_xchg(&holder->leaf, leaf);
	if (leaf)
		bpf_obj_drop(leaf);
	bpf_spin_lock(&holder->lock);
	holder->count++;
	bpf_spin_unlock(&holder->lock);
	holder = bpf_kptr_xchg(&state->holder, holder);
	if (!holder)
		return TC_ACT_OK;
drop:
	bpf_obj_drop(holder);
	return TC_ACT_OK;
}

SEC("tc")
int read(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct state *state = bpf_map_lookup_elem(&states, &key);
	struct holder *holder;
	struct leaf *leaf;

	if (!state)
		return TC_ACT_OK;
	holder = state->holder;
	leaf = state->seen;
	if (holder)
		skb->mark = holder->count;
	if (leaf)
		skb->priority = leaf->value;
	return TC_ACT_OK;
}

SEC("tc")
int percpu(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct state *state = bpf_map_lookup_elem(&states, &key);
	struct counter *counter;

	if (!state)
		return TC_ACT_OK;
	counter = state->counter;
	if (!counter) {
		counter = bpf_percpu_obj_new(struct counter);
		if (!counter)
			return TC_ACT_SHOT;
		counter = bpf_kptr_xchg(&state->counter, counter);
		if (counter)
			bpf_percpu_obj_drop(counter);
		return TC_ACT_OK;
	}
	counter = bpf_this_cpu_ptr(counter);
	counter->packets++;
	counter->bytes += skb->len;
	return TC_ACT_OK;
}

SEC("tc")
int sum(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct state *state = bpf_map_lookup_elem(&states, &key);
	struct counter *all, *counter;
	__u64 sum = 0;

	if (!state)
		return TC_ACT_OK;
	all = state->counter;
	if (!all)
		return TC_ACT_OK;
	for (__u32 cpu = 0; cpu < 4; cpu++) {
		counter = bpf_per_cpu_ptr(all, cpu);
		if (counter)
			sum += counter->packets;
	}
	skb->mark = sum;
	return TC_ACT_OK;
}
