//! Longest prefix match tries (Documentation/bpf/map_lpm_trie.rst).
//!
//! A key is a prefix length in bits (u32, host order) and the bits, most significant first. A prefix is kept in a hash
//! under its length and its bits with the rest cleared; a look-up tries the lengths that occur, longest first. That is
//! one hash look-up for each length, where routing tables have few. User space reads keys back as they were stored,
//! bits past the prefix included, and in the kernel's order: more specific before less, else by bits.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::kernel::Errno;
use crate::kernel::map_flags::BPF_EXIST;

use super::family::{Family, Scope, Store, View};
use super::hash;
use super::index::Index;
use super::journal::Edit;
use super::slots::Slots;

/// Bytes of the prefix length in a key.
const LENGTH: usize = 4;
/// Bytes of prefix data at most.
pub(crate) const MAX_DATA: usize = 256;

/// A trie.
#[derive(Clone, Debug)]
pub(crate) struct Lpm {
    /// Prefixes with cleared rest.
    index: Index,
    slots: Slots,
    /// Keys as stored, in order, with their slots.
    order: BTreeMap<Prefix, u32>,
    /// Prefixes by length.
    lengths: Vec<u32>,
}

/// A key as stored, ordered as the kernel walks its trie: children before parents, zeroes before ones.
#[derive(Clone, Debug)]
struct Prefix(Box<[u8]>);

impl Ord for Prefix {
    fn cmp(&self, other: &Prefix) -> Ordering {
        let (a, b) = (length_of(&self.0), length_of(&other.0));
        let bits = a.min(b);
        let (ours, theirs) = (cleared(&self.0, bits), cleared(&other.0, bits));
        ours[LENGTH..].cmp(&theirs[LENGTH..]).then(b.cmp(&a))
    }
}

impl PartialOrd for Prefix {
    fn partial_cmp(&self, other: &Prefix) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Prefix {
    fn eq(&self, other: &Prefix) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Prefix {}

fn length_of(key: &[u8]) -> u32 {
    key.first_chunk().map_or(u32::MAX, |bytes| u32::from_le_bytes(*bytes))
}

/// The key with that prefix length, and the bits past it cleared. Zeroes follow the key's own length.
fn cleared(key: &[u8], bits: u32) -> [u8; LENGTH + MAX_DATA] {
    let mut out = [0; LENGTH + MAX_DATA];
    out[..LENGTH].copy_from_slice(&bits.to_le_bytes());
    let whole = (bits / 8) as usize;
    let data = &key[LENGTH..];
    out[LENGTH..LENGTH + whole].copy_from_slice(&data[..whole]);
    if !bits.is_multiple_of(8) {
        out[LENGTH + whole] = data[whole] & !(0xff >> (bits % 8));
    }
    out
}

impl Lpm {
    pub(crate) fn new(key_size: u32) -> Lpm {
        Lpm {
            index: Index::new(key_size),
            slots: Slots::delayed(),
            order: BTreeMap::new(),
            lengths: vec![0; (key_size as usize - LENGTH) * 8 + 1],
        }
    }

    fn max_length(&self) -> u32 {
        self.lengths.len() as u32 - 1
    }

    fn exact(&self, key: &[u8]) -> Option<u32> {
        self.index.find(&cleared(key, length_of(key))[..key.len()])
    }

    /// The longest prefix that covers a key.
    fn longest(&self, key: &[u8]) -> Option<u32> {
        let length = length_of(key);
        if length > self.max_length() {
            return None;
        }
        let mut lengths = (0..=length).rev().filter(|&bits| self.lengths[bits as usize] != 0);
        lengths.find_map(|bits| self.index.find(&cleared(key, bits)[..key.len()]))
    }

    /// Enters or takes out a key as stored.
    fn put(&mut self, slot: u32, key: &[u8], present: bool) {
        let bits = length_of(key) as usize;
        if present {
            self.order.insert(Prefix(key.into()), slot);
            self.lengths[bits] += 1;
        } else {
            self.order.remove(&Prefix(key.into()));
            self.lengths[bits] -= 1;
        }
    }

    fn list(&mut self, cx: &mut Scope, slot: u32, key: &[u8], present: bool) {
        self.put(slot, key, present);
        cx.record(|| Edit::Prefix { slot, key: key.into(), present });
    }

    /// The key of the same prefix as it was stored.
    fn stored(&self, key: &[u8]) -> Option<Box<[u8]>> {
        self.order.get_key_value(&Prefix(key.into())).map(|(prefix, _)| prefix.0.clone())
    }
}

impl Family for Lpm {
    fn lookup(&mut self, _: &mut Scope, key: &[u8], _: u32) -> Option<u32> {
        self.longest(key)
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        if flags > BPF_EXIST || length_of(key) > self.max_length() {
            return Err(Errno::Einval);
        }
        let old = self.exact(key);
        hash::check_flags(old, flags)?;
        if old.is_none() && self.index.len() >= cx.def.max_entries as usize {
            return Err(Errno::Enospc);
        }
        let new = self.slots.take(cx, &mut self.index)?;
        let prefix = cleared(key, length_of(key));
        hash::set_key(&mut self.index, cx, new, &prefix[..key.len()]);
        cx.set_entry(new, store, true);
        match old {
            Some(old) => {
                if let Some(stored) = self.stored(key) {
                    self.list(cx, old, &stored, false);
                }
                hash::replace(&mut self.index, cx, old, new);
                self.slots.give(cx, old);
            }
            None => hash::link(&mut self.index, cx, new),
        }
        self.list(cx, new, key, true);
        Ok(())
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        if length_of(key) > self.max_length() {
            return Err(Errno::Einval);
        }
        let slot = self.exact(key).ok_or(Errno::Enoent)?;
        if let Some(stored) = self.stored(key) {
            self.list(cx, slot, &stored, false);
        }
        hash::unlink(&mut self.index, cx, slot);
        self.slots.give(cx, slot);
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        self.longest(key).map(|slot| view.entry(slot)).ok_or(Errno::Enoent)
    }

    fn next_key(&self, _: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        use std::ops::Bound::{Excluded, Unbounded};
        let known = key.filter(|key| length_of(key) <= self.max_length() && self.exact(key).is_some());
        let next = match known {
            Some(key) => self.order.range((Excluded(Prefix(key.into())), Unbounded)).next(),
            None => self.order.first_key_value(),
        };
        Ok(next.map(|(prefix, _)| prefix.0.to_vec()))
    }

    fn count(&self, _: View) -> u64 {
        self.index.len() as u64
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        let key = self.index.key(entry);
        let live = self.index.is_linked(entry);
        let stored = if live { self.stored(key) } else { None };
        (stored.map_or_else(|| key.to_vec(), Vec::from), live)
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Prefix { slot, key, present } => self.put(*slot, key, *present == forward),
            _ => hash::replay(&mut self.slots, &mut self.index, cx, edit, forward),
        }
    }
}
