//! Spills around calls that would not need them (`bpf_fastcall`, Linux 6.12).
//!
//! Clang saves registers around a call that leaves them alone, so that old kernels take the program:
//! ```text
//! *(u64 *)(r10 - 16) = r1
//! call 8                      ; bpf_get_smp_processor_id, which the kernel inlines
//! r1 = *(u64 *)(r10 - 16)
//! ```
//! A kernel that inlines the call drops such pairs and the stack that they took, unless the program uses this stack
//! for anything else. What is found here is where they are; the explorer sees whether the stack is used otherwise.

use super::live::{called, is_fill, is_spill};
use super::{Asked, Aux, Shape, Subprog, slots};
use crate::isa::{Pc, RawInsn};
use crate::kernel::Feature;

/// Bytes that a spilled register takes.
const SPILL: i16 = 8;
/// Marks the pairs in `aux`, and in `subprogs` the stack that they take.
pub(super) fn mark(asked: &Asked<'_>, subprogs: &mut [Subprog], aux: &mut [Aux]) {
    if !asked.has(Feature::Fastcall) {
        return;
    }
    for subprog in subprogs {
        let range = subprog.start.0..subprog.end.0;
        let raw = |pc: u32| asked.raw.get(pc as usize);
        let spills = range.clone().filter_map(raw).filter(|raw| is_spill(raw));
        let lowest = spills.map(|raw| raw.off).min().unwrap_or(0).min(0);
        for pc in range.filter(|&pc| raw(pc).is_some_and(|raw| raw.opcode == slots::CALL)) {
            mark_call(asked, subprog, aux, pc, lowest);
        }
    }
}

fn mark_call(asked: &Asked<'_>, subprog: &mut Subprog, aux: &mut [Aux], pc: u32, lowest: i16) {
    let Some(called) = called(asked, &asked.raw[pc as usize]) else { return };
    let mut free = called.untouched();
    let mut off = lowest;
    let mut pairs = 0;
    // Pairs go outwards from the call, from the lowest offset up, at most one for each of r0 to r5.
    for distance in 1..=6 {
        let Some(before) = pc.checked_sub(distance) else { break };
        let after = pc + distance;
        let slot = |pc: u32| asked.raw.get(pc as usize);
        let (Some(spill), Some(fill)) = (slot(before), slot(after)) else { break };
        if !is_pair(spill, fill, off) || free & 1 << spill.src == 0 {
            break;
        }
        free &= !(1 << spill.src);
        aux[before as usize].fastcall_pattern = true;
        aux[after as usize].fastcall_pattern = true;
        pairs += 1;
        off = off.wrapping_add(SPILL);
    }
    if pairs == 0 {
        return;
    }
    if called.inlined {
        aux[pc as usize].fastcall_spills = pairs;
    } else {
        subprog.keeps_fastcall = true;
    }
    subprog.fastcall_off = subprog.fastcall_off.min(off);
}

fn is_pair(spill: &RawInsn, fill: &RawInsn, off: i16) -> bool {
    is_spill(spill) && is_fill(fill) && spill.src == fill.dst && spill.off == off && fill.off == off
}

impl Shape {
    /// A path touches the stack of a function, `off` bytes from the frame pointer. Unless that is one of the spills
    /// and fills, or above them, the function keeps them all.
    pub fn touch_stack(&mut self, subprog: usize, pc: Pc, off: i32) {
        let Some(touched) = self.subprogs.get_mut(subprog) else { return };
        let is_pattern = self.aux.get(pc.index()).is_some_and(|aux| aux.fastcall_pattern);
        if i32::from(touched.fastcall_off) <= off || is_pattern {
            return;
        }
        touched.fastcall_off = i16::MIN;
        for aux in &mut self.aux[touched.start.index()..touched.end.index()] {
            aux.fastcall_pattern = false;
            aux.fastcall_spills = 0;
        }
    }

    /// The stack that a function takes, of which it was seen to use `used` bytes, once the spills are dropped.
    pub fn final_stack(&self, subprog: usize, used: u32) -> u32 {
        let Some(Subprog { start, end, fastcall_off, keeps_fastcall, .. }) = self.subprogs.get(subprog) else {
            return used;
        };
        let dropped = self.aux[start.index()..end.index()].iter().any(|aux| aux.fastcall_spills > 0);
        if dropped && !keeps_fastcall { fastcall_off.unsigned_abs().into() } else { used }
    }
}

#[cfg(test)]
mod tests {
    use crate::isa::Pc;
    use crate::kernel::ProgType;
    use crate::verifier::Options;
    use crate::verifier::shape::shape;
    use crate::verifier::shape::tests::{call, exit, fill, mov, program, spill};

    const CPU: i32 = 8;
    const KTIME: i32 = 5;

    #[test]
    fn spills_around_an_inlined_call_take_no_stack() {
        let two = [mov(1, 0), mov(2, 0), spill(2, -8), spill(1, -16), call(0, CPU), fill(1, -16), fill(2, -8)];
        let one = [mov(1, 0), spill(1, -16), call(0, CPU), fill(1, -16)];
        let wrong_order = [mov(1, 0), mov(2, 0), spill(2, -16), spill(1, -8), call(0, CPU), fill(1, -8), fill(2, -16)];
        let result = [mov(0, 0), spill(0, -16), call(0, CPU), fill(0, -16)];
        let not_inlined = [mov(1, 0), spill(1, -16), call(0, KTIME), fill(1, -16)];
        let both = [&one[..], &not_inlined].concat();
        let other = [&one[..], &[mov(3, 0), spill(3, -24)]].concat();
        // What Linux 6.18 prints as `stack depth` of these, as a kprobe.
        let cases = [
            (&two[..], 16, 0),
            (&one, 16, 8),
            (&wrong_order, 16, 16),
            (&result, 16, 16),
            (&not_inlined, 16, 16),
            (&both, 16, 16),
            (&other, 24, 24),
        ];
        for (insns, used, expected) in cases {
            let insns = [insns, &[mov(0, 0), exit()]].concat();
            let shape = shape(&program(ProgType::Kprobe, &insns), &[], &Options::default()).unwrap();
            assert_eq!(shape.final_stack(0, used), expected, "{insns:?}");
        }
    }

    #[test]
    fn socket_filters_have_a_helper_that_is_not_inlined() {
        let insns = [mov(1, 0), spill(1, -16), call(0, CPU), fill(1, -16), mov(0, 0), exit()];
        for (prog_type, expected) in [(ProgType::SocketFilter, 16), (ProgType::CgroupSkb, 16), (ProgType::Xdp, 8)] {
            let shape = shape(&program(prog_type, &insns), &[], &Options::default()).unwrap();
            assert_eq!(shape.final_stack(0, 16), expected, "{prog_type:?}");
        }
    }

    #[test]
    fn a_read_of_the_stack_from_elsewhere_keeps_the_spills() {
        let insns = [mov(1, 0), spill(1, -16), call(0, CPU), fill(1, -16), fill(2, -16), mov(0, 0), exit()];
        let mut shape = shape(&program(ProgType::Xdp, &insns), &[], &Options::default()).unwrap();
        for pc in [1, 3] {
            shape.touch_stack(0, Pc(pc), -16);
        }
        assert_eq!(shape.final_stack(0, 16), 8);
        shape.touch_stack(0, Pc(4), -16);
        assert_eq!(shape.final_stack(0, 16), 16);
    }
}
