//! Exception callbacks: the function that goes on when a program has thrown (`bpf_throw`).
//!
//! A tag on the program's function names it (`btf_decl_tag("exception_callback:NAME")`). Nothing calls it, so that
//! loaders put it into the program of their own accord.

use std::collections::HashMap;

use super::Object;
use super::btf::{Btf, BtfBuilder, Kind, Type, TypeId};
use super::elf::STT_FUNC;

/// What the tag begins with.
const TAG: &str = "exception_callback:";
/// `component_idx` of a tag on the declaration itself.
const WHOLE: u32 = u32::MAX;

/// What tags say of one function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptionTag<'a> {
    /// The name of its exception callback.
    One(&'a str),
    /// There are several tags, which kernels refuse.
    Several,
}

/// The function's name and the callback's, if the type is such a tag.
fn tag(t: Type<'_>) -> Option<(TypeId, &str)> {
    let name = t.name().strip_prefix(TAG).filter(|_| t.kind() == Kind::DeclTag)?;
    (t.target() != 0 && t.tail_words(1) == [WHOLE]).then_some((t.target(), name))
}

/// The exception callback that tags on a function name.
pub fn exception_callback(btf: &Btf, func: TypeId) -> Option<ExceptionTag<'_>> {
    let mut names = btf.types().filter_map(tag).filter(|(of, _)| *of == func).map(|(_, name)| name);
    let first = names.next()?;
    Some(if names.next().is_some() { ExceptionTag::Several } else { ExceptionTag::One(first) })
}

/// Adds the tag that names a function's exception callback.
pub(crate) fn add_tag(btf: &mut BtfBuilder, func: TypeId, callback: &str) {
    btf.add(Kind::DeclTag, &format!("{TAG}{callback}"), 0, false, func, &[WHOLE]);
}

impl Object {
    /// For each function with one tag, the function that is put behind it: an index into the object's functions. One that
    /// is a program itself is no part of others; of several tags the verifier says that they are too many.
    pub(crate) fn exception_functions(&self) -> HashMap<TypeId, usize> {
        let mut tags: HashMap<TypeId, Option<&str>> = HashMap::new();
        for (func, name) in self.btf.iter().flat_map(Btf::types).filter_map(tag) {
            tags.entry(func).and_modify(|known| *known = None).or_insert(Some(name));
        }
        if tags.is_empty() {
            return HashMap::new();
        }
        // A static function may have the name in another file: the kernel looks for a global one.
        let mut functions: HashMap<&str, (bool, usize)> = HashMap::new();
        for (index, def) in self.funcs.list.iter().enumerate().filter(|(_, def)| !def.entry) {
            let global = self.is_global(def, self.func_type(def.section, def.start));
            let known = functions.entry(&def.name).or_insert((global, index));
            if global && !known.0 {
                *known = (global, index);
            }
        }
        tags.into_iter().filter_map(|(func, name)| Some((func, functions.get(name?)?.1))).collect()
    }

    /// The functions that have an exception callback, each with it: indexes of ELF symbols.
    pub(crate) fn exception_callbacks(&self) -> Vec<(usize, usize)> {
        let Some(btf) = &self.btf else { return Vec::new() };
        // Types are told of places, and symbols have places.
        let mut types = HashMap::new();
        for group in &self.ext.funcs {
            let Some(section) = self.elf.section(&group.section) else { continue };
            for info in &group.records {
                types.insert((section, u64::from(info.offset)), info.type_id);
            }
        }
        let functions = self.elf.symbols.iter().enumerate().filter(|(_, symbol)| symbol.kind == STT_FUNC);
        let of_type: HashMap<TypeId, usize> = functions
            .filter_map(|(index, symbol)| {
                let section = self.elf.section_of(symbol)?;
                Some((*types.get(&(section, symbol.value))?, index))
            })
            .collect();
        let pairs = btf.types().filter_map(tag).filter_map(|(func, name)| {
            let callback = btf.by_name(name, Kind::Func)?.id();
            Some((*of_type.get(&func)?, *of_type.get(&callback)?))
        });
        pairs.collect()
    }
}
