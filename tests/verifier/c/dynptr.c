/* Dynamic pointers: ring buffer records whose size is not constant, and packets by slices. */
#include "bpf.h"

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) KSYM;
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) KSYM;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) KSYM;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) KSYM;

struct {
	UINT(type, BPF_MAP_TYPE_RINGBUF);
	UINT(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int sized_record(struct __sk_buff *skb)
{
	struct bpf_dynptr record;
	__u32 len = skb->len, *word;

	if (bpf_ringbuf_reserve_dynptr(&events, len & 0x3ff, 0, &record)) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return TC_ACT_OK;
	}
	bpf_dynptr_write(&record, 0, &len, sizeof(len), 0);
	word = bpf_dynptr_data(&record, 4, sizeof(*word));
	if (word)
		*word = skb->mark;
	bpf_ringbuf_submit_dynptr(&record, 0);
	return TC_ACT_OK;
}

SEC("tc")
int read_slice(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	struct iphdr copy, *ip;

	if (bpf_dynptr_from_skb(skb, 0, &packet))
		return TC_ACT_OK;
	ip = bpf_dynptr_slice(&packet, sizeof(struct ethhdr), &copy, sizeof(copy));
	if (!ip)
		return TC_ACT_OK;
	return ip->ttl < 2 ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("xdp")
int write_slice(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	struct ethhdr copy, *eth;

	if (bpf_dynptr_from_xdp(ctx, 0, &packet))
		return XDP_ABORTED;
	eth = bpf_dynptr_slice_rdwr(&packet, 0, &copy, sizeof(copy));
	if (!eth)
		return XDP_DROP;
	eth->h_dest[0] |= 2;
	if (eth == &copy)
		bpf_dynptr_write(&packet, 0, &copy, sizeof(copy), 0);
	return XDP_PASS;
}
