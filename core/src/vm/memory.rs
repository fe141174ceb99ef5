//! Memory by address: which bytes a region holds, and how addresses and faults read in words.
//!
//! The context is not memory: its fields are computed (`vm::context`). A map or a function has an address
//! but no bytes.

use super::addr::{self, Addr, Region};
use super::fault::FaultKind;
use super::frames::Frames;
use super::structs::Thing;
use crate::kernel::MapId;
use crate::maps::{MapStore, Place, ValueRef};
use crate::net::SkBuff;

/// Bytes of all stacks.
pub(super) const STACKS: usize = (addr::STACK_SIZE * addr::RUN_FRAMES) as usize;
/// An index masked by this is in the stacks.
const MASK: usize = STACKS - 1;
/// Bytes behind the stacks, so that eight bytes at any masked index are there without a check.
const GUARD: usize = 8;

/// The stacks of all frames.
pub(super) struct Memory {
    stack: Box<[u8; STACKS + GUARD]>,
    /// What the calls under way saved.
    pub frames: Frames,
    /// What a helper reads last of a structure of the kernel: its bytes are made when they are asked for.
    pub made: Vec<u8>,
}

impl Memory {
    pub fn new() -> Memory {
        Memory { stack: Box::new([0; STACKS + GUARD]), frames: Frames::new(), made: Vec::new() }
    }

    /// Zeroes the `bytes` below a frame's pointer.
    pub fn clear(&mut self, depth: usize, bytes: u32) {
        let end = (depth + 1) * addr::STACK_SIZE as usize;
        let start = end.saturating_sub(bytes as usize);
        if let Some(frame) = self.stack.get_mut(start..end) {
            frame.fill(0);
        }
    }

    /// `N` bytes at an index that is known to be in the stacks.
    #[inline(always)]
    pub fn at<const N: usize>(&self, index: usize) -> [u8; N] {
        let index = index & MASK;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.stack[index..index + N]);
        bytes
    }

    /// Writes `N` bytes at an index that is known to be in the stacks.
    #[inline(always)]
    pub fn set<const N: usize>(&mut self, index: usize, bytes: [u8; N]) {
        let index = index & MASK;
        self.stack[index..index + N].copy_from_slice(&bytes);
    }
}

/// Index into the stacks of `len` bytes at an address, if they lie in one frame.
#[inline]
pub(super) fn stack_index(addr: u64, len: usize) -> Option<usize> {
    let depth = Addr(addr).region_number().wrapping_sub(addr::STACK);
    let within = Addr(addr).offset().wrapping_sub(addr::STACK_TOP - addr::STACK_SIZE) as usize;
    let size = addr::STACK_SIZE as usize;
    (depth < addr::RUN_FRAMES && within < size && within + len <= size).then(|| depth as usize * size + within)
}

/// The offset in the packet region as a position: 0 is the first byte as the packet came in.
fn position(addr: u64) -> i32 {
    Addr(addr).offset().wrapping_sub(addr::PACKET_BASE) as i32
}

/// The address of the packet's first byte (`data`).
pub(super) fn packet_start(skb: &SkBuff) -> u64 {
    super::context::packet_addr(skb.packet.start())
}

/// The bytes at an address, or `None` if they are not all there.
pub(super) fn read<'a>(
    mem: &'a Memory,
    maps: &'a MapStore,
    skb: &'a SkBuff,
    addr: u64,
    len: usize,
) -> Option<&'a [u8]> {
    let offset = Addr(addr).offset();
    match Addr(addr).region()? {
        Region::Stack(_) => stack_index(addr, len).map(|at| &mem.stack[at..at + len]),
        Region::Packet => skb.packet.get(position(addr), len),
        Region::MapValue(map) => maps.value(map, offset, len as u32),
        Region::Record(map) => maps.record(map, offset, len as u32),
        Region::Object(object) => maps.heap.get(object, offset, len),
        Region::Ctx | Region::Map(_) | Region::Func | Region::Socket | Region::Structure(_) => None,
    }
}

/// The bytes at an address, if they are on the stack.
#[inline]
pub(super) fn stack(mem: &Memory, addr: u64, len: usize) -> Option<&[u8]> {
    let at = stack_index(addr, len)?;
    mem.stack.get(at..at + len)
}

/// The bytes at an address, to write.
pub(super) fn write<'a>(
    mem: &'a mut Memory,
    maps: &'a mut MapStore,
    skb: &'a mut SkBuff,
    addr: u64,
    len: usize,
) -> Option<&'a mut [u8]> {
    match Addr(addr).region()? {
        Region::Packet => skb.packet.get_mut(position(addr), len),
        _ => write_beside(mem, maps, addr, len),
    }
}

/// The bytes at an address outside of the packet.
pub(super) fn read_beside<'a>(mem: &'a Memory, maps: &'a MapStore, addr: u64, len: usize) -> Option<&'a [u8]> {
    let offset = Addr(addr).offset();
    if let Some(at) = stack_index(addr, len) {
        return mem.stack.get(at..at + len);
    }
    match Addr(addr).region()? {
        Region::MapValue(map) => maps.value(map, offset, len as u32),
        Region::Record(map) => maps.record(map, offset, len as u32),
        Region::Object(object) => maps.heap.get(object, offset, len),
        _ => None,
    }
}

/// The bytes at an address outside of the packet, to write.
pub(super) fn write_beside<'a>(
    mem: &'a mut Memory,
    maps: &'a mut MapStore,
    addr: u64,
    len: usize,
) -> Option<&'a mut [u8]> {
    let offset = Addr(addr).offset();
    if let Some(at) = stack_index(addr, len) {
        return mem.stack.get_mut(at..at + len);
    }
    match Addr(addr).region()? {
        Region::MapValue(map) => maps.value_mut(map, offset, len as u32),
        Region::Record(map) => maps.record_mut(map, offset, len as u32),
        Region::Object(object) => maps.heap.get_mut(object, offset, len),
        _ => None,
    }
}

/// The address of a map's value, as a program holds it.
pub(super) fn value_addr(map: MapId, value: ValueRef) -> u64 {
    Addr::new(addr::MAP_VALUE + map.0, value.offset).0
}

/// An address in words: `pkt+14`, `fp-8`, `ctx`, `map counts`, `counts[0]+8`. `None` for a plain number.
pub(super) fn describe_addr(value: u64, maps: &MapStore) -> Option<String> {
    let offset = Addr(value).offset();
    let from = |name: &str, base: u32| format!("{name}{:+}", offset.wrapping_sub(base) as i32);
    let map_name = |map: MapId| maps.def(map).map(|def| def.name.as_str());
    Some(match Addr(value).region()? {
        Region::Ctx if offset == 0 => "ctx".into(),
        Region::Ctx => from("ctx", 0),
        Region::Packet => from("pkt", addr::PACKET_BASE),
        Region::Stack(_) if offset == addr::STACK_TOP => "fp".into(),
        Region::Stack(_) => from("fp", addr::STACK_TOP),
        Region::Map(map) if offset == 0 => format!("map {}", map_name(map)?),
        Region::Map(map) => from(&format!("map {}", map_name(map)?), 0),
        Region::MapValue(map) => match maps.locate(map, offset) {
            Some(place) => describe_place(map_name(map)?, &place),
            None => from(&format!("{}[?]", map_name(map)?), 0),
        },
        Region::Record(map) => from(&format!("{} record", map_name(map)?), 0),
        Region::Func => format!("function at {offset}"),
        Region::Socket => {
            from(&format!("socket {}", offset / addr::SOCKET_SIZE), offset / addr::SOCKET_SIZE * addr::SOCKET_SIZE)
        }
        Region::Object(object) => from(&format!("object {object}"), 0),
        Region::Structure(number) => {
            let name = Thing::of(number).map_or("structure", Thing::name);
            let first = offset / addr::STRUCTURE_SIZE * addr::STRUCTURE_SIZE;
            match Thing::of(number) {
                Some(Thing::Socket) => from(&format!("{name} {}", first / addr::STRUCTURE_SIZE), first),
                _ if offset == 0 => name.to_owned(),
                _ => from(name, 0),
            }
        }
    })
}

/// A place in a map's values: `counts[17]+0`, `hits[0] of cpu 1+4`, `flows[0a000001]+8 (deleted)`.
fn describe_place(map: &str, place: &Place) -> String {
    let key = match place.key.len() {
        0 => place.slot.to_string(),
        1..=8 => super::observe::word(&place.key).to_string(),
        _ => place.key.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let cpu = place.cpu.map(|cpu| format!(" of cpu {cpu}")).unwrap_or_default();
    let deleted = if place.live { "" } else { " (deleted)" };
    format!("{map}[{key}]{cpu}+{}{deleted}", place.within)
}

/// A value in words, whatever it is.
pub(super) fn describe(value: u64, maps: &MapStore) -> String {
    describe_addr(value, maps).unwrap_or_else(|| format!("{value:#x}"))
}

/// The fault of an access that does not lie in one region.
#[cold]
pub(super) fn fault(access: &'static str, addr: u64, len: u32, maps: &MapStore, skb: &SkBuff) -> FaultKind {
    let offset = Addr(addr).offset();
    let reason = match Addr(addr).region() {
        None => "not an address".to_owned(),
        Some(Region::Ctx) => "not a field of the context that can be accessed so".into(),
        Some(Region::Packet) if position(addr) < skb.packet.meta() => {
            format!("packet starts at {}", skb.packet.meta())
        }
        Some(Region::Packet) => format!("packet ends at {}", skb.packet.end()),
        Some(Region::Stack(_)) => format!("the frame is the {} bytes below fp", addr::STACK_SIZE),
        Some(Region::Map(_)) => "a map is not memory: look its values up".into(),
        Some(Region::MapValue(map)) => match maps.def(map) {
            Some(def) if maps.locate(map, offset).is_some() => format!("a value has {} bytes", def.value_size),
            _ => "there is no value".into(),
        },
        Some(Region::Record(_)) => "not within a reserved record".into(),
        Some(Region::Func) => "a function is not memory".into(),
        Some(Region::Socket) => "not a field of a socket that can be accessed so".into(),
        Some(Region::Object(object)) => match maps.heap.size(object) {
            Some(size) => format!("the object has {size} bytes"),
            None => "there is no object".into(),
        },
        Some(Region::Structure(_)) => "structures of the kernel can be read alone".into(),
    };
    FaultKind::Access { access, len, place: describe(addr, maps), reason }
}

/// The fault of an access through a pointer that is null, as look-ups return it.
#[cold]
pub(super) fn null_fault(access: &'static str, offset: u64, len: u32) -> FaultKind {
    let place = if offset == 0 { "null".to_owned() } else { format!("null{:+}", offset as i64) };
    let reason = "null pointer: a look-up that finds nothing returns it".to_owned();
    FaultKind::Access { access, len, place, reason }
}
