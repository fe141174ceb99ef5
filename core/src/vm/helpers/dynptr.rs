//! Dynamic pointers to memory and to ring buffer records; see [`Dynptr`].

use super::super::addr::{self, Addr, Region};
use super::super::call::Call;
use super::super::dynptr::{Dynptr, MAX_SIZE, Target};
use super::{Ret, errno, status};
use crate::kernel::Errno;

pub(super) fn from_mem(call: &mut Call<'_>, [data, size, flags, to, _]: [u64; 5]) -> Ret {
    let made = match (size > MAX_SIZE, flags) {
        (true, _) => Err(Errno::E2big),
        (_, 0) => Ok(Dynptr::new(Target::Local, data, size as u32)),
        _ => Err(Errno::Einval),
    };
    Dynptr::store(call, to, made.ok())?;
    status(made.map(|_| ()))
}

pub(super) fn read(call: &mut Call<'_>, [to, len, from, offset, flags]: [u64; 5]) -> Ret {
    match Dynptr::load(call, from)? {
        Some(from) if flags == 0 => status(from.read(call, to, len, offset)?),
        _ => errno(Errno::Einval),
    }
}

pub(super) fn write(call: &mut Call<'_>, [to, offset, from, len, flags]: [u64; 5]) -> Ret {
    match Dynptr::load(call, to)? {
        Some(to) => status(to.write(call, offset, from, len, flags)?),
        None => errno(Errno::Einval),
    }
}

pub(super) fn data(call: &mut Call<'_>, [from, offset, len, ..]: [u64; 5]) -> Ret {
    let found = Dynptr::load(call, from)?.filter(|from| !from.read_only && from.has(offset, len));
    Ok(found.and_then(|from| from.address(offset)).unwrap_or(0))
}

pub(super) fn ringbuf_reserve(call: &mut Call<'_>, [map, size, flags, to, _]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let size = size as u32;
    let made = match (flags, u64::from(size) > MAX_SIZE) {
        (0, true) => Err(Errno::E2big),
        (0, false) => {
            let record = call.maps.ringbuf_reserve(map, u64::from(size), 0);
            if record.is_none() {
                super::output::lost(call, map, size.into());
            }
            let at = record.map(|record| Addr::new(addr::RECORD + map.0, record).0);
            at.map(|at| Dynptr::new(Target::Record, at, size)).ok_or(Errno::Einval)
        }
        _ => Err(Errno::Einval),
    };
    Dynptr::store(call, to, made.ok())?;
    status(made.map(|_| ()))
}

pub(super) fn ringbuf_submit(call: &mut Call<'_>, [from, flags, ..]: [u64; 5]) -> Ret {
    commit(call, from, |call, data| super::output::ringbuf_submit(call, [data, flags, 0, 0, 0]))
}

pub(super) fn ringbuf_discard(call: &mut Call<'_>, [from, flags, ..]: [u64; 5]) -> Ret {
    commit(call, from, |call, data| super::output::ringbuf_discard(call, [data, flags, 0, 0, 0]))
}

/// Gives up a record; one that could not be reserved is null, which is no mistake.
fn commit(call: &mut Call<'_>, from: u64, give: impl FnOnce(&mut Call<'_>, u64) -> Ret) -> Ret {
    match Dynptr::load(call, from)? {
        Some(record) if matches!(Addr(record.data).region(), Some(Region::Record(_))) => {
            give(call, record.data)?;
            Dynptr::store(call, from, None)?;
        }
        _ => {}
    }
    Ok(0)
}
