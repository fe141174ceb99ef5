//! The cases of `tests/verifier`: the kernel's recorded answers are those of the running kernel, and ours are the same.

use bpfscope_tests::agree::check;
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
