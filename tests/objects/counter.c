// Packets by protocol, as a socket filter and at both tc hooks, counted in one hash map.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline int count(struct __sk_buff *skb)
{
	__u8 proto = 0;
	bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, protocol), &proto, 1);
	__u32 key = proto;
	struct count *c = bpf_map_lookup_elem(&counts, &key);
	if (c) {
		__sync_fetch_and_add(&c->packets, 1);
		__sync_fetch_and_add(&c->bytes, skb->len);
	} else {
		struct count first = { 1, skb->len };
		bpf_map_update_elem(&counts, &key, &first, BPF_ANY);
	}
	return 0;
}

SEC("socket")
int count_socket(struct __sk_buff *skb)
{
	count(skb);
	return skb->len;
}

SEC("tc")
int count_tc(struct __sk_buff *skb)
{
	count(skb);
	return TC_ACT_OK;
}

SEC("tc")
int drop_all(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
