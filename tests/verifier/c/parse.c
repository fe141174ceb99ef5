/* Counts packets by protocol: Ethernet, up to two VLAN tags, IPv4 with options, IPv6, ports. */
#include "bpf.h"

struct vlan {
	__be16 tci, proto;
};

struct count {
	__u64 packets, bytes;
};

struct {
	UINT(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct count);
	UINT(max_entries, 256);
} by_protocol SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_LRU_HASH);
	TYPE(key, __be16);
	TYPE(value, __u64);
	UINT(max_entries, 1024);
} by_port SEC(".maps");

struct cursor {
	void *at, *end;
};

INLINE void *take(struct cursor *c, __u32 size)
{
	void *at = c->at;

	if (at + size > c->end)
		return 0;
	c->at = at + size;
	return at;
}

INLINE void note(__u32 protocol, __u64 bytes)
{
	struct count *count = bpf_map_lookup_elem(&by_protocol, &protocol);

	if (count) {
		count->packets++;
		count->bytes += bytes;
	}
}

INLINE void note_port(__be16 port)
{
	__u64 one = 1, *seen = bpf_map_lookup_elem(&by_port, &port);

	if (seen)
		__sync_fetch_and_add(seen, 1);
	else
		bpf_map_update_elem(&by_port, &port, &one, BPF_NOEXIST);
}

SEC("xdp")
int parse(struct xdp_md *ctx)
{
	struct cursor c = { DATA(ctx), DATA_END(ctx) };
	__u64 bytes = c.end - c.at;
	struct ethhdr *eth = take(&c, sizeof(*eth));
	__u8 protocol;
	__be16 proto;

	if (!eth)
		return XDP_DROP;
	proto = eth->h_proto;
	for (int tags = 0; tags < 2; tags++) {
		struct vlan *vlan;

		if (proto != swap16(ETH_P_8021Q) && proto != swap16(ETH_P_8021AD))
			break;
		vlan = take(&c, sizeof(*vlan));
		if (!vlan)
			return XDP_DROP;
		proto = vlan->proto;
	}
	if (proto == swap16(ETH_P_IP)) {
		struct iphdr *ip = take(&c, sizeof(*ip));
		__u32 options;

		if (!ip || ip->ihl < 5)
			return XDP_DROP;
		options = ip->ihl * 4 - sizeof(*ip);
		if (options && !take(&c, options))
			return XDP_DROP;
		protocol = ip->protocol;
	} else if (proto == swap16(ETH_P_IPV6)) {
		struct ipv6hdr *ip = take(&c, sizeof(*ip));

		if (!ip)
			return XDP_DROP;
		protocol = ip->nexthdr;
	} else {
		return XDP_PASS;
	}
	note(protocol, bytes);
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
		__be16 *ports = take(&c, 4);

		if (!ports)
			return XDP_DROP;
		note_port(ports[1]);
	}
	return XDP_PASS;
}
