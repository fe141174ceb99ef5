//! The command line.

use std::{path::PathBuf, str::FromStr, time::Duration};

use bpfscope_core::kernel::{Hook, KernelVersion, ProgType, VERSIONS};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Check eBPF programs as the kernel would, and replay captures through them, step by step.
///
/// PROGRAM is an ELF object, assembly text, a cBPF listing, a scenario
/// file or a link; which one is seen from its content. What names no file
/// is a tcpdump filter expression, such as 'tcp port 80'. CAPTURE is a pcap or pcapng file,
/// or the name of one that comes with bpfscope. `-` is standard input.
///
/// Exit status: 0 accepted or done, 1 rejected, 2 bad input or usage.
#[derive(Parser, Debug)]
#[command(name = "bpfscope", version, verbatim_doc_comment)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Tell whether kernels would load programs; if not, why and at which line
    #[command(after_help = "Examples:\n  bpfscope check prog.o\n  bpfscope check *.o --kernel all\n  \
                            bpfscope check prog.o --kernel running --log 2\n  bpfscope check *.o --format sarif > verifier.sarif")]
    Check(CheckArgs),
    /// Take a capture through a program; print verdicts and maps
    #[command(
        after_help = "Examples:\n  bpfscope replay count.o http.pcap\n  bpfscope replay lessons/drop-dns.s dns.pcap \
                            --packets --format json\n  bpfscope replay prog.o in.pcap --hook xdp --write out.pcap\n  \
                            bpfscope replay 'tcp port 80 and tcp[tcpflags] & tcp-syn != 0' http.pcap"
    )]
    Replay(ReplayArgs),
    /// Take a capture through a program here and in the running kernel; print the first difference
    #[command(
        after_help = "Examples:\n  bpfscope compare count.o http.pcap\n  bpfscope compare lessons/ttl.s mix.pcap --all \
                            --format json\n\nExit status: 0 equal, 1 different or rejected by the kernel, 2 bad input or \
                            usage. Linux, as root."
    )]
    Compare(CompareArgs),
    /// Step through what a program does with a packet, forwards and backwards; or print it
    ///
    /// On a terminal a full-screen view: program, packets, registers, stack, maps and the packet's bytes. `?` lists its
    /// keys, `q` leaves it. Where output goes elsewhere, or with --print, a line for each instruction.
    #[command(after_help = "Examples:\n  bpfscope step count.o http.pcap --packet 4\n  \
                            bpfscope step lessons/drop-dns.s dns.pcap --packet 3 --print")]
    Step(StepArgs),
    /// Run a program on a network device of this machine; see packets, verdicts, maps and events as they come
    ///
    /// The very instructions that `check` and `replay` take run in the kernel, as root (CAP_BPF, CAP_NET_ADMIN,
    /// CAP_NET_RAW). At tc hooks by a tcx link where the kernel has it (6.6), else by a filter at clsact; XDP in native
    /// mode where the driver takes it, else in generic mode (both 5.9); a socket filter on a packet socket.
    ///
    /// Ctrl-C, SIGTERM, SIGHUP, the end of --duration and a lost terminal detach it, and leave the device as it was. A
    /// killed process (SIGKILL) leaves nothing either, save for a filter at clsact: `bpfscope detach --dev IFACE` takes
    /// away what is named `bpfscope:…` there and whose process is gone. What others attached is never touched.
    ///
    /// Packets and nanoseconds per run are the kernel's own counts. Verdicts it does not count: at tc-ingress and socket
    /// a tap samples packets before the program has them, and the simulator tells the verdict of each. Packets that XDP
    /// or tc-egress drop are never seen by a tap; there it counts what went on.
    #[command(after_help = "Examples:\n  bpfscope attach lessons/count-tc.s --dev eth0 --hook tc-ingress --watch\n  \
                            bpfscope attach prog.o --dev eth0 --hook xdp --duration 10s --json\n  \
                            bpfscope attach prog.o --dev eth0 --record seen.pcapng\n  \
                            bpfscope attach prog.o --dev eth0 --pin && bpfscope detach\n\nExit status: 0 done, 1 rejected by \
                            the kernel, 2 bad input or usage.")]
    Attach(LiveArgs),
    /// Take away what `attach --pin` kept, and filters of a killed `attach`
    ///
    /// Without a NAME, all of it, or what --dev and --hook leave of it. Programs that a running `attach` holds, and those
    /// of others, stay.
    #[command(
        after_help = "Examples:\n  bpfscope detach\n  bpfscope detach --dev eth0 --hook xdp\n  bpfscope detach drop_dns\n\n\
                            Exit status: 0 done, 1 something could not be taken away, 2 there is no such thing."
    )]
    Detach(DetachArgs),
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
    /// Serve the playground on this machine, with its kernel as one more engine
    #[command(
        after_help = "Examples:\n  bpfscope serve\n  sudo bpfscope serve --kernel\n\nOnly this machine can reach it, and only who knows the address that is printed\n\
                      can ask the kernel. From the page programs are verified and test-run, never attached."
    )]
    Serve(ServeArgs),
    /// Tell what this machine can do with BPF, and what to do about what it cannot
    #[command(after_help = "Example:\n  sudo bpfscope doctor\n\nExit status: 0 nothing is lacking, 1 something is.")]
    Doctor(DoctorArgs),
    /// Print a script that completes this command's words in a shell
    #[command(
        after_help = "Examples:\n  bpfscope completions bash > /etc/bash_completion.d/bpfscope\n  bpfscope completions zsh > \
                            ~/.zfunc/_bpfscope"
    )]
    Completions(CompletionsArgs),
    /// Write the manual pages, one for each command
    #[command(after_help = "Example:\n  bpfscope man /usr/local/share/man/man1")]
    Man(ManArgs),
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Objects, assembly text, cBPF listings, scenario files, links or filter expressions; `-` for standard input
    #[arg(required = true, value_name = "PROGRAM")]
    pub programs: Vec<String>,
    /// Whose rules apply: a version such as 6.1, `all` of those known, or `running` to ask this machine's kernel
    #[arg(long, value_name = "VERSION|running|all")]
    pub kernel: Option<KernelArg>,
    /// Only the program of this name
    #[arg(long = "program", value_name = "NAME")]
    pub name: Option<String>,
    /// Load programs as this type, whatever their section says
    #[arg(long = "type", value_name = "TYPE", value_parser = prog_type)]
    pub prog_type: Option<ProgType>,
    /// Types of the kernel for CO-RE and kernel functions; without it this machine's
    #[arg(long, value_name = "FILE")]
    pub btf: Option<PathBuf>,
    /// Print the verifier's log: 1 the path that was rejected, 2 every step
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub log: u8,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// Whose verdict is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KernelArg {
    /// A version's.
    Version(KernelVersion),
    /// This machine's kernel itself.
    Running,
    /// Every known version's.
    All,
}

impl FromStr for KernelArg {
    type Err = String;

    fn from_str(text: &str) -> Result<KernelArg, String> {
        match text {
            "running" => return Ok(KernelArg::Running),
            "all" => return Ok(KernelArg::All),
            _ => {}
        }
        let version = text.parse().ok().filter(|v| VERSIONS.contains(v));
        version.map(KernelArg::Version).ok_or_else(|| {
            let known: Vec<String> = VERSIONS.iter().map(ToString::to_string).collect();
            format!("no kernel that is known here; there is {}, running and all", known.join(", "))
        })
    }
}

/// A program type by the kernel's name.
fn prog_type(text: &str) -> Result<ProgType, String> {
    ProgType::ALL.into_iter().find(|t| t.name() == text).ok_or_else(|| {
        let known: Vec<&str> = ProgType::ALL.iter().map(|t| t.name()).collect();
        format!("not known here; there is {}", known.join(", "))
    })
}

/// How verdicts are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for tools that show findings of static analysis
    Sarif,
    /// Annotations of GitHub's workflows
    Github,
}

/// How a program is attached.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// An object, assembly text, a cBPF listing, a scenario file, a link or a filter expression; `-` for standard input
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
    /// Write the packets that were not dropped, as they left; by interface when the name ends in .pcapng
    #[arg(long, value_name = "OUT.pcap")]
    pub write: Option<PathBuf>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct CompareArgs {
    #[command(flatten)]
    pub attach: AttachArgs,
    /// Go on after the first difference, and count the packets that differ
    #[arg(long)]
    pub all: bool,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// What runs on a device.
#[derive(Args, Debug)]
pub struct LiveArgs {
    /// An object, assembly text, a cBPF listing, a scenario file, a link or a filter expression; `-` for standard input
    pub program: String,
    /// The device
    #[arg(long, value_name = "IFACE")]
    pub dev: String,
    /// Only the program of this name
    #[arg(long = "program", value_name = "NAME")]
    pub name: Option<String>,
    /// Where it runs; without it, where its section says
    #[arg(long)]
    pub hook: Option<HookArg>,
    /// How it is attached; without it, the first that works
    #[arg(long)]
    pub mode: Option<ModeArg>,
    /// Show it live, in the whole terminal
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
    /// How long, such as 10s, 500ms, 2m or 1h; without it, until Ctrl-C
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Print a line of JSON each second, and one at the end
    #[arg(long)]
    pub json: bool,
    /// Write the packets that are seen on the device, as pcapng
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Keep it attached, until `bpfscope detach`; program, maps and link are pinned under /sys/fs/bpf/bpfscope
    #[arg(long)]
    pub pin: bool,
    /// Types of the kernel for CO-RE; without it this machine's
    #[arg(long, value_name = "FILE")]
    pub btf: Option<PathBuf>,
    /// What maps hold at the start: JSON, {"NAME":[{"key":HEX,"value":HEX}]}
    #[arg(long, value_name = "FILE")]
    pub maps: Option<PathBuf>,
}

/// A time with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("a number with its unit: ms, s, m or h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|e| format!("{e}"))?;
    number.checked_mul(ms).map(Duration::from_millis).ok_or_else(|| "too long".to_owned())
}

/// What is taken away.
#[derive(Args, Debug)]
pub struct DetachArgs {
    /// The program's name
    pub name: Option<String>,
    /// Only from this device
    #[arg(long, value_name = "IFACE")]
    pub dev: Option<String>,
    /// Only from this hook
    #[arg(long)]
    pub hook: Option<HookArg>,
}

/// How a program is attached to a device.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModeArg {
    /// tc: by a link (Linux 6.6)
    Tcx,
    /// tc: by a filter at the qdisc clsact
    Clsact,
    /// XDP: in the device's driver
    Native,
    /// XDP: in the network stack, on every device
    Generic,
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
    /// Print the run, also on a terminal
    #[arg(long)]
    pub print: bool,
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

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port on 127.0.0.1 and ::1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    /// Offer this machine's kernel to the page (Linux; as root, or with CAP_BPF and CAP_NET_ADMIN)
    #[arg(long)]
    pub kernel: bool,
}

#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// The directory that they are written to
    #[arg(value_name = "DIRECTORY")]
    pub directory: PathBuf,
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
    /// A control group's sockets, packets coming in
    CgroupIngress,
    /// A control group's sockets, packets going out
    CgroupEgress,
}

impl From<HookArg> for Hook {
    fn from(arg: HookArg) -> Hook {
        match arg {
            HookArg::Socket => Hook::Socket,
            HookArg::TcIngress => Hook::TcIngress,
            HookArg::TcEgress => Hook::TcEgress,
            HookArg::Xdp => Hook::Xdp,
            HookArg::CgroupIngress => Hook::CgroupIngress,
            HookArg::CgroupEgress => Hook::CgroupEgress,
        }
    }
}

/// What executes programs.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The simulator's interpreter
    Interp,
    /// The running kernel: test runs for XDP and tc, a packet socket for socket filters (Linux, as root)
    Kernel,
}

/// How results are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
