//! VLAN tags: one beside the frame, any number in it (`skb_vlan_push`, `skb_vlan_pop`).

use super::super::call::Call;
use super::{Ret, status};
use crate::kernel::Errno;
use crate::net::skbuff::{ETH_HLEN, SkBuff, VLAN_HLEN, VlanTag, ethertype};

/// The new tag goes beside the frame; one that was there is written into it first.
pub(super) fn push(call: &mut Call<'_>, [ctx, proto, tci, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let proto = match u16::from_be(proto as u16) {
        proto if ethertype::is_vlan(proto) => proto,
        _ => ethertype::VLAN,
    };
    let skb = &mut *call.skb;
    if let Some(outer) = skb.vlan {
        if skb.packet.len() < ETH_HLEN {
            return status(Err(Errno::Enomem));
        }
        skb.insert_tag(outer);
    }
    skb.vlan = Some(VlanTag { proto, tci: tci as u16 });
    Ok(0)
}

/// The tag beside the frame goes, else the one in it; the next tag in the frame moves beside it.
pub(super) fn pop(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    status(pop_tag(call.skb))
}

fn pop_tag(skb: &mut SkBuff) -> Result<(), Errno> {
    if skb.vlan.take().is_none() {
        if !ethertype::is_vlan(skb.protocol) {
            return Ok(());
        }
        take_tag(skb)?;
    }
    if ethertype::is_vlan(skb.protocol) {
        let proto = skb.protocol;
        let tci = take_tag(skb)?;
        skb.vlan = Some(VlanTag { proto, tci });
    }
    Ok(())
}

fn take_tag(skb: &mut SkBuff) -> Result<u16, Errno> {
    if !skb.has_mac_header() || skb.mac != skb.packet.start() {
        return Err(Errno::Einval);
    }
    if skb.packet.len() < ETH_HLEN + VLAN_HLEN {
        return Err(Errno::Enomem);
    }
    skb.remove_tag().ok_or(Errno::Enomem)
}
