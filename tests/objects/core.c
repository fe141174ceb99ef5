// CO-RE against the kernel's types: context and kernel structs as a vmlinux.h declares them, moved fields, bit
// fields, arrays, enumerations, types that do not exist, and flavours.
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct __sk_buff {
	__u32 len;
	__u32 mark; /* not where the kernel has it */
	__u32 protocol;
	__u32 cb[5];
};

struct list_head___mine {
	struct list_head___mine *prev, *next;
};

struct sk_buff_head {
	__u32 qlen;
};

struct net_device {
	int ifindex;
	unsigned int mtu;
	char name[16];
};

struct sock_common {
	unsigned short skc_family;
	__u8 skc_reuse : 4;
	__u8 skc_reuseport : 1;
	__u8 skc_ipv6only : 1;
};

struct net_device___older {
	int ifindex;
	long no_such_field;
};

struct never_existed {
	int x;
};

#pragma clang attribute pop

enum bpf_map_type___mine {
	BPF_MAP_TYPE_RINGBUF___mine = 99,
	BPF_MAP_TYPE_NONSENSE___mine = 98,
};

SEC("tc")
int context(struct __sk_buff *skb)
{
	skb->mark = skb->len;
	skb->cb[2] = skb->protocol;
	if (bpf_core_field_exists(skb->cb))
		return skb->cb[4];
	return 0;
}

SEC("tc")
int questions(struct __sk_buff *skb)
{
	struct net_device___older *old = (void *)0;
	int answer = 0;

	answer += bpf_core_type_exists(struct never_existed);
	answer += 2 * bpf_core_field_exists(old->no_such_field);
	answer += 4 * bpf_core_field_exists(old->ifindex);
	answer += 8 * bpf_core_enum_value_exists(enum bpf_map_type___mine, BPF_MAP_TYPE_NONSENSE___mine);
	answer += 16 * bpf_core_enum_value(enum bpf_map_type___mine, BPF_MAP_TYPE_RINGBUF___mine);
	answer += bpf_core_type_size(struct net_device);
	answer += bpf_core_field_size(((struct net_device *)0)->name);
	answer += bpf_core_type_id_local(struct never_existed);
	answer += bpf_core_type_id_kernel(struct list_head___mine);
	return answer;
}

SEC("kprobe/dev_hard_start_xmit")
int fields(struct pt_regs *ctx)
{
	struct net_device *dev = (void *)ctx;
	struct sock_common *sk = (void *)ctx;
	char name[16];

	BPF_CORE_READ_INTO(&name, dev, name);
	return BPF_CORE_READ(dev, ifindex) + BPF_CORE_READ(dev, mtu) + name[3] +
	       BPF_CORE_READ_BITFIELD_PROBED(sk, skc_reuseport);
}

SEC("tc")
int guarded(struct __sk_buff *skb)
{
	struct net_device___older *old = (void *)0;
	if (bpf_core_field_exists(old->no_such_field)) {
		long value = 0;
		bpf_probe_read_kernel(&value, sizeof(value), &old->no_such_field);
		return value;
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
