//! Loads, stores, and memory handed to helpers.

use super::{Told, bytes, told};
use crate::isa::Reg;
use crate::kernel::Program;
use crate::verifier::finding::{AccessFinding, Outside, R};

/// Cures that several findings share.
const BOUND_INDEX: &str = "Bound the variable right before it is used, in the very variable that is added to the \
                           pointer and with an unsigned type: `if (i >= N) return 0;`, or `i &= N - 1` when N is a \
                           power of two. A check on another copy of the value may be lost when the compiler keeps the \
                           two in different registers.";
const KEEP_POINTER: &str = "Use the pointer as it was given, with constant offsets in the access itself \
                            (`ctx->field`), rather than a pointer that was computed from it.";
const PLAIN_STACK: &str = "Index arrays on the stack with constants, or keep the data in a map (a per-CPU array of one \
                           entry is the usual scratch space).";
const KPTR: &str = "Load and store the field whole, as a pointer at its own offset; to put a referenced pointer in or \
                    take it out, use `bpf_kptr_xchg`.";

pub(super) fn explain(finding: &AccessFinding, program: &Program) -> Told {
    use AccessFinding as F;
    match finding {
        F::Uninitialized { reg } => uninitialized(*reg),
        F::FramePointer => told(
            "frame-pointer-write",
            "The frame pointer is written",
            "R10 is the frame pointer, which every program may read and none may write.",
            "Copy it to another register (`r2 = r10`) and move the copy.",
        ),
        F::NotMemory { reg, ty } => not_memory(*reg, ty),
        F::ReadOnly { reg, ty } => told(
            "read-only-memory",
            "Memory that programs only read is written",
            format!("{} points to {ty}, which programs may read and not write.", R(*reg)),
            "Work on a copy on the stack or in a map, or use the helper that changes what is meant.",
        ),
        F::NoMemoryArgument { reg, ty } => told(
            "memory-argument",
            "A helper wants a pointer to memory",
            format!("The helper reads or writes the memory that {} points to, but {0} is {ty}.", R(*reg)),
            "Pass the address of a variable on the stack, of a map value, or of packet data that was bounds checked.",
        ),
        F::Leak { reg, place } => told(
            "pointer-leak",
            "A kernel address would become readable",
            format!("{} is a pointer, and storing it in {place} would show its address to user space.", R(*reg)),
            "Store a number instead. Loaders with CAP_PERFMON may store pointers.",
        ),
        F::Misaligned { what, var_off, off, insn_off, size } => told(
            "misaligned-access",
            "An access is not aligned to its size",
            format!(
                "This {what}access of {} is at offset {var_off} + {off} + {insn_off}, which need not be a multiple of \
                 {size}.",
                bytes(i64::from(*size))
            ),
            "Align the field, or read it in smaller parts and put them together.",
        ),
        F::MisalignedPacket { var_off, off, insn_off, size } => told(
            "misaligned-access",
            "An access is not aligned to its size",
            format!(
                "Packets begin 2 bytes behind an aligned address, so that this access of {} is at offset 2 + {var_off} \
                 + {off} + {insn_off}, which need not be a multiple of {size}.",
                bytes(i64::from(*size))
            ),
            "Align the field, or read it in smaller parts and put them together.",
        ),
        F::NegativeMin { reg } => told(
            "negative-offset",
            "An offset may be negative",
            format!("The number that was added to the pointer in {} may be negative, for all that is known.", R(*reg)),
            "Make the index unsigned, or check `if (i < 0) return 0;` before it is added: a signed comparison with an \
             upper bound alone leaves negative values.",
        ),
        F::Unbounded { reg } => told(
            "unbounded-offset",
            "An offset has no upper bound",
            format!("The number that was added to the pointer in {} has no upper bound that is small enough.", R(*reg)),
            BOUND_INDEX,
        ),
        F::OutOfRange { reg, outside, end } => out_of_range(*reg, outside, end),
        F::OutsidePacket { reg, outside: Some(outside) } => out_of_range(*reg, outside, ""),
        F::OutsidePacket { reg, outside: None } => told(
            "packet-bounds",
            "Packet data is read or written without a bounds check",
            format!(
                "{} is known to be at or beyond the packet's end here: nothing of the packet is left behind it.",
                R(*reg)
            ),
            PACKET,
        ),
        F::PacketReadOnly => told(
            "packet-read-only",
            "Packet data is written by a program that may only read it",
            format!("A {} program may read packets and not write them.", program.prog_type.name()),
            "Change packets in a tc or XDP program.",
        ),
        F::MapForbidden { access, value_size, off, size } => told(
            "map-access-forbidden",
            "The map does not allow this access",
            format!(
                "The map's flags forbid programs to {access} its values (this is offset {off}, {}, of a value of \
                 {value_size}).",
                bytes(i64::from(*size))
            ),
            "Constant data (`const` globals, `.rodata`) cannot be written: make the variable non-const, or leave out \
             the map's BPF_F_RDONLY_PROG or BPF_F_WRONLY_PROG.",
        ),
        F::MapKeyReadOnly { reg } => told(
            "map-key-read-only",
            "A map's key is written",
            format!("{} points to a key in the map, which must stay as it is.", R(*reg)),
            "Copy the key to the stack and change the copy.",
        ),
        F::SpecialField { field } => told(
            "special-field",
            "A field that belongs to the kernel is accessed like data",
            format!("There is a {field} in the bytes that are accessed, and only helpers may touch it."),
            "Access the other fields one by one; copy no whole structure that has such a field in it.",
        ),
        F::KptrIndirect { field } => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            format!("There is a {field} in the memory that is given to the helper."),
            KPTR,
        ),
        F::KptrVariable { field } => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            format!("The {field} is accessed at an offset that is not a constant."),
            KPTR,
        ),
        F::KptrMisaligned { field, expected, off } => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            format!("The {field} is at offset {expected}; the access is at offset {off}, in its middle."),
            KPTR,
        ),
        F::KptrSize { field } => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            format!("The {field} takes eight bytes, and less is accessed."),
            KPTR,
        ),
        F::KptrStore => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            "A plain store into a referenced kernel pointer would lose the object that it holds.",
            KPTR,
        ),
        F::KptrImm { off } => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            format!("A constant other than 0 is stored into the kernel pointer at offset {off}."),
            KPTR,
        ),
        F::KptrMode => told(
            "kptr-access",
            "A kernel pointer in a map is accessed wrongly",
            "Atomic operations and sign-extending loads do not work on kernel pointers.",
            KPTR,
        ),
        F::Context { off, size } => told(
            "context-access",
            "No field of the context can be accessed like this",
            format!(
                "For a {} program there is no field of the context at offset {off} that may be accessed with {} in \
                 this direction.",
                program.prog_type.name(),
                bytes(i64::from(*size))
            ),
            "Look up the field: not all are there for every type of program, many can only be read, and most only \
             whole. When C copies or compares several fields at once, the compiler may join the accesses: read the \
             field through a `volatile` pointer or `READ_ONCE`.",
        ),
        F::NegativeOffset { reg, ty, off } => told(
            "modified-pointer",
            "A pointer is used that was moved",
            format!("{} is a {ty} pointer that was moved by {off}, to before what it points to.", R(*reg)),
            KEEP_POINTER,
        ),
        F::ModifiedPointer { reg, ty, off } => told(
            "modified-pointer",
            "A pointer is used that was moved",
            format!("{} is a {ty} pointer that was moved by {off}; it must be used as it was given.", R(*reg)),
            KEEP_POINTER,
        ),
        F::VariablePointer { ty, var_off } => told(
            "modified-pointer",
            "A pointer is used that was moved",
            format!("A {ty} pointer was moved by a number that is not a constant ({var_off})."),
            KEEP_POINTER,
        ),
        F::Socket { reg, ty, off, size } => told(
            "socket-field",
            "No field of the socket can be read like this",
            format!(
                "{} points to a {ty}, which has no field at offset {off} that may be read with {}.",
                R(*reg),
                bytes(i64::from(*size))
            ),
            "Read whole fields of `struct bpf_sock` or `struct bpf_tcp_sock`. Type, protocol, mark and priority need a \
             full socket: call `bpf_sk_fullsock` first.",
        ),
        F::MixedPointers => told(
            "mixed-pointers",
            "One access goes through different kinds of pointers",
            "On different paths the same instruction accesses the context and something else. The kernel would have to \
             rewrite the instruction in two ways.",
            "Do the access once in each branch; when the compiler joins the branches again, put a barrier \
             (`asm volatile(\"\" ::: \"memory\")`) between them.",
        ),
        F::StackUnbounded { reg, how } => told(
            "stack-bounds",
            "An access is not within the stack",
            format!("{} points to the stack plus a number without bounds; the{how} access may be anywhere.", R(*reg)),
            PLAIN_STACK,
        ),
        F::StackBounds { reg, how, off, size } => told(
            "stack-bounds",
            "An access is not within the stack",
            format!(
                "The{how} access through {} is {} at offset {off} from the frame pointer; the stack is bytes -512 to \
                 -1.",
                R(*reg),
                bytes(i64::from(*size))
            ),
            "Make the variables on the stack smaller, or keep the data in a map (a per-CPU array of one entry is the \
             usual scratch space).",
        ),
        F::StackVariableBounds { reg, how, var_off, off, size } => told(
            "stack-bounds",
            "An access is not within the stack",
            format!(
                "The{how} access through {} is {} at offset {off} plus {var_off}; not all of these are on the stack.",
                R(*reg),
                bytes(i64::from(*size))
            ),
            BOUND_INDEX,
        ),
        F::StackUninitialized { off, byte, size } => told(
            "uninitialized-stack",
            "Stack is read that was never written",
            format!(
                "The read of {} at offset {off} from the frame pointer finds byte {byte} never written on this path.",
                bytes(i64::from(*size))
            ),
            UNINITIALIZED_STACK,
        ),
        F::StackArgument { reg, how: _, off, byte, size } => told(
            "uninitialized-stack",
            "Stack is read that was never written",
            format!(
                "The helper reads {} at offset {off} from the frame pointer through {}, and byte {byte} of them was \
                 never written on this path.",
                bytes(i64::from(*size)),
                R(*reg)
            ),
            UNINITIALIZED_STACK,
        ),
        F::StackVariableArgument { reg, how: _, var_off, byte, size } => told(
            "uninitialized-stack",
            "Stack is read that was never written",
            format!(
                "The helper may read {} at offset {var_off} from the frame pointer through {}, and byte {byte} of the \
                 range was never written on this path.",
                bytes(i64::from(*size)),
                R(*reg)
            ),
            UNINITIALIZED_STACK,
        ),
        F::ZeroSize => told(
            "zero-size",
            "A helper would be given no bytes",
            "The size of the memory is 0, and this argument must have at least 1 byte.",
            "Check that the size is not 0 before the call.",
        ),
        F::FillSize => told(
            "partial-pointer",
            "A pointer is taken apart",
            "A pointer was stored here, and only part of it is read back.",
            "Read the pointer with all its 8 bytes; overwrite the place before other data is kept there.",
        ),
        F::SpillSize => told(
            "partial-pointer",
            "A pointer is taken apart",
            "A pointer is stored with less than its 8 bytes, which would leave nothing useful.",
            "Store the pointer whole, aligned to 8 bytes.",
        ),
        F::SpillToCaller => told(
            "stack-pointer-escape",
            "A pointer to the stack would outlive its frame",
            "A function stores a pointer to its own stack in its caller's, where it would point to nothing after the \
             return.",
            "Let the caller own the memory and pass its address down.",
        ),
        F::CorruptPointer => told(
            "partial-pointer",
            "A pointer is taken apart",
            "A pointer was stored here, and the store would change some of its bytes. Without CAP_PERFMON that is not \
             allowed.",
            "Use different places on the stack for pointers and for numbers.",
        ),
        F::StackLeak { off } => told(
            "pointer-leak",
            "A kernel address would become readable",
            format!("There is a pointer on the stack at offset {off}, and it would be read as a number."),
            "Read pointers whole and use them as pointers only. Loaders with CAP_PERFMON may read them as numbers.",
        ),
        F::StackVariableHelper { var_off, off, size } => told(
            "variable-stack-offset",
            "The stack is accessed at an offset that is not known",
            format!(
                "{} of stack at offset {off} plus {var_off} are used where the offset must be a constant.",
                bytes(i64::from(*size))
            ),
            PLAIN_STACK,
        ),
        F::StackVariableUnprivileged { reg, var_off } => told(
            "variable-stack-offset",
            "The stack is accessed at an offset that is not known",
            format!("{} points to the stack at offset {var_off}; without CAP_PERFMON it must be a constant.", R(*reg)),
            PLAIN_STACK,
        ),
        F::SpillInRange { insn, off } => told(
            "variable-stack-offset",
            "The stack is accessed at an offset that is not known",
            format!("The store at instruction {insn} may overwrite the pointer that is kept at offset {off}."),
            PLAIN_STACK,
        ),
        F::UninitializedInRange { insn, off } => told(
            "variable-stack-offset",
            "The stack is accessed at an offset that is not known",
            format!("The store at instruction {insn} may or may not write offset {off}, which nothing wrote before."),
            "Write the whole array first (`= {}`).",
        ),
        F::DynptrOverwrite { off } => told(
            "dynptr-overwrite",
            "A helper would overwrite a dynptr",
            format!("There is a dynptr at offset {off} of the stack, within the memory that the helper may write."),
            "Give the helper a variable of its own; release the dynptr before its place is used again.",
        ),
        F::ArenaSignedLoad => told(
            "arena-signed-load",
            "A signed number is read from an arena",
            "Kernels before 6.18 do not sign-extend what they load from an arena.",
            "Load it as an unsigned number and extend its sign afterwards; compile with `-mcpu=v3`.",
        ),
        F::ImmediateToContext { reg } => told(
            "context-immediate",
            "A constant is stored to the context",
            format!("{} points to the context; kernels before 6.4 take no constants there.", R(*reg)),
            "Compile with `-mcpu=v3`, which stores a register.",
        ),
        F::AtomicSize => told(
            "atomic-size",
            "An atomic operation is of a wrong size",
            "Atomic operations work on 4 or 8 bytes.",
            "Make the counter an `int` or `long` (`__u32`, `__u64`).",
        ),
        F::AtomicStore { reg, ty } => told(
            "atomic-memory",
            "An atomic operation on memory that has none",
            format!("{} points to {ty}; atomic operations work on the stack, map values and the like.", R(*reg)),
            "Use a plain load, change and store, or keep the number in a map.",
        ),
        F::AtomicLoad { reg, ty } => told(
            "atomic-memory",
            "An atomic operation on memory that has none",
            format!("{} points to {ty}; atomic loads work on the stack, map values and the like.", R(*reg)),
            "Use a plain load.",
        ),
        F::NoPacketLoads => packet_loads(program),
        F::PacketLoadContext => told(
            "packet-load-context",
            "A legacy packet load without the context in R6",
            "`ldabs` and `ldind` take the `skb` from R6, which does not hold it here.",
            "Begin with `r6 = r1`, and keep R6.",
        ),
        F::Btf { text } => told(
            "kernel-structure",
            "A kernel structure is not accessed as its type says",
            format!("The types of the kernel do not allow it: {text}."),
            "Read whole fields at their offsets; let CO-RE find them (`BPF_CORE_READ`), and write none.",
        ),
    }
}

const PACKET: &str = "Compare with `data_end` before the access, and leave when it does not fit: \
                      `if (data + N > data_end) return 0;`. The check must be on the same pointer that is used \
                      afterwards, and a helper that may change the packet makes all earlier checks void.";
const UNINITIALIZED_STACK: &str = "Initialise the variable where it is declared (`= {}`); for structures with padding \
                                   use `__builtin_memset`, since padding bytes count as well.";

pub(super) fn packet_loads(program: &Program) -> Told {
    told(
        "packet-load-type",
        "Legacy packet loads in a program that has no skb",
        format!("`ldabs` and `ldind` are for programs that run on an `skb`; this is {}.", program.prog_type.name()),
        "Read the packet through `data` and `data_end`.",
    )
}

fn uninitialized(reg: Reg) -> Told {
    let what = match reg.index() {
        0 => "R0 holds nothing on this path: no call gave a result and nothing was assigned.".to_owned(),
        1..=5 => format!("{} holds nothing on this path: it was never written, or a call has used it up.", R(reg)),
        _ => format!("{} holds nothing on this path: it was never written.", R(reg)),
    };
    told(
        "uninitialized-register",
        "A register is read that holds nothing",
        what,
        "Give the variable a value on every path that leads here, and return a value from every function. Calls \
         destroy R1 to R5: keep what is needed afterwards in R6 to R9 or on the stack.",
    )
}

/// Memory accessed through something that is no usable pointer: what it is tells the mistake.
fn not_memory(reg: Reg, ty: &str) -> Told {
    let r = R(reg);
    if ty.contains("or_null") {
        return told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!(
                "{r} is `{ty}`: what gave it returns null when there is nothing, and then this access would fault."
            ),
            "Check it first, `if (!p) return 0;`, on every path between the call and this line. The check must be on \
             this very pointer, not on a copy that was made before the check.",
        );
    }
    match ty {
        "scalar" => told(
            "not-a-pointer",
            "A number is used as a pointer",
            format!("{r} holds a number here, and memory can only be accessed through pointers that are known."),
            "Follow the value back: pointers turn into numbers when they are cast, masked, multiplied, or stored and \
             read in parts. Memory of the kernel or of user space is read with `bpf_probe_read_kernel` or \
             `bpf_probe_read_user`.",
        ),
        "pkt_end" => told(
            "packet-end-access",
            "Memory is accessed behind the packet's end",
            format!("{r} is `data_end`, which is for comparisons only: there is no packet behind it."),
            "Access packet data through `data`, after a comparison with `data_end`.",
        ),
        "map_ptr" => told(
            "map-structure",
            "A map's own structure is not accessed as it may be",
            format!("{r} is the map itself and not a value in it."),
            "Call `bpf_map_lookup_elem` for a value; of the map itself only fields of `struct bpf_map` can be read.",
        ),
        _ => told(
            "not-memory",
            "A pointer is used that gives no access to memory",
            format!("{r} is `{ty}`, which cannot be read or written by a load or store."),
            "Give the pointer to the helper that it is made for, or read through `bpf_probe_read_kernel`.",
        ),
    }
}

/// An access that reaches beyond memory of known size.
fn out_of_range(reg: Reg, outside: &Outside, end: &str) -> Told {
    let r = R(reg);
    let which = match end {
        "min" => "At the smallest offset that is possible here",
        "max" => "At the largest offset that is possible here",
        _ => "Here",
    };
    let reach = |off: i64, size: i32| {
        format!("{which} the access of {} through {r} begins at offset {off}", bytes(i64::from(size)))
    };
    match *outside {
        Outside::Packet { limit, off, size, .. } => {
            let needed = off.saturating_add(i64::from(size));
            told(
                "packet-bounds",
                "Packet data is read or written without a bounds check",
                format!(
                    "{}, so that {} must be in the packet, and {} are proven by comparisons with `data_end` on this \
                     path (r={limit}). Before this line it takes `pointer + {needed} <= data_end`.",
                    reach(off, size),
                    bytes(needed),
                    if limit == 0 { "none".to_owned() } else { format!("only {limit}") },
                ),
                PACKET,
            )
        }
        Outside::MapValue { limit, off, size } => told(
            "map-value-bounds",
            "An access is outside of a map's value",
            format!("{}; the map's value has {}.", reach(off, size), bytes(i64::from(limit))),
            BOUND_INDEX,
        ),
        Outside::MapKey { limit, off, size } => told(
            "map-key-bounds",
            "An access is outside of a map's key",
            format!("{}; the map's key has {}.", reach(off, size), bytes(i64::from(limit))),
            BOUND_INDEX,
        ),
        Outside::Memory { limit, off, size } => told(
            "memory-bounds",
            "An access is outside of its memory",
            format!("{}; the memory has {}.", reach(off, size), bytes(i64::from(limit))),
            BOUND_INDEX,
        ),
    }
}
