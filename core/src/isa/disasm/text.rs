//! One instruction as text, spelled as llvm-objdump 19 spells it.
//!
//! Two spellings differ, because LLVM's lose what makes two instructions different: a call of a function of
//! this program is `call pc+0x5` (LLVM prints `call 0x5`, as for helper 5), and a call of a kernel function is
//! `call kfunc(0x5)` or, with a BTF fd, `call kfunc(0x5, 0x1)`.

use std::fmt::{self, Display};

use crate::isa::insn::{AluOp, AtomicOp, Call, Imm64, Insn, JmpOp, PacketMode, Size, Src, Swap, Width};
use crate::isa::opcode::{ALU_OPS, ATOMIC_OPS, JMP_OPS, SIZES};
use crate::isa::raw::Reg;

/// A number as LLVM prints it: hexadecimal, the sign in front.
struct Hex(i64);

impl Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{:#x}", self.0.unsigned_abs())
    }
}

/// An offset as LLVM prints it: always with a sign.
struct Offset(i64);

impl Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{:#x}", self.0.unsigned_abs())
    }
}

/// A register plus offset, `r1 + 0x50` or `r10 - 0x8`.
struct Address(Reg, i16);

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.1 < 0 { '-' } else { '+' };
        write!(f, "{} {sign} {:#x}", self.0, self.1.unsigned_abs())
    }
}

/// A register by the name that its width gives it.
struct Sized(Width, Reg);

impl Display for Sized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = if self.0 == Width::W32 { 'w' } else { 'r' };
        write!(f, "{letter}{}", self.1.index())
    }
}

/// The second operand.
struct Operand(Width, Src);

impl Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Src::Reg(reg) => Sized(self.0, reg).fmt(f),
            Src::Imm(imm) => Hex(imm.into()).fmt(f),
        }
    }
}

/// An instruction with a name in place of its number: see [`Insn::text`].
struct Named<'a> {
    insn: &'a Insn,
    name: Option<&'a str>,
}

impl Display for Insn {
    /// LLVM's spelling, numbers as they are: `r0 = *(u32 *)(r1 + 0x50)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Named { insn: self, name: None }.fmt(f)
    }
}

impl Insn {
    /// LLVM's spelling with `name` in place of the number that a name can stand for: the target of a jump
    /// (`goto out`), what is called (`call bpf_map_lookup_elem`), a 64-bit immediate (`r1 = counts ll`).
    /// Other instructions have no such number, and are the same as with `to_string`.
    pub fn text(&self, name: &str) -> String {
        Named { insn: self, name: Some(name) }.to_string()
    }
}

impl Named<'_> {
    fn target(&self, off: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => Offset(off).fmt(f),
        }
    }

    fn imm64(&self, dst: Reg, imm: Imm64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, imm) {
            (Some(name), _) => write!(f, "{dst} = {name} ll"),
            (None, Imm64::Value(value)) => write!(f, "{dst} = {} ll", Hex(value as i64)),
            (None, _) => {
                let (kind, low, high) = imm.parts();
                let both = u64::from(high as u32) << 32 | u64::from(low as u32);
                write!(f, "ld_pseudo {dst}, {kind:#x}, {}", Hex(both as i64))
            }
        }
    }

    fn call(&self, call: Call, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, call) {
            (Some(name), _) => write!(f, "call {name}"),
            (None, Call::Helper(id)) => write!(f, "call {}", Hex(id.into())),
            (None, Call::Local(off)) => write!(f, "call pc{}", Offset(off.into())),
            (None, Call::Kfunc { id, fd: 0 }) => write!(f, "call kfunc({})", Hex(id.into())),
            (None, Call::Kfunc { id, fd }) => {
                write!(f, "call kfunc({}, {})", Hex(id.into()), Hex(fd.into()))
            }
        }
    }
}

impl Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self.insn {
            Insn::Alu { width, op, dst, src } => {
                write!(f, "{} {} {}", Sized(width, dst), alu_text(op), Operand(width, src))
            }
            Insn::MovSx { width, from, dst, src } => {
                write!(f, "{} = ({}){}", Sized(width, dst), size_text(from, true), Sized(width, src))
            }
            Insn::AddrSpaceCast { dst, src, imm } => {
                write!(f, "{dst} = addr_space_cast({src}, {:#x}, {:#x})", imm as u32 >> 16, imm & 0xffff)
            }
            Insn::Neg { width, dst } => write!(f, "{0} = -{0}", Sized(width, dst)),
            Insn::Endian { swap, bits, dst } => {
                write!(f, "{dst} = {}{bits} {dst}", swap_text(swap))
            }
            Insn::LoadImm64 { dst, imm } => self.imm64(dst, imm, f),
            Insn::Load { size, sign, dst, base, off } => {
                write!(f, "{dst} = *({} *)({})", size_text(size, sign), Address(base, off))
            }
            Insn::Store { size, base, off, src } => {
                let value = Operand(Width::W64, src);
                write!(f, "*({} *)({}) = {value}", size_text(size, false), Address(base, off))
            }
            Insn::Atomic { size, op, base, off, src } => atomic(f, size, op, Address(base, off), src),
            Insn::LoadAcquire { size, dst, base, off } => {
                let dst = Sized(value_width(size), dst);
                write!(f, "{dst} = load_acquire(({} *)({}))", size_text(size, false), Address(base, off))
            }
            Insn::StoreRelease { size, base, off, src } => {
                let src = Sized(value_width(size), src);
                write!(f, "store_release(({} *)({}), {src})", size_text(size, false), Address(base, off))
            }
            Insn::LoadPacket { size, mode, imm } => packet(f, size, mode, imm),
            Insn::Jump { width, op, dst, src, off } => {
                write!(f, "if {} {} {} goto ", Sized(width, dst), jmp_text(op), Operand(width, src))?;
                self.target(off.into(), f)
            }
            Insn::Goto { off, long } => {
                f.write_str(if long { "gotol " } else { "goto " })?;
                self.target(off.into(), f)
            }
            Insn::MayGoto { off } => {
                f.write_str("may_goto ")?;
                self.target(off.into(), f)
            }
            Insn::Call(call) => self.call(call, f),
            Insn::Exit => f.write_str("exit"),
        }
    }
}

/// `lock *(u64 *)(r1 + 0x0) += r2`, `r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)`, `w0 = cmpxchg32_32(…)`.
fn atomic(f: &mut fmt::Formatter<'_>, size: Size, op: AtomicOp, at: Address, reg: Reg) -> fmt::Result {
    let text = ATOMIC_OPS.iter().find(|row| row.op == op).map_or("", |row| row.text);
    let (pointer, width) = (size_text(size, false), value_width(size));
    let (suffix, src) = (if size == Size::W { "32_32" } else { "_64" }, Sized(width, reg));
    match op {
        AtomicOp::Xchg => write!(f, "{src} = {text}{suffix}({at}, {src})"),
        AtomicOp::Cmpxchg => write!(f, "{0} = {text}{suffix}({at}, {0}, {src})", Sized(width, Reg::R0)),
        AtomicOp::Add { fetch } | AtomicOp::Or { fetch } | AtomicOp::And { fetch } | AtomicOp::Xor { fetch } => {
            // LLVM 19 has one pattern older than the 32-bit register names: `lock *(u32 *)(r1 + 0x0) += r2`.
            let plain = if op == (AtomicOp::Add { fetch: false }) { Width::W64 } else { width };
            let operand = Sized(plain, reg);
            if fetch {
                write!(f, "{src} = {text}(({pointer} *)({at}), {src})")
            } else {
                write!(f, "lock *({pointer} *)({at}) {text} {operand}")
            }
        }
    }
}

/// `r0 = *(u8 *)skb[0x17]`, `r0 = *(u16 *)skb[r3]`. LLVM has no spelling for a register and a number: `skb[r3 + 0x4]`.
fn packet(f: &mut fmt::Formatter<'_>, size: Size, mode: PacketMode, imm: i32) -> fmt::Result {
    let size = size_text(size, false);
    match mode {
        PacketMode::Abs => write!(f, "r0 = *({size} *)skb[{}]", Hex(imm.into())),
        PacketMode::Ind(src) if imm == 0 => write!(f, "r0 = *({size} *)skb[{src}]"),
        PacketMode::Ind(src) => {
            let sign = if imm < 0 { '-' } else { '+' };
            write!(f, "r0 = *({size} *)skb[{src} {sign} {:#x}]", imm.unsigned_abs())
        }
    }
}

fn value_width(size: Size) -> Width {
    if size == Size::Dw { Width::W64 } else { Width::W32 }
}

fn size_text(size: Size, sign: bool) -> &'static str {
    SIZES.iter().find(|row| row.1 == size).map_or("", |row| if sign { row.3 } else { row.2 })
}

fn alu_text(op: AluOp) -> &'static str {
    ALU_OPS.iter().find(|row| row.op == op).map_or("", |row| row.text)
}

fn jmp_text(op: JmpOp) -> &'static str {
    JMP_OPS.iter().find(|row| row.op == op).map_or("", |row| row.text)
}

fn swap_text(swap: Swap) -> &'static str {
    match swap {
        Swap::ToLe => "le",
        Swap::ToBe => "be",
        Swap::Bswap => "bswap",
    }
}
