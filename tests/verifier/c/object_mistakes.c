/* Mistakes with objects of a program's own, one a program. Above each stands what the kernel says. */
#include "objects.h"

struct counted {
	struct bpf_refcount refs;
	__u32 value;
	struct bpf_rb_node leaf;
};

struct plain {
	__u64 value;
};

struct small {
	__u32 a, b;
};

struct wide {
	__u64 values[65];
};

struct pointing {
	__u64 value;
	struct plain *to;
};

struct holder {
	struct bpf_spin_lock lock;
	__u32 length;
	struct plain KPTR *plain;
};

struct box {
	struct plain KPTR *plain;
	struct counted KPTR *counted;
	struct plain UNTRUSTED_KPTR *seen;
	__u64 used;
};

/* Compilers only describe what is used. */
struct plain any_plain;
struct counted any_counted;

PRIVATE(a) struct bpf_spin_lock lock;

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, struct box);
	UINT(max_entries, 8);
} boxes SEC(".maps");

/* local 'kptr' has no valid bpf_spin_lock */
SEC("tc")
int no_lock_in_object(struct __sk_buff *skb)
{
	NEW(plain, p);

	bpf_spin_lock((void *)p);
	bpf_spin_unlock((void *)p);
	bpf_obj_drop(p);
	return TC_ACT_OK;
}

/* off 4 doesn't point to 'struct bpf_spin_lock' that is at 0 */
SEC("tc")
int lock_elsewhere(struct __sk_buff *skb)
{
	NEW(holder, h);

	bpf_spin_lock((void *)&h->length);
	bpf_spin_unlock(&h->lock);
	bpf_obj_drop(h);
	return TC_ACT_OK;
}

/* R2 type=ptr_ expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ */
SEC("tc")
int object_as_memory(struct __sk_buff *skb)
{
	NEW(plain, p);

	bpf_map_delete_elem(&boxes, p);
	bpf_obj_drop(p);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'scalar' */
SEC("tc")
int pointer_in_object_followed(struct __sk_buff *skb)
{
	NEW(pointing, p);
	struct plain *to = p->to;

	bpf_obj_drop(p);
	skb->mark = to->value;
	return TC_ACT_OK;
}

/* arg#0 expected for bpf_percpu_obj_drop_impl() */
SEC("tc")
int percpu_dropped_as_plain(struct __sk_buff *skb)
{
	struct small *s = bpf_percpu_obj_new(struct small);

	DROP(s);
	return TC_ACT_OK;
}

/* arg#0 expected for bpf_obj_drop_impl() */
SEC("tc")
int plain_dropped_as_percpu(struct __sk_buff *skb)
{
	NEW(small, s);

	bpf_percpu_obj_drop(s);
	return TC_ACT_OK;
}

/* R0 is ptr_small access percpu memory: off=0 */
SEC("tc")
int percpu_read(struct __sk_buff *skb)
{
	struct small *s = bpf_percpu_obj_new(struct small);

	if (!s)
		return TC_ACT_SHOT;
	skb->mark = s->a;
	bpf_percpu_obj_drop(s);
	return TC_ACT_OK;
}

/* bpf_percpu_obj_new type size (520) is greater than 512 */
SEC("tc")
int percpu_too_wide(struct __sk_buff *skb)
{
	void *object = bpf_percpu_obj_new(struct wide);

	if (object)
		bpf_percpu_obj_drop(object);
	return TC_ACT_OK;
}

/* bpf_percpu_obj_new type ID argument must be of a struct of scalars */
SEC("tc")
int percpu_with_pointer(struct __sk_buff *skb)
{
	void *object = bpf_percpu_obj_new(struct pointing);

	if (object)
		bpf_percpu_obj_drop(object);
	return TC_ACT_OK;
}

/* bpf_percpu_obj_new type ID argument must not contain special fields */
SEC("tc")
int percpu_with_fields(struct __sk_buff *skb)
{
	void *object = bpf_percpu_obj_new(struct counted);

	if (object)
		bpf_percpu_obj_drop(object);
	return TC_ACT_OK;
}

/* R1 type=percpu_ptr_ expected=percpu_ptr_, percpu_rcu_ptr_, percpu_trusted_ptr_ */
SEC("tc")
int percpu_not_shared(struct __sk_buff *skb)
{
	struct small *s = bpf_percpu_obj_new(struct small), *mine;

	if (!s)
		return TC_ACT_SHOT;
	mine = bpf_this_cpu_ptr(s);
	skb->mark = mine->a;
	bpf_percpu_obj_drop(s);
	return TC_ACT_OK;
}

/* invalid kptr access, R2 type=ptr_counted expected=ptr_plain */
SEC("tc")
int exchange_other_type(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	NEW(counted, c);
	struct plain *p = bpf_kptr_xchg(&b->plain, c);

	DROP(p);
	return TC_ACT_OK;
}

/* off=16 kptr isn't referenced kptr */
SEC("tc")
int exchange_untrusted(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	NEW(plain, p);

	p = bpf_kptr_xchg(&b->seen, p);
	DROP(p);
	return TC_ACT_OK;
}

/* verifier bug: invalid PTR_TO_BTF_ID register for type match */
SEC("tc")
int exchange_unchecked(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	struct plain *p = bpf_obj_new(struct plain);

	p = bpf_kptr_xchg(&b->plain, p);
	DROP(p);
	return TC_ACT_OK;
}

/* R2 type=rcu_ptr_ expected=ptr_, trusted_ptr_, rcu_ptr_ */
SEC("tc")
int exchange_borrowed(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	struct counted *c = b->counted;

	if (!c)
		return TC_ACT_OK;
	c = bpf_kptr_xchg(&b->counted, c);
	DROP(c);
	return TC_ACT_OK;
}

/* off=24 doesn't point to kptr */
SEC("tc")
int exchange_elsewhere(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	NEW(plain, p);

	p = bpf_kptr_xchg(&b->used, p);
	DROP(p);
	return TC_ACT_OK;
}

/* function calls are not allowed while holding a lock */
SEC("tc")
int exchange_under_lock(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	bpf_spin_lock(&lock);
	struct plain *p = bpf_kptr_xchg(&b->plain, 0);
	bpf_spin_unlock(&lock);
	DROP(p);
	return TC_ACT_OK;
}

/* R1 has no valid kptr */
SEC("tc")
int exchange_into_nothing(struct __sk_buff *skb)
{
	NEW(plain, p);
	struct plain *q = bpf_kptr_xchg(&p->value, 0);

	bpf_obj_drop(p);
	DROP(q);
	return TC_ACT_OK;
}

/* R7 invalid mem access 'scalar' */
SEC("tc")
int used_after_exchange(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	NEW(plain, p);
	struct plain *old = bpf_kptr_xchg(&b->plain, p);

	DROP(old);
	skb->mark = p->value;
	return TC_ACT_OK;
}

/* BPF_EXIT instruction in main prog would lead to reference leak */
SEC("tc")
int exchanged_and_lost(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	skb->mark = bpf_kptr_xchg(&b->plain, 0) ? 1 : 0;
	return TC_ACT_OK;
}

/* store to referenced kptr disallowed */
SEC("tc")
int stored_over_reference(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	*(volatile __u64 *)&b->plain = 0;
	return TC_ACT_OK;
}

/* invalid kptr access, R1 type=scalar expected=ptr_plain or untrusted_ptr_plain */
SEC("tc")
int stored_number(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	*(volatile __u64 *)&b->seen = skb->len;
	return TC_ACT_OK;
}

/* invalid kptr access, R0 type=ptr_counted expected=ptr_plain or untrusted_ptr_plain */
SEC("tc")
int stored_other_type(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	NEW(counted, c);

	b->seen = (void *)c;
	bpf_obj_drop(c);
	return TC_ACT_OK;
}

/* direct access to kptr is disallowed */
SEC("tc")
int reference_in_object_read(struct __sk_buff *skb)
{
	NEW(holder, h);

	skb->mark = *(volatile __u32 *)&h->plain;
	bpf_obj_drop(h);
	return TC_ACT_OK;
}

/* R1 must be referenced or trusted */
SEC("tc")
int loaded_and_dropped(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	DROP(b->plain);
	return TC_ACT_OK;
}

/* only read is supported */
SEC("tc")
int untrusted_written(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	if (b->seen)
		b->seen->value = 1;
	return TC_ACT_OK;
}

/* verifier bug: ref_obj_id for allocated object must be non-zero */
SEC("tc")
int read_after_rcu(struct __sk_buff *skb)
{
	FIND(box, b, boxes, 0);
	bpf_rcu_read_lock();
	struct plain *p = b->plain;
	bpf_rcu_read_unlock();
	if (p)
		skb->mark = p->value;
	return TC_ACT_OK;
}
