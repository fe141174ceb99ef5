//! The end of a path: `exit`, legacy packet loads that may end the program, and what may be returned.

use super::access::bits_text;
use super::call::EXIT;
use super::env::Verifier;
use super::explore::Next;
use super::finding::{AccessFinding, Check, FlowFinding};
use super::reg::{RegState, RegType};
use super::scalar::{Tnum, tnum_in};
use super::state::RetRange;
use super::text::type_name;
use crate::isa::{PacketMode, Pc, Reg, Size};
use crate::kernel::{Feature, ProgType, is_session};

/// `BPF_CGROUP_INET_EGRESS` of `enum bpf_attach_type`: two more bits tell of congestion.
const CGROUP_INET_EGRESS: u32 = 1;

impl Verifier<'_> {
    /// `exit`: back to the caller, or the end of the path.
    pub fn check_exit(&mut self) -> Check<Next> {
        let in_main = self.cur.frameno() == 0;
        self.check_resource_leak(false, in_main, EXIT)?;
        if !in_main {
            self.update_live_stack();
            return self.prepare_func_exit();
        }
        self.check_return_value(Reg::R0)?;
        Ok(Next::End)
    }

    /// What the entry function may return, by program type.
    fn return_range(&self) -> Option<RetRange> {
        match self.prog_type() {
            ProgType::CgroupSkb => {
                Some(RetRange { min: 0, max: if self.attach_type() == CGROUP_INET_EGRESS { 3 } else { 1 } })
            }
            // What a function's entry returns says whether its return is of interest.
            ProgType::Kprobe if is_session(self.attach_type(), self.options.kernel) => {
                Some(RetRange { min: 0, max: 1 })
            }
            _ => None,
        }
    }

    /// Checks what the program returns in a register.
    pub fn check_return_value(&mut self, reg: Reg) -> Check {
        self.use_reg(reg)?;
        if self.is_pointer_value(reg) {
            return Err(FlowFinding::LeakReturn { reg }.into());
        }
        let state = *self.reg(reg);
        let ty = || type_name(state.ty, state.flags);
        let frame = self.frame();
        if frame.in_async_callback {
            return self.check_return_range(reg, frame.callback_ret, "At async callback return");
        }
        // What an exception callback returns is what the program does.
        if self.verifying != 0 && self.shape.exception_callback != Some(self.verifying as usize) {
            if !state.is(RegType::Scalar) {
                return Err(FlowFinding::SubprogReturn { reg, ty: ty() }.into());
            }
            return Ok(());
        }
        match self.return_range() {
            Some(range) => self.check_return_range(reg, range, "At program exit"),
            None => Ok(()),
        }
    }

    /// Requires a register to be a number within a range.
    pub fn check_return_range(&mut self, reg: Reg, range: RetRange, when: &'static str) -> Check {
        let state = *self.reg(reg);
        if !state.is(RegType::Scalar) {
            return Err(FlowFinding::ReturnNotKnown { when, reg, ty: type_name(state.ty, state.flags) }.into());
        }
        if !self.has(Feature::ReturnRanges) {
            return check_return_bits(state.num.var_off, reg, range, when);
        }
        self.mark_chain_precision(reg)?;
        let num = self.reg(reg).num;
        if num.smin < i64::from(range.min) || num.smax > i64::from(range.max) {
            let has = range_text(self.reg(reg));
            let RetRange { min, max } = range;
            return Err(
                FlowFinding::ReturnRange { when, reg, has, expected: format!("[{min}, {max}]"), min, max }.into()
            );
        }
        Ok(())
    }

    /// `r0 = *(u8 *)skb[…]`: a socket filter's way to packets, which ends the program when there is no such byte.
    pub fn check_load_packet(&mut self, _size: Size, mode: PacketMode, _imm: i32) -> Check<Next> {
        let skb = [ProgType::SocketFilter, ProgType::SchedCls, ProgType::SchedAct];
        if !skb.contains(&self.prog_type()) {
            return Err(AccessFinding::NoPacketLoads.into());
        }
        self.use_reg(Reg::R6)?;
        self.check_resource_leak(false, true, "BPF_LD_[ABS|IND]")?;
        if !self.reg(Reg::R6).is(RegType::Ctx) {
            return Err(AccessFinding::PacketLoadContext.into());
        }
        if let PacketMode::Ind(src) = mode {
            self.use_reg(src)?;
        }
        let context = *self.reg(Reg::R6);
        self.check_ptr_off_reg(&context, Reg::R6)?;
        self.clear_caller_saved_regs();
        self.set_unknown(Reg::R0);
        // Kernels that see a function return by a tail call see it return by a packet load, too.
        if self.cur.frameno() > 0 && self.options.kernel.has(Feature::TailCallReturns) {
            return self.leave_by_packet_load();
        }
        Ok(Next::Goto(Pc(self.insn.0 + 1)))
    }
}

/// The same by kernels that look at known bits alone.
fn check_return_bits(bits: Tnum, reg: Reg, range: RetRange, when: &'static str) -> Check {
    let RetRange { min, max } = range;
    let allowed = Tnum::range(min as u64, max as u64);
    if tnum_in(allowed, bits) {
        return Ok(());
    }
    let has = match bits {
        Tnum::UNKNOWN => " unknown scalar value".to_owned(),
        _ => format!(" value {}", bits_text(bits)),
    };
    Err(FlowFinding::ReturnRange { when, reg, has, expected: bits_text(allowed), min, max }.into())
}

/// What is known of a return value that is out of its range.
fn range_text(reg: &RegState) -> String {
    let mut text = String::new();
    if reg.num.smin > i64::MIN {
        text.push_str(&format!(" smin={}", reg.num.smin));
    }
    if reg.num.smax < i64::MAX {
        text.push_str(&format!(" smax={}", reg.num.smax));
    }
    if text.is_empty() {
        text.push_str(" unknown scalar value");
    }
    text
}
