//! Going back over one instruction: which registers and slots before it did what is wanted after it depend on.

use std::fmt::Write;

use crate::isa::{AluOp, Call, Insn, Pc, Reg, Src};
use crate::verifier::call::{MISSING, TAIL_CALL};
use crate::verifier::env::Verifier;
use crate::verifier::log::verbose;
use crate::verifier::stack::SLOT;
use crate::verifier::state::{JmpNote, LinkedRegs, MAX_FRAMES};

/// `r1` to `r5`.
const ARGS: u16 = 0b11_1110;

/// Registers and slots whose values are wanted, by frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Backtrack {
    /// The frame of the instruction that was gone over last.
    pub frame: usize,
    pub regs: [u16; MAX_FRAMES],
    pub slots: [u64; MAX_FRAMES],
}

/// Why going back ends early.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Lost {
    /// It cannot be told what was depended on.
    Unsupported,
    /// What is wanted contradicts the path: a mistake of the verifier, by the kernel's name for it.
    Bug(String),
}

impl Backtrack {
    pub fn is_empty(&self) -> bool {
        let last = self.frame.min(MAX_FRAMES - 1);
        self.regs[..=last].iter().all(|regs| *regs == 0) && self.slots[..=last].iter().all(|slots| *slots == 0)
    }

    pub fn clear(&mut self) {
        *self = Backtrack::default();
    }

    pub fn set_reg(&mut self, frame: usize, reg: usize) {
        if let Some(regs) = self.regs.get_mut(frame) {
            *regs |= 1 << reg;
        }
    }

    pub fn set_slot(&mut self, frame: usize, slot: usize) {
        if let Some(slots) = self.slots.get_mut(frame) {
            *slots |= 1u64.checked_shl(slot as u32).unwrap_or(0);
        }
    }

    fn wants(&self, reg: Reg) -> bool {
        self.here() & 1 << reg.index() != 0
    }

    fn want(&mut self, reg: Reg) {
        self.set_reg(self.frame, reg.index());
    }

    fn unwant(&mut self, reg: Reg) {
        self.regs[self.frame] &= !(1 << reg.index());
    }

    /// Registers wanted in the current frame.
    pub fn here(&self) -> u16 {
        self.regs[self.frame]
    }

    pub fn slots_here(&self) -> u64 {
        self.slots[self.frame]
    }

    /// To the caller's frame, coming to the call.
    fn leave(&mut self) -> Result<(), Lost> {
        self.frame = self.frame.checked_sub(1).ok_or_else(|| Lost::Bug("subprog exit from frame 0".to_owned()))?;
        Ok(())
    }

    /// To the callee's frame, coming to its exit.
    fn enter(&mut self) -> Result<(), Lost> {
        if self.frame + 1 >= MAX_FRAMES {
            return Err(Lost::Bug(format!("subprog enter from frame {}", self.frame)));
        }
        self.frame += 1;
        Ok(())
    }

    /// What a comparison refined together is wanted together.
    fn sync_linked(&mut self, linked: &LinkedRegs) {
        let linked = linked.as_slice();
        let wanted = linked.iter().any(|link| {
            let (frame, place) = (usize::from(link.frame), u32::from(link.place));
            let mask = match link.is_reg {
                true => u64::from(self.regs.get(frame).copied().unwrap_or(0)),
                false => self.slots.get(frame).copied().unwrap_or(0),
            };
            mask.checked_shr(place).unwrap_or(0) & 1 != 0
        });
        if !wanted {
            return;
        }
        for link in linked {
            let (frame, place) = (usize::from(link.frame), usize::from(link.place));
            match link.is_reg {
                true => self.set_reg(frame, place),
                false => self.set_slot(frame, place),
            }
        }
    }
}

/// `r1,r6`.
pub(super) fn regs_text(regs: u16) -> String {
    let mut text = String::new();
    for reg in (0..16).filter(|reg| regs & 1 << reg != 0) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}r{reg}");
    }
    text
}

/// `-8,-24`.
pub(super) fn slots_text(slots: u64) -> String {
    let mut text = String::new();
    for slot in (0..64).filter(|slot| slots & 1 << slot != 0) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{}", -(slot + 1) * SLOT as i32);
    }
    text
}

impl Verifier<'_> {
    /// Goes back over the instruction at `pc`; on the path it was followed by `next`. `note` is its history's.
    ///
    /// # Errors
    /// When it cannot be told what is depended on before it.
    pub(super) fn step_back(
        &mut self,
        pc: Pc,
        next: Option<Pc>,
        note: Option<&JmpNote>,
        bt: &mut Backtrack,
    ) -> Result<(), Lost> {
        let Some(&insn) = self.insn_at(pc) else { return Ok(()) };
        if self.log.all_paths() {
            let (regs, slots) = (regs_text(bt.here()), slots_text(bt.slots_here()));
            let text = crate::verifier::insn_text::text(self.program, pc);
            verbose!(self, "mark_precise: frame{}: regs={regs} stack={slots} before {pc}: {text}\n", bt.frame);
        }
        // Before and after, since either may add what the other has to know.
        if let Some(note) = note {
            bt.sync_linked(&note.linked);
        }
        if self.step_back_insn(pc, &insn, next, note, bt)?
            && let Some(note) = note
        {
            bt.sync_linked(&note.linked);
        }
        Ok(())
    }

    /// Tells whether the instruction had to do with what is wanted.
    fn step_back_insn(
        &self,
        pc: Pc,
        insn: &Insn,
        next: Option<Pc>,
        note: Option<&JmpNote>,
        bt: &mut Backtrack,
    ) -> Result<bool, Lost> {
        let slot = note.and_then(|note| note.stack).map(|access| (usize::from(access.frame), usize::from(access.slot)));
        match *insn {
            Insn::Alu { op, dst, src, .. } => {
                if !bt.wants(dst) {
                    return Ok(false);
                }
                if op == AluOp::Mov {
                    bt.unwant(dst);
                }
                match src {
                    Src::Reg(src) if src != Reg::R10 => bt.want(src),
                    _ => {}
                }
            }
            Insn::MovSx { dst, src, .. } | Insn::AddrSpaceCast { dst, src, .. } => {
                if !bt.wants(dst) {
                    return Ok(false);
                }
                bt.unwant(dst);
                if src != Reg::R10 {
                    bt.want(src);
                }
            }
            Insn::Neg { .. } | Insn::Endian { .. } => return Ok(false),
            Insn::LoadImm64 { dst, .. } => {
                if !bt.wants(dst) {
                    return Ok(false);
                }
                bt.unwant(dst);
            }
            Insn::LoadPacket { .. } => {
                // The slot's destination is 0, as is the register that it writes.
                return if bt.wants(Reg::R0) { Err(Lost::Unsupported) } else { Ok(false) };
            }
            Insn::Load { dst, .. } | Insn::LoadAcquire { dst, .. } => {
                if !bt.wants(dst) {
                    return Ok(false);
                }
                bt.unwant(dst);
                // Only the stack keeps what is known of a number.
                let Some((frame, slot)) = slot else { return Ok(false) };
                bt.set_slot(frame, slot);
            }
            Insn::Store { base, src, .. } => {
                return step_back_store(base, if let Src::Reg(src) = src { Some(src) } else { None }, slot, bt);
            }
            Insn::StoreRelease { base, src, .. } | Insn::Atomic { base, src, .. } => {
                return step_back_store(base, Some(src), slot, bt);
            }
            Insn::Jump { dst, src: Src::Reg(src), .. } => {
                if !bt.wants(dst) && !bt.wants(src) {
                    return Ok(false);
                }
                // A comparison makes each depend on the other.
                if !note.is_some_and(|note| note.src_stack) {
                    bt.want(src);
                }
                if !note.is_some_and(|note| note.dst_stack) {
                    bt.want(dst);
                }
            }
            Insn::Jump { .. } | Insn::Goto { .. } | Insn::MayGoto { .. } => {}
            Insn::Call(call) => return self.step_back_call(pc, call, next, bt),
            Insn::Exit => return self.step_back_exit(next, bt),
        }
        Ok(true)
    }

    fn step_back_call(&self, pc: Pc, call: Call, next: Option<Pc>, bt: &mut Backtrack) -> Result<bool, Lost> {
        let follows = next == Some(Pc(pc.0.wrapping_add(1)));
        if let Call::Local(off) = call {
            let target = Pc(pc.0.wrapping_add(1).wrapping_add(off as u32));
            let subprog = self.shape.subprog_starting(target);
            if subprog.and_then(|n| self.subprogs.get(n)).is_some_and(|subprog| subprog.global) {
                if bt.here() & ARGS != 0 {
                    return Err(Lost::Bug(format!("global subprog unexpected regs {:x}", bt.here())));
                }
                bt.unwant(Reg::R0);
                return Ok(false);
            }
            // Out of the function: what it took is its caller's. All else was found in it.
            if bt.here() & !ARGS != 0 {
                return Err(Lost::Bug(format!("static subprog unexpected regs {:x}", bt.here())));
            }
            if bt.slots_here() != 0 {
                return Err(Lost::Bug(format!("static subprog leftover stack slots {:x}", bt.slots_here())));
            }
            let args = std::mem::take(&mut bt.regs[bt.frame]);
            bt.leave()?;
            bt.regs[bt.frame] |= args;
            return Ok(false);
        }
        if self.shape.aux[pc.index()].calls_callback && !follows {
            // Out of a function that a helper called: its arguments are the helper's.
            if bt.here() & !ARGS != 0 {
                return Err(Lost::Bug(format!("callback unexpected regs {:x}", bt.here())));
            }
            if bt.slots_here() != 0 {
                return Err(Lost::Bug(format!("callback leftover stack slots {:x}", bt.slots_here())));
            }
            bt.regs[bt.frame] &= !ARGS;
            bt.leave()?;
            return Ok(false);
        }
        if matches!(call, Call::Kfunc { id: MISSING, .. }) {
            return Err(Lost::Unsupported);
        }
        bt.unwant(Reg::R0);
        if bt.here() & ARGS != 0 {
            return Err(Lost::Bug(format!("backtracking call unexpected regs {:x}", bt.here())));
        }
        // A tail call is the end of its function, too.
        if call == Call::Helper(TAIL_CALL as i32) && !follows {
            bt.enter()?;
        }
        Ok(true)
    }

    fn step_back_exit(&self, next: Option<Pc>, bt: &mut Backtrack) -> Result<bool, Lost> {
        let aux = next.and_then(|next| self.shape.aux.get(next.index()));
        if aux.is_some_and(|aux| aux.calls_callback) {
            bt.regs[bt.frame] &= !ARGS;
        }
        if bt.here() & ARGS != 0 {
            return Err(Lost::Bug(format!("backtracking exit unexpected regs {:x}", bt.here())));
        }
        // After a function that was called comes the instruction behind the call, after a callback the call itself.
        let call = next.and_then(|next| next.0.checked_sub(1)).and_then(|pc| self.insn_at(Pc(pc)));
        let returns = matches!(call, Some(Insn::Call(Call::Local(_)))) && bt.wants(Reg::R0);
        bt.unwant(Reg::R0);
        bt.enter()?;
        if returns {
            bt.want(Reg::R0);
        }
        Ok(false)
    }
}

fn step_back_store(
    base: Reg,
    src: Option<Reg>,
    slot: Option<(usize, usize)>,
    bt: &mut Backtrack,
) -> Result<bool, Lost> {
    // A number that was an address before: the difference of two pointers.
    if bt.wants(base) {
        return Err(Lost::Unsupported);
    }
    let Some((frame, slot)) = slot else { return Ok(false) };
    let (Some(slots), Some(bit)) = (bt.slots.get_mut(frame), 1u64.checked_shl(slot as u32)) else { return Ok(false) };
    if *slots & bit == 0 {
        return Ok(false);
    }
    *slots &= !bit;
    if let Some(src) = src {
        bt.want(src);
    }
    Ok(true)
}
