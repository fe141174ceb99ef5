//! `cargo xtask kernels`: other kernels than the running one, asked for their answers.
//!
//! Debian's kernels are fetched by apt into the cache, unpacked there and not installed ([`debian`]). Each is booted in an
//! emulator with a file system in memory ([`initramfs`]) that holds nothing but the cases, what is known of the kernel
//! already, and the program `guest` of the tests. What it tells comes over a serial port: its answers, which go beside
//! the cases, and its types, which go into the cache. A program that it does not survive is noted, and it is booted again.
//! At last `agree` renews the tables.

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
/// How often a kernel is booted, if it crashes again and again.
const BOOTS: u32 = 20;
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
    /// Ask about all cases, not only about those that are new or have changed.
    #[arg(long)]
    anew: bool,
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
        let machine = Machine::new(kernel, &guest)?;
        match &what.logs {
            Some(path) => println!("{}", String::from_utf8_lossy(&machine.logs(path)?)),
            None => answers(kernel, &machine, what.anew)?,
        }
    }
    if what.logs.is_some() { Ok(ExitCode::SUCCESS) } else { agree::kernel_tables() }
}

/// Asks a kernel about the cases, and keeps what it tells.
fn answers(kernel: &Kernel, machine: &Machine, anew: bool) -> Result<()> {
    let name = format!("linux-{}", kernel.version);
    let kept = Path::new(CASES).join(format!("{name}.answers"));
    if anew && kept.exists() {
        fs::remove_file(&kept)?;
    }
    for _ in 0..BOOTS {
        let said = machine.answers(&kept)?;
        let end = said.windows(END.len()).position(|bytes| bytes == END).map(|at| at + END.len());
        let (told, types) = said.split_at(end.unwrap_or(said.len()));
        fs::write(machine.place.join("told"), told)?;
        agree::keep_answers(&machine.place.join("told"), &kept)?;
        if end.is_some() {
            fs::write(place::kernel_cache()?.join(format!("{name}.btf")), types)?;
            return Ok(());
        }
        println!("kernels: Linux {} crashed; going on with the next case", kernel.version);
    }
    bail!("Linux {} did not come to the end in {BOOTS} boots", kernel.version)
}

/// Builds the program that is the kernel's only process.
fn build_guest() -> Result<PathBuf> {
    let arguments = ["build", "--quiet", "--profile", agree::PROFILE, "--target", pins::STATIC_TARGET];
    run::to_end(run::command("cargo", arguments).args(["--package", "bpfscope-tests", "--bin", "guest"]))?;
    let built = Path::new("target").join(pins::STATIC_TARGET).join(agree::PROFILE).join("guest");
    built.canonicalize().with_context(|| built.display().to_string())
}

/// A kernel, what runs in it, and where its files are.
struct Machine {
    image: PathBuf,
    guest: Vec<u8>,
    place: PathBuf,
}

impl Machine {
    fn new(kernel: &Kernel, guest: &Path) -> Result<Machine> {
        let image = kernel.fetch()?;
        let place = PathBuf::from("target/kernels").join(&kernel.version);
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        Ok(Machine { image, guest: read(guest)?, place })
    }

    /// The logs of the cases in a file.
    fn logs(&self, file: &Path) -> Result<Vec<u8>> {
        let mut files = Initramfs::default();
        files.program("init", &self.guest);
        files.folder("logs");
        files.file("logs/asked.s", &read(file)?);
        self.boot(&files.end())
    }

    /// Its answers to all cases, but those in `known`, and its types.
    fn answers(&self, known: &Path) -> Result<Vec<u8>> {
        let mut files = Initramfs::default();
        files.program("init", &self.guest);
        if known.exists() {
            files.file("told", &read(known)?);
        }
        files.folder("verifier");
        let mut cases: Vec<PathBuf> = fs::read_dir(CASES)?.flatten().map(|entry| entry.path()).collect();
        cases.sort();
        for path in cases.iter().filter(|path| path.extension().is_some_and(|e| e == "s")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.file(&format!("verifier/{name}"), &read(path)?);
        }
        self.boot(&files.end())
    }

    /// Boots, until the guest ends; what it wrote to the second serial port.
    fn boot(&self, files: &[u8]) -> Result<Vec<u8>> {
        let (initramfs, answers) = (self.place.join("initramfs"), self.place.join("answers"));
        fs::write(&initramfs, files).with_context(|| initramfs.display().to_string())?;
        let mut command = run::command("timeout", [TIME_LIMIT, "qemu-system-x86_64"]);
        command
            .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2G"])
            .args(["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"])
            .args(["-serial".to_owned(), format!("file:{}", answers.display())])
            .arg("-kernel")
            .arg(&self.image)
            .arg("-initrd")
            .arg(&initramfs)
            .args(["-append", "console=ttyS0 quiet panic=-1 oops=panic"]);
        if !run::watched(&mut command, |_| {})? {
            bail!("the emulator failed, or was given up after {TIME_LIMIT} seconds");
        }
        read(&answers)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}
