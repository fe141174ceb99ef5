//! `cargo xtask kernels`: other kernels than the running one, asked for their answers.
//!
//! Debian's kernels are fetched by apt into the cache, unpacked there and not installed ([`debian`]). Each is booted in an
//! emulator with a file system in memory ([`initramfs`]) that holds nothing but the cases and the program `guest` of the
//! tests. What it tells comes over a serial port: its answers, which go beside the cases, and its types, which go into
//! the cache. Then `agree` renews the tables.

mod debian;
mod initramfs;

use crate::{agree, pins, place, run, setup};
use anyhow::{Context, Result, bail};
use debian::Kernel;
use initramfs::Initramfs;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Seconds after which a kernel is given up. Without hardware's help it needs some minutes.
const TIME_LIMIT: &str = "2400";
/// Where the cases are, and the answers.
const CASES: &str = "tests/verifier";
/// What ends the answers; the kernel's types follow.
const END: &[u8] = b"\nend\n";

/// Which kernels.
#[derive(clap::Args)]
pub struct What {
    /// This version alone, such as 6.1.
    #[arg(long)]
    only: Option<String>,
    /// Print the logs of the cases in this file instead, at level 2.
    #[arg(long)]
    logs: Option<PathBuf>,
}

/// Asks them all, or one.
///
/// # Errors
/// What is needed cannot be had, or a kernel does not answer.
pub fn ask(what: &What) -> Result<ExitCode> {
    setup::emulator()?;
    let kernels = debian::kernels(what.only.as_deref())?;
    let guest = build_guest()?;
    for kernel in &kernels {
        println!("kernels: asking Linux {}: {}", kernel.version, kernel.package);
        let image = kernel.fetch()?;
        let place = PathBuf::from("target/kernels").join(&kernel.version);
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        let said = boot(&image, &files(&guest, what.logs.as_deref())?, &place)?;
        match what.logs {
            Some(_) => println!("{}", String::from_utf8_lossy(&said)),
            None => keep(kernel, &said)?,
        }
    }
    if what.logs.is_some() { Ok(ExitCode::SUCCESS) } else { agree::kernel_tables() }
}

/// Builds the program that is the kernel's only process.
fn build_guest() -> Result<PathBuf> {
    let arguments = ["build", "--quiet", "--profile", agree::PROFILE, "--target", pins::STATIC_TARGET];
    run::to_end(run::command("cargo", arguments).args(["--package", "bpfscope-tests", "--bin", "guest"]))?;
    let built = Path::new("target").join(pins::STATIC_TARGET).join(agree::PROFILE).join("guest");
    built.canonicalize().with_context(|| built.display().to_string())
}

/// The kernel's file system: the guest, and the cases.
fn files(guest: &Path, logs: Option<&Path>) -> Result<Vec<u8>> {
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let mut files = Initramfs::default();
    files.program("init", &read(guest)?);
    if let Some(path) = logs {
        files.folder("logs");
        files.file("logs/asked.s", &read(path)?);
    }
    files.folder("verifier");
    let mut cases: Vec<PathBuf> = fs::read_dir(CASES)?.flatten().map(|entry| entry.path()).collect();
    cases.sort();
    for path in cases.iter().filter(|path| path.extension().is_some_and(|e| e == "s")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.file(&format!("verifier/{name}"), &read(path)?);
    }
    Ok(files.end())
}

/// Boots, until the guest ends; what it wrote to the second serial port.
fn boot(image: &Path, files: &[u8], place: &Path) -> Result<Vec<u8>> {
    let (initramfs, answers) = (place.join("initramfs"), place.join("answers"));
    fs::write(&initramfs, files).with_context(|| initramfs.display().to_string())?;
    let mut command = run::command("timeout", [TIME_LIMIT, "qemu-system-x86_64"]);
    command
        .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2G"])
        .args(["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"])
        .args(["-serial".to_owned(), format!("file:{}", answers.display())])
        .arg("-kernel")
        .arg(image)
        .arg("-initrd")
        .arg(&initramfs)
        .args(["-append", "console=ttyS0 quiet panic=-1 oops=panic"]);
    if !run::watched(&mut command, |_| {})? {
        bail!("the emulator failed, or was given up after {TIME_LIMIT} seconds");
    }
    fs::read(&answers).with_context(|| answers.display().to_string())
}

/// Puts the answers beside the cases, and the types into the cache.
fn keep(kernel: &Kernel, said: &[u8]) -> Result<()> {
    let end = said.windows(END.len()).position(|bytes| bytes == END);
    let Some(end) = end.map(|at| at + END.len()) else {
        bail!("Linux {} did not answer to the end: see what it said above", kernel.version);
    };
    let (answers, types) = said.split_at(end);
    let name = format!("linux-{}", kernel.version);
    fs::write(Path::new(CASES).join(format!("{name}.answers")), answers)?;
    fs::write(place::kernel_cache()?.join(format!("{name}.btf")), types)?;
    Ok(())
}
