//! What the verifier knows of one register or spilled register: its type, and within the type where it points and
//! which numbers it may hold.
//!
//! A pointer has the same [`Scalar`] as a number: there it is the variable part of the offset, beside the fixed part
//! in [`RegState::off`].

use super::scalar::Scalar;
use crate::kernel::{MapDef, MapId};
use crate::object::TypeId;

/// What a register holds (the kernel's `enum bpf_reg_type` without its flags).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs, reason = "the names are the kernel's own, less their PTR_TO")]
pub enum RegType {
    #[default]
    NotInit,
    Scalar,
    Ctx,
    MapPtr,
    MapValue,
    MapKey,
    Stack,
    PacketMeta,
    Packet,
    PacketEnd,
    FlowKeys,
    Socket,
    SockCommon,
    TcpSock,
    XdpSock,
    BtfId,
    Mem,
    Arena,
    Buf,
    Func,
    ConstDynptr,
}

/// What is said of a type beyond its name (the kernel's type flags).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags(u16);

impl Flags {
    /// None.
    pub const NONE: Flags = Flags(0);
    /// It may be null.
    pub const NULL: Flags = Flags(1 << 0);
    /// The memory is read only.
    pub const RDONLY: Flags = Flags(1 << 1);
    /// The memory is a ring buffer's record.
    pub const RINGBUF: Flags = Flags(1 << 2);
    /// The memory is user space's.
    pub const USER: Flags = Flags(1 << 3);
    /// The memory is one CPU's copy.
    pub const PERCPU: Flags = Flags(1 << 4);
    /// The pointer may be stale: reads are guarded, and it must not be passed on.
    pub const UNTRUSTED: Flags = Flags(1 << 5);
    /// The kernel vouches for the pointer.
    pub const TRUSTED: Flags = Flags(1 << 6);
    /// The pointer is good within the RCU read section.
    pub const RCU: Flags = Flags(1 << 7);
    /// The object is the program's own (`bpf_obj_new`).
    pub const ALLOC: Flags = Flags(1 << 8);
    /// The program points into a collection, and owns nothing.
    pub const NON_OWN: Flags = Flags(1 << 9);
    /// The memory belongs to a dynptr's slice of a packet.
    pub const DYNPTR_PACKET: Flags = Flags(1 << 11);

    /// Both sets.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Without those of `other`.
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// Whether all of `other` are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is set.
    pub const fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether no flag is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A map as a register knows it: one of the program's, or the template of a map of maps' inner maps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MapRef {
    /// The program's map.
    pub map: MapId,
    /// Whether an inner map of it is meant.
    pub inner: bool,
    /// Which look-up an inner map came from: two look-ups may give two maps. 0 for the program's own.
    pub uid: u32,
}

impl MapRef {
    /// Its definition among the program's maps.
    pub fn of(self, maps: &[MapDef]) -> Option<&MapDef> {
        let def = maps.get(self.map.index())?;
        if self.inner { def.inner.as_deref() } else { Some(def) }
    }
}

/// The kinds of dynptr.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are the kernel's own")]
pub enum DynptrKind {
    Local,
    Ringbuf,
    Skb,
    Xdp,
    SkbMeta,
}

/// The state of an open-coded iterator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are the kernel's own")]
pub enum IterState {
    Active,
    Drained,
}

/// What belongs to some types only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Of {
    /// Nothing.
    #[default]
    Nothing,
    /// Packet pointers: bytes after `off` that are known to be in the packet; -1 and -2 are [`AT_PKT_END`] and
    /// [`BEYOND_PKT_END`].
    Packet(i32),
    /// Map pointers, map keys and values.
    Map(MapRef),
    /// Memory of that many bytes.
    Mem(u32),
    /// A kernel structure, by its BTF id in vmlinux or (`local`) in the program's own BTF.
    Btf {
        /// The type.
        id: TypeId,
        /// Whether it is the program's own type.
        local: bool,
    },
    /// Pointer to a frame's stack.
    Frame(u32),
    /// A dynptr; `first` on the lower-addressed of the two slots in the kernel's order (the main one).
    Dynptr {
        /// Its kind.
        kind: DynptrKind,
        /// Whether it is the main slot.
        first: bool,
    },
    /// An open-coded iterator's main slot, or a slot behind it.
    Iter {
        /// Row of the iterator in the kfunc table.
        kind: u16,
        /// Whether it has elements left.
        state: IterState,
        /// How often `next` was called.
        depth: u16,
    },
    /// A function of the program, by number.
    Func(u32),
    /// A saved interrupt flag.
    Irq {
        /// Which function class saved it: 1 native, 2 lock.
        class: u8,
    },
}

/// `range` of a packet pointer known to be at the packet's end.
pub const AT_PKT_END: i32 = -1;
/// `range` of a packet pointer known to be beyond the packet's end.
pub const BEYOND_PKT_END: i32 = -2;

/// Bit of [`RegState::id`]: the register is a linked one plus [`RegState::off`].
pub const ADD_CONST_64: u32 = 1 << 31;
/// The same, the sum being of 32 bits.
pub const ADD_CONST_32: u32 = 1 << 30;
/// Either.
pub const ADD_CONST: u32 = ADD_CONST_64 | ADD_CONST_32;

/// What is known of a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegState {
    /// What it holds.
    pub ty: RegType,
    /// What is said of that type.
    pub flags: Flags,
    /// What belongs to the type.
    pub of: Of,
    /// Fixed part of a pointer's offset; of a linked number, what it is more than the others.
    pub off: i32,
    /// The number, or the variable part of the offset.
    pub num: Scalar,
    /// Numbers and pointers of the same id are the same but for `off`; 0 is none. May carry [`ADD_CONST`].
    pub id: u32,
    /// The reference that the pointer holds or came from; 0 is none.
    pub ref_obj_id: u32,
    /// The dynptr that a slice came from; 0 is none.
    pub dynptr_id: u32,
    /// Whether the verdict depends on this number, so that pruning must compare it.
    pub precise: bool,
}

impl RegState {
    /// Nothing was ever written.
    pub const NOT_INIT: RegState = RegState {
        ty: RegType::NotInit,
        flags: Flags::NONE,
        of: Of::Nothing,
        off: 0,
        num: Scalar::UNKNOWN,
        id: 0,
        ref_obj_id: 0,
        dynptr_id: 0,
        precise: false,
    };

    /// Any number.
    pub const UNKNOWN: RegState = RegState { ty: RegType::Scalar, ..RegState::NOT_INIT };

    /// That number.
    pub fn constant(value: u64) -> RegState {
        RegState { ty: RegType::Scalar, num: Scalar::constant(value), ..RegState::NOT_INIT }
    }

    /// A pointer of that type to the start of what it points to.
    pub fn pointer(ty: RegType, flags: Flags, of: Of) -> RegState {
        RegState { ty, flags, of, num: Scalar::constant(0), ..RegState::NOT_INIT }
    }

    /// Pointer to the end of a frame's stack.
    pub fn frame_pointer(frame: u32) -> RegState {
        RegState::pointer(RegType::Stack, Flags::NONE, Of::Frame(frame))
    }

    /// Whether it is a number of any kind.
    pub fn is_scalar(&self) -> bool {
        self.ty == RegType::Scalar
    }

    /// Whether it is a pointer of any kind.
    pub fn is_pointer(&self) -> bool {
        !matches!(self.ty, RegType::NotInit | RegType::Scalar)
    }

    /// Whether it is exactly that type, with no flag set (`reg->type == PTR_TO_…`).
    pub fn is(&self, ty: RegType) -> bool {
        self.ty == ty && self.flags.is_empty()
    }

    /// Whether it may be null.
    pub fn may_be_null(&self) -> bool {
        self.flags.has(Flags::NULL)
    }

    /// Whether it is a number that is known, and which.
    pub fn constant_value(&self) -> Option<u64> {
        if self.is_scalar() { self.num.constant_value() } else { None }
    }

    /// Whether it is known to be 0 (`register_is_null`).
    pub fn is_zero(&self) -> bool {
        self.constant_value() == Some(0)
    }

    /// Whether it points into a packet or its metadata.
    pub fn is_packet_pointer(&self) -> bool {
        matches!(self.ty, RegType::Packet | RegType::PacketMeta)
    }

    /// Bytes known to be in the packet after a packet pointer's fixed offset.
    pub fn range(&self) -> i32 {
        if let Of::Packet(range) = self.of { range } else { 0 }
    }

    /// The map of a map pointer, key or value.
    pub fn map(&self) -> Option<MapRef> {
        if let Of::Map(map) = self.of { Some(map) } else { None }
    }

    /// The frame that a stack pointer points into.
    pub fn frame(&self) -> u32 {
        if let Of::Frame(frame) = self.of { frame } else { 0 }
    }

    /// Bytes of plain memory.
    pub fn mem_size(&self) -> u32 {
        if let Of::Mem(size) = self.of { size } else { 0 }
    }

    /// Forgets everything but that it is a number.
    pub fn mark_unknown(&mut self) {
        *self = RegState::UNKNOWN;
    }
}
