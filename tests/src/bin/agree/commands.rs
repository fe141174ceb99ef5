//! The commands.

use std::fs;
use std::io::Write as _;
use std::process::ExitCode;

use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::{Case, CaseFile, Options};
use bpfscope_tests::agree::source::{self, Subject};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "agree", about = "Our verifier beside the running kernel's")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the kernel for the answer to each case, and write it into the file.
    Record {
        /// Files of cases.
        #[arg(required = true)]
        files: Vec<String>,
    },
    /// Print what the kernel says of a case, or of any program: assembly, C, an object, `-` for standard input.
    Ask {
        /// The file.
        file: String,
        /// Part of a case's name; all cases without it.
        case: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Args)]
struct How {
    /// Level of the log: 1, 2, plus 4 for statistics.
    #[arg(short, long, default_value_t = 2)]
    level: u32,
    /// A line of options as in case files, such as `unprivileged` or `type: kprobe`.
    #[arg(short, long)]
    option: Vec<String>,
}

pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Record { files } => files.iter().map(|file| record(file)).collect::<Result<Vec<bool>, String>>(),
        Command::Ask { file, case, how } => ask(&file, case.as_deref(), &how).map(|()| vec![true]),
    };
    match done {
        Ok(all) if all.iter().all(|good| *good) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Asks for each case's answer and writes the file anew; whether all could be had.
fn record(path: &str) -> Result<bool, String> {
    let text = String::from_utf8_lossy(&source::read(path)?).into_owned();
    let mut file = CaseFile::parse(&text).map_err(|e| format!("{path}:{e}"))?;
    if !file.has_cases() {
        return Err(format!("{path}: no cases: each begins with a line `#== its name`"));
    }
    let kernel = source::running_kernel();
    let (mut new, mut changed, mut failed) = (0, 0, 0);
    for at in 0..file.cases.len() {
        let case = &file.cases[at];
        match answer_of(path, &file, case) {
            Ok(verdict) => {
                match &case.answer {
                    None => {
                        new += 1;
                        println!("{path}:{}: {}\n    {verdict}", case.line(), case.name);
                    }
                    Some(old) if *old != verdict => {
                        changed += 1;
                        println!("{path}:{}: {}\n    was {old}\n    now {verdict}", case.line(), case.name);
                    }
                    Some(_) => {}
                }
                file.record(at, &kernel, verdict);
            }
            Err(why) => {
                failed += 1;
                eprintln!("{why}");
            }
        }
    }
    let written = file.write();
    if written != text {
        fs::write(path, written).map_err(|e| format!("{path}: {e}"))?;
    }
    println!("{path}: {} cases, {new} new, {changed} changed, {failed} not answered", file.cases.len());
    Ok(failed == 0)
}

fn answer_of(path: &str, file: &CaseFile, case: &Case) -> Result<bpfscope_tests::agree::answer::Verdict, String> {
    let place = |what: String| format!("{path}:{}: {what} (case `{}`)", case.line(), case.name);
    let subject = Subject::of_case(path, file, case)?;
    let asked = Asked::new(&subject).map_err(place)?;
    let answer = asked.ask(&subject, 0, &case.options, LogSpec::level(1)).map_err(place)?;
    Ok(answer.verdict())
}

fn ask(path: &str, wanted: Option<&str>, how: &How) -> Result<(), String> {
    let bytes = source::read(path)?;
    let mut options = Options::default();
    for line in &how.option {
        options.read(line)?;
    }
    let name = if path == "-" { "stdin" } else { path };
    if source::is_elf(&bytes) || path.ends_with(".c") {
        let bytes = if source::is_elf(&bytes) { bytes } else { source::compile(path)? };
        let subject = Subject::of_bytes(name, &bytes, options.prog_type)?;
        for note in &subject.loaded.notes {
            eprintln!("note: {note}");
        }
        for (program, error) in &subject.loaded.refused {
            eprintln!("program {program}: {error}");
        }
        return show(&subject, wanted, &options, how.level);
    }
    let text = String::from_utf8_lossy(&bytes);
    let file = CaseFile::parse(&text).map_err(|e| format!("{name}:{e}"))?;
    let named = |case: &&Case| wanted.is_none_or(|wanted| case.name.contains(wanted));
    let exact = file.cases.iter().filter(|case| Some(case.name.as_str()) == wanted).collect::<Vec<_>>();
    let chosen = if exact.is_empty() { file.cases.iter().filter(named).collect() } else { exact };
    if chosen.is_empty() {
        let names: Vec<&str> = file.cases.iter().map(|c| c.name.as_str()).collect();
        return Err(format!("{name}: no such case; there are:\n  {}", names.join("\n  ")));
    }
    for case in chosen {
        if !case.name.is_empty() {
            say(&format!("== {} ({name}:{})", case.name, case.line()));
        }
        let mut case = case.clone();
        for line in &how.option {
            case.options.read(line)?;
        }
        let subject = Subject::of_case(name, &file, &case)?;
        show(&subject, None, &case.options, how.level)?;
    }
    Ok(())
}

/// Prints a line; whoever reads may have had enough (`agree ask … | head`).
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints the kernel's log and verdict for the programs of an object whose name has `wanted` in it.
fn show(subject: &Subject, wanted: Option<&str>, options: &Options, level: u32) -> Result<(), String> {
    let asked = Asked::new(subject)?;
    let several = subject.loaded.programs.len() > 1;
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        if wanted.is_some_and(|wanted| !program.name.contains(wanted)) {
            continue;
        }
        if several {
            say(&format!("== {} ({})", program.name, program.section));
        }
        let answer = asked.ask(subject, at, options, LogSpec::level(level))?;
        say(&format!("{}-- {}", answer.log, answer.verdict()));
    }
    Ok(())
}
