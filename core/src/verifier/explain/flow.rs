//! Jumps, limits, and what a program returns.

use super::{Told, told};
use crate::verifier::finding::{FlowFinding, R};

pub(super) fn explain(finding: &FlowFinding) -> Told {
    use FlowFinding as F;
    match finding {
        F::TooLarge { processed } => told(
            "too-complex",
            "The program takes too long to verify",
            format!(
                "After {processed} instructions over all paths the verifier gave up; the limit is not on the program's \
                 size but on what must be explored."
            ),
            "Make loops shorter or give them constant bounds, move parts into global functions (not `static`), which \
             are verified once, or loop with `bpf_loop`. Loop counters that decide about memory accesses make every \
             round different; masks and early bounds checks make paths alike again.",
        ),
        F::TooManyJumps { count } => told(
            "too-complex",
            "The program takes too long to verify",
            format!("{count} branches wait to be explored, more than the verifier keeps."),
            "Split the program: fewer conditions in a row, loops with constant bounds, global functions.",
        ),
        F::TooMuchMemory { megabytes } => told(
            "too-much-memory",
            "The program takes too much memory to verify",
            format!(
                "The verifier keeps states to compare later ones with, and paths that wait, and those of this program \
                 take more than {megabytes} MB. A kernel goes on as long as it has memory."
            ),
            "Release what is acquired within the round of a loop that acquires it, keep less on the stack, make loops \
             shorter.",
        ),
        F::InvalidIndex { pc, count } => told(
            "fall-off",
            "A path runs off the program",
            format!("A path comes to instruction {pc}, and the program has {count}."),
            "End every path with `exit` or a jump.",
        ),
        F::SecondSlot => told(
            "into-imm64",
            "A path comes into the middle of an instruction",
            "A 64-bit immediate takes two slots, and the path comes to the second one.",
            "Jump to the first slot of the instruction.",
        ),
        F::PointerComparison { reg } => told(
            "pointer-comparison",
            "A pointer is compared with something that it cannot be compared with",
            format!(
                "{} is a pointer; without CAP_PERFMON its address must not decide where the program goes.",
                R(*reg)
            ),
            "Compare pointers with null, and packet pointers with `data_end`, only.",
        ),
        F::LeakReturn { reg } => told(
            "pointer-leak",
            "A kernel address would become readable",
            format!("{} is a pointer, and what the program returns is seen by user space.", R(*reg)),
            "Return a number.",
        ),
        F::SubprogReturn { reg, ty } => told(
            "return-not-number",
            "What is returned is not a number",
            format!("Global functions return numbers; {} is `{ty}` at the end of this one.", R(*reg)),
            "Return a number; a `static` function may return anything.",
        ),
        F::ReturnNotKnown { when, reg, ty } => told(
            "return-not-number",
            "What is returned is not a number",
            format!("{when}, {} must be a number, and it is `{ty}`.", R(*reg)),
            "Return a number of those that are allowed.",
        ),
        F::ReturnRange { when, reg, has, min, max, .. } => told(
            "return-range",
            "The return value may be one that is not allowed",
            format!("{when}, {} must be from {min} to {max}, and what is known of it is{has}.", R(*reg)),
            "Return constants, or bring the value into the range before: `return x ? 1 : 0;`.",
        ),
    }
}
