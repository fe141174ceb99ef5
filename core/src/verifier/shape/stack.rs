//! The stack that chains of calls take, checked once the explorer knows every frame's, and what must not be in a chain:
//! exceptions where something is called back, calls of the exception callback.
//!
//! All frames of a chain share 512 bytes. Tracing programs, which can interrupt each other, have frames of 64 bytes
//! and more on stacks of their own, unless there is a tail call; there each may have 512.

use std::collections::HashSet;

use super::subprog::{is_callback, is_local_call};
use super::{Asked, Options, Shape, Subprog, target};
use crate::isa::Pc;
use crate::kernel::{Feature, KernelVersion, Limits, ProgTypes, Program};
use crate::verifier::finding::{ExceptionFinding, ShapeFinding};

/// The stack that may be in use when a function with a tail call is called.
const MAX_BEFORE_TAIL_CALL: u32 = 256;
/// Frames below this size do not get a stack of their own.
const PRIVATE_MIN: u32 = 64;

/// What exploring found of each function, in their order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Frames {
    /// Bytes of stack, as used.
    pub stack: Vec<u32>,
    /// Whether it is called back, and whether later (a timer's function, the exception callback): then it starts a chain of
    /// its own.
    pub callback: Vec<bool>,
    pub async_callback: Vec<bool>,
}

/// Whether the chains of calls fit on the stack.
///
/// # Errors
/// The first chain that does not, and its place in the program.
pub(crate) fn check_stack_depth(
    shape: &Shape,
    frames: &Frames,
    program: &Program,
    options: &Options<'_>,
) -> Result<(), (ShapeFinding, Option<Pc>)> {
    let tail_calls = shape.subprogs.iter().any(|subprog| subprog.has_tail_call);
    let tracing = ProgTypes::TRACING.contains(program.prog_type);
    let private = tracing && !tail_calls && options.kernel.has(Feature::PrivateStack);
    let is_async = |subprog: usize| frames.async_callback.get(subprog).copied().unwrap_or(false);
    let mut chains = Chains {
        kernel: options.kernel,
        limits: Limits::of(options.kernel, options.privileged),
        subprogs: &shape.subprogs,
        steps: steps(shape, program, options, is_async),
        frames,
        on_common: vec![false; shape.subprogs.len()],
        exception_callback: shape.exception_callback,
        tail_call_reachable: false,
        fits: HashSet::new(),
    };
    // What a callback's chain shares with the main one must be known by then: callbacks come first.
    for start in (0..shape.subprogs.len()).rev().filter(|&start| start == 0 || is_async(start)) {
        chains.tail_call_reachable = false;
        chains.check(Chain {
            subprog: start,
            depth: 0,
            calls: 0,
            private: private && start == 0,
            called_back: frames.callback.get(start).copied().unwrap_or(false),
            exception: shape.exception_callback == Some(start),
        })?;
    }
    Ok(())
}

/// What matters of a function for the chains that go through it.
#[derive(Clone, Copy)]
enum Step {
    /// A call, or a callback's address, whose frame comes on top of the caller's.
    Call { pc: Pc, callee: usize },
    /// An exception is thrown.
    Throw { pc: Pc },
}

/// The steps of each function, in their order. A callback that is called later has a chain of its own.
fn steps(shape: &Shape, program: &Program, options: &Options<'_>, is_async: impl Fn(usize) -> bool) -> Vec<Vec<Step>> {
    let asked = Asked::new(program, &[], options);
    let step = |pc: u32| {
        let raw = &asked.raw[pc as usize];
        if asked.throws(raw) {
            return Some(Step::Throw { pc: Pc(pc) });
        }
        let direct = is_local_call(&asked, raw);
        let callee = shape.subprog_starting(Pc(target(pc, raw.imm) as u32))?;
        let stacked = direct || is_callback(&asked, raw) && !is_async(callee);
        stacked.then_some(Step::Call { pc: Pc(pc), callee })
    };
    shape.subprogs.iter().map(|subprog| (subprog.start.0..subprog.end.0).filter_map(step).collect()).collect()
}

/// A function called at the end of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Chain {
    subprog: usize,
    /// Bytes in use.
    depth: u32,
    /// Calls that led here.
    calls: u32,
    /// Whether frames may have stacks of their own.
    private: bool,
    /// Whether one of its functions is called back.
    called_back: bool,
    /// Whether the exception callback began it.
    exception: bool,
}

struct Chains<'a> {
    kernel: KernelVersion,
    limits: Limits,
    subprogs: &'a [Subprog],
    steps: Vec<Vec<Step>>,
    frames: &'a Frames,
    /// Functions whose frames are on the common stack, whatever their size.
    on_common: Vec<bool>,
    exception_callback: Option<usize>,
    /// Whether something with a tail call was called since the chain's start was looked at.
    tail_call_reachable: bool,
    /// What was looked at: a function called twice at the same depth is looked at once.
    fits: HashSet<Chain>,
}

impl Chains<'_> {
    /// Bytes that a frame takes.
    fn frame(&self, subprog: usize) -> u32 {
        let used = self.frames.stack.get(subprog).copied().unwrap_or(0);
        match self.kernel.has(Feature::JitStackRounding) {
            true => used.next_multiple_of(16),
            false => used.max(1).next_multiple_of(32),
        }
    }

    /// Checks a chain and all that go on from it. Its depth is bounded: a chain has at most eight frames.
    fn check(&mut self, chain: Chain) -> Result<(), (ShapeFinding, Option<Pc>)> {
        if !chain.private {
            self.on_common[chain.subprog] = true;
        }
        if !self.fits.insert(chain) {
            return Ok(());
        }
        let Subprog { start, has_tail_call, .. } = self.subprogs[chain.subprog];
        let fail = |finding| Err((finding, Some(start)));
        let limited = chain.subprog != 0 && has_tail_call && self.kernel.has(Feature::TailCallsInSubprogs);
        if limited && chain.depth >= MAX_BEFORE_TAIL_CALL {
            return fail(ShapeFinding::TailCallStack { size: chain.depth });
        }
        let frame = self.frame(chain.subprog);
        let own = !self.on_common[chain.subprog] && frame >= PRIVATE_MIN;
        let depth = if own { chain.depth } else { chain.depth + frame };
        if own && frame > self.limits.stack {
            return fail(ShapeFinding::SubprogStack { subprog: chain.subprog, size: frame });
        }
        if depth > self.limits.stack {
            return fail(ShapeFinding::CombinedStack { calls: chain.calls + 1, size: depth });
        }
        let next = Chain { depth, calls: chain.calls + 1, ..chain };
        for at in 0..self.steps[chain.subprog].len() {
            let (pc, callee) = match self.steps[chain.subprog][at] {
                Step::Call { pc, callee } => (pc, callee),
                Step::Throw { pc } if chain.called_back => {
                    let subprog = chain.subprog as u32;
                    return Err((ExceptionFinding::ThrowInCallback { insn: pc, subprog }.into(), Some(pc)));
                }
                Step::Throw { .. } => continue,
            };
            if self.exception_callback == Some(callee) {
                return Err((ExceptionFinding::CalledDirectly { insn: pc }.into(), Some(pc)));
            }
            if next.calls >= self.limits.frames {
                return Err((ShapeFinding::CallDepth { frames: next.calls }, Some(pc)));
            }
            self.tail_call_reachable |= self.subprogs[callee].has_tail_call;
            let called_back = next.called_back || self.frames.callback.get(callee).copied().unwrap_or(false);
            self.check(Chain { subprog: callee, called_back, ..next })?;
        }
        if chain.exception && chain.calls > 0 && self.tail_call_reachable {
            return fail(ExceptionFinding::TailCall.into());
        }
        Ok(())
    }
}
