//! The C programs of the repository: what the kernel says of them is what their files say, and what we say.

use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::compiled;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::{clang, kernel};

/// The file whose programs all have a mistake.
const MISTAKES: &str = "mistakes.c";

#[test]
fn programs_for_the_verifier_are_accepted_but_for_the_mistakes() {
    if !kernel::available("programs for the verifier") || !clang::available("programs for the verifier") {
        return;
    }
    let files = compiled::files().into_iter().filter(|path| path.parent().is_some_and(|p| p.ends_with("verifier/c")));
    let files: Vec<_> = files.collect();
    assert!(files.len() >= 20, "{} files", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = clang::try_compile(&path, clang::Flags::USUAL).unwrap_or_else(|why| panic!("{why}"));
        let subject = Subject::of_bytes(&name, &bytes, None).unwrap();
        let asked = Asked::new(&subject).unwrap_or_else(|why| panic!("{name}: {why}"));
        for (at, program) in subject.loaded.programs.iter().enumerate() {
            let answer = asked.ask(&subject, at, &Options::default(), LogSpec::level(1)).unwrap();
            let expected = name != MISTAKES;
            assert_eq!(answer.is_accepted(), expected, "{name}: {}: {}", program.name, answer.log);
        }
    }
}
