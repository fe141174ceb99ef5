//! Link layers: Ethernet, VLAN tags, Linux cooked, loopback; and ARP, which lies on them.

use std::net::Ipv4Addr;

use etherparse::{ArpOperation, ArpPacketSlice, Ethernet2HeaderSlice, LinuxSllHeaderSlice, SingleVlanHeaderSlice};

use super::{Address, Next, Walk, be16, full_mac, hex, ip, short_mac};
use crate::net::link::LinkType;

const IPV4: u16 = 0x0800;
const ARP: u16 = 0x0806;
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const VLAN: u16 = 0x8100;
const IPV6: u16 = 0x86dd;
const SERVICE_VLAN: u16 = 0x88a8;
const OLD_QINQ: u16 = 0x9100;

/// EtherTypes with a name, from IANA's registry of IEEE 802 numbers.
const ETHER_TYPES: &[(u16, &str)] = &[
    (IPV4, "IPv4"),
    (ARP, "ARP"),
    (0x0842, "Wake-on-LAN"),
    (TRANSPARENT_ETHERNET, "Ethernet"),
    (0x8035, "RARP"),
    (VLAN, "802.1Q"),
    (IPV6, "IPv6"),
    (0x8808, "Ethernet flow control"),
    (0x8809, "LACP"),
    (0x8847, "MPLS"),
    (0x8848, "MPLS multicast"),
    (0x8863, "PPPoE discovery"),
    (0x8864, "PPPoE session"),
    (0x888e, "802.1X"),
    (SERVICE_VLAN, "802.1ad"),
    (0x88cc, "LLDP"),
    (0x88e5, "MACsec"),
    (0x88f7, "PTP"),
    (OLD_QINQ, "802.1Q (0x9100)"),
];

/// `IPv4`, or the number of an EtherType without a name.
pub(super) fn ether_type_name(ether_type: u16) -> String {
    match ETHER_TYPES.iter().find(|(number, _)| *number == ether_type) {
        Some((_, name)) => name.to_string(),
        None => format!("EtherType {ether_type:#06x}"),
    }
}

/// `IPv4 (0x0800)`.
fn ether_type_value(ether_type: u16) -> String {
    match ETHER_TYPES.iter().find(|(number, _)| *number == ether_type) {
        Some((_, name)) => format!("{name} ({ether_type:#06x})"),
        None => format!("{ether_type:#06x}"),
    }
}

pub(super) fn link(walk: &mut Walk<'_>, link: LinkType, at: usize) -> Next {
    match link {
        LinkType::Ethernet => ethernet(walk, at),
        LinkType::Ipv4 => ip::ipv4(walk, at),
        LinkType::Ipv6 => ip::ipv6(walk, at),
        LinkType::Raw => match walk.rest(at).first().map(|b| b >> 4) {
            Some(6) => ip::ipv6(walk, at),
            _ => ip::ipv4(walk, at),
        },
        LinkType::LinuxSll => cooked(walk, at),
        LinkType::LinuxSll2 => cooked2(walk, at),
        LinkType::Null | LinkType::Loop => loopback(walk, link, at),
    }
}

pub(super) fn ether_type(walk: &mut Walk<'_>, ether_type: u16, at: usize) -> Next {
    match ether_type {
        IPV4 => ip::ipv4(walk, at),
        IPV6 => ip::ipv6(walk, at),
        ARP => arp(walk, at),
        VLAN | SERVICE_VLAN | OLD_QINQ => vlan(walk, ether_type, at),
        TRANSPARENT_ETHERNET => ethernet(walk, at),
        _ => {
            walk.what = ether_type_name(ether_type);
            Next::Data(at)
        }
    }
}

fn ethernet(walk: &mut Walk<'_>, at: usize) -> Next {
    let Ok(header) = Ethernet2HeaderSlice::from_slice(walk.rest(at)) else {
        return walk.cut("Ethernet", at, 14);
    };
    let (source, destination) = (header.source(), header.destination());
    let ether_type = header.ether_type().0;
    let is_length = ether_type < 0x0600;
    walk.source = Address::Mac(source);
    walk.destination = Address::Mac(destination);
    walk.layer(
        if is_length { "802.3" } else { "Ethernet" },
        at..at + 14,
        || {
            let what = if is_length { format!("{ether_type} bytes") } else { ether_type_name(ether_type) };
            format!("{} → {}, {what}", short_mac(source), short_mac(destination))
        },
        |f| {
            f.add("destination", 0..6, full_mac);
            f.add("source", 6..12, full_mac);
            match is_length {
                true => f.number("length", 12..14),
                false => f.put("type", 12..14, ether_type_value(ether_type)),
            }
        },
    );
    if is_length {
        walk.limit(at + 14, ether_type.into());
        walk.what = "802.3 LLC".to_string();
        return Next::Data(at + 14);
    }
    Next::EtherType(ether_type, at + 14)
}

fn vlan(walk: &mut Walk<'_>, tag: u16, at: usize) -> Next {
    let name = if tag == SERVICE_VLAN { "802.1ad" } else { "802.1Q" };
    let Ok(header) = SingleVlanHeaderSlice::from_slice(walk.rest(at)) else {
        return walk.cut(name, at, 4);
    };
    let id = header.vlan_identifier().value();
    let ether_type = header.ether_type().0;
    walk.prefix.push_str(&format!("VLAN {id} / "));
    walk.layer(
        name,
        at..at + 4,
        || format!("VLAN {id}, {}", ether_type_name(ether_type)),
        |f| {
            f.put("priority", 0..1, header.priority_code_point().value());
            f.put("drop eligible", 0..1, yes_no(header.drop_eligible_indicator()));
            f.put("VLAN", 0..2, id);
            f.put("type", 2..4, ether_type_value(ether_type));
        },
    );
    Next::EtherType(ether_type, at + 4)
}

/// Linux cooked capture, version 1: linktypes.html, LINKTYPE_LINUX_SLL.
fn cooked(walk: &mut Walk<'_>, at: usize) -> Next {
    const LEN: usize = 16;
    let bytes = walk.rest(at);
    let Some(protocol) = be16(bytes, 14) else {
        return walk.cut("Linux cooked", at, LEN);
    };
    // etherparse refuses device types that it does not know; the fields are where they are.
    let address_len = be16(bytes, 4).unwrap_or(0).min(8) as usize;
    let device = be16(bytes, 2).unwrap_or(0);
    let packet_type = LinuxSllHeaderSlice::from_slice(bytes)
        .map(|header| u16::from(header.packet_type()))
        .unwrap_or_else(|_| be16(bytes, 0).unwrap_or(0));
    walk.source = mac(&bytes[6..6 + address_len]);
    walk.layer(
        "Linux cooked",
        at..at + LEN,
        || format!("{}, {}", packet_type_name(packet_type), ether_type_name(protocol)),
        |f| {
            f.put("packet type", 0..2, packet_type_name(packet_type));
            f.put("device type", 2..4, device);
            f.put("address length", 4..6, be16(bytes, 4).unwrap_or(0));
            f.add("source", 6..6 + address_len, full_mac);
            f.put("type", 14..16, ether_type_value(protocol));
        },
    );
    Next::EtherType(protocol, at + LEN)
}

/// Linux cooked capture, version 2: linktypes.html, LINKTYPE_LINUX_SLL2. etherparse has none.
fn cooked2(walk: &mut Walk<'_>, at: usize) -> Next {
    const LEN: usize = 20;
    let bytes = walk.rest(at);
    if bytes.len() < LEN {
        return walk.cut("Linux cooked", at, LEN);
    }
    let protocol = u16::from_be_bytes([bytes[0], bytes[1]]);
    let packet_type = bytes[10].into();
    let address_len = bytes[11].min(8) as usize;
    walk.source = mac(&bytes[12..12 + address_len]);
    walk.layer(
        "Linux cooked",
        at..at + LEN,
        || format!("{}, {}", packet_type_name(packet_type), ether_type_name(protocol)),
        |f| {
            f.put("type", 0..2, ether_type_value(protocol));
            f.number("interface", 4..8);
            f.number("device type", 8..10);
            f.put("packet type", 10..11, packet_type_name(packet_type));
            f.number("address length", 11..12);
            f.add("source", 12..12 + address_len, full_mac);
        },
    );
    Next::EtherType(protocol, at + LEN)
}

fn loopback(walk: &mut Walk<'_>, link: LinkType, at: usize) -> Next {
    let bytes = walk.rest(at);
    if bytes.len() < 4 {
        return walk.cut("Loopback", at, 4);
    }
    let Some(l3) = link.l3(bytes) else {
        return walk.invalid("Loopback", at, "an address family that is neither IPv4 nor IPv6");
    };
    walk.layer(
        "Loopback",
        at..at + 4,
        || ether_type_name(l3.protocol),
        |f| f.add("address family", 0..4, |bytes| format!("{} ({})", ether_type_name(l3.protocol), hex(bytes))),
    );
    Next::EtherType(l3.protocol, at + 4)
}

/// ARP, RFC 826.
fn arp(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let Ok(arp) = ArpPacketSlice::from_slice(bytes) else {
        let sizes = bytes.get(4).zip(bytes.get(5));
        let need = sizes.map_or(8, |(hw, proto)| 8 + 2 * (usize::from(*hw) + usize::from(*proto)));
        return walk.cut("ARP", at, need);
    };
    let (hw, proto) = (arp.hw_addr_size() as usize, arp.proto_addr_size() as usize);
    let (sender, target) = (arp.sender_protocol_addr(), arp.target_protocol_addr());
    let (sender_text, target_text) = (ipv4_text(sender), ipv4_text(target));
    if let (&[a, b, c, d], &[e, f, g, h]) = (sender, target) {
        walk.source = Address::V4([a, b, c, d]);
        walk.destination = Address::V4([e, f, g, h]);
    }
    let sender_hw = full_mac(arp.sender_hw_addr());
    let line = match arp.operation() {
        ArpOperation::REQUEST => format!("who-has {target_text}"),
        ArpOperation::REPLY => format!("{sender_text} is-at {sender_hw}"),
        ArpOperation(other) => format!("operation {other}"),
    };
    walk.what = format!("ARP {line}");
    let len = 8 + 2 * (hw + proto);
    walk.layer(
        "ARP",
        at..at + len,
        || match arp.operation() {
            ArpOperation::REQUEST => format!("{line}, tell {sender_text}"),
            _ => line.clone(),
        },
        |f| {
            f.number("hardware type", 0..2);
            f.put("protocol type", 2..4, ether_type_value(arp.proto_addr_type().0));
            f.number("hardware size", 4..5);
            f.number("protocol size", 5..6);
            f.put("operation", 6..8, operation(arp.operation()));
            f.put("sender hardware address", 8..8 + hw, &sender_hw);
            f.put("sender protocol address", 8 + hw..8 + hw + proto, &sender_text);
            f.add("target hardware address", 8 + hw + proto..8 + 2 * hw + proto, full_mac);
            f.put("target protocol address", 8 + 2 * hw + proto..len, &target_text);
        },
    );
    walk.limit(at, len);
    Next::Done
}

fn operation(operation: ArpOperation) -> String {
    match operation {
        ArpOperation::REQUEST => "request (1)".to_string(),
        ArpOperation::REPLY => "reply (2)".to_string(),
        ArpOperation(other) => other.to_string(),
    }
}

fn ipv4_text(bytes: &[u8]) -> String {
    match bytes.try_into() {
        Ok::<[u8; 4], _>(address) => Ipv4Addr::from(address).to_string(),
        Err(_) => hex(bytes),
    }
}

fn mac(bytes: &[u8]) -> Address {
    bytes.try_into().map_or(Address::None, Address::Mac)
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// `PACKET_*` of packet(7).
fn packet_type_name(packet_type: u16) -> String {
    match packet_type {
        0 => "to us".to_string(),
        1 => "broadcast".to_string(),
        2 => "multicast".to_string(),
        3 => "to another host".to_string(),
        4 => "sent by us".to_string(),
        other => format!("packet type {other}"),
    }
}
