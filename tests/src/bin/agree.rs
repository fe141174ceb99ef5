//! The verifier beside the running kernel: `cargo run -q -p bpfscope-tests --bin agree -- COMMAND`.
//!
//! `record FILE…` asks the kernel for the answer to each case and writes it into the file; `ask FILE [CASE]` shows what
//! the kernel says, of a case or of any program.

#[cfg(target_os = "linux")]
#[path = "agree/commands/mod.rs"]
mod commands;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    commands::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("agree: the kernel that is asked is Linux");
}
