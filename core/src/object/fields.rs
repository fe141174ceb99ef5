//! Fields of map values that belong to the kernel: it finds them by the names of their types, and by tags on pointers.

use super::btf::{Btf, Kind, MAX_DEPTH, Type, TypeId};
use crate::kernel::{FieldKind, SpecialField};

/// Fields of one value at most (the kernel has 11 kinds of fields, and arrays of them).
const MAX_FIELDS: usize = 256;
/// Types that are looked at for one value.
const MAX_LOOKED_AT: usize = 10_000;

/// The special fields of a type, in order of their offset; none for a type that is not a struct or a data section.
pub(crate) fn special(btf: &Btf, id: TypeId) -> Vec<SpecialField> {
    let mut search = Search { btf, found: Vec::new(), budget: MAX_LOOKED_AT };
    match btf.resolve(id) {
        Some(t) if t.kind() == Kind::Struct => search.members(t, 0, MAX_DEPTH),
        Some(t) if t.kind() == Kind::Datasec => {
            for var in t.vars() {
                let Some(of) = btf.ty(var.type_id).filter(|v| v.kind() == Kind::Var) else { continue };
                search.field(of.target(), "", t, var.offset, MAX_DEPTH);
            }
        }
        _ => {}
    }
    search.found.sort_by_key(|f| f.offset);
    search.found
}

/// The kind of a structure that is special: of that name, size and alignment.
fn special_struct(t: Type<'_>, offset: u32) -> Option<FieldKind> {
    let (_, kind, size) = FieldKind::STRUCTS.iter().find(|(name, ..)| *name == t.name())?;
    (t.size() == *size && offset.is_multiple_of(*size.clamp(&4, &8))).then_some(*kind)
}

struct Search<'a> {
    btf: &'a Btf,
    found: Vec<SpecialField>,
    budget: usize,
}

impl<'a> Search<'a> {
    fn members(&mut self, of: Type<'a>, base: u32, depth: usize) {
        for member in of.members().filter(|m| m.bit_size == 0 && m.bit_offset % 8 == 0) {
            if let Some(offset) = base.checked_add(member.bit_offset / 8) {
                self.field(member.type_id, member.name, of, offset, depth);
            }
        }
    }

    /// A member or variable, or an array of them: it is special itself, or has special members.
    fn field(&mut self, id: TypeId, name: &str, owner: Type<'a>, offset: u32, depth: usize) {
        let (Some(budget), Some(depth)) = (self.budget.checked_sub(1), depth.checked_sub(1)) else { return };
        self.budget = budget;
        let (mut id, mut count) = (id, 1_u32);
        while let Some(array) = self.btf.resolve(id).and_then(|t| t.array()) {
            count = count.saturating_mul(array.count);
            id = array.element;
        }
        let Some(t) = self.btf.resolve(id) else { return };
        let kind = match t.kind() {
            Kind::Ptr => self.tag(t),
            Kind::Struct => special_struct(t, offset),
            _ => None,
        };
        let size = if t.kind() == Kind::Ptr { 8 } else { t.size() };
        for at in 0..count {
            let Some(offset) = at.checked_mul(size).and_then(|o| o.checked_add(offset)) else { return };
            if self.found.len() >= MAX_FIELDS || self.budget == 0 {
                return;
            }
            match kind {
                Some(kind) => {
                    let type_id = self.element(kind, t, name, owner);
                    self.found.push(SpecialField { kind, offset, size, type_id });
                }
                None if t.kind() == Kind::Struct => {
                    let before = self.found.len();
                    self.members(t, offset, depth);
                    if self.found.len() == before {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    /// What a pointer's tag makes of it.
    fn tag(&self, pointer: Type<'a>) -> Option<FieldKind> {
        let tag = self.btf.ty(pointer.target()).filter(|t| t.kind() == Kind::TypeTag)?;
        FieldKind::TAGS.iter().find(|(name, _)| *name == tag.name()).map(|(_, kind)| *kind)
    }

    /// What a kernel pointer points to; what a list or tree holds, by its declaration tag `contains:TYPE:MEMBER`.
    fn element(&self, kind: FieldKind, t: Type<'a>, name: &str, owner: Type<'a>) -> TypeId {
        match kind {
            FieldKind::KptrUnref | FieldKind::KptrRef | FieldKind::KptrPercpu | FieldKind::Uptr => {
                self.btf.resolve(t.target()).map_or(0, |t| t.id())
            }
            FieldKind::ListHead | FieldKind::RbRoot => self.contained(name, owner).unwrap_or(0),
            _ => 0,
        }
    }

    fn contained(&self, name: &str, owner: Type<'a>) -> Option<TypeId> {
        let index = owner.members().position(|m| m.name == name)? as u32;
        let tag = self.btf.types().find(|t| {
            t.kind() == Kind::DeclTag
                && t.target() == owner.id()
                && t.tail_words(1) == [index]
                && t.name().starts_with("contains:")
        })?;
        let element = tag.name().split(':').nth(1)?;
        self.btf.by_name(element, Kind::Struct).map(|t| t.id())
    }
}
