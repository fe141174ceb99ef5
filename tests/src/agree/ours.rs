//! A program given to our verifier.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bpfscope_core::kernel::{KernelVersion, MapDef, Program};
use bpfscope_core::object::Btf;
use bpfscope_core::verifier::finding::Finding;
use bpfscope_core::verifier::{self, Verification};

use super::answer::{Answer, last_line};
use super::cases::Options;
use super::source::{Subject, running_kernel_types};

/// The kernel whose answer ours is to be.
#[derive(Clone, Copy, Debug)]
pub struct Kernel<'a> {
    /// Its version.
    pub version: KernelVersion,
    /// Its types.
    pub types: Option<&'a Btf>,
    /// CPUs that it may have.
    pub cpus: u32,
}

impl Kernel<'static> {
    /// The running one, by the newest rules that are known here.
    pub fn running() -> Kernel<'static> {
        Kernel { version: KernelVersion::LATEST, types: running_kernel_types(), cpus: crate::kernel::possible_cpus() }
    }
}

/// What our verifier says of a program, by its place in [`Loaded::programs`]; `None` when there is no such program.
///
/// [`Loaded::programs`]: bpfscope_core::object::Loaded::programs
pub fn verify(subject: &Subject, at: usize, options: &Options, level: u32) -> Option<Answer> {
    verify_for(Kernel::running(), subject, at, options, level)
}

/// As [`verify`], for a kernel.
pub fn verify_for(kernel: Kernel, subject: &Subject, at: usize, options: &Options, level: u32) -> Option<Answer> {
    let program = subject.loaded.programs.get(at)?;
    let maps = &subject.loaded.maps;
    // As the kernel gets it: see `ask`.
    if options.unprivileged || options.no_btf {
        let bare = without_types(program);
        return Some(answer_for(kernel, &bare, maps, None, options, level));
    }
    Some(answer_for(kernel, program, maps, subject.object.accepted_btf(kernel.types), options, level))
}

fn without_types(program: &Program) -> Program {
    let mut bare = program.clone();
    bare.lines.clear();
    for func in &mut bare.funcs {
        func.type_id = 0;
        func.global = false;
    }
    bare
}

/// What our verifier says, as an [`Answer`]; a panic is a rejection that says so.
pub fn answer(program: &Program, maps: &[MapDef], btf: Option<&Btf>, options: &Options, level: u32) -> Answer {
    answer_for(Kernel::running(), program, maps, btf, options, level)
}

fn answer_for(
    kernel: Kernel,
    program: &Program,
    maps: &[MapDef],
    btf: Option<&Btf>,
    options: &Options,
    level: u32,
) -> Answer {
    let how = verifier::Options {
        kernel: kernel.version,
        privileged: !options.unprivileged,
        // Level 4 of the kernel, statistics, has no counterpart here.
        log_level: (level & 3) as u8,
        flags: options.flags,
        attach_type: options.attach,
        cpus: kernel.cpus,
        btf,
        kernel_btf: kernel.types,
        ..verifier::Options::default()
    };
    match catch_unwind(AssertUnwindSafe(|| verifier::verify(program, maps, &how))) {
        Ok(Verification { rejection, log, stats, .. }) => Answer {
            errno: rejection.as_ref().map(|_| Answer::NO_ERRNO),
            // What the kernel does not print has no message there.
            message: rejection
                .filter(|r| is_printed(&r.finding))
                .map(|r| last_line(&r.finding.to_string()).to_owned())
                .unwrap_or_default(),
            processed: Some(stats.insns_processed.into()),
            log,
        },
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            let message = format!("PANIC: {text}");
            Answer { errno: Some(Answer::NO_ERRNO), message: message.clone(), processed: None, log: message }
        }
    }
}

fn is_printed(finding: &Finding) -> bool {
    !matches!(finding, Finding::Shape(finding) if !finding.is_printed())
}
