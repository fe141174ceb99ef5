//! What a definition must fulfil: the kernel's checks at `BPF_MAP_CREATE`, told so that one can act on them.

use crate::kernel::map_flags::*;
use crate::kernel::{Errno, MapDef, MapType};

use super::lpm;
use super::slab;

/// A map that cannot be created or filled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("map `{map}`: {problem}")]
pub struct MapError {
    /// Name of the map.
    pub map: String,
    /// What is wrong with it.
    pub problem: MapProblem,
}

/// What is wrong with a map's definition.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MapProblem {
    /// A key size that the type does not take.
    #[error("a key of {size} bytes: {map_type} takes {wanted}")]
    KeySize {
        /// Type of the map.
        map_type: MapType,
        /// The key size.
        size: u32,
        /// What it may be.
        wanted: &'static str,
    },
    /// A value size that the type does not take.
    #[error("a value of {size} bytes: {map_type} takes {wanted}")]
    ValueSize {
        /// Type of the map.
        map_type: MapType,
        /// The value size.
        size: u32,
        /// What it may be.
        wanted: &'static str,
    },
    /// A value larger than the kernel allocates.
    #[error("a value of {size} bytes: {map_type} takes {limit} at most")]
    ValueTooBig {
        /// Type of the map.
        map_type: MapType,
        /// The value size.
        size: u32,
        /// Largest value.
        limit: u32,
    },
    /// No entries.
    #[error("max_entries is 0")]
    NoEntries,
    /// A key that does not fit a program's stack.
    #[error("a key of {0} bytes: the kernel takes 512 at most")]
    KeyTooBig(u32),
    /// More entries, or buckets for them, than the kernel makes.
    #[error("{entries} entries: the kernel makes no such map of more than {limit}")]
    TooManyEntries {
        /// `max_entries`.
        entries: u32,
        /// The most it can be.
        limit: u32,
    },
    /// A ring buffer of a size that cannot be.
    #[error(
        "a ring buffer of {0} bytes: the size (max_entries) must be a power of two and a multiple of the page size, 4096"
    )]
    RingbufSize(u32),
    /// Flags that the type does not take.
    #[error("map_flags {flags:#x}: {map_type} does not take {unknown:#x}")]
    Flags {
        /// Type of the map.
        map_type: MapType,
        /// All flags.
        flags: u32,
        /// Those not taken.
        unknown: u32,
    },
    /// Flags that exclude each other.
    #[error("map_flags {0:#x} say both read-only and write-only")]
    Access(u32),
    /// Tries are not preallocated.
    #[error("lpm_trie needs BPF_F_NO_PREALLOC (0x1) in map_flags, which are {0:#x}")]
    NeedsNoPrealloc(u32),
    /// Storage that is declared like other maps.
    #[error("{0} needs BPF_F_NO_PREALLOC, types of key and value, and no max_entries")]
    Storage(MapType),
    /// Storage of control groups with a number of entries.
    #[error("{0} has no max_entries: every attachment has its value")]
    Entries(MapType),
    /// LRU hashes are preallocated.
    #[error("{0} cannot have BPF_F_NO_PREALLOC: its entries are made at creation")]
    NeedsPrealloc(MapType),
    /// A map of maps without a template.
    #[error("{0} needs the definition of its inner maps (`__array(values, …)`, or inner_map_fd)")]
    NoInner(MapType),
    /// A template that cannot be.
    #[error("inner maps cannot be {0}")]
    InnerType(MapType),
    /// The template is wrong in itself.
    #[error("inner map: {0}")]
    Inner(Box<MapProblem>),
    /// More memory than there is.
    #[error("{entries} entries of {key_size}+{value_size} bytes{} need {}; the limit is {}", percpu(*.lanes), bytes(*.need), bytes(*.limit))]
    Memory {
        /// `max_entries`.
        entries: u32,
        /// Bytes of a key.
        key_size: u32,
        /// Bytes of a value.
        value_size: u32,
        /// Values of an entry.
        lanes: u32,
        /// Bytes in all.
        need: u64,
        /// Bytes that can be had.
        limit: u64,
    },
    /// More maps than one machine can have.
    #[error("more than {0} maps")]
    TooManyMaps(u32),
    /// What it holds at the start cannot be stored.
    #[error("initial entry with key {}: {errno}", hex(.key))]
    Initial {
        /// Key of the entry.
        key: Vec<u8>,
        /// Why not.
        errno: Errno,
    },
    /// A prog array starts with a program that there is none of.
    #[error("initial entry with key {}: there is no program `{program}`", hex(.key))]
    NoProgram {
        /// Key of the entry.
        key: Vec<u8>,
        /// Name of the program.
        program: String,
    },
}

impl MapProblem {
    /// What the kernel's `BPF_MAP_CREATE` (or the update that stores an initial entry) fails with.
    pub fn errno(&self) -> Errno {
        match self {
            MapProblem::ValueTooBig { .. } | MapProblem::TooManyEntries { .. } | MapProblem::KeyTooBig(_) => {
                Errno::E2big
            }
            MapProblem::TooManyMaps(_) => Errno::E2big,
            MapProblem::Memory { .. } => Errno::Enomem,
            MapProblem::NeedsPrealloc(_) => Errno::Enotsupp,
            MapProblem::InnerType(inner) if !inner.holds_maps() => Errno::Enotsupp,
            MapProblem::Inner(problem) => problem.errno(),
            MapProblem::Initial { errno, .. } => *errno,
            MapProblem::NoProgram { .. } => Errno::Enoent,
            _ => Errno::Einval,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn percpu(lanes: u32) -> String {
    if lanes == 1 { String::new() } else { format!(" for each of {lanes} CPUs") }
}

/// A number of bytes for people: `512 MiB`, rounded up.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match UNITS.iter().find(|(_, shift)| count >> shift != 0) {
        Some((unit, shift)) => format!("{} {unit}", count.div_ceil(1 << shift)),
        None => format!("{count} bytes"),
    }
}

/// Largest per-CPU value (`PCPU_MIN_UNIT_SIZE`).
const MAX_PERCPU_VALUE: u32 = 32 << 10;
/// Largest allocation of the kernel (`KMALLOC_MAX_SIZE`), less the head of an entry; it is not reached.
const MAX_ENTRY: u32 = (4 << 20) - 48 - 1;
/// Most buckets of a hash: each is 16 bytes, counted in 32 bits.
const MAX_BUCKETS: u32 = 1 << 27;
/// Bytes of a program's stack (`MAX_BPF_STACK`).
const MAX_STACK: u32 = 512;
/// CPUs that distributions build kernels for (`NR_CPUS`).
const MAX_CPUS: u32 = 8192;
/// A page.
const PAGE: u32 = 4096;
/// Flags that every type takes.
const ACCESS: u32 = RDONLY | WRONLY | RDONLY_PROG | WRONLY_PROG;

/// Checks a definition as the kernel does. Of types that are not simulated the rules are not known here.
///
/// # Errors
/// What is wrong with it, the first that the kernel finds.
pub fn check(def: &MapDef) -> Result<(), MapProblem> {
    use MapType::*;
    if !def.map_type.is_simulated() {
        return Ok(());
    }
    if matches!(def.map_type, CgroupStorage | PercpuCgroupStorage) {
        return check_group_storage(def);
    }
    check_flags(def)?;
    check_sizes(def)?;
    if matches!(def.map_type, SkStorage | TaskStorage | CgrpStorage) {
        return check_storage(def);
    }
    let is_ring = matches!(def.map_type, Ringbuf | UserRingbuf);
    if def.max_entries == 0 && !is_ring {
        return Err(MapProblem::NoEntries);
    }
    check_value_limit(def)?;
    match def.map_type {
        Hash | PercpuHash | LruHash | LruPercpuHash | HashOfMaps => check_entries(def)?,
        Cpumap if def.max_entries > MAX_CPUS => {
            return Err(MapProblem::TooManyEntries { entries: def.max_entries, limit: MAX_CPUS });
        }
        Sockhash if def.key_size > MAX_STACK => return Err(MapProblem::KeyTooBig(def.key_size)),
        Ringbuf | UserRingbuf if !def.max_entries.is_power_of_two() || !def.max_entries.is_multiple_of(PAGE) => {
            return Err(MapProblem::RingbufSize(def.max_entries));
        }
        _ => {}
    }
    if def.map_type.holds_maps() { check_inner(def) } else { Ok(()) }
}

fn check_flags(def: &MapDef) -> Result<(), MapProblem> {
    use MapType::*;
    let map_type = def.map_type;
    let taken = match map_type {
        Array => NUMA_NODE | MMAPABLE | INNER_MAP | ACCESS,
        PercpuArray => ACCESS,
        PerfEventArray => NUMA_NODE | PRESERVE_ELEMS | RDONLY | WRONLY,
        ProgArray | ArrayOfMaps | CgroupArray => NUMA_NODE | RDONLY | WRONLY,
        Devmap | DevmapHash | Xskmap | Sockmap | Sockhash => NUMA_NODE | RDONLY | WRONLY,
        TaskStorage | CgrpStorage => NO_PREALLOC,
        CgroupStorage | PercpuCgroupStorage => NUMA_NODE | ACCESS,
        BloomFilter => NUMA_NODE | ZERO_SEED | ACCESS,
        Hash | PercpuHash | HashOfMaps => NO_PREALLOC | NUMA_NODE | ZERO_SEED | ACCESS,
        LruHash | LruPercpuHash => NO_PREALLOC | NO_COMMON_LRU | NUMA_NODE | ZERO_SEED | ACCESS,
        LpmTrie => NO_PREALLOC | NUMA_NODE | ACCESS,
        Queue | Stack => NUMA_NODE | ACCESS,
        SkStorage => NO_PREALLOC | CLONE,
        _ => NUMA_NODE,
    };
    let unknown = def.flags & !taken;
    if unknown != 0 {
        return Err(MapProblem::Flags { map_type, flags: def.flags, unknown });
    }
    for both in [RDONLY | WRONLY, RDONLY_PROG | WRONLY_PROG] {
        if def.flags & both == both {
            return Err(MapProblem::Access(def.flags));
        }
    }
    match (map_type, def.flags & NO_PREALLOC != 0) {
        (LpmTrie, false) => Err(MapProblem::NeedsNoPrealloc(def.flags)),
        (LruHash | LruPercpuHash, true) => Err(MapProblem::NeedsPrealloc(map_type)),
        _ => Ok(()),
    }
}

/// Storage belongs to its owner: it has no number of entries, and types that say where the kernel's fields are.
fn check_storage(def: &MapDef) -> Result<(), MapProblem> {
    if def.flags & NO_PREALLOC == 0 || def.max_entries != 0 || def.key_type == 0 || def.value_type == 0 {
        return Err(MapProblem::Storage(def.map_type));
    }
    check_value_limit(def)
}

/// A value for each attachment, and no number of entries.
fn check_group_storage(def: &MapDef) -> Result<(), MapProblem> {
    check_sizes(def)?;
    check_value_limit(def)?;
    check_flags(def)?;
    if def.max_entries == 0 { Ok(()) } else { Err(MapProblem::Entries(def.map_type)) }
}

fn check_sizes(def: &MapDef) -> Result<(), MapProblem> {
    use MapType::*;
    let map_type = def.map_type;
    let (key, value) = (def.key_size, def.value_size);
    let wrong_key = |wanted| Err(MapProblem::KeySize { map_type, size: key, wanted });
    let wrong_value = |wanted| Err(MapProblem::ValueSize { map_type, size: value, wanted });
    let lpm_keys = 5..=4 + lpm::MAX_DATA as u32;
    match map_type {
        Array | PercpuArray | ProgArray | PerfEventArray | ArrayOfMaps | CgroupArray if key != 4 => wrong_key("4"),
        Devmap | DevmapHash | Cpumap | Xskmap | Sockmap | SkStorage | TaskStorage | CgrpStorage if key != 4 => {
            wrong_key("4")
        }
        CgroupStorage | PercpuCgroupStorage if key != 8 && key != 16 => wrong_key("8 or 16"),
        LpmTrie if !lpm_keys.contains(&key) => wrong_key("4 bytes of length and 1 to 256 of data"),
        Queue | Stack | Ringbuf | UserRingbuf | BloomFilter if key != 0 => wrong_key("none"),
        Hash | PercpuHash | LruHash | LruPercpuHash | HashOfMaps | Sockhash if key == 0 => wrong_key("1 or more"),
        ProgArray | PerfEventArray | ArrayOfMaps | HashOfMaps | CgroupArray | Xskmap if value != 4 => wrong_value("4"),
        Devmap | DevmapHash | Cpumap | Sockmap | Sockhash if value != 4 && value != 8 => wrong_value("4 or 8"),
        Ringbuf | UserRingbuf if value != 0 => wrong_value("none"),
        _ if value == 0 && !matches!(map_type, Ringbuf | UserRingbuf) => wrong_value("1 or more"),
        LpmTrie if value > MAX_ENTRY - lpm::MAX_DATA as u32 => wrong_value("less than 4 MiB"),
        _ => Ok(()),
    }
}

fn check_value_limit(def: &MapDef) -> Result<(), MapProblem> {
    use MapType::*;
    let (map_type, size) = (def.map_type, def.value_size);
    let limit = match map_type {
        PercpuArray | PercpuHash | LruPercpuHash | PercpuCgroupStorage => MAX_PERCPU_VALUE,
        Array => slab::MAX_VALUE_SIZE - 1,
        _ => MAX_ENTRY.saturating_sub(def.key_size),
    };
    match size > limit {
        true => Err(MapProblem::ValueTooBig { map_type, size, limit }),
        false => Ok(()),
    }
}

fn check_entries(def: &MapDef) -> Result<(), MapProblem> {
    match def.max_entries > MAX_BUCKETS {
        true => Err(MapProblem::TooManyEntries { entries: def.max_entries, limit: MAX_BUCKETS }),
        false => Ok(()),
    }
}

fn check_inner(def: &MapDef) -> Result<(), MapProblem> {
    let inner = def.inner.as_deref().ok_or(MapProblem::NoInner(def.map_type))?;
    if inner.map_type.holds_maps() || inner.map_type == MapType::ProgArray {
        return Err(MapProblem::InnerType(inner.map_type));
    }
    check(inner).map_err(|problem| MapProblem::Inner(Box::new(problem)))
}

/// Whether a map may be stored where the template is asked for.
pub(crate) fn fits_template(template: &MapDef, map: &MapDef) -> bool {
    let key = |def: &MapDef| (def.map_type, def.key_size, def.value_size, def.flags);
    let fixed = matches!(map.map_type, MapType::Array | MapType::PercpuArray) && template.flags & INNER_MAP == 0;
    key(template) == key(map) && (!fixed || template.max_entries == map.max_entries)
}

/// Bytes that a map has from the start, whatever is stored: arrays, queues and ring buffers.
pub(crate) fn fixed_bytes(def: &MapDef, lanes: u32) -> u64 {
    use MapType::*;
    let entries = u64::from(def.max_entries);
    match def.map_type {
        Array | PercpuArray => entries * slab::stride(def.value_size) as u64 * u64::from(lanes),
        Queue | Stack => entries * slab::stride(def.value_size) as u64,
        ProgArray | PerfEventArray | ArrayOfMaps | CgroupArray => entries * 8,
        Devmap | Cpumap | Xskmap => entries * 16,
        BloomFilter => super::bloom::bits(def) / 8,
        Ringbuf | UserRingbuf => entries,
        _ => 0,
    }
}

/// Bytes that a map can come to need, for hash-like maps that the kernel would allocate at creation.
pub(crate) fn full_bytes(def: &MapDef, lanes: u32) -> u64 {
    match def.flags & NO_PREALLOC {
        0 => u64::from(def.max_entries) * slab::stride(def.value_size) as u64 * u64::from(lanes),
        _ => 0,
    }
}
