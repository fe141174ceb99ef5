//! Keys by slot: found through a hash table of slot numbers, walked in order of insertion.

use std::fmt;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::list::{Ends, Links, NONE};

/// The keys of a hash-like map.
///
/// A slot has key bytes from its first use on; it is in the table and in the order only while it is linked. The order
/// is that of insertion. The kernel's is that of its buckets, which a random seed picks anew for every map.
#[derive(Clone)]
pub(crate) struct Index {
    table: HashTable<u32>,
    keys: Vec<u8>,
    key_size: usize,
    links: Links,
    ends: Ends,
}

impl fmt::Debug for Index {
    /// Slots and keys in order: what the index is, and not how the table came to lie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = std::iter::successors(self.after(None), |&slot| self.after(Some(slot)));
        f.debug_map().entries(slots.map(|slot| (slot, self.key(slot)))).finish()
    }
}

/// Hashes a key: the same on every machine and in every run. Sizes that are common are hashed as numbers.
#[inline]
fn hash(key: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    if let Ok(key) = key.try_into() {
        hasher.write_u32(u32::from_le_bytes(key));
    } else if let Ok(key) = key.try_into() {
        hasher.write_u64(u64::from_le_bytes(key));
    } else if let Ok(key) = key.try_into() {
        hasher.write_u128(u128::from_le_bytes(key));
    } else {
        hasher.write(key);
    }
    hasher.finish()
}

/// Compares keys of the same length; common sizes without a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    fn sized<const N: usize>(a: &[u8], b: &[u8]) -> Option<bool> {
        Some(<&[u8; N]>::try_from(a).ok()? == <&[u8; N]>::try_from(b).ok()?)
    }
    sized::<4>(a, b).or_else(|| sized::<8>(a, b)).or_else(|| sized::<16>(a, b)).unwrap_or_else(|| a == b)
}

impl Index {
    pub(crate) fn new(key_size: u32) -> Index {
        Index {
            table: HashTable::new(),
            keys: Vec::new(),
            key_size: key_size as usize,
            links: Links::default(),
            ends: Ends::EMPTY,
        }
    }

    /// The linked slot with that key.
    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.table.find(hash(key), |&slot| same(self.key(slot), key)).copied()
    }

    /// The key bytes of a slot, linked or not.
    #[inline]
    pub(crate) fn key(&self, slot: u32) -> &[u8] {
        let at = slot as usize * self.key_size;
        &self.keys[at..at + self.key_size]
    }

    /// Gives a slot, which is not linked, its key bytes.
    pub(crate) fn set_key(&mut self, slot: u32, key: &[u8]) {
        let at = slot as usize * self.key_size;
        self.keys[at..at + self.key_size].copy_from_slice(key);
    }

    /// Makes room for slots up to `slots`, with keys of zeroes.
    pub(crate) fn grow(&mut self, slots: usize) {
        if self.keys.len() < slots * self.key_size {
            self.keys.resize(slots * self.key_size, 0);
        }
        self.links.grow(slots);
    }

    /// Enters a slot under its key, in the order after another.
    pub(crate) fn link(&mut self, slot: u32, after: u32) {
        let Index { table, keys, key_size, .. } = self;
        let key_of = |slot: u32| {
            let at = slot as usize * *key_size;
            &keys[at..at + *key_size]
        };
        table.insert_unique(hash(key_of(slot)), slot, |&other| hash(key_of(other)));
        self.links.insert(&mut self.ends, slot, after);
    }

    /// Takes a linked slot out.
    pub(crate) fn unlink(&mut self, slot: u32) {
        let hash = hash(self.key(slot));
        if let Ok(entry) = self.table.find_entry(hash, |&other| other == slot) {
            entry.remove();
            self.links.remove(&mut self.ends, slot);
        }
    }

    /// Puts a slot with the same key in the place of a linked one.
    pub(crate) fn replace(&mut self, old: u32, new: u32) {
        let hash = hash(self.key(new));
        if let Some(entry) = self.table.find_mut(hash, |&other| other == old) {
            *entry = new;
            self.links.replace(&mut self.ends, old, new);
        }
    }

    /// Whether the slot is linked.
    pub(crate) fn is_linked(&self, slot: u32) -> bool {
        self.find(self.key(slot)) == Some(slot)
    }

    /// Linked slots.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// The slot before, in order of insertion.
    pub(crate) fn prev(&self, slot: u32) -> u32 {
        self.links.prev(slot)
    }

    /// The slot inserted last, or `NONE`.
    pub(crate) fn last(&self) -> u32 {
        self.ends.last
    }

    /// The first slot, or the one after a linked slot.
    pub(crate) fn after(&self, slot: Option<u32>) -> Option<u32> {
        let next = slot.map_or(self.ends.first, |slot| self.links.next(slot));
        (next != NONE).then_some(next)
    }
}
