//! Calls of helpers, from the number to the result.

use super::callback::Callback;
use super::ids::*;
use super::spec::{Base, Spec};
use crate::isa::{Pc, Reg};
use crate::kernel::{Feature, FieldKind, HelperDef, KernelVersion, ProgType, helper};
use crate::verifier::access::{Access, RawMem, Value};
use crate::verifier::env::Verifier;
use crate::verifier::explore::Next;
use crate::verifier::finding::{CallFinding, Check};
use crate::verifier::log::verbose;
use crate::verifier::reg::{DynptrKind, Flags, MapRef, Of, RegType};
use crate::verifier::shape::is_gpl;
use crate::verifier::text::type_name;

/// The kernel that says which helpers a program type may not call in more words than `unknown func`.
const WORDY: KernelVersion = KernelVersion::new(6, 10);

/// The kernel that knows that the other program of a tail call may move packet data: Linux 6.13, carried back to stable
/// 6.12.
const TAIL_CALL_MOVES: KernelVersion = KernelVersion::new(6, 12);

/// Whether packet data may have moved after a call.
pub(crate) fn changes_packet(helper: &HelperDef, kernel: KernelVersion) -> bool {
    helper.changes_packet || helper.id == TAIL_CALL && kernel >= TAIL_CALL_MOVES
}

/// What is known of a call, gathered while its arguments are checked.
#[derive(Clone, Copy, Debug)]
pub(in crate::verifier) struct CallMeta {
    /// What is called.
    pub helper: &'static HelperDef,
    /// The map among the arguments.
    pub map: Option<MapRef>,
    /// Whether the memory argument at hand need not be initialised.
    pub raw_mode: bool,
    /// Stack that the helper fills.
    pub raw: RawMem,
    /// The argument that the call gives up.
    pub release: Option<Reg>,
    /// The reference that an argument carries.
    pub ref_obj_id: u32,
    /// The dynptr that the result is part of.
    pub dynptr_id: u32,
    /// The most that the last size may be.
    pub size_max: u64,
    /// Bytes that are allocated.
    pub mem_size: u64,
    /// The function that is called back.
    pub subprog: u32,
    /// The key of an array, when it is known.
    pub key: Option<u64>,
    /// The type behind a per-CPU variable, or in a place for a kernel pointer.
    pub btf: Of,
    /// What kind of place for a kernel pointer that is.
    pub kptr: Option<FieldKind>,
    /// Whether the per-CPU variable is an object of the program's own.
    pub percpu_object: bool,
}

impl CallMeta {
    fn new(helper: &'static HelperDef) -> CallMeta {
        CallMeta {
            helper,
            map: None,
            raw_mode: false,
            raw: RawMem::default(),
            release: None,
            ref_obj_id: 0,
            dynptr_id: 0,
            size_max: 0,
            mem_size: 0,
            subprog: 0,
            key: None,
            btf: Of::Nothing,
            kptr: None,
            percpu_object: false,
        }
    }
}

impl Verifier<'_> {
    /// Checks a call of a helper and leaves its result in `r0`.
    pub(super) fn check_helper_call(&mut self, id: i32) -> Check<Next> {
        let helper = self.callable_helper(id)?;
        self.check_sleep(helper)?;
        let mut meta = CallMeta::new(helper);
        for (at, &arg) in helper.args_for(self.prog_type()).iter().enumerate() {
            self.check_func_arg(at, Spec::new(arg), &mut meta)?;
        }
        self.record_func_map(&meta)?;
        self.record_func_key(&meta)?;
        if let Some(reg) = meta.raw.reg {
            for byte in 0..meta.raw.size {
                self.check_mem_access(reg, byte, 1, Access::Write, Value::None, false, false)?;
            }
        }
        if let Some(reg) = meta.release {
            self.release_argument(reg, &meta)?;
        }
        let moves_packet = self.check_special_helper(&mut meta)?;
        self.clear_caller_saved_regs();
        self.set_helper_result(&meta)?;
        self.check_map_func_compatibility(&meta)?;
        if helper.id == GET_FUNC_IP && self.prog_type() != ProgType::Kprobe {
            let HelperDef { id, name, .. } = *helper;
            return Err(CallFinding::FuncIp { name, id, prog_type: self.prog_type() as u32 }.into());
        }
        let tail_call = helper.id == TAIL_CALL && self.options.kernel.has(Feature::TailCallReturns);
        if tail_call && self.cur.frameno() > 0 {
            return self.leave_by_tail_call();
        }
        if moves_packet || !tail_call && changes_packet(helper, self.options.kernel) {
            self.clear_all_pkt_pointers();
        }
        Ok(Next::Goto(Pc(self.insn.0 + 1)))
    }

    /// The helper of that number, if this kernel has it and this program may call it.
    fn callable_helper(&self, id: i32) -> Check<&'static HelperDef> {
        if id == 0 {
            let old = self.options.kernel < WORDY;
            return Err(CallFinding::NotForType { name: "bpf_unspec", id: 0, old }.into());
        }
        let known = u32::try_from(id).ok().and_then(helper).filter(|h| h.since <= self.options.kernel);
        let Some(helper) = known else { return Err(CallFinding::UnknownHelper { id }.into()) };
        let allowed = helper.since_for(self.prog_type()).is_some_and(|since| since <= self.options.kernel);
        if !allowed || !(helper.unprivileged || self.options.privileged) {
            let old = self.options.kernel < WORDY;
            return Err(CallFinding::NotForType { name: helper.name, id: helper.id, old }.into());
        }
        if helper.gpl_only && !is_gpl(&self.program.license) {
            return Err(CallFinding::NotGpl.into());
        }
        Ok(helper)
    }

    /// Refuses helpers that may sleep where nothing may.
    fn check_sleep(&self, helper: &HelperDef) -> Check {
        if !helper.sleeps {
            return Ok(());
        }
        if !self.in_sleepable() {
            return Err(CallFinding::MightSleep.into());
        }
        let refs = &self.cur.refs;
        let places = [
            (refs.active_rcu_lock, "rcu_read_lock region"),
            (refs.active_preempt_locks > 0, "non-preemptible region"),
            (refs.active_irq_id != 0, "IRQ-disabled region"),
        ];
        match places.iter().find(|(here, _)| *here) {
            Some((_, place)) => Err(CallFinding::SleepsIn { name: helper.name, id: helper.id, place }.into()),
            None => Ok(()),
        }
    }

    /// Gives back what the argument holds.
    fn release_argument(&mut self, reg: Reg, meta: &CallMeta) -> Check {
        let HelperDef { id, name, args, .. } = *meta.helper;
        // R1 is the first argument.
        let spec = args.get(reg.index().wrapping_sub(1)).map(|&arg| Spec::new(arg));
        let released = if spec.is_some_and(|s| s.base == Base::Dynptr) {
            return self.unmark_stack_slots_dynptr(reg);
        } else if id == KPTR_XCHG && meta.ref_obj_id != 0 {
            self.release_kptr(meta.ref_obj_id)
        } else if meta.ref_obj_id != 0 {
            self.release_reference(meta.ref_obj_id)
        } else {
            self.reg(reg).is_zero()
        };
        if released { Ok(()) } else { Err(CallFinding::NotAcquired { name, id }.into()) }
    }

    /// What some helpers ask beyond their arguments. Tells whether packet data may move though the table does not say so.
    fn check_special_helper(&mut self, meta: &mut CallMeta) -> Check<bool> {
        match meta.helper.id {
            TAIL_CALL => self.check_resource_leak(false, true, "tail_call")?,
            GET_LOCAL_STORAGE if !self.reg(Reg::R2).is_zero() => return Err(CallFinding::LocalStorageFlags.into()),
            FOR_EACH_MAP_ELEM => self.push_callback_call(Callback::MapElem, meta)?,
            TIMER_SET_CALLBACK => self.push_callback_call(Callback::Timer, meta)?,
            FIND_VMA => self.push_callback_call(Callback::FindVma, meta)?,
            USER_RINGBUF_DRAIN => self.push_callback_call(Callback::UserRingbuf, meta)?,
            LOOP => self.check_loop(meta)?,
            SNPRINTF => self.check_snprintf()?,
            DYNPTR_FROM_MEM => {
                let data = *self.reg(Reg::R1);
                if !data.is(RegType::MapValue) {
                    return Err(CallFinding::DynptrMemory { ty: type_name(data.ty, data.flags) }.into());
                }
            }
            PER_CPU_PTR | THIS_CPU_PTR => meta.percpu_object = self.reg(Reg::R1).flags.has(Flags::RCU),
            DYNPTR_DATA => {
                meta.dynptr_id = self.dynptr_id(Reg::R1);
                meta.ref_obj_id = self.dynptr_ref_obj_id(Reg::R1);
            }
            DYNPTR_WRITE => {
                // Slices of a packet are stale after a write to it through a dynptr.
                return Ok(matches!(self.dynptr_kind(Reg::R1), Some(DynptrKind::Skb | DynptrKind::SkbMeta)));
            }
            _ => {}
        }
        Ok(false)
    }

    /// `bpf_loop`: the callback is gone through until the number of iterations is reached or nothing new is found.
    fn check_loop(&mut self, meta: &CallMeta) -> Check {
        self.update_loop_inline_state(meta.subprog)?;
        self.mark_chain_precision(Reg::R1)?;
        if u64::from(self.frame().callback_depth) < self.reg(Reg::R1).num.umax {
            return self.push_callback_call(Callback::Loop, meta);
        }
        self.cur.frame_mut().callback_depth = 0;
        if self.log.all_paths() {
            verbose!(self, "frame{} bpf_loop iteration limit reached\n", self.cur.frameno());
        }
        Ok(())
    }
}
