//! Arithmetic: on numbers by [`super::scalar`], on pointers by the rules here.

use super::access::MAX_VAR_OFF;
use super::env::Verifier;
use super::finding::{AluFinding, Check};
use super::reg::{ADD_CONST, ADD_CONST_32, ADD_CONST_64, Flags, MapRef, Of, RegState, RegType};
use super::scalar::{self, BadImm, Scalar};
use super::text::type_name;
use crate::isa::{AluOp, Imm64, Insn, Pc, Reg, Size, Src, Swap, Width};
use crate::kernel::{Feature, MapId, MapType};
use crate::object::TypeId;

/// The operation as messages have it.
fn operator(op: AluOp) -> &'static str {
    match op {
        AluOp::Add => "+=",
        AluOp::Sub => "-=",
        AluOp::Mul => "*=",
        AluOp::Div | AluOp::Sdiv => "/=",
        AluOp::Or => "|=",
        AluOp::And => "&=",
        AluOp::Lsh => "<<=",
        AluOp::Rsh => ">>=",
        AluOp::Mod | AluOp::Smod => "%=",
        AluOp::Xor => "^=",
        AluOp::Mov => "=",
        AluOp::Arsh => "s>>=",
    }
}

impl Verifier<'_> {
    pub fn check_alu(&mut self, insn: &Insn) -> Check {
        match *insn {
            Insn::Alu { width, op: AluOp::Mov, dst, src } => self.check_mov(width, dst, src),
            Insn::Alu { width, op, dst, src } => self.check_binary(width, op, dst, src),
            Insn::MovSx { width, from, dst, src } => self.check_mov_extended(width, from, dst, src),
            Insn::AddrSpaceCast { dst, src, imm } => self.check_addr_space_cast(dst, src, imm),
            Insn::Neg { width, dst } => self.check_unary(Feature::Negation, dst, |num| scalar::negate(width, num)),
            // On a little-endian machine that is what it was, with all that is known of it.
            Insn::Endian { swap: Swap::ToLe, bits: 64, dst }
                if self.has(Feature::ByteSwaps) && self.reg(dst).is_scalar() =>
            {
                self.use_reg(dst)?;
                self.define_reg(dst)
            }
            Insn::Endian { swap, bits, dst } => {
                self.check_unary(Feature::ByteSwaps, dst, |num| scalar::byte_swap(swap, bits, num))
            }
            _ => Ok(()),
        }
    }

    fn check_unary(&mut self, known_since: Feature, dst: Reg, compute: impl FnOnce(Scalar) -> Scalar) -> Check {
        self.use_reg(dst)?;
        if self.is_pointer_value(dst) {
            return Err(AluFinding::Pointer { reg: dst }.into());
        }
        self.define_reg(dst)?;
        let mut reg = *self.reg(dst);
        if reg.is_scalar() && self.has(known_since) {
            reg.num = compute(reg.num);
            // What is negated or swapped is no longer what it was linked to.
            reg.id = 0;
            reg.off = 0;
            self.set_reg(dst, reg);
        } else {
            self.set_unknown(dst);
        }
        Ok(())
    }

    fn check_mov(&mut self, width: Width, dst: Reg, src: Src) -> Check {
        let src = match src {
            Src::Reg(src) => src,
            Src::Imm(imm) => {
                self.define_reg(dst)?;
                let value = match width {
                    Width::W64 => i64::from(imm) as u64,
                    Width::W32 => u64::from(imm as u32),
                };
                self.set_reg(dst, RegState::constant(value));
                return Ok(());
            }
        };
        self.use_reg(src)?;
        self.define_reg(dst)?;
        let mut value = *self.reg(src);
        if width == Width::W64 {
            self.link_by_id(&mut value);
            *self.reg_mut(src) = value;
            self.set_reg(dst, value);
            return Ok(());
        }
        if self.is_pointer_value(src) {
            return Err(AluFinding::PartialCopy { reg: src }.into());
        }
        if !value.is_scalar() {
            value = RegState::UNKNOWN;
        } else if value.num.umax <= u64::from(u32::MAX) && self.has(Feature::HalfLinks) {
            self.link_by_id(&mut value);
            *self.reg_mut(src) = value;
        } else {
            value.id = 0;
        }
        value.num.zext_32_to_64();
        value.num.sync();
        self.set_reg(dst, value);
        Ok(())
    }

    fn check_mov_extended(&mut self, width: Width, from: Size, dst: Reg, src: Reg) -> Check {
        self.use_reg(src)?;
        self.define_reg(dst)?;
        if self.is_pointer_value(src) {
            return Err(match width {
                Width::W64 => AluFinding::ExtendPointer { reg: src },
                Width::W32 => AluFinding::PartialCopy { reg: src },
            }
            .into());
        }
        let mut value = *self.reg(src);
        if !value.is_scalar() {
            value = RegState::UNKNOWN;
            if width == Width::W32 {
                value.num.zext_32_to_64();
                value.num.sync();
            }
        } else {
            // What has no sign to extend stays the same number.
            if value.num.umax < 1 << (from.bytes() * 8 - 1) {
                self.link_by_id(&mut value);
                *self.reg_mut(src) = value;
            } else {
                value.id = 0;
            }
            value.num = scalar::move_sign_extended(width, from.bytes(), value.num);
        }
        self.set_reg(dst, value);
        Ok(())
    }

    fn check_addr_space_cast(&mut self, dst: Reg, src: Reg, imm: i32) -> Check {
        if imm != 1 && imm != 1 << 16 {
            return Err(AluFinding::AddressSpaces.into());
        }
        if !self.program.maps.iter().any(|id| self.maps[id.index()].map_type == MapType::Arena) {
            return Err(AluFinding::NoArena.into());
        }
        self.use_reg(src)?;
        self.define_reg(dst)?;
        self.set_unknown(dst);
        if imm == 1 {
            self.reg_mut(dst).ty = RegType::Arena;
        }
        Ok(())
    }

    fn check_binary(&mut self, width: Width, op: AluOp, dst: Reg, src: Src) -> Check {
        if let Src::Reg(src) = src {
            self.use_reg(src)?;
        }
        self.use_reg(dst)?;
        if let Src::Imm(imm) = src {
            match scalar::bad_imm(op, width, imm) {
                Some(BadImm::DivByZero) => return Err(AluFinding::DivByZero.into()),
                Some(BadImm::Shift(amount)) => return Err(AluFinding::Shift { amount }.into()),
                None => {}
            }
        }
        self.define_reg(dst)?;
        let dst_reg = *self.reg(dst);
        let src_reg = match src {
            Src::Reg(src) => *self.reg(src),
            Src::Imm(imm) => RegState::constant(i64::from(imm) as u64),
        };
        match (dst_reg.is_scalar(), src_reg.is_scalar(), src) {
            // Whatever comes of an address of the arena, and of whatever else, is taken for one.
            _ if dst_reg.ty == RegType::Arena => Ok(()),
            _ if src_reg.ty == RegType::Arena => {
                self.set_reg(dst, src_reg);
                Ok(())
            }
            (false, false, _) => {
                if op == AluOp::Sub && self.allow_ptr_leaks() {
                    self.set_unknown(dst);
                    return Ok(());
                }
                Err(AluFinding::TwoPointers { reg: dst, op: operator(op) }.into())
            }
            (true, false, src) => {
                self.mark_chain_precision(dst)?;
                self.add_to_pointer(width, op, dst, src, &src_reg, &dst_reg)
            }
            (false, true, src) => {
                if let Src::Reg(src) = src {
                    self.mark_chain_precision(src)?;
                }
                self.add_to_pointer(width, op, dst, src, &dst_reg, &src_reg)
            }
            (true, true, src) => {
                if let (Src::Reg(src), true) = (src, dst_reg.precise) {
                    self.mark_chain_precision(src)?;
                }
                self.sanitize_numbers(op, dst, src)?;
                let itself = src == Src::Reg(dst);
                self.scalar_alu(width, op, dst, src_reg, itself)
            }
        }
    }

    fn scalar_alu(&mut self, width: Width, op: AluOp, dst: Reg, src: RegState, itself: bool) -> Check {
        if let Some((ones, zeroes)) = scalar::fork(op, &self.reg(dst).num, &src.num) {
            let pc = self.insn;
            let other = self.push_branch(pc, false)?;
            other.frame_mut().reg_mut(dst).num = zeroes;
            self.reg_mut(dst).num = ones;
        }
        let old = *self.reg(dst);
        let delta = if self.options.privileged && !itself && self.has(Feature::LinkedOffsets) {
            link_delta(&old, width, op, &src)
        } else {
            None
        };
        let mut reg = RegState { num: scalar::alu(op, width, old.num, src.num), id: 0, off: 0, ..old };
        if let Some(delta) = delta {
            reg.id = old.id | if width == Width::W64 { ADD_CONST_64 } else { ADD_CONST_32 };
            reg.off = delta;
        }
        let known = self.has(Feature::UnknownOperands) || is_constant(width, &src.num);
        if gives_up(op, width, &src.num) || !known && matches!(op, AluOp::Or | AluOp::Xor | AluOp::Mul) {
            reg = RegState::UNKNOWN;
        }
        self.set_reg(dst, reg);
        Ok(())
    }

    /// `pointer += number` and the like. `dst` gets the result, whichever of the two it held.
    fn add_to_pointer(
        &mut self,
        width: Width,
        op: AluOp,
        dst: Reg,
        src: Src,
        pointer: &RegState,
        number: &RegState,
    ) -> Check {
        let pointer_first = !self.reg(dst).is_scalar();
        let num = &number.num;
        let known = num.is_constant();
        let inconsistent = known && (num.smin != num.smax || num.umin != num.umax);
        if inconsistent || num.smin > num.smax || num.umin > num.umax {
            // Such a number comes from a path that is never taken.
            self.set_unknown(dst);
            return Ok(());
        }
        let ty = || type_name(pointer.ty, pointer.flags);
        if width == Width::W32 {
            if op == AluOp::Sub && self.allow_ptr_leaks() {
                self.set_unknown(dst);
                return Ok(());
            }
            return Err(AluFinding::Pointer32 { reg: dst }.into());
        }
        if pointer.may_be_null() {
            return Err(AluFinding::MaybeNull { reg: dst, ty: ty() }.into());
        }
        if pointer.ty == RegType::Mem && pointer.flags.has(Flags::UNTRUSTED) {
            return Ok(());
        }
        self.check_pointer_type(op, dst, pointer, num)?;
        check_sane_offset(number, pointer)?;
        check_sane_offset(pointer, pointer)?;
        let window = self.sanitize_pointer(op, dst, src, pointer, number, pointer_first)?;
        let mut result = *pointer;
        result.num = match op {
            AluOp::Add => self.pointer_plus(&mut result, num),
            AluOp::Sub if !pointer_first => return Err(AluFinding::SubtractPointer { reg: dst }.into()),
            AluOp::Sub if pointer.ty == RegType::Stack => {
                return Err(AluFinding::SubtractFromStack { reg: dst }.into());
            }
            AluOp::Sub => self.pointer_minus(&mut result, num),
            AluOp::And | AluOp::Or | AluOp::Xor => {
                return Err(AluFinding::Bitwise { reg: dst, op: operator(op) }.into());
            }
            _ => return Err(AluFinding::Operator { reg: dst, op: operator(op) }.into()),
        };
        check_sane_offset(&result, pointer)?;
        result.num.sync();
        result.precise = false;
        self.set_reg(dst, result);
        self.sanitize_result(op, dst, src, window)
    }

    /// Which types of pointers may be moved at all.
    fn check_pointer_type(&self, op: AluOp, reg: Reg, pointer: &RegState, num: &Scalar) -> Check {
        use RegType::*;
        let allowed = match pointer.ty {
            Ctx | MapValue | MapKey | Stack | PacketMeta | Packet | BtfId | Mem | Buf | Func | ConstDynptr => true,
            FlowKeys => num.is_constant() || (num.smin == 0 && op == AluOp::Add),
            MapPtr => num.constant_value() == Some(0) && op == AluOp::Add,
            _ => false,
        };
        if allowed {
            return Ok(());
        }
        Err(AluFinding::PointerType { reg, ty: type_name(pointer.ty, pointer.flags) }.into())
    }

    fn pointer_plus(&mut self, result: &mut RegState, num: &Scalar) -> Scalar {
        let base = result.num;
        if let Some(fixed) = num.constant_value()
            && let Some(off) = i64::from(result.off).checked_add(fixed as i64)
            && let Ok(off) = i32::try_from(off)
        {
            result.off = off;
            return without_32(base);
        }
        self.new_packet_base(result, true);
        let mut sum = Scalar::with_bits(base.var_off.add(num.var_off));
        if let (Some(min), Some(max)) = (base.smin.checked_add(num.smin), base.smax.checked_add(num.smax)) {
            (sum.smin, sum.smax) = (min, max);
        }
        if let (Some(min), Some(max)) = (base.umin.checked_add(num.umin), base.umax.checked_add(num.umax)) {
            (sum.umin, sum.umax) = (min, max);
        }
        sum
    }

    fn pointer_minus(&mut self, result: &mut RegState, num: &Scalar) -> Scalar {
        let base = result.num;
        if let Some(fixed) = num.constant_value()
            && let Some(off) = i64::from(result.off).checked_sub(fixed as i64)
            && let Ok(off) = i32::try_from(off)
        {
            result.off = off;
            return without_32(base);
        }
        self.new_packet_base(result, num.smin < 0);
        let mut difference = Scalar::with_bits(base.var_off.sub(num.var_off));
        if let (Some(min), Some(max)) = (base.smin.checked_sub(num.smax), base.smax.checked_sub(num.smin)) {
            (difference.smin, difference.smax) = (min, max);
        }
        if base.umin >= num.umax {
            (difference.umin, difference.umax) = (base.umin - num.umax, base.umax.wrapping_sub(num.umin));
        }
        difference
    }

    /// A packet pointer with something variable added is another base for comparisons; what was known to be in the packet
    /// behind it still is only if it moved back.
    fn new_packet_base(&mut self, result: &mut RegState, forget_range: bool) {
        if result.is_packet_pointer() {
            result.id = self.new_id();
            if forget_range {
                result.of = Of::Packet(0);
            }
        }
    }

    pub fn check_load_imm64(&mut self, dst: Reg, imm: Imm64) -> Check {
        self.define_reg(dst)?;
        let map_ref = |map: i32| MapRef { map: MapId(map as u32), inner: false, uid: 0 };
        let loaded = match imm {
            Imm64::Value(value) => RegState::constant(value),
            Imm64::Map(map) | Imm64::MapIdx(map) => {
                RegState::pointer(RegType::MapPtr, Flags::NONE, Of::Map(map_ref(map)))
            }
            Imm64::MapValue { map, off } | Imm64::MapIdxValue { map, off } => {
                if self.map_def(map_ref(map)).map_type == MapType::Arena {
                    RegState::UNKNOWN
                } else {
                    RegState { off, ..RegState::pointer(RegType::MapValue, Flags::NONE, Of::Map(map_ref(map))) }
                }
            }
            Imm64::Func(off) => {
                let start = Pc((i64::from(self.insn.0) + 1 + i64::from(off)) as u32);
                let number = self.shape.subprogs.iter().position(|s| s.start == start).unwrap_or(0) as u32;
                let func = self.program.funcs.get(number as usize);
                if func.is_none() || self.options.btf.is_none() {
                    return Err(AluFinding::NoFuncInfo.into());
                }
                if self.subprogs[number as usize].global {
                    return Err(AluFinding::CallbackNotStatic.into());
                }
                RegState::pointer(RegType::Func, Flags::NONE, Of::Func(number))
            }
            Imm64::Btf { id, .. } => {
                RegState::pointer(RegType::BtfId, Flags::PERCPU, Of::Btf { id: id as TypeId, local: false })
            }
        };
        self.set_reg(dst, loaded);
        Ok(())
    }
}

/// After `r1 = r2; r1 += 8` a comparison of one still tells of the other, and so it is with 32 bits where the upper
/// ones are 0; anything else, or doing it twice, ends the link. The sum that keeps it.
fn link_delta(dst: &RegState, width: Width, op: AluOp, src: &RegState) -> Option<i32> {
    if dst.id == 0 || dst.id & ADD_CONST != 0 {
        return None;
    }
    let delta = match width {
        Width::W64 => i32::try_from(src.num.constant_value()? as i64).ok()?,
        Width::W32 if dst.num.umax <= u32::MAX.into() => src.num.subreg_constant_value()? as i32,
        Width::W32 => return None,
    };
    match op {
        AluOp::Add => Some(delta),
        AluOp::Sub => delta.checked_neg(),
        _ => None,
    }
}

/// Whether the kernel follows the operation no further, and forgets all about the register.
fn gives_up(op: AluOp, width: Width, src: &Scalar) -> bool {
    let bits = if width == Width::W64 { 64 } else { 32 };
    match op {
        AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod => true,
        AluOp::Lsh | AluOp::Rsh | AluOp::Arsh => {
            let max = if width == Width::W64 { src.umax } else { src.u32_max.into() };
            !is_constant(width, src) || max >= bits
        }
        _ => false,
    }
}

/// Whether a number is known as far as an operation of that width looks at it.
fn is_constant(width: Width, num: &Scalar) -> bool {
    match width {
        Width::W64 => num.is_constant(),
        Width::W32 => num.subreg_constant_value().is_some(),
    }
}

/// A pointer's variable offset has no 32-bit ranges of its own; they follow from the others.
fn without_32(num: Scalar) -> Scalar {
    Scalar { s32_min: i32::MIN, s32_max: i32::MAX, u32_min: 0, u32_max: u32::MAX, ..num }
}

/// Refuses numbers and offsets so large that pointer arithmetic could wrap around.
fn check_sane_offset(reg: &RegState, pointer: &RegState) -> Check {
    let ty = || type_name(pointer.ty, pointer.flags);
    if let Some(value) = reg.num.constant_value() {
        let value = value as i64;
        if value >= MAX_VAR_OFF || value <= -MAX_VAR_OFF {
            return Err(AluFinding::LargeConstant { ty: ty(), value }.into());
        }
    }
    let off = i64::from(reg.off);
    if off >= MAX_VAR_OFF || off <= -MAX_VAR_OFF {
        return Err(AluFinding::LargeOffset { ty: ty(), off: reg.off }.into());
    }
    if reg.num.smin == i64::MIN {
        return Err(AluFinding::UnboundedMin { ty: ty() }.into());
    }
    if reg.num.smin >= MAX_VAR_OFF || reg.num.smin <= -MAX_VAR_OFF {
        return Err(AluFinding::OutOfBounds { ty: ty(), value: reg.num.smin }.into());
    }
    Ok(())
}
