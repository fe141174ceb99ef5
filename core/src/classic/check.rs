//! What the kernel asks of a classic filter before it attaches it to a socket.

use super::ext::AD_OFF;
use super::{AluOp, Insn, Op, SCRATCH, Source, made};

/// Instructions of a filter at most (`BPF_MAXINSNS`).
pub const MAX_INSNS: usize = 4096;

/// A filter that the kernel would attach: every jump lands in it, every path ends in a return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    insns: Vec<Insn>,
    ops: Vec<Op>,
}

/// Why the kernel refuses a filter with `EINVAL`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("instruction {pc}: {flaw}")]
pub struct CheckError {
    /// The instruction, counted from 0.
    pub pc: usize,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with an instruction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// There is none at all.
    #[error("a filter has at least one instruction")]
    Empty,
    /// There are more than [`MAX_INSNS`]; this is the first of them.
    #[error("a filter has at most {MAX_INSNS} instructions")]
    TooMany,
    /// No instruction has this code.
    #[error("there is no instruction with code {0:#x}")]
    Code(u16),
    /// It jumps past the end.
    #[error("the jump leads past the last instruction, to {0}")]
    Jump(u64),
    /// The last instruction is none that returns.
    #[error("the last instruction must be `ret`")]
    NoReturn,
    /// Division by a constant zero.
    #[error("a division by zero")]
    Division,
    /// Shift by a constant of 32 or more.
    #[error("a shift by {0}: the most is 31")]
    Shift(u32),
    /// No such word of scratch memory.
    #[error("there is no M[{0}]: scratch memory has 16 words")]
    Scratch(u32),
    /// A word of scratch memory that is not stored on every way to here.
    #[error("M[{0}] is read, but not stored on every way to here")]
    NotStored(u32),
    /// An offset in the range of ancillary loads that is none of them.
    #[error("there is no ancillary load at SKF_AD_OFF + {0}")]
    Extension(u32),
    /// It jumps farther than the kernel can in what it makes of the filter.
    #[error("the jump leads over {0} of the instructions that the kernel makes of the filter: the most is {most}", most = made::FARTHEST)]
    Distance(u32),
}

impl Program {
    /// Checks a filter as the kernel does.
    ///
    /// # Errors
    /// The first flaw in the kernel's order of looking, where it says no more than `EINVAL`.
    pub fn new(insns: Vec<Insn>) -> Result<Program, CheckError> {
        let fail = |pc, flaw| Err(CheckError { pc, flaw });
        if insns.is_empty() {
            return fail(0, Flaw::Empty);
        }
        if insns.len() > MAX_INSNS {
            return fail(MAX_INSNS, Flaw::TooMany);
        }
        let mut ops = Vec::with_capacity(insns.len());
        for (pc, insn) in insns.iter().enumerate() {
            let Some(op) = insn.op() else { return fail(pc, Flaw::Code(insn.code)) };
            if let Err(flaw) = check(op, (insns.len() - pc - 1) as u64, pc) {
                return fail(pc, flaw);
            }
            ops.push(op);
        }
        if !matches!(ops.last(), Some(Op::Return(_) | Op::ReturnA)) {
            return fail(ops.len() - 1, Flaw::NoReturn);
        }
        check_scratch(&ops)?;
        if let Some((pc, over)) = made::too_far(&ops) {
            return fail(pc, Flaw::Distance(over));
        }
        Ok(Program { insns, ops })
    }

    /// The instructions as they stand in `struct sock_filter`.
    pub fn insns(&self) -> &[Insn] {
        &self.insns
    }

    /// What the instructions mean.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }
}

/// One instruction by itself; `after` are the instructions that follow it.
fn check(op: Op, after: u64, pc: usize) -> Result<(), Flaw> {
    let jump = |skip: u64| if skip < after { Ok(()) } else { Err(Flaw::Jump(pc as u64 + 1 + skip)) };
    match op {
        Op::Alu(AluOp::Div | AluOp::Mod, Source::K(0)) => Err(Flaw::Division),
        Op::Alu(AluOp::Lsh | AluOp::Rsh, Source::K(k)) if k >= 32 => Err(Flaw::Shift(k)),
        Op::LoadMem(k) | Op::LoadXMem(k) | Op::Store(k) | Op::StoreX(k) if k >= SCRATCH => Err(Flaw::Scratch(k)),
        Op::LoadAbs(_, k) if k >= AD_OFF => Err(Flaw::Extension(k - AD_OFF)),
        Op::Jump(k) => jump(u64::from(k)),
        Op::JumpIf(_, _, jt, jf) => jump(u64::from(jt)).and(jump(u64::from(jf))),
        _ => Ok(()),
    }
}

/// Whether each word of scratch memory is stored before it is read, on every way.
fn check_scratch(ops: &[Op]) -> Result<(), CheckError> {
    // A bit a word: stored on every jump to there.
    let mut at_target = vec![u16::MAX; ops.len()];
    let mut stored = 0;
    for (pc, op) in ops.iter().enumerate() {
        stored &= at_target[pc];
        match *op {
            Op::Store(k) | Op::StoreX(k) => stored |= 1 << k,
            Op::LoadMem(k) | Op::LoadXMem(k) if stored & 1 << k == 0 => {
                return Err(CheckError { pc, flaw: Flaw::NotStored(k) });
            }
            Op::Jump(k) => {
                at_target[pc + 1 + k as usize] &= stored;
                stored = u16::MAX;
            }
            Op::JumpIf(_, _, jt, jf) => {
                at_target[pc + 1 + usize::from(jt)] &= stored;
                at_target[pc + 1 + usize::from(jf)] &= stored;
                stored = u16::MAX;
            }
            _ => {}
        }
    }
    Ok(())
}
