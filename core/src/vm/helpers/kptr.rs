//! Pointers to objects, in values of maps and to a CPU's copy.

use super::super::addr::{Addr, Region};
use super::super::call::Call;
use super::Ret;

/// Exchanges the pointer in a field.
pub(super) fn exchange(call: &mut Call<'_>, [field, new, ..]: [u64; 5]) -> Ret {
    let old = call.read(field, 8)?.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    call.write(field, &new.to_le_bytes())?;
    Ok(old)
}

pub(super) fn per_cpu_ptr(call: &mut Call<'_>, [object, cpu, ..]: [u64; 5]) -> Ret {
    let cpu = cpu as u32;
    if cpu >= call.env.cpus { Ok(0) } else { copy_of(call, object, cpu) }
}

pub(super) fn this_cpu_ptr(call: &mut Call<'_>, [object, ..]: [u64; 5]) -> Ret {
    let cpu = call.env.cpu;
    copy_of(call, object, cpu)
}

/// A CPU's copy of an object that has one for each.
fn copy_of(call: &Call<'_>, at: u64, cpu: u32) -> Ret {
    let size = match Addr(at).region() {
        Some(Region::Object(object)) => call.maps.heap.size(object),
        _ => None,
    };
    let size = size.ok_or_else(|| call.argument(1, "an object with a copy for each CPU", at))?;
    Ok(at + size as u64 / u64::from(call.env.cpus) * u64::from(cpu))
}
