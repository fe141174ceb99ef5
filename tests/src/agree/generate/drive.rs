//! Many programs through both verifiers.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use bpfscope_linux::host::descriptor_limit;

use super::super::answer::Answer;
use super::super::cases::Options;
use super::super::compare::{Outcome, Tally};
use super::super::ours;
use super::askers;
use super::pool::{Pools, Sample, kind_of_message};
use super::shrink::shrink;
use super::sound::{self, Fault};
use super::{made, text};

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Programs.
    pub programs: u64,
    /// The seed that they follow from.
    pub seed: u64,
    /// Whether accepted ones are run.
    pub sound: bool,
    /// Differences that are made small and written, each of another kind.
    pub keep: usize,
}

/// What became of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// Counts.
    pub tally: Tally,
    /// The kernel's messages, without numbers, by how often they came.
    pub messages: HashMap<String, u64>,
    /// Kinds of differences: outcome, the kernel's message, ours; how often, and the first program's number.
    pub differences: BTreeMap<(Outcome, String, String), (u64, u64)>,
    /// Files with small programs, by the kind of difference.
    pub written: Vec<PathBuf>,
    /// Programs that were not compared: most of those that take long, and those whose answer depends on others.
    pub left_out: u64,
    /// Programs that the kernel did not come back from: it faulted while it verified or ran them.
    pub lost: Vec<u64>,
    /// Programs that were run, runs of them, and faults.
    pub ran: u64,
    /// See [`Report::ran`].
    pub runs: u64,
    /// See [`Report::ran`].
    pub faults: Vec<(u64, Fault)>,
}

/// Programs with more processed instructions are long, and of those one in so many is given to the kernel.
const LONG: u64 = 30_000;
/// See [`LONG`].
const KEPT_LONG: u64 = 16;

/// What our verifier says of a generated program.
pub fn ours(pools: &Pools, sample: &Sample, level: u32) -> Answer {
    let pool = &pools.pools[sample.pool];
    let options = Options { flags: sample.flags, unprivileged: sample.unprivileged, ..Options::default() };
    let btf = pool.subject.object.btf().filter(|_| !sample.funcs.is_empty());
    ours::answer(&pools.program(sample), pool.maps(), btf, &options, level)
}

/// Descriptors that an asker may need: maps and types of all cases.
const DESCRIPTORS: u64 = 10_000;

/// Makes the programs and gives each to both, some at a time; `progress` is told how many are done.
///
/// # Errors
/// The kernel cannot be asked.
pub fn run(plan: Plan, mut progress: impl FnMut(u64, &Report)) -> Result<Report, String> {
    let cpus = thread::available_parallelism().map_or(1, usize::from) as u64;
    let askers = cpus.min(descriptor_limit() / DESCRIPTORS).max(1);
    let mut report = Report::default();
    let mut compared = 0;
    askers::ask_all(plan, askers, |part| {
        compared += part.tally.total() + part.left_out;
        report.add(part);
        progress(compared, &report);
    })?;
    report.faults.sort_by_key(|(number, _)| *number);
    write_down(&mut Pools::new()?, plan, &mut report)?;
    Ok(report)
}

/// Makes the program of a number and gives it to both.
pub(super) fn compare(plan: Plan, number: u64, pools: &mut Pools, report: &mut Report) {
    let sample = made(pools, plan.seed, number);
    let ours = ours(pools, &sample, 0);
    // One such program takes the kernel as long as ten thousand others.
    let long = ours.processed.is_some_and(|processed| processed > LONG);
    if long && !number.is_multiple_of(KEPT_LONG) {
        report.left_out += 1;
        return;
    }
    let kernel = pools.ask(&sample);
    if pools.is_of_history(&sample, &kernel) {
        report.left_out += 1;
        return;
    }
    let kind = Kind::of(&kernel, &ours);
    report.tally.count(kind.0);
    report.tally.count_processed(&kernel, &ours);
    *report.messages.entry(kind.1.clone()).or_default() += 1;
    if !matches!(kind.0, Outcome::BothAccept | Outcome::BothReject) {
        report.differences.entry((kind.0, kind.1, kind.2)).or_insert((0, number)).0 += 1;
    }
    if plan.sound && ours.is_accepted() {
        report.ran += 1;
        let (runs, fault) = sound::run(pools, &sample, plan.seed ^ number);
        report.runs += runs;
        report.faults.extend(fault.map(|fault| (number, fault)));
    }
}

impl Report {
    /// Takes in what another asker found.
    fn add(&mut self, part: Report) {
        self.tally.add(&part.tally);
        for (message, count) in part.messages {
            *self.messages.entry(message).or_default() += count;
        }
        for (kind, (count, first)) in part.differences {
            let here = self.differences.entry(kind).or_insert((0, first));
            *here = (here.0 + count, here.1.min(first));
        }
        self.left_out += part.left_out;
        self.lost.extend(part.lost);
        self.ran += part.ran;
        self.runs += part.runs;
        self.faults.extend(part.faults);
    }
}

/// Processed instructions, of both, that making one program small may take.
const MOST_SPENT: u64 = 3_000_000;

/// How two answers differ, with messages without numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kind(Outcome, String, String);

impl Kind {
    fn of(kernel: &Answer, ours: &Answer) -> Kind {
        let words = |answer: &Answer| match answer.rejection() {
            None => "accepted".to_owned(),
            Some("") => "no message".to_owned(),
            Some(message) => kind_of_message(message),
        };
        Kind(Outcome::of(kernel.rejection(), ours.rejection()), words(kernel), words(ours))
    }
}

/// Makes one program of each kind of difference small, and writes it as a case; the most frequent first.
fn write_down(pools: &mut Pools, plan: Plan, report: &mut Report) -> Result<(), String> {
    let folder = folder();
    let _ = fs::remove_dir_all(&folder);
    let mut kinds: Vec<_> = report.differences.iter().collect();
    let rank = |outcome: Outcome| u8::from(outcome.same_verdict());
    kinds.sort_by_key(|((outcome, ..), (count, _))| (rank(*outcome), std::cmp::Reverse(*count)));
    let faults = report.faults.iter().take(plan.keep).map(|(number, _)| (None, *number));
    let chosen: Vec<_> =
        kinds.iter().take(plan.keep).map(|(kind, (_, number))| (Some((*kind).clone()), *number)).collect();
    for (at, (kind, number)) in chosen.into_iter().chain(faults).enumerate() {
        let sample = made(pools, plan.seed, number);
        let (small, name) = match &kind {
            Some((outcome, kernel, ours_said)) => {
                let wanted = Kind(*outcome, kernel.clone(), ours_said.clone());
                let mut spent = 0;
                let small = shrink(&sample, |s| {
                    if spent > MOST_SPENT {
                        return false;
                    }
                    let (kernel, ours) = (pools.ask(s), ours(pools, s, 0));
                    spent += 100 + kernel.processed.unwrap_or(0) + ours.processed.unwrap_or(0);
                    Kind::of(&kernel, &ours) == wanted && !pools.is_of_history(s, &kernel)
                });
                (small, outcome.words().to_lowercase().replace(' ', "-"))
            }
            None => {
                let faults = |s: &Sample| {
                    ours(pools, s, 0).is_accepted() && sound::run(pools, s, plan.seed ^ number).1.is_some()
                };
                (shrink(&sample, faults), "fault".to_owned())
            }
        };
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let path = folder.join(format!("{at:03}-{name}.s"));
        let (kernel, said) = (pools.ask(&small), ours(pools, &small, 0));
        let mut content = text::text(pools, &small, &format!("seed {} program {number}", plan.seed));
        content += &format!("# kernel: {}\n# ours:   {}\n", kernel.verdict(), said.verdict());
        if let Some((_, fault)) = report.faults.iter().find(|(n, _)| *n == number).filter(|_| kind.is_none()) {
            content += &format!("# fault:  {fault}\n");
        }
        fs::write(&path, content).map_err(|e| format!("{}: {e}", path.display()))?;
        report.written.push(path);
    }
    Ok(())
}

/// Where small programs are written.
pub fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    root.join("target/agree")
}
