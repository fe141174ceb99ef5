//! BTF out: types and strings appended one by one.

use std::collections::HashMap;

use super::{Kind, TypeId};

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
