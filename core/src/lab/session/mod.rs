//! `Session`: one user's scenario at work, as a front end with a screen drives it.
//!
//! A session holds the source, the capture, the replay and the packet that is looked at. Nothing here blocks for
//! long: a replay goes on by as many packets as it is told to, so that the caller can show progress or stop, and a
//! packet's trace is made when the packet is selected. What is wrong is said in the values that come back, and
//! what was there before stays in force.

mod capture;
mod jump;
mod lists;
mod machine;
mod present;
mod source;
mod timeline;
mod verdict;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use self::{jump::Jump, verdict::SESSION_LOG};

use self::{
    capture::OpenCapture,
    lists::{Lists, Shown},
    machine::There,
    timeline::Timeline,
    verdict::Verdicts,
};
use super::{
    Attachment, CaptureRef, Compiled, Cursor, LabError, MapContents, Replay, Run, Scenario, Source,
    bytes::ByteSource,
    format, scenario,
    view::{
        Badge, ListOf, ListView, LogLine, Look, PacketView, ProgramView, ProofView, ReplayView, RowView, RunView,
        StepView, Tone, VerdictView,
    },
};
use crate::{
    kernel::{Hook, VerdictClass},
    maps::MapStore,
    net,
    vm::{Config, Hits, Trace},
};

/// Captures up to this many bytes are put into links whole.
const INLINE_CAPTURE: u64 = 1 << 20;
/// Marks on the timeline at most.
const MARKS: usize = 4096;

/// What a packet came to, in the packet list.
#[derive(Clone, Copy)]
struct RowResult {
    hook: Hook,
    name: &'static str,
    class: VerdictClass,
    /// The interface that it came to.
    interface: Option<u16>,
    /// Where it is redirected to, 0 when nowhere.
    ifindex: u32,
}

impl RowResult {
    /// The name of the device that it is redirected to, where there are interfaces; else its number.
    fn device(&self, network: &net::Network) -> Option<String> {
        let here = self.interface.and_then(|at| network.interfaces.get(usize::from(at)));
        let named = here.and_then(|here| network.by_index(&here.netns, self.ifindex));
        let numbered = || (self.ifindex > 0).then(|| format!("if{}", self.ifindex));
        named.map(|device| device.name.clone()).or_else(numbered)
    }
}

/// The packet that is looked at.
struct Selected {
    packet: u32,
    run: u32,
    runs: Vec<Run>,
    trace: Trace,
    touches: present::PacketTouches,
    live: [bool; 11],
    /// The maps before the run.
    maps_before: MapStore,
    /// The steps of the verification that the run took, once the program is verified.
    walk: Option<Vec<u32>>,
}

impl Selected {
    fn presenter<'a>(
        &'a self,
        compiled: &'a Compiled,
        verdicts: &'a Verdicts,
        link: net::LinkType,
    ) -> present::Presenter<'a> {
        present::Presenter {
            compiled,
            verdicts,
            trace: &self.trace,
            touches: &self.touches,
            live: &self.live,
            maps_before: &self.maps_before,
            run: &self.runs[self.run as usize],
            walk: self.walk.as_deref().unwrap_or_default(),
            link,
        }
    }
}

/// One user's scenario at work: see the module's page.
pub struct Session {
    scenario: Scenario,
    compiled: Option<Compiled>,
    capture: Option<OpenCapture>,
    replay: Option<Replay>,
    hits: Hits,
    rows: Vec<RowResult>,
    lists: Lists,
    timeline: Option<Timeline>,
    selected: Option<Selected>,
    verdicts: Verdicts,
    /// What the kernel of a machine is called, when its word counts: `6.18.5 (this machine)`.
    machine: Option<String>,
    /// The replay there.
    there: Option<There>,
    /// The scenario before a filter expression was begun.
    set_aside: Option<Scenario>,
    /// Why there is no replay though there is a program: a hook that is missing, a map that is too large.
    trouble: Option<String>,
}

impl Default for Session {
    fn default() -> Session {
        Session::new()
    }
}

impl Session {
    /// A session without program and capture.
    pub fn new() -> Session {
        Session {
            scenario: Scenario::new(Source::Asm(String::new())),
            compiled: None,
            capture: None,
            replay: None,
            hits: Hits::default(),
            rows: Vec::new(),
            lists: Lists::default(),
            timeline: None,
            selected: None,
            verdicts: Verdicts::new(),
            machine: None,
            there: None,
            set_aside: None,
            trouble: None,
        }
    }

    /// Opens a scenario with its capture. The cursor stays where the scenario has it; the caller replays as far as
    /// its packet, then selects it.
    ///
    /// # Errors
    /// [`LabError::Capture`]; the program is in force then, without packets. A source with mistakes is no error
    /// here: the view says what is wrong.
    pub fn open(&mut self, scenario: Scenario, capture: Option<Box<dyn ByteSource>>) -> Result<ProgramView, LabError> {
        *self = Session { machine: self.machine.take(), ..Session::new() };
        let opened = capture.map(OpenCapture::new).transpose();
        self.scenario = scenario;
        let view = self.set_source(self.scenario.source.clone());
        self.capture = opened?;
        self.restart();
        Ok(view)
    }

    /// Opens a scenario whose source the caller has loaded in a way of its own: with a kernel's types, or for a hook.
    ///
    /// # Errors
    /// [`LabError::Capture`]; the program is in force then, without packets.
    pub fn open_loaded(
        &mut self,
        scenario: Scenario,
        compiled: Compiled,
        capture: Option<Box<dyn ByteSource>>,
    ) -> Result<ProgramView, LabError> {
        *self = Session::new();
        let opened = capture.map(OpenCapture::new).transpose();
        (self.scenario, self.compiled) = (scenario, Some(compiled));
        self.restart();
        self.capture = opened?;
        self.restart();
        Ok(self.program())
    }

    /// Says what runs where; nothing: every program at the hook its section names.
    pub fn set_attachments(&mut self, attachments: Vec<Attachment>) -> ProgramView {
        self.scenario.attachments = attachments;
        self.restart();
        self.program()
    }

    /// Sets the capture.
    ///
    /// # Errors
    /// [`LabError::Capture`] when it is none; the capture before stays in force.
    pub fn set_capture(&mut self, name: CaptureRef, bytes: Box<dyn ByteSource>) -> Result<(), LabError> {
        self.capture = Some(OpenCapture::new(bytes)?);
        self.scenario.capture = name;
        self.scenario.cursor = Cursor::default();
        match self.scenario.source.clone() {
            // The same words ask for other bytes on another link.
            Source::Filter { expression, link } if link != self.link() => {
                self.set_source(Source::Filter { expression, link: self.link() });
            }
            _ => self.restart(),
        }
        Ok(())
    }

    /// Goes back to before the first packet, with maps as at the start.
    pub fn restart(&mut self) {
        self.selected = None;
        self.rows.clear();
        self.lists = Lists::new(self.scenario.network.interfaces.len());
        self.hits = Hits::default();
        self.trouble = None;
        (self.replay, self.timeline, self.there) = (None, None, None);
        if let Some(capture) = &mut self.capture {
            capture.rewind();
        }
        let Some(compiled) = &self.compiled else { return };
        match new_replay(compiled, &self.scenario) {
            Ok(mut replay) => {
                replay.keep_departures();
                self.timeline = Some(Timeline::new(replay.checkpoint()));
                self.replay = Some(replay);
            }
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }

    /// Replays at most that many packets more.
    pub fn replay_some(&mut self, packets: u32) -> ReplayView {
        if let (Some(replay), Some(capture), Some(timeline)) = (&mut self.replay, &mut self.capture, &mut self.timeline)
        {
            for _ in 0..packets {
                let Some(packet) = capture.next() else { break };
                if timeline.wants(packet.index) {
                    timeline.keep(packet.index, replay.checkpoint(), replay.machine().maps.memory());
                }
                let (mut row, mut runs) = (None, 0);
                replay.packet(&packet, &mut self.hits, |run, _, effects| {
                    self.lists.said(packet.index, runs, &effects.outputs);
                    runs += 1;
                    let ifindex = effects.redirect.map_or(0, |r| r.ifindex);
                    let decides = row.is_none() || run.hook != Hook::Socket;
                    if decides {
                        let name = run.verdict_name();
                        let (hook, class, interface) = (run.hook, run.verdict.class, run.interface);
                        row = Some(RowResult { hook, name, class, interface, ifindex });
                    }
                });
                self.rows.extend(row);
                self.lists.left(&packet, runs, replay.departures());
            }
            if let Some(found) = replay.redirect_loop() {
                self.trouble = Some(found.to_string());
            }
        }
        self.progress()
    }

    /// How far the replay has come.
    pub fn progress(&self) -> ReplayView {
        let totals = self.replay.as_ref().map(|r| r.totals().clone()).unwrap_or_default();
        let capture = self.capture.as_ref();
        let finished = self.replay.is_none() || capture.is_none_or(OpenCapture::finished);
        let mut verdicts: Vec<_> =
            totals.verdicts.iter().map(|v| (badge(v.hook, v.name, v.class, None), v.count)).collect();
        verdicts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        ReplayView {
            packets: totals.packets,
            total: capture.filter(|c| c.finished()).map(OpenCapture::len),
            fraction: capture.map_or(1.0, OpenCapture::fraction),
            finished,
            runs: totals.runs,
            insns: totals.insns,
            verdicts,
            line_hits: self.line_hits(),
            lists: self.lists(),
            error: self.trouble.clone().or_else(|| Some(capture?.error()?.to_string())),
            there: self.there.as_ref().zip(self.machine.as_ref()).map(|(there, machine)| there.view(machine)),
        }
    }

    /// What came out of the replay so far: the lists that there are beside that of the packets.
    pub fn lists(&self) -> Vec<ListView> {
        self.lists.views(&self.interfaces())
    }

    /// Names of the scenario's interfaces.
    fn interfaces(&self) -> Vec<String> {
        self.scenario.network.interfaces.iter().map(|interface| interface.name.clone()).collect()
    }

    /// The frames that left an interface (or at all, where there are none), as a pcap with times in nanoseconds, and how
    /// many it cannot hold since their link is another than the first one's.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn pcap(&mut self, interface: u16) -> Result<(Vec<u8>, u32), LabError> {
        let Some(capture) = &mut self.capture else { return Ok((Vec::new(), 0)) };
        self.lists.pcap(interface, capture).map_err(LabError::Write)
    }

    /// Rows of a list; a range beyond what was replayed is cut.
    pub fn rows(&mut self, of: ListOf, range: Range<u32>) -> Vec<RowView> {
        let there = self.there.as_ref();
        let Some(capture) = &mut self.capture else { return Vec::new() };
        if of != ListOf::In {
            let Some(compiled) = &self.compiled else { return Vec::new() };
            let mut shown = Shown { capture, maps: &compiled.loaded.maps, records: &compiled.records };
            return self.lists.rows(of, range, &mut shown);
        }
        let end = range.end.min(capture.len());
        (range.start..end)
            .filter_map(|index| {
                let time = capture.time_since_start(index);
                let packet = capture.packet(index).ok()??;
                let summary = net::summarize(packet.link, packet.data);
                let result = self.rows.get(index as usize);
                Some(RowView {
                    at: Cursor { packet: index, run: 0, step: 0 },
                    time: format::seconds(time),
                    source: summary.source,
                    destination: summary.destination,
                    what: summary.what,
                    length: packet.orig_len,
                    verdict: result.map(|r| badge(r.hook, r.name, r.class, r.device(&self.scenario.network))),
                    differs: there.and_then(|there| there.line(index)),
                })
            })
            .collect()
    }

    /// Looks at a packet that was replayed, at the start of one of its runs.
    ///
    /// # Errors
    /// [`LabError::NoPacket`], [`LabError::NoRun`], [`LabError::Capture`] when it cannot be read again.
    pub fn select(&mut self, packet: u32, run: u32) -> Result<PacketView, LabError> {
        let (Some(compiled), Some(capture), Some(timeline)) = (&self.compiled, &mut self.capture, &self.timeline)
        else {
            return Err(LabError::NoPacket { packet, packets: 0 });
        };
        let no_packet = LabError::NoPacket { packet, packets: capture.len() };
        if packet >= capture.len() {
            return Err(no_packet);
        }
        let mut replay = new_replay(compiled, &self.scenario)?;
        let (from, state) = timeline.before(packet);
        replay.restore(state);
        for index in from..packet {
            let earlier = read(capture, index)?;
            replay.packet(&earlier, &mut crate::vm::NoObserver, |_, _, _| {});
        }
        let (runs, trace) = replay.record(&read(capture, packet)?, run as usize);
        let mut trace = trace.ok_or(LabError::NoRun { packet })?;
        let (touches, live) = (present::PacketTouches::of(&trace), present::live(&mut trace));
        let maps_before = trace.state().maps.clone();
        self.selected = Some(Selected { packet, run, runs, trace, touches, live, maps_before, walk: None });
        self.scenario.cursor = Cursor { packet, run, step: 0 };
        self.packet_view().ok_or(LabError::NoRun { packet })
    }

    /// The packet that is looked at; `None` when none is.
    pub fn packet_view(&mut self) -> Option<PacketView> {
        let selected = self.selected.as_ref()?;
        let compiled = self.compiled.as_ref()?;
        let packet = self.capture.as_mut()?.packet(selected.packet).ok()??;
        let runs = selected.runs.iter().map(|run| RunView {
            hook: run.hook,
            interface: run
                .interface
                .and_then(|at| Some(self.scenario.network.interfaces.get(usize::from(at))?.name.clone())),
            program: compiled.loaded.programs[run.program.0 as usize].name.clone(),
            verdict: badge(run.hook, run.verdict_name(), run.verdict.class, None),
            ret: run.ret(),
            insns: run.outcome.insns,
            fault: run.outcome.fault.as_ref().map(ToString::to_string),
        });
        Some(PacketView {
            index: selected.packet,
            length: packet.orig_len,
            captured: packet.data.len() as u32,
            runs: runs.collect(),
            run: selected.run,
            marks: present::marks(&selected.trace, MARKS),
            difference: self.there.as_ref().and_then(|there| there.difference(selected.packet)).cloned(),
        })
    }

    /// Moves to a step of the selected run; `None` when no packet is selected.
    pub fn seek(&mut self, step: u32) -> Option<StepView> {
        let (selected, compiled) = (self.selected.as_mut()?, self.compiled.as_ref()?);
        let step = (step as usize).min(selected.trace.steps());
        self.scenario.cursor.step = step as u32;
        let link = self.capture.as_ref()?.link(selected.packet)?;
        selected.trace.seek(step.saturating_sub(1));
        let one_before = selected.presenter(compiled, &self.verdicts, link).contents();
        selected.trace.seek(step);
        if selected.walk.is_none() {
            selected.walk = self.verdicts.walk(&selected.trace);
        }
        let course = match (&self.timeline, &self.replay) {
            (Some(timeline), Some(replay)) => Some(present::Course { timeline, latest: &replay.machine().maps }),
            _ => None,
        };
        Some(selected.presenter(compiled, &self.verdicts, link).step(course, &one_before))
    }

    /// Moves as a debugger does; `None` when no packet is selected.
    pub fn jump(&mut self, jump: Jump) -> Option<StepView> {
        let (selected, compiled) = (self.selected.as_ref()?, self.compiled.as_ref()?);
        let step = jump.target(&selected.trace, compiled);
        self.seek(step as u32)
    }

    /// The nearest step after the one that is looked at, or before it, at which one of these lines of the text comes
    /// next; `None` when there is none, or no packet is selected.
    pub fn find_step(&self, lines: &[u32], forward: bool) -> Option<u32> {
        let (selected, compiled) = (self.selected.as_ref()?, self.compiled.as_ref()?);
        let trace = &selected.trace;
        let end = trace.steps();
        let on_one = |l: crate::vm::Location| compiled.line(l.prog, l.pc).is_some_and(|line| lines.contains(&line));
        // After the last instruction no line comes next.
        let step = trace.find(trace.position(), forward, on_one).filter(|step| *step < end)?;
        Some(step as u32)
    }

    /// Verifies the programs by about so many instructions more; the simulator's verdict, whoever else is asked.
    pub fn verify_some(&mut self, insns: u32) -> Option<VerdictView> {
        let compiled = self.compiled.as_ref()?;
        self.verdicts.advance(compiled, &self.scenario, insns);
        Some(self.verdicts.view(compiled, &self.scenario))
    }

    /// Verifies anew, from the beginning.
    pub fn verify_again(&mut self) {
        self.verdicts = Verdicts::new();
        if let Some(selected) = &mut self.selected {
            selected.walk = None;
        }
    }

    /// Stops the verification where it is.
    pub fn stop_verifying(&mut self) -> Option<VerdictView> {
        self.verdicts.stop(self.compiled.as_ref()?);
        self.verdict()
    }

    /// How far the verification is, and what it found; `None` without a program. Where a machine's kernel is asked, its
    /// verdict with the simulator's beside it.
    pub fn verdict(&self) -> Option<VerdictView> {
        let compiled = self.compiled.as_ref()?;
        Some(match &self.machine {
            Some(machine) => self.verdicts.on_machine(machine, compiled, &self.scenario),
            None => self.verdicts.view(compiled, &self.scenario),
        })
    }

    /// Lines of the log of a program's verification; a range beyond its end is cut.
    pub fn log(&self, program: u32, lines: Range<u32>) -> Vec<LogLine> {
        self.verdicts.log(program, lines)
    }

    /// Moves among the steps of the verification; `None` when there are none to look at.
    pub fn look(&mut self, look: Look) -> Option<ProofView> {
        self.verdicts.look(self.compiled.as_ref()?, look)
    }

    /// The ELF object of the program in force.
    pub fn object(&self) -> Option<Vec<u8>> {
        Some(self.compiled.as_ref()?.object.write())
    }

    /// The scenario as it is now, cursor included; a small capture that came from a file is put into it.
    pub fn scenario(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        scenario.version = scenario::VERSION;
        if let (CaptureRef::File(name), Some(capture)) = (&scenario.capture, &self.capture)
            && let Some(bytes) = capture.bytes(INLINE_CAPTURE)
        {
            scenario.capture = CaptureRef::Inline { name: name.clone(), bytes };
        }
        scenario
    }

    /// Sets title and note, which say what the program is.
    pub fn describe(&mut self, title: String, note: String) {
        (self.scenario.title, self.scenario.note) = (title, note);
    }

    /// Sets what maps hold at the start.
    pub fn set_maps(&mut self, maps: Vec<MapContents>) -> ProgramView {
        self.scenario.maps = maps;
        self.restart();
        self.program()
    }

    fn line_hits(&self) -> Vec<(u32, u64)> {
        let (Some(compiled), Some(replay)) = (&self.compiled, &self.replay) else { return Vec::new() };
        let mut lines = std::collections::BTreeMap::new();
        for (program, pc, count) in replay.machine().hits(&self.hits) {
            if let Some(line) = compiled.line(program, pc) {
                *lines.entry(line).or_insert(0) += count;
            }
        }
        lines.into_iter().collect()
    }
}

fn new_replay(compiled: &Compiled, scenario: &Scenario) -> Result<Replay, LabError> {
    let config = Config { seed: scenario.seed, cpus: scenario.cpus, kernel: scenario.kernel, ..Config::default() };
    let mut replay = Replay::new(&compiled.loaded, &scenario.attachments, &scenario.maps, config)?;
    replay.in_network(&scenario.network)?;
    Ok(replay)
}

fn read(capture: &mut OpenCapture, index: u32) -> Result<net::Packet<'_>, LabError> {
    let packets = capture.len();
    match capture.packet(index) {
        Ok(Some(packet)) => Ok(packet),
        Ok(None) => Err(LabError::NoPacket { packet: index, packets }),
        Err(error) => Err(LabError::Read { packet: index, error }),
    }
}

/// A verdict as a label. `device` is where it is redirected to.
fn badge(hook: Hook, name: &str, class: VerdictClass, device: Option<String>) -> Badge {
    let tone = match (name, class) {
        ("FAULT", _) => Tone::Fault,
        ("TRIM", _) | (_, VerdictClass::Other) => Tone::Warn,
        (_, VerdictClass::Pass) => Tone::Pass,
        (_, VerdictClass::Drop) => Tone::Drop,
        (_, VerdictClass::Redirect) => Tone::Redirect,
    };
    let short = match hook {
        Hook::TcIngress | Hook::TcEgress => name.strip_prefix("TC_ACT_"),
        Hook::Xdp => name.strip_prefix("XDP_"),
        Hook::Socket | Hook::CgroupIngress | Hook::CgroupEgress => None,
    };
    let mut text = short.unwrap_or(name).to_owned();
    if let Some(device) = device.filter(|_| class == VerdictClass::Redirect) {
        text += &format!(" {device}");
    }
    Badge { text, name: name.to_owned(), tone }
}
