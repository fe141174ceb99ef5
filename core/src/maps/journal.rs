//! What map calls changed, in steps small enough to be undone and redone exactly.
//!
//! A family changes its state by primitives only; each primitive that is recorded is an [`Edit`], whose inverse is
//! evident. Since changes are reverted last first, an edit finds the very state that it left, and slots, free lists
//! and order come back as they were.

use crate::kernel::MapId;

use super::ringbuf::Record;

/// A change that a map call made, to [revert](super::MapStore::revert) or [reapply](super::MapStore::reapply).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapChange {
    pub(crate) map: MapId,
    pub(crate) edit: Edit,
}

impl MapChange {
    /// Whether entries changed; else it is only where values lie, or in which order an LRU would let them go.
    pub fn changes_entries(&self) -> bool {
        !matches!(
            self.edit,
            Edit::Touch { .. }
                | Edit::Move { .. }
                | Edit::Lru { .. }
                | Edit::Spare { .. }
                | Edit::Object { .. }
                | Edit::List { .. }
                | Edit::Tree { .. }
                | Edit::Timer { .. }
        )
    }

    /// The map that changed.
    pub fn map(&self) -> MapId {
        self.map
    }

    /// Bytes of memory that the change takes, about.
    pub fn bytes(&self) -> usize {
        let content = match &self.edit {
            Edit::Value { old, new, .. } | Edit::Key { old, new, .. } => old.len() + new.len(),
            Edit::Prefix { key, .. } => key.len(),
            Edit::Write { new, .. } => new.len(),
            Edit::Sample { bytes, .. } => bytes.len(),
            Edit::Bits { bits } => bits.len() * 8,
            Edit::Tree { change, .. } => (change.0.len() + change.1.len()) * 24,
            Edit::List { change, .. } => (change.0.len() + change.1.len()) * 8,
            Edit::Object { change, .. } => change.0.bytes().len() + change.1.bytes().len(),
            Edit::Consume { records } => records.iter().map(|record| size_of::<Record>() + record.bytes.len()).sum(),
            _ => 0,
        };
        size_of::<MapChange>() + content
    }
}

/// One primitive change of a family's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Edit {
    /// A value's bytes.
    Value { slot: u32, old: Box<[u8]>, new: Box<[u8]> },
    /// A key's bytes.
    Key { slot: u32, old: Box<[u8]>, new: Box<[u8]> },
    /// A slot came into being.
    Grow { slot: u32 },
    /// Memory came to the values of an array or queue, which had it for `old` of them before.
    Touch { old: u32, new: u32 },
    /// A slot left the free list.
    Take { slot: u32 },
    /// A slot went to the free list.
    Free { slot: u32 },
    /// The spare slot of a preallocated hash.
    Spare { old: Option<u32>, new: Option<u32> },
    /// A slot was entered in the index, after another in order.
    Link { slot: u32, after: u32 },
    /// A slot left the index.
    Unlink { slot: u32, after: u32 },
    /// A slot took another's place in the index.
    Replace { old: u32, new: u32 },
    /// A node of an LRU went from a place in a list to another; places are (list, node before).
    Move { node: u32, old: (u32, u32), new: (u32, u32) },
    /// A register of an LRU: reference bit, owner, rotation, steal.
    Lru { register: super::lru::Register, old: u32, new: u32 },
    /// A prefix, as stored, came into a trie or left it.
    Prefix { slot: u32, key: Box<[u8]>, present: bool },
    /// First value and number of values of a queue.
    Queue { old: (u32, u32), new: (u32, u32) },
    /// A program, map or event in an array of them.
    Entry { index: u32, old: u32, new: u32 },
    /// A record was reserved in a ring buffer.
    Reserve { size: u32 },
    /// The bytes of a record that was reserved just now, zeroed before.
    Write { position: u64, new: Box<[u8]> },
    /// A record was submitted or discarded.
    Commit { position: u64, discard: bool },
    /// Records were consumed.
    Consume { records: Vec<Record> },
    /// Bits of a bloom filter were set by a value.
    Bits { bits: Vec<u64> },
    /// A sample came into a user ring buffer, or was taken out.
    Sample { bytes: Box<[u8]>, taken: bool },
    /// An object was allocated or freed; it has no map.
    Object { number: u32, change: Box<(super::heap::Object, super::heap::Object)> },
    /// The nodes of a list of objects.
    List { head: super::heap::ListPlace, change: Box<(Vec<u64>, Vec<u64>)> },
    /// The nodes of a tree of objects.
    Tree { root: super::heap::ListPlace, change: Box<(super::tree::Tree, super::tree::Tree)> },
    /// A timer in a value, by its offset in the value region.
    Timer { offset: u32, old: Option<super::timers::Timer>, new: Option<super::timers::Timer> },
}

/// The changes since the last take, when they are recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    pub(crate) on: bool,
    pub(crate) changes: Vec<MapChange>,
}
