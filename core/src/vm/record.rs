//! [`Recorder`]: the observer that writes down what every instruction changes.
//!
//! A step keeps the exclusive or of old and new, so the same record undoes and redoes. Of a plain step that is
//! all, 8 bytes: which instruction it was follows from the last jump ([`Straight`]), and which register from the
//! instruction ([`Place`]). Memory it touched is another 24 bytes ([`Touch`]); what is rare (calls, map operations,
//! new packet geometry) is in a list of its own ([`Rare`]).

use std::sync::Arc;

use super::addr::{self, Addr, Region};
use super::env::{Effects, Env};
use super::machine::Outcome;
use super::observe::{AccessKind, AccessLog, Touch, Watch};
use super::state::{State, Written, same_metadata};
use super::trace::Trace;
use super::{ProgId, context};
use crate::isa::Pc;
use crate::maps::{Edit, MapChange, MapStore};
use crate::net::SkBuff;

/// Steps that are recorded at most: 16 MB, and 24 MB of jumps.
const MAX_STEPS: usize = 2_000_000;
/// Accesses that are recorded at most: 96 MB.
const MAX_TOUCHES: usize = 4_000_000;
/// Bytes of rare changes that are recorded at most.
const MAX_RARE: usize = 64 << 20;
/// How much a recording has room for at first: what the one before it took, since a program does much the same with
/// every packet, and growing costs copies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    steps: usize,
    straights: usize,
    touches: usize,
}

impl Room {
    /// For the first recording.
    pub const FIRST: Room = Room { steps: 128, straights: 32, touches: 40 };
    /// At most: a run of a million steps is no reason to expect another.
    const MOST: Room = Room { steps: 1 << 14, straights: 1 << 12, touches: 1 << 12 };
}

/// Steps whose instructions follow each other, up to the next run: where one jumps, the next begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Straight {
    /// Its first step.
    pub step: u32,
    /// The instruction of that step, counted over all programs of the machine.
    pub op: u32,
    /// Call depth.
    pub depth: u8,
}

/// What is known of an instruction before it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Its program.
    pub prog: ProgId,
    /// Its slot.
    pub pc: Pc,
    /// The register that it changes, if it changes one.
    pub dst: u8,
    /// Whether it can have [`Touch`]es or [`Rare`] changes.
    pub more: bool,
}

/// Everything that was recorded of a run.
#[derive(Clone, Debug)]
pub(super) struct Log {
    /// For each step, the exclusive or of its register's old and new value.
    pub steps: Vec<u64>,
    pub straights: Vec<Straight>,
    pub touches: Vec<Touch>,
    /// With the step.
    pub rare: Vec<(u32, Box<Rare>)>,
    /// By instruction.
    pub places: Arc<[Place]>,
}

/// A change that few steps make. Packets are what they are exchanged with, so they serve both ways.
#[derive(Clone, Debug)]
pub(super) enum Rare {
    /// A function is called: what its frame's header is exchanged with.
    Call { return_to: Option<u32>, saved: [u64; 4], written: Written },
    /// A function returns: `r6` to `r9` change.
    Return([u64; 4]),
    /// A helper calls a function: `r1` to `r5` change.
    Args([u64; 5]),
    /// The packet's metadata; the bytes in it are empty.
    Metadata(SkBuff),
    /// Packet and metadata.
    Packet(SkBuff),
    /// Maps.
    Maps(Vec<MapChange>),
    /// That many outputs happen.
    Outputs(usize),
}

/// Makes a rare change, or undoes it.
pub(super) fn apply(rare: &mut Rare, state: &mut State, places: &[Place], forward: bool) {
    match rare {
        Rare::Call { return_to, saved, written } => {
            if forward {
                state.push_frame();
            }
            if let Some(frame) = state.frames.last_mut() {
                std::mem::swap(&mut frame.saved, saved);
                std::mem::swap(&mut frame.written, written);
                std::mem::swap(&mut frame.return_op, return_to);
                frame.return_to = frame.return_op.and_then(|op| places.get(op as usize)).map(|at| (at.prog, at.pc));
            }
            if !forward {
                state.pop_frame();
            }
        }
        Rare::Return(deltas) => {
            if forward {
                state.pop_frame();
            } else {
                state.push_frame();
            }
            for (reg, delta) in state.regs[6..10].iter_mut().zip(*deltas) {
                *reg ^= delta;
            }
        }
        Rare::Args(deltas) => {
            for (reg, delta) in state.regs[1..6].iter_mut().zip(*deltas) {
                *reg ^= delta;
            }
        }
        Rare::Metadata(other) => {
            std::mem::swap(&mut state.skb, other);
            std::mem::swap(&mut state.skb.packet, &mut other.packet);
        }
        Rare::Packet(other) => std::mem::swap(&mut state.skb, other),
        Rare::Maps(edits) if forward => edits.iter().for_each(|edit| state.maps.reapply(edit)),
        Rare::Maps(edits) => edits.iter().rev().for_each(|edit| state.maps.revert(edit)),
        Rare::Outputs(count) if forward => state.outputs += *count,
        Rare::Outputs(count) => state.outputs -= *count,
    }
}

/// Records a run: see [`Machine::record`](super::Machine::record).
pub struct Recorder {
    start: State,
    /// For each step, the exclusive or of its register's old and new value.
    steps: Vec<u64>,
    straights: Vec<Straight>,
    /// Steps that there is room for; 0 once the recording is cut.
    limit: usize,
    log: AccessLog,
    /// Touches that there is room for; 0 once the recording is cut.
    touch_limit: usize,
    room: Room,
    rare: Vec<(u32, Box<Rare>)>,
    rare_bytes: usize,
    depth: u8,
    outputs: usize,
    cut: bool,
    /// The packet as the touches before `shadowed` have left it, to find what helpers change.
    shadow: Option<Box<SkBuff>>,
    shadowed: usize,
}

impl Recorder {
    /// A recorder for a run of a program on a packet.
    pub(super) fn new(prog: ProgId, skb: &SkBuff, maps: &MapStore, room: Room) -> Recorder {
        Recorder {
            start: State::at_start(prog, skb, maps),
            steps: Vec::with_capacity(room.steps),
            straights: Vec::with_capacity(room.straights),
            limit: room.steps,
            room,
            log: AccessLog::default(),
            touch_limit: 0,
            rare: Vec::new(),
            rare_bytes: 0,
            depth: 0,
            outputs: 0,
            cut: false,
            shadow: None,
            shadowed: 0,
        }
    }

    /// How much the next recording should have room for.
    pub(super) fn room(&self) -> Room {
        Room {
            steps: self.steps.len().clamp(Room::FIRST.steps, Room::MOST.steps),
            straights: self.straights.len().clamp(Room::FIRST.straights, Room::MOST.straights),
            touches: self.log.touches.len().clamp(Room::FIRST.touches, Room::MOST.touches),
        }
    }

    /// The trace of the run that has been recorded.
    pub(super) fn finish(self, outcome: Outcome, effects: Effects, places: Arc<[Place]>) -> Trace {
        let (steps, mut touches, mut rare) = (self.steps, self.log.touches, self.rare);
        // What a step that faulted left behind belongs to no step.
        touches.truncate(touches.partition_point(|touch| touch.step() < steps.len()));
        rare.truncate(rare.partition_point(|(step, _)| (*step as usize) < steps.len()));
        // One that begins where the recording ends has no step, but tells the depth there.
        let mut straights = self.straights;
        straights.truncate(straights.partition_point(|straight| straight.step as usize <= steps.len()));
        let log = Log { steps, straights, touches, rare, places };
        Trace::new(self.start, log, outcome, effects, self.cut)
    }

    fn push_rare(&mut self, bytes: usize, rare: Rare) {
        if self.cut {
            return;
        }
        self.rare_bytes += bytes + size_of::<Rare>();
        self.rare.push((self.steps.len() as u32, Box::new(rare)));
        if self.rare_bytes > MAX_RARE {
            self.stop();
        }
    }

    /// Records no more.
    fn stop(&mut self) {
        self.cut = true;
        self.limit = 0;
        self.touch_limit = 0;
    }

    /// A step that there is no room for: makes room, or stops.
    #[cold]
    #[inline(never)]
    fn step_slow(&mut self, delta: u64) {
        if self.steps.len() >= MAX_STEPS {
            self.stop();
        }
        if self.cut {
            return;
        }
        self.steps.reserve(self.steps.len().max(1));
        self.limit = self.steps.capacity().min(MAX_STEPS);
        self.steps.push(delta);
    }

    /// Makes room for another touch, if there may be one.
    #[cold]
    #[inline(never)]
    fn more_touches(&mut self) -> bool {
        if self.log.touches.len() >= MAX_TOUCHES {
            self.stop();
        }
        if !self.cut {
            self.log.touches.reserve(self.log.touches.len().max(self.room.touches));
            self.touch_limit = self.log.touches.capacity().min(MAX_TOUCHES);
        }
        !self.cut
    }

    #[inline(always)]
    fn may_touch(&mut self) -> bool {
        let room = self.log.touches.len() < self.touch_limit || self.more_touches();
        if room {
            self.log.step = self.steps.len() as u32;
        }
        room
    }

    /// Records how a helper changed the packet.
    fn compare_packet(&mut self, skb: &SkBuff) {
        let mut shadow = self.shadow.take().unwrap_or_else(|| Box::new(self.start.skb.clone()));
        // Up to before the helper: what instructions wrote since.
        let step = self.steps.len();
        let first = self.log.touches.partition_point(|touch| touch.step() < step);
        self.catch_up(&mut shadow, first);
        let place = |skb: &SkBuff| (skb.packet.meta(), skb.packet.start(), skb.packet.end());
        if place(&shadow) == place(skb) {
            self.catch_up(&mut shadow, self.log.touches.len());
            self.compare_bytes(&mut shadow, skb);
            if !same_metadata(&shadow, skb) {
                let new = without_bytes(skb);
                let bytes = std::mem::take(&mut shadow.packet);
                *shadow = SkBuff { packet: bytes, ..new.clone() };
                self.push_rare(256, Rare::Metadata(new));
            }
        } else {
            // The exchange of packets covers what was written.
            for touch in &mut self.log.touches[first..] {
                if Addr(touch.addr).region() == Some(Region::Packet) {
                    touch.delta = 0;
                }
            }
            self.shadowed = self.log.touches.len();
            *shadow = skb.clone();
            self.push_rare(skb.packet.len() + 256, Rare::Packet(skb.clone()));
        }
        self.shadow = Some(shadow);
    }

    /// Brings the shadow up to before a touch.
    fn catch_up(&mut self, shadow: &mut SkBuff, end: usize) {
        for touch in &self.log.touches[self.shadowed.min(end)..end] {
            if touch.kind() == AccessKind::Write && Addr(touch.addr).region() == Some(Region::Packet) {
                flip(shadow, touch);
            }
        }
        self.shadowed = end;
    }

    /// Records bytes that differ, word by word.
    fn compare_bytes(&mut self, shadow: &mut SkBuff, skb: &SkBuff) {
        fn all(skb: &SkBuff) -> &[u8] {
            let len = (skb.packet.end() - skb.packet.meta()) as usize;
            skb.packet.get(skb.packet.meta(), len).unwrap_or(&[])
        }
        if all(shadow) == all(skb) {
            return;
        }
        let base = context::packet_addr(skb.packet.meta());
        for (i, (old, new)) in all(shadow).chunks(8).zip(all(skb).chunks(8)).enumerate() {
            let differ = |(a, b): (&u8, &u8)| a != b;
            if let Some(from) = old.iter().zip(new).position(differ) {
                let to = old.iter().zip(new).rposition(differ).unwrap_or(from) + 1;
                self.log.write(base + (8 * i + from) as u64, &old[from..to], &new[from..to]);
            }
        }
        self.catch_up(shadow, self.log.touches.len());
    }
}

/// Changes the packet by a recorded write.
fn flip(skb: &mut SkBuff, touch: &Touch) {
    let position = Addr(touch.addr).offset().wrapping_sub(addr::PACKET_BASE) as i32;
    if let Some(bytes) = skb.packet.get_mut(position, touch.len()) {
        for (byte, delta) in bytes.iter_mut().zip(touch.delta.to_le_bytes()) {
            *byte ^= delta;
        }
    }
}

/// Everything of a packet but its bytes.
fn without_bytes(skb: &SkBuff) -> SkBuff {
    SkBuff {
        packet: Default::default(),
        mac: skb.mac,
        network: skb.network,
        protocol: skb.protocol,
        pkt_type: skb.pkt_type,
        vlan: skb.vlan,
        hash: skb.hash,
        device: skb.device,
        notes: skb.notes,
        offloads: skb.offloads,
        missing: skb.missing,
        sk: skb.sk,
        tunnel: skb.tunnel.clone(),
    }
}

/// About how many bytes a change of a map keeps.
fn bytes_of(change: &MapChange) -> usize {
    let content = match &change.edit {
        Edit::Value { old, new, .. } | Edit::Key { old, new, .. } => old.len() + new.len(),
        _ => 0,
    };
    size_of::<MapChange>() + content
}

impl Watch for Recorder {
    const ACTIVE: bool = true;

    #[inline(always)]
    fn step(&mut self, _op: u32, delta: u64) {
        if self.steps.len() >= self.limit {
            return self.step_slow(delta);
        }
        self.steps.push(delta);
    }

    #[inline(always)]
    fn jump(&mut self, op: u32) {
        if !self.cut {
            self.straights.push(Straight { step: self.steps.len() as u32, op, depth: self.depth });
        }
    }

    #[inline(always)]
    fn read(&mut self, addr: u64, len: u32) {
        if self.may_touch() {
            self.log.touches.push(Touch::new(addr, 0, self.log.step, len as u16, AccessKind::Read, 0));
        }
    }

    #[inline(always)]
    fn write(&mut self, addr: u64, len: u32, delta: u64) {
        if self.may_touch() {
            self.log.put(addr, len, delta);
        }
    }

    #[inline(never)]
    fn call(&mut self, return_op: u32, saved: [u64; 4]) {
        self.depth += 1;
        if let Some(written) = self.log.written.get_mut(usize::from(self.depth)) {
            *written = Written::default();
        }
        self.push_rare(0, Rare::Call { return_to: Some(return_op), saved, written: Written::default() });
    }

    #[inline(never)]
    fn ret(&mut self, deltas: [u64; 4]) {
        self.depth = self.depth.saturating_sub(1);
        self.push_rare(0, Rare::Return(deltas));
    }

    #[inline(never)]
    fn args(&mut self, deltas: [u64; 5]) {
        self.push_rare(0, Rare::Args(deltas));
    }

    fn log(&mut self) -> Option<&mut AccessLog> {
        self.may_touch().then_some(&mut self.log)
    }

    #[inline(never)]
    fn outside(&mut self, skb: &SkBuff, maps: &mut MapStore, env: &Env) {
        let changes = maps.take_journal();
        if !self.may_touch() {
            return;
        }
        if !changes.is_empty() {
            let bytes = changes.iter().map(bytes_of).sum();
            self.push_rare(bytes, Rare::Maps(changes));
        }
        let outputs = env.effects().outputs.len();
        if outputs > self.outputs {
            self.push_rare(0, Rare::Outputs(outputs - self.outputs));
            self.outputs = outputs;
        }
        self.compare_packet(skb);
    }
}
