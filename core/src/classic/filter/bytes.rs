//! The packet's bytes, from where they are asked for to where the filter finds them.
//!
//! An expression means the packet in the capture. A socket sees some of it elsewhere: see [`Frame`](super::Frame).

use std::ops::{Add, Sub};

use super::Link;
use super::graph::{Question, Test};
use super::meaning::{Asked, Meaning, number};
use super::value::{Value, ValueId};
use crate::classic::{AluOp, Cond, Ext};
use crate::isa::Size;

/// How the packet in the file is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// As it is.
    File,
    /// Without its outer VLAN tag, which is beside it.
    TagBeside,
    /// Without its link-layer header.
    Stripped,
}

/// Where bytes are in the file's packet: at a constant offset, or so far behind a computed one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub base: u32,
    pub behind: Option<ValueId>,
}

impl From<u32> for Place {
    fn from(base: u32) -> Place {
        Place { base, behind: None }
    }
}

impl Add<u32> for Place {
    type Output = Place;

    fn add(self, bytes: u32) -> Place {
        Place { base: self.base.wrapping_add(bytes), ..self }
    }
}

impl Sub<u32> for Place {
    type Output = Place;

    fn sub(self, bytes: u32) -> Place {
        Place { base: self.base.wrapping_sub(bytes), ..self }
    }
}

impl Meaning<'_> {
    /// A constant.
    pub fn constant(&mut self, k: u32) -> ValueId {
        self.values.id(Value::Const(k))
    }

    /// A comparison with a constant.
    pub fn compare(&mut self, cond: Cond, left: ValueId, k: u32) -> Question {
        Question::Test(Test { cond, left, right: self.constant(k) })
    }

    /// Whether a value has these bits of a mask.
    pub fn masked(&mut self, value: ValueId, mask: u32, bits: u32) -> Question {
        let mask = self.constant(mask);
        let left = self.values.alu(AluOp::And, value, mask).expect("no division");
        self.compare(Cond::Eq, left, bits)
    }

    /// Whether the byte at an offset is so.
    pub fn byte_is(&mut self, at: Place, byte: u32) -> Asked {
        let found = self.load(at, Size::B)?;
        Ok(self.compare(Cond::Eq, found, byte))
    }

    /// Whether an IPv4 packet is whole or the first fragment.
    pub fn no_fragment(&mut self) -> Asked {
        let found = self.load(self.at.network + 6, Size::H)?;
        Ok(Question::Not(Box::new(self.compare(Cond::Set, found, 0x1fff))))
    }

    /// Bytes that the packet had.
    pub fn len(&mut self) -> ValueId {
        let (len, missing) = (self.values.id(Value::Len), self.constant(self.missing()));
        self.values.alu(AluOp::Add, len, missing).expect("no division")
    }

    /// Bytes of the file's packet.
    pub fn load(&mut self, at: Place, size: Size) -> Result<ValueId, String> {
        match at.behind {
            Some(index) => self.load_indexed(at.base, index, size),
            None => self.load_at(at.base, size),
        }
    }

    fn load_at(&mut self, at: u32, size: Size) -> Result<ValueId, String> {
        if at > i32::MAX as u32 {
            // No packet is so long, and the kernel takes the offset for a negative one.
            let zero = self.constant(0);
            self.bails.push(Test { cond: Cond::Eq, left: zero, right: zero });
            // Something that is no constant, since a byte is none.
            return Ok(self.values.id(Value::Len));
        }
        match self.view {
            View::File => Ok(self.values.id(Value::Abs(size, at))),
            View::TagBeside => Ok(self.load_around_tag(at, size)),
            View::Stripped => self.load_without_header(at, size),
        }
    }

    /// Bytes at an offset from a place that may have to be computed.
    pub fn indexed(&mut self, from: Place, index: ValueId, size: Size) -> Result<ValueId, String> {
        let base = from.base;
        // What is constant of the index is added to the instruction's own offset, as libpcap does.
        let (base, index) = match (self.values.get(index), from.behind) {
            (Value::Const(k), _) => return self.load(from + k, size),
            (_, Some(behind)) => (base, self.plus(index, behind)),
            (Value::Alu(AluOp::Add, left, right), None) => match self.values.constant(right) {
                Some(k) if matches!(self.values.get(left), Value::HeaderLen(_)) => (base.wrapping_add(k), left),
                _ => (base, index),
            },
            _ => (base, index),
        };
        self.load_indexed(base, index, size)
    }

    /// Bytes at an offset from the end of an IPv4 header.
    pub fn behind_header(&mut self, at: u32, size: Size) -> Result<ValueId, String> {
        let header = self.header_len(self.at.network)?;
        let from = self.at.network + at;
        match from.behind {
            Some(_) => self.indexed(from, header, size),
            None => self.load_indexed(from.base, header, size),
        }
    }

    /// A sum.
    pub fn plus(&mut self, left: ValueId, right: ValueId) -> ValueId {
        self.values.alu(AluOp::Add, left, right).expect("no division")
    }

    fn load_indexed(&mut self, base: u32, index: ValueId, size: Size) -> Result<ValueId, String> {
        let Some(room) = (i32::MAX as u32).checked_sub(base) else { return self.load_at(base, size) };
        if self.values.bound(index) > room {
            let right = self.constant(room);
            self.bails.push(Test { cond: Cond::Gt, left: index, right });
        }
        if self.is_in_tag(self.at.network.base) && base >= self.at.network.base {
            return Ok(self.constant(0));
        }
        match base.checked_sub(self.missing()) {
            Some(base) if self.view != View::TagBeside || base >= 12 => {
                Ok(self.values.id(Value::Ind(size, base, index)))
            }
            _ => Err("a computed offset into the link-layer header cannot be asked for at a socket".to_owned()),
        }
    }

    /// The length of the IPv4 header at a place, which is no link-layer header's.
    pub fn header_len(&mut self, at: Place) -> Result<ValueId, String> {
        if at.behind.is_some() {
            let first = self.load(at, Size::B)?;
            let (mask, two) = (self.constant(15), self.constant(2));
            let words = self.values.alu(AluOp::And, first, mask).expect("no division");
            return Ok(self.values.alu(AluOp::Lsh, words, two).expect("no division"));
        }
        if self.is_in_tag(at.base) {
            return Ok(self.constant(0));
        }
        let at = at.base - self.missing();
        Ok(self.values.id(Value::HeaderLen(at)))
    }

    /// Whether the network layer would begin within the tag, of a frame that has one: then nothing is asked of it, since
    /// the frame's type is the tag's.
    fn is_in_tag(&self, at: u32) -> bool {
        self.view == View::TagBeside && at == Link::Ethernet.header_len()
    }

    /// Whether a frame's type is certainly another, because it is that of its tag.
    pub fn is_tag_instead(&self, kind: u32) -> bool {
        // What a kernel takes out of frames, and puts beside them.
        let tags = [number::VLANS[0], number::VLANS[1]];
        self.view == View::TagBeside && self.at.kind == Link::Ethernet.type_at().into() && !tags.contains(&kind)
    }

    /// Bytes of the file's packet that are missing from the front.
    fn missing(&self) -> u32 {
        match self.view {
            View::File => 0,
            View::TagBeside => 4,
            View::Stripped => self.outer.header_len(),
        }
    }

    /// Bytes of a frame whose tag is beside it.
    fn load_around_tag(&mut self, at: u32, size: Size) -> ValueId {
        let end = at + size.bytes();
        if end <= 12 || at >= 16 {
            let at = if at >= 16 { at - 4 } else { at };
            return self.values.id(Value::Abs(size, at));
        }
        match (at, size) {
            (12, Size::H) => return self.values.id(Value::Ext(Ext::VlanTpid)),
            (14, Size::H) => return self.values.id(Value::Ext(Ext::VlanTag)),
            _ => {}
        }
        // Byte by byte: from the frame, the tag's type, the tag, the frame.
        let mut value = self.constant(0);
        for at in at..end {
            let byte = match at {
                12..16 => {
                    let ext = if at < 14 { Ext::VlanTpid } else { Ext::VlanTag };
                    let whole = self.values.id(Value::Ext(ext));
                    let shift = self.constant(if at % 2 == 0 { 8 } else { 0 });
                    let byte = self.values.alu(AluOp::Rsh, whole, shift).expect("no division");
                    let mask = self.constant(0xff);
                    self.values.alu(AluOp::And, byte, mask).expect("no division")
                }
                at => self.values.id(Value::Abs(Size::B, if at < 12 { at } else { at - 4 })),
            };
            let eight = self.constant(8);
            let above = self.values.alu(AluOp::Lsh, value, eight).expect("no division");
            value = self.values.alu(AluOp::Or, above, byte).expect("no division");
        }
        value
    }

    /// Bytes of a packet whose link-layer header is gone, of which something is kept beside it.
    fn load_without_header(&mut self, at: u32, size: Size) -> Result<ValueId, String> {
        let header = self.outer.header_len();
        if at >= header {
            return Ok(self.values.id(Value::Abs(size, at - header)));
        }
        let ext = match (self.outer, at, size) {
            (Link::LinuxSll, 14, Size::H) | (Link::LinuxSll2, 0, Size::H) => Ext::Protocol,
            (Link::LinuxSll, 0, Size::H) | (Link::LinuxSll2, 10, Size::B) => Ext::PacketType,
            _ => return Err("these bytes of the link-layer header cannot be asked for at a socket".to_owned()),
        };
        Ok(self.values.id(Value::Ext(ext)))
    }

    /// The EtherType, where the packet has it beside it in place of a header that says it otherwise.
    pub fn type_beside(&mut self) -> Option<ValueId> {
        let loopback = matches!(self.link, Link::Null | Link::Loop);
        (loopback && self.view == View::Stripped).then(|| self.values.id(Value::Ext(Ext::Protocol)))
    }
}
