//! What is in a packet, for people: its layers, every header field with its bytes, and one line.
//!
//! [`dissect`] gives all of it, [`summarize`] only the line for a list of packets. Both are the same
//! walk: each layer's function takes the offset where it starts, tells the `Walk` what it found, and
//! returns which layer is next. A walk for a summary skips the formatting of layers and fields.
//!
//! Headers are read by etherparse; DNS and the head of HTTP here, for they are small. Nothing is
//! reassembled: a DNS answer or an HTTP head that spans segments is shown as far as this one goes.
//! A header that is cut off or not valid ends the walk with a layer that says so. Every range lies
//! within the packet, and no packet has more than [`MAX_LAYERS`] layers or [`MAX_FIELDS`] fields in one.

mod dns;
mod http;
mod icmp;
mod ip;
mod link;
#[cfg(test)]
mod tests;
mod transport;

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::link::LinkType;

/// Most layers that are shown; what follows is data.
pub const MAX_LAYERS: usize = 32;
/// Most fields of one layer.
pub const MAX_FIELDS: usize = 256;

/// A packet taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dissection {
    /// Outermost first.
    pub layers: Vec<Layer>,
    /// The packet in one line.
    pub summary: Summary,
}

/// One header, or the data after the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// `Ethernet`, `802.1Q`, `802.1ad`, `802.3`, `Linux cooked`, `Loopback`, `ARP`, `IPv4`, `IPv6`,
    /// `IPv6 extension`, `ICMP`, `ICMPv6`, `UDP`, `TCP`, `VXLAN`, `GRE`, `DNS`, `HTTP`, `Data`,
    /// `Trailer`.
    pub name: Cow<'static, str>,
    /// One line, such as `02:00:…:07 → 02:00:…:01, IPv4`.
    pub info: String,
    /// Its bytes in the packet.
    pub range: Range<usize>,
    /// Its fields, in the order of their bytes.
    pub fields: Vec<Field>,
}

/// A field of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name, such as `destination port`.
    pub name: Cow<'static, str>,
    /// Value for people, such as `UDP (17)`.
    pub value: String,
    /// The bytes in the packet that hold it; two fields of one byte have the same range.
    pub range: Range<usize>,
}

/// A packet in one line of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Innermost source address; empty if there is none.
    pub source: String,
    /// Innermost destination address; empty if there is none.
    pub destination: String,
    /// What it is, such as `TCP SYN :80` or `DNS A seed.example`.
    pub what: String,
}

/// Takes a packet apart: all layers with all fields.
pub fn dissect(link: LinkType, data: &[u8]) -> Dissection {
    let mut walk = Walk::new(data, Some(Vec::new()));
    walk.run(link);
    Dissection { summary: walk.summary(), layers: walk.layers.unwrap_or_default() }
}

/// The packet in one line, as in [`Dissection::summary`], for less work.
pub fn summarize(link: LinkType, data: &[u8]) -> Summary {
    let mut walk = Walk::new(data, None);
    walk.run(link);
    walk.summary()
}

/// An address that a summary may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    None,
    Mac([u8; 6]),
    V4([u8; 4]),
    V6([u8; 16]),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Address::None => Ok(()),
            Address::Mac(mac) => f.write_str(&full_mac(&mac)),
            Address::V4(a) => Ipv4Addr::from(a).fmt(f),
            Address::V6(a) => Ipv6Addr::from(a).fmt(f),
        }
    }
}

/// Which layer follows, and at which byte.
enum Next {
    /// A link layer.
    Link(LinkType, usize),
    /// What an EtherType says.
    EtherType(u16, usize),
    /// What an IP protocol number says.
    Protocol(u8, usize),
    /// Nothing that is known: data.
    Data(usize),
    /// The walk is over.
    Done,
}

/// The state of one walk through a packet.
struct Walk<'a> {
    data: &'a [u8],
    /// Where the current layer's payload ends: the packet's end, or less by a length field.
    end: usize,
    /// Bytes that a length field promised beyond the end of the packet.
    missing: usize,
    /// `None` if only the summary is wanted.
    layers: Option<Vec<Layer>>,
    source: Address,
    destination: Address,
    /// Tunnels and tags passed: `VXLAN 42 / `.
    prefix: String,
    what: String,
}

impl<'a> Walk<'a> {
    fn new(data: &'a [u8], layers: Option<Vec<Layer>>) -> Walk<'a> {
        Walk {
            data,
            end: data.len(),
            missing: 0,
            layers,
            source: Address::None,
            destination: Address::None,
            prefix: String::new(),
            what: String::new(),
        }
    }

    fn run(&mut self, link: LinkType) {
        let mut next = Next::Link(link, 0);
        for _ in 0..MAX_LAYERS - 2 {
            next = match next {
                Next::Link(link, at) => link::link(self, link, at),
                Next::EtherType(ether_type, at) => link::ether_type(self, ether_type, at),
                Next::Protocol(protocol, at) => ip::protocol(self, protocol, at),
                Next::Data(at) => {
                    self.data_layer(at);
                    Next::Done
                }
                Next::Done => break,
            };
        }
        if let Next::Link(_, at) | Next::EtherType(_, at) | Next::Protocol(_, at) | Next::Data(at) = next {
            self.what = "too many layers".to_string();
            self.data_layer(at);
        }
        self.trailer();
    }

    fn summary(&self) -> Summary {
        Summary {
            source: self.source.to_string(),
            destination: self.destination.to_string(),
            what: format!("{}{}", self.prefix, self.what),
        }
    }

    /// The bytes from `at` to the end of the current payload.
    fn rest(&self, at: usize) -> &'a [u8] {
        self.data.get(at..self.end).unwrap_or_default()
    }

    /// The payload ends `len` bytes after `at`, if that is less than now; what is promised beyond the
    /// packet is remembered.
    fn limit(&mut self, at: usize, len: usize) {
        let end = at.saturating_add(len);
        self.missing = end.saturating_sub(self.end);
        self.end = self.end.min(end);
    }

    /// Adds a layer. The closures run only if layers are wanted.
    fn layer(
        &mut self,
        name: &'static str,
        range: Range<usize>,
        info: impl FnOnce() -> String,
        fields: impl FnOnce(&mut Fields<'a>),
    ) {
        let data = self.data;
        let Some(layers) = &mut self.layers else {
            return;
        };
        let range = range.start.min(data.len())..range.end.min(data.len());
        let mut list = Fields { data, start: range.start, list: Vec::new() };
        fields(&mut list);
        layers.push(Layer { name: name.into(), info: info(), range, fields: list.list });
    }

    /// Ends the walk at a header of which only a part is there.
    fn cut(&mut self, name: &'static str, at: usize, need: usize) -> Next {
        let have = self.rest(at).len();
        self.what = format!("{name} truncated");
        let end = self.end.max(at);
        self.layer(name, at..end, || format!("truncated: {have} bytes of {need}"), |f| f.add("bytes", 0..have, hex));
        Next::Done
    }

    /// Ends the walk at a header that is not valid.
    fn invalid(&mut self, name: &'static str, at: usize, why: impl fmt::Display) -> Next {
        self.what = format!("{name} not valid");
        let end = self.end.max(at);
        self.layer(name, at..end, || format!("not valid: {why}"), |_| {});
        Next::Done
    }

    /// What is left, as bytes.
    fn data_layer(&mut self, at: usize) {
        let len = self.rest(at).len();
        if self.what.is_empty() {
            self.what = format!("{len} bytes");
        }
        let missing = self.missing;
        if len > 0 || missing > 0 {
            let info = || match missing {
                0 => format!("{len} bytes"),
                _ => format!("{len} bytes, then truncated: {missing} more were not captured"),
            };
            self.layer("Data", at..at + len, info, |_| {});
        }
    }

    /// Bytes after the end that the length fields give: padding of short frames, check sequences.
    fn trailer(&mut self) {
        let all = self.data.len();
        // An inner length cannot tell padding from an outer header's data, but all that is left
        // over lies at the end of the packet.
        if self.end < all {
            let len = all - self.end;
            self.layer("Trailer", self.end..all, || format!("{len} bytes after the packet"), |_| {});
        }
    }
}

/// The fields of a layer under construction; ranges are relative to the layer's start.
struct Fields<'a> {
    data: &'a [u8],
    start: usize,
    list: Vec<Field>,
}

impl<'a> Fields<'a> {
    /// Adds the field at `range`, whose value is made from its bytes. A field that the packet does
    /// not hold whole is left out.
    fn add<V: Into<String>>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        range: Range<usize>,
        value: impl FnOnce(&'a [u8]) -> V,
    ) {
        let range = self.start + range.start..self.start + range.end;
        if self.list.len() < MAX_FIELDS
            && let Some(bytes) = self.data.get(range.clone())
        {
            self.list.push(Field { name: name.into(), value: value(bytes).into(), range });
        }
    }

    /// Adds the field at `range` with a value that is at hand.
    fn put(&mut self, name: &'static str, range: Range<usize>, value: impl fmt::Display) {
        self.add(name, range, |_| value.to_string());
    }

    /// Adds a big-endian number, in decimal.
    fn number(&mut self, name: &'static str, range: Range<usize>) {
        self.add(name, range, |bytes| bytes.iter().fold(0u64, |n, &b| n << 8 | u64::from(b)).to_string());
    }
}

/// `02:00:00:00:00:07`, of any number of bytes.
fn full_mac(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    parts.join(":")
}

/// `02:00:…:07`: enough to tell two addresses of one capture apart.
fn short_mac(mac: [u8; 6]) -> String {
    match mac {
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] => "broadcast".to_string(),
        [a, b, .., z] => format!("{a:02x}:{b:02x}:…:{z:02x}"),
    }
}

/// The first bytes in hexadecimal, `…` if there are more than 32.
fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 32;
    let mut text: String = bytes.iter().take(SHOWN).map(|b| format!("{b:02x}")).collect();
    if bytes.len() > SHOWN {
        text.push('…');
    }
    text
}

/// Text from the wire: control characters and what is not UTF-8 become `?`, long text ends in `…`.
fn text(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let lossy = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
    let mut clean: String = lossy
        .chars()
        .map(|c| if c.is_control() || c == char::REPLACEMENT_CHARACTER { '?' } else { c })
        .take(SHOWN)
        .collect();
    if lossy.chars().count() > SHOWN || bytes.len() > 4 * SHOWN {
        clean.push('…');
    }
    clean
}

/// The names of the bits that are set, joined by commas; `none` if there are none.
fn bits(set: &[(bool, &str)]) -> String {
    let names: Vec<&str> = set.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
    if names.is_empty() { "none".to_string() } else { names.join(",") }
}

/// The big-endian 16-bit number at `at`, if it is there.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
