//! Storage of a control group and attachment: a program that is attached to a control group has a value there, which is
//! made when it is attached, one for each direction unless the key is the group's number alone.
//!
//! A test run has another, of zeroes, that no key leads to and that ends with the run.

use crate::kernel::map_flags::{BPF_EXIST, BPF_F_LOCK};
use crate::kernel::{Errno, FieldKind, MapId, MapType};

use super::array::Array;
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;
use super::store::{Kind, Map, MapStore, ValueRef};

/// Number of the control group that programs are attached to.
const GROUP: u64 = 1;
/// Bytes of a key that is the group's number alone.
const SHARED_KEY: usize = 8;

/// Which attachments have a value: bit 0 those at ingress, bit 1 those at egress. Their slots have these numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupStorage {
    made: u32,
}

impl GroupStorage {
    fn set(&mut self, cx: &mut Scope, made: u32) {
        let old = std::mem::replace(&mut self.made, made);
        cx.record(|| Edit::Entry { index: 0, old, new: made });
    }

    /// Keys of the values, in order.
    fn keys(&self, view: View) -> impl Iterator<Item = (u32, Vec<u8>)> + use<> {
        let made = self.made;
        let shared = view.def.key_size as usize == SHARED_KEY;
        (0..2).filter(move |slot| made >> slot & 1 != 0).map(move |slot: u32| match shared {
            true => (slot, GROUP.to_le_bytes().to_vec()),
            false => (slot, [GROUP, slot.into()].map(u64::to_le_bytes).concat()),
        })
    }

    /// The slot of a key. What fills a key up is not looked at.
    fn slot(&self, view: View, key: &[u8]) -> Option<u32> {
        let named = key.len().min(12);
        self.keys(view).find(|(_, other)| other[..named] == key[..named]).map(|(slot, _)| slot)
    }
}

/// What programs do with it.
impl MapStore {
    /// Whether it is a map of this family.
    fn group_storage(map: &Map) -> bool {
        matches!(map.kind, Kind::GroupStorage(_))
    }

    /// A program that uses the map has been attached to the control group, for what leaves it or what comes in.
    pub(crate) fn group_attach(&mut self, id: MapId, leaving: bool) {
        // Without memory for it, programs get none when they ask.
        let _ = self.group_value(id, leaving, 0);
    }

    /// `bpf_get_local_storage`: where the value of that CPU is, which is made if there is none.
    ///
    /// # Errors
    /// `EINVAL` if it is no such map, `ENOMEM`.
    pub(crate) fn group_value(&mut self, id: MapId, leaving: bool, cpu: u32) -> Result<ValueRef, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind: Kind::GroupStorage(storage), def, lanes, .. } = map else {
            return Err(Errno::Einval);
        };
        let slot = u32::from(leaving && def.key_size as usize != SHARED_KEY);
        let cx = &mut Scope { id, def, slab, journal, budget, lanes: *lanes };
        let (old, new) = (cx.slab.slots(), 2 * cx.lanes);
        if old < new {
            cx.slab.resize(new as usize)?;
            cx.record(|| Edit::Touch { old, new });
        }
        if storage.made >> slot & 1 == 0 {
            storage.set(cx, storage.made | 1 << slot);
        }
        Ok(ValueRef { offset: cx.slab.offset(slot * cx.lanes + cpu.min(cx.lanes - 1)) })
    }

    /// From here on programs have values of zeroes, and user space has none: what a test run begins with.
    pub(crate) fn group_renew(&mut self) {
        for map in self.maps.iter_mut().filter(|map| MapStore::group_storage(map)) {
            let zeroes = vec![0; map.def.value_size as usize];
            for slot in 0..map.slab.slots() {
                map.slab.set(slot, &zeroes);
            }
            if let Kind::GroupStorage(storage) = &mut map.kind {
                storage.made = 0;
            }
        }
    }
}

impl Family for GroupStorage {
    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let percpu = cx.def.map_type == MapType::PercpuCgroupStorage;
        let locked = flags & BPF_F_LOCK != 0;
        if flags & !(BPF_F_LOCK | BPF_EXIST) != 0 || percpu && locked {
            return Err(Errno::Einval);
        }
        if locked && cx.def.field(FieldKind::SpinLock).is_none() {
            return Err(Errno::Einval);
        }
        let view = View { def: cx.def, slab: cx.slab, lanes: cx.lanes };
        let slot = self.slot(view, key).ok_or(Errno::Enoent)?;
        cx.set_entry(slot, store, false);
        Ok(())
    }

    fn delete(&mut self, _: &mut Scope, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::Einval)
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        self.slot(view, key).map(|slot| view.entry(slot)).ok_or(Errno::Enoent)
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        let mut keys = self.keys(view).map(|(_, key)| key);
        let Some(key) = key else { return Ok(keys.next()) };
        match self.slot(view, key) {
            None => Err(Errno::Enoent),
            Some(slot) => Ok(self.keys(view).find(|(other, _)| *other > slot).map(|(_, key)| key)),
        }
    }

    fn count(&self, _: View) -> u64 {
        u64::from(self.made.count_ones())
    }

    fn entry_key(&self, view: View, entry: u32) -> (Vec<u8>, bool) {
        let found = self.keys(view).find(|(slot, _)| *slot == entry);
        found.map_or((Vec::new(), false), |(_, key)| (key, true))
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Value { slot, old, new } => cx.slab.set(*slot, if forward { new } else { old }),
            Edit::Touch { old, new } => Array::replay_touch(cx, *old, *new, forward),
            Edit::Entry { old, new, .. } => self.made = if forward { *new } else { *old },
            _ => {}
        }
    }
}
