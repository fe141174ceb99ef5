//! Figures: the benches beside their peers, the page's size, the page's speed.

use crate::setup::PageTools;
use crate::{page, pins, run};
use anyhow::Result;

/// Where the browser's half of the benches is put together.
const BENCH_PAGE: &str = "target/bench-page";

/// Where the bench `verifier` leaves what it verified.
const VERIFIED: &str = "target/tmp/verifier";

/// Measures everything; nothing else should run on the machine meanwhile.
pub fn everything(tools: &PageTools) -> Result<()> {
    // Everything is built before anything is measured.
    page::build(tools)?;
    build_bench_page(tools)?;
    run::to_end(&mut run::command("cargo", ["build", "--release"]))?;
    run::to_end(&mut run::command("cargo", ["bench", "--package", "bpfscope-benches"]))?;
    run::to_end(&mut run::command("node", ["tests/page/size.mjs", "dist"]))?;
    run::to_end(&mut run::command(
        "node",
        ["tests/page/bench.mjs", BENCH_PAGE, "target/release/native-figures", VERIFIED],
    ))
}

/// Builds the browser's half as Trunk builds the page: same profile, same tools, same optimisation.
fn build_bench_page(tools: &PageTools) -> Result<()> {
    let build = ["build", "--package", "bpfscope-bench-page", "--target", pins::WASM_TARGET, "--profile", "page"];
    run::to_end(&mut run::command("cargo", build))?;
    let built = format!("target/{}/page/bench_page.wasm", pins::WASM_TARGET);
    let bind = ["--target", "web", "--no-typescript", "--out-dir", BENCH_PAGE, &built];
    run::to_end(&mut tools.command("wasm-bindgen", &bind))?;
    let wasm = format!("{BENCH_PAGE}/bench_page_bg.wasm");
    run::to_end(&mut tools.command("wasm-opt", &["-O3", &wasm, "--output", &wasm]))
}
