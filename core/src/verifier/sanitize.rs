//! What the unprivileged must not get the processor to do speculatively (Spectre variant 1).
//!
//! Pointers are moved by numbers that are known to be in bounds, but the processor may run ahead with others: the kernel
//! masks such arithmetic, which needs one limit for all paths, and it follows the paths that are taken only speculatively.
//! Whatever is wrong on such a path is no reason for rejection: the kernel then keeps the processor from going there.

use super::env::Verifier;
use super::explore::Next;
use super::finding::{AluFinding, Check, Finding, FlowFinding};
use super::reg::{RegState, RegType};
use super::stack::MAX_STACK;
use crate::isa::{AluOp, Pc, Reg, Src};
use crate::kernel::Feature;

/// How an instruction's arithmetic is masked: once for all paths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Masking {
    /// Numbers only.
    Numbers,
    /// A pointer, which may move so far.
    Pointer {
        /// Whether the number is negative.
        negative: bool,
        /// Whether the number is known.
        known: bool,
        /// Whether the pointer is the destination.
        pointer_first: bool,
        /// Bytes that it may move.
        limit: u32,
    },
}

/// What the first look at pointer arithmetic found, for the second look after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    to_left: bool,
    limit: u32,
    negative: bool,
    known: bool,
    pointer_first: bool,
}

impl Verifier<'_> {
    /// Whether the arithmetic of this instruction needs no masking.
    fn skips_masking(&self, src: Src) -> bool {
        self.options.privileged || matches!(src, Src::Imm(_)) || self.aux[self.insn.index()].nospec
    }

    /// Requires that the instruction is masked alike on all paths.
    fn set_masking(&mut self, op: AluOp, dst: Reg, masking: Masking) -> Check {
        let seen = &mut self.aux[self.insn.index()].masking;
        if seen.is_some_and(|seen| seen != masking) {
            return Err(AluFinding::MaskPaths { reg: dst, op: verb(op) }.into());
        }
        *seen = Some(masking);
        Ok(())
    }

    /// Arithmetic on numbers must not elsewhere be arithmetic on pointers.
    pub fn sanitize_numbers(&mut self, op: AluOp, dst: Reg, src: Src) -> Check {
        if !matches!(op, AluOp::Add | AluOp::Sub) || self.skips_masking(src) {
            return Ok(());
        }
        self.set_masking(op, dst, Masking::Numbers)
    }

    /// Before a number is added to a pointer: how far the pointer may move.
    pub fn sanitize_pointer(
        &mut self,
        op: AluOp,
        dst: Reg,
        src: Src,
        pointer: &RegState,
        number: &RegState,
        pointer_first: bool,
    ) -> Check<Option<Window>> {
        if !matches!(op, AluOp::Add | AluOp::Sub) || self.skips_masking(src) {
            return Ok(None);
        }
        let (known, negative) = (number.num.is_constant(), number.num.smin < 0);
        let mut window = None;
        if !self.cur.speculative {
            if !known && negative != (number.num.smax < 0) {
                let reg = match src {
                    Src::Reg(src) if pointer_first => src,
                    _ => dst,
                };
                return Err(AluFinding::MaskBounds { reg }.into());
            }
            let to_left = (op == AluOp::Add) == negative;
            let limit = self.pointer_limit(op, dst, src, pointer, to_left, pointer_first)?;
            self.explore_alu_limits |= !known;
            window = Some(Window { to_left, limit, negative, known, pointer_first });
        }
        if !known {
            self.push_truncated(dst, pointer, pointer_first)?;
        }
        Ok(window)
    }

    /// The processor may go on with the pointer not moved at all.
    fn push_truncated(&mut self, dst: Reg, pointer: &RegState, pointer_first: bool) -> Check {
        let next = Pc(self.insn.0 + 1);
        let pointer = *pointer;
        let branch = self.push_branch(next, true)?;
        if !pointer_first {
            *branch.frame_mut().reg_mut(dst) = pointer;
        }
        Ok(())
    }

    fn pointer_limit(
        &self,
        op: AluOp,
        dst: Reg,
        src: Src,
        pointer: &RegState,
        to_left: bool,
        pointer_first: bool,
    ) -> Check<u32> {
        let off = i64::from(pointer.off);
        let (limit, max) = match pointer.ty {
            RegType::Stack => {
                let at = (pointer.num.var_off.value as i64).wrapping_add(off);
                (at.wrapping_neg() as u32, MAX_STACK as u32 + u32::from(to_left))
            }
            RegType::MapValue if pointer.flags.is_empty() => {
                let end = if to_left { pointer.num.smin } else { pointer.num.umax as i64 };
                let size = pointer.map().map_or(0, |map| self.map_def(map).value_size);
                (end.wrapping_add(off) as u32, size)
            }
            _ => {
                let reg = match src {
                    Src::Reg(src) if !pointer_first => src,
                    _ => dst,
                };
                return Err(AluFinding::MaskType { reg }.into());
            }
        };
        if limit >= max {
            return Err(AluFinding::MaskLimit { reg: dst, op: verb(op) }.into());
        }
        Ok(limit)
    }

    /// After a number was added to a pointer: it must still be in bounds, and the mask is narrowed to how far it moved.
    pub fn sanitize_result(&mut self, op: AluOp, dst: Reg, src: Src, window: Option<Window>) -> Check {
        if self.options.privileged {
            return Ok(());
        }
        let moved = *self.reg(dst);
        self.check_result_bounds(dst, &moved)?;
        let Some(window) = window else { return Ok(()) };
        let after = self.pointer_limit(op, dst, src, &moved, window.to_left, true)?;
        let Window { negative, known, pointer_first, limit, .. } = window;
        let masking = Masking::Pointer { negative, known, pointer_first, limit: limit.abs_diff(after) };
        self.set_masking(op, dst, masking)
    }

    fn check_result_bounds(&self, reg: Reg, moved: &RegState) -> Check {
        match moved.ty {
            RegType::Stack => {
                let off = moved.off.wrapping_add(moved.num.var_off.value as i32);
                if !moved.num.is_constant() {
                    let var_off = super::access::tnum_text(moved.num.var_off);
                    return Err(AluFinding::StackVariable { reg, var_off, off }.into());
                }
                if !(-MAX_STACK..0).contains(&off) {
                    return Err(AluFinding::StackRange { reg, off }.into());
                }
            }
            RegType::MapValue if moved.flags.is_empty() => {
                if let Err(finding) = self.check_map_access(reg, moved.off, 1, false, super::access::Source::Helper) {
                    let Finding::Access(access) = *finding else { return Err(finding) };
                    return Err(AluFinding::MapRange { reg, access: Box::new(access) }.into());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A jump that always goes one way may be predicted to go the other.
    pub fn push_mispredicted(&mut self, pc: Pc, dst: Reg, src: Src) -> Check {
        if self.options.privileged {
            return Ok(());
        }
        let branch = self.push_branch(pc, true)?.frame_mut();
        let unknown = RegState { precise: true, ..RegState::UNKNOWN };
        *branch.reg_mut(dst) = unknown;
        if let Src::Reg(src) = src {
            *branch.reg_mut(src) = unknown;
        }
        Ok(())
    }

    /// Ends a speculative path where it would go wrong, rather than reject the program: the kernel puts a barrier there.
    pub fn recover(&mut self, finding: Box<Finding>) -> Check<Next> {
        let fatal = matches!(*finding, Finding::Flow(FlowFinding::TooLarge { .. } | FlowFinding::TooManyJumps { .. }));
        if !self.cur.speculative || fatal || !self.has(Feature::SpeculationBarriers) {
            return Err(finding);
        }
        let text = finding.to_string();
        super::log::verbose!(self, "{}\n", text.trim_end());
        let aux = &mut self.aux[self.insn.index()];
        aux.nospec = true;
        aux.masking = None;
        Ok(Next::End)
    }
}

/// The operation as messages of this kind have it.
fn verb(op: AluOp) -> &'static str {
    if op == AluOp::Add { "add" } else { "sub" }
}
