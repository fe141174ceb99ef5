//! Ranges of one width: the least and the greatest number, signed and unsigned, and what arithmetic does to them.
//!
//! The two widths follow the same rules with different types, so they are written once. Nothing here knows of the
//! other width; of known bits only what it is told. Where a result may wrap around, nothing is known of it.

use super::tnum::Tnum;

macro_rules! bounds {
    ($(#[$doc:meta])* $name:ident, $signed:ty, $unsigned:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) struct $name {
            pub smin: $signed,
            pub smax: $signed,
            pub umin: $unsigned,
            pub umax: $unsigned,
        }

        impl $name {
            /// Any number.
            pub const FULL: $name =
                $name { smin: <$signed>::MIN, smax: <$signed>::MAX, umin: 0, umax: <$unsigned>::MAX };

            /// Unsigned bounds, and the signed ones that follow where all numbers have the same sign.
            #[inline]
            const fn unsigned(umin: $unsigned, umax: $unsigned) -> $name {
                if umin as $signed <= umax as $signed {
                    $name { smin: umin as $signed, smax: umax as $signed, umin, umax }
                } else {
                    $name { umin, umax, ..$name::FULL }
                }
            }

            #[inline]
            pub const fn is_within(self, other: $name) -> bool {
                other.smin <= self.smin
                    && self.smax <= other.smax
                    && other.umin <= self.umin
                    && self.umax <= other.umax
            }

            /// Learns that the numbers lie between the two, unsigned.
            #[inline]
            pub fn meet_unsigned(&mut self, min: $unsigned, max: $unsigned) {
                self.umin = self.umin.max(min);
                self.umax = self.umax.min(max);
            }

            /// Learns that the numbers lie between the two, signed.
            #[inline]
            pub fn meet_signed(&mut self, min: $signed, max: $signed) {
                self.smin = self.smin.max(min);
                self.smax = self.smax.min(max);
            }

            /// Learns that both are true of one number.
            #[inline]
            pub fn meet(&mut self, other: $name) {
                self.meet_unsigned(other.umin, other.umax);
                self.meet_signed(other.smin, other.smax);
            }

            /// Learns the known bits: unknown ones all 0 for the least, all 1 for the greatest; of the sign the
            /// other way round.
            #[inline]
            pub fn meet_bits(&mut self, bits: Tnum) {
                let (value, mask) = (bits.value as $unsigned, bits.mask as $unsigned);
                let (sign, rest) = (<$signed>::MIN as $unsigned, <$signed>::MAX as $unsigned);
                self.meet_signed((value | mask & sign) as $signed, (value | mask & rest) as $signed);
                self.meet_unsigned(value, value | mask);
            }

            /// Lets signed and unsigned bounds learn from each other.
            ///
            /// Bounds that do not cross the other kind's seam hold for that kind, too. Signed bounds that do cross
            /// it are two pieces when seen as unsigned, one at each end; if the unsigned bounds touch only one of
            /// the pieces, that one is the truth.
            #[inline]
            pub fn share_sign(&mut self) {
                if self.umin as $signed <= self.umax as $signed {
                    self.meet_signed(self.umin as $signed, self.umax as $signed);
                }
                let (low, high) = (self.smin as $unsigned, self.smax as $unsigned);
                if low <= high {
                    self.meet_unsigned(low, high);
                } else if self.umax < low {
                    self.smin = self.umin as $signed;
                    self.umax = self.umax.min(high);
                } else if high < self.umin {
                    self.smax = self.umax as $signed;
                    self.umin = self.umin.max(low);
                }
            }

            /// Learns that the numbers are not `value`: an end that is it moves by one.
            #[inline]
            pub fn exclude(&mut self, value: $unsigned) {
                let signed = value as $signed;
                if self.umin == value {
                    self.umin = value.wrapping_add(1);
                }
                if self.umax == value {
                    self.umax = value.wrapping_sub(1);
                }
                if self.smin == signed {
                    self.smin = signed.wrapping_add(1);
                }
                if self.smax == signed {
                    self.smax = signed.wrapping_sub(1);
                }
            }

            /// Learns that this is no greater than `high`, or (`strict`) less: its greatest and the other's least
            /// move.
            #[inline]
            pub fn order_unsigned(&mut self, strict: bool, high: &mut $name) {
                let gap = strict as $unsigned;
                self.umax = self.umax.min(high.umax.wrapping_sub(gap));
                high.umin = high.umin.max(self.umin.wrapping_add(gap));
            }

            /// The same of signed numbers.
            #[inline]
            pub fn order_signed(&mut self, strict: bool, high: &mut $name) {
                let gap = strict as $signed;
                self.smax = self.smax.min(high.smax.wrapping_sub(gap));
                high.smin = high.smin.max(self.smin.wrapping_add(gap));
            }

            /// Learns that this is less than itself, which the kernel believes: both ends move.
            #[inline]
            pub fn order_with_itself(&mut self, signed: bool) {
                if signed {
                    self.smax = self.smax.min(self.smax.wrapping_sub(1));
                    self.smin = self.smin.max(self.smin.wrapping_add(1));
                } else {
                    self.umax = self.umax.min(self.umax.wrapping_sub(1));
                    self.umin = self.umin.max(self.umin.wrapping_add(1));
                }
            }

            /// The sum. Wrapping is harmless where all sums wrap or none does.
            pub fn add(self, other: $name) -> $name {
                let (umin, low_wraps) = self.umin.overflowing_add(other.umin);
                let (umax, high_wraps) = self.umax.overflowing_add(other.umax);
                let mut sum = if high_wraps && !low_wraps { $name::FULL } else { $name { umin, umax, ..$name::FULL } };
                if let (Some(smin), Some(smax)) = (self.smin.checked_add(other.smin), self.smax.checked_add(other.smax)) {
                    (sum.smin, sum.smax) = (smin, smax);
                }
                sum
            }

            /// The difference; wrapping as with sums.
            pub fn sub(self, other: $name) -> $name {
                let (umin, low_wraps) = self.umin.overflowing_sub(other.umax);
                let (umax, high_wraps) = self.umax.overflowing_sub(other.umin);
                let mut rest = if low_wraps && !high_wraps { $name::FULL } else { $name { umin, umax, ..$name::FULL } };
                if let (Some(smin), Some(smax)) = (self.smin.checked_sub(other.smax), self.smax.checked_sub(other.smin)) {
                    (rest.smin, rest.smax) = (smin, smax);
                }
                rest
            }

            /// The product. Signed, any pair of ends can be the extreme.
            pub fn mul(self, other: $name) -> $name {
                let mut product = $name::FULL;
                if let (Some(umin), Some(umax)) = (self.umin.checked_mul(other.umin), self.umax.checked_mul(other.umax)) {
                    (product.umin, product.umax) = (umin, umax);
                }
                if let (Some(a), Some(b), Some(c), Some(d)) = (
                    self.smin.checked_mul(other.smin),
                    self.smin.checked_mul(other.smax),
                    self.smax.checked_mul(other.smin),
                    self.smax.checked_mul(other.smax),
                ) {
                    (product.smin, product.smax) = (a.min(b).min(c).min(d), a.max(b).max(c).max(d));
                }
                product
            }

            /// Bitwise and, `bits` being known of the result: no greater than the lesser operand.
            pub fn and(self, other: $name, bits: Tnum) -> $name {
                $name::unsigned(bits.value as $unsigned, self.umax.min(other.umax))
            }

            /// Bitwise or, `bits` being known of the result: no less than the greater operand.
            pub fn or(self, other: $name, bits: Tnum) -> $name {
                $name::unsigned(self.umin.max(other.umin), bits.max() as $unsigned)
            }

            /// Bitwise exclusive or, `bits` being known of the result, and nothing else.
            pub fn xor(bits: Tnum) -> $name {
                $name::unsigned(bits.value as $unsigned, bits.max() as $unsigned)
            }

            /// Shift left by a known amount. Nothing is known when bits may be lost. (The kernel's test lets the
            /// greatest be a power of two that lands on the top bit.)
            pub fn lsh(self, shift: u32) -> $name {
                if shift >= <$unsigned>::BITS || self.umax > 1 << (<$unsigned>::BITS - 1 - shift) {
                    return $name::FULL;
                }
                $name { umin: self.umin << shift, umax: self.umax << shift, ..$name::FULL }
            }

            /// Shift right by a known amount smaller than the width, zeroes come in.
            pub fn rsh(self, shift: u32) -> $name {
                $name { umin: self.umin.wrapping_shr(shift), umax: self.umax.wrapping_shr(shift), ..$name::FULL }
            }

            /// Shift right by a known amount smaller than the width, copies of the sign come in.
            pub fn arsh(self, shift: u32) -> $name {
                $name { smin: self.smin.wrapping_shr(shift), smax: self.smax.wrapping_shr(shift), ..$name::FULL }
            }
        }
    };
}

bounds!(
    /// Ranges of all 64 bits.
    Bounds64,
    i64,
    u64
);
bounds!(
    /// Ranges of the lower 32 bits.
    Bounds32,
    i32,
    u32
);
