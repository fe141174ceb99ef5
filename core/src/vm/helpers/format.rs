//! The format strings of `bpf_trace_printk`, `bpf_trace_vprintk` and `bpf_snprintf`: what they may hold, and the text.
//!
//! `%` flags (`0 + -` blank) width, then `d i u x X` with up to two `l`, `c`, `s` (`pks`, `pus`), `p` (`px pK ps pS pB`
//! too), `pI4 pi4 pI6 pi6`. Anything else is `EINVAL`. The kernel hashes `%p` and prints symbols for `%ps`; here both are
//! the address.

use super::super::call::Call;
use crate::kernel::{Errno, KernelVersion};

/// Bytes of a line at most, with its end (`MAX_BPRINTF_BUF`).
pub(super) const MAX_LINE: usize = 1024;
/// Bytes that the arguments of a call may take together (`MAX_BPRINTF_BIN_ARGS`).
const MAX_ARGS: usize = 512;
/// The kernel whose formats may hold other than ASCII text (6.18.44 does).
const UTF8_SINCE: KernelVersion = KernelVersion::new(6, 18);
/// Widths of more than the longest text make no difference.
const MAX_WIDTH: usize = MAX_LINE;

/// Formats `fmt`, which ends at its first zero byte.
///
/// # Errors
/// `EINVAL` for a format that has no end or is not allowed, or takes more arguments than there are; `ENOSPC` when the
/// arguments take more than 512 bytes.
pub(super) fn format(call: &mut Call<'_>, fmt: &[u8], args: &[u64]) -> Result<Vec<u8>, Errno> {
    let end = fmt.iter().position(|b| *b == 0).ok_or(Errno::Einval)?;
    let mut rest = &fmt[..end];
    let other_than_ascii = call.env.kernel >= UTF8_SINCE;
    let allowed = |b: &u8| matches!(b, b' '..=b'~' | b'\t'..=b'\r') || (other_than_ascii && !b.is_ascii());
    if !rest.iter().all(allowed) {
        return Err(Errno::Einval);
    }
    let mut args = Args { values: args.iter(), room: MAX_ARGS };
    let mut out = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        rest = match (byte, after.first()) {
            (b'%', Some(b'%')) => {
                out.push(b'%');
                &after[1..]
            }
            (b'%', _) => conversion(call, after, &mut args, &mut out)?,
            _ => {
                out.push(*byte);
                after
            }
        };
    }
    Ok(out)
}

/// The arguments that are left, and the bytes that they may still take.
struct Args<'a> {
    values: std::slice::Iter<'a, u64>,
    room: usize,
}

impl Args<'_> {
    fn next(&mut self) -> Result<u64, Errno> {
        self.values.next().copied().ok_or(Errno::Einval)
    }

    /// Numbers are aligned to four bytes among strings and characters, which are not.
    fn take_number(&mut self, size: usize) -> Result<(), Errno> {
        self.room -= self.room % 4;
        self.take(size)
    }

    fn take(&mut self, size: usize) -> Result<(), Errno> {
        self.room = self.room.checked_sub(size).ok_or(Errno::Enospc)?;
        Ok(())
    }
}

/// Flags and width of a conversion.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    width: usize,
}

/// One conversion, after its `%`: writes the text and gives what follows it in the format.
fn conversion<'f>(call: &mut Call<'_>, fmt: &'f [u8], args: &mut Args, out: &mut Vec<u8>) -> Result<&'f [u8], Errno> {
    let value = args.next()?;
    let (spec, fmt) = spec(fmt);
    let at = |i: usize| fmt.get(i).copied().unwrap_or(0);
    match at(0) {
        b'p' => pointer(call, value, &spec, fmt, args, out),
        b's' => {
            ends_word(at(1))?;
            string(call, value, &spec, args, out)?;
            Ok(&fmt[1..])
        }
        b'c' => {
            args.take(1)?;
            spec.pad(&[value as u8], out);
            Ok(&fmt[1..])
        }
        _ => {
            let longs = fmt.iter().take(2).take_while(|b| **b == b'l').count();
            let kind = at(longs);
            let size = if longs == 0 { 4 } else { 8 };
            if !matches!(kind, b'd' | b'i' | b'u' | b'x' | b'X') {
                return Err(Errno::Einval);
            }
            args.take_number(size)?;
            spec.number(kind, if size == 4 { value as u32 as u64 } else { value }, size == 8, out);
            Ok(&fmt[longs + 1..])
        }
    }
}

fn spec(fmt: &[u8]) -> (Spec, &[u8]) {
    let mut spec = Spec::default();
    let flags = fmt.iter().take_while(|b| matches!(b, b'0' | b'+' | b'-' | b' ')).count();
    for flag in &fmt[..flags] {
        match flag {
            b'0' => spec.zero = true,
            b'+' => spec.plus = true,
            b'-' => spec.left = true,
            _ => spec.space = true,
        }
    }
    let digits = fmt[flags..].iter().take_while(|b| b.is_ascii_digit()).count();
    for digit in &fmt[flags..flags + digits] {
        spec.width = (spec.width * 10 + (digit - b'0') as usize).min(MAX_WIDTH);
    }
    (spec, &fmt[flags + digits..])
}

/// Strings and pointers end at a blank, at punctuation or at the format's end: `%sx` is no conversion.
fn ends_word(next: u8) -> Result<(), Errno> {
    let ends = next == 0 || next.is_ascii_punctuation() || matches!(next, b' ' | b'\t'..=b'\r');
    ends.then_some(()).ok_or(Errno::Einval)
}

fn pointer<'f>(
    call: &mut Call<'_>,
    value: u64,
    spec: &Spec,
    fmt: &'f [u8],
    args: &mut Args,
    out: &mut Vec<u8>,
) -> Result<&'f [u8], Errno> {
    let at = |i: usize| fmt.get(i).copied().unwrap_or(0);
    match (at(1), at(2)) {
        (b'k' | b'u', b's') => {
            ends_word(at(3))?;
            string(call, value, spec, args, out)?;
            Ok(&fmt[3..])
        }
        (b'i' | b'I', b'4' | b'6') => {
            let text = ip(call, value, at(1) == b'I', at(2));
            args.take(text.len() + 1)?;
            out.extend_from_slice(text.as_bytes());
            // As in the kernel's printf, letters and digits that follow belong to the conversion: `%pI6c`.
            let more = fmt[3..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            Ok(&fmt[3 + more..])
        }
        (kind, _) => {
            if !matches!(kind, b'K' | b'x' | b's' | b'S' | b'B') {
                ends_word(kind)?;
            }
            args.take_number(8)?;
            match kind {
                b's' | b'S' | b'B' => spec.pad(format!("{value:#x}").as_bytes(), out),
                _ => spec.pad(format!("{value:016x}").as_bytes(), out),
            }
            let more = fmt[1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            Ok(&fmt[1 + more..])
        }
    }
}

/// A string in memory; an empty one when it cannot be read.
fn string(call: &mut Call<'_>, addr: u64, spec: &Spec, args: &mut Args, out: &mut Vec<u8>) -> Result<(), Errno> {
    if args.room == 0 {
        return Err(Errno::Enospc);
    }
    let mut text = Vec::new();
    while text.len() + 1 < args.room {
        match call.read(addr.wrapping_add(text.len() as u64), 1) {
            Ok([0]) => break,
            Ok(bytes) => text.extend_from_slice(bytes),
            Err(_) => {
                text.clear();
                break;
            }
        }
    }
    args.take(text.len() + 1)?;
    spec.pad(&text, out);
    Ok(())
}

/// An address at an address, all zero when it cannot be read: `10.0.0.1`, with leading zeroes for `%pi4`; all eight
/// groups of an IPv6 address, without colons for `%pi6`.
fn ip(call: &mut Call<'_>, addr: u64, separated: bool, version: u8) -> String {
    let mut bytes = [0; 16];
    let len = if version == b'4' { 4 } else { 16 };
    if let Ok(read) = call.read(addr, len as u32) {
        bytes[..len].copy_from_slice(read);
    }
    let bytes = &bytes[..len];
    let join = |parts: Vec<String>, by| parts.join(by);
    match (version, separated) {
        (b'4', true) => join(bytes.iter().map(|b| b.to_string()).collect(), "."),
        (b'4', false) => join(bytes.iter().map(|b| format!("{b:03}")).collect(), "."),
        (_, separated) => {
            let groups = bytes.chunks_exact(2).map(|b| format!("{:02x}{:02x}", b[0], b[1])).collect();
            join(groups, if separated { ":" } else { "" })
        }
    }
}

impl Spec {
    /// Text in its width.
    fn pad(&self, text: &[u8], out: &mut Vec<u8>) {
        let padding = self.width.saturating_sub(text.len());
        if !self.left {
            out.resize(out.len() + padding, b' ');
        }
        out.extend_from_slice(text);
        if self.left {
            out.resize(out.len() + padding, b' ');
        }
    }

    /// A number in its width: zeroes stand between sign and digits.
    fn number(&self, kind: u8, value: u64, long: bool, out: &mut Vec<u8>) {
        let signed = if long { value as i64 } else { value as i32 as i64 };
        let (sign, digits) = match kind {
            b'd' | b'i' if signed < 0 => ("-", signed.unsigned_abs().to_string()),
            b'd' | b'i' if self.plus => ("+", value.to_string()),
            b'd' | b'i' if self.space => (" ", value.to_string()),
            b'x' => ("", format!("{value:x}")),
            b'X' => ("", format!("{value:X}")),
            _ => ("", value.to_string()),
        };
        if self.zero && !self.left {
            let zeroes = self.width.saturating_sub(sign.len() + digits.len());
            out.extend_from_slice(sign.as_bytes());
            out.resize(out.len() + zeroes, b'0');
            out.extend_from_slice(digits.as_bytes());
        } else {
            self.pad(format!("{sign}{digits}").as_bytes(), out);
        }
    }
}
