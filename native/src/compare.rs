//! `bpfscope compare`: one scenario in the simulator and in the running kernel, packet by packet; what differs.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapId},
    lab::{Aspect, Compare, Difference, hex},
    net::{CaptureReader, LinkType, summarize},
    vm::Output,
};
use serde::Serialize;

use crate::{
    args::{CompareArgs, Format},
    error::Error,
    host::{self, KernelEngine},
    input::{self, Input},
    replay::{NotRun, each, progress},
    style::{Ink, Style},
};

/// Differences that are shown in full; all are counted.
const SHOWN: u64 = 10;
/// Bytes in a line of a frame.
const ROW: usize = 16;

/// Runs the subcommand: 0 when both agree, 1 when they differ.
pub fn run(args: &CompareArgs) -> Result<ExitCode, Error> {
    let kernel = host::release()?;
    let mut input = Input::new(&args.attach)?;
    // Values of per-CPU maps have as many CPUs as the kernel has.
    input.scenario.cpus = host::possible_cpus();
    host::in_kernel_thread(|| compare(args, &input, &kernel))
}

fn compare(args: &CompareArgs, input: &Input, kernel: &str) -> Result<ExitCode, Error> {
    let ours = input.replay()?;
    let theirs = match input.kernel_replay()? {
        Ok(theirs) => theirs,
        Err(rejected) => {
            eprintln!("{}: Linux {kernel}: {rejected}", input.name);
            return Ok(ExitCode::from(1));
        }
    };
    let mut both = Compare::new(ours, theirs, &input.compiled.loaded);
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let name = capture.name.clone();
    let bar = progress(&capture);
    let mut reader = CaptureReader::new(capture.stream()).map_err(|e| Error::of(&name, e.into()))?;
    let mut report = Report::new(args, input, kernel);
    let mut not_run = NotRun::default();
    let whole = each(&mut reader, bar.as_ref(), |packet| {
        if report.is_done() {
            return Ok(());
        }
        let Some(found) = not_run.note(packet, both.packet(packet)) else { return Ok(()) };
        report.compared += 1;
        match found {
            Some(found) => report.difference(&found, packet.link, Some(packet.data)),
            None => Ok(()),
        }
    })?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    if report.differences == 0
        && let Some(found) = both.end()
    {
        report.difference(&found, LinkType::Ethernet, None)?;
    }
    report.summary(&name, &both)?;
    let status = if report.differences == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) };
    whole.map_err(|error| Error::of(&name, error.into()))?;
    not_run.into_error(&name).map_or(Ok(status), Err)
}

/// What a comparison came to, as `--format json` prints it.
#[derive(Serialize)]
struct Summary<'a> {
    kernel: &'a str,
    packets: u32,
    compared: u32,
    equal: bool,
    different: u64,
    differences: &'a [Found],
}

/// A difference, as `--format json` prints it.
#[derive(Serialize)]
struct Found {
    packet: Option<u32>,
    hook: Option<Hook>,
    program: Option<String>,
    /// `fault`, `return`, `frame`, a context field's name, `events`, `runs` or `map`.
    what: String,
    /// For a frame the first byte that differs.
    at: Option<usize>,
    /// For a map its name and the key.
    map: Option<String>,
    key: Option<String>,
    simulator: Option<String>,
    kernel: Option<String>,
}

struct Report<'a> {
    args: &'a CompareArgs,
    input: &'a Input,
    kernel: &'a str,
    style: Style,
    compared: u32,
    /// Packets that differ.
    differences: u64,
    found: Vec<Found>,
    out: BufWriter<io::StdoutLock<'a>>,
}

impl<'a> Report<'a> {
    fn new(args: &'a CompareArgs, input: &'a Input, kernel: &'a str) -> Report<'a> {
        let out = BufWriter::new(io::stdout().lock());
        let style = Style::of_stdout();
        Report { args, input, kernel, style, compared: 0, differences: 0, found: Vec::new(), out }
    }

    /// Whether no more packets need to be looked at.
    fn is_done(&self) -> bool {
        self.differences > 0 && !self.args.all
    }

    fn difference(&mut self, found: &Difference, link: LinkType, data: Option<&[u8]>) -> Result<(), Error> {
        self.differences += 1;
        if self.differences > SHOWN {
            return Ok(());
        }
        match self.args.format {
            Format::Json => self.keep(found),
            Format::Text => self.show(found, link, data)?,
        }
        Ok(())
    }

    fn map(&self, id: MapId) -> &'a MapDef {
        &self.input.compiled.loaded.maps[id.index()]
    }

    fn keep(&mut self, found: &Difference) {
        let of = |packet, what: &str| Found {
            packet,
            hook: None,
            program: None,
            what: what.to_owned(),
            at: None,
            map: None,
            key: None,
            simulator: None,
            kernel: None,
        };
        match found {
            Difference::Way { packet, ours, theirs } => self.found.push(Found {
                simulator: Some(ours.to_string()),
                kernel: Some(theirs.to_string()),
                ..of(Some(*packet), "runs")
            }),
            Difference::Map { packet, map, key, ours, theirs } => self.found.push(Found {
                map: Some(self.map(*map).name.clone()),
                key: Some(hex::encode(key)),
                simulator: ours.as_deref().map(hex::encode),
                kernel: theirs.as_deref().map(hex::encode),
                ..of(*packet, "map")
            }),
            Difference::Run { packet, hook, program, aspects } => {
                for aspect in aspects {
                    let (what, at, ours, theirs) = sides(aspect, &self.input.compiled.loaded.maps);
                    self.found.push(Found {
                        hook: Some(*hook),
                        program: Some(self.input.program(*program).to_owned()),
                        at,
                        simulator: Some(ours),
                        kernel: Some(theirs),
                        ..of(Some(*packet), what)
                    });
                }
            }
        }
    }

    fn show(&mut self, found: &Difference, link: LinkType, data: Option<&[u8]>) -> io::Result<()> {
        let view = found.view(&self.input.compiled.loaded, link);
        let place = view.packet.map_or_else(|| "at the end".to_owned(), |packet| format!("packet {}", packet + 1));
        write!(self.out, "{}", self.style.ink(Ink::Bold, place))?;
        if let Some(run) = &view.run {
            write!(self.out, ", {run}")?;
        }
        match data.map(|data| summarize(link, data).what) {
            Some(summary) if !summary.is_empty() => writeln!(self.out, ": {summary}")?,
            _ => writeln!(self.out)?,
        }
        for aspect in &view.aspects {
            writeln!(self.out, "  {}", aspect.what)?;
            self.both(&aspect.ours, &aspect.theirs)?;
        }
        let Difference::Run { aspects, .. } = found else { return Ok(()) };
        aspects.iter().try_for_each(|aspect| match aspect {
            Aspect::Frame { at, ours, theirs } => self.rows(*at, ours, theirs),
            _ => Ok(()),
        })
    }

    fn both(&mut self, ours: &str, theirs: &str) -> io::Result<()> {
        let style = self.style;
        writeln!(self.out, "    {}  {}", style.ink(Ink::Dim, "simulator"), style.ink(Ink::Red, ours))?;
        writeln!(self.out, "    {}  {}", style.ink(Ink::Dim, "kernel   "), style.ink(Ink::Green, theirs))
    }

    /// The rows of two frames that differ, byte by byte.
    fn rows(&mut self, at: usize, ours: &[u8], theirs: &[u8]) -> io::Result<()> {
        writeln!(self.out, "  frame: first at byte {at}")?;
        let rows = (0..ours.len().max(theirs.len())).step_by(ROW);
        let row = |frame: &'_ [u8], from: usize| frame.get(from..).map(|rest| rest[..rest.len().min(ROW)].to_vec());
        let different = rows.filter(|from| row(ours, *from) != row(theirs, *from)).take(4);
        for from in different {
            let text = |frame| {
                let bytes = row(frame, from).unwrap_or_default();
                let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{from:04x}  {}", bytes.join(" "))
            };
            self.both(&text(ours), &text(theirs))?;
        }
        Ok(())
    }

    fn summary(&mut self, capture: &str, both: &Compare<KernelEngine>) -> Result<(), Error> {
        let packets = both.ours().totals().packets;
        if self.args.format == Format::Json {
            let summary = Summary {
                kernel: self.kernel,
                packets,
                compared: self.compared,
                equal: self.differences == 0,
                different: self.differences,
                differences: &self.found,
            };
            serde_json::to_writer(&mut self.out, &summary).map_err(io::Error::from)?;
            writeln!(self.out)?;
            return Ok(self.out.flush()?);
        }
        let (style, kernel) = (self.style, self.kernel);
        let count = match self.compared {
            1 => "1 packet".to_owned(),
            count => format!("{count} packets"),
        };
        let verdict = match (self.differences, self.args.all) {
            (0, _) if self.compared == 0 => style.ink(Ink::Dim, "nothing to compare".to_owned()),
            (0, _) => style.ink(Ink::Green, "equal".to_owned()),
            (_, false) => style.ink(Ink::Red, "different; --all goes on and counts".to_owned()),
            (1, true) => style.ink(Ink::Red, "1 is different".to_owned()),
            (count, true) => style.ink(Ink::Red, format!("{count} are different")),
        };
        if self.differences > SHOWN {
            writeln!(self.out, "… and {} more", self.differences - SHOWN)?;
        }
        writeln!(
            self.out,
            "{}: {count} in the simulator and in Linux {kernel}: {verdict}",
            style.ink(Ink::Bold, capture)
        )?;
        let names = self.input.unlike_helpers();
        if self.differences > 0 && !names.is_empty() {
            writeln!(self.out, "Of {} no two runs get the same answer.", names.join(", "))?;
        }
        Ok(self.out.flush()?)
    }
}

/// What differs, and both sides of it whole, for programs to read.
fn sides<'a>(aspect: &'a Aspect, maps: &[MapDef]) -> (&'a str, Option<usize>, String, String) {
    let records = |outputs: &[Output]| {
        let each = outputs.iter().map(|output| match output {
            Output::PerfEvent { map, data, .. } | Output::Ringbuf { map, data } => {
                format!("{} {}", maps[map.index()].name, hex::encode(data))
            }
            Output::Printk(line) => line.clone(),
            Output::Lost { map, len } => format!("{} lost {len} bytes", maps[map.index()].name),
        });
        let all: Vec<String> = each.collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    match aspect {
        Aspect::Fault { ours, theirs } => ("fault", None, ours.clone(), format!("returns {theirs}")),
        Aspect::Return { ours, theirs } => {
            ("return", None, format!("{} {}", ours.0, ours.1), format!("{} {}", theirs.0, theirs.1))
        }
        Aspect::Frame { at, ours, theirs } => ("frame", Some(*at), hex::encode(ours), hex::encode(theirs)),
        Aspect::Field { name, ours, theirs } => (name, None, ours.to_string(), theirs.to_string()),
        Aspect::Outputs { ours, theirs } => ("events", None, records(ours), records(theirs)),
    }
}
