//! What pruning finds: paths without an end.

use crate::isa::Pc;

/// Why pruning rejects a program.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PruneFinding {
    /// A loop comes round to where it was with nothing changed.
    #[error("infinite loop detected at insn {pc}\ncur state:{cur}\nold state:{old}")]
    InfiniteLoop {
        /// The loop's instruction.
        pc: Pc,
        /// The state now, as the log has states.
        cur: String,
        /// The state the time before.
        old: String,
    },
    /// Going back over a path found what cannot be: a mistake of the verifier's, not the program's.
    #[error("verifier bug: {what}")]
    Bug {
        /// What was found.
        what: String,
    },
}
