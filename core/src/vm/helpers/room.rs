//! Room for headers in the middle of a packet: encapsulation, and translation from one IP version to the other.
//!
//! Room is made and taken away behind the MAC or behind the network header. What is before it moves, so that packet and
//! headers start elsewhere; the network header is where it was after the MAC header.

use super::super::call::Call;
use super::{Ret, status};
use crate::kernel::Errno;
use crate::net::SkBuff;
use crate::net::skbuff::{ETH_HLEN, FlowHash, SKB_MAX_LEN, ethertype};

/// Bytes of headers without options.
const IPV4_HLEN: usize = 20;
const IPV6_HLEN: usize = 40;

pub(super) fn skb_change_proto(call: &mut Call<'_>, [ctx, proto, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    if flags != 0 {
        return status(Err(Errno::Einval));
    }
    status(translate(call.skb, u16::from_be(proto as u16)))
}

fn translate(skb: &mut SkBuff, to: u16) -> Result<(), Errno> {
    let (at, more) = (mac_len(skb), IPV6_HLEN - IPV4_HLEN);
    match (skb.protocol, to) {
        (ethertype::IP, ethertype::IPV6) => push(skb, at, more),
        (ethertype::IPV6, ethertype::IP) => pop(skb, at, more)?,
        _ => return Err(Errno::Enotsupp),
    }
    skb.protocol = to;
    skb.hash = FlowHash::default();
    Ok(())
}

/// Flags of `bpf_skb_adjust_room`.
mod flag {
    pub const FIXED_GSO: u64 = 1;
    pub const ENCAP_IPV4: u64 = 1 << 1;
    pub const ENCAP_IPV6: u64 = 1 << 2;
    pub const ENCAP_L3: u64 = ENCAP_IPV4 | ENCAP_IPV6;
    pub const ENCAP_GRE: u64 = 1 << 3;
    pub const ENCAP_UDP: u64 = 1 << 4;
    pub const ENCAP_L4: u64 = ENCAP_GRE | ENCAP_UDP;
    pub const NO_CSUM_RESET: u64 = 1 << 5;
    pub const ENCAP_ETH: u64 = 1 << 6;
    pub const DECAP_IPV4: u64 = 1 << 7;
    pub const DECAP_IPV6: u64 = 1 << 8;
    pub const DECAP_L3: u64 = DECAP_IPV4 | DECAP_IPV6;
    /// Bytes of the inner link header, in the highest byte.
    pub const ENCAP_L2_SHIFT: u32 = 56;
    pub const ENCAP_L2: u64 = 0xff << ENCAP_L2_SHIFT;
    pub const ALL: u64 = FIXED_GSO | ENCAP_L3 | ENCAP_L4 | NO_CSUM_RESET | ENCAP_ETH | DECAP_L3 | ENCAP_L2;
    /// Those that mean something when room is taken away.
    pub const SHRINK: u64 = FIXED_GSO | NO_CSUM_RESET | DECAP_L3;
}

pub(super) fn skb_adjust_room(call: &mut Call<'_>, [ctx, diff, mode, flags, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    status(adjust(call.skb, diff as i32, mode as u32, flags))
}

fn adjust(skb: &mut SkBuff, diff: i32, mode: u32, flags: u64) -> Result<(), Errno> {
    const AFTER_NETWORK: u32 = 0;
    const AFTER_MAC: u32 = 1;
    const MOST: u32 = 0xfff;
    if flags & !flag::ALL != 0 {
        return Err(Errno::Einval);
    }
    let by = diff.unsigned_abs();
    if by > MOST {
        return Err(Errno::Efault);
    }
    let header = match skb.protocol {
        ethertype::IP => IPV4_HLEN,
        ethertype::IPV6 => IPV6_HLEN,
        _ => return Err(Errno::Enotsupp),
    };
    let at = mac_len(skb)
        + match mode {
            AFTER_NETWORK => header,
            AFTER_MAC => 0,
            _ => return Err(Errno::Enotsupp),
        };
    let (by, shrinks) = (by as usize, diff < 0);
    let least = match flags & flag::DECAP_L3 {
        0 => header,
        _ if !shrinks => return Err(Errno::Einval),
        flag::DECAP_IPV4 => IPV4_HLEN,
        flag::DECAP_IPV6 => IPV6_HLEN,
        _ => return Err(Errno::Einval),
    };
    let network_len = (skb.packet.end() - skb.network).max(0) as usize;
    let is_gso = skb.offloads.gso_size != 0;
    let fits = match shrinks {
        true => by < network_len && network_len - by >= least,
        false => skb.packet.len() + by <= SKB_MAX_LEN || is_gso,
    };
    // No packet here is one of TCP segments, which alone could be grown before they are cut.
    if !fits || is_gso {
        return Err(if shrinks && fits && flags & !flag::SHRINK != 0 { Errno::Einval } else { Errno::Enotsupp });
    }
    if shrinks { shrink(skb, at, by, flags) } else { grow(skb, at, by, flags) }
}

fn grow(skb: &mut SkBuff, at: usize, by: usize, flags: u64) -> Result<(), Errno> {
    if flags & flag::ENCAP_L3 != 0 {
        let inner_link = (flags >> flag::ENCAP_L2_SHIFT) as usize;
        let both = |mask| flags & mask == mask;
        let short = flags & flag::ENCAP_ETH != 0 && inner_link < ETH_HLEN;
        if both(flag::ENCAP_L3) || both(flag::ENCAP_L4) || short {
            return Err(Errno::Einval);
        }
        if skb.offloads.encapsulated {
            return Err(Errno::Ealready);
        }
        if inner_link > by {
            return Err(Errno::Einval);
        }
    }
    push(skb, at, by);
    if flags & flag::ENCAP_L3 != 0 {
        skb.offloads.encapsulated = true;
        skb.protocol = if flags & flag::ENCAP_IPV6 != 0 { ethertype::IPV6 } else { ethertype::IP };
    }
    Ok(())
}

fn shrink(skb: &mut SkBuff, at: usize, by: usize, flags: u64) -> Result<(), Errno> {
    if flags & !flag::SHRINK != 0 {
        return Err(Errno::Einval);
    }
    pop(skb, at, by)?;
    match flags & flag::DECAP_L3 {
        flag::DECAP_IPV4 => skb.protocol = ethertype::IP,
        flag::DECAP_IPV6 => skb.protocol = ethertype::IPV6,
        _ => {}
    }
    Ok(())
}

/// Bytes of the MAC header: from where it begins to the network header.
fn mac_len(skb: &SkBuff) -> usize {
    (skb.network - skb.mac).max(0) as usize
}

/// Makes room for `len` bytes at an offset, be the packet shorter than that.
fn push(skb: &mut SkBuff, at: usize, len: usize) {
    skb.packet.insert(at, len);
    skb.mac -= len as i32;
    skb.network -= len as i32;
}

/// Takes `len` bytes at an offset away.
fn pop(skb: &mut SkBuff, at: usize, len: usize) -> Result<(), Errno> {
    if at + len > skb.packet.len() {
        return Err(Errno::Enomem);
    }
    skb.packet.cut(at, len);
    skb.mac += len as i32;
    skb.network += len as i32;
    Ok(())
}
