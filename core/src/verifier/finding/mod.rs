//! What the verifier finds: every reason for which a program is rejected, as a value.
//!
//! A finding knows registers, offsets and bounds; its `Display` is the kernel's own wording (Linux 6.18), which may
//! have several lines. Nothing here decides anything, and nothing elsewhere spells a message: another style of
//! printing is another function over these types. One file an area.

mod shape;

pub use shape::{Group, ShapeFinding};
