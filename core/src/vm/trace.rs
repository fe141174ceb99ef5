//! [`Trace`]: a recorded run that seeks to any step, both ways.
//!
//! Seeking walks the steps between: some nanoseconds each, so a million of them stay below a frame.

use std::ops::Range;
use std::sync::Arc;

use super::ProgId;
use super::addr::{self, Addr};
use super::env::Effects;
use super::machine::Outcome;
use super::observe::{Access, Touch};
use super::record::{Log, Rare, apply};
use super::state::State;
use crate::isa::Pc;
use crate::kernel::MapId;
use crate::maps::MapChange;

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
    log: Log,
    position: usize,
    /// The straight that the position is in or at the end of, and how many touches and rare changes the steps before
    /// the position have.
    straight: usize,
    touched: usize,
    rare_done: usize,
    outcome: Outcome,
    effects: Effects,
    cut: bool,
}

impl Trace {
    /// A trace that stands at its start.
    pub(super) fn new(state: State, log: Log, outcome: Outcome, effects: Effects, cut: bool) -> Trace {
        let mut trace = Trace { state, log, position: 0, straight: 0, touched: 0, rare_done: 0, outcome, effects, cut };
        trace.arrive();
        trace
    }

    /// Steps of the run: instructions that were recorded.
    pub fn steps(&self) -> usize {
        self.log.steps.len()
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
        let step = step.min(self.steps());
        if self.position < step {
            self.forward(step);
        } else {
            self.backward(step);
        }
        self.arrive();
    }

    /// Sets what follows from the position alone.
    fn arrive(&mut self) {
        let at = self.location(self.position);
        (self.state.prog, self.state.pc, self.state.depth) = (at.prog, at.pc, at.depth);
    }

    /// Steps of a straight, as a range.
    fn steps_of(&self, straight: usize) -> Range<usize> {
        let first = |at: usize| self.log.straights.get(at).map(|straight| straight.step as usize);
        first(straight).unwrap_or(self.steps())..first(straight + 1).unwrap_or(self.steps())
    }

    /// The straight that a step is in, the last for the end.
    fn straight_of(&self, step: usize) -> usize {
        self.log.straights.partition_point(|straight| straight.step as usize <= step).saturating_sub(1)
    }

    /// The instructions of a straight from a step on.
    fn op_of(&self, straight: usize, step: usize) -> usize {
        self.log.straights.get(straight).map_or(0, |s| s.op as usize + step.saturating_sub(s.step as usize))
    }

    fn forward(&mut self, to: usize) {
        let places = Arc::clone(&self.log.places);
        while self.position < to {
            let steps = self.steps_of(self.straight);
            let op = self.op_of(self.straight, self.position);
            let end = steps.end.min(to);
            for place in places.get(op..).unwrap_or(&[]).iter().take(end - self.position) {
                if let Some(reg) = self.state.regs.get_mut(usize::from(place.dst)) {
                    *reg ^= self.log.steps[self.position];
                }
                if place.more {
                    self.forward_rest();
                }
                self.position += 1;
            }
            self.position = end;
            if end == steps.end && self.straight + 1 < self.log.straights.len() {
                self.straight += 1;
            }
        }
    }

    fn forward_rest(&mut self) {
        let step = self.position;
        while let Some((_, rare)) = self.log.rare.get_mut(self.rare_done).filter(|(at, _)| *at as usize == step) {
            apply(rare, &mut self.state, &self.log.places, true);
            self.rare_done += 1;
        }
        while let Some(touch) = self.log.touches.get(self.touched).filter(|t| t.step() == step) {
            self.state.apply(touch);
            self.touched += 1;
        }
    }

    fn backward(&mut self, to: usize) {
        let places = Arc::clone(&self.log.places);
        while self.position > to {
            let mut steps = self.steps_of(self.straight);
            if steps.start >= self.position && self.straight > 0 {
                self.straight -= 1;
                steps = self.steps_of(self.straight);
            }
            let start = steps.start.max(to);
            let (first, last) = (self.op_of(self.straight, start), self.op_of(self.straight, self.position));
            for place in places.get(first..last).unwrap_or(&[]).iter().rev() {
                self.position -= 1;
                if place.more {
                    self.backward_rest();
                }
                if let Some(reg) = self.state.regs.get_mut(usize::from(place.dst)) {
                    *reg ^= self.log.steps[self.position];
                }
            }
            self.position = start;
        }
    }

    fn backward_rest(&mut self) {
        let step = self.position;
        while let Some(touch) = self.touched.checked_sub(1).map(|i| &self.log.touches[i]).filter(|t| t.step() == step) {
            self.state.apply(touch);
            self.touched -= 1;
        }
        while let Some(last) = self.rare_done.checked_sub(1) {
            let (at, rare) = &mut self.log.rare[last];
            if *at as usize != step {
                break;
            }
            apply(rare, &mut self.state, &self.log.places, false);
            self.rare_done = last;
        }
    }

    /// Where a step is. At the end: where the run faulted or stopped, else its last instruction.
    pub fn location(&self, step: usize) -> Location {
        let steps = self.steps();
        let last = steps.saturating_sub(1);
        match &self.outcome.fault {
            Some(fault) if step >= steps && !self.cut => {
                Location { prog: fault.prog, pc: fault.pc, depth: self.depth(steps) }
            }
            _ => self.location_in(self.straight_of(step.min(last)), step.min(last)),
        }
    }

    /// Where a step is, when its straight is known.
    fn location_in(&self, straight: usize, step: usize) -> Location {
        let depth = self.log.straights.get(straight).map_or(0, |straight| straight.depth);
        match self.log.places.get(self.op_of(straight, step)) {
            Some(at) => Location { prog: at.prog, pc: at.pc, depth },
            None => Location { prog: self.state.prog, pc: Pc(0), depth },
        }
    }

    /// Call depth before a step.
    fn depth(&self, step: usize) -> u8 {
        self.log.straights.get(self.straight_of(step)).map_or(0, |straight| straight.depth)
    }

    /// What a step did.
    pub fn changes(&self, step: usize) -> Changes {
        let mut changes = Changes { accesses: self.accesses(step..step + 1).collect(), ..Changes::default() };
        if step >= self.steps() {
            return changes;
        }
        let (old, new) = (self.regs_at(step), self.regs_at(step + 1));
        for (reg, (old, new)) in old.into_iter().zip(new).enumerate() {
            if old != new {
                changes.regs.push(RegChange { reg: reg as u8, old, new });
            }
        }
        let first = self.log.rare.partition_point(|(at, _)| (*at as usize) < step);
        for (_, rare) in self.log.rare[first..].iter().take_while(|(at, _)| *at as usize == step) {
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
        let mut straight = self.straight_of(between.start);
        let mut at = between.start;
        while at < between.end {
            let end = self.steps_of(straight).end.min(between.end);
            let op = self.op_of(straight, at);
            let places = self.log.places.get(op..).unwrap_or(&[]);
            for (place, delta) in places.iter().zip(&self.log.steps[at..end]) {
                if let Some(reg) = regs.get_mut(usize::from(place.dst)) {
                    *reg ^= delta;
                }
            }
            (at, straight) = (end, straight + 1);
        }
        let first = self.log.rare.partition_point(|(at, _)| (*at as usize) < between.start);
        for (_, rare) in self.log.rare[first..].iter().take_while(|(at, _)| (*at as usize) < between.end) {
            let (first, deltas): (usize, &[u64]) = match &**rare {
                Rare::Return(deltas) => (6, deltas),
                Rare::Args(deltas) => (1, deltas),
                _ => continue,
            };
            for (reg, delta) in regs[first..].iter_mut().zip(deltas) {
                *reg ^= delta;
            }
        }
        regs[10] = Addr::new(addr::STACK + u32::from(self.depth(step)), addr::STACK_TOP).0;
        regs
    }

    /// Reads and writes of memory by the steps of a range, in order, those of helpers included.
    pub fn accesses(&self, steps: Range<usize>) -> impl Iterator<Item = Access> + '_ {
        let first = self.log.touches.partition_point(|t| (t.step()) < steps.start);
        let end = self.log.touches.partition_point(|t| (t.step()) < steps.end);
        self.log.touches[first..end.max(first)].iter().filter_map(Touch::access)
    }

    /// Maps that the steps of a range changed by operations on them, with the step; not by stores through pointers.
    pub fn map_changes(&self, steps: Range<usize>) -> impl Iterator<Item = (usize, &MapChange)> + '_ {
        let first = self.log.rare.partition_point(|(at, _)| (*at as usize) < steps.start);
        self.log.rare[first..].iter().take_while(move |(at, _)| (*at as usize) < steps.end).flat_map(|(at, rare)| {
            let edits: &[MapChange] = if let Rare::Maps(edits) = &**rare { edits } else { &[] };
            edits.iter().filter(|edit| edit.changes_entries()).map(move |edit| (*at as usize, edit))
        })
    }

    /// The steps that put something out, in order.
    pub fn output_steps(&self) -> impl Iterator<Item = usize> + '_ {
        self.log.rare.iter().filter(|(_, rare)| matches!(**rare, Rare::Outputs(_))).map(|(at, _)| *at as usize)
    }

    /// The nearest step after (or before) `from` whose location fits; the end of the run has one too.
    ///
    /// Step over a call: `find(at, true, |l| l.depth <= here.depth)`; out of a function: `l.depth < here.depth`.
    pub fn find(&self, from: usize, forward: bool, fits: impl Fn(Location) -> bool) -> Option<usize> {
        let steps = self.steps();
        let mut straight = self.straight_of(if forward { from + 1 } else { from.min(steps).saturating_sub(1) });
        let mut here = |step: usize| {
            if step >= steps {
                return fits(self.location(step));
            }
            while straight > 0 && self.steps_of(straight).start > step {
                straight -= 1;
            }
            while self.steps_of(straight).end <= step {
                straight += 1;
            }
            fits(self.location_in(straight, step))
        };
        if forward {
            (from.saturating_add(1)..=steps).find(|&step| here(step))
        } else {
            (0..from.min(steps + 1)).rev().find(|&step| here(step))
        }
    }

    /// How often each instruction ran, by program and slot; those that never did are left out.
    pub fn hits(&self) -> Vec<(ProgId, Pc, u64)> {
        // The difference of each instruction's count to that of the one before.
        let mut changes = vec![0i64; self.log.places.len() + 1];
        for (at, straight) in self.log.straights.iter().enumerate() {
            let first = straight.op as usize;
            let end = first + self.steps_of(at).len();
            if let Some([from, .., to]) = changes.get_mut(first..=end).filter(|range| range.len() > 1) {
                *from += 1;
                *to -= 1;
            }
        }
        let mut count = 0;
        let counts = changes.iter().map(|change| {
            count += change;
            count as u64
        });
        let ran = self.log.places.iter().zip(counts).filter(|(_, n)| *n > 0);
        ran.map(|(at, n)| (at.prog, at.pc, n)).collect()
    }
}
