//! Tunnel metadata of packets. None comes with any here; what a program sets it can read back, ends exchanged, since
//! what is read is meant as the packet came in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::call::Call;
use super::packet::clear;
use super::{Ret, errno};
use crate::kernel::Errno;
use crate::net::tunnel::{MAX_OPTIONS, TunnelKey, tunnel_flags};

/// Bytes of `struct bpf_tunnel_key`.
const SIZE: usize = 44;
/// Bytes that it had in older kernels, and with an IPv4 address alone.
const OLDER_SIZES: [usize; 3] = [28, 24, 22];
const IPV4_SIZE: usize = 8;

/// Where its fields are.
mod at {
    pub const ID: usize = 0;
    pub const REMOTE: usize = 4;
    pub const TOS: usize = 20;
    pub const TTL: usize = 21;
    /// Nothing when set; the flags when asked for.
    pub const EXT: usize = 22;
    pub const LABEL: usize = 24;
    pub const LOCAL: usize = 28;
}

/// Flags.
mod flag {
    /// The ends are IPv6 addresses.
    pub const IPV6: u64 = 1;
    pub const ZERO_CSUM_TX: u64 = 2;
    pub const DONT_FRAGMENT: u64 = 4;
    pub const SEQ_NUMBER: u64 = 8;
    pub const NO_TUNNEL_KEY: u64 = 16;
    /// Read the flags too.
    pub const FLAGS: u64 = 16;
}

pub(super) fn set_key(call: &mut Call<'_>, [ctx, from, size, flags, _]: [u64; 5]) -> Ret {
    const ALLOWED: u64 = flag::IPV6 | flag::ZERO_CSUM_TX | flag::DONT_FRAGMENT | flag::SEQ_NUMBER | flag::NO_TUNNEL_KEY;
    call.ctx(ctx, 1)?;
    let size = size as u32 as usize;
    if flags & !ALLOWED != 0 || !(size == SIZE || size == IPV4_SIZE || OLDER_SIZES.contains(&size)) {
        return errno(Errno::Einval);
    }
    let mut key = [0; SIZE];
    key[..size].copy_from_slice(call.read(from, size as u32)?);
    let word = |at: usize| u32::from_le_bytes([key[at], key[at + 1], key[at + 2], key[at + 3]]);
    let is_ipv6 = flags & flag::IPV6 != 0;
    if (!is_ipv6 && word(at::LABEL) != 0) || key[at::EXT..at::LABEL] != [0; 2] {
        return errno(Errno::Einval);
    }
    let end = |at: usize| match is_ipv6 {
        true => key[at..at + 16].first_chunk::<16>().map_or(Ipv6Addr::UNSPECIFIED, |b| Ipv6Addr::from(*b)).into(),
        false => IpAddr::from(Ipv4Addr::from(word(at))),
    };
    let when = |set: bool, flag: u16| if set { flag } else { 0 };
    call.skb.tunnel = Some(Box::new(TunnelKey {
        id: word(at::ID),
        local: end(at::LOCAL),
        remote: end(at::REMOTE),
        tos: key[at::TOS],
        ttl: key[at::TTL],
        label: if is_ipv6 { word(at::LABEL) & 0xf_ffff } else { 0 },
        flags: tunnel_flags::NOCACHE
            | when(flags & flag::DONT_FRAGMENT != 0, tunnel_flags::DONT_FRAGMENT)
            | when(flags & flag::ZERO_CSUM_TX == 0, tunnel_flags::CSUM)
            | when(flags & flag::SEQ_NUMBER != 0, tunnel_flags::SEQ)
            | when(flags & flag::NO_TUNNEL_KEY == 0, tunnel_flags::KEY),
        options: Vec::new(),
    }));
    Ok(0)
}

pub(super) fn get_key(call: &mut Call<'_>, [ctx, to, size, flags, _]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let size = size as u32;
    match read_key(call.skb.tunnel.as_deref(), size as usize, flags) {
        Ok(key) => {
            call.write(to, &key[..size as usize])?;
            Ok(0)
        }
        Err(e) => {
            clear(call, to, size)?;
            errno(e)
        }
    }
}

fn read_key(tunnel: Option<&TunnelKey>, size: usize, flags: u64) -> Result<[u8; SIZE], Errno> {
    let tunnel = tunnel.filter(|_| flags & !(flag::IPV6 | flag::FLAGS) == 0).ok_or(Errno::Einval)?;
    let is_ipv6 = tunnel.remote.is_ipv6();
    if is_ipv6 != (flags & flag::IPV6 != 0) {
        return Err(Errno::Eproto);
    }
    let known = size == SIZE || OLDER_SIZES.contains(&size) || (size == IPV4_SIZE && !is_ipv6);
    if !known {
        return Err(Errno::Einval);
    }
    let mut key = [0; SIZE];
    let mut put = |at: usize, bytes: &[u8]| key[at..at + bytes.len()].copy_from_slice(bytes);
    put(at::ID, &tunnel.id.to_le_bytes());
    put(at::TOS, &[tunnel.tos]);
    put(at::TTL, &[tunnel.ttl]);
    if flags & flag::FLAGS != 0 {
        put(at::EXT, &tunnel.flags.to_be_bytes());
    }
    put(at::LABEL, &tunnel.label.to_le_bytes());
    for (at, end) in [(at::REMOTE, tunnel.local), (at::LOCAL, tunnel.remote)] {
        match end {
            IpAddr::V4(end) => put(at, &end.to_bits().to_le_bytes()),
            IpAddr::V6(end) => put(at, &end.octets()),
        }
    }
    Ok(key)
}

pub(super) fn set_opt(call: &mut Call<'_>, [ctx, from, size, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let size = size as u32;
    if call.skb.tunnel.is_none() || !size.is_multiple_of(4) {
        return errno(Errno::Einval);
    }
    if size as usize > MAX_OPTIONS {
        return errno(Errno::Enomem);
    }
    let options = call.read(from, size)?.to_vec();
    if let Some(tunnel) = &mut call.skb.tunnel {
        tunnel.options = options;
        tunnel.flags |= tunnel_flags::OPTIONS;
    }
    Ok(0)
}

pub(super) fn get_opt(call: &mut Call<'_>, [ctx, to, size, ..]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let size = size as u32;
    let found = call.skb.tunnel.as_ref().filter(|tunnel| tunnel.flags & tunnel_flags::OPTIONS != 0);
    let options = match found.map(|tunnel| tunnel.options.clone()) {
        Some(options) if options.len() <= size as usize => options,
        other => {
            clear(call, to, size)?;
            return errno(if other.is_some() { Errno::Enomem } else { Errno::Enoent });
        }
    };
    call.write(to, &options)?;
    clear(call, to + options.len() as u64, size - options.len() as u32)?;
    Ok(options.len() as u64)
}
