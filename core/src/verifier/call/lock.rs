//! Locks, and sections in which not everything may be done: RCU, without preemption, without interrupts.

use super::dynptr::{NoPlace, Place};
use crate::isa::Reg;
use crate::kernel::FieldKind;
use crate::verifier::SLEEPABLE;
use crate::verifier::access::{Access, Value};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::stack::{SLOT, SlotType};
use crate::verifier::state::{Held, RefKind};

/// What is done with a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LockUse {
    /// Whether it is taken; else it is given back.
    pub take: bool,
    /// Which kind.
    pub kind: RefKind,
}

impl LockUse {
    fn is_resilient(self) -> bool {
        self.kind != RefKind::Lock
    }

    /// The start of the functions' names.
    fn name(self) -> &'static str {
        if self.is_resilient() { "bpf_res_spin" } else { "bpf_spin" }
    }
}

/// Who saved interrupts: `bpf_local_irq_save` or a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IrqClass {
    Native = 1,
    Lock = 2,
}

impl IrqClass {
    fn name(class: u8) -> &'static str {
        if class == IrqClass::Native as u8 { "native" } else { "lock" }
    }
}

impl Verifier<'_> {
    /// `bpf_spin_lock` and `bpf_spin_unlock`.
    pub(super) fn process_spin_lock(&mut self, reg: Reg, take: bool) -> Check {
        self.process_lock(reg, LockUse { take, kind: RefKind::Lock })
    }

    /// Takes or gives back the lock that a register points to.
    pub(super) fn process_lock(&mut self, regno: Reg, with: LockUse) -> Check {
        let reg = *self.reg(regno);
        let name = with.name();
        let Some(variable) = reg.num.constant_value() else {
            return Err(KfuncFinding::LockOffset { reg: regno, name }.into());
        };
        let wanted = if with.is_resilient() { FieldKind::ResSpinLock } else { FieldKind::SpinLock };
        let (place, ptr) = self.lock_field(&reg, wanted, name)?;
        let off = (variable as i64).wrapping_add(i64::from(reg.off));
        if off != i64::from(place) {
            return Err(KfuncFinding::NotLock { off, name, place }.into());
        }
        let held = Held { kind: with.kind, id: reg.id, insn: self.insn, ptr };
        if with.take { self.take_lock(held, with) } else { self.give_back_lock(held, with) }
    }

    /// Where the lock of a map's value or of an object is, and what tells values and objects apart.
    fn lock_field(&self, reg: &RegState, wanted: FieldKind, name: &'static str) -> Check<(u32, u32)> {
        let Some(map) = reg.map().filter(|_| reg.ty == RegType::MapValue) else {
            let field = self.field(reg, wanted).ok_or(KfuncFinding::NoLock {
                what: "local",
                owner: "kptr".to_owned(),
                name,
            })?;
            return Ok((field.offset, 0));
        };
        if !self.has_types(map) {
            return Err(KfuncFinding::NoTypes { map: self.map_name(map), what: format!("{name}_lock") }.into());
        }
        let field = self.map_def(map).field(wanted);
        let field = field.ok_or_else(|| KfuncFinding::NoLock { what: "map", owner: self.map_name(map), name })?;
        Ok((field.offset, map.map.0 + 1))
    }

    fn take_lock(&mut self, lock: Held, with: LockUse) -> Check {
        let refs = &mut self.cur.refs;
        let held =
            |kinds: &[RefKind]| refs.held.iter().filter(|h| kinds.contains(&h.kind)).copied().collect::<Vec<_>>();
        if refs.active_locks > 0 {
            if !with.is_resilient() && !held(&[RefKind::Lock]).is_empty() {
                return Err(KfuncFinding::TwoLocks.into());
            }
            let same = |h: &Held| (h.id, h.ptr) == (lock.id, lock.ptr);
            if with.is_resilient() && held(&[RefKind::ResLock, RefKind::ResLockIrq]).iter().any(same) {
                return Err(KfuncFinding::SameLock.into());
            }
        }
        refs.held.push(lock);
        refs.active_locks += 1;
        refs.active_lock = (lock.id, lock.ptr);
        Ok(())
    }

    fn give_back_lock(&mut self, lock: Held, with: LockUse) -> Check {
        let name = with.name();
        let refs = &mut self.cur.refs;
        if refs.active_locks == 0 {
            return Err(KfuncFinding::NotLocked { name }.into());
        }
        let same = |h: &Held| (h.kind, h.id, h.ptr) == (lock.kind, lock.id, lock.ptr);
        let Some(at) = refs.held.iter().position(same) else {
            return Err(KfuncFinding::OtherLock { name }.into());
        };
        if refs.active_lock != (lock.id, lock.ptr) {
            return Err(KfuncFinding::LockOrder { name }.into());
        }
        refs.held.remove(at);
        refs.active_locks -= 1;
        let is_lock = |h: &&Held| matches!(h.kind, RefKind::Lock | RefKind::ResLock | RefKind::ResLockIrq);
        refs.active_lock = refs.held.iter().rev().find(is_lock).map_or((0, 0), |h| (h.id, h.ptr));
        // Elements of collections may go once the lock is given back.
        self.invalidate(|reg| reg.flags.has(Flags::NON_OWN));
        Ok(())
    }

    /// Where interrupts were saved, or are to be saved: a slot of the stack.
    pub(super) fn process_irq_flag(&mut self, regno: Reg, save: bool, class: IrqClass) -> Check {
        let reg = *self.reg(regno);
        let arg = regno.index().wrapping_sub(1);
        let found = self.stack_object(&reg, "irq_flag", 1);
        if save {
            let free = match found {
                Ok(place) => !self.stack_slot(place, 0).types.contains(&SlotType::IrqFlag),
                Err(NoPlace::Unused) => true,
                Err(NoPlace::Bad) => false,
            };
            if !free {
                return Err(KfuncFinding::IrqFlagInitialized { arg }.into());
            }
            self.check_mem_access(regno, 0, SLOT as i32, Access::Write, Value::None, false, false)?;
            let Ok(place) = self.stack_object(&reg, "irq_flag", 1) else {
                return Err(KfuncFinding::IrqFlagInitialized { arg }.into());
            };
            let id = self.new_id();
            self.cur.refs.held.push(Held { kind: RefKind::Irq, id, insn: self.insn, ptr: 0 });
            self.cur.refs.active_irq_id = id;
            let of = Of::Irq { class: class as u8 };
            let slot = RegState { ref_obj_id: id, ..RegState::pointer(RegType::Stack, Flags::NONE, of) };
            self.set_stack_slot(place, 0, SlotType::IrqFlag, slot);
            return Ok(());
        }
        match found {
            Ok(place) if self.is_irq_flag(place) => self.restore_irq(place, class),
            _ => Err(KfuncFinding::IrqFlagExpected { arg }.into()),
        }
    }

    fn is_irq_flag(&self, place: Place) -> bool {
        let slot = self.stack_slot(place, 0);
        slot.spilled.ref_obj_id != 0 && slot.types == [SlotType::IrqFlag; SLOT]
    }

    fn restore_irq(&mut self, place: Place, class: IrqClass) -> Check {
        self.read_stack_object(place, 1);
        let flag = self.stack_slot(place, 0).spilled;
        if let Of::Irq { class: saved } = flag.of
            && saved != class as u8
        {
            let (saved, restored) = (IrqClass::name(saved), IrqClass::name(class as u8));
            return Err(KfuncFinding::IrqClass { saved, restored }.into());
        }
        let refs = &mut self.cur.refs;
        let active = refs.active_irq_id;
        if flag.ref_obj_id != active {
            let insn = refs.held.iter().find(|h| h.id == active).map_or(0, |h| h.insn.0);
            return Err(KfuncFinding::IrqOrder { id: active, insn }.into());
        }
        refs.held.retain(|h| h.kind != RefKind::Irq || h.id != active);
        refs.active_irq_id = refs.held.iter().rev().find(|h| h.kind == RefKind::Irq).map_or(0, |h| h.id);
        self.set_stack_slot(place, 0, SlotType::Invalid, RegState::NOT_INIT);
        Ok(())
    }

    /// Whether the program is in an RCU read section: of its own, or since it may not sleep.
    pub(in crate::verifier) fn in_rcu(&self) -> bool {
        self.cur.refs.active_rcu_lock || self.cur.refs.active_locks > 0 || !self.in_sleepable()
    }

    /// Whether the program may sleep.
    pub(super) fn in_sleepable(&self) -> bool {
        self.cur.in_sleepable || self.has_flag(SLEEPABLE)
    }
}
