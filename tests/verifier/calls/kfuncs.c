/* Dynptrs, exceptions, locks, references and iterators across functions and callbacks: a line is a case. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define NI __attribute__((noinline))
#define KS __attribute__((section(".ksyms")))
#define B asm volatile("" ::: "memory")
struct bpf_iter_num { __u64 o; } __attribute__((aligned(8))); struct task_struct;
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(max_entries, 4); } plain SEC(".maps");
struct lv { struct bpf_spin_lock l; long a; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct lv); __uint(max_entries, 4); } lm SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr__uninit) KS;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 off, void *buf, __u32 sz) KS;
extern void bpf_throw(__u64 c) KS;
extern void bpf_rcu_read_lock(void) KS; extern void bpf_rcu_read_unlock(void) KS;
extern void bpf_preempt_disable(void) KS; extern void bpf_preempt_enable(void) KS;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int s, int e) KS;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) KS;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) KS;

extern struct task_struct *bpf_task_from_pid(int pid) KS; extern void bpf_task_release(struct task_struct *p) KS;
__u64 sink;
NI int g_dyn(struct bpf_dynptr *d) { B; char b[4] = {}; bpf_dynptr_read(b, 4, d, 0, 0); return b[1]; }
NI int g_dynw(struct bpf_dynptr *d) { B; char b[4] = {}; return bpf_dynptr_write(d, 0, b, 4, 0); }
NI int g_dynslice(struct bpf_dynptr *d) { B; char b[4]; char *p = bpf_dynptr_slice(d, 0, b, 4); if (!p) return 0; return p[2]; }
NI int g_throw(int a) { B; if (a > 3) bpf_throw(4); return a; }
static NI int s_throw(int a) { B; if (a > 3) bpf_throw(a); return a; }
NI int g_lockcall(int a) { B; sink = a; return 1; }
static NI int s_lockcall(int a) { B; sink = a; return 1; }
static long cb_throw(__u32 i, void *c) { if (i == 3) bpf_throw(1); return 0; }
static long cb_ref(__u32 i, void *c) { sink = (long)bpf_task_from_pid(i); return 0; }
static long cb_ref2(__u32 i, void *c) { struct task_struct *t = bpf_task_from_pid(i); if (t) bpf_task_release(t); return 0; }
static long cb_rel(__u32 i, void *c) { bpf_task_release(*(void **)c); return 0; }
static long cb_lock(__u32 i, void *c) { struct lv *v = c; bpf_spin_lock(&v->l); v->a++; bpf_spin_unlock(&v->l); return 0; }
static long cb_leaklock(__u32 i, void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; bpf_spin_lock(&v->l); return 0; }
static NI int s_lockin(struct lv *v) { B; bpf_spin_lock(&v->l); return 0; }
static NI long *s_retptr(long *p) { B; return p; }
static NI long *s_retstack(void) { B; long x = 1; B; long *p = &x; asm volatile("%0 = r10" : "=r"(p)); return p; }
SEC("tc") int dyn(struct __sk_buff *c) { struct bpf_dynptr d; bpf_dynptr_from_skb(c, 0, &d); return g_dyn(&d) + g_dynslice(&d); }
SEC("tc") int dynw(struct __sk_buff *c) { struct bpf_dynptr d; bpf_dynptr_from_skb(c, 0, &d); return g_dynw(&d); }
SEC("tc") int dynun(struct __sk_buff *c) { struct bpf_dynptr d; B; return g_dyn(&d); }
SEC("tc") int dynbad(struct __sk_buff *c) { return g_dyn((void*)c); }
SEC("tc") int throwg(struct __sk_buff *c) { return g_throw(c->len); }
SEC("tc") int throws(struct __sk_buff *c) { return s_throw(c->len); }
SEC("tc") int throwcb(struct __sk_buff *c) { bpf_loop(5, cb_throw, 0, 0); return 0; }
SEC("tc") int throwref(struct __sk_buff *c) { struct task_struct *t = bpf_task_from_pid(1); s_throw(c->len); if (t) bpf_task_release(t); return 0; }
SEC("tc") int throwgref(struct __sk_buff *c) { struct task_struct *t = bpf_task_from_pid(1); g_throw(c->len); if (t) bpf_task_release(t); return 0; }
SEC("tc") int lockg(void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; bpf_spin_lock(&v->l); g_lockcall(1); bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int locks(void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; bpf_spin_lock(&v->l); s_lockcall(1); bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int lockin(void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; s_lockin(v); v->a++; bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int cbref(void *c) { bpf_loop(5, cb_ref, 0, 0); return 0; }
SEC("tc") int cbref2(void *c) { bpf_loop(5, cb_ref2, 0, 0); return 0; }
SEC("tc") int cbrel(void *c) { void *t = bpf_task_from_pid(1); if (!t) return 0; bpf_loop(1, cb_rel, &t, 0); return 0; }
SEC("tc") int cblock(void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; bpf_loop(5, cb_lock, v, 0); return 0; }
SEC("tc") int cbleak(void *c) { bpf_loop(5, cb_leaklock, 0, 0); return 0; }
SEC("tc") int retptr(void *c) { int k = 0; long *v = bpf_map_lookup_elem(&plain, &k); if (!v) return 0; return *s_retptr(v); }
SEC("tc") int retstk(void *c) { long x = 3; B; return *s_retptr(&x); }
SEC("tc") int retstack(void *c) { return *s_retstack(); }
SEC("tc") int iterlock(void *c) { int k = 0; struct lv *v = bpf_map_lookup_elem(&lm, &k); if (!v) return 0; struct bpf_iter_num it; int *p; bpf_spin_lock(&v->l); bpf_iter_num_new(&it, 0, 5); while ((p = bpf_iter_num_next(&it))) v->a += *p; bpf_iter_num_destroy(&it); bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int iterbreak(struct __sk_buff *c) { struct bpf_iter_num it; int *p, s = 0; bpf_iter_num_new(&it, 0, 5); while ((p = bpf_iter_num_next(&it))) { s += *p; if (s > c->len) break; } bpf_iter_num_destroy(&it); return s; }
SEC("tc") int iterarr(struct __sk_buff *c) { struct bpf_iter_num it; int *p; char a[16] = {}; bpf_iter_num_new(&it, 0, 16); while ((p = bpf_iter_num_next(&it))) { int i = *p; if (i < 0 || i >= 16) break; a[i] = i; } bpf_iter_num_destroy(&it); return a[c->len & 15]; }
SEC("tc") int rcupre(void *c) { bpf_rcu_read_lock(); bpf_preempt_disable(); s_lockcall(2); bpf_preempt_enable(); bpf_rcu_read_unlock(); return 0; }
SEC("tc") int ringb(void *c) { struct bpf_dynptr d; bpf_ringbuf_reserve_dynptr(&rb, 16, 0, &d); char *p = bpf_dynptr_data(&d, 0, 8); if (p) p[7] = 1; bpf_ringbuf_submit_dynptr(&d, 0); return 0; }
SEC("tc") int ringleak(void *c) { struct bpf_dynptr d; bpf_ringbuf_reserve_dynptr(&rb, 16, 0, &d); return 0; }
char LICENSE[] SEC("license") = "GPL";
