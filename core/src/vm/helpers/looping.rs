//! `bpf_loop`.

use super::super::call::Call;
use super::super::callback::{Begun, Caller, Next, Work};
use super::super::fault::FaultKind;
use crate::kernel::Errno;

/// Calls at most (`BPF_MAX_LOOPS`).
const MAX_LOOPS: u32 = 8 * 1024 * 1024;

/// A loop before its call number `index`.
pub(crate) struct Loop {
    index: u32,
    count: u32,
    ctx: u64,
}

pub(super) fn start(call: &mut Call<'_>, [count, func, ctx, flags, _]: [u64; 5]) -> Result<Begun, FaultKind> {
    let count = count as u32;
    if flags != 0 {
        return Ok(Begun::Done(Errno::Einval.ret()));
    }
    if count > MAX_LOOPS {
        // Kernels put the loop in the place of the call, and its error into the lower half alone.
        return Ok(Begun::Done(u64::from(Errno::E2big.ret() as u32)));
    }
    Caller::begin(call, func, 2, Work::Loop(Loop { index: 0, count, ctx }))
}

impl Loop {
    /// The function ends the loop by returning other than 0; the helper returns how often it was called.
    pub(crate) fn next(&mut self, ret: Option<u64>) -> Next {
        if let Some(ret) = ret {
            self.index += 1;
            if ret != 0 {
                return Next::Done(u64::from(self.index));
            }
        }
        match self.index < self.count {
            true => Next::Call([u64::from(self.index), self.ctx, 0, 0, 0]),
            false => Next::Done(u64::from(self.index)),
        }
    }
}
