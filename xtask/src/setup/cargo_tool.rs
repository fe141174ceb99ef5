//! Programs from crates.io, built once a version into the cache.

use super::{announce, present};
use crate::pins::CargoTool;
use crate::{place, run};
use anyhow::{Result, bail};
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Sees to the tool; the answer is the folder of its program.
pub fn install(tool: &CargoTool) -> Result<PathBuf> {
    let root = place::tool_cache()?.join(format!("{}-{}", tool.krate, tool.version));
    let program = format!("{}{EXE_SUFFIX}", tool.program);
    if let Some(folder) = present(root.join("bin"), &program) {
        return Ok(folder);
    }
    announce(&format!("{} {}", tool.krate, tool.version), tool.why);
    let mut command = run::command("cargo", ["install", tool.krate, "--version", tool.version]);
    command
        .args(["--debug", "--root"])
        .arg(&root)
        .args(tool.arguments)
        // The two tools share dependencies, so they share a build folder.
        .env("CARGO_TARGET_DIR", build_folder()?)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Flags for this repository are none of the tool's business.
        .env_remove("RUSTFLAGS");
    if !std::io::stderr().is_terminal() {
        // Hundreds of lines that nobody watches.
        command.arg("--quiet");
    }
    run::to_end(&mut command)?;
    match present(root.join("bin"), &program) {
        Some(folder) => Ok(folder),
        None => bail!("{} was installed into {} but is not there", tool.program, root.display()),
    }
}

/// Deletes what the builds left behind, about a gigabyte.
pub fn drop_build_folder() -> Result<()> {
    match fs::remove_dir_all(build_folder()?) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn build_folder() -> Result<PathBuf> {
    Ok(place::tool_cache()?.join("build"))
}
