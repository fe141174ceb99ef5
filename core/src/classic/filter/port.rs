//! Ports, by number and by name, and ranges of them.

use super::address::not_of;
use super::graph::Question;
use super::lex::Word;
use super::meaning::{Asked, Meaning, number};
use super::names::{self, Transport};
use super::tree::{Dir, Kind, Qualifiers};
use crate::classic::Cond;
use crate::isa::Size;

/// Transports that have ports, in the order in which they are asked for.
const WITH_PORTS: [u32; 3] = [number::SCTP, number::TCP, number::UDP];

impl Meaning<'_> {
    /// Whether a packet has a port, or one of a range.
    pub fn port(&mut self, q: Qualifiers, word: &Word) -> Asked {
        let asked = match q.proto {
            None => None,
            Some("tcp") => Some(number::TCP),
            Some("udp") => Some(number::UDP),
            Some("sctp") => Some(number::SCTP),
            Some(proto) => return Err(not_of(proto, q.kind, "a port")),
        };
        let (range, named) = named_port(word, q.kind)?;
        let named = match named {
            Transport::Tcp => Some((number::TCP, "tcp")),
            Transport::Udp => Some((number::UDP, "udp")),
            Transport::Any => None,
        };
        let transports = match (asked, named) {
            (Some(asked), Some((named, of))) if asked != named => {
                return Err(format!("the port of that name is of {of}"));
            }
            (Some(transport), _) | (None, Some((transport, _))) => vec![transport],
            (None, None) => WITH_PORTS.to_vec(),
        };
        self.ports(q.dir, &transports, range)
    }

    fn ports(&mut self, dir: Dir, transports: &[u32], (first, last): (u32, u32)) -> Asked {
        let network = self.at.network;
        let in_range = |meaning: &mut Self, port| {
            if first == last {
                return meaning.compare(Cond::Eq, port, first);
            }
            let above = meaning.compare(Cond::Gt, port, last);
            Question::All(vec![meaning.compare(Cond::Ge, port, first), Question::Not(Box::new(above))])
        };
        let mut versions = Vec::new();
        for (version, protocol_at) in [(number::IPV6, 6), (number::IP, 9)] {
            // Each transport has questions of its own, since more is known of the answers then.
            let mut each = Vec::new();
            for transport in transports {
                let mut checks = vec![self.byte_is(network + protocol_at, *transport)?];
                if version == number::IP {
                    checks.push(self.no_fragment()?);
                }
                checks.push(self.directed(dir, [0, 2], |meaning, at| {
                    let port = match version {
                        number::IP => meaning.behind_header(at, Size::H)?,
                        _ => meaning.load(network + 40 + at, Size::H)?,
                    };
                    Ok(in_range(meaning, port))
                })?);
                each.push(Question::All(checks));
            }
            versions.push(Question::All(vec![self.link_type(version)?, Question::Any(each)]));
        }
        Ok(Question::Any(versions))
    }
}

/// The ports that a number, a name or a range of them stands for, and of which transports.
fn named_port(word: &Word, kind: Kind) -> Result<((u32, u32), Transport), String> {
    let one = |port: u32| match port {
        0..=0xffff => Ok(port),
        _ => Err(format!("port {port}: the most is 65535")),
    };
    let name = match word {
        Word::Number(port) => return Ok(((one(*port)?, *port), Transport::Any)),
        Word::Name(name) => name,
        _ => return Err("the number or the name of a port is expected".to_owned()),
    };
    let part = |part: &str| match part.parse::<u32>() {
        Ok(port) => Ok((one(port)?, Transport::Any)),
        Err(_) => match names::port(part) {
            Some((port, transport)) => Ok((u32::from(port), transport)),
            None => Err(format!("no port `{part}` is known: write its number")),
        },
    };
    let Some((first, last)) = name.split_once('-').filter(|_| kind == Kind::PortRange) else {
        let (port, transport) = part(name)?;
        return Ok(((port, port), transport));
    };
    let ((first, a), (last, b)) = (part(first)?, part(last)?);
    Ok(((first.min(last), first.max(last)), if a == b { a } else { Transport::Any }))
}
