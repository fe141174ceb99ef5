//! The classic filter that a program was made of, beside the program.

use serde::{Deserialize, Serialize};

/// The language that a program is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Assembly text.
    Assembly,
    /// None that is known: it is an object, and its text the disassembly.
    Object,
    /// A listing of a classic filter.
    Classic,
    /// A filter expression.
    Filter,
}

impl Language {
    /// Those that a program may be written in, with their names.
    pub const WRITTEN: [(Language, &'static str, &'static str); 3] = [
        (Language::Assembly, "Assembly", "eBPF as LLVM and the kernel write it, with maps and sections"),
        (Language::Filter, "Filter expression", "As for tcpdump: tcp port 80 and not host 10.0.0.1"),
        (Language::Classic, "cBPF listing", "A classic filter, as tcpdump -d, -dd or -ddd print it"),
    ];

    /// What to do with it: paragraphs with `code` in backquotes.
    pub fn note(self) -> &'static str {
        match self {
            Language::Filter => {
                "Write what you would tell tcpdump: `icmp or arp`, `tcp port 80 and host 10.0.0.1`, \
                 `tcp[tcpflags] & tcp-syn != 0`. It is compiled to a classic filter, and that to eBPF, which is what runs: \
                 step through a packet to see why it is kept or dropped.\n\nChoose **Assembly** above to go on from there."
            }
            Language::Classic => {
                "A classic filter as `tcpdump -d`, `-dd` or `-ddd` print it, or as `bpf_asm` reads it. Beside each of its \
                 instructions stands the eBPF that the kernel would make of it."
            }
            Language::Assembly | Language::Object => "",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Language::WRITTEN.iter().find(|(language, ..)| *language == self).map_or("Disassembly", |(_, name, _)| name)
    }
}

/// The classic filter that a program was made of.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OriginView {
    /// What the user wrote: an expression or a listing.
    pub source: String,
    /// Its instructions in order, each beside what it became.
    pub pairs: Vec<PairView>,
}

/// A classic instruction and the instructions that it became.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PairView {
    /// The classic instruction, as `tcpdump -d` writes it.
    pub classic: String,
    /// Lines of the program's text, each with its number; none where no way leads.
    pub lines: Vec<(u32, String)>,
}
