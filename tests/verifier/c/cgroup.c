/* A control group's packets: allowed by address and port, and marked as congested. */
#include "bpf.h"

const volatile __u16 blocked_port = 25;

struct prefix6 {
	__u32 len;
	__u8 addr[16];
};

struct {
	UINT(type, BPF_MAP_TYPE_LPM_TRIE);
	TYPE(key, struct prefix6);
	TYPE(value, __u8);
	UINT(max_entries, 128);
	UINT(map_flags, BPF_F_NO_PREALLOC);
} allowed SEC(".maps");

SEC("cgroup_skb/ingress")
int incoming(struct __sk_buff *skb)
{
	struct prefix6 prefix = { .len = 128 };
	struct ipv6hdr ip;
	__u8 *allow;

	if (skb->family != 10)
		return 1;
	if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
		return 0;
	__builtin_memcpy(prefix.addr, &ip.saddr, sizeof(prefix.addr));
	allow = bpf_map_lookup_elem(&allowed, &prefix);
	return allow && *allow;
}

SEC("cgroup_skb/egress")
int outgoing(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data;
	struct tcphdr *tcp = data + sizeof(*ip);

	if ((void *)(tcp + 1) > end || ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_TCP)
		return 1;
	if (tcp->dest == swap16(blocked_port))
		return 0;
	return skb->priority > 5 ? 3 : 1;
}
