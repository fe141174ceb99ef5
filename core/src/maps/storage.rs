//! Storage of the current task: there is one task here, so that a map has one value or none.

use crate::kernel::{Errno, MapId};

use super::array::Array;
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;
use super::store::{Kind, Map, MapStore, ValueRef};

/// Whether the task has storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    present: bool,
}

impl Storage {
    fn set(&mut self, cx: &mut Scope, present: bool) {
        let old = u32::from(self.present);
        self.present = present;
        cx.record(|| Edit::Entry { index: 0, old, new: u32::from(present) });
    }
}

impl MapStore {
    fn storage_write<T>(
        &mut self,
        id: MapId,
        call: impl FnOnce(&mut Storage, &mut Scope) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind: Kind::Storage(storage), def, lanes, .. } = map else {
            return Err(Errno::Einval);
        };
        call(storage, &mut Scope { id, def, slab, journal, budget, lanes: *lanes })
    }

    /// `bpf_task_storage_get`: where the storage is; with `create`, it is made, of zeroes or of a value.
    pub(crate) fn storage_get(&mut self, id: MapId, create: bool, value: Option<&[u8]>) -> Option<ValueRef> {
        let found = self.storage_write(id, |storage, cx| {
            if !storage.present {
                if !create {
                    return Err(Errno::Enoent);
                }
                if !cx.slab.has(0) {
                    Array::touch(cx, 0)?;
                }
                let zeroes = vec![0; cx.def.value_size as usize];
                cx.set_entry(0, Store::All(value.unwrap_or(&zeroes)), true);
                storage.set(cx, true);
            }
            Ok(ValueRef { offset: cx.slab.offset(0) })
        });
        found.ok()
    }

    /// `bpf_task_storage_delete`.
    ///
    /// # Errors
    /// `ENOENT` when there is none.
    pub(crate) fn storage_delete(&mut self, id: MapId) -> Result<(), Errno> {
        self.storage_write(id, |storage, cx| {
            if !storage.present {
                return Err(Errno::Enoent);
            }
            storage.set(cx, false);
            Ok(())
        })
    }
}

impl Family for Storage {
    fn user_lookup(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        // User space names a task by a descriptor, and has none here.
        Err(Errno::Ebadf)
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn count(&self, _: View) -> u64 {
        u64::from(self.present)
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), self.present)
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Value { slot, old, new } => cx.slab.set(*slot, if forward { new } else { old }),
            Edit::Touch { old, new } => Array::replay_touch(cx, *old, *new, forward),
            Edit::Entry { old, new, .. } => self.present = *if forward { new } else { old } != 0,
            _ => {}
        }
    }
}
