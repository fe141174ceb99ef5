//! A program made small: as long as what is odd about it stays, instructions are taken out and operands made plain.

use bpfscope_core::isa::RawInsn;

use super::code;
use super::pool::Sample;

/// Programs tried at most.
const MOST_TRIALS: usize = 4000;

/// Makes a program smaller while `odd` says that it still is what it was.
pub fn shrink(sample: &Sample, mut odd: impl FnMut(&Sample) -> bool) -> Sample {
    let mut best = sample.clone();
    let mut trials = 0;
    let mut try_one = |candidate: Sample, best: &mut Sample| -> bool {
        trials += 1;
        let better = trials <= MOST_TRIALS && candidate != *best && odd(&candidate);
        if better {
            *best = candidate;
        }
        better
    };
    loop {
        let before = best.clone();
        let mut size = best.insns.len() / 2;
        while size >= 1 {
            let mut at = best.insns.len();
            while at > 0 {
                at = at.saturating_sub(size);
                let end = (at + size).min(best.insns.len());
                if let Some(candidate) = without(&best, at, end) {
                    try_one(candidate, &mut best);
                }
            }
            size /= 2;
        }
        for at in 0..best.insns.len() {
            for insn in plainer(best.insns[at]) {
                let mut candidate = best.clone();
                candidate.insns[at] = insn;
                try_one(candidate, &mut best);
            }
        }
        if best == before {
            return best;
        }
    }
}

/// The program without a range of slots, if that cuts no wide load in two and removes no whole function.
fn without(sample: &Sample, from: usize, to: usize) -> Option<Sample> {
    let starts = code::starts(&sample.insns);
    let cuts = |at: usize| at < starts.len() && !starts[at];
    if cuts(from) || cuts(to) || to - from >= sample.insns.len() {
        return None;
    }
    let mut out = sample.clone();
    code::splice(&mut out.insns, &mut out.funcs, from..to, &[]);
    // A function that nothing is left of.
    let len = out.insns.len() as u32;
    out.funcs.dedup_by_key(|func| func[0]);
    out.funcs.retain(|func| func[0] < len);
    Some(out)
}

/// The same instruction with a plainer operand, or one that does less.
fn plainer(insn: RawInsn) -> Vec<RawInsn> {
    let mut out = Vec::new();
    let keeps_imm = matches!(insn.opcode, code::CALL | code::LD_IMM64 | code::JA32);
    if !keeps_imm && insn.opcode != 0 {
        for imm in [0, 1, insn.imm / 2] {
            if imm != insn.imm && imm.unsigned_abs() < insn.imm.unsigned_abs() {
                out.push(RawInsn { imm, ..insn });
            }
        }
    }
    if matches!(insn.opcode & 7, code::ALU | code::ALU64) && insn.opcode & 0xf0 != code::MOV {
        out.push(code::mov(insn.dst, 0));
    }
    out
}

#[cfg(test)]
mod tests {
    use bpfscope_core::kernel::ProgType;

    use super::*;

    #[test]
    fn what_does_not_matter_is_taken_out() {
        let mut insns: Vec<RawInsn> = (0..30).map(|n| code::mov((n % 6) as u8, n)).collect();
        insns.push(code::insn(code::JMP | code::JEQ, 1, 0, 1, 5));
        insns.push(code::add(2, 77));
        insns.push(code::exit());
        let sample = Sample {
            pool: 0,
            prog_type: ProgType::Xdp,
            section: "xdp".to_owned(),
            flags: 0,
            license: "GPL".to_owned(),
            unprivileged: false,
            insns,
            funcs: Vec::new(),
        };
        let odd = |s: &Sample| {
            s.insns.iter().any(|i| i.opcode == code::add(0, 0).opcode && i.imm > 60)
                && s.insns.last() == Some(&code::exit())
        };
        let small = shrink(&sample, odd);
        assert_eq!(small.insns, [code::add(2, 77), code::exit()]);
    }
}
