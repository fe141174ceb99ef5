//! Rejections as annotations of GitHub's workflows (workflow commands, "Setting an error message").

use std::io::{self, Write};

use super::report::{Printer, Report, Tally, Verdict, artifact};

/// Prints a line for each rejection and each error.
pub struct Github<W> {
    out: W,
    /// Whether there are several kernels, so that each is named.
    kernels: bool,
}

impl<W: Write> Github<W> {
    pub fn new(out: W, kernels: bool) -> Github<W> {
        Github { out, kernels }
    }

    fn error(&mut self, report: &Report, place: Place<'_>, title: &str, message: &str) -> io::Result<()> {
        write!(self.out, "::error file={}", property(&artifact(place.file)))?;
        if let Some(line) = place.line {
            write!(self.out, ",line={line}")?;
        }
        if let Some(column) = place.column {
            write!(self.out, ",col={column}")?;
        }
        let kernel = if self.kernels { format!(" (Linux {})", report.kernel) } else { String::new() };
        writeln!(self.out, ",title={}::{}", property(&format!("{title}{kernel}")), data(message))
    }

    fn rejected(&mut self, report: &Report, verdict: &Verdict) -> io::Result<()> {
        let Some(rejected) = &verdict.rejected else { return Ok(()) };
        let place = match rejected.line() {
            Some(l) => Place { file: &l.file, line: Some(l.line), column: Some(l.column).filter(|c| *c > 0) },
            None => Place { file: &report.object, line: None, column: None },
        };
        let mut message = format!("{}: {}", verdict.name, rejected.text);
        let mut title = "The kernel rejects the program";
        if let Some(told) = &rejected.explanation {
            title = told.title;
            message.push_str("\n\n");
            message.push_str(&told.text);
        }
        self.error(report, place, title, &message)
    }
}

struct Place<'a> {
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
}

impl<W: Write> Printer for Github<W> {
    fn object(&mut self, reports: &[Report]) -> io::Result<()> {
        for report in reports {
            let whole = Place { file: &report.object, line: None, column: None };
            match &report.outcome {
                Err(error) => self.error(report, whole, "Not checked", &error.to_string())?,
                Ok(checked) => {
                    for verdict in &checked.programs {
                        self.rejected(report, verdict)?;
                    }
                    for what in &checked.refused {
                        let whole = Place { file: &report.object, line: None, column: None };
                        self.error(report, whole, "Not checked", what)?;
                    }
                }
            }
        }
        self.out.flush()
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_message_or_a_property_is_escaped() {
        assert_eq!(data("100 %\r\na: b, c"), "100 %25%0D%0Aa: b, c");
        assert_eq!(property("C:\\a,b%\n"), "C%3A\\a%2Cb%25%0A");
    }
}
