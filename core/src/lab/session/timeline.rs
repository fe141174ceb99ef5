//! Checkpoints of a replay: enough of them to come back to any packet soon, few enough to be cheap.

use crate::vm::Checkpoint;

/// Checkpoints kept at most; every second one goes when there are more.
const MOST: usize = 32;
/// Bytes of map memory that all checkpoints together may hold.
const MEMORY: u64 = 256 << 20;

/// The states of a replay between packets, at equal distances.
pub(super) struct Timeline {
    /// Packets between checkpoints.
    every: u32,
    /// The packet that comes next, and the state before it; the first is packet 0.
    points: Vec<(u32, Checkpoint)>,
}

impl Timeline {
    pub fn new(start: Checkpoint) -> Timeline {
        Timeline { every: 8, points: vec![(0, start)] }
    }

    /// Whether the state before `packet` should be kept.
    pub fn wants(&self, packet: u32) -> bool {
        packet > 0 && packet.is_multiple_of(self.every)
    }

    /// Keeps the state before `packet`; `memory` is the size of its maps in bytes.
    pub fn keep(&mut self, packet: u32, state: Checkpoint, memory: u64) {
        self.points.push((packet, state));
        let most = (MEMORY / memory.max(1)).clamp(2, MOST as u64) as usize;
        while self.points.len() > most {
            self.every = self.every.saturating_mul(2);
            let every = self.every;
            self.points.retain(|(packet, _)| packet.is_multiple_of(every));
            if self.points.len() == 1 {
                break;
            }
        }
    }

    /// The nearest state kept at or before `packet`.
    pub fn before(&self, packet: u32) -> (u32, &Checkpoint) {
        let after = self.points.partition_point(|(at, _)| *at <= packet);
        let (at, state) = &self.points[after.max(1) - 1];
        (*at, state)
    }

    /// All states kept, oldest first.
    pub fn points(&self) -> &[(u32, Checkpoint)] {
        &self.points
    }
}
