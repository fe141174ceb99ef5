//! Lessons: programs that come with bpfscope, each with a capture and a note.

use serde::{Deserialize, Serialize};

use super::{CaptureRef, Cursor, Scenario, Source};

/// A row of `lessons/index.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lesson {
    /// Short name, as in an address: `count-tc`.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// File with the program's assembly text, beside the index.
    pub source: String,
    /// Capture that comes with bpfscope, by file name.
    pub capture: String,
    /// Where it opens: a packet and a step at which there is something to see.
    pub cursor: Cursor,
    /// What to look for: paragraphs with `code` in backquotes.
    pub note: Vec<String>,
}

impl Lesson {
    /// The lesson as a scenario, given the text of its program.
    pub fn scenario(&self, text: String) -> Scenario {
        Scenario {
            title: self.title.clone(),
            note: self.note.join("\n\n"),
            capture: CaptureRef::Bundled(self.capture.clone()),
            cursor: self.cursor,
            ..Scenario::new(Source::Asm(text))
        }
    }
}
