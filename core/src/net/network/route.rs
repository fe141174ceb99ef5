//! Routes and neighbours, and which of them a packet takes (`ip-route(8)`, `ip-neighbour(8)`).
//!
//! Of the routes whose block contains the destination, the longest counts, and of those as long the one with the lowest
//! metric. An interface's addresses bring routes of their own, as in a kernel: each address is the host's (`local`),
//! and its network is reached through the interface.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Interface, MacAddr, Network, Prefix};

/// The table that routes are in when nobody says (`RT_TABLE_MAIN`).
pub const MAIN: u32 = 254;
/// The table of the host's own addresses (`RT_TABLE_LOCAL`), which is asked first.
const LOCAL: u32 = 255;
/// The metric of IPv6 routes when nobody says (`IP6_RT_PRIO_USER`); that of IPv4 routes is 0.
const IPV6_METRIC: u32 = 1024;
/// The metric of an IPv6 network that follows from an address (`IP6_RT_PRIO_ADDRCONF`).
const IPV6_CONNECTED_METRIC: u32 = 256;

/// A route.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Route {
    /// Where it leads.
    pub dst: Prefix,
    /// The next hop; the destination itself when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<IpAddr>,
    /// The name of the interface that it goes out of; when not said, the one that the next hop is reached through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<String>,
    /// What becomes of packets that take it.
    #[serde(default, skip_serializing_if = "RouteKind::is_unicast")]
    pub kind: RouteKind,
    /// Of routes to the same block the lowest counts; when not said, 0 for IPv4 and 1024 for IPv6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<u32>,
    /// The table that it is in.
    #[serde(default = "main_table", skip_serializing_if = "is_main_table")]
    pub table: u32,
    /// The source address of packets that the host itself sends; when not said, the interface's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src: Option<IpAddr>,
    /// The namespace that it is in, when it names no interface.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub netns: String,
}

fn main_table() -> u32 {
    MAIN
}

fn is_main_table(table: &u32) -> bool {
    *table == MAIN
}

/// What becomes of packets that take a route (`RTN_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RouteKind {
    /// They are forwarded.
    #[default]
    Unicast,
    /// They are the host's own.
    Local,
    /// They vanish.
    Blackhole,
    /// Whoever sent them is told that the destination cannot be reached.
    Unreachable,
    /// Whoever sent them is told that it is not allowed.
    Prohibit,
}

impl RouteKind {
    fn is_unicast(&self) -> bool {
        *self == RouteKind::Unicast
    }
}

/// Whose Ethernet address is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its IP address.
    pub addr: IpAddr,
    /// The name of the interface that it is behind.
    pub dev: String,
    /// Its Ethernet address.
    pub mac: MacAddr,
}

/// What one asks a routing table.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The namespace whose tables are asked.
    pub netns: &'a str,
    /// Where the packet goes.
    pub dst: IpAddr,
    /// The interface that it must go out of; any when 0.
    pub oif: u32,
    /// The only table that is asked; when not said the local one, then the main one.
    pub table: Option<u32>,
}

/// A route that was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// What becomes of the packet.
    pub kind: RouteKind,
    /// The interface that it goes out of; none when it goes nowhere.
    pub dev: Option<&'a Interface>,
    /// The next hop, where it is not the destination itself.
    pub via: Option<IpAddr>,
    /// The route's metric.
    pub metric: u32,
    /// The source address of packets that the host itself would send.
    pub src: Option<IpAddr>,
}

/// A candidate: a route, whether it was declared or follows from an address.
struct Candidate<'a> {
    len: u8,
    found: Found<'a>,
}

impl Network {
    /// The route that a packet takes, or `None` when there is none.
    pub fn route(&self, asked: Asked<'_>) -> Option<Found<'_>> {
        match asked.table {
            // As long as there are no rules, the two are one in IPv4.
            None | Some(MAIN | LOCAL) if asked.dst.is_ipv4() => self.route_in(asked, &[LOCAL, MAIN]),
            Some(table) => self.route_in(asked, &[table]),
            None => self.route_in(asked, &[LOCAL]).or_else(|| self.route_in(asked, &[MAIN])),
        }
    }

    /// Whether there is a table of that number: one with a route in it, or one of the two that always are.
    pub fn has_table(&self, netns: &str, table: u32) -> bool {
        matches!(table, MAIN | LOCAL) || self.routes.iter().any(|r| r.table == table && self.netns_of(r) == netns)
    }

    /// The Ethernet address of a neighbour behind an interface.
    pub fn neighbour(&self, dev: &Interface, addr: IpAddr) -> Option<MacAddr> {
        let found = self.neighbours.iter().find(|n| n.dev == dev.name && n.addr == addr);
        found.map(|neighbour| neighbour.mac)
    }

    fn netns_of<'a>(&'a self, route: &'a Route) -> &'a str {
        let dev = route.dev.as_ref().and_then(|dev| self.by_name(dev));
        dev.map_or(&route.netns, |dev| &dev.netns)
    }

    fn route_in(&self, asked: Asked<'_>, tables: &[u32]) -> Option<Found<'_>> {
        let mut best = None;
        let all = tables.iter().flat_map(|table| self.connected(asked, *table).chain(self.declared(asked, *table)));
        for candidate in all {
            let found = &candidate.found;
            let right = asked.oif == 0 || found.dev.is_some_and(|dev| dev.ifindex == asked.oif);
            // What leads nowhere does so out of every interface; in IPv6 the interface only decides between equals.
            if asked.dst.is_ipv4() && !right && matches!(found.kind, RouteKind::Unicast | RouteKind::Local) {
                continue;
            }
            let rank = (candidate.len, std::cmp::Reverse(found.metric), right);
            if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                best = Some((rank, candidate.found));
            }
        }
        best.map(|(_, found)| found)
    }

    fn declared<'a>(&'a self, asked: Asked<'_>, table: u32) -> impl Iterator<Item = Candidate<'a>> {
        let here = self.routes.iter().filter(move |route| {
            route.table == table && route.dst.contains(asked.dst) && self.netns_of(route) == asked.netns
        });
        here.map(move |route| {
            let dev = match (&route.dev, route.via) {
                (Some(dev), _) => self.by_name(dev),
                (None, Some(via)) => self.reached_through(asked.netns, via),
                (None, None) => None,
            };
            let metric = route.metric.unwrap_or(if asked.dst.is_ipv4() { 0 } else { IPV6_METRIC });
            let src = route.src.or_else(|| self.source(dev?, asked.dst, route.via));
            Candidate { len: route.dst.len, found: Found { kind: route.kind, dev, via: route.via, metric, src } }
        })
    }

    /// Routes that follow from the interfaces' addresses.
    fn connected<'a>(&'a self, asked: Asked<'_>, table: u32) -> impl Iterator<Item = Candidate<'a>> {
        let interfaces = self.interfaces.iter().filter(move |dev| dev.netns == asked.netns);
        interfaces.flat_map(move |dev| {
            dev.addresses.iter().filter_map(move |own| {
                let v4 = own.addr.is_ipv4();
                let (block, kind, metric) = match table {
                    LOCAL => (Prefix::of(own.broadcast_for(asked.dst)), RouteKind::Local, 0),
                    MAIN => (*own, RouteKind::Unicast, if v4 { 0 } else { IPV6_CONNECTED_METRIC }),
                    _ => return None,
                };
                let found = Found { kind, dev: Some(dev), via: None, metric, src: Some(own.addr) };
                block.contains(asked.dst).then_some(Candidate { len: block.len, found })
            })
        })
    }

    /// The source address of what the host itself would send: of the interface's addresses the one in the next hop's
    /// network, else its first, else that of another interface.
    fn source(&self, dev: &Interface, dst: IpAddr, via: Option<IpAddr>) -> Option<IpAddr> {
        let near = via.and_then(|via| dev.addresses.iter().find(|own| own.contains(via)));
        let others = self.interfaces.iter().filter(|other| other.netns == dev.netns);
        let all = dev.addresses.iter().chain(others.flat_map(|other| &other.addresses));
        near.or_else(|| all.into_iter().find(|own| own.addr.is_ipv4() == dst.is_ipv4())).map(|own| own.addr)
    }

    fn reached_through(&self, netns: &str, addr: IpAddr) -> Option<&Interface> {
        let near = |dev: &&Interface| dev.netns == netns && dev.addresses.iter().any(|own| own.contains(addr));
        self.interfaces.iter().find(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        let json = r#"{
            "interfaces": [
                {"name": "eth0", "index": 2, "addresses": ["10.0.0.1/24", "fd00::1/64"]},
                {"name": "eth1", "index": 3, "addresses": ["10.1.0.1/16"], "mtu": 1400}
            ],
            "routes": [
                {"dst": "0.0.0.0/0", "via": "10.0.0.254"},
                {"dst": "10.2.0.0/16", "dev": "eth1", "via": "10.1.0.9", "metric": 10},
                {"dst": "10.2.0.0/16", "dev": "eth0", "metric": 20},
                {"dst": "10.3.0.0/16", "kind": "blackhole"},
                {"dst": "10.4.0.0/16", "dev": "eth1", "table": 7}
            ],
            "neighbours": [{"addr": "10.1.0.9", "dev": "eth1", "mac": "02:00:00:00:00:09"}]
        }"#;
        let network: Network = serde_json::from_str(json).unwrap();
        network.check().unwrap();
        network
    }

    fn to(network: &Network, dst: &str, oif: u32, table: Option<u32>) -> Option<(RouteKind, u32)> {
        let found = network.route(Asked { netns: "", dst: dst.parse().unwrap(), oif, table })?;
        Some((found.kind, found.dev.map_or(0, |dev| dev.ifindex)))
    }

    #[test]
    fn the_longest_block_counts_and_then_the_lowest_metric() {
        use RouteKind::{Blackhole, Local, Unicast};
        let network = network();
        for (dst, oif, table, expected) in [
            ("8.8.8.8", 0, None, Some((Unicast, 2))),
            ("10.0.0.7", 0, None, Some((Unicast, 2))),
            ("10.0.0.1", 0, None, Some((Local, 2))),
            ("10.0.0.255", 0, None, Some((Local, 2))),
            ("10.0.0.1", 0, Some(MAIN), Some((Local, 2))),
            ("fd00::1", 0, Some(MAIN), Some((Unicast, 2))),
            ("10.2.0.1", 0, None, Some((Unicast, 3))),
            ("10.2.0.1", 2, None, Some((Unicast, 2))),
            ("10.3.0.1", 0, None, Some((Blackhole, 0))),
            ("10.4.0.1", 0, Some(7), Some((Unicast, 3))),
            ("10.5.0.1", 0, Some(7), None),
            ("fd00::2", 0, None, Some((Unicast, 2))),
            ("fd01::2", 0, None, None),
        ] {
            assert_eq!(to(&network, dst, oif, table), expected, "{dst} out of {oif} by {table:?}");
        }
        assert!(network.has_table("", 7) && !network.has_table("", 8) && !network.has_table("other", 7));
    }

    #[test]
    fn the_source_is_the_address_near_the_next_hop() {
        let network = network();
        let dst = "10.2.0.1".parse().unwrap();
        let found = network.route(Asked { netns: "", dst, oif: 0, table: None }).unwrap();
        assert_eq!((found.src, found.via), (Some("10.1.0.1".parse().unwrap()), Some("10.1.0.9".parse().unwrap())));
        let eth1 = network.by_name("eth1").unwrap();
        assert_eq!(network.neighbour(eth1, "10.1.0.9".parse().unwrap()), Some(MacAddr([2, 0, 0, 0, 0, 9])));
        assert_eq!(network.neighbour(&network.interfaces[0], "10.1.0.9".parse().unwrap()), None);
    }
}
