//! What other kernels told: kept beside the cases, and our verifier held to it.

use std::fs;

use bpfscope_core::kernel::KernelVersion;
use bpfscope_core::object::Btf;
use bpfscope_tests::agree::check::{self, Checked};
use bpfscope_tests::agree::compare::{Outcome, Tally};
use bpfscope_tests::agree::facts;
use bpfscope_tests::agree::source;
use bpfscope_tests::agree::told::{self, Told};

use super::{Done, say};

/// Writes what a kernel told in the order of the case files, and without answers that are of no case.
pub fn keep(from: &str, to: &str) -> Done {
    let text = fs::read_to_string(from).map_err(|e| format!("{from}: {e}"))?;
    let told = Told::parse(&text).map_err(|e| format!("{from}:{e}"))?;
    let text = told.write(&check::read_all(&check::folder())?);
    fs::write(to, text).map_err(|e| format!("{to}: {e}"))?;
    Ok(true)
}

/// Lists where ours differs.
pub fn check(version: KernelVersion, types: Option<&str>, messages: bool) -> Done {
    let all = told::recorded()?;
    let found = all.iter().find(|(v, _)| *v == version);
    let (_, told) = found.ok_or_else(|| format!("no answers of Linux {version} are kept"))?;
    let types = match types {
        Some(path) => Some(Btf::parse(&source::read(path)?).map_err(|e| format!("{path}: {e}"))?),
        None => None,
    };
    let (report, unasked) = check::other_kernel(told, types.as_ref())?;
    for Checked { place, outcome, kernel, ours, .. } in &report.cases {
        if !outcome.same_verdict() || messages && *outcome == Outcome::OtherMessage {
            say(&format!("{place}: {}\n    kernel: {kernel}\n    ours:   {ours}", outcome.words()));
        }
    }
    let ours = facts::by_our_tables(version);
    for fact in told.facts.iter().filter(|fact| !ours.contains(fact)) {
        let what = fact.split(':').next().unwrap_or_default();
        let own = ours.iter().find(|own| own.split(':').next() == Some(what)).map_or("", String::as_str);
        say(&format!("fact of the kernel: {fact}\n    ours:           {own}"));
    }
    say(&format!("{}\n{}", Tally::HEAD, report.tally.row(&version.to_string())));
    say(&format!("{unasked} cases were not asked"));
    Ok(report.tally.wrongly_accepted + report.tally.wrongly_rejected == 0)
}

/// A row of the table for each kernel that told.
pub fn rows() -> Result<Vec<String>, String> {
    let row = |(_, told): &(KernelVersion, Told)| {
        let (report, _) = check::other_kernel(told, None)?;
        Ok(report.tally.row(&format!("Linux {}", told.release)))
    };
    told::recorded()?.iter().map(row).collect()
}
