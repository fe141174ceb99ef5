//! Soundness: what the concrete operation gives is in the set that the abstract one gives.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::isa::{AluOp, JmpOp, Swap, Width};
use crate::verifier::scalar::alu::of_sets;
use crate::verifier::scalar::*;

const CASES: u32 = 1000;

const ALU_OPS: [AluOp; 14] = [
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

pub(super) const JMP_OPS: [JmpOp; 11] = [
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

fn width() -> impl Strategy<Value = Width> {
    prop::sample::select(vec![Width::W32, Width::W64])
}

/// Numbers near which things change.
fn number() -> impl Strategy<Value = u64> {
    let near = |centre: u64| (0u64..8).prop_map(move |d| centre.wrapping_add(d).wrapping_sub(4));
    prop_oneof![
        near(0),
        near(1 << 31),
        near(1 << 32),
        near(1 << 63),
        (0u32..64).prop_flat_map(move |bit| near(1 << bit)),
        any::<i32>().prop_map(|n| n as i64 as u64),
        (any::<u64>(), 0u32..64).prop_map(|(n, shift)| n >> shift),
    ]
}

/// The least set of this form that has all `numbers`.
fn hull(numbers: &[u64]) -> Scalar {
    let first = Scalar::constant(numbers[0]);
    numbers[1..].iter().fold(first, |a, &number| {
        let b = Scalar::constant(number);
        Scalar {
            var_off: a.var_off.union(b.var_off),
            smin: a.smin.min(b.smin),
            smax: a.smax.max(b.smax),
            umin: a.umin.min(b.umin),
            umax: a.umax.max(b.umax),
            s32_min: a.s32_min.min(b.s32_min),
            s32_max: a.s32_max.max(b.s32_max),
            u32_min: a.u32_min.min(b.u32_min),
            u32_max: a.u32_max.max(b.u32_max),
        }
    })
}

/// Forgets the descriptions that `keep` has no bit for.
fn loosen(scalar: Scalar, keep: u8) -> Scalar {
    let mut loose = Scalar::UNKNOWN;
    let kept = |bit: u8| keep >> bit & 1 != 0;
    if kept(0) {
        loose.var_off = scalar.var_off;
    }
    if kept(1) {
        (loose.smin, loose.smax) = (scalar.smin, scalar.smax);
    }
    if kept(2) {
        (loose.umin, loose.umax) = (scalar.umin, scalar.umax);
    }
    if kept(3) {
        (loose.s32_min, loose.s32_max) = (scalar.s32_min, scalar.s32_max);
    }
    if kept(4) {
        (loose.u32_min, loose.u32_max) = (scalar.u32_min, scalar.u32_max);
    }
    loose
}

/// A set, not yet synchronised, and one of its numbers.
fn raw_member() -> impl Strategy<Value = (Scalar, u64)> {
    (prop::collection::vec(number(), 1..4), any::<u8>()).prop_map(|(numbers, keep)| {
        let keep = if keep & 0x80 != 0 { 0x1f } else { keep };
        (loosen(hull(&numbers), keep), numbers[0])
    })
}

/// A set as registers hold it, and one of its numbers.
fn member() -> impl Strategy<Value = (Scalar, u64)> {
    raw_member().prop_map(|(mut scalar, number)| {
        scalar.sync();
        (scalar, number)
    })
}

/// What the machine computes (RFC 9669 §4.1).
fn concrete(op: AluOp, width: Width, a: u64, b: u64) -> u64 {
    match width {
        Width::W64 => match op {
            AluOp::Add => a.wrapping_add(b),
            AluOp::Sub => a.wrapping_sub(b),
            AluOp::Mul => a.wrapping_mul(b),
            AluOp::Div => a.checked_div(b).unwrap_or(0),
            AluOp::Sdiv if b == 0 => 0,
            AluOp::Sdiv => (a as i64).wrapping_div(b as i64) as u64,
            AluOp::Mod => a.checked_rem(b).unwrap_or(a),
            AluOp::Smod if b == 0 => a,
            AluOp::Smod => (a as i64).wrapping_rem(b as i64) as u64,
            AluOp::Or => a | b,
            AluOp::And => a & b,
            AluOp::Xor => a ^ b,
            AluOp::Mov => b,
            AluOp::Lsh => a.wrapping_shl(b as u32),
            AluOp::Rsh => a.wrapping_shr(b as u32),
            AluOp::Arsh => (a as i64).wrapping_shr(b as u32) as u64,
        },
        Width::W32 => {
            let (low_a, low_b) = (a as u32, b as u32);
            let result = match op {
                AluOp::Lsh => low_a.wrapping_shl(low_b),
                AluOp::Rsh => low_a.wrapping_shr(low_b),
                AluOp::Arsh => (low_a as i32).wrapping_shr(low_b) as u32,
                AluOp::Sdiv if low_b == 0 => 0,
                AluOp::Sdiv => (low_a as i32).wrapping_div(low_b as i32) as u32,
                AluOp::Smod if low_b == 0 => low_a,
                AluOp::Smod => (low_a as i32).wrapping_rem(low_b as i32) as u32,
                _ => concrete(op, Width::W64, low_a.into(), low_b.into()) as u32,
            };
            result.into()
        }
    }
}

/// Whether the machine jumps (RFC 9669 §4.3).
fn jumps(op: JmpOp, width: Width, a: u64, b: u64) -> bool {
    let (a, b) = match width {
        Width::W64 => (a, b),
        // Extended by the sign, both orders of 64 bits are those of 32.
        Width::W32 => (a as i32 as i64 as u64, b as i32 as i64 as u64),
    };
    let (signed_a, signed_b) = (a as i64, b as i64);
    match op {
        JmpOp::Eq => a == b,
        JmpOp::Ne => a != b,
        JmpOp::Set => a & b != 0,
        JmpOp::Gt => a > b,
        JmpOp::Ge => a >= b,
        JmpOp::Lt => a < b,
        JmpOp::Le => a <= b,
        JmpOp::Sgt => signed_a > signed_b,
        JmpOp::Sge => signed_a >= signed_b,
        JmpOp::Slt => signed_a < signed_b,
        JmpOp::Sle => signed_a <= signed_b,
    }
}

fn check(scalar: &Scalar, number: u64) -> Result<(), TestCaseError> {
    prop_assert!(scalar.contains(number), "{number:#x} is not in {scalar:#x?}");
    prop_assert!(scalar.contradiction().is_none(), "{scalar:#x?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(9669),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn synchronising_loses_no_number_and_adds_none((raw, number) in raw_member()) {
        let mut synced = raw;
        synced.sync();
        check(&synced, number)?;
        prop_assert!(range_within(&raw, &synced));
        prop_assert!(tnum_in(raw.var_off, synced.var_off));
    }

    #[test]
    fn arithmetic_gives_what_the_machine_computes((a, x) in member(), (b, y) in member(), width in width()) {
        for op in ALU_OPS {
            check(&alu(op, width, a, b), concrete(op, width, x, y))?;
        }
        check(&negate(width, a), concrete(AluOp::Sub, width, 0, x))?;
    }

    #[test]
    fn shifts_by_a_constant_give_what_the_machine_computes((a, x) in member(), amount in 0u64..64, width in width()) {
        for op in [AluOp::Lsh, AluOp::Rsh, AluOp::Arsh] {
            check(&alu(op, width, a, Scalar::constant(amount)), concrete(op, width, x, amount))?;
        }
    }

    #[test]
    fn arithmetic_of_constants_is_the_long_way_shortened(x in number(), y in number(), width in width()) {
        let (a, b) = (Scalar::constant(x), Scalar::constant(y));
        for op in ALU_OPS {
            prop_assert_eq!(alu(op, width, a, b), of_sets(op, width, a, b), "{:?}", op);
        }
    }

    #[test]
    fn a_fork_has_both_numbers((a, x) in member(), constant in number(), width in width()) {
        // The sign of any number, in all its bits or in the lower half, is all zeroes or all ones.
        let shift = Scalar::constant(if width == Width::W32 { 31 } else { 63 });
        let mask = alu(AluOp::Arsh, width, a, shift);
        let number = concrete(AluOp::Arsh, width, x, shift.umin);
        if let Some((ones, zeroes)) = fork(AluOp::And, &mask, &Scalar::constant(constant)) {
            let forked = if number as u32 == 0 { zeroes } else { ones };
            for op in [AluOp::And, AluOp::Or] {
                check(&alu(op, width, forked, Scalar::constant(constant)), concrete(op, width, number, constant))?;
            }
        }
    }

    #[test]
    fn truncation_and_extension_keep_the_number((a, x) in member()) {
        for bytes in [1, 2, 4, 8] {
            let bits = bytes * 8;
            let mut short = a;
            short.coerce_to_size(bytes);
            check(&short, x << (64 - bits) >> (64 - bits))?;
            let mut long = a;
            long.sign_extend_64(bytes);
            check(&long, ((x << (64 - bits)) as i64 >> (64 - bits)) as u64)?;
        }
        for bytes in [1, 2] {
            let bits = bytes * 8;
            let extended = ((x as u32) << (32 - bits)) as i32 >> (32 - bits);
            check(&move_sign_extended(Width::W32, bytes, a), u64::from(extended as u32))?;
        }
        check(&byte_swap(Swap::ToBe, 16, a), u64::from((x as u16).swap_bytes()))?;
        check(&byte_swap(Swap::Bswap, 32, a), u64::from((x as u32).swap_bytes()))?;
        check(&byte_swap(Swap::Bswap, 64, a), x.swap_bytes())?;
        check(&byte_swap(Swap::ToLe, 32, a), u64::from(x as u32))?;
    }

    #[test]
    fn a_decided_branch_is_the_one_that_the_machine_takes((a, x) in member(), (b, y) in member(), width in width()) {
        for op in JMP_OPS {
            if let Some(taken) = branch_taken(op, width, &a, &b) {
                prop_assert_eq!(taken, jumps(op, width, x, y), "{:?}", op);
            }
        }
    }

    #[test]
    fn refinement_keeps_what_takes_that_side((a, x) in member(), (b, y) in member(), width in width()) {
        for op in JMP_OPS {
            if branch_taken(op, width, &a, &b).is_some() {
                continue;
            }
            let (mut first, mut second) = (a, b);
            refine(op, width, jumps(op, width, x, y), &mut first, &mut second);
            check(&first, x)?;
            check(&second, y)?;
        }
    }

    #[test]
    fn refinement_against_itself_keeps_what_takes_that_side((a, x) in member(), width in width()) {
        for op in JMP_OPS {
            if branch_taken(op, width, &a, &a).is_none() {
                let mut refined = a;
                refine_same(op, width, jumps(op, width, x, x), &mut refined);
                check(&refined, x)?;
            }
        }
    }

    #[test]
    fn bits_know_their_numbers(numbers in prop::collection::vec(number(), 1..4), from in number()) {
        let bits = hull(&numbers).var_off;
        let next = bits.next_after(from);
        prop_assert!(bits.contains(next));
        for &number in &numbers {
            prop_assert!(bits.contains(number));
            prop_assert!(number <= from || next <= number, "{number:#x} lies between {from:#x} and {next:#x}");
        }
        prop_assert!(next > from || next == bits.max());
    }
}
