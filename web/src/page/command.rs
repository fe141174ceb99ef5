//! What buttons and keys do. This table is the only place: shortcuts, tooltips and the help read it.

use bpfscope_web::lab::Jump;

/// Something that the user can do from anywhere on the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Go from the step that is looked at.
    Jump(Jump),
    /// Step by itself, or stop doing so.
    Play,
    /// The packet after.
    NextPacket,
    /// The packet before.
    PreviousPacket,
    /// The next of the packet's runs, after the last the first.
    NextRun,
    /// Replay the capture, or cancel that.
    Replay,
    /// Show packets, or the verifier.
    View,
    /// Another visit of the instruction by the verifier: the next, or the one before.
    Visit(bool),
    /// Another path of the verifier: the next, or the one before.
    Path(bool),
    /// Verify the program, or stop doing so.
    Verify,
    /// Copy a link.
    Share,
    /// Pick a file.
    Open,
    /// Download the program as an ELF object.
    Download,
    /// Write into the editor.
    Edit,
    /// The next way to write numbers.
    Numbers,
    /// The other theme.
    Theme,
    /// The list of shortcuts.
    Help,
}

/// A command with its names.
pub struct Info {
    /// What it does.
    pub command: Command,
    /// Its name, for tooltips, help and screen readers.
    pub name: &'static str,
    /// Keys, any of them, as [`key_of`] writes them.
    pub keys: &'static [&'static str],
    /// Heading in the help.
    pub group: &'static str,
}

const STEPS: &str = "Steps";
const PACKETS: &str = "Packets";
const VERIFIER: &str = "Verifier";
const PAGE: &str = "Page";

/// The headings in the help, in order.
pub const GROUPS: [&str; 4] = [STEPS, PACKETS, VERIFIER, PAGE];

const fn row(group: &'static str, command: Command, name: &'static str, keys: &'static [&'static str]) -> Info {
    Info { command, name, keys, group }
}

/// Every command.
pub const COMMANDS: &[Info] = &[
    row(STEPS, Command::Jump(Jump::Forward), "One step forward", &["ArrowRight"]),
    row(STEPS, Command::Jump(Jump::Back), "One step back", &["ArrowLeft"]),
    row(STEPS, Command::Jump(Jump::Line), "To the next line", &["Shift+ArrowRight", "l"]),
    row(STEPS, Command::Jump(Jump::LineBack), "To the line before", &["Shift+ArrowLeft", "Shift+L"]),
    row(STEPS, Command::Jump(Jump::Over), "Over a call", &["o"]),
    row(STEPS, Command::Jump(Jump::OverBack), "Back over a call", &["Shift+O"]),
    row(STEPS, Command::Jump(Jump::Out), "Out of the function", &["u"]),
    row(STEPS, Command::Jump(Jump::OutBack), "Back out of the function", &["Shift+U"]),
    row(STEPS, Command::Jump(Jump::Start), "To the start", &["Home"]),
    row(STEPS, Command::Jump(Jump::End), "To the end", &["End"]),
    row(STEPS, Command::Play, "Play or pause", &["Space"]),
    row(PACKETS, Command::NextPacket, "Next packet", &["n", "j"]),
    row(PACKETS, Command::PreviousPacket, "Packet before", &["p", "k"]),
    row(PACKETS, Command::NextRun, "Next run of the packet", &["h"]),
    row(PACKETS, Command::Replay, "Replay, or cancel it", &["r"]),
    row(VERIFIER, Command::View, "Packets or the verifier", &["v"]),
    row(VERIFIER, Command::Visit(true), "Next visit of the instruction", &["]"]),
    row(VERIFIER, Command::Visit(false), "Visit before", &["["]),
    row(VERIFIER, Command::Path(true), "Next path", &["}"]),
    row(VERIFIER, Command::Path(false), "Path before", &["{"]),
    row(VERIFIER, Command::Verify, "Verify again, or stop it", &["c"]),
    row(PAGE, Command::Edit, "Write in the editor; Esc leaves it", &["/", "e"]),
    row(PAGE, Command::Open, "Open a file", &["f"]),
    row(PAGE, Command::Share, "Share a link", &["s"]),
    row(PAGE, Command::Download, "Download the program as an ELF object", &["d"]),
    row(PAGE, Command::Numbers, "Numbers as hex, dec or sym", &["x"]),
    row(PAGE, Command::Theme, "Dark or light", &["t"]),
    row(PAGE, Command::Help, "This list", &["?"]),
];

impl Command {
    /// The command's row.
    pub fn info(self) -> &'static Info {
        COMMANDS.iter().find(|info| info.command == self).expect("every command has a row: the test below")
    }

    /// The command that a key stands for.
    pub fn of_key(key: &str) -> Option<Command> {
        COMMANDS.iter().find(|info| info.keys.contains(&key)).map(|info| info.command)
    }

    /// `One step forward (→)`, for a tooltip.
    pub fn tooltip(self) -> String {
        let info = self.info();
        format!("{} ({})", info.name, shown(info.keys[0]))
    }
}

/// A key as this table writes it, from what the browser says: `Shift+ArrowRight`, `?`, `Shift+O`.
pub fn key_of(key: &str, shift: bool) -> String {
    let key = if key == " " { "Space" } else { key };
    // Shift is already in a sign such as `?`, and in nothing else.
    let is_sign = key.chars().count() == 1 && !key.chars().all(char::is_alphabetic);
    if shift && !is_sign { format!("Shift+{key}") } else { key.to_owned() }
}

/// A key as people know it.
pub fn shown(key: &str) -> String {
    key.replace("ArrowRight", "→").replace("ArrowLeft", "←").replace("Shift+", "⇧ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<&str> = COMMANDS.iter().flat_map(|info| info.keys).copied().collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn a_key_is_known_with_its_shift() {
        let cases = [
            ("ArrowRight", false, Some(Command::Jump(Jump::Forward))),
            ("ArrowRight", true, Some(Command::Jump(Jump::Line))),
            ("O", true, Some(Command::Jump(Jump::OverBack))),
            ("o", false, Some(Command::Jump(Jump::Over))),
            ("?", true, Some(Command::Help)),
            (" ", false, Some(Command::Play)),
            ("q", false, None),
        ];
        for (key, shift, expected) in cases {
            assert_eq!(Command::of_key(&key_of(key, shift)), expected, "{key}");
        }
    }
}
