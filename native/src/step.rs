//! `bpfscope step`: what a program does with one packet, instruction by instruction.

use std::io::{self, BufWriter, Write};

use bpfscope_core::{
    lab::{LabError, Run, StepLine, annotate},
    net::CaptureReader,
    vm::{NoObserver, Trace},
};

use crate::{
    args::StepArgs,
    error::Error,
    input::{self, Input},
};

/// Columns that the instruction takes, so that what it did stands in one column.
const INSN_COLUMNS: usize = 44;

/// Runs the subcommand.
pub fn run(args: &StepArgs) -> Result<(), Error> {
    let input = Input::new(&args.attach)?;
    let cursor = input.scenario.cursor;
    let packet = one_based(args.packet, cursor.packet, "packets")?;
    let number = one_based(args.run, cursor.run, "runs")?;
    let (runs, trace) = record(&input, args, packet, number)?;
    let Some(mut trace) = trace else {
        return Err(Error::Usage(match runs.len() {
            0 => format!("no program ran on packet {}", packet + 1),
            n => format!("packet {} has {n} runs, no run {}", packet + 1, number + 1),
        }));
    };
    let run = &runs[number as usize];
    let program = &input.compiled.loaded.programs[run.program.0 as usize].name;

    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "packet {}, program {program}", packet + 1)?;
    for line in annotate(&input.compiled, &mut trace) {
        print(&mut out, &line)?;
    }
    if trace.is_cut() {
        writeln!(out, "… and on, beyond what can be recorded")?;
    }
    match &run.outcome.fault {
        Some(fault) => writeln!(out, "FAULT: {fault}")?,
        None => writeln!(out, "{} ({}) after {} instructions", run.verdict_name(), run.ret(), run.outcome.insns)?,
    }
    out.flush()?;
    Ok(())
}

/// Replays up to the packet and records the run.
fn record(input: &Input, args: &StepArgs, packet: u32, number: u32) -> Result<(Vec<Run>, Option<Trace>), Error> {
    let mut replay = input.replay()?;
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let wrong = |error| Error::of(&capture.name, error);
    let mut reader = CaptureReader::new(capture.stream).map_err(|e| wrong(e.into()))?;
    let mut packets = 0;
    while let Some(next) = reader.next_packet().map_err(|e| wrong(e.into()))? {
        if next.index == packet {
            return Ok(replay.record(&next, number as usize));
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

fn print(out: &mut impl Write, line: &StepLine) -> io::Result<()> {
    if let Some(source) = &line.source {
        writeln!(out, "; {source}")?;
    }
    let indent = "  ".repeat(usize::from(line.depth));
    let insn = format!("{indent}{}", line.insn);
    let effects = line.effects.join(", ");
    writeln!(out, "{:>6} {:>5}: {insn:<INSN_COLUMNS$} {effects}", line.step, line.pc)
}
