//! What was explored, for those who look at it afterwards: which states came to each instruction, by which path, and
//! what was known there.
//!
//! A step is kept as what it changed; where a path begins, and now and then, the whole state is kept. Going to any step
//! is then reading back to the last whole state and applying changes.

use std::collections::BTreeSet;

use super::reg::{Flags, Of, RegState, RegType};
use super::scalar::Scalar;
use super::stack::StackSlot;
use super::state::Frame;
use super::text::{Printer, type_name};
use crate::isa::Pc;
use crate::kernel::MapDef;
use crate::object::Btf;

/// Steps that are kept, and bytes that what they know may take; what comes after is counted only.
const MAX_STEPS: usize = 200_000;
const MAX_BYTES: usize = 64 << 20;
/// Steps of one path between two whole states.
const WHOLE_EVERY: u32 = 128;

/// How a step ended its path, if it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ending {
    /// The path goes on.
    #[default]
    None,
    /// A state that covers this one was explored before: nothing new comes after.
    Pruned,
    /// The program ends here.
    Exit,
    /// The program is rejected here.
    Rejected,
}

/// The state before an instruction, at one visit of it.
#[derive(Clone, Debug)]
struct Step {
    pc: Pc,
    before: Option<u32>,
    ending: Ending,
    known: Known,
}

/// What a step keeps of its state.
#[derive(Clone, Debug)]
enum Known {
    /// All of it.
    Whole(Box<[Frame]>),
    /// What differs from the step before, in the current frame.
    Changes { regs: Box<[(u8, RegState)]>, slots: Box<[(u16, StackSlot)]> },
}

/// Everything explored.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    steps: Vec<Step>,
    /// Steps at which a path begins at a branch, each behind the step of the branch.
    forks: BTreeSet<(u32, u32)>,
    /// Bytes that the steps know.
    bytes: usize,
    /// Steps that came after [`MAX_STEPS`], or after so many that they took [`MAX_BYTES`].
    left_out: u32,
    /// The state of the last step, and how long ago a whole one was kept.
    mirror: Vec<Frame>,
    since_whole: u32,
}

/// A register, or a stack slot, as a person is shown it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// What is known of it, in the log's words.
    pub text: String,
    /// The number, or the variable part of a pointer's offset.
    pub range: Scalar,
    /// Whether it is a number.
    pub is_scalar: bool,
}

/// A frame as a person is shown it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownFrame {
    /// Number of its function.
    pub subprog: u32,
    /// Registers that were written, by number.
    pub regs: Vec<(u8, Shown)>,
    /// Stack slots that were written: offset from the frame pointer, and text.
    pub slots: Vec<(i32, String)>,
}

/// What holds of a register at an instruction on every path that was followed to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proven {
    /// Nothing: on some path nothing was written to it, or the paths differ in kind.
    Nothing,
    /// It is a number, one of these.
    Number(Scalar),
    /// It is a pointer.
    Pointer {
        /// Its type in the log's words, `map_value_or_null`.
        name: String,
        /// For a packet pointer how many bytes from it on are in the packet.
        bytes: Option<u32>,
    },
}

/// What holds at an instruction on every path that was followed to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenAt {
    /// How often paths came.
    pub visits: u32,
    /// By register.
    pub regs: [Proven; 11],
}

/// What several states of a register have in common.
#[derive(Clone, Copy)]
enum Common {
    Nothing,
    Number(Scalar),
    Pointer(RegType, Flags, Option<u32>),
}

impl Common {
    fn of(reg: &RegState) -> Common {
        match reg.of {
            _ if reg.is_scalar() => Common::Number(reg.num),
            _ if !reg.is_pointer() => Common::Nothing,
            Of::Packet(bytes) => Common::Pointer(reg.ty, reg.flags, u32::try_from(bytes).ok()),
            _ => Common::Pointer(reg.ty, reg.flags, None),
        }
    }

    fn and(self, other: Common) -> Common {
        match (self, other) {
            (Common::Number(a), Common::Number(b)) => Common::Number(a.union(&b)),
            (Common::Pointer(a, flags, x), Common::Pointer(b, others, y)) if a == b && flags == others => {
                Common::Pointer(a, flags, x.zip(y).map(|(x, y)| x.min(y)))
            }
            _ => Common::Nothing,
        }
    }

    fn proven(self) -> Proven {
        match self {
            Common::Nothing => Proven::Nothing,
            Common::Number(numbers) => Proven::Number(numbers),
            Common::Pointer(ty, flags, bytes) => Proven::Pointer { name: type_name(ty, flags), bytes },
        }
    }
}

/// One visit of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// The instruction.
    pub pc: Pc,
    /// The step before it on its path.
    pub before: Option<u32>,
    /// How the path ended here, if it did.
    pub ending: Ending,
}

impl Explored {
    /// Keeps the state before an instruction; `before` is the step before it on its path, and `same_path` tells whether that is
    /// the last one kept. Gives the step's number.
    pub(super) fn push(&mut self, pc: Pc, before: Option<u32>, same_path: bool, frames: &[Frame]) -> Option<u32> {
        // A step that is left out ends it, since later steps would be changes of one that is missing.
        if self.steps.len() >= MAX_STEPS || self.bytes >= MAX_BYTES {
            self.left_out += 1;
            return None;
        }
        let whole = !same_path || self.mirror.len() != frames.len() || self.since_whole >= WHOLE_EVERY;
        let known = if whole { Known::Whole(frames.into()) } else { self.changes(frames) };
        self.bytes += self.bytes_of(&known);
        self.since_whole = if whole { 0 } else { self.since_whole + 1 };
        if whole {
            self.mirror = frames.to_vec();
        } else if let (Some(mirror), Some(frame)) = (self.mirror.last_mut(), frames.last()) {
            mirror.clone_from(frame);
        }
        let step = self.steps.len() as u32;
        if let Some(before) = before.filter(|before| before + 1 != step) {
            self.forks.insert((before, step));
        }
        self.steps.push(Step { pc, before, ending: Ending::None, known });
        Some(step)
    }

    /// Bytes that a step's knowledge takes; stacks that are the last step's take none.
    fn bytes_of(&self, known: &Known) -> usize {
        match known {
            Known::Changes { regs, slots } => size_of_val(&**regs) + size_of_val(&**slots),
            Known::Whole(frames) => {
                let last = |number| self.mirror.get(number).map(|frame: &Frame| &frame.stack);
                let shared = |number, frame: &Frame| last(number).is_some_and(|s| s.is_shared_with(&frame.stack));
                let own = frames.iter().enumerate().filter(|(number, frame)| !shared(*number, frame));
                size_of_val(&**frames) + own.map(|(_, frame)| size_of_val(&*frame.stack)).sum::<usize>()
            }
        }
    }

    /// What the current frame has that the mirror has not.
    fn changes(&self, frames: &[Frame]) -> Known {
        let (Some(old), Some(new)) = (self.mirror.last(), frames.last()) else { return Known::Whole(frames.into()) };
        let regs = new.regs.iter().zip(&old.regs).enumerate();
        let regs = regs.filter(|(_, (new, old))| new != old).map(|(i, (new, _))| (i as u8, *new)).collect();
        let slots = if new.stack.is_shared_with(&old.stack) { &[] } else { &*new.stack };
        let slots = slots.iter().enumerate().filter(|(i, new)| old.stack.get(*i) != Some(new));
        let slots = slots.map(|(i, new)| (i as u16, *new)).collect();
        Known::Changes { regs, slots }
    }

    pub(super) fn end(&mut self, step: Option<u32>, ending: Ending) {
        if let Some(step) = step.and_then(|step| self.steps.get_mut(step as usize)) {
            step.ending = ending;
        }
    }

    /// Steps, in the order in which they were explored.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing was explored, or nothing kept.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Steps that were explored but not kept.
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// A step.
    pub fn visit(&self, step: u32) -> Option<Visit> {
        self.steps.get(step as usize).map(|s| Visit { pc: s.pc, before: s.before, ending: s.ending })
    }

    /// The steps that came to an instruction.
    pub fn visits_of(&self, pc: Pc) -> impl Iterator<Item = u32> {
        (0..).zip(&self.steps).filter(move |(_, step)| step.pc == pc).map(|(i, _)| i)
    }

    /// The steps from the start of the program to this one.
    pub fn path_to(&self, step: u32) -> Vec<u32> {
        let mut path: Vec<u32> = std::iter::successors(Some(step), |s| self.steps.get(*s as usize)?.before).collect();
        path.reverse();
        path
    }

    /// The steps that a run took, given the instructions that it came to: from the program's first on, up to where the
    /// verifier left the run's path out.
    pub fn follow(&self, run: impl Iterator<Item = Pc>) -> Vec<u32> {
        let mut taken: Vec<u32> = Vec::new();
        for pc in run {
            let next = match taken.last() {
                None => self.visit(0).filter(|first| first.pc == pc).map(|_| 0),
                Some(step) => self.after(*step, pc),
            };
            let Some(next) = next else { break };
            taken.push(next);
        }
        taken
    }

    /// The step at `pc` that comes after another on its path.
    fn after(&self, step: u32, pc: Pc) -> Option<u32> {
        let branches = self.forks.range((step, 0)..=(step, u32::MAX)).map(|(_, branch)| *branch);
        let fits = |next: &u32| self.visit(*next).is_some_and(|next| next.before == Some(step) && next.pc == pc);
        std::iter::once(step + 1).chain(branches).find(fits)
    }

    /// What holds at a step.
    pub fn proven_at(&self, step: u32) -> Option<ProvenAt> {
        let frame = self.frames_at(step).pop()?;
        Some(ProvenAt { visits: 1, regs: frame.regs.each_ref().map(|reg| Common::of(reg).proven()) })
    }

    /// For each of so many instructions, what holds there on every path. `None` where no path came.
    pub fn proven(&self, insns: usize) -> Vec<Option<ProvenAt>> {
        let mut at: Vec<Option<(u32, [Common; 11])>> = vec![None; insns];
        // Changes are those since the step before, so that one frame is enough to follow all steps.
        let mut regs = [RegState::NOT_INIT; 11];
        for step in &self.steps {
            match &step.known {
                Known::Whole(frames) => {
                    if let Some(frame) = frames.last() {
                        regs = frame.regs;
                    }
                }
                Known::Changes { regs: changes, .. } => {
                    for (i, reg) in changes {
                        regs[usize::from(*i)] = *reg;
                    }
                }
            }
            match at.get_mut(step.pc.index()) {
                Some(Some((visits, common))) => {
                    *visits += 1;
                    common.iter_mut().zip(&regs).for_each(|(common, reg)| *common = common.and(Common::of(reg)));
                }
                Some(first) => *first = Some((1, regs.each_ref().map(Common::of))),
                None => {}
            }
        }
        let known = |(visits, common): (u32, [Common; 11])| ProvenAt { visits, regs: common.map(Common::proven) };
        at.into_iter().map(|at| at.map(known)).collect()
    }

    /// The frames at a step.
    fn frames_at(&self, step: u32) -> Vec<Frame> {
        let mut back = Vec::new();
        let mut at = Some(step);
        let mut frames = Vec::new();
        while let Some(step) = at.and_then(|at| self.steps.get(at as usize)) {
            if let Known::Whole(whole) = &step.known {
                frames = whole.to_vec();
                break;
            }
            back.push(step);
            at = step.before;
        }
        for step in back.into_iter().rev() {
            let (Known::Changes { regs, slots }, Some(frame)) = (&step.known, frames.last_mut()) else { continue };
            for (i, reg) in regs {
                frame.regs[usize::from(*i)] = *reg;
            }
            for (i, slot) in slots {
                let i = usize::from(*i);
                if i >= frame.stack.len() {
                    frame.stack.resize(i + 1);
                }
                frame.stack[i] = *slot;
            }
        }
        frames
    }

    /// What was known before the instruction of a step. `maps` and types are those that the program was verified with.
    pub fn show(&self, step: u32, maps: &[MapDef], btf: Option<&Btf>, kernel_btf: Option<&Btf>) -> Vec<ShownFrame> {
        let printer = Printer { maps, btf, kernel_btf };
        self.frames_at(step).iter().map(|frame| printer.frame(frame)).collect()
    }
}

impl Printer<'_> {
    fn frame(&self, frame: &Frame) -> ShownFrame {
        let written = frame.regs.iter().enumerate().filter(|(_, reg)| reg.is_scalar() || reg.is_pointer());
        let regs = written.map(|(i, reg)| {
            let mut text = String::new();
            self.write_reg(&mut text, frame.frameno, reg);
            (i as u8, Shown { text, range: reg.num, is_scalar: reg.is_scalar() })
        });
        ShownFrame { subprog: frame.subprog, regs: regs.collect(), slots: self.slots(frame, |_| true) }
    }
}
