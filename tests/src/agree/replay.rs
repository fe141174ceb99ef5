//! Programs on packets, here and in the kernel: the first thing that differs.
//!
//! `tests/replay/*.s` are files of cases (see [`cases`](super::cases)) for this: small programs that call a helper or use
//! a map and leave what came out of it in a map, a record, the packet or the return value.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use bpfscope_core::lab::{Aspect, Attachment, Compare, Difference, Replay};
use bpfscope_core::net::{CaptureReader, LinkType};
use bpfscope_core::vm::Config;
use bpfscope_linux::engine::{KernelEngine, SetupError};

use super::source::Subject;
use crate::kernel::possible_cpus;

/// Captures that every program is compared on.
const CAPTURES: [&str; 3] = ["mix.pcap", "vlan.pcap", "ipv6-nd.pcap"];

/// How often a kernel without memory at hand is asked again, and the pause before: it gives the memory of timers back
/// late, and takes new memory only where it need not wait for it.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(100);

/// How programs compare.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// On this many packets there was no difference.
    Equal(u32),
    /// The first difference.
    Different(String),
    /// The kernel's verifier says no, in these words.
    Rejected(String),
    /// They were not compared, or come to something that is not simulated.
    LeftOut(String),
    /// The kernel had no memory at hand for what was asked, however often it was asked.
    NoMemory,
}

/// The files of cases, in order.
pub fn case_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("replay");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "s")).collect();
    files.sort();
    files
}

/// Takes every capture, up to so many packets of each, through the programs as they are attached; without attachments,
/// through all of them.
///
/// To be called by a thread of its own: a socket filter takes its thread into a network namespace, and per-CPU values are
/// compared for one CPU.
pub fn compare(subject: &Subject, attachments: &[Attachment], most: u32) -> Verdict {
    let mut packets = 0;
    for capture in CAPTURES {
        let mut tries = 0;
        let found = loop {
            match compare_on(capture, subject, attachments, most) {
                Err(found) if had_no_memory(&found) && tries < TRIES => {
                    tries += 1;
                    thread::sleep(PAUSE);
                }
                found => break found,
            }
        };
        if tries > 0 {
            println!("{capture}: the kernel had no memory at hand, asked {tries} times more");
        }
        match found {
            Ok(Verdict::Equal(more)) => packets += more,
            Ok(other) => return other,
            Err(found) if had_no_memory(&found) => return Verdict::NoMemory,
            Err(found) => return Verdict::Different(format!("{capture}: {found:?}")),
        }
    }
    Verdict::Equal(packets)
}

/// Whether the kernel alone stored ENOMEM.
fn had_no_memory(found: &Difference) -> bool {
    const ENOMEM: [u8; 8] = (-12_i64).to_le_bytes();
    let has = |value: &Option<Vec<u8>>| value.iter().flat_map(|value| value.chunks(8)).any(|word| word == ENOMEM);
    matches!(found, Difference::Map { ours, theirs, .. } if has(theirs) && !has(ours))
}

fn compare_on(
    capture: &str,
    Subject { object, loaded }: &Subject,
    attachments: &[Attachment],
    most: u32,
) -> Result<Verdict, Difference> {
    let config = Config { cpus: possible_cpus(), ..Config::default() };
    let ours = match Replay::new(loaded, attachments, &[], config) {
        Ok(ours) => ours,
        Err(error) => return Ok(Verdict::LeftOut(error.to_string())),
    };
    let engine = match KernelEngine::new(object, loaded, ours.attached(), &[]) {
        Ok(engine) => engine,
        Err(SetupError::Load(error)) if error.is_rejection() => return Ok(Verdict::Rejected(error.to_string())),
        Err(error) => return Ok(Verdict::LeftOut(error.to_string())),
    };
    let theirs = Replay::on(engine, loaded, attachments).expect("it could be attached here");
    let mut both = Compare::new(ours, theirs, loaded);
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps").join(capture)).expect("a capture");
    let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
    let (mut packets, mut found) = (0, None);
    while let Some(packet) = reader.next_packet().expect("a packet") {
        if packet.link == LinkType::Ethernet {
            packets += 1;
            match both.packet(&packet) {
                Ok(difference) => found = difference,
                Err(error) => return Ok(Verdict::Different(format!("{capture}: {error}"))),
            }
        }
        if found.is_some() || packets == most {
            break;
        }
    }
    match found.or_else(|| both.end()) {
        None => Ok(Verdict::Equal(packets)),
        Some(Difference::Run { aspects, .. }) if not_simulated(&aspects).is_some() => {
            Ok(Verdict::LeftOut(not_simulated(&aspects).unwrap_or_default().to_owned()))
        }
        Some(found) => Err(found),
    }
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
