//! Objects: ELF files with BPF programs, as compilers write them and loaders read them.
//!
//! An [`Object`] is parsed once, with everything local checked, and then loaded for a kernel: what libbpf does
//! between `bpf_object__open` and the first `BPF_PROG_LOAD`, so that the instructions are those that the kernel
//! would get. The stages, one file each:
//!
//! | file | stage |
//! |---|---|
//! | `elf` | sections, symbols, relocations |
//! | `btf`, `btf_ext` | types; functions, source lines and CO-RE records |
//! | `funcs` | where programs and subprograms are |
//! | `maps` | map definitions and data sections |
//! | `fields` | fields of values that belong to the kernel: locks, timers |
//! | `kconfig` | names that the kernel defines |
//! | `core_relo`, `core_match` | CO-RE: the same field in other types |
//! | `reloc` | one program out of its functions |
//! | `load` | all of it, for a kernel |
//! | `kernel_btf` | types as the kernel takes them, beside the instructions |
//! | `link` | one object out of several |
//! | `write` | sections and symbols to ELF bytes |
//! | `unit`, `unit_btf` | the assembler's units: to objects, with BTF, and back |
//!
//! Not here: running anything, and DWARF.

mod btf;
mod btf_ext;
mod core_match;
mod core_relo;
mod elf;
mod error;
mod exception;
mod fields;
mod funcs;
mod kconfig;
mod kernel_btf;
mod link;
mod load;
mod maps;
mod reloc;
mod unit;
mod unit_btf;
mod write;

pub(crate) use btf::essential_name;
pub use btf::{Btf, Enumerator, Kind, Member, Param, SecVar, Type, TypeId};
pub use elf::MAX_OBJECT;
pub use error::ObjectError;
pub use exception::{ExceptionTag, exception_callback};
pub use kernel_btf::{KernelBtf, Records};
pub use load::{LoadOptions, Loaded};
pub use unit::write_unit;
pub use unit_btf::Source;

use std::collections::HashMap;

use btf_ext::BtfExt;
use elf::Elf;
use funcs::{FuncDef, Funcs};
use maps::MapDecl;

/// A parsed object file.
#[derive(Clone, Debug)]
pub struct Object {
    pub(crate) elf: Elf,
    btf: Option<Btf>,
    ext: BtfExt,
    funcs: Funcs,
    maps: Vec<MapDecl>,
    /// Maps by section and offset; data sections by their section alone, with offset `None`.
    map_places: HashMap<(usize, Option<u64>), usize>,
    license: String,
}

impl Object {
    /// Reads an object file: ELF64, little-endian, for BPF. The bytes may be anything.
    ///
    /// # Errors
    /// [`ObjectError`] with the place of what is wrong: not such a file, structures that do not fit it, BTF that is
    /// damaged, map definitions that no loader understands.
    pub fn parse(bytes: &[u8]) -> Result<Object, ObjectError> {
        let elf = Elf::parse(bytes)?;
        let btf = elf.section_data(".BTF").map(Btf::parse).transpose()?;
        let ext = match (&btf, elf.section_data(".BTF.ext")) {
            (Some(btf), Some(bytes)) => BtfExt::parse(bytes, btf)?,
            _ => BtfExt::default(),
        };
        let funcs = Funcs::read(&elf)?;
        let maps = maps::read(&elf, btf.as_ref())?;
        let license = elf.section_data("license").unwrap_or_default();
        let end = license.iter().position(|&b| b == 0).unwrap_or(license.len());
        let license = String::from_utf8_lossy(&license[..end.min(MAX_LICENSE)]).into_owned();
        let place = |m: &MapDecl| (m.section, (!m.data).then_some(m.offset));
        let map_places = maps.iter().enumerate().map(|(index, map)| (place(map), index)).collect();
        Ok(Object { elf, btf, ext, funcs, maps, map_places, license })
    }

    /// The object's types.
    pub fn btf(&self) -> Option<&Btf> {
        self.btf.as_ref()
    }

    /// The object's types, unless the kernel refuses them for an object's fields that do not go together: loaders then go
    /// on without. `kernel` are the kernel's own types, if they are at hand.
    pub fn accepted_btf(&self, kernel: Option<&Btf>) -> Option<&Btf> {
        self.btf.as_ref().filter(|btf| btf.refused(kernel).is_none())
    }

    /// The licence, as the section `license` gives it; empty without one.
    pub fn license(&self) -> &str {
        &self.license
    }

    /// Whether it has CO-RE relocations, so that the target's types matter.
    pub fn has_core_relocs(&self) -> bool {
        !self.ext.relos.is_empty()
    }

    /// The object file, byte for byte.
    pub fn write(&self) -> Vec<u8> {
        self.elf.bytes.clone()
    }

    /// The type of the function that starts at a slot of a section; 0 when BTF does not tell.
    fn func_type(&self, section: usize, slot: u32) -> TypeId {
        let records = BtfExt::of(&self.ext.funcs, &self.elf.sections[section].name);
        let found = slot.checked_mul(8).and_then(|at| records.binary_search_by_key(&at, |r| r.offset).ok());
        found.map_or(0, |at| records[at].type_id)
    }

    /// Whether kernels verify a function on its own: by its type, unless `__hidden` took that back, as libbpf sees it.
    fn is_global(&self, def: &FuncDef, type_id: TypeId) -> bool {
        let typed = self.btf.as_ref().and_then(|btf| btf.ty(type_id));
        let global = typed.is_some_and(|t| t.kind() == Kind::Func && t.linkage() == 1);
        global && (def.entry || !def.hidden)
    }

    /// The map declaration that a symbol at that place of a section stands for.
    fn map_at(&self, section: usize, offset: u64) -> Option<usize> {
        let data = self.map_places.get(&(section, None));
        data.or_else(|| self.map_places.get(&(section, Some(offset)))).copied()
    }
}

/// Bytes of a licence that are kept (the kernel keeps 128).
const MAX_LICENSE: usize = 128;

#[cfg(test)]
mod tests;
