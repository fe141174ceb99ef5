//! The helpers' implementations: one function a helper, grouped by topic, found by number.
//!
//! Each is a [`HelperFn`]: arguments are `r1` to `r5`, the result goes to `r0`. An error that the kernel returns is a
//! value; a fault is only what its verifier would have refused. What each does is said once, in its row of
//! [`crate::kernel::helpers`]; comments here give the rule where it surprises.
//!
//! Adding a helper: its function in the file of its topic, and its arm in [`find`].

mod btf_text;
mod checksum;
mod device;
mod dynptr;
pub(super) mod each;
mod fib;
mod format;
mod host;
mod kptr;
pub(super) mod looping;
mod map;
pub(super) mod output;
pub(super) mod packet;
pub(super) mod probe;
mod redirect;
pub(super) mod ring_drain;
mod room;
mod socket;
mod syncookie;
mod text;
pub(super) mod timer;
mod tunnel;
mod vlan;
pub(super) mod xdp;

use super::call::HelperFn;
use super::callback::{CallerFn, Implementation};
use super::fault::FaultKind;
use crate::kernel::{Errno, KernelVersion, ProgType, Runs, helper};

pub(super) use host::IDLE_TASK;

/// What a helper gives: `r0`, or a fault.
type Ret = Result<u64, FaultKind>;

/// An error that the kernel returns.
fn errno(errno: Errno) -> Ret {
    Ok(errno.ret())
}

/// A result as the kernel returns it: 0 or a negated error number.
fn status(result: Result<(), Errno>) -> Ret {
    Ok(result.map_or_else(Errno::ret, |()| 0))
}

/// The implementation of a helper that does all at once.
fn plain(id: u32) -> Option<HelperFn> {
    Some(match id {
        1 => map::lookup_elem,
        2 => map::update_elem,
        3 => map::delete_elem,
        5 => host::ktime_get_ns,
        6 => output::trace_printk,
        7 => host::get_prandom_u32,
        8 => host::get_smp_processor_id,
        9 => packet::skb_store_bytes,
        10 => checksum::l3_csum_replace,
        11 => checksum::l4_csum_replace,
        13 => redirect::clone_redirect,
        14 | 15 => host::zero,
        16 => host::get_current_comm,
        17 => host::zero,
        18 => vlan::push,
        19 => vlan::pop,
        20 => tunnel::get_key,
        21 => tunnel::set_key,
        22 => host::perf_event_read,
        23 => redirect::redirect,
        24 => host::zero,
        25 => output::perf_event_output,
        26 => packet::skb_load_bytes,
        28 => checksum::csum_diff,
        29 => tunnel::get_opt,
        30 => tunnel::set_opt,
        31 => room::skb_change_proto,
        32 => packet::skb_change_type,
        33 => device::skb_under_cgroup,
        34 => packet::get_hash_recalc,
        35 => host::current_task,
        37 => host::current_task_under_cgroup,
        38 => packet::skb_change_tail,
        39 => packet::skb_pull_data,
        40 => checksum::csum_update,
        41 => packet::set_hash_invalid,
        42 => host::zero,
        43 => packet::skb_change_head,
        44 => xdp::adjust_head,
        46 => socket::get_socket_cookie,
        47 => socket::get_socket_uid,
        48 => packet::set_hash,
        50 => room::skb_adjust_room,
        51 => redirect::redirect_map,
        54 => xdp::adjust_meta,
        55 => host::perf_event_read_value,
        65 => xdp::adjust_tail,
        66 => device::skb_get_xfrm_state,
        68 => packet::skb_load_bytes_relative,
        69 => fib::fib_lookup,
        79 | 83 => host::zero,
        80 => host::one,
        81 => map::get_local_storage,
        84 => socket::lookup_tcp,
        85 => socket::lookup_udp,
        86 => socket::release,
        87 => map::push_elem,
        88 => map::pop_elem,
        89 => map::peek_elem,
        93 | 94 => host::nothing,
        95 => socket::fullsock,
        96 => socket::tcp_sock,
        97 => packet::skb_ecn_set_ce,
        98 => socket::get_listener_sock,
        99 => socket::skc_lookup_tcp,
        100 => socket::tcp_check_syncookie,
        105 => text::strtol,
        106 => text::strtoul,
        107 => socket::sk_storage_get,
        108 => socket::sk_storage_delete,
        110 => socket::tcp_gen_syncookie,
        109 | 117 => host::send_signal,
        112 | 114 => probe::read_user,
        113 => probe::read_kernel,
        115 => probe::read_kernel_str,
        118 => host::jiffies64,
        120 => host::get_ns_current_pid_tgid,
        122 => host::one,
        124 => socket::sk_assign,
        128 | 129 => host::zero,
        123 => host::current_ancestor_cgroup_id,
        125 => host::ktime_get_ns,
        130 => output::ringbuf_output,
        131 => output::ringbuf_reserve,
        132 => output::ringbuf_submit,
        133 => output::ringbuf_discard,
        134 => output::ringbuf_query,
        135 => checksum::csum_level,
        136 => socket::skc_to_tcp6_sock,
        137 => socket::skc_to_tcp_sock,
        138 => socket::skc_to_tcp_timewait_sock,
        139 | 178 | 196 => socket::skc_to_other,
        140 => socket::skc_to_udp6_sock,
        141 => host::get_task_stack,
        149 => btf_text::snprintf_btf,
        151 => host::zero,
        152 => redirect::redirect_neigh,
        155 => redirect::redirect_peer,
        153 => kptr::per_cpu_ptr,
        154 => kptr::this_cpu_ptr,
        156 | 210 => host::storage_get,
        157 | 211 => host::storage_delete,
        158 => host::current_task,
        160 => host::ktime_get_ns,
        163 => device::check_mtu,
        165 => output::snprintf,
        169 => timer::init,
        170 => timer::set_callback,
        171 => timer::start,
        172 => timer::cancel,
        175 => host::task_pt_regs,
        176 => host::get_branch_snapshot,
        177 => output::trace_vprintk,
        180 => host::find_vma,
        182 => text::strncmp,
        188 => xdp::get_buff_len,
        189 => xdp::load_bytes,
        190 => xdp::store_bytes,
        192 => packet::skb_set_tstamp,
        194 => kptr::exchange,
        195 => map::lookup_percpu_elem,
        204 => syncookie::gen_ipv4,
        205 => syncookie::gen_ipv6,
        206 => syncookie::check_ipv4,
        207 => syncookie::check_ipv6,
        197 => dynptr::from_mem,
        198 => dynptr::ringbuf_reserve,
        199 => dynptr::ringbuf_submit,
        200 => dynptr::ringbuf_discard,
        201 => dynptr::read,
        202 => dynptr::write,
        203 => dynptr::data,
        208 => host::ktime_get_ns,
        _ => return None,
    })
}

/// The implementation of a helper that calls functions of the program.
fn calling(id: u32) -> Option<CallerFn> {
    Some(match id {
        164 => each::start,
        181 => looping::start,
        209 => ring_drain::start,
        _ => return None,
    })
}

/// The implementation of a helper, or `None` when it is not simulated. `bpf_tail_call` (12) is an instruction of the
/// interpreter's.
pub(crate) fn find(id: u32) -> Option<Implementation> {
    plain(id).map(Implementation::Plain).or_else(|| calling(id).map(Implementation::CallsBack))
}

/// The function for a call of a helper by a program of that type in that kernel, and the helper's name.
///
/// # Errors
/// A fault that names the helper and says why it cannot be called.
pub(crate) fn resolve(
    number: i32,
    prog_type: ProgType,
    kernel: KernelVersion,
) -> Result<(Implementation, &'static str), FaultKind> {
    let Some(def) = u32::try_from(number).ok().and_then(helper) else {
        let reason = "there is no helper of that number".into();
        return Err(FaultKind::Helper { name: format!("helper {number}"), reason });
    };
    let refused = |reason| Err(FaultKind::Helper { name: def.name.into(), reason });
    if !def.prog_types.contains(prog_type) {
        return refused(format!("a {} program may not call it", prog_type.name()));
    }
    if def.since > kernel {
        return refused(format!("it came with Linux {}, this is {kernel}", def.since));
    }
    match (find(def.id), helper_runs(def.id)) {
        (Some(call), _) => Ok((call, def.name)),
        (None, Runs::Never(reason)) => refused(reason.into()),
        (None, _) => refused("it is not simulated".into()),
    }
}

/// What an idle machine answers, for helpers that ask about what there is none of here.
fn idle(id: u32) -> Option<&'static str> {
    Some(match id {
        7 => "numbers that follow from the scenario's seed",
        14 | 15 => "0: the idle task of the kernel runs",
        16 => "`swapper/0`: the idle task of the kernel runs",
        17 | 24 | 79 | 83 => "0: there are no control groups",
        22 => "0: the events count nothing",
        35 | 158 => "the idle task of the kernel runs: what is known of it, and zeroes",
        37 => "EAGAIN: the map holds no control groups",
        42 => "0: all memory is one node's",
        122 => "one cookie, that of the first network namespace",
        55 => "zeroes: the events count nothing",
        80 => "1: the first control group",
        93 | 94 => "nothing: nobody else takes the lock",
        109 | 117 => "EPERM: the idle task of the kernel takes no signals",
        112 | 114 => "EFAULT: no process has memory",
        120 => "EINVAL: no program can name the only PID namespace",
        123 => "1 at level 0, else 0: the first control group",
        141 => "EFAULT: there is no call stack to walk",
        151 => "0: there are no control groups",
        175 => "zeroes: no process was interrupted",
        180 => "ENOENT: the idle task of the kernel has no memory of its own",
        176 => "ENOENT: no branches are recorded",
        _ => return None,
    })
}

/// Why what sleeps never runs.
pub(super) const SLEEPS: &str = "it may sleep, and programs for packets may not";

/// How a helper runs here.
pub fn helper_runs(id: u32) -> Runs {
    match (is_simulated(id), idle(id)) {
        (true, Some(answer)) => Runs::IdleHost(answer),
        (true, None) => Runs::Simulated,
        (false, _) if helper(id).is_some_and(|row| row.sleeps) => Runs::Never(SLEEPS),
        (false, _) => Runs::NotSimulated("it is for programs that see no packets"),
    }
}

/// Whether calls of that helper are simulated.
pub fn is_simulated(id: u32) -> bool {
    const TAIL_CALL: u32 = 12;
    id == TAIL_CALL || find(id).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_cannot_be_made_says_why() {
        let kernel = KernelVersion::new(5, 4);
        for (number, prog_type, message) in [
            (999, ProgType::Xdp, "call of helper 999: there is no helper of that number"),
            (-1, ProgType::Xdp, "call of helper -1: there is no helper of that number"),
            (9, ProgType::SocketFilter, "call of bpf_skb_store_bytes: a socket_filter program may not call it"),
            (130, ProgType::Xdp, "call of bpf_ringbuf_output: it came with Linux 5.8, this is 5.4"),
        ] {
            assert_eq!(
                resolve(number, prog_type, kernel).map(|_| ()).map_err(|f| f.to_string()),
                Err(message.to_owned())
            );
        }
    }

    #[test]
    fn a_call_that_no_kernel_takes_says_why() {
        let fault = resolve(148, ProgType::Xdp, KernelVersion::LATEST).map(|_| ()).map_err(|f| f.to_string());
        assert_eq!(fault, Err(format!("call of bpf_copy_from_user: {SLEEPS}")));
    }

    #[test]
    fn what_is_simulated_has_a_row_and_somebody_who_may_call_it() {
        for id in (0..1000).filter(|id| find(*id).is_some()) {
            let def = helper(id).expect("a row");
            assert!(!def.prog_types.is_empty(), "{}", def.name);
        }
    }
}
