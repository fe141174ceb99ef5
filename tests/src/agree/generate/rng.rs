//! Numbers that look random and are the same for the same seed (SplitMix64).

/// A sequence of numbers.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The sequence of a seed and a number in it: neighbours are unlike each other.
    pub fn new(seed: u64, number: u64) -> Rng {
        let mut rng = Rng { state: seed ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93) };
        rng.next();
        rng
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        // The upper half of the product: no division, and no bias that matters here.
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from `from` to `to`, both possible.
    pub fn range(&mut self, from: i64, to: i64) -> i64 {
        from.wrapping_add(self.below(to.wrapping_sub(from).wrapping_add(1) as usize) as i64)
    }

    /// Whether something happens that does so in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// One of several, of which there is at least one.
    pub fn one<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        const { assert!(N > 0) };
        from[self.below(N)]
    }

    /// A number of the kinds that break things: small, near a power of two, a bound of a width, anything.
    pub fn interesting(&mut self) -> i64 {
        match self.below(8) {
            0..=2 => self.range(-4, 16),
            3 => 1i64.wrapping_shl(self.below(64) as u32).wrapping_add(self.range(-1, 1)),
            4 => self.one([
                i64::from(i32::MAX),
                i64::from(i32::MIN),
                i64::from(u32::MAX),
                i64::MAX,
                i64::MIN,
                -1,
                1 << 29,
                0x7fff,
                0xff,
            ]),
            5 => self.range(0, 4096),
            6 => i64::from(self.next() as i32),
            _ => self.next() as i64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let numbers = |seed, number| -> Vec<u64> {
            let mut rng = Rng::new(seed, number);
            (0..5).map(|_| rng.next()).collect()
        };
        assert_eq!(numbers(1, 2), numbers(1, 2));
        assert_ne!(numbers(1, 2), numbers(1, 3));
        assert_ne!(numbers(1, 2), numbers(2, 2));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut rng = Rng::new(7, 7);
        for _ in 0..1000 {
            assert!((-4..=16).contains(&rng.range(-4, 16)));
            assert!(rng.below(3) < 3);
        }
        assert_eq!((rng.below(0), rng.range(5, 5)), (0, 5));
    }
}
