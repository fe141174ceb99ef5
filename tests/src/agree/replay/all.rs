//! Every program of the repository that is for packets, compared: what a test asserts, and what `cargo xtask agree --replay`
//! puts into a table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bpfscope_core::classic::Form;
use bpfscope_core::classic::filter::{self, Frame, Link};
use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::helper;
use bpfscope_core::lab::{Attachment, Compiled, Source, hook_of};
use bpfscope_core::object::LoadOptions;

use super::{Captures, Verdict, apart, compare, compare_at_once};
use crate::agree::cases::CaseFile;
use crate::agree::compiled;
use crate::agree::source::Subject;
use crate::clang::{self, Flags};
use crate::expressions;
use crate::kernel;

/// Helpers whose answers are nobody else's.
const UNLIKE: [&str; 7] = [
    "ktime_get",
    "jiffies64",
    "get_prandom_u32",
    "get_smp_processor_id",
    "get_numa_node_id",
    "get_current",
    // No time passes in a kernel between two packets of a capture.
    "timer_start",
];
/// The file of programs that compare such answers with each other.
const AMONG_THEMSELVES: &str = "structures.c";
/// Programs that show what was in memory before it was theirs: zeroes here.
const UNWRITTEN: [(&str, &str); 5] = [
    ("objects.c", "new_drop"),
    ("kfuncs.c", "ringb"),
    ("dynptr.c", "sized_record"),
    ("queue.c", "batch"),
    ("scheduler.c", "in_map"),
];
/// Why a program has no answer of the kernel.
const NO_MEMORY: &str = "the kernel had no memory at hand";

/// What became of many programs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Programs that were compared.
    pub equal: usize,
    /// Packets that they had, each counted for every program.
    pub packets: u64,
    /// Where the two differ: the place, and how.
    pub different: Vec<String>,
    /// Programs that were not compared, by the reason.
    pub left_out: BTreeMap<String, Vec<String>>,
}

impl Report {
    /// Head of a table of reports.
    pub const HEAD: &str = "| programs | | packets | equal | different | left out |\n|---|---:|---:|---:|---:|---:|";

    /// A row of the table.
    pub fn row(&self, name: &str) -> String {
        let left_out: usize = self.left_out.values().map(Vec::len).sum();
        let (equal, different) = (self.equal, self.different.len());
        let all = equal + different + left_out;
        format!("| {name} | {all} | {} | {equal} | {different} | {left_out} |", self.packets)
    }

    /// A line for each reason why programs were left out.
    pub fn reasons(&self) -> impl Iterator<Item = String> {
        self.left_out.iter().map(|(why, places)| format!("{} left out: {why}: {}", places.len(), places.join(", ")))
    }

    /// Counts a program.
    pub fn add(&mut self, place: String, verdict: Verdict) {
        match verdict {
            Verdict::Equal(packets) => {
                self.equal += 1;
                self.packets += u64::from(packets);
            }
            Verdict::Different(how) => self.different.push(format!("{place}: {how}")),
            Verdict::Rejected(_) => self.leave_out("rejected by the kernel", place),
            Verdict::LeftOut(why) => self.leave_out(&why, place),
            Verdict::NoMemory => {
                kernel::skipped(&format!("{place}: {NO_MEMORY}"));
                self.leave_out(NO_MEMORY, place);
            }
        }
    }

    /// Counts all that another has counted.
    pub fn join(&mut self, other: &Report) {
        self.equal += other.equal;
        self.packets += other.packets;
        self.different.extend_from_slice(&other.different);
        for (why, places) in &other.left_out {
            self.left_out.entry(why.clone()).or_default().extend_from_slice(places);
        }
    }

    fn leave_out(&mut self, why: &str, place: String) {
        self.left_out.entry(why.to_owned()).or_default().push(place);
    }
}

/// The files of cases, in order.
pub fn case_files() -> Vec<PathBuf> {
    assembly("replay")
}

/// The assembly files of a folder, in order.
fn assembly(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "s")).collect();
    files.sort();
    files
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file of cases, with its name.
///
/// # Errors
/// `FILE:LINE: what is wrong`
pub fn read_cases(path: &Path) -> Result<(String, CaseFile), String> {
    let file = name_of(path);
    let text = fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let cases = CaseFile::parse(&text).map_err(|e| format!("{file}:{e}"))?;
    Ok((file, cases))
}

/// Compares the cases of `tests/replay` that have these words in their file or name. A case that is not compared says why
/// itself (`#= left out: …`); any other must be accepted by the kernel.
///
/// # Errors
/// A file of cases cannot be read.
pub fn cases(wanted: &str, on: &Captures) -> Result<Report, String> {
    let mut report = Report::default();
    for path in case_files() {
        let (file, cases) = read_cases(&path)?;
        for case in &cases.cases {
            let place = format!("{file}:{}: {}", case.line(), case.name);
            if !place.contains(wanted) {
                continue;
            }
            let verdict = match Subject::of_case(&file, &cases, case) {
                Ok(subject) => apart(|| compare(&subject, &[], on)),
                Err(why) => Verdict::Different(why),
            };
            let verdict = match (verdict, &case.options.left_out) {
                (Verdict::Equal(_), Some(why)) => Verdict::Different(format!("is equal, and left out: {why}")),
                (_, Some(why)) => Verdict::LeftOut(why.clone()),
                (Verdict::Rejected(why) | Verdict::LeftOut(why), None) => Verdict::Different(why),
                (verdict, None) => verdict,
            };
            report.add(place, verdict);
        }
    }
    Ok(report)
}

/// Compares every network program that the repository has in C in files whose names have these words, compiled by clang,
/// each alone at its hook.
///
/// Left out are programs that the kernel rejects (verdicts are compared elsewhere), those that ask for time or chance or
/// for what was in memory before, and those that come to something which is not simulated.
pub fn c_programs(wanted: &str, on: &Captures) -> Report {
    let mut report = Report::default();
    for path in compiled::files() {
        let name = name_of(&path);
        if !name.contains(wanted) {
            continue;
        }
        let compiled = clang::try_compile(&path, Flags::USUAL).ok();
        match compiled.and_then(|bytes| Subject::of_bytes(&name, &bytes, None).ok()) {
            Some(subject) => each_alone(&mut report, &name, &subject, on),
            None => report.leave_out("a file that is no object by itself", name),
        }
    }
    report
}

/// Compares the programs of the lessons, each alone at its hook.
///
/// # Errors
/// A lesson cannot be read.
pub fn lessons(on: &Captures) -> Result<Report, String> {
    let mut report = Report::default();
    for path in assembly("../lessons") {
        let name = name_of(&path);
        let text = fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        each_alone(&mut report, &name, &Subject::assemble(&name, &text, None)?, on);
    }
    Ok(report)
}

fn each_alone(report: &mut Report, file: &str, subject: &Subject, on: &Captures) {
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        report.add(format!("{file} {}", program.name), apart(|| compare_program(file, subject, at, on)));
    }
}

fn compare_program(file: &str, subject: &Subject, at: usize, on: &Captures) -> Verdict {
    let program = &subject.loaded.programs[at];
    if UNWRITTEN.contains(&(file, program.name.as_str())) {
        return Verdict::LeftOut("looks at memory that nobody has written".to_owned());
    }
    let Some(hook) = hook_of(program) else { return Verdict::LeftOut("not for packets".to_owned()) };
    if let Some(name) = unlike(&program.insns).filter(|_| file != AMONG_THEMSELVES) {
        return Verdict::LeftOut(name.to_owned());
    }
    compare(subject, &[Attachment::new(&program.name, hook)], on)
}

fn unlike(insns: &[RawInsn]) -> Option<&'static str> {
    let called = insns.iter().filter(|insn| insn.opcode == 0x85 && insn.src == 0);
    let names = called.filter_map(|insn| Some(helper(insn.imm as u32)?.name));
    names.into_iter().find(|name| UNLIKE.iter().any(|part| name.contains(part)))
}

/// Compares every filter expression at a socket.
///
/// # Errors
/// What is made of an expression cannot be loaded.
pub fn filters(on: &Captures) -> Result<Report, String> {
    let mut report = Report::default();
    for expression in expressions() {
        let Ok(program) = filter::compile(&expression, Frame::Socket(Link::Ethernet)) else {
            report.leave_out("refused as tcpdump refuses them, or cannot be asked at a socket", expression);
            continue;
        };
        let text = Form::Tcpdump.write(program.insns());
        let Compiled { object, loaded, .. } = Compiled::new(&Source::Classic(text), "filter", &LoadOptions::default())
            .map_err(|e| format!("{expression}: {e}"))?;
        let subject = Subject { object, loaded };
        report.add(expression, apart(|| compare_at_once(&subject, &[], on)));
    }
    Ok(report)
}
