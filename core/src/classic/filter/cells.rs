//! Offsets that a filter computes once and keeps in scratch memory, from its last word down.

use super::graph::Question;
use super::meaning::Meaning;
use super::value::{Cell, Value, ValueId};
use crate::classic::SCRATCH;

/// The words that must be left for arithmetic.
const LEFT: u32 = 4;

/// Words in use.
#[derive(Default)]
pub(super) struct Cells {
    used: u32,
    named: u32,
    /// Those that may be read where nothing was kept.
    pub unset: Vec<Cell>,
}

impl Cells {
    /// A word for the rest of the filter.
    pub fn take(&mut self) -> Result<Cell, String> {
        let cell = self.lend(0)?;
        self.used += 1;
        Ok(cell)
    }

    /// A word for a while: the one of that number, from 0, of those that nothing has for the rest of the filter.
    pub fn lend(&mut self, number: u32) -> Result<Cell, String> {
        let word = (SCRATCH - 1).checked_sub(self.used + number).filter(|word| *word >= LEFT);
        let word = word.ok_or("more offsets are to be kept than a filter's scratch memory has room for")?;
        self.named += 1;
        Ok(Cell { word, id: self.named })
    }
}

impl Meaning<'_> {
    /// Keeps a value.
    pub fn keep(&mut self, cell: Cell, value: ValueId) -> Question {
        Question::Keep(self.values.id(Value::Kept(cell, value)))
    }

    /// A word for the rest of the filter, and what is in it.
    pub fn cell(&mut self) -> Result<(Cell, ValueId), String> {
        let cell = self.cells.take()?;
        if self.unsure {
            self.cells.unset.push(cell);
        }
        Ok((cell, self.values.id(Value::Cell(cell))))
    }
}
