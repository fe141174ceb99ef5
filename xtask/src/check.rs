//! `cargo xtask test`: every test, and a summary that leaves nothing out.
//!
//! A step that fails does not stop the others. A step whose tools are missing counts as a failure:
//! what was not run has not passed. A test that cannot run on this machine (there is no kernel to
//! ask, say) writes a line that begins with `skipped: ` on standard error, past the test harness;
//! these lines are repeated below the summary.

use crate::setup::PageTools;
use crate::{page, pins, run, setup};
use anyhow::{Context, Result};
use std::fs;
use std::io::IsTerminal;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const SKIPPED: &str = "skipped: ";
const BROWSER_TESTS: &str = "tests/page";

/// How a step ended.
struct Outcome {
    name: &'static str,
    result: Ended,
    time: Duration,
    counts: Counts,
}

enum Ended {
    Passed,
    Failed,
    NotRun(String),
}

/// What the tests of a step said about themselves.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    notes: Vec<String>,
}

/// Runs every test there is.
///
/// # Errors
/// Only where not even the attempt can be made; failed tests are the exit status.
pub fn everything() -> Result<ExitCode> {
    let tools = setup::page_tools().map_err(|error| format!("{error:#}"));
    let packages = setup::system_packages().map_err(|error| format!("{error:#}"));
    for problem in [tools.as_ref().err(), packages.as_ref().err()].into_iter().flatten() {
        println!("set-up: {problem}");
    }
    // The page comes first: the command that the native tests and the browser's try has it inside.
    let mut outcomes = match &tools {
        Ok(tools) => page_steps(tools).into_iter().map(|(name, command)| step(name, command)).collect(),
        Err(_) => vec![not_run("the page", "its tools are missing, see above")],
    };
    let has_page = outcomes.iter().all(passed);
    outcomes.extend(native_steps(has_page).into_iter().map(|(name, command)| step(name, command)));
    outcomes.push(match (has_page, &packages) {
        (true, Ok(())) => step(IN_BROWSER, browser_tests()?),
        (false, _) => not_run(IN_BROWSER, "the page was not built"),
        (true, Err(_)) => not_run(IN_BROWSER, "packages are missing, see above"),
    });
    println!("{}", summary(&outcomes));
    Ok(if outcomes.iter().all(passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const IN_BROWSER: &str = "the page in Chromium";

fn passed(outcome: &Outcome) -> bool {
    matches!(outcome.result, Ended::Passed)
}

fn native_steps(has_page: bool) -> Vec<(&'static str, Command)> {
    let mut doc = run::command("cargo", ["doc", "--workspace", "--no-deps", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    let mut steps = vec![
        ("formatting", run::command("cargo", ["fmt", "--all", "--check"])),
        (
            "clippy",
            run::command("cargo", ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
        ),
        // They stand apart from the workspace, and are built with a fuzzer's instrumentation only to be run.
        (
            "clippy of the fuzz targets",
            run::command("cargo", ["clippy", "--manifest-path", "fuzz/Cargo.toml", "--locked", "--", "-D", "warnings"]),
        ),
        ("documentation", doc),
        ("native tests", run::command("cargo", ["test", "--workspace", "--no-fail-fast", "--locked"])),
    ];
    if has_page {
        // All of them, lest the command be built twice.
        steps.iter_mut().for_each(|(_, command)| page::put_in(command));
    }
    steps
}

fn page_steps(tools: &PageTools) -> Vec<(&'static str, Command)> {
    let lint =
        ["clippy", "--package", "bpfscope-web", "--target", pins::WASM_TARGET, "--locked", "--", "-D", "warnings"];
    vec![("clippy for wasm32", run::command("cargo", lint)), ("page build", page::build_command(tools))]
}

/// Every `*.test.mjs`, named one by one since node's versions differ in how they search a folder.
fn browser_tests() -> Result<Command> {
    let mut files = Vec::new();
    for entry in fs::read_dir(BROWSER_TESTS).with_context(|| format!("cannot read {BROWSER_TESTS}"))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    let mut command = run::command("node", ["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    command.args(files);
    Ok(command)
}

fn step(name: &'static str, mut command: Command) -> Outcome {
    println!("\n── {name}: {}", run::shown(&command));
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let start = Instant::now();
    let mut counts = Counts::default();
    let result = match run::watched(&mut command, |line| counts.read(line)) {
        Ok(true) => Ended::Passed,
        Ok(false) => Ended::Failed,
        Err(error) => Ended::NotRun(format!("{error:#}")),
    };
    Outcome { name, result, time: start.elapsed(), counts }
}

fn not_run(name: &'static str, why: &str) -> Outcome {
    Outcome { name, result: Ended::NotRun(why.to_owned()), time: Duration::ZERO, counts: Counts::default() }
}

impl Counts {
    /// Learns from a line of cargo's or node's test harness, or of a test that skips.
    fn read(&mut self, line: &str) {
        if let Some(totals) = line.strip_prefix("test result: ") {
            // `ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`
            let number = |word: &str| {
                let before = totals.split(';').find_map(|part| part.trim().strip_suffix(word));
                before.and_then(|text| text.trim().rsplit(' ').next()?.parse::<u64>().ok()).unwrap_or(0)
            };
            self.passed += number("passed");
            self.failed += number("failed");
            self.skipped += number("ignored");
        } else if let Some(total) = line.strip_prefix("ℹ ") {
            // `ℹ pass 12`
            let Some((word, Ok(number))) = total.split_once(' ').map(|(word, rest)| (word, rest.parse::<u64>())) else {
                return;
            };
            match word {
                "pass" => self.passed += number,
                "fail" | "cancelled" => self.failed += number,
                "skipped" | "todo" => self.skipped += number,
                _ => {}
            }
        } else if let Some(note) = line.strip_prefix(SKIPPED) {
            self.skipped += 1;
            self.notes.push(note.to_owned());
        }
    }
}

fn summary(outcomes: &[Outcome]) -> String {
    let mut text = "\n── summary\n".to_owned();
    for Outcome { name, result, time, counts } in outcomes {
        let word = match result {
            Ended::Passed => "passed",
            Ended::Failed => "FAILED",
            Ended::NotRun(_) => "NOT RUN",
        };
        text += &format!("{name:<22} {word:<8} {:>6.1} s", time.as_secs_f64());
        if counts.passed + counts.failed + counts.skipped > 0 {
            let Counts { passed, failed, skipped, .. } = counts;
            text += &format!("   {passed} passed, {failed} failed, {skipped} skipped");
        }
        if let Ended::NotRun(why) = result {
            text += &format!("   {why}");
        }
        text.push('\n');
    }
    for note in outcomes.iter().flat_map(|outcome| &outcome.counts.notes) {
        text += &format!("{SKIPPED}{note}\n");
    }
    let bad = outcomes.iter().filter(|outcome| !passed(outcome)).count();
    let total: f64 = outcomes.iter().map(|outcome| outcome.time.as_secs_f64()).sum();
    text + &match bad {
        0 => format!("all {} steps passed in {total:.0} s", outcomes.len()),
        _ => format!("{bad} of {} steps did not pass", outcomes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_cargo_node_and_skipping_tests() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "ℹ tests 7",
            "ℹ pass 6",
            "ℹ fail 1",
            "ℹ duration_ms 3138.3",
            "skipped: 40 programs: the kernel refuses bpf()",
        ] {
            counts.read(line);
        }
        assert_eq!((counts.passed, counts.failed, counts.skipped), (21, 3, 2));
        assert_eq!(counts.notes, ["40 programs: the kernel refuses bpf()"]);
    }

    #[test]
    fn the_summary_counts_what_was_not_run_as_not_passed() {
        let passed = Outcome { name: "a", result: Ended::Passed, time: Duration::ZERO, counts: Counts::default() };
        let text = summary(&[passed, not_run("b", "no browser")]);
        assert!(text.contains("NOT RUN") && text.contains("no browser"), "{text}");
        assert!(text.ends_with("1 of 2 steps did not pass"), "{text}");
    }
}
