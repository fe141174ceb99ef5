//! Map definitions: BTF-defined ones in `.maps`, structs in the older `maps`, and data sections.
//!
//! A [`MapDecl`] is what the object says, numbers as they stand there; [`MapDecl::to_def`] turns it into
//! what the kernel room knows, or says that there is no such type of map.

use std::collections::HashMap;

use super::ObjectError;
use super::btf::{Btf, Kind, MAX_NESTING, Type, TypeId};
use super::elf::{Elf, R_BPF_64_ABS64, SHF_EXECINSTR, SHT_NOBITS, SHT_PROGBITS, STT_FILE, STT_SECTION};
use crate::isa::unit::MapDef as UnitMap;
use crate::kernel::{InitialEntry, InitialValue, Member, ValueFormat};

/// `BPF_F_RDONLY_PROG`: programs only read.
pub(crate) const F_RDONLY_PROG: u32 = 0x80;
/// `BPF_F_MMAPABLE`.
pub(crate) const F_MMAPABLE: u32 = 0x400;
/// Number of `BPF_MAP_TYPE_ARRAY`.
pub(crate) const TYPE_ARRAY: u32 = 2;
const TYPE_PROG_ARRAY: u32 = 3;
const TYPE_PERF_EVENT_ARRAY: u32 = 4;
const TYPE_ARRAY_OF_MAPS: u32 = 12;
const TYPE_HASH_OF_MAPS: u32 = 13;
const TYPE_RINGBUF: u32 = 27;
const TYPE_USER_RINGBUF: u32 = 31;
/// Slots of a perf event array that leaves its size to the loader (one a processor).
const PERF_SLOTS: u32 = 128;
/// Bytes of a page, which ring buffers are multiples of.
const PAGE: u32 = 4096;
/// Maps of an object at most.
const MAX_MAPS: usize = 4096;
/// Variables of a data section that are shown.
const MAX_VARS: usize = 4096;
/// Entries of a legacy definition that are read: `struct bpf_elf_map` of iproute2 has nine.
const LEGACY_WORDS: usize = 9;

/// A map as the object declares it.
#[derive(Clone, Debug)]
pub(crate) struct MapDecl {
    pub def: UnitMap,
    pub types: KeyValue,
    /// Types of the maps inside.
    pub inner_types: KeyValue,
    /// ELF section and byte offset that relocations refer to.
    pub section: usize,
    pub offset: u64,
    /// Whether it is a whole data section.
    pub data: bool,
    /// Byte offset of `values` in the definition, when there is one.
    pub values: Option<u32>,
    /// iproute2's number of the map, which names its inner map or sections `ID/SLOT`; 0 for none.
    pub elf_id: u32,
}

/// BTF types of keys and values; 0 when unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct KeyValue {
    pub key: TypeId,
    pub value: TypeId,
}

/// All maps of an object, in libbpf's order: legacy ones, BTF-defined ones, data sections.
pub(crate) fn read(elf: &Elf, btf: Option<&Btf>) -> Result<Vec<MapDecl>, ObjectError> {
    let mut maps = legacy_maps(elf, btf)?;
    maps.extend(btf_maps(elf, btf)?);
    static_values(elf, &mut maps)?;
    maps.extend(data_maps(elf, btf)?);
    if maps.len() > MAX_MAPS {
        return Err(wrong(&maps[MAX_MAPS].def.name, format!("is one of more than {MAX_MAPS}")));
    }
    Ok(maps)
}

fn wrong(map: &str, what: impl Into<String>) -> ObjectError {
    ObjectError::Map { map: map.to_owned(), what: what.into() }
}

// ---- BTF-defined maps ----

fn btf_maps(elf: &Elf, btf: Option<&Btf>) -> Result<Vec<MapDecl>, ObjectError> {
    let Some(section) = elf.section(".maps") else { return Ok(Vec::new()) };
    let what = "the object has no BTF that defines its maps: compile with -g, and strip with `llvm-strip -g` alone";
    let no_btf = || wrong(".maps", what);
    let btf = btf.ok_or_else(no_btf)?;
    let vars = btf.by_name(".maps", Kind::Datasec).ok_or_else(no_btf)?;
    let offsets: HashMap<&str, u64> = elf.symbols_in(section).map(|s| (s.name.as_str(), s.value)).collect();
    let mut maps = Vec::new();
    for var in vars.vars() {
        let var = btf.ty(var.type_id).filter(|t| t.kind() == Kind::Var);
        let var = var.ok_or_else(|| wrong(".maps", "holds something that is not a variable"))?;
        let name = var.name();
        let offset = *offsets.get(name).ok_or_else(|| wrong(name, "has a type but no symbol in section `.maps`"))?;
        let def = btf.resolve(var.target()).filter(|t| t.kind() == Kind::Struct);
        let def = def.ok_or_else(|| wrong(name, "is not a struct"))?;
        let mut decl = MapDecl {
            def: UnitMap { name: name.to_owned(), ..UnitMap::default() },
            types: KeyValue::default(),
            inner_types: KeyValue::default(),
            section,
            offset,
            data: false,
            values: None,
            elf_id: 0,
        };
        read_struct(btf, def, &mut decl, false)?;
        maps.push(decl);
    }
    maps.sort_by_key(|m| m.offset);
    Ok(maps)
}

/// Reads the members that `__uint`, `__type` and `__array` of `bpf_helpers.h` declare.
fn read_struct(btf: &Btf, def: Type<'_>, decl: &mut MapDecl, inner: bool) -> Result<(), ObjectError> {
    let name = decl.def.name.clone();
    for member in def.members() {
        let number = || {
            number_of(btf, member.type_id)
                .ok_or_else(|| wrong(&name, format!("`{}` is not declared with __uint", member.name)))
        };
        let small = || number()?.try_into().map_err(|_| wrong(&name, format!("`{}` is too large", member.name)));
        let map = &mut decl.def;
        match member.name {
            "type" => map.kind = small()?,
            "max_entries" => map.max_entries = small()?,
            "map_flags" => map.flags = small()?,
            "numa_node" => map.numa_node = small()?,
            "map_extra" => map.map_extra = number()?,
            "pinning" if !inner => match small()? {
                pinning @ (0 | 1) => map.pinning = pinning,
                other => return Err(wrong(&name, format!("pinning {other} is neither 0 nor 1 (by name)"))),
            },
            "key_size" => set_size(&mut map.key_size, small()?, &name, "key")?,
            "value_size" => set_size(&mut map.value_size, small()?, &name, "value")?,
            "key" => {
                decl.types.key = pointee(btf, member.type_id, &name, "key")?;
                set_size(&mut map.key_size, size_of(btf, decl.types.key, &name, "key")?, &name, "key")?;
            }
            "value" => {
                decl.types.value = pointee(btf, member.type_id, &name, "value")?;
                set_size(&mut map.value_size, size_of(btf, decl.types.value, &name, "value")?, &name, "value")?;
            }
            "values" if !inner => {
                decl.values = Some(member.bit_offset / 8);
                read_values(btf, member.type_id, decl)?;
            }
            other => return Err(wrong(&name, format!("has a member `{other}` that loaders do not know"))),
        }
    }
    if decl.def.kind == 0 {
        return Err(wrong(&name, "has no type"));
    }
    Ok(())
}

/// `__uint(name, n)` is a pointer to an array of `n`; `__ulong(name, n)` an enumeration of one constant.
fn number_of(btf: &Btf, id: TypeId) -> Option<u64> {
    let t = btf.resolve(id)?;
    match t.kind() {
        Kind::Ptr => btf.resolve(t.target())?.array().map(|a| u64::from(a.count)),
        Kind::Enum | Kind::Enum64 => t.enumerators().next().map(|e| e.value),
        _ => None,
    }
}

fn pointee(btf: &Btf, id: TypeId, map: &str, what: &str) -> Result<TypeId, ObjectError> {
    let t = btf.resolve(id).filter(|t| t.kind() == Kind::Ptr);
    t.map(|t| t.target()).ok_or_else(|| wrong(map, format!("`{what}` is not declared with __type")))
}

fn size_of(btf: &Btf, id: TypeId, map: &str, what: &str) -> Result<u32, ObjectError> {
    btf.size_of(id).ok_or_else(|| wrong(map, format!("the type of its {what} has no size")))
}

fn set_size(size: &mut u32, new: u32, map: &str, what: &str) -> Result<(), ObjectError> {
    if *size != 0 && *size != new {
        return Err(wrong(map, format!("has two sizes of its {what}: {size} and {new}")));
    }
    *size = new;
    Ok(())
}

/// `__array(values, T)` is a flexible array of pointers to what the map holds: maps or programs.
fn read_values(btf: &Btf, id: TypeId, decl: &mut MapDecl) -> Result<(), ObjectError> {
    let name = decl.def.name.clone();
    let unlike = || wrong(&name, "`values` is not declared with __array");
    let array = btf.resolve(id).and_then(|t| t.array()).ok_or_else(unlike)?;
    let pointer = btf.resolve(array.element).filter(|t| t.kind() == Kind::Ptr).ok_or_else(unlike)?;
    let held = btf.resolve(pointer.target()).ok_or_else(unlike)?;
    set_size(&mut decl.def.value_size, 4, &name, "value")?;
    match (decl.def.kind, held.kind()) {
        (TYPE_PROG_ARRAY, Kind::FuncProto) => Ok(()),
        (TYPE_ARRAY_OF_MAPS | TYPE_HASH_OF_MAPS, Kind::Struct) => {
            let mut inner = MapDecl {
                def: UnitMap { name: format!("{name}.inner"), ..UnitMap::default() },
                inner_types: KeyValue::default(),
                types: KeyValue::default(),
                ..*decl
            };
            read_struct(btf, held, &mut inner, true)?;
            inner.def.name.clear();
            decl.inner_types = inner.types;
            decl.def.inner = Some(Box::new(inner.def));
            Ok(())
        }
        _ => Err(wrong(&name, "`values` fits only prog arrays (functions) and maps of maps (maps)")),
    }
}

/// Initial values: relocations in `.maps`, each eight bytes of a map's `values`.
fn static_values(elf: &Elf, maps: &mut [MapDecl]) -> Result<(), ObjectError> {
    let Some(section) = elf.section(".maps") else { return Ok(()) };
    let mut starts: Vec<(u64, usize)> =
        maps.iter().enumerate().filter(|(_, m)| m.section == section).map(|(index, m)| (m.offset, index)).collect();
    starts.sort_unstable();
    for reloc in &elf.sections[section].relocs {
        let symbol = elf.symbol_name(reloc.symbol);
        let wrong_reloc = |what: &str| ObjectError::Reloc {
            section: ".maps".to_owned(),
            offset: reloc.offset,
            symbol: symbol.to_owned(),
            what: what.to_owned(),
        };
        if reloc.kind != R_BPF_64_ABS64 && reloc.kind != super::elf::R_BPF_64_64 {
            return Err(wrong_reloc("is not eight bytes wide"));
        }
        let at = starts.partition_point(|(start, _)| *start <= reloc.offset);
        let owner = at.checked_sub(1).map(|at| starts[at]);
        let (start, index) = owner.ok_or_else(|| wrong_reloc("belongs to no map"))?;
        let from = maps[index].values.map(u64::from).ok_or_else(|| wrong_reloc("its map has no initial values"))?;
        let slot = (reloc.offset - start).checked_sub(from).filter(|at| at % 8 == 0);
        let slot = slot.ok_or_else(|| wrong_reloc("is not at a value"))?;
        // The offset lies in the file, which is small.
        maps[index].def.values.push(((slot / 8) as u32, symbol.to_owned()));
    }
    Ok(())
}

// ---- `struct bpf_map_def` and iproute2's `struct bpf_elf_map` ----

fn legacy_maps(elf: &Elf, btf: Option<&Btf>) -> Result<Vec<MapDecl>, ObjectError> {
    let Some(section) = elf.section("maps") else { return Ok(Vec::new()) };
    let size = elf.sections[section].size;
    let mut symbols: Vec<_> =
        elf.symbols_in(section).filter(|s| s.kind != STT_SECTION && s.kind != STT_FILE && !s.name.is_empty()).collect();
    symbols.sort_by_key(|s| s.value);
    let mut maps = Vec::new();
    let mut inner_ids = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let end = symbols.get(index + 1).map_or(size, |next| next.value);
        let len = if symbol.size > 0 { symbol.size } else { end - symbol.value };
        let words = legacy_words(elf.data(section), symbol.value, len)
            .ok_or_else(|| wrong(&symbol.name, format!("has a definition of {len} bytes; 20 are needed")))?;
        let [kind, key_size, value_size, max_entries, flags, rest @ ..] = words;
        let iproute2 = len == 36;
        let [elf_id, pinning, inner_id, _] = if iproute2 { rest } else { [0; 4] };
        let def = UnitMap {
            name: symbol.name.clone(),
            kind,
            key_size,
            value_size,
            max_entries,
            flags,
            // iproute2 pins per object (1) or globally (2).
            pinning: u32::from(pinning != 0),
            ..UnitMap::default()
        };
        inner_ids.push(inner_id);
        let types = btf.map_or_else(KeyValue::default, |b| annotated(b, &symbol.name));
        let inner_types = KeyValue::default();
        maps.push(MapDecl {
            def,
            types,
            inner_types,
            section,
            offset: symbol.value,
            data: false,
            values: None,
            elf_id,
        });
    }
    for (index, inner_id) in inner_ids.into_iter().enumerate().filter(|(_, id)| *id != 0) {
        let inner = maps.iter().find(|m| m.elf_id == inner_id).map(|m| Box::new(m.def.clone()));
        maps[index].def.inner = inner;
    }
    tail_sections(elf, &mut maps);
    Ok(maps)
}

fn legacy_words(data: &[u8], offset: u64, len: u64) -> Option<[u32; LEGACY_WORDS]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    let bytes = data.get(start..end).filter(|b| b.len() >= 20)?;
    let mut words = [0; LEGACY_WORDS];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
    }
    Some(words)
}

/// Types of key and value from `BPF_ANNOTATE_KV_PAIR`, a struct `____btf_map_NAME { key; value; }`.
fn annotated(btf: &Btf, map: &str) -> KeyValue {
    let member = |name: &str| {
        let pair = btf.by_name(&format!("____btf_map_{map}"), Kind::Struct)?;
        pair.members().find(|m| m.name == name).map(|m| m.type_id)
    };
    KeyValue { key: member("key").unwrap_or(0), value: member("value").unwrap_or(0) }
}

/// iproute2's tail calls: the program of section `ID/SLOT` goes into the prog array of that number.
fn tail_sections(elf: &Elf, maps: &mut [MapDecl]) {
    for (index, section) in elf.sections.iter().enumerate().filter(|(_, s)| s.is_code()) {
        let Some((id, slot)) = tail_slot(&section.name) else { continue };
        let program = elf.symbols_in(index).find(|s| s.kind == super::elf::STT_FUNC);
        let map = maps.iter_mut().find(|m| m.elf_id == id && id != 0);
        if let (Some(program), Some(map)) = (program, map) {
            map.def.values.push((slot, program.name.clone()));
        }
    }
}

/// The numbers of a section name `ID/SLOT`.
pub(crate) fn tail_slot(section: &str) -> Option<(u32, u32)> {
    let (id, slot) = section.split_once('/')?;
    Some((id.parse().ok()?, slot.parse().ok()?))
}

// ---- data sections ----

fn data_maps(elf: &Elf, btf: Option<&Btf>) -> Result<Vec<MapDecl>, ObjectError> {
    let mut maps = Vec::new();
    for (index, section) in elf.sections.iter().enumerate() {
        let Some(flags) = data_flags(&section.name) else { continue };
        let holds = matches!(section.kind, SHT_PROGBITS | SHT_NOBITS) && section.flags & SHF_EXECINSTR == 0;
        if !holds || section.size == 0 {
            continue;
        }
        let mapped = btf.is_some_and(|btf| is_mapped(btf, &section.name));
        let flags = if mapped { flags } else { flags & !F_MMAPABLE };
        let too_large = |_| wrong(&section.name, format!("has {} bytes", section.size));
        let def = UnitMap {
            name: section.name.clone(),
            kind: TYPE_ARRAY,
            key_size: 4,
            value_size: u32::try_from(section.size).map_err(too_large)?,
            max_entries: 1,
            flags,
            ..UnitMap::default()
        };
        let types = KeyValue::default();
        maps.push(MapDecl {
            def,
            types,
            inner_types: types,
            section: index,
            offset: 0,
            data: true,
            values: None,
            elf_id: 0,
        });
    }
    Ok(maps)
}

/// Whether user space gets to see a data section, for its variables: some are not static.
fn is_mapped(btf: &Btf, section: &str) -> bool {
    let Some(vars) = btf.by_name(section, Kind::Datasec) else { return false };
    vars.vars().filter_map(|v| btf.ty(v.type_id)).any(|t| t.kind() == Kind::Var && t.linkage() != 0)
}

/// The flags of the map that a data section of that name becomes, as libbpf sets them.
pub(crate) fn data_flags(section: &str) -> Option<u32> {
    let is = |name: &str| section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if is(".rodata") { Some(F_RDONLY_PROG | F_MMAPABLE) } else { (is(".data") || is(".bss")).then_some(F_MMAPABLE) }
}

/// The variables of a data section, as one struct. Their places are those of the symbols: what the
/// compiler writes into BTF is 0 until somebody links.
pub(crate) fn section_format(elf: &Elf, btf: &Btf, section: usize) -> ValueFormat {
    let Some(vars) = btf.by_name(&elf.sections[section].name, Kind::Datasec) else {
        return ValueFormat::Bytes;
    };
    let places: HashMap<&str, (u64, u64)> =
        elf.symbols_in(section).map(|s| (s.name.as_str(), (s.value, s.size))).collect();
    let mut budget = MAX_VARS;
    let mut members: Vec<Member> = vars
        .vars()
        .take(MAX_VARS)
        .filter_map(|var| {
            let var = btf.ty(var.type_id)?;
            let (offset, size) = *places.get(var.name())?;
            Some(Member {
                name: var.name().to_owned(),
                offset: u32::try_from(offset).ok()?,
                size: u32::try_from(size).ok()?,
                format: btf.format(var.target(), MAX_NESTING, &mut budget),
            })
        })
        .collect();
    members.sort_by_key(|m| m.offset);
    if members.is_empty() { ValueFormat::Bytes } else { ValueFormat::Struct(members) }
}

impl MapDecl {
    /// The initial bytes of a data section; nothing for `.bss`, which is zero.
    pub fn initial_data(&self, elf: &Elf) -> Vec<InitialEntry> {
        let bytes = elf.data(self.section);
        if !self.data || bytes.iter().all(|&b| b == 0) {
            return Vec::new();
        }
        let value = InitialValue::Bytes(bytes.to_vec());
        vec![InitialEntry { key: vec![0; 4], value }]
    }
}

/// The number of entries as libbpf corrects it: ring buffers get whole pages and a power of two,
/// perf event arrays without a size one entry a processor.
pub(crate) fn corrected_entries(def: &UnitMap) -> u32 {
    match def.kind {
        TYPE_RINGBUF | TYPE_USER_RINGBUF if def.max_entries > 0 => {
            let pages = def.max_entries.max(PAGE).checked_next_power_of_two();
            pages.unwrap_or(def.max_entries)
        }
        TYPE_PERF_EVENT_ARRAY if def.max_entries == 0 => PERF_SLOTS,
        _ => def.max_entries,
    }
}
