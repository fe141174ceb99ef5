/* Counted objects: each in a list and in a tree at once, and one more reference in a map's value. */
#include "objects.h"

struct session {
	__u64 key;
	struct bpf_list_node recent;
	struct bpf_rb_node by_key;
	struct bpf_refcount refs;
	__u32 packets;
};

PRIVATE(sessions) struct bpf_spin_lock lock;
PRIVATE(sessions) struct bpf_list_head recent CONTAINS(session, recent);
PRIVATE(sessions) struct bpf_rb_root sessions CONTAINS(session, by_key);

struct slot {
	struct session KPTR *session;
	__u64 used;
};

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, struct slot);
	UINT(max_entries, 16);
} slots SEC(".maps");

static _Bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct session, by_key)->key < container_of(b, struct session, by_key)->key;
}

SEC("tc")
int open_session(struct __sk_buff *skb)
{
	struct session *session = bpf_obj_new(struct session), *again;

	if (!session)
		return TC_ACT_SHOT;
	session->key = skb->hash;
	again = bpf_refcount_acquire(session);
	again->packets = 1;
	bpf_spin_lock(&lock);
	bpf_rbtree_add(&sessions, &session->by_key, less);
	bpf_list_push_front(&recent, &again->recent);
	bpf_spin_unlock(&lock);
	return TC_ACT_OK;
}

/* Takes the session that is longest in the list, and takes it off the tree too. */
SEC("tc")
int expire(struct __sk_buff *skb)
{
	struct bpf_list_node *last;
	struct bpf_rb_node *node;
	struct session *session;

	bpf_spin_lock(&lock);
	last = bpf_list_pop_back(&recent);
	if (!last) {
		bpf_spin_unlock(&lock);
		return TC_ACT_OK;
	}
	session = container_of(last, struct session, recent);
	node = bpf_rbtree_remove(&sessions, &session->by_key);
	bpf_spin_unlock(&lock);
	skb->mark = session->packets;
	bpf_obj_drop(session);
	if (node)
		bpf_obj_drop(container_of(node, struct session, by_key));
	return TC_ACT_OK;
}

SEC("tc")
int remember(struct __sk_buff *skb)
{
	__u32 key = skb->hash & 15;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct session *session, *old;
	struct bpf_rb_node *node;

	if (!slot)
		return TC_ACT_OK;
	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&sessions);
	if (!node) {
		bpf_spin_unlock(&lock);
		return TC_ACT_OK;
	}
	session = bpf_refcount_acquire(container_of(node, struct session, by_key));
	bpf_spin_unlock(&lock);
	if (!session)
		return TC_ACT_OK;
	old = bpf_kptr_xchg(&slot->session, session);
	slot->used++;
	if (old)
		bpf_obj_drop(old);
	return TC_ACT_OK;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = skb->hash & 15;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct session *session, *mine;

	if (!slot)
		return TC_ACT_OK;
	session = slot->session;
	if (!session)
		return TC_ACT_OK;
	skb->mark = session->packets;
	mine = bpf_refcount_acquire(session);
	if (!mine)
		return TC_ACT_OK;
	mine->packets++;
	bpf_obj_drop(mine);
	return TC_ACT_OK;
}

/* What is in the map may be in the tree as well: it is taken off there if it is. */
SEC("tc")
int forget(struct __sk_buff *skb)
{
	__u32 key = skb->hash & 15;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct session *session;
	struct bpf_rb_node *node;

	if (!slot)
		return TC_ACT_OK;
	session = bpf_kptr_xchg(&slot->session, 0);
	if (!session)
		return TC_ACT_OK;
	bpf_spin_lock(&lock);
	node = bpf_rbtree_remove(&sessions, &session->by_key);
	bpf_spin_unlock(&lock);
	if (node)
		bpf_obj_drop(container_of(node, struct session, by_key));
	bpf_obj_drop(session);
	return TC_ACT_OK;
}
