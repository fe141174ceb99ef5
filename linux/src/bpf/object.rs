//! What maps, programs and links have in common: pins on a bpf file system, and what the kernel tells of them.

use std::ffi::CString;
use std::io;
use std::mem::size_of;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Cmd, KernelResult, bpf, owned};

#[repr(C)]
struct ObjAttr {
    pathname: u64,
    fd: u32,
    flags: u32,
}

#[repr(C)]
struct InfoAttr {
    fd: u32,
    len: u32,
    info: u64,
}

fn by_path(cmd: Cmd, path: &Path, fd: i32) -> io::Result<i64> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut attr = ObjAttr { pathname: path.as_ptr() as u64, fd: fd as u32, flags: 0 };
    bpf(cmd, &mut attr).map_err(io::Error::from_raw_os_error)
}

/// `BPF_OBJ_PIN`.
pub(super) fn pin(fd: i32, path: &Path) -> io::Result<()> {
    by_path(Cmd::ObjPin, path, fd).map(|_| ())
}

/// `BPF_OBJ_GET`.
pub(super) fn open(path: &Path) -> io::Result<OwnedFd> {
    by_path(Cmd::ObjGet, path, 0).map(owned)
}

/// `BPF_OBJ_GET_INFO_BY_FD`: as much as fits into so many words; zeroes where the kernel has less to tell.
pub(super) fn info<const WORDS: usize>(fd: i32) -> KernelResult<[u64; WORDS]> {
    let mut words = [0_u64; WORDS];
    let mut attr = InfoAttr { fd: fd as u32, len: (WORDS * size_of::<u64>()) as u32, info: words.as_mut_ptr() as u64 };
    bpf(Cmd::ObjGetInfoByFd, &mut attr).map(|_| words)
}
