/* Text: formatted, printed, compared. */
#include "bpf.h"

static char message[64];

SEC("tc")
int print(struct __sk_buff *skb)
{
	static const char format[] = "len %d mark %x";
	char short_format[] = "hash %u\n";
	__u64 args[] = { skb->len, skb->mark };

	bpf_snprintf(message, sizeof(message), format, args, sizeof(args));
	bpf_trace_printk(short_format, sizeof(short_format), skb->hash);
	return TC_ACT_OK;
}

SEC("tc")
int request(struct __sk_buff *skb)
{
	char head[8] = {};

	if (bpf_skb_load_bytes(skb, 54, head, sizeof(head)))
		return TC_ACT_OK;
	return bpf_strncmp(head, 4, "GET ") ? TC_ACT_OK : TC_ACT_SHOT;
}
