//! What a helper leaves in `r0`.

use super::helper::CallMeta;
use super::ids::*;
use crate::isa::Reg;
use crate::kernel::{Feature, FieldKind, MapType, RetType};
use crate::verifier::env::Verifier;
use crate::verifier::finding::Check;
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::scalar::Scalar;

/// Errors are numbers from -1 down to this (the kernel's `MAX_ERRNO`, negative).
const LEAST_ERROR: i32 = -4095;

impl Verifier<'_> {
    /// Leaves the result of a helper in `r0`.
    pub(super) fn set_helper_result(&mut self, meta: &CallMeta) -> Check {
        let id = meta.helper.id;
        let mut result = self.helper_result(meta);
        if result.may_be_null() {
            result.id = self.new_id();
        }
        if id == DYNPTR_DATA {
            result.dynptr_id = meta.dynptr_id;
        }
        if is_cast(id) || id == DYNPTR_DATA {
            result.ref_obj_id = meta.ref_obj_id;
        } else if self.acquires(meta) {
            let reference = self.acquire_reference(self.insn);
            (result.id, result.ref_obj_id) = (reference, reference);
        }
        self.set_reg(Reg::R0, result);
        Ok(())
    }

    fn helper_result(&mut self, meta: &CallMeta) -> RegState {
        let pointer = RegState::pointer;
        let null = Flags::NULL;
        match meta.helper.ret {
            RetType::Void => RegState::NOT_INIT,
            RetType::Integer => self.integer_result(meta),
            RetType::MapValue => self.map_value_result(meta, Flags::NONE),
            RetType::MapValueOrNull => self.map_value_result(meta, null),
            RetType::SocketOrNull => pointer(RegType::Socket, null, Of::Nothing),
            RetType::SockCommonOrNull => pointer(RegType::SockCommon, null, Of::Nothing),
            RetType::TcpSockOrNull => pointer(RegType::TcpSock, null, Of::Nothing),
            RetType::RecordOrNull => pointer(RegType::Mem, Flags::RINGBUF.and(null), Of::Mem(meta.mem_size as u32)),
            RetType::MemOrNull => pointer(RegType::Mem, null, Of::Mem(meta.mem_size as u32)),
            RetType::Kernel(name) => pointer(RegType::BtfId, Flags::NONE, self.kernel_struct(name)),
            RetType::KernelTrusted(name) => pointer(RegType::BtfId, Flags::TRUSTED, self.kernel_struct(name)),
            RetType::KernelOrNull(name) => pointer(RegType::BtfId, null, self.kernel_struct(name)),
            RetType::KptrOrNull => {
                let flags = match (meta.btf, meta.kptr) {
                    (Of::Btf { local: true, .. }, Some(FieldKind::KptrPercpu)) => Flags::ALLOC.and(Flags::PERCPU),
                    (Of::Btf { local: true, .. }, _) => Flags::ALLOC,
                    _ => Flags::NONE,
                };
                pointer(RegType::BtfId, null.and(flags), meta.btf)
            }
            RetType::PercpuMem => self.percpu_result(meta, Flags::NONE),
            RetType::PercpuMemOrNull => self.percpu_result(meta, null),
        }
    }

    /// A number: some helpers never give all of them.
    fn integer_result(&self, meta: &CallMeta) -> RegState {
        let mut num = Scalar::UNKNOWN;
        match meta.helper.id {
            GET_STACK | GET_TASK_STACK | PROBE_READ_STR | PROBE_READ_KERNEL_STR | PROBE_READ_USER_STR => {
                (num.smin, num.smax) = (i64::from(LEAST_ERROR), meta.size_max as i64);
                (num.s32_min, num.s32_max) = (LEAST_ERROR, meta.size_max as i32);
                num.sync();
            }
            GET_SMP_PROCESSOR_ID if self.has(Feature::ProcessorBound) => {
                let last = self.options.cpus.saturating_sub(1);
                (num.umin, num.umax) = (0, u64::from(last));
                (num.smin, num.smax) = (0, i64::from(last));
                (num.u32_min, num.u32_max) = (0, last);
                (num.s32_min, num.s32_max) = (0, last as i32);
                num.sync();
            }
            _ => {}
        }
        RegState { num, ..RegState::UNKNOWN }
    }

    fn map_value_result(&mut self, meta: &CallMeta, mut flags: Flags) -> RegState {
        let Some(map) = meta.map else { return RegState::UNKNOWN };
        let def = self.map_def(map);
        let array = matches!(def.map_type, MapType::Array | MapType::PercpuArray);
        if meta.helper.id == MAP_LOOKUP_ELEM && array && meta.key.is_some_and(|key| key < u64::from(def.max_entries)) {
            flags = flags.without(Flags::NULL);
        }
        let mut value = RegState::pointer(RegType::MapValue, flags, Of::Map(map));
        if self.may_hold_lock(&value) {
            // Two values of one map have two locks.
            value.id = self.new_id();
        }
        value
    }

    /// A CPU's copy of a variable: a kernel structure, or plain memory.
    fn percpu_result(&self, meta: &CallMeta, null: Flags) -> RegState {
        match self.size_unless_struct(meta.btf) {
            Some(size) => RegState::pointer(RegType::Mem, null.and(Flags::RDONLY), Of::Mem(size)),
            // An object of the program's own has its copy on every CPU.
            None if meta.percpu_object => RegState::pointer(RegType::BtfId, Flags::ALLOC.and(Flags::RCU), meta.btf),
            None => RegState::pointer(RegType::BtfId, null, meta.btf),
        }
    }

    /// Whether the call gives something that must be given back.
    fn acquires(&self, meta: &CallMeta) -> bool {
        match meta.helper.id {
            SK_LOOKUP_TCP | SK_LOOKUP_UDP | SKC_LOOKUP_TCP | RINGBUF_RESERVE | KPTR_XCHG => true,
            MAP_LOOKUP_ELEM => {
                let map_type = meta.map.map(|map| self.map_def(map).map_type);
                matches!(map_type, Some(MapType::Sockmap | MapType::Sockhash))
            }
            _ => false,
        }
    }
}

/// Whether the result is the argument seen as another kind of socket, so that giving back one gives back both.
const fn is_cast(id: u32) -> bool {
    matches!(
        id,
        TCP_SOCK
            | SK_FULLSOCK
            | SKC_TO_TCP_SOCK
            | SKC_TO_TCP6_SOCK
            | SKC_TO_UDP6_SOCK
            | SKC_TO_MPTCP_SOCK
            | SKC_TO_TCP_TIMEWAIT_SOCK
            | SKC_TO_TCP_REQUEST_SOCK
    )
}
