//! Which definitions are refused, and with what.

use bpfscope_core::kernel::map_flags::*;
use bpfscope_core::kernel::{MAP_TYPES, MapDef, MapType};
use bpfscope_tests::kernel::{Map, MapSpec, available};

use crate::pair::{spec, store};

fn outcome_in_kernel(def: &MapDef) -> i64 {
    let inner = def.inner.as_ref().and_then(|inner| Map::create(&spec(inner)).ok());
    let made = Map::create(&MapSpec { inner: inner.as_ref().map(Map::fd), ..spec(def) });
    made.map_or_else(i64::from, |_| 0)
}

fn outcome_here(def: &MapDef) -> i64 {
    store().create(def.clone()).map_or_else(|error| error.problem.errno() as i64, |_| 0)
}

#[test]
fn definitions_are_refused_as_by_the_kernel() {
    if !available("map creation") {
        return;
    }
    let mut differences = Vec::new();
    let mut count = 0;
    for row in MAP_TYPES.iter().filter(|row| row.simulated && !row.map_type.holds_maps()) {
        for key_size in [0, 1, 4, 5, 8, 260, 261, 512, 513] {
            for value_size in [0, 1, 4, 8, 32768, 32769] {
                for max_entries in [0, 1, 3, 4096, 4097, 6144] {
                    for bit in [None, Some(0), Some(3), Some(5), Some(7), Some(10), Some(11), Some(12), Some(20)] {
                        let flags = bit.map_or(0, |bit| 1 << bit);
                        let sizes = MapDef::new("m", row.map_type, key_size, value_size, max_entries);
                        let def = MapDef { flags, ..sizes };
                        // Large values times many entries are a matter of memory, not of rules.
                        if value_size > 8 && max_entries > 4 {
                            continue;
                        }
                        // How many CPUs a kernel is built for is its own business.
                        if row.map_type == MapType::Cpumap && max_entries > 3 {
                            continue;
                        }
                        count += 1;
                        let (kernel, here) = (outcome_in_kernel(&def), outcome_here(&def));
                        if kernel != here {
                            differences.push(format!(
                                "{} {key_size} {value_size} {max_entries} {flags:#x}: kernel {kernel}, here {here}",
                                row.name
                            ));
                        }
                    }
                }
            }
        }
    }
    differences.truncate(40);
    assert!(differences.is_empty(), "of {count}:\n{}", differences.join("\n"));
}

#[test]
fn flags_that_exclude_each_other_and_extremes_are_refused_as_by_the_kernel() {
    if !available("map creation, extremes") {
        return;
    }
    use MapType::*;
    for (map_type, key, value, entries, flags) in [
        (Hash, 4, 4, 1, RDONLY | WRONLY),
        (Hash, 4, 4, 1, RDONLY_PROG | WRONLY_PROG),
        (Array, 4, 4, 1, RDONLY_PROG | WRONLY_PROG),
        (Hash, 4, 4, 1, NO_COMMON_LRU),
        (LruHash, 4, 4, 1, NO_COMMON_LRU),
        (LruHash, 4, 4, 1, NO_PREALLOC),
        (Hash, 4, 4, u32::MAX, NO_PREALLOC),
        (Hash, 4, 4, 1 << 28, NO_PREALLOC),
        (Hash, 4, (4 << 20) - 52, 1, NO_PREALLOC),
        (Hash, 4, (4 << 20) - 51, 1, NO_PREALLOC),
        (Hash, 4, 5 << 20, 1, NO_PREALLOC),
        (Hash, 5 << 20, 4, 1, NO_PREALLOC),
        (Queue, 0, 5 << 20, 1, 0),
        (LpmTrie, 8, 5 << 20, 1, NO_PREALLOC),
        (PercpuArray, 4, 4, 1, NUMA_NODE),
        (PerfEventArray, 4, 4, 1, PRESERVE_ELEMS),
        (ProgArray, 4, 4, 1, RDONLY_PROG),
        (ProgArray, 4, 4, 1, WRONLY_PROG),
        (ProgArray, 4, 8, 1, 0),
        (Ringbuf, 0, 0, 8192, 0),
    ] {
        let def = MapDef { flags, ..MapDef::new("m", map_type, key, value, entries) };
        assert_eq!(outcome_in_kernel(&def), outcome_here(&def), "{map_type} {key} {value} {entries} {flags:#x}");
    }
}

#[test]
fn maps_of_maps_take_the_same_templates() {
    if !available("maps of maps") {
        return;
    }
    let inner = |map_type, key, value, entries| Some(Box::new(MapDef::new("i", map_type, key, value, entries)));
    for outer in [MapType::ArrayOfMaps, MapType::HashOfMaps] {
        for (value_size, template) in [
            (4, inner(MapType::Array, 4, 8, 2)),
            (8, inner(MapType::Array, 4, 8, 2)),
            (4, inner(MapType::Hash, 4, 8, 2)),
            (4, inner(MapType::Ringbuf, 0, 0, 4096)),
            (4, inner(MapType::Queue, 0, 8, 2)),
            (4, inner(MapType::PerfEventArray, 4, 4, 2)),
            (4, inner(MapType::ProgArray, 4, 4, 2)),
        ] {
            let name = template.as_ref().map(|inner| inner.map_type);
            let def = MapDef { inner: template, ..MapDef::new("m", outer, 4, value_size, 4) };
            assert_eq!(outcome_in_kernel(&def), outcome_here(&def), "{outer} of {name:?}, {value_size}");
        }
    }
}

#[test]
fn a_map_of_maps_takes_maps_like_its_template() {
    if !available("inner maps") {
        return;
    }
    let template = MapDef::new("i", MapType::Array, 4, 8, 2);
    for inner_flags in [0, INNER_MAP] {
        let template = MapDef { flags: inner_flags, ..template.clone() };
        for outer in [MapType::ArrayOfMaps, MapType::HashOfMaps] {
            let mut store = store();
            let def = MapDef { inner: Some(Box::new(template.clone())), ..MapDef::new("m", outer, 4, 4, 2) };
            let outer_id = store.create(def.clone()).unwrap();
            let template_map = Map::create(&spec(&template)).unwrap();
            let outer_map = Map::create(&MapSpec { inner: Some(template_map.fd()), ..spec(&def) }).unwrap();
            for inner in [
                template.clone(),
                MapDef { max_entries: 3, ..template.clone() },
                MapDef { value_size: 4, ..template.clone() },
                MapDef { map_type: MapType::Hash, ..template.clone() },
                MapDef { flags: RDONLY_PROG, ..template.clone() },
            ] {
                let Ok(map) = Map::create(&spec(&inner)) else { continue };
                let id = store.create(inner.clone()).unwrap();
                for (key, flags) in [(0u32, 0), (1, 1), (1, 1), (1, 2), (2, 0), (3, 0), (0, 7)] {
                    let key = key.to_le_bytes();
                    let kernel = outer_map.update(&key, &map.fd().to_le_bytes(), flags);
                    let here = store.user_update(outer_id, &key, &id.0.to_le_bytes(), flags);
                    assert_eq!(kernel, here.map_err(|errno| errno as i32), "{outer} {inner:?} {key:?} {flags}");
                    assert_eq!(outer_map.lookup(&key).is_ok(), store.inner(outer_id, &key).is_some());
                }
            }
            for key in [0u32, 0, 5] {
                let key = key.to_le_bytes();
                let here = store.user_delete(outer_id, &key).map_err(|errno| errno as i32);
                assert_eq!(outer_map.delete(&key), here, "{outer} {key:?}");
            }
        }
    }
}
