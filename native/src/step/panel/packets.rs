//! The packet list. Only the rows on screen are drawn, and asked for.

use bpfscope_core::lab::view::RowView;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{super::layout::Panel, Pen};
use crate::terminal::{
    palette::Tint,
    parts::{self, column, count, plain},
};

/// Columns of a time.
const TIME: usize = 8;
/// Columns from which there is room for times.
const WITH_TIME: usize = 64;
/// Columns of a verdict at most, and of what a packet is at least, where addresses give way.
const VERDICT: usize = 16;
const WHAT: usize = 20;

/// How wide the columns are.
struct Columns {
    number: usize,
    time: usize,
    ends: usize,
    verdict: usize,
}

impl Columns {
    /// As wide as what is on screen needs, where there is room for it.
    fn of(pen: &Pen<'_>, width: usize) -> Columns {
        let rows = || pen.choices.seen.clone().filter_map(|index| pen.facts.row(index));
        let badge = |row: &RowView| row.verdict.as_ref().map_or(1, |badge| badge.text.len());
        let number = count(pen.facts.packets().into()).len();
        let time = if width >= WITH_TIME { rows().map(|row| row.time.len()).max().unwrap_or(TIME) } else { 0 };
        let verdict = rows().map(badge).max().unwrap_or(1).min(VERDICT);
        let ends = rows().map(|row| Span::raw(ends(row)).width()).max().unwrap_or(0);
        let left = width.saturating_sub(number + time + verdict + WHAT + 8);
        Columns { number, time, ends: if left < 16 { 0 } else { ends.min(left) }, verdict }
    }
}

pub fn draw(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let packets = pen.facts.packets();
    if packets == 0 {
        let text = if pen.facts.running { "reading the capture …" } else { "no packets" };
        buffer.set_line(area.x, area.y, &pen.quiet(text), area.width);
        return;
    }
    let shown = pen.facts.packet.as_ref().map(|packet| packet.index);
    let is_new = pen.choices.panels.take_changed(Panel::Packets);
    let wanted = pen.choices.bound_for.or(shown);
    let scroll = pen.choices.panels.scroll(Panel::Packets);
    if let Some(row) = wanted.filter(|_| is_new) {
        scroll.reveal(row as usize);
    }
    let top = scroll.top(packets as usize, usize::from(area.height)) as u32;
    pen.choices.seen = top..packets.min(top + u32::from(area.height));
    let columns = Columns::of(pen, usize::from(area.width));
    for (index, at) in pen.choices.seen.clone().zip(area.rows()) {
        let tint = match index {
            index if shown == Some(index) => Some(Tint::Here),
            index if pen.choices.bound_for == Some(index) => Some(Tint::Cursor),
            _ => None,
        };
        let line = row(pen, index, &columns, usize::from(at.width), tint);
        buffer.set_line(at.x, at.y, &line, at.width);
    }
}

/// A row; with a tint all of it has that.
fn row(pen: &Pen<'_>, index: u32, columns: &Columns, width: usize, tint: Option<Tint>) -> Line<'static> {
    let Columns { number, time, ends, verdict } = *columns;
    let of = count(u64::from(index) + 1);
    let mut left = vec![pen.ink(Tint::Muted, format!(" {of:>number$}  "))];
    let mut right = Vec::new();
    if let Some(row) = pen.facts.row(index) {
        if time > 0 {
            left.push(pen.ink(Tint::Muted, format!("{:>time$}  ", row.time)));
        }
        if ends > 0 {
            left.push(pen.ink(Tint::Text, column(&self::ends(row), ends) + "  "));
        }
        left.push(pen.ink(Tint::Text, plain(&row.what)));
        let badge = row.verdict.as_ref().map(|badge| (Tint::from(badge.tone), badge.text.as_str()));
        let (tint, text) = badge.unwrap_or((Tint::Muted, "…"));
        right.push(pen.ink(tint, column(text, verdict) + " "));
    }
    let mut line = parts::sides(left, right, width);
    if let Some(tint) = tint {
        line.spans.iter_mut().for_each(|span| span.style = pen.palette.of(tint));
    }
    line
}

/// Who to whom.
fn ends(row: &RowView) -> String {
    if row.source.is_empty() { String::new() } else { plain(&format!("{} → {}", row.source, row.destination)) }
}
