//! BTF in: the header, the two sections, and one walk over the records.

use super::types::word;
use super::{Btf, Kind};
use crate::object::ObjectError;

const MAGIC: u16 = 0xeb9f;
/// Bytes of the header's fields that are read.
const HEADER: usize = 24;
/// Bytes before a record's kind-specific part.
const RECORD: usize = 12;
/// Bytes of BTF at most: distribution kernels have about six million.
const MAX_BTF: usize = 256 << 20;

impl Btf {
    /// Reads BTF as the section `.BTF` and `/sys/kernel/btf/vmlinux` hold it.
    ///
    /// # Errors
    /// [`ObjectError::Btf`] with the byte offset when a header or a record does not fit, when a kind is
    /// unknown (kinds up to Linux 6.18 are known) or a name lies outside the strings.
    pub fn parse(bytes: &[u8]) -> Result<Btf, ObjectError> {
        let [types, strings] = sections(bytes)?;
        let types_start = types.start;
        let mut btf = Btf { types: bytes[types].to_vec(), strings: bytes[strings].to_vec(), ..Btf::default() };
        btf.index(types_start)?;
        Ok(btf)
    }

    /// Finds where each record starts; `base` is where the records start in the input, for messages.
    fn index(&mut self, base: usize) -> Result<(), ObjectError> {
        let mut at = 0;
        while at < self.types.len() {
            let wrong = |what: String| error(base + at, what);
            let rest = &self.types[at..];
            if rest.len() < RECORD {
                return Err(wrong("the last type is cut off".to_owned()));
            }
            let info = word(rest, 4);
            let number = info >> 24 & 0x1f;
            let kind = Kind::new(number)
                .filter(|&k| k != Kind::Void)
                .ok_or_else(|| wrong(format!("type {} is of unknown kind {number}", self.starts.len() + 1)))?;
            if word(rest, 0) as usize >= self.strings.len() {
                return Err(wrong(format!("the name of type {} is outside the strings", self.starts.len() + 1)));
            }
            let (fixed, each) = kind.tail();
            let size = RECORD + fixed + each * (info & 0xffff) as usize;
            if rest.len() < size {
                return Err(wrong(format!("type {} is cut off", self.starts.len() + 1)));
            }
            self.starts.push(at as u32);
            at += size;
        }
        Ok(())
    }
}

fn error(offset: usize, what: impl Into<String>) -> ObjectError {
    ObjectError::Btf { section: ".BTF", offset, what: what.into() }
}

/// Where types and strings are.
fn sections(bytes: &[u8]) -> Result<[std::ops::Range<usize>; 2], ObjectError> {
    if bytes.len() > MAX_BTF {
        return Err(error(MAX_BTF, format!("more than {MAX_BTF} bytes")));
    }
    if bytes.len() < HEADER {
        return Err(error(bytes.len(), "the header is cut off"));
    }
    let magic = u16::from_le_bytes([bytes[0], bytes[1]]);
    if magic == MAGIC.swap_bytes() {
        return Err(error(0, "big-endian"));
    }
    if magic != MAGIC {
        return Err(error(0, format!("the magic number is {magic:#06x} instead of {MAGIC:#06x}")));
    }
    if bytes[2] != 1 {
        return Err(error(2, format!("version {} instead of 1", bytes[2])));
    }
    let header = word(bytes, 4) as usize;
    if header < HEADER || header > bytes.len() {
        return Err(error(4, format!("a header of {header} bytes")));
    }
    let part = |at: usize, name: &str| {
        let (offset, len) = (word(bytes, at) as usize, word(bytes, at + 4) as usize);
        let start = header.saturating_add(offset);
        let end = start.saturating_add(len);
        if end > bytes.len() {
            return Err(error(at, format!("the {name} reach to byte {end} of {}", bytes.len())));
        }
        Ok(start..end)
    };
    let (types, strings) = (part(8, "types")?, part(16, "strings")?);
    let text = &bytes[strings.clone()];
    if text.first() != Some(&0) || text.last() != Some(&0) {
        return Err(error(strings.start, "the strings do not start and end with a zero byte"));
    }
    Ok([types, strings])
}
