//! `bpf_snprintf_btf`: memory as text, by the kernel's types.
//!
//! A value is `(type)value`, a member `.name = (type)value,` on a line of its own, indented by its depth; structures are in
//! braces and arrays in brackets, whose elements have no type, as that stands before the bracket. What is zero is left out,
//! and so is what has nothing but zeroes in it, but not the value itself. Of an array of bytes there comes what is before the
//! first zero. Pointers are printed as they are, where a kernel hashes them unless told not to.

use super::super::call::Call;
use super::{Ret, errno, probe};
use crate::kernel::Errno;
use crate::object::{Btf, Kind, Member, Type, TypeId};

/// On one line (`BTF_F_COMPACT`).
const COMPACT: u64 = 1;
/// Without names and types (`BTF_F_NONAME`).
const NO_NAMES: u64 = 1 << 1;
/// Pointers as they are (`BTF_F_PTR_RAW`), as they always are here.
const RAW_POINTERS: u64 = 1 << 2;
/// Zeroes too (`BTF_F_ZERO`).
const ZEROES: u64 = 1 << 3;

/// Bytes of `struct btf_ptr`.
const POINTER: u64 = 16;
/// Values that are one within the other, at most.
const MAX_DEPTH: usize = 32;
/// Types that are only other names of one, at most.
const MAX_ALIASES: usize = 16;
/// Values and bytes of arrays that are looked at, at most: types of a hostile object can be without end.
const MAX_STEPS: u32 = 1 << 18;

/// Returns the bytes of the whole text, its end not among them; what fits is written, and always ends.
pub(super) fn snprintf_btf(call: &mut Call<'_>, [to, size, pointer, pointer_size, flags]: [u64; 5]) -> Ret {
    let size = size as u32 as usize;
    if flags & !(COMPACT | NO_NAMES | RAW_POINTERS | ZEROES) != 0 || pointer_size as u32 as u64 != POINTER {
        return errno(Errno::Einval);
    }
    let words = call.copy(pointer, POINTER as u32)?;
    let (low, high) = words.split_at(8);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let (at, type_id) = (word(low), word(&high[..4]) as u32);
    if type_id == 0 {
        return errno(Errno::Einval);
    }
    let structures = call.env.structures.clone();
    let known =
        structures.as_deref().filter(|known| i32::try_from(type_id).is_ok() && known.btf().ty(type_id).is_some());
    let Some(structures) = known else { return errno(Errno::Enoent) };
    let mut text = Text { call, btf: structures.btf(), flags, out: String::new(), steps: MAX_STEPS };
    let shown = text.value(type_id, at, Place { depth: 0, member: "", element: false });
    let out = text.out;
    let bytes = if shown.is_ok() { latin1(&out) } else { Vec::new() };
    let len = bytes.len() as u64;
    if let Some(room) = size.checked_sub(1) {
        let mut fitting = bytes;
        fitting.truncate(room);
        fitting.push(0);
        call.write(to, &fitting)?;
    }
    match shown {
        Ok(_) => Ok(len),
        Err(e) => errno(e),
    }
}

/// Characters are bytes.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u32 as u8).collect()
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    /// The member's name; empty for one without, and for what is no member.
    member: &'a str,
    /// Whether it is an array's element.
    element: bool,
}

/// A text in the making.
struct Text<'a, 'c> {
    call: &'a mut Call<'c>,
    btf: &'a Btf,
    flags: u64,
    out: String,
    /// How many more steps there may be.
    steps: u32,
}

impl Text<'_, '_> {
    fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    /// Puts a value's text to the end; whether there was anything to show.
    fn value(&mut self, id: TypeId, at: u64, place: Place<'_>) -> Result<bool, Errno> {
        self.step()?;
        let Some(ty) = self.btf.resolve(id).filter(|_| place.depth < MAX_DEPTH) else { return Ok(false) };
        match ty.kind() {
            Kind::Struct | Kind::Union => self.composite(ty, id, at, place),
            Kind::Array => self.array(ty, id, at, place),
            _ => match self.scalar(ty, at, place)? {
                Some(value) => {
                    self.line(id, place, &value);
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    /// Counts a step.
    fn step(&mut self) -> Result<(), Errno> {
        self.steps = self.steps.checked_sub(1).ok_or(Errno::E2big)?;
        Ok(())
    }

    /// A line of its own.
    fn line(&mut self, id: TypeId, place: Place<'_>, value: &str) {
        self.indent(place.depth);
        let name = self.name(id, place);
        self.out += &name;
        self.out += value;
        self.end(place.depth);
    }

    fn indent(&mut self, depth: usize) {
        if !self.has(COMPACT) {
            self.out.extend(std::iter::repeat_n(' ', depth));
        }
    }

    fn end(&mut self, depth: usize) {
        if depth > 0 {
            self.out.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if !self.has(COMPACT) {
            self.out.push('\n');
        }
    }

    /// What stands before a value: `.next = (struct list_head *)`.
    fn name(&self, id: TypeId, Place { member, element, .. }: Place<'_>) -> String {
        if element || self.has(NO_NAMES) {
            return String::new();
        }
        let (mut id, mut name, mut stars, mut brackets, mut prefix) = (id, "", String::new(), String::new(), "");
        for _ in 0..MAX_ALIASES {
            let Some(ty) = self.btf.ty(id) else { break };
            match ty.kind() {
                Kind::Typedef if name.is_empty() => name = ty.name(),
                Kind::Ptr => stars.push('*'),
                Kind::Array => brackets += "[]",
                _ => {}
            }
            id = match ty.kind() {
                Kind::Array => ty.array().map_or(0, |array| array.element),
                Kind::Ptr => ty.target(),
                _ if ty.is_alias() => ty.target(),
                kind => {
                    if name.is_empty() {
                        prefix = match kind {
                            Kind::Struct => "struct",
                            Kind::Union => "union",
                            Kind::Enum | Kind::Enum64 => "enum",
                            _ => "",
                        };
                        // A function has a type of its own, and no name.
                        name = ty.name();
                    }
                    break;
                }
            };
        }
        let member = if member.is_empty() { String::new() } else { format!(".{member} = ") };
        let gap = if prefix.is_empty() || name.is_empty() { "" } else { " " };
        let stars = if stars.is_empty() { stars } else { format!(" {stars}") };
        format!("{member}({prefix}{gap}{name}{stars}{brackets})")
    }

    fn composite(&mut self, ty: Type<'_>, id: TypeId, at: u64, place: Place<'_>) -> Result<bool, Errno> {
        self.within(id, place, ['{', '}'], |text| {
            let mut any = false;
            for member in ty.members() {
                any |= text.member(&member, at, place.depth + 1)?;
            }
            Ok(any)
        })
    }

    /// What is within braces or brackets, which are not there if nothing is.
    fn within(
        &mut self,
        id: TypeId,
        place: Place<'_>,
        [open, close]: [char; 2],
        inside: impl FnOnce(&mut Self) -> Result<bool, Errno>,
    ) -> Result<bool, Errno> {
        let start = self.out.len();
        self.indent(place.depth);
        let name = self.name(id, place);
        self.out += &name;
        self.out.push(open);
        self.new_line();
        let any = inside(self)?;
        if !any && place.depth > 0 && !self.has(ZEROES) {
            self.out.truncate(start);
            return Ok(false);
        }
        self.indent(place.depth);
        self.out.push(close);
        self.end(place.depth);
        Ok(true)
    }

    fn member(&mut self, member: &Member<'_>, at: u64, depth: usize) -> Result<bool, Errno> {
        let place = Place { depth, member: member.name, element: false };
        let byte = at.wrapping_add(u64::from(member.bit_offset / 8));
        if member.bit_size == 0 {
            return self.value(member.type_id, byte, place);
        }
        let shift = member.bit_offset % 8;
        let bytes = self.read(byte, (shift + member.bit_size).div_ceil(8))?;
        let whole = bytes.iter().rev().fold(0u128, |value, byte| value << 8 | u128::from(*byte));
        let value = whole >> shift & u128::MAX >> (128 - member.bit_size.min(128));
        if value == 0 && !self.has(ZEROES) {
            return Ok(false);
        }
        self.line(member.type_id, place, &format!("{value:#x}"));
        Ok(true)
    }

    fn array(&mut self, ty: Type<'_>, id: TypeId, at: u64, place: Place<'_>) -> Result<bool, Errno> {
        let (Some(array), btf) = (ty.array(), self.btf) else { return Ok(false) };
        let size = u64::from(btf.size_of(array.element).unwrap_or(0));
        let of_bytes = size == 1 && btf.resolve(array.element).is_some_and(|element| element.kind() == Kind::Int);
        let place_of_element = Place { depth: place.depth + 1, member: "", element: true };
        self.within(id, place, ['[', ']'], |text| {
            let mut any = false;
            for index in 0..u64::from(array.count) {
                let at = at.wrapping_add(index * size);
                if !of_bytes {
                    any |= text.value(array.element, at, place_of_element)?;
                    continue;
                }
                text.step()?;
                let byte = text.read(at, 1)?[0];
                if byte == 0 {
                    break;
                }
                any = true;
                match is_print(byte) {
                    true => text.line(array.element, place_of_element, &format!("'{}'", char::from(byte))),
                    false => {
                        any |= text.value(array.element, at, place_of_element)?;
                    }
                }
            }
            Ok(any)
        })
    }

    /// A value that is no structure; `None` for a zero that is left out, and for what cannot be printed.
    fn scalar(&mut self, ty: Type<'_>, at: u64, place: Place<'_>) -> Result<Option<String>, Errno> {
        let size = match ty.kind() {
            Kind::Ptr => 8,
            Kind::Int | Kind::Enum | Kind::Enum64 => ty.size().min(16),
            _ => return Ok(None),
        };
        if size == 0 {
            return Ok(None);
        }
        let bytes = self.read(at, size)?;
        let value = bytes.iter().rev().fold(0u128, |value, byte| value << 8 | u128::from(*byte));
        let unused = 128 - 8 * size;
        let signed = ((value << unused) as i128) >> unused;
        let number = if ty.is_signed() { signed.to_string() } else { value.to_string() };
        let text = match ty.kind() {
            Kind::Ptr => format!("0x{value:016x}"),
            Kind::Int if size == 16 => format!("{value:#x}"),
            // A name is shown even where it is that of zero.
            Kind::Enum | Kind::Enum64 => {
                match ty.enumerators().find(|e| e.value == signed as u64 || u128::from(e.value) == value) {
                    Some(named) => return Ok(Some(named.name.to_owned())),
                    None => number,
                }
            }
            _ => number,
        };
        Ok((value != 0 || place.depth == 0 || self.has(ZEROES)).then_some(text))
    }

    fn read(&mut self, at: u64, len: u32) -> Result<Vec<u8>, Errno> {
        probe::bytes(self.call, at, len)
    }
}

/// Whether the kernel takes a byte for one that can be printed: its table is that of Latin 1.
fn is_print(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | 0xa0..=0xff)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lab::{Compiled, Source};
    use crate::net::SkBuff;
    use crate::object::LoadOptions;
    use crate::vm::{Config, Machine, NoObserver, ProgId, Structures};

    /// A structure that has two of itself.
    fn endless() -> Btf {
        let types: [u32; 9] = [1, 4 << 24 | 2, 8, 3, 1, 0, 3, 1, 0];
        let mut bytes = vec![0x9f, 0xeb, 1, 0];
        for word in [24, 0, 36, 36, 5].iter().chain(&types) {
            bytes.extend(u32::to_le_bytes(*word));
        }
        bytes.extend(b"\0a\0b\0");
        Btf::parse(&bytes).unwrap()
    }

    #[test]
    fn types_without_end_come_to_one() {
        let text = ".license \"GPL\"\n.section tc\n*(u64 *)(r10 - 16) = 0\n*(u64 *)(r10 - 8) = 1\nr1 = r10\nr1 += -16\n\
                    *(u64 *)(r10 - 16) = r1\nr3 = r1\nr1 += -64\nr2 = 64\nr4 = 16\nr5 = 0\ncall bpf_snprintf_btf\nexit";
        let compiled = Compiled::new(&Source::Asm(text.into()), "x.s", &LoadOptions::default()).unwrap();
        let mut machine = Machine::new(&compiled.loaded.programs, &[], Config::default()).unwrap();
        machine.env.structures = Some(Arc::new(Structures::new(Arc::new(endless()))));
        let outcome = machine.run(ProgId(0), &mut SkBuff::default(), &mut NoObserver);
        assert_eq!((outcome.ret, outcome.fault), (Errno::E2big.ret(), None));
    }
}
