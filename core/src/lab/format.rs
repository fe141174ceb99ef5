//! Numbers and bytes as people read them.

use crate::kernel::{MapDef, ValueFormat};

/// Nanoseconds as seconds with four digits, `0.1830`.
pub(super) fn seconds(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let tenths = ns.unsigned_abs() / 100_000;
    format!("{sign}{}.{:04}", tenths / 10_000, tenths % 10_000)
}

/// A map's value as user space reads it, by the map's format: of a per-CPU map each CPU's in turn.
pub fn format_map_value(def: &MapDef, bytes: &[u8]) -> String {
    if !def.map_type.is_percpu() {
        return format_value(bytes, &def.value_format);
    }
    let size = def.value_size as usize;
    let lanes = bytes.chunks(size.next_multiple_of(8).max(8));
    let shown = lanes.map(|lane| format_value(lane.get(..size).unwrap_or(lane), &def.value_format));
    shown.collect::<Vec<_>>().join(" · ")
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

/// Bytes by their format: numbers in decimal, members by name, the rest in hexadecimal.
pub fn format_value(bytes: &[u8], format: &ValueFormat) -> String {
    match format {
        ValueFormat::Bytes => unknown(bytes),
        ValueFormat::Int { signed } => integer(bytes, *signed).unwrap_or_else(|| spaced(bytes)),
        ValueFormat::Struct(members) => {
            let shown = members.iter().filter_map(|m| {
                let start = m.offset as usize;
                let part = bytes.get(start..start.checked_add(m.size as usize)?)?;
                Some(format!("{}: {}", m.name, format_value(part, &m.format)))
            });
            format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
        }
        ValueFormat::Array { stride: 1, .. } if text(bytes).is_some() => text(bytes).unwrap_or_default(),
        ValueFormat::Array { stride, element } => {
            let shown = bytes.chunks(*stride.max(&1) as usize).map(|part| format_value(part, element));
            format!("[{}]", shown.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Printable characters up to a zero, with only zeros after it.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|b| *b == 0)?;
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

/// Bytes of no known type: as a number where they have a number's length.
fn unknown(bytes: &[u8]) -> String {
    integer(bytes, false).unwrap_or_else(|| spaced(bytes))
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

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ")
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
    fn a_per_cpu_value_shows_each_cpu() {
        let def = MapDef::new("m", MapType::PercpuArray, 4, 4, 1);
        let lanes = [7, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(format_map_value(&def, &lanes), "7 · 2");
        assert_eq!(chart_number(&def, &lanes), Some(9));
    }
}
