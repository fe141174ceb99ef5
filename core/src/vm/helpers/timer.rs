//! Timers in values of maps. One that is due runs before the next packet, when the capture's clock has come so far; see
//! [`Machine::advance`](crate::vm::Machine::advance).

use super::super::addr::{Addr, Region};
use super::super::call::Call;
use super::super::fault::FaultKind;
use super::{Ret, errno, status};
use crate::kernel::Errno;
use crate::maps::{FieldPlace, TimerFunc};

/// Clocks are numbered below this (`MAX_CLOCKS`).
const CLOCKS: u64 = 16;
/// `CLOCK_REALTIME`, `CLOCK_MONOTONIC` and `CLOCK_BOOTTIME`.
const KNOWN_CLOCKS: [u64; 3] = [0, 1, 7];
/// The time is one of the clock, not one from now (`BPF_F_TIMER_ABS`).
const ABSOLUTE: u64 = 1;
/// On the CPU of the caller (`BPF_F_TIMER_CPU_PIN`).
const CPU_PIN: u64 = 2;

/// Where a timer is.
pub(in super::super) fn place(call: &Call<'_>, timer: u64, expected: &'static str) -> Result<FieldPlace, FaultKind> {
    match Addr(timer).region() {
        Some(Region::MapValue(map)) => Ok(FieldPlace { map, offset: Addr(timer).offset() }),
        _ => Err(call.argument(1, expected, timer)),
    }
}

/// A function of the running program.
pub(in super::super) fn func(call: &Call<'_>, func: u64) -> Result<TimerFunc, FaultKind> {
    match Addr(func).region() {
        Some(Region::Func) => Ok(TimerFunc { program: call.prog.id.0, slot: Addr(func).offset() }),
        _ => Err(call.argument(2, "a function", func)),
    }
}

const EXPECTED: &str = "a bpf_timer in a map's value";

pub(super) fn init(call: &mut Call<'_>, [timer, map, flags, ..]: [u64; 5]) -> Ret {
    let place = place(call, timer, EXPECTED)?;
    call.map(map, 2)?;
    if flags >= CLOCKS || !KNOWN_CLOCKS.contains(&flags) {
        return errno(Errno::Einval);
    }
    status(call.maps.timer_init(place))
}

pub(super) fn set_callback(call: &mut Call<'_>, [timer, function, ..]: [u64; 5]) -> Ret {
    let place = place(call, timer, EXPECTED)?;
    let function = func(call, function)?;
    status(call.maps.timer_set_callback(place, function))
}

pub(super) fn start(call: &mut Call<'_>, [timer, nsecs, flags, ..]: [u64; 5]) -> Ret {
    let place = place(call, timer, EXPECTED)?;
    if flags & !(ABSOLUTE | CPU_PIN) != 0 {
        return errno(Errno::Einval);
    }
    let from = if flags & ABSOLUTE != 0 { 0 } else { call.env.time_ns() };
    status(call.maps.timer_start(place, from.saturating_add(nsecs)))
}

/// Returns 1 when it was running down, 0 when not.
pub(super) fn cancel(call: &mut Call<'_>, [timer, ..]: [u64; 5]) -> Ret {
    let place = place(call, timer, EXPECTED)?;
    match call.maps.timer_cancel(place) {
        Ok(was_active) => Ok(was_active.into()),
        Err(e) => errno(e),
    }
}
