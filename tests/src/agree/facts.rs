//! Facts of a kernel that tables here hold too: asked of both with the smallest programs, and written as lines of text.
//!
//! ```text
//! helpers xdp: 1-8 10 14
//! licensed kprobe: 4 6
//! reads socket_filter 4: 0 4 8
//! writes sched_cls 4: 8 32
//! ```
//!
//! `helpers` are those that a type of program may call under the GPL, `licensed` those of them that it may not call
//! under another licence. `reads` and `writes` are the offsets in the context at which so many bytes may be.

use std::fmt::Write as _;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{KernelVersion, ProgType, Program};
use bpfscope_core::verifier;

use super::answer::last_line;
use crate::kernel::{Prog, ProgSpec};

/// Numbers of helpers that are tried; there are fewer.
const HELPERS: i32 = 220;
/// `bpf_probe_write_user`: whether programs may call it is up to the machine, which may be locked down.
const WRITE_USER: i32 = 36;
/// Offsets that are tried; every context but those of tracepoints ends before.
const OFFSETS: i16 = 208;

const fn slot(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

/// `r0 = 0`, `exit`
const END: [RawInsn; 2] = [slot(0xb7, 0, 0, 0, 0), slot(0x95, 0, 0, 0, 0)];

/// Sizes of accesses: bytes, and their bits in the opcode.
const SIZES: [(u8, u8); 4] = [(1, 0x10), (2, 0x08), (4, 0x00), (8, 0x18)];

/// The facts that the running kernel tells.
pub fn of_the_running_kernel() -> Vec<String> {
    let mut log = vec![0; 1 << 16];
    facts(|prog_type, insns, license| {
        let insns: Vec<u8> = insns.iter().flat_map(|insn| insn.to_bytes()).collect();
        let spec =
            ProgSpec { prog_type: prog_type as u32, insns: &insns, license, log_level: 1, ..ProgSpec::default() };
        let (loaded, log) = Prog::try_load(&spec, &mut log);
        loaded.err().map(|_| last_line(&log).to_owned())
    })
}

/// The facts by our tables, for a kernel.
pub fn by_our_tables(kernel: KernelVersion) -> Vec<String> {
    let options = verifier::Options { kernel, ..verifier::Options::default() };
    facts(|prog_type, insns, license| {
        let program = Program {
            name: String::new(),
            section: String::new(),
            prog_type,
            hook: None,
            insns: insns.to_vec(),
            funcs: Vec::new(),
            lines: Vec::new(),
            license: license.to_owned(),
            maps: Vec::new(),
            kfuncs: Vec::new(),
        };
        verifier::verify(&program, &[], &options).rejection.map(|why| why.message())
    })
}

/// Asks, with what answers a program of a type and licence: `None`, or why it is refused.
fn facts(mut ask: impl FnMut(ProgType, &[RawInsn], &str) -> Option<String>) -> Vec<String> {
    let mut lines = Vec::new();
    for prog_type in ProgType::ALL {
        let (mut callable, mut licensed) = (Vec::new(), Vec::new());
        for id in (0..=HELPERS).filter(|id| *id != WRITE_USER) {
            let insns = [&[slot(0x85, 0, 0, 0, id)][..], &END].concat();
            if ask(prog_type, &insns, "GPL").is_none_or(|why| is_about_arguments(&why)) {
                callable.push(id);
                if ask(prog_type, &insns, "MIT").is_some_and(|why| !is_about_arguments(&why)) {
                    licensed.push(id);
                }
            }
        }
        lines.push(line(&format!("helpers {}", prog_type.name()), &callable));
        lines.push(line(&format!("licensed {}", prog_type.name()), &licensed));
        for (verb, opcode, dst, src) in [("reads", 0x61, 0, 1), ("writes", 0x63, 1, 0)] {
            for (bytes, bits) in SIZES {
                let good = |off: &i16| {
                    let access = slot(opcode | bits, dst, src, *off, 0);
                    let insns = [&END[..1], &[access], &END].concat();
                    ask(prog_type, &insns, "GPL").is_none()
                };
                let offsets: Vec<i32> = (0..OFFSETS).filter(good).map(i32::from).collect();
                lines.push(line(&format!("{verb} {} {bytes}", prog_type.name()), &offsets));
            }
        }
    }
    lines
}

/// Whether a refusal is about what the helper is given, so that the helper itself is there for the program.
fn is_about_arguments(message: &str) -> bool {
    const ABOUT_THE_HELPER: [&str; 6] = [
        "unknown func",
        "invalid func",
        "program of this type cannot use helper",
        "cannot call GPL",
        "kernel subsystem misconfigured",
        "helper access to",
    ];
    !ABOUT_THE_HELPER.iter().any(|start| message.starts_with(start))
}

/// Numbers as they are written: those that follow each other as a range.
fn line(what: &str, numbers: &[i32]) -> String {
    let mut text = format!("{what}:");
    for run in numbers.chunk_by(|a, b| a + 1 == *b) {
        let (first, last) = (run[0], run[run.len() - 1]);
        let _ = if first == last { write!(text, " {first}") } else { write!(text, " {first}-{last}") };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_a_range() {
        assert_eq!(line("helpers xdp", &[1, 2, 3, 5, 7, 8]), "helpers xdp: 1-3 5 7-8");
        assert_eq!(line("writes xdp 4", &[]), "writes xdp 4:");
    }

    #[test]
    fn a_refusal_of_a_helper_is_told_from_one_of_its_arguments() {
        assert!(is_about_arguments("R1 type=scalar expected=map_ptr"));
        assert!(!is_about_arguments("unknown func bpf_loop#181"));
    }
}
