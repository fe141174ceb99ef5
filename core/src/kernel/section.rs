//! Section names: which program type and hook the name of an ELF section stands for (libbpf, "Program Types
//! and ELF Sections").
//!
//! The rows keep libbpf's matching: most names stand alone, some take `/what-to-attach-to`. libbpf before 1.0
//! accepted any name that *begins* with a known one (`xdp_prog`, `socket1`); those still match here, and say so.

use super::{Feature, Hook, KernelVersion, MapType, ProgType};

/// What follows a section's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rest {
    /// Nothing.
    None,
    /// Nothing, or `/` and what the program attaches to.
    Target,
    /// Nothing; anything before libbpf 1.0.
    Loose,
}

/// A row: a section name and what it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SectionDef {
    /// The name, or its first part.
    pub name: &'static str,
    rest: Rest,
    /// The program type's name, as in `BPF_PROG_TYPE_…`.
    pub type_name: &'static str,
    /// The program type, when it is simulated.
    pub prog_type: Option<ProgType>,
    /// The hook, when the name tells.
    pub hook: Option<Hook>,
}

/// What a section's name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SectionType {
    /// The row.
    pub def: &'static SectionDef,
    /// Whether only libbpf before 1.0, or iproute2, accepts the name.
    pub old: bool,
}

const fn row(
    name: &'static str,
    rest: Rest,
    type_name: &'static str,
    prog_type: Option<ProgType>,
    hook: Option<Hook>,
) -> SectionDef {
    SectionDef { name, rest, type_name, prog_type, hook }
}

const SOCKET: Option<ProgType> = Some(ProgType::SocketFilter);
const CLS: Option<ProgType> = Some(ProgType::SchedCls);
const ACT: Option<ProgType> = Some(ProgType::SchedAct);
const XDP: Option<ProgType> = Some(ProgType::Xdp);
const CGROUP_SKB: Option<ProgType> = Some(ProgType::CgroupSkb);
const KPROBE: Option<ProgType> = Some(ProgType::Kprobe);
const TRACEPOINT: Option<ProgType> = Some(ProgType::Tracepoint);
const RAW_TP: Option<ProgType> = Some(ProgType::RawTracepoint);

/// All names that libbpf 1.6 knows, and at the end those of iproute2. Of two that match, the longer counts.
#[rustfmt::skip]
pub const SECTIONS: &[SectionDef] = &[
    row("socket", Rest::Loose, "SOCKET_FILTER", SOCKET, Some(Hook::Socket)),
    row("tc", Rest::Loose, "SCHED_CLS", CLS, None),
    row("tc/ingress", Rest::None, "SCHED_CLS", CLS, Some(Hook::TcIngress)),
    row("tc/egress", Rest::None, "SCHED_CLS", CLS, Some(Hook::TcEgress)),
    row("tcx/ingress", Rest::None, "SCHED_CLS", CLS, Some(Hook::TcIngress)),
    row("tcx/egress", Rest::None, "SCHED_CLS", CLS, Some(Hook::TcEgress)),
    row("netkit/primary", Rest::None, "SCHED_CLS", CLS, None),
    row("netkit/peer", Rest::None, "SCHED_CLS", CLS, None),
    row("classifier", Rest::Loose, "SCHED_CLS", CLS, None),
    row("action", Rest::Loose, "SCHED_ACT", ACT, None),
    row("xdp", Rest::Loose, "XDP", XDP, Some(Hook::Xdp)),
    row("xdp.frags", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
    row("xdp/devmap", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
    row("xdp.frags/devmap", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
    row("xdp/cpumap", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
    row("xdp.frags/cpumap", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
    row("cgroup_skb/ingress", Rest::None, "CGROUP_SKB", CGROUP_SKB, Some(Hook::CgroupIngress)),
    row("cgroup_skb/egress", Rest::None, "CGROUP_SKB", CGROUP_SKB, Some(Hook::CgroupEgress)),
    row("cgroup/skb", Rest::Loose, "CGROUP_SKB", CGROUP_SKB, None),
    row("kprobe", Rest::Target, "KPROBE", KPROBE, None),
    row("kretprobe", Rest::Target, "KPROBE", KPROBE, None),
    row("kprobe.multi", Rest::Target, "KPROBE", KPROBE, None),
    row("kretprobe.multi", Rest::Target, "KPROBE", KPROBE, None),
    row("kprobe.session", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe.s", Rest::Target, "KPROBE", KPROBE, None),
    row("uretprobe", Rest::Target, "KPROBE", KPROBE, None),
    row("uretprobe.s", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe.multi", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe.multi.s", Rest::Target, "KPROBE", KPROBE, None),
    row("uretprobe.multi", Rest::Target, "KPROBE", KPROBE, None),
    row("uretprobe.multi.s", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe.session", Rest::Target, "KPROBE", KPROBE, None),
    row("uprobe.session.s", Rest::Target, "KPROBE", KPROBE, None),
    row("ksyscall", Rest::Target, "KPROBE", KPROBE, None),
    row("kretsyscall", Rest::Target, "KPROBE", KPROBE, None),
    row("usdt", Rest::Target, "KPROBE", KPROBE, None),
    row("usdt.s", Rest::Target, "KPROBE", KPROBE, None),
    row("tracepoint", Rest::Target, "TRACEPOINT", TRACEPOINT, None),
    row("tp", Rest::Target, "TRACEPOINT", TRACEPOINT, None),
    row("raw_tracepoint", Rest::Target, "RAW_TRACEPOINT", RAW_TP, None),
    row("raw_tp", Rest::Target, "RAW_TRACEPOINT", RAW_TP, None),
    row("raw_tracepoint.w", Rest::Target, "RAW_TRACEPOINT_WRITABLE", None, None),
    row("raw_tp.w", Rest::Target, "RAW_TRACEPOINT_WRITABLE", None, None),
    row("tp_btf", Rest::Target, "TRACING", None, None),
    row("fentry", Rest::Target, "TRACING", None, None),
    row("fentry.s", Rest::Target, "TRACING", None, None),
    row("fexit", Rest::Target, "TRACING", None, None),
    row("fexit.s", Rest::Target, "TRACING", None, None),
    row("fmod_ret", Rest::Target, "TRACING", None, None),
    row("fmod_ret.s", Rest::Target, "TRACING", None, None),
    row("iter", Rest::Target, "TRACING", None, None),
    row("iter.s", Rest::Target, "TRACING", None, None),
    row("freplace", Rest::Target, "EXT", None, None),
    row("lsm", Rest::Target, "LSM", None, None),
    row("lsm.s", Rest::Target, "LSM", None, None),
    row("lsm_cgroup", Rest::Target, "LSM", None, None),
    row("syscall", Rest::None, "SYSCALL", None, None),
    row("perf_event", Rest::Loose, "PERF_EVENT", None, None),
    row("lwt_in", Rest::Loose, "LWT_IN", None, None),
    row("lwt_out", Rest::Loose, "LWT_OUT", None, None),
    row("lwt_xmit", Rest::Loose, "LWT_XMIT", None, None),
    row("lwt_seg6local", Rest::Loose, "LWT_SEG6LOCAL", None, None),
    row("sockops", Rest::Loose, "SOCK_OPS", None, None),
    row("sk_skb", Rest::Loose, "SK_SKB", None, None),
    row("sk_skb/stream_parser", Rest::None, "SK_SKB", None, None),
    row("sk_skb/stream_verdict", Rest::None, "SK_SKB", None, None),
    row("sk_skb/verdict", Rest::None, "SK_SKB", None, None),
    row("sk_msg", Rest::Loose, "SK_MSG", None, None),
    row("sk_reuseport", Rest::Loose, "SK_REUSEPORT", None, None),
    row("sk_reuseport/migrate", Rest::None, "SK_REUSEPORT", None, None),
    row("sk_lookup", Rest::Loose, "SK_LOOKUP", None, None),
    row("lirc_mode2", Rest::Loose, "LIRC_MODE2", None, None),
    row("flow_dissector", Rest::Loose, "FLOW_DISSECTOR", None, None),
    row("netfilter", Rest::None, "NETFILTER", None, None),
    row("cgroup/sock", Rest::None, "CGROUP_SOCK", None, None),
    row("cgroup/sock_create", Rest::None, "CGROUP_SOCK", None, None),
    row("cgroup/sock_release", Rest::None, "CGROUP_SOCK", None, None),
    row("cgroup/post_bind4", Rest::None, "CGROUP_SOCK", None, None),
    row("cgroup/post_bind6", Rest::None, "CGROUP_SOCK", None, None),
    row("cgroup/bind4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/bind6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/connect4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/connect6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/connect_unix", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/sendmsg4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/sendmsg6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/sendmsg_unix", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/recvmsg4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/recvmsg6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/recvmsg_unix", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getpeername4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getpeername6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getpeername_unix", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getsockname4", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getsockname6", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/getsockname_unix", Rest::None, "CGROUP_SOCK_ADDR", None, None),
    row("cgroup/sysctl", Rest::None, "CGROUP_SYSCTL", None, None),
    row("cgroup/getsockopt", Rest::None, "CGROUP_SOCKOPT", None, None),
    row("cgroup/setsockopt", Rest::None, "CGROUP_SOCKOPT", None, None),
    row("cgroup/dev", Rest::None, "CGROUP_DEVICE", None, None),
    row("struct_ops", Rest::Target, "STRUCT_OPS", None, None),
    row("struct_ops.s", Rest::Target, "STRUCT_OPS", None, None),
    // iproute2: what `tc` examples call their sections, and the section that `ip link set xdp` takes by itself.
    row("ingress", Rest::Loose, "SCHED_CLS", CLS, Some(Hook::TcIngress)),
    row("egress", Rest::Loose, "SCHED_CLS", CLS, Some(Hook::TcEgress)),
    row("prog", Rest::None, "XDP", XDP, Some(Hook::Xdp)),
];

/// Rows from here on are iproute2's.
const FIRST_OLD: &str = "ingress";

/// What a section name stands for; a leading `?` (not loaded unless asked for) is not part of the name.
pub fn section_type(name: &str) -> Option<SectionType> {
    let name = name.strip_prefix('?').unwrap_or(name);
    let old_from = SECTIONS.iter().position(|d| d.name == FIRST_OLD).unwrap_or(SECTIONS.len());
    let mut best: Option<SectionType> = None;
    for (index, def) in SECTIONS.iter().enumerate() {
        let Some(rest) = name.strip_prefix(def.name) else { continue };
        let exact = rest.is_empty() || (def.rest == Rest::Target && rest.starts_with('/'));
        if !exact && def.rest != Rest::Loose {
            continue;
        }
        let longer = best.is_none_or(|b| b.def.name.len() < def.name.len());
        if longer {
            best = Some(SectionType { def, old: !exact || index >= old_from });
        }
    }
    best
}

/// `expected_attach_type` (`enum bpf_attach_type`) that a section name stands for, where it matters to the verifier or
/// to `BPF_PROG_TEST_RUN`; other sections are loaded with 0.
const ATTACH_TYPES: &[(&str, u32)] = &[
    ("cgroup_skb/ingress", 0),
    ("cgroup_skb/egress", 1),
    ("xdp/devmap", 33),
    ("xdp.frags/devmap", 33),
    ("xdp/cpumap", 35),
    ("xdp.frags/cpumap", 35),
    ("xdp", 37),
    ("xdp.frags", 37),
    ("kprobe.multi", 42),
    ("kretprobe.multi", 42),
    ("tcx/ingress", 46),
    ("tcx/egress", 47),
    ("uprobe.multi", 48),
    ("uretprobe.multi", 48),
    ("uprobe.multi.s", 48),
    ("uretprobe.multi.s", 48),
    ("netkit/primary", 54),
    ("netkit/peer", 55),
    ("kprobe.session", 56),
    ("uprobe.session", 57),
    ("uprobe.session.s", 57),
];

/// `BPF_F_SLEEPABLE` and `BPF_F_XDP_HAS_FRAGS` of `BPF_PROG_LOAD`.
const SLEEPABLE: u32 = 1 << 4;
const HAS_FRAGS: u32 = 1 << 5;

/// Whether an attach type is `BPF_TRACE_KPROBE_SESSION` or `BPF_TRACE_UPROBE_SESSION`: such programs run at
/// a function's entry and at its return.
pub fn is_session(attach_type: u32, kernel: KernelVersion) -> bool {
    match attach_type {
        56 => kernel.has(Feature::KprobeSessions),
        57 => kernel.has(Feature::UprobeSessions),
        _ => false,
    }
}

/// What libbpf passes as `expected_attach_type` for a section name.
pub fn section_attach_type(name: &str) -> u32 {
    let row = section_type(name).map(|found| found.def.name);
    ATTACH_TYPES.iter().find(|(name, _)| Some(*name) == row).map_or(0, |(_, number)| *number)
}

/// The types of maps whose entries programs of a section are for; empty for programs that are attached.
pub fn section_entry_maps(name: &str) -> &'static [MapType] {
    match section_attach_type(name) {
        33 => &[MapType::Devmap, MapType::DevmapHash],
        35 => &[MapType::Cpumap],
        _ => &[],
    }
}

/// What libbpf passes as `prog_flags` for a section name: names in `.s` are sleepable, `xdp.frags` takes fragments.
pub fn section_flags(name: &str) -> u32 {
    match section_type(name).map(|found| found.def.name) {
        Some(name) if name.ends_with(".s") => SLEEPABLE,
        Some(name) if name.starts_with("xdp.frags") => HAS_FRAGS,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_types_and_hooks() {
        let cases = [
            ("socket", "SOCKET_FILTER", Some(Hook::Socket), false),
            ("socket1", "SOCKET_FILTER", Some(Hook::Socket), true),
            ("tc", "SCHED_CLS", None, false),
            ("tc/egress", "SCHED_CLS", Some(Hook::TcEgress), false),
            ("?tcx/ingress", "SCHED_CLS", Some(Hook::TcIngress), false),
            ("classifier/ingress", "SCHED_CLS", None, true),
            ("xdp", "XDP", Some(Hook::Xdp), false),
            ("xdp.frags", "XDP", Some(Hook::Xdp), false),
            ("xdp_prog", "XDP", Some(Hook::Xdp), true),
            ("kprobe/do_sys_open", "KPROBE", None, false),
            ("kprobe.multi/do_*", "KPROBE", None, false),
            ("tp/syscalls/sys_enter_openat", "TRACEPOINT", None, false),
            ("raw_tp.w/x", "RAW_TRACEPOINT_WRITABLE", None, false),
            ("cgroup/sock_create", "CGROUP_SOCK", None, false),
            ("fentry.s/x", "TRACING", None, false),
            ("egress", "SCHED_CLS", Some(Hook::TcEgress), true),
        ];
        for (name, type_name, hook, old) in cases {
            let found = section_type(name).unwrap_or_else(|| panic!("{name} is not known"));
            assert_eq!((found.def.type_name, found.def.hook, found.old), (type_name, hook, old), "{name}");
        }
    }

    #[test]
    fn some_names_stand_for_an_attach_type_and_flags() {
        let cases = [
            ("cgroup_skb/egress", 1, 0),
            ("xdp/devmap", 33, 0),
            ("xdp.frags", 37, 32),
            ("uprobe.s/x", 0, 16),
            ("tc", 0, 0),
            ("?", 0, 0),
        ];
        for (name, attach, flags) in cases {
            assert_eq!((section_attach_type(name), section_flags(name)), (attach, flags), "{name}");
        }
    }

    #[test]
    fn other_names_stand_for_nothing() {
        for name in ["my_prog", "kprobed", "fentryx", ".text", "", "1/0"] {
            assert_eq!(section_type(name), None, "{name}");
        }
    }
}
