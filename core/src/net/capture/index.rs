//! Where every packet of a capture lies: random access for whoever can seek.

use std::io::Read;

use super::{CaptureError, CaptureReader, MAX_PACKET, Packet};
use crate::net::link::LinkType;

/// One packet's place in the capture; its bytes are for the front end to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketRef {
    /// Byte offset of the packet's data in the capture.
    pub offset: u64,
    /// Captured bytes.
    pub len: u32,
    /// Length on the wire, in bytes.
    pub orig_len: u32,
    /// Time of capture, in nanoseconds since 1970-01-01T00:00:00Z.
    pub time_ns: u64,
    /// What the data starts with.
    pub link: LinkType,
}

/// The places of all packets, 24 bytes each: a million packets take 24 MB, whatever their size.
#[derive(Clone, Debug, Default)]
pub struct CaptureIndex {
    entries: Vec<Entry>,
}

/// A [`PacketRef`] in 24 bytes: lengths are at most [`MAX_PACKET`], so the link type fits above.
#[derive(Clone, Copy, Debug)]
struct Entry {
    offset: u64,
    time_ns: u64,
    /// Length in the low [`LEN_BITS`], number of the link type above.
    len_and_link: u32,
    orig_len: u32,
}

const LEN_BITS: u32 = 20;
const _: () = assert!(MAX_PACKET < 1 << LEN_BITS);
const _: () = assert!(size_of::<Entry>() == 24);

impl CaptureIndex {
    /// An index without packets.
    pub fn new() -> CaptureIndex {
        CaptureIndex::default()
    }

    /// Reads a whole capture and indexes it. If the capture is damaged, the index holds what was
    /// before the damage and the error says where it is. A front end that shows progress or lets
    /// the user cancel loops over a [`CaptureReader`] itself and calls [`CaptureIndex::push`].
    pub fn read(reader: impl Read) -> (CaptureIndex, Option<CaptureError>) {
        let mut index = CaptureIndex::new();
        let mut capture = match CaptureReader::new(reader) {
            Ok(capture) => capture,
            Err(e) => return (index, Some(e)),
        };
        loop {
            match capture.next_packet() {
                Ok(Some(packet)) => index.push(&packet),
                Ok(None) => return (index, None),
                Err(e) => return (index, Some(e)),
            }
        }
    }

    /// Appends the next packet.
    pub fn push(&mut self, packet: &Packet<'_>) {
        let len = (packet.data.len() as u32).min(MAX_PACKET);
        self.entries.push(Entry {
            offset: packet.offset,
            time_ns: packet.time_ns,
            len_and_link: len | packet.link.number() << LEN_BITS,
            orig_len: packet.orig_len,
        });
    }

    /// Number of packets.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no packet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The packet with this number, from 0.
    pub fn get(&self, index: usize) -> Option<PacketRef> {
        self.entries.get(index).map(Entry::unpack)
    }

    /// All packets in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = PacketRef> + '_ {
        self.entries.iter().map(Entry::unpack)
    }
}

impl Entry {
    fn unpack(&self) -> PacketRef {
        let number = self.len_and_link >> LEN_BITS;
        PacketRef {
            offset: self.offset,
            len: self.len_and_link & ((1 << LEN_BITS) - 1),
            orig_len: self.orig_len,
            time_ns: self.time_ns,
            link: LinkType::from_number(number).expect("push packs only numbers of link types"),
        }
    }
}
