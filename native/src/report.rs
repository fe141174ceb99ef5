//! What a replay prints: a line for each run when asked for, and what it all came to. As JSON the shapes are an
//! interface that other programs read; as text they are for people and may change.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapId, MapType},
    lab::{Attached, Contents, Engine, Replay, Run, format_map_value, format_value, hex},
    net::{LinkType, Packet, SkBuff, summarize},
    vm::{Effects, Output},
};
use serde::Serialize;

use crate::{
    args::{Format, ReplayArgs},
    input::Input,
    style::{Ink, Style, counted},
};

/// Entries of a map that are shown as text; JSON has all.
const ENTRIES: usize = 100;
/// Replays shorter than this say nothing about how many packets a second would be.
const RATE_FROM: Duration = Duration::from_millis(20);

/// A packet and hook, as `--packets --format json` prints it.
#[derive(Serialize)]
struct PacketLine<'a> {
    packet: u32,
    hook: Hook,
    #[serde(skip_serializing_if = "Option::is_none")]
    dev: Option<&'a str>,
    program: &'a str,
    ret: i64,
    verdict: &'a str,
    insns: u64,
    out: Option<String>,
    fault: Option<String>,
    /// Bytes at the packet's end that the capture does not have: programs see zeroes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u32>,
    /// Records that ring buffers had no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<usize>,
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
    /// Records that ring buffers had no room for, by the map's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    lost: BTreeMap<&'a str, u64>,
}

/// An entry of a map.
#[derive(Serialize)]
pub struct HexEntry {
    pub key: String,
    pub value: String,
}

/// Prints one replay.
pub struct Report<'a, W> {
    out: W,
    format: Format,
    style: Style,
    capture: &'a str,
    input: &'a Input,
    /// Columns of the longest program and hook name, when there is more than one run a packet.
    columns: Option<(usize, usize)>,
    /// Time of the first packet.
    start: Option<u64>,
    last_packet: Option<u32>,
    first_fault: Option<Run>,
}

impl<'a, W: Write> Report<'a, W> {
    pub fn new(out: W, args: &ReplayArgs, capture: &'a str, input: &'a Input, attached: &[Attached]) -> Report<'a, W> {
        let names = attached.iter().map(|a| input.program(a.program).len());
        let hooks = attached.iter().map(|a| a.hook.name().len());
        let columns = names.max().zip(hooks.max()).filter(|_| attached.len() > 1);
        Report {
            out,
            format: args.format,
            style: Style::of_stdout(),
            capture,
            input,
            columns,
            start: None,
            last_packet: None,
            first_fault: None,
        }
    }

    /// Keeps the first run that ended in a fault, to say why.
    pub fn note_fault(&mut self, run: &Run) {
        if run.outcome.fault.is_some() && self.first_fault.is_none() {
            self.first_fault = Some(run.clone());
        }
    }

    /// A run's line.
    pub fn run(&mut self, packet: &Packet<'_>, run: &Run, skb: &SkBuff, effects: &Effects) -> io::Result<()> {
        let frame = skb.frame();
        let came_in = came_in(packet);
        let same = frame.strip_prefix(came_in).is_some_and(|rest| rest.len() == skb.missing as usize);
        let changed = !same || skb.unknown() < skb.missing as usize;
        match self.format {
            Format::Json => {
                let line = PacketLine {
                    packet: run.packet,
                    hook: run.hook,
                    dev: self.dev(run),
                    program: self.input.program(run.program),
                    ret: run.ret(),
                    verdict: run.verdict_name(),
                    insns: run.outcome.insns,
                    out: changed.then(|| hex::encode(&frame)),
                    fault: run.outcome.fault.as_ref().map(ToString::to_string),
                    missing: (skb.missing > 0).then_some(skb.missing),
                    lost: Some(effects.lost().count()).filter(|lost| *lost > 0),
                };
                serde_json::to_writer(&mut self.out, &line)?;
                writeln!(self.out)
            }
            Format::Text => self.run_text(packet, run, (changed, skb.missing), effects),
        }
    }

    /// The interface of a run, when the scenario has some.
    fn dev(&self, run: &Run) -> Option<&'a str> {
        let interfaces = &self.input.scenario.network.interfaces;
        interfaces.get(usize::from(run.interface?)).map(|interface| interface.name.as_str())
    }

    fn run_text(
        &mut self,
        packet: &Packet<'_>,
        run: &Run,
        (changed, missing): (bool, u32),
        effects: &Effects,
    ) -> io::Result<()> {
        let dev = self.dev(run);
        let (style, out) = (self.style, &mut self.out);
        let start = *self.start.get_or_insert(packet.time_ns);
        let first = self.last_packet.replace(run.packet) != Some(run.packet);
        if first {
            let time = (packet.time_ns as f64 - start as f64) / 1e9;
            write!(out, "{:>7} {}  ", run.packet + 1, style.ink(Ink::Dim, format_args!("{time:>9.4}")))?;
        } else {
            write!(out, "{:>19}", "")?;
        }
        if let Some((program, hook)) = self.columns {
            write!(out, "{:<hook$}  {:<program$}  ", run.hook, self.input.program(run.program))?;
        }
        if let Some(dev) = dev {
            write!(out, "{dev:<8}")?;
        }
        let verdict = style.verdict(run.verdict_name(), run.verdict.class);
        write!(out, "{verdict:<17} ")?;
        // A kernel does not count them.
        match run.outcome.insns {
            0 => write!(out, " ")?,
            insns => write!(out, "{insns:>5} insns  ")?,
        }
        if first {
            let summary = summarize(packet.link, packet.data);
            if !summary.source.is_empty() {
                write!(out, "{} → {}  ", summary.source, summary.destination)?;
            }
            write!(out, "{}", summary.what)?;
        }
        if changed {
            write!(out, "  {}", style.ink(Ink::Yellow, "changed"))?;
        }
        if missing > 0 && first {
            let cut = format!("{missing} bytes not captured");
            write!(out, "  {}", style.ink(Ink::Yellow, cut))?;
        }
        if let Some(fault) = &run.outcome.fault {
            write!(out, "  {}", style.ink(Ink::Magenta, fault))?;
        }
        writeln!(out)?;
        for output in &effects.outputs {
            match output {
                Output::Printk(line) => writeln!(out, "{:>19}prints {line}", "")?,
                Output::Lost { map, len } => {
                    writeln!(out, "{:>19}loses a record of {len} bytes: {} is full", "", self.input.map(*map))?;
                }
                Output::PerfEvent { map, data, .. } | Output::Ringbuf { map, data } => {
                    writeln!(out, "{:>19}sends {} through {}", "", hex::encode(data), self.input.map(*map))?;
                }
            }
        }
        Ok(())
    }

    /// What the replay came to.
    pub fn summary<E: Engine + Contents>(&mut self, replay: &Replay<E>, time: Duration) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(replay, time)?,
            Format::Text => self.text(replay, time)?,
        }
        self.out.flush()
    }

    fn json<E: Engine + Contents>(&mut self, replay: &Replay<E>, time: Duration) -> io::Result<()> {
        let totals = replay.totals();
        let mut verdicts = BTreeMap::new();
        for row in &totals.verdicts {
            *verdicts.entry(row.name).or_insert(0) += row.count;
        }
        let defs = (0..).map(MapId).zip(&self.input.compiled.loaded.maps);
        let entries = |id| {
            let all = replay.engine().entries(id);
            all.map(|(key, value)| HexEntry { key: hex::encode(&key), value: hex::encode(&value) }).collect()
        };
        let summary = Summary {
            packets: totals.packets,
            runs: totals.runs,
            insns: totals.insns,
            seconds: time.as_secs_f64(),
            verdicts,
            maps: defs.map(|(id, def)| (def.name.as_str(), entries(id))).collect(),
            events: totals.events,
            lost: totals.lost.iter().map(|(map, count)| (self.input.map(*map), *count)).collect(),
        };
        serde_json::to_writer(&mut self.out, &summary)?;
        writeln!(self.out)
    }

    fn text<E: Engine + Contents>(&mut self, replay: &Replay<E>, time: Duration) -> io::Result<()> {
        if self.last_packet.is_some() {
            writeln!(self.out)?;
        }
        let (style, totals) = (self.style, replay.totals());
        let packets = counted(totals.packets.into(), "packet");
        write!(self.out, "{}: {packets}, ", style.ink(Ink::Bold, self.capture))?;
        if totals.insns > 0 {
            write!(self.out, "{}, ", counted(totals.insns, "instruction"))?;
        }
        write!(self.out, "{time:.3?}")?;
        if time >= RATE_FROM {
            write!(self.out, ", {:.0} packets/s", f64::from(totals.packets) / time.as_secs_f64())?;
        }
        writeln!(self.out)?;
        for at in replay.attached() {
            writeln!(self.out, "{} at {}", style.ink(Ink::Bold, self.input.program(at.program)), at.hook)?;
        }
        let several = totals.verdicts.iter().any(|v| v.hook != totals.verdicts[0].hook);
        for row in &totals.verdicts {
            let share = row.count as f64 * 100.0 / f64::from(totals.packets.max(1));
            let hook = if several { format!("  at {}", row.hook) } else { String::new() };
            let verdict = style.verdict(row.name, row.class);
            writeln!(self.out, "{:>9}  {share:>5.1} %  {verdict}{hook}", row.count)?;
        }
        if let Some(run) = &self.first_fault
            && let Some(fault) = &run.outcome.fault
        {
            let Input { name, compiled, .. } = self.input;
            let line = compiled.line(fault.prog, fault.pc).filter(|_| compiled.is_source());
            let place = line.map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
            let fault = style.ink(Ink::Magenta, fault);
            writeln!(self.out, "{:>9}  the first one at packet {}: {place}: {fault}", "", run.packet + 1)?;
        }
        if totals.events > 0 {
            writeln!(self.out, "{:>9}  records sent to user space", totals.events)?;
        }
        for (map, count) in &totals.lost {
            writeln!(self.out, "{count:>9}  records lost: {} was full", self.input.map(*map))?;
        }
        for (id, def) in (0..).map(MapId).zip(&self.input.compiled.loaded.maps) {
            map(&mut self.out, self.style, replay.engine(), id, def)?;
        }
        Ok(())
    }
}

/// A map's entries; those of an array that are zero are only counted.
pub fn map(out: &mut impl Write, style: Style, contents: &impl Contents, id: MapId, def: &MapDef) -> io::Result<()> {
    // These have no entries to look at, and read-only data is not news.
    if matches!(def.map_type, MapType::Ringbuf | MapType::PerfEventArray) || def.name.starts_with(".rodata") {
        return Ok(());
    }
    let array = matches!(def.map_type, MapType::Array | MapType::PercpuArray);
    let shown = contents.entries(id).filter(|(_, value)| !array || value.iter().any(|b| *b != 0));
    let mut entries: Vec<_> = shown.take(ENTRIES).collect();
    if !array && !matches!(def.map_type, MapType::Queue | MapType::Stack) {
        entries.sort_by(|(a, _), (b, _)| a.iter().rev().cmp(b.iter().rev()));
    }
    let name = style.ink(Ink::Bold, &def.name);
    writeln!(out)?;
    match array {
        true => writeln!(out, "{name}: {}, {}", def.map_type.name(), counted(def.max_entries.into(), "entry"))?,
        false => {
            let most = counted(def.max_entries.into(), "entry");
            writeln!(out, "{name}: {}, {} of {most}", def.map_type.name(), contents.count(id))?;
        }
    }
    let keys: Vec<_> = entries.iter().map(|(key, _)| format_value(key, &def.key_format)).collect();
    let width = keys.iter().map(String::len).max().unwrap_or(0).clamp(9, 40);
    for (key, (_, value)) in keys.iter().zip(&entries) {
        writeln!(out, "{key:>width$}  {}", format_map_value(def, value))?;
    }
    match contents.count(id) - entries.len() as u64 {
        0 => Ok(()),
        rest if array && entries.len() < ENTRIES => writeln!(out, "{:>width$}  the other {rest} are 0", ""),
        rest => writeln!(out, "{:>width$}  {rest} more; `--format json` has all", ""),
    }
}

/// The bytes that programs see of a packet as it came in: on Ethernet all of it, else the network layer.
fn came_in<'a>(packet: &Packet<'a>) -> &'a [u8] {
    let header = match packet.link {
        LinkType::Ethernet => 0,
        link => link.l3(packet.data).map_or(0, |l3| l3.offset),
    };
    &packet.data[header..]
}
