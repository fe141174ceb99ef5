//! Verdicts for people.

use std::io::{self, Write};

use bpfscope_core::kernel::Line;

use super::report::{Printer, Rejected, Report, Tally, Verdict, artifact};
use crate::{
    style::{Ink, Style, counted},
    wrap::wrap,
};

/// Columns that explanations are broken at.
const COLUMNS: usize = 100;

/// Prints each program with all that is to be said of it.
pub struct Text<W> {
    out: W,
    style: Style,
}

impl<W: Write> Text<W> {
    pub fn new(out: W, style: Style) -> Text<W> {
        Text { out, style }
    }

    fn program(&mut self, report: &Report, verdict: &Verdict) -> io::Result<()> {
        let Verdict { name, section, prog_type, insns_processed, verification_us, .. } = verdict;
        let word = word(verdict, self.style);
        let insns = counted(*insns_processed, "instruction");
        let (object, name) = (&report.object, self.style.ink(Ink::Bold, name));
        writeln!(self.out, "{object}: {word}  {name}  {section}  {prog_type}  {insns} in {verification_us} µs")?;
        if let Some(rejected) = &verdict.rejected {
            self.rejected(rejected)?;
        }
        if !verdict.log.is_empty() {
            writeln!(self.out)?;
            self.out.write_all(verdict.log.as_bytes())?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        writeln!(self.out)?;
        for line in rejected.text.lines() {
            writeln!(self.out, "{}", self.style.ink(Ink::Bold, line))?;
        }
        writeln!(self.out)?;
        if let Some(place) = &rejected.place {
            let width = match &place.line {
                Some(line) => self.excerpt(line)?,
                None => 1,
            };
            let mark = self.style.ink(Ink::Dim, "=");
            writeln!(self.out, "{:width$} {mark} {}", "", place.insn)?;
            writeln!(self.out)?;
        }
        if let Some(told) = &rejected.explanation {
            writeln!(self.out, "{} [{}]", self.style.ink(Ink::Bold, told.title), told.rule)?;
            for line in wrap(&told.text, COLUMNS) {
                writeln!(self.out, "{line}")?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// The source line with its place; gives the columns of the line number.
    fn excerpt(&mut self, line: &Line) -> io::Result<usize> {
        let number = line.line.to_string();
        let width = number.len();
        let column = if line.column > 0 { format!(":{}", line.column) } else { String::new() };
        let (arrow, bar) = (self.style.ink(Ink::Dim, "-->"), self.style.ink(Ink::Dim, "|"));
        writeln!(self.out, "{:width$}{arrow} {}:{number}{column}", "", artifact(&line.file))?;
        if !line.text.trim().is_empty() {
            let (text, at) = trimmed(line);
            // Without a column all of the line is meant.
            let mark = if line.column > 0 { "^".to_owned() } else { "^".repeat(text.chars().count()) };
            writeln!(self.out, "{} {bar} {text}", self.style.ink(Ink::Dim, &number))?;
            writeln!(self.out, "{:width$} {bar} {:at$}{}", "", "", self.style.ink(Ink::Red, mark))?;
        }
        Ok(width)
    }
}

impl<W: Write> Printer for Text<W> {
    fn object(&mut self, reports: &[Report]) -> io::Result<()> {
        for report in reports {
            for verdict in report.outcome.iter().flat_map(|checked| &checked.programs) {
                self.program(report, verdict)?;
            }
        }
        self.out.flush()
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        summary(&mut self.out, tally, 1)
    }
}

/// Prints for each program a line a kernel.
pub struct Table<W> {
    out: W,
    style: Style,
    kernels: usize,
}

impl<W: Write> Table<W> {
    pub fn new(out: W, style: Style, kernels: usize) -> Table<W> {
        Table { out, style, kernels }
    }

    fn row(&mut self, report: &Report, name: &str) -> io::Result<()> {
        let Report { kernel, outcome, .. } = report;
        let Ok(checked) = outcome else { return writeln!(self.out, "  {kernel:<5} not checked") };
        // Of two programs of one name, which no loader takes, the first is shown.
        let Some(verdict) = checked.programs.iter().find(|p| p.name == name) else {
            return writeln!(self.out, "  {kernel:<5} not checked");
        };
        write!(self.out, "  {kernel:<5} {}", word(verdict, self.style))?;
        if let Some(rejected) = &verdict.rejected {
            write!(self.out, "  {}", rejected.message)?;
            if let Some(line) = rejected.line() {
                write!(
                    self.out,
                    "  {}",
                    self.style.ink(Ink::Dim, format_args!("{}:{}", artifact(&line.file), line.line))
                )?;
            }
        }
        writeln!(self.out)
    }

    /// The logs, each under its kernel's name.
    fn logs(&mut self, reports: &[Report], name: &str) -> io::Result<()> {
        for report in reports {
            for verdict in report.outcome.iter().flat_map(|c| &c.programs).filter(|p| p.name == name) {
                if !verdict.log.is_empty() {
                    writeln!(self.out, "\n{}:\n{}", report.kernel, verdict.log.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

impl<W: Write> Printer for Table<W> {
    fn object(&mut self, reports: &[Report]) -> io::Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for verdict in reports.iter().flat_map(|r| &r.outcome).flat_map(|checked| &checked.programs) {
            if seen.contains(&verdict.name.as_str()) {
                continue;
            }
            seen.push(&verdict.name);
            let Verdict { name, section, prog_type, .. } = verdict;
            let object = reports.first().map_or("", |r| &r.object);
            writeln!(self.out, "{object}: {}  {section}  {prog_type}", self.style.ink(Ink::Bold, name))?;
            for report in reports {
                self.row(report, name)?;
            }
            self.logs(reports, name)?;
            writeln!(self.out)?;
        }
        self.out.flush()
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        summary(&mut self.out, tally, self.kernels)
    }
}

fn word(verdict: &Verdict, style: Style) -> impl std::fmt::Display {
    match verdict.rejected {
        None => style.ink(Ink::Green, "accepted"),
        Some(_) => style.ink(Ink::Red, "rejected"),
    }
}

fn summary(out: &mut impl Write, tally: &Tally, kernels: usize) -> io::Result<()> {
    let Tally { accepted, rejected, failed, reports } = *tally;
    let objects = counted((reports / kernels) as u64, "object");
    match kernels {
        1 => write!(out, "{} in {objects}", counted((accepted + rejected) as u64, "program"))?,
        kernels => write!(out, "{objects} on {kernels} kernels")?,
    }
    write!(out, ": {accepted} accepted, {rejected} rejected")?;
    if failed > 0 {
        write!(out, ", {failed} not checked")?;
    }
    writeln!(out)?;
    out.flush()
}

/// A line's text without its indentation, each tab a blank, and how many columns before the place that is meant.
fn trimmed(line: &Line) -> (String, usize) {
    let text = line.text.trim_end();
    let bare = text.trim_start();
    let indentation = text.len() - bare.len();
    let at = (line.column as usize).saturating_sub(1).saturating_sub(indentation).min(bare.len());
    let before = bare.get(..at).map_or(0, |before| before.chars().count());
    (bare.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(), before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpfscope_core::isa::Pc;

    #[test]
    fn the_mark_stands_under_the_column() {
        for (text, column, shown, at) in [
            ("\tif (p->x)", 9, "if (p->x)", 7),
            ("if (p->x)", 1, "if (p->x)", 0),
            ("  a\tb", 5, "a b", 2),
            ("é = p", 6, "é = p", 4),
            ("x", 0, "x", 0),
            ("x", 900, "x", 1),
        ] {
            let line = Line { pc: Pc(0), file: String::new(), line: 1, column, text: text.to_owned() };
            assert_eq!(trimmed(&line), (shown.to_owned(), at), "{text}");
        }
    }
}
