//! The store against models, its journal, and the rules that a program meets. What the kernel does is asked in
//! `tests/maps`; here is what must hold where there is no kernel to ask.

mod journal;
mod models;
mod rules;

use super::{Limits, MapStore};
use crate::kernel::{MapDef, MapId, MapType};

/// The only map of most tests.
const ID: MapId = MapId(0);

fn def(map_type: MapType, key_size: u32, value_size: u32, max_entries: u32, flags: u32) -> MapDef {
    MapDef { flags, ..MapDef::new("m", map_type, key_size, value_size, max_entries) }
}

fn store(def: &MapDef) -> MapStore {
    let mut store = MapStore::new(Limits { cpus: 2, ..Limits::default() });
    store.create(def.clone()).unwrap();
    store
}
