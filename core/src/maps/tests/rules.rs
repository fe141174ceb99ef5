//! Rules, each in its smallest case.

use super::*;
use crate::kernel::map_flags::{NO_PREALLOC, RDONLY_PROG};
use crate::kernel::{Errno, InitialEntry, InitialValue};
use crate::maps::{MapError, RingbufQuery};

fn refusal(def: MapDef) -> String {
    MapStore::new(Limits::default()).create(def).unwrap_err().to_string()
}

#[test]
fn a_refused_definition_says_what_to_change() {
    use MapType::*;
    for (def, message) in [
        (def(Array, 8, 4, 1, 0), "map `m`: a key of 8 bytes: array takes 4"),
        (def(Array, 4, 0, 1, 0), "map `m`: a value of 0 bytes: array takes 1 or more"),
        (def(Array, 4, 8, 0, 0), "map `m`: max_entries is 0"),
        (def(Hash, 4, 8, 1, 1 << 20), "map `m`: map_flags 0x100000: hash does not take 0x100000"),
        (
            def(Ringbuf, 0, 0, 5000, 0),
            "map `m`: a ring buffer of 5000 bytes: the size (max_entries) must be a power of two and a multiple of the \
             page size, 4096",
        ),
        (def(LpmTrie, 8, 4, 1, 0), "map `m`: lpm_trie needs BPF_F_NO_PREALLOC (0x1) in map_flags, which are 0x0"),
        (
            def(LruHash, 8, 4, 1, NO_PREALLOC),
            "map `m`: lru_hash cannot have BPF_F_NO_PREALLOC: its entries are made at creation",
        ),
        (def(Array, 4, 8, u32::MAX, 0), "map `m`: 4294967295 entries of 4+8 bytes need 32 GiB; the limit is 512 MiB"),
        (
            def(PercpuArray, 4, 8, 100_000_000, 0),
            "map `m`: 100000000 entries of 4+8 bytes for each of 4 CPUs need 3 GiB; the limit is 512 MiB",
        ),
        (
            def(Hash, 8, 8, u32::MAX, 0),
            "map `m`: 4294967295 entries: the kernel makes no such map of more than 134217728",
        ),
        (
            def(Hash, 8, 1000, 100_000_000, 0),
            "map `m`: 100000000 entries of 8+1000 bytes need 94 GiB; the limit is 4 GiB",
        ),
        (
            def(HashOfMaps, 4, 4, 1, 0),
            "map `m`: hash_of_maps needs the definition of its inner maps (`__array(values, …)`, or inner_map_fd)",
        ),
    ] {
        assert_eq!(refusal(def), message);
    }
}

#[test]
fn the_memory_limit_holds_for_all_maps_together() {
    let mut store = MapStore::new(Limits { memory: 1 << 20, cpus: 1 });
    let half = def(MapType::Array, 4, 8, 1 << 16, 0);
    store.create(half.clone()).unwrap();
    store.create(half.clone()).unwrap();
    assert_eq!(store.memory(), 1 << 20);
    assert!(store.create(half).is_err());
}

#[test]
fn a_hash_grows_until_the_limit_and_then_says_enomem() {
    let mut store = MapStore::new(Limits { memory: 4096, cpus: 1 });
    store.create(def(MapType::Hash, 4, 64, 1 << 20, 0)).unwrap();
    let refused = (0..1000u32).find_map(|n| store.update(ID, &n.to_le_bytes(), &[0; 64], 0, 0).err());
    assert_eq!(refused, Some(Errno::Enomem));
    assert!(store.memory() <= 4096 && store.count(ID) > 10);
    // What is there can still be used.
    assert!(store.lookup(ID, &[0; 4], 0).unwrap().is_some());
}

#[test]
fn an_array_takes_no_memory_before_it_is_looked_at() {
    let mut store = store(&def(MapType::Array, 4, 8, 1 << 25, 0));
    assert!(store.maps[0].slab.slots() <= 64);
    let last = store.lookup(ID, &100u32.to_le_bytes(), 0).unwrap().unwrap();
    assert_eq!(store.value(ID, last.offset, 8), Some(&[0; 8][..]));
}

#[test]
fn a_pointer_to_a_replaced_value_keeps_the_old_value() {
    let mut store = store(&def(MapType::Hash, 4, 4, 4, 0));
    store.update(ID, &[1, 0, 0, 0], &[1; 4], 0, 0).unwrap();
    let old = store.lookup(ID, &[1, 0, 0, 0], 0).unwrap().unwrap();
    store.update(ID, &[1, 0, 0, 0], &[2; 4], 0, 0).unwrap();
    assert_eq!(store.value(ID, old.offset, 4), Some(&[1; 4][..]));
    assert!(!store.locate(ID, old.offset).unwrap().live);
    let new = store.lookup(ID, &[1, 0, 0, 0], 0).unwrap().unwrap();
    assert_eq!(store.value(ID, new.offset, 4), Some(&[2; 4][..]));
    assert!(store.locate(ID, new.offset).unwrap().live);
}

#[test]
fn a_place_names_entry_cpu_and_byte() {
    let mut store = store(&def(MapType::PercpuArray, 4, 12, 3, 0));
    let at = store.lookup(ID, &[2, 0, 0, 0], 1).unwrap().unwrap();
    let place = store.locate(ID, at.offset + 4).unwrap();
    assert_eq!((place.key, place.slot, place.cpu), (vec![2, 0, 0, 0], 2, Some(1)));
    assert_eq!((place.within, place.value_size, place.live), (4, 12, true));
    assert_eq!(store.locate(ID, at.offset + 12), None);
    assert_eq!(store.lookup(ID, &[2, 0, 0, 0], 2), Ok(None), "there are two CPUs");
}

#[test]
fn a_program_cannot_write_to_a_map_that_it_may_only_read() {
    let rodata = MapDef {
        initial: vec![InitialEntry { key: vec![0; 4], value: InitialValue::Bytes(vec![7; 4]) }],
        ..def(MapType::Array, 4, 4, 1, RDONLY_PROG)
    };
    let mut store = MapStore::new(Limits::default());
    store.create_all(&[rodata]).unwrap();
    assert_eq!(store.value(ID, 0, 4), Some(&[7; 4][..]));
    assert_eq!(store.value_mut(ID, 0, 4), None);
    assert_eq!(store.update(ID, &[0; 4], &[1; 4], 0, 0), Err(Errno::Eperm));
    assert_eq!(store.user_update(ID, &[0; 4], &[1; 4], 0), Ok(()));
}

#[test]
fn an_object_maps_refer_to_each_other_and_to_programs() {
    let inner = def(MapType::Array, 4, 4, 1, 0);
    let entry = |key: u32, value| InitialEntry { key: key.to_le_bytes().to_vec(), value };
    let outer = MapDef {
        inner: Some(Box::new(inner.clone())),
        initial: vec![entry(1, InitialValue::Map(MapId(1)))],
        ..def(MapType::ArrayOfMaps, 4, 4, 2, 0)
    };
    let progs =
        MapDef { initial: vec![entry(2, InitialValue::Program("next".into()))], ..def(MapType::ProgArray, 4, 4, 3, 0) };
    let mut store = MapStore::new(Limits::default());
    store.create_all(&[outer, inner, progs]).unwrap();
    assert_eq!(store.inner(MapId(0), &[1, 0, 0, 0]), Some(MapId(1)));
    assert_eq!(store.inner(MapId(0), &[0, 0, 0, 0]), None);
    let unknown = store.set_programs(|_| None).unwrap_err().to_string();
    assert_eq!(unknown, "map `m`: initial entry with key 02000000: there is no program `next`");
    store.set_programs(|name| (name == "next").then_some(5)).unwrap();
    assert_eq!(store.program(MapId(2), 2), Some(5));
    assert_eq!(store.program(MapId(2), 1), None);
    assert_eq!(store.program(MapId(1), 0), None, "not a prog array");
}

#[test]
fn an_initial_entry_that_does_not_fit_names_the_map_and_key() {
    for (key, value) in [(vec![9, 0, 0, 0], vec![0; 4]), (vec![0; 4], vec![0; 5]), (vec![], vec![0; 4])] {
        let initial = vec![InitialEntry { key, value: InitialValue::Bytes(value) }];
        let def = MapDef { initial, ..def(MapType::Array, 4, 4, 1, 0) };
        let MapError { map, .. } = MapStore::new(Limits::default()).create_all(&[def]).unwrap_err();
        assert_eq!(map, "m");
    }
}

#[test]
fn perf_output_goes_to_the_cpus_own_slot() {
    let mut store = store(&def(MapType::PerfEventArray, 4, 4, 2, 0));
    const CURRENT: u64 = 0xffff_ffff;
    assert_eq!(store.perf_slot(ID, CURRENT, 1), Ok(1));
    assert_eq!(store.perf_slot(ID, 0, 0), Ok(0));
    assert_eq!(store.perf_slot(ID, 0, 1), Err(Errno::Eopnotsupp));
    assert_eq!(store.perf_slot(ID, CURRENT, 2), Err(Errno::E2big));
    store.user_delete(ID, &[1, 0, 0, 0]).unwrap();
    assert_eq!(store.perf_slot(ID, CURRENT, 1), Err(Errno::Enoent));
}

#[test]
fn a_record_is_memory_between_reserve_and_submit() {
    let mut store = store(&def(MapType::Ringbuf, 0, 0, 4096, 0));
    let at = store.ringbuf_reserve(ID, 10, 0).unwrap();
    store.record_mut(ID, at + 2, 8).unwrap().copy_from_slice(&[1; 8]);
    assert_eq!(store.record(ID, at + 2, 9), None, "past the end");
    assert_eq!(store.locate_record(ID, at + 9), Some((at, 10)));
    assert_eq!(store.ringbuf_submit(ID, at + 1, 0), Err(Errno::Einval), "not its start");
    store.ringbuf_submit(ID, at, 0).unwrap();
    assert_eq!(store.record(ID, at, 1), None, "submitted");
    assert_eq!(store.ringbuf_drain(ID), [[0, 0, 1, 1, 1, 1, 1, 1, 1, 1]]);
}

#[test]
fn consumption_stops_at_a_reserved_record_and_skips_discarded_ones() {
    let mut store = store(&def(MapType::Ringbuf, 0, 0, 4096, 0));
    store.ringbuf_output(ID, &[1], 0).unwrap();
    let discarded = store.ringbuf_reserve(ID, 8, 0).unwrap();
    store.ringbuf_discard(ID, discarded, 0).unwrap();
    store.ringbuf_output(ID, &[2], 0).unwrap();
    let reserved = store.ringbuf_reserve(ID, 8, 0).unwrap();
    store.ringbuf_output(ID, &[3], 0).unwrap();
    assert_eq!(store.ringbuf_drain(ID), [[1], [2]]);
    assert_eq!(store.ringbuf_query(ID, RingbufQuery::AvailData), 32);
    store.ringbuf_submit(ID, reserved, 0).unwrap();
    assert_eq!(store.ringbuf_drain(ID), [vec![0; 8], vec![3]]);
    assert_eq!(store.ringbuf_query(ID, RingbufQuery::ConsPos), 5 * 16);
}

#[test]
fn a_ring_buffer_can_be_used_around_its_end_for_ever() {
    let mut store = store(&def(MapType::Ringbuf, 0, 0, 4096, 0));
    for n in 0..1000u32 {
        let at = store.ringbuf_reserve(ID, 1000, 0).unwrap();
        store.record_mut(ID, at + 996, 4).unwrap().copy_from_slice(&n.to_le_bytes());
        store.ringbuf_submit(ID, at, 0).unwrap();
        assert_eq!(store.ringbuf_drain(ID)[0][996..], n.to_le_bytes());
    }
}

#[test]
fn calls_on_no_map_or_with_wrong_sizes_are_errors() {
    let mut store = store(&def(MapType::Hash, 4, 4, 2, 0));
    let none = MapId(7);
    assert_eq!(store.lookup(none, &[0; 4], 0), Err(Errno::Einval));
    assert_eq!(store.lookup(ID, &[0; 3], 0), Err(Errno::Einval));
    assert_eq!(store.update(ID, &[0; 4], &[0; 3], 0, 0), Err(Errno::Einval));
    assert_eq!(store.update(ID, &[0; 4], &[0; 4], 0, 99), Err(Errno::Einval), "no such CPU");
    assert_eq!(store.user_lookup(none, &[]), Err(Errno::Einval));
    assert_eq!(store.next_key(ID, Some(&[0; 5])), Err(Errno::Einval));
    assert_eq!(store.pop(ID), Err(Errno::Einval));
    assert_eq!(store.ringbuf_reserve(ID, 8, 0), None);
    assert_eq!(store.value(none, 0, 1), None);
    assert_eq!(store.count(none), 0);
    assert_eq!(store.entries(none).count(), 0);
}

#[test]
fn a_map_of_a_type_that_is_not_simulated_holds_nothing() {
    for map_type in [MapType::StackTrace, MapType::CgrpStorage, MapType::StructOps, MapType::Arena] {
        // Not even the largest asks for memory.
        let mut store = store(&def(map_type, 4, 1 << 30, u32::MAX, 0));
        assert_eq!((store.memory(), store.count(ID), store.entries(ID).count()), (0, 0, 0), "{map_type}");
        assert_eq!(store.user_lookup(ID, &[0; 4]), Err(Errno::Enotsupp), "{map_type}");
        assert_eq!(store.lookup(ID, &[0; 4], 0), Ok(None), "{map_type}");
    }
}
