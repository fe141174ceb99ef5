//! Verdicts for programs: one object for each object and kernel; when there are several, an array of them.

use std::io::{self, Write};

use serde::Serialize;

use super::report::{Printer, Report, Tally, Verdict};

/// An object on a kernel.
#[derive(Serialize)]
struct Object<'a> {
    kernel: &'a str,
    object: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    programs: Option<Vec<Program<'a>>>,
    /// Programs that could not be checked.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    refused: &'a [String],
}

#[derive(Serialize)]
struct Program<'a> {
    name: &'a str,
    section: &'a str,
    r#type: &'a str,
    accepted: bool,
    message: Option<&'a str>,
    insn: Option<u32>,
    file: Option<&'a str>,
    line: Option<u32>,
    insns_processed: u64,
    verification_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<&'a str>,
}

/// Prints JSON.
pub struct Json<W> {
    out: W,
    array: bool,
    log: bool,
    count: usize,
}

impl<W: Write> Json<W> {
    pub fn new(out: W, array: bool, log: bool) -> Json<W> {
        Json { out, array, log, count: 0 }
    }

    fn program<'a>(&self, verdict: &'a Verdict) -> Program<'a> {
        let rejected = verdict.rejected.as_ref();
        let line = rejected.and_then(|r| r.line());
        Program {
            name: &verdict.name,
            section: &verdict.section,
            r#type: verdict.prog_type,
            accepted: rejected.is_none(),
            message: rejected.map(|r| r.message.as_str()),
            insn: rejected.and_then(|r| r.place.as_ref()).map(|place| place.pc.0),
            file: line.map(|l| l.file.as_str()),
            line: line.map(|l| l.line),
            insns_processed: verdict.insns_processed,
            verification_us: verdict.verification_us,
            log: self.log.then_some(&verdict.log),
        }
    }
}

impl<W: Write> Printer for Json<W> {
    fn object(&mut self, reports: &[Report]) -> io::Result<()> {
        for report in reports {
            if self.array {
                self.out.write_all(if self.count == 0 { b"[\n" } else { b",\n" })?;
            }
            self.count += 1;
            let checked = report.outcome.as_ref().ok();
            let object = Object {
                kernel: &report.kernel,
                object: &report.object,
                error: report.outcome.as_ref().err().map(ToString::to_string),
                programs: checked.map(|c| c.programs.iter().map(|p| self.program(p)).collect()),
                refused: checked.map_or(&[], |c| &c.refused),
            };
            serde_json::to_writer(&mut self.out, &object)?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        self.out.write_all(if self.array { b"\n]\n" } else { b"\n" })?;
        self.out.flush()
    }
}
