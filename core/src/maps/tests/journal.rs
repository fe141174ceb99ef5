//! Changes are undone and redone exactly.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::kernel::map_flags::{NO_COMMON_LRU, NO_PREALLOC};

/// A call that may change a map: what it is, a key number, a value byte, flags, a CPU.
type Call = (u8, u32, u8, u64, u32);

fn calls() -> impl Strategy<Value = Vec<Call>> {
    vec((0..7u8, 0..40u32, any::<u8>(), prop_oneof![4 => Just(0u64), 1 => 0..4u64], 0..2u32), 0..120)
}

fn make(store: &mut MapStore, &(what, number, byte, flags, cpu): &Call) {
    let def = store.def(ID).unwrap().clone();
    let key = &key_of(&def, number)[..];
    let value = vec![byte; def.value_size as usize];
    let lanes = if def.map_type.is_percpu() { store.cpus() as usize } else { 1 };
    let user = vec![byte; (def.value_size as usize).next_multiple_of(if lanes > 1 { 8 } else { 1 }) * lanes];
    // Errors are answers too: what they leave behind must be undone as well.
    let _ = match what {
        0 if def.map_type == MapType::Ringbuf => {
            store.ringbuf_reserve(ID, u64::from(number) * 20, 0);
            Ok(())
        }
        1 if def.map_type == MapType::Ringbuf => store.ringbuf_output(ID, &vec![byte; number as usize * 10], flags),
        2 if def.map_type == MapType::Ringbuf => {
            store.ringbuf_drain(ID);
            Ok(())
        }
        _ if def.map_type == MapType::Ringbuf => {
            // Some of these hit a reserved record's first byte.
            let offset = store.locate_record(ID, number * 100 + 8).map_or(8, |(start, _)| start);
            if what % 2 == 0 { store.ringbuf_submit(ID, offset, 0) } else { store.ringbuf_discard(ID, offset, 0) }
        }
        0 | 1 if def.key_size == 0 => store.push(ID, &value, flags),
        2 if def.key_size == 0 => store.pop(ID).map(|_| ()),
        0 | 1 => store.update(ID, key, &value, flags, cpu),
        2 => store.lookup(ID, key, cpu).map(|_| ()),
        3 => store.delete(ID, key),
        4 => store.user_delete(ID, key),
        5 if def.map_type == MapType::ProgArray => store.set_program(ID, number, None),
        _ => store.user_update(ID, key, &user, flags),
    };
}

fn key_of(def: &MapDef, number: u32) -> Vec<u8> {
    let mut key = vec![0; def.key_size as usize];
    match def.map_type {
        MapType::LpmTrie => {
            key[0] = (number % 18) as u8;
            key[4] = (number * 37) as u8;
        }
        _ if key.is_empty() => {}
        _ => key[..4].copy_from_slice(&number.to_le_bytes()),
    }
    key
}

/// All of a map's state: the family's own, the values, and what every address is.
fn state(store: &MapStore) -> String {
    let map = &store.maps[ID.index()];
    let entries: Vec<_> = store.entries(ID).collect();
    // Arrays get memory when looked at, which is no change.
    let mut values: Vec<_> = (0..map.slab.slots()).map(|slot| map.slab.value(slot).to_vec()).collect();
    let mut places: Vec<_> = (0..map.slab.slots()).map(|slot| store.locate(ID, map.slab.offset(slot))).collect();
    if matches!(map.def.map_type, MapType::Array | MapType::PercpuArray | MapType::Queue | MapType::Stack) {
        while values.pop_if(|value| value.iter().all(|&byte| byte == 0)).is_some() {
            places.pop();
        }
        places.truncate(values.len());
    }
    let (kind, memory) = (&map.kind, store.memory());
    format!("{kind:?}\n{entries:?}\n{values:?}\n{places:?}\n{memory}")
}

#[test]
fn changes_are_undone_and_redone_exactly() {
    use MapType::*;
    let all = [
        def(Array, 4, 6, 30, 0),
        def(PercpuArray, 4, 6, 30, 0),
        def(Hash, 4, 6, 20, 0),
        def(Hash, 4, 6, 20, NO_PREALLOC),
        def(PercpuHash, 4, 6, 20, 0),
        def(LruHash, 4, 6, 10, 0),
        def(LruHash, 4, 6, 10, NO_COMMON_LRU),
        def(LruPercpuHash, 4, 6, 10, 0),
        def(LpmTrie, 6, 6, 20, NO_PREALLOC),
        def(ProgArray, 4, 4, 30, 0),
        def(PerfEventArray, 4, 4, 30, 0),
        def(Queue, 0, 6, 5, 0),
        def(Stack, 0, 6, 5, 0),
        def(Ringbuf, 0, 0, 4096, 0),
    ];
    all.into_iter().for_each(|def| undo_and_redo(&def, Limits::default().memory));
}

#[test]
fn changes_are_undone_and_redone_exactly_when_memory_is_short() {
    use MapType::*;
    for def in
        [def(Hash, 4, 6, 20, 0), def(PercpuHash, 4, 6, 20, 0), def(LruHash, 4, 6, 20, 0), def(LpmTrie, 6, 6, 20, 1)]
    {
        undo_and_redo(&def, 300);
    }
}

fn undo_and_redo(def: &MapDef, memory: u64) {
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&(calls(), calls()), |(before, calls)| {
        let mut store = MapStore::new(Limits { memory, cpus: 2 });
        store.create(def.clone()).unwrap();
        before.iter().for_each(|call| make(&mut store, call));
        store.start_journal();
        let mut steps = vec![(state(&store), Vec::new())];
        for call in &calls {
            make(&mut store, call);
            let changes = store.take_journal();
            steps.push((state(&store), changes));
        }
        for i in (1..steps.len()).rev() {
            steps[i].1.iter().rev().for_each(|change| store.revert(change));
            prop_assert_eq!(&state(&store), &steps[i - 1].0, "undoing {:?}", calls[i - 1]);
        }
        for (i, (after, changes)) in steps.iter().enumerate().skip(1) {
            changes.iter().for_each(|change| store.reapply(change));
            prop_assert_eq!(&state(&store), after, "redoing {:?}", calls[i - 1]);
        }
        prop_assert!(store.take_journal().is_empty(), "undoing and redoing is not recorded");
        Ok(())
    });
    if let Err(why) = outcome {
        panic!("{}: {why}", def.map_type);
    }
}

#[test]
fn a_call_that_changes_nothing_records_nothing() {
    let mut store = store(&def(MapType::Hash, 4, 4, 2, 0));
    store.start_journal();
    assert!(store.delete(ID, &[0; 4]).is_err());
    assert!(store.update(ID, &[0; 4], &[0; 4], 2, 0).is_err());
    assert_eq!(store.lookup(ID, &[0; 4], 0), Ok(None));
    assert!(store.take_journal().is_empty());
}

#[test]
fn a_change_of_a_map_that_is_not_there_is_ignored() {
    let mut one = store(&def(MapType::Hash, 4, 4, 2, 0));
    one.start_journal();
    one.update(ID, &[0; 4], &[0; 4], 0, 0).unwrap();
    let changes = one.take_journal();
    let mut none = MapStore::new(Limits::default());
    changes.iter().for_each(|change| none.reapply(change));
    assert_eq!(none.len(), 0);
}
