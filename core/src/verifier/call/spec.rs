//! What a helper's argument must be: [`ArgType`] taken apart into what is asked of the register's type and of the
//! memory behind it, and for each kind the types that will do, in the order in which the kernel lists them.

use crate::kernel::{ArgType, Feature, KernelVersion};
use crate::verifier::reg::{Flags, RegType};
use crate::verifier::text::type_name;

/// Kinds of arguments (the kernel's `enum bpf_arg_type` without its flags).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::verifier) enum Base {
    Anything,
    MapPtr,
    MapKey,
    MapValue,
    /// Memory whose size is the next argument.
    Mem,
    /// Memory of that many bytes.
    FixedMem(u32),
    Size,
    SizeOrZero,
    AllocSize,
    Ctx,
    Record,
    Func,
    Stack,
    SpinLock,
    Timer,
    SockCommon,
    BtfSock,
    Btf(&'static str),
    PercpuBtf,
    Dynptr,
    ConstStr,
    KptrSlot,
}

/// An argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::verifier) struct Spec {
    pub base: Base,
    /// It may be null.
    pub null: bool,
    /// The helper reads it, so that read-only memory will do.
    pub read_only: bool,
    /// The memory, or the dynptr, need not be initialised.
    pub uninit: bool,
    /// The helper writes it.
    pub write: bool,
    /// The memory is aligned to its size.
    pub aligned: bool,
    /// The call gives it up.
    pub release: bool,
    /// A dynptr to a ring buffer's record.
    pub record: bool,
}

impl Spec {
    const fn of(base: Base) -> Spec {
        Spec {
            base,
            null: false,
            read_only: false,
            uninit: false,
            write: false,
            aligned: false,
            release: false,
            record: false,
        }
    }

    const fn null(mut self) -> Spec {
        self.null = true;
        self
    }

    const fn reads(mut self) -> Spec {
        self.read_only = true;
        self
    }

    const fn fills(mut self) -> Spec {
        self.uninit = true;
        self.write = true;
        self
    }

    const fn writes(mut self) -> Spec {
        self.write = true;
        self
    }

    const fn aligned(mut self) -> Spec {
        self.aligned = true;
        self
    }

    const fn releases(mut self) -> Spec {
        self.release = true;
        self
    }

    const fn record(mut self) -> Spec {
        self.record = true;
        self
    }

    /// The argument of a row of the table.
    pub const fn new(arg: ArgType) -> Spec {
        const MEM: Spec = Spec::of(Base::Mem);
        const DYNPTR: Spec = Spec::of(Base::Dynptr);
        match arg {
            ArgType::Scalar => Spec::of(Base::Anything),
            ArgType::MapPtr => Spec::of(Base::MapPtr),
            ArgType::MapKey => Spec::of(Base::MapKey),
            ArgType::MapValue => Spec::of(Base::MapValue),
            ArgType::MapValueOrNull => Spec::of(Base::MapValue).null(),
            ArgType::MapValueOut => Spec::of(Base::MapValue).fills(),
            ArgType::Ctx => Spec::of(Base::Ctx),
            ArgType::CtxOrNull => Spec::of(Base::Ctx).null(),
            ArgType::Mem => MEM.reads(),
            ArgType::MemOrNull => MEM.reads().null(),
            ArgType::MemOut => MEM.fills(),
            ArgType::MemOutOrNull => MEM.fills().null(),
            ArgType::MemRw => MEM.writes(),
            ArgType::MemRwOrNull => MEM.writes().null(),
            ArgType::Size => Spec::of(Base::Size),
            ArgType::SizeOrZero => Spec::of(Base::SizeOrZero),
            ArgType::AllocSize => Spec::of(Base::AllocSize),
            ArgType::FixedMem(size) => Spec::of(Base::FixedMem(size)).reads(),
            ArgType::FixedMemRw(size) => Spec::of(Base::FixedMem(size)).writes().aligned(),
            ArgType::LongOut => Spec::of(Base::FixedMem(8)).fills().aligned(),
            ArgType::ConstStr => Spec::of(Base::ConstStr),
            ArgType::Record => Spec::of(Base::Record).releases(),
            ArgType::StackOrNull => Spec::of(Base::Stack).null(),
            ArgType::Func => Spec::of(Base::Func),
            ArgType::SpinLock => Spec::of(Base::SpinLock),
            ArgType::Timer => Spec::of(Base::Timer),
            ArgType::Socket => Spec::of(Base::BtfSock),
            ArgType::SockCommon => Spec::of(Base::SockCommon),
            ArgType::SocketRelease => Spec::of(Base::BtfSock).releases(),
            ArgType::Dynptr => DYNPTR.reads(),
            ArgType::DynptrOut => DYNPTR.fills(),
            ArgType::DynptrRecordOut => DYNPTR.fills().record(),
            ArgType::DynptrRecord => DYNPTR.releases().record(),
            ArgType::Kernel(name) => Spec::of(Base::Btf(name)),
            ArgType::KernelOrNull(name) => Spec::of(Base::Btf(name)).null(),
            ArgType::PercpuKernel => Spec::of(Base::PercpuBtf),
            ArgType::KptrSlot => Spec::of(Base::KptrSlot),
            ArgType::KptrOrNull => Spec::of(Base::Btf("")).null().releases(),
        }
    }

    /// The types that will do in that kernel.
    pub const fn types(&self, kernel: KernelVersion) -> &'static [Type] {
        match self.base {
            Base::Anything => &[],
            Base::MapKey | Base::MapValue if !kernel.has(Feature::KeysInRecords) => MEM.split_at(PLAIN_MEM).0,
            Base::MapKey | Base::MapValue | Base::Mem | Base::FixedMem(_) if !kernel.has(Feature::TrustedMemory) => {
                MEM.split_at(MEM.len() - 1).0
            }
            Base::MapKey | Base::MapValue | Base::Mem | Base::FixedMem(_) => MEM,
            Base::MapPtr => &[(RegType::MapPtr, Flags::NONE)],
            Base::Size | Base::SizeOrZero | Base::AllocSize => &[(RegType::Scalar, Flags::NONE)],
            Base::Ctx => &[(RegType::Ctx, Flags::NONE)],
            Base::Record => &[(RegType::Mem, Flags::RINGBUF)],
            Base::Func => &[(RegType::Func, Flags::NONE)],
            Base::Stack => &[(RegType::Stack, Flags::NONE)],
            Base::SpinLock => &[(RegType::MapValue, Flags::NONE), (RegType::BtfId, Flags::ALLOC)],
            Base::Timer | Base::ConstStr => &[(RegType::MapValue, Flags::NONE)],
            Base::SockCommon => SOCK,
            Base::BtfSock => BTF_SOCK,
            Base::Btf(_) => BTF,
            Base::PercpuBtf => PERCPU,
            Base::Dynptr => &[(RegType::Stack, Flags::NONE), (RegType::ConstDynptr, Flags::NONE)],
            Base::KptrSlot => KPTR_SLOT,
        }
    }

    /// Whether it is any kind of memory.
    pub const fn is_mem(&self) -> bool {
        matches!(self.base, Base::MapKey | Base::MapValue | Base::Mem | Base::FixedMem(_))
    }
}

/// A register's type with its flags.
pub(in crate::verifier) type Type = (RegType, Flags);

/// How many of [`MEM`] are the stack, packets, keys and values.
const PLAIN_MEM: usize = 5;

const MEM: &[Type] = &[
    (RegType::Stack, Flags::NONE),
    (RegType::Packet, Flags::NONE),
    (RegType::PacketMeta, Flags::NONE),
    (RegType::MapKey, Flags::NONE),
    (RegType::MapValue, Flags::NONE),
    (RegType::Mem, Flags::NONE),
    (RegType::Mem, Flags::RINGBUF),
    (RegType::Buf, Flags::NONE),
    (RegType::BtfId, Flags::TRUSTED),
];

const SOCK: &[Type] = &[
    (RegType::SockCommon, Flags::NONE),
    (RegType::Socket, Flags::NONE),
    (RegType::TcpSock, Flags::NONE),
    (RegType::XdpSock, Flags::NONE),
];

const BTF_SOCK: &[Type] = &[
    (RegType::SockCommon, Flags::NONE),
    (RegType::Socket, Flags::NONE),
    (RegType::TcpSock, Flags::NONE),
    (RegType::XdpSock, Flags::NONE),
    (RegType::BtfId, Flags::NONE),
    (RegType::BtfId, Flags::TRUSTED),
];

const BTF: &[Type] = &[(RegType::BtfId, Flags::NONE), (RegType::BtfId, Flags::TRUSTED), (RegType::BtfId, Flags::RCU)];

const PERCPU: &[Type] = &[
    (RegType::BtfId, Flags::PERCPU),
    (RegType::BtfId, Flags::PERCPU.and(Flags::RCU)),
    (RegType::BtfId, Flags::PERCPU.and(Flags::TRUSTED)),
];

const KPTR_SLOT: &[Type] = &[(RegType::MapValue, Flags::NONE), (RegType::BtfId, Flags::ALLOC)];

/// The types as a message of that kernel lists them.
pub(super) fn list(types: &[Type], kernel: KernelVersion) -> String {
    let trusted = kernel.has(Feature::TrustedPointers);
    let told_apart = |flags: Flags| !flags.any(Flags::TRUSTED.and(Flags::RCU));
    let names: Vec<String> = types
        .iter()
        .filter(|(_, flags)| trusted || told_apart(*flags))
        .map(|&(ty, flags)| match flags {
            Flags::RINGBUF if !trusted => "alloc_mem".to_owned(),
            _ => type_name(ty, flags),
        })
        .collect();
    names.join(", ")
}
