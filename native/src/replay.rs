//! `bpfscope replay`: a whole capture through the programs.

use std::{
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use bpfscope_core::{
    lab::{self, Contents, Replay},
    net::{CaptureError, CaptureReader, Packet},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::{Engine, ReplayArgs},
    error::Error,
    host,
    input::{self, CaptureInput, Input},
    report::Report,
    written::Written,
};

/// Captures below this size are done before a progress bar could be read.
const PROGRESS_FROM: u64 = 32 << 20;

/// Runs the subcommand. Results go to standard output; a damaged capture is an error after them.
pub fn run(args: &ReplayArgs) -> Result<ExitCode, Error> {
    let input = Input::new(&args.attach)?;
    match args.engine {
        Engine::Interp => on(args, &input, input.replay()?).map(|()| ExitCode::SUCCESS),
        Engine::Kernel if !input.scenario.network.interfaces.is_empty() => {
            let what = "the kernel's test runs do not tell where a packet is redirected to: its way ends there";
            eprintln!("note: {what}; `bpfscope compare` goes on as in the simulator");
            in_kernel(args, &input)
        }
        Engine::Kernel => in_kernel(args, &input),
    }
}

fn in_kernel(args: &ReplayArgs, input: &Input) -> Result<ExitCode, Error> {
    host::in_kernel_thread(|| match input.kernel_replay()? {
        Ok(replay) => on(args, input, replay).map(|()| ExitCode::SUCCESS),
        Err(rejected) => {
            eprintln!("{}: {rejected}", input.name);
            Ok(ExitCode::from(1))
        }
    })
}

/// Takes the capture through a replay on some engine. What the engine cannot run is an error at the end, too.
fn on<E>(args: &ReplayArgs, input: &Input, mut replay: Replay<E>) -> Result<(), Error>
where
    E: lab::Engine<Error: Display> + Contents,
{
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let name = capture.name.clone();
    let bar = progress(&capture);
    let mut reader = CaptureReader::new(capture.stream()).map_err(|e| Error::of(&name, e.into()))?;
    let mut written = Written::new(args, reader.resolution(), &input.scenario.network)?;
    if written.is_some() {
        replay.keep_departures();
    }
    let out = BufWriter::new(io::stdout().lock());
    let mut report = Report::new(out, args, &name, input, replay.attached());
    let mut not_run = NotRun::default();

    let start = Instant::now();
    let whole = if args.packets || written.is_some() {
        each(&mut reader, bar.as_ref(), |packet| {
            let done = one(&mut replay, packet, args, &mut report, written.as_mut())?;
            not_run.note(packet, done);
            Ok(())
        })?
    } else {
        each(&mut reader, bar.as_ref(), |packet| {
            not_run.note(packet, replay.tally(packet, |run, _, _| report.note_fault(run)));
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
    whole.map_err(|error| Error::of(&name, error.into()))?;
    if let Some(found) = replay.redirect_loop() {
        return Err(Error::bad(&name, &found.to_string()));
    }
    not_run.into_error(&name).map_or(Ok(()), Err)
}

/// Packets that the engine could not run a program on.
#[derive(Default)]
pub struct NotRun {
    count: u64,
    first: Option<(u32, String)>,
}

impl NotRun {
    /// Takes note of what became of a packet.
    pub fn note<T>(&mut self, packet: &Packet<'_>, done: Result<T, impl Display>) -> Option<T> {
        done.map_err(|error| {
            self.count += 1;
            self.first.get_or_insert_with(|| (packet.index + 1, error.to_string()));
        })
        .ok()
    }

    /// What to say when all is done.
    pub fn into_error(self, capture: &str) -> Option<Error> {
        let (packet, why) = self.first?;
        let what = match self.count {
            1 => format!("packet {packet} could not be run: {why}"),
            count => format!("{count} packets could not be run; the first, packet {packet}: {why}"),
        };
        Some(Error::bad(capture, &what))
    }
}

/// Calls `body` for each packet. The inner error is the capture's: what came before it was replayed.
pub fn each<R: io::Read>(
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

/// Replays one packet, printing its lines and writing it when it leaves, as asked for. The inner error is the engine's.
fn one<E: lab::Engine, W: Write>(
    replay: &mut Replay<E>,
    packet: &Packet<'_>,
    args: &ReplayArgs,
    report: &mut Report<'_, W>,
    written: Option<&mut Written>,
) -> Result<Result<(), E::Error>, Error> {
    let mut printed = Ok(());
    let done = replay.next(packet, |run, skb, effects| {
        report.note_fault(run);
        if args.packets && printed.is_ok() {
            printed = report.run(packet, run, skb, effects);
        }
    });
    printed?;
    written.map_or(Ok(()), |written| written.packet(packet, replay.departures()))?;
    Ok(done)
}

/// A bar on standard error, for a large capture at a terminal.
pub fn progress(capture: &CaptureInput) -> Option<ProgressBar> {
    if capture.size < PROGRESS_FROM || !io::stderr().is_terminal() {
        return None;
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(capture.size);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    Some(bar)
}
