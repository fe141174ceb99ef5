//! Figures: the benches beside their peers, the page's size, the page's speed.

use crate::setup::PageTools;
use crate::{page, run};
use anyhow::Result;
use std::path::Path;

/// The page's own measurements, in the browser.
const PAGE_BENCH: &str = "tests/page/bench.mjs";

/// Measures everything; nothing else should run on the machine meanwhile.
pub fn everything(tools: &PageTools) -> Result<()> {
    // Everything is built before anything is measured.
    page::build(tools)?;
    run::to_end(&mut run::command("cargo", ["build", "--release", "--workspace", "--exclude", "bpfscope-web"]))?;
    run::to_end(&mut run::command("cargo", ["bench", "--package", "bpfscope-benches"]))?;
    run::to_end(&mut run::command("node", ["tests/page/size.mjs", "dist"]))?;
    if Path::new(PAGE_BENCH).exists() {
        run::to_end(&mut run::command("node", [PAGE_BENCH]))?;
    }
    Ok(())
}
