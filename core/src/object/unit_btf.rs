//! BTF for units: maps as `bpf_helpers.h` would declare them, data sections with their variables, functions,
//! and the source lines, so that libbpf finds the maps and the kernel's log shows the text.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::btf::{BtfBuilder, Kind, TypeId};
use super::elf::{Placement, R_BPF_64_32, SHF_EXECINSTR, STB_LOCAL, STT_FUNC, STT_OBJECT};
use super::maps::data_flags;
use super::write::Draft;
use super::{ObjectError, exception};
use crate::isa::unit::{MapDef, Unit};
use crate::isa::{RawInsn, disassemble};
use crate::kernel::{self, FieldKind};

/// The text that a unit was assembled from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source<'a> {
    /// The file's name, as logs show it.
    pub file: &'a str,
    /// Its text; [`crate::isa::unit::SourceLine::line`] counts its lines.
    pub text: &'a str,
}

/// Where a map stands in `.maps`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MapPlace {
    pub start: u64,
    pub size: u64,
    /// Where its initial values start, from its start.
    pub values: Option<u64>,
}

/// Initial values of a map at most.
const MAX_VALUES: u64 = 1 << 20;
/// `BTF_FUNC_STATIC` and `BTF_VAR_STATIC`.
const STATIC: u32 = 0;
/// `BTF_FUNC_GLOBAL` and `BTF_VAR_GLOBAL_ALLOCATED`.
const GLOBAL: u32 = 1;
/// `BTF_VAR_GLOBAL_EXTERN`.
const EXTERN: u32 = 2;

/// The numbers of a map's definition that are written, under their names in `.maps`.
fn numbers(map: &MapDef) -> Vec<(&'static str, u64)> {
    let all = [
        ("type", u64::from(map.kind)),
        ("key_size", u64::from(map.key_size)),
        ("value_size", u64::from(map.value_size)),
        ("max_entries", u64::from(map.max_entries)),
        ("map_flags", u64::from(map.flags)),
        ("numa_node", u64::from(map.numa_node)),
        ("pinning", u64::from(map.pinning)),
        ("map_extra", map.map_extra),
    ];
    all.into_iter().filter(|(name, value)| *value != 0 || *name == "type").collect()
}

/// Lays the maps out one after another: a pointer for each number, then the initial values.
pub(crate) fn map_places(maps: &[MapDef]) -> Result<Vec<MapPlace>, ObjectError> {
    let mut start = 0;
    let mut places = Vec::new();
    for map in maps {
        let types = if map.fields.is_empty() { 0 } else { 2 };
        let fixed = (numbers(map).len() as u64 + types) * 8;
        let slots = map.values.iter().map(|(slot, _)| u64::from(*slot) + 1).max().unwrap_or(0);
        if slots > MAX_VALUES {
            let what = format!("an initial value at {} (at most {MAX_VALUES} are written)", slots - 1);
            return Err(ObjectError::Map { map: map.name.clone(), what });
        }
        let holds = map.inner.is_some() || slots > 0;
        let place = MapPlace { start, size: fixed + slots * 8, values: holds.then_some(fixed) };
        start += place.size;
        places.push(place);
    }
    Ok(places)
}

/// The sections `.BTF` and `.BTF.ext`.
pub(crate) fn write(unit: &Unit, draft: &Draft, places: &[MapPlace], source: Option<Source<'_>>) -> (Vec<u8>, Vec<u8>) {
    let mut writer = Writer::new();
    writer.maps(&unit.maps, places);
    writer.data_sections(draft);
    writer.config(draft);
    let funcs = functions(draft);
    let func_info = writer.funcs(unit, draft, &funcs);
    let line_info = match source {
        Some(source) => {
            let text: Vec<&str> = source.text.lines().collect();
            let lines = unit.lines.iter().map(|l| {
                let text = text.get((l.line as usize).wrapping_sub(1)).copied().unwrap_or_default();
                (l.section, l.pc.0, l.line, text)
            });
            writer.lines(draft, &funcs, source.file, lines)
        }
        None => {
            let listing = disassemble(unit, &kernel::names());
            let shown = listing.iter().enumerate().filter_map(|(at, (text, place))| {
                let (section, pc) = place?;
                Some((section, pc.0, at as u32 + 1, text))
            });
            writer.lines(draft, &funcs, "disassembly", shown)
        }
    };
    let ext = extension(&mut writer.btf, draft, &func_info, &line_info);
    (writer.btf.finish(), ext)
}

/// A C identifier made of a name.
pub(crate) fn identifier(name: &str) -> String {
    let mut id: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(120).collect();
    if id.is_empty() || id.starts_with(|c: char| c.is_ascii_digit()) {
        id.insert(0, '_');
    }
    id
}

/// The functions of each code section: first slot, and the symbol when there is one. Those that are called
/// without having a symbol count: the kernel wants a record for every subprogram.
fn functions(draft: &Draft) -> Vec<BTreeMap<u32, Option<usize>>> {
    let mut funcs = vec![BTreeMap::new(); draft.sections.len()];
    let is_code = |section: usize| draft.sections[section].flags & SHF_EXECINSTR != 0;
    let slot_of = |offset: u64| (offset / RawInsn::SIZE as u64) as u32;
    for (index, symbol) in draft.symbols.iter().enumerate() {
        match symbol.place {
            Placement::Section(section) if symbol.kind == STT_FUNC && is_code(section) => {
                funcs[section].insert(slot_of(symbol.value), Some(index));
            }
            _ => {}
        }
    }
    for (index, section) in draft.sections.iter().enumerate().filter(|(i, _)| is_code(*i)) {
        let mut relocs =
            section.relocs.iter().filter(|r| r.kind == R_BPF_64_32).map(|r| (r.offset, r)).collect::<BTreeMap<_, _>>();
        let mut slot = 0;
        while let Some(insn) = insn_at(&section.data, slot) {
            let reloc = relocs.remove(&(u64::from(slot) * 8));
            let target = match (insn.opcode, insn.src, reloc) {
                (0x85, _, Some(reloc)) => {
                    let symbol = &draft.symbols[reloc.symbol];
                    let Placement::Section(at) = symbol.place else {
                        slot += 1;
                        continue;
                    };
                    Some((at, i64::from(slot_of(symbol.value)) + i64::from(insn.imm) + 1))
                }
                (0x85, 1, None) | (0x18, 4, None) => Some((index, i64::from(slot) + 1 + i64::from(insn.imm))),
                _ => None,
            };
            if let Some((at, target)) = target
                && let Ok(target) = u32::try_from(target)
                && is_code(at)
                && insn_at(&draft.sections[at].data, target).is_some()
            {
                funcs[at].entry(target).or_insert(None);
            }
            slot += if insn.opcode == 0x18 { 2 } else { 1 };
        }
    }
    funcs
}

fn insn_at(code: &[u8], slot: u32) -> Option<RawInsn> {
    let start = slot as usize * RawInsn::SIZE;
    let b = code.get(start..start.checked_add(RawInsn::SIZE)?)?;
    Some(RawInsn::from_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
}

/// Records of `.BTF.ext` about one section, in words.
type Records = Vec<(usize, Vec<Vec<u32>>)>;

/// The exception callbacks of a unit.
struct Handlers<'a> {
    /// By the program that has them.
    of: HashMap<&'a str, Vec<&'a str>>,
    callbacks: HashSet<&'a str>,
}

impl Handlers<'_> {
    fn of(unit: &Unit) -> Handlers<'_> {
        let mut of: HashMap<&str, Vec<&str>> = HashMap::new();
        for (program, callback) in &unit.exception_callbacks {
            of.entry(program).or_default().push(callback);
        }
        Handlers { of, callbacks: unit.exception_callbacks.iter().map(|(_, callback)| callback.as_str()).collect() }
    }
}

struct Writer {
    btf: BtfBuilder,
    int: TypeId,
    byte: TypeId,
    uint: TypeId,
    ulong: TypeId,
    short: TypeId,
    void_ptr: TypeId,
}

impl Writer {
    fn new() -> Writer {
        let mut btf = BtfBuilder::new();
        let int = btf.int("int", 4, true);
        let byte = btf.int("unsigned char", 1, false);
        let short = btf.int("unsigned short", 2, false);
        let uint = btf.int("unsigned int", 4, false);
        let ulong = btf.int("unsigned long", 8, false);
        let void_ptr = btf.ptr(0);
        Writer { btf, int, byte, uint, ulong, short, void_ptr }
    }

    fn maps(&mut self, maps: &[MapDef], places: &[MapPlace]) {
        let mut section = Vec::new();
        for (map, place) in maps.iter().zip(places) {
            let def = self.map_struct(map, place.values.is_some());
            let var = self.btf.add(Kind::Var, &map.name, 0, false, def, &[GLOBAL]);
            section.extend([var, place.start as u32, place.size as u32]);
        }
        if let Some(last) = places.last() {
            self.btf.add(Kind::Datasec, ".maps", places.len(), false, (last.start + last.size) as u32, &section);
        }
    }

    /// `struct { __uint(type, …); … __array(values, …); }`
    fn map_struct(&mut self, map: &MapDef, values: bool) -> TypeId {
        let mut members = Vec::new();
        for (name, value) in numbers(map) {
            let id = self.number(value);
            members.push((name, id));
        }
        if !map.fields.is_empty() {
            // Sizes alone would not tell what is in a value.
            let (key, value) = (self.bytes(map.key_size), self.value_struct(map));
            members.push(("key", self.btf.ptr(key)));
            members.push(("value", self.btf.ptr(value)));
        }
        let size = members.len() as u32 * 8;
        if values {
            let held = match &map.inner {
                Some(inner) => self.map_struct(inner, false),
                None => {
                    let param = self.btf.string("");
                    self.btf.add(Kind::FuncProto, "", 1, false, self.int, &[param, self.void_ptr])
                }
            };
            let pointer = self.btf.ptr(held);
            let array = self.btf.array(pointer, self.uint, 0);
            members.push(("values", array));
        }
        let mut words = Vec::new();
        for (at, (name, id)) in members.iter().enumerate() {
            words.extend([self.btf.string(name), *id, at as u32 * 64]);
        }
        self.btf.add(Kind::Struct, "", members.len(), false, size, &words)
    }

    /// A value with the kernel's own structures in their places.
    fn value_struct(&mut self, map: &MapDef) -> TypeId {
        let mut words = Vec::new();
        for (offset, structure) in &map.fields {
            let size = FieldKind::STRUCTS.iter().find(|row| row.0 == structure).map_or(0, |row| row.2);
            let id = self.btf.add(Kind::Struct, structure, 0, false, size, &[]);
            words.extend([self.btf.string(&format!("at_{offset}")), id, offset * 8]);
        }
        self.btf.add(
            Kind::Struct,
            &format!("{}_value", identifier(&map.name)),
            map.fields.len(),
            false,
            map.value_size,
            &words,
        )
    }

    /// `__uint`: a pointer to an array of that length; `__ulong` for what is longer.
    fn number(&mut self, value: u64) -> TypeId {
        match u32::try_from(value) {
            Ok(count) => {
                let array = self.btf.array(self.int, self.uint, count);
                self.btf.ptr(array)
            }
            Err(_) => {
                let name = self.btf.string("value");
                self.btf.add(Kind::Enum64, "", 1, false, 8, &[name, value as u32, (value >> 32) as u32])
            }
        }
    }

    /// Variables of the data sections that become maps.
    fn data_sections(&mut self, draft: &Draft) {
        for (index, section) in draft.sections.iter().enumerate() {
            if data_flags(&section.name).is_none() || section.flags & SHF_EXECINSTR != 0 {
                continue;
            }
            let place = Placement::Section(index);
            let mut symbols: Vec<_> = draft
                .symbols
                .iter()
                .filter(|s| s.place == place && s.kind == STT_OBJECT && s.size > 0 && identifier(&s.name) == s.name)
                .collect();
            symbols.sort_by_key(|s| s.value);
            let mut end = 0;
            let mut words = Vec::new();
            for symbol in symbols {
                let fits = symbol.value >= end && symbol.value + symbol.size <= u64::from(u32::MAX);
                if !fits || words.len() >= 3 * usize::from(u16::MAX) {
                    continue;
                }
                end = symbol.value + symbol.size;
                let of = self.bytes(symbol.size as u32);
                let linkage = if symbol.binding == STB_LOCAL { STATIC } else { GLOBAL };
                let var = self.btf.add(Kind::Var, &symbol.name, 0, false, of, &[linkage]);
                words.extend([var, symbol.value as u32, symbol.size as u32]);
            }
            if let (false, Ok(size)) = (words.is_empty(), u32::try_from(section.size())) {
                self.btf.add(Kind::Datasec, &section.name, words.len() / 3, false, size, &words);
            }
        }
    }

    /// A type of that size: an unsigned integer where there is one, else bytes.
    fn bytes(&mut self, size: u32) -> TypeId {
        match size {
            1 => self.byte,
            2 => self.short,
            4 => self.uint,
            8 => self.ulong,
            _ => self.btf.array(self.byte, self.uint, size),
        }
    }

    /// External names that look like values of the kernel's configuration: numbers, as assembly has no types.
    fn config(&mut self, draft: &Draft) {
        let is_config = |name: &str| name.starts_with("CONFIG_") || name.starts_with("LINUX_");
        let wanted = draft.symbols.iter().filter(|s| s.place == Placement::Undefined && is_config(&s.name));
        let mut words = Vec::new();
        for symbol in wanted {
            let of = super::kconfig::asm_type(&symbol.name);
            let of = match of {
                super::kconfig::AsmType::Int => self.int,
                super::kconfig::AsmType::Bool => self.btf.add(Kind::Int, "_Bool", 0, false, 1, &[4 << 24 | 8]),
            };
            let var = self.btf.add(Kind::Var, &symbol.name, 0, false, of, &[EXTERN]);
            words.extend([var, 0, if of == self.int { 4 } else { 1 }]);
        }
        if !words.is_empty() {
            self.btf.add(Kind::Datasec, ".kconfig", words.len() / 3, false, 0, &words);
        }
    }

    /// A type `int name(void *ctx)` for each function; exception callbacks have a cookie, and those that have one a tag.
    fn funcs(&mut self, unit: &Unit, draft: &Draft, funcs: &[BTreeMap<u32, Option<usize>>]) -> Records {
        let mut records = Vec::new();
        if funcs.iter().all(BTreeMap::is_empty) {
            return records;
        }
        let ctx = self.btf.string("ctx");
        let proto = self.btf.add(Kind::FuncProto, "", 1, false, self.int, &[ctx, self.void_ptr]);
        let handles = Handlers::of(unit);
        let cookie = self.btf.string("cookie");
        let handler = match handles.callbacks.is_empty() {
            true => proto,
            false => self.btf.add(Kind::FuncProto, "", 1, false, self.int, &[cookie, self.ulong]),
        };
        for (section, starts) in funcs.iter().enumerate().filter(|(_, s)| !s.is_empty()) {
            let mut of_section = Vec::new();
            for (&slot, symbol) in starts {
                let symbol = symbol.map(|s| &draft.symbols[s]);
                let name = symbol.map_or_else(|| format!("func_{slot}"), |s| identifier(&s.name));
                let known = symbol.map_or("", |s| s.name.as_str());
                let callbacks = handles.of.get(known).map_or(&[][..], Vec::as_slice);
                let is_callback = handles.callbacks.contains(known) && callbacks.is_empty();
                // Static: subprograms are checked at their calls, whatever their arguments are.
                let told = is_callback || !callbacks.is_empty();
                let global = told && symbol.is_some_and(|s| s.binding != STB_LOCAL);
                let (linkage, proto) =
                    (if global { GLOBAL } else { STATIC }, if is_callback { handler } else { proto });
                let id = self.btf.add(Kind::Func, &name, linkage as usize, false, proto, &[]);
                for callback in callbacks {
                    exception::add_tag(&mut self.btf, id, &identifier(callback));
                }
                of_section.push(vec![slot * 8, id]);
            }
            records.push((section, of_section));
        }
        records
    }

    /// A record for each line, and one at the start of each function, which the kernel insists on.
    fn lines<'t>(
        &mut self,
        draft: &Draft,
        funcs: &[BTreeMap<u32, Option<usize>>],
        file: &str,
        lines: impl Iterator<Item = (usize, u32, u32, &'t str)>,
    ) -> Records {
        let file = self.btf.string(file);
        let mut by_section: Vec<BTreeMap<u32, Vec<u32>>> = vec![BTreeMap::new(); draft.sections.len()];
        for (section, slot, line, text) in lines {
            let code = draft.sections.get(section).filter(|s| s.flags & SHF_EXECINSTR != 0);
            // The second slot of a wide load has no opcode, and no line.
            if code.and_then(|s| insn_at(&s.data, slot)).is_none_or(|insn| insn.opcode == 0) {
                continue;
            }
            let text = self.btf.string(text);
            by_section[section].insert(slot, vec![slot * 8, file, text, line.min(0x3f_ffff) << 10]);
        }
        for (lines, funcs) in by_section.iter_mut().zip(funcs).filter(|(l, _)| !l.is_empty()) {
            for &start in funcs.keys() {
                let line = lines.range(..=start).next_back().or_else(|| lines.range(start..).next());
                let Some(mut line) = line.map(|(_, words)| words.clone()) else { continue };
                line[0] = start * 8;
                lines.entry(start).or_insert(line);
            }
        }
        let filled = by_section.into_iter().enumerate().filter(|(_, lines)| !lines.is_empty());
        filled.map(|(section, lines)| (section, lines.into_values().collect())).collect()
    }
}

/// `.BTF.ext` of function and line records.
fn extension(btf: &mut BtfBuilder, draft: &Draft, funcs: &Records, lines: &Records) -> Vec<u8> {
    let mut part = |records: &Records, size: u32| {
        let mut words = if records.is_empty() { Vec::new() } else { vec![size] };
        for (section, of_section) in records {
            words.extend([btf.string(&draft.sections[*section].name), of_section.len() as u32]);
            words.extend(of_section.iter().flatten());
        }
        words
    };
    let (funcs, lines) = (part(funcs, 8), part(lines, 16));
    ext_bytes(&funcs, &lines, &[])
}

/// The header of `.BTF.ext`, and its three parts.
pub(crate) fn ext_bytes(funcs: &[u32], lines: &[u32], relos: &[u32]) -> Vec<u8> {
    let mut out = vec![0x9f, 0xeb, 1, 0];
    let len = |words: &[u32]| words.len() as u32 * 4;
    let (f, l, r) = (len(funcs), len(lines), len(relos));
    for word in [32, 0, f, f, l, f + l, r].iter().chain(funcs).chain(lines).chain(relos) {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out
}
