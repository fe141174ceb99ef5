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

use super::live::{called_helper, is_fill, is_spill, untouched};
use super::{Asked, Aux, Subprog, slots};
use crate::isa::RawInsn;
use crate::kernel::Feature;

/// Bytes that a spilled register takes.
const SPILL: i16 = 8;
/// Helpers that are inlined and leave other registers alone: `bpf_get_smp_processor_id`.
const INLINED: [u32; 1] = [8];

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
    let Some(def) = called_helper(asked, &asked.raw[pc as usize]) else { return };
    let mut free = untouched(asked, def);
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
    if INLINED.contains(&def.id) {
        aux[pc as usize].fastcall_spills = pairs;
    } else {
        subprog.keeps_fastcall = true;
    }
    subprog.fastcall_off = subprog.fastcall_off.min(off);
}

fn is_pair(spill: &RawInsn, fill: &RawInsn, off: i16) -> bool {
    is_spill(spill) && is_fill(fill) && spill.src == fill.dst && spill.off == off && fill.off == off
}
