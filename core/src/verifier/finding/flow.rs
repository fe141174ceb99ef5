//! Jumps, limits, and what a program leaves behind.

use crate::isa::{Pc, Reg};
use crate::verifier::finding::R;

/// Control flow that is not allowed.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum FlowFinding {
    /// Too many instructions were explored.
    #[error("BPF program is too large. Processed {processed} insn")]
    TooLarge { processed: u32 },
    /// Too many branches wait to be taken.
    #[error("The sequence of {count} jumps is too complex.")]
    TooManyJumps { count: usize },
    /// What must be kept takes too much memory. The kernel says nothing: the load fails with ENOMEM, sooner or later.
    #[error("out of memory: the states that must be kept take more than {megabytes} MB")]
    TooMuchMemory { megabytes: usize },
    /// A path ran off the program.
    #[error("invalid insn idx {pc} insn_cnt {count}")]
    InvalidIndex { pc: Pc, count: usize },
    /// A path came to the second half of a 64-bit immediate.
    #[error("invalid bpf_ld_imm64 insn")]
    SecondSlot,
    /// A pointer compared with a number (unprivileged) or with another pointer.
    #[error("{} pointer comparison prohibited", R(*.reg))]
    PointerComparison { reg: Reg },
    /// A pointer returned to user space (unprivileged).
    #[error("{} leaks addr as return value", R(*.reg))]
    LeakReturn { reg: Reg },
    /// A global function returns no number.
    #[error("At subprogram exit the register {} is not a scalar value ({ty})", R(*.reg))]
    SubprogReturn { reg: Reg, ty: String },
    /// The return value must be a number.
    #[error("{when} the register {} is not a known value ({ty})", R(*.reg))]
    ReturnNotKnown { when: &'static str, reg: Reg, ty: String },
    /// The return value may be out of its range.
    #[error("{when} the register {} has{has} should have been in {expected}", R(*.reg))]
    ReturnRange { when: &'static str, reg: Reg, has: String, expected: String, min: i32, max: i32 },
}
