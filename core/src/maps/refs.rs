//! Arrays whose entries are not values but programs, maps or perf events.
//!
//! Programs and maps are stored by their number in the machine, where the kernel takes descriptors and shows ids. Of
//! a perf event array every slot is open from the start: there is always somebody who listens; user space may close one
//! by deleting it.

use crate::kernel::{Errno, MapType};

use super::array::{index_of, next_index};
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;
use super::list::NONE;

/// An array of programs, maps or perf events.
#[derive(Clone, Debug)]
pub(crate) struct Refs {
    /// Entries up to the last that differs from the rest.
    entries: Vec<u32>,
    /// What the others are.
    rest: u32,
}

impl Refs {
    pub(crate) fn new(map_type: MapType) -> Refs {
        Refs { entries: Vec::new(), rest: if map_type == MapType::PerfEventArray { 0 } else { NONE } }
    }

    /// What is stored at an index.
    pub(crate) fn get(&self, index: u32) -> Option<u32> {
        let entry = self.entries.get(index as usize).copied().unwrap_or(self.rest);
        (entry != NONE).then_some(entry)
    }

    fn put(&mut self, index: u32, entry: u32) {
        if self.entries.len() <= index as usize {
            self.entries.resize(index as usize + 1, self.rest);
        }
        self.entries[index as usize] = entry;
        while self.entries.pop_if(|last| *last == self.rest).is_some() {}
    }

    /// Stores at an index below the definition's `max_entries`.
    pub(crate) fn set(&mut self, cx: &mut Scope, index: u32, entry: Option<u32>) {
        let old = self.get(index).unwrap_or(NONE);
        let new = entry.unwrap_or(NONE);
        self.put(index, new);
        cx.record(|| Edit::Entry { index, old, new });
    }
}

impl Family for Refs {
    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        if flags != 0 {
            return Err(Errno::Einval);
        }
        let index = index_of(key);
        if index >= cx.def.max_entries {
            return Err(Errno::E2big);
        }
        // Programs cannot store here, and user space's value is a number of four bytes.
        let entry = store.single().first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        self.set(cx, index, Some(entry.filter(|&entry| entry != NONE).ok_or(Errno::Einval)?));
        Ok(())
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let index = index_of(key);
        if index >= cx.def.max_entries {
            return Err(Errno::E2big);
        }
        self.get(index).ok_or(Errno::Enoent)?;
        self.set(cx, index, None);
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        if matches!(view.def.map_type, MapType::PerfEventArray | MapType::CgroupArray) {
            return Err(Errno::Enotsupp);
        }
        let index = index_of(key);
        let entry = if index < view.def.max_entries { self.get(index) } else { None };
        entry.map(|entry| entry.to_le_bytes().to_vec()).ok_or(Errno::Enoent)
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Ok(next_index(key, view.def.max_entries))
    }

    fn count(&self, view: View) -> u64 {
        let set = self.entries.iter().filter(|&&entry| entry != NONE).count() as u64;
        let rest = u64::from(view.def.max_entries) - self.entries.len() as u64;
        set + if self.rest == NONE { 0 } else { rest }
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        (entry.to_le_bytes().to_vec(), self.get(entry).is_some())
    }

    fn replay(&mut self, _: &mut Scope, edit: &Edit, forward: bool) {
        if let Edit::Entry { index, old, new } = edit {
            self.put(*index, if forward { *new } else { *old });
        }
    }
}
