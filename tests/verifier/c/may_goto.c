/* Loops that end when the kernel says so: may_goto, spelled in bytes so that every compiler takes it. */
#include "bpf.h"

/* Leaves the loop once its budget is used up: opcode 0xe5, and the distance in slots. */
#define COND_BREAK \
	({ \
		__label__ over, on; \
		asm volatile goto("1: .byte 0xe5; .byte 0; .long ((%l[over] - 1b - 8) / 8) & 0xffff; .short 0" ::::over); \
		goto on; \
	over: \
		break; \
	on:; \
	})

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, __u32);
	UINT(max_entries, 1024);
} next SEC(".maps");

/* Follows a chain of unknown length. */
SEC("tc")
int follow(struct __sk_buff *skb)
{
	__u32 at = skb->mark;

	for (;;) {
		__u32 *to = bpf_map_lookup_elem(&next, &at);

		if (!to || *to == at)
			break;
		at = *to;
		COND_BREAK;
	}
	skb->mark = at;
	return TC_ACT_OK;
}

SEC("xdp")
int count_down(struct xdp_md *ctx)
{
	__u32 left = ctx->rx_queue_index, odd = 0;

	while (left) {
		odd ^= left & 1;
		left >>= 1;
		COND_BREAK;
	}
	return odd ? XDP_PASS : XDP_DROP;
}
