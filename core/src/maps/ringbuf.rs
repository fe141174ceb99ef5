//! Ring buffers (Documentation/bpf/ringbuf.rst): records reserved, written and submitted by programs, consumed in
//! order by user space.
//!
//! Sizes and the rules of what fits are the kernel's: a record costs 8 bytes of header and is rounded up to 8, and the
//! buffer never fills to the last byte. Records themselves are kept apart, so that nothing is read past the one that
//! was reserved. A record's memory is zeroed, where the kernel leaves what was there before.

use std::collections::VecDeque;

use crate::kernel::Errno;

use super::family::{Family, Scope, View};
use super::journal::Edit;

/// Bytes before each record (`BPF_RINGBUF_HDR_SZ`).
const HEADER: u64 = 8;
/// Records of this size and more are refused (`RINGBUF_MAX_RECORD_SZ`).
const MAX_RECORD: u64 = u32::MAX as u64 / 4;
/// Do not wake user space up (`BPF_RB_NO_WAKEUP`).
const NO_WAKEUP: u64 = 1;
/// Wake user space up whatever it has read (`BPF_RB_FORCE_WAKEUP`).
const FORCE_WAKEUP: u64 = 2;

/// Where a record is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Reserved,
    Submitted,
    Discarded,
}

/// A record that is not consumed yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    /// Producer position of its header.
    position: u64,
    pub(crate) bytes: Box<[u8]>,
    pub(crate) state: State,
}

impl Record {
    fn end(&self) -> u64 {
        self.position + footprint(self.bytes.len() as u64)
    }
}

/// What a record of that size costs in the buffer.
fn footprint(size: u64) -> u64 {
    (size + HEADER).next_multiple_of(8)
}

/// What [`ringbuf_query`](super::MapStore::ringbuf_query) answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum RingbufQuery {
    /// Bytes not consumed yet (`BPF_RB_AVAIL_DATA`).
    AvailData = 0,
    /// Size (`BPF_RB_RING_SIZE`).
    RingSize = 1,
    /// Consumer position (`BPF_RB_CONS_POS`).
    ConsPos = 2,
    /// Producer position (`BPF_RB_PROD_POS`).
    ProdPos = 3,
}

/// A ring buffer.
#[derive(Clone, Debug)]
pub(crate) struct Ringbuf {
    records: VecDeque<Record>,
    consumed: u64,
    produced: u64,
    size: u64,
}

impl Ringbuf {
    pub(crate) fn new(size: u32) -> Ringbuf {
        Ringbuf { records: VecDeque::new(), consumed: 0, produced: 0, size: u64::from(size) }
    }

    /// Offset of a record's first byte in the map's record region.
    fn offset(&self, record: &Record) -> u32 {
        (record.position % self.size + HEADER) as u32
    }

    fn fits(&self, size: u64) -> bool {
        let cost = footprint(size);
        // A record that is still reserved holds up what comes after it, but not more than consumption does.
        cost <= self.size && self.produced + cost - self.consumed < self.size
    }

    fn add(&mut self, size: u32) {
        let record = Record { position: self.produced, bytes: vec![0; size as usize].into(), state: State::Reserved };
        self.produced = record.end();
        self.records.push_back(record);
    }

    pub(crate) fn reserve(&mut self, cx: &mut Scope, size: u64, flags: u64) -> Option<u32> {
        if flags != 0 || size > MAX_RECORD || !self.fits(size) {
            return None;
        }
        self.add(size as u32);
        cx.record(|| Edit::Reserve { size: size as u32 });
        self.records.back().map(|record| self.offset(record))
    }

    /// The reserved record that starts at an offset. Few are reserved at a time, and the newest is the likeliest.
    fn reserved(&self, offset: u32) -> Option<usize> {
        let at = self.records.iter().rposition(|record| self.offset(record) == offset)?;
        (self.records[at].state == State::Reserved).then_some(at)
    }

    pub(crate) fn commit(&mut self, cx: &mut Scope, offset: u32, discard: bool, flags: u64) -> Result<(), Errno> {
        // The kernel looks at the two flags only, and fails on nothing.
        let _ = flags & (NO_WAKEUP | FORCE_WAKEUP);
        let at = self.reserved(offset).ok_or(Errno::Einval)?;
        let position = self.records[at].position;
        self.records[at].state = if discard { State::Discarded } else { State::Submitted };
        cx.record(|| Edit::Commit { position, discard });
        Ok(())
    }

    pub(crate) fn output(&mut self, cx: &mut Scope, data: &[u8], flags: u64) -> Result<(), Errno> {
        if flags & !(NO_WAKEUP | FORCE_WAKEUP) != 0 {
            return Err(Errno::Einval);
        }
        let offset = self.reserve(cx, data.len() as u64, 0).ok_or(Errno::Eagain)?;
        if let Some(record) = self.records.back_mut() {
            record.bytes.copy_from_slice(data);
            let position = record.position;
            cx.record(|| Edit::Write { position, new: data.into() });
        }
        self.commit(cx, offset, false, flags)
    }

    /// Takes out every record up to the first that is still reserved.
    pub(crate) fn drain(&mut self, cx: &mut Scope) -> Vec<Record> {
        let mut records = Vec::new();
        while let Some(record) = self.records.pop_front_if(|record| record.state != State::Reserved) {
            self.consumed = record.end();
            records.push(record);
        }
        if !records.is_empty() {
            cx.record(|| Edit::Consume { records: records.clone() });
        }
        records
    }

    pub(crate) fn query(&self, what: RingbufQuery) -> u64 {
        match what {
            RingbufQuery::AvailData => self.produced - self.consumed,
            RingbufQuery::RingSize => self.size,
            RingbufQuery::ConsPos => self.consumed,
            RingbufQuery::ProdPos => self.produced,
        }
    }

    /// The reserved record that an offset points into, and where.
    fn find(&self, offset: u32, len: u32) -> Option<(usize, usize)> {
        let within = |record: &Record| offset.checked_sub(self.offset(record));
        let inside = |record: &Record| within(record).is_some_and(|at| u64::from(at) < record.bytes.len() as u64);
        let found = self.records.iter().rposition(|record| record.state == State::Reserved && inside(record))?;
        let at = within(&self.records[found])? as usize;
        (at + len as usize <= self.records[found].bytes.len()).then_some((found, at))
    }

    pub(crate) fn get(&self, offset: u32, len: u32) -> Option<&[u8]> {
        let (record, at) = self.find(offset, len)?;
        Some(&self.records[record].bytes[at..at + len as usize])
    }

    pub(crate) fn get_mut(&mut self, offset: u32, len: u32) -> Option<&mut [u8]> {
        let (record, at) = self.find(offset, len)?;
        Some(&mut self.records[record].bytes[at..at + len as usize])
    }

    /// Start and size of the reserved record that an offset points into.
    pub(crate) fn locate(&self, offset: u32) -> Option<(u32, u32)> {
        let (record, _) = self.find(offset, 1)?;
        let record = &self.records[record];
        Some((self.offset(record), record.bytes.len() as u32))
    }

    fn at(&mut self, position: u64) -> Option<&mut Record> {
        self.records.iter_mut().rfind(|record| record.position == position)
    }
}

impl Family for Ringbuf {
    fn user_lookup(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn count(&self, _: View) -> u64 {
        self.records.iter().filter(|record| record.state == State::Submitted).count() as u64
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), false)
    }

    fn replay(&mut self, _: &mut Scope, edit: &Edit, forward: bool) {
        match (edit, forward) {
            (Edit::Reserve { size }, true) => self.add(*size),
            (Edit::Reserve { .. }, false) => {
                if let Some(record) = self.records.pop_back() {
                    self.produced = record.position;
                }
            }
            (Edit::Write { position, new }, _) => {
                if let Some(record) = self.at(*position) {
                    match forward {
                        true => record.bytes.copy_from_slice(new),
                        false => record.bytes.fill(0),
                    }
                }
            }
            (Edit::Commit { position, discard }, _) => {
                let state = match (forward, discard) {
                    (false, _) => State::Reserved,
                    (true, true) => State::Discarded,
                    (true, false) => State::Submitted,
                };
                if let Some(record) = self.at(*position) {
                    record.state = state;
                }
            }
            (Edit::Consume { records }, true) => {
                for _ in records {
                    if let Some(record) = self.records.pop_front() {
                        self.consumed = record.end();
                    }
                }
            }
            (Edit::Consume { records }, false) => {
                for record in records.iter().rev() {
                    self.consumed = record.position;
                    self.records.push_front(record.clone());
                }
            }
            _ => {}
        }
    }
}
