//! What is wrong with a program's shape: encoding, jumps, functions, the call graph and its stack.

use std::fmt;

use super::ExceptionFinding;
use crate::kernel::{Errno, KernelVersion, MapType, ProgType};

/// An instruction group as the kernel names it where one of its fields is reserved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are the kernel's own")]
pub enum Group {
    Alu,
    Neg,
    End,
    Mov,
    Ldx,
    Stx,
    St,
    Xadd,
    LdImm64,
    LdPacket,
    Call,
    Ja,
    Exit,
    Jmp,
    /// Conditional jumps before there were 32-bit ones.
    OldJmp,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Group::Alu => "BPF_ALU",
            Group::Neg => "BPF_NEG",
            Group::End => "BPF_END",
            Group::Mov => "BPF_MOV",
            Group::Ldx => "BPF_LDX",
            Group::Stx => "BPF_STX",
            Group::St => "BPF_ST",
            Group::Xadd => "BPF_XADD",
            Group::LdImm64 => "BPF_LD_IMM64",
            Group::LdPacket => "BPF_LD_[ABS|IND]",
            Group::Call => "BPF_CALL",
            Group::Ja => "BPF_JA",
            Group::Exit => "BPF_EXIT",
            Group::Jmp => "BPF_JMP/JMP32",
            Group::OldJmp => "BPF_JMP",
        })
    }
}

/// Why a program is rejected for its shape. Slots and targets are those of the message: a target may lie outside of
/// the program, before it or behind it.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum ShapeFinding {
    /// The kernel refuses the size before it prints anything; the words are ours.
    #[error("{count} instructions: this kernel takes 1 to {limit}")]
    Size {
        /// Slots of the program.
        count: usize,
        /// Slots at most.
        limit: u32,
    },

    /// The kernel answers EPERM before it prints anything; the words are ours.
    #[error("loading a program of type {} takes CAP_BPF", .prog_type.name())]
    TypeRight {
        /// The program's type.
        prog_type: ProgType,
    },

    /// The kernel answers EINVAL when the map is made; the words are ours.
    #[error("maps of type {} came with Linux {}", .map_type.name(), .map_type.since())]
    NoMapType {
        /// The map's type.
        map_type: MapType,
    },
    /// The kernel answers EINVAL before it prints anything; the words are ours.
    #[error("flag {flag:#x} of BPF_PROG_LOAD came with Linux {since}")]
    NoFlag {
        /// The flag.
        flag: u32,
        /// The kernel that knows it.
        since: KernelVersion,
    },

    // Functions.
    /// A call or a callback's address outside of the program.
    #[error("call to invalid destination")]
    CallDestination,
    /// More than 256 functions.
    #[error("too many subprograms")]
    TooManySubprogs,
    /// Functions are for the privileged.
    #[error("{}", call_right(*.root_only))]
    CallRight {
        /// Whether the kernel is from before `CAP_BPF` and knows functions of the program only.
        root_only: bool,
    },
    /// Kernel functions are for programs with a GPL-compatible licence.
    #[error("cannot call kernel function from non-GPL compatible program")]
    KfuncLicense,
    /// A negative module index of a kernel function.
    #[error("negative offset disallowed for kernel module function call\nfailed to find BTF for kernel function")]
    KfuncOffset,
    /// A module's kernel function, but no array of module descriptors came with the program.
    #[error("kfunc offset > 0 without fd_array is invalid\nfailed to find BTF for kernel function")]
    KfuncFdArray,
    /// A call of a kernel function by a number that is none's.
    #[error("kernel btf_id {} is not a function", *id as u32)]
    KfuncUnknown {
        /// The number.
        id: i32,
    },
    /// A kernel function that asks the device, in a program that is not bound to one.
    #[error("metadata kfuncs require device-bound program")]
    KfuncDevice,
    /// A jump out of its function.
    #[error("jump out of range from insn {from} to {to}")]
    JumpOutOfRange {
        /// The jump.
        from: u32,
        /// Where it goes.
        to: i32,
    },
    /// A function's end can be run over.
    #[error("last insn is not an exit or jmp")]
    LastInsn,

    // Records of functions and lines.
    /// The first record is not of the main function.
    #[error("nonzero insn_off {off} for the first func info record")]
    FirstFuncRecord {
        /// The slot.
        off: u32,
    },
    /// Records that are not in the order of their functions.
    #[error("same or smaller insn offset ({off}) than previous func info record ({before})")]
    FuncRecordOrder {
        /// The slot.
        off: u32,
        /// That of the record before.
        before: u32,
    },
    /// A record's type is no function's.
    #[error("invalid type id {id} in func info")]
    FuncRecordType {
        /// The type.
        id: u32,
    },
    /// More or fewer records than functions.
    #[error("number of funcs in func_info doesn't match number of subprogs")]
    FuncRecordCount,
    /// A record of a place where no function starts.
    #[error("func_info BTF section doesn't match subprog layout in BPF program")]
    FuncRecordLayout,
    /// Exceptions and their callback.
    #[error(transparent)]
    Exception(#[from] ExceptionFinding),
    /// A line's record that is not behind the one before, or outside of the program.
    #[error("Invalid line_info[{number}].insn_off:{off} (prev_offset:{before} prog->len:{len})")]
    LineRecord {
        /// Which record.
        number: usize,
        /// The slot.
        off: u32,
        /// That of the record before.
        before: u32,
        /// Slots of the program.
        len: usize,
    },
    /// A line that begins within a 64-bit immediate.
    #[error("Invalid insn code at line_info[{number}].insn_off")]
    LineRecordCode {
        /// Which record.
        number: usize,
    },
    /// A function whose first line is not known.
    #[error("missing bpf_line_info for func#{func}")]
    NoLineRecord {
        /// The function.
        func: usize,
    },
    /// Functions at the end whose lines are not known.
    #[error("missing bpf_line_info for {count} funcs starting from func#{from}")]
    NoLineRecords {
        /// How many.
        count: usize,
        /// The first of them.
        from: usize,
    },

    /// A legacy packet load in a function that is not known to return a number.
    #[error("{}", return_words("LD_ABS", *.typed))]
    LdAbsReturn {
        /// Whether the function's type is known.
        typed: bool,
    },
    /// A tail call in a function that is not known to return a number.
    #[error("{}", return_words("tail_call", *.typed))]
    TailCallReturn {
        /// Whether the function's type is known.
        typed: bool,
    },

    // Slots, looked at before any path is.
    /// A reserved field is not zero.
    #[error("{0} uses reserved fields")]
    Reserved(Group),
    /// No instruction has this opcode.
    #[error("unknown opcode {opcode:02x}")]
    UnknownOpcode {
        /// The opcode.
        opcode: u8,
    },
    /// The second slot of a 64-bit immediate is missing or is not empty.
    #[error("invalid bpf_ld_imm64 insn")]
    Imm64Second,
    /// A 64-bit immediate of an unknown kind.
    #[error("unrecognized bpf_ld_imm64 insn")]
    Imm64Source,
    /// A map by its index in an array that did not come with the program.
    #[error("fd_idx without fd_array is invalid")]
    NoFdArray,
    /// No module's types by that descriptor.
    #[error("invalid module BTF object FD specified.")]
    NoModule,
    /// No type of the kernel's by that number.
    #[error("ldimm64 insn specifies invalid btf_id {id}.")]
    NoType {
        /// The number.
        id: i32,
    },
    /// The type is none of something that has an address.
    #[error("pseudo btf_id {id} in ldimm64 isn't KIND_VAR or KIND_FUNC")]
    NoVariable {
        /// The number.
        id: i32,
    },
    /// Not a map.
    #[error("fd {fd} is not pointing to valid bpf_map")]
    NoMap {
        /// The number given.
        fd: i32,
    },
    /// More than 64 maps.
    #[error("The total number of maps per program has reached the limit of 64")]
    TooManyMaps,
    /// A map type that programs cannot refer to.
    #[error("bpf_struct_ops map cannot be used in prog")]
    StructOpsMap,
    /// A map whose values have a field that programs of this type must not use.
    #[error("{who} progs cannot use {field} yet")]
    MapField {
        /// The programs.
        who: &'static str,
        /// The field's type.
        field: &'static str,
    },
    /// A map that may not stay while a program sleeps.
    #[error("Sleepable programs can only use array, hash, {}", if *.storage { "ringbuf and local storage maps" } else { "and ringbuf maps" })]
    SleepableMap {
        /// Whether local storage is among what they can use.
        storage: bool,
    },
    /// A program of a type that never may sleep.
    #[error("Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable")]
    NotSleepable,
    /// A control group has one storage of a kind for a program.
    #[error("only one cgroup storage of each type is allowed")]
    SecondCgroupStorage,
    /// A program has one arena.
    #[error("Only one arena per program")]
    SecondArena,
    /// An arena that was not mapped: where it is was not told.
    #[error("arena's user address must be set via map_extra or mmap()")]
    ArenaAddress,
    /// An arena is for the privileged.
    #[error("CAP_BPF and CAP_PERFMON are required to use arena")]
    ArenaRight,
    /// An offset into a map value that is beyond every limit.
    #[error("direct value offset of {off} is not allowed")]
    MapValueOffset {
        /// The offset.
        off: u32,
    },
    /// Values of this map type have no address to load.
    #[error("no direct value access support for this map type")]
    NoDirectValue,
    /// The address lies outside of the map's value.
    #[error("invalid access to map value pointer, value_size={size} off={off}")]
    MapValueBounds {
        /// Bytes of a value.
        size: u32,
        /// The offset.
        off: u32,
        /// Whether the map has not exactly one entry.
        entries: bool,
    },

    // The graph.
    /// A jump back, where loops are not allowed.
    #[error("back-edge from insn {from} to {to}")]
    BackEdge {
        /// The jump.
        from: u32,
        /// Where it goes.
        to: u32,
    },
    /// No path leads here.
    #[error("unreachable insn {pc}")]
    Unreachable {
        /// The instruction.
        pc: u32,
    },
    /// A jump to the second slot of a 64-bit immediate.
    #[error("jump into the middle of ldimm64 insn {pc}")]
    IntoImm64 {
        /// The immediate's first slot.
        pc: u32,
    },

    // Fields, looked at when a path comes to the instruction.
    /// A register that there is not.
    #[error("R{number} is invalid")]
    Register {
        /// Its number.
        number: u8,
    },
    /// A write to `r10`.
    #[error("frame pointer is read only")]
    FramePointer,
    /// Division by the constant zero.
    #[error("div by zero")]
    DivByZero,
    /// A constant shift by more than the width.
    #[error("invalid shift {bits}")]
    Shift {
        /// The distance.
        bits: i32,
    },
    /// An atomic operation of one or two bytes.
    #[error("invalid atomic operand size")]
    AtomicSize,
    /// No such atomic operation.
    #[error("BPF_ATOMIC uses invalid atomic opcode {imm:02x}")]
    AtomicOpcode {
        /// The immediate.
        imm: i32,
    },
    /// A conditional jump of an unknown kind.
    #[error("invalid may_goto imm {imm}")]
    MayGoto {
        /// The immediate.
        imm: i32,
    },
    /// The same in kernels that do not take a jump to the next instruction either.
    #[error("invalid may_goto off {off} imm {imm}")]
    MayGotoOff {
        /// The offset.
        off: i16,
        /// The immediate.
        imm: i32,
    },
    /// A cast between address spaces that there are not.
    #[error("addr_space_cast insn can only convert between address space 1 and 0")]
    AddrSpace,
    /// A cast of arena pointers without an arena.
    #[error("addr_space_cast insn can only be used in a program that has an associated arena")]
    NoArena,
    /// Legacy packet loads in a program that does not see an skb.
    #[error("BPF_LD_[ABS|IND] instructions not allowed for this program type")]
    LdPacketType,
    /// Legacy packet loads in a program of several functions, before 5.10.
    #[error("BPF_LD_[ABS|IND] instructions cannot be mixed with bpf-to-bpf calls")]
    LdPacketCalls,
    /// The second slot of a 64-bit immediate, run as an instruction.
    #[error("invalid BPF_LD_IMM insn")]
    LdImm,
    /// Kernels before 4.16 meet unknown opcodes as they run: a load of no known mode.
    #[error("invalid BPF_LD mode")]
    LdMode,
    /// An unknown arithmetic operation.
    #[error("invalid BPF_ALU opcode {op:x}")]
    AluOpcode {
        /// The operation's bits of the opcode.
        op: u8,
    },
    /// An unknown jump.
    #[error("invalid BPF_JMP opcode {op:x}")]
    JmpOpcode {
        /// The operation's bits of the opcode.
        op: u8,
    },
    /// An unknown class.
    #[error("unknown insn class {class}")]
    Class {
        /// The class.
        class: u8,
    },

    // The call graph's stack, looked at once all paths are known.
    /// Frames of a chain of calls that together take too much.
    #[error("combined stack size of {calls} calls is {size}. Too large")]
    CombinedStack {
        /// Frames in the chain.
        calls: u32,
        /// Bytes.
        size: u32,
    },
    /// One frame on a stack of its own that takes too much.
    #[error("stack size of subprog {subprog} is {size}. Too large")]
    SubprogStack {
        /// Its number.
        subprog: usize,
        /// Bytes.
        size: u32,
    },
    /// A tail call with too much stack in use.
    #[error("tail_calls are not allowed when call stack of previous frames is {size} bytes. Too large")]
    TailCallStack {
        /// Bytes.
        size: u32,
    },
    /// A chain of more than eight frames.
    #[error("the call stack of {frames} frames is too deep !")]
    CallDepth {
        /// Frames.
        frames: u32,
    },
}

const fn call_right(root_only: bool) -> &'static str {
    match root_only {
        true => "function calls to other bpf functions are allowed for root only",
        false => "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN",
    }
}

fn return_words(what: &str, typed: bool) -> String {
    match typed {
        true => format!("{what} is only allowed in functions that return 'int'."),
        false => format!("{what} is not allowed in subprogs without BTF"),
    }
}

impl ShapeFinding {
    /// What `BPF_PROG_LOAD` fails with.
    pub const fn errno(&self) -> Errno {
        use ShapeFinding::{
            CallDepth, CallRight, CombinedStack, FramePointer, KfuncFdArray, MapValueBounds, NoFdArray, NoMap, Size,
            SubprogStack, TailCallStack, TooManyMaps, TooManySubprogs,
        };
        match self {
            Size { .. } | TooManySubprogs | TooManyMaps | CallDepth { .. } => Errno::E2big,
            CallRight { .. } | ShapeFinding::ArenaRight | ShapeFinding::TypeRight { .. } => Errno::Eperm,
            NoFdArray | KfuncFdArray => Errno::Eproto,
            NoMap { .. } => Errno::Ebadf,
            ShapeFinding::Exception(ExceptionFinding::SeveralTags) => Errno::Eexist,
            ShapeFinding::NoType { .. } | ShapeFinding::Exception(ExceptionFinding::NotFound { .. }) => Errno::Enoent,
            ShapeFinding::SecondCgroupStorage | ShapeFinding::SecondArena => Errno::Ebusy,
            MapValueBounds { entries: true, .. } => Errno::Enotsupp,
            FramePointer | CombinedStack { .. } | SubprogStack { .. } | TailCallStack { .. } => Errno::Eacces,
            _ => Errno::Einval,
        }
    }

    /// Whether the kernel prints it; what is refused before the verifier starts is not.
    pub const fn is_printed(&self) -> bool {
        !matches!(
            self,
            ShapeFinding::Size { .. }
                | ShapeFinding::TypeRight { .. }
                | ShapeFinding::NoMapType { .. }
                | ShapeFinding::NoFlag { .. }
        )
    }
}
