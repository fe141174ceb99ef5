//! Paths that come back into a loop before its end is known.
//!
//! Such a path ends at a state that still has branches to come, so that it is not yet known which of the state's
//! numbers must be precise. The path is kept as a back edge until all paths from the loop's first state are done; then
//! precision goes over all back edges, again and again, until none gets more. Loops are the components that stage 1
//! found in the program's graph, told apart by the calls that lead into them.

use std::collections::HashMap;
use std::fmt::Write;

use super::frame_insn;
use super::kept::Kept;
use crate::verifier::env::Verifier;
use crate::verifier::finding::Check;
use crate::verifier::log::verbose;
use crate::verifier::shape::Aux;
use crate::verifier::state::{MAX_FRAMES, State, StateId};

/// How often precision goes over the back edges of a loop, before all numbers are made precise.
const MAX_ROUNDS: u32 = 64;

/// A loop, by the calls that lead into it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Chain {
    callsites: [u32; MAX_FRAMES - 1],
    scc: u32,
}

/// A path that came back into a loop.
#[derive(Debug)]
struct Backedge {
    state: State,
    /// The kept state that it is as safe as.
    equal: StateId,
}

/// A loop that paths have come into.
#[derive(Debug)]
struct Visit {
    chain: Chain,
    /// Its first state, until all paths from there are done.
    entry: Option<StateId>,
    backedges: Vec<Backedge>,
}

/// All loops that paths have come into.
#[derive(Debug, Default)]
pub(super) struct Loops {
    visits: Vec<Visit>,
    by_chain: HashMap<Chain, usize>,
    /// Back edges of all of them.
    pub backedges: u32,
}

impl Loops {
    pub fn forget(&mut self) {
        self.visits.clear();
        self.by_chain.clear();
    }

    /// Whether what is marked in a loop's states is not complete yet.
    pub fn is_open(&self, visit: Option<usize>) -> bool {
        visit.and_then(|visit| self.visits.get(visit)).is_some_and(|visit| !visit.backedges.is_empty())
    }

    /// The visit of the loop that a state is part of, the outermost if there are several.
    fn visit_of(&mut self, state: &State, aux: &[Aux]) -> Option<usize> {
        let mut chain = Chain::default();
        for frame in 0..state.frames.len() {
            let pc = frame_insn(state, frame);
            let scc = aux.get(pc.index()).map_or(0, |aux| aux.scc);
            if scc != 0 {
                chain.scc = scc;
                let visits = &mut self.visits;
                return Some(*self.by_chain.entry(chain).or_insert_with(|| {
                    visits.push(Visit { chain, entry: None, backedges: Vec::new() });
                    visits.len() - 1
                }));
            }
            if let Some(callsite) = chain.callsites.get_mut(frame) {
                *callsite = pc.0;
            }
        }
        None
    }
}

impl Chain {
    /// As the log has it: `(4,12,1)`, calls and then the loop.
    fn text(&self) -> String {
        let mut text = String::from("(");
        for callsite in self.callsites.iter().take_while(|callsite| **callsite != 0) {
            let _ = write!(text, "{callsite},");
        }
        let _ = write!(text, "{})", self.scc);
        text
    }
}

impl Kept {
    /// The visit of the loop that a state is part of.
    pub(super) fn visit_of(&mut self, state: &State, aux: &[Aux]) -> Option<usize> {
        self.loops.visit_of(state, aux)
    }
}

impl Verifier<'_> {
    /// A state was kept: if it is the first of a loop, the loop is left when all paths from it are done.
    pub(super) fn maybe_enter_scc(&mut self, id: StateId) {
        let Some(visit) = self.kept.node(id).and_then(|node| node.visit) else { return };
        let visit = &mut self.kept.loops.visits[visit];
        if visit.entry.is_none() {
            visit.entry = Some(id);
            if self.log.all_paths() {
                verbose!(self, "SCC enter {}\n", visit.chain.text());
            }
        }
    }

    /// All paths from a kept state are done: if it was the first of a loop, so is the loop.
    pub(super) fn maybe_exit_scc(&mut self, id: StateId) -> Check {
        let Some(number) = self.kept.node(id).and_then(|node| node.visit) else { return Ok(()) };
        let visit = &mut self.kept.loops.visits[number];
        if visit.entry != Some(id) {
            return Ok(());
        }
        visit.entry = None;
        if self.log.all_paths() {
            verbose!(self, "SCC exit {}\n", visit.chain.text());
        }
        let count = visit.backedges.len() as u32;
        self.kept.loops.backedges -= count;
        self.kept.count_peak(&mut self.stats);
        if count > 0 {
            let backedges = std::mem::take(&mut self.kept.loops.visits[number].backedges);
            self.propagate_backedges(&backedges)?;
        }
        Ok(())
    }

    /// The current path came back to a kept state of a loop, and is as safe as it, as far as is known.
    pub(super) fn add_backedge(&mut self, equal: StateId) {
        let Some(visit) = self.kept.node(equal).and_then(|node| node.visit) else { return };
        let visit = &mut self.kept.loops.visits[visit];
        if self.log.all_paths() {
            verbose!(self, "SCC backedge {}\n", visit.chain.text());
        }
        visit.backedges.push(Backedge { state: self.cur.clone(), equal });
        self.kept.loops.backedges += 1;
        self.kept.count_peak(&mut self.stats);
    }

    fn propagate_backedges(&mut self, backedges: &[Backedge]) -> Check {
        for _ in 0..=MAX_ROUNDS {
            let mut changed = false;
            for edge in backedges.iter().rev() {
                changed |= self.propagate_precision(edge.equal, Some(&edge.state))?;
            }
            if !changed {
                return Ok(());
            }
        }
        if self.log.all_paths() {
            verbose!(self, "propagate_backedges: too many iterations\n");
        }
        for edge in backedges.iter().rev() {
            self.force_precise(Some(&edge.state));
        }
        Ok(())
    }
}
