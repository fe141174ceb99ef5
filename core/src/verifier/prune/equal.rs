//! Whether a state is as safe as a kept one: all that was allowed from there on is allowed here.
//!
//! The kept state is `old`, the path's is `cur`. `cur` may know more than `old` (a smaller range, a larger packet), or
//! other things where `old` did not care (an imprecise number, a slot that was never read).

use super::frame_insn;
use super::ids::Ids;
use crate::verifier::reg::{ADD_CONST, Of, RegState, RegType};
use crate::verifier::scalar::{range_within, tnum_in};
use crate::verifier::shape::Aux;
use crate::verifier::stack::{SLOT, SlotType, StackSlot};
use crate::verifier::state::{Frame, RefKind, Refs, State};

/// How alike states must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exact {
    /// As safe: imprecise numbers and what was never read do not count.
    Not,
    /// As safe, but since it is not yet known what is read and which numbers must be precise, all count; and bytes of
    /// the stack must be of the same kind.
    RangeWithin,
    /// The same.
    Same,
}

/// A comparison.
pub(super) struct Compare<'a> {
    /// By instruction: which registers are live.
    pub aux: &'a [Aux],
    pub ids: &'a mut Ids,
    pub exact: Exact,
    /// Whether programs may read stack that was never written, and numbers may be imprecise (CAP_PERFMON, CAP_BPF).
    pub privileged: bool,
    /// Whether numbers must be the same, since the paths mask pointers for the processor's speculation.
    pub alu_limits: bool,
}

/// Whether all bytes may be anything, so that a load of all eight gives any number.
fn is_all_misc(slot: &StackSlot, privileged: bool) -> bool {
    slot.types.iter().all(|ty| *ty == SlotType::Misc || privileged && *ty == SlotType::Invalid)
}

/// The number that a load of the whole slot gives.
fn slot_scalar(slot: &StackSlot, privileged: bool) -> Option<&RegState> {
    const UNBOUND: &RegState = &RegState::UNKNOWN;
    if slot.types[0] == SlotType::Spill && slot.spilled.is_scalar() {
        return Some(&slot.spilled);
    }
    is_all_misc(slot, privileged).then_some(UNBOUND)
}

/// Whether all but ids and precision is the same.
fn same_but_ids(old: &RegState, cur: &RegState) -> bool {
    same_pointee(old, cur) && old.num == cur.num
}

/// Whether type and fixed offset are the same, and what belongs to the type.
fn same_pointee(old: &RegState, cur: &RegState) -> bool {
    old.ty == cur.ty
        && old.flags == cur.flags
        && old.off == cur.off
        && old.of == cur.of
        && old.dynptr_id == cur.dynptr_id
}

/// Whether the number, or variable offset, is within that of the kept register.
fn within(old: &RegState, cur: &RegState) -> bool {
    range_within(&old.num, &cur.num) && tnum_in(old.num.var_off, cur.num.var_off)
}

/// Whether all registers of the current frames are the same, ids too: a hint that a loop is not getting on.
pub(super) fn maybe_looping(old: &State, cur: &State) -> bool {
    old.frames.len() == cur.frames.len()
        && old
            .frame()
            .regs
            .iter()
            .zip(&cur.frame().regs)
            .all(|(old, cur)| old.id == cur.id && old.ref_obj_id == cur.ref_obj_id && same_but_ids(old, cur))
}

/// Whether an iterator is at another depth, so that the loop around it does get on.
pub(super) fn iter_depths_differ(old: &State, cur: &State) -> bool {
    use crate::verifier::reg::IterState::Active;
    old.frames.iter().zip(&cur.frames).any(|(old, cur)| {
        old.stack.iter().zip(cur.stack.iter()).any(|(old, cur)| match (old.types[0], old.spilled.of) {
            (SlotType::Iter, Of::Iter { state: Active, depth, .. }) => {
                !matches!(cur.spilled.of, Of::Iter { depth: other, .. } if other == depth)
            }
            _ => false,
        })
    })
}

/// Whether two registers are the same, ids by what they tell apart.
pub(super) fn same_reg(ids: &mut Ids, old: &RegState, cur: &RegState) -> bool {
    same_but_ids(old, cur) && ids.check(old.id, cur.id) && ids.check(old.ref_obj_id, cur.ref_obj_id)
}

impl Compare<'_> {
    /// Whether `cur` is as safe as `old`.
    pub fn states(&mut self, old: &State, cur: &State) -> bool {
        self.ids.reset();
        // What the processor does speculatively says nothing of what the program does.
        if old.frames.len() != cur.frames.len() || old.speculative && !cur.speculative {
            return false;
        }
        if !self.refs(&old.refs, &cur.refs) {
            return false;
        }
        old.frames.iter().zip(&cur.frames).enumerate().all(|(i, (old_frame, cur_frame))| {
            let live = self.aux.get(frame_insn(old, i).index()).map_or(u16::MAX, |aux| aux.live_regs);
            old_frame.callsite == cur_frame.callsite && self.frames(old_frame, cur_frame, live)
        })
    }

    fn frames(&mut self, old: &Frame, cur: &Frame, live: u16) -> bool {
        old.callback_depth <= cur.callback_depth
            && old.regs.iter().zip(&cur.regs).enumerate().all(|(i, (o, c))| live & (1 << i) == 0 || self.reg(o, c))
            && old.stack.iter().enumerate().all(|(i, slot)| self.slot(slot, cur.stack.get(i)))
            && (self.exact == Exact::Not || self.left_out(old, cur))
    }

    /// Whether slots that nothing was left in have nothing in them here either.
    fn left_out(&self, old: &Frame, cur: &Frame) -> bool {
        let (from, to) = (old.stack.len(), old.stack.len() + usize::from(old.left_out));
        from == to || cur.stack.get(from..to).is_some_and(|slots| slots.iter().all(StackSlot::is_invalid))
    }

    fn refs(&mut self, old: &Refs, cur: &Refs) -> bool {
        old.held.len() == cur.held.len()
            && old.active_locks == cur.active_locks
            && old.active_preempt_locks == cur.active_preempt_locks
            && old.active_rcu_lock == cur.active_rcu_lock
            && self.ids.check(old.active_irq_id, cur.active_irq_id)
            && self.ids.check(old.active_lock.0, cur.active_lock.0)
            && old.active_lock.1 == cur.active_lock.1
            && old.held.iter().zip(&cur.held).all(|(old, cur)| {
                let is_lock = !matches!(old.kind, RefKind::Object | RefKind::Irq);
                self.ids.check(old.id, cur.id) && old.kind == cur.kind && (!is_lock || old.ptr == cur.ptr)
            })
    }

    /// Whether a register is as safe as the kept one.
    pub fn reg(&mut self, old: &RegState, cur: &RegState) -> bool {
        if self.exact == Exact::Same {
            return same_reg(self.ids, old, cur);
        }
        if old.ty == RegType::NotInit && (self.exact == Exact::Not || cur.ty == RegType::NotInit) {
            return true;
        }
        // A pointer is not as good as a number: numbers may leak. And one that is known not to be null is not as good
        // as one that may be, since the check for null could have told something of others with its id.
        if old.ty != cur.ty || old.flags != cur.flags {
            return false;
        }
        match old.ty {
            RegType::Scalar => self.scalar(old, cur),
            RegType::MapKey | RegType::MapValue | RegType::Mem | RegType::Buf => {
                same_pointee(old, cur)
                    && within(old, cur)
                    && self.ids.check(old.id, cur.id)
                    && self.ids.check(old.ref_obj_id, cur.ref_obj_id)
            }
            RegType::PacketMeta | RegType::Packet => {
                old.range() <= cur.range() && old.off == cur.off && self.ids.check(old.id, cur.id) && within(old, cur)
            }
            RegType::Arena => true,
            _ => same_reg(self.ids, old, cur),
        }
    }

    fn scalar(&mut self, old: &RegState, cur: &RegState) -> bool {
        if self.alu_limits {
            return same_but_ids(old, cur) && self.ids.check_scalar(old.id, cur.id);
        }
        if !old.precise && self.privileged && self.exact == Exact::Not {
            return true;
        }
        // Numbers with one id learn from each other's checks, so that what is the same in the kept state must be so in
        // the path's. The other way round it only knows more.
        let links = old.id & ADD_CONST;
        let linked = old.id == 0
            || links == cur.id & ADD_CONST
                && (links == 0 || old.off == cur.off)
                && self.ids.check_scalar(old.id, cur.id);
        linked && within(old, cur)
    }

    /// Whether a stack slot is as safe as the kept one, going by bytes as the kernel does.
    pub fn slot(&mut self, old: &StackSlot, cur: Option<&StackSlot>) -> bool {
        for byte in 0..SLOT {
            let ty = old.types[byte];
            if self.exact != Exact::Not && cur.map(|cur| cur.types[byte]) != Some(ty) {
                return false;
            }
            if ty == SlotType::Invalid || ty == SlotType::Misc && self.privileged {
                continue;
            }
            let Some(cur) = cur else { return false };
            if let (Some(old), Some(cur)) = (slot_scalar(old, self.privileged), slot_scalar(cur, self.privileged)) {
                return self.reg(old, cur);
            }
            // What was safe with anything in the byte is safe with zero.
            if ty == SlotType::Misc && cur.types[byte] == SlotType::Zero {
                continue;
            }
            if cur.types[byte] != ty {
                return false;
            }
            if byte == SLOT - 1 && !self.spilled(ty, &old.spilled, &cur.spilled) {
                return false;
            }
        }
        true
    }

    fn spilled(&mut self, ty: SlotType, old: &RegState, cur: &RegState) -> bool {
        let same = match (ty, old.of, cur.of) {
            (SlotType::Invalid | SlotType::Misc | SlotType::Zero, ..) => return true,
            (SlotType::Spill, ..) => return self.reg(old, cur),
            // How often an iterator was asked is not compared: else its loop would never look the same.
            (SlotType::Iter, Of::Iter { kind, state, .. }, Of::Iter { kind: cur_kind, state: cur_state, .. }) => {
                kind == cur_kind && state == cur_state
            }
            (SlotType::Iter | SlotType::Dynptr | SlotType::IrqFlag, old, cur) => old == cur,
        };
        same && self.ids.check(old.ref_obj_id, cur.ref_obj_id)
    }
}
