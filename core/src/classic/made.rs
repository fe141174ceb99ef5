//! How many instructions the kernel makes of each: its own conversion jumps 16 bits far, and refuses what lies farther.
//!
//! Measured by attaching filters of which a jump leads over many of one kind (Linux 6.18 on x86-64).

use super::{AluOp, Cond, Ext, Op, Source};
use crate::isa::Size;

/// Instructions that a jump may lead over.
pub(super) const FARTHEST: u32 = i16::MAX as u32;

/// The first jump that leads too far, and over how many instructions of the kernel's it does.
pub(super) fn too_far(ops: &[Op]) -> Option<(usize, u32)> {
    // How many are before each.
    let mut before = Vec::with_capacity(ops.len() + 1);
    before.push(0);
    for op in ops {
        before.push(before[before.len() - 1] + made(*op));
    }
    ops.iter().enumerate().find_map(|(pc, op)| match *op {
        Op::Jump(skip) => {
            let over = before[pc + 1 + skip as usize] - before[pc + 1];
            (over > FARTHEST).then_some((pc, over))
        }
        // Conditional jumps lead over 255 classic instructions at most.
        _ => None,
    })
}

/// Instructions that become of one.
fn made(op: Op) -> u32 {
    /// What a byte loaded by offset takes to be the length of an IPv4 header, and A to come back.
    const HEADER_LEN: u32 = 6;
    match op {
        Op::LoadAbs(size, k) => absolute(size, k),
        Op::LoadXHeaderLen(k) => absolute(Size::B, k) + HEADER_LEN,
        Op::LoadInd(_, k) => 8 + u32::from(k != 0),
        Op::LoadExt(ext) => match ext {
            Ext::Mark | Ext::Queue | Ext::RxHash | Ext::VlanTag | Ext::XorX => 1,
            Ext::Protocol | Ext::PacketType | Ext::VlanTpid => 2,
            Ext::VlanTagPresent => 3,
            Ext::Ifindex | Ext::HaType | Ext::Cpu | Ext::Nlattr | Ext::NlattrNest | Ext::PayOffset | Ext::Random => 4,
        },
        Op::Alu(AluOp::Div | AluOp::Mod, Source::X) => 5,
        Op::JumpIf(cond, source, jt, jf) => {
            let both = jf != 0 && (jt != 0 || cond == Cond::Set);
            // A constant that would be a negative one is put into a register.
            let negative = matches!(source, Source::K(k) if k > i32::MAX as u32);
            1 + u32::from(both) + u32::from(negative)
        }
        Op::Return(_) => 2,
        _ => 1,
    }
}

/// A load from the packet by a constant offset: what is within is loaded at once, the rest by a function.
fn absolute(size: Size, k: u32) -> u32 {
    const BY_FUNCTION: u32 = 8;
    const AT_ONCE: u32 = 4;
    if k > i32::MAX as u32 {
        return BY_FUNCTION;
    }
    let swapped = size != Size::B;
    BY_FUNCTION + AT_ONCE + u32::from(k != 0) + u32::from(swapped) + 2 * u32::from(k > i16::MAX as u32)
}
