//! Set-up: installs what is missing, says in one line what and why, does nothing the second time.
//!
//! Every part has the same shape: look for the thing itself (not for a note that it was installed),
//! and only if it is not there, announce, install, look again. Only package managers download:
//! rustup, cargo, npm, apt. What cannot be installed here is an error that says what to do by hand.

mod apt;
mod cargo_tool;
mod npm;
mod target;

pub use apt::{lists, system_packages};

use crate::{pins, run};
use anyhow::{Context, Result};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// The tools that build the page, found.
pub struct PageTools {
    path: OsString,
}

impl PageTools {
    /// Trunk, which finds wasm-bindgen and wasm-opt on its PATH and downloads nothing.
    pub fn trunk(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("trunk", arguments);
        command.env("TRUNK_SKIP_VERSION_CHECK", "true");
        command
    }

    /// One of the tools by name, which finds the others.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = run::command(program, arguments);
        command.env("PATH", &self.path);
        command
    }
}

/// Sees to everything that the page is built with.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to do.
pub fn page_tools() -> Result<PageTools> {
    target::install(pins::WASM_TARGET, "the page is compiled for it", pins::WASM_PACKAGES)?;
    let mut folders = Vec::new();
    for tool in pins::CARGO_TOOLS {
        folders.push(cargo_tool::install(tool)?);
    }
    cargo_tool::drop_build_folder()?;
    folders.push(npm::install()?);
    crates()?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(folders.into_iter().chain(env::split_paths(&path))).context("PATH")?;
    Ok(PageTools { path })
}

/// Sees to what boots other kernels with a program that needs nothing beside itself.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to do.
pub fn emulator() -> Result<()> {
    target::install(
        pins::STATIC_TARGET,
        "other kernels run the tests' guest, which must need no library",
        "Alpine: rust",
    )?;
    apt::install(pins::EMULATOR_PACKAGES)
}

/// Sees to what runs the fuzz targets, and gives the folder that it is in.
///
/// # Errors
/// It is missing and cannot be installed; the message says what to do.
pub fn fuzz_tool() -> Result<PathBuf> {
    let folder = cargo_tool::install(&pins::CARGO_FUZZ)?;
    cargo_tool::drop_build_folder()?;
    Ok(folder)
}

/// The sources of Cargo.lock, since Trunk builds without network.
fn crates() -> Result<()> {
    let host = run::answer(&mut run::command("rustc", ["--print", "host-tuple"])).context("rustc does not run")?;
    let targets = ["--target", pins::WASM_TARGET, "--target", &host];
    let fetch = |more: &[&str]| {
        let mut command = run::command("cargo", ["fetch", "--quiet", "--locked"]);
        command.args(targets).args(more);
        command
    };
    if run::answer(&mut fetch(&["--offline"])).is_some() {
        return Ok(());
    }
    announce("the crates of Cargo.lock", "the page is built from them");
    run::to_end(&mut fetch(&[]))
}

/// The one line that goes before an installation.
fn announce(what: &str, why: &str) {
    println!("set-up: installing {what}: {why}");
}

/// The file in this folder, if it is there.
fn present(folder: PathBuf, file: &str) -> Option<PathBuf> {
    folder.join(file).is_file().then_some(folder)
}
