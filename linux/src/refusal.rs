//! What an errno of the kernel means for whoever asked, and what to do about it.
//!
//! bpf(2) says little: the same `EPERM` stands for a missing capability, for locked memory that ran out, and for a
//! program that the unprivileged may not load. What was asked for, and what this process may do, tells them apart.

use std::fmt;
use std::fs;
use std::io;

use bpfscope_core::kernel::{Errno, MapType, ProgType};

/// What was asked of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A map.
    CreateMap(MapType),
    /// An entry of a map that a program is to find there.
    StoreEntry,
    /// The types of an object.
    LoadTypes,
    /// A program.
    LoadProgram(ProgType),
    /// A program to be run on a packet.
    TestRun(ProgType),
    /// A network namespace with devices.
    Namespace,
    /// A program on a device.
    Attach,
}

/// A refusal: what was asked for, and the errno.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What was asked for.
    pub asked: Asked,
    /// What the kernel answered.
    pub errno: i32,
}

/// The kernel's `ENOTSUPP`, which should not come out of it, but does.
const ENOTSUPP: i32 = Errno::Enotsupp as i32;

/// A capability (capabilities(7)): its name and its bit.
pub type Capability = (&'static str, u32);
const CAP_NET_ADMIN: Capability = ("CAP_NET_ADMIN", 12);
const CAP_NET_RAW: Capability = ("CAP_NET_RAW", 13);
const CAP_SYS_ADMIN: Capability = ("CAP_SYS_ADMIN", 21);
const CAP_PERFMON: Capability = ("CAP_PERFMON", 38);
const CAP_BPF: Capability = ("CAP_BPF", 39);

/// All that bpfscope can need.
pub const CAPABILITIES: [Capability; 5] = [CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON, CAP_SYS_ADMIN];

impl Asked {
    /// The capabilities that it takes since Linux 5.8; before, all of bpf(2) took `CAP_SYS_ADMIN`.
    fn capabilities(self) -> Vec<Capability> {
        match self {
            Asked::LoadProgram(ProgType::Kprobe | ProgType::Tracepoint | ProgType::RawTracepoint) => {
                vec![CAP_BPF, CAP_PERFMON]
            }
            Asked::LoadProgram(ProgType::SocketFilter) => vec![CAP_BPF],
            Asked::LoadProgram(_) | Asked::TestRun(_) => vec![CAP_BPF, CAP_NET_ADMIN],
            Asked::CreateMap(_) | Asked::StoreEntry | Asked::LoadTypes => vec![CAP_BPF],
            Asked::Namespace => vec![CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_NET_RAW],
            Asked::Attach => vec![CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW],
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::CreateMap(map_type) => write!(f, "creating a map of type {map_type}"),
            Asked::StoreEntry => f.write_str("storing an entry"),
            Asked::LoadTypes => f.write_str("loading types (BTF)"),
            Asked::LoadProgram(prog_type) => write!(f, "loading a program of type {}", prog_type.name()),
            Asked::TestRun(prog_type) => write!(f, "a test run of a program of type {}", prog_type.name()),
            Asked::Namespace => f.write_str("making a network namespace"),
            Asked::Attach => f.write_str("attaching"),
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { asked, errno } = *self;
        let said = io::Error::from_raw_os_error(errno);
        match explanation(asked, errno, effective_capabilities()) {
            Some(why) => write!(f, "the kernel refuses {asked}: {said}: {why}"),
            None => write!(f, "the kernel refuses {asked}: {said}"),
        }
    }
}

/// What a refusal means and what to do, for somebody with these capabilities (a bit each); `None` when the errno's own
/// text says it all.
pub fn explanation(asked: Asked, errno: i32, capabilities: u64) -> Option<String> {
    let needed = asked.capabilities();
    let missing: Vec<&str> =
        needed.iter().filter(|(_, bit)| capabilities & (1 << bit) == 0).map(|(name, _)| *name).collect();
    let all = needed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
    let text = match (errno, asked) {
        (libc::EPERM | libc::EACCES, _) if !missing.is_empty() && capabilities & (1 << CAP_SYS_ADMIN.1) == 0 => {
            format!("run as root, or with {all} (CAP_SYS_ADMIN before Linux 5.8); missing here: {}", missing.join(", "))
        }
        (libc::EPERM, _) => format!(
            "{all} are there, so it is a policy: kernel lockdown, a security module, a container's seccomp filter, or \
             (before Linux 5.11) the limit of locked memory, `ulimit -l`"
        ),
        (libc::ENOSYS, _) => "this kernel has no bpf(2): it was built without CONFIG_BPF_SYSCALL".to_owned(),
        (libc::ENOMEM, _) => "no memory: smaller maps, or a higher limit of the memory cgroup".to_owned(),
        (libc::E2BIG, Asked::LoadProgram(_)) => {
            "too many instructions: 4096 before Linux 5.2 and without CAP_BPF, else 1 000 000 that are explored"
                .to_owned()
        }
        (libc::E2BIG, Asked::CreateMap(_)) => {
            "larger than this kernel takes, or with fields that it does not know".to_owned()
        }
        (libc::E2BIG, Asked::StoreEntry) => "the map is full".to_owned(),
        (libc::ENOSPC, Asked::LoadProgram(_)) => "the verifier's log is longer than the buffer for it".to_owned(),
        (libc::ENOENT, Asked::LoadTypes | Asked::LoadProgram(_)) => {
            "it refers to something that this kernel does not have, such as a kernel function; without \
             /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF) there are none"
                .to_owned()
        }
        (libc::EINVAL, Asked::CreateMap(_)) => "no such type, size or flag in this kernel".to_owned(),
        (libc::EINVAL, Asked::TestRun(_)) => {
            "test runs take Ethernet frames of 14 bytes up to about a page, and a context that this type allows"
                .to_owned()
        }
        (ENOTSUPP, Asked::TestRun(_)) => "this kernel has no test runs for that type".to_owned(),
        (libc::EBUSY, Asked::Attach) => {
            "another program is there already (`bpftool net show dev DEVICE` names it); it is left alone".to_owned()
        }
        (libc::EOPNOTSUPP, Asked::Attach) => {
            "the device's driver cannot do that: in generic mode XDP works on every device".to_owned()
        }
        (libc::ENOENT, Asked::Attach) => {
            "this kernel has neither tcx (Linux 6.6) nor clsact with filters of kind bpf (CONFIG_NET_SCH_INGRESS, \
             CONFIG_NET_CLS_BPF)"
                .to_owned()
        }
        (libc::EINVAL, Asked::Attach) => {
            "this kernel cannot attach such a program there: XDP by a link takes Linux 5.9, tcx takes 6.6".to_owned()
        }
        (libc::EADDRINUSE, Asked::Attach) => "too many programs of ours are there already".to_owned(),
        (libc::ENODEV | libc::ENXIO, Asked::Attach) => "there is no such device; `ip link` lists them".to_owned(),
        _ => return None,
    };
    Some(text)
}

/// The capabilities that this process has, a bit each (`CapEff` of proc(5)); all of them when it cannot be told.
pub fn effective_capabilities() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: u64 = 0;
    const ROOT: u64 = u64::MAX;

    #[test]
    fn who_may_not_is_told_the_capabilities_that_are_missing() {
        let of = |asked, capabilities| explanation(asked, libc::EPERM, capabilities).unwrap();
        assert!(of(Asked::LoadProgram(ProgType::Xdp), NOBODY).contains("missing here: CAP_BPF, CAP_NET_ADMIN"));
        assert!(of(Asked::LoadProgram(ProgType::Kprobe), NOBODY).contains("CAP_BPF and CAP_PERFMON"));
        assert!(of(Asked::LoadProgram(ProgType::Xdp), 1 << CAP_BPF.1).contains("missing here: CAP_NET_ADMIN"));
        assert!(of(Asked::CreateMap(MapType::Hash), ROOT).contains("lockdown"));
    }

    #[test]
    fn refusals_say_what_was_asked_for_what_the_kernel_said_and_why() {
        let refusal = Refusal { asked: Asked::LoadProgram(ProgType::Xdp), errno: libc::ENOSPC }.to_string();
        assert!(refusal.starts_with("the kernel refuses loading a program of type xdp: No space left"), "{refusal}");
        assert!(refusal.ends_with("the verifier's log is longer than the buffer for it"), "{refusal}");
        let plain = Refusal { asked: Asked::LoadTypes, errno: libc::EINVAL }.to_string();
        assert!(plain.ends_with("Invalid argument (os error 22)"), "{plain}");
    }
}
