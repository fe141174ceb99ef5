//! Objects of the program's own: allocated, shared, freed, and in lists.
//!
//! An object is a region of its own, and what a list holds is kept beside the value that the list is in. An entry that is
//! deleted does not free what it owned; that costs memory of the maps' limit, and nothing else can be seen of it.

use super::super::addr::{self, Addr, Region};
use super::super::call::Call;
use super::super::fault::FaultKind;
use super::{Ret, status};
use crate::kernel::Errno;
use crate::maps::{FieldPlace, ListPlace};

/// Bytes of an object of the program's type of that number.
fn size(call: &Call<'_>, type_id: u64) -> Result<u32, FaultKind> {
    let found = call.prog.objects.iter().find(|(id, _)| u64::from(*id) == type_id);
    found.map(|(_, size)| *size).ok_or_else(|| call.argument(1, "the number of a structure's type", type_id))
}

fn allocate(call: &mut Call<'_>, size: u32) -> Ret {
    Ok(call.maps.heap_alloc(size).map_or(0, |object| Addr::new(addr::OBJECT + object, 0).0))
}

/// The object that an argument (counted from 1) points into.
fn object(call: &Call<'_>, at: u64) -> Result<u32, FaultKind> {
    match Addr(at).region() {
        Some(Region::Object(object)) => Ok(object),
        _ => Err(call.argument(1, "an object", at)),
    }
}

/// The list or tree that an argument points to.
pub(super) fn head(call: &Call<'_>, list: u64) -> Result<ListPlace, FaultKind> {
    let offset = Addr(list).offset();
    match Addr(list).region() {
        Some(Region::MapValue(map)) => Ok(ListPlace::Value(FieldPlace { map, offset })),
        Some(Region::Object(object)) => Ok(ListPlace::Object(object, offset)),
        _ => Err(call.argument(1, "a list or tree in a map's value or an object", list)),
    }
}

pub(super) fn new(call: &mut Call<'_>, [type_id, ..]: [u64; 5]) -> Ret {
    let size = size(call, type_id)?;
    allocate(call, size)
}

/// The copies lie one after the other.
pub(super) fn percpu_new(call: &mut Call<'_>, [type_id, ..]: [u64; 5]) -> Ret {
    let size = size(call, type_id)?.next_multiple_of(8);
    allocate(call, size * call.env.cpus)
}

pub(super) fn drop(call: &mut Call<'_>, [at, ..]: [u64; 5]) -> Ret {
    let object = object(call, at)?;
    call.maps.heap_release(object);
    Ok(0)
}

pub(super) fn acquire(call: &mut Call<'_>, [at, ..]: [u64; 5]) -> Ret {
    let object = object(call, at)?;
    Ok(if call.maps.heap_acquire(object) { at } else { 0 })
}

pub(super) fn push_front(call: &mut Call<'_>, [list, node, ..]: [u64; 5]) -> Ret {
    push(call, list, node, true)
}

pub(super) fn push_back(call: &mut Call<'_>, [list, node, ..]: [u64; 5]) -> Ret {
    push(call, list, node, false)
}

/// A node that is in a list already is given up.
fn push(call: &mut Call<'_>, list: u64, node: u64, front: bool) -> Ret {
    let list = head(call, list)?;
    if call.maps.list_push(list, node, front) {
        return status(Ok(()));
    }
    release(call, node)?;
    status(Err(Errno::Einval))
}

/// Gives the object of a node up.
pub(super) fn release(call: &mut Call<'_>, node: u64) -> Result<(), FaultKind> {
    let object = object(call, node)?;
    call.maps.heap_release(object);
    Ok(())
}

pub(super) fn pop_front(call: &mut Call<'_>, [list, ..]: [u64; 5]) -> Ret {
    let list = head(call, list)?;
    Ok(call.maps.list_pop(list, true).unwrap_or(0))
}

pub(super) fn pop_back(call: &mut Call<'_>, [list, ..]: [u64; 5]) -> Ret {
    let list = head(call, list)?;
    Ok(call.maps.list_pop(list, false).unwrap_or(0))
}

pub(super) fn front(call: &mut Call<'_>, [list, ..]: [u64; 5]) -> Ret {
    let list = head(call, list)?;
    Ok(call.maps.list_of(list).first().copied().unwrap_or(0))
}

pub(super) fn back(call: &mut Call<'_>, [list, ..]: [u64; 5]) -> Ret {
    let list = head(call, list)?;
    Ok(call.maps.list_of(list).last().copied().unwrap_or(0))
}
