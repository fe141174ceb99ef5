//! Pruning: a path that comes to where another has been, knowing no less than that one did, is not followed.
//!
//! At prune points (loop heads, join points, calls: stage 1 says where) the state of the path is compared with states
//! that were kept there before. What makes this go a long way is that a kept state forgets what did not matter:
//! registers and stack slots that nothing reads later, and the values of numbers that no check depended on. The latter
//! is known only afterwards, so that a check goes back over its path and marks the numbers that it depended on as
//! precise, in every kept state that it comes through.
//!
//! | file | asks |
//! |---|---|
//! | `visited` | is the path known here; shall its state be kept |
//! | `kept` | the kept states: where they are, when they go, how many there are |
//! | `equal`, `ids` | whether what one state allows is safe in another |
//! | `precision`, `backtrack` | which numbers did a check depend on |
//! | `live_stack` | which stack slots are read later |
//! | `loops` | paths that come back into a loop before its end is known |
//! | `widen` | what may be forgotten, so that a loop without a bound comes to an end |
//!
//! The rules are those of Linux 6.18, with the counts that its log's last line tells. A kept state is part of a tree
//! ([`State::parent`](super::state::State::parent)); `branches` counts the paths below it that are not done, and what
//! is marked in it is complete when there are none, and no path has come back into a loop that it is part of.

mod backtrack;
mod equal;
mod ids;
mod kept;
mod live_stack;
mod loops;
mod precision;
#[cfg(test)]
mod tests;
mod visited;
mod widen;

pub(crate) use kept::Kept;
pub(crate) use visited::Visited;

use super::env::Verifier;
use super::state::{Frame, JmpEntry, JmpNote, State};
use crate::isa::{Insn, Pc};

/// The place before a function's first instruction, where its verification comes from (the kernel's -1).
pub(crate) const BEFORE_ENTRY: Pc = Pc(u32::MAX);

impl Verifier<'_> {
    /// Adds the current instruction to the path's history. Several notes of one instruction are one entry.
    pub fn push_jmp_history(&mut self, note: JmpNote) {
        let now = self.stats.insns_processed;
        if self.kept.noted_at == Some(now)
            && let Some(entry) = self.cur.history.last_mut()
        {
            let all = &mut entry.note;
            all.stack = note.stack.or(all.stack);
            all.dst_stack |= note.dst_stack;
            all.src_stack |= note.src_stack;
            all.linked = note.linked;
            return;
        }
        self.kept.noted_at = Some(now);
        self.cur.history.push(JmpEntry { pc: self.insn, prev: self.cur.last_insn, note });
    }

    /// The instruction in a slot; `None` for the second slot of one, and for those that no path gets over.
    fn insn_at(&self, pc: Pc) -> Option<&Insn> {
        match self.shape.insns.get(pc.index()) {
            Some(super::shape::Slot::Insn(insn)) => Some(insn),
            _ => None,
        }
    }
}

/// The instruction that a frame of the state is at: the next one, or the call that made the frame above.
fn frame_insn(state: &State, frame: usize) -> Pc {
    state.frames.get(frame + 1).and_then(|above| above.callsite).unwrap_or(state.insn)
}

/// Whether two states have come the same way through the program's functions.
fn same_callsites(a: &State, b: &State) -> bool {
    let callsites = |frame: &Frame| frame.callsite;
    a.frames.len() == b.frames.len() && a.frames.iter().map(callsites).eq(b.frames.iter().map(callsites))
}
