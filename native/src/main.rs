//! The `bpfscope` command: the playground's simulator in the terminal.
//!
//! Everything is computed by `bpfscope-core`; this crate reads files, prints, and says with its exit status how it
//! went: 0 accepted or done, 1 rejected, 2 bad input or usage. Results go to standard output, errors and notes to standard error.

mod args;
mod asm;
mod attach;
mod bundle;
mod check;
mod compare;
mod doctor;
mod error;
mod form;
mod host;
mod input;
mod link;
mod manual;
mod replay;
mod report;
mod serve;
mod step;
mod style;
mod terminal;
mod wrap;
mod written;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Step(args) => step::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Attach(args) => attach::run(&args),
        Command::Detach(args) => attach::detach(&args),
        Command::Asm(args) => asm::assemble(&args).map(|()| ExitCode::SUCCESS),
        Command::Disasm(args) => asm::disassemble(&args).map(|()| ExitCode::SUCCESS),
        Command::Link(args) => link::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => manual::completions(&args).map(|()| ExitCode::SUCCESS),
        Command::Man(args) => manual::pages(&args).map(|()| ExitCode::SUCCESS),
        Command::Serve(args) => serve::run(&args).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| failed(&error))
}

/// Says why the command cannot go on.
fn failed(error: &error::Error) -> ExitCode {
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    eprintln!("{error}");
    ExitCode::from(2)
}
