//! [`Network`]: what is around the programs: interfaces, routes, neighbours and sockets, as a scenario declares them.
//!
//! Interfaces live in network namespaces, which are labels here: numbers are unique within one, names in all of them, so
//! that a peer, a route or an attachment can name an interface. Packets come in on the first one.
//!
//! A scenario that declares none has what it always had: any positive number is a device that one can redirect to, and
//! nobody looks at what arrives there.
//!
//! | file | holds |
//! |---|---|
//! | `address` | Ethernet addresses and blocks of IP addresses as text |
//! | `route` | routes, neighbours, and which route a packet takes |
//! | `socket` | sockets, and which one a packet is for |
//!
//! Not here: what a program's helpers return for all this (`vm::helpers`), and the way of a packet (`lab`).

mod address;
mod route;
mod socket;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use address::{AddressError, MacAddr, Prefix};
pub use route::{Asked, Found, MAIN, Neighbour, Route, RouteKind};
pub(crate) use socket::IPV6_ALONE;
pub use socket::{Flow, SOCK_SIZE, Socket, TCP_SOCK_SIZE, TcpState, Transport};

/// Interfaces that a network has at most, and as many routes, neighbours and sockets: look-ups go through them in order.
pub const MAX_ENTRIES: usize = 1024;
/// Bytes of an interface's packets behind the Ethernet header, when nobody says.
pub const DEFAULT_MTU: u32 = 1500;
/// The MTU of the loopback device.
pub const LOOPBACK_MTU: u32 = 65536;
/// The number of the loopback device, in every namespace.
pub const LOOPBACK: u32 = 1;

/// Interfaces, routes, neighbours and sockets.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Network {
    /// Packets come in on the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    /// Beside those that follow from the interfaces' addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Whose Ethernet address is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<Neighbour>,
    /// Those that look-ups find; packets that come in have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sockets: Vec<Socket>,
}

/// A network device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Interface {
    /// Its name, by which others refer to it.
    pub name: String,
    /// Its number (`ifindex`).
    #[serde(rename = "index")]
    pub ifindex: u32,
    /// Its Ethernet address.
    #[serde(default)]
    pub mac: MacAddr,
    /// Bytes of a packet behind the Ethernet header at most.
    #[serde(default = "default_mtu")]
    pub mtu: u32,
    /// The label of its network namespace; empty for that of the host.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub netns: String,
    /// The name of the interface at the other end of a veth pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// Its IP addresses, with the length of the network that is reached through it: `10.0.0.1/24`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Prefix>,
    /// Whether packets that come in on it may be forwarded (`net.ipv4.conf.*.forwarding`, `net.ipv6.conf.*.forwarding`).
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub forwarding: bool,
}

fn default_mtu() -> u32 {
    DEFAULT_MTU
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

/// Why a network cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NetworkError {
    /// Too many of something.
    #[error("{count} {what}: there can be {MAX_ENTRIES}")]
    TooMany {
        /// Interfaces, routes, neighbours or sockets.
        what: &'static str,
        /// How many.
        count: usize,
    },
    /// Two interfaces of one name.
    #[error("two interfaces are called `{name}`")]
    SameName {
        /// The name.
        name: String,
    },
    /// A number that two interfaces of a namespace have, or that none can have.
    #[error("interface `{name}` cannot have the number {ifindex}: {why}")]
    Number {
        /// The interface.
        name: String,
        /// Its number.
        ifindex: u32,
        /// Why not.
        why: &'static str,
    },
    /// A name that no interface has.
    #[error("{by} names the interface `{name}`, which there is not")]
    NoInterface {
        /// Who names it.
        by: String,
        /// The name.
        name: String,
    },
    /// A peer whose own peer is another.
    #[error("`{name}` has the peer `{peer}`, whose peer is not `{name}`")]
    Peer {
        /// The interface.
        name: String,
        /// Its peer.
        peer: String,
    },
    /// A route through an address of the other family.
    #[error("the route to {dst} goes through {via}, which is no address of the same family")]
    Family {
        /// Where it leads.
        dst: Prefix,
        /// Through whom.
        via: IpAddr,
    },
}

impl Network {
    /// Whether it is what a scenario has that says nothing.
    pub fn is_default(&self) -> bool {
        *self == Network::default()
    }

    /// Checks what must hold for look-ups to mean something.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), NetworkError> {
        for (what, count) in [
            ("interfaces", self.interfaces.len()),
            ("routes", self.routes.len()),
            ("neighbours", self.neighbours.len()),
            ("sockets", self.sockets.len()),
        ] {
            if count > MAX_ENTRIES {
                return Err(NetworkError::TooMany { what, count });
            }
        }
        for (at, interface) in self.interfaces.iter().enumerate() {
            self.check_interface(interface, &self.interfaces[..at])?;
        }
        for route in &self.routes {
            if let Some(dev) = &route.dev {
                self.named(dev, || format!("the route to {}", route.dst))?;
            }
            if let Some(via) = route.via.filter(|via| via.is_ipv4() != route.dst.addr.is_ipv4()) {
                return Err(NetworkError::Family { dst: route.dst, via });
            }
        }
        for neighbour in &self.neighbours {
            self.named(&neighbour.dev, || format!("the neighbour {}", neighbour.addr))?;
        }
        for socket in &self.sockets {
            if let Some(dev) = &socket.dev {
                self.named(dev, || format!("the socket at {}", socket.local))?;
            }
        }
        Ok(())
    }

    fn check_interface(&self, interface: &Interface, before: &[Interface]) -> Result<(), NetworkError> {
        let Interface { name, ifindex, netns, .. } = interface;
        if before.iter().any(|other| other.name == *name) {
            return Err(NetworkError::SameName { name: name.clone() });
        }
        let number = |why| Err(NetworkError::Number { name: name.clone(), ifindex: *ifindex, why });
        if *ifindex == 0 || *ifindex > i32::MAX as u32 {
            return number("numbers go from 1 to 2147483647");
        }
        if before.iter().any(|other| other.ifindex == *ifindex && other.netns == *netns) {
            return number("another of its namespace has it");
        }
        if let Some(peer) = &interface.peer {
            let other = self.named(peer, || format!("`{name}`"))?;
            if other.peer.as_ref() != Some(name) || peer == name {
                return Err(NetworkError::Peer { name: name.clone(), peer: peer.clone() });
            }
        }
        Ok(())
    }

    fn named(&self, name: &str, by: impl FnOnce() -> String) -> Result<&Interface, NetworkError> {
        self.by_name(name).ok_or_else(|| NetworkError::NoInterface { by: by(), name: name.to_owned() })
    }

    /// The interface of that name.
    pub fn by_name(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.name == name)
    }

    /// The interface of that number in a namespace.
    pub fn by_index(&self, netns: &str, ifindex: u32) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.ifindex == ifindex && interface.netns == netns)
    }

    /// The other end of a veth pair.
    pub fn peer(&self, interface: &Interface) -> Option<&Interface> {
        self.by_name(interface.peer.as_deref()?)
    }
}

impl Interface {
    /// An interface of that name and number, as the defaults have it.
    pub fn new(name: &str, ifindex: u32) -> Interface {
        Interface {
            name: name.to_owned(),
            ifindex,
            mac: MacAddr::default(),
            mtu: if ifindex == LOOPBACK { LOOPBACK_MTU } else { DEFAULT_MTU },
            netns: String::new(),
            peer: None,
            addresses: Vec::new(),
            forwarding: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(json: &str) -> Result<Network, String> {
        let network: Network = serde_json::from_str(json).map_err(|e| e.to_string())?;
        network.check().map(|()| network).map_err(|e| e.to_string())
    }

    #[test]
    fn an_interface_needs_a_name_and_a_number() {
        let network = network(r#"{"interfaces": [{"name": "eth0", "index": 2}]}"#).unwrap();
        assert_eq!(network.interfaces, [Interface::new("eth0", 2)]);
        assert_eq!(serde_json::to_string(&Network::default()).unwrap(), "{}");
    }

    #[test]
    fn what_cannot_be_says_why() {
        let pair = |peer: &str| {
            format!(
                r#"{{"interfaces": [{{"name":"a","index":2,"peer":"b"}},{{"name":"b","index":3,"peer":"{peer}"}}]}}"#
            )
        };
        assert!(network(&pair("a")).is_ok());
        for (json, message) in [
            (pair("b"), "`a` has the peer `b`, whose peer is not `a`"),
            (pair("c"), "`a` has the peer `b`, whose peer is not `a`"),
            (
                r#"{"interfaces": [{"name":"a","index":2},{"name":"a","index":3}]}"#.into(),
                "two interfaces are called `a`",
            ),
            (
                r#"{"interfaces": [{"name":"a","index":2},{"name":"b","index":2}]}"#.into(),
                "interface `b` cannot have the number 2: another of its namespace has it",
            ),
            (
                r#"{"interfaces": [{"name":"a","index":0}]}"#.into(),
                "interface `a` cannot have the number 0: numbers go from 1 to 2147483647",
            ),
            (
                r#"{"routes": [{"dst":"10.0.0.0/8","dev":"x"}]}"#.into(),
                "the route to 10.0.0.0/8 names the interface `x`, which there is not",
            ),
            (
                r#"{"routes": [{"dst":"10.0.0.0/8","via":"::1"}]}"#.into(),
                "the route to 10.0.0.0/8 goes through ::1, which is no address of the same family",
            ),
            (
                r#"{"neighbours": [{"addr":"10.0.0.1","dev":"x","mac":"02:00:00:00:00:01"}]}"#.into(),
                "the neighbour 10.0.0.1 names the interface `x`, which there is not",
            ),
        ] {
            assert_eq!(network(&json), Err(message.to_owned()), "{json}");
        }
        let both = r#"{"interfaces": [{"name":"a","index":2},{"name":"b","index":2,"netns":"other"}]}"#;
        assert!(network(both).is_ok());
    }
}
