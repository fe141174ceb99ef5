//! Protocols: by keyword and by number, in IP, in the link layer and in ISO's.

use super::graph::Question;
use super::lex::Word;
use super::meaning::{Asked, Meaning, number};
use super::names;
use super::tree::Proto;

/// PDUs of IS-IS by keyword, and their types.
const ISIS_PDUS: &[(&str, &[u32])] = &[
    ("l1", &[0x1a, 0x18, 0x12, 0x0f, 0x11]),
    ("l2", &[0x1b, 0x19, 0x14, 0x10, 0x11]),
    ("iih", &[0x11, 0x0f, 0x10]),
    ("lsp", &[0x12, 0x14]),
    ("snp", &[0x1b, 0x1a, 0x18, 0x19]),
    ("csnp", &[0x18, 0x19]),
    ("psnp", &[0x1a, 0x1b]),
];
/// Where the type is in the header of IS-IS.
const ISIS_TYPE: u32 = 4;
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

impl Meaning<'_> {
    /// Whether the packet is of a protocol.
    pub fn proto(&mut self, proto: &'static str) -> Asked {
        if let Some((_, number, versions)) = CARRIED.iter().find(|(name, ..)| *name == proto) {
            let each = versions.iter().map(|version| self.carries(version, *number));
            return Ok(Question::Any(each.collect::<Result<_, _>>()?));
        }
        if let Some(number) = names::iso_protocol(proto) {
            return self.iso(number);
        }
        if let Some((_, kinds)) = ISIS_PDUS.iter().find(|(name, _)| *name == proto) {
            return self.isis(kinds);
        }
        match (proto, names::link_protocol(proto)) {
            (_, Some(number)) => self.link_type(number),
            ("ether", None) => {
                Err("`ether` alone says nothing: `ether host`, `ether proto` or `ether[…]` does".to_owned())
            }
            (proto, None) => Err(format!("`{proto}` alone says nothing")),
        }
    }

    /// Whether an ISO packet is of a protocol.
    fn iso(&mut self, protocol: u32) -> Asked {
        let check = self.link_type(number::ISO)?;
        Ok(Question::All(vec![check, self.byte_is(self.at.network + self.at.behind_llc, protocol)?]))
    }

    /// Whether it is a PDU of IS-IS of one of these types.
    fn isis(&mut self, kinds: &[u32]) -> Asked {
        let isis = names::iso_protocol("isis").expect("it is one of the names");
        let check = self.iso(isis)?;
        let at = self.at.network + (self.at.behind_llc + ISIS_TYPE);
        let each = kinds.iter().map(|kind| self.byte_is(at, *kind)).collect::<Result<_, _>>()?;
        Ok(Question::All(vec![check, Question::Any(each)]))
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

    /// Whether a packet is of a protocol by number or name, as in `ip proto 6`.
    pub fn protocol(&mut self, proto: Proto, word: &Word) -> Asked {
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
            Some("iso") => {
                let protocol = named(names::iso_protocol)?;
                self.iso(protocol)
            }
            Some("isis") => {
                let kind = named(|_| None)?;
                self.isis(&[kind])
            }
            Some(proto) => {
                Err(format!("`{proto} proto`: only `ether`, `ip`, `ip6`, `iso` and `isis` say what they carry"))
            }
        }
    }
}
