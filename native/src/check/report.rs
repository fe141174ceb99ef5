//! What is found of an object, for the printers.

use std::{env, io, path::Path, process::ExitCode};

use bpfscope_core::{
    isa::Pc,
    kernel::{Line, Program},
    verifier::{self, Explanation},
};

use crate::error::Error;

/// An object on a kernel.
#[derive(Debug)]
pub struct Report {
    /// The kernel, as it calls itself.
    pub kernel: String,
    /// What the user called the object.
    pub object: String,
    /// Verdicts, or why there are none.
    pub outcome: Result<Checked, Error>,
}

/// An object that was loaded.
#[derive(Debug)]
pub struct Checked {
    /// Those that were checked, in the order of the file.
    pub programs: Vec<Verdict>,
    /// Those that could not be, each with the reason.
    pub refused: Vec<String>,
    /// What loading had to say.
    pub notes: Vec<String>,
}

/// A program's verdict.
#[derive(Debug)]
pub struct Verdict {
    pub name: String,
    pub section: String,
    /// The kernel's name of the type.
    pub prog_type: &'static str,
    /// Why it is rejected; `None` when it is accepted.
    pub rejected: Option<Rejected>,
    /// The log, as far as it was asked for.
    pub log: String,
    pub insns_processed: u64,
    pub verification_us: u64,
}

/// Why a program is rejected.
#[derive(Debug)]
pub struct Rejected {
    /// What the kernel prints: one line or several.
    pub text: String,
    /// The line of it that is the message.
    pub message: String,
    /// Where, when it is about an instruction.
    pub place: Option<Place>,
    /// What it means.
    pub explanation: Option<Explanation>,
}

/// A place in a program.
#[derive(Debug)]
pub struct Place {
    pub pc: Pc,
    /// The instruction as the log has it.
    pub insn: String,
    /// The source line, when it is known.
    pub line: Option<Line>,
}

impl Place {
    /// An instruction's place.
    pub fn of(program: &Program, pc: Pc) -> Place {
        let line = program.line_at(pc).filter(|l| l.line > 0 && !l.file.is_empty()).cloned();
        Place { pc, insn: verifier::instruction(program, pc), line }
    }
}

impl Rejected {
    /// The source line, when it is known.
    pub fn line(&self) -> Option<&Line> {
        self.place.as_ref()?.line.as_ref()
    }
}

impl Report {
    /// Everything that goes to standard error, a line each: the error, or what was left out, and notes.
    pub fn notes(&self) -> Vec<String> {
        let object = &self.object;
        match &self.outcome {
            Err(error) => vec![error.to_string()],
            Ok(checked) => {
                let notes = checked.notes.iter().map(|note| format!("{object}: note: {note}"));
                notes.chain(checked.refused.iter().map(|what| format!("{object}: {what}"))).collect()
            }
        }
    }
}

/// Counts over all reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub accepted: usize,
    pub rejected: usize,
    /// Programs and objects that could not be checked.
    pub failed: usize,
    /// Objects, each as often as kernels were asked.
    pub reports: usize,
}

impl Tally {
    pub fn count(&mut self, report: &Report) {
        self.reports += 1;
        let Ok(checked) = &report.outcome else {
            self.failed += 1;
            return;
        };
        self.failed += checked.refused.len();
        let rejected = checked.programs.iter().filter(|p| p.rejected.is_some()).count();
        self.rejected += rejected;
        self.accepted += checked.programs.len() - rejected;
    }

    /// What the command ends with: an answer that is not whole is worse than a rejection.
    pub fn status(&self) -> ExitCode {
        match (self.failed, self.rejected) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(1),
            _ => ExitCode::from(2),
        }
    }
}

/// A format.
pub trait Printer {
    /// An object's reports, one for each kernel.
    fn object(&mut self, reports: &[Report]) -> io::Result<()>;

    /// What comes after all of them.
    fn finish(&mut self, tally: &Tally) -> io::Result<()>;
}

/// A file as tools of a repository name it: relative to the working directory where it is within it, with `/` only.
pub fn artifact(file: &str) -> String {
    let here = env::current_dir().unwrap_or_default();
    let path = Path::new(file).strip_prefix(&here).unwrap_or(Path::new(file));
    let path = path.strip_prefix(".").unwrap_or(path).display().to_string();
    if cfg!(windows) { path.replace('\\', "/") } else { path }
}
