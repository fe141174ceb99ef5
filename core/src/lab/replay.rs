//! `Replay`: a capture through the attached programs, packet by packet.
//!
//! A packet meets the hooks in the order XDP, socket filters, tc ingress, cgroup ingress, cgroup egress, tc egress: a
//! packet socket has its copy before tc is asked (which is why tcpdump shows what tc drops). Where a packet goes that a
//! program redirects, and what the other interfaces of a scenario have to do with it, is in [`way`](super::way). State in
//! maps carries over from program to program and from packet to packet. Ring buffers are read after each packet, as a
//! consumer that keeps up would do.

use std::{convert::Infallible, sync::Arc};

use super::way::{Departure, Hint, RedirectLoop, Way};
use super::{Attachment, Engine, Entry, LabError, MapContents, hex};
use crate::{
    classic::Counted,
    kernel::{
        Hook, MapDef, MapId, MapType, ProgType, Program, Verdict, VerdictClass, classifier_verdict, section_entry_maps,
        section_type, verdict,
    },
    net::{Device, Network, Packet, SkBuff},
    object::Loaded,
    vm::{Checkpoint, Config, Effects, Machine, Observer, Outcome, ProgId, Structures, Trace},
};

/// A program at its hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attached {
    /// Where.
    pub hook: Hook,
    /// Which program.
    pub program: ProgId,
    /// The interface, by its place in the scenario's network, when it is one of several.
    pub interface: Option<u16>,
    /// Whether it is a tc classifier that is not in direct-action mode.
    pub classifier: bool,
    /// Whether it is at tc by a tcx link, and not by a filter.
    pub tcx: bool,
}

/// One program's run on one packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Packet, from 0.
    pub packet: u32,
    /// Where it ran.
    pub hook: Hook,
    /// Which program.
    pub program: ProgId,
    /// The interface, by its place in the scenario's network, when there is one.
    pub interface: Option<u16>,
    /// Return value in full, instructions, fault.
    pub outcome: Outcome,
    /// What the return value means; a run that ended in a fault has none.
    pub verdict: Verdict,
}

impl Run {
    /// The name in results: `FAULT` for a run that ended in one, else the verdict's.
    pub fn verdict_name(&self) -> &'static str {
        if self.outcome.fault.is_some() { "FAULT" } else { self.verdict.name }
    }

    /// The return value as the hook reads it: 32 bits, signed for tc.
    pub fn ret(&self) -> i64 {
        match self.hook {
            Hook::TcIngress | Hook::TcEgress => i64::from(self.outcome.ret as u32 as i32),
            Hook::Socket | Hook::Xdp | Hook::CgroupIngress | Hook::CgroupEgress => i64::from(self.outcome.ret as u32),
        }
    }

    /// Whether the packet does not simply go on, once the programs of this hook have been asked.
    pub(super) fn ends(&self) -> bool {
        self.hook != Hook::Socket && (self.outcome.fault.is_some() || self.verdict.class != VerdictClass::Pass)
    }

    /// Whether a later program at the same hook is asked: at tc as long as nobody has decided; of a control group all
    /// are.
    pub(super) fn leaves_it_to_the_next(&self) -> bool {
        match self.hook {
            Hook::TcIngress | Hook::TcEgress => !self.ends() && !matches!(self.verdict.name, "TC_ACT_OK" | "MATCH"),
            Hook::Xdp => !self.ends(),
            Hook::Socket | Hook::CgroupIngress | Hook::CgroupEgress => true,
        }
    }
}

/// What a replay added up to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Packets replayed.
    pub packets: u32,
    /// Programs run.
    pub runs: u64,
    /// Instructions run.
    pub insns: u64,
    /// Perf and ring buffer records.
    pub events: u64,
    /// Records that ring buffers had no room for: how many of each, in order of the first. A kernel does not tell.
    pub lost: Vec<(MapId, u64)>,
    /// How often each verdict was given, in order of first appearance.
    pub verdicts: Vec<VerdictCount>,
}

/// How often a verdict was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerdictCount {
    /// At which hook.
    pub hook: Hook,
    /// The verdict's name.
    pub name: &'static str,
    /// What it did to the packet.
    pub class: VerdictClass,
    /// How often.
    pub count: u64,
}

impl Totals {
    fn add_events(&mut self, effects: &Effects) {
        self.events += effects.events();
        for map in effects.lost() {
            match self.lost.iter_mut().find(|(lost, _)| *lost == map) {
                Some((_, count)) => *count += 1,
                None => self.lost.push((map, 1)),
            }
        }
    }

    fn add(&mut self, run: &Run) {
        let verdict = Verdict { name: run.verdict_name(), ..run.verdict };
        self.count(run.hook, verdict, run.outcome.insns);
    }

    #[inline]
    fn count(&mut self, hook: Hook, Verdict { name, class }: Verdict, insns: u64) {
        self.runs += 1;
        self.insns += insns;
        match self.verdicts.iter_mut().find(|v| v.hook == hook && std::ptr::eq(v.name, name)) {
            Some(row) => row.count += 1,
            None => self.verdicts.push(VerdictCount { hook, name, class, count: 1 }),
        }
    }
}

/// A scenario running, on the simulator's machine when nothing else is said.
pub struct Replay<E = Machine> {
    engine: E,
    attached: Vec<Attached>,
    /// Interfaces that attachments name, in the same order.
    devices: Vec<Option<String>>,
    pub(super) skb: SkBuff,
    /// Ring buffers, which a consumer empties after each packet.
    rings: Vec<MapId>,
    pub(super) way: Way,
    /// See [`shorten`](Replay::shorten).
    pub(super) counted: Option<Counted>,
    /// A frame without its tag, see [`tally`](Replay::tally).
    pub(super) untagged: Vec<u8>,
    totals: Totals,
}

/// What [`Replay::packet`] calls after each run: the run, the packet as the program left it, and what it did else.
pub trait Visit: FnMut(&Run, &SkBuff, &Effects) {}
impl<F: FnMut(&Run, &SkBuff, &Effects)> Visit for F {}

impl Replay {
    /// Sets up maps and programs. Without attachments every program runs where [`hook_of`] says, except for those
    /// that a prog array holds from the start.
    ///
    /// # Errors
    /// [`LabError::NoProgram`], or [`LabError::Object`] when no program could be had; [`LabError::UnknownProgram`],
    /// [`LabError::NoHook`], [`LabError::SeesNoPackets`], [`LabError::WrongHook`], [`LabError::Setup`]; for the maps'
    /// contents [`LabError::UnknownMap`], [`LabError::EntrySize`] and [`LabError::MapEntry`].
    pub fn new(
        loaded: &Loaded,
        attachments: &[Attachment],
        maps: &[MapContents],
        config: Config,
    ) -> Result<Replay, LabError> {
        let (attached, devices) = attach(loaded, attachments)?;
        let mut machine = Machine::new(&loaded.programs, &loaded.maps, config)?;
        machine.env.structures = loaded.types.clone().map(|types| Arc::new(Structures::new(types)));
        for at in attached.iter().filter(|at| at.hook.is_cgroup()) {
            for map in &loaded.programs[at.program.0 as usize].maps {
                machine.maps.group_attach(*map, at.hook == Hook::CgroupEgress);
            }
        }
        for contents in maps {
            fill(&mut machine, loaded, contents)?;
        }
        Ok(Replay::with(machine, loaded, attached, devices))
    }

    /// The machine with its maps.
    pub fn machine(&self) -> &Machine {
        &self.engine
    }

    /// To drain ring buffers, or to write maps as user space would.
    pub fn machine_mut(&mut self) -> &mut Machine {
        &mut self.engine
    }

    /// The state between two packets, to come back to.
    pub fn checkpoint(&self) -> Checkpoint {
        self.engine.checkpoint()
    }

    /// Goes back to a state; the totals stay as they are.
    pub fn restore(&mut self, checkpoint: &Checkpoint) {
        self.engine.restore(checkpoint);
    }

    /// Takes the next packet through the hooks, with somebody who looks at every step.
    pub fn packet<O: Observer>(&mut self, packet: &Packet<'_>, observer: &mut O, visit: impl Visit) {
        let run = |machine: &mut Machine, at: Attached, skb: &mut SkBuff| Ok(machine.run(at.program, skb, observer));
        let Ok(()) = self.count::<Infallible>(packet, run, visit);
    }

    /// Takes a packet through the hooks as [`packet`](Self::packet) does, recording the run of that number (from 0).
    /// Gives all the runs, and the recorded one's trace if there were so many runs. The totals stay as they are.
    pub fn record(&mut self, packet: &Packet<'_>, number: usize) -> (Vec<Run>, Option<Trace>) {
        let mut runs = Vec::new();
        let mut recorded = None;
        let Ok(()) = self.way::<Infallible>(packet, |replay, at, count| {
            let outcome = if count == number {
                let trace = replay.engine.record(at.program, &mut replay.skb);
                recorded.insert(trace).outcome().clone()
            } else {
                replay.engine.run(at.program, &mut replay.skb, &mut crate::vm::NoObserver)
            };
            let effects = replay.engine.env.take_effects();
            let run = replay.conclude(packet.index, at, outcome);
            runs.push(run.clone());
            Ok((run, effects))
        });
        (runs, recorded)
    }
}

impl<E: Engine> Replay<E> {
    /// A replay on an engine that has the programs and maps of the object. Without attachments every program runs where
    /// [`hook_of`] says, except for those that a prog array holds from the start.
    ///
    /// # Errors
    /// [`LabError::NoProgram`], or [`LabError::Object`] when no program could be had; [`LabError::UnknownProgram`],
    /// [`LabError::NoHook`], [`LabError::SeesNoPackets`], [`LabError::WrongHook`].
    pub fn on(engine: E, loaded: &Loaded, attachments: &[Attachment]) -> Result<Replay<E>, LabError> {
        let (attached, devices) = attach(loaded, attachments)?;
        Ok(Replay::with(engine, loaded, attached, devices))
    }

    fn with(engine: E, loaded: &Loaded, attached: Vec<Attached>, devices: Vec<Option<String>>) -> Replay<E> {
        // What agrees with the kernel is asked for by test runs, on its loopback device, but for socket filters, which
        // are asked on a real one.
        let only_sockets = attached.iter().all(|a| a.hook == Hook::Socket);
        let device = if only_sockets { Device::ETHERNET } else { Device::LOOPBACK };
        let rings = (0..).map(MapId).zip(&loaded.maps).filter(|(_, m)| m.map_type == MapType::Ringbuf);
        Replay {
            rings: rings.map(|(id, _)| id).collect(),
            engine,
            attached,
            devices,
            skb: SkBuff::new(device),
            way: Way::default(),
            counted: None,
            untagged: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// From now on packets come to tc ingress as they do on a device, an outer VLAN tag beside the frame; a test run has
    /// it in the frame.
    pub fn as_on_device(&mut self) {
        self.way.on_device = true;
    }

    /// Puts the programs on the interfaces of a network: those that their attachments name, else the first. A network
    /// without interfaces changes nothing.
    ///
    /// # Errors
    /// [`LabError::Network`] for one that cannot be, [`LabError::UnknownInterface`].
    pub fn in_network(&mut self, network: &Network) -> Result<(), LabError> {
        network.check()?;
        let place = |name: &Option<String>| match name {
            None => Ok((!network.interfaces.is_empty()).then_some(0)),
            Some(name) => match network.interfaces.iter().position(|interface| interface.name == *name) {
                Some(at) => Ok(Some(at as u16)),
                None => Err(LabError::UnknownInterface {
                    name: name.clone(),
                    have: network.interfaces.iter().map(|interface| interface.name.clone()).collect(),
                }),
            },
        };
        for (at, name) in self.attached.iter_mut().zip(&self.devices) {
            at.interface = place(name)?;
        }
        let network = Arc::new(network.clone());
        self.engine.in_network(&network);
        self.way.enter(network, &self.attached);
        Ok(())
    }

    /// From now on keeps what leaves, see [`departures`](Self::departures).
    pub fn keep_departures(&mut self) {
        self.way.keeps = true;
    }

    /// What became of the last packet: the frames that left, in order. Nothing unless they are kept.
    pub fn departures(&self) -> &[Departure] {
        &self.way.left
    }

    /// The first packet that went around between interfaces without end, if one did.
    pub fn redirect_loop(&self) -> Option<&RedirectLoop> {
        self.way.redirect_loop.as_ref()
    }

    /// For an engine that cannot tell where its programs redirect the next packet: what another's said, run by run.
    pub(super) fn hint(&mut self, hints: &[Hint]) {
        self.way.hints.clear();
        self.way.hints.extend_from_slice(hints);
    }

    /// What executes the programs.
    pub fn engine(&self) -> &E {
        &self.engine
    }

    /// What runs where, in the order in which a packet meets it.
    pub fn attached(&self) -> &[Attached] {
        &self.attached
    }

    /// What the packets so far added up to.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Whether the engine can run all programs on such a packet, as it is captured. Nothing is run.
    ///
    /// # Errors
    /// It cannot run one of them.
    pub fn takes(&mut self, packet: &Packet<'_>) -> Result<(), E::Error> {
        self.skb.reset(packet.data, packet.link);
        self.skb.complete(packet.orig_len, packet.data.len());
        let Replay { attached, engine, skb, .. } = self;
        attached.iter().try_for_each(|at| engine.takes(*at, skb))
    }

    /// Takes the next packet through the hooks.
    ///
    /// # Errors
    /// The engine cannot run a program on it; the packet's way ends there.
    pub fn next(&mut self, packet: &Packet<'_>, visit: impl Visit) -> Result<(), E::Error> {
        self.count(packet, E::run, visit)
    }

    /// Takes the next packet through the hooks, each program run by `run`, and counts what it comes to.
    fn count<X>(
        &mut self,
        packet: &Packet<'_>,
        mut run: impl FnMut(&mut E, Attached, &mut SkBuff) -> Result<Outcome, X>,
        mut visit: impl Visit,
    ) -> Result<(), X> {
        self.totals.packets += 1;
        self.way(packet, |replay, at, _| {
            let outcome = run(&mut replay.engine, at, &mut replay.skb)?;
            let run = replay.conclude(packet.index, at, outcome);
            let effects = replay.engine.take_effects();
            replay.totals.add(&run);
            replay.totals.add_events(&effects);
            visit(&run, &replay.skb, &effects);
            Ok((run, effects))
        })
    }

    /// Counts a packet's only run, which was made elsewhere.
    #[inline]
    pub(super) fn count_alone(&mut self, hook: Hook, verdict: Verdict, insns: u32) {
        self.totals.packets += 1;
        self.totals.count(hook, verdict, insns.into());
    }

    /// Walks the packet from hook to hook as long as it goes on; `step` runs one program, told how many ran before.
    fn way<X>(
        &mut self,
        packet: &Packet<'_>,
        mut step: impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
    ) -> Result<(), X> {
        self.engine.packet_comes(packet.time_ns);
        let gone = self.walk(packet, &mut step);
        for ring in &self.rings {
            self.engine.drain(*ring);
        }
        gone
    }

    fn conclude(&self, packet: u32, at: Attached, outcome: Outcome) -> Run {
        let verdict = match at.classifier {
            true => classifier_verdict(outcome.ret),
            false => verdict(at.hook, outcome.ret, self.skb.packet.len() as u32),
        };
        Run { packet, hook: at.hook, program: at.program, interface: at.interface, outcome, verdict }
    }
}

/// Where a program runs when nobody says: at the hook that its section names, else where its type usually runs. A `tc`
/// section names no direction; ingress is where captures come from.
pub fn hook_of(program: &Program) -> Option<Hook> {
    program.hook.or(match program.prog_type {
        ProgType::SocketFilter => Some(Hook::Socket),
        ProgType::SchedCls | ProgType::SchedAct => Some(Hook::TcIngress),
        ProgType::Xdp => Some(Hook::Xdp),
        ProgType::CgroupSkb => Some(Hook::CgroupIngress),
        _ => None,
    })
}

/// Which program runs where, in the order in which a packet meets them, and the interfaces that attachments name.
fn attach(loaded: &Loaded, attachments: &[Attachment]) -> Result<(Vec<Attached>, Vec<Option<String>>), LabError> {
    let programs = &loaded.programs;
    if programs.is_empty() {
        return Err(loaded.refused.first().map_or(LabError::NoProgram, |(_, error)| error.clone().into()));
    }
    let mut attached = Vec::new();
    for attachment in attachments {
        attached.push((attach_one(loaded, attachment)?, attachment.dev.clone()));
    }
    if attachments.is_empty() {
        // What a prog array holds is there to be jumped to.
        let entries = loaded.maps.iter().flat_map(|m| &m.initial);
        let jumped_to: Vec<&str> = entries.filter_map(|e| e.value.program()).collect();
        let entered = programs.iter().zip(0..).filter(|(p, _)| !jumped_to.contains(&p.name.as_str()));
        // What is for a map's entry runs when packets are redirected there.
        let entered = entered.filter(|(p, _)| section_entry_maps(&p.section).is_empty());
        let hooks = entered.filter_map(|(p, at)| Some((hook_of(p)?, at)));
        let at = |(hook, at): (Hook, u32)| {
            let tcx = is_tcx(&programs[at as usize], hook);
            Attached { hook, program: ProgId(at), interface: None, classifier: false, tcx }
        };
        attached.extend(hooks.map(|found| (at(found), None)));
    }
    if attached.is_empty() {
        return Err(LabError::no_hook(&programs[0]));
    }
    // Links of tcx are asked before filters.
    attached.sort_by_key(|(at, _)| (super::way::order(at.hook), !at.tcx));
    Ok(attached.into_iter().unzip())
}

/// Whether a program is attached by a tcx link, as its section says.
fn is_tcx(program: &Program, hook: Hook) -> bool {
    hook.is_tc() && section_type(&program.section).is_some_and(|section| section.def.name.starts_with("tcx/"))
}

fn attach_one(loaded: &Loaded, wanted: &Attachment) -> Result<Attached, LabError> {
    let programs = &loaded.programs;
    let Some(at) = programs.iter().position(|p| p.name == wanted.program) else {
        if let Some((_, error)) = loaded.refused.iter().find(|(name, _)| *name == wanted.program) {
            return Err(error.clone().into());
        }
        let have = programs.iter().map(|p| p.name.clone()).collect();
        return Err(LabError::UnknownProgram { name: wanted.program.clone(), have });
    };
    let (program, hook) = (&programs[at], wanted.hook);
    if !hook.prog_types().contains(program.prog_type) {
        let prog_type = program.prog_type.name();
        return Err(LabError::WrongHook { program: program.name.clone(), prog_type, hook });
    }
    if wanted.classifier && !hook.is_tc() {
        return Err(LabError::NoClassifier { program: program.name.clone(), hook });
    }
    let tcx = is_tcx(program, hook) && !wanted.classifier;
    Ok(Attached { hook, program: ProgId(at as u32), interface: None, classifier: wanted.classifier, tcx })
}

fn fill(machine: &mut Machine, loaded: &Loaded, contents: &MapContents) -> Result<(), LabError> {
    let at = loaded.maps.iter().position(|m| m.name == contents.name).ok_or_else(|| LabError::UnknownMap {
        name: contents.name.clone(),
        have: loaded.maps.iter().map(|m| m.name.clone()).collect(),
    })?;
    let def = &loaded.maps[at];
    let wrong_size =
        |part, bytes: &[u8], size| LabError::EntrySize { map: def.name.clone(), part, bytes: hex::encode(bytes), size };
    for Entry { key, value, program } in &contents.entries {
        if key.len() != def.key_size as usize {
            return Err(wrong_size("key", key, def.key_size));
        }
        if value.len() != def.value_size as usize && !def.map_type.is_percpu() {
            return Err(wrong_size("value", value, def.value_size));
        }
        let refused = |errno| LabError::MapEntry { map: def.name.clone(), key: hex::encode(key), errno };
        let mut value = value.clone();
        if let Some(name) = program {
            put_program(&mut value, loaded, def, name)?;
        }
        machine.maps.user_update(MapId(at as u32), key, &value, 0).map_err(refused)?;
    }
    Ok(())
}

/// Puts a program behind the device or CPU of a map's entry.
fn put_program(value: &mut [u8], loaded: &Loaded, def: &MapDef, name: &str) -> Result<(), LabError> {
    let wrong = |why| LabError::EntryProgram { map: def.name.clone(), program: name.to_owned(), why };
    let programs = &loaded.programs;
    let Some(at) = programs.iter().position(|program| program.name == name) else {
        let have = programs.iter().map(|program| program.name.clone()).collect();
        return Err(LabError::UnknownProgram { name: name.to_owned(), have });
    };
    let room = value.get_mut(4..8).ok_or_else(|| wrong("its values have no room for one: 8 bytes are needed"))?;
    if !section_entry_maps(&programs[at].section).contains(&def.map_type) {
        return Err(wrong("devices take programs of section `xdp/devmap`, CPUs those of `xdp/cpumap`"));
    }
    room.copy_from_slice(&(at as u32 + 1).to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Compiled, Source},
        net::LinkType,
        object::LoadOptions,
    };

    /// One program a hook; the tc programs at ingress are two, of which the first decides.
    const EVERYWHERE: &str = "
        .section xdp
        early: r0 = 2
        exit
        .section socket
        tap: r0 = -1
        exit
        .section tc/ingress
        first: r0 = 0
        exit
        second: r0 = 2
        exit
        .section tc/egress
        last: r0 = *(u32 *)(r1 + 28)
        exit
    ";

    fn replay(text: &str) -> (Compiled, Replay) {
        let compiled = Compiled::new(&Source::Asm(text.into()), "test.s", &LoadOptions::default()).unwrap();
        let hooks = |p: &Program| Some(Attachment::new(&p.name, hook_of(p)?));
        let attachments: Vec<_> = compiled.loaded.programs.iter().filter_map(hooks).collect();
        let replay = Replay::new(&compiled.loaded, &attachments, &[], Config::default()).unwrap();
        (compiled, replay)
    }

    /// A frame with a VLAN tag.
    fn tagged() -> Vec<u8> {
        [&[2; 12][..], &[0x81, 0, 0, 5, 8, 0, 0x45], &[0; 40]].concat()
    }

    fn packet(data: &[u8], link: LinkType) -> Packet<'_> {
        Packet { index: 0, time_ns: 0, link, orig_len: data.len() as u32, offset: 0, data }
    }

    /// Names of the programs that ran, in order.
    fn way(compiled: &Compiled, runs: &[Run]) -> Vec<String> {
        runs.iter().map(|run| compiled.loaded.programs[run.program.0 as usize].name.clone()).collect()
    }

    #[test]
    fn a_socket_has_its_copy_before_tc_is_asked() {
        let (compiled, mut replay) = replay(".section tc\nshot: r0 = 2\nexit\n.section socket\ntap: r0 = -1\nexit");
        let (runs, _) = replay.record(&packet(&[0; 60], LinkType::Ethernet), 0);
        assert_eq!(way(&compiled, &runs), ["tap", "shot"]);
    }

    #[test]
    fn runs_are_counted_and_not_programs() {
        let (compiled, mut replay) = replay(EVERYWHERE);
        let frame = tagged();
        let (runs, _) = replay.record(&packet(&frame, LinkType::Ethernet), 0);
        assert_eq!(way(&compiled, &runs), ["early", "tap", "first", "last"]);
        for number in 0..runs.len() {
            let (again, trace) = replay.record(&packet(&frame, LinkType::Ethernet), number);
            assert_eq!((again, trace.map(|t| t.outcome().clone())), (runs.clone(), Some(runs[number].outcome.clone())));
        }
        assert!(replay.record(&packet(&frame, LinkType::Ethernet), 4).1.is_none());
    }

    #[test]
    fn only_the_sockets_copy_is_untagged() {
        let (_, mut replay) = replay(EVERYWHERE);
        let mut seen = Vec::new();
        replay.packet(&packet(&tagged(), LinkType::Ethernet), &mut crate::vm::NoObserver, |run, skb, _| {
            seen.push((run.hook, skb.vlan.is_some(), skb.packet.len()));
        });
        let whole = tagged().len();
        let expected = [
            (Hook::Xdp, false, whole),
            (Hook::Socket, true, whole - 4),
            (Hook::TcIngress, false, whole),
            (Hook::TcEgress, false, whole),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn on_a_device_the_tag_is_beside_the_frame_at_tc_ingress() {
        let (_, mut replay) = replay(EVERYWHERE);
        replay.as_on_device();
        let mut seen = Vec::new();
        replay.packet(&packet(&tagged(), LinkType::Ethernet), &mut crate::vm::NoObserver, |run, skb, _| {
            seen.push((run.hook, skb.vlan.is_some()));
        });
        assert_eq!(seen[..3], [(Hook::Xdp, false), (Hook::Socket, true), (Hook::TcIngress, true)]);
    }

    #[test]
    fn records_that_a_ring_buffer_has_no_room_for_are_counted() {
        let (_, mut replay) = replay(
            ".map ring, ringbuf, entries=4096\n.map small, ringbuf, entries=4096\n.section tc\n\
             r6 = 0\n\
             again: r1 = ring ll\nr2 = 2000\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto full\nr1 = r0\nr2 = 0\n\
             call bpf_ringbuf_submit\nfull: r6 += 1\nif r6 < 5 goto again\n\
             *(u64 *)(r10 - 8) = 1\nr1 = small ll\nr2 = r10\nr2 += -8\nr3 = 8\nr4 = 0\ncall bpf_ringbuf_output\n\
             r0 = 0\nexit",
        );
        let mut lost = 0;
        for _ in 0..2 {
            replay.packet(&packet(&[0; 60], LinkType::Ethernet), &mut crate::vm::NoObserver, |_, _, effects| {
                lost += effects.lost().count();
            });
        }
        // The reader empties the buffer after each packet, and there is room for two.
        assert_eq!((replay.totals().events, lost), (6, 6));
        assert_eq!(replay.totals().lost, [(MapId(0), 6)]);
    }

    #[test]
    fn a_packet_without_ethernet_header_has_none_after_xdp_either() {
        let (_, mut replay) = replay(EVERYWHERE);
        let mut last = None;
        replay.packet(&packet(&[0x45; 40], LinkType::Raw), &mut crate::vm::NoObserver, |run, skb, _| {
            last = Some((run.hook, skb.has_mac_header(), skb.protocol, skb.packet.len()));
        });
        assert_eq!(last, Some((Hook::TcEgress, false, 0x0800, 40)));
    }
}
