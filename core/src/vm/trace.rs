//! [`Trace`]: a recorded run that seeks to any step, both ways.
//!
//! Seeking walks the steps between: some nanoseconds each, so a million of them stay below a frame.

use std::sync::Arc;

use super::ProgId;
use super::addr::{self, Addr};
use super::env::Effects;
use super::machine::Outcome;
use super::observe::{Access, Touch};
use super::record::{Rare, Step, apply};
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
    /// A trace that stands at its start.
    #[expect(clippy::too_many_arguments, reason = "they are all that a recorder has collected")]
    pub(super) fn new(
        state: State,
        steps: Vec<Step>,
        touches: Vec<Touch>,
        rare: Vec<(u32, Box<Rare>)>,
        places: Arc<[(ProgId, Pc)]>,
        outcome: Outcome,
        effects: Effects,
        cut: bool,
    ) -> Trace {
        let mut trace = Trace {
            state,
            position: 0,
            touched: 0,
            rare_done: 0,
            steps,
            touches,
            rare,
            places,
            outcome,
            effects,
            cut,
        };
        trace.arrive();
        trace
    }

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
        if let Some(reg) = self.state.regs.get_mut(step.dst()) {
            *reg ^= step.delta;
        }
        if step.has_more() {
            self.forward_rest();
        }
        self.position += 1;
    }

    fn forward_rest(&mut self) {
        let step = self.position;
        while let Some((_, rare)) = self.rare.get_mut(self.rare_done).filter(|(at, _)| *at as usize == step) {
            apply(rare, &mut self.state, &self.places, true);
            self.rare_done += 1;
        }
        while let Some(touch) = self.touches.get(self.touched).filter(|t| t.step() == step) {
            self.state.apply(touch);
            self.touched += 1;
        }
    }

    #[inline]
    fn backward(&mut self) {
        let Some(last) = self.position.checked_sub(1) else { return };
        self.position = last;
        let step = self.steps[last];
        if step.has_more() {
            self.backward_rest();
        }
        if let Some(reg) = self.state.regs.get_mut(step.dst()) {
            *reg ^= step.delta;
        }
    }

    fn backward_rest(&mut self) {
        let step = self.position;
        while let Some(touch) = self.touched.checked_sub(1).map(|i| &self.touches[i]).filter(|t| t.step() == step) {
            self.state.apply(touch);
            self.touched -= 1;
        }
        while let Some(last) = self.rare_done.checked_sub(1) {
            let (at, rare) = &mut self.rare[last];
            if *at as usize != step {
                break;
            }
            apply(rare, &mut self.state, &self.places, false);
            self.rare_done = last;
        }
    }

    /// Where a step is. At the end: where the run faulted or stopped, else its last instruction.
    pub fn location(&self, step: usize) -> Location {
        let of = |step: &Step| {
            let (prog, pc) = self.places.get(step.op()).copied().unwrap_or((ProgId(0), Pc(0)));
            Location { prog, pc, depth: step.depth() }
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
                Rare::Call { .. } => last.depth() + 1,
                Rare::Return(_) => last.depth().saturating_sub(1),
                _ => last.depth(),
            },
            _ => last.depth(),
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
            if let Some(reg) = regs.get_mut(step.dst()) {
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
        let depth = if step == self.steps.len() { self.end_depth() } else { self.steps[step].depth() };
        regs[10] = Addr::new(addr::STACK + u32::from(depth), addr::STACK_TOP).0;
        regs
    }

    /// Reads and writes of memory by the steps of a range, in order, those of helpers included.
    pub fn accesses(&self, steps: std::ops::Range<usize>) -> impl Iterator<Item = Access> + '_ {
        let first = self.touches.partition_point(|t| (t.step()) < steps.start);
        let end = self.touches.partition_point(|t| (t.step()) < steps.end);
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
            if let Some(count) = counts.get_mut(step.op()) {
                *count += 1;
            }
        }
        let ran = self.places.iter().zip(counts).filter(|(_, n)| *n > 0);
        ran.map(|(&(prog, pc), n)| (prog, pc, n)).collect()
    }
}
