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
//! | conditions | `meaning`; `protocol`, `chain`, `address`, `port`, `link_type`; `moves`; `bytes`, `link`, `cells` | what a primitive asks of which bytes; `vlan` moves what follows it |
//! | decisions | `graph`, `gather` | a graph of tests that share their ends; a test whose answer is known is not asked again, and tests of one value follow one another |
//! | instructions | `emit` | what A and X hold already is not loaded again |
//!
//! A packet too short for a byte that is asked for is not accepted, whatever `not` and `or` are around it: so it is in
//! tcpdump, and so the order of the tests is the order of the words.
//!
//! Where libpcap's own compiler does more or less than its manual says, this one does the same: of arithmetic only the left
//! side's protocols are asked for, constants in offsets wrap around, and what its optimiser drops is not asked here either, as
//! far as that is known: packets can be too short for it. Of packets that are cut off within their headers it is not always
//! known; of whole ones, all answers are tcpdump's. It does not do three things. `x / ip[0]` and `x << ip[40]` are refused
//! there, for the offset is taken for the divisor or the shift; here they are compiled. `& 0xffffffff != 0` is always true
//! there. And what is asked behind a `geneve` that is not there, as in `geneve or ip`, is looked for at an offset that nobody
//! computed: any in libpcap, 0 here.
//!
//! Names of hosts and networks are not looked up, since that takes a resolver. Not compiled are what is of other link types
//! than [`Link`], and `byte N & V` and `byte N | V`, which libpcap 1.10 compiles without loading the byte. `protochain`
//! follows sixteen headers, where tcpdump, which has a loop there that no kernel takes, follows all.

mod address;
mod bytes;
mod cells;
mod chain;
mod emit;
mod gather;
mod graph;
mod lex;
mod link;
mod link_type;
mod meaning;
mod moves;
mod names;
mod parse;
mod port;
mod protocol;
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
    let (mut values, mut graph) = (value::Values::default(), graph::Graph::default());
    let plain = tree.computes_offsets();
    (values.loads_all, graph.asks_all) = (plain, true);
    let mut root = meaning::decide(&tree, frame, &mut values, &mut graph)?;
    if graph.is_too_long() {
        return Err(whole("the expression is too long for a filter"));
    }
    graph.asks_all = plain;
    if !plain {
        root = graph.simplify(root, &values);
    }
    root = graph.share(root);
    if !plain {
        root = gather::gather(&mut graph, root, &values);
    }
    let insns = emit::emit(root, &graph, &values).map_err(whole)?;
    Program::new(insns).map_err(|error| whole(&error.flaw.to_string()))
}
