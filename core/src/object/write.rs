//! ELF out: a draft of sections, symbols and relocations becomes the bytes of a relocatable BPF object.

use std::collections::HashMap;

use object::Endianness;
use object::elf;
use object::write::elf::{FileHeader, Rel, SectionHeader, SectionIndex, Sym, SymbolIndex, Writer};

use super::ObjectError;
use super::elf::{Placement, Reloc, SHT_NOBITS, SHT_PROGBITS, STB_LOCAL, STT_SECTION, STV_DEFAULT, Symbol};

/// A section to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct DraftSection {
    pub name: String,
    /// `SHF_*`.
    pub flags: u64,
    /// A power of two.
    pub align: u64,
    pub entry_size: u64,
    pub data: Vec<u8>,
    /// Size when the section has no bytes in the file (`SHT_NOBITS`).
    pub zero: Option<u64>,
    /// Relocations against symbols of the draft.
    pub relocs: Vec<Reloc>,
}

impl DraftSection {
    /// Size in memory.
    pub fn size(&self) -> u64 {
        self.zero.unwrap_or(self.data.len() as u64)
    }
}

/// An object to be written. Places of symbols are indices into the sections, from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub sections: Vec<DraftSection>,
    pub symbols: Vec<Symbol>,
    /// The symbols that stand for sections themselves.
    section_symbols: HashMap<usize, usize>,
}

impl Draft {
    /// The index of a section's own symbol, which is made when there is none yet.
    pub fn section_symbol(&mut self, section: usize) -> usize {
        *self.section_symbols.entry(section).or_insert_with(|| {
            self.symbols.push(Symbol {
                name: String::new(),
                place: Placement::Section(section),
                value: 0,
                size: 0,
                kind: STT_SECTION,
                binding: STB_LOCAL,
                visibility: STV_DEFAULT,
            });
            self.symbols.len() - 1
        })
    }

    /// The object's bytes.
    ///
    /// # Errors
    /// Only when the tables would be larger than ELF can say.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ObjectError> {
        // ELF wants local symbols before all others.
        let mut order: Vec<usize> = (0..self.symbols.len()).collect();
        order.sort_by_key(|&index| self.symbols[index].binding != STB_LOCAL);
        let mut bytes = Vec::new();
        self.write(&order, &mut bytes).map_err(|error| ObjectError::Damaged { what: error.to_string() })?;
        Ok(bytes)
    }

    fn write(&self, order: &[usize], bytes: &mut Vec<u8>) -> object::write::Result<()> {
        let rel_names: Vec<String> = self.sections.iter().map(|s| format!(".rel{}", clean(&s.name))).collect();
        let mut writer = Writer::new(Endianness::Little, true, bytes);

        // First everything gets its number and its place in the file.
        writer.reserve_null_section_index();
        let indices: Vec<SectionIndex> = self.sections.iter().map(|_| writer.reserve_section_index()).collect();
        let names: Vec<_> = self.sections.iter().map(|s| writer.add_section_name(clean(&s.name).as_bytes())).collect();
        let with_relocs: Vec<usize> =
            (0..self.sections.len()).filter(|&i| !self.sections[i].relocs.is_empty()).collect();
        let mut rel_ids = Vec::new();
        for &index in &with_relocs {
            writer.reserve_section_index();
            rel_ids.push(writer.add_section_name(rel_names[index].as_bytes()));
        }
        writer.reserve_symtab_section_index();
        writer.reserve_null_symbol_index();
        let mut numbers = vec![0; self.symbols.len()];
        let mut symbol_names = Vec::new();
        for &index in order {
            let symbol = &self.symbols[index];
            let section = match symbol.place {
                Placement::Section(section) => Some(indices[section]),
                _ => None,
            };
            let name = clean(&symbol.name);
            symbol_names.push((!name.is_empty()).then(|| writer.add_string(name.as_bytes())));
            let SymbolIndex(number) = writer.reserve_symbol_index(section);
            numbers[index] = number;
        }
        if writer.symtab_shndx_needed() {
            writer.reserve_symtab_shndx_section_index();
        }
        writer.reserve_strtab_section_index();
        writer.reserve_shstrtab_section_index();
        writer.reserve_file_header();
        let offsets: Vec<u64> = self
            .sections
            .iter()
            .map(|s| writer.reserve(s.data.len() as u64, s.align.clamp(1, 4096).next_power_of_two()))
            .collect();
        let rel_offsets: Vec<u64> =
            with_relocs.iter().map(|&i| writer.reserve_relocations(self.sections[i].relocs.len(), false)).collect();
        writer.reserve_symtab();
        writer.reserve_symtab_shndx();
        writer.reserve_strtab()?;
        writer.reserve_shstrtab()?;
        writer.reserve_section_headers();

        // Then it is written, in the same order.
        writer.write_file_header(&FileHeader {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            e_type: elf::ET_REL,
            e_machine: elf::EM_BPF,
            e_entry: 0,
            e_flags: elf::FileFlags(0),
        })?;
        for (section, &offset) in self.sections.iter().zip(&offsets) {
            writer.pad_until(offset);
            writer.write(&section.data);
        }
        for &index in &with_relocs {
            writer.write_align_relocation();
            for reloc in &self.sections[index].relocs {
                let rel = Rel {
                    r_offset: reloc.offset,
                    r_sym: numbers[reloc.symbol],
                    r_type: elf::RelocationType(reloc.kind),
                    r_addend: 0,
                };
                writer.write_relocation(false, &rel);
            }
        }
        self.write_symbols(&mut writer, order, &indices, &symbol_names);
        writer.write_symtab_shndx();
        writer.write_strtab();
        writer.write_shstrtab();
        writer.write_null_section_header();
        for (index, section) in self.sections.iter().enumerate() {
            let kind = if section.zero.is_some() { SHT_NOBITS } else { SHT_PROGBITS };
            let sh_name = writer.section_name_offset(Some(names[index]));
            writer.write_section_header(&SectionHeader {
                sh_name,
                sh_type: elf::SectionType(kind),
                sh_flags: elf::SectionFlags(section.flags),
                sh_addr: 0,
                sh_offset: offsets[index],
                sh_size: section.size(),
                sh_link: 0,
                sh_info: 0,
                sh_addralign: section.align.max(1),
                sh_entsize: section.entry_size,
            });
        }
        let symtab = writer.symtab_index();
        for (at, &index) in with_relocs.iter().enumerate() {
            let count = self.sections[index].relocs.len();
            writer.write_relocation_section_header(rel_ids[at], indices[index], symtab, rel_offsets[at], count, false);
        }
        let locals = self.symbols.iter().filter(|s| s.binding == STB_LOCAL).count();
        writer.write_symtab_section_header(locals as u32 + 1);
        writer.write_symtab_shndx_section_header();
        writer.write_strtab_section_header();
        writer.write_shstrtab_section_header();
        Ok(())
    }

    fn write_symbols(
        &self,
        writer: &mut Writer<'_>,
        order: &[usize],
        indices: &[SectionIndex],
        names: &[Option<object::write::StringId>],
    ) {
        writer.write_null_symbol();
        for (&index, &name) in order.iter().zip(names) {
            let symbol = &self.symbols[index];
            let (section, special) = match symbol.place {
                Placement::Section(section) => (Some(indices[section].0), elf::SHN_UNDEF),
                Placement::Absolute => (None, elf::SHN_ABS),
                Placement::Common => (None, elf::SHN_COMMON),
                Placement::Undefined => (None, elf::SHN_UNDEF),
            };
            let st_name = writer.string_offset(name);
            writer.write_symbol(&Sym {
                section,
                st_name,
                st_info: elf::SymbolInfo::new(elf::SymbolBind(symbol.binding), elf::SymbolType(symbol.kind)),
                st_other: elf::SymbolOther(symbol.visibility),
                st_shndx: special,
                st_value: symbol.value,
                st_size: symbol.size,
            });
        }
    }
}

/// A name up to its first zero byte, where a reader would end it.
fn clean(name: &str) -> &str {
    name.split('\0').next().unwrap_or_default()
}
