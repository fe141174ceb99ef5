//! What programs and user space do with ring buffers.

use crate::kernel::{Errno, MapId};

use super::family::Scope;
use super::ringbuf::{Ringbuf, RingbufQuery, State};
use super::store::{Kind, Map, MapStore};

/// Ring buffers.
impl MapStore {
    fn ringbuf(&self, id: MapId) -> Option<&Ringbuf> {
        match self.maps.get(id.index()) {
            Some(Map { kind: Kind::Ringbuf(ringbuf), .. }) => Some(ringbuf),
            _ => None,
        }
    }

    fn ringbuf_write<T>(
        &mut self,
        id: MapId,
        call: impl FnOnce(&mut Ringbuf, &mut Scope) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let MapStore { maps, budget, journal, .. } = self;
        let map = maps.get_mut(id.index()).ok_or(Errno::Einval)?;
        let Map { slab, kind: Kind::Ringbuf(ringbuf), def, lanes, .. } = map else {
            return Err(Errno::Einval);
        };
        call(ringbuf, &mut Scope { id, def, slab, journal, budget, lanes: *lanes })
    }

    /// `bpf_ringbuf_reserve`: the offset of the record's first byte in the map's record region, or `None` (NULL) when
    /// the record is too large, the buffer has no room, or `flags` is not 0.
    pub fn ringbuf_reserve(&mut self, id: MapId, size: u64, flags: u64) -> Option<u32> {
        self.ringbuf_write(id, |ringbuf, scope| Ok(ringbuf.reserve(scope, size, flags))).ok().flatten()
    }

    /// `bpf_ringbuf_submit`, of the reserved record that starts at `offset`.
    ///
    /// # Errors
    /// `EINVAL` if there is none (which the verifier refuses).
    pub fn ringbuf_submit(&mut self, id: MapId, offset: u32, flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.commit(scope, offset, false, flags))
    }

    /// `bpf_ringbuf_discard`, of the reserved record that starts at `offset`.
    ///
    /// # Errors
    /// `EINVAL` if there is none (which the verifier refuses).
    pub fn ringbuf_discard(&mut self, id: MapId, offset: u32, flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.commit(scope, offset, true, flags))
    }

    /// `bpf_ringbuf_output`.
    ///
    /// # Errors
    /// `EAGAIN` when there is no room, `EINVAL` for unknown flags.
    pub fn ringbuf_output(&mut self, id: MapId, data: &[u8], flags: u64) -> Result<(), Errno> {
        self.ringbuf_write(id, |ringbuf, scope| ringbuf.output(scope, data, flags))
    }

    /// `bpf_ringbuf_query`.
    pub fn ringbuf_query(&self, id: MapId, what: RingbufQuery) -> u64 {
        self.ringbuf(id).map_or(0, |ringbuf| ringbuf.query(what))
    }

    /// Consumes what was submitted, in order, up to the first record that is still reserved.
    pub fn ringbuf_drain(&mut self, id: MapId) -> Vec<Vec<u8>> {
        let records = self.ringbuf_write(id, |ringbuf, scope| Ok(ringbuf.drain(scope))).unwrap_or_default();
        let submitted = records.into_iter().filter(|record| record.state == State::Submitted);
        submitted.map(|record| record.bytes.into_vec()).collect()
    }

    /// `len` bytes at an offset of a map's record region, if they lie inside one reserved record.
    pub fn record(&self, id: MapId, offset: u32, len: u32) -> Option<&[u8]> {
        self.ringbuf(id)?.get(offset, len)
    }

    /// The same to write to. These stores are not in the journal.
    pub fn record_mut(&mut self, id: MapId, offset: u32, len: u32) -> Option<&mut [u8]> {
        match self.maps.get_mut(id.index()) {
            Some(Map { kind: Kind::Ringbuf(ringbuf), .. }) => ringbuf.get_mut(offset, len),
            _ => None,
        }
    }

    /// The reserved record that an offset points into: offset of its first byte, and its size.
    pub fn locate_record(&self, id: MapId, offset: u32) -> Option<(u32, u32)> {
        self.ringbuf(id)?.locate(offset)
    }
}
