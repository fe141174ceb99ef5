//! What every family of maps does, and what it is given to do it.

use crate::kernel::{Errno, FieldKind, MapDef, MapId};

use super::journal::{Edit, Journal, MapChange};
use super::slab::{self, Slab};

/// A value to store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store<'a> {
    /// A program's: in a per-CPU map, for its own CPU only.
    Cpu(u32, &'a [u8]),
    /// User space's: in a per-CPU map, every CPU's value, each rounded up to 8 bytes.
    All(&'a [u8]),
}

impl<'a> Store<'a> {
    /// The value, in a map that is not per-CPU.
    pub(crate) fn single(self) -> &'a [u8] {
        match self {
            Store::Cpu(_, value) | Store::All(value) => value,
        }
    }

    /// The CPU that the call is made on. User space runs on CPU 0 here.
    pub(crate) fn cpu(self) -> u32 {
        match self {
            Store::Cpu(cpu, _) => cpu,
            Store::All(_) => 0,
        }
    }
}

/// Memory of all maps.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// What a family's state does not hold itself: the definition, the values, and who keeps account.
pub(crate) struct Scope<'a> {
    pub(crate) id: MapId,
    pub(crate) def: &'a MapDef,
    pub(crate) slab: &'a mut Slab,
    pub(crate) journal: &'a mut Journal,
    pub(crate) budget: &'a mut Budget,
    /// Values of an entry: CPUs, in a per-CPU map, else 1.
    pub(crate) lanes: u32,
}

impl Scope<'_> {
    /// Records an edit that has been or is being made.
    #[inline]
    pub(crate) fn record(&mut self, edit: impl FnOnce() -> Edit) {
        if self.journal.on {
            self.journal.changes.push(MapChange { map: self.id, edit: edit() });
        }
    }

    /// Replaces a value's bytes.
    pub(crate) fn set_value(&mut self, slot: u32, value: &[u8]) {
        if self.journal.on {
            let old = self.slab.value(slot).into();
            self.record(|| Edit::Value { slot, old, new: value.into() });
        }
        self.slab.set(slot, value);
    }

    /// Stores an entry's value or values; a program's store of a `fresh` entry clears the other CPUs'. Fields of the
    /// kernel's stay, or are zero in a fresh one; storing to an array's entry frees what is in them.
    pub(crate) fn set_entry(&mut self, slot: u32, store: Store, fresh: bool) {
        if self.lanes == 1 {
            if self.def.special.is_empty() {
                return self.set_value(slot, store.single());
            }
            let mut value = store.single().to_vec();
            for (kind, field) in kept_fields(self.def) {
                let part = value.get_mut(field.clone()).unwrap_or_default();
                let stays = !fresh && (!self.def.map_type.is_array() || super::timers::outlives_stores(kind));
                match stays {
                    true => part.copy_from_slice(&self.slab.value(slot)[field]),
                    false => part.fill(0),
                }
            }
            return self.set_value(slot, &value);
        }
        match store {
            Store::Cpu(cpu, value) => {
                if fresh {
                    let zero = vec![0; value.len()];
                    for other in (0..self.lanes).filter(|&other| other != cpu) {
                        self.set_value(slot * self.lanes + other, &zero);
                    }
                }
                self.set_value(slot * self.lanes + cpu, value);
            }
            Store::All(values) => {
                for (lane, value) in values.chunks(slab::stride(self.def.value_size)).enumerate() {
                    let value = &value[..self.def.value_size as usize];
                    self.set_value(slot * self.lanes + lane as u32, value);
                }
            }
        }
    }

    /// Gives an entry that is the next of the slab its memory, within the budget.
    pub(crate) fn grow_entry(&mut self, entry: u32) -> Result<(), Errno> {
        let slots = (u64::from(entry) + 1) * u64::from(self.lanes);
        let charge = entry_bytes(self.def, self.lanes);
        if slots > slab::region_slots(self.def.value_size) || self.budget.used + charge > self.budget.limit {
            return Err(Errno::Enomem);
        }
        self.slab.resize(slots as usize)?;
        self.budget.used += charge;
        Ok(())
    }

    /// Takes the memory of the slab's last entry away.
    pub(crate) fn shrink_entry(&mut self, entry: u32) {
        // Shrinking does not allocate, so it cannot fail.
        let _ = self.slab.resize(entry as usize * self.lanes as usize);
        self.budget.used -= entry_bytes(self.def, self.lanes);
    }
}

/// Where in a value the fields are that only the kernel stores to.
fn kept_fields(def: &MapDef) -> impl Iterator<Item = (FieldKind, std::ops::Range<usize>)> + use<'_> {
    let kept = def.special.iter().filter(|field| super::timers::is_kept(field.kind));
    kept.map(|field| (field.kind, field.offset as usize..(field.offset + field.size) as usize))
}

/// Bytes that an entry with a key costs: key, values, links and the place in the index.
pub(crate) fn entry_bytes(def: &MapDef, lanes: u32) -> u64 {
    u64::from(def.key_size) + slab::stride(def.value_size) as u64 * u64::from(lanes) + 16
}

/// What a store looks at without changing it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) def: &'a MapDef,
    pub(crate) slab: &'a Slab,
    pub(crate) lanes: u32,
}

impl View<'_> {
    /// An entry's value as user space sees it: every CPU's, rounded up to 8 bytes, in a per-CPU map.
    pub(crate) fn entry(&self, slot: u32) -> Vec<u8> {
        if self.lanes == 1 {
            let mut value = self.slab.value(slot).to_vec();
            for (_, field) in kept_fields(self.def) {
                value.get_mut(field).unwrap_or_default().fill(0);
            }
            return value;
        }
        let stride = slab::stride(self.def.value_size);
        let mut values = vec![0; stride * self.lanes as usize];
        for (lane, out) in values.chunks_mut(stride).enumerate() {
            let value = slot * self.lanes + lane as u32;
            out[..self.def.value_size as usize].copy_from_slice(self.slab.value(value));
        }
        values
    }
}

/// Operations of a family. Keys and values have the sizes of the definition: the store has checked them.
///
/// What a family leaves out answers as the kernel does for maps without that operation.
pub(crate) trait Family {
    /// A program's look-up: the slot of the value that it gets a pointer to.
    fn lookup(&mut self, cx: &mut Scope, key: &[u8], cpu: u32) -> Option<u32> {
        let _ = (cx, key, cpu);
        None
    }

    /// The slot of a key's value, without anything that a look-up does besides; of a map that can be walked.
    fn find(&self, view: View, key: &[u8], cpu: u32) -> Option<u32> {
        let _ = (view, key, cpu);
        None
    }

    /// Stores an entry.
    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let _ = (cx, key, store, flags);
        Err(Errno::Enotsupp)
    }

    /// Removes an entry.
    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let _ = (cx, key);
        Err(Errno::Enotsupp)
    }

    /// Adds a value at the end.
    fn push(&mut self, cx: &mut Scope, value: &[u8], flags: u64) -> Result<(), Errno> {
        let _ = (cx, value, flags);
        Err(Errno::Einval)
    }

    /// The value that is next to come out, and with `remove`, takes it out.
    fn pop(&mut self, cx: &mut Scope, remove: bool) -> Result<u32, Errno> {
        let _ = (cx, remove);
        Err(Errno::Einval)
    }

    /// User space's look-up.
    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno>;

    /// The key after a key, or the first.
    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno>;

    /// Entries.
    fn count(&self, view: View) -> u64;

    /// Key of an entry, and whether the entry is in the map.
    fn entry_key(&self, view: View, entry: u32) -> (Vec<u8>, bool);

    /// Slots of the entries, in order, of a map without keys.
    fn slots(&self, view: View) -> Vec<u32> {
        let _ = view;
        Vec::new()
    }

    /// Makes a recorded edit once more, or undoes it.
    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool);
}
