//! The command that is measured, and where what it reads is put.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The command `bpfscope`, built as it is released. For a bench of this crate, whose target directory it goes to.
///
/// # Errors
/// It does not build.
pub fn build_command() -> io::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "--release", "--package", "bpfscope"]).status()?;
    if !status.success() {
        return Err(io::Error::other("the command does not build"));
    }
    // target/release/deps/replay-… is the bench.
    let target = env::current_exe()?;
    let target = target.ancestors().nth(2).ok_or(io::ErrorKind::NotFound)?;
    Ok(target.join("bpfscope"))
}

/// A directory that is removed at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one for the bench of that name.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(bench: &str) -> io::Result<Scratch> {
        let path = env::temp_dir().join(format!("bpfscope-{bench}-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}
