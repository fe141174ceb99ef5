//! The standard library for wasm32.

use super::announce;
use crate::{pins::WASM_TARGET, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Sees to the standard library of [`WASM_TARGET`].
pub fn install() -> Result<()> {
    if is_there()? {
        return Ok(());
    }
    announce(WASM_TARGET, "the page is compiled for it");
    let added = run::to_end(&mut run::command("rustup", ["target", "add", WASM_TARGET]));
    if is_there()? {
        return Ok(());
    }
    let why = added.err().map_or_else(|| "rustup did not install it".to_owned(), |error| format!("{error:#}"));
    bail!(
        "the compiler has no standard library for {WASM_TARGET} ({why}).\n\
         Run `rustup target add {WASM_TARGET}` where the network allows it, or install the package of your\n\
         system that has it (Debian: libstd-rust-dev-wasm32, Fedora: rust-std-static-{WASM_TARGET}), then start again."
    )
}

/// Asks the compiler, since not every compiler comes from rustup.
fn is_there() -> Result<bool> {
    let mut question = run::command("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
    let folder = run::answer(&mut question).context("rustc does not run: install Rust first")?;
    let Ok(files) = fs::read_dir(Path::new(&folder)) else {
        return Ok(false);
    };
    Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
}
