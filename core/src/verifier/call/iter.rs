//! Open-coded iterators: `new`, `next` until it gives null, `destroy`, with the state in slots of the stack.
//!
//! `next` forks the path: it gave an element, or it was the last. Numbers that change from one round to the next are
//! forgotten unless they matter (`widen_imprecise_scalars`), so that a loop comes to an end whatever its bounds.

use super::dynptr::{NoPlace, Place};
use super::kfunc::KfuncCall;
use crate::isa::{Pc, Reg};
use crate::kernel::KfuncFlags;
use crate::verifier::access::{Access, Value};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::{Flags, IterState, Of, RegState, RegType};
use crate::verifier::stack::{SLOT, SlotType};

/// The kinds of iterators, and how many slots each takes.
const ITERATORS: [(&str, usize); 8] = [
    ("num", 1),
    ("bits", 2),
    ("css", 3),
    ("css_task", 1),
    ("task", 3),
    ("task_vma", 1),
    ("kmem_cache", 1),
    ("dmabuf", 1),
];

/// The name of an iterator's kind, as [`Of::Iter`] has it.
pub(crate) fn iter_name(kind: u16) -> &'static str {
    ITERATORS.get(usize::from(kind)).map_or("", |(name, _)| name)
}

/// The kind of that name, and its slots.
fn iterator(name: &str) -> Option<(u16, usize)> {
    let at = ITERATORS.iter().position(|(n, _)| *n == name)?;
    Some((at as u16, ITERATORS[at].1))
}

impl Verifier<'_> {
    /// An iterator argument.
    pub(super) fn check_iter_arg(&mut self, regno: Reg, call: &mut KfuncCall) -> Check {
        let reg = *self.reg(regno);
        let arg = regno.index().wrapping_sub(1);
        if !reg.is(RegType::Stack) {
            return Err(KfuncFinding::NoIterator { arg }.into());
        }
        let found = call.kfunc.iterator().and_then(iterator);
        let Some((kind, slots)) = found else { return Err(KfuncFinding::BadIterator { arg }.into()) };
        if call.kfunc.flags.has(KfuncFlags::ITER_NEW) {
            return self.make_iter(regno, kind, slots, call);
        }
        let place = self.iter_place(&reg, kind, slots, call)?;
        self.read_stack_object(place, slots);
        let main = self.stack_slot(place, 0).spilled;
        call.iter = Some(place);
        call.ref_obj_id = main.ref_obj_id;
        if call.kfunc.flags.has(KfuncFlags::ITER_DESTROY) {
            self.release_reference(main.ref_obj_id);
            for behind in 0..slots {
                self.set_stack_slot(place, behind, SlotType::Invalid, RegState::NOT_INIT);
            }
        }
        Ok(())
    }

    fn make_iter(&mut self, regno: Reg, kind: u16, slots: usize, call: &KfuncCall) -> Check {
        let reg = *self.reg(regno);
        let arg = regno.index().wrapping_sub(1);
        let free = match self.stack_object(&reg, "iter", slots) {
            Ok(place) => (0..slots).all(|behind| !self.stack_slot(place, behind).types.contains(&SlotType::Iter)),
            Err(NoPlace::Unused) => true,
            Err(NoPlace::Bad) => false,
        };
        let taken = || KfuncFinding::IteratorInitialized { name: iter_name(kind), arg };
        if !free {
            return Err(taken().into());
        }
        for slot in 0..slots {
            let off = (slot * SLOT) as i32;
            self.check_mem_access(regno, off, SLOT as i32, Access::Write, Value::None, false, false)?;
        }
        let Ok(place) = self.stack_object(&reg, "iter", slots) else { return Err(taken().into()) };
        let id = self.acquire_reference(self.insn);
        let protected = call.kfunc.flags.has(KfuncFlags::RCU_PROTECTED);
        let flags = match (protected, self.in_rcu()) {
            (false, _) => Flags::NONE,
            (true, true) => Flags::RCU,
            (true, false) => Flags::UNTRUSTED,
        };
        for behind in 0..slots {
            let of = Of::Iter { kind, state: IterState::Active, depth: 0 };
            let ref_obj_id = if behind == 0 { id } else { 0 };
            let slot = RegState { ref_obj_id, ..RegState::pointer(RegType::Stack, flags, of) };
            self.set_stack_slot(place, behind, SlotType::Iter, slot);
        }
        Ok(())
    }

    /// The iterator of that kind that a register points to.
    fn iter_place(&mut self, reg: &RegState, kind: u16, slots: usize, call: &KfuncCall) -> Check<Place> {
        let arg = call.arg;
        let expected = || KfuncFinding::IteratorExpected { name: iter_name(kind), arg };
        let Ok(place) = self.stack_object(reg, "iter", slots) else { return Err(expected().into()) };
        for behind in 0..slots {
            let slot = self.stack_slot(place, behind);
            let main = behind == 0;
            let is_same = matches!(slot.spilled.of, Of::Iter { kind: other, .. } if other == kind);
            if slot.spilled.flags.has(Flags::UNTRUSTED) {
                return Err(KfuncFinding::IteratorRcu { name: call.kfunc.name }.into());
            }
            if main != (slot.spilled.ref_obj_id != 0) || !is_same || slot.types != [SlotType::Iter; SLOT] {
                return Err(expected().into());
            }
        }
        Ok(place)
    }

    /// `next` forks: the path goes on as if there was no element left, and is taken up again as if there was one.
    pub(super) fn process_iter_next(&mut self, place: Place) -> Check {
        let main = self.stack_slot(place, 0).spilled;
        let Of::Iter { kind, state, depth } = main.of else { return Ok(()) };
        if state == IterState::Active {
            let before = self.find_prev_entry(self.cur.parent, self.insn);
            let mut active = self.cur.clone();
            let of = Of::Iter { kind, state, depth: depth.saturating_add(1) };
            active.frames[place.frame].stack[place.slot].spilled.of = of;
            if let Some(before) = before {
                self.widen_imprecise_scalars(before, &mut active);
            }
            let mut element = *active.frame().reg(Reg::R0);
            self.mark_not_null(&mut element);
            *active.frame_mut().reg_mut(Reg::R0) = element;
            self.push_state(active, Pc(self.insn.0 + 1))?;
        }
        let drained = Of::Iter { kind, state: IterState::Drained, depth };
        self.cur.frames[place.frame].stack[place.slot].spilled.of = drained;
        self.set_reg(Reg::R0, RegState::constant(0));
        Ok(())
    }
}
