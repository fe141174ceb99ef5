//! Every case of `tests/replay`, recorded, is at every step what a run up to there is, forwards and backwards; and what
//! happens between packets: timers, samples of user space.

#![cfg(target_os = "linux")]

use std::fs;

use bpfscope_core::kernel::MapId;
use bpfscope_core::lab::{Compiled, Source};
use bpfscope_core::net::SkBuff;
use bpfscope_core::object::{LoadOptions, Loaded};
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId, Trace};
use bpfscope_tests::agree::cases::CaseFile;
use bpfscope_tests::agree::replay::all::case_files;

fn load(text: &str) -> Loaded {
    let compiled = Compiled::new(&Source::Asm(text.to_owned()), "x.s", &LoadOptions::default());
    compiled.unwrap_or_else(|e| panic!("{e}")).loaded
}

fn machine(loaded: &Loaded) -> Machine {
    Machine::new(&loaded.programs, &loaded.maps, Config::default()).unwrap()
}

fn packet() -> SkBuff {
    let mut skb = SkBuff::default();
    let mut frame = [0; 80];
    frame[12..15].copy_from_slice(&[8, 0, 0x45]);
    skb.reset_ethernet(&frame);
    skb
}

/// The value of an entry whose key is a number.
fn word(machine: &Machine, map: &str, loaded: &Loaded, at: usize) -> u64 {
    let id = loaded.maps.iter().position(|def| def.name == map).expect("a map");
    let value = machine.maps.user_lookup(MapId(id as u32), &[0; 4]).expect("an entry");
    u64::from_le_bytes(value[at..at + 8].try_into().unwrap())
}

/// Steps that are sought: all of short runs, some of long ones.
fn steps(trace: &Trace) -> Vec<usize> {
    let stride = (trace.steps() / 60).max(1);
    (0..=trace.steps()).step_by(stride).chain([trace.steps()]).collect()
}

#[test]
fn every_case_is_sought_forwards_and_backwards() {
    let mut sought = 0;
    for path in case_files() {
        let text = fs::read_to_string(&path).unwrap();
        let cases = CaseFile::parse(&text).unwrap();
        for case in &cases.cases {
            let loaded = load(&cases.text(case));
            let record = || machine(&loaded).record(ProgId(0), &mut packet());
            let mut trace = record();
            let places = steps(&trace);
            for &step in places.iter().chain(places.iter().rev()) {
                trace.seek(step);
                let mut fresh = record();
                fresh.seek(step);
                assert!(trace.state() == fresh.state(), "{}: step {step} of {}", case.name, trace.steps());
                sought += 1;
            }
            let mut plain = machine(&loaded);
            let outcome = plain.run(ProgId(0), &mut packet(), &mut NoObserver);
            assert_eq!(&outcome, trace.outcome(), "{}", case.name);
            trace.seek(trace.steps());
            for id in (0..loaded.maps.len() as u32).map(MapId) {
                assert!(trace.state().maps.entries(id).eq(plain.maps.entries(id)), "{}", case.name);
            }
        }
    }
    println!("{sought} states");
    assert!(sought > 1000);
}

const TIMER: &str = "
.license \"GPL\"
.map timed, array, key=4, value=32, entries=1
.field timed, bpf_timer, 8
.section tc
        *(u32 *)(r10 - 4) = 0
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r1 = r6
        r1 += 8
        r2 = timed ll
        r3 = 1
        call bpf_timer_init
        if r0 != 0 goto no
        r1 = r6
        r1 += 8
        r2 = tick ll
        call bpf_timer_set_callback
        r1 = r6
        r1 += 8
        r2 = 1000
        r3 = 0
        call bpf_timer_start
no:     r0 = 0
        exit
.text
tick:   r6 = r3
        call bpf_ktime_get_ns
        *(u64 *)(r6 + 24) = r0
        r1 = *(u64 *)(r6 + 0)
        r1 += 1
        *(u64 *)(r6 + 0) = r1
        if r1 > 2 goto end
        r1 = r6
        r1 += 8
        r2 = 500
        r3 = 0
        call bpf_timer_start
end:    r0 = 0
        exit
        .type tick, @function
";

#[test]
fn a_timer_runs_when_the_clock_of_the_capture_has_come_so_far() {
    let loaded = load(TIMER);
    let mut machine = machine(&loaded);
    machine.advance(5000);
    machine.run(ProgId(0), &mut packet(), &mut NoObserver);
    let seen = |machine: &Machine| (word(machine, "timed", &loaded, 0), word(machine, "timed", &loaded, 24));
    machine.advance(5999);
    assert_eq!(seen(&machine), (0, 0));
    machine.advance(6400);
    assert_eq!(seen(&machine), (1, 6000));
    let checkpoint = machine.checkpoint();
    machine.advance(1_000_000);
    assert_eq!(seen(&machine), (3, 7000), "it starts itself anew twice");
    machine.restore(&checkpoint);
    machine.advance(6500);
    assert_eq!(seen(&machine), (2, 6500));
}

const DRAIN: &str = "
.license \"GPL\"
.map samples, user_ringbuf, entries=4096
.bss
out:    .zero 32
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = samples ll
        r2 = take ll
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_user_ringbuf_drain
        r6 = out ll
        *(u64 *)(r6 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r6 + 8) = r1
        r0 = 0
        exit
.text
take:   r6 = r2
        *(u64 *)(r10 - 8) = 0
        r3 = r1
        r1 = r10
        r1 += -8
        r2 = 4
        r4 = 1
        r5 = 0
        call bpf_dynptr_read
        r1 = *(u64 *)(r6 + 0)
        r1 <<= 8
        r2 = *(u32 *)(r10 - 8)
        r1 += r2
        *(u64 *)(r6 + 0) = r1
        r0 = 0
        if r2 != 9 goto more
        r0 = 1
more:   exit
        .type take, @function
";

#[test]
fn samples_of_user_space_are_taken_in_order_until_the_function_has_enough() {
    let loaded = load(DRAIN);
    let id = MapId(loaded.maps.iter().position(|def| def.name == "samples").unwrap() as u32);
    let mut machine = machine(&loaded);
    for byte in [7, 8, 9, 10] {
        machine.maps.user_ringbuf_put(id, &[0, byte, 0, 0, 0, 99]).unwrap();
    }
    let record = |machine: &mut Machine| {
        let mut trace = machine.record(ProgId(0), &mut packet());
        let start = trace.state().clone();
        trace.seek(trace.steps());
        trace.seek(0);
        assert!(trace.state() == &start && trace.state().maps.count(id) == start.maps.count(id));
        assert_eq!(trace.outcome().fault, None);
    };
    record(&mut machine);
    assert_eq!((word(&machine, ".bss", &loaded, 0), word(&machine, ".bss", &loaded, 8)), (3, 0x07_0809));
    assert_eq!(machine.maps.count(id), 1);
    record(&mut machine);
    assert_eq!((word(&machine, ".bss", &loaded, 0), word(&machine, ".bss", &loaded, 8)), (1, 10));
    assert!(machine.maps.user_ringbuf_put(id, &[0; 4096]).is_err());
}
