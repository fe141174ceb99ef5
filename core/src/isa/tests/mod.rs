//! Tests of the room as a whole; LLVM's tools are the oracle where they are installed.

mod asm;
mod clang;
mod opcodes;
mod round_trip;

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::RawInsn;

/// Says that something was not tested, past the harness, which hides what a passing test prints.
fn skipped(what: &str, why: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {why}");
}

fn slots_of(bytes: &[u8]) -> Vec<RawInsn> {
    bytes.as_chunks::<8>().0.iter().map(|slot| RawInsn::from_bytes(*slot)).collect()
}

/// What llvm-objdump prints of an object; `None` when it is not installed.
fn llvm_objdump(object: &Path, flags: &[&str]) -> Option<String> {
    let output = Command::new("llvm-objdump-19").arg("-d").args(flags).arg(object).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

/// The lines of a disassembly by slot (of the last section, if there are several): bytes and text.
/// A line is `       3:<TAB>18 01 … <TAB>r1 = 0x0 ll`; a jump's line ends with its target, ` <label+0x8>`.
fn listed_by_llvm(listing: &str) -> HashMap<u32, (Vec<u8>, String)> {
    listing.lines().filter_map(listed_line).map(|(pc, bytes, text)| (pc, (bytes, text))).collect()
}

fn listed_line(line: &str) -> Option<(u32, Vec<u8>, String)> {
    let mut columns = line.split('\t');
    let pc = columns.next()?.trim().strip_suffix(':')?.parse().ok()?;
    let bytes = columns.next()?.split_whitespace().map(|b| u8::from_str_radix(b, 16).ok()).collect::<Option<_>>()?;
    let text = columns.collect::<Vec<_>>().join(" ");
    let target = text.rfind(" <").filter(|_| text.ends_with('>'));
    let text = text[..target.unwrap_or(text.len())].to_owned();
    Some((pc, bytes, text))
}
