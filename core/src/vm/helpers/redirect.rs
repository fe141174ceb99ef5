//! Packets to other devices.

use std::net::IpAddr;

use super::super::ProgId;
use super::super::call::Call;
use super::super::env::{CloneOut, MapDevice, MapTarget, Redirect, RedirectWay};
use super::{Ret, errno};
use crate::kernel::{Errno, MapType, ProgType};
use crate::maps::Target;

/// To the device's receive path instead of its transmit path.
const INGRESS: u64 = 1;
const TC_ACT_SHOT: u64 = 2;
const TC_ACT_REDIRECT: u64 = 7;
const XDP_ABORTED: u64 = 0;
const XDP_REDIRECT: u64 = 4;

/// Whether the device exists is not looked at before the program has returned.
pub(super) fn redirect(call: &mut Call<'_>, [ifindex, flags, ..]: [u64; 5]) -> Ret {
    let (allowed, refused, redirected) = match call.prog.prog_type {
        ProgType::Xdp => (0, XDP_ABORTED, XDP_REDIRECT),
        _ => (INGRESS, TC_ACT_SHOT, TC_ACT_REDIRECT),
    };
    if flags & !allowed != 0 {
        return Ok(refused);
    }
    go(call, ifindex, flags, RedirectWay::Plain);
    Ok(redirected)
}

pub(super) fn redirect_peer(call: &mut Call<'_>, [ifindex, flags, ..]: [u64; 5]) -> Ret {
    if flags != 0 {
        return Ok(TC_ACT_SHOT);
    }
    go(call, ifindex, 0, RedirectWay::Peer);
    Ok(TC_ACT_REDIRECT)
}

pub(super) fn redirect_neigh(call: &mut Call<'_>, [ifindex, params, size, flags, _]: [u64; 5]) -> Ret {
    /// Bytes of `struct bpf_redir_neigh`: the next hop's family and address.
    const SIZE: u32 = 20;
    const AF_INET: u32 = 2;
    const AF_INET6: u32 = 10;
    let size = size as u32;
    if (size != 0 && size < SIZE) || flags != 0 {
        return Ok(TC_ACT_SHOT);
    }
    let hop = match size {
        0 => None,
        _ => {
            let bytes = call.copy(params, SIZE)?;
            let family = bytes.first_chunk().map_or(0, |family| u32::from_le_bytes(*family));
            match family {
                AF_INET6 => bytes[4..].first_chunk::<16>().map(|addr| IpAddr::from(*addr)),
                AF_INET => bytes[4..].first_chunk::<4>().map(|addr| IpAddr::from(*addr)),
                // Nobody's neighbour.
                _ => Some(IpAddr::from([0; 4])),
            }
        }
    };
    go(call, ifindex, 0, RedirectWay::Neighbour(hop));
    Ok(TC_ACT_REDIRECT)
}

/// The last call counts.
fn go(call: &mut Call<'_>, ifindex: u64, flags: u64, way: RedirectWay) {
    if !matches!(way, RedirectWay::Map { entry: MapTarget::Devices, .. }) {
        call.env.effects_mut().broadcast.clear();
    }
    call.env.effects_mut().redirect = Some(Redirect { ifindex: ifindex as u32, flags, way });
}

/// What the program returns when the map has nothing there is its own to say, in the flags' lowest bits.
pub(super) fn redirect_map(call: &mut Call<'_>, [map, key, flags, ..]: [u64; 5]) -> Ret {
    const RETURN: u64 = 3;
    /// To all devices of the map, but perhaps not to the one that the packet came in on.
    const BROADCAST: u64 = 8;
    const EXCLUDE_INGRESS: u64 = 16;
    let map = call.map(map, 1)?;
    let map_type = call.maps.def(map).map_or(MapType::Devmap, |def| def.map_type);
    let is_devices = matches!(map_type, MapType::Devmap | MapType::DevmapHash);
    let allowed = if is_devices { RETURN | BROADCAST | EXCLUDE_INGRESS } else { RETURN };
    if flags & !allowed != 0 {
        return Ok(XDP_ABORTED);
    }
    let key = key as u32;
    if flags & BROADCAST != 0 {
        let here = call.skb.device.ifindex;
        let mut devices = call.maps.targets(map);
        devices.retain(|device| flags & EXCLUDE_INGRESS == 0 || device.number != here);
        let device = |device: &Target| MapDevice { ifindex: device.number, program: device.program.map(ProgId) };
        call.env.effects_mut().broadcast = devices.iter().map(device).collect();
        go(call, 0, flags, RedirectWay::Map { map, key, entry: MapTarget::Devices, program: None });
        return Ok(XDP_REDIRECT);
    }
    let Some(target) = call.maps.target(map, key) else {
        call.env.effects_mut().redirect = None;
        return Ok(flags & RETURN);
    };
    let (ifindex, entry) = match map_type {
        MapType::Cpumap => (0, MapTarget::Cpu),
        MapType::Xskmap => (0, MapTarget::Socket),
        _ => (target.number, MapTarget::Device),
    };
    let program = target.program.map(ProgId);
    go(call, ifindex.into(), flags, RedirectWay::Map { map, key, entry, program });
    Ok(XDP_REDIRECT)
}

pub(super) fn clone_redirect(call: &mut Call<'_>, [ctx, ifindex, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let ifindex = ifindex as u32;
    if flags & !INGRESS != 0 || call.env.mtu_of(&call.skb.device, ifindex).is_none() {
        return errno(Errno::Einval);
    }
    let frame = call.skb.frame().into_owned();
    let effects = call.env.effects_mut();
    if !effects.make_room(frame.len()) {
        return errno(Errno::Enomem);
    }
    effects.clones.push(CloneOut { ifindex, flags, frame });
    Ok(0)
}
