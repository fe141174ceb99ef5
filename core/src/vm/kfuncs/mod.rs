//! The functions of the kernel that are simulated, by name: one function each, grouped by topic.
//!
//! They are called as helpers are. What each is, is said by its row of [`crate::kernel::kfuncs`]. One that returns an `int`
//! leaves the upper half of `r0` zero, an error included, as compilers do.
//!
//! Adding one: its function in the file of its topic, and its arm in [`plain`].

mod dynptr;
mod iter;
mod lookup;
mod objects;
mod strings;
mod structs;
pub(super) mod tree;
mod work;

use super::call::{Call, HelperFn};
use super::callback::Implementation;
use super::fault::FaultKind;
use super::helpers::{SLEEPS, output};
use crate::kernel::{Errno, KernelVersion, KfuncFlags, ProgType, Runs, kfunc};

/// What a function gives: `r0`, or a fault.
type Ret = Result<u64, FaultKind>;

/// A result of type `int`: 0 or a negated error number.
fn status(result: Result<(), Errno>) -> Ret {
    int(result.map(|()| 0))
}

/// A result of type `int`.
fn int(result: Result<u32, Errno>) -> Ret {
    Ok(u64::from(result.unwrap_or_else(|e| e.ret() as u32)))
}

/// For what changes nothing on a machine where one thing happens after another: sections, locks.
fn nothing(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(0)
}

/// All of a packet lies in one piece here, so that only its length counts.
fn xdp_pull_data(call: &mut Call<'_>, [ctx, len, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    status(if u64::from(len as u32) <= call.skb.packet.len() as u64 { Ok(()) } else { Err(Errno::Einval) })
}

fn map_sum_elem_count(call: &mut Call<'_>, [map, ..]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let counted = call.maps.def(map).is_some_and(|def| def.map_type.is_hash());
    Ok(if counted { call.maps.count(map) } else { 0 })
}

/// A line to whoever loaded the program, by one of two streams.
fn stream_vprintk(call: &mut Call<'_>, [stream, fmt, args, len, _]: [u64; 5]) -> Ret {
    const STDOUT: u32 = 1;
    const STDERR: u32 = 2;
    match stream as u32 {
        STDOUT | STDERR => output::print_string(call, fmt, args, len),
        _ => status(Err(Errno::Enoent)),
    }
}

fn plain(name: &str) -> Option<HelperFn> {
    Some(match name {
        "bpf_rcu_read_lock" | "bpf_rcu_read_unlock" | "bpf_preempt_disable" | "bpf_preempt_enable" => nothing,
        "bpf_local_irq_save" | "bpf_local_irq_restore" => nothing,
        "bpf_res_spin_lock" | "bpf_res_spin_unlock" => nothing,
        "bpf_res_spin_lock_irqsave" | "bpf_res_spin_unlock_irqrestore" => nothing,
        "bpf_map_sum_elem_count" => map_sum_elem_count,
        "bpf_xdp_pull_data" => xdp_pull_data,
        "bpf_task_from_pid" | "bpf_task_from_vpid" => nothing,
        "bpf_task_acquire" | "bpf_cgroup_acquire" | "bpf_rdonly_cast" => structs::same,
        "bpf_task_release" | "bpf_cgroup_release" | "bpf_key_put" => nothing,
        "bpf_cast_to_kern_ctx" => structs::cast_to_kern_ctx,
        "bpf_cgroup_from_id" => structs::cgroup_from_id,
        "bpf_cgroup_ancestor" => structs::cgroup_ancestor,
        "bpf_task_under_cgroup" => structs::task_under_cgroup,
        "bpf_task_get_cgroup1" => structs::task_get_cgroup1,
        "bpf_send_signal_task" => structs::send_signal_task,
        "bpf_lookup_system_key" => structs::lookup_system_key,
        "bpf_get_kmem_cache" => structs::no_cache,
        "bpf_skb_ct_lookup" | "bpf_xdp_ct_lookup" => lookup::connection,
        "bpf_xdp_get_xfrm_state" => lookup::xfrm_state,
        "bpf_xdp_xfrm_state_release" => nothing,
        "bpf_cgroup_read_xattr" => lookup::attribute,
        "bpf_stream_vprintk_impl" => stream_vprintk,
        "bpf_xdp_metadata_rx_hash" | "bpf_xdp_metadata_rx_timestamp" | "bpf_xdp_metadata_rx_vlan_tag" => {
            structs::no_metadata
        }
        "bpf_modify_return_test_tp" => structs::same,

        "bpf_iter_num_new" => iter::num_new,
        "bpf_iter_num_next" => iter::num_next,
        "bpf_iter_num_destroy" => iter::num_destroy,
        "bpf_iter_task_new" => iter::task_new,
        "bpf_iter_css_new" => iter::css_new,
        "bpf_iter_task_vma_new" => iter::vma_new,
        "bpf_iter_task_next" | "bpf_iter_css_next" | "bpf_iter_task_vma_next" => iter::one_next,
        "bpf_iter_task_destroy" | "bpf_iter_css_destroy" | "bpf_iter_task_vma_destroy" => nothing,
        "bpf_iter_bits_new" => iter::bits_new,
        "bpf_iter_bits_next" => iter::bits_next,
        "bpf_iter_bits_destroy" => iter::bits_destroy,

        "bpf_dynptr_from_skb" => dynptr::from_skb,
        "bpf_dynptr_from_skb_meta" => dynptr::from_skb_meta,
        "bpf_dynptr_from_xdp" => dynptr::from_xdp,
        "bpf_dynptr_slice" => dynptr::slice,
        "bpf_dynptr_slice_rdwr" => dynptr::slice_rdwr,
        "bpf_dynptr_adjust" => dynptr::adjust,
        "bpf_dynptr_is_null" => dynptr::is_null,
        "bpf_dynptr_is_rdonly" => dynptr::is_rdonly,
        "bpf_dynptr_size" => dynptr::size,
        "bpf_dynptr_clone" => dynptr::clone,
        "bpf_dynptr_copy" => dynptr::copy,
        "bpf_dynptr_memset" => dynptr::memset,
        "bpf_probe_read_kernel_dynptr" => dynptr::probe_read_kernel,
        "bpf_probe_read_kernel_str_dynptr" => dynptr::probe_read_kernel_str,
        "bpf_probe_read_user_dynptr" | "bpf_probe_read_user_str_dynptr" => dynptr::probe_read_user,

        "bpf_strcmp" => strings::strcmp,
        "bpf_strcasecmp" => strings::strcasecmp,
        "bpf_strchr" => strings::strchr,
        "bpf_strchrnul" => strings::strchrnul,
        "bpf_strnchr" => strings::strnchr,
        "bpf_strrchr" => strings::strrchr,
        "bpf_strlen" => strings::strlen,
        "bpf_strnlen" => strings::strnlen,
        "bpf_strspn" => strings::strspn,
        "bpf_strcspn" => strings::strcspn,
        "bpf_strstr" => strings::strstr,
        "bpf_strnstr" => strings::strnstr,

        "bpf_obj_new_impl" => objects::new,
        "bpf_percpu_obj_new_impl" => objects::percpu_new,
        "bpf_obj_drop_impl" | "bpf_percpu_obj_drop_impl" => objects::drop,
        "bpf_refcount_acquire_impl" => objects::acquire,
        "bpf_list_push_front_impl" => objects::push_front,
        "bpf_list_push_back_impl" => objects::push_back,
        "bpf_list_pop_front" => objects::pop_front,
        "bpf_list_pop_back" => objects::pop_back,
        "bpf_list_front" => objects::front,
        "bpf_list_back" => objects::back,

        "bpf_rbtree_remove" => tree::remove,
        "bpf_rbtree_first" => tree::first,
        "bpf_rbtree_root" => tree::root,
        "bpf_rbtree_left" => tree::left,
        "bpf_rbtree_right" => tree::right,

        "bpf_wq_init" => work::init,
        "bpf_wq_set_callback_impl" => work::set_callback,
        "bpf_wq_start" => work::start,
        _ => return None,
    })
}

fn find(name: &str) -> Option<Implementation> {
    match name {
        "bpf_throw" => Some(Implementation::Throws),
        "bpf_rbtree_add_impl" => Some(Implementation::CallsBack(tree::add)),
        name => plain(name).map(Implementation::Plain),
    }
}

/// The function for a call of a kernel function, and its name; `id` is the call's immediate.
///
/// # Errors
/// A fault that names the function and says why it cannot be called.
pub(super) fn resolve(
    id: i32,
    name: Option<&str>,
    prog_type: ProgType,
    kernel: KernelVersion,
) -> Result<(Implementation, &'static str), FaultKind> {
    let Some(row) = name.and_then(kfunc) else {
        let name = name.map_or_else(|| id.to_string(), str::to_owned);
        return Err(FaultKind::Unsupported { what: format!("a call of kernel function {name}") });
    };
    let refused = |reason| Err(FaultKind::Helper { name: row.name.into(), reason });
    if !row.prog_types.contains(prog_type) {
        return refused(format!("a {} program may not call it", prog_type.name()));
    }
    if row.since > kernel {
        return refused(format!("it came with Linux {}, this is {kernel}", row.since));
    }
    match find(row.name) {
        Some(found) => Ok((found, row.name)),
        None => refused(never(row.name).unwrap_or("it is not simulated").into()),
    }
}

/// What an idle machine answers, for functions that ask about what there is none of here.
fn idle(name: &str) -> Option<&'static str> {
    Some(match name {
        "bpf_task_from_pid" | "bpf_task_from_vpid" => "null: no task runs",
        "bpf_cgroup_from_id" => "the first control group is the only one",
        "bpf_task_acquire" | "bpf_task_release" => "the idle task is never freed",
        "bpf_cgroup_acquire" | "bpf_cgroup_release" => "the first control group is never freed",
        "bpf_cgroup_ancestor" => "the first control group at level 0, else null",
        "bpf_task_under_cgroup" => "1: all tasks are under the first control group",
        "bpf_task_get_cgroup1" => "null: there is no hierarchy of control groups of version 1",
        "bpf_send_signal_task" => "EPERM: the idle task of the kernel takes no signals",
        "bpf_skb_ct_lookup" | "bpf_xdp_ct_lookup" => "ENOENT: no connections are tracked",
        "bpf_xdp_get_xfrm_state" | "bpf_xdp_xfrm_state_release" => "ENOENT: there is no IPsec",
        "bpf_cgroup_read_xattr" => "ENODATA: the first control group has no attributes",
        "bpf_get_kmem_cache" => "null: no memory of a program's is of a cache",
        _ if name.starts_with("bpf_xdp_metadata_") => "EOPNOTSUPP: devices tell nothing of their packets",
        _ if name.starts_with("bpf_iter_task_vma") => "ENOENT: the idle task of the kernel has no memory of its own",
        _ if name.starts_with("bpf_iter_task") => "the idle task is the only one",
        _ if name.starts_with("bpf_iter_css_") && !name.contains("task") => "the first control group is the only one",
        "bpf_rcu_read_lock" | "bpf_rcu_read_unlock" | "bpf_preempt_disable" | "bpf_preempt_enable" => {
            "nothing else runs meanwhile"
        }
        "bpf_local_irq_save" | "bpf_local_irq_restore" => "nothing else runs meanwhile",
        "bpf_res_spin_lock" | "bpf_res_spin_lock_irqsave" => "0: the lock is free",
        "bpf_res_spin_unlock" | "bpf_res_spin_unlock_irqrestore" => "nobody waits for the lock",
        "bpf_probe_read_user_dynptr" | "bpf_probe_read_user_str_dynptr" => "EFAULT: no process has memory",
        _ => return None,
    })
}

/// Why no kernel loads a program for packets that calls the function, if so.
fn never(name: &str) -> Option<&'static str> {
    match name {
        "__bpf_trap" => Some("compilers put it where control must not come"),
        _ if name.starts_with("bpf_iter_css_task") => Some("it is for programs that sleep, and for security modules"),
        "bpf_sock_addr_set_sun_path" => Some("it takes the context of programs for addresses"),
        "bpf_sock_ops_enable_tx_tstamp" => Some("it takes the context of programs for socket operations"),
        _ if name.starts_with("bpf_kfunc_call_") => Some("what it takes is given out by the kernel's own tests"),
        _ => match kfunc(name) {
            Some(row) if row.prog_types.is_for_tracing() => Some("it is for programs that trace"),
            Some(row) if row.flags.has(KfuncFlags::SLEEPABLE) => Some(SLEEPS),
            _ => None,
        },
    }
}

/// Why a function is not simulated.
fn reason(name: &str) -> &'static str {
    match name {
        _ if name.contains("_crypto_") => "what it takes is made by programs that may sleep",
        _ if name.contains("_ct_") => "no connections are tracked",
        _ if name.contains("_task_work_") => "what it schedules runs in tasks of user space, of which there are none",
        "bpf_sk_assign_tcp_reqsk" => "half-open connections are not kept",
        _ => "",
    }
}

/// How a kernel function runs here.
pub fn kfunc_runs(name: &str) -> Runs {
    match (find(name), idle(name)) {
        (Some(_), Some(answer)) => Runs::IdleHost(answer),
        (Some(_), None) => Runs::Simulated,
        (None, _) => never(name).map_or_else(|| Runs::NotSimulated(reason(name)), Runs::Never),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::kfuncs;

    #[test]
    fn every_function_runs_or_says_why_not() {
        for row in kfuncs() {
            assert_ne!(kfunc_runs(row.name), Runs::NotSimulated(""), "{}", row.name);
        }
    }

    #[test]
    fn a_call_that_cannot_be_made_says_why() {
        let kernel = KernelVersion::new(6, 4);
        for (name, prog_type, message) in [
            (None, ProgType::Xdp, "a call of kernel function 7 cannot be run here"),
            (Some("bpf_strange"), ProgType::Xdp, "a call of kernel function bpf_strange cannot be run here"),
            (Some("bpf_throw"), ProgType::Xdp, "call of bpf_throw: it came with Linux 6.7, this is 6.4"),
            (Some("bpf_dynptr_from_skb"), ProgType::Xdp, "call of bpf_dynptr_from_skb: a xdp program may not call it"),
            (Some("bpf_skb_ct_alloc"), ProgType::Xdp, "call of bpf_skb_ct_alloc: it is not simulated"),
            (
                Some("bpf_lookup_user_key"),
                ProgType::Xdp,
                "call of bpf_lookup_user_key: it may sleep, and programs for packets may not",
            ),
        ] {
            assert_eq!(
                resolve(7, name, prog_type, kernel).map(|_| ()).map_err(|f| f.to_string()),
                Err(message.to_owned())
            );
        }
    }
}
