//! What `attach` prints as time goes by. As JSON the shapes are an interface that other programs read; as text they are
//! for people and may change.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapId, ValueFormat},
    lab::{format_value, hex},
    object::Kind,
    vm::Output,
};
use serde::Serialize;

use super::{
    live::Live,
    snapshot::{Maps, Rates, Snapshot},
};
use crate::{
    input::Input,
    report::{self, HexEntry},
    style::{Ink, Style, counted},
};

/// Entries of a map in a line of JSON, except for the last.
const DEPTH: usize = 1024;
/// Hexadecimal bytes of a record that are shown to people.
const SHOWN: usize = 32;

/// How it is attached: the first line of JSON.
#[derive(Serialize)]
struct Attached<'a> {
    attached: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    program: &'a str,
    device: &'a str,
    hook: Hook,
    mode: &'a str,
    not_native: Option<String>,
    pinned: Option<String>,
}

/// What was seen: a line of JSON each second, and one at the end.
#[derive(Serialize)]
struct Line<'a> {
    seconds: f64,
    last: bool,
    runs: Option<u64>,
    packets_per_second: f64,
    bytes_per_second: f64,
    ns_per_run: Option<f64>,
    device: Device,
    passed: Option<u64>,
    verdicts: Option<BTreeMap<&'a str, u64>>,
    sampled: u64,
    recorded: Option<u64>,
    missed: u64,
    maps: BTreeMap<&'a str, Vec<HexEntry>>,
    truncated: Vec<&'a str>,
    events: u64,
    lost: u64,
    records: Vec<Record<'a>>,
    printed: &'a [String],
}

#[derive(Serialize)]
struct Device {
    rx_packets: u64,
    rx_bytes: u64,
    tx_packets: u64,
    tx_bytes: u64,
}

#[derive(Serialize)]
struct Record<'a> {
    map: &'a str,
    data: String,
}

/// How records that are sent through maps are shown.
pub struct Records(Vec<Option<(usize, ValueFormat)>>);

impl Records {
    /// By the object's types: a record has no type, but where a structure has its map's name (`struct events`, or `struct
    /// event`, for `events`) and its size, that is meant.
    pub fn new(input: &Input) -> Records {
        let btf = input.compiled.object.btf();
        let of = |def: &MapDef| {
            let names = [Some(def.name.as_str()), def.name.strip_suffix('s')];
            let found = names.into_iter().flatten().find_map(|name| btf?.by_name(name, Kind::Struct))?;
            Some((found.size() as usize, btf?.value_format(found.id())))
        };
        Records(input.compiled.loaded.maps.iter().map(of).collect())
    }

    /// A record's bytes for people.
    pub fn show(&self, map: MapId, data: &[u8]) -> String {
        // A perf record is filled up to what the kernel aligns it to.
        match self.0.get(map.index()).and_then(Option::as_ref) {
            Some((size, format)) if (*size..size + 8).contains(&data.len()) => format_value(&data[..*size], format),
            _ => {
                let shown = &data[..data.len().min(SHOWN)];
                hex::encode(shown) + if shown.len() < data.len() { "…" } else { "" }
            }
        }
    }
}

/// The map and the bytes of a record.
pub fn record(output: &Output) -> Option<(MapId, &[u8])> {
    match output {
        Output::Ringbuf { map, data } | Output::PerfEvent { map, data, .. } => Some((*map, data)),
        Output::Printk(_) | Output::Lost { .. } => None,
    }
}

/// Prints a line each time that it is asked to.
pub struct Lines<'a> {
    json: bool,
    input: &'a Input,
    style: Style,
    records: Records,
    hook: Hook,
    place: String,
    pinned: bool,
    previous: Snapshot,
    out: io::Stdout,
}

impl<'a> Lines<'a> {
    pub fn new(json: bool, input: &'a Input) -> Lines<'a> {
        Lines {
            json,
            input,
            style: Style::of_stdout(),
            records: Records::new(input),
            hook: Hook::Socket,
            place: String::new(),
            pinned: false,
            previous: Snapshot::default(),
            out: io::stdout(),
        }
    }

    /// Entries of each map that a snapshot must have.
    pub fn depth(&self) -> usize {
        if self.json { DEPTH } else { 0 }
    }

    /// Takes note of where it is attached.
    pub fn place(&mut self, live: &Live<'_>) {
        self.hook = live.hook();
        self.place = format!("{} of {}", live.hook(), live.device());
        self.pinned = live.pinned().is_some();
    }

    /// How it is attached.
    pub fn attached(&mut self, live: &Live<'_>) -> io::Result<()> {
        self.place(live);
        let (manner, how) = live.manner();
        let pinned = live.pinned().map(|path| path.display().to_string());
        if self.json {
            return self.write(&Attached {
                attached: Place {
                    program: live.program_name(),
                    device: live.device(),
                    hook: live.hook(),
                    mode: manner.name(),
                    not_native: live.not_native(),
                    pinned,
                },
            });
        }
        let program = self.style.ink(Ink::Bold, live.program_name());
        let until = match &pinned {
            Some(path) => format!("pinned in {path}; `bpfscope detach` takes it away"),
            None => "Ctrl-C detaches it".to_owned(),
        };
        writeln!(self.out, "{program} is attached at {how}; {until}")?;
        self.out.flush()
    }

    /// What was seen up to now.
    pub fn next(&mut self, now: &Snapshot) -> io::Result<()> {
        if self.json {
            return self.json(now, false);
        }
        let rates = now.since(&self.previous, self.hook);
        for output in &now.events {
            if let Some((map, data)) = record(output) {
                let name = &self.input.compiled.loaded.maps[map.index()].name;
                writeln!(self.out, "{:>19}sends {} through {name}", "", self.records.show(map, data))?;
            }
        }
        for line in &now.printed {
            writeln!(self.out, "{:>19}prints {line}", "")?;
        }
        let seconds = self.style.ink(Ink::Dim, format!("{:>7.0} s", now.seconds));
        let packets = now.runs.unwrap_or(now.toward(self.hook).0);
        write!(self.out, "{seconds}  {:>9.0} packets/s  {packets:>11} packets", rates.packets)?;
        if let Some(ns) = rates.ns {
            write!(self.out, "  {ns:>6.0} ns each")?;
        }
        if let Some(passed) = now.passed {
            write!(self.out, "  {passed:>11} went on")?;
        }
        for row in now.verdicts.iter().flatten() {
            let share = row.count as f64 * 100.0 / now.sampled.max(1) as f64;
            write!(self.out, "  {} {share:.1} %", self.style.verdict(row.name, row.class))?;
        }
        writeln!(self.out)?;
        self.out.flush()?;
        self.previous = now.clone();
        Ok(())
    }

    /// What it all came to.
    pub fn last(&mut self, now: &Snapshot) -> io::Result<()> {
        if self.json {
            return self.json(now, true);
        }
        let (out, style) = (&mut self.out, self.style);
        let all = now.since(&Snapshot::default(), self.hook);
        let what = if self.pinned { "left at" } else { "detached from" };
        writeln!(out, "{what} {} after {:.1} s", self.place, now.seconds)?;
        let packets = now.runs.unwrap_or(now.toward(self.hook).0);
        write!(out, "{packets:>11}  {}", if packets == 1 { "packet" } else { "packets" })?;
        match all.ns {
            Some(ns) => writeln!(out, ", {ns:.0} ns each")?,
            None => writeln!(out)?,
        }
        if let Some(passed) = now.passed {
            writeln!(out, "{passed:>11}  were seen to go on after the program")?;
        }
        if let Some(verdicts) = &now.verdicts {
            for row in verdicts {
                let share = row.count as f64 * 100.0 / now.sampled.max(1) as f64;
                writeln!(out, "{:>11}  {share:>5.1} %  {}", row.count, style.verdict(row.name, row.class))?;
            }
            let sampled = counted(now.sampled, "packet");
            writeln!(out, "{:>11}  by the simulator, of {sampled} that were sampled", "")?;
        }
        if let Some(recorded) = now.recorded {
            let missed = if now.missed > 0 { format!(", {} could not be kept", now.missed) } else { String::new() };
            writeln!(out, "{recorded:>11}  recorded{missed}")?;
        }
        if now.event_count > 0 {
            let lost = if now.lost > 0 { format!(", {} were lost", now.lost) } else { String::new() };
            writeln!(out, "{:>11}  records sent to user space{lost}", now.event_count)?;
        }
        for (id, def) in (0..).map(MapId).zip(&self.input.compiled.loaded.maps) {
            report::map(out, style, &Maps(&now.maps), id, def)?;
        }
        out.flush()
    }

    fn json(&mut self, now: &Snapshot, last: bool) -> io::Result<()> {
        // The last line is about all of it.
        let start = Snapshot::default();
        let Rates { packets, bytes, ns } = now.since(if last { &start } else { &self.previous }, self.hook);
        let defs = &self.input.compiled.loaded.maps;
        let names = || defs.iter().map(|def| def.name.as_str()).zip(&now.maps);
        let entry = |(key, value): &(Vec<u8>, Vec<u8>)| HexEntry { key: hex::encode(key), value: hex::encode(value) };
        let mut verdicts = now.verdicts.as_ref().map(|_| BTreeMap::new());
        for row in now.verdicts.iter().flatten() {
            *verdicts.get_or_insert_default().entry(row.name).or_insert(0) += row.count;
        }
        let records = now.events.iter().filter_map(record);
        let line = Line {
            seconds: now.seconds,
            last,
            runs: now.runs,
            packets_per_second: packets,
            bytes_per_second: bytes,
            ns_per_run: ns,
            device: Device {
                rx_packets: now.device.rx_packets,
                rx_bytes: now.device.rx_bytes,
                tx_packets: now.device.tx_packets,
                tx_bytes: now.device.tx_bytes,
            },
            passed: now.passed,
            verdicts,
            sampled: now.sampled,
            recorded: now.recorded,
            missed: now.missed,
            maps: names().map(|(name, held)| (name, held.entries.iter().map(entry).collect())).collect(),
            truncated: names().filter(|(_, held)| held.more).map(|(name, _)| name).collect(),
            events: now.event_count,
            lost: now.lost,
            records: records
                .map(|(map, data)| Record { map: &defs[map.index()].name, data: hex::encode(data) })
                .collect(),
            printed: &now.printed,
        };
        let mut out = self.out.lock();
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
        out.flush()?;
        self.previous = now.clone();
        Ok(())
    }

    fn write<T: Serialize>(&mut self, line: &T) -> io::Result<()> {
        let mut out = self.out.lock();
        serde_json::to_writer(&mut out, line)?;
        writeln!(out)?;
        out.flush()
    }
}
