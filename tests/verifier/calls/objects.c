/* Objects of the program's own, and locks that can fail to be taken: a line is a case. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define KS __attribute__((section(".ksyms")))
struct my_pnode { long a; long b; };
struct bpf_res_spin_lock { unsigned int val; };
struct rval { long a; struct bpf_res_spin_lock l; };
struct task_struct;
struct kv { struct my_pnode __attribute__((btf_type_tag("kptr"))) *p; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct rval); __uint(max_entries, 4); } arr SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct kv); __uint(max_entries, 4); } kvm SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(max_entries, 4); } plain SEC(".maps");
extern void *bpf_obj_new_impl(__u64 local_type_id, void *meta) KS;
extern void bpf_obj_drop_impl(void *kptr, void *meta) KS;
extern void *bpf_percpu_obj_new_impl(__u64 local_type_id, void *meta) KS;
extern void bpf_percpu_obj_drop_impl(void *kptr, void *meta) KS;
extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) KS;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) KS;
extern int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags) KS;
extern void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock, unsigned long *flags) KS;
extern void bpf_local_irq_restore(unsigned long *f) KS;
extern void bpf_rcu_read_lock(void) KS;
extern void bpf_rcu_read_unlock(void) KS;
extern struct task_struct *bpf_task_from_pid(int pid) KS;
extern void bpf_task_release(struct task_struct *p) KS;
#define NEW(t) ((t *)bpf_obj_new_impl(__builtin_btf_type_id(*(t*)0, 0), 0))
struct res { struct bpf_res_spin_lock l; };
SEC("tc") int new_drop(void *c) { struct my_pnode *n = NEW(struct my_pnode); if (!n) return 0; n->a = 1; int r = n->b; bpf_obj_drop_impl(n, 0); return r; }
SEC("tc") int new_leak(void *c) { struct my_pnode *n = NEW(struct my_pnode); if (!n) return 0; n->a = 1; return 0; }
SEC("tc") int new_null(void *c) { struct my_pnode *n = NEW(struct my_pnode); n->a = 1; bpf_obj_drop_impl(n, 0); return 0; }
SEC("tc") int new_oob(void *c) { struct my_pnode *n = NEW(struct my_pnode); if (!n) return 0; *(long*)((char*)n + 16) = 1; bpf_obj_drop_impl(n, 0); return 0; }
SEC("tc") int new_dropnull(void *c) { struct my_pnode *n = NEW(struct my_pnode); bpf_obj_drop_impl(n, 0); return 0; }
SEC("tc") int new_twice(void *c) { struct my_pnode *n = NEW(struct my_pnode); if (!n) return 0; bpf_obj_drop_impl(n, 0); bpf_obj_drop_impl(n, 0); return 0; }
SEC("tc") int new_use(void *c) { struct my_pnode *n = NEW(struct my_pnode); if (!n) return 0; bpf_obj_drop_impl(n, 0); return n->a; }
SEC("tc") int new_int(void *c) { int *n = NEW(int); if (!n) return 0; bpf_obj_drop_impl(n, 0); return 0; }
SEC("tc") int new_xchg(void *c) { int k = 0; struct kv *v = bpf_map_lookup_elem(&kvm, &k); if (!v) return 0; struct my_pnode *n = NEW(struct my_pnode), *o; if (!n) return 0; o = bpf_kptr_xchg(&v->p, n); if (o) bpf_obj_drop_impl(o, 0); return 0; }
SEC("tc") int res_ok(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock(&v->l)) return 1; v->a++; bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int res_unchecked(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_res_spin_lock(&v->l); v->a++; bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int res_two(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k), *w; k = 1; w = bpf_map_lookup_elem(&arr, &k); if (!v || !w) return 0; if (bpf_res_spin_lock(&v->l)) return 1; if (bpf_res_spin_lock(&w->l)) { bpf_res_spin_unlock(&v->l); return 1; } bpf_res_spin_unlock(&w->l); bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int res_order(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k), *w; k = 1; w = bpf_map_lookup_elem(&arr, &k); if (!v || !w) return 0; if (bpf_res_spin_lock(&v->l)) return 1; if (bpf_res_spin_lock(&w->l)) { bpf_res_spin_unlock(&v->l); return 1; } bpf_res_spin_unlock(&v->l); bpf_res_spin_unlock(&w->l); return 0; }
SEC("tc") int res_same(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock(&v->l)) return 1; if (bpf_res_spin_lock(&v->l)) return 1; bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int res_irq(void *c) { unsigned long f; int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock_irqsave(&v->l, &f)) return 1; v->a++; bpf_res_spin_unlock_irqrestore(&v->l, &f); return 0; }
SEC("tc") int res_mixirq(void *c) { unsigned long f; int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock_irqsave(&v->l, &f)) return 1; bpf_local_irq_restore(&f); bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int res_leak(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock(&v->l)) return 1; return 0; }
SEC("tc") int res_no(void *c) { int k = 0; long *v = bpf_map_lookup_elem(&plain, &k); if (!v) return 0; if (bpf_res_spin_lock((void*)v)) return 1; return 0; }
SEC("tc") int res_call(void *c) { int k = 0; struct rval *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; if (bpf_res_spin_lock(&v->l)) return 1; bpf_ktime_get_ns(); bpf_res_spin_unlock(&v->l); return 0; }
SEC("tc") int task_null(void *c) { struct task_struct *t = bpf_task_from_pid(1); bpf_task_release(t); return 0; }
SEC("tc") int percpu(void *c) { void *n = bpf_percpu_obj_new_impl(__builtin_btf_type_id(*(struct my_pnode*)0, 0), 0); if (!n) return 0; struct my_pnode *m = bpf_this_cpu_ptr(n); m->a = 1; bpf_percpu_obj_drop_impl(n, 0); return 0; }
SEC("tc") int percpu_wrong(void *c) { void *n = bpf_percpu_obj_new_impl(__builtin_btf_type_id(*(struct my_pnode*)0, 0), 0); if (!n) return 0; bpf_obj_drop_impl(n, 0); return 0; }
char LICENSE[] SEC("license") = "GPL";
