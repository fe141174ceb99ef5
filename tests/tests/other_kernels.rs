//! Kernels that were asked in an emulator (`cargo xtask kernels`): our answers for their versions are what they told.

#![cfg(target_os = "linux")]

use bpfscope_tests::agree::told::{self, Known};
use bpfscope_tests::agree::{check, facts};
use bpfscope_tests::clang;

#[test]
fn our_verdicts_are_theirs_but_for_what_is_known() {
    let known = Known::read().unwrap();
    let mut wrong = Vec::new();
    for (version, told) in told::recorded().unwrap() {
        let (report, unasked) = check::other_kernel(&told, None).unwrap();
        if unasked > 0 {
            clang::skip(&format!("{unasked} cases"), &format!("Linux {version} was not asked: `cargo xtask kernels`"));
        }
        for case in &report.cases {
            let differs = !case.outcome.same_verdict();
            match (differs, known.why(version, &case.place)) {
                (true, None) => {
                    wrong.push(format!(
                        "{version} {}\n    kernel: {}\n    ours:   {}",
                        case.place, case.kernel, case.ours
                    ));
                }
                (false, Some(why)) => wrong.push(format!("{version} {}: no longer differs ({why})", case.place)),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn known_differences_are_of_cases_that_there_are() {
    let cases: Vec<String> = (check::read_all(&check::folder()).unwrap().iter())
        .flat_map(|(path, file)| file.cases.iter().map(|case| format!("{}: {}", told::file_name(path), case.name)))
        .collect();
    let known = Known::read().unwrap();
    let versions: Vec<_> = told::recorded().unwrap().into_iter().map(|(version, _)| version).collect();
    assert!(!versions.is_empty());
    for version in versions {
        for case in known.of(version) {
            assert!(cases.iter().any(|place| place == case), "{version} {case}");
        }
    }
}

#[test]
fn tables_hold_what_they_told() {
    for (version, told) in told::recorded().unwrap() {
        assert!(told.whole && !told.facts.is_empty(), "Linux {version} told all");
        assert_eq!(facts::by_our_tables(version), told.facts, "Linux {version}");
    }
}
