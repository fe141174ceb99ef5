//! One type of BTF, decoded when it is asked for.

use super::{Btf, TypeId};

/// A type's kind, with the number that BTF gives it (`BTF_KIND_*`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are BTF's own")]
#[repr(u8)]
pub enum Kind {
    Void = 0,
    Int = 1,
    Ptr = 2,
    Array = 3,
    Struct = 4,
    Union = 5,
    Enum = 6,
    Fwd = 7,
    Typedef = 8,
    Volatile = 9,
    Const = 10,
    Restrict = 11,
    Func = 12,
    FuncProto = 13,
    Var = 14,
    Datasec = 15,
    Float = 16,
    DeclTag = 17,
    TypeTag = 18,
    Enum64 = 19,
}

impl Kind {
    /// The kind of that number.
    pub(super) fn new(number: u32) -> Option<Kind> {
        use Kind::*;
        const KINDS: [Kind; 20] = [
            Void, Int, Ptr, Array, Struct, Union, Enum, Fwd, Typedef, Volatile, Const, Restrict, Func, FuncProto, Var,
            Datasec, Float, DeclTag, TypeTag, Enum64,
        ];
        KINDS.get(number as usize).copied()
    }

    /// Bytes that follow the record's first twelve: fixed ones, and ones for each of `vlen` entries.
    pub(super) fn tail(self) -> (usize, usize) {
        match self {
            Kind::Int | Kind::Var | Kind::DeclTag => (4, 0),
            Kind::Array => (12, 0),
            Kind::Struct | Kind::Union | Kind::Datasec | Kind::Enum64 => (0, 12),
            Kind::Enum | Kind::FuncProto => (0, 8),
            _ => (0, 0),
        }
    }
}

/// A type.
#[derive(Clone, Copy, Debug)]
pub struct Type<'a> {
    btf: Option<&'a Btf>,
    id: TypeId,
    name_off: u32,
    info: u32,
    /// Size in bytes, or the number of another type.
    word: u32,
    tail: &'a [u8],
}

/// A member of a struct or union.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member<'a> {
    /// Name; empty for an anonymous struct or union.
    pub name: &'a str,
    /// Its type.
    pub type_id: TypeId,
    /// Offset in bits.
    pub bit_offset: u32,
    /// Bits of a bit field, else 0.
    pub bit_size: u32,
}

/// A constant of an enumeration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Enumerator<'a> {
    /// Name.
    pub name: &'a str,
    /// Value, sign-extended when the enumeration is signed.
    pub value: u64,
}

/// A parameter of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param<'a> {
    /// Name; may be empty.
    pub name: &'a str,
    /// Its type; 0 for `...`.
    pub type_id: TypeId,
}

/// A variable of a data section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecVar {
    /// The variable: a [`Kind::Var`], or a [`Kind::Func`] among `.ksyms`.
    pub type_id: TypeId,
    /// Offset in bytes; 0 until somebody has linked the object.
    pub offset: u32,
    /// Size in bytes.
    pub size: u32,
}

/// Element type and length of an array.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Array {
    /// Type of an element.
    pub element: TypeId,
    /// Number of elements.
    pub count: u32,
}

/// The little-endian word at a byte offset; 0 beyond the end.
pub(super) fn word(bytes: &[u8], offset: usize) -> u32 {
    match bytes.get(offset..offset + 4) {
        Some(b) => u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        None => 0,
    }
}

impl<'a> Type<'a> {
    /// `void`, type 0 of every BTF.
    pub(super) const VOID: Type<'static> = Type { btf: None, id: 0, name_off: 0, info: 0, word: 0, tail: &[] };

    /// The type whose record starts there; `parse` saw that it is whole.
    pub(super) fn at(btf: &'a Btf, id: TypeId, bytes: &'a [u8]) -> Type<'a> {
        let (name_off, info) = (word(bytes, 0), word(bytes, 4));
        let tail = bytes.get(12..).unwrap_or_default();
        Type { btf: Some(btf), id, name_off, info, word: word(bytes, 8), tail }
    }

    /// Its number.
    pub fn id(&self) -> TypeId {
        self.id
    }

    /// Its name; empty when it has none.
    pub fn name(&self) -> &'a str {
        self.btf.map_or("", |btf| btf.string(self.name_off))
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind::new(self.info >> 24 & 0x1f).unwrap_or(Kind::Void)
    }

    /// Number of members, enumerators, parameters or variables.
    pub fn vlen(&self) -> usize {
        (self.info & 0xffff) as usize
    }

    /// `kind_flag`: a struct with bit fields, a signed enumeration, a forward declared union.
    pub fn flag(&self) -> bool {
        self.info >> 31 != 0
    }

    /// Size in bytes of an integer, struct, union, enumeration, float or data section.
    pub fn size(&self) -> u32 {
        self.word
    }

    /// The type that this one refers to: of a pointer, typedef, qualifier, function, variable or tag;
    /// of a function prototype, what it returns.
    pub fn target(&self) -> TypeId {
        self.word
    }

    /// Whether it is a struct or a union.
    pub fn is_composite(&self) -> bool {
        matches!(self.kind(), Kind::Struct | Kind::Union)
    }

    /// Whether it is an enumeration of either width.
    pub fn is_enum(&self) -> bool {
        matches!(self.kind(), Kind::Enum | Kind::Enum64)
    }

    /// Whether it only renames or qualifies another type.
    pub fn is_alias(&self) -> bool {
        matches!(self.kind(), Kind::Typedef | Kind::Volatile | Kind::Const | Kind::Restrict | Kind::TypeTag)
    }

    /// Of an integer: whether it is signed. Of an enumeration: whether it has negative values.
    pub fn is_signed(&self) -> bool {
        match self.kind() {
            Kind::Int => word(self.tail, 0) >> 24 & 1 != 0,
            Kind::Enum | Kind::Enum64 => self.flag(),
            _ => false,
        }
    }

    /// Of an integer: whether it is a `bool`.
    pub fn is_bool(&self) -> bool {
        self.kind() == Kind::Int && word(self.tail, 0) >> 24 & 4 != 0
    }

    /// Of an integer: how many of its bits are used, and where they start.
    pub fn int_bits(&self) -> (u32, u32) {
        let data = word(self.tail, 0);
        (data & 0xff, data >> 16 & 0xff)
    }

    /// Element and length of an array.
    pub fn array(&self) -> Option<Array> {
        (self.kind() == Kind::Array).then(|| Array { element: word(self.tail, 0), count: word(self.tail, 8) })
    }

    /// Linkage of a function (`vlen`) or a variable: 0 static, 1 global, 2 external.
    pub fn linkage(&self) -> u32 {
        match self.kind() {
            Kind::Func => self.vlen() as u32,
            Kind::Var => word(self.tail, 0),
            _ => 0,
        }
    }

    /// The words that follow the record's first three, as they are; missing ones are 0.
    pub(crate) fn tail_words(&self, count: usize) -> Vec<u32> {
        (0..count).map(|at| word(self.tail, at * 4)).collect()
    }

    fn entries(&self, kinds: &[Kind], size: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let count = if kinds.contains(&self.kind()) { self.vlen() } else { 0 };
        self.tail.chunks_exact(size).take(count)
    }

    /// The member of that index.
    pub fn member(&self, index: usize) -> Option<Member<'a>> {
        // Cut down to the one entry, so that none before it is decoded.
        let entry = self.tail.get(index.checked_mul(12)?..).filter(|_| self.is_composite() && index < self.vlen())?;
        Type { tail: entry, ..*self }.members().next()
    }

    /// Members of a struct or union.
    pub fn members(&self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let (btf, flag) = (self.btf, self.flag());
        self.entries(&[Kind::Struct, Kind::Union], 12).map(move |entry| {
            let offset = word(entry, 8);
            let (bit_offset, bit_size) = if flag { (offset & 0xff_ffff, offset >> 24) } else { (offset, 0) };
            Member { name: btf.map_or("", |b| b.string(word(entry, 0))), type_id: word(entry, 4), bit_offset, bit_size }
        })
    }

    /// Constants of an enumeration.
    pub fn enumerators(&self) -> impl Iterator<Item = Enumerator<'a>> + use<'a> {
        let (btf, signed, wide) = (self.btf, self.flag(), self.kind() == Kind::Enum64);
        self.entries(&[Kind::Enum, Kind::Enum64], if wide { 12 } else { 8 }).map(move |entry| {
            let low = word(entry, 4);
            let value = match (wide, signed) {
                (true, _) => u64::from(word(entry, 8)) << 32 | u64::from(low),
                (false, true) => low as i32 as i64 as u64,
                (false, false) => u64::from(low),
            };
            Enumerator { name: btf.map_or("", |b| b.string(word(entry, 0))), value }
        })
    }

    /// Parameters of a function prototype.
    pub fn params(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let btf = self.btf;
        self.entries(&[Kind::FuncProto], 8)
            .map(move |entry| Param { name: btf.map_or("", |b| b.string(word(entry, 0))), type_id: word(entry, 4) })
    }

    /// Variables of a data section.
    pub fn vars(&self) -> impl Iterator<Item = SecVar> + use<'a> {
        self.entries(&[Kind::Datasec], 12).map(|entry| SecVar {
            type_id: word(entry, 0),
            offset: word(entry, 4),
            size: word(entry, 8),
        })
    }
}
