//! Arguments of helpers: what the register must hold, and what must be true of the memory behind it.

use super::helper::CallMeta;
use super::ids::*;
use super::spec::{self, Base, Spec};
use crate::isa::Reg;
use crate::kernel::{Feature, MapType, ProgType};
use crate::verifier::access::{Access, At};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{CallFinding, Check, KfuncFinding};
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::stack::{SLOT, SlotType, StackSlot};
use crate::verifier::text::type_name;

/// Sizes must be less (the kernel's `BPF_MAX_VAR_SIZ`).
const MAX_SIZE: u64 = 1 << 29;

/// Of pointers to structures, those that may have a fixed offset.
const FIXED_OFFSET: [Flags; 6] = [
    Flags::NONE,
    Flags::ALLOC,
    Flags::TRUSTED,
    Flags::RCU,
    Flags::ALLOC.and(Flags::NON_OWN),
    Flags::ALLOC.and(Flags::NON_OWN).and(Flags::RCU),
];

/// Registers of the arguments, in order.
const ARGS: [Reg; 5] = [Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5];

impl Verifier<'_> {
    /// Checks the argument at place `at` (0 to 4) of a call.
    pub(super) fn check_func_arg(&mut self, at: usize, mut spec: Spec, meta: &mut CallMeta) -> Check {
        let regno = ARGS[at];
        self.use_reg(regno)?;
        if spec.base == Base::Anything {
            return if self.is_pointer_value(regno) { Err(CallFinding::Leak { reg: regno }.into()) } else { Ok(()) };
        }
        let reg = *self.reg(regno);
        if reg.is_packet_pointer() && !self.may_pass_packet(meta) {
            return Err(CallFinding::PacketArgument.into());
        }
        if spec.base == Base::MapValue {
            self.resolve_map_arg_type(meta, &mut spec)?;
        }
        if !(spec.null && reg.is_zero()) {
            self.check_reg_type(regno, &spec, meta)?;
            self.check_func_arg_reg_off(&reg, regno, &spec)?;
        }
        if spec.release {
            self.check_release_arg(&reg, regno, &spec)?;
            meta.release = Some(regno);
        }
        if reg.ref_obj_id != 0 && spec.base != Base::KptrSlot {
            if meta.ref_obj_id != 0 {
                let (first, second) = (meta.ref_obj_id, reg.ref_obj_id);
                return Err(CallFinding::TwoReferences { reg: regno, first, second }.into());
            }
            meta.ref_obj_id = reg.ref_obj_id;
        }
        self.check_arg_value(at, &spec, meta)
    }

    /// What an argument of the right type must hold.
    fn check_arg_value(&mut self, at: usize, spec: &Spec, meta: &mut CallMeta) -> Check {
        let regno = ARGS[at];
        let reg = *self.reg(regno);
        let access = if spec.write { Access::Write } else { Access::Read };
        match spec.base {
            Base::MapPtr => self.check_map_arg(&reg, meta),
            Base::MapKey => self.check_key_arg(regno, meta),
            Base::MapValue => {
                if spec.null && reg.is_zero() {
                    return Ok(());
                }
                meta.raw_mode = spec.uninit;
                let size = meta.map.map_or(0, |map| self.map_def(map).value_size);
                self.check_arg_mem(regno, size as i32, access, false, meta)
            }
            Base::PercpuBtf => {
                if !matches!(reg.of, Of::Btf { .. }) {
                    return Err(CallFinding::NoKernelType { reg: regno }.into());
                }
                meta.btf = reg.of;
                Ok(())
            }
            Base::SpinLock if self.in_tree_callback() => Err(KfuncFinding::LockInTreeCallback.into()),
            Base::SpinLock => self.process_spin_lock(regno, meta.helper.id == SPIN_LOCK),
            Base::Timer => self.process_timer_func(regno, meta),
            Base::Func => {
                if let Of::Func(subprog) = reg.of {
                    meta.subprog = subprog;
                }
                Ok(())
            }
            Base::Mem => {
                // The size comes next, and memory is checked with it.
                meta.raw_mode = spec.uninit;
                Ok(())
            }
            Base::FixedMem(size) => {
                meta.raw_mode = spec.uninit;
                self.check_arg_mem(regno, size as i32, access, false, meta)?;
                if spec.aligned {
                    let at = At { base: regno, off: 0, size: size as i32, access };
                    self.check_alignment(&reg, at, true)?;
                }
                Ok(())
            }
            Base::Size | Base::SizeOrZero => {
                let memory = meta.helper.args.get(at.wrapping_sub(1)).map(|&arg| Spec::new(arg));
                let access = if memory.is_some_and(|m| m.write) { Access::Write } else { Access::Read };
                self.check_mem_size_reg(regno, access, spec.base == Base::SizeOrZero, Some(meta))
            }
            Base::AllocSize => {
                let Some(size) = reg.constant_value() else {
                    return Err(CallFinding::SizeUnknown { reg: regno }.into());
                };
                meta.mem_size = size;
                self.mark_chain_precision(regno)
            }
            Base::Dynptr => self.process_dynptr_func(regno, spec),
            Base::ConstStr => self.check_const_str(regno).map(|_| ()),
            Base::KptrSlot => self.process_kptr_func(regno, meta),
            Base::Anything | Base::Ctx | Base::Record | Base::Stack => Ok(()),
            Base::SockCommon | Base::BtfSock | Base::Btf(_) => Ok(()),
        }
    }

    /// Whether the helper's memory may be in the packet.
    fn may_pass_packet(&self, meta: &CallMeta) -> bool {
        use ProgType::*;
        match self.prog_type() {
            CgroupSkb | SchedCls | SchedAct | Xdp => meta.helper.packet_args,
            SocketFilter | Kprobe | Tracepoint | RawTracepoint => false,
        }
    }

    /// Some maps' values are something else than memory.
    fn resolve_map_arg_type(&self, meta: &CallMeta, spec: &mut Spec) -> Check {
        let Some(map) = meta.map else { return Ok(()) };
        match self.map_def(map).map_type {
            MapType::Sockmap | MapType::Sockhash => {
                if spec.null || spec.write {
                    return Err(CallFinding::SocketMapArgument.into());
                }
                spec.base = Base::BtfSock;
            }
            // A look-up in a bloom filter reads the value that it looks for.
            MapType::BloomFilter if meta.helper.id == MAP_PEEK_ELEM => {
                (spec.uninit, spec.write) = (false, false);
            }
            _ => {}
        }
        Ok(())
    }

    fn check_reg_type(&self, regno: Reg, spec: &Spec, meta: &CallMeta) -> Check {
        let reg = self.reg(regno);
        let mut flags = reg.flags;
        if spec.read_only {
            flags = flags.without(Flags::RDONLY);
        }
        if spec.null {
            flags = flags.without(Flags::NULL);
        }
        if matches!(spec.base, Base::Mem | Base::FixedMem(_)) {
            flags = flags.without(Flags::DYNPTR_PACKET);
        }
        if meta.helper.id == KPTR_XCHG && flags.has(Flags::ALLOC) && regno == Reg::R2 {
            flags = flags.without(Flags::ALLOC).without(Flags::PERCPU);
        }
        let types = spec.types(self.options.kernel);
        if !types.contains(&(reg.ty, flags)) {
            let expected = spec::list(types, self.options.kernel);
            return Err(CallFinding::Type { reg: regno, ty: type_name(reg.ty, reg.flags), expected }.into());
        }
        if reg.ty != RegType::BtfId {
            return Ok(());
        }
        if spec.is_mem() {
            if spec.read_only {
                return Ok(());
            }
            let ty = type_name(reg.ty, reg.flags);
            return Err(CallFinding::MayWrite { helper: meta.helper.name, reg: regno, ty }.into());
        }
        self.check_kernel_type(regno, spec, meta)
    }

    /// A pointer to a kernel structure must point to one of the right type.
    fn check_kernel_type(&self, regno: Reg, spec: &Spec, meta: &CallMeta) -> Check {
        let reg = self.reg(regno);
        let exchanged = meta.kptr.filter(|_| meta.helper.id == KPTR_XCHG && regno == Reg::R2);
        let exchange = |kind| self.check_kptr_match(regno, meta.btf, kind);
        if reg.flags.has(Flags::ALLOC) && reg.flags.without(Flags::PERCPU) != Flags::ALLOC {
            return Err(CallFinding::UnknownObject.into());
        }
        if reg.flags.any(Flags::ALLOC.and(Flags::PERCPU)) {
            // Locks and per-CPU variables have checks of their own.
            return exchanged.map_or(Ok(()), exchange);
        }
        if reg.may_be_null() && (!spec.null || spec.release) {
            return Err(CallFinding::MaybeNull { arg: regno.index() }.into());
        }
        let expected = match spec.base {
            _ if meta.helper.id == KPTR_XCHG => return exchanged.map_or(Ok(()), exchange),
            Base::Btf(name) => name,
            _ => "sock_common",
        };
        let strict = spec.release && meta.helper.id != SK_RELEASE;
        if !self.btf_struct_is(reg, expected, strict) {
            let expected = expected.to_owned();
            return Err(CallFinding::KernelType { reg: regno, is: self.printer().btf_type_name(reg), expected }.into());
        }
        Ok(())
    }

    /// Which pointers must be as they were given.
    pub(super) fn check_func_arg_reg_off(&self, reg: &RegState, regno: Reg, spec: &Spec) -> Check {
        if spec.release {
            // What is given back is what the dynptr holds, wherever that is on the stack.
            if spec.base == Base::Dynptr && reg.ty == RegType::Stack {
                return Ok(());
            }
            if reg.off != 0 {
                return Err(CallFinding::ReleaseOffset { reg: regno }.into());
            }
            return self.check_pointer_offset(reg, regno, false);
        }
        use RegType::*;
        match reg.ty {
            Stack | Packet | PacketMeta | MapKey | MapValue | Mem | Buf | Arena | Scalar => Ok(()),
            BtfId => self.check_pointer_offset(reg, regno, FIXED_OFFSET.contains(&reg.flags)),
            _ => self.check_pointer_offset(reg, regno, false),
        }
    }

    fn check_release_arg(&mut self, reg: &RegState, regno: Reg, spec: &Spec) -> Check {
        if spec.base == Base::Dynptr {
            if reg.ty != RegType::Stack {
                return Err(CallFinding::UnownedDynptr.into());
            }
            if !self.is_acquired_dynptr(regno) {
                return Err(CallFinding::UnacquiredDynptr { arg: regno.index() }.into());
            }
        } else if reg.ref_obj_id == 0 && !reg.is_zero() {
            return Err(CallFinding::NotReferenced { reg: regno }.into());
        }
        Ok(())
    }

    fn check_map_arg(&self, reg: &RegState, meta: &mut CallMeta) -> Check {
        let map = reg.map();
        if let (Some(first), Some(second)) = (meta.map, map)
            && first != second
        {
            return Err(CallFinding::OtherMap { what: "timer", first: first.uid, second: second.uid }.into());
        }
        meta.map = map;
        Ok(())
    }

    fn check_key_arg(&mut self, regno: Reg, meta: &mut CallMeta) -> Check {
        let Some(map) = meta.map else { return Ok(()) };
        let def = self.map_def(map);
        let size = def.key_size;
        let elides = matches!(def.map_type, MapType::Array | MapType::PercpuArray);
        self.check_helper_mem(regno, size as i32, Access::Read, false, None)?;
        meta.key = None;
        if elides && self.has(Feature::ConstantKeys) {
            meta.key = self.constant_map_key(regno, size)?;
        }
        Ok(())
    }

    /// The key, when it is a number on the stack that is known: an array always has entries up to its size.
    fn constant_map_key(&mut self, regno: Reg, size: u32) -> Check<Option<u64>> {
        let reg = *self.reg(regno);
        let Some(variable) = reg.num.constant_value().filter(|_| self.options.privileged && reg.ty == RegType::Stack)
        else {
            return Ok(None);
        };
        let off = i64::from(reg.off).wrapping_add(variable as i64);
        // `check_helper_mem` has seen that the key is within the stack.
        let Some(byte) = (-off).checked_sub(1).and_then(|b| usize::try_from(b).ok()) else { return Ok(None) };
        let (spi, byte) = (byte / SLOT, byte % SLOT);
        let frame = reg.frame();
        let slot: Option<&StackSlot> = self.cur.frames.get(frame as usize).and_then(|f| f.stack.get(spi));
        let Some(slot) = slot else { return Ok(None) };
        let run = |ty: SlotType| slot.types[..=byte].iter().rev().take_while(|t| **t == ty).count();
        if run(SlotType::Zero) >= size as usize {
            return Ok(Some(0));
        }
        if !slot.is_spilled_scalar() || run(SlotType::Spill) != size as usize {
            return Ok(None);
        }
        let Some(key) = slot.spilled.constant_value() else { return Ok(None) };
        self.mark_stack_slot_precise(frame, spi)?;
        Ok(Some(key))
    }

    /// Memory of an argument: with raw mode it need not be initialised.
    fn check_arg_mem(&mut self, regno: Reg, size: i32, access: Access, zero_ok: bool, meta: &mut CallMeta) -> Check {
        let raw = if meta.raw_mode { Some(&mut meta.raw) } else { None };
        self.check_helper_mem(regno, size, access, zero_ok, raw)
    }

    /// Checks a size and the memory that it is of, which is the argument before. Without `meta`, the memory must be
    /// initialised.
    pub fn check_mem_size_reg(
        &mut self,
        regno: Reg,
        access: Access,
        zero_ok: bool,
        meta: Option<&mut CallMeta>,
    ) -> Check {
        let num = self.reg(regno).num;
        let mut meta = meta;
        if let Some(meta) = meta.as_deref_mut() {
            meta.size_max = num.umax;
        }
        // Memory that the helper may fill in part only must be initialised.
        let raw = meta.filter(|meta| meta.raw_mode && num.is_constant()).map(|meta| &mut meta.raw);
        if num.smin < 0 {
            return Err(CallFinding::SizeNegative { reg: regno }.into());
        }
        if num.umin == 0 && !zero_ok {
            let (min, max) = (num.umin as i64, num.umax as i64);
            return Err(CallFinding::SizeZero { reg: regno, min, max }.into());
        }
        if num.umax >= MAX_SIZE {
            return Err(CallFinding::SizeUnbounded { reg: regno }.into());
        }
        // A size is never the first argument.
        let memory = ARGS[regno.index().saturating_sub(2).min(4)];
        self.check_helper_mem(memory, num.umax as i32, access, zero_ok, raw)?;
        self.mark_chain_precision(regno)
    }
}
