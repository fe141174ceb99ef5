//! What the link layer says of what follows it: by EtherType, by an 802.2 header, or by less.

use super::Link;
use super::graph::Question;
use super::meaning::{Asked, Meaning, number};
use crate::classic::Cond;
use crate::isa::Size;

impl Meaning<'_> {
    /// Whether the link layer says that this follows.
    pub fn link_type(&mut self, kind: u32) -> Asked {
        let (at, network) = (self.at.kind, self.at.network);
        if self.at.labels > 0 {
            return self.labelled(kind);
        }
        if self.at.ppp {
            let found = self.load(at, Size::H)?;
            return Ok(self.compare(Cond::Eq, found, ppp_type(kind)));
        }
        if let Some(found) = self.type_beside() {
            return Ok(if matches!(kind, number::IP | number::IPV6) {
                self.compare(Cond::Eq, found, kind)
            } else {
                Question::Never
            });
        }
        if self.is_tag_instead(kind) {
            return Ok(Question::Never);
        }
        match (self.link, kind) {
            (Link::Ethernet | Link::LinuxSll, kind) if kind <= number::MAX_LENGTH || is_snap(kind) => {
                self.llc_type(kind)
            }
            (Link::Ethernet | Link::LinuxSll | Link::LinuxSll2, _) => {
                let found = self.load(at, Size::H)?;
                Ok(self.compare(Cond::Eq, found, kind))
            }
            (Link::Raw, number::IP | number::IPV6) => {
                let found = self.load(network, Size::B)?;
                Ok(self.masked(found, 0xf0, if kind == number::IP { 0x40 } else { 0x60 }))
            }
            (Link::Ipv4, number::IP) | (Link::Ipv6, number::IPV6) => Ok(Question::Always),
            (Link::Null | Link::Loop, number::IP | number::IPV6) => {
                let found = self.load(0.into(), Size::W)?;
                // IPv6 has another number on each system.
                let families: &[u32] = if kind == number::IP { &[2] } else { &[24, 28, 30] };
                let order = |family: u32| if self.link == Link::Null { family.swap_bytes() } else { family };
                let families: Vec<u32> = families.iter().map(|family| order(*family)).collect();
                Ok(Question::Any(families.into_iter().map(|family| self.compare(Cond::Eq, found, family)).collect()))
            }
            _ => Ok(Question::Never),
        }
    }

    /// Behind MPLS labels nothing says what follows: the IP version does.
    fn labelled(&mut self, kind: u32) -> Asked {
        let version = match kind {
            number::IP => 0x40,
            number::IPV6 => 0x60,
            _ => return Err("behind MPLS labels only `ip` and `ip6` are told apart".to_owned()),
        };
        let last_label = self.load(self.at.network - 2, Size::B)?;
        let last = self.masked(last_label, 1, 1);
        let found = self.load(self.at.network, Size::B)?;
        Ok(Question::All(vec![last, self.masked(found, 0xf0, version)]))
    }

    /// Whether it is an 802.2 frame, of a type.
    pub fn llc(&mut self, kind: Option<(u32, u32)>) -> Asked {
        self.ethernet_only("`llc`")?;
        let found = self.load(self.at.network, Size::H)?;
        let novell = self.compare(Cond::Eq, found, 0xffff);
        let mut checks = vec![self.is_802_2()?, Question::Not(Box::new(novell))];
        if let Some((mask, bits)) = kind {
            let control = self.load(self.at.network + 2, Size::B)?;
            checks.push(self.masked(control, mask, bits));
        }
        Ok(Question::All(checks))
    }

    /// Whether the frame's type is a length, or what stands for that in a cooked header.
    fn is_802_2(&mut self) -> Asked {
        let found = self.load(self.at.kind, Size::H)?;
        Ok(match self.link {
            Link::LinuxSll => self.compare(Cond::Eq, found, 4),
            _ => Question::Not(Box::new(self.compare(Cond::Gt, found, number::MAX_LENGTH))),
        })
    }

    /// Whether an 802.2 header says that this follows: by a service access point, by SNAP, and where it may by its
    /// EtherType.
    fn llc_type(&mut self, kind: u32) -> Asked {
        let (at, header) = (self.at.kind, self.at.network);
        let (byte, pair) = (self.load(header, Size::B)?, self.load(header, Size::H)?);
        let by_type = |meaning: &mut Self, kind| {
            let found = meaning.load(at, Size::H)?;
            Ok::<_, String>(meaning.compare(Cond::Eq, found, kind))
        };
        match kind {
            // Both service access points are the same.
            0xfe | 0x06 | 0xf0 => {
                Ok(Question::All(vec![self.is_802_2()?, self.compare(Cond::Eq, pair, kind << 8 | kind)]))
            }
            0xe0 => {
                let direct = by_type(self, number::IPX)?;
                let sap = self.compare(Cond::Eq, byte, 0xe0);
                let novell = self.compare(Cond::Eq, pair, 0xffff);
                let snap = self.snap(0, number::IPX)?;
                let framed = match self.link {
                    Link::LinuxSll => {
                        // Novell's frames have a type of their own there.
                        let raw = by_type(self, 1)?;
                        Question::Any(vec![raw, Question::All(vec![self.is_802_2()?, Question::Any(vec![snap, sap])])])
                    }
                    _ => Question::All(vec![self.is_802_2()?, Question::Any(vec![snap, sap, novell])]),
                };
                Ok(Question::Any(vec![direct, framed]))
            }
            number::ATALK | number::AARP => {
                let direct = by_type(self, kind)?;
                let snap = self.snap(if kind == number::ATALK { 0x08_0007 } else { 0 }, kind)?;
                Ok(Question::Any(vec![direct, Question::All(vec![self.is_802_2()?, snap])]))
            }
            _ => {
                // Behind the type, which may stand elsewhere than the network layer makes think.
                let byte = if self.link == Link::Ethernet { self.load(at + 2, Size::B)? } else { byte };
                Ok(Question::All(vec![self.is_802_2()?, self.compare(Cond::Eq, byte, kind)]))
            }
        }
    }

    /// Whether a SNAP header has that organisation and type.
    fn snap(&mut self, organisation: u32, kind: u32) -> Asked {
        let header = self.at.network;
        let (low, high) = (self.load(header + 4, Size::W)?, self.load(header, Size::W)?);
        Ok(Question::All(vec![
            self.compare(Cond::Eq, low, (organisation & 0xffff) << 16 | kind),
            self.compare(Cond::Eq, high, 0xaaaa_0300 | organisation >> 16),
        ]))
    }
}
/// Whether frames of that EtherType may have it in a SNAP header.
fn is_snap(kind: u32) -> bool {
    matches!(kind, number::ATALK | number::AARP)
}

/// The PPP protocol number of an EtherType (<https://www.iana.org/assignments/ppp-numbers>).
fn ppp_type(kind: u32) -> u32 {
    match kind {
        number::IP => 0x21,
        number::IPV6 => 0x57,
        0x6003 => 0x27,
        number::ATALK => 0x29,
        0x0600 => 0x25,
        0xfe => 0x23,
        0x42 => 0x31,
        0xe0 => 0x2b,
        number::MPLS => 0x281,
        kind => kind,
    }
}
