//! Filter expressions at random, by the language's grammar: what one of them is depends on its seed alone.

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// The expression of a seed.
pub fn expression(seed: u64) -> String {
    let mut maker = Maker(Random(seed));
    let depth = maker.0.below(4) as u32;
    let expression = maker.expression(depth);
    // What libpcap reads of scratch memory where it kept nothing depends on its optimiser, so that it keeps something.
    match maker.0.below(6) {
        0 => {
            format!("{} and ({expression})", maker.of(&["geneve", "geneve 10", "vlan and geneve", "udp and geneve 11"]))
        }
        _ => expression,
    }
}

const V4: &[&str] = &["10.0.0.1", "10.0.0.7", "10.0.0.53", "192.168.7.1", "127.0.0.1", "224.0.0.1", "10", "10.0"];
const V4_NETS: &[&str] = &[
    "10.0.0.0/24",
    "10.0.0",
    "10",
    "10.0.0.0/29",
    "127.0.0.0/8",
    "0.0.0.0/0",
    "10.0.0.0 mask 255.255.255.252",
    "224.0.0.0/4",
];
const V6: &[&str] = &["fd00::1", "fd00::7", "fe80::1", "::1", "ff02::1", "fd07::1"];
const V6_NETS: &[&str] = &["fd00::/8", "fe80::/10", "::/0", "ff00::/8", "fd00::/64", "fd00::7/128"];
const MACS: &[&str] = &["2:0:0:0:0:1", "02-00-00-00-00-07", "0200.0000.0001", "ff:ff:ff:ff:ff:ff", "2:7:0:0:0:1"];
const PORTS: &[&str] = &["80", "53", "443", "22", "4789", "6081", "1000", "40000", "0", "http", "domain", "ssh"];
const RANGES: &[&str] = &["1-1024", "53-80", "80-53", "80", "1000-50000", "ftp-http", "0-65535"];
const PROTOCOLS: &[&str] = &[
    "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "pim", "ah", "esp", "vrrp", "atalk",
    "aarp", "decnet", "iso", "stp", "ipx", "netbeui", "clnp", "esis", "isis", "l1", "l2", "iih", "lsp", "snp", "csnp",
    "psnp", "lat",
];
const IP_PROTOCOLS: &[&str] = &["1", "6", "17", "51", "59", "58", "132", "0", "44", "\\tcp", "\\udp", "\\icmp", "300"];
const LINK_PROTOCOLS: &[&str] = &[
    "0x800", "0x806", "0x86dd", "0x8100", "0x8847", "0x42", "0xfe", "0x6003", "5", "\\ip", "\\arp", "\\ip6", "\\stp",
    "\\ipx",
];
const LLC: &[&str] = &["i", "s", "u", "rr", "rnr", "rej", "ui", "ua", "disc", "sabme", "test", "xid", "frmr"];
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "&", "&", "|", "^", "<<", ">>"];
const COMPARISONS: &[&str] = &["=", "==", "!=", "<", ">", "<=", ">="];
/// Headers that bytes are asked of.
const HEADERS: &[&str] = &[
    "ip", "ip", "ip", "tcp", "tcp", "udp", "udp", "ether", "ether", "ip6", "arp", "icmp", "icmp6", "sctp", "igmp",
    "rarp", "link", "decnet",
];

struct Maker(Random);

impl Maker {
    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        self.0.of(choices)
    }

    fn chance(&mut self, of: u64) -> bool {
        self.0.below(of) == 0
    }

    fn expression(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.primitive();
        }
        match self.0.below(8) {
            0 => format!("{} ({})", self.not(), self.expression(depth - 1)),
            1 => format!("{} {}", self.not(), self.primitive()),
            2 | 3 => format!("({})", self.joined(depth)),
            _ => self.joined(depth),
        }
    }

    fn joined(&mut self, depth: u32) -> String {
        let (left, right) = (self.expression(depth - 1), self.expression(depth - 1));
        let word = self.of(&["and", "and", "or", "or", "&&", "||"]);
        format!("{left} {word} {right}")
    }

    fn not(&mut self) -> &'static str {
        self.of(&["not", "!"])
    }

    fn primitive(&mut self) -> String {
        match self.0.below(26) {
            0..=4 => self.of(PROTOCOLS).to_owned(),
            5..=8 => self.host(),
            9..=11 => self.port(),
            12 | 13 => self.protocol(),
            14..=18 => self.relation(),
            19 => {
                let word = self.of(&["less", "greater"]);
                format!("{word} {}", self.0.below(200))
            }
            20 => {
                let proto = self.of(&["", "ether ", "ip ", "ip6 "]);
                let word = self.of(&["broadcast", "multicast"]);
                format!("{proto}{word}")
            }
            21 => self.moved(),
            22 => format!("llc {}", self.of(LLC)),
            23 => format!("byte {} {} {}", self.0.below(40), self.of(&["=", "<", ">"]), self.0.below(256)),
            24 => self.of(&["inbound", "outbound", "ifindex 2", "llc", "pppoed"]).to_owned(),
            _ => self.bare(),
        }
    }

    /// A word that moves the rest, most often with something that is asked there.
    fn moved(&mut self) -> String {
        let word = match self.0.below(8) {
            0..=2 => self.of(&["vlan", "vlan 10", "vlan 100", "vlan 7"]),
            3 => self.of(&["mpls", "mpls 5"]),
            4 => self.of(&["pppoes", "pppoes 7"]),
            _ => self.of(&["pppoes", "vlan and vlan", "mpls and mpls"]),
        };
        if self.chance(4) {
            return word.to_owned();
        }
        let word_between = self.of(&["and", "and", "and", "or"]);
        format!("{word} {word_between} {}", self.primitive())
    }

    fn direction(&mut self) -> &'static str {
        self.of(&["", "", "src ", "dst ", "src or dst ", "src and dst ", "dst and src "])
    }

    fn host(&mut self) -> String {
        let dir = self.direction();
        match self.0.below(9) {
            0 | 1 => format!("{dir}host {}", self.of(V4)),
            2 => format!("{dir}net {}", self.of(V4_NETS)),
            3 => format!("{dir}host {}", self.of(V6)),
            4 => format!("{dir}net {}", self.of(V6_NETS)),
            5 => format!("ether {}{}", if dir.is_empty() { "host " } else { dir }, self.of(MACS)),
            6 => format!("{} {dir}host {}", self.of(&["ip", "arp", "rarp", "ip"]), self.of(V4)),
            7 => format!("decnet {dir}host {}", self.of(&["10.123", "1.1000", "1.2"])),
            _ => format!("ip6 {dir}host {}", self.of(V6)),
        }
    }

    fn port(&mut self) -> String {
        let (proto, dir) = (self.of(&["", "", "tcp ", "udp ", "sctp "]), self.direction());
        match self.chance(3) {
            true => format!("{proto}{dir}portrange {}", self.of(RANGES)),
            false => format!("{proto}{dir}port {}", self.of(PORTS)),
        }
    }

    fn protocol(&mut self) -> String {
        match self.0.below(7) {
            0 => format!("ether proto {}", self.of(LINK_PROTOCOLS)),
            1 => format!("iso proto {}", self.of(&["0x81", "0x83", "\\esis"])),
            2 => format!("isis proto {}", self.of(&["0x12", "0x18", "15"])),
            3 | 4 => format!("{}protochain {}", self.of(&["", "ip ", "ip6 "]), self.of(IP_PROTOCOLS)),
            _ => format!("{}proto {}", self.of(&["", "ip ", "ip6 "]), self.of(IP_PROTOCOLS)),
        }
    }

    /// Addresses after the qualifiers of one before them.
    fn bare(&mut self) -> String {
        let word = self.of(&["and", "or", "or"]);
        match self.0.below(4) {
            0 => format!("port {} {word} {}", self.of(PORTS), self.of(PORTS)),
            1 => format!("host {} {word} ({} or {})", self.of(V4), self.of(V4), self.of(V4)),
            2 => format!("src net {} {word} not {}", self.of(V4_NETS), self.of(V4_NETS)),
            _ => format!("ip proto {} {word} {}", self.of(IP_PROTOCOLS), self.of(IP_PROTOCOLS)),
        }
    }

    fn relation(&mut self) -> String {
        match self.0.below(5) {
            0 => format!("tcp[tcpflags] & {} != 0", self.of(&["tcp-syn", "tcp-ack", "(tcp-syn|tcp-fin)", "tcp-push"])),
            1 => format!(
                "{} = {}",
                self.of(&["icmp[icmptype]", "icmp[0]"]),
                self.of(&["icmp-echo", "icmp-echoreply", "3"])
            ),
            _ => format!("{} {} {}", self.number(2), self.of(COMPARISONS), self.number(1)),
        }
    }

    fn number(&mut self, depth: u32) -> String {
        let bytes = |maker: &mut Maker, at: String| {
            let size = maker.of(&["", "", ":1", ":2", ":4"]);
            format!("{}[{at}{size}]", maker.of(HEADERS))
        };
        match self.0.below(if depth > 0 { 10 } else { 6 }) {
            0 | 1 => self.0.below(300).to_string(),
            2 => self.of(&["0x45", "0x0800", "64", "1500", "0xfffff000", "16"]).to_owned(),
            3 => self.of(&["len", "len", "tcp-syn", "4294967295"]).to_owned(),
            4 | 5 => {
                let at = self.0.below(60).to_string();
                bytes(self, at)
            }
            6 => format!("({})", self.sum(depth)),
            7 | 8 => self.sum(depth),
            _ => {
                let at = self.number(depth - 1);
                bytes(self, at)
            }
        }
    }

    /// Arithmetic, of something that is no constant: libpcap computes constants too late to see that a comparison of them is
    /// none.
    fn sum(&mut self, depth: u32) -> String {
        let at = self.0.below(60);
        let left = format!("{}[{at}]", self.of(HEADERS));
        match self.of(OPERATORS) {
            // What these take as a divisor or a shift libpcap may take for a constant, which is an offset.
            sign @ ("/" | "%" | "<<" | ">>") => format!("{left} {sign} {}", 1 + self.0.below(31)),
            sign => format!("{left} {sign} {}", self.number(depth - 1)),
        }
    }
}
