//! The tree of a filter expression, with where each part is.

use std::ops::Range;

use super::lex::Word;
use crate::classic::{AluOp, Cond};

/// An expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expr {
    /// All of them, in this order.
    And(Vec<Expr>),
    /// One of them, in this order.
    Or(Vec<Expr>),
    /// Not it.
    Not(Box<Expr>),
    /// One question.
    Ask(Primitive, Range<usize>),
}

impl Expr {
    /// Whether something in it computes offsets: libpcap does not optimise such an expression.
    pub fn computes_offsets(&self) -> bool {
        match self {
            Expr::And(list) | Expr::Or(list) => list.iter().any(Expr::computes_offsets),
            Expr::Not(inner) => inner.computes_offsets(),
            Expr::Ask(Primitive::Address(qualifiers, _), _) => qualifiers.kind == Kind::ProtoChain,
            Expr::Ask(primitive, _) => matches!(primitive, Primitive::Geneve(_)),
        }
    }
}

/// A protocol by its keyword; `None` where an expression names none.
pub(super) type Proto = Option<&'static str>;

/// One question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Primitive {
    /// Everything.
    All,
    /// Is it of that protocol?
    Proto(&'static str),
    /// Does it have that address, port or protocol?
    Address(Qualifiers, Id),
    /// How do two numbers compare? The last says whether the opposite is meant.
    Relation(Cond, Number, Number, bool),
    Broadcast(Proto),
    Multicast(Proto),
    /// At most that many bytes.
    Less(u32),
    /// At least that many bytes.
    Greater(u32),
    /// The byte at that offset of the frame compares so; the last says whether the opposite is meant.
    Byte(u32, Cond, u32, bool),
    /// Did it come in (or go out)?
    Inbound(bool),
    Ifindex(u32),
    Vlan(Option<u32>),
    Mpls(Option<u32>),
    PppoeDiscovery,
    PppoeSession(Option<u32>),
    Geneve(Option<u32>),
    /// Is it an 802.2 frame? Of a type: of its control field the mask, and what is left of it.
    Llc(Option<(u32, u32)>),
}

/// What kind of address is meant, of which protocol, and in which direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Qualifiers {
    pub proto: Proto,
    pub dir: Dir,
    pub kind: Kind,
}

/// Which of source and destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dir {
    Src,
    Dst,
    Either,
    Both,
}

/// What kind of thing an address is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Nobody said.
    Unsaid,
    Host,
    Net,
    Port,
    PortRange,
    Proto,
    ProtoChain,
    Gateway,
}

/// An address, a port or a protocol as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Id {
    /// A number, a name or an address.
    Plain(Word),
    /// `10.0.0.0/8`, `fd00::/8`.
    Prefix(Word, u32),
    /// `10.0.0.0 mask 255.0.0.0`.
    Mask(Word, Word),
}

/// An arithmetic expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Number {
    /// A number.
    Const(u32),
    /// Bytes of the packet.
    Len,
    /// Bytes at an offset of a protocol's header.
    Bytes { proto: &'static str, at: Box<Number>, size: u32, span: Range<usize> },
    /// Arithmetic; where its operator and right side are.
    Alu(AluOp, Box<Number>, Box<Number>, Range<usize>),
    /// The number below zero.
    Neg(Box<Number>),
}
