//! Functions, callbacks, kernel functions, dynptrs, locks, timers: placeholders until the real ones land.

use super::helper::CallMeta;
use super::spec::Spec;
use crate::isa::{Pc, Reg};
use crate::verifier::env::Verifier;
use crate::verifier::explore::Next;
use crate::verifier::finding::Check;
use crate::verifier::reg::{DynptrKind, RegState};

pub(crate) fn kfunc_name(_id: i32) -> Option<&'static str> {
    None
}

pub(crate) fn iter_name(_kind: u16) -> &'static str {
    ""
}

/// Which helper calls back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::verifier) enum Callback {
    MapElem,
    Timer,
    FindVma,
    Loop,
    UserRingbuf,
}

impl Verifier<'_> {
    pub(super) fn kfunc_spin_allowed(&self, _id: i32) -> bool {
        false
    }
    pub(super) fn check_func_call(&mut self, _off: i32) -> Check<Next> {
        self.check_kfunc_call(0, 0)
    }
    pub(super) fn check_kfunc_call(&mut self, _id: i32, _fd: i16) -> Check<Next> {
        self.clear_caller_saved_regs();
        self.set_reg(Reg::R0, RegState::UNKNOWN);
        Ok(Next::Goto(Pc(self.insn.0 + 1)))
    }
    pub(super) fn push_callback_call(&mut self, _callback: Callback, _meta: &CallMeta) -> Check {
        Ok(())
    }
    pub(super) fn update_loop_inline_state(&mut self, _subprog: u32) {}
    pub(super) fn process_spin_lock(&mut self, _reg: Reg, _lock: bool) -> Check {
        Ok(())
    }
    pub(super) fn process_timer_func(&mut self, _reg: Reg, _meta: &mut CallMeta) -> Check {
        Ok(())
    }
    pub(super) fn process_dynptr_func(&mut self, _reg: Reg, _spec: &Spec) -> Check {
        Ok(())
    }
    pub(super) fn is_acquired_dynptr(&self, _reg: Reg) -> bool {
        true
    }
    pub(super) fn unmark_stack_slots_dynptr(&mut self, _reg: Reg) -> Check {
        Ok(())
    }
    pub(super) fn dynptr_id(&self, _reg: Reg) -> u32 {
        0
    }
    pub(super) fn dynptr_ref_obj_id(&self, _reg: Reg) -> u32 {
        0
    }
    pub(super) fn dynptr_kind(&self, _reg: Reg) -> Option<DynptrKind> {
        None
    }
    pub fn prepare_func_exit(&mut self) -> Check<Next> {
        Ok(Next::End)
    }
    pub fn verify_function(&mut self, _number: u32) -> Check {
        let start = self.entry_state();
        self.explore(start)
    }
    pub fn verify_global_functions(&mut self) -> Check {
        Ok(())
    }
    pub fn destroy_dynptr_at(&mut self, _frame: u32, _slot: usize) -> Check {
        Ok(())
    }
}

impl Verifier<'_> {
    pub(super) fn mark_stack_slot_precise(&mut self, _frame: u32, _slot: usize) -> Check {
        Ok(())
    }
}
