//! All cases: our answers beside the recorded ones and, where there is a kernel, beside its logs.

use std::fs;
use std::path::{Path, PathBuf};

use bpfscope_core::object::Btf;

use super::answer::{Answer, Verdict};
use super::ask::{Asked, LogSpec};
use super::cases::{Case, CaseFile};
use super::compare::{LogDiff, Outcome, Tally};
use super::ours::{self, Kernel};
use super::source::{self, Subject};
use super::told::{self, Told};

/// A case with both answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// `FILE:LINE: its name`
    pub place: String,
    /// How the two compare.
    pub outcome: Outcome,
    /// The kernel's recorded answer.
    pub kernel: Verdict,
    /// Ours.
    pub ours: Verdict,
    /// Lines that both logs have, of how many.
    pub same_lines: Option<(usize, usize)>,
}

/// What became of all cases.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// Each case.
    pub cases: Vec<Checked>,
    /// Counts.
    pub tally: Tally,
    /// Counts by file.
    pub files: Vec<(String, Tally)>,
    /// What kept cases from being checked.
    pub problems: Vec<String>,
    /// Kernels that gave the recorded answers.
    pub recorded: Vec<String>,
}

/// The folder of the case files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier")
}

/// All case files, sorted by name.
///
/// # Errors
/// The folder cannot be read.
pub fn all_files() -> Result<Vec<String>, String> {
    files_of(&folder())
}

/// All case files of a folder, read, sorted by name.
///
/// # Errors
/// The folder or a file cannot be read, or a file is not one of cases.
pub fn read_all(folder: &Path) -> Result<Vec<(String, CaseFile)>, String> {
    let read = |path: String| read(&path).map(|file| (path, file));
    files_of(folder)?.into_iter().map(read).collect()
}

fn read(path: &str) -> Result<CaseFile, String> {
    let text = String::from_utf8_lossy(&source::read(path)?).into_owned();
    CaseFile::parse(&text).map_err(|e| format!("{path}:{e}"))
}

fn files_of(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<String> =
        paths.filter(|p| p.extension().is_some_and(|e| e == "s")).map(|p| p.display().to_string()).collect();
    files.sort();
    Ok(files)
}

/// What the kernel says of a case.
///
/// # Errors
/// `FILE:LINE: why it cannot be asked`
pub fn ask(path: &str, file: &CaseFile, case: &Case, level: u32) -> Result<Answer, String> {
    let place = |what: String| format!("{path}:{}: {what} (case `{}`)", case.line(), case.name);
    let subject = Subject::of_case(path, file, case)?;
    let asked = Asked::new(&subject).map_err(place)?;
    asked.ask(&subject, 0, &case.options, LogSpec::level(level)).map_err(place)
}

/// Checks the files, all of them when none is named. `live`: whether the kernel is asked for its logs.
///
/// # Errors
/// A file cannot be read or is not one of cases.
pub fn cases(files: &[String], live: bool) -> Result<Report, String> {
    let mut report = Report::default();
    each(files, |path, file, case, first| {
        if first {
            report.recorded.extend(file.kernel.clone().filter(|k| !report.recorded.contains(k)));
            let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
            report.files.push((name, Tally::default()));
        }
        let mut tally = Tally::default();
        match one(path, file, case, live, &mut tally) {
            Ok(checked) => report.cases.push(checked),
            Err(problem) => report.problems.push(problem),
        }
        report.tally.add(&tally);
        if let Some((_, of_file)) = report.files.last_mut() {
            of_file.add(&tally);
        }
    })?;
    Ok(report)
}

/// Our answers for another kernel beside what it told; cases that it was not asked about are left out, and counted.
///
/// # Errors
/// As [`cases`], and its release is no version.
pub fn other_kernel(told: &Told, types: Option<&Btf>) -> Result<(Report, u64), String> {
    let version = told.release.parse().map_err(|e| format!("{e}"))?;
    let kernel = Kernel { version, types, cpus: told.cpus };
    let (mut report, mut unasked) = (Report::default(), 0);
    each(&[], |path, file, case, _| {
        let reply = told.reply(path, file, case);
        let Some((reply, theirs)) = reply.and_then(|reply| Some((reply, reply.verdict(case)?))) else {
            unasked += 1;
            return;
        };
        let verify = |subject: Subject| ours::verify_for(kernel, &subject, 0, &case.options, 0);
        let ours = match Subject::of_case_for(kernel, path, file, case).map(verify) {
            Ok(Some(answer)) => answer.verdict(),
            // What cannot be loaded is rejected, without a message of the verifier's.
            Ok(None) | Err(_) => Verdict::Rejected { message: String::new(), errno: Answer::NO_ERRNO },
        };
        let outcome = match Outcome::of(theirs.rejection(), ours.rejection()) {
            Outcome::OtherMessage if !reply.is_of_the_verifier() => Outcome::BothReject,
            outcome => outcome,
        };
        report.tally.count(outcome);
        let place = format!("{}: {}", told::file_name(path), case.name);
        report.cases.push(Checked { place, outcome, kernel: theirs, ours, same_lines: None });
    })?;
    Ok((report, unasked))
}

/// Holds the running kernel to the recorded answers of all files: what it says otherwise, and what cannot be asked.
/// Answers that another kernel gave are passed over.
///
/// # Errors
/// As [`cases`].
pub fn recorded() -> Result<Vec<String>, String> {
    let running = source::running_kernel();
    let mut problems = Vec::new();
    each(&[], |path, file, case, _| {
        if file.kernel.as_ref() != Some(&running) {
            return;
        }
        let place = format!("{path}:{}: {}", case.line(), case.name);
        match (ask(path, file, case, 1), &case.answer) {
            (Err(problem), _) => problems.push(problem),
            (Ok(now), Some(recorded)) if now.verdict() != *recorded => {
                problems.push(format!("{place}: recorded `{recorded}`, now `{}`", now.verdict()));
            }
            (Ok(_), Some(_)) => {}
            (Ok(_), None) => problems.push(format!("{place}: no answer is recorded")),
        }
    })?;
    Ok(problems)
}

/// Does something with each case, told whether it is the first of its file.
fn each(files: &[String], mut body: impl FnMut(&str, &CaseFile, &Case, bool)) -> Result<(), String> {
    let files = if files.is_empty() { all_files()? } else { files.to_vec() };
    for path in &files {
        let file = read(path)?;
        for (at, case) in file.cases.iter().enumerate() {
            body(path, &file, case, at == 0);
        }
    }
    Ok(())
}

fn one(path: &str, file: &CaseFile, case: &Case, live: bool, tally: &mut Tally) -> Result<Checked, String> {
    let place = format!("{path}:{}: {}", case.line(), case.name);
    let subject = Subject::of_case(path, file, case)?;
    let recorded = case.answer.clone().ok_or_else(|| format!("{place}: no answer is recorded"))?;
    let ours = ours::verify(&subject, 0, &case.options, if live { 2 } else { 0 }).ok_or("no program")?;
    let outcome = Outcome::of(recorded.rejection(), ours.rejection());
    tally.count(outcome);
    let mut same_lines = None;
    if live {
        let kernel = ask(path, file, case, 2)?;
        let logs = LogDiff::new(&kernel.log, &ours.log);
        tally.count_lines(&logs);
        tally.count_processed(&kernel, &ours);
        same_lines = Some(logs.same());
    }
    Ok(Checked { place, outcome, kernel: recorded, ours: ours.verdict(), same_lines })
}
