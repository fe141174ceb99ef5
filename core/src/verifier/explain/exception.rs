//! Exceptions, and the function that goes on when the program has thrown.

use super::{Told, told};
use crate::verifier::finding::ExceptionFinding;

const CALLBACK: &str = "An exception callback is a global function of `.text`, `int callback(u64 cookie)`, that one tag on \
                        the program names: `__attribute__((btf_decl_tag(\"exception_callback:NAME\")))`.";

pub(super) fn explain(finding: &ExceptionFinding) -> Told {
    use ExceptionFinding as F;
    let callback =
        |what: String| told("exception-callback", "The exception callback is not what it must be", what, CALLBACK);
    match finding {
        F::SeveralTags => callback("More than one tag on the program names an exception callback.".to_owned()),
        F::NotFound { name } => callback(format!("The object has no function `{name}`.")),
        F::Static { name } => callback(format!("`{name}` is static, or hidden.")),
        F::Main => callback("The tag names the program itself.".to_owned()),
        F::NotInProgram => callback("The function that the tag names is no part of the program.".to_owned()),
        F::Arguments => callback("It gets something else than one number, the cookie.".to_owned()),
        F::CalledDirectly { insn } => told(
            "exception-callback-called",
            "The exception callback is called",
            format!("Instruction {insn} calls the exception callback, which only an exception may."),
            "Move what both need into a function of its own.",
        ),
        F::TailCall => told(
            "exception-callback-tail-call",
            "A tail call on the way out of an exception",
            "A function that the exception callback calls has a tail call.",
            "Leave the tail call out, or make it in the exception callback itself.",
        ),
        F::ThrowInCallback { insn, subprog } => told(
            "throw-in-callback",
            "An exception is thrown where nobody can pass it on",
            format!(
                "Instruction {insn} of function {subprog} throws, and a helper calls it back, or it belongs to an exception \
                 callback."
            ),
            "Return a number that ends the loop, and throw behind it.",
        ),
    }
}
