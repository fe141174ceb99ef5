//! Exception callbacks: the function that goes on when a program has thrown (`bpf_throw`).
//!
//! A tag on the program's function names it (`btf_decl_tag("exception_callback:NAME")`). Nothing calls it, so that
//! loaders put it into the program of their own accord.

use std::collections::HashMap;

use super::btf::{Btf, Kind, Type, TypeId};
use super::funcs::FuncDef;
use super::load::Context;

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
    (t.tail_words(1) == [WHOLE]).then_some((t.target(), name))
}

/// The exception callback that tags on a function name.
pub fn exception_callback(btf: &Btf, func: TypeId) -> Option<ExceptionTag<'_>> {
    let mut names = btf.types().filter_map(tag).filter(|(of, _)| *of == func).map(|(_, name)| name);
    let first = names.next()?;
    Some(if names.next().is_some() { ExceptionTag::Several } else { ExceptionTag::One(first) })
}

/// For each tagged function of an object, its exception callback's name; `None` where there are several.
pub(crate) fn tags(btf: &Btf) -> HashMap<TypeId, Option<&str>> {
    let mut tags = HashMap::new();
    for (func, name) in btf.types().filter_map(tag) {
        tags.entry(func).and_modify(|known| *known = None).or_insert(Some(name));
    }
    tags
}

impl Context<'_> {
    /// The function to be put behind a program since its exceptions are handed to it. One that is a program itself is no
    /// part of others; of several tags the verifier says that they are too many.
    pub fn exception_callback(&self, main: &FuncDef) -> Option<usize> {
        let name = (*self.exceptions.get(&self.object.func_type(main.section, main.start))?)?;
        let funcs = &self.object.funcs.list;
        let named = |func: &FuncDef| !func.entry && func.name == name;
        // A static function may have the name in another file: the kernel looks for a global one.
        let global = |func: &FuncDef| {
            self.object.is_global(func, self.object.func_type(func.section, func.start))
        };
        funcs.iter().position(|f| named(f) && global(f)).or_else(|| funcs.iter().position(named))
    }
}
