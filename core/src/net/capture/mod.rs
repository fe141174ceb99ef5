//! Captures: pcap and pcapng, read as a stream, indexed, written.
//!
//! [`CaptureReader`] gives one [`Packet`] after the other out of a buffer of fixed size, so a capture
//! of any length takes the same memory. [`CaptureIndex`] remembers where each packet's bytes lie
//! (24 bytes a packet), for a front end that shows packet N of a file which it can seek.
//! [`CaptureWriter`] writes pcap, [`PcapngWriter`] pcapng.
//!
//! The formats are parsed by the `pcap-file` crate's slice parsers, over a buffer which we fill: its
//! own readers say neither at which byte an error is, nor refuse a length before they buffer it.
//! What we read more leniently than that crate, as libpcap does: a packet longer than the snap
//! length, an original length below the captured one, a fraction of a second above one, options
//! of a pcapng packet that are not well formed. None of these costs a packet here.
//!
//! Packets are numbered from 0 in values and from 1 in messages, as Wireshark shows them.
//! Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, pcap-savefile(5).

mod buffer;
mod index;
mod ng_writer;
mod pcapng;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use index::{CaptureIndex, PacketRef};
pub use ng_writer::{PacketDirection, PcapngWriter};
pub use reader::CaptureReader;
pub use writer::{CaptureWriteError, CaptureWriter, write_capture};

use super::link::LinkType;

/// Longest packet that is read, in bytes: libpcap's `MAXIMUM_SNAPLEN`.
pub const MAX_PACKET: u32 = 256 * 1024;
/// Longest pcapng block that is read, in bytes; the largest are embedded keys and names.
pub const MAX_BLOCK: u32 = 16 * 1024 * 1024;
/// Most interfaces that one section of a pcapng capture may have.
pub const MAX_INTERFACES: usize = 1024;
/// Longest section header or interface description in a pcapng capture, in bytes.
pub const MAX_DESCRIPTION: u32 = 16 * 1024;

/// One packet of a capture; the data lies in the reader's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Number in the capture, from 0.
    pub index: u32,
    /// Time of capture, in nanoseconds since 1970-01-01T00:00:00Z. A pcapng simple packet block
    /// has none: it gets the time of the packet before.
    pub time_ns: u64,
    /// What the data starts with.
    pub link: LinkType,
    /// Length of the packet on the wire, in bytes; at least `data.len()`.
    pub orig_len: u32,
    /// Byte offset of `data` in the capture.
    pub offset: u64,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// The unit of the times in a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Microseconds.
    Micro,
    /// Nanoseconds.
    Nano,
}

/// Why a capture cannot be read, or not further. `packet` counts from 1 and is the packet that
/// would have come next; `offset` is the byte of the capture where its record or block starts.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There are no bytes at all.
    #[error("the capture is empty: not even a header")]
    Empty,
    /// The file starts with something else.
    #[error(
        "not a capture: it starts with {:02x} {:02x} {:02x} {:02x}, which is neither pcap nor pcapng (`editcap -F pcapng` makes \
         one of others)",
        magic[0], magic[1], magic[2], magic[3]
    )]
    NotACapture {
        /// The first four bytes; zeros where there are fewer.
        magic: [u8; 4],
    },
    /// The file is compressed.
    #[error("the capture is compressed with {format}: decompress it first")]
    Compressed {
        /// Name of the compressor.
        format: &'static str,
    },
    /// The capture ends in its own header, before any packet.
    #[error("the capture ends inside its header: {have} bytes of {need}")]
    TruncatedHeader {
        /// Bytes that there are.
        have: u64,
        /// Bytes that are needed.
        need: u64,
    },
    /// The capture ends within a packet.
    #[error("packet {packet} at byte {offset}: the capture ends inside it ({have} bytes of {need})")]
    Truncated {
        /// Number of the packet, from 1.
        packet: u64,
        /// Where its record starts.
        offset: u64,
        /// Bytes of the record that there are.
        have: u64,
        /// Bytes of the record that are needed.
        need: u64,
    },
    /// A length that no packet has; the length field, or the file before it, is damaged.
    #[error(
        "packet {packet} at byte {offset}: a length of {len} bytes exceeds the limit of {limit}, \
         the capture is damaged here"
    )]
    TooLong {
        /// Number of the packet, from 1.
        packet: u64,
        /// Where its record starts.
        offset: u64,
        /// The length it claims.
        len: u64,
        /// The longest that is read.
        limit: u64,
    },
    /// A link type that is not supported.
    #[error(
        "link type {number} ({name}) is not supported: only Ethernet, raw IP, Linux cooked and \
         loopback are (packet {packet}, byte {offset})"
    )]
    LinkType {
        /// LINKTYPE_ number.
        number: u32,
        /// Its name.
        name: String,
        /// Number of the first packet that has it, from 1.
        packet: u64,
        /// Where that packet's record starts, or where the capture's header is.
        offset: u64,
    },
    /// Something that the format does not allow.
    #[error("packet {packet} at byte {offset}: {what}")]
    Corrupt {
        /// Number of the packet, from 1.
        packet: u64,
        /// Where its record starts.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// Reading failed.
    #[error("packet {packet}: reading at byte {offset}: {source}")]
    Io {
        /// Number of the packet, from 1.
        packet: u64,
        /// Bytes read before.
        offset: u64,
        /// The reader's error.
        source: std::io::Error,
    },
}
