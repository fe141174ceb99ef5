//! The commands.

mod kernels;
mod look;
mod many;
mod record;
mod replay;

use std::process::ExitCode;

use bpfscope_core::kernel::KernelVersion;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "agree", about = "Our verifier beside the running kernel's")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the kernel for the answer to each case, and write it into the file.
    Record {
        /// Files of cases.
        #[arg(required = true)]
        files: Vec<String>,
    },
    /// Print what the kernel says of a case, or of any program: assembly, C, an object, `-` for standard input.
    Ask {
        #[command(flatten)]
        what: look::What,
        /// Print what our verifier says instead.
        #[arg(long)]
        ours: bool,
    },
    /// Print where our log differs from the kernel's: `-` the kernel's lines, `+` ours.
    Diff {
        #[command(flatten)]
        what: look::What,
        /// Lines around each difference.
        #[arg(short = 'U', long, default_value_t = 3)]
        context: usize,
        /// Stop after the first difference of each program.
        #[arg(long)]
        first: bool,
    },
    /// Hold our verifier to the answers in case files, and to the kernel's logs; list what differs.
    Cases {
        /// Files of cases; all of tests/verifier without any.
        files: Vec<String>,
        /// List the cases whose log alone differs, too.
        #[arg(long)]
        logs: bool,
    },
    /// Write what another kernel told as it is kept beside the cases (see `cargo xtask kernels`).
    Keep {
        /// What it told.
        told: String,
        /// The file beside the cases.
        kept: String,
    },
    /// Hold our verifier to what another kernel told, and list what differs.
    Kernel {
        /// Its version, such as 6.1.
        version: KernelVersion,
        /// Its types (`/sys/kernel/btf/vmlinux` of that kernel).
        #[arg(long)]
        types: Option<String>,
        /// List the cases whose message alone differs, too.
        #[arg(long)]
        messages: bool,
    },
    /// Make programs up, give each to both, and write small ones on which the two differ to target/agree.
    Generate(many::Generate),
    /// Give every build of the repository's C programs to both.
    Compiled,
    /// Give the programs of any objects to both.
    Objects(many::Objects),
    /// All of it, with the tables of VERIFIER.md and REPLAY.md.
    Table(many::Table),
}

/// What a command found: whether all is well.
type Done = Result<bool, String>;

pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Record { files } => record::record(&files),
        Command::Ask { what, ours } => look::ask(&what, ours),
        Command::Diff { what, context, first } => look::diff(&what, context, first),
        Command::Cases { files, logs } => record::check(&files, logs),
        Command::Keep { told, kept } => kernels::keep(&told, &kept),
        Command::Kernel { version, types, messages } => kernels::check(version, types.as_deref(), messages),
        Command::Generate(how) => many::generate(&how).map(|_| true),
        Command::Compiled => many::compiled().map(|_| true),
        Command::Objects(what) => many::objects(&what),
        Command::Table(what) => many::table(&what),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line; whoever reads may have had enough (`agree ask … | head`).
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}
