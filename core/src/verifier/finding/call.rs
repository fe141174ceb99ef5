//! Calls of helpers: who may call what, what arguments must be, what is held across a call.

use super::R;
use crate::isa::{Pc, Reg};
use crate::kernel::MapType;

/// A call of a helper that is not allowed, or not with these arguments.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum CallFinding {
    /// No helper of this kernel has that number.
    #[error("invalid func unknown#{id}")]
    UnknownHelper { id: i32 },
    /// Programs of this type may not call the helper.
    #[error("{}", not_for_type(name, *id, *old))]
    NotForType { name: &'static str, id: u32, old: bool },
    /// The helper is for programs under the GPL.
    #[error("cannot call GPL-restricted function from non-GPL compatible program")]
    NotGpl,
    /// The helper may sleep.
    #[error("helper call might sleep in a non-sleepable prog")]
    MightSleep,
    /// The helper may sleep, and the program is where nothing may.
    #[error("sleepable helper {name}#{id} in {place}")]
    SleepsIn { name: &'static str, id: u32, place: &'static str },
    /// While a lock is held only its release may be called.
    #[error("function calls are not allowed while holding a lock")]
    LockHeld,
    /// A pointer would be given to a helper as a number.
    #[error("{} leaks addr into helper function", R(*.reg))]
    Leak { reg: Reg },
    /// Memory arguments of the helper must not be in the packet.
    #[error("helper access to the packet is not allowed")]
    PacketArgument,
    /// The argument is of none of the types that the helper takes.
    #[error("{} type={ty} expected={expected}", R(*.reg))]
    Type { reg: Reg, ty: String, expected: String },
    /// The helper may write where a structure of the kernel is.
    #[error("{helper}() may write into memory pointed by {} type={ty}", R(*.reg))]
    MayWrite { helper: &'static str, reg: Reg, ty: String },
    /// A pointer to a kernel structure was not compared with null.
    #[error("Possibly NULL pointer passed to helper arg{arg}")]
    MaybeNull { arg: usize },
    /// A pointer to another kernel structure.
    #[error("{} is of type {is} but {expected} is expected", R(*.reg))]
    KernelType { reg: Reg, is: String, expected: String },
    /// A pointer that is given back must be as it was given out.
    #[error("{} must have zero offset when passed to release func or trusted arg to kfunc", R(*.reg))]
    ReleaseOffset { reg: Reg },
    /// What is given back was not given out.
    #[error("{} must be referenced when passed to release function", R(*.reg))]
    NotReferenced { reg: Reg },
    /// A dynptr that holds nothing to give back.
    #[error("arg {arg} is an unacquired reference")]
    UnacquiredDynptr { arg: usize },
    /// A dynptr that a function was only lent.
    #[error("cannot release unowned const bpf_dynptr")]
    UnownedDynptr,
    /// What is given back is not held (any more).
    #[error("func {name}#{id} reference has not been acquired before")]
    NotAcquired { name: &'static str, id: u32 },
    /// Two arguments hold something each.
    #[error("more than one arg with ref_obj_id {} {second} {first}", R(*.reg))]
    TwoReferences { reg: Reg, first: u32, second: u32 },
    /// A timer is not in the map that is given with it.
    #[error("{what} pointer in R1 map_uid={first} doesn't match map pointer in R2 map_uid={second}")]
    OtherMap { what: &'static str, first: u32, second: u32 },
    /// A number of bytes may be negative.
    #[error("{} min value is negative, either use unsigned or 'var &= const'", R(*.reg))]
    SizeNegative { reg: Reg },
    /// A number of bytes may be 0.
    #[error("{} invalid zero-sized read: u64=[{min},{max}]", R(*.reg))]
    SizeZero { reg: Reg, min: i64, max: i64 },
    /// A number of bytes has no upper bound.
    #[error("{} unbounded memory access, use 'var &= const' or 'if (var < const)'", R(*.reg))]
    SizeUnbounded { reg: Reg },
    /// A number of bytes to allocate is not constant.
    #[error("{} is not a known constant'", R(*.reg))]
    SizeUnknown { reg: Reg },
    /// A string must be in a map that nobody writes.
    #[error("{} does not point to a readonly map'", R(*.reg))]
    StringWritable { reg: Reg },
    /// A string's address must be known.
    #[error("{} is not a constant address'", R(*.reg))]
    StringVariable { reg: Reg },
    /// A string must be in an array of one entry.
    #[error("no direct value access support for this map type")]
    StringMapType,
    /// A string is not where its map can be looked into.
    #[error("direct value access on string failed")]
    StringAccess,
    /// A string without an end.
    #[error("string is not zero-terminated")]
    StringEnd,
    /// A format that the helper does not take, or not with that many arguments.
    #[error("Invalid format string")]
    Format,
    /// The arguments of a format are 8 bytes each. The kernel prints nothing here.
    #[error("")]
    FormatData,
    /// The map's type and the helper do not go together.
    #[error("cannot pass map_type {} into func {name}#{id}", .map_type.number())]
    MapType { map_type: MapType, name: &'static str, id: u32 },
    /// Values of maps of sockets are neither filled nor left out.
    #[error("invalid arg_type for sockmap/sockhash")]
    SocketMapArgument,
    /// Sockets are stored by programs of some types only.
    #[error("cannot update sockmap in this context\ncannot pass map_type {} into func {name}#{id}", .map_type.number())]
    SockmapUpdate { map_type: MapType, name: &'static str, id: u32 },
    /// A map that programs only read.
    #[error("write into map forbidden")]
    MapReadOnly,
    /// A tail call needs a map of programs.
    #[error("expected prog array map for tail call")]
    TailCallMap,
    /// The processor's compiler cannot do both.
    #[error("mixing of tail_calls and bpf-to-bpf calls is not supported")]
    TailCallMixed,
    /// Storage cannot tell of errors, so that it takes no flags.
    #[error("get_local_storage() doesn't support non-zero flags")]
    LocalStorageFlags,
    /// Dynptrs are made of map values only.
    #[error("Unsupported reg type {ty} for bpf_dynptr_from_mem data")]
    DynptrMemory { ty: String },
    /// The traced function's address is known to kprobes only.
    #[error("func {name}#{id} not supported for program type {prog_type}")]
    FuncIp { name: &'static str, id: u32, prog_type: u32 },
    /// A pointer to a per-CPU variable without a type.
    #[error("Helper has invalid btf_id in {}", R(*.reg))]
    NoKernelType { reg: Reg },
    /// Something is held where nothing may be.
    #[error("{}", leaks(.held, *.place))]
    Leaks {
        held: Vec<(u32, Pc)>,
        /// The instruction that would lead to it; kernels before 6.13 do not say so of `exit`.
        place: Option<&'static str>,
    },
    /// A lock or the like is held where none may be.
    #[error("{place} cannot be used inside {what}-ed region")]
    Inside { place: &'static str, what: &'static str },
    /// A kernel pointer's place must be known.
    #[error("{} doesn't have constant offset. kptr has to be at the constant offset", R(*.reg))]
    KptrOffset { reg: Reg },
    /// The map has no kernel pointers.
    #[error("{} has no valid kptr", R(*.reg))]
    NoKptr { reg: Reg },
    /// No kernel pointer is there.
    #[error("off={off} doesn't point to kptr")]
    NotKptr { off: u32 },
    /// A kernel pointer that cannot be exchanged.
    #[error("off={off} kptr isn't referenced kptr")]
    KptrUnreferenced { off: u32 },
    /// A pointer of another type than the place has.
    #[error("invalid kptr access, {} type={is} expected={expected}", R(*.reg))]
    KptrType { reg: Reg, is: String, expected: String },
    /// An object of the program's own that may be null, or that it does not own: kernels do not know what to think of it.
    #[error("verifier bug: invalid PTR_TO_BTF_ID register for type match")]
    UnknownObject,
    /// The map was made without types.
    #[error("map '{map}' has to have BTF in order to use bpf_kptr_xchg")]
    KptrNoTypes { map: String },
}

/// Kernels before 6.10 had fewer words for it.
fn not_for_type(name: &str, id: u32, old: bool) -> String {
    if old {
        format!("unknown func {name}#{id}")
    } else {
        format!("program of this type cannot use helper {name}#{id}")
    }
}

fn leaks(held: &[(u32, Pc)], place: Option<&str>) -> String {
    let held = held.iter().map(|(id, insn)| format!("Unreleased reference id={id} alloc_insn={insn}"));
    let end = place.map(|place| format!("{place} would lead to reference leak"));
    held.chain(end).collect::<Vec<_>>().join("\n")
}
