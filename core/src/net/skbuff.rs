//! [`SkBuff`]: the simulated `struct sk_buff`, one packet with head and tail room and its metadata.
//!
//! One struct serves every hook; an XDP program's `xdp_buff` is the same packet before it has most of
//! the metadata. It is made once and [`SkBuff::reset`] is called for each packet: one copy, no allocation.
//!
//! What `data` begins with, asked of the kernel (6.18):
//!
//! | frame | every hook |
//! |---|---|
//! | Ethernet | the Ethernet header; tc ingress pushes it back, a `SOCK_RAW` packet socket too |
//! | raw IP, cooked, loopback | the network header: such an skb has no MAC header, as from a tun device |
//!
//! VLAN tags. `BPF_PROG_TEST_RUN` gives tc and XDP programs the frame as it is, the tag in it and
//! `protocol` 0x8100; so do [`reset`](SkBuff::reset) and this simulator's tc and XDP hooks. A packet that really
//! arrives is untagged before taps and tc see it (`skb_vlan_untag`): the outer tag moves to `vlan_tci` and
//! `vlan_proto`. A socket filter's oracle is a packet socket, so for it [`SkBuff::untag`] is called.

use super::LinkType;
use super::tunnel::TunnelKey;

/// Bytes of an Ethernet header.
pub const ETH_HLEN: usize = 14;
/// Bytes of an 802.1Q tag.
pub const VLAN_HLEN: usize = 4;
/// Head room of every packet (`XDP_PACKET_HEADROOM`).
pub const HEADROOM: usize = 256;
/// Bytes of head room that the kernel keeps for itself in an XDP frame (`sizeof(struct xdp_frame)`).
pub const XDP_FRAME_SIZE: usize = 40;
/// Bytes that an XDP packet and its head room may use: a page less `struct skb_shared_info`.
pub const XDP_LINEAR_END: usize = 4096 - 320;
/// Longest packet that helpers may make (`BPF_SKB_MAX_LEN`: four pages less `struct skb_shared_info`).
pub const SKB_MAX_LEN: usize = 4 * 4096 - 320;

/// Bytes of the longest frame: the longest IP packet, an Ethernet header and two VLAN tags.
pub const MAX_FRAME: usize = 65_535 + ETH_HLEN + 2 * VLAN_HLEN;

/// `PACKET_HOST` and the other values of `pkt_type` (packet(7)).
pub mod pkt_type {
    /// Addressed to this host.
    pub const HOST: u8 = 0;
    /// Link-layer broadcast.
    pub const BROADCAST: u8 = 1;
    /// Link-layer multicast.
    pub const MULTICAST: u8 = 2;
    /// Addressed to another host.
    pub const OTHERHOST: u8 = 3;
    /// Sent by this host, as a tap sees it.
    pub const OUTGOING: u8 = 4;
}

/// `ETH_P_*` values that the code here names, in host order.
pub mod ethertype {
    /// IPv4.
    pub const IP: u16 = 0x0800;
    /// IPv6.
    pub const IPV6: u16 = 0x86dd;
    /// 802.1Q VLAN tag.
    pub const VLAN: u16 = 0x8100;
    /// 802.1ad service tag.
    pub const QINQ: u16 = 0x88a8;
    /// Novell's raw 802.3, which has no 802.2 header.
    pub const RAW_802_3: u16 = 0x0001;
    /// 802.3 frame with an 802.2 header: the "EtherType" was a length.
    pub const LLC: u16 = 0x0004;
    /// The smallest value that is an EtherType and no length.
    pub const MIN: u16 = 0x0600;

    /// Whether it is a VLAN tag's.
    pub const fn is_vlan(protocol: u16) -> bool {
        matches!(protocol, VLAN | QINQ)
    }
}

/// Packet bytes in one buffer, with room before and after them.
///
/// Positions are relative to the first byte as the packet came in: a packet that grew by 14 bytes at its head starts
/// at -14. So a position stays what it was when the buffer is moved.
#[derive(Clone, Debug, Default)]
pub struct PacketBuf {
    bytes: Vec<u8>,
    base: u32,
    meta: i32,
    start: i32,
    end: i32,
    /// Below this position the head room is zero; at most 0.
    touched: i32,
    /// Where the packet ended at most: what is behind is left over from other packets.
    reached: i32,
}

impl PacketBuf {
    /// Takes a packet in, with [`HEADROOM`] before it.
    #[inline]
    pub fn reset(&mut self, packet: &[u8]) {
        if self.touched < 0 || self.base != HEADROOM as u32 {
            self.clear_head();
        }
        (self.meta, self.start, self.end) = (0, 0, packet.len() as i32);
        self.reached = self.end;
        let end = HEADROOM + packet.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[HEADROOM..end].copy_from_slice(packet);
    }

    /// Position of the first byte, of `data`.
    #[inline]
    pub fn start(&self) -> i32 {
        self.start
    }

    /// Position after the last byte, of `data_end`.
    #[inline]
    pub fn end(&self) -> i32 {
        self.end
    }

    /// Position of the metadata before the packet, of `data_meta`; the same as [`start`](Self::start) when there is none.
    #[inline]
    pub fn meta(&self) -> i32 {
        self.meta
    }

    /// Bytes of packet.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "an skb of no bytes is not a case that anyone asks for")]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    #[inline]
    fn index(&self, position: i32) -> usize {
        self.base.wrapping_add(position as u32) as usize
    }

    /// The packet's bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.index(self.start)..self.index(self.end)]
    }

    /// The packet's bytes, to write.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let range = self.index(self.start)..self.index(self.end);
        &mut self.bytes[range]
    }

    /// `len` bytes at a position within metadata and packet, or `None` if they are not all there.
    #[inline]
    pub fn get(&self, position: i32, len: usize) -> Option<&[u8]> {
        let end = position as i64 + len as i64;
        if position < self.meta || end > self.end as i64 {
            return None;
        }
        let at = self.index(position);
        self.bytes.get(at..at + len)
    }

    /// As [`get`](Self::get), to write.
    #[inline]
    pub fn get_mut(&mut self, position: i32, len: usize) -> Option<&mut [u8]> {
        let end = position as i64 + len as i64;
        if position < self.meta || end > self.end as i64 {
            return None;
        }
        let at = self.index(position);
        self.bytes.get_mut(at..at + len)
    }

    /// `len` bytes at a position that may be in the head room, as for headers before `data`.
    pub(crate) fn get_with_head(&self, position: i32, len: usize) -> Option<&[u8]> {
        let from = usize::try_from(self.base as i64 + position as i64).ok()?;
        if position as i64 + len as i64 > self.end as i64 {
            return None;
        }
        self.bytes.get(from..from + len)
    }

    /// Metadata and packet bytes in one, from [`meta`](Self::meta) to [`end`](Self::end).
    #[inline]
    pub(crate) fn linear_mut(&mut self) -> &mut [u8] {
        let range = self.index(self.meta)..self.index(self.end);
        &mut self.bytes[range]
    }

    /// Exchanges the buffer for plain memory, which becomes a packet without head room, and back.
    pub(crate) fn swap_memory(&mut self, memory: &mut Vec<u8>) {
        std::mem::swap(&mut self.bytes, memory);
        self.base = 0;
        (self.meta, self.start, self.end) = (0, 0, self.bytes.len() as i32);
    }

    /// Sets where the metadata starts; `position` is at most [`start`](Self::start) and within the head room.
    pub(crate) fn set_meta(&mut self, position: i32) {
        debug_assert!(position <= self.start);
        self.grow_head(position);
        self.meta = position;
    }

    /// Moves the start, and the metadata with it (their bytes are moved, as `bpf_xdp_adjust_head` does).
    /// New bytes are what was there, zero if nothing was.
    pub(crate) fn move_start(&mut self, start: i32) {
        let meta_len = (self.start - self.meta) as usize;
        let meta = start - meta_len as i32;
        self.grow_head(meta);
        let (from, to) = (self.index(self.meta), self.index(meta));
        self.bytes.copy_within(from..from + meta_len, to);
        (self.meta, self.start) = (meta, start);
    }

    /// Makes the packet end earlier.
    pub(crate) fn set_end(&mut self, end: i32) {
        self.end = end.clamp(self.start, self.end);
    }

    /// Moves the end; bytes that are new are zero.
    pub(crate) fn move_end(&mut self, end: i32) {
        let (old, new) = (self.index(self.end), self.index(end));
        if new > old {
            if self.bytes.len() < new {
                self.bytes.resize(new, 0);
            }
            self.bytes[old..new].fill(0);
        }
        self.end = end;
        self.reached = self.reached.max(end);
    }

    /// Removes `len` bytes at `offset` into the packet: what is before them moves up.
    pub(crate) fn cut(&mut self, offset: usize, len: usize) {
        let start = self.index(self.start);
        self.bytes.copy_within(start..start + offset, start + len);
        self.start += len as i32;
        self.meta = self.start;
    }

    /// Makes room for `len` zero bytes at `offset` into the packet: what is before them moves down. Of a packet that is
    /// shorter than that, what was cut off behind its end moves too, as in a kernel.
    pub(crate) fn insert(&mut self, offset: usize, len: usize) {
        self.grow_head(self.start - len as i32);
        let start = self.index(self.start);
        if self.bytes.len() < start + offset {
            self.bytes.resize(start + offset, 0);
        }
        let reached = self.index(self.reached.max(self.end));
        if reached < start + offset {
            self.bytes[reached..start + offset].fill(0);
        }
        self.bytes.copy_within(start..start + offset, start - len);
        self.bytes[start - len + offset..start + offset].fill(0);
        self.start -= len as i32;
        self.meta = self.start;
    }

    /// Zeroes what the last packet left in the head room.
    #[cold]
    fn clear_head(&mut self) {
        self.base = HEADROOM as u32;
        self.touched = 0;
        let head = self.bytes.len().min(HEADROOM);
        self.bytes[..head].fill(0);
    }

    /// Sees to it that there is a buffer from that position on.
    fn grow_head(&mut self, position: i32) {
        self.touched = self.touched.min(position);
        let missing = -(self.base as i64 + position as i64);
        if missing > 0 {
            let more = (missing as usize).next_multiple_of(HEADROOM);
            self.bytes.splice(0..0, std::iter::repeat_n(0, more));
            self.base += more as u32;
        }
    }
}

/// A VLAN tag beside the frame, as network devices deliver it (`skb->vlan_proto`, `vlan_tci`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VlanTag {
    /// EtherType of the tag, host order: 0x8100 or 0x88a8.
    pub proto: u16,
    /// Priority, drop eligible bit and VLAN number.
    pub tci: u16,
}

/// The device that a packet is on.
///
/// The default is [`Device::LOOPBACK`], which `BPF_PROG_TEST_RUN` uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    /// Number of the device (`skb->dev->ifindex`).
    pub ifindex: u32,
    /// Number of the device that it came in on (`skb->skb_iif`); 0 for a packet made here.
    pub ingress_ifindex: u32,
    /// Receive queue (`xdp_md.rx_queue_index`).
    pub rx_queue_index: u32,
    /// Device that a devmap sends to (`xdp_md.egress_ifindex`); 0 outside of one.
    pub egress_ifindex: u32,
    /// Number of the NAPI instance; 0 when none.
    pub napi_id: u32,
    /// Whether the packet is at tc ingress of it.
    pub at_ingress: bool,
    /// Whether a control group's programs for what leaves it are asked, and not those for what comes in.
    pub leaving: bool,
    /// Its place among the interfaces of the [`Network`](super::Network), when it is one of them.
    pub interface: Option<u16>,
    /// The device's Ethernet address, by which `pkt_type` tells host from other host.
    pub mac: [u8; 6],
    /// The device's broadcast address.
    pub broadcast: [u8; 6],
}

impl Device {
    /// The loopback device, whose addresses are all zero: unicast packets are `PACKET_OTHERHOST` and even
    /// ff:ff:ff:ff:ff:ff is `PACKET_MULTICAST`.
    pub const LOOPBACK: Device = Device {
        ifindex: 1,
        ingress_ifindex: 0,
        rx_queue_index: 0,
        egress_ifindex: 0,
        napi_id: 0,
        interface: None,
        at_ingress: false,
        leaving: false,
        mac: [0; 6],
        broadcast: [0; 6],
    };

    /// An Ethernet device that the packet came in on. Nobody knows the address of whoever captured it, so unicast
    /// packets are `PACKET_OTHERHOST`, unless [`mac`](Self::mac) is set.
    pub const ETHERNET: Device = Device { ifindex: 2, ingress_ifindex: 2, broadcast: [0xff; 6], ..Device::LOOPBACK };
}

impl Default for Device {
    fn default() -> Device {
        Device::LOOPBACK
    }
}

/// What queueing disciplines and their programs note on a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Notes {
    /// `skb->mark`.
    pub mark: u32,
    /// `skb->priority`.
    pub priority: u32,
    /// `skb->queue_mapping`: 0 none, else the queue + 1.
    pub queue_mapping: u16,
    /// `skb->tc_index`.
    pub tc_index: u16,
    /// `qdisc_skb_cb(skb)->tc_classid`.
    pub tc_classid: u16,
    /// Control block: five words for programs.
    pub cb: [u32; 5],
}

/// What segmentation and time stamping offloads know of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Offloads {
    /// Bytes on the wire, headers of every segment included.
    pub wire_len: u32,
    /// Segments; 0 when the packet is not to be segmented.
    pub gso_segs: u16,
    /// Payload bytes of a segment; 0 when the packet is not to be segmented.
    pub gso_size: u16,
    /// `skb->tstamp`: delivery or receive time in ns; 0 none.
    pub tstamp: u64,
    /// Clock of `tstamp`: 0 unspecified or real time, 1 monotonic, 2 TAI.
    pub tstamp_type: u8,
    /// Hardware receive time in ns; 0 none.
    pub hwtstamp: u64,
    /// Whether a program has put outer headers before it (`skb->encapsulation`).
    pub encapsulated: bool,
}

/// The flow's hash, and how far to trust it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FlowHash {
    /// `skb->hash`; 0 when not computed.
    pub value: u32,
    /// Covers ports too (`skb->l4_hash`): kept until invalidated.
    pub l4: bool,
    /// Computed here and not by a device (`skb->sw_hash`).
    pub software: bool,
}

/// A packet: bytes with head and tail room, and the metadata that `struct __sk_buff` and `struct xdp_md` show.
#[derive(Clone, Debug, Default)]
pub struct SkBuff {
    /// The bytes.
    pub packet: PacketBuf,
    /// Position of the MAC header; equal to [`network`](Self::network) when there is none.
    pub mac: i32,
    /// Position of the network header.
    pub network: i32,
    /// EtherType, host order (`skb->protocol` in network order).
    pub protocol: u16,
    /// One of [`pkt_type`].
    pub pkt_type: u8,
    /// VLAN tag beside the frame.
    pub vlan: Option<VlanTag>,
    /// Flow hash.
    pub hash: FlowHash,
    /// Where it is.
    pub device: Device,
    /// Mark, priority, classes, control block.
    pub notes: Notes,
    /// Segmentation and time stamps.
    pub offloads: Offloads,
    /// Bytes at the end of the packet as it came in that its capture does not have: they are zero here.
    pub missing: u32,
    /// The socket that a program has given the packet to, by its place in the scenario's list.
    pub sk: Option<u16>,
    /// What a program has said of the tunnel that the packet is to leave through.
    pub tunnel: Option<Box<TunnelKey>>,
}

impl SkBuff {
    /// An empty packet on a device; [`reset`](Self::reset) fills it.
    pub fn new(device: Device) -> SkBuff {
        SkBuff { device, ..SkBuff::default() }
    }

    /// Takes in a packet as captured. Ethernet frames stay whole ([`reset_ethernet`](Self::reset_ethernet)); of any
    /// other link type the network layer is kept, `protocol` and (cooked captures) `pkt_type` come from the
    /// link header. When that header is cut off or unknown, the bytes are kept as they are with protocol 0.
    #[inline]
    pub fn reset(&mut self, data: &[u8], link: LinkType) {
        if link == LinkType::Ethernet {
            return self.reset_ethernet(data);
        }
        match link.l3(data) {
            Some(l3) => self.reset_l3(&data[l3.offset..], l3.protocol),
            None => self.reset_l3(data, 0),
        }
        let cooked = match link {
            LinkType::LinuxSll => data.get(1),
            LinkType::LinuxSll2 => data.get(10),
            _ => None,
        };
        if let Some(&cooked) = cooked {
            self.pkt_type = cooked & 7;
        }
    }

    /// Makes the packet as long as it was on the wire, where a capture has only its beginning: what is not known is zero. Of
    /// a packet longer than any can be nothing is added.
    pub fn complete(&mut self, orig_len: u32, captured: usize) {
        let missing = (orig_len as usize).saturating_sub(captured);
        if missing == 0 || self.packet.len() + missing > MAX_FRAME {
            return;
        }
        self.packet.move_end(self.packet.end + missing as i32);
        self.missing = missing as u32;
        self.offloads.wire_len = self.packet.len() as u32;
    }

    /// Bytes at the end of the packet that its capture does not have, as far as they are still there.
    pub fn unknown(&self) -> usize {
        let end = self.packet.bytes().iter().rev().take(self.missing as usize);
        end.take_while(|byte| **byte == 0).count()
    }

    /// Takes in an Ethernet frame: `protocol` and `pkt_type` as `eth_type_trans` finds them, the rest as of a new skb.
    ///
    /// A frame shorter than an Ethernet header has protocol 0.
    #[inline]
    pub fn reset_ethernet(&mut self, frame: &[u8]) {
        self.packet.reset(frame);
        self.mac = 0;
        self.network = frame.len().min(ETH_HLEN) as i32;
        (self.protocol, self.pkt_type) = match frame.first_chunk::<ETH_HLEN>() {
            Some(h) => (
                frame_protocol(u16::from_be_bytes([h[12], h[13]]), &frame[ETH_HLEN..]),
                destination(&h[..6], &self.device),
            ),
            None => (0, pkt_type::HOST),
        };
        self.reset_metadata();
    }

    /// Takes in a packet without link header: `protocol` (host order) tells what it begins with.
    #[inline]
    pub fn reset_l3(&mut self, packet: &[u8], protocol: u16) {
        self.packet.reset(packet);
        (self.mac, self.network) = (0, 0);
        (self.protocol, self.pkt_type) = (protocol, pkt_type::HOST);
        self.reset_metadata();
    }

    #[inline]
    fn reset_metadata(&mut self) {
        self.vlan = None;
        self.tunnel = None;
        self.sk = None;
        self.missing = 0;
        self.hash = FlowHash::default();
        self.notes = Notes::default();
        self.offloads = Offloads { wire_len: self.packet.len() as u32, ..Offloads::default() };
    }

    /// Whether there is a MAC header before the network header.
    pub fn has_mac_header(&self) -> bool {
        self.mac < self.network
    }

    /// The MAC header, be it in the packet or before it.
    pub fn mac_header(&self) -> Option<&[u8]> {
        let len = usize::try_from(self.network - self.mac).ok()?;
        self.packet.get_with_head(self.mac, len).filter(|header| !header.is_empty())
    }

    /// Makes the packet start with its network header, as socket programs of a cgroup get it; the MAC header stays before
    /// it, where loads relative to it find it.
    pub fn pull_mac_header(&mut self) {
        self.packet.start = self.network.min(self.packet.end);
        self.packet.meta = self.packet.start;
        self.rebase();
        self.offloads.wire_len = self.packet.len() as u32;
    }

    /// Undoes [`pull_mac_header`](Self::pull_mac_header): the packet starts with its MAC header again.
    pub fn push_mac_header(&mut self) {
        self.packet.start = self.mac.min(self.packet.start);
        self.packet.meta = self.packet.start;
        self.rebase();
        self.offloads.wire_len = self.packet.len() as u32;
    }

    /// The EtherType after the VLAN tags in the frame (`vlan_get_protocol`); 0 when a tag is cut off.
    pub(crate) fn protocol_after_tags(&self) -> u16 {
        let mut protocol = self.protocol;
        // The type of what follows the MAC header stands in its last two bytes, that of what follows a tag in the tag's.
        let mut at = self.network - 2;
        while ethertype::is_vlan(protocol) {
            at += VLAN_HLEN as i32;
            let Some(&[high, low]) = self.packet.get(at, 2) else { return 0 };
            protocol = u16::from_be_bytes([high, low]);
        }
        protocol
    }

    /// Moves an outer VLAN tag out of the frame into [`vlan`](Self::vlan), as the kernel does with each packet received
    /// (`skb_vlan_untag`). Nothing happens when there is no whole tag, or one is beside the frame already.
    pub fn untag(&mut self) {
        if self.vlan.is_none() && ethertype::is_vlan(self.protocol) && self.has_mac_header() {
            let proto = self.protocol;
            if let Some(tci) = self.remove_tag() {
                self.vlan = Some(VlanTag { proto, tci });
                self.rebase();
            }
        }
    }

    /// Makes the first byte's position 0, as when the packet came in like this.
    fn rebase(&mut self) {
        let by = self.packet.start;
        self.packet.base = self.packet.base.wrapping_add(by as u32);
        self.packet.meta -= by;
        self.packet.reached -= by;
        self.packet.end -= by;
        self.packet.start = 0;
        self.mac -= by;
        self.network -= by;
    }

    /// Removes the tag in the frame, which must start with its MAC header: gives its TCI, or `None` when the frame is
    /// too short to have one. `protocol` becomes the next EtherType.
    pub(crate) fn remove_tag(&mut self) -> Option<u16> {
        let frame = self.packet.bytes();
        let tag = frame.get(ETH_HLEN..ETH_HLEN + VLAN_HLEN)?;
        let tci = u16::from_be_bytes([tag[0], tag[1]]);
        let inner = u16::from_be_bytes([tag[2], tag[3]]);
        self.protocol = frame_protocol(inner, &frame[ETH_HLEN + VLAN_HLEN..]);
        self.packet.cut(12, VLAN_HLEN);
        self.mac += VLAN_HLEN as i32;
        self.network = self.network.max(self.packet.start() + ETH_HLEN as i32);
        Some(tci)
    }

    /// Writes a tag into the frame, which must start with its MAC header. `protocol` becomes the tag's.
    pub(crate) fn insert_tag(&mut self, tag: VlanTag) {
        self.packet.insert(12, VLAN_HLEN);
        let [p0, p1] = tag.proto.to_be_bytes();
        let [t0, t1] = tag.tci.to_be_bytes();
        self.packet.bytes_mut()[12..16].copy_from_slice(&[p0, p1, t0, t1]);
        self.mac -= VLAN_HLEN as i32;
        self.network -= VLAN_HLEN as i32;
        self.protocol = tag.proto;
    }

    /// The frame as it would be sent: with a VLAN tag beside it written into it.
    pub fn frame(&self) -> std::borrow::Cow<'_, [u8]> {
        let bytes = self.packet.bytes();
        match self.vlan {
            Some(tag) if bytes.len() >= 12 => {
                let mut frame = Vec::with_capacity(bytes.len() + VLAN_HLEN);
                frame.extend_from_slice(&bytes[..12]);
                frame.extend_from_slice(&tag.proto.to_be_bytes());
                frame.extend_from_slice(&tag.tci.to_be_bytes());
                frame.extend_from_slice(&bytes[12..]);
                frame.into()
            }
            _ => bytes.into(),
        }
    }
}

/// What `eth_type_trans` makes of the two bytes after the addresses; `payload` is what follows them.
fn frame_protocol(field: u16, payload: &[u8]) -> u16 {
    match field {
        ethertype::MIN.. => field,
        _ if payload.starts_with(&[0xff, 0xff]) => ethertype::RAW_802_3,
        _ => ethertype::LLC,
    }
}

fn destination(address: &[u8], device: &Device) -> u8 {
    if address == device.mac {
        pkt_type::HOST
    } else if address[0] & 1 == 0 {
        pkt_type::OTHERHOST
    } else if address == device.broadcast {
        pkt_type::BROADCAST
    } else {
        pkt_type::MULTICAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An Ethernet frame: twelve address bytes, type bytes, payload.
    fn frame(types: &[u8], payload: &[u8]) -> Vec<u8> {
        [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], types, payload].concat()
    }

    fn skb(frame: &[u8]) -> SkBuff {
        let mut skb = SkBuff::new(Device::ETHERNET);
        skb.reset(frame, LinkType::Ethernet);
        skb
    }

    #[test]
    fn the_first_bytes_follow_from_the_link_type() {
        let ip = [0x45, 0, 0, 20];
        let cooked = [&[0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0][..], &ip].concat();
        let cooked2 = [&[0x86, 0xdd, 0, 0, 0, 0, 0, 1, 0, 1, 2, 6, 1, 2, 3, 4, 5, 6, 0, 0][..], &ip].concat();
        let null = [&[2, 0, 0, 0][..], &ip].concat();
        let ethernet = frame(&[8, 0], &ip);
        for (link, data, start, protocol, pkt_type) in [
            (LinkType::Ethernet, &ethernet, &ethernet[..], 0x0800, pkt_type::OTHERHOST),
            (LinkType::Raw, &ip.to_vec(), &ip[..], 0x0800, pkt_type::HOST),
            (LinkType::LinuxSll, &cooked, &ip[..], 0x0800, pkt_type::OUTGOING),
            (LinkType::LinuxSll2, &cooked2, &ip[..], 0x86dd, pkt_type::MULTICAST),
            (LinkType::Null, &null, &ip[..], 0x0800, pkt_type::HOST),
            (LinkType::Raw, &vec![0xff], &[0xff][..], 0, pkt_type::HOST),
            (LinkType::LinuxSll, &vec![7], &[7][..], 0, pkt_type::HOST),
        ] {
            let mut skb = SkBuff::default();
            skb.reset(data, link);
            assert_eq!((skb.packet.bytes(), skb.protocol, skb.pkt_type), (start, protocol, pkt_type), "{link:?}");
            assert_eq!(skb.has_mac_header(), link == LinkType::Ethernet);
        }
    }

    #[test]
    fn a_frame_of_any_length_is_taken() {
        let whole = frame(&[0x81, 0, 0, 5, 8, 0], &[1; 4]);
        for len in 0..whole.len() {
            let mut skb = skb(&whole[..len]);
            skb.untag();
            skb.pull_mac_header();
            assert!(skb.packet.len() <= len);
        }
    }

    #[test]
    fn untagging_moves_the_outer_tag_beside_the_frame() {
        let tagged = frame(&[0x88, 0xa8, 0x20, 5, 0x81, 0, 0, 7, 8, 0], &[1, 2, 3]);
        let mut skb = skb(&tagged);
        skb.untag();
        assert_eq!(skb.vlan, Some(VlanTag { proto: 0x88a8, tci: 0x2005 }));
        assert_eq!(skb.packet.bytes(), frame(&[0x81, 0, 0, 7, 8, 0], &[1, 2, 3]));
        assert_eq!((skb.packet.start(), skb.mac, skb.network, skb.protocol), (0, 0, 14, 0x8100));
        assert_eq!(*skb.frame(), tagged);
    }

    #[test]
    fn a_position_stays_what_it_was_when_the_head_grows() {
        let mut skb = skb(&frame(&[8, 0], &[9; 40]));
        for _ in 0..40 {
            skb.packet.insert(0, 100);
        }
        assert_eq!((skb.packet.start(), skb.packet.len()), (-4000, 4054));
        assert_eq!(skb.packet.get(14, 2), Some(&[9, 9][..]));
        assert!(skb.packet.bytes()[..4000].iter().all(|b| *b == 0));
    }

    #[test]
    fn nothing_of_the_last_packet_is_left_in_the_head_room() {
        let mut packet = PacketBuf::default();
        packet.reset(&[1; 60]);
        packet.move_start(-100);
        packet.bytes_mut().fill(7);
        packet.reset(&[2; 60]);
        packet.move_start(-100);
        assert!(packet.bytes()[..100].iter().all(|b| *b == 0));
    }

    #[test]
    fn a_mac_header_that_was_pulled_is_pushed_back() {
        let bytes = frame(&[8, 0], &[0x45; 20]);
        let mut skb = skb(&bytes);
        skb.pull_mac_header();
        assert_eq!((skb.packet.bytes(), skb.packet.start()), (&bytes[14..], 0));
        skb.push_mac_header();
        assert_eq!((skb.packet.bytes(), skb.packet.start(), skb.mac, skb.network), (&bytes[..], 0, 0, 14));
    }

    #[test]
    fn a_packet_that_was_cut_is_as_long_as_it_was() {
        let mut skb = skb(&frame(&[8, 0], &[0x45; 20]));
        skb.complete(60, 34);
        assert_eq!((skb.packet.len(), skb.missing, skb.unknown(), skb.offloads.wire_len), (60, 26, 26, 60));
        skb.packet.bytes_mut()[50] = 1;
        assert_eq!(skb.unknown(), 9);
        skb.reset(&frame(&[8, 0], &[0x45; 20]), LinkType::Ethernet);
        skb.complete(u32::MAX, 34);
        assert_eq!((skb.packet.len(), skb.missing), (34, 0));
    }

    #[test]
    fn metadata_moves_with_the_start() {
        let mut packet = PacketBuf::default();
        packet.reset(&[1; 60]);
        packet.set_meta(-8);
        packet.get_mut(-8, 8).expect("metadata").fill(5);
        packet.move_start(-20);
        assert_eq!((packet.meta(), packet.start()), (-28, -20));
        assert_eq!(packet.get(-28, 9), Some(&[5, 5, 5, 5, 5, 5, 5, 5, 0][..]));
        assert_eq!(packet.get(-29, 1), None);
    }
}
