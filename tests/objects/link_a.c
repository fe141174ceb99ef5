// One of two files that are linked: uses what the other defines.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int limit;
extern int over(int len);
__attribute__((weak)) int choose(int x) { return x + 1; }

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

static __attribute__((noinline)) int same_name(int x) { return x * 2; }
int mine = 5;

SEC("tc")
int check(struct __sk_buff *skb)
{
	__u32 key = 1;
	__u64 *v = bpf_map_lookup_elem(&shared, &key);
	if (v)
		*v += mine;
	if (over(skb->len))
		return 2;
	return same_name(choose(skb->len)) > limit;
}

char LICENSE[] SEC("license") = "GPL";
