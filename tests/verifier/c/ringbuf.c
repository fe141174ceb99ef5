/* Records for user space: reserved and submitted, thrown away, or copied at once. */
#include "bpf.h"

struct {
	UINT(type, BPF_MAP_TYPE_RINGBUF);
	UINT(max_entries, 65536);
} events SEC(".maps");

struct event {
	__u64 when;
	__u32 len;
	__u8 head[32];
};

SEC("xdp")
int reserved(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return XDP_PASS;
	event->when = bpf_ktime_get_ns();
	event->len = end - data;
	if (data + sizeof(event->head) > end) {
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
		return XDP_PASS;
	}
	__builtin_memcpy(event->head, data, sizeof(event->head));
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

SEC("tc")
int copied(struct __sk_buff *skb)
{
	struct event event = { .when = skb->tstamp, .len = skb->len };

	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > 32768)
		return TC_ACT_OK;
	bpf_skb_load_bytes(skb, 0, event.head, sizeof(event.head));
	bpf_ringbuf_output(&events, &event, sizeof(event), BPF_RB_FORCE_WAKEUP);
	return TC_ACT_OK;
}

SUBPROG int fill(struct event *event, struct __sk_buff *skb)
{
	event->when = skb->tstamp;
	event->len = skb->len;
	return skb->len > sizeof(event->head);
}

SEC("tc")
int filled(struct __sk_buff *skb)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return TC_ACT_OK;
	if (fill(event, skb) && !bpf_skb_load_bytes(skb, 0, event->head, sizeof(event->head)))
		bpf_ringbuf_submit(event, 0);
	else
		bpf_ringbuf_discard(event, 0);
	return TC_ACT_OK;
}
