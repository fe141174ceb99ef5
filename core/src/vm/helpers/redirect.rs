//! Packets to other devices.

use super::super::call::Call;
use super::super::env::{CloneOut, Redirect};
use super::{Ret, errno};
use crate::kernel::{Errno, ProgType};

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
    call.env.effects_mut().redirect = Some(Redirect { ifindex: ifindex as u32, flags });
    Ok(redirected)
}

pub(super) fn clone_redirect(call: &mut Call<'_>, [ctx, ifindex, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let ifindex = ifindex as u32;
    if flags & !INGRESS != 0 || !call.env.has_interface(ifindex) {
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
