//! The unit: what passes between program text and an ELF object.
//!
//! A [`Unit`] is one translation unit with its names still attached: sections with their bytes, the
//! symbols that point into them, the relocations not yet resolved, and the maps as declared. The assembler
//! makes one from text, the `object` room makes one from ELF; each turns one back. Anything that only ELF
//! can carry (BTF, BTF.ext, DWARF) is not here: `object` keeps those sections as they are.
//!
//! Invariants that makers keep and readers may rely on, and that [`Unit::check`] tests:
//! - section names are unique, and so are the names of symbols and maps taken together;
//! - a defined symbol lies inside its section (its end may be the section's end);
//! - a relocation lies inside its section, and its target exists;
//! - `.maps` is not a section here: the maps in it are in [`Unit::maps`], by name. A legacy `maps` section
//!   (`struct bpf_map_def`) is data with symbols like any other.
//!
//! Section symbols (`STT_SECTION`) are not in [`Unit::symbols`]: a relocation against one names the section
//! itself. File symbols are not here either.

use super::raw::{Pc, RawInsn};

/// A translation unit: see the module's page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unit {
    /// Sections, in the order of the file.
    pub sections: Vec<Section>,
    /// Symbols, defined and external; maps are not repeated here.
    pub symbols: Vec<Symbol>,
    /// Relocations, by section and then by offset.
    pub relocs: Vec<Reloc>,
    /// Maps, in the order of their declaration.
    pub maps: Vec<MapDef>,
    /// Programs with the functions that go on when they have thrown, symbols both, in order.
    pub exception_callbacks: Vec<(String, String)>,
    /// Which line of the source each instruction came from, by section and then by place.
    pub lines: Vec<SourceLine>,
}

/// A section of code or data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Its name, which for programs says the type and hook (`tc`, `xdp`, `socket`).
    pub name: String,
    /// `sh_flags` as far as they matter.
    pub flags: SectionFlags,
    /// Alignment in bytes, a power of two, at least 1.
    pub align: u64,
    /// What it holds.
    pub content: Content,
}

/// The flags of an ELF section that a unit keeps. All sections here are allocated (`SHF_ALLOC`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct SectionFlags {
    /// `SHF_WRITE`.
    pub write: bool,
    /// `SHF_EXECINSTR`: true for programs, and only for them.
    pub exec: bool,
    /// `SHF_MERGE`.
    pub merge: bool,
    /// `SHF_STRINGS`.
    pub strings: bool,
    /// `sh_entsize`: size in bytes of an entry of a mergeable section, else 0.
    pub entry_size: u64,
}

/// What a section holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Instructions (`SHT_PROGBITS`, executable).
    Code(Vec<RawInsn>),
    /// Bytes (`SHT_PROGBITS`).
    Data(Vec<u8>),
    /// That many zero bytes, not stored in the file (`SHT_NOBITS`, as `.bss`).
    Zero(u64),
}

impl Content {
    /// Size in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Content::Code(insns) => (insns.len() * RawInsn::SIZE) as u64,
            Content::Data(bytes) => bytes.len() as u64,
            Content::Zero(len) => *len,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Index of a section in [`Unit::sections`].
pub type SectionIndex = usize;

/// A named place in a section, or a name defined elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// Its name, unique in the unit.
    pub name: String,
    /// Where it is; `None` when it is defined elsewhere (`.extern`: kconfig values, kfuncs, other objects).
    pub place: Option<Place>,
    /// Size in bytes, 0 when not known.
    pub size: u64,
    /// Visible outside this unit or not.
    pub binding: Binding,
    /// What it names.
    pub kind: SymbolKind,
    /// `STV_HIDDEN` (libbpf's `__hidden`): linked, then checked as if it were static.
    pub hidden: bool,
}

/// A byte of a section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Which section.
    pub section: SectionIndex,
    /// Offset in bytes from its start.
    pub offset: u64,
}

impl Place {
    /// The slot that this byte is in.
    pub fn pc(self) -> Pc {
        Pc((self.offset / RawInsn::SIZE as u64) as u32)
    }
}

/// A symbol's binding (`STB_*`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are ELF's own")]
pub enum Binding {
    Local,
    Global,
    Weak,
}

/// What a symbol names (`STT_*`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SymbolKind {
    /// A function: a program or a subprogram.
    Func,
    /// Data.
    Object,
    /// A label, or not known.
    NoType,
}

/// A place to be filled in when the target's address is known. As in ELF's `SHT_REL`, the addend is what
/// the section holds there already: for [`RelocKind::Imm64`] a byte offset (low half in the first slot's
/// immediate, high half in the second's), for [`RelocKind::Call`] slots minus one in the immediate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloc {
    /// Where.
    pub place: Place,
    /// How.
    pub kind: RelocKind,
    /// What is to be filled in.
    pub target: Target,
}

/// Relocation types (kernel document `Documentation/bpf/llvm_reloc.rst`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RelocKind {
    /// `R_BPF_64_64` (1): both immediates of a two-slot load.
    Imm64,
    /// `R_BPF_64_32` (10): the immediate of a call.
    Call,
    /// `R_BPF_64_ABS64` (2): eight bytes of data.
    Abs64,
    /// `R_BPF_64_ABS32` (3): four bytes of data.
    Abs32,
}

/// What a relocation refers to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// The symbol, or the map, of that name.
    Symbol(String),
    /// The start of a section (its section symbol).
    Section(SectionIndex),
}

/// A declared map (libbpf's BTF-defined maps). Numbers are the kernel's, as in `union bpf_attr`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MapDef {
    /// Its name, the symbol that instructions refer to. Empty for an unnamed inner map.
    pub name: String,
    /// `enum bpf_map_type`.
    pub kind: u32,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Number of entries; bytes for a ring buffer.
    pub max_entries: u32,
    /// `BPF_F_*` flags of map creation.
    pub flags: u32,
    /// `map_extra`: number of hash functions of a bloom filter, address of an arena.
    pub map_extra: u64,
    /// NUMA node of the memory (with `BPF_F_NUMA_NODE` in the flags).
    pub numa_node: u32,
    /// libbpf's `pinning`: 0 none, 1 by name.
    pub pinning: u32,
    /// For maps of maps: what the maps inside look like.
    pub inner: Option<Box<MapDef>>,
    /// Initial values: index and the symbol put there (a program for prog arrays, a map for maps of maps).
    pub values: Vec<(u32, String)>,
    /// The kernel's own structures in a value, in order of their offset: bytes from its start, and the name
    /// (`bpf_spin_lock`).
    pub fields: Vec<(u32, String)>,
}

/// The source line of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceLine {
    /// The section of the instruction.
    pub section: SectionIndex,
    /// Its first slot.
    pub pc: Pc,
    /// Line in the text, from 1.
    pub line: u32,
}

/// What is wrong with a unit that does not keep the invariants.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnitError {
    /// Two sections, or two of symbols and maps, of one name.
    #[error("`{name}` is defined twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A symbol's end is outside its section.
    #[error("symbol `{name}` lies outside its section")]
    SymbolOutside {
        /// The symbol's name.
        name: String,
    },
    /// A relocation is outside its section.
    #[error("the relocation at section {}, byte {} lies outside the section", place.section, place.offset)]
    RelocOutside {
        /// The relocation's place.
        place: Place,
    },
    /// A relocation's target, an initial value of a map, or an exception callback is not in the unit.
    #[error("`{name}` is referred to but neither defined nor declared external")]
    Unknown {
        /// The name that nothing has.
        name: String,
    },
}

impl Unit {
    /// The section of that name.
    pub fn section(&self, name: &str) -> Option<(SectionIndex, &Section)> {
        self.sections.iter().enumerate().find(|(_, s)| s.name == name)
    }

    /// The licence: the text of the section `license` up to its first zero byte.
    pub fn license(&self) -> Option<&str> {
        let (_, section) = self.section("license")?;
        let Content::Data(bytes) = &section.content else {
            return None;
        };
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..end]).ok()
    }

    /// The source line (from 1) that the instruction in that slot came from.
    pub fn line_of(&self, section: SectionIndex, pc: Pc) -> Option<u32> {
        let at = self.lines.partition_point(|l| (l.section, l.pc) <= (section, pc));
        let found = self.lines.get(at.checked_sub(1)?)?;
        (found.section == section).then_some(found.line)
    }

    /// Puts symbols, relocations and lines into their canonical order, so that equal units compare equal:
    /// defined symbols by place and name before external ones by name, the rest by place.
    pub fn sort(&mut self) {
        self.symbols.sort_by(|a, b| {
            let key = |s: &Symbol| (s.place.is_none(), s.place);
            key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
        });
        self.relocs.sort_by(|a, b| (a.place, a.kind, &a.target).cmp(&(b.place, b.kind, &b.target)));
        self.exception_callbacks.sort();
        self.lines.sort();
    }

    /// Tests the invariants of the module's page.
    ///
    /// # Errors
    /// The first one that is broken, by name or place.
    pub fn check(&self) -> Result<(), UnitError> {
        let mut seen = std::collections::HashSet::new();
        if let Some(s) = self.sections.iter().find(|s| !seen.insert(s.name.as_str())) {
            return Err(UnitError::Twice { name: s.name.clone() });
        }
        let mut names = std::collections::HashSet::new();
        let all = self.symbols.iter().map(|s| s.name.as_str()).chain(self.maps.iter().map(|m| m.name.as_str()));
        for name in all {
            if !names.insert(name) {
                return Err(UnitError::Twice { name: name.to_owned() });
            }
        }
        for symbol in &self.symbols {
            let Some(place) = symbol.place else { continue };
            let end = place.offset.checked_add(symbol.size);
            if end.is_none_or(|end| end > self.len_of(place.section)) {
                return Err(UnitError::SymbolOutside { name: symbol.name.clone() });
            }
        }
        for reloc in &self.relocs {
            if reloc.place.offset >= self.len_of(reloc.place.section) {
                return Err(UnitError::RelocOutside { place: reloc.place });
            }
            match &reloc.target {
                Target::Symbol(name) if !names.contains(name.as_str()) => {
                    return Err(UnitError::Unknown { name: name.clone() });
                }
                Target::Section(index) if *index >= self.sections.len() => {
                    return Err(UnitError::Unknown { name: format!("section {index}") });
                }
                _ => {}
            }
        }
        let values = self.maps.iter().flat_map(|m| &m.values).map(|(_, name)| name);
        let callbacks = self.exception_callbacks.iter().flat_map(|(program, callback)| [program, callback]);
        for name in values.chain(callbacks) {
            if !names.contains(name.as_str()) {
                return Err(UnitError::Unknown { name: name.clone() });
            }
        }
        Ok(())
    }

    fn len_of(&self, section: SectionIndex) -> u64 {
        self.sections.get(section).map_or(0, |s| s.content.len())
    }
}
