//! Superinstructions: what compilers write in several instructions and an interpreter does faster in one.
//!
//! Most of an interpreted instruction's time is finding the next one, so short idioms are made one [`Op`]. The fused op
//! stands where the first of its instructions stood; the others keep their places, so a jump into the middle of an
//! idiom works, and distances still count instructions. Runs that are watched use the plain ops.
//!
//! A fused op does everything its instructions do, temporary registers included. `n` instructions have run
//! when it is done; one that can fault advances to the faulting instruction first.

use super::decode::{Code, Op};

/// The plain ops with idioms made one, each at the place of its first instruction.
pub(super) fn fuse(ops: &[Op]) -> Vec<Op> {
    (0..ops.len()).map(|at| idiom(&ops[at..]).unwrap_or(ops[at])).collect()
}

/// The longest idiom that the ops begin with.
fn idiom(ops: &[Op]) -> Option<Op> {
    rotate(ops).or_else(|| three(ops)).or_else(|| two(ops))
}

/// `t = s; t >>= k; d = s; d <<= l; d |= t`, and with the shifts exchanged.
fn rotate(ops: &[Op]) -> Option<Op> {
    let [a, b, c, d, e, ..] = ops else { return None };
    let shape = a.code == Code::Mov32R && c.code == Code::Mov32R && e.code == Code::Or32R;
    let (t, s, to) = (a.dst, a.src, c.dst);
    let registers =
        b.dst == t && c.src == s && d.dst == to && e.dst == to && e.src == t && t != s && to != s && t != to;
    if !shape || !registers {
        return None;
    }
    let code = match (b.code, d.code) {
        (Code::Rsh32I, Code::Lsh32I) => Code::RotateRl,
        (Code::Lsh32I, Code::Rsh32I) => Code::RotateLr,
        _ => return None,
    };
    Some(Op { code, dst: t, src: s, aux: to as u8, off: b.imm as i32, imm: d.imm })
}

fn three(ops: &[Op]) -> Option<Op> {
    let [a, b, c, ..] = ops else { return None };
    let same = a.dst == b.dst;
    match (a.code, b.code, c.code) {
        // d = s; d += imm; if d > t goto: is there that much packet?
        (Code::Mov64R, Code::Add64I, Code::Jgt64R) if same && c.dst == a.dst => {
            Some(Op { code: Code::EndCheck, aux: c.src as u8, off: c.off, imm: b.imm, ..*a })
        }
        // d = s; d += t; e = *(d + off): an element of an array.
        (Code::Mov64R, Code::Add64R, load) if same && b.src != a.dst && c.src == a.dst => {
            let code = match load {
                Code::LoadB => Code::IndexedB,
                Code::LoadH => Code::IndexedH,
                Code::LoadW => Code::IndexedW,
                Code::LoadDw => Code::IndexedDw,
                _ => return None,
            };
            Some(Op { code, aux: b.src as u8, off: c.off, imm: c.dst as u64, ..*a })
        }
        // d = s; d <<= k; d |= t
        (Code::Mov32R, Code::Lsh32I, Code::Or32R) if same && c.dst == a.dst && c.src != a.dst => {
            Some(Op { code: Code::MovLshOr32, aux: c.src as u8, imm: b.imm, ..*a })
        }
        (Code::Mov64R, Code::Lsh64I, Code::Or64R) if same && c.dst == a.dst && c.src != a.dst => {
            Some(Op { code: Code::MovLshOr64, aux: c.src as u8, imm: b.imm, ..*a })
        }
        // d = s; d <<= 32; d >>= 32
        (Code::Mov64R, Code::Lsh64I, Code::Rsh64I) if same && c.dst == a.dst && b.imm == 32 && c.imm == 32 => {
            Some(Op { code: Code::MovLow32, ..*a })
        }
        _ => None,
    }
}

fn two(ops: &[Op]) -> Option<Op> {
    let [a, b, ..] = ops else { return None };
    if a.dst != b.dst {
        return None;
    }
    moved(a, b).or_else(|| pair(a, b)).or_else(|| counted(a, b)).or_else(|| loaded(a, b))
}

/// `d = s; d op= …`: an operation with three addresses.
fn moved(a: &Op, b: &Op) -> Option<Op> {
    let code = match (a.code, b.code) {
        (Code::Mov64R, Code::Add64I) => Code::MovAdd64I,
        (Code::Mov64R, Code::Lsh64I) => Code::MovLsh64I,
        (Code::Mov64R, Code::Rsh64I) => Code::MovRsh64I,
        (Code::Mov64R, Code::And64I) => Code::MovAnd64I,
        (Code::Mov32R, Code::Add32I) => Code::MovAdd32I,
        (Code::Mov32R, Code::Lsh32I) => Code::MovLsh32I,
        (Code::Mov32R, Code::Rsh32I) => Code::MovRsh32I,
        (Code::Mov32R, Code::And32I) => Code::MovAnd32I,
        (Code::Mov64R, Code::Add64R) if b.src != b.dst => Code::MovAdd64R,
        (Code::Mov32R, Code::Add32R) if b.src != b.dst => Code::MovAdd32R,
        _ => return None,
    };
    Some(Op { code, aux: b.src as u8, imm: b.imm, ..*a })
}

/// `d op= s; d op= t`, where `t` is another register.
fn pair(a: &Op, b: &Op) -> Option<Op> {
    let code = match (a.code, b.code) {
        (Code::Lsh64I, Code::Rsh64I) if a.imm == 32 && b.imm == 32 => {
            return Some(Op { code: Code::Low32Pair, ..*a });
        }
        (Code::Lsh64I, Code::Arsh64I) if a.imm == 32 && b.imm == 32 => {
            return Some(Op { code: Code::Sign32Pair, ..*a });
        }
        (Code::Add64R, Code::Add64R) => Code::AddAdd64,
        (Code::Add64R, Code::Xor64R) => Code::AddXor64,
        (Code::Sub64R, Code::Xor64R) => Code::SubXor64,
        (Code::Xor64R, Code::Add64R) => Code::XorAdd64,
        (Code::Xor64R, Code::Sub64R) => Code::XorSub64,
        (Code::Add32R, Code::Add32R) => Code::AddAdd32,
        (Code::Add32R, Code::Xor32R) => Code::AddXor32,
        (Code::Sub32R, Code::Xor32R) => Code::SubXor32,
        (Code::Xor32R, Code::Add32R) => Code::XorAdd32,
        (Code::Xor32R, Code::Sub32R) => Code::XorSub32,
        (Code::Lsh64I, Code::Or64R) => Code::LshOr64,
        (Code::Lsh32I, Code::Or32R) => Code::LshOr32,
        (Code::Mul64I, Code::Add64R) => Code::MulAdd64,
        (Code::Mul32I, Code::Add32R) => Code::MulAdd32,
        _ => return None,
    };
    (b.src != b.dst).then_some(Op { code, aux: b.src as u8, ..*a })
}

/// `d += imm; if d … goto`: the end of a loop. The immediate to compare with is the upper half of `imm`.
fn counted(a: &Op, b: &Op) -> Option<Op> {
    let code = match (a.code, b.code) {
        (Code::Add64I, Code::Jne64I) => Code::AddJne64I,
        (Code::Add64I, Code::Jne64R) if b.src != b.dst => Code::AddJne64R,
        (Code::Add64I, Code::Jeq64I) => Code::AddJeq64I,
        (Code::Add64I, Code::Jlt64I) => Code::AddJlt64I,
        (Code::Add64I, Code::Jlt64R) if b.src != b.dst => Code::AddJlt64R,
        (Code::Add64I, Code::Jgt64I) => Code::AddJgt64I,
        (Code::Add32I, Code::Jne32I) => Code::AddJne32I,
        (Code::Add32I, Code::Jne32R) if b.src != b.dst => Code::AddJne32R,
        (Code::Add32I, Code::Jeq32I) => Code::AddJeq32I,
        (Code::Add32I, Code::Jlt32I) => Code::AddJlt32I,
        (Code::Add32I, Code::Jlt32R) if b.src != b.dst => Code::AddJlt32R,
        (Code::Add32I, Code::Jgt32I) => Code::AddJgt32I,
        _ => return None,
    };
    Some(Op { code, src: b.src, off: b.off, imm: a.imm & 0xffff_ffff | b.imm << 32, ..*a })
}

/// `d = *(s + off); …`: what is loaded is added to, or decides a jump.
fn loaded(a: &Op, b: &Op) -> Option<Op> {
    let sum = match (a.code, b.code) {
        (Code::LoadW, Code::Add32R) if b.src != b.dst => Some(Code::LoadAdd32R),
        (Code::LoadW, Code::Add32I) => Some(Code::LoadAdd32I),
        (Code::LoadB, Code::And32I | Code::And64I) => Some(Code::LoadAndB),
        _ => None,
    };
    if let Some(code) = sum {
        return Some(Op { code, aux: b.src as u8, imm: b.imm, ..*a });
    }
    let code = match (a.code, b.code) {
        (Code::LoadB, Code::Jeq32I | Code::Jeq64I) => Code::LoadJeqB,
        (Code::LoadB, Code::Jne32I | Code::Jne64I) => Code::LoadJneB,
        (Code::LoadH, Code::Jeq32I | Code::Jeq64I) => Code::LoadJeqH,
        (Code::LoadH, Code::Jne32I | Code::Jne64I) => Code::LoadJneH,
        _ => return None,
    };
    // Offsets of loads have 16 bits; what is compared with is below 65536, or can never be equal.
    if b.imm > u64::from(u16::MAX) {
        return None;
    }
    Some(Op { code, off: b.off, imm: b.imm << 32 | u64::from(a.off as u32), ..*a })
}
