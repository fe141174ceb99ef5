/* What the programs here share: sections, map declarations, and the helpers that they call. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define SUBPROG static __attribute__((noinline))
#define GLOBAL __attribute__((noinline))
#define KSYM __attribute__((weak, section(".ksyms")))

/* Map declarations as loaders read them from BTF. */
#define UINT(name, value) int (*name)[value]
#define TYPE(name, type) __typeof__(type) *name
#define ARRAY(name, type) type *name[]

/* Keeps the compiler from remembering a value: it must be as the verifier sees it. */
#define FORGET(value) asm volatile("" : "+r"(value))

#define HELPER(ret, name, ...) static ret (*bpf_##name)(__VA_ARGS__) = (void *)BPF_FUNC_##name

HELPER(void *, map_lookup_elem, void *map, const void *key);
HELPER(long, map_update_elem, void *map, const void *key, const void *value, __u64 flags);
HELPER(long, map_delete_elem, void *map, const void *key);
HELPER(long, map_push_elem, void *map, const void *value, __u64 flags);
HELPER(long, map_pop_elem, void *map, void *value);
HELPER(long, map_peek_elem, void *map, void *value);
HELPER(void *, map_lookup_percpu_elem, void *map, const void *key, __u32 cpu);
HELPER(__u64, ktime_get_ns, void);
HELPER(__u32, get_prandom_u32, void);
HELPER(__u32, get_smp_processor_id, void);
HELPER(__u64, get_current_pid_tgid, void);
HELPER(long, get_current_comm, void *buf, __u32 size);
HELPER(long, probe_read_kernel, void *dst, __u32 size, const void *from);
HELPER(long, probe_read_user_str, void *dst, __u32 size, const void *from);
HELPER(long, perf_event_output, void *ctx, void *map, __u64 flags, void *data, __u64 size);
HELPER(long, get_stackid, void *ctx, void *map, __u64 flags);
HELPER(long, skb_load_bytes, const void *skb, __u32 offset, void *to, __u32 len);
HELPER(long, skb_store_bytes, struct __sk_buff *skb, __u32 offset, const void *from, __u32 len, __u64 flags);
HELPER(long, skb_pull_data, struct __sk_buff *skb, __u32 len);
HELPER(long, l3_csum_replace, struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 size);
HELPER(long, l4_csum_replace, struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags);
HELPER(__s64, csum_diff, __be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __u32 seed);
HELPER(long, skb_vlan_push, struct __sk_buff *skb, __be16 proto, __u16 tci);
HELPER(long, skb_vlan_pop, struct __sk_buff *skb);
HELPER(long, skb_adjust_room, struct __sk_buff *skb, __s32 len, __u32 mode, __u64 flags);
HELPER(long, skb_change_tail, struct __sk_buff *skb, __u32 len, __u64 flags);
HELPER(long, redirect, __u32 ifindex, __u64 flags);
HELPER(long, redirect_map, void *map, __u64 key, __u64 flags);
HELPER(long, tail_call, void *ctx, void *map, __u32 index);
HELPER(long, xdp_adjust_head, struct xdp_md *xdp, int delta);
HELPER(long, xdp_adjust_tail, struct xdp_md *xdp, int delta);
HELPER(long, xdp_adjust_meta, struct xdp_md *xdp, int delta);
HELPER(long, fib_lookup, void *ctx, struct bpf_fib_lookup *params, int size, __u32 flags);
HELPER(void *, ringbuf_reserve, void *map, __u64 size, __u64 flags);
HELPER(void, ringbuf_submit, void *record, __u64 flags);
HELPER(void, ringbuf_discard, void *record, __u64 flags);
HELPER(long, ringbuf_output, void *map, void *data, __u64 size, __u64 flags);
HELPER(__u64, ringbuf_query, void *map, __u64 flags);
HELPER(long, spin_lock, struct bpf_spin_lock *lock);
HELPER(long, spin_unlock, struct bpf_spin_lock *lock);
HELPER(long, loop, __u32 count, void *callback, void *ctx, __u64 flags);
HELPER(long, for_each_map_elem, void *map, void *callback, void *ctx, __u64 flags);
HELPER(long, timer_init, struct bpf_timer *timer, void *map, __u64 flags);
HELPER(long, timer_set_callback, struct bpf_timer *timer, void *callback);
HELPER(long, timer_start, struct bpf_timer *timer, __u64 nsecs, __u64 flags);
HELPER(struct bpf_sock *, sk_lookup_tcp, void *ctx, struct bpf_sock_tuple *tuple, __u32 size, __u64 netns, __u64 flags);
HELPER(struct bpf_sock *, sk_lookup_udp, void *ctx, struct bpf_sock_tuple *tuple, __u32 size, __u64 netns, __u64 flags);
HELPER(long, sk_release, void *sock);
HELPER(struct bpf_sock *, sk_fullsock, struct bpf_sock *sk);
HELPER(struct bpf_tcp_sock *, tcp_sock, struct bpf_sock *sk);
HELPER(long, trace_printk, const char *fmt, __u32 size, ...);
HELPER(long, snprintf, char *out, __u32 size, const char *fmt, __u64 *data, __u32 data_len);
HELPER(long, strncmp, const char *s1, __u32 size, const char *s2);
HELPER(long, ringbuf_reserve_dynptr, void *map, __u32 size, __u64 flags, struct bpf_dynptr *ptr);
HELPER(void, ringbuf_submit_dynptr, struct bpf_dynptr *ptr, __u64 flags);
HELPER(void, ringbuf_discard_dynptr, struct bpf_dynptr *ptr, __u64 flags);
HELPER(long, dynptr_write, struct bpf_dynptr *dst, __u32 offset, void *src, __u32 len, __u64 flags);
HELPER(long, dynptr_read, void *dst, __u32 len, struct bpf_dynptr *src, __u32 offset, __u64 flags);
HELPER(void *, dynptr_data, struct bpf_dynptr *ptr, __u32 offset, __u32 len);

#define swap16(x) __builtin_bswap16(x)
#define swap32(x) __builtin_bswap32(x)

/* Start and end of the packet, of tc's and XDP's contexts alike. */
#define DATA(ctx) ((void *)(long)(ctx)->data)
#define DATA_END(ctx) ((void *)(long)(ctx)->data_end)

char LICENSE[] SEC("license") = "GPL";
