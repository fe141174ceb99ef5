/* Loops that the verifier follows to their end. */
#include "bpf.h"

/* Sums a header's words, as its checksum does. */
SEC("xdp")
int header_sum(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u16 *word = (void *)ip;
	__u32 sum = 0;

	if ((void *)(ip + 1) > end)
		return XDP_DROP;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 10; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) == 0xffff ? XDP_PASS : XDP_DROP;
}

/* Looks for a byte in the first 64 bytes of the payload. */
SEC("tc")
int find(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb), *end = DATA_END(skb);

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < 64; i++) {
		if (data + i + 1 > end)
			break;
		if (data[i] == '\n')
			return TC_ACT_SHOT;
	}
	return TC_ACT_OK;
}

/* A table on the stack, filled and read with indexes that only the loop knows. */
SEC("tc")
int histogram(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb), *end = DATA_END(skb);
	__u32 counts[16] = {}, most = 0;

	if (data + 48 > end)
		return TC_ACT_OK;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 48; i++)
		counts[data[i] & 15]++;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 16; i++)
		if (counts[i] > counts[most & 15])
			most = i;
	skb->mark = most;
	return TC_ACT_OK;
}

/* A loop whose length the packet tells. */
SEC("tc")
int records(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb), *end = DATA_END(skb), *at = data + 15;
	__u32 count, sum = 0;

	if (data + 15 > end)
		return TC_ACT_OK;
	count = data[14] & 31;
	for (__u32 i = 0; i < count; i++) {
		FORGET(at);
		if (at + 2 > end)
			return TC_ACT_SHOT;
		sum += at[0] ^ at[1];
		at += 2;
	}
	return sum & 1 ? TC_ACT_OK : TC_ACT_PIPE;
}
