//! Instructions as the kernel's log prints them: `(bf) r3 = r1`, `(85) call bpf_map_lookup_elem#1`.
//!
//! The text is made of the raw slot, since the kernel prints an instruction before it has looked at it.

use crate::isa::{Pc, RawInsn};
use crate::kernel::{Program, helper};

/// Operations of the arithmetic classes by their upper four bits.
const ALU: [&str; 16] = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>=", "", "", ""];
/// Conditions by their upper four bits.
const JMP: [&str; 16] =
    ["jmp", "==", ">", ">=", "&", "!=", "s>", "s>=", "call", "exit", "<", "<=", "s<", "s<=", "", ""];
/// Sizes by bits 3 and 4.
const SIZES: [&str; 4] = ["u32", "u16", "u8", "u64"];
/// The same of sign-extending loads.
const SIGNED: [&str; 4] = ["s32", "s16", "s8", "s64"];

/// The instruction at `pc` as the log has it after the number: opcode in parentheses, then text.
pub(crate) fn text(program: &Program, pc: Pc) -> String {
    let Some(raw) = program.insns.get(pc.index()) else { return String::new() };
    let words = match raw.opcode & 7 {
        0 => load_imm(program, pc, raw),
        1 => load(raw),
        2 => format!("*({} *)(r{} {:+}) = {}", size(raw), raw.dst, raw.off, raw.imm),
        3 => store(raw),
        4 | 7 => alu(raw),
        _ => jump(program, raw),
    };
    format!("({:02x}) {words}", raw.opcode)
}

fn size(raw: &RawInsn) -> &'static str {
    SIZES[usize::from(raw.opcode >> 3 & 3)]
}

fn load(raw: &RawInsn) -> String {
    let size = if raw.opcode & 0xe0 == 0x80 { SIGNED[usize::from(raw.opcode >> 3 & 3)] } else { size(raw) };
    format!("r{} = *({size} *)(r{} {:+})", raw.dst, raw.src, raw.off)
}

fn load_imm(program: &Program, pc: Pc, raw: &RawInsn) -> String {
    match raw.opcode & 0xe0 {
        0x20 => format!("r0 = *({} *)skb[{}]", size(raw), raw.imm),
        0x40 => format!("r0 = *({} *)skb[r{} + {}]", size(raw), raw.src, raw.imm),
        _ => {
            let upper = program.insns.get(pc.index() + 1).map_or(0, |second| second.imm);
            // A map's address in a kernel would mean nothing here: it prints as for those who may not know it.
            let value =
                if matches!(raw.src, 1 | 2 | 5 | 6) { 0 } else { (upper as u64) << 32 | u64::from(raw.imm as u32) };
            format!("r{} = {value:#x}", raw.dst)
        }
    }
}

fn store(raw: &RawInsn) -> String {
    let (dst, src, off) = (raw.dst, raw.src, raw.off);
    let place = format!("({} *)(r{dst} {off:+})", size(raw));
    if raw.opcode & 0xe0 != 0xc0 {
        return format!("*{place} = r{src}");
    }
    let wide = if raw.opcode >> 3 & 3 == 3 { "64" } else { "" };
    let name = |imm: i32| match imm & 0xf0 {
        0x40 => "or",
        0x50 => "and",
        0xa0 => "xor",
        _ => "add",
    };
    match raw.imm {
        0x00 | 0x40 | 0x50 | 0xa0 => format!("lock *{place} {} r{src}", ALU[(raw.imm >> 4) as usize]),
        0x01 | 0x41 | 0x51 | 0xa1 => format!("r{src} = atomic{wide}_fetch_{}({place}, r{src})", name(raw.imm)),
        0xe1 => format!("r{src} = atomic{wide}_xchg({place}, r{src})"),
        0xf1 => format!("r0 = atomic{wide}_cmpxchg({place}, r0, r{src})"),
        0x100 => format!("r{dst} = load_acquire(({} *)(r{src} {off:+}))", size(raw)),
        0x110 => format!("store_release({place}, r{src})"),
        _ => format!("BUG_{:02x}", raw.opcode),
    }
}

fn alu(raw: &RawInsn) -> String {
    let (dst, src, imm) = (raw.dst, raw.src, raw.imm);
    let wide = raw.opcode & 7 == 7;
    let r = if wide { 'r' } else { 'w' };
    let by_register = raw.opcode & 8 != 0;
    match raw.opcode & 0xf0 {
        0xd0 if wide => format!("r{dst} = bswap{imm} r{dst}"),
        0xd0 => format!("r{dst} = {}{imm} r{dst}", if by_register { "be" } else { "le" }),
        0x80 => format!("{r}{dst} = -{r}{dst}"),
        0xb0 if by_register && wide && raw.off == 1 && imm != 0 => {
            format!("r{dst} = addr_space_cast(r{src}, {}, {})", (imm as u32) >> 16, imm as u16)
        }
        op => {
            let signed = matches!(op, 0x30 | 0x90) && raw.off == 1;
            let sign = if signed { "s" } else { "" };
            let name = ALU[usize::from(op >> 4)];
            let extended = match raw.off {
                8 if op == 0xb0 => "(s8)",
                16 if op == 0xb0 => "(s16)",
                32 if op == 0xb0 => "(s32)",
                _ => "",
            };
            if by_register {
                format!("{r}{dst} {sign}{name} {extended}{r}{src}")
            } else {
                format!("{r}{dst} {sign}{name} {imm}")
            }
        }
    }
}

fn jump(program: &Program, raw: &RawInsn) -> String {
    let (dst, src, off, imm) = (raw.dst, raw.src, raw.off, raw.imm);
    let narrow = raw.opcode & 7 == 6;
    let r = if narrow { 'w' } else { 'r' };
    match raw.opcode & 0xf0 {
        0x80 => call(program, raw),
        0x00 if narrow => format!("gotol pc{imm:+}"),
        0x00 => format!("goto pc{off:+}"),
        0x90 => "exit".to_owned(),
        0xe0 => format!("may_goto pc{off:+}"),
        op => {
            let name = JMP[usize::from(op >> 4)];
            let operand = if raw.opcode & 8 != 0 { format!("{r}{src}") } else { format!("{imm:#x}") };
            format!("if {r}{dst} {name} {operand} goto pc{off:+}")
        }
    }
}

fn call(program: &Program, raw: &RawInsn) -> String {
    match raw.src {
        1 => format!("call pc{:+}", raw.imm),
        2 => match program.kfunc(raw.imm) {
            Some(name) => format!("call {name}#{}", raw.imm),
            // Type 0 is void, which has an empty name.
            None if raw.imm == 0 => "call #0".to_owned(),
            None => format!("call kernel-function#{}", raw.imm),
        },
        _ => {
            let name = match raw.imm {
                0 => "bpf_unspec",
                imm => u32::try_from(imm).ok().and_then(helper).map_or("unknown", |h| h.name),
            };
            format!("call {name}#{}", raw.imm)
        }
    }
}
