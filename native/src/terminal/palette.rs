//! Every colour of the full-screen views, by what it means.
//!
//! The terminal's own sixteen colours are used, so that a view fits a dark terminal and a light one. Without colour
//! (`NO_COLOR`) weight, underline and inversion tell the same; views mark with a sign what must not be missed.

use std::borrow::Cow;

use bpfscope_core::lab::view::Tone;
use ratatui::{
    style::{Color, Modifier, Style},
    text::Span,
};

use crate::style;

/// What a piece of text means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tint {
    /// Nothing particular.
    Text,
    /// Beside the point: units, hints, addresses.
    Muted,
    /// The name of the program, of a panel, of a key.
    Title,
    /// A heading within a panel.
    Heading,
    /// A frame around a panel, and around the one that keys go to.
    Frame,
    Focus,
    /// The packet goes on.
    Pass,
    /// The packet ends here.
    Drop,
    /// It goes elsewhere.
    Redirect,
    /// Something to look at.
    Warn,
    /// Something broke.
    Fault,
    /// The last step changed it.
    Changed,
    /// It was read, and written.
    Read,
    Written,
    /// The last step touched it.
    Touched,
    /// Where the machine is.
    Here,
    /// Where the user is.
    Cursor,
    /// Parts of a program's text.
    Keyword,
    Register,
    Number,
    Label,
    Comment,
}

impl From<Tone> for Tint {
    fn from(tone: Tone) -> Tint {
        match tone {
            Tone::Pass => Tint::Pass,
            Tone::Drop => Tint::Drop,
            Tone::Redirect => Tint::Redirect,
            Tone::Warn => Tint::Warn,
            Tone::Fault => Tint::Fault,
        }
    }
}

/// How each [`Tint`] looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    colour: bool,
}

impl Palette {
    /// With colour, unless the user asked for none.
    pub fn of_environment() -> Palette {
        Palette::new(style::colour_is_wanted())
    }

    /// With colour or without.
    pub fn new(colour: bool) -> Palette {
        Palette { colour }
    }

    /// The look of a text.
    pub fn of(self, tint: Tint) -> Style {
        let style = if self.colour { coloured(tint) } else { Style::new() };
        // A title lies on a frame: it has its own weight, not both.
        let weight = weight(tint, self.colour);
        style.remove_modifier((Modifier::BOLD | Modifier::DIM).difference(weight)).add_modifier(weight)
    }

    /// A text with its look.
    pub fn ink<'t>(self, tint: Tint, text: impl Into<Cow<'t, str>>) -> Span<'t> {
        Span::styled(text, self.of(tint))
    }
}

fn coloured(tint: Tint) -> Style {
    let style = Style::new();
    match tint {
        Tint::Text | Tint::Muted | Tint::Frame | Tint::Heading | Tint::Cursor | Tint::Comment => style.fg(Color::Reset),
        Tint::Title | Tint::Focus | Tint::Read | Tint::Register => style.fg(Color::Cyan),
        Tint::Pass => style.fg(Color::Green),
        Tint::Drop | Tint::Fault => style.fg(Color::Red),
        Tint::Redirect | Tint::Keyword => style.fg(Color::Magenta),
        Tint::Warn | Tint::Changed | Tint::Written | Tint::Number => style.fg(Color::Yellow),
        Tint::Label => style.fg(Color::Blue),
        Tint::Touched => style.fg(Color::Black).bg(Color::Yellow),
        Tint::Here => style.fg(Color::Black).bg(Color::Cyan),
    }
}

/// What tells without colour, too; and what only tells when there is none.
fn weight(tint: Tint, colour: bool) -> Modifier {
    match tint {
        Tint::Muted | Tint::Frame | Tint::Comment => Modifier::DIM,
        Tint::Title | Tint::Heading | Tint::Focus | Tint::Changed => Modifier::BOLD,
        Tint::Fault => Modifier::REVERSED,
        Tint::Cursor => Modifier::REVERSED,
        Tint::Drop | Tint::Written | Tint::Keyword if !colour => Modifier::BOLD,
        Tint::Read if !colour => Modifier::UNDERLINED,
        Tint::Here | Tint::Touched if !colour => Modifier::REVERSED,
        _ => Modifier::empty(),
    }
}
