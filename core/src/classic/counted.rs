//! A filter by itself, as fast as it goes: what it returns, and what the eBPF program that it converts to would have run.
//!
//! Whoever only counts packets needs no machine: the classic filter gives the same verdict, and how many eBPF instructions
//! each of its own stands for is known beforehand for every way that it can go.

use super::run::{Next, State};
use super::{AluOp, Cond, Ext, Op, Outcome, Packet, Program, Source};

/// A filter, with what each of its instructions costs in eBPF.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Instructions before those of the first.
    setup: u32,
    steps: Vec<Step>,
}

/// An instruction that does not jump on a condition, and the conditional jump behind it; or one of them alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Step {
    straight: Option<(Op, Costs)>,
    jump: Option<Jump>,
}

/// A conditional jump: where it leads when the condition does not hold and when it does, and what that costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Jump {
    cond: Cond,
    source: Source,
    to: [u32; 2],
    costs: [u32; 2],
}

/// eBPF instructions run for one that does not jump on a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Costs {
    /// When it goes on.
    on: u32,
    /// When it ends the run, in a return or not.
    end: u32,
}

impl Counted {
    /// Prepares a filter. `None` when what it asks of beside the packet is more than the packet's protocol, its type and its
    /// VLAN tag, or when it has no eBPF program.
    pub fn new(program: &Program) -> Option<Counted> {
        use Ext::{PacketType, Protocol, VlanTag, VlanTagPresent, VlanTpid};
        let known = |op: &Op| match op {
            Op::LoadExt(ext) => matches!(ext, PacketType | Protocol | VlanTag | VlanTagPresent | VlanTpid),
            _ => true,
        };
        if !program.ops().iter().all(known) {
            return None;
        }
        let converted = program.convert().ok()?;
        let (ops, slots) = (program.ops(), &converted.slots);
        let jump = |pc: usize| match *ops.get(pc)? {
            Op::JumpIf(cond, source, jt, jf) => {
                let to = [jf, jt].map(|skip| pc as u32 + 1 + u32::from(skip));
                Some(Jump { cond, source, to, costs: jump_costs(cond, jt, jf, slots[pc].len() as u32) })
            }
            _ => None,
        };
        let step = |pc: usize| match ops[pc] {
            Op::JumpIf(..) => Step { straight: None, jump: jump(pc) },
            // What an unconditional jump leads to is not what stands behind it.
            op @ Op::Jump(_) => Step { straight: Some((op, costs(op, slots[pc].len() as u32))), jump: None },
            op => Step { straight: Some((op, costs(op, slots[pc].len() as u32))), jump: jump(pc + 1) },
        };
        Some(Counted { setup: slots[0].start, steps: (0..ops.len()).map(step).collect() })
    }

    /// Runs the filter; the outcome's instructions are those of its eBPF program.
    #[inline]
    pub fn run(&self, packet: &Packet<'_>) -> Outcome {
        let (mut pc, mut insns) = (0, self.setup);
        let mut state = State::default();
        loop {
            let Step { straight, jump } = &self.steps[pc];
            if let Some((op, costs)) = straight {
                match state.step(*op, packet) {
                    Some(Next::Skip(skip)) => (pc, insns) = (pc + 1 + skip as usize, insns + costs.on),
                    Some(Next::Return(ret)) => return Outcome { ret, insns: insns + costs.end },
                    None => return Outcome { ret: 0, insns: insns + costs.end },
                }
            }
            if let Some(Jump { cond, source, to, costs }) = jump {
                let holds = usize::from(state.holds(*cond, *source));
                (pc, insns) = (to[holds] as usize, insns + costs[holds]);
            }
        }
    }
}

/// What an instruction costs that became so many, as [`Program::convert`] converts it.
fn costs(op: Op, all: u32) -> Costs {
    match op {
        // `if x != 0 skip 2; A = 0; exit; A /= x`.
        Op::Alu(AluOp::Div | AluOp::Mod, Source::X) => Costs { on: all - 2, end: all - 1 },
        // The load is followed by three that make X of it; when A is kept, one is before it and one more behind.
        Op::LoadXHeaderLen(_) => Costs { on: all, end: if all == 6 { 2 } else { 1 } },
        _ => Costs { on: all, end: all },
    }
}

/// What a conditional jump costs when the condition does not hold, and when it does. It is a jump, perhaps behind a load of its
/// operand, and another behind it when what it does not lead to is not next. When where it leads to is next, the jump is the
/// opposite one.
fn jump_costs(cond: Cond, jt: u8, jf: u8, all: u32) -> [u32; 2] {
    let straight = jt == jf || jt == 0 && cond != Cond::Set || jf == 0;
    [all, if straight { all } else { all - 1 }]
}
