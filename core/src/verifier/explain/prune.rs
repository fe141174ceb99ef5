//! Loops without an end.

use super::{Told, told};
use crate::verifier::finding::PruneFinding;

pub(super) fn explain(finding: &PruneFinding) -> Told {
    match finding {
        PruneFinding::InfiniteLoop { pc, cur: _, old: _ } => told(
            "infinite-loop",
            "A loop does not end",
            format!("A path comes to instruction {pc} again with nothing changed that would ever end the loop."),
            "Count with a variable that decides when the loop ends, compare it with a constant bound, and change it in \
             every round; or loop with `bpf_loop`, `bpf_for` or `may_goto`.",
        ),
        PruneFinding::Bug { what } => told(
            "verifier-bug",
            "A mistake of the verifier",
            format!("The verifier contradicts itself: {what}. Your program need not be wrong."),
            "Please report it with the program that shows it.",
        ),
    }
}
