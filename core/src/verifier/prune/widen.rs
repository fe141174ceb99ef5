//! Loops without a bound of their own (open-coded iterators, `may_goto`, callbacks) come to an end by forgetting: what
//! differs from the round before, and nothing depended on, becomes any number, so that a later round looks the same.

use super::equal::same_reg;
use super::ids::Ids;
use super::kept::Kept;
use super::same_callsites;
use crate::isa::Pc;
use crate::verifier::env::Verifier;
use crate::verifier::reg::RegState;
use crate::verifier::state::{State, StateId};

impl Verifier<'_> {
    /// The youngest kept state at `pc` that the path came through before `from`, `None` being the current state.
    pub fn find_prev_entry(&self, from: Option<StateId>, pc: Pc) -> Option<StateId> {
        match from {
            Some(from) => self.find_entry(self.kept.state(from)?, pc),
            None => self.find_entry(&self.cur, pc),
        }
    }

    /// Forgets the numbers of `cur` that are not what they were in `prev`, unless something depended on them.
    pub fn widen_imprecise_scalars(&mut self, prev: StateId, cur: &mut State) {
        self.kept.widen_imprecise_scalars(prev, cur);
    }

    fn find_entry(&self, state: &State, pc: Pc) -> Option<StateId> {
        self.kept.list(pc, &self.cur).iter().rev().copied().find(|&id| {
            // With branches left it is on the way of the current path, since paths are followed depth first.
            self.kept.state(id).is_some_and(|kept| {
                kept.insn == pc && kept.branches > 0 && same_callsites(kept, state) && kept.dfs_depth < state.dfs_depth
            })
        })
    }
}

impl Kept {
    /// See [`Verifier::widen_imprecise_scalars`].
    pub fn widen_imprecise_scalars(&mut self, prev: StateId, cur: &mut State) {
        let mut ids = std::mem::take(&mut self.ids);
        ids.reset();
        if let Some(old) = self.state(prev) {
            for (old, cur) in old.frames.iter().zip(&mut cur.frames).rev() {
                for (old, cur) in old.regs.iter().zip(&mut cur.regs) {
                    widen(&mut ids, old, cur);
                }
                cur.stack.each_spilled(|i, cur| {
                    if let Some(old) = old.stack.get(i).filter(|old| old.is_spilled()) {
                        widen(&mut ids, &old.spilled, cur);
                    }
                });
            }
        }
        self.ids = ids;
    }
}

fn widen(ids: &mut Ids, old: &RegState, cur: &mut RegState) {
    if old.is_scalar() && cur.is_scalar() && !old.precise && !cur.precise && !same_reg(ids, old, cur) {
        cur.mark_unknown();
    }
}
