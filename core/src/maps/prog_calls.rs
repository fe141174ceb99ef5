//! What programs do with maps, through helpers and through pointers.

use crate::kernel::{Errno, MapId, MapType};

use super::array::index_of;
use super::family::{Family, Scope, Store};
use super::store::{Kind, Map, MapStore, Place, ValueRef};
use super::targets::Target;

/// What programs do, through helpers.
impl MapStore {
    /// `bpf_map_lookup_elem` and, with another CPU, `bpf_map_lookup_percpu_elem`: where the value is, or `None`.
    /// In maps of maps see [`inner`](MapStore::inner).
    ///
    /// # Errors
    /// `EINVAL` for an unknown map or a key of the wrong size.
    #[inline]
    pub fn lookup(&mut self, id: MapId, key: &[u8], cpu: u32) -> Result<Option<ValueRef>, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind, def, lanes, .. } = map;
        if key.len() != def.key_size as usize {
            return Err(Errno::Einval);
        }
        let scope = &mut Scope { id, def, slab, journal, budget, lanes: *lanes };
        let slot = match kind {
            Kind::Array(family) => family.lookup(scope, key, cpu),
            Kind::Hash(_) if def.map_type == MapType::HashOfMaps => None,
            Kind::Hash(family) => family.lookup(scope, key, cpu),
            other => other.family_mut().lookup(scope, key, cpu),
        };
        Ok(slot.map(|slot| ValueRef { offset: slab.offset(slot) }))
    }

    /// What a map for redirection has under a key.
    pub(crate) fn target(&self, id: MapId, key: u32) -> Option<Target> {
        match &self.maps.get(id.index())?.kind {
            Kind::Targets(targets) => targets.get(self.maps[id.index()].view(), key),
            _ => None,
        }
    }

    /// All that a map for redirection has.
    pub(crate) fn targets(&self, id: MapId) -> Vec<Target> {
        match self.maps.get(id.index()) {
            Some(map) => match &map.kind {
                Kind::Targets(targets) => targets.all(map.view()).collect(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    /// `bpf_map_update_elem` on a CPU: in a per-CPU map it stores that CPU's value.
    ///
    /// # Errors
    /// The kernel's: `EINVAL` for flags, `EEXIST`, `ENOENT`, `E2BIG` for a full map or an index out of range; `EPERM`
    /// in a map that programs only read (which the verifier refuses).
    pub fn update(&mut self, id: MapId, key: &[u8], value: &[u8], flags: u64, cpu: u32) -> Result<(), Errno> {
        let map = self.map(id)?;
        let sizes = key.len() == map.def.key_size as usize && value.len() == map.def.value_size as usize;
        if !sizes || cpu >= self.cpus || !map.def.map_type.is_updated_by_programs() {
            return Err(Errno::Einval);
        }
        if !map.access.write {
            return Err(Errno::Eperm);
        }
        let done = self.write(id, |family, scope| family.update(scope, key, Store::Cpu(cpu, value), flags));
        if done.is_ok() {
            self.drop_fields(id, key);
        }
        done
    }

    /// Where a key's value of a CPU is, as a walk finds it: nothing counts as used.
    ///
    /// # Errors
    /// As of [`lookup`](MapStore::lookup).
    pub(crate) fn find(&mut self, id: MapId, key: &[u8], cpu: u32) -> Result<Option<ValueRef>, Errno> {
        let map = self.map(id)?;
        if map.def.map_type.is_array() {
            return self.lookup(id, key, cpu);
        }
        let slot = map.kind.family().find(map.view(), key, cpu);
        Ok(slot.map(|slot| ValueRef { offset: map.slab.offset(slot) }))
    }

    /// The keys of a map in the order in which a program walks it.
    pub(crate) fn walk_keys(&self, id: MapId) -> Vec<Vec<u8>> {
        let next = |key: Option<&Vec<u8>>| {
            let map = self.map(id).ok()?;
            map.kind.family().next_key(map.view(), key.map(Vec::as_slice)).ok().flatten()
        };
        std::iter::successors(next(None), |key| next(Some(key))).collect()
    }

    /// `bpf_map_delete_elem`.
    ///
    /// # Errors
    /// The kernel's: `ENOENT`, `EINVAL` in arrays; `EPERM` in a map that programs only read.
    pub fn delete(&mut self, id: MapId, key: &[u8]) -> Result<(), Errno> {
        self.check_sizes(id, key, None)?;
        if !self.map(id)?.access.write {
            return Err(Errno::Eperm);
        }
        self.write(id, |family, scope| family.delete(scope, key))?;
        self.drop_fields(id, key);
        Ok(())
    }

    /// `bpf_map_push_elem`, of queues and stacks.
    ///
    /// # Errors
    /// `E2BIG` in a full map without `BPF_EXIST`, which drops the oldest value; `EINVAL` for other flags and families.
    pub fn push(&mut self, id: MapId, value: &[u8], flags: u64) -> Result<(), Errno> {
        if value.len() != self.map(id)?.def.value_size as usize {
            return Err(Errno::Einval);
        }
        self.write(id, |family, scope| family.push(scope, value, flags))
    }

    /// `bpf_map_pop_elem`: the value taken out, which can be read there until the next call on this map.
    ///
    /// # Errors
    /// `ENOENT` when empty (the helper also clears the caller's buffer then), `EINVAL` in other families.
    pub fn pop(&mut self, id: MapId) -> Result<ValueRef, Errno> {
        let slot = self.write(id, |family, scope| family.pop(scope, true))?;
        Ok(ValueRef { offset: self.map(id)?.slab.offset(slot) })
    }

    /// `bpf_map_peek_elem`: the value that [`pop`](MapStore::pop) would take out.
    ///
    /// # Errors
    /// As of [`pop`](MapStore::pop).
    pub fn peek(&mut self, id: MapId) -> Result<ValueRef, Errno> {
        let slot = self.write(id, |family, scope| family.pop(scope, false))?;
        Ok(ValueRef { offset: self.map(id)?.slab.offset(slot) })
    }

    /// `bpf_map_peek_elem` of a bloom filter: whether a value may have been pushed.
    ///
    /// # Errors
    /// `ENOENT` when it was not, `EINVAL` in other families.
    pub(crate) fn may_have(&self, id: MapId, value: &[u8]) -> Result<(), Errno> {
        let map = self.map(id)?;
        match &map.kind {
            Kind::Bloom(bloom) if bloom.may_have(&map.def, value) => Ok(()),
            Kind::Bloom(_) => Err(Errno::Enoent),
            _ => Err(Errno::Einval),
        }
    }

    /// `len` bytes at an offset of a map's value region, if they lie inside one value.
    #[inline]
    pub fn value(&self, id: MapId, offset: u32, len: u32) -> Option<&[u8]> {
        self.maps.get(id.index())?.slab.get(offset, len)
    }

    /// The same to write to, if programs may write to the map. These stores are not in the journal.
    #[inline]
    pub fn value_mut(&mut self, id: MapId, offset: u32, len: u32) -> Option<&mut [u8]> {
        self.maps.get_mut(id.index())?.slab.get_mut(offset, len)
    }

    /// What an offset of a map's value region is, or `None` if there is no value.
    pub fn locate(&self, id: MapId, offset: u32) -> Option<Place> {
        let map = self.maps.get(id.index())?;
        let (value, within) = map.slab.split(offset)?;
        let slot = value / map.lanes;
        let (key, live) = map.kind.family().entry_key(map.view(), slot);
        Some(Place {
            key,
            slot,
            cpu: (map.lanes > 1).then_some(value % map.lanes),
            within,
            value_size: map.def.value_size,
            live,
        })
    }

    /// The number of the program at an index of a prog array.
    #[inline]
    pub fn program(&self, id: MapId, index: u32) -> Option<u32> {
        match self.maps.get(id.index()) {
            Some(Map { kind: Kind::Refs(refs), def, .. }) if def.map_type == MapType::ProgArray => refs.get(index),
            _ => None,
        }
    }

    /// Stores a program in a prog array, or with `None`, removes it.
    ///
    /// # Errors
    /// `E2BIG` for an index out of range, `EINVAL` if the map is no prog array.
    pub fn set_program(&mut self, id: MapId, index: u32, program: Option<u32>) -> Result<(), Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind: Kind::Refs(refs), def, lanes, .. } = map else {
            return Err(Errno::Einval);
        };
        if def.map_type != MapType::ProgArray {
            return Err(Errno::Einval);
        }
        if index >= def.max_entries {
            return Err(Errno::E2big);
        }
        refs.set(&mut Scope { id, def, slab, journal, budget, lanes: *lanes }, index, program);
        Ok(())
    }

    /// A look-up in a map of maps.
    pub fn inner(&self, id: MapId, key: &[u8]) -> Option<MapId> {
        let map = self.maps.get(id.index())?;
        if key.len() != map.def.key_size as usize {
            return None;
        }
        match &map.kind {
            Kind::Refs(refs) if map.def.map_type == MapType::ArrayOfMaps => refs.get(index_of(key)).map(MapId),
            Kind::Hash(hash) if map.def.map_type == MapType::HashOfMaps => {
                let number = map.slab.value(hash.find(key)?).first_chunk()?;
                Some(MapId(u32::from_le_bytes(*number)))
            }
            _ => None,
        }
    }

    /// Checks the flags of `bpf_perf_event_output` on a CPU, and gives the slot that the output goes to; the lower 32
    /// bits of `flags` are the slot, or all ones for that of the CPU. What is in the upper ones (the bytes of packet
    /// to append) is the caller's.
    ///
    /// # Errors
    /// The kernel's: `E2BIG` for a slot out of range, `ENOENT` for one that was closed, `EOPNOTSUPP` for another CPU's.
    pub fn perf_slot(&self, id: MapId, flags: u64, cpu: u32) -> Result<u32, Errno> {
        let Map { kind: Kind::Refs(refs), def, .. } = self.map(id)? else {
            return Err(Errno::Einval);
        };
        if def.map_type != MapType::PerfEventArray {
            return Err(Errno::Einval);
        }
        let slot = match flags as u32 {
            u32::MAX => cpu,
            slot => slot,
        };
        if slot >= def.max_entries {
            return Err(Errno::E2big);
        }
        // User space opens an event for each CPU that there is.
        refs.get(slot).filter(|_| slot < self.cpus).ok_or(Errno::Enoent)?;
        if slot == cpu { Ok(slot) } else { Err(Errno::Eopnotsupp) }
    }
}
