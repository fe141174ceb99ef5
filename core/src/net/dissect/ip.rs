//! IPv4, IPv6 and its extension headers.

use etherparse::checksum::Sum16BitWords;
use etherparse::{
    IpAuthHeaderSlice, IpNumber, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice,
};

use super::{Address, Next, Walk, bits, hex, icmp, transport};
use crate::net::link::LinkType;

/// `UDP`, or the number of a protocol without a short name.
fn protocol_name(protocol: u8) -> String {
    match (protocol, IpNumber(protocol).keyword_str()) {
        (58, _) => "ICMPv6".to_string(),
        (_, Some(name)) => name.to_string(),
        (_, None) => format!("protocol {protocol}"),
    }
}

/// `UDP (17)`.
fn protocol_value(protocol: u8) -> String {
    match IpNumber(protocol).keyword_str() {
        Some(_) => format!("{} ({protocol})", protocol_name(protocol)),
        None => protocol.to_string(),
    }
}

/// What follows an IP header.
pub(super) fn protocol(walk: &mut Walk<'_>, protocol: u8, at: usize) -> Next {
    match protocol {
        0 | 43 | 60 | 135 | 139 | 140 => extension(walk, protocol, at),
        44 => fragment(walk, at),
        51 => authentication(walk, at),
        1 => icmp::icmp(walk, at),
        4 => ipv4(walk, at),
        6 => transport::tcp(walk, at),
        17 => transport::udp(walk, at),
        41 => ipv6(walk, at),
        47 => transport::gre(walk, at),
        58 => icmp::icmpv6(walk, at),
        59 => {
            walk.what = "IPv6 without payload".to_string();
            Next::Data(at)
        }
        143 => Next::Link(LinkType::Ethernet, at),
        _ => {
            walk.what = protocol_name(protocol);
            Next::Data(at)
        }
    }
}

/// IPv4, RFC 791.
pub(super) fn ipv4(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    if bytes.len() < 20 {
        return walk.cut("IPv4", at, 20);
    }
    // Options that are cut off read as zeros (end of options), and are not shown.
    let mut padded = [0; 60];
    let known = bytes.len().min(60);
    padded[..known].copy_from_slice(&bytes[..known]);
    let header = match Ipv4HeaderSlice::from_slice(&padded) {
        Ok(header) => header,
        Err(e) => return walk.invalid("IPv4", at, e),
    };
    let len = header.slice().len();
    let protocol = header.protocol().0;
    walk.source = Address::V4(header.source());
    walk.destination = Address::V4(header.destination());
    walk.layer(
        "IPv4",
        at..at + len,
        || format!("{} → {}, ttl {}", header.source_addr(), header.destination_addr(), header.ttl()),
        |f| {
            f.put("version", 0..1, header.version());
            f.put("header length", 0..1, format_args!("{len} bytes ({})", header.ihl()));
            f.put("DSCP", 1..2, header.dcp().value());
            f.put("ECN", 1..2, header.ecn().value());
            f.put("total length", 2..4, header.total_len());
            f.put("identification", 4..6, format_args!("{:#06x}", header.identification()));
            let flags = [(header.dont_fragment(), "DF"), (header.more_fragments(), "MF")];
            f.put("flags", 6..7, bits(&flags));
            f.put("fragment offset", 6..8, u32::from(header.fragments_offset().value()) * 8);
            f.put("TTL", 8..9, header.ttl());
            f.put("protocol", 9..10, protocol_value(protocol));
            if bytes.len() >= len {
                f.put("checksum", 10..12, header_checksum(&bytes[..len]));
            } else {
                f.put("checksum", 10..12, format_args!("{:#06x}", header.header_checksum()));
            }
            f.put("source", 12..16, header.source_addr());
            f.put("destination", 16..20, header.destination_addr());
            if len > 20 {
                f.add("options", 20..len, hex);
            }
        },
    );
    if bytes.len() < len {
        walk.what = format!("{} truncated", protocol_name(protocol));
        return Next::Done;
    }
    // A total length of 0 is a packet that segmentation offload made larger than 65535 bytes.
    if header.total_len() != 0 {
        walk.limit(at, usize::from(header.total_len()).max(len));
    }
    let offset = u32::from(header.fragments_offset().value()) * 8;
    if offset != 0 || header.more_fragments() {
        walk.what = format!("{} fragment at {offset}", protocol_name(protocol));
        return Next::Data(at + len);
    }
    Next::Protocol(protocol, at + len)
}

/// `0x1c46 (correct)`, for an IPv4 header.
fn header_checksum(header: &[u8]) -> String {
    let got = u16::from_be_bytes([header[10], header[11]]);
    let sum = Sum16BitWords::new().add_slice(&header[..10]).add_slice(&header[12..]);
    checksum_value(got, sum.ones_complement().to_be())
}

/// `0x1c46 (correct)` or `0x1c46 (wrong, should be 0x1c47)`.
pub(super) fn checksum_value(got: u16, want: u16) -> String {
    // 0x0000 and 0xffff are the same number in one's complement.
    if got == want || (got == 0xffff && want == 0) {
        format!("{got:#06x} (correct)")
    } else {
        format!("{got:#06x} (wrong, should be {want:#06x})")
    }
}

/// IPv6, RFC 8200.
pub(super) fn ipv6(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    if bytes.len() < 40 {
        return walk.cut("IPv6", at, 40);
    }
    let header = match Ipv6HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        Err(e) => return walk.invalid("IPv6", at, e),
    };
    walk.source = Address::V6(header.source());
    walk.destination = Address::V6(header.destination());
    let next = header.next_header().0;
    walk.layer(
        "IPv6",
        at..at + 40,
        || {
            let (source, destination) = (header.source_addr(), header.destination_addr());
            format!("{source} → {destination}, hop limit {}", header.hop_limit())
        },
        |f| {
            f.put("version", 0..1, header.version());
            f.put("DSCP", 0..2, header.dscp().value());
            f.put("ECN", 1..2, header.ecn().value());
            f.put("flow label", 1..4, format_args!("{:#07x}", header.flow_label().value()));
            f.put("payload length", 4..6, header.payload_length());
            f.put("next header", 6..7, protocol_value(next));
            f.put("hop limit", 7..8, header.hop_limit());
            f.put("source", 8..24, header.source_addr());
            f.put("destination", 24..40, header.destination_addr());
        },
    );
    // A payload length of 0 is a jumbogram, or a packet that offload made larger.
    if header.payload_length() != 0 {
        walk.limit(at + 40, header.payload_length().into());
    }
    Next::Protocol(next, at + 40)
}

const EXTENSION: &str = "IPv6 extension";

fn extension_name(protocol: u8) -> &'static str {
    match protocol {
        0 => "hop-by-hop options",
        43 => "routing",
        60 => "destination options",
        135 => "mobility",
        139 => "host identity",
        _ => "shim6",
    }
}

/// The extension headers that share one shape: next header, length in 8-byte units, content.
fn extension(walk: &mut Walk<'_>, protocol: u8, at: usize) -> Next {
    let bytes = walk.rest(at);
    let Ok(header) = Ipv6RawExtHeaderSlice::from_slice(bytes) else {
        let need = bytes.get(1).map_or(8, |units| 8 + 8 * usize::from(*units));
        return walk.cut(EXTENSION, at, need);
    };
    let len = header.slice().len();
    let next = header.next_header().0;
    walk.layer(
        EXTENSION,
        at..at + len,
        || extension_name(protocol).to_string(),
        |f| {
            f.put("next header", 0..1, protocol_value(next));
            f.put("length", 1..2, format_args!("{len} bytes ({})", bytes[1]));
            f.add("content", 2..len, hex);
        },
    );
    Next::Protocol(next, at + len)
}

fn fragment(walk: &mut Walk<'_>, at: usize) -> Next {
    let Ok(header) = Ipv6FragmentHeaderSlice::from_slice(walk.rest(at)) else {
        return walk.cut(EXTENSION, at, 8);
    };
    let next = header.next_header().0;
    let offset = u32::from(header.fragment_offset().value()) * 8;
    walk.layer(
        EXTENSION,
        at..at + 8,
        || format!("fragment at {offset}"),
        |f| {
            f.put("next header", 0..1, protocol_value(next));
            f.put("fragment offset", 2..4, offset);
            f.put("flags", 3..4, bits(&[(header.more_fragments(), "MF")]));
            f.put("identification", 4..8, format_args!("{:#010x}", header.identification()));
        },
    );
    if header.is_fragmenting_payload() {
        walk.what = format!("{} fragment at {offset}", protocol_name(next));
        return Next::Data(at + 8);
    }
    Next::Protocol(next, at + 8)
}

/// The authentication header, RFC 4302.
fn authentication(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let Ok(header) = IpAuthHeaderSlice::from_slice(bytes) else {
        let need = bytes.get(1).map_or(12, |units| 8 + 4 * usize::from(*units));
        return walk.cut("AH", at, need.max(12));
    };
    let len = header.slice().len();
    let next = header.next_header().0;
    walk.layer(
        "AH",
        at..at + len,
        || format!("spi {:#x}, {}", header.spi(), protocol_name(next)),
        |f| {
            f.put("next header", 0..1, protocol_value(next));
            f.put("length", 1..2, format_args!("{len} bytes"));
            f.put("SPI", 4..8, format_args!("{:#010x}", header.spi()));
            f.put("sequence number", 8..12, header.sequence_number());
            f.add("integrity check value", 12..len, hex);
        },
    );
    Next::Protocol(next, at + len)
}
