//! The machine: registers, stack, output.

use bpfscope_core::lab::view::{Numbers, OutputView, RegView, SlotView};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{super::layout::Panel, Pen};
use crate::terminal::{
    palette::Tint,
    parts::{self, fit, plain},
};

pub fn draw_registers(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some(step) = &pen.facts.step else { return };
    let width = usize::from(area.width);
    let lines: Vec<Line<'_>> = step.regs.iter().map(|reg| register(pen, reg, width)).collect();
    let changed = step.regs.iter().position(|reg| reg.changed);
    pen.lines(buffer, area, Panel::Registers, &lines, changed);
}

fn register<'a>(pen: &Pen<'_>, reg: &'a RegView, width: usize) -> Line<'a> {
    if !reg.live {
        return Line::from(pen.ink(Tint::Muted, format!("{:<3}  –", reg.name)));
    }
    let left = valued(pen, format!("{:<3}", reg.name), reg.value(pen.choices.numbers), reg.changed);
    let room = width.saturating_sub(left.iter().map(Span::width).sum::<usize>() + 2);
    let proven = reg.proven.as_ref().filter(|_| room >= 3).map(|proven| fit(&proven.text, room));
    parts::sides(left, proven.map(|text| pen.ink(Tint::Muted, text)).into_iter().collect(), width)
}

/// A name and a value; one that changed is marked, for those who see no colours, too.
fn valued<'a>(pen: &Pen<'_>, name: String, value: &'a str, changed: bool) -> Vec<Span<'a>> {
    let (mark, tint) = if changed { (" •", Tint::Changed) } else { ("  ", Tint::Text) };
    vec![pen.ink(Tint::Muted, name), pen.ink(Tint::Changed, mark), pen.ink(tint, value)]
}

pub fn draw_stack(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some(step) = &pen.facts.step else { return };
    let (mut lines, mut changed) = (Vec::new(), None);
    let several = step.frames.len() > 1;
    for frame in &step.frames {
        if several {
            lines.push(Line::from(pen.ink(Tint::Heading, plain(&frame.function))));
        }
        for slot in &frame.slots {
            if slot.changed {
                changed.get_or_insert(lines.len());
            }
            lines.push(self::slot(pen, slot, usize::from(area.width)));
        }
    }
    if step.frames.iter().all(|frame| frame.slots.is_empty()) && !several {
        lines.push(pen.quiet("nothing written yet"));
    }
    pen.lines(buffer, area, Panel::Stack, &lines, changed);
}

fn slot<'a>(pen: &Pen<'_>, slot: &'a SlotView, width: usize) -> Line<'a> {
    let left = valued(pen, format!("{:>4}", slot.offset), &slot.hex, slot.changed);
    // The symbol says more than the digits only where they differ.
    let words = (pen.choices.numbers == Numbers::Sym).then(|| pen.ink(Tint::Muted, slot.sym.as_str()));
    parts::sides(left, words.into_iter().collect(), width)
}

pub fn draw_output(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some(step) = &pen.facts.step else { return };
    let mut lines: Vec<Line<'_>> = step.output.iter().map(|output| printed(pen, output)).collect();
    if lines.is_empty() {
        lines.push(pen.quiet("none so far"));
    }
    let last = step.output.len().checked_sub(1);
    pen.lines(buffer, area, Panel::Output, &lines, last);
}

fn printed<'a>(pen: &Pen<'_>, output: &'a OutputView) -> Line<'a> {
    let from = output.map.as_ref().unwrap_or(&output.kind);
    Line::from(vec![pen.ink(Tint::Muted, format!("{from}  ")), pen.ink(Tint::Text, plain(&output.text))])
}
