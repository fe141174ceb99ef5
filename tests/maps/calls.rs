//! Random calls on a map of every family, by user space and by programs.

use bpfscope_core::kernel::map_flags::{NO_COMMON_LRU, NO_PREALLOC};
use bpfscope_core::kernel::{MapDef, MapType};
use bpfscope_tests::kernel::{available, on_cpu};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::pair::{Call, Pair};

/// Keys: few, so that they meet; some past the end of an array.
fn key(def: &MapDef) -> BoxedStrategy<Vec<u8>> {
    let size = def.key_size as usize;
    let spread = def.max_entries + def.max_entries / 2 + 2;
    match def.map_type {
        MapType::LpmTrie => {
            let bits = (size as u32 - 4) * 8;
            let data = vec(prop_oneof![Just(0u8), Just(0x80), Just(0xc0), Just(0xff)], size - 4);
            (0..bits + 2, data).prop_map(|(bits, data)| [&bits.to_le_bytes()[..], &data].concat()).boxed()
        }
        _ => (0..spread)
            .prop_map(move |n| {
                let mut key = vec![0; size];
                let bytes = n.to_le_bytes();
                let len = size.min(4);
                key[..len].copy_from_slice(&bytes[..len]);
                key
            })
            .boxed(),
    }
}

fn flags() -> impl Strategy<Value = u64> {
    prop_oneof![8 => Just(0u64), 2 => Just(1), 2 => Just(2), 1 => Just(3), 1 => Just(4), 1 => Just(1 << 40)]
}

fn call(def: &MapDef, user_value: usize) -> BoxedStrategy<Call> {
    let value = vec(any::<u8>(), def.value_size as usize);
    // User space's value: what lies between the CPUs' values is not kept.
    let (size, stride) = (def.value_size as usize, (def.value_size as usize).next_multiple_of(8));
    let user = vec(any::<u8>(), user_value).prop_map(move |mut bytes| {
        if bytes.len() != size {
            bytes.chunks_mut(stride).for_each(|lane| lane[size..].fill(0));
        }
        bytes
    });
    match def.map_type {
        MapType::Queue | MapType::Stack => prop_oneof![
            6 => (value.clone(), flags()).prop_map(|(v, f)| Call::Push(v, f)),
            3 => Just(Call::Pop),
            1 => Just(Call::Peek),
            1 => Just(Call::Lookup(Vec::new())),
            1 => Just(Call::LookupAndDelete),
            1 => (user, flags()).prop_map(|(v, f)| Call::Update(Vec::new(), v, f)),
            1 => Just(Call::Delete(Vec::new())),
            1 => Just(Call::NextKey(None)),
        ]
        .boxed(),
        _ => prop_oneof![
            2 => key(def).prop_map(Call::Lookup),
            3 => (key(def), user, flags()).prop_map(|(k, v, f)| Call::Update(k, v, f)),
            1 => key(def).prop_map(Call::Delete),
            3 => key(def).prop_map(Call::ProgLookup),
            6 => (key(def), value, flags()).prop_map(|(k, v, f)| Call::ProgUpdate(k, v, f)),
            2 => key(def).prop_map(Call::ProgDelete),
        ]
        .boxed(),
    }
}

/// Runs random sequences of calls on both, comparing every answer, and the contents now and then.
fn agree(def: MapDef, ordered: bool, cases: u32, calls: usize) {
    if !available(&format!("agreement of {} maps", def.map_type)) {
        return;
    }
    let user_value = Pair::new(&def, ordered).kernel.value_size();
    let sequences = vec(call(&def, user_value), 0..calls);
    let keyed = !matches!(def.map_type, MapType::Queue | MapType::Stack);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let agreed = TestRunner::new(config).run(&sequences, |sequence| {
        // Free lists and LRU lists of the kernel are per CPU; the simulator's user space is on CPU 0.
        on_cpu(0, || {
            let mut pair = Pair::new(&def, ordered);
            for (i, call) in sequence.iter().enumerate() {
                let (kernel, sim) = pair.call(call);
                prop_assert_eq!(kernel, sim, "call {}: {:?}", i, call);
                if keyed && (i % 16 == 0 || i + 1 == sequence.len()) {
                    let (kernel, sim) = pair.contents();
                    prop_assert_eq!(kernel, sim, "after call {}: {:?}", i, call);
                }
            }
            Ok(())
        })
    });
    if let Err(why) = agreed {
        panic!("{}: {why}", def.map_type);
    }
}

fn def(map_type: MapType, key_size: u32, value_size: u32, max_entries: u32, flags: u32) -> MapDef {
    MapDef { flags, ..MapDef::new("m", map_type, key_size, value_size, max_entries) }
}

#[test]
fn array() {
    agree(def(MapType::Array, 4, 12, 8, 0), true, 64, 100);
}

#[test]
fn percpu_array() {
    agree(def(MapType::PercpuArray, 4, 12, 8, 0), true, 64, 100);
}

#[test]
fn hash() {
    for key_size in [4, 7, 16] {
        agree(def(MapType::Hash, key_size, 12, 8, 0), false, 64, 100);
        agree(def(MapType::Hash, key_size, 12, 8, NO_PREALLOC), false, 64, 100);
    }
}

#[test]
fn percpu_hash() {
    agree(def(MapType::PercpuHash, 8, 12, 8, 0), false, 64, 100);
}

#[test]
fn lpm_trie() {
    agree(def(MapType::LpmTrie, 6, 4, 8, NO_PREALLOC), true, 128, 100);
    agree(def(MapType::LpmTrie, 8, 4, 1000, NO_PREALLOC), true, 64, 200);
}

#[test]
fn queue() {
    agree(def(MapType::Queue, 0, 12, 4, 0), true, 64, 100);
}

#[test]
fn stack() {
    agree(def(MapType::Stack, 0, 12, 4, 0), true, 64, 100);
}

#[test]
fn lru_hash_evicts_what_the_kernel_evicts() {
    for (max_entries, cases) in [(1, 16), (3, 32), (8, 32), (100, 16), (600, 4)] {
        agree(def(MapType::LruHash, 4, 8, max_entries, 0), false, cases, 4 * max_entries as usize + 100);
    }
}

#[test]
fn lru_percpu_hash_evicts_what_the_kernel_evicts() {
    for (max_entries, cases) in [(3, 32), (8, 32), (100, 8)] {
        agree(def(MapType::LruPercpuHash, 4, 12, max_entries, 0), false, cases, 4 * max_entries as usize + 100);
    }
}

#[test]
fn lru_hash_with_a_list_for_each_cpu_evicts_what_the_kernel_evicts() {
    for max_entries in [8, 100] {
        let def = def(MapType::LruHash, 4, 8, max_entries, NO_COMMON_LRU);
        agree(def, false, 16, 4 * max_entries as usize + 100);
    }
}

#[test]
fn next_key_after_a_key_that_is_not_there_is_the_first() {
    if !available("next key") {
        return;
    }
    let cases = [
        (def(MapType::Array, 4, 4, 3, 0), vec![[0, 0, 0, 0]]),
        (def(MapType::PercpuArray, 4, 4, 3, 0), vec![[0, 0, 0, 0]]),
        (def(MapType::ProgArray, 4, 4, 3, 0), vec![]),
        (def(MapType::PerfEventArray, 4, 4, 3, 0), vec![]),
        (def(MapType::Hash, 4, 4, 3, 0), vec![]),
        (def(MapType::Hash, 4, 4, 3, 0), vec![[5, 0, 0, 0]]),
        (def(MapType::LruHash, 4, 4, 3, 0), vec![[5, 0, 0, 0]]),
    ];
    for (def, stored) in cases {
        let mut pair = Pair::new(&def, true);
        let value = vec![1; pair.kernel.value_size()];
        for key in &stored {
            let (kernel, sim) = pair.call(&Call::Update(key.to_vec(), value.clone(), 0));
            assert_eq!(kernel, sim, "{def:?}");
        }
        for key in [None, Some(0u32), Some(1), Some(2), Some(3), Some(5), Some(u32::MAX)] {
            let call = Call::NextKey(key.map(|key| key.to_le_bytes().to_vec()));
            let (kernel, sim) = pair.call(&call);
            assert_eq!(kernel, sim, "{} {call:?}", def.map_type);
        }
    }
}

#[test]
fn maps_without_values_refuse_the_same_calls() {
    if !available("calls on maps without values") {
        return;
    }
    for (def, key) in [
        (def(MapType::ProgArray, 4, 4, 3, 0), vec![1, 0, 0, 0]),
        (def(MapType::ProgArray, 4, 4, 3, 0), vec![3, 0, 0, 0]),
        (def(MapType::PerfEventArray, 4, 4, 3, 0), vec![3, 0, 0, 0]),
        (def(MapType::Ringbuf, 0, 0, 4096, 0), vec![]),
        (def(MapType::Queue, 0, 4, 3, 0), vec![]),
    ] {
        let mut pair = Pair::new(&def, true);
        let mut calls = vec![Call::Lookup(key.clone()), Call::Delete(key.clone())];
        if def.map_type != MapType::ProgArray && def.map_type != MapType::PerfEventArray {
            calls.push(Call::NextKey(Some(key.clone())));
        }
        let value = vec![1; def.value_size as usize];
        calls.push(Call::Update(key.clone(), value.clone(), 1));
        calls.push(Call::Update(key.clone(), value.clone(), 1 << 20));
        if key == [3, 0, 0, 0] {
            calls.push(Call::Update(key.clone(), value, 0));
        }
        for call in calls {
            let (kernel, sim) = pair.call(&call);
            assert_eq!(kernel, sim, "{} {call:?}", def.map_type);
        }
    }
}

#[test]
fn maps_that_nobody_has_filled_refuse_the_same_calls() {
    if !available("calls on maps of devices and sockets") {
        return;
    }
    let (some, beyond) = (vec![1, 0, 0, 0], vec![3, 0, 0, 0]);
    for (def, stores) in [
        (def(MapType::Devmap, 4, 4, 3, 0), true),
        (def(MapType::Devmap, 4, 8, 3, 0), true),
        (def(MapType::Cpumap, 4, 4, 3, 0), true),
        (def(MapType::Xskmap, 4, 4, 3, 0), false),
        (def(MapType::Sockmap, 4, 4, 3, 0), false),
        (def(MapType::Sockmap, 4, 8, 3, 0), false),
        (def(MapType::Sockhash, 4, 8, 3, 0), false),
        (def(MapType::CgroupArray, 4, 4, 3, 0), false),
        (def(MapType::UserRingbuf, 0, 0, 4096, 0), false),
        (def(MapType::BloomFilter, 0, 4, 3, 0), false),
    ] {
        let mut pair = Pair::new(&def, true);
        let mut calls = Vec::new();
        for key in [&some, &beyond].map(|key| if def.key_size == 0 { Vec::new() } else { key.clone() }) {
            if def.map_type != MapType::BloomFilter {
                calls.push(Call::Lookup(key.clone()));
            }
            calls.extend([Call::Delete(key.clone()), Call::NextKey(Some(key.clone()))]);
            if stores {
                let value = vec![1; def.value_size as usize];
                calls.extend([1, 3, 1 << 20].map(|flags| Call::Update(key.clone(), value.clone(), flags)));
            }
        }
        if def.map_type == MapType::BloomFilter {
            calls.extend([0, 1, 2].map(|flags| Call::Update(Vec::new(), vec![1; 4], flags)));
        }
        let differ = calls.iter().map(|call| (call, pair.call(call))).filter(|(_, (kernel, sim))| kernel != sim);
        let differ: Vec<_> = differ.map(|(call, answers)| format!("{call:?} {answers:?}")).collect();
        assert!(differ.is_empty(), "{}: {}", def.map_type, differ.join("\n"));
    }
}

#[test]
fn user_space_keeps_to_access_flags_and_freezing() {
    if !available("access flags") {
        return;
    }
    let key = || vec![0; 4];
    let calls = [Call::Lookup(key()), Call::Update(key(), vec![1; 4], 0), Call::Delete(key()), Call::NextKey(None)];
    for (flags, freeze) in [(0, false), (0, true), (1 << 3, false), (1 << 4, false), (1 << 7, false)] {
        let def = def(MapType::Hash, 4, 4, 3, flags);
        let mut pair = Pair::new(&def, true);
        if freeze {
            pair.kernel.freeze().unwrap();
            pair.sim.freeze(crate::pair::ID).unwrap();
        }
        for call in &calls {
            let (kernel, sim) = pair.call(call);
            assert_eq!(kernel, sim, "flags {flags:#x} frozen {freeze} {call:?}");
        }
    }
}
