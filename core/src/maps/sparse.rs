//! Devices, CPUs and sockets by index: arrays whose entries exist only when user space has stored them.

use crate::kernel::map_flags::{BPF_EXIST, BPF_NOEXIST};
use crate::kernel::{Errno, MapType};

use super::array::{Array, index_of, next_index};
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// Which entries exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    present: Vec<bool>,
}

impl Sparse {
    fn has(&self, index: u32) -> bool {
        self.present.get(index as usize).copied().unwrap_or(false)
    }

    fn put(&mut self, index: u32, present: bool) {
        if self.present.len() <= index as usize {
            self.present.resize(index as usize + 1, false);
        }
        self.present[index as usize] = present;
    }

    fn set(&mut self, cx: &mut Scope, index: u32, present: bool) {
        let old = u32::from(self.has(index));
        self.put(index, present);
        cx.record(|| Edit::Entry { index, old, new: u32::from(present) });
    }
}

impl Family for Sparse {
    fn lookup(&mut self, _: &mut Scope, key: &[u8], _: u32) -> Option<u32> {
        Some(index_of(key)).filter(|index| self.has(*index))
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let index = index_of(key);
        if flags > BPF_EXIST {
            return Err(Errno::Einval);
        }
        if index >= cx.def.max_entries {
            return Err(Errno::E2big);
        }
        if flags == BPF_NOEXIST && (cx.def.map_type != MapType::Xskmap || self.has(index)) {
            return Err(Errno::Eexist);
        }
        if !cx.slab.has(index) {
            Array::touch(cx, index)?;
        }
        cx.set_value(index, store.single());
        self.set(cx, index, true);
        Ok(())
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let index = index_of(key);
        if index >= cx.def.max_entries {
            return Err(Errno::Einval);
        }
        self.set(cx, index, false);
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        let index = index_of(key);
        match view.def.map_type {
            MapType::Xskmap => Err(Errno::Eopnotsupp),
            _ if self.has(index) => Ok(view.entry(index)),
            _ => Err(Errno::Enoent),
        }
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Ok(next_index(key, view.def.max_entries))
    }

    fn count(&self, _: View) -> u64 {
        self.present.iter().filter(|present| **present).count() as u64
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        (entry.to_le_bytes().to_vec(), self.has(entry))
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Value { slot, old, new } => cx.slab.set(*slot, if forward { new } else { old }),
            Edit::Touch { old, new } => Array::replay_touch(cx, *old, *new, forward),
            Edit::Entry { index, old, new } => self.put(*index, *if forward { new } else { old } != 0),
            _ => {}
        }
    }
}
