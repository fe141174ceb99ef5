//! The rows: every helper of Linux 6.18, by number.
//!
//! Program types and licences are what the running kernel answered when asked to load a call of each helper; a
//! helper that none of the types known here may call has `NONE`.

use super::ArgType::{
    AllocSize, ConstStr, Ctx, CtxOrNull, Dynptr, DynptrOut, DynptrRecord, DynptrRecordOut, FixedMem, FixedMemRw, Func,
    Kernel, KernelOrNull, KptrOrNull, KptrSlot, LongOut, MapKey, MapPtr, MapValue, MapValueOrNull, MapValueOut, Mem,
    MemOrNull, MemOut, MemOutOrNull, MemRw, MemRwOrNull, PercpuKernel, Record, Scalar, Size, SizeOrZero, SockCommon,
    Socket, SocketRelease, SpinLock, StackOrNull, Timer,
};
use super::{ArgType, HelperDef, RetType};
use crate::kernel::{KernelVersion, ProgType, ProgTypes};

const NONE: ProgTypes = ProgTypes::NONE;
const ALL: ProgTypes = ProgTypes::ALL;
const TRACING: ProgTypes = ProgTypes::TRACING;
const TC: ProgTypes = ProgTypes::TC;
const XDP: ProgTypes = ProgTypes::XDP;
const SKB: ProgTypes = ProgTypes::SKB;
const NET: ProgTypes = ProgTypes::NET;
const CGROUP: ProgTypes = ProgTypes::of(&[ProgType::CgroupSkb]);
const OTHER_THAN_TC: ProgTypes = TRACING.and(XDP).and(CGROUP).and(ProgTypes::of(&[ProgType::SocketFilter]));
const TC_CGROUP: ProgTypes = TC.and(CGROUP);
const TC_XDP: ProgTypes = TC.and(XDP);
const TC_XDP_CGROUP: ProgTypes = TC_XDP.and(CGROUP);

/// A row: number, name, arguments, result, program types, kernel; the C declaration and the words follow.
const fn h(
    id: u32,
    name: &'static str,
    args: &'static [ArgType],
    ret: RetType,
    prog_types: ProgTypes,
    since: (u8, u8),
) -> HelperDef {
    HelperDef {
        id,
        name,
        args,
        ret,
        prog_types,
        gpl_only: false,
        since: KernelVersion::new(since.0, since.1),
        changes_packet: false,
        packet_args: false,
        bare: NONE,
        sleeps: false,
        unprivileged: false,
        proto: "",
        doc: "",
    }
}

impl HelperDef {
    const fn gpl(mut self) -> HelperDef {
        self.gpl_only = true;
        self
    }

    const fn moves(mut self) -> HelperDef {
        self.changes_packet = true;
        self
    }

    const fn sleeps(mut self) -> HelperDef {
        self.sleeps = true;
        self
    }

    const fn bare(mut self, prog_types: ProgTypes) -> HelperDef {
        self.bare = prog_types;
        self
    }

    const fn free(mut self) -> HelperDef {
        self.unprivileged = true;
        self
    }

    const fn packet(mut self) -> HelperDef {
        self.packet_args = true;
        self
    }

    const fn c(mut self, proto: &'static str, doc: &'static str) -> HelperDef {
        self.proto = proto;
        self.doc = doc;
        self
    }
}

const INT: RetType = RetType::Integer;

#[rustfmt::skip]
pub(super) const HELPERS: &[HelperDef] = &[
    h(1, "bpf_map_lookup_elem", &[MapPtr, MapKey], RetType::MapValueOrNull, ALL, (3, 19)).packet().free()
        .c("void *bpf_map_lookup_elem(void *map, const void *key)",
           "address of the value under a key, null when there is none"),
    h(2, "bpf_map_update_elem", &[MapPtr, MapKey, MapValue, Scalar], INT, ALL, (3, 19)).packet().free()
        .c("long  bpf_map_update_elem(void *map, const void *key, const void *value, u64 flags)",
           "stores a value: BPF_ANY 0, BPF_NOEXIST 1, BPF_EXIST 2"),
    h(3, "bpf_map_delete_elem", &[MapPtr, MapKey], INT, ALL, (3, 19)).packet().free()
        .c("long  bpf_map_delete_elem(void *map, const void *key)",
           "removes the value under a key"),
    h(4, "bpf_probe_read", &[MemOut, SizeOrZero, Scalar], INT, TRACING, (4, 1)).gpl()
        .c("long  bpf_probe_read(void *dst, u32 size, const void *unsafe_ptr)",
           "reads kernel or user memory; superseded by probe_read_kernel and probe_read_user"),
    h(5, "bpf_ktime_get_ns", &[], INT, ALL, (4, 1)).free()
        .c("u64  bpf_ktime_get_ns(void)",
           "monotonic clock in ns: the capture's time here"),
    h(6, "bpf_trace_printk", &[Mem, Size], INT, ALL, (4, 1)).gpl()
        .c("long  bpf_trace_printk(const char *fmt, u32 fmt_size, ...)",
           "writes a line to the trace pipe; up to three arguments follow, returns the line's length"),
    h(7, "bpf_get_prandom_u32", &[], INT, ALL, (4, 1)).free()
        .c("u32  bpf_get_prandom_u32(void)",
           "a random number, from the scenario's seed here"),
    h(8, "bpf_get_smp_processor_id", &[], INT, ALL, (4, 1)).free()
        .c("u32  bpf_get_smp_processor_id(void)",
           "number of the CPU that runs"),
    h(9, "bpf_skb_store_bytes", &[Ctx, Scalar, Mem, Size, Scalar], INT, TC, (4, 1)).moves()
        .c("long  bpf_skb_store_bytes(struct __sk_buff *skb, u32 offset, const void *from, u32 len, u64 flags)",
           "writes bytes into the packet: BPF_F_RECOMPUTE_CSUM 1, BPF_F_INVALIDATE_HASH 2"),
    h(10, "bpf_l3_csum_replace", &[Ctx, Scalar, Scalar, Scalar, Scalar], INT, TC, (4, 1)).moves()
        .c("long  bpf_l3_csum_replace(struct __sk_buff *skb, u32 offset, u64 from, u64 to, u64 size)",
           "updates an IP header checksum at an offset, for a change of 2 or 4 bytes or by a difference"),
    h(11, "bpf_l4_csum_replace", &[Ctx, Scalar, Scalar, Scalar, Scalar], INT, TC, (4, 1)).moves()
        .c("long  bpf_l4_csum_replace(struct __sk_buff *skb, u32 offset, u64 from, u64 to, u64 flags)",
           "updates a TCP or UDP checksum at an offset: BPF_F_PSEUDO_HDR 0x10, BPF_F_MARK_MANGLED_0 0x20"),
    h(12, "bpf_tail_call", &[Ctx, MapPtr, Scalar], RetType::Void, ALL, (4, 2)).free()
        .c("long  bpf_tail_call(void *ctx, void *prog_array_map, u32 index)",
           "goes on with another program of a prog array; returns only if it cannot"),
    h(13, "bpf_clone_redirect", &[Ctx, Scalar, Scalar], INT, TC, (4, 2)).moves()
        .c("long  bpf_clone_redirect(struct __sk_buff *skb, u32 ifindex, u64 flags)",
           "sends a copy of the packet to a device: BPF_F_INGRESS 1"),
    h(14, "bpf_get_current_pid_tgid", &[], INT, ALL, (4, 2)).free()
        .c("u64  bpf_get_current_pid_tgid(void)",
           "process and thread of the current task; a packet has none: 0 here"),
    h(15, "bpf_get_current_uid_gid", &[], INT, ALL, (4, 2)).free()
        .c("u64  bpf_get_current_uid_gid(void)",
           "user and group of the current task; a packet has none: 0 here"),
    h(16, "bpf_get_current_comm", &[MemOut, Size], INT, ALL, (4, 2))
        .c("long  bpf_get_current_comm(void *buf, u32 size_of_buf)",
           "name of the current task"),
    h(17, "bpf_get_cgroup_classid", &[Ctx], INT, ALL, (4, 3)).bare(OTHER_THAN_TC)
        .c("u32  bpf_get_cgroup_classid(struct __sk_buff *skb)",
           "net_cls class of the current task's or socket's cgroup: 0 here, as without the controller"),
    h(18, "bpf_skb_vlan_push", &[Ctx, Scalar, Scalar], INT, TC, (4, 3)).moves()
        .c("long  bpf_skb_vlan_push(struct __sk_buff *skb, __be16 vlan_proto, u16 vlan_tci)",
           "adds a VLAN tag; one that was beside the frame goes into it"),
    h(19, "bpf_skb_vlan_pop", &[Ctx], INT, TC, (4, 3)).moves()
        .c("long  bpf_skb_vlan_pop(struct __sk_buff *skb)",
           "removes the outer VLAN tag"),
    h(20, "bpf_skb_get_tunnel_key", &[Ctx, MemOut, Size, Scalar], INT, TC, (4, 3))
        .c("long  bpf_skb_get_tunnel_key(struct __sk_buff *skb, struct bpf_tunnel_key *key, u32 size, u64 flags)",
           "tunnel metadata of the packet: what a program set, ends exchanged; none comes with it here"),
    h(21, "bpf_skb_set_tunnel_key", &[Ctx, Mem, Size, Scalar], INT, TC, (4, 3))
        .c("long  bpf_skb_set_tunnel_key(struct __sk_buff *skb, struct bpf_tunnel_key *key, u32 size, u64 flags)",
           "tunnel metadata that the packet leaves with"),
    h(22, "bpf_perf_event_read", &[MapPtr, Scalar], INT, ALL, (4, 3)).gpl()
        .c("u64  bpf_perf_event_read(void *map, u64 flags)",
           "value of a perf event counter"),
    h(23, "bpf_redirect", &[Scalar, Scalar], INT, TC_XDP, (4, 4))
        .c("long  bpf_redirect(u32 ifindex, u64 flags)",
           "sends the packet to a device once the program returned with this value: BPF_F_INGRESS 1"),
    h(24, "bpf_get_route_realm", &[Ctx], INT, TC, (4, 4))
        .c("u32  bpf_get_route_realm(struct __sk_buff *skb)",
           "realm of the packet's route: 0 here, where packets have none"),
    h(25, "bpf_perf_event_output", &[Ctx, MapPtr, Scalar, Mem, SizeOrZero], INT, ALL, (4, 4)).gpl().free()
        .c("long  bpf_perf_event_output(void *ctx, void *map, u64 flags, void *data, u64 size)",
           "writes a sample to a perf event array, with packet bytes by the flags' bits 32 to 51"),
    h(26, "bpf_skb_load_bytes", &[Ctx, Scalar, MemOut, Size], INT, SKB, (4, 5)).free()
        .c("long  bpf_skb_load_bytes(const void *skb, u32 offset, void *to, u32 len)",
           "copies packet bytes from an offset"),
    h(27, "bpf_get_stackid", &[Ctx, MapPtr, Scalar], INT, TRACING, (4, 6)).gpl()
        .c("long  bpf_get_stackid(void *ctx, void *map, u64 flags)",
           "number of the current stack in a stack trace map"),
    h(28, "bpf_csum_diff", &[MemOrNull, SizeOrZero, MemOrNull, SizeOrZero, Scalar], INT, TC_XDP, (4, 6)).packet()
        .c("s64  bpf_csum_diff(__be32 *from, u32 from_size, __be32 *to, u32 to_size, __wsum seed)",
           "checksum difference between two buffers of whole words"),
    h(29, "bpf_skb_get_tunnel_opt", &[Ctx, MemOut, Size], INT, TC, (4, 6))
        .c("long  bpf_skb_get_tunnel_opt(struct __sk_buff *skb, void *opt, u32 size)",
           "tunnel options that the packet came with"),
    h(30, "bpf_skb_set_tunnel_opt", &[Ctx, Mem, Size], INT, TC, (4, 6))
        .c("long  bpf_skb_set_tunnel_opt(struct __sk_buff *skb, void *opt, u32 size)",
           "tunnel options that the packet leaves with"),
    h(31, "bpf_skb_change_proto", &[Ctx, Scalar, Scalar], INT, TC, (4, 8)).moves()
        .c("long  bpf_skb_change_proto(struct __sk_buff *skb, __be16 proto, u64 flags)",
           "turns an IPv4 packet into the room of an IPv6 one, or back"),
    h(32, "bpf_skb_change_type", &[Ctx, Scalar], INT, TC, (4, 8))
        .c("long  bpf_skb_change_type(struct __sk_buff *skb, u32 type)",
           "sets pkt_type"),
    h(33, "bpf_skb_under_cgroup", &[Ctx, MapPtr, Scalar], INT, TC, (4, 8))
        .c("long  bpf_skb_under_cgroup(struct __sk_buff *skb, void *map, u32 index)",
           "whether the packet's socket is in a cgroup of an array: ENOENT here, where packets have none"),
    h(34, "bpf_get_hash_recalc", &[Ctx], INT, TC, (4, 8))
        .c("u32  bpf_get_hash_recalc(struct __sk_buff *skb)",
           "hash of the flow, computed if need be"),
    h(35, "bpf_get_current_task", &[], INT, ALL, (4, 8)).gpl()
        .c("u64  bpf_get_current_task(void)",
           "address of the current task's task_struct"),
    h(36, "bpf_probe_write_user", &[Scalar, Mem, Size], INT, NONE, (4, 8)).gpl()
        .c("long  bpf_probe_write_user(void *dst, const void *src, u32 len)",
           "writes to memory of the current task"),
    h(37, "bpf_current_task_under_cgroup", &[MapPtr, Scalar], INT, ALL, (4, 9))
        .c("long  bpf_current_task_under_cgroup(void *map, u32 index)",
           "whether the current task is in a cgroup of an array"),
    h(38, "bpf_skb_change_tail", &[Ctx, Scalar, Scalar], INT, TC, (4, 9)).moves()
        .c("long  bpf_skb_change_tail(struct __sk_buff *skb, u32 len, u64 flags)",
           "makes the packet shorter or longer at its end"),
    h(39, "bpf_skb_pull_data", &[Ctx, Scalar], INT, TC, (4, 9)).moves()
        .c("long  bpf_skb_pull_data(struct __sk_buff *skb, u32 len)",
           "makes the first bytes directly accessible; they all are here"),
    h(40, "bpf_csum_update", &[Ctx, Scalar], INT, TC, (4, 9))
        .c("s64  bpf_csum_update(struct __sk_buff *skb, __wsum csum)",
           "adds to the checksum that a device computed over the packet; there is none here"),
    h(41, "bpf_set_hash_invalid", &[Ctx], INT, TC, (4, 9))
        .c("void  bpf_set_hash_invalid(struct __sk_buff *skb)",
           "forgets the flow's hash"),
    h(42, "bpf_get_numa_node_id", &[], INT, ALL, (4, 10)).free()
        .c("long  bpf_get_numa_node_id(void)",
           "NUMA node of the CPU: 0 here"),
    h(43, "bpf_skb_change_head", &[Ctx, Scalar, Scalar], INT, TC, (4, 10)).moves()
        .c("long  bpf_skb_change_head(struct __sk_buff *skb, u32 len, u64 flags)",
           "adds zero bytes before the packet"),
    h(44, "bpf_xdp_adjust_head", &[Ctx, Scalar], INT, XDP, (4, 10)).moves()
        .c("long  bpf_xdp_adjust_head(struct xdp_md *xdp_md, int delta)",
           "moves the start of the packet"),
    h(45, "bpf_probe_read_str", &[MemOut, SizeOrZero, Scalar], INT, TRACING, (4, 11)).gpl()
        .c("long  bpf_probe_read_str(void *dst, u32 size, const void *unsafe_ptr)",
           "reads a string; superseded by probe_read_kernel_str and probe_read_user_str"),
    h(46, "bpf_get_socket_cookie", &[Ctx], INT, SKB, (4, 12)).free()
        .c("u64  bpf_get_socket_cookie(void *ctx)",
           "number that identifies the socket: 0 for a packet without one"),
    h(47, "bpf_get_socket_uid", &[Ctx], INT, SKB, (4, 12)).free()
        .c("u32  bpf_get_socket_uid(struct __sk_buff *skb)",
           "user that owns the socket: overflowuid 65534 for a packet without one"),
    h(48, "bpf_set_hash", &[Ctx, Scalar], INT, TC, (4, 13))
        .c("long  bpf_set_hash(struct __sk_buff *skb, u32 hash)",
           "sets the flow's hash"),
    h(49, "bpf_setsockopt", &[Ctx, Scalar, Scalar, Mem, Size], INT, NONE, (4, 13))
        .c("long  bpf_setsockopt(void *bpf_socket, int level, int optname, void *optval, int optlen)",
           "sets a socket option"),
    h(50, "bpf_skb_adjust_room", &[Ctx, Scalar, Scalar, Scalar], INT, TC, (4, 13)).moves()
        .c("long  bpf_skb_adjust_room(struct __sk_buff *skb, s32 len_diff, u32 mode, u64 flags)",
           "adds or removes room after the MAC or the network header, for tunnels"),
    h(51, "bpf_redirect_map", &[MapPtr, Scalar, Scalar], INT, XDP, (4, 14))
        .c("long  bpf_redirect_map(void *map, u64 key, u64 flags)",
           "sends the packet to a map's device, CPU or socket once the program returned with this value"),
    h(52, "bpf_sk_redirect_map", &[Ctx, MapPtr, Scalar, Scalar], INT, NONE, (4, 14))
        .c("long  bpf_sk_redirect_map(struct __sk_buff *skb, void *map, u32 key, u64 flags)",
           "sends data to a socket of a map"),
    h(53, "bpf_sock_map_update", &[Ctx, MapPtr, MapKey, Scalar], INT, NONE, (4, 14))
        .c("long  bpf_sock_map_update(struct bpf_sock_ops *skops, void *map, void *key, u64 flags)",
           "stores a socket in a map"),
    h(54, "bpf_xdp_adjust_meta", &[Ctx, Scalar], INT, XDP, (4, 15)).moves()
        .c("long  bpf_xdp_adjust_meta(struct xdp_md *xdp_md, int delta)",
           "moves the start of the metadata before the packet"),
    h(55, "bpf_perf_event_read_value", &[MapPtr, Scalar, MemOut, Size], INT, ALL, (4, 15)).gpl()
        .c("long  bpf_perf_event_read_value(void *map, u64 flags, struct bpf_perf_event_value *buf, u32 buf_size)",
           "value and times of a perf event counter"),
    h(56, "bpf_perf_prog_read_value", &[Ctx, MemOut, Size], INT, NONE, (4, 15)).gpl()
        .c("long  bpf_perf_prog_read_value(struct bpf_perf_event_data *ctx, struct bpf_perf_event_value *buf, u32 buf_size)",
           "value and times of the program's own perf event"),
    h(57, "bpf_getsockopt", &[Ctx, Scalar, Scalar, MemOut, Size], INT, NONE, (4, 15))
        .c("long  bpf_getsockopt(void *bpf_socket, int level, int optname, void *optval, int optlen)",
           "reads a socket option"),
    h(58, "bpf_override_return", &[Ctx, Scalar], INT, NONE, (4, 16)).gpl()
        .c("long  bpf_override_return(struct pt_regs *regs, u64 rc)",
           "makes the probed function return a value without running"),
    h(59, "bpf_sock_ops_cb_flags_set", &[Ctx, Scalar], INT, NONE, (4, 16))
        .c("long  bpf_sock_ops_cb_flags_set(struct bpf_sock_ops *bpf_sock, int argval)",
           "chooses the events that a socket's program is called for"),
    h(60, "bpf_msg_redirect_map", &[Ctx, MapPtr, Scalar, Scalar], INT, NONE, (4, 17))
        .c("long  bpf_msg_redirect_map(struct sk_msg_md *msg, void *map, u32 key, u64 flags)",
           "sends a message to a socket of a map"),
    h(61, "bpf_msg_apply_bytes", &[Ctx, Scalar], INT, NONE, (4, 17))
        .c("long  bpf_msg_apply_bytes(struct sk_msg_md *msg, u32 bytes)",
           "applies the verdict to that many bytes of the message"),
    h(62, "bpf_msg_cork_bytes", &[Ctx, Scalar], INT, NONE, (4, 17))
        .c("long  bpf_msg_cork_bytes(struct sk_msg_md *msg, u32 bytes)",
           "waits for that many bytes of the message"),
    h(63, "bpf_msg_pull_data", &[Ctx, Scalar, Scalar, Scalar], INT, NONE, (4, 17)).moves()
        .c("long  bpf_msg_pull_data(struct sk_msg_md *msg, u32 start, u32 end, u64 flags)",
           "makes a range of the message directly accessible"),
    h(64, "bpf_bind", &[Ctx, Mem, Size], INT, NONE, (4, 17))
        .c("long  bpf_bind(struct bpf_sock_addr *ctx, struct sockaddr *addr, int addr_len)",
           "binds a socket to an address before it connects"),
    h(65, "bpf_xdp_adjust_tail", &[Ctx, Scalar], INT, XDP, (4, 18)).moves()
        .c("long  bpf_xdp_adjust_tail(struct xdp_md *xdp_md, int delta)",
           "moves the end of the packet"),
    h(66, "bpf_skb_get_xfrm_state", &[Ctx, Scalar, MemOut, Size, Scalar], INT, TC, (4, 18))
        .c("long  bpf_skb_get_xfrm_state(struct __sk_buff *skb, u32 index, struct bpf_xfrm_state *xfrm_state, u32 size, u64 flags)",
           "IPsec state at an index of the packet's path; none comes through IPsec here"),
    h(67, "bpf_get_stack", &[Ctx, MemOut, SizeOrZero, Scalar], INT, TRACING, (4, 18)).gpl()
        .c("long  bpf_get_stack(void *ctx, void *buf, u32 size, u64 flags)",
           "the current stack, user's or kernel's"),
    h(68, "bpf_skb_load_bytes_relative", &[Ctx, Scalar, MemOut, Size, Scalar], INT, SKB, (4, 18)).free()
        .c("long  bpf_skb_load_bytes_relative(const void *skb, u32 offset, void *to, u32 len, u32 start_header)",
           "copies packet bytes from an offset after the MAC (0) or network (1) header"),
    h(69, "bpf_fib_lookup", &[Ctx, MemRw, Size, Scalar], INT, TC_XDP, (4, 18)).gpl()
        .c("long  bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int plen, u32 flags)",
           "looks up route and neighbour for an address, in the scenario's here; without one forwarding is off"),
    h(70, "bpf_sock_hash_update", &[Ctx, MapPtr, MapKey, Scalar], INT, NONE, (4, 18))
        .c("long  bpf_sock_hash_update(struct bpf_sock_ops *skops, void *map, void *key, u64 flags)",
           "stores a socket in a hash"),
    h(71, "bpf_msg_redirect_hash", &[Ctx, MapPtr, MapKey, Scalar], INT, NONE, (4, 18))
        .c("long  bpf_msg_redirect_hash(struct sk_msg_md *msg, void *map, void *key, u64 flags)",
           "sends a message to a socket of a hash"),
    h(72, "bpf_sk_redirect_hash", &[Ctx, MapPtr, MapKey, Scalar], INT, NONE, (4, 18))
        .c("long  bpf_sk_redirect_hash(struct __sk_buff *skb, void *map, void *key, u64 flags)",
           "sends data to a socket of a hash"),
    h(73, "bpf_lwt_push_encap", &[Ctx, Scalar, Mem, Size], INT, NONE, (4, 18)).moves()
        .c("long  bpf_lwt_push_encap(struct __sk_buff *skb, u32 type, void *hdr, u32 len)",
           "puts an outer header before the packet"),
    h(74, "bpf_lwt_seg6_store_bytes", &[Ctx, Scalar, Mem, Size], INT, NONE, (4, 18)).moves()
        .c("long  bpf_lwt_seg6_store_bytes(struct __sk_buff *skb, u32 offset, const void *from, u32 len)",
           "writes to the writable parts of a segment routing header"),
    h(75, "bpf_lwt_seg6_adjust_srh", &[Ctx, Scalar, Scalar], INT, NONE, (4, 18)).moves()
        .c("long  bpf_lwt_seg6_adjust_srh(struct __sk_buff *skb, u32 offset, s32 delta)",
           "grows or shrinks the TLVs of a segment routing header"),
    h(76, "bpf_lwt_seg6_action", &[Ctx, Scalar, Mem, Size], INT, NONE, (4, 18)).moves()
        .c("long  bpf_lwt_seg6_action(struct __sk_buff *skb, u32 action, void *param, u32 param_len)",
           "applies a segment routing action"),
    h(77, "bpf_rc_repeat", &[Ctx], INT, NONE, (4, 18))
        .c("long  bpf_rc_repeat(void *ctx)",
           "repeats the last infrared key"),
    h(78, "bpf_rc_keydown", &[Ctx, Scalar, Scalar, Scalar], INT, NONE, (4, 18))
        .c("long  bpf_rc_keydown(void *ctx, u32 protocol, u64 scancode, u32 toggle)",
           "reports an infrared key"),
    h(79, "bpf_skb_cgroup_id", &[Ctx], INT, TC_CGROUP, (4, 18)).free()
        .c("u64  bpf_skb_cgroup_id(struct __sk_buff *skb)",
           "cgroup of the packet's socket: 0 here, where packets have none"),
    h(80, "bpf_get_current_cgroup_id", &[], INT, ALL, (4, 18))
        .c("u64  bpf_get_current_cgroup_id(void)",
           "cgroup of the current task"),
    h(81, "bpf_get_local_storage", &[MapPtr, Scalar], RetType::MapValue, CGROUP, (4, 19)).free()
        .c("void *bpf_get_local_storage(void *map, u64 flags)",
           "address of the cgroup's storage"),
    h(82, "bpf_sk_select_reuseport", &[Ctx, MapPtr, MapKey, Scalar], INT, NONE, (4, 19))
        .c("long  bpf_sk_select_reuseport(struct sk_reuseport_md *reuse, void *map, void *key, u64 flags)",
           "chooses the socket of a reuseport group"),
    h(83, "bpf_skb_ancestor_cgroup_id", &[Ctx, Scalar], INT, TC_CGROUP, (4, 19)).free()
        .c("u64  bpf_skb_ancestor_cgroup_id(struct __sk_buff *skb, int ancestor_level)",
           "ancestor of the cgroup of the packet's socket: 0 here, where packets have none"),
    h(84, "bpf_sk_lookup_tcp", &[Ctx, Mem, SizeOrZero, Scalar, Scalar], RetType::SocketOrNull, TC_XDP_CGROUP, (4, 20)).packet().free()
        .c("struct bpf_sock *bpf_sk_lookup_tcp(void *ctx, struct bpf_sock_tuple *tuple, u32 tuple_size, u64 netns, u64 flags)",
           "finds a TCP socket by addresses and ports; to be released"),
    h(85, "bpf_sk_lookup_udp", &[Ctx, Mem, SizeOrZero, Scalar, Scalar], RetType::SocketOrNull, TC_XDP_CGROUP, (4, 20)).packet().free()
        .c("struct bpf_sock *bpf_sk_lookup_udp(void *ctx, struct bpf_sock_tuple *tuple, u32 tuple_size, u64 netns, u64 flags)",
           "finds a UDP socket by addresses and ports; to be released"),
    h(86, "bpf_sk_release", &[SocketRelease], INT, TC_XDP_CGROUP, (4, 20)).free()
        .c("long  bpf_sk_release(void *sock)",
           "releases a socket that a look-up found"),
    h(87, "bpf_map_push_elem", &[MapPtr, MapValue, Scalar], INT, ALL, (4, 20)).packet().free()
        .c("long  bpf_map_push_elem(void *map, const void *value, u64 flags)",
           "adds to a queue or stack; BPF_EXIST 2 drops the oldest when full"),
    h(88, "bpf_map_pop_elem", &[MapPtr, MapValueOut], INT, ALL, (4, 20)).free()
        .c("long  bpf_map_pop_elem(void *map, void *value)",
           "takes the next value of a queue or stack"),
    h(89, "bpf_map_peek_elem", &[MapPtr, MapValueOut], INT, ALL, (4, 20)).free()
        .c("long  bpf_map_peek_elem(void *map, void *value)",
           "reads the next value of a queue or stack"),
    h(90, "bpf_msg_push_data", &[Ctx, Scalar, Scalar, Scalar], INT, NONE, (4, 20)).moves()
        .c("long  bpf_msg_push_data(struct sk_msg_md *msg, u32 start, u32 len, u64 flags)",
           "makes room within a message"),
    h(91, "bpf_msg_pop_data", &[Ctx, Scalar, Scalar, Scalar], INT, NONE, (5, 0)).moves()
        .c("long  bpf_msg_pop_data(struct sk_msg_md *msg, u32 start, u32 len, u64 flags)",
           "removes bytes from a message"),
    h(92, "bpf_rc_pointer_rel", &[Ctx, Scalar, Scalar], INT, NONE, (5, 0))
        .c("long  bpf_rc_pointer_rel(void *ctx, s32 rel_x, s32 rel_y)",
           "reports infrared pointer movement"),
    h(93, "bpf_spin_lock", &[SpinLock], RetType::Void, ALL, (5, 1))
        .c("long  bpf_spin_lock(struct bpf_spin_lock *lock)",
           "takes the lock in a map value"),
    h(94, "bpf_spin_unlock", &[SpinLock], RetType::Void, ALL, (5, 1))
        .c("long  bpf_spin_unlock(struct bpf_spin_lock *lock)",
           "gives the lock in a map value back"),
    h(95, "bpf_sk_fullsock", &[SockCommon], RetType::SocketOrNull, TC_CGROUP, (5, 1)).free()
        .c("struct bpf_sock *bpf_sk_fullsock(struct bpf_sock *sk)",
           "the full socket of a socket"),
    h(96, "bpf_tcp_sock", &[SockCommon], RetType::TcpSockOrNull, TC_CGROUP, (5, 1)).free()
        .c("struct bpf_tcp_sock *bpf_tcp_sock(struct bpf_sock *sk)",
           "TCP fields of a socket"),
    h(97, "bpf_skb_ecn_set_ce", &[Ctx], INT, TC_CGROUP, (5, 1)).free()
        .c("long  bpf_skb_ecn_set_ce(struct __sk_buff *skb)",
           "marks congestion experienced (ECN) in the IP header; 1 when done or already marked"),
    h(98, "bpf_get_listener_sock", &[SockCommon], RetType::SocketOrNull, TC_CGROUP, (5, 1)).free()
        .c("struct bpf_sock *bpf_get_listener_sock(struct bpf_sock *sk)",
           "listening socket of a socket"),
    h(99, "bpf_skc_lookup_tcp", &[Ctx, Mem, SizeOrZero, Scalar, Scalar], RetType::SockCommonOrNull, TC_XDP_CGROUP, (5, 2)).packet().free()
        .c("struct bpf_sock *bpf_skc_lookup_tcp(void *ctx, struct bpf_sock_tuple *tuple, u32 tuple_size, u64 netns, u64 flags)",
           "finds a TCP socket, requests and time-wait ones too; to be released"),
    h(100, "bpf_tcp_check_syncookie", &[Socket, Mem, Size, Mem, Size], INT, TC_XDP, (5, 2)).gpl().packet()
        .c("long  bpf_tcp_check_syncookie(void *sk, void *iph, u32 iph_len, struct tcphdr *th, u32 th_len)",
           "whether a packet has a valid SYN cookie; ENOENT on a host that is not flooded, as here"),
    h(101, "bpf_sysctl_get_name", &[Ctx, MemOut, Size, Scalar], INT, NONE, (5, 2))
        .c("long  bpf_sysctl_get_name(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len, u64 flags)",
           "name of the sysctl"),
    h(102, "bpf_sysctl_get_current_value", &[Ctx, MemOut, Size], INT, NONE, (5, 2))
        .c("long  bpf_sysctl_get_current_value(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len)",
           "value of the sysctl"),
    h(103, "bpf_sysctl_get_new_value", &[Ctx, MemOut, Size], INT, NONE, (5, 2))
        .c("long  bpf_sysctl_get_new_value(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len)",
           "value that is being written to the sysctl"),
    h(104, "bpf_sysctl_set_new_value", &[Ctx, Mem, Size], INT, NONE, (5, 2))
        .c("long  bpf_sysctl_set_new_value(struct bpf_sysctl *ctx, const char *buf, unsigned long buf_len)",
           "replaces the value that is being written to the sysctl"),
    h(105, "bpf_strtol", &[Mem, Size, Scalar, LongOut], INT, ALL, (5, 2)).free()
        .c("long  bpf_strtol(const char *buf, unsigned long buf_len, u64 flags, long *res)",
           "parses a signed number in base 8, 10, 16 or by prefix; returns the bytes read"),
    h(106, "bpf_strtoul", &[Mem, Size, Scalar, LongOut], INT, ALL, (5, 2)).free()
        .c("long  bpf_strtoul(const char *buf, unsigned long buf_len, u64 flags, unsigned long *res)",
           "parses an unsigned number in base 8, 10, 16 or by prefix; returns the bytes read"),
    h(107, "bpf_sk_storage_get", &[MapPtr, Socket, MapValueOrNull, Scalar], RetType::MapValueOrNull, TC_CGROUP, (5, 2)).free()
        .c("void *bpf_sk_storage_get(void *map, void *sk, void *value, u64 flags)",
           "address of a socket's storage"),
    h(108, "bpf_sk_storage_delete", &[MapPtr, Socket], INT, TC_CGROUP, (5, 2)).free()
        .c("long  bpf_sk_storage_delete(void *map, void *sk)",
           "removes a socket's storage"),
    h(109, "bpf_send_signal", &[Scalar], INT, ALL, (5, 3))
        .c("long  bpf_send_signal(u32 sig)",
           "sends a signal to the current process"),
    h(110, "bpf_tcp_gen_syncookie", &[Socket, Mem, Size, Mem, Size], INT, TC_XDP, (5, 4)).gpl().packet()
        .c("s64  bpf_tcp_gen_syncookie(void *sk, void *iph, u32 iph_len, struct tcphdr *th, u32 th_len)",
           "makes a SYN cookie; ENOENT on a host that is not flooded, as here"),
    h(111, "bpf_skb_output", &[Kernel("sk_buff"), MapPtr, Scalar, Mem, SizeOrZero], INT, NONE, (5, 5)).gpl()
        .c("long  bpf_skb_output(void *ctx, void *map, u64 flags, void *data, u64 size)",
           "writes a sample with bytes of a kernel skb to a perf event array"),
    h(112, "bpf_probe_read_user", &[MemOut, SizeOrZero, Scalar], INT, ALL, (5, 5)).gpl()
        .c("long  bpf_probe_read_user(void *dst, u32 size, const void *unsafe_ptr)",
           "reads user memory"),
    h(113, "bpf_probe_read_kernel", &[MemOut, SizeOrZero, Scalar], INT, ALL, (5, 5)).gpl()
        .c("long  bpf_probe_read_kernel(void *dst, u32 size, const void *unsafe_ptr)",
           "reads kernel memory"),
    h(114, "bpf_probe_read_user_str", &[MemOut, SizeOrZero, Scalar], INT, ALL, (5, 5)).gpl()
        .c("long  bpf_probe_read_user_str(void *dst, u32 size, const void *unsafe_ptr)",
           "reads a string of user memory"),
    h(115, "bpf_probe_read_kernel_str", &[MemOut, SizeOrZero, Scalar], INT, ALL, (5, 5)).gpl()
        .c("long  bpf_probe_read_kernel_str(void *dst, u32 size, const void *unsafe_ptr)",
           "reads a string of kernel memory"),
    h(116, "bpf_tcp_send_ack", &[Kernel("tcp_sock"), Scalar], INT, NONE, (5, 6)).gpl()
        .c("long  bpf_tcp_send_ack(void *tp, u32 rcv_nxt)",
           "sends a TCP acknowledgement"),
    h(117, "bpf_send_signal_thread", &[Scalar], INT, ALL, (5, 6))
        .c("long  bpf_send_signal_thread(u32 sig)",
           "sends a signal to the current thread"),
    h(118, "bpf_jiffies64", &[], INT, ALL, (5, 6))
        .c("u64  bpf_jiffies64(void)",
           "ticks since boot, 250 a second, from five minutes before the counter's 32-bit wrap"),
    h(119, "bpf_read_branch_records", &[Ctx, MemOutOrNull, SizeOrZero, Scalar], INT, NONE, (5, 7)).gpl()
        .c("long  bpf_read_branch_records(struct bpf_perf_event_data *ctx, void *buf, u32 size, u64 flags)",
           "branch records of a perf event"),
    h(120, "bpf_get_ns_current_pid_tgid", &[Scalar, Scalar, MemOut, Size], INT, ALL, (5, 7)).free()
        .c("long  bpf_get_ns_current_pid_tgid(u64 dev, u64 ino, struct bpf_pidns_info *nsdata, u32 size)",
           "process and thread as a PID namespace numbers them"),
    h(121, "bpf_xdp_output", &[Kernel("xdp_buff"), MapPtr, Scalar, Mem, SizeOrZero], INT, NONE, (5, 7)).gpl()
        .c("long  bpf_xdp_output(void *ctx, void *map, u64 flags, void *data, u64 size)",
           "writes a sample with bytes of a kernel xdp_buff to a perf event array"),
    h(122, "bpf_get_netns_cookie", &[CtxOrNull], INT, SKB, (5, 7)).free()
        .c("u64  bpf_get_netns_cookie(void *ctx)",
           "number that identifies the network namespace: 1 here, the first"),
    h(123, "bpf_get_current_ancestor_cgroup_id", &[Scalar], INT, ALL, (5, 7))
        .c("u64  bpf_get_current_ancestor_cgroup_id(int ancestor_level)",
           "ancestor of the current task's cgroup"),
    h(124, "bpf_sk_assign", &[Ctx, Socket, Scalar], INT, TC, (5, 7))
        .c("long  bpf_sk_assign(void *ctx, void *sk, u64 flags)",
           "gives the packet to a socket"),
    h(125, "bpf_ktime_get_boot_ns", &[], INT, ALL, (5, 8)).free()
        .c("u64  bpf_ktime_get_boot_ns(void)",
           "clock since boot in ns: the capture's time here"),
    h(126, "bpf_seq_printf", &[Kernel("seq_file"), Mem, Size, MemOrNull, SizeOrZero], INT, NONE, (5, 8)).gpl()
        .c("long  bpf_seq_printf(struct seq_file *m, const char *fmt, u32 fmt_size, const void *data, u32 data_len)",
           "prints to an iterator's file"),
    h(127, "bpf_seq_write", &[Kernel("seq_file"), Mem, SizeOrZero], INT, NONE, (5, 8)).gpl()
        .c("long  bpf_seq_write(struct seq_file *m, const void *data, u32 len)",
           "writes to an iterator's file"),
    h(128, "bpf_sk_cgroup_id", &[Socket], INT, CGROUP, (5, 8)).free()
        .c("u64  bpf_sk_cgroup_id(void *sk)",
           "cgroup of a socket: 0 here"),
    h(129, "bpf_sk_ancestor_cgroup_id", &[Socket, Scalar], INT, CGROUP, (5, 8)).free()
        .c("u64  bpf_sk_ancestor_cgroup_id(void *sk, int ancestor_level)",
           "ancestor of a socket's cgroup"),
    h(130, "bpf_ringbuf_output", &[MapPtr, Mem, SizeOrZero, Scalar], INT, ALL, (5, 8)).free()
        .c("long  bpf_ringbuf_output(void *ringbuf, void *data, u64 size, u64 flags)",
           "copies a record into a ring buffer"),
    h(131, "bpf_ringbuf_reserve", &[MapPtr, AllocSize, Scalar], RetType::RecordOrNull, ALL, (5, 8)).free()
        .c("void *bpf_ringbuf_reserve(void *ringbuf, u64 size, u64 flags)",
           "reserves a record in a ring buffer, null when there is no room"),
    h(132, "bpf_ringbuf_submit", &[Record, Scalar], RetType::Void, ALL, (5, 8)).free()
        .c("void  bpf_ringbuf_submit(void *data, u64 flags)",
           "hands a reserved record to user space"),
    h(133, "bpf_ringbuf_discard", &[Record, Scalar], RetType::Void, ALL, (5, 8)).free()
        .c("void  bpf_ringbuf_discard(void *data, u64 flags)",
           "gives a reserved record up"),
    h(134, "bpf_ringbuf_query", &[MapPtr, Scalar], INT, ALL, (5, 8)).free()
        .c("u64  bpf_ringbuf_query(void *ringbuf, u64 flags)",
           "state of a ring buffer: BPF_RB_AVAIL_DATA 0, RING_SIZE 1, CONS_POS 2, PROD_POS 3"),
    h(135, "bpf_csum_level", &[Ctx, Scalar], INT, TC, (5, 8))
        .c("long  bpf_csum_level(struct __sk_buff *skb, u64 level)",
           "level up to which a device has checked checksums; none here"),
    h(136, "bpf_skc_to_tcp6_sock", &[Socket], RetType::KernelOrNull("tcp6_sock"), NET, (5, 9))
        .c("struct tcp6_sock *bpf_skc_to_tcp6_sock(void *sk)",
           "the socket as a tcp6_sock"),
    h(137, "bpf_skc_to_tcp_sock", &[Socket], RetType::KernelOrNull("tcp_sock"), NET, (5, 9))
        .c("struct tcp_sock *bpf_skc_to_tcp_sock(void *sk)",
           "the socket as a tcp_sock"),
    h(138, "bpf_skc_to_tcp_timewait_sock", &[Socket], RetType::KernelOrNull("tcp_timewait_sock"), NET, (5, 9))
        .c("struct tcp_timewait_sock *bpf_skc_to_tcp_timewait_sock(void *sk)",
           "the socket as a tcp_timewait_sock"),
    h(139, "bpf_skc_to_tcp_request_sock", &[Socket], RetType::KernelOrNull("tcp_request_sock"), NET, (5, 9))
        .c("struct tcp_request_sock *bpf_skc_to_tcp_request_sock(void *sk)",
           "the socket as a tcp_request_sock"),
    h(140, "bpf_skc_to_udp6_sock", &[Socket], RetType::KernelOrNull("udp6_sock"), NET, (5, 9))
        .c("struct udp6_sock *bpf_skc_to_udp6_sock(void *sk)",
           "the socket as a udp6_sock"),
    h(141, "bpf_get_task_stack", &[Kernel("task_struct"), MemOut, SizeOrZero, Scalar], INT, ALL, (5, 9))
        .c("long  bpf_get_task_stack(struct task_struct *task, void *buf, u32 size, u64 flags)",
           "stack of a task"),
    h(142, "bpf_load_hdr_opt", &[Ctx, MemOut, Size, Scalar], INT, NONE, (5, 10))
        .c("long  bpf_load_hdr_opt(struct bpf_sock_ops *skops, void *searchby_res, u32 len, u64 flags)",
           "finds a TCP header option"),
    h(143, "bpf_store_hdr_opt", &[Ctx, Mem, Size, Scalar], INT, NONE, (5, 10)).moves()
        .c("long  bpf_store_hdr_opt(struct bpf_sock_ops *skops, const void *from, u32 len, u64 flags)",
           "writes a TCP header option"),
    h(144, "bpf_reserve_hdr_opt", &[Ctx, Scalar, Scalar], INT, NONE, (5, 10))
        .c("long  bpf_reserve_hdr_opt(struct bpf_sock_ops *skops, u32 len, u64 flags)",
           "reserves room for a TCP header option"),
    h(145, "bpf_inode_storage_get", &[MapPtr, Kernel("inode"), MapValueOrNull, Scalar], RetType::MapValueOrNull, NONE, (5, 10))
        .c("void *bpf_inode_storage_get(void *map, void *inode, void *value, u64 flags)",
           "address of an inode's storage"),
    h(146, "bpf_inode_storage_delete", &[MapPtr, Kernel("inode")], INT, NONE, (5, 10))
        .c("int  bpf_inode_storage_delete(void *map, void *inode)",
           "removes an inode's storage"),
    h(147, "bpf_d_path", &[Kernel("path"), MemOut, SizeOrZero], INT, NONE, (5, 10))
        .c("long  bpf_d_path(struct path *path, char *buf, u32 sz)",
           "full name of a path"),
    h(148, "bpf_copy_from_user", &[MemOut, SizeOrZero, Scalar], INT, ALL, (5, 10)).sleeps()
        .c("long  bpf_copy_from_user(void *dst, u32 size, const void *user_ptr)",
           "reads user memory, may sleep"),
    h(149, "bpf_snprintf_btf", &[MemRw, Size, Mem, Size, Scalar], INT, ALL, (5, 10))
        .c("long  bpf_snprintf_btf(char *str, u32 str_size, struct btf_ptr *ptr, u32 btf_ptr_size, u64 flags)",
           "writes a value of kernel memory as text by its BTF type"),
    h(150, "bpf_seq_printf_btf", &[Kernel("seq_file"), Mem, Size, Scalar], INT, NONE, (5, 10)).gpl()
        .c("long  bpf_seq_printf_btf(struct seq_file *m, struct btf_ptr *ptr, u32 ptr_size, u64 flags)",
           "prints a value of kernel memory to an iterator's file by its BTF type"),
    h(151, "bpf_skb_cgroup_classid", &[Ctx], INT, TC, (5, 10))
        .c("u64  bpf_skb_cgroup_classid(struct __sk_buff *skb)",
           "net_cls class of the packet's socket: 0 here, where packets have none"),
    h(152, "bpf_redirect_neigh", &[Scalar, MemOrNull, SizeOrZero, Scalar], INT, TC, (5, 10))
        .c("long  bpf_redirect_neigh(u32 ifindex, struct bpf_redir_neigh *params, int plen, u64 flags)",
           "sends the packet to a device, filling in the neighbour's address"),
    h(153, "bpf_per_cpu_ptr", &[PercpuKernel, Scalar], RetType::PercpuMemOrNull, ALL, (5, 10))
        .c("void *bpf_per_cpu_ptr(const void *percpu_ptr, u32 cpu)",
           "address of a kernel per-CPU variable on a CPU"),
    h(154, "bpf_this_cpu_ptr", &[PercpuKernel], RetType::PercpuMem, ALL, (5, 10))
        .c("void *bpf_this_cpu_ptr(const void *percpu_ptr)",
           "address of a kernel per-CPU variable on this CPU"),
    h(155, "bpf_redirect_peer", &[Scalar, Scalar], INT, TC, (5, 10))
        .c("long  bpf_redirect_peer(u32 ifindex, u64 flags)",
           "sends the packet to a device's peer in another namespace"),
    h(156, "bpf_task_storage_get", &[MapPtr, KernelOrNull("task_struct"), MapValueOrNull, Scalar], RetType::MapValueOrNull, ALL, (5, 11))
        .c("void *bpf_task_storage_get(void *map, struct task_struct *task, void *value, u64 flags)",
           "address of a task's storage"),
    h(157, "bpf_task_storage_delete", &[MapPtr, KernelOrNull("task_struct")], INT, ALL, (5, 11))
        .c("long  bpf_task_storage_delete(void *map, struct task_struct *task)",
           "removes a task's storage"),
    h(158, "bpf_get_current_task_btf", &[], RetType::KernelTrusted("task_struct"), ALL, (5, 11)).gpl()
        .c("struct task_struct *bpf_get_current_task_btf(void)",
           "the current task"),
    h(159, "bpf_bprm_opts_set", &[Kernel("linux_binprm"), Scalar], INT, NONE, (5, 11))
        .c("long  bpf_bprm_opts_set(struct linux_binprm *bprm, u64 flags)",
           "sets options of an exec"),
    h(160, "bpf_ktime_get_coarse_ns", &[], INT, NET, (5, 11)).free()
        .c("u64  bpf_ktime_get_coarse_ns(void)",
           "coarse monotonic clock in ns: the capture's time here"),
    h(161, "bpf_ima_inode_hash", &[Kernel("inode"), MemOut, Size], INT, NONE, (5, 11)).sleeps()
        .c("long  bpf_ima_inode_hash(struct inode *inode, void *dst, u32 size)",
           "measured hash of an inode"),
    h(162, "bpf_sock_from_file", &[Kernel("file")], RetType::KernelOrNull("socket"), NONE, (5, 11))
        .c("struct socket *bpf_sock_from_file(struct file *file)",
           "socket of a file"),
    h(163, "bpf_check_mtu", &[Ctx, Scalar, FixedMemRw(4), Scalar, Scalar], INT, TC_XDP, (5, 12)).gpl()
        .c("long  bpf_check_mtu(void *ctx, u32 ifindex, u32 *mtu_len, s32 len_diff, u64 flags)",
           "whether the packet fits a device's MTU"),
    h(164, "bpf_for_each_map_elem", &[MapPtr, Func, StackOrNull, Scalar], INT, ALL, (5, 13))
        .c("long  bpf_for_each_map_elem(void *map, void *callback_fn, void *callback_ctx, u64 flags)",
           "calls a function for each value of a map"),
    h(165, "bpf_snprintf", &[MemRwOrNull, SizeOrZero, ConstStr, MemOrNull, SizeOrZero], INT, ALL, (5, 13)).gpl()
        .c("long  bpf_snprintf(char *str, u32 str_size, const char *fmt, u64 *data, u32 data_len)",
           "formats into a string"),
    h(166, "bpf_sys_bpf", &[Scalar, Mem, Size], INT, NONE, (5, 14))
        .c("long  bpf_sys_bpf(u32 cmd, void *attr, u32 attr_size)",
           "a bpf(2) command"),
    h(167, "bpf_btf_find_by_name_kind", &[Mem, SizeOrZero, Scalar, Scalar], INT, NONE, (5, 14))
        .c("long  bpf_btf_find_by_name_kind(char *name, int name_sz, u32 kind, int flags)",
           "finds a BTF type"),
    h(168, "bpf_sys_close", &[Scalar], INT, NONE, (5, 14))
        .c("long  bpf_sys_close(u32 fd)",
           "closes a descriptor"),
    h(169, "bpf_timer_init", &[Timer, MapPtr, Scalar], INT, ALL, (5, 15)).gpl()
        .c("long  bpf_timer_init(struct bpf_timer *timer, void *map, u64 flags)",
           "prepares the timer in a map value"),
    h(170, "bpf_timer_set_callback", &[Timer, Func], INT, ALL, (5, 15)).gpl()
        .c("long  bpf_timer_set_callback(struct bpf_timer *timer, void *callback_fn)",
           "sets what a timer calls"),
    h(171, "bpf_timer_start", &[Timer, Scalar, Scalar], INT, ALL, (5, 15)).gpl()
        .c("long  bpf_timer_start(struct bpf_timer *timer, u64 nsecs, u64 flags)",
           "starts a timer"),
    h(172, "bpf_timer_cancel", &[Timer], INT, ALL, (5, 15)).gpl()
        .c("long  bpf_timer_cancel(struct bpf_timer *timer)",
           "stops a timer"),
    h(173, "bpf_get_func_ip", &[Ctx], INT, TRACING, (5, 15)).gpl()
        .c("u64  bpf_get_func_ip(void *ctx)",
           "address of the traced function"),
    h(174, "bpf_get_attach_cookie", &[Ctx], INT, TRACING, (5, 15))
        .c("u64  bpf_get_attach_cookie(void *ctx)",
           "number that was given when the program was attached"),
    h(175, "bpf_task_pt_regs", &[Kernel("task_struct")], RetType::Kernel("pt_regs"), ALL, (5, 15)).gpl()
        .c("long  bpf_task_pt_regs(struct task_struct *task)",
           "registers of a task at its entry into the kernel"),
    h(176, "bpf_get_branch_snapshot", &[MemOut, SizeOrZero], INT, ALL, (5, 16)).gpl()
        .c("long  bpf_get_branch_snapshot(void *entries, u32 size, u64 flags)",
           "the last branches taken"),
    h(177, "bpf_trace_vprintk", &[Mem, Size, MemOrNull, SizeOrZero], INT, ALL, (5, 16)).gpl()
        .c("long  bpf_trace_vprintk(const char *fmt, u32 fmt_size, const void *data, u32 data_len)",
           "writes a line to the trace pipe, arguments in an array; returns the line's length"),
    h(178, "bpf_skc_to_unix_sock", &[Socket], RetType::KernelOrNull("unix_sock"), NET, (5, 16))
        .c("struct unix_sock *bpf_skc_to_unix_sock(void *sk)",
           "the socket as a unix_sock"),
    h(179, "bpf_kallsyms_lookup_name", &[Mem, SizeOrZero, Scalar, LongOut], INT, NONE, (5, 16))
        .c("long  bpf_kallsyms_lookup_name(const char *name, int name_sz, int flags, u64 *res)",
           "address of a kernel symbol"),
    h(180, "bpf_find_vma", &[Kernel("task_struct"), Scalar, Func, StackOrNull, Scalar], INT, ALL, (5, 17))
        .c("long  bpf_find_vma(struct task_struct *task, u64 addr, void *callback_fn, void *callback_ctx, u64 flags)",
           "calls a function with the memory area of an address"),
    h(181, "bpf_loop", &[Scalar, Func, StackOrNull, Scalar], INT, ALL, (5, 17))
        .c("long  bpf_loop(u32 nr_loops, void *callback_fn, void *callback_ctx, u64 flags)",
           "calls a function a number of times"),
    h(182, "bpf_strncmp", &[Mem, Size, ConstStr], INT, ALL, (5, 17)).free()
        .c("long  bpf_strncmp(const char *s1, u32 s1_sz, const char *s2)",
           "compares a string with a constant one"),
    h(183, "bpf_get_func_arg", &[Ctx, Scalar, LongOut], INT, NONE, (5, 17))
        .c("long  bpf_get_func_arg(void *ctx, u32 n, u64 *value)",
           "argument of the traced function"),
    h(184, "bpf_get_func_ret", &[Ctx, LongOut], INT, NONE, (5, 17))
        .c("long  bpf_get_func_ret(void *ctx, u64 *value)",
           "return value of the traced function"),
    h(185, "bpf_get_func_arg_cnt", &[Ctx], INT, NONE, (5, 17))
        .c("long  bpf_get_func_arg_cnt(void *ctx)",
           "number of arguments of the traced function"),
    h(186, "bpf_get_retval", &[], INT, NONE, (5, 18))
        .c("int  bpf_get_retval(void)",
           "return value that the system call will have"),
    h(187, "bpf_set_retval", &[Scalar], INT, NONE, (5, 18))
        .c("int  bpf_set_retval(int retval)",
           "sets the return value that the system call will have"),
    h(188, "bpf_xdp_get_buff_len", &[Ctx], INT, XDP, (5, 18))
        .c("u64  bpf_xdp_get_buff_len(struct xdp_md *xdp_md)",
           "bytes of packet, fragments included"),
    h(189, "bpf_xdp_load_bytes", &[Ctx, Scalar, MemOut, Size], INT, XDP, (5, 18))
        .c("long  bpf_xdp_load_bytes(struct xdp_md *xdp_md, u32 offset, void *buf, u32 len)",
           "copies packet bytes from an offset"),
    h(190, "bpf_xdp_store_bytes", &[Ctx, Scalar, Mem, Size], INT, XDP, (5, 18))
        .c("long  bpf_xdp_store_bytes(struct xdp_md *xdp_md, u32 offset, void *buf, u32 len)",
           "writes bytes into the packet"),
    h(191, "bpf_copy_from_user_task", &[MemOut, SizeOrZero, Scalar, Kernel("task_struct"), Scalar], INT, ALL, (5, 18)).gpl().sleeps()
        .c("long  bpf_copy_from_user_task(void *dst, u32 size, const void *user_ptr, struct task_struct *tsk, u64 flags)",
           "reads user memory of a task"),
    h(192, "bpf_skb_set_tstamp", &[Ctx, Scalar, Scalar], INT, TC, (5, 18))
        .c("long  bpf_skb_set_tstamp(struct __sk_buff *skb, u64 tstamp, u32 tstamp_type)",
           "sets the time to send at and its clock"),
    h(193, "bpf_ima_file_hash", &[Kernel("file"), MemOut, Size], INT, NONE, (5, 18)).sleeps()
        .c("long  bpf_ima_file_hash(struct file *file, void *dst, u32 size)",
           "measured hash of a file"),
    h(194, "bpf_kptr_xchg", &[KptrSlot, KptrOrNull], RetType::KptrOrNull, ALL, (5, 19))
        .c("void *bpf_kptr_xchg(void *map_value, void *ptr)",
           "exchanges a kernel pointer in a map value"),
    h(195, "bpf_map_lookup_percpu_elem", &[MapPtr, MapKey, Scalar], RetType::MapValueOrNull, ALL, (5, 19)).free().packet()
        .c("void *bpf_map_lookup_percpu_elem(void *map, const void *key, u32 cpu)",
           "address of another CPU's value under a key"),
    h(196, "bpf_skc_to_mptcp_sock", &[SockCommon], RetType::KernelOrNull("mptcp_sock"), NET, (5, 19))
        .c("struct mptcp_sock *bpf_skc_to_mptcp_sock(void *sk)",
           "the socket as an mptcp_sock"),
    h(197, "bpf_dynptr_from_mem", &[MemOut, SizeOrZero, Scalar, DynptrOut], INT, ALL, (5, 19))
        .c("long  bpf_dynptr_from_mem(void *data, u32 size, u64 flags, struct bpf_dynptr *ptr)",
           "dynptr to memory of a map value"),
    h(198, "bpf_ringbuf_reserve_dynptr", &[MapPtr, Scalar, Scalar, DynptrRecordOut], INT, ALL, (5, 19))
        .c("long  bpf_ringbuf_reserve_dynptr(void *ringbuf, u32 size, u64 flags, struct bpf_dynptr *ptr)",
           "dynptr to a new record of a ring buffer"),
    h(199, "bpf_ringbuf_submit_dynptr", &[DynptrRecord, Scalar], RetType::Void, ALL, (5, 19))
        .c("void  bpf_ringbuf_submit_dynptr(struct bpf_dynptr *ptr, u64 flags)",
           "hands a dynptr's record to user space"),
    h(200, "bpf_ringbuf_discard_dynptr", &[DynptrRecord, Scalar], RetType::Void, ALL, (5, 19))
        .c("void  bpf_ringbuf_discard_dynptr(struct bpf_dynptr *ptr, u64 flags)",
           "gives a dynptr's record up"),
    h(201, "bpf_dynptr_read", &[MemOut, SizeOrZero, Dynptr, Scalar, Scalar], INT, ALL, (5, 19))
        .c("long  bpf_dynptr_read(void *dst, u32 len, const struct bpf_dynptr *src, u32 offset, u64 flags)",
           "reads from a dynptr"),
    h(202, "bpf_dynptr_write", &[Dynptr, Scalar, Mem, SizeOrZero, Scalar], INT, ALL, (5, 19))
        .c("long  bpf_dynptr_write(const struct bpf_dynptr *dst, u32 offset, void *src, u32 len, u64 flags)",
           "writes to a dynptr"),
    h(203, "bpf_dynptr_data", &[Dynptr, Scalar, AllocSize], RetType::MemOrNull, ALL, (5, 19))
        .c("void *bpf_dynptr_data(const struct bpf_dynptr *ptr, u32 offset, u32 len)",
           "address of a dynptr's memory"),
    h(204, "bpf_tcp_raw_gen_syncookie_ipv4", &[FixedMem(20), Mem, SizeOrZero], INT, TC_XDP, (6, 0)).gpl().packet()
        .c("s64  bpf_tcp_raw_gen_syncookie_ipv4(struct iphdr *iph, struct tcphdr *th, u32 th_len)",
           "makes a SYN cookie for an IPv4 packet, without a socket"),
    h(205, "bpf_tcp_raw_gen_syncookie_ipv6", &[FixedMem(40), Mem, SizeOrZero], INT, TC_XDP, (6, 0)).gpl().packet()
        .c("s64  bpf_tcp_raw_gen_syncookie_ipv6(struct ipv6hdr *iph, struct tcphdr *th, u32 th_len)",
           "makes a SYN cookie for an IPv6 packet, without a socket"),
    h(206, "bpf_tcp_raw_check_syncookie_ipv4", &[FixedMem(20), FixedMem(20)], INT, TC_XDP, (6, 0)).gpl().packet()
        .c("long  bpf_tcp_raw_check_syncookie_ipv4(struct iphdr *iph, struct tcphdr *th)",
           "whether an IPv4 packet has a valid SYN cookie"),
    h(207, "bpf_tcp_raw_check_syncookie_ipv6", &[FixedMem(40), FixedMem(20)], INT, TC_XDP, (6, 0)).gpl().packet()
        .c("long  bpf_tcp_raw_check_syncookie_ipv6(struct ipv6hdr *iph, struct tcphdr *th)",
           "whether an IPv6 packet has a valid SYN cookie"),
    h(208, "bpf_ktime_get_tai_ns", &[], INT, ALL, (6, 1)).free()
        .c("u64  bpf_ktime_get_tai_ns(void)",
           "TAI clock in ns: the capture's time here"),
    h(209, "bpf_user_ringbuf_drain", &[MapPtr, Func, StackOrNull, Scalar], INT, ALL, (6, 1))
        .c("long  bpf_user_ringbuf_drain(void *map, void *callback_fn, void *ctx, u64 flags)",
           "calls a function for each record of a user ring buffer"),
    h(210, "bpf_cgrp_storage_get", &[MapPtr, KernelOrNull("cgroup"), MapValueOrNull, Scalar], RetType::MapValueOrNull, ALL, (6, 2))
        .c("void *bpf_cgrp_storage_get(void *map, struct cgroup *cgroup, void *value, u64 flags)",
           "address of a cgroup's storage"),
    h(211, "bpf_cgrp_storage_delete", &[MapPtr, KernelOrNull("cgroup")], INT, ALL, (6, 2))
        .c("long  bpf_cgrp_storage_delete(void *map, struct cgroup *cgroup)",
           "removes a cgroup's storage"),
];
