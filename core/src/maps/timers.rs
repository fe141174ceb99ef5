//! Timers and work queues in values of maps: kept beside the values, where programs and user space see zeroes.

use std::collections::BTreeMap;

use crate::kernel::{Errno, FieldKind, MapId};

use super::heap::ListPlace;
use super::journal::{Edit, MapChange};
use super::store::MapStore;

/// Where a field of the kernel's is: a map, and the offset in its value region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct FieldPlace {
    pub(crate) map: MapId,
    pub(crate) offset: u32,
}

/// What a timer calls: a function of a program, by its first slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TimerFunc {
    pub(crate) program: u32,
    pub(crate) slot: u32,
}

/// A timer that a program has made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Timer {
    func: Option<TimerFunc>,
    /// When it is due, in ns, while it runs down.
    due: Option<u64>,
}

/// All timers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    timers: BTreeMap<FieldPlace, Timer>,
    /// The one whose function runs.
    running: Option<FieldPlace>,
}

impl MapStore {
    fn set_timer(&mut self, place: FieldPlace, new: Option<Timer>) {
        let timers = &mut self.timers.timers;
        let old = match new {
            Some(timer) => timers.insert(place, timer),
            None => timers.remove(&place),
        };
        if self.journal.on {
            self.journal
                .changes
                .push(MapChange { map: place.map, edit: Edit::Timer { offset: place.offset, old, new } });
        }
    }

    fn timer(&self, place: FieldPlace) -> Result<Timer, Errno> {
        self.timers.timers.get(&place).copied().ok_or(Errno::Einval)
    }

    /// `bpf_timer_init`.
    ///
    /// # Errors
    /// `EBUSY` when there is one.
    pub(crate) fn timer_init(&mut self, place: FieldPlace) -> Result<(), Errno> {
        if self.timers.timers.contains_key(&place) {
            return Err(Errno::Ebusy);
        }
        self.set_timer(place, Some(Timer::default()));
        Ok(())
    }

    /// `bpf_timer_set_callback`.
    ///
    /// # Errors
    /// `EINVAL` when there is no timer.
    pub(crate) fn timer_set_callback(&mut self, place: FieldPlace, func: TimerFunc) -> Result<(), Errno> {
        let timer = self.timer(place)?;
        self.set_timer(place, Some(Timer { func: Some(func), ..timer }));
        Ok(())
    }

    /// `bpf_timer_start`; `due` is in ns of the machine's clock.
    ///
    /// # Errors
    /// `EINVAL` when there is no timer, or it has nothing to call.
    pub(crate) fn timer_start(&mut self, place: FieldPlace, due: u64) -> Result<(), Errno> {
        let timer = self.timer(place)?;
        timer.func.ok_or(Errno::Einval)?;
        self.set_timer(place, Some(Timer { due: Some(due), ..timer }));
        Ok(())
    }

    /// `bpf_timer_cancel`: whether it was running down. It has nothing to call afterwards.
    ///
    /// # Errors
    /// `EINVAL` when there is no timer, `EDEADLK` in its own function.
    pub(crate) fn timer_cancel(&mut self, place: FieldPlace) -> Result<bool, Errno> {
        let timer = self.timer(place)?;
        if self.timers.running == Some(place) {
            return Err(Errno::Edeadlk);
        }
        self.set_timer(place, Some(Timer::default()));
        Ok(timer.due.is_some())
    }

    /// The timer that is due first, by `now` at the latest, which runs from now on: its place, what it calls, and when it
    /// was due.
    pub(crate) fn timer_fires(&mut self, now: u64) -> Option<(FieldPlace, TimerFunc, u64)> {
        let due = self.timers.timers.iter().filter_map(|(place, timer)| Some((timer.due?, *place, *timer)));
        let (due, place, timer) = due.filter(|(due, ..)| *due <= now).min_by_key(|(due, place, _)| (*due, *place))?;
        self.set_timer(place, Some(Timer { due: None, ..timer }));
        self.timers.running = Some(place);
        Some((place, timer.func?, due))
    }

    /// The function of the timer that runs has returned.
    pub(crate) fn timer_ended(&mut self) {
        self.timers.running = None;
    }

    /// Ends timers, lists and trees whose entry is no longer in the map, and, in an array, those of an entry that was stored anew.
    pub(super) fn drop_fields(&mut self, id: MapId, stored: &[u8]) {
        if self.timers.timers.is_empty() && self.heap.lists.is_empty() && self.heap.trees.is_empty() {
            return;
        }
        let is_array = self.def(id).is_some_and(|def| def.map_type.is_array());
        let ends = |place: &FieldPlace| {
            let entry = if place.map == id { self.locate(id, place.offset) } else { return false };
            entry.is_none_or(|entry| !entry.live || (is_array && entry.key == stored))
        };
        let timers: Vec<_> = self.timers.timers.keys().filter(|place| ends(place)).copied().collect();
        let heads = self.heap.lists.keys().chain(self.heap.trees.keys());
        let heads: Vec<_> = heads.filter(|at| matches!(at, ListPlace::Value(place) if ends(place))).copied().collect();
        timers.into_iter().for_each(|place| self.set_timer(place, None));
        self.forget(|place| heads.contains(place));
    }

    /// Makes a recorded change once more, or undoes it.
    pub(super) fn replay_timer(&mut self, map: MapId, edit: &Edit, forward: bool) {
        if let Edit::Timer { offset, old, new } = edit {
            let place = FieldPlace { map, offset: *offset };
            match if forward { new } else { old } {
                Some(timer) => drop(self.timers.timers.insert(place, *timer)),
                None => drop(self.timers.timers.remove(&place)),
            }
        }
    }
}

/// Fields of values that the kernel keeps: programs and user space do not store to them.
pub(crate) fn is_kept(kind: FieldKind) -> bool {
    !matches!(kind, FieldKind::ListNode | FieldKind::RbNode)
}

/// Fields that stay when an array's entry is stored anew; what is in others is freed.
pub(crate) fn outlives_stores(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::SpinLock | FieldKind::ResSpinLock | FieldKind::Refcount)
}
