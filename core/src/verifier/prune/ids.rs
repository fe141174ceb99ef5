//! Which id of one state stands for which of another.
//!
//! Ids say what is the same: registers that came from one value, pointers checked together. Between two states it is
//! not the numbers that must agree but what they tell apart, so that an id of the kept state may stand for one id of
//! the current state, and no two for the same.

/// Ids for numbers that have none: above all that the verifier gives out, below the bits that mark sums.
const FIRST_TEMPORARY: u32 = 1 << 29;
/// Pairs at most: every register and slot of every frame.
const MAX_PAIRS: usize = (super::super::state::REGS + 64) * super::super::state::MAX_FRAMES;

/// Pairs of ids, kept state's first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    pairs: Vec<(u32, u32)>,
    temporary: u32,
}

impl Ids {
    /// Forgets all pairs, for another comparison.
    pub fn reset(&mut self) {
        self.pairs.clear();
        self.temporary = FIRST_TEMPORARY;
    }

    /// Whether `cur` can be what `old` is in the kept state. Both or neither must be 0.
    pub fn check(&mut self, old: u32, cur: u32) -> bool {
        if old == 0 || cur == 0 {
            return old == cur;
        }
        for &(known_old, known_cur) in &self.pairs {
            if known_old == old {
                return known_cur == cur;
            }
            if known_cur == cur {
                return false;
            }
        }
        if self.pairs.len() >= MAX_PAIRS {
            return false;
        }
        self.pairs.push((old, cur));
        true
    }

    /// The same for numbers, where having no id is as good as having one that nothing else has.
    pub fn check_scalar(&mut self, old: u32, cur: u32) -> bool {
        let old = self.or_temporary(old);
        let cur = self.or_temporary(cur);
        self.check(old, cur)
    }

    fn or_temporary(&mut self, id: u32) -> u32 {
        if id != 0 {
            return id;
        }
        self.temporary = self.temporary.wrapping_add(1);
        self.temporary
    }
}
