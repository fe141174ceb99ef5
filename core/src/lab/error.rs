//! Errors of the lab: a scenario, a link or a capture that cannot be used, and why.

use super::hook_of;
use crate::{
    classic::{ConvertError, ListingError, filter::FilterError},
    isa::AsmError,
    kernel::{Errno, Hook, Program},
    net::{CaptureError, CaptureWriteError, NetworkError},
    object::ObjectError,
    vm::SetupError,
};

/// Why a scenario, a link or a capture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A scenario file that is not one, with its line and column.
    #[error("not a scenario: {0}")]
    Scenario(serde_json::Error),
    /// A scenario or link of a later version.
    #[error("this {what} is of version {found}; this bpfscope knows up to {known}: a newer one is needed")]
    LaterVersion {
        /// `scenario` or `link`.
        what: &'static str,
        /// Its version.
        found: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// A link that was cut or changed on its way.
    #[error("the link is damaged: {why}")]
    LinkDamaged {
        /// What is wrong with it.
        why: String,
    },
    /// A scenario too large for a link, or a link that unpacks to too much.
    #[error("the link holds more than {} MB", limit >> 20)]
    LinkTooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// Assembly text with errors, all of them.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Asm(Vec<AsmError>),
    /// A listing of a classic filter that is none, or that the kernel would refuse.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// A classic filter that no eBPF program can stand for.
    #[error("{error}")]
    Convert {
        /// The line of the listing.
        line: u32,
        /// Which instruction, and why.
        error: ConvertError,
    },
    /// A filter expression that cannot be compiled.
    #[error("{error}")]
    Filter {
        /// The expression.
        expression: String,
        /// Which word is wrong, and why.
        error: FilterError,
    },
    /// An object that cannot be loaded.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// Programs or maps that cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A capture that cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// What left cannot be written as a capture.
    #[error("{0}")]
    Write(CaptureWriteError),
    /// The source holds no program.
    #[error("there is no program in this source")]
    NoProgram,
    /// A program that the source does not have.
    #[error("there is no program `{name}`; there is {}", list(have))]
    UnknownProgram {
        /// The name asked for.
        name: String,
        /// The names there are.
        have: Vec<String>,
    },
    /// A program of a type that sees no packets.
    #[error("program `{program}` is a {prog_type} program, which sees no packets")]
    SeesNoPackets {
        /// The program.
        program: String,
        /// Its type, by the kernel's name.
        prog_type: &'static str,
    },
    /// A program that runs only when another jumps to it, or when packets are redirected to its map's entry.
    #[error("program `{program}` (section `{section}`) is for a map's entry, and nothing goes there: name a hook")]
    NoHook {
        /// The program.
        program: String,
        /// Its section.
        section: String,
    },
    /// A program at a hook where programs of its type do not run.
    #[error("program `{program}` is a {prog_type} program, which cannot run at {hook}")]
    WrongHook {
        /// The program.
        program: String,
        /// Its type, by the kernel's name.
        prog_type: &'static str,
        /// Where it was to run.
        hook: Hook,
    },
    /// A classifier where there are none.
    #[error("program `{program}` cannot be a classifier at {hook}: they are tc's")]
    NoClassifier {
        /// The program.
        program: String,
        /// Where it was to run.
        hook: Hook,
    },
    /// A network that cannot be.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// An interface that the scenario does not have.
    #[error("there is no interface `{name}`; there is {}", list(have))]
    UnknownInterface {
        /// The name asked for.
        name: String,
        /// The names there are.
        have: Vec<String>,
    },
    /// A map that the source does not have.
    #[error("there is no map `{name}`; there is {}", list(have))]
    UnknownMap {
        /// The name asked for.
        name: String,
        /// The names there are.
        have: Vec<String>,
    },
    /// An initial entry that the map refuses.
    #[error("map `{map}` refuses the entry with key {key}: {errno}")]
    MapEntry {
        /// The map's name.
        map: String,
        /// The key in hexadecimal.
        key: String,
        /// The map's answer.
        errno: Errno,
    },
    /// An initial entry with a program that it cannot have.
    #[error("map `{map}` cannot have the program `{program}` in an entry: {why}")]
    EntryProgram {
        /// The map's name.
        map: String,
        /// The program's name.
        program: String,
        /// Why not.
        why: &'static str,
    },
    /// An initial entry whose key or value does not have the map's size.
    #[error("map `{map}`: the {part} {bytes} has {} bytes, the map's have {size}", bytes.len() / 2)]
    EntrySize {
        /// The map's name.
        map: String,
        /// `key` or `value`.
        part: &'static str,
        /// The bytes in hexadecimal.
        bytes: String,
        /// Bytes that it should have.
        size: u32,
    },
    /// A packet that the capture does not have.
    #[error("there is no packet {}; the capture has {packets}", packet + 1)]
    NoPacket {
        /// The packet asked for, from 0.
        packet: u32,
        /// Packets there are.
        packets: u32,
    },
    /// A packet whose bytes cannot be read again.
    #[error("packet {} cannot be read: {error}", packet + 1)]
    Read {
        /// The packet, from 0.
        packet: u32,
        /// What the file gave.
        error: std::io::Error,
    },
    /// No program ran on the packet.
    #[error("no program ran on packet {}", packet + 1)]
    NoRun {
        /// The packet, from 0.
        packet: u32,
    },
}

impl LabError {
    /// Why a program runs nowhere when nobody says where.
    pub fn no_hook(program: &Program) -> LabError {
        let Program { name, section, prog_type, .. } = program;
        match hook_of(program) {
            Some(_) => LabError::NoHook { program: name.clone(), section: section.clone() },
            None => LabError::SeesNoPackets { program: name.clone(), prog_type: prog_type.name() },
        }
    }
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        some => some.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
    }
}
