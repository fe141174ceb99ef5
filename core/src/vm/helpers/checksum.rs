//! Checksums in packets. No device has checked or summed a packet here (`CHECKSUM_NONE`), so only the bytes change.

use super::super::call::Call;
use super::{Ret, errno, status};
use crate::kernel::{Errno, KernelVersion};
use crate::net::{SkBuff, checksum};

/// Bytes that change under the checksum; 0 for a difference in `to`.
const HDR_FIELD_MASK: u64 = 0xf;
/// The change is in the pseudo header too; matters only to checksums that a device computes.
const PSEUDO_HDR: u64 = 0x10;
/// A checksum of 0 means none: leave it, and never produce one.
const MARK_MANGLED_0: u64 = 0x20;
/// Update a checksum of 0 all the same.
const MARK_ENFORCE: u64 = 0x40;
/// The packet is IPv6; matters only to checksums that a device computes.
const IPV6: u64 = 0x80;
/// The kernel that [`IPV6`] came in.
const IPV6_SINCE: KernelVersion = KernelVersion::new(6, 16);
/// The kernel since which differences are folded to 16 bits and buffers may have any size, not only whole words.
const DIFF_FOLDED_SINCE: KernelVersion = KernelVersion::new(6, 13);
/// Bytes that a difference could take before (`MAX_BPF_STACK`).
const DIFF_MAX_BEFORE: u64 = 512;
/// The highest offset at which a checksum may stand.
const MAX_OFFSET: u32 = 0xffff;
/// What a TCP or UDP checksum of 0 is sent as, since 0 means none.
const MANGLED_0: u16 = 0xffff;

pub(super) fn l3_csum_replace(call: &mut Call<'_>, [ctx, offset, from, to, flags]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    if flags & !HDR_FIELD_MASK != 0 {
        return errno(Errno::Einval);
    }
    status(update(call.skb, offset as u32, |check| match flags {
        0 if from == 0 => Ok(checksum::replace_by_diff(check, to as u32)),
        2 => Ok(checksum::replace2(check, from as u16, to as u16)),
        4 => Ok(checksum::replace4(check, from as u32, to as u32)),
        _ => Err(Errno::Einval),
    }))
}

pub(super) fn l4_csum_replace(call: &mut Call<'_>, [ctx, offset, from, to, flags]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let newer = if call.env.kernel >= IPV6_SINCE { IPV6 } else { 0 };
    if flags & !(HDR_FIELD_MASK | PSEUDO_HDR | MARK_MANGLED_0 | MARK_ENFORCE | newer) != 0 {
        return errno(Errno::Einval);
    }
    let zero_is_none = flags & MARK_MANGLED_0 != 0;
    status(update(call.skb, offset as u32, |check| {
        if zero_is_none && flags & MARK_ENFORCE == 0 && check == 0 {
            return Ok(0);
        }
        let new = match flags & HDR_FIELD_MASK {
            0 if from == 0 => checksum::replace_by_diff(check, to as u32),
            // As a word with zeroes, unlike at layer 3: where the sum is 0, the two come out as 0 and 0xffff.
            2 => checksum::replace4(check, from as u16 as u32, to as u16 as u32),
            4 => checksum::replace4(check, from as u32, to as u32),
            _ => return Err(Errno::Einval),
        };
        Ok(if zero_is_none && new == 0 { MANGLED_0 } else { new })
    }))
}

/// Replaces the checksum at an offset of the packet.
fn update(skb: &mut SkBuff, offset: u32, new: impl FnOnce(u16) -> Result<u16, Errno>) -> Result<(), Errno> {
    if offset > MAX_OFFSET || !offset.is_multiple_of(2) {
        return Err(Errno::Efault);
    }
    let field = skb.packet.get_mut(skb.packet.start() + offset as i32, 2).ok_or(Errno::Efault)?;
    let check = u16::from_le_bytes([field[0], field[1]]);
    field.copy_from_slice(&new(check)?.to_le_bytes());
    Ok(())
}

pub(super) fn csum_diff(call: &mut Call<'_>, [from, from_size, to, to_size, seed]: [u64; 5]) -> Ret {
    let (from_size, to_size, seed) = (from_size as u32, to_size as u32, seed as u32);
    let folds = call.env.kernel >= DIFF_FOLDED_SINCE;
    if !folds && ((from_size | to_size) & 3 != 0 || from_size as u64 + to_size as u64 > DIFF_MAX_BEFORE) {
        return errno(Errno::Einval);
    }
    let mut sum_of = |addr, size, seed| match size {
        0 => Ok(None),
        _ => call.read(addr, size).map(|bytes| Some(checksum::partial(bytes, seed))),
    };
    let removed = sum_of(from, from_size, if to_size == 0 { !seed } else { 0 })?;
    let added = sum_of(to, to_size, seed)?;
    let sum = match (removed, added) {
        (Some(removed), Some(added)) => checksum::sub(added, removed),
        (Some(removed), None) => !removed,
        (None, Some(added)) => added,
        (None, None) => seed,
    };
    // A sum of 0 bits from nothing but zeroes stays 0; any other folds to 1..=0xffff.
    Ok(if folds { !checksum::fold(sum) as u64 } else { sum as u64 })
}

pub(super) fn csum_update(call: &mut Call<'_>, [ctx, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    errno(Errno::Enotsupp)
}

/// There is no level to raise or lower, which is no error; asked for, it is one.
pub(super) fn csum_level(call: &mut Call<'_>, [ctx, level, ..]: [u64; 5]) -> Ret {
    const QUERY: u64 = 0;
    const RESET: u64 = 3;
    call.ctx(ctx, 1)?;
    match level {
        QUERY => errno(Errno::Eacces),
        1..=RESET => Ok(0),
        _ => errno(Errno::Einval),
    }
}
