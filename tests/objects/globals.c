// Global data of every kind: constants, initialised, zero, static, in sections of their own, and strings.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct limits {
	__u32 low;
	__u32 high;
	char name[8];
};

const volatile struct limits limits = { 60, 1500, "default" };
const volatile __u16 ports[4] = { 22, 53, 80, 443 };
int seen = 7;
static long total = -1;
__u64 by_size[16];
struct limits last;
static int calls;
int tuned SEC(".data.tuned") = 3;
const volatile int fixed SEC(".rodata.fixed") = 9;

SEC("tc")
int use_globals(struct __sk_buff *skb)
{
	__u32 len = skb->len;
	if (len < limits.low || len > limits.high)
		return TC_ACT_SHOT;
	seen += 1;
	total += len;
	calls++;
	by_size[(len >> 4) & 15] += tuned;
	last.high = len;
	last.low = ports[len & 3] + fixed;
	bpf_printk("length %d of %s", len, "a packet");
	return total > 1000000 ? TC_ACT_UNSPEC : calls;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
