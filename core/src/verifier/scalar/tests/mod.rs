//! Small cases by hand, and properties of all. That the kernel computes the same is tested beside its log, in
//! `tests/scalar_kernel.rs` of the tests crate.

mod sound;
mod tables;
