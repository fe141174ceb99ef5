//! Dynamic pointers: sixteen bytes of the stack that say what is pointed to, how much of it, and whether it may be written.
//!
//! They lie as in the kernel (`struct bpf_dynptr_kern`): an address, the size with what kind it is in its upper bits, and
//! an offset. Programs cannot look at them, so that the address is one of ours, and null for none.

use super::call::Call;
use super::fault::FaultKind;
use super::helpers::{packet, xdp};
use crate::kernel::{Errno, ProgType};

/// Bytes at most (`DYNPTR_MAX_SIZE`): the other bits of the size say what it is.
pub(super) const MAX_SIZE: u64 = (1 << 24) - 1;
/// `DYNPTR_RDONLY_BIT`.
const READ_ONLY: u32 = 1 << 31;
/// `DYNPTR_TYPE_SHIFT`.
const KIND_SHIFT: u32 = 28;

/// What a dynptr points to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// Memory of a map, or what a helper lends.
    Local = 1,
    /// A record of a ring buffer.
    Record = 2,
    /// The packet of an skb.
    Skb = 3,
    /// A packet before it is an skb.
    Xdp = 4,
    /// The metadata before an skb's packet.
    SkbMeta = 5,
}

/// A dynptr that is not null.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dynptr {
    pub target: Target,
    /// Address of memory; the context for packets.
    pub data: u64,
    pub size: u32,
    pub offset: u32,
    pub read_only: bool,
}

/// What an access comes to: a value, or an error that the kernel returns.
pub(super) type Answer<T> = Result<Result<T, Errno>, FaultKind>;

impl Dynptr {
    /// To all of something.
    pub fn new(target: Target, data: u64, size: u32) -> Dynptr {
        Dynptr { target, data, size, offset: 0, read_only: false }
    }

    /// Reads the dynptr at an address; `None` when it is null.
    pub fn load(call: &mut Call<'_>, at: u64) -> Result<Option<Dynptr>, FaultKind> {
        let bytes = call.copy(at, 16)?;
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let data = u64::from(word(0)) | u64::from(word(4)) << 32;
        let target = match word(8) >> KIND_SHIFT & 7 {
            1 => Target::Local,
            2 => Target::Record,
            3 => Target::Skb,
            4 => Target::Xdp,
            5 => Target::SkbMeta,
            _ => return Ok(None),
        };
        let (size, offset, read_only) = (word(8) & MAX_SIZE as u32, word(12), word(8) & READ_ONLY != 0);
        Ok((data != 0).then_some(Dynptr { target, data, size, offset, read_only }))
    }

    /// Writes a dynptr, or null.
    pub fn store(call: &mut Call<'_>, at: u64, dynptr: Option<Dynptr>) -> Result<(), FaultKind> {
        let mut bytes = [0; 16];
        if let Some(it) = dynptr {
            let size = it.size | (it.target as u32) << KIND_SHIFT | if it.read_only { READ_ONLY } else { 0 };
            bytes[..8].copy_from_slice(&it.data.to_le_bytes());
            bytes[8..12].copy_from_slice(&size.to_le_bytes());
            bytes[12..].copy_from_slice(&it.offset.to_le_bytes());
        }
        call.write(at, &bytes)
    }

    /// Whether `len` bytes at `offset` are within.
    pub fn has(&self, offset: u64, len: u64) -> bool {
        len <= u64::from(self.size) && offset <= u64::from(self.size) - len
    }

    /// The address of `offset`, when memory is pointed to.
    pub fn address(&self, offset: u64) -> Option<u64> {
        let memory = matches!(self.target, Target::Local | Target::Record);
        memory.then(|| self.data.wrapping_add(u64::from(self.offset)).wrapping_add(offset))
    }

    /// The address of `len` bytes at `offset`, packets included, which lie in one piece here.
    pub fn slice(&self, call: &Call<'_>, offset: u64, len: u64) -> Option<u64> {
        if !self.has(offset, len) {
            return None;
        }
        let at = u64::from(self.offset) + offset;
        match self.target {
            Target::Local | Target::Record => self.address(offset),
            // The packet may have become shorter since.
            Target::Skb | Target::Xdp => {
                let within = at + len <= call.skb.packet.len() as u64;
                within.then(|| super::memory::packet_start(call.skb) + at)
            }
            Target::SkbMeta => Some(super::context::packet_addr(call.skb.packet.meta()) + at),
        }
    }

    /// Copies `len` bytes at `offset` to memory.
    pub fn read(&self, call: &mut Call<'_>, to: u64, len: u64, offset: u64) -> Answer<()> {
        if !self.has(offset, len) {
            return Ok(Err(Errno::E2big));
        }
        let at = u64::from(self.offset) + offset;
        match self.target {
            Target::Skb => answer(packet::skb_load_bytes(call, [self.data, at, to, len, 0])?),
            Target::Xdp => answer(xdp::load_bytes(call, [self.data, at, to, len, 0])?),
            Target::Local | Target::Record | Target::SkbMeta => {
                let from = self.slice(call, offset, len).unwrap_or(0);
                copy(call, from, to, len)
            }
        }
    }

    /// Copies `len` bytes of memory to `offset`.
    pub fn write(&self, call: &mut Call<'_>, offset: u64, from: u64, len: u64, flags: u64) -> Answer<()> {
        if self.read_only {
            return Ok(Err(Errno::Einval));
        }
        if !self.has(offset, len) {
            return Ok(Err(Errno::E2big));
        }
        let at = u64::from(self.offset) + offset;
        if self.target == Target::Skb {
            return answer(packet::skb_store_bytes(call, [self.data, at, from, len, flags])?);
        }
        if flags != 0 {
            return Ok(Err(Errno::Einval));
        }
        if self.target == Target::Xdp {
            return answer(xdp::store_bytes(call, [self.data, at, from, len, 0])?);
        }
        let to = self.slice(call, offset, len).unwrap_or(0);
        copy(call, from, to, len)
    }
}

/// Copies memory that may overlap.
pub(super) fn copy(call: &mut Call<'_>, from: u64, to: u64, len: u64) -> Answer<()> {
    if len > 0 {
        let bytes = call.copy(from, len as u32)?;
        call.write(to, &bytes)?;
    }
    Ok(Ok(()))
}

/// What a helper returned, as an answer.
fn answer(ret: u64) -> Answer<()> {
    Ok(match ret {
        0 => Ok(()),
        ret if ret == Errno::Efault.ret() => Err(Errno::Efault),
        _ => Err(Errno::Einval),
    })
}

/// Whether programs of that type may write to an skb's packet.
pub(super) fn writes_packets(prog_type: ProgType) -> bool {
    matches!(prog_type, ProgType::SchedCls | ProgType::SchedAct)
}
