//! Colour, for people at a terminal: never in a file or a pipe, and not when `NO_COLOR` is set.

use std::{
    fmt::{self, Display},
    io::{self, IsTerminal},
};

use bpfscope_core::kernel::VerdictClass;

/// Whether the user minds colour: `NO_COLOR`, see <https://no-color.org>.
pub fn colour_is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// An ANSI colour or weight, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Magenta = 35,
}

/// Whether text is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// As standard output wants it.
    pub fn of_stdout() -> Style {
        Style { colour: io::stdout().is_terminal() && colour_is_wanted() }
    }

    /// A text in that ink. Padding counts the text alone, as `{:<9}` does without colour.
    pub fn ink<T: Display>(self, ink: Ink, text: T) -> Inked<T> {
        Inked { ink: self.colour.then_some(ink), text }
    }

    /// A verdict's name in the colour of what it does.
    pub fn verdict(self, name: &str, class: VerdictClass) -> Inked<&str> {
        let ink = match (name, class) {
            ("FAULT", _) => Ink::Magenta,
            ("TRIM", _) | (_, VerdictClass::Redirect | VerdictClass::Other) => Ink::Yellow,
            (_, VerdictClass::Pass) => Ink::Green,
            (_, VerdictClass::Drop) => Ink::Red,
        };
        self.ink(ink, name)
    }
}

/// A text with its colour.
#[derive(Clone, Copy, Debug)]
pub struct Inked<T> {
    ink: Option<Ink>,
    text: T,
}

impl<T: Display> Display for Inked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ink) = self.ink else { return self.text.fmt(f) };
        write!(f, "\x1b[{}m", ink as u8)?;
        self.text.fmt(f)?;
        f.write_str("\x1b[0m")
    }
}

/// What a number of things is called: `1` `entry`, `2` `entries`.
pub fn noun(count: u64, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => one.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{one}s"),
    }
}

/// A number of things, in words.
pub fn counted(count: u64, one: &str) -> String {
    format!("{count} {}", noun(count, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_counts_the_text_and_not_its_colour() {
        let plain = Style { colour: false };
        assert_eq!(format!("{:<6}|", plain.verdict("DROP", VerdictClass::Drop)), "DROP  |");
        let coloured = Style { colour: true };
        assert_eq!(format!("{:<6}|", coloured.verdict("DROP", VerdictClass::Drop)), "\x1b[31mDROP  \x1b[0m|");
    }
}
