/* A priority scheduler: flows in a tree ordered by their virtual time, in global data and in a map's values. */
#include "objects.h"

struct flow {
	struct bpf_rb_node node;
	__u64 vtime;
	__u32 weight, id;
};

PRIVATE(tree) struct bpf_spin_lock lock;
PRIVATE(tree) struct bpf_rb_root tree CONTAINS(flow, node);
PRIVATE(tree) __u64 vtime_now;

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct scheduler {
		struct bpf_spin_lock lock;
		struct bpf_rb_root flows CONTAINS(flow, node);
		__u64 vtime;
	});
	UINT(max_entries, 4);
} schedulers SEC(".maps");

static _Bool earlier(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct flow, node)->vtime < container_of(b, struct flow, node)->vtime;
}

SEC("tc")
int enqueue(struct __sk_buff *skb)
{
	struct flow *flow = bpf_obj_new(struct flow);

	if (!flow)
		return TC_ACT_SHOT;
	flow->id = skb->hash;
	flow->weight = skb->priority | 1;
	bpf_spin_lock(&lock);
	flow->vtime = vtime_now + skb->len / flow->weight;
	bpf_rbtree_add(&tree, &flow->node, earlier);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

SEC("tc")
int dequeue(struct __sk_buff *skb)
{
	struct bpf_rb_node *node;
	struct flow *flow;

	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&tree);
	if (!node) {
		bpf_spin_unlock(&lock);
		return TC_ACT_SHOT;
	}
	flow = container_of(node, struct flow, node);
	vtime_now = flow->vtime;
	node = bpf_rbtree_remove(&tree, &flow->node);
	bpf_spin_unlock(&lock);
	if (!node)
		return TC_ACT_SHOT;
	flow = container_of(node, struct flow, node);
	skb->mark = flow->id;
	bpf_obj_drop(flow);
	return TC_ACT_OK;
}

/* Takes the first flow, serves it, and puts it back behind those that are due before it. */
SEC("tc")
int serve(struct __sk_buff *skb)
{
	struct bpf_rb_node *node;
	struct flow *flow;

	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&tree);
	if (!node)
		goto out;
	node = bpf_rbtree_remove(&tree, node);
	if (!node)
		goto out;
	flow = container_of(node, struct flow, node);
	flow->vtime += 1 + skb->len;
	bpf_rbtree_add(&tree, &flow->node, earlier);
out:
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

SEC("tc")
int search(struct __sk_buff *skb)
{
	__u64 wanted = skb->mark, found = 0;
	struct bpf_rb_node *node;

	bpf_spin_lock(&lock);
	node = bpf_rbtree_root(&tree);
	for (int depth = 0; node && depth < 6; depth++) {
		struct flow *flow = container_of(node, struct flow, node);

		if (flow->vtime == wanted) {
			found = flow->id;
			break;
		}
		node = wanted < flow->vtime ? bpf_rbtree_left(&tree, node) : bpf_rbtree_right(&tree, node);
	}
	bpf_spin_unlock(&lock);
	skb->mark = found;
	return TC_ACT_OK;
}

SEC("xdp")
int in_map(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 3;
	struct scheduler *s = bpf_map_lookup_elem(&schedulers, &key);
	struct flow *flow, *other;

	if (!s)
		return XDP_ABORTED;
	flow = bpf_obj_new(struct flow);
	if (!flow)
		return XDP_DROP;
	other = bpf_obj_new(struct flow);
	if (!other) {
		bpf_obj_drop(flow);
		return XDP_DROP;
	}
	flow->vtime = ctx->data_end - ctx->data;
	bpf_spin_lock(&s->lock);
	bpf_rbtree_add(&s->flows, &flow->node, earlier);
	bpf_rbtree_add(&s->flows, &other->node, earlier);
	s->vtime += other->vtime + flow->vtime;
	bpf_spin_unlock(&s->lock);
	return XDP_PASS;
}
