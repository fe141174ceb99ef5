// Tail calls through a prog array that the object fills itself.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

int ipv4(struct __sk_buff *skb);
int ipv6(struct __sk_buff *skb);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} next SEC(".maps") = {
	.values = {
		[0] = (void *)&ipv4,
		[2] = (void *)&ipv6,
	},
};

SEC("tc")
int ipv4(struct __sk_buff *skb)
{
	return skb->len > 100 ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc")
int ipv6(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("tc")
int entry(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &next, skb->protocol == 0xdd86 ? 2 : 0);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
