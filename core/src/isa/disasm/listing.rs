//! A whole unit as text.

use std::fmt::Write;

use super::pieces::{Index, cuts};
use crate::isa::Names;
use crate::isa::codec::decode;
use crate::isa::insn::{Call, Imm64, Insn};
use crate::isa::raw::{Pc, RawInsn};
use crate::isa::spelling::{self, Holds, Starts, default_align, default_binding, is_private, quoted, section_defaults};
use crate::isa::unit::{
    Binding, Content, MapDef, Place, Reloc, RelocKind, Section, SectionIndex, Symbol, SymbolKind, Target, Unit,
};

const SLOT: u64 = RawInsn::SIZE as u64;
/// The column at which instructions begin.
const INDENT: &str = "        ";

/// The text of a unit, and what each of its lines shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// The text; every line ends with a line feed.
    pub text: String,
    /// For each line of the text, the section and the slot of the instruction that it shows.
    pub lines: Vec<Option<(SectionIndex, Pc)>>,
}

impl Listing {
    /// The line, from 1, that shows the instruction in that slot. Lines are in the order of the sections.
    pub fn line_of(&self, section: SectionIndex, pc: Pc) -> Option<u32> {
        let found = self.lines.iter().position(|line| *line == Some((section, pc)))?;
        Some(found as u32 + 1)
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines.push(None);
    }

    fn insn(&mut self, text: &str, place: Place) {
        self.line(&format!("{INDENT}{text}"));
        if let Some(last) = self.lines.last_mut() {
            *last = Some((place.section, place.pc()));
        }
    }

    /// Cuts the text into a line each, for those who show it line by line.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<(SectionIndex, Pc)>)> {
        self.text.lines().zip(self.lines.iter().copied())
    }
}

struct Writer<'u, 'n> {
    unit: &'u Unit,
    names: Names<'n>,
    index: Index<'u>,
    starts: Starts,
    out: Listing,
}

/// Writes a unit as text, from which [`assemble`](crate::isa::assemble) makes the same unit again; `names` are the
/// helpers and map types shown by name.
pub fn disassemble(unit: &Unit, names: &Names) -> Listing {
    let mut writer = Writer {
        unit,
        names: *names,
        index: Index::of(unit),
        starts: Starts::of(&unit.symbols),
        out: Listing::default(),
    };
    unit.maps.iter().for_each(|map| writer.map(map));
    for symbol in unit.symbols.iter().filter(|s| s.place.is_none()) {
        writer.external(symbol);
    }
    for (index, section) in unit.sections.iter().enumerate() {
        writer.section(index, section);
    }
    writer.map_values();
    writer.exception_callbacks();
    writer.out
}

impl Writer<'_, '_> {
    fn map(&mut self, map: &MapDef) {
        let name = spelling::name(&map.name);
        let body = self.map_body(map);
        self.out.line(&format!(".map {name}, {body}"));
        if let Some(inner) = &map.inner {
            let inner_name = match inner.name.as_str() {
                "" => String::new(),
                name => format!(", name={}", quoted(name.as_bytes())),
            };
            let body = self.map_body(inner);
            self.out.line(&format!(".inner {name}, {body}{inner_name}"));
        }
        for (offset, structure) in &map.fields {
            self.out.line(&format!(".field {name}, {structure}, {offset}"));
        }
    }

    fn map_body(&self, map: &MapDef) -> String {
        let mut text = match self.names.map_type(map.kind) {
            Some(name) => name.to_owned(),
            None => map.kind.to_string(),
        };
        let fields = [
            ("key", map.key_size.into()),
            ("value", map.value_size.into()),
            ("entries", map.max_entries.into()),
            ("flags", map.flags.into()),
            ("extra", map.map_extra),
            ("numa", map.numa_node.into()),
            ("pin", map.pinning.into()),
        ];
        for (key, value) in fields.into_iter().filter(|(_, value)| *value != 0u64) {
            let number = if key == "flags" { format!("{value:#x}") } else { value.to_string() };
            let _ = write!(text, ", {key}={number}");
        }
        text
    }

    /// Initial values come last: they name programs.
    fn map_values(&mut self) {
        for map in self.unit.maps.iter().filter(|m| !m.values.is_empty()) {
            self.out.line("");
            for (at, value) in &map.values {
                let (name, value) = (spelling::name(&map.name), spelling::name(value));
                self.out.line(&format!(".entry {name}, {at}, {value}"));
            }
        }
    }

    fn exception_callbacks(&mut self) {
        for (at, (program, callback)) in self.unit.exception_callbacks.iter().enumerate() {
            if at == 0 {
                self.out.line("");
            }
            let (program, callback) = (spelling::name(program), spelling::name(callback));
            self.out.line(&format!(".exception_callback {program}, {callback}"));
        }
    }

    fn external(&mut self, symbol: &Symbol) {
        let name = spelling::name(&symbol.name);
        self.out.line(&format!(".extern {name}"));
        match symbol.binding {
            Binding::Global => {}
            Binding::Weak => self.out.line(&format!(".weak {name}")),
            Binding::Local => self.out.line(&format!(".local {name}")),
        }
        self.kind_and_size(symbol, SymbolKind::NoType, 0);
    }

    fn kind_and_size(&mut self, symbol: &Symbol, default_kind: SymbolKind, default_size: u64) {
        let name = spelling::name(&symbol.name);
        if symbol.hidden {
            self.out.line(&format!(".hidden {name}"));
        }
        if symbol.kind != default_kind || is_private(&symbol.name) {
            let kind = match symbol.kind {
                SymbolKind::Func => "function",
                SymbolKind::Object => "object",
                SymbolKind::NoType => "notype",
            };
            self.out.line(&format!(".type {name}, @{kind}"));
        }
        if symbol.size != default_size {
            self.out.line(&format!(".size {name}, {}", symbol.size));
        }
    }

    fn section(&mut self, index: SectionIndex, section: &Section) {
        if !self.out.text.is_empty() {
            self.out.line("");
        }
        if self.license(index, section) {
            return;
        }
        self.header(section);
        if section.align != default_align(section.flags) {
            self.out.line(&format!(".balign {}", section.align));
        }
        let cuts = cuts(&self.index, index);
        match &section.content {
            Content::Code(slots) => self.code(index, slots, &cuts),
            Content::Data(bytes) => self.data(index, bytes, &cuts),
            Content::Zero(len) => self.zeros(index, *len, &cuts),
        }
    }

    fn header(&mut self, section: &Section) {
        let bare = section.name.chars().all(|c| c.is_ascii_alphanumeric() || "._-/+?".contains(c));
        let name = if bare && !section.name.is_empty() && !section.name.contains("//") {
            section.name.clone()
        } else {
            quoted(section.name.as_bytes())
        };
        let (holds, flags) = (section.content.holds(), section.flags);
        if (holds, flags) == section_defaults(&section.name) {
            match section.name.as_str() {
                ".text" | ".data" | ".rodata" | ".bss" => self.out.line(&section.name),
                _ => self.out.line(&format!(".section {name}")),
            }
            return;
        }
        let letters = [('w', flags.write), ('x', flags.exec), ('M', flags.merge), ('S', flags.strings)];
        let letters: String = letters.iter().filter(|(_, set)| *set).map(|(letter, _)| *letter).collect();
        let kind = if holds == Holds::Zeros { "nobits" } else { "progbits" };
        let size = if flags.entry_size == 0 { String::new() } else { format!(",{}", flags.entry_size) };
        self.out.line(&format!(".section {name},\"a{letters}\",@{kind}{size}"));
    }

    /// The licence in one line, if `.license` says all there is to it.
    fn license(&mut self, index: SectionIndex, section: &Section) -> bool {
        let Content::Data(bytes) = &section.content else {
            return false;
        };
        let Some(text) = bytes.strip_suffix(&[0]) else {
            return false;
        };
        let place = Place { section: index, offset: 0 };
        let [offset] = cuts(&self.index, index)[..] else {
            return false;
        };
        let Some([symbol]) = self.index.symbols.get(&place).map(Vec::as_slice) else {
            return false;
        };
        let plain = offset == 0
            && section.name == "license"
            && section.align == 1
            && section.flags == section_defaults("license").1
            && !self.index.relocs.contains_key(&place)
            && (symbol.binding, symbol.kind, symbol.hidden) == (Binding::Global, SymbolKind::Object, false)
            && symbol.size == bytes.len() as u64;
        if plain {
            let name = match symbol.name.as_str() {
                "_license" => String::new(),
                name => format!(", {}", spelling::name(name)),
            };
            self.out.line(&format!(".license {}{name}", quoted(text)));
        }
        plain
    }

    /// The labels at a place, with what must be said of them.
    fn labels(&mut self, place: Place) {
        let unit = self.unit;
        let section = &unit.sections[place.section];
        let holds = section.content.holds();
        let symbols = self.index.symbols.get(&place).cloned().unwrap_or_default();
        if place.offset > 0 && symbols.iter().any(|s| s.kind == SymbolKind::Func) {
            self.out.line("");
        }
        for symbol in symbols {
            let name = spelling::name(&symbol.name);
            let default = default_binding(&section.name, holds, symbol.kind, place.offset);
            match symbol.binding {
                Binding::Global => self.out.line(&format!(".globl {name}")),
                Binding::Weak => self.out.line(&format!(".weak {name}")),
                Binding::Local if default != Binding::Local || self.index.throwing.contains(symbol.name.as_str()) => {
                    self.out.line(&format!(".local {name}"));
                }
                Binding::Local => {}
            }
            let default_kind = match holds {
                Holds::Data | Holds::Zeros => SymbolKind::Object,
                // What is only jumped to stays out of the symbol table: those that are in it must say so.
                Holds::Code if symbol.binding == Binding::Local && place.offset != 0 => match symbol.kind {
                    SymbolKind::Func => SymbolKind::NoType,
                    _ => SymbolKind::Func,
                },
                Holds::Code => SymbolKind::Func,
            };
            self.kind_and_size(symbol, default_kind, self.starts.size(unit, symbol.kind, place));
            self.out.line(&format!("{name}:"));
        }
        if let Some(label) = self.index.labels.get(&place) {
            let label = format!("{label}:");
            self.out.line(&label);
        }
    }

    fn code(&mut self, section: SectionIndex, slots: &[RawInsn], cuts: &[u64]) {
        let end = slots.len() as u64 * SLOT;
        let mut offset = 0;
        while offset < end {
            let place = Place { section, offset };
            self.labels(place);
            let next = cuts.partition_point(|&cut| cut <= offset);
            let cut = cuts.get(next).copied().unwrap_or(end).min(end);
            let whole = offset.is_multiple_of(SLOT);
            match decode(slots, place.pc()) {
                Ok((insn, len)) if whole && cut - offset >= u64::from(len) * SLOT => {
                    self.instruction(&insn, place);
                    offset += u64::from(len) * SLOT;
                }
                decoded => {
                    let why = decoded.err().filter(|_| whole).map_or(String::new(), |e| format!("  // {}", e.flaw));
                    let slot_end = (offset / SLOT + 1) * SLOT;
                    let to = cut.min(slot_end);
                    self.written_relocs(place);
                    let bytes = slots[place.pc().index()].to_bytes();
                    let piece = &bytes[(offset % SLOT) as usize..][..(to - offset) as usize];
                    let text = match <[u8; 8]>::try_from(piece) {
                        Ok(bytes) => format!(".quad {:#018x}{why}", u64::from_le_bytes(bytes)),
                        Err(_) => byte_list(piece),
                    };
                    self.out.insn(&text, place);
                    offset = to;
                }
            }
        }
        self.labels(Place { section, offset: end });
    }

    fn instruction(&mut self, insn: &Insn, place: Place) {
        let index = &self.index;
        let relocs = index.relocs.get(&place).map_or(&[][..], Vec::as_slice);
        let name = match (insn, relocs) {
            (Insn::Call(Call::Helper(id)), []) => {
                self.names.helper(*id).map(str::to_owned).filter(|name| {
                    // A symbol of the helper's name would be called in its place.
                    !index.names.contains(name.as_str())
                })
            }
            (Insn::Call(_), []) => {
                let target = index.jump_target(insn, place);
                target.and_then(|place| index.local_label(place)).map(|name| spelling::name(&name))
            }
            (_, []) => {
                let target = index.jump_target(insn, place);
                target.and_then(|place| index.label(place)).map(|name| spelling::name(&name))
            }
            (Insn::LoadImm64 { imm: Imm64::Value(value), .. }, [reloc]) if reloc.kind == RelocKind::Imm64 => {
                index.reference(&reloc.target, *value as i64)
            }
            (Insn::Call(Call::Local(imm)), [reloc]) if reloc.kind == RelocKind::Call => {
                index.callee(&reloc.target, *imm, place.section)
            }
            _ => None,
        };
        if name.is_none() || relocs.len() > 1 {
            self.written_relocs(place);
        }
        let text = match name {
            Some(name) => insn.text(&name),
            None => insn.to_string(),
        };
        self.out.insn(&text, place);
    }

    /// Relocations at a place that its text does not say.
    fn written_relocs(&mut self, place: Place) {
        for Reloc { kind, target, .. } in self.index.relocs.get(&place).cloned().unwrap_or_default() {
            let kind = match kind {
                RelocKind::Imm64 => "R_BPF_64_64",
                RelocKind::Call => "R_BPF_64_32",
                RelocKind::Abs64 => "R_BPF_64_ABS64",
                RelocKind::Abs32 => "R_BPF_64_ABS32",
            };
            let target = match target {
                Target::Symbol(name) => spelling::name(name),
                Target::Section(section) => {
                    let name = self.unit.sections.get(*section).map_or("", |s| s.name.as_str());
                    format!("section({})", quoted(name.as_bytes()))
                }
            };
            self.out.line(&format!("{INDENT}.reloc ., {kind}, {target}"));
        }
    }

    fn data(&mut self, section: SectionIndex, bytes: &[u8], cuts: &[u64]) {
        let end = bytes.len() as u64;
        let mut offset = 0;
        while offset < end {
            let place = Place { section, offset };
            self.labels(place);
            let next = cuts.partition_point(|&cut| cut <= offset);
            let cut = cuts.get(next).copied().unwrap_or(end).min(end);
            let piece = &bytes[offset as usize..cut as usize];
            offset += match self.address(piece, place) {
                Some(len) => len,
                None => {
                    self.written_relocs(place);
                    self.bytes(piece);
                    piece.len() as u64
                }
            };
        }
        self.labels(Place { section, offset: end });
    }

    /// An address in data, `.quad f`; its size.
    fn address(&mut self, piece: &[u8], place: Place) -> Option<u64> {
        let relocs = self.index.relocs.get(&place)?;
        let [reloc] = relocs[..] else { return None };
        let (directive, len, addend) = match reloc.kind {
            RelocKind::Abs64 => (".quad", 8, i64::from_le_bytes(*piece.first_chunk()?)),
            RelocKind::Abs32 => (".long", 4, i64::from(u32::from_le_bytes(*piece.first_chunk()?))),
            RelocKind::Imm64 | RelocKind::Call => return None,
        };
        let reference = self.index.reference(&reloc.target, addend)?;
        self.out.line(&format!("{INDENT}{directive} {reference}"));
        Some(len)
    }

    /// Bytes as text: strings as strings, long runs of zeros by their length, the rest as numbers.
    fn bytes(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let zeros = rest.iter().take_while(|b| **b == 0).count();
            let text = rest.iter().take_while(|b| is_text(**b)).count();
            let (line, len) = if zeros == rest.len() || zeros >= 8 {
                (format!(".zero {zeros}"), zeros)
            } else if text >= 2 && rest.get(text) == Some(&0) {
                (format!(".asciz {}", quoted(&rest[..text])), text + 1)
            } else if text >= 4 {
                (format!(".ascii {}", quoted(&rest[..text])), text)
            } else {
                let len = rest.len().min(if rest.len() == 12 { 4 } else { 8 });
                match rest[..len] {
                    [a, b, c, d] => (format!(".long {:#x}", u32::from_le_bytes([a, b, c, d])), 4),
                    _ if rest.len() == 8 => {
                        (format!(".quad {:#x}", u64::from_le_bytes(rest.try_into().unwrap_or_default())), 8)
                    }
                    _ => (byte_list(&rest[..len]), len),
                }
            };
            self.out.line(&format!("{INDENT}{line}"));
            rest = &rest[len..];
        }
    }

    fn zeros(&mut self, section: SectionIndex, len: u64, cuts: &[u64]) {
        let mut offset = 0;
        while offset < len {
            let place = Place { section, offset };
            self.labels(place);
            self.written_relocs(place);
            let next = cuts.partition_point(|&cut| cut <= offset);
            let cut = cuts.get(next).copied().unwrap_or(len).min(len);
            self.out.line(&format!("{INDENT}.zero {}", cut - offset));
            offset = cut;
        }
        self.labels(Place { section, offset: len });
    }
}

fn is_text(b: u8) -> bool {
    (0x20..0x7f).contains(&b) || b == b'\n' || b == b'\t'
}

fn byte_list(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(|b| format!("{b:#04x}")).collect();
    format!(".byte {}", numbers.join(", "))
}
