//! A program given to our verifier.

use bpfscope_core::verifier::{self, Verification};

use super::answer::Answer;
use super::cases::Options;
use super::source::{Subject, running_kernel_types};

/// What our verifier says of a program, by its place in [`Loaded::programs`].
///
/// [`Loaded::programs`]: bpfscope_core::object::Loaded::programs
pub fn verify(subject: &Subject, at: usize, options: &Options, level: u32) -> Option<Answer> {
    let program = subject.loaded.programs.get(at)?;
    let options = verifier::Options {
        privileged: !options.unprivileged,
        log_level: level as u8,
        flags: options.flags,
        attach_type: options.attach,
        cpus: crate::kernel::possible_cpus(),
        btf: subject.object.btf().filter(|_| !options.no_btf),
        kernel_btf: running_kernel_types(),
        ..verifier::Options::default()
    };
    let Verification { rejection, log, stats, .. } = verifier::verify(program, &subject.loaded.maps, &options);
    Some(Answer {
        errno: rejection.as_ref().map(|_| Answer::NO_ERRNO),
        message: rejection.map(|r| r.message()).unwrap_or_default(),
        processed: Some(u64::from(stats.insns_processed)),
        log,
    })
}
