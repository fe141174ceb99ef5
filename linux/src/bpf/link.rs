//! `BPF_LINK_*`: a program held where it runs for as long as somebody holds the link, and so let go when a process ends.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use super::object::{info, open, pin};
use super::{Cmd, KernelResult, Prog, address, bpf, owned};

/// Where a link puts a program (`enum bpf_attach_type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum AttachType {
    /// What sockets of a control group receive.
    CgroupIngress = 0,
    /// What sockets of a control group send.
    CgroupEgress = 1,
    /// The device's receive path.
    Xdp = 37,
    /// Traffic control, coming in, since Linux 6.6.
    TcxIngress = 46,
    /// Traffic control, going out, since Linux 6.6.
    TcxEgress = 47,
}

/// A link in the kernel. What it holds is let go when the last descriptor is closed and no pin is left.
#[derive(Debug)]
pub struct Link {
    fd: OwnedFd,
}

/// What the kernel tells of a link to a device (`struct bpf_link_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkInfo {
    /// The link's number.
    pub id: u32,
    /// The program's number.
    pub prog: u32,
    /// The device's number, in its own network namespace; 0 when it is gone, or the link detached.
    pub ifindex: u32,
}

#[repr(C)]
struct LinkCreateAttr {
    prog_fd: u32,
    target_ifindex: u32,
    attach_type: u32,
    flags: u32,
}

#[repr(C)]
struct RawTracepointAttr {
    name: u64,
    prog_fd: u32,
    pad: u32,
}

impl Link {
    /// `BPF_LINK_CREATE`: puts a program on a device, after those that are there already where several may be. `flags`
    /// are `XDP_FLAGS_*` for XDP.
    ///
    /// # Errors
    /// `EINVAL` from kernels that do not know the attach type; `EBUSY` or `EEXIST` where only one program may be.
    pub fn create(prog: &Prog, ifindex: i32, attach_type: AttachType, flags: u32) -> KernelResult<Link> {
        let attach_type = attach_type as u32;
        let mut attr = LinkCreateAttr { prog_fd: prog.fd() as u32, target_ifindex: ifindex as u32, attach_type, flags };
        bpf(Cmd::LinkCreate, &mut attr).map(|fd| Link { fd: owned(fd) })
    }

    /// `BPF_LINK_CREATE`: puts a program on a control group, whose directory is open.
    ///
    /// # Errors
    /// `EBADF` for a directory of no control group of version 2; `EPERM` where another program excludes it.
    pub fn to_group(prog: &Prog, group: &File, attach_type: AttachType) -> KernelResult<Link> {
        Link::create(prog, group.as_raw_fd(), attach_type, 0)
    }

    /// `BPF_RAW_TRACEPOINT_OPEN`: has a program run at a tracepoint of the kernel's.
    ///
    /// # Errors
    /// `ENOENT` when the kernel has no such tracepoint.
    pub fn raw_tracepoint(prog: &Prog, name: &str) -> KernelResult<Link> {
        let name = [name.as_bytes(), b"\0"].concat();
        let mut attr = RawTracepointAttr { name: address(&name), prog_fd: prog.fd() as u32, pad: 0 };
        bpf(Cmd::RawTracepointOpen, &mut attr).map(|fd| Link { fd: owned(fd) })
    }

    /// A link that is pinned at a path.
    ///
    /// # Errors
    /// There is none.
    pub fn open(path: &Path) -> io::Result<Link> {
        open(path).map(|fd| Link { fd })
    }

    /// Pins the link at a path on a bpf file system.
    ///
    /// # Errors
    /// The path is taken, or elsewhere.
    pub fn pin(&self, path: &Path) -> io::Result<()> {
        pin(self.fd.as_raw_fd(), path)
    }

    /// `BPF_LINK_DETACH`: lets the program go now, whoever else holds the link.
    ///
    /// # Errors
    /// `EOPNOTSUPP` from links that cannot, and from kernels before 5.9.
    pub fn detach(&self) -> KernelResult<()> {
        let mut attr = self.fd.as_raw_fd() as u32;
        bpf(Cmd::LinkDetach, &mut attr).map(|_| ())
    }

    /// `BPF_OBJ_GET_INFO_BY_FD`.
    ///
    /// # Errors
    /// The kernel has no such command.
    pub fn info(&self) -> KernelResult<LinkInfo> {
        // type, id; prog_id, padding; then what the type has, a device's number first.
        let words: [u64; 8] = info(self.fd.as_raw_fd())?;
        let (id, prog, ifindex) = ((words[0] >> 32) as u32, words[1] as u32, words[2] as u32);
        Ok(LinkInfo { id, prog, ifindex })
    }
}
