//! What fits into a ring buffer, and what it then says of itself.

use bpfscope_core::kernel::{MapDef, MapType};
use bpfscope_core::maps::RingbufQuery;
use bpfscope_tests::kernel::{Map, Prog, RunSpec, available};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::pair::{ID, insn, load_xdp, spec, store};

/// What a program does with a record: leaves it, submits it, discards it, or outputs it in one go.
#[derive(Clone, Copy, Debug)]
enum How {
    Submit(u64),
    Discard(u64),
    Output(u64),
}

const OUTPUT: i32 = 130;
const RESERVE: i32 = 131;
const SUBMIT: i32 = 132;
const DISCARD: i32 = 133;
const QUERY: i32 = 134;

/// A program that makes one record of `size` and leaves what the helper returned (1 for a pointer), and the answers to
/// the four queries, in the packet.
fn load(map: &Map, size: i32, how: How) -> Prog {
    let map_to = |reg: u8| [insn(0x18, reg, 1, 0, map.fd()), insn(0, 0, 0, 0, 0)];
    let mut body = Vec::new();
    body.extend(map_to(1));
    match how {
        How::Output(flags) => {
            for word in 1..=64 {
                body.push(insn(0x7a, 10, 0, -8 * word, 0)); // *(u64 *)(r10 - …) = 0
            }
            body.push(insn(0xbf, 2, 10, 0, 0));
            body.push(insn(0x07, 2, 0, 0, -512));
            body.push(insn(0xb7, 3, 0, 0, size.min(512)));
            body.push(insn(0xb7, 4, 0, 0, flags as i32));
            body.push(insn(0x85, 0, 0, 0, OUTPUT));
        }
        How::Submit(flags) | How::Discard(flags) => {
            let helper = if matches!(how, How::Submit(_)) { SUBMIT } else { DISCARD };
            body.push(insn(0xb7, 2, 0, 0, size));
            body.push(insn(0xb7, 3, 0, 0, 0));
            body.push(insn(0x85, 0, 0, 0, RESERVE));
            body.push(insn(0x15, 0, 0, 4, 0)); // if r0 == 0 goto end
            body.push(insn(0xbf, 1, 0, 0, 0));
            body.push(insn(0xb7, 2, 0, 0, flags as i32));
            body.push(insn(0x85, 0, 0, 0, helper));
            body.push(insn(0xb7, 0, 0, 0, 1));
        }
    }
    body.push(insn(0x7b, 7, 0, 0, 0));
    for query in 0..4 {
        body.extend(map_to(1));
        body.push(insn(0xb7, 2, 0, 0, query));
        body.push(insn(0x85, 0, 0, 0, QUERY));
        body.push(insn(0x7b, 7, 0, 8 + 8 * query as i16, 0));
    }
    load_xdp(64, body)
}

#[test]
fn records_fit_and_fail_as_in_the_kernel() {
    if !available("ring buffers") {
        return;
    }
    let size =
        prop_oneof![Just(1), Just(8), 1..600, 600..3000, Just(4072), Just(4080), Just(4088), Just(4089), Just(9000)];
    let flags = prop_oneof![4 => Just(0u64), 1 => Just(1), 1 => Just(2)];
    let wrong = prop_oneof![8 => flags.clone(), 1 => Just(4)];
    let how =
        prop_oneof![flags.clone().prop_map(How::Submit), flags.prop_map(How::Discard), wrong.prop_map(How::Output)];
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let agreed = TestRunner::new(config).run(&vec((size, how), 1..20), |records| {
        let def = MapDef::new("m", MapType::Ringbuf, 0, 0, 4096);
        let map = Map::create(&spec(&def)).unwrap();
        let mut sim = store();
        sim.create(def).unwrap();
        for (size, how) in records {
            let out = load(&map, size, how).run(&RunSpec { data: &[0; 64], ..RunSpec::default() }).unwrap();
            let words: Vec<i64> = out.data.chunks(8).map(|b| i64::from_le_bytes(b.try_into().unwrap())).collect();
            let here = match how {
                How::Output(flags) => {
                    let data = vec![0; size.min(512) as usize];
                    sim.ringbuf_output(ID, &data, flags).map_or_else(|errno| errno.ret() as i64, |()| 0)
                }
                How::Submit(flags) | How::Discard(flags) => match sim.ringbuf_reserve(ID, size as u64, 0) {
                    None => 0,
                    Some(at) if matches!(how, How::Submit(_)) => sim.ringbuf_submit(ID, at, flags).map(|()| 1).unwrap(),
                    Some(at) => sim.ringbuf_discard(ID, at, flags).map(|()| 1).unwrap(),
                },
            };
            prop_assert_eq!(words[0], here, "{} {:?}", size, how);
            use RingbufQuery::*;
            for (query, kernel) in [AvailData, RingSize, ConsPos, ProdPos].into_iter().zip(&words[1..]) {
                prop_assert_eq!(*kernel as u64, sim.ringbuf_query(ID, query), "{:?} after {} {:?}", query, size, how);
            }
        }
        Ok(())
    });
    if let Err(why) = agreed {
        panic!("{why}");
    }
}
