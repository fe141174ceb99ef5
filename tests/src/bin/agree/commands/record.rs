//! Files of cases: the kernel's answers written into them, and ours held to those.

use std::fs;

use bpfscope_tests::agree::cases::CaseFile;
use bpfscope_tests::agree::check::{self, Checked};
use bpfscope_tests::agree::compare::{Outcome, Tally};
use bpfscope_tests::agree::source;

use super::{Done, say};

/// Asks for each case's answer and writes the files anew.
pub fn record(files: &[String]) -> Done {
    let mut good = true;
    for path in files {
        good &= record_one(path)?;
    }
    Ok(good)
}

fn record_one(path: &str) -> Done {
    let text = String::from_utf8_lossy(&source::read(path)?).into_owned();
    let mut file = CaseFile::parse(&text).map_err(|e| format!("{path}:{e}"))?;
    if !file.has_cases() {
        return Err(format!("{path}: no cases: each begins with a line `#== its name`"));
    }
    let kernel = source::running_kernel();
    let (mut new, mut changed, mut failed) = (0, 0, 0);
    for at in 0..file.cases.len() {
        let case = &file.cases[at];
        let place = format!("{path}:{}: {}", case.line(), case.name);
        let verdict = match check::ask(path, &file, case, 1) {
            Ok(answer) => answer.verdict(),
            Err(why) => {
                failed += 1;
                eprintln!("{why}");
                continue;
            }
        };
        match &case.answer {
            None => {
                new += 1;
                say(&format!("{place}\n    {verdict}"));
            }
            Some(old) if *old != verdict => {
                changed += 1;
                say(&format!("{place}\n    was {old}\n    now {verdict}"));
            }
            Some(_) => {}
        }
        file.record(at, &kernel, verdict);
    }
    let written = file.write();
    if written != text {
        fs::write(path, written).map_err(|e| format!("{path}: {e}"))?;
    }
    say(&format!("{path}: {} cases, {new} new, {changed} changed, {failed} not answered", file.cases.len()));
    Ok(failed == 0)
}

/// Holds our verifier to the answers.
pub fn check(files: &[String], logs: bool) -> Done {
    let checked = check::cases(files, bpfscope_tests::kernel::available("logs of the kernel"))?;
    for Checked { place, outcome, kernel, ours, same_lines, .. } in &checked.cases {
        let (same, of) = same_lines.unwrap_or((0, 0));
        if !matches!(outcome, Outcome::BothAccept | Outcome::BothReject) {
            say(&format!("{place}: {}\n    kernel: {kernel}\n    ours:   {ours}", outcome.words()));
        } else if logs && same < of {
            say(&format!("{place}: {same} of {of} lines"));
        }
    }
    for problem in &checked.problems {
        say(problem);
    }

    say(Tally::HEAD);
    for (name, tally) in &checked.files {
        say(&tally.row(name));
    }
    say(&checked.tally.row("all cases"));
    Ok(checked.tally.wrongly_accepted + checked.tally.wrongly_rejected == 0 && checked.problems.is_empty())
}
