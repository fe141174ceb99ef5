/* Mistakes with lists and trees of objects, one a program. Above each stands what the kernel says. */
#include "objects.h"

struct item {
	struct bpf_list_node node;
	__u32 value;
	struct bpf_list_node second;
};

struct other {
	__u64 value;
	struct bpf_list_node node;
};

struct leaf {
	__u64 key;
	struct bpf_rb_node node, second;
};

struct stray {
	struct bpf_rb_node node;
};

struct counted {
	struct bpf_refcount refs;
	__u32 value;
	struct bpf_list_node node;
	struct bpf_rb_node leaf;
};

struct plain {
	__u64 value;
};

struct holder {
	struct bpf_spin_lock lock;
	struct bpf_list_head items CONTAINS(item, node);
	__u32 length;
	struct plain KPTR *plain;
};

struct box {
	struct plain KPTR *plain;
	struct counted KPTR *counted;
};

/* Compilers only describe what is used. */
struct counted any_counted;

PRIVATE(a) struct bpf_spin_lock lock;
PRIVATE(a) struct bpf_list_head list CONTAINS(item, node);
PRIVATE(a) struct bpf_rb_root tree CONTAINS(leaf, node);
PRIVATE(a) struct bpf_list_head counted_list CONTAINS(counted, node);
PRIVATE(a) struct bpf_rb_root counted_tree CONTAINS(counted, leaf);
PRIVATE(b) struct bpf_spin_lock other_lock;

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, struct box);
	UINT(max_entries, 8);
} boxes SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, struct holder);
	UINT(max_entries, 8);
} holders SEC(".maps");

static _Bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct leaf, node)->key < container_of(b, struct leaf, node)->key;
}

static _Bool removes(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return bpf_rbtree_remove(&tree, a) == 0;
}

static _Bool adds(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return bpf_rbtree_add(&tree, a, less);
}

static _Bool unlocks(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return bpf_spin_unlock(&lock);
}

static _Bool asks(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return bpf_get_prandom_u32() & 1;
}

static _Bool keeps(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return !bpf_refcount_acquire(container_of(a, struct counted, leaf));
}

/* bpf_spin_lock at off=32 must be held for bpf_list_head */
SEC("tc")
int push_without_lock(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_list_push_front(&list, &i->node);
	return TC_ACT_OK;
}

/* bpf_spin_lock at off=32 must be held for bpf_list_head */
SEC("tc")
int push_under_other_lock(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&other_lock);
	bpf_list_push_front(&list, &i->node);
	bpf_spin_unlock(&other_lock);
	return TC_ACT_OK;
}

/* bpf_spin_lock at off=32 must be held for bpf_rb_root */
SEC("tc")
int first_without_lock(struct __sk_buff *skb)
{
	return bpf_rbtree_first(&tree) ? 1 : 0;
}

/* arg#1 expected pointer to allocated object */
SEC("tc")
int push_unchecked(struct __sk_buff *skb)
{
	struct item *i = bpf_obj_new(struct item);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, &i->node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* arg#1 expected pointer to allocated object */
SEC("tc")
int push_twice(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, &i->node);
	bpf_list_push_back(&list, &i->node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'scalar' */
SEC("tc")
int used_after_unlock(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, &i->node);
	bpf_spin_unlock(&lock);
	skb->mark = i->value;
	return TC_ACT_OK;
}

/* arg#1 offset=32, but expected bpf_list_node at offset=0 in struct item */
SEC("tc")
int other_node(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, &i->second);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* bpf_list_node not found at offset=24 */
SEC("tc")
int no_node(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, (void *)&i->value);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* operation on bpf_list_head expects arg#1 bpf_list_node at offset=0 in struct item, but arg is at offset=8 in struct other */
SEC("tc")
int other_element(struct __sk_buff *skb)
{
	NEW(other, o);

	bpf_spin_lock(&lock);
	bpf_list_push_front(&list, &o->node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* operation on bpf_rb_root expects arg#1 bpf_rb_node at offset=8 in struct leaf, but arg is at offset=0 in struct stray */
SEC("tc")
int other_leaf(struct __sk_buff *skb)
{
	NEW(stray, s);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &s->node, less);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* arg#1 offset=40, but expected bpf_rb_node at offset=8 in struct leaf */
SEC("tc")
int other_leaf_node(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->second, less);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* bpf_list_head not found at offset=16 */
SEC("tc")
int tree_as_list(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_list_push_front((void *)&tree, &i->node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* R1 doesn't have constant offset. bpf_list_head has to be at the constant offset */
SEC("tc")
int list_somewhere(struct __sk_buff *skb)
{
	FIND(holder, h, holders, 0);
	bpf_spin_lock(&h->lock);
	skb->mark = bpf_list_front((void *)&h->items + (skb->len & 8)) ? 1 : 0;
	bpf_spin_unlock(&h->lock);
	return TC_ACT_OK;
}

/* bpf_spin_lock at off=0 must be held for bpf_list_head */
SEC("tc")
int lock_of_another_value(struct __sk_buff *skb)
{
	FIND(holder, h, holders, 0);
	FIND(holder, g, holders, 1);
	bpf_spin_lock(&h->lock);
	skb->mark = bpf_list_front(&g->items) ? 1 : 0;
	bpf_spin_unlock(&h->lock);
	return TC_ACT_OK;
}

/* BPF_EXIT instruction in main prog would lead to reference leak */
SEC("tc")
int object_lost(struct __sk_buff *skb)
{
	NEW(item, i);

	skb->mark = i->value;
	return TC_ACT_OK;
}

/* BPF_EXIT instruction in main prog would lead to reference leak */
SEC("tc")
int popped_and_lost(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	skb->mark = bpf_list_pop_front(&list) ? 1 : 0;
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* R1 must be referenced or trusted */
SEC("tc")
int dropped_twice(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_obj_drop(i);
	bpf_obj_drop(i);
	return TC_ACT_OK;
}

/* Possibly NULL pointer passed to trusted arg0 */
SEC("tc")
int dropped_unchecked(struct __sk_buff *skb)
{
	bpf_obj_drop(bpf_obj_new(struct item));
	return TC_ACT_OK;
}

/* R1 must have zero offset when passed to release func or trusted arg to kfunc */
SEC("tc")
int node_dropped(struct __sk_buff *skb)
{
	NEW(other, o);

	bpf_obj_drop(&o->node);
	return TC_ACT_OK;
}

/* function calls are not allowed while holding a lock */
SEC("tc")
int dropped_under_lock(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_spin_lock(&lock);
	bpf_obj_drop(i);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* function calls are not allowed while holding a lock */
SEC("tc")
int new_under_lock(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct item *i = bpf_obj_new(struct item);
	bpf_spin_unlock(&lock);
	DROP(i);
	return TC_ACT_OK;
}

/* direct access to bpf_list_node is disallowed */
SEC("tc")
int node_written(struct __sk_buff *skb)
{
	NEW(item, i);

	*(volatile __u64 *)&i->node = 0;
	bpf_obj_drop(i);
	return TC_ACT_OK;
}

/* bpf_list_head cannot be accessed directly by load/store */
SEC("tc")
int list_read(struct __sk_buff *skb)
{
	skb->mark = *(volatile __u32 *)&list;
	return TC_ACT_OK;
}

/* access beyond struct plain at off 8 size 4 */
SEC("tc")
int beyond_the_end(struct __sk_buff *skb)
{
	NEW(plain, p);

	skb->mark = *(volatile __u32 *)(p + 1);
	bpf_obj_drop(p);
	return TC_ACT_OK;
}

/* arg#0 doesn't point to a type with bpf_refcount field */
SEC("tc")
int not_counted(struct __sk_buff *skb)
{
	NEW(item, i);

	bpf_refcount_acquire(i);
	bpf_obj_drop(i);
	return TC_ACT_OK;
}

/* verifier bug: Couldn't find btf_record */
SEC("tc")
int nothing_to_count(struct __sk_buff *skb)
{
	NEW(plain, p);

	bpf_refcount_acquire(p);
	bpf_obj_drop(p);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'ptr_or_null_' */
SEC("tc")
int counted_unchecked(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct bpf_list_node *node = bpf_list_front(&counted_list);
	struct counted *c = 0;

	if (node)
		c = bpf_refcount_acquire(container_of(node, struct counted, node));
	bpf_spin_unlock(&lock);
	if (!node)
		return TC_ACT_OK;
	skb->mark = c->value;
	DROP(c);
	return TC_ACT_OK;
}

/* R0 invalid mem access 'rcu_ptr_or_null_' */
SEC("tc")
int front_unchecked(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	skb->mark = container_of(bpf_list_front(&counted_list), struct counted, node)->value;
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'scalar' */
SEC("tc")
int front_after_unlock(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct bpf_list_node *node = bpf_list_front(&list);
	bpf_spin_unlock(&lock);
	if (node)
		skb->mark = container_of(node, struct item, node)->value;
	return TC_ACT_OK;
}

/* arg#1 expected pointer to allocated object */
SEC("tc")
int front_pushed(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct bpf_list_node *node = bpf_list_front(&list);

	if (node)
		bpf_list_push_back(&list, node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* bpf_rbtree_remove can only take non-owning or refcounted bpf_rb_node pointer */
SEC("tc")
int remove_nothing(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct bpf_rb_node *node = bpf_rbtree_remove(&tree, 0);
	bpf_spin_unlock(&lock);
	if (node)
		bpf_obj_drop(container_of(node, struct leaf, node));
	return TC_ACT_OK;
}

/* dereference of modified ptr_or_null_ ptr R2 off=8 disallowed */
SEC("tc")
int remove_unchecked(struct __sk_buff *skb)
{
	bpf_spin_lock(&lock);
	struct bpf_rb_node *node = bpf_rbtree_remove(&tree, bpf_rbtree_first(&tree));
	bpf_spin_unlock(&lock);
	if (node)
		bpf_obj_drop(container_of(node, struct leaf, node));
	return TC_ACT_OK;
}

/* arg2 expected pointer to func */
SEC("tc")
int compared_by_nothing(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, 0);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* kernel function bpf_rbtree_add_impl args#2 pointer type FUNC_PROTO  is not supported */
SEC("tc")
int compared_by_object(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, (void *)l);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* bpf_rbtree_remove not allowed in rbtree cb */
SEC("tc")
int compare_removes(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, removes);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* arg#1 expected pointer to allocated object */
SEC("tc")
int compare_adds(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, adds);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* can't spin_{lock,unlock} in rbtree cb */
SEC("tc")
int compare_unlocks(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, unlocks);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* function calls are not allowed while holding a lock */
SEC("tc")
int compare_asks(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, asks);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* BPF_EXIT instruction in main prog would lead to reference leak */
SEC("tc")
int compare_keeps(struct __sk_buff *skb)
{
	NEW(counted, c);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&counted_tree, &c->leaf, keeps);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region */
SEC("tc")
int end_under_lock(struct __sk_buff *skb)
{
	NEW(leaf, l);

	bpf_spin_lock(&lock);
	bpf_rbtree_add(&tree, &l->node, less);
	return TC_ACT_OK;
}

/* bpf_spin_lock at off=0 must be held for bpf_list_head */
SEC("tc")
int lock_of_another_object(struct __sk_buff *skb)
{
	NEW(holder, h);
	struct holder *g = bpf_obj_new(struct holder);

	if (!g) {
		bpf_obj_drop(h);
		return TC_ACT_SHOT;
	}
	bpf_spin_lock(&h->lock);
	skb->mark = bpf_list_front(&g->items) ? 1 : 0;
	bpf_spin_unlock(&h->lock);
	bpf_obj_drop(g);
	bpf_obj_drop(h);
	return TC_ACT_OK;
}

/* arg#1 expected pointer to allocated object */
SEC("tc")
int loaded_and_pushed(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	struct counted *c = b->counted;

	if (!c)
		return TC_ACT_OK;
	bpf_spin_lock(&lock);
	bpf_list_push_front(&counted_list, &c->node);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'scalar' */
SEC("tc")
int loaded_and_unlocked(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	struct counted *c = b->counted;

	if (!c)
		return TC_ACT_OK;
	bpf_spin_lock(&lock);
	bpf_spin_unlock(&lock);
	skb->mark = c->value;
	return TC_ACT_OK;
}

/* tracing progs cannot use bpf_{list_head,rb_root} yet */
SEC("tp/net/netif_receive_skb")
int lists_in_tracing(void *ctx)
{
	bpf_spin_lock(&lock);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}
