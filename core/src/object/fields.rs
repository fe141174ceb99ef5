//! Fields that belong to the kernel, in values of maps and in objects of the program's own: it finds them by the names
//! of their types, and by tags on pointers.
//!
//! A type whose fields do not go together is not refused in one way. For a map it is as if there were no fields; for
//! objects the kernel looks at every structure when it takes the types (`BPF_BTF_LOAD`), and refuses all of them.

use std::collections::{HashMap, HashSet};

use super::btf::{Btf, Kind, MAX_DEPTH, Type, TypeId};
use crate::kernel::{FieldKind, KPTR_STRUCTS, SpecialField};

/// Fields of one type at most (the kernel's `BTF_FIELDS_MAX`).
const MAX_FIELDS: usize = 11;
/// Types that are looked at for one value.
const MAX_LOOKED_AT: usize = 10_000;
/// Structures with special fields that are known of an object, at most: what comes after them has none.
const MAX_OBJECTS: usize = 1024;

/// How the tag of a list or tree begins.
const CONTAINS: &str = "contains:";

/// Structures that make an object of the one that has them as members special.
const IN_OBJECTS: [&str; 6] =
    ["bpf_spin_lock", "bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount"];

/// Why the kernel refuses the fields of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unfit {
    /// `E2BIG`.
    #[error("it has two fields of a kind of which one is allowed, or more than 11 fields")]
    TooMany,
    /// `EEXIST`.
    #[error("its fields overlap")]
    Overlap,
    /// `EINVAL`.
    #[error("a field is in an array, and fields of its kind must not be")]
    Array,
    /// `EINVAL`.
    #[error("a member does not start at a byte, beside a field of the kernel's")]
    Bits,
    /// `EINVAL`.
    #[error("a pointer has a tag that the kernel does not know, beside a field of the kernel's")]
    Tag,
    /// `EINVAL`.
    #[error("a tagged pointer does not point to a structure")]
    Pointer,
    /// `EINVAL`.
    #[error("a tagged pointer is to a structure of the kernel's to which none may hold a reference")]
    NoReference,
    /// `EINVAL`, `ENOENT`.
    #[error("a list or tree does not say, or not truly, what it contains (`__contains(TYPE, MEMBER)`)")]
    Contains,
    /// `EINVAL`.
    #[error("a list or tree has no lock beside it (`struct bpf_spin_lock`)")]
    NoLock,
    /// `EINVAL`.
    #[error("it has locks of two kinds")]
    TwoLocks,
    /// `EINVAL`.
    #[error("it goes into lists and trees, and has no `struct bpf_refcount`")]
    NotCounted,
    /// `ELOOP`.
    #[error("it goes into a list or tree, and has one whose elements have one again")]
    Nested,
}

/// Fields of objects, by the number of their structure.
type Objects = HashMap<TypeId, Vec<SpecialField>>;

/// What an object's types say of fields; made when first asked for.
#[derive(Debug)]
pub(crate) struct Fields {
    tags: Tags,
    objects: Result<Objects, (TypeId, Unfit)>,
}

/// The tags `contains:TYPE:MEMBER`, by what they are on: a structure's member, or a variable (all ones).
type Tags = HashMap<(TypeId, u32), Vec<TypeId>>;

/// Where the variables of a data section are, by name: what the compiler writes into BTF is 0 until somebody links.
pub(crate) type Places<'a> = HashMap<&'a str, u32>;

/// The special fields of a map's value, in order of their offset; none for a type that is not a struct or a data section.
///
/// # Errors
/// The fields do not go together.
pub(crate) fn of_value(btf: &Btf, id: TypeId, places: &Places<'_>) -> Result<Vec<SpecialField>, Unfit> {
    let asked = |kind| !matches!(kind, FieldKind::ListNode | FieldKind::RbNode);
    Search { btf, tags: &btf.fields().tags, asked: &asked, budget: MAX_LOOKED_AT }.record(id, places)
}

impl Btf {
    /// The special fields of an object of that type; `None` when it has none.
    pub(crate) fn object_fields(&self, id: TypeId) -> Option<&[SpecialField]> {
        self.fields().objects.as_ref().ok()?.get(&id).map(Vec::as_slice)
    }

    /// Why the kernel refuses these types, for an object's fields that do not go together. `kernel` are its own types,
    /// if they are at hand.
    pub(crate) fn refused(&self, kernel: Option<&Btf>) -> Option<String> {
        let (id, why) = match &self.fields().objects {
            Err(refused) => *refused,
            Ok(objects) => {
                let wrong = objects.iter().filter(|(_, fields)| check_references(self, kernel, fields).is_err());
                (*wrong.map(|(id, _)| id).min()?, Unfit::NoReference)
            }
        };
        Some(format!("{}: {why}", self.describe(id)))
    }

    fn fields(&self) -> &Fields {
        self.fields.get_or_init(|| {
            let mut tags = Tags::new();
            for tag in self.types().filter(|t| t.kind() == Kind::DeclTag && t.name().starts_with(CONTAINS)) {
                let component = tag.tail_words(1)[0];
                tags.entry((tag.target(), component)).or_default().push(tag.id());
            }
            let objects = find_objects(self, &tags);
            Fields { tags, objects }
        })
    }
}

/// Every structure that has a special field as a member of its own, with all of its fields.
fn find_objects(btf: &Btf, tags: &Tags) -> Result<Objects, (TypeId, Unfit)> {
    use FieldKind::{Timer, Uptr, Workqueue};
    let asked = |kind| !matches!(kind, Timer | Workqueue | FieldKind::TaskWork | Uptr);
    let mut special: HashSet<TypeId> =
        IN_OBJECTS.iter().filter_map(|name| btf.by_name(name, Kind::Struct)).map(|t| t.id()).collect();
    for pointer in btf.types().filter(|t| t.kind() == Kind::Ptr) {
        if matches!(tagged(btf, pointer, asked), Ok(Some(_))) {
            special.insert(pointer.id());
        }
    }
    let mut objects = Objects::new();
    let owners = btf.types().filter(|t| t.kind() == Kind::Struct && t.members().any(|m| special.contains(&m.type_id)));
    for owner in owners.take(MAX_OBJECTS) {
        let search = Search { btf, tags, asked: &asked, budget: MAX_LOOKED_AT };
        objects.insert(owner.id(), search.record(owner.id(), &Places::new()).map_err(|why| (owner.id(), why))?);
    }
    match objects.iter().filter(|(_, fields)| nests(fields, &objects)).map(|(id, _)| *id).min() {
        Some(id) => Err((id, Unfit::Nested)),
        None => Ok(objects),
    }
}

/// Whether an element of a list or tree has one itself, whose elements have one again: nobody would know how deep.
fn nests(fields: &[SpecialField], objects: &Objects) -> bool {
    let is_node = |f: &SpecialField| matches!(f.kind, FieldKind::ListNode | FieldKind::RbNode);
    fields.iter().any(is_node)
        && fields
            .iter()
            .filter(|f| is_root(f))
            .any(|f| objects.get(&f.type_id).is_some_and(|of| of.iter().any(is_root)))
}

fn is_root(field: &SpecialField) -> bool {
    matches!(field.kind, FieldKind::ListHead | FieldKind::RbRoot)
}

/// References to structures that the kernel has must be to those that it can give back.
///
/// # Errors
/// One is not.
pub(crate) fn check_references(btf: &Btf, kernel: Option<&Btf>, fields: &[SpecialField]) -> Result<(), Unfit> {
    let held = |f: &&SpecialField| matches!(f.kind, FieldKind::KptrRef | FieldKind::KptrPercpu);
    for field in fields.iter().filter(held) {
        let name = btf.ty(field.type_id).map(|t| t.name()).unwrap_or_default();
        let is_kernels = kernel.is_some_and(|kernel| kernel.by_name(name, Kind::Struct).is_some());
        if is_kernels && !KPTR_STRUCTS.contains(&name) {
            return Err(Unfit::NoReference);
        }
    }
    Ok(())
}

/// What a pointer's tag makes of it, and the structure behind it, if it is of a kind that counts.
fn tagged(
    btf: &Btf,
    pointer: Type<'_>,
    asked: impl Fn(FieldKind) -> bool,
) -> Result<Option<(FieldKind, TypeId)>, Unfit> {
    let Some(tag) = btf.ty(pointer.target()).filter(|t| t.kind() == Kind::TypeTag && !t.flag()) else {
        return Ok(None);
    };
    if btf.ty(tag.target()).is_some_and(|t| t.kind() == Kind::TypeTag) {
        return Err(Unfit::Pointer);
    }
    let named = FieldKind::TAGS.iter().find(|(name, _)| *name == tag.name());
    let (_, kind) = named.ok_or(Unfit::Tag)?;
    if !asked(*kind) {
        return Ok(None);
    }
    let base = btf.resolve(tag.target()).filter(|t| t.kind() == Kind::Struct);
    base.map(|t| Some((*kind, t.id()))).ok_or(Unfit::Pointer)
}

struct Search<'a> {
    btf: &'a Btf,
    tags: &'a Tags,
    /// Which kinds count.
    asked: &'a dyn Fn(FieldKind) -> bool,
    budget: usize,
}

/// A member or variable: its type and place, and what a tag on its declaration is on.
#[derive(Clone, Copy)]
struct Place<'a> {
    of: TypeId,
    offset: u32,
    owner: Type<'a>,
    /// Which member of the owner; all ones for a variable.
    component: u32,
}

impl<'a> Search<'a> {
    fn record(mut self, id: TypeId, places: &Places<'_>) -> Result<Vec<SpecialField>, Unfit> {
        let mut found = match self.btf.resolve(id) {
            Some(t) if t.kind() == Kind::Struct => self.members(t, 0, MAX_FIELDS, MAX_DEPTH)?,
            Some(t) if t.kind() == Kind::Datasec => self.variables(t, places)?,
            _ => Vec::new(),
        };
        let mut end = 0;
        for field in &found {
            if field.offset < end {
                return Err(Unfit::Overlap);
            }
            end = field.offset.saturating_add(field.size);
        }
        let has = |kinds: &[FieldKind]| found.iter().any(|f| kinds.contains(&f.kind));
        use FieldKind::{ListNode, RbNode, Refcount, ResSpinLock, SpinLock};
        if has(&[SpinLock]) && has(&[ResSpinLock]) {
            return Err(Unfit::TwoLocks);
        }
        if found.iter().any(is_root) && !has(&[SpinLock, ResSpinLock]) {
            return Err(Unfit::NoLock);
        }
        if has(&[ListNode]) && has(&[RbNode]) && !has(&[Refcount]) {
            return Err(Unfit::NotCounted);
        }
        found.sort_by_key(|f| f.offset);
        Ok(found)
    }

    fn variables(&mut self, section: Type<'a>, places: &Places<'_>) -> Result<Vec<SpecialField>, Unfit> {
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        let vars = section.vars().filter_map(|var| {
            let owner = self.btf.ty(var.type_id).filter(|v| v.kind() == Kind::Var)?;
            let offset = places.get(owner.name()).copied().unwrap_or(var.offset);
            let whole = self.btf.size_of(owner.target()) == Some(var.size);
            whole.then_some(Place { of: owner.target(), offset, owner, component: u32::MAX })
        });
        let mut vars: Vec<Place<'a>> = vars.collect();
        vars.sort_by_key(|place| place.offset);
        for place in vars {
            found.extend(self.field(place, &mut seen, MAX_FIELDS - found.len(), MAX_DEPTH)?);
        }
        Ok(found)
    }

    fn members(&mut self, owner: Type<'a>, base: u32, room: usize, depth: usize) -> Result<Vec<SpecialField>, Unfit> {
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        for (member, component) in owner.members().zip(0..) {
            if member.bit_offset % 8 != 0 {
                return Err(Unfit::Bits);
            }
            let Some(offset) = base.checked_add(member.bit_offset / 8) else { continue };
            let place = Place { of: member.type_id, offset, owner, component };
            found.extend(self.field(place, &mut seen, room - found.len(), depth)?);
        }
        Ok(found)
    }

    /// A member or variable, or an array of them: it is special itself, or has special members.
    fn field(
        &mut self,
        place: Place<'a>,
        seen: &mut Vec<FieldKind>,
        room: usize,
        depth: usize,
    ) -> Result<Vec<SpecialField>, Unfit> {
        let (Some(budget), Some(depth)) = (self.budget.checked_sub(1), depth.checked_sub(1)) else {
            return Err(Unfit::TooMany);
        };
        self.budget = budget;
        let (mut id, mut count) = (place.of, 1_u32);
        while let Some(array) = self.btf.ty(id).and_then(|t| t.array()) {
            count = count.saturating_mul(array.count);
            id = array.element;
        }
        let Some(t) = self.btf.ty(id).filter(|_| count > 0) else { return Ok(Vec::new()) };
        let (found, stride) = match self.special(t, place, seen)? {
            Some(field) => (vec![field], field.size),
            None if t.kind() == Kind::Struct => (self.members(t, place.offset, room, depth)?, t.size()),
            None => return Ok(Vec::new()),
        };
        repeat(found, stride, count, room)
    }

    /// The field that something of that type is.
    fn special(&self, t: Type<'a>, place: Place<'a>, seen: &mut Vec<FieldKind>) -> Result<Option<SpecialField>, Unfit> {
        use FieldKind::{ListHead, ListNode, RbNode, RbRoot, Refcount};
        if t.kind() != Kind::Struct {
            let pointer = if t.kind() == Kind::Volatile { self.btf.ty(t.target()) } else { Some(t) };
            let Some(pointer) = pointer.filter(|t| t.kind() == Kind::Ptr) else { return Ok(None) };
            let Some((kind, type_id)) = tagged(self.btf, pointer, self.asked)? else { return Ok(None) };
            let aligned = place.offset.is_multiple_of(8);
            return Ok(aligned.then_some(SpecialField { kind, offset: place.offset, size: 8, type_id, node: 0 }));
        }
        let named = FieldKind::STRUCTS.iter().find(|(name, kind, _)| *name == t.name() && (self.asked)(*kind));
        let Some(&(_, kind, size)) = named else { return Ok(None) };
        if !matches!(kind, ListHead | ListNode | RbRoot | RbNode | Refcount) {
            if seen.contains(&kind) {
                return Err(Unfit::TooMany);
            }
            seen.push(kind);
        }
        if t.size() != size || !place.offset.is_multiple_of(size.clamp(4, 8)) {
            return Ok(None);
        }
        let (type_id, node) = match kind {
            ListHead => self.contained(place, "bpf_list_node")?,
            RbRoot => self.contained(place, "bpf_rb_node")?,
            _ => (0, 0),
        };
        Ok(Some(SpecialField { kind, offset: place.offset, size, type_id, node }))
    }

    /// What a list or tree holds, by its declaration tag `contains:TYPE:MEMBER`: the structure, and where in it the node is.
    fn contained(&self, place: Place<'a>, node: &str) -> Result<(TypeId, u32), Unfit> {
        let tags = self.tags.get(&(place.owner.id(), place.component)).map_or(&[][..], Vec::as_slice);
        let &[tag] = tags else { return Err(Unfit::Contains) };
        let tag = self.btf.ty(tag).and_then(|t| t.name().strip_prefix(CONTAINS)).unwrap_or_default();
        let (element, member) = tag.split_once(':').ok_or(Unfit::Contains)?;
        let element = self.btf.by_name(element, Kind::Struct).ok_or(Unfit::Contains)?;
        let mut members = element.members().filter(|m| m.name == member);
        let (Some(member), None) = (members.next(), members.next()) else { return Err(Unfit::Contains) };
        let is_node = self.btf.ty(member.type_id).is_some_and(|t| t.kind() == Kind::Struct && t.name() == node);
        // Eight bytes are what a node is aligned to.
        let aligned = member.bit_offset.is_multiple_of(64);
        if is_node && aligned { Ok((element.id(), member.bit_offset / 8)) } else { Err(Unfit::Contains) }
    }
}

/// The fields of every element of an array, from those of the first.
fn repeat(found: Vec<SpecialField>, stride: u32, count: u32, room: usize) -> Result<Vec<SpecialField>, Unfit> {
    use FieldKind::{KptrPercpu, KptrRef, KptrUnref, ListHead, RbRoot, Uptr};
    let alone = |f: &SpecialField| !matches!(f.kind, KptrUnref | KptrRef | KptrPercpu | Uptr | ListHead | RbRoot);
    if found.is_empty() {
        return Ok(found);
    }
    if count > 1 && found.iter().any(alone) {
        return Err(Unfit::Array);
    }
    if (count as usize).saturating_mul(found.len()) > room {
        return Err(Unfit::TooMany);
    }
    let elements = (0..count).map(|at| at.saturating_mul(stride));
    let moved =
        elements.flat_map(|by| found.iter().map(move |f| SpecialField { offset: f.offset.saturating_add(by), ..*f }));
    Ok(moved.collect())
}
