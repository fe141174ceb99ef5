//! Every network program that the repository has in C, compiled by clang, does on packets what it does in the kernel. Those
//! that are left out are counted, and named with the reason.

#![cfg(target_os = "linux")]

use bpfscope_tests::agree::replay::{Captures, all};
use bpfscope_tests::{clang, kernel};

#[test]
fn every_c_program_does_on_packets_what_it_does_in_the_kernel() {
    if !clang::available("C programs on packets") || !kernel::available("C programs on packets") {
        return;
    }
    // `BPFSCOPE_CASE=words` looks at the files alone whose name has these words.
    let wanted = std::env::var("BPFSCOPE_CASE").unwrap_or_default();
    let report = all::c_programs(&wanted, &Captures::few(u32::MAX));
    println!("{} programs are equal, on {} packets", report.equal, report.packets);
    report.reasons().for_each(|line| println!("{line}"));
    let wrong = &report.different;
    assert!(wrong.is_empty(), "{} are not equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.equal >= 60 || !wanted.is_empty(), "{} programs were equal", report.equal);
}
