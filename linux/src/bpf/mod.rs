//! bpf(2), as thin as it can be.
//!
//! One function a command, plain arguments in, `Err(errno)` out. Descriptors close when dropped. Every pointer handed to
//! the kernel comes from a slice that outlives the call, and every size from that slice's length or from the map's
//! definition, which the slices are checked against.
#![allow(unsafe_code, reason = "bpf(2) has no safe wrapper in std")]

mod btf;
mod link;
mod map;
mod object;
mod prog;

pub use btf::LoadedBtf;
pub use link::{AttachType, Link, LinkInfo};
pub use map::{Map, MapSpec, MapTypes};
pub use prog::{Prog, ProgInfo, ProgSpec, ProgTypes, RunBuffers, RunOutput, RunSpec, enable_stats};

use std::io;
use std::mem::size_of;
use std::os::fd::{FromRawFd, OwnedFd};

/// Commands of bpf(2) (`enum bpf_cmd`).
#[derive(Clone, Copy, Debug)]
#[repr(i64)]
enum Cmd {
    MapCreate = 0,
    MapLookupElem = 1,
    MapUpdateElem = 2,
    MapDeleteElem = 3,
    MapGetNextKey = 4,
    ProgLoad = 5,
    ObjPin = 6,
    ObjGet = 7,
    ProgTestRun = 10,
    ProgGetFdById = 13,
    ObjGetInfoByFd = 15,
    RawTracepointOpen = 17,
    BtfLoad = 18,
    MapLookupAndDeleteElem = 21,
    MapFreeze = 22,
    LinkCreate = 28,
    EnableStats = 32,
    LinkDetach = 34,
}

/// An errno as the kernel gave it.
pub type KernelResult<T> = Result<T, i32>;

/// Calls bpf(2) with an attribute structure, which the kernel may write to.
fn bpf<A>(cmd: Cmd, attr: &mut A) -> KernelResult<i64> {
    // SAFETY: `attr` is a `repr(C)` structure of exactly the size named; pointers in it are made by the callers below
    // from slices that live until this returns.
    let ret = unsafe { libc::syscall(libc::SYS_bpf, cmd as i64, attr as *mut A, size_of::<A>()) };
    if ret < 0 { Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)) } else { Ok(ret) }
}

/// Takes hold of a descriptor that a bpf(2) command returned.
fn owned(fd: i64) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us; nobody else has it.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}

fn address<T>(slice: &[T]) -> u64 {
    if slice.is_empty() { 0 } else { slice.as_ptr() as u64 }
}

fn address_mut(bytes: &mut [u8]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_mut_ptr() as u64 }
}

/// A load that the kernel refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The errno.
    pub errno: i32,
    /// What the verifier wrote.
    pub log: String,
}

/// The text in a buffer that the kernel filled.
fn text(log: &[u8]) -> String {
    let end = log.iter().position(|&b| b == 0).unwrap_or(log.len());
    String::from_utf8_lossy(&log[..end]).into_owned()
}

/// A name as the kernel takes them: 15 characters at most, others than letters, digits, `_` and `.` as `_`.
fn kernel_name(name: &str) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out[..15].iter_mut().zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() || matches!(from, b'_' | b'.') { from } else { b'_' };
    }
    out
}
