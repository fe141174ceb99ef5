//! Every network program that the repository has in C, compiled by clang, does on packets what it does in the kernel.
//!
//! Left out are programs that the kernel rejects (verdicts are compared elsewhere), those that ask for time or chance or for
//! what was in memory before, and those that come to something which is not simulated; each of these is counted, and named with its reason.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::thread;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::helper;
use bpfscope_core::lab::{Attachment, hook_of};
use bpfscope_tests::agree::compiled;
use bpfscope_tests::agree::replay::{Verdict, compare};
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::clang::{self, Flags};
use bpfscope_tests::kernel::{self, on_cpu};

/// Helpers whose answers are nobody else's.
const UNLIKE: [&str; 7] = [
    "ktime_get",
    "jiffies64",
    "get_prandom_u32",
    "get_smp_processor_id",
    "get_numa_node_id",
    "get_current",
    // No time passes in a kernel between two packets of a capture.
    "timer_start",
];
/// The file of programs that compare such answers with each other.
const AMONG_THEMSELVES: &str = "structures.c";
/// Programs that show what was in memory before it was theirs: zeroes here.
const UNWRITTEN: [(&str, &str); 5] = [
    ("objects.c", "new_drop"),
    ("kfuncs.c", "ringb"),
    ("dynptr.c", "sized_record"),
    ("queue.c", "batch"),
    ("scheduler.c", "in_map"),
];

fn compare_program(file: &str, subject: &Subject, at: usize) -> Verdict {
    let program = &subject.loaded.programs[at];
    if UNWRITTEN.contains(&(file, program.name.as_str())) {
        return Verdict::LeftOut("looks at memory that nobody has written".to_owned());
    }
    let Some(hook) = hook_of(program) else { return Verdict::LeftOut("not for packets".to_owned()) };
    if let Some(name) = unlike(&program.insns).filter(|_| file != AMONG_THEMSELVES) {
        return Verdict::LeftOut(name.to_owned());
    }
    match compare(subject, &[Attachment::new(&program.name, hook)], u32::MAX) {
        Verdict::Equal(_) => Verdict::Equal(0),
        Verdict::Rejected(_) => Verdict::LeftOut("rejected by the kernel".to_owned()),
        other => other,
    }
}

fn unlike(insns: &[RawInsn]) -> Option<&'static str> {
    let called = insns.iter().filter(|insn| insn.opcode == 0x85 && insn.src == 0);
    let names = called.filter_map(|insn| Some(helper(insn.imm as u32)?.name));
    names.into_iter().find(|name| UNLIKE.iter().any(|part| name.contains(part)))
}

#[test]
fn every_c_program_does_on_packets_what_it_does_in_the_kernel() {
    if !clang::available("C programs on packets") || !kernel::available("C programs on packets") {
        return;
    }
    let wanted = std::env::var("BPFSCOPE_CASE").unwrap_or_default();
    let mut verdicts: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
    for path in compiled::files() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Files that are not whole objects are counted where all builds are compared.
        // `BPFSCOPE_CASE=words` looks at the files alone whose name has these words.
        if !name.contains(&wanted) {
            continue;
        }
        let Ok(bytes) = clang::try_compile(&path, Flags::USUAL) else { continue };
        let Ok(subject) = Subject::of_bytes(&name, &bytes, None) else { continue };
        for at in 0..subject.loaded.programs.len() {
            // A socket filter takes its thread into a network namespace.
            let inside = || on_cpu(0, || compare_program(&name, &subject, at));
            let verdict = thread::scope(|scope| scope.spawn(inside).join());
            let verdict = verdict.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            verdicts.entry(verdict).or_default().push(format!("{name} {}", subject.loaded.programs[at].name));
        }
    }
    let equal = verdicts.get(&Verdict::Equal(0)).map_or(0, Vec::len);
    for (verdict, programs) in &verdicts {
        match verdict {
            Verdict::Equal(_) => println!("{equal} programs are equal"),
            Verdict::Different(how) => println!("DIFFERENT: {}: {how}", programs.join(", ")),
            Verdict::Rejected(why) | Verdict::LeftOut(why) => {
                println!("{} left out: {why}: {}", programs.len(), programs.join(", "));
            }
            Verdict::NoMemory => {
                kernel::skipped(&format!("{}: the kernel had no memory at hand", programs.join(", ")));
            }
        }
    }
    assert!(verdicts.keys().all(|verdict| !matches!(verdict, Verdict::Different(_))));
    assert!(equal >= 60 || !wanted.is_empty(), "{equal} programs were equal");
}
