//! BTF out: types and strings appended one by one.

use std::collections::HashMap;

use super::{Kind, Type, TypeId};

/// BTF under construction.
#[derive(Clone, Debug)]
pub(crate) struct BtfBuilder {
    types: Vec<u8>,
    count: u32,
    strings: Vec<u8>,
    offsets: HashMap<String, u32>,
}

impl BtfBuilder {
    /// No types yet, and the empty string.
    pub fn new() -> BtfBuilder {
        BtfBuilder { types: Vec::new(), count: 0, strings: vec![0], offsets: HashMap::from([(String::new(), 0)]) }
    }

    /// The offset of a string, which is stored once.
    pub fn string(&mut self, text: &str) -> u32 {
        if let Some(&offset) = self.offsets.get(text) {
            return offset;
        }
        // A name with a zero byte would be read back as two.
        let text_bytes = text.split('\0').next().unwrap_or_default().as_bytes();
        let offset = self.strings.len() as u32;
        self.strings.extend_from_slice(text_bytes);
        self.strings.push(0);
        self.offsets.insert(text.to_owned(), offset);
        offset
    }

    /// The number that the next type gets.
    pub fn next_id(&self) -> TypeId {
        self.count + 1
    }

    /// Appends a record: `word` is its size or target, `tail` the words that follow.
    pub fn add(&mut self, kind: Kind, name: &str, vlen: usize, flag: bool, word: u32, tail: &[u32]) -> TypeId {
        let name = self.string(name);
        let info = (kind as u32) << 24 | (vlen as u32 & 0xffff) | u32::from(flag) << 31;
        for value in [name, info, word].iter().chain(tail) {
            self.types.extend_from_slice(&value.to_le_bytes());
        }
        self.count += 1;
        self.count
    }

    /// An integer type.
    pub fn int(&mut self, name: &str, bytes: u32, signed: bool) -> TypeId {
        self.add(Kind::Int, name, 0, false, bytes, &[(u32::from(signed) << 24) | (bytes * 8)])
    }

    /// A pointer.
    pub fn ptr(&mut self, target: TypeId) -> TypeId {
        self.add(Kind::Ptr, "", 0, false, target, &[])
    }

    /// An array.
    pub fn array(&mut self, element: TypeId, index: TypeId, count: u32) -> TypeId {
        self.add(Kind::Array, "", 0, false, 0, &[element, index, count])
    }

    /// Appends a copy of a type of another BTF; `id` gives the new number of each type that it names.
    pub fn copy(&mut self, t: Type<'_>, id: impl Fn(TypeId) -> TypeId) -> TypeId {
        let btf = &mut *self;
        let flag = t.flag();
        let (word, tail): (u32, Vec<u32>) = match t.kind() {
            Kind::Int => (t.size(), t.tail_words(1)),
            Kind::Var | Kind::DeclTag => (id(t.target()), t.tail_words(1)),
            Kind::Array => {
                let words = t.tail_words(3);
                (0, vec![id(words[0]), id(words[1]), words[2]])
            }
            Kind::Struct | Kind::Union => {
                let members =
                    t.members().zip(t.tail_words(3 * t.vlen()).chunks_exact(3).map(|c| c[2]).collect::<Vec<_>>());
                (t.size(), members.flat_map(|(m, offset)| [btf.string(m.name), id(m.type_id), offset]).collect())
            }
            Kind::Enum => (t.size(), t.enumerators().flat_map(|c| [btf.string(c.name), c.value as u32]).collect()),
            Kind::Enum64 => {
                let words = |value: u64| (value as u32, (value >> 32) as u32);
                let constants = t.enumerators().map(|c| (c.name, words(c.value)));
                (t.size(), constants.flat_map(|(name, (low, high))| [btf.string(name), low, high]).collect())
            }
            Kind::FuncProto => (id(t.target()), t.params().flat_map(|p| [btf.string(p.name), id(p.type_id)]).collect()),
            Kind::Fwd | Kind::Float => (t.size(), Vec::new()),
            _ => (id(t.target()), Vec::new()),
        };
        btf.add(t.kind(), t.name(), t.vlen(), flag, word, &tail)
    }

    /// The finished section.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = vec![0x9f, 0xeb, 1, 0];
        let (types, strings) = (self.types.len() as u32, self.strings.len() as u32);
        for value in [24, 0, types, types, strings] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&self.types);
        out.extend_from_slice(&self.strings);
        out
    }
}
