//! Link types: where the link-layer header ends, and where it says what follows.

use serde::{Deserialize, Serialize};

/// A link type that expressions are compiled for (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// Ethernet.
    #[default]
    Ethernet,
    /// An IPv4 or IPv6 packet.
    Raw,
    /// An IPv4 packet.
    Ipv4,
    /// An IPv6 packet.
    Ipv6,
    /// Linux "cooked" capture, version 1.
    LinuxSll,
    /// Linux "cooked" capture, version 2.
    LinuxSll2,
    /// BSD loopback, recorded on a little-endian machine.
    Null,
    /// OpenBSD loopback.
    Loop,
}

impl Link {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Link::Ethernet => "Ethernet",
            Link::Raw => "raw IP",
            Link::Ipv4 => "raw IPv4",
            Link::Ipv6 => "raw IPv6",
            Link::LinuxSll => "Linux cooked v1",
            Link::LinuxSll2 => "Linux cooked v2",
            Link::Null | Link::Loop => "loopback",
        }
    }

    /// Bytes before the network layer.
    pub fn header_len(self) -> u32 {
        match self {
            Link::Ethernet => 14,
            Link::Raw | Link::Ipv4 | Link::Ipv6 => 0,
            Link::LinuxSll => 16,
            Link::LinuxSll2 => 20,
            Link::Null | Link::Loop => 4,
        }
    }

    /// Where the EtherType is.
    pub(super) fn type_at(self) -> u32 {
        match self {
            Link::Ethernet => 12,
            Link::LinuxSll => 14,
            _ => 0,
        }
    }
}

/// What the bytes of a packet are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Frame {
    /// Those of a capture file.
    File(Link),
    /// Those that a filter on a packet socket sees of the same packet: of Ethernet the frame, with an outer VLAN tag
    /// beside it; of others what follows the link-layer header. The expression still means the packet in the file.
    Socket(Link),
}

impl Frame {
    /// Its link type.
    pub fn link(self) -> Link {
        match self {
            Frame::File(link) | Frame::Socket(link) => link,
        }
    }
}
