//! What front ends show of the same scenario on the kernel of a machine, beside the simulator's.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// What the simulator's verifier says of a program that a machine's kernel gave its verdict on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BesideView {
    /// By whose rules, `6.18`.
    pub kernel: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its message, when it rejects.
    pub message: Option<String>,
    /// Whether it says something else than the kernel.
    pub differs: bool,
}

/// How far a machine's kernel is with the replay, and what differs from the simulator's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ThereView {
    /// Whose kernel, `Linux 6.18.5 (this machine)`.
    pub kernel: String,
    /// Whether more is to come.
    pub running: bool,
    /// Packets done there.
    pub packets: u32,
    /// Packets that differ.
    pub different: u32,
    /// The first of them.
    pub first: Option<u32>,
    /// Packets that the kernel cannot be asked about, and why the first of them.
    pub left_out: Option<(u32, String)>,
    /// What of the maps differs when all is over, where no packet showed it.
    pub end: Option<DifferenceView>,
    /// Why it did not come to the end.
    pub error: Option<String>,
}

/// What differs on a packet, or after the last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DifferenceView {
    /// Packet, from 0; none after the last.
    pub packet: Option<u32>,
    /// Which program at which hook, `count at tc-ingress`; none where no single run is meant.
    pub run: Option<String>,
    /// What differs, at least one.
    pub aspects: Vec<AspectView>,
}

/// One thing that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AspectView {
    /// `return value`, `IPv4 ttl (byte 22)`, `mark`, `counts[17]`.
    pub what: String,
    /// In the simulator.
    pub ours: String,
    /// In the kernel.
    pub theirs: String,
}
