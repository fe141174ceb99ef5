//! What the records are that programs send through ring buffers and perf buffers, as far as the object's types tell.
//!
//! Nothing in an object must say it: user space knows. A type is taken for a record's when it has the record's size and
//!
//! 1. is the value type of the ring buffer,
//! 2. or a global pointer of the program is to it: the customary `struct event *unused`, there for generators of bindings,
//! 3. or its name says that it is an event, and no other such type has that size.

use crate::kernel::{MapDef, MapId, MapType, ValueFormat};
use crate::object::{Btf, Kind, Type};

use super::{format::format_value, hex};

/// Words in the names of types for events.
const NAMES: [&str; 4] = ["event", "record", "sample", "message"];

/// The types of an object's records.
#[derive(Default)]
pub(super) struct RecordTypes {
    /// By map: the type of the ring buffer's values.
    of_maps: Vec<Option<RecordType>>,
    /// Types that may be those of records, the likeliest first.
    likely: Vec<RecordType>,
}

struct RecordType {
    name: String,
    size: u32,
    format: ValueFormat,
}

impl RecordTypes {
    /// What an object's types tell of its maps' records.
    pub fn of(btf: Option<&Btf>, maps: &[MapDef]) -> RecordTypes {
        let Some(btf) = btf else { return RecordTypes::default() };
        let of_map = |map: &MapDef| {
            let known = map.map_type == MapType::Ringbuf && map.value_type != 0;
            record_type(btf, btf.resolve(map.value_type).filter(|_| known)?)
        };
        let pointed_to = btf.types().filter(|t| t.kind() == Kind::Var).filter_map(|var| {
            let pointer = btf.resolve(var.target()).filter(|t| t.kind() == Kind::Ptr)?;
            record_type(btf, btf.resolve(pointer.target())?)
        });
        let named: Vec<RecordType> = btf
            .types()
            .filter(|t| NAMES.iter().any(|name| t.name().to_ascii_lowercase().contains(name)))
            .filter_map(|t| record_type(btf, t))
            .collect();
        let sizes: Vec<u32> = named.iter().map(|t| t.size).collect();
        let alone = named.into_iter().filter(|t| sizes.iter().filter(|size| **size == t.size).count() == 1);
        RecordTypes { of_maps: maps.iter().map(of_map).collect(), likely: pointed_to.chain(alone).collect() }
    }

    /// A record in words: its type with its fields where the type is known, else its bytes in hexadecimal.
    pub fn text(&self, map: MapId, data: &[u8]) -> String {
        let fits = |t: &&RecordType| t.size as usize == data.len();
        let of_map = self.of_maps.get(map.index()).and_then(Option::as_ref).filter(fits);
        match of_map.or_else(|| self.likely.iter().find(fits)) {
            Some(t) => format!("{} {}", t.name, format_value(data, &t.format)),
            None => hex::encode(data),
        }
    }
}

/// A structure as the type of a record.
fn record_type(btf: &Btf, t: Type<'_>) -> Option<RecordType> {
    let is_record = matches!(t.kind(), Kind::Struct | Kind::Union) && t.size() > 0 && !t.name().is_empty();
    is_record.then(|| RecordType { name: t.name().to_owned(), size: t.size(), format: btf.value_format(t.id()) })
}
