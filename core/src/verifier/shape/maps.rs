//! Maps that the program refers to: which of them programs of its type may use.

use super::Asked;
use crate::kernel::{Feature, FieldKind, MapDef, MapType, ProgType, ProgTypes};
use crate::verifier::finding::ShapeFinding;

/// Offsets into map values from here on are refused, whatever the map.
const MAX_VAR_OFF: u32 = 1 << 29;

/// Notes that the program refers to a map.
pub(super) fn use_map<'a>(asked: &Asked<'a>, fd: i32, used: &mut Vec<i32>) -> Result<&'a MapDef, ShapeFinding> {
    let map = map_of(asked, fd).ok_or(ShapeFinding::NoMap { fd })?;
    if used.contains(&fd) {
        return Ok(map);
    }
    if used.len() >= asked.limits().maps as usize {
        return Err(ShapeFinding::TooManyMaps);
    }
    if map.map_type.since() > asked.kernel {
        return Err(ShapeFinding::NoMapType { map_type: map.map_type });
    }
    check_fields(asked.prog_type, map)?;
    if map.map_type == MapType::StructOps {
        return Err(ShapeFinding::StructOpsMap);
    }
    let storage = asked.has(Feature::StorageForSleepers);
    let known = match map.map_type {
        MapType::InodeStorage | MapType::SkStorage | MapType::TaskStorage => storage,
        MapType::Queue | MapType::Stack => asked.has(Feature::QueuesForSleepers),
        _ => true,
    };
    if asked.is_sleepable() && !(known && sleepers_may_use(map.map_type)) {
        return Err(ShapeFinding::SleepableMap { storage });
    }
    let another = || used.iter().any(|&fd| map_of(asked, fd).is_some_and(|other| other.map_type == map.map_type));
    match map.map_type {
        MapType::CgroupStorage | MapType::PercpuCgroupStorage if another() => {
            return Err(ShapeFinding::SecondCgroupStorage);
        }
        MapType::Arena if another() => return Err(ShapeFinding::SecondArena),
        MapType::Arena if !asked.privileged => return Err(ShapeFinding::ArenaRight),
        MapType::Arena if map.extra == 0 => return Err(ShapeFinding::ArenaAddress),
        _ => {}
    }
    used.push(fd);
    Ok(map)
}

fn map_of<'a>(asked: &Asked<'a>, fd: i32) -> Option<&'a MapDef> {
    asked.maps.get(usize::try_from(fd).ok()?)
}

/// Values with fields of the kernel's are not for every type of program.
fn check_fields(prog_type: ProgType, map: &MapDef) -> Result<(), ShapeFinding> {
    use FieldKind::{ListHead, RbRoot, ResSpinLock, SpinLock, Timer, Workqueue};
    let tracing = ProgTypes::TRACING.contains(prog_type);
    let has = |kinds: &[FieldKind]| kinds.iter().any(|&kind| map.field(kind).is_some());
    let refuse = |who, field| Err(ShapeFinding::MapField { who, field });
    if has(&[ListHead, RbRoot]) && tracing {
        return refuse("tracing", "bpf_{list_head,rb_root}");
    }
    if has(&[SpinLock, ResSpinLock]) && prog_type == ProgType::SocketFilter {
        return refuse("socket filter", "bpf_spin_lock");
    }
    if has(&[SpinLock, ResSpinLock]) && tracing {
        return refuse("tracing", "bpf_spin_lock");
    }
    if has(&[Timer]) && tracing {
        return refuse("tracing", "bpf_timer");
    }
    if has(&[Workqueue]) && tracing {
        return refuse("tracing", "bpf_wq");
    }
    Ok(())
}

/// Whether programs that may sleep can use maps of that type.
const fn sleepers_may_use(map_type: MapType) -> bool {
    use MapType::*;
    matches!(
        map_type,
        Hash | LruHash
            | Array
            | PercpuHash
            | PercpuArray
            | LruPercpuHash
            | ArrayOfMaps
            | HashOfMaps
            | Ringbuf
            | UserRingbuf
            | InodeStorage
            | SkStorage
            | TaskStorage
            | CgrpStorage
            | Queue
            | Stack
            | Arena
    )
}

/// Whether the address of that byte of the map's value can be loaded.
pub(super) fn check_map_value(map: &MapDef, off: u32) -> Result<(), ShapeFinding> {
    if off >= MAX_VAR_OFF {
        return Err(ShapeFinding::MapValueOffset { off });
    }
    let size = map.value_size;
    match map.map_type {
        MapType::Array if map.max_entries != 1 => Err(ShapeFinding::MapValueBounds { size, off, entries: true }),
        MapType::Array if off >= size => Err(ShapeFinding::MapValueBounds { size, off, entries: false }),
        MapType::Array | MapType::Arena => Ok(()),
        _ => Err(ShapeFinding::NoDirectValue),
    }
}
