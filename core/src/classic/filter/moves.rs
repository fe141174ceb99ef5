//! Words that move where everything after them is looked for: tags, labels, sessions, tunnels.

use super::Link;
use super::bytes::Place;
use super::graph::Question;
use super::meaning::{Asked, Meaning, Offsets, number};
use super::value::ValueId;
use crate::classic::{AluOp, Cond};
use crate::isa::Size;

/// The port of Geneve (RFC 8926 §3.3).
const GENEVE_PORT: u32 = 6081;
/// Bytes of a UDP header, and of a Geneve header without its options.
const UDP_LEN: u32 = 8;
const GENEVE_LEN: u32 = 8;
/// Bytes of an IPv6 header.
const IPV6_LEN: u32 = 40;
/// What a Geneve header says of an Ethernet frame in it.
const ETHERNET_WITHIN: u32 = 0x6558;

impl Meaning<'_> {
    pub fn vlan(&mut self, tag: Option<u32>) -> Asked {
        self.ethernet_only("VLAN tag")?;
        if self.at.labels > 0 {
            return Err("there is no VLAN tag after MPLS".to_owned());
        }
        let kinds = number::VLANS.map(|kind| self.link_type(kind)).into_iter().collect::<Result<_, _>>()?;
        let mut checks = vec![Question::Any(kinds)];
        if let Some(tag) = tag {
            if tag > 4095 {
                return Err(format!("VLAN {tag}: the most is 4095"));
            }
            let found = self.load(self.at.network, Size::H)?;
            checks.push(self.masked(found, 0x0fff, tag));
        }
        self.at.kind = self.at.kind + 4;
        self.at.network = self.at.network + 4;
        Ok(Question::All(checks))
    }

    pub fn mpls(&mut self, label: Option<u32>) -> Asked {
        let mut checks = vec![if self.at.labels > 0 {
            // The one before is not the last of the stack.
            let before = self.load(self.at.network - 2, Size::B)?;
            self.masked(before, 1, 0)
        } else if self.link == Link::Ethernet {
            self.link_type(number::MPLS)?
        } else {
            return Err(format!("there is no MPLS on {}", self.link.name()));
        }];
        if let Some(label) = label {
            if label > 0xf_ffff {
                return Err(format!("MPLS label {label}: the most is 1048575"));
            }
            let found = self.load(self.at.network, Size::W)?;
            checks.push(self.masked(found, 0xffff_f000, label << 12));
        }
        self.at.network = self.at.network + 4;
        self.at.labels += 1;
        Ok(Question::All(checks))
    }

    pub fn pppoe_session(&mut self, session: Option<u32>) -> Asked {
        let mut checks = vec![self.link_type(number::PPPOE_SESSION)?];
        if let Some(session) = session {
            if session > 0xffff {
                return Err(format!("PPPoE session {session}: the most is 65535"));
            }
            let found = self.load(self.at.network, Size::W)?;
            checks.push(self.masked(found, 0xffff, session));
        }
        let header = self.at.network + 6;
        let at = Offsets { header, kind: header, network: header + 2, ppp: true, labels: 0, ..self.at };
        self.at = at;
        Ok(Question::All(checks))
    }

    /// Whether it is a packet of Geneve, of that virtual network. What follows is looked for in what it carries: an
    /// Ethernet frame, or what its type says without one.
    pub fn geneve(&mut self, network: Option<u32>) -> Asked {
        if let Some(network @ 0x100_0000..) = network {
            return Err(format!("Geneve network {network}: the most is 16777215"));
        }
        let base = self.at.network.base;
        let (start, header) = self.cell()?;
        let (payload, inner) = self.cell()?;
        let (kind, kind_at) = self.cell()?;
        let (layer, layer_at) = self.cell()?;
        let mut versions = Vec::new();
        for version in [number::IP, number::IPV6] {
            let (checks, ip_header) = self.geneve_in(version, network)?;
            let udp = self.constant(UDP_LEN);
            let mut found = self.plus(ip_header, udp);
            if let Some(behind) = self.at.network.behind {
                found = self.plus(found, behind);
            }
            let keep = self.keep(start, found);
            versions.push(Question::All(vec![checks, keep]));
        }
        // From here on offsets are from the outer network layer's constant one.
        let from = |behind| Place { base, behind: Some(behind) };
        let options = {
            let first = self.load(from(header), Size::B)?;
            let (mask, four) = (self.constant(0x3f), self.constant(4));
            let words = self.values.alu(AluOp::And, first, mask).expect("no division");
            self.values.alu(AluOp::Mul, words, four).expect("no division")
        };
        let (eight, twelve, two) = (self.constant(GENEVE_LEN), self.constant(12), self.constant(2));
        let end = self.plus(options, eight);
        let end = self.plus(end, header);
        let keep_payload = self.keep(payload, end);
        let carries = self.load(from(header) + 2, Size::H)?;
        let is_frame = self.compare(Cond::Eq, carries, ETHERNET_WITHIN);
        let frame_kind = self.plus(inner, twelve);
        let frame_layer = self.plus(frame_kind, two);
        let bare_kind = self.plus(header, two);
        let frame = vec![is_frame, self.keep(kind, frame_kind), self.keep(layer, frame_layer)];
        let bare = vec![self.keep(kind, bare_kind), self.keep(layer, inner)];
        let kept = Question::Any(vec![Question::All(frame), Question::All(bare)]);
        self.link = Link::Ethernet;
        self.at = Offsets {
            header: from(inner),
            kind: from(kind_at),
            network: from(layer_at),
            ppp: false,
            bare: true,
            ..self.at
        };
        Ok(Question::All(vec![Question::Any(versions), keep_payload, kept]))
    }

    /// Whether a version of IP carries Geneve, and how long its header is.
    fn geneve_in(&mut self, version: u32, network: Option<u32>) -> Result<(Question, ValueId), String> {
        let at = self.at.network;
        let mut checks = vec![self.link_type(version)?];
        let header = match version {
            number::IP => {
                checks.push(self.byte_is(at + 9, number::UDP)?);
                checks.push(self.no_fragment()?);
                self.header_len(at)?
            }
            _ => {
                checks.push(self.byte_is(at + 6, number::UDP)?);
                self.constant(IPV6_LEN)
            }
        };
        let port = self.indexed(at + 2, header, Size::H)?;
        checks.push(self.compare(Cond::Eq, port, GENEVE_PORT));
        let first = self.indexed(at + UDP_LEN, header, Size::B)?;
        checks.push(self.masked(first, 0xc0, 0));
        if let Some(network) = network {
            let found = self.indexed(at + UDP_LEN + 4, header, Size::W)?;
            checks.push(self.masked(found, 0xffff_ff00, network << 8));
        }
        Ok((Question::All(checks), header))
    }
}
