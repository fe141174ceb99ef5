//! `BPF_PROG_LOAD` and `BPF_PROG_TEST_RUN`.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use super::object::{info, open, pin};
use super::{Cmd, KernelResult, Refused, address, address_mut, bpf, kernel_name, owned, text};

/// What `BPF_PROG_LOAD` takes.
#[derive(Clone, Debug, Default)]
pub struct ProgSpec<'a> {
    /// `enum bpf_prog_type`.
    pub prog_type: u32,
    /// Raw instructions, 8 bytes each, with map descriptors filled in.
    pub insns: &'a [u8],
    /// Licence; `GPL` when empty.
    pub license: &'a str,
    /// 0 (no log), 1, 2, plus 4 for statistics.
    pub log_level: u32,
    /// `enum bpf_attach_type`, for the types that need it.
    pub expected_attach_type: u32,
    /// `BPF_F_*` of `BPF_PROG_LOAD`.
    pub flags: u32,
    /// Bytes of the log at most; 16 MiB when 0.
    pub log_size: usize,
    /// Its name, as `bpftool prog` shows it; what the kernel does not take in names becomes `_`.
    pub name: &'a str,
    /// Types, functions and source lines.
    pub types: Option<ProgTypes<'a>>,
}

/// What BTF tells of a program; the records are those of `.BTF.ext`, with slots for offsets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProgTypes<'a> {
    /// Descriptor of the loaded BTF.
    pub btf: i32,
    /// `struct bpf_func_info`, for each function its first slot and its type.
    pub funcs: &'a [[u32; 2]],
    /// `struct bpf_line_info`: first slot, file, text, line and column.
    pub lines: &'a [[u32; 4]],
}

/// A loaded program.
#[derive(Debug)]
pub struct Prog {
    fd: OwnedFd,
    /// What the verifier wrote.
    pub log: String,
}

#[repr(C)]
struct ProgLoadAttr {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; 16],
    prog_ifindex: u32,
    expected_attach_type: u32,
    prog_btf_fd: u32,
    func_info_rec_size: u32,
    func_info: u64,
    func_info_cnt: u32,
    line_info_rec_size: u32,
    line_info: u64,
    line_info_cnt: u32,
    attach_btf_id: u32,
}

/// What `BPF_PROG_TEST_RUN` takes.
#[derive(Clone, Debug, Default)]
pub struct RunSpec<'a> {
    /// The packet.
    pub data: &'a [u8],
    /// The context (`struct __sk_buff`, `struct xdp_md`); none when empty.
    pub ctx: &'a [u8],
    /// Runs; 0 counts as 1.
    pub repeat: u32,
    /// `BPF_F_TEST_*`.
    pub flags: u32,
}

/// What `BPF_PROG_TEST_RUN` gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunOutput {
    /// The program's return value.
    pub ret: u32,
    /// The packet afterwards.
    pub data: Vec<u8>,
    /// The context afterwards.
    pub ctx: Vec<u8>,
    /// Mean duration of a run in nanoseconds.
    pub duration: u32,
}

/// Packet and context as a run left them.
#[derive(Clone, Debug, Default)]
pub struct RunBuffers {
    data: Vec<u8>,
    data_len: usize,
    ctx: Vec<u8>,
    ctx_len: usize,
}

impl RunBuffers {
    /// The packet; of one that grew by more than 64 KiB, as much as there is room for.
    pub fn data(&self) -> &[u8] {
        &self.data[..self.data_len.min(self.data.len())]
    }

    /// The context, when one was given.
    pub fn ctx(&self) -> &[u8] {
        &self.ctx[..self.ctx_len.min(self.ctx.len())]
    }
}

#[repr(C)]
struct TestRunAttr {
    prog_fd: u32,
    retval: u32,
    data_size_in: u32,
    data_size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
    ctx_size_in: u32,
    ctx_size_out: u32,
    ctx_in: u64,
    ctx_out: u64,
    flags: u32,
    cpu: u32,
    batch_size: u32,
    pad: u32,
}

/// Bytes kept of a verifier log.
const LOG_SIZE: usize = 16 << 20;
/// Room for a packet or a context that grew.
const GROWTH: usize = 1 << 16;

/// What the kernel tells of a program (`struct bpf_prog_info`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProgInfo {
    /// Its number.
    pub id: u32,
    /// Its name, of which the kernel keeps 15 bytes.
    pub name: String,
    /// Nanoseconds that its runs took while [`enable_stats`] was in force.
    pub run_time_ns: u64,
    /// Runs while it was.
    pub run_cnt: u64,
}

/// `BPF_ENABLE_STATS`: has the kernel count runs and their time, of all programs, until the descriptor is closed.
///
/// # Errors
/// `EINVAL` from kernels before 5.8.
pub fn enable_stats() -> KernelResult<OwnedFd> {
    // BPF_STATS_RUN_TIME
    let mut attr = 0_u32;
    bpf(Cmd::EnableStats, &mut attr).map(owned)
}

/// How often a program is given to the verifier that a signal interrupts (`EAGAIN`): as often as libbpf does it.
const ATTEMPTS: u32 = 5;

/// `BPF_PROG_LOAD`, with the log written into `log`.
fn prog_load(spec: &ProgSpec, log: &mut [u8]) -> KernelResult<OwnedFd> {
    let license = if spec.license.is_empty() { "GPL" } else { spec.license };
    let license = [license.as_bytes(), b"\0"].concat();
    let types = spec.types.unwrap_or(ProgTypes { btf: 0, funcs: &[], lines: &[] });
    let log = if spec.log_level == 0 { &mut [] } else { log };
    let mut attr = ProgLoadAttr {
        prog_type: spec.prog_type,
        insn_cnt: (spec.insns.len() / 8) as u32,
        insns: address(spec.insns),
        license: address(&license),
        log_level: spec.log_level,
        log_size: log.len() as u32,
        log_buf: address_mut(log),
        kern_version: 0,
        prog_flags: spec.flags,
        prog_name: kernel_name(spec.name),
        prog_ifindex: 0,
        expected_attach_type: spec.expected_attach_type,
        prog_btf_fd: types.btf as u32,
        func_info_rec_size: if types.funcs.is_empty() { 0 } else { size_of::<[u32; 2]>() as u32 },
        func_info: address(types.funcs),
        func_info_cnt: types.funcs.len() as u32,
        line_info_rec_size: if types.lines.is_empty() { 0 } else { size_of::<[u32; 4]>() as u32 },
        line_info: address(types.lines),
        line_info_cnt: types.lines.len() as u32,
        attach_btf_id: 0,
    };
    let mut answer = bpf(Cmd::ProgLoad, &mut attr);
    for _ in 1..ATTEMPTS {
        if answer != Err(libc::EAGAIN) {
            break;
        }
        answer = bpf(Cmd::ProgLoad, &mut attr);
    }
    answer.map(owned)
}

impl Prog {
    /// `BPF_PROG_LOAD`.
    pub fn load(spec: &ProgSpec) -> Result<Prog, Refused> {
        let size = if spec.log_size == 0 { LOG_SIZE } else { spec.log_size };
        let mut log = vec![0u8; if spec.log_level == 0 { 0 } else { size }];
        match prog_load(spec, &mut log) {
            Ok(fd) => Ok(Prog { fd, log: text(&log) }),
            Err(errno) => Err(Refused { errno, log: text(&log) }),
        }
    }

    /// `BPF_PROG_LOAD` for its answer alone: the log goes into a buffer that is used again and again.
    ///
    /// # Errors
    /// The errno with which the program is refused; the log says why.
    pub fn try_load<'a>(spec: &ProgSpec, buffer: &'a mut [u8]) -> (KernelResult<()>, std::borrow::Cow<'a, str>) {
        if let Some(first) = buffer.first_mut() {
            *first = 0;
        }
        let loaded = prog_load(spec, buffer).map(drop);
        let end = buffer.iter().position(|&b| b == 0).unwrap_or(buffer.len());
        (loaded, String::from_utf8_lossy(&buffer[..end]))
    }

    /// The descriptor, held for as long as the program is.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// The descriptor, for prog arrays and attachment.
    pub fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// `BPF_PROG_TEST_RUN`.
    pub fn run(&self, spec: &RunSpec) -> KernelResult<RunOutput> {
        let mut buffers = RunBuffers::default();
        let (ret, duration) = self.run_into(spec, &mut buffers)?;
        Ok(RunOutput { ret, data: buffers.data().to_vec(), ctx: buffers.ctx().to_vec(), duration })
    }

    /// The same, with what comes out written into buffers that are used again and again. Gives the return value and the
    /// mean duration of a run in nanoseconds.
    pub fn run_into(&self, spec: &RunSpec, buffers: &mut RunBuffers) -> KernelResult<(u32, u32)> {
        let RunBuffers { data, data_len, ctx, ctx_len } = buffers;
        let room = |len: usize| if len == 0 { 0 } else { len + GROWTH };
        let (data_room, ctx_room) = (room(spec.data.len()), room(spec.ctx.len()));
        // They only grow: what is in them is the kernel's to write, and clearing them would cost more than the run.
        data.resize(data.len().max(data_room), 0);
        ctx.resize(ctx.len().max(ctx_room), 0);
        let mut attr = TestRunAttr {
            prog_fd: self.fd() as u32,
            retval: 0,
            data_size_in: spec.data.len() as u32,
            data_size_out: data_room as u32,
            data_in: address(spec.data),
            data_out: address_mut(&mut data[..data_room]),
            repeat: spec.repeat,
            duration: 0,
            ctx_size_in: spec.ctx.len() as u32,
            ctx_size_out: ctx_room as u32,
            ctx_in: address(spec.ctx),
            ctx_out: address_mut(&mut ctx[..ctx_room]),
            flags: spec.flags,
            cpu: 0,
            batch_size: 0,
            pad: 0,
        };
        bpf(Cmd::ProgTestRun, &mut attr)?;
        (*data_len, *ctx_len) = (attr.data_size_out as usize, attr.ctx_size_out as usize);
        Ok((attr.retval, attr.duration))
    }

    /// The program that is pinned at a path.
    ///
    /// # Errors
    /// There is none.
    pub fn open(path: &Path) -> io::Result<Prog> {
        open(path).map(|fd| Prog { fd, log: String::new() })
    }

    /// The program of that number.
    ///
    /// # Errors
    /// There is none; it takes `CAP_SYS_ADMIN`.
    pub fn by_id(id: u32) -> KernelResult<Prog> {
        let mut attr = [id, 0, 0];
        bpf(Cmd::ProgGetFdById, &mut attr).map(|fd| Prog { fd: owned(fd), log: String::new() })
    }

    /// Pins the program at a path on a bpf file system.
    ///
    /// # Errors
    /// The path is taken, or elsewhere.
    pub fn pin(&self, path: &Path) -> io::Result<()> {
        pin(self.fd(), path)
    }

    /// `BPF_OBJ_GET_INFO_BY_FD`.
    ///
    /// # Errors
    /// The kernel has no such command.
    pub fn info(&self) -> KernelResult<ProgInfo> {
        // The words of `struct bpf_prog_info` that hold the number, the name, and time and count of runs.
        let words: [u64; 26] = info(self.fd())?;
        let name: Vec<u8> = words[8..10].iter().flat_map(|word| word.to_ne_bytes()).take_while(|b| *b != 0).collect();
        Ok(ProgInfo {
            id: (words[0] >> 32) as u32,
            name: String::from_utf8_lossy(&name).into_owned(),
            run_time_ns: words[24],
            run_cnt: words[25],
        })
    }
}
