//! Every network program that the repository has in C, compiled by clang, and those of the lessons do on packets what they
//! do in the kernel. Those that are left out are counted, and named with the reason.

#![cfg(target_os = "linux")]

use bpfscope_tests::agree::replay::{Captures, all};
use bpfscope_tests::{clang, kernel};

fn check(report: &all::Report, least: usize) {
    println!("{} programs are equal, on {} packets", report.equal, report.packets);
    report.reasons().for_each(|line| println!("{line}"));
    let wrong = &report.different;
    assert!(wrong.is_empty(), "{} are not equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.equal >= least, "{} programs were equal", report.equal);
}

#[test]
fn every_c_program_does_on_packets_what_it_does_in_the_kernel() {
    if clang::available("C programs on packets") && kernel::available("C programs on packets") {
        check(&all::c_programs(&Captures::few(u32::MAX)), 60);
    }
}

#[test]
fn every_lesson_does_on_packets_what_it_does_in_the_kernel() {
    if kernel::available("lessons on packets") {
        check(&all::lessons(&Captures::few(u32::MAX)).unwrap_or_else(|e| panic!("{e}")), 8);
    }
}
