//! The program: its text with how often each line ran, the line that comes next, and what the user marked.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    super::{choices::Choices, facts::Facts, layout::Panel},
    Pen,
};
use crate::terminal::{
    palette::Tint,
    parts::{self, count, counted, fit},
};

/// Columns of text below which indentation is made smaller, and by how much at most.
const NARROW: usize = 56;
const INDENTATION: usize = 4;
/// Columns of a comment that are worth showing.
const COMMENT: usize = 10;

/// The line of the text that the user is on.
pub fn line_of_user(facts: &Facts, choices: &Choices) -> Option<u32> {
    choices.cursor.or(facts.line())
}

pub fn draw(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let lines = pen.facts.text.len();
    let wanted = line_of_user(pen.facts, pen.choices).map(|line| line as usize - 1);
    let is_new = pen.choices.panels.take_changed(Panel::Program);
    let scroll = pen.choices.panels.scroll(Panel::Program);
    if let Some(row) = wanted.filter(|_| is_new) {
        scroll.reveal(row);
    }
    let top = scroll.top(lines, usize::from(area.height));
    let digits = lines.to_string().len();
    for (row, at) in (top..lines).zip(area.rows()) {
        buffer.set_line(at.x, at.y, &line(pen, row, digits, usize::from(at.width)), at.width);
    }
}

fn line(pen: &Pen<'_>, row: usize, digits: usize, width: usize) -> Line<'static> {
    let number = row as u32 + 1;
    let here = pen.facts.line() == Some(number);
    let cursor = pen.choices.cursor == Some(number);
    let stop = if pen.choices.breakpoints.contains(&number) { "●" } else { " " };
    let mut left = vec![
        pen.ink(Tint::Drop, stop),
        pen.ink(Tint::Muted, format!("{number:>digits$} ")),
        pen.ink(Tint::Title, if here { "▶ " } else { "  " }),
    ];
    let hits = pen.facts.hits(number).map(|hits| pen.ink(Tint::Muted, count(hits)));
    let room = width.saturating_sub(hits.iter().chain(&left).map(Span::width).sum::<usize>() + 1);
    left.extend(text(pen, row, room));
    let line = parts::sides(left, hits.into_iter().collect(), width);
    let over_all = if here { Tint::Here } else { Tint::Cursor };
    if here || cursor { under(line, pen, over_all) } else { line }
}

/// The text of a line for that many columns: where it is long, the indentation is made smaller, and a comment of which
/// next to nothing would be seen is left out.
fn text(pen: &Pen<'_>, row: usize, room: usize) -> Vec<Span<'static>> {
    let mut parts = pen.facts.text.parts(row);
    let width = |parts: &[(Tint, &str)]| parts.iter().map(|(_, text)| Span::raw(*text).width()).sum::<usize>();
    if room < NARROW
        && let Some((_, first)) = parts.first_mut()
    {
        let bare = first.trim_start_matches(' ');
        *first = &first[(first.len() - bare.len()).min(INDENTATION)..];
    }
    if let Some(((Tint::Comment, _), code)) = parts.split_last()
        && !code.iter().all(|(_, text)| text.trim().is_empty())
        && width(code) + COMMENT > room
        && width(&parts) > room
    {
        parts.pop();
        if let Some((_, last)) = parts.last_mut() {
            *last = last.trim_end();
        }
    }
    parts.into_iter().map(|(tint, text)| pen.ink(tint, text.to_owned())).collect()
}

/// The line in one look, but for its number and its breakpoint.
fn under(mut line: Line<'static>, pen: &Pen<'_>, tint: Tint) -> Line<'static> {
    for span in line.spans.iter_mut().skip(2) {
        *span = Span::styled(span.content.clone(), pen.palette.of(tint));
    }
    line
}

/// What the numbers at the right are.
pub fn beside(pen: &Pen<'_>) -> String {
    let what = if pen.facts.disassembled { "disassembly · " } else { "" };
    format!("{what}times run · {}", counted(pen.facts.replayed().into(), "packet"))
}

/// Under an object's disassembly the source line that the instruction came from.
pub fn below(pen: &Pen<'_>, width: usize) -> Option<Line<'static>> {
    let source = pen.facts.step.as_ref()?.source.as_ref()?;
    // Folders leave no room for what stands on the line.
    let (place, text) = source.split_once("  ")?;
    let file = place.rsplit('/').next().unwrap_or(place);
    let source = parts::plain(&format!("{file}  {text}"));
    Some(Line::from(pen.ink(Tint::Title, format!(" {} ", fit(&source, width.saturating_sub(2))))))
}
