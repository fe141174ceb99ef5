//! Strings.

use super::super::call::Call;
use super::{Ret, errno};
use crate::kernel::Errno;

/// The numerical base, in the flags of `bpf_strtol`.
const BASE_MASK: u64 = 0x1f;
/// Bytes of a number that are looked at.
const MAX_DIGITS: usize = 63;

/// Compares up to a zero in either string or `size` bytes: -1, 0 or 1.
pub(super) fn strncmp(call: &mut Call<'_>, [s1, size, s2, ..]: [u64; 5]) -> Ret {
    for at in 0..size as u32 as u64 {
        let a = call.read(s1.wrapping_add(at), 1)?[0];
        let b = call.read(s2.wrapping_add(at), 1)?[0];
        if a != b {
            return Ok(if a < b { -1_i64 as u64 } else { 1 });
        }
        if a == 0 {
            break;
        }
    }
    Ok(0)
}

pub(super) fn strtol(call: &mut Call<'_>, [buf, len, flags, res, _]: [u64; 5]) -> Ret {
    parse(call, buf, len, flags, res, |number| {
        let limit = i64::MAX as u64 + number.negative as u64;
        if number.value > limit {
            return Err(Errno::Erange);
        }
        Ok(if number.negative { number.value.wrapping_neg() } else { number.value })
    })
}

pub(super) fn strtoul(call: &mut Call<'_>, [buf, len, flags, res, _]: [u64; 5]) -> Ret {
    parse(call, buf, len, flags, res, |number| match number.negative {
        true => Err(Errno::Einval),
        false => Ok(number.value),
    })
}

struct Number {
    negative: bool,
    value: u64,
    consumed: usize,
}

fn parse(
    call: &mut Call<'_>,
    buf: u64,
    len: u64,
    flags: u64,
    res: u64,
    convert: impl FnOnce(&Number) -> Result<u64, Errno>,
) -> Ret {
    let text = call.copy(buf, len as u32)?;
    // Whatever comes, the result is written.
    call.write(res, &[0; 8])?;
    let result = scan(&text, flags).and_then(|number| Ok((convert(&number)?, number.consumed)));
    match result {
        Ok((value, consumed)) => {
            call.write(res, &value.to_le_bytes())?;
            Ok(consumed as u64)
        }
        Err(e) => errno(e),
    }
}

/// Blanks, a minus, a prefix, digits; what follows does not matter.
fn scan(text: &[u8], flags: u64) -> Result<Number, Errno> {
    let base = flags & BASE_MASK;
    if text.is_empty() || flags & !BASE_MASK != 0 || !matches!(base, 0 | 8 | 10 | 16) {
        return Err(Errno::Einval);
    }
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | b'\t'..=b'\r')).count();
    let negative = text.get(blanks) == Some(&b'-');
    let begin = blanks + negative as usize;
    let rest = text.get(begin..).unwrap_or(&[]);
    let rest = &rest[..rest.len().min(MAX_DIGITS)];
    let hex_prefix = matches!(rest, [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit());
    let base = match (base, rest.first()) {
        (0, Some(b'0')) if hex_prefix => 16,
        (0, Some(b'0')) => 8,
        (0, _) => 10,
        (base, _) => base as u32,
    };
    let prefix = if base == 16 && matches!(rest, [b'0', b'x' | b'X', ..]) { 2 } else { 0 };
    let digits = rest[prefix..].iter().map_while(|b| (*b as char).to_digit(base));
    let (mut value, mut count, mut overflow) = (0_u64, 0, false);
    for digit in digits {
        let next = value.checked_mul(base as u64).and_then(|v| v.checked_add(digit as u64));
        overflow |= next.is_none();
        value = next.unwrap_or(u64::MAX);
        count += 1;
    }
    match (overflow, count) {
        (true, _) => Err(Errno::Erange),
        (_, 0) => Err(Errno::Einval),
        _ => Ok(Number { negative, value, consumed: begin + prefix + count }),
    }
}
