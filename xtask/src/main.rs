//! `cargo xtask`: how everything in this repository is started.
//!
//! Each command first installs what it needs and does not find ([`setup`]), saying in one line what
//! and why, and then runs the tools that do the work: cargo, Trunk, node. Nothing is known here about
//! what they build. Versions stand in [`pins`], and nowhere else.

mod agree;
mod bench;
mod check;
mod fuzz;
mod kernels;
mod page;
mod pins;
mod place;
mod run;
mod setup;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Builds, serves, tests and measures bpfscope; installs what is missing.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page in release and serve it on this machine.
    Serve {
        /// The port on 127.0.0.1.
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build the `bpfscope` command in release, with the page in it.
    Build,
    /// Run every test, the browser's included, and print a summary.
    Test,
    /// Hold the verifier and the simulator to the running kernel, and renew the tables of VERIFIER.md and REPLAY.md: all of it
    /// when nothing is named.
    Agree(agree::What),
    /// Ask Debian's kernels, booted in an emulator, for their answers to the cases, and renew the tables of VERIFIER.md.
    Kernels(kernels::What),
    /// Measure speed beside the peers, the page's size, and the page's speed.
    Bench,
    /// Take pictures of the page: dark and light, three sizes, into target/shots.
    Shots {
        /// Take the README's picture instead, static/screenshot.png.
        #[arg(long)]
        readme: bool,
    },
    /// Run the fuzz targets of the verifier and of filter expressions, each for some seconds, from seeds made of the cases.
    Fuzz {
        /// Seconds for each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Install what the other commands need, and nothing else.
    Setup,
}

fn main() -> ExitCode {
    match start(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(task: Task) -> Result<ExitCode> {
    std::env::set_current_dir(place::checkout())?;
    match task {
        Task::Serve { port } => {
            page::check_port(port)?;
            let tools = setup::page_tools()?;
            page::build(&tools)?;
            page::serve(port)?;
        }
        Task::Build => {
            let tools = setup::page_tools()?;
            page::build(&tools)?;
            page::build_command_with_it()?;
        }
        Task::Test => return check::everything(),
        Task::Agree(what) => return agree::tables(&what),
        Task::Kernels(what) => return kernels::ask(&what),
        Task::Bench => {
            let tools = setup::page_tools()?;
            setup::system_packages()?;
            bench::everything(&tools)?;
        }
        Task::Shots { readme } => {
            let tools = setup::page_tools()?;
            setup::system_packages()?;
            page::build(&tools)?;
            page::shots(readme.then(|| PathBuf::from("static/screenshot.png")))?;
        }
        Task::Fuzz { seconds } => fuzz::run(seconds)?,
        Task::Setup => {
            setup::page_tools()?;
            setup::system_packages()?;
            println!("set-up: complete");
        }
    }
    Ok(ExitCode::SUCCESS)
}
