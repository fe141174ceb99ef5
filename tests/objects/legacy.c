// What libbpf before 1.0 and iproute2 accepted: map structs, loose section names, tail calls by section name.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct old_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};

struct elf_map {
	__u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

#ifdef IPROUTE2
struct elf_map jumps SEC("maps") = {
	.type = BPF_MAP_TYPE_PROG_ARRAY, .size_key = 4, .size_value = 4, .max_elem = 2, .id = 7, .pinning = 2,
};

SEC("7/1")
int target(struct __sk_buff *skb) { return TC_ACT_SHOT; }

SEC("classifier")
int entry(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &jumps, 1);
	return TC_ACT_OK;
}
#else
struct old_map_def counts SEC("maps") = {
	.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 256,
};
struct old_map_def others SEC("maps") = {
	.type = BPF_MAP_TYPE_HASH, .key_size = 2, .value_size = 4, .max_entries = 10, .map_flags = 1,
};

SEC("socket1")
int entry(struct __sk_buff *skb)
{
	__u32 key = skb->protocol & 255;
	__u16 other = key;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		*count += 1;
	return bpf_map_lookup_elem(&others, &other) ? 0 : skb->len;
}
#endif

char _license[] SEC("license") = "GPL";
