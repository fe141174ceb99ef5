//! What the verifier finds: every reason for which a program is rejected, as a value.
//!
//! A finding knows registers, offsets and bounds; its `Display` is the kernel's own wording (Linux 6.18), which may
//! have several lines. Nothing here decides anything, and nothing elsewhere spells a message: another style of
//! printing is another arm of [`Style`]. One file an area.

use crate::isa::Reg;

mod access;
mod alu;
mod call;
mod exception;
mod flow;
mod kfunc;
mod prune;
mod shape;
mod style;
mod subprog;

pub use access::{AccessFinding, Outside};
pub use alu::AluFinding;
pub use call::CallFinding;
pub use exception::ExceptionFinding;
pub use flow::FlowFinding;
pub use kfunc::KfuncFinding;
pub use prune::PruneFinding;
pub use shape::{Group, ShapeFinding};
pub use style::Style;
pub use subprog::SubprogFinding;

/// Why a program is rejected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Finding {
    /// The shape of the program: encoding, jumps, functions.
    #[error(transparent)]
    Shape(#[from] ShapeFinding),
    /// A load or store is not allowed.
    #[error(transparent)]
    Access(#[from] AccessFinding),
    /// Arithmetic is not allowed.
    #[error(transparent)]
    Alu(#[from] AluFinding),
    /// A helper may not be called, or not with these arguments.
    #[error(transparent)]
    Call(#[from] CallFinding),
    /// Control flow: returns, limits, what is held at the end.
    #[error(transparent)]
    Flow(#[from] FlowFinding),
    /// A kernel function may not be called, or not with these arguments; iterators, dynptrs, locks, timers.
    #[error(transparent)]
    Kfunc(#[from] KfuncFinding),
    /// A function of the program is called wrongly.
    #[error(transparent)]
    Subprog(#[from] SubprogFinding),
    /// Pruning: loops without an end.
    #[error(transparent)]
    Prune(#[from] PruneFinding),
}

/// What a check gives: a value, or the reason for a rejection. Boxed, since it is rare and large.
pub type Check<T = ()> = Result<T, Box<Finding>>;

/// Lets `?` and `into` make a rejection of an area's finding.
macro_rules! boxed {
    ($($finding:ty),*) => {
        $(impl From<$finding> for Box<Finding> {
            fn from(finding: $finding) -> Self {
                Box::new(finding.into())
            }
        })*
    };
}

boxed!(
    ShapeFinding,
    AccessFinding,
    AluFinding,
    CallFinding,
    ExceptionFinding,
    FlowFinding,
    KfuncFinding,
    PruneFinding,
    SubprogFinding
);

impl From<ExceptionFinding> for Finding {
    fn from(finding: ExceptionFinding) -> Finding {
        ShapeFinding::from(finding).into()
    }
}

/// A register as messages have it: `R1`.
pub(crate) struct R(pub Reg);

impl std::fmt::Display for R {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "R{}", self.0.index())
    }
}
