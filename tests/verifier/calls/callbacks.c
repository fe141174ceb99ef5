/* Loops, walks over maps, timers, work queues and spin locks: a line is a case. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define NI __attribute__((noinline))
#define KS __attribute__((section(".ksyms")))
struct val { long a; struct bpf_timer t; struct bpf_spin_lock l; };
struct wval { long a; struct bpf_wq { __u64 o[2]; } w; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct val); __uint(max_entries, 4); } arr SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, struct wval); __uint(max_entries, 4); } wh SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long); __uint(max_entries, 4); } plain SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); } urb SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __type(value, long); __uint(max_entries, 4); } que SEC(".maps");
extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) KS;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (callback_fn)(void *map, int *key, void *value), unsigned int flags, void *aux__prog) KS;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) KS;
__u64 sink;
static int tcb(void *map, int *key, struct val *v) { v->a = *key; return 0; }
static int tcb1(void *map, int *key, struct val *v) { return 1; }
static int wcb(void *map, int *key, void *v) { ((struct wval*)v)->a = 1; return 0; }
static long lcb(__u32 i, void *ctx) { *(long*)ctx += i; return 0; }
static long lcb2(__u32 i, void *ctx) { return 2; }
static long lcb3(__u32 i, void *ctx) { if (i > 5) return 1; sink += i; return 0; }
static long ecb(void *map, int *key, long *v, void *ctx) { *v += *key; *(long*)ctx += 1; return 0; }
static long ecbk(void *map, int *key, long *v, void *ctx) { *key = 1; return 0; }
static long ucb(struct bpf_dynptr *d, void *ctx) { long x = 0; bpf_dynptr_read(&x, 8, d, 0, 0); *(long*)ctx = x; return 0; }
static long ucbw(struct bpf_dynptr *d, void *ctx) { long x = 0; bpf_dynptr_write(d, 0, &x, 8, 0); return 0; }
static long nest2(__u32 i, void *ctx) { sink++; return 0; }
static long nest1(__u32 i, void *ctx) { bpf_loop(5, nest2, 0, 0); return 0; }
SEC("tc") int timer(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_timer_init(&v->t, &arr, 1); bpf_timer_set_callback(&v->t, tcb); bpf_timer_start(&v->t, 1, 0); bpf_timer_cancel(&v->t); return 0; }
SEC("tc") int timerbad(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_timer_set_callback(&v->t, tcb1); return 0; }
SEC("tc") int timeroff(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_timer_start((void*)v, 1, 0); return 0; }
SEC("tc") int timermap(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_timer_init(&v->t, &plain, 1); return 0; }
SEC("tc") int timerno(void *c) { int k = 0; long *v = bpf_map_lookup_elem(&plain, &k); if (!v) return 0; bpf_timer_start((void*)v, 1, 0); return 0; }
SEC("tc") int wq(void *c) { int k = 0; struct wval *v = bpf_map_lookup_elem(&wh, &k); if (!v) return 0; bpf_wq_init(&v->w, &wh, 0); bpf_wq_set_callback_impl(&v->w, wcb, 0, 0); bpf_wq_start(&v->w, 0); return 0; }
SEC("tc") int loop(void *c) { long s = 0; bpf_loop(100, lcb, &s, 0); return s; }
SEC("tc") int loopn(struct __sk_buff *c) { long s = 0; bpf_loop(c->len, lcb, &s, 0); return s; }
SEC("tc") int loopbad(void *c) { bpf_loop(100, lcb2, 0, 0); return 0; }
SEC("tc") int loop3(void *c) { bpf_loop(100, lcb3, 0, 0); bpf_loop(2, lcb3, 0, 0); return 0; }
SEC("tc") int loopnest(void *c) { bpf_loop(100, nest1, 0, 0); return 0; }
SEC("tc") int each(void *c) { long s = 0; bpf_for_each_map_elem(&plain, ecb, &s, 0); return s; }
SEC("tc") int eachkey(void *c) { long s = 0; bpf_for_each_map_elem(&plain, ecbk, &s, 0); return s; }
SEC("tc") int eachq(void *c) { long s = 0; bpf_for_each_map_elem(&que, ecb, &s, 0); return s; }
SEC("tc") int drain(void *c) { long s = 0; bpf_user_ringbuf_drain(&urb, ucb, &s, 0); return s; }
SEC("tc") int drainw(void *c) { long s = 0; bpf_user_ringbuf_drain(&urb, ucbw, &s, 0); return s; }
SEC("tc") int lock(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_spin_lock(&v->l); v->a++; bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int locktwo(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_spin_lock(&v->l); bpf_spin_lock(&v->l); bpf_spin_unlock(&v->l); return 0; }
SEC("tc") int lockexit(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_spin_lock(&v->l); return 0; }
SEC("tc") int lockoff(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k); if (!v) return 0; bpf_spin_lock((void*)&v->a); return 0; }
SEC("tc") int lockother(void *c) { int k = 0; struct val *v = bpf_map_lookup_elem(&arr, &k), *w; if (!v) return 0; k = 1; w = bpf_map_lookup_elem(&arr, &k); if (!w) return 0; bpf_spin_lock(&v->l); bpf_spin_unlock(&w->l); return 0; }
char LICENSE[] SEC("license") = "GPL";
