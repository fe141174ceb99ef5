//! Who watches a run: nobody, a counter of instructions, or a recorder.

use super::addr::{Addr, Region};
use crate::maps::MapStore;
use crate::net::SkBuff;
use crate::vm::Env;

/// Whether an access reads or writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccessKind {
    /// Bytes are read.
    Read,
    /// Bytes are written, whether or not they change.
    Write,
}

/// A read or a write of memory by a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// The step that did it, from 0.
    pub step: usize,
    /// Read or write.
    pub kind: AccessKind,
    /// The region.
    pub region: Region,
    /// Where in the region, as people count: packet bytes from the first byte as the packet came in, stack
    /// bytes from the frame pointer (negative), the rest from the region's start.
    pub offset: i64,
    /// Bytes.
    pub len: u32,
}

/// Who watches a run. Sealed: the observers are those of this module.
///
/// A run that nobody watches is compiled without any of the calls.
pub trait Observer: Watch {}

impl<T: Watch> Observer for T {}

/// What an observer is told. After each instruction comes [`step`](Watch::step).
pub trait Watch {
    /// Whether there is anybody.
    const ACTIVE: bool;

    /// Instruction `op` (counted over all programs of the machine) has run: its register changed by `delta`
    /// (exclusive or of old and new).
    #[doc(hidden)]
    fn step(&mut self, op: u32, delta: u64);

    /// The next instruction is `op`, and not the one behind the last: the run starts there, or has jumped.
    #[doc(hidden)]
    #[inline(always)]
    fn jump(&mut self, _op: u32) {}

    /// Memory was read by an instruction.
    #[doc(hidden)]
    #[inline(always)]
    fn read(&mut self, _addr: u64, _len: u32) {}

    /// Up to eight bytes are being written by an instruction: `delta` is the exclusive or of old and new.
    #[doc(hidden)]
    #[inline(always)]
    fn write(&mut self, _addr: u64, _len: u32, _delta: u64) {}

    /// A function is called: its frame remembers where to return and the caller's `r6` to `r9`.
    #[doc(hidden)]
    #[inline(always)]
    fn call(&mut self, _return_op: u32, _saved: [u64; 4]) {}

    /// A function returns; `r6` to `r9` change by these.
    #[doc(hidden)]
    #[inline(always)]
    fn ret(&mut self, _deltas: [u64; 4]) {}

    /// `r1` to `r5` change by these: a helper calls a function.
    #[doc(hidden)]
    #[inline(always)]
    fn args(&mut self, _deltas: [u64; 5]) {}

    /// Where a helper's accesses go.
    #[doc(hidden)]
    #[inline(always)]
    fn log(&mut self) -> Option<&mut AccessLog> {
        None
    }

    /// A helper, or a store to the context, is done: this is what there is now.
    #[doc(hidden)]
    #[inline(always)]
    fn outside(&mut self, _skb: &SkBuff, _maps: &mut MapStore, _env: &Env) {}
}

/// Nobody watches: the fast path.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Watch for NoObserver {
    const ACTIVE: bool = false;

    #[inline(always)]
    fn step(&mut self, _op: u32, _delta: u64) {}
}

/// An access as it is recorded: at most 8 bytes when it changes any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub addr: u64,
    /// Exclusive or of old and new bytes, for writes.
    pub delta: u64,
    /// From the lowest bit: 32 bits of step, 16 bits of length, 8 bits of kind, 8 bits of which stack bytes were never
    /// written before. One store writes it.
    what: u64,
}

impl Touch {
    #[inline(always)]
    pub fn new(addr: u64, delta: u64, step: u32, len: u16, kind: AccessKind, fresh: u8) -> Touch {
        let kind = u64::from(kind == AccessKind::Write);
        let what = u64::from(step) | u64::from(len) << 32 | kind << 48 | u64::from(fresh) << 56;
        Touch { addr, delta, what }
    }

    /// The step that did it.
    pub fn step(&self) -> usize {
        self.what as u32 as usize
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        usize::from((self.what >> 32) as u16)
    }

    pub fn kind(&self) -> AccessKind {
        if self.what >> 48 & 1 == 0 { AccessKind::Read } else { AccessKind::Write }
    }

    /// Stack bytes that were never written before, by bit.
    pub fn fresh(&self) -> u8 {
        (self.what >> 56) as u8
    }

    /// As others see it.
    pub fn access(&self) -> Option<Access> {
        let region = Addr(self.addr).region()?;
        let offset = Addr(self.addr).offset();
        let offset = match region {
            Region::Packet => i64::from(offset.wrapping_sub(super::addr::PACKET_BASE) as i32),
            Region::Stack(_) => i64::from(offset.wrapping_sub(super::addr::STACK_TOP) as i32),
            _ => i64::from(offset),
        };
        Some(Access { step: self.step(), kind: self.kind(), region, offset, len: self.len() as u32 })
    }
}

/// The accesses of a run, in order.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    pub(crate) step: u32,
    pub(crate) touches: Vec<Touch>,
    /// Stack bytes written so far, by frame; frames beyond its end have none.
    pub(crate) written: Vec<super::state::Written>,
}

impl AccessLog {
    /// Notes an access that changes nothing.
    pub(crate) fn note(&mut self, kind: AccessKind, addr: u64, len: u32) {
        let mut at = addr;
        let mut rest = len;
        while rest > 0 {
            let part = rest.min(u32::from(u16::MAX));
            self.touches.push(Touch::new(at, 0, self.step, part as u16, kind, 0));
            at = at.wrapping_add(u64::from(part));
            rest -= part;
        }
    }

    /// Notes that `new` is about to replace `old`, which has the same length.
    pub(crate) fn write(&mut self, addr: u64, old: &[u8], new: &[u8]) {
        for (i, (old, new)) in old.chunks(8).zip(new.chunks(8)).enumerate() {
            let delta = word(old) ^ word(new);
            self.put(addr.wrapping_add(8 * i as u64), old.len() as u32, delta);
        }
    }

    /// Notes a write of up to 8 bytes.
    #[inline]
    pub(crate) fn put(&mut self, addr: u64, len: u32, delta: u64) {
        let mut fresh = 0;
        if let Some(Region::Stack(depth)) = Addr(addr).region() {
            let bit = Addr(addr).offset().wrapping_sub(super::addr::STACK_TOP - super::addr::STACK_SIZE);
            let depth = usize::from(depth);
            if self.written.len() <= depth {
                self.written.resize(depth + 1, Default::default());
            }
            fresh = self.written[depth].add(bit, len);
        }
        self.touches.push(Touch::new(addr, delta, self.step, len as u16, AccessKind::Write, fresh));
    }
}

/// Up to eight bytes as a little-endian number.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// Counts how often each instruction runs, for all runs that it watches.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    counts: Vec<u64>,
}

impl Hits {
    /// Counts by instruction, in the machine's order: see [`Machine::hits`](super::Machine::hits).
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

impl Watch for Hits {
    const ACTIVE: bool = true;

    #[inline(always)]
    fn step(&mut self, op: u32, _delta: u64) {
        let op = op as usize;
        if op >= self.counts.len() {
            self.counts.resize(op + 1, 0);
        }
        self.counts[op] += 1;
    }
}
