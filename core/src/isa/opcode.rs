//! The opcode table: what each of the 256 opcode bytes is, and which fields it uses.
//!
//! The instruction set is regular (RFC 9669 §3): three bits of class, and for arithmetic and jumps a source
//! bit and a four-bit operation, for memory two bits of size and three of mode. So the table is built, at
//! compile time, from a row for each operation: adding an instruction is one row.

use super::insn::{AluOp, AtomicOp, JmpOp, Size, Swap, Width};

/// Instruction classes (RFC 9669 §3.2), the low three bits.
pub(crate) mod class {
    pub const LD: u8 = 0;
    pub const LDX: u8 = 1;
    pub const ST: u8 = 2;
    pub const STX: u8 = 3;
    pub const ALU: u8 = 4;
    pub const JMP: u8 = 5;
    pub const JMP32: u8 = 6;
    pub const ALU64: u8 = 7;
}

/// Modes of memory instructions (RFC 9669 §5), the high three bits.
pub(crate) mod mode {
    pub const IMM: u8 = 0x00;
    pub const ABS: u8 = 0x20;
    pub const IND: u8 = 0x40;
    pub const MEM: u8 = 0x60;
    pub const MEMSX: u8 = 0x80;
    pub const ATOMIC: u8 = 0xc0;
}

/// The source bit of arithmetic and jumps: the second operand is a register.
pub(crate) const X: u8 = 0x08;

pub(crate) const END: u8 = 0xd0;
pub(crate) const NEG: u8 = 0x80;
pub(crate) const JA: u8 = 0x00;
pub(crate) const CALL: u8 = 0x80;
pub(crate) const EXIT: u8 = 0x90;
pub(crate) const JCOND: u8 = 0xe0;

/// A row of an operation table: bits of the opcode, the operation, its spelling in text.
pub(crate) struct Op<T> {
    /// The four high bits of the opcode.
    pub code: u8,
    /// The offset field that tells it from its twin (signed division and remainder).
    pub off: i16,
    /// The operation.
    pub op: T,
    /// LLVM's spelling, as the operator of an assignment (`+=`) or a comparison.
    pub text: &'static str,
    /// One line for people.
    pub doc: &'static str,
}

const fn op<T: Copy>(code: u8, off: i16, op: T, text: &'static str, doc: &'static str) -> Op<T> {
    Op { code, off, op, text, doc }
}

/// Arithmetic (RFC 9669 §4.1).
pub(crate) const ALU_OPS: [Op<AluOp>; 14] = [
    op(0x00, 0, AluOp::Add, "+=", "add"),
    op(0x10, 0, AluOp::Sub, "-=", "subtract"),
    op(0x20, 0, AluOp::Mul, "*=", "multiply"),
    op(0x30, 0, AluOp::Div, "/=", "divide, unsigned; by zero gives 0"),
    op(0x30, 1, AluOp::Sdiv, "s/=", "divide, signed (cpu v4); by zero gives 0"),
    op(0x40, 0, AluOp::Or, "|=", "bitwise or"),
    op(0x50, 0, AluOp::And, "&=", "bitwise and"),
    op(0x60, 0, AluOp::Lsh, "<<=", "shift left"),
    op(0x70, 0, AluOp::Rsh, ">>=", "shift right, zeros come in"),
    op(0x90, 0, AluOp::Mod, "%=", "remainder, unsigned; by zero leaves the value"),
    op(0x90, 1, AluOp::Smod, "s%=", "remainder, signed (cpu v4); by zero leaves the value"),
    op(0xa0, 0, AluOp::Xor, "^=", "bitwise exclusive or"),
    op(0xb0, 0, AluOp::Mov, "=", "move"),
    op(0xc0, 0, AluOp::Arsh, "s>>=", "shift right, copies of the sign come in"),
];

/// Conditional jumps (RFC 9669 §4.3).
pub(crate) const JMP_OPS: [Op<JmpOp>; 11] = [
    op(0x10, 0, JmpOp::Eq, "==", "equal"),
    op(0x20, 0, JmpOp::Gt, ">", "greater, unsigned"),
    op(0x30, 0, JmpOp::Ge, ">=", "greater or equal, unsigned"),
    op(0x40, 0, JmpOp::Set, "&", "any common bit set"),
    op(0x50, 0, JmpOp::Ne, "!=", "not equal"),
    op(0x60, 0, JmpOp::Sgt, "s>", "greater, signed"),
    op(0x70, 0, JmpOp::Sge, "s>=", "greater or equal, signed"),
    op(0xa0, 0, JmpOp::Lt, "<", "less, unsigned"),
    op(0xb0, 0, JmpOp::Le, "<=", "less or equal, unsigned"),
    op(0xc0, 0, JmpOp::Slt, "s<", "less, signed"),
    op(0xd0, 0, JmpOp::Sle, "s<=", "less or equal, signed"),
];

/// A row of the atomics' table (RFC 9669 §5.3): the immediate, the operation, its spelling.
pub(crate) struct AtomicRow {
    pub imm: i32,
    pub op: AtomicOp,
    /// The operator after `lock`, or the name of the function form.
    pub text: &'static str,
    /// One line for people.
    pub doc: &'static str,
}

const fn atomic(imm: i32, op: AtomicOp, text: &'static str, doc: &'static str) -> AtomicRow {
    AtomicRow { imm, op, text, doc }
}

/// Atomic read-modify-write, by immediate. The names of exchanges take a suffix for the size.
pub(crate) const ATOMIC_OPS: [AtomicRow; 10] = [
    atomic(0x00, AtomicOp::Add { fetch: false }, "+=", "atomically add to memory"),
    atomic(
        0x01,
        AtomicOp::Add { fetch: true },
        "atomic_fetch_add",
        "atomically add to memory; the old value to the register",
    ),
    atomic(0x40, AtomicOp::Or { fetch: false }, "|=", "atomically or into memory"),
    atomic(
        0x41,
        AtomicOp::Or { fetch: true },
        "atomic_fetch_or",
        "atomically or into memory; the old value to the register",
    ),
    atomic(0x50, AtomicOp::And { fetch: false }, "&=", "atomically and into memory"),
    atomic(
        0x51,
        AtomicOp::And { fetch: true },
        "atomic_fetch_and",
        "atomically and into memory; the old value to the register",
    ),
    atomic(0xa0, AtomicOp::Xor { fetch: false }, "^=", "atomically exclusive or into memory"),
    atomic(
        0xa1,
        AtomicOp::Xor { fetch: true },
        "atomic_fetch_xor",
        "atomically exclusive or into memory; the old value to the register",
    ),
    atomic(0xe1, AtomicOp::Xchg, "xchg", "atomically exchange memory and register"),
    atomic(0xf1, AtomicOp::Cmpxchg, "cmpxchg", "atomically put r2 into memory if it equals r0; the old value to r0"),
];

/// The immediate of a load-acquire, an atomic that only reads (Linux 6.15).
pub(crate) const LOAD_ACQUIRE: i32 = 0x100;
/// The immediate of a store-release (Linux 6.15).
pub(crate) const STORE_RELEASE: i32 = 0x110;

/// Sizes of memory accesses: bits, size, spelling unsigned and signed.
pub(crate) const SIZES: [(u8, Size, &str, &str); 4] = [
    (0x00, Size::W, "u32", "s32"),
    (0x08, Size::H, "u16", "s16"),
    (0x10, Size::B, "u8", "s8"),
    (0x18, Size::Dw, "u64", "s64"),
];

/// The size bits of an opcode.
pub(crate) const fn size_bits(size: Size) -> u8 {
    match size {
        Size::W => 0x00,
        Size::H => 0x08,
        Size::B => 0x10,
        Size::Dw => 0x18,
    }
}

/// The arithmetic class of a width.
pub(crate) const fn alu_class(width: Width) -> u8 {
    match width {
        Width::W32 => class::ALU,
        Width::W64 => class::ALU64,
    }
}

/// The jump class of a width.
pub(crate) const fn jmp_class(width: Width) -> u8 {
    match width {
        Width::W32 => class::JMP32,
        Width::W64 => class::JMP,
    }
}

/// What an opcode byte is, before the other fields are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// Two-operand arithmetic whose operation is decided by the offset, too. `code` finds its rows.
    Alu {
        width: Width,
        code: u8,
        reg: bool,
    },
    /// Register moves: plain, sign-extending, between address spaces.
    MovReg {
        width: Width,
    },
    Neg {
        width: Width,
    },
    Endian {
        swap: Swap,
    },
    LoadImm64,
    LoadPacket {
        size: Size,
        indirect: bool,
    },
    Load {
        size: Size,
        sign: bool,
    },
    Store {
        size: Size,
        reg: bool,
    },
    Atomic {
        size: Size,
    },
    Jump {
        width: Width,
        op: JmpOp,
        reg: bool,
    },
    Goto,
    GotoLong,
    MayGoto,
    Call,
    Exit,
}

/// How a form uses a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    /// Reserved: must be zero.
    Zero,
    /// A register number, 0 to 10.
    Reg,
    /// A value that the form looks at itself.
    Value,
}

/// The use of `dst`, `src`, `off` and `imm`, in this order.
pub(crate) type Uses = [Use; 4];

impl Form {
    /// Which fields this form uses. What is reserved is what RFC 9669 leaves undefined for the instruction.
    pub const fn uses(self) -> Uses {
        use Use::{Reg, Value, Zero};
        match self {
            Form::Alu { reg: true, .. } => [Reg, Reg, Value, Zero],
            Form::Alu { reg: false, .. } => [Reg, Zero, Value, Value],
            Form::MovReg { .. } => [Reg, Reg, Value, Value],
            Form::Neg { .. } => [Reg, Zero, Zero, Zero],
            Form::Endian { .. } => [Reg, Zero, Zero, Value],
            Form::LoadImm64 => [Reg, Value, Zero, Value],
            Form::LoadPacket { indirect: false, .. } => [Zero, Zero, Zero, Value],
            Form::LoadPacket { indirect: true, .. } => [Zero, Reg, Zero, Value],
            Form::Load { .. } => [Reg, Reg, Value, Zero],
            Form::Store { reg: true, .. } => [Reg, Reg, Value, Zero],
            Form::Store { reg: false, .. } => [Reg, Zero, Value, Value],
            Form::Atomic { .. } => [Reg, Reg, Value, Value],
            Form::Jump { reg: true, .. } => [Reg, Reg, Value, Zero],
            Form::Jump { reg: false, .. } => [Reg, Zero, Value, Value],
            Form::Goto | Form::MayGoto => [Zero, Zero, Value, Zero],
            Form::GotoLong => [Zero, Zero, Zero, Value],
            Form::Call => [Zero, Value, Value, Value],
            Form::Exit => [Zero, Zero, Zero, Zero],
        }
    }
}

/// What every opcode byte is; `None` where there is no such instruction.
pub(crate) static FORMS: [Option<Form>; 256] = build();

const fn build() -> [Option<Form>; 256] {
    let mut table = [None; 256];
    arithmetic(&mut table, Width::W32);
    arithmetic(&mut table, Width::W64);
    jumps(&mut table, Width::W32);
    jumps(&mut table, Width::W64);
    memory(&mut table);
    table
}

const fn arithmetic(table: &mut [Option<Form>; 256], width: Width) {
    let class = alu_class(width);
    let mut row = 0;
    while row < ALU_OPS.len() {
        let code = ALU_OPS[row].code;
        table[(code | class) as usize] = Some(Form::Alu { width, code, reg: false });
        table[(code | X | class) as usize] = Some(match ALU_OPS[row].op {
            AluOp::Mov => Form::MovReg { width },
            _ => Form::Alu { width, code, reg: true },
        });
        row += 1;
    }
    table[(NEG | class) as usize] = Some(Form::Neg { width });
    match width {
        Width::W32 => {
            table[(END | class) as usize] = Some(Form::Endian { swap: Swap::ToLe });
            table[(END | X | class) as usize] = Some(Form::Endian { swap: Swap::ToBe });
        }
        Width::W64 => table[(END | class) as usize] = Some(Form::Endian { swap: Swap::Bswap }),
    }
}

const fn jumps(table: &mut [Option<Form>; 256], width: Width) {
    let class = jmp_class(width);
    let mut row = 0;
    while row < JMP_OPS.len() {
        let Op { code, op, .. } = JMP_OPS[row];
        table[(code | class) as usize] = Some(Form::Jump { width, op, reg: false });
        table[(code | X | class) as usize] = Some(Form::Jump { width, op, reg: true });
        row += 1;
    }
    match width {
        Width::W32 => table[(JA | class) as usize] = Some(Form::GotoLong),
        Width::W64 => {
            table[(JA | class) as usize] = Some(Form::Goto);
            table[(CALL | class) as usize] = Some(Form::Call);
            table[(EXIT | class) as usize] = Some(Form::Exit);
            table[(JCOND | class) as usize] = Some(Form::MayGoto);
        }
    }
}

const fn memory(table: &mut [Option<Form>; 256]) {
    let mut row = 0;
    while row < SIZES.len() {
        let (bits, size, ..) = SIZES[row];
        table[(mode::MEM | bits | class::LDX) as usize] = Some(Form::Load { size, sign: false });
        table[(mode::MEM | bits | class::ST) as usize] = Some(Form::Store { size, reg: false });
        table[(mode::MEM | bits | class::STX) as usize] = Some(Form::Store { size, reg: true });
        table[(mode::ATOMIC | bits | class::STX) as usize] = Some(Form::Atomic { size });
        if !matches!(size, Size::Dw) {
            table[(mode::MEMSX | bits | class::LDX) as usize] = Some(Form::Load { size, sign: true });
            table[(mode::ABS | bits | class::LD) as usize] = Some(Form::LoadPacket { size, indirect: false });
            table[(mode::IND | bits | class::LD) as usize] = Some(Form::LoadPacket { size, indirect: true });
        }
        row += 1;
    }
    table[(mode::IMM | size_bits(Size::Dw) | class::LD) as usize] = Some(Form::LoadImm64);
}
