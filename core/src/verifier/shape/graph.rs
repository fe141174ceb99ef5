//! The control flow graph: what can be reached, which jumps go back, where states are compared, and its loops.
//!
//! A walk in depth, along the edge to the next instruction first and then along the jump: the order decides which
//! of several errors is found. Calls of the program's functions are edges of the walk, but not of the graph that
//! order and loops are made from: those look at each function for itself.

use super::slots::{CALL_HELPER, EXIT, GOTO, GOTOL, MAY_GOTO, is_imm64, jump_off};
use super::subprog::{is_callback, is_local_call};
use super::{Asked, Aux, Found, Subprog, slots, target};
use crate::isa::opcode::{self, class};
use crate::isa::{Pc, RawInsn};
use crate::kernel::{Feature, KfuncFlags, helper};
use crate::verifier::call::changes_packet;
use crate::verifier::finding::ShapeFinding;

/// Helpers that call a function of the program before they return: `bpf_for_each_map_elem`, `bpf_find_vma`,
/// `bpf_loop`, `bpf_user_ringbuf_drain`.
const SYNC_CALLBACK_HELPERS: [i32; 4] = [164, 180, 181, 209];
/// `bpf_timer_set_callback`: its function is called some time later.
const TIMER_SET_CALLBACK: i32 = 170;
/// The kernel functions that call a function of the program back, at once and later.
const RBTREE_ADD: &str = "bpf_rbtree_add_impl";
const WQ_SET_CALLBACK: &str = "bpf_wq_set_callback_impl";
/// The kernel function that moves packet data.
const XDP_PULL_DATA: &str = "bpf_xdp_pull_data";

/// Slots that an instruction leads to within its function: the next one, then the jump's target.
pub(super) fn successors(asked: &Asked<'_>, pc: u32) -> impl Iterator<Item = u32> + use<> {
    let raw = asked.raw[pc as usize];
    let (next, jump) = match ends_or_jumps(&raw, asked) {
        Way::Ends => (false, false),
        Way::Jumps => (false, true),
        Way::Branches => (true, true),
        Way::Goes => (true, false),
    };
    let next = next.then(|| pc + slots_of(&raw));
    let to = jump.then(|| target(pc, jump_off(asked, &raw)) as u32);
    // The walk has passed: no edge leaves the program.
    next.into_iter().chain(to)
}

/// Where an instruction leads.
enum Way {
    /// Nowhere.
    Ends,
    /// To its target.
    Jumps,
    /// To the next one, or to its target.
    Branches,
    /// To the next one.
    Goes,
}

fn ends_or_jumps(raw: &RawInsn, asked: &Asked<'_>) -> Way {
    match raw.opcode & 7 {
        class::JMP => {}
        class::JMP32 if asked.has(Feature::Jmp32) => {}
        _ => return Way::Goes,
    }
    match raw.opcode & 0xf0 {
        opcode::EXIT => Way::Ends,
        opcode::JA => Way::Jumps,
        opcode::CALL => Way::Goes,
        _ => Way::Branches,
    }
}

fn slots_of(raw: &RawInsn) -> u32 {
    if is_imm64(raw) { 2 } else { 1 }
}

/// How far the walk is with a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnPath,
    Done,
}

/// An edge of the walk.
#[derive(Clone, Copy)]
struct Edge {
    to: i32,
    /// Whether it is taken by a jump or a call, not by going on.
    branch: bool,
}

struct Walk<'a> {
    asked: &'a Asked<'a>,
    subprogs: &'a mut [Subprog],
    aux: &'a mut [Aux],
    marks: Vec<Mark>,
}

/// Walks the program from its start, marking in `aux` where states are compared and in `subprogs` what calls bring
/// along; from an exception callback, too. Then sees that nothing was left out.
pub(super) fn walk(
    asked: &Asked<'_>,
    subprogs: &mut [Subprog],
    aux: &mut [Aux],
    callback: Option<u32>,
) -> Result<(), Found> {
    let marks = vec![Mark::New; asked.raw.len()];
    let mut walk = Walk { asked, subprogs, aux, marks };
    walk.everything(0)?;
    if let Some(callback) = callback.filter(|at| walk.marks.get(*at as usize) == Some(&Mark::New)) {
        walk.everything(callback)?;
    }
    walk.check_reached()
}

impl Walk<'_> {
    fn everything(&mut self, start: u32) -> Result<(), Found> {
        // Slots under way, each with the number of its next edge.
        let mut path = vec![(start, 0usize)];
        self.enter(start);
        while let Some((pc, edge)) = path.last_mut() {
            let pc = *pc;
            let Some(taken) = self.edges(pc)[*edge..].iter().flatten().next().copied() else {
                path.pop();
                self.leave(pc);
                continue;
            };
            *edge += 1;
            if let Some(next) = self.follow(pc, taken)? {
                self.enter(next);
                path.push((next, 0));
            }
        }
        Ok(())
    }

    /// The edges of an instruction, in order; `None`s are at the end.
    fn edges(&self, pc: u32) -> [Option<Edge>; 2] {
        let raw = &self.asked.raw[pc as usize];
        let next = Edge { to: pc as i32 + self.slots_walked(raw), branch: false };
        let to = |off| Edge { to: target(pc, off), branch: true };
        if is_callback(self.asked, raw) || is_local_call(self.asked, raw) {
            return [Some(next), Some(to(raw.imm))];
        }
        let jump = to(jump_off(self.asked, raw));
        match ends_or_jumps(raw, self.asked) {
            Way::Ends => [None, None],
            Way::Jumps => [Some(Edge { branch: false, ..jump }), None],
            Way::Branches => [Some(next), Some(jump)],
            Way::Goes => [Some(next), None],
        }
    }

    /// Old kernels walk over the second slot of a 64-bit immediate, too.
    fn slots_walked(&self, raw: &RawInsn) -> i32 {
        if self.asked.has(Feature::Imm64Middle) { slots_of(raw) as i32 } else { 1 }
    }

    /// Takes an edge; tells the slot that it leads to when that one is new.
    fn follow(&mut self, pc: u32, edge: Edge) -> Result<Option<u32>, Found> {
        if edge.to < 0 || edge.to >= self.asked.len() {
            return Err((ShapeFinding::JumpOutOfRange { from: pc, to: edge.to }, Some(Pc(pc))));
        }
        let to = edge.to as u32;
        if edge.branch {
            self.mark_target(to);
        }
        match self.marks[to as usize] {
            Mark::New => Ok(Some(to)),
            Mark::Done => Ok(None),
            Mark::OnPath if self.asked.privileged && self.may_loop(pc) => Ok(None),
            Mark::OnPath => Err((ShapeFinding::BackEdge { from: pc, to }, Some(Pc(pc)))),
        }
    }

    /// Whether an edge from there may close a loop.
    fn may_loop(&self, pc: u32) -> bool {
        let goes_on = matches!(ends_or_jumps(&self.asked.raw[pc as usize], self.asked), Way::Goes);
        self.asked.has(Feature::BoundedLoops) && (!goes_on || self.asked.has(Feature::LoopsEnteredInside))
    }

    fn mark_target(&mut self, pc: u32) {
        if let Some(aux) = self.aux.get_mut(pc as usize) {
            aux.prune_point = true;
            aux.jmp_point = true;
        }
    }

    /// The walk comes to a slot: what the instruction itself asks for.
    fn enter(&mut self, pc: u32) {
        self.marks[pc as usize] = Mark::OnPath;
        let raw = self.asked.raw[pc as usize];
        let aux = &mut self.aux[pc as usize];
        match ends_or_jumps(&raw, self.asked) {
            Way::Branches => {
                aux.prune_point = true;
                aux.force_checkpoint |= raw.opcode == MAY_GOTO;
            }
            Way::Goes if raw.opcode & !opcode::X == slots::CALL => self.enter_call(pc, &raw),
            _ => {}
        }
    }

    fn enter_call(&mut self, pc: u32, raw: &RawInsn) {
        let subprog = self.subprogs.partition_point(|s| s.start.0 <= pc).saturating_sub(1);
        let (aux, subprog) = (&mut self.aux[pc as usize], &mut self.subprogs[subprog]);
        let (kfunc, flags) = self.asked.kfunc(raw).map_or(("", KfuncFlags::NONE), |kfunc| (kfunc.name, kfunc.flags));
        let helper_in = |ids: &[i32]| raw.src == CALL_HELPER && ids.contains(&raw.imm);
        // An iterator's next element: loops over it end because states are compared here.
        let next = flags.has(KfuncFlags::ITER_NEXT);
        aux.force_checkpoint |= next;
        aux.prune_point |= next || helper_in(&[TIMER_SET_CALLBACK]) || kfunc == WQ_SET_CALLBACK;
        if helper_in(&SYNC_CALLBACK_HELPERS) || kfunc == RBTREE_ADD {
            // How often the function is called is not known: its states are compared at the call.
            *aux = Aux { calls_callback: true, force_checkpoint: true, prune_point: true, jmp_point: true, ..*aux };
        }
        subprog.changes_pkt_data |= kfunc == XDP_PULL_DATA;
        subprog.might_sleep |= flags.has(KfuncFlags::SLEEPABLE);
        let def = u32::try_from(raw.imm).ok().filter(|_| raw.src == CALL_HELPER).and_then(helper);
        subprog.might_sleep |= def.is_some_and(|def| def.sleeps);
        subprog.changes_pkt_data |= def.is_some_and(|def| changes_packet(def, self.asked.kernel));
    }

    /// All that the slot leads to has been walked.
    fn leave(&mut self, pc: u32) {
        self.marks[pc as usize] = Mark::Done;
        let raw = self.asked.raw[pc as usize];
        let callback = is_callback(self.asked, &raw);
        if callback || ends_or_jumps_is_call(&raw, self.asked) {
            self.mark_target(pc + slots_of(&raw));
        } else if matches!(raw.opcode, GOTO | GOTOL) {
            // The target is within the program: the walk went there.
            self.mark_target(target(pc, jump_off(self.asked, &raw)) as u32);
        }
        if callback || is_local_call(self.asked, &raw) {
            self.aux[pc as usize].prune_point = true;
            self.merge_callee(pc, target(pc, raw.imm) as u32);
        }
    }

    fn merge_callee(&mut self, caller: u32, callee: u32) {
        let at = |pc: u32| self.subprogs.partition_point(|s| s.start.0 <= pc).saturating_sub(1);
        let (caller, callee) = (at(caller), at(callee));
        let Subprog { might_sleep, changes_pkt_data, .. } = self.subprogs[callee];
        let caller = &mut self.subprogs[caller];
        caller.might_sleep |= might_sleep;
        caller.changes_pkt_data |= changes_pkt_data;
    }

    fn check_reached(&self) -> Result<(), Found> {
        let mut pc = 0;
        while let Some(&mark) = self.marks.get(pc as usize) {
            if mark != Mark::Done {
                return Err((ShapeFinding::Unreachable { pc }, Some(Pc(pc))));
            }
            let two = is_imm64(&self.asked.raw[pc as usize]) && self.asked.has(Feature::Imm64Middle);
            if two && self.marks.get(pc as usize + 1).is_some_and(|second| *second != Mark::New) {
                return Err((ShapeFinding::IntoImm64 { pc }, Some(Pc(pc))));
            }
            pc += if two { 2 } else { 1 };
        }
        Ok(())
    }
}

fn ends_or_jumps_is_call(raw: &RawInsn, asked: &Asked<'_>) -> bool {
    matches!(ends_or_jumps(raw, asked), Way::Goes)
        && matches!(raw.opcode & 7, class::JMP | class::JMP32)
        && raw.opcode & 0xf0 == opcode::CALL
        && raw.opcode != EXIT
}

/// Orders each function's instructions so that each comes after those that it leads to, loops aside.
pub(super) fn postorder(asked: &Asked<'_>, subprogs: &mut [Subprog]) -> Vec<u32> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Seen {
        No,
        Queued,
        Expanded,
    }
    let mut seen = vec![Seen::No; asked.raw.len()];
    let mut order = Vec::with_capacity(asked.raw.len());
    for subprog in subprogs {
        let start = order.len() as u32;
        let mut stack = vec![subprog.start.0];
        while let Some(&pc) = stack.last() {
            if std::mem::replace(&mut seen[pc as usize], Seen::Expanded) == Seen::Expanded {
                order.push(pc);
                stack.pop();
                continue;
            }
            for next in successors(asked, pc) {
                if seen[next as usize] == Seen::No {
                    seen[next as usize] = Seen::Queued;
                    stack.push(next);
                }
            }
        }
        subprog.postorder = (start, order.len() as u32);
    }
    order
}

/// Numbers the graph's loops (its strongly connected components, by Tarjan's algorithm) in `aux`, from 1 in the order
/// in which they are found; an instruction outside of every loop keeps 0. Tells how many there are.
pub(super) fn components(asked: &Asked<'_>, aux: &mut [Aux]) -> u32 {
    let mut search = Components {
        asked,
        number: vec![0; asked.raw.len()],
        low: vec![0; asked.raw.len()],
        last_number: 0,
        open: Vec::new(),
        found: 0,
    };
    for pc in 0..asked.raw.len() as u32 {
        search.search(pc, aux);
    }
    search.found
}

struct Components<'a> {
    asked: &'a Asked<'a>,
    /// In which order slots were met, from 1.
    number: Vec<u32>,
    /// The least number that the slot is known to lead back to; [`CLOSED`] once its component is known.
    low: Vec<u32>,
    last_number: u32,
    /// Slots whose component is not known.
    open: Vec<u32>,
    found: u32,
}

/// Not part of the search any more.
const CLOSED: u32 = u32::MAX;

impl Components<'_> {
    fn search(&mut self, start: u32, aux: &mut [Aux]) {
        if self.number[start as usize] != 0 {
            return;
        }
        let mut path = vec![start];
        while let Some(&pc) = path.last() {
            let at = pc as usize;
            if self.number[at] == 0 {
                self.last_number += 1;
                (self.number[at], self.low[at]) = (self.last_number, self.last_number);
                self.open.push(pc);
            }
            let mut next = successors(self.asked, pc);
            let unmet = next.find(|&next| {
                self.low[at] = match self.number[next as usize] {
                    0 => self.low[at],
                    _ => self.low[at].min(self.low[next as usize]),
                };
                self.number[next as usize] == 0
            });
            if let Some(next) = unmet {
                path.push(next);
                continue;
            }
            path.pop();
            if self.low[at] == self.number[at] {
                self.close(pc, aux);
            }
        }
    }

    /// `root` and what is open above it are a component. It is a loop if it has two slots, or one that leads to itself.
    fn close(&mut self, root: u32, aux: &mut [Aux]) {
        let is_loop = self.open.last() != Some(&root) || successors(self.asked, root).any(|next| next == root);
        self.found += u32::from(is_loop);
        while let Some(pc) = self.open.pop() {
            self.low[pc as usize] = CLOSED;
            if is_loop {
                aux[pc as usize].scc = self.found;
            }
            if pc == root {
                break;
            }
        }
    }
}
