//! Arrays, per-CPU arrays included: every entry exists from the start (Documentation/bpf/map_array.rst).
//!
//! Memory is accounted in full at creation, as in the kernel, but comes into being when an entry is first looked at.

use crate::kernel::map_flags::{BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST};
use crate::kernel::{Errno, FieldKind};

use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// An array has no state but its values.
#[derive(Clone, Debug)]
pub(crate) struct Array;

/// The index that a key of an array is (host order, that is little-endian).
#[inline]
pub(crate) fn index_of(key: &[u8]) -> u32 {
    key.first_chunk().map_or(u32::MAX, |bytes| u32::from_le_bytes(*bytes))
}

/// The key after a key in an array; an unknown key is followed by the first.
pub(crate) fn next_index(key: Option<&[u8]>, max_entries: u32) -> Option<Vec<u8>> {
    let next = match key.map(index_of) {
        Some(index) if index < max_entries => index + 1,
        _ => 0,
    };
    (next < max_entries).then(|| next.to_le_bytes().to_vec())
}

impl Array {
    #[inline]
    fn slot(cx: &mut Scope, key: &[u8], cpu: u32) -> Option<u32> {
        let index = index_of(key);
        if index >= cx.def.max_entries || cpu >= cx.lanes {
            return None;
        }
        let slot = index * cx.lanes + cpu;
        if !cx.slab.has(slot) {
            Array::touch(cx, slot).ok()?;
        }
        Some(slot)
    }

    /// Gives memory to values up to a slot and, so that this is rare, to as many again.
    #[cold]
    pub(crate) fn touch(cx: &mut Scope, slot: u32) -> Result<(), Errno> {
        // Storage has a value for its owner, and no `max_entries`.
        let all = cx.def.max_entries.max(1) as usize * cx.lanes as usize;
        let old = cx.slab.slots();
        let wanted = (slot as usize + 1).max(2 * old as usize).max(64);
        cx.slab.resize(wanted.min(all))?;
        let new = cx.slab.slots();
        cx.record(|| Edit::Touch { old, new });
        Ok(())
    }

    /// Does again what [`touch`](Array::touch) did, or undoes it.
    pub(crate) fn replay_touch(cx: &mut Scope, old: u32, new: u32, forward: bool) {
        // There was memory for it when it was recorded; without it, values of zero are shown.
        let _ = cx.slab.resize(if forward { new } else { old } as usize);
    }
}

impl Family for Array {
    #[inline]
    fn lookup(&mut self, cx: &mut Scope, key: &[u8], cpu: u32) -> Option<u32> {
        Array::slot(cx, key, if cx.lanes == 1 { 0 } else { cpu })
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        // Without a spin lock in the value BPF_F_LOCK is refused, but only after the other checks.
        let lockless = cx.def.field(FieldKind::SpinLock).is_none();
        if flags & !BPF_F_LOCK > BPF_EXIST {
            return Err(Errno::Einval);
        }
        if index_of(key) >= cx.def.max_entries {
            return Err(Errno::E2big);
        }
        if flags & !BPF_F_LOCK == BPF_NOEXIST {
            return Err(Errno::Eexist);
        }
        if flags & BPF_F_LOCK != 0 && lockless {
            return Err(Errno::Einval);
        }
        let last = Array::slot(cx, key, cx.lanes - 1).ok_or(Errno::Enomem)?;
        cx.set_entry(last / cx.lanes, store, false);
        Ok(())
    }

    fn delete(&mut self, _: &mut Scope, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::Einval)
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        let index = index_of(key);
        if index >= view.def.max_entries {
            return Err(Errno::Enoent);
        }
        if !view.slab.has(index * view.lanes + view.lanes - 1) {
            let size = if view.lanes == 1 {
                view.def.value_size as usize
            } else {
                super::slab::stride(view.def.value_size) * view.lanes as usize
            };
            return Ok(vec![0; size]);
        }
        Ok(view.entry(index))
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Ok(next_index(key, view.def.max_entries))
    }

    fn count(&self, view: View) -> u64 {
        u64::from(view.def.max_entries)
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        (entry.to_le_bytes().to_vec(), true)
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Value { slot, old, new } => cx.slab.set(*slot, if forward { new } else { old }),
            Edit::Touch { old, new } => Array::replay_touch(cx, *old, *new, forward),
            _ => {}
        }
    }
}
