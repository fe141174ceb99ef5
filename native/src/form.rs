//! What a PROGRAM is, told by its content: an object, assembly, a cBPF listing, a scenario or a link. What names no file is
//! a filter expression. C source is recognised, and refused by its name.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use bpfscope_core::{
    classic::{
        self,
        filter::{self, Frame, Link},
    },
    lab::{LabError, Scenario, Source, link},
    object::MAX_OBJECT,
};

use crate::error::Error;

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// What to call a link.
const LINK: &str = "link";

/// What to call a filter expression.
pub const FILTER: &str = "filter";

/// What to call a program in messages.
pub fn name(program: &str) -> &str {
    match program {
        STDIN => "standard input",
        program if Path::new(program).exists() => program,
        program if link::is_link(program) => LINK,
        program if is_filter(program) => FILTER,
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
    if name == FILTER && program != FILTER {
        let source = Source::Filter { expression: program.to_owned(), link: Link::default() };
        return Ok((name.to_owned(), Scenario::new(source)));
    }
    let bytes = read(program, MAX_OBJECT as u64)?;
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
    if bytes.starts_with(b"BC\xc0\xde") {
        return Err(Error::bad(name, "LLVM bitcode: compile without -flto, or with `llc -march=bpf -filetype=obj`"));
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
    if let Some(line) = c_line(name, &text) {
        let what = "C source: compile it first, with `clang -O2 -g -target bpf -c`";
        return Err(Error::bad(&format!("{name}:{line}"), what));
    }
    if text.lines().any(|line| line.starts_with("source_filename = ") || line.starts_with("target triple = ")) {
        return Err(Error::bad(name, "LLVM IR: compile it first, with `llc -march=bpf -filetype=obj`"));
    }
    Ok(Scenario::new(if classic::is_listing(&text) { Source::Classic(text) } else { Source::Asm(text) }))
}

/// Whether what names no file is a filter expression: several words, or one that means something or has no sign of a
/// file's name in it.
fn is_filter(program: &str) -> bool {
    let means = |link| filter::compile(program, Frame::File(link)).is_ok();
    program.contains(char::is_whitespace)
        || !program.contains(['/', '\\', '.'])
        || [Link::Ethernet, Link::LinuxSll2].into_iter().any(means)
}

/// The line that tells that a text is C source.
fn c_line(name: &str, text: &str) -> Option<usize> {
    let found = (1..).zip(text.lines().map(str::trim)).find(|(_, line)| is_c(line)).map(|(at, _)| at);
    found.or(name.ends_with(".c").then_some(1))
}

/// A line that C has and assembly has not.
fn is_c(line: &str) -> bool {
    line.starts_with("#include <") || line.starts_with("#include \"") || line.starts_with("SEC(\"")
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
    fn listings_of_classic_filters_are_recognised() {
        for text in [
            "(000) ldh      [12]\n(001) jeq      #0x800           jt 2\tjf 5\n",
            "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 3, 0x00000800 },\n",
            "6\n40 0 0 12\n21 0 3 2048\n",
            "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\n",
            "; TCP\nldh [12]\njne #0x800, drop\n",
        ] {
            let read = from_bytes("x", text.into()).map(|scenario| scenario.source);
            assert!(matches!(read, Ok(Source::Classic(_))), "{text}");
        }
    }

    #[test]
    fn what_names_no_file_is_a_filter_expression() {
        for text in
            ["tcp port 80", "tcp", "net 10.0.0.0/8", "host=5", "frobnicate", "host 10.0.0.1", "inbound", "ip[0]/5=1"]
        {
            assert_eq!(name(text), FILTER, "{text}");
        }
        for text in ["prog.o", "no/such/file", "x.s", "Cargo.toml"] {
            assert_eq!(name(text), text);
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
        let error = |bytes: &[u8]| from_bytes("x", bytes.to_vec()).unwrap_err().to_string();
        assert!(error(b"BC\xc0\xde\x35\x14").contains("LLVM bitcode"));
        assert!(error(b"; a module\nsource_filename = \"x.c\"\n").contains("LLVM IR"));
        assert!(from_bytes("x", vec![0xd4, 0xc3, 0xb2, 0xa1]).unwrap_err().to_string().contains("a capture"));
    }
}
