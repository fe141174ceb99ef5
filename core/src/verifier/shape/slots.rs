//! Slots: what the kernel looks at in every one of them, reachable or not, and what they are.

use super::{Asked, Found, Slot, flaw, maps};
use crate::isa::opcode::{self, FORMS, Form, class, mode, size_bits};
use crate::isa::{Pc, RawInsn, Size, Width, decode};
use crate::kernel::Feature;
use crate::object::Kind;
use crate::verifier::finding::{Group, ShapeFinding};

/// `call`.
pub(in crate::verifier) const CALL: u8 = opcode::CALL | class::JMP;
/// `exit`.
pub(in crate::verifier) const EXIT: u8 = opcode::EXIT | class::JMP;
/// `goto`.
pub(in crate::verifier) const GOTO: u8 = opcode::JA | class::JMP;
/// `gotol`.
pub(in crate::verifier) const GOTOL: u8 = opcode::JA | class::JMP32;
/// `may_goto`.
pub(in crate::verifier) const MAY_GOTO: u8 = opcode::JCOND | class::JMP;
/// `r1 = 1 ll`.
const IMM64: u8 = mode::IMM | size_bits(Size::Dw) | class::LD;

/// Source field of a call: a helper.
pub(in crate::verifier) const CALL_HELPER: u8 = 0;
/// A function of the program.
pub(in crate::verifier) const CALL_LOCAL: u8 = 1;
/// A kernel function.
pub(in crate::verifier) const CALL_KFUNC: u8 = 2;

/// Source field of a 64-bit immediate.
pub(in crate::verifier) mod source {
    pub const VALUE: u8 = 0;
    pub const MAP: u8 = 1;
    pub const MAP_VALUE: u8 = 2;
    pub const BTF: u8 = 3;
    pub const FUNC: u8 = 4;
    pub const MAP_IDX: u8 = 5;
    pub const MAP_IDX_VALUE: u8 = 6;
}

/// Whether the slot is the first of a 64-bit immediate.
pub(in crate::verifier) fn is_imm64(raw: &RawInsn) -> bool {
    raw.opcode == IMM64
}

/// The distance that a jump goes.
pub(super) fn jump_off(asked: &Asked<'_>, raw: &RawInsn) -> i32 {
    if raw.opcode == GOTOL && asked.has(Feature::CpuV4) { raw.imm } else { raw.off.into() }
}

/// Checks opcodes, 64-bit immediates and the maps that they name.
pub(super) fn check(asked: &Asked<'_>) -> Result<(), Found> {
    let mut used = Vec::new();
    let mut pc = 0;
    while let Some(raw) = asked.raw.get(pc) {
        let at = Some(Pc(pc as u32));
        let fail = |finding| (finding, at);
        check_load_store(asked, raw).map_err(fail)?;
        if is_imm64(raw) {
            check_imm64(asked, raw, asked.raw.get(pc + 1), &mut used).map_err(fail)?;
            pc += 2;
            continue;
        }
        if asked.has(Feature::OpcodesUpFront) && !is_known(asked, raw.opcode) {
            return Err(fail(ShapeFinding::UnknownOpcode { opcode: raw.opcode }));
        }
        pc += 1;
    }
    Ok(())
}

/// Loads and, in old kernels, stores have their modes and reserved fields checked here.
fn check_load_store(asked: &Asked<'_>, raw: &RawInsn) -> Result<(), ShapeFinding> {
    let mode = raw.opcode & 0xe0;
    let signed = mode == mode::MEMSX && asked.has(Feature::CpuV4);
    if raw.opcode & 7 == class::LDX && (mode != mode::MEM && !signed || raw.imm != 0) {
        return Err(ShapeFinding::Reserved(Group::Ldx));
    }
    let stores_too = !asked.has(Feature::AtomicFetch) && raw.opcode & 7 == class::STX;
    if stores_too && (!matches!(mode, mode::MEM | mode::ATOMIC) || raw.imm != 0) {
        return Err(ShapeFinding::Reserved(Group::Stx));
    }
    Ok(())
}

/// Whether this kernel has an instruction of that opcode.
pub(super) fn is_known(asked: &Asked<'_>, opcode: u8) -> bool {
    let Some(form) = FORMS[usize::from(opcode)] else { return false };
    let needs = match form {
        Form::GotoLong => Feature::CpuV4,
        Form::Jump { width: Width::W32, .. } => Feature::Jmp32,
        Form::Jump { .. } if matches!(opcode & 0xf0, 0xa0..=0xd0) => Feature::LessThanJumps,
        Form::Load { sign: true, .. } => Feature::CpuV4,
        Form::Endian { .. } if opcode & 7 == class::ALU64 => Feature::CpuV4,
        Form::MayGoto => Feature::MayGoto,
        Form::Atomic { size: Size::B | Size::H } => Feature::LoadAcquire,
        _ => return true,
    };
    asked.has(needs)
}

fn check_imm64(
    asked: &Asked<'_>,
    raw: &RawInsn,
    second: Option<&RawInsn>,
    used: &mut Vec<i32>,
) -> Result<(), ShapeFinding> {
    let second =
        second.filter(|s| s.opcode == 0 && s.dst == 0 && s.src == 0 && s.off == 0).ok_or(ShapeFinding::Imm64Second)?;
    let in_fd_array = asked.has(Feature::FdArray);
    match raw.src {
        source::VALUE => Ok(()),
        source::BTF if asked.has(Feature::BtfVariables) => check_variable(asked, raw.imm, second.imm),
        source::FUNC if asked.has(Feature::Callbacks) => Ok(()),
        source::MAP if second.imm == 0 => maps::use_map(asked, raw.imm, used).map(|_| ()),
        source::MAP_VALUE if asked.has(Feature::MapValueLoads) => {
            maps::check_map_value(maps::use_map(asked, raw.imm, used)?, second.imm as u32)
        }
        source::MAP_IDX if in_fd_array && second.imm == 0 => Err(ShapeFinding::NoFdArray),
        source::MAP_IDX_VALUE if in_fd_array => Err(ShapeFinding::NoFdArray),
        _ => Err(ShapeFinding::Imm64Source),
    }
}

/// Checks that a type's number is one of a variable or function of the kernel, as far as the kernel's types are known.
fn check_variable(asked: &Asked<'_>, id: i32, module: i32) -> Result<(), ShapeFinding> {
    /// Types at most, in any kernel.
    const MAX_TYPES: u32 = 0xf_ffff;
    if module != 0 {
        return Err(ShapeFinding::NoModule);
    }
    let Some(number) = u32::try_from(id).ok().filter(|&id| id <= MAX_TYPES) else {
        return Err(ShapeFinding::NoType { id });
    };
    match asked.kernel_btf {
        _ if number == 0 => Err(ShapeFinding::NoVariable { id }),
        None => Ok(()),
        Some(btf) => match btf.ty(number).map(|ty| ty.kind()) {
            Some(Kind::Var | Kind::Func) => Ok(()),
            Some(_) => Err(ShapeFinding::NoVariable { id }),
            None => Err(ShapeFinding::NoType { id }),
        },
    }
}

/// What every slot of a program of that many functions is. The up-front checks have passed.
pub(super) fn decode_all(asked: &Asked<'_>, functions: usize) -> Vec<Slot> {
    let known = flaw::Known { arena: asked.has_arena(), functions };
    let mut slots = Vec::with_capacity(asked.raw.len());
    while let Some(raw) = asked.raw.get(slots.len()) {
        let second = asked.raw.get(slots.len() + 1).copied().unwrap_or_default();
        slots.push(decode_one(asked, raw, &second, known));
        if is_imm64(raw) && slots.len() < asked.raw.len() {
            slots.push(Slot::Second);
        }
    }
    slots
}

fn decode_one(asked: &Asked<'_>, raw: &RawInsn, second: &RawInsn, known: flaw::Known) -> Slot {
    if let Some(flaw) = flaw::find(asked, raw, known) {
        return Slot::Bad(flaw);
    }
    match decode(&overlooked(raw, second), Pc(0)) {
        Ok((insn, _)) => Slot::Insn(insn),
        // Nothing comes here: what the decoder refuses is a flaw (see the tests).
        Err(_) => Slot::Bad(flaw::Flaw::now(ShapeFinding::UnknownOpcode { opcode: raw.opcode })),
    }
}

/// The instruction without what the kernel does not look at, though the decoder does: the offset of `exit`, the
/// upper half of a function's address.
fn overlooked(raw: &RawInsn, second: &RawInsn) -> [RawInsn; 2] {
    let (mut raw, mut second) = (*raw, *second);
    if raw.opcode == EXIT {
        raw.off = 0;
    }
    if is_imm64(&raw) && raw.src == source::FUNC {
        second.imm = 0;
    }
    [raw, second]
}
