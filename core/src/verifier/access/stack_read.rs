//! Reading the stack: fills of spilled registers, plain bytes, and what helpers read.

use super::{Access, At, RawMem, Value, tnum_text};
use crate::isa::Reg;
use crate::kernel::Feature;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{RegState, RegType};
use crate::verifier::stack::{MAX_STACK, SLOT, SlotType};
use crate::verifier::state::{JmpNote, StackAccess};

use super::region::MAX_VAR_OFF;

/// The slot of the byte at `fp + off`, and which byte of it, for a negative offset.
pub(crate) fn slot_of(off: i32) -> (usize, usize) {
    let distance = (-(i64::from(off)) - 1).max(0) as usize;
    (distance / SLOT, distance % SLOT)
}

/// Bits that hold all that a register can be (`fls64` of its greatest value).
pub(crate) fn width_of(reg: &RegState) -> u32 {
    64 - reg.num.umax.leading_zeros()
}

impl Verifier<'_> {
    /// Checks that the access is within the stack, and makes room for it.
    pub(super) fn check_stack_bounds(&mut self, reg: &RegState, at: At, by_helper: bool) -> Check {
        let how = match at.access {
            _ if by_helper && !self.has(Feature::DirectAccessWords) => " indirect access to",
            Access::Read => " read from",
            Access::Write => " write to",
        };
        let (least, end) = match reg.num.constant_value() {
            Some(fixed) => {
                let least = (fixed as i64).wrapping_add(i64::from(at.off));
                (least, least.wrapping_add(i64::from(at.size)))
            }
            None => {
                if reg.num.smax >= MAX_VAR_OFF || reg.num.smin <= -MAX_VAR_OFF {
                    return Err(AccessFinding::StackUnbounded { reg: at.base, how }.into());
                }
                let off = i64::from(at.off);
                (reg.num.smin + off, reg.num.smax + off + i64::from(at.size))
            }
        };
        let frame = &mut self.cur.frames[reg.frame() as usize];
        let lowest = match at.access {
            Access::Read if !self.options.privileged => -((frame.stack.len() * SLOT) as i64),
            _ => -i64::from(MAX_STACK),
        };
        if least < lowest || least > -1 || end > 0 || at.size < 0 {
            let (base, off, size) = (at.base, at.off, at.size);
            return Err(match reg.num.constant_value() {
                Some(_) => AccessFinding::StackBounds { reg: base, how, off: least, size }.into(),
                None => {
                    let var_off = tnum_text(reg.num.var_off);
                    AccessFinding::StackVariableBounds { reg: base, how, var_off, off, size }.into()
                }
            });
        }
        let subprog = frame.subprog as usize;
        frame.grow_stack(-least as i32);
        let depth = (frame.stack.len() * SLOT) as u32;
        let known = &mut self.subprogs[subprog].stack_depth;
        *known = depth.max(*known);
        Ok(())
    }

    pub(super) fn access_stack(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        self.check_stack_bounds(reg, at, false)?;
        match at.access {
            Access::Read => self.read_stack(reg, at, value),
            Access::Write => self.write_stack_at(reg, at, value),
        }
    }

    fn read_stack(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let dst = value.reg();
        if let Some(fixed) = reg.num.constant_value() {
            return self.read_stack_fixed(reg.frame(), at.off.wrapping_add(fixed as i32), at.size, dst);
        }
        let var_off = || tnum_text(reg.num.var_off);
        // What goes to no register could not be followed.
        let Some(dst) = dst else {
            return Err(AccessFinding::StackVariableHelper { var_off: var_off(), off: at.off, size: at.size }.into());
        };
        if !self.options.privileged {
            return Err(AccessFinding::StackVariableUnprivileged { reg: at.base, var_off: var_off() }.into());
        }
        self.check_stack_range_initialized(at.base, at.off, at.size, false, Access::Read, None)?;
        let (least, end) = (reg.num.smin as i32 + at.off, reg.num.smax as i32 + at.off + at.size);
        self.touch_stack(reg.frame(), least);
        self.load_stack_bytes(reg.frame(), least, end, dst);
        Ok(())
    }

    /// Notes that a frame's stack is used, down to `off`: the function then keeps spills that could have been dropped.
    pub(super) fn touch_stack(&mut self, frameno: u32, off: i32) {
        let subprog = self.cur.frames[frameno as usize].subprog as usize;
        self.shape.touch_stack(subprog, self.insn, off);
    }

    /// Reads `size` bytes at `fp + off` of a frame into `dst`, or, without one, for an atomic operation.
    fn read_stack_fixed(&mut self, frameno: u32, off: i32, size: i32, dst: Option<Reg>) -> Check {
        let (slot, byte) = slot_of(off);
        self.mark_stack_read(frameno, self.insn, 1 << slot);
        self.scratch_slot(slot);
        self.touch_stack(frameno, off);
        let stored = self.cur.frames[frameno as usize].stack[slot];
        if !stored.is_spilled() {
            self.check_read_bytes(&stored.types, byte, off, size, false)?;
            if let Some(dst) = dst {
                self.load_stack_bytes(frameno, off, off + size, dst);
            }
            return Ok(());
        }
        let spill_size = stored.types.iter().rev().take_while(|t| **t == SlotType::Spill).count() as i32;
        if size == SLOT as i32 && spill_size == SLOT as i32 {
            match dst {
                Some(dst) => {
                    // Spills have linked it already, unless it was forgotten since.
                    self.set_reg(dst, stored.spilled);
                }
                None if !self.allow_ptr_leaks() && !stored.spilled.is_scalar() => {
                    return Err(AccessFinding::StackLeak { off }.into());
                }
                None => {}
            }
        } else {
            if !stored.spilled.is_scalar() {
                return Err(AccessFinding::FillSize.into());
            }
            let Some(dst) = dst else { return Ok(()) };
            let fills = size == spill_size || size < spill_size && self.has(Feature::NarrowFills);
            if fills && off % SLOT as i32 == 0 {
                self.fill_part(frameno, slot, size, spill_size, dst);
            } else if !self.read_across_spill(&stored.types, &stored.spilled, byte, off, size, dst)? {
                return Ok(());
            }
        }
        self.push_jmp_history(spill_note(frameno, slot));
        Ok(())
    }

    /// Reads the lower bytes of a spilled number.
    fn fill_part(&mut self, frameno: u32, slot: usize, size: i32, spill_size: i32, dst: Reg) {
        let spilled = self.cur.frames[frameno as usize].stack[slot].spilled;
        let links = size == 4 && spill_size == 4 && self.has(Feature::SpillLinks);
        let mut filled = if links && width_of(&spilled) <= 32 { self.with_linking_id(frameno, slot) } else { spilled };
        // What does not fit is another number.
        if width_of(&spilled) > size as u32 * 8 {
            filled.id = 0;
        }
        self.set_reg(dst, filled);
    }

    /// Reads bytes of which some are a spilled number's; tells whether it is still that number, which is 0.
    fn read_across_spill(
        &mut self,
        types: &[SlotType; SLOT],
        spilled: &RegState,
        byte: usize,
        off: i32,
        size: i32,
        dst: Reg,
    ) -> Check<bool> {
        self.check_read_bytes(types, byte, off, size, true)?;
        let of = |ty| (0..size as usize).filter(|i| types[(byte + SLOT - i) % SLOT] == ty).count() as i32;
        if !self.has(Feature::ZeroSpills) {
            self.set_unknown(dst);
            return Ok(false);
        }
        if of(SlotType::Spill) == size && spilled.is_zero() {
            self.set_reg(dst, RegState::constant(0));
            return Ok(true);
        }
        let zero = of(SlotType::Zero) == size;
        self.set_reg(dst, if zero { RegState::constant(0) } else { RegState::UNKNOWN });
        Ok(false)
    }

    /// Requires `size` bytes from `byte` on to have been written.
    fn check_read_bytes(&self, types: &[SlotType; SLOT], byte: usize, off: i32, size: i32, spill: bool) -> Check {
        for i in 0..size {
            match types[(byte + SLOT - i as usize % SLOT) % SLOT] {
                SlotType::Misc | SlotType::Zero => {}
                SlotType::Spill if spill => {}
                SlotType::Invalid if self.options.privileged => {}
                _ => return Err(AccessFinding::StackUninitialized { off, byte: i, size }.into()),
            }
        }
        Ok(())
    }

    /// Loads plain bytes: 0 where all of them are, else any number.
    fn load_stack_bytes(&mut self, frameno: u32, start: i32, end: i32, dst: Reg) {
        let mut zero = true;
        for off in start..end {
            let (slot, byte) = slot_of(off);
            self.scratch_slot(slot);
            if self.cur.frames[frameno as usize].stack[slot].types[byte] != SlotType::Zero {
                zero = false;
                break;
            }
        }
        self.set_reg(dst, if zero { RegState::constant(0) } else { RegState::UNKNOWN });
    }

    /// The number spilled in a slot, with an id that links it to what is filled from it.
    fn with_linking_id(&mut self, frameno: u32, slot: usize) -> RegState {
        let mut spilled = self.cur.frames[frameno as usize].stack[slot].spilled;
        if self.options.privileged {
            self.link_by_id(&mut spilled);
            self.cur.frames[frameno as usize].stack[slot].spilled = spilled;
        }
        spilled
    }

    /// Checks that a helper may read (or fill) `size` bytes of stack behind `reg`.
    pub fn check_stack_range_initialized(
        &mut self,
        reg: Reg,
        off: i32,
        size: i32,
        zero_ok: bool,
        access: Access,
        raw: Option<&mut RawMem>,
    ) -> Check {
        let state = *self.reg(reg);
        if size == 0 && !zero_ok {
            return Err(AccessFinding::ZeroSize.into());
        }
        self.check_stack_bounds(&state, At { base: reg, off, size, access }, true)?;
        let how = if self.has(Feature::DirectAccessWords) { "" } else { " indirect" };
        let fixed = state.num.constant_value();
        let (least, most) = match fixed {
            Some(fixed) => (fixed as i32 + off, fixed as i32 + off),
            None => {
                if !self.options.privileged {
                    let var_off = tnum_text(state.num.var_off);
                    return Err(AccessFinding::StackVariableUnprivileged { reg, var_off }.into());
                }
                (state.num.smin as i32 + off, state.num.smax as i32 + off)
            }
        };
        // Where a helper will write at an offset that is not known, what it leaves must have been initialised.
        if let (Some(raw), true) = (raw, fixed.is_some()) {
            return self.check_raw_range(&state, reg, least, size, raw);
        }
        for off in least..most + size {
            if !self.helper_touches(state.frame(), off, access) {
                let byte = off - least;
                return Err(match fixed {
                    Some(_) => AccessFinding::StackArgument { reg, how, off: least, byte, size }.into(),
                    None => {
                        let var_off = tnum_text(state.num.var_off);
                        AccessFinding::StackVariableArgument { reg, how, var_off, byte, size }.into()
                    }
                });
            }
            self.mark_stack_read(state.frame(), self.insn, 1 << slot_of(off).0);
        }
        Ok(())
    }

    /// Stack that a helper fills: it need not be initialised, but a dynptr must not be there.
    fn check_raw_range(&self, state: &RegState, reg: Reg, off: i32, size: i32, raw: &mut RawMem) -> Check {
        let stack = &self.cur.frames[state.frame() as usize].stack;
        for off in off..off + size {
            let (slot, byte) = slot_of(off);
            if stack.get(slot).is_some_and(|s| s.types[byte] == SlotType::Dynptr) {
                return Err(AccessFinding::DynptrOverwrite { off }.into());
            }
        }
        *raw = RawMem { reg: Some(reg), size };
        Ok(())
    }

    /// A helper reads, and maybe writes, one byte of initialised stack; tells whether it may.
    fn helper_touches(&mut self, frameno: u32, off: i32, access: Access) -> bool {
        let (slot, byte) = slot_of(off);
        let privileged = self.options.privileged;
        let Some(stored) = self.cur.frames[frameno as usize].stack.get_mut(slot) else { return false };
        let write = access == Access::Write;
        match stored.types[byte] {
            SlotType::Misc => true,
            SlotType::Zero => {
                if write {
                    stored.types[byte] = SlotType::Misc;
                }
                true
            }
            SlotType::Invalid if privileged => {
                if write {
                    stored.types[byte] = SlotType::Misc;
                }
                true
            }
            _ if stored.is_spilled() && (stored.spilled.is_scalar() || privileged) => {
                if write {
                    stored.spilled = RegState { ty: RegType::Scalar, ..RegState::UNKNOWN };
                    stored.scrub();
                }
                true
            }
            _ => false,
        }
    }
}

/// A note for going back: the instruction spilled to, or filled from, this slot.
pub(super) fn spill_note(frameno: u32, slot: usize) -> JmpNote {
    JmpNote { stack: Some(StackAccess { frame: frameno as u8, slot: slot as u8 }), ..JmpNote::default() }
}
