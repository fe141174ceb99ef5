//! What arithmetic makes of sets of numbers.
//!
//! Each operation gives known bits and the ranges of both widths on its own; the upper half of a 32-bit result is
//! cleared; then [`Scalar::sync`] lets them learn from each other. Division, remainder and shifts by an
//! amount that is not known (or is no smaller than the width) give any number: the kernel does not follow them.

use super::Scalar;
use super::bounds::{Bounds32, Bounds64};
use crate::isa::{AluOp, Swap, Width};

/// `dst op= src`. An immediate is a constant, sign-extended to 64 bits whatever the width.
pub fn alu(op: AluOp, width: Width, dst: Scalar, src: Scalar) -> Scalar {
    if let (Some(a), Some(b)) = (dst.constant_value(), src.constant_value())
        && let Some(value) = of_constants(op, width, a, b)
    {
        return Scalar::constant(value);
    }
    of_sets(op, width, dst, src)
}

/// The two numbers that the kernel looks at one after the other before `dst &= src` and `dst |= src`: where `dst` is
/// all zeroes or all ones (what `s>>= 63` leaves, a compiler's way of choosing without a jump) and `src` is known, it
/// executes the instruction with the ones first, and keeps for later a state with the zeroes, from this same
/// instruction on. Gives the ones, then the zeroes.
///
/// Where it is the lower half that is so, only that is replaced, and the rest does not learn of it before the
/// instruction is executed.
pub fn fork(op: AluOp, dst: &Scalar, src: &Scalar) -> Option<(Scalar, Scalar)> {
    if !matches!(op, AluOp::And | AluOp::Or) || !src.is_constant() {
        return None;
    }
    if (dst.smin, dst.smax) == (-1, 0) {
        return Some((Scalar::constant(u64::MAX), Scalar::constant(0)));
    }
    if (dst.s32_min, dst.s32_max) == (-1, 0) {
        let with_low = |low: u32| {
            let mut half = *dst;
            half.var_off = half.var_off.const_subreg(low);
            half.set_bounds32(Scalar::constant(low.into()).bounds32());
            half
        };
        return Some((with_low(u32::MAX), with_low(0)));
    }
    None
}

/// The result where both operands are known, of those operations that the kernel follows.
#[inline]
fn of_constants(op: AluOp, width: Width, a: u64, b: u64) -> Option<u64> {
    let value = match op {
        AluOp::Add => a.wrapping_add(b),
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Xor => a ^ b,
        AluOp::Mov => b,
        AluOp::Lsh | AluOp::Rsh | AluOp::Arsh | AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod => return None,
    };
    Some(match width {
        Width::W32 => value as u32 as u64,
        Width::W64 => value,
    })
}

/// The result for any sets: the long way.
pub(super) fn of_sets(op: AluOp, width: Width, mut dst: Scalar, src: Scalar) -> Scalar {
    match op {
        AluOp::Add => add(&mut dst, &src),
        AluOp::Sub => sub(&mut dst, &src),
        AluOp::Mul => mul(&mut dst, &src),
        AluOp::And => and(&mut dst, &src),
        AluOp::Or => or(&mut dst, &src),
        AluOp::Xor => xor(&mut dst, &src),
        AluOp::Mov if width == Width::W64 => return src,
        AluOp::Mov => dst = src,
        AluOp::Lsh | AluOp::Rsh | AluOp::Arsh => match shift_amount(width, &src) {
            Some(amount) => shift(op, width, &mut dst, amount),
            None => return Scalar::UNKNOWN,
        },
        AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod => return Scalar::UNKNOWN,
    }
    finish(width, dst)
}

/// `dst = -dst`.
pub fn negate(width: Width, dst: Scalar) -> Scalar {
    let mut result = Scalar::constant(0);
    sub(&mut result, &dst);
    finish(width, result)
}

/// `le`, `be`, `bswap` of 16, 32 or 64 bits, on a little-endian machine. Swapping keeps what is known of bits, but
/// the order of numbers is lost; `le` only truncates.
pub fn byte_swap(swap: Swap, bits: u8, mut dst: Scalar) -> Scalar {
    if swap != Swap::ToLe {
        dst = Scalar::with_bits(dst.var_off.swap_bytes(bits));
    }
    dst.coerce_to_size(u32::from(bits / 8));
    finish(Width::W64, dst)
}

/// `dst = (s8)src` and its like; `bytes` is 1, 2, or (64-bit only) 4.
pub fn move_sign_extended(width: Width, bytes: u32, mut src: Scalar) -> Scalar {
    match width {
        Width::W64 => src.sign_extend_64(bytes),
        Width::W32 => {
            src.sign_extend_32(bytes);
            src.zext_32_to_64();
            src.sync();
        }
    }
    src
}

/// An immediate that the kernel refuses wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadImm {
    /// Division or remainder by 0: `div by zero`.
    DivByZero,
    /// A shift that is negative or no smaller than the width: `invalid shift %d`.
    Shift(i32),
}

/// What is wrong with the immediate of an operation, whatever the registers hold.
pub const fn bad_imm(op: AluOp, width: Width, imm: i32) -> Option<BadImm> {
    let bits = match width {
        Width::W32 => 32,
        Width::W64 => 64,
    };
    match op {
        AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod if imm == 0 => Some(BadImm::DivByZero),
        AluOp::Lsh | AluOp::Rsh | AluOp::Arsh if imm < 0 || imm >= bits => Some(BadImm::Shift(imm)),
        _ => None,
    }
}

#[inline]
fn finish(width: Width, mut dst: Scalar) -> Scalar {
    if width == Width::W32 {
        dst.zext_32_to_64();
    }
    dst.sync();
    dst.settle(|_| {});
    dst
}

/// The amount of a shift that can be followed. It is known as seen by the width, but must be small as a 64-bit number:
/// `w1 <<= w2` with an unknown upper half of `r2` is not followed.
#[inline]
fn shift_amount(width: Width, src: &Scalar) -> Option<u32> {
    let (known, bits) = match width {
        Width::W32 => {
            (src.var_off.subreg_is_constant() && src.s32_min == src.s32_max && src.u32_min == src.u32_max, 32)
        }
        Width::W64 => (src.var_off.is_constant() && src.smin == src.smax && src.umin == src.umax, 64),
    };
    (known && src.umax < bits).then_some(src.umin as u32)
}

#[inline]
fn add(dst: &mut Scalar, src: &Scalar) {
    dst.set_bounds32(dst.bounds32().add(src.bounds32()));
    dst.set_bounds64(dst.bounds64().add(src.bounds64()));
    dst.var_off = dst.var_off.add(src.var_off);
}

#[inline]
fn sub(dst: &mut Scalar, src: &Scalar) {
    dst.set_bounds32(dst.bounds32().sub(src.bounds32()));
    dst.set_bounds64(dst.bounds64().sub(src.bounds64()));
    dst.var_off = dst.var_off.sub(src.var_off);
}

#[inline]
fn mul(dst: &mut Scalar, src: &Scalar) {
    dst.set_bounds32(dst.bounds32().mul(src.bounds32()));
    dst.set_bounds64(dst.bounds64().mul(src.bounds64()));
    dst.var_off = dst.var_off.mul(src.var_off);
}

fn and(dst: &mut Scalar, src: &Scalar) {
    dst.var_off = dst.var_off.and(src.var_off);
    let bits = dst.var_off;
    bitwise(dst, src, dst.bounds32().and(src.bounds32(), bits), dst.bounds64().and(src.bounds64(), bits));
}

fn or(dst: &mut Scalar, src: &Scalar) {
    dst.var_off = dst.var_off.or(src.var_off);
    let bits = dst.var_off;
    bitwise(dst, src, dst.bounds32().or(src.bounds32(), bits), dst.bounds64().or(src.bounds64(), bits));
}

fn xor(dst: &mut Scalar, src: &Scalar) {
    dst.var_off = dst.var_off.xor(src.var_off);
    bitwise(dst, src, Bounds32::xor(dst.var_off), Bounds64::xor(dst.var_off));
}

/// Takes the ranges of a bitwise operation whose bits `dst` has already, unless those say it all.
#[inline]
fn bitwise(dst: &mut Scalar, src: &Scalar, low: Bounds32, wide: Bounds64) {
    let (bits, other) = (dst.var_off, src.var_off);
    let known_low = bits.subreg_is_constant() && other.subreg_is_constant();
    dst.set_bounds32(if known_low { Scalar::constant(bits.value).bounds32() } else { low });
    if bits.is_constant() && other.is_constant() {
        *dst = Scalar::constant(bits.value);
        return;
    }
    dst.set_bounds64(wide);
    dst.learn_from_bits();
}

#[inline]
fn shift(op: AluOp, width: Width, dst: &mut Scalar, amount: u32) {
    match width {
        Width::W32 => shift_32(op, dst, amount),
        Width::W64 => shift_64(op, dst, amount),
    }
}

fn shift_32(op: AluOp, dst: &mut Scalar, amount: u32) {
    let (bits, low) = (dst.var_off.subreg(), dst.bounds32());
    let (bits, low) = match op {
        AluOp::Lsh => (bits.lsh(amount).subreg(), low.lsh(amount)),
        AluOp::Rsh => (bits.rsh(amount), low.rsh(amount)),
        _ => (bits.arsh32(amount), low.arsh(amount)),
    };
    dst.var_off = bits;
    dst.set_bounds32(low);
    dst.set_bounds64(Bounds64::FULL);
    dst.learn_from_bits_32();
}

fn shift_64(op: AluOp, dst: &mut Scalar, amount: u32) {
    let (bits, low, wide) = (dst.var_off, dst.bounds32(), dst.bounds64());
    // Bits that come from the upper half say nothing of the lower one: only a shift to the left keeps its ranges.
    let (bits, low, wide) = match op {
        AluOp::Lsh => (bits.lsh(amount), low.lsh(amount), shifted_left(low, wide, amount)),
        AluOp::Rsh => (bits.rsh(amount), Bounds32::FULL, wide.rsh(amount)),
        _ => (bits.arsh64(amount), Bounds32::FULL, wide.arsh(amount)),
    };
    dst.var_off = bits;
    dst.set_bounds32(low);
    dst.set_bounds64(wide);
    dst.learn_from_bits();
}

/// Compilers sign-extend by `r1 <<= 32; r1 s>>= 32`: shifted by 32, the lower half's signed range becomes the whole's.
#[inline]
fn shifted_left(low: Bounds32, wide: Bounds64, amount: u32) -> Bounds64 {
    let mut shifted = wide.lsh(amount);
    if amount == 32 {
        (shifted.smin, shifted.smax) = (i64::from(low.smin) << 32, i64::from(low.smax) << 32);
    }
    shifted
}
