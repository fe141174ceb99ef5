//! The page: built by Trunk, served and photographed by node.

use crate::run;
use crate::setup::PageTools;
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

/// The command that builds the page in release into dist/, without network.
pub fn build_command(tools: &PageTools) -> Command {
    tools.trunk(&["build", "--release", "--offline", "--locked"])
}

/// Builds the page.
pub fn build(tools: &PageTools) -> Result<()> {
    println!("building the page");
    run::to_end(&mut build_command(tools))
}

/// Sees that the port is free, which is better known before the build than after it.
pub fn check_port(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .with_context(|| format!("cannot serve on 127.0.0.1:{port}; choose another port with --port"))
}

/// Serves dist/ until interrupted.
pub fn serve(port: u16) -> Result<()> {
    let mut server = run::command("node", ["tests/page/server.mjs", "dist", &port.to_string()]);
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
