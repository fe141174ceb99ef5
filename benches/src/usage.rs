//! What another process used.
#![allow(
    unsafe_code,
    reason = "wait4(2), which tells the memory and the time of one child, has no safe wrapper in std"
)]

use std::io;
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Processor time, and memory resident at most, in kB.
#[derive(Clone, Copy)]
pub struct Usage {
    /// User and system time.
    pub time: Duration,
    /// Resident at most, in kB.
    pub resident_kb: i64,
}

/// Runs a command to its end, its standard output unread; gives what it used.
///
/// # Errors
/// It cannot be started, or ends with another status than 0.
pub fn usage(command: &mut Command) -> io::Result<Usage> {
    let child = command.stdout(Stdio::null()).spawn()?;
    let (mut status, mut used) = (0, MaybeUninit::<libc::rusage>::uninit());
    // SAFETY: both pointers are to live values of the types that wait4 writes; the child is ours and nobody else waits.
    let waited = unsafe { libc::wait4(child.id() as i32, &mut status, 0, used.as_mut_ptr()) };
    if waited < 0 {
        return Err(io::Error::last_os_error());
    }
    if status != 0 {
        return Err(io::Error::other(format!("{command:?} failed with status {status:#x}")));
    }
    // SAFETY: wait4 succeeded, so it filled the structure.
    let used = unsafe { used.assume_init() };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    Ok(Usage { time: time(used.ru_utime) + time(used.ru_stime), resident_kb: used.ru_maxrss })
}
