//! What stands around the panels: the header, the timeline, the status line; and what lies over them.

use bpfscope_core::lab::view::{Mark, MarkKind, ProgramVerdict, Verdict};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    choices::{Dialog, Prompt},
    command::{COMMANDS, GROUPS},
    panel::Pen,
};
use crate::{
    terminal::{
        palette::Tint,
        parts::{self, column, count, counted, plain},
    },
    wrap::wrap,
};

/// Verdicts of the replay that the header shows.
const VERDICTS: usize = 4;
/// Columns that texts are broken at, at most.
const COLUMNS: usize = 92;
/// Columns of keys in the help.
const KEYS: usize = 7;
/// Columns of what a key does.
const NAMES: usize = 27;

/// The header: what is looked at, how the replay goes, what the verifier says.
pub fn draw_head(buffer: &mut Buffer, area: Rect, pen: &Pen<'_>) {
    if area.height == 0 {
        return;
    }
    let facts = pen.facts;
    let mut left = vec![pen.ink(Tint::Title, " bpfscope"), pen.ink(Tint::Text, format!("  {}", plain(&facts.names.0)))];
    if let Some(run) = facts.packet.as_ref().and_then(|packet| packet.runs.get(packet.run as usize)) {
        left.push(pen.ink(Tint::Muted, format!("  {} at {}", plain(&run.program), run.hook)));
    }
    let mut right = Vec::new();
    if let Some(replay) = &facts.replay {
        if facts.running {
            right.push(pen.ink(Tint::Warn, format!("replaying {:.0} %   ", replay.fraction * 100.0)));
        } else if !replay.finished {
            right.push(pen.ink(Tint::Warn, "replay stopped   "));
        } else if replay.error.is_some() {
            right.push(pen.ink(Tint::Fault, "the capture is damaged"));
            right.push(pen.ink(Tint::Text, "   "));
        }
        for (badge, number) in replay.verdicts.iter().take(VERDICTS) {
            right.push(pen.ink(badge.tone.into(), badge.text.clone()));
            right.push(pen.ink(Tint::Text, format!(" {}   ", count(*number))));
        }
    }
    right.extend(chip(pen));
    // In a narrow terminal the verdict says most.
    while right.len() > 1 && right.iter().map(Span::width).sum::<usize>() + 24 > usize::from(area.width) {
        right.remove(0);
    }
    let line = parts::sides(left, right, usize::from(area.width));
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// What the verifier says, in short.
fn chip(pen: &Pen<'_>) -> Vec<Span<'static>> {
    let Some(verdict) = &pen.facts.verdict else { return Vec::new() };
    let (tint, text) = match verdict.verdict {
        Verdict::Accepted => (Tint::Pass, "✓ accepted "),
        Verdict::Rejected => (Tint::Drop, "✗ rejected "),
        Verdict::Checking => (Tint::Warn, "verifying … "),
        Verdict::Stopped => (Tint::Muted, "not verified "),
    };
    vec![pen.ink(Tint::Muted, format!("Linux {} ", verdict.kernel)), pen.ink(tint, text)]
}

/// The timeline, where there is room for it, and the status line.
pub fn draw_foot(buffer: &mut Buffer, area: Rect, pen: &Pen<'_>, waits: bool) {
    if area.height == 0 {
        return;
    }
    if area.height > 1 {
        let line = timeline(pen, usize::from(area.width).saturating_sub(2));
        buffer.set_line(area.x + 1, area.y, &line, area.width.saturating_sub(2));
    }
    let line = status(pen, usize::from(area.width), waits);
    buffer.set_line(area.x, area.bottom() - 1, &line, area.width);
}

fn status(pen: &Pen<'_>, width: usize, waits: bool) -> Line<'static> {
    let facts = pen.facts;
    if let Some(Prompt { packet, digits }) = &pen.choices.prompt {
        let what = if *packet { " Go to packet: " } else { " Go to step: " };
        let left = vec![pen.ink(Tint::Title, what), pen.ink(Tint::Text, digits.clone()), pen.ink(Tint::Cursor, " ")];
        return parts::sides(left, vec![pen.ink(Tint::Muted, "Enter goes there, Esc does not ")], width);
    }
    if let Some(note) = &pen.choices.note {
        return parts::sides(vec![pen.ink(Tint::Warn, format!(" {}", plain(note)))], Vec::new(), width);
    }
    let Some(step) = &facts.step else {
        let text = if waits || facts.running { " looking for the packet …" } else { " no packet" };
        return parts::sides(vec![pen.ink(Tint::Warn, text)], hints(pen, width / 2), width);
    };
    let playing = if pen.choices.plays.is_some() { " ▶" } else { "" };
    let place = format!(" {}{playing}", facts.place().unwrap_or_default());
    let packet = facts.packet.as_ref().map_or(0, |packet| u64::from(packet.index) + 1);
    let packets = format!(" · packet {} of {}   ", count(packet), count(facts.packets().into()));
    let mut left = vec![pen.ink(Tint::Heading, place), pen.ink(Tint::Muted, packets)];
    left.push(match &step.outcome {
        Some(outcome) => pen.ink(Tint::Title, plain(outcome)),
        None => pen.ink(Tint::Text, plain(&step.insn)),
    });
    // Where we are is worth more than which keys there are.
    let room = width.saturating_sub(left.iter().map(Span::width).sum::<usize>() + 2);
    parts::sides(left, hints(pen, room), width)
}

/// The keys to begin with: as many as fit.
fn hints(pen: &Pen<'_>, room: usize) -> Vec<Span<'static>> {
    let keys = [("?", " help "), (" Tab", " panel "), (" q", " quit ")];
    let mut hints: Vec<Span<'static>> =
        keys.into_iter().flat_map(|(key, what)| [pen.ink(Tint::Title, key), pen.ink(Tint::Muted, what)]).collect();
    while hints.iter().map(Span::width).sum::<usize>() > room {
        hints.truncate(hints.len() - 2);
    }
    hints
}

/// The run as a line, with marks where something happens.
fn timeline(pen: &Pen<'_>, width: usize) -> Line<'static> {
    let Some(step) = &pen.facts.step else { return Line::default() };
    let marks = pen.facts.packet.as_ref().map(|packet| packet.marks.as_slice()).unwrap_or_default();
    let place = |at: u32| (u64::from(at) * (width.max(1) as u64 - 1) / u64::from(step.steps.max(1))) as usize;
    let mut cells: Vec<Option<MarkKind>> = vec![None; width];
    for Mark { step, kind } in marks {
        if let Some(cell) = cells.get_mut(place(*step))
            && cell.is_none_or(|there| weight(*kind) > weight(there))
        {
            *cell = Some(*kind);
        }
    }
    let here = place(step.step);
    let spans = cells.into_iter().enumerate().map(|(at, mark)| match mark {
        _ if at == here => pen.ink(Tint::Title, "●"),
        Some(kind) => {
            let (sign, tint) = sign(kind);
            pen.ink(tint, sign)
        }
        None if at < here => pen.ink(Tint::Title, "━"),
        None => pen.ink(Tint::Muted, "─"),
    });
    Line::from(spans.collect::<Vec<_>>())
}

/// How a mark looks; without colour it can be told by its sign.
fn sign(kind: MarkKind) -> (&'static str, Tint) {
    match kind {
        MarkKind::Read => ("┬", Tint::Read),
        MarkKind::Write => ("┴", Tint::Written),
        MarkKind::Map => ("◆", Tint::Redirect),
        MarkKind::Output => ("■", Tint::Pass),
        MarkKind::Fault => ("✗", Tint::Drop),
    }
}

/// Of marks in one place the heaviest is seen.
fn weight(kind: MarkKind) -> u8 {
    match kind {
        MarkKind::Read => 0,
        MarkKind::Write => 1,
        MarkKind::Map => 2,
        MarkKind::Output => 3,
        MarkKind::Fault => 4,
    }
}

/// What lies over the panels, if anything does.
pub fn draw_dialog(buffer: &mut Buffer, area: Rect, pen: &mut Pen<'_>) {
    let Some((dialog, mut scroll)) = pen.choices.dialog else { return };
    let columns = usize::from(area.width).saturating_sub(8);
    let (title, text) = match dialog {
        Dialog::Help => ("Keys", help(pen, columns)),
        Dialog::Verdict => ("The verifier", verdict(pen, columns.min(COLUMNS))),
    };
    parts::dialog(buffer, area, title, &text, &mut scroll, pen.palette);
    pen.choices.dialog = Some((dialog, scroll));
}

/// Every key, in two columns where they fit.
fn help(pen: &Pen<'_>, columns: usize) -> Vec<Line<'static>> {
    let group = |name: &str| {
        let mut lines = vec![vec![pen.ink(Tint::Heading, column(name, KEYS + NAMES))]];
        lines.extend(COMMANDS.iter().filter(|info| info.group == name).map(|info| {
            let keys = info.keys.join(" ");
            vec![pen.ink(Tint::Title, column(&keys, KEYS)), pen.ink(Tint::Text, column(info.name, NAMES))]
        }));
        lines.push(vec![pen.ink(Tint::Text, " ".repeat(KEYS + NAMES))]);
        lines
    };
    let [steps, on_lines, packets, screen] = GROUPS.map(group);
    let mut lines: Vec<Line<'static>> = if columns >= 2 * (KEYS + NAMES) + 2 {
        let (left, right) = ([steps, packets].concat(), [on_lines, screen].concat());
        let blank = || vec![pen.ink(Tint::Text, " ".repeat(KEYS + NAMES))];
        let rows = left.len().max(right.len());
        let filled =
            |column: Vec<Vec<Span<'static>>>| column.into_iter().chain(std::iter::repeat_with(blank)).take(rows);
        filled(left).zip(filled(right)).map(|(l, r)| Line::from([l, vec![Span::raw("  ")], r].concat())).collect()
    } else {
        [steps, on_lines, packets, screen].concat().into_iter().map(Line::from).collect()
    };
    let more = "A number goes to that step, or where the packets are, to that packet. Enter in Layers shows all fields. \
                Marks on the timeline: ┬ packet bytes read, ┴ written, ◆ a map changes, ■ output, ✗ a fault.";
    lines.extend(wrap(more, columns.min(2 * (KEYS + NAMES))).map(|line| Line::from(pen.ink(Tint::Muted, line))));
    lines
}

/// What the verifier says of each program.
fn verdict(pen: &Pen<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(verdict) = &pen.facts.verdict else { return vec![pen.quiet("it has not begun")] };
    let mut lines = Vec::new();
    for (at, program) in verdict.programs.iter().enumerate() {
        if at > 0 {
            lines.push(Line::default());
        }
        lines.extend(program_verdict(pen, program, &verdict.kernel, columns));
    }
    lines
}

fn program_verdict(pen: &Pen<'_>, program: &ProgramVerdict, kernel: &str, columns: usize) -> Vec<Line<'static>> {
    let (tint, word) = match program.verdict {
        Verdict::Accepted => (Tint::Pass, "accepted"),
        Verdict::Rejected => (Tint::Drop, "rejected"),
        Verdict::Checking => (Tint::Warn, "not yet verified"),
        Verdict::Stopped => (Tint::Muted, "not verified"),
    };
    let (insns, paths) = (counted(program.processed.into(), "instruction"), counted(program.paths.into(), "path"));
    let size = format!(" by Linux {kernel} · {insns} · {paths}");
    let name = pen.ink(Tint::Heading, plain(&program.name) + "  ");
    let mut lines = vec![Line::from(vec![name, pen.ink(tint, word), pen.ink(Tint::Muted, size)])];
    let Some(rejection) = &program.rejection else { return lines };
    lines.push(Line::default());
    let message = rejection.message.lines().flat_map(|line| wrap(line, columns).collect::<Vec<_>>());
    lines.extend(message.map(|line| Line::from(pen.ink(Tint::Drop, plain(&line)))));
    let place = rejection.line.map(|line| format!("  line {line}")).unwrap_or_default();
    lines.push(Line::default());
    lines.push(Line::from(vec![pen.ink(Tint::Heading, rejection.title.clone()), pen.ink(Tint::Muted, place)]));
    lines.extend(wrap(&rejection.explanation, columns).map(|line| Line::from(pen.ink(Tint::Text, plain(&line)))));
    lines
}
