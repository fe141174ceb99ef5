//! Random programs: idioms in one operation do what their instructions do.

use proptest::prelude::*;

use super::{program, run};
use crate::isa::{AluOp, AtomicOp, Imm64, Insn, JmpOp, Reg, Size, Src, Width};
use crate::kernel::{ProgType, Program};

/// Bytes of memory that random programs work on.
pub(super) const MEMORY: usize = 64;

fn reg() -> impl Strategy<Value = Reg> + Clone {
    (0..6u8).prop_map(|n| Reg::new(if n == 1 { 6 } else { n }).unwrap())
}

fn width() -> impl Strategy<Value = Width> + Clone {
    prop_oneof![Just(Width::W32), Just(Width::W64)]
}

fn size() -> impl Strategy<Value = Size> + Clone {
    prop_oneof![Just(Size::B), Just(Size::H), Just(Size::W), Just(Size::Dw)]
}

fn imm() -> impl Strategy<Value = i32> + Clone {
    prop_oneof![4 => 0..40i32, 1 => Just(32), 1 => any::<i32>(), 1 => Just(-1)]
}

fn src() -> impl Strategy<Value = Src> + Clone {
    prop_oneof![reg().prop_map(Src::Reg), imm().prop_map(Src::Imm)]
}

fn alu_op() -> impl Strategy<Value = AluOp> + Clone {
    use AluOp::*;
    prop::sample::select(vec![Add, Add, Sub, Mul, Div, Sdiv, Or, And, Lsh, Rsh, Mod, Smod, Xor, Mov, Mov, Arsh])
}

fn jmp_op() -> impl Strategy<Value = JmpOp> + Clone {
    use JmpOp::*;
    prop::sample::select(vec![Eq, Gt, Ge, Set, Ne, Sgt, Sge, Lt, Le, Slt, Sle])
}

fn alu() -> impl Strategy<Value = Insn> + Clone {
    (width(), alu_op(), reg(), src()).prop_map(|(width, op, dst, src)| Insn::Alu { width, op, dst, src })
}

/// Accesses that mostly stay within memory (`r1`) and the frame.
fn place() -> impl Strategy<Value = (Reg, i16)> + Clone {
    prop_oneof![
        (0..MEMORY as i16 - 7).prop_map(|off| (Reg::R1, off)),
        (-32..-7i16).prop_map(|off| (Reg::new(10).unwrap(), off)),
    ]
}

fn jump() -> impl Strategy<Value = Insn> + Clone {
    (width(), jmp_op(), reg(), src(), -4..6i16).prop_map(|(width, op, dst, src, off)| Insn::Jump {
        width,
        op,
        dst,
        src,
        off,
    })
}

fn memory() -> impl Strategy<Value = Insn> + Clone {
    prop_oneof![
        (size(), any::<bool>(), reg(), place()).prop_map(|(size, sign, dst, (base, off))| Insn::Load {
            size,
            sign: sign && size != Size::Dw,
            dst,
            base,
            off
        }),
        (size(), src(), place()).prop_map(|(size, src, (base, off))| Insn::Store { size, base, off, src }),
        (any::<bool>(), 0..6u8, any::<bool>(), reg(), place()).prop_map(|(wide, op, fetch, src, (base, off))| {
            let size = if wide { Size::Dw } else { Size::W };
            let op = match op {
                0 => AtomicOp::Add { fetch },
                1 => AtomicOp::Or { fetch },
                2 => AtomicOp::And { fetch },
                3 => AtomicOp::Xor { fetch },
                4 => AtomicOp::Xchg,
                _ => AtomicOp::Cmpxchg,
            };
            Insn::Atomic { size, op, base, off, src }
        }),
    ]
}

/// Idioms that are made one operation, with registers that may coincide.
fn idiom() -> impl Strategy<Value = Vec<Insn>> + Clone {
    let three = (reg(), reg(), reg());
    let shift = prop_oneof![Just(32), 1..32i32];
    (three, width(), alu_op(), alu_op(), shift.clone(), shift, jump(), memory(), 0..8u8).prop_map(
        |((a, b, c), width, op, second, k, l, jump, memory, kind)| {
            let alu = |op, dst, src| Insn::Alu { width, op, dst, src };
            let (from, to) = (Src::Reg(b), a);
            let mov = alu(AluOp::Mov, to, from);
            let jump = match jump {
                Insn::Jump { width, op, src, off, .. } => Insn::Jump { width, op, dst: a, src, off },
                other => other,
            };
            match kind {
                0 => vec![
                    mov,
                    alu(AluOp::Rsh, a, Src::Imm(k)),
                    alu(AluOp::Mov, c, from),
                    alu(AluOp::Lsh, c, Src::Imm(l)),
                    alu(AluOp::Or, c, Src::Reg(a)),
                ],
                1 => vec![mov, alu(AluOp::Lsh, a, Src::Imm(k)), alu(AluOp::Or, a, Src::Reg(c))],
                2 => vec![mov, alu(AluOp::Add, a, Src::Imm(k)), jump],
                3 => vec![alu(AluOp::Lsh, a, Src::Imm(k)), alu(AluOp::Rsh, a, Src::Imm(k))],
                4 => vec![alu(op, a, from), alu(second, a, Src::Reg(c))],
                5 => vec![mov, alu(op, a, Src::Imm(k))],
                6 => vec![alu(AluOp::Add, a, Src::Imm(k)), jump],
                _ => match memory {
                    Insn::Load { size, sign, base, off, .. } => {
                        vec![Insn::Load { size, sign, dst: a, base, off }, alu(op, a, Src::Reg(c)), jump]
                    }
                    other => vec![mov, alu(AluOp::Add, a, Src::Reg(c)), other],
                },
            }
        },
    )
}

fn piece() -> impl Strategy<Value = Vec<Insn>> {
    let element = (reg(), reg(), 0..40i32, 0..8i16, size()).prop_map(|(to, index, at, off, size)| {
        // An element of memory by an index: `index = at; to = r1; to += index; to = *(to + off)`.
        let alu = |op, dst, src| Insn::Alu { width: Width::W64, op, dst, src };
        vec![
            alu(AluOp::Mov, index, Src::Imm(at)),
            alu(AluOp::Mov, to, Src::Reg(Reg::R1)),
            alu(AluOp::Add, to, Src::Reg(index)),
            Insn::Load { size, sign: false, dst: to, base: to, off },
        ]
    });
    prop_oneof![
        3 => alu().prop_map(|insn| vec![insn]),
        2 => jump().prop_map(|insn| vec![insn]),
        2 => memory().prop_map(|insn| vec![insn]),
        4 => idiom(),
        1 => element,
    ]
}

/// A random program: constants in every register, then pieces. It may loop for ever or fault.
pub(super) fn programs() -> impl Strategy<Value = Program> {
    (prop::collection::vec(any::<u64>(), 6), prop::collection::vec(piece(), 1..24)).prop_map(|(values, pieces)| {
        let mut insns = Vec::new();
        for (value, number) in values.into_iter().zip([0, 2, 3, 4, 5, 6u8]) {
            insns.push(Insn::LoadImm64 { dst: Reg::new(number).unwrap(), imm: Imm64::Value(value) });
        }
        insns.extend(pieces.into_iter().flatten());
        insns.push(Insn::Exit);
        program(ProgType::Xdp, &insns)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_program_does_the_same_watched_and_not(program in programs(), memory in prop::collection::vec(any::<u8>(), MEMORY)) {
        // `run` compares the two.
        run(&program, &memory);
    }
}
