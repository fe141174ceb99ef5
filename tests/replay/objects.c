/* Objects of the program's own: allocated, kept in values and in lists, shared; storage of tasks; work queues and locks. */
#include "../verifier/c/objects.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct bpf_wq {
	__u64 opaque[2];
} __attribute__((aligned(8)));
#endif

#define MAKE(type) ((type *)bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), 0))

struct task_struct;
HELPER(struct task_struct *, get_current_task_btf, void);
HELPER(__u64, get_current_task, void);
HELPER(void *, task_storage_get, void *map, struct task_struct *task, void *value, __u64 flags);
HELPER(long, task_storage_delete, void *map, struct task_struct *task);
struct point { long x; long y; };
struct elem { long n; struct bpf_list_node node; struct bpf_refcount ref; };
struct cell { long before; struct point __attribute__((btf_type_tag("kptr"))) *p; long after; };
struct percell { struct point __attribute__((btf_type_tag("percpu_kptr"))) *p; };
struct work { long a; struct bpf_wq w; long b; };
struct listed { struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(elem, node); long n; };

struct { UINT(type, BPF_MAP_TYPE_ARRAY); TYPE(key, int); TYPE(value, struct cell); UINT(max_entries, 2); } cells SEC(".maps");
struct { UINT(type, BPF_MAP_TYPE_ARRAY); TYPE(key, int); TYPE(value, struct work); UINT(max_entries, 2); } works SEC(".maps");
struct { UINT(type, BPF_MAP_TYPE_ARRAY); TYPE(key, int); TYPE(value, struct listed); UINT(max_entries, 1); } lists SEC(".maps");
struct { UINT(type, BPF_MAP_TYPE_TASK_STORAGE); UINT(map_flags, BPF_F_NO_PREALLOC); TYPE(key, int); TYPE(value, struct point); } tasks SEC(".maps");

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) KSYM;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) KSYM;

long out[16];

SEC("tc") int an_object_is_written_and_dropped(struct __sk_buff *skb)
{
	struct point *p = MAKE(struct point);

	if (!p)
		return 1;
	p->x = skb->len;
	p->y = p->x + 1;
	out[1] = p->y;
	bpf_obj_drop_impl(p, 0);
	return 0;
}

SEC("tc") int an_object_is_kept_in_a_value(struct __sk_buff *skb)
{
	int key = 1;
	struct cell *cell = bpf_map_lookup_elem(&cells, &key);
	struct point *p, *old;

	if (!cell)
		return 1;
	p = MAKE(struct point);
	if (!p)
		return 2;
	p->x = skb->len;
	old = bpf_kptr_xchg(&cell->p, p);
	cell->before++;
	if (old) {
		out[0] += old->x;
		out[1]++;
		bpf_obj_drop_impl(old, 0);
	}
	return 0;
}

SEC("tc") int a_value_that_is_stored_anew_drops_its_object(struct __sk_buff *skb)
{
	int key = 0;
	struct cell *cell = bpf_map_lookup_elem(&cells, &key), fresh = { .before = 5, .after = 6 };
	struct point *p, *old;

	if (!cell)
		return 1;
	p = MAKE(struct point);
	if (!p)
		return 2;
	old = bpf_kptr_xchg(&cell->p, p);
	if (old) {
		out[2]++;
		bpf_obj_drop_impl(old, 0);
	}
	out[0] = bpf_map_update_elem(&cells, &key, &fresh, 0);
	old = bpf_kptr_xchg(&cell->p, 0);
	if (old) {
		out[3]++;
		bpf_obj_drop_impl(old, 0);
	}
	out[4] = cell->before + cell->after;
	return 0;
}

static int push(struct listed *l, long n, int front)
{
	struct elem *e = MAKE(struct elem);

	if (!e)
		return -1;
	e->n = n;
	bpf_spin_lock(&l->lock);
	if (front)
		bpf_list_push_front_impl(&l->head, &e->node, 0, 0);
	else
		bpf_list_push_back_impl(&l->head, &e->node, 0, 0);
	l->n++;
	bpf_spin_unlock(&l->lock);
	return 0;
}

SEC("tc") int objects_go_through_a_list(struct __sk_buff *skb)
{
	int key = 0;
	struct listed *l = bpf_map_lookup_elem(&lists, &key);
	struct bpf_list_node *node;
	struct elem *e;

	if (!l)
		return 1;
	if (push(l, skb->len, 0) || push(l, 2, 1) || push(l, 3, 0))
		return 2;
	bpf_spin_lock(&l->lock);
	node = bpf_list_pop_front(&l->head);
	bpf_spin_unlock(&l->lock);
	if (node) {
		e = container_of(node, struct elem, node);
		out[0] = out[0] * 3 + e->n;
		bpf_obj_drop_impl(e, 0);
	}
	bpf_spin_lock(&l->lock);
	node = bpf_list_pop_back(&l->head);
	bpf_spin_unlock(&l->lock);
	if (node) {
		e = container_of(node, struct elem, node);
		out[1] = out[1] * 3 + e->n;
		bpf_obj_drop_impl(e, 0);
	}
	return 0;
}

SEC("tc") int an_object_is_shared(struct __sk_buff *skb)
{
	struct elem *e = MAKE(struct elem), *same;

	if (!e)
		return 1;
	e->n = 7;
	same = bpf_refcount_acquire_impl(e, 0);
	bpf_obj_drop_impl(e, 0);
	if (!same)
		return 2;
	same->n++;
	out[0] = same->n;
	bpf_obj_drop_impl(same, 0);
	return 0;
}

SEC("tc") int the_current_task_has_storage(struct __sk_buff *skb)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct point init = { .x = 4, .y = 5 }, *p;

	p = bpf_task_storage_get(&tasks, task, 0, 0);
	out[0] = p ? 1 : 2;
	out[1] = bpf_task_storage_delete(&tasks, task);
	p = bpf_task_storage_get(&tasks, task, &init, 1);
	if (!p)
		return 1;
	out[2] = out[2] * 3 + p->x + p->y;
	p->x++;
	p = bpf_task_storage_get(&tasks, task, 0, 1);
	if (!p)
		return 2;
	out[3] = out[3] * 3 + p->x;
	out[4] = bpf_task_storage_delete(&tasks, task);
	p = bpf_task_storage_get(&tasks, task, 0, 1);
	if (!p)
		return 3;
	out[5] = p->x;
	out[6] = bpf_get_current_task() != 0;
	return 0;
}

SEC("tc") int work_is_set_up(struct __sk_buff *skb)
{
	int key = 0;
	struct work *w = bpf_map_lookup_elem(&works, &key);

	if (!w)
		return 1;
	out[0] = bpf_wq_start(&w->w, 0);
	out[1] = bpf_wq_init(&w->w, &works, 1);
	out[2] = bpf_wq_init(&w->w, &works, 0);
	out[3] = bpf_wq_init(&w->w, &works, 0);
	out[4] = bpf_wq_start(&w->w, 0);
	out[5] = bpf_wq_start(&w->w, 1);
	return 0;
}
