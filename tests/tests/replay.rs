//! Replays agree with the running kernel, packet by packet: what a program returns, the frame as it leaves it, and the
//! maps at the end.
//!
//! The oracle for tc and XDP is `BPF_PROG_TEST_RUN`; for socket filters it is a packet socket on a veth pair, since a
//! test run starts after the MAC header, where no packet socket does. The programs are the lessons, and the counter of
//! the talk as clang compiles it; the packets are those of `pcaps`.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bpfscope_core::kernel::{Hook, MapId, MapType};
use bpfscope_core::lab::{Attachment, Compiled, Lesson, Replay, Scenario, Source};
use bpfscope_core::net::{CaptureReader, LinkType, Packet};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_tests::clang::{self, Flags};
use bpfscope_tests::kernel::{self, Map, RunSpec, on_cpu, possible_cpus};
use bpfscope_tests::loaded::{self, InKernel};
use bpfscope_tests::veth::{self, Veth};

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

/// A program of a scenario, here and in the kernel, at one hook.
struct Both {
    what: String,
    compiled: Compiled,
    replay: Replay,
    kernel: InKernel,
    hook: Hook,
}

/// What one packet came to: return value, and the frame afterwards.
#[derive(PartialEq, Eq, Debug)]
struct Got {
    ret: u32,
    frame: Vec<u8>,
}

impl Both {
    /// Loads a scenario's program into both; `name` where there are several.
    fn new(what: &str, scenario: &Scenario, attachments: &[Attachment]) -> Both {
        let options = LoadOptions { kernel: scenario.kernel, ..LoadOptions::default() };
        let compiled = Compiled::new(&scenario.source, what, &options).unwrap_or_else(|e| panic!("{what}: {e}"));
        let config = Config { cpus: possible_cpus(), ..Config::default() };
        let replay = Replay::new(&compiled.loaded, attachments, &scenario.maps, config);
        let replay = replay.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(replay.attached().len(), 1, "{what}: one program");
        let kernel = loaded::load(&compiled.loaded);
        let hook = replay.attached()[0].hook;
        Both { what: what.to_owned(), compiled, replay, kernel, hook }
    }

    fn ours(&mut self, packet: &Packet<'_>) -> Got {
        let mut got = None;
        self.replay.packet(packet, &mut NoObserver, |run, skb, _| {
            assert_eq!(run.outcome.fault, None, "packet {}", packet.index + 1);
            got = Some(Got { ret: run.outcome.ret as u32, frame: skb.packet.bytes().to_vec() });
        });
        got.unwrap_or_else(|| panic!("{}: no run on packet {}", self.what, packet.index + 1))
    }

    /// Compares every Ethernet packet of a capture by test runs; gives how many were.
    fn agree_by_test_run(&mut self, capture: &[u8]) -> usize {
        let mut compared = 0;
        let mut reader = CaptureReader::new(capture).expect("a capture");
        while let Some(packet) = reader.next_packet().expect("a packet") {
            if packet.link != LinkType::Ethernet {
                continue;
            }
            let ours = self.ours(&packet);
            let prog = &self.kernel.progs[self.replay.attached()[0].program.0 as usize];
            let spec = RunSpec { data: packet.data, ..RunSpec::default() };
            let run = on_cpu(0, || prog.run(&spec));
            let run = run.unwrap_or_else(|e| panic!("{}: packet {}: errno {e}", self.what, packet.index + 1));
            let theirs = Got { ret: run.ret, frame: run.data };
            assert_eq!(ours, theirs, "{}: packet {}: ours, the kernel's", self.what, packet.index + 1);
            compared += 1;
        }
        compared
    }

    /// Compares a socket filter on packets without MAC header: there a test run does start where the packet does, if
    /// it is given some MAC header to skip.
    fn agree_without_mac_header(&mut self, capture: &[u8]) -> usize {
        let mut compared = 0;
        let mut reader = CaptureReader::new(capture).expect("a capture");
        while let Some(packet) = reader.next_packet().expect("a packet") {
            let Some(l3) = packet.link.l3(packet.data).filter(|_| packet.link != LinkType::Ethernet) else { continue };
            let ours = self.ours(&packet);
            let prog = &self.kernel.progs[self.replay.attached()[0].program.0 as usize];
            let data = [&[0; 12][..], &l3.protocol.to_be_bytes(), &packet.data[l3.offset..]].concat();
            let run = on_cpu(0, || prog.run(&RunSpec { data: &data, ..RunSpec::default() }));
            let run = run.unwrap_or_else(|e| panic!("{}: packet {}: errno {e}", self.what, packet.index + 1));
            assert_eq!(ours.ret, run.ret, "{}: packet {}: ours, the kernel's", self.what, packet.index + 1);
            compared += 1;
        }
        compared
    }

    /// Compares what a packet socket with the filter receives of every Ethernet packet.
    fn agree_by_socket(&mut self, veth: &Veth, capture: &[u8]) -> usize {
        // Of two sockets on a device the kernel asks the one that was bound last first: when the witness has a packet,
        // the filter has decided.
        let (sender, witness, filtered) = (veth.sender(), veth.receiver(), veth.receiver());
        filtered.attach(&self.kernel.progs[self.replay.attached()[0].program.0 as usize]);
        let mut compared = 0;
        let mut reader = CaptureReader::new(capture).expect("a capture");
        while let Some(packet) = reader.next_packet().expect("a packet") {
            if packet.link != LinkType::Ethernet {
                continue;
            }
            sender.send(packet.data);
            witness.receive();
            let Got { ret, mut frame } = self.ours(&packet);
            frame.truncate(ret as usize);
            let ours = (ret != 0).then_some(frame);
            assert_eq!(ours, filtered.try_receive(), "{}: packet {}: ours, the socket's", self.what, packet.index + 1);
            compared += 1;
        }
        compared
    }

    /// Compares the contents of every map that user space can read; gives how many entries there are.
    fn agree_on_maps(&self) -> usize {
        let mut entries = 0;
        let unreadable = [MapType::Ringbuf, MapType::PerfEventArray, MapType::ProgArray];
        for (at, (def, theirs)) in self.compiled.loaded.maps.iter().zip(&self.kernel.maps).enumerate() {
            if unreadable.contains(&def.map_type) {
                continue;
            }
            let ours: BTreeMap<_, _> = self.replay.machine().maps.entries(MapId(at as u32)).collect();
            assert_eq!(ours, contents(theirs), "{}: map {}: ours, the kernel's", self.what, def.name);
            entries += ours.values().filter(|value| value.iter().any(|b| *b != 0)).count();
        }
        entries
    }
}

fn contents(map: &Map) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let keys = map.keys(1 << 20).expect("keys");
    keys.into_iter().map(|key| (key.clone(), map.lookup(&key).expect("an entry"))).collect()
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
        let mut both = Both::new(&lesson.name, &lesson.scenario(text), &[]);
        let compared = match both.hook {
            Hook::Socket => veth::in_namespace("lessons at sockets", |veth| both.agree_by_socket(veth, &capture)),
            _ => Some(both.agree_by_test_run(&capture)),
        };
        if let Some(compared) = compared {
            both.agree_on_maps();
            assert!(compared > 0, "{}: no packet was compared", lesson.name);
        }
    }
}

/// The counter at one of its hooks.
fn counter(capture: &str, program: &str, hook: Hook) -> Both {
    let object = clang::compile("../replay/counter.c", Flags::USUAL);
    let attachment = Attachment { program: program.to_owned(), hook };
    Both::new(&format!("{program} on {capture}"), &Scenario::new(Source::Elf(object)), &[attachment])
}

#[test]
fn the_counter_that_clang_compiles_counts_as_in_the_kernel() {
    if !clang::available("the counter") || !kernel::available("the counter") {
        return;
    }
    for (name, capture) in captures() {
        let mut both = counter(&name, "count_direct", Hook::TcIngress);
        if both.agree_by_test_run(&capture) > 0 {
            assert!(both.agree_on_maps() > 0 || name == "ipv6-nd.pcap", "{name}: nothing counted");
        }
    }
}

#[test]
fn the_counter_as_a_socket_filter_counts_as_in_the_kernel() {
    if !clang::available("the counter at a socket") || !kernel::available("the counter at a socket") {
        return;
    }
    for (name, capture) in captures() {
        let mut both = counter(&name, "bpf_prog1", Hook::Socket);
        let without = both.agree_without_mac_header(&capture);
        let with = veth::in_namespace("the counter at a socket", |veth| both.agree_by_socket(veth, &capture));
        let Some(with) = with else { continue };
        assert!(with + without > 0, "{name}: nothing compared");
        assert!(both.agree_on_maps() > 0, "{name}: nothing counted");
    }
}
