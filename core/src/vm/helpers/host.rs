//! What programs ask of the machine that they run on.

use super::super::call::Call;
use super::Ret;

/// Ticks a second (`CONFIG_HZ` of most distributions).
const HZ: u64 = 250;
/// The counter starts five minutes before its lower half wraps (`INITIAL_JIFFIES`).
const INITIAL_JIFFIES: u64 = (1 << 32) - 300 * HZ;
/// The task that is current while packets come in on an idle machine.
const IDLE_TASK: &[u8] = b"swapper/0";

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
    super::packet::clear(call, buf + fits as u64, size - fits as u32)?;
    Ok(0)
}
