//! Running programs: memory regions, execution, helpers and step recording.
//!
//! A [`Machine`] owns the pre-decoded programs, the maps and the environment (clock, randomness, output).
//! [`Machine::run`] takes a program and an `SkBuff` through it, generic over an [`Observer`]: with [`NoObserver`] it
//! is the fast path, with [`Recorder`] it yields a [`Trace`] that seeks both ways. There is no second interpreter.
//!
//! Pointers are [`Addr`]: a wild one is a [`Fault`] with a name, never undefined behaviour.
//!
//! | file | holds |
//! |---|---|
//! | [`addr`](Addr) | regions and their numbers |
//! | `memory` | the bytes behind an address, and addresses in words |
//! | `decode`, `fuse` | instructions made ready to run |
//! | `exec`, `aside`, `alu` | the interpreter: its loop, what it does out of it, division |
//! | `context` | loads and stores of `struct __sk_buff` and `struct xdp_md` |
//! | `structs` | structures of the kernel that programs can read |
//! | `call`, `helpers`, `kfuncs` | what helpers see, the helpers, and the functions of the kernel |
//! | `callback` | helpers that call functions of the program |
//! | [`env`](Env) | clock, randomness, devices, what runs put out |
//! | `observe`, `record` | watching a run, and writing down what it changes |
//! | `state`, `trace` | the state at a step, and going there |

mod addr;
mod alu;
mod aside;
mod call;
mod callback;
mod context;
mod decode;
mod dynptr;
mod env;
mod exec;
mod fault;
mod frames;
mod fuse;
mod helpers;
mod kfuncs;
mod machine;
mod memory;
mod observe;
mod record;
mod state;
mod structs;
#[cfg(test)]
mod tests;
mod trace;

pub use addr::{Addr, Region};
pub use env::{CloneOut, Effects, Env, MapDevice, MapTarget, Output, Redirect, RedirectWay};
pub use fault::{Fault, FaultKind};
pub use helpers::{helper_runs, is_simulated};
pub use kfuncs::kfunc_runs;
pub use machine::{Checkpoint, Config, Machine, Outcome, SetupError};
pub use observe::{Access, AccessKind, Hits, NoObserver, Observer};
pub use record::Recorder;
pub use state::{Frame, State, Written};
pub use structs::Structures;
pub use trace::{Changes, Location, RegChange, Trace};

/// A program of a [`Machine`]: its place in the list that the machine was made from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct ProgId(pub u32);
