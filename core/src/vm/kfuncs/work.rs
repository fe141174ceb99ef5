//! Work queues: a function of the program that the kernel runs once, soon. Here, before the next packet comes.

use super::super::call::Call;
use super::super::helpers::timer;
use super::{Ret, status};
use crate::kernel::Errno;

pub(super) fn init(call: &mut Call<'_>, [work, map, flags, ..]: [u64; 5]) -> Ret {
    let (place, _) = (timer::place(call, work, "a bpf_wq in a map's value")?, call.map(map, 2)?);
    status(if flags as u32 == 0 { call.maps.timer_init(place) } else { Err(Errno::Einval) })
}

pub(super) fn set_callback(call: &mut Call<'_>, [work, func, flags, ..]: [u64; 5]) -> Ret {
    let place = timer::place(call, work, "a bpf_wq in a map's value")?;
    let func = timer::func(call, func)?;
    status(if flags as u32 == 0 { call.maps.timer_set_callback(place, func) } else { Err(Errno::Einval) })
}

pub(super) fn start(call: &mut Call<'_>, [work, flags, ..]: [u64; 5]) -> Ret {
    let place = timer::place(call, work, "a bpf_wq in a map's value")?;
    let now = call.env.time_ns();
    status(if flags as u32 == 0 { call.maps.timer_start(place, now) } else { Err(Errno::Einval) })
}
