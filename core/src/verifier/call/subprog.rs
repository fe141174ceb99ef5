//! Calls of the program's own functions, and returns from them.
//!
//! A static function is followed as part of the path: a frame is added, and taken off when the function returns. A
//! global function is trusted by its signature (`global`), and verified on its own later.

use super::global::{Arg, BadSignature, Signature};
use super::spec::Spec;
use crate::isa::{Pc, Reg};
use crate::kernel::ArgType;
use crate::object::TypeId;
use crate::verifier::access::Access;
use crate::verifier::env::Verifier;
use crate::verifier::explore::Next;
use crate::verifier::finding::{Check, Finding, SubprogFinding};
use crate::verifier::log::verbose;
use crate::verifier::reg::{Flags, RegState, RegType};
use crate::verifier::state::{Frame, MAX_FRAMES};
use crate::verifier::text::type_name;

/// Registers of arguments.
pub(super) const ARGS: [Reg; 5] = [Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5];

/// Why arguments do not fit a signature.
pub(super) enum Mismatch {
    /// Nothing is known of the function, or it was called with something else before.
    Unknown,
    /// The kernel prints this.
    Told(Box<Finding>),
}

impl From<BadSignature> for Mismatch {
    fn from(bad: BadSignature) -> Mismatch {
        match bad {
            BadSignature::Silent => Mismatch::Unknown,
            BadSignature::Told(finding) => Mismatch::Told(finding.into()),
        }
    }
}

impl From<Box<Finding>> for Mismatch {
    fn from(finding: Box<Finding>) -> Mismatch {
        Mismatch::Told(finding)
    }
}

impl Verifier<'_> {
    /// A call of a function of the program, `off` slots behind the next instruction.
    pub(super) fn check_func_call(&mut self, off: i32) -> Check<Next> {
        let target = self.target(off);
        // Stage 1 made a function of every target.
        let subprog = self.shape.subprog_starting(target).unwrap_or(0);
        let fits = self.match_arguments(subprog);
        if self.is_global(subprog) {
            return self.check_global_call(subprog, fits);
        }
        if let Some(parent) = self.cur.frames.last() {
            let frame = self.new_frame(Some(self.insn), parent.frameno + 1, subprog)?;
            let callee = self.with_arguments(frame);
            self.cur.frames.push(callee);
        }
        let caller = self.cur.frames.len() - 2;
        for reg in &mut self.cur.frames[caller].regs[..Reg::R6.index()] {
            *reg = RegState::NOT_INIT;
        }
        verbose!(self, "caller:\n");
        self.log_state(caller, true);
        verbose!(self, "callee:\n");
        self.log_state(caller + 1, true);
        self.scratch_all();
        Ok(Next::Goto(self.shape.subprogs[subprog].start))
    }

    /// A frame on top of the current ones, if there is room for it.
    pub(super) fn new_frame(&self, callsite: Option<Pc>, frameno: u32, subprog: usize) -> Check<Frame> {
        if frameno as usize >= MAX_FRAMES {
            return Err(SubprogFinding::TooDeep { frames: frameno as usize + 1 }.into());
        }
        Ok(Frame::new(callsite, frameno, subprog as u32))
    }

    /// The frame with the current one's arguments.
    fn with_arguments(&self, mut frame: Frame) -> Frame {
        let args = Reg::R1.index()..Reg::R6.index();
        frame.regs[args.clone()].copy_from_slice(&self.frame().regs[args]);
        frame
    }

    /// Whether kernels verify a function on its own.
    pub(super) fn is_global(&self, subprog: usize) -> bool {
        subprog != 0 && self.func(subprog).is_some_and(|f| f.global) && self.signatures()
    }

    /// What the object says of a function.
    pub(super) fn func(&self, subprog: usize) -> Option<&crate::kernel::Func> {
        let start = self.shape.subprogs.get(subprog)?.start;
        let at = self.program.funcs.binary_search_by_key(&start, |f| f.start).ok()?;
        self.program.funcs.get(at)
    }

    /// A function's name; empty when the object does not tell.
    pub(super) fn func_name(&self, subprog: usize) -> String {
        // Names are those of the types: compilers change symbols (`f.specialized.1`).
        let ty = self.func(subprog).and_then(|f| self.options.btf?.ty(f.type_id));
        ty.map(|t| t.name().to_owned()).unwrap_or_default()
    }

    /// Compares arguments with a function's signature, as far as there is one. What does not fit is printed; it
    /// matters for global functions only: compilers change the signatures of static ones.
    pub(super) fn match_arguments(&mut self, subprog: usize) -> bool {
        let fits = self.try_match_arguments(subprog);
        if let Err(Mismatch::Told(finding)) = &fits {
            verbose!(self, "{finding}\n");
        }
        if fits.is_err() {
            self.subprogs[subprog].unreliable = true;
        }
        fits.is_ok()
    }

    fn try_match_arguments(&mut self, subprog: usize) -> Result<(), Mismatch> {
        if !self.signatures() || self.subprogs[subprog].unreliable {
            return Err(Mismatch::Unknown);
        }
        let signature = self.signature(subprog)?;
        for (at, arg) in signature.args.iter().enumerate() {
            self.match_argument(at, *arg)?;
        }
        Ok(())
    }

    fn match_argument(&mut self, at: usize, arg: Arg) -> Result<(), Mismatch> {
        let reg = ARGS[at];
        let state = *self.reg(reg);
        let told = |finding: SubprogFinding| Err(Mismatch::Told(finding.into()));
        match arg {
            Arg::Scalar => {
                if !state.is(RegType::Scalar) {
                    return told(SubprogFinding::NotScalar { reg });
                }
            }
            Arg::Untrusted { .. } | Arg::UntrustedStruct { .. } => {}
            Arg::Ctx => {
                self.check_func_arg_reg_off(&state, reg, &Spec::new(ArgType::Scalar))?;
                if !state.is(RegType::Ctx) {
                    return told(SubprogFinding::NotContext { arg: at });
                }
            }
            Arg::Mem { size, null } => {
                self.check_func_arg_reg_off(&state, reg, &Spec::new(ArgType::Scalar))?;
                self.check_mem_reg(reg, size)?;
                if !null && state.may_be_null() {
                    return told(SubprogFinding::MayBeNull { arg: at });
                }
            }
            Arg::Arena => {
                if !state.is(RegType::Arena) && !state.is(RegType::Scalar) {
                    return told(SubprogFinding::NotArena { reg });
                }
            }
            Arg::Dynptr => {
                let spec = Spec::new(ArgType::Dynptr);
                self.check_func_arg_reg_off(&state, reg, &spec)?;
                self.process_dynptr_func(reg, &spec)?;
            }
            Arg::Struct { id, null } => self.match_struct_argument(at, id, null)?,
        }
        Ok(())
    }

    /// Memory of a fixed size that somebody may read and write: it may be null where the pointer says so.
    pub(super) fn check_mem_reg(&mut self, reg: Reg, size: u32) -> Check {
        let saved = *self.reg(reg);
        if saved.is_zero() {
            return Ok(());
        }
        if saved.may_be_null() {
            let mut known = saved;
            self.mark_not_null(&mut known);
            *self.reg_mut(reg) = known;
        }
        let size = i32::try_from(size).unwrap_or(i32::MAX);
        let result = self
            .check_helper_mem(reg, size, Access::Read, true, None)
            .and_then(|()| self.check_helper_mem(reg, size, Access::Write, true, None));
        *self.reg_mut(reg) = saved;
        result
    }

    /// A kernel structure that the kernel vouches for.
    fn match_struct_argument(&mut self, arg: usize, id: TypeId, null: bool) -> Result<(), Mismatch> {
        let reg = ARGS[arg];
        let state = *self.reg(reg);
        let told = |finding: SubprogFinding| Err(Mismatch::Told(finding.into()));
        if null && state.is_zero() {
            return Ok(());
        }
        let trusted = state.flags.any(Flags::TRUSTED.and(Flags::RCU)) || state.ref_obj_id != 0;
        if state.ty != RegType::BtfId || !(trusted || state.flags.is_empty()) {
            return told(SubprogFinding::NotTrusted { reg, ty: type_name(state.ty, state.flags) });
        }
        self.check_func_arg_reg_off(&state, reg, &Spec::new(ArgType::Scalar))?;
        if !null && state.may_be_null() {
            return told(SubprogFinding::MayBeNull { arg });
        }
        let expected = self.options.kernel_btf.and_then(|btf| btf.ty(id)).map(|t| t.name().to_owned());
        match expected {
            Some(expected) if !self.btf_struct_is(&state, &expected, false) => {
                told(SubprogFinding::OtherStruct { reg, is: self.printer().btf_type_name(&state), expected })
            }
            _ => Ok(()),
        }
    }

    fn check_global_call(&mut self, subprog: usize, fits: bool) -> Check<Next> {
        let refs = &self.cur.refs;
        if refs.active_locks > 0 {
            return Err(SubprogFinding::GlobalLocked.into());
        }
        let refs = &self.cur.refs;
        let section = refs.active_rcu_lock || refs.active_preempt_locks > 0 || refs.active_irq_id != 0;
        if self.shape.subprogs[subprog].might_sleep && (section || !self.in_sleepable()) {
            return Err(SubprogFinding::GlobalSleeps.into());
        }
        let (number, name) = (subprog as u32, self.func_name(subprog));
        if !fits {
            return Err(SubprogFinding::GlobalArguments { number, name }.into());
        }
        verbose!(self, "Func#{number} ('{name}') is global and assumed valid.\n");
        if self.shape.subprogs[subprog].changes_pkt_data {
            self.clear_all_pkt_pointers();
        }
        self.subprogs[subprog].called = true;
        self.clear_caller_saved_regs();
        self.set_unknown(Reg::R0);
        Ok(Next::Goto(Pc(self.insn.0 + 1)))
    }

    /// `exit` in a function that another one, or a helper, called: back there.
    pub fn prepare_func_exit(&mut self) -> Check<Next> {
        let callee = self.frame();
        let (in_callback, range, site) = (callee.in_callback, callee.callback_ret, callee.callsite);
        let result = *self.reg(Reg::R0);
        if result.is(RegType::Stack) {
            return Err(SubprogFinding::ReturnsStack.into());
        }
        let caller = self.cur.frames.len().saturating_sub(2);
        if in_callback {
            if !result.is(RegType::Scalar) {
                return Err(SubprogFinding::CallbackReturn.into());
            }
            self.check_return_range(Reg::R0, range, "At callback return")?;
        } else {
            self.cur.frames[caller].regs[Reg::R0.index()] = result;
        }
        // A callback goes back to the call, which may call it once more.
        let site = site.unwrap_or_default();
        let next = if in_callback { site } else { Pc(site.0 + 1) };
        verbose!(self, "returning from callee:\n");
        self.log_state(caller + 1, true);
        verbose!(self, "to caller at {next}:\n");
        self.log_state(caller, true);
        self.cur.frames.pop();
        if in_callback && let Some(entry) = self.find_prev_entry(None, next) {
            self.kept.widen_imprecise_scalars(entry, &mut self.cur);
        }
        Ok(Next::Enter(next))
    }

    /// A tail call of a function that was called: the program that it leads to returns to the caller, with any number,
    /// and may have moved the packet. The path on which there is no such program is taken later.
    pub(super) fn leave_by_tail_call(&mut self) -> Check<Next> {
        self.push_branch(Pc(self.insn.0 + 1), false)?;
        self.clear_all_pkt_pointers();
        self.leave_early(RegState::UNKNOWN)
    }

    /// Returns to the caller from the middle of a function, with that in `r0`.
    fn leave_early(&mut self, result: RegState) -> Check<Next> {
        self.set_reg(Reg::R0, result);
        self.update_live_stack();
        let next = self.prepare_func_exit()?;
        self.scratch_reg(Reg::R0);
        Ok(if let Next::Enter(pc) = next { Next::Goto(pc) } else { next })
    }

    /// A packet load of a function that was called: where there is no such byte the function returns 0. The path on which
    /// there is one is taken later.
    pub fn leave_by_packet_load(&mut self) -> Check<Next> {
        self.push_branch(Pc(self.insn.0 + 1), false)?;
        self.leave_early(RegState::constant(0))
    }

    /// The signature of a function, from the object's types.
    pub(super) fn signature(&mut self, subprog: usize) -> Result<Signature, BadSignature> {
        if let Some(known) = &self.subprogs[subprog].signature {
            return Ok(known.clone());
        }
        let signature = self.read_signature(subprog)?;
        self.subprogs[subprog].signature = Some(signature.clone());
        Ok(signature)
    }
}
