/* Static functions: pointers to the caller's stack, packet pointers as arguments, eight calls deep. */
#include "bpf.h"

struct range {
	__u32 from, to;
};

SUBPROG int within(const struct range *range, __u32 value)
{
	return value >= range->from && value < range->to;
}

SUBPROG void widen(struct range *range, __u32 by)
{
	range->from -= by < range->from ? by : range->from;
	range->to += by;
}

SUBPROG int port_at(void *data, void *end, __u32 offset)
{
	if (offset > 60)
		return -1;
	if (data + offset + 2 > end)
		return -1;
	return swap16(*(__u16 *)(data + offset));
}

SEC("tc")
int ports(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct range range = { 1000, 2000 };
	struct iphdr *ip = data + sizeof(struct ethhdr);
	int port;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	widen(&range, skb->mark & 0xff);
	port = port_at(data, end, sizeof(struct ethhdr) + ip->ihl * 4 + 2);
	return port >= 0 && within(&range, port) ? TC_ACT_SHOT : TC_ACT_OK;
}

#define LEVEL(name, next) \
	SUBPROG int name(struct __sk_buff *skb, int depth) \
	{ \
		return next(skb, depth + 1) + (skb->len > 100 * depth); \
	}

SUBPROG int bottom(struct __sk_buff *skb, int depth)
{
	return skb->mark + depth;
}

LEVEL(level6, bottom)
LEVEL(level5, level6)
LEVEL(level4, level5)
LEVEL(level3, level4)
LEVEL(level2, level3)
LEVEL(level1, level2)

SEC("tc")
int deep(struct __sk_buff *skb)
{
	return level1(skb, 1) & 1 ? TC_ACT_OK : TC_ACT_PIPE;
}
