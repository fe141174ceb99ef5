//! A classic filter as an eBPF program, as the kernel's own conversion makes it, with what programs may say that are loaded
//! by bpf(2): fields of `struct __sk_buff` and helpers in the place of `sk_buff` fields and kernel functions.
//!
//! A is `r0`, X is `r7`, `M[]` the upper 64 bytes of the stack, the context stays in `r6`, where legacy packet loads expect
//! it. Both registers begin as 0 only where that is seen. What no way leads to is left out: the eBPF verifier refuses it.

use std::ops::Range;

use super::{AluOp, Cond, Ext, Op, Program, SCRATCH, Source};
use crate::isa::unit::{Binding, Place, Section, SectionFlags, SourceLine, Symbol, SymbolKind};
use crate::isa::{self, Call, Content, Insn, JmpOp, PacketMode, Pc, RawInsn, Reg, Size, Src, Swap, Unit, Width};

const A: Reg = Reg::R0;
const X: Reg = Reg::new(7).expect("a register");
const CTX: Reg = Reg::R6;
const TMP: Reg = Reg::new(8).expect("a register");

/// A classic filter as an eBPF program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Converted {
    /// The program, of type socket filter.
    pub insns: Vec<RawInsn>,
    /// For each classic instruction the slots that it became; none for one that no way leads to. What is before those of
    /// the first instruction sets registers up.
    pub slots: Vec<Range<u32>>,
}

/// An instruction that no program loaded by bpf(2) can stand for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("instruction {pc}: `ld {}` has no eBPF: {}", ext.name(), why_not(*ext))]
pub struct ConvertError {
    /// The classic instruction, from 0.
    pub pc: usize,
    /// What it loads.
    pub ext: Ext,
}

/// Why a program that bpf(2) loads cannot do what the kernel's own conversion does.
fn why_not(ext: Ext) -> &'static str {
    match ext {
        Ext::HaType => "`__sk_buff` does not have the device's hardware type, and no helper of socket filters tells it",
        Ext::PayOffset => "the kernel's flow dissector finds the payload, and no helper of socket filters asks it",
        _ => "the kernel's own search for netlink attributes is not offered to socket filters",
    }
}

impl Program {
    /// The same program for the eBPF machine: on every packet it returns what this one does.
    ///
    /// # Errors
    /// The first ancillary load that only the kernel itself can convert: `nla`, `nlan`, `hatype`, `poff`.
    pub fn convert(&self) -> Result<Converted, ConvertError> {
        let ops = self.ops();
        let reached = reached(ops);
        let live = live(ops);
        let mut out = Vec::new();
        let mut jumps = Vec::new();
        // The context outlives calls and loads only in a register that they keep.
        out.push(mov64(CTX, Reg::R1));
        for (reg, needed) in [(A, live[0].a), (X, live[0].x)] {
            if needed {
                out.push(mov(reg, 0));
            }
        }
        let mut slots = Vec::with_capacity(ops.len());
        for (pc, op) in ops.iter().enumerate() {
            let start = out.len() as u32;
            if reached[pc] {
                let keep_a = live.get(pc + 1).is_some_and(|l| l.a);
                convert(*op, pc, keep_a, &mut out, &mut jumps).map_err(|ext| ConvertError { pc, ext })?;
            }
            slots.push(start..out.len() as u32);
        }
        for (at, target) in jumps {
            let distance = slots[target].start as i32 - at as i32 - 1;
            match &mut out[at] {
                Insn::Jump { off, .. } => *off = distance as i16,
                Insn::Goto { off, .. } => *off = distance,
                _ => {}
            }
        }
        let insns = out.iter().map(|insn| insn.encode().slots()[0]).collect();
        Ok(Converted { insns, slots })
    }
}

impl Converted {
    /// The program as a unit with one socket filter, `filter`. `lines` are the source lines, from 1, of the classic
    /// instructions.
    pub fn unit(&self, lines: &[u32]) -> Unit {
        let flags = SectionFlags { exec: true, ..SectionFlags::default() };
        let content = Content::Code(self.insns.clone());
        let size = content.len();
        let section = Section { name: "socket".to_owned(), flags, align: 8, content };
        let symbol = Symbol {
            name: "filter".to_owned(),
            place: Some(Place { section: 0, offset: 0 }),
            size,
            binding: Binding::Global,
            kind: SymbolKind::Func,
            hidden: false,
        };
        let mut source: Vec<SourceLine> = Vec::new();
        for (slots, &line) in self.slots.iter().zip(lines) {
            // What sets registers up belongs to the first instruction.
            let from = if source.is_empty() { 0 } else { slots.start };
            source.extend((from..slots.end).map(|pc| SourceLine { section: 0, pc: Pc(pc), line }));
        }
        Unit { sections: vec![section], symbols: vec![symbol], lines: source, ..Unit::default() }
    }
}

/// Which instructions some way leads to.
fn reached(ops: &[Op]) -> Vec<bool> {
    let mut reached = vec![false; ops.len()];
    reached[0] = true;
    for (pc, op) in ops.iter().enumerate() {
        if reached[pc] {
            for next in followers(*op) {
                reached[pc + 1 + next] = true;
            }
        }
    }
    reached
}

/// How many instructions are skipped, each way.
fn followers(op: Op) -> impl Iterator<Item = usize> {
    let (one, other) = match op {
        Op::Return(_) | Op::ReturnA => (None, None),
        Op::Jump(k) => (Some(k as usize), None),
        Op::JumpIf(_, _, jt, jf) => (Some(usize::from(jt)), Some(usize::from(jf))),
        _ => (Some(0), None),
    };
    one.into_iter().chain(other)
}

/// Registers whose values are still asked for.
#[derive(Clone, Copy, Default)]
struct Live {
    a: bool,
    x: bool,
}

/// What is live before each instruction: jumps go forward, so one pass from the end tells.
fn live(ops: &[Op]) -> Vec<Live> {
    let mut live: Vec<Live> = vec![Live::default(); ops.len()];
    for (pc, op) in ops.iter().enumerate().rev() {
        let mut now = Live::default();
        for next in followers(*op) {
            let after = live[pc + 1 + next];
            now = Live { a: now.a | after.a, x: now.x | after.x };
        }
        let uses_x = |source| source == Source::X;
        live[pc] = match *op {
            Op::LoadImm(_) | Op::LoadLen | Op::LoadMem(_) | Op::LoadAbs(..) => Live { a: false, ..now },
            Op::LoadInd(..) | Op::Txa => Live { a: false, x: true },
            Op::LoadExt(Ext::XorX | Ext::Nlattr | Ext::NlattrNest) => Live { a: true, x: true },
            Op::LoadExt(_) => Live { a: false, ..now },
            Op::LoadXImm(_) | Op::LoadXLen | Op::LoadXMem(_) | Op::LoadXHeaderLen(_) => Live { x: false, ..now },
            Op::Tax => Live { a: true, x: false },
            Op::Store(_) | Op::Neg | Op::ReturnA => Live { a: true, ..now },
            Op::StoreX(_) => Live { x: true, ..now },
            Op::Alu(_, source) | Op::JumpIf(_, source, ..) => Live { a: true, x: now.x | uses_x(source) },
            Op::Jump(_) | Op::Return(_) => now,
        };
    }
    live
}

/// Converts one instruction. Jumps are written down as the slot and the classic instruction that they lead to.
fn convert(op: Op, pc: usize, keep_a: bool, out: &mut Vec<Insn>, jumps: &mut Vec<(usize, usize)>) -> Result<(), Ext> {
    let word = |k: u32| 4 * (k as i16 - SCRATCH as i16);
    let load = |dst, base, off| Insn::Load { size: Size::W, sign: false, dst, base, off };
    let packet = |size, mode, k: u32| Insn::LoadPacket { size, mode, imm: k as i32 };
    match op {
        Op::LoadImm(k) => out.push(mov(A, k)),
        Op::LoadXImm(k) => out.push(mov(X, k)),
        Op::LoadLen => out.push(load(A, CTX, sk_buff::LEN)),
        Op::LoadXLen => out.push(load(X, CTX, sk_buff::LEN)),
        Op::LoadMem(k) => out.push(load(A, Reg::R10, word(k))),
        Op::LoadXMem(k) => out.push(load(X, Reg::R10, word(k))),
        Op::Store(k) => out.push(Insn::Store { size: Size::W, base: Reg::R10, off: word(k), src: Src::Reg(A) }),
        Op::StoreX(k) => out.push(Insn::Store { size: Size::W, base: Reg::R10, off: word(k), src: Src::Reg(X) }),
        Op::LoadAbs(size, k) => out.push(packet(size, PacketMode::Abs, k)),
        Op::LoadInd(size, k) => out.push(packet(size, PacketMode::Ind(X), k)),
        Op::LoadExt(ext) => extension(ext, out)?,
        Op::LoadXHeaderLen(k) => {
            if keep_a {
                out.push(mov64(TMP, A));
            }
            out.push(packet(Size::B, PacketMode::Abs, k));
            out.push(alu(isa::AluOp::And, A, Src::Imm(15)));
            out.push(alu(isa::AluOp::Lsh, A, Src::Imm(2)));
            out.push(mov64(X, A));
            if keep_a {
                out.push(mov64(A, TMP));
            }
        }
        Op::Alu(op, source) => {
            if matches!((op, source), (AluOp::Div | AluOp::Mod, Source::X)) {
                // A division by zero ends a classic filter; an eBPF program goes on with 0, or the dividend.
                out.push(Insn::Jump { width: Width::W64, op: JmpOp::Ne, dst: X, src: Src::Imm(0), off: 2 });
                out.push(mov(A, 0));
                out.push(Insn::Exit);
            }
            out.push(alu(alu_op(op), A, operand(source)));
        }
        Op::Neg => out.push(Insn::Neg { width: Width::W32, dst: A }),
        Op::Jump(k) => goto(pc + 1 + k as usize, out, jumps),
        Op::JumpIf(cond, source, jt, jf) => {
            jump_if(cond, source, [pc + 1 + usize::from(jt), pc + 1 + usize::from(jf)], pc, out, jumps)
        }
        Op::Return(k) => out.extend([mov(A, k), Insn::Exit]),
        Op::ReturnA => out.push(Insn::Exit),
        Op::Tax => out.push(mov64(X, A)),
        Op::Txa => out.push(mov64(A, X)),
    }
    Ok(())
}

/// Offsets in `struct __sk_buff` (`linux/bpf.h`).
mod sk_buff {
    pub const LEN: i16 = 0;
    pub const PKT_TYPE: i16 = 4;
    pub const MARK: i16 = 8;
    pub const QUEUE_MAPPING: i16 = 12;
    pub const PROTOCOL: i16 = 16;
    pub const VLAN_PRESENT: i16 = 20;
    pub const VLAN_TCI: i16 = 24;
    pub const VLAN_PROTO: i16 = 28;
    pub const IFINDEX: i16 = 40;
    pub const HASH: i16 = 68;
}

/// `bpf_get_prandom_u32` and `bpf_get_smp_processor_id`.
const PRANDOM: i32 = 7;
const PROCESSOR: i32 = 8;

fn extension(ext: Ext, out: &mut Vec<Insn>) -> Result<(), Ext> {
    let mut field = |off| out.push(Insn::Load { size: Size::W, sign: false, dst: A, base: CTX, off });
    match ext {
        Ext::Protocol => field(sk_buff::PROTOCOL),
        Ext::PacketType => field(sk_buff::PKT_TYPE),
        Ext::Ifindex => field(sk_buff::IFINDEX),
        Ext::Mark => field(sk_buff::MARK),
        Ext::Queue => field(sk_buff::QUEUE_MAPPING),
        Ext::RxHash => field(sk_buff::HASH),
        Ext::VlanTag => field(sk_buff::VLAN_TCI),
        Ext::VlanTagPresent => field(sk_buff::VLAN_PRESENT),
        Ext::VlanTpid => field(sk_buff::VLAN_PROTO),
        Ext::Cpu => out.push(Insn::Call(Call::Helper(PROCESSOR))),
        Ext::Random => out.push(Insn::Call(Call::Helper(PRANDOM))),
        Ext::XorX => out.push(alu(isa::AluOp::Xor, A, Src::Reg(X))),
        Ext::Nlattr | Ext::NlattrNest | Ext::HaType | Ext::PayOffset => return Err(ext),
    }
    if matches!(ext, Ext::Protocol | Ext::VlanTpid) {
        // The context has them in network byte order.
        out.push(Insn::Endian { swap: Swap::ToBe, bits: 16, dst: A });
    }
    Ok(())
}

/// A conditional jump; `ways` are the instructions that it leads to when the condition holds and when not.
fn jump_if(
    cond: Cond,
    source: Source,
    ways: [usize; 2],
    pc: usize,
    out: &mut Vec<Insn>,
    jumps: &mut Vec<(usize, usize)>,
) {
    let [yes, no] = ways;
    if yes == no {
        return goto(yes, out, jumps);
    }
    let src = match source {
        // A 64-bit comparison extends the sign of its immediate, and older kernels have no other.
        Source::K(k) if (k as i32) < 0 => {
            out.push(mov(TMP, k));
            Src::Reg(TMP)
        }
        source => operand(source),
    };
    let (op, inverse) = match cond {
        Cond::Eq => (JmpOp::Eq, Some(JmpOp::Ne)),
        Cond::Gt => (JmpOp::Gt, Some(JmpOp::Le)),
        Cond::Ge => (JmpOp::Ge, Some(JmpOp::Lt)),
        Cond::Set => (JmpOp::Set, None),
    };
    let (op, first, second) = match inverse {
        Some(inverse) if yes == pc + 1 => (inverse, no, yes),
        _ => (op, yes, no),
    };
    jumps.push((out.len(), first));
    out.push(Insn::Jump { width: Width::W64, op, dst: A, src, off: 0 });
    if second != pc + 1 {
        goto(second, out, jumps);
    }
}

fn goto(target: usize, out: &mut Vec<Insn>, jumps: &mut Vec<(usize, usize)>) {
    jumps.push((out.len(), target));
    out.push(Insn::Goto { off: 0, long: false });
}

fn operand(source: Source) -> Src {
    match source {
        Source::K(k) => Src::Imm(k as i32),
        Source::X => Src::Reg(X),
    }
}

fn alu(op: isa::AluOp, dst: Reg, src: Src) -> Insn {
    Insn::Alu { width: Width::W32, op, dst, src }
}

fn mov(dst: Reg, k: u32) -> Insn {
    alu(isa::AluOp::Mov, dst, Src::Imm(k as i32))
}

fn mov64(dst: Reg, src: Reg) -> Insn {
    Insn::Alu { width: Width::W64, op: isa::AluOp::Mov, dst, src: Src::Reg(src) }
}

fn alu_op(op: AluOp) -> isa::AluOp {
    match op {
        AluOp::Add => isa::AluOp::Add,
        AluOp::Sub => isa::AluOp::Sub,
        AluOp::Mul => isa::AluOp::Mul,
        AluOp::Div => isa::AluOp::Div,
        AluOp::Or => isa::AluOp::Or,
        AluOp::And => isa::AluOp::And,
        AluOp::Lsh => isa::AluOp::Lsh,
        AluOp::Rsh => isa::AluOp::Rsh,
        AluOp::Mod => isa::AluOp::Mod,
        AluOp::Xor => isa::AluOp::Xor,
    }
}
