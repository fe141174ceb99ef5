//! Rejections in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), which code scanning reads.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::{Printer, Rejected, Report, Tally, Verdict, artifact};

/// Where the schema is, for editors.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The rule of rejections that nobody explains.
const UNEXPLAINED: (&str, &str, &str) = (
    "rejected-by-kernel",
    "The kernel rejects the program",
    "The running kernel's verifier rejects the program; its log tells the path that leads to the message.",
);

/// Collects rejections, and prints them at the end.
pub struct Sarif<W> {
    out: W,
    rules: Vec<Value>,
    results: Vec<Value>,
    /// Objects and programs that could not be checked.
    notifications: Vec<Value>,
}

impl<W: Write> Sarif<W> {
    pub fn new(out: W) -> Sarif<W> {
        Sarif { out, rules: Vec::new(), results: Vec::new(), notifications: Vec::new() }
    }

    /// The place of the rejection's rule among the rules.
    fn rule(&mut self, rejected: &Rejected) -> usize {
        let (id, title, cure) = match &rejected.explanation {
            Some(told) => (told.rule, told.title, told.cure),
            None => UNEXPLAINED,
        };
        if let Some(at) = self.rules.iter().position(|rule| rule["id"] == id) {
            return at;
        }
        self.rules.push(json!({
            "id": id,
            "shortDescription": { "text": title },
            "help": { "text": cure },
            "defaultConfiguration": { "level": "error" },
        }));
        self.rules.len() - 1
    }

    fn result(&mut self, report: &Report, verdict: &Verdict) {
        let Some(rejected) = &verdict.rejected else { return };
        let index = self.rule(rejected);
        let mut text = rejected.text.clone();
        if let Some(told) = &rejected.explanation {
            text = format!("{text}\n\n{}", told.text);
        }
        self.results.push(json!({
            "ruleId": self.rules[index]["id"],
            "ruleIndex": index,
            "level": "error",
            "message": { "text": text },
            "locations": [{
                "physicalLocation": physical(&report.object, rejected),
                "logicalLocations": [{
                    "name": verdict.name,
                    "fullyQualifiedName": format!("{}::{}", verdict.section, verdict.name),
                    "kind": "function",
                }],
            }],
            "properties": {
                "kernel": report.kernel,
                "object": report.object,
                "type": verdict.prog_type,
                "insn": rejected.place.as_ref().map(|place| place.pc.0),
            },
        }));
    }

    fn notify(&mut self, object: &str, text: &str) {
        self.notifications.push(json!({
            "level": "error",
            "message": { "text": text },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(object) } } }],
        }));
    }
}

impl<W: Write> Printer for Sarif<W> {
    fn object(&mut self, reports: &[Report]) -> io::Result<()> {
        for report in reports {
            match &report.outcome {
                Err(error) => self.notify(&report.object, &error.to_string()),
                Ok(checked) => {
                    for verdict in &checked.programs {
                        self.result(report, verdict);
                    }
                    for what in &checked.refused {
                        self.notify(&report.object, what);
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        let sarif = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {
                    "driver": {
                        "name": "bpfscope",
                        "semanticVersion": env!("CARGO_PKG_VERSION"),
                        "informationUri": env!("CARGO_PKG_REPOSITORY"),
                        "rules": self.rules,
                    },
                },
                "invocations": [{
                    "executionSuccessful": self.notifications.is_empty(),
                    "toolExecutionNotifications": self.notifications,
                }],
                "columnKind": "utf16CodeUnits",
                "results": self.results,
            }],
        });
        serde_json::to_writer_pretty(&mut self.out, &sarif)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

/// The source line, or else the object.
fn physical(object: &str, rejected: &Rejected) -> Value {
    let Some(line) = rejected.line() else {
        return json!({ "artifactLocation": { "uri": uri(object) } });
    };
    let mut region = json!({ "startLine": line.line });
    if line.column > 0 {
        region["startColumn"] = line.column.into();
    }
    if !line.text.is_empty() {
        region["snippet"] = json!({ "text": line.text });
    }
    json!({ "artifactLocation": { "uri": uri(&line.file) }, "region": region })
}

/// A file as a URI reference: relative to the working directory where it can be.
fn uri(file: &str) -> String {
    let path = artifact(file);
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_uris() {
        for (file, expected) in [
            ("src/a.c", "src/a.c"),
            ("./a b.c", "a%20b.c"),
            ("é#?.c", "%C3%A9%23%3F.c"),
            ("/usr/include/x.h", "file:///usr/include/x.h"),
        ] {
            assert_eq!(uri(file), expected);
        }
    }
}
