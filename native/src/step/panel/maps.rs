//! The maps: all of them one under the other, with what the last step and what this run changed.

use bpfscope_core::lab::view::{EntryView, MapView};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{super::layout::Panel, Pen};
use crate::terminal::{
    palette::Tint,
    parts::{self, column, count, plain, spark},
};

/// Columns of a key at most, as far as values should stand under one another.
const KEY: usize = 24;
/// Columns of a chart.
const CHART: usize = 8;

pub fn draw(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some(step) = &pen.facts.step else { return };
    let width = usize::from(area.width);
    let (mut lines, mut changed) = (Vec::new(), None);
    for map in &step.maps {
        lines.push(heading(pen, map));
        let now = map.entries.iter().position(|entry| entry.before.is_some());
        changed = changed.or(now.map(|at| lines.len() + at));
        lines.extend(entries(pen, map, width));
    }
    if step.maps.is_empty() {
        lines.push(pen.quiet("the program has none"));
    }
    pen.lines(buffer, area, Panel::Maps, &lines, changed);
}

fn heading(pen: &Pen<'_>, map: &MapView) -> Line<'static> {
    let size = format!("  {} · {} of {}", map.kind, count(map.used.into()), count(map.max_entries.into()));
    Line::from(vec![pen.ink(Tint::Heading, plain(&map.name)), pen.ink(Tint::Muted, size)])
}

fn entries(pen: &Pen<'_>, map: &MapView, width: usize) -> Vec<Line<'static>> {
    if map.entries.is_empty() {
        // Records of a ring buffer are no entries.
        return vec![pen.quiet(if map.used == 0 { "  no entries yet" } else { "  what it holds is shown as output" })];
    }
    let keys = map.entries.iter().map(|entry| Span::raw(&entry.key).width()).max().unwrap_or(0).min(KEY);
    let mut lines: Vec<Line<'static>> = map.entries.iter().map(|entry| self::entry(pen, entry, keys, width)).collect();
    let more = u64::from(map.used).saturating_sub(map.entries.len() as u64);
    if more > 0 {
        lines.push(Line::from(pen.ink(Tint::Muted, format!("  and {} more", count(more)))));
    }
    lines
}

fn entry(pen: &Pen<'_>, entry: &EntryView, keys: usize, width: usize) -> Line<'static> {
    let (mark, tint) = match (&entry.before, entry.touched) {
        (Some(_), _) => ("• ", Tint::Changed),
        // This run changed it, though not the last step.
        (None, true) => ("∙ ", Tint::Changed),
        (None, false) => ("  ", Tint::Text),
    };
    let mut left = vec![pen.ink(Tint::Changed, mark), pen.ink(Tint::Muted, column(&plain(&entry.key), keys) + "  ")];
    if let Some(before) = &entry.before {
        left.push(pen.ink(Tint::Muted, plain(before) + " → "));
    }
    left.push(pen.ink(tint, plain(&entry.value)));
    let chart = (entry.over_time.len() > 1 && width > 30).then(|| spark(&entry.over_time, CHART));
    parts::sides(left, chart.map(|chart| pen.ink(Tint::Read, chart)).into_iter().collect(), width)
}
