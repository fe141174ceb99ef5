//! The names that program text uses, out of the tables of this room.

use std::sync::OnceLock;

use super::{MAP_TYPES, helpers};
use crate::isa::Names;

/// Helpers and map types by name, for [`crate::isa::assemble`] and [`crate::isa::disassemble`].
pub fn names() -> Names<'static> {
    static HELPERS: OnceLock<Vec<(i32, &str)>> = OnceLock::new();
    static TYPES: OnceLock<Vec<(u32, &str)>> = OnceLock::new();
    Names {
        helpers: HELPERS.get_or_init(|| helpers().iter().map(|h| (h.id as i32, h.name)).collect()),
        map_types: TYPES.get_or_init(|| MAP_TYPES.iter().map(|row| (row.map_type as u32, row.name)).collect()),
    }
}
