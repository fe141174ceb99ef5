//! Every network program that the repository has in C, compiled by clang, does on packets what it does in the kernel.
//!
//! Left out are programs that the kernel rejects (verdicts are compared elsewhere), those that ask for time or chance, and
//! those that come to something which is not simulated; each of these is counted, and named with its reason.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::helper;
use bpfscope_core::lab::{Aspect, Attachment, Compare, Difference, Replay, hook_of};
use bpfscope_core::net::{CaptureReader, LinkType};
use bpfscope_core::object::{LoadOptions, Loaded, Object};
use bpfscope_core::vm::Config;
use bpfscope_linux::engine::{KernelEngine, SetupError};
use bpfscope_tests::agree::{compiled, source};
use bpfscope_tests::clang::{self, Flags};
use bpfscope_tests::kernel::{self, on_cpu, possible_cpus};

/// Captures that every program is compared on.
const CAPTURES: [&str; 3] = ["mix.pcap", "vlan.pcap", "ipv6-nd.pcap"];
/// Helpers whose answers are nobody else's.
const UNLIKE: [&str; 6] =
    ["ktime_get", "jiffies64", "get_prandom_u32", "get_smp_processor_id", "get_numa_node_id", "get_current"];

/// How a program compares.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Verdict {
    Equal,
    Different(String),
    LeftOut(String),
}

fn compare(object: &Object, loaded: &Loaded, program: usize) -> Verdict {
    let left_out = |why: &str| Verdict::LeftOut(why.to_owned());
    let p = &loaded.programs[program];
    let Some(hook) = hook_of(p) else { return left_out("not for packets") };
    if let Some(name) = unlike(&p.insns) {
        return left_out(name);
    }
    let attachments = [Attachment::new(&p.name, hook)];
    let config = Config { cpus: possible_cpus(), ..Config::default() };
    for capture in CAPTURES {
        let ours = match Replay::new(loaded, &attachments, &[], config) {
            Ok(ours) => ours,
            Err(error) => return left_out(&error.to_string()),
        };
        let engine = match KernelEngine::new(object, loaded, ours.attached(), &[]) {
            Ok(engine) => engine,
            Err(SetupError::Load(error)) if error.is_rejection() => return left_out("rejected by the kernel"),
            Err(error) => return left_out(&error.to_string()),
        };
        let theirs = Replay::on(engine, loaded, &attachments).unwrap_or_else(|e| panic!("{}: {e}", p.name));
        let mut both = Compare::new(ours, theirs, loaded);
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps").join(capture)).expect("a capture");
        let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
        let mut found = None;
        while let Some(packet) = reader.next_packet().expect("a packet") {
            if packet.link == LinkType::Ethernet {
                found = both.packet(&packet).unwrap_or_else(|e| panic!("{}: {e}", p.name));
            }
            if found.is_some() {
                break;
            }
        }
        match found.or_else(|| both.end()) {
            None => {}
            Some(Difference::Run { aspects, .. }) if not_simulated(&aspects).is_some() => {
                return left_out(not_simulated(&aspects).unwrap_or_default());
            }
            Some(found) => return Verdict::Different(format!("{capture}: {found:?}")),
        }
    }
    Verdict::Equal
}

/// What a run came to that is not simulated.
fn not_simulated(aspects: &[Aspect]) -> Option<&str> {
    aspects.iter().find_map(|aspect| match aspect {
        Aspect::Fault { ours, .. } if ours.contains("not simulated") || ours.contains("cannot be run here") => {
            Some(ours.split(" (instruction").next().unwrap_or(ours))
        }
        _ => None,
    })
}

fn unlike(insns: &[RawInsn]) -> Option<&'static str> {
    let called = insns.iter().filter(|insn| insn.opcode == 0x85 && insn.src == 0);
    let names = called.filter_map(|insn| Some(helper(insn.imm as u32)?.name));
    names.into_iter().find(|name| UNLIKE.iter().any(|part| name.contains(part)))
}

#[test]
fn every_c_program_does_on_packets_what_it_does_in_the_kernel() {
    if !clang::available("C programs on packets") || !kernel::available("C programs on packets") {
        return;
    }
    let mut verdicts: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
    for path in compiled::files() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Files that are not whole objects are counted where all builds are compared.
        let Ok(bytes) = clang::try_compile(&path, Flags::USUAL) else { continue };
        let Ok(object) = Object::parse(&bytes) else { continue };
        let options = LoadOptions { btf: source::running_kernel_types(), ..LoadOptions::default() };
        let Ok(loaded) = object.load(&options) else { continue };
        for at in 0..loaded.programs.len() {
            // A socket filter takes its thread into a network namespace.
            let inside = || on_cpu(0, || compare(&object, &loaded, at));
            let verdict = thread::scope(|scope| scope.spawn(inside).join());
            let verdict = verdict.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            verdicts.entry(verdict).or_default().push(format!("{name} {}", loaded.programs[at].name));
        }
    }
    let equal = verdicts.get(&Verdict::Equal).map_or(0, Vec::len);
    for (verdict, programs) in &verdicts {
        match verdict {
            Verdict::Equal => println!("{equal} programs are equal"),
            Verdict::LeftOut(why) => println!("{} left out: {why}: {}", programs.len(), programs.join(", ")),
            Verdict::Different(how) => println!("DIFFERENT: {}: {how}", programs.join(", ")),
        }
    }
    assert!(verdicts.keys().all(|verdict| !matches!(verdict, Verdict::Different(_))));
    assert!(equal >= 60, "{equal} programs were equal");
}
