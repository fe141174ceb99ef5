//! What the page and its worker share, and the worker itself.
//!
//! The page (`src/page`, the `page` binary) only shows; the simulator runs in a worker (`engine`, the
//! `worker` binary). Between them go [`protocol::Request`]s and [`protocol::Reply`]s, packed by [`codec`].

pub mod codec;
pub mod engine;
pub mod protocol;

pub use bpfscope_core::lab;
