//! Functions, callbacks and kernel functions: what we say of the programs in `tests/verifier/calls` is what the running
//! kernel says, word for word, with as many instructions processed.

use std::path::PathBuf;

use bpfscope_core::isa;
use bpfscope_core::kernel::names;
use bpfscope_core::object::{LoadOptions, Object, Source};
use bpfscope_core::verifier;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::{CaseFile, Options};
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::{clang, kernel};

/// What we say without any kernel's types at hand, as on other systems.
fn offline(bytes: &[u8]) -> Vec<String> {
    let object = Object::parse(bytes).unwrap();
    let loaded = object.load(&LoadOptions::default()).unwrap();
    let options = verifier::Options { btf: object.accepted_btf(None), ..verifier::Options::default() };
    let verdicts = loaded.programs.iter().map(|program| verifier::verify(program, &loaded.maps, &options));
    verdicts.map(|v| v.rejection.map(|r| r.message()).unwrap_or_default()).collect()
}

fn compare(name: &str) {
    if !kernel::available(name) || !clang::available(name) {
        return;
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("verifier/calls").join(name);
    let bytes = clang::try_compile(&path, clang::Flags::USUAL).unwrap_or_else(|why| panic!("{why}"));
    let subject = Subject::of_bytes(name, &bytes, None).unwrap();
    let offline = offline(&bytes);
    let asked = Asked::new(&subject).unwrap_or_else(|why| panic!("{name}: {why}"));
    let mut differences = Vec::new();
    for (at, program) in subject.loaded.programs.iter().enumerate() {
        let theirs = asked.ask(&subject, at, &Options::default(), LogSpec::level(1)).unwrap();
        let ours = ours::verify(&subject, at, &Options::default(), 1).unwrap();
        let ours_message = ours.message.clone();
        let verdict = theirs.is_accepted() == ours.is_accepted();
        if !verdict || theirs.message != ours.message || theirs.processed != ours.processed {
            let (theirs, ours) = ((theirs.message, theirs.processed), (ours.message, ours.processed));
            differences.push(format!("{name}: {}: kernel {theirs:?}, ours {ours:?}", program.name));
        }
        if offline[at] != ours_message {
            differences.push(format!("{name}: {}: offline {:?}, else {ours_message:?}", program.name, offline[at]));
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

/// The recorded answers to the cases of `kfuncs.s` are ours without a kernel and its types.
#[test]
fn kernel_functions_are_known_without_a_kernel() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("verifier/kfuncs.s");
    let cases = CaseFile::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut differences = Vec::new();
    // Which types there are is not known.
    let known = |name: &str| !name.starts_with("rdonly cast");
    for case in cases.cases.iter().filter(|case| known(&case.name) && !case.options.no_btf) {
        let text = cases.text(case);
        let unit = isa::assemble(&text, &names()).unwrap();
        let object = Object::from_source(&unit, Source { file: "kfuncs.s", text: &text }).unwrap();
        let ours = offline(&object.write());
        let recorded = case.answer.as_ref().and_then(|a| a.rejection()).unwrap_or_default();
        if ours != [recorded] {
            differences.push(format!("{}: recorded `{recorded}`, ours {ours:?}", case.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
