//! What front ends show of a verification.

use serde::{Deserialize, Serialize};

use super::BesideView;

/// How far the verification of a program is, and how it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It goes on, or has yet to begin.
    Checking,
    /// The kernel would load the program.
    Accepted,
    /// It would not.
    Rejected,
    /// The user stopped it.
    Stopped,
}

/// What the verifier says of the programs of a source.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VerdictView {
    /// Whose rules, `6.18`.
    pub kernel: String,
    /// Of all programs together: rejected when any is.
    pub verdict: Verdict,
    /// Instructions processed so far, of all programs.
    pub processed: u32,
    /// Share of the way, 0 to 1, as far as one can tell: a program may take the most that a kernel looks at.
    pub fraction: f32,
    /// Instructions that this kernel processes for one program at most.
    pub limit: u32,
    /// The programs.
    pub programs: Vec<ProgramVerdict>,
}

/// What the verifier says of one program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProgramVerdict {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub verdict: Verdict,
    /// Instructions processed.
    pub processed: u32,
    /// Paths that were followed to an end.
    pub paths: u32,
    /// Those of them that ended where a state that covers theirs was explored before.
    pub pruned: u32,
    /// Why it was rejected.
    pub rejection: Option<RejectionView>,
    /// Lines of the log.
    pub log_lines: u32,
    /// The line from which on the log has not every path.
    pub log_cut: Option<u32>,
    /// Steps that were kept, in the order of exploration.
    pub steps: u32,
    /// Steps that were explored but not kept.
    pub left_out: u32,
    /// Where paths end, at most so many that a screen can show.
    pub ends: Vec<(u32, PathEnd)>,
    /// How often paths came to each line of the text: (line, count), by line.
    pub line_visits: Vec<(u32, u32)>,
    /// What the simulator's verifier says, where this is the verdict of a machine's kernel; the steps are always the
    /// simulator's.
    pub beside: Option<BesideView>,
}

/// Why a program was rejected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RejectionView {
    /// The kernel's message, unchanged; some have several lines.
    pub message: String,
    /// The kind of rejection in a few words.
    pub title: String,
    /// What it means and what to do, with `code` in backquotes.
    pub explanation: String,
    /// Line of the text that it is about.
    pub line: Option<u32>,
    /// Source line of an object with line information.
    pub source: Option<String>,
}

/// How a path ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathEnd {
    /// The program ends.
    Exit,
    /// Nothing new comes after: a state that covers this one was explored before.
    Pruned,
    /// The program is rejected.
    Rejected,
}

/// A move among the steps of a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// To a step.
    Step(u32),
    /// To the first step.
    Start,
    /// To the last step.
    End,
    /// One step on, in the order of exploration.
    Forward,
    /// One step back.
    Back,
    /// To the next visit of the instruction, around the end if need be.
    NextVisit,
    /// To the visit before.
    VisitBefore,
    /// To where the next path begins.
    NextPath,
    /// To where this path began, or the one before.
    PathBefore,
    /// To the next visit of a line of the text, around the end if need be.
    Line(u32),
    /// To the place to begin with: where the program was rejected, else a visit of this line, else the start.
    Opening(Option<u32>),
    /// To the step that a line of the log is about.
    Log(u32),
    /// To the opening place of another program.
    Program(u32),
}

/// What the verifier knew before an instruction, on one visit of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProofView {
    /// Which of the programs.
    pub program: u32,
    /// The step, in the order of exploration.
    pub step: u32,
    /// Steps there are.
    pub steps: u32,
    /// The instruction, as the log has it.
    pub insn: String,
    /// Line of the text that shows it.
    pub line: Option<u32>,
    /// Source line of an object with line information.
    pub source: Option<String>,
    /// The function.
    pub function: String,
    /// Line of the log that is about this step, when it is there.
    pub log_line: Option<u32>,
    /// Which visit of the instruction this is, from 0.
    pub visit: u32,
    /// How often paths came to the instruction.
    pub visits: u32,
    /// Which of the paths this is, from 0.
    pub path: u32,
    /// How the path ended here, if it did.
    pub end: Option<PathEnd>,
    /// Registers that hold anything.
    pub regs: Vec<KnownView>,
    /// Frames, innermost first: function, and what is known of its stack.
    pub frames: Vec<(String, Vec<KnownView>)>,
    /// Lines of the text that the path came through, in order of the text.
    pub lines: Vec<u32>,
    /// The branches on the way, the last [`ProofView::BRANCHES`] of them.
    pub branches: Vec<BranchView>,
    /// Branches before those.
    pub branches_left_out: u32,
}

impl ProofView {
    /// Branches that a view carries at most.
    pub const BRANCHES: usize = 100;
}

/// What is known of a register or a stack slot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownView {
    /// `R1`, `fp-8`.
    pub name: String,
    /// What is known, in the log's words.
    pub text: String,
    /// The same in short: of a number the range, `0 … 255`; of a slot's bytes what they are, `8 bytes of any value`.
    pub gloss: Option<String>,
    /// Whether the step before on this path changed it.
    pub changed: bool,
}

/// A branch that a path came by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BranchView {
    /// The step at which it branched.
    pub step: u32,
    /// The condition as the text has it.
    pub insn: String,
    /// Line of the text.
    pub line: Option<u32>,
    /// Whether the jump was taken.
    pub taken: bool,
}

/// What the verifier proved of a value that a run has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProvenView {
    /// In short: `∈ [0, 255]`, `pkt, 34 bytes proven`.
    pub text: String,
    /// In a sentence.
    pub note: String,
}

/// A line of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogLine {
    /// As the kernel prints it.
    pub text: String,
    /// What kind of line it is.
    pub kind: LogKind,
}

/// Kinds of lines in a log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogKind {
    /// An instruction, with what it changed.
    Insn,
    /// A line of source.
    Source,
    /// The start of a path, or its end where a covering state was explored.
    Path,
    /// What precision tracking does.
    Precision,
    /// The message of a rejection.
    Message,
    /// Anything else.
    Other,
}
