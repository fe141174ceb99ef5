//! `bpfscope replay`: a whole capture through the programs.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    time::{Duration, Instant},
};

use bpfscope_core::{
    lab::Replay,
    net::{CaptureError, CaptureReader, Packet},
    vm::NoObserver,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::ReplayArgs,
    error::Error,
    input::{self, CaptureInput, Input},
    report::Report,
    written::Written,
};

/// Captures below this size are done before a progress bar could be read.
const PROGRESS_FROM: u64 = 32 << 20;

/// Runs the subcommand. Results go to standard output; a damaged capture is an error after them.
pub fn run(args: &ReplayArgs) -> Result<(), Error> {
    let input = Input::new(&args.attach)?;
    let mut replay = input.replay()?;
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let name = capture.name.clone();
    let bar = progress(&capture);
    let mut reader = CaptureReader::new(capture.stream()).map_err(|e| Error::of(&name, e.into()))?;
    let mut written = Written::new(args, reader.resolution())?;
    let out = BufWriter::new(io::stdout().lock());
    let mut report = Report::new(out, args, &name, &input, &replay);

    let start = Instant::now();
    let whole = if args.packets || written.is_some() {
        each(&mut reader, bar.as_ref(), |packet| one(&mut replay, packet, args, &mut report, written.as_mut()))?
    } else {
        each(&mut reader, bar.as_ref(), |packet| {
            replay.packet(packet, &mut NoObserver, |run, _, _| report.note_fault(run));
            Ok(())
        })?
    };
    let time: Duration = start.elapsed();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    if let Some(written) = written {
        written.finish()?;
    }
    report.summary(&replay, time)?;
    whole.map_err(|error| Error::of(&name, error.into()))
}

/// Calls `body` for each packet. The inner error is the capture's: what came before it was replayed.
fn each<R: io::Read>(
    reader: &mut CaptureReader<R>,
    bar: Option<&ProgressBar>,
    mut body: impl FnMut(&Packet<'_>) -> Result<(), Error>,
) -> Result<Result<(), CaptureError>, Error> {
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        };
        body(&packet)?;
        if packet.index % 4096 == 0
            && let Some(bar) = bar
        {
            bar.set_position(packet.offset);
        }
    }
}

/// Replays one packet, printing its lines and writing it when it leaves, as asked for.
fn one<W: Write>(
    replay: &mut Replay,
    packet: &Packet<'_>,
    args: &ReplayArgs,
    report: &mut Report<'_, W>,
    mut written: Option<&mut Written>,
) -> Result<(), Error> {
    let mut printed = Ok(());
    replay.packet(packet, &mut NoObserver, |run, skb, effects| {
        report.note_fault(run);
        if args.packets && printed.is_ok() {
            printed = report.run(packet, run, skb, effects);
        }
        if let Some(written) = &mut written {
            written.after(run, skb);
        }
    });
    printed?;
    written.map_or(Ok(()), |written| written.packet(packet))
}

fn progress(capture: &CaptureInput) -> Option<ProgressBar> {
    if capture.size < PROGRESS_FROM || !io::stderr().is_terminal() {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(capture.size);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    Some(bar)
}
