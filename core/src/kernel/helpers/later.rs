//! Helpers that a program type got later than the first one that had them.
//!
//! `since` of a row in `table.rs` is the kernel of the first type. Where others followed, it is told here, with the
//! commit that brought it where it is known. What is not told here came to all its types at once, as far as is known.

use super::HelperDef;
use crate::kernel::{KernelVersion, ProgType, ProgTypes};

/// Helpers, the types that got them, since which version.
struct Later {
    ids: &'static [u32],
    types: ProgTypes,
    since: KernelVersion,
}

const fn later(ids: &'static [u32], types: ProgTypes, major: u8, minor: u8) -> Later {
    Later { ids, types, since: KernelVersion::new(major, minor) }
}

const SOCKET: ProgTypes = ProgTypes::of(&[ProgType::SocketFilter]);
const CGROUP: ProgTypes = ProgTypes::of(&[ProgType::CgroupSkb]);
const ALL: ProgTypes = ProgTypes::ALL;
const NET: ProgTypes = ProgTypes::NET;
const TC: ProgTypes = ProgTypes::TC;
const XDP: ProgTypes = ProgTypes::XDP;
const TRACING: ProgTypes = ProgTypes::TRACING;

/// The first row that names a helper and a type holds.
const LATER: &[Later] = &[
    // get_current_pid_tgid, get_ns_current_pid_tgid: eb166e522c77.
    later(&[14, 120], NET, 6, 10),
    // get_current_uid_gid, get_current_comm, perf_event_read, current_task_under_cgroup, perf_event_read_value,
    // send_signal, send_signal_thread, get_task_stack, copy_from_user, task_storage_get, task_storage_delete,
    // get_branch_snapshot, find_vma, copy_from_user_task: ee971630f20f.
    later(&[15, 16, 22, 37, 55, 109, 117, 141, 148, 156, 157, 176, 180, 191], NET, 6, 16),
    // get_cgroup_classid, of the current task.
    later(&[17], XDP.and(SOCKET).and(CGROUP).and(TRACING), 6, 16),
    // redirect: 814abfabef3c.
    later(&[23], XDP, 4, 14),
    // perf_event_output: 555c8a8623a3, 4de16969523c, 7c4b90d79d0f.
    later(&[25], TC.and(XDP), 4, 8),
    later(&[25], SOCKET.and(CGROUP), 5, 4),
    // skb_load_bytes: 2492d3b86704.
    later(&[26], SOCKET, 4, 11),
    // csum_diff: 205c380778d0.
    later(&[28], XDP, 4, 16),
    // get_current_task, and the probe_reads.
    later(&[35, 112, 113, 114, 115], NET, 5, 8),
    // skb_change_head: 6f3f65d80dac.
    later(&[43], TC, 5, 8),
    // skb_cgroup_id, skb_ancestor_cgroup_id.
    later(&[79, 83], CGROUP, 5, 8),
    // get_current_cgroup_id, get_current_ancestor_cgroup_id: c501bf55c88b.
    later(&[80, 123], NET, 6, 4),
    // sk_lookup_tcp, sk_lookup_udp, sk_release: c8123ead13a5.
    later(&[84, 85, 86], XDP, 5, 0),
    // map_push_elem, map_pop_elem, map_peek_elem: 02a8c817a316.
    later(&[87, 88, 89], TRACING, 5, 2),
    // strtol, strtoul, which cgroup sysctl programs had before: 8a67f2de9b1d.
    later(&[105, 106], ALL, 6, 0),
    // get_netns_cookie, which socket address programs had before: eb62f49de7ec, c221d3744ad3.
    later(&[122], ProgTypes::SKB, 6, 15),
    // get_attach_cookie.
    later(&[174], ProgTypes::of(&[ProgType::RawTracepoint]), 6, 10),
    // skc_to_tcp6_sock and its kin, which tracing programs had before: a5fa25adf03d.
    later(&[136, 137, 138, 139, 140], NET, 5, 10),
    // get_current_task_btf, task_pt_regs: a396eda5517a.
    later(&[158], NET, 5, 15),
];

impl HelperDef {
    /// The kernel since which programs of that type may call it; `None` when they may not.
    pub fn since_for(&self, prog_type: ProgType) -> Option<KernelVersion> {
        if !self.prog_types.contains(prog_type) {
            return None;
        }
        let own = LATER.iter().find(|row| row.ids.contains(&self.id) && row.types.contains(prog_type));
        let first = own.map_or(self.since, |row| row.since);
        Some(first.max(prog_type.since()))
    }

    /// Whether programs of that type may call it in that kernel.
    pub fn callable(&self, prog_type: ProgType, kernel: KernelVersion) -> bool {
        self.since_for(prog_type).is_some_and(|since| since <= kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{helper_by_name, helpers};

    #[test]
    fn a_type_never_has_a_helper_before_the_first_that_had_it() {
        for row in LATER {
            for def in row.ids.iter().map(|id| &helpers()[*id as usize - 1]) {
                assert!(row.since > def.since, "{}", def.name);
                assert!(row.types.iter().any(|t| def.prog_types.contains(t)), "{}", def.name);
            }
        }
    }

    #[test]
    fn types_got_helpers_at_their_time() {
        use ProgType::{CgroupSkb, Kprobe, RawTracepoint, SchedCls, SocketFilter, Xdp};
        let cases = [
            ("map_lookup_elem", SocketFilter, Some((3, 19))),
            ("map_lookup_elem", Xdp, Some((4, 8))),
            ("redirect", SchedCls, Some((4, 4))),
            ("redirect", Xdp, Some((4, 14))),
            ("redirect", Kprobe, None),
            ("get_current_pid_tgid", Kprobe, Some((4, 2))),
            ("get_current_pid_tgid", SchedCls, Some((6, 10))),
            ("get_current_comm", Xdp, Some((6, 16))),
            ("perf_event_output", CgroupSkb, Some((5, 4))),
            ("get_stackid", RawTracepoint, Some((4, 17))),
        ];
        for (name, prog_type, expected) in cases {
            let since = helper_by_name(name).and_then(|def| def.since_for(prog_type));
            assert_eq!(since, expected.map(|(major, minor)| KernelVersion::new(major, minor)), "{name} {prog_type:?}");
        }
    }

    #[test]
    fn every_helper_is_callable_in_the_newest_kernel() {
        for def in helpers() {
            for prog_type in def.prog_types.iter() {
                assert!(def.callable(prog_type, KernelVersion::LATEST), "{} {prog_type:?}", def.name);
            }
        }
    }
}
