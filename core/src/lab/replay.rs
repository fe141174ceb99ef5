//! `Replay`: a capture through the attached programs, packet by packet.
//!
//! A packet meets the hooks in the order XDP, tc ingress, socket filters, tc egress. A program that drops or
//! redirects it ends its way, except for socket filters, which only see a copy. Of several programs at one tc
//! hook the next is asked while the answer is `TC_ACT_UNSPEC` (or what counts as it). State in maps carries
//! over from program to program and from packet to packet. Ring buffers are read after each packet, as a consumer
//! that keeps up would do.

use std::ops::ControlFlow;

use super::{Attachment, Entry, LabError, MapContents, hex};
use crate::{
    kernel::{Hook, MapId, MapType, ProgType, Program, Verdict, VerdictClass, verdict},
    net::{Device, LinkType, Packet, SkBuff},
    object::Loaded,
    vm::{Checkpoint, Config, Effects, Machine, Observer, Outcome, ProgId, Trace},
};

/// A program at its hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attached {
    /// Where.
    pub hook: Hook,
    /// Which program.
    pub program: ProgId,
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
            Hook::Socket | Hook::Xdp => i64::from(self.outcome.ret as u32),
        }
    }

    /// Whether the packet's way ends here.
    fn ends(&self) -> bool {
        self.hook != Hook::Socket && (self.outcome.fault.is_some() || self.verdict.class != VerdictClass::Pass)
    }

    /// Whether a later program at the same hook is asked.
    fn leaves_it_to_the_next(&self) -> bool {
        match self.hook {
            Hook::TcIngress | Hook::TcEgress => !matches!(self.verdict.name, "TC_ACT_OK"),
            Hook::Socket | Hook::Xdp => true,
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
    fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.insns += run.outcome.insns;
        let name = run.verdict_name();
        match self.verdicts.iter_mut().find(|v| v.hook == run.hook && std::ptr::eq(v.name, name)) {
            Some(row) => row.count += 1,
            None => self.verdicts.push(VerdictCount { hook: run.hook, name, class: run.verdict.class, count: 1 }),
        }
    }
}

/// A scenario running.
pub struct Replay {
    machine: Machine,
    attached: Vec<Attached>,
    skb: SkBuff,
    scratch: Vec<u8>,
    /// Ring buffers, which a consumer empties after each packet.
    rings: Vec<MapId>,
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
    /// [`LabError::NoHook`], [`LabError::WrongHook`], [`LabError::Setup`]; for the maps'
    /// contents [`LabError::UnknownMap`], [`LabError::EntrySize`] and [`LabError::MapEntry`].
    pub fn new(
        loaded: &Loaded,
        attachments: &[Attachment],
        maps: &[MapContents],
        config: Config,
    ) -> Result<Replay, LabError> {
        let attached = attach(loaded, attachments)?;
        let mut machine = Machine::new(&loaded.programs, &loaded.maps, config)?;
        for contents in maps {
            fill(&mut machine, loaded, contents)?;
        }
        // What agrees with the kernel is asked for by test runs, on its loopback device, but for socket filters, which
        // are asked on a real one.
        let device = match attached.first() {
            Some(first) if first.hook == Hook::Socket => Device::ETHERNET,
            _ => Device::LOOPBACK,
        };
        let rings = (0..).map(MapId).zip(&loaded.maps).filter(|(_, m)| m.map_type == MapType::Ringbuf);
        Ok(Replay {
            rings: rings.map(|(id, _)| id).collect(),
            machine,
            attached,
            skb: SkBuff::new(device),
            scratch: Vec::new(),
            totals: Totals::default(),
        })
    }

    /// The machine with its maps.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// To drain ring buffers, or to write maps as user space would.
    pub fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// What runs where, in the order in which a packet meets it.
    pub fn attached(&self) -> &[Attached] {
        &self.attached
    }

    /// What the packets so far added up to.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The state between two packets, to come back to.
    pub fn checkpoint(&self) -> Checkpoint {
        self.machine.checkpoint()
    }

    /// Goes back to a state; the totals stay as they are.
    pub fn restore(&mut self, checkpoint: &Checkpoint) {
        self.machine.restore(checkpoint);
    }

    /// Takes the next packet through the hooks.
    pub fn packet<O: Observer>(&mut self, packet: &Packet<'_>, observer: &mut O, mut visit: impl Visit) {
        self.totals.packets += 1;
        self.way(packet, |replay, at, _| {
            let outcome = replay.machine.run(at.program, &mut replay.skb, observer);
            let run = replay.conclude(packet.index, at, outcome);
            let effects = replay.machine.env.take_effects();
            replay.totals.add(&run);
            replay.totals.events += effects.events();
            visit(&run, &replay.skb, &effects);
            run
        });
    }

    /// Takes a packet through the hooks as [`packet`](Self::packet) does, recording the run of that number (from 0).
    /// Gives all the runs, and the recorded one's trace if there were so many runs. The totals stay as they are.
    pub fn record(&mut self, packet: &Packet<'_>, number: usize) -> (Vec<Run>, Option<Trace>) {
        let mut runs = Vec::new();
        let mut recorded = None;
        self.way(packet, |replay, at, count| {
            let outcome = if count == number {
                let mut trace = replay.machine.record(at.program, replay.skb.clone());
                trace.seek(trace.steps());
                replay.skb.clone_from(&trace.state().skb);
                trace.seek(0);
                recorded.insert(trace).outcome().clone()
            } else {
                replay.machine.run(at.program, &mut replay.skb, &mut crate::vm::NoObserver)
            };
            replay.machine.env.take_effects();
            let run = replay.conclude(packet.index, at, outcome);
            runs.push(run.clone());
            run
        });
        (runs, recorded)
    }

    /// Walks the packet from hook to hook as long as it goes on; `step` runs one program, told how many ran before.
    fn way(&mut self, packet: &Packet<'_>, mut step: impl FnMut(&mut Self, Attached, usize) -> Run) {
        self.machine.env.set_time(packet.time_ns);
        self.skb.reset(packet.data, packet.link);
        let mut last: Option<Run> = None;
        for count in 0..self.attached.len() {
            let at = self.attached[count];
            match self.arrive(last.as_ref(), at) {
                ControlFlow::Continue(true) => {}
                ControlFlow::Continue(false) => continue,
                ControlFlow::Break(()) => break,
            }
            last = Some(step(self, at, count));
        }
        for ring in &self.rings {
            self.machine.maps.ringbuf_drain(*ring);
        }
    }

    /// Whether the packet goes on after `last` (break: no), and whether it meets the program at `at`.
    fn arrive(&mut self, last: Option<&Run>, at: Attached) -> ControlFlow<(), bool> {
        if let Some(last) = last {
            if last.ends() {
                return ControlFlow::Break(());
            }
            if last.hook == at.hook && !last.leaves_it_to_the_next() {
                return ControlFlow::Continue(false);
            }
            if last.hook == Hook::Xdp && at.hook != Hook::Xdp {
                // The driver makes an skb of the frame as XDP left it.
                self.scratch.clear();
                self.scratch.extend_from_slice(self.skb.packet.bytes());
                self.skb.reset(&self.scratch, LinkType::Ethernet);
            }
        }
        if at.hook == Hook::Socket {
            self.skb.untag();
        }
        ControlFlow::Continue(true)
    }

    fn conclude(&self, packet: u32, at: Attached, outcome: Outcome) -> Run {
        let verdict = verdict(at.hook, outcome.ret, self.skb.packet.len() as u32);
        Run { packet, hook: at.hook, program: at.program, outcome, verdict }
    }
}

/// Where a program runs when nobody says: at the hook that its section names, else where its type usually runs. A `tc`
/// section names no direction; ingress is where captures come from.
pub fn hook_of(program: &Program) -> Option<Hook> {
    program.hook.or(match program.prog_type {
        ProgType::SocketFilter => Some(Hook::Socket),
        ProgType::SchedCls | ProgType::SchedAct => Some(Hook::TcIngress),
        ProgType::Xdp => Some(Hook::Xdp),
        _ => None,
    })
}

/// Which program runs where, in the order in which a packet meets them.
fn attach(loaded: &Loaded, attachments: &[Attachment]) -> Result<Vec<Attached>, LabError> {
    let programs = &loaded.programs;
    if programs.is_empty() {
        return Err(loaded.refused.first().map_or(LabError::NoProgram, |(_, error)| error.clone().into()));
    }
    let mut attached = Vec::new();
    for attachment in attachments {
        attached.push(attach_one(loaded, attachment)?);
    }
    if attachments.is_empty() {
        // What a prog array holds is there to be jumped to.
        let entries = loaded.maps.iter().flat_map(|m| &m.initial);
        let jumped_to: Vec<&str> = entries.filter_map(|e| e.value.program()).collect();
        let entered = programs.iter().zip(0..).filter(|(p, _)| !jumped_to.contains(&p.name.as_str()));
        let hooks = entered.filter_map(|(p, at)| Some((hook_of(p)?, at)));
        attached.extend(hooks.map(|(hook, at)| Attached { hook, program: ProgId(at) }));
    }
    if attached.is_empty() {
        let first = &programs[0];
        return Err(LabError::NoHook { program: first.name.clone(), section: first.section.clone() });
    }
    attached.sort_by_key(|a| match a.hook {
        Hook::Xdp => 0,
        Hook::TcIngress => 1,
        Hook::Socket => 2,
        Hook::TcEgress => 3,
    });
    Ok(attached)
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
    Ok(Attached { hook, program: ProgId(at as u32) })
}

fn fill(machine: &mut Machine, loaded: &Loaded, contents: &MapContents) -> Result<(), LabError> {
    let at = loaded.maps.iter().position(|m| m.name == contents.name).ok_or_else(|| LabError::UnknownMap {
        name: contents.name.clone(),
        have: loaded.maps.iter().map(|m| m.name.clone()).collect(),
    })?;
    let def = &loaded.maps[at];
    let wrong_size =
        |part, bytes: &[u8], size| LabError::EntrySize { map: def.name.clone(), part, bytes: hex::encode(bytes), size };
    for Entry { key, value } in &contents.entries {
        if key.len() != def.key_size as usize {
            return Err(wrong_size("key", key, def.key_size));
        }
        if value.len() != def.value_size as usize && !def.map_type.is_percpu() {
            return Err(wrong_size("value", value, def.value_size));
        }
        let refused = |errno| LabError::MapEntry { map: def.name.clone(), key: hex::encode(key), errno };
        machine.maps.user_update(MapId(at as u32), key, value, 0).map_err(refused)?;
    }
    Ok(())
}
