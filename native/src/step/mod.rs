//! `bpfscope step`: what a program does with one packet, instruction by instruction.
//!
//! On a terminal it is a full-screen view, with the panels and the keys of the page; with `--print`, and where output
//! goes elsewhere, a plain listing.
//!
//! | file | holds |
//! |---|---|
//! | [`mod@self`] | the choice between the two, and the listing |
//! | [`engine`] | the thread that has the session: it replays, verifies and seeks |
//! | [`facts`], [`choices`] | what the engine told; what the user chose |
//! | [`command`] | the keys |
//! | [`view`] | what each key does |
//! | [`layout`] | which panel stands where, for the size of the terminal |
//! | [`panel`] | the panels, each in its file |
//! | [`edges`] | header, timeline, status line, help |
//! | [`syntax`] | colours of a line of assembly |

mod choices;
mod command;
mod edges;
mod engine;
mod facts;
mod layout;
mod panel;
mod syntax;
mod view;

#[cfg(test)]
mod tests;

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use bpfscope_core::{
    lab::{Cursor, LabError, Run, StepLine, annotate},
    net::{CaptureReader, summarize},
    vm::{NoObserver, Trace},
};

use self::{engine::Engine, facts::Facts, view::StepScreen};
use crate::{
    args::StepArgs,
    error::Error,
    input::{self, Input},
    style::{Ink, Style},
    terminal::{self, events::Events, palette::Palette},
};

/// Columns that the instruction takes, so that what it did stands in one column.
const INSN_COLUMNS: usize = 44;

/// A packet that was recorded.
struct Recorded {
    /// The packet in one line.
    summary: String,
    runs: Vec<Run>,
    /// The trace of the run that was asked for, when there is one of that number.
    trace: Option<Trace>,
}

/// Runs the subcommand.
pub fn run(args: &StepArgs) -> Result<(), Error> {
    let input = Input::new(&args.attach)?;
    let cursor = input.scenario.cursor;
    let packet = one_based(args.packet, cursor.packet, "packets")?;
    let number = one_based(args.run, cursor.run, "runs")?;
    if args.print || !terminal::is_there() {
        return list(&input, args, packet, number);
    }
    // The place that a link shows, unless something else was asked for.
    let step = if packet == cursor.packet && number == cursor.run { cursor.step } else { 0 };
    show(input, args, Cursor { packet, run: number, step })
}

/// Shows the run in the whole terminal.
fn show(input: Input, args: &StepArgs, wanted: Cursor) -> Result<(), Error> {
    // What keeps the programs from running is an error with its place, and no view.
    input.replay()?;
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let capture_name = capture.name.clone();
    let names = (file_name(&input.name), file_name(&capture_name));
    let capture = capture.seekable()?;
    let events = Events::new()?;
    let (engine, program) = Engine::start(input, capture, &capture_name, wanted, events.outbox())?;
    let mut view = StepScreen::new(engine, Facts::new(names, &program), Palette::of_environment());
    terminal::show(&mut view, &events)?.follow();
    Ok(())
}

/// A file's name without its folders, which a header has no room for.
fn file_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Prints the run.
fn list(input: &Input, args: &StepArgs, packet: u32, number: u32) -> Result<(), Error> {
    let cursor = input.scenario.cursor;
    let Recorded { summary, runs, trace } = record(input, args, packet, number)?;
    let Some(mut trace) = trace else {
        return Err(Error::Usage(match runs.len() {
            0 => format!("no program ran on packet {}", packet + 1),
            1 => format!("packet {} has 1 run, no run {}", packet + 1, number + 1),
            n => format!("packet {} has {n} runs, no run {}", packet + 1, number + 1),
        }));
    };
    let (run, style) = (&runs[number as usize], Style::of_stdout());
    // The place that a link shows, unless something else was asked for.
    let marked = (packet == cursor.packet && number == cursor.run && cursor.step > 0).then_some(cursor.step as usize);

    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "packet {}: {summary}", style.ink(Ink::Bold, packet + 1))?;
    writeln!(out, "{} at {}", style.ink(Ink::Bold, input.program(run.program)), run.hook)?;
    for line in annotate(&input.compiled, &mut trace) {
        print(&mut out, style, &line, marked)?;
    }
    if trace.is_cut() {
        writeln!(out, "… and on, beyond what can be recorded")?;
    }
    let verdict = style.verdict(run.verdict_name(), run.verdict.class);
    match &run.outcome.fault {
        Some(fault) => writeln!(out, "{verdict}: {fault}")?,
        None => writeln!(out, "{verdict} ({}) after {} instructions", run.ret(), run.outcome.insns)?,
    }
    Ok(out.flush()?)
}

/// Replays up to the packet and records the run.
fn record(input: &Input, args: &StepArgs, packet: u32, number: u32) -> Result<Recorded, Error> {
    let mut replay = input.replay()?;
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let name = capture.name.clone();
    let wrong = |error| Error::of(&name, error);
    let mut reader = CaptureReader::new(capture.stream()).map_err(|e| wrong(e.into()))?;
    let mut packets = 0;
    while let Some(next) = reader.next_packet().map_err(|e| wrong(e.into()))? {
        if next.index == packet {
            let s = summarize(next.link, next.data);
            let ends =
                if s.source.is_empty() { String::new() } else { format!("{} → {}  ", s.source, s.destination) };
            let (runs, trace) = replay.record(&next, number as usize);
            return Ok(Recorded { summary: ends + &s.what, runs, trace });
        }
        packets = next.index + 1;
        replay.packet(&next, &mut NoObserver, |_, _, _| {});
    }
    Err(wrong(LabError::NoPacket { packet, packets }))
}

/// A number that people count from 1, as one from 0.
fn one_based(given: Option<u32>, default: u32, what: &str) -> Result<u32, Error> {
    match given {
        Some(n) => n.checked_sub(1).ok_or_else(|| Error::Usage(format!("{what} are counted from 1"))),
        None => Ok(default),
    }
}

fn print(out: &mut impl Write, style: Style, line: &StepLine, marked: Option<usize>) -> io::Result<()> {
    if let Some(source) = &line.source {
        writeln!(out, "{}", style.ink(Ink::Dim, format_args!("; {source}")))?;
    }
    let insn = format!("{}{}", "  ".repeat(usize::from(line.depth)), line.insn);
    let here = if marked == Some(line.step) { "=>" } else { "" };
    match line.effects.is_empty() {
        true => writeln!(out, "{here:2}{:>5} {:>5}: {insn}", line.step, line.pc),
        false => {
            let effects = line.effects.join(", ");
            writeln!(out, "{here:2}{:>5} {:>5}: {insn:<INSN_COLUMNS$} {effects}", line.step, line.pc)
        }
    }
}
