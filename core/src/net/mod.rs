//! Packets: where they come from, what is in them, and the `sk_buff` that programs see.
//!
//! | file | holds |
//! |---|---|
//! | [`link`] | [`LinkType`]: what the first bytes of a captured packet are |
//! | [`mod@dissect`] | what is in a packet, for people: layers, fields, one line |
//! | [`capture`] | pcap and pcapng as a stream of [`Packet`]s, an index for random access, a writer |
//! | [`skbuff`] | [`SkBuff`]: a packet with head and tail room and its metadata |
//! | [`network`] | [`Network`]: interfaces, routes and neighbours around the programs |
//! | [`tunnel`] | [`tunnel::TunnelKey`]: what a packet's tunnel metadata says |
//! | [`checksum`] | Internet checksums: sum, fold, update |
//!
//! Bytes come in through `std::io::Read`, which the front end opens; nothing here touches a file.
//! A capture is hostile: a wrong length is an error with the packet and the byte offset, never an
//! allocation of that length.
//!
//! Not here: filtering (`classic`), running programs (`vm`), reassembly of any kind.

pub mod capture;
pub mod checksum;
pub mod dissect;
pub mod link;
pub mod network;
pub mod skbuff;
pub mod tunnel;

pub use capture::{
    CaptureError, CaptureIndex, CaptureReader, CaptureWriteError, CaptureWriter, Packet, PacketDirection, PacketRef,
    PcapngWriter, Resolution, write_capture,
};
pub use dissect::{Dissection, Field, Layer, Summary, dissect, summarize};
pub use link::{L3, LinkType};
pub use network::{Interface, MacAddr, Network, NetworkError};
pub use skbuff::{Device, PacketBuf, SkBuff, VlanTag};
