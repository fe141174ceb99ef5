//! What programs ask of the machine that they run on.

use super::super::call::Call;
use super::super::fault::FaultKind;
use super::super::structs::Thing;
use super::packet::clear;
use super::{Ret, errno, status};
use crate::kernel::Errno;

/// The lower half of the flags: the slot, or all ones for this CPU's (`BPF_F_INDEX_MASK`).
const INDEX_MASK: u64 = 0xffff_ffff;

/// Ticks a second (`CONFIG_HZ` of most distributions).
const HZ: u64 = 250;
/// The counter starts five minutes before its lower half wraps (`INITIAL_JIFFIES`).
const INITIAL_JIFFIES: u64 = (1 << 32) - 300 * HZ;
/// The task that is current while packets come in on an idle machine.
pub(in super::super) const IDLE_TASK: &[u8] = b"swapper/0";

/// For what an idle machine has none of.
pub(super) fn zero(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(0)
}

/// For what an idle machine has one of: the first cgroup, the first network namespace.
pub(super) fn one(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(1)
}

pub(super) fn ktime_get_ns(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(call.env.time_ns())
}

pub(super) fn jiffies64(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(INITIAL_JIFFIES + call.env.time_ns() / (1_000_000_000 / HZ))
}

pub(super) fn get_prandom_u32(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(call.env.random_u32() as u64)
}

pub(super) fn get_smp_processor_id(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(call.env.cpu as u64)
}

/// The name is cut to fit, always ends in a zero, and the rest of the buffer is zero.
pub(super) fn get_current_comm(call: &mut Call<'_>, [buf, size, ..]: [u64; 5]) -> Ret {
    let mut name = [0; 16];
    name[..IDLE_TASK.len()].copy_from_slice(IDLE_TASK);
    let size = size as u32;
    let fits = (size as usize).min(name.len());
    if let Some(last) = fits.checked_sub(1) {
        name[last] = 0;
    }
    call.write(buf, &name[..fits])?;
    clear(call, buf + fits as u64, size - fits as u32)?;
    Ok(0)
}

/// For locks: nobody else runs.
pub(super) fn nothing(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(0)
}

/// The slot that a counter is read from: the same rules as for output.
fn counter(call: &mut Call<'_>, map: u64, argno: u8, flags: u64) -> Result<Result<u32, Errno>, FaultKind> {
    let map = call.map(map, argno)?;
    if flags & !INDEX_MASK != 0 {
        return Ok(Err(Errno::Einval));
    }
    // A counter of another CPU cannot be read from here either.
    let slot = call.maps.perf_slot(map, flags, call.env.cpu);
    Ok(slot.map_err(|e| if e == Errno::Eopnotsupp { Errno::Einval } else { e }))
}

pub(super) fn perf_event_read(call: &mut Call<'_>, [map, flags, ..]: [u64; 5]) -> Ret {
    match counter(call, map, 1, flags)? {
        Ok(_) => Ok(0),
        Err(e) => errno(e),
    }
}

/// Value, time enabled and time running.
pub(super) fn perf_event_read_value(call: &mut Call<'_>, [map, flags, buf, size, _]: [u64; 5]) -> Ret {
    const VALUE: u32 = 24;
    let size = size as u32;
    let found = if size == VALUE { counter(call, map, 1, flags)? } else { Err(Errno::Einval) };
    clear(call, buf, size)?;
    status(found.map(|_| ()))
}

/// No task is in a control group that user space could have put into an array.
pub(super) fn current_task_under_cgroup(call: &mut Call<'_>, [map, index, ..]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let entries = call.maps.def(map).map_or(0, |def| def.max_entries);
    errno(if index as u32 >= entries { Errno::E2big } else { Errno::Eagain })
}

/// Make storage that there is not (`BPF_LOCAL_STORAGE_GET_F_CREATE`).
const CREATE: u64 = 1;

pub(super) fn current_task(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(Thing::Task.addr())
}

/// Where user space was interrupted: nowhere, all is zero.
pub(super) fn task_pt_regs(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(Thing::Regs.addr())
}

/// The idle task has no stack of user space, and that of the kernel is not walked.
pub(super) fn get_task_stack(call: &mut Call<'_>, [_, buf, size, flags, _]: [u64; 5]) -> Ret {
    const SKIP_MASK: u64 = 0xff;
    const USER_STACK: u64 = 1 << 8;
    const USER_BUILD_ID: u64 = 1 << 11;
    const ADDRESS: u32 = 8;
    const BUILD_ID: u32 = 32;
    let size = size as u32;
    let (user, build_id) = (flags & USER_STACK != 0, flags & USER_BUILD_ID != 0);
    let element = if build_id { BUILD_ID } else { ADDRESS };
    let known = flags & !(SKIP_MASK | USER_STACK | USER_BUILD_ID) == 0;
    clear(call, buf, size)?;
    errno(if known && (user || !build_id) && size.is_multiple_of(element) { Errno::Efault } else { Errno::Einval })
}

/// The idle task of the kernel has no memory areas.
pub(super) fn find_vma(_: &mut Call<'_>, [_, _, _, _, flags]: [u64; 5]) -> Ret {
    errno(if flags != 0 { Errno::Einval } else { Errno::Enoent })
}

/// The storage of the current task or of the first control group, each of which is the only one.
pub(super) fn storage_get(call: &mut Call<'_>, [map, owner, value, flags, _]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    if flags & !CREATE != 0 || owner == 0 {
        return Ok(0);
    }
    let size = call.maps.def(id).map_or(0, |def| def.value_size);
    let value = if value == 0 { None } else { Some(call.copy(value, size)?) };
    let found = call.maps.storage_get(id, flags == CREATE, value.as_deref());
    Ok(found.map_or(0, |found| call.value_addr(id, found)))
}

pub(super) fn storage_delete(call: &mut Call<'_>, [map, owner, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    status(if owner == 0 { Err(Errno::Einval) } else { call.maps.storage_delete(id) })
}

/// The idle task of the kernel takes no signals.
pub(super) fn send_signal(_: &mut Call<'_>, _: [u64; 5]) -> Ret {
    errno(Errno::Eperm)
}

/// There are no PID namespaces but the first, whose inode no program can know.
pub(super) fn get_ns_current_pid_tgid(call: &mut Call<'_>, [_, _, to, size, _]: [u64; 5]) -> Ret {
    clear(call, to, size as u32)?;
    errno(Errno::Einval)
}

pub(super) fn current_ancestor_cgroup_id(_: &mut Call<'_>, [level, ..]: [u64; 5]) -> Ret {
    Ok(u64::from(level as i32 == 0))
}

/// No branches are recorded.
pub(super) fn get_branch_snapshot(_: &mut Call<'_>, [_, _, flags, ..]: [u64; 5]) -> Ret {
    errno(if flags != 0 { Errno::Einval } else { Errno::Enoent })
}
