//! How the log spells sets of numbers.
//!
//! Ranges that say nothing are left out; those of one end that have the same value share it
//! (`smax=umax=smax32=umax32=255`). Small numbers are decimal, others hexadecimal.

use std::fmt::Write;

use super::Scalar;

/// The greatest unsigned number that is written as decimal.
const UNSIGNED_DECIMAL_MAX: u64 = u16::MAX as u64;

/// The signed numbers that are written as decimal.
const fn is_signed_decimal(number: i64) -> bool {
    i16::MIN as i64 <= number && number <= i16::MAX as i64
}

/// Writes a number as the log does where it is taken as unsigned.
pub fn write_unum(number: u64, out: &mut String) {
    let _ = if number <= UNSIGNED_DECIMAL_MAX { write!(out, "{number}") } else { write!(out, "{number:#x}") };
}

/// Writes a number as the log does where it is taken as signed.
pub fn write_snum(number: u64, out: &mut String) {
    let signed = number as i64;
    let _ = if is_signed_decimal(signed) { write!(out, "{signed}") } else { write!(out, "{number:#x}") };
}

/// One end of one range.
struct End {
    name: &'static str,
    signed: bool,
    value: u64,
    /// Nothing to write: it says nothing, or is written already.
    done: bool,
}

impl End {
    const fn signed(name: &'static str, value: u64, done: bool) -> End {
        End { name, signed: true, value, done }
    }

    const fn unsigned(name: &'static str, value: u64, done: bool) -> End {
        End { name, signed: false, value, done }
    }

    /// Ends of different kinds share a value only if both mean the same number by it.
    const fn is_negative(&self) -> bool {
        self.signed && (self.value as i64) < 0
    }
}

/// The bits of a 32-bit end: sign-extended where it is written as decimal, so that `smin=-2` and `smin32=-2` are the
/// same, but not as hexadecimal, where `0xfffffffe` must not become sixteen digits.
const fn extended(number: i32) -> u64 {
    if is_signed_decimal(number as i64) { number as i64 as u64 } else { number as u32 as u64 }
}

/// Least ends at even places, greatest at odd ones.
const fn ends(scalar: &Scalar) -> [End; 8] {
    [
        End::signed("smin", scalar.smin as u64, scalar.smin == i64::MIN),
        End::signed("smax", scalar.smax as u64, scalar.smax == i64::MAX),
        End::unsigned("umin", scalar.umin, scalar.umin == 0),
        End::unsigned("umax", scalar.umax, scalar.umax == u64::MAX),
        End::signed("smin32", extended(scalar.s32_min), scalar.s32_min == i32::MIN),
        End::signed("smax32", extended(scalar.s32_max), scalar.s32_max == i32::MAX),
        End::unsigned("umin32", scalar.u32_min as u64, scalar.u32_min == 0),
        End::unsigned("umax32", scalar.u32_max as u64, scalar.u32_max == u32::MAX),
    ]
}

/// Writes what is known of a number that is not a constant: the part of `scalar(…)`, or of a pointer with a variable
/// offset, from `smin=` to `var_off=(…)`. `sep` goes before the first item, and is then `,`: it starts as the empty
/// string where nothing stands before.
pub fn write_ranges(scalar: &Scalar, sep: &mut &'static str, out: &mut String) {
    let mut ends = ends(scalar);
    for i in 0..ends.len() {
        if ends[i].done {
            continue;
        }
        let (value, signed, negative) = (ends[i].value, ends[i].signed, ends[i].is_negative());
        out.push_str(std::mem::replace(sep, ","));
        out.push_str(ends[i].name);
        out.push('=');
        for other in ends[i..].iter_mut().skip(2).step_by(2) {
            if !other.done && other.value == value && other.is_negative() == negative {
                other.done = true;
                out.push_str(other.name);
                out.push('=');
            }
        }
        if signed { write_snum(value, out) } else { write_unum(value, out) }
    }
    if !scalar.var_off.is_unknown() {
        let _ = write!(
            out,
            "{}var_off=({:#x}; {:#x})",
            std::mem::replace(sep, ","),
            scalar.var_off.value,
            scalar.var_off.mask
        );
    }
}

/// Writes the log's line on a set that contradicts itself, `role` being `alu` or what [`super::refine_reporting`] says.
/// Writes nothing of a set that does not.
pub fn write_contradiction(role: &str, scalar: &Scalar, out: &mut String) {
    let Some(what) = scalar.contradiction() else { return };
    let Scalar { var_off, smin, smax, umin, umax, s32_min, s32_max, u32_min, u32_max } = scalar;
    let _ = write!(
        out,
        "verifier bug: REG INVARIANTS VIOLATION ({role}): {what} u64=[{umin:#x}, {umax:#x}] s64=[{smin:#x}, {smax:#x}] \
         u32=[{u32_min:#x}, {u32_max:#x}] s32=[{s32_min:#x}, {s32_max:#x}] var_off=({:#x}, {:#x})",
        var_off.value, var_off.mask,
    );
}
