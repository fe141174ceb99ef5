//! The first and only process of a kernel that is booted to be asked (`cargo xtask kernels`).
//!
//! It asks the kernel for the answer to every case of `/verifier` and for its facts, writes them (`agree::told`) to the
//! second serial port, the kernel's types last, and restarts the machine, which ends the emulator. What it has to say
//! about itself goes to the console, the first port.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use bpfscope_tests::init;
    if !init::is_first_process() {
        eprintln!("guest: this is the first process of a kernel under test; start it by `cargo xtask kernels`");
        return std::process::ExitCode::FAILURE;
    }
    if let Err(why) = linux::answer_all() {
        println!("guest: {why}");
    }
    init::restart();
    std::process::ExitCode::SUCCESS
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("guest: the kernel that is asked is Linux");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::path::Path;

    use bpfscope_tests::agree::check;
    use bpfscope_tests::agree::told::Told;
    use bpfscope_tests::init;

    /// Where answers go.
    const PORT: &str = "/dev/ttyS1";
    /// Where the cases are.
    const CASES: &str = "/verifier";
    /// What is known already of this kernel.
    const KNOWN: &str = "/told";
    /// Cases of which the log is wanted, on the console, and nothing else.
    const LOGS: &str = "/logs";

    pub fn answer_all() -> Result<(), String> {
        init::mount_all().map_err(|e| format!("mount: {e}"))?;
        init::lift_memory_limit().map_err(|e| format!("setrlimit: {e}"))?;
        // As most systems have it; where there is no interpreter it cannot be set, and need not.
        let _ = fs::write("/proc/sys/net/core/bpf_jit_enable", "1");
        let mut port = File::options().write(true).open(PORT).map_err(|e| format!("{PORT}: {e}"))?;
        init::make_raw(&port).map_err(|e| format!("{PORT}: {e}"))?;
        if Path::new(LOGS).is_dir() {
            for (path, file) in check::read_all(Path::new(LOGS))? {
                for case in &file.cases {
                    let answer = check::ask(&path, &file, case, 2);
                    let log = answer.as_ref().map_or_else(|why| why, |answer| &answer.log);
                    writeln!(port, "== {}\n{log}", case.name).map_err(|e| format!("{PORT}: {e}"))?;
                }
            }
            return Ok(());
        }
        let known = match fs::read_to_string(KNOWN) {
            Ok(text) => Told::parse(&text).map_err(|e| format!("{KNOWN}:{e}"))?,
            Err(_) => Told::default(),
        };
        known.ask_running_kernel(Path::new(CASES), &mut port)?;
        let types = fs::read("/sys/kernel/btf/vmlinux").map_err(|e| format!("no types: {e}"))?;
        port.write_all(&types).map_err(|e| format!("{PORT}: {e}"))
    }
}
