//! [`Trace`]: a recorded run that seeks to any step, both ways.
//!
//! A step keeps what it changed as the exclusive or of old and new, so the same record undoes and redoes.
//! A plain step is 16 bytes ([`Step`]); memory it touched is another 24 ([`Touch`]); what is rare (calls, map
//! operations, new packet geometry) is in a list of its own ([`Rare`]). Seeking walks the steps between:
//! some nanoseconds each, so a million of them stay below a frame.

use std::sync::Arc;

use super::addr::{self, Addr, Region};
use super::env::{Effects, Env};
use super::machine::Outcome;
use super::observe::{Access, AccessKind, AccessLog, Touch, Watch};
use super::{ProgId, context, memory};
use crate::isa::Pc;
use crate::kernel::MapId;
use crate::maps::{Edit, MapChange, MapStore};
use crate::net::SkBuff;

/// Steps that are recorded at most: 32 MB.
const MAX_STEPS: usize = 2_000_000;
/// Accesses that are recorded at most: 96 MB.
const MAX_TOUCHES: usize = 4_000_000;
/// Bytes of rare changes that are recorded at most.
const MAX_RARE: usize = 64 << 20;

/// Where a step is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Location {
    /// The program.
    pub prog: ProgId,
    /// The slot in it.
    pub pc: Pc,
    /// Call depth, 0 in the main function.
    pub depth: u8,
}

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
    /// The caller's `r6` to `r9`.
    pub saved: [u64; 4],
}

impl Frame {
    fn new() -> Frame {
        Frame { stack: [0; addr::STACK_SIZE as usize], written: Written::default(), return_to: None, saved: [0; 4] }
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
    /// How many of [`Effects::outputs`] have happened.
    pub outputs: usize,
    /// Frames of functions that have returned: their bytes stay.
    spare: Vec<Frame>,
}

impl State {
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
    fn apply(&mut self, touch: &Touch) {
        if touch.kind == AccessKind::Read {
            return;
        }
        if let Some(bytes) = self.bytes_at(touch.addr, usize::from(touch.len)) {
            for (byte, delta) in bytes.iter_mut().zip(touch.delta.to_le_bytes()) {
                *byte ^= delta;
            }
        }
        if touch.fresh != 0
            && let Some(Region::Stack(depth)) = Addr(touch.addr).region()
            && let Some(frame) = self.frame(usize::from(depth))
        {
            let index = Addr(touch.addr).offset().wrapping_sub(addr::STACK_TOP - addr::STACK_SIZE);
            frame.written.flip(index, touch.fresh);
        }
    }

    fn push_frame(&mut self) {
        let frame = self.spare.pop().unwrap_or_else(Frame::new);
        self.frames.push(frame);
        self.regs[10] = self.regs[10].wrapping_add(1 << 32);
    }

    fn pop_frame(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.spare.push(frame);
        }
        self.regs[10] = self.regs[10].wrapping_sub(1 << 32);
    }
}

/// A recorded instruction.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Exclusive or of the old and the new value of register `dst`.
    delta: u64,
    /// The instruction, counted over all programs of the machine.
    op: u32,
    dst: u8,
    depth: u8,
    /// Whether there is more in [`Touch`]es or [`Rare`] changes.
    flags: u8,
}

const TOUCHES: u8 = 1;
const RARE: u8 = 2;

/// A change that few steps make. Packets are what they are exchanged with, so they serve both ways.
#[derive(Clone, Debug)]
enum Rare {
    /// A function is called: what its frame's header is exchanged with.
    Call { return_to: Option<u32>, saved: [u64; 4], written: Written },
    /// A function returns: `r6` to `r9` change.
    Return([u64; 4]),
    /// The packet's metadata; the bytes in it are empty.
    Metadata(SkBuff),
    /// Packet and metadata.
    Packet(SkBuff),
    /// Maps.
    Maps(Vec<MapChange>),
    /// That many outputs happen.
    Outputs(usize),
}

/// Records a run: see [`Machine::record`](super::Machine::record).
pub struct Recorder {
    start: State,
    steps: Vec<Step>,
    log: AccessLog,
    rare: Vec<(u32, Box<Rare>)>,
    rare_bytes: usize,
    flags: u8,
    depth: u8,
    next_depth: u8,
    outputs: usize,
    cut: bool,
    /// The packet as the steps so far have left it, to find what helpers change.
    shadow: SkBuff,
    shadowed: usize,
}

impl Recorder {
    /// A recorder for a run of a program on a packet.
    pub(super) fn new(prog: ProgId, skb: &SkBuff, maps: &MapStore) -> Recorder {
        let mut regs = [0; 11];
        regs[1] = Addr::new(addr::CTX, 0).0;
        regs[10] = Addr::new(addr::STACK, addr::STACK_TOP).0;
        let start = State {
            prog,
            pc: Pc(0),
            depth: 0,
            regs,
            frames: vec![Frame::new()],
            skb: skb.clone(),
            maps: maps.clone(),
            outputs: 0,
            spare: Vec::new(),
        };
        Recorder {
            start,
            steps: Vec::with_capacity(1024),
            log: AccessLog::default(),
            rare: Vec::new(),
            rare_bytes: 0,
            flags: 0,
            depth: 0,
            next_depth: 0,
            outputs: 0,
            cut: false,
            shadow: skb.clone(),
            shadowed: 0,
        }
    }

    /// The trace of the run that has been recorded.
    pub(super) fn finish(self, outcome: Outcome, effects: Effects, places: Arc<[(ProgId, Pc)]>) -> Trace {
        let mut trace = Trace {
            state: self.start,
            position: 0,
            touched: 0,
            rare_done: 0,
            steps: self.steps,
            touches: self.log.touches,
            rare: self.rare,
            places,
            outcome,
            effects,
            cut: self.cut,
        };
        // What a step that faulted left behind belongs to no step.
        let steps = trace.steps.len() as u32;
        trace.touches.truncate(trace.touches.partition_point(|t| t.step < steps));
        trace.rare.truncate(trace.rare.partition_point(|(step, _)| *step < steps));
        trace.arrive();
        trace
    }

    fn push_rare(&mut self, bytes: usize, rare: Rare) {
        if !self.cut {
            self.flags |= RARE;
            self.rare_bytes += bytes + size_of::<Rare>();
            self.rare.push((self.log.step, Box::new(rare)));
        }
    }

    /// Makes room, or stops recording.
    #[cold]
    fn grow(&mut self) {
        let full =
            self.steps.len() >= MAX_STEPS || self.log.touches.len() >= MAX_TOUCHES || self.rare_bytes >= MAX_RARE;
        if full {
            self.cut = true;
        } else {
            // Small steps, so that the limits are looked at often enough.
            self.steps.reserve_exact(self.steps.len().clamp(1024, 1 << 16));
        }
    }

    /// Brings the shadow up to the packet before a helper: what instructions wrote since.
    fn catch_up(&mut self, end: usize) {
        for touch in &self.log.touches[self.shadowed.min(end)..end] {
            if touch.kind == AccessKind::Write && Addr(touch.addr).region() == Some(Region::Packet) {
                flip(&mut self.shadow, touch);
            }
        }
        self.shadowed = end;
    }

    /// Records how a helper changed the packet.
    fn compare_packet(&mut self, skb: &SkBuff) {
        let step = self.log.step;
        let first = self.log.touches.partition_point(|t| t.step < step);
        self.catch_up(first);
        let same_place = |a: &SkBuff, b: &SkBuff| {
            let at = |skb: &SkBuff| (skb.packet.meta(), skb.packet.start(), skb.packet.end());
            at(a) == at(b)
        };
        if !same_place(&self.shadow, skb) {
            // The exchange of packets covers what was written.
            for touch in &mut self.log.touches[first..] {
                if Addr(touch.addr).region() == Some(Region::Packet) {
                    touch.delta = 0;
                }
            }
            let changed = skb.clone();
            self.shadow = skb.clone();
            self.shadowed = self.log.touches.len();
            self.push_rare(skb.packet.len() + 256, Rare::Packet(changed));
            return;
        }
        self.catch_up(self.log.touches.len());
        let base = context::packet_addr(skb.packet.meta());
        let all = |skb: &SkBuff| -> usize { (skb.packet.end() - skb.packet.meta()) as usize };
        let now = skb.packet.get(skb.packet.meta(), all(skb)).unwrap_or(&[]);
        let was = self.shadow.packet.get(skb.packet.meta(), all(skb)).unwrap_or(&[]);
        if now != was {
            for (i, (old, new)) in was.chunks(8).zip(now.chunks(8)).enumerate() {
                if let Some(from) = old.iter().zip(new).position(|(a, b)| a != b) {
                    let to = old.iter().zip(new).rposition(|(a, b)| a != b).unwrap_or(from) + 1;
                    self.log.write(base + (8 * i + from) as u64, &old[from..to], &new[from..to]);
                }
            }
            self.catch_up(self.log.touches.len());
        }
        if !same_metadata(&self.shadow, skb) {
            let new = without_bytes(skb);
            let bytes = std::mem::take(&mut self.shadow.packet);
            self.shadow = SkBuff { packet: bytes, ..new.clone() };
            self.push_rare(256, Rare::Metadata(new));
        }
    }
}

/// Changes the packet by a recorded write.
fn flip(skb: &mut SkBuff, touch: &Touch) {
    let position = Addr(touch.addr).offset().wrapping_sub(addr::PACKET_BASE) as i32;
    if let Some(bytes) = skb.packet.get_mut(position, usize::from(touch.len)) {
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
    }
}

fn same_metadata(a: &SkBuff, b: &SkBuff) -> bool {
    let small = |s: &SkBuff| (s.mac, s.network, s.protocol, s.pkt_type, s.vlan, s.hash);
    small(a) == small(b) && a.device == b.device && a.notes == b.notes && a.offloads == b.offloads
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
    fn step(&mut self, op: u32, dst: u8, delta: u64) {
        if self.steps.len() == self.steps.capacity() {
            self.grow();
        }
        if self.cut {
            return;
        }
        self.steps.push(Step { delta, op, dst, depth: self.depth, flags: self.flags });
        self.flags = 0;
        self.depth = self.next_depth;
        self.log.step += 1;
    }

    #[inline(always)]
    fn read(&mut self, addr: u64, len: u32) {
        if !self.cut {
            self.flags |= TOUCHES;
            let touch =
                Touch { addr, delta: 0, step: self.log.step, len: len as u16, kind: AccessKind::Read, fresh: 0 };
            self.log.touches.push(touch);
        }
    }

    #[inline(always)]
    fn write(&mut self, addr: u64, len: u32, delta: u64) {
        if !self.cut {
            self.flags |= TOUCHES;
            self.log.put(addr, len, delta);
        }
    }

    #[inline(never)]
    fn call(&mut self, return_op: u32, saved: [u64; 4]) {
        self.next_depth = self.depth + 1;
        if let Some(written) = self.log.written.get_mut(usize::from(self.next_depth)) {
            *written = Written::default();
        }
        self.push_rare(0, Rare::Call { return_to: Some(return_op), saved, written: Written::default() });
    }

    #[inline(never)]
    fn ret(&mut self, deltas: [u64; 4]) {
        self.next_depth = self.depth.saturating_sub(1);
        self.push_rare(0, Rare::Return(deltas));
    }

    fn log(&mut self) -> Option<&mut AccessLog> {
        if self.cut {
            return None;
        }
        self.flags |= TOUCHES;
        Some(&mut self.log)
    }

    #[inline(never)]
    fn outside(&mut self, skb: &SkBuff, maps: &mut MapStore, env: &Env) {
        let changes = maps.take_journal();
        if self.cut {
            return;
        }
        self.flags |= TOUCHES;
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

/// A register that a step changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegChange {
    /// 0 to 10.
    pub reg: u8,
    /// Before.
    pub old: u64,
    /// After.
    pub new: u64,
}

/// What a step did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Registers that have another value now.
    pub regs: Vec<RegChange>,
    /// Memory that was read or written.
    pub accesses: Vec<Access>,
    /// Maps that were changed by an operation on them, each once.
    pub maps: Vec<MapId>,
    /// Outputs that happened.
    pub outputs: usize,
}

/// A recorded run, and the state before one of its steps.
#[derive(Clone, Debug)]
pub struct Trace {
    state: State,
    position: usize,
    /// Touches and rare changes of the steps before `position`.
    touched: usize,
    rare_done: usize,
    steps: Vec<Step>,
    touches: Vec<Touch>,
    rare: Vec<(u32, Box<Rare>)>,
    places: Arc<[(ProgId, Pc)]>,
    outcome: Outcome,
    effects: Effects,
    cut: bool,
}

impl Trace {
    /// Steps of the run: instructions that were recorded.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Where the trace stands: [`state`](Trace::state) is the one before this step; `steps()` is the end.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The state at the position.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// How the run ended, wherever the trace stands.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What the whole run put out, wherever the trace stands.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// Whether the run went on after the last step that could be recorded.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Goes to a step; one beyond the end is the end.
    pub fn seek(&mut self, step: usize) {
        let step = step.min(self.steps.len());
        while self.position < step {
            self.forward();
        }
        while self.position > step {
            self.backward();
        }
        self.arrive();
    }

    /// Sets what follows from the position alone.
    fn arrive(&mut self) {
        let at = self.location(self.position);
        (self.state.prog, self.state.pc, self.state.depth) = (at.prog, at.pc, at.depth);
    }

    #[inline]
    fn forward(&mut self) {
        let Some(&step) = self.steps.get(self.position) else { return };
        if let Some(reg) = self.state.regs.get_mut(usize::from(step.dst)) {
            *reg ^= step.delta;
        }
        if step.flags != 0 {
            self.forward_rest();
        }
        self.position += 1;
    }

    fn forward_rest(&mut self) {
        let step = self.position as u32;
        while let Some((_, rare)) = self.rare.get_mut(self.rare_done).filter(|(at, _)| *at == step) {
            apply(rare, &mut self.state, &self.places, true);
            self.rare_done += 1;
        }
        while let Some(touch) = self.touches.get(self.touched).filter(|t| t.step == step) {
            self.state.apply(touch);
            self.touched += 1;
        }
    }

    #[inline]
    fn backward(&mut self) {
        let Some(last) = self.position.checked_sub(1) else { return };
        self.position = last;
        let step = self.steps[last];
        if step.flags != 0 {
            self.backward_rest();
        }
        if let Some(reg) = self.state.regs.get_mut(usize::from(step.dst)) {
            *reg ^= step.delta;
        }
    }

    fn backward_rest(&mut self) {
        let step = self.position as u32;
        while let Some(touch) = self.touched.checked_sub(1).map(|i| &self.touches[i]).filter(|t| t.step == step) {
            self.state.apply(touch);
            self.touched -= 1;
        }
        while let Some(last) = self.rare_done.checked_sub(1) {
            let (at, rare) = &mut self.rare[last];
            if *at != step {
                break;
            }
            apply(rare, &mut self.state, &self.places, false);
            self.rare_done = last;
        }
    }

    /// Where a step is. At the end: where the run faulted or stopped, else its last instruction.
    pub fn location(&self, step: usize) -> Location {
        let of = |step: &Step| {
            let (prog, pc) = self.places.get(step.op as usize).copied().unwrap_or((ProgId(0), Pc(0)));
            Location { prog, pc, depth: step.depth }
        };
        match (self.steps.get(step), &self.outcome.fault) {
            (Some(step), _) => of(step),
            (None, Some(fault)) if !self.cut => {
                let depth = self.end_depth();
                Location { prog: fault.prog, pc: fault.pc, depth }
            }
            (None, _) => {
                let start = Location { prog: self.state.prog, pc: Pc(0), depth: 0 };
                self.steps.last().map_or(start, of)
            }
        }
    }

    /// Call depth after the last step.
    fn end_depth(&self) -> u8 {
        let Some(last) = self.steps.last() else { return 0 };
        match self.rare.last() {
            Some((at, rare)) if *at as usize + 1 == self.steps.len() => match **rare {
                Rare::Call { .. } => last.depth + 1,
                Rare::Return(_) => last.depth.saturating_sub(1),
                _ => last.depth,
            },
            _ => last.depth,
        }
    }

    /// What a step did.
    pub fn changes(&self, step: usize) -> Changes {
        let mut changes = Changes { accesses: self.accesses(step..step + 1).collect(), ..Changes::default() };
        if step >= self.steps.len() {
            return changes;
        }
        let (old, new) = (self.regs_at(step), self.regs_at(step + 1));
        for (reg, (old, new)) in old.into_iter().zip(new).enumerate() {
            if old != new {
                changes.regs.push(RegChange { reg: reg as u8, old, new });
            }
        }
        let first = self.rare.partition_point(|(at, _)| (*at as usize) < step);
        for (_, rare) in self.rare[first..].iter().take_while(|(at, _)| *at as usize == step) {
            match &**rare {
                Rare::Maps(edits) => {
                    for edit in edits.iter().filter(|edit| edit.changes_entries()) {
                        if !changes.maps.contains(&edit.map()) {
                            changes.maps.push(edit.map());
                        }
                    }
                }
                Rare::Outputs(count) => changes.outputs += count,
                _ => {}
            }
        }
        changes
    }

    /// Registers before a step, found from the position.
    fn regs_at(&self, step: usize) -> [u64; 11] {
        let mut regs = self.state.regs;
        let between = self.position.min(step)..self.position.max(step);
        for step in &self.steps[between.clone()] {
            if let Some(reg) = regs.get_mut(usize::from(step.dst)) {
                *reg ^= step.delta;
            }
        }
        let first = self.rare.partition_point(|(at, _)| (*at as usize) < between.start);
        for (_, rare) in self.rare[first..].iter().take_while(|(at, _)| (*at as usize) < between.end) {
            if let Rare::Return(deltas) = **rare {
                for (reg, delta) in regs[6..10].iter_mut().zip(deltas) {
                    *reg ^= delta;
                }
            }
        }
        let depth = if step == self.steps.len() { self.end_depth() } else { self.steps[step].depth };
        regs[10] = Addr::new(addr::STACK + u32::from(depth), addr::STACK_TOP).0;
        regs
    }

    /// Reads and writes of memory by the steps of a range, in order, those of helpers included.
    pub fn accesses(&self, steps: std::ops::Range<usize>) -> impl Iterator<Item = Access> + '_ {
        let first = self.touches.partition_point(|t| (t.step as usize) < steps.start);
        let end = self.touches.partition_point(|t| (t.step as usize) < steps.end);
        self.touches[first..end.max(first)].iter().filter_map(Touch::access)
    }

    /// Maps that the steps of a range changed by operations on them, with the step; not by stores through pointers.
    pub fn map_changes(&self, steps: std::ops::Range<usize>) -> impl Iterator<Item = (usize, &MapChange)> + '_ {
        let first = self.rare.partition_point(|(at, _)| (*at as usize) < steps.start);
        self.rare[first..].iter().take_while(move |(at, _)| (*at as usize) < steps.end).flat_map(|(at, rare)| {
            let edits: &[MapChange] = if let Rare::Maps(edits) = &**rare { edits } else { &[] };
            edits.iter().filter(|edit| edit.changes_entries()).map(move |edit| (*at as usize, edit))
        })
    }

    /// The steps that put something out, in order.
    pub fn output_steps(&self) -> impl Iterator<Item = usize> + '_ {
        self.rare.iter().filter(|(_, rare)| matches!(**rare, Rare::Outputs(_))).map(|(at, _)| *at as usize)
    }

    /// The nearest step after (or before) `from` whose location fits; the end of the run has one too.
    ///
    /// Step over a call: `find(at, true, |l| l.depth <= here.depth)`; out of a function: `l.depth < here.depth`.
    pub fn find(&self, from: usize, forward: bool, fits: impl Fn(Location) -> bool) -> Option<usize> {
        if forward {
            (from + 1..=self.steps.len()).find(|&step| fits(self.location(step)))
        } else {
            (0..from.min(self.steps.len() + 1)).rev().find(|&step| fits(self.location(step)))
        }
    }

    /// How often each instruction ran, by program and slot; those that never did are left out.
    pub fn hits(&self) -> Vec<(ProgId, Pc, u64)> {
        let mut counts = vec![0u64; self.places.len()];
        for step in &self.steps {
            if let Some(count) = counts.get_mut(step.op as usize) {
                *count += 1;
            }
        }
        let ran = self.places.iter().zip(counts).filter(|(_, n)| *n > 0);
        ran.map(|(&(prog, pc), n)| (prog, pc, n)).collect()
    }
}

/// Makes a rare change, or undoes it.
fn apply(rare: &mut Rare, state: &mut State, places: &[(ProgId, Pc)], forward: bool) {
    match rare {
        Rare::Call { return_to, saved, written } => {
            if forward {
                state.push_frame();
            }
            if let Some(frame) = state.frames.last_mut() {
                std::mem::swap(&mut frame.saved, saved);
                std::mem::swap(&mut frame.written, written);
                let there = return_to.and_then(|op| places.get(op as usize).copied());
                let here = frame.return_to.and_then(|at| places.binary_search(&at).ok());
                frame.return_to = there;
                *return_to = here.map(|op| op as u32);
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
            && self.maps.len() == other.maps.len()
            && (0..self.maps.len() as u32).all(|id| self.maps.entries(MapId(id)).eq(other.maps.entries(MapId(id))))
    }
}
