//! A timer that fires between two packets has done the same here and in the kernel when the next one comes: time is the
//! kernel's own there, and that of the capture here, so that only what is left in the end is compared.

#![cfg(target_os = "linux")]

use std::thread;
use std::time::{Duration, Instant};

use bpfscope_core::kernel::MapId;
use bpfscope_core::lab::{Compiled, Replay, Source};
use bpfscope_core::net::{LinkType, Packet};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_linux::load::InKernel;
use bpfscope_tests::kernel::{self, RunSpec};

/// Each packet starts a timer, which fires three times and counts, sums up and stores; the fourth packet ends it before.
const TEXT: &str = "
.license \"GPL\"
.map timed, array, key=4, value=40, entries=1
.field timed, bpf_timer, 8
.map seen, hash, key=4, value=8, entries=64
.section tc
        *(u32 *)(r10 - 4) = 0
        r1 = timed ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto no
        r6 = r0
        r1 = *(u64 *)(r6 + 32)
        r1 += 1
        *(u64 *)(r6 + 32) = r1
        *(u64 *)(r6 + 24) = 3
        r7 = r6
        r7 += 8
        r1 = r7
        r2 = timed ll
        r3 = 1
        call bpf_timer_init
        r1 = r7
        r2 = fires ll
        call bpf_timer_set_callback
        r1 = r7
        r2 = 100000
        r3 = *(u64 *)(r6 + 32)
        if r3 != 4 goto soon
        r2 = 100000000000 ll
soon:   r3 = 0
        call bpf_timer_start
        r1 = *(u64 *)(r6 + 32)
        if r1 != 4 goto no
        r1 = r7
        call bpf_timer_cancel
no:     r0 = 0
        exit
.text
fires:  r6 = r3
        r1 = *(u64 *)(r6 + 0)
        r1 += 1
        *(u64 *)(r6 + 0) = r1
        *(u32 *)(r10 - 4) = r1
        r2 = *(u64 *)(r6 + 32)
        *(u64 *)(r10 - 16) = r2
        r1 = seen ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        r1 = *(u64 *)(r6 + 24)
        r1 += -1
        *(u64 *)(r6 + 24) = r1
        if r1 s< 1 goto end
        r1 = r6
        r1 += 8
        r2 = 50000
        r3 = 0
        call bpf_timer_start
end:    r0 = 0
        exit
        .type fires, @function
";
const PACKETS: u32 = 8;
/// How long the kernel may take for what is to come.
const PATIENCE: Duration = Duration::from_secs(10);

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// A value of `timed` without the timer itself, in which a kernel has addresses.
fn told(timed: &[u8]) -> Vec<u8> {
    [&timed[..8], &timed[24..]].concat()
}

fn sorted(mut entries: Entries) -> Entries {
    entries.sort();
    entries
}

#[test]
fn a_timer_between_packets_leaves_what_it_leaves_in_the_kernel() {
    if !kernel::available("timers between packets") {
        return;
    }
    let Compiled { object, loaded, .. } =
        Compiled::new(&Source::Asm(TEXT.into()), "x.s", &LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let mut replay = Replay::new(&loaded, &[], &[], Config::default()).expect("a program");
    let kernel = InKernel::new(&object, &loaded, |_| true).unwrap_or_else(|e| panic!("{e}"));
    let prog = kernel.progs[0].as_ref().expect("a program");
    let frame = [0; 64];
    let (timed, seen) = (MapId(0), MapId(1));
    for index in 0..PACKETS {
        let time_ns = u64::from(index + 1) * 1_000_000_000;
        let packet = Packet { index, time_ns, link: LinkType::Ethernet, orig_len: 64, offset: 0, data: &frame };
        replay.packet(&packet, &mut NoObserver, |run, _, _| assert_eq!(run.outcome.fault, None));
        // The next packet is a second away.
        replay.machine_mut().advance(time_ns + 999_999_999);
        prog.run(&RunSpec { data: &frame, ..RunSpec::default() }).expect("a test run");
        let ours = told(&replay.machine().maps.user_lookup(timed, &[0; 4]).expect("an entry"));
        let until = Instant::now() + PATIENCE;
        let theirs = loop {
            let theirs = told(&kernel.maps()[0].lookup(&[0; 4]).expect("an entry"));
            if theirs == ours || Instant::now() > until {
                break theirs;
            }
            thread::yield_now();
        };
        assert_eq!(theirs, ours, "packet {}", index + 1);
        assert_eq!(ours[0], 3 * (index + 1 - u32::from(index > 2)) as u8);
    }
    let of_kernel = |map: usize| {
        let map = &kernel.maps()[map];
        let keys = map.keys(64).expect("keys");
        keys.into_iter().map(|key| (key.clone(), map.lookup(&key).expect("a value"))).collect()
    };
    assert_eq!(sorted(replay.machine().maps.entries(seen).collect()), sorted(of_kernel(1)));
}
