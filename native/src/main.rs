//! The `bpfscope` command: the playground's simulator in the terminal.
//!
//! Everything is computed by `bpfscope-core`; this crate reads files, prints, and says with its exit status how it
//! went: 0 accepted or done, 1 rejected, 2 bad input or usage. Results go to standard output, errors and notes to standard error.

mod args;
mod asm;
mod bundle;
mod check;
mod error;
mod form;
mod input;
mod link;
mod replay;
mod report;
mod serve;
mod step;
mod style;
mod written;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(args) => return check::run(&args).unwrap_or_else(|error| failed(&error)),
        Command::Replay(args) => replay::run(&args),
        Command::Step(args) => step::run(&args),
        Command::Asm(args) => asm::assemble(&args),
        Command::Disasm(args) => asm::disassemble(&args),
        Command::Link(args) => link::run(&args),
        Command::Serve(args) => serve::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Says why the command cannot go on.
fn failed(error: &error::Error) -> ExitCode {
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    eprintln!("{error}");
    ExitCode::from(2)
}
