//! Flaws of an instruction that the kernel finds when a path comes to it: reserved fields, registers that there are
//! not, constants without a meaning.
//!
//! The order of the checks is part of the answer, since the first gives the message: many flaws are found only after
//! registers that the instruction reads were found to be readable. `w2 += r12` is `R12 is invalid`, but
//! `*(u64 *)(r12 + 0) = r2` is `R2 !read_ok` when `r2` was never written.

use super::{Asked, slots};
use crate::isa::opcode::{self, ATOMIC_OPS, LOAD_ACQUIRE, STORE_RELEASE, X, class, mode, size_bits};
use crate::isa::{RawInsn, Reg, Size};
use crate::kernel::{Feature, ProgType, ProgTypes};
use crate::verifier::finding::{Group, ShapeFinding};

/// Programs that may have legacy packet loads.
const LD_PACKET_TYPES: ProgTypes = ProgTypes::of(&[ProgType::SocketFilter, ProgType::SchedCls, ProgType::SchedAct]);

/// A flaw, and what comes before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// Registers that are read before the flaw is found, in this order.
    pub reads: [Option<Reg>; 2],
    /// A register of these that must be a number, for the unprivileged.
    pub number: Option<Reg>,
    /// The flaw.
    pub finding: ShapeFinding,
}

impl Flaw {
    /// A flaw that is found at once.
    pub(super) const fn now(finding: ShapeFinding) -> Flaw {
        Flaw { reads: [None; 2], number: None, finding }
    }
}

/// What is known of the whole program.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// Whether it refers to an arena.
    pub arena: bool,
    /// Its functions.
    pub functions: usize,
}

/// Checks in the kernel's order: registers that were read so far, until something is wrong.
struct Checks {
    reads: [Option<Reg>; 2],
    count: usize,
}

impl Checks {
    fn new() -> Checks {
        Checks { reads: [None; 2], count: 0 }
    }

    fn flaw(&self, finding: ShapeFinding) -> Flaw {
        Flaw { reads: self.reads, number: None, finding }
    }

    fn reserved(&self, group: Group) -> Result<(), Flaw> {
        Err(self.flaw(ShapeFinding::Reserved(group)))
    }

    fn register(&self, number: u8) -> Result<Reg, Flaw> {
        Reg::new(number).ok_or_else(|| self.flaw(ShapeFinding::Register { number }))
    }

    /// The register is read.
    fn read(&mut self, number: u8) -> Result<(), Flaw> {
        let reg = self.register(number)?;
        if let Some(place) = self.reads.get_mut(self.count) {
            *place = Some(reg);
            self.count += 1;
        }
        Ok(())
    }

    /// The register is written.
    fn write(&self, number: u8) -> Result<(), Flaw> {
        match self.register(number)? {
            Reg::R10 => Err(self.flaw(ShapeFinding::FramePointer)),
            _ => Ok(()),
        }
    }
}

/// The flaw of the instruction in that slot, if it has one.
pub(super) fn find(asked: &Asked<'_>, raw: &RawInsn, known: Known) -> Option<Flaw> {
    check(asked, raw, known).err()
}

fn check(asked: &Asked<'_>, raw: &RawInsn, known: Known) -> Result<(), Flaw> {
    match raw.opcode & 7 {
        class::ALU | class::ALU64 => check_alu(asked, raw, known),
        class::LD => check_load_imm(asked, raw, known),
        class::LDX => {
            let mut checks = Checks::new();
            checks.read(raw.src)?;
            checks.write(raw.dst)
        }
        class::ST => check_store_imm(raw),
        class::STX => check_store(asked, raw),
        class => check_jump_class(asked, raw, class),
    }
}

fn check_alu(asked: &Asked<'_>, raw: &RawInsn, known: Known) -> Result<(), Flaw> {
    const MOV: u8 = 0xb0;
    match raw.opcode & 0xf0 {
        op @ (opcode::END | opcode::NEG) => check_unary(asked, raw, op),
        MOV => check_mov(asked, raw, known),
        op @ 0xe0.. => Err(Flaw::now(ShapeFinding::AluOpcode { op })),
        op => check_binary(asked, raw, op),
    }
}

fn check_unary(asked: &Asked<'_>, raw: &RawInsn, op: u8) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    let register = raw.opcode & X != 0;
    let wide = raw.opcode & 7 == class::ALU64;
    if op == opcode::NEG {
        if register || raw.src != 0 || raw.off != 0 || raw.imm != 0 {
            checks.reserved(Group::Neg)?;
        }
    } else {
        let bits = matches!(raw.imm, 16 | 32 | 64);
        if raw.src != 0 || raw.off != 0 || !bits || wide && (register || !asked.has(Feature::CpuV4)) {
            checks.reserved(Group::End)?;
        }
    }
    checks.read(raw.dst)?;
    checks.write(raw.dst).map_err(|flaw| Flaw { number: flaw.reads[0], ..flaw })
}

fn check_mov(asked: &Asked<'_>, raw: &RawInsn, known: Known) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    let wide = raw.opcode & 7 == class::ALU64;
    if raw.opcode & X == 0 {
        if raw.src != 0 || raw.off != 0 {
            checks.reserved(Group::Mov)?;
        }
        return checks.write(raw.dst);
    }
    if wide && raw.off == 1 && asked.has(Feature::AddrSpaceCast) {
        if !matches!(raw.imm, 1 | 0x1_0000) {
            return Err(checks.flaw(ShapeFinding::AddrSpace));
        }
        if !known.arena {
            return Err(checks.flaw(ShapeFinding::NoArena));
        }
    } else {
        let extends = match raw.off {
            0 => true,
            8 | 16 => asked.has(Feature::CpuV4),
            32 => wide && asked.has(Feature::CpuV4),
            _ => false,
        };
        if !extends || raw.imm != 0 {
            checks.reserved(Group::Mov)?;
        }
    }
    checks.read(raw.src)?;
    checks.write(raw.dst)
}

fn check_binary(asked: &Asked<'_>, raw: &RawInsn, op: u8) -> Result<(), Flaw> {
    const DIV: u8 = 0x30;
    const MOD: u8 = 0x90;
    const SHIFTS: [u8; 3] = [0x60, 0x70, 0xc0];
    let mut checks = Checks::new();
    let register = raw.opcode & X != 0;
    let divides = matches!(op, DIV | MOD);
    let signed = raw.off == 1 && divides && asked.has(Feature::CpuV4);
    let second = if register { raw.imm } else { raw.src.into() };
    if second != 0 || raw.off != 0 && !signed {
        checks.reserved(Group::Alu)?;
    }
    if register {
        checks.read(raw.src)?;
    }
    checks.read(raw.dst)?;
    if divides && !register && raw.imm == 0 {
        return Err(checks.flaw(ShapeFinding::DivByZero));
    }
    let width = if raw.opcode & 7 == class::ALU64 { 64 } else { 32 };
    if SHIFTS.contains(&op) && !register && !(0..width).contains(&raw.imm) {
        return Err(checks.flaw(ShapeFinding::Shift { bits: raw.imm }));
    }
    checks.write(raw.dst)
}

/// 64-bit immediates and legacy packet loads.
fn check_load_imm(asked: &Asked<'_>, raw: &RawInsn, known: Known) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    let wide = raw.opcode & size_bits(Size::Dw) == size_bits(Size::Dw);
    match raw.opcode & 0xe0 {
        mode::IMM => {
            if !wide {
                return Err(checks.flaw(ShapeFinding::LdImm));
            }
            if raw.off != 0 {
                checks.reserved(Group::LdImm64)?;
            }
            checks.write(raw.dst)
        }
        mode @ (mode::ABS | mode::IND) => {
            if !LD_PACKET_TYPES.contains(asked.prog_type) {
                return Err(checks.flaw(ShapeFinding::LdPacketType));
            }
            if known.functions > 1 && !asked.has(Feature::TailCallsInSubprogs) {
                return Err(checks.flaw(ShapeFinding::LdPacketCalls));
            }
            if raw.dst != 0 || raw.off != 0 || wide || mode == mode::ABS && raw.src != 0 {
                checks.reserved(Group::LdPacket)?;
            }
            // The context in r6 is an operand that is not written down.
            checks.read(6)?;
            if mode == mode::IND { checks.read(raw.src) } else { Ok(()) }
        }
        _ => Err(checks.flaw(ShapeFinding::LdMode)),
    }
}

fn check_store_imm(raw: &RawInsn) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    if raw.opcode & 0xe0 != mode::MEM || raw.src != 0 {
        checks.reserved(Group::St)?;
    }
    checks.read(raw.dst)
}

fn check_store(asked: &Asked<'_>, raw: &RawInsn) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    match raw.opcode & 0xe0 {
        mode::ATOMIC => check_atomic(asked, raw),
        mode::MEM if raw.imm == 0 => {
            checks.read(raw.src)?;
            checks.read(raw.dst)
        }
        _ => checks.reserved(Group::Stx),
    }
}

fn check_atomic(asked: &Asked<'_>, raw: &RawInsn) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    let size = raw.opcode & size_bits(Size::Dw);
    let small = size == size_bits(Size::B) || size == size_bits(Size::H);
    let acquire = asked.has(Feature::LoadAcquire);
    if !asked.has(Feature::AtomicFetch) && (small || raw.imm != 0) {
        checks.reserved(Group::Xadd)?;
    }
    match raw.imm {
        LOAD_ACQUIRE if acquire => {
            checks.read(raw.src)?;
            return checks.write(raw.dst);
        }
        STORE_RELEASE if acquire => {}
        imm if ATOMIC_OPS.iter().any(|row| row.imm == imm) => {
            if small {
                return Err(checks.flaw(ShapeFinding::AtomicSize));
            }
        }
        imm => return Err(checks.flaw(ShapeFinding::AtomicOpcode { imm })),
    }
    checks.read(raw.src)?;
    checks.read(raw.dst)
}

fn check_jump_class(asked: &Asked<'_>, raw: &RawInsn, class: u8) -> Result<(), Flaw> {
    let checks = Checks::new();
    if class == class::JMP32 && !asked.has(Feature::Jmp32) {
        return Err(checks.flaw(ShapeFinding::Class { class }));
    }
    let (register, short) = (raw.opcode & X != 0, class == class::JMP32);
    match raw.opcode & 0xf0 {
        opcode::CALL => {
            let known = match raw.src {
                slots::CALL_HELPER => raw.off == 0,
                slots::CALL_LOCAL => raw.off == 0 && asked.has(Feature::Subprogs),
                slots::CALL_KFUNC => asked.has(Feature::Kfuncs),
                _ => false,
            };
            if register || short || !known || raw.dst != 0 {
                checks.reserved(Group::Call)?;
            }
            Ok(())
        }
        opcode::JA => {
            let unused = if short { raw.off.into() } else { raw.imm };
            if register || raw.src != 0 || raw.dst != 0 || unused != 0 {
                checks.reserved(Group::Ja)?;
            }
            Ok(())
        }
        opcode::EXIT => {
            if register || short || raw.imm != 0 || raw.src != 0 || raw.dst != 0 {
                checks.reserved(Group::Exit)?;
            }
            Ok(())
        }
        op => check_cond_jump(asked, raw, op),
    }
}

fn check_cond_jump(asked: &Asked<'_>, raw: &RawInsn, op: u8) -> Result<(), Flaw> {
    let mut checks = Checks::new();
    if op == opcode::JCOND && asked.has(Feature::MayGoto) {
        let known = raw.opcode == slots::MAY_GOTO && raw.src == 0 && raw.dst == 0 && raw.imm == 0;
        return match (known, asked.has(Feature::MayGotoNext)) {
            (true, next) if next || raw.off != 0 => Ok(()),
            (_, true) => Err(checks.flaw(ShapeFinding::MayGoto { imm: raw.imm })),
            (_, false) => Err(checks.flaw(ShapeFinding::MayGotoOff { off: raw.off, imm: raw.imm })),
        };
    }
    let last = if asked.has(Feature::LessThanJumps) { 0xd0 } else { opcode::EXIT };
    if op > last {
        return Err(checks.flaw(ShapeFinding::JmpOpcode { op }));
    }
    let group = if asked.has(Feature::Jmp32) { Group::Jmp } else { Group::OldJmp };
    let register = raw.opcode & X != 0;
    let unused = if register { raw.imm } else { raw.src.into() };
    let first = asked.has(Feature::JumpReadsFirst);
    if first {
        checks.read(raw.dst)?;
    }
    if unused != 0 {
        checks.reserved(group)?;
    }
    if register {
        checks.read(raw.src)?;
    }
    if first { Ok(()) } else { checks.read(raw.dst) }
}
