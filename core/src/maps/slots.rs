//! Slots that come and go: which one the next entry gets.

use std::collections::VecDeque;

use crate::kernel::Errno;

use super::family::Scope;
use super::index::Index;
use super::journal::Edit;

/// Slots in use, and free ones.
///
/// The kernel reuses a freed entry of a hash at once, the last freed first, and programs that still have a pointer to it
/// see the new value. Entries of a trie wait until every program that may have a pointer has ended: here, until
/// [`GRACE`] others were freed after them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// Slots that ever were in use.
    used: u32,
    /// Free among them, in order of their freeing.
    free: VecDeque<u32>,
    /// Free slots that are left alone, as long as there is room for others.
    grace: usize,
}

/// Free slots that wait: more than a program frees in a run, for all that is likely.
const GRACE: usize = 1024;

impl Slots {
    /// Slots that are not reused before every program that could have a pointer to them has ended.
    pub(crate) fn delayed() -> Slots {
        Slots { grace: GRACE, ..Slots::default() }
    }

    /// A slot to use, with room in the index.
    pub(crate) fn take(&mut self, cx: &mut Scope, index: &mut Index) -> Result<u32, Errno> {
        if self.free.len() <= self.grace {
            let slot = self.used;
            match cx.grow_entry(slot) {
                Ok(()) => {
                    self.used += 1;
                    index.grow(self.used as usize);
                    cx.record(|| Edit::Grow { slot });
                    return Ok(slot);
                }
                Err(errno) if self.free.is_empty() => return Err(errno),
                // Rather too early than not at all.
                Err(_) => {}
            }
        }
        let slot = self.pop().ok_or(Errno::Enomem)?;
        cx.record(|| Edit::Take { slot });
        Ok(slot)
    }

    /// Gives a slot back.
    pub(crate) fn give(&mut self, cx: &mut Scope, slot: u32) {
        self.free.push_back(slot);
        cx.record(|| Edit::Free { slot });
    }

    fn pop(&mut self) -> Option<u32> {
        if self.grace == 0 { self.free.pop_back() } else { self.free.pop_front() }
    }

    /// Makes an edit once more, or undoes it.
    pub(crate) fn replay(&mut self, cx: &mut Scope, index: &mut Index, edit: &Edit, forward: bool) {
        match (edit, forward) {
            (Edit::Take { .. }, true) => drop(self.pop()),
            (Edit::Take { slot }, false) if self.grace == 0 => self.free.push_back(*slot),
            (Edit::Take { slot }, false) => self.free.push_front(*slot),
            (Edit::Free { slot }, true) => self.free.push_back(*slot),
            (Edit::Free { .. }, false) => drop(self.free.pop_back()),
            (Edit::Grow { slot }, true) => {
                // It fitted the first time, and the state is the same.
                let fits = cx.grow_entry(*slot).is_ok();
                self.used = slot + u32::from(fits);
                index.grow(self.used as usize);
            }
            (Edit::Grow { slot }, false) => {
                cx.shrink_entry(*slot);
                self.used = *slot;
            }
            _ => {}
        }
    }
}
