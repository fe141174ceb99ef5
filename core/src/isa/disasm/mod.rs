//! Instructions and units as text.

mod text;
