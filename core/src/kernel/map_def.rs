//! What `BPF_MAP_CREATE` takes: a map's definition (bpf(2), `struct bpf_map_def`, BTF-defined maps).

use super::MapType;

/// A map's number within one object or scenario: its place in the list of definitions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct MapId(pub u32);

impl MapId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A map's definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapDef {
    /// Name; `.rodata`, `.data`, `.bss` for global data.
    pub name: String,
    /// Type.
    pub map_type: MapType,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Entries at most (bytes, for a ring buffer).
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// Template of the inner maps, for maps of maps.
    pub inner: Option<Box<MapDef>>,
    /// What the map holds at the start.
    pub initial: Vec<InitialEntry>,
    /// How keys are shown, when BTF tells.
    pub key_format: ValueFormat,
    /// How values are shown, when BTF tells.
    pub value_format: ValueFormat,
    /// Whether the object asks for pinning by name (`LIBBPF_PIN_BY_NAME`).
    pub pinned: bool,
    /// `map_extra`: hash functions of a bloom filter, address of an arena.
    pub extra: u64,
    /// Type of the keys, by its number in the object's BTF; 0 when BTF does not tell.
    pub key_type: u32,
    /// Type of the values, likewise; of a data section its `DATASEC`.
    pub value_type: u32,
    /// Fields of a value that the kernel itself uses, in order of their offset, when BTF tells.
    pub special: Vec<SpecialField>,
}

/// A field of a value that programs must leave to the kernel: a lock, a timer, a kernel pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpecialField {
    /// What it is.
    pub kind: FieldKind,
    /// Bytes from the value's start.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
    /// Of a kernel pointer the type that it points to, of a list or tree that of its elements, by its number in the
    /// object's BTF; else 0.
    pub type_id: u32,
    /// Of a list or tree, where in an element its node is; else 0.
    pub node: u32,
}

/// Structures of the kernel that a field may hold a reference to (`__kptr`): those that it knows how to give back.
pub(crate) const KPTR_STRUCTS: [&str; 6] =
    ["bpf_cpumask", "bpf_crypto_ctx", "cgroup", "prog_test_member", "prog_test_ref_kfunc", "task_struct"];

/// Kinds of special fields (the kernel's `enum btf_field_type`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are the kernel's own")]
pub enum FieldKind {
    SpinLock,
    ResSpinLock,
    Timer,
    Workqueue,
    TaskWork,
    KptrUnref,
    KptrRef,
    KptrPercpu,
    Uptr,
    ListHead,
    ListNode,
    RbRoot,
    RbNode,
    Refcount,
}

impl FieldKind {
    /// The structures that are special wherever they are: name and bytes. One of another size is as any other.
    pub const STRUCTS: [(&'static str, FieldKind, u32); 10] = [
        ("bpf_spin_lock", FieldKind::SpinLock, 4),
        ("bpf_res_spin_lock", FieldKind::ResSpinLock, 4),
        ("bpf_timer", FieldKind::Timer, 16),
        ("bpf_wq", FieldKind::Workqueue, 16),
        ("bpf_task_work", FieldKind::TaskWork, 8),
        ("bpf_list_head", FieldKind::ListHead, 16),
        ("bpf_list_node", FieldKind::ListNode, 24),
        ("bpf_rb_root", FieldKind::RbRoot, 16),
        ("bpf_rb_node", FieldKind::RbNode, 32),
        ("bpf_refcount", FieldKind::Refcount, 4),
    ];

    /// What a tag on a pointer's type makes of it (`__kptr` and the like of `bpf_helpers.h`).
    pub const TAGS: [(&'static str, FieldKind); 4] = [
        ("kptr_untrusted", FieldKind::KptrUnref),
        ("kptr", FieldKind::KptrRef),
        ("percpu_kptr", FieldKind::KptrPercpu),
        ("uptr", FieldKind::Uptr),
    ];

    /// Whether values of maps of that type may have such a field: the kernel refuses to create another map with types.
    pub const fn is_for(self, map_type: MapType) -> bool {
        use MapType::*;
        let storage = matches!(map_type, SkStorage | InodeStorage | TaskStorage | CgrpStorage);
        match self {
            FieldKind::SpinLock | FieldKind::ResSpinLock => storage || matches!(map_type, Hash | Array | CgroupStorage),
            FieldKind::Timer | FieldKind::Workqueue | FieldKind::TaskWork | FieldKind::ListHead | FieldKind::RbRoot => {
                matches!(map_type, Hash | LruHash | Array)
            }
            FieldKind::KptrUnref | FieldKind::KptrRef | FieldKind::KptrPercpu | FieldKind::Refcount => {
                storage || matches!(map_type, Hash | PercpuHash | LruHash | LruPercpuHash | Array | PercpuArray)
            }
            FieldKind::Uptr => matches!(map_type, TaskStorage),
            // Plain bytes in a value: they are looked for in objects alone.
            FieldKind::ListNode | FieldKind::RbNode => true,
        }
    }

    /// The name in the kernel's messages (`btf_field_type_name`).
    pub const fn name(self) -> &'static str {
        match self {
            FieldKind::SpinLock => "bpf_spin_lock",
            FieldKind::ResSpinLock => "bpf_res_spin_lock",
            FieldKind::Timer => "bpf_timer",
            FieldKind::Workqueue => "bpf_wq",
            FieldKind::TaskWork => "bpf_task_work",
            FieldKind::KptrUnref | FieldKind::KptrRef => "kptr",
            FieldKind::KptrPercpu => "percpu_kptr",
            FieldKind::Uptr => "uptr",
            FieldKind::ListHead => "bpf_list_head",
            FieldKind::ListNode => "bpf_list_node",
            FieldKind::RbRoot => "bpf_rb_root",
            FieldKind::RbNode => "bpf_rb_node",
            FieldKind::Refcount => "bpf_refcount",
        }
    }
}

impl MapDef {
    /// The flags that programs are held to: values of device maps are the kernel's own, so that programs only read them.
    pub fn prog_flags(&self) -> u32 {
        match self.map_type {
            MapType::Devmap | MapType::DevmapHash => self.flags | map_flags::RDONLY_PROG,
            _ => self.flags,
        }
    }

    /// Whether loaders freeze it once it is filled, so that its values are known to the verifier: constant data.
    pub fn is_frozen(&self) -> bool {
        self.name.starts_with('.') && self.flags & map_flags::RDONLY_PROG != 0
    }

    /// The special field of that kind in a value: the last of several, as the kernel has it.
    pub fn field(&self, kind: FieldKind) -> Option<&SpecialField> {
        self.special.iter().rfind(|f| f.kind == kind)
    }

    /// A definition with these sizes and nothing else: no flags, no inner map, empty at the start.
    pub fn new(name: &str, map_type: MapType, key_size: u32, value_size: u32, max_entries: u32) -> MapDef {
        MapDef {
            name: name.to_owned(),
            map_type,
            key_size,
            value_size,
            max_entries,
            flags: 0,
            inner: None,
            initial: Vec::new(),
            key_format: ValueFormat::Bytes,
            value_format: ValueFormat::Bytes,
            pinned: false,
            extra: 0,
            key_type: 0,
            value_type: 0,
            special: Vec::new(),
        }
    }
}

/// Creation and update flags (`linux/bpf.h`, bpf(2)).
pub mod map_flags {
    /// Entries are allocated when they are stored, not at creation.
    pub const NO_PREALLOC: u32 = 1 << 0;
    /// An LRU hash has one list of entries for each CPU.
    pub const NO_COMMON_LRU: u32 = 1 << 1;
    /// Memory comes from a given NUMA node.
    pub const NUMA_NODE: u32 = 1 << 2;
    /// User space may only read.
    pub const RDONLY: u32 = 1 << 3;
    /// User space may only write.
    pub const WRONLY: u32 = 1 << 4;
    /// The hash has no random seed.
    pub const ZERO_SEED: u32 = 1 << 6;
    /// Programs may only read.
    pub const RDONLY_PROG: u32 = 1 << 7;
    /// Programs may only write.
    pub const WRONLY_PROG: u32 = 1 << 8;
    /// A socket that is accepted has a copy of its listener's storage.
    pub const CLONE: u32 = 1 << 9;
    /// User space may map the array into memory.
    pub const MMAPABLE: u32 = 1 << 10;
    /// Programs in a perf event array outlive the descriptor that stored them.
    pub const PRESERVE_ELEMS: u32 = 1 << 11;
    /// An inner array may have a different number of entries than the template.
    pub const INNER_MAP: u32 = 1 << 12;

    /// `update`: store whether or not the key exists.
    pub const BPF_ANY: u64 = 0;
    /// `update`: only when the key does not exist.
    pub const BPF_NOEXIST: u64 = 1;
    /// `update`: only when the key exists.
    pub const BPF_EXIST: u64 = 2;
    /// `update`, `lookup`: under the value's `bpf_spin_lock`.
    pub const BPF_F_LOCK: u64 = 4;
}

/// An entry that a map holds from the start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitialEntry {
    /// Key bytes.
    pub key: Vec<u8>,
    /// What is stored.
    pub value: InitialValue,
}

/// The value of an [`InitialEntry`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InitialValue {
    /// Plain bytes (`.rodata`, `.data`).
    Bytes(Vec<u8>),
    /// A program by name, in a prog array.
    Program(String),
    /// Another map of the same object, in a map of maps.
    Map(MapId),
}

impl InitialValue {
    /// The program, by name, if it is one.
    pub fn program(&self) -> Option<&str> {
        match self {
            InitialValue::Program(name) => Some(name),
            InitialValue::Bytes(_) | InitialValue::Map(_) => None,
        }
    }
}

/// How bytes are shown to a person: a type cut down to what display needs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ValueFormat {
    /// Nothing is known: hexadecimal bytes.
    #[default]
    Bytes,
    /// An integer of the bytes' length, in host order.
    Int {
        /// Whether it is signed.
        signed: bool,
    },
    /// Named members at bit offsets.
    Struct(Vec<Member>),
    /// `count` elements of one format.
    Array {
        /// Bytes of one element.
        stride: u32,
        /// Format of each element.
        element: Box<ValueFormat>,
    },
}

/// A member of a [`ValueFormat::Struct`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Offset in bytes.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
    /// Format.
    pub format: ValueFormat,
}
