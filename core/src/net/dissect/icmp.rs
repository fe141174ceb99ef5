//! ICMP and ICMPv6, with neighbour discovery.

use std::net::Ipv6Addr;

use etherparse::checksum::Sum16BitWords;
use etherparse::{Icmpv4Slice, Icmpv6Slice};

use super::ip::checksum_value;
use super::{Address, Fields, Next, Walk, full_mac, hex};

/// ICMP types: IANA "ICMP Type Numbers".
fn icmp_name(kind: u8, code: u8) -> String {
    let name = match (kind, code) {
        (0, _) => "echo reply",
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "fragmentation needed",
        (3, _) => "destination unreachable",
        (4, _) => "source quench",
        (5, _) => "redirect",
        (8, _) => "echo request",
        (9, _) => "router advertisement",
        (10, _) => "router solicitation",
        (11, 0) => "TTL exceeded",
        (11, _) => "reassembly time exceeded",
        (12, _) => "parameter problem",
        (13, _) => "timestamp request",
        (14, _) => "timestamp reply",
        _ => return format!("type {kind} code {code}"),
    };
    name.to_string()
}

/// ICMPv6 types: IANA "ICMPv6 type Numbers".
fn icmpv6_name(kind: u8, code: u8) -> String {
    let name = match (kind, code) {
        (1, 0) => "no route to destination",
        (1, 3) => "address unreachable",
        (1, 4) => "port unreachable",
        (1, _) => "destination unreachable",
        (2, _) => "packet too big",
        (3, 0) => "hop limit exceeded",
        (3, _) => "reassembly time exceeded",
        (4, _) => "parameter problem",
        (128, _) => "echo request",
        (129, _) => "echo reply",
        (130, _) => "MLD query",
        (131, _) | (143, _) => "MLD report",
        (132, _) => "MLD done",
        (133, _) => "ND router solicitation",
        (134, _) => "ND router advertisement",
        (135, _) => "ND neighbor solicitation",
        (136, _) => "ND neighbor advertisement",
        (137, _) => "ND redirect",
        _ => return format!("type {kind} code {code}"),
    };
    name.to_string()
}

/// ICMP, RFC 792.
pub(super) fn icmp(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let icmp = match Icmpv4Slice::from_slice(bytes) {
        Ok(icmp) => icmp,
        Err(e) => return walk.cut("ICMP", at, e.required_len),
    };
    let (kind, code) = (icmp.type_u8(), icmp.code_u8());
    let name = icmp_name(kind, code);
    walk.what = format!("ICMP {name}");
    let echo = matches!(kind, 0 | 8);
    let complete = walk.missing == 0;
    let parts = icmp.bytes5to8();
    walk.layer(
        "ICMP",
        at..at + 8,
        || {
            if echo { echo_info(&name, parts) } else { name.clone() }
        },
        |f| {
            f.put("type", 0..1, format_args!("{name} ({kind})"));
            f.put("code", 1..2, code);
            let sum = Sum16BitWords::new().add_slice(&bytes[..2]).add_slice(&bytes[4..]);
            f.put("checksum", 2..4, checked(icmp.checksum(), sum, complete));
            body_fields(f, echo, "rest of header", parts);
        },
    );
    Next::Data(at + 8)
}

/// ICMPv6, RFC 4443; neighbour discovery, RFC 4861.
pub(super) fn icmpv6(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let icmp = match Icmpv6Slice::from_slice(bytes) {
        Ok(icmp) => icmp,
        Err(e) => return walk.cut("ICMPv6", at, e.required_len),
    };
    let (kind, code) = (icmp.type_u8(), icmp.code_u8());
    let name = icmpv6_name(kind, code);
    let target = match kind {
        135 | 136 => bytes.get(8..24).and_then(|b| <[u8; 16]>::try_from(b).ok()).map(Ipv6Addr::from),
        _ => None,
    };
    walk.what = match target {
        Some(target) if kind == 135 => format!("ICMPv6 ND who-has {target}"),
        Some(target) => format!("ICMPv6 ND {target} is here"),
        None => format!("ICMPv6 {name}"),
    };
    let echo = matches!(kind, 128 | 129);
    let complete = walk.missing == 0;
    let addresses = (walk.source, walk.destination);
    let parts = icmp.bytes5to8();
    let discovery = discovery_options(kind).filter(|from| *from <= bytes.len());
    let header_len = if discovery.is_some() { bytes.len() } else { 8 };
    walk.layer(
        "ICMPv6",
        at..at + header_len,
        || match target {
            Some(target) => format!("{name}, target {target}"),
            None if echo => echo_info(&name, parts),
            None => name.clone(),
        },
        |f| {
            f.put("type", 0..1, format_args!("{name} ({kind})"));
            f.put("code", 1..2, code);
            let sum = pseudo_header(addresses, 58, bytes.len()).add_slice(&bytes[..2]).add_slice(&bytes[4..]);
            f.put("checksum", 2..4, checked(icmp.checksum(), sum, complete));
            body_fields(f, echo, if kind == 136 { "flags" } else { "rest of header" }, parts);
            if let Some(target) = target {
                f.put("target", 8..24, target);
            }
            if let Some(from) = discovery {
                option_fields(f, bytes, from);
            }
        },
    );
    match discovery {
        Some(_) => Next::Done,
        None => Next::Data(at + 8),
    }
}

/// Where the options of a neighbour discovery message start; `None` for other messages.
fn discovery_options(kind: u8) -> Option<usize> {
    match kind {
        133 => Some(8),
        134 => Some(16),
        135 | 136 => Some(24),
        137 => Some(40),
        _ => None,
    }
}

/// The options of neighbour discovery: type, length in 8-byte units, content (RFC 4861 section 4.6).
fn option_fields(f: &mut Fields<'_>, bytes: &[u8], from: usize) {
    let mut at = from;
    while let Some(&[kind, units]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let len = 8 * usize::from(units);
        if len == 0 || at + len > bytes.len() {
            return;
        }
        match kind {
            1 => f.add("source link-layer address", at..at + len, |b| full_mac(&b[2..])),
            2 => f.add("target link-layer address", at..at + len, |b| full_mac(&b[2..])),
            3 => f.add("prefix information", at..at + len, hex),
            5 => f.add("MTU option", at..at + len, hex),
            _ => f.add("option", at..at + len, |b| format!("{kind}: {}", hex(b))),
        }
        at += len;
    }
}

fn echo_info(name: &str, [a, b, c, d]: [u8; 4]) -> String {
    let (id, sequence) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    format!("{name}, id {id}, sequence {sequence}")
}

fn body_fields(f: &mut Fields<'_>, echo: bool, name: &'static str, parts: [u8; 4]) {
    if echo {
        f.number("identifier", 4..6);
        f.number("sequence number", 6..8);
    } else {
        f.put(name, 4..8, hex(&parts));
    }
}

/// The sum over the pseudo header of RFC 8200 section 8.1 or RFC 9293 section 3.1.
pub(super) fn pseudo_header(addresses: (Address, Address), protocol: u8, len: usize) -> Sum16BitWords {
    let sum = match addresses {
        (Address::V4(source), Address::V4(destination)) => {
            Sum16BitWords::new().add_slice(&source).add_slice(&destination)
        }
        (Address::V6(source), Address::V6(destination)) => {
            Sum16BitWords::new().add_slice(&source).add_slice(&destination)
        }
        _ => Sum16BitWords::new(),
    };
    let len = (len as u32).to_be_bytes();
    sum.add_slice(&len).add_slice(&[0, protocol])
}

/// The checksum with whether it is right; not known if bytes that it covers were not captured.
pub(super) fn checked(got: u16, sum: Sum16BitWords, complete: bool) -> String {
    match complete {
        true => checksum_value(got, sum.ones_complement().to_be()),
        false => format!("{got:#06x} (not checked: the packet is truncated)"),
    }
}
