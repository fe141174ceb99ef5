//! Dynamic pointers to packets, and what can be done with any; see [`Dynptr`].

use super::super::addr::{self, Addr};
use super::super::call::Call;
use super::super::dynptr::{self, Answer, Dynptr, Target};
use super::super::helpers::probe;
use super::{Ret, status};
use crate::kernel::Errno;

fn from_packet(call: &mut Call<'_>, flags: u64, to: u64, made: Dynptr) -> Ret {
    let made = if flags == 0 { Ok(made) } else { Err(Errno::Einval) };
    Dynptr::store(call, to, made.ok())?;
    status(made.map(|_| ()))
}

pub(super) fn from_skb(call: &mut Call<'_>, [ctx, flags, to, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let read_only = !dynptr::writes_packets(call.prog.prog_type);
    let whole = Dynptr::new(Target::Skb, ctx, call.skb.packet.len() as u32);
    from_packet(call, flags, to, Dynptr { read_only, ..whole })
}

pub(super) fn from_skb_meta(call: &mut Call<'_>, [ctx, flags, to, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let len = (call.skb.packet.start() - call.skb.packet.meta()) as u32;
    from_packet(call, flags, to, Dynptr::new(Target::SkbMeta, ctx, len))
}

pub(super) fn from_xdp(call: &mut Call<'_>, [ctx, flags, to, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let whole = Dynptr::new(Target::Xdp, ctx, call.skb.packet.len() as u32);
    from_packet(call, flags, to, whole)
}

/// A pointer to where the bytes are: all packets lie in one piece here, so the buffer is not needed.
pub(super) fn slice(call: &mut Call<'_>, [from, offset, _, len, _]: [u64; 5]) -> Ret {
    let found = Dynptr::load(call, from)?;
    Ok(found.and_then(|from| from.slice(call, u64::from(offset as u32), u64::from(len as u32))).unwrap_or(0))
}

pub(super) fn slice_rdwr(call: &mut Call<'_>, [from, offset, _, len, _]: [u64; 5]) -> Ret {
    let found = Dynptr::load(call, from)?.filter(|from| !from.read_only);
    Ok(found.and_then(|from| from.slice(call, u64::from(offset as u32), u64::from(len as u32))).unwrap_or(0))
}

pub(super) fn adjust(call: &mut Call<'_>, [at, start, end, ..]: [u64; 5]) -> Ret {
    let (start, end) = (start as u32, end as u32);
    let adjusted = match Dynptr::load(call, at)? {
        None => Err(Errno::Einval),
        Some(_) if start > end => Err(Errno::Einval),
        Some(it) if end > it.size => Err(Errno::Erange),
        Some(it) => Ok(Dynptr { offset: it.offset + start, size: end - start, ..it }),
    };
    if let Ok(it) = adjusted {
        Dynptr::store(call, at, Some(it))?;
    }
    status(adjusted.map(|_| ()))
}

pub(super) fn is_null(call: &mut Call<'_>, [at, ..]: [u64; 5]) -> Ret {
    Ok(Dynptr::load(call, at)?.is_none().into())
}

pub(super) fn is_rdonly(call: &mut Call<'_>, [at, ..]: [u64; 5]) -> Ret {
    Ok(Dynptr::load(call, at)?.is_some_and(|it| it.read_only).into())
}

pub(super) fn size(call: &mut Call<'_>, [at, ..]: [u64; 5]) -> Ret {
    super::int(Dynptr::load(call, at)?.map(|it| it.size).ok_or(Errno::Einval))
}

pub(super) fn clone(call: &mut Call<'_>, [from, to, ..]: [u64; 5]) -> Ret {
    let found = Dynptr::load(call, from)?;
    Dynptr::store(call, to, found)?;
    status(found.map(|_| ()).ok_or(Errno::Einval))
}

/// Null is a dynptr of no bytes here, but for where there are bytes on the other side.
pub(super) fn copy(call: &mut Call<'_>, [to, to_off, from, from_off, len]: [u64; 5]) -> Ret {
    let (to_off, from_off, len) = (u64::from(to_off as u32), u64::from(from_off as u32), u64::from(len as u32));
    let (to, from) = (Dynptr::load(call, to)?, Dynptr::load(call, from)?);
    let source = from.and_then(|from| from.slice(call, from_off, len));
    let target = to.filter(|to| !to.read_only).and_then(|to| to.slice(call, to_off, len));
    status(match (source, to) {
        (Some(at), Some(to)) => to.write(call, to_off, at, len, 0)?,
        (Some(_), None) => Err(Errno::Einval),
        (None, _) if target.is_some() && from.is_none() => Err(Errno::Einval),
        (None, None) if from.is_none() && (to_off, from_off, len) == (0, 0, 0) => Ok(()),
        (None, _) => Err(Errno::E2big),
    })
}

/// Null is a dynptr of no bytes here.
pub(super) fn memset(call: &mut Call<'_>, [at, offset, len, byte, _]: [u64; 5]) -> Ret {
    let (offset, len) = (u64::from(offset as u32), u64::from(len as u32));
    let found = Dynptr::load(call, at)?;
    if found.is_some_and(|it| it.read_only) {
        return status(Err(Errno::Einval));
    }
    let Some(to) = found.and_then(|it| it.slice(call, offset, len)) else {
        let nothing = found.is_none() && (offset, len) == (0, 0);
        return status(if nothing { Ok(()) } else { Err(Errno::E2big) });
    };
    for done in (0..len).step_by(64) {
        let part = (len - done).min(64) as usize;
        call.write(to + done, &[byte as u8; 64][..part])?;
    }
    status(Ok(()))
}

pub(super) fn probe_read_kernel(call: &mut Call<'_>, [at, offset, len, from, _]: [u64; 5]) -> Ret {
    let (offset, len) = (u64::from(offset as u32), len as u32);
    let Some(it) = Dynptr::load(call, at)?.filter(|it| it.has(offset, u64::from(len))) else {
        return status(Err(Errno::E2big));
    };
    match probe::bytes(call, from, len) {
        Ok(bytes) => status(put(call, it, offset, &bytes)?),
        // What the read returns is passed on whole.
        Err(e) => Ok(e.ret()),
    }
}

pub(super) fn probe_read_kernel_str(call: &mut Call<'_>, [at, offset, len, from, _]: [u64; 5]) -> Ret {
    let (offset, len) = (u64::from(offset as u32), len as u32);
    let Some(it) = Dynptr::load(call, at)?.filter(|it| it.has(offset, u64::from(len))) else {
        return status(Err(Errno::E2big));
    };
    let mut text = Vec::new();
    while text.len() < len as usize && text.last() != Some(&0) {
        match probe::bytes(call, from.wrapping_add(text.len() as u64), 1) {
            Ok(byte) => text.extend(byte),
            Err(e) => return Ok(e.ret()),
        }
    }
    if let Some(last) = text.last_mut() {
        *last = 0;
    }
    let done = put(call, it, offset, &text)?;
    super::int(done.map(|()| text.len() as u32))
}

pub(super) fn probe_read_user(call: &mut Call<'_>, [at, offset, len, ..]: [u64; 5]) -> Ret {
    let within = Dynptr::load(call, at)?.is_some_and(|it| it.has(u64::from(offset as u32), u64::from(len as u32)));
    if within { Ok(Errno::Efault.ret()) } else { status(Err(Errno::E2big)) }
}

/// Writes bytes that are nowhere in memory.
fn put(call: &mut Call<'_>, it: Dynptr, offset: u64, bytes: &[u8]) -> Answer<()> {
    let object = call.maps.heap_alloc(bytes.len() as u32).ok_or_else(|| call.out_of_memory())?;
    let at = Addr::new(addr::OBJECT + object, 0).0;
    call.write(at, bytes)?;
    let done = it.write(call, offset, at, bytes.len() as u64, 0);
    call.maps.heap_free(object);
    done
}
