//! bpf(2): create maps, load types and programs.
//!
//! One function a command, plain values in, the errno out. Every pointer that the kernel is handed comes from a slice
//! that outlives the call, and every size from that slice's length; descriptors close when dropped.
#![allow(unsafe_code, reason = "bpf(2) has no safe wrapper in std")]

use std::{
    io,
    mem::size_of,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

/// Commands (`enum bpf_cmd`).
#[derive(Clone, Copy, Debug)]
#[repr(i64)]
enum Cmd {
    MapCreate = 0,
    MapUpdateElem = 2,
    ProgLoad = 5,
    BtfLoad = 18,
    MapFreeze = 22,
}

/// A command that the kernel refused.
#[derive(Debug)]
pub struct Refused {
    pub error: io::Error,
    /// What the kernel wrote about it; empty for maps.
    pub log: String,
}

impl Refused {
    /// Whether that is its errno.
    pub fn is(&self, errno: i32) -> bool {
        self.error.raw_os_error() == Some(errno)
    }
}

/// A kernel object's descriptor.
#[derive(Debug)]
pub struct Fd(OwnedFd);

impl Fd {
    pub fn number(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

/// Calls bpf(2) with an attribute structure, which the kernel may write to.
fn bpf<A>(cmd: Cmd, attr: &mut A) -> io::Result<i64> {
    // SAFETY: `attr` is a `repr(C)` structure of exactly the size named; the pointers in it are made by the callers below
    // from slices that live until this returns.
    let ret = unsafe { libc::syscall(libc::SYS_bpf, cmd as i64, attr as *mut A, size_of::<A>()) };
    if ret < 0 { Err(io::Error::last_os_error()) } else { Ok(ret) }
}

/// The same for commands that give a descriptor.
fn open<A>(cmd: Cmd, attr: &mut A) -> io::Result<Fd> {
    let fd = bpf(cmd, attr)?;
    // SAFETY: the kernel has just made this descriptor for us; nobody else has it. Descriptors fit 31 bits.
    Ok(Fd(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
}

fn address<T>(slice: &[T]) -> u64 {
    if slice.is_empty() { 0 } else { slice.as_ptr() as u64 }
}

fn address_mut(bytes: &mut [u8]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_mut_ptr() as u64 }
}

/// What was written into a log.
fn text(log: &[u8]) -> String {
    let end = log.iter().position(|b| *b == 0).unwrap_or(log.len());
    String::from_utf8_lossy(&log[..end]).into_owned()
}

/// Kernels before 5.11 count maps and programs as locked memory, of which users have little: lifts that limit for this
/// process, as loaders do. Where that is not allowed, the kernel's answer tells.
pub fn lift_memory_limit() {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the structure lives through the call, which only reads it.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) };
}

/// What `BPF_MAP_CREATE` takes (`union bpf_attr`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct MapAttr {
    pub map_type: u32,
    pub key_size: u32,
    pub value_size: u32,
    pub max_entries: u32,
    pub map_flags: u32,
    pub inner_map_fd: u32,
    pub numa_node: u32,
    pub map_name: [u8; 16],
    pub map_ifindex: u32,
    pub btf_fd: u32,
    pub btf_key_type_id: u32,
    pub btf_value_type_id: u32,
    pub btf_vmlinux_value_type_id: u32,
    pub map_extra: u64,
}

/// `BPF_MAP_CREATE`.
pub fn create_map(attr: &MapAttr) -> io::Result<Fd> {
    open(Cmd::MapCreate, &mut attr.clone())
}

#[repr(C)]
struct ElemAttr {
    map_fd: u32,
    pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// `BPF_MAP_UPDATE_ELEM`, of a map whose keys and values are as long as these or shorter.
pub fn update(map: &Fd, key: &[u8], value: &[u8]) -> io::Result<()> {
    let (key, value) = (address(key), address(value));
    bpf(Cmd::MapUpdateElem, &mut ElemAttr { map_fd: map.number() as u32, pad: 0, key, value, flags: 0 }).map(drop)
}

/// `BPF_MAP_FREEZE`: from now on user space may not write.
pub fn freeze(map: &Fd) -> io::Result<()> {
    bpf(Cmd::MapFreeze, &mut ElemAttr { map_fd: map.number() as u32, pad: 0, key: 0, value: 0, flags: 0 }).map(drop)
}

#[repr(C)]
struct BtfAttr {
    btf: u64,
    log_buf: u64,
    size: u32,
    log_size: u32,
    log_level: u32,
    log_true_size: u32,
}

/// `BPF_BTF_LOAD`.
pub fn load_btf(bytes: &[u8]) -> Result<Fd, Refused> {
    let mut log = vec![0; 1 << 16];
    let mut attr = BtfAttr {
        btf: address(bytes),
        log_buf: address_mut(&mut log),
        size: bytes.len() as u32,
        log_size: log.len() as u32,
        log_level: 1,
        log_true_size: 0,
    };
    open(Cmd::BtfLoad, &mut attr).map_err(|error| Refused { error, log: text(&log) })
}

/// What `BPF_PROG_LOAD` takes.
#[derive(Clone, Copy, Debug)]
pub struct ProgSpec<'a> {
    pub prog_type: u32,
    /// Instructions with map descriptors filled in.
    pub insns: &'a [[u8; 8]],
    pub license: &'a str,
    /// 1 or 2, plus 4 for what it cost.
    pub log_level: u32,
    /// Bytes of log at most.
    pub log_size: usize,
    pub flags: u32,
    pub expected_attach_type: u32,
    pub types: Option<ProgTypes<'a>>,
}

/// Types of a program.
#[derive(Clone, Copy, Debug)]
pub struct ProgTypes<'a> {
    /// Descriptor of the loaded BTF.
    pub btf: i32,
    /// `struct bpf_func_info`.
    pub funcs: &'a [[u32; 2]],
    /// `struct bpf_line_info`.
    pub lines: &'a [[u32; 4]],
}

#[repr(C)]
struct ProgAttr {
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

/// `BPF_PROG_LOAD`; gives the log.
pub fn load_prog(spec: &ProgSpec<'_>) -> Result<String, Refused> {
    let license = [spec.license.as_bytes(), b"\0"].concat();
    // Pages of it are taken as the kernel writes them.
    let mut log = vec![0; spec.log_size];
    let ProgTypes { btf, funcs, lines } = spec.types.unwrap_or(ProgTypes { btf: 0, funcs: &[], lines: &[] });
    let record = |size: usize, count: usize| if count == 0 { 0 } else { size as u32 };
    let mut attr = ProgAttr {
        prog_type: spec.prog_type,
        insn_cnt: spec.insns.len() as u32,
        insns: address(spec.insns),
        license: address(&license),
        log_level: spec.log_level,
        log_size: spec.log_size as u32,
        log_buf: address_mut(&mut log),
        kern_version: 0,
        prog_flags: spec.flags,
        prog_name: [0; 16],
        prog_ifindex: 0,
        expected_attach_type: spec.expected_attach_type,
        prog_btf_fd: btf as u32,
        func_info_rec_size: record(size_of::<[u32; 2]>(), funcs.len()),
        func_info: address(funcs),
        func_info_cnt: funcs.len() as u32,
        line_info_rec_size: record(size_of::<[u32; 4]>(), lines.len()),
        line_info: address(lines),
        line_info_cnt: lines.len() as u32,
        attach_btf_id: 0,
    };
    let loaded = open(Cmd::ProgLoad, &mut attr);
    let log = text(&log);
    loaded.map(|_| log.clone()).map_err(|error| Refused { error, log })
}
