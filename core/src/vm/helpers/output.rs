//! What programs tell user space: trace lines, perf events, ring buffer records.

use super::super::addr::{Addr, Region};
use super::super::call::Call;
use super::super::env::Output;
use super::super::fault::FaultKind;
use super::format::{MAX_LINE, format};
use super::{Ret, errno, status};
use crate::kernel::{Errno, MapId};
use crate::maps::RingbufQuery;

/// Arguments of a trace line in an array, at most (`MAX_BPRINTF_VARARGS`).
const MAX_VARARGS: u32 = 12;
/// The lower half of a perf event's flags: the slot, or all ones for this CPU's (`BPF_F_INDEX_MASK`).
const INDEX_MASK: u64 = 0xffff_ffff;
/// Packet bytes to append to a perf event (`BPF_F_CTXLEN_MASK`).
const CTXLEN_MASK: u64 = 0xf_ffff << 32;

pub(super) fn trace_printk(call: &mut Call<'_>, [fmt, size, args @ ..]: [u64; 5]) -> Ret {
    let fmt = call.copy(fmt, size as u32)?;
    print(call, &fmt, &args)
}

pub(super) fn trace_vprintk(call: &mut Call<'_>, [fmt, size, data, data_len, _]: [u64; 5]) -> Ret {
    let fmt = call.copy(fmt, size as u32)?;
    match varargs(call, data, data_len)? {
        Ok(args) => print(call, &fmt, &args),
        Err(e) => errno(e),
    }
}

/// Writes what fits a line, and returns how long the text is.
fn print(call: &mut Call<'_>, fmt: &[u8], args: &[u64]) -> Ret {
    let mut line = match format(call, fmt, args) {
        Ok(line) => line,
        Err(e) => return errno(e),
    };
    let len = line.len() as u64;
    line.truncate(MAX_LINE - 1);
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    let text = String::from_utf8_lossy(&line).into_owned();
    call.env.effects_mut().push(Output::Printk(text));
    Ok(len)
}

/// Returns the bytes that the whole text takes, its end included; what fits is written, and always ends.
pub(super) fn snprintf(call: &mut Call<'_>, [to, size, fmt, data, data_len]: [u64; 5]) -> Ret {
    let args = match varargs(call, data, data_len)? {
        Ok(args) => args,
        Err(e) => return errno(e),
    };
    let template = string(call, fmt)?;
    let mut text = match format(call, &template, &args) {
        Ok(text) => text,
        Err(e) => return errno(e),
    };
    let len = text.len() as u64 + 1;
    if let Some(room) = (size as u32 as usize).checked_sub(1) {
        text.truncate(room);
        text.push(0);
        call.write(to, &text)?;
    }
    Ok(len)
}

/// A string with its end.
fn string(call: &mut Call<'_>, at: u64) -> Result<Vec<u8>, FaultKind> {
    let mut text = Vec::new();
    while text.last() != Some(&0) {
        text.push(call.read(at.wrapping_add(text.len() as u64), 1)?[0]);
    }
    Ok(text)
}

/// Prints as `bpf_trace_vprintk` does, of a format that ends, and returns 0 or an error as an `int`.
pub(in super::super) fn print_string(call: &mut Call<'_>, fmt: u64, data: u64, len: u64) -> Ret {
    let fmt = string(call, fmt)?;
    let ret = match varargs(call, data, len)? {
        Ok(args) => print(call, &fmt, &args)?,
        Err(e) => e.ret(),
    };
    Ok(if (ret as i64) < 0 { u64::from(ret as u32) } else { 0 })
}

/// Arguments in an array of 64-bit words, `len` bytes of it.
fn varargs(call: &mut Call<'_>, data: u64, len: u64) -> Result<Result<Vec<u64>, Errno>, FaultKind> {
    let len = len as u32;
    if !len.is_multiple_of(8) || len > MAX_VARARGS * 8 || (len > 0 && data == 0) {
        return Ok(Err(Errno::Einval));
    }
    if len == 0 {
        return Ok(Ok(Vec::new()));
    }
    let (words, _) = call.read(data, len)?.as_chunks::<8>();
    Ok(Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect()))
}

/// User space is taken to have opened an event for each CPU. The sample has no padding, which the kernel adds to its end.
pub(super) fn perf_event_output(call: &mut Call<'_>, [ctx, map, flags, data, size]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let map = call.map(map, 2)?;
    if flags & !(INDEX_MASK | CTXLEN_MASK) != 0 {
        return errno(Errno::Einval);
    }
    let packet_len = (flags >> 32) as usize;
    if packet_len > call.skb.packet.len() {
        return errno(Errno::Efault);
    }
    let cpu = match call.maps.perf_slot(map, flags, call.env.cpu) {
        Ok(cpu) => cpu,
        Err(e) => return errno(e),
    };
    let mut sample = match size as u32 {
        0 => Vec::new(),
        size => call.read(data, size)?.to_vec(),
    };
    if packet_len > 0 {
        call.note_packet_read(0, packet_len as u32);
        sample.extend_from_slice(&call.skb.packet.bytes()[..packet_len]);
    }
    match call.env.effects_mut().push(Output::PerfEvent { map, cpu, data: sample }) {
        true => Ok(0),
        false => errno(Errno::Enospc),
    }
}

pub(super) fn ringbuf_output(call: &mut Call<'_>, [map, data, size, flags, _]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let Ok(len) = u32::try_from(size) else {
        lost(call, map, size);
        return errno(Errno::Eagain);
    };
    let record = if len == 0 { Vec::new() } else { call.read(data, len)?.to_vec() };
    let done = call.maps.ringbuf_output(map, &record, flags);
    match done {
        Ok(()) => {
            call.env.effects_mut().push(Output::Ringbuf { map, data: record });
        }
        Err(Errno::Eagain) => lost(call, map, size),
        Err(_) => {}
    }
    status(done)
}

pub(super) fn ringbuf_reserve(call: &mut Call<'_>, [map, size, flags, ..]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let record = call.maps.ringbuf_reserve(map, size, flags);
    if record.is_none() && flags == 0 {
        lost(call, map, size);
    }
    Ok(record.map_or(0, |offset| Addr::new(super::super::addr::RECORD + map.0, offset).0))
}

/// Notes that a ring buffer had no room for a record.
pub(super) fn lost(call: &mut Call<'_>, map: MapId, len: u64) {
    call.env.effects_mut().push(Output::Lost { map, len });
}

/// The reserved record at an address: its map and its offset.
fn record(call: &Call<'_>, at: u64) -> Result<(MapId, u32), FaultKind> {
    match Addr(at).region() {
        Some(Region::Record(map)) => Ok((map, Addr(at).offset())),
        _ => Err(call.argument(1, "a reserved record", at)),
    }
}

pub(super) fn ringbuf_submit(call: &mut Call<'_>, [at, flags, ..]: [u64; 5]) -> Ret {
    let (map, offset) = record(call, at)?;
    // A record of no bytes has a place, but nothing in it that an address could point to.
    let size = call.maps.locate_record(map, offset).filter(|(start, _)| *start == offset).map_or(0, |(_, size)| size);
    let data = call.maps.record(map, offset, size).unwrap_or(&[]).to_vec();
    if call.maps.ringbuf_submit(map, offset, flags).is_err() {
        return Err(call.argument(1, "a reserved record", at));
    }
    call.env.effects_mut().push(Output::Ringbuf { map, data });
    Ok(0)
}

pub(super) fn ringbuf_discard(call: &mut Call<'_>, [at, flags, ..]: [u64; 5]) -> Ret {
    let (map, offset) = record(call, at)?;
    match call.maps.ringbuf_discard(map, offset, flags) {
        Ok(()) => Ok(0),
        Err(_) => Err(call.argument(1, "a reserved record", at)),
    }
}

pub(super) fn ringbuf_query(call: &mut Call<'_>, [map, what, ..]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    let what = match what {
        0 => RingbufQuery::AvailData,
        1 => RingbufQuery::RingSize,
        2 => RingbufQuery::ConsPos,
        3 => RingbufQuery::ProdPos,
        _ => return Ok(0),
    };
    Ok(call.maps.ringbuf_query(map, what))
}
