//! A program given to our verifier.

use super::answer::Answer;
use super::cases::Options;
use super::source::Subject;

/// What our verifier says of a program, by its place in [`Loaded::programs`]; `None` while there is none.
///
/// [`Loaded::programs`]: bpfscope_core::object::Loaded::programs
pub fn verify(_subject: &Subject, _at: usize, _options: &Options, _level: u32) -> Option<Answer> {
    None
}
