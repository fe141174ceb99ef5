//! Where a packet goes next: out, in at another interface, or nowhere.

use std::net::IpAddr;

use super::{
    super::{Engine, Replay},
    Departure, Passed, Stop,
};
use crate::{
    kernel::{Hook, VerdictClass},
    net::{
        Device, LinkType, checksum,
        network::{Asked, RouteKind},
        skbuff::{ETH_HLEN, VLAN_HLEN, ethertype, pkt_type},
    },
    vm::{CloneOut, MapTarget, Redirect, RedirectWay},
};

impl<E: Engine> Replay<E> {
    /// What leaves where there are no interfaces: copies, and the packet as the last program left it.
    pub(super) fn leave(&mut self, passed: Passed) {
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
    pub(super) fn onward(&mut self, stop: Stop, passed: &Passed) -> Option<Stop> {
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
    pub(super) fn redirect(&mut self, stop: Stop, Redirect { ifindex, flags, way }: Redirect) -> Option<Stop> {
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
    pub(super) fn depart(&mut self, from: u16) -> Option<Stop> {
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
    pub(super) fn trim(&mut self) {
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
