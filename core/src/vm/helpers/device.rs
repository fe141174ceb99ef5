//! What programs ask of network devices, and of what the kernel knows of a packet besides.

use super::super::call::Call;
use super::packet::clear;
use super::{Ret, errno};
use crate::kernel::{Errno, ProgType};
use crate::net::skbuff::ETH_HLEN;

/// Whether the packet, or a length that the program gives, fits a device; its MTU is written where the length was.
pub(super) fn check_mtu(call: &mut Call<'_>, [ctx, ifindex, mtu_len, diff, flags]: [u64; 5]) -> Ret {
    /// Look at the segments of a packet that stands for several.
    const SEGMENTS: u64 = 1;
    const FITS: u64 = 0;
    const TOO_LONG: u64 = 1;
    call.ctx(ctx, 1)?;
    let is_xdp = call.prog.prog_type == ProgType::Xdp;
    let given = call.read(mtu_len, 4)?.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let diff = diff as i32;
    let allowed = if is_xdp { 0 } else { SEGMENTS };
    if flags & !allowed != 0 || (flags & SEGMENTS != 0 && (diff != 0 || given != 0)) {
        return errno(Errno::Einval);
    }
    let ifindex = if ifindex as u32 == 0 { call.skb.device.ifindex } else { ifindex as u32 };
    let Some(mtu) = call.env.mtu_of(&call.skb.device, ifindex) else { return errno(Errno::Enodev) };
    // The kernel reckons with int, which wraps around.
    let link = ETH_HLEN as u32;
    let len = if given == 0 { call.skb.packet.len() as u32 } else { given.wrapping_add(link) };
    let len = len.wrapping_add(diff as u32) as i32;
    call.write(mtu_len, &mtu.to_le_bytes())?;
    let fits = len <= mtu.wrapping_add(link) as i32 || (!is_xdp && call.skb.offloads.gso_size != 0);
    Ok(if fits { FITS } else { TOO_LONG })
}

/// No packet here came through IPsec.
pub(super) fn skb_get_xfrm_state(call: &mut Call<'_>, [ctx, _, to, size, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    clear(call, to, size as u32)?;
    errno(Errno::Einval)
}

/// Packets that come in have no socket yet, and so no cgroup.
pub(super) fn skb_under_cgroup(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    errno(Errno::Enoent)
}
