//! The capture of a session: streamed once while it is replayed, then read packet by packet.

use std::io;

use super::super::bytes::{ByteSource, Shared, Stream};
use crate::net::{CaptureError, CaptureIndex, CaptureReader, LinkType, Packet};

/// A capture that was opened.
pub(super) struct OpenCapture {
    source: Shared,
    reader: CaptureReader<Stream>,
    index: CaptureIndex,
    /// Whether the stream's end, or an error, was reached.
    finished: bool,
    /// What was wrong with the capture; the packets before stay.
    error: Option<CaptureError>,
    /// The bytes of the packet last read by number.
    buf: Vec<u8>,
}

impl OpenCapture {
    pub fn new(bytes: Box<dyn ByteSource>) -> Result<OpenCapture, CaptureError> {
        let source = Shared::new(bytes);
        let reader = CaptureReader::new(source.stream())?;
        Ok(OpenCapture { source, reader, index: CaptureIndex::new(), finished: false, error: None, buf: Vec::new() })
    }

    /// Goes back to the first packet.
    pub fn rewind(&mut self) {
        if let Ok(reader) = CaptureReader::new(self.source.stream()) {
            self.reader = reader;
            self.index = CaptureIndex::new();
            (self.finished, self.error) = (false, None);
        }
    }

    /// The next packet of the stream, entered into the index; `None` at the end and after an error.
    pub fn next(&mut self) -> Option<Packet<'_>> {
        match self.reader.next_packet() {
            Ok(Some(packet)) => {
                self.index.push(&packet);
                Some(packet)
            }
            Ok(None) => {
                self.finished = true;
                None
            }
            Err(error) => {
                self.finished = true;
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// Packets indexed so far.
    pub fn len(&self) -> u32 {
        self.index.len() as u32
    }

    pub fn finished(&self) -> bool {
        self.finished
    }

    pub fn error(&self) -> Option<&CaptureError> {
        self.error.as_ref()
    }

    /// Share of the stream read, 0 to 1.
    pub fn fraction(&self) -> f64 {
        match self.source.size() {
            0 => 1.0,
            size => (self.reader.position() as f64 / size as f64).min(1.0),
        }
    }

    /// Time of a packet in ns since the first one.
    pub fn time_since_start(&self, index: u32) -> i128 {
        let time = |at: usize| self.index.get(at).map_or(0, |p| i128::from(p.time_ns));
        time(index as usize) - time(0)
    }

    /// A packet that the index has, by number; `None` when it has not.
    pub fn packet(&mut self, index: u32) -> io::Result<Option<Packet<'_>>> {
        let Some(place) = self.index.get(index as usize) else { return Ok(None) };
        self.source.packet(place, &mut self.buf)?;
        Ok(Some(Packet {
            index,
            time_ns: place.time_ns,
            link: place.link,
            orig_len: place.orig_len,
            offset: place.offset,
            data: &self.buf,
        }))
    }

    /// The link type that the file names first: that of its packets, nearly always.
    pub fn first_link(&self) -> LinkType {
        let first = || CaptureReader::new(self.source.stream()).ok()?.next_packet().ok()?.map(|packet| packet.link);
        self.link(0).or_else(first).unwrap_or(LinkType::Ethernet)
    }

    /// The link type of a packet.
    pub fn link(&self, index: u32) -> Option<LinkType> {
        self.index.get(index as usize).map(|p| p.link)
    }

    /// The whole file, when it is at most `limit` bytes.
    pub fn bytes(&self, limit: u64) -> Option<Vec<u8>> {
        if self.source.size() > limit {
            return None;
        }
        let mut bytes = Vec::new();
        io::copy(&mut self.source.stream(), &mut bytes).ok()?;
        Some(bytes)
    }
}
