//! The typed instruction: what an eight-byte slot (or two) means.

use super::raw::Reg;

/// Operand width of arithmetic and jumps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Width {
    /// 32 bits (`w1`); results are zero-extended.
    W32,
    /// 64 bits (`r1`).
    W64,
}

/// Size of a memory access.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Size {
    /// One byte.
    B,
    /// Two bytes.
    H,
    /// Four bytes.
    W,
    /// Eight bytes.
    Dw,
}

impl Size {
    /// The size in bytes: 1, 2, 4 or 8.
    pub const fn bytes(self) -> u32 {
        match self {
            Size::B => 1,
            Size::H => 2,
            Size::W => 4,
            Size::Dw => 8,
        }
    }
}

/// The second operand: a register or a sign-extended immediate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Src {
    /// A register.
    Reg(Reg),
    /// A 32-bit immediate, sign-extended to the operation's width.
    Imm(i32),
}

/// Two-operand arithmetic (RFC 9669 §4.1). Signed division and remainder are cpu v4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are RFC 9669's own")]
pub enum AluOp {
    Add,
    Sub,
    Mul,
    Div,
    Sdiv,
    Or,
    And,
    Lsh,
    Rsh,
    Mod,
    Smod,
    Xor,
    Mov,
    Arsh,
}

/// Byte order operations (RFC 9669 §4.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Swap {
    /// `le16`, `le32`, `le64`: truncates on a little-endian machine.
    ToLe,
    /// `be16`, `be32`, `be64`: swaps on a little-endian machine.
    ToBe,
    /// `bswap16`, `bswap32`, `bswap64`: always swaps (cpu v4).
    Bswap,
}

/// Conditions of jumps (RFC 9669 §4.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are RFC 9669's own")]
pub enum JmpOp {
    Eq,
    Gt,
    Ge,
    Set,
    Ne,
    Sgt,
    Sge,
    Lt,
    Le,
    Slt,
    Sle,
}

/// Atomic read-modify-write operations (RFC 9669 §5.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AtomicOp {
    /// `lock *(u64 *)(r1 + 0) += r2`, or with `fetch` the old value into the source register.
    Add {
        /// Whether the old value is loaded into the source register.
        fetch: bool,
    },
    /// Bitwise or.
    Or {
        /// Whether the old value is loaded into the source register.
        fetch: bool,
    },
    /// Bitwise and.
    And {
        /// Whether the old value is loaded into the source register.
        fetch: bool,
    },
    /// Bitwise exclusive or.
    Xor {
        /// Whether the old value is loaded into the source register.
        fetch: bool,
    },
    /// Exchange: the old value goes to the source register.
    Xchg,
    /// Compare with `r0` and exchange: the old value goes to `r0`.
    Cmpxchg,
}

/// What a 64-bit immediate stands for (RFC 9669 §5.4; the source field of the first slot).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Imm64 {
    /// A plain number.
    Value(u64),
    /// A map: file descriptor in the kernel's API, index into the object's maps after our relocation.
    Map(i32),
    /// An address in a map's first value: map as above, then byte offset.
    MapValue {
        /// The map, as in [`Imm64::Map`].
        map: i32,
        /// Byte offset into the value.
        off: i32,
    },
    /// A kernel variable by BTF id, with the second slot's immediate (the BTF object's fd).
    Btf {
        /// BTF type id of the variable.
        id: i32,
        /// File descriptor of the module's BTF, 0 for vmlinux.
        fd: i32,
    },
    /// A function of this program (a callback), relative to the next instruction, in slots.
    Func(i32),
    /// A map by index into the load call's fd array.
    MapIdx(i32),
    /// An address in the value of a map by index into the fd array.
    MapIdxValue {
        /// Index into the fd array.
        map: i32,
        /// Byte offset into the value.
        off: i32,
    },
}

/// What a call calls (RFC 9669 §4.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    /// A helper, by number.
    Helper(i32),
    /// A function of this program, relative to the next instruction, in slots.
    Local(i32),
    /// A kernel function by BTF id; `fd` picks the module's BTF in the fd array.
    Kfunc {
        /// BTF id of the function.
        id: i32,
        /// Index into the fd array, 0 for vmlinux.
        fd: i16,
    },
}

/// How a legacy packet load finds its bytes (RFC 9669 §5.5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PacketMode {
    /// At the immediate.
    Abs,
    /// At the register plus the immediate.
    Ind(Reg),
}

/// A decoded instruction. Jump offsets are in slots, relative to the next instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Insn {
    /// `dst op= src`.
    Alu {
        /// Operand width.
        width: Width,
        /// Operation.
        op: AluOp,
        /// Destination and first operand.
        dst: Reg,
        /// Second operand.
        src: Src,
    },
    /// `dst = (s8)src`, sign-extending move (cpu v4).
    MovSx {
        /// Width of the destination.
        width: Width,
        /// Size that is extended: B, H, or W (64-bit only).
        from: Size,
        /// Destination.
        dst: Reg,
        /// Source.
        src: Reg,
    },
    /// `dst = addr_space_cast(src, to, from)` (arena pointers, Linux 6.9).
    AddrSpaceCast {
        /// Destination.
        dst: Reg,
        /// Source.
        src: Reg,
        /// The immediate: destination space in the upper, source space in the lower 16 bits.
        imm: i32,
    },
    /// `dst = -dst`.
    Neg {
        /// Operand width.
        width: Width,
        /// Destination and operand.
        dst: Reg,
    },
    /// Byte order.
    Endian {
        /// Which operation.
        swap: Swap,
        /// 16, 32 or 64.
        bits: u8,
        /// Destination and operand.
        dst: Reg,
    },
    /// `dst = imm ll`: two slots.
    LoadImm64 {
        /// Destination.
        dst: Reg,
        /// What is loaded.
        imm: Imm64,
    },
    /// `dst = *(size *)(base + off)`.
    Load {
        /// Access size.
        size: Size,
        /// Whether the value is sign-extended (cpu v4).
        sign: bool,
        /// Destination.
        dst: Reg,
        /// Address register.
        base: Reg,
        /// Byte offset.
        off: i16,
    },
    /// `*(size *)(base + off) = src`.
    Store {
        /// Access size.
        size: Size,
        /// Address register.
        base: Reg,
        /// Byte offset.
        off: i16,
        /// Value.
        src: Src,
    },
    /// Atomic read-modify-write of 4 or 8 bytes.
    Atomic {
        /// `W` or `Dw`.
        size: Size,
        /// Operation.
        op: AtomicOp,
        /// Address register.
        base: Reg,
        /// Byte offset.
        off: i16,
        /// Operand register.
        src: Reg,
    },
    /// `dst = load_acquire((size *)(base + off))` (Linux 6.15).
    LoadAcquire {
        /// Access size.
        size: Size,
        /// Destination.
        dst: Reg,
        /// Address register.
        base: Reg,
        /// Byte offset.
        off: i16,
    },
    /// `store_release((size *)(base + off), src)` (Linux 6.15).
    StoreRelease {
        /// Access size.
        size: Size,
        /// Address register.
        base: Reg,
        /// Byte offset.
        off: i16,
        /// Value.
        src: Reg,
    },
    /// `r0 = *(size *)skb[imm]`: legacy packet access; ends the program with 0 outside the packet.
    LoadPacket {
        /// `B`, `H` or `W`; the value is converted to host order.
        size: Size,
        /// Absolute or indirect.
        mode: PacketMode,
        /// Offset into the packet.
        imm: i32,
    },
    /// `if dst op src goto +off`.
    Jump {
        /// Operand width.
        width: Width,
        /// Condition.
        op: JmpOp,
        /// First operand.
        dst: Reg,
        /// Second operand.
        src: Src,
        /// Slots relative to the next instruction.
        off: i16,
    },
    /// `goto +off`; `long` is cpu v4's `gotol` with a 32-bit offset.
    Goto {
        /// Slots relative to the next instruction.
        off: i32,
        /// Whether it is encoded as `gotol`.
        long: bool,
    },
    /// `may_goto +off`: jumps when the iteration budget is used up (Linux 6.9).
    MayGoto {
        /// Slots relative to the next instruction.
        off: i16,
    },
    /// `call`.
    Call(Call),
    /// `exit`.
    Exit,
}
