//! Every C program of the repository, as clang makes it: all optimisations, all versions of the instruction set; and
//! objects of other people.

use std::fs;
use std::path::{Path, PathBuf};

use bpfscope_core::kernel::Program;
use bpfscope_core::object::Kind;

use super::answer::Verdict;
use super::ask::{Asked, LogSpec};
use super::cases::Options;
use super::compare::{LogDiff, Outcome, Tally};
use super::ours;
use super::source::{Subject, running_kernel_types};
use crate::clang::{self, Flags};

/// Folders that are not searched, beside hidden ones: what was built, and what others wrote.
const NOT_SEARCHED: [&str; 3] = ["target", "node_modules", "dist"];
/// Logs of programs with more processed instructions are not compared line by line.
const MOST_LINES: u64 = 20_000;

/// A program on which the two differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// `FILE PROGRAM -O2 v3`
    pub place: String,
    /// How the two compare.
    pub outcome: Outcome,
    /// The kernel's answer.
    pub kernel: Verdict,
    /// Ours.
    pub ours: Verdict,
}

/// What became of all programs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// Counts.
    pub tally: Tally,
    /// C files, and builds of them that are whole objects.
    pub files: usize,
    /// See [`Report::files`].
    pub builds: usize,
    /// Programs left out: they call functions that this kernel does not have, which no loader would hand it.
    pub without_functions: usize,
    /// Where the two differ.
    pub differences: Vec<Difference>,
    /// Files that are no whole programs for BPF, and what the kernel would not take.
    pub notes: Vec<String>,
}

/// The repository's C files.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut found = Vec::new();
    search(root, &mut found);
    found.sort();
    found
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !name.starts_with('.') && !NOT_SEARCHED.contains(&&*name) => {
                search(&path, found);
            }
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "c") => found.push(path),
            _ => {}
        }
    }
}

/// Gives every build of every file to both verifiers; `seen` is told of each file.
pub fn compare(mut seen: impl FnMut(&str)) -> Report {
    let mut report = Report::default();
    for path in files() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        seen(&name);
        let mut whole = false;
        for flags in Flags::matrix() {
            let build = format!("{name} {} {}", flags.optimise, flags.cpu);
            let subject = clang::try_compile(&path, flags).and_then(|bytes| Subject::of_bytes(&name, &bytes, None));
            let done = match &subject {
                Ok(subject) => programs(subject, &build, &mut report),
                Err(why) => Err(why.lines().next().unwrap_or_default().to_owned()),
            };
            match done {
                Ok(()) => {
                    whole = true;
                    report.builds += 1;
                }
                Err(why) if !report.notes.iter().any(|n| n.starts_with(&name)) => {
                    report.notes.push(format!("{name}: not compared: {why}"));
                }
                Err(_) => {}
            }
        }
        report.files += usize::from(whole);
    }
    report
}

/// Gives every program of object files to both verifiers, whoever made them; `seen` is told of each file.
pub fn compare_objects(paths: &[PathBuf], mut seen: impl FnMut(&str)) -> Report {
    let mut report = Report::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        seen(&name);
        let bytes = fs::read(path).map_err(|e| e.to_string());
        let subject = bytes.and_then(|bytes| Subject::of_bytes(&name, &bytes, None));
        let done = subject.and_then(|mut subject| {
            let programs_of_file = subject.loaded.programs.len();
            subject.loaded.programs.retain(calls_what_there_is);
            report.without_functions += programs_of_file - subject.loaded.programs.len();
            programs(&subject, &name, &mut report)
        });
        match done {
            Ok(()) => report.files += 1,
            Err(why) => report.notes.push(format!("{name}: not compared: {why}")),
        }
    }
    report
}

/// Whether the running kernel's types have every kernel function that a program calls.
fn calls_what_there_is(program: &Program) -> bool {
    let has = |name: &str| running_kernel_types().is_none_or(|types| types.by_name(name, Kind::Func).is_some());
    program.kfuncs.iter().all(|kfunc| has(&kfunc.name))
}

fn programs(subject: &Subject, build: &str, report: &mut Report) -> Result<(), String> {
    let asked = Asked::new(subject)?;
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        let options = Options::default();
        let ask = |level| asked.ask(subject, at, &options, LogSpec::level(level));
        let brief = ask(1)?;
        let level = if brief.processed.unwrap_or(0) <= MOST_LINES { 2 } else { 1 };
        let Some(ours) = ours::verify(subject, at, &options, level) else { continue };
        let outcome = Outcome::of(brief.rejection(), ours.rejection());
        report.tally.count(outcome);
        report.tally.count_processed(&brief, &ours);
        if level == 2 {
            report.tally.count_lines(&LogDiff::new(&ask(2)?.log, &ours.log));
        }
        if !matches!(outcome, Outcome::BothAccept | Outcome::BothReject) {
            let place = format!("{build} {}", program.name);
            report.differences.push(Difference { place, outcome, kernel: brief.verdict(), ours: ours.verdict() });
        }
    }
    Ok(())
}
