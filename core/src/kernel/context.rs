//! The fields of the contexts that programs get: `struct __sk_buff` and `struct xdp_md` (`linux/bpf.h`).
//!
//! What a program type may read and write is the kernel's `is_valid_access` rules, asked of Linux 6.18 field by field
//! (`tests/helpers`). A program never touches such a struct in memory: each access is translated to the
//! `sk_buff` or `xdp_buff` behind it, which `vm::context` does here.

use super::{KernelVersion, ProgType, ProgTypes};

/// A field of a context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CtxField {
    /// Its name; elements of an array have one field together.
    pub name: &'static str,
    /// Offset in bytes.
    pub offset: u16,
    /// Bytes, of the whole array where it is one.
    pub size: u16,
    /// Program types that may read it.
    pub read: ProgTypes,
    /// Program types that may write it.
    pub write: ProgTypes,
    /// What a load gives.
    pub kind: CtxKind,
    /// Which part of it an access may take.
    pub access: CtxAccess,
    /// The kernel that it came in.
    pub since: KernelVersion,
    /// One line on what it is.
    pub doc: &'static str,
}

/// What a load of a context field gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CtxKind {
    /// A number.
    Scalar,
    /// Address of the first packet byte, from a 32-bit load.
    PacketStart,
    /// Address after the last packet byte, from a 32-bit load.
    PacketEnd,
    /// Address of the metadata before the packet, from a 32-bit load.
    PacketMeta,
    /// Address of a socket, or null.
    Socket,
    /// Address of the flow dissector's keys.
    FlowKeys,
}

/// Which part of a context field an access may take; always aligned to its own size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CtxAccess {
    /// All of it: that many bytes (of an array: one element).
    Whole(u8),
    /// Stores take four bytes, loads any part of them: the value's little-endian bytes. The kernel keeps that many bytes
    /// of it; a load of as many or more gives the whole value, wherever within the field it starts.
    Narrow(u8),
    /// One, two, four or eight bytes within it, as if it were memory.
    Bytes,
}

impl CtxField {
    /// Whether a program of that type may access `size` bytes at `offset` of the context, which is within this field.
    pub fn permits(&self, prog_type: ProgType, offset: u32, size: u8, write: bool) -> bool {
        let types = if write { self.write } else { self.read };
        let (size32, end) = (size as u32, self.offset as u32 + self.size as u32);
        let part = match self.access {
            CtxAccess::Whole(whole) => size == whole,
            CtxAccess::Narrow(_) => size == 4 || (!write && size < 4),
            CtxAccess::Bytes => size <= 8,
        };
        part && types.contains(prog_type) && offset.is_multiple_of(size32) && offset + size32 <= end
    }
}

/// The fields of the context of that program type, in order of offset; empty for a context that is no struct of
/// packets (tracing programs).
pub const fn context_fields(prog_type: ProgType) -> &'static [CtxField] {
    match prog_type {
        ProgType::Xdp => XDP_MD,
        _ if ProgTypes::SKB.contains(prog_type) => SK_BUFF,
        _ => &[],
    }
}

/// The field that holds the byte at `offset` of that program type's context.
pub fn context_field_at(prog_type: ProgType, offset: u32) -> Option<&'static CtxField> {
    let fields = context_fields(prog_type);
    let after = fields.partition_point(|f| f.offset as u32 <= offset);
    fields[..after].last().filter(|f| offset < f.offset as u32 + f.size as u32)
}

const SKB: ProgTypes = ProgTypes::SKB;
const XDP: ProgTypes = ProgTypes::XDP;
const TC: ProgTypes = ProgTypes::TC;
const CGROUP: ProgTypes = ProgTypes::of(&[ProgType::CgroupSkb]);
const TC_CGROUP: ProgTypes = TC.and(CGROUP);
const NONE: ProgTypes = ProgTypes::NONE;

/// One row; the arguments are in the order of [`CtxField`]'s fields.
#[allow(clippy::too_many_arguments, reason = "a row of the table")]
const fn row(
    name: &'static str,
    offset: u16,
    size: u16,
    read: ProgTypes,
    write: ProgTypes,
    kind: CtxKind,
    access: CtxAccess,
    since: (u8, u8),
    doc: &'static str,
) -> CtxField {
    let since = KernelVersion::new(since.0, since.1);
    CtxField { name, offset, size, read, write, kind, access, since, doc }
}

/// `struct __sk_buff`. The padding after `tstamp_type` is no field.
#[rustfmt::skip]
const SK_BUFF: &[CtxField] = {
    use CtxAccess::{Bytes, Narrow, Whole};
    use CtxKind::{FlowKeys, PacketEnd, PacketMeta, PacketStart, Scalar, Socket};
    &[
        row("len", 0, 4, SKB, NONE, Scalar, Narrow(4), (4, 1), "bytes of packet"),
        row("pkt_type", 4, 4, SKB, NONE, Scalar, Narrow(1), (4, 1), "PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4"),
        row("mark", 8, 4, SKB, TC_CGROUP, Scalar, Narrow(4), (4, 1), "mark for routing and netfilter"),
        row("queue_mapping", 12, 4, SKB, TC, Scalar, Narrow(2), (4, 1), "queue of a multiqueue device plus 1, 0 none; 65535 and more are not stored"),
        row("protocol", 16, 4, SKB, NONE, Scalar, Narrow(2), (4, 1), "EtherType, network byte order: bpf_htons(ETH_P_IP)"),
        row("vlan_present", 20, 4, SKB, NONE, Scalar, Narrow(4), (4, 1), "1 when there is a VLAN tag beside the frame"),
        row("vlan_tci", 24, 4, SKB, NONE, Scalar, Narrow(2), (4, 1), "that tag's priority and VLAN number"),
        row("vlan_proto", 28, 4, SKB, NONE, Scalar, Narrow(2), (4, 1), "that tag's EtherType, network byte order"),
        row("priority", 32, 4, SKB, TC_CGROUP, Scalar, Narrow(4), (4, 1), "queueing priority"),
        row("ingress_ifindex", 36, 4, SKB, NONE, Scalar, Narrow(4), (4, 2), "device that it came in on, 0 for a packet made here"),
        row("ifindex", 40, 4, SKB, NONE, Scalar, Narrow(4), (4, 2), "device that it is on"),
        row("tc_index", 44, 4, SKB, TC, Scalar, Narrow(2), (4, 2), "index of the traffic control class, 16 bits"),
        row("cb", 48, 20, SKB, SKB, Scalar, Bytes, (4, 2), "five words for programs to pass on, zero at first"),
        row("hash", 68, 4, SKB, NONE, Scalar, Narrow(4), (4, 3), "hash of the flow, 0 until computed"),
        row("tc_classid", 72, 4, TC, TC, Scalar, Narrow(2), (4, 4), "class that a classifier in direct-action mode chooses, 16 bits"),
        row("data", 76, 4, TC_CGROUP, NONE, PacketStart, Whole(4), (4, 7), "first byte of the packet"),
        row("data_end", 80, 4, TC_CGROUP, NONE, PacketEnd, Whole(4), (4, 7), "end of the packet"),
        row("napi_id", 84, 4, SKB, NONE, Scalar, Narrow(4), (4, 12), "NAPI instance that received it, 0 none"),
        row("family", 88, 4, CGROUP, NONE, Scalar, Narrow(2), (4, 14), "address family of the socket"),
        row("remote_ip4", 92, 4, CGROUP, NONE, Scalar, Whole(4), (4, 14), "the socket's remote address, network byte order"),
        row("local_ip4", 96, 4, CGROUP, NONE, Scalar, Whole(4), (4, 14), "the socket's local address, network byte order"),
        row("remote_ip6", 100, 16, CGROUP, NONE, Scalar, Whole(4), (4, 14), "the socket's remote address, network byte order"),
        row("local_ip6", 116, 16, CGROUP, NONE, Scalar, Whole(4), (4, 14), "the socket's local address, network byte order"),
        row("remote_port", 132, 4, CGROUP, NONE, Scalar, Narrow(2), (4, 14), "the socket's remote port, network byte order"),
        row("local_port", 136, 4, CGROUP, NONE, Scalar, Narrow(2), (4, 14), "the socket's local port, host byte order"),
        row("data_meta", 140, 4, TC, NONE, PacketMeta, Whole(4), (4, 15), "metadata before the packet, as XDP left it; data when there is none"),
        row("flow_keys", 144, 8, NONE, NONE, FlowKeys, Whole(8), (4, 20), "keys of a flow dissector program"),
        row("tstamp", 152, 8, TC_CGROUP, TC_CGROUP, Scalar, Whole(8), (5, 0), "time to send at or time of arrival, ns; 0 none"),
        row("wire_len", 160, 4, TC, NONE, Scalar, Narrow(4), (5, 0), "bytes on the wire, each segment's headers counted"),
        row("gso_segs", 164, 4, SKB, NONE, Scalar, Narrow(2), (5, 1), "segments that it stands for, 0 when it is not to be segmented"),
        row("sk", 168, 8, SKB, NONE, Socket, Whole(8), (5, 1), "socket of the packet; null unless a program has given it to one"),
        row("gso_size", 176, 4, SKB, NONE, Scalar, Narrow(2), (5, 7), "payload bytes of a segment, 0 when it is not to be segmented"),
        row("tstamp_type", 180, 1, TC, NONE, Scalar, Whole(1), (5, 18), "clock of tstamp: 0 real time or none, 1 monotonic, 2 TAI"),
        row("hwtstamp", 184, 8, TC_CGROUP, NONE, Scalar, Whole(8), (5, 16), "time of arrival by the device's clock, ns; 0 none"),
    ]
};

/// `struct xdp_md`.
#[rustfmt::skip]
const XDP_MD: &[CtxField] = {
    use CtxAccess::Whole;
    use CtxKind::{PacketEnd, PacketMeta, PacketStart, Scalar};
    &[
        row("data", 0, 4, XDP, NONE, PacketStart, Whole(4), (4, 8), "first byte of the packet"),
        row("data_end", 4, 4, XDP, NONE, PacketEnd, Whole(4), (4, 8), "end of the packet"),
        row("data_meta", 8, 4, XDP, NONE, PacketMeta, Whole(4), (4, 15), "metadata before the packet; data when there is none"),
        row("ingress_ifindex", 12, 4, XDP, NONE, Scalar, Whole(4), (4, 16), "device that it came in on"),
        row("rx_queue_index", 16, 4, XDP, NONE, Scalar, Whole(4), (4, 16), "receive queue that it came in on"),
        row("egress_ifindex", 20, 4, NONE, NONE, Scalar, Whole(4), (5, 8), "device that it goes out of; only for programs in a device map"),
    ]
};
