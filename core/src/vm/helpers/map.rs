//! Maps.

use super::super::addr::{self, Addr};
use super::super::call::Call;
use super::{Ret, errno, status};
use crate::kernel::{Errno, MapId, MapType};
use crate::maps::ValueRef;

pub(super) fn lookup_elem(call: &mut Call<'_>, [map, key, ..]: [u64; 5]) -> Ret {
    let cpu = call.env.cpu;
    lookup(call, map, key, cpu)
}

pub(super) fn lookup_percpu_elem(call: &mut Call<'_>, [map, key, cpu, ..]: [u64; 5]) -> Ret {
    let cpu = cpu as u32;
    if cpu >= call.maps.cpus() {
        return Ok(0);
    }
    lookup(call, map, key, cpu)
}

/// The address of a value, in a map of maps of a map; null when there is none.
fn lookup(call: &mut Call<'_>, map: u64, key: u64, cpu: u32) -> Ret {
    let id = call.map(map, 1)?;
    let Some(def) = call.maps.def(id) else { return Ok(0) };
    let key_size = def.key_size;
    if def.map_type.holds_maps() {
        let key = call.copy(key, key_size)?;
        return Ok(call.maps.inner(id, &key).map_or(0, |inner| Addr::new(addr::MAP + inner.0, 0).0));
    }
    let value = call.lookup(id, key, key_size, cpu)?;
    Ok(value.map_or(0, |value| call.value_addr(id, value)))
}

pub(super) fn update_elem(call: &mut Call<'_>, [map, key, value, flags, _]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    let (key_size, value_size) = sizes(call, id);
    let key = call.copy(key, key_size)?;
    let value = call.copy(value, value_size)?;
    let cpu = call.env.cpu;
    status(call.maps.update(id, &key, &value, flags, cpu))
}

pub(super) fn delete_elem(call: &mut Call<'_>, [map, key, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    let (key_size, _) = sizes(call, id);
    let key = call.copy(key, key_size)?;
    status(call.maps.delete(id, &key))
}

pub(super) fn push_elem(call: &mut Call<'_>, [map, value, flags, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    let (_, value_size) = sizes(call, id);
    let value = call.copy(value, value_size)?;
    status(call.maps.push(id, &value, flags))
}

pub(super) fn pop_elem(call: &mut Call<'_>, [map, value, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    let found = call.maps.pop(id);
    give(call, id, value, found)
}

pub(super) fn peek_elem(call: &mut Call<'_>, [map, value, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    if call.maps.def(id).is_some_and(|def| def.map_type == MapType::BloomFilter) {
        let (_, value_size) = sizes(call, id);
        let value_bytes = call.copy(value, value_size)?;
        return status(call.maps.may_have(id, &value_bytes));
    }
    let found = call.maps.peek(id);
    give(call, id, value, found)
}

/// Copies a value to the program's memory, which is cleared when there is none.
fn give(call: &mut Call<'_>, id: MapId, to: u64, found: Result<ValueRef, Errno>) -> Ret {
    let (_, value_size) = sizes(call, id);
    match found {
        Ok(at) => {
            let value = call.maps.value(id, at.offset, value_size).unwrap_or(&[]).to_vec();
            call.write(to, &value)?;
            Ok(0)
        }
        Err(e) => {
            super::packet::clear(call, to, value_size)?;
            errno(e)
        }
    }
}

/// Bytes of a key and of a value.
fn sizes(call: &Call<'_>, id: MapId) -> (u32, u32) {
    call.maps.def(id).map_or((0, 0), |def| (def.key_size, def.value_size))
}

/// The storage of the control group that the program is attached to.
pub(super) fn get_local_storage(call: &mut Call<'_>, [map, ..]: [u64; 5]) -> Ret {
    let id = call.map(map, 1)?;
    let (leaving, cpu) = (call.skb.device.leaving, call.env.cpu);
    let value = call.maps.group_value(id, leaving, cpu).map_err(|_| call.out_of_memory())?;
    Ok(call.value_addr(id, value))
}
