//! The store: finds the map, checks what is common to all, and asks the family.

use crate::kernel::map_flags::{BPF_F_LOCK, RDONLY, RDONLY_PROG, WRONLY, WRONLY_PROG};
use crate::kernel::{Errno, InitialValue, MapDef, MapId, MapType};

use super::array::{Array, index_of};
use super::check::{self, MapError, MapProblem};
use super::family::{Budget, Family, Scope, Store, View};
use super::hash::Hash;
use super::journal::{Journal, MapChange};
use super::lpm::Lpm;
use super::lru::Lru;
use super::queue::Queue;
use super::refs::Refs;
use super::ringbuf::{Ringbuf, RingbufQuery, State};
use super::slab::{self, Slab};

/// What all maps of a store may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of all maps together.
    pub memory: u64,
    /// CPUs, each with a value of its own in per-CPU maps; at least 1.
    pub cpus: u32,
}

impl Default for Limits {
    /// 512 MiB, 4 CPUs.
    fn default() -> Limits {
        Limits { memory: 512 << 20, cpus: 4 }
    }
}

/// CPUs at most.
const MAX_CPUS: u32 = 4096;
/// Maps at most: region numbers of a kind stay apart (see `vm::Addr`), and names stay readable.
const MAX_MAPS: u32 = 1 << 16;

/// Where a look-up's value is: a byte offset in the map's value region.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ValueRef {
    /// The offset of the value's first byte.
    pub offset: u32,
}

/// What an offset in a value region is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Key of the entry; empty in queues and stacks.
    pub key: Vec<u8>,
    /// The entry's slot: its index, in an array.
    pub slot: u32,
    /// Whose value it is, in a per-CPU map.
    pub cpu: Option<u32>,
    /// Byte within the value.
    pub within: u32,
    /// Bytes of the value.
    pub value_size: u32,
    /// Whether the entry is in the map: if not, it was deleted or replaced, and the value is what is left of it.
    pub live: bool,
}

/// What programs may do with a map's values (`BPF_F_RDONLY_PROG`, `BPF_F_WRONLY_PROG`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Load from them, and look them up.
    pub read: bool,
    /// Store to them, update and delete.
    pub write: bool,
}

/// A map's state, by family.
#[derive(Clone, Debug)]
enum Kind {
    Array(Array),
    Hash(Hash),
    Lru(Box<Lru>),
    Lpm(Box<Lpm>),
    Refs(Refs),
    Queue(Queue),
    Ringbuf(Box<Ringbuf>),
}

impl Kind {
    fn new(def: &MapDef, cpus: u32) -> Kind {
        use MapType::*;
        match def.map_type {
            Hash | PercpuHash | HashOfMaps => Kind::Hash(super::hash::Hash::new(def.key_size)),
            LruHash | LruPercpuHash => Kind::Lru(Box::new(Lru::new(def, cpus))),
            LpmTrie => Kind::Lpm(Box::new(Lpm::new(def.key_size))),
            ProgArray | ArrayOfMaps | PerfEventArray => Kind::Refs(Refs::new(def.map_type)),
            Queue => Kind::Queue(super::queue::Queue::new(false)),
            Stack => Kind::Queue(super::queue::Queue::new(true)),
            Ringbuf => Kind::Ringbuf(Box::new(super::ringbuf::Ringbuf::new(def.max_entries))),
            _ => Kind::Array(super::array::Array),
        }
    }

    fn family(&self) -> &dyn Family {
        match self {
            Kind::Array(family) => family,
            Kind::Hash(family) => family,
            Kind::Lru(family) => &**family,
            Kind::Lpm(family) => &**family,
            Kind::Refs(family) => family,
            Kind::Queue(family) => family,
            Kind::Ringbuf(family) => &**family,
        }
    }

    fn family_mut(&mut self) -> &mut dyn Family {
        match self {
            Kind::Array(family) => family,
            Kind::Hash(family) => family,
            Kind::Lru(family) => &mut **family,
            Kind::Lpm(family) => &mut **family,
            Kind::Refs(family) => family,
            Kind::Queue(family) => family,
            Kind::Ringbuf(family) => &mut **family,
        }
    }
}

#[derive(Clone, Debug)]
struct Map {
    slab: Slab,
    kind: Kind,
    def: MapDef,
    /// Values of an entry: CPUs, in a per-CPU map, else 1.
    lanes: u32,
    access: Access,
    frozen: bool,
}

impl Map {
    fn view(&self) -> View<'_> {
        View { def: &self.def, slab: &self.slab, lanes: self.lanes }
    }

    /// Bytes of a value as user space sees it.
    fn user_value_size(&self) -> usize {
        match self.lanes {
            1 => self.def.value_size as usize,
            lanes => slab::stride(self.def.value_size) * lanes as usize,
        }
    }
}

/// All maps of a machine. A clone is independent.
#[derive(Clone, Debug)]
pub struct MapStore {
    maps: Vec<Map>,
    budget: Budget,
    cpus: u32,
    journal: Journal,
}

impl MapStore {
    /// A store without maps.
    pub fn new(limits: Limits) -> MapStore {
        MapStore {
            maps: Vec::new(),
            budget: Budget { used: 0, limit: limits.memory },
            cpus: limits.cpus.clamp(1, MAX_CPUS),
            journal: Journal::default(),
        }
    }

    /// Creates the maps of an object and stores what they hold at the start. A map's [`MapId`] is its place in `defs`
    /// (after the maps that are there already, to which the ids within `defs` are relative).
    ///
    /// Programs of prog arrays follow with [`set_programs`](MapStore::set_programs).
    ///
    /// # Errors
    /// The first map that cannot be created or filled; the store then has the maps before it.
    pub fn create_all(&mut self, defs: &[MapDef]) -> Result<(), MapError> {
        let base = self.maps.len() as u32;
        for def in defs {
            self.create(def.clone())?;
        }
        for (def, id) in defs.iter().zip(base..) {
            for entry in &def.initial {
                let stored = match &entry.value {
                    InitialValue::Bytes(value) => self.store_initial(MapId(id), &entry.key, value),
                    InitialValue::Map(inner) => {
                        let inner = MapId(base.saturating_add(inner.0));
                        self.store_initial(MapId(id), &entry.key, &inner.0.to_le_bytes())
                    }
                    InitialValue::Program(_) => Ok(()),
                };
                stored.map_err(|errno| MapError {
                    map: def.name.clone(),
                    problem: MapProblem::Initial { key: entry.key.clone(), errno },
                })?;
            }
        }
        Ok(())
    }

    /// Creates a map, empty.
    ///
    /// # Errors
    /// What the kernel would refuse, types that are not simulated, and too little memory.
    pub fn create(&mut self, def: MapDef) -> Result<MapId, MapError> {
        let lanes = if def.map_type.is_percpu() { self.cpus } else { 1 };
        match self.build(&def, lanes) {
            Ok((slab, charge)) => {
                self.budget.used += charge;
                let access = Access { read: def.flags & WRONLY_PROG == 0, write: def.flags & RDONLY_PROG == 0 };
                let kind = Kind::new(&def, self.cpus);
                self.maps.push(Map { slab, kind, def, lanes, access, frozen: false });
                Ok(MapId(self.maps.len() as u32 - 1))
            }
            Err(problem) => Err(MapError { map: def.name, problem }),
        }
    }

    /// Checks a definition, and makes the memory that it has from the start.
    fn build(&self, def: &MapDef, lanes: u32) -> Result<(Slab, u64), MapProblem> {
        if self.maps.len() >= MAX_MAPS as usize {
            return Err(MapProblem::TooManyMaps(MAX_MAPS));
        }
        let too_much = |need, limit| MapProblem::Memory {
            entries: def.max_entries,
            key_size: def.key_size,
            value_size: def.value_size,
            lanes,
            need,
            limit,
        };
        let (fixed, full) = (check::fixed_bytes(def, lanes), check::full_bytes(def, lanes));
        let has_region = def.map_type.has_value_memory() || matches!(def.map_type, MapType::Queue | MapType::Stack);
        let slots = u64::from(def.max_entries) * u64::from(lanes);
        let fits_region = !has_region || fixed == 0 || slots <= slab::region_slots(def.value_size);
        check::check(def)?;
        if fixed > self.budget.limit || !fits_region {
            return Err(too_much(fixed, self.budget.limit));
        }
        if self.budget.used + fixed > self.budget.limit {
            return Err(too_much(fixed, self.budget.limit - self.budget.used));
        }
        if fixed == 0 && full > 1 << 32 {
            return Err(too_much(full, 1 << 32));
        }
        let mut slab = Slab::new(def.value_size, def.flags & RDONLY_PROG == 0);
        if def.map_type == MapType::Array {
            // Global data is addressed without a look-up.
            slab.resize(1).map_err(|_| too_much(fixed, self.budget.limit))?;
        }
        Ok((slab, fixed))
    }

    fn store_initial(&mut self, id: MapId, key: &[u8], value: &[u8]) -> Result<(), Errno> {
        self.check_sizes(id, key, Some(value))?;
        self.check_inner(id, value)?;
        self.write(id, |family, scope| family.update(scope, key, Store::All(value), 0))
    }

    /// Stores the programs that prog arrays hold at the start, by the number that `number` knows a name under.
    ///
    /// # Errors
    /// The first program that there is none of, or whose index is out of range.
    pub fn set_programs(&mut self, mut number: impl FnMut(&str) -> Option<u32>) -> Result<(), MapError> {
        for at in 0..self.maps.len() as u32 {
            let def = &self.maps[at as usize].def;
            let name = def.name.clone();
            let fail = |problem| MapError { map: name.clone(), problem };
            for entry in def.initial.clone() {
                let InitialValue::Program(program) = entry.value else {
                    continue;
                };
                let key = entry.key.clone();
                let found = number(&program).ok_or_else(|| fail(MapProblem::NoProgram { key, program }))?;
                let set = self.set_program(MapId(at), index_of(&entry.key), Some(found));
                set.map_err(|errno| fail(MapProblem::Initial { key: entry.key, errno }))?;
            }
        }
        Ok(())
    }

    /// A map's definition.
    pub fn def(&self, id: MapId) -> Option<&MapDef> {
        self.maps.get(id.index()).map(|map| &map.def)
    }

    /// Maps.
    pub fn len(&self) -> usize {
        self.maps.len()
    }

    /// Whether there are no maps.
    pub fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// CPUs, each with a value of its own in per-CPU maps.
    pub fn cpus(&self) -> u32 {
        self.cpus
    }

    /// Bytes that the maps use of the limit.
    pub fn memory(&self) -> u64 {
        self.budget.used
    }

    /// What programs may do with a map's values.
    pub fn access(&self, id: MapId) -> Option<Access> {
        self.maps.get(id.index()).map(|map| map.access)
    }

    fn map(&self, id: MapId) -> Result<&Map, Errno> {
        self.maps.get(id.index()).ok_or(Errno::Einval)
    }

    fn check_sizes(&self, id: MapId, key: &[u8], value: Option<&[u8]>) -> Result<(), Errno> {
        let map = self.map(id)?;
        let value_fits = value.is_none_or(|value| value.len() == map.user_value_size());
        if key.len() == map.def.key_size as usize && value_fits { Ok(()) } else { Err(Errno::Einval) }
    }

    /// Calls a family to change its map.
    #[inline]
    fn write<T>(
        &mut self,
        id: MapId,
        call: impl FnOnce(&mut dyn Family, &mut Scope) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind, def, lanes, .. } = map;
        call(kind.family_mut(), &mut Scope { id, def, slab, journal, budget, lanes: *lanes })
    }
}

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

    /// `bpf_map_update_elem` on a CPU: in a per-CPU map it stores that CPU's value.
    ///
    /// # Errors
    /// The kernel's: `EINVAL` for flags, `EEXIST`, `ENOENT`, `E2BIG` for a full map or an index out of range; `EPERM`
    /// in a map that programs only read (which the verifier refuses).
    pub fn update(&mut self, id: MapId, key: &[u8], value: &[u8], flags: u64, cpu: u32) -> Result<(), Errno> {
        let map = self.map(id)?;
        let sizes = key.len() == map.def.key_size as usize && value.len() == map.def.value_size as usize;
        if !sizes || cpu >= self.cpus || !map.def.map_type.has_value_memory() {
            return Err(Errno::Einval);
        }
        if !map.access.write {
            return Err(Errno::Eperm);
        }
        self.write(id, |family, scope| family.update(scope, key, Store::Cpu(cpu, value), flags))
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
        self.write(id, |family, scope| family.delete(scope, key))
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
        refs.get(slot).ok_or(Errno::Enoent)?;
        if slot == cpu { Ok(slot) } else { Err(Errno::Eopnotsupp) }
    }
}

/// What user space does, through bpf(2).
impl MapStore {
    fn check_inner(&self, id: MapId, value: &[u8]) -> Result<(), Errno> {
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
        if flags & BPF_F_LOCK != 0 {
            return Err(Errno::Einval);
        }
        let map = self.map(id)?;
        if map.def.map_type == MapType::ArrayOfMaps && index_of(key) >= map.def.max_entries {
            return Err(if flags == 0 { Errno::E2big } else { Errno::Einval });
        }
        self.check_inner(id, value)?;
        match self.map(id)?.kind {
            Kind::Queue(_) => self.push(id, value, flags),
            _ => self.write(id, |family, scope| family.update(scope, key, Store::All(value), flags)),
        }
    }

    /// `BPF_MAP_DELETE_ELEM`.
    ///
    /// # Errors
    /// As of [`delete`](MapStore::delete); `EPERM` if user space may not write or the map is frozen.
    pub fn user_delete(&mut self, id: MapId, key: &[u8]) -> Result<(), Errno> {
        self.writable(id)?;
        self.check_sizes(id, key, None)?;
        self.write(id, |family, scope| family.delete(scope, key))
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

/// Ring buffers.
impl MapStore {
    fn ringbuf(&self, id: MapId) -> Option<&Ringbuf> {
        match self.maps.get(id.index()) {
            Some(Map { kind: Kind::Ringbuf(ringbuf), .. }) => Some(ringbuf),
            _ => None,
        }
    }

    fn ringbuf_write<T>(
        &mut self,
        id: MapId,
        call: impl FnOnce(&mut Ringbuf, &mut Scope) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind: Kind::Ringbuf(ringbuf), def, lanes, .. } = map else {
            return Err(Errno::Einval);
        };
        call(ringbuf, &mut Scope { id, def, slab, journal, budget, lanes: *lanes })
    }

    /// `bpf_ringbuf_reserve`: the offset of the record's first byte in the map's record region, or `None` (NULL) when
    /// the record is too large, the buffer has no room, or `flags` is not 0.
    pub fn ringbuf_reserve(&mut self, id: MapId, size: u64, flags: u64) -> Option<u32> {
        self.ringbuf_write(id, |ringbuf, scope| Ok(ringbuf.reserve(scope, size, flags))).ok().flatten()
    }

    /// `bpf_ringbuf_submit`, of the reserved record that starts at `offset`.
    ///
    /// # Errors
    /// `EINVAL` if there is none (which the verifier refuses).
    pub fn ringbuf_submit(&mut self, id: MapId, offset: u32, flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.commit(scope, offset, false, flags))
    }

    /// `bpf_ringbuf_discard`, of the reserved record that starts at `offset`.
    ///
    /// # Errors
    /// `EINVAL` if there is none (which the verifier refuses).
    pub fn ringbuf_discard(&mut self, id: MapId, offset: u32, flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.commit(scope, offset, true, flags))
    }

    /// `bpf_ringbuf_output`.
    ///
    /// # Errors
    /// `EAGAIN` when there is no room, `EINVAL` for unknown flags.
    pub fn ringbuf_output(&mut self, id: MapId, data: &[u8], flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.output(scope, data, flags))
    }

    /// `bpf_ringbuf_query`.
    pub fn ringbuf_query(&self, id: MapId, what: RingbufQuery) -> u64 {
        self.ringbuf(id).map_or(0, |ringbuf| ringbuf.query(what))
    }

    /// Consumes what was submitted, in order, up to the first record that is still reserved.
    pub fn ringbuf_drain(&mut self, id: MapId) -> Vec<Vec<u8>> {
        let records = self.ringbuf_write(id, |ringbuf, scope| Ok(ringbuf.drain(scope))).unwrap_or_default();
        let submitted = records.into_iter().filter(|record| record.state == State::Submitted);
        submitted.map(|record| record.bytes.into_vec()).collect()
    }

    /// `len` bytes at an offset of a map's record region, if they lie inside one reserved record.
    pub fn record(&self, id: MapId, offset: u32, len: u32) -> Option<&[u8]> {
        self.ringbuf(id)?.get(offset, len)
    }

    /// The same to write to. These stores are not in the journal.
    pub fn record_mut(&mut self, id: MapId, offset: u32, len: u32) -> Option<&mut [u8]> {
        match self.maps.get_mut(id.index()) {
            Some(Map { kind: Kind::Ringbuf(ringbuf), .. }) => ringbuf.get_mut(offset, len),
            _ => None,
        }
    }

    /// The reserved record that an offset points into: offset of its first byte, and its size.
    pub fn locate_record(&self, id: MapId, offset: u32) -> Option<(u32, u32)> {
        self.ringbuf(id)?.locate(offset)
    }
}

/// Time travel.
impl MapStore {
    /// From now on calls record what they change.
    pub fn start_journal(&mut self) {
        self.journal = Journal { on: true, changes: Vec::new() };
    }

    /// Calls record no more; what was recorded is dropped.
    pub fn stop_journal(&mut self) {
        self.journal = Journal::default();
    }

    /// What calls changed since the last take, in order. Maps created and frozen, and stores through
    /// [`value_mut`](MapStore::value_mut) and [`record_mut`](MapStore::record_mut), are not among it.
    pub fn take_journal(&mut self) -> Vec<MapChange> {
        std::mem::take(&mut self.journal.changes)
    }

    /// Undoes a change. Changes are undone last first, and so are direct stores between them; the state is then
    /// exactly that before the call. The journal does not record this.
    pub fn revert(&mut self, change: &MapChange) {
        self.replay(change, false);
    }

    /// Makes a change once more, after it was undone and all before it are done.
    pub fn reapply(&mut self, change: &MapChange) {
        self.replay(change, true);
    }

    fn replay(&mut self, change: &MapChange, forward: bool) {
        let on = std::mem::replace(&mut self.journal.on, false);
        // A change of another store's map is none of this one.
        let _ = self.write(change.map, |family, scope| {
            family.replay(scope, &change.edit, forward);
            Ok(())
        });
        self.journal.on = on;
    }
}
