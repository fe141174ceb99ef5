//! SYN cookies without a socket: a connection's numbers and its maximum segment size, in the sequence number of the answer.
//!
//! A kernel's cookies follow from secrets that it draws when it starts; here they follow from the connection alone, so that
//! they are the same in every run. Which segment sizes a cookie can hold, and how long it is good, is as in a kernel.

use super::super::call::Call;
use super::{Ret, errno};
use crate::kernel::Errno;

/// Segment sizes that a cookie can hold.
const IPV4_SIZES: [u16; 4] = [536, 1300, 1440, 1460];
const IPV6_SIZES: [u16; 4] = [1220, 1420, 1440, 8940];
/// The segment size of a SYN that names none.
const IPV4_DEFAULT: u16 = 536;
const IPV6_DEFAULT: u16 = 1220;
/// Bytes of headers without options.
const TCP_HLEN: usize = 20;
const IPV4_HLEN: u32 = 20;
const IPV6_HLEN: u32 = 40;
/// The clock of cookies ticks once a minute, and a cookie is good for two ticks.
const TICK_NS: u64 = 60_000_000_000;
const GOOD_FOR: u32 = 2;
/// Bits of a cookie below the clock's.
const COOKIE_BITS: u32 = 24;
const COOKIE_MASK: u32 = (1 << COOKIE_BITS) - 1;

pub(super) fn gen_ipv4(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    generate(call, args, IPV4_HLEN, IPV4_SIZES, IPV4_DEFAULT)
}

pub(super) fn gen_ipv6(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    generate(call, args, IPV6_HLEN, IPV6_SIZES, IPV6_DEFAULT)
}

pub(super) fn check_ipv4(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    check(call, args, IPV4_HLEN, IPV4_SIZES)
}

pub(super) fn check_ipv6(call: &mut Call<'_>, args: [u64; 5]) -> Ret {
    check(call, args, IPV6_HLEN, IPV6_SIZES)
}

/// What a cookie is made of: the connection and the sequence number of its first packet.
struct Connection {
    hash: u32,
    seq: u32,
    ack: u32,
}

fn connection(ip: &[u8], tcp: &[u8]) -> Connection {
    let addresses = if ip.len() == IPV4_HLEN as usize { &ip[12..20] } else { &ip[8..40] };
    let bytes = addresses.iter().chain(&tcp[..4]);
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let word = |at: usize| u32::from_be_bytes([tcp[at], tcp[at + 1], tcp[at + 2], tcp[at + 3]]);
    Connection { hash, seq: word(4), ack: word(8) }
}

impl Connection {
    /// A second hash, of the connection at a tick.
    fn at(&self, tick: u32) -> u32 {
        (self.hash ^ tick).wrapping_mul(0x9e37_79b1).rotate_left(15) ^ self.hash
    }

    fn cookie(&self, tick: u32, data: u32) -> u32 {
        let low = self.at(tick).wrapping_add(data) & COOKIE_MASK;
        self.hash.wrapping_add(self.seq).wrapping_add(tick << COOKIE_BITS).wrapping_add(low)
    }

    /// What a cookie that came back holds, if it is good at a tick.
    fn data(&self, cookie: u32, seq: u32, now: u32) -> Option<u32> {
        let rest = cookie.wrapping_sub(self.hash.wrapping_add(seq));
        let age = now.wrapping_sub(rest >> COOKIE_BITS) & (u32::MAX >> COOKIE_BITS);
        (age < GOOD_FOR).then(|| rest.wrapping_sub(self.at(now.wrapping_sub(age))) & COOKIE_MASK)
    }
}

fn tick(call: &Call<'_>) -> u32 {
    (call.env.time_ns() / TICK_NS) as u32
}

fn generate(call: &mut Call<'_>, args: [u64; 5], ip_len: u32, sizes: [u16; 4], default: u16) -> Ret {
    let [iph, th, th_len, ..] = args;
    let th_len = th_len as u32;
    if (th_len as usize) < TCP_HLEN {
        return errno(Errno::Einval);
    }
    let (ip, tcp) = (call.copy(iph, ip_len)?, call.copy(th, th_len)?);
    if u32::from(tcp[12] >> 4) * 4 != th_len {
        return errno(Errno::Einval);
    }
    let size = segment_size(&tcp[TCP_HLEN..]).unwrap_or(default);
    let index = sizes.iter().rposition(|known| *known <= size).unwrap_or(0);
    let cookie = connection(&ip, &tcp).cookie(tick(call), index as u32);
    Ok(u64::from(cookie) | u64::from(sizes[index]) << 32)
}

fn check(call: &mut Call<'_>, args: [u64; 5], ip_len: u32, sizes: [u16; 4]) -> Ret {
    let [iph, th, ..] = args;
    let (ip, tcp) = (call.copy(iph, ip_len)?, call.copy(th, TCP_HLEN as u32)?);
    let connection = connection(&ip, &tcp);
    let (cookie, seq) = (connection.ack.wrapping_sub(1), connection.seq.wrapping_sub(1));
    match connection.data(cookie, seq, tick(call)) {
        Some(index) if (index as usize) < sizes.len() => Ok(0),
        _ => errno(Errno::Eacces),
    }
}

/// The maximum segment size among a SYN's options; 0 counts as none.
fn segment_size(mut options: &[u8]) -> Option<u16> {
    const END: u8 = 0;
    const NOP: u8 = 1;
    const MSS: u8 = 2;
    const MSS_LEN: usize = 4;
    loop {
        options = match *options {
            [] | [END, ..] => return None,
            [NOP, ..] => &options[1..],
            [kind, len, ..] if (2..=options.len()).contains(&usize::from(len)) => {
                let (option, rest) = options.split_at(len.into());
                if kind == MSS && option.len() == MSS_LEN {
                    let size = u16::from_be_bytes([option[2], option[3]]);
                    return (size != 0).then_some(size);
                }
                rest
            }
            _ => return None,
        };
    }
}
