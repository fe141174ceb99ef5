//! Programs made ready to run: one compact [`Op`] for each instruction.
//!
//! An op's index counts instructions (a 64-bit immediate is one op), so that the distance between two ops
//! of a straight line is the number of instructions between them: the interpreter counts by it. Operands
//! are resolved here, once: jumps to op indices, maps to addresses, helpers to functions, `r10 + off` to a
//! place in the frame.

use super::ProgId;
use super::addr::{self, Addr};
use super::call::{HelperFn, ProgramInfo};
use super::callback::{CallerFn, Implementation};
use super::fault::FaultKind;
use super::fuse::fuse;
use super::helpers;
use super::kfuncs;
use super::machine::SetupError;
use crate::isa::{self, AluOp, AtomicOp, Call, Imm64, Insn, JmpOp, PacketMode, Pc, Reg, Size, Src, Swap, Width};
use crate::kernel::{KernelVersion, MapId, MapType, Program};
use crate::maps::MapStore;

/// Helper number of `bpf_tail_call`, which the interpreter does itself.
const TAIL_CALL: i32 = 12;

/// Declares [`Code`]: the plain codes, and the same arithmetic and jumps in four forms each.
macro_rules! codes {
    (forms: { $($form:ident($i64:ident $r64:ident $i32:ident $r32:ident),)* } plain: { $($plain:ident,)* }) => {
        /// What an [`Op`] does. Suffixes: operand width, then `I` for an immediate or `R` for a register.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(super) enum Code { $($i64, $r64, $i32, $r32,)* $($plain,)* }

        impl Code {
            /// The form of an operation for a width and kind of operand.
            fn form(op: Form, width: Width, src: Src) -> Code {
                match (op, width, src) {
                    $(
                        (Form::$form, Width::W64, Src::Imm(_)) => Code::$i64,
                        (Form::$form, Width::W64, Src::Reg(_)) => Code::$r64,
                        (Form::$form, Width::W32, Src::Imm(_)) => Code::$i32,
                        (Form::$form, Width::W32, Src::Reg(_)) => Code::$r32,
                    )*
                }
            }
        }

        /// An operation that comes in four forms.
        #[derive(Clone, Copy)]
        enum Form { $($form,)* }
    };
}

codes! {
    forms: {
    Add(Add64I Add64R Add32I Add32R),
    Sub(Sub64I Sub64R Sub32I Sub32R),
    Mul(Mul64I Mul64R Mul32I Mul32R),
    Div(Div64I Div64R Div32I Div32R),
    Sdiv(Sdiv64I Sdiv64R Sdiv32I Sdiv32R),
    Or(Or64I Or64R Or32I Or32R),
    And(And64I And64R And32I And32R),
    Lsh(Lsh64I Lsh64R Lsh32I Lsh32R),
    Rsh(Rsh64I Rsh64R Rsh32I Rsh32R),
    Mod(Mod64I Mod64R Mod32I Mod32R),
    Smod(Smod64I Smod64R Smod32I Smod32R),
    Xor(Xor64I Xor64R Xor32I Xor32R),
    Mov(Mov64I Mov64R Mov32I Mov32R),
    Arsh(Arsh64I Arsh64R Arsh32I Arsh32R),
    Jeq(Jeq64I Jeq64R Jeq32I Jeq32R),
    Jgt(Jgt64I Jgt64R Jgt32I Jgt32R),
    Jge(Jge64I Jge64R Jge32I Jge32R),
    Jset(Jset64I Jset64R Jset32I Jset32R),
    Jne(Jne64I Jne64R Jne32I Jne32R),
    Jsgt(Jsgt64I Jsgt64R Jsgt32I Jsgt32R),
    Jsge(Jsge64I Jsge64R Jsge32I Jsge32R),
    Jlt(Jlt64I Jlt64R Jlt32I Jlt32R),
    Jle(Jle64I Jle64R Jle32I Jle32R),
    Jslt(Jslt64I Jslt64R Jslt32I Jslt32R),
    Jsle(Jsle64I Jsle64R Jsle32I Jsle32R),
    }
    plain: {
    MovSx8To32, MovSx16To32, MovSx8, MovSx16, MovSx32,
    Neg64, Neg32,
    Low16, Low32, Swap16, Swap32, Swap64, Nop,
    LoadB, LoadH, LoadW, LoadDw, LoadSxB, LoadSxH, LoadSxW,
    LoadStackB, LoadStackH, LoadStackW, LoadStackDw,
    StoreB, StoreH, StoreW, StoreDw,
    StoreIB, StoreIH, StoreIW, StoreIDw,
    StoreStackB, StoreStackH, StoreStackW, StoreStackDw,
    StoreStackIB, StoreStackIH, StoreStackIW, StoreStackIDw,
    Atomic32, Atomic64,
    // An arena's pointer to user space's: `imm` is the upper half.
    CastToUser,
    PacketB, PacketH, PacketW,
    Goto, MayGoto, CallLocal, CallHelper, CallBack, Throw, TailCall, Exit,
    // An instruction that faults when it is reached: `imm` is its number in `Decoded::traps`.
    Trap,
    // Behind the last instruction, and where jumps to nowhere lead.
    Outside,
    // Several instructions in one: see `fuse`.
    RotateRl, RotateLr, EndCheck, IndexedB, IndexedH, IndexedW, IndexedDw,
    MovLshOr32, MovLshOr64, MovLow32, Low32Pair, Sign32Pair,
    MovAdd64I, MovLsh64I, MovRsh64I, MovAnd64I, MovAdd64R,
    MovAdd32I, MovLsh32I, MovRsh32I, MovAnd32I, MovAdd32R,
    AddAdd64, AddXor64, SubXor64, XorAdd64, XorSub64, LshOr64, MulAdd64,
    AddAdd32, AddXor32, SubXor32, XorAdd32, XorSub32, LshOr32, MulAdd32,
    AddJne64I, AddJne64R, AddJeq64I, AddJlt64I, AddJlt64R, AddJgt64I,
    AddJne32I, AddJne32R, AddJeq32I, AddJlt32I, AddJlt32R, AddJgt32I,
    LoadAdd32R, LoadAdd32I, LoadAndB, LoadJeqB, LoadJneB, LoadJeqH, LoadJneH,
    }
}

/// A register's number that needs no bounds check: there are sixteen places for eleven registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[rustfmt::skip]
pub(super) enum R { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, R13, R14, R15 }

impl R {
    pub fn of(reg: Reg) -> R {
        use R::*;
        const ALL: [R; 16] = [R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, R13, R14, R15];
        ALL[reg.index() & 15]
    }
}

/// An instruction ready to run: 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub code: Code,
    /// The register written, or the first operand.
    pub dst: R,
    /// The second register: operand, or address of a load; the address of a store is in `dst`.
    pub src: R,
    /// What else there is: an atomic operation's number, a packet load's mode.
    pub aux: u8,
    /// Byte offset of a memory access, or the op that a jump leads to.
    pub off: i32,
    /// Immediate, extended to 64 bits.
    pub imm: u64,
}

impl Op {
    /// Whether it can do more than change its register: memory, calls, returns, the world outside.
    pub fn reaches_out(&self) -> bool {
        use Code::*;
        matches!(
            self.code,
            LoadB
                | LoadH
                | LoadW
                | LoadDw
                | LoadSxB
                | LoadSxH
                | LoadSxW
                | LoadStackB
                | LoadStackH
                | LoadStackW
                | LoadStackDw
                | StoreB
                | StoreH
                | StoreW
                | StoreDw
                | StoreIB
                | StoreIH
                | StoreIW
                | StoreIDw
                | StoreStackB
                | StoreStackH
                | StoreStackW
                | StoreStackDw
                | StoreStackIB
                | StoreStackIH
                | StoreStackIW
                | StoreStackIDw
                | Atomic32
                | Atomic64
                | PacketB
                | PacketH
                | PacketW
                | CallLocal
                | CallHelper
                | CallBack
                | Throw
                | TailCall
                | Exit
        )
    }

    const fn new(code: Code) -> Op {
        Op { code, dst: R::R0, src: R::R0, aux: 0, off: 0, imm: 0 }
    }
}

/// Numbers of atomic operations in [`Op::aux`]; the fetching ones follow.
pub(super) mod atomic {
    pub const ADD: u8 = 0;
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const XOR: u8 = 3;
    pub const FETCH: u8 = 4;
    pub const XCHG: u8 = 8;
    pub const CMPXCHG: u8 = 9;
}

/// A helper as the interpreter calls it.
#[derive(Clone, Copy)]
pub(super) struct Resolved<F = HelperFn> {
    pub call: F,
    pub name: &'static str,
}

/// A program ready to run.
pub(super) struct Decoded {
    /// The instructions, and [`Code::Outside`] behind them.
    pub ops: Vec<Op>,
    /// The same with idioms made one, for runs that nobody watches.
    pub fast: Vec<Op>,
    /// Slot of each op.
    pub pcs: Vec<Pc>,
    pub helpers: Vec<Resolved>,
    /// Helpers that call functions back.
    pub callers: Vec<Resolved<CallerFn>>,
    /// Why an instruction cannot be run.
    pub traps: Vec<FaultKind>,
    pub info: ProgramInfo,
    /// Number of the first op, counted over all programs of the machine.
    pub first: u32,
    /// Bytes below the main frame's pointer that the program can reach.
    pub stack: u32,
    /// The op at which the exception callback begins.
    pub exception_callback: Option<usize>,
    /// First slot and name of each function.
    functions: Vec<(Pc, String)>,
}

impl Decoded {
    /// Decodes a program; `id` is for the error, `first` the number of its first op in the machine.
    ///
    /// # Errors
    /// An instruction that cannot be decoded, or a map that there is not.
    pub fn new(
        id: ProgId,
        first: u32,
        program: &Program,
        maps: &MapStore,
        kernel: KernelVersion,
    ) -> Result<Decoded, SetupError> {
        let fail = |error| SetupError::Decode { prog: id, name: program.name.clone(), error };
        let mut insns = Vec::with_capacity(program.insns.len());
        let mut pc = Pc(0);
        while pc.index() < program.insns.len() {
            let (insn, slots) = isa::decode(&program.insns, pc).map_err(fail)?;
            insns.push((pc, insn));
            pc = Pc(pc.0 + slots);
        }
        let of_arena = |map: &MapId| maps.def(*map).filter(|def| def.map_type == MapType::Arena);
        let arena = program.maps.iter().find_map(of_arena).map(|def| def.extra);
        let mut builder = Builder {
            id,
            arena,
            program,
            maps,
            kernel,
            index: index_of_slots(&insns, program.insns.len()),
            outside: insns.len() as u32,
            helpers: Vec::new(),
            callers: Vec::new(),
            traps: Vec::new(),
        };
        let mut ops = Vec::with_capacity(insns.len() + 1);
        for &(pc, insn) in &insns {
            ops.push(builder.op(pc, insn)?);
        }
        ops.push(Op::new(Code::Outside));
        let callback = program.funcs.iter().find(|func| func.exception_callback);
        let exception_callback = callback.and_then(|func| builder.index.get(func.start.index()).copied());
        let mut pcs: Vec<Pc> = insns.iter().map(|&(pc, _)| pc).collect();
        pcs.push(Pc(program.insns.len() as u32));
        Ok(Decoded {
            fast: fuse(&ops),
            ops,
            pcs,
            helpers: builder.helpers,
            callers: builder.callers,
            traps: builder.traps,
            info: ProgramInfo {
                id,
                name: program.name.clone(),
                prog_type: program.prog_type,
                kernel,
                objects: program.kfuncs.iter().flat_map(|kfunc| kfunc.objects.clone()).collect(),
                probes: program.sees_structures() || arena.is_some(),
                arena: arena.is_some(),
            },
            first,
            stack: stack_extent(&insns),
            exception_callback: exception_callback.map(|op| op as usize),
            functions: program.funcs.iter().map(|f| (f.start, f.name.clone())).collect(),
        })
    }

    /// The op of a slot; `None` where no instruction begins.
    pub fn op_at(&self, pc: Pc) -> Option<usize> {
        self.pcs.binary_search(&pc).ok()
    }

    /// Name of the function that a slot belongs to.
    pub fn function_at(&self, pc: Pc) -> Option<String> {
        let after = self.functions.partition_point(|(start, _)| *start <= pc);
        self.functions[..after].last().map(|(_, name)| name.clone())
    }
}

/// The op that each slot is the start of; `u32::MAX` inside a 64-bit immediate.
fn index_of_slots(insns: &[(Pc, Insn)], slots: usize) -> Vec<u32> {
    let mut index = vec![u32::MAX; slots];
    for (at, (pc, _)) in insns.iter().enumerate() {
        index[pc.index()] = at as u32;
    }
    index
}

/// How far below the frame pointer the main program can reach: what has to be zeroed for a run.
///
/// As long as `r10` is only the base of loads and stores, their lowest offset tells; once it is copied,
/// or another program may take over the frame, all of it counts.
fn stack_extent(insns: &[(Pc, Insn)]) -> u32 {
    let mut extent = 0;
    for (_, insn) in insns {
        let direct = match *insn {
            Insn::Load { base: FP, off, .. } | Insn::LoadAcquire { base: FP, off, .. } => Some(off),
            Insn::Store { base: FP, off, src, .. } if src != Src::Reg(FP) => Some(off),
            Insn::Call(Call::Helper(TAIL_CALL)) => return addr::STACK_SIZE,
            _ if mentions_fp(insn) => return addr::STACK_SIZE,
            _ => None,
        };
        if let Some(off) = direct {
            extent = extent.max(u32::from(off.min(0).unsigned_abs())).min(addr::STACK_SIZE);
        }
    }
    extent
}

/// The frame pointer.
const FP: Reg = match Reg::new(10) {
    Some(reg) => reg,
    None => Reg::R0,
};

fn mentions_fp(insn: &Insn) -> bool {
    match *insn {
        Insn::Alu { dst, src, .. } | Insn::Jump { dst, src, .. } => dst == FP || src == Src::Reg(FP),
        Insn::MovSx { src, .. } | Insn::AddrSpaceCast { src, .. } => src == FP,
        Insn::Store { base, src, .. } => base == FP || src == Src::Reg(FP),
        Insn::Atomic { base, src, .. } | Insn::StoreRelease { base, src, .. } => base == FP || src == FP,
        Insn::LoadPacket { mode: PacketMode::Ind(reg), .. } => reg == FP,
        // A constant can be an address of the stack: improbable, but then it must read zeros too.
        Insn::LoadImm64 { imm: Imm64::Value(value), .. } => {
            matches!(Addr(value).region(), Some(super::Region::Stack(_)))
        }
        _ => false,
    }
}

/// Whether an access of `size` at `fp + off` lies in the frame.
fn in_frame(size: Size, off: i16) -> bool {
    let off = i32::from(off);
    off >= -(addr::STACK_SIZE as i32) && off + size.bytes() as i32 <= 0
}

struct Builder<'a> {
    id: ProgId,
    /// Where user space has the program's arena.
    arena: Option<u64>,
    program: &'a Program,
    maps: &'a MapStore,
    kernel: KernelVersion,
    /// The op of each slot.
    index: Vec<u32>,
    /// The op that stands for all that is outside of the program.
    outside: u32,
    helpers: Vec<Resolved>,
    callers: Vec<Resolved<CallerFn>>,
    traps: Vec<FaultKind>,
}

impl Builder<'_> {
    fn op(&mut self, pc: Pc, insn: Insn) -> Result<Op, SetupError> {
        Ok(match insn {
            Insn::Alu { width, op, dst, src } => two(Code::form(alu_form(op), width, src), dst, src, width),
            Insn::MovSx { width, from, dst, src } => {
                let code = match (width, from) {
                    (Width::W32, Size::B) => Code::MovSx8To32,
                    (Width::W32, _) => Code::MovSx16To32,
                    (Width::W64, Size::B) => Code::MovSx8,
                    (Width::W64, Size::H) => Code::MovSx16,
                    (Width::W64, _) => Code::MovSx32,
                };
                two(code, dst, Src::Reg(src), width)
            }
            Insn::Neg { width, dst } => {
                let code = if width == Width::W64 { Code::Neg64 } else { Code::Neg32 };
                one(code, dst)
            }
            Insn::Endian { swap, bits, dst } => one(endian(swap, bits), dst),
            Insn::LoadImm64 { dst, imm } => self.load_imm(pc, dst, imm)?,
            Insn::Load { size, sign, dst, base, off } => load(size, sign, dst, base, off),
            Insn::LoadAcquire { size, dst, base, off } => load(size, false, dst, base, off),
            Insn::Store { size, base, off, src } => store(size, base, off, src),
            Insn::StoreRelease { size, base, off, src } => store(size, base, off, Src::Reg(src)),
            Insn::Atomic { size, op, base, off, src } => atomic_op(size, op, base, off, src),
            Insn::LoadPacket { size, mode, imm } => packet(size, mode, imm),
            Insn::Jump { width, op, dst, src, off } => {
                let jump = two(Code::form(jump_form(op), width, src), dst, src, width);
                Op { off: self.target(pc, i32::from(off)), ..jump }
            }
            Insn::Goto { off, .. } => Op { off: self.target(pc, off), ..Op::new(Code::Goto) },
            Insn::MayGoto { off } => Op { off: self.target(pc, i32::from(off)), ..Op::new(Code::MayGoto) },
            Insn::Call(call) => self.call(pc, call),
            Insn::AddrSpaceCast { dst, src, imm } => self.cast(dst, src, imm),
            Insn::Exit => Op::new(Code::Exit),
        })
    }

    /// A pointer to the arena is an offset in it, of 32 bits; user space's has the upper half of where it is mapped.
    fn cast(&mut self, dst: Reg, src: Reg, imm: i32) -> Op {
        const FROM_USER: i32 = 1;
        match self.arena {
            None => self.trap(FaultKind::Unsupported { what: "an arena address cast without an arena".into() }),
            Some(_) if imm == FROM_USER => {
                two(Code::form(Form::Mov, Width::W32, Src::Reg(src)), dst, Src::Reg(src), Width::W32)
            }
            Some(start) => Op { imm: start >> 32 << 32, ..two(Code::CastToUser, dst, Src::Reg(src), Width::W64) },
        }
    }

    /// The op at `off` slots after the one-slot instruction at `pc`; outside of the program, the last.
    fn target(&self, pc: Pc, off: i32) -> i32 {
        let slot = i64::from(pc.0) + 1 + i64::from(off);
        let found = usize::try_from(slot).ok().and_then(|slot| self.index.get(slot).copied());
        found.filter(|&at| at != u32::MAX).unwrap_or(self.outside) as i32
    }

    fn load_imm(&mut self, pc: Pc, dst: Reg, imm: Imm64) -> Result<Op, SetupError> {
        let value = match imm {
            Imm64::Value(value) => value,
            Imm64::Map(map) | Imm64::MapIdx(map) => Addr::new(addr::MAP + self.map(pc, map)?, 0).0,
            Imm64::MapValue { map, off } | Imm64::MapIdxValue { map, off } => {
                let map = self.map(pc, map)?;
                Addr::new(addr::MAP_VALUE + map, off as u32).0
            }
            Imm64::Func(off) => {
                let slot = i64::from(pc.0) + 1 + i64::from(off);
                Addr::new(addr::FUNC, slot as u32).0
            }
            Imm64::Btf { id, .. } => {
                return Ok(self.trap(FaultKind::Unsupported { what: format!("kernel variable {id}") }));
            }
        };
        Ok(Op { imm: value, ..one(Code::Mov64I, dst) })
    }

    fn map(&self, pc: Pc, map: i32) -> Result<u32, SetupError> {
        match u32::try_from(map) {
            Ok(map) if (map as usize) < self.maps.len() => Ok(map),
            _ => Err(SetupError::NoMap { prog: self.id, name: self.program.name.clone(), pc, map }),
        }
    }

    fn call(&mut self, pc: Pc, call: Call) -> Op {
        match call {
            Call::Helper(TAIL_CALL) => Op::new(Code::TailCall),
            Call::Helper(number) => self.implemented(helpers::resolve(number, self.program.prog_type, self.kernel)),
            Call::Local(off) => Op { off: self.target(pc, off), ..Op::new(Code::CallLocal) },
            Call::Kfunc { id, .. } => {
                let name = self.program.kfunc(id);
                self.implemented(kfuncs::resolve(id, name, self.program.prog_type, self.kernel))
            }
        }
    }

    /// The op of a call.
    fn implemented(&mut self, found: Result<(Implementation, &'static str), FaultKind>) -> Op {
        match found {
            Ok((Implementation::Plain(call), name)) => {
                self.helpers.push(Resolved { call, name });
                Op { imm: self.helpers.len() as u64 - 1, ..Op::new(Code::CallHelper) }
            }
            Ok((Implementation::CallsBack(call), name)) => {
                self.callers.push(Resolved { call, name });
                Op { imm: self.callers.len() as u64 - 1, ..Op::new(Code::CallBack) }
            }
            Ok((Implementation::Throws, _)) => Op::new(Code::Throw),
            Err(fault) => self.trap(fault),
        }
    }

    fn trap(&mut self, trap: FaultKind) -> Op {
        self.traps.push(trap);
        Op { imm: self.traps.len() as u64 - 1, ..Op::new(Code::Trap) }
    }
}

fn one(code: Code, dst: Reg) -> Op {
    Op { dst: R::of(dst), ..Op::new(code) }
}

/// Destination and second operand; a 32-bit operation's immediate is kept as its 32 bits.
fn two(code: Code, dst: Reg, src: Src, width: Width) -> Op {
    let (src, imm) = match src {
        Src::Reg(reg) => (R::of(reg), 0),
        Src::Imm(imm) if width == Width::W32 => (R::R0, u64::from(imm as u32)),
        Src::Imm(imm) => (R::R0, i64::from(imm) as u64),
    };
    Op { src, imm, ..one(code, dst) }
}

fn alu_form(op: AluOp) -> Form {
    match op {
        AluOp::Add => Form::Add,
        AluOp::Sub => Form::Sub,
        AluOp::Mul => Form::Mul,
        AluOp::Div => Form::Div,
        AluOp::Sdiv => Form::Sdiv,
        AluOp::Or => Form::Or,
        AluOp::And => Form::And,
        AluOp::Lsh => Form::Lsh,
        AluOp::Rsh => Form::Rsh,
        AluOp::Mod => Form::Mod,
        AluOp::Smod => Form::Smod,
        AluOp::Xor => Form::Xor,
        AluOp::Mov => Form::Mov,
        AluOp::Arsh => Form::Arsh,
    }
}

fn jump_form(op: JmpOp) -> Form {
    match op {
        JmpOp::Eq => Form::Jeq,
        JmpOp::Gt => Form::Jgt,
        JmpOp::Ge => Form::Jge,
        JmpOp::Set => Form::Jset,
        JmpOp::Ne => Form::Jne,
        JmpOp::Sgt => Form::Jsgt,
        JmpOp::Sge => Form::Jsge,
        JmpOp::Lt => Form::Jlt,
        JmpOp::Le => Form::Jle,
        JmpOp::Slt => Form::Jslt,
        JmpOp::Sle => Form::Jsle,
    }
}

/// Programs run on a little-endian machine: `le` truncates, `be` and `bswap` swap.
fn endian(swap: Swap, bits: u8) -> Code {
    match (swap, bits) {
        (Swap::ToLe, 16) => Code::Low16,
        (Swap::ToLe, 32) => Code::Low32,
        (Swap::ToLe, _) => Code::Nop,
        (_, 16) => Code::Swap16,
        (_, 32) => Code::Swap32,
        _ => Code::Swap64,
    }
}

fn load(size: Size, sign: bool, dst: Reg, base: Reg, off: i16) -> Op {
    let stack = base == FP && in_frame(size, off);
    let code = match (size, sign, stack) {
        (Size::B, false, true) => Code::LoadStackB,
        (Size::H, false, true) => Code::LoadStackH,
        (Size::W, false, true) => Code::LoadStackW,
        (Size::Dw, _, true) => Code::LoadStackDw,
        (Size::B, false, false) => Code::LoadB,
        (Size::H, false, false) => Code::LoadH,
        (Size::W, false, false) => Code::LoadW,
        (Size::Dw, _, false) => Code::LoadDw,
        (Size::B, true, _) => Code::LoadSxB,
        (Size::H, true, _) => Code::LoadSxH,
        (Size::W, true, _) => Code::LoadSxW,
    };
    Op { src: R::of(base), off: i32::from(off), ..one(code, dst) }
}

fn store(size: Size, base: Reg, off: i16, src: Src) -> Op {
    let stack = base == FP && in_frame(size, off);
    let (value, imm) = match src {
        Src::Reg(reg) => (reg, 0),
        Src::Imm(imm) => (Reg::R0, i64::from(imm) as u64),
    };
    let code = match (size, matches!(src, Src::Imm(_)), stack) {
        (Size::B, false, false) => Code::StoreB,
        (Size::H, false, false) => Code::StoreH,
        (Size::W, false, false) => Code::StoreW,
        (Size::Dw, false, false) => Code::StoreDw,
        (Size::B, true, false) => Code::StoreIB,
        (Size::H, true, false) => Code::StoreIH,
        (Size::W, true, false) => Code::StoreIW,
        (Size::Dw, true, false) => Code::StoreIDw,
        (Size::B, false, true) => Code::StoreStackB,
        (Size::H, false, true) => Code::StoreStackH,
        (Size::W, false, true) => Code::StoreStackW,
        (Size::Dw, false, true) => Code::StoreStackDw,
        (Size::B, true, true) => Code::StoreStackIB,
        (Size::H, true, true) => Code::StoreStackIH,
        (Size::W, true, true) => Code::StoreStackIW,
        (Size::Dw, true, true) => Code::StoreStackIDw,
    };
    Op { src: R::of(value), off: i32::from(off), imm, ..one(code, base) }
}

/// `dst` is the register that receives the old value (the base, unchanged, when none does), `src` the
/// operand, and the low bits of `imm` the base.
fn atomic_op(size: Size, op: AtomicOp, base: Reg, off: i16, src: Reg) -> Op {
    let fetching = |number, fetch| if fetch { number | atomic::FETCH } else { number };
    let (aux, old) = match op {
        AtomicOp::Add { fetch } => (fetching(atomic::ADD, fetch), fetch.then_some(src)),
        AtomicOp::Or { fetch } => (fetching(atomic::OR, fetch), fetch.then_some(src)),
        AtomicOp::And { fetch } => (fetching(atomic::AND, fetch), fetch.then_some(src)),
        AtomicOp::Xor { fetch } => (fetching(atomic::XOR, fetch), fetch.then_some(src)),
        AtomicOp::Xchg => (atomic::XCHG, Some(src)),
        AtomicOp::Cmpxchg => (atomic::CMPXCHG, Some(Reg::R0)),
    };
    let code = if size == Size::W { Code::Atomic32 } else { Code::Atomic64 };
    Op { src: R::of(src), aux, off: i32::from(off), imm: base.index() as u64, ..one(code, old.unwrap_or(base)) }
}

/// `aux` is 1 when `src` is added to the offset.
fn packet(size: Size, mode: PacketMode, imm: i32) -> Op {
    let code = match size {
        Size::B => Code::PacketB,
        Size::H => Code::PacketH,
        _ => Code::PacketW,
    };
    let (aux, src) = match mode {
        PacketMode::Abs => (0, R::R0),
        PacketMode::Ind(reg) => (1, R::of(reg)),
    };
    Op { src, aux, off: imm, ..Op::new(code) }
}
