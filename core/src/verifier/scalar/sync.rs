//! What the descriptions of one number tell each other, and what truncation and extension leave of them.
//!
//! [`Scalar::sync`] runs after everything that changes one of them. It is no fixed point: the kernel takes a fixed
//! number of rounds in a fixed order, and what it has not found by then, it does not print.

use super::Scalar;
use super::bounds::{Bounds32, Bounds64};
use super::tnum::Tnum;

/// How often the ranges tell each other what they know.
const ROUNDS: usize = 3;

impl Scalar {
    /// Lets known bits and ranges learn from each other, as far as the kernel does.
    pub fn sync(&mut self) {
        // Nothing is left to learn of one number; as the other operand of branches these are common.
        if self.var_off.is_constant() && *self == Scalar::constant(self.var_off.value) {
            return;
        }
        self.learn_from_bits();
        for _ in 0..ROUNDS {
            let before = *self;
            self.learn_from_ranges();
            // A round is a function of the state: one that changed nothing will not change anything later.
            if *self == before {
                break;
            }
        }
        self.learn_bits();
        self.learn_from_bits();
    }

    /// Bits to ranges, both widths.
    #[inline]
    pub(super) fn learn_from_bits(&mut self) {
        self.learn_from_bits_32();
        let mut wide = self.bounds64();
        wide.meet_bits(self.var_off);
        self.set_bounds64(wide);
        if let Some(value) = self.only_member() {
            *self = Scalar::constant(value);
        }
    }

    /// The one number that has the known bits and lies in the unsigned range, if there is but one.
    #[inline]
    fn only_member(&self) -> Option<u64> {
        let Scalar { var_off, umin, umax, .. } = *self;
        let next = var_off.next_after(umin);
        if var_off.contains(umin) {
            return (next > umax).then_some(umin);
        }
        let last = next == var_off.max() || next <= umax && var_off.next_after(next) > umax;
        last.then_some(next)
    }

    /// Bits to the ranges of the lower 32.
    #[inline]
    pub(super) fn learn_from_bits_32(&mut self) {
        let mut low = self.bounds32();
        low.meet_bits(self.var_off.subreg());
        self.set_bounds32(low);
    }

    /// Ranges to bits: those above which the unsigned ends agree, of all 64 and of the lower 32.
    #[inline]
    fn learn_bits(&mut self) {
        let wide = self.var_off.intersect(Tnum::range(self.umin, self.umax));
        let low = wide.subreg().intersect(Tnum::range(self.u32_min.into(), self.u32_max.into()));
        self.var_off = wide.clear_subreg().or(low);
    }

    /// Ranges to ranges: one round.
    #[inline]
    fn learn_from_ranges(&mut self) {
        let (mut low, mut wide) = (self.bounds32(), self.bounds64());
        narrow_low(&mut low, wide);
        low.share_sign();
        wide.share_sign();
        narrow_wide(&mut wide, low);
        self.set_bounds64(wide);
        self.set_bounds32(low);
        self.drop_negative_half();
    }

    /// The numbers fit in 32 bits signed, and their lower halves are not negative: then neither are they. (It is
    /// what shows after a sign-extending load and a 32-bit test of the sign.)
    #[inline]
    fn drop_negative_half(&mut self) {
        if self.s32_min >= 0 && self.smin >= i32::MIN.into() && self.smax <= i32::MAX.into() {
            (self.smin, self.smax) = (self.s32_min.into(), self.s32_max.into());
            (self.umin, self.umax) = (self.smin as u64, self.smax as u64);
            self.var_off = self.var_off.intersect(Tnum::range(self.umin, self.umax));
        }
    }

    /// The ranges of all 64 bits when the upper 32 are 0.
    #[inline]
    pub fn assign_32_into_64(&mut self) {
        (self.umin, self.umax) = (self.u32_min.into(), self.u32_max.into());
        (self.smin, self.smax) = if self.s32_min >= 0 && self.s32_max >= 0 {
            (self.s32_min.into(), self.s32_max.into())
        } else {
            (0, u32::MAX.into())
        };
    }

    /// The upper 32 bits become 0, as after every 32-bit operation.
    #[inline]
    pub fn zext_32_to_64(&mut self) {
        self.var_off = self.var_off.subreg();
        self.assign_32_into_64();
    }

    /// Keeps the lower `bytes` bytes (1, 2, 4), the others become 0. 8 keeps everything.
    pub fn coerce_to_size(&mut self, bytes: u32) {
        if bytes >= 8 {
            return;
        }
        self.var_off = self.var_off.cast(bytes);
        let kept = (1u64 << (bytes * 8)) - 1;
        (self.umin, self.umax) =
            if (self.umin ^ self.umax) & !kept == 0 { (self.umin & kept, self.umax & kept) } else { (0, kept) };
        (self.smin, self.smax) = (self.umin as i64, self.umax as i64);
        if bytes < 4 {
            self.set_bounds32(Bounds32::FULL);
        }
        self.sync();
    }

    /// Sign-extends the lower `bytes` bytes (1, 2, 4) to 64 bits. 8 keeps everything.
    pub fn sign_extend_64(&mut self, bytes: u32) {
        if bytes >= 8 {
            return;
        }
        let bits = bytes * 8;
        let extend = |number: u64| ((number << (64 - bits)) as i64) >> (64 - bits);
        if let Some(value) = self.constant_value() {
            *self = Scalar::constant(extend(value) as u64);
            return;
        }
        let (first, last) = (extend(self.smin as u64), extend(self.smax as u64));
        if self.smin >> bits == self.smax >> bits && (first < 0) == (last < 0) {
            let (min, max) = (first.min(last), first.max(last));
            self.var_off = Tnum::range(min as u64, max as u64);
            self.set_bounds64(Bounds64 { smin: min, smax: max, umin: min as u64, umax: max as u64 });
            self.set_bounds32(Bounds32 { smin: min as i32, smax: max as i32, umin: min as u32, umax: max as u32 });
            return;
        }
        let (min, max) = (extend(1 << (bits - 1)), extend((1 << (bits - 1)) - 1));
        self.var_off = Tnum::UNKNOWN;
        self.set_bounds64(Bounds64 { smin: min, smax: max, ..Bounds64::FULL });
        self.set_bounds32(Bounds32 { smin: min as i32, smax: max as i32, ..Bounds32::FULL });
    }

    /// Sign-extends the lower `bytes` bytes (1, 2) to 32 bits. Of the upper 32 bits nothing is said:
    /// [`Scalar::zext_32_to_64`] and [`Scalar::sync`] follow.
    pub fn sign_extend_32(&mut self, bytes: u32) {
        if bytes >= 4 {
            return;
        }
        let bits = bytes * 8;
        let extend = |number: u32| ((number << (32 - bits)) as i32) >> (32 - bits);
        if let Some(value) = self.constant_value() {
            let value = extend(value as u32);
            self.var_off = Tnum::constant(value as i64 as u64);
            self.set_bounds32(Scalar::constant(value as u64).bounds32());
            return;
        }
        let (first, last) = (extend(self.s32_min as u32), extend(self.s32_max as u32));
        if self.s32_min >> bits == self.s32_max >> bits && (first < 0) == (last < 0) {
            let (min, max) = (first.min(last), first.max(last));
            self.var_off = Tnum::range(min as u32 as u64, max as u32 as u64);
            self.set_bounds32(Bounds32 { smin: min, smax: max, umin: min as u32, umax: max as u32 });
            return;
        }
        let (min, max) = (extend(1 << (bits - 1)), extend((1 << (bits - 1)) - 1));
        self.var_off = Tnum::UNKNOWN.subreg();
        self.set_bounds32(Bounds32 { smin: min, smax: max, ..Bounds32::FULL });
    }
}

/// The lower 32 bits' ranges learn from those of all 64.
#[inline]
fn narrow_low(low: &mut Bounds32, wide: Bounds64) {
    let Bounds64 { smin, smax, umin, umax } = wide;
    // Where the upper halves of the two ends agree, the lower halves are a range.
    if umin >> 32 == umax >> 32 {
        low.meet_unsigned(umin as u32, umax as u32);
        if umin as i32 <= umax as i32 {
            low.meet_signed(umin as i32, umax as i32);
        }
    }
    if smin >> 32 == smax >> 32 {
        if smin as u32 <= smax as u32 {
            low.meet_unsigned(smin as u32, smax as u32);
        }
        if smin as i32 <= smax as i32 {
            low.meet_signed(smin as i32, smax as i32);
        }
    }
    // Where they are neighbours, and the lower halves go from negative to not negative, these are a signed range:
    // 0x1ffffffff and 0x200000001 are -1 and 1.
    for (first, last) in [(umin, umax), (smin as u64, smax as u64)] {
        let (upper, next) = ((first >> 32) as u32, (last >> 32) as u32);
        if upper.wrapping_add(1) == next && (first as i32) < 0 && last as i32 >= 0 {
            low.meet_signed(first as i32, last as i32);
        }
    }
}

/// The ranges of all 64 bits learn from those of the lower 32: no end lies outside them.
#[inline]
fn narrow_wide(wide: &mut Bounds64, low: Bounds32) {
    const UPPER: u64 = !0xffff_ffff;
    let with_low = |end: u64, low: u32| end & UPPER | u64::from(low);
    wide.meet_unsigned(with_low(wide.umin, low.umin), with_low(wide.umax, low.umax));
    wide.meet_signed(with_low(wide.smin as u64, low.umin) as i64, with_low(wide.smax as u64, low.umax) as i64);
}
