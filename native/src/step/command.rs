//! What keys do. This table is the only place: the help reads it, too. Where the page has the same command, it has
//! the same key.

use bpfscope_core::lab::Jump;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Something that the user can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Go from the step that is looked at.
    Jump(Jump),
    /// Another time that the line is reached: the next, or the one before.
    Visit(bool),
    /// Step by itself, or stop doing so.
    Play,
    /// Stop at the line, or no longer.
    Break,
    /// On to where it stops, or back.
    Go(bool),
    /// To the line of the cursor; in Layers, all fields or those touched.
    Enter,
    /// The packet so many further on.
    Packet(i64),
    /// The next of the packet's runs, after the last the first.
    NextRun,
    /// Stop the replay, or go on with it.
    Replay,
    /// Another panel: the next, or the one before.
    Panel(bool),
    /// The panel alone, or all.
    Zoom,
    /// So many rows, and pages, down in the panel.
    Rows(isize),
    Pages(isize),
    /// What the verifier says.
    Verdict,
    /// The next way to write numbers.
    Numbers,
    /// The list of keys.
    Help,
    /// The end.
    Quit,
}

/// A command with its keys.
pub struct Info {
    pub command: Command,
    pub name: &'static str,
    /// Any of them, as [`key_of`] writes them.
    pub keys: &'static [&'static str],
    /// Heading in the help.
    pub group: &'static str,
}

const STEPS: &str = "Steps";
const LINES: &str = "Lines";
const PACKETS: &str = "Packets";
const SCREEN: &str = "Screen";

/// The headings in the help, in order.
pub const GROUPS: [&str; 4] = [STEPS, LINES, PACKETS, SCREEN];

const fn row(group: &'static str, command: Command, name: &'static str, keys: &'static [&'static str]) -> Info {
    Info { command, name, keys, group }
}

/// Every command.
pub const COMMANDS: &[Info] = &[
    row(STEPS, Command::Jump(Jump::Forward), "One step forward", &["→"]),
    row(STEPS, Command::Jump(Jump::Back), "One step back", &["←"]),
    row(STEPS, Command::Jump(Jump::Line), "To the next source line", &["⇧→", "l"]),
    row(STEPS, Command::Jump(Jump::LineBack), "To the source line before", &["⇧←", "L"]),
    row(STEPS, Command::Jump(Jump::Over), "Over a call", &["o"]),
    row(STEPS, Command::Jump(Jump::OverBack), "Back over a call", &["O"]),
    row(STEPS, Command::Jump(Jump::Out), "Out of the function", &["u"]),
    row(STEPS, Command::Jump(Jump::OutBack), "Back out of the function", &["U"]),
    row(STEPS, Command::Jump(Jump::Start), "To the start", &["Home"]),
    row(STEPS, Command::Jump(Jump::End), "To the end", &["End"]),
    row(STEPS, Command::Play, "Play or pause", &["Space"]),
    row(LINES, Command::Visit(true), "This line the next time", &["]"]),
    row(LINES, Command::Visit(false), "This line the time before", &["["]),
    row(LINES, Command::Enter, "Run to the cursor's line", &["Enter"]),
    row(LINES, Command::Break, "Breakpoint here, or none", &["b"]),
    row(LINES, Command::Go(true), "Go on to a breakpoint", &["g"]),
    row(LINES, Command::Go(false), "Go back to a breakpoint", &["G"]),
    row(PACKETS, Command::Packet(1), "Next packet", &["n", "j"]),
    row(PACKETS, Command::Packet(-1), "Packet before", &["p", "k"]),
    row(PACKETS, Command::NextRun, "Next run of the packet", &["h"]),
    row(PACKETS, Command::Replay, "Stop the replay, or go on", &["r"]),
    row(SCREEN, Command::Panel(true), "Next panel", &["Tab"]),
    row(SCREEN, Command::Panel(false), "Panel before", &["⇧Tab"]),
    row(SCREEN, Command::Rows(-1), "Up in the panel", &["↑"]),
    row(SCREEN, Command::Rows(1), "Down in the panel", &["↓"]),
    row(SCREEN, Command::Pages(-1), "A page up", &["PgUp"]),
    row(SCREEN, Command::Pages(1), "A page down", &["PgDn"]),
    row(SCREEN, Command::Zoom, "This panel alone, or all", &["z"]),
    row(SCREEN, Command::Numbers, "Numbers as hex, dec or sym", &["x"]),
    row(SCREEN, Command::Verdict, "What the verifier says", &["v"]),
    row(SCREEN, Command::Help, "This list", &["?"]),
    row(SCREEN, Command::Quit, "Quit", &["q"]),
];

impl Command {
    /// The command that a key stands for.
    pub fn of_key(key: KeyEvent) -> Option<Command> {
        let key = key_of(key)?;
        COMMANDS.iter().find(|info| info.keys.contains(&key.as_str())).map(|info| info.command)
    }
}

/// A key as the table writes it: `⇧→`, `?`, `O`. Keys with Ctrl or Alt are none of ours.
fn key_of(key: KeyEvent) -> Option<String> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return None;
    }
    let name = match key.code {
        KeyCode::Char(' ') => "Space",
        // Shift is in the letter already.
        KeyCode::Char(c) => return Some(c.to_string()),
        KeyCode::Right => "→",
        KeyCode::Left => "←",
        KeyCode::Up => "↑",
        KeyCode::Down => "↓",
        KeyCode::Home => "Home",
        KeyCode::End => "End",
        KeyCode::PageUp => "PgUp",
        KeyCode::PageDown => "PgDn",
        KeyCode::Enter => "Enter",
        KeyCode::Tab => "Tab",
        KeyCode::BackTab => return Some("⇧Tab".to_owned()),
        _ => return None,
    };
    let shift = if key.modifiers.contains(KeyModifiers::SHIFT) { "⇧" } else { "" };
    Some(format!("{shift}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_and_every_command_is_in_the_help() {
        let mut keys: Vec<&str> = COMMANDS.iter().flat_map(|info| info.keys).copied().collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert!(COMMANDS.iter().all(|info| GROUPS.contains(&info.group)));
    }

    #[test]
    fn a_key_is_known_with_its_shift() {
        let press = |code, modifiers| Command::of_key(KeyEvent::new(code, modifiers));
        let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
        assert_eq!(press(KeyCode::Right, none), Some(Command::Jump(Jump::Forward)));
        assert_eq!(press(KeyCode::Right, shift), Some(Command::Jump(Jump::Line)));
        assert_eq!(press(KeyCode::Char('O'), shift), Some(Command::Jump(Jump::OverBack)));
        assert_eq!(press(KeyCode::Char('?'), shift), Some(Command::Help));
        assert_eq!(press(KeyCode::BackTab, shift), Some(Command::Panel(false)));
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
    }
}
