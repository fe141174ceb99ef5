//! What a program's return value means at its hook.

use super::Hook;

/// A return value, named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// `PASS`, `TRIM`, `DROP` for a socket filter, `ALLOW`, `DENY` for cgroup skb, the kernel's `TC_ACT_*` or `XDP_*` name otherwise;
    /// a value that has none is named after the one that the kernel takes it for.
    pub name: &'static str,
    /// What becomes of the packet.
    pub class: VerdictClass,
}

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VerdictClass {
    /// It goes on.
    Pass,
    /// It is dropped.
    Drop,
    /// It is sent elsewhere.
    Redirect,
    /// It is handed to user space or a queue.
    Other,
}

/// Names `ret`, what the program returned at `hook` for a packet of `len` bytes.
///
/// Only the lower 32 bits of a return value count, at every hook.
///
/// - A socket filter's is the number of bytes to keep (`sk_filter`): 0 drops, fewer than `len` trims.
/// - A tc program's, as a classifier in direct-action mode, is a `TC_ACT_*`. What that mode does not know (any other
///   value; `RECLASSIFY`, `PIPE`, `QUEUED` and `REPEAT` too, which keep their names) counts as `TC_ACT_UNSPEC`, which
///   leaves the packet to the next filter, and after the last passes it.
/// - A cgroup skb program's lowest bit allows; the other of an egress program's two tells TCP of congestion.
/// - An XDP program's is an `XDP_*`: any other value drops with a warning, as `XDP_ABORTED` does.
pub fn verdict(hook: Hook, ret: u64, len: u32) -> Verdict {
    let ret = ret as u32;
    match hook {
        Hook::Socket => socket(ret, len),
        Hook::TcIngress | Hook::TcEgress => tc(ret as i32),
        Hook::Xdp => xdp(ret),
        Hook::CgroupIngress | Hook::CgroupEgress => cgroup(ret),
    }
}

/// What a classifier's return value means when it is not in direct-action mode: 0 matches nothing and leaves the packet to
/// the next, -1 matches with the class that it was installed with, any other value is the class. No match drops.
pub fn classifier_verdict(ret: u64) -> Verdict {
    let name = if ret as u32 == 0 { "NO_MATCH" } else { "MATCH" };
    Verdict { name, class: VerdictClass::Pass }
}

fn cgroup(ret: u32) -> Verdict {
    match ret & 1 {
        0 => Verdict { name: "DENY", class: VerdictClass::Drop },
        _ => Verdict { name: "ALLOW", class: VerdictClass::Pass },
    }
}

fn socket(ret: u32, len: u32) -> Verdict {
    let (name, class) = match ret {
        0 => ("DROP", VerdictClass::Drop),
        _ if ret < len => ("TRIM", VerdictClass::Pass),
        _ => ("PASS", VerdictClass::Pass),
    };
    Verdict { name, class }
}

fn tc(ret: i32) -> Verdict {
    use VerdictClass::{Drop, Other, Pass, Redirect};
    let (name, class) = match ret {
        0 => ("TC_ACT_OK", Pass),
        1 => ("TC_ACT_RECLASSIFY", Pass),
        2 => ("TC_ACT_SHOT", Drop),
        3 => ("TC_ACT_PIPE", Pass),
        4 => ("TC_ACT_STOLEN", Drop),
        5 => ("TC_ACT_QUEUED", Pass),
        6 => ("TC_ACT_REPEAT", Pass),
        7 => ("TC_ACT_REDIRECT", Redirect),
        8 => ("TC_ACT_TRAP", Other),
        _ => ("TC_ACT_UNSPEC", Pass),
    };
    Verdict { name, class }
}

fn xdp(ret: u32) -> Verdict {
    use VerdictClass::{Drop, Pass, Redirect};
    let (name, class) = match ret {
        1 => ("XDP_DROP", Drop),
        2 => ("XDP_PASS", Pass),
        3 => ("XDP_TX", Redirect),
        4 => ("XDP_REDIRECT", Redirect),
        _ => ("XDP_ABORTED", Drop),
    };
    Verdict { name, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_values_are_named_after_what_the_kernel_does() {
        use VerdictClass::{Drop, Pass, Redirect};
        let minus_one = u64::MAX;
        for (hook, ret, name, class) in [
            (Hook::Socket, 0, "DROP", Drop),
            (Hook::Socket, 59, "TRIM", Pass),
            (Hook::Socket, 60, "PASS", Pass),
            (Hook::Socket, minus_one, "PASS", Pass),
            (Hook::TcIngress, 0, "TC_ACT_OK", Pass),
            (Hook::TcEgress, 2, "TC_ACT_SHOT", Drop),
            (Hook::TcEgress, 7, "TC_ACT_REDIRECT", Redirect),
            (Hook::TcIngress, minus_one, "TC_ACT_UNSPEC", Pass),
            (Hook::TcIngress, 0xffff_ffff, "TC_ACT_UNSPEC", Pass),
            (Hook::TcIngress, 77, "TC_ACT_UNSPEC", Pass),
            (Hook::Xdp, 2, "XDP_PASS", Pass),
            (Hook::Xdp, 4, "XDP_REDIRECT", Redirect),
            (Hook::Xdp, 1 << 32 | 1, "XDP_DROP", Drop),
            (Hook::Xdp, 5, "XDP_ABORTED", Drop),
            (Hook::CgroupIngress, 0, "DENY", Drop),
            (Hook::CgroupIngress, 1, "ALLOW", Pass),
            (Hook::CgroupEgress, 2, "DENY", Drop),
            (Hook::CgroupEgress, 3, "ALLOW", Pass),
        ] {
            let v = verdict(hook, ret, 60);
            assert_eq!((v.name, v.class), (name, class), "{hook:?} {ret}");
        }
    }
}
