//! A scenario's network in the kernel: the same interfaces, with their names, numbers, addresses, routes and neighbours, in
//! network namespaces that belong to nobody else.
//!
//! Every interface is an end of a veth pair, for that is what can have any number and any address, and whose other end can be
//! sent on: an interface that names no peer has one beyond all namespaces of the scenario. An interface of number 1 is the
//! loopback device, which every namespace has. Of sockets those are opened that wait for somebody: TCP sockets that listen,
//! and UDP sockets without another end.
//!
//! A namespace lives as long as a thread is in it or a [`Built`] has it; nothing is left when it is gone. The kernel gives an
//! interface of its own choice an Ethernet address where the scenario gives none, for it takes none of zeroes.
#![allow(unsafe_code, reason = "setns(2) and setsockopt(2) have no safe wrapper in std")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};

use bpfscope_core::net::network::{
    LOOPBACK, MAIN, MacAddr, Neighbour, Prefix, Route, RouteKind, Socket, TcpState, Transport,
};
use bpfscope_core::net::{Interface, Network};
use rtnetlink::packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use rtnetlink::packet_route::address::{AddressAttribute, AddressHeaderFlags, AddressMessage};
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use rtnetlink::packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::attach::Device;
use crate::netlink::ask;
use crate::veth::{NamespaceError, index, make_pair, set_up, unshare, wait_until_up};

/// The namespace of the far ends that no scenario names; no label has such a character.
const BEYOND: &str = "\0";

/// Why a network cannot be had in the kernel.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// There is no namespace for it.
    #[error(transparent)]
    Namespace(#[from] NamespaceError),
    /// The kernel refuses something.
    #[error("{what}: {error}")]
    Refused {
        /// What was to be made.
        what: String,
        /// What the kernel says.
        error: io::Error,
    },
}

/// A network that is there.
pub struct Built {
    /// By label.
    namespaces: BTreeMap<String, File>,
    /// The label of each interface's namespace.
    labels: Vec<String>,
    /// The label of the namespace that the thread is in, while that is known.
    here: Option<String>,
    /// By their place in the network, those that were opened.
    sockets: Vec<Option<OwnedFd>>,
}

impl Built {
    /// Makes a network, and takes this thread into the namespace of its first interface.
    ///
    /// # Errors
    /// It takes capabilities, and what the kernel can have: names of at most 15 bytes, Ethernet addresses of one station,
    /// next hops that can be reached.
    pub fn new(network: &Network) -> Result<Built, NetworkError> {
        let labels: Vec<String> = network.interfaces.iter().map(|interface| interface.netns.clone()).collect();
        let mut built = Built { namespaces: BTreeMap::new(), labels, here: None, sockets: Vec::new() };
        let alone = |own: &Interface| own.peer.is_none() && own.ifindex != LOOPBACK;
        let beyond = network.interfaces.iter().any(alone).then_some(BEYOND);
        let routed = network.routes.iter().map(|route| route.netns.as_str());
        let at_home = network.sockets.iter().map(|socket| socket.netns.as_str());
        for label in built.labels.iter().map(String::as_str).chain(routed).chain(at_home).chain(beyond) {
            if !built.namespaces.contains_key(label) {
                let namespace = new_namespace(label != BEYOND)?;
                built.namespaces.insert(label.to_owned(), namespace);
            }
        }
        for (at, interface) in network.interfaces.iter().enumerate() {
            built.make(network, at, interface)?;
        }
        for interface in &network.interfaces {
            built.address(interface)?;
        }
        for route in &network.routes {
            built.route(network, route)?;
        }
        for neighbour in &network.neighbours {
            built.neighbour(network, neighbour)?;
        }
        for socket in &network.sockets {
            let opened = built.open(socket)?;
            built.sockets.push(opened);
        }
        built.enter(0)?;
        Ok(built)
    }

    /// The socket of that place in the network, if it is one that was opened.
    pub fn socket(&self, at: usize) -> Option<&OwnedFd> {
        self.sockets.get(at)?.as_ref()
    }

    /// Takes this thread into the namespace of an interface, by its place in the network.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn enter(&mut self, interface: usize) -> Result<(), NetworkError> {
        let label = self.labels[interface].clone();
        self.enter_labelled(&label)
    }

    /// Takes this thread to the other end of an interface; the number of the device there, `None` where there is no other end.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn enter_other_end(&mut self, network: &Network, interface: usize) -> Result<Option<i32>, NetworkError> {
        let own = &network.interfaces[interface];
        if let Some(peer) = network.peer(own) {
            self.enter_labelled(&peer.netns)?;
            return Ok(Some(peer.ifindex as i32));
        }
        if own.ifindex == LOOPBACK {
            return Ok(None);
        }
        self.enter_labelled(BEYOND)?;
        let name = far_end(interface);
        index(&name).map(Some).map_err(|error| refused(&format!("interface `{name}`"), error))
    }

    /// That somebody else has taken the thread elsewhere.
    pub fn forget_where(&mut self) {
        self.here = None;
    }

    fn enter_labelled(&mut self, label: &str) -> Result<(), NetworkError> {
        if self.here.as_deref() == Some(label) {
            return Ok(());
        }
        // SAFETY: setns takes numbers; the network namespace of this thread alone changes.
        if unsafe { libc::setns(self.fd(label), libc::CLONE_NEWNET) } < 0 {
            return Err(refused("a network namespace", io::Error::last_os_error()));
        }
        self.here = Some(label.to_owned());
        Ok(())
    }

    fn fd(&self, label: &str) -> i32 {
        self.namespaces[label].as_raw_fd()
    }

    /// Makes an interface, with its other end when that comes later in the network.
    fn make(&mut self, network: &Network, at: usize, own: &Interface) -> Result<(), NetworkError> {
        self.enter_labelled(&own.netns)?;
        let failed = |error| refused(&format!("interface `{}`", own.name), error);
        if own.ifindex == LOOPBACK {
            let mut loopback = link(own);
            loopback.header.flags = LinkFlags::Up;
            loopback.header.change_mask = LinkFlags::Up;
            return ask_for(RouteNetlinkMessage::SetLink(loopback), 0).map_err(failed);
        }
        let far = match network.peer(own) {
            Some(peer) if network.interfaces[..at].iter().any(|before| before.name == peer.name) => return Ok(()),
            Some(peer) => with_namespace(link(peer), self.fd(&peer.netns)),
            None => {
                let mut far = LinkMessage::default();
                far.attributes = vec![LinkAttribute::IfName(far_end(at)), LinkAttribute::Mtu(own.mtu)];
                with_namespace(far, self.fd(BEYOND))
            }
        };
        make_pair(link(own), far).map_err(failed)?;
        if let Some(other) = self.enter_other_end(network, at)? {
            set_up(other).map_err(failed)?;
        }
        Ok(())
    }

    /// Gives an interface its addresses, once it is up.
    fn address(&mut self, own: &Interface) -> Result<(), NetworkError> {
        self.enter_labelled(&own.netns)?;
        let failed = |error| refused(&format!("interface `{}`", own.name), error);
        if own.ifindex != LOOPBACK {
            wait_until_up(&Device { index: own.ifindex as i32, name: own.name.clone() })?;
        }
        let forwarding = if own.forwarding { "1" } else { "0" };
        for family in ["ipv4", "ipv6"] {
            let file = format!("/proc/sys/net/{family}/conf/{}/forwarding", own.name);
            // There may be no IPv6 at all.
            if fs::metadata(&file).is_ok() {
                fs::write(&file, forwarding).map_err(failed)?;
            }
        }
        for Prefix { addr, len } in &own.addresses {
            let mut message = AddressMessage::default();
            message.header.family = family(*addr);
            message.header.prefix_len = *len;
            message.header.index = own.ifindex;
            // Nobody else is asked whether he has it.
            message.header.flags = AddressHeaderFlags::Nodad;
            message.attributes = vec![AddressAttribute::Address(*addr), AddressAttribute::Local(*addr)];
            let failed = |error| refused(&format!("address {addr}/{len} of `{}`", own.name), error);
            ask_for(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL).map_err(failed)?;
        }
        Ok(())
    }

    fn route(&mut self, network: &Network, route: &Route) -> Result<(), NetworkError> {
        let dev = route.dev.as_ref().and_then(|dev| network.by_name(dev));
        self.enter_labelled(dev.map_or(route.netns.as_str(), |dev| dev.netns.as_str()))?;
        let mut message = RouteMessage::default();
        message.header = RouteHeader {
            address_family: family(route.dst.addr),
            destination_prefix_length: route.dst.len,
            table: u8::try_from(route.table).unwrap_or(0),
            protocol: RouteProtocol::Static,
            scope: match (route.kind, route.via) {
                (RouteKind::Local, _) => RouteScope::Host,
                (RouteKind::Unicast, None) if route.dst.addr.is_ipv4() => RouteScope::Link,
                _ => RouteScope::Universe,
            },
            kind: match route.kind {
                RouteKind::Unicast => RouteType::Unicast,
                RouteKind::Local => RouteType::Local,
                RouteKind::Blackhole => RouteType::BlackHole,
                RouteKind::Unreachable => RouteType::Unreachable,
                RouteKind::Prohibit => RouteType::Prohibit,
            },
            ..RouteHeader::default()
        };
        let given = [
            Some(RouteAttribute::Destination(masked(route.dst))),
            Some(RouteAttribute::Table(if route.table == 0 { MAIN } else { route.table })),
            route.via.map(|via| RouteAttribute::Gateway(RouteAddress::from(via))),
            route.src.map(|src| RouteAttribute::PrefSource(RouteAddress::from(src))),
            dev.map(|dev| RouteAttribute::Oif(dev.ifindex)),
            route.metric.map(RouteAttribute::Priority),
        ];
        message.attributes = given.into_iter().flatten().collect();
        ask_for(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
            .map_err(|error| refused(&format!("the route to {}", route.dst), error))
    }

    fn open(&mut self, socket: &Socket) -> Result<Option<OwnedFd>, NetworkError> {
        self.enter_labelled(&socket.netns)?;
        let failed = |error| refused(&format!("the socket at {}", socket.local), error);
        let fd: OwnedFd = match (socket.protocol, socket.state()) {
            (Transport::Tcp, TcpState::Listen) => TcpListener::bind(socket.local).map_err(failed)?.into(),
            (Transport::Udp, _) if socket.remote.is_none() => UdpSocket::bind(socket.local).map_err(failed)?.into(),
            _ => return Ok(None),
        };
        let set = |option, value: &[u8]| set_option(&fd, option, value).map_err(failed);
        if let Some(dev) = &socket.dev {
            set(libc::SO_BINDTODEVICE, dev.as_bytes())?;
        }
        set(libc::SO_MARK, &socket.mark.to_ne_bytes())?;
        set(libc::SO_PRIORITY, &socket.priority.to_ne_bytes())?;
        Ok(Some(fd))
    }

    fn neighbour(&mut self, network: &Network, neighbour: &Neighbour) -> Result<(), NetworkError> {
        let Some(dev) = network.by_name(&neighbour.dev) else { return Ok(()) };
        self.enter_labelled(&dev.netns)?;
        let mut message = NeighbourMessage::default();
        message.header.family = family(neighbour.addr);
        message.header.ifindex = dev.ifindex;
        message.header.state = NeighbourState::Permanent;
        let address = match neighbour.addr {
            IpAddr::V4(addr) => NeighbourAddress::Inet(addr),
            IpAddr::V6(addr) => NeighbourAddress::Inet6(addr),
        };
        let MacAddr(mac) = neighbour.mac;
        message.attributes =
            vec![NeighbourAttribute::Destination(address), NeighbourAttribute::LinkLayerAddress(mac.to_vec())];
        ask_for(RouteNetlinkMessage::NewNeighbour(message), NLM_F_CREATE | NLM_F_REPLACE)
            .map_err(|error| refused(&format!("the neighbour {}", neighbour.addr), error))
    }
}

fn refused(what: &str, error: io::Error) -> NetworkError {
    NetworkError::Refused { what: what.to_owned(), error }
}

fn ask_for(message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
    ask(message, flags | NLM_F_ACK).map(drop)
}

/// A namespace that forwards and that says as little of its own accord as it can: nothing at all without IPv6.
fn new_namespace(ipv6: bool) -> Result<File, NetworkError> {
    unshare()?;
    for (file, value) in [
        ("ipv6/conf/default/disable_ipv6", if ipv6 { "0" } else { "1" }),
        ("ipv4/ip_forward", "1"),
        // Sockets may be at addresses that no interface has.
        ("ipv4/ip_nonlocal_bind", "1"),
        ("ipv6/ip_nonlocal_bind", "1"),
        ("ipv4/conf/all/rp_filter", "0"),
        ("ipv4/conf/default/rp_filter", "0"),
        ("ipv6/conf/all/forwarding", "1"),
        ("ipv6/conf/default/forwarding", "1"),
        ("ipv6/conf/default/accept_dad", "0"),
        ("ipv6/conf/default/router_solicitations", "0"),
        // No addresses that nobody has given.
        ("ipv6/conf/default/addr_gen_mode", "1"),
    ] {
        let file = format!("/proc/sys/net/{file}");
        // There may be no IPv6 at all.
        if fs::metadata(&file).is_ok() {
            fs::write(&file, value).map_err(|error| refused(&file, error))?;
        }
    }
    File::open("/proc/thread-self/ns/net").map_err(|error| refused("a network namespace", error))
}

/// Sets an option of a socket (`SOL_SOCKET`).
fn set_option(socket: &OwnedFd, option: i32, value: &[u8]) -> io::Result<()> {
    // SAFETY: the kernel reads as many bytes as the slice has.
    let set = unsafe {
        let (bytes, len) = (value.as_ptr().cast(), value.len() as u32);
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, bytes, len)
    };
    if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// An interface as netlink is told of it: name, number, Ethernet address, MTU.
fn link(own: &Interface) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = own.ifindex;
    message.attributes = vec![LinkAttribute::IfName(own.name.clone()), LinkAttribute::Mtu(own.mtu)];
    if own.ifindex != LOOPBACK && own.mac != MacAddr::default() {
        message.attributes.push(LinkAttribute::Address(own.mac.0.to_vec()));
    }
    message
}

/// The name of the far end of an interface that names no peer.
fn far_end(at: usize) -> String {
    format!("far{at}")
}

fn with_namespace(mut message: LinkMessage, fd: i32) -> LinkMessage {
    message.attributes.push(LinkAttribute::NetNsFd(fd));
    message
}

fn family(addr: IpAddr) -> AddressFamily {
    if addr.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}

/// The first address of a block, which is what the kernel takes as a route's destination.
fn masked(Prefix { addr, len }: Prefix) -> RouteAddress {
    let len = u32::from(len);
    match addr {
        IpAddr::V4(addr) => {
            let mask = u32::MAX.checked_shl(32 - len).unwrap_or(0);
            RouteAddress::Inet((addr.to_bits() & mask).into())
        }
        IpAddr::V6(addr) => {
            let mask = u128::MAX.checked_shl(128 - len).unwrap_or(0);
            RouteAddress::Inet6((addr.to_bits() & mask).into())
        }
    }
}
