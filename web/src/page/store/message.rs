//! What happens to the page, what it wants done, and the small things that it knows.

use std::ops::Range;
use std::rc::Rc;

use bpfscope_web::codec::BlobRef;
use bpfscope_web::lab::Cursor;
use bpfscope_web::lab::view::{Language, ListOf, Look, Numbers};
use bpfscope_web::protocol::{Reply, Request};

use crate::page::{command::Command, theme::Theme};

/// What happened.
#[derive(Clone)]
pub enum Msg {
    /// The worker told something.
    Reply(Box<Reply>),
    /// A button or a key.
    Do(Command),
    /// The program's text was edited, some moments ago.
    Edited(String),
    /// A file was dropped or picked.
    File(String, BlobRef),
    /// A lesson was chosen.
    Lesson(String),
    /// A capture that comes with the page was chosen.
    Capture(String),
    /// The address's fragment changed.
    Link(String),
    /// These rows of the packet list are on screen.
    LookList(Range<u32>),
    /// A packet was chosen, and a place in it.
    Select(Cursor),
    /// Another list was chosen.
    List(ListOf),
    /// What left an interface is to be saved.
    Pcap(u16),
    /// Another language for the program was chosen.
    Language(Language),
    /// The packet so many rows further on was chosen.
    Move(i64),
    /// A step was chosen.
    Seek(u32),
    /// A line of the text was chosen.
    RunTo(u32),
    /// A place in the text was chosen.
    GoTo(u32, u32),
    /// Packets or the verifier.
    View(View),
    /// Another kernel's rules were chosen.
    Kernel(String),
    /// The kernel of the machine that serves the page was chosen.
    Machine,
    /// A step of the verification was chosen.
    Look(Look),
    /// These lines of the verifier's log are on screen.
    LookLog(Range<u32>),
    /// How numbers are written.
    Numbers(Numbers),
    /// Which map is shown.
    Map(usize),
    /// Which panel a narrow screen shows.
    Panel(Panel),
    /// Time for the next step of playing.
    Tick,
    /// Whether the clipboard took the link.
    Copied(bool),
    /// A note has been there long enough, or was closed.
    Dismiss(u32),
    /// The message at the top was closed.
    DismissProblem,
    /// A dialog was closed.
    CloseDialog,
}

/// What is to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the worker.
    Ask(Request),
    /// Start another worker: the old one is gone.
    Restart,
    /// Colour the page, and remember it.
    Theme(Theme),
    /// Put a link to this fragment into the clipboard and the address.
    Copy(String),
    /// Save a file.
    Save(String, Vec<u8>),
    /// Let the user pick a file.
    Pick,
    /// Start or stop playing.
    Play(bool),
    /// Dismiss a note after a while.
    Expire(u32),
}

/// What the middle of the screen shows, and what steps are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The packets, and the run of one of them.
    Packets,
    /// The verifier, and a path that it follows.
    Verifier,
}

/// The panels, of which a narrow screen shows one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// The program.
    Code,
    /// The packets, or the verifier.
    Packets,
    /// Registers, stack, maps, output.
    Machine,
}

/// What lies over the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// The list of shortcuts.
    Help,
    /// A link to copy by hand, as a fragment.
    Link(String),
}

/// A note that goes by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// Its number.
    pub id: u32,
    /// What it says.
    pub text: String,
}

/// The program's text as the editor must show it; another `version` replaces what the editor holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    /// Counts the replacements.
    pub version: u32,
    /// The text.
    pub text: Rc<str>,
}
