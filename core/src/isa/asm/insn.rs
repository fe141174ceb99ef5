//! The grammar of instructions, in LLVM's syntax.
//!
//! Each function reads from where its name says, and returns the instruction with zero in place of a name's
//! number, plus the reference that [`super::resolve`] fills in.

use super::AsmError;
use super::cursor::{Cursor, Near, Read, Reference, Value};
use super::lex::Kind;
use crate::isa::insn::{AluOp, AtomicOp, Call, Imm64, Insn, JmpOp, PacketMode, Size, Src, Swap, Width};
use crate::isa::opcode::{ALU_OPS, ATOMIC_OPS, JMP_OPS};
use crate::isa::raw::Reg;
use crate::isa::spelling::register;

/// An instruction, and the name in it that is not resolved yet.
pub(super) type Parsed = (Insn, Option<Reference>);

/// Reads one instruction; `None` when the statement does not begin like one.
pub(super) fn instruction(c: &mut Cursor) -> Read<Option<Parsed>> {
    if let Some((dst, width)) = c.try_reg()? {
        return assignment(c, dst, width).map(Some);
    }
    let word = match c.peek().kind {
        Kind::Punct("*") => {
            c.next();
            return store(c).map(|insn| Some((insn, None)));
        }
        Kind::Name(name) => name.to_ascii_lowercase(),
        _ => return Ok(None),
    };
    let read: fn(&mut Cursor) -> Read<Parsed> = match word.as_str() {
        "if" => branch,
        "goto" => |c| jump(c, |off| Insn::Goto { off, long: false }, i16::MAX.into()),
        "gotol" => |c| jump(c, |off| Insn::Goto { off, long: true }, i32::MAX),
        "may_goto" => |c| jump(c, |off| Insn::MayGoto { off: off as i16 }, i16::MAX.into()),
        "call" => call,
        "exit" => |_| Ok((Insn::Exit, None)),
        "lock" => |c| locked(c).map(|insn| (insn, None)),
        "ld_pseudo" => |c| pseudo(c).map(|insn| (insn, None)),
        "store_release" => |c| store_release(c).map(|insn| (insn, None)),
        _ => return Ok(None),
    };
    c.next();
    read(c).map(Some)
}

/// After `r1`: an operator and the second operand, or one of the forms that follow `=`.
fn assignment(c: &mut Cursor, dst: Reg, width: Width) -> Read<Parsed> {
    let op = match c.peek().kind {
        Kind::Punct(punct) => ALU_OPS.iter().find(|row| row.text == punct).map(|row| row.op),
        _ => None,
    };
    let Some(op) = op else {
        return Err(c.expected("an assignment (`=`, `+=`, `<<=`, …)"));
    };
    c.next();
    if op == AluOp::Mov {
        return assigned(c, dst, width);
    }
    let src = operand(c, width)?;
    Ok((Insn::Alu { width, op, dst, src }, None))
}

/// A register of the same width, or a number.
fn operand(c: &mut Cursor, width: Width) -> Read<Src> {
    let token = c.peek();
    if let Some((reg, found)) = c.try_reg()? {
        if found == width {
            return Ok(Src::Reg(reg));
        }
        let (right, letter) = (reg.index(), if width == Width::W32 { 'w' } else { 'r' });
        let message = format!("both operands must be of one width: expected `{letter}{right}`");
        return Err(AsmError::new(token.span, message));
    }
    if c.at_number() {
        return Ok(Src::Imm(c.imm32()?));
    }
    Err(c.expected("a register or a number"))
}

/// After `r1 =`.
fn assigned(c: &mut Cursor, dst: Reg, width: Width) -> Read<Parsed> {
    let name = match c.peek().kind {
        Kind::Punct("*") => {
            c.next();
            return load(c, dst, width).map(|insn| (insn, None));
        }
        Kind::Punct("(") => {
            c.next();
            return extended(c, dst, width).map(|insn| (insn, None));
        }
        Kind::Punct("-") if matches!(c.peek_at(1).kind, Kind::Name(n) if register(n).is_some()) => {
            c.next();
            same(c, dst, width)?;
            return Ok((Insn::Neg { width, dst }, None));
        }
        Kind::Name(name) => name.to_ascii_lowercase(),
        _ => return number_or_name(c, dst, width),
    };
    if c.peek_at(1).kind == Kind::Punct("(") {
        return function(c, &name, dst, width).map(|insn| (insn, None));
    }
    if let Some((swap, bits)) = swap(&name) {
        c.next();
        same(c, dst, width)?;
        if width == Width::W32 {
            return Err(c.expected("a 64-bit register"));
        }
        return Ok((Insn::Endian { swap, bits, dst }, None));
    }
    if let Some((_, half)) = register(&name) {
        // clang writes a zero-extending move as `r1 = w2`; it is the move of 32 bits.
        let width = if half { Width::W32 } else { width };
        return Ok((Insn::Alu { width, op: AluOp::Mov, dst, src: operand(c, width)? }, None));
    }
    number_or_name(c, dst, width)
}

/// `r1 = 5`, `r1 = 5 ll`, `r1 = counts ll`.
fn number_or_name(c: &mut Cursor, dst: Reg, width: Width) -> Read<Parsed> {
    let start = c.peek();
    if let Some((_, _)) = c.try_reg()? {
        return Err(AsmError::new(start.span, "expected a register or a number here".to_owned()));
    }
    let expected = c.expected("a register, a number, a memory access, or a name followed by `ll`");
    match c.value("a register or a number").map_err(|e| if c.peek().span == start.span { expected } else { e })? {
        Value::Number(value, span) if c.take_word("ll") => {
            wide(dst, width, start.span)?;
            if !(i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) {
                return Err(AsmError::new(span, format!("{value} does not fit in 64 bits")));
            }
            Ok((Insn::LoadImm64 { dst, imm: Imm64::Value(value as u64) }, None))
        }
        Value::Number(value, span) => {
            if !(i128::from(i32::MIN)..=i128::from(u32::MAX)).contains(&value) {
                let message = format!("{value} does not fit in 32 bits: `{dst} = {value} ll` loads 64");
                return Err(AsmError::new(span, message));
            }
            let src = Src::Imm(value as i32);
            Ok((Insn::Alu { width, op: AluOp::Mov, dst, src }, None))
        }
        Value::Name(reference) => {
            if !c.take_word("ll") {
                return Err(c.expected("`ll` (the address of a name is 64 bits)"));
            }
            wide(dst, width, start.span)?;
            Ok((Insn::LoadImm64 { dst, imm: Imm64::Value(0) }, Some(reference)))
        }
    }
}

fn wide(dst: Reg, width: Width, span: super::Span) -> Read<()> {
    if width == Width::W64 {
        return Ok(());
    }
    Err(AsmError::new(span, format!("`ll` loads 64 bits: expected `{dst}` on the left")))
}

/// The destination once more, as `r1 = -r1` and `r1 = be16 r1` need it.
fn same(c: &mut Cursor, dst: Reg, width: Width) -> Read<()> {
    let span = c.peek().span;
    if c.reg("a register")? == (dst, width) {
        return Ok(());
    }
    let letter = if width == Width::W32 { 'w' } else { 'r' };
    let message = format!("expected `{letter}{}`, the register that is assigned", dst.index());
    Err(AsmError::new(span, message))
}

fn swap(name: &str) -> Option<(Swap, u8)> {
    let (swap, bits) = [("le", Swap::ToLe), ("be", Swap::ToBe), ("bswap", Swap::Bswap)]
        .into_iter()
        .find_map(|(prefix, swap)| Some((swap, name.strip_prefix(prefix)?)))?;
    let bits = match bits {
        "16" => 16,
        "32" => 32,
        "64" => 64,
        _ => return None,
    };
    Some((swap, bits))
}

/// After `r1 = (`: a sign-extending move, `s8)r2`.
fn extended(c: &mut Cursor, dst: Reg, width: Width) -> Read<Insn> {
    let from = match c.peek().kind {
        Kind::Name("s8") => Size::B,
        Kind::Name("s16") => Size::H,
        Kind::Name("s32") if width == Width::W64 => Size::W,
        _ => {
            return Err(c.expected(if width == Width::W64 { "`s8`, `s16` or `s32`" } else { "`s8` or `s16`" }));
        }
    };
    c.next();
    c.expect(")")?;
    match operand(c, width)? {
        Src::Reg(src) => Ok(Insn::MovSx { width, from, dst, src }),
        Src::Imm(_) => Err(c.expected("a register before the end")),
    }
}

/// After `r1 = *`: `(u32 *)(r2 + 0x0)` or `(u8 *)skb[0x17]`.
fn load(c: &mut Cursor, dst: Reg, width: Width) -> Read<Insn> {
    c.expect("(")?;
    let cast = c.peek();
    let (size, sign) = c.pointer()?;
    if sign && size == Size::Dw {
        return Err(AsmError::new(cast.span, "64 bits need no sign extension: expected `u64`".to_owned()));
    }
    if c.take_word("skb") {
        if sign || size == Size::Dw {
            return Err(AsmError::new(cast.span, "packet loads are of `u8`, `u16` or `u32`".to_owned()));
        }
        if (dst, width) != (Reg::R0, Width::W64) {
            return Err(AsmError::new(cast.span, "a packet load's result goes to `r0`".to_owned()));
        }
        return packet(c, size);
    }
    if width == Width::W32 && (sign || size == Size::Dw) {
        return Err(AsmError::new(cast.span, format!("this load fills 64 bits: expected `{dst}` on the left")));
    }
    let (base, off) = c.address()?;
    Ok(Insn::Load { size, sign, dst, base, off })
}

/// After `skb`: `[0x17]`, `[r3]` or `[r3 + 0x4]`.
fn packet(c: &mut Cursor, size: Size) -> Read<Insn> {
    c.expect("[")?;
    let mut mode = PacketMode::Abs;
    let imm = if let Some((reg, _)) = c.try_reg()? {
        mode = PacketMode::Ind(reg);
        let (imm, span) = c.signed_rest()?;
        i32::try_from(imm).map_err(|_| AsmError::new(span, format!("{imm} does not fit in 32 bits")))?
    } else if c.at_number() {
        c.imm32()?
    } else {
        return Err(c.expected("a number or a register"));
    };
    c.expect("]")?;
    Ok(Insn::LoadPacket { size, mode, imm })
}

fn value_width(size: Size) -> Width {
    if size == Size::Dw { Width::W64 } else { Width::W32 }
}

/// `((u64 *)(r1 + 0x0)`: the first argument of the atomic functions, opening bracket included.
fn pointed(c: &mut Cursor) -> Read<(Size, Reg, i16)> {
    c.expect("(")?;
    c.expect("(")?;
    let cast = c.peek();
    let (size, sign) = c.pointer()?;
    if sign {
        return Err(AsmError::new(cast.span, "atomic accesses are unsigned (`u32`, `u64`)".to_owned()));
    }
    let (base, off) = c.address()?;
    Ok((size, base, off))
}

fn atomic_size(c: &Cursor, size: Size) -> Read<()> {
    if size.bytes() >= 4 { Ok(()) } else { Err(c.expected("an atomic operation of `u32` or `u64`")) }
}

/// After `r1 =`: the forms that look like functions.
fn function(c: &mut Cursor, name: &str, dst: Reg, width: Width) -> Read<Insn> {
    let fetch = ATOMIC_OPS.iter().find(|row| row.text == name && name.starts_with("atomic"));
    let token = c.peek();
    if let Some(row) = fetch {
        c.next();
        let (size, base, off) = pointed(c)?;
        atomic_size(c, size)?;
        c.expect(",")?;
        let src = result_and_operand(c, size, dst, width)?;
        return Ok(Insn::Atomic { size, op: row.op, base, off, src });
    }
    match name {
        "xchg_64" | "xchg32_32" | "xchg_32" => {
            c.next();
            exchange(c, if name == "xchg_64" { Size::Dw } else { Size::W }, dst, width)
        }
        "cmpxchg_64" | "cmpxchg32_32" | "cmpxchg_32" => {
            c.next();
            compare_exchange(c, if name == "cmpxchg_64" { Size::Dw } else { Size::W }, dst, width)
        }
        "load_acquire" => {
            c.next();
            let (size, base, off) = pointed(c)?;
            c.expect(")")?;
            if width != value_width(size) && width == Width::W32 {
                return Err(AsmError::new(token.span, format!("64 bits are loaded: expected `{dst}` on the left")));
            }
            Ok(Insn::LoadAcquire { size, dst, base, off })
        }
        "addr_space_cast" => {
            c.next();
            address_space(c, dst, width)
        }
        _ => Err(c.expected("an atomic operation or `addr_space_cast`")),
    }
}

/// After the comma of `r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)`: the operand, which takes the result.
fn result_and_operand(c: &mut Cursor, size: Size, dst: Reg, width: Width) -> Read<Reg> {
    let span = c.peek().span;
    let src = c.value_reg(value_width(size))?;
    if src != dst || (width == Width::W32 && size == Size::Dw) {
        let message = format!("the operand takes the result: expected `{dst}` on both sides");
        return Err(AsmError::new(span, message));
    }
    c.expect(")")?;
    Ok(src)
}

/// After `r2 = xchg_64`: `(r1 + 0x0, r2)`.
fn exchange(c: &mut Cursor, size: Size, dst: Reg, width: Width) -> Read<Insn> {
    c.expect("(")?;
    let (base, off) = c.offset_reg()?;
    c.expect(",")?;
    let src = result_and_operand(c, size, dst, width)?;
    Ok(Insn::Atomic { size, op: AtomicOp::Xchg, base, off, src })
}

/// After `r0 = cmpxchg_64`: `(r1 + 0x0, r0, r2)`.
fn compare_exchange(c: &mut Cursor, size: Size, dst: Reg, width: Width) -> Read<Insn> {
    c.expect("(")?;
    let (base, off) = c.offset_reg()?;
    c.expect(",")?;
    let span = c.peek().span;
    let expected = c.value_reg(value_width(size))?;
    if expected != Reg::R0 || dst != Reg::R0 || (width == Width::W32 && size == Size::Dw) {
        return Err(AsmError::new(span, "cmpxchg compares with `r0`, which takes the result".to_owned()));
    }
    c.expect(",")?;
    let src = c.value_reg(value_width(size))?;
    c.expect(")")?;
    Ok(Insn::Atomic { size, op: AtomicOp::Cmpxchg, base, off, src })
}

/// After `r1 = addr_space_cast`: `(r2, 0x0, 0x1)`, destination space before source space.
fn address_space(c: &mut Cursor, dst: Reg, width: Width) -> Read<Insn> {
    if width == Width::W32 {
        return Err(c.expected("a 64-bit register on the left"));
    }
    c.expect("(")?;
    let src = c.reg64()?;
    c.expect(",")?;
    let to = c.bounded(0, 0xffff, "16 bits")?;
    c.expect(",")?;
    let from = c.bounded(0, 0xffff, "16 bits")?;
    c.expect(")")?;
    Ok(Insn::AddrSpaceCast { dst, src, imm: (to << 16 | from) as u32 as i32 })
}

/// After `*`: `(u8 *)(r1 + 0x0) = r2`.
fn store(c: &mut Cursor) -> Read<Insn> {
    c.expect("(")?;
    let cast = c.peek();
    let (size, sign) = c.pointer()?;
    if sign {
        return Err(AsmError::new(cast.span, "stores are unsigned (`u8` to `u64`)".to_owned()));
    }
    let (base, off) = c.address()?;
    c.expect("=")?;
    let value = c.peek();
    let src = match c.try_reg()? {
        Some((reg, width)) if width == Width::W64 || size != Size::Dw => Src::Reg(reg),
        Some((reg, _)) => {
            return Err(AsmError::new(value.span, format!("64 bits are stored: expected `{reg}`")));
        }
        None if c.at_number() => Src::Imm(c.imm32()?),
        None => return Err(c.expected("a register or a number")),
    };
    Ok(Insn::Store { size, base, off, src })
}

/// After `lock`: `*(u64 *)(r1 + 0x0) += r2`.
fn locked(c: &mut Cursor) -> Read<Insn> {
    c.expect("*")?;
    c.expect("(")?;
    let (size, _) = c.pointer()?;
    atomic_size(c, size)?;
    let (base, off) = c.address()?;
    let row = match c.peek().kind {
        Kind::Punct(punct) => ATOMIC_OPS.iter().find(|row| row.text == punct),
        _ => None,
    };
    let row = row.ok_or_else(|| c.expected("`+=`, `|=`, `&=` or `^=`"))?;
    c.next();
    let src = c.value_reg(value_width(size))?;
    Ok(Insn::Atomic { size, op: row.op, base, off, src })
}

/// After `store_release`: `((u64 *)(r1 + 0x0), r2)`.
fn store_release(c: &mut Cursor) -> Read<Insn> {
    let (size, base, off) = pointed(c)?;
    c.expect(",")?;
    let src = c.value_reg(value_width(size))?;
    c.expect(")")?;
    Ok(Insn::StoreRelease { size, base, off, src })
}

/// After `if`: `r1 == 0x5 goto label`.
fn branch(c: &mut Cursor) -> Read<Parsed> {
    let (dst, width) = c.reg("a register")?;
    let op = match c.peek().kind {
        Kind::Punct(punct) => JMP_OPS.iter().find(|row| row.text == punct).map(|row| row.op),
        _ => None,
    };
    let op: JmpOp = op.ok_or_else(|| c.expected("a comparison (`==`, `!=`, `>`, `s<`, `&`, …)"))?;
    c.next();
    let src = operand(c, width)?;
    if !c.take_word("goto") {
        return Err(c.expected("`goto`"));
    }
    jump(c, |off| Insn::Jump { width, op, dst, src, off: off as i16 }, i16::MAX.into())
}

/// After `goto`: a label, `+5`, `-0x3`, or the kernel's `pc+5`.
fn jump(c: &mut Cursor, make: impl Fn(i32) -> Insn, most: i32) -> Read<Parsed> {
    if c.peek().text == "pc" && matches!(c.peek_at(1).kind, Kind::Punct("+" | "-")) {
        c.next();
    }
    match c.value("a label or an offset (`+5`)")? {
        Value::Number(off, span) => {
            if off < -i128::from(most) - 1 || off > most.into() {
                return Err(AsmError::new(span, format!("this jump reaches {most} slots, not {off}")));
            }
            Ok((make(off as i32), None))
        }
        Value::Name(reference) => Ok((make(0), Some(reference))),
    }
}

/// After `call`: a helper's number or name, a function's name, `pc+5`, `kfunc(id)` or `kfunc(id, fd)`.
fn call(c: &mut Cursor) -> Read<Parsed> {
    let next = c.peek_at(1).kind.clone();
    if c.peek().text == "pc" && matches!(next, Kind::Punct("+" | "-")) {
        c.next();
        return Ok((Insn::Call(Call::Local(c.imm32()?)), None));
    }
    if c.peek().text == "kfunc" && next == Kind::Punct("(") {
        c.next();
        c.next();
        let id = c.imm32()?;
        let fd = if c.take(",") { c.bounded(i16::MIN.into(), i16::MAX.into(), "16 bits")? } else { 0 };
        c.expect(")")?;
        return Ok((Insn::Call(Call::Kfunc { id, fd: fd as i16 }), None));
    }
    if c.at_number() {
        return Ok((Insn::Call(Call::Helper(c.imm32()?)), None));
    }
    match c.value("a function's name or a helper's number")? {
        Value::Name(reference @ Reference { addend: 0, target: Near::Name(_), .. }) => {
            Ok((Insn::Call(Call::Local(0)), Some(reference)))
        }
        Value::Name(reference) => Err(AsmError::new(reference.span, "expected a function's name".to_owned())),
        Value::Number(_, span) => Err(AsmError::new(span, "expected a function's name".to_owned())),
    }
}

/// After `ld_pseudo`: `r1, 0x1, 0x5`: register, kind (1 to 6), both immediates as one number.
fn pseudo(c: &mut Cursor) -> Read<Insn> {
    let dst = c.reg64()?;
    c.expect(",")?;
    let kind_span = c.peek().span;
    let kind = c.bounded(0, 15, "4 bits")?;
    c.expect(",")?;
    let span = c.peek().span;
    let both = c.bounded(i64::MIN.into(), u64::MAX.into(), "64 bits")? as u64;
    let (low, high) = (both as i32, (both >> 32) as i32);
    let imm = match kind {
        0 => Imm64::Value(both),
        2 => Imm64::MapValue { map: low, off: high },
        3 => Imm64::Btf { id: low, fd: high },
        6 => Imm64::MapIdxValue { map: low, off: high },
        1 | 4 | 5 if high != 0 => {
            return Err(AsmError::new(span, format!("kind {kind} takes a number of 32 bits")));
        }
        1 => Imm64::Map(low),
        4 => Imm64::Func(low),
        5 => Imm64::MapIdx(low),
        _ => {
            return Err(AsmError::new(kind_span, "expected a kind from 0 to 6".to_owned()));
        }
    };
    Ok(Insn::LoadImm64 { dst, imm })
}
