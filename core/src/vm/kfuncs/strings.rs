//! Strings at any address of kernel memory.
//!
//! All return an `int`: a place, a length or an order, or an error: `ERANGE` for an address that is none of the kernel's,
//! `EFAULT` for memory that is not there, `E2BIG` for a string of more than 64 KiB, `ENOENT` for what is not found.

use super::super::addr::Addr;
use super::super::call::Call;
use super::super::helpers::probe;
use super::{Ret, int};
use crate::kernel::Errno;

/// Bytes of a string that are looked at (`XATTR_SIZE_MAX`).
const MOST: u64 = 65536;

/// The byte at an address.
fn byte(call: &mut Call<'_>, at: u64) -> Result<u8, Errno> {
    let bytes = probe::bytes(call, at, 1);
    bytes.map(|bytes| bytes.first().copied().unwrap_or(0))
}

/// Whether an address can be the kernel's at all.
fn allowed(at: u64) -> Result<(), Errno> {
    if Addr(at).region().is_some() || at >= probe::LOWEST { Ok(()) } else { Err(Errno::Erange) }
}

fn compare(call: &mut Call<'_>, a: u64, b: u64, fold: impl Fn(u8) -> u8) -> Ret {
    let mut order = || {
        allowed(a).and(allowed(b))?;
        for at in 0..MOST {
            let (x, y) = (byte(call, a.wrapping_add(at))?, byte(call, b.wrapping_add(at))?);
            let (x, y) = (fold(x), fold(y));
            if x != y {
                return Ok(if x < y { -1_i32 as u32 } else { 1 });
            }
            if x == 0 {
                return Ok(0);
            }
        }
        Err(Errno::E2big)
    };
    int(order())
}

pub(super) fn strcmp(call: &mut Call<'_>, [a, b, ..]: [u64; 5]) -> Ret {
    compare(call, a, b, |byte| byte)
}

pub(super) fn strcasecmp(call: &mut Call<'_>, [a, b, ..]: [u64; 5]) -> Ret {
    compare(call, a, b, |byte| byte.to_ascii_lowercase())
}

/// The first place of a byte, the end included, within `count` bytes.
fn find(call: &mut Call<'_>, s: u64, count: u64, wanted: u8) -> Result<u32, Errno> {
    allowed(s)?;
    for at in 0..count.min(MOST) {
        let byte = byte(call, s.wrapping_add(at))?;
        if byte == wanted {
            return Ok(at as u32);
        }
        if byte == 0 {
            return Err(Errno::Enoent);
        }
    }
    Err(if count > MOST { Errno::E2big } else { Errno::Enoent })
}

pub(super) fn strchr(call: &mut Call<'_>, [s, c, ..]: [u64; 5]) -> Ret {
    int(find(call, s, u64::MAX, c as u8))
}

pub(super) fn strnchr(call: &mut Call<'_>, [s, count, c, ..]: [u64; 5]) -> Ret {
    int(find(call, s, count, c as u8))
}

pub(super) fn strchrnul(call: &mut Call<'_>, [s, c, ..]: [u64; 5]) -> Ret {
    let found = find(call, s, u64::MAX, c as u8);
    match found {
        Err(Errno::Enoent) => int(find(call, s, u64::MAX, 0)),
        found => int(found),
    }
}

pub(super) fn strrchr(call: &mut Call<'_>, [s, c, ..]: [u64; 5]) -> Ret {
    let mut search = || {
        allowed(s)?;
        let mut last = Err(Errno::Enoent);
        for at in 0..MOST {
            let byte = byte(call, s.wrapping_add(at))?;
            if byte == c as u8 {
                last = Ok(at as u32);
            }
            if byte == 0 {
                return last;
            }
        }
        Err(Errno::E2big)
    };
    int(search())
}

pub(super) fn strlen(call: &mut Call<'_>, [s, ..]: [u64; 5]) -> Ret {
    int(length(call, s, u64::MAX))
}

pub(super) fn strnlen(call: &mut Call<'_>, [s, count, ..]: [u64; 5]) -> Ret {
    int(length(call, s, count))
}

fn length(call: &mut Call<'_>, s: u64, count: u64) -> Result<u32, Errno> {
    allowed(s)?;
    for at in 0..count.min(MOST) {
        if byte(call, s.wrapping_add(at))? == 0 {
            return Ok(at as u32);
        }
    }
    if count > MOST { Err(Errno::E2big) } else { Ok(count as u32) }
}

/// How many bytes at the start are among those of a set, or, with `reject`, are not.
fn span(call: &mut Call<'_>, s: u64, set: u64, reject: bool) -> Result<u32, Errno> {
    allowed(s).and(allowed(set))?;
    for at in 0..MOST {
        let byte_here = byte(call, s.wrapping_add(at))?;
        if byte_here == 0 {
            return Ok(at as u32);
        }
        let mut among = false;
        for other in 0..MOST {
            let member = byte(call, set.wrapping_add(other))?;
            if member == byte_here {
                among = true;
                break;
            }
            if member == 0 {
                break;
            }
        }
        if among == reject {
            return Ok(at as u32);
        }
    }
    Err(Errno::E2big)
}

pub(super) fn strspn(call: &mut Call<'_>, [s, accept, ..]: [u64; 5]) -> Ret {
    int(span(call, s, accept, false))
}

pub(super) fn strcspn(call: &mut Call<'_>, [s, reject, ..]: [u64; 5]) -> Ret {
    int(span(call, s, reject, true))
}

pub(super) fn strstr(call: &mut Call<'_>, [s, wanted, ..]: [u64; 5]) -> Ret {
    int(search(call, s, wanted, MOST))
}

pub(super) fn strnstr(call: &mut Call<'_>, [s, wanted, len, ..]: [u64; 5]) -> Ret {
    int(search(call, s, wanted, len))
}

/// The first place where all of a string is, within `len` bytes.
fn search(call: &mut Call<'_>, s: u64, wanted: u64, len: u64) -> Result<u32, Errno> {
    allowed(s).and(allowed(wanted))?;
    for at in 0..MOST {
        let mut found = true;
        for along in 0..MOST {
            let member = byte(call, wanted.wrapping_add(along))?;
            if member == 0 {
                return Ok(at as u32);
            }
            if at + along >= len {
                return Err(Errno::Enoent);
            }
            let byte = byte(call, s.wrapping_add(at + along))?;
            if byte == 0 {
                return Err(Errno::Enoent);
            }
            if byte != member {
                found = false;
                break;
            }
        }
        if found {
            return Err(Errno::E2big);
        }
    }
    Err(Errno::E2big)
}
