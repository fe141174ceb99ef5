//! Loads, stores and what helpers do with memory.

use crate::isa::Reg;
use crate::verifier::finding::R;

/// A load, a store, or memory handed to a helper, that is not allowed.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum AccessFinding {
    /// A register is used that no path to here has written.
    #[error("{} !read_ok", R(*.reg))]
    Uninitialized { reg: Reg },
    /// `r10` cannot be written.
    #[error("frame pointer is read only")]
    FramePointer,
    /// Memory is accessed through something that is no pointer, or may be null.
    #[error("{} invalid mem access '{ty}'", R(*.reg))]
    NotMemory { reg: Reg, ty: String },
    /// What is pointed to must not be written.
    #[error("{} cannot write into {ty}", R(*.reg))]
    ReadOnly { reg: Reg, ty: String },
    /// A helper wants memory and got something else.
    #[error("{} type={ty} expected=fp", R(*.reg))]
    NoMemoryArgument { reg: Reg, ty: String },
    /// An address would become readable by user space.
    #[error("{} leaks addr into {place}", R(*.reg))]
    Leak { reg: Reg, place: &'static str },
    /// An access is not aligned to its size.
    #[error("misaligned {what}access off {var_off}+{off}+{insn_off} size {size}")]
    Misaligned { what: &'static str, var_off: String, off: i32, insn_off: i32, size: i32 },
    /// A packet access is not aligned to its size, packets being taken to start two bytes off.
    #[error("misaligned packet access off 2+{var_off}+{off}+{insn_off} size {size}")]
    MisalignedPacket { var_off: String, off: i32, insn_off: i32, size: i32 },
    /// The variable part of an offset may be negative.
    #[error("{} min value is negative, either use unsigned index or do a if (index >=0) check.", R(*.reg))]
    NegativeMin { reg: Reg },
    /// The variable part of an offset has no upper bound.
    #[error("{} unbounded memory access, make sure to bounds check any such access", R(*.reg))]
    Unbounded { reg: Reg },
    /// The access would be outside of memory of known size.
    #[error("{outside}\n{} {end} value is outside of the allowed memory range", R(*.reg))]
    OutOfRange { reg: Reg, outside: Outside, end: &'static str },
    /// The access would be outside of what was compared with the packet's end.
    #[error("{}{} offset is outside of the packet", .outside.as_ref().map_or(String::new(), |o| format!("{o}\n")), R(*.reg))]
    OutsidePacket { reg: Reg, outside: Option<Outside> },
    /// Programs of this type may not write packets.
    #[error("cannot write into packet")]
    PacketReadOnly,
    /// A map that programs must not access that way.
    #[error("{access} map forbidden, value_size={value_size} off={off} size={size}")]
    MapForbidden { access: &'static str, value_size: u32, off: i32, size: i32 },
    /// Map keys in a callback are read only.
    #[error("write to change key {} not allowed", R(*.reg))]
    MapKeyReadOnly { reg: Reg },
    /// A field of a map value that only helpers may touch.
    #[error("{field} cannot be accessed directly by load/store")]
    SpecialField { field: &'static str },
    /// A kernel pointer in a map value was given to a helper as plain memory.
    #[error("{field} cannot be accessed indirectly by helper")]
    KptrIndirect { field: &'static str },
    /// A kernel pointer in a map value at an offset that is not known.
    #[error("{field} access cannot have variable offset")]
    KptrVariable { field: &'static str },
    /// A kernel pointer in a map value is accessed in part.
    #[error("{field} access misaligned expected={expected} off={off}")]
    KptrMisaligned { field: &'static str, expected: u32, off: i64 },
    /// A kernel pointer in a map value takes eight bytes.
    #[error("{field} access size must be BPF_DW")]
    KptrSize { field: &'static str },
    /// A kernel pointer that programs may not load or store.
    #[error("store to referenced kptr disallowed")]
    KptrStore,
    /// Only null may be stored as an immediate.
    #[error("BPF_ST imm must be 0 when storing to kptr at off={off}")]
    KptrImm { off: i64 },
    /// Only loads and stores of memory touch kernel pointers.
    #[error("kptr in map can only be accessed using BPF_MEM instruction mode")]
    KptrMode,
    /// No field of the context is there, or not for this type of program, or not that way.
    #[error("invalid bpf_context access off={off} size={size}")]
    Context { off: i32, size: i32 },
    /// A pointer that must be used as it is was moved back.
    #[error("negative offset {ty} ptr {} off={off} disallowed", R(*.reg))]
    NegativeOffset { reg: Reg, ty: String, off: i32 },
    /// A pointer that must be used as it is was moved.
    #[error("dereference of modified {ty} ptr {} off={off} disallowed", R(*.reg))]
    ModifiedPointer { reg: Reg, ty: String, off: i32 },
    /// A pointer that must be used as it is was moved by something that is not known.
    #[error("variable {ty} access var_off={var_off} disallowed")]
    VariablePointer { ty: String, var_off: String },
    /// No field of the socket is there.
    #[error("{} invalid {ty} access off={off} size={size}", R(*.reg))]
    Socket { reg: Reg, ty: String, off: i32, size: i32 },
    /// One instruction would have to be rewritten in two ways.
    #[error("same insn cannot be used with different pointers")]
    MixedPointers,
    /// A stack access with an offset that is not known well enough.
    #[error("invalid unbounded variable-offset{how} stack {}", R(*.reg))]
    StackUnbounded { reg: Reg, how: &'static str },
    /// A stack access outside of the stack.
    #[error("invalid{how} stack {} off={off} size={size}", R(*.reg))]
    StackBounds { reg: Reg, how: &'static str, off: i64, size: i32 },
    /// A stack access that may be outside of the stack.
    #[error("invalid variable-offset{how} stack {} var_off={var_off} off={off} size={size}", R(*.reg))]
    StackVariableBounds { reg: Reg, how: &'static str, var_off: String, off: i32, size: i32 },
    /// Nothing was written there.
    #[error("invalid read from stack off {off}+{byte} size {size}")]
    StackUninitialized { off: i32, byte: i32, size: i32 },
    /// Nothing was written where the helper reads.
    #[error("invalid{how} read from stack {} off {off}+{byte} size {size}", R(*.reg))]
    StackArgument { reg: Reg, how: &'static str, off: i32, byte: i32, size: i32 },
    /// Nothing was written where the helper may read.
    #[error("invalid{how} read from stack {} var_off {var_off}+{byte} size {size}", R(*.reg))]
    StackVariableArgument { reg: Reg, how: &'static str, var_off: String, byte: i32, size: i32 },
    /// A helper would read nothing.
    #[error("invalid zero-sized read")]
    ZeroSize,
    /// A spilled pointer is read in part.
    #[error("invalid size of register fill")]
    FillSize,
    /// A pointer is stored in part.
    #[error("invalid size of register spill")]
    SpillSize,
    /// A pointer to a stack must not outlive the frame.
    #[error("cannot spill pointers to stack into stack frame of the caller")]
    SpillToCaller,
    /// Part of a spilled pointer would be overwritten (unprivileged).
    #[error("attempt to corrupt spilled pointer on stack")]
    CorruptPointer,
    /// A spilled pointer would be read as a number (unprivileged).
    #[error("leaking pointer from stack off {off}")]
    StackLeak { off: i32 },
    /// An atomic operation or a helper at a stack offset that is not known.
    #[error(
        "variable offset stack pointer cannot be passed into helper function; var_off={var_off} off={off} size={size}"
    )]
    StackVariableHelper { var_off: String, off: i32, size: i32 },
    /// Variable offsets into the stack are for the privileged.
    #[error("{} variable offset stack access prohibited for !root, var_off={var_off}", R(*.reg))]
    StackVariableUnprivileged { reg: Reg, var_off: String },
    /// A store at a variable offset may hit a spilled pointer (unprivileged).
    #[error("spilled ptr in range of var-offset stack write; insn {insn}, ptr off: {off}")]
    SpillInRange { insn: u32, off: i32 },
    /// A store at a variable offset may leave bytes uninitialised (unprivileged).
    #[error("uninit stack in range of var-offset write prohibited for !root; insn {insn}, off: {off}")]
    UninitializedInRange { insn: u32, off: i32 },
    /// A helper would overwrite a dynptr.
    #[error("potential write to dynptr at off={off} disallowed")]
    DynptrOverwrite { off: i32 },
    /// Before Linux 6.18 what an arena holds could not be sign-extended.
    #[error("sign extending loads from arena are not supported yet")]
    ArenaSignedLoad,
    /// Before Linux 6.4 immediates could not be stored to the context.
    #[error("BPF_ST stores into {} ctx is not allowed", R(*.reg))]
    ImmediateToContext { reg: Reg },
    /// Atomic operations work on 4 or 8 bytes.
    #[error("invalid atomic operand size")]
    AtomicSize,
    /// Atomic stores go to plain memory only.
    #[error("BPF_ATOMIC stores into {} {ty} is not allowed", R(*.reg))]
    AtomicStore { reg: Reg, ty: String },
    /// Atomic loads come from plain memory only.
    #[error("BPF_ATOMIC loads from {} {ty} is not allowed", R(*.reg))]
    AtomicLoad { reg: Reg, ty: String },
    /// Legacy packet loads are for socket filters and the like.
    #[error("BPF_LD_[ABS|IND] instructions not allowed for this program type")]
    NoPacketLoads,
    /// Legacy packet loads take the context from `r6`.
    #[error("at the time of BPF_LD_ABS|IND R6 != pointer to skb")]
    PacketLoadContext,
    /// A structure of the kernel that is read outside of its fields, or written.
    #[error("{text}")]
    Btf { text: String },
}

/// Bytes outside of what there is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum Outside {
    #[error("invalid access to map key, key_size={limit} off={off} size={size}")]
    MapKey { limit: u32, off: i64, size: i32 },
    #[error("invalid access to map value, value_size={limit} off={off} size={size}")]
    MapValue { limit: u32, off: i64, size: i32 },
    #[error("invalid access to packet, off={off} size={size}, {}(id={id},off={off},r={limit})", R(*.reg))]
    Packet { reg: Reg, id: u32, limit: u32, off: i64, size: i32 },
    #[error("invalid access to memory, mem_size={limit} off={off} size={size}")]
    Memory { limit: u32, off: i64, size: i32 },
}
