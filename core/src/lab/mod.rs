//! `Scenario`, links, `Replay`, `Session`, and the values that front ends show.
//!
//! A [`Scenario`] is everything that a link or a file holds. [`Compiled`] is its source made ready to run, a
//! [`Replay`] is a capture going through the attached programs, and a [`Session`] puts these together for a front end
//! with a screen: it remembers the packet that is looked at and answers in values of [`view`].
//! A front end without one (the command's `replay`) uses [`Compiled`] and [`Replay`] alone.

mod annotate;
mod bytes;
mod classic;
mod compare;
mod difference;
mod engine;
mod error;
mod format;
pub mod hex;
mod lesson;
pub mod link;
mod program;
mod records;
pub mod remote;
mod replay;
mod scenario;
mod session;
mod tally;
pub mod view;
mod way;

pub use annotate::{StepLine, annotate};
pub use bytes::ByteSource;
pub use classic::Origin;
pub use compare::{After, Aspect, Comparable, Compare, Difference, comparable};
pub use engine::{Contents, Engine};
pub use error::LabError;
pub use format::{format_map_value, format_value};
pub use lesson::Lesson;
pub use program::Compiled;
pub use replay::{Attached, Replay, Run, Totals, VerdictCount, hook_of};
pub use scenario::{Attachment, CaptureRef, Cursor, Entry, MapContents, Scenario, Source, VERSION};
pub use session::{Jump, SESSION_LOG, Session};
pub use way::{Departure, RedirectLoop};
