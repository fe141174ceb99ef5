//! The panels: each draws itself into the place that it gets.
//!
//! A panel shows [`Facts`] as the core told them; it computes nothing but where on the screen they stand.

mod machine;
mod maps;
mod packet;
mod packets;
pub mod program;

use std::borrow::Cow;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    choices::Choices,
    facts::Facts,
    layout::{Panel, Slot},
};
use crate::terminal::{
    palette::{Palette, Tint},
    parts,
};

/// What panels draw from.
pub struct Pen<'a> {
    pub facts: &'a Facts,
    pub choices: &'a mut Choices,
    pub palette: Palette,
}

impl Pen<'_> {
    /// A text with its meaning.
    pub fn ink<'t>(&self, tint: Tint, text: impl Into<Cow<'t, str>>) -> Span<'t> {
        self.palette.ink(tint, text)
    }

    /// A remark where there is nothing to show.
    pub fn quiet(&self, text: &'static str) -> Line<'static> {
        Line::from(self.ink(Tint::Muted, text))
    }

    /// Draws a panel's lines from where the user is in it; a row that changed is brought into view.
    fn lines(&mut self, buffer: &mut Buffer, area: Rect, panel: Panel, lines: &[Line<'_>], changed: Option<usize>) {
        let is_new = self.choices.panels.take_changed(panel);
        let scroll = self.choices.panels.scroll(panel);
        if let Some(row) = changed.filter(|_| is_new) {
            scroll.reveal(row);
        }
        parts::lines(buffer, area, lines, scroll);
    }
}

/// Draws the panel that is seen of a slot.
pub fn draw(slot: &Slot, buffer: &mut Buffer, pen: &mut Pen<'_>) {
    let panel = pen.choices.panels.seen_of(slot.panels);
    // A frame takes two rows: where there are no more than these, the content is worth more.
    let area = if slot.area.height > 3 { framed(slot, panel, buffer, pen) } else { slot.area };
    match panel {
        Panel::Program => program::draw(buffer, area, pen),
        Panel::Packets => packets::draw(buffer, area, pen),
        Panel::Layers => packet::draw_layers(buffer, area, pen),
        Panel::Bytes => packet::draw_bytes(buffer, area, pen),
        Panel::Registers => machine::draw_registers(buffer, area, pen),
        Panel::Stack => machine::draw_stack(buffer, area, pen),
        Panel::Maps => maps::draw(buffer, area, pen),
        Panel::Output => machine::draw_output(buffer, area, pen),
    }
}

/// Draws the frame; gives the area within.
fn framed(slot: &Slot, panel: Panel, buffer: &mut Buffer, pen: &Pen<'_>) -> Rect {
    let focused = pen.choices.panels.focus() == panel;
    let title = title(slot, panel, pen);
    let room = usize::from(slot.area.width).saturating_sub(title.width() + 6);
    let block = parts::frame(focused, pen.palette).title_top(title);
    let block = match beside(panel, pen).filter(|text| Span::raw(text).width() <= room) {
        Some(text) => block.title_top(Line::from(pen.ink(Tint::Muted, format!(" {text} "))).right_aligned()),
        None => block,
    };
    let below = if panel == Panel::Program {
        program::below(pen, usize::from(slot.area.width).saturating_sub(4))
    } else {
        None
    };
    let block = below.into_iter().fold(block, |block, line| block.title_bottom(line));
    let inner = block.inner(slot.area);
    block.render(slot.area, buffer);
    inner
}

/// The names of the panels that share the place, as far as they fit; those behind are marked when the last step changed
/// something in them.
fn title(slot: &Slot, seen: Panel, pen: &Pen<'_>) -> Line<'static> {
    let width = usize::from(slot.area.width);
    let mut spans = Vec::new();
    for panel in slot.panels {
        let name = format!(" {} ", panel.name());
        if *panel == seen {
            spans.push(pen.ink(Tint::Title, name));
        } else if has_news(*panel, pen.facts) {
            spans.push(pen.ink(Tint::Changed, format!(" {}•", panel.name())));
        } else {
            spans.push(pen.ink(Tint::Muted, name));
        }
    }
    let all = Line::from(spans);
    if all.width() + 4 <= width {
        return all;
    }
    let at = slot.panels.iter().position(|p| *p == seen).unwrap_or(0) + 1;
    let name = pen.ink(Tint::Title, format!(" {} ", seen.name()));
    Line::from(vec![name, pen.ink(Tint::Muted, format!("{at}/{} ", slot.panels.len()))])
}

/// Whether the last step changed something that the panel shows.
fn has_news(panel: Panel, facts: &Facts) -> bool {
    let Some(step) = &facts.step else { return false };
    match panel {
        Panel::Stack => step.frames.iter().any(|frame| frame.slots.iter().any(|slot| slot.changed)),
        Panel::Maps => step.maps.iter().any(|map| map.entries.iter().any(|entry| entry.before.is_some())),
        Panel::Bytes | Panel::Layers => !step.packet.now.is_empty(),
        Panel::Registers => step.regs.iter().any(|reg| reg.changed),
        Panel::Output => facts.new_output,
        Panel::Program | Panel::Packets => false,
    }
}

/// What stands at the right of a panel's title.
fn beside(panel: Panel, pen: &Pen<'_>) -> Option<String> {
    match panel {
        Panel::Program => Some(program::beside(pen)),
        Panel::Packets => Some(pen.facts.names.1.clone()),
        Panel::Layers | Panel::Bytes => packet::beside(panel, pen.facts),
        Panel::Registers => Some(pen.choices.numbers.name().to_owned()),
        Panel::Stack | Panel::Maps | Panel::Output => None,
    }
}
