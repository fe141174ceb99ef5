//! The log: text in the order in which the kernel would print it.
//!
//! Level 1 keeps the path that failed (and drops what a finished path printed), level 2 keeps everything. Level 0
//! keeps nothing, and nobody need make text for it: ask [`Log::on`] first. A log of level 2 that gets too long goes on
//! as one of level 1, and of that keeps the end.

use std::fmt;

/// Bytes of log that are kept with every path, at most.
pub const MAX_LOG: usize = 64 << 20;
/// Of what comes after, the end is kept: at least a part of the limit so large, and at least so many bytes.
const TAIL: usize = 8;
const MIN_TAIL: usize = 1 << 10;
/// Bytes of log that are made, of paths that were dropped as well, before only the verdict is written: a line has
/// all that the program holds, so that lines can get as long as the path that leads to them.
const MAX_MADE: usize = 256 << 20;

/// The log of one verification.
#[derive(Clone, Debug, Default)]
pub struct Log {
    level: u8,
    text: String,
    /// Bytes after which level 2 goes on as level 1.
    limit: usize,
    /// Where it did so.
    cut: Option<usize>,
    /// Bytes that are missing there: of what comes after, the last is kept.
    dropped: usize,
    /// Bytes that were forgotten with their path.
    forgotten: usize,
}

impl Log {
    /// An empty log of that level, 0 to 2.
    pub fn new(level: u8, limit: usize) -> Log {
        Log { level, text: String::new(), limit: limit.min(MAX_LOG), cut: None, dropped: 0, forgotten: 0 }
    }

    /// Whether what is printed is kept.
    pub fn on(&self) -> bool {
        self.level > 0 && self.text.len() + self.dropped + self.forgotten < MAX_MADE
    }

    /// Whether every path is kept.
    pub fn all_paths(&self) -> bool {
        self.level > 1 && self.cut.is_none()
    }

    /// Where the log ends, for [`Log::rewind`].
    pub fn position(&self) -> usize {
        self.text.len() + self.dropped
    }

    /// Forgets what was printed since `position`, but nothing of what is kept of all paths.
    pub fn rewind(&mut self, position: usize) {
        let position = position.saturating_sub(self.dropped).max(self.cut.unwrap_or(0));
        if position <= self.text.len() && self.text.is_char_boundary(position) {
            self.forgotten += self.text.len() - position;
            self.text.truncate(position);
        }
    }

    /// Takes the end of the last line back, to go on with that line.
    pub fn reopen_line(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
        }
    }

    /// Adds text as it is.
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        if self.level == 0 {
            return;
        }
        if self.text.len() >= self.limit && self.level > 1 && self.cut.is_none() {
            self.cut = Some(self.text.len());
        }
        if let Some(cut) = self.cut
            && self.text.len() - cut >= 2 * self.tail()
        {
            self.drop_oldest(cut);
        }
        // Writing to a string does not fail.
        let _ = fmt::Write::write_fmt(&mut self.text, text);
    }

    fn tail(&self) -> usize {
        (self.limit / TAIL).max(MIN_TAIL)
    }

    /// Forgets the first half of what came after the cut, to the end of a line.
    fn drop_oldest(&mut self, cut: usize) {
        let half = cut + self.tail();
        let rest = self.text.as_bytes().get(half..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'\n').map_or(self.text.len(), |at| half + at + 1);
        self.text.drain(cut..end);
        self.dropped += end - cut;
    }

    /// The buffer, for those who write much.
    pub fn text_mut(&mut self) -> &mut String {
        &mut self.text
    }

    /// What was printed, and from where on it has not every path.
    pub fn finish(self) -> (String, Option<usize>) {
        (self.text, self.cut)
    }
}

/// Prints to the log in the manner of `write!`, without making the arguments' text when nothing is kept.
macro_rules! verbose {
    ($env:expr, $($arg:tt)*) => {
        if $env.log.on() {
            $env.log.print(format_args!($($arg)*));
        }
    };
}
pub(crate) use verbose;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_without_an_end_of_text_leave_the_verdict_at_last() {
        let mut log = Log::new(1, MAX_LOG);
        let path = "x".repeat(1 << 20);
        let mut paths = 0;
        while log.on() {
            verbose!(Of { log: &mut log }, "{path}");
            log.rewind(0);
            paths += 1;
            assert!(paths <= MAX_MADE >> 20, "it goes on");
        }
        verbose!(Of { log: &mut log }, "one more path");
        log.print(format_args!("the verdict"));
        assert_eq!(log.finish().0, "the verdict");
    }

    struct Of<'a> {
        log: &'a mut Log,
    }
}
