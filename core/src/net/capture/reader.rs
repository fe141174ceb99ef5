//! The stream of packets, whatever the format.

use std::io::Read;

use pcap_file::pcap::{PcapParseError, PcapParser, PcapTsResolution};

use super::buffer::Buffer;
use super::pcapng::PcapNg;
use super::{CaptureError, MAX_PACKET, Packet, Resolution};
use crate::net::link::{LinkType, unsupported_name};

/// Bytes of a pcap file header.
const PCAP_HEADER: usize = 24;
/// Bytes of the header before each packet of a pcap file.
const PCAP_RECORD: usize = 16;
/// The link type is in the low 16 bits; the rest says whether frames carry a check sequence.
const PCAP_LINK_MASK: u32 = 0xffff;

/// Reads a pcap or pcapng capture packet by packet, in constant memory (a quarter of a megabyte).
///
/// ```
/// # use bpfscope_core::net::{CaptureReader, LinkType, write_capture};
/// # let bytes = write_capture(LinkType::Ethernet, [(1_000, &[0u8; 60][..])]);
/// let mut reader = CaptureReader::new(&bytes[..])?;
/// while let Some(packet) = reader.next_packet()? {
///     println!("{} {} ns: {} bytes", packet.index + 1, packet.time_ns, packet.data.len());
/// }
/// # Ok::<(), bpfscope_core::net::CaptureError>(())
/// ```
#[derive(Debug)]
pub struct CaptureReader<R> {
    buffer: Buffer<R>,
    format: Format,
    /// Packets delivered so far.
    count: u64,
    last_time_ns: u64,
    ended: bool,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
}

#[derive(Debug)]
struct Pcap {
    parser: PcapParser,
    link: LinkType,
}

/// A packet which was found and consumed: its data end `back - len` bytes before the window.
pub(super) struct Found {
    /// Bytes from the start of the data to the start of the window.
    pub(super) back: usize,
    pub(super) len: usize,
    pub(super) orig_len: u32,
    /// `None` if the format gives this packet no time.
    pub(super) time_ns: Option<u64>,
    pub(super) link: LinkType,
}

/// Where a reader stands, for its errors.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Number of the next packet, from 1.
    pub(super) packet: u64,
    /// Where its record starts.
    pub(super) offset: u64,
}

impl Place {
    pub(super) fn corrupt(self, what: impl Into<String>) -> CaptureError {
        CaptureError::Corrupt { packet: self.packet, offset: self.offset, what: what.into() }
    }

    pub(super) fn truncated(self, have: usize, need: usize) -> CaptureError {
        CaptureError::Truncated { packet: self.packet, offset: self.offset, have: have as u64, need: need as u64 }
    }

    pub(super) fn too_long(self, len: u32, limit: u32) -> CaptureError {
        CaptureError::TooLong { packet: self.packet, offset: self.offset, len: len.into(), limit: limit.into() }
    }

    /// The link type with this number.
    pub(super) fn link(self, number: u32) -> Result<LinkType, CaptureError> {
        LinkType::from_number(number).ok_or_else(|| CaptureError::LinkType {
            number,
            name: unsupported_name(number),
            packet: self.packet,
            offset: self.offset,
        })
    }

    /// Fills the buffer until it has `need` bytes from here; false at the end of the stream.
    pub(super) fn fill<R: Read>(self, buffer: &mut Buffer<R>, need: usize) -> Result<bool, CaptureError> {
        buffer.fill(need).map_err(|source| CaptureError::Io {
            packet: self.packet,
            offset: buffer.bytes_read(),
            source,
        })
    }
}

impl<R: Read> CaptureReader<R> {
    /// Starts to read; the format is told from the first bytes.
    ///
    /// # Errors
    /// [`CaptureError::Empty`], [`CaptureError::NotACapture`], [`CaptureError::Compressed`],
    /// [`CaptureError::TruncatedHeader`]; [`CaptureError::LinkType`] for a pcap of another link
    /// type; [`CaptureError::Corrupt`], [`CaptureError::Io`].
    pub fn new(reader: R) -> Result<CaptureReader<R>, CaptureError> {
        let mut buffer = Buffer::new(reader);
        let format = Format::detect(&mut buffer)?;
        Ok(CaptureReader { buffer, format, count: 0, last_time_ns: 0, ended: false })
    }

    /// The next packet; `None` at the end of the capture, and after an error.
    ///
    /// # Errors
    /// [`CaptureError::Truncated`], [`CaptureError::TooLong`], [`CaptureError::Corrupt`],
    /// [`CaptureError::LinkType`] (pcapng), [`CaptureError::Io`]. All packets before were delivered.
    #[inline]
    pub fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let place = Place { packet: self.count + 1, offset: self.buffer.offset() };
        let found = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.buffer, place),
            Format::PcapNg(pcapng) => pcapng.next(&mut self.buffer, place.packet),
        };
        let Ok(Some(found)) = found else {
            self.ended = true;
            return found.map(|_| None);
        };
        let Ok(index) = u32::try_from(self.count) else {
            self.ended = true;
            return Err(place.corrupt("more than 4294967296 packets"));
        };
        self.count += 1;
        self.last_time_ns = found.time_ns.unwrap_or(self.last_time_ns);
        Ok(Some(Packet {
            index,
            time_ns: self.last_time_ns,
            link: found.link,
            orig_len: found.orig_len.max(found.len as u32),
            offset: self.buffer.offset() - found.back as u64,
            data: self.buffer.consumed(found.back, found.len),
        }))
    }

    /// Bytes consumed so far, for a progress bar.
    pub fn position(&self) -> u64 {
        self.buffer.offset()
    }

    /// The unit of time in which the packets are best written again: nanoseconds for pcapng, where
    /// every interface has its own.
    pub fn resolution(&self) -> Resolution {
        match &self.format {
            Format::Pcap(pcap) => match pcap.parser.header().ts_resolution {
                PcapTsResolution::MicroSecond => Resolution::Micro,
                PcapTsResolution::NanoSecond => Resolution::Nano,
            },
            Format::PcapNg(_) => Resolution::Nano,
        }
    }
}

impl Format {
    fn detect<R: Read>(buffer: &mut Buffer<R>) -> Result<Format, CaptureError> {
        let place = Place { packet: 1, offset: 0 };
        if !place.fill(buffer, 1)? {
            return Err(CaptureError::Empty);
        }
        place.fill(buffer, 4)?;
        let window = buffer.window();
        let mut magic = [0; 4];
        let known = window.len().min(4);
        magic[..known].copy_from_slice(&window[..known]);
        match magic {
            [0xa1, 0xb2, 0xc3, 0xd4]
            | [0xd4, 0xc3, 0xb2, 0xa1]
            | [0xa1, 0xb2, 0x3c, 0x4d]
            | [0x4d, 0x3c, 0xb2, 0xa1] => Pcap::open(buffer, place).map(Format::Pcap),
            [0x0a, 0x0d, 0x0d, 0x0a] => PcapNg::open(buffer).map(Format::PcapNg),
            [0x1f, 0x8b, ..] => Err(CaptureError::Compressed { format: "gzip" }),
            [0x28, 0xb5, 0x2f, 0xfd] => Err(CaptureError::Compressed { format: "zstd" }),
            [0xfd, b'7', b'z', b'X'] => Err(CaptureError::Compressed { format: "xz" }),
            [0x04, 0x22, 0x4d, 0x18] => Err(CaptureError::Compressed { format: "lz4" }),
            [b'B', b'Z', b'h', _] => Err(CaptureError::Compressed { format: "bzip2" }),
            _ => Err(CaptureError::NotACapture { magic }),
        }
    }
}

impl Pcap {
    fn open<R: Read>(buffer: &mut Buffer<R>, place: Place) -> Result<Pcap, CaptureError> {
        place.fill(buffer, PCAP_HEADER)?;
        let (_, parser) = PcapParser::new(buffer.window()).map_err(|e| match e {
            PcapParseError::IncompleteBuffer(need, have) => {
                CaptureError::TruncatedHeader { have: have as u64, need: need as u64 }
            }
            PcapParseError::Validation(e) => place.corrupt(e.to_string()),
        })?;
        let header = parser.header();
        if header.version_major != 2 {
            return Err(place.corrupt(format!(
                "pcap version {}.{}, where 2.4 is known",
                header.version_major, header.version_minor
            )));
        }
        let link = place.link(u32::from(header.datalink) & PCAP_LINK_MASK)?;
        buffer.consume(PCAP_HEADER);
        Ok(Pcap { parser, link })
    }

    #[inline]
    fn next<R: Read>(&self, buffer: &mut Buffer<R>, place: Place) -> Result<Option<Found>, CaptureError> {
        loop {
            let window = buffer.window();
            let missing = match self.parser.next_raw_packet(window) {
                Ok((_, raw)) => {
                    if raw.incl_len > MAX_PACKET {
                        return Err(place.too_long(raw.incl_len, MAX_PACKET));
                    }
                    let len = raw.incl_len as usize;
                    let found = Found {
                        back: len,
                        len,
                        orig_len: raw.orig_len,
                        time_ns: Some(self.time_ns(raw.ts_sec, raw.ts_frac)),
                        link: self.link,
                    };
                    buffer.consume(PCAP_RECORD + len);
                    return Ok(Some(found));
                }
                Err(PcapParseError::IncompleteBuffer(missing, _)) => missing,
                Err(PcapParseError::Validation(e)) => return Err(place.corrupt(e.to_string())),
            };
            // The crate counts what is missing from the start of the record header while that is
            // cut, and from the start of the data afterwards.
            let need = match window.len() {
                have if have < PCAP_RECORD => PCAP_RECORD,
                _ if missing > MAX_PACKET as usize => {
                    let len = u32::try_from(missing).unwrap_or(u32::MAX);
                    return Err(place.too_long(len, MAX_PACKET));
                }
                _ => PCAP_RECORD + missing,
            };
            if !place.fill(buffer, need)? {
                return match buffer.window().len() {
                    0 => Ok(None),
                    have => Err(place.truncated(have, need)),
                };
            }
        }
    }

    fn time_ns(&self, seconds: u32, fraction: u32) -> u64 {
        let ns_per_unit = match self.parser.header().ts_resolution {
            PcapTsResolution::MicroSecond => 1_000,
            PcapTsResolution::NanoSecond => 1,
        };
        u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * ns_per_unit
    }
}
