//! Programs changed a little: an operand, a jump, an instruction more or less.

use bpfscope_core::isa::RawInsn;

use super::code;
use super::pool::Sample;
use super::rng::Rng;

/// Changes a program in one to four places.
pub fn mutate(rng: &mut Rng, sample: &Sample) -> Sample {
    let mut out = sample.clone();
    let changes = rng.one([1, 1, 1, 1, 2, 2, 3, 4]);
    for _ in 0..changes {
        change(rng, &mut out);
    }
    out
}

fn change(rng: &mut Rng, sample: &mut Sample) {
    let starts = code::starts(&sample.insns);
    let places: Vec<usize> = (0..sample.insns.len()).filter(|&at| starts[at]).collect();
    let Some(&at) = rng.pick(&places) else { return };
    let width = if code::is_wide(sample.insns[at]) { 2 } else { 1 };
    let insn = &mut sample.insns[at];
    match rng.below(14) {
        0 | 1 => {
            // Gone, but not the last of the program.
            if places.len() > 2 && (insn.opcode != code::EXIT || rng.chance(10)) {
                code::splice(&mut sample.insns, &mut sample.funcs, at..at + width, &[]);
            }
        }
        2 => {
            let copy: Vec<RawInsn> = sample.insns[at..(at + width).min(sample.insns.len())].to_vec();
            if code::target(copy[0], at).is_none() {
                code::splice(&mut sample.insns, &mut sample.funcs, at..at, &copy);
            }
        }
        3 => {
            let other = rng.pick(&places).copied().unwrap_or(at);
            let plain = |at: usize| code::target(sample.insns[at], at).is_none() && !code::is_wide(sample.insns[at]);
            if plain(at) && plain(other) {
                sample.insns.swap(at, other);
            }
        }
        4 if uses(rng, *insn).imm => insn.imm = rng.interesting() as i32,
        4 | 5 if uses(rng, *insn).imm => insn.imm = insn.imm.wrapping_add(rng.range(-2, 2) as i32),
        4..=6 if uses(rng, *insn).off => insn.off = insn.off.wrapping_add(rng.range(-8, 8) as i16),
        4..=6 => *insn = other_operation(rng, *insn),
        7 if code::target(*insn, at).is_some() && insn.opcode != code::CALL => {
            let to = rng.pick(&places).copied().unwrap_or(0);
            *insn = code::with_target(*insn, at, to as i64);
        }
        7 | 8 if uses(rng, *insn).dst => insn.dst = rng.below(11) as u8,
        7..=9 if uses(rng, *insn).src => insn.src = rng.below(11) as u8,
        7..=10 => *insn = other_operation(rng, *insn),
        11 => *insn = other_size(rng, *insn),
        12 => {
            let dst = rng.below(10) as u8;
            let imm = rng.interesting() as i32;
            code::splice(&mut sample.insns, &mut sample.funcs, at..at, &[code::mov(dst, imm)]);
        }
        _ => {
            let (dst, src) = (rng.below(10) as u8, rng.below(11) as u8);
            let op = rng.one(code::ALU_OPS);
            let class = if rng.chance(50) { code::ALU } else { code::ALU64 };
            let new = code::insn(class | op | code::X, dst, src, 0, 0);
            code::splice(&mut sample.insns, &mut sample.funcs, at..at, &[new]);
        }
    }
}

/// Which fields an instruction has a meaning for.
struct Uses {
    dst: bool,
    src: bool,
    off: bool,
    imm: bool,
}

/// The fields that are changed: those that mean something, and rarely all of them.
fn uses(rng: &mut Rng, insn: RawInsn) -> Uses {
    if rng.chance(2) {
        return Uses { dst: true, src: true, off: true, imm: true };
    }
    let by_register = insn.opcode & code::X != 0;
    match insn.opcode {
        code::CALL => Uses { dst: false, src: false, off: false, imm: insn.src == 0 },
        code::EXIT => Uses { dst: false, src: false, off: false, imm: false },
        code::LD_IMM64 => Uses { dst: true, src: false, off: false, imm: insn.src == 0 },
        code::JA | code::MAY_GOTO => Uses { dst: false, src: false, off: true, imm: false },
        opcode => match opcode & 7 {
            code::ALU | code::ALU64 => Uses { dst: true, src: by_register, off: false, imm: !by_register },
            code::JMP | code::JMP32 => Uses { dst: true, src: by_register, off: true, imm: !by_register },
            code::LDX | code::STX => Uses { dst: true, src: true, off: true, imm: false },
            code::ST => Uses { dst: true, src: false, off: true, imm: true },
            _ => Uses { dst: false, src: false, off: false, imm: true },
        },
    }
}

/// The same with the other kind of second operand.
fn other_operand(rng: &mut Rng, insn: RawInsn) -> RawInsn {
    let opcode = insn.opcode ^ code::X;
    match opcode & code::X {
        0 => RawInsn { opcode, src: 0, imm: rng.interesting() as i32, ..insn },
        _ => RawInsn { opcode, src: rng.below(11) as u8, imm: 0, ..insn },
    }
}

/// Another operation of the same class: a `+` that becomes a `-`, a `<` that becomes a `>`.
fn other_operation(rng: &mut Rng, insn: RawInsn) -> RawInsn {
    let opcode = match insn.opcode & 7 {
        code::ALU | code::ALU64 => match rng.below(4) {
            0 => insn.opcode ^ (code::ALU ^ code::ALU64),
            1 if !matches!(insn.opcode & 0xf0, 0x80 | 0xd0) => return other_operand(rng, insn),
            _ => insn.opcode & 0x0f | rng.one(code::ALU_OPS),
        },
        code::JMP | code::JMP32 if !matches!(insn.opcode, code::CALL | code::EXIT | code::JA | code::JA32) => {
            match rng.below(4) {
                0 => insn.opcode ^ (code::JMP ^ code::JMP32),
                _ => insn.opcode & 0x0f | rng.one(code::JUMPS),
            }
        }
        _ => insn.opcode,
    };
    RawInsn { opcode, ..insn }
}

/// Another size of a memory access, or a load for a store.
fn other_size(rng: &mut Rng, insn: RawInsn) -> RawInsn {
    match insn.opcode & 7 {
        code::LDX | code::ST | code::STX => {
            RawInsn { opcode: insn.opcode & !0x18 | code::size_bits(rng.one([1, 2, 4, 8])), ..insn }
        }
        _ => insn,
    }
}
