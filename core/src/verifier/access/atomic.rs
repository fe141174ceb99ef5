//! Atomic operations, and loads and stores with an order.

use super::{Access, At, Value};
use crate::isa::{AtomicOp, Insn, Reg, Size, Src};
use crate::verifier::env::Verifier;
use crate::verifier::explore::bytes;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{RegState, RegType};
use crate::verifier::text::type_name;

impl Verifier<'_> {
    pub fn check_atomic(&mut self, insn: &Insn) -> Check {
        match *insn {
            Insn::Atomic { size, op, base, off, src } => self.check_read_modify_write(size, op, base, off, src),
            Insn::LoadAcquire { size, dst, base, off } => {
                self.check_load_mem(size, false, dst, base, off, true, false)?;
                // As the kernel does, after the load: `w1 = load_acquire((u32 *)(r1 + 0))` has a number there.
                let ty = *self.reg(base);
                self.check_atomic_pointer(&ty, base, |reg, ty| AccessFinding::AtomicLoad { reg, ty })
            }
            Insn::StoreRelease { size, base, off, src } => {
                self.check_store_mem(size, base, off, Src::Reg(src), true)?;
                let ty = *self.reg(base);
                self.check_atomic_pointer(&ty, base, |reg, ty| AccessFinding::AtomicStore { reg, ty })
            }
            _ => Ok(()),
        }
    }

    /// Requires plain memory: what is rewritten on access cannot be accessed atomically.
    fn check_atomic_pointer(
        &self,
        state: &RegState,
        reg: Reg,
        refuse: impl FnOnce(Reg, String) -> AccessFinding,
    ) -> Check {
        use RegType::{Ctx, FlowKeys, Packet, PacketMeta, SockCommon, Socket, TcpSock, XdpSock};
        // A socket that may be null is no memory at all, and is told so.
        let socket = matches!(state.ty, Socket | SockCommon | TcpSock | XdpSock) && state.flags.is_empty();
        if socket || matches!(state.ty, Ctx | Packet | PacketMeta | FlowKeys) {
            return Err(refuse(reg, type_name(state.ty, state.flags)).into());
        }
        Ok(())
    }

    fn check_read_modify_write(&mut self, size: Size, op: AtomicOp, base: Reg, off: i16, src: Reg) -> Check {
        self.use_reg(src)?;
        self.use_reg(base)?;
        if op == AtomicOp::Cmpxchg {
            self.use_reg(Reg::R0)?;
            if self.is_pointer_value(Reg::R0) {
                return Err(AccessFinding::Leak { reg: Reg::R0, place: "mem" }.into());
            }
        }
        if self.is_pointer_value(src) {
            return Err(AccessFinding::Leak { reg: src, place: "mem" }.into());
        }
        let pointer = *self.reg(base);
        self.check_atomic_pointer(&pointer, base, |reg, ty| AccessFinding::AtomicStore { reg, ty })?;
        let fetched = match op {
            AtomicOp::Cmpxchg => Some(Reg::R0),
            AtomicOp::Xchg => Some(src),
            AtomicOp::Add { fetch } | AtomicOp::Or { fetch } | AtomicOp::And { fetch } | AtomicOp::Xor { fetch } => {
                fetch.then_some(src)
            }
        };
        if let Some(reg) = fetched {
            self.define_reg(reg)?;
            self.set_unknown(reg);
        }
        let at = At { base, off: i32::from(off), size: bytes(size), access: Access::Read };
        self.check_access(at, Value::None, true, false)?;
        if let Some(reg) = fetched {
            self.check_access(at, Value::Reg(reg), true, false)?;
        }
        self.check_access(At { access: Access::Write, ..at }, Value::None, true, false)
    }
}
