//! The helpers of kernels up to 6.18: the one place that says which exist, who may call them and how (bpf-helpers(7)).
//!
//! Adding a helper is one row in `table.rs` and one function in `vm::helpers`.

mod later;
mod table;

use super::{KernelVersion, ProgType, ProgTypes};

/// A helper function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HelperDef {
    /// Number, as the call instruction's immediate has it.
    pub id: u32,
    /// Name with its `bpf_`.
    pub name: &'static str,
    /// What each argument is, from `r1` on. `bpf_trace_printk` takes up to three more.
    pub args: &'static [ArgType],
    /// What it returns.
    pub ret: RetType,
    /// Program types that may call it in Linux 6.18; empty for a helper of types that are not known here.
    pub prog_types: ProgTypes,
    /// Whether only programs with a GPL-compatible licence may call it.
    pub gpl_only: bool,
    /// The kernel that it came in, for the first program type that had it ([`HelperDef::since_for`] tells for others).
    pub since: KernelVersion,
    /// Whether it may move or resize packet data, so that packet pointers are stale after it.
    pub changes_packet: bool,
    /// Whether memory arguments may be packet pointers.
    pub packet_args: bool,
    /// Program types for which it takes no arguments.
    pub bare: ProgTypes,
    /// Whether it may sleep, so that only programs that may sleep can call it.
    pub sleeps: bool,
    /// Whether loading a program that calls it takes no capability.
    pub unprivileged: bool,
    /// Its declaration in C, types as in `bpf_helpers.h`.
    pub proto: &'static str,
    /// One line on what it does, and what it does here where that differs.
    pub doc: &'static str,
}

impl HelperDef {
    /// What each argument is when a program of that type calls it.
    pub fn args_for(&self, prog_type: ProgType) -> &'static [ArgType] {
        if self.bare.contains(prog_type) { &[] } else { self.args }
    }
}

/// What a helper takes as an argument (the kernel's `enum bpf_arg_type`, by what it means).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgType {
    /// Any number.
    Scalar,
    /// A map, as loaded by a 64-bit immediate.
    MapPtr,
    /// Initialised memory of the map's key size.
    MapKey,
    /// Initialised memory of the map's value size.
    MapValue,
    /// The same, or null.
    MapValueOrNull,
    /// Memory of the map's value size, which the helper fills.
    MapValueOut,
    /// The program's context.
    Ctx,
    /// The program's context, or null.
    CtxOrNull,
    /// Initialised memory; its size is the next argument.
    Mem,
    /// The same, or null.
    MemOrNull,
    /// Memory that the helper fills; its size is the next argument.
    MemOut,
    /// The same, or null.
    MemOutOrNull,
    /// Initialised memory that the helper also writes; its size is the next argument.
    MemRw,
    /// The same, or null.
    MemRwOrNull,
    /// Bytes of the memory before it, not 0.
    Size,
    /// Bytes of the memory before it.
    SizeOrZero,
    /// A constant: bytes to allocate.
    AllocSize,
    /// Initialised memory of that many bytes.
    FixedMem(u32),
    /// Initialised memory of that many bytes, aligned to them, which the helper also writes.
    FixedMemRw(u32),
    /// Eight aligned bytes, which the helper fills.
    LongOut,
    /// A string in a read-only map.
    ConstStr,
    /// A reserved record of a ring buffer, given up by the call.
    Record,
    /// The stack, or null.
    StackOrNull,
    /// A function of the program, to call back.
    Func,
    /// A lock in a map value.
    SpinLock,
    /// A timer in a map value.
    Timer,
    /// A socket, be it from a look-up or a kernel structure that starts with `sock_common`.
    Socket,
    /// A socket as far as all kinds have fields in common.
    SockCommon,
    /// A socket that a look-up found, given up by the call.
    SocketRelease,
    /// A dynptr.
    Dynptr,
    /// Stack memory for a dynptr, which the helper makes.
    DynptrOut,
    /// Stack memory for a dynptr to a ring buffer's record, which the helper makes.
    DynptrRecordOut,
    /// A dynptr to a ring buffer's record, given up by the call.
    DynptrRecord,
    /// A structure of the kernel of that name, by BTF.
    Kernel(&'static str),
    /// The same, or null.
    KernelOrNull(&'static str),
    /// A per-CPU variable of the kernel, by BTF.
    PercpuKernel,
    /// A place for a kernel pointer in a map value.
    KptrSlot,
    /// A kernel pointer that the program owns, or null.
    KptrOrNull,
}

/// What a helper returns (the kernel's `enum bpf_return_type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetType {
    /// Nothing: `r0` is a number that means nothing.
    Void,
    /// A number.
    Integer,
    /// Address of a map value.
    MapValue,
    /// Address of a map value, or null.
    MapValueOrNull,
    /// A socket, or null.
    SocketOrNull,
    /// A socket as far as all kinds have fields in common, or null.
    SockCommonOrNull,
    /// TCP fields of a socket, or null.
    TcpSockOrNull,
    /// A reserved record of a ring buffer, or null.
    RecordOrNull,
    /// Memory, or null.
    MemOrNull,
    /// A structure of the kernel of that name, by BTF.
    Kernel(&'static str),
    /// The same, which the kernel vouches for.
    KernelTrusted(&'static str),
    /// A structure of the kernel of that name, by BTF, or null.
    KernelOrNull(&'static str),
    /// What was in the place for a kernel pointer, or null.
    KptrOrNull,
    /// A CPU's copy of a per-CPU variable.
    PercpuMem,
    /// The same, or null.
    PercpuMemOrNull,
}

impl RetType {
    /// Whether it is a structure of the kernel, by BTF.
    pub const fn is_structure(self) -> bool {
        matches!(self, RetType::Kernel(_) | RetType::KernelTrusted(_) | RetType::KernelOrNull(_))
    }
}

/// The helper of that number.
pub fn helper(id: u32) -> Option<&'static HelperDef> {
    table::HELPERS.get((id as usize).checked_sub(1)?)
}

/// The helper of that name, with or without `bpf_`.
pub fn helper_by_name(name: &str) -> Option<&'static HelperDef> {
    let bare = name.strip_prefix("bpf_").unwrap_or(name);
    table::HELPERS.iter().find(|h| h.name.strip_prefix("bpf_") == Some(bare))
}

/// Every helper, in order of its number, from 1.
pub fn helpers() -> &'static [HelperDef] {
    table::HELPERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_at_its_number() {
        for (index, row) in helpers().iter().enumerate() {
            assert_eq!(row.id as usize, index + 1, "{}", row.name);
        }
        assert_eq!(helpers().len(), 211);
        assert_eq!((helper(0), helper(212)), (None, None));
    }

    #[test]
    fn names_are_found_with_and_without_prefix() {
        for row in helpers() {
            assert_eq!(helper_by_name(row.name), Some(row));
            assert_eq!(helper_by_name(&row.name[4..]), Some(row));
        }
        assert_eq!(helper_by_name("bpf_"), None);
    }

    #[test]
    fn the_declaration_has_as_many_parameters_as_the_row() {
        for row in helpers() {
            let (_, parameters) = row.proto.split_once(row.name).expect(row.name);
            let parameters = parameters.trim_matches(['(', ')']);
            let count = parameters.split(", ").filter(|p| !matches!(*p, "void" | "...")).count();
            // The kernel's verifier knows nothing of this one's last, `flags`: it need not be set.
            let unknown = usize::from(row.name == "bpf_get_branch_snapshot");
            assert_eq!(count, row.args.len() + unknown, "{}", row.name);
        }
    }

    #[test]
    fn a_size_follows_the_memory_that_it_is_of() {
        use ArgType::{Mem, MemOrNull, MemOut, MemOutOrNull, MemRw, MemRwOrNull, Size, SizeOrZero};
        for row in helpers() {
            for (i, arg) in row.args.iter().enumerate() {
                let sized = matches!(arg, Mem | MemOrNull | MemOut | MemOutOrNull | MemRw | MemRwOrNull);
                let next = matches!(row.args.get(i + 1), Some(Size | SizeOrZero));
                assert_eq!(sized, next, "{} argument {}", row.name, i + 1);
            }
        }
    }
}
