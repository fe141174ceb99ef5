//! Many programs at once, and the tables that come of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use bpfscope_tests::agree::compare::{Outcome, Tally};
use bpfscope_tests::agree::generate::{self, Plan, Report};
use bpfscope_tests::agree::{check, compiled, source};
use bpfscope_tests::{clang, kernel};

use super::{Done, kernels, replay, say};

#[derive(clap::Args)]
pub struct Generate {
    /// Programs.
    #[arg(long, default_value_t = 100_000)]
    programs: u64,
    /// The seed that they follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run those that we accept.
    #[arg(long)]
    sound: bool,
    /// Kinds of differences that are made small and written.
    #[arg(long, default_value_t = 40)]
    keep: usize,
    /// Print the program of this number instead.
    #[arg(long)]
    only: Option<u64>,
    /// Print how often the kernel said what.
    #[arg(long)]
    messages: bool,
}

#[derive(clap::Args)]
pub struct Table {
    /// The cases of tests/verifier.
    #[arg(long)]
    cases: bool,
    /// Generated programs, so many.
    #[arg(long)]
    programs: Option<u64>,
    /// The seed of the generated programs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Every build of the repository's C programs.
    #[arg(long)]
    compiled: bool,
    /// Run the generated programs that we accept.
    #[arg(long)]
    sound: bool,
    /// The cases, by the recorded answers of other kernels.
    #[arg(long)]
    kernels: bool,
    /// Every program for packets on every capture.
    #[arg(long)]
    replay: bool,
}

/// The file with the tables of verdicts.
const VERDICTS: &str = "VERIFIER.md";

/// Makes programs up; what became of them.
pub fn generate(how: &Generate) -> Result<Report, String> {
    if let Some(number) = how.only {
        let pools = generate::Pools::new()?;
        let sample = generate::made(&pools, how.seed, number);
        let title = format!("seed {} program {number}", how.seed);
        say(&generate::text(&pools, &sample, &title));
        return Ok(Report::default());
    }
    let start = Instant::now();
    let plan = Plan { programs: how.programs, seed: how.seed, sound: how.sound, keep: how.keep };
    let shown = std::io::stderr().is_terminal();
    let report = generate::run(plan, |done, report| {
        if shown && done > 0 {
            let speed = done as f64 / start.elapsed().as_secs_f64();
            let (accepted, rejected) = (report.tally.wrongly_accepted, report.tally.wrongly_rejected);
            let _ = write!(
                std::io::stderr(),
                "\r{done} programs, {speed:.0}/s, {accepted} wrongly accepted, {rejected} wrongly rejected "
            );
        }
    })?;
    if shown {
        let _ = writeln!(std::io::stderr());
    }
    if how.messages {
        let mut messages: Vec<_> = report.messages.iter().collect();
        messages.sort_by_key(|(message, count)| (std::cmp::Reverse(**count), (*message).clone()));
        for (message, count) in messages {
            say(&format!("{count:>8} {message}"));
        }
    }
    for ((outcome, kernel, ours), (count, number)) in sorted(&report.differences) {
        let words = outcome.words();
        say(&format!("{count:>8} {words} (program {number})\n         kernel: {kernel}\n         ours:   {ours}"));
    }
    for (number, fault) in &report.faults {
        say(&format!("FAULT of program {number}: {fault}"));
    }
    for number in &report.lost {
        say(&format!("LOST: the kernel did not come back from program {number} (see dmesg)"));
    }
    for path in &report.written {
        say(&format!("written: {}", path.display()));
    }
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("{}\n{}", Tally::HEAD, report.tally.row("generated")));
    let speed = how.programs as f64 / seconds;
    let kinds = report.messages.len();
    say(&format!(
        "{kinds} kinds of messages, {} left out, {seconds:.0} s, {speed:.0} programs a second",
        report.left_out
    ));
    if how.sound {
        say(&format!("{} programs run {} times, {} faults", report.ran, report.runs, report.faults.len()));
    }
    Ok(report)
}

/// How the two compare, the kernel's message and ours.
type Kind = (Outcome, String, String);

/// Each kind of difference: how often, and the first program's number.
type Differences = BTreeMap<Kind, (u64, u64)>;

/// Wrong verdicts first, then by how often.
fn sorted(differences: &Differences) -> Vec<(&Kind, &(u64, u64))> {
    let mut all: Vec<_> = differences.iter().collect();
    all.sort_by_key(|((outcome, ..), (count, _))| {
        (u8::from(outcome.same_verdict()), std::cmp::Reverse(*outcome), std::cmp::Reverse(*count))
    });
    all
}

/// Gives every build of the C programs to both.
pub fn compiled() -> Result<compiled::Report, String> {
    if !kernel::available("compiled programs") || !clang::available("compiled programs") {
        return Err("compiled programs need a kernel to ask, and clang".to_owned());
    }
    let report = compiled::compare(|_| {});
    print(&report, "compiled");
    say(&format!("{} files in {} builds", report.files, report.builds));
    Ok(report)
}

#[derive(clap::Args)]
pub struct Objects {
    /// Object files, whoever made them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What they are: puts them into VERIFIER.md.
    #[arg(long)]
    title: Option<String>,
}

/// Gives the programs of objects to both; whether no verdict differs.
pub fn objects(what: &Objects) -> Done {
    if !kernel::available("objects") {
        return Err("there is no kernel to ask".to_owned());
    }
    let report = compiled::compare_objects(&what.files, |_| {});
    print(&report, "objects");
    let (files, left_out) = (report.files, report.without_functions);
    say(&format!("{files} files, {left_out} programs left out: they call functions that this kernel does not have"));
    if let Some(title) = &what.title {
        let intro = format!(
            "Linux {}, {}: {title}. {files} files have programs of the types that are known here; {left_out} of these \
             programs are left out, for they call functions that this kernel does not have.",
            source::running_kernel(),
            today()
        );
        put_verdicts("objects", &intro, &[report.tally.row("objects")])?;
    }
    Ok(report.tally.wrongly_accepted + report.tally.wrongly_rejected == 0)
}

/// What differs, and the table's row.
fn print(report: &compiled::Report, name: &str) {
    for note in &report.notes {
        say(note);
    }
    for compiled::Difference { place, outcome, kernel, ours } in &report.differences {
        say(&format!("{place}: {}\n    kernel: {kernel}\n    ours:   {ours}", outcome.words()));
    }
    say(&format!("{}\n{}", Tally::HEAD, report.tally.row(name)));
    say(&format!("worst ratio of processed {:.2}", report.tally.worst_ratio));
}

/// Runs what is asked for, everything when nothing is, and renews the tables.
pub fn table(what: &Table) -> Done {
    let all = !what.cases && what.programs.is_none() && !what.compiled && !what.sound && !what.kernels && !what.replay;
    let live = kernel::available("the kernel's own answers");
    if !live {
        say("bpf(2) is refused here: cases are held to the recorded answers alone");
    }
    let mut good = true;
    if all || what.cases {
        let report = check::cases(&[], live)?;
        let by = if live { source::running_kernel() } else { report.recorded.join(", ") };
        let mut rows: Vec<String> = report.files.iter().map(|(name, tally)| tally.row(name)).collect();
        rows.push(report.tally.row("**all**"));
        good &= report.tally.wrongly_accepted + report.tally.wrongly_rejected == 0 && report.problems.is_empty();
        for problem in &report.problems {
            say(problem);
        }
        let from = if live { "asked just then" } else { "as recorded" };
        put_verdicts("cases", &format!("Linux {by}, {from}, {}.", today()), &rows)?;
    }
    if all || what.kernels {
        put_verdicts("kernels", "As recorded, in an emulator.", &kernels::rows()?)?;
    }
    if live && (all || what.compiled) {
        let report = compiled()?;
        let (files, builds) = (report.files, report.builds);
        let intro = format!(
            "Linux {}, {}: {files} files in {builds} builds (clang at -O1, -O2, -Os, cpu v1 to v4).",
            source::running_kernel(),
            today()
        );
        good &= report.tally.wrongly_accepted + report.tally.wrongly_rejected == 0;
        put_verdicts("compiled", &intro, &[report.tally.row("C programs")])?;
    }
    if live && (all || what.programs.is_some() || what.sound) {
        let programs = what.programs.unwrap_or(1_000_000);
        let how =
            Generate { programs, seed: what.seed, sound: all || what.sound, keep: 40, only: None, messages: false };
        let report = generate(&how)?;
        let mut intro = format!(
            "Linux {}, {}: seed {}, {} kinds of messages.",
            source::running_kernel(),
            today(),
            what.seed,
            report.messages.len()
        );
        if how.sound {
            intro += &format!(
                " {} accepted programs were run {} times on random packets, contexts and maps: {} faults.",
                report.ran,
                report.runs,
                report.faults.len()
            );
        }
        if !report.lost.is_empty() {
            intro += &format!(" The kernel faulted on programs {:?} of the seed.", report.lost);
        }
        good &= report.tally.wrongly_accepted == 0 && report.faults.is_empty();
        put_verdicts("generated", &intro, &[report.tally.row("generated")])?;
    }
    if live && (all || what.replay) {
        good &= replay::table()?;
    }
    Ok(good)
}

/// Prints a table of verdicts and renews it.
fn put_verdicts(name: &str, intro: &str, rows: &[String]) -> Result<(), String> {
    put(VERDICTS, name, &format!("{intro}\n\n{}\n{}\n", Tally::HEAD, rows.join("\n")))
}

/// Prints a table and puts it between its markers in the file.
pub fn put(path: &str, name: &str, table: &str) -> Result<(), String> {
    say(&format!("\n{table}"));
    let (begin, end) = (format!("<!-- agree {name} -->\n"), format!("<!-- /agree {name} -->"));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Err(format!("{path}: {error}")),
    };
    let text = match (text.find(&begin), text.find(&end)) {
        (Some(from), Some(to)) if from < to => format!("{}{table}{}", &text[..from + begin.len()], &text[to..]),
        _ => format!("{}\n{begin}{table}{end}\n", text.trim_end().to_owned() + "\n"),
    };
    fs::write(path, text).map_err(|e| format!("{path}: {e}"))
}

/// The date, as 2026-11-30.
pub fn today() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    // Days since 1970 to a date: years begin in March, so that leap days come last (Howard Hinnant, "chrono").
    let days = (seconds / 86_400) as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}
