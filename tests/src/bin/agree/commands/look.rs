//! Looking at one program: what the kernel says, what we say, where the two differ.

use bpfscope_tests::agree::answer::Answer;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::{Case, CaseFile, Options};
use bpfscope_tests::agree::compare::{LogDiff, Outcome};
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::{self, Subject};

use super::{Done, say};

#[derive(clap::Args)]
pub struct What {
    /// The file.
    file: String,
    /// Part of the name of a case, or of a program of an object; all without it.
    name: Option<String>,
    /// Level of the log: 1, 2, plus 4 for statistics.
    #[arg(short, long, default_value_t = 2)]
    level: u32,
    /// A line of options as in case files, such as `unprivileged` or `type: kprobe`.
    #[arg(short, long)]
    option: Vec<String>,
}

/// Prints logs and verdicts.
pub fn ask(what: &What, ours: bool) -> Done {
    for_each(what, |subject, at, options| {
        let answer = if ours {
            ours::verify(subject, at, options, what.level).ok_or("there is no verifier yet")?
        } else {
            Asked::new(subject)?.ask(subject, at, options, LogSpec::level(what.level))?
        };
        let newline = if answer.log.is_empty() || answer.log.ends_with('\n') { "" } else { "\n" };
        say(&format!("{}{newline}-- {}", answer.log, answer.verdict()));
        Ok(true)
    })
}

/// Prints the differences of the two logs.
pub fn diff(what: &What, context: usize, first: bool) -> Done {
    for_each(what, |subject, at, options| {
        let kernel = Asked::new(subject)?.ask(subject, at, options, LogSpec::level(what.level))?;
        let ours = ours::verify(subject, at, options, what.level).ok_or("there is no verifier yet")?;
        let logs = LogDiff::new(&kernel.log, &ours.log);
        let text = if first { logs.first(context) } else { logs.text(context) };
        say(&format!("{text}{}", footer(&kernel, &ours, &logs)));
        Ok(Outcome::of(kernel.rejection(), ours.rejection()).same_verdict())
    })
}

fn footer(kernel: &Answer, ours: &Answer, logs: &LogDiff) -> String {
    let (same, of) = logs.same();
    let outcome = Outcome::of(kernel.rejection(), ours.rejection()).words();
    format!("-- kernel: {}\n-- ours:   {}\n-- {outcome}, {same} of {of} lines", kernel.verdict(), ours.verdict())
}

/// Finds the programs that are meant and does something with each.
fn for_each(what: &What, mut body: impl FnMut(&Subject, usize, &Options) -> Done) -> Done {
    let bytes = source::read(&what.file)?;
    let mut options = Options::default();
    for line in &what.option {
        options.read(line)?;
    }
    let file = if what.file == "-" { "stdin" } else { &what.file };
    if source::is_elf(&bytes) || what.file.ends_with(".c") {
        let bytes = if source::is_elf(&bytes) { bytes } else { source::compile(&what.file)? };
        let subject = Subject::of_bytes(file, &bytes, options.prog_type)?;
        for (program, error) in &subject.loaded.refused {
            eprintln!("program {program}: {error}");
        }
        return each_program(&subject, what.name.as_deref(), &options, &mut body);
    }
    let cases = CaseFile::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| format!("{file}:{e}"))?;
    let mut good = true;
    for case in chosen(&cases, file, what.name.as_deref())? {
        if !case.name.is_empty() {
            say(&format!("== {} ({file}:{})", case.name, case.line()));
        }
        let mut case = case.clone();
        for line in &what.option {
            case.options.read(line)?;
        }
        let subject = Subject::of_case(file, &cases, &case)?;
        good &= if case.name.is_empty() {
            each_program(&subject, what.name.as_deref(), &case.options, &mut body)?
        } else {
            body(&subject, 0, &case.options)?
        };
    }
    Ok(good)
}

/// The case of that name; else all whose name it is a part of.
fn chosen<'a>(cases: &'a CaseFile, file: &str, wanted: Option<&str>) -> Result<Vec<&'a Case>, String> {
    let Some(wanted) = wanted.filter(|_| cases.has_cases()) else { return Ok(cases.cases.iter().collect()) };
    if let Some(exact) = cases.cases.iter().find(|case| case.name == wanted) {
        return Ok(vec![exact]);
    }
    let chosen: Vec<&Case> = cases.cases.iter().filter(|case| case.name.contains(wanted)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = cases.cases.iter().map(|c| c.name.as_str()).collect();
        return Err(format!("{file}: no such case; there are:\n  {}", names.join("\n  ")));
    }
    Ok(chosen)
}

fn each_program(
    subject: &Subject,
    wanted: Option<&str>,
    options: &Options,
    body: &mut impl FnMut(&Subject, usize, &Options) -> Done,
) -> Done {
    let several = subject.loaded.programs.len() > 1;
    let mut good = true;
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        if wanted.is_some_and(|wanted| !program.name.contains(wanted)) {
            continue;
        }
        if several {
            say(&format!("== {} ({})", program.name, program.section));
        }
        good &= body(subject, at, options)?;
    }
    Ok(good)
}
