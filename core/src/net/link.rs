//! Link types: what the first bytes of a captured packet are.
//!
//! The numbers are LINKTYPE_ values of <https://www.tcpdump.org/linktypes.html>, and the DLT_ values
//! which some systems write in their place. A [`LinkType`] is one that can be replayed; any other
//! is refused with its name.

use pcap_file::DataLink;
use serde::{Deserialize, Serialize};

/// A link type that captures may have here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkType {
    /// 1: Ethernet, without preamble and frame check sequence.
    Ethernet,
    /// 101, and 12 or 14 by some systems: an IPv4 or IPv6 packet, by its version nibble.
    Raw,
    /// 228: an IPv4 packet.
    Ipv4,
    /// 229: an IPv6 packet.
    Ipv6,
    /// 113: Linux "cooked" capture, version 1 (16 bytes).
    LinuxSll,
    /// 276: Linux "cooked" capture, version 2 (20 bytes).
    LinuxSll2,
    /// 0: BSD loopback, four bytes of address family in the byte order of the capturing machine.
    Null,
    /// 108: OpenBSD loopback, four bytes of address family in network byte order.
    Loop,
}

/// Where the network layer of a packet starts, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L3 {
    /// EtherType in host byte order (0x0800 IPv4, 0x86dd IPv6, 0x8100 a VLAN tag that follows).
    pub protocol: u16,
    /// Bytes of link header before it: 14 for Ethernet, 0 for raw IP.
    pub offset: usize,
}

/// EtherType of IPv4.
const ETH_P_IP: u16 = 0x0800;
/// EtherType of IPv6.
const ETH_P_IPV6: u16 = 0x86dd;
/// What Linux calls an 802.3 frame, whose "EtherType" is a length (`include/uapi/linux/if_ether.h`).
const ETH_P_802_2: u16 = 0x0004;
/// The smallest value that is an EtherType and no length.
const ETH_P_802_3_MIN: u16 = 0x0600;

impl LinkType {
    /// The link type with this LINKTYPE_ (or, for raw IP, DLT_) number; `None` if it is not supported.
    pub fn from_number(number: u32) -> Option<LinkType> {
        Some(match number {
            0 => LinkType::Null,
            1 => LinkType::Ethernet,
            12 | 14 | 101 => LinkType::Raw,
            108 => LinkType::Loop,
            113 => LinkType::LinuxSll,
            228 => LinkType::Ipv4,
            229 => LinkType::Ipv6,
            276 => LinkType::LinuxSll2,
            _ => return None,
        })
    }

    /// The LINKTYPE_ number that is written into a capture.
    pub fn number(self) -> u32 {
        match self {
            LinkType::Null => 0,
            LinkType::Ethernet => 1,
            LinkType::Raw => 101,
            LinkType::Loop => 108,
            LinkType::LinuxSll => 113,
            LinkType::Ipv4 => 228,
            LinkType::Ipv6 => 229,
            LinkType::LinuxSll2 => 276,
        }
    }

    /// The name for people, such as `Ethernet` or `Linux cooked v1`.
    pub fn name(self) -> &'static str {
        match self {
            LinkType::Null | LinkType::Loop => "loopback",
            LinkType::Ethernet => "Ethernet",
            LinkType::Raw => "raw IP",
            LinkType::LinuxSll => "Linux cooked v1",
            LinkType::Ipv4 => "raw IPv4",
            LinkType::Ipv6 => "raw IPv6",
            LinkType::LinuxSll2 => "Linux cooked v2",
        }
    }

    /// Bytes before the network layer.
    pub fn header_len(self) -> usize {
        match self {
            LinkType::Ethernet => 14,
            LinkType::Raw | LinkType::Ipv4 | LinkType::Ipv6 => 0,
            LinkType::LinuxSll => 16,
            LinkType::LinuxSll2 => 20,
            LinkType::Null | LinkType::Loop => 4,
        }
    }

    /// Where the network layer of `data` starts and which protocol the link header says it is:
    /// what `skb->protocol` would be. VLAN tags are not skipped. `None` if the header is cut off or
    /// the protocol cannot be told (an unknown address family, no IP version).
    pub fn l3(self, data: &[u8]) -> Option<L3> {
        let offset = self.header_len();
        let be16 = |at: usize| Some(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]));
        let protocol = match self {
            LinkType::Ethernet => match be16(12)? {
                length if length < ETH_P_802_3_MIN => ETH_P_802_2,
                ethertype => ethertype,
            },
            LinkType::LinuxSll => {
                data.get(offset - 1)?;
                be16(14)?
            }
            LinkType::LinuxSll2 => {
                data.get(offset - 1)?;
                be16(0)?
            }
            LinkType::Ipv4 => ETH_P_IP,
            LinkType::Ipv6 => ETH_P_IPV6,
            LinkType::Raw => match data.first()? >> 4 {
                4 => ETH_P_IP,
                6 => ETH_P_IPV6,
                _ => return None,
            },
            LinkType::Null | LinkType::Loop => family_protocol(u32::from_be_bytes(*data.first_chunk()?))?,
        };
        Some(L3 { protocol, offset })
    }
}

/// The EtherType for a loopback header's address family. The number is read in either byte order:
/// a [`LinkType::Null`] header does not say which machine wrote it, and no family exceeds 16 bits.
/// IPv6 has a different number on each system (Linux 10, Windows 23, NetBSD and OpenBSD 24,
/// FreeBSD 28, macOS 30).
fn family_protocol(family: u32) -> Option<u16> {
    match if family > 0xffff { family.swap_bytes() } else { family } {
        2 => Some(ETH_P_IP),
        10 | 23 | 24 | 28 | 30 => Some(ETH_P_IPV6),
        _ => None,
    }
}

/// The name of a link type that is not supported, for the message that refuses it.
pub(crate) fn unsupported_name(number: u32) -> String {
    let name = match number {
        9 => "PPP",
        50 => "PPP over HDLC",
        51 => "PPPoE",
        104 => "Cisco HDLC",
        105 => "IEEE 802.11",
        107 => "Frame Relay",
        119 => "IEEE 802.11 with Prism header",
        127 => "IEEE 802.11 with radiotap header",
        147..=162 => "reserved for private use",
        187 | 201 => "Bluetooth HCI",
        189 | 220 => "Linux USB",
        192 => "PPI",
        195 | 230 => "IEEE 802.15.4",
        227 => "SocketCAN",
        239 => "Linux NFLOG",
        249 => "USBPcap",
        251 | 256 => "Bluetooth Low Energy",
        252 => "Wireshark upper PDU",
        253 => "Linux netlink",
        _ => {
            return match DataLink::from(number) {
                DataLink::Unknown(_) => "unknown".to_string(),
                other => format!("{other:?}").replace('_', " "),
            };
        }
    };
    name.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [LinkType; 8] = [
        LinkType::Ethernet,
        LinkType::Raw,
        LinkType::Ipv4,
        LinkType::Ipv6,
        LinkType::LinuxSll,
        LinkType::LinuxSll2,
        LinkType::Null,
        LinkType::Loop,
    ];

    #[test]
    fn number_and_link_type_are_inverse() {
        for link in ALL {
            assert_eq!(LinkType::from_number(link.number()), Some(link));
        }
        assert_eq!(LinkType::from_number(12), Some(LinkType::Raw));
        assert_eq!(LinkType::from_number(14), Some(LinkType::Raw));
        assert_eq!(LinkType::from_number(105), None);
    }

    #[test]
    fn l3_is_told_by_the_link_header() {
        let mut ethernet = [0; 14];
        ethernet[12..].copy_from_slice(&[0x81, 0x00]);
        let mut llc = [0; 14];
        llc[12..].copy_from_slice(&[0x00, 0x26]);
        let mut sll = [0; 16];
        sll[14..].copy_from_slice(&[0x08, 0x06]);
        let mut sll2 = [0; 20];
        sll2[..2].copy_from_slice(&[0x86, 0xdd]);
        let cases: &[(LinkType, &[u8], u16, usize)] = &[
            (LinkType::Ethernet, &ethernet, 0x8100, 14),
            (LinkType::Ethernet, &llc, ETH_P_802_2, 14),
            (LinkType::LinuxSll, &sll, 0x0806, 16),
            (LinkType::LinuxSll2, &sll2, 0x86dd, 20),
            (LinkType::Raw, &[0x45], 0x0800, 0),
            (LinkType::Raw, &[0x60], 0x86dd, 0),
            (LinkType::Ipv4, &[], 0x0800, 0),
            (LinkType::Ipv6, &[], 0x86dd, 0),
            (LinkType::Null, &[2, 0, 0, 0], 0x0800, 4),
            (LinkType::Null, &[0, 0, 0, 2], 0x0800, 4),
            (LinkType::Null, &[30, 0, 0, 0], 0x86dd, 4),
            (LinkType::Loop, &[0, 0, 0, 24], 0x86dd, 4),
        ];
        for &(link, data, protocol, offset) in cases {
            assert_eq!(link.l3(data), Some(L3 { protocol, offset }), "{link:?} {data:02x?}");
        }
    }

    #[test]
    fn l3_of_a_cut_or_unknown_header_is_none() {
        for link in ALL {
            let short = vec![0; link.header_len().saturating_sub(1)];
            if link.header_len() > 0 {
                assert_eq!(link.l3(&short), None, "{link:?}");
            }
        }
        assert_eq!(LinkType::Raw.l3(&[]), None);
        assert_eq!(LinkType::Raw.l3(&[0x15]), None);
        assert_eq!(LinkType::Null.l3(&[7, 0, 0, 0]), None);
    }

    #[test]
    fn unsupported_link_types_have_names() {
        assert_eq!(unsupported_name(105), "IEEE 802.11");
        assert_eq!(unsupported_name(147), "reserved for private use");
        assert_eq!(unsupported_name(10), "FDDI");
        assert_eq!(unsupported_name(60_000), "unknown");
    }
}
