//! What a verifier says of a program.

use std::fmt;

/// Errors that `BPF_PROG_LOAD` gives, with the kernel's names.
const ERRNOS: [(&str, i32); 17] = [
    ("EPERM", 1),
    ("ENOENT", 2),
    ("EINTR", 4),
    ("E2BIG", 7),
    ("EBADF", 9),
    ("EAGAIN", 11),
    ("ENOMEM", 12),
    ("EACCES", 13),
    ("EFAULT", 14),
    ("EBUSY", 16),
    ("EEXIST", 17),
    ("EINVAL", 22),
    ("ENOSPC", 28),
    ("ERANGE", 34),
    ("ELOOP", 40),
    ("EOPNOTSUPP", 95),
    ("ENOTSUPP", 524),
];

/// An errno's name; its number where there is none.
pub fn errno_name(errno: i32) -> String {
    ERRNOS.iter().find(|row| row.1 == errno).map_or_else(|| errno.to_string(), |row| row.0.to_owned())
}

fn errno_number(name: &str) -> Option<i32> {
    ERRNOS.iter().find(|row| row.0 == name).map(|row| row.1).or_else(|| name.parse().ok())
}

/// A verdict, as case files record it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The program may run.
    Accepted,
    /// It may not.
    Rejected {
        /// The log's last line before `processed …`; empty when there is none.
        message: String,
        /// The errno.
        errno: i32,
    },
}

impl Verdict {
    /// The message of a rejection.
    pub fn rejection(&self) -> Option<&str> {
        match self {
            Verdict::Accepted => None,
            Verdict::Rejected { message, .. } => Some(message),
        }
    }

    /// Reads what [`Verdict`]'s `Display` writes.
    pub fn parse(text: &str) -> Option<Verdict> {
        if text == "accepted" {
            return Some(Verdict::Accepted);
        }
        let rest = text.strip_prefix("rejected:")?;
        let (message, errno) = rest.rsplit_once("(errno ")?;
        let errno = errno_number(errno.strip_suffix(')')?)?;
        Some(Verdict::Rejected { message: message.trim().to_owned(), errno })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Accepted => f.write_str("accepted"),
            Verdict::Rejected { message, errno } if message.is_empty() => {
                write!(f, "rejected: (errno {})", errno_name(*errno))
            }
            Verdict::Rejected { message, errno } => write!(f, "rejected: {message} (errno {})", errno_name(*errno)),
        }
    }
}

/// What a verifier wrote, and its verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The errno of a rejection; [`Answer::NO_ERRNO`] where the verifier gives none.
    pub errno: Option<i32>,
    /// Why, in one line; empty for an acceptance.
    pub message: String,
    /// Instructions that were explored.
    pub processed: Option<u64>,
    /// The whole log.
    pub log: String,
}

impl Answer {
    /// The errno of a rejection by us.
    pub const NO_ERRNO: i32 = 0;

    /// What a log tells, with the errno of a rejection.
    pub fn new(errno: Option<i32>, log: String) -> Answer {
        let message = if errno.is_some() { last_line(&log).to_owned() } else { String::new() };
        Answer { errno, message, processed: processed(&log), log }
    }

    /// Whether the program may run.
    pub fn is_accepted(&self) -> bool {
        self.errno.is_none()
    }

    /// Why it may not, if so.
    pub fn rejection(&self) -> Option<&str> {
        self.errno.map(|_| self.message.as_str())
    }

    /// Verdict and message.
    pub fn verdict(&self) -> Verdict {
        match self.errno {
            None => Verdict::Accepted,
            Some(errno) => Verdict::Rejected { message: self.message.clone(), errno },
        }
    }
}

/// Lines after the message: what it cost, and the two states that make a loop infinite.
const AFTER: [&str; 5] = ["processed ", "verification time ", "stack depth", "cur state:", "old state:"];

/// The last line before the statistics: in the log of a rejection, why.
pub fn last_line(log: &str) -> &str {
    let is_message = |line: &&str| !line.is_empty() && !AFTER.iter().any(|start| line.starts_with(start));
    let line = log.lines().rev().map(str::trim_end).find(is_message).unwrap_or_default();
    split_statistics(line).0
}

/// A line's message, and the statistics that stand behind it on the same line: the kernel does not end every message's.
pub fn split_statistics(line: &str) -> (&str, Option<&str>) {
    let ends = [("processed ", " insns (limit "), ("verification time ", " usec")];
    let end = ends.iter().find_map(|(start, rest)| line.find(start).filter(|at| line[*at..].contains(rest)));
    match end {
        Some(at) => (&line[..at], Some(&line[at..])),
        None => (line, None),
    }
}

/// The number in `processed N insns …`.
pub fn processed(log: &str) -> Option<u64> {
    let line = log.lines().rev().find(|line| line.starts_with("processed "))?;
    line.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_read_as_it_is_written() {
        let rejected = |message: &str, errno| Verdict::Rejected { message: message.to_owned(), errno };
        for verdict in [
            Verdict::Accepted,
            rejected("R0 !read_ok", 13),
            rejected("invalid access (errno EINVAL) of R1", 22),
            rejected("", 7),
            rejected("x", 71),
        ] {
            assert_eq!(Verdict::parse(&verdict.to_string()), Some(verdict));
        }
        for wrong in ["", "rejected", "rejected: R0 !read_ok", "accepted by all"] {
            assert_eq!(Verdict::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_message_is_the_last_line_before_the_statistics() {
        let log =
            "0: (95) exit\nR0 !read_ok\nverification time 12 usec\nstack depth 0\nprocessed 1 insns (limit 1000000)\n";
        assert_eq!((last_line(log), processed(log)), ("R0 !read_ok", Some(1)));
        assert_eq!((last_line(""), processed("")), ("", None));
        for rest in ["processed 3 insns (limit 1000000)\n", "verification time 12 usec\nstack depth 0\n"] {
            assert_eq!(
                last_line(&format!("expected prog array map for tail call{rest}")),
                "expected prog array map for tail call"
            );
        }
    }
}
