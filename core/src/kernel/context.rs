//! The fields of the contexts that programs get: `struct __sk_buff` and `struct xdp_md` (`linux/bpf.h`).
//!
//! What a program type may read and write is the kernel's `is_valid_access` rules, asked of Linux 6.18 field by field
//! (`tests/helpers`). A program never touches such a struct in memory: each access is translated to the
//! `sk_buff` or `xdp_buff` behind it, which `vm::context` does here.

use super::{KernelVersion, ProgType, ProgTypes};

/// A field of a context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CtxField {
    /// Its name; elements of an array have one field together.
    pub name: &'static str,
    /// Offset in bytes.
    pub offset: u16,
    /// Bytes, of the whole array where it is one.
    pub size: u16,
    /// Bytes of one element: the largest access.
    pub element: u16,
    /// Program types that may read it.
    pub read: ProgTypes,
    /// Program types that may write it.
    pub write: ProgTypes,
    /// What a load gives.
    pub kind: CtxKind,
    /// Whether loads narrower than an element are allowed.
    pub narrow: bool,
    /// The kernel that it came in.
    pub since: KernelVersion,
    /// One line on what it is.
    pub doc: &'static str,
}

/// What a load of a context field gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CtxKind {
    /// A number.
    Scalar,
    /// Address of the first packet byte, from a 32-bit load.
    PacketStart,
    /// Address after the last packet byte, from a 32-bit load.
    PacketEnd,
    /// Address of the metadata before the packet, from a 32-bit load.
    PacketMeta,
    /// Address of a socket, or null.
    Socket,
    /// Address of the flow dissector's keys.
    FlowKeys,
}

/// The fields of the context of that program type, in order of offset; empty for a context that is no struct of
/// packets (tracing programs).
pub const fn context_fields(prog_type: ProgType) -> &'static [CtxField] {
    match prog_type {
        ProgType::Xdp => XDP_MD,
        _ if ProgTypes::SKB.contains(prog_type) => SK_BUFF,
        _ => &[],
    }
}

/// The field that holds the byte at `offset` of that program type's context.
pub fn context_field_at(prog_type: ProgType, offset: u32) -> Option<&'static CtxField> {
    context_fields(prog_type).iter().find(|f| (f.offset as u32..f.offset as u32 + f.size as u32).contains(&offset))
}

/// `struct __sk_buff`.
const SK_BUFF: &[CtxField] = &[];

/// `struct xdp_md`.
const XDP_MD: &[CtxField] = &[];
