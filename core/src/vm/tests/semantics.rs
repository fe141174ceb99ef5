//! Every operation against its definition in RFC 9669, written here a second time in wide integers.

use super::{program, returns, run};
use crate::isa::{AluOp, AtomicOp, Imm64, Insn, JmpOp, Reg, Size, Src, Swap, Width};
use crate::kernel::ProgType;

/// Values at which something changes.
const EDGES: [u64; 14] = [
    0,
    1,
    2,
    31,
    32,
    63,
    64,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

const ALU: [AluOp; 14] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::Sdiv,
    AluOp::Or,
    AluOp::And,
    AluOp::Lsh,
    AluOp::Rsh,
    AluOp::Mod,
    AluOp::Smod,
    AluOp::Xor,
    AluOp::Mov,
    AluOp::Arsh,
];

const JMP: [JmpOp; 11] = [
    JmpOp::Eq,
    JmpOp::Gt,
    JmpOp::Ge,
    JmpOp::Set,
    JmpOp::Ne,
    JmpOp::Sgt,
    JmpOp::Sge,
    JmpOp::Lt,
    JmpOp::Le,
    JmpOp::Slt,
    JmpOp::Sle,
];

fn reg(number: u8) -> Reg {
    Reg::new(number).unwrap()
}

fn bits(width: Width) -> u32 {
    if width == Width::W32 { 32 } else { 64 }
}

/// The operand in its width, unsigned and signed.
fn wide(value: u64, width: Width) -> (u128, i128) {
    match width {
        Width::W32 => (u128::from(value as u32), i128::from(value as i32)),
        Width::W64 => (u128::from(value), i128::from(value as i64)),
    }
}

/// RFC 9669 section 4.1.
fn alu(op: AluOp, width: Width, a: u64, b: u64) -> u64 {
    let ((a, sa), (b, sb)) = (wide(a, width), wide(b, width));
    let shift = (b % u128::from(bits(width))) as u32;
    let result = match op {
        AluOp::Add => a + b,
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Div if b == 0 => 0,
        AluOp::Div => a / b,
        AluOp::Sdiv if b == 0 => 0,
        AluOp::Sdiv => (sa / sb) as u128,
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Lsh => a << shift,
        AluOp::Rsh => a >> shift,
        AluOp::Mod if b == 0 => a,
        AluOp::Mod => a % b,
        AluOp::Smod if b == 0 => a,
        AluOp::Smod => (sa % sb) as u128,
        AluOp::Xor => a ^ b,
        AluOp::Mov => b,
        AluOp::Arsh => (sa >> shift) as u128,
    };
    (result & ((1 << bits(width)) - 1)) as u64
}

/// RFC 9669 section 4.3.
fn holds(op: JmpOp, width: Width, a: u64, b: u64) -> bool {
    let ((a, sa), (b, sb)) = (wide(a, width), wide(b, width));
    match op {
        JmpOp::Eq => a == b,
        JmpOp::Gt => a > b,
        JmpOp::Ge => a >= b,
        JmpOp::Set => a & b != 0,
        JmpOp::Ne => a != b,
        JmpOp::Sgt => sa > sb,
        JmpOp::Sge => sa >= sb,
        JmpOp::Lt => a < b,
        JmpOp::Le => a <= b,
        JmpOp::Slt => sa < sb,
        JmpOp::Sle => sa <= sb,
    }
}

fn value(dst: u8, value: u64) -> Insn {
    Insn::LoadImm64 { dst: reg(dst), imm: Imm64::Value(value) }
}

/// `r0 = a; r2 = b;` the instruction; `exit`.
fn result(a: u64, b: u64, insn: Insn) -> u64 {
    let (outcome, _) = run(&program(ProgType::Xdp, &[value(0, a), value(2, b), insn, Insn::Exit]), &[]);
    assert_eq!(outcome.fault, None, "{insn:?}");
    outcome.ret
}

#[test]
fn arithmetic_is_that_of_the_standard() {
    for op in ALU {
        for width in [Width::W32, Width::W64] {
            for a in EDGES {
                for b in EDGES {
                    let insn = Insn::Alu { width, op, dst: reg(0), src: Src::Reg(reg(2)) };
                    assert_eq!(result(a, b, insn), alu(op, width, a, b), "{op:?} {width:?} {a:#x} {b:#x}");
                }
                for imm in [0, 1, -1, 7, 31, 32, 63, 64, i32::MIN, i32::MAX] {
                    let insn = Insn::Alu { width, op, dst: reg(0), src: Src::Imm(imm) };
                    let b = i64::from(imm) as u64;
                    assert_eq!(result(a, 0, insn), alu(op, width, a, b), "{op:?} {width:?} {a:#x} {imm}");
                }
            }
        }
    }
}

#[test]
fn jumps_are_those_of_the_standard() {
    for op in JMP {
        for width in [Width::W32, Width::W64] {
            for a in EDGES {
                let forms = EDGES.map(|b| (b, Src::Reg(reg(2)))).into_iter();
                let imms = [0, 1, -1, i32::MIN, i32::MAX].map(|i| (i64::from(i) as u64, Src::Imm(i)));
                for (b, src) in forms.chain(imms) {
                    let jump = Insn::Jump { width, op, dst: reg(3), src, off: 1 };
                    let one = Insn::Alu { width, op: AluOp::Mov, dst: reg(0), src: Src::Imm(1) };
                    let insns = [value(3, a), value(2, b), value(0, 0), jump, one, Insn::Exit];
                    let (outcome, _) = run(&program(ProgType::Xdp, &insns), &[]);
                    let taken = outcome.ret == 0;
                    assert_eq!(taken, holds(op, width, a, b), "{op:?} {width:?} {a:#x} {b:#x}");
                    assert_eq!(outcome.insns, if taken { 5 } else { 6 });
                }
            }
        }
    }
}

#[test]
fn moves_extend_signs() {
    for (width, from, b, expected) in [
        (Width::W32, Size::B, 0x1280, 0xffff_ff80),
        (Width::W32, Size::H, 0x1_8000, 0xffff_8000),
        (Width::W64, Size::B, 0x80, u64::MAX - 0x7f),
        (Width::W64, Size::B, 0x17f, 0x7f),
        (Width::W64, Size::H, 0x8000, u64::MAX - 0x7fff),
        (Width::W64, Size::W, 0x1_8000_0000, u64::MAX - 0x7fff_ffff),
        (Width::W64, Size::W, 0x7fff_ffff, 0x7fff_ffff),
    ] {
        let insn = Insn::MovSx { width, from, dst: reg(0), src: reg(2) };
        assert_eq!(result(7, b, insn), expected, "{insn:?}");
    }
}

#[test]
fn negation_and_byte_order() {
    let x = 0x0102_0304_0506_0708;
    for (insn, expected) in [
        (Insn::Neg { width: Width::W64, dst: reg(0) }, 0u64.wrapping_sub(x)),
        (Insn::Neg { width: Width::W32, dst: reg(0) }, u64::from(0u32.wrapping_sub(0x0506_0708))),
        (Insn::Endian { swap: Swap::ToLe, bits: 16, dst: reg(0) }, 0x0708),
        (Insn::Endian { swap: Swap::ToLe, bits: 32, dst: reg(0) }, 0x0506_0708),
        (Insn::Endian { swap: Swap::ToLe, bits: 64, dst: reg(0) }, x),
        (Insn::Endian { swap: Swap::ToBe, bits: 16, dst: reg(0) }, 0x0807),
        (Insn::Endian { swap: Swap::ToBe, bits: 32, dst: reg(0) }, 0x0807_0605),
        (Insn::Endian { swap: Swap::ToBe, bits: 64, dst: reg(0) }, 0x0807_0605_0403_0201),
        (Insn::Endian { swap: Swap::Bswap, bits: 16, dst: reg(0) }, 0x0807),
        (Insn::Endian { swap: Swap::Bswap, bits: 32, dst: reg(0) }, 0x0807_0605),
        (Insn::Endian { swap: Swap::Bswap, bits: 64, dst: reg(0) }, 0x0807_0605_0403_0201),
    ] {
        assert_eq!(result(x, 0, insn), expected, "{insn:?}");
    }
}

#[test]
fn loads_extend_and_stores_cut() {
    let memory = [0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88];
    for (size, zero, sign) in [
        (Size::B, 0x82, 0x82 - 0x100i64),
        (Size::H, 0x8382, 0x8382 - 0x1_0000),
        (Size::W, 0x8584_8382, 0x8584_8382 - 0x1_0000_0000),
    ] {
        for (signed, expected) in [(false, zero), (true, sign as u64)] {
            // From the packet, and from a copy of it on the stack, through r10 and through another register.
            let load = |base: u8, off| Insn::Load { size, sign: signed, dst: reg(0), base: reg(base), off };
            let copy = [
                Insn::Load { size: Size::Dw, sign: false, dst: reg(3), base: reg(1), off: 0 },
                Insn::Store { size: Size::Dw, base: reg(10), off: -16, src: Src::Reg(reg(3)) },
                Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: reg(4), src: Src::Reg(reg(10)) },
            ];
            for insn in [load(1, 1), load(10, -15), load(4, -15)] {
                let insns = [&copy[..], &[insn, Insn::Exit]].concat();
                let (outcome, _) = run(&program(ProgType::Xdp, &insns), &memory);
                assert_eq!((outcome.ret, outcome.fault), (expected, None), "{insn:?}");
            }
        }
    }
    for (size, expected) in
        [(Size::B, 0x8887_8685_8483_ff81), (Size::H, 0x8887_8685_84ff_fe81), (Size::W, 0x8887_86ff_ffff_fe81)]
    {
        let imm = if size == Size::B { -1 } else { -2 };
        let sources = [(Src::Imm(imm), 0), (Src::Reg(reg(2)), i64::from(imm) as u64)];
        for (src, r2) in sources {
            let store = Insn::Store { size, base: reg(1), off: 1, src };
            let load = Insn::Load { size: Size::Dw, sign: false, dst: reg(0), base: reg(1), off: 0 };
            let (outcome, after) = run(&program(ProgType::Xdp, &[value(2, r2), store, load, Insn::Exit]), &memory);
            assert_eq!(outcome.ret, expected, "{store:?}");
            assert_eq!(after, expected.to_le_bytes());
        }
    }
}

#[test]
fn acquire_and_release_are_loads_and_stores() {
    for (size, expected) in
        [(Size::B, 0xef), (Size::H, 0xcdef), (Size::W, 0x89ab_cdef), (Size::Dw, 0x123_4567_89ab_cdef)]
    {
        let insns = [
            value(2, 0x0123_4567_89ab_cdef),
            Insn::StoreRelease { size, base: reg(1), off: 0, src: reg(2) },
            Insn::LoadAcquire { size, dst: reg(0), base: reg(1), off: 0 },
            Insn::Exit,
        ];
        let (outcome, _) = run(&program(ProgType::Xdp, &insns), &[0; 8]);
        assert_eq!((outcome.ret, outcome.fault), (expected, None), "{size:?}");
    }
}

/// RFC 9669 section 5.3: new value in memory, and what the fetching register holds afterwards.
#[test]
fn atomics_change_memory_and_fetch() {
    let add = |fetch| AtomicOp::Add { fetch };
    let or = |fetch| AtomicOp::Or { fetch };
    let and = |fetch| AtomicOp::And { fetch };
    let xor = |fetch| AtomicOp::Xor { fetch };
    let old = 0x8000_0001_ffff_fff0u64;
    let src = 0x0000_0003_0000_00ffu64;
    // (operation, memory after 64 bits, low half after 32 bits, whether r2 holds the old value)
    for (op, wide, narrow, fetched) in [
        (add(false), old + src, 0x0000_00ef, false),
        (add(true), old + src, 0x0000_00ef, true),
        (or(false), old | src, 0xffff_ffff, false),
        (or(true), old | src, 0xffff_ffff, true),
        (and(false), old & src, 0x0000_00f0, false),
        (and(true), old & src, 0x0000_00f0, true),
        (xor(false), old ^ src, 0xffff_ff0f, false),
        (xor(true), old ^ src, 0xffff_ff0f, true),
        (AtomicOp::Xchg, src, 0x0000_00ff, true),
    ] {
        for (size, memory, register) in
            [(Size::Dw, wide, old), (Size::W, old >> 32 << 32 | narrow, u64::from(old as u32))]
        {
            for (base, off) in [(1, 0), (10, -8), (3, -8)] {
                let insns = [
                    value(2, src),
                    value(4, old),
                    Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: reg(3), src: Src::Reg(reg(10)) },
                    Insn::Store { size: Size::Dw, base: reg(base), off, src: Src::Reg(reg(4)) },
                    Insn::Atomic { size, op, base: reg(base), off, src: reg(2) },
                    Insn::Load { size: Size::Dw, sign: false, dst: reg(0), base: reg(base), off },
                    Insn::Store { size: Size::Dw, base: reg(1), off: 8, src: Src::Reg(reg(2)) },
                    Insn::Exit,
                ];
                let (outcome, after) = run(&program(ProgType::Xdp, &insns), &[0; 16]);
                assert_eq!((outcome.ret, outcome.fault), (memory, None), "{op:?} {size:?}");
                let r2 = if fetched { register } else { src };
                assert_eq!(after[8..], r2.to_le_bytes(), "{op:?} {size:?}");
            }
        }
    }
}

#[test]
fn compare_and_exchange_compares_with_r0_and_returns_the_old_value() {
    let old = 0x8000_0001_ffff_fff0u64;
    for (size, r0, memory, after) in [
        (Size::Dw, old, 7, old),
        (Size::Dw, old + 1, old, old),
        (Size::W, 0xffff_fff0, old >> 32 << 32 | 7, 0xffff_fff0),
        // Only the lower half is compared.
        (Size::W, 0x5_ffff_fff0, old >> 32 << 32 | 7, 0xffff_fff0),
        (Size::W, 1, old, 0xffff_fff0),
    ] {
        let insns = [
            value(0, r0),
            value(2, 7),
            Insn::Atomic { size, op: AtomicOp::Cmpxchg, base: reg(1), off: 0, src: reg(2) },
            Insn::Exit,
        ];
        let (outcome, bytes) = run(&program(ProgType::Xdp, &insns), &old.to_le_bytes());
        assert_eq!((outcome.ret, outcome.fault), (after, None), "{size:?} {r0:#x}");
        assert_eq!(bytes, memory.to_le_bytes(), "{size:?} {r0:#x}");
    }
}

#[test]
fn a_64_bit_immediate_is_one_instruction() {
    let (outcome, _) = run(&program(ProgType::Xdp, &[value(0, 0x0123_4567_89ab_cdef), Insn::Exit]), &[]);
    assert_eq!((outcome.ret, outcome.insns), (0x0123_4567_89ab_cdef, 2));
}

#[test]
fn memory_and_its_length_are_the_arguments() {
    assert_eq!(returns("r0 = r2; exit", &[0; 5]), 5);
    assert_eq!(returns("r0 = *(u8 *)(r1 + 4); exit", &[1, 2, 3, 4, 5]), 5);
    assert_eq!(returns("r0 = r2; exit", &[]), 0);
}
