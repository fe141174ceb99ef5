//! ELF in: sections, symbols and relocations of an ELF64 little-endian BPF file, checked once.
//!
//! Everything behind [`Elf`] may rely on: a symbol's section exists and the symbol starts inside it (or at
//! its end); a relocation lies inside its section and its symbol exists.

use std::ops::Range;

use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader, SectionHeader, SectionTable, Sym, SymbolTable};
use object::{Endianness, ReadRef};

use super::ObjectError;

/// Bytes of an object at most; the largest ones in use have about four million.
pub const MAX_OBJECT: usize = 64 << 20;
/// Bytes that all names together may take: names can share their place in the file.
const MAX_NAMES: usize = 64 << 20;
/// Relocations at most: their sections can share their place in the file.
const MAX_RELOCS: usize = 1 << 20;
/// Bytes of one name at most.
const MAX_NAME: usize = 1024;

/// A BPF object file taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Elf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Sections by ELF index; the first is the null section.
    pub sections: Vec<Section>,
    /// Symbols by ELF index; the first is the null symbol.
    pub symbols: Vec<Symbol>,
    /// Symbols of each section.
    by_section: Vec<Vec<usize>>,
}

/// A section.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub name: String,
    /// `SHT_*`.
    pub kind: u32,
    /// `SHF_*`.
    pub flags: u64,
    /// Where its bytes are in the file; empty for `SHT_NOBITS`.
    pub range: Range<usize>,
    /// Size in memory.
    pub size: u64,
    pub align: u64,
    pub entry_size: u64,
    /// Relocations of this section, in order of their offset.
    pub relocs: Vec<Reloc>,
}

/// Where a symbol is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Placement {
    Undefined,
    Absolute,
    Common,
    /// In the section of that ELF index.
    Section(usize),
}

/// A symbol.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub name: String,
    pub place: Placement,
    pub value: u64,
    pub size: u64,
    /// `STT_*`.
    pub kind: u8,
    /// `STB_*`.
    pub binding: u8,
    /// `STV_*`.
    pub visibility: u8,
}

/// A relocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reloc {
    pub offset: u64,
    /// Index into [`Elf::symbols`].
    pub symbol: usize,
    /// `R_BPF_*`.
    pub kind: u32,
}

/// `R_BPF_64_64`: both immediates of a two-slot load (kernel document `bpf/llvm_reloc.rst`, as the next three).
pub(crate) const R_BPF_64_64: u32 = 1;
/// `R_BPF_64_ABS64`: eight bytes of data.
pub(crate) const R_BPF_64_ABS64: u32 = 2;
/// `R_BPF_64_ABS32`: four bytes of data.
pub(crate) const R_BPF_64_ABS32: u32 = 3;
/// `R_BPF_64_32`: the immediate of a call.
pub(crate) const R_BPF_64_32: u32 = 10;

pub(crate) const STB_LOCAL: u8 = elf::STB_LOCAL.0;
pub(crate) const STB_GLOBAL: u8 = elf::STB_GLOBAL.0;
pub(crate) const STB_WEAK: u8 = elf::STB_WEAK.0;
pub(crate) const STT_NOTYPE: u8 = elf::STT_NOTYPE.0;
pub(crate) const STT_OBJECT: u8 = elf::STT_OBJECT.0;
pub(crate) const STT_FUNC: u8 = elf::STT_FUNC.0;
pub(crate) const STT_SECTION: u8 = elf::STT_SECTION.0;
pub(crate) const STT_FILE: u8 = elf::STT_FILE.0;
pub(crate) const STV_DEFAULT: u8 = elf::STV_DEFAULT.0;
pub(crate) const STV_HIDDEN: u8 = elf::STV_HIDDEN.0;
pub(crate) const SHT_PROGBITS: u32 = elf::SHT_PROGBITS.0;
pub(crate) const SHT_NOBITS: u32 = elf::SHT_NOBITS.0;
pub(crate) const SHF_WRITE: u64 = elf::SHF_WRITE.0;
pub(crate) const SHF_ALLOC: u64 = elf::SHF_ALLOC.0;
pub(crate) const SHF_EXECINSTR: u64 = elf::SHF_EXECINSTR.0;
pub(crate) const SHF_MERGE: u64 = elf::SHF_MERGE.0;
pub(crate) const SHF_STRINGS: u64 = elf::SHF_STRINGS.0;

type Header = FileHeader64<Endianness>;

impl Elf {
    /// Takes a file apart.
    pub fn parse(bytes: &[u8]) -> Result<Elf, ObjectError> {
        let header = check_header(bytes)?;
        let endian = Endianness::Little;
        let table = header.sections(endian, bytes).map_err(damaged)?;
        let symtab = table.symbols(endian, bytes, elf::SHT_SYMTAB).map_err(damaged)?;
        let mut budget = MAX_NAMES;
        let mut sections = read_sections(bytes, &table, &mut budget)?;
        let symbols = read_symbols(&symtab, &sections, &mut budget)?;
        read_relocs(bytes, &table, &mut sections, &symbols)?;
        let mut by_section = vec![Vec::new(); sections.len()];
        for (index, symbol) in symbols.iter().enumerate() {
            if let Placement::Section(section) = symbol.place {
                by_section[section].push(index);
            }
        }
        Ok(Elf { bytes: bytes.to_vec(), sections, symbols, by_section })
    }

    /// A section's bytes; none for `SHT_NOBITS`.
    pub fn data(&self, section: usize) -> &[u8] {
        &self.bytes[self.sections[section].range.clone()]
    }

    /// The first section of that name.
    pub fn section(&self, name: &str) -> Option<usize> {
        self.sections.iter().position(|s| s.name == name)
    }

    /// The bytes of the first section of that name.
    pub fn section_data(&self, name: &str) -> Option<&[u8]> {
        self.section(name).map(|index| self.data(index))
    }

    /// The symbol's section, when it is in one.
    pub fn section_of(&self, symbol: &Symbol) -> Option<usize> {
        match symbol.place {
            Placement::Section(index) => Some(index),
            _ => None,
        }
    }

    /// Symbols of a section.
    pub fn symbols_in(&self, section: usize) -> impl Iterator<Item = &Symbol> {
        self.by_section[section].iter().map(|&index| &self.symbols[index])
    }

    /// A symbol's name for messages: that of its section when it has none itself.
    pub fn symbol_name(&self, index: usize) -> &str {
        let symbol = &self.symbols[index];
        match symbol.place {
            Placement::Section(section) if symbol.name.is_empty() => &self.sections[section].name,
            _ => &symbol.name,
        }
    }
}

impl Section {
    /// Whether it holds instructions.
    pub fn is_code(&self) -> bool {
        self.kind == SHT_PROGBITS && self.flags & SHF_EXECINSTR != 0 && self.size > 0
    }

    /// The relocation at a byte offset.
    pub fn reloc_at(&self, offset: u64) -> Option<&Reloc> {
        let at = self.relocs.partition_point(|r| r.offset < offset);
        self.relocs.get(at).filter(|r| r.offset == offset)
    }
}

fn damaged(error: object::read::Error) -> ObjectError {
    ObjectError::Damaged { what: error.to_string() }
}

fn check_header(bytes: &[u8]) -> Result<&Header, ObjectError> {
    if bytes.len() > MAX_OBJECT {
        return Err(ObjectError::TooLarge { size: bytes.len(), limit: MAX_OBJECT });
    }
    if !bytes.starts_with(&elf::ELFMAG) {
        let start: Vec<String> = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
        let start = if start.is_empty() { "nothing".to_owned() } else { start.join(" ") };
        return Err(ObjectError::NotElf { start });
    }
    let (class, data) = (bytes.get(4), bytes.get(5));
    let machine = bytes.get(18..20).map(|b| [b[0], b[1]]);
    let (Some(class), Some(data), Some(machine)) = (class, data, machine) else {
        return Err(ObjectError::Damaged { what: "the file ends within its header".to_owned() });
    };
    let big = *data == elf::ELFDATA2MSB.0;
    let machine = if big { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    // Objects of clang before 4.0 have no machine number yet.
    if machine != elf::EM_BPF.0 && machine != 0 {
        return Err(ObjectError::NotBpf { machine: machine_name(machine) });
    }
    if big {
        return Err(ObjectError::BigEndian);
    }
    if *class != elf::ELFCLASS64.0 {
        return Err(ObjectError::NotElf64);
    }
    Header::parse(bytes).map_err(damaged)
}

/// Names of the machines that people compile for by mistake.
fn machine_name(number: u16) -> String {
    let name = match elf::Machine(number) {
        elf::EM_386 => "x86",
        elf::EM_X86_64 => "x86-64",
        elf::EM_ARM => "ARM",
        elf::EM_AARCH64 => "AArch64",
        elf::EM_RISCV => "RISC-V",
        elf::EM_MIPS => "MIPS",
        elf::EM_PPC64 => "PowerPC 64",
        elf::EM_S390 => "S/390",
        elf::EM_LOONGARCH => "LoongArch",
        elf::EM_SPARCV9 => "SPARC 64",
        _ => return format!("machine number {number}"),
    };
    name.to_owned()
}

/// Takes a name out of the budget: names may share their place in the file, so they are not bounded by it.
fn take_name(name: &[u8], budget: &mut usize) -> Result<String, ObjectError> {
    if name.len() > MAX_NAME {
        return Err(ObjectError::Damaged { what: format!("a name of {} bytes", name.len()) });
    }
    *budget = budget
        .checked_sub(name.len())
        .ok_or_else(|| ObjectError::Damaged { what: format!("names of more than {MAX_NAMES} bytes together") })?;
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn read_sections(
    bytes: &[u8],
    table: &SectionTable<'_, Header>,
    budget: &mut usize,
) -> Result<Vec<Section>, ObjectError> {
    let endian = Endianness::Little;
    let mut sections = Vec::new();
    let mut total = 0_u64;
    for (index, header) in table.iter().enumerate() {
        let name = table.section_name(endian, header).map_err(damaged)?;
        let name = take_name(name, budget)?;
        let outside =
            || ObjectError::Damaged { what: format!("section {index} (`{name}`) reaches beyond the end of the file") };
        let range = match header.file_range(endian) {
            Some((offset, size)) if index > 0 && size > 0 => {
                bytes.read_bytes_at(offset, size).map_err(|()| outside())?;
                total = total.saturating_add(size);
                if total > bytes.len() as u64 {
                    return Err(ObjectError::Damaged { what: format!("section {index} (`{name}`) overlaps others") });
                }
                // Both fit the file, as was just seen.
                offset as usize..(offset + size) as usize
            }
            _ => 0..0,
        };
        sections.push(Section {
            name,
            kind: header.sh_type(endian).0,
            flags: header.sh_flags(endian).0,
            range,
            size: header.sh_size(endian),
            align: header.sh_addralign(endian),
            entry_size: header.sh_entsize(endian),
            relocs: Vec::new(),
        });
    }
    Ok(sections)
}

fn read_symbols(
    table: &SymbolTable<'_, Header>,
    sections: &[Section],
    budget: &mut usize,
) -> Result<Vec<Symbol>, ObjectError> {
    let endian = Endianness::Little;
    let mut symbols = Vec::new();
    for (index, raw) in table.enumerate() {
        let name = table.symbol_name(endian, raw).map_err(damaged)?;
        let name = take_name(name, budget)?;
        let section = table.symbol_section(endian, raw, index).map_err(damaged)?;
        let place = match section {
            Some(section) if section.0 < sections.len() => Placement::Section(section.0),
            Some(section) => {
                return Err(ObjectError::Damaged {
                    what: format!("symbol `{name}` is in section {}, which does not exist", section.0),
                });
            }
            None if raw.is_absolute(endian) => Placement::Absolute,
            None if raw.is_common(endian) => Placement::Common,
            None => Placement::Undefined,
        };
        let (value, size) = (raw.st_value(endian), raw.st_size(endian));
        if let Placement::Section(section) = place {
            let section = &sections[section];
            let end = value.checked_add(size);
            if end.is_none_or(|end| end > section.size) {
                return Err(ObjectError::SymbolOutside {
                    symbol: name,
                    section: section.name.clone(),
                    offset: value,
                    len: size,
                    size: section.size,
                });
            }
        }
        symbols.push(Symbol {
            name,
            place,
            value,
            size,
            kind: raw.st_type().0,
            binding: raw.st_bind().0,
            visibility: raw.st_visibility().0,
        });
    }
    Ok(symbols)
}

fn read_relocs(
    bytes: &[u8],
    table: &SectionTable<'_, Header>,
    sections: &mut [Section],
    symbols: &[Symbol],
) -> Result<(), ObjectError> {
    let endian = Endianness::Little;
    let mut budget = MAX_RELOCS;
    for (index, header) in table.iter().enumerate() {
        let kind = header.sh_type(endian);
        if kind != elf::SHT_REL && kind != elf::SHT_RELA {
            continue;
        }
        let target = header.sh_info(endian) as usize;
        let Some(section) = sections.get_mut(target).filter(|_| target > 0) else {
            return Err(ObjectError::Damaged {
                what: format!("section {index} relocates section {target}, which does not exist"),
            });
        };
        if section.name.starts_with(".debug") || section.name == ".eh_frame" {
            continue;
        }
        if kind == elf::SHT_RELA {
            return Err(ObjectError::Damaged {
                what: format!("section {index} has relocations with addends, which BPF does not use"),
            });
        }
        let Some((rels, _)) = header.rel(endian, bytes).map_err(damaged)? else { continue };
        budget = budget
            .checked_sub(rels.len())
            .ok_or_else(|| ObjectError::Damaged { what: format!("more than {MAX_RELOCS} relocations") })?;
        for rel in rels {
            let reloc = Reloc {
                offset: rel.r_offset.get(endian),
                symbol: rel.r_sym(endian) as usize,
                kind: rel.r_type(endian).0,
            };
            check_reloc(section, &reloc, symbols)?;
            section.relocs.push(reloc);
        }
        section.relocs.sort_by_key(|r| r.offset);
    }
    Ok(())
}

fn check_reloc(section: &Section, reloc: &Reloc, symbols: &[Symbol]) -> Result<(), ObjectError> {
    let nowhere =
        |what: String| ObjectError::RelocNowhere { section: section.name.clone(), offset: reloc.offset, what };
    // An instruction takes eight bytes; data four, unless the type says eight. (In data, old clang writes
    // R_BPF_64_32 where newer ones write R_BPF_64_NODYLD32.)
    let wide = section.is_code() || matches!(reloc.kind, R_BPF_64_64 | R_BPF_64_ABS64);
    let width = if wide { 8 } else { 4 };
    let end = reloc.offset.checked_add(width);
    if end.is_none_or(|end| end > section.size) {
        return Err(nowhere(format!("the section has {} bytes", section.size)));
    }
    if reloc.symbol >= symbols.len() {
        let what = format!("symbol {} of {} symbols", reloc.symbol, symbols.len());
        return Err(nowhere(what));
    }
    Ok(())
}
