// Maps of maps, with the maps inside given in the object.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} left SEC(".maps"), right SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, __u32);
	__array(values, struct inner);
} sides SEC(".maps") = {
	.values = { [0] = &left, [2] = &right },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__uint(max_entries, 16);
		__uint(map_flags, BPF_F_NO_PREALLOC);
		__type(key, __u16);
		__type(value, __u32);
	});
} by_host SEC(".maps");

SEC("xdp")
int look_inside(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 2, zero = 0;
	__u16 port = 80;
	void *map = bpf_map_lookup_elem(&sides, &key);
	if (!map)
		return XDP_ABORTED;
	__u64 *count = bpf_map_lookup_elem(map, &zero);
	if (count)
		*count += 1;
	map = bpf_map_lookup_elem(&by_host, &key);
	if (!map)
		return XDP_DROP;
	__u32 *seen = bpf_map_lookup_elem(map, &port);
	return seen && *seen ? XDP_TX : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
