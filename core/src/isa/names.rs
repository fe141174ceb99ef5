//! Names that text uses for numbers which this room does not know itself.
//!
//! `isa` asks no other room, so whoever assembles or disassembles brings the tables (from `kernel`).

/// Helper functions, map types and fields of maps by name, for reading and writing text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Helper number and name (`(1, "bpf_map_lookup_elem")`), sorted by number.
    pub helpers: &'a [(i32, &'a str)],
    /// Map type number and name in lower case (`(1, "hash")`), sorted by number.
    pub map_types: &'a [(u32, &'a str)],
    /// The kernel's own structures that values of maps may have, and their bytes (`("bpf_spin_lock", 4)`).
    pub fields: &'a [(&'a str, u32)],
}

impl<'a> Names<'a> {
    /// No names at all: everything is a number.
    pub const NONE: Names<'static> = Names { helpers: &[], map_types: &[], fields: &[] };

    /// The name of a helper.
    pub fn helper(&self, number: i32) -> Option<&'a str> {
        self.helpers.binary_search_by_key(&number, |row| row.0).ok().map(|at| self.helpers[at].1)
    }

    /// The name of a map type.
    pub fn map_type(&self, number: u32) -> Option<&'a str> {
        self.map_types.binary_search_by_key(&number, |row| row.0).ok().map(|at| self.map_types[at].1)
    }
}
