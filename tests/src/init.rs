//! What the first process of a kernel does that has nothing but a file system in memory: see `bin/guest.rs`.
#![allow(unsafe_code, reason = "mount(2) and reboot(2) have no safe wrapper in std")]

use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::{fs, io, ptr};

/// The file systems that are expected to be there.
const MOUNTS: [(&str, &str); 4] = [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/tmp")];

/// Whether this process is the first one.
pub fn is_first_process() -> bool {
    std::process::id() == 1
}

/// Mounts what a system has: `/proc`, `/sys`, `/dev`, `/tmp`.
///
/// # Errors
/// The kernel refuses one.
pub fn mount_all() -> io::Result<()> {
    for (kind, place) in MOUNTS {
        fs::create_dir_all(place)?;
        let (kind, place) = (CString::new(kind)?, CString::new(place)?);
        // SAFETY: the strings live until the call returns; these file systems take no data.
        let ret = unsafe { libc::mount(kind.as_ptr(), place.as_ptr(), kind.as_ptr(), 0, ptr::null()) };
        if ret < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Lifts the limit of locked memory, which maps and programs counted towards before Linux 5.11.
///
/// # Errors
/// This is not root.
pub fn lift_memory_limit() -> io::Result<()> {
    let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the structure lives until the call returns.
    let ret = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const all) };
    if ret < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Makes a serial port pass bytes on as they are.
///
/// # Errors
/// It is no terminal.
pub fn make_raw(port: &File) -> io::Result<()> {
    // SAFETY: `termios` is plain data for which all zeroes are valid, and the calls read and write it alone.
    let ret = unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        match libc::tcgetattr(port.as_raw_fd(), &raw mut settings) {
            0 => {
                libc::cfmakeraw(&raw mut settings);
                libc::tcsetattr(port.as_raw_fd(), libc::TCSANOW, &raw const settings)
            }
            failed => failed,
        }
    };
    if ret < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Restarts the machine; an emulator that was told not to restart ends.
pub fn restart() {
    // SAFETY: plain numbers; all that was to be kept has been written to the serial port by now.
    unsafe {
        libc::sync();
        libc::reboot(libc::RB_AUTOBOOT);
    }
}
