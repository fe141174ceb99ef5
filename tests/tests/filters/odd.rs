//! Packets that the captures do not have: tags in tags, labels, sessions, tunnels, chains of headers, 802.2, DECnet; and cut
//! off anywhere. The same on every run.

use bpfscope_core::classic::filter::Link;

use super::random::Random;

/// Packets of a link type.
pub fn packets(link: Link, count: usize) -> Vec<Vec<u8>> {
    let mut odd = Odd { random: Random(0x0dd ^ u64::from(link.header_len()) << 32), depth: 0 };
    (0..count).map(|_| odd.packet(link)).collect()
}

struct Odd {
    random: Random,
    depth: u32,
}

/// Station addresses: a host, a host in a tunnel, a group, and everybody.
const MACS: [[u8; 6]; 6] =
    [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 7], [2, 7, 0, 0, 0, 1], [8, 0, 0, 0, 0, 1], [1, 0, 0x5e, 0, 0, 1], [0xff; 6]];
const V4: [[u8; 4]; 7] =
    [[10, 0, 0, 1], [10, 0, 0, 7], [10, 0, 0, 53], [192, 168, 7, 1], [127, 0, 0, 1], [224, 0, 0, 1], [255; 4]];
const PORTS: [u16; 9] = [80, 53, 443, 22, 4789, 6081, 6081, 1000, 40000];

impl Odd {
    fn packet(&mut self, link: Link) -> Vec<u8> {
        self.depth = 0;
        let mut packet = match link {
            Link::Ethernet => self.ethernet(),
            Link::LinuxSll | Link::LinuxSll2 => {
                let (kind, payload) = self.typed();
                // Frames with a length are told by a number of Linux's own.
                let kind = if kind < 0x600 { self.random.of(&[4, 4, 1]) } else { kind };
                let direction = self.random.below(5) as u8;
                let mut header = vec![0; link.header_len() as usize];
                if link == Link::LinuxSll {
                    header[1] = direction;
                    header[3] = 1;
                    header[14..16].copy_from_slice(&kind.to_be_bytes());
                } else {
                    header[0..2].copy_from_slice(&kind.to_be_bytes());
                    header[7] = self.random.below(4) as u8;
                    header[10] = direction;
                }
                header.extend(payload);
                header
            }
            _ if self.random.below(2) == 0 => self.ipv4(),
            _ => self.ipv6(),
        };
        if self.random.below(6) == 0 {
            // A packet on a cooked capture has its whole link-layer header at least.
            let least = if link == Link::Ethernet { 1 } else { link.header_len().max(1) };
            let len = self.random.below(packet.len() as u64).max(least.into());
            packet.truncate(len as usize);
        }
        packet
    }

    fn ethernet(&mut self) -> Vec<u8> {
        let (kind, payload) = self.typed();
        let mut frame = self.random.of(&MACS).to_vec();
        frame.extend(self.random.of(&MACS));
        let kind = if kind < 0x600 { payload.len().min(1500) as u16 } else { kind };
        frame.extend(kind.to_be_bytes());
        frame.extend(payload);
        frame
    }

    /// An EtherType, or 0 for an 802.2 frame, and what follows.
    fn typed(&mut self) -> (u16, Vec<u8>) {
        self.depth += 1;
        let tags = if self.depth < 4 { 20 } else { 13 };
        match self.random.below(tags) {
            0..=4 => (0x0800, self.ipv4()),
            5..=7 => (0x86dd, self.ipv6()),
            8 => (self.random.of(&[0x0806, 0x8035]), self.arp()),
            9 | 10 => (0, self.llc()),
            11 => (0x6003, self.decnet()),
            12 => (self.random.of(&[0x8863, 0x809b, 0x80f3, 0x8137, 0x9000, 0x6004, 0x1234]), self.bytes(20)),
            13..=15 => {
                let (kind, payload) = self.typed();
                let mut tag = self.random.of(&[7u16, 10, 100, 0x2064]).to_be_bytes().to_vec();
                tag.extend(kind.to_be_bytes());
                tag.extend(payload);
                (self.random.of(&[0x8100, 0x8100, 0x88a8, 0x9100]), tag)
            }
            16 | 17 => {
                let mut labels = Vec::new();
                for left in (0..=self.random.below(2)).rev() {
                    let label: u32 = self.random.of(&[3, 5, 7, 1000]);
                    labels.extend((label << 12 | u32::from(left == 0) << 8 | 64).to_be_bytes());
                }
                labels.extend(if self.random.below(3) > 0 { self.ipv4() } else { self.ipv6() });
                (0x8847, labels)
            }
            _ => {
                let (kind, payload): (u16, _) = match self.random.below(4) {
                    0 => (0x57, self.ipv6()),
                    1 => (0xc021, self.bytes(10)),
                    _ => (0x21, self.ipv4()),
                };
                let mut session = vec![0x11, 0, 0, self.random.of(&[7, 8]), 0, payload.len() as u8 + 2];
                session.extend(kind.to_be_bytes());
                session.extend(payload);
                (0x8864, session)
            }
        }
    }

    fn ipv4(&mut self) -> Vec<u8> {
        let options = self.random.of(&[0u8, 0, 0, 1, 3]);
        let fragment = self.random.of(&[0u16, 0, 0, 0x4000, 0x2000, 0x2010, 5]);
        let (protocol, payload) = self.transport(Some(5 + options));
        let len = 20 + 4 * usize::from(options) + payload.len();
        let mut packet = vec![0x45 + options, 0];
        packet.extend((len as u16).to_be_bytes());
        packet.extend([0, 1]);
        packet.extend(fragment.to_be_bytes());
        packet.extend([self.random.of(&[1, 63, 64, 255]), protocol, 0, 0]);
        packet.extend(self.random.of(&V4));
        packet.extend(self.random.of(&V4));
        packet.extend(vec![1; 4 * usize::from(options)]);
        packet.extend(payload);
        packet
    }

    fn ipv6(&mut self) -> Vec<u8> {
        let (mut next, mut payload) = self.transport(None);
        for _ in 0..self.random.of(&[0, 0, 0, 1, 2, 3]) {
            let kind = self.random.of(&[0u8, 60, 43, 44, 51]);
            let units = if kind == 44 { 0 } else { self.random.below(3) as u8 };
            let len = if kind == 51 { 4 * (usize::from(units) + 2) } else { 8 * (usize::from(units) + 1) };
            let mut header = vec![0; len];
            (header[0], header[1]) = (next, units);
            header.extend(payload);
            (next, payload) = (kind, header);
        }
        let mut packet = vec![0x60, 0, 0, 0];
        packet.extend((payload.len() as u16).to_be_bytes());
        packet.extend([next, 64]);
        for _ in 0..2 {
            let start = self.random.of(&[[0xfd, 0], [0xfd, 7], [0xfe, 0x80], [0xff, 2]]);
            packet.extend(start);
            packet.extend([0; 13]);
            packet.push(self.random.of(&[1, 7]));
        }
        packet.extend(payload);
        packet
    }

    /// A protocol that IP carries, and its header with a payload; of IPv4 behind a header of so many words.
    fn transport(&mut self, words: Option<u8>) -> (u8, Vec<u8>) {
        let ports = |random: &mut Random| {
            let mut ports = random.of(&PORTS).to_be_bytes().to_vec();
            ports.extend(random.of(&PORTS).to_be_bytes());
            ports
        };
        match self.random.below(14) {
            0..=3 => {
                let mut header = ports(&mut self.random);
                header.extend([0, 0, 0, 1, 0, 0, 0, 2, self.random.of(&[0x50, 0x60]), self.random.below(64) as u8]);
                header.extend([1, 0, 0, 0, 0, 0]);
                header.extend(self.bytes(12));
                (6, header)
            }
            4..=8 => {
                let mut header = ports(&mut self.random);
                let to_tunnel = header[2..4] == 6081u16.to_be_bytes();
                let payload = if to_tunnel && self.depth < 5 { self.geneve() } else { self.bytes(20) };
                header.extend((payload.len() as u16 + 8).to_be_bytes());
                header.extend([0, 0]);
                header.extend(payload);
                (17, header)
            }
            9 if words.is_some() => (1, vec![self.random.of(&[0, 3, 8]), self.random.of(&[0, 3]), 0, 0, 0, 1, 0, 1]),
            9 => (58, vec![self.random.of(&[128, 135, 1]), 0, 0, 0, 0, 1, 0, 1]),
            10 => {
                let mut header = ports(&mut self.random);
                header.extend([0; 12]);
                (132, header)
            }
            11 if words.is_some() => {
                let words = words.unwrap_or_default();
                // Where libpcap looks for the next header: so many words as this one has, and two, behind the beginning of
                // IP's. It must not be this one or one before it, for tcpdump would go round for ever.
                let next = self.random.of(&[words - 1, words - 1, 0, 200]);
                let mut header = vec![self.random.of(&[6, 17, 51, 59]), next, 0, 0];
                header.extend([self.random.of(&[6, 17, 51]), self.random.of(&[words, 200])]);
                header.extend([0; 20]);
                (51, header)
            }
            _ => (self.random.of(&[2, 9, 50, 103, 112, 59, 4, 47]), self.bytes(16)),
        }
    }

    fn geneve(&mut self) -> Vec<u8> {
        let options = self.random.of(&[0u8, 0, 1, 3]);
        let version = self.random.of(&[0u8, 0, 0, 0, 0x40]);
        let network: u32 = self.random.of(&[10, 11, 12]);
        self.depth += 1;
        let (kind, payload): (u16, _) = match self.random.below(5) {
            0 => (0x0800, self.ipv4()),
            1 => (0x86dd, self.ipv6()),
            _ => (0x6558, self.ethernet()),
        };
        let mut header = vec![version | options, 0];
        header.extend(kind.to_be_bytes());
        header.extend((network << 8).to_be_bytes());
        header.extend(vec![0; 4 * usize::from(options)]);
        header.extend(payload);
        header
    }

    fn arp(&mut self) -> Vec<u8> {
        let mut packet = vec![0, 1, 8, 0, 6, 4, 0, self.random.of(&[1, 2])];
        for _ in 0..2 {
            packet.extend(self.random.of(&MACS));
            packet.extend(self.random.of(&V4));
        }
        packet
    }

    /// What follows a length: 802.2, with SNAP or without, or Novell's own.
    fn llc(&mut self) -> Vec<u8> {
        let control = self.random.of(&[0x00, 0x01, 0x03, 0x05, 0x09, 0x13, 0x43, 0x63, 0x6f, 0x87, 0xaf, 0xe3, 0xff]);
        let sap = self.random.of(&[0x42, 0xfe, 0xfe, 0xe0, 0xf0, 0x06, 0xaa, 0xff]);
        if sap == 0xaa {
            let mut header = vec![0xaa, 0xaa, 3];
            header.extend(self.random.of(&[[8, 0, 7, 0x80, 0x9b], [0, 0, 0, 0x80, 0xf3], [0, 0, 0, 0x81, 0x37]]));
            header.extend(self.bytes(10));
            return header;
        }
        let mut header = vec![sap, if self.random.below(8) == 0 { 0 } else { sap }, control];
        // On Linux's cooked captures libpcap looks for ISO's protocol where the service access points are.
        let protocol = self.random.of(&[0x81, 0x82, 0x83, 0x83, 0x83]);
        header.extend([protocol, 27, 1, 0, self.random.of(&[0x0f, 0x10, 0x11, 0x12, 0x14, 0x18, 0x19, 0x1a, 0x1b])]);
        header.extend(self.bytes(12));
        header
    }

    fn decnet(&mut self) -> Vec<u8> {
        let long = self.random.below(2) == 0;
        let mut packet = vec![30, 0];
        if self.random.below(2) == 0 {
            packet.push(0x81);
        }
        packet.push(if long { 0x06 } else { 0x02 });
        packet.extend([0; 24]);
        let address =
            |random: &mut Random| random.of(&[10u16 << 10 | 123, 1 << 10 | 1000, 1 << 10 | 2, 10]).to_le_bytes();
        let start = packet.len() - 24;
        let [to, from] = if long { [6, 14] } else { [0, 2] };
        packet[start + to..start + to + 2].copy_from_slice(&address(&mut self.random));
        packet[start + from..start + from + 2].copy_from_slice(&address(&mut self.random));
        packet
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.random.below(most + 1)).map(|_| self.random.of(&[0, 1, 2, 6, 17, 69, 80, 255])).collect()
    }
}
