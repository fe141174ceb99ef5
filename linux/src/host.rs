//! The machine around the kernel: its CPUs, its limits, who one is on it.
#![allow(unsafe_code, reason = "affinity, limits and credentials have no safe wrapper in std")]

use std::io;
use std::mem::size_of;

use crate::bpf::KernelResult;

/// Kernels before 5.11 count maps and programs as locked memory, of which users have little: lifts that limit for this
/// process, as loaders do. Where that is not allowed, the kernel's answer tells.
pub fn lift_memory_limit() {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the structure lives through the call, which only reads it.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) };
}

/// Descriptors that this process may have (`RLIMIT_NOFILE`).
pub fn descriptor_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure lives through the call, which fills it.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    limit.rlim_cur
}

/// CPUs that the kernel keeps per-CPU values for (`/sys/devices/system/cpu/possible`).
pub fn possible_cpus() -> u32 {
    let text = std::fs::read_to_string("/sys/devices/system/cpu/possible").unwrap_or_default();
    let range = |part: &str| -> Option<u32> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(last.parse::<u32>().ok()? - first.parse::<u32>().ok()? + 1)
    };
    text.trim().split(',').filter_map(range).sum::<u32>().max(1)
}

/// Runs `body` on one CPU only, so that per-CPU state of the kernel is the same CPU's throughout.
pub fn on_cpu<T>(cpu: u32, body: impl FnOnce() -> T) -> T {
    // SAFETY: `cpu_set_t` is plain data for which all zeroes are valid; the calls read and write it alone.
    let before = unsafe {
        let mut before: libc::cpu_set_t = std::mem::zeroed();
        libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut before);
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu as usize, &mut one);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &one);
        before
    };
    let out = body();
    // SAFETY: as above.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &before) };
    out
}

/// Runs `body` in a thread of its own that is nobody, without any capability.
///
/// # Errors
/// The errno, when the thread cannot become nobody.
pub fn as_nobody<T: Send>(body: impl FnOnce() -> T + Send) -> KernelResult<T> {
    const NOBODY: libc::c_long = 65534;
    let become_nobody = || -> KernelResult<()> {
        // The system calls themselves: unlike the C library's functions they change this thread alone.
        for number in [libc::SYS_setresgid, libc::SYS_setresuid] {
            // SAFETY: plain numbers; capabilities go with the user.
            let ret = unsafe { libc::syscall(number, NOBODY, NOBODY, NOBODY) };
            if ret < 0 {
                return Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EPERM));
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| become_nobody().map(|()| body()));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
