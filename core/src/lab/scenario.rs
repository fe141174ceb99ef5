//! `Scenario`: everything that a link or a scenario file holds.
//!
//! On disk and in links it is JSON with `"bpfscope": 1` as its version. A field that is missing has its
//! default; one that is unknown is ignored, so that a later writer of the same version may add to it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{LabError, view::Language};
use crate::classic::filter::Link;
use crate::kernel::{Hook, KernelVersion};
use crate::net::Network;

/// The version of the scenario format that is written.
pub const VERSION: u32 = 1;

/// A program with a capture, what runs where, and the place that is looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// Version of the format, [`VERSION`] when written.
    #[serde(rename = "bpfscope")]
    pub version: u32,
    /// A line for people.
    #[serde(default)]
    pub title: String,
    /// What to look for: paragraphs parted by blank lines, with `code` in backquotes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The program.
    pub source: Source,
    /// The packets.
    #[serde(default)]
    pub capture: CaptureRef,
    /// What runs where; when empty every program runs at the hook its section names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What maps hold at the start, beyond what the object says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<MapContents>,
    /// Interfaces, routes, neighbours and sockets around the programs.
    #[serde(default, skip_serializing_if = "Network::is_default")]
    pub network: Network,
    /// Whose rules apply.
    #[serde(default = "latest")]
    pub kernel: KernelVersion,
    /// Seed of `bpf_get_prandom_u32`.
    #[serde(default)]
    pub seed: u64,
    /// Number of CPUs, for per-CPU maps.
    #[serde(default = "default_cpus")]
    pub cpus: u32,
    /// The place that is looked at.
    #[serde(default)]
    pub cursor: Cursor,
}

fn latest() -> KernelVersion {
    KernelVersion::LATEST
}

fn default_cpus() -> u32 {
    4
}

/// Where the program comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Assembly text, see [`crate::isa::assemble`].
    Asm(String),
    /// An ELF object.
    Elf(#[serde(with = "base64_bytes")] Vec<u8>),
    /// A listing of a classic filter, see [`crate::classic::Listing`].
    Classic(String),
    /// A filter expression, see [`crate::classic::filter`].
    Filter {
        /// The expression.
        expression: String,
        /// What the packets are that it is asked about.
        #[serde(default)]
        link: Link,
    },
}

impl Source {
    /// The language that it is written in.
    pub fn language(&self) -> Language {
        match self {
            Source::Asm(_) => Language::Assembly,
            Source::Elf(_) => Language::Object,
            Source::Classic(_) => Language::Classic,
            Source::Filter { .. } => Language::Filter,
        }
    }
}

/// Which packets are replayed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureRef {
    /// No packets.
    #[default]
    None,
    /// One of the captures that come with bpfscope, by file name.
    Bundled(String),
    /// The capture's bytes themselves, small ones.
    Inline {
        /// File name, for people.
        name: String,
        /// The file's bytes.
        #[serde(with = "base64_bytes")]
        bytes: Vec<u8>,
    },
    /// A file that the scenario does not hold; whoever opens it has to bring it.
    File(String),
}

impl CaptureRef {
    /// The capture's file name, if there is a capture.
    pub fn name(&self) -> Option<&str> {
        match self {
            CaptureRef::None => None,
            CaptureRef::Bundled(name) | CaptureRef::File(name) | CaptureRef::Inline { name, .. } => Some(name),
        }
    }
}

/// A program at a hook.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// The program's name.
    pub program: String,
    /// Where it runs.
    pub hook: Hook,
    /// The interface that it is attached to, by name; the first when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<String>,
    /// Whether it is a tc classifier that returns a class, and not in direct-action mode.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub classifier: bool,
}

impl Attachment {
    /// A program at a hook of the first interface, a tc program in direct-action mode.
    pub fn new(program: &str, hook: Hook) -> Attachment {
        Attachment { program: program.to_owned(), hook, dev: None, classifier: false }
    }
}

/// What a map holds at the start.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MapContents {
    /// The map's name.
    pub name: String,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Key bytes, hexadecimal in JSON.
    #[serde(with = "hex_bytes")]
    pub key: Vec<u8>,
    /// Value bytes, hexadecimal in JSON; for per-CPU maps one value for all, or all CPUs' one after the other.
    #[serde(with = "hex_bytes")]
    pub value: Vec<u8>,
    /// The program that a map's device or CPU has for packets that are redirected there: its name. The value then has four
    /// bytes for it, which are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

/// The place that is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Packet, from 0.
    pub packet: u32,
    /// Which of the packet's runs, from 0.
    pub run: u32,
    /// Step, from 0.
    pub step: u32,
}

impl Scenario {
    /// A scenario of a source alone: no packets, every program at its own hook, the newest kernel.
    pub fn new(source: Source) -> Scenario {
        Scenario {
            version: VERSION,
            title: String::new(),
            note: String::new(),
            source,
            capture: CaptureRef::None,
            attachments: Vec::new(),
            maps: Vec::new(),
            network: Network::default(),
            kernel: latest(),
            seed: 0,
            cpus: default_cpus(),
            cursor: Cursor::default(),
        }
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`LabError::LaterVersion`] when a later bpfscope wrote it, [`LabError::Scenario`] with the place when it
    /// is not one.
    pub fn from_json(text: &str) -> Result<Scenario, LabError> {
        #[derive(Deserialize)]
        struct Versioned {
            bpfscope: u32,
        }
        let versioned: Versioned = serde_json::from_str(text).map_err(LabError::Scenario)?;
        if versioned.bpfscope > VERSION {
            return Err(LabError::LaterVersion { what: "scenario", found: versioned.bpfscope, known: VERSION });
        }
        serde_json::from_str(text).map_err(LabError::Scenario)
    }

    /// Writes a scenario file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a scenario has only string keys and finite numbers")
    }
}

mod base64_bytes {
    use super::*;

    pub fn serialize<S: serde::Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

mod hex_bytes {
    use super::*;
    use crate::lab::hex;

    pub fn serialize<S: serde::Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(bytes))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        hex::decode(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not hexadecimal bytes")))
    }
}
