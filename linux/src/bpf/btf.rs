//! `BPF_BTF_LOAD`.

use std::os::fd::{AsRawFd, OwnedFd};

use super::{Cmd, Refused, address, address_mut, bpf, owned, text};

/// BTF in the kernel.
#[derive(Debug)]
pub struct LoadedBtf {
    fd: OwnedFd,
}

#[repr(C)]
struct BtfLoadAttr {
    btf: u64,
    log_buf: u64,
    size: u32,
    log_size: u32,
    log_level: u32,
    log_true_size: u32,
}

impl LoadedBtf {
    /// `BPF_BTF_LOAD`.
    ///
    /// # Errors
    /// The errno, and what the kernel says about the types.
    pub fn load(bytes: &[u8]) -> Result<LoadedBtf, Refused> {
        let mut log = vec![0u8; 1 << 16];
        let mut attr = BtfLoadAttr {
            btf: address(bytes),
            log_buf: address_mut(&mut log),
            size: bytes.len() as u32,
            log_size: log.len() as u32,
            log_level: 1,
            log_true_size: 0,
        };
        match bpf(Cmd::BtfLoad, &mut attr) {
            Ok(fd) => Ok(LoadedBtf { fd: owned(fd) }),
            Err(errno) => Err(Refused { errno, log: text(&log) }),
        }
    }

    /// The descriptor, for maps and programs.
    pub fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }
}
