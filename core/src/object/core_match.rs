//! Finding in one set of types what is known from another: members by name, types by shape.
//!
//! These are libbpf's rules. A member is looked for by name, through anonymous structs and unions; its type
//! must only be of the same nature. Whether whole types fit is asked in two ways, loosely
//! ([`types_compatible`]) and member by member ([`types_match`]). All take from one budget of types and names
//! looked at; without any left, nothing is found.

use std::fmt::Write as _;

use super::btf::{Btf, Kind, MAX_DEPTH, Member, Type, TypeId, essential_name};

/// Steps of an access at most (libbpf's limit).
const MAX_STEPS: usize = 64;

/// A field of a type: `0:3:1` followed to its end.
#[derive(Clone, Debug)]
pub(crate) struct Spec<'a> {
    steps: Vec<Step<'a>>,
    /// Offset from the start of the root, in bits.
    pub bit_offset: u32,
    /// The last member, when the last step is one.
    pub member: Option<Member<'a>>,
    /// The type of what is accessed.
    pub type_id: TypeId,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    /// An element of an array, or of the root as an array.
    Element { index: u32 },
    /// A named member.
    Member { member: Member<'a> },
}

/// Why an access cannot be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SpecError {
    #[error("has a malformed access string")]
    Malformed,
    #[error("refers to a type that does not exist")]
    UnknownType,
    #[error("goes outside the type")]
    Outside,
    #[error("has a type without a size")]
    NoSize,
    #[error("is not about a member")]
    NotAMember,
    #[error("is wider than 64 bits")]
    TooWide,
}

/// An array without a length at the end of a struct has as many elements as one likes.
fn is_flexible(btf: &Btf, container: Type<'_>, member: usize) -> bool {
    let last = container.kind() == Kind::Struct && member + 1 == container.vlen();
    let member = container.member(member).filter(|_| last);
    let array = member.and_then(|m| btf.resolve(m.type_id)).and_then(|t| t.array());
    array.is_some_and(|a| a.count == 0)
}

impl<'a> Spec<'a> {
    /// Follows an access string from a root type.
    pub fn parse(btf: &'a Btf, root: TypeId, access: &str) -> Result<Spec<'a>, SpecError> {
        let numbers: Vec<u32> = access
            .split(':')
            .take(MAX_STEPS + 1)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| SpecError::Malformed)?;
        let (&first, rest) = numbers.split_first().ok_or(SpecError::Malformed)?;
        if rest.len() >= MAX_STEPS {
            return Err(SpecError::Malformed);
        }
        let mut spec = Spec { steps: Vec::new(), bit_offset: 0, member: None, type_id: root };
        spec.element(btf, first, root)?;
        let mut flexible = false;
        for &index in rest {
            let t = btf.resolve(spec.type_id).ok_or(SpecError::UnknownType)?;
            if t.is_composite() {
                let member = t.member(index as usize).ok_or(SpecError::Outside)?;
                flexible = is_flexible(btf, t, index as usize);
                spec.step_into(member)?;
            } else {
                let array = t.array().ok_or(SpecError::Outside)?;
                if index >= array.count && !flexible {
                    return Err(SpecError::Outside);
                }
                flexible = false;
                spec.type_id = array.element;
                spec.element(btf, index, array.element)?;
            }
        }
        Ok(spec)
    }

    fn element(&mut self, btf: &Btf, index: u32, of: TypeId) -> Result<(), SpecError> {
        let size = btf.size_of(of).ok_or(SpecError::NoSize)?;
        let bits = index.checked_mul(size).and_then(|b| b.checked_mul(8)).ok_or(SpecError::Outside)?;
        self.bit_offset = self.bit_offset.checked_add(bits).ok_or(SpecError::Outside)?;
        self.steps.push(Step::Element { index });
        self.member = None;
        self.type_id = of;
        Ok(())
    }

    fn step_into(&mut self, member: Member<'a>) -> Result<(), SpecError> {
        self.bit_offset = self.bit_offset.checked_add(member.bit_offset).ok_or(SpecError::Outside)?;
        self.type_id = member.type_id;
        // Anonymous members are only ways to others.
        if !member.name.is_empty() {
            self.steps.push(Step::Member { member });
            self.member = Some(member);
        }
        Ok(())
    }

    /// The access behind its root, as C writes it: `.cb[2]`.
    pub fn path(&self) -> String {
        let mut text = String::new();
        for (at, step) in self.steps.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Element { index: 0 } if at == 0 => Ok(()),
                Step::Element { index } => write!(text, "[{index}]"),
                Step::Member { member } => write!(text, ".{}", member.name),
            };
        }
        text
    }
}

/// The same field in a type of the target.
pub(crate) fn match_field<'t>(
    btf: &Btf,
    local: &Spec<'_>,
    target: &'t Btf,
    root: TypeId,
    budget: &mut usize,
) -> Option<Spec<'t>> {
    let mut found = Spec { steps: Vec::new(), bit_offset: 0, member: None, type_id: root };
    let mut flexible = false;
    for (at, step) in local.steps.iter().enumerate() {
        match *step {
            Step::Element { index } if at == 0 => found.element(target, index, root).ok()?,
            Step::Element { index } => {
                let array = target.resolve(found.type_id)?.array()?;
                if index >= array.count && !flexible {
                    return None;
                }
                flexible = false;
                found.element(target, index, array.element).ok()?;
            }
            Step::Member { member } => {
                let container = target.resolve(found.type_id)?;
                let path = find_member(target, container, member.name, MAX_DEPTH, budget)?;
                for (container, index) in path {
                    let of = target.ty(container)?;
                    flexible = is_flexible(target, of, index);
                    found.step_into(of.member(index)?).ok()?;
                }
                if !fields_compatible(btf, member.type_id, target, found.type_id) {
                    return None;
                }
            }
        }
    }
    Some(found)
}

/// The way to a member of that name, through anonymous members: containers and indices.
fn find_member(btf: &Btf, t: Type<'_>, name: &str, depth: usize, budget: &mut usize) -> Option<Vec<(TypeId, usize)>> {
    let depth = depth.checked_sub(1)?;
    if !t.is_composite() {
        return None;
    }
    for (index, member) in t.members().enumerate() {
        spend(budget, 1)?;
        if member.name == name {
            return Some(vec![(t.id(), index)]);
        }
        if !member.name.is_empty() {
            continue;
        }
        let Some(inner) = btf.resolve(member.type_id) else { continue };
        if let Some(mut path) = find_member(btf, inner, name, depth, budget) {
            path.insert(0, (t.id(), index));
            return Some(path);
        }
    }
    None
}

/// Takes from the budget; nothing is left when it does not suffice.
fn spend(budget: &mut usize, looks: usize) -> Option<()> {
    let left = budget.checked_sub(looks);
    *budget = left.unwrap_or(0);
    left.map(|_| ())
}

fn same_name(a: &str, b: &str) -> bool {
    essential_name(a) == essential_name(b)
}

/// Whether two fields are of the same nature: both pointers, both integers of any size, both structs …
fn fields_compatible(local: &Btf, mut local_id: TypeId, target: &Btf, mut target_id: TypeId) -> bool {
    for _ in 0..MAX_DEPTH {
        let (Some(l), Some(t)) = (local.resolve(local_id), target.resolve(target_id)) else { return false };
        if l.is_composite() && t.is_composite() {
            return true;
        }
        if l.kind() != t.kind() && !(l.is_enum() && t.is_enum()) {
            return false;
        }
        match l.kind() {
            Kind::Ptr | Kind::Float => return true,
            Kind::Fwd | Kind::Enum | Kind::Enum64 => {
                return l.name().is_empty() || t.name().is_empty() || same_name(l.name(), t.name());
            }
            // Integers that start within their bytes are bit fields of old compilers.
            Kind::Int => return l.int_bits().1 == 0 && t.int_bits().1 == 0,
            Kind::Array => match (l.array(), t.array()) {
                (Some(a), Some(b)) => (local_id, target_id) = (a.element, b.element),
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

/// The value of a constant of that name, flavours aside.
pub(crate) fn match_enumerator(name: &str, target: &Btf, id: TypeId, budget: &mut usize) -> Option<u64> {
    let t = target.resolve(id).filter(|t| t.is_enum())?;
    spend(budget, t.vlen())?;
    t.enumerators().find(|c| same_name(c.name, name)).map(|c| c.value)
}

/// Whether two types of one name are the same kind of thing: structs and the like by kind alone, pointers and
/// arrays by what is behind them, functions by their parameters.
pub(crate) fn types_compatible(
    local: &Btf,
    local_id: TypeId,
    target: &Btf,
    target_id: TypeId,
    budget: &mut usize,
) -> bool {
    let (Some(l), Some(t)) = (local.ty(local_id), target.ty(target_id)) else { return false };
    if l.kind() != t.kind() && !(l.is_enum() && t.is_enum()) {
        return false;
    }
    compatible((local, local_id), (target, target_id), MAX_DEPTH, budget)
}

type Side<'a> = (&'a Btf, TypeId);

fn compatible(local: Side<'_>, target: Side<'_>, depth: usize, budget: &mut usize) -> bool {
    let (Some(depth), Some(())) = (depth.checked_sub(1), spend(budget, 1)) else { return false };
    let (Some(l), Some(t)) = (local.0.resolve(local.1), target.0.resolve(target.1)) else { return false };
    if l.kind() != t.kind() && !(l.is_enum() && t.is_enum()) {
        return false;
    }
    let mut same = |a: TypeId, b: TypeId| compatible((local.0, a), (target.0, b), depth, budget);
    match l.kind() {
        Kind::Void | Kind::Struct | Kind::Union | Kind::Enum | Kind::Enum64 | Kind::Fwd => true,
        Kind::Int => l.int_bits().1 == 0 && t.int_bits().1 == 0,
        Kind::Ptr => same(l.target(), t.target()),
        Kind::Array => match (l.array(), t.array()) {
            (Some(a), Some(b)) => same(a.element, b.element),
            _ => false,
        },
        Kind::FuncProto => {
            l.vlen() == t.vlen()
                && l.params().zip(t.params()).all(|(a, b)| same(a.type_id, b.type_id))
                && same(l.target(), t.target())
        }
        _ => false,
    }
}

/// Whether everything that the local type has is in the target's, by name and with matching types.
pub(crate) fn types_match(local: &Btf, local_id: TypeId, target: &Btf, target_id: TypeId, budget: &mut usize) -> bool {
    matching((local, local_id), (target, target_id), false, MAX_DEPTH, budget)
}

fn matching(local: Side<'_>, target: Side<'_>, behind_pointer: bool, depth: usize, budget: &mut usize) -> bool {
    let (Some(depth), Some(())) = (depth.checked_sub(1), spend(budget, 1)) else { return false };
    let (Some(l), Some(t)) = (local.0.resolve(local.1), target.0.resolve(target.1)) else { return false };
    if !same_name(l.name(), t.name()) {
        return false;
    }
    let kinds_differ = l.kind() != t.kind();
    if behind_pointer && (l.is_composite() || l.kind() == Kind::Fwd) {
        // Behind a pointer, a forward declaration stands for the struct or union.
        let as_composite = |x: Type<'_>| match x.kind() {
            Kind::Fwd if x.flag() => Some(Kind::Union),
            Kind::Fwd => Some(Kind::Struct),
            Kind::Struct | Kind::Union => Some(x.kind()),
            _ => None,
        };
        return as_composite(l).is_some() && as_composite(l) == as_composite(t);
    }
    if kinds_differ && !(l.is_enum() && t.is_enum()) {
        return false;
    }
    let names = if l.is_enum() || l.is_composite() { l.vlen() * t.vlen() } else { 0 };
    if spend(budget, names).is_none() {
        return false;
    }
    let mut same = |a: TypeId, b: TypeId, ptr: bool| matching((local.0, a), (target.0, b), ptr, depth, budget);
    match l.kind() {
        Kind::Void => true,
        Kind::Fwd => l.flag() == t.flag(),
        Kind::Enum | Kind::Enum64 => {
            let has = |name: &str| t.enumerators().any(|c| same_name(c.name, name));
            l.size() == t.size() && l.vlen() <= t.vlen() && l.enumerators().all(|c| has(c.name))
        }
        Kind::Struct | Kind::Union => {
            l.vlen() <= t.vlen()
                && l.members()
                    .all(|a| t.members().any(|b| same_name(a.name, b.name) && same(a.type_id, b.type_id, false)))
        }
        Kind::Int => l.size() == t.size() && l.is_signed() == t.is_signed(),
        Kind::Ptr => same(l.target(), t.target(), true),
        Kind::Array => match (l.array(), t.array()) {
            (Some(a), Some(b)) => a.count == b.count && same(a.element, b.element, false),
            _ => false,
        },
        Kind::FuncProto => {
            l.vlen() == t.vlen()
                && l.params().zip(t.params()).all(|(a, b)| same(a.type_id, b.type_id, behind_pointer))
                && same(l.target(), t.target(), behind_pointer)
        }
        Kind::Float => l.size() == t.size(),
        _ => false,
    }
}
