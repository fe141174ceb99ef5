/* Open-coded iterators over numbers. */
#include "bpf.h"

/* Older headers lack it. */
struct numbers {
	__u64 opaque;
};

extern int bpf_iter_num_new(struct numbers *it, int start, int end) KSYM;
extern int *bpf_iter_num_next(struct numbers *it) KSYM;
extern void bpf_iter_num_destroy(struct numbers *it) KSYM;

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 64);
} counters SEC(".maps");

SEC("tc")
int over_map(struct __sk_buff *skb)
{
	struct numbers it;
	__u64 sum = 0;
	int *at;

	bpf_iter_num_new(&it, 0, 64);
	while ((at = bpf_iter_num_next(&it))) {
		__u32 key = *at;
		__u64 *value = bpf_map_lookup_elem(&counters, &key);

		if (!value)
			break;
		sum += *value;
	}
	bpf_iter_num_destroy(&it);
	skb->mark = sum;
	return TC_ACT_OK;
}

SEC("tc")
int nested(struct __sk_buff *skb)
{
	struct numbers rows, cells;
	__u8 *data = DATA(skb), *end = DATA_END(skb);
	int *row, *cell, sum = 0;

	bpf_iter_num_new(&rows, 0, 8);
	while ((row = bpf_iter_num_next(&rows))) {
		int base = *row;

		bpf_iter_num_new(&cells, 0, 8);
		while ((cell = bpf_iter_num_next(&cells))) {
			__u32 at = base * 8 + *cell;

			if (at < 64 && data + at + 1 <= end)
				sum += data[at];
		}
		bpf_iter_num_destroy(&cells);
	}
	bpf_iter_num_destroy(&rows);
	return sum > 1000 ? TC_ACT_SHOT : TC_ACT_OK;
}
