//! Where a pointer to a value points after the entry was replaced or deleted.
//!
//! One program looks an entry up, makes two calls, and then reads through the pointer that it got before them.

use bpfscope_core::kernel::map_flags::NO_PREALLOC;
use bpfscope_core::kernel::{MapDef, MapType};
use bpfscope_core::maps::MapStore;
use bpfscope_tests::kernel::{Map, RunSpec, available, on_cpu};

use crate::pair::{ID, insn, load_xdp, spec, store};

/// A call on a key, storing a value.
#[derive(Clone, Copy, Debug)]
enum Then {
    Update(i32, i32),
    Delete(i32),
}

/// Length of keys: a trie's prefix length, which is full, and 4 bytes of key; in other maps both are the key.
const KEY: usize = 8;

fn key(n: i32) -> [u8; KEY] {
    let mut key = [0; KEY];
    key[..4].copy_from_slice(&32u32.to_le_bytes());
    key[4..].copy_from_slice(&n.to_le_bytes());
    key
}

fn in_kernel(def: &MapDef, then: [Then; 2]) -> u64 {
    let map = Map::create(&spec(def)).unwrap();
    let mut body = vec![insn(0x62, 10, 0, -8, 32)]; // *(u32 *)(r10 - 8) = 32
    let call = |body: &mut Vec<_>, n: i32, value: i32, helper: i32| {
        body.push(insn(0x62, 10, 0, -4, n));
        body.push(insn(0x7a, 10, 0, -16, value));
        body.extend([insn(0x18, 1, 1, 0, map.fd()), insn(0, 0, 0, 0, 0)]);
        for (reg, at) in [(2, -8), (3, -16)] {
            body.push(insn(0xbf, reg, 10, 0, 0));
            body.push(insn(0x07, reg, 0, 0, at));
        }
        body.push(insn(0xb7, 4, 0, 0, 0));
        body.push(insn(0x85, 0, 0, 0, helper));
    };
    call(&mut body, 1, 11, 2);
    call(&mut body, 1, 0, 1);
    let mut rest = vec![insn(0xbf, 6, 0, 0, 0)]; // r6 = the pointer
    for then in then {
        match then {
            Then::Update(n, value) => call(&mut rest, n, value, 2),
            Then::Delete(n) => call(&mut rest, n, 0, 3),
        }
    }
    rest.push(insn(0x79, 6, 6, 0, 0)); // r6 = *(u64 *)r6
    rest.push(insn(0x7b, 7, 6, 0, 0)); // *(u64 *)r7 = r6
    body.push(insn(0x15, 0, 0, rest.len() as i16, 0));
    body.extend(rest);
    let out = load_xdp(64, body).run(&RunSpec { data: &[0; 64], ..RunSpec::default() }).unwrap();
    u64::from_le_bytes(out.data[..8].try_into().unwrap())
}

fn here(def: &MapDef, then: [Then; 2]) -> u64 {
    let mut sim: MapStore = store();
    sim.create(def.clone()).unwrap();
    let value = |n: i32| (n as u64).to_le_bytes();
    sim.update(ID, &key(1), &value(11), 0, 0).unwrap();
    let pointer = sim.lookup(ID, &key(1), 0).unwrap().unwrap();
    for then in then {
        match then {
            Then::Update(n, stored) => sim.update(ID, &key(n), &value(stored), 0, 0).unwrap(),
            Then::Delete(n) => sim.delete(ID, &key(n)).unwrap(),
        }
    }
    u64::from_le_bytes(sim.value(ID, pointer.offset, 8).unwrap().try_into().unwrap())
}

#[test]
fn a_pointer_to_a_replaced_or_deleted_entry_reads_what_the_kernel_reads() {
    if !available("pointers to replaced values") {
        return;
    }
    use Then::*;
    for (map_type, flags) in [
        (MapType::Hash, 0),
        (MapType::Hash, NO_PREALLOC),
        (MapType::PercpuHash, 0),
        (MapType::LruHash, 0),
        (MapType::LpmTrie, NO_PREALLOC),
    ] {
        for then in [
            [Update(1, 12), Update(2, 20)],
            [Update(1, 12), Update(1, 13)],
            [Update(1, 12), Delete(1)],
            [Delete(1), Update(2, 20)],
            [Delete(1), Update(1, 12)],
            [Update(2, 20), Delete(1)],
            [Update(2, 20), Update(1, 12)],
        ] {
            let def = MapDef { flags, ..MapDef::new("m", map_type, KEY as u32, 8, 16) };
            let kernel = on_cpu(0, || in_kernel(&def, then));
            assert_eq!(kernel, here(&def, then), "{map_type} {flags:#x} {then:?}");
        }
    }
}
