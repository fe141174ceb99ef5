//! The program's own functions: calls of them, callbacks, and global functions, which stand for themselves.

use super::call::argument;
use super::{Told, told};
use crate::verifier::finding::{R, SubprogFinding};

const GLOBAL: &str = "A global function is verified on its own, knowing of its arguments only what its signature says. \
                      Make the signature say it, or make the function `static`, so that it is verified with each caller.";
const TAGS: &str = "The tags (`__arg_ctx`, `__arg_nonnull`, `__arg_nullable`, `__arg_trusted`, `__arg_arena`) belong to \
                    pointers of global functions; one parameter takes few of them together.";

pub(super) fn explain(finding: &SubprogFinding) -> Told {
    use SubprogFinding as F;
    let signature =
        |what: String| told("global-signature", "A global function's signature is not usable", what, GLOBAL);
    let tags = |what: String| told("argument-tags", "A parameter's tags mean nothing together", what, TAGS);
    match finding {
        F::TooDeep { frames } => told(
            "call-depth",
            "Calls go too deep",
            format!("A chain of calls needs {frames} frames, and 8 are there."),
            "Mark functions in the chain `__always_inline`, or loop instead of recursing.",
        ),
        F::GlobalLocked => told(
            "call-under-lock",
            "A call while a lock is held",
            "A lock is held, and what the global function does is not known here.",
            "Call it before the lock is taken or after it is released, or make it `static`.",
        ),
        F::GlobalSleeps => told(
            "sleeping-call",
            "A call that may sleep where nothing may",
            "The global function may sleep, and the program is where nothing may.",
            "Call it before or after.",
        ),
        F::GlobalArguments { number, name } => signature(format!(
            "What is passed to `{name}` (function {number}) does not fit its signature; the log says which argument."
        )),
        F::ReturnsStack => told(
            "stack-pointer-escape",
            "A pointer to the stack would outlive its frame",
            "The function returns a pointer to its own stack, where it would point to nothing after the return.",
            "Let the caller own the memory and pass its address down.",
        ),
        F::CallbackReturn => told(
            "return-not-number",
            "What is returned is not a number",
            "R0 is not a number at the end of a callback.",
            "Return 0 to go on, 1 to stop.",
        ),
        F::CallbackMap => told(
            "map-type",
            "The helper does not work on this type of map",
            "This type of map cannot call back for each of its entries.",
            "Use a hash or array map with `bpf_for_each_map_elem`.",
        ),
        F::NoProgram { .. } => told(
            "unused-callback",
            "The address of a function that nothing calls",
            "The function's address is taken and given to nobody, so the kernel drops the function and then misses it.",
            "Remove the address, or call the function back.",
        ),
        F::TooManyAsync { count } => told(
            "too-complex",
            "The program takes too long to verify",
            format!("{count} callbacks wait to be explored, more than the verifier keeps."),
            "Set fewer callbacks.",
        ),
        F::TooManyArguments { name, count } => {
            signature(format!("`{name}` has {count} parameters, and 5 registers hold arguments."))
        }
        F::ReturnType { name } => signature(format!("`{name}` returns something that is not a number.")),
        F::ArgumentType { arg, kind, name } => {
            signature(format!("Parameter {arg} of `{name}` is of the type {kind}, which is not understood."))
        }
        F::ArgumentSize { arg, kind, name, error } => {
            signature(format!("Parameter {arg} points to {kind} `{name}`, whose size is not known ({error})."))
        }
        F::UnknownTag { arg } => tags(format!("Parameter {arg} has a tag that this kernel does not know.")),
        F::TagCombination { arg } => tags(format!("The tags of parameter {arg} contradict each other.")),
        F::TagAlone { arg, tag } => tags(format!("Parameter {arg} has the tag `{tag}`, which stands alone.")),
        F::TagNoPointer { arg } => tags(format!("Parameter {arg} is no pointer and has a pointer's tag.")),
        F::NoKernelType { arg, kind, name, several } => {
            let has = if *several { "more than one" } else { "no" };
            signature(format!("Parameter {arg} is the kernel's, which has {has} {kind} `{name}`."))
        }
        F::UntrustedType { arg, kind, name } => signature(format!(
            "Parameter {arg} points to {kind} `{name}`; untrusted memory is a structure or a number."
        )),
        F::ContextType { arg, expected } => {
            signature(format!("Parameter {arg} is the context, and must be a pointer to `{expected}` in this program."))
        }
        F::ContextName { arg } => {
            signature(format!("Parameter {arg} is tagged as the context, and points to a type without a name."))
        }
        F::NotScalar { reg } => argument(format!("{} must be a number here.", R(*reg))),
        F::NotTrusted { reg, ty } => {
            argument(format!("{} is `{ty}`, and must be a kernel structure that the kernel vouches for.", R(*reg)))
        }
        F::OtherStruct { reg, is, expected } => {
            argument(format!("{} points to `{is}`, and must point to `{expected}`.", R(*reg)))
        }
        F::NotContext { arg } => argument(format!("Argument {arg} must be the context, as the program was given it.")),
        F::MayBeNull { arg } => told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!("Argument {arg} may be null, and the function takes no null there."),
            "Check it first, `if (!p) return 0;`, on every path that leads to the call.",
        ),
        F::NotArena { reg } => argument(format!("{} must point into an arena, or be a number.", R(*reg))),
        F::TagOnStatic { arg } => tags(format!("Parameter {arg} of a static function has a tag.")),
    }
}
