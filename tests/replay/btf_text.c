/* Memory as text, by the types of the kernel (bpf_snprintf_btf). Pointers are printed as they are: a kernel hashes others. */
#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define SIZE 2000

/* Of these the kernel's own types count. */
struct in6_addr { char x; };
struct ethhdr { char x; };
struct list_head { char x; };
struct sockaddr { char x; };
struct callback_head { char x; };
struct timespec64 { char x; };
struct socket { char x; };
struct iov_iter { char x; };
struct iovec { char x; };
struct work_struct { char x; };
struct hrtimer { char x; };
struct cpumask { char x; };
union nf_inet_addr { char x; };
enum pid_type { PIDTYPE_PID };
typedef struct { int x; } kuid_t;
typedef _Bool bool;

char text[8][SIZE];
long ret[8];
__u64 data[64], zeroes[64];

#define PRINT(at, type, from, flags) \
	{ \
		struct btf_ptr p = { .ptr = (from), .type_id = bpf_core_type_id_kernel(type) }; \
		ret[at] = bpf_snprintf_btf(text[at], SIZE, &p, sizeof(p), flags); \
	}

static __attribute__((always_inline)) void fill(int seed)
{
	for (int i = 0; i < 64; i++)
		data[i] = 0xc142434400000045ull + (__u64)seed * 0x10203 + i * 0x0101010101010101ull;
}

SEC("tc") int headers(struct __sk_buff *skb)
{
	fill(skb->len);
	PRINT(0, struct iphdr, data, 0)
	PRINT(1, struct iphdr, data, BTF_F_COMPACT)
	PRINT(2, struct iphdr, data, BTF_F_NONAME)
	PRINT(3, struct iphdr, zeroes, BTF_F_ZERO)
	PRINT(4, struct iphdr, zeroes, 0)
	PRINT(5, struct iphdr, zeroes, BTF_F_COMPACT | BTF_F_NONAME)
	PRINT(6, struct tcphdr, data, 0)
	PRINT(7, struct tcphdr, data, BTF_F_COMPACT | BTF_F_ZERO)
	return 0;
}

SEC("tc") int addresses(struct __sk_buff *skb)
{
	fill(skb->len);
	PRINT(0, struct in6_addr, data, 0)
	PRINT(1, struct ethhdr, data, BTF_F_COMPACT)
	PRINT(2, struct sockaddr, data, 0)
	PRINT(3, struct sockaddr, data + 1, BTF_F_COMPACT)
	PRINT(4, struct sockaddr, zeroes, BTF_F_ZERO)
	PRINT(5, union nf_inet_addr, data, 0)
	PRINT(6, struct bpf_sock_tuple, data, BTF_F_COMPACT | BTF_F_NONAME)
	PRINT(7, struct bpf_fib_lookup, data, BTF_F_COMPACT)
	return 0;
}

SEC("tc") int pointers(struct __sk_buff *skb)
{
	fill(skb->len);
	PRINT(0, struct list_head, data, BTF_F_PTR_RAW)
	PRINT(1, struct list_head, zeroes, BTF_F_PTR_RAW | BTF_F_ZERO)
	PRINT(2, struct callback_head, data, BTF_F_PTR_RAW)
	PRINT(3, struct iovec, data, BTF_F_PTR_RAW)
	PRINT(4, struct work_struct, data, BTF_F_PTR_RAW | BTF_F_COMPACT)
	PRINT(5, struct iov_iter, data, BTF_F_PTR_RAW)
	PRINT(6, struct hrtimer, data, BTF_F_PTR_RAW | BTF_F_COMPACT)
	PRINT(7, struct socket, data, BTF_F_PTR_RAW | BTF_F_COMPACT)
	return 0;
}

SEC("tc") int numbers(struct __sk_buff *skb)
{
	fill(skb->len);
	PRINT(0, enum pid_type, zeroes, 0)
	PRINT(1, enum pid_type, data, 0)
	PRINT(2, kuid_t, data, 0)
	PRINT(3, struct timespec64, data, BTF_F_COMPACT)
	PRINT(4, bool, data, 0)
	PRINT(5, struct socket, zeroes, BTF_F_NONAME)
	PRINT(6, struct cpumask, data, BTF_F_COMPACT)
	PRINT(7, int, zeroes, BTF_F_NONAME)
	return 0;
}

SEC("tc") int the_packet(struct __sk_buff *skb)
{
	void *start = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (start + 34 > end)
		return 0;
	PRINT(0, struct ethhdr, start, 0)
	PRINT(1, struct iphdr, start + 14, BTF_F_COMPACT)
	return 0;
}

SEC("tc") int refusals(struct __sk_buff *skb)
{
	struct btf_ptr p = { .ptr = data, .type_id = 0x7fffffff };

	fill(skb->len);
	ret[0] = bpf_snprintf_btf(text[0], SIZE, &p, sizeof(p), 0);
	p.type_id = 0x80000001;
	ret[1] = bpf_snprintf_btf(text[1], SIZE, &p, sizeof(p), 0);
	p.type_id = 0;
	ret[2] = bpf_snprintf_btf(text[2], SIZE, &p, sizeof(p), 0);
	p.type_id = bpf_core_type_id_kernel(struct iphdr);
	p.flags = 3;
	ret[3] = bpf_snprintf_btf(text[3], 20, &p, sizeof(p), 0);
	ret[4] = bpf_snprintf_btf(text[4], SIZE, &p, 8, 0);
	ret[5] = bpf_snprintf_btf(text[5], SIZE, &p, sizeof(p), 1 << 4);
	p.ptr = 0;
	ret[6] = bpf_snprintf_btf(text[6], SIZE, &p, sizeof(p), 0);
	p.ptr = (void *)4096;
	ret[7] = bpf_snprintf_btf(text[7], SIZE, &p, sizeof(p), 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
