// The other of two files that are linked.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int limit = 1000;
int choose(int x);
static int counter = 3;

extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

static __attribute__((noinline)) int same_name(int x) { return x - 2; }

__attribute__((noinline)) int over(int len)
{
	__u32 key = 2;
	__u64 *v = bpf_map_lookup_elem(&shared, &key);
	counter++;
	return same_name(len) + (v ? *v : 0) > limit + counter;
}

__attribute__((noinline)) int choose(int x) { return x + 100; }

SEC("xdp")
int other(struct xdp_md *ctx) { return over(ctx->rx_queue_index) ? XDP_DROP : XDP_PASS; }

char LICENSE[] SEC("license") = "GPL";
