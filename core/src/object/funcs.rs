//! Functions: where programs and subprograms start and end in the code sections.
//!
//! A function symbol of a named section is a program; those of `.text`, and local ones, are subprograms
//! that only exist within the programs that call them. That is libbpf's rule.

use std::collections::{HashMap, HashSet};

use super::ObjectError;
use super::elf::{Elf, R_BPF_64_32, STB_LOCAL, STT_FUNC, STT_NOTYPE, STV_DEFAULT, Symbol};
use crate::isa::RawInsn;

/// A function of the object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FuncDef {
    pub name: String,
    /// ELF section.
    pub section: usize,
    /// First slot in that section.
    pub start: u32,
    /// One past its last slot.
    pub end: u32,
    /// Whether it is loaded as a program of its own.
    pub entry: bool,
    /// Whether its symbol is not seen outside of the object (libbpf's `__hidden`).
    pub hidden: bool,
}

/// The functions of an object, by section and start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Funcs {
    pub list: Vec<FuncDef>,
}

const SLOT: u64 = RawInsn::SIZE as u64;
const TEXT: &str = ".text";

impl Funcs {
    /// Finds them by the symbols.
    pub fn read(elf: &Elf) -> Result<Funcs, ObjectError> {
        let mut list = Vec::new();
        let called = called(elf);
        let only_text = !elf.sections.iter().any(|s| s.is_code() && s.name != TEXT);
        for (index, section) in elf.sections.iter().enumerate().filter(|(_, s)| s.is_code()) {
            let unaligned =
                |offset: u64, what: String| ObjectError::Unaligned { section: section.name.clone(), offset, what };
            if section.size % SLOT != 0 {
                return Err(unaligned(section.size, format!("the section has {} bytes", section.size)));
            }
            let mut starts = starts_in(elf, index, &called);
            starts.sort_by_key(|s| (s.offset, s.local));
            starts.dedup_by_key(|s| s.offset);
            if let Some(odd) = starts.iter().find(|s| s.offset % SLOT != 0) {
                return Err(unaligned(odd.offset, format!("function `{}` starts there", odd.name)));
            }
            let all_local = starts.iter().all(|s| s.local);
            let mut programs = 0;
            for (at, start) in starts.iter().enumerate() {
                let next = starts.get(at + 1).map_or(section.size, |n| n.offset);
                let end = if start.size > 0 { (start.offset + start.size).min(next) } else { next };
                if start.offset >= end {
                    continue;
                }
                // Without any other section the first global function of `.text` is the program, or the first at all.
                let global = !start.local || (only_text && all_local);
                let entry = global && (section.name != TEXT || (only_text && programs == 0));
                programs += u32::from(entry);
                list.push(FuncDef {
                    name: start.name.to_owned(),
                    section: index,
                    start: (start.offset / SLOT) as u32,
                    end: end.div_ceil(SLOT) as u32,
                    entry,
                    hidden: start.hidden,
                });
            }
        }
        Ok(Funcs { list })
    }

    /// The function that starts at a slot of a section.
    pub fn starting_at(&self, section: usize, slot: u32) -> Option<usize> {
        self.list.binary_search_by_key(&(section, slot), |f| (f.section, f.start)).ok()
    }
}

struct Start<'a> {
    name: &'a str,
    offset: u64,
    size: u64,
    local: bool,
    hidden: bool,
}

impl<'a> Start<'a> {
    fn new(symbol: &'a Symbol) -> Start<'a> {
        let (local, hidden) = (symbol.binding == STB_LOCAL, symbol.visibility != STV_DEFAULT);
        Start { name: &symbol.name, offset: symbol.value, size: symbol.size, local, hidden }
    }
}

/// Function symbols; in objects of clang before 8 and of assemblers, which have none, the untyped global
/// symbols, the targets of calls, and failing all that the section as a whole.
fn starts_in<'a>(elf: &'a Elf, section: usize, called: &HashMap<usize, Vec<&'a Symbol>>) -> Vec<Start<'a>> {
    let starts: Vec<Start<'_>> = elf.symbols_in(section).filter(|s| s.kind == STT_FUNC).map(Start::new).collect();
    if !starts.is_empty() {
        return starts;
    }
    let untyped = |s: &&Symbol| s.kind == STT_NOTYPE && !s.name.is_empty();
    let mut starts: Vec<Start<'_>> =
        elf.symbols_in(section).filter(untyped).filter(|s| s.binding != STB_LOCAL).map(Start::new).collect();
    let called = called.get(&section).into_iter().flatten().copied();
    starts.extend(called.filter(untyped).map(Start::new));
    if starts.iter().all(|s| s.offset != 0) {
        let name = elf.sections[section].name.as_str();
        let local = elf.sections[section].name == TEXT && !starts.is_empty();
        starts.push(Start { name, offset: 0, size: 0, local, hidden: false });
    }
    starts
}

/// The symbols that calls refer to, by section.
fn called(elf: &Elf) -> HashMap<usize, Vec<&Symbol>> {
    let mut called: HashMap<usize, Vec<&Symbol>> = HashMap::new();
    let mut seen = HashSet::new();
    for reloc in elf.sections.iter().flat_map(|s| &s.relocs).filter(|r| r.kind == R_BPF_64_32) {
        let symbol = &elf.symbols[reloc.symbol];
        if let (Some(section), true) = (elf.section_of(symbol), seen.insert(reloc.symbol)) {
            called.entry(section).or_default().push(symbol);
        }
    }
    called
}
