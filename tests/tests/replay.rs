//! Replays agree with the running kernel, packet by packet: what a program returns, the frame as it leaves it, and the
//! maps at the end.
//!
//! The oracle for tc and XDP is `BPF_PROG_TEST_RUN`; for socket filters it is a packet socket on a veth pair, since a
//! test run starts after the MAC header, where no packet socket does. The programs are the lessons, and the counter of
//! the talk as clang compiles it; the packets are those of `pcaps`.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{Attachment, Compare, Compiled, Contents, Lesson, Replay, Scenario, Source};
use bpfscope_core::net::{CaptureReader, LinkType};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::Config;
use bpfscope_linux::engine::{KernelEngine, SetupError};
use bpfscope_tests::clang::{self, Flags};
use bpfscope_tests::kernel::{self, on_cpu, possible_cpus};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every capture that comes with bpfscope, by file name.
fn captures() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(root().join("pcaps")).expect("pcaps");
    let mut all: Vec<_> = files
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "pcap" || e == "pcapng"))
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), read(&path)))
        .collect();
    all.sort();
    assert!(all.len() >= 8, "{} captures", all.len());
    all
}

/// How much was compared.
#[derive(Default)]
struct Compared {
    packets: u32,
    /// Entries of maps at the end that are not zero.
    entries: usize,
}

/// Takes a capture through a scenario here and in the kernel; `None` where there can be no namespace for a socket filter,
/// said on standard error.
fn compare(what: &str, scenario: &Scenario, attachments: &[Attachment], capture: &[u8]) -> Option<Compared> {
    // A namespace belongs to its thread, and per-CPU values are compared for one CPU.
    let inside = || on_cpu(0, || try_compare(what, scenario, attachments, capture));
    match thread::scope(|scope| scope.spawn(inside).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
        Ok(compared) => Some(compared),
        Err(SetupError::Namespace(why)) => {
            clang::skip(what, &why.to_string());
            None
        }
        Err(error) => panic!("{what}: {error}"),
    }
}

fn try_compare(
    what: &str,
    scenario: &Scenario,
    attachments: &[Attachment],
    capture: &[u8],
) -> Result<Compared, SetupError> {
    let options = LoadOptions { kernel: scenario.kernel, ..LoadOptions::default() };
    let Compiled { object, loaded, .. } =
        Compiled::new(&scenario.source, what, &options).unwrap_or_else(|e| panic!("{what}: {e}"));
    let config = Config { cpus: possible_cpus(), ..Config::default() };
    let ours = Replay::new(&loaded, attachments, &scenario.maps, config).unwrap_or_else(|e| panic!("{what}: {e}"));
    let engine = KernelEngine::new(&object, &loaded, ours.attached(), &scenario.maps, &scenario.network)?;
    let only_sockets = ours.attached().iter().all(|at| at.hook == Hook::Socket);
    let theirs = Replay::on(engine, &loaded, attachments).unwrap_or_else(|e| panic!("{what}: {e}"));
    let mut both = Compare::new(ours, theirs, &loaded);
    let mut compared = Compared::default();
    let mut reader = CaptureReader::new(capture).expect("a capture");
    while let Some(packet) = reader.next_packet().expect("a packet") {
        if packet.link != LinkType::Ethernet && !only_sockets {
            continue;
        }
        let found = both.packet(&packet).unwrap_or_else(|e| panic!("{what}: packet {}: {e}", packet.index + 1));
        assert_eq!(found, None, "{what}: packet {}", packet.index + 1);
        compared.packets += 1;
    }
    assert_eq!(both.end(), None, "{what}: maps at the end");
    let maps = (0..loaded.maps.len() as u32).map(bpfscope_core::kernel::MapId);
    let entries = maps.flat_map(|map| both.theirs().engine().entries(map));
    compared.entries = entries.filter(|(_, value)| value.iter().any(|b| *b != 0)).count();
    Ok(compared)
}

#[test]
fn every_lesson_does_in_the_kernel_what_it_does_here() {
    if !kernel::available("lessons in the kernel") {
        return;
    }
    let index = read(&root().join("lessons/index.json"));
    let lessons: Vec<Lesson> = serde_json::from_slice(&index).expect("the index of lessons");
    assert!(lessons.len() >= 8, "{} lessons", lessons.len());
    for lesson in lessons {
        let text = String::from_utf8(read(&root().join("lessons").join(&lesson.source))).expect("text");
        let capture = read(&root().join("pcaps").join(&lesson.capture));
        if let Some(compared) = compare(&lesson.name, &lesson.scenario(text), &[], &capture) {
            assert!(compared.packets > 0, "{}: no packet was compared", lesson.name);
        }
    }
}

/// The counter at one of its hooks, on every capture; where nothing is counted says so.
fn count(program: &str, hook: Hook) -> Vec<(String, Compared)> {
    let scenario = Scenario::new(Source::Elf(clang::compile("../replay/counter.c", Flags::USUAL)));
    let attachments = [Attachment::new(program, hook)];
    let on = |(name, capture): (String, Vec<u8>)| {
        let compared = compare(&format!("{program} on {name}"), &scenario, &attachments, &capture)?;
        Some((name, compared))
    };
    captures().into_iter().filter_map(on).collect()
}

#[test]
fn the_counter_that_clang_compiles_counts_as_in_the_kernel() {
    if !clang::available("the counter") || !kernel::available("the counter") {
        return;
    }
    for (name, Compared { packets, entries }) in count("count_direct", Hook::TcIngress) {
        assert!(packets == 0 || entries > 0 || name == "ipv6-nd.pcap", "{name}: nothing counted");
    }
}

#[test]
fn the_counter_as_a_socket_filter_counts_as_in_the_kernel() {
    if !clang::available("the counter at a socket") || !kernel::available("the counter at a socket") {
        return;
    }
    for (name, Compared { packets, entries }) in count("bpf_prog1", Hook::Socket) {
        assert!(packets > 0 && entries > 0, "{name}: nothing counted");
    }
}

/// A control group's programs: they read what they may, count by it, and decide.
const CGROUP: &str = "
    .map seen, hash, key=8, value=8, entries=256
    .license \"GPL\"
    .section cgroup_skb/ingress
    fields: r6 = r1
        r7 = *(u32 *)(r1 + 0)
        r8 = *(u32 *)(r1 + 16)
        *(u32 *)(r10 - 8) = r7
        *(u32 *)(r10 - 4) = r8
        r7 = *(u32 *)(r1 + 8)
        r7 += 5
        *(u32 *)(r1 + 8) = r7
        *(u64 *)(r10 - 16) = 1
        r1 = seen ll
        r2 = r10
        r2 += -8
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        r0 = *(u32 *)(r6 + 0)
        r0 &= 1
        exit
    .globl bytes
    bytes: r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r0 = 1
        r4 = r2
        r4 += 10
        if r4 > r3 goto out
        r5 = *(u8 *)(r2 + 9)
        r0 = 0
        if r5 == 17 goto out
        r0 = 1
        out: exit
    .section cgroup_skb/egress
    congestion: r6 = r1
        call bpf_skb_ecn_set_ce
        r7 = r0
        r1 = r6
        r2 = 12
        r3 = r10
        r3 += -8
        r4 = 4
        call bpf_skb_load_bytes
        r0 = r7
        r0 &= 3
        exit
";

#[test]
fn control_groups_programs_do_in_the_kernel_what_they_do_here() {
    if !kernel::available("programs of control groups") {
        return;
    }
    let mut runs = 0;
    for (name, capture) in captures() {
        let scenario = Scenario::new(Source::Asm(CGROUP.to_owned()));
        runs += compare(&format!("cgroup programs on {name}"), &scenario, &[], &capture).map_or(0, |c| c.packets);
    }
    assert!(runs > 100, "{runs} packets compared");
}
