//! The bpfscope simulator: bytes in, values out.
//!
//! No I/O of its own, no clock, no platform: everything here runs the same natively and as wasm32.
//! The rooms, and who may ask whom, are drawn in `ARCHITECTURE.md`:
//!
//! | room | holds | asks |
//! |---|---|---|
//! | [`isa`] | instructions: encode, decode, disassemble, assemble | – |
//! | [`classic`] | cBPF: listings, filter expressions, running, conversion to eBPF | `isa` |
//! | [`kernel`] | what kernels know, as tables: helpers, context fields, map, program and section types | `isa` |
//! | [`object`] | ELF in and out, BTF, relocations, CO-RE, line information | `isa`, `kernel` |
//! | [`maps`] | the simulated map store | `kernel` |
//! | [`net`] | captures, `SkBuff`, checksums, dissection | – |
//! | [`vm`] | memory regions, execution, helpers, step recording | `isa`, `kernel`, `maps`, `net` |
//! | [`lab`] | `Scenario`, `Replay`, links, and the values that front ends show | all |
//!
//! Input is hostile until parsed: parsers return errors that carry a place, nothing panics on input,
//! and every loop over input has a budget.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod classic;
pub mod isa;
pub mod kernel;
pub mod lab;
pub mod maps;
pub mod net;
pub mod object;
pub mod verifier;
pub mod vm;
