/* Signatures of global functions that are usable and that are not: a line is a case. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define NI __attribute__((noinline))
#define TAG(x) __attribute__((btf_decl_tag("arg:" x)))
struct big { long a[4]; };
struct fwd;
__u64 sink;
struct bpf_dynptr_x;
NI int g_badmem(struct big *p) { asm volatile("" ::: "memory"); return p->a[3]; }
NI int g_oob(struct big *p) { asm volatile("" ::: "memory"); if (!p) return 0; return *((char*)p + 33); }
NI int g_fwd(struct fwd *p) { asm volatile("" ::: "memory"); sink = (long)p; return 0; }
NI int g_voidp(void *p) { asm volatile("" ::: "memory"); sink = (long)p; return 0; }
NI void g_void(int a) { asm volatile("" ::: "memory"); sink = a; }
NI struct big *g_ptr(int a) { asm volatile("" ::: "memory"); sink = a; return 0; }
NI int g_badtag(struct big *p TAG("foo")) { asm volatile("" ::: "memory"); return 0; }
NI int g_combo(struct big *p TAG("nonnull") TAG("ctx")) { asm volatile("" ::: "memory"); return 0; }
NI int g_nullable(struct big *p TAG("nullable")) { asm volatile("" ::: "memory"); return 0; }
NI int g_nptag(int p TAG("nonnull")) { asm volatile("" ::: "memory"); return p; }
NI int g_trusted(struct task_struct *p TAG("trusted")) { asm volatile("" ::: "memory"); return 0; }
NI int g_retptr(int *p) { asm volatile("" ::: "memory"); return (long)p; }
NI int g_str(struct big b) { asm volatile("" ::: "memory"); return b.a[0]; }
static NI int s_tag(struct big *p TAG("nonnull")) { asm volatile("" ::: "memory"); if (!p) return 1; return p->a[1]; }
NI int g_ctx_wrong(struct xdp_md *c) { asm volatile("" ::: "memory"); return c->data; }
NI int g_ctxtag_wrong(struct xdp_md *c TAG("ctx")) { asm volatile("" ::: "memory"); return 0; }
NI int g_loop(int n) { asm volatile("" ::: "memory"); if (n > 10) return 1; long s = 0; for (int i = 0; i < n; i++) s += i; return s; }
NI int g_badret(struct __sk_buff *c) { asm volatile("" ::: "memory"); return (long)c; }
#define P(n, body) SEC("tc") int n(struct __sk_buff *skb) { struct big b = {}; asm volatile("" :: "r"(&b) : "memory"); sink = b.a[0]; body; return 0; }
P(badmem, g_badmem(&b)) P(oob, g_oob(&b)) P(fwdp, g_fwd((void*)&b)) P(voidp, g_voidp(&b)) P(voidr, g_void(1)) P(ptrr, g_ptr(1))
P(badtag, g_badtag(&b)) P(combo, g_combo(&b)) P(nullable, g_nullable(&b)) P(nptag, g_nptag(1)) P(trusted, g_trusted((void*)&b)) P(retptr, int x = 1; g_retptr(&x))
P(stag, b.a[1] = skb->len; return s_tag(&b)) P(ctxwrong, g_ctx_wrong((void*)skb)) P(ctxtagwrong, g_ctxtag_wrong((void*)skb)) P(loop, g_loop(skb->len)) P(badret, g_badret(skb))
char LICENSE[] SEC("license") = "GPL";
