//! The page: built by Trunk, served and photographed by node, and put into the command.

use crate::run;
use crate::setup::PageTools;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

/// Where Trunk puts the page.
const DIST: &str = "dist";
/// By this `native/build.rs` is told where the page is that the command is to hold.
const PAGE: &str = "BPFSCOPE_PAGE";
/// The most that the command may come to with the page in it, in bytes.
const BUDGET: u64 = 25_000_000;

/// The command that builds the page in release into dist/, without network.
pub fn build_command(tools: &PageTools) -> Command {
    tools.trunk(&["build", "--release", "--offline", "--locked"])
}

/// Builds the page.
pub fn build(tools: &PageTools) -> Result<()> {
    println!("building the page");
    run::to_end(&mut build_command(tools))
}

/// Has a command of cargo put the built page into the `bpfscope` that it builds.
pub fn put_in(cargo: &mut Command) {
    cargo.env(PAGE, DIST);
}

/// Builds `bpfscope` in release with the built page in it.
pub fn build_command_with_it() -> Result<()> {
    let mut cargo = run::command("cargo", ["build", "--release", "--locked", "--package", "bpfscope"]);
    put_in(&mut cargo);
    run::to_end(&mut cargo)?;
    let built = format!("target/release/bpfscope{}", std::env::consts::EXE_SUFFIX);
    let size = fs::metadata(&built).with_context(|| format!("cannot read {built}"))?.len();
    println!("{built}: {size} bytes, of at most {BUDGET}");
    ensure!(size <= BUDGET, "the command is larger than it may be");
    Ok(())
}

/// Sees that the port is free, which is better known before the build than after it.
pub fn check_port(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .with_context(|| format!("cannot serve on 127.0.0.1:{port}; choose another port with --port"))
}

/// Serves dist/ until interrupted.
pub fn serve(port: u16) -> Result<()> {
    let mut server = run::command("node", ["tests/page/server.mjs", DIST, &port.to_string()]);
    // Where it can, the server takes the place of this process, so that whoever ends this ends it.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut server)).context("cannot start node");
    #[cfg(not(unix))]
    run::to_end(&mut server)
}

/// Takes pictures of the built page; with a file name, only that one.
pub fn shots(only: Option<PathBuf>) -> Result<()> {
    let mut command = run::command("node", ["tests/page/shots.mjs", "target/shots"]);
    command.args(only);
    run::to_end(&mut command)
}
