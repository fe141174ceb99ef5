//! Listings: classic programs as text, in the forms that there are.
//!
//! | form | by | a line |
//! |---|---|---|
//! | [`Form::Tcpdump`] | `tcpdump -d` | `(001) jeq      #0x800           jt 2 jf 5` |
//! | [`Form::Array`] | `tcpdump -dd` | `{ 0x15, 0, 3, 0x00000800 },` |
//! | [`Form::Numbers`] | `tcpdump -ddd`, `bpf_asm` | `21 0 3 2048`, after a line with how many there are |
//! | [`Form::Asm`] | kernel document `networking/filter` | `jeq #0x800, ip, drop` |
//!
//! Which one a text is, its first line tells. Reading what was written gives the same instructions.

mod asm;
mod operand;
mod print;
mod read;

use super::{CheckError, Insn, Program};

/// Bytes of a listing at most.
const MAX_TEXT: usize = 1 << 20;

/// A form of text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// As `tcpdump -d` prints it.
    Tcpdump,
    /// As `tcpdump -dd` prints it: C initialisers.
    Array,
    /// As `tcpdump -ddd` prints it: decimal numbers.
    Numbers,
    /// The syntax of the kernel's `bpf_asm`, with labels.
    Asm,
}

/// A listing that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// The form that it has.
    pub form: Form,
    /// Its instructions, not checked.
    pub insns: Vec<Insn>,
    /// The line of the text, from 1, of each instruction.
    pub lines: Vec<u32>,
}

/// What is wrong with a listing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ListingError {
    /// The line, from 1.
    pub line: u32,
    /// The column of its first wrong character, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

impl Listing {
    /// Reads a listing of any form.
    ///
    /// # Errors
    /// The first line that does not fit the form of the first.
    pub fn read(text: &str) -> Result<Listing, ListingError> {
        if text.len() > MAX_TEXT {
            let message = format!("the listing is larger than {} MB", MAX_TEXT >> 20);
            return Err(ListingError { line: 1, column: 1, message });
        }
        match read::form(text) {
            Some(Form::Tcpdump) => read::tcpdump(text),
            Some(Form::Array) => read::array(text),
            Some(Form::Numbers) => read::numbers(text),
            Some(Form::Asm) | None => asm::read(text),
        }
    }

    /// The program, checked as the kernel checks it.
    ///
    /// # Errors
    /// What the kernel would refuse it for, at the line of the instruction.
    pub fn program(&self) -> Result<Program, ListingError> {
        Program::new(self.insns.clone()).map_err(|error| {
            let CheckError { pc, .. } = error;
            let line = self.lines.get(pc).or(self.lines.last()).copied().unwrap_or(1);
            ListingError { line, column: 1, message: error.to_string() }
        })
    }
}

/// Whether a text is a listing, as far as its first lines tell.
pub fn is_listing(text: &str) -> bool {
    read::form(text).is_some()
}

#[cfg(test)]
mod tests;
