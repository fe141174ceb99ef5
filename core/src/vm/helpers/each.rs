//! `bpf_for_each_map_elem`.
//!
//! The function gets a key in memory of its own ([`Region::Object`](crate::vm::Region)), which ends with the helper.
//! Which entries come follows from the keys that there are at the start; of those, the ones that are deleted meanwhile do
//! not come. Arrays come by index.

use super::super::addr::{self, Addr};
use super::super::call::Call;
use super::super::callback::{Begun, Caller, Next, Work};
use super::super::fault::FaultKind;
use crate::kernel::{Errno, MapId};

/// A walk over a map.
pub(crate) struct Each {
    map: MapId,
    ctx: u64,
    keys: Keys,
    /// Memory of the key that the function sees.
    key: u64,
    called: u64,
}

/// Keys that are still to come.
enum Keys {
    /// Indices.
    Indices(std::ops::Range<u32>),
    /// Any.
    Any(std::vec::IntoIter<Vec<u8>>),
}

impl Iterator for Keys {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Keys::Indices(range) => range.next().map(|index| index.to_le_bytes().to_vec()),
            Keys::Any(keys) => keys.next(),
        }
    }
}

pub(super) fn start(call: &mut Call<'_>, [map, func, ctx, flags, _]: [u64; 5]) -> Result<Begun, FaultKind> {
    let id = call.map(map, 1)?;
    if flags != 0 {
        return Ok(Begun::Done(Errno::Einval.ret()));
    }
    let Some(def) = call.maps.def(id) else { return Ok(Begun::Done(Errno::Einval.ret())) };
    let (key_size, entries) = (def.key_size, def.max_entries);
    let keys = match def.map_type.is_array() {
        true => Keys::Indices(0..entries),
        false => Keys::Any(call.maps.walk_keys(id).into_iter()),
    };
    let key = call.maps.heap_alloc(key_size).ok_or_else(|| call.out_of_memory())?;
    let key = Addr::new(addr::OBJECT + key, 0).0;
    Caller::begin(call, func, 2, Work::Each(Each { map: id, ctx, keys, key, called: 0 }))
}

impl Each {
    /// The function ends the walk by returning other than 0; the helper returns how often it was called.
    pub(crate) fn next(&mut self, call: &mut Call<'_>, ret: Option<u64>) -> Result<Next, FaultKind> {
        let cpu = call.env.cpu;
        if ret.is_none_or(|ret| ret == 0) {
            for key in self.keys.by_ref() {
                let Ok(Some(value)) = call.maps.find(self.map, &key, cpu) else { continue };
                self.called += 1;
                call.write(self.key, &key)?;
                let map = Addr::new(addr::MAP + self.map.0, 0).0;
                return Ok(Next::Call([map, self.key, call.value_addr(self.map, value), self.ctx, 0]));
            }
        }
        call.maps.heap_free(Addr(self.key).region_number() - addr::OBJECT);
        Ok(Next::Done(self.called))
    }
}
