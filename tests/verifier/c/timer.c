/* A timer in a map's value, which starts itself again. */
#include "bpf.h"

#define CLOCK 1

struct entry {
	__u64 packets, before;
	struct bpf_timer timer;
};

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct entry);
	UINT(max_entries, 1);
} entries SEC(".maps");

static int tick(void *map, __u32 *key, struct entry *entry)
{
	__u64 rate = entry->packets - entry->before;

	entry->before = entry->packets;
	bpf_timer_start(&entry->timer, rate > 1000 ? 100000000 : 1000000000, 0);
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return TC_ACT_OK;
	if (__sync_fetch_and_add(&entry->packets, 1) == 0 && !bpf_timer_init(&entry->timer, &entries, CLOCK)) {
		bpf_timer_set_callback(&entry->timer, tick);
		bpf_timer_start(&entry->timer, 1000000000, 0);
	}
	return TC_ACT_OK;
}
