//! Which stack slots are read later: found out along the paths, for all ways that lead to a function at once.
//!
//! An instruction's reads and writes of stack slots are noted as it is checked, by the calls that led to its function
//! (an [`Instance`]) and by the frame that the slot is in. What it may read is the union over all paths, what it must
//! write is what all of them wrote. When a path ends or a function returns, instances with news solve for what is live
//! before each instruction, and tell their caller's call what they read and write of its frames. So it is known for
//! every kept state without branches which slots matter: whatever comes after it was noted.

use std::collections::HashMap;
use std::fmt::Write;

use super::backtrack::slots_text;
use super::frame_insn;
use crate::isa::{Insn, Pc};
use crate::verifier::env::Verifier;
use crate::verifier::log::verbose;
use crate::verifier::reg::{RegState, RegType};
use crate::verifier::shape::{Shape, Slot};
use crate::verifier::stack::StackSlot;
use crate::verifier::state::{MAX_FRAMES, State, StateId};

/// What is known of one instruction and one frame's slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Masks {
    /// Slots that it may read.
    may_read: u64,
    /// Slots that it writes whole, on every path.
    must_write: u64,
    /// The same, or what comes after it does.
    written: u64,
    /// Slots that it or what comes after it may read before they are written.
    live: u64,
}

/// The calls that lead to a function, outermost first, then the function's start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Chain {
    places: [Pc; MAX_FRAMES],
    frame: u8,
}

/// A function by the way that leads to it.
#[derive(Debug)]
struct Instance {
    chain: Chain,
    start: Pc,
    len: usize,
    /// The instance of its caller.
    outer: Option<usize>,
    /// Whether anything was noted since it was solved.
    updated: bool,
    /// Whether an instruction must write less than was thought.
    dropped: bool,
    /// By frame, then by instruction; empty where nothing was noted.
    masks: [Vec<Masks>; MAX_FRAMES],
    /// Instructions whose writes were noted.
    noted: Vec<bool>,
}

/// All that was noted.
#[derive(Debug, Default)]
pub(super) struct LiveStack {
    instances: Vec<Instance>,
    by_chain: HashMap<Chain, usize>,
    /// The current function's instance, and how many frames there were.
    current: Option<(usize, usize)>,
    /// What the current instruction wrote so far, by frame.
    writes: [u64; MAX_FRAMES],
    insn: Pc,
}

impl Chain {
    fn of(state: &State, frame: usize, start: Pc) -> Chain {
        let mut chain = Chain { places: [Pc(0); MAX_FRAMES], frame: frame as u8 };
        for (place, above) in chain.places.iter_mut().zip(&state.frames[1..=frame]) {
            *place = above.callsite.unwrap_or(Pc(0));
        }
        chain.places[frame] = start;
        chain
    }

    fn frame(&self) -> usize {
        usize::from(self.frame)
    }

    /// As the log has it: `(12,40)`.
    fn text(&self) -> String {
        let mut text = String::from("(");
        for (i, place) in self.places[..=self.frame()].iter().enumerate() {
            let _ = write!(text, "{}{place}", if i > 0 { "," } else { "" });
        }
        text.push(')');
        text
    }
}

impl Instance {
    fn index(&self, pc: Pc) -> usize {
        pc.0.wrapping_sub(self.start.0) as usize
    }

    fn get(&self, frame: usize, pc: Pc) -> Masks {
        self.masks[frame].get(self.index(pc)).copied().unwrap_or_default()
    }

    fn get_mut(&mut self, frame: usize, pc: Pc) -> Option<&mut Masks> {
        let index = self.index(pc);
        if self.masks[frame].is_empty() {
            self.masks[frame].resize(self.len, Masks::default());
        }
        self.masks[frame].get_mut(index)
    }

    fn read(&mut self, frame: usize, pc: Pc, slots: u64) {
        let Some(masks) = self.get_mut(frame, pc) else { return };
        let may_read = masks.may_read | slots;
        let news = may_read != masks.may_read && may_read | masks.live != masks.live;
        masks.may_read = may_read;
        self.updated |= news;
    }

    /// Notes what an instruction wrote, by frame.
    fn write(&mut self, pc: Pc, writes: &[u64; MAX_FRAMES]) {
        let Some(noted) = self.noted.get_mut(pc.0.wrapping_sub(self.start.0) as usize) else { return };
        let again = std::mem::replace(noted, true);
        for (frame, &slots) in writes.iter().enumerate().take(self.chain.frame() + 1) {
            let mut slots = slots;
            if slots == 0 && !again {
                continue;
            }
            if slots == 0 && self.masks[frame].is_empty() {
                // Nothing was ever written there.
                continue;
            }
            let Some(masks) = self.get_mut(frame, pc) else { continue };
            let old = masks.must_write;
            if again {
                slots &= old;
            }
            masks.must_write = slots;
            self.updated |= old != slots;
            self.dropped |= old & !slots != 0;
        }
    }

    /// Forgets what is written from each instruction on, as it may be less now.
    fn forget_written(&mut self) {
        for masks in self.masks.iter_mut().flatten() {
            masks.written = 0;
        }
    }
}

impl LiveStack {
    /// The instance of the function that the path is in.
    fn follow(&mut self, cur: &State, shape: &Shape) -> usize {
        let frames = cur.frames.len();
        match self.current {
            Some((number, known)) if known == frames => number,
            _ => {
                let number = self.instance(cur, frames - 1, shape);
                self.current = Some((number, frames));
                number
            }
        }
    }

    fn instance(&mut self, state: &State, frame: usize, shape: &Shape) -> usize {
        let subprog = shape.subprogs.get(state.frames[frame].subprog as usize);
        let (start, end) = subprog.map_or((Pc(0), Pc(0)), |subprog| (subprog.start, subprog.end));
        let chain = Chain::of(state, frame, start);
        if let Some(&number) = self.by_chain.get(&chain) {
            return number;
        }
        let outer = frame.checked_sub(1).map(|frame| self.instance(state, frame, shape));
        let len = end.0.saturating_sub(start.0) as usize;
        self.instances.push(Instance {
            chain,
            start,
            len,
            outer,
            updated: false,
            dropped: false,
            masks: Default::default(),
            noted: vec![false; len],
        });
        self.by_chain.insert(chain, self.instances.len() - 1);
        self.instances.len() - 1
    }
}

/// Where a path may go after an instruction, within its function.
fn successors(shape: &Shape, pc: Pc) -> [Option<Pc>; 2] {
    let Some(Slot::Insn(insn)) = shape.insns.get(pc.index()) else { return [Some(Pc(pc.0 + 1)), None] };
    let at = |off: i32| Some(Pc(pc.0.wrapping_add(1).wrapping_add(off as u32)));
    match *insn {
        Insn::Exit => [None, None],
        Insn::Goto { off, .. } => [at(off), None],
        Insn::Jump { off, .. } | Insn::MayGoto { off } => [at(0), at(i32::from(off))],
        Insn::LoadImm64 { .. } => [at(1), None],
        _ => [at(0), None],
    }
}

impl Verifier<'_> {
    /// An instruction is about to be checked: what it reads and writes of the stack is noted from here on.
    pub fn begin_stack_marks(&mut self, pc: Pc) {
        let live = &mut self.kept.live;
        live.follow(&self.cur, &self.shape);
        live.writes[..self.cur.frames.len().min(MAX_FRAMES)].fill(0);
        live.insn = pc;
        let is_jump = matches!(
            self.insn_at(pc),
            Some(Insn::Jump { .. } | Insn::Goto { .. } | Insn::MayGoto { .. } | Insn::Call(_) | Insn::Exit)
        );
        self.kept.jumps += u32::from(is_jump);
    }

    /// The instruction was checked: what it wrote is so on this path. If it went into another function, what it writes
    /// is what that function does.
    pub fn commit_stack_marks(&mut self) {
        let live = &mut self.kept.live;
        if let Some((current, frames)) = live.current
            && frames == self.cur.frames.len()
        {
            live.instances[current].write(live.insn, &live.writes);
        }
    }

    /// The instruction `insn` may read slots (by bits) of a frame.
    pub fn mark_stack_read(&mut self, frame: u32, insn: Pc, slots: u64) {
        let live = &mut self.kept.live;
        let current = live.follow(&self.cur, &self.shape);
        live.instances[current].read(frame as usize & (MAX_FRAMES - 1), insn, slots);
    }

    /// The current instruction writes slots (by bits) of a frame, all of their bytes.
    pub fn mark_stack_write(&mut self, frame: u32, slots: u64) {
        self.kept.live.writes[frame as usize & (MAX_FRAMES - 1)] |= slots;
    }

    /// A path ends, or a function returns: what was noted of the functions that it is in takes effect.
    pub fn update_live_stack(&mut self) {
        self.kept.live.current = None;
        for frame in (0..self.cur.frames.len()).rev() {
            let number = self.kept.live.instance(&self.cur, frame, &self.shape);
            if self.kept.live.instances[number].updated {
                self.solve(number, frame);
                let instance = &mut self.kept.live.instances[number];
                (instance.updated, instance.dropped) = (false, false);
            }
        }
    }

    /// Finds what is live before each instruction of an instance.
    fn solve(&mut self, number: usize, frame: usize) {
        let subprog = self.cur.frames[frame].subprog as usize;
        let (from, to) = self.shape.subprogs.get(subprog).map_or((0, 0), |subprog| subprog.postorder);
        // The log says how it went, so that the instance is worked on outside of its place.
        let mut live = std::mem::take(&mut self.kept.live);
        let instance = &mut live.instances[number];
        if instance.dropped {
            instance.forget_written();
        }
        let order = self.shape.postorder.get(from as usize..to as usize).unwrap_or_default();
        let mut text = self.log.all_paths().then(String::new);
        let mut rounds = 0;
        let mut changed = true;
        while changed {
            changed = false;
            rounds += 1;
            for frame in (0..=frame).filter(|&frame| !instance.masks[frame].is_empty()).collect::<Vec<_>>() {
                for &pc in order {
                    changed |= solve_insn(instance, frame, Pc(pc), &self.shape, text.as_mut());
                }
            }
        }
        if let Some(text) = text {
            let chain = instance.chain.text();
            verbose!(self, "{text}{chain} live stack update done in {rounds} iterations\n");
        }
        live.tell_caller(number);
        self.kept.live = live;
    }

    /// Clears what is not live in a kept state.
    pub(super) fn clean(&mut self, id: StateId) {
        let mut live = std::mem::take(&mut self.kept.live);
        if let Some(node) = self.kept.node_mut(id) {
            node.cleaned = true;
            let state = &mut node.state;
            let instances: Vec<usize> =
                (0..state.frames.len()).map(|frame| live.instance(state, frame, &self.shape)).collect();
            for frame in 0..state.frames.len() {
                let pc = frame_insn(state, frame);
                let live_regs = self.shape.aux.get(pc.index()).map_or(u16::MAX, |aux| aux.live_regs);
                let alive = live.alive(&instances, state, frame, &self.shape);
                let func = &mut state.frames[frame];
                for (_, reg) in func.regs[..10].iter_mut().enumerate().filter(|(i, _)| live_regs & 1 << i == 0) {
                    *reg = RegState { ty: RegType::NotInit, ..RegState::NOT_INIT };
                }
                for i in 0..func.stack.len() {
                    let dead = alive.checked_shr(i as u32).unwrap_or(0) & 1 == 0;
                    if dead && func.stack[i] != StackSlot::INVALID {
                        func.stack[i] = StackSlot::INVALID;
                    }
                }
                // Nothing marks them any more.
                let used = func.stack.iter().rposition(|slot| !slot.is_invalid()).map_or(0, |last| last + 1);
                func.left_out += (func.stack.len() - used) as u8;
                func.stack.resize(used);
            }
        }
        self.kept.live = live;
    }
}

impl LiveStack {
    /// Tells the call that leads to an instance what is read and written behind it.
    fn tell_caller(&mut self, number: usize) {
        let instance = &self.instances[number];
        let Some(outer) = instance.outer else { return };
        let frames = instance.chain.frame();
        let callsite = instance.chain.places[frames - 1];
        let mut writes = [0; MAX_FRAMES];
        let first: Vec<Option<Masks>> = (0..frames)
            .map(|frame| (!instance.masks[frame].is_empty()).then(|| instance.get(frame, instance.start)))
            .collect();
        for (frame, masks) in first.into_iter().enumerate() {
            let Some(masks) = masks else { continue };
            writes[frame] = masks.written;
            self.instances[outer].read(frame, callsite, masks.live);
        }
        self.instances[outer].write(callsite, &writes);
    }

    /// Slots of a frame that are read from the state on: in the current function, or after return to those below.
    fn alive(&self, instances: &[usize], state: &State, frame: usize, shape: &Shape) -> u64 {
        let Some((&current, outer)) = instances.split_last() else { return u64::MAX };
        let mut alive = self.instances[current].get(frame, state.insn).live;
        for (i, &number) in outer.iter().enumerate().skip(frame) {
            let callsite = frame_insn(state, i);
            let calls_back = shape.aux.get(callsite.index()).is_some_and(|aux| aux.calls_callback);
            // A callback may be called again.
            let pc = if calls_back { callsite } else { Pc(callsite.0 + 1) };
            alive |= self.instances[number].get(frame, pc).live;
        }
        alive
    }
}

/// One instruction of [`Verifier::solve`]; tells whether anything changed.
fn solve_insn(instance: &mut Instance, frame: usize, pc: Pc, shape: &Shape, text: Option<&mut String>) -> bool {
    let next = successors(shape, pc);
    if next == [None, None] {
        return false;
    }
    let (mut live, mut written) = (0, u64::MAX);
    for next in next.into_iter().flatten() {
        let masks = instance.get(frame, next);
        live |= masks.live;
        written &= masks.written;
    }
    let (chain, start) = (instance.chain, instance.start);
    let Some(masks) = instance.get_mut(frame, pc) else { return false };
    written |= masks.must_write;
    live = live & !masks.must_write | masks.may_read;
    let old = *masks;
    (masks.live, masks.written) = (live, written);
    if let Some(text) = text {
        let shown = old.may_read != 0
            || old.must_write != 0
            || pc == start
            || shape.aux.get(pc.index()).is_some_and(|aux| aux.prune_point);
        if shown {
            for (name, old, new) in [("live", old.live, live), ("written", old.written, written)] {
                write_change(text, &format!("{} frame {frame} insn {pc} ", chain.text()), name, old, new);
            }
        }
    }
    live != old.live || written != old.written
}

fn write_change(text: &mut String, place: &str, name: &str, old: u64, new: u64) {
    if old == new {
        return;
    }
    text.push_str(place);
    let (more, less) = (new & !old, old & !new);
    if more != 0 {
        let _ = write!(text, "+{name} {} ", slots_text(more));
    }
    if less != 0 {
        let _ = write!(text, "-{name} {}", slots_text(less));
    }
    text.push('\n');
}
