//! The messages between the page and its worker.
//!
//! The page asks ([`Request`]) and goes on; the worker tells ([`Reply`]) when it knows. Only a replay and a
//! verification take long: they run in slices, and between two slices every other request gets its turn.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::codec::BlobRef;
use crate::lab::Jump;
use crate::lab::view::{
    DifferenceView, Language, ListOf, LogLine, Look, PacketView, ProgramView, ProofView, ReplayView, RowView, StepView,
    VerdictView,
};

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// The first message: the list of lessons, and the link's scenario or else the first lesson.
    Start {
        /// The address's fragment, when there is one.
        link: Option<String>,
        /// The kernel that the server of the page offers, when it does.
        machine: Option<Machine>,
    },
    /// Open a lesson by its name.
    Lesson(String),
    /// Replay another of the captures that come with the page.
    Capture(String),
    /// Open a link.
    Link(String),
    /// Open what the user dropped or picked; what it is, is seen from its content.
    File {
        /// Its name, for people.
        name: String,
        /// Its bytes, unread.
        blob: BlobRef,
    },
    /// The text of the program was edited.
    Edit(String),
    /// Write the program in another language from now on.
    Language(Language),
    /// Replay the capture from its beginning.
    Replay,
    /// Stop the replay where it is.
    Cancel,
    /// Rows of a list.
    Rows(ListOf, Range<u32>),
    /// Give the frames that left an interface as a pcap.
    Pcap(u16),
    /// Look at a packet.
    Select {
        /// Packet, from 0.
        packet: u32,
        /// Which of its runs.
        run: u32,
        /// Step to go to; the beginning without.
        step: u32,
    },
    /// Go to a step of the packet that is looked at.
    Seek(u32),
    /// Go somewhere from the step that is looked at.
    Jump(Jump),
    /// Take another kernel's rules.
    Kernel(String),
    /// Ask the kernel of the machine that serves the page.
    Machine,
    /// Verify the program anew.
    Verify,
    /// Stop the verification where it is.
    StopVerifying,
    /// Look at a step of the verification.
    Look(Look),
    /// Lines of the verifier's log.
    Log {
        /// Which of the programs.
        program: u32,
        /// The lines.
        lines: Range<u32>,
    },
    /// Make a link of everything as it is now.
    Share,
    /// Give the program as an ELF object.
    Object,
}

/// The kernel of the machine that serves the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// What it is called, `6.18.5`.
    pub release: String,
    /// Where it is asked, an address of a WebSocket.
    pub address: String,
}

impl Machine {
    /// Its name beside those of other kernels: `6.18.5 (this machine)`.
    pub fn name(&self) -> String {
        format!("{} (this machine)", self.release)
    }
}

/// What the worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The lessons there are.
    Lessons(Vec<BundledLesson>),
    /// The captures there are.
    Captures(Vec<BundledCapture>),
    /// What may be written in a program.
    Words(Vec<Word>),
    /// Another scenario, or another capture, is open. Everything known about packets is void.
    Opened(Opened),
    /// The program, after opening and after every edit.
    Program {
        /// The program, or complaints about it.
        view: ProgramView,
        /// Whether this answers [`Request::Edit`], so that the editor holds this text or a later one.
        typed: bool,
    },
    /// How far the replay is, and whether it goes on.
    Progress {
        /// How far.
        view: ReplayView,
        /// Whether more is to come.
        running: bool,
    },
    /// Rows of a list, from `start` on.
    Rows {
        /// Which.
        of: ListOf,
        /// Index of the first.
        start: u32,
        /// The rows; fewer than asked for where the capture ends.
        rows: Vec<RowView>,
        /// Packets replayed when the rows were made: rows before that have their verdict. Of a list of what came out,
        /// the rows it had then.
        replayed: u32,
    },
    /// A packet is looked at.
    Packet(PacketView),
    /// What of it differs on the kernel of the machine.
    Differences(Option<DifferenceView>),
    /// The machine at a step.
    Step(Box<StepView>),
    /// There is no packet to step through.
    Nowhere,
    /// How far the verification is, and what it found; nothing without a program.
    Verdict(Option<Box<VerdictView>>),
    /// A step of the verification is looked at; nothing where there is none.
    Proof(Option<Box<ProofView>>),
    /// Lines of the verifier's log, from `start` on.
    Log {
        /// Which of the programs.
        program: u32,
        /// The first.
        start: u32,
        /// The lines; fewer than asked for where the log ends.
        lines: Vec<LogLine>,
    },
    /// A link, as a fragment, with a remark on what it does not hold.
    Link {
        /// `#…`.
        fragment: String,
        /// What whoever opens it must know.
        remark: Option<String>,
    },
    /// A file that was asked for: the program as an ELF object, a capture of what left.
    File {
        /// A name for the file.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Something could not be done; all else is as it was.
    Refused(Refusal),
    /// The simulator itself failed and is gone; the page has to start another.
    Crashed(String),
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What was refused: a file's name, `the link`.
    pub what: String,
    /// Why, with the place.
    pub why: String,
}

/// What the page's menu says of a row of `lessons/index.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledLesson {
    /// The name that it is asked for by.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
}

/// A row of `pcaps/index.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledCapture {
    /// The file, beside the index.
    pub file: String,
    /// A line for the menu.
    pub title: String,
    /// What is in it.
    pub description: String,
    /// Packets in it.
    pub packets: u32,
}

/// A word that the editor offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The word.
    pub label: String,
    /// Its kind, or how it is used.
    pub detail: String,
    /// What it means; may be empty.
    pub info: String,
}

/// What is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The scenario's title.
    pub title: String,
    /// What to look for.
    pub note: String,
    /// The lesson it came from, if it did.
    pub lesson: Option<String>,
    /// The capture's file name.
    pub capture: Option<String>,
    /// Whose rules apply, `6.18`.
    pub kernel: String,
    /// Whose rules may apply, the newest first.
    pub kernels: Vec<String>,
    /// The kernel of this machine, when it can be asked.
    pub machine: Option<String>,
    /// Whether it is.
    pub on_machine: bool,
}
