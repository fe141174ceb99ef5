//! Timers, work queues and deferred work in map values.

use super::helper::CallMeta;
use crate::isa::Reg;
use crate::kernel::FieldKind;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::MapRef;

impl Verifier<'_> {
    /// The timer argument of a helper: its map is noted, since the next argument must be the same.
    pub(super) fn process_timer_func(&mut self, reg: Reg, meta: &mut CallMeta) -> Check {
        meta.map = Some(self.map_field(reg, FieldKind::Timer)?);
        Ok(())
    }

    /// The map in whose value a register points to a field of that kind.
    pub(super) fn map_field(&mut self, regno: Reg, kind: FieldKind) -> Check<MapRef> {
        let reg = *self.reg(regno);
        let what = kind.name();
        let Some(variable) = reg.num.constant_value() else {
            return Err(KfuncFinding::FieldOffset { reg: regno, what }.into());
        };
        // The register was seen to point to a map's value.
        let Some(map) = reg.map() else { return Err(KfuncFinding::NoMapValue { arg: regno.index() - 1 }.into()) };
        if !self.has_types(map) {
            return Err(KfuncFinding::NoTypes { map: self.map_name(map), what: what.to_owned() }.into());
        }
        let Some(field) = self.map_def(map).field(kind) else {
            return Err(KfuncFinding::NoField { map: self.map_name(map), what }.into());
        };
        let off = (variable as i64).wrapping_add(i64::from(reg.off));
        if off != i64::from(field.offset) {
            return Err(KfuncFinding::NotField { off, what, place: field.offset }.into());
        }
        Ok(map)
    }
}
