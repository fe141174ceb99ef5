//! Functions, callbacks and kernel functions: what we say of the programs in `tests/verifier/calls` is what the running
//! kernel says, word for word, with as many instructions processed.

use std::path::PathBuf;

use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::{clang, kernel};

fn compare(name: &str) {
    if !kernel::available(name) || !clang::available(name) {
        return;
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("verifier/calls").join(name);
    let bytes = clang::try_compile(&path, clang::Flags::USUAL).unwrap_or_else(|why| panic!("{why}"));
    let subject = Subject::of_bytes(name, &bytes, None).unwrap();
    let asked = Asked::new(&subject).unwrap_or_else(|why| panic!("{name}: {why}"));
    let mut differences = Vec::new();
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        let theirs = asked.ask(&subject, at, &Options::default(), LogSpec::level(1)).unwrap();
        let ours = ours::verify(&subject, at, &Options::default(), 1).unwrap();
        let verdict = theirs.is_accepted() == ours.is_accepted();
        if !verdict || theirs.message != ours.message || theirs.processed != ours.processed {
            let (theirs, ours) = ((theirs.message, theirs.processed), (ours.message, ours.processed));
            differences.push(format!("{name}: {}: kernel {theirs:?}, ours {ours:?}", program.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn global_functions_are_held_to_their_signatures() {
    compare("globals.c");
}

#[test]
fn signatures_of_global_functions_are_read_as_the_kernel_reads_them() {
    compare("signatures.c");
}

#[test]
fn callbacks_timers_and_locks_are_followed() {
    compare("callbacks.c");
}

#[test]
fn objects_and_locks_that_can_fail_are_followed() {
    compare("objects.c");
}

#[test]
fn dynptrs_exceptions_and_iterators_are_followed_across_functions() {
    compare("kfuncs.c");
}
