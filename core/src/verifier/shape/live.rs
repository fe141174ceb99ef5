//! Live registers: those whose value may be read later, before each instruction.
//!
//! The usual flow of data against the direction of control, function by function. An instruction whose operands are
//! not known (a legacy packet load) uses everything.

use std::fmt::Write as _;

use super::graph::successors;
use super::slots::{CALL_HELPER, is_imm64};
use super::{Asked, Aux, Shape};
use crate::isa::opcode::{self, LOAD_ACQUIRE, STORE_RELEASE, X, class, mode, size_bits};
use crate::isa::{Pc, RawInsn, Size};
use crate::kernel::{HelperDef, ProgType, ProgTypes, RetType, helper};

/// A set of registers: bit `r` is register `r`.
type Regs = u16;

const R0: Regs = 1;
const ARGS: Regs = 0b11_1110;
const CALLER_SAVED: Regs = R0 | ARGS;
const EVERYTHING: Regs = !0;

/// Registers that an instruction writes and reads.
struct Effect {
    def: Regs,
    used: Regs,
}

const CMPXCHG: i32 = 0xf1;
const FETCH: i32 = 1;
const MOV: u8 = 0xb0;

fn effect(asked: &Asked<'_>, raw: &RawInsn) -> Effect {
    let (dst, src): (Regs, Regs) = (1 << raw.dst, 1 << raw.src);
    let unknown = Effect { def: 0, used: EVERYTHING };
    let second = if raw.opcode & X != 0 { src } else { 0 };
    let mode = raw.opcode & 0xe0;
    match (raw.opcode & 7, raw.opcode & 0xf0) {
        (class::LD, _) if mode == mode::IMM && is_imm64(raw) => Effect { def: dst, used: 0 },
        (class::LDX, _) if matches!(mode, mode::MEM | mode::MEMSX) => Effect { def: dst, used: src },
        (class::ST, _) if mode == mode::MEM => Effect { def: 0, used: dst },
        (class::STX, _) if mode == mode::MEM => Effect { def: 0, used: dst | src },
        (class::STX, _) if mode == mode::ATOMIC => atomic_effect(raw.imm, dst, src),
        (class::ALU | class::ALU64, opcode::END) => Effect { def: dst, used: dst },
        (class::ALU | class::ALU64, MOV) => Effect { def: dst, used: second },
        (class::ALU | class::ALU64, _) => Effect { def: dst, used: dst | second },
        (class::JMP | class::JMP32, opcode::JA | opcode::JCOND) => Effect { def: 0, used: 0 },
        (class::JMP | class::JMP32, opcode::EXIT) => Effect { def: 0, used: R0 },
        (class::JMP | class::JMP32, opcode::CALL) => {
            let args = called(asked, raw).map_or(ARGS, |called| first_args(called.args));
            Effect { def: CALLER_SAVED, used: args }
        }
        (class::JMP | class::JMP32, _) => Effect { def: 0, used: dst | second },
        _ => unknown,
    }
}

fn atomic_effect(imm: i32, dst: Regs, src: Regs) -> Effect {
    match imm {
        CMPXCHG => Effect { def: R0, used: R0 | dst | src },
        LOAD_ACQUIRE => Effect { def: dst, used: src },
        STORE_RELEASE => Effect { def: 0, used: dst | src },
        imm if imm & FETCH != 0 => Effect { def: src, used: dst | src },
        _ => Effect { def: 0, used: dst | src },
    }
}

/// What is called, as far as its declaration tells.
pub(super) struct Called {
    /// Arguments.
    args: usize,
    /// Whether it returns nothing.
    void: bool,
    /// Whether it becomes instructions that leave all other registers alone.
    pub inlined: bool,
}

/// What a call is of, when the program may call it; `None` for a function of the program, too.
pub(super) fn called(asked: &Asked<'_>, raw: &RawInsn) -> Option<Called> {
    /// `bpf_get_smp_processor_id`.
    const GET_SMP_PROCESSOR_ID: u32 = 8;
    if let Some(kfunc) = asked.kfunc(raw) {
        let inlined = matches!(kfunc.name, "bpf_cast_to_kern_ctx" | "bpf_rdonly_cast");
        return Some(Called { args: kfunc.parameters().count().min(5), void: kfunc.ret == "void", inlined });
    }
    let def = called_helper(asked, raw)?;
    // Socket filters and cgroup programs have another helper under that number.
    let other = matches!(asked.prog_type, ProgType::SocketFilter | ProgType::CgroupSkb);
    let inlined = def.id == GET_SMP_PROCESSOR_ID && !other;
    Some(Called { args: declared_args(asked, def), void: def.ret == RetType::Void, inlined })
}

/// How many arguments the kernel's own declaration has, where that differs from what callers are told.
fn declared_args(asked: &Asked<'_>, def: &HelperDef) -> usize {
    const GET_CGROUP_CLASSID: u32 = 17;
    const GET_BRANCH_SNAPSHOT: u32 = 176;
    match def.id {
        // Elsewhere it is the current task that is asked about, and the context is not looked at.
        GET_CGROUP_CLASSID if !ProgTypes::TC.contains(asked.prog_type) => 0,
        // The flags are not declared.
        GET_BRANCH_SNAPSHOT => 2,
        _ => def.args.len(),
    }
}

/// `r1` to `r{count}`.
const fn first_args(count: usize) -> Regs {
    ARGS & ((2 << count) - 1)
}

/// The helper that is called, when the program may call it.
fn called_helper(asked: &Asked<'_>, raw: &RawInsn) -> Option<&'static HelperDef> {
    let def = helper(u32::try_from(raw.imm).ok()?)?;
    let allowed = asked.privileged || def.unprivileged;
    (raw.src == CALL_HELPER && allowed && def.callable(asked.prog_type, asked.kernel)).then_some(def)
}

/// Notes in `aux` which registers are live before each instruction.
pub(super) fn compute(asked: &Asked<'_>, postorder: &[u32], aux: &mut [Aux]) {
    let mut changed = true;
    // Sets only grow, and each pass but the last adds to one: it ends.
    while changed {
        changed = false;
        for &pc in postorder {
            let raw = &asked.raw[pc as usize];
            let out = successors(asked, pc).fold(0, |out, next| out | aux[next as usize].live_regs);
            let Effect { def, used } = effect(asked, raw);
            let live = out & !def | used;
            changed |= std::mem::replace(&mut aux[pc as usize].live_regs, live) != live;
        }
    }
}

impl Shape {
    /// The table that level 2 prints: loop, slot, registers, and the instruction as `text` writes it.
    pub fn live_regs_text(&self, mut text: impl FnMut(Pc) -> String) -> String {
        let mut out = String::from("Live regs before insn:\n");
        let second = |slot: usize| matches!(self.insns.get(slot), Some(super::Slot::Second));
        for (pc, aux) in (0u32..).zip(&self.aux).filter(|(pc, _)| !second(*pc as usize)) {
            // Writing to a string does not fail.
            let _ = match aux.scc {
                0 => write!(out, "    {pc:3}: "),
                scc => write!(out, "{scc:3} {pc:3}: "),
            };
            let live = |reg: u8| if aux.live_regs & 1 << reg == 0 { '.' } else { (b'0' + reg) as char };
            out.extend((0..10).map(live));
            let _ = writeln!(out, " {}", text(Pc(pc)));
        }
        out
    }
}

/// Whether the slot is `*(u64 *)(r10 + off) = rX`.
pub(super) fn is_spill(raw: &RawInsn) -> bool {
    raw.opcode == (mode::MEM | size_bits(Size::Dw) | class::STX) && raw.dst == 10
}

/// Whether the slot is `rX = *(u64 *)(r10 + off)`.
pub(super) fn is_fill(raw: &RawInsn) -> bool {
    raw.opcode == (mode::MEM | size_bits(Size::Dw) | class::LDX) && raw.src == 10
}

impl Called {
    /// Registers that the call would leave alone, did it touch only what its declaration names.
    pub fn untouched(&self) -> Regs {
        let result = if self.void { 0 } else { R0 };
        CALLER_SAVED & !(first_args(self.args) | result)
    }
}
