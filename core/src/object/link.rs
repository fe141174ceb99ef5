//! Linking: objects compiled from several files become one, as `bpftool gen object` does it.
//!
//! Sections of one name are put one behind the other, names are resolved across files (strong definitions
//! before weak ones), and types, source lines and CO-RE records follow their sections. The result is written as
//! an object file and read back, so it is checked like any other.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::btf::{Btf, BtfBuilder, Kind, TypeId};
use super::btf_ext::InSection;
use super::elf::{
    Placement, Reloc, SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_PROGBITS, STB_LOCAL, STB_WEAK, STT_FILE, STT_SECTION,
    Section, Symbol,
};
use super::unit_btf::ext_bytes;
use super::write::{Draft, DraftSection};
use super::{MAX_OBJECT, Object, ObjectError};

impl Object {
    /// Links objects: functions, variables and maps that one declares `extern` are those that another defines.
    /// What nobody defines stays external (configuration values, kernel symbols).
    ///
    /// # Errors
    /// [`ObjectError::LinkTwice`] for a name that two objects define, [`ObjectError::LinkMismatch`] for licences
    /// that differ or parts that are too large together, [`ObjectError::NoPrograms`] for no objects at all.
    pub fn link(mut objects: Vec<Object>) -> Result<Object, ObjectError> {
        if objects.len() == 1
            && let Some(only) = objects.pop()
        {
            return Ok(only);
        }
        if objects.is_empty() {
            return Err(ObjectError::NoPrograms);
        }
        let mut linker = Linker::default();
        for (number, object) in objects.iter().enumerate() {
            linker.add_sections(number, object)?;
            linker.add_symbols(number, object)?;
        }
        for (number, object) in objects.iter().enumerate() {
            linker.add_relocs(number, object)?;
        }
        linker.add_types(&objects);
        Object::parse(&linker.draft.to_bytes()?)
    }
}

/// Sections of which one is enough: the objects must agree on them.
const ONCE: [&str; 2] = ["license", "version"];

#[derive(Default)]
struct Linker {
    draft: Draft,
    by_name: HashMap<String, usize>,
    /// Object and ELF section to section of the draft and offset in it.
    sections: HashMap<(usize, usize), (usize, u64)>,
    /// Object and ELF symbol to symbol of the draft.
    symbols: HashMap<(usize, usize), usize>,
    /// Global names: symbol of the draft, and the object that defines it.
    globals: HashMap<String, (usize, usize)>,
    /// Bytes of all sections of the draft.
    total: usize,
}

impl Linker {
    fn add_sections(&mut self, number: usize, object: &Object) -> Result<(), ObjectError> {
        for (index, section) in object.elf.sections.iter().enumerate() {
            if !matches!(section.kind, SHT_PROGBITS | SHT_NOBITS) || section.flags & SHF_ALLOC == 0 {
                continue;
            }
            let data = object.elf.data(index);
            let known = self.by_name.get(&section.name).copied();
            if let (Some(at), true) = (known, ONCE.contains(&section.name.as_str())) {
                if self.draft.sections[at].data != data {
                    return Err(mismatch(&section.name, "the objects disagree about it"));
                }
                continue;
            }
            let at = known.unwrap_or_else(|| self.new_section(section));
            let offset = self.append(at, section, data)?;
            self.sections.insert((number, index), (at, offset));
        }
        Ok(())
    }

    fn new_section(&mut self, section: &Section) -> usize {
        self.draft.sections.push(DraftSection {
            name: section.name.clone(),
            flags: section.flags,
            align: 1,
            entry_size: section.entry_size,
            zero: (section.kind == SHT_NOBITS).then_some(0),
            ..DraftSection::default()
        });
        self.by_name.insert(section.name.clone(), self.draft.sections.len() - 1);
        self.draft.sections.len() - 1
    }

    /// Puts a section behind what the draft has of that name; where it starts.
    fn append(&mut self, at: usize, section: &Section, data: &[u8]) -> Result<u64, ObjectError> {
        let into = &mut self.draft.sections[at];
        if (into.flags ^ section.flags) & SHF_EXECINSTR != 0 {
            return Err(mismatch(&section.name, "one has instructions, another data"));
        }
        let too_large = || mismatch(&section.name, "the objects are too large together");
        let align = section.align.clamp(1, 4096).next_power_of_two();
        into.align = into.align.max(align);
        into.flags |= section.flags;
        let start = into.size().checked_next_multiple_of(align).ok_or_else(too_large)?;
        let end = start.checked_add(section.size).ok_or_else(too_large)?;
        if let (Some(zero), SHT_NOBITS) = (into.zero.as_mut(), section.kind) {
            *zero = end;
            return Ok(start);
        }
        // Bytes and nothing but zeros under one name: the zeros become bytes.
        // The end counts what is there already once more, which does no harm.
        let end = usize::try_from(end)
            .ok()
            .filter(|end| *end <= MAX_OBJECT && end + self.total <= MAX_OBJECT)
            .ok_or_else(too_large)?;
        into.zero = None;
        self.total += end - into.data.len();
        into.data.resize(start as usize, 0);
        into.data.extend_from_slice(data);
        into.data.resize(end, 0);
        Ok(start)
    }

    fn add_symbols(&mut self, number: usize, object: &Object) -> Result<(), ObjectError> {
        for (index, symbol) in object.elf.symbols.iter().enumerate().skip(1) {
            let mut moved = symbol.clone();
            if let Placement::Section(section) = symbol.place {
                // Sections that are left out take their symbols with them.
                let Some(&(at, offset)) = self.sections.get(&(number, section)) else { continue };
                moved.place = Placement::Section(at);
                moved.value = symbol.value.saturating_add(offset);
            }
            let at = match symbol.kind {
                STT_FILE => continue,
                STT_SECTION => match moved.place {
                    Placement::Section(section) => self.draft.section_symbol(section),
                    _ => continue,
                },
                _ if symbol.binding == STB_LOCAL => self.push(moved),
                _ => self.resolve(number, moved)?,
            };
            self.symbols.insert((number, index), at);
        }
        Ok(())
    }

    fn push(&mut self, symbol: Symbol) -> usize {
        self.draft.symbols.push(symbol);
        self.draft.symbols.len() - 1
    }

    /// The one symbol that a global name stands for.
    fn resolve(&mut self, number: usize, new: Symbol) -> Result<usize, ObjectError> {
        let Some(&(at, _)) = self.globals.get(&new.name) else {
            let name = new.name.clone();
            let at = self.push(new);
            self.globals.insert(name, (at, number));
            return Ok(at);
        };
        let old = &mut self.draft.symbols[at];
        let defined = |s: &Symbol| s.place != Placement::Undefined;
        let weak = |s: &Symbol| s.binding == STB_WEAK;
        let replace = match (defined(old), defined(&new)) {
            (true, true) if !weak(old) && !weak(&new) => {
                return Err(ObjectError::LinkTwice { name: new.name });
            }
            (true, true) => weak(old) && !weak(&new),
            (false, new_defined) => new_defined || (weak(old) && !weak(&new)),
            (true, false) => false,
        };
        if replace {
            let name = new.name.clone();
            *old = new;
            self.globals.insert(name, (at, number));
        }
        Ok(at)
    }

    fn add_relocs(&mut self, number: usize, object: &Object) -> Result<(), ObjectError> {
        for (index, section) in object.elf.sections.iter().enumerate() {
            let Some(&(at, offset)) = self.sections.get(&(number, index)) else { continue };
            for reloc in &section.relocs {
                let symbol = &object.elf.symbols[reloc.symbol];
                let Some(&to) = self.symbols.get(&(number, reloc.symbol)) else {
                    return Err(ObjectError::Reloc {
                        section: section.name.clone(),
                        offset: reloc.offset,
                        symbol: object.elf.symbol_name(reloc.symbol).to_owned(),
                        what: "its section is not linked".to_owned(),
                    });
                };
                let new = Reloc { offset: offset + reloc.offset, symbol: to, kind: reloc.kind };
                if let (STT_SECTION, Placement::Section(target)) = (symbol.kind, symbol.place) {
                    let moved = self.sections.get(&(number, target)).map_or(0, |s| s.1);
                    self.move_addend(at, &new, moved);
                }
                self.draft.sections[at].relocs.push(new);
            }
        }
        for section in &mut self.draft.sections {
            section.relocs.sort_by_key(|r| r.offset);
        }
        Ok(())
    }

    /// A relocation against a section counts from its start, which has moved: what the place holds is corrected.
    fn move_addend(&mut self, at: usize, reloc: &Reloc, moved: u64) {
        let section = &mut self.draft.sections[at];
        let code = section.flags & SHF_EXECINSTR != 0;
        let Ok(offset) = usize::try_from(reloc.offset) else { return };
        let Some(&opcode) = section.data.get(offset) else { return };
        let (place, by) = match (code, opcode) {
            (true, 0x85) => (offset + 4, moved / 8),
            (true, _) => (offset + 4, moved),
            (false, _) => (offset, moved),
        };
        if let Some(bytes) = section.data.get_mut(place..place + 4) {
            let old = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            bytes.copy_from_slice(&old.wrapping_add(by as u32).to_le_bytes());
        }
    }

    // ---- types ----

    fn add_types(&mut self, objects: &[Object]) {
        let mut types = Types::default();
        for (number, object) in objects.iter().enumerate() {
            let Some(btf) = &object.btf else { continue };
            let ids = types.copy(btf);
            self.add_data_sections(number, object, btf, &ids, &mut types);
            let ext = &object.ext;
            self.add_records(
                number,
                object,
                &ext.funcs,
                &mut types.funcs,
                |r, offset, _| vec![r.offset.wrapping_add(offset), id_of(&ids, r.type_id)],
                &mut types.btf,
            );
            self.add_records(
                number,
                object,
                &ext.lines,
                &mut types.lines,
                |r, offset, out| {
                    let (file, text) = (out.string(btf.string(r.file)), out.string(btf.string(r.text)));
                    vec![r.offset.wrapping_add(offset), file, text, r.line_col]
                },
                &mut types.btf,
            );
            self.add_records(
                number,
                object,
                &ext.relos,
                &mut types.relos,
                |r, offset, out| {
                    vec![
                        r.offset.wrapping_add(offset),
                        id_of(&ids, r.type_id),
                        out.string(btf.string(r.access)),
                        r.kind,
                    ]
                },
                &mut types.btf,
            );
        }
        if types.btf.next_id() == 1 {
            return;
        }
        for (name, mut vars) in std::mem::take(&mut types.data_sections) {
            vars.sort_by_key(|v| v[1]);
            let size = self.by_name.get(&name).map_or(0, |&at| self.draft.sections[at].size() as u32);
            let words: Vec<u32> = vars.iter().flatten().copied().collect();
            types.btf.add(Kind::Datasec, &name, vars.len(), false, size, &words);
        }
        let parts = [(&types.funcs, 8), (&types.lines, 16), (&types.relos, 16)];
        let [funcs, lines, relos] = parts.map(|(records, size)| {
            let mut words = if records.is_empty() { Vec::new() } else { vec![size] };
            for (&section, records) in records {
                let name = types.btf.string(&self.draft.sections[section].name);
                words.extend([name, records.len() as u32]);
                words.extend(records.iter().flatten());
            }
            words
        });
        let ext = ext_bytes(&funcs, &lines, &relos);
        for (name, data) in [(".BTF", types.btf.finish()), (".BTF.ext", ext)] {
            self.draft.sections.push(DraftSection { name: name.to_owned(), align: 4, data, ..DraftSection::default() });
        }
    }

    /// The variables that this object defines, at their new places, and what it wants from the kernel.
    fn add_data_sections(&self, number: usize, object: &Object, btf: &Btf, ids: &[TypeId], types: &mut Types) {
        let places: HashMap<&str, usize> = object
            .elf
            .symbols
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((s.name.as_str(), *self.symbols.get(&(number, i))?)))
            .collect();
        for section in btf.types().filter(|t| t.kind() == Kind::Datasec) {
            let linked = self.by_name.contains_key(section.name());
            for var in section.vars() {
                let Some(t) = btf.ty(var.type_id) else { continue };
                let new = id_of(ids, var.type_id);
                if !linked {
                    if types.wanted.insert((section.name().to_owned(), t.name().to_owned())) {
                        types.data_sections.entry(section.name().to_owned()).or_default().push([new, 0, var.size]);
                    }
                    continue;
                }
                let Some(&at) = places.get(t.name()) else { continue };
                let symbol = &self.draft.symbols[at];
                let ours = self.globals.get(t.name()).is_none_or(|(_, owner)| *owner == number);
                let is_local = symbol.binding == STB_LOCAL;
                if symbol.place == Placement::Undefined || !(ours || is_local) {
                    continue;
                }
                let size = if var.size > 0 { var.size } else { symbol.size as u32 };
                let entry = types.data_sections.entry(section.name().to_owned()).or_default();
                entry.push([new, symbol.value as u32, size]);
            }
        }
    }

    /// Records of `.BTF.ext`, moved with their sections.
    fn add_records<T>(
        &self,
        number: usize,
        object: &Object,
        groups: &[InSection<T>],
        into: &mut BTreeMap<usize, Vec<Vec<u32>>>,
        words: impl Fn(&T, u32, &mut BtfBuilder) -> Vec<u32>,
        btf: &mut BtfBuilder,
    ) {
        for group in groups {
            let Some(index) = object.elf.section(&group.section) else { continue };
            let Some(&(at, offset)) = self.sections.get(&(number, index)) else { continue };
            let records = group.records.iter().map(|r| words(r, offset as u32, btf));
            into.entry(at).or_default().extend(records);
        }
    }
}

fn mismatch(name: &str, what: &str) -> ObjectError {
    ObjectError::LinkMismatch { name: name.to_owned(), what: what.to_owned() }
}

/// The new number of a type; `void` for one that does not exist.
fn id_of(ids: &[TypeId], old: TypeId) -> TypeId {
    ids.get(old as usize).copied().unwrap_or(0)
}

/// Types of all objects together.
struct Types {
    btf: BtfBuilder,
    /// Name to variables: type, offset, size.
    data_sections: BTreeMap<String, Vec<[u32; 3]>>,
    /// Section and name of what the kernel is to define, each once.
    wanted: HashSet<(String, String)>,
    funcs: BTreeMap<usize, Vec<Vec<u32>>>,
    lines: BTreeMap<usize, Vec<Vec<u32>>>,
    relos: BTreeMap<usize, Vec<Vec<u32>>>,
}

impl Default for Types {
    fn default() -> Self {
        Types {
            btf: BtfBuilder::new(),
            data_sections: BTreeMap::new(),
            wanted: HashSet::new(),
            funcs: BTreeMap::new(),
            lines: BTreeMap::new(),
            relos: BTreeMap::new(),
        }
    }
}

impl Types {
    /// Copies all types but data sections; for each old number the new one.
    fn copy(&mut self, btf: &Btf) -> Vec<TypeId> {
        let mut ids = vec![0];
        let mut next = self.btf.next_id();
        for t in btf.types() {
            let stays = t.kind() != Kind::Datasec;
            ids.push(if stays { next } else { 0 });
            next += u32::from(stays);
        }
        for t in btf.types().filter(|t| t.kind() != Kind::Datasec) {
            self.btf.copy(t, |old| id_of(&ids, old));
        }
        ids
    }
}
