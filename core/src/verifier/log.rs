//! The log: text in the order in which the kernel would print it.
//!
//! Level 1 keeps the path that failed (and drops what a finished path printed), level 2 keeps everything. Level 0
//! keeps nothing, and nobody need make text for it: ask [`Log::on`] first.

use std::fmt;

/// Bytes of log that are kept.
pub const MAX_LOG: usize = 256 << 20;

/// The log of one verification.
#[derive(Clone, Debug, Default)]
pub struct Log {
    level: u8,
    text: String,
    truncated: bool,
}

impl Log {
    /// An empty log of that level, 0 to 2.
    pub fn new(level: u8) -> Log {
        Log { level, text: String::new(), truncated: false }
    }

    /// Whether anything is kept.
    pub fn on(&self) -> bool {
        self.level > 0
    }

    /// Whether every path is kept.
    pub fn all_paths(&self) -> bool {
        self.level > 1
    }

    /// Where the log ends, for [`Log::rewind`].
    pub fn position(&self) -> usize {
        self.text.len()
    }

    /// Forgets what was printed since `position`.
    pub fn rewind(&mut self, position: usize) {
        if position <= self.text.len() && self.text.is_char_boundary(position) {
            self.text.truncate(position);
        }
    }

    /// Adds text as it is.
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        if self.level == 0 {
            return;
        }
        if self.text.len() >= MAX_LOG {
            self.truncated = true;
            return;
        }
        // Writing to a string does not fail.
        let _ = fmt::Write::write_fmt(&mut self.text, text);
    }

    /// The buffer, for those who write much.
    pub fn text_mut(&mut self) -> &mut String {
        &mut self.text
    }

    /// What was printed, and whether some of it is missing.
    pub fn finish(self) -> (String, bool) {
        (self.text, self.truncated)
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
