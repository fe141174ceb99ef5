//! What the user chose: which panels are seen, where in them, how numbers are written.

use std::{collections::BTreeSet, ops::Range, time::Instant};

use bpfscope_core::lab::view::Numbers;

use super::layout::Panel;
use crate::terminal::parts::Scroll;

/// What lies over the panels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// The list of keys.
    Help,
    /// What the verifier says.
    Verdict,
}

/// A number that is being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// Whether it is a packet's, counted from 1, or a step's.
    pub packet: bool,
    pub digits: String,
}

/// What the user chose.
pub struct Choices {
    pub panels: Panels,
    /// The line of the text that the cursor is on, when it is not the one that comes next.
    pub cursor: Option<u32>,
    /// Lines of the text to stop at.
    pub breakpoints: BTreeSet<u32>,
    pub numbers: Numbers,
    /// Whether all fields of the layers are shown, or only those touched.
    pub all_fields: bool,
    pub dialog: Option<(Dialog, Scroll)>,
    pub prompt: Option<Prompt>,
    /// Something to tell, until the next key.
    pub note: Option<String>,
    /// When the next step goes by itself, if it does.
    pub plays: Option<Instant>,
    /// The packet that was asked for, until it is shown.
    pub bound_for: Option<u32>,
    /// Rows of the packet list on screen.
    pub seen: Range<u32>,
}

impl Choices {
    pub fn new() -> Choices {
        Choices {
            panels: Panels::new(),
            cursor: None,
            breakpoints: BTreeSet::new(),
            numbers: Numbers::Sym,
            all_fields: false,
            dialog: None,
            prompt: None,
            note: None,
            plays: None,
            bound_for: None,
            seen: 0..0,
        }
    }
}

/// Which panels are seen, and where in them.
pub struct Panels {
    /// The panels, the one that keys go to first, those that were looked at longer ago later.
    recent: Vec<Panel>,
    /// Whether that one is alone on screen.
    pub zoomed: bool,
    scrolls: [Scroll; Panel::ALL.len()],
    /// Whether what a panel shows has changed, so that it should bring that into view.
    changed: [bool; Panel::ALL.len()],
}

impl Panels {
    fn new() -> Panels {
        use Panel::{Bytes, Layers, Maps, Output, Packets, Program, Registers, Stack};
        Panels {
            recent: vec![Program, Registers, Layers, Stack, Maps, Packets, Bytes, Output],
            zoomed: false,
            scrolls: Default::default(),
            changed: Default::default(),
        }
    }

    /// The panel that keys go to.
    pub fn focus(&self) -> Panel {
        self.recent[0]
    }

    /// Lets keys go to a panel.
    pub fn turn_to(&mut self, panel: Panel) {
        self.recent.retain(|p| *p != panel);
        self.recent.insert(0, panel);
    }

    /// Of panels that share a place the one that is seen.
    pub fn seen_of(&self, panels: &[Panel]) -> Panel {
        self.recent.iter().copied().find(|p| panels.contains(p)).unwrap_or(Panel::Program)
    }

    /// Where in a panel the user is.
    pub fn scroll(&mut self, panel: Panel) -> &mut Scroll {
        &mut self.scrolls[panel as usize]
    }

    /// The panel shows something else now.
    pub fn has_changed(&mut self, panel: Panel) {
        self.changed[panel as usize] = true;
    }

    /// The panels have other sizes now.
    pub fn have_moved(&mut self) {
        self.changed = [true; Panel::ALL.len()];
    }

    /// Whether it did since it was asked last.
    pub fn take_changed(&mut self, panel: Panel) -> bool {
        std::mem::take(&mut self.changed[panel as usize])
    }
}
