//! Units and objects: what the assembler makes becomes a real object file, and what a compiler made becomes
//! text again.

use std::collections::{HashMap, HashSet};

use super::elf::{
    Elf, Placement, R_BPF_64_32, R_BPF_64_64, R_BPF_64_ABS32, R_BPF_64_ABS64, Reloc, SHF_ALLOC, SHF_EXECINSTR,
    SHF_MERGE, SHF_STRINGS, SHF_WRITE, SHT_NOBITS, SHT_PROGBITS, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FILE, STT_FUNC,
    STT_NOTYPE, STT_OBJECT, STT_SECTION, STV_DEFAULT, STV_HIDDEN, Section as ElfSection, Symbol as ElfSymbol,
};
use super::fields::{self, Places};
use super::unit_btf::{self, Source};
use super::write::{Draft, DraftSection};
use super::{Object, ObjectError};
use crate::isa::unit::{
    Binding, Content, Place, Reloc as UnitReloc, RelocKind, Section, SectionFlags, SourceLine, Symbol, SymbolKind,
    Target, Unit,
};
use crate::isa::{Pc, RawInsn};
use crate::kernel::{FieldKind, SpecialField};

impl Object {
    /// Makes an object of a unit, by way of the bytes that [`write_unit`] gives.
    ///
    /// # Errors
    /// [`ObjectError::Unit`] when the unit does not keep its invariants, else as [`Object::parse`].
    pub fn from_unit(unit: &Unit) -> Result<Object, ObjectError> {
        Object::parse(&write_unit(unit, None)?)
    }

    /// As [`Object::from_unit`], with the text that the unit was assembled from: its lines are what logs
    /// and [`crate::kernel::Program::lines`] show.
    ///
    /// # Errors
    /// As [`Object::from_unit`].
    pub fn from_source(unit: &Unit, source: Source<'_>) -> Result<Object, ObjectError> {
        Object::parse(&write_unit(unit, Some(source))?)
    }

    /// The object as a unit, for the disassembler: allocated sections, their symbols and relocations, and the
    /// maps of `.maps`. Types and debug information stay behind.
    pub fn to_unit(&self) -> Unit {
        UnitMaker::new(self).finish()
    }
}

/// The bytes of an object that bpftool, libbpf and tc load: the unit's sections, its maps as libbpf declares them,
/// and BTF with the functions and source lines. Without a source the disassembly stands for it.
/// libbpf takes subprograms only from `.text`; those in a program's own section load here but not there.
///
/// # Errors
/// [`ObjectError::Unit`] when the unit does not keep its invariants.
pub fn write_unit(unit: &Unit, source: Option<Source<'_>>) -> Result<Vec<u8>, ObjectError> {
    unit.check()?;
    let mut draft = Draft::default();
    for section in &unit.sections {
        draft.sections.push(draft_section(section));
    }
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for symbol in &unit.symbols {
        numbers.insert(&symbol.name, draft.symbols.len());
        draft.symbols.push(draft_symbol(symbol));
    }
    let map_places = unit_btf::map_places(&unit.maps)?;
    let maps_section = draft.sections.len();
    if !unit.maps.is_empty() {
        for (map, place) in unit.maps.iter().zip(&map_places) {
            numbers.insert(&map.name, draft.symbols.len());
            draft.symbols.push(ElfSymbol {
                name: map.name.clone(),
                place: Placement::Section(maps_section),
                value: place.start,
                size: place.size,
                kind: STT_OBJECT,
                binding: STB_GLOBAL,
                visibility: STV_DEFAULT,
            });
        }
        let size = map_places.last().map_or(0, |p| p.start + p.size);
        draft.sections.push(DraftSection {
            name: ".maps".to_owned(),
            flags: SHF_ALLOC | SHF_WRITE,
            align: 8,
            // Capped by the places.
            data: vec![0; size as usize],
            ..DraftSection::default()
        });
    }
    for reloc in &unit.relocs {
        let symbol = match &reloc.target {
            Target::Symbol(name) => numbers.get(name.as_str()).copied(),
            Target::Section(section) => Some(draft.section_symbol(*section)),
        };
        // `check` has seen that the target exists.
        let Some(symbol) = symbol else { continue };
        let kind = match reloc.kind {
            RelocKind::Imm64 => R_BPF_64_64,
            RelocKind::Call => R_BPF_64_32,
            RelocKind::Abs64 => R_BPF_64_ABS64,
            RelocKind::Abs32 => R_BPF_64_ABS32,
        };
        draft.sections[reloc.place.section].relocs.push(Reloc { offset: reloc.place.offset, symbol, kind });
    }
    for (map, place) in unit.maps.iter().zip(&map_places) {
        for (slot, name) in &map.values {
            let (Some(&symbol), Some(values)) = (numbers.get(name.as_str()), place.values) else { continue };
            let offset = place.start + values + u64::from(*slot) * 8;
            draft.sections[maps_section].relocs.push(Reloc { offset, symbol, kind: R_BPF_64_ABS64 });
        }
    }
    name_nameless_programs(&mut draft);
    let (btf, ext) = unit_btf::write(unit, &draft, &map_places, source);
    for (name, data) in [(".BTF", btf), (".BTF.ext", ext)] {
        draft.sections.push(DraftSection { name: name.to_owned(), align: 4, data, ..DraftSection::default() });
    }
    draft.to_bytes()
}

fn draft_section(section: &Section) -> DraftSection {
    let flags = section.flags;
    let mut bits = SHF_ALLOC;
    for (set, bit) in
        [(flags.write, SHF_WRITE), (flags.exec, SHF_EXECINSTR), (flags.merge, SHF_MERGE), (flags.strings, SHF_STRINGS)]
    {
        bits |= if set { bit } else { 0 };
    }
    let (data, zero) = match &section.content {
        Content::Code(insns) => (insns.iter().flat_map(|i| i.to_bytes()).collect(), None),
        Content::Data(bytes) => (bytes.clone(), None),
        Content::Zero(size) => (Vec::new(), Some(*size)),
    };
    DraftSection {
        name: section.name.clone(),
        flags: bits,
        align: section.align,
        entry_size: flags.entry_size,
        data,
        zero,
        relocs: Vec::new(),
    }
}

fn draft_symbol(symbol: &Symbol) -> ElfSymbol {
    ElfSymbol {
        name: symbol.name.clone(),
        place: symbol.place.map_or(Placement::Undefined, |p| Placement::Section(p.section)),
        value: symbol.place.map_or(0, |p| p.offset),
        size: symbol.size,
        kind: match symbol.kind {
            SymbolKind::Func => STT_FUNC,
            SymbolKind::Object => STT_OBJECT,
            SymbolKind::NoType => STT_NOTYPE,
        },
        binding: match symbol.binding {
            Binding::Local => STB_LOCAL,
            Binding::Global => STB_GLOBAL,
            Binding::Weak => STB_WEAK,
        },
        visibility: if symbol.hidden { STV_HIDDEN } else { STV_DEFAULT },
    }
}

/// Loaders take functions by their symbols: code that begins without one gets one, named after its section.
fn name_nameless_programs(draft: &mut Draft) {
    let mut taken: HashSet<String> = draft.symbols.iter().map(|s| s.name.clone()).collect();
    let mut new = Vec::new();
    for (index, section) in draft.sections.iter().enumerate() {
        let place = Placement::Section(index);
        let functions = draft.symbols.iter().filter(|s| s.place == place && s.kind == STT_FUNC);
        let end = functions.map(|s| s.value).min().unwrap_or(section.size());
        if end == 0 || section.flags & SHF_EXECINSTR == 0 || section.data.is_empty() {
            continue;
        }
        let mut name = if section.name == ".text" { "prog".to_owned() } else { unit_btf::identifier(&section.name) };
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        new.push(ElfSymbol {
            name,
            place,
            value: 0,
            size: end,
            kind: STT_FUNC,
            binding: STB_GLOBAL,
            visibility: STV_DEFAULT,
        });
    }
    draft.symbols.extend(new);
}

/// An object on its way to a unit.
struct UnitMaker<'a> {
    object: &'a Object,
    elf: &'a Elf,
    unit: Unit,
    /// ELF section to section of the unit.
    sections: HashMap<usize, usize>,
    /// ELF symbol to its name in the unit.
    names: HashMap<usize, String>,
    taken: HashMap<String, usize>,
}

impl<'a> UnitMaker<'a> {
    fn new(object: &'a Object) -> UnitMaker<'a> {
        UnitMaker {
            object,
            elf: &object.elf,
            unit: Unit::default(),
            sections: HashMap::new(),
            names: HashMap::new(),
            taken: HashMap::new(),
        }
    }

    fn finish(mut self) -> Unit {
        self.take_sections();
        self.take_maps();
        self.take_symbols();
        self.take_relocs();
        self.take_exception_callbacks();
        self.take_lines();
        self.unit.sort();
        self.unit
    }

    fn take_sections(&mut self) {
        let mut seen = HashMap::new();
        for (index, section) in self.elf.sections.iter().enumerate().skip(1) {
            let holds = matches!(section.kind, SHT_PROGBITS | SHT_NOBITS) && section.flags & SHF_ALLOC != 0;
            if !holds || section.name == ".maps" {
                continue;
            }
            let name = unique(&section.name, &mut seen);
            self.sections.insert(index, self.unit.sections.len());
            self.unit.sections.push(Section {
                name,
                flags: flags_of(section),
                align: section.align.clamp(1, 1 << 30).next_power_of_two(),
                content: content_of(self.elf, index),
            });
        }
    }

    fn take_maps(&mut self) {
        for map in self.object.maps.iter().filter(|m| self.elf.sections[m.section].name == ".maps") {
            self.taken.insert(map.def.name.clone(), 1);
            let mut def = map.def.clone();
            if let Some(btf) = &self.object.btf {
                let names = crate::kernel::names();
                let name = |field: &SpecialField| {
                    let row = FieldKind::STRUCTS.iter().find(|row| row.1 == field.kind)?;
                    names.fields.iter().any(|(name, _)| *name == row.0).then(|| (field.offset, row.0.to_owned()))
                };
                let special = fields::of_value(btf, map.types.value, &Places::new()).unwrap_or_default();
                def.fields = special.iter().filter_map(name).collect();
            }
            self.unit.maps.push(def);
        }
    }

    fn take_symbols(&mut self) {
        let maps = self.elf.section(".maps").map(Placement::Section);
        for (index, symbol) in self.elf.symbols.iter().enumerate().skip(1) {
            if matches!(symbol.kind, STT_SECTION | STT_FILE) || symbol.name.is_empty() {
                continue;
            }
            if maps == Some(symbol.place) {
                self.names.insert(index, symbol.name.clone());
                continue;
            }
            let place = match symbol.place {
                Placement::Undefined => None,
                Placement::Section(section) => match self.sections.get(&section) {
                    Some(&section) => Some(Place { section, offset: symbol.value }),
                    None => continue,
                },
                Placement::Absolute | Placement::Common => continue,
            };
            let name = unique(&symbol.name, &mut self.taken);
            self.names.insert(index, name.clone());
            self.unit.symbols.push(Symbol {
                name,
                place,
                size: symbol.size,
                binding: match symbol.binding {
                    STB_LOCAL => Binding::Local,
                    STB_WEAK => Binding::Weak,
                    _ => Binding::Global,
                },
                kind: match symbol.kind {
                    STT_FUNC => SymbolKind::Func,
                    STT_OBJECT => SymbolKind::Object,
                    _ => SymbolKind::NoType,
                },
                hidden: symbol.visibility == STV_HIDDEN,
            });
        }
        // An initial value whose symbol was left out has nothing to refer to.
        let known: HashSet<&str> = self.names.values().map(String::as_str).collect();
        for map in &mut self.unit.maps {
            map.values.retain(|(_, name)| known.contains(name.as_str()));
        }
    }

    fn take_relocs(&mut self) {
        for (&elf_section, &section) in &self.sections {
            for reloc in &self.elf.sections[elf_section].relocs {
                let symbol = &self.elf.symbols[reloc.symbol];
                let target = match self.names.get(&reloc.symbol) {
                    Some(name) => Target::Symbol(name.clone()),
                    None => match symbol.place {
                        Placement::Section(at) if symbol.kind == STT_SECTION => match self.sections.get(&at) {
                            Some(&at) => Target::Section(at),
                            None => continue,
                        },
                        _ => continue,
                    },
                };
                let kind = match reloc.kind {
                    R_BPF_64_64 => RelocKind::Imm64,
                    R_BPF_64_32 => RelocKind::Call,
                    R_BPF_64_ABS64 => RelocKind::Abs64,
                    R_BPF_64_ABS32 => RelocKind::Abs32,
                    _ => continue,
                };
                let place = Place { section, offset: reloc.offset };
                self.unit.relocs.push(UnitReloc { place, kind, target });
            }
        }
    }

    fn take_exception_callbacks(&mut self) {
        for (program, callback) in self.object.exception_callbacks() {
            if let (Some(program), Some(callback)) = (self.names.get(&program), self.names.get(&callback)) {
                self.unit.exception_callbacks.push((program.clone(), callback.clone()));
            }
        }
    }

    fn take_lines(&mut self) {
        for group in &self.object.ext.lines {
            let section = self.elf.section(&group.section).and_then(|s| self.sections.get(&s));
            let Some(&section) = section else { continue };
            for line in &group.records {
                let (pc, line) = (Pc(line.offset / RawInsn::SIZE as u32), line.line_col >> 10);
                self.unit.lines.push(SourceLine { section, pc, line });
            }
        }
    }
}

/// The name, or with a number behind it when it is taken. `taken` counts how often each name came.
fn unique(name: &str, taken: &mut HashMap<String, usize>) -> String {
    let count = taken.entry(name.to_owned()).or_insert(0);
    let mut number = *count;
    *count += 1;
    if number == 0 {
        return name.to_owned();
    }
    loop {
        let unique = format!("{name}.{number}");
        if !taken.contains_key(&unique) {
            taken.insert(unique.clone(), 1);
            return unique;
        }
        number += 1;
    }
}

fn flags_of(section: &ElfSection) -> SectionFlags {
    let has = |bit| section.flags & bit != 0;
    SectionFlags {
        write: has(SHF_WRITE),
        exec: has(SHF_EXECINSTR),
        merge: has(SHF_MERGE),
        strings: has(SHF_STRINGS),
        entry_size: section.entry_size,
    }
}

fn content_of(elf: &Elf, index: usize) -> Content {
    let section = &elf.sections[index];
    if section.kind == SHT_NOBITS {
        return Content::Zero(section.size);
    }
    let bytes = elf.data(index);
    if section.flags & SHF_EXECINSTR == 0 {
        return Content::Data(bytes.to_vec());
    }
    let slots = bytes.chunks_exact(RawInsn::SIZE);
    Content::Code(slots.map(|b| RawInsn::from_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect())
}
