//! Why a run ended without an answer: every fault names what happened and where.

use crate::isa::Pc;

/// A run's fault, at an instruction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} (instruction {pc}{})", function.as_ref().map(|f| format!(" in {f}")).unwrap_or_default())]
pub struct Fault {
    /// The program that was running: not the first one after a tail call.
    pub prog: super::ProgId,
    /// The instruction, as a slot of that program.
    pub pc: Pc,
    /// The function that it belongs to, when known.
    pub function: Option<String>,
    /// What happened.
    pub what: FaultKind,
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FaultKind {
    /// A memory access outside of what it points into.
    #[error("{access} of {len} byte{} at {place}: {reason}", if *len == 1 { "" } else { "s" })]
    Access {
        /// `load`, `store`, `atomic`, or the helper's name.
        access: &'static str,
        /// Bytes.
        len: u32,
        /// The address in words: `pkt+1498`, `fp-520`, `counts[0]+8`, `0x11`.
        place: String,
        /// What is there: `packet ends at 1500`, `not an address`.
        reason: String,
    },
    /// A helper that is not simulated, or that this program type may not call.
    #[error("call of {name}: {reason}")]
    Helper {
        /// `bpf_fib_lookup`, or `helper 999` when there is none of that number.
        name: String,
        /// Why it cannot be called.
        reason: String,
    },
    /// A helper's argument that is not what it takes.
    #[error("{helper}: argument {arg} is {found}, expected {expected}")]
    Argument {
        /// The helper's name.
        helper: &'static str,
        /// Counted from 1.
        arg: u8,
        /// What was expected: `a map`, `a packet pointer`.
        expected: &'static str,
        /// The value in words.
        found: String,
    },
    /// An instruction that is decoded but cannot be run here (kernel functions that are not known, casts without an arena).
    #[error("{what} cannot be run here")]
    Unsupported {
        /// What it is: `a call of kernel function bpf_rcu_read_lock`.
        what: String,
    },
    /// The instruction budget is used up.
    #[error("the budget of {budget} instructions is used up: the program does not end")]
    Budget {
        /// Instructions allowed.
        budget: u64,
    },
    /// More nested calls than the kernel allows.
    #[error("call depth exceeds {limit} frames")]
    CallDepth {
        /// Frames allowed.
        limit: u32,
    },
    /// Control left the program.
    #[error("jump out of the program")]
    OutOfProgram,
}
