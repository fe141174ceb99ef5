/* XDP: headers removed and added, metadata in front of the packet, tails cut, redirection. */
#include "bpf.h"

struct meta {
	__u32 mark, hash;
};

struct {
	UINT(type, BPF_MAP_TYPE_DEVMAP);
	TYPE(key, __u32);
	TYPE(value, __u32);
	UINT(max_entries, 64);
} ports SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_XSKMAP);
	TYPE(key, __u32);
	TYPE(value, __u32);
	UINT(max_entries, 64);
} queues SEC(".maps");

SEC("xdp")
int decapsulate(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct iphdr *outer = data + sizeof(struct ethhdr);
	struct ethhdr eth;

	if ((void *)(outer + 1) > end || outer->protocol != IPPROTO_IPIP)
		return XDP_PASS;
	__builtin_memcpy(&eth, data, sizeof(eth));
	if (bpf_xdp_adjust_head(ctx, sizeof(*outer)))
		return XDP_DROP;
	data = DATA(ctx);
	end = DATA_END(ctx);
	if (data + sizeof(eth) > end)
		return XDP_DROP;
	__builtin_memcpy(data, &eth, sizeof(eth));
	return XDP_TX;
}

SEC("xdp")
int annotate(struct xdp_md *ctx)
{
	struct meta *meta;
	void *data;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	data = DATA(ctx);
	if ((void *)(meta + 1) > data)
		return XDP_ABORTED;
	meta->mark = ctx->ingress_ifindex;
	meta->hash = bpf_get_prandom_u32();
	return XDP_PASS;
}

SEC("tc")
int annotated(struct __sk_buff *skb)
{
	struct meta *meta = (void *)(long)skb->data_meta;

	if ((void *)(meta + 1) > DATA(skb))
		return TC_ACT_OK;
	skb->mark = meta->mark;
	return TC_ACT_OK;
}

SEC("xdp")
int trim(struct xdp_md *ctx)
{
	int len = ctx->data_end - ctx->data;

	if (len > 128 && bpf_xdp_adjust_tail(ctx, 128 - len))
		return XDP_DROP;
	return bpf_redirect_map(&queues, ctx->rx_queue_index, XDP_PASS);
}

SEC("xdp")
int route(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct bpf_fib_lookup fib = {};

	if ((void *)(ip + 1) > end || eth->h_proto != swap16(ETH_P_IP) || ip->ttl <= 1)
		return XDP_PASS;
	fib.family = 2;
	fib.tot_len = swap16(ip->tot_len);
	fib.ipv4_src = ip->saddr;
	fib.ipv4_dst = ip->daddr;
	fib.ifindex = ctx->ingress_ifindex;
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	ip->ttl--;
	__builtin_memcpy(eth->h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, fib.smac, ETH_ALEN);
	return bpf_redirect_map(&ports, fib.ifindex, 0);
}
