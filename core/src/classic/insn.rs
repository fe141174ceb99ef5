//! The instruction: eight bytes of `struct sock_filter`, and what they mean.

use crate::classic::Ext;
use crate::isa::Size;

/// Words of scratch memory (`BPF_MEMWORDS`).
pub const SCRATCH: u32 = 16;

/// An instruction as it stands in `struct sock_filter`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Insn {
    /// Class, size, mode, operation and source.
    pub code: u16,
    /// Instructions to skip when a condition holds.
    pub jt: u8,
    /// Instructions to skip when it does not.
    pub jf: u8,
    /// The constant.
    pub k: u32,
}

/// The second operand of arithmetic and conditions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// The constant.
    K(u32),
    /// The index register.
    X,
}

/// Arithmetic on A, modulo 2^32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of linux/bpf_common.h")]
pub enum AluOp {
    Add,
    Sub,
    Mul,
    Div,
    Or,
    And,
    Lsh,
    Rsh,
    Mod,
    Xor,
}

/// Conditions of jumps, on unsigned numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cond {
    /// Equal.
    Eq,
    /// A is greater.
    Gt,
    /// A is greater or equal.
    Ge,
    /// They have a bit in common.
    Set,
}

/// What an instruction means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// `A = k`.
    LoadImm(u32),
    /// `A =` bytes of the packet.
    LoadLen,
    /// `A = M[k]`.
    LoadMem(u32),
    /// `A = P[k:size]`, network byte order.
    LoadAbs(Size, u32),
    /// `A = P[X + k:size]`, network byte order.
    LoadInd(Size, u32),
    /// A takes something from beside the packet.
    LoadExt(Ext),
    /// `X = k`.
    LoadXImm(u32),
    /// `X =` bytes of the packet.
    LoadXLen,
    /// `X = M[k]`.
    LoadXMem(u32),
    /// `X = 4 * (P[k:1] & 15)`: the length of an IPv4 header.
    LoadXHeaderLen(u32),
    /// `M[k] = A`.
    Store(u32),
    /// `M[k] = X`.
    StoreX(u32),
    /// `A = A op source`.
    Alu(AluOp, Source),
    /// `A = -A`.
    Neg,
    /// Skips that many instructions.
    Jump(u32),
    /// Skips `jt` instructions when `A cond source`, else `jf`.
    JumpIf(Cond, Source, u8, u8),
    /// Ends with k: bytes of the packet that are kept.
    Return(u32),
    /// Ends with A.
    ReturnA,
    /// `X = A`.
    Tax,
    /// `A = X`.
    Txa,
}

/// The parts of `code` (`linux/bpf_common.h`, `linux/filter.h`).
mod code {
    pub const LD: u16 = 0;
    pub const LDX: u16 = 1;
    pub const ST: u16 = 2;
    pub const STX: u16 = 3;
    pub const ALU: u16 = 4;
    pub const JMP: u16 = 5;
    pub const RET: u16 = 6;
    pub const MISC: u16 = 7;
    pub const IMM: u16 = 0;
    pub const ABS: u16 = 0x20;
    pub const IND: u16 = 0x40;
    pub const MEM: u16 = 0x60;
    pub const LEN: u16 = 0x80;
    pub const MSH: u16 = 0xa0;
    pub const H: u16 = 0x08;
    pub const B: u16 = 0x10;
    pub const X: u16 = 0x08;
    pub const A: u16 = 0x10;
    pub const NEG: u16 = 0x80;
    pub const TXA: u16 = 0x80;
}

const ALU: [(AluOp, u16); 10] = [
    (AluOp::Add, 0x00),
    (AluOp::Sub, 0x10),
    (AluOp::Mul, 0x20),
    (AluOp::Div, 0x30),
    (AluOp::Or, 0x40),
    (AluOp::And, 0x50),
    (AluOp::Lsh, 0x60),
    (AluOp::Rsh, 0x70),
    (AluOp::Mod, 0x90),
    (AluOp::Xor, 0xa0),
];
const JUMPS: [(Cond, u16); 4] = [(Cond::Eq, 0x10), (Cond::Gt, 0x20), (Cond::Ge, 0x30), (Cond::Set, 0x40)];

const fn size_bits(size: Size) -> u16 {
    match size {
        Size::B => code::B,
        Size::H => code::H,
        Size::W | Size::Dw => 0,
    }
}

impl Insn {
    /// What the instruction means; `None` when no kernel knows its code. The fields that an instruction does not use may
    /// be anything.
    pub fn op(self) -> Option<Op> {
        use code::*;
        let k = self.k;
        let source = || if self.code & X == 0 { Source::K(k) } else { Source::X };
        if self.code > 0xff {
            return None;
        }
        Some(match self.code & 7 {
            LD => {
                let size = match self.code & 0x18 {
                    0 => Size::W,
                    H => Size::H,
                    B => Size::B,
                    _ => return None,
                };
                match (self.code & 0xe0, size) {
                    (IMM, Size::W) => Op::LoadImm(k),
                    (LEN, Size::W) => Op::LoadLen,
                    (MEM, Size::W) => Op::LoadMem(k),
                    (ABS, size) => Ext::at(k).map_or(Op::LoadAbs(size, k), Op::LoadExt),
                    (IND, size) => Op::LoadInd(size, k),
                    _ => return None,
                }
            }
            LDX => match self.code & !7 {
                IMM => Op::LoadXImm(k),
                LEN => Op::LoadXLen,
                MEM => Op::LoadXMem(k),
                mode if mode == MSH | B => Op::LoadXHeaderLen(k),
                _ => return None,
            },
            ST if self.code == ST => Op::Store(k),
            STX if self.code == STX => Op::StoreX(k),
            ALU if self.code == ALU | NEG => Op::Neg,
            ALU => Op::Alu(self::ALU.iter().find(|(_, bits)| *bits == self.code & 0xf0)?.0, source()),
            JMP if self.code == JMP => Op::Jump(k),
            JMP => {
                let cond = JUMPS.iter().find(|(_, bits)| *bits == self.code & 0xf0)?.0;
                Op::JumpIf(cond, source(), self.jt, self.jf)
            }
            RET if self.code == RET => Op::Return(k),
            RET if self.code == RET | A => Op::ReturnA,
            MISC if self.code == MISC => Op::Tax,
            MISC if self.code == MISC | TXA => Op::Txa,
            _ => return None,
        })
    }
}

impl From<Op> for Insn {
    fn from(op: Op) -> Insn {
        use code::*;
        let plain = |code, k| Insn { code, jt: 0, jf: 0, k };
        let with = |code, source| match source {
            Source::K(k) => plain(code, k),
            Source::X => plain(code | X, 0),
        };
        match op {
            Op::LoadImm(k) => plain(LD | IMM, k),
            Op::LoadLen => plain(LD | LEN, 0),
            Op::LoadMem(k) => plain(LD | MEM, k),
            Op::LoadAbs(size, k) => plain(LD | ABS | size_bits(size), k),
            Op::LoadInd(size, k) => plain(LD | IND | size_bits(size), k),
            Op::LoadExt(ext) => plain(LD | ABS, ext.offset()),
            Op::LoadXImm(k) => plain(LDX | IMM, k),
            Op::LoadXLen => plain(LDX | LEN, 0),
            Op::LoadXMem(k) => plain(LDX | MEM, k),
            Op::LoadXHeaderLen(k) => plain(LDX | MSH | B, k),
            Op::Store(k) => plain(ST, k),
            Op::StoreX(k) => plain(STX, k),
            Op::Alu(op, source) => {
                with(ALU | self::ALU.iter().find(|(o, _)| *o == op).expect("every one is listed").1, source)
            }
            Op::Neg => plain(ALU | NEG, 0),
            Op::Jump(k) => plain(JMP, k),
            Op::JumpIf(cond, source, jt, jf) => {
                let bits = JUMPS.iter().find(|(c, _)| *c == cond).expect("every one is listed").1;
                Insn { jt, jf, ..with(JMP | bits, source) }
            }
            Op::Return(k) => plain(RET, k),
            Op::ReturnA => plain(RET | A, 0),
            Op::Tax => plain(MISC, 0),
            Op::Txa => plain(MISC | TXA, 0),
        }
    }
}

impl AluOp {
    /// The result on 32-bit numbers; `None` for a division by zero. Shifts take the lower five bits, as the kernel's
    /// machine does.
    pub fn apply(self, a: u32, b: u32) -> Option<u32> {
        Some(match self {
            AluOp::Add => a.wrapping_add(b),
            AluOp::Sub => a.wrapping_sub(b),
            AluOp::Mul => a.wrapping_mul(b),
            AluOp::Div => a.checked_div(b)?,
            AluOp::Mod => a.checked_rem(b)?,
            AluOp::Or => a | b,
            AluOp::And => a & b,
            AluOp::Xor => a ^ b,
            AluOp::Lsh => a.wrapping_shl(b),
            AluOp::Rsh => a.wrapping_shr(b),
        })
    }
}

impl Cond {
    /// Whether it holds.
    pub fn holds(self, a: u32, b: u32) -> bool {
        match self {
            Cond::Eq => a == b,
            Cond::Gt => a > b,
            Cond::Ge => a >= b,
            Cond::Set => a & b != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_means_something_is_written_back() {
        let mut known = 0;
        for code in 0..=0x1ff {
            let insn = Insn { code, jt: 3, jf: 4, k: 7 };
            let Some(op) = insn.op() else { continue };
            known += 1;
            let back = Insn::from(op);
            assert_eq!((back.code, back.op()), (code, Some(op)), "{code:#x}");
        }
        // 10 * 2 + 1 of ALU, 9 of LD, 4 of LDX, 2 stores, 1 + 4 * 2 jumps, 2 returns, 2 moves.
        assert_eq!(known, 21 + 9 + 4 + 2 + 9 + 2 + 2);
    }
}
