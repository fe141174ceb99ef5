//! Strings that the verifier looks into: constants in maps, and the format of `bpf_snprintf`.

use crate::isa::Reg;
use crate::kernel::{InitialValue, MapType};
use crate::verifier::access::Source;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{CallFinding, Check};

impl Verifier<'_> {
    /// A string in a map that nobody writes, up to its end.
    pub fn check_const_str(&mut self, regno: Reg) -> Check<Vec<u8>> {
        let reg = *self.reg(regno);
        let Some(map) = reg.map() else { return Err(CallFinding::StringWritable { reg: regno }.into()) };
        let def = self.map_def(map);
        if !def.is_frozen() {
            return Err(CallFinding::StringWritable { reg: regno }.into());
        }
        let Some(variable) = reg.num.constant_value() else {
            return Err(CallFinding::StringVariable { reg: regno }.into());
        };
        if def.map_type != MapType::Array {
            return Err(CallFinding::StringMapType.into());
        }
        let size = (i64::from(def.value_size) - i64::from(reg.off)) as i32;
        self.check_map_access(regno, reg.off, size, false, Source::Helper)?;
        if def.max_entries != 1 {
            return Err(CallFinding::StringAccess.into());
        }
        let start = usize::try_from(i64::from(reg.off).wrapping_add(variable as i64)).unwrap_or(usize::MAX);
        let bytes = match def.initial.first().map(|entry| &entry.value) {
            Some(InitialValue::Bytes(bytes)) => bytes.get(start..).unwrap_or_default(),
            // What was not stored is zero.
            _ => return Ok(Vec::new()),
        };
        let Some(end) = bytes.iter().position(|&b| b == 0) else { return Err(CallFinding::StringEnd.into()) };
        Ok(bytes[..end].to_vec())
    }

    /// The format of `bpf_snprintf` must go with the number of its arguments.
    pub(super) fn check_snprintf(&mut self) -> Check {
        let data_len = self.reg(Reg::R5).num.var_off.value;
        if !data_len.is_multiple_of(8) {
            return Err(CallFinding::FormatData.into());
        }
        let format = self.check_const_str(Reg::R3)?;
        if is_format(&format, data_len / 8) { Ok(()) } else { Err(CallFinding::Format.into()) }
    }
}

/// Whether the kernel prints by that format, with that many arguments at hand (bpf-helpers(7), `bpf_trace_printk`).
fn is_format(format: &[u8], args: u64) -> bool {
    if format.iter().any(|b| !b.is_ascii_graphic() && !matches!(b, b' ' | 9..=13)) {
        return false;
    }
    let mut rest = format;
    let mut used = 0;
    while let Some(at) = rest.iter().position(|&b| b == b'%') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(b"%") {
            rest = after;
            continue;
        }
        if used >= args {
            return false;
        }
        let Some(after) = conversion(skip_width(rest)) else { return false };
        rest = after;
        used += 1;
    }
    true
}

/// What is behind flags and width.
fn skip_width(text: &[u8]) -> &[u8] {
    let flags = text.iter().take_while(|b| matches!(b, b'0' | b'+' | b'-' | b' ')).count();
    let text = &text[flags..];
    &text[text.iter().take_while(|b| b.is_ascii_digit()).count()..]
}

/// What is behind a conversion, if it is one.
fn conversion(text: &[u8]) -> Option<&[u8]> {
    let ends = |rest: &[u8]| rest.first().is_none_or(|b| b.is_ascii_punctuation() || matches!(b, b' ' | 9..=13));
    match text {
        [b'p', b'k' | b'u', b's', rest @ ..] => ends(rest).then_some(rest),
        [b'p', b'K' | b'x' | b's' | b'S' | b'B', rest @ ..] => Some(rest),
        [b'p', b'i' | b'I', b'4' | b'6', rest @ ..] => Some(rest),
        [b'p', rest @ ..] => ends(rest).then_some(rest),
        [b's', rest @ ..] => ends(rest).then_some(rest),
        [b'c', rest @ ..] => Some(rest),
        [b'l', b'l', b'i' | b'd' | b'u' | b'x' | b'X', rest @ ..]
        | [b'l', b'i' | b'd' | b'u' | b'x' | b'X', rest @ ..]
        | [b'i' | b'd' | b'u' | b'x' | b'X', rest @ ..] => Some(rest),
        _ => None,
    }
}
