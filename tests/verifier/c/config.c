/* Global data: constants that decide what is verified at all, counters, a table. */
#include "bpf.h"

const volatile int enabled = 0;
const volatile __u32 limit = 12;
static const __u8 table[8] = { 1, 3, 3, 7, 0, 0, 2, 9 };
__u64 seen, dropped;
__u32 sizes[16];
int threshold = 100;

SEC("xdp")
int configured(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *end = DATA_END(ctx);
	__u32 len = end - data;

	seen++;
	/* Never true here: what follows would not pass. */
	if (enabled)
		return *(volatile __u8 *)(data + 5000);
	for (__u32 i = 0; i < limit; i++)
		if (len >> i == 1)
			sizes[i & 15]++;
	if (len < threshold + table[len & 7])
		return XDP_PASS;
	__sync_fetch_and_add(&dropped, 1);
	return XDP_DROP;
}
