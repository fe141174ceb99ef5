//! Families against plain models of what they mean.

use std::collections::{BTreeMap, VecDeque};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::kernel::Errno;
use crate::kernel::map_flags::NO_PREALLOC;

/// A call on a keyed map: 0 look-up, 1 update, 2 delete; key; value; flags.
fn calls() -> impl Strategy<Value = Vec<(u8, u32, u32, u64)>> {
    vec((0..3u8, 0..24u32, any::<u32>(), prop_oneof![3 => Just(0u64), 1 => 0..4u64]), 0..200)
}

fn get(store: &mut MapStore, key: &[u8]) -> Option<Vec<u8>> {
    let at = store.lookup(ID, key, 0).unwrap()?;
    Some(store.value(ID, at.offset, store.def(ID).unwrap().value_size).unwrap().to_vec())
}

proptest! {
    #[test]
    fn a_hash_is_a_map_in_order_of_insertion(calls in calls(), flags in prop_oneof![Just(0), Just(NO_PREALLOC)]) {
        const MAX: usize = 16;
        let mut store = store(&def(MapType::Hash, 4, 4, MAX as u32, flags));
        let mut model: Vec<([u8; 4], [u8; 4])> = Vec::new();
        for (what, key, value, flags) in calls {
            let (key, value) = (key.to_le_bytes(), value.to_le_bytes());
            let at = model.iter().position(|entry| entry.0 == key);
            match what {
                0 => prop_assert_eq!(get(&mut store, &key), at.map(|at| model[at].1.to_vec())),
                1 => {
                    let expected = match (at, flags) {
                        (_, 3..) => Err(Errno::Einval),
                        (Some(_), 1) => Err(Errno::Eexist),
                        (None, 2) => Err(Errno::Enoent),
                        (None, _) if model.len() == MAX => Err(Errno::E2big),
                        (Some(at), _) => { model[at].1 = value; Ok(()) }
                        (None, _) => { model.push((key, value)); Ok(()) }
                    };
                    prop_assert_eq!(store.update(ID, &key, &value, flags, 0), expected);
                }
                _ => {
                    let expected = at.map(|at| { model.remove(at); }).ok_or(Errno::Enoent);
                    prop_assert_eq!(store.delete(ID, &key), expected);
                }
            }
        }
        let entries: Vec<_> = store.entries(ID).collect();
        let model: Vec<_> = model.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        prop_assert_eq!(store.count(ID), model.len() as u64);
        prop_assert_eq!(entries, model);
    }

    #[test]
    fn an_lru_hash_with_room_is_a_map(calls in calls()) {
        // 24 keys at most, and more nodes than two CPUs fetch at a time.
        let mut store = store(&def(MapType::LruHash, 4, 4, 1024, 0));
        let mut model = BTreeMap::new();
        for (what, key, value, _) in calls {
            let (key, value) = (key.to_le_bytes(), value.to_le_bytes());
            match what {
                0 => prop_assert_eq!(get(&mut store, &key), model.get(&key).map(|value: &[u8; 4]| value.to_vec())),
                1 => {
                    prop_assert_eq!(store.update(ID, &key, &value, 0, 0), Ok(()));
                    model.insert(key, value);
                }
                _ => prop_assert_eq!(store.delete(ID, &key), model.remove(&key).map(|_| ()).ok_or(Errno::Enoent)),
            }
        }
        prop_assert_eq!(store.count(ID), model.len() as u64);
    }

    #[test]
    fn a_full_lru_hash_never_refuses_and_never_overflows(keys in vec((any::<bool>(), 0..50u32, 0..2u32), 0..300)) {
        let mut store = store(&def(MapType::LruHash, 4, 4, 10, 0));
        for (lookup, key, cpu) in keys {
            let key = key.to_le_bytes();
            if lookup {
                store.lookup(ID, &key, cpu).unwrap();
            } else {
                prop_assert_eq!(store.update(ID, &key, &key, 0, cpu), Ok(()));
                prop_assert_eq!(get(&mut store, &key), Some(key.to_vec()));
            }
            prop_assert!(store.count(ID) <= 10);
        }
    }

    #[test]
    fn a_trie_finds_the_longest_prefix(prefixes in vec((0..=32u32, any::<u32>(), any::<u8>()), 0..40),
                                       addresses in vec(any::<u32>(), 20)) {
        let mut store = store(&def(MapType::LpmTrie, 8, 1, 100, NO_PREALLOC));
        let mut model: BTreeMap<(u32, u32), u8> = BTreeMap::new();
        // Few distinct leading bits, so that prefixes nest.
        let narrow = |address: u32| address & 0x8100_0fff;
        let mask = |bits: u32| u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        let key = |bits: u32, address: u32| [bits.to_le_bytes(), address.to_be_bytes()].concat();
        for (bits, address, value) in prefixes {
            let address = narrow(address);
            store.update(ID, &key(bits, address), &[value], 0, 0).unwrap();
            model.insert((bits, address & mask(bits)), value);
        }
        prop_assert_eq!(store.count(ID), model.len() as u64);
        for address in addresses {
            let address = narrow(address);
            let longest = model.iter().rev().find(|((bits, prefix), _)| address & mask(*bits) == *prefix);
            prop_assert_eq!(get(&mut store, &key(32, address)), longest.map(|(_, value)| vec![*value]));
        }
    }

    #[test]
    fn queues_and_stacks_give_values_back_in_their_order(
        last_first in any::<bool>(),
        calls in vec(prop_oneof![Just(None), (any::<u8>(), prop_oneof![Just(0u64), Just(2)]).prop_map(Some)], 0..100),
    ) {
        const MAX: usize = 5;
        let map_type = if last_first { MapType::Stack } else { MapType::Queue };
        let mut store = store(&def(map_type, 0, 1, MAX as u32, 0));
        let mut model = VecDeque::new();
        for call in calls {
            match call {
                Some((value, flags)) => {
                    let full = model.len() == MAX;
                    let expected = if full && flags == 0 { Err(Errno::E2big) } else { Ok(()) };
                    prop_assert_eq!(store.push(ID, &[value], flags), expected);
                    if expected.is_ok() {
                        if full { model.pop_front(); }
                        model.push_back(value);
                    }
                }
                None => {
                    let expected = if last_first { model.pop_back() } else { model.pop_front() };
                    let popped = store.pop(ID).map(|at| store.value(ID, at.offset, 1).unwrap()[0]);
                    prop_assert_eq!(popped, expected.ok_or(Errno::Enoent));
                }
            }
            let entries: Vec<_> = store.entries(ID).map(|(_, value)| value[0]).collect();
            prop_assert_eq!(entries, model.iter().copied().collect::<Vec<_>>());
        }
    }
}
