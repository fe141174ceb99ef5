//! From words to a tree.
//!
//! Two things need a look ahead. A parenthesis holds a condition or a number, which the sign after it tells. And after
//! `and` or `or` may come a bare address that the qualifiers of the last one hold for: `port 80 or 443`.

mod number;
mod primitive;

use std::ops::Range;

use super::FilterError;
use super::lex::{Token, Word};
use super::tree::{Expr, Id, Primitive, Qualifiers};

/// How deep an expression may be nested.
const MAX_DEPTH: usize = 200;

/// Protocols that may stand before an address, alone, or before `[`.
const PROTOCOLS: &[&str] = &[
    "ether", "ip", "arp", "rarp", "ip6", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp",
    "ah", "esp", "atalk", "aarp", "decnet", "lat", "sca", "moprc", "mopdl", "iso", "stp", "ipx", "netbeui", "clnp",
    "esis", "isis", "l1", "l2", "iih", "lsp", "snp", "csnp", "psnp",
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
        number::is_operator(key) && !self.is_prefix_length(at) || number::is_comparison(key)
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
}
