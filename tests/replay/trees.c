/* Trees of objects: their order, and their shape, which programs see since Linux 6.16. */
#include "../verifier/c/objects.h"

struct item {
	long key;
	struct bpf_rb_node node;
};

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, int);
	TYPE(value, struct grove {
		struct bpf_spin_lock lock;
		struct bpf_rb_root root CONTAINS(item, node);
		long count;
		long seed;
	});
	UINT(max_entries, 2);
} groves SEC(".maps");

#define KEY(rb) (container_of(rb, struct item, node)->key)

long out[32];

static _Bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return KEY(a) < KEY(b);
}

/* Adds an item, and takes one out when there are many: the first, or the root. */
static __attribute__((always_inline)) int grow(struct __sk_buff *skb, int at, _Bool from_the_root, int most)
{
	struct grove *grove = bpf_map_lookup_elem(&groves, &at);
	struct bpf_rb_node *top, *l, *r, *gone = 0;
	struct item *item;

	if (!grove)
		return 1;
	item = bpf_obj_new(struct item);
	if (!item)
		return 2;
	bpf_spin_lock(&grove->lock);
	grove->seed = grove->seed * 1103515245 + 12345 + skb->len;
	grove->count++;
	item->key = (grove->seed >> 8) & 0xff;
	out[0] = item->key;
	bpf_rbtree_add(&grove->root, &item->node, less);
	top = bpf_rbtree_first(&grove->root);
	if (top)
		out[1] = KEY(top);
	if (grove->count > most) {
		top = from_the_root ? bpf_rbtree_root(&grove->root) : bpf_rbtree_first(&grove->root);
		if (top)
			gone = bpf_rbtree_remove(&grove->root, top);
	}
	bpf_spin_unlock(&grove->lock);
	if (gone) {
		out[2] = KEY(gone);
		bpf_obj_drop(container_of(gone, struct item, node));
	}

	bpf_spin_lock(&grove->lock);
	top = bpf_rbtree_root(&grove->root);
	if (!top)
		goto done;
	out[3] = KEY(top);
	l = bpf_rbtree_left(&grove->root, top);
	r = bpf_rbtree_right(&grove->root, top);
	out[4] = l ? KEY(l) : -1;
	out[5] = r ? KEY(r) : -1;
	if (l) {
		top = bpf_rbtree_left(&grove->root, l);
		out[6] = top ? KEY(top) : -1;
		top = bpf_rbtree_right(&grove->root, l);
		out[7] = top ? KEY(top) : -1;
	}
	if (r) {
		top = bpf_rbtree_left(&grove->root, r);
		out[8] = top ? KEY(top) : -1;
		top = bpf_rbtree_right(&grove->root, r);
		out[9] = top ? KEY(top) : -1;
	}
done:
	bpf_spin_unlock(&grove->lock);
	return 0;
}

SEC("tc") int the_first_goes(struct __sk_buff *skb)
{
	return grow(skb, 0, 0, 12);
}

SEC("tc") int the_root_goes(struct __sk_buff *skb)
{
	return grow(skb, 1, 1, 9);
}

SEC("tc") int an_empty_tree_has_nothing(struct __sk_buff *skb)
{
	int at = 0;
	struct grove *grove = bpf_map_lookup_elem(&groves, &at);

	if (!grove)
		return 1;
	bpf_spin_lock(&grove->lock);
	out[0] = bpf_rbtree_first(&grove->root) != 0;
	out[1] = bpf_rbtree_root(&grove->root) != 0;
	bpf_spin_unlock(&grove->lock);
	return 0;
}

char _license[] SEC("license") = "GPL";
