//! CO-RE: instructions that know what they access (`struct sk_buff`, member 3 of member 1) and are
//! adapted to the types of the kernel that they run on (kernel document `bpf/llvm_reloc.rst`).
//!
//! Two steps. [`Patches::compute`] finds for every relocation what it is in the target's types and the
//! numbers that follow from it; [`Patch::apply`] writes a number into its instruction. What the target does
//! not have becomes a call of a helper that no kernel has, as with libbpf, so that only a program that gets
//! there fails.

use std::collections::{BTreeSet, HashMap};

use super::ObjectError;
use super::btf::{Btf, Kind, Type, TypeId};
use super::btf_ext::{BtfExt, CoreRelo};
use super::core_match::{Spec, SpecError, match_enumerator, match_field, types_compatible, types_match};
use super::elf::Elf;
use crate::isa::RawInsn;

/// The helper that libbpf calls in place of an instruction whose target does not exist; its number reads
/// "bad relo" in hexadecimal.
pub(crate) const POISON: i32 = 195_896_080;

/// What a relocation asks for (`enum bpf_core_relo_kind`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ReloKind {
    FieldOffset,
    FieldSize,
    FieldExists,
    FieldSigned,
    FieldLshift,
    FieldRshift,
    TypeIdLocal,
    TypeIdTarget,
    TypeExists,
    TypeSize,
    EnumExists,
    EnumValue,
    TypeMatches,
}

impl ReloKind {
    fn new(number: u32) -> Option<ReloKind> {
        use ReloKind::*;
        const KINDS: [ReloKind; 13] = [
            FieldOffset,
            FieldSize,
            FieldExists,
            FieldSigned,
            FieldLshift,
            FieldRshift,
            TypeIdLocal,
            TypeIdTarget,
            TypeExists,
            TypeSize,
            EnumExists,
            EnumValue,
            TypeMatches,
        ];
        KINDS.get(number as usize).copied()
    }

    fn is_type(self) -> bool {
        use ReloKind::*;
        matches!(self, TypeIdLocal | TypeIdTarget | TypeExists | TypeSize | TypeMatches)
    }

    fn is_enum(self) -> bool {
        matches!(self, ReloKind::EnumExists | ReloKind::EnumValue)
    }

    /// Whether it asks if something is there, so that "no" is an answer.
    fn asks(self) -> bool {
        use ReloKind::*;
        matches!(self, FieldExists | TypeExists | TypeMatches | EnumExists)
    }
}

/// A number found for a relocation, with the size of the memory access that belongs to a field's offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Found {
    value: u64,
    /// Bytes of the field and its type, when the access may be narrowed or widened.
    access: Option<(u32, TypeId)>,
    /// Whether the instruction must hold the local value (not so for bit fields, which compilers load freely).
    exact: bool,
}

/// What is to be written into an instruction.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    /// What is accessed, for messages.
    pub spec: String,
    place: String,
    old: Found,
    /// `None`: the target does not have it.
    new: Option<Found>,
    /// Whether another size of the access would change its meaning.
    size_matters: bool,
}

/// A relocation's slot in its section, and its patch.
type Slot = (u32, Result<Patch, ObjectError>);

/// The patches of an object, by section and slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patches {
    by_section: HashMap<usize, Vec<Slot>>,
    /// Types that were taken as the object lays them out, because there is no target.
    pub local: BTreeSet<String>,
}

impl Patches {
    /// Finds them all. Without target types the object's own layout counts.
    pub fn compute(elf: &Elf, btf: Option<&Btf>, ext: &BtfExt, target: Option<&Btf>) -> Patches {
        let mut patches = Patches::default();
        let Some(btf) = btf else { return patches };
        let mut budget = MAX_LOOKS;
        let mut known: HashMap<(TypeId, u32, u32), Result<Answer, String>> = HashMap::new();
        for group in &ext.relos {
            let Some(section) = elf.section(&group.section) else { continue };
            let slots = patches.by_section.entry(section).or_default();
            for relo in &group.records {
                let answer = known
                    .entry((relo.type_id, relo.access, relo.kind))
                    .or_insert_with(|| Answer::find(relo, btf, target, &mut budget));
                let slot = relo.offset / 8;
                let spec = describe(relo, btf);
                if target.is_none() {
                    patches.local.insert(btf.describe(relo.type_id));
                }
                let patch = match answer {
                    Ok(answer) => Ok(Patch {
                        spec,
                        place: format!("section `{}`, instruction {slot}", group.section),
                        old: answer.old,
                        new: answer.new,
                        size_matters: answer.size_matters,
                    }),
                    Err(what) => {
                        let what = what.clone();
                        Err(ObjectError::CoreRelo { section: group.section.clone(), insn: slot, spec, what })
                    }
                };
                slots.push((slot, patch));
            }
        }
        for slots in patches.by_section.values_mut() {
            slots.sort_by_key(|(slot, _)| *slot);
        }
        patches
    }

    /// Those of the slots from `start` to before `end`.
    pub fn within(
        &self,
        section: usize,
        start: u32,
        end: u32,
    ) -> impl Iterator<Item = (u32, &Result<Patch, ObjectError>)> {
        let slots = self.by_section.get(&section).map_or(&[][..], |s| s);
        let from = slots.partition_point(|(slot, _)| *slot < start);
        slots[from..].iter().take_while(move |(slot, _)| *slot < end).map(|(slot, patch)| (*slot, patch))
    }
}

/// What a relocation accesses, as C would: `struct sk_buff.len`.
fn describe(relo: &CoreRelo, btf: &Btf) -> String {
    let mut text = btf.describe(relo.type_id);
    let access = btf.string(relo.access);
    match ReloKind::new(relo.kind) {
        Some(kind) if kind.is_type() => {}
        Some(kind) if kind.is_enum() => {
            let index = access.parse::<usize>().ok();
            let constant = btf.resolve(relo.type_id).zip(index).and_then(|(t, i)| t.enumerators().nth(i));
            text = constant.map_or(text, |c| c.name.to_owned());
        }
        _ => {
            if let Ok(spec) = Spec::parse(btf, relo.type_id, access) {
                text.push_str(&spec.path());
            }
        }
    }
    text
}

/// Numbers in the object's own types and in the target's.
#[derive(Clone, Copy, Debug)]
struct Answer {
    old: Found,
    new: Option<Found>,
    size_matters: bool,
}

impl Answer {
    fn find(relo: &CoreRelo, btf: &Btf, target: Option<&Btf>, budget: &mut usize) -> Result<Answer, String> {
        let kind = ReloKind::new(relo.kind).ok_or_else(|| format!("is of unknown kind {}", relo.kind))?;
        Answer::of(btf, relo.type_id, btf.string(relo.access), kind, target, budget)
    }

    fn of(
        btf: &Btf,
        root: TypeId,
        access: &str,
        kind: ReloKind,
        target: Option<&Btf>,
        budget: &mut usize,
    ) -> Result<Answer, String> {
        let local = Local::new(btf, root, access, kind)?;
        let old = local.value(kind)?;
        let Some(target) = target.filter(|_| kind != ReloKind::TypeIdLocal) else {
            return Ok(Answer { old, new: Some(old), size_matters: false });
        };
        let root = btf.ty(root).ok_or("has an unknown type")?;
        let mut new: Option<(Found, TypeId)> = None;
        for candidate in candidates(root, target) {
            let Some(found) = local.value_in(kind, target, candidate, budget)? else { continue };
            match new {
                Some((first, id)) if first.value != found.value && kind != ReloKind::TypeIdTarget => {
                    return Err(format!(
                        "is ambiguous: {} by type {id} of the target, {} by type {}",
                        first.value,
                        found.value,
                        candidate.id()
                    ));
                }
                Some(_) => {}
                None => new = Some((found, candidate.id())),
            }
        }
        if *budget == 0 {
            return Err("cannot be looked up: the types are too large".to_owned());
        }
        let missing = kind.asks().then_some(Found { value: 0, access: None, exact: true });
        let new = new.map(|(found, _)| found).or(missing);
        let size_matters = match (old.access, new.and_then(|n| n.access)) {
            (Some(old), Some(new)) => old.0 != new.0 && !resizable(btf, old.1, target, new.1),
            _ => false,
        };
        Ok(Answer { old, new, size_matters })
    }
}

/// Types of the target with the name, flavours aside, and kind of a local type.
fn candidates<'t>(root: Type<'_>, target: &'t Btf) -> Vec<Type<'t>> {
    let name = super::btf::essential_name(root.name());
    if name.is_empty() {
        return Vec::new();
    }
    let fits = |t: &Type<'_>| t.kind() == root.kind() || (t.is_enum() && root.is_enum());
    target.by_essential_name(name).filter(fits).take(MAX_CANDIDATES).collect()
}

const MAX_CANDIDATES: usize = 64;
/// Types and names that are looked at for all relocations of an object together, at most.
const MAX_LOOKS: usize = 20_000_000;

/// An access of another size reads the same value when both are pointers (8 bytes in BPF, 4 on a 32-bit
/// kernel) or unsigned integers.
fn resizable(btf: &Btf, old: TypeId, target: &Btf, new: TypeId) -> bool {
    let (Some(old), Some(new)) = (btf.resolve(old), target.resolve(new)) else { return false };
    match (old.kind(), new.kind()) {
        (Kind::Ptr, Kind::Ptr) => true,
        (Kind::Int, Kind::Int) => !old.is_signed() && !new.is_signed(),
        _ => false,
    }
}

/// What a relocation means in the object's own types.
struct Local<'a> {
    btf: &'a Btf,
    root: TypeId,
    access: Access<'a>,
}

enum Access<'a> {
    Type,
    Enumerator { name: &'a str, value: u64 },
    Field(Spec<'a>),
}

impl<'a> Local<'a> {
    fn new(btf: &'a Btf, root: TypeId, access: &str, kind: ReloKind) -> Result<Local<'a>, String> {
        let access = if kind.is_type() {
            Access::Type
        } else if kind.is_enum() {
            let t = btf.resolve(root).filter(|t| t.is_enum()).ok_or("is not of an enumeration")?;
            let index: usize = access.parse().map_err(|_| format!("has the malformed access `{access}`"))?;
            let constant = t.enumerators().nth(index).ok_or_else(|| format!("has no constant {index}"))?;
            Access::Enumerator { name: constant.name, value: constant.value }
        } else {
            Access::Field(Spec::parse(btf, root, access).map_err(|e| e.to_string())?)
        };
        Ok(Local { btf, root, access })
    }

    fn value(&self, kind: ReloKind) -> Result<Found, String> {
        match &self.access {
            Access::Type => type_value(kind, self.btf, self.root).ok_or_else(|| "has a type without a size".to_owned()),
            Access::Enumerator { value, .. } => Ok(plain(if kind == ReloKind::EnumExists { 1 } else { *value })),
            Access::Field(spec) => field_value(kind, self.btf, spec).map_err(|e| e.to_string()),
        }
    }

    /// The number by a candidate of the target, `None` when the candidate does not have it.
    fn value_in(
        &self,
        kind: ReloKind,
        target: &Btf,
        candidate: Type<'_>,
        budget: &mut usize,
    ) -> Result<Option<Found>, String> {
        *budget = budget.saturating_sub(1);
        match &self.access {
            Access::Type => {
                let fits = if kind == ReloKind::TypeMatches {
                    types_match(self.btf, self.root, target, candidate.id(), budget)
                } else {
                    types_compatible(self.btf, self.root, target, candidate.id(), budget)
                };
                if !fits {
                    return Ok(None);
                }
                Ok(type_value(kind, target, candidate.id()))
            }
            Access::Enumerator { name, .. } => {
                let value = match_enumerator(name, target, candidate.id(), budget);
                Ok(value.map(|v| plain(if kind == ReloKind::EnumExists { 1 } else { v })))
            }
            Access::Field(spec) => match match_field(self.btf, spec, target, candidate.id(), budget) {
                Some(found) => field_value(kind, target, &found).map(Some).map_err(|e| e.to_string()),
                None => Ok(None),
            },
        }
    }
}

fn plain(value: u64) -> Found {
    Found { value, access: None, exact: true }
}

fn type_value(kind: ReloKind, btf: &Btf, id: TypeId) -> Option<Found> {
    match kind {
        ReloKind::TypeIdLocal => Some(plain(u64::from(id))),
        // Compilers write the local number, but libbpf does not insist on it.
        ReloKind::TypeIdTarget => Some(Found { exact: false, ..plain(u64::from(id)) }),
        ReloKind::TypeExists | ReloKind::TypeMatches => Some(plain(1)),
        _ => btf.size_of(id).map(|size| plain(u64::from(size))),
    }
}

/// The number that a relocation of a field asks for.
fn field_value(kind: ReloKind, btf: &Btf, spec: &Spec<'_>) -> Result<Found, SpecError> {
    if kind == ReloKind::FieldExists {
        return Ok(plain(1));
    }
    let Some(member) = spec.member else {
        // The last step is an array's element, or the whole object.
        let size = btf.size_of(spec.type_id).ok_or(SpecError::NoSize)?;
        return match kind {
            ReloKind::FieldOffset => {
                let value = u64::from(spec.bit_offset / 8);
                Ok(Found { value, access: Some((size, spec.type_id)), exact: true })
            }
            ReloKind::FieldSize => Ok(plain(u64::from(size))),
            _ => Err(SpecError::NotAMember),
        };
    };
    let t = btf.resolve(member.type_id).ok_or(SpecError::UnknownType)?;
    let bit_field = member.bit_size > 0;
    let storage = if bit_field { t.size() } else { btf.size_of(member.type_id).ok_or(SpecError::NoSize)? };
    let (bytes, offset) = if bit_field {
        storage_of_bits(storage, spec.bit_offset, member.bit_size)?
    } else {
        (storage, spec.bit_offset / 8)
    };
    let bits = if bit_field { u64::from(member.bit_size) } else { u64::from(bytes) * 8 };
    let value = match kind {
        ReloKind::FieldOffset => u64::from(offset),
        ReloKind::FieldSize => u64::from(bytes),
        ReloKind::FieldSigned => u64::from(t.is_enum() || t.is_signed()),
        ReloKind::FieldLshift => {
            let start = u64::from(spec.bit_offset) - u64::from(offset) * 8;
            64u64.checked_sub(start + bits).ok_or(SpecError::TooWide)?
        }
        _ => 64u64.checked_sub(bits).ok_or(SpecError::TooWide)?,
    };
    let access = (kind == ReloKind::FieldOffset && !bit_field).then_some((bytes, member.type_id));
    Ok(Found { value, access, exact: !bit_field })
}

/// The aligned piece of memory, in bytes, that holds a bit field: its size and offset.
fn storage_of_bits(size: u32, bit_offset: u32, bits: u32) -> Result<(u32, u32), SpecError> {
    let mut size = if size.is_power_of_two() && size <= 8 { size } else { return Err(SpecError::NoSize) };
    loop {
        let offset = bit_offset / 8 / size * size;
        if u64::from(bit_offset) + u64::from(bits) <= (u64::from(offset) + u64::from(size)) * 8 {
            return Ok((size, offset));
        }
        if size >= 8 {
            return Err(SpecError::TooWide);
        }
        size *= 2;
    }
}

const CLASS: u8 = 7;
const LD: u8 = 0;
const LDX: u8 = 1;
const ST: u8 = 2;
const STX: u8 = 3;
const ALU: u8 = 4;
const ALU64: u8 = 7;
const LD_IMM64: u8 = 0x18;

impl Patch {
    /// Writes the number into the instruction at `at`. A note says when there is none.
    pub fn apply(&self, insns: &mut [RawInsn], at: usize) -> Result<Option<String>, String> {
        let Some(new) = self.new else { return Ok(Some(self.poison(insns, at))) };
        let insn = insns.get(at).copied().ok_or("lies outside the function")?;
        let exact = self.old.exact && new.exact;
        match insn.opcode & CLASS {
            ALU | ALU64 => {
                if insn.opcode & 8 != 0 {
                    return Err("fits no operation on a register".to_owned());
                }
                let old = i64::from(insn.imm) as u64;
                if exact && old as u32 != self.old.value as u32 {
                    return Err(format!("the instruction holds {} instead of {}", insn.imm, self.old.value));
                }
                insns[at].imm = new.value as u32 as i32;
            }
            LDX | ST | STX => {
                if exact && i64::from(insn.off) as u64 != self.old.value {
                    return Err(format!("the instruction holds {} instead of {}", insn.off, self.old.value));
                }
                if self.size_matters {
                    return Ok(Some(self.poison(insns, at)));
                }
                insns[at].off = i16::try_from(new.value).map_err(|_| format!("offset {} is too large", new.value))?;
                if let (Some((old, _)), Some((size, _))) = (self.old.access, new.access) {
                    insns[at].opcode = resize(insn.opcode, old, size)?;
                }
            }
            LD if insn.opcode == LD_IMM64 && at + 1 < insns.len() => {
                let old = u64::from(insns[at + 1].imm as u32) << 32 | u64::from(insn.imm as u32);
                if exact && old != self.old.value {
                    return Err(format!("the instruction holds {old} instead of {}", self.old.value));
                }
                insns[at].imm = new.value as u32 as i32;
                insns[at + 1].imm = (new.value >> 32) as u32 as i32;
            }
            _ => return Err(format!("does not fit the opcode {:#04x}", insn.opcode)),
        }
        Ok(None)
    }

    /// Puts the call that no kernel knows in place of the instruction.
    fn poison(&self, insns: &mut [RawInsn], at: usize) -> String {
        let slots = if insns.get(at).is_some_and(|i| i.opcode == LD_IMM64) { 2 } else { 1 };
        for insn in insns.iter_mut().skip(at).take(slots) {
            *insn = RawInsn { opcode: 0x85, imm: POISON, ..RawInsn::default() };
        }
        format!("{}: the target has no {}: a run that gets there fails (invalid func {POISON})", self.place, self.spec)
    }
}

/// The opcode of a memory access with another size.
fn resize(opcode: u8, old: u32, new: u32) -> Result<u8, String> {
    const SIZES: [(u8, u32); 4] = [(0x10, 1), (0x08, 2), (0x00, 4), (0x18, 8)];
    if old == new {
        return Ok(opcode);
    }
    let is = SIZES.iter().find(|(code, _)| *code == opcode & 0x18).map_or(0, |s| s.1);
    if is != old {
        return Err(format!("the instruction accesses {is} bytes of a field of {old}"));
    }
    let code = SIZES.iter().find(|(_, size)| *size == new);
    code.map(|(code, _)| opcode & !0x18 | code).ok_or_else(|| format!("no access of {new} bytes exists"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::btf::BtfBuilder;

    /// `struct s { char pad[pad]; int a; union { struct { int b; }; }; unsigned bits : 5 at bit 3 of the last word; }`
    fn types(pad: u32, flavour: &str, wide: bool) -> Btf {
        let mut build = BtfBuilder::new();
        let byte = build.int("char", 1, true);
        let int = build.int("int", 4, true);
        let unsigned = build.int(if wide { "unsigned long" } else { "unsigned" }, if wide { 8 } else { 4 }, false);
        let padding = build.array(byte, int, pad);
        let names = ["pad", "a", "b", "bits", ""].map(|n| build.string(n));
        let inner = build.add(Kind::Struct, "", 1, false, 4, &[names[2], int, 0]);
        let union = build.add(Kind::Union, "", 1, false, 4, &[names[4], inner, 0]);
        let bits = pad * 8;
        let size = pad + 12 + if wide { 4 } else { 0 };
        let members = [
            [names[0], padding, 0],
            [names[1], int, bits],
            [names[4], union, bits + 32],
            [names[3], unsigned, (5 << 24) | (bits + 64 + 3)],
        ];
        build.add(Kind::Struct, &format!("s{flavour}"), 4, true, size, members.as_flattened());
        let constant = build.string("ONE");
        build.add(Kind::Enum, "e", 1, false, 4, &[constant, pad]);
        Btf::parse(&build.finish()).unwrap_or_else(|e| panic!("{e}"))
    }

    fn answer(local: &Btf, target: &Btf, name: &str, access: &str, kind: u32) -> Result<Answer, String> {
        let root = local.types().find(|t| t.name() == name).expect("a local type").id();
        let kind = ReloKind::new(kind).expect("a kind");
        Answer::of(local, root, access, kind, Some(target), &mut { MAX_LOOKS })
    }

    #[test]
    fn fields_are_found_where_the_target_has_them() {
        let (local, target) = (types(4, "___mine", false), types(8, "", false));
        let cases = [
            ("offset of a", "0:1", 0, 4, 8),
            ("offset of b, in two anonymous types", "0:2:0:0", 0, 8, 12),
            ("element 3 of pad", "0:0:3", 0, 3, 3),
            ("the second struct", "1", 0, 16, 20),
            ("size of a", "0:1", 1, 4, 4),
            ("existence of a", "0:1", 2, 1, 1),
            ("sign of a", "0:1", 3, 1, 1),
            ("sign of bits", "0:3", 3, 0, 0),
            ("offset of bits", "0:3", 0, 12, 16),
            ("left shift of bits", "0:3", 4, 64 - 8, 64 - 8),
            ("right shift of bits", "0:3", 5, 59, 59),
        ];
        for (what, access, kind, old, new) in cases {
            let found = answer(&local, &target, "s___mine", access, kind).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!((found.old.value, found.new.map(|n| n.value)), (old, Some(new)), "{what}");
        }
        let missing = answer(&local, &target, "s___mine", "0:0:7", 0);
        assert!(missing.is_err(), "an element outside the array: {missing:?}");
    }

    #[test]
    fn types_and_constants_are_found_by_name() {
        let (local, target) = (types(4, "", false), types(8, "___other", false));
        let cases = [("s", "0", 8, Some(1)), ("s", "0", 9, Some(20)), ("e", "0", 10, Some(1)), ("e", "0", 11, Some(8))];
        for (name, access, kind, wanted) in cases {
            let found = answer(&local, &target, name, access, kind).unwrap_or_else(|e| panic!("{name} {kind}: {e}"));
            assert_eq!(found.new.map(|n| n.value), wanted, "{name} {kind}");
        }
        let empty = Btf::parse(&BtfBuilder::new().finish()).unwrap_or_else(|e| panic!("{e}"));
        let cases = [("s", "0", 8, Some(0)), ("s", "0", 9, None), ("s", "0:1", 2, Some(0)), ("s", "0:1", 0, None)];
        for (name, access, kind, wanted) in cases {
            let found = answer(&local, &empty, name, access, kind).unwrap_or_else(|e| panic!("{name} {kind}: {e}"));
            assert_eq!(found.new.map(|n| n.value), wanted, "missing {name} {kind}");
        }
    }

    #[test]
    fn accesses_change_their_size_only_when_the_value_stays() {
        let sized = |bytes, value| Found { value, access: Some((bytes, 1)), exact: true };
        let patch = |new: Option<Found>, size_matters| Patch {
            spec: "s.a".to_owned(),
            place: "here".to_owned(),
            old: sized(4, 8),
            new,
            size_matters,
        };
        let load = RawInsn { opcode: 0x61, dst: 1, src: 2, off: 8, imm: 0 };
        let after = |patch: Patch, insn: RawInsn| {
            let mut insns = [insn];
            patch.apply(&mut insns, 0).map(|note| (insns[0], note.is_some()))
        };
        let wider = after(patch(Some(sized(8, 24)), false), load);
        assert_eq!(wider, Ok((RawInsn { opcode: 0x79, off: 24, ..load }, false)));
        let poisoned = RawInsn { opcode: 0x85, imm: POISON, ..RawInsn::default() };
        assert_eq!(after(patch(Some(sized(8, 24)), true), load), Ok((poisoned, true)));
        assert_eq!(after(patch(None, false), load), Ok((poisoned, true)));
        assert!(after(patch(Some(sized(4, 40000)), false), load).is_err(), "an offset that does not fit");
        assert!(after(patch(Some(sized(4, 8)), false), RawInsn { off: 9, ..load }).is_err(), "another offset before");
        assert!(
            after(patch(Some(sized(4, 8)), false), RawInsn { opcode: 0x95, ..load }).is_err(),
            "no such instruction"
        );
    }

    #[test]
    fn bit_fields_are_held_by_the_smallest_aligned_piece() {
        let cases = [
            ((4, 67, 5), Ok((4, 8))),
            ((1, 7, 2), Ok((2, 0))),
            ((1, 14, 4), Ok((4, 0))),
            ((4, 30, 4), Ok((8, 0))),
            ((8, 60, 8), Err(SpecError::TooWide)),
            ((3, 0, 1), Err(SpecError::NoSize)),
        ];
        for ((size, offset, bits), wanted) in cases {
            assert_eq!(storage_of_bits(size, offset, bits), wanted, "{bits} bits at {offset} of {size} bytes");
        }
    }
}
