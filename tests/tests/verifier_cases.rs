//! The cases of `tests/verifier`: the kernel's recorded answers are those of the running kernel, and ours are the same.

use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::agree::{check, ours};
use bpfscope_tests::kernel;

#[test]
fn recorded_answers_are_those_of_the_running_kernel() {
    if !kernel::available("recorded answers") {
        return;
    }
    let problems = check::recorded().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn our_verdicts_are_the_recorded_ones() {
    let report = check::cases(&[], false).unwrap();
    let wrong = report.cases.iter().filter(|case| !case.outcome.same_verdict());
    let wrong: Vec<String> =
        wrong.map(|c| format!("{}\n    kernel: {}\n    ours:   {}", c.place, c.kernel, c.ours)).collect();
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.problems.is_empty(), "{}", report.problems.join("\n"));
}

#[test]
fn programs_of_the_unprivileged_take_as_many_instructions_as_in_the_kernel() {
    if !kernel::available("what programs of the unprivileged cost") {
        return;
    }
    let mut wrong = Vec::new();
    for (path, file) in check::read_all(&check::folder()).unwrap() {
        for case in file.cases.iter().filter(|case| case.options.unprivileged) {
            let subject = Subject::of_case(&path, &file, case).unwrap();
            let theirs = check::ask(&path, &file, case, 4).unwrap().processed;
            let ours = ours::verify(&subject, 0, &case.options, 0).and_then(|answer| answer.processed);
            // What is refused for its shape has no number.
            if theirs.is_some() && theirs != ours {
                wrong.push(format!("{path}: {}: {theirs:?}, ours {ours:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
