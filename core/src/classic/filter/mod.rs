//! Filter expressions (pcap-filter(7)): compiled to classic BPF.
//!
//! ```text
//! expression ─lex─> words ─parse─> tree ─meaning─> conditions over values ─graph─> decisions ─emit─> instructions
//! ```
//!
//! | stage | file | does |
//! |---|---|---|
//! | words | `lex` | longest words first, as tcpdump finds them: `len-14` is one word |
//! | tree | `parse`, `tree` | qualifiers go on to the next address: `port 80 or 443` |
//! | conditions | `meaning`, `address`, `bytes`, `link` | what a primitive asks of which bytes; `vlan` moves what follows it |
//! | decisions | `graph`, `gather` | a graph of tests that share their ends; a test whose answer is known is not asked again, and tests of one value follow one another |
//! | instructions | `emit` | what A and X hold already is not loaded again |
//!
//! A packet too short for a byte that is asked for is not accepted, whatever `not` and `or` are around it: so it is in
//! tcpdump, and so the order of the tests is the order of the words.
//!
//! Where libpcap's own compiler does more or less than its manual says, this one does the same: of arithmetic only the left
//! side's protocols are asked for, and constants in offsets wrap around. It does not do two things. `x / ip[0]` and
//! `x << ip[40]` are refused there, for the offset is taken for the divisor or the shift; here they are compiled. And
//! `& 0xffffffff != 0` is always true there.
//!
//! Names of hosts and networks are not looked up, since that takes a resolver. Not compiled are `protochain` and
//! `geneve`, whose loops and offsets classic BPF has no words for, what is of other link types than [`Link`], and
//! `byte N & V` and `byte N | V`, which libpcap 1.10 compiles without loading the byte.

mod address;
mod bytes;
mod emit;
mod gather;
mod graph;
mod lex;
mod link;
mod meaning;
mod names;
mod parse;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use super::Program;
pub use link::{Frame, Link};

/// Bytes of an expression at most.
pub const MAX_TEXT: usize = 64 << 10;
/// How many bytes of an accepted packet are kept: what `tcpdump` says when nobody asks for less.
pub const SNAPLEN: u32 = 262_144;

/// What is wrong with an expression, and with which of its words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The first wrong byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
    /// What is wrong.
    pub message: String,
}

impl FilterError {
    /// The line and the column, from 1, of the first wrong character of the expression.
    pub fn place(&self, expression: &str) -> (u32, u32) {
        let before = expression.get(..self.start).unwrap_or(expression);
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        (line, column)
    }
}

/// Compiles an expression for packets of a frame. An empty one accepts everything.
///
/// # Errors
/// The first word that is wrong.
pub fn compile(expression: &str, frame: Frame) -> Result<Program, FilterError> {
    let whole = |message: &str| FilterError { start: 0, end: expression.len(), message: message.to_owned() };
    if expression.len() > MAX_TEXT {
        return Err(whole(&format!("the expression is longer than {} KB", MAX_TEXT >> 10)));
    }
    let words = lex::lex(expression)?;
    let tree = parse::parse(&words, expression.len())?;
    let mut values = value::Values::default();
    let mut graph = graph::Graph::default();
    let root = meaning::decide(&tree, frame, &mut values, &mut graph)?;
    let root = graph.simplify(root, &values);
    let root = gather::gather(&mut graph, root);
    let insns = emit::emit(root, &graph, &values).map_err(whole)?;
    Program::new(insns).map_err(|error| whole(&error.flaw.to_string()))
}
