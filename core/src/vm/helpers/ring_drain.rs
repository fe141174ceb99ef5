//! `bpf_user_ringbuf_drain`.
//!
//! The function gets a dynptr to the sample, both in memory that ends with the helper.

use super::super::addr::{self, Addr};
use super::super::call::Call;
use super::super::callback::{Begun, Caller, Next, Work};
use super::super::dynptr::{Dynptr, Target};
use super::super::fault::FaultKind;
use crate::kernel::{Errno, MapId};

/// Samples at most in one call (`BPF_MAX_USER_RINGBUF_SAMPLES`).
const MAX_SAMPLES: u64 = 128 * 1024;
/// `BPF_RB_NO_WAKEUP` and `BPF_RB_FORCE_WAKEUP`.
const FLAGS: u64 = 3;

/// Samples being taken.
pub(crate) struct Drain {
    map: MapId,
    ctx: u64,
    /// The object of the dynptr.
    dynptr: u32,
    /// The object of the sample that the function has.
    sample: Option<u32>,
    taken: u64,
}

pub(super) fn start(call: &mut Call<'_>, [map, func, ctx, flags, _]: [u64; 5]) -> Result<Begun, FaultKind> {
    let map = call.map(map, 1)?;
    if flags & !FLAGS != 0 {
        return Ok(Begun::Done(Errno::Einval.ret()));
    }
    let dynptr = call.maps.heap_alloc(16).ok_or_else(|| call.out_of_memory())?;
    Caller::begin(call, func, 2, Work::Drain(Drain { map, ctx, dynptr, sample: None, taken: 0 }))
}

impl Drain {
    /// The function ends it by returning other than 0; the helper returns how many samples were taken.
    pub(crate) fn next(&mut self, call: &mut Call<'_>, ret: Option<u64>) -> Result<Next, FaultKind> {
        if let Some(sample) = self.sample.take() {
            call.maps.heap_free(sample);
        }
        let goes_on = ret.is_none_or(|ret| ret == 0) && self.taken < MAX_SAMPLES;
        let next = if goes_on { call.maps.user_ringbuf_take(self.map) } else { None };
        let Some(bytes) = next else {
            call.maps.heap_free(self.dynptr);
            return Ok(Next::Done(self.taken));
        };
        self.taken += 1;
        let sample = call.maps.heap_alloc(bytes.len() as u32).ok_or_else(|| call.out_of_memory())?;
        self.sample = Some(sample);
        let data = Addr::new(addr::OBJECT + sample, 0).0;
        call.write(data, &bytes)?;
        let at = Addr::new(addr::OBJECT + self.dynptr, 0).0;
        Dynptr::store(call, at, Some(Dynptr::new(Target::Local, data, bytes.len() as u32)))?;
        Ok(Next::Call([at, self.ctx, 0, 0, 0]))
    }
}
