//! Each layer's smallest packet; and what holds for any bytes.

use proptest::prelude::*;

use super::*;

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7];

fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&MACS[..], &ether_type.to_be_bytes(), payload].concat()
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = (20 + payload.len() as u16).to_be_bytes();
    let mut header = vec![0x45, 0, len[0], len[1], 0x1c, 0x46, 0x40, 0, 64, protocol, 0, 0];
    header.extend([10, 0, 0, 7, 10, 0, 0, 53]);
    let sum = etherparse::checksum::Sum16BitWords::new().add_slice(&header);
    header[10..12].copy_from_slice(&sum.ones_complement().to_ne_bytes());
    [&header[..], payload].concat()
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16).to_be_bytes();
    let mut header = vec![0x60, 0, 0, 0, len[0], len[1], next, 255];
    header.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
    header.extend([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    [&header[..], payload].concat()
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = 8 + payload.len() as u16;
    [source, destination, len, 0].iter().flat_map(|word| word.to_be_bytes()).chain(payload.iter().copied()).collect()
}

fn tcp(flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0xc7, 0x5a, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags];
    header.extend([0x10, 0, 0, 0, 0, 0]);
    [&header[..], payload].concat()
}

fn dns_query() -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(b"\x04seed\x07example\x00\x00\x01\x00\x01");
    message
}

fn dns_answer() -> Vec<u8> {
    let mut message = dns_query();
    message[2] = 0x81;
    message[7] = 1;
    message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1]);
    message
}

fn arp(operation: u8) -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, operation, 2, 0, 0, 0, 0, 7, 10, 0, 0, 7];
    packet.extend([2, 0, 0, 0, 0, 1, 10, 0, 0, 1]);
    packet
}

fn neighbor_solicitation() -> Vec<u8> {
    let mut message = vec![135, 0, 0, 0, 0, 0, 0, 0];
    message.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    message.extend([1, 1, 2, 0, 0, 0, 0, 7]);
    message
}

fn names(dissection: &Dissection) -> Vec<&str> {
    dissection.layers.iter().map(|layer| &*layer.name).collect()
}

/// Link, packet, layers, source, destination, what.
type Case = (LinkType, Vec<u8>, &'static [&'static str], [&'static str; 3]);

fn cases() -> Vec<Case> {
    use LinkType::*;
    let v4 = |what| ["10.0.0.7", "10.0.0.53", what];
    let v6 = |what| ["fe80::7", "ff02::1", what];
    let syn = tcp(0x02, &[]);
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet(0x0800, &ipv4(6, &syn))].concat();
    let over_tcp = [&(dns_query().len() as u16).to_be_bytes()[..], &dns_query()].concat();
    let mut dns_tcp = tcp(0x18, &over_tcp);
    dns_tcp[3] = 53;
    let mut fragment = ipv4(17, &[0; 16]);
    fragment[6..8].copy_from_slice(&[0x20, 0x02]);
    let mut sll = vec![0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 7, 0, 0, 8, 0];
    sll.extend(ipv4(17, &udp(1, 9, b"x")));
    let mut sll2 = vec![0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 7, 0, 0];
    sll2.extend(ipv6(59, &[]));
    let loopback = [&[2, 0, 0, 0][..], &ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 2])].concat();
    let hop_by_hop = [&[58, 0, 5, 2, 0, 0, 1, 0][..], &[143, 0, 0, 0, 0, 0, 0, 0]].concat();
    let gre = [&[0x20, 0, 8, 0, 0, 0, 0, 9][..], &ipv4(17, &udp(1, 9, &[]))].concat();
    let get = b"GET /index.html HTTP/1.1\r\nHost: seed.example\r\n\r\n";
    let q_in_q = [&[0, 100, 0x81, 0, 0, 10, 8, 6][..], &arp(1)].concat();
    vec![
        (Ethernet, ethernet(0x0800, &ipv4(6, &syn)), &["Ethernet", "IPv4", "TCP"], v4("TCP SYN :80")),
        (Raw, ipv4(6, &tcp(0x12, &[])), &["IPv4", "TCP"], v4("TCP SYN,ACK")),
        (Ipv4, ipv4(6, &tcp(0x18, b"abc")), &["IPv4", "TCP", "Data"], v4("TCP PSH,ACK, 3 bytes")),
        (Raw, ipv4(6, &tcp(0x18, get)), &["IPv4", "TCP", "HTTP"], v4("HTTP GET /index.html")),
        (
            Raw,
            ipv4(6, &tcp(0x18, b"HTTP/1.0 404 Not Found\r\n\r\nsorry")),
            &["IPv4", "TCP", "HTTP", "Data"],
            v4("HTTP 404 Not Found"),
        ),
        (Raw, ipv4(6, &dns_tcp), &["IPv4", "TCP", "DNS"], v4("DNS A seed.example")),
        (Raw, ipv4(17, &udp(51034, 53, &dns_query())), &["IPv4", "UDP", "DNS"], v4("DNS A seed.example")),
        (Raw, ipv4(17, &udp(53, 51034, &dns_answer())), &["IPv4", "UDP", "DNS"], v4("DNS A seed.example = 10.0.0.1")),
        (Raw, ipv4(17, &udp(5, 9, b"xy")), &["IPv4", "UDP", "Data"], v4("UDP :9, 2 bytes")),
        (
            Raw,
            ipv4(17, &udp(5, 4789, &vxlan)),
            &["IPv4", "UDP", "VXLAN", "Ethernet", "IPv4", "TCP"],
            v4("VXLAN 42 / TCP SYN :80"),
        ),
        (Raw, ipv4(47, &gre), &["IPv4", "GRE", "IPv4", "UDP"], v4("GRE / UDP :9, 0 bytes")),
        (Raw, ipv4(1, &[0, 0, 0, 0, 0, 1, 0, 2]), &["IPv4", "ICMP"], v4("ICMP echo reply")),
        (Raw, ipv4(132, b"abcd"), &["IPv4", "Data"], v4("SCTP")),
        (Raw, fragment, &["IPv4", "Data"], v4("UDP fragment at 16")),
        (Ipv6, ipv6(58, &neighbor_solicitation()), &["IPv6", "ICMPv6"], v6("ICMPv6 ND who-has fe80::1")),
        (Raw, ipv6(0, &hop_by_hop), &["IPv6", "IPv6 extension", "ICMPv6"], v6("ICMPv6 MLD report")),
        (Ethernet, ethernet(0x0806, &arp(1)), &["Ethernet", "ARP"], ["10.0.0.7", "10.0.0.1", "ARP who-has 10.0.0.1"]),
        (
            Ethernet,
            ethernet(0x0806, &[&arp(2)[..], &[0; 18]].concat()),
            &["Ethernet", "ARP", "Trailer"],
            ["10.0.0.7", "10.0.0.1", "ARP 10.0.0.7 is-at 02:00:00:00:00:07"],
        ),
        (
            Ethernet,
            ethernet(0x88a8, &q_in_q),
            &["Ethernet", "802.1ad", "802.1Q", "ARP"],
            ["10.0.0.7", "10.0.0.1", "VLAN 100 / VLAN 10 / ARP who-has 10.0.0.1"],
        ),
        (
            Ethernet,
            ethernet(0x88cc, &[1, 2]),
            &["Ethernet", "Data"],
            ["02:00:00:00:00:07", "02:00:00:00:00:01", "LLDP"],
        ),
        (
            Ethernet,
            ethernet(3, &[0x42, 0x42, 3, 0, 0]),
            &["802.3", "Data", "Trailer"],
            ["02:00:00:00:00:07", "02:00:00:00:00:01", "802.3 LLC"],
        ),
        (LinuxSll, sll, &["Linux cooked", "IPv4", "UDP", "Data"], v4("UDP :9, 1 bytes")),
        (LinuxSll2, sll2, &["Linux cooked", "IPv6"], v6("IPv6 without payload")),
        (Null, loopback, &["Loopback", "IPv4", "ICMP"], v4("ICMP echo request")),
        (Raw, vec![], &["IPv4"], ["", "", "IPv4 truncated"]),
        (Raw, vec![0x41; 20], &["IPv4"], ["", "", "IPv4 not valid"]),
        (Null, vec![9, 0, 0, 0], &["Loopback"], ["", "", "Loopback not valid"]),
    ]
}

#[test]
fn each_packet_shows_its_layers_and_its_line() {
    for (link, packet, layers, [source, destination, what]) in cases() {
        let found = dissect(link, &packet);
        assert_eq!(names(&found), layers, "{what}");
        assert_eq!(
            [&*found.summary.source, &*found.summary.destination, &*found.summary.what],
            [source, destination, what]
        );
    }
}

#[test]
fn a_layer_says_in_one_line_what_the_target_shows() {
    let packet = ethernet(0x0800, &ipv4(17, &udp(51034, 53, &dns_query())));
    let infos: Vec<String> = dissect(LinkType::Ethernet, &packet).layers.into_iter().map(|layer| layer.info).collect();
    assert_eq!(
        infos,
        ["02:00:…:07 → 02:00:…:01, IPv4", "10.0.0.7 → 10.0.0.53, ttl 64", "51034 → 53", "A seed.example"]
    );
}

#[test]
fn a_field_has_its_value_and_its_bytes() {
    let packet = ethernet(0x0800, &ipv4(17, &udp(51034, 53, &dns_query())));
    let found = dissect(LinkType::Ethernet, &packet);
    let field = |layer: usize, name: &str| {
        let field = found.layers[layer].fields.iter().find(|f| f.name == name).unwrap();
        (field.value.clone(), field.range.clone())
    };
    assert_eq!(field(0, "source"), ("02:00:00:00:00:07".into(), 6..12));
    assert_eq!(field(0, "type"), ("IPv4 (0x0800)".into(), 12..14));
    assert_eq!(field(1, "protocol"), ("UDP (17)".into(), 23..24));
    assert_eq!(field(1, "flags"), ("DF".into(), 20..21));
    assert_eq!(field(2, "destination port"), ("53".into(), 36..38));
    assert_eq!(field(3, "question"), ("A seed.example".into(), 54..72));
}

#[test]
fn checksums_say_whether_they_are_right() {
    let checksum = |packet: &[u8], layer: usize| {
        let found = dissect(LinkType::Raw, packet);
        found.layers[layer].fields.iter().find(|f| f.name == "checksum").unwrap().value.clone()
    };
    // 10.0.0.7 + 10.0.0.53, protocol 17, and the datagram 0001 0009 000a .... 6869.
    let mut packet = ipv4(17, &udp(1, 9, b"hi"));
    assert_eq!(checksum(&packet, 1), "0x0000 (none)");
    packet[26..28].copy_from_slice(&0x82fc_u16.to_be_bytes());
    assert_eq!(checksum(&packet, 1), "0x82fc (wrong, should be 0x832b)");
    packet[26..28].copy_from_slice(&0x832b_u16.to_be_bytes());
    assert_eq!(checksum(&packet, 1), "0x832b (correct)");
    packet[26..28].copy_from_slice(&0x1457_u16.to_be_bytes());
    assert_eq!(checksum(&packet, 1), "0x1457 (left to the network card; should be 0x832b)");
    assert_eq!(checksum(&packet, 0), "0x0a4e (correct)");
    packet[8] = 63;
    assert_eq!(checksum(&packet, 0), "0x0a4e (wrong, should be 0x0b4e)");
    packet.truncate(29);
    assert_eq!(checksum(&packet, 1), "0x1457 (not checked: the packet is truncated)");
}

#[test]
fn tcp_options_are_shown_each() {
    let mut segment = tcp(0x02, &[2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 0, 0]);
    segment[12] = 0x80;
    let found = dissect(LinkType::Raw, &ipv4(6, &segment));
    let options: Vec<_> = found.layers[1].fields[9..].iter().map(|f| (&*f.name, &*f.value, f.range.clone())).collect();
    assert_eq!(
        options,
        [
            ("maximum segment size", "1460", 40..44),
            ("option", "no operation", 44..45),
            ("window scale", "7 (times 128)", 45..48),
            ("option", "selective acknowledgment permitted", 48..50),
        ]
    );
}

#[test]
fn a_packet_cut_anywhere_ends_in_what_is_there() {
    let packet = ethernet(0x0800, &ipv4(17, &udp(51034, 53, &dns_query())));
    for (len, last, info) in [
        (0, "Ethernet", "truncated: 0 bytes of 14"),
        (13, "Ethernet", "truncated: 13 bytes of 14"),
        (14, "IPv4", "truncated: 0 bytes of 20"),
        (33, "IPv4", "truncated: 19 bytes of 20"),
        (41, "UDP", "truncated: 7 bytes of 8"),
        (50, "Data", "8 bytes, then truncated: 22 more were not captured"),
        (60, "DNS", "query, truncated"),
    ] {
        let found = dissect(LinkType::Ethernet, &packet[..len]);
        let layer = found.layers.last().unwrap();
        assert_eq!((&*layer.name, &*layer.info), (last, info), "cut at {len}");
    }
}

#[test]
fn a_dns_name_that_points_at_itself_ends() {
    let mut message = dns_query();
    message.truncate(12);
    message.extend([0xc0, 12, 0, 1, 0, 1]);
    let found = summarize(LinkType::Raw, &ipv4(17, &udp(1, 53, &message)));
    assert_eq!(found.what, "DNS query");
}

#[test]
fn endless_tags_end_at_the_layer_limit() {
    let tags: Vec<u8> = std::iter::repeat_n([0, 1, 0x81, 0], 10_000).flatten().collect();
    let found = dissect(LinkType::Ethernet, &ethernet(0x8100, &tags));
    assert!(found.layers.len() <= MAX_LAYERS);
    assert!(found.summary.what.ends_with("too many layers"));
}

#[test]
fn text_from_the_wire_has_no_control_characters() {
    let found = summarize(LinkType::Raw, &ipv4(6, &tcp(0x18, b"GET /\x1b[31m\xff HTTP/1.1\r\n\r\n")));
    assert_eq!(found.what, "HTTP GET /?[31m?");
}

/// What `pcaps/README.md` says is to be seen, by packet number.
const RECORDED: &[(&str, u32, &str)] = &[
    ("arp-icmp", 15, "ICMP fragment at 0"),
    ("arp-icmp", 28, "ICMP port unreachable"),
    ("arp-icmp", 31, "ARP who-has 10.0.0.99"),
    ("cooked", 3, "DNS A seed.example"),
    ("dns", 6, "DNS A www.example = 10.0.0.1"),
    ("dns", 18, "DNS A nothing.example: NXDOMAIN"),
    ("dns", 22, "DNS TXT long.example: too long, ask over TCP"),
    ("dns", 26, "DNS TXT long.example"),
    ("http", 18, "HTTP GET /missing.html"),
    ("http", 20, "HTTP 404 Not Found"),
    ("http", 38, "HTTP POST /form"),
    ("ipv6-nd", 3, "ICMPv6 MLD report"),
    ("ipv6-nd", 4, "ICMPv6 ND who-has fe80::7"),
    ("ipv6-nd", 14, "ICMPv6 ND router advertisement"),
    ("mix", 10, "HTTP GET /index.html"),
    ("mix", 145, "VLAN 10 / HTTP GET /index.html"),
    ("mix", 163, "VXLAN 42 / HTTP GET /index.html"),
    ("raw-ip", 7, "TCP SYN :80"),
    ("tcp-retransmission", 3, "TCP SYN :7"),
    ("tcp-retransmission", 15, "TCP PSH,ACK, 13 bytes"),
    ("tcp-retransmission", 22, "TCP RST,ACK"),
    ("two-interfaces", 19, "ICMP echo request"),
    ("vlan", 3, "VLAN 10 / ICMP echo request"),
    ("vlan", 38, "VLAN 100 / VLAN 10 / ICMP port unreachable"),
    ("vxlan", 21, "VXLAN 42 / DNS A seed.example"),
];

#[test]
fn bundled_captures_are_what_the_index_and_the_readme_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../pcaps");
    let index = std::fs::read_to_string(format!("{folder}/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    for capture in index.as_array().unwrap() {
        let [name, file] = ["name", "file"].map(|key| capture[key].as_str().unwrap());
        let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
        assert!(bytes.len() <= 300_000, "{file} is small enough to bundle");
        let mut reader = crate::net::CaptureReader::new(&bytes[..]).unwrap();
        let mut count = 0;
        while let Some(packet) = reader.next_packet().unwrap() {
            count += 1;
            let found = dissect(packet.link, packet.data);
            for (_, _, what) in RECORDED.iter().filter(|(of, number, _)| *of == name && *number == count) {
                assert_eq!(found.summary.what, *what, "{file} {count}");
            }
            for field in found.layers.iter().flat_map(|layer| &layer.fields) {
                assert!(!field.value.contains("wrong"), "{file} {count}: {} {}", field.name, field.value);
            }
        }
        assert_eq!(capture["packets"], count, "{file}");
        assert!(RECORDED.iter().any(|(of, ..)| *of == name), "{name} is not checked");
    }
}

fn holds_for_any_bytes(link: LinkType, packet: &[u8]) {
    let found = dissect(link, packet);
    assert_eq!(summarize(link, packet), found.summary);
    assert!(found.layers.len() <= MAX_LAYERS);
    for layer in &found.layers {
        assert!(layer.range.start <= layer.range.end && layer.range.end <= packet.len(), "{layer:?}");
        for field in &layer.fields {
            assert!(field.range.start <= field.range.end && field.range.end <= packet.len(), "{field:?}");
        }
    }
}

fn any_link() -> impl Strategy<Value = LinkType> {
    use LinkType::*;
    prop::sample::select(vec![Ethernet, Raw, Ipv4, Ipv6, LinuxSll, LinuxSll2, Null, Loop])
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_ranges_lie_within(link in any_link(), packet in prop::collection::vec(any::<u8>(), 0..200)) {
        holds_for_any_bytes(link, &packet);
    }

    #[test]
    fn damaged_packets_never_panic_and_ranges_lie_within(
        case in 0..cases().len(),
        len in 0usize..200,
        damage in prop::collection::vec((0usize..200, any::<u8>()), 0..6),
    ) {
        let (link, mut packet, ..) = cases().swap_remove(case);
        for (at, byte) in damage {
            if let Some(slot) = packet.get_mut(at) {
                *slot = byte;
            }
        }
        packet.truncate(len);
        holds_for_any_bytes(link, &packet);
    }
}
