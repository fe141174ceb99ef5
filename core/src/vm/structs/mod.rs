//! Structures of the kernel as memory that programs can read and never write.
//!
//! A pointer to one is an address like any other, in a region of its own by [`Thing`]; where a field is, the types say that
//! the program was loaded for: the kernel's, or the object's own where there were none, as CO-RE takes them. What is known
//! here of a structure is a row of [`FACTS`] with the field that it stands in. Every other byte is zero, as if it had been
//! written so: no program faults on what the simulator does not know, nor on what is behind a pointer that is null, for which
//! a kernel's probe reads give zero too.

mod facts;

use std::sync::{Arc, OnceLock};

use super::addr::{self, Addr, Region};
use super::env::Env;
use super::observe::word;
use crate::maps::MapStore;
use crate::net::SkBuff;
use crate::object::{Btf, Kind, TypeId};
use facts::FACTS;

/// Bytes read at once, at most.
const MAX_READ: u32 = 1 << 20;
/// Structures without a name within structures that are looked into.
const MAX_NESTING: usize = 16;
/// Members that are looked at for a field, at most: types of a hostile object can be without end.
const MAX_MEMBERS: u32 = 1 << 14;

/// A structure of the kernel that programs can have a pointer to; the number is its region's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Thing {
    /// `struct task_struct` of the idle task.
    Task,
    /// `struct cgroup`, the first.
    Cgroup,
    /// `struct kernfs_node` of the first control group.
    Node,
    /// `struct pt_regs`: where user space was interrupted, had there been any.
    Regs,
    /// `struct sk_buff` of the packet.
    Skb,
    /// `struct xdp_buff` of the packet.
    Xdp,
    /// `struct xdp_rxq_info`: where the packet came in.
    Queue,
    /// `struct net_device` that the packet is on.
    Device,
    /// `struct bpf_key` of the kernel's own keys.
    Key,
    /// `struct sock`, of all kinds.
    Socket,
    /// `struct bpf_map`, of all kinds: its address is the map's.
    Map,
}

/// Those that have a region, in order of their numbers.
const THINGS: [Thing; 10] = [
    Thing::Task,
    Thing::Cgroup,
    Thing::Node,
    Thing::Regs,
    Thing::Skb,
    Thing::Xdp,
    Thing::Queue,
    Thing::Device,
    Thing::Key,
    Thing::Socket,
];

impl Thing {
    /// Its address, as a program holds it.
    pub const fn addr(self) -> u64 {
        Addr::new(addr::STRUCTURE + self as u32, 0).0
    }

    /// The thing of a region's number.
    pub fn of(number: u8) -> Option<Thing> {
        THINGS.get(usize::from(number)).copied()
    }

    /// Its name in addresses: the structure's.
    pub fn name(self) -> &'static str {
        match self {
            Thing::Task => "task_struct",
            Thing::Cgroup => "cgroup",
            Thing::Node => "kernfs_node",
            Thing::Regs => "pt_regs",
            Thing::Skb => "sk_buff",
            Thing::Xdp => "xdp_buff",
            Thing::Queue => "xdp_rxq_info",
            Thing::Device => "net_device",
            Thing::Key => "bpf_key",
            Thing::Socket => "sock",
            Thing::Map => "bpf_map",
        }
    }
}

/// The address of a socket as the kernel's structure, by its place in the network's list.
pub(crate) fn sock_addr(at: u16) -> u64 {
    Thing::Socket.addr() + u64::from(at) * u64::from(addr::STRUCTURE_SIZE)
}

/// The types that structures of the kernel are laid out by, and where what is known stands in them.
#[derive(Debug)]
pub struct Structures {
    btf: Arc<Btf>,
    places: OnceLock<Vec<Option<Place>>>,
}

/// Where a field is in its structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    /// In bits.
    offset: u32,
    bits: u32,
}

impl Structures {
    /// Structures laid out by these types.
    pub fn new(btf: Arc<Btf>) -> Structures {
        Structures { btf, places: OnceLock::new() }
    }

    /// The types.
    pub fn btf(&self) -> &Btf {
        &self.btf
    }

    /// For each of [`FACTS`] where it stands; `None` where the types have no such field.
    fn places(&self) -> &[Option<Place>] {
        self.places.get_or_init(|| FACTS.iter().map(|fact| place(&self.btf, fact.structure, fact.field)).collect())
    }
}

/// Where a field is: names of members, the outermost first, with dots in between.
fn place(btf: &Btf, structure: &str, field: &str) -> Option<Place> {
    let mut budget = MAX_MEMBERS;
    let mut found = (btf.by_name(structure, Kind::Struct)?.id(), Place { offset: 0, bits: 0 });
    for name in field.split('.') {
        let (id, Place { offset, .. }) = found;
        let (id, within) = member(btf, id, name, 0, &mut budget)?;
        found = (id, Place { offset: offset.wrapping_add(within.offset), ..within });
    }
    Some(found.1)
}

/// A member's type and place, those of structures without a name among them.
fn member(btf: &Btf, id: TypeId, name: &str, depth: usize, budget: &mut u32) -> Option<(TypeId, Place)> {
    let ty = btf.resolve(id).filter(|t| t.is_composite() && depth < MAX_NESTING)?;
    ty.members().find_map(|member| {
        *budget = budget.checked_sub(1)?;
        if member.name == name {
            let bits = match member.bit_size {
                0 => btf.size_of(member.type_id)?.checked_mul(8)?,
                bits => bits,
            };
            return Some((member.type_id, Place { offset: member.bit_offset, bits }));
        }
        let inner =
            if member.name.is_empty() { self::member(btf, member.type_id, name, depth + 1, budget) } else { None };
        inner.map(|(id, place)| (id, Place { offset: member.bit_offset.wrapping_add(place.offset), ..place }))
    })
}

/// Bytes of a structure of the kernel; `None` when the address is of none. A map is one where types say what it has.
pub(crate) fn read(env: &Env, maps: &MapStore, skb: &SkBuff, addr: u64, len: u32) -> Option<Vec<u8>> {
    let (thing, map) = match Addr(addr).region()? {
        Region::Structure(number) => (Thing::of(number)?, None),
        Region::Map(id) => {
            env.structures.as_ref()?.btf.by_name(Thing::Map.name(), Kind::Struct)?;
            (Thing::Map, Some(maps.def(id)?))
        }
        _ => return None,
    };
    if len > MAX_READ {
        return None;
    }
    let mut bytes = vec![0; len as usize];
    let Some(structures) = &env.structures else { return Some(bytes) };
    let (at, offset) = match thing {
        Thing::Socket => (Addr(addr).offset() / addr::STRUCTURE_SIZE, Addr(addr).offset() % addr::STRUCTURE_SIZE),
        _ => (0, Addr(addr).offset()),
    };
    let seen = facts::Seen { env, skb, socket: env.network.sockets.get(at as usize), map };
    let (start, end) = (u64::from(offset) * 8, (u64::from(offset) + u64::from(len)) * 8);
    for (fact, place) in FACTS.iter().zip(structures.places()) {
        let Some(place) = place.filter(|_| fact.of == thing) else { continue };
        let first = u64::from(place.offset);
        if first >= end || first + u64::from(place.bits) <= start {
            continue;
        }
        let Some(value) = (fact.value)(&seen) else { continue };
        for bit in 0..place.bits.min(value.len() as u32 * 8) {
            let (from, to) = (bit as usize, first + u64::from(bit));
            if to >= start && to < end && value[from / 8] >> (from % 8) & 1 != 0 {
                let to = (to - start) as usize;
                bytes[to / 8] |= 1 << (to % 8);
            }
        }
    }
    Some(bytes)
}

/// What a load gives that is from no memory of the program's: `None` is a fault. `probes` is whether the program has
/// pointers to structures of the kernel, which may lead nowhere.
#[cold]
pub(super) fn load(env: &Env, maps: &MapStore, skb: &SkBuff, probes: bool, addr: u64, len: u8) -> Option<u64> {
    match Addr(addr).region() {
        Some(Region::Structure(_) | Region::Map(_)) => read(env, maps, skb, addr, len.into()).map(|bytes| word(&bytes)),
        None if probes => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_found_by_its_regions_number() {
        for (at, thing) in THINGS.into_iter().enumerate() {
            assert_eq!((thing as usize, Thing::of(at as u8)), (at, Some(thing)));
            assert_eq!(Addr(thing.addr()).region(), Some(Region::Structure(at as u8)));
        }
        assert_eq!(Thing::of(THINGS.len() as u8), None);
    }

    #[test]
    fn without_types_and_with_types_that_know_nothing_all_is_zero() {
        let mut env = Env::new(crate::kernel::KernelVersion::LATEST, 1, 0);
        let (maps, skb) = (MapStore::new(crate::maps::Limits::default()), SkBuff::default());
        assert_eq!(read(&env, &maps, &skb, Thing::Task.addr() + 100, 4), Some(vec![0; 4]));
        env.structures = Some(Arc::new(Structures::new(Arc::default())));
        assert_eq!(read(&env, &maps, &skb, Thing::Task.addr(), 2), Some(vec![0; 2]));
        assert_eq!(read(&env, &maps, &skb, Thing::Task.addr(), MAX_READ + 1), None);
        assert_eq!((load(&env, &maps, &skb, true, 16, 8), load(&env, &maps, &skb, false, 16, 8)), (Some(0), None));
    }
}
