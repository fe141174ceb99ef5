//! `.BTF.ext`: which function and source line each instruction belongs to, and the CO-RE relocations
//! (kernel document `bpf/btf.rst`, section 4).
//!
//! Records are grouped by the code section that they talk about; offsets are bytes in that section.

use super::ObjectError;
use super::btf::Btf;

/// What `.BTF.ext` says, section by section.
#[derive(Clone, Debug, Default)]
pub(crate) struct BtfExt {
    pub funcs: Vec<InSection<FuncInfo>>,
    pub lines: Vec<InSection<LineInfo>>,
    pub relos: Vec<InSection<CoreRelo>>,
}

/// Records about one code section, in order of their offset.
#[derive(Clone, Debug)]
pub(crate) struct InSection<T> {
    pub section: String,
    pub records: Vec<T>,
}

/// The function that starts at an instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FuncInfo {
    pub offset: u32,
    pub type_id: u32,
}

/// The source line that starts at an instruction; names are offsets into the BTF strings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineInfo {
    pub offset: u32,
    pub file: u32,
    pub text: u32,
    /// Line above, column in the ten lowest bits.
    pub line_col: u32,
}

/// A CO-RE relocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoreRelo {
    pub offset: u32,
    /// The type, in the object's own BTF.
    pub type_id: u32,
    /// `0:1:2`: which member or enumerator; an offset into the BTF strings.
    pub access: u32,
    /// `enum bpf_core_relo_kind`.
    pub kind: u32,
}

const MAGIC: u16 = 0xeb9f;
/// Bytes of the header without CO-RE relocations, which came later.
const HEADER: usize = 24;
/// Code sections that an object talks about at most, and the length of their names.
const MAX_GROUPS: usize = 4096;
const MAX_SECTION_NAME: usize = 1024;

fn error(offset: usize, what: impl Into<String>) -> ObjectError {
    ObjectError::Btf { section: ".BTF.ext", offset, what: what.into() }
}

/// The word at a byte offset.
fn word(bytes: &[u8], offset: usize) -> Result<u32, ObjectError> {
    match bytes.get(offset..offset.saturating_add(4)) {
        Some(b) => Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        None => Err(error(offset, "cut off")),
    }
}

impl BtfExt {
    /// Reads the section; `btf` has the names of the code sections.
    pub fn parse(bytes: &[u8], btf: &Btf) -> Result<BtfExt, ObjectError> {
        if bytes.len() < HEADER {
            return Err(error(bytes.len(), "the header is cut off"));
        }
        if u16::from_le_bytes([bytes[0], bytes[1]]) != MAGIC {
            return Err(error(0, format!("the magic number is not {MAGIC:#06x}")));
        }
        let header = word(bytes, 4)? as usize;
        if header < HEADER || header > bytes.len() {
            return Err(error(4, format!("a header of {header} bytes")));
        }
        let part = |at: usize| -> Result<(usize, &[u8]), ObjectError> {
            let start = header.saturating_add(word(bytes, at)? as usize);
            let end = start.saturating_add(word(bytes, at + 4)? as usize);
            let part = bytes.get(start..end);
            part.map(|p| (start, p))
                .ok_or_else(|| error(at, format!("a part reaches to byte {end} of {}", bytes.len())))
        };
        let relos = if header >= HEADER + 8 { part(24)? } else { (0, &bytes[..0]) };
        Ok(BtfExt {
            funcs: groups(
                part(8)?,
                btf,
                8,
                |r| Ok(FuncInfo { offset: word(r, 0)?, type_id: word(r, 4)? }),
                |r| r.offset,
            )?,
            lines: groups(part(16)?, btf, 16, read_line, |r| r.offset)?,
            relos: groups(relos, btf, 16, read_relo, |r| r.offset)?,
        })
    }

    /// The records about one section.
    pub fn of<'a, T>(groups: &'a [InSection<T>], section: &str) -> &'a [T] {
        match groups.iter().find(|g| g.section == section) {
            Some(group) => &group.records,
            None => &[],
        }
    }
}

fn read_line(r: &[u8]) -> Result<LineInfo, ObjectError> {
    Ok(LineInfo { offset: word(r, 0)?, file: word(r, 4)?, text: word(r, 8)?, line_col: word(r, 12)? })
}

fn read_relo(r: &[u8]) -> Result<CoreRelo, ObjectError> {
    Ok(CoreRelo { offset: word(r, 0)?, type_id: word(r, 4)?, access: word(r, 8)?, kind: word(r, 12)? })
}

/// Reads a part: the size of a record, then for each code section its name, a count, and the records.
fn groups<T>(
    (base, part): (usize, &[u8]),
    btf: &Btf,
    least: usize,
    read: impl Fn(&[u8]) -> Result<T, ObjectError>,
    offset: impl Fn(&T) -> u32,
) -> Result<Vec<InSection<T>>, ObjectError> {
    let mut groups: Vec<InSection<T>> = Vec::new();
    if part.is_empty() {
        return Ok(groups);
    }
    let size = word(part, 0)? as usize;
    if size < least || size > 4096 {
        return Err(error(base, format!("records of {size} bytes instead of {least}")));
    }
    let mut at = 4;
    while at < part.len() {
        let section = btf.string(word(part, at)?);
        if section.len() > MAX_SECTION_NAME || groups.len() > MAX_GROUPS {
            return Err(error(base + at, "too many code sections, or a name that is too long"));
        }
        let section = section.to_owned();
        let count = word(part, at + 4)? as usize;
        at += 8;
        let bytes = count
            .checked_mul(size)
            .and_then(|len| part.get(at..at.checked_add(len)?))
            .ok_or_else(|| error(base + at, format!("{count} records about section `{section}` do not fit")))?;
        let mut records = bytes.chunks_exact(size).map(&read).collect::<Result<Vec<T>, _>>()?;
        at += bytes.len();
        match groups.iter_mut().find(|g| g.section == section) {
            Some(group) => group.records.append(&mut records),
            None => groups.push(InSection { section, records }),
        }
    }
    for group in &mut groups {
        group.records.sort_by_key(&offset);
    }
    Ok(groups)
}
