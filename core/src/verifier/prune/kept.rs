//! The kept states.
//!
//! They live in an arena, and are found by the instruction and the call that the current function came from. A state
//! that never helps is taken off its list; its memory goes when no path below it is left.

use super::backtrack::Backtrack;
use super::ids::Ids;
use super::live_stack::LiveStack;
use super::loops::Loops;
use crate::isa::Pc;
use crate::verifier::env::{Stats, Verifier};
use crate::verifier::state::{State, StateId};

/// A kept state.
#[derive(Debug)]
pub(super) struct Node {
    pub state: State,
    /// How often a path ended here.
    pub hits: u32,
    /// How often one came by that was not as safe.
    pub misses: u32,
    /// Whether what is not live was cleared.
    pub cleaned: bool,
    /// The loop, by the calls that lead into it, that the state is part of.
    pub visit: Option<usize>,
    /// Bytes that it takes, as far as they were its own when it was kept.
    pub bytes: usize,
}

/// Kept states of one verification, and what deciding about them takes.
#[derive(Debug)]
pub(crate) struct Kept {
    nodes: Vec<Option<Box<Node>>>,
    /// Bytes of the kept states, and of the paths that wait.
    pub bytes: usize,
    /// Places in `nodes` that are free.
    free: Vec<StateId>,
    /// By instruction and call, oldest first.
    lists: Vec<Vec<StateId>>,
    /// States on the lists.
    listed: u32,
    /// States that are off the lists and have paths to come.
    unlisted: u32,
    /// Jumps that were checked.
    pub(super) jumps: u32,
    /// The same, and instructions, when a state was last kept.
    pub(super) last_jumps: u32,
    pub(super) last_insns: u32,
    /// Which instruction, counted over all paths, the last entry of the history belongs to.
    pub(super) noted_at: Option<u32>,
    /// Whether numbers must be the same for states to be equal, for the sake of the unprivileged and speculation.
    pub explore_alu_limits: bool,
    pub(super) ids: Ids,
    pub(super) marks: Backtrack,
    pub(super) loops: Loops,
    pub(super) live: LiveStack,
}

impl Kept {
    /// For a program of that many slots.
    pub fn new(insns: usize) -> Kept {
        Kept {
            nodes: Vec::new(),
            bytes: 0,
            free: Vec::new(),
            lists: vec![Vec::new(); insns.max(1)],
            listed: 0,
            unlisted: 0,
            jumps: 0,
            last_jumps: 0,
            last_insns: 0,
            noted_at: None,
            explore_alu_limits: false,
            ids: Ids::default(),
            marks: Backtrack::default(),
            loops: Loops::default(),
            live: LiveStack::default(),
        }
    }

    /// Forgets all states, since another function is verified on its own. The counts go on, as the kernel's do.
    pub fn forget_states(&mut self) {
        self.nodes.clear();
        self.bytes = 0;
        self.free.clear();
        for list in &mut self.lists {
            list.clear();
        }
        self.loops.forget();
        self.noted_at = None;
    }

    /// A kept state.
    pub fn state(&self, id: StateId) -> Option<&State> {
        self.node(id).map(|node| &node.state)
    }

    /// A kept state, to be marked.
    pub fn state_mut(&mut self, id: StateId) -> Option<&mut State> {
        self.node_mut(id).map(|node| &mut node.state)
    }

    pub(super) fn node(&self, id: StateId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)?.as_deref()
    }

    pub(super) fn node_mut(&mut self, id: StateId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)?.as_deref_mut()
    }

    /// The list that states at `pc` are on. Others may share it: the kernel's table has as many lists as the program
    /// has slots, and counts all that are on one.
    pub(super) fn list_number(&self, pc: Pc, cur: &State) -> usize {
        let callsite = cur.frame().callsite.map_or(u32::MAX, |pc| pc.0);
        (pc.0 ^ callsite) as usize % self.lists.len()
    }

    pub(super) fn list(&self, pc: Pc, cur: &State) -> &[StateId] {
        &self.lists[self.list_number(pc, cur)]
    }

    pub(super) fn list_at(&self, number: usize) -> &[StateId] {
        self.lists.get(number).map_or(&[], Vec::as_slice)
    }

    /// Keeps a state.
    pub(super) fn add(&mut self, list: usize, node: Node) -> StateId {
        self.bytes += node.bytes;
        let node = Some(Box::new(node));
        let id = match self.free.pop() {
            Some(id) => {
                self.nodes[id.0 as usize] = node;
                id
            }
            None => {
                // Fewer than the instructions that are explored, a million.
                self.nodes.push(node);
                StateId(self.nodes.len() as u32 - 1)
            }
        };
        self.lists[list].push(id);
        id
    }

    /// Takes the state at `place` of a list off it.
    pub(super) fn evict(&mut self, list: usize, place: usize) {
        let id = self.lists[list].remove(place);
        self.listed -= 1;
        self.unlisted += 1;
        if let Some(state) = self.state_mut(id) {
            state.evicted = true;
        }
        self.release(id);
    }

    /// Lets a state go if it is off the lists and has no paths to come. Those of a loop stay as long as precision has
    /// to go along the paths that came back into it; nothing asks for them again, so that they stay for good.
    pub(super) fn release(&mut self, id: StateId) {
        let Some(node) = self.node(id) else { return };
        if !node.state.evicted || node.state.branches > 0 || self.loops.is_open(node.visit) {
            return;
        }
        let bytes = node.bytes;
        self.bytes -= bytes;
        self.unlisted -= 1;
        self.nodes[id.0 as usize] = None;
        self.free.push(id);
    }

    /// Counts a state that is about to be kept.
    pub(super) fn count_new(&mut self, stats: &mut Stats) {
        self.listed += 1;
        stats.total_states += 1;
        self.count_peak(stats);
        self.last_jumps = self.jumps;
        self.last_insns = stats.insns_processed;
    }

    /// Counts the states there are now.
    pub(super) fn count_peak(&self, stats: &mut Stats) {
        stats.peak_states = stats.peak_states.max(self.listed + self.unlisted + self.loops.backedges);
    }
}

impl Verifier<'_> {
    /// Counts a path that starts below a kept state.
    pub fn add_branch(&mut self, parent: StateId) {
        if let Some(state) = self.kept.state_mut(parent) {
            state.branches += 1;
        }
    }
}
