//! Reading the syntax of `bpf_asm` (kernel document `networking/filter`): labels, instructions, comments.
//!
//! ```text
//! ; TCP only
//!         ldh [12]
//!         jne #0x800, drop
//!         ldb [23]
//!         jeq #6, keep, drop
//! keep:   ret #-1
//! drop:   ret #0
//! ```

use std::collections::HashMap;

use super::operand::{Operand, condition, is_mnemonic};
use super::read::named;
use super::{Form, Listing, ListingError};
use crate::classic::{Cond, Insn, Op, Source};

/// An instruction whose jumps are not resolved yet.
enum Draft<'a> {
    Done(Insn),
    Goto(&'a str),
    /// Where it leads when the condition holds and when not; without a label to the next instruction.
    If(Cond, Source, [Option<&'a str>; 2]),
}

pub(super) fn read(text: &str) -> Result<Listing, ListingError> {
    let mut labels: HashMap<&str, usize> = HashMap::new();
    let mut drafts = Vec::new();
    let mut comment = false;
    for (at, line) in (1..).zip(text.lines()) {
        let wrong = |part: &str, message: String| ListingError { line: at, column: column(line, part), message };
        let mut rest = code(line, &mut comment);
        while let Some((label, after)) = rest.split_once(':') {
            let label = label.trim();
            if !is_label(label) {
                return Err(wrong(label, format!("`{label}` is no label: letters, digits and _ are expected")));
            }
            if labels.insert(label, drafts.len()).is_some() {
                return Err(wrong(label, format!("label `{label}` is set twice")));
            }
            rest = after.trim();
        }
        if rest.is_empty() {
            continue;
        }
        let (mnemonic, operands) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        drafts.push((at, line, draft(mnemonic, operands.trim()).map_err(|message| wrong(mnemonic, message))?));
    }
    let mut listing = Listing { form: Form::Asm, insns: Vec::new(), lines: Vec::new() };
    for (pc, (at, line, draft)) in drafts.iter().enumerate() {
        let skip = |label: &str| {
            let wrong = |message| ListingError { line: *at, column: column(line, label), message };
            let to = labels.get(label).ok_or_else(|| wrong(format!("there is no label `{label}`")))?;
            to.checked_sub(pc + 1).ok_or_else(|| wrong(format!("the jump to `{label}` does not go forward")))
        };
        let near = |label: &Option<&str>| {
            let skip = label.map_or(Ok(0), skip)?;
            u8::try_from(skip).map_err(|_| {
                let message = "a conditional jump skips at most 255 instructions".to_owned();
                ListingError { line: *at, column: column(line, label.unwrap_or_default()), message }
            })
        };
        listing.insns.push(match draft {
            Draft::Done(insn) => *insn,
            Draft::Goto(label) => Op::Jump(skip(label)? as u32).into(),
            Draft::If(cond, source, [yes, no]) => Op::JumpIf(*cond, *source, near(yes)?, near(no)?).into(),
        });
        listing.lines.push(*at);
    }
    Ok(listing)
}

fn draft<'a>(mnemonic: &str, operands: &'a str) -> Result<Draft<'a>, String> {
    let Some((cond, opposite)) = condition(mnemonic) else {
        return match mnemonic {
            "ja" | "jmp" if is_label(operands) => Ok(Draft::Goto(operands)),
            "ja" | "jmp" => Err(format!("`{mnemonic}` takes a label")),
            _ if is_mnemonic(mnemonic) => named(mnemonic, operands).map(Draft::Done),
            _ => Err(format!("there is no instruction `{mnemonic}`")),
        };
    };
    let mut parts = operands.split(',').map(str::trim);
    let operand = parts.next().unwrap_or_default();
    let source = match Operand::read(operand) {
        Some(Operand::Imm(k)) => Source::K(k),
        Some(Operand::X) => Source::X,
        _ => return Err(format!("`{operand}` is nothing to compare with: `#5` or `x` is expected")),
    };
    let (first, second) = (parts.next(), parts.next());
    if first.is_none() || parts.next().is_some() || (opposite && second.is_some()) {
        let takes = if opposite { "one label" } else { "one or two labels" };
        return Err(format!("`{mnemonic}` takes an operand and {takes}, parted by commas"));
    }
    Ok(Draft::If(cond, source, if opposite { [second, first] } else { [first, second] }))
}

/// The code on a line, without comments: `; …` to the end of the line, `/* … */` over any number of lines.
fn code<'a>(line: &'a str, comment: &mut bool) -> &'a str {
    let mut rest = line;
    if *comment {
        match rest.split_once("*/") {
            Some((_, after)) => rest = after,
            None => return "",
        }
        *comment = false;
    }
    let rest = rest.split(';').next().unwrap_or_default();
    match rest.split_once("/*") {
        Some((before, after)) => match after.split_once("*/") {
            // What follows a comment on its line is code only when nothing is before it.
            Some((_, after)) if before.trim().is_empty() => after.trim(),
            Some(_) => before.trim(),
            None => {
                *comment = true;
                before.trim()
            }
        },
        None => rest.trim(),
    }
}

fn is_label(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The column of a part of a line, from 1.
fn column(line: &str, part: &str) -> u32 {
    let at = line.find(part).unwrap_or(0);
    line[..at].chars().count() as u32 + 1
}
