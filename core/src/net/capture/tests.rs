//! Good captures in every variant, and bad ones: what was before the damage is delivered, then the
//! error says where it is.

use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::net::LinkType;

/// A byte order, for fixtures that are built in both.
#[derive(Clone, Copy, Debug)]
enum Order {
    Little,
    Big,
}

use Order::{Big, Little};

impl Order {
    fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Little => value.to_le_bytes(),
            Big => value.to_be_bytes(),
        }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Little => value.to_le_bytes(),
            Big => value.to_be_bytes(),
        }
    }

    fn words(self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| self.u32(*word)).collect()
    }
}

const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;

fn pcap_header(order: Order, magic: u32, link: u32) -> Vec<u8> {
    [order.words(&[magic]), order.u16(2).to_vec(), order.u16(4).to_vec(), order.words(&[0, 0, 65535, link])].concat()
}

fn pcap_record(order: Order, seconds: u32, fraction: u32, orig_len: u32, data: &[u8]) -> Vec<u8> {
    [order.words(&[seconds, fraction, data.len() as u32, orig_len]), data.to_vec()].concat()
}

/// A pcap of three packets of 4 bytes: records at 24, 44 and 64, end at 84.
fn three_packets() -> Vec<u8> {
    let mut bytes = pcap_header(Little, MICRO, 1);
    for second in 1..=3 {
        bytes.extend(pcap_record(Little, second, 0, 4, &[second as u8; 4]));
    }
    bytes
}

fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let len = 12 + body.len() + padding.len();
    [order.words(&[kind, len as u32]), body.to_vec(), padding, order.words(&[len as u32])].concat()
}

fn section(order: Order) -> Vec<u8> {
    let body =
        [order.words(&[0x1a2b_3c4d]), order.u16(1).to_vec(), order.u16(0).to_vec(), order.words(&[!0, !0])].concat();
    block(order, 0x0a0d_0d0a, &body)
}

/// An interface; `options` are pairs of code and value.
fn interface(order: Order, link: u16, snap_len: u32, options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = [&order.u16(link)[..], &order.u16(0), &order.u32(snap_len)].concat();
    for (code, value) in options {
        body.extend(order.u16(*code));
        body.extend(order.u16(value.len() as u16));
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    block(order, 1, &body)
}

fn enhanced(order: Order, interface: u32, ticks: u64, orig_len: u32, data: &[u8]) -> Vec<u8> {
    let words = [interface, (ticks >> 32) as u32, ticks as u32, data.len() as u32, orig_len];
    block(order, 6, &[order.words(&words), data.to_vec()].concat())
}

/// One packet as (time, link, original length, data).
type Seen = (u64, LinkType, u32, Vec<u8>);

/// Everything the reader delivers, and the error at the end. Each packet's offset is checked to be
/// where its data are.
fn read_all(bytes: &[u8]) -> (Vec<Seen>, Option<String>) {
    let mut seen = Vec::new();
    let mut reader = match CaptureReader::new(bytes) {
        Ok(reader) => reader,
        Err(e) => return (seen, Some(e.to_string())),
    };
    loop {
        match reader.next_packet() {
            Ok(Some(packet)) => {
                assert_eq!(packet.index as usize, seen.len());
                let offset = packet.offset as usize;
                assert_eq!(&bytes[offset..offset + packet.data.len()], packet.data);
                assert!(packet.orig_len as usize >= packet.data.len());
                seen.push((packet.time_ns, packet.link, packet.orig_len, packet.data.to_vec()));
            }
            Ok(None) => return (seen, None),
            Err(e) => {
                assert!(matches!(reader.next_packet(), Ok(None)), "the error is the end");
                return (seen, Some(e.to_string()));
            }
        }
    }
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_units() {
    for order in [Little, Big] {
        for (magic, fraction, time_ns) in [(MICRO, 5, 7_000_005_000), (NANO, 5, 7_000_000_005)] {
            let bytes = [
                pcap_header(order, magic, 1),
                pcap_record(order, 7, fraction, 60, b"abc"),
                pcap_record(order, 8, 0, 0, b""),
            ]
            .concat();
            let (seen, error) = read_all(&bytes);
            assert_eq!(error, None);
            let expected =
                [(time_ns, LinkType::Ethernet, 60, b"abc".to_vec()), (8_000_000_000, LinkType::Ethernet, 0, vec![])];
            assert_eq!(seen, expected, "{order:?} {magic:x}");
        }
    }
}

#[test]
fn pcap_has_the_supported_link_types() {
    for (number, link) in [
        (0, LinkType::Null),
        (1, LinkType::Ethernet),
        (12, LinkType::Raw),
        (14, LinkType::Raw),
        (101, LinkType::Raw),
        (108, LinkType::Loop),
        (113, LinkType::LinuxSll),
        (228, LinkType::Ipv4),
        (229, LinkType::Ipv6),
        (276, LinkType::LinuxSll2),
        // Frames have a check sequence of 4 bytes: that is in the upper bits.
        (0x2400_0001, LinkType::Ethernet),
    ] {
        let bytes = [pcap_header(Big, MICRO, number), pcap_record(Big, 0, 0, 1, b"x")].concat();
        assert_eq!(read_all(&bytes).0[0].1, link, "{number}");
    }
}

#[test]
fn what_libpcap_forgives_is_forgiven() {
    // Longer than the snap length of 65535; original length below the captured one; a fraction of
    // more than a second.
    let long = vec![1; 70_000];
    let bytes = [
        pcap_header(Little, MICRO, 1),
        pcap_record(Little, 1, 0, 70_000, &long),
        pcap_record(Little, 1, 2_000_000, 1, b"abcd"),
    ]
    .concat();
    let (seen, error) = read_all(&bytes);
    assert_eq!(error, None);
    assert_eq!(seen[0].3, long);
    assert_eq!(seen[1], (3_000_000_000, LinkType::Ethernet, 4, b"abcd".to_vec()));
}

#[test]
fn pcapng_is_read_with_several_interfaces_and_sections() {
    let bytes = [
        section(Little),
        interface(Little, 1, 0, &[]),
        interface(Little, 101, 0, &[(9, &[9]), (2, b"tun0")]),
        enhanced(Little, 0, 3_000_001, 4, b"abcd"),
        enhanced(Little, 1, 3_000_000_001, 40, b"abc"),
        // Statistics, names, and a block that nobody knows: skipped.
        block(Little, 5, &[0; 12]),
        block(Little, 4, &[0; 4]),
        block(Little, 0x7777, b"?"),
        // Seconds, and an hour later; a resolution in powers of two (1/1024 s).
        interface(Little, 1, 0, &[(9, &[0]), (14, &3600u64.to_le_bytes())]),
        interface(Little, 1, 0, &[(9, &[0x8a])]),
        enhanced(Little, 2, 5, 1, b"x"),
        enhanced(Little, 3, 1536, 1, b"y"),
        // The next section has another byte order and interfaces of its own.
        section(Big),
        interface(Big, 276, 0, &[]),
        enhanced(Big, 0, 7, 2, b"zz"),
    ]
    .concat();
    let (seen, error) = read_all(&bytes);
    assert_eq!(error, None);
    let expected = [
        (3_000_001_000, LinkType::Ethernet, 4, b"abcd".to_vec()),
        (3_000_000_001, LinkType::Raw, 40, b"abc".to_vec()),
        (3_605_000_000_000, LinkType::Ethernet, 1, b"x".to_vec()),
        (1_500_000_000, LinkType::Ethernet, 1, b"y".to_vec()),
        (7_000, LinkType::LinuxSll2, 2, b"zz".to_vec()),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn pcapng_simple_and_obsolete_packets_are_read() {
    for order in [Little, Big] {
        let obsolete = [&order.u16(0)[..], &order.u16(9), &order.words(&[0, 8, 3, 30]), b"old"].concat();
        let bytes = [
            section(order),
            interface(order, 1, 4, &[]),
            block(order, 3, &[&order.u32(2)[..], b"hi"].concat()),
            block(order, 2, &obsolete),
            // Longer than the snap length of 4: cut to it.
            block(order, 3, &[&order.u32(6)[..], b"long"].concat()),
        ]
        .concat();
        let (seen, error) = read_all(&bytes);
        assert_eq!(error, None);
        let ethernet = LinkType::Ethernet;
        let expected = [
            (0, ethernet, 2, b"hi".to_vec()),
            (8_000, ethernet, 30, b"old".to_vec()),
            (8_000, ethernet, 6, b"long".to_vec()),
        ];
        assert_eq!(seen, expected, "{order:?}");
    }
}

#[test]
fn pcapng_oddities_of_one_packet_do_not_lose_it() {
    // A comment that is not UTF-8, options that end without an end, a time beyond 64 bits.
    let words = Little.words(&[0, u32::MAX, u32::MAX, 4, 4]);
    let body = [&words[..], b"data", &Little.u16(1), &Little.u16(2), &[0xff, 0xfe, 0, 0]].concat();
    let bytes = [section(Little), interface(Little, 1, 0, &[]), block(Little, 6, &body)].concat();
    assert_eq!(read_all(&bytes), (vec![(u64::MAX, LinkType::Ethernet, 4, b"data".to_vec())], None));
}

#[test]
fn what_is_no_capture_is_refused() {
    let compressed = |format| format!("the capture is compressed with {format}: decompress it first");
    let unknown = |magic| {
        format!(
            "not a capture: it starts with {magic}, which is neither pcap nor pcapng (`editcap -F pcapng` makes one of \
             others)"
        )
    };
    for (bytes, message) in [
        (&b""[..], "the capture is empty: not even a header".to_string()),
        (b"\x7fELF\x02\x01", unknown("7f 45 4c 46")),
        (b"\xa1\xb2", unknown("a1 b2 00 00")),
        (b"\x1f\x8b\x08\x00", compressed("gzip")),
        (b"\x28\xb5\x2f\xfd", compressed("zstd")),
        (&pcap_header(Big, MICRO, 1)[..23], "the capture ends inside its header: 23 bytes of 24".into()),
        (&section(Little)[..9], "the capture ends inside its header: 9 bytes of 12".into()),
        (&section(Little)[..27], "the capture ends inside its header: 27 bytes of 28".into()),
    ] {
        assert_eq!(read_all(bytes), (vec![], Some(message)));
    }
    let mut version = pcap_header(Little, MICRO, 1);
    version[4] = 3;
    let (_, error) = read_all(&version);
    assert_eq!(error.unwrap(), "packet 1 at byte 0: pcap version 3.4, where 2.4 is known");
}

#[test]
fn an_unsupported_link_type_is_refused_by_name() {
    let message = |number, name, packet, byte| {
        format!(
            "link type {number} ({name}) is not supported: only Ethernet, raw IP, Linux cooked and loopback are \
             (packet {packet}, byte {byte})"
        )
    };
    let (_, error) = read_all(&pcap_header(Little, MICRO, 105));
    assert_eq!(error.unwrap(), message(105, "IEEE 802.11", 1, 0));
    // In pcapng, an interface nobody uses does no harm; its first packet does.
    let mut bytes = [section(Big), interface(Big, 1, 0, &[]), interface(Big, 249, 0, &[])].concat();
    bytes.extend(enhanced(Big, 0, 0, 1, b"x"));
    assert_eq!(read_all(&bytes).1, None);
    let at = bytes.len();
    bytes.extend(enhanced(Big, 1, 0, 1, b"x"));
    let (seen, error) = read_all(&bytes);
    assert_eq!((seen.len(), error.unwrap()), (1, message(249, "USBPcap", 2, at)));
}

#[test]
fn a_truncated_pcap_gives_what_was_before() {
    let whole = three_packets();
    for (len, packets, message) in [
        (84, 3, None),
        (83, 2, Some("packet 3 at byte 64: the capture ends inside it (19 bytes of 20)")),
        (65, 2, Some("packet 3 at byte 64: the capture ends inside it (1 bytes of 16)")),
        (64, 2, None),
        (44, 1, None),
        (25, 0, Some("packet 1 at byte 24: the capture ends inside it (1 bytes of 16)")),
        (24, 0, None),
    ] {
        let (seen, error) = read_all(&whole[..len]);
        assert_eq!((seen.len(), error.as_deref()), (packets, message), "cut at {len}");
    }
}

#[test]
fn a_truncated_pcapng_gives_what_was_before() {
    // Section 28 bytes, interface 20, packets of 36 bytes at 48 and 84.
    let packet = enhanced(Little, 0, 0, 4, b"abcd");
    let whole = [section(Little), interface(Little, 1, 0, &[]), packet.clone(), packet].concat();
    for (len, packets, message) in [
        (120, 2, None),
        (119, 1, Some("packet 2 at byte 84: the capture ends inside it (35 bytes of 36)")),
        (86, 1, Some("packet 2 at byte 84: the capture ends inside it (2 bytes of 12)")),
        (84, 1, None),
        (30, 0, Some("packet 1 at byte 28: the capture ends inside it (2 bytes of 12)")),
    ] {
        let (seen, error) = read_all(&whole[..len]);
        assert_eq!((seen.len(), error.as_deref()), (packets, message), "cut at {len}");
    }
}

#[test]
fn an_absurd_length_is_an_error_and_no_allocation() {
    let damaged = "the capture is damaged here";
    for len in [262_145, 1 << 24, u32::MAX] {
        let mut bytes = three_packets();
        bytes[44 + 8..44 + 12].copy_from_slice(&Little.u32(len));
        let (seen, error) = read_all(&bytes);
        let message = format!("packet 2 at byte 44: a length of {len} bytes exceeds the limit of 262144, {damaged}");
        assert_eq!((seen.len(), error.unwrap()), (1, message));
    }
    // A packet which is there, but longer than any.
    let long = [pcap_header(Big, MICRO, 1), pcap_record(Big, 0, 0, 0, &vec![0; 262_145])].concat();
    let message = format!("packet 1 at byte 24: a length of 262145 bytes exceeds the limit of 262144, {damaged}");
    assert_eq!(read_all(&long), (vec![], Some(message)));
}

#[test]
fn a_damaged_pcapng_block_is_an_error_with_its_place() {
    let head = [section(Little), interface(Little, 1, 0, &[])].concat();
    let good = enhanced(Little, 0, 0, 4, b"abcd");
    let with = |at: usize, value: u32| {
        let mut bad = good.clone();
        bad[at..at + 4].copy_from_slice(&Little.u32(value));
        bad
    };
    let many_interfaces = interface(Little, 1, 0, &[]).repeat(MAX_INTERFACES);
    for (bad, message) in [
        (with(4, 35), "a block of 35 bytes; a block has at least 12 and a multiple of 4"),
        (with(4, 8), "a block of 8 bytes; a block has at least 12 and a multiple of 4"),
        (
            with(4, u32::MAX - 3),
            "a length of 4294967292 bytes exceeds the limit of 16777216, the capture is damaged here",
        ),
        (with(4, 1 << 20), "the capture ends inside it (36 bytes of 1048576)"),
        (with(32, 40), "Invalid raw block format: Block length fields don't match: initial 36B, trailing 40B"),
        (with(8, 7), "interface 7, where 1 are described"),
        (with(20, 9), "a block with 4 bytes of data claims 9"),
        (with(20, u32::MAX), "a length of 4294967295 bytes exceeds the limit of 262144, the capture is damaged here"),
        (block(Little, 6, &[0; 16]), "a packet block with a body of 16 bytes"),
        (block(Little, 3, &[]), "a simple packet block without a length"),
        (
            block(Little, 1, &[0; 4]),
            "Failed to convert raw block to update the pcapng state: Invalid content for block",
        ),
        (block(Little, 1, &vec![0; 20_000]), "a length of 20012 bytes exceeds the limit of 16384"),
        (many_interfaces, "more than 1024 interfaces"),
        (Little.words(&[0x0a0d_0d0a, 28, 5]), "a section header without the byte-order magic"),
    ] {
        let bytes = [&head[..], &good, &bad].concat();
        let (seen, error) = read_all(&bytes);
        let error = error.unwrap();
        assert_eq!(seen.len(), 1, "{message}");
        assert!(error.starts_with("packet 2 at byte ") && error.contains(message), "{error} / {message}");
    }
    let no_interface = [section(Big), block(Big, 3, &Big.u32(0))].concat();
    assert_eq!(read_all(&no_interface).1.unwrap(), "packet 1 at byte 28: interface 0, where 0 are described");
}

/// Gives one byte at a time, and an interruption before each.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let n = self.0.len().min(buf.len()).min(1);
        buf[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn a_reader_may_give_as_little_as_it_likes() {
    let bytes = three_packets();
    let (index, error) = CaptureIndex::read(Trickle(&bytes, false));
    assert!(error.is_none());
    assert_eq!(index.len(), 3);
}

#[test]
fn a_failing_reader_is_an_error_with_its_place() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk on fire"))
        }
    }
    let bytes = three_packets();
    let (index, error) = CaptureIndex::read((&bytes[..50]).chain(Broken));
    assert_eq!(index.len(), 1);
    assert_eq!(error.unwrap().to_string(), "packet 2: reading at byte 50: disk on fire");
}

#[test]
fn packets_that_cross_the_buffers_end_are_whole() {
    // 3 000 packets of 1 000 bytes do not fit the buffer, nor divide it.
    let mut bytes = pcap_header(Little, NANO, 1);
    for n in 0..3_000u32 {
        bytes.extend(pcap_record(Little, n, n, 1_000, &[n as u8; 1_000]));
    }
    let (seen, error) = read_all(&bytes);
    assert_eq!((seen.len(), error), (3_000, None));
    assert!(seen.iter().enumerate().all(|(n, packet)| packet.3 == [n as u8; 1_000]));
}

#[test]
fn the_index_finds_each_packet_again() {
    let bytes = three_packets();
    let (index, error) = CaptureIndex::read(&bytes[..70]);
    assert_eq!(error.unwrap().to_string(), "packet 3 at byte 64: the capture ends inside it (6 bytes of 16)");
    assert_eq!(index.len(), 2);
    let second = PacketRef { offset: 60, len: 4, orig_len: 4, time_ns: 2_000_000_000, link: LinkType::Ethernet };
    assert_eq!(index.get(1), Some(second));
    assert_eq!(index.get(2), None);
    assert_eq!(index.iter().map(|packet| packet.offset).collect::<Vec<_>>(), [40, 60]);
    let sll2 = [pcap_header(Little, MICRO, 276), pcap_record(Little, 0, 0, 262_144, &vec![0; 262_144])].concat();
    let (index, _) = CaptureIndex::read(&sll2[..]);
    assert_eq!(index.get(0).map(|packet| (packet.len, packet.link)), Some((262_144, LinkType::LinuxSll2)));
}

#[test]
fn a_written_capture_reads_the_same() {
    for (times, magic) in [([1_000, 2_000], 0xd4), ([1_001, 2_000], 0x4d)] {
        let bytes = write_capture(LinkType::LinuxSll, [(times[0], &b"one"[..]), (times[1], b"")]);
        assert_eq!(bytes[0], magic, "microseconds if they lose nothing");
        let (seen, error) = read_all(&bytes);
        assert_eq!(error, None);
        let link = LinkType::LinuxSll;
        assert_eq!(seen, [(times[0], link, 3, b"one".to_vec()), (times[1], link, 0, vec![])]);
    }
}

#[test]
fn what_pcap_cannot_hold_is_not_written() {
    let mut writer = CaptureWriter::new(Vec::new(), LinkType::Ethernet, Resolution::Micro).unwrap();
    let packet = Packet { index: 0, time_ns: 0, link: LinkType::Raw, orig_len: 1, offset: 0, data: b"x" };
    writer.write(0, 9, b"abc").unwrap();
    for (error, message) in [
        (writer.write_packet(&packet), "packet 2 is raw IP where the capture is Ethernet: pcap holds one link type"),
        (
            writer.write(u64::MAX, 0, b""),
            "packet 2 is of a time that pcap cannot hold (18446744073709551615 ns since 1970)",
        ),
        (writer.write(0, 0, &vec![0; 262_145]), "packet 2 has 262145 bytes, the limit is 262144"),
    ] {
        assert_eq!(error.unwrap_err().to_string(), message);
    }
    writer.write_packet(&Packet { link: LinkType::Ethernet, ..packet }).unwrap();
    let bytes = writer.finish().unwrap();
    let (seen, error) = read_all(&bytes);
    assert_eq!(error, None);
    assert_eq!(seen[0].2, 9);
    assert_eq!(seen.len(), 2);
}

proptest! {
    #[test]
    fn damaged_captures_never_panic(
        ng in any::<bool>(),
        len in 0usize..400,
        damage in prop::collection::vec((0usize..200, any::<u8>()), 0..8),
    ) {
        let packet = enhanced(Little, 0, 1, 4, b"abcd");
        let mut bytes = match ng {
            true => [section(Little), interface(Little, 1, 0, &[(9, &[9])]), packet.clone(), packet].concat(),
            false => three_packets(),
        };
        for (at, byte) in damage {
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        bytes.truncate(len);
        let (seen, _) = read_all(&bytes);
        prop_assert!(seen.len() <= 3);
    }
}

#[test]
fn a_pcapng_that_is_written_is_read_back_and_has_device_and_directions() {
    use PacketDirection::{Inbound, Outbound};
    let time = 1_700_000_000_123_456_789;
    let mut writer = PcapngWriter::new(Vec::new(), LinkType::Ethernet, "eth0").unwrap();
    writer.write(time, Inbound, 60, &[1; 60]).unwrap();
    writer.write(time + 1, Outbound, 1500, &[2; 33]).unwrap();
    let too_long = vec![0; MAX_PACKET as usize + 1];
    assert!(matches!(writer.write(time, Inbound, 0, &too_long), Err(CaptureWriteError::TooLong { packet: 3, .. })));
    let bytes = writer.finish().unwrap();
    let mut reader = CaptureReader::new(bytes.as_slice()).unwrap();
    let mut read = Vec::new();
    while let Some(packet) = reader.next_packet().unwrap() {
        read.push((packet.time_ns, packet.link, packet.orig_len, packet.data.to_vec()));
    }
    let ethernet = LinkType::Ethernet;
    assert_eq!(read, [(time, ethernet, 60, vec![1; 60]), (time + 1, ethernet, 1500, vec![2; 33])]);
    // Options: code 2, length 4, and the value: of packets the flags, of the interface its name.
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(&[2, 0, 4, 0, 1, 0, 0, 0]) && has(&[2, 0, 4, 0, 2, 0, 0, 0]) && has(b"\x02\0\x04\0eth0"));
}
