//! `cargo xtask agree`: the verifier and the simulator beside the running kernel.
//!
//! The work is done by the program `agree` of the tests, which has further commands for looking at one difference
//! (`cargo run -q -p bpfscope-tests --bin agree -- --help`).

use crate::run;
use anyhow::Result;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Built with optimisation, but quickly, and so that a panic is one program's failure.
pub const PROFILE: &str = "quick";

/// What is compared.
#[derive(clap::Args)]
pub struct What {
    /// The cases of tests/verifier.
    #[arg(long)]
    cases: bool,
    /// Generated programs, so many.
    #[arg(long)]
    programs: Option<u64>,
    /// The seed of the generated programs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Every build of the repository's C programs.
    #[arg(long)]
    compiled: bool,
    /// Run the generated programs that we accept.
    #[arg(long)]
    sound: bool,
    /// Every program for packets on every capture, in the simulator and in the kernel.
    #[arg(long)]
    replay: bool,
}

/// Holds the verifier to the recorded answers of other kernels, and renews their table.
///
/// # Errors
/// What does the work cannot be built or started.
pub fn kernel_tables() -> Result<ExitCode> {
    start(program("table").arg("--kernels"))
}

/// Writes what a kernel told as it is kept beside the cases.
///
/// # Errors
/// As [`kernel_tables`], or it is not what a kernel tells.
pub fn keep_answers(told: &Path, kept: &Path) -> Result<()> {
    run::to_end(program("keep").args([told, kept]))
}

/// The program that does the work, and a command of it.
fn program(command: &str) -> Command {
    let arguments =
        ["run", "--quiet", "--profile", PROFILE, "--package", "bpfscope-tests", "--bin", "agree", "--", command];
    run::command("cargo", arguments)
}

fn start(command: &mut Command) -> Result<ExitCode> {
    let status = command.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares, prints the tables and renews them; fails when a verdict differs.
///
/// # Errors
/// What does the work cannot be built or started.
pub fn tables(what: &What) -> Result<ExitCode> {
    let mut command = program("table");
    command.args(["--seed", &what.seed.to_string()]);
    for (name, wanted) in
        [("--cases", what.cases), ("--compiled", what.compiled), ("--sound", what.sound), ("--replay", what.replay)]
    {
        command.args(wanted.then_some(name));
    }
    if let Some(programs) = what.programs {
        command.args(["--programs", &programs.to_string()]);
    }
    start(&mut command)
}
