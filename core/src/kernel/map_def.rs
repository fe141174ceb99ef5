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
