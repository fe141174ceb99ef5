//! Writing the stack: spills of registers, plain bytes.

use super::stack_read::{slot_of, spill_note, width_of};
use super::{At, Value};
use crate::kernel::Feature;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{ADD_CONST, RegState, RegType};
use crate::verifier::stack::{SLOT, SlotType, StackSlot};

impl StackSlot {
    /// Makes plain bytes of what was spilled here.
    pub fn scrub(&mut self) {
        for ty in &mut self.types {
            if *ty != SlotType::Invalid {
                *ty = SlotType::Misc;
            }
        }
    }

    /// Whether a dynptr, an iterator, a spilled register or a saved interrupt flag is here.
    fn is_special(&self) -> bool {
        matches!(self.types[SLOT - 1], SlotType::Spill | SlotType::Dynptr | SlotType::Iter | SlotType::IrqFlag)
    }

    /// Whatever is here is bytes from now on, wherever in the slot it is written to.
    fn end_special(&mut self) {
        self.spilled.ty = RegType::NotInit;
        if self.is_special() {
            self.scrub();
        }
    }
}

/// Types that can be spilled and filled again as they were.
fn is_spillable(ty: RegType) -> bool {
    !matches!(ty, RegType::NotInit | RegType::Scalar | RegType::ConstDynptr)
}

impl Verifier<'_> {
    /// Gives a number an id, so that copies of it stay linked: a comparison of one refines them all.
    pub fn link_by_id(&mut self, reg: &mut RegState) {
        if !reg.is_scalar() {
            return;
        }
        if reg.id & ADD_CONST != 0 {
            // It is linked already, as something plus a constant; that does not nest.
            reg.id = 0;
            reg.off = 0;
        }
        if reg.id == 0 && !reg.num.is_constant() {
            reg.id = self.new_id();
        }
    }

    pub(super) fn write_stack_at(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        match reg.num.constant_value() {
            Some(fixed) => self.write_stack_fixed(reg.frame(), at.off.wrapping_add(fixed as i32), at.size, value),
            None => self.write_stack_variable(reg, at, value),
        }
    }

    /// Stores `size` bytes at `fp + off` of a frame; the access is aligned and within the stack.
    fn write_stack_fixed(&mut self, frameno: u32, off: i32, size: i32, value: Value) -> Check {
        let (slot, byte) = slot_of(off);
        let privileged = self.options.privileged;
        let stored = self.cur.frames[frameno as usize].stack[slot];
        if !privileged && stored.is_spilled() && !stored.is_spilled_scalar() && size != SLOT as i32 {
            return Err(AccessFinding::CorruptPointer.into());
        }
        self.destroy_dynptr_at(frameno, slot)?;
        self.touch_stack(frameno, off);
        self.scratch_slot(slot);
        self.note_store_bypass(&stored, byte, size, value);
        let aligned = off % SLOT as i32 == 0;
        let mut spilled = match value {
            Value::Reg(reg) => Some(*self.reg(reg)),
            Value::Imm(imm) => Some(RegState::constant(i64::from(imm) as u64)),
            Value::None => None,
        };
        let (is_zero_imm, zero_spills) = (matches!(value, Value::Imm(0)), self.has(Feature::ZeroSpills));
        if size == SLOT as i32 {
            self.mark_stack_write(frameno, 1 << slot);
        }
        match &mut spilled {
            Some(reg) if reg.is_scalar() && aligned && privileged && (!is_zero_imm || zero_spills) => {
                self.spill_scalar(frameno, slot, size, value, reg);
            }
            Some(reg) if matches!(value, Value::Reg(_)) && is_spillable(reg.ty) => {
                if size != SLOT as i32 {
                    return Err(AccessFinding::SpillSize.into());
                }
                if frameno != self.cur.frameno() && reg.ty == RegType::Stack {
                    return Err(AccessFinding::SpillToCaller.into());
                }
                let reg = *reg;
                self.save_register(frameno, slot, size, reg);
            }
            _ => return self.write_stack_bytes(frameno, slot, byte, size, value, spilled),
        }
        self.push_jmp_history(spill_note(frameno, slot));
        Ok(())
    }

    /// The processor may read what was on the stack before a store (Spectre variant 4): for the unprivileged the kernel
    /// puts a barrier behind stores of pointers and over what is no plain data.
    fn note_store_bypass(&mut self, stored: &StackSlot, byte: usize, size: i32, value: Value) {
        if self.options.privileged {
            return;
        }
        let pointer = value.reg().is_some_and(|reg| is_spillable(self.reg(reg).ty));
        let over = (0..size as usize).map(|i| stored.types[(byte + SLOT - i % SLOT) % SLOT]);
        if pointer || over.into_iter().any(|ty| !matches!(ty, SlotType::Misc | SlotType::Zero)) {
            self.aux[self.insn.index()].nospec_result = true;
        }
    }

    fn spill_scalar(&mut self, frameno: u32, slot: usize, size: i32, value: Value, reg: &mut RegState) {
        let fits = width_of(reg) <= 8 * size as u32;
        if let (Value::Reg(number), true, true) = (value, fits, self.has(Feature::SpillLinks)) {
            self.link_by_id(reg);
            *self.reg_mut(number) = *reg;
        }
        self.save_register(frameno, slot, size, *reg);
        if !fits {
            self.cur.frames[frameno as usize].stack[slot].spilled.id = 0;
        }
    }

    /// Puts a register into the lower `size` bytes of a slot.
    fn save_register(&mut self, frameno: u32, slot: usize, size: i32, reg: RegState) {
        let privileged = self.options.privileged;
        let zero_spills = self.has(Feature::ZeroSpills);
        let stored = &mut self.cur.frames[frameno as usize].stack[slot];
        stored.spilled = reg;
        let rest = SLOT - size as usize;
        for ty in &mut stored.types[rest..] {
            *ty = SlotType::Spill;
        }
        for ty in &mut stored.types[..rest] {
            // Zeroes stay zeroes, and what the privileged did not write stays unwritten.
            let keeps = *ty == SlotType::Zero && zero_spills || (*ty == SlotType::Invalid && privileged);
            if !keeps {
                *ty = SlotType::Misc;
            }
        }
    }

    /// Stores plain bytes, which end whatever was spilled there.
    fn write_stack_bytes(
        &mut self,
        frameno: u32,
        slot: usize,
        byte: usize,
        size: i32,
        value: Value,
        stored: Option<RegState>,
    ) -> Check {
        let place = &mut self.cur.frames[frameno as usize].stack[slot];
        place.end_special();
        let mut ty = SlotType::Misc;
        if stored.is_some_and(|reg| reg.is_zero()) {
            // The slot is taken to be zero from here on, so the number it came from matters.
            if let Value::Reg(reg) = value {
                self.mark_chain_precision(reg)?;
            }
            ty = SlotType::Zero;
        }
        let place = &mut self.cur.frames[frameno as usize].stack[slot];
        for i in 0..size as usize {
            place.types[(byte + SLOT - i % SLOT) % SLOT] = ty;
        }
        Ok(())
    }

    /// Stores somewhere in a range of the stack: every byte of it may have been written, or not.
    fn write_stack_variable(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let (start, end) = (reg.num.smin as i32 + at.off, reg.num.smax as i32 + at.off + at.size);
        let zero = match value {
            Value::Reg(number) => self.reg(number).is_zero(),
            Value::Imm(imm) => imm == 0,
            Value::None => false,
        };
        let frameno = reg.frame();
        for slot in slot_of(end - 1).0..=slot_of(start).0 {
            self.destroy_dynptr_at(frameno, slot)?;
        }
        self.touch_stack(frameno, start);
        let mut zero_used = false;
        for off in start..end {
            zero_used |= self.write_somewhere(frameno, off, zero)?;
        }
        if let (Value::Reg(number), true) = (value, zero_used) {
            self.mark_chain_precision(number)?;
        }
        Ok(())
    }

    /// A byte that a store may hit; tells whether it stays zero because zero is what is stored.
    fn write_somewhere(&mut self, frameno: u32, off: i32, zero: bool) -> Check<bool> {
        let (slot, byte) = slot_of(off);
        self.scratch_slot(slot);
        let (privileged, insn) = (self.options.privileged, self.insn.0);
        let (keeps_spills, ends_spills) = (self.has(Feature::ZeroSpills), self.has(Feature::VariableWritesEndSpills));
        let stored = &mut self.cur.frames[frameno as usize].stack[slot];
        let ty = stored.types[byte];
        if !privileged && !matches!(ty, SlotType::Misc | SlotType::Zero | SlotType::Invalid) {
            return Err(AccessFinding::SpillInRange { insn, off }.into());
        }
        if zero && keeps_spills && ty == SlotType::Spill && stored.is_spilled_scalar() && stored.spilled.is_zero() {
            return Ok(true);
        }
        if ends_spills {
            stored.end_special();
        } else {
            // The other bytes of a spill still say that they are, so that they cannot be read.
            stored.spilled.ty = RegType::NotInit;
        }
        if ty == SlotType::Invalid && !privileged {
            return Err(AccessFinding::UninitializedInRange { insn, off }.into());
        }
        let stays_zero = zero && stored.types[byte] == SlotType::Zero;
        stored.types[byte] = if stays_zero { SlotType::Zero } else { SlotType::Misc };
        Ok(stays_zero)
    }
}
