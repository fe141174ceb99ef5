/* Atomic operations of both widths, with and without their results. */
#include "bpf.h"

struct cell {
	__u64 sum, flags, owner;
	__u32 small, bits;
};

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct cell);
	UINT(max_entries, 4);
} cells SEC(".maps");

SEC("tc")
int add_only(struct __sk_buff *skb)
{
	__u32 key = skb->queue_mapping & 3;
	struct cell *cell = bpf_map_lookup_elem(&cells, &key);

	if (!cell)
		return TC_ACT_OK;
	__sync_fetch_and_add(&cell->sum, skb->len);
	__sync_fetch_and_add(&cell->small, 1);
	return TC_ACT_OK;
}

#if defined(__BPF_FEATURE_ALU32) || __BPF_CPU_VERSION__ >= 3
SEC("tc")
int with_results(struct __sk_buff *skb)
{
	__u32 key = skb->queue_mapping & 3;
	struct cell *cell = bpf_map_lookup_elem(&cells, &key);
	__u64 before, local = 1;

	if (!cell)
		return TC_ACT_OK;
	before = __sync_fetch_and_add(&cell->sum, skb->len);
	__sync_fetch_and_or(&cell->flags, 1ull << (before & 63));
	__sync_fetch_and_and(&cell->bits, ~3u);
	__sync_fetch_and_xor(&cell->bits, 5u);
	if (__sync_val_compare_and_swap(&cell->owner, 0, skb->hash) == 0)
		skb->mark = __sync_lock_test_and_set(&cell->small, 0);
	__sync_fetch_and_add(&local, before);
	return local & 1 ? TC_ACT_OK : TC_ACT_PIPE;
}
#endif
