//! Tunnel metadata: what a packet that leaves through a tunnel device is to be wrapped in (`struct ip_tunnel_info`).
//!
//! A program sets it and may read it back; a device in `external` mode (VXLAN, Geneve, GRE, IPIP) acts on it.

use std::net::IpAddr;

/// Bits of [`TunnelKey::flags`]: `IP_TUNNEL_*` of the kernel, as programs see them.
pub mod tunnel_flags {
    /// The outer UDP or GRE header has a checksum.
    pub const CSUM: u16 = 1 << 0;
    /// The tunnel has a number.
    pub const KEY: u16 = 1 << 2;
    /// GRE packets are numbered.
    pub const SEQ: u16 = 1 << 3;
    /// The outer packet must not be fragmented.
    pub const DONT_FRAGMENT: u16 = 1 << 8;
    /// Routes are looked up for each packet.
    pub const NOCACHE: u16 = 1 << 13;
    /// There are options, of whatever tunnel they are read as: Geneve, VXLAN, ERSPAN, GTP.
    pub const OPTIONS: u16 = 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;
}

/// Bytes of options at most (`IP_TUNNEL_OPTS_MAX`).
pub const MAX_OPTIONS: usize = 255;

/// What is known of a packet's tunnel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TunnelKey {
    /// The tunnel's number: VNI, GRE key.
    pub id: u32,
    /// The end that the packet leaves from; of the same family as [`remote`](Self::remote).
    pub local: IpAddr,
    /// The end that it goes to.
    pub remote: IpAddr,
    /// Type of service of the outer header.
    pub tos: u8,
    /// Time to live of the outer header; 0 for the device's.
    pub ttl: u8,
    /// Flow label of an outer IPv6 header, 20 bits.
    pub label: u32,
    /// Of [`tunnel_flags`].
    pub flags: u16,
    /// Options, as the tunnel's header has them; at most [`MAX_OPTIONS`] bytes.
    pub options: Vec<u8>,
}
