//! `bpfscope check`: would kernels load these programs, and if not, why and at which line.
//!
//! A job is one object on one kernel; jobs run on all cores, their reports are printed in the order of the command
//! line. What a report holds is in `report`; each format is a printer of it.

mod answer;
mod github;
mod json;
mod parallel;
mod report;
mod running;
mod sarif;
mod subject;
mod text;

#[cfg(target_os = "linux")]
pub use subject::needs_types;

use std::{
    collections::HashSet,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use bpfscope_core::kernel::{KernelVersion, VERSIONS};

use self::{
    answer::{Offline, Oracle},
    report::{Printer, Report, Tally},
    running::Running,
    subject::{Named, Subjects},
};
use crate::{
    args::{CheckArgs, CheckFormat, KernelArg},
    error::Error,
    style::Style,
};

/// Runs the subcommand.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Error> {
    let oracles = oracles(args)?;
    let subjects = Subjects::new(args)?;
    let kernels = oracles.len();
    let out = BufWriter::new(io::stdout().lock());
    let mut printer = printer(args, kernels, out);
    let mut tally = Tally::default();
    let mut reports: Vec<Report> = Vec::new();
    let mut told = HashSet::new();
    let job = |at: usize| {
        let named = subjects.named(at / kernels);
        check(&subjects, named, oracles[at % kernels].as_ref())
    };
    parallel::in_order(subjects.count() * kernels, job, |_, report| {
        tally.count(&report);
        // What is wrong with an object is wrong for every kernel, and what a kernel refuses, for every object.
        for note in report.notes() {
            if told.insert(note.clone()) {
                eprintln!("{note}");
            }
        }
        reports.push(report);
        if reports.len() == kernels {
            printer.object(&std::mem::take(&mut reports))?;
        }
        Ok(())
    })?;
    printer.finish(&tally)?;
    Ok(tally.status())
}

/// Those who are asked, one for each kernel.
fn oracles(args: &CheckArgs) -> Result<Vec<Box<dyn Oracle>>, Error> {
    let offline = |kernel: Option<KernelVersion>| -> Box<dyn Oracle> { Box::new(Offline { kernel, log: args.log }) };
    Ok(match args.kernel {
        None => vec![offline(None)],
        Some(KernelArg::Version(version)) => vec![offline(Some(version))],
        Some(KernelArg::All) => VERSIONS.iter().map(|version| offline(Some(*version))).collect(),
        Some(KernelArg::Running) => vec![Box::new(Running::new(args.log)?)],
    })
}

fn printer<'a>(args: &CheckArgs, kernels: usize, out: impl Write + 'a) -> Box<dyn Printer + 'a> {
    let style = Style::of_stdout();
    match args.format {
        CheckFormat::Text if kernels > 1 => Box::new(text::Table::new(out, style, kernels)),
        CheckFormat::Text => Box::new(text::Text::new(out, style)),
        CheckFormat::Json => Box::new(json::Json::new(out, args.programs.len() * kernels > 1, args.log > 0)),
        CheckFormat::Sarif => Box::new(sarif::Sarif::new(out)),
        CheckFormat::Github => Box::new(github::Github::new(out, kernels > 1)),
    }
}

/// One object on one kernel.
fn check(subjects: &Subjects<'_>, named: &Named, oracle: &dyn Oracle) -> Report {
    let mut version = oracle.version();
    let outcome = subjects.open(named, version).and_then(|subject| {
        version = Some(subject.kernel);
        subject.check(oracle)
    });
    let kernel = oracle.label().unwrap_or_else(|| version.unwrap_or(KernelVersion::LATEST).to_string());
    Report { kernel, object: named.name.clone(), outcome }
}
