//! What is known of the kernel's structures: one row a field.

use std::net::{IpAddr, SocketAddr};

use super::Thing;
use crate::kernel::{MapDef, map_flags};
use crate::net::network::{Prefix, Socket, Transport};
use crate::net::{Interface, SkBuff};
use crate::vm::context::packet_addr;
use crate::vm::env::Env;

/// What a field's value may depend on.
pub(super) struct Seen<'a> {
    pub env: &'a Env,
    pub skb: &'a SkBuff,
    /// The socket that is looked at, if it is one.
    pub socket: Option<&'a Socket>,
    /// The map, likewise.
    pub map: Option<&'a MapDef>,
}

/// A field of a structure, and its value.
pub(super) struct Fact {
    pub of: Thing,
    /// The structure that has the field, which begins where the thing does.
    pub structure: &'static str,
    /// Names of members, the outermost first, with dots in between.
    pub field: &'static str,
    /// Its little-endian bytes; what the field has no room for is cut, what they do not reach is zero. `None` where the
    /// thing has no such field.
    pub value: fn(&Seen<'_>) -> Option<Vec<u8>>,
}

/// A number as bytes.
fn number(value: impl Into<u64>) -> Option<Vec<u8>> {
    Some(value.into().to_le_bytes().to_vec())
}

/// A signed number.
fn signed(value: i64) -> Option<Vec<u8>> {
    Some(value.to_le_bytes().to_vec())
}

/// A number in network order.
fn network(value: u16) -> Option<Vec<u8>> {
    Some(value.to_be_bytes().to_vec())
}

const fn row(of: Thing, structure: &'static str, field: &'static str, value: fn(&Seen<'_>) -> Option<Vec<u8>>) -> Fact {
    Fact { of, structure, field, value }
}

/// `PF_IDLE | PF_KTHREAD`.
const IDLE_FLAGS: u64 = 0x0020_0002;
/// The nice value 0 as a priority (`DEFAULT_PRIO`).
const PRIORITY: u64 = 120;
/// Room before the packet of a test run (`NET_SKB_PAD + NET_IP_ALIGN`).
const SKB_HEADROOM: i32 = 64;
/// Room before the packet for XDP (`XDP_PACKET_HEADROOM`).
const XDP_HEADROOM: i32 = 256;
/// Memory of a packet for XDP: a page.
const FRAME: u64 = 4096;

const AF_INET: u64 = 2;
const AF_INET6: u64 = 10;
/// `SOCK_STREAM` and `SOCK_DGRAM`.
const STREAM: u64 = 1;
const DATAGRAM: u64 = 2;
/// Segments that may be under way at first (RFC 6928), and the threshold that nobody has met.
const SND_CWND: u64 = 10;
const NO_THRESHOLD: u64 = i32::MAX as u64;
const MSS: u64 = 536;

use Thing::{Cgroup, Device, Map, Node, Queue, Skb, Task, Xdp};

#[rustfmt::skip]
pub(super) const FACTS: &[Fact] = &[
    row(Task, "task_struct", "comm", |_| Some(crate::vm::helpers::IDLE_TASK.to_vec())),
    row(Task, "task_struct", "flags", |_| number(IDLE_FLAGS)),
    row(Task, "task_struct", "prio", |_| number(PRIORITY)),
    row(Task, "task_struct", "static_prio", |_| number(PRIORITY)),
    row(Task, "task_struct", "normal_prio", |_| number(PRIORITY)),
    row(Task, "task_struct", "group_leader", |_| number(Task.addr())),
    row(Task, "task_struct", "real_parent", |_| number(Task.addr())),
    row(Task, "task_struct", "parent", |_| number(Task.addr())),

    row(Cgroup, "cgroup", "self.cgroup", |_| number(Cgroup.addr())),
    row(Cgroup, "cgroup", "max_depth", |_| number(i32::MAX as u64)),
    row(Cgroup, "cgroup", "max_descendants", |_| number(i32::MAX as u64)),
    row(Cgroup, "cgroup", "kn", |_| number(Node.addr())),
    row(Node, "kernfs_node", "id", |_| number(1_u64)),

    row(Skb, "sk_buff", "len", |s| number(s.skb.packet.len() as u64)),
    row(Skb, "sk_buff", "mac_len", |s| number((s.skb.network - s.skb.mac) as u64)),
    row(Skb, "sk_buff", "mark", |s| number(s.skb.notes.mark)),
    row(Skb, "sk_buff", "priority", |s| number(s.skb.notes.priority)),
    row(Skb, "sk_buff", "queue_mapping", |s| number(s.skb.notes.queue_mapping)),
    row(Skb, "sk_buff", "tc_index", |s| number(s.skb.notes.tc_index)),
    row(Skb, "sk_buff", "protocol", |s| network(s.skb.protocol)),
    row(Skb, "sk_buff", "pkt_type", |s| number(s.skb.pkt_type)),
    row(Skb, "sk_buff", "hash", |s| number(s.skb.hash.value)),
    row(Skb, "sk_buff", "l4_hash", |s| number(s.skb.hash.l4)),
    row(Skb, "sk_buff", "sw_hash", |s| number(s.skb.hash.software)),
    row(Skb, "sk_buff", "vlan_proto", |s| network(s.skb.vlan.map_or(0, |vlan| vlan.proto))),
    row(Skb, "sk_buff", "vlan_tci", |s| number(s.skb.vlan.map_or(0, |vlan| vlan.tci))),
    row(Skb, "sk_buff", "skb_iif", |s| number(s.skb.device.ingress_ifindex)),
    row(Skb, "sk_buff", "tstamp", |s| number(s.skb.offloads.tstamp)),
    row(Skb, "sk_buff", "dev", |_| number(Device.addr())),
    row(Skb, "sk_buff", "sk", |s| number(s.skb.sk.map_or(0, super::sock_addr))),
    row(Skb, "sk_buff", "head", |s| number(packet_addr(s.skb.packet.start() - SKB_HEADROOM))),
    row(Skb, "sk_buff", "data", |s| number(packet_addr(s.skb.packet.start()))),
    row(Skb, "sk_buff", "tail", |s| position(s, s.skb.packet.end())),
    row(Skb, "sk_buff", "mac_header", |s| position(s, s.skb.mac)),
    row(Skb, "sk_buff", "network_header", |s| position(s, s.skb.network)),

    row(Xdp, "xdp_buff", "data", |s| number(packet_addr(s.skb.packet.start()))),
    row(Xdp, "xdp_buff", "data_end", |s| number(packet_addr(s.skb.packet.end()))),
    row(Xdp, "xdp_buff", "data_meta", |s| number(packet_addr(s.skb.packet.meta()))),
    row(Xdp, "xdp_buff", "data_hard_start", |_| number(packet_addr(-XDP_HEADROOM))),
    row(Xdp, "xdp_buff", "frame_sz", |_| number(FRAME)),
    row(Xdp, "xdp_buff", "rxq", |_| number(Queue.addr())),
    row(Queue, "xdp_rxq_info", "dev", |_| number(Device.addr())),
    row(Queue, "xdp_rxq_info", "queue_index", |s| number(s.skb.device.rx_queue_index)),

    row(Device, "net_device", "ifindex", |s| number(s.skb.device.ifindex)),
    row(Device, "net_device", "mtu", |s| number(s.env.mtu_of(&s.skb.device, s.skb.device.ifindex)?)),
    row(Device, "net_device", "name", |s| Some(interface(s).map_or("lo", |i| &i.name).as_bytes().to_vec())),

    row(Thing::Socket, "sock_common", "skc_family", |s| number(if is_ipv6(s)? { AF_INET6 } else { AF_INET })),
    row(Thing::Socket, "sock_common", "skc_state", |s| number(s.socket?.state() as u64)),
    row(Thing::Socket, "sock_common", "skc_bound_dev_if", |s| number(s.env.network.bound(s.socket?))),
    row(Thing::Socket, "sock_common", "skc_num", |s| number(s.socket?.local.port())),
    row(Thing::Socket, "sock_common", "skc_dport", |s| network(remote(s)?.port())),
    row(Thing::Socket, "sock_common", "skc_rcv_saddr", |s| ip4(s.socket?.local.ip())),
    row(Thing::Socket, "sock_common", "skc_daddr", |s| ip4(remote(s)?.ip())),
    row(Thing::Socket, "sock_common", "skc_v6_rcv_saddr", |s| ip6(s.socket?, s.socket?.local.ip())),
    row(Thing::Socket, "sock_common", "skc_v6_daddr", |s| ip6(s.socket?, remote(s)?.ip())),
    row(Thing::Socket, "sock", "sk_protocol", |s| number(full(s)?.protocol as u64)),
    row(Thing::Socket, "sock", "sk_type", |s| number(if is_tcp(full(s)?) { STREAM } else { DATAGRAM })),
    row(Thing::Socket, "sock", "sk_mark", |s| number(full(s)?.mark)),
    row(Thing::Socket, "sock", "sk_priority", |s| number(full(s)?.priority)),
    row(Thing::Socket, "sock", "sk_uid", |s| number(full(s)?.uid)),
    row(Thing::Socket, "inet_sock", "inet_sport", |s| network(full(s)?.local.port())),
    row(Thing::Socket, "tcp_sock", "snd_cwnd", |s| tcp(s, SND_CWND)),
    row(Thing::Socket, "tcp_sock", "snd_ssthresh", |s| tcp(s, NO_THRESHOLD)),
    row(Thing::Socket, "tcp_sock", "mss_cache", |s| tcp(s, MSS)),

    row(Map, "bpf_map", "map_type", |s| number(s.map?.map_type.number())),
    row(Map, "bpf_map", "key_size", |s| number(s.map?.key_size)),
    row(Map, "bpf_map", "value_size", |s| number(s.map?.value_size)),
    row(Map, "bpf_map", "max_entries", |s| number(s.map?.max_entries)),
    row(Map, "bpf_map", "map_flags", |s| number(s.map?.prog_flags() & !(map_flags::RDONLY | map_flags::WRONLY))),
    row(Map, "bpf_array", "elem_size", |s| number(array(s)?.value_size.next_multiple_of(8))),
    row(Map, "bpf_array", "index_mask", |s| number(array(s)?.max_entries.next_power_of_two() - 1)),
];

/// The map, if it is an array of values.
fn array<'a>(s: &Seen<'a>) -> Option<&'a MapDef> {
    s.map.filter(|def| def.map_type.is_array())
}

/// A position in the packet, counted from its memory's start.
fn position(s: &Seen<'_>, at: i32) -> Option<Vec<u8>> {
    signed(i64::from(at - s.skb.packet.start() + SKB_HEADROOM))
}

/// The interface that the packet is on.
fn interface<'a>(s: &'a Seen<'_>) -> Option<&'a Interface> {
    s.env.interface(&s.skb.device, s.skb.device.ifindex)
}

fn is_tcp(socket: &Socket) -> bool {
    socket.protocol == Transport::Tcp
}

fn is_ipv6(s: &Seen<'_>) -> Option<bool> {
    s.socket.map(|socket| socket.local.is_ipv6())
}

/// The socket, if it is more than what is left of a connection.
fn full<'a>(s: &Seen<'a>) -> Option<&'a Socket> {
    s.socket.filter(|socket| socket.is_full())
}

/// A number of a TCP socket.
fn tcp(s: &Seen<'_>, value: u64) -> Option<Vec<u8>> {
    full(s).filter(|socket| is_tcp(socket)).and_then(|_| number(value))
}

/// The other end, of zeroes when there is none.
fn remote(s: &Seen<'_>) -> Option<SocketAddr> {
    let socket = s.socket?;
    Some(socket.remote.unwrap_or(SocketAddr::new(Prefix::everything(socket.local.ip()).addr, 0)))
}

/// An address where the kernel has those of IPv4: a socket that has one of IPv6 has a stand-in there.
fn ip4(addr: IpAddr) -> Option<Vec<u8>> {
    match addr {
        IpAddr::V4(addr) => Some(addr.octets().to_vec()),
        IpAddr::V6(addr) if addr.is_unspecified() => None,
        IpAddr::V6(_) => Some(crate::net::network::IPV6_ALONE.to_vec()),
    }
}

/// An address where the kernel has those of IPv6: of an IPv4 connection the mapped one.
fn ip6(socket: &Socket, addr: IpAddr) -> Option<Vec<u8>> {
    match addr {
        IpAddr::V4(addr) => {
            (is_tcp(socket) && socket.remote.is_some()).then(|| addr.to_ipv6_mapped().octets().to_vec())
        }
        IpAddr::V6(addr) => Some(addr.octets().to_vec()),
    }
}
