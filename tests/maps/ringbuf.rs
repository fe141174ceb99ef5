//! What fits into a ring buffer.
