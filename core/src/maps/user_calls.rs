//! What user space does with maps, through bpf(2).

use crate::kernel::map_flags::{BPF_F_LOCK, RDONLY, WRONLY};
use crate::kernel::{Errno, FieldKind, MapId, MapType};

use super::array::index_of;
use super::check;
use super::family::Store;
use super::store::{Kind, Map, MapStore};

/// What user space does, through bpf(2).
impl MapStore {
    /// Checks that what is stored in a map of maps is a map like its template.
    pub(super) fn check_inner(&self, id: MapId, value: &[u8]) -> Result<(), Errno> {
        let outer = self.map(id)?;
        if !outer.def.map_type.holds_maps() {
            return Ok(());
        }
        let number = value.first_chunk().ok_or(Errno::Einval)?;
        let inner = self.map(MapId(u32::from_le_bytes(*number)))?;
        match &outer.def.inner {
            Some(template) if check::fits_template(template, &inner.def) => Ok(()),
            _ => Err(Errno::Einval),
        }
    }

    fn writable(&self, id: MapId) -> Result<(), Errno> {
        let map = self.map(id)?;
        if map.frozen || map.def.flags & RDONLY != 0 { Err(Errno::Eperm) } else { Ok(()) }
    }

    fn readable(&self, id: MapId) -> Result<&Map, Errno> {
        let map = self.map(id)?;
        if map.def.flags & WRONLY != 0 { Err(Errno::Eperm) } else { Ok(map) }
    }

    /// `BPF_MAP_LOOKUP_ELEM`. Per-CPU maps give all CPUs' values, each rounded up to 8 bytes; prog arrays and maps of
    /// maps the number, in 4 bytes; queues and stacks, with an empty key, the value that comes out next.
    ///
    /// # Errors
    /// `ENOENT` when there is none; `EPERM` if user space may not read; the kernel's for families without look-up.
    pub fn user_lookup(&self, id: MapId, key: &[u8]) -> Result<Vec<u8>, Errno> {
        let map = self.readable(id)?;
        self.check_sizes(id, key, None)?;
        map.kind.family().user_lookup(map.view(), key)
    }

    /// `BPF_MAP_UPDATE_ELEM`, with the value as [`user_lookup`](MapStore::user_lookup) gives it. With an empty key it
    /// pushes to a queue or stack.
    ///
    /// # Errors
    /// As of [`update`](MapStore::update); `EPERM` if user space may not write or the map is frozen; `EINVAL` for a
    /// map in a map of maps that differs from the template.
    pub fn user_update(&mut self, id: MapId, key: &[u8], value: &[u8], flags: u64) -> Result<(), Errno> {
        self.writable(id)?;
        self.check_sizes(id, key, Some(value))?;
        let map = self.map(id)?;
        if flags & BPF_F_LOCK != 0 && map.def.field(FieldKind::SpinLock).is_none() {
            return Err(Errno::Einval);
        }
        if map.def.map_type == MapType::ArrayOfMaps && index_of(key) >= map.def.max_entries {
            return Err(if flags == 0 { Errno::E2big } else { Errno::Einval });
        }
        self.check_inner(id, value)?;
        match self.map(id)?.kind {
            Kind::Queue(_) | Kind::Bloom(_) => self.push(id, value, flags),
            _ => {
                self.write(id, |family, scope| family.update(scope, key, Store::All(value), flags))?;
                self.drop_fields(id, key);
                Ok(())
            }
        }
    }

    /// `BPF_MAP_DELETE_ELEM`.
    ///
    /// # Errors
    /// As of [`delete`](MapStore::delete); `EPERM` if user space may not write or the map is frozen.
    pub fn user_delete(&mut self, id: MapId, key: &[u8]) -> Result<(), Errno> {
        self.writable(id)?;
        self.check_sizes(id, key, None)?;
        self.write(id, |family, scope| family.delete(scope, key))?;
        self.drop_fields(id, key);
        Ok(())
    }

    /// `BPF_MAP_GET_NEXT_KEY`: the key after a key, or the first; the first as well after a key that is not there.
    /// `Ok(None)` is the end.
    ///
    /// # Errors
    /// `EPERM` if user space may not read; the kernel's for families without keys.
    pub fn next_key(&self, id: MapId, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        let map = self.readable(id)?;
        self.check_sizes(id, key.unwrap_or(&vec![0; map.def.key_size as usize]), None)?;
        map.kind.family().next_key(map.view(), key)
    }

    /// Every entry, as key and value of user space, for display: without regard to who may read. Empty indices of prog
    /// arrays and maps of maps are left out; values of queues and stacks have empty keys and come oldest first.
    pub fn entries(&self, id: MapId) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
        let map = self.maps.get(id.index());
        let keyless = map.into_iter().flat_map(|map| {
            let slots = map.kind.family().slots(map.view());
            slots.into_iter().map(|slot| (Vec::new(), map.view().entry(slot)))
        });
        let next = move |key: Option<&[u8]>| {
            let map = map?;
            map.kind.family().next_key(map.view(), key).ok().flatten()
        };
        let keys = std::iter::successors(next(None), move |key| next(Some(key)));
        let keyed = keys.filter_map(move |key| {
            let map = map?;
            Some((key.clone(), map.kind.family().user_lookup(map.view(), &key).ok()?))
        });
        keyless.chain(keyed)
    }

    /// Entries of a map: indices of an array, set ones of a prog array or map of maps, submitted records of a ring
    /// buffer.
    pub fn count(&self, id: MapId) -> u64 {
        self.maps.get(id.index()).map_or(0, |map| map.kind.family().count(map.view()))
    }

    /// `BPF_MAP_FREEZE`: from now on user space may not write.
    ///
    /// # Errors
    /// `EBUSY` if it is frozen already.
    pub fn freeze(&mut self, id: MapId) -> Result<(), Errno> {
        let map = self.maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        if std::mem::replace(&mut map.frozen, true) { Err(Errno::Ebusy) } else { Ok(()) }
    }
}
