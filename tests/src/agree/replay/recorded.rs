//! What the kernel made of the cases: kept in `tests/replay/answers.txt`, for where there is no kernel to ask.
//!
//! ```text
//! # Linux 6.18, 4 CPUs, 40 packets of each capture
//! maps.s: a key that is not there (5b1ba1a6)
//! mix.pcap 0*40 frames:8c14f1b7 out:77aa01c2
//! ```
//!
//! A line for each case, with its [fingerprint](crate::agree::cases::CaseFile::fingerprint), and below it one a capture: the return values (each
//! with how often it came in a row) and hashes of the frames afterwards, of the context's fields and the records (when there
//! are any), and of every map that holds something other than zeroes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bpfscope_core::kernel::MapId;
use bpfscope_core::lab::{After, Contents, Engine, Replay, comparable};
use bpfscope_core::net::CaptureReader;
use bpfscope_core::object::Loaded;
use bpfscope_core::vm::Output;

use super::all::{case_files, read_cases};
use super::{Captures, Verdict, apart, capture, here, takes, there};
use crate::agree::source::{Subject, running_kernel};
use crate::kernel::possible_cpus;

/// Bytes that perf records are filled up to a multiple of, with their length of 4 bytes before them.
const PERF_ALIGNMENT: usize = 8;
/// First line of the file: the kernel, its CPUs, packets of each capture.
const HEAD: [&str; 4] = ["# Linux ", ", ", " CPUs, ", " packets of each capture"];

/// Where the answers are.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("replay/answers.txt")
}

/// A hash that goes on (FNV-1a), for it is the same everywhere and always.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    const NEW: Hash = Hash(0x811c_9dc5);

    /// Takes bytes, which end with their length.
    fn take(&mut self, bytes: &[u8]) {
        let len = (bytes.len() as u32).to_le_bytes();
        for byte in bytes.iter().chain(&len) {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// What one capture comes to, as it is kept.
///
/// # Errors
/// The engine cannot run a program on a packet.
pub fn answer<E: Engine<Error: ToString> + Contents>(
    mut replay: Replay<E>,
    loaded: &Loaded,
    name: &str,
    most: u32,
) -> Result<String, String> {
    let bytes = capture(name);
    let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
    let mut returned: Vec<(i64, u32)> = Vec::new();
    let (mut frames, mut fields, mut records) = (Hash::NEW, Hash::NEW, Hash::NEW);
    let (mut has_fields, mut has_records, mut packets) = (false, false, 0);
    while let Some(packet) = reader.next_packet().expect("a packet") {
        if packets == most || !takes(replay.attached(), packet.link) {
            continue;
        }
        packets += 1;
        let ran = replay.next(&packet, |run, skb, effects| {
            let after = After::new(run, skb, effects);
            match returned.last_mut() {
                Some((ret, times)) if *ret == after.ret() => *times += 1,
                _ => returned.push((after.ret(), 1)),
            }
            frames.take(&after.frame);
            let words = [after.notes.mark, after.notes.priority].into_iter().chain(after.notes.cb);
            has_fields |= words.clone().any(|word| word != 0);
            words.for_each(|word| fields.take(&word.to_le_bytes()));
            for output in &after.outputs {
                let Some((map, data)) = record(output) else { continue };
                has_records = true;
                records.take(&map.0.to_le_bytes());
                records.take(&data);
            }
        });
        ran.map_err(|error| format!("{name}, packet {}: {}", packet.index + 1, error.to_string()))?;
    }
    let mut text = name.to_owned();
    for (ret, times) in returned {
        write!(text, " {ret}").expect("a string takes everything");
        if times > 1 {
            write!(text, "*{times}").expect("a string takes everything");
        }
    }
    let hashes = [("frames", frames, true), ("fields", fields, has_fields), ("records", records, has_records)];
    let maps = (0..).map(MapId).zip(&loaded.maps).filter_map(|(id, def)| {
        let entries = comparable(replay.engine(), id, def)?;
        let mut hash = Hash::NEW;
        for ((key, _), value) in &entries {
            hash.take(key);
            hash.take(value);
        }
        let says = !def.map_type.is_array() && !entries.is_empty() || entries.values().flatten().any(|byte| *byte != 0);
        Some((def.name.as_str(), hash, says))
    });
    for (name, Hash(hash), says) in hashes.into_iter().chain(maps) {
        if says {
            write!(text, " {name}:{hash:08x}").expect("a string takes everything");
        }
    }
    Ok(text)
}

/// What goes through a map, without the bytes that a perf record is filled up with.
fn record(output: &Output) -> Option<(MapId, Vec<u8>)> {
    match output {
        Output::Ringbuf { map, data } => Some((*map, data.clone())),
        Output::PerfEvent { map, data, .. } => {
            let filled = (data.len() + 4).next_multiple_of(PERF_ALIGNMENT) - 4;
            let sure = filled.saturating_sub(PERF_ALIGNMENT - 1);
            Some((*map, [&data[..sure], &filled.to_le_bytes()].concat()))
        }
        // Of what a buffer had no room for a kernel keeps nothing.
        Output::Printk(_) | Output::Lost { .. } => None,
    }
}

/// The answers that are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers {
    /// The kernel that gave them.
    pub kernel: String,
    /// CPUs that it keeps values for.
    pub cpus: u32,
    /// Packets of each capture at most.
    pub most: u32,
    /// By the case's line: a line for each capture.
    cases: BTreeMap<String, Vec<String>>,
}

impl Answers {
    /// Asks the running kernel.
    ///
    /// # Errors
    /// The place of a case, and why there is no answer.
    pub fn of_kernel(most: u32) -> Result<Answers, String> {
        let answers = Answers { kernel: running_kernel(), cpus: possible_cpus(), most, cases: BTreeMap::new() };
        answers.of_each(|subject, ours, name| match there(subject, &ours, &[]) {
            Ok(theirs) => answer(theirs, &subject.loaded, name, most),
            Err(Verdict::Rejected(why) | Verdict::LeftOut(why)) => Err(why),
            Err(verdict) => Err(format!("{verdict:?}")),
        })
    }

    /// Asks the simulator, which is to be as that kernel was.
    ///
    /// # Errors
    /// The place of a case, and why there is no answer.
    pub fn of_simulator(kernel: &str, cpus: u32, most: u32) -> Result<Answers, String> {
        let answers = Answers { kernel: kernel.to_owned(), cpus, most, cases: BTreeMap::new() };
        answers.of_each(|subject, ours, name| answer(ours, &subject.loaded, name, most))
    }

    /// Fills in every case that is compared.
    fn of_each(
        mut self,
        one: impl Fn(&Subject, Replay, &str) -> Result<String, String> + Sync,
    ) -> Result<Answers, String> {
        for path in case_files() {
            let (file, cases) = read_cases(&path)?;
            for case in cases.cases.iter().filter(|case| case.options.left_out.is_none()) {
                let subject = Subject::of_case(&file, &cases, case)?;
                let line = |name: &String| {
                    let ours = here(&subject.loaded, &[], self.cpus).map_err(|e| e.to_string())?;
                    one(&subject, ours, name)
                };
                let lines =
                    apart(|| Captures::few(self.most).names.iter().map(line).collect::<Result<Vec<_>, String>>());
                let key = format!("{file}: {} ({:08x})", case.name, cases.fingerprint(case));
                let lines = lines.map_err(|why| format!("{key}: {why}"))?;
                self.cases.insert(key, lines);
            }
        }
        Ok(self)
    }

    /// How many cases there are.
    pub fn count(&self) -> usize {
        self.cases.len()
    }

    /// What differs from other answers, the simulator's.
    pub fn differences(&self, ours: &Answers) -> Vec<String> {
        let keys: BTreeSet<&String> = self.cases.keys().chain(ours.cases.keys()).collect();
        let differs = |key: &String| match (self.cases.get(key), ours.cases.get(key)) {
            (None, _) => Some(format!("{key}: no answer is kept")),
            (_, None) => Some(format!("{key}: an answer to a case that is no more")),
            (Some(theirs), Some(ours)) if theirs == ours => None,
            (Some(theirs), Some(ours)) => {
                let lines = theirs.iter().zip(ours).filter(|(theirs, ours)| theirs != ours);
                let lines: Vec<_> =
                    lines.map(|(theirs, ours)| format!("\n  kernel {theirs}\n  here   {ours}")).collect();
                Some(format!("{key}{}", lines.concat()))
            }
        };
        keys.into_iter().filter_map(differs).collect()
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// `LINE: what is wrong`
    pub fn parse(text: &str) -> Result<Answers, String> {
        let head = text.lines().next().unwrap_or_default();
        let parts = || {
            let (kernel, rest) = head.strip_prefix(HEAD[0])?.split_once(HEAD[1])?;
            let (cpus, rest) = rest.split_once(HEAD[2])?;
            let most = rest.strip_suffix(HEAD[3])?;
            Some((kernel.to_owned(), cpus.parse().ok()?, most.parse().ok()?))
        };
        let (kernel, cpus, most) = parts().ok_or("1: not the kernel, its CPUs and how many packets")?;
        let mut cases = BTreeMap::new();
        let mut lines: Option<&mut Vec<String>> = None;
        for (at, line) in text.lines().enumerate().skip(1) {
            if line.ends_with(')') {
                lines = Some(cases.entry(line.to_owned()).or_default());
            } else {
                let lines = lines.as_mut().ok_or_else(|| format!("{}: no case before it", at + 1))?;
                lines.push(line.to_owned());
            }
        }
        Ok(Answers { kernel, cpus, most, cases })
    }

    /// The file's text.
    pub fn write(&self) -> String {
        let [linux, comma, cpus, packets] = HEAD;
        let mut text = format!("{linux}{}{comma}{}{cpus}{}{packets}\n", self.kernel, self.cpus, self.most);
        for (key, lines) in &self.cases {
            text += &format!("{key}\n{}\n", lines.join("\n"));
        }
        text
    }
}
