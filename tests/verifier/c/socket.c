/* Sockets: looked up and released, cast to other types, and the one of the packet. */
#include "bpf.h"

INLINE struct bpf_sock_tuple *tuple_of(struct __sk_buff *skb)
{
	void *data = DATA(skb), *end = DATA_END(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct bpf_sock_tuple *tuple;

	if ((void *)(ip + 1) > end || ip->ihl != 5)
		return 0;
	tuple = (void *)&ip->saddr;
	return (void *)tuple + sizeof(tuple->ipv4) > end ? 0 : tuple;
}

SEC("tc")
int listening(struct __sk_buff *skb)
{
	struct bpf_sock_tuple *tuple = tuple_of(skb);
	struct bpf_sock *sk;
	int verdict = TC_ACT_SHOT;

	if (!tuple)
		return TC_ACT_OK;
	sk = bpf_sk_lookup_tcp(skb, tuple, sizeof(tuple->ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return TC_ACT_OK;
	if (sk->state == BPF_TCP_LISTEN || sk->mark == 7)
		verdict = TC_ACT_OK;
	bpf_sk_release(sk);
	return verdict;
}

SEC("tc")
int either(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;

	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + 12, &tuple, 8))
		return TC_ACT_OK;
	tuple.ipv4.dport = swap16(53);
	sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	if (!sk) {
		sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
		if (!sk)
			return TC_ACT_OK;
	}
	skb->mark = sk->src_port;
	bpf_sk_release(sk);
	return TC_ACT_OK;
}

SEC("cgroup_skb/egress")
int slow(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct bpf_tcp_sock *tcp;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->protocol != IPPROTO_TCP)
		return 1;
	tcp = bpf_tcp_sock(sk);
	return tcp && tcp->srtt_us > 800000 ? 2 : 1;
}
