//! Sockets of the host, and which of them a packet is for.
//!
//! As in a kernel, a TCP packet is for the socket of its connection, else for one that listens at its destination; a UDP
//! packet is for the socket that says most about it. An address of zeroes stands for every address.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Network, Prefix};

/// Bytes of `struct bpf_sock` (`linux/bpf.h`).
pub const SOCK_SIZE: usize = 80;
/// Bytes of `struct bpf_tcp_sock`.
pub const TCP_SOCK_SIZE: usize = 112;

/// The IPv4 address of sockets that have an IPv6 address (`LOOPBACK4_IPV6`).
pub(crate) const IPV6_ALONE: [u8; 4] = [127, 0, 0, 6];

/// A socket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Socket {
    /// TCP or UDP.
    pub protocol: Transport,
    /// Its own address and port.
    pub local: SocketAddr,
    /// The other end, of a socket that is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<SocketAddr>,
    /// Its state; when not said, a TCP socket is established if it has another end, and listens if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<TcpState>,
    /// The label of its network namespace.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub netns: String,
    /// The interface that it is bound to, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<String>,
    /// Mark of the packets that it sends.
    #[serde(default)]
    pub mark: u32,
    /// Priority of the packets that it sends.
    #[serde(default)]
    pub priority: u32,
    /// The user that it belongs to.
    #[serde(default)]
    pub uid: u32,
}

/// A transport protocol with sockets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the protocols' own")]
pub enum Transport {
    Tcp = 6,
    Udp = 17,
}

/// State of a TCP socket, with the kernel's number (`BPF_TCP_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of RFC 9293 and `ss`")]
pub enum TcpState {
    Established = 1,
    SynSent = 2,
    SynRecv = 3,
    FinWait1 = 4,
    FinWait2 = 5,
    TimeWait = 6,
    Close = 7,
    CloseWait = 8,
    LastAck = 9,
    Listen = 10,
    Closing = 11,
}

/// Whom a packet is from and to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flow {
    /// Where it comes from.
    pub src: SocketAddr,
    /// Where it goes.
    pub dst: SocketAddr,
}

impl Socket {
    /// Its state.
    pub fn state(&self) -> TcpState {
        self.state.unwrap_or(match (self.protocol, self.remote) {
            (_, Some(_)) => TcpState::Established,
            (Transport::Tcp, None) => TcpState::Listen,
            (Transport::Udp, None) => TcpState::Close,
        })
    }

    /// Whether there is all of a socket, and not only what is left of a connection.
    pub fn is_full(&self) -> bool {
        self.state() != TcpState::TimeWait
    }

    /// How much it says about a packet, `None` when it is not for it.
    fn score(&self, flow: Flow) -> Option<u32> {
        let fits = |own: SocketAddr, packet: SocketAddr| {
            // A socket at every IPv6 address is at every IPv4 address too.
            let any = own.ip().is_unspecified() && (own.is_ipv6() || packet.is_ipv4());
            (own.port() == packet.port() && (any || own.ip() == packet.ip())).then_some(u32::from(!any))
        };
        let mut score = 2 * fits(self.local, flow.dst)? + u32::from(self.local.is_ipv4() == flow.dst.is_ipv4());
        if let Some(remote) = self.remote {
            score += 8 + fits(remote, flow.src)?;
        }
        Some(score)
    }

    /// It as `struct bpf_sock`; `bound` is the number of the interface that it is bound to, 0 when none.
    pub fn as_bpf_sock(&self, bound: u32) -> [u8; SOCK_SIZE] {
        const AF_INET: u32 = 2;
        const AF_INET6: u32 = 10;
        const STREAM: u32 = 1;
        const DATAGRAM: u32 = 2;
        let mut bytes = [0; SOCK_SIZE];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        let family = if self.local.is_ipv4() { AF_INET } else { AF_INET6 };
        let kind = if self.protocol == Transport::Tcp { STREAM } else { DATAGRAM };
        for (at, word) in [
            (0, bound),
            (4, family),
            (8, kind),
            (12, self.protocol as u32),
            (16, self.mark),
            (20, self.priority),
            (44, self.local.port().into()),
            (72, self.state() as u32),
            // No receive queue.
            (76, u32::MAX),
        ] {
            put(at, &word.to_le_bytes());
        }
        let remote = self.remote.map_or(SocketAddr::new(Prefix::everything(self.local.ip()).addr, 0), |remote| remote);
        put(48, &remote.port().to_be_bytes());
        let connected = self.protocol == Transport::Tcp && self.remote.is_some();
        for (ip4, ip6, addr) in [(24, 28, self.local.ip()), (52, 56, remote.ip())] {
            match addr {
                IpAddr::V4(addr) => {
                    put(ip4, &addr.octets());
                    if connected {
                        put(ip6, &addr.to_ipv6_mapped().octets());
                    }
                }
                IpAddr::V6(addr) => {
                    put(ip6, &addr.octets());
                    if !addr.is_unspecified() {
                        put(ip4, &IPV6_ALONE);
                    }
                }
            }
        }
        bytes
    }

    /// What is particular to TCP, as `struct bpf_tcp_sock`: a socket through which nothing has gone.
    pub fn as_bpf_tcp_sock(&self) -> [u8; TCP_SOCK_SIZE] {
        /// Segments that may be under way at first (RFC 6928).
        const SND_CWND: u32 = 10;
        const NO_RTT: u32 = u32::MAX;
        const NO_THRESHOLD: u32 = i32::MAX as u32;
        const MSS: u32 = 536;
        let mut bytes = [0; TCP_SOCK_SIZE];
        for (at, word) in [(0, SND_CWND), (8, NO_RTT), (12, NO_THRESHOLD), (28, MSS)] {
            bytes[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
        }
        bytes
    }
}

impl Network {
    /// The socket that a packet is for, by its place in the list; `whole` leaves out what is left of connections.
    /// `ifindex` is the interface that the packet came in on.
    pub fn socket_for(&self, netns: &str, ifindex: u32, protocol: Transport, flow: Flow, whole: bool) -> Option<u16> {
        let mut best: Option<(u32, u16)> = None;
        for (socket, at) in self.sockets.iter().zip(0..) {
            if socket.protocol != protocol || socket.netns != netns {
                continue;
            }
            let bound = self.bound(socket);
            if bound != 0 && bound != ifindex {
                continue;
            }
            let Some(score) = socket.score(flow) else { continue };
            let score = 2 * score + u32::from(bound != 0);
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| at).filter(|at| !whole || self.sockets[usize::from(*at)].is_full())
    }

    /// The number of the interface that a socket is bound to, 0 when none.
    pub fn bound(&self, socket: &Socket) -> u32 {
        socket.dev.as_ref().and_then(|dev| self.by_name(dev)).map_or(0, |dev| dev.ifindex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_that_says_most_about_a_packet_has_it() {
        let json = r#"{
            "interfaces": [{"name": "eth0", "index": 2}],
            "sockets": [
                {"protocol": "tcp", "local": "0.0.0.0:80"},
                {"protocol": "tcp", "local": "10.0.0.1:80"},
                {"protocol": "tcp", "local": "10.0.0.1:80", "remote": "10.0.0.2:4000"},
                {"protocol": "tcp", "local": "10.0.0.1:80", "remote": "10.0.0.2:4001", "state": "time-wait"},
                {"protocol": "tcp", "local": "[::]:443"},
                {"protocol": "udp", "local": "0.0.0.0:53"},
                {"protocol": "udp", "local": "0.0.0.0:53", "dev": "eth0"},
                {"protocol": "tcp", "local": "0.0.0.0:22", "netns": "other"}
            ]
        }"#;
        let network: Network = serde_json::from_str(json).unwrap();
        network.check().unwrap();
        let ask = |protocol, src: &str, dst: &str, ifindex, whole| {
            let flow = Flow { src: src.parse().unwrap(), dst: dst.parse().unwrap() };
            network.socket_for("", ifindex, protocol, flow, whole)
        };
        use Transport::{Tcp, Udp};
        for (protocol, src, dst, ifindex, expected) in [
            (Tcp, "10.0.0.9:1", "10.0.0.7:80", 2, Some(0)),
            (Tcp, "10.0.0.9:1", "10.0.0.1:80", 2, Some(1)),
            (Tcp, "10.0.0.2:4000", "10.0.0.1:80", 2, Some(2)),
            (Tcp, "10.0.0.2:4001", "10.0.0.1:80", 2, Some(3)),
            (Tcp, "10.0.0.2:4001", "10.0.0.1:443", 2, Some(4)),
            (Tcp, "[fd00::1]:7", "[fd00::2]:443", 2, Some(4)),
            (Tcp, "[fd00::1]:7", "[fd00::2]:80", 2, None),
            (Tcp, "10.0.0.9:1", "10.0.0.7:22", 2, None),
            (Udp, "10.0.0.9:1", "10.0.0.7:53", 2, Some(6)),
            (Udp, "10.0.0.9:1", "10.0.0.7:53", 3, Some(5)),
            (Udp, "10.0.0.9:1", "10.0.0.7:80", 3, None),
        ] {
            assert_eq!(ask(protocol, src, dst, ifindex, false), expected, "{src} to {dst}");
        }
        assert_eq!(ask(Tcp, "10.0.0.2:4001", "10.0.0.1:80", 2, true), None);
    }
}
