//! Whether a path is known where it has come to, and whether its state is kept.

use super::Verifier;
use super::equal::{Compare, Exact, iter_depths_differ, maybe_looping};
use super::kept::{Kept, Node};
use super::same_callsites;
use crate::isa::{Call, Insn, Pc, Reg};
use crate::verifier::TEST_STATE_FREQ;
use crate::verifier::finding::{Check, PruneFinding};
use crate::verifier::reg::{IterState, Of};
use crate::verifier::stack::SLOT;
use crate::verifier::state::{JmpNote, State, StateId};

/// What pruning says of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Visited {
    /// It is as safe as one that was here: it ends.
    Equal,
    /// It goes on.
    New,
}

/// A state is kept when there were so many jumps and instructions since the last one …
const JUMPS_APART: u32 = 2;
const INSNS_APART: u32 = 8;
/// … and within a loop so many: what differs from round to round will not help.
const LOOP_JUMPS_APART: u32 = 20;
const LOOP_INSNS_APART: u32 = 100;
/// A path's history of more entries is cut by keeping a state.
const MAX_HISTORY: usize = 40;
/// A state goes when it was missed that much more often than hit, and checkpoints of loops later than others.
const MISSES: u32 = 3;
const CHECKPOINT_MISSES: u32 = 64;
/// States of one instruction at most for the unprivileged.
const MAX_UNPRIVILEGED: u32 = 64;

/// What a kept state says of the path.
enum Told {
    /// It is as safe.
    Hit,
    /// Nothing.
    Miss,
    /// Nothing, and keeping another state of the loop so soon is of no use.
    MissInLoop,
    /// The path will never end.
    Endless,
}

/// What it is about the instruction that makes loops through it special.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LoopOf {
    Nothing,
    Iterator,
    MayGoto,
    Callback,
}

impl Verifier<'_> {
    /// Whether a path like the current one was at `pc`; if not, its state may be kept.
    ///
    /// # Errors
    /// When the path goes round for ever.
    pub fn is_state_visited(&mut self, pc: Pc) -> Check<Visited> {
        let checkpoint = self.shape.aux[pc.index()].force_checkpoint;
        let every = self.options.privileged && self.has_flag(TEST_STATE_FREQ);
        let forced = every || checkpoint || self.cur.history.len() > MAX_HISTORY;
        let jumps = self.kept.jumps.wrapping_sub(self.kept.last_jumps);
        let insns = self.stats.insns_processed.wrapping_sub(self.kept.last_insns);
        let mut keep = forced || jumps >= JUMPS_APART && insns >= INSNS_APART;
        let soon = jumps < LOOP_JUMPS_APART && insns < LOOP_INSNS_APART;
        let list = self.kept.list_number(pc, &self.cur);
        self.clean_list(list, pc);

        let loop_of = self.loop_of(pc);
        let mut in_loop = false;
        let mut count = 0;
        let mut place = self.kept.list_at(list).len();
        while place > 0 {
            place -= 1;
            let id = self.kept.list_at(list)[place];
            count += 1;
            match self.ask(id, pc, loop_of, &mut in_loop) {
                None => continue,
                Some(Told::Hit) => {
                    self.end_at(id, pc, in_loop)?;
                    return Ok(Visited::Equal);
                }
                Some(Told::Endless) => return Err(self.endless(id, pc)),
                Some(Told::MissInLoop) if !forced && soon => keep = false,
                Some(Told::Miss | Told::MissInLoop) => {}
            }
            if self.kept.miss(id, keep, checkpoint) {
                self.kept.evict(list, place);
            }
        }
        self.stats.max_states_per_insn = self.stats.max_states_per_insn.max(count);
        if keep && (self.options.privileged || count <= MAX_UNPRIVILEGED) {
            self.keep_state(list, pc)?;
        }
        Ok(Visited::New)
    }

    /// Every path from the current state is done.
    ///
    /// # Errors
    /// None that a program can cause.
    pub fn path_done(&mut self) -> Check {
        self.count_branches()?;
        self.update_live_stack();
        Ok(())
    }

    fn count_branches(&mut self) -> Check {
        let mut done: Option<StateId> = None;
        let mut parent = self.cur.parent;
        self.cur.branches = 0;
        while let Some(id) = parent {
            if let Some(done) = done {
                self.kept.release(done);
            }
            let Some(state) = self.kept.state_mut(id) else { return Ok(()) };
            state.branches = state.branches.saturating_sub(1);
            if state.branches > 0 {
                return Ok(());
            }
            parent = state.parent;
            self.maybe_exit_scc(id)?;
            done = Some(id);
        }
        if let Some(done) = done {
            self.kept.release(done);
        }
        Ok(())
    }

    fn loop_of(&self, pc: Pc) -> LoopOf {
        let aux = &self.shape.aux[pc.index()];
        match self.insn_at(pc) {
            Some(Insn::MayGoto { .. }) => LoopOf::MayGoto,
            _ if aux.calls_callback => LoopOf::Callback,
            // Of kernel functions only an iterator's `next` has a checkpoint of its own.
            Some(Insn::Call(Call::Kfunc { .. })) if aux.force_checkpoint => LoopOf::Iterator,
            _ => LoopOf::Nothing,
        }
    }

    /// What a state on the instruction's list says; `None` if it is of another instruction. `in_loop` becomes whether
    /// what is marked in the state may not be complete; a callback's call leaves it at what the state before said.
    fn ask(&mut self, id: StateId, pc: Pc, loop_of: LoopOf, in_loop: &mut bool) -> Option<Told> {
        let old = self.kept.state(id)?;
        if old.insn != pc {
            return None;
        }
        if old.branches == 0 {
            let visit = self.kept.node(id)?.visit;
            *in_loop = self.kept.loops.is_open(visit);
            let exact = if *in_loop { Exact::RangeWithin } else { Exact::Not };
            return Some(if self.equal(id, exact) { Told::Hit } else { Told::Miss });
        }
        // Another entry into the same asynchronous callback is no loop.
        let frame = old.frame();
        if frame.in_async_callback && frame.async_entry_cnt != self.cur.frame().async_entry_cnt {
            return Some(Told::MissInLoop);
        }
        match loop_of {
            LoopOf::Iterator => {
                let hit = self.equal(id, Exact::RangeWithin) && self.iterator_is_active();
                *in_loop |= hit;
                return Some(if hit { Told::Hit } else { Told::MissInLoop });
            }
            LoopOf::Callback => {
                let hit = self.equal(id, Exact::RangeWithin);
                return Some(if hit { Told::Hit } else { Told::MissInLoop });
            }
            LoopOf::MayGoto => {
                if old.may_goto_depth != self.cur.may_goto_depth && self.equal(id, Exact::RangeWithin) {
                    *in_loop = true;
                    return Some(Told::Hit);
                }
            }
            LoopOf::Nothing => {}
        }
        Some(if self.is_endless(id) { Told::Endless } else { Told::MissInLoop })
    }

    fn is_endless(&mut self, id: StateId) -> bool {
        let Some(old) = self.kept.state(id) else { return false };
        old.may_goto_depth == self.cur.may_goto_depth
            && old.callback_unroll_depth == self.cur.callback_unroll_depth
            && maybe_looping(old, &self.cur)
            && !iter_depths_differ(old, &self.cur)
            && self.equal(id, Exact::Same)
    }

    fn equal(&mut self, id: StateId, exact: Exact) -> bool {
        let mut ids = std::mem::take(&mut self.kept.ids);
        let mut compare = Compare {
            aux: &self.shape.aux,
            ids: &mut ids,
            exact,
            privileged: self.options.privileged,
            alu_limits: self.kept.explore_alu_limits,
        };
        let equal = self.kept.state(id).is_some_and(|old| compare.states(old, &self.cur));
        self.kept.ids = ids;
        equal
    }

    /// Whether the iterator that r1 points to has elements left.
    fn iterator_is_active(&self) -> bool {
        let pointer = self.reg(Reg::R1);
        let off = i64::from(pointer.off).wrapping_add(pointer.num.var_off.value as i64);
        let slot = off.wrapping_neg().wrapping_sub(1) / SLOT as i64;
        let frame = self.cur.frames.get(pointer.frame() as usize);
        let slot = frame.and_then(|frame| frame.stack.get(usize::try_from(slot).ok()?));
        slot.is_some_and(|slot| matches!(slot.spilled.of, Of::Iter { state: IterState::Active, .. }))
    }

    /// Ends the current path at a kept state: what had to be precise for that state's paths must be so for this one.
    fn end_at(&mut self, id: StateId, pc: Pc, in_loop: bool) -> Check {
        if let Some(node) = self.kept.node_mut(id) {
            node.hits += 1;
        }
        if self.shape.aux[pc.index()].jmp_point {
            self.push_jmp_history(JmpNote::default());
        }
        self.propagate_precision(id, None)?;
        if in_loop {
            self.add_backedge(id);
        }
        Ok(())
    }

    /// Keeps the current state at `pc`.
    ///
    /// # Errors
    /// When the kept states take too much memory.
    fn keep_state(&mut self, list: usize, pc: Pc) -> Check {
        self.kept.count_new(&mut self.stats);
        // What is precise is found out anew for the path from here on.
        if self.options.privileged {
            forget_precision(&mut self.cur);
        }
        let mut state = self.cur.clone();
        state.insn = pc;
        let dfs_depth = state.dfs_depth;
        let visit = self.kept.visit_of(&state, &self.shape.aux);
        let bytes = state.bytes(state.parent.and_then(|parent| self.kept.state(parent)));
        let id = self.kept.add(list, Node { state, hits: 0, misses: 0, cleaned: false, visit, bytes });
        self.maybe_enter_scc(id);
        self.cur.parent = Some(id);
        self.cur.first_insn = pc;
        self.cur.dfs_depth = dfs_depth + 1;
        self.cur.history.clear();
        self.check_memory()
    }

    /// Clears what is not live in the states that are complete, so that it is not compared.
    fn clean_list(&mut self, list: usize, pc: Pc) {
        for place in 0..self.kept.list_at(list).len() {
            let id = self.kept.list_at(list)[place];
            let Some(node) = self.kept.node(id) else { continue };
            if node.cleaned || node.state.branches > 0 || node.state.insn != pc {
                continue;
            }
            if !same_callsites(&node.state, &self.cur) || self.kept.loops.is_open(node.visit) {
                continue;
            }
            self.clean(id);
        }
    }

    fn endless(&mut self, id: StateId, pc: Pc) -> Box<crate::verifier::finding::Finding> {
        let frameno = self.cur.frameno() as usize;
        let mut text = [String::new(), String::new()];
        self.write_state(&mut text[0], &self.cur, frameno, true);
        if let Some(old) = self.kept.state(id) {
            self.write_state(&mut text[1], old, frameno, true);
        }
        let [cur, old] = text.map(|text| text.trim_end().to_owned());
        self.log_line(pc);
        PruneFinding::InfiniteLoop { pc, cur, old }.into()
    }
}

impl Kept {
    /// Counts a miss; tells whether the state is to go.
    fn miss(&mut self, id: StateId, keep: bool, checkpoint: bool) -> bool {
        let Some(node) = self.node_mut(id) else { return false };
        // Where no state is added, rounds of a loop would else remove the one from before it.
        if keep {
            node.misses += 1;
        }
        let n = if checkpoint && node.state.branches > 0 { CHECKPOINT_MISSES } else { MISSES };
        node.misses > node.hits.saturating_mul(n).saturating_add(n)
    }
}

fn forget_precision(state: &mut State) {
    for frame in &mut state.frames {
        for reg in frame.regs[..Reg::R10.index()].iter_mut().filter(|reg| reg.is_scalar()) {
            reg.precise = false;
        }
        frame.stack.each_spilled(|_, reg| reg.precise &= !reg.is_scalar());
    }
}
