//! Bloom filters (Documentation/bpf/map_bloom_filter.rst): values that are, or may be, in a set.
//!
//! Size, number of hashes and the hash itself are the kernel's, so that with `BPF_F_ZERO_SEED` the answers are too. Without
//! it the kernel's seed is random; here it is zero, and values that were never pushed may be taken for members where the
//! kernel's are not.

use crate::kernel::map_flags::BPF_ANY;
use crate::kernel::{Errno, MapDef};

use super::family::{Family, Scope, View};
use super::jhash;
use super::journal::Edit;

/// Hash functions when `map_extra` says none.
const DEFAULT_HASHES: u64 = 5;
/// Bits of a word.
const WORD: u64 = 64;

/// A set of bits.
#[derive(Clone, Debug)]
pub(crate) struct Bloom {
    bits: Vec<u64>,
    hashes: u32,
    pushed: u64,
}

/// Hash functions of a definition.
fn hashes(def: &MapDef) -> u64 {
    if def.extra & 15 == 0 { DEFAULT_HASHES } else { def.extra & 15 }
}

/// Bits of a definition: 7/5 of entries times hash functions (1/ln 2, about), rounded up to a power of two.
pub(crate) fn bits(def: &MapDef) -> u64 {
    let wanted = u64::from(def.max_entries) * hashes(def) / 5 * 7;
    match wanted {
        ..=WORD => WORD,
        _ if wanted > 1 << 31 => 1 << 32,
        _ => wanted.next_power_of_two(),
    }
}

impl Bloom {
    pub(crate) fn new(def: &MapDef) -> Bloom {
        Bloom { bits: Vec::new(), hashes: hashes(def) as u32, pushed: 0 }
    }

    /// The bits of a value.
    fn places(&self, def: &MapDef, value: &[u8]) -> Vec<u64> {
        let mask = bits(def) - 1;
        (0..self.hashes).map(|seed| u64::from(jhash::hash(value, seed)) & mask).collect()
    }

    fn has(&self, bit: u64) -> bool {
        self.bits.get((bit / WORD) as usize).is_some_and(|word| word >> (bit % WORD) & 1 != 0)
    }

    fn flip(&mut self, bit: u64) {
        let at = (bit / WORD) as usize;
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        self.bits[at] ^= 1 << (bit % WORD);
    }

    /// Whether a value may have been pushed.
    pub(crate) fn may_have(&self, def: &MapDef, value: &[u8]) -> bool {
        self.places(def, value).into_iter().all(|bit| self.has(bit))
    }
}

impl Family for Bloom {
    fn delete(&mut self, _: &mut Scope, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::Eopnotsupp)
    }

    fn push(&mut self, cx: &mut Scope, value: &[u8], flags: u64) -> Result<(), Errno> {
        if flags != BPF_ANY {
            return Err(Errno::Einval);
        }
        let mut fresh = self.places(cx.def, value);
        fresh.retain(|bit| !self.has(*bit));
        fresh.sort_unstable();
        fresh.dedup();
        fresh.iter().for_each(|bit| self.flip(*bit));
        self.pushed += 1;
        cx.record(|| Edit::Bits { bits: fresh });
        Ok(())
    }

    fn pop(&mut self, _: &mut Scope, _: bool) -> Result<u32, Errno> {
        Err(Errno::Eopnotsupp)
    }

    fn user_lookup(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        Err(Errno::Einval)
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Eopnotsupp)
    }

    fn count(&self, _: View) -> u64 {
        self.pushed
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), false)
    }

    fn replay(&mut self, _: &mut Scope, edit: &Edit, forward: bool) {
        if let Edit::Bits { bits } = edit {
            bits.iter().for_each(|bit| self.flip(*bit));
            self.pushed = if forward { self.pushed + 1 } else { self.pushed - 1 };
        }
    }
}
