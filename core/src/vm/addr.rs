//! Addresses: a pointer is `region << 32 | offset`, deterministic and printable.

use std::fmt;

use crate::kernel::MapId;

/// An address as a register holds it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Addr(pub u64);

/// What an address points into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Region {
    /// The context (`struct __sk_buff`, `struct xdp_md`).
    Ctx,
    /// Packet bytes, metadata before them included.
    Packet,
    /// The stack of the frame at that call depth, 0 for the main program.
    Stack(u8),
    /// A map itself, as helpers take it.
    Map(MapId),
    /// Values of a map.
    MapValue(MapId),
    /// Records of a ring buffer.
    Record(MapId),
    /// A function of the program (a callback).
    Func,
    /// A socket of the network.
    Socket,
    /// Memory of its own: what helpers lend to functions that they call, and what programs allocate.
    Object(u32),
    /// A structure of the kernel, which can be read: a task, a control group, a socket.
    Structure(u8),
}

/// Number of the packet region.
pub const PACKET: u32 = 2;
/// Offset of the first packet byte as the packet came in: bytes before it have room to grow.
pub const PACKET_BASE: u32 = 0x1000_0000;
/// Number of the context region.
pub const CTX: u32 = 1;
/// Number of the region of sockets: each has [`SOCKET_SIZE`] bytes of it.
pub const SOCKET: u32 = 3;
/// Bytes of the region of sockets that each has, `struct bpf_sock` first.
pub const SOCKET_SIZE: u32 = 256;
/// Where in them `struct bpf_tcp_sock` is.
pub const TCP_SOCK: u32 = 128;
/// Number of the main program's stack region; callees follow.
pub const STACK: u32 = 8;
/// Offset that a frame pointer holds: the frame is the [`STACK_SIZE`] bytes below, and an address that
/// runs out at either end still names its frame.
pub const STACK_TOP: u32 = 0x1000_0000;
/// Bytes of a stack frame (kernel `MAX_BPF_STACK`).
pub const STACK_SIZE: u32 = 512;
/// Frames of one program at most: the main program and seven callees (kernel `MAX_CALL_FRAMES`).
pub const MAX_FRAMES: u32 = 8;
/// Frames of a run at most. A callee that calls a program on leaves its callers' frames as they are, so each of 33 tail calls
/// can begin seven frames deeper.
pub const RUN_FRAMES: u32 = 256;
/// First region number of maps, by [`MapId`].
pub const MAP: u32 = 0x1000_0000;
/// First region number of map values.
pub const MAP_VALUE: u32 = 0x2000_0000;
/// First region number of ring buffer records.
pub const RECORD: u32 = 0x3000_0000;
/// Region number of functions; the offset is the pc.
pub const FUNC: u32 = 0x4000_0000;
/// First region number of objects, by their number.
pub const OBJECT: u32 = 0x5000_0000;
/// First number that is no object's, and first region number of the kernel's structures, one a kind.
pub const STRUCTURE: u32 = 0x6000_0000;
/// First number that is of no structure.
const STRUCTURES_END: u32 = STRUCTURE + 0x100;
/// Bytes of its region that each of several structures of one kind has.
pub const STRUCTURE_SIZE: u32 = 0x4000;

impl Addr {
    /// The address at `offset` of the region with that number.
    pub const fn new(region: u32, offset: u32) -> Addr {
        Addr((region as u64) << 32 | offset as u64)
    }

    /// The region's number: the upper half.
    pub const fn region_number(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The offset: the lower half.
    pub const fn offset(self) -> u32 {
        self.0 as u32
    }

    /// What it points into, or `None` when it is no address.
    pub const fn region(self) -> Option<Region> {
        let n = self.region_number();
        Some(match n {
            CTX => Region::Ctx,
            PACKET => Region::Packet,
            SOCKET => Region::Socket,
            _ if n >= STACK && n < STACK + RUN_FRAMES => Region::Stack((n - STACK) as u8),
            _ if n >= MAP && n < MAP_VALUE => Region::Map(MapId(n - MAP)),
            _ if n >= MAP_VALUE && n < RECORD => Region::MapValue(MapId(n - MAP_VALUE)),
            _ if n >= RECORD && n < FUNC => Region::Record(MapId(n - RECORD)),
            FUNC => Region::Func,
            _ if n >= OBJECT && n < STRUCTURE => Region::Object(n - OBJECT),
            _ if n >= STRUCTURE && n < STRUCTURES_END => Region::Structure((n - STRUCTURE) as u8),
            _ => return None,
        })
    }
}

impl fmt::LowerHex for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}
