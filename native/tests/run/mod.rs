//! Running the command, and the files for it.
#![allow(dead_code, reason = "each test program uses a part")]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// What a run of the command gave.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the command with nothing on standard input.
pub fn bpfscope(args: &[&str]) -> Run {
    bpfscope_with(args, "")
}

/// Runs the command.
pub fn bpfscope_with(args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bpfscope"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    // It may have ended without reading: that is no error of the test.
    let _ = child.stdin.take().expect("piped").write_all(stdin.as_ref());
    let output = child.wait_with_output().expect("the command ends");
    Run {
        status: output.status.code().unwrap_or_else(|| panic!("{args:?}: {}", output.status)),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A lesson's program.
pub fn lesson(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons").join(name).display().to_string()
}

/// A capture that comes with bpfscope, as a file.
pub fn pcap(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps").join(name)
}

/// A directory of a test's own, removed at its end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bpfscope-cli-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Writes a file; gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap_or_else(|e| panic!("{path}: {e}"));
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
