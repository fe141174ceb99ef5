//! Running programs: memory regions, execution, helpers and step recording.
//!
//! A [`Machine`] owns the pre-decoded programs, the maps and the environment (clock, randomness, output).
//! `Machine::run` takes a program and an `SkBuff` through it, generic over an observer: with `NoObserver` it is the
//! fast path, with `Recorder` it yields a `Trace` that seeks both ways. There is no second interpreter.
//!
//! Pointers are [`Addr`]: a wild one is a [`Fault`] with a name, never undefined behaviour.

mod addr;
mod context;
mod env;

pub use addr::{Addr, Region};
pub use env::{CloneOut, Effects, Env, Interface, Output, Redirect};
