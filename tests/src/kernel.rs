//! The running kernel as an oracle: bpf(2) by hand, as thin as it can be.
//!
//! One function a command, plain arguments in, `Err(errno)` out. Descriptors close when dropped. This is the only
//! place in the tests that needs `unsafe`: every pointer handed to the kernel comes from a slice that outlives the
//! call, and every size from that slice's length or from the map's definition, which the slices are checked against.
//!
//! Tests that need the kernel start with [`available`], which says so when bpf(2) is refused:
//! ```no_run
//! if !bpfscope_tests::kernel::available("hash map agreement") { return; }
//! ```
#![allow(unsafe_code, reason = "bpf(2) has no safe wrapper in std")]

use std::io::{self, Write};
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

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
    ProgTestRun = 10,
    BtfLoad = 18,
    MapLookupAndDeleteElem = 21,
    MapFreeze = 22,
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

fn address(bytes: &[u8]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_ptr() as u64 }
}

fn address_mut(bytes: &mut [u8]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_mut_ptr() as u64 }
}

/// Whether bpf(2) works here; when not, says on standard error that `what` is skipped, in the form that
/// `cargo xtask test` counts, and past the test harness, which hides what a passing test prints.
pub fn available(what: &str) -> bool {
    match Map::create(&MapSpec { map_type: 2, key_size: 4, value_size: 4, max_entries: 1, ..MapSpec::default() }) {
        Ok(_) => true,
        Err(errno) => {
            let why = io::Error::from_raw_os_error(errno);
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "skipped: {what}: bpf(2) is refused: {why}");
            false
        }
    }
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

/// What `BPF_MAP_CREATE` takes.
#[derive(Clone, Debug, Default)]
pub struct MapSpec {
    /// `enum bpf_map_type`.
    pub map_type: u32,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Entries at most.
    pub max_entries: u32,
    /// `BPF_F_*`.
    pub flags: u32,
    /// Descriptor of the template, for maps of maps.
    pub inner: Option<i32>,
    /// Its name, as the verifier's log shows it; what the kernel does not take in names becomes `_`.
    pub name: String,
    /// `map_extra`: hash functions of a bloom filter, address of an arena.
    pub extra: u64,
    /// Types of keys and values.
    pub types: Option<MapTypes>,
}

/// BTF of a map's keys and values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MapTypes {
    /// Descriptor of the loaded BTF.
    pub btf: i32,
    /// Type of keys; 0 for none.
    pub key: u32,
    /// Type of values; 0 for none.
    pub value: u32,
}

/// A name as the kernel takes them: 15 characters at most.
fn kernel_name(name: &str) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out[..15].iter_mut().zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() || matches!(from, b'_' | b'.') { from } else { b'_' };
    }
    out
}

/// A map in the kernel. Keys and values given must have the map's sizes; anything else panics.
#[derive(Debug)]
pub struct Map {
    fd: OwnedFd,
    key_size: usize,
    /// Bytes of a value as user space sees it: all CPUs' values, for per-CPU maps.
    value_size: usize,
}

/// Types whose entries have one value for each CPU.
const PERCPU_TYPES: [u32; 4] = [5, 6, 10, 21];

#[repr(C)]
struct MapCreateAttr {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
    inner_map_fd: u32,
    numa_node: u32,
    map_name: [u8; 16],
    map_ifindex: u32,
    btf_fd: u32,
    btf_key_type_id: u32,
    btf_value_type_id: u32,
    btf_vmlinux_value_type_id: u32,
    map_extra: u64,
}

#[repr(C)]
struct MapElemAttr {
    map_fd: u32,
    pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

impl Map {
    /// `BPF_MAP_CREATE`.
    pub fn create(spec: &MapSpec) -> KernelResult<Map> {
        let mut attr = MapCreateAttr {
            map_type: spec.map_type,
            key_size: spec.key_size,
            value_size: spec.value_size,
            max_entries: spec.max_entries,
            map_flags: spec.flags,
            inner_map_fd: spec.inner.unwrap_or(0) as u32,
            numa_node: 0,
            map_name: kernel_name(&spec.name),
            map_ifindex: 0,
            btf_fd: spec.types.map_or(0, |t| t.btf as u32),
            btf_key_type_id: spec.types.map_or(0, |t| t.key),
            btf_value_type_id: spec.types.map_or(0, |t| t.value),
            btf_vmlinux_value_type_id: 0,
            map_extra: spec.extra,
        };
        let fd = owned(bpf(Cmd::MapCreate, &mut attr)?);
        let value_size = match spec.value_size as usize {
            size if PERCPU_TYPES.contains(&spec.map_type) => size.next_multiple_of(8) * possible_cpus() as usize,
            size => size,
        };
        Ok(Map { fd, key_size: spec.key_size as usize, value_size })
    }

    /// The descriptor, for instructions and for other maps.
    pub fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// Bytes of a value as user space sees it: all CPUs' values rounded up to 8 bytes each, for per-CPU maps.
    pub fn value_size(&self) -> usize {
        self.value_size
    }

    fn elem(&self, cmd: Cmd, key: Option<&[u8]>, value: u64, flags: u64) -> KernelResult<()> {
        assert!(key.is_none_or(|k| k.len() == self.key_size), "keys of this map have {} bytes", self.key_size);
        let mut attr = MapElemAttr { map_fd: self.fd() as u32, pad: 0, key: key.map_or(0, address), value, flags };
        bpf(cmd, &mut attr).map(|_| ())
    }

    /// `BPF_MAP_LOOKUP_ELEM`; the key is empty for queues and stacks.
    pub fn lookup(&self, key: &[u8]) -> KernelResult<Vec<u8>> {
        let mut value = vec![0; self.value_size];
        self.elem(Cmd::MapLookupElem, Some(key), address_mut(&mut value), 0).map(|()| value)
    }

    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`: what pops from queues and stacks.
    pub fn lookup_and_delete(&self, key: &[u8]) -> KernelResult<Vec<u8>> {
        let mut value = vec![0; self.value_size];
        self.elem(Cmd::MapLookupAndDeleteElem, Some(key), address_mut(&mut value), 0).map(|()| value)
    }

    /// `BPF_MAP_UPDATE_ELEM`.
    pub fn update(&self, key: &[u8], value: &[u8], flags: u64) -> KernelResult<()> {
        assert_eq!(value.len(), self.value_size, "bytes of a value");
        self.elem(Cmd::MapUpdateElem, Some(key), address(value), flags)
    }

    /// `BPF_MAP_DELETE_ELEM`.
    pub fn delete(&self, key: &[u8]) -> KernelResult<()> {
        self.elem(Cmd::MapDeleteElem, Some(key), 0, 0)
    }

    /// `BPF_MAP_GET_NEXT_KEY`; `None` asks for the first key, `Ok(None)` is the end.
    pub fn next_key(&self, key: Option<&[u8]>) -> KernelResult<Option<Vec<u8>>> {
        let mut next = vec![0; self.key_size];
        match self.elem(Cmd::MapGetNextKey, key, address_mut(&mut next), 0) {
            Ok(()) => Ok(Some(next)),
            Err(libc::ENOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Every key, in the kernel's order. Ends after `limit` keys whatever happens.
    pub fn keys(&self, limit: usize) -> KernelResult<Vec<Vec<u8>>> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        while keys.len() < limit {
            match self.next_key(keys.last().map(Vec::as_slice))? {
                Some(key) => keys.push(key),
                None => break,
            }
        }
        Ok(keys)
    }

    /// `BPF_MAP_FREEZE`: from now on user space may not write.
    pub fn freeze(&self) -> KernelResult<()> {
        self.elem(Cmd::MapFreeze, None, 0, 0)
    }
}

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

/// The text in a buffer that the kernel filled.
fn text(log: &[u8]) -> String {
    let end = log.iter().position(|&b| b == 0).unwrap_or(log.len());
    String::from_utf8_lossy(&log[..end]).into_owned()
}

/// A loaded program.
#[derive(Debug)]
pub struct Prog {
    fd: OwnedFd,
    /// What the verifier wrote.
    pub log: String,
}

/// A load that the kernel refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The errno.
    pub errno: i32,
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
        prog_name: [0; 16],
        prog_ifindex: 0,
        expected_attach_type: spec.expected_attach_type,
        prog_btf_fd: types.btf as u32,
        func_info_rec_size: if types.funcs.is_empty() { 0 } else { size_of::<[u32; 2]>() as u32 },
        func_info: if types.funcs.is_empty() { 0 } else { types.funcs.as_ptr() as u64 },
        func_info_cnt: types.funcs.len() as u32,
        line_info_rec_size: if types.lines.is_empty() { 0 } else { size_of::<[u32; 4]>() as u32 },
        line_info: if types.lines.is_empty() { 0 } else { types.lines.as_ptr() as u64 },
        line_info_cnt: types.lines.len() as u32,
        attach_btf_id: 0,
    };
    bpf(Cmd::ProgLoad, &mut attr).map(owned)
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

    /// The descriptor, for prog arrays and attachment.
    pub fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// `BPF_PROG_TEST_RUN`.
    pub fn run(&self, spec: &RunSpec) -> KernelResult<RunOutput> {
        let mut data = vec![0u8; if spec.data.is_empty() { 0 } else { spec.data.len() + GROWTH }];
        let mut ctx = vec![0u8; if spec.ctx.is_empty() { 0 } else { spec.ctx.len() + GROWTH }];
        let mut attr = TestRunAttr {
            prog_fd: self.fd() as u32,
            retval: 0,
            data_size_in: spec.data.len() as u32,
            data_size_out: data.len() as u32,
            data_in: address(spec.data),
            data_out: address_mut(&mut data),
            repeat: spec.repeat,
            duration: 0,
            ctx_size_in: spec.ctx.len() as u32,
            ctx_size_out: ctx.len() as u32,
            ctx_in: address(spec.ctx),
            ctx_out: address_mut(&mut ctx),
            flags: spec.flags,
            cpu: 0,
            batch_size: 0,
            pad: 0,
        };
        bpf(Cmd::ProgTestRun, &mut attr)?;
        data.truncate(attr.data_size_out as usize);
        ctx.truncate(attr.ctx_size_out as usize);
        Ok(RunOutput { ret: attr.retval, data, ctx, duration: attr.duration })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// r0 = 2; exit
    const PASS: &[u8] = &[0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    const XDP: u32 = 6;

    #[test]
    fn a_map_keeps_what_is_stored() {
        if !available("a map in the kernel") {
            return;
        }
        let spec = MapSpec { map_type: 1, key_size: 4, value_size: 8, max_entries: 2, ..MapSpec::default() };
        let map = Map::create(&spec).unwrap();
        map.update(&[1, 0, 0, 0], &[7; 8], 0).unwrap();
        assert_eq!(map.lookup(&[1, 0, 0, 0]), Ok(vec![7; 8]));
        assert_eq!(map.keys(10), Ok(vec![vec![1, 0, 0, 0]]));
        assert_eq!(map.delete(&[2, 0, 0, 0]), Err(libc::ENOENT));
    }

    #[test]
    fn a_program_loads_and_runs() {
        if !available("a program in the kernel") {
            return;
        }
        let prog = Prog::load(&ProgSpec { prog_type: XDP, insns: PASS, ..ProgSpec::default() }).unwrap();
        let run = prog.run(&RunSpec { data: &[0; 64], ..RunSpec::default() }).unwrap();
        assert_eq!((run.ret, run.data.len()), (2, 64));
    }

    #[test]
    fn a_refused_program_has_the_verifiers_log() {
        if !available("a refusal by the kernel") {
            return;
        }
        let spec = ProgSpec { prog_type: XDP, insns: &PASS[8..], log_level: 1, ..ProgSpec::default() };
        let refused = Prog::load(&spec).unwrap_err();
        assert_eq!(refused.errno, libc::EACCES);
        assert!(refused.log.contains("R0 !read_ok"), "{}", refused.log);
    }
}
