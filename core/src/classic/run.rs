//! Running a classic filter on a packet.

use super::ext::{LL_OFF, NET_OFF};
use super::{Cond, Ext, Op, Program, Source};
use crate::isa::Size;

/// A packet as a filter sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<'a> {
    /// Its bytes, from where the socket's packets begin.
    pub data: &'a [u8],
    /// Bytes that it had, which are more than there are when the capture was cut short.
    pub len: u32,
    /// What is beside it.
    pub meta: Meta,
}

/// What a filter can know of a packet beside its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Meta {
    /// EtherType, host byte order.
    pub protocol: u16,
    /// `PACKET_HOST` and so on.
    pub pkt_type: u8,
    /// Index of the device.
    pub ifindex: u32,
    /// The packet's mark.
    pub mark: u32,
    /// Queue of a multiqueue device.
    pub queue: u16,
    /// Hardware type of the device (`ARPHRD_*`).
    pub hatype: u16,
    /// Hash of the flow.
    pub rxhash: u32,
    /// The CPU that the filter runs on.
    pub cpu: u32,
    /// The VLAN tag beside the frame: EtherType and tag.
    pub vlan: Option<(u16, u16)>,
    /// What the next random number is.
    pub random: u32,
    /// Where the payload begins, behind the transport header.
    pub pay_offset: u32,
    /// Where the network header begins.
    pub network: u32,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Bytes of the packet that are kept; 0 when it is not accepted.
    pub ret: u32,
    /// Instructions run.
    pub insns: u32,
}

impl Program {
    /// Runs the filter. A load from outside of the packet and a division by zero end it with 0.
    pub fn run(&self, packet: &Packet<'_>) -> Outcome {
        let (mut pc, mut insns) = (0, 0);
        let mut state = State::default();
        loop {
            insns += 1;
            match state.step(self.ops()[pc], packet) {
                Some(Next::Skip(count)) => pc += 1 + count as usize,
                Some(Next::Return(ret)) => return Outcome { ret, insns },
                None => return Outcome { ret: 0, insns },
            }
        }
    }
}

/// The registers.
#[derive(Default)]
pub(super) struct State {
    a: u32,
    x: u32,
    m: [u32; 16],
}

/// Where it goes on.
pub(super) enum Next {
    Skip(u32),
    Return(u32),
}

impl State {
    /// One instruction; `None` when it ends the run with 0.
    #[inline]
    pub fn step(&mut self, op: Op, packet: &Packet<'_>) -> Option<Next> {
        match op {
            Op::LoadImm(k) => self.a = k,
            Op::LoadLen => self.a = packet.len,
            Op::LoadMem(k) => self.a = self.m[k as usize],
            Op::LoadAbs(size, k) => self.a = packet.load(k, size)?,
            Op::LoadInd(size, k) => self.a = packet.load(self.x.wrapping_add(k), size)?,
            Op::LoadExt(ext) => self.a = self.extension(ext, packet),
            Op::LoadXImm(k) => self.x = k,
            Op::LoadXLen => self.x = packet.len,
            Op::LoadXMem(k) => self.x = self.m[k as usize],
            Op::LoadXHeaderLen(k) => self.x = (packet.load(k, Size::B)? & 15) * 4,
            Op::Store(k) => self.m[k as usize] = self.a,
            Op::StoreX(k) => self.m[k as usize] = self.x,
            Op::Alu(op, by) => self.a = op.apply(self.a, self.operand(by))?,
            Op::Neg => self.a = self.a.wrapping_neg(),
            Op::Jump(k) => return Some(Next::Skip(k)),
            Op::JumpIf(cond, by, jt, jf) => {
                let skip = if self.holds(cond, by) { jt } else { jf };
                return Some(Next::Skip(u32::from(skip)));
            }
            Op::Return(k) => return Some(Next::Return(k)),
            Op::ReturnA => return Some(Next::Return(self.a)),
            Op::Tax => self.x = self.a,
            Op::Txa => self.a = self.x,
        }
        Some(Next::Skip(0))
    }

    /// Whether a condition holds.
    #[inline]
    pub fn holds(&self, cond: Cond, source: Source) -> bool {
        // Most are this, and a branch is cheaper than a table.
        if let (Cond::Eq, Source::K(k)) = (cond, source) {
            return self.a == k;
        }
        cond.holds(self.a, self.operand(source))
    }

    #[inline]
    fn operand(&self, source: Source) -> u32 {
        match source {
            Source::K(k) => k,
            Source::X => self.x,
        }
    }

    fn extension(&self, ext: Ext, packet: &Packet<'_>) -> u32 {
        let meta = &packet.meta;
        match ext {
            Ext::Protocol => u32::from(meta.protocol),
            Ext::PacketType => u32::from(meta.pkt_type),
            Ext::Ifindex => meta.ifindex,
            Ext::Nlattr => packet.attribute(self.a, self.x).unwrap_or(0),
            Ext::NlattrNest => packet.nested_attribute(self.a, self.x).unwrap_or(0),
            Ext::Mark => meta.mark,
            Ext::Queue => u32::from(meta.queue),
            Ext::HaType => u32::from(meta.hatype),
            Ext::RxHash => meta.rxhash,
            Ext::Cpu => meta.cpu,
            Ext::XorX => self.a ^ self.x,
            Ext::VlanTag => meta.vlan.map_or(0, |(_, tag)| u32::from(tag)),
            Ext::VlanTagPresent => u32::from(meta.vlan.is_some()),
            Ext::PayOffset => meta.pay_offset,
            Ext::Random => meta.random,
            Ext::VlanTpid => meta.vlan.map_or(0, |(tpid, _)| u32::from(tpid)),
        }
    }
}

/// Bytes of a netlink attribute's header.
const NLA_HDRLEN: u32 = 4;
/// The part of an attribute's type that is no flag (`NLA_TYPE_MASK`).
const NLA_TYPE_MASK: u16 = 0x3fff;

impl Packet<'_> {
    /// The bytes at an offset, which is relative to a header when negative (`SKF_NET_OFF`, `SKF_LL_OFF`).
    #[inline]
    fn load(&self, offset: u32, size: Size) -> Option<u32> {
        let bytes = self.data.get(self.place(offset)?..)?;
        Some(match size {
            Size::B => u32::from(*bytes.first()?),
            Size::H => u32::from(u16::from_be_bytes(*bytes.first_chunk()?)),
            Size::W | Size::Dw => u32::from_be_bytes(*bytes.first_chunk()?),
        })
    }

    /// Where in the bytes an offset is.
    #[inline]
    fn place(&self, offset: u32) -> Option<usize> {
        let offset = match i64::from(offset as i32) {
            offset @ 0.. => offset,
            offset if offset >= i64::from(NET_OFF) => offset - i64::from(NET_OFF) + i64::from(self.meta.network),
            // There is a link-layer header before the network header, or none at all.
            offset if offset >= i64::from(LL_OFF) && self.meta.network > 0 => offset - i64::from(LL_OFF),
            _ => return None,
        };
        usize::try_from(offset).ok()
    }

    /// Length and type of the netlink attribute at an offset: they are in the machine's byte order.
    fn attribute_header(&self, at: u32) -> Option<(u32, u16)> {
        let [l0, l1, t0, t1] = *self.data.get(at as usize..)?.first_chunk()?;
        Some((u32::from(u16::from_le_bytes([l0, l1])), u16::from_le_bytes([t0, t1])))
    }

    /// Where the attribute of a type is among those from an offset to the end of the packet.
    fn attribute(&self, from: u32, kind: u32) -> Option<u32> {
        self.find(from, self.data.len() as u32, kind)
    }

    /// Where the attribute of a type is among those within the attribute at an offset.
    fn nested_attribute(&self, at: u32, kind: u32) -> Option<u32> {
        let (len, _) = self.attribute_header(at)?;
        let end = at.checked_add(len).filter(|end| *end as usize <= self.data.len() && len >= NLA_HDRLEN)?;
        self.find(at + NLA_HDRLEN, end, kind)
    }

    fn find(&self, mut at: u32, end: u32, kind: u32) -> Option<u32> {
        loop {
            let (len, found) = self.attribute_header(at)?;
            if len < NLA_HDRLEN || at.checked_add(len)? > end {
                return None;
            }
            if u32::from(found & NLA_TYPE_MASK) == kind {
                return Some(at);
            }
            at += len.next_multiple_of(4);
        }
    }
}
