//! The simulated maps against those of the running kernel: the same calls, the same answers.
#![cfg(target_os = "linux")]

mod calls;
mod create;
mod pair;
mod pointers;
mod ringbuf;
