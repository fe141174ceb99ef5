//! Map types: number, name and the kernel each came in (`enum bpf_map_type`, bpf(2), Documentation/bpf/map_*.rst).

use std::fmt;

use super::KernelVersion;

/// What is known of a map type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MapTypeRow {
    /// The type.
    pub map_type: MapType,
    /// Name as bpftool prints it.
    pub name: &'static str,
    /// Kernel that it came in.
    pub since: KernelVersion,
    /// Whether it holds anything in [`crate::maps::MapStore`].
    pub simulated: bool,
    /// What it is for, in a line.
    pub doc: &'static str,
}

/// Declares [`MapType`] and its table from the same rows, so that neither can miss one.
macro_rules! map_types {
    ($($variant:ident = $number:literal, $name:literal, $major:literal . $minor:literal, $simulated:literal, $doc:literal;)*) => {
        /// A map's type, with the kernel's number.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u32)]
        pub enum MapType {
            $(#[doc = $doc] $variant = $number,)*
        }

        /// Every map type up to [`KernelVersion::LATEST`], in order of its number.
        pub const MAP_TYPES: &[MapTypeRow] = &[
            $(MapTypeRow {
                map_type: MapType::$variant,
                name: $name,
                since: KernelVersion::new($major, $minor),
                simulated: $simulated,
                doc: $doc,
            },)*
        ];
    };
}

map_types! {
    Hash = 1, "hash", 3 . 19, true, "Any key to a value.";
    Array = 2, "array", 3 . 19, true, "Values by index; every entry exists from the start, zeroed.";
    ProgArray = 3, "prog_array", 4 . 2, true, "Programs by index, for tail calls.";
    PerfEventArray = 4, "perf_event_array", 4 . 3, true, "Perf events by CPU, for output to user space.";
    PercpuHash = 5, "percpu_hash", 4 . 6, true, "A hash whose entries have one value for each CPU.";
    PercpuArray = 6, "percpu_array", 4 . 6, true, "An array whose entries have one value for each CPU.";
    StackTrace = 7, "stack_trace", 4 . 6, false, "Call stacks by their number.";
    CgroupArray = 8, "cgroup_array", 4 . 8, true, "Control groups by index, to test membership.";
    LruHash = 9, "lru_hash", 4 . 10, true, "A hash that makes room by evicting what was not used lately.";
    LruPercpuHash = 10, "lru_percpu_hash", 4 . 10, true, "An LRU hash with one value for each CPU.";
    LpmTrie = 11, "lpm_trie", 4 . 11, true, "Longest prefix match, as routing tables do.";
    ArrayOfMaps = 12, "array_of_maps", 4 . 12, true, "Maps by index.";
    HashOfMaps = 13, "hash_of_maps", 4 . 12, true, "Maps by any key.";
    Devmap = 14, "devmap", 4 . 14, true, "Network devices by index, for redirection from XDP.";
    Sockmap = 15, "sockmap", 4 . 14, true, "Sockets by index.";
    Cpumap = 16, "cpumap", 4 . 15, true, "CPUs that XDP can hand packets to.";
    Xskmap = 17, "xskmap", 4 . 18, true, "AF_XDP sockets by queue.";
    Sockhash = 18, "sockhash", 4 . 18, true, "Sockets by any key.";
    CgroupStorage = 19, "cgroup_storage", 4 . 19, true, "Storage of a control group and attachment (superseded by cgrp_storage).";
    ReuseportSockarray = 20, "reuseport_sockarray", 4 . 19, false, "Sockets of an SO_REUSEPORT group.";
    PercpuCgroupStorage = 21, "percpu_cgroup_storage", 4 . 20, true, "Per-CPU storage of a control group and attachment.";
    Queue = 22, "queue", 4 . 20, true, "Values, first in first out.";
    Stack = 23, "stack", 4 . 20, true, "Values, last in first out.";
    SkStorage = 24, "sk_storage", 5 . 2, true, "Storage attached to sockets.";
    DevmapHash = 25, "devmap_hash", 5 . 4, true, "Network devices by any number.";
    StructOps = 26, "struct_ops", 5 . 6, false, "Kernel callbacks implemented by programs.";
    Ringbuf = 27, "ringbuf", 5 . 8, true, "Records to user space, one buffer for all CPUs.";
    InodeStorage = 28, "inode_storage", 5 . 10, false, "Storage attached to inodes.";
    TaskStorage = 29, "task_storage", 5 . 11, true, "Storage attached to tasks.";
    BloomFilter = 30, "bloom_filter", 5 . 16, true, "Set membership with false positives.";
    UserRingbuf = 31, "user_ringbuf", 6 . 1, true, "Records from user space to programs.";
    CgrpStorage = 32, "cgrp_storage", 6 . 2, true, "Storage attached to control groups.";
    Arena = 33, "arena", 6 . 9, false, "Memory shared between programs and user space.";
}

impl MapType {
    /// The type with that number.
    pub fn from_number(number: u32) -> Option<MapType> {
        let place = MAP_TYPES.binary_search_by_key(&number, |row| row.map_type as u32);
        place.ok().map(|i| MAP_TYPES[i].map_type)
    }

    /// The type with that name: as bpftool prints it, or as C spells it (`BPF_MAP_TYPE_HASH`).
    pub fn from_name(name: &str) -> Option<MapType> {
        let plain = name.strip_prefix("BPF_MAP_TYPE_").unwrap_or(name);
        MAP_TYPES.iter().find(|row| row.name.eq_ignore_ascii_case(plain)).map(|row| row.map_type)
    }

    /// Its row in [`MAP_TYPES`].
    pub fn row(self) -> &'static MapTypeRow {
        // Numbers run from 1 without a gap (see the test below).
        &MAP_TYPES[self as usize - 1]
    }

    /// The number in `enum bpf_map_type`.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Name as bpftool prints it, such as `percpu_hash`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Kernel that it came in.
    pub fn since(self) -> KernelVersion {
        self.row().since
    }

    /// Whether it holds anything in [`crate::maps::MapStore`].
    pub fn is_simulated(self) -> bool {
        self.row().simulated
    }

    /// Whether an entry has one value for each CPU.
    pub const fn is_percpu(self) -> bool {
        use MapType::*;
        matches!(self, PercpuHash | PercpuArray | LruPercpuHash | PercpuCgroupStorage)
    }

    /// Whether entries have an index, and every one exists from the start.
    pub const fn is_array(self) -> bool {
        matches!(self, MapType::Array | MapType::PercpuArray)
    }

    /// Whether it is a hash: any key to a value.
    pub const fn is_hash(self) -> bool {
        matches!(self, MapType::Hash | MapType::PercpuHash | MapType::LruHash | MapType::LruPercpuHash)
    }

    /// Whether entries are other maps.
    pub const fn holds_maps(self) -> bool {
        matches!(self, MapType::ArrayOfMaps | MapType::HashOfMaps)
    }

    /// Whether entries are what XDP redirects packets to.
    pub const fn is_for_redirects(self) -> bool {
        matches!(self, MapType::Devmap | MapType::DevmapHash | MapType::Cpumap | MapType::Xskmap)
    }

    /// Whether programs store, by `bpf_map_update_elem`.
    pub const fn is_updated_by_programs(self) -> bool {
        use MapType::*;
        matches!(self, Hash | Array | PercpuHash | PercpuArray | LruHash | LruPercpuHash | LpmTrie | SkStorage)
    }

    /// Whether values are memory that programs see through a pointer from a look-up.
    pub const fn has_value_memory(self) -> bool {
        use MapType::*;
        let storage = matches!(self, TaskStorage | CgrpStorage | CgroupStorage | PercpuCgroupStorage);
        self.is_updated_by_programs() || storage || matches!(self, Devmap | DevmapHash | Cpumap)
    }
}

impl fmt::Display for MapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_of_numbers_without_a_gap() {
        for (i, row) in MAP_TYPES.iter().enumerate() {
            assert_eq!(row.map_type as usize, i + 1, "{}", row.name);
            assert_eq!(row.map_type.row(), row);
        }
    }

    #[test]
    fn a_type_is_found_by_number_and_by_both_names() {
        for row in MAP_TYPES {
            assert_eq!(MapType::from_number(row.map_type.number()), Some(row.map_type));
            assert_eq!(MapType::from_name(row.name), Some(row.map_type));
            let c_name = format!("BPF_MAP_TYPE_{}", row.name.to_uppercase());
            assert_eq!(MapType::from_name(&c_name), Some(row.map_type));
        }
        for unknown in [0, 34, u32::MAX] {
            assert_eq!(MapType::from_number(unknown), None);
        }
        assert_eq!(MapType::from_name("hashish"), None);
    }
}
