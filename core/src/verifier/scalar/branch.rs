//! Conditional jumps: whether one is taken, and what both operands are known to be on either side of it.
//!
//! Six questions are enough (`==`, `!=`, `<=`, `<`, any common bit, no common bit): the others are these with the
//! operands exchanged, and the side that is not taken is the opposite question.

use super::Scalar;
use super::bounds::{Bounds32, Bounds64};
use super::tnum::Tnum;
use crate::isa::{JmpOp, Width};

/// Whether `if a op b` is always taken, never, or (`None`) depends.
pub fn branch_taken(op: JmpOp, width: Width, a: &Scalar, b: &Scalar) -> Option<bool> {
    let (x, y) = (View::new(width, a), View::new(width, b));
    match op {
        JmpOp::Eq => decide_equal(width, a, b),
        JmpOp::Ne => decide_equal(width, a, b).map(|equal| !equal),
        JmpOp::Set => decide_common_bit(x.bits, y.bits),
        JmpOp::Gt => decide_greater(x.umin > y.umax, x.umax <= y.umin),
        JmpOp::Ge => decide_greater(x.umin >= y.umax, x.umax < y.umin),
        JmpOp::Lt => decide_greater(x.umax < y.umin, x.umin >= y.umax),
        JmpOp::Le => decide_greater(x.umax <= y.umin, x.umin > y.umax),
        JmpOp::Sgt => decide_greater(x.smin > y.smax, x.smax <= y.smin),
        JmpOp::Sge => decide_greater(x.smin >= y.smax, x.smax < y.smin),
        JmpOp::Slt => decide_greater(x.smax < y.smin, x.smin >= y.smax),
        JmpOp::Sle => decide_greater(x.smax <= y.smin, x.smin > y.smax),
    }
}

/// Narrows both operands to what they can be when `if a op b` is `taken`, or not. The second may be a constant that
/// stands for an immediate (sign-extended to 64 bits whatever the width): what becomes of it is then of no interest.
#[inline]
pub fn refine(op: JmpOp, width: Width, taken: bool, a: &mut Scalar, b: &mut Scalar) {
    refine_reporting(op, width, taken, a, b, |_, _| {});
}

/// The same, and reports what contradicts itself with the kernel's name for it (`true_reg1`), in the kernel's order if
/// the taken side is refined first.
pub fn refine_reporting(
    op: JmpOp,
    width: Width,
    taken: bool,
    a: &mut Scalar,
    b: &mut Scalar,
    mut report: impl FnMut(&'static str, &Scalar),
) {
    match (op, taken) {
        (JmpOp::Eq, true) | (JmpOp::Ne, false) => learn_equal(width, a, b),
        (JmpOp::Ne, true) | (JmpOp::Eq, false) => learn_unequal(width, a, b),
        (JmpOp::Set, true) => learn_common_bit(width, a, b),
        (JmpOp::Set, false) => learn_no_common_bit(width, a, b),
        (JmpOp::Le, true) | (JmpOp::Gt, false) => learn_order(width, Order::UnsignedLe, a, b),
        (JmpOp::Lt, true) | (JmpOp::Ge, false) => learn_order(width, Order::UnsignedLt, a, b),
        (JmpOp::Ge, true) | (JmpOp::Lt, false) => learn_order(width, Order::UnsignedLe, b, a),
        (JmpOp::Gt, true) | (JmpOp::Le, false) => learn_order(width, Order::UnsignedLt, b, a),
        (JmpOp::Sle, true) | (JmpOp::Sgt, false) => learn_order(width, Order::SignedLe, a, b),
        (JmpOp::Slt, true) | (JmpOp::Sge, false) => learn_order(width, Order::SignedLt, a, b),
        (JmpOp::Sge, true) | (JmpOp::Slt, false) => learn_order(width, Order::SignedLe, b, a),
        (JmpOp::Sgt, true) | (JmpOp::Sle, false) => learn_order(width, Order::SignedLt, b, a),
    }
    a.sync();
    b.sync();
    a.settle(|scalar| report(role(taken, 1), scalar));
    b.settle(|scalar| report(role(taken, 2), scalar));
}

const fn role(taken: bool, operand: u32) -> &'static str {
    match (taken, operand) {
        (true, 1) => "true_reg1",
        (true, _) => "true_reg2",
        (false, 1) => "false_reg1",
        (false, _) => "false_reg2",
    }
}

/// The same where both operands are one register (`if r1 < r1`). Linux 6.18 does not see that, and narrows the one set
/// from both ends on the side that is never walked, where it goes on with what is left.
#[inline]
pub fn refine_same(op: JmpOp, width: Width, taken: bool, a: &mut Scalar) {
    refine_same_reporting(op, width, taken, a, |_, _| {});
}

/// The same, with reports as of [`refine_reporting`].
pub fn refine_same_reporting(
    op: JmpOp,
    width: Width,
    taken: bool,
    a: &mut Scalar,
    mut report: impl FnMut(&'static str, &Scalar),
) {
    let strict = match op {
        JmpOp::Eq | JmpOp::Ne | JmpOp::Set => None,
        JmpOp::Lt | JmpOp::Gt => taken.then_some(false),
        JmpOp::Le | JmpOp::Ge => (!taken).then_some(false),
        JmpOp::Slt | JmpOp::Sgt => taken.then_some(true),
        JmpOp::Sle | JmpOp::Sge => (!taken).then_some(true),
    };
    match (strict, width) {
        (None, _) => {}
        (Some(signed), Width::W64) => {
            let mut bounds = a.bounds64();
            bounds.order_with_itself(signed);
            a.set_bounds64(bounds);
        }
        (Some(signed), Width::W32) => {
            let mut bounds = a.bounds32();
            bounds.order_with_itself(signed);
            a.set_bounds32(bounds);
        }
    }
    // Once as either operand: a second time can find more.
    a.sync();
    a.sync();
    a.settle(|scalar| report(role(taken, 1), scalar));
    a.settle(|scalar| report(role(taken, 2), scalar));
}

/// A number as a jump of one width sees it.
struct View {
    bits: Tnum,
    smin: i64,
    smax: i64,
    umin: u64,
    umax: u64,
}

impl View {
    #[inline]
    fn new(width: Width, scalar: &Scalar) -> View {
        match width {
            Width::W64 => {
                let Bounds64 { smin, smax, umin, umax } = scalar.bounds64();
                View { bits: scalar.var_off, smin, smax, umin, umax }
            }
            Width::W32 => {
                let Bounds32 { smin, smax, umin, umax } = scalar.bounds32();
                View {
                    bits: scalar.var_off.subreg(),
                    smin: smin.into(),
                    smax: smax.into(),
                    umin: umin.into(),
                    umax: umax.into(),
                }
            }
        }
    }

    #[inline]
    fn is_apart_from(&self, other: &View) -> bool {
        self.umin > other.umax || self.umax < other.umin || self.smin > other.smax || self.smax < other.smin
    }
}

#[inline]
fn decide_greater(always: bool, never: bool) -> Option<bool> {
    if always {
        Some(true)
    } else if never {
        Some(false)
    } else {
        None
    }
}

/// 64-bit numbers are unequal also when their lower halves are.
fn decide_equal(width: Width, a: &Scalar, b: &Scalar) -> Option<bool> {
    let (x, y) = (View::new(width, a), View::new(width, b));
    if x.bits.is_constant() && y.bits.is_constant() {
        return Some(x.bits.value == y.bits.value);
    }
    (!x.bits.overlaps(y.bits) || are_apart(width, a, b)).then_some(false)
}

/// Whether two numbers are unequal since their ranges have nothing in common.
pub fn are_apart(width: Width, a: &Scalar, b: &Scalar) -> bool {
    View::new(width, a).is_apart_from(&View::new(width, b))
        || width == Width::W64 && View::new(Width::W32, a).is_apart_from(&View::new(Width::W32, b))
}

/// Decided only against a constant, on either side.
fn decide_common_bit(a: Tnum, b: Tnum) -> Option<bool> {
    let (bits, constant) = if b.is_constant() {
        (a, b.value)
    } else if a.is_constant() {
        (b, a.value)
    } else {
        return None;
    };
    decide_greater(bits.value & constant != 0, bits.max() & constant == 0)
}

fn learn_equal(width: Width, a: &mut Scalar, b: &mut Scalar) {
    match width {
        Width::W64 => {
            let mut common = a.bounds64();
            common.meet(b.bounds64());
            a.set_bounds64(common);
            b.set_bounds64(common);
            a.var_off = a.var_off.intersect(b.var_off);
            b.var_off = a.var_off;
        }
        Width::W32 => {
            let mut common = a.bounds32();
            common.meet(b.bounds32());
            a.set_bounds32(common);
            b.set_bounds32(common);
            let bits = a.var_off.subreg().intersect(b.var_off.subreg());
            a.var_off = a.var_off.with_subreg(bits);
            b.var_off = b.var_off.with_subreg(bits);
        }
    }
}

/// The operand that is not a constant, and the constant as the width sees it. The second operand is the constant
/// where both are.
#[inline]
fn against_constant<'a>(width: Width, a: &'a mut Scalar, b: &'a mut Scalar) -> Option<(&'a mut Scalar, u64)> {
    let value = |scalar: &Scalar| match width {
        Width::W64 => scalar.constant_value(),
        Width::W32 => scalar.subreg_constant_value().map(u64::from),
    };
    match (value(a), value(b)) {
        (_, Some(constant)) => Some((a, constant)),
        (Some(constant), None) => Some((b, constant)),
        (None, None) => None,
    }
}

/// A number that is an end of the range is cut off.
fn learn_unequal(width: Width, a: &mut Scalar, b: &mut Scalar) {
    let Some((scalar, constant)) = against_constant(width, a, b) else { return };
    match width {
        Width::W64 => {
            let mut bounds = scalar.bounds64();
            bounds.exclude(constant);
            scalar.set_bounds64(bounds);
        }
        Width::W32 => {
            let mut bounds = scalar.bounds32();
            bounds.exclude(constant as u32);
            scalar.set_bounds32(bounds);
        }
    }
}

/// Which bit is common is known only where there is but one that can be.
fn learn_common_bit(width: Width, a: &mut Scalar, b: &mut Scalar) {
    let Some((scalar, constant)) = against_constant(width, a, b) else { return };
    if constant.is_power_of_two() {
        scalar.var_off = scalar.var_off.or(Tnum::constant(constant));
    }
}

/// The ranges are forgotten before the bits become known: on a path that cannot be walked, they would contradict.
fn learn_no_common_bit(width: Width, a: &mut Scalar, b: &mut Scalar) {
    let Some((scalar, constant)) = against_constant(width, a, b) else { return };
    scalar.var_off = scalar.var_off.and(Tnum::constant(!constant));
    scalar.forget_ranges();
}

/// A relation of the lesser operand to the greater one.
#[derive(Clone, Copy)]
enum Order {
    UnsignedLe,
    UnsignedLt,
    SignedLe,
    SignedLt,
}

fn learn_order(width: Width, order: Order, low: &mut Scalar, high: &mut Scalar) {
    match width {
        Width::W64 => {
            let (mut a, mut b) = (low.bounds64(), high.bounds64());
            match order {
                Order::UnsignedLe => a.order_unsigned(false, &mut b),
                Order::UnsignedLt => a.order_unsigned(true, &mut b),
                Order::SignedLe => a.order_signed(false, &mut b),
                Order::SignedLt => a.order_signed(true, &mut b),
            }
            low.set_bounds64(a);
            high.set_bounds64(b);
        }
        Width::W32 => {
            let (mut a, mut b) = (low.bounds32(), high.bounds32());
            match order {
                Order::UnsignedLe => a.order_unsigned(false, &mut b),
                Order::UnsignedLt => a.order_unsigned(true, &mut b),
                Order::SignedLe => a.order_signed(false, &mut b),
                Order::SignedLt => a.order_signed(true, &mut b),
            }
            low.set_bounds32(a);
            high.set_bounds32(b);
        }
    }
}
