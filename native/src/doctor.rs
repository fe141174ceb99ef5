//! `bpfscope doctor`: what this machine can do, and what to do about what it cannot.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::{
    args::{DoctorArgs, Format},
    error::Error,
    host::{self, Health},
    style::{Ink, Style},
};

/// What was found, as `--format json` prints it.
#[derive(Serialize)]
struct Summary<'a> {
    system: &'a str,
    arch: &'a str,
    kernel: Option<&'a str>,
    findings: Vec<Line<'a>>,
    helpers: std::collections::BTreeMap<&'a str, u32>,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    /// `good`, `note` or `lack`.
    state: &'a str,
    what: &'a str,
    cure: Option<&'a str>,
}

/// Runs the subcommand: 0 when nothing is lacking, else 1.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, Error> {
    let health = host::health();
    match args.format {
        Format::Json => json(&health)?,
        Format::Text => text(&health)?,
    }
    let lacks = health.findings.iter().any(|finding| finding.state == "lack");
    Ok(ExitCode::from(u8::from(lacks)))
}

fn json(health: &Health) -> io::Result<()> {
    let line = |f: &'_ host::Found| (f.name, f.state, f.what.clone(), f.cure.clone());
    let lines: Vec<_> = health.findings.iter().map(line).collect();
    let summary = Summary {
        system: std::env::consts::OS,
        arch: std::env::consts::ARCH,
        kernel: health.kernel.as_deref(),
        findings: lines
            .iter()
            .map(|(name, state, what, cure)| Line { name, state, what, cure: cure.as_deref() })
            .collect(),
        helpers: health.helpers.iter().copied().collect(),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &summary)?;
    writeln!(out)
}

fn text(health: &Health) -> io::Result<()> {
    let (style, mut out) = (Style::of_stdout(), io::stdout().lock());
    let (system, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    match &health.kernel {
        Some(kernel) => writeln!(out, "{} on {arch}", style.ink(Ink::Bold, format_args!("Linux {kernel}")))?,
        None => writeln!(out, "{} on {arch}", style.ink(Ink::Bold, system))?,
    }
    let width = health.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    for host::Found { name, state, what, cure } in &health.findings {
        let (sign, ink) = match *state {
            "good" => ("✓", Ink::Green),
            "note" => ("!", Ink::Yellow),
            _ => ("✗", Ink::Red),
        };
        writeln!(out, "  {} {name:<width$}  {what}", style.ink(ink, sign))?;
        if let Some(cure) = cure {
            writeln!(out, "    {:width$}  {}", "", style.ink(Ink::Dim, cure))?;
        }
    }
    if !health.helpers.is_empty() {
        let counts: Vec<String> = health.helpers.iter().map(|(name, count)| format!("{name} {count}")).collect();
        writeln!(out, "  helpers that programs may call: {}", counts.join(", "))?;
    }
    Ok(())
}
