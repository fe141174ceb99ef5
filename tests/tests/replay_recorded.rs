//! Every case of `tests/replay` does on packets what a kernel did when it was asked: for where there is none.
//!
//! `BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test replay_recorded` asks the running kernel and writes
//! `tests/replay/answers.txt` anew.

#![cfg(target_os = "linux")]

use std::{env, fs};

use bpfscope_tests::agree::replay::recorded::{self, Answers};
use bpfscope_tests::kernel;

/// Packets of each capture.
const PACKETS: u32 = 20;
/// What to do when cases and answers are no longer each other's.
const AGAIN: &str = "record them again: BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test replay_recorded";

fn here(kernel: &Answers) -> Answers {
    Answers::of_simulator(&kernel.kernel, kernel.cpus, kernel.most).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_case_does_on_packets_what_it_did_in_the_kernel_and_the_same_twice() {
    if env::var_os("BPFSCOPE_WRITE").is_some() && kernel::available("recording answers to cases on packets") {
        let answers = Answers::of_kernel(PACKETS).unwrap_or_else(|e| panic!("{e}"));
        fs::write(recorded::path(), answers.write()).expect("the answers are written");
    }
    let text = fs::read_to_string(recorded::path()).expect("the answers");
    let kernel = Answers::parse(&text).unwrap_or_else(|e| panic!("answers.txt:{e}"));
    assert_eq!(kernel.write(), text, "it is kept as it is written");
    let ours = here(&kernel);
    let wrong = kernel.differences(&ours);
    assert!(wrong.is_empty(), "{} are not as recorded ({AGAIN}):\n{}", wrong.len(), wrong.join("\n"));
    assert!(ours.count() > 100, "{} cases", ours.count());
    assert_eq!(here(&kernel), ours, "the same cases give other results the second time");
    println!("{} cases are as Linux {} had them, twice", ours.count(), kernel.kernel);
}
