//! `bpf_fib_lookup`: which way the kernel would forward a packet, by the scenario's routes and neighbours.

use std::net::IpAddr;

use super::super::call::Call;
use super::{Ret, errno};
use crate::kernel::{Errno, ProgType};
use crate::net::network::{Asked, Found, MAIN, RouteKind};
use crate::net::skbuff::{ETH_HLEN, VLAN_HLEN};
use crate::net::{Interface, MacAddr};

/// Bytes of `struct bpf_fib_lookup`.
const SIZE: usize = 64;
/// Address families.
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// Flags.
mod flag {
    /// Ask one table, not all of them by the rules.
    pub const DIRECT: u32 = 1;
    /// The device is the one that the packet goes out of.
    pub const OUTPUT: u32 = 2;
    /// Do not look for the neighbour.
    pub const SKIP_NEIGH: u32 = 4;
    /// The table that is asked directly.
    pub const TBID: u32 = 8;
    /// Give a source address.
    pub const SRC: u32 = 16;
    /// Routing rules look at the mark; there are none here.
    pub const MARK: u32 = 32;
    pub const ALL: u32 = DIRECT | OUTPUT | SKIP_NEIGH | TBID | SRC | MARK;
}

/// `BPF_FIB_LKUP_RET_*`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Answer {
    Success = 0,
    Blackhole = 1,
    Unreachable = 2,
    Prohibit = 3,
    NotForwarded = 4,
    ForwardingDisabled = 5,
    NoNeighbour = 7,
    FragmentationNeeded = 8,
    NoSource = 9,
}

/// `struct bpf_fib_lookup`, asked and answered in place.
struct Params([u8; SIZE]);

impl Params {
    const FAMILY: usize = 0;
    /// Bytes of the packet behind its link header; the MTU afterwards.
    const TOT_LEN: usize = 6;
    const IFINDEX: usize = 8;
    /// Type of service or flow label; the route's metric afterwards.
    const METRIC: usize = 12;
    const SRC: usize = 16;
    const DST: usize = 32;
    /// VLAN protocol and tag afterwards; the table before.
    const VLAN: usize = 48;
    const SMAC: usize = 52;
    const DMAC: usize = 58;

    fn get<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.0[at..at + N]);
        bytes
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.get(at))
    }

    fn addr(&self, at: usize) -> IpAddr {
        match self.0[Self::FAMILY] {
            AF_INET => IpAddr::from(self.get::<4>(at)),
            _ => IpAddr::from(self.get::<16>(at)),
        }
    }

    fn put_addr(&mut self, at: usize, addr: IpAddr) {
        match addr {
            IpAddr::V4(addr) => self.put(at, &addr.octets()),
            IpAddr::V6(addr) => self.put(at, &addr.octets()),
        }
    }

    fn put_mtu(&mut self, mtu: u32) {
        self.put(Self::TOT_LEN, &(mtu as u16).to_le_bytes());
    }
}

pub(super) fn fib_lookup(call: &mut Call<'_>, [ctx, params, size, flags, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let flags = flags as u32;
    if (size as u32 as usize) < SIZE || flags & !flag::ALL != 0 {
        return errno(Errno::Einval);
    }
    let mut asked = Params([0; SIZE]);
    asked.0.copy_from_slice(call.read(params, SIZE as u32)?);
    let answer = look_up(call, &mut asked, flags);
    call.write(params, &asked.0)?;
    match answer {
        Ok(answer) => Ok(answer as u64),
        Err(e) => errno(e),
    }
}

fn look_up(call: &Call<'_>, params: &mut Params, flags: u32) -> Result<Answer, Errno> {
    let is_xdp = call.prog.prog_type == ProgType::Xdp;
    // What is not yet a whole packet has no length but the one that is given.
    let by_length = is_xdp || params.get::<2>(Params::TOT_LEN) != [0; 2];
    let answer = match params.0[Params::FAMILY] {
        AF_INET => forward(call, params, flags, by_length)?,
        AF_INET6 if is_link_local(params.addr(Params::DST)) || is_link_local(params.addr(Params::SRC)) => {
            Answer::NotForwarded
        }
        AF_INET6 => forward(call, params, flags, by_length)?,
        _ => return Err(Errno::Eafnosupport),
    };
    if answer != Answer::Success || by_length {
        return Ok(answer);
    }
    let mtu = call.env.mtu_of(&call.skb.device, params.u32(Params::IFINDEX)).unwrap_or(0);
    params.put_mtu(mtu);
    let fits = call.skb.packet.len() <= mtu as usize + ETH_HLEN + VLAN_HLEN || call.skb.offloads.gso_size != 0;
    Ok(if fits { answer } else { Answer::FragmentationNeeded })
}

/// Link-local and multicast addresses mean something on one link alone.
fn is_link_local(addr: IpAddr) -> bool {
    matches!(addr, IpAddr::V6(addr) if addr.is_unicast_link_local() || addr.is_multicast())
}

fn forward(call: &Call<'_>, params: &mut Params, flags: u32, by_length: bool) -> Result<Answer, Errno> {
    let (network, here) = (&call.env.network, &call.skb.device);
    let ifindex = params.u32(Params::IFINDEX);
    call.env.mtu_of(here, ifindex).ok_or(Errno::Enodev)?;
    let Some(dev) = call.env.interface(here, ifindex).filter(|dev| dev.forwarding) else {
        return Ok(Answer::ForwardingDisabled);
    };
    let table = if flags & flag::DIRECT == 0 {
        None
    } else if flags & flag::TBID == 0 {
        Some(MAIN)
    } else {
        let table = params.u32(Params::VLAN);
        params.put(Params::VLAN, &[0; 4]);
        Some(table)
    };
    let dst = params.addr(Params::DST);
    let oif = if flags & flag::OUTPUT != 0 { ifindex } else { 0 };
    if table.is_some_and(|table| !network.has_table(&dev.netns, table)) {
        return Ok(Answer::NotForwarded);
    }
    let Some(found) = network.route(Asked { netns: &dev.netns, dst, oif, table }) else {
        return Ok(Answer::NotForwarded);
    };
    match found.kind {
        RouteKind::Unicast => {}
        RouteKind::Local => return Ok(Answer::NotForwarded),
        RouteKind::Blackhole => return Ok(Answer::Blackhole),
        RouteKind::Unreachable => return Ok(Answer::Unreachable),
        RouteKind::Prohibit => return Ok(Answer::Prohibit),
    }
    let Some(out) = found.dev else { return Ok(Answer::NotForwarded) };
    if by_length && u32::from(u16::from_le_bytes(params.get(Params::TOT_LEN))) > out.mtu {
        params.put_mtu(out.mtu);
        return Ok(Answer::FragmentationNeeded);
    }
    Ok(answer(call, params, flags, by_length, &found, out))
}

/// Writes the answer for a packet that is forwarded.
fn answer(
    call: &Call<'_>,
    params: &mut Params,
    flags: u32,
    by_length: bool,
    found: &Found<'_>,
    out: &Interface,
) -> Answer {
    params.put(Params::METRIC, &found.metric.to_le_bytes());
    params.put(Params::IFINDEX, &out.ifindex.to_le_bytes());
    let source = |params: &mut Params| match found.src {
        Some(src) => {
            params.put_addr(Params::SRC, src);
            true
        }
        None => false,
    };
    let is_ipv4 = params.0[Params::FAMILY] == AF_INET;
    // The next hop is written before the source is looked for in IPv6, and after in IPv4.
    if is_ipv4 && flags & flag::SRC != 0 && !source(params) {
        params.put(Params::SRC, &[0; 4]);
    }
    if let Some(via) = found.via {
        params.put_addr(Params::DST, via);
    }
    if !is_ipv4 && flags & flag::SRC != 0 && !source(params) {
        return Answer::NoSource;
    }
    if flags & flag::SKIP_NEIGH == 0 {
        let Some(MacAddr(mac)) = call.env.network.neighbour(out, params.addr(Params::DST)) else {
            return Answer::NoNeighbour;
        };
        params.put(Params::DMAC, &mac);
        params.put(Params::SMAC, &out.mac.0);
    }
    params.put(Params::VLAN, &[0; 4]);
    if by_length {
        params.put_mtu(out.mtu);
    }
    Answer::Success
}
