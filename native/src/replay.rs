//! `bpfscope replay`: a whole capture through the programs.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    time::{Duration, Instant},
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapId, MapType, VerdictClass},
    lab::{Replay, Run, format_map_value, format_value, hex},
    net::{CaptureReader, CaptureWriter, LinkType, Packet, Resolution, SkBuff},
    vm::NoObserver,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{
    args::{Format, ReplayArgs},
    error::Error,
    input::{self, CaptureInput, Input},
};

/// Captures below this size are done before a progress bar could be read.
const PROGRESS_FROM: u64 = 32 << 20;

/// A packet and hook, as `--packets --format json` prints it.
#[derive(Serialize)]
struct PacketLine<'a> {
    packet: u32,
    hook: Hook,
    program: &'a str,
    ret: i64,
    verdict: &'a str,
    insns: u64,
    out: Option<String>,
    fault: Option<String>,
}

/// What a replay came to, as `--format json` prints it.
#[derive(Serialize)]
struct Summary<'a> {
    packets: u32,
    runs: u64,
    insns: u64,
    seconds: f64,
    verdicts: BTreeMap<&'a str, u64>,
    maps: BTreeMap<&'a str, Vec<HexEntry>>,
    events: u64,
}

#[derive(Serialize)]
struct HexEntry {
    key: String,
    value: String,
}

/// Runs the subcommand. Results go to standard output; a damaged capture is an error after them.
pub fn run(args: &ReplayArgs) -> Result<(), Error> {
    let input = Input::new(&args.attach)?;
    let mut replay = input.replay()?;
    let capture = input::capture(args.attach.capture.as_deref(), &input.scenario)?;
    let name = capture.name.clone();
    let bar = progress(&capture);
    let mut reader = CaptureReader::new(capture.stream).map_err(|e| Error::of(&name, e.into()))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Written::new(args, reader.resolution());

    let start = Instant::now();
    let damage = loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        if args.packets || args.write.is_some() {
            packet_with_output(&mut replay, &packet, &input, args, &mut out, &mut written)?;
        } else {
            replay.packet(&packet, &mut NoObserver, |_, _, _| {});
        }
        if packet.index % 4096 == 0
            && let Some(bar) = &bar
        {
            bar.set_position(packet.offset);
        }
    };
    let seconds = start.elapsed();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    written.finish()?;

    match args.format {
        Format::Json => json(&mut out, &input, &replay, seconds)?,
        Format::Text => text(&mut out, &input, &replay, seconds)?,
    }
    out.flush()?;
    match damage {
        Some(error) => Err(Error::of(&name, error.into())),
        None => Ok(()),
    }
}

/// Replays one packet, printing its lines and writing it when it leaves.
fn packet_with_output(
    replay: &mut Replay,
    packet: &Packet<'_>,
    input: &Input,
    args: &ReplayArgs,
    out: &mut impl Write,
    written: &mut Written,
) -> Result<(), Error> {
    let mut lines: Vec<(Run, Option<String>)> = Vec::new();
    let mut left = None;
    replay.packet(packet, &mut NoObserver, |run, skb, _| {
        let frame = skb.frame();
        let changed = args.packets && frame != packet.data && packet.link == LinkType::Ethernet;
        if written.is_open() {
            left = frame_that_left(run, skb);
        }
        lines.push((run.clone(), changed.then(|| hex::encode(&frame))));
    });
    if let Some(frame) = left {
        written.packet(packet, &frame)?;
    }
    if !args.packets {
        return Ok(());
    }
    for (run, frame) in lines {
        let program = &input.compiled.loaded.programs[run.program.0 as usize].name;
        let fault = run.outcome.fault.as_ref().map(ToString::to_string);
        match args.format {
            Format::Json => {
                let line = PacketLine {
                    packet: run.packet,
                    hook: run.hook,
                    program,
                    ret: run.ret(),
                    verdict: run.verdict_name(),
                    insns: run.outcome.insns,
                    out: frame,
                    fault,
                };
                serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Format::Text => {
                let changed = if frame.is_some() { "  changed" } else { "" };
                let fault = fault.map(|f| format!("  {f}")).unwrap_or_default();
                let verdict = run.verdict_name();
                let (number, insns) = (run.packet + 1, run.outcome.insns);
                writeln!(out, "{number:>7}  {program}  {verdict:<16} {insns:>6} insns{changed}{fault}")?;
            }
        }
    }
    Ok(())
}

/// The frame as it leaves after a run; `None` when it is dropped.
fn frame_that_left(run: &Run, skb: &SkBuff) -> Option<Vec<u8>> {
    if run.outcome.fault.is_some() || run.verdict.class == VerdictClass::Drop {
        return None;
    }
    let mut frame = skb.frame().into_owned();
    if run.verdict_name() == "TRIM" {
        frame.truncate(run.ret() as usize);
    }
    Some(frame)
}

/// The capture that `--write` makes; it begins with the first packet, whose link type it has.
struct Written {
    path: Option<std::path::PathBuf>,
    resolution: Resolution,
    writer: Option<CaptureWriter<BufWriter<File>>>,
}

impl Written {
    fn new(args: &ReplayArgs, resolution: Resolution) -> Written {
        Written { path: args.write.clone(), resolution, writer: None }
    }

    fn is_open(&self) -> bool {
        self.path.is_some()
    }

    fn writer(&mut self, link: LinkType) -> Result<Option<&mut CaptureWriter<BufWriter<File>>>, Error> {
        let Some(path) = &self.path else { return Ok(None) };
        if self.writer.is_none() {
            let file = File::create(path).map_err(|error| Error::File { path: path.clone(), error })?;
            let writer = CaptureWriter::new(BufWriter::new(file), link, self.resolution);
            self.writer = Some(writer.map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?);
        }
        Ok(self.writer.as_mut())
    }

    fn packet(&mut self, packet: &Packet<'_>, frame: &[u8]) -> Result<(), Error> {
        // Programs see other links' packets from the network layer on: that is raw IP.
        let link = if packet.link == LinkType::Ethernet { LinkType::Ethernet } else { LinkType::Raw };
        let path = self.path.clone().unwrap_or_default();
        let Some(writer) = self.writer(link)? else { return Ok(()) };
        let orig_len = packet.orig_len.max(frame.len() as u32);
        writer
            .write(packet.time_ns, orig_len, frame)
            .map_err(|e| Error::Usage(format!("{}: packet {}: {e}", path.display(), packet.index + 1)))
    }

    fn finish(mut self) -> Result<(), Error> {
        let path = self.path.clone().unwrap_or_default();
        self.writer(LinkType::Ethernet)?;
        match self.writer.map(CaptureWriter::finish) {
            Some(Err(error)) => Err(Error::Usage(format!("{}: {error}", path.display()))),
            _ => Ok(()),
        }
    }
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

/// Every map's entries, by name.
fn maps<'a>(input: &'a Input, replay: &Replay) -> BTreeMap<&'a str, Vec<HexEntry>> {
    let defs = (0..).map(MapId).zip(&input.compiled.loaded.maps);
    let entries = |id| {
        let all = replay.machine().maps.entries(id);
        all.map(|(key, value)| HexEntry { key: hex::encode(&key), value: hex::encode(&value) }).collect()
    };
    defs.map(|(id, def)| (def.name.as_str(), entries(id))).collect()
}

fn json(out: &mut impl Write, input: &Input, replay: &Replay, seconds: Duration) -> Result<(), Error> {
    let totals = replay.totals();
    let mut verdicts = BTreeMap::new();
    for row in &totals.verdicts {
        *verdicts.entry(row.name).or_insert(0) += row.count;
    }
    let summary = Summary {
        packets: totals.packets,
        runs: totals.runs,
        insns: totals.insns,
        seconds: seconds.as_secs_f64(),
        verdicts,
        maps: maps(input, replay),
        events: totals.events,
    };
    serde_json::to_writer(&mut *out, &summary).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

fn text(out: &mut impl Write, input: &Input, replay: &Replay, seconds: Duration) -> Result<(), Error> {
    let totals = replay.totals();
    let per_second = f64::from(totals.packets) / seconds.as_secs_f64().max(1e-9);
    writeln!(
        out,
        "{} packets, {} runs, {} instructions in {:.3} s ({per_second:.0} packets/s)",
        totals.packets,
        totals.runs,
        totals.insns,
        seconds.as_secs_f64(),
    )?;
    for row in &totals.verdicts {
        writeln!(out, "{:>9}  {}", row.count, row.name)?;
    }
    if totals.events > 0 {
        writeln!(out, "{:>9}  events", totals.events)?;
    }
    let stores = |def: &&MapDef| !matches!(def.map_type, MapType::Ringbuf | MapType::PerfEventArray);
    for (id, def) in (0..).map(MapId).zip(&input.compiled.loaded.maps).filter(|(_, def)| stores(def)) {
        let maps = &replay.machine().maps;
        let entries: Vec<_> = maps.entries(id).filter(|(_, value)| value.iter().any(|b| *b != 0)).collect();
        let zero = maps.count(id) - entries.len() as u64;
        writeln!(out, "{} ({}, {} of {} entries)", def.name, def.map_type.name(), maps.count(id), def.max_entries)?;
        for (key, value) in &entries {
            let key = format_value(key, &def.key_format);
            writeln!(out, "{key:>9}  {}", format_map_value(def, value))?;
        }
        if zero > 0 {
            writeln!(out, "           {zero} more, all zero")?;
        }
    }
    Ok(())
}
