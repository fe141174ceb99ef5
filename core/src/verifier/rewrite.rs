//! What the kernel refuses while it rewrites a program that it has explored.
//!
//! It takes out what no path came to, whole functions among it, then makes machine code of each function that is left.
//! A function whose address alone was taken is gone by then, and the address leads nowhere, which the kernel calls a
//! mistake of its own: `No program to jit`. Nothing is wrong when it leads, by chance, to what moved up to its place:
//!
//! ```text
//! f: r2 = callback ll        main: r2 = callback ll
//!    r0 = 0                        call f
//!    exit                          r0 = 0
//! callback: …                      exit
//!                            callback: …
//!                            f: …
//! refused, if `f` is called  the address is that of `f` now
//! ```
//!
//! Not here: instructions that the kernel puts in for others afterwards, which move everything alike.

use super::Rejection;
use super::call::{self, MISSING};
use super::env::Verifier;
use super::finding::{Finding, KfuncFinding, SubprogFinding};
use super::shape::slots::{self, CALL, CALL_HELPER, CALL_KFUNC, CALL_LOCAL, GOTO, GOTOL, MAY_GOTO, source};
use crate::isa::opcode::{self, class};
use crate::isa::{Pc, RawInsn};

/// Slots that are looked at while others are taken out, at most: what takes more is a program made to take long, and
/// is taken for one that is in order.
const MOST_LOOKED_AT: usize = 1 << 28;
/// Instructions that stand for a call of `bpf_loop` whose function is known.
const INLINED_LOOP: usize = 19;

impl Verifier<'_> {
    /// Whether anything is refused once every path is known to be safe.
    pub fn check_rewrites(&self) -> Result<(), Rejection> {
        let rejected = |finding: Finding, pc| Rejection { finding, pc, regs: Vec::new() };
        let missing = |pc: &usize| self.aux[*pc].seen && is_missing(&self.program.insns[*pc]);
        if let Some(pc) = (0..self.program.insns.len()).find(missing) {
            return Err(rejected(KfuncFinding::Missing.into(), Some(Pc(pc as u32))));
        }
        if !self.names_what_is_gone() {
            return Ok(());
        }
        match self.layout().rewritten() {
            Some(insn) => Err(rejected(SubprogFinding::NoProgram { insn }.into(), None)),
            None => Ok(()),
        }
    }

    /// Whether something that a path came to names a function to which none came.
    fn names_what_is_gone(&self) -> bool {
        let seen = |pc: usize| self.aux.get(pc).is_some_and(|aux| aux.seen);
        let all = self.program.insns.iter().enumerate();
        all.filter(|(pc, insn)| names_function(insn) && seen(*pc))
            .any(|(pc, insn)| usize::try_from(pc as i64 + 1 + i64::from(insn.imm)).is_ok_and(|start| !seen(start)))
    }

    /// The program as it was explored, with loops in place of the calls of `bpf_loop` that can be.
    fn layout(&self) -> Layout {
        let mut layout = Layout { slots: Vec::new(), starts: Vec::new() };
        let mut wide = false;
        for (pc, &insn) in self.program.insns.iter().enumerate() {
            let seen = if wide { layout.slots.last().is_some_and(|slot| slot.seen) } else { self.aux[pc].seen };
            wide = !wide && slots::is_imm64(&insn);
            layout.slots.push(Placed { insn, seen });
        }
        layout.starts = self.shape.subprogs.iter().map(|subprog| subprog.start.index() as i64).collect();
        for pc in (0..self.program.insns.len()).rev().filter(|&pc| self.is_inlined_loop(pc)) {
            layout.grow(pc, INLINED_LOOP);
        }
        layout
    }

    fn is_inlined_loop(&self, pc: usize) -> bool {
        let insn = &self.program.insns[pc];
        let is_loop = insn.opcode == CALL && insn.src == CALL_HELPER && insn.imm == call::LOOP as i32;
        is_loop && self.aux[pc].loop_inline.is_some_and(|subprog| subprog != call::NOT_INLINE)
    }
}

/// A call of a kernel function that this kernel lacks.
fn is_missing(insn: &RawInsn) -> bool {
    insn.opcode == CALL && insn.src == CALL_KFUNC && insn.imm == MISSING
}

/// A slot on its way.
#[derive(Clone, Copy, Debug)]
struct Placed {
    insn: RawInsn,
    /// Whether a path came to it.
    seen: bool,
}

/// A program being rewritten.
#[derive(Clone, Debug)]
struct Layout {
    slots: Vec<Placed>,
    /// Where functions start, in order.
    starts: Vec<i64>,
}

impl Layout {
    /// Takes out what is not needed, as the kernel does; the place that an address of a function leads to without there
    /// being one.
    fn rewritten(mut self) -> Option<i64> {
        self.decide_branches();
        let ends = |pair: &[Placed]| pair[0].seen != pair[1].seen;
        let nops = self.slots.iter().filter(|slot| is_jump(&slot.insn)).count();
        let removals = self.slots.windows(2).filter(|pair| ends(pair)).count() + nops;
        if removals.saturating_mul(self.slots.len()) > MOST_LOOKED_AT {
            return None;
        }
        self.remove_unseen();
        self.remove_nops();
        if self.starts.len() <= 1 {
            return None;
        }
        let targets = self.slots.iter().enumerate().filter(|(_, slot)| names_function(&slot.insn));
        let mut targets = targets.map(|(at, slot)| at as i64 + 1 + i64::from(slot.insn.imm));
        targets.find(|target| !self.starts.contains(target))
    }

    /// A conditional jump of which one side was seen only goes there.
    fn decide_branches(&mut self) {
        for at in 0..self.slots.len() {
            let insn = self.slots[at].insn;
            if !is_conditional(&insn) {
                continue;
            }
            let seen = |at: i64| usize::try_from(at).ok().and_then(|at| self.slots.get(at)).is_some_and(|s| s.seen);
            let next = at as i64 + 1;
            let off = match (seen(next), seen(next + i64::from(insn.off))) {
                (false, _) => insn.off,
                (true, false) => 0,
                (true, true) => continue,
            };
            self.slots[at].insn = RawInsn { opcode: GOTO, dst: 0, src: 0, off, imm: 0 };
        }
    }

    fn remove_unseen(&mut self) {
        let mut at = 0;
        while at < self.slots.len() {
            let count = self.slots[at..].iter().take_while(|slot| !slot.seen).count();
            if count > 0 {
                self.remove(at, count);
            }
            at += 1;
        }
    }

    /// Jumps to what comes next anyway; without one, the jump before may be such as well.
    fn remove_nops(&mut self) {
        let mut at = 0;
        while at < self.slots.len() {
            let insn = self.slots[at].insn;
            let may_goto = is_nop(&insn, MAY_GOTO);
            if !may_goto && !is_nop(&insn, GOTO) {
                at += 1;
                continue;
            }
            self.remove(at, 1);
            at = if may_goto { at.saturating_sub(1) } else { at };
        }
    }

    /// Takes slots out. What led into them from before them leads to the same place still, which is something else.
    fn remove(&mut self, from: usize, count: usize) {
        self.slots.drain(from..from + count);
        let (from, count) = (from as i64, count as i64);
        self.adjust(from, from + count, from);
        // A function is gone when the slots end where another one starts, or the program ends.
        let end = from + count;
        let starts_at_end = self.starts.contains(&end) || end == self.slots.len() as i64 + count;
        let first = self.starts.partition_point(|start| *start < from);
        let mut behind = self.starts.partition_point(|start| *start < end);
        if !starts_at_end {
            behind = behind.saturating_sub(1);
        }
        if behind > first {
            self.starts.drain(first..behind);
        }
        // One that only lost its beginning starts at what is left of it.
        for start in self.starts.iter_mut().filter(|start| **start > from) {
            *start = (*start - count).max(from);
        }
    }

    /// Puts so many slots in the place of one.
    fn grow(&mut self, at: usize, count: usize) {
        let slot = self.slots[at];
        self.slots.splice(at + 1..at + 1, std::iter::repeat_n(Placed { insn: plain(), ..slot }, count - 1));
        self.adjust(at as i64, at as i64 + 1, (at + count) as i64);
        for start in self.starts.iter_mut().filter(|start| **start > at as i64) {
            *start += count as i64 - 1;
        }
    }

    /// Makes jumps and calls lead to where they led, as far as the kernel does, after what was `from..old_end` became
    /// `from..new_end`.
    fn adjust(&mut self, from: i64, old_end: i64, new_end: i64) {
        let delta = new_end - old_end;
        for (at, slot) in (0..).zip(&mut self.slots) {
            let Some(distance) = distance(&slot.insn) else { continue };
            let target = at + 1 + distance;
            let moved = if at < from && target >= old_end {
                delta
            } else if at >= new_end && target < new_end {
                -delta
            } else {
                continue;
            };
            set_distance(&mut slot.insn, distance + moved);
        }
    }
}

/// An instruction that leads nowhere.
fn plain() -> RawInsn {
    RawInsn { opcode: 0xb7, dst: 0, src: 0, off: 0, imm: 0 }
}

/// Whether it calls a function of the program or takes its address.
pub(super) fn names_function(insn: &RawInsn) -> bool {
    (insn.opcode == CALL && insn.src == CALL_LOCAL) || (slots::is_imm64(insn) && insn.src == source::FUNC)
}

fn is_jump(insn: &RawInsn) -> bool {
    matches!(insn.opcode & 7, class::JMP | class::JMP32) && !matches!(insn.opcode & 0xf0, opcode::CALL | opcode::EXIT)
}

fn is_conditional(insn: &RawInsn) -> bool {
    is_jump(insn) && insn.opcode & 0xf0 != opcode::JA
}

/// Whether it is a jump of that kind to what comes next.
fn is_nop(insn: &RawInsn, opcode: u8) -> bool {
    *insn == RawInsn { opcode, dst: 0, src: 0, off: 0, imm: 0 }
}

/// How far an instruction leads from the one behind it.
fn distance(insn: &RawInsn) -> Option<i64> {
    match insn.opcode {
        _ if names_function(insn) => Some(insn.imm.into()),
        GOTOL => Some(insn.imm.into()),
        _ => is_jump(insn).then_some(insn.off.into()),
    }
}

fn set_distance(insn: &mut RawInsn, distance: i64) {
    if names_function(insn) || insn.opcode == GOTOL {
        insn.imm = distance as i32;
    } else {
        insn.off = distance as i16;
    }
}
