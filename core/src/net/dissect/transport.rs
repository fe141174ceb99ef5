//! UDP, TCP, and the tunnels VXLAN and GRE.

use etherparse::{TcpHeaderSlice, TcpOptionElement, UdpHeaderSlice};

use super::icmp::{checked, pseudo_header};
use super::ip::checksum_value;
use super::{Fields, Next, Walk, be16, bits, dns, hex, http, link};
use crate::net::link::LinkType;

/// UDP, RFC 768.
pub(super) fn udp(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let Ok(header) = UdpHeaderSlice::from_slice(bytes) else {
        return walk.cut("UDP", at, 8);
    };
    let (source, destination) = (header.source_port(), header.destination_port());
    // A length of 0 is a datagram that offload made larger than 65535 bytes.
    let len = match header.length() {
        0 => bytes.len(),
        len => usize::from(len).max(8),
    };
    if len > bytes.len() {
        walk.missing = walk.missing.max(len - bytes.len());
    } else {
        walk.limit(at, len);
    }
    let (addresses, complete) = ((walk.source, walk.destination), walk.missing == 0);
    walk.layer(
        "UDP",
        at..at + 8,
        || format!("{source} → {destination}"),
        |f| {
            f.put("source port", 0..2, source);
            f.put("destination port", 2..4, destination);
            f.put("length", 4..6, header.length());
            let value = match header.checksum() {
                0 => "0x0000 (none)".to_string(),
                got => transport_checksum(got, addresses, 17, &bytes[..len.min(bytes.len())], 6, complete),
            };
            f.put("checksum", 6..8, value);
        },
    );
    match (source, destination) {
        (_, 4789 | 8472) => vxlan(walk, at + 8),
        (53 | 5353, _) | (_, 53 | 5353) if walk.rest(at + 8).len() >= dns::HEADER => dns::dns(walk, at + 8, 0),
        _ => {
            let len = walk.rest(at + 8).len();
            walk.what = format!("UDP :{destination}, {len} bytes");
            Next::Data(at + 8)
        }
    }
}

/// TCP, RFC 9293.
pub(super) fn tcp(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    if bytes.len() < 20 {
        return walk.cut("TCP", at, 20);
    }
    // Options that are cut off read as zeros (end of options), and are not shown.
    let mut padded = [0; 60];
    let known = bytes.len().min(60);
    padded[..known].copy_from_slice(&bytes[..known]);
    let header = match TcpHeaderSlice::from_slice(&padded) {
        Ok(header) => header,
        Err(e) => return walk.invalid("TCP", at, e),
    };
    let len = header.slice().len();
    let (source, destination) = (header.source_port(), header.destination_port());
    let flags = flags(&header);
    let (addresses, complete) = ((walk.source, walk.destination), walk.missing == 0);
    let payload = bytes.len().saturating_sub(len);
    walk.what = match (header.syn(), payload) {
        (true, _) if !header.ack() => format!("TCP {flags} :{destination}"),
        (_, 0) => format!("TCP {flags}"),
        _ => format!("TCP {flags}, {payload} bytes"),
    };
    walk.layer(
        "TCP",
        at..at + len,
        || format!("{source} → {destination}, {flags}, seq {}", header.sequence_number()),
        |f| {
            f.put("source port", 0..2, source);
            f.put("destination port", 2..4, destination);
            f.put("sequence number", 4..8, header.sequence_number());
            f.put("acknowledgment number", 8..12, header.acknowledgment_number());
            f.put("data offset", 12..13, format_args!("{len} bytes ({})", header.data_offset()));
            f.put("flags", 12..14, &flags);
            f.put("window", 14..16, header.window_size());
            let value = transport_checksum(header.checksum(), addresses, 6, bytes, 16, complete);
            f.put("checksum", 16..18, value);
            f.put("urgent pointer", 18..20, header.urgent_pointer());
            option_fields(f, &header);
        },
    );
    if bytes.len() < len {
        return Next::Done;
    }
    match (source, destination) {
        (53, _) | (_, 53) if payload >= 2 + dns::HEADER => dns::dns(walk, at + len, 2),
        _ if http::is_http(walk.rest(at + len)) => http::http(walk, at + len),
        _ => Next::Data(at + len),
    }
}

fn flags(header: &TcpHeaderSlice<'_>) -> String {
    bits(&[
        (header.fin(), "FIN"),
        (header.syn(), "SYN"),
        (header.rst(), "RST"),
        (header.psh(), "PSH"),
        (header.ack(), "ACK"),
        (header.urg(), "URG"),
        (header.ece(), "ECE"),
        (header.cwr(), "CWR"),
        (header.ns(), "NS"),
    ])
}

fn option_fields(f: &mut Fields<'_>, header: &TcpHeaderSlice<'_>) {
    let end = header.slice().len();
    let mut options = header.options_iterator();
    loop {
        let from = end - options.rest().len();
        let Some(Ok(option)) = options.next() else {
            return;
        };
        let range = from..end - options.rest().len();
        match option {
            TcpOptionElement::Noop => f.put("option", range, "no operation"),
            TcpOptionElement::MaximumSegmentSize(size) => f.put("maximum segment size", range, size),
            TcpOptionElement::WindowScale(shift) => {
                f.put("window scale", range, format_args!("{shift} (times {})", 1u64 << (shift & 63)));
            }
            TcpOptionElement::SelectiveAcknowledgementPermitted => {
                f.put("option", range, "selective acknowledgment permitted");
            }
            TcpOptionElement::SelectiveAcknowledgement(first, more) => {
                let blocks: Vec<String> = std::iter::once(first)
                    .chain(more.into_iter().flatten())
                    .map(|(from, to)| format!("{from}-{to}"))
                    .collect();
                f.put("selective acknowledgment", range, blocks.join(", "));
            }
            TcpOptionElement::Timestamp(value, echo) => {
                f.put("timestamps", range, format_args!("{value}, echo {echo}"));
            }
        }
    }
}

/// The checksum at byte `at` of a segment, with whether it is right. A sender which leaves the sum to
/// its network card puts the pseudo header's sum there, and captures on that host show it.
fn transport_checksum(
    got: u16,
    addresses: (super::Address, super::Address),
    protocol: u8,
    segment: &[u8],
    at: usize,
    complete: bool,
) -> String {
    let pseudo = pseudo_header(addresses, protocol, segment.len());
    let sum = pseudo.clone().add_slice(&segment[..at]).add_slice(&segment[at + 2..]);
    let want = match (protocol, sum.ones_complement().to_be()) {
        (17, 0) => 0xffff,
        (_, want) => want,
    };
    if complete && got != want && got == !pseudo.ones_complement().to_be() {
        return format!("{got:#06x} (left to the network card; should be {want:#06x})");
    }
    match complete {
        true => checksum_value(got, want),
        false => checked(got, sum, false),
    }
}

/// VXLAN, RFC 7348.
fn vxlan(walk: &mut Walk<'_>, at: usize) -> Next {
    let Some(header) = walk.rest(at).first_chunk::<8>() else {
        return walk.cut("VXLAN", at, 8);
    };
    let vni = u32::from_be_bytes([0, header[4], header[5], header[6]]);
    walk.prefix.push_str(&format!("VXLAN {vni} / "));
    walk.layer(
        "VXLAN",
        at..at + 8,
        || format!("network {vni}"),
        |f| {
            f.put("flags", 0..1, bits(&[(header[0] & 0x08 != 0, "I")]));
            f.put("network identifier", 4..7, vni);
        },
    );
    Next::Link(LinkType::Ethernet, at + 8)
}

/// GRE, RFC 2784 and 2890.
pub(super) fn gre(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let (Some(flags), Some(protocol)) = (be16(bytes, 0), be16(bytes, 2)) else {
        return walk.cut("GRE", at, 4);
    };
    let [checksum, key, sequence] = [0x8000, 0x2000, 0x1000].map(|bit| flags & bit != 0);
    let len = 4 + 4 * [checksum, key, sequence].iter().filter(|on| **on).count();
    if bytes.len() < len {
        return walk.cut("GRE", at, len);
    }
    walk.prefix.push_str("GRE / ");
    walk.layer(
        "GRE",
        at..at + len,
        || link::ether_type_name(protocol),
        |f| {
            f.put("flags", 0..2, bits(&[(checksum, "checksum"), (key, "key"), (sequence, "sequence")]));
            f.put("protocol", 2..4, link::ether_type_name(protocol));
            let mut from = 4;
            for (on, name) in [(checksum, "checksum"), (key, "key"), (sequence, "sequence number")] {
                if on {
                    f.add(name, from..from + 4, hex);
                    from += 4;
                }
            }
        },
    );
    match flags & 7 {
        0 => Next::EtherType(protocol, at + len),
        _ => {
            walk.what = format!("version {}", flags & 7);
            Next::Data(at + len)
        }
    }
}
