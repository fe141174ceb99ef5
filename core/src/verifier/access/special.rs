//! Fields of map values that belong to the kernel: locks, timers, kernel pointers.

use super::region::Source;
use super::{Access, At, Value};
use crate::kernel::{FieldKind, KPTR_STRUCTS, MapDef, SpecialField};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{Flags, MapRef, Of, RegState, RegType};

/// Kinds that are pointers, which programs may load and store whole.
fn is_pointer(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::KptrUnref | FieldKind::KptrRef | FieldKind::KptrPercpu | FieldKind::Uptr)
}

/// Of the structures that a field may hold a reference to, the one that does not stay for RCU readers.
const NOT_KEPT: &str = "prog_test_member";

impl Verifier<'_> {
    /// Refuses accesses that may touch a special field, other than whole kernel pointers by loads and stores.
    pub(super) fn check_special_fields(
        &self,
        def: &MapDef,
        reg: &RegState,
        off: i32,
        size: i32,
        source: Source,
    ) -> Check {
        let start = reg.num.smin.wrapping_add(i64::from(off));
        let end = reg.num.umax.wrapping_add(off as u64).wrapping_add(size as u64);
        for special in &def.special {
            let at = i64::from(special.offset);
            if start >= at + i64::from(special.size) || at as u64 >= end {
                continue;
            }
            let field = special.kind.name();
            if !is_pointer(special.kind) {
                return Err(AccessFinding::SpecialField { field }.into());
            }
            if source != Source::Direct {
                return Err(AccessFinding::KptrIndirect { field }.into());
            }
            let Some(fixed) = reg.num.constant_value() else {
                return Err(AccessFinding::KptrVariable { field }.into());
            };
            let off = i64::from(off).wrapping_add(fixed as i64);
            if off != at {
                return Err(AccessFinding::KptrMisaligned { field, expected: special.offset, off }.into());
            }
            if size != 8 {
                return Err(AccessFinding::KptrSize { field }.into());
            }
        }
        Ok(())
    }

    /// A load or store of a kernel pointer, when one is at that offset of the value.
    pub(super) fn access_kptr(&mut self, map: MapRef, off: i64, at: At, value: Value) -> Check<bool> {
        let specials = &self.map_def(map).special;
        let Some(field) = specials.iter().find(|f| i64::from(f.offset) == off && is_pointer(f.kind)).copied() else {
            return Ok(false);
        };
        match (at.access, value) {
            (Access::Read, Value::Reg(dst)) => {
                let of = self.kptr_type(&field);
                let flags = Flags::NULL.and(self.loaded_kptr(&field, of));
                let id = self.new_id();
                self.set_reg(dst, RegState { id, ..RegState::pointer(RegType::BtfId, flags, of) });
            }
            (Access::Write, _) if field.kind == FieldKind::KptrRef => return Err(AccessFinding::KptrStore.into()),
            (Access::Write, Value::Imm(imm)) if imm != 0 => {
                return Err(AccessFinding::KptrImm { off: i64::from(field.offset) }.into());
            }
            (_, Value::None) => return Err(AccessFinding::KptrMode.into()),
            (Access::Write, Value::Reg(src)) if !self.reg(src).is_zero() => {
                self.check_kptr_match(src, self.kptr_type(&field), field.kind)?;
            }
            (Access::Write, _) | (Access::Read, Value::Imm(_)) => {}
        }
        Ok(true)
    }

    /// What is said of a pointer that is loaded from its place: RCU keeps the program's own objects, and some of the
    /// kernel's.
    fn loaded_kptr(&self, field: &SpecialField, of: Of) -> Flags {
        let Of::Btf { id, local } = of else { return Flags::NONE };
        let counted = |name| KPTR_STRUCTS.contains(&name) && name != NOT_KEPT;
        let kept = local || self.printer().kernel_name(id).is_some_and(counted);
        match field.kind {
            FieldKind::Uptr => return Flags::NONE,
            FieldKind::KptrPercpu if self.in_rcu() => {}
            FieldKind::KptrRef if kept && self.in_rcu() => {}
            _ => return Flags::UNTRUSTED,
        }
        let nodes = |f: &SpecialField| matches!(f.kind, FieldKind::ListNode | FieldKind::RbNode);
        let fields = self.options.btf.filter(|_| local).and_then(|btf| btf.object_fields(id));
        let own = match field.kind {
            FieldKind::KptrPercpu => Flags::PERCPU,
            _ if local => Flags::ALLOC,
            _ => Flags::NONE,
        };
        let borrowed = fields.is_some_and(|fields| fields.iter().any(nodes));
        Flags::RCU.and(own).and(if borrowed { Flags::NON_OWN } else { Flags::NONE })
    }
}
