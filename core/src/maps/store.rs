//! The store: finds the map, checks what is common to all, and asks the family.

use crate::kernel::map_flags::{RDONLY_PROG, WRONLY_PROG};
use crate::kernel::{Errno, InitialValue, MapDef, MapId, MapType};

use super::absent::Absent;
use super::array::{Array, index_of};
use super::bloom::Bloom;
use super::check::{self, MapError, MapProblem};
use super::family::{Budget, Family, Scope, Store, View};
use super::group_storage::GroupStorage;
use super::hash::Hash;
use super::heap::Heap;
use super::journal::{Edit, Journal, MapChange};
use super::lpm::Lpm;
use super::lru::Lru;
use super::queue::Queue;
use super::refs::Refs;
use super::ringbuf::Ringbuf;
use super::slab::{self, Slab};
use super::sockets::Sockets;
use super::storage::Storage;
use super::targets::Targets;
use super::timers::Timers;
use super::user_ringbuf::UserRingbuf;

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
pub(super) enum Kind {
    Array(Array),
    Hash(Hash),
    Lru(Box<Lru>),
    Lpm(Box<Lpm>),
    Refs(Refs),
    Queue(Queue),
    Targets(Box<Targets>),
    Bloom(Bloom),
    Sockets(Sockets),
    Storage(Storage),
    GroupStorage(GroupStorage),
    Ringbuf(Box<Ringbuf>),
    UserRingbuf(UserRingbuf),
    Absent(Absent),
}

impl Kind {
    fn new(def: &MapDef, cpus: u32) -> Kind {
        use MapType::*;
        match def.map_type {
            Hash | PercpuHash | HashOfMaps | SkStorage => Kind::Hash(super::hash::Hash::new(def.key_size)),
            LruHash | LruPercpuHash => Kind::Lru(Box::new(Lru::new(def, cpus))),
            LpmTrie => Kind::Lpm(Box::new(Lpm::new(def.key_size))),
            ProgArray | ArrayOfMaps | PerfEventArray | CgroupArray => Kind::Refs(Refs::new(def.map_type)),
            BloomFilter => Kind::Bloom(Bloom::new(def)),
            Sockmap | Sockhash => Kind::Sockets(Sockets),
            TaskStorage | CgrpStorage => Kind::Storage(Storage::default()),
            CgroupStorage | PercpuCgroupStorage => Kind::GroupStorage(GroupStorage::default()),
            Queue => Kind::Queue(super::queue::Queue::new(false)),
            Stack => Kind::Queue(super::queue::Queue::new(true)),
            Ringbuf => Kind::Ringbuf(Box::new(super::ringbuf::Ringbuf::new(def.max_entries))),
            Devmap | DevmapHash | Cpumap | Xskmap => Kind::Targets(Box::default()),
            UserRingbuf => Kind::UserRingbuf(super::user_ringbuf::UserRingbuf::new(def.max_entries)),
            Array | PercpuArray => Kind::Array(super::array::Array),
            _ => Kind::Absent(Absent),
        }
    }

    pub(super) fn family(&self) -> &dyn Family {
        match self {
            Kind::Array(family) => family,
            Kind::Hash(family) => family,
            Kind::Lru(family) => &**family,
            Kind::Lpm(family) => &**family,
            Kind::Refs(family) => family,
            Kind::Queue(family) => family,
            Kind::Targets(family) => &**family,
            Kind::Bloom(family) => family,
            Kind::Sockets(family) => family,
            Kind::Storage(family) => family,
            Kind::GroupStorage(family) => family,
            Kind::Ringbuf(family) => &**family,
            Kind::UserRingbuf(family) => family,
            Kind::Absent(family) => family,
        }
    }

    pub(super) fn family_mut(&mut self) -> &mut dyn Family {
        match self {
            Kind::Array(family) => family,
            Kind::Hash(family) => family,
            Kind::Lru(family) => &mut **family,
            Kind::Lpm(family) => &mut **family,
            Kind::Refs(family) => family,
            Kind::Queue(family) => family,
            Kind::Targets(family) => &mut **family,
            Kind::Bloom(family) => family,
            Kind::Sockets(family) => family,
            Kind::Storage(family) => family,
            Kind::GroupStorage(family) => family,
            Kind::Ringbuf(family) => &mut **family,
            Kind::UserRingbuf(family) => family,
            Kind::Absent(family) => family,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Map {
    pub(super) slab: Slab,
    pub(super) kind: Kind,
    pub(super) def: MapDef,
    /// Values of an entry: CPUs, in a per-CPU map, else 1.
    pub(super) lanes: u32,
    pub(super) access: Access,
    pub(super) frozen: bool,
}

impl Map {
    pub(super) fn view(&self) -> View<'_> {
        View { def: &self.def, slab: &self.slab, lanes: self.lanes }
    }

    /// Bytes of a value as user space sees it.
    pub(super) fn user_value_size(&self) -> usize {
        match self.lanes {
            1 => self.def.value_size as usize,
            lanes => slab::stride(self.def.value_size) * lanes as usize,
        }
    }
}

/// All maps of a machine. A clone is independent.
#[derive(Clone, Debug)]
pub struct MapStore {
    pub(super) maps: Vec<Map>,
    pub(super) budget: Budget,
    pub(super) cpus: u32,
    pub(super) journal: Journal,
    /// What is no map's.
    pub(crate) heap: Heap,
    pub(super) timers: Timers,
}

impl MapStore {
    /// A store without maps.
    pub fn new(limits: Limits) -> MapStore {
        MapStore {
            maps: Vec::new(),
            budget: Budget { used: 0, limit: limits.memory },
            cpus: limits.cpus.clamp(1, MAX_CPUS),
            journal: Journal::default(),
            heap: Heap::default(),
            timers: Timers::default(),
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
    /// What the kernel would refuse, and too little memory. Maps of types that are not simulated are not looked at:
    /// they hold nothing.
    pub fn create(&mut self, def: MapDef) -> Result<MapId, MapError> {
        let lanes = if def.map_type.is_percpu() { self.cpus } else { 1 };
        match self.build(&def, lanes) {
            Ok((slab, charge)) => {
                self.budget.used += charge;
                let access = Access { read: def.flags & WRONLY_PROG == 0, write: def.flags & RDONLY_PROG == 0 };
                let mut def = def;
                if def.map_type == MapType::SkStorage {
                    // As many as there are sockets; their numbers are the keys.
                    def.max_entries = u32::from(u16::MAX);
                }
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
        if !def.map_type.is_simulated() {
            return Ok((Slab::new(0, false), 0));
        }
        // First, since it bounds the sizes that are multiplied below.
        check::check(def)?;
        let too_much = |need, limit| MapProblem::Memory {
            entries: def.max_entries,
            key_size: def.key_size,
            value_size: def.value_size,
            lanes,
            need,
            limit,
        };
        let (fixed, full) = (check::fixed_bytes(def, lanes), check::full_bytes(def, lanes));
        let has_region = def.map_type.has_value_memory()
            || matches!(def.map_type, MapType::Queue | MapType::Stack)
            || def.map_type.is_for_redirects();
        let slots = u64::from(def.max_entries) * u64::from(lanes);
        let fits_region = !has_region || fixed == 0 || slots <= slab::region_slots(def.value_size);
        if fixed > self.budget.limit || !fits_region {
            return Err(too_much(fixed, self.budget.limit));
        }
        if self.budget.used + fixed > self.budget.limit {
            return Err(too_much(fixed, self.budget.limit - self.budget.used));
        }
        if fixed == 0 && full > 1 << 32 {
            return Err(too_much(full, 1 << 32));
        }
        let mut slab = Slab::new(def.value_size, def.prog_flags() & RDONLY_PROG == 0);
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

    pub(super) fn map(&self, id: MapId) -> Result<&Map, Errno> {
        self.maps.get(id.index()).ok_or(Errno::Einval)
    }

    pub(super) fn check_sizes(&self, id: MapId, key: &[u8], value: Option<&[u8]>) -> Result<(), Errno> {
        let map = self.map(id)?;
        let value_fits = value.is_none_or(|value| value.len() == map.user_value_size());
        if key.len() == map.def.key_size as usize && value_fits { Ok(()) } else { Err(Errno::Einval) }
    }

    /// Calls a family to change its map.
    #[inline]
    pub(super) fn write<T>(
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
        match change.edit {
            Edit::Object { .. } | Edit::List { .. } | Edit::Tree { .. } => {
                return self.replay_heap(&change.edit, forward);
            }
            Edit::Timer { .. } => return self.replay_timer(change.map, &change.edit, forward),
            _ => {}
        }
        let on = std::mem::replace(&mut self.journal.on, false);
        // A change of another store's map is none of this one.
        let _ = self.write(change.map, |family, scope| {
            family.replay(scope, &change.edit, forward);
            Ok(())
        });
        self.journal.on = on;
    }
}
