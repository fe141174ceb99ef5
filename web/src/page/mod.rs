//! The page: views of what the worker found.
//!
//! | file | holds |
//! |---|---|
//! | [`app`] | the root: carries out what the store decides, hears keys, drops and the worker |
//! | [`store`] | everything the page knows, and how each message changes it |
//! | [`rows`] | the part of the packet list that is here |
//! | [`log`] | the part of the verifier's log that is here |
//! | [`command`] | what buttons and keys do: one table for shortcuts, names, help |
//! | [`served`] | what `bpfscope serve` tells the page that it serves |
//! | [`theme`] | dark and light |
//! | [`view`] | the components, one file a region of the screen |
//!
//! Messages go one way: a component emits a [`store::Msg`], the store changes and names
//! [`store::Effect`]s, the root carries them out. Components hold only what concerns nobody else: what is
//! hovered, what is unfolded.

pub mod app;
pub mod command;
pub mod log;
pub mod rows;
pub mod served;
pub mod store;
pub mod theme;
pub mod view;
