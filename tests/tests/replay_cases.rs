//! Every case of `tests/replay` does on packets what it does in the kernel.
//!
//! A case that is not compared says why itself (`#= left out: …`); any other is accepted by the kernel, and equal.

#![cfg(target_os = "linux")]

use bpfscope_tests::agree::replay::{Captures, all};
use bpfscope_tests::kernel;

/// Packets of each capture: a case says with the first what it has to say, and with the others that state is kept.
const PACKETS: u32 = 40;

#[test]
fn every_case_does_on_packets_what_it_does_in_the_kernel() {
    if !kernel::available("cases on packets") {
        return;
    }
    // `BPFSCOPE_CASE=words` looks at the cases alone whose file or name has these words.
    let wanted = std::env::var("BPFSCOPE_CASE").unwrap_or_default();
    let report = all::cases(&wanted, &Captures::few(PACKETS)).unwrap_or_else(|e| panic!("{e}"));
    println!("{} programs are equal, on {} packets", report.equal, report.packets);
    report.reasons().for_each(|line| println!("{line}"));
    let wrong = &report.different;
    assert!(wrong.is_empty(), "{} are not equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.equal > 0);
}
