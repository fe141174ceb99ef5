//! Who says whether a program is accepted: our verifier, or a kernel.

use std::{fmt::Display, time::Instant};

use bpfscope_core::{
    kernel::{KernelVersion, MapDef, Program},
    maps::{self, MapError},
    verifier::{self, Options, Rejection, Verification},
};

use super::{
    report::{Place, Rejected, Verdict},
    subject::Subject,
};
use crate::error::Error;

/// CPUs that the machine may have for which the program is checked: as many as distributions' kernels are built for,
/// so that what is accepted here is accepted on every machine.
const CPUS: u32 = 8192;

/// What an oracle answers.
#[derive(Debug, Default)]
pub struct Answered {
    /// Verdicts, in the order asked.
    pub verdicts: Vec<Verdict>,
    /// Those that cannot be asked about, each with the reason.
    pub refused: Vec<String>,
    /// What there is to say about the object as a whole.
    pub notes: Vec<String>,
}

impl Answered {
    /// No verdicts: loaders create an object's maps before its programs, and one of them cannot be had.
    pub fn without_maps(subject: &Subject<'_>, selected: &[usize], why: &impl Display) -> Answered {
        let line = |at: &usize| format!("program `{}`: {why}", subject.loaded.programs[*at].name);
        Answered { refused: selected.iter().map(line).collect(), ..Answered::default() }
    }
}

/// Somebody who gives verdicts.
pub trait Oracle: Sync {
    /// Whose rules apply; without an answer those of the scenario.
    fn version(&self) -> Option<KernelVersion>;

    /// What the kernel calls itself, when that is more than the version.
    fn label(&self) -> Option<String> {
        None
    }

    /// Verdicts on the selected ones of the object's programs.
    ///
    /// # Errors
    /// It cannot be asked.
    fn ask(&self, subject: &Subject<'_>, selected: &[usize]) -> Result<Answered, Error>;
}

/// Our verifier.
pub struct Offline {
    /// Whose rules apply.
    pub kernel: Option<KernelVersion>,
    /// Level of the log.
    pub log: u8,
}

impl Oracle for Offline {
    fn version(&self) -> Option<KernelVersion> {
        self.kernel
    }

    fn ask(&self, subject: &Subject<'_>, selected: &[usize]) -> Result<Answered, Error> {
        let problem = |def: &MapDef| maps::check(def).err().map(|problem| MapError { map: def.name.clone(), problem });
        if let Some(error) = subject.loaded.maps.iter().find_map(problem) {
            return Ok(Answered::without_maps(subject, selected, &error));
        }
        let verdicts = selected.iter().map(|at| verify(subject, &subject.loaded.programs[*at], self.log)).collect();
        Ok(Answered { verdicts, ..Answered::default() })
    }
}

/// Has our verifier look at a program.
pub fn verify(subject: &Subject<'_>, program: &Program, log_level: u8) -> Verdict {
    let options = Options {
        kernel: subject.kernel,
        log_level,
        cpus: CPUS,
        btf: subject.object.accepted_btf(subject.kernel_btf),
        kernel_btf: subject.kernel_btf,
        ..Options::default()
    };
    let start = Instant::now();
    let Verification { rejection, log, stats, .. } = verifier::verify(program, &subject.loaded.maps, &options);
    let verification_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let rejected = rejection.map(|rejection| rejected(&rejection, program, &options));
    let log = if log_level > 0 { log } else { String::new() };
    Verdict { rejected, log, insns_processed: stats.insns_processed.into(), verification_us, ..Verdict::of(program) }
}

fn rejected(rejection: &Rejection, program: &Program, options: &Options<'_>) -> Rejected {
    Rejected {
        text: options.style.print(rejection),
        message: rejection.message(),
        place: rejection.pc.map(|pc| Place::of(program, pc)),
        explanation: Some(verifier::explain(rejection, program)),
    }
}

impl Verdict {
    /// A program of which nothing bad is known.
    pub fn of(program: &Program) -> Verdict {
        Verdict {
            name: program.name.clone(),
            section: program.section.clone(),
            prog_type: program.prog_type.name(),
            rejected: None,
            log: String::new(),
            insns_processed: 0,
            verification_us: 0,
        }
    }
}
