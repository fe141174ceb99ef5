//! Explanations: what a rejection means, for people who do not know the verifier.
//!
//! The kernel's message says what was found; here stands, for each kind of finding, what the verifier knew, what it
//! needed, and the usual cure, with registers, bytes and the source line filled in. One file an area of findings, one
//! arm a finding: the `match`es name every variant, so that a finding without an explanation does not compile.
//!
//! An arm gives a rule (a stable name that tools can filter by), a title, the sentences about this very case, and the
//! cure, which holds for every case. Sentences are plain text with code between backticks.

mod access;
mod alu;
mod call;
mod exception;
mod flow;
mod kfunc;
mod prune;
mod shape;
mod subprog;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::Rejection;
use super::finding::Finding;
use crate::isa::{Pc, Reg};
use crate::kernel::Program;

/// A rejection in plain language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Name of the kind of rejection, in kebab case; it stays what it is.
    pub rule: &'static str,
    /// The kind of rejection in a few words.
    pub title: &'static str,
    /// What was needed and what was known, in this case, and what to do.
    pub text: String,
    /// What to do about rejections of this kind: the part of the text that is the same for all of them.
    pub cure: &'static str,
}

/// What an area says of a finding.
struct Told {
    rule: &'static str,
    title: &'static str,
    what: String,
    cure: &'static str,
}

/// What is said of a finding: rule, title, the sentences about this case, the cure.
fn told(rule: &'static str, title: &'static str, what: impl Into<String>, cure: &'static str) -> Told {
    Told { rule, title, what: what.into(), cure }
}

/// Says what a rejection means.
pub fn explain(rejection: &Rejection, program: &Program) -> Explanation {
    let Told { rule, title, what, cure } = match &rejection.finding {
        Finding::Shape(finding) => shape::explain(finding, program),
        Finding::Access(finding) => access::explain(finding, program),
        Finding::Alu(finding) => alu::explain(finding),
        Finding::Call(finding) => call::explain(finding, program),
        Finding::Flow(finding) => flow::explain(finding),
        Finding::Subprog(finding) => subprog::explain(finding),
        Finding::Kfunc(finding) => kfunc::explain(finding),
        Finding::Prune(finding) => prune::explain(finding),
    };
    let known = known(rejection, program);
    let text = [what.as_str(), known.as_str(), cure].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>();
    Explanation { rule, title, text: text.join(" "), cure }
}

/// What the verifier knew of the registers that the rejection is about, and where.
fn known(rejection: &Rejection, program: &Program) -> String {
    let Some(pc) = rejection.pc else { return String::new() };
    let message = rejection.finding.to_string();
    let about = |reg: Reg| names(&message, reg) || operands(program, pc).contains(&Some(reg));
    let mut facts = String::new();
    for (reg, state) in rejection.regs.iter().filter(|(reg, _)| about(*reg)) {
        let separator = if facts.is_empty() { " the verifier knew " } else { ", " };
        let _ = write!(facts, "{separator}`R{}={state}`", reg.index());
        if let Some(words) = gloss(state) {
            let _ = write!(facts, " ({words})");
        }
    }
    match facts.is_empty() {
        true => format!("This is at {}.", place(program, pc)),
        false => format!("At {}{facts}.", place(program, pc)),
    }
}

/// A place as people know it: the source line, its file without folders as in the log, or else the instruction.
fn place(program: &Program, pc: Pc) -> String {
    match program.line_at(pc).filter(|line| line.line > 0) {
        Some(line) => format!("`{}:{}`", line.file.rsplit('/').next().unwrap_or_default(), line.line),
        None => format!("instruction {pc}"),
    }
}

/// Whether a message names the register; the kernel writes them `R1` everywhere.
fn names(message: &str, reg: Reg) -> bool {
    let name = format!("R{}", reg.index());
    message.match_indices(&name).any(|(at, _)| {
        let before = message[..at].chars().next_back();
        let after = message[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The registers that the instruction reads beside a call's arguments, as far as its encoding tells.
fn operands(program: &Program, pc: Pc) -> [Option<Reg>; 2] {
    let Some(raw) = program.insns.get(pc.index()) else { return [None; 2] };
    let (dst, src) = (Reg::new(raw.dst), Reg::new(raw.src));
    let by_register = raw.opcode & 8 != 0;
    match raw.opcode & 7 {
        1 => [src, None],
        2 => [dst, None],
        3 => [dst, src],
        4 | 7 => [dst, src.filter(|_| by_register)],
        // Calls name their arguments in the message; `exit` and `goto` have no operands.
        5 | 6 if !matches!(raw.opcode & 0xf0, 0x00 | 0x80 | 0x90 | 0xe0) => [dst, src.filter(|_| by_register)],
        _ => [None; 2],
    }
}

/// Beginnings of the log's names of types, the longer before the shorter.
const GLOSSES: &[(&str, &str)] = &[
    ("scalar(", "a number"),
    ("Pscalar(", "a number"),
    ("ctx(", "the context"),
    ("map_ptr(", "a map"),
    ("map_value_or_null(", "a pointer to a map value, or null"),
    ("map_value(", "a pointer to a map value"),
    ("map_key(", "a pointer to a map key"),
    ("fp", "a pointer to the stack"),
    ("pkt_meta(", "a pointer to the packet's metadata"),
    ("pkt_end(", "the packet's end"),
    ("pkt(", "a pointer into the packet"),
    ("sock_or_null(", "a socket, or null"),
    ("sock_common_or_null(", "a socket, or null"),
    ("tcp_sock_or_null(", "a TCP socket, or null"),
    ("ringbuf_mem_or_null(", "a ring buffer record, or null"),
    ("ringbuf_mem(", "a ring buffer record"),
    ("mem_or_null(", "a pointer to memory, or null"),
];

/// What a register's state in the log's words is, in ours.
fn gloss(state: &str) -> Option<&'static str> {
    let found = GLOSSES.iter().find(|(start, _)| state.starts_with(start));
    found.map(|(_, words)| *words)
}

/// `1 byte`, `2 bytes`.
fn bytes(count: i64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}
