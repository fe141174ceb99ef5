//! User ring buffers: samples that user space puts in, for programs to take out, in order.

use std::collections::VecDeque;

use crate::kernel::{Errno, MapId};

use super::family::{Family, Scope, View};
use super::journal::{Edit, MapChange};
use super::store::{Kind, MapStore};

/// Bytes before each sample (`BPF_RINGBUF_HDR_SZ`).
const HEADER: u64 = 8;

/// A user ring buffer.
#[derive(Clone, Debug)]
pub(crate) struct UserRingbuf {
    samples: VecDeque<Box<[u8]>>,
    size: u64,
}

impl UserRingbuf {
    pub(crate) fn new(size: u32) -> UserRingbuf {
        UserRingbuf { samples: VecDeque::new(), size: u64::from(size) }
    }

    fn used(&self) -> u64 {
        self.samples.iter().map(|sample| cost(sample)).sum()
    }
}

fn cost(sample: &[u8]) -> u64 {
    (sample.len() as u64 + HEADER).next_multiple_of(8)
}

impl MapStore {
    fn user_ringbuf(&mut self, id: MapId) -> Result<&mut UserRingbuf, Errno> {
        match self.maps.get_mut(id.index()).map(|map| &mut map.kind) {
            Some(Kind::UserRingbuf(ring)) => Ok(ring),
            _ => Err(Errno::Einval),
        }
    }

    /// Puts a sample in, as user space does.
    ///
    /// # Errors
    /// `ENOSPC` when there is no room, `EINVAL` when the map is no user ring buffer.
    pub fn user_ringbuf_put(&mut self, id: MapId, sample: &[u8]) -> Result<(), Errno> {
        let ring = self.user_ringbuf(id)?;
        if ring.used() + cost(sample) > ring.size {
            return Err(Errno::Enospc);
        }
        ring.samples.push_back(sample.into());
        self.record_sample(id, sample, false);
        Ok(())
    }

    /// Takes the oldest sample out, as programs do.
    pub(crate) fn user_ringbuf_take(&mut self, id: MapId) -> Option<Box<[u8]>> {
        let sample = self.user_ringbuf(id).ok()?.samples.pop_front()?;
        self.record_sample(id, &sample, true);
        Some(sample)
    }

    fn record_sample(&mut self, map: MapId, sample: &[u8], taken: bool) {
        if self.journal.on {
            self.journal.changes.push(MapChange { map, edit: Edit::Sample { bytes: sample.into(), taken } });
        }
    }
}

impl Family for UserRingbuf {
    fn user_lookup(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn count(&self, _: View) -> u64 {
        self.samples.len() as u64
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), false)
    }

    fn replay(&mut self, _: &mut Scope, edit: &Edit, forward: bool) {
        let Edit::Sample { bytes, taken } = edit else { return };
        match (taken, forward) {
            (false, true) => self.samples.push_back(bytes.clone()),
            (false, false) => drop(self.samples.pop_back()),
            (true, true) => drop(self.samples.pop_front()),
            (true, false) => self.samples.push_front(bytes.clone()),
        }
    }
}
