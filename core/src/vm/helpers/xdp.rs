//! Reading, writing and resizing packets before they are skbs.

use super::super::call::Call;
use super::packet::within;
use super::{Ret, errno, status};
use crate::kernel::Errno;
use crate::net::SkBuff;
use crate::net::skbuff::{ETH_HLEN, HEADROOM, XDP_FRAME_SIZE, XDP_LINEAR_END};

/// The first position that a packet or its metadata may start at.
const FIRST: i64 = XDP_FRAME_SIZE as i64 - HEADROOM as i64;
/// The position that no packet may end after.
const LAST: i64 = XDP_LINEAR_END as i64 - HEADROOM as i64;
/// Bytes of metadata at most (`skb_shared_info.meta_len` has 8 bits).
const MAX_META: i64 = 255;
/// The highest offset and the longest length of a load or store.
const MAX_OFFSET: u32 = 0xffff;

pub(super) fn adjust_head(call: &mut Call<'_>, [ctx, delta, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let packet = &mut call.skb.packet;
    let start = packet.start() as i64 + delta as i32 as i64;
    let meta_len = (packet.start() - packet.meta()) as i64;
    if start < FIRST + meta_len || start > packet.end() as i64 - ETH_HLEN as i64 {
        return errno(Errno::Einval);
    }
    packet.move_start(start as i32);
    Ok(0)
}

pub(super) fn adjust_meta(call: &mut Call<'_>, [ctx, delta, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let packet = &mut call.skb.packet;
    let meta = packet.meta() as i64 + delta as i32 as i64;
    let len = packet.start() as i64 - meta;
    if meta < FIRST || len < 0 {
        return errno(Errno::Einval);
    }
    if len % 4 != 0 || len > MAX_META {
        return errno(Errno::Eacces);
    }
    packet.set_meta(meta as i32);
    Ok(0)
}

pub(super) fn adjust_tail(call: &mut Call<'_>, [ctx, delta, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let packet = &mut call.skb.packet;
    let end = packet.end() as i64 + delta as i32 as i64;
    // A packet longer than the kernel's page can only shrink here, where it has no fragments.
    if end > LAST.max(packet.end() as i64) || end < packet.start() as i64 + ETH_HLEN as i64 {
        return errno(Errno::Einval);
    }
    packet.move_end(end as i32);
    Ok(0)
}

pub(super) fn get_buff_len(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    Ok(call.skb.packet.len() as u64)
}

pub(crate) fn load_bytes(call: &mut Call<'_>, [ctx, offset, buf, len, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    match range(call.skb, offset as u32, len as u32) {
        Ok(()) => call.load_packet(offset as u32, buf, len as u32)?,
        Err(e) => return errno(e),
    }
    Ok(0)
}

pub(crate) fn store_bytes(call: &mut Call<'_>, [ctx, offset, buf, len, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    match range(call.skb, offset as u32, len as u32) {
        Ok(()) => call.store_packet(buf, offset as u32, len as u32)?,
        Err(e) => return errno(e),
    }
    status(Ok(()))
}

fn range(skb: &SkBuff, offset: u32, len: u32) -> Result<(), Errno> {
    if offset > MAX_OFFSET || len > MAX_OFFSET {
        return Err(Errno::Efault);
    }
    within(skb, offset, len).then_some(()).ok_or(Errno::Einval)
}
