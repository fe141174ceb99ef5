//! The verifier: the kernel's verdict on a program, in the kernel's words, without a kernel.

pub mod scalar;
