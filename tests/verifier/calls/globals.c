/* Global functions called with what fits their signatures and with what does not: a line is a case. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define NI __attribute__((noinline))
#define TAG(x) __attribute__((btf_decl_tag("arg:" x)))
struct big { long a[4]; };
struct fwd;
__u64 sink;
NI int g_scalar(int a, long b) { return a + b; }
NI int g_mem(struct big *p) { if (!p) return 0; return p->a[3]; }
NI int g_memw(struct big *p) { if (!p) return 0; p->a[1] = 3; return 1; }
NI int g_nonnull(struct big *p TAG("nonnull")) { return p->a[2]; }
NI int g_ctx(struct __sk_buff *skb) { return skb->len; }
NI int g_ctxtag(void *c TAG("ctx")) { return ((struct __sk_buff*)c)->mark; }
NI long g_void_ret(int a) { sink = a; return a; }
NI int g_nested(int a) { return g_scalar(a, 2) + g_void_ret(a); }
NI int g_chg(struct __sk_buff *skb) { return bpf_skb_pull_data(skb, 0); }
NI int g_int(int *p) { if (p) *p = 4; return 0; }
NI int g_untrusted(struct big *p TAG("untrusted")) { return 0; }
SEC("tc") int ok_scalar(struct __sk_buff *skb) { return g_scalar(skb->len, skb->mark); }
SEC("tc") int ok_mem(struct __sk_buff *skb) { struct big b = {}; b.a[3] = skb->len; return g_mem(&b) + g_memw(&b) + b.a[1]; }
SEC("tc") int ok_memnull(struct __sk_buff *skb) { return g_mem(0); }
SEC("tc") int bad_mem(struct __sk_buff *skb) { int x = 1; return g_mem((void*)&x); }
SEC("tc") int bad_nonnull(struct __sk_buff *skb) { return g_nonnull(0); }
SEC("tc") int ok_nonnull(struct __sk_buff *skb) { struct big b = {}; b.a[2] = skb->len;  return g_nonnull(&b); }
SEC("tc") int bad_ctx(struct __sk_buff *skb) { struct big b = {}; return g_ctx((void*)&b); }
SEC("tc") int ok_ctx(struct __sk_buff *skb) { return g_ctx(skb) + g_ctxtag(skb); }
SEC("tc") int bad_ctx2(struct __sk_buff *skb) { return g_ctx((void *)skb + 8); }
SEC("tc") int bad_scalar(struct __sk_buff *skb) { return g_scalar((long)skb, 1); }
SEC("tc") int ok_nested(struct __sk_buff *skb) { return g_nested(skb->len); }
SEC("tc") int chg(struct __sk_buff *skb) { void *d = (void*)(long)skb->data, *e = (void*)(long)skb->data_end; if (d + 4 > e) return 0; g_chg(skb); return *(char*)d; }
SEC("tc") int intp(struct __sk_buff *skb) { int x = 3; g_int(&x); return x; }
SEC("tc") int intnull(struct __sk_buff *skb) { g_int((int*)0); return 0; }
SEC("tc") int intbad(struct __sk_buff *skb) { g_int((int*)skb); return 0; }
SEC("tc") int intrd(struct __sk_buff *skb) { static const int k = 3; g_int((int*)&k); return k; }
char LICENSE[] SEC("license") = "GPL";
