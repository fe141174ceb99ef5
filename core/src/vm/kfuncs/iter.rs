//! Open-coded iterators: their state is on the program's stack, and so is what `next` returns a pointer to.

use super::super::addr::{self, Addr, Region};
use super::super::call::Call;
use super::super::fault::FaultKind;
use super::super::helpers::probe;
use super::super::structs::Thing;
use super::{Ret, status};
use crate::kernel::Errno;

/// Numbers at most (`BPF_MAX_LOOPS`).
const MAX_LOOPS: i64 = 8 * 1024 * 1024;
/// Words at most (`BITS_ITER_NR_WORDS_MAX`).
const MAX_WORDS: u32 = 511;
/// Bits of a word.
const WORD: u32 = 64;
/// Where the current bit is in the iterator.
const BIT: u64 = 12;

fn pair(call: &mut Call<'_>, at: u64) -> Result<(u32, u32), FaultKind> {
    let bytes = call.read(at, 8)?;
    let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Ok((word(0), word(4)))
}

fn set_pair(call: &mut Call<'_>, at: u64, (a, b): (u32, u32)) -> Result<(), FaultKind> {
    call.write(at, &(u64::from(a) | u64::from(b) << 32).to_le_bytes())
}

/// The iterator is the current number and the end.
pub(super) fn num_new(call: &mut Call<'_>, [it, start, end, ..]: [u64; 5]) -> Ret {
    let (start, end) = (start as i32, end as i32);
    let made = match i64::from(end) - i64::from(start) {
        ..0 => Err(Errno::Einval),
        0..=MAX_LOOPS => Ok((start.wrapping_sub(1) as u32, end as u32)),
        _ => Err(Errno::E2big),
    };
    set_pair(call, it, made.unwrap_or((0, 0)))?;
    status(made.map(|_| ()))
}

pub(super) fn num_next(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    let (now, end) = pair(call, it)?;
    if now.wrapping_add(1) as i32 >= end as i32 {
        set_pair(call, it, (0, 0))?;
        return Ok(0);
    }
    set_pair(call, it, (now.wrapping_add(1), end))?;
    Ok(it)
}

pub(super) fn num_destroy(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    set_pair(call, it, (0, 0))?;
    Ok(0)
}

/// The iterator is the word, or the address of a copy of several, then the number of bits and the current one.
pub(super) fn bits_new(call: &mut Call<'_>, [it, from, words, ..]: [u64; 5]) -> Ret {
    let words = words as u32;
    let made = match words {
        0 => Err(Errno::Einval),
        _ if from == 0 => Err(Errno::Einval),
        _ if words > MAX_WORDS => Err(Errno::E2big),
        // A single word is read by other means than several.
        1 => probe::bytes(call, from, 8).map_err(|_| Errno::Efault),
        _ => probe::bytes(call, from, words * 8),
    };
    let (bits, count) = match &made {
        Ok(bytes) if words == 1 => (bytes.as_slice().first_chunk().map_or(0, |b| u64::from_le_bytes(*b)), WORD),
        Ok(bytes) => {
            let object = call.maps.heap_alloc(words * 8).ok_or_else(|| call.out_of_memory())?;
            let at = Addr::new(addr::OBJECT + object, 0).0;
            call.write(at, bytes)?;
            (at, words * WORD)
        }
        Err(_) => (0, 0),
    };
    call.write(it, &bits.to_le_bytes())?;
    set_pair(call, it + 8, (count, u32::MAX))?;
    status(made.map(|_| ()))
}

pub(super) fn bits_next(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    let (count, now) = pair(call, it + 8)?;
    let now = now as i32;
    if count == 0 || now >= count as i32 {
        return Ok(0);
    }
    let from = if count == WORD { it } else { address(call, it)? };
    let bits = call.copy(from, count / 8)?;
    let set = |bit: &u32| bits[*bit as usize / 8] >> (bit % 8) & 1 != 0;
    let next = ((now + 1) as u32..count).find(set);
    set_pair(call, it + 8, (count, next.unwrap_or(count)))?;
    Ok(if next.is_some() { it + BIT } else { 0 })
}

pub(super) fn bits_destroy(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    let (count, _) = pair(call, it + 8)?;
    if count > WORD
        && let Some(Region::Object(object)) = Addr(address(call, it)?).region()
    {
        call.maps.heap_free(object);
    }
    Ok(0)
}

/// The iterator is what comes next: of tasks the idle one alone, of control groups the first alone.
fn one_new(call: &mut Call<'_>, it: u64, next: Result<u64, Errno>) -> Ret {
    call.write(it, &next.unwrap_or(0).to_le_bytes())?;
    status(next.map(|_| ()))
}

pub(super) fn one_next(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    let next = address(call, it)?;
    call.write(it, &[0; 8])?;
    Ok(next)
}

pub(super) fn task_new(call: &mut Call<'_>, [it, task, flags, ..]: [u64; 5]) -> Ret {
    const PROC_THREADS: u32 = 2;
    let next = match flags as u32 {
        0 | 1 => Ok(Thing::Task.addr()),
        PROC_THREADS if task != 0 => Ok(task),
        _ => Err(Errno::Einval),
    };
    one_new(call, it, next)
}

pub(super) fn css_new(call: &mut Call<'_>, [it, start, order, ..]: [u64; 5]) -> Ret {
    const DESCENDANTS_PRE: u32 = 2;
    const ANCESTORS_UP: u32 = 4;
    let known = (DESCENDANTS_PRE..=ANCESTORS_UP).contains(&(order as u32));
    one_new(call, it, if known { Ok(start) } else { Err(Errno::Einval) })
}

/// The idle task has no memory areas.
pub(super) fn vma_new(call: &mut Call<'_>, [it, ..]: [u64; 5]) -> Ret {
    one_new(call, it, Err(Errno::Enoent))
}

fn address(call: &mut Call<'_>, it: u64) -> Result<u64, FaultKind> {
    let (low, high) = pair(call, it)?;
    Ok(u64::from(low) | u64::from(high) << 32)
}
