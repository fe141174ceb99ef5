//! What the text leaves unsaid: rules that the assembler fills in by and the disassembler leaves out by.
//!
//! Both read the same functions, so that what is not written comes back the same.

use super::raw::Reg;
use super::unit::{Binding, Content, Place, SectionFlags, Symbol, SymbolKind, Unit};

/// Whether a section holds code, data or zeros.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holds {
    Code,
    Data,
    Zeros,
}

/// What a section of that name holds, and its flags, when `.section name` says nothing more.
///
/// Names that begin with a dot are data (`.data`, `.kconfig`), but for `.text`; so are the three plain names
/// that libbpf reads as data. All other names are programs, named by libbpf's convention.
pub(crate) fn section_defaults(name: &str) -> (Holds, SectionFlags) {
    let is = |family: &str| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let data = matches!(name, "license" | "version" | "maps");
    if is(".text") || (!name.starts_with('.') && !data) {
        return (Holds::Code, SectionFlags { exec: true, ..SectionFlags::default() });
    }
    let write = !is(".rodata");
    let holds = if is(".bss") { Holds::Zeros } else { Holds::Data };
    (holds, SectionFlags { write, ..SectionFlags::default() })
}

/// The alignment of a section in which nothing asks for one.
pub(crate) fn default_align(flags: SectionFlags) -> u64 {
    if flags.exec { 8 } else { 1 }
}

impl Content {
    pub(crate) fn holds(&self) -> Holds {
        match self {
            Content::Code(_) => Holds::Code,
            Content::Data(_) => Holds::Data,
            Content::Zero(_) => Holds::Zeros,
        }
    }
}

/// The binding of a label without `.globl`, `.weak` or `.local`: local, but for the function at the start of a
/// program section, which libbpf loads only if it is global.
pub(crate) fn default_binding(section_name: &str, holds: Holds, kind: SymbolKind, offset: u64) -> Binding {
    let entry = holds == Holds::Code && kind == SymbolKind::Func && offset == 0 && section_name != ".text";
    if entry { Binding::Global } else { Binding::Local }
}

/// The size of a symbol without `.size`, given its kind, its place and the ends of its neighbours: a function
/// reaches to the next function or the section's end, data to the next data; a label has none.
/// `starts` are the offsets of the symbols of the same kind in the section, sorted.
pub(crate) fn default_size(kind: SymbolKind, offset: u64, starts: &[u64], end: u64) -> u64 {
    if kind == SymbolKind::NoType {
        return 0;
    }
    let next = starts.partition_point(|&start| start <= offset);
    starts.get(next).copied().unwrap_or(end).saturating_sub(offset)
}

/// Offsets of the symbols of each kind in each section, for [`default_size`].
pub(crate) struct Starts(std::collections::HashMap<(usize, SymbolKind), Vec<u64>>);

impl Starts {
    /// Collects the offsets of `symbols`.
    pub fn of(symbols: &[Symbol]) -> Starts {
        let mut map: std::collections::HashMap<_, Vec<u64>> = std::collections::HashMap::new();
        for symbol in symbols {
            if let Some(place) = symbol.place {
                map.entry((place.section, symbol.kind)).or_default().push(place.offset);
            }
        }
        map.values_mut().for_each(|offsets| offsets.sort_unstable());
        Starts(map)
    }

    /// The size that a symbol of that kind and place has by default in this unit.
    pub fn size(&self, unit: &Unit, kind: SymbolKind, place: Place) -> u64 {
        let starts = self.0.get(&(place.section, kind)).map_or(&[][..], Vec::as_slice);
        let end = unit.sections.get(place.section).map_or(0, |s| s.content.len());
        default_size(kind, place.offset, starts, end)
    }
}

/// Whether a label of that name stays out of the symbol table (LLVM's prefix for private names).
pub(crate) fn is_private(name: &str) -> bool {
    name.starts_with(".L")
}

/// Whether a character may begin a name that stands without quotes.
pub(crate) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '$')
}

/// Whether a character may stand in a name without quotes.
pub(crate) fn in_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || c == '@'
}

/// A register's name: `r0` to `r10`, or `w0` to `w10` (then `true`). Upper case is the same.
pub(crate) fn register(name: &str) -> Option<(Reg, bool)> {
    let (letter, number) = name.split_at_checked(1)?;
    let half = match letter {
        "r" | "R" => false,
        "w" | "W" => true,
        _ => return None,
    };
    let plain = number == "0" || !number.starts_with('0');
    let number: u8 = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
    Reg::new(number).filter(|_| plain).map(|reg| (reg, half))
}

/// A name as text: bare where it cannot be taken for something else, else in quotes.
pub(crate) fn name(name: &str) -> String {
    let plain = name.starts_with(starts_name) && name.chars().all(in_name);
    let other = register(name).is_some() || matches!(name, "pc" | "kfunc" | "section" | "s" | "." | ".section");
    if plain && !other { name.to_owned() } else { quoted(name.as_bytes()) }
}

/// Bytes as a string in quotes, with LLVM's escapes.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &b in bytes {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(b)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            0x20..0x7f => out.push(char::from(b)),
            _ => out.push_str(&format!("\\{b:03o}")),
        }
    }
    out.push('"');
    out
}

/// The keys of a map declaration.
pub(crate) const MAP_KEYS: [&str; 7] = ["key", "value", "entries", "flags", "extra", "numa", "pin"];
