//! Instructions: the eBPF instruction set of RFC 9669 and what kernels up to 6.18 added.
//!
//! Two forms. [`RawInsn`] is the eight bytes on the wire, field by field, and is always lossless.
//! [`Insn`] is the typed form that everything else reads: decoded once, with reserved fields checked.
//! A [`Pc`] counts eight-byte slots, as the kernel does, so a 64-bit immediate takes two.
//!
//! One table of opcodes (`opcode.rs`) is read by all: [`decode`] and [`Insn::encode`], the text of an instruction
//! (its `Display`, and [`Insn::text`] with a name in place of a number), the assembler, and [`mnemonics`] for editors.
//! To add an instruction is to add a row there, a variant of [`Insn`], and its line in the tests' table.
//!
//! Text goes both ways in LLVM's BPF syntax: [`disassemble`] writes it, [`assemble`] reads it, and the round trip
//! gives the same [`Unit`]: the same bytes, symbols, relocations and maps. What is written, and how maps are
//! declared, is told at [`assemble`].
//!
//! This room knows neither helpers nor map types: whoever wants them by name brings [`Names`]. It knows nothing of
//! ELF either: the `object` room turns a [`Unit`] into an object and back.

mod asm;
mod codec;
mod disasm;
mod insn;
mod names;
pub(crate) mod opcode;
mod raw;
mod spelling;
#[cfg(test)]
mod tests;
pub mod unit;
mod words;

pub use asm::{AsmError, MAX_BYTES, MAX_ERRORS, MAX_TEXT, assemble};
pub use codec::{DecodeError, Encoded, Field, Flaw, decode};
pub use disasm::{Listing, disassemble};
pub use insn::{AluOp, AtomicOp, Call, Imm64, Insn, JmpOp, PacketMode, Size, Src, Swap, Width};
pub use names::Names;
pub use raw::{Pc, RawInsn, Reg};
pub use unit::{Content, Unit};
pub use words::{Mnemonic, mnemonics};
