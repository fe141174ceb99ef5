//! Structures of the kernel that helpers take and give, by name and by the kernel's types.

use crate::object::{Btf, Kind, TypeId};
use crate::verifier::env::Verifier;
use crate::verifier::reg::{Of, RegState};

/// Structures within structures that are walked.
const MAX_NESTING: usize = 16;

impl Verifier<'_> {
    /// The structure of that name in the kernel's types; nothing is known of it when they are not at hand.
    pub(super) fn kernel_struct(&self, name: &str) -> Of {
        let found = self.options.kernel_btf.and_then(|btf| btf.by_name(name, Kind::Struct));
        Of::Btf { id: found.map_or(0, |t| t.id()), local: false }
    }

    /// The types that a structure is from.
    pub(super) fn btf_of(&self, local: bool) -> Option<&Btf> {
        if local { self.options.btf } else { self.options.kernel_btf }
    }

    /// The name of the structure that a register points to.
    pub(super) fn struct_name(&self, reg: &RegState) -> String {
        let Of::Btf { id, local } = reg.of else { return String::new() };
        self.btf_of(local).and_then(|b| b.ty(id)).map(|t| t.name().to_owned()).unwrap_or_default()
    }

    /// Bytes of what a pointer points to, unless it is a structure.
    pub(super) fn size_unless_struct(&self, of: Of) -> Option<u32> {
        let Of::Btf { id, local } = of else { return None };
        let btf = self.btf_of(local)?;
        if btf.resolve(id)?.kind() == Kind::Struct { None } else { btf.size_of(id) }
    }

    /// Whether the register points to a kernel structure of that name: the type itself, or, unless `strict`, one that
    /// has such a structure there as a member.
    pub(super) fn btf_struct_is(&self, reg: &RegState, expected: &str, strict: bool) -> bool {
        let Of::Btf { id, local } = reg.of else { return false };
        let Some(btf) = self.btf_of(local) else { return true };
        if local {
            return false;
        }
        has_struct_at(btf, id, reg.off as u32, expected, strict, 0)
    }
}

/// Whether a structure of that name is at `off` of the structure `id`.
pub(super) fn has_struct_at(btf: &Btf, id: TypeId, off: u32, expected: &str, strict: bool, depth: usize) -> bool {
    let Some(ty) = btf.resolve(id).filter(|t| t.kind() == Kind::Struct && depth < MAX_NESTING) else { return false };
    if off == 0 && ty.name() == expected {
        return true;
    }
    if strict {
        return false;
    }
    ty.members().any(|member| {
        let start = member.bit_offset / 8;
        let inner = btf.size_of(member.type_id).unwrap_or(0);
        let within = off >= start && off - start < inner;
        within && has_struct_at(btf, member.type_id, off - start, expected, strict, depth + 1)
    })
}
