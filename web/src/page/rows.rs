//! The part of the packet list that is here: a million rows stay with the worker, the page asks for the
//! few that are on screen.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use bpfscope_web::lab::view::RowView;

/// Rows asked for at a time.
const CHUNK: u32 = 128;

/// Chunks kept; those longest unseen go first.
const KEPT: usize = 32;

/// Rows by their index.
#[derive(Clone, Default)]
pub struct Rows {
    chunks: BTreeMap<u32, Chunk>,
    /// Counts the replays: rows of an earlier one show a verdict that no longer holds.
    replay: u32,
    /// Packets replayed, by the worker's last word.
    replayed: u32,
    /// Counts the looks, for [`KEPT`].
    looks: u64,
}

#[derive(Clone)]
struct Chunk {
    rows: Rc<Vec<RowView>>,
    /// The replay and how far it was when the rows were made.
    made: (u32, u32),
    /// The replay and how far it was when they were asked for, while the answer is awaited.
    awaited: bool,
    seen: u64,
}

impl Rows {
    /// Row `index`, if it is here.
    pub fn get(&self, index: u32) -> Option<&RowView> {
        self.chunks.get(&(index / CHUNK))?.rows.get((index % CHUNK) as usize)
    }

    /// Forgets everything: another capture.
    pub fn clear(&mut self) {
        *self = Rows { replay: self.replay + 1, ..Rows::default() };
    }

    /// The replay has come to `packets`; fewer than before means that it began anew.
    pub fn progress(&mut self, packets: u32) {
        if packets < self.replayed {
            self.replay += 1;
        }
        self.replayed = packets;
    }

    /// What rows say besides has changed: those on screen are asked for again.
    pub fn outdate(&mut self) {
        self.replay += 1;
    }

    /// Takes rows from the worker.
    pub fn put(&mut self, start: u32, rows: Vec<RowView>, replayed: u32) {
        let made = (self.replay, replayed);
        let chunk = Chunk { rows: Rc::new(rows), made, awaited: false, seen: self.looks };
        self.chunks.insert(start / CHUNK, chunk);
        while self.chunks.len() > KEPT {
            let oldest = self.chunks.iter().min_by_key(|(_, chunk)| chunk.seen).map(|(&number, _)| number);
            oldest.map(|number| self.chunks.remove(&number));
        }
    }

    /// The ranges to ask the worker for, so that rows `seen` are here and true.
    pub fn look(&mut self, seen: Range<u32>) -> Vec<Range<u32>> {
        self.looks += 1;
        let mut missing = Vec::new();
        if seen.is_empty() {
            return missing;
        }
        for number in seen.start / CHUNK..=(seen.end - 1) / CHUNK {
            let start = number * CHUNK;
            let end = start.saturating_add(CHUNK);
            let now = (self.replay, self.replayed);
            let chunk = self.chunks.entry(number).or_insert_with(|| Chunk {
                rows: Rc::default(),
                made: (u32::MAX, 0),
                awaited: false,
                seen: 0,
            });
            chunk.seen = self.looks;
            let (replay, replayed) = chunk.made;
            let stale = replay != now.0 || (replayed < end && replayed < now.1);
            if stale && !chunk.awaited {
                chunk.awaited = true;
                missing.push(start..end);
            }
        }
        missing
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use super::*;
    use bpfscope_web::lab::Cursor;

    fn rows(start: u32, count: u32) -> Vec<RowView> {
        (start..start + count)
            .map(|packet| RowView {
                at: Cursor { packet, ..Cursor::default() },
                time: String::new(),
                source: String::new(),
                destination: String::new(),
                what: String::new(),
                length: 0,
                verdict: None,
                differs: None,
            })
            .collect()
    }

    #[test]
    fn rows_are_asked_for_once() {
        let mut here = Rows::default();
        assert_eq!(here.look(120..140), [0..128, 128..256]);
        assert!(here.look(120..140).is_empty(), "the answer is awaited");
        here.put(0, rows(0, 128), 1000);
        here.put(128, rows(128, 128), 1000);
        assert!(here.look(120..140).is_empty());
        assert_eq!(here.get(130).map(|row| row.at.packet), Some(130));
        assert!(here.get(300).is_none());
    }

    #[test]
    fn rows_without_their_verdict_are_asked_for_again_when_the_replay_has_come_further() {
        let mut here = Rows::default();
        here.progress(10);
        here.look(0..20);
        here.put(0, rows(0, 128), 10);
        assert!(here.look(0..20).is_empty());
        here.progress(60);
        assert_eq!(here.look(0..20), [0..128]);
        assert!(here.get(5).is_some(), "the old row stays on screen meanwhile");
        here.put(0, rows(0, 128), 128);
        here.progress(5000);
        assert!(here.look(0..20).is_empty());
    }

    #[test]
    fn another_replay_makes_all_rows_stale() {
        let mut here = Rows::default();
        here.progress(500);
        here.look(0..20);
        here.put(0, rows(0, 128), 500);
        here.progress(0);
        assert_eq!(here.look(0..20), [0..128]);
        here.clear();
        assert!(here.get(0).is_none());
    }

    #[test]
    fn chunks_longest_unseen_go_first() {
        let mut here = Rows::default();
        for number in 0..=KEPT as u32 {
            here.look(number * CHUNK..number * CHUNK + 1);
            here.put(number * CHUNK, rows(number * CHUNK, CHUNK), 0);
        }
        assert!(here.get(0).is_none());
        assert!(here.get(KEPT as u32 * CHUNK).is_some());
    }
}
