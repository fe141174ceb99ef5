//! Memory that is no map's: what programs allocate, and what helpers lend to the functions that they call.
//!
//! An object has a number, which is used again when it is freed, the last freed first. Its bytes stay until then, as those
//! of a deleted entry do.

use std::collections::BTreeMap;

use crate::kernel::MapId;

use super::family::Budget;
use super::journal::{Edit, MapChange};
use super::store::MapStore;
use super::timers::FieldPlace;
use super::tree::{Side, Tree};

/// The map that changes of objects are recorded for: none.
pub(crate) const NO_MAP: MapId = MapId(u32::MAX);
/// Objects at most.
const MAX_OBJECTS: usize = 1 << 20;
/// Bytes that an object costs besides its own.
const OVERHEAD: u64 = 64;

/// Where the head of a list or the root of a tree is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum ListPlace {
    /// In a value of a map.
    Value(FieldPlace),
    /// In an object, by its number, at an offset.
    Object(u32, u32),
}

/// One allocation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Object {
    bytes: Box<[u8]>,
    live: bool,
    /// Pointers that own it, besides the first (`bpf_refcount`).
    shares: u32,
}

impl Object {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heap {
    objects: Vec<Object>,
    free: Vec<u32>,
    /// Nodes of lists.
    pub(super) lists: BTreeMap<ListPlace, Vec<u64>>,
    /// Nodes of trees.
    pub(super) trees: BTreeMap<ListPlace, Tree>,
}

impl Heap {
    /// Bytes of an object, if they are all there.
    pub(crate) fn get(&self, object: u32, offset: u32, len: usize) -> Option<&[u8]> {
        let object = self.objects.get(object as usize).filter(|object| object.live)?;
        object.bytes.get(offset as usize..)?.get(..len)
    }

    /// The same to write to.
    pub(crate) fn get_mut(&mut self, object: u32, offset: u32, len: usize) -> Option<&mut [u8]> {
        self.objects.get(object as usize).filter(|object| object.live)?;
        self.bytes_mut(object, offset, len)
    }

    /// The same of an object that may be free: for time travel.
    pub(crate) fn bytes_mut(&mut self, object: u32, offset: u32, len: usize) -> Option<&mut [u8]> {
        self.objects.get_mut(object as usize)?.bytes.get_mut(offset as usize..)?.get_mut(..len)
    }

    /// Bytes of an object that there is.
    pub(crate) fn size(&self, object: u32) -> Option<usize> {
        self.objects.get(object as usize).filter(|object| object.live).map(|object| object.bytes.len())
    }

    /// Objects that there are, with their numbers.
    pub(crate) fn live(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.objects
            .iter()
            .enumerate()
            .filter(|(_, object)| object.live)
            .map(|(number, object)| (number, &*object.bytes))
    }

    /// Exchanges an object with what it was or becomes; whether it is live decides who has the number.
    fn set(&mut self, number: u32, object: &Object, budget: &mut Budget) {
        let at = number as usize;
        if self.objects.len() <= at {
            self.objects.resize(at + 1, Object::default());
        }
        let old = std::mem::replace(&mut self.objects[at], object.clone());
        match (old.live, object.live) {
            (true, false) => {
                budget.used -= cost(&old);
                self.free.push(number);
            }
            (false, true) => {
                budget.used += cost(object);
                if self.free.last() == Some(&number) {
                    self.free.pop();
                }
            }
            _ => {}
        }
    }
}

fn cost(object: &Object) -> u64 {
    object.bytes.len() as u64 + OVERHEAD
}

/// Objects.
impl MapStore {
    fn set_object(&mut self, number: u32, new: Object) {
        if self.journal.on {
            let old = self.heap.objects.get(number as usize).cloned().unwrap_or_default();
            let edit = Edit::Object { number, change: Box::new((old, new.clone())) };
            self.journal.changes.push(MapChange { map: NO_MAP, edit });
        }
        self.heap.set(number, &new, &mut self.budget);
    }

    /// Allocates an object of zeroes: its number, or `None` when there is no memory.
    pub(crate) fn heap_alloc(&mut self, size: u32) -> Option<u32> {
        if self.budget.used + u64::from(size) + OVERHEAD > self.budget.limit {
            return None;
        }
        let number = match self.heap.free.last() {
            Some(number) => *number,
            None if self.heap.objects.len() < MAX_OBJECTS => self.heap.objects.len() as u32,
            None => return None,
        };
        let object = Object { bytes: vec![0; size as usize].into(), live: true, shares: 0 };
        self.set_object(number, object);
        Some(number)
    }

    /// Frees an object.
    pub(crate) fn heap_free(&mut self, number: u32) {
        if let Some(object) = self.heap.objects.get(number as usize).filter(|object| object.live) {
            let freed = Object { live: false, ..object.clone() };
            self.set_object(number, freed);
            self.forget(|place| matches!(place, ListPlace::Object(object, _) if *object == number));
        }
    }

    fn set_shares(&mut self, number: u32, change: impl FnOnce(u32) -> Option<u32>) -> Option<()> {
        let object = self.heap.objects.get(number as usize).filter(|object| object.live)?;
        let shared = Object { shares: change(object.shares)?, ..object.clone() };
        self.set_object(number, shared);
        Some(())
    }

    /// One more pointer owns the object; whether it could.
    pub(crate) fn heap_acquire(&mut self, number: u32) -> bool {
        self.set_shares(number, |shares| shares.checked_add(1)).is_some()
    }

    /// A pointer owns it no longer; with the last, it is freed.
    pub(crate) fn heap_release(&mut self, number: u32) {
        if self.set_shares(number, |shares| shares.checked_sub(1)).is_none() {
            self.heap_free(number);
        }
    }

    /// The nodes of a list, by their addresses.
    pub(crate) fn list_of(&self, head: ListPlace) -> &[u64] {
        self.heap.lists.get(&head).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set_list(&mut self, head: ListPlace, new: Vec<u64>) {
        let old = self.heap.lists.insert(head, new.clone()).unwrap_or_default();
        if self.journal.on {
            self.journal
                .changes
                .push(MapChange { map: NO_MAP, edit: Edit::List { head, change: Box::new((old, new)) } });
        }
    }

    /// Empties the lists and trees at some places.
    pub(super) fn forget(&mut self, which: impl Fn(&ListPlace) -> bool) {
        let lists: Vec<_> = self.heap.lists.keys().filter(|place| which(place)).copied().collect();
        let trees: Vec<_> = self.heap.trees.keys().filter(|place| which(place)).copied().collect();
        lists.into_iter().for_each(|place| self.set_list(place, Vec::new()));
        trees.into_iter().for_each(|place| self.set_tree(place, Tree::default()));
    }

    /// A tree, if there ever was a node in it.
    pub(crate) fn tree_of(&self, root: ListPlace) -> Option<&Tree> {
        self.heap.trees.get(&root)
    }

    fn set_tree(&mut self, root: ListPlace, new: Tree) {
        let old = self.heap.trees.insert(root, new.clone()).unwrap_or_default();
        if self.journal.on {
            let edit = Edit::Tree { root, change: Box::new((old, new)) };
            self.journal.changes.push(MapChange { map: NO_MAP, edit });
        }
    }

    /// Whether a node is in any tree.
    pub(crate) fn in_tree(&self, node: u64) -> bool {
        self.heap.trees.values().any(|tree| tree.contains(node))
    }

    /// Adds a node to a tree below another, where that has no child; without another, to an empty tree.
    pub(crate) fn tree_insert(&mut self, root: ListPlace, below: Option<(u64, Side)>, node: u64) {
        let mut tree = self.tree_of(root).cloned().unwrap_or_default();
        tree.insert(below, node);
        self.set_tree(root, tree);
    }

    /// Takes a node out of a tree; whether it was there.
    pub(crate) fn tree_remove(&mut self, root: ListPlace, node: u64) -> bool {
        let mut tree = self.tree_of(root).cloned().unwrap_or_default();
        let removed = tree.remove(node);
        if removed {
            self.set_tree(root, tree);
        }
        removed
    }

    /// Puts a node at an end of a list, unless it is in one.
    pub(crate) fn list_push(&mut self, head: ListPlace, node: u64, front: bool) -> bool {
        if self.heap.lists.values().any(|list| list.contains(&node)) {
            return false;
        }
        let mut list = self.list_of(head).to_vec();
        list.insert(if front { 0 } else { list.len() }, node);
        self.set_list(head, list);
        true
    }

    /// Takes the node at an end of a list out.
    pub(crate) fn list_pop(&mut self, head: ListPlace, front: bool) -> Option<u64> {
        let mut list = self.list_of(head).to_vec();
        let last = list.len().checked_sub(1)?;
        let node = list.remove(if front { 0 } else { last });
        self.set_list(head, list);
        Some(node)
    }

    /// Makes a recorded change of an object or a list once more, or undoes it.
    pub(super) fn replay_heap(&mut self, edit: &Edit, forward: bool) {
        match edit {
            Edit::Object { number, change } => {
                let object = if forward { &change.1 } else { &change.0 };
                self.heap.set(*number, object, &mut self.budget);
            }
            Edit::List { head, change } => {
                let list = if forward { &change.1 } else { &change.0 };
                self.heap.lists.insert(*head, list.clone());
            }
            Edit::Tree { root, change } => {
                let tree = if forward { &change.1 } else { &change.0 };
                self.heap.trees.insert(*root, tree.clone());
            }
            _ => {}
        }
    }
}
