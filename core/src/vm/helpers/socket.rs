//! Sockets: those that the scenario declares, found by the packets that they would receive, and what is asked of them.

use std::net::{IpAddr, SocketAddr};

use super::super::addr::{self, Addr, Region};
use super::super::call::Call;
use super::super::context::socket_addr;
use super::super::fault::FaultKind;
use super::super::structs::{Thing, sock_addr};
use super::{Ret, errno};
use crate::kernel::Errno;
use crate::net::network::{Flow, Socket, TcpState, Transport};

/// The user of a packet without a socket (`/proc/sys/kernel/overflowuid`).
const OVERFLOW_UID: u64 = 65534;
const NULL: Ret = Ok(0);

/// Bytes of `struct bpf_sock_tuple` for either family: two addresses and two ports.
const IPV4_TUPLE: u32 = 12;
const IPV6_TUPLE: u32 = 36;

pub(super) fn lookup_tcp(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    lookup(call, args, Transport::Tcp, true)
}

pub(super) fn lookup_udp(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    lookup(call, args, Transport::Udp, true)
}

/// What is left of a connection is found too.
pub(super) fn skc_lookup_tcp(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    lookup(call, args, Transport::Tcp, false)
}

fn lookup(call: &mut Call<'_>, args: [u64; 5], protocol: Transport, whole: bool) -> Ret {
    let [ctx, tuple, size, netns, flags] = args;
    call.ctx(ctx, 1)?;
    let size = size as u32;
    // Of a namespace's numbers none is known here; any negative one is the packet's own.
    if !matches!(size, IPV4_TUPLE | IPV6_TUPLE) || flags != 0 || (netns as i32) >= 0 {
        return NULL;
    }
    let Some(flow) = flow(call.read(tuple, size)?) else { return NULL };
    let here = &call.skb.device;
    let found = call.env.network.socket_for(call.env.netns(here), here.ifindex, protocol, flow, whole);
    Ok(found.map_or(0, socket_addr))
}

fn flow(tuple: &[u8]) -> Option<Flow> {
    let (src, dst, ports) = match tuple.len() as u32 {
        IPV4_TUPLE => {
            (IpAddr::from(*tuple[..4].first_chunk::<4>()?), IpAddr::from(*tuple[4..8].first_chunk::<4>()?), &tuple[8..])
        }
        _ => (
            IpAddr::from(*tuple[..16].first_chunk::<16>()?),
            IpAddr::from(*tuple[16..32].first_chunk::<16>()?),
            &tuple[32..],
        ),
    };
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    Some(Flow { src: SocketAddr::new(src, port(0)), dst: SocketAddr::new(dst, port(2)) })
}

/// The socket that an argument (counted from 1) points to, with its place in the list.
fn socket<'a>(call: &'a Call<'_>, arg: u64, argno: u8) -> Result<(u16, &'a Socket), FaultKind> {
    let wrong = || call.argument(argno, "a socket", arg);
    let at = match Addr(arg).region() {
        Some(Region::Socket) => Addr(arg).offset() / addr::SOCKET_SIZE,
        Some(Region::Structure(number)) if Thing::of(number) == Some(Thing::Socket) => {
            Addr(arg).offset() / addr::STRUCTURE_SIZE
        }
        _ => return Err(wrong()),
    };
    let socket = call.env.network.sockets.get(at as usize).ok_or_else(wrong)?;
    Ok((at as u16, socket))
}

pub(super) fn release(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    socket(call, sk, 1)?;
    Ok(0)
}

pub(super) fn fullsock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    let (at, socket) = socket(call, sk, 1)?;
    if socket.is_full() { Ok(socket_addr(at)) } else { NULL }
}

pub(super) fn tcp_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    let (at, socket) = socket(call, sk, 1)?;
    if is_tcp(socket) { Ok(socket_addr(at) + u64::from(addr::TCP_SOCK)) } else { NULL }
}

/// The socket as the kernel's structure, if it is of that kind.
fn as_structure(call: &Call<'_>, sk: u64, is_kind: impl Fn(&Socket) -> bool) -> Ret {
    let (at, socket) = socket(call, sk, 1)?;
    if is_kind(socket) { Ok(sock_addr(at)) } else { NULL }
}

fn is_tcp(socket: &Socket) -> bool {
    socket.is_full() && socket.protocol == Transport::Tcp
}

pub(super) fn skc_to_tcp_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    as_structure(call, sk, is_tcp)
}

pub(super) fn skc_to_tcp6_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    as_structure(call, sk, |socket| is_tcp(socket) && socket.local.is_ipv6())
}

pub(super) fn skc_to_tcp_timewait_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    as_structure(call, sk, |socket| socket.protocol == Transport::Tcp && !socket.is_full())
}

pub(super) fn skc_to_udp6_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    as_structure(call, sk, |socket| socket.protocol == Transport::Udp && socket.local.is_ipv6())
}

/// For kinds that no scenario declares: half-open connections, UNIX sockets, MPTCP.
pub(super) fn skc_to_other(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    as_structure(call, sk, |_| false)
}

pub(super) fn get_listener_sock(call: &mut Call<'_>, [sk, ..]: [u64; 5]) -> Ret {
    let (at, socket) = socket(call, sk, 1)?;
    if socket.state() == TcpState::Listen { Ok(socket_addr(at)) } else { NULL }
}

/// Works at tc ingress of a device only; a test run is at none.
pub(super) fn sk_assign(call: &mut Call<'_>, [ctx, sk, flags, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    if sk == 0 || flags != 0 {
        return errno(Errno::Einval);
    }
    let (at, found) = socket(call, sk, 2)?;
    if !call.skb.device.at_ingress {
        return errno(Errno::Eopnotsupp);
    }
    if found.netns != call.env.netns(&call.skb.device) {
        return errno(Errno::Enetunreach);
    }
    call.skb.sk = Some(at);
    Ok(0)
}

/// Cookies count from 1 in the order of the scenario's list.
pub(super) fn get_socket_cookie(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    Ok(call.skb.sk.map_or(0, |at| u64::from(at) + 1))
}

pub(super) fn get_socket_uid(call: &mut Call<'_>, _: [u64; 5]) -> Ret {
    let socket = call.skb.sk.and_then(|at| call.env.network.sockets.get(usize::from(at)));
    Ok(socket.map_or(OVERFLOW_UID, |socket| socket.uid.into()))
}

/// The storage is made when it is asked for so, of the given value or of zeroes.
pub(super) fn sk_storage_get(call: &mut Call<'_>, [map, sk, value, flags, _]: [u64; 5]) -> Ret {
    const CREATE: u64 = 1;
    const NOEXIST: u64 = 1;
    let map = call.map(map, 1)?;
    if sk == 0 {
        return NULL;
    }
    let (at, socket) = socket(call, sk, 2)?;
    if !socket.is_full() || flags > CREATE {
        return NULL;
    }
    let key = u32::from(at).to_le_bytes();
    if let Ok(Some(found)) = call.maps.lookup(map, &key, 0) {
        return Ok(call.value_addr(map, found));
    }
    if flags & CREATE == 0 {
        return NULL;
    }
    let size = call.maps.def(map).map_or(0, |def| def.value_size);
    let first = match value {
        0 => vec![0; size as usize],
        _ => call.read(value, size)?.to_vec(),
    };
    if call.maps.update(map, &key, &first, NOEXIST, 0).is_err() {
        return NULL;
    }
    let made = call.maps.lookup(map, &key, 0).unwrap_or(None);
    Ok(made.map_or(0, |made| call.value_addr(map, made)))
}

pub(super) fn sk_storage_delete(call: &mut Call<'_>, [map, sk, ..]: [u64; 5]) -> Ret {
    let map = call.map(map, 1)?;
    if sk == 0 {
        return errno(Errno::Einval);
    }
    let (at, socket) = socket(call, sk, 2)?;
    if !socket.is_full() {
        return errno(Errno::Einval);
    }
    match call.maps.delete(map, &u32::from(at).to_le_bytes()) {
        Ok(()) => Ok(0),
        Err(e) => errno(e),
    }
}

/// A kernel makes cookies for a socket only while it is flooded; an idle one says that there is none to make.
pub(super) fn tcp_gen_syncookie(call: &mut Call<'_>, [sk, iph, iph_len, th, th_len]: [u64; 5]) -> Ret {
    if !listens(call, sk, th_len)? || (iph_len as u32) < IPV4_HLEN {
        return errno(Errno::Einval);
    }
    let (ip, tcp) = (call.copy(iph, IPV4_HLEN)?, call.copy(th, TCP_HLEN)?);
    const FIN_SYN_RST_ACK: u8 = 0x17;
    const SYN: u8 = 2;
    let whole = u32::from(tcp[12] >> 4) * 4 == th_len as u32;
    if !whole || tcp[13] & FIN_SYN_RST_ACK != SYN {
        return errno(Errno::Einval);
    }
    errno(version(&ip, iph_len, call, sk)?)
}

/// As for [`tcp_gen_syncookie`]: without a flood no cookie can be right. What is no answer to one is told before an IP
/// header that is too short.
pub(super) fn tcp_check_syncookie(call: &mut Call<'_>, [sk, _, iph_len, th, th_len]: [u64; 5]) -> Ret {
    if !listens(call, sk, th_len)? {
        return errno(Errno::Einval);
    }
    const SYN_RST_ACK: u8 = 0x16;
    const ACK: u8 = 0x10;
    let tcp = call.copy(th, TCP_HLEN)?;
    let is_answer = tcp[13] & SYN_RST_ACK == ACK;
    errno(if is_answer && (iph_len as u32) < IPV4_HLEN { Errno::Einval } else { Errno::Enoent })
}

/// Bytes of headers without options.
const IPV4_HLEN: u32 = 20;
const TCP_HLEN: u32 = 20;

/// Whether it is a TCP socket that listens, and the header one of TCP.
fn listens(call: &mut Call<'_>, sk: u64, th_len: u64) -> Result<bool, FaultKind> {
    if sk == 0 || (th_len as u32) < TCP_HLEN {
        return Ok(false);
    }
    let (_, socket) = socket(call, sk, 1)?;
    Ok(socket.protocol == Transport::Tcp && socket.state() == TcpState::Listen)
}

/// What is said of the IP version.
fn version(ip: &[u8], iph_len: u64, call: &Call<'_>, sk: u64) -> Result<Errno, FaultKind> {
    let is_ipv6 = socket(call, sk, 1)?.1.local.is_ipv6();
    Ok(match ip[0] >> 4 {
        4 => Errno::Enoent,
        6 if (iph_len as u32) < 40 || !is_ipv6 => Errno::Einval,
        6 => Errno::Enoent,
        _ => Errno::Eprotonosupport,
    })
}
