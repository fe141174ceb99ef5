//! The names that program text uses, out of the tables of this room.

use std::sync::OnceLock;

use super::{FieldKind, MAP_TYPES, helpers};
use crate::isa::Names;

/// Helpers, map types and fields of maps by name, for [`crate::isa::assemble`] and [`crate::isa::disassemble`].
pub fn names() -> Names<'static> {
    static HELPERS: OnceLock<Vec<(i32, &str)>> = OnceLock::new();
    static TYPES: OnceLock<Vec<(u32, &str)>> = OnceLock::new();
    static FIELDS: OnceLock<Vec<(&str, u32)>> = OnceLock::new();
    // Lists and trees hold objects of a type, which a text does not declare.
    let plain = |kind: FieldKind| {
        use FieldKind::{Refcount, ResSpinLock, SpinLock, TaskWork, Timer, Workqueue};
        matches!(kind, SpinLock | ResSpinLock | Timer | Workqueue | TaskWork | Refcount)
    };
    let fields = || FieldKind::STRUCTS.iter().filter(|row| plain(row.1)).map(|row| (row.0, row.2)).collect();
    Names {
        fields: FIELDS.get_or_init(fields),
        helpers: HELPERS.get_or_init(|| helpers().iter().map(|h| (h.id as i32, h.name)).collect()),
        map_types: TYPES.get_or_init(|| MAP_TYPES.iter().map(|row| (row.map_type as u32, row.name)).collect()),
    }
}
