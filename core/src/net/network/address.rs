//! Addresses as scenarios write them: `02:00:00:00:00:01`, `10.0.0.0/8`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MacAddr(pub [u8; 6]);

/// A block of addresses: those that begin with the same bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Prefix {
    /// An address in it; which one tells where it is an interface's own.
    pub addr: IpAddr,
    /// Bits that all have in common: at most 32 for IPv4, 128 for IPv6.
    pub len: u8,
}

/// A text that is no address of the kind that is wanted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct AddressError {
    text: String,
    expected: &'static str,
}

impl FromStr for MacAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<MacAddr, AddressError> {
        let wrong =
            || AddressError { text: text.to_owned(), expected: "an Ethernet address, such as 02:00:00:00:00:01" };
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| wrong())?;
        }
        if parts.next().is_some() { Err(wrong()) } else { Ok(MacAddr(bytes)) }
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Prefix {
    /// Every address of the family of `like`.
    pub const fn everything(like: IpAddr) -> Prefix {
        let addr = match like {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        Prefix { addr, len: 0 }
    }

    /// A block of one.
    pub const fn of(addr: IpAddr) -> Prefix {
        Prefix { addr, len: if addr.is_ipv4() { 32 } else { 128 } }
    }

    /// The address that is the host's own, or the one that reaches all of an IPv4 network, if that is what is meant.
    pub(super) fn broadcast_for(&self, meant: IpAddr) -> IpAddr {
        match self.addr {
            IpAddr::V4(own) if self.len < 31 => {
                let all = own.to_bits() | u32::MAX.checked_shr(self.len.into()).unwrap_or(0);
                if meant == IpAddr::V4(all.into()) { meant } else { self.addr }
            }
            own => own,
        }
    }

    /// Whether an address is in it; those of the other family never are.
    pub fn contains(&self, addr: IpAddr) -> bool {
        let same = |own: u128, other: u128, bits: u32| {
            let outside = bits - u32::from(self.len).min(bits);
            (own ^ other).checked_shr(outside).unwrap_or(0) == 0
        };
        match (self.addr, addr) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Prefix {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Prefix, AddressError> {
        let wrong = || AddressError { text: text.to_owned(), expected: "an IP address or a block such as 10.0.0.0/8" };
        let (addr, len) = text.split_once('/').map_or((text, None), |(addr, len)| (addr, Some(len)));
        let all = Prefix::of(addr.parse().map_err(|_| wrong())?);
        let Some(len) = len else { return Ok(all) };
        let len = len.parse().ok().filter(|len| *len <= all.len).ok_or_else(wrong)?;
        Ok(Prefix { len, ..all })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.len)
    }
}

/// Has types that read and write themselves as text do so in JSON too.
macro_rules! as_text {
    ($($type:ty),*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        })*
    };
}

as_text!(MacAddr, Prefix);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_as_they_are_written() {
        for text in ["02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"] {
            assert_eq!(text.parse::<MacAddr>().unwrap().to_string(), text);
        }
        for text in ["10.0.0.0/8", "0.0.0.0/0", "fd00::1/64", "::/0", "10.0.0.1/32"] {
            assert_eq!(text.parse::<Prefix>().unwrap().to_string(), text);
        }
        assert_eq!("::1".parse::<Prefix>().unwrap().len, 128);
    }

    #[test]
    fn what_is_no_address_is_named() {
        for text in ["", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1", "02:00:00:00:00:0x"] {
            assert!(text.parse::<MacAddr>().unwrap_err().to_string().starts_with(&format!("`{text}` is not an Eth")));
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "1.2.3.4/x"] {
            assert!(text.parse::<Prefix>().unwrap_err().to_string().starts_with(&format!("`{text}` is not an IP")));
        }
    }

    #[test]
    fn a_block_contains_what_begins_like_it() {
        for (block, addr, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("10.0.0.1/32", "10.0.0.1", true),
            ("10.0.0.1/32", "10.0.0.0", false),
            ("10.0.0.5/31", "10.0.0.4", true),
            ("::/0", "fd00::1", true),
            ("::/0", "10.0.0.1", false),
            ("fd00::/64", "fd00::ffff", true),
            ("fd00::/64", "fd00:0:0:1::", false),
        ] {
            let block: Prefix = block.parse().unwrap();
            assert_eq!(block.contains(addr.parse().unwrap()), inside, "{block} and {addr}");
        }
    }
}
