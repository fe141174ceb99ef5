//! Calls of helpers: who may call what, arguments, what is held.

use std::fmt::Write;

use super::{Told, place, told};
use crate::isa::Pc;
use crate::kernel::Program;
use crate::verifier::finding::{CallFinding, R};

const SIZE: &str = "Bound the size right before the call, in the very variable that is passed and with an unsigned type: \
                    `if (n > sizeof(buf)) return 0;`, or `n &= sizeof(buf) - 1` for a power of two; where 0 is refused, \
                    check for it as well.";
const CONSTANT_STRING: &str = "Declare the string as `static const char fmt[] = \"…\";`, so that it is in `.rodata`, and \
                               pass it as it is.";
const RELEASE: &str = "Give everything back exactly once on every path: `bpf_sk_release` for sockets, \
                       `bpf_ringbuf_submit` or `bpf_ringbuf_discard` for records, also where the program leaves early.";
const KPTR: &str = "Declare the field with `__kptr`, and pass its address as it is in the map's value.";

pub(super) fn explain(finding: &CallFinding, program: &Program) -> Told {
    use CallFinding as F;
    match finding {
        F::UnknownHelper { id } => told(
            "unknown-helper",
            "A helper that this kernel does not have",
            format!("No helper of this kernel has the number {id}."),
            "Check the number or, for a newer helper, ask for it with `bpf_core_enum_value_exists` and do without it on \
             older kernels.",
        ),
        F::NotForType { name, id, old } => told(
            "helper-not-for-type",
            "A helper that programs of this type may not call",
            format!(
                "`{name}` (number {id}) cannot be called by {} programs{}.",
                program.prog_type.name(),
                if *old { " of this kernel, if it has it at all" } else { " of this kernel" }
            ),
            "Use another helper or another type of program; some helpers came to a type in a later kernel.",
        ),
        F::NotGpl => told(
            "gpl-only",
            "What is called is for programs under the GPL",
            format!("The helper is for GPL programs only, and this object's licence is {:?}.", program.license),
            "If that is your choice: `char LICENSE[] SEC(\"license\") = \"GPL\";`.",
        ),
        F::MightSleep => told(
            "sleeping-call",
            "A call that may sleep where nothing may",
            "The helper may sleep, and the program runs where nothing may.",
            "Use the helper's variant that does not sleep, or load the program as a sleepable one (sections in `.s`).",
        ),
        F::SleepsIn { name, id, place } => told(
            "sleeping-call",
            "A call that may sleep where nothing may",
            format!("`{name}` (number {id}) may sleep, and this is within {place}, where nothing may."),
            "Call it before or after.",
        ),
        F::LockHeld => told(
            "call-under-lock",
            "A call while a lock is held",
            "Between `bpf_spin_lock` and `bpf_spin_unlock` hardly anything may be called.",
            "Do the call before the lock is taken or after it is released.",
        ),
        F::Leak { reg } => told(
            "pointer-leak",
            "A kernel address would become readable",
            format!("{} is a pointer, and the helper takes a number there.", R(*reg)),
            "Pass a number. Loaders with CAP_PERFMON may pass pointers.",
        ),
        F::PacketArgument => told(
            "packet-argument",
            "A helper is given memory in the packet",
            "The argument points into the packet, and this helper does not take that.",
            "Copy the bytes to the stack and pass the copy.",
        ),
        F::Type { reg, ty, expected } => argument_type(reg.index(), ty, expected),
        F::MayWrite { helper, reg, ty } => told(
            "read-only-memory",
            "Memory that programs only read is written",
            format!("`{helper}` may write what {} points to, which is `{ty}`.", R(*reg)),
            "Work on a copy on the stack or in a map, or use the helper that changes what is meant.",
        ),
        F::MaybeNull { arg } => told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!("Argument {arg} may be null, and the helper does not take null there."),
            "Check it first, `if (!p) return 0;`, on every path that leads to the call.",
        ),
        F::KernelType { reg, is, expected } => {
            argument(format!("{} points to `{is}`, and the helper takes `{expected}`.", R(*reg)))
        }
        F::ReleaseOffset { reg } => told(
            "modified-pointer",
            "A pointer is used that was moved",
            format!("{} was moved since it was given out; it must be given back as it was.", R(*reg)),
            "Keep the pointer as it was given in a variable of its own.",
        ),
        F::NotReferenced { reg } => told(
            "release-unowned",
            "Something is given back that is not held",
            format!("{} is not something that the program acquired and has to give back.", R(*reg)),
            "Release only what an acquiring function (`bpf_sk_lookup_tcp`, `bpf_ringbuf_reserve`, …) returned, once.",
        ),
        F::UnacquiredDynptr { arg } => told(
            "release-unowned",
            "Something is given back that is not held",
            format!("The dynptr in argument {arg} holds no record that could be given back."),
            "Release only what an acquiring function (`bpf_ringbuf_reserve_dynptr`, …) returned, once.",
        ),
        F::UnownedDynptr => told(
            "release-unowned",
            "Something is given back that is not held",
            "The dynptr belongs to the caller, which only lent it.",
            "Let the function that made the dynptr release it.",
        ),
        F::NotAcquired { name, id } => told(
            "release-unowned",
            "Something is given back that is not held",
            format!(
                "`{name}` (number {id}) gives back what was never acquired on this path, or was given back already."
            ),
            "Release only what an acquiring function returned, once, and do not use it afterwards.",
        ),
        F::TwoReferences { reg, first, second } => told(
            "two-references",
            "Two arguments hold something each",
            format!("{} holds reference {second}, and an earlier argument holds {first} already.", R(*reg)),
            "Pass only one thing that has to be given back.",
        ),
        F::OtherMap { what, first, second } => told(
            "other-map",
            "A field and a map do not belong together",
            format!(
                "The {what} is in a value of one look-up ({first}), and the map that is given is another ({second})."
            ),
            "Pass the map whose value the field is in.",
        ),
        F::SizeNegative { reg } => told(
            "size-bounds",
            "A size has no usable bounds",
            format!("{} is a number of bytes and may be negative, for all that is known.", R(*reg)),
            SIZE,
        ),
        F::SizeZero { reg, min, max } => told(
            "size-bounds",
            "A size has no usable bounds",
            format!("{} is a number of bytes from {min} to {max}, and 0 is refused here.", R(*reg)),
            SIZE,
        ),
        F::SizeUnbounded { reg } => told(
            "size-bounds",
            "A size has no usable bounds",
            format!("{} is a number of bytes without an upper bound that is small enough.", R(*reg)),
            SIZE,
        ),
        F::SizeUnknown { reg } => told(
            "constant-argument",
            "An argument must be a constant",
            format!("{} must be a constant here, and may have several values.", R(*reg)),
            "Pass a constant; call in each branch when there are several.",
        ),
        F::StringWritable { reg } => told(
            "constant-string",
            "A string argument must be constant data",
            format!("{} points to a string that can still be changed.", R(*reg)),
            CONSTANT_STRING,
        ),
        F::StringVariable { reg } => told(
            "constant-string",
            "A string argument must be constant data",
            format!("{} points to a place in the string that is not known.", R(*reg)),
            CONSTANT_STRING,
        ),
        F::StringMapType => told(
            "constant-string",
            "A string argument must be constant data",
            "The string is in a map that is not an array of one entry.",
            CONSTANT_STRING,
        ),
        F::StringAccess => told(
            "constant-string",
            "A string argument must be constant data",
            "The string begins outside of the map's value.",
            CONSTANT_STRING,
        ),
        F::StringEnd => told(
            "constant-string",
            "A string argument must be constant data",
            "No 0 byte ends the string within its map's value.",
            CONSTANT_STRING,
        ),
        F::Format | F::FormatData => told(
            "format-string",
            "A format that the helper does not take",
            "The format has conversions that the helper does not know, or another number of them than there are \
             arguments (8 bytes each).",
            "Use `%d`, `%u`, `%x`, `%p`, `%s` and their `l` and `ll` forms, one argument for each; \
             `bpf_trace_printk` takes three.",
        ),
        F::MapType { map_type, name, id } => told(
            "map-type",
            "The helper does not work on this type of map",
            format!("`{name}` (number {id}) does not take a map of type {map_type} (number {}).", map_type.number()),
            "Use the helper that is for this map, or another map.",
        ),
        F::SockmapUpdate { map_type, name, id } => told(
            "map-type",
            "The helper does not work on this type of map",
            format!(
                "Programs of this type do not store sockets: `{name}` (number {id}) with a map of type {map_type} \
                 (number {}).",
                map_type.number()
            ),
            "Store sockets from user space or from a sock_ops program.",
        ),
        F::SocketMapArgument => {
            argument("A map of sockets is given with a key or value that the helper cannot take.".to_owned())
        }
        F::FuncIp { name, id, prog_type } => told(
            "helper-not-for-type",
            "A helper that programs of this type may not call",
            format!("`{name}` (number {id}) is not for programs of this type (number {prog_type})."),
            "Use it in kprobe, fentry or fexit programs.",
        ),
        F::MapReadOnly => told(
            "map-access-forbidden",
            "The map does not allow this access",
            "The map's flags forbid programs to change it.",
            "Leave out the map's BPF_F_RDONLY_PROG, or let user space do it.",
        ),
        F::TailCallMap => told(
            "tail-call-map",
            "A tail call without a map of programs",
            "Tail calls take a map of type BPF_MAP_TYPE_PROG_ARRAY.",
            "Declare such a map and pass it.",
        ),
        F::TailCallMixed => told(
            "tail-call-mixed",
            "Tail calls beside calls of functions",
            "This kernel, or its compiler for this processor, cannot do both in one program.",
            "Mark all functions `__always_inline`. Kernels since 5.10 do both on x86-64, others later.",
        ),
        F::LocalStorageFlags => told(
            "storage-flags",
            "Flags for cgroup storage",
            "`bpf_get_local_storage` takes no flags.",
            "Pass the constant 0.",
        ),
        F::DynptrMemory { ty } => told(
            "dynptr-memory",
            "A dynptr over memory that it cannot have",
            format!("Dynptrs are made of map values, and this is `{ty}`."),
            "Keep the data in a map's value.",
        ),
        F::NoKernelType { reg } => told(
            "kernel-variable",
            "A per-CPU variable of the kernel without its type",
            format!("{} is not the address of a kernel variable whose type is known.", R(*reg)),
            "Declare the variable `extern … __ksym`, and compile with `-g`.",
        ),
        F::Leaks { held, place } => leaks(held, place.unwrap_or("the end"), program),
        F::Inside { place, what } => told(
            "leave-region",
            "A region is left that must be closed first",
            format!("{place} comes within a {what} region, on this path."),
            "Release the lock, or leave the region, before; also where the program leaves early.",
        ),
        F::KptrOffset { reg } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("{} points into a map's value at an offset that is not a constant.", R(*reg)),
            KPTR,
        ),
        F::NoKptr { reg } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("{} points into the value of a map that has no kernel pointers.", R(*reg)),
            KPTR,
        ),
        F::NotKptr { off } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("No kernel pointer is at offset {off} of the map's value."),
            KPTR,
        ),
        F::KptrUnreferenced { off } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("The kernel pointer at offset {off} of the map's value holds no reference (`__kptr_untrusted`)."),
            KPTR,
        ),
        F::KptrType { reg, is, expected } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("{} is `{is}`, and the field holds `{expected}`.", R(*reg)),
            KPTR,
        ),
        F::UnknownObject => told(
            "kptr-type",
            "An object that may be null, or is not owned",
            "The helper takes an object of the program's own, owned and not null.",
            "Check it for null first, and exchange what `bpf_obj_new`, `bpf_refcount_acquire` or a list gave.",
        ),
        F::KptrNoTypes { map } => told(
            "kptr-argument",
            "No kernel pointer that could be exchanged",
            format!("The map `{map}` was made without types, so that nothing is known of its fields."),
            "Compile with `-g` and declare the map's value with its type.",
        ),
    }
}

/// An argument of a wrong type: most are forgotten null checks.
fn argument_type(reg: usize, ty: &str, expected: &str) -> Told {
    if ty.contains("or_null") && !expected.contains("or_null") {
        return told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!("R{reg} is `{ty}`: it may be null, and the helper takes {expected} only."),
            "Check it first, `if (!p) return 0;`, on every path that leads to the call.",
        );
    }
    argument(format!("R{reg} is `{ty}`, and the helper takes {expected} there."))
}

/// An argument that is something else than it should be.
pub(super) fn argument(what: String) -> Told {
    told(
        "argument-type",
        "An argument is not what the function takes",
        what,
        "Look up what the function takes in this place; casts in C do not change what a value is to the verifier.",
    )
}

fn leaks(held: &[(u32, Pc)], at: &str, program: &Program) -> Told {
    let mut what = format!("At {at} the program still holds");
    for (i, (id, pc)) in held.iter().enumerate() {
        let separator = if i > 0 { "," } else { "" };
        let _ = write!(what, "{separator} reference {id}, acquired by instruction {pc}");
        if program.line_at(*pc).is_some_and(|l| l.line > 0) {
            let _ = write!(what, " ({})", place(program, *pc));
        }
    }
    what.push('.');
    told("reference-leak", "Something is not given back", what, RELEASE)
}
