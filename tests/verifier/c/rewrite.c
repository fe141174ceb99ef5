/* Address translation and tunnels: checksums, bytes stored, room made, tags pushed. */
#include "bpf.h"

struct backend {
	__be32 addr;
	__u32 ifindex;
	__u8 mac[ETH_ALEN];
};

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __be32);
	TYPE(value, struct backend);
	UINT(max_entries, 64);
} backends SEC(".maps");

#define IP_AT sizeof(struct ethhdr)
#define L4_AT (IP_AT + sizeof(struct iphdr))

SEC("tc")
int translate(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data + IP_AT;
	struct backend *backend;
	__be32 old, new;
	__u32 sum_at;

	if ((void *)(ip + 1) > end || ip->ihl != 5)
		return TC_ACT_OK;
	old = ip->daddr;
	backend = bpf_map_lookup_elem(&backends, &old);
	if (!backend)
		return TC_ACT_OK;
	new = backend->addr;
	sum_at = ip->protocol == IPPROTO_TCP ? L4_AT + 16 : L4_AT + 6;
	bpf_l4_csum_replace(skb, sum_at, old, new, BPF_F_PSEUDO_HDR | sizeof(new));
	bpf_l3_csum_replace(skb, IP_AT + 10, old, new, sizeof(new));
	bpf_skb_store_bytes(skb, IP_AT + 16, &new, sizeof(new), 0);
	if (bpf_skb_store_bytes(skb, 0, backend->mac, ETH_ALEN, 0) < 0)
		return TC_ACT_SHOT;
	return bpf_redirect(backend->ifindex, 0);
}

struct outer {
	struct iphdr ip;
	struct udphdr udp;
};

SEC("tc")
int encapsulate(struct __sk_buff *skb)
{
	struct outer outer = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP } };
	void *data, *end;
	struct ethhdr *eth;
	__s64 sum;

	if (bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4))
		return TC_ACT_SHOT;
	data = DATA(skb);
	end = DATA_END(skb);
	eth = data;
	if ((void *)(eth + 1) + sizeof(outer) > end)
		return TC_ACT_SHOT;
	outer.ip.tot_len = swap16(skb->len - sizeof(*eth));
	outer.udp.dest = swap16(4789);
	sum = bpf_csum_diff(0, 0, (void *)&outer.ip, sizeof(outer.ip), 0);
	sum = (sum & 0xffff) + (sum >> 16);
	outer.ip.check = ~((sum & 0xffff) + (sum >> 16));
	__builtin_memcpy(eth + 1, &outer, sizeof(outer));
	return TC_ACT_OK;
}

SEC("tc")
int retag(struct __sk_buff *skb)
{
	__u16 tci = skb->vlan_tci;

	if (skb->vlan_present && bpf_skb_vlan_pop(skb))
		return TC_ACT_SHOT;
	if (bpf_skb_vlan_push(skb, swap16(ETH_P_8021AD), (tci & 0xfff) + 100))
		return TC_ACT_SHOT;
	bpf_skb_change_tail(skb, skb->len < 1500 ? skb->len : 1500, 0);
	return TC_ACT_OK;
}

SEC("tc")
int pulled(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);

	if (data + L4_AT > end) {
		if (bpf_skb_pull_data(skb, L4_AT))
			return TC_ACT_OK;
		data = DATA(skb);
		end = DATA_END(skb);
		if (data + L4_AT > end)
			return TC_ACT_OK;
	}
	((struct iphdr *)(data + IP_AT))->ttl = 64;
	return TC_ACT_OK;
}
