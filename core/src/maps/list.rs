//! Linked lists over slot numbers: order of insertion, and what is recently used.

/// No slot: before the first and after the last.
pub(crate) const NONE: u32 = u32::MAX;

/// First and last slot of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ends {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Ends {
    pub(crate) const EMPTY: Ends = Ends { first: NONE, last: NONE };
}

/// The links of every slot. A slot is in one list at most; which one, the owner knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    links: Vec<Link>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    prev: u32,
    next: u32,
}

impl Links {
    /// Makes room for slots up to `slots`.
    pub(crate) fn grow(&mut self, slots: usize) {
        if self.links.len() < slots {
            self.links.resize(slots, Link { prev: NONE, next: NONE });
        }
    }

    pub(crate) fn next(&self, slot: u32) -> u32 {
        self.links[slot as usize].next
    }

    pub(crate) fn prev(&self, slot: u32) -> u32 {
        self.links[slot as usize].prev
    }

    /// Sets what follows `at`, where `NONE` is the place before the first.
    fn set_next(&mut self, ends: &mut Ends, at: u32, to: u32) {
        match at {
            NONE => ends.first = to,
            _ => self.links[at as usize].next = to,
        }
    }

    /// Sets what precedes `at`, where `NONE` is the place after the last.
    fn set_prev(&mut self, ends: &mut Ends, at: u32, to: u32) {
        match at {
            NONE => ends.last = to,
            _ => self.links[at as usize].prev = to,
        }
    }

    /// Puts a slot after another; after `NONE` is first.
    pub(crate) fn insert(&mut self, ends: &mut Ends, slot: u32, after: u32) {
        let next = if after == NONE { ends.first } else { self.next(after) };
        self.links[slot as usize] = Link { prev: after, next };
        self.set_next(ends, after, slot);
        self.set_prev(ends, next, slot);
    }

    /// Takes a slot out.
    pub(crate) fn remove(&mut self, ends: &mut Ends, slot: u32) {
        let Link { prev, next } = self.links[slot as usize];
        self.set_next(ends, prev, next);
        self.set_prev(ends, next, prev);
    }

    /// Puts one slot in the place of another.
    pub(crate) fn replace(&mut self, ends: &mut Ends, old: u32, new: u32) {
        let link = self.links[old as usize];
        self.links[new as usize] = link;
        self.set_next(ends, link.prev, new);
        self.set_prev(ends, link.next, new);
    }
}
