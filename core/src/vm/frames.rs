//! What calls save, and where they return to.
//!
//! What the interpreter's loop asks for only at calls is kept here rather than beside its registers, which are few.

use super::addr;

/// Times that `may_goto` falls through, in one call of a function (kernel `BPF_MAX_LOOPS`).
const MAY_GOTO_LIMIT: u32 = 8 * 1024 * 1024;

/// What comes after a function's return.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum After {
    /// The instruction behind the call.
    #[default]
    Call,
    /// The helper that called it.
    Helper,
}

/// Where a call returns to, and what it saved.
#[derive(Clone, Copy, Default)]
pub(super) struct Saved {
    /// The caller's program.
    pub program: u32,
    /// Where in it to go on.
    pub pc: u32,
    pub after: After,
    /// `r6` to `r9`.
    pub regs: [u64; 4],
}

/// What is true of the function that runs.
#[derive(Clone, Copy, Default)]
struct Here {
    /// Times that `may_goto` still falls through, and the number of instructions from which on it does no more.
    may_goto: u32,
    deadline: u64,
    /// Frames that its program may reach.
    ceiling: u32,
    /// The frame in which its program began: not the first one when a function made a tail call.
    base: u32,
}

/// The calls under way, by depth.
pub(super) struct Frames {
    here: Here,
    near: [(Saved, Here); addr::MAX_FRAMES as usize],
    /// Calls deeper than those of one program, which come after tail calls alone.
    deeper: Vec<(Saved, Here)>,
}

impl Frames {
    pub fn new() -> Frames {
        Frames { here: Here::default(), near: Default::default(), deeper: Vec::new() }
    }

    /// A run begins. What earlier ones left is never looked at: every call saves before it returns.
    pub fn restart(&mut self) {
        self.deeper.clear();
        self.begin(0);
    }

    /// Whether a function at this depth can call no other.
    pub fn are_full(&self, depth: usize) -> bool {
        depth + 1 >= self.here.ceiling as usize
    }

    /// Saves a call that leads to this depth.
    #[inline(always)]
    pub fn put(&mut self, depth: usize, saved: Saved) {
        let frame = (saved, self.here);
        match self.near.get_mut(depth) {
            Some(place) => *place = frame,
            None => self.deeper.push(frame),
        }
        self.here.may_goto = MAY_GOTO_LIMIT;
    }

    /// What the call saved that led to this depth, the deepest one; its caller goes on.
    #[inline(always)]
    pub fn take(&mut self, depth: usize) -> Saved {
        let (saved, here) = match self.near.get(depth) {
            Some(frame) => *frame,
            None => self.deeper.pop().unwrap_or_default(),
        };
        self.here = here;
        saved
    }

    /// The frame in which the program that runs began.
    pub fn base(&self) -> usize {
        self.here.base as usize
    }

    /// A program begins at this depth: the first one, or after a tail call.
    pub fn begin(&mut self, depth: usize) {
        let ceiling = (depth as u32 + addr::MAX_FRAMES).min(addr::RUN_FRAMES);
        self.here = Here { may_goto: MAY_GOTO_LIMIT, deadline: 0, ceiling, base: depth as u32 };
    }

    /// The exception callback goes on in place of the function that the frames were taken off down to.
    pub fn catch(&mut self) {
        self.here.may_goto = MAY_GOTO_LIMIT;
    }

    /// Whether `may_goto` falls through, when so many instructions have run of so many: a number of times, and within half
    /// of what was left at the function's first. In a kernel the functions have a time of their own, too.
    pub fn may_go_on(&mut self, ran: u64, budget: u64) -> bool {
        let here = &mut self.here;
        if here.may_goto == MAY_GOTO_LIMIT {
            here.deadline = ran + budget.saturating_sub(ran) / 2;
        }
        let goes_on = here.may_goto > 0 && ran < here.deadline;
        here.may_goto -= u32::from(goes_on);
        goes_on
    }
}
