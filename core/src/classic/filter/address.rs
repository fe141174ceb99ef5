//! Protocols, addresses and ports: what identifies them in which header.

use std::net::Ipv6Addr;

use super::Link;
use super::graph::Question;
use super::lex::Word;
use super::meaning::{Asked, Meaning, number};
use super::names::{self, Transport};
use super::tree::{Dir, Id, Kind, Proto, Qualifiers};
use crate::classic::Cond;
use crate::isa::Size;

/// Protocols that a packet of IP, version 4 or 6, carries: the keyword, the number, and with which versions.
const CARRIED: &[(&str, u32, &[&str])] = &[
    ("tcp", number::TCP, &["ip", "ip6"]),
    ("udp", number::UDP, &["ip", "ip6"]),
    ("sctp", number::SCTP, &["ip", "ip6"]),
    ("pim", 103, &["ip", "ip6"]),
    ("ah", 51, &["ip", "ip6"]),
    ("esp", 50, &["ip", "ip6"]),
    ("icmp", 1, &["ip"]),
    ("igmp", 2, &["ip"]),
    ("igrp", 9, &["ip"]),
    ("vrrp", 112, &["ip"]),
    ("carp", 112, &["ip"]),
    ("icmp6", number::ICMPV6, &["ip6"]),
];
/// Transports that have ports, in the order in which they are asked for.
const WITH_PORTS: [u32; 3] = [number::TCP, number::UDP, number::SCTP];

impl Meaning<'_> {
    /// Whether the packet is of a protocol.
    pub fn proto(&mut self, proto: &'static str) -> Asked {
        if let Some((_, number, versions)) = CARRIED.iter().find(|(name, ..)| *name == proto) {
            let each = versions.iter().map(|version| self.carries(version, *number));
            return Ok(Question::Any(each.collect::<Result<_, _>>()?));
        }
        match (proto, names::link_protocol(proto)) {
            (_, Some(number)) => self.link_type(number),
            ("ether", None) => {
                Err("`ether` alone says nothing: `ether host`, `ether proto` or `ether[…]` does".to_owned())
            }
            (proto, None) => Err(format!("`{proto}` alone says nothing")),
        }
    }

    /// Whether the packet is of that version of IP and carries that protocol.
    fn carries(&mut self, version: &str, protocol: u32) -> Asked {
        let network = self.at.network;
        if version == "ip" {
            return Ok(Question::All(vec![self.link_type(number::IP)?, self.byte_is(network + 9, protocol)?]));
        }
        let ip6 = self.link_type(number::IPV6)?;
        let direct = self.byte_is(network + 6, protocol)?;
        let fragment = vec![self.byte_is(network + 6, number::FRAGMENT)?, self.byte_is(network + 40, protocol)?];
        Ok(Question::All(vec![ip6, Question::Any(vec![direct, Question::All(fragment)])]))
    }

    /// Whether the packet has an address, a port or a protocol.
    pub fn address(&mut self, q: Qualifiers, id: &Id) -> Asked {
        match (q.kind, id) {
            (Kind::Gateway, _) => Err("`gateway` takes the name of a host, and names are not looked up".to_owned()),
            (Kind::Port | Kind::PortRange, Id::Plain(word)) => self.port(q, word),
            (Kind::Proto, Id::Plain(word)) => self.protocol(q.proto, word),
            (Kind::Port | Kind::PortRange | Kind::Proto, _) => Err("an address, where none is expected".to_owned()),
            (kind, Id::Plain(word)) => self.plain(q, kind, word),
            (kind, Id::Prefix(Word::Dotted(address, bits), len)) => {
                networks_only(kind)?;
                if *len > 32 {
                    return Err(format!("a prefix of {len} bits: the most is 32"));
                }
                self.network(q, address << (32 - bits), mask(*len))
            }
            (kind, Id::Prefix(Word::V6(address), len)) => {
                if *len > 128 {
                    return Err(format!("a prefix of {len} bits: the most is 128"));
                }
                if *len < 128 {
                    networks_only(kind)?;
                }
                self.v6(q, *address, *len)
            }
            (kind, Id::Mask(Word::Dotted(address, bits), Word::Dotted(mask, mask_bits))) => {
                networks_only(kind)?;
                self.network(q, address << (32 - bits), mask << (32 - mask_bits))
            }
            (_, Id::Prefix(..) | Id::Mask(..)) => Err("no address".to_owned()),
        }
    }

    fn network(&mut self, q: Qualifiers, address: u32, mask: u32) -> Asked {
        if address & !mask != 0 {
            return Err("the address has bits that are not of the network".to_owned());
        }
        self.v4(q, address, mask)
    }

    fn plain(&mut self, q: Qualifiers, kind: Kind, word: &Word) -> Asked {
        match word {
            Word::Dotted(address, bits) => self.v4(q, address << (32 - bits), mask(*bits)),
            // `net 10` is 10.0.0.0/8; `host 10` is 0.0.0.10.
            Word::Number(number) if kind == Kind::Net => {
                let (mut address, mut mask) = (*number, u32::MAX);
                while address != 0 && address & 0xff00_0000 == 0 {
                    (address, mask) = (address << 8, mask << 8);
                }
                self.v4(q, address, mask)
            }
            Word::Number(number) => self.v4(q, *number, u32::MAX),
            Word::V6(address) => self.v6(q, *address, 128),
            Word::Mac(mac) => {
                if q.proto != Some("ether") || kind == Kind::Net {
                    return Err("an Ethernet address takes `ether`: `ether host`, `ether src`, `ether dst`".to_owned());
                }
                self.mac(q.dir, *mac)
            }
            Word::Name(name) => Err(format!("the name `{name}` is not looked up: write the address")),
            Word::Key(_) => Err("an address is expected".to_owned()),
        }
    }

    /// Whether an IPv4 packet, or one of ARP, has an address of a network.
    fn v4(&mut self, q: Qualifiers, address: u32, mask: u32) -> Asked {
        let network = self.at.network;
        let kinds: &[(u32, u32, u32)] = match q.proto {
            // Behind labels nothing tells ARP.
            None if self.at.labels > 0 => &[(number::IP, 12, 16)],
            None => &[(number::IP, 12, 16), (number::ARP, 14, 24), (number::RARP, 14, 24)],
            Some("ip") => &[(number::IP, 12, 16)],
            Some("arp") => &[(number::ARP, 14, 24)],
            Some("rarp") => &[(number::RARP, 14, 24)],
            Some(proto) => return Err(not_of(proto, q.kind, "an IPv4 address")),
        };
        let mut any = Vec::new();
        for &(kind, src, dst) in kinds {
            let check = self.link_type(kind)?;
            let found = self.directed(q.dir, [src, dst], |meaning, at| {
                let found = meaning.load(network + at, Size::W)?;
                Ok(meaning.masked(found, mask, address))
            })?;
            any.push(Question::All(vec![check, found]));
        }
        Ok(Question::Any(any))
    }

    /// Whether an IPv6 packet has an address of a network.
    fn v6(&mut self, q: Qualifiers, address: [u8; 16], len: u32) -> Asked {
        match q.proto {
            None | Some("ip6") => {}
            Some(proto) => return Err(not_of(proto, q.kind, "an IPv6 address")),
        }
        let (network, address) = (self.at.network, u128::from(Ipv6Addr::from(address)));
        let mask = u128::MAX.checked_shl(128 - len).unwrap_or(0);
        if address & !mask != 0 {
            return Err("the address has bits that are not of the network".to_owned());
        }
        let check = self.link_type(number::IPV6)?;
        let found = self.directed(q.dir, [8, 24], |meaning, at| {
            let mut words = Vec::new();
            for word in 0..4 {
                let part = |whole: u128| (whole >> (96 - 32 * word)) as u32;
                let found = meaning.load(network + at + 4 * word, Size::W)?;
                words.push(meaning.masked(found, part(mask), part(address)));
            }
            Ok(Question::All(words))
        })?;
        Ok(Question::All(vec![check, found]))
    }

    /// Whether a frame has an Ethernet address.
    fn mac(&mut self, dir: Dir, mac: [u8; 6]) -> Asked {
        self.ethernet_only("address")?;
        self.directed(dir, [6, 0], |meaning, at| meaning.mac_is(at, mac))
    }

    /// Whether an Ethernet address is at an offset of the header: its last four bytes are asked for first.
    pub fn mac_is(&mut self, at: u32, mac: [u8; 6]) -> Asked {
        let [a, b, c, d, e, f] = mac;
        let header = self.at.header + at;
        let (low, high) = (self.load(header + 2, Size::W)?, self.load(header, Size::H)?);
        Ok(Question::All(vec![
            self.compare(Cond::Eq, low, u32::from_be_bytes([c, d, e, f])),
            self.compare(Cond::Eq, high, u32::from(u16::from_be_bytes([a, b]))),
        ]))
    }

    /// A question about source and destination.
    fn directed(&mut self, dir: Dir, [src, dst]: [u32; 2], mut ask: impl FnMut(&mut Self, u32) -> Asked) -> Asked {
        Ok(match dir {
            Dir::Src => ask(self, src)?,
            Dir::Dst => ask(self, dst)?,
            Dir::Both => Question::All(vec![ask(self, src)?, ask(self, dst)?]),
            Dir::Either => Question::Any(vec![ask(self, src)?, ask(self, dst)?]),
        })
    }

    /// Whether a packet is of a protocol by number or name, as in `ip proto 6`.
    fn protocol(&mut self, proto: Proto, word: &Word) -> Asked {
        let named = |look: fn(&str) -> Option<u32>| match word {
            Word::Number(number) => Ok(*number),
            Word::Name(name) => look(name).ok_or_else(|| format!("no protocol `{name}` is known")),
            _ => Err("the number or the name of a protocol is expected".to_owned()),
        };
        match proto {
            None | Some("ip" | "ip6") => {
                let protocol = named(names::ip_protocol)?;
                let versions: &[&str] = match proto {
                    Some("ip") => &["ip"],
                    Some(_) => &["ip6"],
                    None => &["ip", "ip6"],
                };
                let each = versions.iter().map(|version| self.carries(version, protocol));
                Ok(Question::Any(each.collect::<Result<_, _>>()?))
            }
            Some("ether") => {
                let protocol = named(names::link_protocol)?;
                self.link_type(protocol)
            }
            Some(proto) => Err(format!("`{proto} proto`: only `ether`, `ip` and `ip6` say what they carry")),
        }
    }

    /// Whether a packet has a port, or one of a range.
    fn port(&mut self, q: Qualifiers, word: &Word) -> Asked {
        let asked = match q.proto {
            None => Transport::Any,
            Some("tcp") => Transport::Tcp,
            Some("udp") => Transport::Udp,
            Some("sctp") => return self.ports(q.dir, &[number::SCTP], named_port(word, q.kind)?.0),
            Some(proto) => return Err(not_of(proto, q.kind, "a port")),
        };
        let (range, named) = named_port(word, q.kind)?;
        let transport = match (asked, named) {
            (asked, Transport::Any) => asked,
            (Transport::Any, named) => named,
            (asked, named) if asked == named => asked,
            (_, Transport::Tcp) => return Err("the port of that name is of tcp".to_owned()),
            (..) => return Err("the port of that name is of udp".to_owned()),
        };
        let transports: &[u32] = match transport {
            Transport::Tcp => &[number::TCP],
            Transport::Udp => &[number::UDP],
            Transport::Any => &WITH_PORTS,
        };
        self.ports(q.dir, transports, range)
    }

    fn ports(&mut self, dir: Dir, transports: &[u32], (first, last): (u32, u32)) -> Asked {
        let network = self.at.network;
        let in_range = |meaning: &mut Self, port| {
            if first == last {
                return meaning.compare(Cond::Eq, port, first);
            }
            let above = meaning.compare(Cond::Gt, port, last);
            Question::All(vec![meaning.compare(Cond::Ge, port, first), Question::Not(Box::new(above))])
        };
        let mut versions = Vec::new();
        for (version, protocol_at) in [(number::IPV6, 6), (number::IP, 9)] {
            let mut checks = vec![self.link_type(version)?];
            let each = transports.iter().map(|transport| self.byte_is(network + protocol_at, *transport));
            checks.push(Question::Any(each.collect::<Result<_, _>>()?));
            if version == number::IP {
                checks.push(self.no_fragment()?);
            }
            checks.push(self.directed(dir, [0, 2], |meaning, at| {
                let port = match version {
                    number::IP => meaning.behind_header(at, Size::H)?,
                    _ => meaning.load(network + 40 + at, Size::H)?,
                };
                Ok(in_range(meaning, port))
            })?);
            versions.push(Question::All(checks));
        }
        Ok(Question::Any(versions))
    }

    /// Whether the link layer says that this follows.
    pub fn link_type(&mut self, kind: u32) -> Asked {
        let (at, network) = (self.at.kind, self.at.network);
        if self.at.labels > 0 {
            return self.labelled(kind);
        }
        if self.at.ppp {
            let found = self.load(at, Size::H)?;
            return Ok(self.compare(Cond::Eq, found, ppp_type(kind)));
        }
        if let Some(found) = self.type_beside() {
            return Ok(if matches!(kind, number::IP | number::IPV6) {
                self.compare(Cond::Eq, found, kind)
            } else {
                Question::Never
            });
        }
        if self.is_tag_instead(kind) {
            return Ok(Question::Never);
        }
        match (self.link, kind) {
            (Link::Ethernet | Link::LinuxSll, kind) if kind <= number::MAX_LENGTH || is_snap(kind) => {
                self.llc_type(kind)
            }
            (Link::Ethernet | Link::LinuxSll | Link::LinuxSll2, _) => {
                let found = self.load(at, Size::H)?;
                Ok(self.compare(Cond::Eq, found, kind))
            }
            (Link::Raw, number::IP | number::IPV6) => {
                let found = self.load(network, Size::B)?;
                Ok(self.masked(found, 0xf0, if kind == number::IP { 0x40 } else { 0x60 }))
            }
            (Link::Ipv4, number::IP) | (Link::Ipv6, number::IPV6) => Ok(Question::Always),
            (Link::Null | Link::Loop, number::IP | number::IPV6) => {
                let found = self.load(0, Size::W)?;
                // IPv6 has another number on each system.
                let families: &[u32] = if kind == number::IP { &[2] } else { &[24, 28, 30] };
                let order = |family: u32| if self.link == Link::Null { family.swap_bytes() } else { family };
                let families: Vec<u32> = families.iter().map(|family| order(*family)).collect();
                Ok(Question::Any(families.into_iter().map(|family| self.compare(Cond::Eq, found, family)).collect()))
            }
            _ => Ok(Question::Never),
        }
    }

    /// Behind MPLS labels nothing says what follows: the IP version does.
    fn labelled(&mut self, kind: u32) -> Asked {
        let version = match kind {
            number::IP => 0x40,
            number::IPV6 => 0x60,
            _ => return Err("behind MPLS labels only `ip` and `ip6` are told apart".to_owned()),
        };
        let last_label = self.load(self.at.network - 2, Size::B)?;
        let last = self.masked(last_label, 1, 1);
        let found = self.load(self.at.network, Size::B)?;
        Ok(Question::All(vec![last, self.masked(found, 0xf0, version)]))
    }

    /// Whether it is an 802.2 frame.
    pub fn llc(&mut self) -> Asked {
        self.ethernet_only("`llc`")?;
        let found = self.load(self.at.network, Size::H)?;
        let novell = self.compare(Cond::Eq, found, 0xffff);
        Ok(Question::All(vec![self.is_802_2()?, Question::Not(Box::new(novell))]))
    }

    /// Whether the frame's type is a length, or what stands for that in a cooked header.
    fn is_802_2(&mut self) -> Asked {
        let found = self.load(self.at.kind, Size::H)?;
        Ok(match self.link {
            Link::LinuxSll => self.compare(Cond::Eq, found, 4),
            _ => Question::Not(Box::new(self.compare(Cond::Gt, found, number::MAX_LENGTH))),
        })
    }

    /// Whether an 802.2 header says that this follows: by a service access point, by SNAP, and where it may by its
    /// EtherType.
    fn llc_type(&mut self, kind: u32) -> Asked {
        let (at, header) = (self.at.kind, self.at.network);
        let (byte, pair) = (self.load(header, Size::B)?, self.load(header, Size::H)?);
        let by_type = |meaning: &mut Self, kind| {
            let found = meaning.load(at, Size::H)?;
            Ok::<_, String>(meaning.compare(Cond::Eq, found, kind))
        };
        match kind {
            // Both service access points are the same.
            0xfe | 0x06 | 0xf0 => {
                Ok(Question::All(vec![self.is_802_2()?, self.compare(Cond::Eq, pair, kind << 8 | kind)]))
            }
            0xe0 => {
                let direct = by_type(self, number::IPX)?;
                let sap = self.compare(Cond::Eq, byte, 0xe0);
                let novell = self.compare(Cond::Eq, pair, 0xffff);
                let snap = self.snap(0, number::IPX)?;
                let framed = match self.link {
                    Link::LinuxSll => {
                        // Novell's frames have a type of their own there.
                        let raw = by_type(self, 1)?;
                        Question::Any(vec![raw, Question::All(vec![self.is_802_2()?, Question::Any(vec![snap, sap])])])
                    }
                    _ => Question::All(vec![self.is_802_2()?, Question::Any(vec![snap, sap, novell])]),
                };
                Ok(Question::Any(vec![direct, framed]))
            }
            number::ATALK | number::AARP => {
                let direct = by_type(self, kind)?;
                let snap = self.snap(if kind == number::ATALK { 0x08_0007 } else { 0 }, kind)?;
                Ok(Question::Any(vec![direct, Question::All(vec![self.is_802_2()?, snap])]))
            }
            _ => Ok(Question::All(vec![self.is_802_2()?, self.compare(Cond::Eq, byte, kind)])),
        }
    }

    /// Whether a SNAP header has that organisation and type.
    fn snap(&mut self, organisation: u32, kind: u32) -> Asked {
        let header = self.at.network;
        let (low, high) = (self.load(header + 4, Size::W)?, self.load(header, Size::W)?);
        Ok(Question::All(vec![
            self.compare(Cond::Eq, low, (organisation & 0xffff) << 16 | kind),
            self.compare(Cond::Eq, high, 0xaaaa_0300 | organisation >> 16),
        ]))
    }
}

/// Whether frames of that EtherType may have it in a SNAP header.
fn is_snap(kind: u32) -> bool {
    matches!(kind, number::ATALK | number::AARP)
}

/// The PPP protocol number of an EtherType (<https://www.iana.org/assignments/ppp-numbers>).
fn ppp_type(kind: u32) -> u32 {
    match kind {
        number::IP => 0x21,
        number::IPV6 => 0x57,
        0x6003 => 0x27,
        number::ATALK => 0x29,
        0x0600 => 0x25,
        0xfe => 0x23,
        0x42 => 0x31,
        0xe0 => 0x2b,
        number::MPLS => 0x281,
        kind => kind,
    }
}

fn mask(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits).unwrap_or(0)
}

fn networks_only(kind: Kind) -> Result<(), String> {
    if kind == Kind::Net { Ok(()) } else { Err("a prefix or mask is of a network: `net`".to_owned()) }
}

/// Why an address cannot be of that protocol.
fn not_of(proto: &str, kind: Kind, what: &str) -> String {
    let word = match kind {
        Kind::Net => "net",
        Kind::Port => "port",
        Kind::PortRange => "portrange",
        _ => "host",
    };
    match proto {
        "ether" => format!("`ether` goes with Ethernet addresses; this is {what}"),
        proto => format!("`{proto} {word}`: {what} is not of `{proto}`"),
    }
}

/// The ports that a number, a name or a range of them stands for, and of which transports.
fn named_port(word: &Word, kind: Kind) -> Result<((u32, u32), Transport), String> {
    let one = |port: u32| match port {
        0..=0xffff => Ok(port),
        _ => Err(format!("port {port}: the most is 65535")),
    };
    let name = match word {
        Word::Number(port) => return Ok(((one(*port)?, *port), Transport::Any)),
        Word::Name(name) => name,
        _ => return Err("the number or the name of a port is expected".to_owned()),
    };
    let part = |part: &str| match part.parse::<u32>() {
        Ok(port) => Ok((one(port)?, Transport::Any)),
        Err(_) => match names::port(part) {
            Some((port, transport)) => Ok((u32::from(port), transport)),
            None => Err(format!("no port `{part}` is known: write its number")),
        },
    };
    let Some((first, last)) = name.split_once('-').filter(|_| kind == Kind::PortRange) else {
        let (port, transport) = part(name)?;
        return Ok(((port, port), transport));
    };
    let ((first, a), (last, b)) = (part(first)?, part(last)?);
    Ok(((first.min(last), first.max(last)), if a == b { a } else { Transport::Any }))
}
