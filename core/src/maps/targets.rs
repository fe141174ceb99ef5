//! Maps that XDP redirects to: devices, CPUs and sockets of user space (Documentation/bpf/map_devmap.rst, map_cpumap.rst,
//! map_xskmap.rst).
//!
//! A value is the number of a device, the length of a CPU's queue, or a socket's descriptor, and behind it perhaps a program:
//! its place among the programs, from 1, where user space of a kernel reads its number. Programs only look, user space alone stores. Whether there is such a device is not asked: which
//! ones there are is not known to maps.

use std::collections::HashMap;

use crate::kernel::map_flags::{BPF_EXIST, BPF_NOEXIST};
use crate::kernel::{Errno, MapType};

use super::array::{index_of, next_index};
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// The longest queue of a CPU.
const MAX_QUEUE: u32 = 16384;

/// Entries by index, or in a `devmap_hash` by any number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    /// The key of each slot that is in use; where entries go by index, a slot's is its own number.
    keys: Vec<Option<u32>>,
    /// Slots by key, where entries do not go by index.
    slots: HashMap<u32, u32>,
}

fn by_index(map_type: MapType) -> bool {
    map_type != MapType::DevmapHash
}

/// The first number of a value: device, queue length or descriptor. 0 takes the entry away.
fn number(value: &[u8]) -> u32 {
    value.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// What an entry has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    /// Device, queue length or descriptor.
    pub number: u32,
    /// The place of the program among the programs, from 0.
    pub program: Option<u32>,
}

impl Target {
    fn of(value: &[u8]) -> Target {
        let program = value.get(4..).map_or(0, number);
        Target { number: number(value), program: program.checked_sub(1) }
    }
}

impl Targets {
    fn slot(&self, map_type: MapType, key: u32) -> Option<u32> {
        if !by_index(map_type) {
            return self.slots.get(&key).copied();
        }
        self.keys.get(key as usize).copied().flatten()
    }

    /// What an entry's value is.
    pub(crate) fn get(&self, view: View, key: u32) -> Option<Target> {
        self.slot(view.def.map_type, key).map(|slot| Target::of(view.slab.value(slot)))
    }

    /// All entries' values, in order of their slots.
    pub(crate) fn all<'a>(&'a self, view: View<'a>) -> impl Iterator<Item = Target> + 'a {
        let used = (0..).zip(&self.keys).filter(|(_, key)| key.is_some());
        used.map(move |(slot, _)| Target::of(view.slab.value(slot)))
    }

    fn take(&mut self, key: u32, slot: u32) {
        if self.keys.len() <= slot as usize {
            self.keys.resize(slot as usize + 1, None);
        }
        self.keys[slot as usize] = Some(key);
    }

    fn remove(&mut self, key: u32, slot: u32) {
        self.keys[slot as usize] = None;
        self.slots.remove(&key);
    }

    fn new_slot(&mut self, cx: &mut Scope, key: u32) -> Result<u32, Errno> {
        let slot = match by_index(cx.def.map_type) {
            true => key,
            false if self.slots.len() >= cx.def.max_entries as usize => return Err(Errno::E2big),
            false => self.keys.iter().position(Option::is_none).unwrap_or(self.keys.len()) as u32,
        };
        if !cx.slab.has(slot) {
            cx.slab.resize(slot as usize + 1)?;
        }
        if !by_index(cx.def.map_type) {
            self.slots.insert(key, slot);
        }
        Ok(slot)
    }
}

impl Family for Targets {
    fn lookup(&mut self, cx: &mut Scope, key: &[u8], _: u32) -> Option<u32> {
        self.slot(cx.def.map_type, index_of(key))
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let (map_type, key, value) = (cx.def.map_type, index_of(key), store.single());
        let target = number(value);
        let is_hash = !by_index(map_type);
        if flags > BPF_EXIST || (is_hash && target == 0) {
            return Err(Errno::Einval);
        }
        let old = self.slot(map_type, key);
        match map_type {
            MapType::DevmapHash if flags == BPF_NOEXIST && old.is_some() => return Err(Errno::Eexist),
            MapType::DevmapHash => {}
            _ if key >= cx.def.max_entries => return Err(Errno::E2big),
            MapType::Xskmap if flags == BPF_NOEXIST && old.is_some() => return Err(Errno::Eexist),
            MapType::Xskmap if flags == BPF_EXIST && old.is_none() => return Err(Errno::Enoent),
            MapType::Xskmap => {}
            _ if flags == BPF_NOEXIST => return Err(Errno::Eexist),
            MapType::Cpumap if target > MAX_QUEUE => return Err(Errno::Eoverflow),
            _ => {}
        }
        if target == 0 && map_type != MapType::Xskmap {
            if let Some(slot) = old {
                self.remove(key, slot);
            }
            return Ok(());
        }
        let slot = match old {
            Some(slot) => slot,
            None => self.new_slot(cx, key)?,
        };
        cx.set_value(slot, value);
        self.take(key, slot);
        Ok(())
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let key = index_of(key);
        let old = self.slot(cx.def.map_type, key);
        match cx.def.map_type {
            MapType::DevmapHash => old.map(drop).ok_or(Errno::Enoent)?,
            _ if key >= cx.def.max_entries => return Err(Errno::Einval),
            _ => {}
        }
        if let Some(slot) = old {
            self.remove(key, slot);
        }
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        if view.def.map_type == MapType::Xskmap {
            return Err(Errno::Eopnotsupp);
        }
        let slot = self.slot(view.def.map_type, index_of(key)).ok_or(Errno::Enoent)?;
        Ok(view.slab.value(slot).to_vec())
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        if by_index(view.def.map_type) {
            return Ok(next_index(key, view.def.max_entries));
        }
        let after = key.and_then(|key| self.slots.get(&index_of(key))).map_or(0, |slot| *slot as usize + 1);
        Ok(self.keys.iter().skip(after).flatten().next().map(|key| key.to_le_bytes().to_vec()))
    }

    fn count(&self, _: View) -> u64 {
        self.keys.iter().flatten().count() as u64
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        let key = self.keys.get(entry as usize).copied().flatten();
        (key.unwrap_or(entry).to_le_bytes().to_vec(), key.is_some())
    }

    /// Programs do not change such a map, so nothing is recorded but values.
    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        if let Edit::Value { slot, old, new } = edit {
            cx.slab.set(*slot, if forward { new } else { old });
        }
    }
}
