//! What an expression asks of which bytes.
//!
//! The rules are those of pcap-filter(7), and where it leaves something open those of libpcap 1.10, asked of `tcpdump -d`.
//! Words are taken in their order, since `vlan`, `mpls` and `pppoes` move where everything after them is looked for.

use std::ops::Range;

use super::bytes::{Place, View};
use super::cells::Cells;
use super::graph::{Graph, Node, Question, Test};
use super::tree::{Expr, Number, Primitive, Proto};
use super::value::{Value, ValueId, Values};
use super::{FilterError, Frame, Link};
use crate::classic::{AluOp, Cond, Ext};
use crate::isa::Size;

/// EtherTypes and other numbers that more than one place names.
pub(super) mod number {
    pub const IP: u32 = 0x0800;
    pub const ARP: u32 = 0x0806;
    pub const RARP: u32 = 0x8035;
    pub const IPV6: u32 = 0x86dd;
    pub const VLANS: [u32; 3] = [0x8100, 0x88a8, 0x9100];
    pub const DECNET: u32 = 0x6003;
    /// The 802.2 service access point of ISO's protocols.
    pub const ISO: u32 = 0xfe;
    pub const MPLS: u32 = 0x8847;
    pub const PPPOE_DISCOVERY: u32 = 0x8863;
    pub const PPPOE_SESSION: u32 = 0x8864;
    pub const ATALK: u32 = 0x809b;
    pub const AARP: u32 = 0x80f3;
    pub const IPX: u32 = 0x8137;
    /// The largest value of an Ethernet type field that is a length (`ETHERMTU`).
    pub const MAX_LENGTH: u32 = 1500;
    pub const TCP: u32 = 6;
    pub const UDP: u32 = 17;
    pub const SCTP: u32 = 132;
    pub const ICMPV6: u32 = 58;
    pub const FRAGMENT: u32 = 44;
    /// `PACKET_OUTGOING`, in cooked headers, too.
    pub const OUTGOING: u32 = 4;
}

/// A primitive's question, or what is wrong with it.
pub(super) type Asked = Result<Question, String>;

/// The first decision of a tree of a filter for that frame.
pub(super) fn decide(tree: &Expr, frame: Frame, values: &mut Values, graph: &mut Graph) -> Result<Node, FilterError> {
    let mut root = |view, values: &mut Values| {
        let mut meaning = Meaning::new(frame.link(), view, values);
        let question = meaning.root(tree)?;
        Ok(graph.ask(&question, values, Node::Accept, Node::Reject))
    };
    match frame {
        Frame::File(_) => root(View::File, values),
        Frame::Socket(Link::Ethernet) => {
            let (whole, beside) = (root(View::File, values)?, root(View::TagBeside, values)?);
            let left = values.id(Value::Ext(Ext::VlanTagPresent));
            let right = values.id(Value::Const(0));
            Ok(graph.test(Test { cond: Cond::Eq, left, right }, values, whole, beside))
        }
        Frame::Socket(_) => root(View::Stripped, values),
    }
}

/// Where the headers are, which words move.
#[derive(Clone, Copy)]
pub(super) struct Offsets {
    /// The link-layer header.
    pub header: Place,
    /// The type of what follows it.
    pub kind: Place,
    /// The network-layer header.
    pub network: Place,
    /// From there to a network-layer header that only an 802.2 header without SNAP has before it.
    pub behind_llc: u32,
    /// Whether the link layer is PPP.
    pub ppp: bool,
    /// Whether there may be no link-layer header, which is so when it is where the network layer is.
    pub bare: bool,
    /// Labels before the network layer.
    pub labels: u32,
}

/// Asks for the bytes of one kind of packet.
pub(super) struct Meaning<'a> {
    pub values: &'a mut Values,
    /// The link type of what is looked at.
    pub link: Link,
    /// The link type of the packet in the file.
    pub outer: Link,
    pub at: Offsets,
    pub view: View,
    /// When one of these holds, what is computed lies outside of every packet.
    pub bails: Vec<Test>,
    /// Whether what follows is asked although what is before it may not be so.
    pub unsure: bool,
    /// Words of scratch memory, and those of them that are read where nothing may have been kept.
    pub cells: Cells,
}

impl<'a> Meaning<'a> {
    fn new(link: Link, view: View, values: &'a mut Values) -> Meaning<'a> {
        let at = Offsets {
            header: 0.into(),
            kind: link.type_at().into(),
            network: link.header_len().into(),
            behind_llc: if link == Link::Ethernet { 3 } else { 0 },
            ppp: false,
            bare: false,
            labels: 0,
        };
        let cells = Cells::default();
        Meaning { values, link, outer: link, at, view, bails: Vec::new(), unsure: false, cells }
    }

    /// A whole tree's question. What is read of scratch memory where nothing was kept is 0, as in tcpdump's own machine.
    fn root(&mut self, tree: &Expr) -> Result<Question, FilterError> {
        let question = self.expression(tree)?;
        let zero = self.constant(0);
        let unset = std::mem::take(&mut self.cells.unset);
        let keep = |cell| Question::Keep(self.values.id(Value::Kept(cell, zero)));
        let mut all: Vec<_> = unset.into_iter().map(keep).collect();
        all.push(question);
        Ok(Question::All(all))
    }

    /// An expression that may not be so, and others are asked all the same.
    fn unsurely(&mut self, expr: &Expr) -> Result<Question, FilterError> {
        let before = std::mem::replace(&mut self.unsure, true);
        let question = self.expression(expr);
        self.unsure = before;
        question
    }

    fn expression(&mut self, expr: &Expr) -> Result<Question, FilterError> {
        Ok(match expr {
            Expr::And(list) => Question::All(list.iter().map(|e| self.expression(e)).collect::<Result<_, _>>()?),
            Expr::Or(list) => Question::Any(list.iter().map(|e| self.unsurely(e)).collect::<Result<_, _>>()?),
            Expr::Not(inner) => Question::Not(Box::new(self.unsurely(inner)?)),
            Expr::Ask(Primitive::Relation(cond, left, right, opposite), _) => {
                return self.relation(*cond, left, right, *opposite);
            }
            Expr::Ask(primitive, span) => {
                let at = |message| FilterError { start: span.start, end: span.end, message };
                let asked = self.primitive(primitive).map_err(at)?;
                self.with_bails(Vec::new(), asked)
            }
        })
    }

    /// A question, after others and what may make its values lie outside of the packet.
    fn with_bails(&mut self, mut before: Vec<Question>, question: Question) -> Question {
        before.extend(self.bails.drain(..).map(Question::Bail));
        if before.is_empty() {
            return question;
        }
        before.push(question);
        Question::All(before)
    }

    fn relation(&mut self, cond: Cond, left: &Number, right: &Number, opposite: bool) -> Result<Question, FilterError> {
        let mut checks = Vec::new();
        let left = self.number(left, &mut checks)?;
        let right = self.number(right, &mut checks)?;
        let question = Question::Test(Test { cond, left, right });
        let question = if opposite { Question::Not(Box::new(question)) } else { question };
        Ok(self.with_bails(checks, question))
    }

    /// An arithmetic expression; `checks` is what must be so before it means anything.
    fn number(&mut self, number: &Number, checks: &mut Vec<Question>) -> Result<ValueId, FilterError> {
        let wrong = |span: &Range<usize>, message: String| FilterError { start: span.start, end: span.end, message };
        match number {
            Number::Const(k) => Ok(self.constant(*k)),
            Number::Len => Ok(self.len()),
            Number::Neg(of) => {
                let of = self.number(of, checks)?;
                Ok(self.values.neg(of))
            }
            Number::Alu(op, left, right, at) => {
                if let (AluOp::Lsh | AluOp::Rsh, Number::Const(32..)) = (op, &**right) {
                    return Err(wrong(at, "a shift by more than 31 bits".to_owned()));
                }
                let left = self.number(left, checks)?;
                // What its right side takes for granted libpcap does not ask: `1 + tcp[13] = 3` is true of some UDP packets.
                let mut unasked = Vec::new();
                let right = self.number(right, &mut unasked)?;
                if !unasked.is_empty() && self.view == View::TagBeside && checks.is_empty() {
                    let message = "at a socket this is asked of the left side: put it first".to_owned();
                    return Err(wrong(at, message));
                }
                self.alu(*op, left, right).ok_or_else(|| wrong(at, "a division by zero".to_owned()))
            }
            Number::Bytes { proto, at, size, span } => {
                let at = self.number(at, checks)?;
                let size = match size {
                    1 => Size::B,
                    2 => Size::H,
                    _ => Size::W,
                };
                self.bytes_of(proto, at, size, checks).map_err(|message| wrong(span, message))
            }
        }
    }

    /// Arithmetic as tcpdump's own machine does it: a shift by more than 31 bits leaves nothing, where the kernel's takes
    /// the lower five bits.
    fn alu(&mut self, op: AluOp, left: ValueId, right: ValueId) -> Option<ValueId> {
        let shift = matches!(op, AluOp::Lsh | AluOp::Rsh);
        if !shift || self.values.constant(right).is_some() || self.values.bound(right) < 32 {
            return self.values.alu(op, left, right);
        }
        // 1 when right < 32: then right >> 5 is 0, and one less has its highest bit set.
        let (five, one, highest, mask) = (self.constant(5), self.constant(1), self.constant(31), self.constant(31));
        let above = self.values.alu(AluOp::Rsh, right, five)?;
        let below = self.values.alu(AluOp::Sub, above, one)?;
        let fits = self.values.alu(AluOp::Rsh, below, highest)?;
        let by = self.values.alu(AluOp::And, right, mask)?;
        let shifted = self.values.alu(op, left, by)?;
        self.values.alu(AluOp::Mul, shifted, fits)
    }

    /// Bytes at an offset of a protocol's header, as in `tcp[13]`.
    fn bytes_of(
        &mut self,
        proto: &'static str,
        at: ValueId,
        size: Size,
        checks: &mut Vec<Question>,
    ) -> Result<ValueId, String> {
        let network = self.at.network;
        let (check, base) = match proto {
            "ether" => return self.indexed(self.at.header, at, size),
            "tcp" | "udp" | "sctp" | "icmp" | "igmp" | "igrp" | "pim" | "vrrp" | "carp" => {
                checks.push(self.proto("ip")?);
                checks.push(self.proto(proto)?);
                checks.push(self.no_fragment()?);
                let header = self.header_len(network)?;
                // The one that X can take directly is on the right.
                let (left, right) = if self.values.constant(at).is_some() { (header, at) } else { (at, header) };
                let at = self.plus(left, right);
                return self.indexed(network, at, size);
            }
            "icmp6" => {
                checks.push(self.proto("ip6")?);
                (self.byte_is(network + 6, number::ICMPV6)?, network + 40)
            }
            "ip" | "ip6" | "arp" | "rarp" | "atalk" | "aarp" | "decnet" | "lat" | "sca" | "mopdl" | "moprc" => {
                (self.proto(proto)?, network)
            }
            proto => return Err(format!("there are no bytes of `{proto}` to ask for")),
        };
        checks.push(check);
        self.indexed(base, at, size)
    }

    fn primitive(&mut self, primitive: &Primitive) -> Asked {
        match primitive {
            Primitive::All => Ok(Question::Always),
            Primitive::Proto(proto) => self.proto(proto),
            Primitive::Address(qualifiers, id) => self.address(*qualifiers, id),
            Primitive::Relation(..) => unreachable!("it has its own function, for its places"),
            Primitive::Broadcast(proto) => self.broadcast(*proto),
            Primitive::Multicast(proto) => self.multicast(*proto),
            Primitive::Less(most) => {
                let len = self.len();
                Ok(Question::Not(Box::new(self.compare(Cond::Gt, len, *most))))
            }
            Primitive::Greater(least) => {
                let len = self.len();
                Ok(self.compare(Cond::Ge, len, *least))
            }
            Primitive::Byte(at, cond, k, opposite) => {
                let byte = self.load(self.at.header + *at, Size::B)?;
                let question = self.compare(*cond, byte, *k);
                Ok(if *opposite { Question::Not(Box::new(question)) } else { question })
            }
            Primitive::Inbound(inbound) => {
                let kind = match self.link {
                    Link::LinuxSll if !self.at.ppp => self.load(0.into(), Size::H)?,
                    Link::LinuxSll2 if !self.at.ppp => self.load(10.into(), Size::B)?,
                    link => {
                        return Err(format!("a capture of {} packets does not say which way they went", link.name()));
                    }
                };
                let outgoing = self.compare(Cond::Eq, kind, number::OUTGOING);
                Ok(if *inbound { Question::Not(Box::new(outgoing)) } else { outgoing })
            }
            Primitive::Ifindex(index) => {
                if self.link != Link::LinuxSll2 || self.at.ppp {
                    return Err(format!(
                        "a capture of {} packets does not say the interface's index",
                        self.link.name()
                    ));
                }
                let found = self.load(4.into(), Size::W)?;
                Ok(self.compare(Cond::Eq, found, *index))
            }
            Primitive::Vlan(tag) => self.vlan(*tag),
            Primitive::Mpls(label) => self.mpls(*label),
            Primitive::PppoeDiscovery => self.link_type(number::PPPOE_DISCOVERY),
            Primitive::PppoeSession(session) => self.pppoe_session(*session),
            Primitive::Geneve(network) => self.geneve(*network),
            Primitive::Llc(kind) => self.llc(*kind),
        }
    }

    fn broadcast(&mut self, proto: Proto) -> Asked {
        match proto {
            None | Some("ether") => {
                self.ethernet_only("broadcast")?;
                let found = self.mac_is(0, [0xff; 6])?;
                self.with_header(found)
            }
            // The netmask of a capture's network is not known: all ones or all zeros are left.
            Some("ip") => {
                let address = self.load(self.at.network + 16, Size::W)?;
                let (zeros, ones) = (self.compare(Cond::Eq, address, 0), self.compare(Cond::Eq, address, u32::MAX));
                Ok(Question::All(vec![self.link_type(number::IP)?, Question::Any(vec![zeros, ones])]))
            }
            Some(proto) => Err(format!("there is no broadcast of `{proto}`: only of `ether` and `ip`")),
        }
    }

    fn multicast(&mut self, proto: Proto) -> Asked {
        match proto {
            None | Some("ether") => {
                self.ethernet_only("multicast")?;
                let first = self.load(self.at.header, Size::B)?;
                let found = self.compare(Cond::Set, first, 1);
                self.with_header(found)
            }
            Some("ip") => {
                let first = self.load(self.at.network + 16, Size::B)?;
                Ok(Question::All(vec![self.link_type(number::IP)?, self.compare(Cond::Ge, first, 224)]))
            }
            Some("ip6") => {
                let check = self.link_type(number::IPV6)?;
                Ok(Question::All(vec![check, self.byte_is(self.at.network + 24, 0xff)?]))
            }
            Some(proto) => Err(format!("there is no multicast of `{proto}`: only of `ether`, `ip` and `ip6`")),
        }
    }

    /// A question about the link-layer header, where there is one.
    pub fn with_header(&mut self, question: Question) -> Asked {
        match (self.at.bare, self.at.header.behind, self.at.network.behind) {
            (true, Some(left), Some(right)) => {
                let none = Question::Test(Test { cond: Cond::Eq, left, right });
                Ok(Question::All(vec![Question::Not(Box::new(none)), question]))
            }
            _ => Ok(question),
        }
    }

    pub fn ethernet_only(&self, what: &str) -> Result<(), String> {
        match self.link {
            Link::Ethernet if self.at.ppp => {
                Err(format!("a link-layer {what} is of Ethernet; behind `pppoes` these packets are PPP"))
            }
            Link::Ethernet => Ok(()),
            link => Err(format!("a link-layer {what} is of Ethernet; these packets are {}", link.name())),
        }
    }
}
