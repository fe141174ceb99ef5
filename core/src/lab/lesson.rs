//! Lessons: programs that come with bpfscope, each with a capture and a note.

use serde::{Deserialize, Serialize};

use super::{CaptureRef, Cursor, Scenario, Source};
use crate::classic::filter::Link;
use crate::net::Network;

/// A row of `lessons/index.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lesson {
    /// Short name, as in an address: `count-tc`.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// File with the program's text, beside the index: a filter expression when its name ends in `.filter`, else assembly.
    pub source: String,
    /// Capture that comes with bpfscope, by file name.
    pub capture: String,
    /// Interfaces, routes and neighbours around the program, if it needs some.
    #[serde(default, skip_serializing_if = "Network::is_default")]
    pub network: Network,
    /// Where it opens: a packet and a step at which there is something to see.
    pub cursor: Cursor,
    /// What to look for: paragraphs with `code` in backquotes.
    pub note: Vec<String>,
}

impl Lesson {
    /// The lesson as a scenario, given the text of its program.
    pub fn scenario(&self, text: String) -> Scenario {
        let source = match self.source.ends_with(".filter") {
            true => Source::Filter { expression: text.trim().to_owned(), link: Link::default() },
            false => Source::Asm(text),
        };
        Scenario {
            title: self.title.clone(),
            note: self.note.join("\n\n"),
            capture: CaptureRef::Bundled(self.capture.clone()),
            cursor: self.cursor,
            network: self.network.clone(),
            ..Scenario::new(source)
        }
    }
}
