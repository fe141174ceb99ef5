//! The way of a packet: from hook to hook of an interface, and from interface to interface.
//!
//! A scenario that declares no interfaces has one place, where a packet meets every hook in their order, what comes in and
//! what goes out alike; a packet that is redirected has left.
//!
//! In a network a packet comes in on the first interface. When only programs for what goes out are attached there, it is
//! taken to be sent from there instead. What lets it pass decides where it goes next:
//!
//! | at | it goes |
//! |---|---|
//! | the end of tc ingress | out of the interface that a route says, if it is addressed to this one; else up to the host |
//! | the end of tc egress, `XDP_TX`, XDP's redirect to a device | out, and in at the other end of a veth pair |
//! | `bpf_redirect`, `bpf_redirect_neigh` | to tc egress of the device |
//! | `bpf_redirect` with `BPF_F_INGRESS` | to the taps and tc ingress of the device |
//! | `bpf_redirect_peer` | to the taps and tc ingress of the device's peer, without leaving |
//!
//! The program of a map's entry runs before the packet goes where the entry says. Copies by `bpf_clone_redirect` go first. Between interfaces nothing asks and nothing answers: there are no ARP, no ICMP,
//! no fragments; a packet that would need them is gone.

mod entry;
mod hooks;
mod onward;

use std::sync::Arc;

use super::{Attached, Engine, Replay, Run};
use crate::{
    kernel::{Hook, VerdictClass},
    net::{Device, Interface, LinkType, Network, Packet, SkBuff, VlanTag, skbuff::ethertype},
    vm::{CloneOut, Effects, MapDevice, Redirect, RedirectWay},
};

/// Interfaces that a packet and its copies go through at most: a kernel gives up after eight redirections within each
/// other, and never when they are to the receive path.
const MAX_STOPS: usize = 64;

/// The place of a hook in a packet's way.
pub(super) fn order(hook: Hook) -> usize {
    Hook::ALL.iter().position(|h| *h == hook).unwrap_or(0)
}

/// A frame that left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure {
    /// The interface that it left, by its place in the scenario's network; none when the scenario has none.
    pub interface: Option<u16>,
    /// The frame; of a packet that has no MAC header, the packet.
    pub frame: Vec<u8>,
    /// Bytes of the frame before a socket filter's trim.
    pub whole: u32,
    /// Bytes at the frame's end that the capture it came from does not have, and that are zero here.
    pub unknown: u32,
    /// EtherType, host order.
    pub protocol: u16,
}

impl Departure {
    /// What a capture of a device would have of it, when it came in by a link of that type: the link there, and the bytes
    /// that are known. Programs see packets of other links than Ethernet from the network layer on, so those are raw IP;
    /// `None` when it is no IP.
    pub fn captured(&self, came_by: LinkType) -> Option<(LinkType, &[u8])> {
        let known = &self.frame[..self.frame.len() - self.unknown as usize];
        match came_by {
            LinkType::Ethernet => Some((LinkType::Ethernet, known)),
            _ => matches!(self.protocol, ethertype::IP | ethertype::IPV6).then_some((LinkType::Raw, known)),
        }
    }
}

/// A packet that went around between interfaces.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("packet {} goes around without end: {}", packet + 1, path.join(" → "))]
pub struct RedirectLoop {
    /// The packet, from 0.
    pub packet: u32,
    /// Names of the interfaces, from one to where it was again.
    pub path: Vec<String>,
}

/// Where a run's redirections go and what the packet has beside its bytes then, for an engine that cannot tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Hint {
    redirect: Option<Redirect>,
    broadcast: Vec<MapDevice>,
    clones: Vec<CloneOut>,
    vlan: Option<VlanTag>,
    protocol: u16,
}

impl Hint {
    /// What a run did.
    pub fn of(effects: &Effects, skb: &SkBuff) -> Hint {
        Hint {
            redirect: effects.redirect,
            broadcast: effects.broadcast.clone(),
            clones: effects.clones.clone(),
            vlan: skb.vlan,
            protocol: skb.protocol,
        }
    }
}

/// What [`Replay`] knows of the way of packets.
#[derive(Default)]
pub(super) struct Way {
    network: Arc<Network>,
    /// The hook that packets start at.
    start: Option<Hook>,
    /// See [`Replay::as_on_device`].
    pub on_device: bool,
    /// See [`Replay::keep_departures`].
    pub keeps: bool,
    pub left: Vec<Departure>,
    pub redirect_loop: Option<RedirectLoop>,
    pub hints: Vec<Hint>,
    scratch: Vec<u8>,
    /// The packet as it goes on after sockets saw it, when they see it otherwise.
    lent: Option<SkBuff>,
    /// Whether the packet is without its MAC header, as a control group's programs see it.
    pulled: bool,
    /// The interfaces that the packet and its copies came through.
    path: Vec<u16>,
}

/// An interface that a packet meets, and the first hook of it.
#[derive(Clone, Copy, Debug)]
struct Stop {
    interface: Option<u16>,
    from: Hook,
}

/// How a packet passed the hooks of an interface.
#[derive(Default)]
struct Passed {
    last: Option<Run>,
    /// Whether the last program is attached by a tcx link.
    by_tcx: bool,
    /// A control group's program said no.
    denied: bool,
    redirect: Option<Redirect>,
    broadcast: Vec<MapDevice>,
    clones: Vec<CloneOut>,
    /// The program of the map's entry that it was redirected to did not let it pass.
    refused: bool,
}

impl Passed {
    /// Whether a program at the hook of the last run is asked after it. One at tcx that returns what tcx does not know ends
    /// the programs there, and leaves the packet to the filters.
    fn asks(&self, last: &Run, at: Attached) -> bool {
        const NEXT: i64 = -1;
        const PASS_DROP_REDIRECT: [i64; 3] = [0, 2, 7];
        match self.by_tcx {
            true => last.ret() == NEXT || !at.tcx && !PASS_DROP_REDIRECT.contains(&last.ret()) && !last.ends(),
            false => last.leaves_it_to_the_next(),
        }
    }

    /// Whether it has ended there: dropped, or sent elsewhere.
    fn ends(&self) -> bool {
        self.denied || self.last.as_ref().is_some_and(Run::ends)
    }

    fn is_dropped(&self) -> bool {
        let dropped = |run: &Run| run.outcome.fault.is_some() || run.verdict.class == VerdictClass::Drop;
        self.denied || self.refused || self.last.as_ref().is_some_and(dropped)
    }

    fn verdict(&self) -> &'static str {
        self.last.as_ref().map_or("", Run::verdict_name)
    }
}

impl Way {
    /// From now on packets go through a network.
    pub fn enter(&mut self, network: Arc<Network>, attached: &[Attached]) {
        if network.interfaces.is_empty() {
            return;
        }
        let here = || attached.iter().filter(|at| at.interface == Some(0));
        let sent = here().next().is_some() && here().all(|at| at.hook.is_egress());
        self.start = Some(if sent { Hook::CgroupEgress } else { Hook::Xdp });
        self.network = network;
        self.on_device = true;
    }

    /// Whether packets go through a network.
    pub fn in_network(&self) -> bool {
        self.start.is_some()
    }

    /// The device that an interface is.
    fn device(&self, interface: u16) -> Device {
        let Some(own) = self.network.interfaces.get(usize::from(interface)) else { return Device::ETHERNET };
        let (ifindex, mac) = (own.ifindex, own.mac.0);
        Device { ifindex, ingress_ifindex: ifindex, mac, interface: Some(interface), ..Device::ETHERNET }
    }

    fn interface(&self, at: Option<u16>) -> Option<&Interface> {
        self.network.interfaces.get(usize::from(at?))
    }

    fn place_of(&self, interface: &Interface) -> Option<u16> {
        self.network.interfaces.iter().position(|other| other.name == interface.name).map(|at| at as u16)
    }

    /// The interface of that number in the namespace of another.
    fn place_by_index(&self, near: Option<u16>, ifindex: u32) -> Option<u16> {
        self.place_of(self.network.by_index(&self.interface(near)?.netns, ifindex)?)
    }

    fn keep(&mut self, departure: impl FnOnce() -> Departure) {
        if self.keeps {
            self.left.push(departure());
        }
    }

    /// Notes where a packet is; whether it may still go on.
    fn may_stop(&mut self, packet: u32, interface: u16) -> bool {
        self.path.push(interface);
        if self.path.len() <= MAX_STOPS {
            return true;
        }
        let first = self.path[..MAX_STOPS].iter().rposition(|at| *at == interface).unwrap_or(0);
        let name = |at: &u16| self.interface(Some(*at)).map_or_else(String::new, |own| own.name.clone());
        let path = self.path[first..].iter().map(name).collect();
        self.redirect_loop.get_or_insert(RedirectLoop { packet, path });
        false
    }
}

impl<E: Engine> Replay<E> {
    /// Takes a packet its way; `step` runs one program, told how many ran before.
    pub(super) fn walk<X>(
        &mut self,
        packet: &Packet<'_>,
        step: &mut impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
    ) -> Result<(), X> {
        let way = &mut self.way;
        (way.lent, way.pulled) = (None, false);
        way.left.clear();
        let mut count = 0;
        let Some(start) = way.start else {
            self.skb.reset(packet.data, packet.link);
            self.skb.complete(packet.orig_len, packet.data.len());
            let stop = Stop { interface: None, from: Hook::Xdp };
            let mut passed = self.pass(packet, stop, step, &mut count)?;
            self.pass_entry(packet, stop, &mut passed, step, &mut count)?;
            self.leave(passed);
            return Ok(());
        };
        way.path.clear();
        self.skb.device = way.device(0);
        self.skb.reset(packet.data, packet.link);
        self.skb.complete(packet.orig_len, packet.data.len());
        if start.is_egress() {
            self.skb.device.ingress_ifindex = 0;
        }
        self.travel(packet, Stop { interface: Some(0), from: start }, step, &mut count)
    }

    /// Takes the packet from an interface to the next, and copies of it before it.
    fn travel<X>(
        &mut self,
        packet: &Packet<'_>,
        first: Stop,
        step: &mut impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
        count: &mut usize,
    ) -> Result<(), X> {
        let mut next = Some(first);
        while let Some(stop) = next {
            if !self.way.may_stop(packet.index, stop.interface.unwrap_or(0)) {
                break;
            }
            let mut passed = self.pass(packet, stop, step, count)?;
            for CloneOut { ifindex, flags, frame } in &passed.clones {
                let original = self.skb.clone();
                self.skb.reset(frame, packet.link);
                self.skb.notes = original.notes;
                let redirect = Redirect { ifindex: *ifindex, flags: *flags, way: RedirectWay::Plain };
                if let Some(next) = self.redirect(stop, redirect) {
                    self.travel(packet, next, step, count)?;
                }
                self.skb = original;
            }
            for MapDevice { ifindex, program } in std::mem::take(&mut passed.broadcast) {
                let original = self.skb.clone();
                let goes = match program {
                    Some(program) => self.run_entry(stop, (program, ifindex), step, count)?.0 == "XDP_PASS",
                    None => true,
                };
                let to = self.way.place_by_index(stop.interface, ifindex).filter(|_| goes);
                if let Some(next) = to.and_then(|at| self.depart(at)) {
                    self.travel(packet, next, step, count)?;
                }
                self.skb = original;
            }
            self.pass_entry(packet, stop, &mut passed, step, count)?;
            next = self.onward(stop, &passed);
        }
        Ok(())
    }

    /// Takes the packet through the hooks of an interface.
    fn pass<X>(
        &mut self,
        packet: &Packet<'_>,
        stop: Stop,
        step: &mut impl FnMut(&mut Self, Attached, usize) -> Result<(Run, Effects), X>,
        count: &mut usize,
    ) -> Result<Passed, X> {
        let mut passed = Passed::default();
        let mut is_skb = stop.from != Hook::Xdp || self.attached().first().is_none_or(|at| at.hook != Hook::Xdp);
        for index in 0..self.attached().len() {
            let at = self.attached()[index];
            if stop.interface.is_some() {
                let met = order(at.hook) >= order(stop.from) && at.hook.is_egress() == stop.from.is_egress();
                if at.interface != stop.interface || !met {
                    continue;
                }
            }
            if let Some(last) = &passed.last {
                let same = last.hook == at.hook;
                if !same && passed.ends() {
                    break;
                }
                if same && !passed.asks(last, at) {
                    continue;
                }
            }
            if at.hook != Hook::Xdp && !is_skb {
                self.make_skb(packet.link);
                is_skb = true;
            }
            if !self.meet(at.hook) {
                continue;
            }
            let (run, mut effects) = step(self, at, *count)?;
            if let Some(hint) = self.way.hints.get(*count) {
                effects.redirect = effects.redirect.or(hint.redirect);
                effects.broadcast.clone_from(&hint.broadcast);
                effects.clones.clone_from(&hint.clones);
                (self.skb.vlan, self.skb.protocol) = (hint.vlan, hint.protocol);
            }
            *count += 1;
            passed.denied |= at.hook.is_cgroup() && run.ends();
            (passed.redirect, passed.broadcast) = (effects.redirect, effects.broadcast);
            passed.clones.append(&mut effects.clones);
            self.note_class(&run);
            (passed.last, passed.by_tcx) = (Some(run), at.tcx);
        }
        if stop.interface.is_some() && stop.from == Hook::Xdp && !passed.ends() {
            if !is_skb {
                self.make_skb(packet.link);
            }
            self.skb.untag();
        }
        self.settle();
        Ok(passed)
    }

    /// What traffic control notes on a packet that a program has decided about: its class.
    fn note_class(&mut self, run: &Run) {
        let notes = &mut self.skb.notes;
        match run.verdict_name() {
            // A filter's own class, which nobody gives it here.
            "MATCH" if run.ret() == -1 => notes.tc_index = 0,
            "MATCH" => notes.tc_index = run.outcome.ret as u16,
            "TC_ACT_OK" if self.way.start.is_some() => notes.tc_index = notes.tc_classid,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
