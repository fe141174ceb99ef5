//! The standard library for another target than this machine.

use super::announce;
use crate::run;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Sees to the standard library of a target; `why` is what is compiled for it, and `packages` says where else it is found.
pub fn install(target: &str, why: &str, packages: &str) -> Result<()> {
    if is_there(target)? {
        return Ok(());
    }
    announce(target, why);
    let added = run::to_end(&mut run::command("rustup", ["target", "add", target]));
    if is_there(target)? {
        return Ok(());
    }
    let reason = added.err().map_or_else(|| "rustup did not install it".to_owned(), |error| format!("{error:#}"));
    bail!(
        "the compiler has no standard library for {target} ({reason}).\n\
         Run `rustup target add {target}` where the network allows it, or install the package of your\n\
         system that has it ({packages}), then start again."
    )
}

/// Asks the compiler, since not every compiler comes from rustup.
fn is_there(target: &str) -> Result<bool> {
    let mut question = run::command("rustc", ["--print", "target-libdir", "--target", target]);
    let folder = run::answer(&mut question).context("rustc does not run: install Rust first")?;
    let Ok(files) = fs::read_dir(Path::new(&folder)) else {
        return Ok(false);
    };
    Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
}
