//! Lists of what came out of a replay.

use serde::{Deserialize, Serialize};

/// A list of a replay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListOf {
    /// The packets of the capture.
    #[default]
    In,
    /// The frames that left an interface, by its place in the scenario's network; where there are no interfaces, that
    /// left at all: 0.
    Out(u16),
    /// What programs printed and the records that they sent.
    Events,
}

/// A list, as it is chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListView {
    /// Which.
    pub of: ListOf,
    /// Its name: `out`, `eth1 out`, `events`.
    pub name: String,
    /// Rows so far.
    pub rows: u32,
    /// Rows beyond those, for which there was no room.
    pub left_out: u64,
}
