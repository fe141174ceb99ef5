//! `BPF_BTF_LOAD`.

use std::os::fd::{AsRawFd, OwnedFd};

use super::{Cmd, KernelResult, Refused, address, address_mut, bpf, owned, text};

/// Bytes of log: as much as every kernel takes.
const LOG_SIZE: usize = (1 << 24) - 1;

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
    /// `BPF_BTF_LOAD`. The log is asked for only of what is refused: with one, the kernel prints every type, and refuses
    /// what does not fit into the buffer.
    ///
    /// # Errors
    /// The errno, and what the kernel says about the types.
    pub fn load(bytes: &[u8]) -> Result<LoadedBtf, Refused> {
        Self::load_with_log(bytes, &mut []).or_else(|errno| {
            let mut log = vec![0u8; LOG_SIZE];
            match Self::load_with_log(bytes, &mut log) {
                Err(libc::ENOSPC) => Err(Refused { errno, log: String::new() }),
                Err(errno) => Err(Refused { errno, log: text(&log) }),
                Ok(btf) => Ok(btf),
            }
        })
    }

    fn load_with_log(bytes: &[u8], log: &mut [u8]) -> KernelResult<LoadedBtf> {
        let mut attr = BtfLoadAttr {
            btf: address(bytes),
            log_buf: if log.is_empty() { 0 } else { address_mut(log) },
            size: bytes.len() as u32,
            log_size: log.len() as u32,
            log_level: u32::from(!log.is_empty()),
            log_true_size: 0,
        };
        bpf(Cmd::BtfLoad, &mut attr).map(|fd| LoadedBtf { fd: owned(fd) })
    }

    /// The descriptor, for maps and programs.
    pub fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }
}
