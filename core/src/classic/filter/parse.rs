//! From words to a tree.
//!
//! Two things need a look ahead. A parenthesis holds a condition or a number, which the sign after it tells. And after
//! `and` or `or` may come a bare address that the qualifiers of the last one hold for: `port 80 or 443`.

use std::ops::Range;

use super::FilterError;
use super::lex::{Token, Word};
use super::tree::{Dir, Expr, Id, Kind, Number, Primitive, Proto, Qualifiers};
use crate::classic::{AluOp, Cond};

/// How deep an expression may be nested.
const MAX_DEPTH: usize = 200;

/// Protocols that may stand before an address, alone, or before `[`.
const PROTOCOLS: &[&str] = &[
    "ether", "ip", "arp", "rarp", "ip6", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp",
    "ah", "esp", "atalk", "aarp", "decnet", "lat", "sca", "moprc", "mopdl", "iso", "stp", "ipx", "netbeui",
];
/// Signs of arithmetic, with how tightly they bind. `%` and `^` have no rank of their own in libpcap's grammar: what
/// follows them belongs to their right side.
const OPERATORS: &[(&str, AluOp, u8)] = &[
    ("|", AluOp::Or, 1),
    ("&", AluOp::And, 2),
    ("<<", AluOp::Lsh, 3),
    (">>", AluOp::Rsh, 3),
    ("+", AluOp::Add, 4),
    ("-", AluOp::Sub, 4),
    ("*", AluOp::Mul, 5),
    ("/", AluOp::Div, 5),
    ("%", AluOp::Mod, TIGHTEST),
    ("^", AluOp::Xor, TIGHTEST),
];
const TIGHTEST: u8 = 6;
/// Comparisons: the condition, and whether it is its opposite that is meant.
const COMPARISONS: &[(&str, Cond, bool)] = &[
    (">", Cond::Gt, false),
    (">=", Cond::Ge, false),
    ("=", Cond::Eq, false),
    ("<=", Cond::Gt, true),
    ("<", Cond::Ge, true),
    ("!=", Cond::Eq, true),
];
/// Words that are of link types, or of a system's firewall, which are not here.
const ELSEWHERE: &[&str] = &[
    "radio", "type", "subtype", "dir", "addr1", "addr2", "addr3", "addr4", "ra", "ta", "es-is", "is-is", "clnp", "on",
    "lane", "vpi", "vci",
];

type Parsed<T> = Result<T, FilterError>;

/// An expression with the qualifiers that hold for a bare address after it.
type Qualified = (Expr, Option<Qualifiers>);

/// Parses the words of an expression; `end` is where its text ends.
pub(super) fn parse(tokens: &[Token], end: usize) -> Parsed<Expr> {
    if tokens.is_empty() {
        return Ok(Expr::Ask(Primitive::All, 0..end));
    }
    let mut parser = Parser { tokens, at: 0, end, depth: 0, closed_by: pairs(tokens) };
    let (expr, _) = parser.expression(None)?;
    match parser.peek() {
        None => Ok(expr),
        Some(Word::Key(")")) => Err(parser.wrong("there is no `(` that this `)` closes")),
        Some(_) => Err(parser.wrong("`and` or `or` is expected before this")),
    }
}

/// For each `(` where its `)` is.
fn pairs(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.word {
            Word::Key("(") => open.push(at),
            Word::Key(")") => {
                if let Some(start) = open.pop() {
                    pairs[start] = Some(at);
                }
            }
            _ => {}
        }
    }
    pairs
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    end: usize,
    depth: usize,
    closed_by: Vec<Option<usize>>,
}

impl<'a> Parser<'a> {
    fn word(&self, at: usize) -> Option<&'a Word> {
        self.tokens.get(at).map(|token| &token.word)
    }

    fn peek(&self) -> Option<&'a Word> {
        self.word(self.at)
    }

    fn key(&self) -> Option<&'static str> {
        match self.peek() {
            Some(Word::Key(key)) => Some(key),
            _ => None,
        }
    }

    fn take(&mut self, key: &str) -> bool {
        let found = self.key() == Some(key);
        self.at += usize::from(found);
        found
    }

    /// Where the next word is, or the end of the text.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }

    /// From a word to the last one that was taken.
    fn since(&self, first: usize) -> Range<usize> {
        self.tokens[first].span.start..self.tokens[self.at - 1].span.end
    }

    /// An error at the next word.
    fn wrong(&self, message: impl Into<String>) -> FilterError {
        let Range { start, end } = self.span();
        FilterError { start, end, message: message.into() }
    }

    fn expect(&mut self, key: &str) -> Parsed<()> {
        if self.take(key) { Ok(()) } else { Err(self.wrong(format!("`{key}` is expected here"))) }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.wrong(format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// `term and term or address …`: both bind alike, from the left. `before` are the qualifiers of what is before it.
    fn expression(&mut self, before: Option<Qualifiers>) -> Parsed<Qualified> {
        let first = self.term(before)?;
        self.chain(first, |parser, before| match parser.is_bare(parser.at) {
            true => parser.bare(before).map(|expr| (expr, before)),
            false => parser.term(before),
        })
    }

    /// What `and` and `or` join; `operand` gets the qualifiers of what is before it.
    fn chain(
        &mut self,
        first: Qualified,
        mut operand: impl FnMut(&mut Self, Option<Qualifiers>) -> Parsed<Qualified>,
    ) -> Parsed<Qualified> {
        let (mut left, mut qualifiers) = first;
        let mut turns = 0;
        loop {
            let all = match self.key() {
                Some("and") => true,
                Some("or") => false,
                _ => return Ok((left, qualifiers)),
            };
            self.at += 1;
            let (right, theirs) = operand(self, qualifiers)?;
            qualifiers = theirs;
            left = match (left, all) {
                (Expr::And(mut list), true) => {
                    list.push(right);
                    Expr::And(list)
                }
                (Expr::Or(mut list), false) => {
                    list.push(right);
                    Expr::Or(list)
                }
                (left, all) => {
                    turns += 1;
                    if turns + self.depth > MAX_DEPTH {
                        return Err(self.wrong(format!("`and` and `or` alternate more than {MAX_DEPTH} times")));
                    }
                    if all { Expr::And(vec![left, right]) } else { Expr::Or(vec![left, right]) }
                }
            };
        }
    }

    /// Whether a bare address begins at a word.
    fn is_bare(&self, mut at: usize) -> bool {
        let mut open = Vec::new();
        loop {
            match self.word(at) {
                Some(Word::Key("!")) => {}
                Some(Word::Key("(")) => open.push(at),
                Some(Word::Number(_)) => break,
                Some(Word::Key(_)) | None => return false,
                Some(_) => return true,
            }
            at += 1;
        }
        // A number, perhaps in parentheses, is one unless a sign of arithmetic follows.
        at += 1;
        while open.pop().is_some_and(|start| self.closed_by[start] == Some(at)) {
            at += 1;
        }
        !self.continues_number(at)
    }

    /// Whether at a word there is a sign that only numbers have before them.
    fn continues_number(&self, at: usize) -> bool {
        let Some(Word::Key(key)) = self.word(at) else { return false };
        OPERATORS.iter().any(|(sign, ..)| sign == key) && !self.is_prefix_length(at)
            || COMPARISONS.iter().any(|(sign, ..)| sign == key)
    }

    /// Whether the `/` at a word is that of `10.0.0.0/8`.
    fn is_prefix_length(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        self.word(at) == Some(&Word::Key("/")) && matches!(before, Some(Word::Dotted(..) | Word::V6(_)))
    }

    /// An address that the qualifiers before it hold for.
    fn bare(&mut self, qualifiers: Option<Qualifiers>) -> Parsed<Expr> {
        if self.take("!") {
            return self.nested(|parser| parser.bare(qualifiers)).map(|expr| Expr::Not(Box::new(expr)));
        }
        if self.take("(") {
            return self.nested(|parser| {
                let first = parser.bare(qualifiers)?;
                let (expr, _) =
                    parser.chain((first, qualifiers), |parser, _| Ok((parser.bare(qualifiers)?, qualifiers)))?;
                parser.expect(")")?;
                Ok(expr)
            });
        }
        let first = self.at;
        let word = match self.peek() {
            Some(Word::Key(key)) => {
                return Err(self.wrong(format!("an address, a port or a name is expected here, not `{key}`; a name that is a word of the language takes a `\\` before it")));
            }
            Some(word) => word.clone(),
            None => return Err(self.wrong("an address, a port or a name is expected at the end")),
        };
        let Some(qualifiers) = qualifiers else {
            return Err(self.wrong("what is it? `host`, `net`, `port` or the like is expected before it"));
        };
        self.at += 1;
        let id = if matches!(word, Word::Dotted(..) | Word::V6(_)) && self.take("/") {
            Id::Prefix(word, self.number("the length of the prefix")?)
        } else if matches!(word, Word::Dotted(..)) && self.take("mask") {
            match self.peek() {
                Some(mask @ Word::Dotted(..)) => {
                    self.at += 1;
                    Id::Mask(word, mask.clone())
                }
                _ => return Err(self.wrong("a mask such as 255.255.255.0 is expected here")),
            }
        } else {
            Id::Plain(word)
        };
        Ok(Expr::Ask(Primitive::Address(qualifiers, id), self.since(first)))
    }

    fn number(&mut self, what: &str) -> Parsed<u32> {
        match self.peek() {
            Some(&Word::Number(number)) => {
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.wrong(format!("a number is expected here, {what}"))),
        }
    }

    /// A number that may be left out, and may be in parentheses.
    fn maybe_number(&mut self) -> Option<u32> {
        let mut at = self.at;
        let mut open = 0;
        while self.word(at) == Some(&Word::Key("(")) {
            (at, open) = (at + 1, open + 1);
        }
        let Some(&Word::Number(number)) = self.word(at) else { return None };
        for _ in 0..open {
            at += 1;
            if self.word(at) != Some(&Word::Key(")")) {
                return None;
            }
        }
        self.at = at + 1;
        Some(number)
    }

    /// One condition, or several in parentheses: what is in these leaves no qualifiers behind.
    fn term(&mut self, before: Option<Qualifiers>) -> Parsed<Qualified> {
        if self.take("!") {
            let (expr, qualifiers) = self.nested(|parser| parser.term(before))?;
            return Ok((Expr::Not(Box::new(expr)), qualifiers));
        }
        let first = self.at;
        let closes = self.closed_by.get(first).copied().flatten();
        if self.key() == Some("(") && !closes.is_some_and(|close| self.continues_number(close + 1)) {
            self.at += 1;
            let (inside, _) = self.nested(|parser| parser.expression(before))?;
            self.expect(")")?;
            return Ok((inside, before));
        }
        let proto = self.key().and_then(|key| PROTOCOLS.iter().find(|name| **name == key)).copied();
        let is_number = match self.peek() {
            Some(Word::Number(_) | Word::Key("-" | "len" | "(")) => true,
            _ => proto.is_some() && self.word(first + 1) == Some(&Word::Key("[")),
        };
        if is_number {
            let primitive = self.relation()?;
            return Ok((Expr::Ask(primitive, self.since(first)), None));
        }
        if proto.is_some() {
            self.at += 1;
        }
        if let Some(qualifiers) = self.qualifiers(proto)? {
            return Ok((self.bare(Some(qualifiers))?, Some(qualifiers)));
        }
        let primitive = self.primitive(proto)?;
        Ok((Expr::Ask(primitive, self.since(first)), None))
    }

    /// `src`, `dst`, `host`, `port` and so on after a protocol; `None` when nothing of them is there.
    fn qualifiers(&mut self, proto: Proto) -> Parsed<Option<Qualifiers>> {
        let dir = self.direction();
        let kind = match self.key() {
            Some("host") => Kind::Host,
            Some("net") => Kind::Net,
            Some("port") => Kind::Port,
            Some("portrange") => Kind::PortRange,
            Some("proto") if dir.is_none() => Kind::Proto,
            Some("gateway") if dir.is_none() => Kind::Gateway,
            Some("protochain") => return Err(self.wrong("`protochain` is not compiled: it takes a loop")),
            _ if dir.is_some() => {
                return Ok(Some(Qualifiers { proto, dir: dir.unwrap_or(Dir::Either), kind: Kind::Unsaid }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Qualifiers { proto, dir: dir.unwrap_or(Dir::Either), kind }))
    }

    fn direction(&mut self) -> Option<Dir> {
        let (dir, other) = match self.key()? {
            "src" => (Dir::Src, "dst"),
            "dst" => (Dir::Dst, "src"),
            _ => return None,
        };
        self.at += 1;
        let joined = match self.key() {
            Some("or") => Dir::Either,
            Some("and") => Dir::Both,
            _ => return Some(dir),
        };
        if self.word(self.at + 1) == Some(&Word::Key(other)) {
            self.at += 2;
            return Some(joined);
        }
        Some(dir)
    }

    /// What is no address and no comparison.
    fn primitive(&mut self, proto: Proto) -> Parsed<Primitive> {
        let key = match (self.peek(), proto) {
            (Some(Word::Key(key @ ("broadcast" | "multicast"))), _) => *key,
            (_, Some(proto)) => return Ok(Primitive::Proto(proto)),
            (Some(Word::Key(key)), None) => *key,
            (Some(Word::Name(name)), None) => {
                return Err(self.wrong(format!(
                    "`{name}` is no word of the language; if it is a name, say of what: `host {name}`, `port {name}`"
                )));
            }
            (Some(_), None) => {
                return Err(self.wrong("what is it? `host`, `net`, `port` or the like is expected before it"));
            }
            (None, None) => return Err(self.wrong("the expression ends where more is expected")),
        };
        let at = self.at;
        self.at += 1;
        Ok(match key {
            "broadcast" => Primitive::Broadcast(proto),
            "multicast" => Primitive::Multicast(proto),
            "less" => Primitive::Less(self.number("bytes at most")?),
            "greater" => Primitive::Greater(self.number("bytes at least")?),
            "byte" => self.byte()?,
            "inbound" => Primitive::Inbound(true),
            "outbound" => Primitive::Inbound(false),
            "ifindex" => Primitive::Ifindex(self.number("the index of an interface")?),
            "vlan" => Primitive::Vlan(self.maybe_number()),
            "mpls" => Primitive::Mpls(self.maybe_number()),
            "pppoed" => Primitive::PppoeDiscovery,
            "pppoes" => Primitive::PppoeSession(self.maybe_number()),
            "llc" => Primitive::Llc,
            key => {
                self.at = at;
                return Err(self.wrong(match key {
                    "geneve" => "`geneve` is not compiled: its headers are of any length".to_owned(),
                    key if ELSEWHERE.contains(&key) => format!("`{key}` is of link types that are not compiled for"),
                    key => format!("nothing begins with `{key}`"),
                }));
            }
        })
    }

    fn byte(&mut self) -> Parsed<Primitive> {
        let offset = self.number("the byte's offset")?;
        let (cond, opposite) = match self.key() {
            Some("=") => (Cond::Eq, false),
            Some("<") => (Cond::Ge, true),
            Some(">") => (Cond::Gt, false),
            Some("&" | "|") => {
                return Err(
                    self.wrong(format!("not compiled, since libpcap loads no byte for it: `ether[{offset}]` does"))
                );
            }
            _ => return Err(self.wrong("`=`, `<` or `>` is expected here")),
        };
        self.at += 1;
        Ok(Primitive::Byte(offset, cond, self.number("what to compare with")?, opposite))
    }

    fn relation(&mut self) -> Parsed<Primitive> {
        let left = self.arithmetic(0)?;
        let Some(&(_, cond, opposite)) = self.key().and_then(|key| COMPARISONS.iter().find(|(sign, ..)| *sign == key))
        else {
            return Err(self.wrong("a comparison is expected here: `=`, `!=`, `<`, `<=`, `>` or `>=`"));
        };
        self.at += 1;
        Ok(Primitive::Relation(cond, left, self.arithmetic(0)?, opposite))
    }

    /// Arithmetic of operators that bind at least so tightly.
    fn arithmetic(&mut self, least: u8) -> Parsed<Number> {
        self.nested(|parser| {
            let mut left = parser.operand()?;
            let mut steps = 0;
            loop {
                let at = parser.at;
                let known = parser.key().and_then(|key| OPERATORS.iter().find(|(sign, ..)| *sign == key));
                let Some(&(_, op, rank)) = known.filter(|(.., rank)| *rank >= least) else { return Ok(left) };
                steps += 1;
                if steps + parser.depth > MAX_DEPTH {
                    return Err(parser.wrong(format!("more than {MAX_DEPTH} operators in a row")));
                }
                parser.at += 1;
                let right = parser.arithmetic(if rank == TIGHTEST { 0 } else { rank + 1 })?;
                left = Number::Alu(op, Box::new(left), Box::new(right), parser.since(at));
            }
        })
    }

    fn operand(&mut self) -> Parsed<Number> {
        let first = self.at;
        match self.peek() {
            Some(&Word::Number(number)) => {
                self.at += 1;
                Ok(Number::Const(number))
            }
            Some(Word::Key("len")) => {
                self.at += 1;
                Ok(Number::Len)
            }
            Some(Word::Key("-")) => {
                self.at += 1;
                self.arithmetic(TIGHTEST).map(|number| Number::Neg(Box::new(number)))
            }
            Some(Word::Key("(")) => {
                self.at += 1;
                let inside = self.arithmetic(0)?;
                self.expect(")")?;
                Ok(inside)
            }
            Some(Word::Key(key)) if PROTOCOLS.contains(key) => {
                self.at += 1;
                self.expect("[")?;
                let at = self.arithmetic(0)?;
                let mut size = 1;
                if self.take(":") {
                    size = self.number("how many bytes")?;
                    if !matches!(size, 1 | 2 | 4) {
                        self.at -= 1;
                        return Err(self.wrong("1, 2 or 4 bytes can be asked for"));
                    }
                }
                self.expect("]")?;
                Ok(Number::Bytes { proto: key, at: Box::new(at), size, span: self.since(first) })
            }
            Some(_) => Err(self.wrong("a number, `len` or bytes such as `ip[0]` are expected here")),
            None => Err(self.wrong("a number, `len` or bytes such as `ip[0]` are expected at the end")),
        }
    }
}
