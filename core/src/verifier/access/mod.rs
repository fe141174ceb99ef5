//! Memory: which loads and stores are allowed, and what is known afterwards.
//!
//! [`Verifier::check_mem_access`] is the one way in for loads and stores, [`Verifier::check_helper_mem`] for memory
//! that a helper reads or fills. What can be pointed to has a file each.

mod atomic;
mod btf;
mod context;
mod packet;
mod region;
mod special;
mod stack_read;
mod stack_write;

pub(crate) use region::{MAX_VAR_OFF, Source};

use super::env::Verifier;
use super::explore::bytes;
use super::finding::{AccessFinding, Check};
use super::reg::{Flags, RegState, RegType};
use super::scalar::{Tnum, write_unum};
use super::text::type_name;
use super::{ANY_ALIGNMENT, STRICT_ALIGNMENT};
use crate::isa::{Reg, Size, Src};
use crate::kernel::Feature;

/// What an access does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Where a load goes and what a store takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// No register: an atomic operation's or a helper's access.
    None,
    /// A register.
    Reg(Reg),
    /// A store of an immediate.
    Imm(i32),
}

impl Value {
    fn reg(self) -> Option<Reg> {
        if let Value::Reg(reg) = self { Some(reg) } else { None }
    }
}

/// Memory that a helper fills, so that it need not be initialised: which, and how much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct RawMem {
    /// The register that points to it, once it is known to be raw stack.
    pub reg: Option<Reg>,
    /// Bytes.
    pub size: i32,
}

/// An access: where, how much, how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// The register with the pointer.
    pub base: Reg,
    /// The instruction's offset; later the pointer's fixed offset with it.
    pub off: i32,
    /// Bytes.
    pub size: i32,
    /// Load or store.
    pub access: Access,
}

impl Verifier<'_> {
    /// Requires a register to be readable.
    pub fn use_reg(&mut self, reg: Reg) -> Check {
        self.scratch_reg(reg);
        if self.reg(reg).ty == RegType::NotInit {
            return Err(AccessFinding::Uninitialized { reg }.into());
        }
        Ok(())
    }

    /// Requires a register to be writable.
    pub fn define_reg(&mut self, reg: Reg) -> Check {
        self.scratch_reg(reg);
        if reg == Reg::R10 {
            return Err(AccessFinding::FramePointer.into());
        }
        Ok(())
    }

    /// Makes a register any number.
    pub fn set_unknown(&mut self, reg: Reg) {
        self.set_reg(reg, RegState::UNKNOWN);
    }

    pub fn check_load(&mut self, size: Size, sign: bool, dst: Reg, base: Reg, off: i16) -> Check {
        self.check_load_mem(size, sign, dst, base, off, false, true)
    }

    /// A load; `strict` when it must be aligned, `mixed` when pointers of several kinds of trust may come together.
    #[allow(clippy::too_many_arguments, reason = "the parts of the instruction")]
    fn check_load_mem(
        &mut self,
        size: Size,
        sign: bool,
        dst: Reg,
        base: Reg,
        off: i16,
        strict: bool,
        mixed: bool,
    ) -> Check {
        self.use_reg(base)?;
        self.define_reg(dst)?;
        let pointer = *self.reg(base);
        let at = At { base, off: i32::from(off), size: bytes(size), access: Access::Read };
        self.check_access(at, Value::Reg(dst), strict, sign)?;
        self.save_pointer(&pointer, mixed)
    }

    pub fn check_store(&mut self, size: Size, base: Reg, off: i16, src: Src) -> Check {
        self.check_store_mem(size, base, off, src, false)
    }

    fn check_store_mem(&mut self, size: Size, base: Reg, off: i16, src: Src, strict: bool) -> Check {
        let value = match src {
            Src::Reg(reg) => {
                self.use_reg(reg)?;
                Value::Reg(reg)
            }
            Src::Imm(imm) => Value::Imm(imm),
        };
        self.use_reg(base)?;
        let pointer = *self.reg(base);
        let at = At { base, off: i32::from(off), size: bytes(size), access: Access::Write };
        self.check_access(at, value, strict, false)?;
        self.save_pointer(&pointer, false)
    }

    /// Remembers through what kind of pointer the instruction works: contexts and kernel structures are rewritten, so
    /// that one instruction cannot serve two kinds.
    fn save_pointer(&mut self, pointer: &RegState, mixed: bool) -> Check {
        let fixed = |ty| {
            use RegType::*;
            matches!(ty, Ctx | Socket | SockCommon | TcpSock | XdpSock | BtfId | Arena)
        };
        let memory = |ty| matches!(ty, RegType::Mem | RegType::BtfId);
        let seen = &mut self.aux[self.insn.index()].access;
        match seen {
            None => *seen = Some(*pointer),
            Some(seen) if (seen.ty, seen.flags) != (pointer.ty, pointer.flags) => {
                let mismatch = fixed(seen.ty) || fixed(pointer.ty);
                if mismatch && !(mixed && memory(seen.ty) && memory(pointer.ty)) {
                    return Err(AccessFinding::MixedPointers.into());
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Checks a load or store through `base`: `value` is the register that is loaded or stored.
    #[allow(clippy::too_many_arguments, reason = "the parts of an access")]
    pub fn check_mem_access(
        &mut self,
        base: Reg,
        off: i32,
        size: i32,
        access: Access,
        value: Value,
        strict: bool,
        sign: bool,
    ) -> Check {
        self.check_access(At { base, off, size, access }, value, strict, sign)
    }

    fn check_access(&mut self, at: At, value: Value, strict: bool, sign: bool) -> Check {
        let reg = *self.reg(at.base);
        self.check_alignment(&reg, at, strict)?;
        let at = At { off: reg.off.wrapping_add(at.off), ..at };
        match reg.ty {
            RegType::MapKey if reg.flags.is_empty() => self.access_map_key(&reg, at, value)?,
            RegType::MapValue if reg.flags.is_empty() => self.access_map_value(&reg, at, value, sign)?,
            RegType::Mem => self.access_memory(&reg, at, value)?,
            RegType::Ctx if reg.flags.is_empty() => self.access_context(&reg, at, value, sign)?,
            RegType::Stack => self.access_stack(&reg, at, value)?,
            RegType::Packet | RegType::PacketMeta => self.access_packet(at, value)?,
            RegType::Socket | RegType::SockCommon | RegType::TcpSock | RegType::XdpSock if reg.flags.is_empty() => {
                self.access_socket(&reg, at, value)?;
            }
            RegType::BtfId if !reg.may_be_null() => self.access_btf(&reg, at, value)?,
            RegType::MapPtr if reg.flags.is_empty() => self.access_map_pointer(&reg, at, value)?,
            RegType::Arena if sign && !self.has(Feature::ArenaSignedLoads) => {
                return Err(AccessFinding::ArenaSignedLoad.into());
            }
            RegType::Arena => self.load_unknown(at, value),
            _ => return Err(AccessFinding::NotMemory { reg: at.base, ty: type_name(reg.ty, reg.flags) }.into()),
        }
        if let (Access::Read, Some(dst)) = (at.access, value.reg()) {
            let dst = self.reg_mut(dst);
            if at.size < 8 && dst.is_scalar() {
                if sign { dst.num.sign_extend_64(at.size as u32) } else { dst.num.coerce_to_size(at.size as u32) }
            }
        }
        Ok(())
    }

    /// A load that may give anything.
    fn load_unknown(&mut self, at: At, value: Value) {
        if let (Access::Read, Some(dst)) = (at.access, value.reg()) {
            self.set_unknown(dst);
        }
    }

    /// Refuses to store a pointer where the unprivileged could read it.
    fn check_leak(&self, at: At, value: Value, place: &'static str) -> Check {
        match value.reg() {
            Some(reg) if at.access == Access::Write && self.is_pointer_value(reg) => {
                Err(AccessFinding::Leak { reg, place }.into())
            }
            _ => Ok(()),
        }
    }

    pub(in crate::verifier) fn check_alignment(&self, reg: &RegState, at: At, strict: bool) -> Check {
        // Of the two flags, the one that allows more counts.
        let asked = self.has_flag(STRICT_ALIGNMENT) && !self.has_flag(ANY_ALIGNMENT);
        let strict = strict || asked || reg.ty == RegType::Stack;
        if !strict || at.size == 1 {
            return Ok(());
        }
        let what = match reg.ty {
            RegType::Packet | RegType::PacketMeta => "packet ",
            RegType::FlowKeys => "flow keys ",
            RegType::MapKey => "key ",
            RegType::MapValue => "value ",
            RegType::Ctx => "context ",
            RegType::Stack => "stack ",
            RegType::Socket => "sock ",
            RegType::SockCommon => "sock_common ",
            RegType::TcpSock => "tcp_sock ",
            RegType::XdpSock => "xdp_sock ",
            RegType::Arena => return Ok(()),
            _ => "",
        };
        // A pointer that may be null, too, is none of these to the kernel.
        let what = if reg.flags.is_empty() { what } else { "" };
        // Packets are taken to start two bytes off, as network drivers place them (NET_IP_ALIGN).
        let packet = reg.is_packet_pointer();
        let fixed = i64::from(reg.off) + i64::from(at.off) + if packet { 2 } else { 0 };
        let off = reg.num.var_off.add(Tnum::constant(fixed as u64));
        if (off.value | off.mask) & (at.size as u64 - 1) == 0 {
            return Ok(());
        }
        let bits = if self.has(Feature::ConstantBits) { tnum_text } else { bits_text };
        let (var_off, off, insn_off, size) = (bits(reg.num.var_off), reg.off, at.off, at.size);
        Err(if packet {
            AccessFinding::MisalignedPacket { var_off, off, insn_off, size }.into()
        } else {
            AccessFinding::Misaligned { what, var_off, off, insn_off, size }.into()
        })
    }

    /// Requires a pointer to be as it was given: nothing added to it.
    pub fn check_ptr_off_reg(&self, state: &RegState, reg: Reg) -> Check {
        self.check_pointer_offset(state, reg, false)
    }

    /// Requires a pointer to have nothing variable added to it, and, unless `fixed_ok`, nothing at all.
    pub fn check_pointer_offset(&self, state: &RegState, reg: Reg, fixed_ok: bool) -> Check {
        let ty = || type_name(state.ty, state.flags);
        if state.off < 0 {
            return Err(AccessFinding::NegativeOffset { reg, ty: ty(), off: state.off }.into());
        }
        if !fixed_ok && state.off != 0 {
            return Err(AccessFinding::ModifiedPointer { reg, ty: ty(), off: state.off }.into());
        }
        if state.num.constant_value() != Some(0) {
            return Err(AccessFinding::VariablePointer { ty: ty(), var_off: tnum_text(state.num.var_off) }.into());
        }
        Ok(())
    }

    /// Checks memory that a helper reads or writes: `size` bytes behind `reg`. With `raw`, stack need not be
    /// initialised; which stack the helper then fills is noted there.
    pub fn check_helper_mem(
        &mut self,
        reg: Reg,
        size: i32,
        access: Access,
        zero_ok: bool,
        raw: Option<&mut RawMem>,
    ) -> Check {
        let state = *self.reg(reg);
        let read_only = || AccessFinding::ReadOnly { reg, ty: type_name(state.ty, state.flags) };
        let off = state.off;
        match state.ty {
            RegType::Packet | RegType::PacketMeta => self.check_packet_access(reg, off, size, zero_ok),
            RegType::MapKey => {
                if access == Access::Write {
                    return Err(read_only().into());
                }
                let key_size = state.map().map_or(0, |map| self.map_def(map).key_size);
                self.check_mem_region(reg, off, size, key_size, zero_ok)
            }
            RegType::MapValue => {
                self.check_map_access_type(reg, off, size, access)?;
                self.check_map_access(reg, off, size, zero_ok, Source::Helper)
            }
            RegType::Mem => {
                if access == Access::Write && state.flags.has(Flags::RDONLY) {
                    return Err(read_only().into());
                }
                self.check_mem_region(reg, off, size, state.mem_size(), zero_ok)
            }
            RegType::Stack => self.check_stack_range_initialized(reg, off, size, zero_ok, access, raw),
            RegType::BtfId => {
                let at = At { base: reg, off, size, access: Access::Read };
                self.access_btf(&state, at, Value::None)
            }
            _ if zero_ok && size == 0 && state.is_zero() => Ok(()),
            _ => Err(AccessFinding::NoMemoryArgument { reg, ty: type_name(state.ty, state.flags) }.into()),
        }
    }
}

/// Known bits as messages have them: a plain number when all are known, else `(value; mask)`.
pub(crate) fn tnum_text(tnum: Tnum) -> String {
    if !tnum.is_constant() {
        return bits_text(tnum);
    }
    let mut text = String::new();
    write_unum(tnum.value, &mut text);
    text
}

/// Known bits as older kernels always have them: `(value; mask)`.
pub(crate) fn bits_text(tnum: Tnum) -> String {
    format!("({:#x}; {:#x})", tnum.value, tnum.mask)
}
