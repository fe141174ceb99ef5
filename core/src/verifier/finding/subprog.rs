//! Calls of the program's own functions: by the program, by helpers, and global functions on their own.

use super::R;
use crate::isa::Reg;

/// A function of the program that is called wrongly, or is not what its signature says.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum SubprogFinding {
    /// Too many functions call each other.
    #[error("the call stack of {frames} frames is too deep")]
    TooDeep { frames: usize },
    /// Nobody knows what a global function does with a lock.
    #[error("global function calls are not allowed while holding a lock,\nuse static function instead")]
    GlobalLocked,
    /// A global function that may sleep is called where nothing may.
    #[error(
        "global functions that may sleep are not allowed in non-sleepable context,\n\
         i.e., in a RCU/IRQ/preempt-disabled section, or in\na non-sleepable BPF program context"
    )]
    GlobalSleeps,
    /// The arguments do not fit the signature of a global function; the log says which before.
    #[error("Caller passes invalid args into func#{number} ('{name}')")]
    GlobalArguments { number: u32, name: String },
    /// A frame's stack is gone when the function returns.
    #[error("cannot return stack pointer to the caller")]
    ReturnsStack,
    /// A callback must return a number.
    #[error("R0 not a scalar value")]
    CallbackReturn,
    /// The map has no way to call back for each entry.
    #[error("callback function not allowed for map")]
    CallbackMap,
    /// The address of a function that nothing calls, which is not there any more: the kernel takes it for a mistake of
    /// its own.
    #[error("verifier bug: No program to jit at insn {insn} (subprog < 0)")]
    NoProgram { insn: i64 },
    /// Too many callbacks that are called later.
    #[error("The sequence of {count} jumps is too complex for async cb.")]
    TooManyAsync { count: usize },
    /// A global function has more parameters than there are registers.
    #[error("Global function {name}() with {count} > 5 args. Buggy compiler.")]
    TooManyArguments { name: String, count: usize },
    /// A global function must return a number.
    #[error("Global function {name}() doesn't return scalar. Only those are supported.")]
    ReturnType { name: String },
    /// A parameter of a global function has a type that is not understood.
    #[error("Arg#{arg} type {kind} in {name}() is not supported yet.")]
    ArgumentType { arg: usize, kind: &'static str, name: String },
    /// What a parameter points to has no size.
    #[error("arg#{arg} reference type('{kind} {name}') size cannot be determined: {error}")]
    ArgumentSize { arg: usize, kind: &'static str, name: String, error: i32 },
    /// A tag on a parameter that no kernel knows.
    #[error("arg#{arg} has unsupported set of tags")]
    UnknownTag { arg: usize },
    /// Tags on a parameter that do not go together.
    #[error("arg#{arg} has invalid combination of tags")]
    TagCombination { arg: usize },
    /// A tag that stands alone.
    #[error("arg#{arg} {tag} cannot be combined with any other tags")]
    TagAlone { arg: usize, tag: &'static str },
    /// A tag of pointers on something else.
    #[error("arg#{arg} has pointer tag, but is not a pointer type")]
    TagNoPointer { arg: usize },
    /// A type that is trusted must be the kernel's.
    #[error("arg#{arg} reference type('{kind} {name}') {}", if *several { "is ambiguous" } else { "has no matches" })]
    NoKernelType { arg: usize, kind: &'static str, name: String, several: bool },
    /// Untrusted memory must be a structure or a number.
    #[error("arg#{arg} has type {kind} '{name}', but only struct or primitive types are allowed")]
    UntrustedType { arg: usize, kind: &'static str, name: String },
    /// A type that is not the context's is tagged as context.
    #[error("arg#{arg} should be `struct {expected} *`")]
    ContextType { arg: usize, expected: &'static str },
    /// A type without a name is tagged as context.
    #[error("arg#{arg} type doesn't have a name")]
    ContextName { arg: usize },
    /// An argument must be a number.
    #[error("{} is not a scalar", R(*.reg))]
    NotScalar { reg: Reg },
    /// An argument must be a kernel structure that the kernel vouches for.
    #[error("{} type={ty} expected=ptr_, trusted_ptr_, rcu_ptr_", R(*.reg))]
    NotTrusted { reg: Reg, ty: String },
    /// An argument is another kernel structure.
    #[error("{} is of type {is} but {expected} is expected", R(*.reg))]
    OtherStruct { reg: Reg, is: String, expected: String },
    /// An argument must be the context.
    #[error("arg#{arg} expects pointer to ctx")]
    NotContext { arg: usize },
    /// An argument must not be null.
    #[error("arg#{arg} is expected to be non-NULL")]
    MayBeNull { arg: usize },
    /// An argument must point into an arena.
    #[error("{} is not a pointer to arena or scalar.", R(*.reg))]
    NotArena { reg: Reg },
    /// Tags mean something for global functions only.
    #[error("arg#{arg} type tag is not supported in static functions")]
    TagOnStatic { arg: usize },
}
