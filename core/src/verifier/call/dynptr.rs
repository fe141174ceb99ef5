//! Dynptrs: two slots of stack that stand for memory whose size is known at run time only.
//!
//! A dynptr is the program's to move but not to look into; the slot of the lower address is the main one. Pointers to
//! parts of it (slices) end with it.

use super::spec::Spec;
use crate::isa::Reg;
use crate::kernel::Feature;
use crate::verifier::access::{Access, Value};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::log::verbose;
use crate::verifier::reg::{DynptrKind, Flags, Of, RegState, RegType};
use crate::verifier::stack::{SLOT, SlotType, StackSlot};

/// Slots of a dynptr.
const SLOTS: usize = 2;

/// A dynptr argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct DynptrArg {
    /// The call makes it.
    pub uninit: bool,
    /// The call only looks at it.
    pub read_only: bool,
    /// Its kind, when it must be, or will be, one.
    pub kind: Option<DynptrKind>,
    /// The reference that it shares with the dynptr that it is a clone of; 0 is none.
    pub clone_of: u32,
}

/// Where something on the stack is: frame, and its slot of the lowest address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub frame: usize,
    pub slot: usize,
}

/// Why a pointer is not to something on the stack that has slots of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoPlace {
    /// It cannot be: the log says why.
    Bad,
    /// The stack is not used there yet.
    Unused,
}

impl DynptrKind {
    /// Whether it must be given back.
    pub(super) const fn is_counted(self) -> bool {
        matches!(self, DynptrKind::Ringbuf)
    }
}

impl Verifier<'_> {
    /// The slots that a pointer to the stack is to; what is wrong with it is printed. The frame pointer itself stands
    /// for the first slot, since the kernel's division drops what is left of it.
    pub(super) fn stack_object(&mut self, reg: &RegState, what: &str, slots: usize) -> Result<Place, NoPlace> {
        let Some(variable) = reg.num.constant_value() else {
            verbose!(self, "{what} has to be at a constant offset\n");
            return Err(NoPlace::Bad);
        };
        let off = i64::from(reg.off).wrapping_add(variable as i64);
        let slot = usize::try_from((-off).wrapping_sub(1) / SLOT as i64).unwrap_or(0);
        if off % SLOT as i64 != 0 || slot + 1 < slots || off > 0 {
            verbose!(self, "cannot pass in {what} at an offset={off}\n");
            return Err(NoPlace::Bad);
        }
        let frame = reg.frame() as usize;
        match self.cur.frames.get(frame) {
            Some(f) if slot < f.stack.len() => Ok(Place { frame, slot }),
            _ => Err(NoPlace::Unused),
        }
    }

    /// The same without a word, for what was looked at before.
    pub(super) fn quiet_stack_object(&self, reg: &RegState) -> Option<Place> {
        let off = i64::from(reg.off).wrapping_add(reg.num.constant_value()? as i64);
        let slot = usize::try_from((-off).wrapping_sub(1) / SLOT as i64).ok()?;
        let frame = reg.frame() as usize;
        self.cur.frames.get(frame).filter(|f| slot < f.stack.len()).map(|_| Place { frame, slot })
    }

    pub(super) fn stack_slot(&self, place: Place, behind: usize) -> &StackSlot {
        // A place is within the stack, and its other slots are nearer to the frame pointer.
        &self.cur.frames[place.frame].stack[place.slot - behind]
    }

    /// Writes one of the slots of something on the stack.
    pub(super) fn set_stack_slot(&mut self, place: Place, behind: usize, ty: SlotType, spilled: RegState) {
        let slot = place.slot - behind;
        self.cur.frames[place.frame].stack[slot] = StackSlot { types: [ty; SLOT], spilled };
        self.mark_stack_write(place.frame as u32, 1 << slot);
        self.scratch_slot(slot);
    }

    /// Notes that the call reads something on the stack.
    pub(super) fn read_stack_object(&mut self, place: Place, slots: usize) {
        for behind in 0..slots {
            let slot = place.slot - behind;
            self.mark_stack_read(place.frame as u32, self.insn, 1 << slot);
            self.scratch_slot(slot);
        }
    }

    /// The dynptr argument of a helper.
    pub(super) fn process_dynptr_func(&mut self, reg: Reg, spec: &Spec) -> Check {
        let kind = match (spec.record, spec.uninit) {
            (true, _) => Some(DynptrKind::Ringbuf),
            (false, true) => Some(DynptrKind::Local),
            (false, false) => None,
        };
        let arg = DynptrArg { uninit: spec.uninit, read_only: spec.read_only, kind, clone_of: 0 };
        self.check_dynptr_arg(reg, arg)
    }

    /// A dynptr argument: one that there is, or room for one that the call makes.
    pub(super) fn check_dynptr_arg(&mut self, regno: Reg, arg: DynptrArg) -> Check {
        let reg = *self.reg(regno);
        // R1 is the first argument.
        let at = regno.index().wrapping_sub(1);
        if !matches!(reg.ty, RegType::Stack | RegType::ConstDynptr) {
            return Err(KfuncFinding::NoDynptr { arg: at }.into());
        }
        if arg.uninit {
            let free =
                reg.ty == RegType::Stack && !matches!(self.stack_object(&reg, "dynptr", SLOTS), Err(NoPlace::Bad));
            if !free || self.is_taken(&reg) && !self.has(Feature::DynptrOverwrites) {
                return Err(KfuncFinding::DynptrInitialized.into());
            }
            for byte in [0, 8] {
                self.check_mem_access(regno, byte, 8, Access::Write, Value::None, false, false)?;
            }
            return self.make_dynptr(&reg, arg);
        }
        if reg.ty == RegType::ConstDynptr && !arg.read_only {
            return Err(KfuncFinding::DynptrConst.into());
        }
        if !self.is_dynptr(&reg) {
            return Err(KfuncFinding::DynptrExpected { arg: at }.into());
        }
        if let Some(kind) = arg.kind
            && self.kind_of(&reg) != Some(kind)
        {
            return Err(KfuncFinding::DynptrKind { kind: kind.name(), arg: at }.into());
        }
        if reg.ty == RegType::Stack
            && let Some(place) = self.quiet_stack_object(&reg)
        {
            self.read_stack_object(place, SLOTS);
        }
        Ok(())
    }

    fn make_dynptr(&mut self, reg: &RegState, arg: DynptrArg) -> Check {
        let Ok(place) = self.stack_object(reg, "dynptr", SLOTS) else {
            return Err(KfuncFinding::DynptrInitialized.into());
        };
        let frame = place.frame as u32;
        self.destroy_dynptr_at(frame, place.slot)?;
        self.destroy_dynptr_at(frame, place.slot - 1)?;
        let kind = arg.kind.unwrap_or(DynptrKind::Local);
        let id = self.new_id();
        let ref_obj_id = match (kind.is_counted(), arg.clone_of) {
            (false, _) => 0,
            (true, 0) => self.acquire_reference(self.insn),
            (true, shared) => shared,
        };
        for (behind, first) in [(0, true), (1, false)] {
            let of = Of::Dynptr { kind, first };
            // The kernel prints its mark of the main slot as a dynptr's id.
            let dynptr_id = u32::from(first);
            let slot =
                RegState { id, ref_obj_id, dynptr_id, ..RegState::pointer(RegType::ConstDynptr, Flags::NONE, of) };
            self.set_stack_slot(place, behind, SlotType::Dynptr, slot);
        }
        Ok(())
    }

    /// Whether a dynptr, or a part of one, is where a register points.
    fn is_taken(&self, reg: &RegState) -> bool {
        let place = self.quiet_stack_object(reg);
        let dynptr = |place, behind| self.stack_slot(place, behind).types.contains(&SlotType::Dynptr);
        place.is_some_and(|place| (0..SLOTS).any(|behind| dynptr(place, behind)))
    }

    /// Whether a register points to a dynptr.
    fn is_dynptr(&mut self, reg: &RegState) -> bool {
        if reg.ty == RegType::ConstDynptr {
            return true;
        }
        let Ok(place) = self.stack_object(reg, "dynptr", SLOTS) else { return false };
        let whole = |slot: &StackSlot| slot.types == [SlotType::Dynptr; SLOT];
        let main = self.stack_slot(place, 0);
        matches!(main.spilled.of, Of::Dynptr { first: true, .. }) && whole(main) && whole(self.stack_slot(place, 1))
    }

    /// The dynptr behind a register, as its main slot or the register itself has it.
    fn dynptr_behind(&self, reg: &RegState) -> Option<RegState> {
        match reg.ty {
            RegType::ConstDynptr => Some(*reg),
            _ => self.quiet_stack_object(reg).map(|place| self.stack_slot(place, 0).spilled),
        }
    }

    fn kind_of(&self, reg: &RegState) -> Option<DynptrKind> {
        match self.dynptr_behind(reg)?.of {
            Of::Dynptr { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// The id of the dynptr that a register points to.
    pub(super) fn dynptr_id(&self, reg: Reg) -> u32 {
        self.dynptr_behind(self.reg(reg)).map_or(0, |d| d.id)
    }

    /// What the dynptr holds.
    pub(super) fn dynptr_ref_obj_id(&self, reg: Reg) -> u32 {
        self.dynptr_behind(self.reg(reg)).map_or(0, |d| d.ref_obj_id)
    }

    /// The kind of the dynptr that a register points to.
    pub(super) fn dynptr_kind(&self, reg: Reg) -> Option<DynptrKind> {
        self.kind_of(self.reg(reg))
    }

    /// Whether what a register points to on the stack holds something.
    pub(super) fn is_acquired_dynptr(&mut self, regno: Reg) -> bool {
        let reg = *self.reg(regno);
        match self.stack_object(&reg, "dynptr", SLOTS) {
            Ok(place) => self.stack_slot(place, 0).spilled.ref_obj_id != 0,
            Err(_) => false,
        }
    }

    /// Ends the dynptr that a register points to: what it holds is given back, and its clones and slices end too.
    pub(super) fn unmark_stack_slots_dynptr(&mut self, regno: Reg) -> Check {
        let reg = *self.reg(regno);
        let Some(place) = self.quiet_stack_object(&reg) else { return Ok(()) };
        let main = self.stack_slot(place, 0).spilled;
        let counted = matches!(main.of, Of::Dynptr { kind, .. } if kind.is_counted());
        if !counted {
            self.invalidate_dynptr(place);
            return Ok(());
        }
        self.release_reference(main.ref_obj_id);
        for slot in 1..self.cur.frames[place.frame].stack.len() {
            let place = Place { frame: place.frame, slot };
            let stored = self.stack_slot(place, 0);
            let first = matches!(stored.spilled.of, Of::Dynptr { first: true, .. });
            if stored.types[0] == SlotType::Dynptr && first && stored.spilled.ref_obj_id == main.ref_obj_id {
                self.invalidate_dynptr(place);
            }
        }
        Ok(())
    }

    fn invalidate_dynptr(&mut self, place: Place) {
        for behind in 0..SLOTS {
            self.set_stack_slot(place, behind, SlotType::Invalid, RegState::NOT_INIT);
        }
    }

    /// Something is written to a slot: a dynptr that it belongs to ends, with its slices.
    ///
    /// # Errors
    /// The dynptr must be given back first.
    pub fn destroy_dynptr_at(&mut self, frame: u32, slot: usize) -> Check {
        let mut place = Place { frame: frame as usize, slot };
        let Some(stored) = self.cur.frames.get(place.frame).and_then(|f| f.stack.get(slot)) else { return Ok(()) };
        if stored.types[0] != SlotType::Dynptr {
            return Ok(());
        }
        if matches!(stored.spilled.of, Of::Dynptr { first: false, .. }) {
            place.slot += 1;
        }
        let main = self.stack_slot(place, 0).spilled;
        if matches!(main.of, Of::Dynptr { kind, .. } if kind.is_counted()) {
            return Err(KfuncFinding::DynptrOverwritten.into());
        }
        self.invalidate_dynptr(place);
        self.invalidate(|reg| {
            reg.ty == RegType::Mem && reg.flags.without(Flags::NULL).is_empty() && reg.dynptr_id == main.id
        });
        Ok(())
    }
}
