//! Fuzzing: random inputs for the verifier and for filter expressions, grown from the cases of `tests/verifier` and
//! `tests/filters`, each target for some time.

use crate::{run, setup};
use anyhow::{Context, Result};
use std::env;

/// The targets, each a file of `fuzz/fuzz_targets`.
const TARGETS: [&str; 3] = ["insns", "object", "filter"];

/// An input hangs when it takes so long by the clock, beside whatever else the machine does: an instrumented build takes
/// some seconds of its own for what the budgets of the targets allow.
const HANG_SECONDS: u32 = 60;

/// Runs every target for so many seconds; a crash or a hang ends it with an error that names the input's file.
///
/// # Errors
/// What runs the targets is missing, or a target has found something.
pub fn run(seconds: u32) -> Result<()> {
    let folder = setup::fuzz_tool()?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([folder].into_iter().chain(env::split_paths(&path))).context("PATH")?;
    let seeds = ["run", "-q", "-p", "bpfscope-tests", "--bin", "fuzz-seeds", "--", "fuzz/corpus"];
    run::to_end(&mut run::command("cargo", seeds))?;
    for target in TARGETS {
        let time = format!("-max_total_time={seconds}");
        let hang = format!("-timeout={HANG_SECONDS}");
        let arguments =
            ["fuzz", "run", target, "--", time.as_str(), hang.as_str(), "-max_len=65536", "-rss_limit_mb=4096"];
        let mut command = run::command("cargo", arguments);
        // The instrumentation is not yet in stable Rust, which is the only one here.
        command.env("RUSTC_BOOTSTRAP", "1").env("PATH", &path);
        run::to_end(&mut command)?;
    }
    Ok(())
}
