//! Reading what tcpdump prints.

use super::operand::{Operand, condition, is_mnemonic, number, op};
use super::{Form, Listing, ListingError};
use crate::classic::{Insn, Op, Source};

/// The form of a text, told by its first lines; `None` when it is no listing.
pub(super) fn form(text: &str) -> Option<Form> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    if first.strip_prefix('(').and_then(|l| l.split_once(") ")).is_some_and(|(pc, _)| pc.parse::<u32>().is_ok()) {
        return Some(Form::Tcpdump);
    }
    if first.starts_with('{') {
        return row(first).is_some().then_some(Form::Array);
    }
    if first.as_bytes()[0].is_ascii_digit() {
        let (count, rest) = first.split_once(',').unwrap_or((first, ""));
        let second = if rest.is_empty() { lines.next() } else { rest.split(',').next() };
        let fits =
            count.trim().parse::<u32>().is_ok() && second.is_some_and(|l| four(l, char::is_whitespace).is_some());
        return fits.then_some(Form::Numbers);
    }
    asm_line(text).then_some(Form::Asm)
}

/// Whether the first instruction of a text is one of `bpf_asm`.
fn asm_line(text: &str) -> bool {
    for line in text.lines() {
        let mut line = line.split(';').next().unwrap_or_default().trim();
        while let Some((label, rest)) = line.split_once(':') {
            if label.is_empty() || !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return false;
            }
            line = rest.trim();
        }
        if line.is_empty() || line.starts_with("/*") {
            continue;
        }
        let (mnemonic, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        // `add = 1` would be of some other language.
        return is_mnemonic(mnemonic) && !rest.trim_start().starts_with('=');
    }
    false
}

/// Four numbers between separators.
fn four(line: &str, separator: fn(char) -> bool) -> Option<Insn> {
    let mut numbers = line.split(separator).map(str::trim).filter(|n| !n.is_empty()).map(number);
    let mut next = || numbers.next()?;
    let (code, jt, jf, k) = (next()?, next()?, next()?, next()?);
    let insn = Insn { code: code.try_into().ok()?, jt: jt.try_into().ok()?, jf: jf.try_into().ok()?, k };
    numbers.next().is_none().then_some(insn)
}

/// A row of a C array.
fn row(line: &str) -> Option<Insn> {
    let inside = line.trim_end_matches(',').trim_end().strip_prefix('{')?.strip_suffix('}')?;
    four(inside, |c| c == ',')
}

/// Puts a listing together.
struct Maker {
    listing: Listing,
}

impl Maker {
    fn new(form: Form) -> Maker {
        Maker { listing: Listing { form, insns: Vec::new(), lines: Vec::new() } }
    }

    fn push(&mut self, line: usize, insn: Insn) {
        self.listing.insns.push(insn);
        self.listing.lines.push(line as u32 + 1);
    }
}

fn wrong(line: usize, message: &str) -> ListingError {
    ListingError { line: line as u32 + 1, column: 1, message: message.to_owned() }
}

/// The lines that are not empty, each with its number from 0.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty())
}

pub(super) fn array(text: &str) -> Result<Listing, ListingError> {
    let mut made = Maker::new(Form::Array);
    for (at, line) in lines(text) {
        let insn = row(line).ok_or_else(|| wrong(at, "not a row of an array: `{ code, jt, jf, k },` is expected"))?;
        made.push(at, insn);
    }
    Ok(made.listing)
}

pub(super) fn numbers(text: &str) -> Result<Listing, ListingError> {
    let mut made = Maker::new(Form::Numbers);
    // All of it may be on one line, with commas.
    let mut entries = lines(text).flat_map(|(at, line)| line.split(',').map(move |entry| (at, entry.trim())));
    let Some((_, count)) = entries.next() else { return Ok(made.listing) };
    for (at, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
        let insn = four(entry, char::is_whitespace)
            .ok_or_else(|| wrong(at, "four numbers are expected: code, jt, jf and k"))?;
        made.push(at, insn);
    }
    let found = made.listing.insns.len();
    if count.parse() != Ok(found) {
        return Err(wrong(0, &format!("it says that {count} instructions follow, but there are {found}")));
    }
    Ok(made.listing)
}

pub(super) fn tcpdump(text: &str) -> Result<Listing, ListingError> {
    let mut made = Maker::new(Form::Tcpdump);
    for (at, line) in lines(text) {
        let pc = made.listing.insns.len();
        let expected = || wrong(at, &format!("`({pc:03})` and an instruction are expected"));
        let (number, rest) = line.strip_prefix('(').and_then(|l| l.split_once(')')).ok_or_else(expected)?;
        if number.parse() != Ok(pc) {
            return Err(expected());
        }
        made.push(at, instruction(rest.trim(), pc).map_err(|message| wrong(at, &message))?);
    }
    Ok(made.listing)
}

/// An instruction as `tcpdump -d` writes it, with the instructions that it jumps to by number.
fn instruction(text: &str, pc: usize) -> Result<Insn, String> {
    let (mnemonic, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let skip = |to: &str| {
        let to: u32 = to.trim().parse().map_err(|_| format!("`{}` is no instruction's number", to.trim()))?;
        to.checked_sub(pc as u32 + 1).ok_or_else(|| format!("the jump to {to} does not go forward"))
    };
    if let Some((cond, false)) = condition(mnemonic) {
        let parts = rest.split_once("jt").and_then(|(operand, to)| Some((operand, to.split_once("jf")?)));
        let Some((operand, (jt, jf))) = parts else {
            return Err(format!("`jt` and `jf` are expected after `{mnemonic}`"));
        };
        let source = match Operand::read(operand) {
            Some(Operand::Imm(k)) => Source::K(k),
            Some(Operand::X) => Source::X,
            _ => return Err(format!("`{}` is nothing to compare with", operand.trim())),
        };
        let near = |skip: u32| u8::try_from(skip).map_err(|_| "the jump is longer than 255 instructions".to_owned());
        return Ok(Op::JumpIf(cond, source, near(skip(jt)?)?, near(skip(jf)?)?).into());
    }
    if mnemonic == "ja" {
        return Ok(Op::Jump(skip(rest)?).into());
    }
    named(mnemonic, rest)
}

/// An instruction that does not jump.
pub(super) fn named(mnemonic: &str, operand: &str) -> Result<Insn, String> {
    if !is_mnemonic(mnemonic) {
        return Err(format!("there is no instruction `{mnemonic}`"));
    }
    let read = Operand::read(operand).ok_or_else(|| format!("`{}` is no operand", operand.trim()))?;
    let insn = op(mnemonic, read).map(Insn::from);
    insn.ok_or_else(|| match operand.trim() {
        "" => format!("`{mnemonic}` needs an operand"),
        operand => format!("`{mnemonic}` does not take `{operand}`"),
    })
}
