//! Numbers and bytes as people read them.

use crate::kernel::{MapDef, ValueFormat};

/// Nanoseconds as seconds with four digits, `0.1830`.
pub(super) fn seconds(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let tenths = ns.unsigned_abs() / 100_000;
    format!("{sign}{}.{:04}", tenths / 10_000, tenths % 10_000)
}

/// Bytes of text that a value is shown in, about: what is longer is cut, with `…` at its end.
const LONGEST: usize = 4096;

/// A map's value as user space reads it, by the map's format: of a per-CPU map each CPU's in turn. Long ones are cut.
pub fn format_map_value(def: &MapDef, bytes: &[u8]) -> String {
    if !def.map_type.is_percpu() {
        return format_value(bytes, &def.value_format);
    }
    let size = def.value_size as usize;
    let lanes = bytes.chunks(size.next_multiple_of(8).max(8)).map(|lane| lane.get(..size).unwrap_or(lane));
    let mut out = String::new();
    list(&mut out, " · ", lanes, |out, lane| value(out, lane, &def.value_format));
    out
}

/// The number that a chart of a map's value over time shows: over all CPUs the sum.
pub(super) fn chart_number(def: &MapDef, bytes: &[u8]) -> Option<u64> {
    if !def.map_type.is_percpu() {
        return first_number(bytes, &def.value_format);
    }
    let size = def.value_size as usize;
    let lanes = bytes.chunks(size.next_multiple_of(8).max(8));
    lanes.map(|lane| first_number(lane.get(..size)?, &def.value_format)).sum()
}

/// Bytes by their format: numbers in decimal, members by name, the rest in hexadecimal. Long ones are cut.
pub fn format_value(bytes: &[u8], format: &ValueFormat) -> String {
    let mut out = String::new();
    value(&mut out, bytes, format);
    out
}

fn value(out: &mut String, bytes: &[u8], format: &ValueFormat) {
    match format {
        ValueFormat::Bytes => unknown(out, bytes, false),
        ValueFormat::Int { signed } => unknown(out, bytes, *signed),
        ValueFormat::Struct(members) => {
            let parts = members.iter().filter_map(|m| {
                let start = m.offset as usize;
                Some((m, bytes.get(start..start.checked_add(m.size as usize)?)?))
            });
            out.push('{');
            list(out, ", ", parts, |out, (m, part)| {
                // What is in a member without a name is named itself.
                if !m.name.is_empty() {
                    out.push_str(&m.name);
                    out.push_str(": ");
                }
                value(out, part, &m.format);
            });
            out.push('}');
        }
        ValueFormat::Array { stride, element } => match text(bytes).filter(|_| *stride == 1) {
            Some(text) => out.push_str(&text),
            None => {
                out.push('[');
                list(out, ", ", bytes.chunks(*stride.max(&1) as usize), |out, part| value(out, part, element));
                out.push(']');
            }
        },
    }
}

/// Writes items with something between them, until there is too much to read.
fn list<T>(out: &mut String, between: &str, items: impl Iterator<Item = T>, mut item: impl FnMut(&mut String, T)) {
    for (number, next) in items.enumerate() {
        if number > 0 {
            out.push_str(between);
        }
        if out.len() > LONGEST {
            out.push('…');
            return;
        }
        item(out, next);
    }
}

/// Printable characters up to a zero, with only zeros after it.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().take(LONGEST).position(|b| *b == 0)?;
    let (text, rest) = bytes.split_at(end);
    let printable = text.iter().all(|b| b.is_ascii_graphic() || matches!(b, b' ' | b'\n' | b'\t'));
    (end > 0 && printable && rest.iter().all(|b| *b == 0)).then(|| format!("{:?}", String::from_utf8_lossy(text)))
}

/// The value itself, or its first member.
fn first_number(bytes: &[u8], format: &ValueFormat) -> Option<u64> {
    match format {
        ValueFormat::Bytes | ValueFormat::Int { .. } => unsigned(bytes),
        ValueFormat::Struct(members) => {
            let m = members.first()?;
            let start = m.offset as usize;
            first_number(bytes.get(start..start.checked_add(m.size as usize)?)?, &m.format)
        }
        ValueFormat::Array { stride, element } => first_number(bytes.get(..*stride as usize)?, element),
    }
}

/// Bytes of no known type: as a number where they have a number's length, else one by one.
fn unknown(out: &mut String, bytes: &[u8], signed: bool) {
    match integer(bytes, signed) {
        Some(number) => out.push_str(&number),
        None => list(out, " ", bytes.iter(), |out, byte| out.push_str(&format!("{byte:02x}"))),
    }
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    if !matches!(bytes.len(), 1 | 2 | 4 | 8) {
        return None;
    }
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    Some(u64::from_le_bytes(word))
}

fn integer(bytes: &[u8], signed: bool) -> Option<String> {
    let number = unsigned(bytes)?;
    let unused = 64 - 8 * bytes.len() as u32;
    Some(if signed { ((number << unused) as i64 >> unused).to_string() } else { number.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{MapType, Member};

    #[test]
    fn times_have_four_digits_and_may_be_before_the_first_packet() {
        assert_eq!(seconds(183_049_999), "0.1830");
        assert_eq!(seconds(12_000_000_000), "12.0000");
        assert_eq!(seconds(-1_500_000_000), "-1.5000");
    }

    #[test]
    fn values_are_shown_by_their_type() {
        let member = |name: &str, offset, size, format| Member { name: name.into(), offset, size, format };
        let int = ValueFormat::Int { signed: true };
        let pair = ValueFormat::Struct(vec![member("a", 0, 4, int.clone()), member("b", 4, 2, ValueFormat::Bytes)]);
        assert_eq!(format_value(&[0xff; 4], &int), "-1");
        assert_eq!(format_value(&[0xff, 0xff, 0xff, 0xff, 7, 0], &pair), "{a: -1, b: 7}");
        assert_eq!(format_value(&[1, 2, 3], &ValueFormat::Bytes), "01 02 03");
        let array = ValueFormat::Array { stride: 2, element: Box::new(ValueFormat::Bytes) };
        assert_eq!(format_value(&[1, 0, 2, 0], &array), "[1, 2]");
        assert_eq!(first_number(&[9, 0, 2, 0], &array), Some(9));
        let chars = ValueFormat::Array { stride: 1, element: Box::new(ValueFormat::Int { signed: true }) };
        assert_eq!(format_value(b"hi\n\0\0", &chars), r#""hi\n""#);
        assert_eq!(format_value(b"\0a", &chars), "[0, 97]");
    }

    #[test]
    fn a_long_value_is_cut() {
        let bytes = vec![1; 1 << 20];
        let inner = ValueFormat::Array { stride: 8, element: Box::new(ValueFormat::Int { signed: false }) };
        let outer = ValueFormat::Array { stride: 4096, element: Box::new(inner.clone()) };
        for format in [ValueFormat::Bytes, inner, outer] {
            let shown = format_value(&bytes, &format);
            assert!(shown.contains('…') && shown.len() < 2 * LONGEST, "{format:?}: {} bytes", shown.len());
        }
    }

    #[test]
    fn a_per_cpu_value_shows_each_cpu() {
        let def = MapDef::new("m", MapType::PercpuArray, 4, 4, 1);
        let lanes = [7, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(format_map_value(&def, &lanes), "7 · 2");
        assert_eq!(chart_number(&def, &lanes), Some(9));
    }
}
