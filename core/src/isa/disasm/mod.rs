//! Instructions and units as text.
//!
//! [`disassemble`] writes what [`assemble`](super::assemble) reads, so that the same unit comes back: sections,
//! symbols, relocations and maps. Where LLVM's syntax has no words for something, the listing falls back to
//! directives: undecodable slots are `.quad`, and a relocation of an unusual kind is `.reloc`.

mod listing;
mod pieces;
mod text;

pub use listing::{Listing, disassemble};
