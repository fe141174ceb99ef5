// One program of every type that is simulated.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int socket_filter(struct __sk_buff *skb) { return skb->len; }
SEC("tcx/ingress")
int tcx_in(struct __sk_buff *skb) { return 0; }
SEC("tcx/egress")
int tcx_out(struct __sk_buff *skb) { return 0; }
SEC("action")
int act(struct __sk_buff *skb) { return skb->mark; }
SEC("xdp.frags")
int xdp_frags(struct xdp_md *ctx) { return XDP_PASS; }
SEC("cgroup_skb/ingress")
int cgroup_in(struct __sk_buff *skb) { return 1; }
SEC("cgroup_skb/egress")
int cgroup_out(struct __sk_buff *skb) { return 1; }
SEC("cgroup/skb")
int cgroup_any(struct __sk_buff *skb) { return 1; }
SEC("kprobe/do_unlinkat")
int on_unlink(void *ctx) { return 0; }
SEC("tp/syscalls/sys_enter_openat")
int on_open(void *ctx) { return 0; }
SEC("raw_tp/sched_switch")
int on_switch(void *ctx) { return 0; }

char LICENSE[] SEC("license") = "GPL";
