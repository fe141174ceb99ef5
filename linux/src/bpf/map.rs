//! `BPF_MAP_*`.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use super::object::pin;
use super::{Cmd, KernelResult, address, address_mut, bpf, kernel_name, owned};
use crate::host::possible_cpus;

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

/// A map in the kernel. Keys and values of other sizes than the map's are `EINVAL`, before the kernel is asked.
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

    /// The same, held for as long as the map is.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Bytes of a key; 0 for queues and stacks.
    pub fn key_size(&self) -> usize {
        self.key_size
    }

    /// Bytes of a value as user space sees it: all CPUs' values rounded up to 8 bytes each, for per-CPU maps.
    pub fn value_size(&self) -> usize {
        self.value_size
    }

    fn elem(&self, cmd: Cmd, key: Option<&[u8]>, value: u64, flags: u64) -> KernelResult<()> {
        if key.is_some_and(|k| k.len() != self.key_size) {
            return Err(libc::EINVAL);
        }
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
        if value.len() != self.value_size {
            return Err(libc::EINVAL);
        }
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

    /// Pins the map at a path on a bpf file system.
    ///
    /// # Errors
    /// The path is taken, or elsewhere.
    pub fn pin(&self, path: &Path) -> io::Result<()> {
        pin(self.fd(), path)
    }
}
