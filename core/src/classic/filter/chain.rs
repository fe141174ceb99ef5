//! Chains of headers: `protochain` follows them from the IP header on.
//!
//! libpcap makes a loop of it, with a jump back that the kernel does not take. Here the loop is unrolled, so that the kernel
//! takes the filter: [`MAX_CHAIN`] headers are followed. Like libpcap it takes an authentication header to end so many bytes
//! after the beginning of the IP header as it is long. Where such a header leads back to itself tcpdump never ends; here the
//! packet is not accepted.

use super::graph::Question;
use super::lex::Word;
use super::meaning::{Asked, Meaning, number};
use super::names;
use super::tree::Proto;
use super::value::{Value, ValueId};
use crate::classic::{AluOp, Cond};
use crate::isa::Size;

/// Headers of a chain that are followed: twice as many as RFC 8200 (§4.1) knows in one packet.
const MAX_CHAIN: u32 = 16;
/// Headers of IPv6 that say in units of 8 bytes how long they are beyond the first 8: hop-by-hop options, destination
/// options, routing, and the fragment header, in which that byte is 0.
const EXTENSIONS: [u32; 4] = [0, 60, 43, number::FRAGMENT];
const AUTHENTICATION: u32 = 51;
const NO_NEXT: u32 = 59;

impl Meaning<'_> {
    /// Whether a header of that protocol is in the packet's chain.
    pub fn protochain(&mut self, proto: Proto, word: &Word) -> Asked {
        let versions: &[u32] = match proto {
            None => &[number::IP, number::IPV6],
            Some("ip") => &[number::IP],
            Some("ip6") => &[number::IPV6],
            Some(proto) => return Err(format!("`{proto} protochain`: only `ip` and `ip6` have chains of headers")),
        };
        let protocol = match word {
            Word::Number(number) => *number,
            Word::Name(name) => names::ip_protocol(name).ok_or_else(|| format!("no protocol `{name}` is known"))?,
            _ => return Err("the number or the name of a protocol is expected".to_owned()),
        };
        if self.at.network.behind.is_some() {
            return Err("behind `geneve` no chain is followed, since its headers are of any length".to_owned());
        }
        let each = versions.iter().map(|version| self.chain(*version, protocol));
        Ok(Question::Any(each.collect::<Result<_, _>>()?))
    }

    fn chain(&mut self, version: u32, protocol: u32) -> Asked {
        let network = self.at.network;
        let check = self.link_type(version)?;
        let (first, header) = match version {
            number::IP => (self.load(network + 9, Size::B)?, self.header_len(network)?),
            _ => (self.load(network + 6, Size::B)?, self.constant(40)),
        };
        let rest = self.links(version, protocol, first, header, 0)?;
        Ok(Question::All(vec![check, rest]))
    }

    /// Whether the protocol is the one that `next` says, or one further on; `at` is the offset of the header that `next` is
    /// of.
    fn links(&mut self, version: u32, protocol: u32, next: ValueId, at: ValueId, followed: u32) -> Asked {
        let is = |meaning: &mut Self, kind| meaning.compare(Cond::Eq, next, kind);
        let found = is(self, protocol);
        if followed == MAX_CHAIN {
            return Ok(found);
        }
        let ends = is(self, NO_NEXT);
        let network = self.at.network;
        let cell = self.cells.lend(followed % 2)?;
        let length = self.indexed(network + 1, at, Size::B)?;
        // Each follows with where the next one is.
        let mut kinds = Vec::new();
        if version == number::IPV6 {
            let known = EXTENSIONS.map(|kind| is(self, kind));
            let behind = self.scaled(length, 1, 8);
            let behind = self.plus(behind, at);
            kinds.push(Question::All(vec![Question::Any(known.into()), self.keep(cell, behind)]));
        }
        let behind = self.scaled(length, 2, 4);
        kinds.push(Question::All(vec![is(self, AUTHENTICATION), self.keep(cell, behind)]));
        let after = self.indexed(network, at, Size::B)?;
        let at = self.values.id(Value::Cell(cell));
        let further = self.links(version, protocol, after, at, followed + 1)?;
        Ok(Question::Any(vec![
            found,
            Question::All(vec![Question::Not(Box::new(ends)), Question::Any(kinds), further]),
        ]))
    }

    /// `(length + more) * unit`.
    fn scaled(&mut self, length: ValueId, more: u32, unit: u32) -> ValueId {
        let (more, unit) = (self.constant(more), self.constant(unit));
        let sum = self.plus(length, more);
        self.values.alu(AluOp::Mul, sum, unit).expect("no division")
    }
}
