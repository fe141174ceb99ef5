//! BTF types cut down to what shows bytes to a person.

use super::{Btf, Kind, Type, TypeId};
use crate::kernel::{Member, ValueFormat};

/// Nesting that is shown.
pub(crate) const MAX_NESTING: usize = 8;
/// Bytes of a member's name that are shown.
const MAX_NAME: usize = 128;
/// Members that are shown together.
const MAX_MEMBERS: usize = 512;

impl Btf {
    /// How bytes of this type are shown: integers, enumerations and pointers as numbers, structs by member,
    /// arrays by element; what is nested too deep or has no fixed size as bytes.
    pub fn value_format(&self, id: TypeId) -> ValueFormat {
        self.format(id, MAX_NESTING, &mut { MAX_MEMBERS })
    }

    /// As [`Btf::value_format`], with the nesting and the number of members that are left.
    pub(crate) fn format(&self, id: TypeId, depth: usize, budget: &mut usize) -> ValueFormat {
        let (Some(t), Some(depth)) = (self.resolve(id), depth.checked_sub(1)) else {
            return ValueFormat::Bytes;
        };
        match t.kind() {
            Kind::Int | Kind::Enum | Kind::Enum64 => ValueFormat::Int { signed: t.is_signed() },
            Kind::Ptr => ValueFormat::Int { signed: false },
            Kind::Struct | Kind::Union => ValueFormat::Struct(self.format_members(t, depth, budget)),
            Kind::Array => {
                let Some(array) = t.array() else { return ValueFormat::Bytes };
                match self.size_of(array.element) {
                    Some(stride) if stride > 0 => {
                        ValueFormat::Array { stride, element: Box::new(self.format(array.element, depth, budget)) }
                    }
                    _ => ValueFormat::Bytes,
                }
            }
            _ => ValueFormat::Bytes,
        }
    }

    fn format_members(&self, t: Type<'_>, depth: usize, budget: &mut usize) -> Vec<Member> {
        let mut members = Vec::new();
        for member in t.members() {
            let Some(left) = budget.checked_sub(1) else { break };
            *budget = left;
            let offset = member.bit_offset / 8;
            let (size, format) = if member.bit_size > 0 {
                // Bit fields are shown as the bytes that they are part of.
                let bits = member.bit_offset % 8 + member.bit_size;
                (bits.div_ceil(8), ValueFormat::Bytes)
            } else {
                let Some(size) = self.size_of(member.type_id) else { continue };
                (size, self.format(member.type_id, depth, budget))
            };
            if offset.checked_add(size).is_none_or(|end| end > t.size()) {
                continue;
            }
            let name = &member.name[..member.name.floor_char_boundary(MAX_NAME)];
            members.push(Member { name: name.to_owned(), offset, size, format });
        }
        members
    }
}
