//! Calls of kernel functions, from the number to the result.
//!
//! A function is known by its row in [`crate::kernel::kfuncs`]; arguments are checked in [`super::kfunc_args`].

use super::callback::Callback;
use super::dynptr::Place;
use super::kfunc_args::is_plain;
use super::lock::{IrqClass, LockUse};
use crate::isa::{Pc, Reg};
use crate::kernel::{Feature, Kfunc, KfuncFlags, SpecialField, kfunc};
use crate::object::{Kind, TypeId};
use crate::verifier::env::Verifier;
use crate::verifier::explore::Next;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::{DynptrKind, Flags, MapRef, Of, RegState, RegType};
use crate::verifier::scalar::Scalar;
use crate::verifier::stack::SlotType;
use crate::verifier::state::RefKind;

/// The number that loaders give to a weak function that the kernel lacks.
pub(crate) const MISSING: i32 = 0;

/// Errors are numbers from -1 down to this.
const LEAST_ERROR: i32 = -4095;
/// Bytes of a per-CPU object at most.
const MAX_PERCPU: u32 = 512;

/// What is known of a call, gathered while its arguments are checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct KfuncCall {
    /// What is called.
    pub kfunc: &'static Kfunc,
    /// Its number.
    pub id: i32,
    /// The argument that is being checked, from 0.
    pub arg: usize,
    /// The reference among the arguments.
    pub ref_obj_id: u32,
    /// The argument that the call gives up.
    pub release: Option<Reg>,
    /// The constant among the arguments.
    pub constant: Option<u64>,
    /// The map among the arguments, or that a timer or the like is in.
    pub map: Option<MapRef>,
    /// The function that is called back.
    pub subprog: usize,
    /// The last dynptr that was passed: id, kind, reference.
    pub dynptr: Option<(u32, DynptrKind, u32)>,
    /// The iterator.
    pub iter: Option<Place>,
    /// The object among the arguments.
    pub object: Of,
    /// Whether the program owns the object of which it wants one more reference.
    pub owned: bool,
    /// The list or tree among the arguments.
    pub root: Option<SpecialField>,
}

/// Which locks a function works on.
pub(super) fn lock_use(name: &str) -> Option<LockUse> {
    let (take, kind) = match name {
        "bpf_res_spin_lock" => (true, RefKind::ResLock),
        "bpf_res_spin_unlock" => (false, RefKind::ResLock),
        "bpf_res_spin_lock_irqsave" => (true, RefKind::ResLockIrq),
        "bpf_res_spin_unlock_irqrestore" => (false, RefKind::ResLockIrq),
        _ => return None,
    };
    Some(LockUse { take, kind })
}

/// What a function does with interrupts: whether it saves them, and which pair it is of.
pub(super) fn irq_use(name: &str) -> Option<(bool, IrqClass)> {
    match name {
        "bpf_local_irq_save" => Some((true, IrqClass::Native)),
        "bpf_local_irq_restore" => Some((false, IrqClass::Native)),
        "bpf_res_spin_lock_irqsave" => Some((true, IrqClass::Lock)),
        "bpf_res_spin_unlock_irqrestore" => Some((false, IrqClass::Lock)),
        _ => None,
    }
}

/// Whether a function may be called with a lock held: what works on collections, the iterator of numbers, and locks.
fn allowed_under_lock(name: &str) -> bool {
    name.starts_with("bpf_iter_num_")
        || name.starts_with("bpf_list_")
        || name.starts_with("bpf_rbtree_")
        || lock_use(name).is_some()
        || matches!(name, "bpf_refcount_acquire_impl")
}

/// Whether that is a node of a list or tree.
fn is_node(base: &str) -> bool {
    matches!(base, "struct bpf_list_node" | "struct bpf_rb_node")
}

impl Verifier<'_> {
    /// The name of the kernel function of that number.
    fn kfunc_called(&self, id: i32) -> Option<&str> {
        self.program.kfunc(id).or_else(|| {
            let id = TypeId::try_from(id).ok()?;
            let ty = self.options.kernel_btf?.ty(id).filter(|t| t.kind() == Kind::Func)?;
            Some(ty.name())
        })
    }

    /// Whether the kernel function may be called while a lock is held.
    pub(super) fn kfunc_spin_allowed(&self, id: i32) -> bool {
        self.kfunc_called(id).is_some_and(allowed_under_lock)
    }

    /// A call of a kernel function.
    pub(super) fn check_kfunc_call(&mut self, id: i32, _fd: i16) -> Check<Next> {
        let after = Next::Goto(Pc(self.insn.0 + 1));
        if id == MISSING {
            // It is refused once everything is explored (`rewrite`).
            return Ok(after);
        }
        let mut call = self.callable_kfunc(id)?;
        let (kfunc, flags) = (call.kfunc, call.kfunc.flags);
        let name = kfunc.name;
        if lock_use(name).is_some_and(|with| with.take) {
            self.push_failed_lock()?;
        }
        if name == "__bpf_trap" {
            return Err(KfuncFinding::Trap.into());
        }
        if flags.has(KfuncFlags::SLEEPABLE) && !self.in_sleepable() {
            return Err(KfuncFinding::Sleepable { name }.into());
        }
        self.check_kfunc_args(&mut call)?;
        self.push_kfunc_callback(&call)?;
        self.enter_section(kfunc)?;
        if let Some(reg) = call.release {
            self.release_kfunc_argument(reg, &call)?;
        }
        self.give_to_collection(&call)?;
        // Without a callback the program returns the cookie.
        if name == "bpf_throw" && self.shape.exception_callback.is_none() {
            self.check_return_value(Reg::R1)?;
        }
        self.clear_caller_saved_regs();
        self.set_kfunc_result(&call)?;
        if matches!(name, "bpf_xdp_pull_data") {
            self.clear_all_pkt_pointers();
        }
        if flags.has(KfuncFlags::ITER_NEXT)
            && let Some(place) = call.iter
        {
            self.process_iter_next(place)?;
        }
        if name == "bpf_throw" {
            self.check_resource_leak(true, true, "bpf_throw")?;
            return Ok(Next::End);
        }
        Ok(after)
    }

    /// The function of that number, if this kernel has it and this program may call it.
    fn callable_kfunc(&self, id: i32) -> Check<KfuncCall> {
        let Some(name) = self.kfunc_called(id) else { return Err(KfuncFinding::Missing.into()) };
        let may = |k: &&Kfunc| k.is_for(self.prog_type(), self.attach_type(), self.options.kernel);
        let known = kfunc(name).filter(may);
        let Some(kfunc) = known else { return Err(KfuncFinding::NotAllowed { name: name.to_owned() }.into()) };
        Ok(KfuncCall {
            kfunc,
            id,
            arg: 0,
            ref_obj_id: 0,
            release: None,
            constant: None,
            map: None,
            subprog: 0,
            dynptr: None,
            iter: None,
            object: Of::Nothing,
            owned: false,
            root: None,
        })
    }

    /// A lock that can fail to be taken forks the path: this side of it did not get the lock.
    fn push_failed_lock(&mut self) -> Check {
        let mut state = self.cur.clone();
        let frame = state.frame_mut();
        frame.regs[..Reg::R6.index()].fill(RegState::NOT_INIT);
        let mut num = Scalar::UNKNOWN;
        (num.smin, num.smax) = (i64::from(LEAST_ERROR), -1);
        (num.s32_min, num.s32_max) = (LEAST_ERROR, -1);
        num.sync();
        frame.regs[Reg::R0.index()] = RegState { num, ..RegState::UNKNOWN };
        self.push_state(state, Pc(self.insn.0 + 1)).map(|_| ())
    }

    fn push_kfunc_callback(&mut self, call: &KfuncCall) -> Check {
        let (name, id) = (call.kfunc.name, call.id);
        let callback = match name {
            "bpf_wq_set_callback_impl" => Callback::WorkQueue,
            "bpf_task_work_schedule_signal_impl" | "bpf_task_work_schedule_resume_impl" => Callback::TaskWork,
            "bpf_rbtree_add_impl" => match self.tree_callback() {
                Some(callback) => callback,
                None => return Err(KfuncFinding::Callback { why: String::new(), name, id }.into()),
            },
            _ => return Ok(()),
        };
        let pushed = self.push_callback(callback, call.subprog, call.map);
        pushed.map_err(|why| KfuncFinding::Callback { why: format!("{why}\n"), name, id }.into())
    }

    /// Enters or leaves a section, or sees that the function may be called in the one that the program is in.
    fn enter_section(&mut self, kfunc: &Kfunc) -> Check {
        let name = kfunc.name;
        let sleeps = kfunc.flags.has(KfuncFlags::SLEEPABLE);
        let refs = &mut self.cur.refs;
        match name {
            "bpf_rcu_read_lock" if refs.active_rcu_lock => return Err(KfuncFinding::RcuNested { name }.into()),
            "bpf_rcu_read_lock" => refs.active_rcu_lock = true,
            "bpf_rcu_read_unlock" if !refs.active_rcu_lock => return Err(KfuncFinding::RcuUnlock { name }.into()),
            "bpf_rcu_read_unlock" => {
                refs.active_rcu_lock = false;
                self.leave_rcu();
            }
            _ if sleeps && refs.active_rcu_lock => {
                return Err(KfuncFinding::SleepsIn { name, place: "rcu_read_lock region" }.into());
            }
            _ => {}
        }
        let refs = &mut self.cur.refs;
        match name {
            "bpf_preempt_disable" => refs.active_preempt_locks += 1,
            "bpf_preempt_enable" if refs.active_preempt_locks == 0 => {
                return Err(KfuncFinding::PreemptEnable { name }.into());
            }
            "bpf_preempt_enable" => refs.active_preempt_locks -= 1,
            _ if sleeps && refs.active_preempt_locks > 0 => {
                return Err(KfuncFinding::SleepsIn { name, place: "non-preemptible region" }.into());
            }
            _ => {}
        }
        if sleeps && self.cur.refs.active_irq_id != 0 {
            return Err(KfuncFinding::SleepsIn { name, place: "IRQ-disabled region" }.into());
        }
        if kfunc.flags.has(KfuncFlags::RCU_PROTECTED) && !self.in_rcu() {
            return Err(KfuncFinding::NeedsRcu { name }.into());
        }
        Ok(())
    }

    /// What was good within the section only is not any more.
    fn leave_rcu(&mut self) {
        let stale = |reg: &mut RegState| {
            if reg.flags.has(Flags::RCU) {
                reg.flags = reg.flags.without(Flags::RCU.and(Flags::NULL)).and(Flags::UNTRUSTED);
            }
        };
        self.cur.each_reg(stale);
        let slots = self.cur.frames.iter_mut().flat_map(|f| f.stack.iter_mut());
        slots.filter(|s| s.types[0] == SlotType::Iter).for_each(|s| stale(&mut s.spilled));
    }

    fn release_kfunc_argument(&mut self, reg: Reg, call: &KfuncCall) -> Check {
        if call.dynptr.is_some_and(|(.., reference)| reference != 0) {
            return self.unmark_stack_slots_dynptr(reg);
        }
        let reference = self.reg(reg).ref_obj_id;
        if self.release_reference(reference) {
            return Ok(());
        }
        Err(KfuncFinding::NotAcquired { name: call.kfunc.name, id: call.id }.into())
    }

    fn set_kfunc_result(&mut self, call: &KfuncCall) -> Check {
        let Kfunc { name, ret, flags, .. } = *call.kfunc;
        if ret == "void" {
            return Ok(());
        }
        let Some(base) = ret.strip_suffix('*').map(str::trim_end) else {
            let taken = lock_use(name).is_some_and(|with| with.take);
            let result = if taken { RegState::constant(0) } else { RegState::UNKNOWN };
            self.set_reg(Reg::R0, result);
            return Ok(());
        };
        let base = base.strip_prefix("const ").unwrap_or(base);
        let mut result = match self.special_result(call)? {
            Some(result) => result,
            None if base == "void" => RegState::UNKNOWN,
            None => self.pointer_result(base, call),
        };
        // One more reference to what the program owns is always had.
        let may_fail = flags.has(KfuncFlags::RET_NULL) && !call.owned;
        if may_fail {
            result.flags = result.flags.and(Flags::NULL);
            result.id = self.new_id();
        }
        if flags.has(KfuncFlags::ACQUIRE) {
            let id = self.acquire_reference(self.insn);
            if may_fail {
                result.id = id;
            }
            result.ref_obj_id = id;
        } else if is_node(base) {
            self.borrow_element(&mut result);
        }
        if result.id == 0 && self.may_hold_lock(&result) {
            result.id = self.new_id();
        }
        self.set_reg(Reg::R0, result);
        Ok(())
    }

    /// A pointer to a kernel structure, or to other memory, which is read only.
    fn pointer_result(&self, base: &str, call: &KfuncCall) -> RegState {
        let flags = call.kfunc.flags;
        let Some(name) = base.strip_prefix("struct ") else {
            let size = super::kfunc_args::number_size(base).unwrap_or(8);
            // A session's cookie is what its programs make of it.
            let access = if call.kfunc.asks_session() { Flags::NONE } else { Flags::RDONLY };
            let memory = RegState::pointer(RegType::Mem, access, Of::Mem(size));
            return RegState { ref_obj_id: call.ref_obj_id, ..memory };
        };
        let mut trust = Flags::NONE;
        if call.kfunc.name == "bpf_get_kmem_cache" {
            trust = Flags::UNTRUSTED;
        } else if flags.has(KfuncFlags::RCU_PROTECTED) {
            trust = Flags::RCU;
        }
        if let (true, Some(place)) = (flags.has(KfuncFlags::ITER_NEXT), call.iter) {
            let protected = self.stack_slot(place, 0).spilled.flags.has(Flags::RCU);
            trust = if protected { Flags::RCU } else { Flags::TRUSTED };
        }
        RegState::pointer(RegType::BtfId, trust, self.kernel_struct(name))
    }

    /// The result of functions whose declaration does not say what it is.
    fn special_result(&self, call: &KfuncCall) -> Check<Option<RegState>> {
        let constant = call.constant.unwrap_or(0);
        Ok(Some(match call.kfunc.name {
            "bpf_obj_new_impl" => self.new_object(constant, Flags::ALLOC)?,
            "bpf_percpu_obj_new_impl" => self.new_object(constant, Flags::ALLOC.and(Flags::PERCPU))?,
            _ if call.kfunc.ret.strip_suffix(" *").is_some_and(is_node) => return Ok(self.element_result(call)),
            "bpf_refcount_acquire_impl" => RegState::pointer(RegType::BtfId, Flags::ALLOC, call.object),
            "bpf_cast_to_kern_ctx" => RegState::pointer(RegType::BtfId, Flags::TRUSTED, self.kernel_context()?),
            "bpf_rdonly_cast" => self.cast(constant)?,
            "bpf_dynptr_slice" => self.slice(call, constant as u32, Flags::RDONLY),
            "bpf_dynptr_slice_rdwr" => {
                if !self.may_write_packet() {
                    return Err(KfuncFinding::PacketReadOnly.into());
                }
                self.slice(call, constant as u32, Flags::NONE)
            }
            _ => return Ok(None),
        }))
    }

    fn slice(&self, call: &KfuncCall, size: u32, flags: Flags) -> RegState {
        let (dynptr_id, kind, _) = call.dynptr.unwrap_or((0, DynptrKind::Local, 0));
        let packet = matches!(kind, DynptrKind::Skb | DynptrKind::Xdp | DynptrKind::SkbMeta);
        let flags = if packet { flags.and(Flags::DYNPTR_PACKET) } else { flags };
        RegState { dynptr_id, ..RegState::pointer(RegType::Mem, flags, Of::Mem(size)) }
    }

    /// An object of the program's own type.
    fn new_object(&self, id: u64, flags: Flags) -> Check<RegState> {
        let Ok(id) = TypeId::try_from(id) else { return Err(KfuncFinding::NewTypeRange.into()) };
        let Some(btf) = self.options.btf else { return Err(KfuncFinding::NewWithoutTypes.into()) };
        let ty = btf.ty(id).filter(|t| t.kind() == Kind::Struct);
        let Some(ty) = ty else { return Err(KfuncFinding::NewNoStruct.into()) };
        if flags.has(Flags::PERCPU) && ty.size() > MAX_PERCPU {
            return Err(KfuncFinding::NewPercpuSize { size: ty.size() }.into());
        }
        if flags.has(Flags::PERCPU) && !is_plain(btf, ty, 0) {
            return Err(KfuncFinding::NewPercpuPlain.into());
        }
        if flags.has(Flags::PERCPU) && btf.object_fields(id).is_some() {
            return Err(KfuncFinding::NewPercpuFields.into());
        }
        Ok(RegState::pointer(RegType::BtfId, flags, Of::Btf { id, local: true }))
    }

    /// The structure that the kernel has for the context.
    fn kernel_context(&self) -> Check<Of> {
        use crate::kernel::ProgType::*;
        let name = match self.prog_type() {
            SocketFilter | SchedCls | SchedAct | CgroupSkb => "sk_buff",
            Xdp => "xdp_buff",
            Kprobe => "pt_regs",
            RawTracepoint => "bpf_raw_tracepoint_args",
            Tracepoint => {
                let number = self.options.kernel_btf.and_then(|btf| btf.by_name("__u64", Kind::Typedef));
                return Err(KfuncFinding::NoContextType { id: number.map_or(0, |t| t.target()) }.into());
            }
        };
        Ok(self.kernel_struct(name))
    }

    /// A number as a pointer to a kernel structure that nobody vouches for.
    fn cast(&self, id: u64) -> Check<RegState> {
        let void = self.has(Feature::VoidCasts);
        if id as TypeId == 0 && !void {
            return Err(KfuncFinding::CastNoStruct { void }.into());
        }
        let Some(btf) = self.options.kernel_btf else {
            let of = Of::Btf { id: id as TypeId, local: false };
            return Ok(RegState::pointer(RegType::BtfId, Flags::UNTRUSTED, of));
        };
        // The kernel looks at the lower half alone.
        let Some(ty) = btf.ty(id as TypeId) else { return Err(KfuncFinding::CastUnknown { id: id as i64 }.into()) };
        match ty.kind() {
            Kind::Struct | Kind::Union => {
                let of = Of::Btf { id: ty.id(), local: false };
                Ok(RegState::pointer(RegType::BtfId, Flags::UNTRUSTED, of))
            }
            Kind::Void => Ok(RegState::pointer(RegType::Mem, Flags::RDONLY.and(Flags::UNTRUSTED), Of::Mem(0))),
            _ => Err(KfuncFinding::CastNoStruct { void }.into()),
        }
    }
}
