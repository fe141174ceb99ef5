//! What the engine told: everything on screen that is not the user's choice.

use bpfscope_core::lab::view::{Language, PacketView, ProgramView, ReplayView, RowView, StepView, VerdictView};

use super::{engine::Told, syntax};
use crate::terminal::{
    palette::Tint,
    parts::{count, plain},
};

/// What is known.
pub struct Facts {
    /// What the user called the program, and the capture.
    pub names: (String, String),
    /// Whether the text is an object's disassembly.
    pub disassembled: bool,
    pub text: Text,
    pub replay: Option<ReplayView>,
    /// Whether the replay goes on.
    pub running: bool,
    pub packet: Option<PacketView>,
    pub step: Option<StepView>,
    pub verdict: Option<VerdictView>,
    /// The number of the last move that was made.
    pub answered: u64,
    /// Whether the last step printed or sent something.
    pub new_output: bool,
    rows: (u32, Vec<RowView>),
}

impl Facts {
    /// Of a program whose capture has yet to be replayed.
    pub fn new(names: (String, String), program: &ProgramView) -> Facts {
        let text = Text::new(&program.text);
        let (replay, packet, step, verdict) = (None, None, None, None);
        let rows = (0, Vec::new());
        Facts {
            names,
            disassembled: program.language != Language::Assembly,
            text,
            replay,
            running: true,
            packet,
            step,
            verdict,
            answered: 0,
            new_output: false,
            rows,
        }
    }

    /// Takes in what was told; gives what was refused.
    pub fn take(&mut self, told: Told) -> Option<String> {
        match told {
            Told::Progress { view, running } => (self.replay, self.running) = (Some(view), running),
            Told::Rows { start, rows } => self.rows = (start, rows),
            Told::Packet(view) => (self.packet, self.step) = (Some(view), None),
            Told::Verdict(view) => self.verdict = Some(view),
            Told::Step { view, answers } => {
                let before = self.step.as_ref().map_or(0, |step| step.output.len());
                self.new_output = view.output.len() > before;
                (self.step, self.answered) = (Some(*view), answers);
            }
            Told::Refused { why, answers } => {
                self.answered = answers;
                return Some(why);
            }
        }
        None
    }

    /// Packets in the list: all of the capture when that is known, else those replayed.
    pub fn packets(&self) -> u32 {
        self.replay.as_ref().map_or(0, |replay| replay.total.unwrap_or(0).max(replay.packets))
    }

    /// Packets replayed.
    pub fn replayed(&self) -> u32 {
        self.replay.as_ref().map_or(0, |replay| replay.packets)
    }

    /// A row of the packet list, if it is here.
    pub fn row(&self, index: u32) -> Option<&RowView> {
        self.rows.1.get(index.checked_sub(self.rows.0)? as usize)
    }

    /// The line of the text that comes next.
    pub fn line(&self) -> Option<u32> {
        self.step.as_ref()?.line
    }

    /// How often a line of the text ran.
    pub fn hits(&self, line: u32) -> Option<u64> {
        let hits = &self.replay.as_ref()?.line_hits;
        hits.binary_search_by_key(&line, |(line, _)| *line).ok().map(|at| hits[at].1)
    }

    /// The step that is looked at, as `step 17 of 20`.
    pub fn place(&self) -> Option<String> {
        let step = self.step.as_ref()?;
        Some(format!("step {} of {}", count(step.step.into()), count(step.steps.into())))
    }
}

/// The program's text, by line.
pub struct Text {
    lines: Vec<String>,
    /// For each line whether a comment is open at its beginning.
    in_comment: Vec<bool>,
}

impl Text {
    fn new(text: &str) -> Text {
        let lines: Vec<String> = text.lines().map(plain).collect();
        let mut open = false;
        let in_comment = lines.iter().map(|line| {
            let before = open;
            syntax::parts(line, &mut open);
            before
        });
        let in_comment = in_comment.collect();
        Text { lines, in_comment }
    }

    /// Lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The parts of a line, which counts from 0.
    pub fn parts(&self, line: usize) -> Vec<(Tint, &str)> {
        let mut in_comment = self.in_comment[line];
        syntax::parts(&self.lines[line], &mut in_comment)
    }
}
