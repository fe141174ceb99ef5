//! From a recorded run to what a screen shows of it.

use std::ops::Range;

use super::{
    super::{
        Compiled, Run,
        annotate::{instruction, symbol},
        format,
        view::{
            BytesView, EntryView, FieldView, FrameView, LayerView, MapView, Mark, MarkKind, OutputView, RegView,
            SlotView, StepView,
        },
    },
    timeline::Timeline,
    verdict::Verdicts,
};
use crate::{
    isa::Pc,
    kernel::{MapDef, MapId},
    maps::MapStore,
    net::{self, LinkType, skbuff::ethertype},
    vm::{AccessKind, Changes, Frame, Output, Region, Trace},
};

/// Samples of a value over the replay that an entry carries at most.
const SAMPLES: usize = 16;
/// Entries up to which all of a map are compared with what they were before the run.
const COMPARED: u64 = 4096;
/// Bytes of a map's values that are looked at, at most: they are copied for every step.
const COMPARED_BYTES: u64 = 4 << 20;
/// Steps that are looked through for the registers a program uses.
const LIVE_STEPS: usize = 20_000;
/// Bytes of a stack frame.
const STACK_SIZE: i32 = 512;

/// The reads and writes of packet bytes of one run, in order.
pub(super) struct PacketTouches(Vec<Touch>);

struct Touch {
    step: u32,
    kind: AccessKind,
    /// Position from the first byte of the packet as it came in.
    position: i64,
    len: u32,
}

impl PacketTouches {
    pub fn of(trace: &Trace) -> PacketTouches {
        let packet = trace.accesses(0..trace.steps()).filter(|a| a.region == Region::Packet);
        PacketTouches(
            packet.map(|a| Touch { step: a.step as u32, kind: a.kind, position: a.offset, len: a.len }).collect(),
        )
    }

    /// The touches before a step, in order.
    fn before(&self, step: u32) -> &[Touch] {
        &self.0[..self.0.partition_point(|t| t.step < step)]
    }
}

/// The steps worth a mark, at most `most`.
pub(super) fn marks(trace: &Trace, most: usize) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut add = |step: usize, kind| {
        let mark = Mark { step: step as u32, kind };
        if marks.last() != Some(&mark) && marks.len() < most {
            marks.push(mark);
        }
    };
    for access in trace.accesses(0..trace.steps()) {
        match (access.region, access.kind) {
            (Region::Packet, AccessKind::Read) => add(access.step, MarkKind::Read),
            (Region::Packet, AccessKind::Write) => add(access.step, MarkKind::Write),
            (Region::MapValue(_), AccessKind::Write) => add(access.step, MarkKind::Map),
            _ => {}
        }
    }
    for (step, _) in trace.map_changes(0..trace.steps()) {
        add(step, MarkKind::Map);
    }
    for step in trace.output_steps() {
        add(step, MarkKind::Output);
    }
    if trace.outcome().fault.is_some() {
        add(trace.steps(), MarkKind::Fault);
    }
    marks.sort_by_key(|m| m.step);
    marks.dedup();
    marks
}

/// The registers that a run ever writes, by number; `r1` and `r10` are set at the start. The trace is left at its start.
pub(super) fn live(trace: &mut Trace) -> [bool; 11] {
    let mut live = [false; 11];
    (live[1], live[10]) = (true, true);
    for step in 0..trace.steps().min(LIVE_STEPS) {
        trace.seek(step);
        for change in trace.changes(step).regs {
            live[usize::from(change.reg)] = true;
        }
    }
    trace.seek(0);
    live
}

/// The selected run, ready to be shown at any step.
pub(super) struct Presenter<'a> {
    pub compiled: &'a Compiled,
    pub verdicts: &'a Verdicts,
    pub trace: &'a Trace,
    pub touches: &'a PacketTouches,
    pub live: &'a [bool; 11],
    /// The maps as they were before the run.
    pub maps_before: &'a MapStore,
    pub run: &'a Run,
    /// The steps of the verification that the run took, as far as they are known.
    pub walk: &'a [u32],
    pub link: LinkType,
}

/// Entries of the maps shown, as bytes.
pub(super) type Contents = Vec<Vec<(Vec<u8>, Vec<u8>)>>;

impl Presenter<'_> {
    /// The state before the instruction at the trace's position.
    pub fn step(&self, course: Option<Course<'_>>, one_before: &Contents) -> StepView {
        let (state, step) = (self.trace.state(), self.trace.position() as u32);
        let at_end = self.trace.position() == self.trace.steps();
        let program = &self.compiled.loaded.programs[state.prog.0 as usize];
        let packet = self.packet(step);
        StepView {
            step,
            steps: self.trace.steps() as u32,
            line: self.compiled.line(state.prog, state.pc).filter(|_| !at_end),
            insn: if at_end { String::new() } else { instruction(program, state, &self.compiled.loaded.maps) },
            pc: state.pc.0,
            function: program.func_at(state.pc).map_or_else(|| program.name.clone(), |f| f.name.clone()),
            source: self.compiled.source_line(state.prog, state.pc).filter(|_| !at_end),
            regs: self.regs(),
            frames: self.frames(),
            layers: self.layers(&packet),
            packet,
            maps: self.maps(course, one_before),
            output: self.output(),
            outcome: at_end.then(|| self.outcome()),
        }
    }

    fn outcome(&self) -> String {
        match &self.run.outcome.fault {
            Some(fault) => fault.to_string(),
            None => format!("{} ({})", self.run.verdict_name(), self.run.ret()),
        }
    }

    fn regs(&self) -> Vec<RegView> {
        let state = self.trace.state();
        let changed = self.last_changes().regs;
        // After the last instruction there is none at which anything was proved.
        let at_end = self.trace.position() == self.trace.steps();
        let visit = self.walk.get(self.trace.position()).copied();
        let proven = self.verdicts.proven(state.prog, state.pc, visit).filter(|_| !at_end);
        let regs = state.regs.iter().enumerate().map(|(number, &value)| RegView {
            name: format!("r{number}"),
            hex: format!("{value:#x}"),
            dec: (value as i64).to_string(),
            sym: symbol(state, value),
            changed: changed.iter().any(|c| usize::from(c.reg) == number),
            live: self.live[number],
            proven: proven.as_ref().and_then(|proven| proven.view(number, value)),
        });
        regs.collect()
    }

    fn frames(&self) -> Vec<FrameView> {
        let state = self.trace.state();
        let changed = self.last_changes().accesses;
        let program = &self.compiled.loaded.programs[state.prog.0 as usize];
        let frames = state.frames.iter().enumerate().rev().map(|(depth, frame)| {
            // A caller goes on where its callee returns to.
            let pc = state.frames.get(depth + 1).map_or(state.pc, |callee| callee.return_to.map_or(Pc(0), |at| at.1));
            let written = |slot: &i32| (0..8).any(|byte| frame.written.contains((STACK_SIZE + slot + byte) as usize));
            let slots = (1..=STACK_SIZE / 8).map(|n| -8 * n).filter(written).map(|offset| {
                let index = (STACK_SIZE + offset) as usize;
                let (from, to) = extent(frame, index);
                let mut word = [0; 8];
                word[..to - from].copy_from_slice(&frame.stack[from..to]);
                let value = u64::from_le_bytes(word);
                let offset = from as i32 - STACK_SIZE;
                let here = i64::from(offset)..(to as i64 - i64::from(STACK_SIZE));
                SlotView {
                    offset,
                    hex: format!("{value:0width$x}", width = (to - from) * 2),
                    sym: symbol(state, value),
                    changed: changed.iter().any(|a| {
                        a.region == Region::Stack(depth as u8)
                            && a.kind == AccessKind::Write
                            && overlap(&(a.offset..a.offset + i64::from(a.len)), &here)
                    }),
                }
            });
            FrameView {
                function: program.func_at(pc).map_or_else(|| program.name.clone(), |f| f.name.clone()),
                slots: slots.collect(),
            }
        });
        frames.collect()
    }

    /// What the step before the position did.
    fn last_changes(&self) -> Changes {
        match self.trace.position() {
            0 => Changes::default(),
            at => self.trace.changes(at - 1),
        }
    }

    fn packet(&self, step: u32) -> BytesView {
        let state = self.trace.state();
        let bytes = state.skb.packet.bytes().to_vec();
        let start = i64::from(state.skb.packet.start());
        // Per byte the last step, plus one, that read and wrote it.
        let mut read = vec![0u32; bytes.len()];
        let mut written = vec![0u32; bytes.len()];
        let touches = self.touches.before(step);
        for touch in touches {
            let marks = match touch.kind {
                AccessKind::Read => &mut read,
                AccessKind::Write => &mut written,
            };
            if let Some(range) = within(touch, start, bytes.len()) {
                marks[range].fill(touch.step + 1);
            }
        }
        let now = touches.iter().rev().take_while(|t| t.step + 1 == step);
        let now = now.filter_map(|t| within(t, start, bytes.len())).map(|r| r.start as u32..r.end as u32).collect();
        BytesView { reads: runs(&read), writes: runs(&written), now, bytes }
    }

    fn layers(&self, packet: &BytesView) -> Vec<LayerView> {
        let last = |marks: &[(Range<u32>, u32)], range: &Range<u32>| {
            marks.iter().filter(|(r, _)| r.start < range.end && range.start < r.end).map(|(_, step)| *step).max()
        };
        let dissection = net::dissect(self.link, &packet.bytes);
        let layers = dissection.layers.into_iter().map(|layer| LayerView {
            name: layer.name.into_owned(),
            info: layer.info,
            range: small(&layer.range),
            fields: layer
                .fields
                .into_iter()
                .map(|field| {
                    let range = small(&field.range);
                    FieldView {
                        name: field.name.into_owned(),
                        value: field.value,
                        read_at: last(&packet.reads, &range),
                        written_at: last(&packet.writes, &range),
                        range,
                    }
                })
                .collect(),
        });
        let mut layers: Vec<LayerView> = layers.collect();
        if let Some(tag) = &self.trace.state().skb.vlan {
            // The tag is no byte of the packet until it leaves.
            let name = if tag.proto == ethertype::QINQ { "802.1ad" } else { "VLAN" };
            let info = format!("{}, beside the frame until that leaves", tag.tci & 0xfff);
            layers.insert(
                layers.len().min(1),
                LayerView { name: name.to_owned(), info, range: 0..0, fields: Vec::new() },
            );
        }
        layers
    }

    /// The entries that are shown, map by map: those that the run changed first.
    pub fn contents(&self) -> Contents {
        let state = self.trace.state();
        let ids = (0..self.compiled.loaded.maps.len() as u32).map(MapId);
        ids.map(|id| {
            let def = &self.compiled.loaded.maps[id.index()];
            let lanes = if def.map_type.is_percpu() { state.maps.cpus() } else { 1 };
            let fits = COMPARED_BYTES / (u64::from(def.value_size.max(8)) * u64::from(lanes));
            let look_at = if state.maps.count(id) <= COMPARED { COMPARED as usize } else { MapView::SHOWN };
            let look_at = look_at.min(fits as usize);
            let (mut changed, rest): (Vec<_>, Vec<_>) =
                state.maps.entries(id).take(look_at).partition(|(key, value)| self.touched(id, key, value));
            changed.extend(rest);
            changed.truncate(MapView::SHOWN);
            changed
        })
        .collect()
    }

    /// Whether an entry was not there like this before the run.
    fn touched(&self, id: MapId, key: &[u8], value: &[u8]) -> bool {
        self.maps_before.user_lookup(id, key).ok().as_deref() != Some(value)
    }

    fn maps(&self, course: Option<Course<'_>>, one_before: &Contents) -> Vec<MapView> {
        let maps = &self.compiled.loaded.maps;
        let views = (0..).map(MapId).zip(maps).zip(self.contents()).map(|((id, def), contents)| {
            let earlier = one_before.get(id.index());
            let entries = contents.into_iter().map(|(key, value)| {
                let old = earlier.and_then(|e| e.iter().find(|(k, _)| *k == key)).filter(|(_, old)| *old != value);
                EntryView {
                    key: format::format_value(&key, &def.key_format),
                    value: format::format_map_value(def, &value),
                    before: old.map(|(_, old)| format::format_map_value(def, old)),
                    touched: self.touched(id, &key, &value),
                    over_time: course.map(|c| c.of(id, def, &key)).unwrap_or_default(),
                }
            });
            MapView {
                name: def.name.clone(),
                kind: def.map_type.name().to_owned(),
                used: self.trace.state().maps.count(id) as u32,
                max_entries: def.max_entries,
                entries: entries.collect(),
            }
        });
        views.collect()
    }

    fn output(&self) -> Vec<OutputView> {
        let done = &self.trace.effects().outputs[..self.trace.state().outputs];
        let name = |map: &MapId| self.compiled.loaded.maps.get(map.index()).map(|m| m.name.clone());
        let shown = done.iter().map(|output| match output {
            Output::Printk(text) => OutputView { kind: "trace_printk".to_owned(), map: None, text: text.clone() },
            Output::PerfEvent { map, data, .. } => {
                OutputView { kind: "perf".to_owned(), map: name(map), text: self.compiled.records.text(*map, data) }
            }
            Output::Ringbuf { map, data } => {
                OutputView { kind: "ringbuf".to_owned(), map: name(map), text: self.compiled.records.text(*map, data) }
            }
            Output::Lost { map, len } => OutputView {
                kind: "lost".to_owned(),
                map: name(map),
                text: format!("lost, the buffer is full: {len} bytes"),
            },
        });
        shown.collect()
    }
}

/// What a map went through during the replay.
#[derive(Clone, Copy)]
pub(super) struct Course<'a> {
    pub timeline: &'a Timeline,
    /// The maps after the last packet that was replayed.
    pub latest: &'a MapStore,
}

impl Course<'_> {
    /// The value of an entry at the checkpoints of the replay, and where it has come to.
    fn of(self, id: MapId, def: &MapDef, key: &[u8]) -> Vec<u64> {
        let number = |maps: &MapStore| {
            let value = maps.user_lookup(id, key).ok();
            value.and_then(|v| format::chart_number(def, &v))
        };
        let points = self.timeline.points();
        let every = points.len().div_ceil(SAMPLES).max(1);
        let past = points.iter().step_by(every).map(|(_, state)| number(state.maps()).unwrap_or(0));
        match number(self.latest) {
            Some(latest) => past.chain([latest]).collect(),
            None => Vec::new(),
        }
    }
}

/// The part of an eight-byte slot that was written, from its first written byte to its last.
fn extent(frame: &Frame, index: usize) -> (usize, usize) {
    let mut written = (index..index + 8).filter(|byte| frame.written.contains(*byte));
    let first = written.next().unwrap_or(index);
    (first, written.next_back().unwrap_or(first) + 1)
}

fn overlap(a: &Range<i64>, b: &Range<i64>) -> bool {
    a.start < b.end && b.start < a.end
}

fn small(range: &Range<usize>) -> Range<u32> {
    range.start as u32..range.end as u32
}

/// The bytes of a touch, as indices into the packet as it is now.
fn within(touch: &Touch, start: i64, len: usize) -> Option<Range<usize>> {
    let from = (touch.position - start).max(0);
    let to = (touch.position - start + i64::from(touch.len)).min(len as i64);
    (from < to).then_some(from as usize..to as usize)
}

/// Stretches of equal marks (step + 1; 0 is none), with their step.
fn runs(marks: &[u32]) -> Vec<(Range<u32>, u32)> {
    let mut runs: Vec<(Range<u32>, u32)> = Vec::new();
    for (at, &mark) in (0..).zip(marks) {
        match runs.last_mut() {
            Some((range, step)) if range.end == at && *step + 1 == mark => range.end += 1,
            _ if mark > 0 => runs.push((at..at + 1, mark - 1)),
            _ => {}
        }
    }
    runs
}
