//! Hash maps, per-CPU hashes and hashes of maps (Documentation/bpf/map_hash.rst).
//!
//! Storing under a key that exists does not overwrite the value: as in the kernel, the entry is replaced by another,
//! so that a pointer which the program got before still points at the old value. Per-CPU values, again as in the
//! kernel, are overwritten. A deleted entry's value stays readable through such a pointer until its slot is used
//! again, which is last freed, first used, as on one CPU of the kernel.
//!
//! Memory comes with the entries, preallocated or not; a new one that the limit has no room for is `ENOMEM`.

use crate::kernel::map_flags::{BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, NO_PREALLOC};
use crate::kernel::{Errno, FieldKind};

use super::family::{Family, Scope, Store, View};
use super::index::Index;
use super::journal::Edit;
use super::slots::Slots;

/// Makes an edit of index or values once more, or undoes it.
pub(crate) fn replay_index(index: &mut Index, cx: &mut Scope, edit: &Edit, forward: bool) {
    match (edit, forward) {
        (Edit::Value { slot, new, .. }, true) => cx.slab.set(*slot, new),
        (Edit::Value { slot, old, .. }, false) => cx.slab.set(*slot, old),
        (Edit::Key { slot, new, .. }, true) => index.set_key(*slot, new),
        (Edit::Key { slot, old, .. }, false) => index.set_key(*slot, old),
        (Edit::Link { slot, after }, true) | (Edit::Unlink { slot, after }, false) => index.link(*slot, *after),
        (Edit::Link { slot, .. }, false) | (Edit::Unlink { slot, .. }, true) => index.unlink(*slot),
        (Edit::Replace { old, new }, true) => index.replace(*old, *new),
        (Edit::Replace { old, new }, false) => index.replace(*new, *old),
        _ => {}
    }
}

/// The same, slots included.
pub(crate) fn replay(slots: &mut Slots, index: &mut Index, cx: &mut Scope, edit: &Edit, forward: bool) {
    match edit {
        Edit::Take { .. } | Edit::Free { .. } | Edit::Grow { .. } => slots.replay(cx, index, edit, forward),
        _ => replay_index(index, cx, edit, forward),
    }
}

/// Gives a slot its key.
pub(crate) fn set_key(index: &mut Index, cx: &mut Scope, slot: u32, key: &[u8]) {
    if cx.journal.on {
        let old = index.key(slot).into();
        cx.record(|| Edit::Key { slot, old, new: key.into() });
    }
    index.set_key(slot, key);
}

/// Enters a slot as the newest.
pub(crate) fn link(index: &mut Index, cx: &mut Scope, slot: u32) {
    let after = index.last();
    index.link(slot, after);
    cx.record(|| Edit::Link { slot, after });
}

/// Takes a slot out of the index.
pub(crate) fn unlink(index: &mut Index, cx: &mut Scope, slot: u32) {
    let after = index.prev(slot);
    index.unlink(slot);
    cx.record(|| Edit::Unlink { slot, after });
}

/// Puts a slot with the same key in another's place.
pub(crate) fn replace(index: &mut Index, cx: &mut Scope, old: u32, new: u32) {
    index.replace(old, new);
    cx.record(|| Edit::Replace { old, new });
}

/// Checks BPF_NOEXIST and BPF_EXIST against what is there.
pub(crate) fn check_flags(old: Option<u32>, flags: u64) -> Result<(), Errno> {
    match (old, flags & !BPF_F_LOCK) {
        (Some(_), BPF_NOEXIST) => Err(Errno::Eexist),
        (None, BPF_EXIST) => Err(Errno::Enoent),
        _ => Ok(()),
    }
}

/// The key of the entry after a key; a key that is not there is followed by the first.
pub(crate) fn next_key(index: &Index, key: Option<&[u8]>) -> Option<Vec<u8>> {
    let at = key.and_then(|key| index.find(key));
    index.after(at).map(|slot| index.key(slot).to_vec())
}

/// A hash map.
#[derive(Clone, Debug)]
pub(crate) struct Hash {
    index: Index,
    slots: Slots,
    /// The slot that the next replacement goes to, in a preallocated map that has had one.
    spare: Option<u32>,
}

impl Hash {
    pub(crate) fn new(key_size: u32) -> Hash {
        Hash { index: Index::new(key_size), slots: Slots::default(), spare: None }
    }

    /// The slot of a key.
    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        self.index.find(key)
    }

    fn set_spare(&mut self, cx: &mut Scope, spare: Option<u32>) {
        let old = std::mem::replace(&mut self.spare, spare);
        cx.record(|| Edit::Spare { old, new: spare });
    }

    /// Replaces the entry `old` by another with the same key.
    fn replace(&mut self, cx: &mut Scope, old: u32, key: &[u8], store: Store) -> Result<(), Errno> {
        let preallocated = cx.def.flags & NO_PREALLOC == 0;
        let new = match self.spare {
            Some(spare) => spare,
            None => self.slots.take(cx, &mut self.index)?,
        };
        set_key(&mut self.index, cx, new, key);
        cx.set_entry(new, store, true);
        replace(&mut self.index, cx, old, new);
        match preallocated {
            true => self.set_spare(cx, Some(old)),
            false => self.slots.give(cx, old),
        }
        Ok(())
    }
}

impl Family for Hash {
    #[inline]
    fn lookup(&mut self, cx: &mut Scope, key: &[u8], cpu: u32) -> Option<u32> {
        let slot = self.index.find(key)?;
        match cx.lanes {
            1 => Some(slot),
            lanes if cpu < lanes => Some(slot * lanes + cpu),
            _ => None,
        }
    }

    fn find(&self, view: View, key: &[u8], cpu: u32) -> Option<u32> {
        let slot = self.index.find(key)?;
        Some(if view.lanes == 1 { slot } else { slot * view.lanes + cpu.min(view.lanes - 1) })
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let locked = flags & BPF_F_LOCK != 0;
        if flags & !BPF_F_LOCK > BPF_EXIST || locked && cx.def.field(FieldKind::SpinLock).is_none() {
            return Err(Errno::Einval);
        }
        let old = self.index.find(key);
        check_flags(old, flags)?;
        match old {
            Some(old) if locked => cx.set_entry(old, store, false),
            Some(old) if cx.lanes > 1 => cx.set_entry(old, store, false),
            Some(old) => self.replace(cx, old, key, store)?,
            None if self.index.len() >= cx.def.max_entries as usize => return Err(Errno::E2big),
            None => {
                let slot = self.slots.take(cx, &mut self.index)?;
                set_key(&mut self.index, cx, slot, key);
                cx.set_entry(slot, store, true);
                link(&mut self.index, cx, slot);
            }
        }
        Ok(())
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let slot = self.index.find(key).ok_or(Errno::Enoent)?;
        unlink(&mut self.index, cx, slot);
        self.slots.give(cx, slot);
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        self.index.find(key).map(|slot| view.entry(slot)).ok_or(Errno::Enoent)
    }

    fn next_key(&self, _: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Ok(next_key(&self.index, key))
    }

    fn count(&self, _: View) -> u64 {
        self.index.len() as u64
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        (self.index.key(entry).to_vec(), self.index.is_linked(entry))
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Spare { old, new } => self.spare = if forward { *new } else { *old },
            _ => replay(&mut self.slots, &mut self.index, cx, edit, forward),
        }
    }
}
