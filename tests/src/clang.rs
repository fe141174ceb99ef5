//! C programs compiled at test time, where there is a compiler: Debian's clang, or the one that `CLANG` names.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How a program is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags<'a> {
    /// `-O1`, `-O2` or `-Os`.
    pub optimise: &'a str,
    /// `v1` to `v4`.
    pub cpu: &'a str,
    /// Further arguments.
    pub more: &'a [&'a str],
}

impl Flags<'_> {
    /// What most people use.
    pub const USUAL: Flags<'static> = Flags { optimise: "-O2", cpu: "v3", more: &[] };

    /// Every optimisation with every version of the instruction set.
    pub fn matrix() -> impl Iterator<Item = Flags<'static>> {
        ["-O1", "-O2", "-Os"].into_iter().flat_map(|optimise| {
            ["v1", "v2", "v3", "v4"].into_iter().map(move |cpu| Flags { optimise, cpu, more: &[] })
        })
    }
}

/// Whether there is a compiler; when not, says on standard error that `what` is skipped, as
/// [`crate::kernel::available`] does.
pub fn available(what: &str) -> bool {
    if compiler().is_none() {
        skip(what, "no clang");
    }
    compiler().is_some()
}

/// Says that a test is skipped, in the form that `cargo xtask test` counts.
pub fn skip(what: &str, why: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {why}");
}

fn compiler() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let named = std::env::var("CLANG").ok();
        let known = ["clang-19", "clang", "clang-18", "clang-17", "clang-16"].map(str::to_owned);
        named.into_iter().chain(known).find(|name| runs(name, &["--version"]))
    };
    FOUND.get_or_init(find).as_deref()
}

/// Whether a program can be run.
pub fn runs(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|o| o.status.success())
}

/// Where the C programs of the tests are.
pub fn objects() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("objects")
}

/// A directory of this test run's own.
pub fn scratch(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("bpfscope-{}-{count}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    path
}

/// Compiles a C file of `tests/objects` for BPF.
///
/// # Panics
/// When the compiler refuses it, with what it said.
pub fn compile(source: &str, flags: Flags<'_>) -> Vec<u8> {
    compile_file(&objects().join(source), flags)
}

/// Compiles a C text for BPF.
///
/// # Panics
/// When the compiler refuses it, with what it said.
pub fn compile_text(text: &str, flags: Flags<'_>) -> Vec<u8> {
    let directory = scratch("text");
    let source = directory.join("program.c");
    std::fs::write(&source, text).unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    let object = compile_file(&source, flags);
    let _ = std::fs::remove_dir_all(directory);
    object
}

fn compile_file(source: &Path, flags: Flags<'_>) -> Vec<u8> {
    try_compile(source, flags).unwrap_or_else(|why| panic!("{why}"))
}

/// Compiles a C file for BPF.
///
/// # Errors
/// There is no compiler, or it refuses the file: what it said.
pub fn try_compile(source: &Path, flags: Flags<'_>) -> Result<Vec<u8>, String> {
    let clang = compiler().ok_or("there is no clang")?;
    let directory = scratch("clang");
    let object = directory.join("program.o");
    let output = Command::new(clang)
        .args([flags.optimise, "-g", "-target", "bpf", &format!("-mcpu={}", flags.cpu)])
        .args(["-I/usr/include/x86_64-linux-gnu", "-c", "-Wall", "-Werror"])
        .args(flags.more)
        .arg(source)
        .arg("-o")
        .arg(&object)
        .output()
        .map_err(|e| format!("{clang}: {e}"))?;
    let bytes = std::fs::read(&object);
    let _ = std::fs::remove_dir_all(directory);
    if !output.status.success() {
        return Err(format!("{}: {}", source.display(), String::from_utf8_lossy(&output.stderr)));
    }
    bytes.map_err(|e| format!("{}: {e}", object.display()))
}
