//! Addresses and networks: in which header they are looked for.

use std::net::Ipv6Addr;

use super::graph::Question;
use super::lex::Word;
use super::meaning::{Asked, Meaning, number};
use super::names;
use super::tree::{Dir, Id, Kind, Qualifiers};
use crate::classic::Cond;
use crate::isa::Size;

/// DECnet's headers, short and long, each without and with a byte of padding before it: whether it has that, which bits of the
/// first bytes have to be which, and the offsets of source and destination.
const DECNET_HEADERS: &[(bool, u32, u32, [u32; 2])] = &[
    (false, 0x07, 0x02, [5, 3]),
    (true, 0xff07, 0x8102, [6, 4]),
    (false, 0x07, 0x06, [17, 9]),
    (true, 0xff07, 0x8106, [18, 10]),
];

impl Meaning<'_> {
    /// Whether the packet has an address, a port or a protocol.
    pub fn address(&mut self, q: Qualifiers, id: &Id) -> Asked {
        match (q.kind, id) {
            (Kind::Gateway, _) => Err("`gateway` takes the name of a host, and names are not looked up".to_owned()),
            (Kind::Port | Kind::PortRange, Id::Plain(word)) => self.port(q, word),
            (Kind::Proto, Id::Plain(word)) => self.protocol(q.proto, word),
            (Kind::ProtoChain, Id::Plain(word)) => self.protochain(q.proto, word),
            (Kind::Port | Kind::PortRange | Kind::Proto | Kind::ProtoChain, _) => {
                Err("an address, where none is expected".to_owned())
            }
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
        if q.proto == Some("decnet") {
            return self.decnet(q.dir, word);
        }
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
            Word::Name(name) if name.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                Err(format!("`{name}` is no IPv4 address: its numbers are up to 255"))
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
        let found = self.directed(dir, [6, 0], |meaning, at| meaning.mac_is(at, mac))?;
        self.with_header(found)
    }

    /// Whether an Ethernet address is at an offset of the link-layer header: its last four bytes are asked for first.
    pub fn mac_is(&mut self, at: u32, mac: [u8; 6]) -> Asked {
        let [a, b, c, d, e, f] = mac;
        let header = self.at.header + at;
        let (low, high) = (self.load(header + 2, Size::W)?, self.load(header, Size::H)?);
        Ok(Question::All(vec![
            self.compare(Cond::Eq, low, u32::from_be_bytes([c, d, e, f])),
            self.compare(Cond::Eq, high, u32::from(u16::from_be_bytes([a, b]))),
        ]))
    }

    /// Whether a DECnet packet has an address, in whichever of its four forms of header.
    fn decnet(&mut self, dir: Dir, word: &Word) -> Asked {
        let address = match word {
            // Area and node: numbers after them are not looked at.
            Word::Dotted(address, bits) => {
                let [area, node, ..] = (address << (32 - bits)).to_be_bytes();
                u32::from(area) << 10 | u32::from(node)
            }
            Word::Name(name) => names::decnet(name).ok_or_else(|| format!("`{name}` is no DECnet address"))?,
            Word::Number(number) => *number,
            _ => return Err("a DECnet address such as 10.123 is expected".to_owned()),
        };
        // It is in the other byte order there.
        let address = u32::from((address as u16).swap_bytes());
        let network = self.at.network;
        let check = self.link_type(number::DECNET)?;
        // Bits of the flags, behind the length and perhaps padding; then where source and destination are.
        let found = self.directed(dir, [0, 1], |meaning, which| {
            let mut forms = Vec::new();
            for (padded, mask, flags, places) in DECNET_HEADERS {
                let at = if *padded { Size::H } else { Size::B };
                let found = meaning.load(network + 2, at)?;
                let flagged = meaning.masked(found, *mask, *flags);
                let found = meaning.load(network + places[which as usize], Size::H)?;
                forms.push(Question::All(vec![flagged, meaning.compare(Cond::Eq, found, address)]));
            }
            Ok(Question::Any(forms))
        })?;
        Ok(Question::All(vec![check, found]))
    }

    /// A question about source and destination.
    pub fn directed(&mut self, dir: Dir, [src, dst]: [u32; 2], mut ask: impl FnMut(&mut Self, u32) -> Asked) -> Asked {
        Ok(match dir {
            Dir::Src => ask(self, src)?,
            Dir::Dst => ask(self, dst)?,
            Dir::Both => Question::All(vec![ask(self, src)?, ask(self, dst)?]),
            Dir::Either => Question::Any(vec![ask(self, src)?, ask(self, dst)?]),
        })
    }
}

fn mask(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits).unwrap_or(0)
}

fn networks_only(kind: Kind) -> Result<(), String> {
    if kind == Kind::Net { Ok(()) } else { Err("a prefix or mask is of a network: `net`".to_owned()) }
}

/// Why an address cannot be of that protocol.
pub(super) fn not_of(proto: &str, kind: Kind, what: &str) -> String {
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
