//! Frames that every case is run on: what helpers tell apart.

/// A frame and its name.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("IPv4 TCP", ethernet(&[0x08, 0x00], &ipv4(6, 0x01, 40))),
        ("IPv4 UDP", ethernet(&[0x08, 0x00], &ipv4(17, 0x02, 16))),
        ("IPv6", ethernet(&[0x86, 0xdd], &ipv6(24))),
        ("VLAN", ethernet(&[0x81, 0x00, 0x20, 0x64, 0x08, 0x00], &ipv4(6, 0, 40))),
        ("QinQ", ethernet(&[0x88, 0xa8, 0x00, 0x07, 0x81, 0x00, 0x60, 0x08, 0x08, 0x00], &ipv4(6, 3, 40))),
        ("three tags", ethernet(&[0x88, 0xa8, 0, 7, 0x81, 0, 0x60, 8, 0x81, 0, 0, 9, 0x86, 0xdd], &ipv6(8))),
        ("ARP", ethernet(&[0x08, 0x06], &[0x5a; 28])),
        ("802.3", ethernet(&[0x00, 0x26], &[0x42; 38])),
        ("Novell 802.3", ethernet(&[0x00, 0x26], &[0xff; 38])),
        ("tag before 802.3", ethernet(&[0x81, 0, 0, 5, 0x00, 0x20], &[0x42; 32])),
        ("tag before Novell 802.3", ethernet(&[0x81, 0, 0, 5, 0x00, 0x20], &[0xff; 32])),
        ("a header only", ethernet(&[0x08, 0x00], &[])),
        ("half a tag", ethernet(&[0x81, 0x00, 0x00, 0x64], &[])),
        ("a tag only", ethernet(&[0x81, 0x00, 0x00, 0x64, 0x08, 0x00], &[])),
        ("broadcast", [&[0xff; 12][..], &[0x08, 0x06], &[0; 46]].concat()),
        ("multicast", [&[1, 0, 0x5e, 0, 0, 1, 2, 0, 0, 0, 0, 1, 8, 0][..], &ipv4(17, 0, 30)].concat()),
        ("to this device", [&[0; 12][..], &[0x08, 0x00], &ipv4(1, 0, 30)].concat()),
        ("1514 bytes", ethernet(&[0x08, 0x00], &ipv4(6, 0x02, 1480))),
    ]
}

fn ethernet(types: &[u8], payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], types, payload].concat()
}

fn ipv4(protocol: u8, tos: u8, payload: usize) -> Vec<u8> {
    let len = (20 + payload) as u16;
    let mut header = vec![0x45, tos, (len >> 8) as u8, len as u8, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0];
    header.extend_from_slice(&[10, 0, 0, 1, 192, 168, 7, 254]);
    let sum: u32 = header.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]]) as u32).sum();
    let check = !((sum & 0xffff) + (sum >> 16)) as u16;
    header[10..12].copy_from_slice(&check.to_be_bytes());
    header.extend((0..payload).map(|i| (i * 7 + 3) as u8));
    header
}

fn ipv6(payload: usize) -> Vec<u8> {
    let mut packet = vec![0x60, 0x10, 0, 0, 0, payload as u8, 17, 64];
    packet.extend((0..32).map(|i| 0x20 + i));
    packet.extend((0..payload).map(|i| (i * 5 + 1) as u8));
    packet
}
