//! Kernel versions: which kernel's rules, limits and helpers apply.

use std::{fmt, str::FromStr};

/// A Linux version, `major.minor`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KernelVersion {
    /// The 6 of 6.18.
    pub major: u8,
    /// The 18 of 6.18.
    pub minor: u8,
}

impl KernelVersion {
    /// The newest kernel whose rules are known here.
    pub const LATEST: KernelVersion = KernelVersion::new(6, 18);

    /// The oldest kernel whose rules are known here.
    pub const OLDEST: KernelVersion = KernelVersion::new(4, 4);

    /// The version `major.minor`.
    pub const fn new(major: u8, minor: u8) -> KernelVersion {
        KernelVersion { major, minor }
    }

    /// Whether its rules are known here: from [`KernelVersion::OLDEST`] to [`KernelVersion::LATEST`].
    pub const fn is_known(self) -> bool {
        KernelVersion::OLDEST.code() <= self.code() && self.code() <= KernelVersion::LATEST.code()
    }

    /// The number that `LINUX_VERSION_CODE` has: `major << 16 | minor << 8`.
    pub const fn code(self) -> u32 {
        (self.major as u32) << 16 | (self.minor as u32) << 8
    }
}

/// The kernels that programs are checked against when all are asked for: the first whose rules are known here, the
/// long-term ones since, and the newest.
pub const VERSIONS: [KernelVersion; 11] = [
    KernelVersion::OLDEST,
    KernelVersion::new(4, 9),
    KernelVersion::new(4, 14),
    KernelVersion::new(4, 19),
    KernelVersion::new(5, 4),
    KernelVersion::new(5, 10),
    KernelVersion::new(5, 15),
    KernelVersion::new(6, 1),
    KernelVersion::new(6, 6),
    KernelVersion::new(6, 12),
    KernelVersion::LATEST,
];

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is not a kernel version.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a kernel version: expected something like 6.18")]
pub struct VersionError(String);

impl FromStr for KernelVersion {
    type Err = VersionError;

    /// Reads `6.18`, and what `uname -r` prints (`6.18.3-1-amd64`).
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError(text.to_owned());
        let mut parts = text.split(['.', '-', '+']);
        let mut number = || parts.next().and_then(|p| p.parse().ok()).ok_or_else(wrong);
        Ok(KernelVersion::new(number()?, number()?))
    }
}

impl serde::Serialize for KernelVersion {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for KernelVersion {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order_and_known() {
        assert!(VERSIONS.is_sorted());
        assert!(VERSIONS.into_iter().all(KernelVersion::is_known));
        assert!(!KernelVersion::new(4, 3).is_known() && !KernelVersion::new(6, 19).is_known());
        assert!(KernelVersion::new(5, 13).is_known());
    }

    #[test]
    fn what_uname_prints_is_a_version() {
        for text in ["6.18", "6.18.3-1-amd64", "6.18-rc4", "6.18.0+"] {
            assert_eq!(text.parse(), Ok(KernelVersion::LATEST), "{text}");
        }
        for text in ["", "6", "linux", "6.x", "300.1"] {
            assert!(text.parse::<KernelVersion>().is_err(), "{text}");
        }
    }
}
