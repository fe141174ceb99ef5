//! The packet that is looked at: its runs and layers, and its bytes with what the run did to them.

use std::ops::Range;

use bpfscope_core::lab::view::{BytesView, FieldView, LayerView, RunView};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    super::{facts::Facts, layout::Panel},
    Pen,
};
use crate::terminal::{
    palette::Tint,
    parts::{self, count, counted, plain},
};

pub fn draw_layers(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let (Some(packet), Some(step)) = (&pen.facts.packet, &pen.facts.step) else { return };
    let mut lines = Vec::new();
    for (at, run) in (0..).zip(&packet.runs) {
        lines.push(self::run(pen, run, at == packet.run, packet.runs.len() > 1));
    }
    let mut changed = None;
    for layer in &step.layers {
        lines.push(self::layer(pen, layer));
        for field in layer.fields.iter().filter(|field| pen.choices.all_fields || is_touched(field)) {
            if step.packet.now.iter().any(|now| overlap(now, &field.range)) {
                changed.get_or_insert(lines.len());
            }
            lines.push(self::field(pen, field, usize::from(area.width)));
        }
    }
    pen.lines(buffer, area, Panel::Layers, &lines, changed);
}

/// One run: where, what, its verdict.
fn run(pen: &Pen<'_>, run: &RunView, chosen: bool, several: bool) -> Line<'static> {
    let mark = match (several, chosen) {
        (true, true) => "▶ ",
        (true, false) => "  ",
        _ => "",
    };
    let after = format!("  {}", counted(run.insns, "instruction"));
    Line::from(vec![
        pen.ink(Tint::Title, mark),
        pen.ink(if chosen { Tint::Heading } else { Tint::Text }, plain(&run.program)),
        pen.ink(Tint::Muted, format!(" at {}  ", run.hook)),
        pen.ink(run.verdict.tone.into(), run.verdict.text.clone()),
        pen.ink(Tint::Muted, after),
    ])
}

fn layer(pen: &Pen<'_>, layer: &LayerView) -> Line<'static> {
    let name = plain(&layer.name);
    Line::from(vec![pen.ink(Tint::Heading, name + "  "), pen.ink(Tint::Text, plain(&layer.info))])
}

fn is_touched(field: &FieldView) -> bool {
    field.read_at.is_some() || field.written_at.is_some()
}

fn field(pen: &Pen<'_>, field: &FieldView, width: usize) -> Line<'static> {
    let tint = match (field.read_at, field.written_at) {
        (_, Some(_)) => Tint::Written,
        (Some(_), None) => Tint::Read,
        (None, None) => Tint::Muted,
    };
    let left = vec![pen.ink(Tint::Text, "  "), pen.ink(tint, plain(&format!("{}: {}", field.name, field.value)))];
    let how = [("read", field.read_at), ("written", field.written_at)];
    let how = how.into_iter().filter_map(|(how, step)| Some(format!("{how} at step {}", step?)));
    let how = how.collect::<Vec<_>>().join(", ");
    parts::sides(left, vec![pen.ink(Tint::Muted, how)], width)
}

fn overlap(a: &Range<u32>, b: &Range<u32>) -> bool {
    a.start < b.end && b.start < a.end
}

/// What was done to a byte.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    None,
    Read,
    Written,
    Touched,
}

impl Mark {
    fn tint(self) -> Tint {
        match self {
            Mark::None => Tint::Text,
            Mark::Read => Tint::Read,
            Mark::Written => Tint::Written,
            Mark::Touched => Tint::Touched,
        }
    }
}

/// What was done to each byte: most of all what the last step did, then what was written.
fn marks(view: &BytesView) -> Vec<Mark> {
    let mut marks = vec![Mark::None; view.bytes.len()];
    let mut set = |range: &Range<u32>, mark: Mark| {
        let end = (range.end as usize).min(marks.len());
        marks[(range.start as usize).min(end)..end].iter_mut().for_each(|at| *at = mark.max(*at));
    };
    view.reads.iter().for_each(|(range, _)| set(range, Mark::Read));
    view.writes.iter().for_each(|(range, _)| set(range, Mark::Written));
    view.now.iter().for_each(|range| set(range, Mark::Touched));
    marks
}

/// How many bytes stand on a line of that width.
fn per_line(width: usize) -> usize {
    [16, 8].into_iter().find(|&bytes| columns(bytes) <= width).unwrap_or(4)
}

/// Columns of a line of bytes: offset, hexadecimal with a gap after every eighth, characters.
fn columns(bytes: usize) -> usize {
    4 + 2 + 3 * bytes - 1 + (bytes - 1) / 8 + 2 + bytes
}

pub fn draw_bytes(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some(step) = &pen.facts.step else { return };
    let view = &step.packet;
    let marks = marks(view);
    let per_line = per_line(usize::from(area.width));
    let rows = view.bytes.len().div_ceil(per_line);
    let is_new = pen.choices.panels.take_changed(Panel::Bytes);
    let scroll = pen.choices.panels.scroll(Panel::Bytes);
    if let Some(now) = view.now.first().filter(|_| is_new) {
        scroll.reveal(now.start as usize / per_line);
    }
    let top = scroll.top(rows, usize::from(area.height));
    for (row, at) in (top..rows).zip(area.rows()) {
        let range = row * per_line..view.bytes.len().min((row + 1) * per_line);
        let line = line(pen, &view.bytes[range.clone()], &marks[range], row * per_line, per_line);
        buffer.set_line(at.x, at.y, &line, at.width);
    }
}

fn line(pen: &Pen<'_>, bytes: &[u8], marks: &[Mark], offset: usize, per_line: usize) -> Line<'static> {
    let mut spans = vec![pen.ink(Tint::Muted, format!("{offset:04x}  "))];
    let bare = pen.ink(Tint::Text, "");
    for at in 0..per_line {
        let gap = if at == 0 {
            ""
        } else if at % 8 == 0 {
            "  "
        } else {
            " "
        };
        let mark = |at: usize| marks.get(at).copied().unwrap_or(Mark::None);
        // Neighbours that were touched together are one mark.
        let joined = at > 0 && mark(at) == mark(at - 1);
        spans.push(if joined { pen.ink(mark(at).tint(), gap) } else { bare.clone().content(gap) });
        match bytes.get(at) {
            Some(byte) => spans.push(pen.ink(mark(at).tint(), format!("{byte:02x}"))),
            None => spans.push(bare.clone().content("  ")),
        }
    }
    spans.push(bare.content("  "));
    spans.extend(bytes.iter().zip(marks).map(|(byte, mark)| {
        let shown = if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
        let tint = if *mark == Mark::None { Tint::Muted } else { mark.tint() };
        pen.ink(tint, shown.to_string())
    }));
    Line::from(spans)
}

/// What stands beside the title: the packet's size, and what the marks mean.
pub fn beside(panel: Panel, facts: &Facts) -> Option<String> {
    let packet = facts.packet.as_ref()?;
    match panel {
        Panel::Bytes if packet.captured < packet.length => {
            Some(format!("{}, {} captured", counted(packet.length.into(), "byte"), count(packet.captured.into())))
        }
        Panel::Bytes => Some(counted(packet.length.into(), "byte")),
        _ => Some(format!("packet {}", count(u64::from(packet.index) + 1))),
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use super::*;

    #[test]
    fn a_byte_shows_the_strongest_that_was_done_to_it() {
        let view = BytesView {
            bytes: vec![0; 5],
            reads: vec![(0..3, 1)],
            writes: vec![(1..2, 2), (4..9, 3)],
            now: vec![2..3],
        };
        assert_eq!(marks(&view), [Mark::Read, Mark::Written, Mark::Touched, Mark::None, Mark::Written]);
    }

    #[test]
    fn as_many_bytes_stand_on_a_line_as_fit() {
        assert_eq!([columns(16), columns(8)], [72, 39]);
        assert_eq!([20, 38, 39, 71, 72, 200].map(per_line), [4, 4, 8, 8, 16, 16]);
    }
}
