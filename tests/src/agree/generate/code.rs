//! Instructions by their parts.

use bpfscope_core::isa::RawInsn;

/// Classes (RFC 9669 §3).
pub const LDX: u8 = 0x01;
/// See [`LDX`].
pub const ST: u8 = 0x02;
/// See [`LDX`].
pub const STX: u8 = 0x03;
/// See [`LDX`].
pub const ALU: u8 = 0x04;
/// See [`LDX`].
pub const JMP: u8 = 0x05;
/// See [`LDX`].
pub const JMP32: u8 = 0x06;
/// See [`LDX`].
pub const ALU64: u8 = 0x07;

/// The second operand is a register.
pub const X: u8 = 0x08;
/// The first slot of a 64-bit immediate.
pub const LD_IMM64: u8 = 0x18;
/// A call.
pub const CALL: u8 = 0x85;
/// The end of a function.
pub const EXIT: u8 = 0x95;
/// `goto` with a 16-bit distance, and with a 32-bit one.
pub const JA: u8 = 0x05;
/// See [`JA`].
pub const JA32: u8 = 0x06;
/// `may_goto`.
pub const MAY_GOTO: u8 = 0xe5;

/// Additions, subtractions, …: the operations of ALU classes that take two operands, without `mov`.
pub const ALU_OPS: [u8; 11] = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0, 0xc0];
/// `mov`.
pub const MOV: u8 = 0xb0;
/// `add`.
pub const ADD: u8 = 0x00;
/// `and`.
pub const AND: u8 = 0x50;
/// Comparisons of jump classes.
pub const JUMPS: [u8; 11] = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0];
/// `==`, `>`, `!=`, `<`, `<=`.
pub const JEQ: u8 = 0x10;
/// See [`JEQ`].
pub const JGT: u8 = 0x20;
/// See [`JEQ`].
pub const JNE: u8 = 0x50;
/// See [`JEQ`].
pub const JLT: u8 = 0xa0;

/// An instruction with all its fields.
pub fn insn(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

/// `dst = imm`
pub fn mov(dst: u8, imm: i32) -> RawInsn {
    insn(ALU64 | MOV, dst, 0, 0, imm)
}

/// `dst = src`
pub fn mov_reg(dst: u8, src: u8) -> RawInsn {
    insn(ALU64 | MOV | X, dst, src, 0, 0)
}

/// `dst += imm`
pub fn add(dst: u8, imm: i32) -> RawInsn {
    insn(ALU64 | ADD, dst, 0, 0, imm)
}

/// The size bits of memory accesses of 1, 2, 4 or 8 bytes.
pub fn size_bits(size: u8) -> u8 {
    match size {
        1 => 0x10,
        2 => 0x08,
        4 => 0x00,
        _ => 0x18,
    }
}

/// `dst = *(u8 … u64 *)(src + off)`
pub fn load(size: u8, dst: u8, src: u8, off: i16) -> RawInsn {
    insn(LDX | 0x60 | size_bits(size), dst, src, off, 0)
}

/// `*(u8 … u64 *)(dst + off) = src`
pub fn store(size: u8, dst: u8, off: i16, src: u8) -> RawInsn {
    insn(STX | 0x60 | size_bits(size), dst, src, off, 0)
}

/// `*(u8 … u64 *)(dst + off) = imm`
pub fn store_imm(size: u8, dst: u8, off: i16, imm: i32) -> RawInsn {
    insn(ST | 0x60 | size_bits(size), dst, 0, off, imm)
}

/// `call` of a helper.
pub fn call(helper: u32) -> RawInsn {
    insn(CALL, 0, 0, 0, helper as i32)
}

/// A 64-bit immediate; with source 1 the number of a map, as in [`bpfscope_core::kernel::Program::insns`].
pub fn wide(dst: u8, src: u8, value: i64) -> [RawInsn; 2] {
    [insn(LD_IMM64, dst, src, 0, value as i32), insn(0, 0, 0, 0, (value >> 32) as i32)]
}

/// `exit`
pub fn exit() -> RawInsn {
    insn(EXIT, 0, 0, 0, 0)
}

/// Whether the first of two slots.
pub fn is_wide(insn: RawInsn) -> bool {
    insn.opcode == LD_IMM64
}

/// Where an instruction at slot `at` may go other than on, if it names a place: jumps, calls, addresses of functions.
pub fn target(insn: RawInsn, at: usize) -> Option<i64> {
    let next = at as i64 + 1;
    match insn.opcode {
        CALL if insn.src == 1 => Some(next + i64::from(insn.imm)),
        LD_IMM64 if insn.src == 4 => Some(next + i64::from(insn.imm)),
        JA32 => Some(next + i64::from(insn.imm)),
        CALL | EXIT => None,
        opcode if matches!(opcode & 7, JMP | JMP32) => Some(next + i64::from(insn.off)),
        _ => None,
    }
}

/// The same instruction, at slot `at`, going to `to`.
pub fn with_target(insn: RawInsn, at: usize, to: i64) -> RawInsn {
    let distance = to - at as i64 - 1;
    match insn.opcode {
        CALL | LD_IMM64 | JA32 => RawInsn { imm: distance as i32, ..insn },
        _ => RawInsn { off: distance as i16, ..insn },
    }
}

/// For each slot whether an instruction starts there.
pub fn starts(insns: &[RawInsn]) -> Vec<bool> {
    let mut second = false;
    insns
        .iter()
        .map(|insn| {
            let starts = !second;
            second = starts && is_wide(*insn);
            starts
        })
        .collect()
}

/// Replaces the slots of `range` by others; jumps and calls across the place go where they went, those into it to its
/// start. `starts` of functions move along.
pub fn splice(insns: &mut Vec<RawInsn>, funcs: &mut [[u32; 2]], range: std::ops::Range<usize>, with: &[RawInsn]) {
    let grown = with.len() as i64 - range.len() as i64;
    let moved = |slot: i64| match slot {
        slot if slot < range.start as i64 => slot,
        slot if slot < range.end as i64 => range.start as i64,
        slot => slot + grown,
    };
    let moved_start = |slot: i64| if slot <= range.start as i64 { slot } else { moved(slot) };
    let begins = starts(insns);
    let mut out = Vec::with_capacity((insns.len() as i64 + grown).max(0) as usize);
    for (at, &insn) in insns.iter().enumerate() {
        if at == range.start {
            out.extend_from_slice(with);
        }
        if range.contains(&at) {
            continue;
        }
        let to = if begins[at] { target(insn, at) } else { None };
        let place = out.len();
        out.push(match to {
            // A function begins with what is put before its first instruction.
            Some(to) if matches!(insn.opcode, CALL | LD_IMM64) => with_target(insn, place, moved_start(to)),
            Some(to) => with_target(insn, place, moved(to)),
            None => insn,
        });
    }
    if range.start >= insns.len() {
        out.extend_from_slice(with);
    }
    for func in funcs {
        func[0] = moved_start(i64::from(func[0])).max(0) as u32;
    }
    *insns = out;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_across_a_removed_instruction_go_where_they_went() {
        // 0: if r1 == 0 goto 3; 1: r2 = 1; 2: r3 = 2; 3: goto 0
        let mut insns = vec![insn(JMP | JEQ, 1, 0, 2, 0), mov(2, 1), mov(3, 2), insn(JA, 0, 0, -4, 0)];
        let mut funcs = [[0, 1], [3, 1]];
        splice(&mut insns, &mut funcs, 1..2, &[]);
        assert_eq!(insns, [insn(JMP | JEQ, 1, 0, 1, 0), mov(3, 2), insn(JA, 0, 0, -3, 0)]);
        assert_eq!(funcs, [[0, 1], [2, 1]]);
        splice(&mut insns, &mut funcs, 1..1, &[mov(4, 4), mov(5, 5)]);
        assert_eq!(target(insns[0], 0), Some(4));
        assert_eq!(target(insns[4], 4), Some(0));
    }

    #[test]
    fn the_second_slot_of_a_wide_load_is_no_instruction() {
        let [first, second] = wide(1, 0, 0x0500_0000_0000);
        assert_eq!(starts(&[mov(0, 0), first, second, exit()]), [true, true, false, true]);
    }
}
