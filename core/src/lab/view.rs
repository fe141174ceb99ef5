//! What front ends show, ready to be shown: every fact on screen is computed here, once.
//!
//! The values are plain data with serde on them, so that they cross from a worker to the page as
//! they are. Lines and columns count from 1, packets, steps and bytes from 0; a front end adds one
//! to a packet's index for people.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::kernel::Hook;

mod lists;
mod machine;
mod origin;
mod verifier;
pub use lists::*;
pub use machine::*;
pub use origin::*;
pub use verifier::*;

use super::Cursor;

/// The colour of a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// The packet goes on.
    Pass,
    /// The packet ends here.
    Drop,
    /// The packet goes elsewhere.
    Redirect,
    /// Something else: a trimmed packet, an unknown value.
    Warn,
    /// The run ended in a fault.
    Fault,
}

/// A verdict as a small label.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Badge {
    /// The short word, `SHOT`, `PASS`, `REDIRECT eth1`.
    pub text: String,
    /// The full name, `TC_ACT_SHOT`.
    pub name: String,
    /// Its colour.
    pub tone: Tone,
}

/// A complaint about the source, at its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Line, from 1; 0 when the whole source is meant.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Characters that are wrong, at least 1.
    pub length: u32,
    /// What is wrong and what was expected.
    pub message: String,
}

/// The program as the editor shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProgramView {
    /// Assembly text: what the user wrote, or the disassembly of what the source became.
    pub text: String,
    /// The language of the source.
    pub language: Language,
    /// The classic filter that the program was made of, if it was.
    pub origin: Option<OriginView>,
    /// Programs of the source.
    pub programs: Vec<ProgramInfo>,
    /// Maps of the source.
    pub maps: Vec<MapInfo>,
    /// What loading had to say: CO-RE types taken from the object, weak symbols left at 0.
    pub notes: Vec<String>,
    /// Complaints; with any the earlier program stays in force.
    pub diagnostics: Vec<Diagnostic>,
    /// Instructions in all.
    pub insns: u32,
}

/// A program of the source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProgramInfo {
    /// Name.
    pub name: String,
    /// Section.
    pub section: String,
    /// Where it runs in this scenario, if anywhere.
    pub hook: Option<Hook>,
    /// Instructions.
    pub insns: u32,
    /// Line of the text where it begins.
    pub line: u32,
}

/// A map of the source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MapInfo {
    /// Name.
    pub name: String,
    /// The type's name, `hash`.
    pub kind: String,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Entries at most.
    pub max_entries: u32,
}

/// How far a replay has come.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReplayView {
    /// Packets done.
    pub packets: u32,
    /// Packets in the capture, when known.
    pub total: Option<u32>,
    /// Share of the capture done, 0 to 1.
    pub fraction: f64,
    /// Whether the capture's end is reached.
    pub finished: bool,
    /// Programs run.
    pub runs: u64,
    /// Instructions run.
    pub insns: u64,
    /// Verdicts with their counts, most frequent first.
    pub verdicts: Vec<(Badge, u64)>,
    /// How often each line of the text ran: (line, count), by line.
    pub line_hits: Vec<(u32, u64)>,
    /// What was wrong with the capture, at which packet.
    pub error: Option<String>,
    /// What came out of it: the lists that there are beside that of the packets.
    pub lists: Vec<ListView>,
    /// The same on a machine's kernel, when that is asked.
    pub there: Option<ThereView>,
}

/// A row of a list of packets, of frames that left, or of what programs said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowView {
    /// The packet, and the place of its runs that the row is about.
    pub at: Cursor,
    /// Seconds since the first packet, `0.1830`.
    pub time: String,
    /// Sender, an address; of what a program said, `ringbuf`, `perf` or `trace_printk`.
    pub source: String,
    /// Receiver, an address; of a record the map that it went through.
    pub destination: String,
    /// In words, `DNS A seed.example`; of a record its fields, or its bytes.
    pub what: String,
    /// Bytes on the wire, of a record its bytes.
    pub length: u32,
    /// The verdict that decided; none while the packet has not been replayed, and of what came out.
    pub verdict: Option<Badge>,
    /// What differs on a machine's kernel, in a line.
    pub differs: Option<String>,
}

/// A packet that is looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PacketView {
    /// Packet, from 0.
    pub index: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// Bytes captured.
    pub captured: u32,
    /// What happened at each hook, in order.
    pub runs: Vec<RunView>,
    /// Which of the runs is being stepped through.
    pub run: u32,
    /// Marks on the timeline.
    pub marks: Vec<Mark>,
    /// What differs on a machine's kernel.
    pub difference: Option<DifferenceView>,
}

/// One program on one packet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunView {
    /// Where.
    pub hook: Hook,
    /// The interface, if the scenario has some.
    pub interface: Option<String>,
    /// The program's name.
    pub program: String,
    /// The verdict.
    pub verdict: Badge,
    /// The return value as the hook reads it.
    pub ret: i64,
    /// Instructions run.
    pub insns: u64,
    /// Why it ended early.
    pub fault: Option<String>,
}

/// Something worth seeing on the timeline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// Step, from 0.
    pub step: u32,
    /// What happens there.
    pub kind: MarkKind,
}

/// Kinds of marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkKind {
    /// Packet bytes are read.
    Read,
    /// Packet bytes are written.
    Write,
    /// A map changes.
    Map,
    /// Something is printed or an event is sent.
    Output,
    /// The run ends in a fault.
    Fault,
}

/// The machine before an instruction (or after the last).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StepView {
    /// Step, 0 to `steps`.
    pub step: u32,
    /// Steps in the run.
    pub steps: u32,
    /// Line of the text that comes next; none at the end.
    pub line: Option<u32>,
    /// The instruction that comes next, in words.
    pub insn: String,
    /// Its slot in the program.
    pub pc: u32,
    /// The function.
    pub function: String,
    /// Source line of an object with line information: `count.c:12  if (n) …`.
    pub source: Option<String>,
    /// Registers in order.
    pub regs: Vec<RegView>,
    /// Stack frames, innermost first.
    pub frames: Vec<FrameView>,
    /// The packet's bytes.
    pub packet: BytesView,
    /// Layers of the packet as it is now.
    pub layers: Vec<LayerView>,
    /// Maps.
    pub maps: Vec<MapView>,
    /// Printed lines and events up to here.
    pub output: Vec<OutputView>,
    /// At the end: the verdict or the fault in words.
    pub outcome: Option<String>,
}

/// A register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegView {
    /// `r0` to `r10`.
    pub name: String,
    /// Hexadecimal.
    pub hex: String,
    /// Signed decimal.
    pub dec: String,
    /// In words where it is an address (`pkt+14`), else decimal.
    pub sym: String,
    /// Whether the last step wrote it.
    pub changed: bool,
    /// Whether anything was ever written to it in this run.
    pub live: bool,
    /// What the verifier proved of it at this instruction.
    pub proven: Option<ProvenView>,
}

/// How a front end writes numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbers {
    /// Hexadecimal.
    Hex,
    /// Signed decimal.
    Dec,
    /// In words where it is an address.
    Sym,
}

impl Numbers {
    /// All, in the order in which users go through them, with their names.
    pub const ALL: [(Numbers, &'static str); 3] = [(Numbers::Hex, "hex"), (Numbers::Dec, "dec"), (Numbers::Sym, "sym")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Numbers::ALL[self as usize].1
    }

    /// The one after it, after the last the first.
    pub fn next(self) -> Numbers {
        Numbers::ALL[(self as usize + 1) % Numbers::ALL.len()].0
    }
}

impl RegView {
    /// The value as numbers are written.
    pub fn value(&self, numbers: Numbers) -> &str {
        match numbers {
            Numbers::Hex => &self.hex,
            Numbers::Dec => &self.dec,
            Numbers::Sym => &self.sym,
        }
    }
}

/// A stack frame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FrameView {
    /// The function.
    pub function: String,
    /// Slots that were written, from the top.
    pub slots: Vec<SlotView>,
}

/// Eight bytes of stack (or the part of them that was written).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SlotView {
    /// Offset from the frame pointer, negative.
    pub offset: i32,
    /// Hexadecimal value, most significant digit first.
    pub hex: String,
    /// In words, as for registers.
    pub sym: String,
    /// Whether the last step wrote it.
    pub changed: bool,
}

/// Packet bytes with what the run did to them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BytesView {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Ranges read so far, with the step of the last read.
    pub reads: Vec<(Range<u32>, u32)>,
    /// Ranges written so far, with the step of the last write.
    pub writes: Vec<(Range<u32>, u32)>,
    /// Ranges that the last step touched.
    pub now: Vec<Range<u32>>,
}

/// A protocol layer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LayerView {
    /// `IPv4`.
    pub name: String,
    /// One line.
    pub info: String,
    /// Its bytes.
    pub range: Range<u32>,
    /// Its fields.
    pub fields: Vec<FieldView>,
}

/// A header field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldView {
    /// `protocol`.
    pub name: String,
    /// `UDP (17)`.
    pub value: String,
    /// Its bytes.
    pub range: Range<u32>,
    /// Step at which the run last read it, so far.
    pub read_at: Option<u32>,
    /// Step at which the run last wrote it, so far.
    pub written_at: Option<u32>,
}

/// A map with some of its entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MapView {
    /// Name.
    pub name: String,
    /// The type's name.
    pub kind: String,
    /// Entries in use.
    pub used: u32,
    /// Entries at most.
    pub max_entries: u32,
    /// The entries, those touched by this run first; at most [`MapView::SHOWN`].
    pub entries: Vec<EntryView>,
}

impl MapView {
    /// Entries of a map that a view carries at most.
    pub const SHOWN: usize = 200;
}

/// A map's entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryView {
    /// Key in words.
    pub key: String,
    /// Value in words.
    pub value: String,
    /// The value before the last step, when that changed it.
    pub before: Option<String>,
    /// Whether this run has changed it so far.
    pub touched: bool,
    /// The value (its first integer) over the replay, oldest first; empty where it is no number.
    pub over_time: Vec<u64>,
}

/// A printed line or an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutputView {
    /// `trace_printk`, `perf`, `ringbuf`; `lost` for a record that a ring buffer had no room for.
    pub kind: String,
    /// Map that carried it, for events.
    pub map: Option<String>,
    /// The text; of an event its fields where their type is known, else its bytes in hexadecimal; of a lost record that it
    /// is, and how many bytes it would have had.
    pub text: String,
}

impl From<&crate::isa::AsmError> for Diagnostic {
    fn from(error: &crate::isa::AsmError) -> Diagnostic {
        Diagnostic { line: error.line, column: error.column, length: error.length, message: error.message.clone() }
    }
}
