//! npm's packages, as package-lock.json has them.

use super::announce;
use crate::{pins::NODE_AT_LEAST, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The lock file that node_modules was installed from, kept inside it.
const INSTALLED: &str = "node_modules/.installed-lock.json";
const LOCK: &str = "package-lock.json";

/// Sees to node_modules; the answer is the folder of its programs.
pub fn install() -> Result<PathBuf> {
    check_node()?;
    let lock = fs::read(LOCK).with_context(|| format!("cannot read {LOCK}"))?;
    if fs::read(INSTALLED).ok().as_ref() != Some(&lock) {
        announce("npm's packages of package.json", "the editor, wasm-opt and the browser's driver come from there");
        // No package needs its install script, so none is run.
        run::to_end(&mut run::command(
            "npm",
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        ))?;
        fs::write(INSTALLED, lock).with_context(|| format!("cannot write {INSTALLED}"))?;
    }
    Ok(Path::new("node_modules/.bin").canonicalize()?)
}

fn check_node() -> Result<()> {
    let version = run::answer(&mut run::command("node", ["--version"]))
        .with_context(|| format!("node is missing: install node {NODE_AT_LEAST} or later, with npm"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_AT_LEAST) {
        bail!("node {version} is too old: install node {NODE_AT_LEAST} or later");
    }
    Ok(())
}
