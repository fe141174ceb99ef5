//! Pointers to kernel objects in map values: `bpf_kptr_xchg`.

use super::graph::is_object;
use super::helper::CallMeta;
use super::kernel_types::{has_struct_at, is_stand_in};
use crate::isa::Reg;
use crate::kernel::{FieldKind, SpecialField};
use crate::object::{Kind, TypeId};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{CallFinding, Check};
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::text::type_name;

const KPTRS: [FieldKind; 3] = [FieldKind::KptrUnref, FieldKind::KptrRef, FieldKind::KptrPercpu];

impl Verifier<'_> {
    /// The place for a kernel pointer that is exchanged: it must be one that owns what it points to.
    pub(super) fn process_kptr_func(&mut self, regno: Reg, meta: &mut CallMeta) -> Check {
        let reg = *self.reg(regno);
        if !is_object(&reg)
            && let Some(map) = reg.map()
        {
            if !self.has_types(map) {
                return Err(CallFinding::KptrNoTypes { map: self.map_name(map) }.into());
            }
            meta.map = Some(map);
        }
        let fields = self.fields(&reg).unwrap_or_default();
        let Some(variable) = reg.num.constant_value() else {
            return Err(CallFinding::KptrOffset { reg: regno }.into());
        };
        if !fields.iter().any(|f| KPTRS.contains(&f.kind)) {
            return Err(CallFinding::NoKptr { reg: regno }.into());
        }
        let off = (i64::from(reg.off).wrapping_add(variable as i64)) as u32;
        let field = fields.iter().find(|f| f.offset == off && KPTRS.contains(&f.kind));
        let Some(field) = field else { return Err(CallFinding::NotKptr { off }.into()) };
        if field.kind == FieldKind::KptrUnref {
            return Err(CallFinding::KptrUnreferenced { off }.into());
        }
        meta.btf = self.kptr_type(field);
        meta.kptr = Some(field.kind);
        Ok(())
    }

    /// What a kernel pointer in a map value points to: a structure of the kernel if it has one of that name, else the
    /// program's own.
    pub(in crate::verifier) fn kptr_type(&self, field: &SpecialField) -> Of {
        let local: TypeId = field.type_id;
        let name = self.options.btf.and_then(|btf| btf.ty(local)).map(|t| t.name()).unwrap_or_default();
        let of_kernel = match self.options.kernel_btf {
            Some(btf) => btf.by_name(name, Kind::Struct).is_some(),
            None => is_stand_in(name),
        };
        if of_kernel { self.kernel_struct(name) } else { Of::Btf { id: local, local: true } }
    }

    /// The pointer that goes into the place must be of its type.
    pub(in crate::verifier) fn check_kptr_match(&self, regno: Reg, of: Of, kind: FieldKind) -> Check {
        let reg = self.reg(regno);
        let expected = RegState::pointer(RegType::BtfId, Flags::NONE, of);
        let expected = self.printer().btf_type_name(&expected);
        let own = matches!(reg.of, Of::Btf { local: true, .. });
        let mut allowed =
            if own { Flags::NULL.and(Flags::ALLOC) } else { Flags::NULL.and(Flags::TRUSTED).and(Flags::RCU) };
        match kind {
            FieldKind::KptrPercpu if own => allowed = allowed.and(Flags::PERCPU),
            FieldKind::KptrUnref if !own => allowed = allowed.and(Flags::UNTRUSTED),
            _ => {}
        }
        let good = reg.ty == RegType::BtfId && reg.flags.without(allowed).is_empty();
        let name = if good { self.printer().btf_type_name(reg) } else { String::new() };
        if good {
            self.check_pointer_offset(reg, regno, true)?;
            if self.same_kptr_type(reg, of, &expected, kind != FieldKind::KptrUnref) {
                return Ok(());
            }
        }
        let is = format!("{}{name}", type_name(reg.ty, reg.flags));
        let unsure = if kind == FieldKind::KptrUnref { format!(" or untrusted_ptr_{expected}") } else { String::new() };
        Err(CallFinding::KptrType { reg: regno, is, expected: format!("ptr_{expected}{unsure}") }.into())
    }

    fn same_kptr_type(&self, reg: &RegState, of: Of, name: &str, strict: bool) -> bool {
        let (Of::Btf { id, local }, Of::Btf { local: wanted, .. }) = (reg.of, of) else { return false };
        if local != wanted {
            return false;
        }
        self.btf_of(local).is_none_or(|btf| has_struct_at(btf, id, reg.off as u32, name, strict, 0))
    }

    /// The pointer that went into the map is the map's: the program may still look, no more.
    pub(super) fn release_kptr(&mut self, id: u32) -> bool {
        if !self.release_reference_nomark(id) {
            return false;
        }
        let in_rcu = self.in_rcu_section();
        let percpu = Flags::ALLOC.and(Flags::PERCPU);
        let useless = if self.allow_ptr_leaks() { RegState::UNKNOWN } else { RegState::NOT_INIT };
        self.cur.each_reg(|reg| {
            if reg.ref_obj_id != id {
            } else if in_rcu && reg.flags.has(percpu) {
                reg.ref_obj_id = 0;
                reg.flags = reg.flags.without(Flags::ALLOC).and(Flags::RCU);
            } else {
                *reg = useless;
            }
        });
        true
    }

    /// Whether what RCU protects stays for now: no program of the types known here may sleep.
    fn in_rcu_section(&self) -> bool {
        true
    }
}
