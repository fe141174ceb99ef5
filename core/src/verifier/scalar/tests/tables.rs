//! Small cases by hand. Values and spellings are those of Linux 6.18.44.

use crate::isa::{AluOp, JmpOp, Swap, Width};
use crate::verifier::scalar::*;

/// The text inside of `scalar(…)`, or the constant.
fn text(scalar: Scalar) -> String {
    let mut out = String::new();
    match scalar.constant_value() {
        Some(value) => write_snum(value, &mut out),
        None => write_ranges(&scalar, &mut "", &mut out),
    }
    out
}

fn constant(value: i64) -> Scalar {
    Scalar::constant(value as u64)
}

fn loaded(bytes: u32) -> Scalar {
    Scalar::unknown_of_size(bytes)
}

fn tnum(value: u64, mask: u64) -> Tnum {
    Tnum { value, mask }
}

#[test]
fn bits_by_operation() {
    let (odd, small) = (tnum(1, 6), tnum(0, 3));
    let cases = [
        ("range", Tnum::range(8, 11), tnum(8, 3)),
        ("range of one", Tnum::range(9, 9), tnum(9, 0)),
        ("range of all", Tnum::range(0, u64::MAX), Tnum::UNKNOWN),
        ("add", odd.add(small), tnum(0, 15)),
        ("sub", odd.sub(odd), tnum(0, !1)),
        ("neg", tnum(4, 0).neg(), tnum(4u64.wrapping_neg(), 0)),
        ("mul", odd.mul(tnum(4, 0)), tnum(4, 24)),
        ("mul by the unknown", tnum(2, 0).mul(Tnum::UNKNOWN), tnum(0, !1)),
        ("mul of one bit", tnum(0, 1).mul(tnum(9, 0)), tnum(0, 9)),
        ("and", odd.and(small), tnum(0, 3)),
        ("or", odd.or(small), tnum(1, 6)),
        ("xor", odd.xor(tnum(1, 0)), tnum(0, 6)),
        ("lsh", odd.lsh(1), tnum(2, 12)),
        ("rsh", odd.rsh(1), tnum(0, 3)),
        ("arsh of an unknown sign", tnum(0, 1 << 63).arsh64(62), tnum(0, !1)),
        ("arsh of a 32-bit sign", tnum(0x8000_0000, 0).arsh32(31), tnum(0xffff_ffff, 0)),
        ("intersect", odd.intersect(tnum(4, 3)), tnum(5, 2)),
        ("union", tnum(5, 0).union(tnum(4, 0)), tnum(4, 1)),
        ("cast", Tnum::UNKNOWN.cast(2), tnum(0, 0xffff)),
        ("with_subreg", tnum(7 << 32, 0).with_subreg(odd), tnum(7 << 32 | 1, 6)),
        ("const_subreg", Tnum::UNKNOWN.const_subreg(3), tnum(3, u64::MAX << 32)),
        ("swap_bytes", tnum(0x12, 0xff00).swap_bytes(16), tnum(0x1200, 0xff)),
    ];
    for (what, ours, expected) in cases {
        assert_eq!(ours, expected, "{what}");
    }
}

#[test]
fn bits_cover_overlap_and_step() {
    assert!(tnum(0, 7).covers(tnum(1, 6)));
    assert!(!tnum(1, 6).covers(tnum(0, 7)));
    assert!(tnum(1, 6).overlaps(tnum(0, 3)));
    assert!(!tnum(1, 6).overlaps(tnum(0, 6)));
    let bits = tnum(0b0100, 0b1010);
    let steps = [(0, 4), (4, 6), (5, 6), (6, 12), (11, 12), (12, 14), (14, 14), (99, 14)];
    for (number, next) in steps {
        assert_eq!(bits.next_after(number), next, "after {number}");
    }
}

#[test]
fn the_log_spells_ranges() {
    let mut not_zero = Scalar::UNKNOWN;
    refine(JmpOp::Ne, Width::W64, true, &mut not_zero, &mut constant(0));
    let cases = [
        (Scalar::UNKNOWN, ""),
        (constant(0), "0"),
        (constant(-32768), "-32768"),
        (constant(-32769), "0xffffffffffff7fff"),
        (constant(32767), "32767"),
        (constant(32768), "0x8000"),
        (loaded(1), "smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)"),
        (loaded(2), "smin=smin32=0,smax=umax=smax32=umax32=0xffff,var_off=(0x0; 0xffff)"),
        (loaded(4), "smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)"),
        (loaded(8), ""),
        (not_zero, "umin=1"),
    ];
    for (scalar, expected) in cases {
        assert_eq!(text(scalar), expected, "{scalar:x?}");
    }
}

#[test]
fn a_separator_goes_before_the_first_range_if_something_stands_there() {
    let (mut sep, mut out) = (",", String::from("off=4"));
    write_ranges(&loaded(1), &mut sep, &mut out);
    assert_eq!(out, "off=4,smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)");
    let (mut sep, mut out) = ("", String::new());
    write_ranges(&Scalar::UNKNOWN, &mut sep, &mut out);
    assert_eq!((sep, out.as_str()), ("", ""));
}

#[test]
fn a_load_gives_what_truncation_leaves_of_any_number() {
    for bytes in [1, 2, 4, 8] {
        let mut truncated = Scalar::UNKNOWN;
        truncated.coerce_to_size(bytes);
        assert_eq!(loaded(bytes), truncated, "{bytes} bytes");
    }
}

#[test]
fn arithmetic_by_operation() {
    use AluOp::*;
    use Width::*;
    let cases = [
        (
            Add,
            W64,
            loaded(1),
            constant(1),
            "smin=umin=smin32=umin32=1,smax=umax=smax32=umax32=256,var_off=(0x0; 0x1ff)",
        ),
        (Sub, W64, loaded(1), constant(1), "smin=smin32=-1,smax=smax32=254"),
        (Mul, W64, loaded(1), constant(4), "smin=smin32=0,smax=umax=smax32=umax32=1020,var_off=(0x0; 0x3fc)"),
        (And, W64, Scalar::UNKNOWN, constant(7), "smin=smin32=0,smax=umax=smax32=umax32=7,var_off=(0x0; 0x7)"),
        (
            Or,
            W64,
            loaded(1),
            constant(256),
            "smin=umin=smin32=umin32=256,smax=umax=smax32=umax32=511,var_off=(0x100; 0xff)",
        ),
        (Xor, W64, loaded(1), constant(255), "smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)"),
        (Lsh, W64, loaded(1), constant(2), "smin=smin32=0,smax=umax=smax32=umax32=1020,var_off=(0x0; 0x3fc)"),
        (Rsh, W64, loaded(1), constant(4), "smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf)"),
        (Arsh, W64, Scalar::UNKNOWN, constant(63), "smin=smin32=-1,smax=smax32=0"),
        (
            Arsh,
            W32,
            Scalar::UNKNOWN,
            constant(31),
            "smin=0,smax=umax=0xffffffff,smin32=-1,smax32=0,var_off=(0x0; 0xffffffff)",
        ),
        (Add, W32, Scalar::UNKNOWN, constant(1), "smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)"),
        (Mov, W32, Scalar::UNKNOWN, constant(-1), "0xffffffff"),
        (Lsh, W64, constant(3), constant(2), "12"),
        // What is not followed.
        (Div, W64, constant(6), constant(2), ""),
        (Mod, W32, loaded(1), constant(2), ""),
        (Lsh, W64, constant(1), constant(64), ""),
        (Lsh, W64, constant(1), loaded(1), ""),
        (Rsh, W32, loaded(1), Scalar::with_bits(tnum(1, u64::MAX << 32)), ""),
    ];
    for (op, width, dst, src, expected) in cases {
        assert_eq!(text(alu(op, width, dst, src)), expected, "{op:?} {width:?} {dst:x?} {src:x?}");
    }
}

#[test]
fn negation_and_byte_order() {
    assert_eq!(text(negate(Width::W64, loaded(1))), "smin=smin32=-255,smax=smax32=0");
    assert_eq!(text(negate(Width::W32, constant(1))), "0xffffffff");
    assert_eq!(text(byte_swap(Swap::ToBe, 16, constant(0x4a07_1583))), "0x8315");
    assert_eq!(text(byte_swap(Swap::ToLe, 16, constant(0x4a07_1583))), "5507");
    let swapped = "smin=0,smax=umax=umax32=0xff7f0000,smax32=0x7f7f0000,var_off=(0x0; 0xff7f0000)";
    let mut positive = loaded(2);
    refine(JmpOp::Lt, Width::W64, true, &mut positive, &mut constant(0x8000));
    assert_eq!(text(byte_swap(Swap::Bswap, 32, positive)), swapped);
}

#[test]
fn immediates_that_are_refused_wherever_they_stand() {
    use AluOp::*;
    let cases = [
        (Div, Width::W64, 0, Some(BadImm::DivByZero)),
        (Smod, Width::W32, 0, Some(BadImm::DivByZero)),
        (Mod, Width::W32, 1, None),
        (Lsh, Width::W64, 63, None),
        (Lsh, Width::W64, 64, Some(BadImm::Shift(64))),
        (Rsh, Width::W32, 32, Some(BadImm::Shift(32))),
        (Arsh, Width::W64, -1, Some(BadImm::Shift(-1))),
        (Add, Width::W64, -1, None),
    ];
    for (op, width, imm, expected) in cases {
        assert_eq!(bad_imm(op, width, imm), expected, "{op:?} {width:?} {imm}");
    }
}

#[test]
fn a_mask_of_zeroes_or_ones_forks() {
    let mask = alu(AluOp::Arsh, Width::W64, Scalar::UNKNOWN, constant(63));
    assert_eq!(fork(AluOp::Or, &mask, &constant(5)), Some((constant(-1), constant(0))));
    assert_eq!(fork(AluOp::And, &mask, &constant(5)), Some((constant(-1), constant(0))));
    assert_eq!(fork(AluOp::Xor, &mask, &constant(5)), None);
    assert_eq!(fork(AluOp::And, &mask, &loaded(1)), None);
    assert_eq!(fork(AluOp::And, &loaded(1), &constant(5)), None);
}

#[test]
fn branches_that_are_decided() {
    use JmpOp::*;
    use Width::*;
    let cases = [
        (Eq, W64, constant(1), constant(1), Some(true)),
        (Ne, W64, constant(1), constant(1), Some(false)),
        (Eq, W64, loaded(1), constant(256), Some(false)),
        (Eq, W64, loaded(1), constant(255), None),
        (Eq, W32, Scalar::with_bits(tnum(5, u64::MAX << 32)), constant(5), Some(true)),
        (Eq, W64, Scalar::with_bits(tnum(1, !1)), Scalar::with_bits(tnum(0, !1)), Some(false)),
        (Gt, W64, loaded(1), constant(255), Some(false)),
        (Le, W64, loaded(1), constant(255), Some(true)),
        (Lt, W64, loaded(1), constant(-1), Some(true)),
        (Slt, W64, loaded(1), constant(-1), Some(false)),
        (Slt, W32, loaded(4), constant(0), None),
        (Sge, W64, loaded(4), constant(0), Some(true)),
        (Set, W64, loaded(1), constant(0x100), Some(false)),
        (Set, W64, constant(3), constant(2), Some(true)),
        (Set, W64, constant(0x100), loaded(1), Some(false)),
        (Set, W64, loaded(1), loaded(1), None),
    ];
    for (op, width, a, b, expected) in cases {
        assert_eq!(branch_taken(op, width, &a, &b), expected, "{op:?} {width:?} {a:x?} {b:x?}");
    }
}

#[test]
fn branches_that_teach() {
    use JmpOp::*;
    use Width::*;
    let byte = "smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)";
    let cases = [
        (Eq, W64, true, loaded(1), 7, "7"),
        (Ne, W64, false, loaded(1), 7, "7"),
        (Eq, W64, false, loaded(1), 7, byte),
        (Eq, W64, false, loaded(1), 0, "smin=umin=smin32=umin32=1,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)"),
        (Gt, W64, false, Scalar::UNKNOWN, 15, "smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf)"),
        (Gt, W64, true, Scalar::UNKNOWN, 15, "umin=16"),
        (Sgt, W64, true, Scalar::UNKNOWN, -1, "smin=0,umax=0x7fffffffffffffff,var_off=(0x0; 0x7fffffffffffffff)"),
        (
            Lt,
            W32,
            true,
            Scalar::UNKNOWN,
            8,
            "smax=0x7fffffff00000007,umax=0xffffffff00000007,smin32=0,smax32=umax32=7,var_off=(0x0; 0xffffffff00000007)",
        ),
        (Set, W64, true, loaded(1), 4, "smin=umin=smin32=umin32=4,smax=umax=smax32=umax32=255,var_off=(0x4; 0xfb)"),
        (Set, W64, true, loaded(1), 6, byte),
        (Set, W64, false, loaded(1), 0xf0, "smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf)"),
    ];
    for (op, width, taken, mut a, constant_b, expected) in cases {
        refine(op, width, taken, &mut a, &mut constant(constant_b));
        assert_eq!(text(a), expected, "{op:?} {width:?} {taken} {constant_b}");
    }
}

#[test]
fn both_operands_learn() {
    let (mut a, mut b) = (loaded(1), loaded(1));
    refine(JmpOp::Lt, Width::W64, true, &mut a, &mut b);
    assert_eq!((a.umax, b.umin), (254, 1));
    let (mut a, mut b) = (loaded(2), loaded(1));
    refine(JmpOp::Eq, Width::W64, true, &mut a, &mut b);
    assert_eq!((a, b), (loaded(1), loaded(1)));
}

#[test]
fn a_register_is_not_seen_to_be_compared_with_itself() {
    let mut a = loaded(1);
    refine_same(JmpOp::Lt, Width::W64, false, &mut a);
    assert_eq!(a, loaded(1));
    refine_same(JmpOp::Lt, Width::W64, true, &mut a);
    assert_eq!((a.umin, a.umax), (1, 254));
}

#[test]
fn contradictions_are_reported_and_forgotten() {
    let mut bit = loaded(1);
    (bit.smin, bit.smax, bit.umin, bit.umax) = (1, 0, 1, 0);
    let mut line = String::new();
    bit.settle(|scalar| write_contradiction("true_reg1", scalar, &mut line));
    assert_eq!(
        line,
        "verifier bug: REG INVARIANTS VIOLATION (true_reg1): range bounds violation u64=[0x1, 0x0] s64=[0x1, 0x0] \
         u32=[0x0, 0xff] s32=[0x0, 0xff] var_off=(0x0, 0xff)"
    );
    assert_eq!(bit, Scalar::with_bits(tnum(0, 0xff)));
}

#[test]
fn a_range_is_within_another_when_all_four_pairs_are() {
    let cases = [(8, 8, true), (8, 1, true), (1, 8, false), (4, 2, true), (2, 4, false), (1, 1, true)];
    for (old, cur, expected) in cases {
        assert_eq!(range_within(&loaded(old), &loaded(cur)), expected, "{cur} bytes in {old}");
        assert_eq!(tnum_in(loaded(old).var_off, loaded(cur).var_off), expected, "{cur} bytes in {old}");
    }
    let narrow = Scalar { s32_max: 5, ..loaded(1) };
    assert!(!range_within(&narrow, &loaded(1)));
}
