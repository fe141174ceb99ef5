//! Writing instructions in each form.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::Form;
use crate::classic::{AluOp, Cond, Insn, Op, Source};
use crate::isa::Size;

impl Form {
    /// The text of a program in this form, a line an instruction. Instructions that mean nothing are written as they are
    /// in [`Form::Array`] and [`Form::Numbers`], else as words that say so.
    pub fn write(self, insns: &[Insn]) -> String {
        let mut text = String::new();
        let done = match self {
            Form::Tcpdump => tcpdump(&mut text, insns),
            Form::Array => {
                insns.iter().try_for_each(|i| writeln!(text, "{{ {:#x}, {}, {}, {:#010x} }},", i.code, i.jt, i.jf, i.k))
            }
            Form::Numbers => writeln!(text, "{}", insns.len())
                .and_then(|()| insns.iter().try_for_each(|i| writeln!(text, "{} {} {} {}", i.code, i.jt, i.jf, i.k))),
            Form::Asm => asm(&mut text, insns),
        };
        done.expect("a string takes everything");
        text
    }
}

fn tcpdump(out: &mut String, insns: &[Insn]) -> fmt::Result {
    for (pc, insn) in insns.iter().enumerate() {
        let (mnemonic, operand) = match insn.op() {
            Some(Op::Jump(k)) => ("ja", (pc as u64 + 1 + u64::from(k)).to_string()),
            Some(Op::ReturnA) => ("ret", String::new()),
            Some(op) => words(*insn, op),
            None => ("unimp", format!("{:#x}", insn.code)),
        };
        let start = format!("({pc:03}) {mnemonic:8} ");
        match insn.op() {
            Some(Op::JumpIf(_, _, jt, jf)) => {
                let to = |skip: u8| pc + 1 + usize::from(skip);
                writeln!(out, "{start}{operand:16} jt {}\tjf {}", to(jt), to(jf))?;
            }
            _ => writeln!(out, "{}", format!("{start}{operand}").trim_end())?,
        }
    }
    Ok(())
}

fn asm(out: &mut String, insns: &[Insn]) -> fmt::Result {
    let mut targets = BTreeSet::new();
    for (pc, insn) in insns.iter().enumerate() {
        match insn.op() {
            Some(Op::Jump(k)) => targets.extend([pc as u64 + 1 + u64::from(k)]),
            Some(Op::JumpIf(_, _, jt, jf)) => {
                targets.extend([jt, jf].map(|skip| pc as u64 + 1 + u64::from(skip)));
            }
            _ => {}
        }
    }
    for (pc, insn) in insns.iter().enumerate() {
        if targets.contains(&(pc as u64)) {
            write!(out, "L{pc}:")?;
        }
        let to = |skip: u64| format!("L{}", pc as u64 + 1 + skip);
        match insn.op() {
            Some(Op::Jump(k)) => writeln!(out, "\tja {}", to(k.into()))?,
            Some(op @ Op::JumpIf(_, _, jt, jf)) => {
                let (mnemonic, operand) = words(*insn, op);
                writeln!(out, "\t{mnemonic} {operand}, {}, {}", to(jt.into()), to(jf.into()))?;
            }
            // Of the three sizes, which all load the same, the name means one.
            Some(op @ Op::LoadExt(ext)) if *insn == op.into() => writeln!(out, "\tld {}", ext.name())?,
            Some(op) => {
                let (mnemonic, operand) = words(*insn, op);
                writeln!(out, "{}", format!("\t{mnemonic} {operand}").trim_end())?;
            }
            None => writeln!(out, "\t; no instruction has code {:#x}", insn.code)?,
        }
    }
    Ok(())
}

/// Mnemonic and operand.
fn words(insn: Insn, op: Op) -> (&'static str, String) {
    let load = |size| match size {
        Size::B => "ldb",
        Size::H => "ldh",
        Size::W | Size::Dw => "ld",
    };
    match op {
        Op::LoadImm(k) => ("ld", format!("#{k:#x}")),
        Op::LoadLen => ("ld", "#pktlen".into()),
        Op::LoadMem(k) => ("ld", format!("M[{k}]")),
        Op::LoadAbs(size, k) => (load(size), format!("[{}]", k as i32)),
        Op::LoadInd(size, k) => (load(size), format!("[x + {}]", k as i32)),
        Op::LoadExt(ext) => {
            let mnemonic = match insn.code & 0x18 {
                0x10 => "ldb",
                0x08 => "ldh",
                _ => "ld",
            };
            (mnemonic, format!("[{}]", ext.offset() as i32))
        }
        Op::LoadXImm(k) => ("ldx", format!("#{k:#x}")),
        Op::LoadXLen => ("ldx", "#pktlen".into()),
        Op::LoadXMem(k) => ("ldx", format!("M[{k}]")),
        Op::LoadXHeaderLen(k) => ("ldxb", format!("4*([{}]&0xf)", k as i32)),
        Op::Store(k) => ("st", format!("M[{k}]")),
        Op::StoreX(k) => ("stx", format!("M[{k}]")),
        Op::Alu(op, source) => (alu_name(op), alu_operand(op, source)),
        Op::Neg => ("neg", String::new()),
        Op::Jump(k) => ("ja", k.to_string()),
        Op::JumpIf(cond, source, ..) => {
            let operand = match source {
                Source::K(k) => format!("#{k:#x}"),
                Source::X => "x".into(),
            };
            (cond_name(cond), operand)
        }
        Op::Return(k) => ("ret", format!("#{k}")),
        Op::ReturnA => ("ret", "a".into()),
        Op::Tax => ("tax", String::new()),
        Op::Txa => ("txa", String::new()),
    }
}

/// Masks are written in hexadecimal, other numbers in decimal, as tcpdump does.
fn alu_operand(op: AluOp, source: Source) -> String {
    match (op, source) {
        (_, Source::X) => "x".into(),
        (AluOp::And | AluOp::Or | AluOp::Xor, Source::K(k)) => format!("#{k:#x}"),
        (_, Source::K(k)) => format!("#{k}"),
    }
}

/// The mnemonics of arithmetic.
pub(super) const ALU_NAMES: [(AluOp, &str); 10] = [
    (AluOp::Add, "add"),
    (AluOp::Sub, "sub"),
    (AluOp::Mul, "mul"),
    (AluOp::Div, "div"),
    (AluOp::Or, "or"),
    (AluOp::And, "and"),
    (AluOp::Lsh, "lsh"),
    (AluOp::Rsh, "rsh"),
    (AluOp::Mod, "mod"),
    (AluOp::Xor, "xor"),
];

fn alu_name(op: AluOp) -> &'static str {
    ALU_NAMES[op as usize].1
}

fn cond_name(cond: Cond) -> &'static str {
    match cond {
        Cond::Eq => "jeq",
        Cond::Gt => "jgt",
        Cond::Ge => "jge",
        Cond::Set => "jset",
    }
}
