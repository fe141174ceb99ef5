//! Which numbers a check depended on: going back over the path, through the kept states that it came by.

use super::Verifier;
use super::backtrack::{Backtrack, Lost, regs_text, slots_text};
use super::kept::Kept;
use crate::isa::{Pc, Reg};
use crate::verifier::finding::{Check, PruneFinding};
use crate::verifier::log::verbose;
use crate::verifier::stack::SLOT;
use crate::verifier::state::{JmpEntry, State, StateId};

/// Where going back is: in the state that it began with, or in a kept one before it.
#[derive(Clone, Copy)]
struct Walk<'a> {
    /// What it began with; `None` for the path's current state.
    start: Option<&'a State>,
    at: Option<StateId>,
}

impl Verifier<'_> {
    /// The verdict depends on the number in a register of the current frame.
    ///
    /// # Errors
    /// When the path contradicts itself, which is a mistake of the verifier's.
    pub fn mark_chain_precision(&mut self, reg: Reg) -> Check {
        if !self.options.privileged {
            return Ok(());
        }
        if !self.reg(reg).is_scalar() {
            return Err(PruneFinding::Bug { what: "backtracking misuse".to_owned() }.into());
        }
        let frame = self.cur.frameno() as usize;
        self.kept.marks.set_reg(frame, reg.index());
        self.chain_precision(None)?;
        Ok(())
    }

    /// The verdict depends on the number spilled in a slot of a frame.
    ///
    /// # Errors
    /// As [`Verifier::mark_chain_precision`].
    pub fn mark_stack_slot_precise(&mut self, frame: u32, slot: usize) -> Check {
        if !self.options.privileged {
            return Ok(());
        }
        self.kept.marks.set_slot(frame as usize, slot);
        self.chain_precision(None)?;
        Ok(())
    }

    /// What is precise in a kept state must be so in the state that is as safe: the current one or a back edge's.
    /// Tells whether that was news.
    pub(super) fn propagate_precision(&mut self, old: StateId, cur: Option<&State>) -> Check<bool> {
        if !self.options.privileged {
            // Everything is precise.
            return Ok(false);
        }
        let mut marks = std::mem::take(&mut self.kept.marks);
        let mut text = String::new();
        if let Some(old) = self.kept.state(old) {
            want_precise(old, &mut marks, self.log.all_paths().then_some(&mut text));
        }
        verbose!(self, "{text}");
        self.kept.marks = marks;
        self.chain_precision(cur)
    }

    /// Goes back from `start` (`None`: the current state) with what is wanted in `kept.marks`.
    fn chain_precision(&mut self, start: Option<&State>) -> Check<bool> {
        let mut bt = std::mem::take(&mut self.kept.marks);
        let mut changed = false;
        let result = self.walk_back(start, &mut bt, &mut changed);
        match result {
            Ok(()) => {}
            Err(Lost::Unsupported) => self.force_precise(start),
            Err(Lost::Bug(what)) => return Err(PruneFinding::Bug { what }.into()),
        }
        bt.clear();
        self.kept.marks = bt;
        Ok(changed)
    }

    fn walk_back(&mut self, start: Option<&State>, bt: &mut Backtrack, changed: &mut bool) -> Result<(), Lost> {
        let mut walk = Walk { start, at: None };
        let state = walk.state(&self.cur, &self.kept);
        let (mut first, mut last) = (state.first_insn, state.insn);
        bt.frame = state.frames.len() - 1;
        let mut next = None;
        let mut skip = true;
        if bt.is_empty() {
            return Ok(());
        }
        loop {
            if self.log.all_paths() {
                let next = next.map_or(-1, |pc: Pc| pc.0 as i32);
                verbose!(
                    self,
                    "mark_precise: frame{}: last_idx {} first_idx {first} subseq_idx {next} \n",
                    bt.frame,
                    last.0 as i32
                );
            }
            if last == super::BEFORE_ENTRY {
                return self.at_function_entry(walk, bt, changed);
            }
            let mut history = walk.state(&self.cur, &self.kept).history.len();
            let mut pc = last;
            loop {
                let entry = walk.entry(&self.cur, &self.kept, history).filter(|entry| entry.pc == pc);
                if !skip {
                    self.step_back(pc, next, entry.as_ref().map(|entry| &entry.note), bt)?;
                }
                skip = false;
                if bt.is_empty() {
                    return Ok(());
                }
                next = Some(pc);
                let only = history == 0 || history == 1 && entry.is_some();
                if pc == first && only {
                    break;
                }
                pc = match entry {
                    Some(entry) => {
                        history -= 1;
                        entry.prev
                    }
                    None => Pc(pc.0.wrapping_sub(1)),
                };
                if pc.index() >= self.shape.insns.len() {
                    return Err(Lost::Bug(format!("backtracking idx {}", pc.0 as i32)));
                }
            }
            // What is left comes from before the state.
            let Some(id) = walk.state(&self.cur, &self.kept).parent else { return Err(Lost::Unsupported) };
            walk.at = Some(id);
            self.mark_in_state(id, bt, changed);
            if bt.is_empty() {
                return Ok(());
            }
            let state = walk.state(&self.cur, &self.kept);
            next = Some(first);
            (first, last) = (state.first_insn, state.last_insn);
        }
    }

    /// Only a global function's own arguments can be wanted before its first instruction.
    fn at_function_entry(&mut self, walk: Walk<'_>, bt: &mut Backtrack, changed: &mut bool) -> Result<(), Lost> {
        const ARGS: u16 = 0b11_1110;
        let state = walk.state(&self.cur, &self.kept);
        let subprog = state.frames.first().map_or(0, |frame| frame.subprog);
        if state.frames.len() > 1 || subprog == 0 || bt.slots_here() != 0 || bt.here() & !ARGS != 0 {
            let (regs, slots) = (bt.here(), bt.slots_here());
            return Err(Lost::Bug(format!(
                "backtracking func entry subprog {subprog} reg_mask {regs:x} stack_mask {slots:x}"
            )));
        }
        if let Some(state) = walk.at.and_then(|id| self.kept.state_mut(id)) {
            for (_, reg) in state.frames[0].regs.iter_mut().enumerate().filter(|(i, _)| bt.regs[0] & 1 << i != 0) {
                if reg.is_scalar() {
                    reg.precise = true;
                    *changed = true;
                }
            }
        }
        Ok(())
    }

    /// Marks what is wanted in a kept state; what is precise already, or no number, is wanted no more.
    fn mark_in_state(&mut self, id: StateId, bt: &mut Backtrack, changed: &mut bool) {
        for frame in (0..=bt.frame).rev() {
            if let Some(state) = self.kept.state_mut(id)
                && let Some(func) = state.frames.get_mut(frame)
            {
                let wanted = bt.regs[frame];
                for (i, reg) in func.regs.iter_mut().enumerate().filter(|(i, _)| wanted & 1 << i != 0) {
                    if !reg.is_scalar() || reg.precise {
                        bt.regs[frame] &= !(1 << i);
                    } else {
                        reg.precise = true;
                        *changed = true;
                    }
                }
                let mut slots = bt.slots[frame];
                while slots != 0 {
                    let i = slots.trailing_zeros();
                    slots &= slots - 1;
                    match func.stack.get(i as usize) {
                        Some(slot) if slot.is_spilled_scalar() && !slot.spilled.precise => {
                            func.stack[i as usize].spilled.precise = true;
                            *changed = true;
                        }
                        _ => bt.slots[frame] &= !(1 << i),
                    }
                }
            }
            if self.log.all_paths() {
                let (regs, slots) = (regs_text(bt.regs[frame]), slots_text(bt.slots[frame]));
                let mut text = format!("mark_precise: frame{frame}: parent state regs={regs} stack={slots}: ");
                if let Some(state) = self.kept.state(id).filter(|state| frame < state.frames.len()) {
                    self.write_state(&mut text, state, frame, true);
                }
                verbose!(self, "{text}");
            }
        }
    }

    /// It cannot be told what a check depended on: all numbers of all states before are precise.
    pub(super) fn force_precise(&mut self, start: Option<&State>) {
        let all_paths = self.log.all_paths();
        let state = start.unwrap_or(&self.cur);
        let (frame, mut parent) = (state.frames.len() - 1, state.parent);
        let mut text = String::new();
        if all_paths {
            verbose!(self, "mark_precise: frame{frame}: falling back to forcing all scalars precise\n");
        }
        while let Some(state) = parent.and_then(|id| self.kept.state_mut(id)) {
            parent = state.parent;
            force_state(state, all_paths.then_some(&mut text));
        }
        verbose!(self, "{text}");
    }
}

impl<'a> Walk<'a> {
    fn state<'s>(&self, cur: &'s State, kept: &'s Kept) -> &'s State
    where
        'a: 's,
    {
        match self.at {
            // A path's parents are there as long as it is.
            Some(id) => kept.state(id).unwrap_or(cur),
            None => self.start.unwrap_or(cur),
        }
    }

    /// The last of so many entries of the history.
    fn entry(&self, cur: &State, kept: &Kept, history: usize) -> Option<JmpEntry> {
        self.state(cur, kept).history.get(history.checked_sub(1)?).copied()
    }
}

/// Wants what is precise in a kept state.
fn want_precise(old: &State, marks: &mut Backtrack, mut text: Option<&mut String>) {
    use std::fmt::Write;
    for (number, frame) in old.frames.iter().enumerate().rev() {
        let mut first = true;
        let mut say = |place: std::fmt::Arguments<'_>| {
            if let Some(text) = text.as_deref_mut() {
                let _ = match first {
                    true => write!(text, "frame {number}: propagating {place}"),
                    false => write!(text, ",{place}"),
                };
            }
            first = false;
        };
        for (i, reg) in frame.regs[..Reg::R10.index()].iter().enumerate() {
            if reg.is_scalar() && reg.precise {
                say(format_args!("r{i}"));
                marks.set_reg(number, i);
            }
        }
        for (i, slot) in frame.stack.iter().enumerate() {
            if slot.is_spilled_scalar() && slot.spilled.precise {
                say(format_args!("fp{}", -((i + 1) as i64) * SLOT as i64));
                marks.set_slot(number, i);
            }
        }
        if !first && let Some(text) = text.as_deref_mut() {
            text.push('\n');
        }
    }
}

fn force_state(state: &mut State, mut text: Option<&mut String>) {
    use std::fmt::Write;
    for (number, frame) in state.frames.iter_mut().enumerate() {
        for (i, reg) in frame.regs[..Reg::R10.index()].iter_mut().enumerate() {
            if reg.is_scalar() && !reg.precise {
                reg.precise = true;
                if let Some(text) = text.as_deref_mut() {
                    let _ = writeln!(text, "force_precise: frame{number}: forcing r{i} to be precise");
                }
            }
        }
        frame.stack.each_spilled(|i, reg| {
            if reg.is_scalar() && !reg.precise {
                reg.precise = true;
                if let Some(text) = text.as_deref_mut() {
                    let off = -((i + 1) as i64) * SLOT as i64;
                    let _ = writeln!(text, "force_precise: frame{number}: forcing fp{off} to be precise");
                }
            }
        });
    }
}
