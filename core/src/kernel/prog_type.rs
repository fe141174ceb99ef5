//! Program types and hooks: what a program is loaded as, and where it runs.

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
}
