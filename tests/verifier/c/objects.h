/* Objects of a program's own, and the lists and trees that hold them, as bpf_experimental.h declares them. */
#pragma once

#include "bpf.h"
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
struct bpf_list_head {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	__u64 opaque[3];
} __attribute__((aligned(8)));

struct bpf_rb_root {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct bpf_rb_node {
	__u64 opaque[4];
} __attribute__((aligned(8)));

struct bpf_refcount {
	__u32 opaque[1];
} __attribute__((aligned(4)));
#endif

/* What a list or tree holds: structures of that name, by that member. */
#define CONTAINS(type, member) __attribute__((btf_decl_tag("contains:" #type ":" #member)))
/* Globals with a lock of their own: one lock a section. */
#define PRIVATE(name) SEC(".bss." #name) __attribute__((aligned(8)))
#define KPTR __attribute__((btf_type_tag("kptr")))
#define PERCPU_KPTR __attribute__((btf_type_tag("percpu_kptr")))
#define UNTRUSTED_KPTR __attribute__((btf_type_tag("kptr_untrusted")))

#define container_of(ptr, type, member) ((type *)((void *)(ptr) - __builtin_offsetof(type, member)))

extern void *bpf_obj_new_impl(__u64 type, void *meta) KSYM;
extern void bpf_obj_drop_impl(void *object, void *meta) KSYM;
extern void *bpf_percpu_obj_new_impl(__u64 type, void *meta) KSYM;
extern void bpf_percpu_obj_drop_impl(void *object, void *meta) KSYM;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) KSYM;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) KSYM;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) KSYM;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) KSYM;
extern struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) KSYM;
extern struct bpf_list_node *bpf_list_front(struct bpf_list_head *head) KSYM;
extern struct bpf_list_node *bpf_list_back(struct bpf_list_head *head) KSYM;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) KSYM;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       _Bool (*less)(struct bpf_rb_node *, const struct bpf_rb_node *), void *meta,
			       __u64 off) KSYM;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) KSYM;
extern struct bpf_rb_node *bpf_rbtree_root(struct bpf_rb_root *root) KSYM;
extern struct bpf_rb_node *bpf_rbtree_left(struct bpf_rb_root *root, struct bpf_rb_node *node) KSYM;
extern struct bpf_rb_node *bpf_rbtree_right(struct bpf_rb_root *root, struct bpf_rb_node *node) KSYM;
extern void bpf_rcu_read_lock(void) KSYM;
extern void bpf_rcu_read_unlock(void) KSYM;

/* The number of a type in the program's own types. */
#define LOCAL_TYPE(type) __builtin_btf_type_id(*(type *)0, 0)

#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(LOCAL_TYPE(type), 0))
#define bpf_obj_drop(object) bpf_obj_drop_impl(object, 0)
#define bpf_percpu_obj_new(type) ((type *)bpf_percpu_obj_new_impl(LOCAL_TYPE(type), 0))
#define bpf_percpu_obj_drop(object) bpf_percpu_obj_drop_impl(object, 0)
#define bpf_refcount_acquire(object) ((__typeof__(object))bpf_refcount_acquire_impl(object, 0))
#define bpf_list_push_front(head, node) bpf_list_push_front_impl(head, node, 0, 0)
#define bpf_list_push_back(head, node) bpf_list_push_back_impl(head, node, 0, 0)
#define bpf_rbtree_add(root, node, less) bpf_rbtree_add_impl(root, node, less, 0, 0)

HELPER(void *, kptr_xchg, void *place, void *object);
HELPER(void *, per_cpu_ptr, const void *object, __u32 cpu);
HELPER(void *, this_cpu_ptr, const void *object);

/* A new object; a map's value; an object given back, if there is one. */
#define NEW(type, name)                               \
	struct type *name = bpf_obj_new(struct type); \
	if (!name)                                    \
		return TC_ACT_SHOT

#define FIND(type, name, map, key)                                      \
	struct type *name = bpf_map_lookup_elem(&map, &(__u32){ key }); \
	if (!name)                                                      \
		return TC_ACT_OK

#define DROP(object)                          \
	do {                                  \
		if (object)                   \
			bpf_obj_drop(object); \
	} while (0)
