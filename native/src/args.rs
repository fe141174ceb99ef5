//! The command line.

use std::path::PathBuf;

use bpfscope_core::kernel::{Hook, KernelVersion};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Replay captures through eBPF programs, offline and step by step.
///
/// PROGRAM is an ELF object, assembly text, a scenario file or a link;
/// which one is seen from its content. CAPTURE is a pcap or pcapng file,
/// or the name of one that comes with bpfscope. `-` is standard input.
///
/// Exit status: 0 done, 2 bad input or usage.
#[derive(Parser, Debug)]
#[command(name = "bpfscope", version, verbatim_doc_comment)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Take a capture through a program; print verdicts and maps
    #[command(
        after_help = "Examples:\n  bpfscope replay count.o http.pcap\n  bpfscope replay lessons/drop-dns.s dns.pcap \
                            --packets --format json\n  bpfscope replay prog.o in.pcap --hook xdp --write out.pcap"
    )]
    Replay(ReplayArgs),
    /// Print what a program does with one packet, instruction by instruction
    #[command(after_help = "Example:\n  bpfscope step count.o http.pcap --packet 4")]
    Step(StepArgs),
    /// Assemble a program to an ELF object
    #[command(after_help = "Example:\n  bpfscope asm count.s -o count.o")]
    Asm(AsmArgs),
    /// Print an object as assembly text
    #[command(after_help = "Example:\n  bpfscope disasm count.o > count.s")]
    Disasm(DisasmArgs),
    /// Make a link that opens program, capture and place in the playground; or show what a link holds
    #[command(
        after_help = "Examples:\n  bpfscope link count.s mix.pcap --packet 3\n  bpfscope link '#1.eNq…' > scenario.json"
    )]
    Link(LinkArgs),
}

/// How a program is attached.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// An object, assembly text, a scenario file or a link; `-` for standard input
    pub program: String,
    /// A pcap or pcapng file, or the name of one that comes with bpfscope; a scenario has its own
    pub capture: Option<String>,
    /// Only the program of this name
    #[arg(long = "program", value_name = "NAME")]
    pub name: Option<String>,
    /// Where it runs; without it, where its section says
    #[arg(long)]
    pub hook: Option<HookArg>,
    /// Whose rules apply, such as 6.18
    #[arg(long, value_name = "VERSION")]
    pub kernel: Option<KernelVersion>,
    /// Types of the kernel for CO-RE; without it this machine's, or the object's own
    #[arg(long, value_name = "FILE")]
    pub btf: Option<PathBuf>,
    /// What maps hold at the start: JSON, {"NAME":[{"key":HEX,"value":HEX}]}
    #[arg(long, value_name = "FILE")]
    pub maps: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ReplayArgs {
    #[command(flatten)]
    pub attach: AttachArgs,
    /// What executes the program
    #[arg(long, value_enum, default_value_t = Engine::Interp)]
    pub engine: Engine,
    /// Print a line for each packet and program, too
    #[arg(long)]
    pub packets: bool,
    /// Write the packets that were not dropped, as they left
    #[arg(long, value_name = "OUT.pcap")]
    pub write: Option<PathBuf>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct StepArgs {
    #[command(flatten)]
    pub attach: AttachArgs,
    /// Which packet, counted from 1
    #[arg(long, value_name = "N")]
    pub packet: Option<u32>,
    /// Which of the packet's runs, counted from 1, when several programs see it
    #[arg(long, value_name = "N")]
    pub run: Option<u32>,
}

#[derive(Args, Debug)]
pub struct AsmArgs {
    /// Assembly text, or a scenario or link that holds some; `-` for standard input
    pub source: String,
    /// The object to write; `-` for standard output
    #[arg(short, value_name = "OUT.o")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct DisasmArgs {
    /// An ELF object, or a scenario or link that holds one; `-` for standard input
    pub object: String,
    /// Where to write the text; without it, standard output
    #[arg(short, value_name = "OUT.s")]
    pub output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct LinkArgs {
    /// A program as for replay, or a link to be opened
    pub program: String,
    /// A capture as for replay; small ones are put into the link
    pub capture: Option<String>,
    /// Address of the playground that the link is for; without it only the part after it is printed
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
    /// Title of the scenario
    #[arg(long)]
    pub title: Option<String>,
    /// The packet to open it at, counted from 1
    #[arg(long, value_name = "N")]
    pub packet: Option<u32>,
    /// The step to open it at, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, requires = "packet")]
    pub step: u32,
}

/// A hook by its name on the command line.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum HookArg {
    /// A raw socket's filter
    Socket,
    /// Traffic control, packets coming in
    TcIngress,
    /// Traffic control, packets going out
    TcEgress,
    /// The driver's receive path
    Xdp,
}

impl From<HookArg> for Hook {
    fn from(arg: HookArg) -> Hook {
        match arg {
            HookArg::Socket => Hook::Socket,
            HookArg::TcIngress => Hook::TcIngress,
            HookArg::TcEgress => Hook::TcEgress,
            HookArg::Xdp => Hook::Xdp,
        }
    }
}

/// What executes programs.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The simulator's interpreter
    Interp,
}

/// How results are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
