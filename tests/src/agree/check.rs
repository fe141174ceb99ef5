//! All cases: our answers beside the recorded ones and, where there is a kernel, beside its logs.

use std::fs;
use std::path::{Path, PathBuf};

use super::answer::{Answer, Verdict};
use super::ask::{Asked, LogSpec};
use super::cases::{Case, CaseFile};
use super::compare::{LogDiff, Outcome, Tally};
use super::ours;
use super::source::{self, Subject};

/// A case with both answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// `FILE:LINE: its name`
    pub place: String,
    /// How the two compare.
    pub outcome: Outcome,
    /// The kernel's answer: its own just now, else the recorded one.
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
    /// What kept cases from being checked, and recorded answers that the running kernel does not give.
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
    let folder = folder();
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
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
    let files = if files.is_empty() { all_files()? } else { files.to_vec() };
    let mut report = Report::default();
    for path in &files {
        let text = String::from_utf8_lossy(&source::read(path)?).into_owned();
        let file = CaseFile::parse(&text).map_err(|e| format!("{path}:{e}"))?;
        report.recorded.extend(file.kernel.clone().filter(|k| !report.recorded.contains(k)));
        for case in &file.cases {
            if let Err(problem) = one(path, &file, case, live, &mut report) {
                report.problems.push(problem);
            }
        }
    }
    Ok(report)
}

fn one(path: &str, file: &CaseFile, case: &Case, live: bool, report: &mut Report) -> Result<(), String> {
    let place = format!("{path}:{}: {}", case.line(), case.name);
    let subject = Subject::of_case(path, file, case)?;
    let level = if live { 2 } else { 1 };
    let kernel = live.then(|| ask(path, file, case, level)).transpose()?;
    if let (Some(answer), Some(recorded)) = (&kernel, &case.answer)
        && answer.verdict() != *recorded
    {
        let now = answer.verdict();
        report.problems.push(format!("{place}: recorded `{recorded}`, but this kernel says `{now}`"));
    }
    let verdict = case.answer.clone().or_else(|| kernel.as_ref().map(Answer::verdict));
    let verdict = verdict.ok_or_else(|| format!("{place}: no answer is recorded"))?;
    let Some(ours) = ours::verify(&subject, 0, &case.options, level) else { return Ok(()) };
    let outcome = Outcome::of(verdict.rejection(), ours.rejection());
    report.tally.count(outcome);
    let mut same_lines = None;
    if let Some(kernel) = &kernel {
        let logs = LogDiff::new(&kernel.log, &ours.log);
        report.tally.count_lines(&logs);
        report.tally.count_processed(kernel, &ours);
        same_lines = Some(logs.same());
    }
    report.cases.push(Checked { place, outcome, kernel: verdict, ours: ours.verdict(), same_lines });
    Ok(())
}
