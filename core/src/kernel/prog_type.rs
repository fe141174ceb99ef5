//! Program types and hooks: what a program is loaded as, and where it runs.

use super::KernelVersion;

/// A program's type, with the kernel's number (`enum bpf_prog_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are the kernel's own")]
#[repr(u32)]
pub enum ProgType {
    SocketFilter = 1,
    Kprobe = 2,
    SchedCls = 3,
    SchedAct = 4,
    Tracepoint = 5,
    Xdp = 6,
    CgroupSkb = 8,
    RawTracepoint = 17,
}

/// Where a program runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// A raw socket's filter: sees packets as AF_PACKET does.
    Socket,
    /// Traffic control, packets coming in.
    TcIngress,
    /// Traffic control, packets going out.
    TcEgress,
    /// The driver's receive path, before there is an `skb`.
    Xdp,
    /// A control group's sockets, IP packets that come in to them.
    CgroupIngress,
    /// A control group's sockets, IP packets that they send.
    CgroupEgress,
}

impl Hook {
    /// Every hook, in the order in which a packet would meet them.
    pub const ALL: [Hook; 6] =
        [Hook::Xdp, Hook::Socket, Hook::TcIngress, Hook::CgroupIngress, Hook::CgroupEgress, Hook::TcEgress];

    /// The name in options, scenarios and results.
    pub const fn name(self) -> &'static str {
        match self {
            Hook::Socket => "socket",
            Hook::TcIngress => "tc-ingress",
            Hook::TcEgress => "tc-egress",
            Hook::Xdp => "xdp",
            Hook::CgroupIngress => "cgroup-ingress",
            Hook::CgroupEgress => "cgroup-egress",
        }
    }

    /// The types of the programs that run here.
    pub const fn prog_types(self) -> ProgTypes {
        match self {
            Hook::Socket => ProgTypes::of(&[ProgType::SocketFilter]),
            Hook::TcIngress | Hook::TcEgress => ProgTypes::TC,
            Hook::Xdp => ProgTypes::XDP,
            Hook::CgroupIngress | Hook::CgroupEgress => ProgTypes::of(&[ProgType::CgroupSkb]),
        }
    }

    /// Whether it is a control group's.
    pub const fn is_cgroup(self) -> bool {
        matches!(self, Hook::CgroupIngress | Hook::CgroupEgress)
    }

    /// Whether it is traffic control's.
    pub const fn is_tc(self) -> bool {
        matches!(self, Hook::TcIngress | Hook::TcEgress)
    }

    /// Whether packets that go out meet it, as against those that come in.
    pub const fn is_egress(self) -> bool {
        matches!(self, Hook::CgroupEgress | Hook::TcEgress)
    }
}

impl std::fmt::Display for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl ProgType {
    /// Every type that is known here.
    pub const ALL: [ProgType; 8] = [
        ProgType::SocketFilter,
        ProgType::Kprobe,
        ProgType::SchedCls,
        ProgType::SchedAct,
        ProgType::Tracepoint,
        ProgType::Xdp,
        ProgType::CgroupSkb,
        ProgType::RawTracepoint,
    ];

    /// The kernel's name, as bpftool and libbpf print it.
    pub const fn name(self) -> &'static str {
        match self {
            ProgType::SocketFilter => "socket_filter",
            ProgType::Kprobe => "kprobe",
            ProgType::SchedCls => "sched_cls",
            ProgType::SchedAct => "sched_act",
            ProgType::Tracepoint => "tracepoint",
            ProgType::Xdp => "xdp",
            ProgType::CgroupSkb => "cgroup_skb",
            ProgType::RawTracepoint => "raw_tracepoint",
        }
    }

    /// The kernel that it came in.
    pub const fn since(self) -> KernelVersion {
        match self {
            ProgType::SocketFilter => KernelVersion::new(3, 19),
            ProgType::Kprobe | ProgType::SchedCls | ProgType::SchedAct => KernelVersion::new(4, 1),
            ProgType::Tracepoint => KernelVersion::new(4, 7),
            ProgType::Xdp => KernelVersion::new(4, 8),
            ProgType::CgroupSkb => KernelVersion::new(4, 10),
            ProgType::RawTracepoint => KernelVersion::new(4, 17),
        }
    }

    /// The type of that number, if it is known here.
    pub fn from_number(number: u32) -> Option<ProgType> {
        ProgType::ALL.into_iter().find(|t| *t as u32 == number)
    }
}

/// A set of program types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ProgTypes(u32);

impl ProgTypes {
    /// None.
    pub const NONE: ProgTypes = ProgTypes(0);
    /// Every type that is known here.
    pub const ALL: ProgTypes = ProgTypes::of(&ProgType::ALL);
    /// Those that run on an skb.
    pub const SKB: ProgTypes =
        ProgTypes::of(&[ProgType::SocketFilter, ProgType::SchedCls, ProgType::SchedAct, ProgType::CgroupSkb]);
    /// Traffic control: classifiers and actions.
    pub const TC: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct]);
    /// XDP alone.
    pub const XDP: ProgTypes = ProgTypes::of(&[ProgType::Xdp]);
    /// Those that observe events of the kernel.
    pub const TRACING: ProgTypes = ProgTypes::of(&[ProgType::Kprobe, ProgType::Tracepoint, ProgType::RawTracepoint]);
    /// Those that run on packets.
    pub const NET: ProgTypes = ProgTypes::SKB.and(ProgTypes::XDP);

    /// The set of these.
    pub const fn of(types: &[ProgType]) -> ProgTypes {
        let mut set = 0;
        let mut i = 0;
        while i < types.len() {
            set |= 1 << types[i] as u32;
            i += 1;
        }
        ProgTypes(set)
    }

    /// Both sets' types.
    pub const fn and(self, other: ProgTypes) -> ProgTypes {
        ProgTypes(self.0 | other.0)
    }

    /// Whether the type is in the set.
    pub const fn contains(self, prog_type: ProgType) -> bool {
        self.0 & (1 << prog_type as u32) != 0
    }

    /// Whether only programs that trace are in the set.
    pub const fn is_for_tracing(self) -> bool {
        self.0 & !Self::TRACING.0 == 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The types, in order of [`ProgType::ALL`].
    pub fn iter(self) -> impl Iterator<Item = ProgType> {
        ProgType::ALL.into_iter().filter(move |t| self.contains(*t))
    }
}

impl std::fmt::Debug for ProgTypes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
