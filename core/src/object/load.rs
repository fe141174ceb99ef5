//! Loading: from an object to programs and maps, for one kernel.
//!
//! Maps first, since instructions refer to them by number; then one program for each entry function. A program
//! that cannot be had does not stop the others: it is listed with its error in [`Loaded::refused`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::core_relo::Patches;
use super::fields::{self, Places};
use super::kconfig::Externs;
use super::maps::{KeyValue, MapDecl, corrected_entries, section_format, tail_slot};
use super::reloc::Linker;
use super::{Btf, BtfExt, Kind, Object, ObjectError, TypeId};
use crate::isa::Pc;
use crate::isa::unit::MapDef as UnitMap;
use crate::kernel::{
    Func, Hook, InitialEntry, InitialValue, KernelVersion, KfuncRef, Line, MapDef, MapId, MapType, ProgType, Program,
    SpecialField, ValueFormat, map_flags, section_type,
};

/// Instructions of all programs of an object together, at most: subprograms are copied into each caller.
const MAX_TOTAL_INSNS: usize = 8_000_000;
/// Bytes of source text that the programs carry together, at most, and of one line of it.
const MAX_SOURCE: usize = 64 << 20;
const MAX_LINE: usize = 500;
/// Structures of which a program can allocate objects, at most.
const MAX_OBJECTS: usize = 10_000;
/// Notes at most.
const MAX_NOTES: usize = 1000;

/// What is left of the limits while an object is being loaded.
pub(crate) struct Budget {
    /// Instructions, copies included.
    pub insns: usize,
    /// Bytes of source text.
    source: usize,
}

/// How an object is loaded.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions<'a> {
    /// The kernel that it is loaded for: its version is what `LINUX_KERNEL_VERSION` says.
    pub kernel: KernelVersion,
    /// Types of that kernel, for CO-RE. Without them the object's own layout counts, with a note.
    pub btf: Option<&'a Btf>,
    /// Load every program as this type, whatever its section says.
    pub prog_type: Option<ProgType>,
    /// The hook of programs whose section names no type, or the same type as this hook's.
    pub hook: Option<Hook>,
}

impl Default for LoadOptions<'_> {
    fn default() -> Self {
        LoadOptions { kernel: KernelVersion::LATEST, btf: None, prog_type: None, hook: None }
    }
}

/// What maps must know of types beyond their own.
#[derive(Clone, Copy)]
struct Types<'a> {
    /// Whether the kernel takes the object's types.
    accepted: bool,
    /// The kernel's own types, if they are at hand.
    kernel: Option<&'a Btf>,
}

/// What an object is once loaded.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Loaded {
    /// Programs, in the order of the file.
    pub programs: Vec<Program>,
    /// Maps; a [`MapId`] is an index into them.
    pub maps: Vec<MapDef>,
    /// What a person should know: assumptions made, things taken as missing.
    pub notes: Vec<String>,
    /// Programs that could not be had, by name, and why.
    pub refused: Vec<(String, ObjectError)>,
    /// The types that structures of the kernel are laid out by, for programs that see such: the kernel's if they were
    /// given, else the object's own.
    pub types: Option<Arc<Btf>>,
}

/// What relocation asks while an object is being loaded.
pub(crate) struct Context<'a> {
    pub object: &'a Object,
    pub target: Option<&'a Btf>,
    pub kernel: KernelVersion,
    pub externs: Externs,
    pub kconfig_map: Option<MapId>,
    /// For the type of a program, the function that goes on when it has thrown.
    pub exceptions: HashMap<TypeId, usize>,
    /// For each declaration its number, or why there is no such map.
    map_ids: Vec<Result<MapId, String>>,
}

impl Context<'_> {
    pub fn map_id(&self, decl: usize) -> Result<MapId, String> {
        self.map_ids[decl].clone()
    }
}

impl Object {
    /// Makes programs and maps of the object, for one kernel.
    ///
    /// # Errors
    /// What is wrong with the object as a whole; or, when none of its programs can be had, with the first.
    pub fn load(&self, options: &LoadOptions<'_>) -> Result<Loaded, ObjectError> {
        let mut loaded = Loaded::default();
        let externs = Externs::read(&self.elf, self.btf.as_ref(), options.kernel)?;
        let refused = self.btf.as_ref().and_then(|btf| btf.refused(options.btf));
        let types = Types { accepted: refused.is_none(), kernel: options.btf };
        loaded.notes.extend(refused.map(|why| format!("the kernel refuses the object's types: {why}")));
        let context = self.make_maps(externs, options, types, &mut loaded)?;
        let patches = Patches::compute(&self.elf, self.btf.as_ref(), &self.ext, options.btf);
        if !patches.local.is_empty() {
            let types: Vec<&str> = patches.local.iter().map(String::as_str).collect();
            loaded.notes.push(format!("no kernel types given: as laid out in the object: {}", types.join(", ")));
        }
        let mut budget = Budget { insns: MAX_TOTAL_INSNS, source: MAX_SOURCE };
        for (index, def) in self.funcs.list.iter().enumerate().filter(|(_, f)| f.entry) {
            match self.load_program(&context, &patches, index, options, &mut budget, &mut loaded.notes) {
                Ok(program) => loaded.programs.push(program),
                Err(error) => loaded.refused.push((def.name.clone(), error)),
            }
        }
        if loaded.programs.is_empty() {
            let first = loaded.refused.into_iter().next().map(|(_, error)| error);
            return Err(first.unwrap_or(ObjectError::NoPrograms));
        }
        if loaded.programs.iter().any(Program::sees_structures) {
            loaded.types = options.btf.or(self.btf.as_ref()).cloned().map(Arc::new);
        }
        let mut seen = HashSet::new();
        loaded.notes.retain(|note| seen.insert(note.clone()));
        loaded.notes.truncate(MAX_NOTES);
        Ok(loaded)
    }

    fn make_maps<'a>(
        &'a self,
        externs: Externs,
        options: &LoadOptions<'a>,
        types: Types<'_>,
        loaded: &mut Loaded,
    ) -> Result<Context<'a>, ObjectError> {
        let mut map_ids = Vec::new();
        for decl in &self.maps {
            map_ids.push(match self.map_def(decl, types) {
                Ok(def) => {
                    if !def.map_type.is_simulated() {
                        let (name, map_type) = (&def.name, def.map_type);
                        loaded
                            .notes
                            .push(format!("map `{name}` is a {map_type}, which is not simulated: it holds nothing"));
                    }
                    loaded.maps.push(def);
                    Ok(MapId(loaded.maps.len() as u32 - 1))
                }
                Err(what) => {
                    loaded.notes.push(format!("map `{}`: {what}", decl.def.name));
                    Err(what)
                }
            });
        }
        let by_name = self.maps.iter().enumerate().map(|(index, m)| (m.def.name.as_str(), index)).collect();
        let entries = self.funcs.list.iter().filter(|f| f.entry);
        let programs = entries.map(|f| f.name.as_str()).collect();
        for (decl, id) in self.maps.iter().zip(&map_ids) {
            if let Ok(id) = id {
                loaded.maps[id.index()].initial.extend(self.initial_values(decl, &map_ids, &by_name, &programs)?);
            }
        }
        let kconfig_map = externs.map.clone().map(|map| {
            loaded.maps.push(map);
            MapId(loaded.maps.len() as u32 - 1)
        });
        let exceptions = self.exception_functions();
        let (target, kernel) = (options.btf, options.kernel);
        Ok(Context { object: self, target, kernel, externs, kconfig_map, exceptions, map_ids })
    }

    /// The definition that the kernel room knows, or why there is none.
    fn map_def(&self, decl: &MapDecl, known: Types<'_>) -> Result<MapDef, String> {
        let mut def = self.plain_def(&decl.def, decl.types, known)?;
        if let Some(inner) = &decl.def.inner {
            let mut inner = self.plain_def(inner, decl.inner_types, known)?;
            if inner.name.is_empty() {
                inner.name = format!("{}.inner", def.name);
            }
            def.inner = Some(Box::new(inner));
        }
        if decl.data {
            def.key_format = ValueFormat::Int { signed: false };
            if let Some(btf) = &self.btf {
                def.value_format = section_format(&self.elf, btf, decl.section);
                let section = btf.by_name(&self.elf.sections[decl.section].name, Kind::Datasec);
                def.value_type = section.map_or(0, |t| t.id());
                let symbols = self.elf.symbols_in(decl.section);
                let places = symbols.filter_map(|s| Some((s.name.as_str(), u32::try_from(s.value).ok()?))).collect();
                set_fields(&mut def, btf, known, &places);
            }
            def.initial = decl.initial_data(&self.elf);
        }
        Ok(def)
    }

    fn plain_def(&self, map: &UnitMap, types: KeyValue, known: Types<'_>) -> Result<MapDef, String> {
        let map_type = MapType::from_number(map.kind).ok_or_else(|| format!("is of unknown type {}", map.kind))?;
        let mut def = MapDef::new(&map.name, map_type, map.key_size, map.value_size, corrected_entries(map));
        def.flags = map.flags;
        def.pinned = map.pinning != 0;
        def.extra = map.map_extra;
        (def.key_type, def.value_type) = (types.key, types.value);
        if let Some(btf) = &self.btf {
            set_fields(&mut def, btf, known, &Places::new());
            let format = |id| if id == 0 { ValueFormat::Bytes } else { btf.value_format(id) };
            def.key_format = format(types.key);
            def.value_format = format(types.value);
        }
        Ok(def)
    }

    /// Programs and maps that a map holds from the start.
    fn initial_values(
        &self,
        decl: &MapDecl,
        map_ids: &[Result<MapId, String>],
        by_name: &HashMap<&str, usize>,
        programs: &HashSet<&str>,
    ) -> Result<Vec<InitialEntry>, ObjectError> {
        let holds_maps = MapType::from_number(decl.def.kind).is_some_and(MapType::holds_maps);
        let mut entries = Vec::new();
        for (slot, name) in &decl.def.values {
            let key = slot.to_le_bytes().to_vec();
            let value = if holds_maps {
                let inner = by_name.get(name.as_str()).copied();
                let id = inner.and_then(|at| map_ids.get(at)?.clone().ok());
                id.map(InitialValue::Map)
            } else {
                programs.get(name.as_str()).map(|name| InitialValue::Program((*name).to_owned()))
            };
            let value = value.ok_or_else(|| ObjectError::Map {
                map: decl.def.name.clone(),
                what: format!("its initial value `{name}` is no {}", if holds_maps { "map" } else { "program" }),
            })?;
            entries.push(InitialEntry { key, value });
        }
        Ok(entries)
    }

    fn load_program(
        &self,
        context: &Context<'_>,
        patches: &Patches,
        main: usize,
        options: &LoadOptions<'_>,
        budget: &mut Budget,
        notes: &mut Vec<String>,
    ) -> Result<Program, ObjectError> {
        let def = &self.funcs.list[main];
        let section = &self.elf.sections[def.section].name;
        let (prog_type, hook) = kind_of(&def.name, section, options, notes)?;
        let linked = Linker::link(context, patches, main, budget)?;
        let funcs = linked.funcs();
        notes.extend(linked.notes.into_iter().take(MAX_NOTES));
        if notes.len() > 4 * MAX_NOTES {
            notes.truncate(MAX_NOTES);
        }
        Ok(Program {
            name: def.name.clone(),
            section: section.clone(),
            prog_type,
            hook,
            lines: self.lines(&funcs, &mut budget.source),
            insns: linked.insns,
            funcs,
            license: self.license.clone(),
            maps: linked.maps,
            kfuncs: linked.kfuncs.into_iter().map(|kfunc| self.with_objects(kfunc)).collect(),
        })
    }

    /// Gives a function that allocates the sizes of the program's structures.
    fn with_objects(&self, kfunc: KfuncRef) -> KfuncRef {
        if !kfunc.name.ends_with("obj_new_impl") {
            return kfunc;
        }
        let types = self.btf.iter().flat_map(Btf::types).filter(|t| t.kind() == Kind::Struct);
        KfuncRef { objects: types.map(|t| (t.id(), t.size())).take(MAX_OBJECTS).collect(), ..kfunc }
    }

    /// The source lines of the functions, at their places in the program.
    fn lines(&self, funcs: &[Func], budget: &mut usize) -> Vec<Line> {
        let Some(btf) = &self.btf else { return Vec::new() };
        let mut lines: Vec<Line> = Vec::new();
        for func in funcs {
            let all = BtfExt::of(&self.ext.lines, &func.section);
            let from = func.section_start.0;
            let to = from + func.end.0 - func.start.0;
            let first = all.partition_point(|l| l.offset / 8 < from);
            for info in all[first..].iter().take_while(|l| l.offset / 8 < to) {
                let (file, text) = (cut(btf.string(info.file)), cut(btf.string(info.text)));
                let size = file.len() + text.len() + size_of::<Line>();
                let Some(left) = budget.checked_sub(size) else { return lines };
                *budget = left;
                let pc = Pc(func.start.0 + info.offset / 8 - from);
                // Of two at one instruction, the later is the more precise one.
                lines.pop_if(|last| last.pc == pc);
                lines.push(Line {
                    pc,
                    file: file.to_owned(),
                    line: info.line_col >> 10,
                    column: info.line_col & 0x3ff,
                    text: text.to_owned(),
                });
            }
        }
        lines
    }
}

/// Finds the special fields of a map's values. Where the kernel refuses the types, or the map with them, loaders create
/// it without.
fn set_fields(def: &mut MapDef, btf: &Btf, known: Types<'_>, places: &Places<'_>) {
    let found = fields::of_value(btf, def.value_type, places);
    let found = found.and_then(|found| fields::check_references(btf, known.kernel, &found).map(|()| found));
    let of_kernel = |fields: &[SpecialField]| {
        let one_side = map_flags::RDONLY_PROG | map_flags::WRONLY_PROG;
        fields.iter().all(|f| f.kind.is_for(def.map_type)) && (fields.is_empty() || def.flags & one_side == 0)
    };
    // Fields that do not go together are no fields.
    let fits = known.accepted && found.as_deref().map_or(true, of_kernel);
    if !fits {
        (def.key_type, def.value_type) = (0, 0);
    }
    def.special = found.ok().filter(|_| fits).unwrap_or_default();
}

/// A text's first [`MAX_LINE`] bytes or a little less.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LINE)]
}

/// What a program is loaded as, and where it runs.
fn kind_of(
    program: &str,
    section: &str,
    options: &LoadOptions<'_>,
    notes: &mut Vec<String>,
) -> Result<(ProgType, Option<Hook>), ObjectError> {
    let by_name = section_type(section);
    if let Some(found) = by_name.filter(|f| f.old && options.prog_type.is_none()) {
        let name = found.def.name;
        let what = found.def.type_name.to_lowercase();
        notes.push(format!(
            "section `{section}` is taken as {what}; libbpf 1.0 and later only know `{}`",
            if matches!(name, "ingress" | "egress") {
                "tc"
            } else if name == "prog" {
                "xdp"
            } else {
                name
            }
        ));
    }
    let named_hook = by_name.and_then(|f| f.def.hook);
    let wanted = options.hook.map(|hook| (hook, type_of_hook(hook)));
    let prog_type = match (options.prog_type, by_name) {
        (Some(forced), _) => forced,
        (None, Some(found)) => found.def.prog_type.ok_or_else(|| ObjectError::ProgType {
            program: program.to_owned(),
            section: section.to_owned(),
            prog_type: found.def.type_name.to_lowercase(),
        })?,
        // iproute2's tail calls are classifiers like their callers.
        (None, None) if tail_slot(section).is_some() => wanted.map_or(ProgType::SchedCls, |(_, t)| t),
        (None, None) => match wanted {
            Some((_, prog_type)) => prog_type,
            None => return Err(ObjectError::UnknownSection { section: section.to_owned() }),
        },
    };
    let hook = match wanted {
        Some((hook, of)) if fits(prog_type, of) => Some(hook),
        _ => named_hook.filter(|h| fits(prog_type, type_of_hook(*h))),
    };
    Ok((prog_type, hook))
}

/// The type of programs that run at a hook.
fn type_of_hook(hook: Hook) -> ProgType {
    match hook {
        Hook::Socket => ProgType::SocketFilter,
        Hook::TcIngress | Hook::TcEgress => ProgType::SchedCls,
        Hook::Xdp => ProgType::Xdp,
        Hook::CgroupIngress | Hook::CgroupEgress => ProgType::CgroupSkb,
    }
}

/// Whether a program of that type runs where `at` does: actions run where classifiers do.
fn fits(prog_type: ProgType, at: ProgType) -> bool {
    prog_type == at || (prog_type == ProgType::SchedAct && at == ProgType::SchedCls)
}
