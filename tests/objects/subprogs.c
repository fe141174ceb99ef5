// Functions: static and global ones in .text, shared by two programs, calling each other, and a callback.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sums[4];

static __attribute__((noinline)) int leaf(int a, int b)
{
	return a * 3 + b;
}

static __attribute__((noinline)) int middle(int a)
{
	return leaf(a, 5) ^ leaf(a, 7);
}

__attribute__((noinline)) int visible(int a, int b)
{
	return middle(a) + leaf(b, 1);
}

__attribute__((noinline, weak)) int replaceable(int a)
{
	return a + 41;
}

static __attribute__((noinline)) int unused_by_xdp(int a)
{
	return leaf(a, a) - 1;
}

static long each(__u32 index, void *ctx)
{
	sums[index & 3] += middle(index);
	return 0;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	return visible(ctx->ingress_ifindex, 2) & 1 ? XDP_PASS : XDP_DROP;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	bpf_loop(skb->len & 15, each, 0, 0);
	return unused_by_xdp(skb->len) + replaceable(skb->mark);
}

char LICENSE[] SEC("license") = "GPL";
