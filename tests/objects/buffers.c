// Output: ring buffer and perf event array; and map options of all kinds.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 len;
	__s16 delta;
	union {
		__u32 word;
		__u8 bytes[4];
	};
	enum { SMALL, LARGE } size;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} samples SEC(".maps");

struct key {
	__u32 prefixlen;
	__u8 addr[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key);
	__type(value, struct event);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__type(value, __u32);
} met SEC(".maps");

SEC("xdp")
int report(struct xdp_md *ctx)
{
	__u32 len = ctx->data_end - ctx->data;
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (e) {
		e->len = len;
		e->delta = -1;
		e->word = 0;
		e->size = len > 100 ? LARGE : SMALL;
		bpf_ringbuf_submit(e, 0);
	}
	struct key key = { 32, { 10, 0, 0, 1 } };
	e = bpf_map_lookup_elem(&routes, &key);
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &len, sizeof(len));
	bpf_map_push_elem(&met, &len, 0);
	return e ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
