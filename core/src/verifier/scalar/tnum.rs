//! Known bits: a `Tnum` says of each bit of a number whether it is 0, 1, or unknown.
//!
//! A bit set in `mask` is unknown, and is then clear in `value`; otherwise `value` has it. Every operation is the
//! smallest set of this form that the kernel's own algorithm finds, which is not always the smallest there is: what
//! is printed and what is pruned depends on it bit by bit, so a better answer would be a wrong one.
//!
//! Source: `Documentation/bpf/verifier.rst` (register value tracking), the behaviour of Linux 6.18.

/// A tracked (tristate) number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tnum {
    /// The bits known to be 1.
    pub value: u64,
    /// The bits that are not known.
    pub mask: u64,
}

const LOW: u64 = 0xffff_ffff;

impl Tnum {
    /// Nothing is known.
    pub const UNKNOWN: Tnum = Tnum { value: 0, mask: u64::MAX };

    /// Every bit is known.
    #[inline]
    pub const fn constant(value: u64) -> Tnum {
        Tnum { value, mask: 0 }
    }

    /// What all numbers from `min` to `max` have in common: the bits above the highest in which the two differ.
    #[inline]
    pub const fn range(min: u64, max: u64) -> Tnum {
        let mask = match (min ^ max).leading_zeros() {
            0 => u64::MAX,
            64 => 0,
            same => u64::MAX >> same,
        };
        Tnum { value: min & !mask, mask }
    }

    /// Whether every bit is known.
    #[inline]
    pub const fn is_constant(self) -> bool {
        self.mask == 0
    }

    /// Whether no bit is known.
    #[inline]
    pub const fn is_unknown(self) -> bool {
        self.mask == u64::MAX
    }

    /// Whether `number` is one of those that this stands for.
    #[inline]
    pub const fn contains(self, number: u64) -> bool {
        number & !self.mask == self.value
    }

    /// The greatest of the numbers, unsigned; the least is `value`.
    #[inline]
    pub const fn max(self) -> u64 {
        self.value | self.mask
    }

    /// The sum.
    #[inline]
    pub const fn add(self, other: Tnum) -> Tnum {
        let value = self.value.wrapping_add(other.value);
        // Adding with all unknown bits set, and with none, differs exactly where an unknown carry may arrive.
        let most = self.mask.wrapping_add(other.mask).wrapping_add(value);
        let mask = (most ^ value) | self.mask | other.mask;
        Tnum { value: value & !mask, mask }
    }

    /// The difference.
    #[inline]
    pub const fn sub(self, other: Tnum) -> Tnum {
        let value = self.value.wrapping_sub(other.value);
        let (most, least) = (value.wrapping_add(self.mask), value.wrapping_sub(other.mask));
        let mask = (most ^ least) | self.mask | other.mask;
        Tnum { value: value & !mask, mask }
    }

    /// Zero minus this.
    #[inline]
    pub const fn neg(self) -> Tnum {
        Tnum::constant(0).sub(self)
    }

    /// The product, by long multiplication over the bits of `self`: where a bit is unknown, what is common to having
    /// added `other` and not having added it. (So since Linux 6.18; the factors' order matters.)
    pub const fn mul(self, other: Tnum) -> Tnum {
        let (mut left, mut addend, mut sum) = (self, other, Tnum::constant(0));
        while left.max() != 0 {
            if left.value & 1 != 0 {
                sum = sum.add(addend);
            } else if left.mask & 1 != 0 {
                sum = sum.union(sum.add(addend));
            }
            left = left.rsh(1);
            addend = addend.lsh(1);
        }
        sum
    }

    /// Bitwise and.
    #[inline]
    pub const fn and(self, other: Tnum) -> Tnum {
        let value = self.value & other.value;
        Tnum { value, mask: self.max() & other.max() & !value }
    }

    /// Bitwise or.
    #[inline]
    pub const fn or(self, other: Tnum) -> Tnum {
        let value = self.value | other.value;
        Tnum { value, mask: (self.mask | other.mask) & !value }
    }

    /// Bitwise exclusive or.
    #[inline]
    pub const fn xor(self, other: Tnum) -> Tnum {
        let mask = self.mask | other.mask;
        Tnum { value: (self.value ^ other.value) & !mask, mask }
    }

    /// Shift left; `shift` is taken modulo 64.
    #[inline]
    pub const fn lsh(self, shift: u32) -> Tnum {
        Tnum { value: self.value.wrapping_shl(shift), mask: self.mask.wrapping_shl(shift) }
    }

    /// Shift right, zeroes come in; `shift` is taken modulo 64.
    #[inline]
    pub const fn rsh(self, shift: u32) -> Tnum {
        Tnum { value: self.value.wrapping_shr(shift), mask: self.mask.wrapping_shr(shift) }
    }

    /// Shift right of all 64 bits, copies of the sign come in, known or not; `shift` is taken modulo 64.
    #[inline]
    pub const fn arsh64(self, shift: u32) -> Tnum {
        Tnum {
            value: (self.value as i64).wrapping_shr(shift) as u64,
            mask: (self.mask as i64).wrapping_shr(shift) as u64,
        }
    }

    /// The same of the lower 32 bits; the upper ones become 0. `shift` is taken modulo 32.
    #[inline]
    pub const fn arsh32(self, shift: u32) -> Tnum {
        Tnum {
            value: (self.value as i32).wrapping_shr(shift) as u32 as u64,
            mask: (self.mask as i32).wrapping_shr(shift) as u32 as u64,
        }
    }

    /// What is known when both hold of one number. Where they contradict each other, the bit counts as 1.
    #[inline]
    pub const fn intersect(self, other: Tnum) -> Tnum {
        let mask = self.mask & other.mask;
        Tnum { value: (self.value | other.value) & !mask, mask }
    }

    /// What is known when at least one of the two holds.
    #[inline]
    pub const fn union(self, other: Tnum) -> Tnum {
        let mask = (self.value ^ other.value) | self.mask | other.mask;
        Tnum { value: self.value & !mask, mask }
    }

    /// Whether some number is in both.
    #[inline]
    pub const fn overlaps(self, other: Tnum) -> bool {
        (self.value ^ other.value) & !self.mask & !other.mask == 0
    }

    /// Whether every number of `other` is in this (the kernel's `tnum_in`).
    #[inline]
    pub const fn covers(self, other: Tnum) -> bool {
        other.mask & !self.mask == 0 && self.contains(other.value)
    }

    /// The least of the numbers that is greater than `number`; the greatest of them where none is.
    #[inline]
    pub const fn next_after(self, number: u64) -> u64 {
        if number >= self.max() {
            return self.max();
        }
        if number < self.value {
            return self.value;
        }
        // The result agrees with `number` above some bit, has that bit where `number` has not, and is least below.
        // No known bit above it may differ, and among those that do so, the lowest gives the least result.
        let differ = (number ^ self.value) & !self.mask;
        let above = match differ.checked_ilog2() {
            Some(highest) if self.value >> highest & 1 != 0 => 1 << highest,
            Some(highest) => self.mask & !number & !(u64::MAX >> (63 - highest)),
            None => self.mask & !number,
        };
        let bit = above & above.wrapping_neg();
        let below = bit.wrapping_sub(1);
        (number & !below) | bit | (self.value & below)
    }

    /// The lower 16, 32 or all 64 bits with the order of bytes reversed; the others become 0.
    #[inline]
    pub const fn swap_bytes(self, bits: u8) -> Tnum {
        match bits {
            16 => Tnum { value: (self.value as u16).swap_bytes() as u64, mask: (self.mask as u16).swap_bytes() as u64 },
            32 => Tnum { value: (self.value as u32).swap_bytes() as u64, mask: (self.mask as u32).swap_bytes() as u64 },
            _ => Tnum { value: self.value.swap_bytes(), mask: self.mask.swap_bytes() },
        }
    }

    /// The lower `bytes` bytes; the others become 0. 8 and more keep everything.
    #[inline]
    pub const fn cast(self, bytes: u32) -> Tnum {
        if bytes >= 8 {
            return self;
        }
        let keep = (1u64 << (bytes * 8)) - 1;
        Tnum { value: self.value & keep, mask: self.mask & keep }
    }

    /// The lower 32 bits; the upper ones become 0.
    #[inline]
    pub const fn subreg(self) -> Tnum {
        Tnum { value: self.value & LOW, mask: self.mask & LOW }
    }

    /// The upper 32 bits; the lower ones become 0.
    #[inline]
    pub const fn clear_subreg(self) -> Tnum {
        Tnum { value: self.value & !LOW, mask: self.mask & !LOW }
    }

    /// The upper 32 bits of this with the lower ones of `low`.
    #[inline]
    pub const fn with_subreg(self, low: Tnum) -> Tnum {
        self.clear_subreg().or(low.subreg())
    }

    /// The upper 32 bits of this, the lower ones known to be `low`.
    #[inline]
    pub const fn const_subreg(self, low: u32) -> Tnum {
        self.with_subreg(Tnum::constant(low as u64))
    }

    /// Whether the lower 32 bits are known.
    #[inline]
    pub const fn subreg_is_constant(self) -> bool {
        self.mask & LOW == 0
    }
}
