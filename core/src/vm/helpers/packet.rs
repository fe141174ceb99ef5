//! Reading, writing and resizing skbs.

use super::super::call::Call;
use super::{Ret, errno, status};
use crate::kernel::Errno;
use crate::net::skbuff::{FlowHash, SKB_MAX_LEN, SkBuff, ethertype, pkt_type};

/// Keep a device's checksum right; there is none here.
const RECOMPUTE_CSUM: u64 = 1;
/// Forget the flow's hash.
const INVALIDATE_HASH: u64 = 2;
/// The highest offset of a relative load.
const MAX_RELATIVE: u32 = 0xffff;
/// Bytes of memory that are cleared at a time.
const CHUNK: usize = 64;

pub(crate) fn skb_store_bytes(call: &mut Call<'_>, [ctx, offset, from, len, flags]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let (offset, len) = (offset as u32, len as u32);
    if flags & !(RECOMPUTE_CSUM | INVALIDATE_HASH) != 0 {
        return errno(Errno::Einval);
    }
    if !within(call.skb, offset, len) {
        return errno(Errno::Efault);
    }
    call.store_packet(from, offset, len)?;
    if flags & INVALIDATE_HASH != 0 {
        call.skb.hash = FlowHash::default();
    }
    Ok(0)
}

pub(crate) fn skb_load_bytes(call: &mut Call<'_>, [ctx, offset, to, len, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let (offset, len) = (offset as u32, len as u32);
    if !within(call.skb, offset, len) {
        clear(call, to, len)?;
        return errno(Errno::Efault);
    }
    call.load_packet(offset, to, len)?;
    Ok(0)
}

pub(super) fn skb_load_bytes_relative(call: &mut Call<'_>, [ctx, offset, to, len, start]: [u64; 5]) -> Ret {
    const MAC: u32 = 0;
    const NETWORK: u32 = 1;
    call.ctx(ctx, 1)?;
    let (offset, len) = (offset as u32, len as u32);
    let header = match start as u32 {
        MAC => call.skb.mac,
        NETWORK => call.skb.network,
        _ => i32::MAX,
    };
    // A header may be before `data`, which is no obstacle.
    let found = header.checked_add_unsigned(offset).filter(|_| offset <= MAX_RELATIVE);
    let found = found.and_then(|at| call.skb.packet.get_with_head(at, len as usize)).map(<[u8]>::to_vec);
    let Some(bytes) = found else {
        clear(call, to, len)?;
        return errno(Errno::Efault);
    };
    if let Ok(at) = u32::try_from(header as i64 + offset as i64 - call.skb.packet.start() as i64) {
        call.note_packet_read(at, len);
    }
    call.write(to, &bytes)?;
    Ok(0)
}

/// Whether the packet has `len` bytes at `offset`.
pub(super) fn within(skb: &SkBuff, offset: u32, len: u32) -> bool {
    offset as u64 + len as u64 <= skb.packet.len() as u64
}

/// Zeroes memory, as after a load that failed.
pub(super) fn clear(call: &mut Call<'_>, to: u64, len: u32) -> Result<(), crate::vm::fault::FaultKind> {
    for done in (0..len as usize).step_by(CHUNK) {
        let part = (len as usize - done).min(CHUNK);
        call.write(to + done as u64, &[0; CHUNK][..part])?;
    }
    Ok(())
}

/// All of a packet is directly accessible here, so this only fails when the packet is too short.
pub(super) fn skb_pull_data(call: &mut Call<'_>, [ctx, len, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    if within(call.skb, 0, len as u32) { Ok(0) } else { errno(Errno::Enomem) }
}

pub(super) fn skb_change_type(call: &mut Call<'_>, [ctx, new, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let ok = |t| t <= pkt_type::OTHERHOST as u32;
    if !ok(new as u32) || !ok(call.skb.pkt_type as u32) {
        return errno(Errno::Einval);
    }
    call.skb.pkt_type = new as u8;
    Ok(0)
}

pub(super) fn skb_change_tail(call: &mut Call<'_>, [ctx, len, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let skb = &mut *call.skb;
    let len = len as u32 as usize;
    let headers = (skb.network - skb.packet.start()).max(0) as usize;
    if flags != 0 || len > SKB_MAX_LEN || len < headers {
        return errno(Errno::Einval);
    }
    skb.packet.move_end(skb.packet.start() + len as i32);
    Ok(0)
}

pub(super) fn skb_change_head(call: &mut Call<'_>, [ctx, head_room, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let skb = &mut *call.skb;
    let head_room = head_room as u32 as usize;
    if flags != 0 || head_room + skb.packet.len() > SKB_MAX_LEN {
        return errno(Errno::Einval);
    }
    skb.packet.insert(0, head_room);
    skb.mac = skb.packet.start();
    Ok(0)
}

/// The hash's key is random in a kernel; here the same flow has the same hash in every run.
pub(super) fn get_hash_recalc(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let skb = &mut *call.skb;
    if !skb.hash.l4 && !skb.hash.software {
        skb.hash = flow_hash(skb);
    }
    Ok(skb.hash.value as u64)
}

pub(super) fn set_hash(call: &mut Call<'_>, [ctx, hash, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    call.skb.hash = FlowHash { value: hash as u32, l4: true, software: true };
    Ok(0)
}

pub(super) fn set_hash_invalid(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    call.skb.hash = FlowHash::default();
    Ok(0)
}

/// A hash over addresses, protocol and ports (FNV-1a), 0 for a packet that is not IP, as when flow dissection fails.
fn flow_hash(skb: &SkBuff) -> FlowHash {
    let header = skb.packet.get(skb.network, (skb.packet.end() - skb.network).max(0) as usize).unwrap_or(&[]);
    let (addresses, protocol, l4) = match (skb.protocol, header.first()) {
        (ethertype::IP, Some(first)) => (12..20, 9, (*first & 15) as usize * 4),
        (ethertype::IPV6, Some(_)) => (8..40, 6, 40),
        _ => return FlowHash { software: true, ..FlowHash::default() },
    };
    let ports = match header.get(protocol) {
        // TCP, UDP, DCCP, SCTP and UDP-Lite begin with their ports.
        Some(6 | 17 | 33 | 132 | 136) => header.get(l4..l4 + 4).unwrap_or(&[]),
        _ => &[],
    };
    let bytes = header.get(addresses).unwrap_or(&[]).iter().chain(header.get(protocol)).chain(ports);
    let value = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ *byte as u32).wrapping_mul(0x0100_0193));
    FlowHash { value: value.max(1), l4: !ports.is_empty(), software: true }
}

/// Congestion experienced; a packet not capable of ECN stays as it is. VLAN tags are skipped to tell the protocol but not
/// to find the header, so that with tags in the frame it is the first tag that is changed, in the kernel and here.
pub(super) fn skb_ecn_set_ce(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let skb = &mut *call.skb;
    Ok(match skb.protocol_after_tags() {
        ethertype::IP => skb.packet.get_mut(skb.network, 20).is_some_and(ipv4_set_ce) as u64,
        ethertype::IPV6 => skb.packet.get_mut(skb.network, 40).is_some_and(ipv6_set_ce) as u64,
        _ => 0,
    })
}

/// The two low bits of the traffic class: 0 not capable, 1 and 2 capable, 3 congestion experienced (RFC 3168).
const CE: u8 = 3;

fn ipv4_set_ce(header: &mut [u8]) -> bool {
    let ecn = header[1] & CE;
    if ecn == 0 {
        return false;
    }
    if ecn != CE {
        // The sum grows by 3 - ecn, so the checksum shrinks by that, in ones' complement.
        let check = u16::from_be_bytes([header[10], header[11]]);
        let (sum, carry) = check.overflowing_add(!((CE - ecn) as u16));
        header[10..12].copy_from_slice(&(sum + carry as u16).to_be_bytes());
        header[1] |= CE;
    }
    true
}

fn ipv6_set_ce(header: &mut [u8]) -> bool {
    // The traffic class is bits 4 to 11: its low two are bits 4 and 5 of the second byte.
    if header[1] >> 4 & CE == 0 {
        return false;
    }
    header[1] |= CE << 4;
    true
}

pub(super) fn skb_set_tstamp(call: &mut Call<'_>, [ctx, tstamp, clock, ..]: [u64; 5]) -> Ret {
    const REALTIME: u32 = 0;
    const TAI: u32 = 2;
    call.ctx(ctx, 1)?;
    let skb = &mut *call.skb;
    if !matches!(skb.protocol, ethertype::IP | ethertype::IPV6) {
        return errno(Errno::Eopnotsupp);
    }
    let clock = clock as u32;
    if clock > TAI || (clock != REALTIME && tstamp == 0) {
        return errno(Errno::Einval);
    }
    skb.offloads.tstamp = tstamp;
    skb.offloads.tstamp_type = clock as u8;
    status(Ok(()))
}
