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

use std::net::IpAddr;
use std::sync::Arc;

use super::{Attached, Engine, Replay, Run};
use crate::{
    kernel::{Hook, VerdictClass},
    net::{
        Device, Interface, LinkType, Network, Packet, SkBuff, VlanTag, checksum,
        network::{Asked, RouteKind},
        skbuff::{ETH_HLEN, VLAN_HLEN, ethertype, pkt_type},
    },
    vm::{CloneOut, Effects, MapDevice, MapTarget, Redirect, RedirectWay},
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

    /// Makes the packet what programs at a hook see; whether they see it at all.
    fn meet(&mut self, hook: Hook) -> bool {
        let is_ip = |skb: &SkBuff| matches!(skb.protocol, ethertype::IP | ethertype::IPV6);
        if hook == Hook::Socket {
            self.lend_to_socket();
            return true;
        }
        if hook.is_cgroup() {
            if let Some(whole) = self.way.lent.take() {
                self.skb = whole;
            }
            // A control group has no sockets of other families.
            if !is_ip(&self.skb) {
                return false;
            }
            if !self.way.pulled {
                self.skb.pull_mac_header();
                self.way.pulled = true;
            }
            self.skb.device.leaving = hook == Hook::CgroupEgress;
            return true;
        }
        self.settle();
        self.skb.device.at_ingress = hook == Hook::TcIngress && self.way.start.is_some();
        if self.way.on_device && hook == Hook::TcIngress {
            self.skb.untag();
        }
        true
    }

    /// Gives the packet what it was without for the programs that saw it last.
    fn settle(&mut self) {
        if let Some(whole) = self.way.lent.take() {
            self.skb = whole;
        }
        if std::mem::take(&mut self.way.pulled) {
            self.skb.push_mac_header();
        }
    }

    /// The driver makes an skb of the frame as XDP left it.
    fn make_skb(&mut self, link: LinkType) {
        let way = &mut self.way;
        way.scratch.clear();
        way.scratch.extend_from_slice(self.skb.packet.bytes());
        let missing = self.skb.missing;
        match link {
            LinkType::Ethernet => self.skb.reset_ethernet(&way.scratch),
            _ => self.skb.reset_l3(&way.scratch, self.skb.protocol),
        }
        self.skb.missing = missing;
    }

    /// A socket sees a packet with its tag beside it; the packet itself goes on as it was.
    fn lend_to_socket(&mut self) {
        if ethertype::is_vlan(self.skb.protocol) && self.skb.vlan.is_none() {
            self.way.lent = Some(self.skb.clone());
            self.skb.untag();
        }
    }

    /// What leaves where there are no interfaces: copies, and the packet as the last program left it.
    fn leave(&mut self, passed: Passed) {
        if !self.way.keeps {
            return;
        }
        let protocol = self.skb.protocol;
        for CloneOut { frame, .. } in passed.clones.iter().cloned() {
            let whole = frame.len() as u32;
            self.way.left.push(Departure { interface: None, frame, whole, unknown: 0, protocol });
        }
        let last = passed.last.as_ref();
        if passed.is_dropped() || last.is_some_and(|run| run.verdict.class == VerdictClass::Drop) {
            return;
        }
        let mut frame = self.skb.frame().into_owned();
        let whole = frame.len() as u32;
        let mut unknown = self.skb.unknown() as u32;
        if let Some(run) = last.filter(|run| run.verdict_name() == "TRIM") {
            frame.truncate(run.ret() as usize);
            unknown = unknown.saturating_sub(whole - frame.len() as u32);
        }
        self.way.left.push(Departure { interface: None, frame, whole, unknown, protocol });
    }

    /// Where the packet goes after an interface, or `None` when its way ends.
    fn onward(&mut self, stop: Stop, passed: &Passed) -> Option<Stop> {
        if passed.is_dropped() {
            return None;
        }
        match (passed.verdict(), passed.redirect) {
            ("XDP_TX", _) => self.depart(stop.interface?),
            ("XDP_REDIRECT", Some(Redirect { ifindex, way: RedirectWay::Plain, .. })) => {
                let to = self.way.place_by_index(stop.interface, ifindex)?;
                self.depart(to)
            }
            ("XDP_REDIRECT" | "TC_ACT_REDIRECT", redirect) => self.redirect(stop, redirect?),
            ("TC_ACT_TRAP", _) => None,
            _ if stop.from.is_egress() => self.depart(stop.interface?),
            _ => self.forward(stop),
        }
    }

    /// Where a redirection leads.
    fn redirect(&mut self, stop: Stop, Redirect { ifindex, flags, way }: Redirect) -> Option<Stop> {
        const INGRESS: u64 = 1;
        if let RedirectWay::Map { entry: MapTarget::Cpu, .. } = way {
            self.make_skb(LinkType::Ethernet);
            return Some(Stop { from: Hook::Socket, ..stop });
        }
        let to = self.way.place_by_index(stop.interface, ifindex)?;
        match way {
            RedirectWay::Map { entry: MapTarget::Device, .. } => self.depart(to),
            RedirectWay::Map { .. } => None,
            RedirectWay::Plain if flags & INGRESS != 0 => Some(self.receive(to)),
            RedirectWay::Plain => Some(self.transmit(to)),
            RedirectWay::Peer => self.enter_peer(stop, to),
            RedirectWay::Neighbour(hop) => {
                let dst = self.destination()?;
                let hop = match hop {
                    Some(hop) if hop.is_ipv4() && dst.is_ipv6() => return None,
                    Some(hop) => hop,
                    None => self.next_hop(to, dst)?,
                };
                self.address_to(to, hop)?;
                Some(self.transmit(to))
            }
        }
    }

    /// Puts the packet on the transmit path of an interface.
    fn transmit(&mut self, to: u16) -> Stop {
        let ingress_ifindex = self.skb.device.ingress_ifindex;
        self.skb.device = Device { ingress_ifindex, ..self.way.device(to) };
        Stop { interface: Some(to), from: Hook::CgroupEgress }
    }

    /// Has an interface receive the packet, which has been an skb before: its driver's programs do not see it.
    fn receive(&mut self, to: u16) -> Stop {
        self.way.scratch.clear();
        self.way.scratch.extend_from_slice(&self.skb.frame());
        let (notes, missing) = (self.skb.notes, self.skb.missing);
        self.skb.device = self.way.device(to);
        self.skb.reset_ethernet(&self.way.scratch);
        (self.skb.notes, self.skb.missing) = (notes, missing);
        Stop { interface: Some(to), from: Hook::Socket }
    }

    /// Sends the frame out of an interface, in at the other end if it is a pair.
    fn depart(&mut self, from: u16) -> Option<Stop> {
        let protocol = self.skb.protocol;
        let skb = &self.skb;
        self.way.keep(|| {
            let frame = skb.frame().into_owned();
            let unknown = skb.unknown() as u32;
            Departure { interface: Some(from), whole: frame.len() as u32, unknown, frame, protocol }
        });
        let peer = self.way.network.peer(self.way.interface(Some(from))?)?;
        let longest = peer.mtu as usize + ETH_HLEN + VLAN_HLEN;
        let peer = self.way.place_of(peer)?;
        if self.skb.packet.len() > longest {
            return None;
        }
        self.receive(peer);
        self.skb.notes = Default::default();
        Some(Stop { interface: Some(peer), from: Hook::Xdp })
    }

    /// Hands the packet to an interface's peer, which must be in another namespace.
    fn enter_peer(&mut self, stop: Stop, to: u16) -> Option<Stop> {
        let own = self.way.interface(Some(to))?;
        let peer = self.way.network.peer(own)?;
        let apart = peer.netns != own.netns;
        let peer = self.way.place_of(peer)?;
        if !apart || stop.from.is_egress() {
            return None;
        }
        self.skb.device = self.way.device(peer);
        self.skb.pkt_type = pkt_type::HOST;
        self.skb.offloads.tstamp = 0;
        Some(Stop { interface: Some(peer), from: Hook::Socket })
    }

    /// What the host does with a packet that came in: forwards it, if it is one of IP that is addressed to the interface
    /// and there is a route, or keeps it.
    fn forward(&mut self, stop: Stop) -> Option<Stop> {
        let own = self.way.interface(stop.interface)?;
        if !own.forwarding || self.skb.pkt_type != pkt_type::HOST || self.skb.vlan.is_some() {
            return None;
        }
        let dst = self.destination()?;
        let found = self.way.network.route(Asked { netns: &own.netns, dst, oif: 0, table: None })?;
        let (out, via) = (found.dev?, found.via);
        let fits = self.ip_len()? as u32 <= out.mtu;
        if found.kind != RouteKind::Unicast || !fits {
            return None;
        }
        let out = self.way.place_of(out)?;
        self.trim();
        self.age()?;
        self.address_to(out, via.unwrap_or(dst))?;
        Some(self.transmit(out))
    }

    /// Where an IP packet is addressed to.
    fn destination(&self) -> Option<IpAddr> {
        let at = |offset| self.skb.network + offset;
        match self.skb.protocol {
            ethertype::IP => Some(IpAddr::from(*self.skb.packet.get(at(16), 4)?.first_chunk::<4>()?)),
            ethertype::IPV6 => Some(IpAddr::from(*self.skb.packet.get(at(24), 16)?.first_chunk::<16>()?)),
            _ => None,
        }
    }

    /// Bytes of the IP packet by its header; `None` when they are not all there.
    fn ip_len(&self) -> Option<i32> {
        const IPV6_HLEN: i32 = 40;
        let is_ipv6 = self.skb.protocol == ethertype::IPV6;
        let field = self.skb.packet.get(self.skb.network + if is_ipv6 { 4 } else { 2 }, 2)?;
        let len = i32::from(u16::from_be_bytes([field[0], field[1]])) + if is_ipv6 { IPV6_HLEN } else { 0 };
        (len <= self.skb.packet.end() - self.skb.network).then_some(len)
    }

    /// Takes away what follows the IP packet, as the host does with each that it receives.
    fn trim(&mut self) {
        if let Some(len) = self.ip_len() {
            self.skb.packet.set_end(self.skb.network + len);
        }
    }

    /// The next hop of what goes out of an interface.
    fn next_hop(&self, out: u16, dst: IpAddr) -> Option<IpAddr> {
        let own = self.way.interface(Some(out))?;
        let found = self.way.network.route(Asked { netns: &own.netns, dst, oif: own.ifindex, table: None })?;
        (found.kind == RouteKind::Unicast).then(|| found.via.unwrap_or(dst))
    }

    /// Gives the packet the Ethernet addresses of the interface and of its neighbour, if that is known.
    fn address_to(&mut self, out: u16, hop: IpAddr) -> Option<()> {
        let own = self.way.interface(Some(out))?;
        let (from, to) = (own.mac.0, self.way.network.neighbour(own, hop)?.0);
        let at = self.skb.packet.start();
        if !self.skb.has_mac_header() {
            return None;
        }
        let addresses = self.skb.packet.get_mut(at, 12)?;
        addresses[..6].copy_from_slice(&to);
        addresses[6..].copy_from_slice(&from);
        Some(())
    }

    /// Takes one off the time to live; a packet that has none left is gone.
    fn age(&mut self) -> Option<()> {
        let at = self.skb.network;
        if self.skb.protocol == ethertype::IPV6 {
            let hops = self.skb.packet.get_mut(at + 7, 1)?;
            hops[0] = hops[0].checked_sub(1).filter(|left| *left > 0)?;
            return Some(());
        }
        let header = self.skb.packet.get_mut(at, 20)?;
        let word = |header: &[u8]| u16::from_le_bytes([header[8], header[9]]);
        let before = word(header);
        header[8] = header[8].checked_sub(1).filter(|left| *left > 0)?;
        let check = u16::from_le_bytes([header[10], header[11]]);
        let check = checksum::replace2(check, before, word(header));
        header[10..12].copy_from_slice(&check.to_le_bytes());
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Attachment, Compiled, Source},
        object::LoadOptions,
        vm::{Config, NoObserver},
    };

    const PAIR: &str = r#"{"interfaces": [
        {"name": "eth0", "index": 2, "mac": "02:00:00:00:00:02"},
        {"name": "veth0", "index": 3, "mac": "02:00:00:00:00:03", "peer": "inside"},
        {"name": "inside", "index": 2, "mac": "02:00:00:00:00:04", "netns": "box", "peer": "veth0"}
    ]}"#;

    /// A replay with programs at hooks of interfaces.
    fn replay(text: &str, network: &str, attachments: &[(&str, Hook, &str)]) -> (Compiled, Replay) {
        let text = format!(".license \"GPL\"\n{text}");
        let compiled = Compiled::new(&Source::Asm(text), "test.s", &LoadOptions::default()).unwrap();
        let at = |(program, hook, dev): &(&str, Hook, &str)| Attachment {
            dev: (!dev.is_empty()).then(|| (*dev).to_owned()),
            ..Attachment::new(program, *hook)
        };
        let attachments: Vec<_> = attachments.iter().map(at).collect();
        let mut replay = Replay::new(&compiled.loaded, &attachments, &[], Config::default()).unwrap();
        replay.in_network(&serde_json::from_str(network).unwrap()).unwrap();
        replay.keep_departures();
        (compiled, replay)
    }

    /// Takes a frame through, and gives the programs that ran with their interfaces.
    fn go(compiled: &Compiled, replay: &mut Replay, frame: &[u8]) -> Vec<(String, Option<u16>)> {
        let orig_len = frame.len() as u32;
        let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len, offset: 0, data: frame };
        let mut runs = Vec::new();
        replay.packet(&packet, &mut NoObserver, |run, _, _| {
            assert_eq!(run.outcome.fault, None);
            runs.push((compiled.loaded.programs[run.program.0 as usize].name.clone(), run.interface));
        });
        runs
    }

    fn frame() -> Vec<u8> {
        let header = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 9, 8, 0];
        [&header[..], &[0x45, 0, 0, 46], &[0; 42]].concat()
    }

    fn left(replay: &Replay) -> Vec<Option<u16>> {
        replay.departures().iter().map(|left| left.interface).collect()
    }

    fn names(runs: &[(String, Option<u16>)]) -> Vec<&str> {
        runs.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_redirected_packet_meets_tc_egress_of_its_device_and_the_other_end() {
        let text = ".section tc\ngo: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\nout: r0 = 0\nexit\n\
                    .section xdp\nend: r0 = 2\nexit";
        let attachments = [("go", Hook::TcIngress, ""), ("out", Hook::TcEgress, "veth0"), ("end", Hook::Xdp, "inside")];
        let (compiled, mut replay) = replay(text, PAIR, &attachments);
        let runs = go(&compiled, &mut replay, &frame());
        let expected = [("go", 0), ("out", 1), ("end", 2)].map(|(name, at)| (name.to_owned(), Some(at)));
        assert_eq!(runs, expected);
        assert_eq!(left(&replay), [Some(1)]);
    }

    #[test]
    fn a_packet_for_the_peer_does_not_leave() {
        let text =
            ".section tc\ngo: r1 = 3\nr2 = 0\ncall bpf_redirect_peer\nexit\n.section tcx/ingress\nin: r0 = 0\nexit";
        let (compiled, mut one) =
            replay(text, PAIR, &[("go", Hook::TcIngress, "eth0"), ("in", Hook::TcIngress, "inside")]);
        assert_eq!(names(&go(&compiled, &mut one, &frame())), ["go", "in"]);
        assert_eq!(left(&one), []);
        // The peer must be in another namespace.
        let network =
            PAIR.replace(", \"netns\": \"box\"", "").replace("\"inside\", \"index\": 2", "\"inside\", \"index\": 4");
        let (compiled, mut other) =
            replay(text, &network, &[("go", Hook::TcIngress, "eth0"), ("in", Hook::TcIngress, "inside")]);
        assert_eq!(names(&go(&compiled, &mut other, &frame())), ["go"]);
    }

    #[test]
    fn a_loop_ends_and_is_named() {
        let text = ".section tc\nthere: r1 = 3\nr2 = 1\ncall bpf_redirect\nexit\n.section tcx/ingress\nback: r1 = 2\nr2 = 1\n\
                    call bpf_redirect\nexit";
        let attachments = [("there", Hook::TcIngress, "eth0"), ("back", Hook::TcIngress, "veth0")];
        let (compiled, mut replay) = replay(text, PAIR, &attachments);
        let runs = go(&compiled, &mut replay, &frame());
        assert_eq!(runs.len(), MAX_STOPS);
        let found = replay.redirect_loop().unwrap().to_string();
        assert_eq!(found, "packet 1 goes around without end: eth0 → veth0 → eth0");
    }

    #[test]
    fn what_only_sends_starts_on_its_way_out() {
        let text = ".section tc/egress\nout: r0 = 0\nexit";
        let (compiled, mut replay) = replay(text, PAIR, &[("out", Hook::TcEgress, "eth0")]);
        assert_eq!(names(&go(&compiled, &mut replay, &frame())), ["out"]);
        assert_eq!(left(&replay), [Some(0)]);
    }

    #[test]
    fn every_program_of_a_control_group_is_asked_and_one_denies() {
        let text = ".section cgroup_skb/ingress\nno: r0 = 0\nexit\n.globl yes\nyes: r0 = 1\nexit\n\
                    .section cgroup_skb/egress\nlater: r0 = 1\nexit";
        let attachments =
            [("no", Hook::CgroupIngress, ""), ("yes", Hook::CgroupIngress, ""), ("later", Hook::CgroupEgress, "")];
        let (compiled, mut replay) = replay(text, "{}", &attachments);
        assert_eq!(names(&go(&compiled, &mut replay, &frame())), ["no", "yes"]);
        assert_eq!(left(&replay), []);
        // ARP is nobody's there.
        let mut arp = frame();
        arp[13] = 6;
        assert_eq!(names(&go(&compiled, &mut replay, &arp)), [""; 0]);
        assert_eq!(left(&replay), [None]);
    }

    #[test]
    fn a_classifier_that_matches_ends_the_hook_with_its_class() {
        let text = ".section tc\nfirst: r0 = 0\nexit\n.globl second\nsecond: r0 = 0x10007\nexit\n.globl third\nthird: r0 = 2\nexit\n\
                    .section tc/egress\nlast: r0 = *(u32 *)(r1 + 44)\nexit";
        let text = format!(".license \"GPL\"\n{text}");
        let compiled = Compiled::new(&Source::Asm(text), "test.s", &LoadOptions::default()).unwrap();
        let classifier = |name| Attachment { classifier: true, ..Attachment::new(name, Hook::TcIngress) };
        let attachments = [
            classifier("first"),
            classifier("second"),
            Attachment::new("third", Hook::TcIngress),
            Attachment::new("last", Hook::TcEgress),
        ];
        let mut replay = Replay::new(&compiled.loaded, &attachments, &[], Config::default()).unwrap();
        let data = &frame();
        let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
        let mut seen = Vec::new();
        replay.packet(&packet, &mut NoObserver, |run, _, _| seen.push((run.verdict.name, run.ret())));
        assert_eq!(seen, [("NO_MATCH", 0), ("MATCH", 0x10007), ("TC_ACT_REDIRECT", 7)]);
        let wrong = Attachment { classifier: true, ..Attachment::new("first", Hook::Xdp) };
        assert!(Replay::new(&compiled.loaded, &[wrong], &[], Config::default()).is_err());
    }

    #[test]
    fn what_cannot_be_attached_says_so() {
        let attachment = Attachment { dev: Some("eth7".into()), ..Attachment::new("go", Hook::TcIngress) };
        let source = Source::Asm(".section tc\ngo: r0 = 0\nexit".into());
        let compiled = Compiled::new(&source, "test.s", &LoadOptions::default()).unwrap();
        let mut replay = Replay::new(&compiled.loaded, &[attachment], &[], Config::default()).unwrap();
        let error = replay.in_network(&serde_json::from_str(PAIR).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "there is no interface `eth7`; there is `eth0`, `veth0`, `inside`");
    }

    #[test]
    fn a_packet_is_given_to_a_socket_at_tc_ingress() {
        let network = PAIR.replacen('{', r#"{"sockets": [{"protocol": "udp", "local": "0.0.0.0:53", "uid": 7}],"#, 1);
        let text = ".section tc\ngive: r6 = r1\n*(u64 *)(r10 - 16) = 0\n*(u32 *)(r10 - 8) = 0\n*(u16 *)(r10 - 6) = 0x3500\n\
                    r2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_udp\nif r0 == 0 goto out\n\
                    r7 = r0\nr8 = *(u32 *)(r7 + 44)\nr1 = r6\nr2 = r7\nr3 = 0\ncall bpf_sk_assign\nr9 = r0\nr1 = r7\ncall bpf_sk_release\n\
                    r1 = r6\ncall bpf_get_socket_uid\nr0 <<= 8\nr0 += r8\nr0 += r9\nout: exit";
        let (_, mut replay) = replay(text, &network, &[("give", Hook::TcIngress, "eth0")]);
        let data = &frame();
        let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
        let mut answers = Vec::new();
        replay.packet(&packet, &mut NoObserver, |run, _, _| answers.push((run.ret(), run.outcome.fault.clone())));
        assert_eq!(answers, [(7 << 8 | 53, None)]);
    }
}
