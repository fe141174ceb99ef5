//! Programs on packets, here and in the kernel: the first thing that differs.
//!
//! | file | what it is about |
//! |---|---|
//! | `all` | every case, C program, lesson and filter expression of the repository |
//! | `recorded` | what the kernel made of the cases, for where there is none to ask |

pub mod all;
pub mod recorded;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{Aspect, Attached, Attachment, Compare, Difference, LabError, Replay};
use bpfscope_core::net::{CaptureReader, LinkType, Network};
use bpfscope_core::object::Loaded;
use bpfscope_core::vm::Config;
use bpfscope_linux::engine::{KernelEngine, SetupError};

use super::source::Subject;
use crate::kernel::{on_cpu, possible_cpus};

/// Captures that tests take: packets of many kinds, tags, IPv6.
pub const FEW: [&str; 3] = ["mix.pcap", "vlan.pcap", "ipv6-nd.pcap"];

/// Packets of a capture at most for a program that asks the kernel for more memory than it has at hand.
const FEW_PACKETS: u32 = 20;
/// How often such a program is compared again.
const AGAIN: u32 = 10;

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
}

/// Captures, and how many packets of each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captures {
    /// File names, in `pcaps`.
    pub names: Vec<String>,
    /// Packets of each at most.
    pub most: u32,
}

impl Captures {
    /// A few of them, for tests.
    pub fn few(most: u32) -> Captures {
        Captures { names: FEW.map(str::to_owned).to_vec(), most }
    }

    /// All that the repository has, whole.
    ///
    /// # Panics
    /// There is no folder of captures.
    pub fn all() -> Captures {
        let entries = fs::read_dir(folder()).expect("the captures").flatten().map(|entry| entry.path());
        let captures = entries.filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"));
        let mut names: Vec<String> =
            captures.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
        names.sort();
        Captures { names, most: u32::MAX }
    }

    /// How many packets there are in all.
    ///
    /// # Panics
    /// A capture cannot be read.
    pub fn packets(&self) -> u64 {
        let count = |name: &String| {
            let bytes = capture(name);
            let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
            std::iter::from_fn(|| reader.next_packet().expect("a packet").map(|_| ())).count() as u64
        };
        self.names.iter().map(count).sum()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps")
}

/// The bytes of a capture.
///
/// # Panics
/// There is none of that name.
pub fn capture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Whether programs that are attached like this can be asked about packets of a link type: test runs of XDP and tc programs
/// take Ethernet frames alone.
pub fn takes(attached: &[Attached], link: LinkType) -> bool {
    link == LinkType::Ethernet || attached.iter().all(|at| at.hook == Hook::Socket || at.hook.is_cgroup())
}

/// The simulator as it is compared with this machine.
///
/// # Errors
/// The programs cannot be attached.
pub fn here(loaded: &Loaded, attachments: &[Attachment], cpus: u32) -> Result<Replay, LabError> {
    Replay::new(loaded, attachments, &[], Config { cpus, ..Config::default() })
}

/// The kernel with the same programs.
///
/// # Errors
/// Why they are not compared.
pub fn there(
    Subject { object, loaded }: &Subject,
    ours: &Replay,
    attachments: &[Attachment],
) -> Result<Replay<KernelEngine>, Verdict> {
    match KernelEngine::new(object, loaded, ours.attached(), &[], &Network::default()) {
        Ok(engine) => Ok(Replay::on(engine, loaded, attachments).expect("it could be attached here")),
        Err(SetupError::Load(error)) if error.is_rejection() => Err(Verdict::Rejected(error.to_string())),
        Err(error) => Err(Verdict::LeftOut(error.to_string())),
    }
}

/// Takes captures through the programs as they are attached, each from the beginning; without attachments, through all of
/// them.
///
/// To be called by a thread of its own (see [`apart`]).
pub fn compare(subject: &Subject, attachments: &[Attachment], on: &Captures) -> Verdict {
    let mut packets = 0;
    for name in &on.names {
        let once = |most| compare_on(&[name], subject, attachments, most);
        let mut found = once(on.most);
        for _ in 0..AGAIN {
            match &found {
                Err(found) if had_no_memory(found) => println!("{name}: the kernel had no memory at hand: {found:?}"),
                _ => break,
            }
            // It gives back what was used in its own time.
            thread::sleep(Duration::from_millis(100));
            found = once(on.most.min(FEW_PACKETS));
        }
        match found {
            Ok(Verdict::Equal(more)) => packets += more,
            Ok(other) => return other,
            Err(found) => return Verdict::Different(format!("{name}: {found:?}")),
        }
    }
    Verdict::Equal(packets)
}

/// As [`compare`], with state that goes on from one capture to the next: cheaper, for programs that have none.
pub fn compare_at_once(subject: &Subject, attachments: &[Attachment], on: &Captures) -> Verdict {
    let names: Vec<&String> = on.names.iter().collect();
    compare_on(&names, subject, attachments, on.most).unwrap_or_else(|found| Verdict::Different(format!("{found:?}")))
}

/// Runs `body` in a thread of its own on the first CPU: a socket filter takes its thread into a network namespace, and
/// per-CPU values are compared for one CPU.
pub fn apart<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    let done = thread::scope(|scope| scope.spawn(|| on_cpu(0, body)).join());
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Whether the kernel alone stored ENOMEM: it gives the memory of timers back late, and may have none at hand for the next.
fn had_no_memory(found: &Difference) -> bool {
    const ENOMEM: [u8; 8] = (-12_i64).to_le_bytes();
    let has = |value: &Option<Vec<u8>>| value.iter().flat_map(|value| value.chunks(8)).any(|word| word == ENOMEM);
    matches!(found, Difference::Map { ours, theirs, .. } if has(theirs) && !has(ours))
}

fn compare_on(
    captures: &[&String],
    subject: &Subject,
    attachments: &[Attachment],
    most: u32,
) -> Result<Verdict, Difference> {
    let ours = match here(&subject.loaded, attachments, possible_cpus()) {
        Ok(ours) => ours,
        Err(error) => return Ok(Verdict::LeftOut(error.to_string())),
    };
    let theirs = match there(subject, &ours, attachments) {
        Ok(theirs) => theirs,
        Err(verdict) => return Ok(verdict),
    };
    let mut both = Compare::new(ours, theirs, &subject.loaded);
    let (mut packets, mut found) = (0, None);
    for name in captures {
        let bytes = capture(name);
        let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
        let until = most.saturating_add(packets);
        while let Some(packet) = reader.next_packet().expect("a packet") {
            if found.is_some() || packets == until {
                break;
            }
            if takes(both.ours().attached(), packet.link) {
                packets += 1;
                match both.packet(&packet) {
                    Ok(difference) => found = difference,
                    Err(error) => return Ok(Verdict::Different(format!("{name}: {error}"))),
                }
            }
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
