//! Where things are: the checkout, and the cache that outlives it.

use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The top of the checkout.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the checkout")
}

/// What is built once a version and shared by every checkout: `$XDG_CACHE_HOME/bpfscope/tools`.
pub fn tool_cache() -> Result<PathBuf> {
    Ok(cache()?.join("tools"))
}

/// Kernels of Debian, unpacked: `$XDG_CACHE_HOME/bpfscope/kernels`.
pub fn kernel_cache() -> Result<PathBuf> {
    Ok(cache()?.join("kernels"))
}

fn cache() -> Result<PathBuf> {
    let named = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = named("XDG_CACHE_HOME")
        .or_else(|| named("HOME").map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set: there is no place for the cache")?;
    Ok(cache.join("bpfscope"))
}

/// The command of that name, looked up as a shell would, and where root's commands are kept.
pub fn command(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
