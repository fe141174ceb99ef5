//! How a rejection is printed: what was found is one thing, its wording another.

use crate::verifier::Rejection;

/// A manner of printing rejections.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Style {
    /// Lines that say what is wrong, the last of them the message: every kernel so far. The words are the findings'
    /// own (`Display`).
    #[default]
    Lines,
}

impl Style {
    /// What the log has of the rejection, without the end of the last line; empty when the kernel prints nothing.
    pub fn print(self, rejection: &Rejection) -> String {
        match self {
            Style::Lines => rejection.finding.to_string().trim_end().to_owned(),
        }
    }
}
