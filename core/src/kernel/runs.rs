//! How what a kernel offers runs in the simulator.

/// How a helper, a function of the kernel or a map type runs here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Runs {
    /// As in a kernel.
    Simulated,
    /// It is about what there is none of here; the answer is an idle machine's.
    IdleHost(&'static str),
    /// No program that sees packets can call or use it, for this reason: every kernel refuses to load such a program.
    Never(&'static str),
    /// It does not run, for this reason: a call ends the run in a fault.
    NotSimulated(&'static str),
}
