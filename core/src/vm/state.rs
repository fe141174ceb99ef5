//! [`State`]: everything that a program can see at some moment of a run.

use super::ProgId;
use super::addr::{self, Addr, Region};
use super::memory;
use super::observe::{AccessKind, Touch};
use crate::isa::Pc;
use crate::kernel::MapId;
use crate::maps::MapStore;
use crate::net::SkBuff;

/// Which bytes of a stack frame were written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written([u64; 8]);

impl Written {
    /// Whether the byte at an index (0 is the lowest, 511 the one below the frame pointer) was written.
    pub fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 != 0)
    }

    /// Adds up to 8 bytes from an index; gives the bits of those that are new.
    #[inline]
    pub(super) fn add(&mut self, index: u32, len: u32) -> u8 {
        let mut fresh = 0;
        for i in 0..len.min(8) {
            let at = (index + i) as usize;
            if let Some(word) = self.0.get_mut(at / 64) {
                let bit = 1 << (at % 64);
                fresh |= u8::from(*word & bit == 0) << i;
                *word |= bit;
            }
        }
        fresh
    }

    fn flip(&mut self, index: u32, bits: u8) {
        for i in (0..8).filter(|i| bits >> i & 1 != 0) {
            let at = index as usize + i;
            if let Some(word) = self.0.get_mut(at / 64) {
                *word ^= 1 << (at % 64);
            }
        }
    }
}

/// A stack frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Its bytes; the last is the one below the frame pointer.
    pub stack: [u8; addr::STACK_SIZE as usize],
    /// Which of them were written since the function was called.
    pub written: Written,
    /// Where it returns to; `None` for the main function.
    pub return_to: Option<(ProgId, Pc)>,
    /// The same as an instruction, counted over all programs of the machine.
    pub(super) return_op: Option<u32>,
    /// The caller's `r6` to `r9`.
    pub saved: [u64; 4],
}

impl Frame {
    pub(super) fn new() -> Frame {
        Frame {
            stack: [0; addr::STACK_SIZE as usize],
            written: Written::default(),
            return_to: None,
            return_op: None,
            saved: [0; 4],
        }
    }
}

/// Everything that a program can see, before some step.
#[derive(Clone, Debug)]
pub struct State {
    /// The program that runs.
    pub prog: ProgId,
    /// The instruction that comes next; at the end of a run, the last one.
    pub pc: Pc,
    /// Call depth, 0 in the main function.
    pub depth: u8,
    /// Registers `r0` to `r10`.
    pub regs: [u64; 11],
    /// Stack frames, the main function's first.
    pub frames: Vec<Frame>,
    /// The packet.
    pub skb: SkBuff,
    /// The maps.
    pub maps: MapStore,
    /// How many of [`Effects::outputs`](super::Effects::outputs) have happened.
    pub outputs: usize,
    /// Frames of functions that have returned: their bytes stay.
    pub(super) spare: Vec<Frame>,
}

impl State {
    /// The state before the first instruction: the context in `r1`, everything else zero.
    pub(super) fn at_start(prog: ProgId, skb: &SkBuff, maps: &MapStore) -> State {
        let mut regs = [0; 11];
        regs[1] = Addr::new(addr::CTX, 0).0;
        regs[10] = Addr::new(addr::STACK, addr::STACK_TOP).0;
        State {
            prog,
            pc: Pc(0),
            depth: 0,
            regs,
            frames: vec![Frame::new()],
            skb: skb.clone(),
            maps: maps.clone(),
            outputs: 0,
            spare: Vec::new(),
        }
    }

    /// An address in words: `pkt+14`, `fp-8`, `ctx`, `counts[0]+8`. `None` for what is no address.
    pub fn name_of(&self, value: u64) -> Option<String> {
        memory::describe_addr(value, &self.maps)
    }

    fn bytes_at(&mut self, addr: u64, len: usize) -> Option<&mut [u8]> {
        let offset = Addr(addr).offset();
        match Addr(addr).region()? {
            Region::Stack(depth) => {
                let at = memory::stack_index(addr, len)? % addr::STACK_SIZE as usize;
                self.frame(usize::from(depth))?.stack.get_mut(at..at + len)
            }
            Region::Packet => self.skb.packet.get_mut(offset.wrapping_sub(addr::PACKET_BASE) as i32, len),
            Region::MapValue(map) => self.maps.value_mut(map, offset, len as u32),
            Region::Record(map) => self.maps.record_mut(map, offset, len as u32),
            Region::Object(object) => self.maps.heap.bytes_mut(object, offset, len),
            _ => None,
        }
    }

    /// A frame that is or was in use.
    fn frame(&mut self, depth: usize) -> Option<&mut Frame> {
        match depth.checked_sub(self.frames.len()) {
            None => self.frames.get_mut(depth),
            Some(beyond) => {
                let at = self.spare.len().checked_sub(beyond + 1)?;
                self.spare.get_mut(at)
            }
        }
    }

    /// Changes bytes by a recorded write.
    pub(super) fn apply(&mut self, touch: &Touch) {
        if touch.kind() == AccessKind::Read {
            return;
        }
        if let Some(bytes) = self.bytes_at(touch.addr, touch.len()) {
            for (byte, delta) in bytes.iter_mut().zip(touch.delta.to_le_bytes()) {
                *byte ^= delta;
            }
        }
        if touch.fresh() != 0
            && let Some(Region::Stack(depth)) = Addr(touch.addr).region()
            && let Some(frame) = self.frame(usize::from(depth))
        {
            let index = Addr(touch.addr).offset().wrapping_sub(addr::STACK_TOP - addr::STACK_SIZE);
            frame.written.flip(index, touch.fresh());
        }
    }

    pub(super) fn push_frame(&mut self) {
        let frame = self.spare.pop().unwrap_or_else(Frame::new);
        self.frames.push(frame);
        self.regs[10] = self.regs[10].wrapping_add(1 << 32);
    }

    pub(super) fn pop_frame(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.spare.push(frame);
        }
        self.regs[10] = self.regs[10].wrapping_sub(1 << 32);
    }
}

impl PartialEq for State {
    /// Equal in everything that a program, or a person, can see.
    fn eq(&self, other: &State) -> bool {
        let packet = |state: &State| {
            let packet = &state.skb.packet;
            let all = packet.get(packet.meta(), (packet.end() - packet.meta()) as usize).map(<[u8]>::to_vec);
            (packet.meta(), packet.start(), all)
        };
        (self.prog, self.pc, self.depth, self.regs) == (other.prog, other.pc, other.depth, other.regs)
            && self.frames == other.frames
            && self.outputs == other.outputs
            && same_metadata(&self.skb, &other.skb)
            && packet(self) == packet(other)
            && self.maps.heap.live().eq(other.maps.heap.live())
            && self.maps.len() == other.maps.len()
            && (0..self.maps.len() as u32).all(|id| self.maps.entries(MapId(id)).eq(other.maps.entries(MapId(id))))
    }
}

/// Whether everything but the bytes is equal.
pub(super) fn same_metadata(a: &SkBuff, b: &SkBuff) -> bool {
    let small = |s: &SkBuff| (s.mac, s.network, s.protocol, s.pkt_type, s.vlan, s.hash, s.sk);
    small(a) == small(b)
        && a.device == b.device
        && a.notes == b.notes
        && a.offloads == b.offloads
        && a.tunnel == b.tunnel
}
