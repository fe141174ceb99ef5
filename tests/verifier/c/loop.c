/* bpf_loop: callbacks with their caller's stack, that stop early, and within each other. */
#include "bpf.h"

struct sum {
	struct __sk_buff *skb;
	__u32 at, sum;
};

static long add_byte(__u32 index, void *ctx)
{
	struct sum *sum = ctx;
	__u8 byte;

	if (bpf_skb_load_bytes(sum->skb, sum->at + index, &byte, 1) < 0)
		return 1;
	sum->sum += byte;
	return 0;
}

SEC("tc")
int checksum(struct __sk_buff *skb)
{
	struct sum sum = { skb, sizeof(struct ethhdr), 0 };

	bpf_loop(skb->len & 0xfff, add_byte, &sum, 0);
	skb->mark = sum.sum;
	return TC_ACT_OK;
}

struct grid {
	__u32 rows, cells;
};

static long cell(__u32 index, void *ctx)
{
	struct grid *grid = ctx;

	grid->cells += 1;
	return grid->cells > 50;
}

static long row(__u32 index, void *ctx)
{
	struct grid *grid = ctx;

	grid->rows += 1;
	bpf_loop(5, cell, grid, 0);
	return 0;
}

SEC("xdp")
int nested(struct xdp_md *ctx)
{
	struct grid grid = {};

	bpf_loop(10, row, &grid, 0);
	return grid.cells > grid.rows ? XDP_PASS : XDP_DROP;
}
