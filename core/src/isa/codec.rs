//! Slots to instructions and back (RFC 9669 §3).
//!
//! Decoding is strict: a reserved field that is not zero is an error, so that nothing is lost and
//! `encode(decode(raw)) == raw` for every slot that is accepted. The kernel is as strict, but for one field:
//! it does not look at the offset of `exit`.

use std::fmt;

use super::insn::{AluOp, AtomicOp, Call, Imm64, Insn, JmpOp, PacketMode, Size, Src, Swap, Width};
use super::opcode::{self, ALU_OPS, ATOMIC_OPS, FORMS, Form, JMP_OPS, Use, X, class, mode};
use super::raw::{Pc, RawInsn, Reg};

/// A field of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of `RawInsn`")]
pub enum Field {
    Opcode,
    Dst,
    Src,
    Off,
    Imm,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Opcode => "opcode",
            Field::Dst => "dst_reg",
            Field::Src => "src_reg",
            Field::Off => "off",
            Field::Imm => "imm",
        })
    }
}

/// A slot that is no instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[error("instruction {pc}: opcode {opcode:#04x}: {flaw}")]
pub struct DecodeError {
    /// Where the instruction starts.
    pub pc: Pc,
    /// Its opcode.
    pub opcode: u8,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Flaw {
    /// No instruction has this opcode.
    #[error("no such instruction")]
    Opcode,
    /// There is no slot at all: the program ends before.
    #[error("the program has ended")]
    End,
    /// A register number above 10.
    #[error("{field} is {number}, registers end at 10")]
    Register {
        /// `Dst` or `Src`.
        field: Field,
        /// The number found.
        number: u8,
    },
    /// A field that this instruction does not use is not zero.
    #[error("reserved field {field} is {value}, not 0")]
    Reserved {
        /// Which field.
        field: Field,
        /// The value found.
        value: i32,
    },
    /// A field has a value without a meaning for this instruction.
    #[error("{field} {value:#x} means nothing here")]
    Value {
        /// Which field.
        field: Field,
        /// The value found.
        value: i32,
    },
    /// A 64-bit immediate without its second slot.
    #[error("the second slot of the 64-bit immediate is missing")]
    SecondMissing,
    /// A field other than the immediate is set in the second slot of a 64-bit immediate.
    #[error("in the second slot, reserved field {field} is {value}, not 0")]
    Second {
        /// Which field.
        field: Field,
        /// The value found.
        value: i32,
    },
}

/// The slots of an instruction: one, or two for a 64-bit immediate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encoded {
    slots: [RawInsn; 2],
    len: usize,
}

impl Encoded {
    /// The slots.
    pub fn slots(&self) -> &[RawInsn] {
        &self.slots[..self.len]
    }

    fn one(slot: RawInsn) -> Encoded {
        Encoded { slots: [slot, RawInsn::default()], len: 1 }
    }
}

/// Reads the instruction at `pc` of the program `slots`; also tells how many slots it takes, 1 or 2.
///
/// # Errors
/// What is wrong, when the slots there are no instruction of RFC 9669 or of a kernel up to 6.18.
pub fn decode(slots: &[RawInsn], pc: Pc) -> Result<(Insn, u32), DecodeError> {
    let rest = slots.get(pc.index()..).unwrap_or(&[]);
    let Some(raw) = rest.first() else {
        return Err(DecodeError { pc, opcode: 0, flaw: Flaw::End });
    };
    let fail = |flaw| DecodeError { pc, opcode: raw.opcode, flaw };
    let form = FORMS[usize::from(raw.opcode)].ok_or(fail(Flaw::Opcode))?;
    check_uses(form, raw).map_err(fail)?;
    if form == Form::LoadImm64 {
        let imm = decode_imm64(raw, rest.get(1)).map_err(fail)?;
        return Ok((Insn::LoadImm64 { dst: reg(raw.dst), imm }, 2));
    }
    decode_form(form, raw).map(|insn| (insn, 1)).map_err(fail)
}

fn check_uses(form: Form, raw: &RawInsn) -> Result<(), Flaw> {
    let fields = [
        (Field::Dst, i32::from(raw.dst)),
        (Field::Src, i32::from(raw.src)),
        (Field::Off, i32::from(raw.off)),
        (Field::Imm, raw.imm),
    ];
    for (used, (field, value)) in form.uses().into_iter().zip(fields) {
        match used {
            Use::Zero if value != 0 => return Err(Flaw::Reserved { field, value }),
            Use::Reg if value > 10 => {
                return Err(Flaw::Register { field, number: value as u8 });
            }
            _ => {}
        }
    }
    Ok(())
}

/// A register number that [`check_uses`] has passed.
fn reg(number: u8) -> Reg {
    Reg::new(number).unwrap_or(Reg::R0)
}

fn decode_form(form: Form, raw: &RawInsn) -> Result<Insn, Flaw> {
    let &RawInsn { off, imm, .. } = raw;
    let (dst, src) = (reg(raw.dst), reg(raw.src));
    let operand = |is_reg| if is_reg { Src::Reg(src) } else { Src::Imm(imm) };
    Ok(match form {
        Form::Alu { width, code, reg } => {
            let row = ALU_OPS.iter().find(|row| row.code == code && row.off == off);
            let op = row.ok_or(Flaw::Value { field: Field::Off, value: off.into() })?.op;
            Insn::Alu { width, op, dst, src: operand(reg) }
        }
        Form::MovReg { width } => decode_mov(width, raw)?,
        Form::Neg { width } => Insn::Neg { width, dst },
        Form::Endian { swap } => match imm {
            16 | 32 | 64 => Insn::Endian { swap, bits: imm as u8, dst },
            value => {
                return Err(Flaw::Value { field: Field::Imm, value });
            }
        },
        Form::LoadImm64 => return Err(Flaw::SecondMissing),
        Form::LoadPacket { size, indirect } => {
            let mode = if indirect { PacketMode::Ind(src) } else { PacketMode::Abs };
            Insn::LoadPacket { size, mode, imm }
        }
        Form::Load { size, sign } => Insn::Load { size, sign, dst, base: src, off },
        Form::Store { size, reg } => Insn::Store { size, base: dst, off, src: operand(reg) },
        Form::Atomic { size } => decode_atomic(size, raw)?,
        Form::Jump { width, op, reg } => Insn::Jump { width, op, dst, src: operand(reg), off },
        Form::Goto => Insn::Goto { off: off.into(), long: false },
        Form::GotoLong => Insn::Goto { off: imm, long: true },
        Form::MayGoto => Insn::MayGoto { off },
        Form::Call => decode_call(raw)?,
        Form::Exit => Insn::Exit,
    })
}

/// Register moves: the offset says how many bits are sign-extended; 1 is a change of address space.
fn decode_mov(width: Width, raw: &RawInsn) -> Result<Insn, Flaw> {
    let (dst, src) = (reg(raw.dst), reg(raw.src));
    if (width, raw.off) == (Width::W64, 1) {
        return Ok(Insn::AddrSpaceCast { dst, src, imm: raw.imm });
    }
    if raw.imm != 0 {
        return Err(Flaw::Reserved { field: Field::Imm, value: raw.imm });
    }
    let from = match (raw.off, width) {
        (0, _) => {
            return Ok(Insn::Alu { width, op: AluOp::Mov, dst, src: Src::Reg(src) });
        }
        (8, _) => Size::B,
        (16, _) => Size::H,
        (32, Width::W64) => Size::W,
        (off, _) => {
            return Err(Flaw::Value { field: Field::Off, value: off.into() });
        }
    };
    Ok(Insn::MovSx { width, from, dst, src })
}

fn decode_atomic(size: Size, raw: &RawInsn) -> Result<Insn, Flaw> {
    let (dst, src, off) = (reg(raw.dst), reg(raw.src), raw.off);
    match raw.imm {
        opcode::LOAD_ACQUIRE => {
            return Ok(Insn::LoadAcquire { size, dst, base: src, off });
        }
        opcode::STORE_RELEASE => {
            return Ok(Insn::StoreRelease { size, base: dst, off, src });
        }
        _ if size.bytes() < 4 => {}
        imm => {
            if let Some(row) = ATOMIC_OPS.iter().find(|row| row.imm == imm) {
                return Ok(Insn::Atomic { size, op: row.op, base: dst, off, src });
            }
        }
    }
    Err(Flaw::Value { field: Field::Imm, value: raw.imm })
}

/// Calls, by the source field (RFC 9669 §4.3.1): 0 helper, 1 function of the program, 2 kernel function.
fn decode_call(raw: &RawInsn) -> Result<Insn, Flaw> {
    let call = match raw.src {
        0 => Call::Helper(raw.imm),
        1 => Call::Local(raw.imm),
        2 => {
            return Ok(Insn::Call(Call::Kfunc { id: raw.imm, fd: raw.off }));
        }
        src => {
            return Err(Flaw::Value { field: Field::Src, value: src.into() });
        }
    };
    if raw.off != 0 {
        return Err(Flaw::Reserved { field: Field::Off, value: raw.off.into() });
    }
    Ok(Insn::Call(call))
}

fn decode_imm64(first: &RawInsn, second: Option<&RawInsn>) -> Result<Imm64, Flaw> {
    let second = second.ok_or(Flaw::SecondMissing)?;
    let reserved = [
        (Field::Opcode, i32::from(second.opcode)),
        (Field::Dst, second.dst.into()),
        (Field::Src, second.src.into()),
        (Field::Off, second.off.into()),
    ];
    if let Some((field, value)) = reserved.into_iter().find(|(_, value)| *value != 0) {
        return Err(Flaw::Second { field, value });
    }
    let (low, high) = (first.imm, second.imm);
    let imm = match first.src {
        0 => {
            return Ok(Imm64::Value(u64::from(high as u32) << 32 | u64::from(low as u32)));
        }
        1 => Imm64::Map(low),
        2 => {
            return Ok(Imm64::MapValue { map: low, off: high });
        }
        3 => return Ok(Imm64::Btf { id: low, fd: high }),
        4 => Imm64::Func(low),
        5 => Imm64::MapIdx(low),
        6 => {
            return Ok(Imm64::MapIdxValue { map: low, off: high });
        }
        src => {
            return Err(Flaw::Value { field: Field::Src, value: src.into() });
        }
    };
    if high != 0 {
        return Err(Flaw::Second { field: Field::Imm, value: high });
    }
    Ok(imm)
}

impl Imm64 {
    /// The source field and the two immediates that stand for it.
    pub(crate) fn parts(self) -> (u8, i32, i32) {
        match self {
            Imm64::Value(value) => (0, value as i32, (value >> 32) as i32),
            Imm64::Map(map) => (1, map, 0),
            Imm64::MapValue { map, off } => (2, map, off),
            Imm64::Btf { id, fd } => (3, id, fd),
            Imm64::Func(func) => (4, func, 0),
            Imm64::MapIdx(map) => (5, map, 0),
            Imm64::MapIdxValue { map, off } => (6, map, off),
        }
    }
}

impl Insn {
    /// How many slots the instruction takes: 2 for a 64-bit immediate, else 1.
    pub fn slots(&self) -> u32 {
        if matches!(self, Insn::LoadImm64 { .. }) { 2 } else { 1 }
    }

    /// The slots of this instruction.
    ///
    /// Values that no instruction has (a sign-extending load of 8 bytes, a byte swap of 7 bits, a short `goto`
    /// further than 16 bits) give slots that [`decode`] does not take.
    pub fn encode(&self) -> Encoded {
        let n = |reg: Reg| reg.index() as u8;
        let (dst, src, off, imm) = match *self {
            Insn::LoadImm64 { dst, imm } => return encode_imm64(n(dst), imm),
            Insn::Alu { op, dst, src, .. } => with_src(n(dst), alu_off(op), src),
            Insn::MovSx { from, dst, src, .. } => (n(dst), n(src), from.bytes() as i16 * 8, 0),
            Insn::AddrSpaceCast { dst, src, imm } => (n(dst), n(src), 1, imm),
            Insn::Neg { dst, .. } => (n(dst), 0, 0, 0),
            Insn::Endian { bits, dst, .. } => (n(dst), 0, 0, bits.into()),
            Insn::Load { dst, base, off, .. } => (n(dst), n(base), off, 0),
            Insn::Store { base, off, src, .. } => with_src(n(base), off, src),
            Insn::Atomic { op, base, off, src, .. } => (n(base), n(src), off, atomic_imm(op)),
            Insn::LoadAcquire { dst, base, off, .. } => (n(dst), n(base), off, opcode::LOAD_ACQUIRE),
            Insn::StoreRelease { base, off, src, .. } => (n(base), n(src), off, opcode::STORE_RELEASE),
            Insn::LoadPacket { mode: PacketMode::Abs, imm, .. } => (0, 0, 0, imm),
            Insn::LoadPacket { mode: PacketMode::Ind(src), imm, .. } => (0, n(src), 0, imm),
            Insn::Jump { dst, src, off, .. } => with_src(n(dst), off, src),
            Insn::Goto { off, long: true } => (0, 0, 0, off),
            Insn::Goto { off, long: false } => (0, 0, off as i16, 0),
            Insn::MayGoto { off } => (0, 0, off, 0),
            Insn::Call(Call::Helper(id)) => (0, 0, 0, id),
            Insn::Call(Call::Local(off)) => (0, 1, 0, off),
            Insn::Call(Call::Kfunc { id, fd }) => (0, 2, fd, id),
            Insn::Exit => (0, 0, 0, 0),
        };
        Encoded::one(RawInsn { opcode: self.opcode(), dst, src, off, imm })
    }

    /// The opcode byte of the first slot.
    pub fn opcode(&self) -> u8 {
        let x = |src| if matches!(src, Src::Reg(_)) { X } else { 0 };
        match *self {
            Insn::Alu { width, op, src, .. } => alu_code(op) | x(src) | opcode::alu_class(width),
            Insn::MovSx { width, .. } => alu_code(AluOp::Mov) | X | opcode::alu_class(width),
            Insn::AddrSpaceCast { .. } => alu_code(AluOp::Mov) | X | class::ALU64,
            Insn::Neg { width, .. } => opcode::NEG | opcode::alu_class(width),
            Insn::Endian { swap: Swap::ToLe, .. } => opcode::END | class::ALU,
            Insn::Endian { swap: Swap::ToBe, .. } => opcode::END | X | class::ALU,
            Insn::Endian { swap: Swap::Bswap, .. } => opcode::END | class::ALU64,
            Insn::LoadImm64 { .. } => mode::IMM | opcode::size_bits(Size::Dw) | class::LD,
            Insn::Load { size, sign, .. } => {
                let mode = if sign { mode::MEMSX } else { mode::MEM };
                mode | opcode::size_bits(size) | class::LDX
            }
            Insn::Store { size, src: Src::Imm(_), .. } => mode::MEM | opcode::size_bits(size) | class::ST,
            Insn::Store { size, src: Src::Reg(_), .. } => mode::MEM | opcode::size_bits(size) | class::STX,
            Insn::Atomic { size, .. } | Insn::LoadAcquire { size, .. } | Insn::StoreRelease { size, .. } => {
                mode::ATOMIC | opcode::size_bits(size) | class::STX
            }
            Insn::LoadPacket { size, mode: PacketMode::Abs, .. } => mode::ABS | opcode::size_bits(size) | class::LD,
            Insn::LoadPacket { size, mode: PacketMode::Ind(_), .. } => mode::IND | opcode::size_bits(size) | class::LD,
            Insn::Jump { width, op, src, .. } => jmp_code(op) | x(src) | opcode::jmp_class(width),
            Insn::Goto { long: true, .. } => opcode::JA | class::JMP32,
            Insn::Goto { long: false, .. } => opcode::JA | class::JMP,
            Insn::MayGoto { .. } => opcode::JCOND | class::JMP,
            Insn::Call(_) => opcode::CALL | class::JMP,
            Insn::Exit => opcode::EXIT | class::JMP,
        }
    }
}

fn with_src(dst: u8, off: i16, src: Src) -> (u8, u8, i16, i32) {
    match src {
        Src::Reg(reg) => (dst, reg.index() as u8, off, 0),
        Src::Imm(imm) => (dst, 0, off, imm),
    }
}

fn encode_imm64(dst: u8, imm: Imm64) -> Encoded {
    let (src, low, high) = imm.parts();
    let opcode = mode::IMM | opcode::size_bits(Size::Dw) | class::LD;
    let first = RawInsn { opcode, dst, src, off: 0, imm: low };
    Encoded { slots: [first, RawInsn { imm: high, ..RawInsn::default() }], len: 2 }
}

// Every operation has its row; the fall-back of the look-ups below is never taken (tested).

fn alu_code(op: AluOp) -> u8 {
    ALU_OPS.iter().find(|row| row.op == op).map_or(0, |row| row.code)
}

fn alu_off(op: AluOp) -> i16 {
    ALU_OPS.iter().find(|row| row.op == op).map_or(0, |row| row.off)
}

fn jmp_code(op: JmpOp) -> u8 {
    JMP_OPS.iter().find(|row| row.op == op).map_or(0, |row| row.code)
}

fn atomic_imm(op: AtomicOp) -> i32 {
    ATOMIC_OPS.iter().find(|row| row.op == op).map_or(0, |row| row.imm)
}
