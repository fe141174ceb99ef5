//! Helpers that call functions of the program back.
//!
//! Such a helper runs in turns: it begins as a [`CallerFn`], which says what it is going to do, and its [`Caller`] is
//! asked before the first call and after each ([`Caller::next`]) what comes next. In between, the function runs in a frame
//! like any other, one instruction at a time, so that it can be stepped through and recorded.

use super::addr::{Addr, Region};
use super::call::{Call, HelperFn};
use super::fault::FaultKind;
use super::helpers::{each, looping, ring_drain};
use super::kfuncs::tree;

/// What is behind the name of a helper or of a function of the kernel.
#[derive(Clone, Copy)]
pub(crate) enum Implementation {
    /// It does all at once.
    Plain(HelperFn),
    /// It calls a function of the program.
    CallsBack(CallerFn),
    /// It ends the program.
    Throws,
}

/// How a helper that calls back begins.
pub(crate) type CallerFn = fn(&mut Call<'_>, [u64; 5]) -> Result<Begun, FaultKind>;

/// What a helper came to before its first call.
pub(crate) enum Begun {
    /// It calls nothing; this is what it returns.
    Done(u64),
    /// It is going to.
    Calls(Caller),
}

/// What a helper does next.
pub(crate) enum Next {
    /// It returns this.
    Done(u64),
    /// It calls a function, which may be the same as before, with `r1` to `r5`.
    Call([u64; 5]),
}

/// A helper in between of its calls: the function, and what of the work is left.
pub(crate) struct Caller {
    /// The function's first slot.
    pub func: u32,
    /// The helper's name, for faults.
    pub helper: &'static str,
    pub work: Work,
}

/// What a helper calls its function for.
pub(crate) enum Work {
    Loop(looping::Loop),
    Each(each::Each),
    Drain(ring_drain::Drain),
    Tree(tree::Add),
}

impl Caller {
    /// Begins work for which a function is called: an argument (counted from 1).
    ///
    /// # Errors
    /// An argument fault when it is no function.
    pub fn begin(call: &Call<'_>, func: u64, argno: u8, work: Work) -> Result<Begun, FaultKind> {
        match Addr(func).region() {
            Some(Region::Func) => Ok(Begun::Calls(Caller { func: Addr(func).offset(), helper: call.helper, work })),
            _ => Err(call.argument(argno, "a function", func)),
        }
    }

    /// What comes next; `ret` is what the function returned, `None` before its first call.
    ///
    /// # Errors
    /// A fault, as of any helper.
    pub fn next(&mut self, call: &mut Call<'_>, ret: Option<u64>) -> Result<Next, FaultKind> {
        match &mut self.work {
            Work::Loop(work) => Ok(work.next(ret)),
            Work::Each(work) => work.next(call, ret),
            Work::Drain(work) => work.next(call, ret),
            Work::Tree(work) => Ok(work.next(call, ret)),
        }
    }
}
