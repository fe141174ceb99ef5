//! Exceptions: where they are thrown, and the function that goes on then.

use crate::isa::Pc;

/// An exception that must not be thrown, or an exception callback that is none.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum ExceptionFinding {
    /// More than one tag on the program's function.
    #[error("multiple exception callback tags for main subprog")]
    SeveralTags,
    /// The types have no function of the name that the tag gives.
    #[error("exception callback '{name}' could not be found in BTF")]
    NotFound { name: Box<str> },
    /// The callback is a static function, or hidden.
    #[error("exception callback '{name}' must have global linkage")]
    Static { name: Box<str> },
    /// The callback is the program itself.
    #[error("invalid exception callback insn_off in func_info: 0")]
    Main,
    /// The callback is no part of the program.
    #[error("exception callback type id not found in func_info")]
    NotInProgram,
    /// The callback gets something else than one number.
    #[error("exception cb only supports single integer argument")]
    Arguments,
    /// The callback is called like any function.
    #[error("insn {insn} cannot call exception cb directly")]
    CalledDirectly { insn: Pc },
    /// A function that the callback calls has a tail call.
    #[error("cannot tail call within exception cb")]
    TailCall,
    /// An exception is thrown in what a helper calls, or in an exception callback.
    #[error("bpf_throw kfunc (insn {insn}) cannot be called from callback subprog {subprog}")]
    ThrowInCallback { insn: Pc, subprog: u32 },
}
