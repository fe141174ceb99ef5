//! LRU hash maps, with one value or one for each CPU.
//!
//! Which entry is evicted, and when, follows the kernel's lists, since programs see it: a map of 1 000 entries starts
//! to evict before it holds 1 000, and evicts several at a time.
//!
//! An entry's node is in one of these lists:
//! - *active*: was referenced (a reference bit is set by a program's look-up, not by user space's),
//! - *inactive*: candidates for eviction, the oldest last,
//! - *free*,
//! - of each CPU, *local free* and *pending*: nodes that the CPU fetched in one go to use, and those that it has used
//!   since the last time it fetched.
//!
//! A CPU without local free nodes first moves its pending nodes to active or inactive by their reference bit, rotates
//! both lists a little, and then fetches up to `target` nodes: free ones, else by evicting inactive ones.
//! With `BPF_F_NO_COMMON_LRU` each CPU has active, inactive and free lists of its own, and no local ones.
//!
//! Differences: user space runs on CPU 0, while the kernel takes the CPU that the call happens to be made on; all
//! CPUs up to the simulator's number count as possible ones.

use std::fmt;

use crate::kernel::map_flags::{BPF_EXIST, NO_COMMON_LRU};
use crate::kernel::{Errno, MapDef};

use super::family::{Family, Scope, Store, View};
use super::hash;
use super::index::Index;
use super::journal::Edit;
use super::list::{Ends, Links, NONE};

/// Nodes that a CPU fetches at most, and looks at in one rotation or eviction, in the common LRU.
const LOCAL_TARGET: u32 = 128;
/// The same with one LRU for each CPU.
const PERCPU_TARGET: u32 = 4;

/// What an [`Edit::Lru`] changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Register {
    /// Reference bit of a node.
    Referenced(u32),
    /// CPU of a node.
    Cpu(u32),
    /// Where the next rotation of the inactive list starts, in the set of lists with that number.
    Rotation(u32),
    /// The CPU that a CPU takes nodes from next when there are no others.
    Steal(u32),
    /// Nodes that have been in use.
    Used,
}

/// A node's place beside its links.
#[derive(Clone, Copy, Debug)]
struct Node {
    list: u32,
    cpu: u32,
    referenced: bool,
}

/// Lists of a set, by their place in it.
const ACTIVE: u32 = 0;
const INACTIVE: u32 = 1;
const FREE: u32 = 2;
const LISTS: u32 = 3;
/// Not in a list: just taken.
const NOWHERE: u32 = NONE;

/// An LRU hash map.
#[derive(Clone)]
pub(crate) struct Lru {
    index: Index,
    links: Links,
    nodes: Vec<Node>,
    /// First and last node, and nodes, of every list: a set of three for the common LRU or for each CPU; then,
    /// for the common LRU, local free and pending of each CPU.
    lists: Vec<(Ends, u32)>,
    /// For each set, where rotation of the inactive list goes on.
    rotation: Vec<u32>,
    /// For each CPU, whom it steals from next.
    steal: Vec<u32>,
    /// Nodes that have been in use. The others come last in the free lists and are not made before.
    used: u32,
    /// Nodes in all.
    capacity: u32,
    cpus: u32,
    /// Nodes looked at in one go.
    scans: u32,
    /// Nodes fetched in one go.
    target: u32,
    percpu: bool,
}

impl fmt::Debug for Lru {
    /// The index, and every list with its nodes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = |list: &(Ends, u32)| {
            let known = |node: u32| (node != NONE).then_some(node);
            let walk = std::iter::successors(known(list.0.first), move |&node| known(self.links.next(node)));
            walk.map(|node| (node, self.nodes[node as usize])).collect::<Vec<_>>()
        };
        f.debug_struct("Lru")
            .field("index", &self.index)
            .field("lists", &self.lists.iter().map(nodes).collect::<Vec<_>>())
            .field("rotation", &self.rotation)
            .field("steal", &self.steal)
            .field("used", &self.used)
            .finish_non_exhaustive()
    }
}

impl Lru {
    pub(crate) fn new(def: &MapDef, cpus: u32) -> Lru {
        let percpu = def.flags & NO_COMMON_LRU != 0;
        let sets = if percpu { cpus } else { 1 };
        let locals = if percpu { 0 } else { 2 * cpus };
        Lru {
            index: Index::new(def.key_size),
            links: Links::default(),
            nodes: Vec::new(),
            lists: vec![(Ends::EMPTY, 0); (sets * LISTS + locals) as usize],
            rotation: vec![NONE; sets as usize],
            steal: (0..cpus).collect(),
            used: 0,
            capacity: if percpu { def.max_entries.next_multiple_of(cpus) } else { def.max_entries },
            cpus,
            scans: if percpu { PERCPU_TARGET } else { LOCAL_TARGET },
            target: if percpu { PERCPU_TARGET } else { (def.max_entries / cpus / 2).clamp(1, LOCAL_TARGET) },
            percpu,
        }
    }

    fn local_free(&self, cpu: u32) -> u32 {
        LISTS + 2 * cpu
    }

    fn pending(&self, cpu: u32) -> u32 {
        LISTS + 2 * cpu + 1
    }

    fn is_pending(&self, node: u32) -> bool {
        let list = self.nodes[node as usize].list;
        !self.percpu && list >= LISTS && list != NOWHERE && (list - LISTS) % 2 == 1
    }

    fn ends(&self, list: u32) -> Ends {
        self.lists[list as usize].0
    }

    fn len(&self, list: u32) -> u32 {
        self.lists[list as usize].1
    }

    fn register(&mut self, register: Register) -> u32 {
        match register {
            Register::Referenced(node) => self.nodes[node as usize].referenced.into(),
            Register::Cpu(node) => self.nodes[node as usize].cpu,
            Register::Rotation(set) => self.rotation[set as usize],
            Register::Steal(cpu) => self.steal[cpu as usize],
            Register::Used => self.used,
        }
    }

    fn put_register(&mut self, register: Register, to: u32) {
        match register {
            Register::Referenced(node) => self.nodes[node as usize].referenced = to != 0,
            Register::Cpu(node) => self.nodes[node as usize].cpu = to,
            Register::Rotation(set) => self.rotation[set as usize] = to,
            Register::Steal(cpu) => self.steal[cpu as usize] = to,
            Register::Used => self.used = to,
        }
    }

    fn set(&mut self, cx: &mut Scope, register: Register, new: u32) {
        let old = self.register(register);
        if old != new {
            self.put_register(register, new);
            cx.record(|| Edit::Lru { register, old, new });
        }
    }

    fn set_referenced(&mut self, cx: &mut Scope, node: u32, referenced: bool) {
        self.set(cx, Register::Referenced(node), referenced.into());
    }

    /// A node's place: its list, and the node before it.
    fn place(&self, node: u32) -> (u32, u32) {
        match self.nodes[node as usize].list {
            NOWHERE => (NOWHERE, NONE),
            list => (list, self.links.prev(node)),
        }
    }

    /// Moves a node to a place.
    fn put(&mut self, node: u32, (list, after): (u32, u32)) {
        let from = self.nodes[node as usize].list;
        if from != NOWHERE {
            let (ends, len) = &mut self.lists[from as usize];
            self.links.remove(ends, node);
            *len -= 1;
        }
        self.nodes[node as usize].list = list;
        if list != NOWHERE {
            let (ends, len) = &mut self.lists[list as usize];
            self.links.insert(ends, node, after);
            *len += 1;
        }
    }

    /// Moves a node to the front of a list.
    fn shift(&mut self, cx: &mut Scope, node: u32, list: u32) {
        let old = self.place(node);
        self.put(node, (list, NONE));
        cx.record(|| Edit::Move { node, old, new: (list, NONE) });
    }

    /// Moves a node within or out of the lists of a set; rotation steps back over it.
    fn shift_in_set(&mut self, cx: &mut Scope, set: u32, node: u32, list: u32) {
        self.set_referenced(cx, node, false);
        if self.rotation[set as usize] == node {
            let before = self.links.prev(node);
            self.set(cx, Register::Rotation(set), before);
        }
        self.shift(cx, node, list);
    }

    /// The node of a walk around a list backwards, where `NONE` is the place between last and first.
    fn back(&self, list: u32, at: u32) -> u32 {
        if at == NONE { self.ends(list).last } else { self.links.prev(at) }
    }

    fn rotate(&mut self, cx: &mut Scope, set: u32) {
        if self.len(set * LISTS + INACTIVE) < self.len(set * LISTS + ACTIVE) {
            self.rotate_active(cx, set);
        }
        self.rotate_inactive(cx, set);
    }

    /// Gives the oldest active nodes a second chance if referenced, else makes them inactive.
    fn rotate_active(&mut self, cx: &mut Scope, set: u32) {
        let (active, inactive) = (set * LISTS + ACTIVE, set * LISTS + INACTIVE);
        let Ends { first, last } = self.ends(active);
        let mut node = last;
        for _ in 0..self.scans {
            if node == NONE {
                break;
            }
            let before = self.links.prev(node);
            let to = if self.nodes[node as usize].referenced { active } else { inactive };
            self.shift_in_set(cx, set, node, to);
            if node == first {
                break;
            }
            node = before;
        }
    }

    /// Makes referenced inactive nodes active, going on where the last rotation ended.
    fn rotate_inactive(&mut self, cx: &mut Scope, set: u32) {
        let (active, inactive) = (set * LISTS + ACTIVE, set * LISTS + INACTIVE);
        if self.len(inactive) == 0 {
            return;
        }
        let start = self.rotation[set as usize];
        // The walk ends at the node after the start, once around; the start may be the place before the first.
        let after = if start == NONE { self.ends(inactive).first } else { self.links.next(start) };
        let last = if after == NONE { self.ends(inactive).first } else { after };
        let (mut node, mut next, mut looked) = (start, start, 0);
        while looked < self.scans {
            if node == NONE {
                node = self.back(inactive, NONE);
                continue;
            }
            next = self.links.prev(node);
            if self.nodes[node as usize].referenced {
                self.shift_in_set(cx, set, node, active);
            }
            if node == last {
                break;
            }
            node = next;
            if node == NONE && self.len(inactive) == 0 {
                break;
            }
            looked += 1;
        }
        self.set(cx, Register::Rotation(set), next);
    }

    /// Evicts up to `wanted` inactive nodes that are not referenced, or else one whatever it is.
    fn shrink(&mut self, cx: &mut Scope, set: u32, wanted: u32, to: u32) {
        let (active, inactive) = (set * LISTS + ACTIVE, set * LISTS + INACTIVE);
        let mut node = self.ends(inactive).last;
        let mut evicted = 0;
        for _ in 0..self.scans {
            if node == NONE || evicted == wanted {
                break;
            }
            let before = self.links.prev(node);
            if self.nodes[node as usize].referenced {
                self.shift_in_set(cx, set, node, active);
            } else {
                self.evict(cx, set, node, to);
                evicted += 1;
            }
            node = before;
        }
        if evicted == 0 {
            let list = if self.len(inactive) > 0 { inactive } else { active };
            let oldest = self.ends(list).last;
            if oldest != NONE {
                self.evict(cx, set, oldest, to);
            }
        }
    }

    fn evict(&mut self, cx: &mut Scope, set: u32, node: u32, to: u32) {
        hash::unlink(&mut self.index, cx, node);
        self.shift_in_set(cx, set, node, to);
    }

    /// Makes a node that was never used, while there are any: it belongs to the end of a free list.
    fn fresh(&mut self, cx: &mut Scope, cpu: u32) -> Option<u32> {
        let node = self.used;
        if node >= self.capacity || cx.grow_entry(node).is_err() {
            return None;
        }
        self.grow_nodes(node as usize + 1);
        cx.record(|| Edit::Grow { slot: node });
        self.set(cx, Register::Used, node + 1);
        self.set(cx, Register::Cpu(node), cpu);
        Some(node)
    }

    fn grow_nodes(&mut self, nodes: usize) {
        if self.nodes.len() < nodes {
            self.nodes.resize(nodes, Node { list: NOWHERE, cpu: 0, referenced: false });
        }
        self.links.grow(nodes);
        self.index.grow(nodes);
    }

    /// Fetches free nodes for a CPU of the common LRU.
    fn fetch(&mut self, cx: &mut Scope, cpu: u32) {
        let (local, pending) = (self.local_free(cpu), self.pending(cpu));
        while self.ends(pending).last != NONE {
            let node = self.ends(pending).last;
            let to = if self.nodes[node as usize].referenced { ACTIVE } else { INACTIVE };
            self.set_referenced(cx, node, false);
            self.shift(cx, node, to);
        }
        self.rotate(cx, 0);
        let mut fetched = 0;
        while fetched < self.target {
            let first = self.ends(FREE).first;
            if first != NONE {
                self.shift_in_set(cx, 0, first, local);
            } else if let Some(node) = self.fresh(cx, cpu) {
                self.shift(cx, node, local);
            } else {
                break;
            }
            fetched += 1;
        }
        if fetched < self.target {
            self.shrink(cx, 0, self.target - fetched, local);
        }
    }

    /// A node for a new entry, from the common LRU; it becomes pending.
    fn take_common(&mut self, cx: &mut Scope, cpu: u32) -> Option<u32> {
        if self.len(self.local_free(cpu)) == 0 {
            self.fetch(cx, cpu);
        }
        let mut node = self.ends(self.local_free(cpu)).first;
        if node == NONE {
            node = self.steal_node(cx, cpu)?;
        }
        self.set(cx, Register::Cpu(node), cpu);
        self.set_referenced(cx, node, false);
        let pending = self.pending(cpu);
        self.shift(cx, node, pending);
        Some(node)
    }

    /// A node that some CPU has fetched and not used, or else the oldest that it used.
    fn steal_node(&mut self, cx: &mut Scope, cpu: u32) -> Option<u32> {
        let first = self.steal[cpu as usize];
        let mut from = first;
        let mut found = None;
        loop {
            let free = self.ends(self.local_free(from)).first;
            found = found.or((free != NONE).then_some(free)).or_else(|| self.steal_pending(cx, from));
            from = (from + 1) % self.cpus;
            if found.is_some() || from == first {
                break;
            }
        }
        self.set(cx, Register::Steal(cpu), from);
        found
    }

    fn steal_pending(&mut self, cx: &mut Scope, cpu: u32) -> Option<u32> {
        let last = self.ends(self.pending(cpu)).last;
        let mut node = last;
        while node != NONE && self.nodes[node as usize].referenced {
            node = self.links.prev(node);
        }
        let node = if node == NONE { last } else { node };
        (node != NONE).then(|| {
            hash::unlink(&mut self.index, cx, node);
            node
        })
    }

    /// A node for a new entry, from the CPU's own LRU; it becomes inactive.
    fn take_percpu(&mut self, cx: &mut Scope, cpu: u32) -> Option<u32> {
        let free = cpu * LISTS + FREE;
        self.rotate(cx, cpu);
        if self.len(free) == 0 {
            match self.percpu_share_left(cpu).then(|| self.fresh(cx, cpu)).flatten() {
                Some(node) => self.shift(cx, node, free),
                None => self.shrink(cx, cpu, PERCPU_TARGET, free),
            }
        }
        let node = self.ends(free).first;
        (node != NONE).then(|| {
            self.shift_in_set(cx, cpu, node, cpu * LISTS + INACTIVE);
            node
        })
    }

    /// Whether a CPU has not used its share of the nodes: they are dealt out evenly.
    fn percpu_share_left(&self, cpu: u32) -> bool {
        let own = (0..LISTS).map(|list| self.len(cpu * LISTS + list)).sum::<u32>();
        own < self.capacity.div_ceil(self.cpus)
    }

    fn take(&mut self, cx: &mut Scope, cpu: u32) -> Result<u32, Errno> {
        let node = if self.percpu { self.take_percpu(cx, cpu) } else { self.take_common(cx, cpu) };
        node.ok_or(Errno::Enomem)
    }

    fn give(&mut self, cx: &mut Scope, node: u32) {
        let cpu = self.nodes[node as usize].cpu;
        if self.is_pending(node) {
            let local = self.local_free(cpu);
            self.set_referenced(cx, node, false);
            self.shift(cx, node, local);
        } else {
            let set = if self.percpu { cpu } else { 0 };
            self.shift_in_set(cx, set, node, set * LISTS + FREE);
        }
    }

    /// Stores a new entry or replaces one, in a map with one value an entry.
    fn update_single(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        // A node is taken before the key is looked for, so this may evict even if nothing is stored in the end.
        let new = self.take(cx, store.cpu())?;
        let old = self.index.find(key);
        if let Err(errno) = hash::check_flags(old, flags) {
            self.give(cx, new);
            return Err(errno);
        }
        hash::set_key(&mut self.index, cx, new, key);
        cx.set_entry(new, store, true);
        match old {
            None => hash::link(&mut self.index, cx, new),
            Some(old) => {
                hash::replace(&mut self.index, cx, old, new);
                self.set_referenced(cx, new, true);
                self.give(cx, old);
            }
        }
        Ok(())
    }

    /// Stores a new entry or overwrites one, in a map with a value for each CPU.
    fn update_lanes(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        let new = match flags {
            BPF_EXIST => None,
            _ => Some(self.take(cx, store.cpu())?),
        };
        let old = self.index.find(key);
        let checked = hash::check_flags(old, flags);
        match (checked, old, new) {
            (Ok(()), Some(old), _) => {
                self.set_referenced(cx, old, true);
                cx.set_entry(old, store, false);
            }
            (Ok(()), None, Some(new)) => {
                hash::set_key(&mut self.index, cx, new, key);
                cx.set_entry(new, store, true);
                hash::link(&mut self.index, cx, new);
                return Ok(());
            }
            _ => {}
        }
        if let Some(new) = new {
            self.give(cx, new);
        }
        checked
    }
}

impl Family for Lru {
    fn lookup(&mut self, cx: &mut Scope, key: &[u8], cpu: u32) -> Option<u32> {
        let node = self.index.find(key)?;
        if cx.lanes > 1 && cpu >= cx.lanes {
            return None;
        }
        self.set_referenced(cx, node, true);
        Some(if cx.lanes == 1 { node } else { node * cx.lanes + cpu })
    }

    fn find(&self, view: View, key: &[u8], cpu: u32) -> Option<u32> {
        let node = self.index.find(key)?;
        Some(if view.lanes == 1 { node } else { node * view.lanes + cpu.min(view.lanes - 1) })
    }

    fn update(&mut self, cx: &mut Scope, key: &[u8], store: Store, flags: u64) -> Result<(), Errno> {
        if flags > BPF_EXIST {
            return Err(Errno::Einval);
        }
        match cx.lanes {
            1 => self.update_single(cx, key, store, flags),
            _ => self.update_lanes(cx, key, store, flags),
        }
    }

    fn delete(&mut self, cx: &mut Scope, key: &[u8]) -> Result<(), Errno> {
        let node = self.index.find(key).ok_or(Errno::Enoent)?;
        hash::unlink(&mut self.index, cx, node);
        self.give(cx, node);
        Ok(())
    }

    fn user_lookup(&self, view: View, key: &[u8]) -> Result<Vec<u8>, Errno> {
        self.index.find(key).map(|slot| view.entry(slot)).ok_or(Errno::Enoent)
    }

    fn next_key(&self, _: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Ok(hash::next_key(&self.index, key))
    }

    fn count(&self, _: View) -> u64 {
        self.index.len() as u64
    }

    fn entry_key(&self, _: View, entry: u32) -> (Vec<u8>, bool) {
        (self.index.key(entry).to_vec(), self.index.is_linked(entry))
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Move { node, old, new } => self.put(*node, if forward { *new } else { *old }),
            Edit::Lru { register, old, new } => self.put_register(*register, if forward { *new } else { *old }),
            Edit::Grow { slot } if forward => {
                // It fitted the first time, and the state is the same.
                if cx.grow_entry(*slot).is_ok() {
                    self.grow_nodes(*slot as usize + 1);
                }
            }
            Edit::Grow { slot } => cx.shrink_entry(*slot),
            _ => hash::replay_index(&mut self.index, cx, edit, forward),
        }
    }
}
