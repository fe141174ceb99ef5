//! Pruning: placeholder until the real one lands; every path is followed.

use super::env::Verifier;
use super::finding::Check;
use super::state::{JmpNote, State, StateId};
use crate::isa::{Pc, Reg};

/// Whether a state was seen before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Visited {
    /// One that covers this was explored.
    Equal,
    /// Not yet.
    New,
}

/// States that were kept.
#[derive(Debug)]
pub(crate) struct Kept;

impl Kept {
    pub fn new(_insns: usize) -> Kept {
        Kept
    }
}

impl Verifier<'_> {
    pub fn is_state_visited(&mut self, _pc: Pc) -> Check<Visited> {
        Ok(Visited::New)
    }
    pub fn add_branch(&mut self, _parent: StateId) {}
    pub fn path_done(&mut self) -> Check {
        Ok(())
    }
    pub fn push_jmp_history(&mut self, _note: JmpNote) {}
    pub fn mark_chain_precision(&mut self, _reg: Reg) -> Check {
        Ok(())
    }
    pub fn begin_stack_marks(&mut self, _pc: Pc) {}
    pub fn commit_stack_marks(&mut self) {}
    pub fn mark_stack_read(&mut self, _frame: u32, _insn: Pc, _slots: u64) {}
    pub fn mark_stack_write(&mut self, _frame: u32, _slots: u64) {}
    pub fn find_prev_entry(&self, _from: Option<StateId>, _pc: Pc) -> Option<StateId> {
        None
    }
    pub fn widen_imprecise_scalars(&mut self, _prev: StateId, _cur: &mut State) {}
}
