//! The part of the verifier's log that is here: it may have megabytes, the page asks for what is on screen.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use bpfscope_web::lab::view::LogLine;

/// Lines asked for at a time.
const CHUNK: u32 = 256;

/// Chunks kept: beyond, all but the last one asked for are forgotten.
const KEPT: usize = 64;

/// Lines of one program's log by their number.
#[derive(Clone, Default)]
pub struct LogRows {
    program: u32,
    /// Nothing where the answer is awaited.
    chunks: BTreeMap<u32, Option<Rc<Vec<LogLine>>>>,
}

impl LogRows {
    /// A line, if it is here.
    pub fn get(&self, line: u32) -> Option<&LogLine> {
        self.chunks.get(&(line / CHUNK))?.as_ref()?.get((line % CHUNK) as usize)
    }

    /// Whose log this is.
    pub fn program(&self) -> u32 {
        self.program
    }

    /// Forgets everything: another log, of that program.
    pub fn clear(&mut self, program: u32) {
        *self = LogRows { program, chunks: BTreeMap::new() };
    }

    /// Takes lines from the worker.
    pub fn put(&mut self, program: u32, start: u32, lines: Vec<LogLine>) {
        if program == self.program {
            self.chunks.insert(start / CHUNK, Some(Rc::new(lines)));
        }
    }

    /// The ranges to ask the worker for, so that the lines `seen` are here.
    pub fn look(&mut self, seen: Range<u32>) -> Vec<Range<u32>> {
        if seen.is_empty() {
            return Vec::new();
        }
        if self.chunks.len() > KEPT {
            self.chunks.retain(|number, chunk| chunk.is_none() || *number == seen.start / CHUNK);
        }
        let wanted = seen.start / CHUNK..=(seen.end - 1) / CHUNK;
        let missing: Vec<u32> = wanted.filter(|number| !self.chunks.contains_key(number)).collect();
        self.chunks.extend(missing.iter().map(|number| (*number, None)));
        missing.into_iter().map(|number| number * CHUNK..(number + 1) * CHUNK).collect()
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use super::*;
    use bpfscope_web::lab::view::LogKind;

    #[test]
    fn lines_are_asked_for_once_and_those_of_another_log_are_not_taken() {
        let lines = |text: &str| vec![LogLine { text: text.into(), kind: LogKind::Other }; 256];
        let mut here = LogRows::default();
        assert_eq!(here.look(250..260), [0..256, 256..512]);
        assert!(here.look(250..260).is_empty(), "the answer is awaited");
        here.put(0, 0, lines("a"));
        assert_eq!(here.get(3).map(|line| line.text.as_str()), Some("a"));
        here.clear(1);
        here.put(0, 0, lines("late"));
        assert!(here.get(3).is_none());
        assert_eq!(here.look(0..9), [0..256]);
    }
}
