//! pcapng: blocks, of which some are packets.
//!
//! The crate keeps the state of the section (byte order, interfaces, units of time); the fixed
//! fields of the three packet blocks are read here, because the crate would decode the options of
//! every packet too, and refuse the packet over a comment that is not UTF-8.

use std::error::Error;
use std::io::Read;

use pcap_file::Endianness;
use pcap_file::pcapng::blocks::{
    ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK, PACKET_BLOCK, RawBlock, SECTION_HEADER_BLOCK,
    SIMPLE_PACKET_BLOCK,
};
use pcap_file::pcapng::{PcapNgParser, PcapNgState};

use super::buffer::Buffer;
use super::reader::{Found, Place};
use super::{CaptureError, MAX_BLOCK, MAX_DESCRIPTION, MAX_INTERFACES, MAX_PACKET};

/// Bytes of block type and block length before a block's body.
const BLOCK_HEAD: usize = 8;
/// Bytes of a block without a body: the head, and the length once more after the body.
const EMPTY_BLOCK: usize = 12;

#[derive(Debug)]
pub(super) struct PcapNg {
    parser: PcapNgParser,
}

impl PcapNg {
    /// Reads the first section header.
    pub(super) fn open<R: Read>(buffer: &mut Buffer<R>) -> Result<PcapNg, CaptureError> {
        let place = Place { packet: 1, offset: 0 };
        // The byte order before the first section does not matter: a section header brings its own.
        let need = match block_size(buffer, place, Endianness::Little) {
            Ok(Some(need)) => need,
            Ok(None) => return Err(CaptureError::Empty),
            Err(CaptureError::Truncated { have, need, .. }) => {
                return Err(CaptureError::TruncatedHeader { have, need });
            }
            Err(e) => return Err(e),
        };
        let (_, parser) = PcapNgParser::new(buffer.window()).map_err(|e| place.corrupt(in_words(&e)))?;
        buffer.consume(need);
        let pcapng = PcapNg { parser };
        pcapng.check_section(place)?;
        Ok(pcapng)
    }

    /// The next packet; other blocks on the way are applied or skipped.
    pub(super) fn next<R: Read>(&mut self, buffer: &mut Buffer<R>, packet: u64) -> Result<Option<Found>, CaptureError> {
        loop {
            let place = Place { packet, offset: buffer.offset() };
            let endianness = self.parser.section().endianness;
            let Some(need) = block_size(buffer, place, endianness)? else {
                return Ok(None);
            };
            let (_, block) = self.parser.next_raw_block(buffer.window()).map_err(|e| place.corrupt(in_words(&e)))?;
            let found = match block.type_ {
                ENHANCED_PACKET_BLOCK | PACKET_BLOCK => Some(packet_block(self.parser.state(), &block, place)?),
                SIMPLE_PACKET_BLOCK => Some(simple_block(self.parser.state(), &block, place)?),
                SECTION_HEADER_BLOCK | INTERFACE_DESCRIPTION_BLOCK => {
                    self.check_section(place)?;
                    None
                }
                _ => None,
            };
            buffer.consume(need);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn check_section(&self, place: Place) -> Result<(), CaptureError> {
        let section = self.parser.section();
        if section.major_version != 1 {
            return Err(place.corrupt(format!(
                "pcapng version {}.{}, where 1.0 is known",
                section.major_version, section.minor_version
            )));
        }
        if self.parser.interfaces().len() > MAX_INTERFACES {
            return Err(place.corrupt(format!("more than {MAX_INTERFACES} interfaces")));
        }
        Ok(())
    }
}

/// Fills the buffer with the whole next block and returns its size in bytes; `None` at the end of
/// the stream.
fn block_size<R: Read>(
    buffer: &mut Buffer<R>,
    place: Place,
    endianness: Endianness,
) -> Result<Option<usize>, CaptureError> {
    if !place.fill(buffer, EMPTY_BLOCK)? {
        return match buffer.window().len() {
            0 => Ok(None),
            have => Err(place.truncated(have, EMPTY_BLOCK)),
        };
    }
    let head = buffer.window();
    let block_type = u32_at(head, 0, endianness);
    let length = match (block_type, &head[8..12]) {
        // The section header's magic tells the byte order of its own length.
        (SECTION_HEADER_BLOCK, [0x1a, 0x2b, 0x3c, 0x4d]) => u32_at(head, 4, Endianness::Big),
        (SECTION_HEADER_BLOCK, [0x4d, 0x3c, 0x2b, 0x1a]) => u32_at(head, 4, Endianness::Little),
        (SECTION_HEADER_BLOCK, _) => {
            return Err(place.corrupt("a section header without the byte-order magic"));
        }
        _ => u32_at(head, 4, endianness),
    };
    let limit = match block_type {
        SECTION_HEADER_BLOCK | INTERFACE_DESCRIPTION_BLOCK => MAX_DESCRIPTION,
        _ => MAX_BLOCK,
    };
    if length > limit {
        return Err(place.too_long(length, limit));
    }
    if (length as usize) < EMPTY_BLOCK || !length.is_multiple_of(4) {
        return Err(place.corrupt(format!("a block of {length} bytes; a block has at least 12 and a multiple of 4")));
    }
    let need = length as usize;
    if !place.fill(buffer, need)? {
        return Err(place.truncated(buffer.window().len(), need));
    }
    Ok(Some(need))
}

/// An enhanced packet block, or the obsolete packet block: they differ in the first four bytes
/// (interface; interface and drop counter).
fn packet_block(state: &PcapNgState, block: &RawBlock<'_>, place: Place) -> Result<Found, CaptureError> {
    const FIXED: usize = 20;
    let body = &block.body[..];
    if body.len() < FIXED {
        return Err(place.corrupt(format!("a packet block with a body of {} bytes", body.len())));
    }
    let endianness = state.endianness();
    let interface = match block.type_ {
        ENHANCED_PACKET_BLOCK => u32_at(body, 0, endianness),
        _ => u16_at(body, 0, endianness).into(),
    };
    let (high, low) = (u32_at(body, 4, endianness), u32_at(body, 8, endianness));
    let len = u32_at(body, 12, endianness);
    let link = link_of(state, interface, place)?;
    check_len(len, body.len() - FIXED, place)?;
    Ok(Found {
        back: block.initial_len as usize - BLOCK_HEAD - FIXED,
        len: len as usize,
        orig_len: u32_at(body, 16, endianness),
        time_ns: Some(time_ns(state, interface, high, low)),
        link,
    })
}

/// A simple packet block: first interface, no time, captured length by the interface's snap length.
fn simple_block(state: &PcapNgState, block: &RawBlock<'_>, place: Place) -> Result<Found, CaptureError> {
    const FIXED: usize = 4;
    let body = &block.body[..];
    if body.len() < FIXED {
        return Err(place.corrupt("a simple packet block without a length"));
    }
    let link = link_of(state, 0, place)?;
    let orig_len = u32_at(body, 0, state.endianness());
    let snap_len = state.interfaces().first().map_or(0, |interface| interface.snaplen);
    let len = if snap_len == 0 { orig_len } else { orig_len.min(snap_len) };
    check_len(len, body.len() - FIXED, place)?;
    Ok(Found {
        back: block.initial_len as usize - BLOCK_HEAD - FIXED,
        len: len as usize,
        orig_len,
        time_ns: None,
        link,
    })
}

fn link_of(state: &PcapNgState, interface: u32, place: Place) -> Result<crate::net::LinkType, CaptureError> {
    let interfaces = state.interfaces();
    let Some(description) = interfaces.get(interface as usize) else {
        return Err(place.corrupt(format!("interface {interface}, where {} are described", interfaces.len())));
    };
    place.link(description.linktype.into())
}

fn check_len(len: u32, room: usize, place: Place) -> Result<(), CaptureError> {
    if len > MAX_PACKET {
        return Err(place.too_long(len, MAX_PACKET));
    }
    if len as usize > room {
        return Err(place.corrupt(format!("a block with {room} bytes of data claims {len}")));
    }
    Ok(())
}

/// Nanoseconds since 1970. A time outside what 64 bits hold is moved to the nearest that they do:
/// a bad time is no reason to lose the packet.
fn time_ns(state: &PcapNgState, interface: u32, high: u32, low: u32) -> u64 {
    match state.decode_timestamp(interface, high, low) {
        Ok(time) => u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
        Err(_) => 0,
    }
}

/// The error and its causes in one line.
fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.ends_with(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = error.source();
    }
    words
}

/// The 32-bit number at `at`, which the caller has made sure is there.
fn u32_at(bytes: &[u8], at: usize, endianness: Endianness) -> u32 {
    let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    match endianness {
        Endianness::Big => u32::from_be_bytes(four),
        Endianness::Little => u32::from_le_bytes(four),
    }
}

/// The 16-bit number at `at`, which the caller has made sure is there.
fn u16_at(bytes: &[u8], at: usize, endianness: Endianness) -> u16 {
    let two = [bytes[at], bytes[at + 1]];
    match endianness {
        Endianness::Big => u16::from_be_bytes(two),
        Endianness::Little => u16::from_le_bytes(two),
    }
}
