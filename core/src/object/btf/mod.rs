//! BTF: the type information that objects and kernels carry (kernel document `bpf/btf.rst`).
//!
//! [`Btf`] keeps the bytes as they are and an index of where each type starts, so that the kernel's own six
//! megabytes are ready in milliseconds; a type is decoded when it is asked for. Parsing checks all that is
//! local: kinds, sizes, string offsets. What one type says about another is *not* trusted afterwards: type
//! graphs of hostile objects have cycles, so every walk here has a limit.

mod build;
mod format;
mod parse;
mod types;

use std::sync::OnceLock;

use super::fields::Fields;

pub(crate) use build::BtfBuilder;
pub(crate) use format::MAX_NESTING;
pub use types::{Enumerator, Kind, Member, Param, SecVar, Type};

/// Bytes of a string that are read.
const MAX_STRING: usize = 4096;
/// Types of one name that are looked at.
const MAX_NAMESAKES: usize = 4096;
/// Characters of a name in a message.
const MAX_SHOWN: usize = 100;

/// Length of a chain of typedefs and qualifiers, and depth of nesting, at most.
pub(crate) const MAX_DEPTH: usize = 32;

/// The types of an object or of a kernel.
#[derive(Debug, Default)]
pub struct Btf {
    /// Type section: the records, one after another.
    types: Vec<u8>,
    /// String section.
    strings: Vec<u8>,
    /// Where each type starts in `types`; type 0 is void and has no record.
    starts: Vec<u32>,
    /// Hashes of essential names with ids, sorted; made when first asked for.
    names: OnceLock<Vec<(u32, TypeId)>>,
    /// What of the program's own structures belongs to the kernel; made when first asked for.
    pub(super) fields: OnceLock<Fields>,
}

/// A type's number; 0 is `void`.
pub type TypeId = u32;

impl PartialEq for Btf {
    fn eq(&self, other: &Btf) -> bool {
        self.types == other.types && self.strings == other.strings
    }
}

impl Clone for Btf {
    fn clone(&self) -> Btf {
        Btf {
            types: self.types.clone(),
            strings: self.strings.clone(),
            starts: self.starts.clone(),
            names: OnceLock::new(),
            fields: OnceLock::new(),
        }
    }
}

/// A name without its flavour: CO-RE ignores everything from the last `___` on (`task_struct___old`).
/// Exactly three underscores, between two other characters, begin a flavour.
pub(crate) fn essential_name(name: &str) -> &str {
    let separates = |w: &[u8]| w[0] != b'_' && &w[1..4] == b"___" && w[4] != b'_';
    match name.as_bytes().windows(5).rposition(separates) {
        // The underscore after it is one byte, so this is a boundary of characters.
        Some(at) => &name[..at + 1],
        None => name,
    }
}

fn hash(name: &str) -> u32 {
    // FNV-1a: names are short, and only candidates are compared in full.
    name.bytes().fold(0x811c_9dc5, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

impl Btf {
    /// Number of types, `void` included: ids are below it.
    pub fn len(&self) -> usize {
        self.starts.len() + 1
    }

    /// Whether there are no types but `void`.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The type of that number; `void` for 0, `None` for numbers that no type has.
    pub fn ty(&self, id: TypeId) -> Option<Type<'_>> {
        if id == 0 {
            return Some(Type::VOID);
        }
        let start = *self.starts.get(id as usize - 1)? as usize;
        Some(Type::at(self, id, &self.types[start..]))
    }

    /// All types with their numbers, from 1.
    pub fn types(&self) -> impl Iterator<Item = Type<'_>> {
        (1..self.len() as TypeId).filter_map(|id| self.ty(id))
    }

    /// The string at an offset of the string section, cut at 4096 bytes; empty when it is not UTF-8 or out of range.
    pub fn string(&self, offset: u32) -> &str {
        let bytes = self.strings.get(offset as usize..).unwrap_or_default();
        let bytes = &bytes[..bytes.len().min(MAX_STRING)];
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..end]).unwrap_or_default()
    }

    /// Types whose name is `name`, flavours (`name___x`) included.
    pub(crate) fn by_essential_name(&self, name: &str) -> impl Iterator<Item = Type<'_>> {
        let index = self.names.get_or_init(|| {
            let mut index: Vec<(u32, TypeId)> = self
                .types()
                .filter(|t| !t.name().is_empty())
                .map(|t| (hash(essential_name(t.name())), t.id()))
                .collect();
            index.sort_unstable();
            index
        });
        let wanted = hash(name);
        let from = index.partition_point(|(h, _)| *h < wanted);
        index[from..]
            .iter()
            .take_while(move |(h, _)| *h == wanted)
            .take(MAX_NAMESAKES)
            .filter_map(|(_, id)| self.ty(*id))
            .filter(move |t| essential_name(t.name()) == name)
    }

    /// The first type of that very name and kind.
    pub fn by_name(&self, name: &str, kind: Kind) -> Option<Type<'_>> {
        self.by_essential_name(essential_name(name)).find(|t| t.kind() == kind && t.name() == name)
    }

    /// The type behind typedefs and qualifiers (`const`, `volatile`, `restrict`, type tags).
    /// `None` for an unknown number or a chain without an end.
    pub fn resolve(&self, mut id: TypeId) -> Option<Type<'_>> {
        for _ in 0..MAX_DEPTH {
            let t = self.ty(id)?;
            if !t.is_alias() {
                return Some(t);
            }
            id = t.target();
        }
        None
    }

    /// A type's size in bytes; `None` where C has none (`void`, functions) or the graph has no end.
    pub fn size_of(&self, id: TypeId) -> Option<u32> {
        let mut id = id;
        let mut count: u32 = 1;
        for _ in 0..MAX_DEPTH {
            let t = self.resolve(id)?;
            let one = match t.kind() {
                Kind::Int | Kind::Struct | Kind::Union | Kind::Enum | Kind::Enum64 | Kind::Float | Kind::Datasec => {
                    t.size()
                }
                Kind::Ptr => 8,
                Kind::Array => {
                    let array = t.array()?;
                    count = count.checked_mul(array.count)?;
                    id = array.element;
                    continue;
                }
                Kind::Var => {
                    id = t.target();
                    continue;
                }
                _ => return None,
            };
            return count.checked_mul(one);
        }
        None
    }

    /// A type's alignment in bytes, as C lays it out.
    pub(crate) fn align_of(&self, id: TypeId) -> Option<u32> {
        self.align_within(id, MAX_DEPTH, &mut 10_000)
    }

    fn align_within(&self, id: TypeId, depth: usize, budget: &mut usize) -> Option<u32> {
        *budget = budget.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        let t = self.resolve(id)?;
        match t.kind() {
            Kind::Int | Kind::Enum | Kind::Enum64 | Kind::Float => Some(t.size().clamp(1, 8)),
            Kind::Ptr => Some(8),
            Kind::Array => self.align_within(t.array()?.element, depth, budget),
            Kind::Struct | Kind::Union => {
                let mut align = 1;
                for member in t.members() {
                    let of_member = self.align_within(member.type_id, depth, budget)?;
                    if member.bit_size == 0 && member.bit_offset % (of_member * 8) != 0 {
                        return Some(1); // a packed struct
                    }
                    align = align.max(of_member);
                }
                Some(if t.size() % align == 0 { align } else { 1 })
            }
            _ => None,
        }
    }

    /// A type as C writes it in a message: `struct sk_buff`, `u32`.
    pub(crate) fn describe(&self, id: TypeId) -> String {
        let Some(t) = self.ty(id) else { return format!("type {id}") };
        let name = if t.name().is_empty() { "(anonymous)" } else { t.name() };
        let name = &name[..name.floor_char_boundary(MAX_SHOWN)];
        match t.kind() {
            Kind::Void => "void".to_owned(),
            Kind::Struct => format!("struct {name}"),
            Kind::Union => format!("union {name}"),
            Kind::Enum | Kind::Enum64 => format!("enum {name}"),
            Kind::Fwd => format!("{} {name}", if t.flag() { "union" } else { "struct" }),
            Kind::Ptr => "a pointer".to_owned(),
            Kind::Array => "an array".to_owned(),
            _ => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
