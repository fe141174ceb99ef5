//! Two answers to one program: where they agree, and how far.

use super::answer::{Answer, split_statistics};
use super::diff::{self, Edit};

/// What two verifiers said of one program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Both accept it.
    BothAccept,
    /// Both reject it, for the same reason.
    BothReject,
    /// Both reject it, and say why in other words.
    OtherMessage,
    /// We accept what the kernel rejects.
    WronglyAccepted,
    /// We reject what the kernel accepts.
    WronglyRejected,
}

impl Outcome {
    /// Compares verdicts and messages; empty messages of the kernel (an errno alone) are like any other.
    pub fn of(kernel_message: Option<&str>, our_message: Option<&str>) -> Outcome {
        match (kernel_message, our_message) {
            (None, None) => Outcome::BothAccept,
            (Some(kernel), Some(ours)) if plain(kernel) == plain(ours) => Outcome::BothReject,
            (Some(_), Some(_)) => Outcome::OtherMessage,
            (Some(_), None) => Outcome::WronglyAccepted,
            (None, Some(_)) => Outcome::WronglyRejected,
        }
    }

    /// Whether the verdicts are the same.
    pub fn same_verdict(self) -> bool {
        !matches!(self, Outcome::WronglyAccepted | Outcome::WronglyRejected)
    }

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::BothAccept => "both accept",
            Outcome::BothReject => "both reject",
            Outcome::OtherMessage => "other message",
            Outcome::WronglyAccepted => "WRONGLY ACCEPTED",
            Outcome::WronglyRejected => "wrongly rejected",
        }
    }
}

/// A line without what no other machine can know: the kernel's addresses of maps, and the padding that depends on them.
pub fn plain(line: &str) -> String {
    const ADDRESS: &str = "= 0xffff";
    let line = line.trim_end();
    if let Some(at) = line.find(ADDRESS).filter(|at| line[..*at].contains("(18) r")) {
        let digits = &line[at + 4..];
        let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
        if end >= 12 {
            let rest = digits[end..].trim_start();
            let gap = if rest.is_empty() { "" } else { " " };
            return format!("{}= 0x0{gap}{rest}", &line[..at]);
        }
    }
    match line.find("(18) r").and_then(|at| line[at..].find(" = 0x0 ").map(|more| at + more + 6)) {
        Some(end) => format!("{} {}", &line[..end], line[end..].trim_start()),
        None => line.to_owned(),
    }
}

/// Lines of a log that are compared: what comes after repeats itself, and would outweigh all other programs together.
const MOST_LINES: usize = 50_000;

/// A log's lines that are compared: all but times, which never are the same.
pub fn comparable(log: &str) -> Vec<String> {
    let parts = |line| {
        let (message, statistics) = split_statistics(line);
        [Some(message).filter(|m| !m.is_empty() || statistics.is_none()), statistics].into_iter().flatten()
    };
    let lines = log.lines().take(MOST_LINES).flat_map(parts);
    lines.filter(|line| !line.starts_with("verification time ")).map(plain).collect()
}

/// Two logs beside each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogDiff {
    /// Lines of the kernel's log.
    pub kernel: Vec<String>,
    /// Lines of ours.
    pub ours: Vec<String>,
    /// How the first becomes the second.
    pub edits: Vec<Edit>,
}

impl LogDiff {
    /// Compares two logs.
    pub fn new(kernel: &str, ours: &str) -> LogDiff {
        let (kernel, ours) = (comparable(kernel), comparable(ours));
        let edits = {
            let a: Vec<&str> = kernel.iter().map(String::as_str).collect();
            let b: Vec<&str> = ours.iter().map(String::as_str).collect();
            diff::diff(&a, &b)
        };
        LogDiff { kernel, ours, edits }
    }

    /// Lines that are the same, of how many of the longer log.
    pub fn same(&self) -> (usize, usize) {
        (diff::same(&self.edits), self.kernel.len().max(self.ours.len()))
    }

    /// As `diff -u` shows it: `-` the kernel's lines, `+` ours, with so many lines around each difference.
    pub fn text(&self, context: usize) -> String {
        let differs = |edit: &Edit| !matches!(edit, Edit::Same(..));
        let mut near = vec![false; self.edits.len()];
        for at in (0..self.edits.len()).filter(|at| differs(&self.edits[*at])) {
            let range = at.saturating_sub(context)..(at + context + 1).min(self.edits.len());
            near[range].fill(true);
        }
        let mut text = String::new();
        let mut skipped = false;
        for (edit, near) in self.edits.iter().zip(near) {
            if !near {
                skipped = true;
                continue;
            }
            if std::mem::take(&mut skipped) {
                text += "...\n";
            }
            let (mark, line) = match *edit {
                Edit::Same(at, _) => (' ', &self.kernel[at]),
                Edit::Gone(at) => ('-', &self.kernel[at]),
                Edit::New(at) => ('+', &self.ours[at]),
            };
            text.push(mark);
            text += line;
            text.push('\n');
        }
        text
    }

    /// The same up to the first difference and a few lines more.
    pub fn first(&self, context: usize) -> String {
        let Some(at) = self.edits.iter().position(|e| !matches!(e, Edit::Same(..))) else { return String::new() };
        let to = (at + context + 1).min(self.edits.len());
        let edits = self.edits[..to].to_vec();
        LogDiff { edits, ..self.clone() }.text(context)
    }
}

/// Counts over many programs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tally {
    /// Programs that both accept.
    pub both_accept: u64,
    /// Programs that both reject.
    pub both_reject: u64,
    /// Of these, with the same message.
    pub same_message: u64,
    /// Programs that only we accept.
    pub wrongly_accepted: u64,
    /// Programs that only the kernel accepts.
    pub wrongly_rejected: u64,
    /// Lines that both logs have, and lines of the longer one.
    pub same_lines: u64,
    /// See [`Tally::same_lines`].
    pub lines: u64,
    /// Programs with the same number of processed instructions, of those where both numbers are known.
    pub same_processed: u64,
    /// See [`Tally::same_processed`].
    pub processed: u64,
    /// The largest ratio of our processed instructions to the kernel's.
    pub worst_ratio: f64,
}

impl Tally {
    /// Counts one program.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::BothAccept => self.both_accept += 1,
            Outcome::BothReject => {
                self.both_reject += 1;
                self.same_message += 1;
            }
            Outcome::OtherMessage => self.both_reject += 1,
            Outcome::WronglyAccepted => self.wrongly_accepted += 1,
            Outcome::WronglyRejected => self.wrongly_rejected += 1,
        }
    }

    /// Counts the processed instructions of a program that was answered by both.
    pub fn count_processed(&mut self, kernel: &Answer, ours: &Answer) {
        let (Some(kernel), Some(ours)) = (kernel.processed, ours.processed) else { return };
        self.processed += 1;
        self.same_processed += u64::from(kernel == ours);
        self.worst_ratio = self.worst_ratio.max(ours as f64 / kernel.max(1) as f64);
    }

    /// Counts the lines of two logs.
    pub fn count_lines(&mut self, logs: &LogDiff) {
        let (same, of) = logs.same();
        self.same_lines += same as u64;
        self.lines += of as u64;
    }

    /// Counts what another tally counted.
    pub fn add(&mut self, other: &Tally) {
        self.both_accept += other.both_accept;
        self.both_reject += other.both_reject;
        self.same_message += other.same_message;
        self.wrongly_accepted += other.wrongly_accepted;
        self.wrongly_rejected += other.wrongly_rejected;
        self.same_lines += other.same_lines;
        self.lines += other.lines;
        self.same_processed += other.same_processed;
        self.processed += other.processed;
        self.worst_ratio = self.worst_ratio.max(other.worst_ratio);
    }

    /// Programs altogether.
    pub fn total(&self) -> u64 {
        self.both_accept + self.both_reject + self.wrongly_accepted + self.wrongly_rejected
    }

    /// Column heads of [`Tally::row`], as a Markdown table begins.
    pub const HEAD: &str = "| programs | | both accept | both reject | wrongly accepted | wrongly rejected | same message | same log lines | same `processed` |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|";

    /// A row of a Markdown table.
    pub fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.total(),
            self.both_accept,
            self.both_reject,
            self.wrongly_accepted,
            self.wrongly_rejected,
            share(self.same_message, self.both_reject),
            share(self.same_lines, self.lines),
            share(self.same_processed, self.processed),
        )
    }
}

/// A share in per cent, cut and not rounded up, so that 100 % means all.
fn share(part: u64, of: u64) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", (part as f64 * 1000.0 / of as f64).floor() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_maps_do_not_count() {
        let kernel = "3: (18) r1 = 0xffff888252267800       ; R1=map_ptr(map=m,ks=4,vs=8)";
        let ours = "3: (18) r1 = 0x0                      ; R1=map_ptr(map=m,ks=4,vs=8)";
        assert_eq!(plain(kernel), plain(ours));
        assert_eq!(plain("      3: ..2....... (18) r1 = 0xffff888252267800"), "      3: ..2....... (18) r1 = 0x0");
        for same in ["3: (18) r1 = 0x1234 ; R1=0x1234", "(b7) r1 = 0xffff888252267800", "(18) r1 = 0xffff ; x"] {
            assert_eq!(plain(same), same);
        }
    }

    #[test]
    fn outcomes_name_who_is_wrong() {
        assert_eq!(Outcome::of(None, None), Outcome::BothAccept);
        assert_eq!(Outcome::of(Some("a"), Some("a")), Outcome::BothReject);
        assert_eq!(Outcome::of(Some("a"), Some("b")), Outcome::OtherMessage);
        assert_eq!(Outcome::of(Some("a"), None), Outcome::WronglyAccepted);
        assert_eq!(Outcome::of(None, Some("a")), Outcome::WronglyRejected);
    }

    #[test]
    fn a_difference_is_shown_with_what_is_around_it() {
        let logs = LogDiff::new("a\nb\ncverification time 3 usec\nd\n", "a\nb\nx\nd\nverification time 9 usec\n");
        assert_eq!(logs.same(), (3, 4));
        assert_eq!(logs.text(1), "...\n b\n-c\n+x\n d\n");
        assert_eq!(logs.first(1), "...\n b\n-c\n+x\n");
    }

    #[test]
    fn shares_are_cut() {
        assert_eq!((share(9999, 10000), share(3, 3), share(0, 0)), ("99.9 %".into(), "100.0 %".into(), "–".into()));
    }
}
