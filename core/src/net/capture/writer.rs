//! Writing captures, as pcap: every tool reads it, and it holds all that a [`Packet`] has.

use std::borrow::Cow;
use std::io::Write;

use pcap_file::pcap::{PcapHeader, PcapTsResolution, PcapWriteError, PcapWriter, RawPcapPacket};
use pcap_file::{DataLink, Endianness};

use super::{MAX_PACKET, Packet, Resolution};
use crate::net::link::LinkType;

/// Why a packet cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CaptureWriteError {
    /// A pcap has one link type for all packets.
    #[error(
        "packet {packet} is {} where the capture is {}: pcap holds one link type",
        got.name(), expected.name()
    )]
    MixedLinks {
        /// Number of the packet in the new capture, from 1.
        packet: u64,
        /// Link type of the capture.
        expected: LinkType,
        /// Link type of the packet.
        got: LinkType,
    },
    /// A packet longer than any reader takes.
    #[error("packet {packet} has {len} bytes, the limit is {MAX_PACKET}")]
    TooLong {
        /// Number of the packet in the new capture, from 1.
        packet: u64,
        /// Its length in bytes.
        len: usize,
    },
    /// A time after 2106, which pcap's 32 bits of seconds do not hold.
    #[error("packet {packet} is of a time that pcap cannot hold ({time_ns} ns since 1970)")]
    Time {
        /// Number of the packet in the new capture, from 1.
        packet: u64,
        /// The time.
        time_ns: u64,
    },
    /// The writer failed.
    #[error("writing the capture: {source}")]
    Io {
        /// The writer's error.
        source: std::io::Error,
    },
}

impl From<PcapWriteError> for CaptureWriteError {
    fn from(error: PcapWriteError) -> CaptureWriteError {
        match error {
            PcapWriteError::Io(source) | PcapWriteError::FieldWriteFailed(_, source) => {
                CaptureWriteError::Io { source }
            }
            other => CaptureWriteError::Io { source: std::io::Error::other(other) },
        }
    }
}

/// Writes a pcap, little-endian. Give it a buffered writer: it writes field by field.
#[derive(Debug)]
pub struct CaptureWriter<W: Write> {
    pcap: PcapWriter<W>,
    link: LinkType,
    resolution: Resolution,
    count: u64,
}

impl<W: Write> CaptureWriter<W> {
    /// Writes the header of a capture. Microseconds are what the oldest tools read; take
    /// nanoseconds where the times have them ([`super::CaptureReader::resolution`]).
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn new(writer: W, link: LinkType, resolution: Resolution) -> Result<CaptureWriter<W>, CaptureWriteError> {
        let header = PcapHeader {
            snaplen: MAX_PACKET,
            datalink: DataLink::from(link.number()),
            ts_resolution: match resolution {
                Resolution::Micro => PcapTsResolution::MicroSecond,
                Resolution::Nano => PcapTsResolution::NanoSecond,
            },
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        let pcap = PcapWriter::with_header(writer, header)?;
        Ok(CaptureWriter { pcap, link, resolution, count: 0 })
    }

    /// Appends a packet of a capture.
    ///
    /// # Errors
    /// [`CaptureWriteError::MixedLinks`], and those of [`CaptureWriter::write`].
    pub fn write_packet(&mut self, packet: &Packet<'_>) -> Result<(), CaptureWriteError> {
        if packet.link != self.link {
            return Err(CaptureWriteError::MixedLinks {
                packet: self.count + 1,
                expected: self.link,
                got: packet.link,
            });
        }
        self.write(packet.time_ns, packet.orig_len, packet.data)
    }

    /// Appends a packet: its time in nanoseconds since 1970, its length on the wire (raised to the
    /// length of the data if it is less), and its data.
    ///
    /// # Errors
    /// [`CaptureWriteError::TooLong`], [`CaptureWriteError::Time`], [`CaptureWriteError::Io`].
    pub fn write(&mut self, time_ns: u64, orig_len: u32, data: &[u8]) -> Result<(), CaptureWriteError> {
        let packet = self.count + 1;
        let incl_len = match u32::try_from(data.len()) {
            Ok(len) if len <= MAX_PACKET => len,
            _ => {
                return Err(CaptureWriteError::TooLong { packet, len: data.len() });
            }
        };
        let ts_sec = u32::try_from(time_ns / 1_000_000_000).map_err(|_| CaptureWriteError::Time { packet, time_ns })?;
        let ns = (time_ns % 1_000_000_000) as u32;
        let ts_frac = match self.resolution {
            Resolution::Micro => ns / 1_000,
            Resolution::Nano => ns,
        };
        self.pcap.write_raw_packet(&RawPcapPacket {
            ts_sec,
            ts_frac,
            incl_len,
            orig_len: orig_len.max(incl_len),
            data: Cow::Borrowed(data),
        })?;
        self.count = packet;
        Ok(())
    }

    /// Flushes and gives the writer back.
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn finish(mut self) -> Result<W, CaptureWriteError> {
        self.pcap.flush()?;
        Ok(self.pcap.into_inner())
    }
}

/// A small capture as bytes, from times (nanoseconds since 1970) and whole packets: in microseconds
/// if that loses nothing. Packets that pcap cannot hold (beyond 256 KiB, or after 2106) are cut, or
/// moved to the last time that it can.
pub fn write_capture<'a>(
    link: LinkType,
    packets: impl IntoIterator<Item = (u64, &'a [u8]), IntoIter: Clone>,
) -> Vec<u8> {
    const LAST_NS: u64 = u32::MAX as u64 * 1_000_000_000 + 999_999_999;
    let packets = packets.into_iter();
    let exact_in_micros = packets.clone().all(|(time_ns, _)| time_ns % 1_000 == 0);
    let resolution = if exact_in_micros { Resolution::Micro } else { Resolution::Nano };
    let infallible = "a Vec takes all bytes, and time and length are in range";
    let mut writer = CaptureWriter::new(Vec::new(), link, resolution).expect(infallible);
    for (time_ns, data) in packets {
        let kept = &data[..data.len().min(MAX_PACKET as usize)];
        let orig_len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        writer.write(time_ns.min(LAST_NS), orig_len, kept).expect(infallible);
    }
    writer.finish().expect(infallible)
}
