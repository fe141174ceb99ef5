//! The shape of programs: encoding, functions, jumps, the call graph.

use super::access::packet_loads;
use super::alu::{address_spaces, div_by_zero, no_arena, shift};
use super::{Told, bytes, exception, told};
use crate::kernel::Program;
use crate::verifier::finding::ShapeFinding;

/// The usual reasons for instructions that no compiler writes for this kernel.
const ENCODING: &str = "Compilers do not write such instructions: look at the tool that made the object, or compile \
                        for an older instruction set (`-mcpu=v1`, `v2`, `v3`) when the kernel does not know it yet.";
const OWN_STACK: &str = "Keep large variables in a map (a per-CPU array of one entry is the usual scratch space), or \
                         have fewer functions call each other.";

pub(super) fn explain(finding: &ShapeFinding, program: &Program) -> Told {
    use ShapeFinding as F;
    match *finding {
        F::Size { count, limit } => told(
            "program-size",
            "The program has too many instructions",
            format!("The program has {count} instructions, and this kernel takes 1 to {limit}."),
            "Split it: tail calls, or fewer unrolled loops (`#pragma unroll`). Kernels since 5.2 take a million \
             instructions from loaders with CAP_BPF.",
        ),
        F::TypeRight { prog_type } => told(
            "type-right",
            "The loader may not have such a program",
            format!(
                "Programs of type {} are for loaders with CAP_BPF (and, for networking, CAP_NET_ADMIN): without it only \
                 socket_filter and cgroup_skb can be loaded, where the administrator lets anybody do that at all.",
                prog_type.name()
            ),
            "Load it as root, or give the loader the capabilities.",
        ),
        F::NoMapType { map_type } => told(
            "map-type-since",
            "The kernel has no such maps",
            format!("The program uses a map of type {}, which came with Linux {}.", map_type.name(), map_type.since()),
            "Use another type of map for kernels that old.",
        ),
        F::NoFlag { flag, since } => told(
            "load-flag-since",
            "The kernel does not know how the program is to be loaded",
            format!("It is loaded with flag {flag:#x}, which came with Linux {since}."),
            "Load it without the flag; the section's name may ask for it (`.s`, `.frags`).",
        ),
        F::CallDestination => told(
            "call-destination",
            "A call leads outside of the program",
            "The function that is called, or whose address is taken, lies outside of the program.",
            "Link the objects that belong together; declare no function that nothing defines.",
        ),
        F::TooManySubprogs => told(
            "too-many-functions",
            "The program has too many functions",
            "A program may have 256 functions.",
            "Mark small ones `__always_inline`.",
        ),
        F::CallRight { root_only: _ } => told(
            "call-right",
            "Calls among functions need a right that the loader has not",
            "Without CAP_BPF a program may only call helpers.",
            "Load with CAP_BPF, or mark every function `__always_inline`.",
        ),
        F::KfuncLicense => told(
            "gpl-only",
            "What is called is for programs under the GPL",
            format!("Kernel functions are for GPL programs; this object's licence is {:?}.", program.license),
            "If that is your choice: `char LICENSE[] SEC(\"license\") = \"GPL\";`.",
        ),
        F::KfuncOffset => told(
            "kfunc-module",
            "A kernel function of a module that is not known",
            "The call names a kernel module by a negative number.",
            ENCODING,
        ),
        F::KfuncUnknown { id } => told(
            "unknown-kfunc",
            "No such kernel function",
            format!("Number {id} is no function of this kernel."),
            "Call kernel functions by name (`__ksym`), so that the loader finds their numbers.",
        ),
        F::KfuncDevice => told(
            "device-bound",
            "A kernel function that asks the device",
            "The program is not bound to a device whose driver could answer.",
            "Load it with `BPF_F_XDP_DEV_BOUND_ONLY` for that device.",
        ),
        F::KfuncFdArray => told(
            "kfunc-module",
            "A kernel function of a module that is not known",
            "The call is of a function in a kernel module, and the loader gave no descriptors of modules.",
            "Load with a loader that knows modules' functions, such as libbpf.",
        ),
        F::JumpOutOfRange { from, to } => told(
            "jump-out-of-range",
            "A jump leads out of its function",
            format!("Instruction {from} jumps to {to}, which is not in the same function."),
            "Jump within the function; to get to another one, call it.",
        ),
        F::LastInsn => told(
            "fall-off",
            "A path runs off the program",
            "The last instruction of a function is neither `exit` nor a jump.",
            "End the function with `exit`; in C, return on every path, and remember that code after undefined \
             behaviour is left out by the compiler.",
        ),
        F::FirstFuncRecord { off } => {
            record(format!("The first record of a function is of slot {off}, not of slot 0."))
        }
        F::FuncRecordOrder { off, before } => {
            record(format!("The record of the function at slot {off} comes after that of slot {before}."))
        }
        F::FuncRecordType { id } => record(format!("Type {id} is given as a function's, and is none.")),
        F::FuncRecordCount => record("There are more or fewer records of functions than functions.".to_owned()),
        F::FuncRecordLayout => record("A record of a function is of a slot where none starts.".to_owned()),
        F::Exception(ref finding) => exception::explain(finding),
        F::LineRecord { number, off, before, len } => record(format!(
            "Record {number} of a source line is of slot {off}: not behind slot {before}, or outside of {len} slots."
        )),
        F::LineRecordCode { number } => {
            record(format!("Record {number} of a source line is of the second half of a 64-bit immediate."))
        }
        F::NoLineRecord { func } => record(format!("The first source line of function {func} is not told.")),
        F::NoLineRecords { count, from } => {
            record(format!("The first source lines of {count} functions from function {from} on are not told."))
        }
        F::LdAbsReturn { typed } => int_return("A legacy packet load", typed),
        F::TailCallReturn { typed } => int_return("A tail call", typed),
        F::Reserved(group) => told(
            "reserved-field",
            "A field of an instruction is set that must be 0",
            format!("In instructions of the group {group} this field must be 0, or 0 for this operation."),
            ENCODING,
        ),
        F::UnknownOpcode { opcode } => told(
            "unknown-opcode",
            "An instruction that this kernel does not know",
            format!("No instruction of this kernel has the opcode {opcode:02x}."),
            ENCODING,
        ),
        F::Imm64Second => told(
            "imm64",
            "A 64-bit immediate that is not whole or not known",
            "Loads of 64-bit immediates take two slots; the second is missing, or has more in it than the upper half.",
            ENCODING,
        ),
        F::Imm64Source => told(
            "imm64",
            "A 64-bit immediate that is not whole or not known",
            "The source register's field says what the immediate is, and this kernel does not know that kind.",
            ENCODING,
        ),
        F::NoFdArray => told(
            "map-missing",
            "A map that is not there",
            "The instruction names a map by its place in an array that the loader did not give.",
            "Load with a loader that gives the array, or refer to maps by descriptors.",
        ),
        F::NoModule => told(
            "ksym-module",
            "A variable of a kernel module that is not known",
            "The 64-bit immediate names a kernel module's types by a descriptor that is none.",
            "Load the module before the program, with a loader that knows modules' variables, such as libbpf.",
        ),
        F::NoType { id } | F::NoVariable { id } => told(
            "ksym-type",
            "A kernel variable that is not there",
            format!("The 64-bit immediate names type {id} of the kernel, which is no variable and no function."),
            "Declare it `extern … __ksym`, and let the loader find its number in the kernel that runs.",
        ),
        F::NoMap { fd } => told(
            "map-missing",
            "A map that is not there",
            format!("{fd} stands where a map should, and is none."),
            "Declare the map in the object, so that the loader creates it and fills in its descriptor.",
        ),
        F::TooManyMaps => told(
            "too-many-maps",
            "The program refers to too many maps",
            "A program may refer to 64 maps; each section of global data counts as one.",
            "Put several into one map, with a field in the key to tell them apart, or use a map of maps.",
        ),
        F::StructOpsMap => told(
            "map-kind",
            "A map that programs cannot refer to",
            "Maps of the type struct_ops hold programs for the kernel; programs cannot look into them.",
            "Keep the data in another map.",
        ),
        F::MapField { who, field } => told(
            "map-field-for-type",
            "A map that programs of this type must not use",
            format!("Values of the map have a `{field}`, which {who} programs cannot use: they may run anywhere."),
            "Keep the data in a map without it.",
        ),
        F::SleepableMap { .. } => told(
            "sleepable-map",
            "A map that sleeping programs cannot use",
            "What the program got from this map might go away while it sleeps.",
            "Use an array, a hash, a ring buffer or local storage, or do not load the program as a sleepable one.",
        ),
        F::NotSleepable => told(
            "not-sleepable",
            "Programs of this type cannot sleep",
            "The program was loaded as a sleepable one, and where programs of its type run, nothing may sleep.",
            "Load it without `BPF_F_SLEEPABLE` (a section without `.s`).",
        ),
        F::SecondCgroupStorage => told(
            "second-storage",
            "A second storage of a control group",
            "A program may refer to one map of the type cgroup_storage, and to one of its per-CPU kind.",
            "Put both into one value, or use a map of the type cgrp_storage.",
        ),
        F::SecondArena => {
            told("second-arena", "A second arena", "A program may refer to one arena.", "Put both into one arena.")
        }
        F::ArenaAddress => told(
            "arena-address",
            "The arena has no address yet",
            "Pointers in an arena are user space's, so that its place must be known before the program is loaded.",
            "Set `map_extra` to the address, or map the arena into memory before loading.",
        ),
        F::ArenaRight => told(
            "arena-right",
            "Arenas need a right that the loader has not",
            "An arena map takes CAP_BPF and CAP_PERFMON.",
            "Load with these capabilities.",
        ),
        F::MapValueOffset { off } => told(
            "map-value-address",
            "An address in a map's value that is not there",
            format!("The offset {off} is beyond what any map's value has."),
            ENCODING,
        ),
        F::NoDirectValue => told(
            "map-value-address",
            "An address in a map's value that is not there",
            "Only array maps of one entry have values at an address that an instruction can load.",
            "Call `bpf_map_lookup_elem`.",
        ),
        F::MapValueBounds { size, off, entries } => told(
            "map-value-address",
            "An address in a map's value that is not there",
            match entries {
                true => {
                    format!("The map has not exactly one entry, so that no value is at a fixed address (off {off}).")
                }
                false => format!("The offset {off} is not within the map's value of {}.", bytes(i64::from(size))),
            },
            "Look at the tool that made the object: global data goes into arrays of one entry, as large as the data.",
        ),
        F::BackEdge { from, to } => told(
            "back-edge",
            "A loop where loops are not allowed",
            format!("The jump from instruction {from} back to {to} makes a loop."),
            "Kernels before 5.3, and later ones when the loader has no CAP_BPF, take no loops: unroll it with \
             `#pragma unroll` and a constant count.",
        ),
        F::Unreachable { pc } => told(
            "unreachable",
            "Code that no path leads to",
            format!("No jump and no instruction before it leads to instruction {pc}."),
            "Remove it. Compilers leave none behind unless optimisation is off: use -O2.",
        ),
        F::IntoImm64 { pc } => told(
            "into-imm64",
            "A path comes into the middle of an instruction",
            format!("A jump leads to the second slot of the 64-bit immediate at instruction {pc}."),
            "Jump to the first slot of the instruction.",
        ),
        F::Register { number } => told(
            "unknown-register",
            "A register that there is not",
            format!("R{number} is named, and registers are R0 to R10."),
            ENCODING,
        ),
        F::FramePointer => told(
            "frame-pointer-write",
            "The frame pointer is written",
            "R10 is the frame pointer, which every program may read and none may write.",
            "Copy it to another register (`r2 = r10`) and move the copy.",
        ),
        F::DivByZero => div_by_zero(),
        F::Shift { bits } => shift(bits),
        F::AtomicSize => told(
            "atomic-size",
            "An atomic operation is of a wrong size",
            "Atomic operations work on 4 or 8 bytes.",
            "Make the counter an `int` or `long` (`__u32`, `__u64`).",
        ),
        F::AtomicOpcode { imm } => told(
            "unknown-atomic",
            "An atomic operation that this kernel does not know",
            format!("The operation has the number {imm:#04x} ({imm:02x})."),
            "Kernels before 5.12 only know atomic addition without a result: compile with `-mcpu=v2`, and do not use \
             what `__sync_fetch_and_add` returns.",
        ),
        F::MayGotoOff { off, imm } => told(
            "may-goto-next",
            "A jump that this kernel does not know",
            format!(
                "`may_goto` has the kind 0, and this is {imm}; before Linux 6.14 it must not lead to the next \
                 instruction either, and this one's offset is {off}."
            ),
            "Leave out a `may_goto` that leads to where the program goes on anyway.",
        ),
        F::MayGoto { imm } => told(
            "may-goto",
            "A conditional jump of an unknown kind",
            format!("`may_goto` has the kind 0, and this is {imm}."),
            ENCODING,
        ),
        F::AddrSpace => address_spaces(),
        F::NoArena => no_arena(),
        F::LdPacketType => packet_loads(program),
        F::LdPacketCalls => told(
            "packet-load-calls",
            "Legacy packet loads beside calls",
            "Before 5.10 a program with `ldabs` or `ldind` could not have functions of its own.",
            "Mark all functions `__always_inline`, or read the packet with `bpf_skb_load_bytes`.",
        ),
        F::LdImm => told(
            "into-imm64",
            "A path comes into the middle of an instruction",
            "A 64-bit immediate takes two slots, and the path comes to the second one.",
            "Jump to the first slot of the instruction.",
        ),
        F::LdMode => told(
            "unknown-opcode",
            "An instruction that this kernel does not know",
            "This kernel knows no load of that mode.",
            ENCODING,
        ),
        F::AluOpcode { op } => told(
            "unknown-opcode",
            "An instruction that this kernel does not know",
            format!("This kernel knows no arithmetic operation {op:x}."),
            ENCODING,
        ),
        F::JmpOpcode { op } => told(
            "unknown-opcode",
            "An instruction that this kernel does not know",
            format!("This kernel knows no jump {op:x}."),
            "Kernels before 4.14 do not know `<` and `<=`: compile with `-mcpu=v1`.",
        ),
        F::Class { class } => told(
            "unknown-opcode",
            "An instruction that this kernel does not know",
            format!("This kernel knows no instructions of class {class}."),
            "Kernels before 5.1 have no 32-bit jumps: compile with `-mcpu=v2`.",
        ),
        F::CombinedStack { calls, size } => told(
            "stack-depth",
            "Functions take too much stack",
            format!("A chain of {calls} calls uses {} of stack, and 512 are there.", bytes(i64::from(size))),
            OWN_STACK,
        ),
        F::SubprogStack { subprog, size } => told(
            "stack-depth",
            "Functions take too much stack",
            format!("Function {subprog} uses {} of stack, and 512 are there.", bytes(i64::from(size))),
            OWN_STACK,
        ),
        F::TailCallStack { size } => told(
            "tail-call-stack",
            "A tail call with too much stack in use",
            format!(
                "A function with a tail call is called with {} of stack in use; 256 are allowed, since tail calls can \
                 be repeated.",
                bytes(i64::from(size))
            ),
            OWN_STACK,
        ),
        F::CallDepth { frames } => told(
            "call-depth",
            "Calls go too deep",
            format!("A chain of calls needs {frames} frames, and 8 are there."),
            "Mark functions in the chain `__always_inline`, or loop instead of recursing.",
        ),
    }
}

fn int_return(what: &str, typed: bool) -> Told {
    told(
        "return-not-int",
        "A function that may end early does not return `int`",
        match typed {
            true => format!("{what} can end the function at once, which must return `int` then."),
            false => format!("{what} can end the function at once, and the object does not tell what it returns."),
        },
        "Let the function return `int`, and compile with `-g`, so that the object has BTF.",
    )
}

fn record(what: String) -> Told {
    told(
        "type-records",
        "What the types tell of the program does not fit it",
        what,
        "Look at the tool that made or linked the object (`.BTF.ext`); without that section the program is loaded too, \
         with less to read in the log.",
    )
}
