//! A program given to the kernel, for its answer.

use std::fs::{self, File};
use std::os::fd::AsRawFd;

use bpfscope_core::isa::RawInsn;
use bpfscope_linux::load::Prepared;

use super::answer::{Answer, errno_name};
use super::cases::Options;
use super::source::Subject;
use crate::kernel::{Prog, ProgSpec, as_nobody};

/// How much the kernel is to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogSpec {
    /// `log_level`: 1 the path that was rejected, 2 every step, plus 4 for what it cost.
    pub level: u32,
    /// Bytes of the log at most; where it is cut, the kernel refuses with `ENOSPC`.
    pub size: usize,
}

impl LogSpec {
    /// All of it: memory is taken only as the kernel fills it.
    pub const fn level(level: u32) -> LogSpec {
        LogSpec { level, size: (1 << 30) - 1 }
    }
}

/// An object's maps and types in the kernel, for programs to refer to.
pub struct Asked(Prepared);

impl Asked {
    /// Loads the types and creates the maps.
    ///
    /// # Errors
    /// The kernel refuses a map.
    pub fn new(subject: &Subject) -> Result<Asked, String> {
        // Loaders go on without types that are refused; what ours makes of that shows in the answers.
        Prepared::new(&subject.object, &subject.loaded).map(Asked).map_err(|e| e.to_string())
    }

    /// Gives a program other functions than its object has, each by its first slot and its type, and no source lines:
    /// for one that is no longer as it was compiled.
    pub fn set_functions(&mut self, at: usize, funcs: &[[u32; 2]]) {
        if let Some(records) = self.0.records_mut(at) {
            records.funcs = funcs.to_vec();
            records.lines.clear();
        }
    }

    /// The functions of a program as the kernel is told of them: first slot and type.
    pub fn functions(&self, at: usize) -> &[[u32; 2]] {
        self.0.records(at).map_or(&[], |records| &records.funcs)
    }

    /// The descriptor of the types.
    pub fn btf(&self) -> Option<i32> {
        self.0.btf()
    }

    /// The instructions' bytes, with descriptors where programs have the numbers of maps.
    pub fn with_descriptors(&self, insns: &[RawInsn]) -> Vec<u8> {
        self.0.with_descriptors(insns)
    }

    /// What the kernel says of a program, by its place in [`Loaded::programs`].
    ///
    /// # Errors
    /// It cannot be asked as a user without capabilities.
    ///
    /// [`Loaded::programs`]: bpfscope_core::object::Loaded::programs
    pub fn ask(&self, subject: &Subject, at: usize, options: &Options, log: LogSpec) -> Result<Answer, String> {
        let program = subject.loaded.programs.get(at).ok_or("there is no program")?;
        let insns = self.0.with_descriptors(&program.insns);
        let load = || {
            let spec = self.0.spec(&subject.loaded, at, &insns);
            let spec = ProgSpec {
                log_level: log.level,
                log_size: log.size,
                expected_attach_type: options.attach.unwrap_or(spec.expected_attach_type),
                flags: options.flags | spec.flags,
                // Users without capabilities may not give types of functions.
                types: spec.types.filter(|_| !options.unprivileged && !options.no_btf),
                ..spec
            };
            match Prog::load(&spec) {
                Ok(prog) => Answer::new(None, prog.log),
                Err(refused) => Answer::new(Some(refused.errno), refused.log),
            }
        };
        if options.unprivileged { as_unprivileged(load) } else { Ok(load()) }
    }
}

/// Loads as a user without capabilities, who is allowed to for as long as that takes.
///
/// # Errors
/// There is no such user, or it cannot be allowed.
pub fn as_unprivileged<T: Send>(load: impl FnOnce() -> T + Send) -> Result<T, String> {
    let _allowed = Allowed::new()?;
    as_nobody(load).map_err(|errno| format!("cannot become nobody: {}", errno_name(errno)))
}

const SYSCTL: &str = "/proc/sys/kernel/unprivileged_bpf_disabled";

/// While it lives, users without capabilities may load programs; afterwards what was before holds again.
struct Allowed {
    before: String,
    /// Held so that two processes do not undo each other's change.
    _lock: File,
}

impl Allowed {
    fn new() -> Result<Allowed, String> {
        let lock = std::env::temp_dir().join("bpfscope-unprivileged.lock");
        let lock = File::create(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
        lock.lock().map_err(|e| format!("locking descriptor {}: {e}", lock.as_raw_fd()))?;
        let before = fs::read_to_string(SYSCTL).map_err(|e| format!("{SYSCTL}: {e}"))?.trim().to_owned();
        if before != "0" {
            fs::write(SYSCTL, "0").map_err(|e| format!("{SYSCTL} is {before} and cannot be set to 0: {e}"))?;
        }
        Ok(Allowed { before, _lock: lock })
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        // What cannot be put back was not changed either.
        let _ = fs::write(SYSCTL, &self.before);
    }
}
