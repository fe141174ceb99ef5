//! What came out of a replay, in lists: the frames that left, by interface, and what programs said.
//!
//! A frame that left as it came is not kept a second time: the capture has it.

use std::io;

use super::{super::records::RecordTypes, OpenCapture};
use crate::{
    kernel::{MapDef, MapId},
    lab::{
        Cursor, Departure, format,
        view::{ListOf, ListView, RowView},
    },
    net::{self, CaptureWriteError, CaptureWriter, LinkType, Packet},
    vm::Output,
};

/// Bytes of changed frames and of what programs said that are kept.
const KEPT_BYTES: usize = 64 << 20;

/// See the module's page.
#[derive(Default)]
pub(super) struct Lists {
    /// By interface, or the one way out where there are none.
    out: Vec<List<Left>>,
    events: List<Said>,
    kept: usize,
}

struct List<T> {
    rows: Vec<T>,
    /// Rows that there was no room for.
    left_out: u64,
}

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List { rows: Vec::new(), left_out: 0 }
    }
}

/// A frame that left.
struct Left {
    packet: u32,
    /// The packet's last run.
    run: u32,
    link: LinkType,
    /// Bytes on the wire.
    whole: u32,
    /// The frame, when it is not what the capture has.
    frame: Option<Box<[u8]>>,
}

/// Something that a program said.
struct Said {
    packet: u32,
    run: u32,
    output: Output,
}

/// What a list's rows are made of.
pub(super) struct Shown<'a> {
    pub capture: &'a mut OpenCapture,
    pub maps: &'a [MapDef],
    pub records: &'a RecordTypes,
}

impl Lists {
    /// Empty lists for so many interfaces.
    pub fn new(interfaces: usize) -> Lists {
        let out = (0..interfaces.max(1)).map(|_| List::default()).collect();
        Lists { out, ..Lists::default() }
    }

    /// Takes what a run said; `run` is its number among the packet's.
    pub fn said(&mut self, packet: u32, run: u32, outputs: &[Output]) {
        for output in outputs {
            let size = match output {
                Output::Printk(text) => text.len(),
                Output::PerfEvent { data, .. } | Output::Ringbuf { data, .. } => data.len(),
                Output::Lost { .. } => 0,
            };
            if self.has_room(size + size_of::<Said>()) {
                self.events.rows.push(Said { packet, run, output: output.clone() });
            } else {
                self.events.left_out += 1;
            }
        }
    }

    /// Takes the frames that left of a packet that had so many runs.
    pub fn left(&mut self, packet: &Packet<'_>, runs: u32, departures: &[Departure]) {
        for departure in departures {
            let at = usize::from(departure.interface.unwrap_or(0));
            let Some((link, known)) = departure.captured(packet.link) else {
                self.out[at].left_out += 1;
                continue;
            };
            let as_it_came = link == packet.link && known == packet.data && departure.whole == packet.orig_len;
            let frame = (!as_it_came).then(|| Box::from(known));
            if self.has_room(size_of::<Left>() + frame.as_deref().map_or(0, <[u8]>::len)) {
                let (packet, run, whole) = (packet.index, runs.saturating_sub(1), departure.whole);
                self.out[at].rows.push(Left { packet, run, link, whole, frame });
            } else {
                self.out[at].left_out += 1;
            }
        }
    }

    fn has_room(&mut self, more: usize) -> bool {
        let fits = self.kept + more <= KEPT_BYTES;
        self.kept += if fits { more } else { 0 };
        fits
    }

    /// The lists, as they are chosen: `names` are those of the interfaces.
    pub fn views(&self, names: &[String]) -> Vec<ListView> {
        let out = (0..).zip(&self.out).map(|(at, list)| ListView {
            of: ListOf::Out(at),
            name: names.get(usize::from(at)).map_or_else(|| "out".to_owned(), |name| format!("{name} out")),
            rows: list.rows.len() as u32,
            left_out: list.left_out,
        });
        let events = (!self.events.rows.is_empty()).then(|| ListView {
            of: ListOf::Events,
            name: "events".to_owned(),
            rows: self.events.rows.len() as u32,
            left_out: self.events.left_out,
        });
        out.chain(events).collect()
    }

    /// Rows of a list; a range beyond its end is cut.
    pub fn rows(&self, of: ListOf, range: std::ops::Range<u32>, shown: &mut Shown<'_>) -> Vec<RowView> {
        let range = range.start as usize..range.end as usize;
        let cut = |len: usize| range.start.min(len)..range.end.min(len);
        match of {
            ListOf::In => Vec::new(),
            ListOf::Out(at) => {
                let rows = self.out.get(usize::from(at)).map_or(&[][..], |list| &list.rows[cut(list.rows.len())]);
                rows.iter().filter_map(|left| left.row(shown)).collect()
            }
            ListOf::Events => {
                let rows = &self.events.rows[cut(self.events.rows.len())];
                rows.iter().map(|said| said.row(shown)).collect()
            }
        }
    }

    /// The frames that left an interface, as a pcap with times in nanoseconds, and how many it cannot hold since their
    /// link is another than the first one's.
    pub fn pcap(&self, interface: u16, capture: &mut OpenCapture) -> Result<(Vec<u8>, u32), CaptureWriteError> {
        let rows = self.out.get(usize::from(interface)).map_or(&[][..], |list| &list.rows);
        let link = rows.first().map_or(LinkType::Ethernet, |left| left.link);
        let mut writer = CaptureWriter::new(Vec::new(), link, net::Resolution::Nano)?;
        let mut others = 0;
        for left in rows {
            if left.link != link {
                others += 1;
                continue;
            }
            let read = capture.packet(left.packet).map_err(|source| CaptureWriteError::Io { source })?;
            let gone = || io::Error::from(io::ErrorKind::UnexpectedEof);
            let packet = read.ok_or_else(|| CaptureWriteError::Io { source: gone() })?;
            writer.write(packet.time_ns, left.whole, left.frame.as_deref().unwrap_or(packet.data))?;
        }
        Ok((writer.finish()?, others))
    }
}

impl Left {
    fn row(&self, shown: &mut Shown<'_>) -> Option<RowView> {
        let time = shown.capture.time_since_start(self.packet);
        let packet = shown.capture.packet(self.packet).ok()??;
        let summary = net::summarize(self.link, self.frame.as_deref().unwrap_or(packet.data));
        Some(RowView {
            // The packet as it left is what the last step shows.
            at: Cursor { packet: self.packet, run: self.run, step: u32::MAX },
            time: format::seconds(time),
            source: summary.source,
            destination: summary.destination,
            what: summary.what,
            length: self.whole,
            verdict: None,
            differs: None,
        })
    }
}

impl Said {
    fn row(&self, shown: &Shown<'_>) -> RowView {
        let name = |map: &MapId| shown.maps.get(map.index()).map_or_else(String::new, |map| map.name.clone());
        let (source, destination, what, length) = match &self.output {
            Output::Printk(text) => ("trace_printk", String::new(), text.clone(), text.len()),
            Output::PerfEvent { map, data, .. } => ("perf", name(map), shown.records.text(*map, data), data.len()),
            Output::Ringbuf { map, data } => ("ringbuf", name(map), shown.records.text(*map, data), data.len()),
            Output::Lost { map, len } => ("lost", name(map), "the buffer is full".to_owned(), *len as usize),
        };
        RowView {
            at: Cursor { packet: self.packet, run: self.run, step: u32::MAX },
            time: format::seconds(shown.capture.time_since_start(self.packet)),
            source: source.to_owned(),
            destination,
            what,
            length: length as u32,
            verdict: None,
            differs: None,
        }
    }
}
