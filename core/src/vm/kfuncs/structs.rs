//! Structures of the kernel: the idle task, the first control group, the context as the kernel has it, the kernel's keys.
//!
//! Nothing here is ever freed, so that references to them are not counted.

use super::super::call::Call;
use super::super::structs::Thing;
use super::{Ret, status};
use crate::kernel::{Errno, ProgType};

const NULL: Ret = Ok(0);

/// What was given, as another type or with one more owner.
pub(super) fn same(_: &mut Call<'_>, [pointer, ..]: [u64; 5]) -> Ret {
    Ok(pointer)
}

pub(super) fn cast_to_kern_ctx(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    Ok(if call.prog.prog_type == ProgType::Xdp { Thing::Xdp.addr() } else { Thing::Skb.addr() })
}

/// The first control group is the only one, and has the number 1.
pub(super) fn cgroup_from_id(_: &mut Call<'_>, [id, ..]: [u64; 5]) -> Ret {
    if id == 1 { Ok(Thing::Cgroup.addr()) } else { NULL }
}

pub(super) fn cgroup_ancestor(_: &mut Call<'_>, [group, level, ..]: [u64; 5]) -> Ret {
    if level as i32 == 0 { Ok(group) } else { NULL }
}

/// All tasks are under the first control group.
pub(super) fn task_under_cgroup(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(1)
}

/// There is no hierarchy of the first version.
pub(super) fn task_get_cgroup1(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    NULL
}

/// The idle task of the kernel takes no signals.
pub(super) fn send_signal_task(_: &mut Call<'_>, [_, _, kind, ..]: [u64; 5]) -> Ret {
    const PIDTYPE_PID: u32 = 0;
    const PIDTYPE_TGID: u32 = 1;
    let known = matches!(kind as u32, PIDTYPE_PID | PIDTYPE_TGID);
    status(Err(if known { Errno::Eperm } else { Errno::Einval }))
}

/// The kernel's own keys are there, by the numbers of the keyrings that may be asked for.
pub(super) fn lookup_system_key(_: &mut Call<'_>, [id, ..]: [u64; 5]) -> Ret {
    const PLATFORM_KEYRING: u64 = 2;
    if id <= PLATFORM_KEYRING { Ok(Thing::Key.addr()) } else { NULL }
}

/// No address is that of a cache's memory.
pub(super) fn no_cache(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    NULL
}

/// What a device that tells nothing of its packets says.
pub(super) fn no_metadata(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    status(Err(Errno::Eopnotsupp))
}
