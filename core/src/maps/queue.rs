//! Queues and stacks: values without keys (Documentation/bpf/map_queue_stack.rst).
//!
//! A value that was taken out stays readable in its slot until a later push uses it, so that the caller can copy it.

use crate::kernel::Errno;
use crate::kernel::map_flags::{BPF_EXIST, BPF_NOEXIST};

use super::array::Array;
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// A queue or a stack: `len` values from slot `first` on, around the end.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    first: u32,
    len: u32,
    last_in_first_out: bool,
}

impl Queue {
    pub(crate) fn new(last_in_first_out: bool) -> Queue {
        Queue { first: 0, len: 0, last_in_first_out }
    }

    fn set(&mut self, cx: &mut Scope, first: u32, len: u32) {
        let old = (self.first, self.len);
        (self.first, self.len) = (first, len);
        cx.record(|| Edit::Queue { old, new: (first, len) });
    }

    fn slot(&self, place: u32, max_entries: u32) -> u32 {
        ((u64::from(self.first) + u64::from(place)) % u64::from(max_entries)) as u32
    }

    /// The slot of the value that comes out next.
    fn next(&self, max_entries: u32) -> Result<u32, Errno> {
        match self.len {
            0 => Err(Errno::Enoent),
            len if self.last_in_first_out => Ok(self.slot(len - 1, max_entries)),
            _ => Ok(self.first),
        }
    }
}

impl Family for Queue {
    fn update(&mut self, _: &mut Scope, _: &[u8], _: Store, _: u64) -> Result<(), Errno> {
        Err(Errno::Einval)
    }

    fn delete(&mut self, _: &mut Scope, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::Einval)
    }

    fn push(&mut self, cx: &mut Scope, value: &[u8], flags: u64) -> Result<(), Errno> {
        if flags & BPF_NOEXIST != 0 || flags > BPF_EXIST {
            return Err(Errno::Einval);
        }
        let max = cx.def.max_entries;
        let (mut first, mut len) = (self.first, self.len);
        if len == max {
            if flags != BPF_EXIST {
                return Err(Errno::E2big);
            }
            // BPF_EXIST makes room by dropping what is oldest.
            (first, len) = (self.slot(1, max), len - 1);
        }
        let slot = ((u64::from(first) + u64::from(len)) % u64::from(max)) as u32;
        if !cx.slab.has(slot) {
            Array::touch(cx, slot)?;
        }
        cx.set_value(slot, value);
        self.set(cx, first, len + 1);
        Ok(())
    }

    fn pop(&mut self, cx: &mut Scope, remove: bool) -> Result<u32, Errno> {
        let slot = self.next(cx.def.max_entries)?;
        if remove {
            let first = if self.last_in_first_out { self.first } else { self.slot(1, cx.def.max_entries) };
            self.set(cx, first, self.len - 1);
        }
        Ok(slot)
    }

    fn user_lookup(&self, view: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        Ok(view.entry(self.next(view.def.max_entries)?))
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Einval)
    }

    fn count(&self, _: View) -> u64 {
        u64::from(self.len)
    }

    fn entry_key(&self, view: View, entry: u32) -> (Vec<u8>, bool) {
        let max = u64::from(view.def.max_entries);
        let place = (u64::from(entry) + max - u64::from(self.first)) % max;
        (Vec::new(), place < u64::from(self.len))
    }

    fn slots(&self, view: View) -> Vec<u32> {
        (0..self.len).map(|place| self.slot(place, view.def.max_entries)).collect()
    }

    fn replay(&mut self, cx: &mut Scope, edit: &Edit, forward: bool) {
        match edit {
            Edit::Value { slot, old, new } => cx.slab.set(*slot, if forward { new } else { old }),
            Edit::Touch { old, new } => Array::replay_touch(cx, *old, *new, forward),
            Edit::Queue { old, new } => (self.first, self.len) = if forward { *new } else { *old },
            _ => {}
        }
    }
}
