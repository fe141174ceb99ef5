//! Every case of `tests/replay` does on packets what it does in the kernel.
//!
//! A case that is not compared says why itself (`#= left out: …`); any other is accepted by the kernel, and equal.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::thread;

use bpfscope_tests::agree::cases::CaseFile;
use bpfscope_tests::agree::replay::{Verdict, case_files, compare};
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::kernel::{self, on_cpu};

/// Packets of each capture: a case says with the first what it has to say, and with the others that state is kept.
const PACKETS: u32 = 40;

#[test]
fn every_case_does_on_packets_what_it_does_in_the_kernel() {
    if !kernel::available("cases on packets") {
        return;
    }
    // `BPFSCOPE_CASE=words` looks at the cases alone whose file or name has these words.
    let wanted = std::env::var("BPFSCOPE_CASE").unwrap_or_default();
    let (mut equal, mut packets) = (0, 0);
    let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in case_files() {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
        let cases = CaseFile::parse(&text).unwrap_or_else(|e| panic!("{file}:{e}"));
        for case in &cases.cases {
            let place = format!("{file}:{}: {}", case.line(), case.name);
            if !place.contains(&wanted) {
                continue;
            }
            let subject = match Subject::of_case(&file, &cases, case) {
                Ok(subject) => subject,
                Err(why) => {
                    wrong.push(why);
                    continue;
                }
            };
            let inside = || on_cpu(0, || compare(&subject, &[], PACKETS));
            let verdict = thread::scope(|scope| scope.spawn(inside).join());
            match (verdict.unwrap_or_else(|panic| std::panic::resume_unwind(panic)), &case.options.left_out) {
                (Verdict::Equal(more), None) => {
                    equal += 1;
                    packets += more;
                }
                (Verdict::Equal(_), Some(why)) => wrong.push(format!("{place}: is equal, and left out: {why}")),
                (Verdict::NoMemory, None) => kernel::skipped(&format!("{place}: the kernel had no memory at hand")),
                (_, Some(why)) => left_out.entry(why.clone()).or_default().push(place),
                (verdict, None) => wrong.push(format!("{place}: {verdict:?}")),
            }
        }
    }
    println!("{equal} programs are equal, on {packets} packets");
    for (why, cases) in &left_out {
        println!("{} left out: {why}: {}", cases.len(), cases.join(", "));
    }
    assert!(wrong.is_empty(), "{} are not equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(equal > 0);
}
