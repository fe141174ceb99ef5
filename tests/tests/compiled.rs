//! The C programs of the repository: what the kernel says of them is what their files say, and what we say.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::compiled;
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::{clang, kernel};

/// How files end whose programs all have a mistake.
const MISTAKES: &str = "mistakes.c";
/// Files in which the kernel's message stands above each program.
const TOLD: [&str; 4] = ["collection_mistakes.c", "exception_mistakes.c", "object_mistakes.c", "signature_mistakes.c"];

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
            let expected = !name.ends_with(MISTAKES);
            assert_eq!(answer.is_accepted(), expected, "{name}: {}: {}", program.name, answer.log);
        }
    }
}

/// What stands above each program: `/* MESSAGE */`, its section, its declaration.
fn messages(text: &str) -> HashMap<&str, &str> {
    let lines: Vec<&str> = text.lines().collect();
    let told = lines.windows(3).filter_map(|lines| {
        let message = lines[0].strip_prefix("/* ")?.strip_suffix(" */")?;
        lines[1].starts_with("SEC(").then_some(())?;
        Some((lines[2].strip_prefix("int ")?.split('(').next()?, message))
    });
    told.collect()
}

#[test]
fn mistakes_are_told_in_the_words_that_stand_above_them() {
    if !clang::available("mistakes in C") {
        return;
    }
    let asks = kernel::available("mistakes in C");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/c");
    for name in TOLD {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        let told = messages(&text);
        let bytes = clang::try_compile(&path, clang::Flags::USUAL).unwrap_or_else(|why| panic!("{why}"));
        let subject = Subject::of_bytes(name, &bytes, None).unwrap();
        let asked = asks.then(|| Asked::new(&subject).unwrap());
        let options = Options::default();
        assert_eq!(subject.loaded.programs.len(), told.len(), "{name}");
        for (at, program) in subject.loaded.programs.iter().enumerate() {
            let expected = told.get(program.name.as_str()).copied();
            let ours = ours::verify(&subject, at, &options, 1).unwrap();
            assert_eq!(Some(ours.message.as_str()), expected, "{name}: {}: ours", program.name);
            if let Some(asked) = &asked {
                let answer = asked.ask(&subject, at, &options, LogSpec::level(1)).unwrap();
                assert_eq!(Some(answer.message.as_str()), expected, "{name}: {}: the kernel", program.name);
            }
        }
    }
}
