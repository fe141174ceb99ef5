//! Arithmetic, and the loading of constants.

use crate::isa::Reg;
use crate::verifier::finding::{AccessFinding, R};

/// Arithmetic that is not allowed.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum AluFinding {
    /// An immediate 0 as divisor.
    #[error("div by zero")]
    DivByZero,
    /// An immediate shift that is not smaller than the operand.
    #[error("invalid shift {amount}")]
    Shift { amount: i32 },
    /// Negation or byte order of a pointer (unprivileged).
    #[error("{} pointer arithmetic prohibited", R(*.reg))]
    Pointer { reg: Reg },
    /// Arithmetic of two pointers.
    #[error("{} pointer {op} pointer prohibited", R(*.reg))]
    TwoPointers { reg: Reg, op: &'static str },
    /// 32-bit arithmetic on a pointer.
    #[error("{} 32-bit pointer arithmetic prohibited", R(*.reg))]
    Pointer32 { reg: Reg },
    /// Arithmetic on a pointer that may be null.
    #[error("{} pointer arithmetic on {ty} prohibited, null-check it first", R(*.reg))]
    MaybeNull { reg: Reg, ty: String },
    /// Arithmetic on a pointer that must stay as it is.
    #[error("{} pointer arithmetic on {ty} prohibited", R(*.reg))]
    PointerType { reg: Reg, ty: String },
    /// A number minus a pointer.
    #[error("{} tried to subtract pointer from scalar", R(*.reg))]
    SubtractPointer { reg: Reg },
    /// The frame pointer minus something.
    #[error("{} subtraction from stack pointer prohibited", R(*.reg))]
    SubtractFromStack { reg: Reg },
    /// `&`, `|` or `^` on a pointer.
    #[error("{} bitwise operator {op} on pointer prohibited", R(*.reg))]
    Bitwise { reg: Reg, op: &'static str },
    /// Another operation on a pointer.
    #[error("{} pointer arithmetic with {op} operator prohibited", R(*.reg))]
    Operator { reg: Reg, op: &'static str },
    /// A known number that is too large to be added to a pointer.
    #[error("math between {ty} pointer and {value} is not allowed")]
    LargeConstant { ty: String, value: i64 },
    /// A pointer that is too far off already.
    #[error("{ty} pointer offset {off} is not allowed")]
    LargeOffset { ty: String, off: i32 },
    /// A number without a lower bound added to a pointer.
    #[error("math between {ty} pointer and register with unbounded min value is not allowed")]
    UnboundedMin { ty: String },
    /// A number whose lower bound is too far off.
    #[error("value {value} makes {ty} pointer be out of bounds")]
    OutOfBounds { ty: String, value: i64 },
    /// Part of a pointer moved with sign extension (unprivileged).
    #[error("{} sign-extension part of pointer", R(*.reg))]
    ExtendPointer { reg: Reg },
    /// The lower half of a pointer moved (unprivileged).
    #[error("{} partial copy of pointer", R(*.reg))]
    PartialCopy { reg: Reg },
    /// Arena pointers belong to programs with an arena map.
    #[error("addr_space_cast insn can only be used in a program that has an associated arena")]
    NoArena,
    /// Only casts between the arena and the kernel's addresses exist.
    #[error("addr_space_cast insn can only convert between address space 1 and 0")]
    AddressSpaces,
    /// A function's address that is no callback's.
    #[error("missing btf func_info")]
    NoFuncInfo,
    /// A global function used as callback.
    #[error("callback function not static")]
    CallbackNotStatic,
    /// A number of either sign added to a pointer (unprivileged).
    #[error("{} has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root", R(*.reg))]
    MaskBounds { reg: Reg },
    /// A pointer whose arithmetic is not masked (unprivileged).
    #[error("{} has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root", R(*.reg))]
    MaskType { reg: Reg },
    /// Arithmetic that would need several masks (unprivileged).
    #[error("{} tried to {op} from different maps, paths or scalars, pointer arithmetic with it prohibited for !root", R(*.reg))]
    MaskPaths { reg: Reg, op: &'static str },
    /// A pointer that is out of bounds already (unprivileged).
    #[error("{} tried to {op} beyond pointer bounds, pointer arithmetic with it prohibited for !root", R(*.reg))]
    MaskLimit { reg: Reg, op: &'static str },
    /// A stack pointer whose offset is not known (unprivileged).
    #[error("{} variable stack access prohibited for !root, var_off={var_off} off={off}", R(*.reg))]
    StackVariable { reg: Reg, var_off: String, off: i32 },
    /// A stack pointer moved off the stack (unprivileged).
    #[error("{} stack pointer arithmetic goes out of range, prohibited for !root; off={off}", R(*.reg))]
    StackRange { reg: Reg, off: i32 },
    /// A pointer to a map value moved off the value (unprivileged).
    #[error("{access}\n{} pointer arithmetic of map value goes out of range, prohibited for !root", R(*.reg))]
    MapRange { reg: Reg, access: Box<AccessFinding> },
}
