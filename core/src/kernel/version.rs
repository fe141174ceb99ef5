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

    /// The version `major.minor`.
    pub const fn new(major: u8, minor: u8) -> KernelVersion {
        KernelVersion { major, minor }
    }

    /// The number that `LINUX_VERSION_CODE` has: `major << 16 | minor << 8`.
    pub const fn code(self) -> u32 {
        (self.major as u32) << 16 | (self.minor as u32) << 8
    }
}

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
