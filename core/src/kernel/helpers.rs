//! The helpers of kernels up to 6.18: the one place that says which exist, who may call them and how (bpf-helpers(7)).

use super::{KernelVersion, ProgTypes};

/// A helper function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HelperDef {
    /// Number, as the call instruction's immediate has it.
    pub id: u32,
    /// Name with its `bpf_`.
    pub name: &'static str,
    /// What each argument is; [`ArgType::None`] after the last.
    pub args: [ArgType; 5],
    /// What it returns.
    pub ret: RetType,
    /// Program types that may call it; empty for a helper of types that are not known here.
    pub prog_types: ProgTypes,
    /// Whether only programs with a GPL-compatible licence may call it.
    pub gpl_only: bool,
    /// The kernel that it came in.
    pub since: KernelVersion,
    /// Whether it may move or resize packet data, so that packet pointers are stale after it.
    pub changes_packet: bool,
    /// One line on what it does.
    pub doc: &'static str,
}

/// What a helper takes as an argument (the kernel's `enum bpf_arg_type`, by what it means).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ArgType {
    /// No such argument.
    None,
}

/// What a helper returns (the kernel's `enum bpf_return_type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RetType {
    /// Nothing: `r0` is a number that means nothing.
    Void,
}

/// The helper of that number.
pub fn helper(id: u32) -> Option<&'static HelperDef> {
    HELPERS.get((id as usize).checked_sub(1)?)
}

/// The helper of that name, with or without `bpf_`.
pub fn helper_by_name(name: &str) -> Option<&'static HelperDef> {
    let bare = name.strip_prefix("bpf_").unwrap_or(name);
    HELPERS.iter().find(|h| &h.name[4..] == bare)
}

/// Every helper, in order of its number, from 1.
pub fn helpers() -> &'static [HelperDef] {
    HELPERS
}

const HELPERS: &[HelperDef] = &[];
