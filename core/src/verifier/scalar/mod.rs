//! What the verifier knows of a number in a register: known bits and ranges, exactly as Linux 6.18 computes them (the
//! stable release 6.18.44 was asked).
//!
//! A [`Scalar`] stands for a set of 64-bit numbers by five descriptions that hold at once: the known bits
//! ([`Tnum`]), and the least and the greatest as signed and as unsigned, of all 64 bits and of the lower 32. Every
//! operation takes and gives such sets; the result has every number that the concrete operation can give (soundness),
//! and has no more and no less than what the kernel finds (agreement), since its log prints these sets and its
//! pruning compares them.
//!
//! | file | asks |
//! |---|---|
//! | `tnum` | what bits are known |
//! | `bounds` | ranges of one width, alone |
//! | `sync` | what the five descriptions tell each other; truncation and extension |
//! | `alu` | what arithmetic makes of them |
//! | `branch` | whether a jump is taken, and what is known after it |
//! | `text` | how the log spells them |
//!
//! Pointers, identities of linked registers, precision and messages are not known here: a pointer's variable offset is
//! a `Scalar` beside whatever else makes it a pointer. Values are plain `Copy` data, nothing allocates.
//!
//! A set that contradicts itself stands for no number: the state is of a path that cannot be walked. The kernel does
//! not always notice; where it does, it forgets the ranges ([`Scalar::contradiction`]), and so does this. Its log has
//! a line for that ([`write_contradiction`]); whoever writes one uses the `…_reporting` functions, and
//! [`Scalar::settle`] after a move. Arithmetic has never been seen to make one: [`alu`] does not report.

mod alu;
mod bounds;
mod branch;
mod sync;
#[cfg(test)]
mod tests;
mod text;
mod tnum;

pub use alu::{BadImm, alu, bad_imm, byte_swap, fork, move_sign_extended, negate};
pub use branch::{are_apart, branch_taken, refine, refine_reporting, refine_same, refine_same_reporting};
pub use text::{write_contradiction, write_ranges, write_snum, write_unum};
pub use tnum::Tnum;

use bounds::{Bounds32, Bounds64};

/// A set of 64-bit numbers: those that all of these describe.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Scalar {
    /// The bits that are known.
    pub var_off: Tnum,
    /// The least, signed.
    pub smin: i64,
    /// The greatest, signed.
    pub smax: i64,
    /// The least, unsigned.
    pub umin: u64,
    /// The greatest, unsigned.
    pub umax: u64,
    /// The least of the lower 32 bits, signed.
    pub s32_min: i32,
    /// The greatest of the lower 32 bits, signed.
    pub s32_max: i32,
    /// The least of the lower 32 bits, unsigned.
    pub u32_min: u32,
    /// The greatest of the lower 32 bits, unsigned.
    pub u32_max: u32,
}

impl Scalar {
    /// Any number.
    pub const UNKNOWN: Scalar = Scalar::with_bits(Tnum::UNKNOWN);

    /// One number.
    #[inline]
    pub const fn constant(value: u64) -> Scalar {
        Scalar {
            var_off: Tnum::constant(value),
            smin: value as i64,
            smax: value as i64,
            umin: value,
            umax: value,
            s32_min: value as i32,
            s32_max: value as i32,
            u32_min: value as u32,
            u32_max: value as u32,
        }
    }

    /// Known bits, and ranges that say nothing: [`Scalar::sync`] makes the most of it.
    #[inline]
    pub const fn with_bits(var_off: Tnum) -> Scalar {
        Scalar {
            var_off,
            smin: i64::MIN,
            smax: i64::MAX,
            umin: 0,
            umax: u64::MAX,
            s32_min: i32::MIN,
            s32_max: i32::MAX,
            u32_min: 0,
            u32_max: u32::MAX,
        }
    }

    /// What a zero-extending load of so many bytes gives (1, 2, 4, 8).
    #[inline]
    pub const fn unknown_of_size(bytes: u32) -> Scalar {
        if bytes >= 8 {
            return Scalar::UNKNOWN;
        }
        let umax = (1u64 << (bytes * 8)) - 1;
        let mut scalar = Scalar::with_bits(Tnum { value: 0, mask: umax });
        (scalar.smin, scalar.smax, scalar.umax) = (0, umax as i64, umax);
        if bytes < 4 {
            (scalar.s32_min, scalar.s32_max, scalar.u32_max) = (0, umax as i32, umax as u32);
        }
        scalar
    }

    /// The least set of this kind that has the numbers of both.
    pub fn union(&self, other: &Scalar) -> Scalar {
        Scalar {
            var_off: self.var_off.union(other.var_off),
            smin: self.smin.min(other.smin),
            smax: self.smax.max(other.smax),
            umin: self.umin.min(other.umin),
            umax: self.umax.max(other.umax),
            s32_min: self.s32_min.min(other.s32_min),
            s32_max: self.s32_max.max(other.s32_max),
            u32_min: self.u32_min.min(other.u32_min),
            u32_max: self.u32_max.max(other.u32_max),
        }
    }

    /// Whether it is known to be one number.
    #[inline]
    pub const fn is_constant(&self) -> bool {
        self.var_off.is_constant()
    }

    /// The number, if it is known to be one.
    #[inline]
    pub const fn constant_value(&self) -> Option<u64> {
        if self.is_constant() { Some(self.var_off.value) } else { None }
    }

    /// The lower 32 bits, if they are known to be one number.
    #[inline]
    pub const fn subreg_constant_value(&self) -> Option<u32> {
        if self.var_off.subreg_is_constant() { Some(self.var_off.value as u32) } else { None }
    }

    /// Whether `number` is in the set.
    pub const fn contains(&self, number: u64) -> bool {
        self.var_off.contains(number)
            && self.umin <= number
            && number <= self.umax
            && self.smin <= number as i64
            && number as i64 <= self.smax
            && self.u32_min <= number as u32
            && number as u32 <= self.u32_max
            && self.s32_min <= number as i32
            && number as i32 <= self.s32_max
    }

    /// Forgets the ranges, keeps the known bits.
    #[inline]
    pub const fn forget_ranges(&mut self) {
        *self = Scalar::with_bits(self.var_off);
    }

    /// What is wrong with the set, in the kernel's words, if it contradicts itself in a way that the kernel notices.
    #[inline]
    pub const fn contradiction(&self) -> Option<&'static str> {
        let value = self.var_off.value;
        if self.umin > self.umax || self.smin > self.smax || self.u32_min > self.u32_max || self.s32_min > self.s32_max
        {
            return Some("range bounds violation");
        }
        if self.var_off.is_constant()
            && (self.umin != value || self.umax != value || self.smin != value as i64 || self.smax != value as i64)
        {
            return Some("const tnum out of sync with range bounds");
        }
        if self.var_off.subreg_is_constant()
            && (self.u32_min != value as u32
                || self.u32_max != value as u32
                || self.s32_min != value as i32
                || self.s32_max != value as i32)
        {
            return Some("const subreg tnum out of sync with range bounds");
        }
        None
    }

    /// What the kernel does after arithmetic, moves and branches: a set that contradicts itself is reported and loses
    /// its ranges. What is left of it may do so still, and is reported again when it is moved.
    #[inline]
    pub fn settle(&mut self, report: impl FnOnce(&Scalar)) {
        if self.contradiction().is_some() {
            report(self);
            self.forget_ranges();
        }
    }

    #[inline]
    const fn bounds64(&self) -> Bounds64 {
        Bounds64 { smin: self.smin, smax: self.smax, umin: self.umin, umax: self.umax }
    }

    #[inline]
    const fn bounds32(&self) -> Bounds32 {
        Bounds32 { smin: self.s32_min, smax: self.s32_max, umin: self.u32_min, umax: self.u32_max }
    }

    #[inline]
    const fn set_bounds64(&mut self, bounds: Bounds64) {
        (self.smin, self.smax, self.umin, self.umax) = (bounds.smin, bounds.smax, bounds.umin, bounds.umax);
    }

    #[inline]
    const fn set_bounds32(&mut self, bounds: Bounds32) {
        (self.s32_min, self.s32_max, self.u32_min, self.u32_max) = (bounds.smin, bounds.smax, bounds.umin, bounds.umax);
    }
}

/// Whether every range of `cur` lies within the same range of `old`: one half of what pruning asks, the other being
/// `old.var_off.covers(cur.var_off)` ([`tnum_in`]).
#[inline]
pub const fn range_within(old: &Scalar, cur: &Scalar) -> bool {
    cur.bounds64().is_within(old.bounds64()) && cur.bounds32().is_within(old.bounds32())
}

/// Whether all that `inner` stands for is in `outer`.
#[inline]
pub const fn tnum_in(outer: Tnum, inner: Tnum) -> bool {
    outer.covers(inner)
}
