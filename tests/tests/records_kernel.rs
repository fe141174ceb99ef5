//! The kernel and the verifier agree on records of functions and source lines that do not fit their program.

#![cfg(target_os = "linux")]

use bpfscope_core::isa::Pc;
use bpfscope_core::kernel::{Func, Line, Program};
use bpfscope_core::object::Kind;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::compare::{LogDiff, Outcome};
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::kernel::available;

/// Slots 0 to 4 are the main function, 5 and 6 the first, 7 and 8 the second; 0 and 1 are one instruction.
const TEXT: &str = ".license \"GPL\"
.section tc
main:   r6 = 1 ll
        call one
        call two
        exit
.text
one:    r0 = 1
        exit
two:    r0 = 2
        exit
";

/// What is done to the program's functions and lines.
type Damage = fn(&mut Program);

fn at(funcs: &mut [Func], number: usize, slot: u32) {
    funcs[number].start = Pc(slot);
}

fn lines(program: &mut Program, slots: &[u32]) {
    let line = |&slot: &u32| Line {
        pc: Pc(slot),
        file: "records.s".to_owned(),
        line: slot.wrapping_add(1),
        column: 0,
        text: format!("line {slot}"),
    };
    program.lines = slots.iter().map(line).collect();
}

const DAMAGES: &[(&str, Damage)] = &[
    ("none", |_| {}),
    ("no lines", |p| p.lines.clear()),
    ("the first function is not the main one", |p| at(&mut p.funcs, 0, 1)),
    ("two functions at one place", |p| at(&mut p.funcs, 2, 5)),
    ("functions out of order", |p| p.funcs.swap(1, 2)),
    ("a function less at the end", |p| drop(p.funcs.pop())),
    ("a function less in the middle", |p| drop(p.funcs.remove(1))),
    ("a function more", |p| {
        let mut more = p.funcs[2].clone();
        more.start = Pc(8);
        p.funcs.push(more);
    }),
    ("a function more, behind the end", |p| {
        let mut more = p.funcs[2].clone();
        more.start = Pc(99);
        p.funcs.push(more);
    }),
    ("a function where none is", |p| at(&mut p.funcs, 1, 6)),
    ("the last function behind the end", |p| at(&mut p.funcs, 2, 99)),
    ("a type that is no function", |p| p.funcs[1].type_id = 1),
    ("a type that there is not", |p| p.funcs[2].type_id = 99_999),
    ("a wrong type before a wrong place", |p| {
        p.funcs[1].type_id = 1;
        at(&mut p.funcs, 2, 5);
    }),
    ("a wrong place before a wrong type", |p| {
        at(&mut p.funcs, 1, 0);
        p.funcs[2].type_id = 1;
    }),
    ("no instructions that functions could be of", |p| {
        at(&mut p.funcs, 1, 6);
        p.insns[2].imm = 1000;
    }),
    ("lines at functions alone", |p| lines(p, &[0, 5, 7])),
    ("lines out of order", |p| lines(p, &[0, 3, 2, 5, 7])),
    ("two lines at one place", |p| lines(p, &[0, 3, 3, 5, 7])),
    ("two lines at the start", |p| lines(p, &[0, 0, 5, 7])),
    ("a line behind the end", |p| lines(p, &[0, 5, 7, 9])),
    ("a line far behind the end", |p| lines(p, &[0, 5, 7, u32::MAX])),
    ("a line within an instruction", |p| lines(p, &[0, 1, 5, 7])),
    ("no line for the main function", |p| lines(p, &[2, 5, 7])),
    ("no line for the first function", |p| lines(p, &[0, 2, 7])),
    ("no line for the second function", |p| lines(p, &[0, 5])),
    ("no line for two functions", |p| lines(p, &[0, 2])),
    ("no line for two functions, but within them", |p| lines(p, &[0, 2, 6, 8])),
    ("a line within an instruction behind one out of order", |p| lines(p, &[0, 4, 1, 5, 7])),
    ("lines and functions that do not fit", |p| {
        lines(p, &[0, 0]);
        at(&mut p.funcs, 1, 6);
    }),
    ("lines that do not fit before an unknown opcode", |p| {
        lines(p, &[0, 5]);
        p.insns[2].opcode = 0xff;
    }),
    ("functions that do not fit before a jump out of the program", |p| {
        at(&mut p.funcs, 0, 1);
        p.insns[2] = bpfscope_core::isa::RawInsn { opcode: 5, dst: 0, src: 0, off: 99, imm: 0 };
    }),
    ("as many functions do not fit before a jump out of the program", |p| {
        p.funcs.pop();
        p.insns[2] = bpfscope_core::isa::RawInsn { opcode: 5, dst: 0, src: 0, off: 99, imm: 0 };
    }),
    ("a packet load in a function before one that is elsewhere", |p| {
        p.insns[5] = bpfscope_core::isa::RawInsn { opcode: 0x30, dst: 0, src: 0, off: 0, imm: 0 };
        at(&mut p.funcs, 2, 8);
    }),
];

#[test]
fn records_that_do_not_fit_are_refused_in_the_kernels_words() {
    if !available("records of functions and lines") {
        return;
    }
    let mut differences = Vec::new();
    let mut refused = std::collections::BTreeSet::new();
    for (name, damage) in DAMAGES {
        let mut subject = Subject::assemble("records.s", TEXT, None).unwrap();
        damage(&mut subject.loaded.programs[0]);
        let asked = Asked::new(&subject).unwrap();
        let options = Options::default();
        for level in [1, 2] {
            let kernel = asked.ask(&subject, 0, &options, LogSpec::level(level)).unwrap();
            let ours = ours::verify(&subject, 0, &options, level).unwrap();
            let outcome = Outcome::of(kernel.rejection(), ours.rejection());
            let logs = LogDiff::new(&kernel.log, &ours.log);
            let same = matches!(outcome, Outcome::BothAccept | Outcome::BothReject);
            if !same || logs.same().0 != logs.same().1 {
                differences.push(format!("{name}: {}, {}\n{}", kernel.verdict(), ours.verdict(), logs.text(1)));
            }
            refused.extend(kernel.rejection().map(str::to_owned));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(refused.len() > 15, "{refused:#?}");
}

#[test]
fn the_kernel_is_told_what_the_program_says() {
    let subject = Subject::assemble("records.s", TEXT, None).unwrap();
    let starts: Vec<u32> = subject.loaded.programs[0].funcs.iter().map(|f| f.start.0).collect();
    assert_eq!(starts, [0, 5, 7]);
    let btf = subject.object.btf().unwrap();
    assert_ne!(btf.ty(1).unwrap().kind(), Kind::Func, "type 1 is what a damage takes for no function");
}
