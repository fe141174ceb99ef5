//! Arithmetic.

use super::{Told, told};
use crate::verifier::finding::{AluFinding, R};

/// What may be done with pointers.
const POINTERS: &str = "Only `+` and `-` with numbers work on pointers, with 64 bits, and the difference of two packet \
                        pointers. Compute with offsets instead and add the result to the pointer once.";
const SMALL_OFFSET: &str = "Check the number's range before it is added: `if (n > MAX) return 0;`, with a MAX that fits \
                            what the pointer points to, and an unsigned type.";
const SPECULATIVE: &str = "Pointer arithmetic that cannot be made safe from speculation";
const MASK: &str = "Programs of loaders without CAP_PERFMON have their pointer arithmetic masked, so that a processor \
                    that guesses wrong stays within bounds. Use constant offsets, or an unsigned number that is bounded \
                    the same way on every path; or load with CAP_PERFMON.";

pub(super) fn explain(finding: &AluFinding) -> Told {
    use AluFinding as F;
    match finding {
        F::DivByZero => div_by_zero(),
        F::Shift { amount } => shift(*amount),
        F::Pointer { reg } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("{} is a pointer, and this operation would turn it into a number.", R(*reg)),
            POINTERS,
        ),
        F::TwoPointers { reg, op } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!(
                "Both operands are pointers: {} {op} pointer means nothing that the verifier could follow.",
                R(*reg)
            ),
            POINTERS,
        ),
        F::Pointer32 { reg } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("{} is a pointer of 64 bits, and the operation keeps 32 of them.", R(*reg)),
            POINTERS,
        ),
        F::MaybeNull { reg, ty } => told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!("{} is `{ty}`: if it is null, adding to it makes a pointer to nowhere.", R(*reg)),
            "Check it first, `if (!p) return 0;`, then compute with it.",
        ),
        F::PointerType { reg, ty } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("{} is `{ty}`, which must stay as it is.", R(*reg)),
            "Use it as it was given: pass it to helpers, compare it, access fields at constant offsets.",
        ),
        F::SubtractPointer { reg } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("A pointer is subtracted from the number in {}.", R(*reg)),
            POINTERS,
        ),
        F::SubtractFromStack { reg } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("{} points to the stack, and something other than a constant is subtracted from it.", R(*reg)),
            "Add a negative constant to the frame pointer.",
        ),
        F::Bitwise { reg, op } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("`{op}` in {} works on the bits of a pointer.", R(*reg)),
            POINTERS,
        ),
        F::Operator { reg, op } => told(
            "pointer-arithmetic",
            "Arithmetic that pointers do not have",
            format!("`{op}` is applied to the pointer in {}.", R(*reg)),
            POINTERS,
        ),
        F::LargeConstant { ty, value } => told(
            "pointer-offset",
            "A pointer would go too far",
            format!("{value} is added to a {ty} pointer, and no offset may be beyond 2^29."),
            SMALL_OFFSET,
        ),
        F::LargeOffset { ty, off } => told(
            "pointer-offset",
            "A pointer would go too far",
            format!("The {ty} pointer is at offset {off} already, and no offset may be beyond 2^29."),
            SMALL_OFFSET,
        ),
        F::UnboundedMin { ty } => told(
            "pointer-offset",
            "A pointer would go too far",
            format!("The number that is added to the {ty} pointer has no lower bound: it may be anything below 0."),
            SMALL_OFFSET,
        ),
        F::OutOfBounds { ty, value } => told(
            "pointer-offset",
            "A pointer would go too far",
            format!("The number that is added to the {ty} pointer may be {value}, and no offset may be beyond 2^29."),
            SMALL_OFFSET,
        ),
        F::ExtendPointer { reg } => told(
            "partial-pointer",
            "A pointer is taken apart",
            format!("{} is a pointer, and the move keeps some of its bits as a number.", R(*reg)),
            "Move pointers whole, with 64 bits. Loaders with CAP_PERFMON may take them apart.",
        ),
        F::PartialCopy { reg } => told(
            "partial-pointer",
            "A pointer is taken apart",
            format!("{} is a pointer, and the move keeps its lower 32 bits as a number.", R(*reg)),
            "Move pointers whole, with 64 bits. Loaders with CAP_PERFMON may take them apart.",
        ),
        F::NoArena => no_arena(),
        F::AddressSpaces => address_spaces(),
        F::NoFuncInfo => told(
            "callback-type",
            "A function's address without its type",
            "The address of a function is loaded, and the object does not tell the functions' types.",
            "Compile with `-g`, so that the object has BTF of its functions.",
        ),
        F::CallbackNotStatic => told(
            "callback-not-static",
            "A global function is used as callback",
            "Helpers call back static functions only: a global function is verified on its own, without what the \
             helper gives it.",
            "Declare the callback `static`.",
        ),
        F::MaskBounds { reg } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("The number in {} may be negative or positive, so that no mask fits it.", R(*reg)),
            MASK,
        ),
        F::MaskType { reg } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("{} is a pointer whose arithmetic cannot be masked.", R(*reg)),
            MASK,
        ),
        F::MaskPaths { reg, op } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("The same {op} on {} would need different masks on different paths.", R(*reg)),
            MASK,
        ),
        F::MaskLimit { reg, op } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("The {op} begins with {} beyond the bounds of what it points to.", R(*reg)),
            MASK,
        ),
        F::StackVariable { reg, var_off, off } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("{} points to the stack at offset {off} plus {var_off}, which is not a constant.", R(*reg)),
            MASK,
        ),
        F::StackRange { reg, off } => told(
            "speculative-arithmetic",
            SPECULATIVE,
            format!("{} would point off the stack, to offset {off}.", R(*reg)),
            MASK,
        ),
        F::MapRange { reg, access } => {
            let why = access.to_string().lines().next().unwrap_or_default().to_owned();
            told(
                "speculative-arithmetic",
                SPECULATIVE,
                format!("{} would point out of the map's value: {why}.", R(*reg)),
                MASK,
            )
        }
    }
}

pub(super) fn div_by_zero() -> Told {
    told(
        "division-by-zero",
        "A division by the constant 0",
        "The divisor is the constant 0.",
        "Divide by something else. (A register that is 0 at run time does no harm: the result is then 0, that of a \
         modulo the dividend.)",
    )
}

pub(super) fn shift(bits: i32) -> Told {
    told(
        "shift-distance",
        "A shift by more than the operand has bits",
        format!("The constant distance is {bits}; it must be at least 0 and less than the operand's 32 or 64 bits."),
        "Shift by less, or on 64 bits.",
    )
}

pub(super) fn no_arena() -> Told {
    told(
        "arena-missing",
        "Arena pointers without an arena",
        "The program casts arena pointers and refers to no arena map.",
        "Declare a map of type BPF_MAP_TYPE_ARENA and use it in the program.",
    )
}

pub(super) fn address_spaces() -> Told {
    told(
        "address-space",
        "A cast between address spaces that there are not",
        "`addr_space_cast` knows address space 1, the arena's, and 0, the kernel's.",
        "Mark arena pointers with `__attribute__((address_space(1)))` and no others.",
    )
}
