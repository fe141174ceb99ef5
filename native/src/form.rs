//! What a PROGRAM is, told by its content: an object, assembly, a scenario or a link. What is recognised but
//! not read (C source, cBPF listings, filter expressions) is refused by its name.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use bpfscope_core::{
    lab::{LabError, Scenario, Source, link},
    object::MAX_OBJECT,
};

use crate::error::Error;

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// What to call a link.
const LINK: &str = "link";

/// What to call a program in messages.
pub fn name(program: &str) -> &str {
    match program {
        STDIN => "standard input",
        program if link::is_link(program) && !Path::new(program).exists() => LINK,
        program => program,
    }
}

/// Reads a program of any form, as a scenario. Gives what to call it in messages, too.
pub fn scenario(program: &str) -> Result<(String, Scenario), Error> {
    let name = name(program);
    if name == LINK && program != LINK {
        let scenario = link::decode(program).map_err(|e| Error::of(name, e))?;
        return Ok((name.to_owned(), scenario));
    }
    let bytes = read(program, MAX_OBJECT as u64).map_err(|e| no_file(program, e))?;
    let scenario = from_bytes(name, bytes)?;
    Ok((name.to_owned(), scenario))
}

/// The scenario that a file's content is; `name` is what to call it in messages.
pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Scenario, Error> {
    if bytes.starts_with(b"\x7fELF") {
        return Ok(Scenario::new(Source::Elf(bytes)));
    }
    if is_capture(&bytes) {
        return Err(Error::bad(name, "a capture, where a program is expected: the program comes first"));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        _ => return Err(Error::bad(name, "neither an ELF object nor text")),
    };
    if link::is_link(&text) {
        return link::decode(&text).map_err(|e| Error::of(name, e));
    }
    if text.trim_start().starts_with('{') && text.contains("\"bpfscope\"") {
        return Scenario::from_json(&text).map_err(|e| match e {
            LabError::Scenario(e) => Error::bad(&format!("{name}:{}", e.line()), &format!("not a scenario: {e}")),
            e => Error::of(name, e),
        });
    }
    match foreign(name, &text) {
        Some((line, what)) => Err(Error::bad(&format!("{name}:{line}"), what)),
        None => Ok(Scenario::new(Source::Asm(text))),
    }
}

/// Text in a language that is recognised but not read: the line that gave it away, and what to do.
fn foreign(name: &str, text: &str) -> Option<(usize, &'static str)> {
    let mut lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    if let Some((at, _)) = lines.clone().find(|(_, line)| is_c(line)) {
        return Some((at, "C source: compile it first, with `clang -O2 -g -target bpf -c`"));
    }
    if name.ends_with(".c") {
        return Some((1, "C source: compile it first, with `clang -O2 -g -target bpf -c`"));
    }
    let (at, first) = lines.next()?;
    is_classic(first, lines.next().map(|(_, line)| line))
        .then_some((at, "a cBPF listing, as tcpdump -d, -dd or -ddd prints it: only eBPF programs are replayed"))
}

/// A line that C has and assembly has not.
fn is_c(line: &str) -> bool {
    line.starts_with("#include <") || line.starts_with("#include \"") || line.starts_with("SEC(\"")
}

/// Whether a text that begins with these lines is one of tcpdump's listings of classic BPF.
fn is_classic(first: &str, second: Option<&str>) -> bool {
    let listing = first.strip_prefix('(').and_then(|l| l.split_once(") ")); // (000) ldh [12]
    let numbered = listing.is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let four = |line: &str, separator: fn(char) -> bool| {
        let numbers: Vec<&str> = line.split(separator).map(str::trim).filter(|n| !n.is_empty()).collect();
        let is_number = |n: &&str| n.parse::<u32>().is_ok() || n.strip_prefix("0x").is_some_and(is_hex);
        numbers.len() == 4 && numbers.iter().all(is_number)
    };
    let array = first.starts_with('{') && four(first.trim_end_matches(',').trim_matches(['{', '}', ' ']), |c| c == ',');
    let count = first.parse::<u32>().is_ok() && second.is_some_and(|l| four(l, char::is_whitespace));
    let one_line = first.split_once(',').is_some_and(|(count, rest)| {
        count.parse::<u32>().is_ok() && four(rest.split(',').next().unwrap_or_default(), char::is_whitespace)
    });
    numbered || array || count || one_line
}

fn is_hex(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_capture(bytes: &[u8]) -> bool {
    const MAGICS: [[u8; 4]; 5] = [
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    MAGICS.iter().any(|magic| bytes.starts_with(magic))
}

/// What names no file and looks like none would be a filter expression.
fn no_file(program: &str, error: Error) -> Error {
    let missing = matches!(&error, Error::File { error, .. } if error.kind() == io::ErrorKind::NotFound);
    if missing && !program.contains(['/', '\\', '.']) {
        let what = "no such file; if a tcpdump filter expression is meant: these are not compiled";
        return Error::bad(&format!("`{program}`"), what);
    }
    error
}

/// A whole file of at most `limit` bytes, or standard input.
pub fn read(path: &str, limit: u64) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::File { path: path.into(), error };
    let mut bytes = Vec::new();
    let stream: Box<dyn Read> = match path {
        STDIN => Box::new(io::stdin().lock()),
        path => Box::new(File::open(path).map_err(failed)?),
    };
    stream.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(Error::bad(path, &format!("larger than {} MB", limit >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_asm(text: &str) -> bool {
        matches!(from_bytes("x", text.into()), Ok(Scenario { source: Source::Asm(_), .. }))
    }

    #[test]
    fn each_listing_of_tcpdump_is_recognised() {
        for text in [
            "(000) ldh      [12]\n(001) jeq      #0x800           jt 2\tjf 5\n",
            "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 3, 0x00000800 },\n",
            "6\n40 0 0 12\n21 0 3 2048\n",
            "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\n",
        ] {
            let error = from_bytes("x", text.into()).unwrap_err().to_string();
            assert!(error.starts_with("x:1: a cBPF listing"), "{text}: {error}");
        }
    }

    #[test]
    fn c_is_recognised_at_its_line() {
        let error = from_bytes("x", b"// a\n#include <linux/bpf.h>\n".to_vec()).unwrap_err().to_string();
        assert!(error.starts_with("x:2: C source"), "{error}");
    }

    #[test]
    fn assembly_is_what_nothing_else_is() {
        for text in ["", "r0 = 0\nexit", "# include nothing\nexit", "#1. first a comment\nexit", "5: exit", "{"] {
            assert!(is_asm(text), "{text}");
        }
    }

    #[test]
    fn binary_files_are_refused() {
        assert!(from_bytes("x", vec![0xff, 0xfe]).unwrap_err().to_string().contains("neither an ELF object nor text"));
        assert!(from_bytes("x", vec![0xd4, 0xc3, 0xb2, 0xa1]).unwrap_err().to_string().contains("a capture"));
    }
}
