//! Pieces that views share.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Flex, Layout, Rect},
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Padding, Widget},
};

use super::palette::{Palette, Tint};
use crate::style::noun;

/// A frame for a panel. The one that keys go to stands out, by more than its colour.
pub fn frame(focused: bool, palette: Palette) -> Block<'static> {
    let (border, tint) = if focused { (BorderType::Thick, Tint::Focus) } else { (BorderType::Rounded, Tint::Frame) };
    Block::bordered().border_type(border).border_style(palette.of(tint))
}

/// Where in a long list a panel is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scroll {
    top: usize,
    height: usize,
    /// The row to bring into view when the panel is drawn next.
    wanted: Option<usize>,
}

impl Scroll {
    /// Brings a row into view.
    pub fn reveal(&mut self, row: usize) {
        self.wanted = Some(row);
    }

    /// Moves the view by so many rows.
    pub fn by(&mut self, rows: isize) {
        self.wanted = None;
        self.top = self.top.saturating_add_signed(rows);
    }

    /// Rows that a page key moves by.
    pub fn page(&self) -> isize {
        self.height.saturating_sub(1).max(1) as isize
    }

    /// The first row to draw, of `rows` in all where `height` fit. A row that was to be revealed gets some rows around
    /// it, as far as there are.
    pub fn top(&mut self, rows: usize, height: usize) -> usize {
        self.height = height;
        if let Some(row) = self.wanted.take() {
            let margin = 3.min(height.saturating_sub(1) / 2);
            let far = row + 2 * height < self.top || row > self.top + 3 * height;
            self.top = match () {
                () if far => row.saturating_sub(height / 2),
                () if row < self.top + margin => row.saturating_sub(margin),
                () if row + margin >= self.top + height => (row + margin + 1).saturating_sub(height),
                () => self.top,
            };
        }
        self.top = self.top.min(rows.saturating_sub(height));
        self.top
    }
}

/// Draws those of the lines that are in view.
pub fn lines(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>], scroll: &mut Scroll) {
    let top = scroll.top(lines.len(), usize::from(area.height));
    for (line, y) in lines.iter().skip(top).zip(area.rows()) {
        buffer.set_line(y.x, y.y, line, y.width);
    }
}

/// A line with something at its right end, as far as both fit: the left part gives way.
pub fn sides<'a>(mut left: Vec<Span<'a>>, right: Vec<Span<'a>>, width: usize) -> Line<'a> {
    let of_right: usize = right.iter().map(Span::width).sum();
    let of_left = width.saturating_sub(of_right + usize::from(of_right > 0));
    cut(&mut left, of_left);
    let gap = width.saturating_sub(of_right + left.iter().map(Span::width).sum::<usize>());
    left.push(Span::raw(" ".repeat(gap)));
    left.extend(right);
    Line::from(left)
}

/// Cuts spans to a width, with `…` where something is missing.
pub fn cut(spans: &mut Vec<Span<'_>>, width: usize) {
    let mut left = width;
    for at in 0..spans.len() {
        let wide = spans[at].width();
        if wide > left || (wide == left && spans[at + 1..].iter().any(|span| span.width() > 0)) {
            let text = fit_with_mark(&spans[at].content, left);
            spans[at].content = text.into();
            spans.truncate(at + 1);
            return;
        }
        left -= wide;
    }
}

/// A text of at most that width, with `…` where something is missing.
pub fn fit(text: &str, width: usize) -> String {
    if Span::raw(text).width() <= width { text.to_owned() } else { fit_with_mark(text, width) }
}

/// The text's beginning and `…`, in that width.
fn fit_with_mark(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let (mut out, mut used) = (String::new(), 0);
    for grapheme in Span::raw(text).styled_graphemes(ratatui::style::Style::new()) {
        let wide = Span::raw(grapheme.symbol).width();
        if used + wide > width - 1 {
            break;
        }
        used += wide;
        out += grapheme.symbol;
    }
    out + "…"
}

/// A text padded to that width, or cut to it.
pub fn column(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let gap = width.saturating_sub(Span::raw(text.as_str()).width());
    text + &" ".repeat(gap)
}

/// Text that shows no control characters: tabs become spaces up to the next multiple of eight, others a sign.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str(&" ".repeat(8 - out.chars().count() % 8)),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Values over time, as a small chart of one row; at most the last `width` of them.
pub fn spark(values: &[u64], width: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = &values[values.len().saturating_sub(width)..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| BARS[(u128::from(*value) * 7 / u128::from(most)) as usize];
    shown.iter().map(bar).collect()
}

/// A number with its digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 packet`, `1,024 packets`.
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {}", count(number), noun(number, what))
}

/// Something that lies over a view, in its middle. `scroll` is where the user is in it, when it does not fit.
pub fn dialog(buffer: &mut Buffer, area: Rect, title: &str, text: &[Line<'_>], scroll: &mut Scroll, palette: Palette) {
    let widest = text.iter().map(Line::width).max().unwrap_or(0).max(title.len() + 2);
    let [area] = Layout::vertical([Constraint::Length(text.len() as u16 + 2)]).flex(Flex::Center).areas(area);
    let [area] = Layout::horizontal([Constraint::Length(widest as u16 + 6)]).flex(Flex::Center).areas(area);
    let title = Span::styled(format!(" {title} "), palette.of(Tint::Title));
    let close = Line::styled(" Esc closes ", palette.of(Tint::Muted)).right_aligned();
    let block = frame(true, palette).title_top(title).title_bottom(close).padding(Padding::horizontal(2));
    let inner = block.inner(area);
    Clear.render(area, buffer);
    block.render(area, buffer);
    lines(buffer, inner, text, scroll);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line<'_>) -> String {
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn the_left_side_gives_way_to_the_right() {
        for (left, width, expected) in [
            ("r0 = 1", 12, "r0 = 1    7×"),
            ("r0 = *(u32 *)", 12, "r0 = *(u… 7×"),
            ("r0", 3, " 7×"),
            ("世界世界", 9, "世界…  7×"),
        ] {
            let line = sides(vec![Span::raw(left)], vec![Span::raw("7×")], width);
            assert_eq!((text(&line).as_str(), line.width()), (expected, width.max(3)), "{left} in {width}");
        }
    }

    #[test]
    fn a_cut_is_marked_though_it_falls_between_two_parts() {
        let mut spans = vec![Span::raw("abc"), Span::raw("def")];
        cut(&mut spans, 3);
        assert_eq!(text(&Line::from(spans)), "ab…");
        let mut spans = vec![Span::raw("abc"), Span::raw("")];
        cut(&mut spans, 3);
        assert_eq!(text(&Line::from(spans)), "abc");
    }

    #[test]
    fn a_row_is_revealed_with_some_around_it_and_no_further_than_needed() {
        let mut scroll = Scroll::default();
        let mut top = |row: Option<usize>, by: isize| {
            row.into_iter().for_each(|row| scroll.reveal(row));
            if by != 0 {
                scroll.by(by);
            }
            scroll.top(100, 10)
        };
        assert_eq!(top(Some(5), 0), 0, "it is in view already");
        assert_eq!(top(Some(8), 0), 2);
        assert_eq!(top(Some(90), 0), 85, "far off: into the middle");
        assert_eq!(top(None, 50), 90, "no further than the last row");
        assert_eq!(top(Some(99), 0), 90);
        assert_eq!(top(None, -200), 0);
    }

    #[test]
    fn texts_fit_their_columns_and_say_nothing_to_the_terminal() {
        assert_eq!([column("ab", 4), column("abcde", 4), column("世界世", 4)], ["ab  ", "abc…", "世… "]);
        assert_eq!(plain("a\tb\u{1b}[0m"), "a       b\u{fffd}[0m");
        assert_eq!(spark(&[9, 0, 7, 14], 3), "▁▄█");
        assert_eq!(spark(&[0, u64::MAX], 9), "▁█");
        assert_eq!([count(999), count(1_000), counted(1, "path")], ["999", "1,000", "1 path"]);
    }
}
