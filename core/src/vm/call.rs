//! What a helper sees of the machine, and how it reaches memory.
//!
//! A helper is `fn(&mut Call, [u64; 5]) -> Result<u64, FaultKind>`: its arguments are `r1` to `r5`, its
//! result goes to `r0`. An error that the kernel would return is a value (`Errno::ret`); a fault is only
//! what the kernel's verifier would have refused. Memory is read and written through [`Call`], so that
//! bounds are checked in one place and a recorder sees every byte.

use super::ProgId;
use super::addr::{self, Addr, Region};
use super::env::Env;
use super::fault::FaultKind;
use super::memory::{self, Memory};
use super::observe::{AccessKind, AccessLog};
use super::structs;
use crate::kernel::{KernelVersion, MapId, ProgType};
use crate::maps::{MapStore, ValueRef};
use crate::net::SkBuff;

/// The facts of the running program that helpers ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ProgramInfo {
    /// Its number.
    pub id: ProgId,
    /// Name of the main function.
    pub name: String,
    /// What it is loaded as: decides what the context is.
    pub prog_type: ProgType,
    /// Whose rules apply.
    pub kernel: KernelVersion,
    /// Structures that it can allocate: number and bytes.
    pub objects: Vec<(u32, u32)>,
    /// Whether it may have pointers to structures of the kernel or to an arena, through which loads from nowhere give zero.
    pub probes: bool,
    /// Whether it has an arena: stores to nowhere have no effect, as no page of it is there.
    pub arena: bool,
}

/// One call of a helper: see the module's page.
pub(crate) struct Call<'a> {
    /// The running program.
    pub prog: &'a ProgramInfo,
    /// The helper's name, for faults: `bpf_map_lookup_elem`.
    pub helper: &'static str,
    /// The maps.
    pub maps: &'a mut MapStore,
    /// The packet.
    pub skb: &'a mut SkBuff,
    /// Clock, randomness, devices and output.
    pub env: &'a mut Env,
    /// The stacks.
    pub(super) mem: &'a mut Memory,
    /// Where accesses are recorded, when somebody watches.
    pub(super) log: Option<&'a mut AccessLog>,
}

/// A helper's implementation.
pub(crate) type HelperFn = fn(&mut Call<'_>, [u64; 5]) -> Result<u64, FaultKind>;

/// A short copy of memory: map keys and small values stay out of the heap.
pub(crate) struct Bytes {
    len: usize,
    small: [u8; Bytes::SMALL],
    large: Vec<u8>,
}

impl Bytes {
    const SMALL: usize = 64;

    fn new(bytes: &[u8]) -> Bytes {
        let mut copy = Bytes { len: bytes.len(), small: [0; Bytes::SMALL], large: Vec::new() };
        match copy.small.get_mut(..bytes.len()) {
            Some(small) => small.copy_from_slice(bytes),
            None => copy.large = bytes.to_vec(),
        }
        copy
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.large.is_empty() { &self.small[..self.len.min(Bytes::SMALL)] } else { &self.large }
    }
}

impl Call<'_> {
    /// Reads `len` bytes of memory in place.
    ///
    /// # Errors
    /// A fault that names the helper and the place when they are not all there.
    pub fn read(&mut self, addr: u64, len: u32) -> Result<&[u8], FaultKind> {
        self.note(AccessKind::Read, addr, len);
        match memory::read(self.mem, self.maps, self.skb, addr, len as usize) {
            // Asked twice: the borrow of a first answer would outlive the fault's description.
            Some(_) => Ok(memory::read(self.mem, self.maps, self.skb, addr, len as usize).unwrap_or(&[])),
            None => self.read_structure(addr, len),
        }
    }

    /// Reads bytes that are in no memory: those of a structure of the kernel.
    #[cold]
    fn read_structure(&mut self, addr: u64, len: u32) -> Result<&[u8], FaultKind> {
        match structs::read(self.env, self.maps, self.skb, addr, len) {
            Some(bytes) => {
                self.mem.made = bytes;
                Ok(&self.mem.made)
            }
            None => Err(self.fault(addr, len)),
        }
    }

    /// Reads `len` bytes into a copy, so that maps and packet can change while it is used.
    ///
    /// # Errors
    /// As for [`Call::read`].
    pub fn copy(&mut self, addr: u64, len: u32) -> Result<Bytes, FaultKind> {
        self.read(addr, len).map(Bytes::new)
    }

    /// Looks a key up that memory holds at `key`. Keys are nearly always on the stack, where they are used in place.
    ///
    /// # Errors
    /// As for [`Call::read`]. A map that cannot be asked has no value.
    #[inline]
    pub fn lookup(&mut self, map: MapId, key: u64, len: u32, cpu: u32) -> Result<Option<ValueRef>, FaultKind> {
        let found = match memory::stack(self.mem, key, len as usize) {
            Some(key) => self.maps.lookup(map, key, cpu),
            None => {
                let key = self.copy(key, len)?;
                return Ok(self.maps.lookup(map, &key, cpu).unwrap_or(None));
            }
        };
        self.note(AccessKind::Read, key, len);
        Ok(found.unwrap_or(None))
    }

    /// Copies packet bytes, known to be there at `offset`, to memory.
    ///
    /// # Errors
    /// As for [`Call::write`].
    pub fn load_packet(&mut self, offset: u32, to: u64, len: u32) -> Result<(), FaultKind> {
        self.note_packet_read(offset, len);
        let from = offset as usize..offset as usize + len as usize;
        match memory::write_beside(self.mem, self.maps, to, len as usize) {
            Some(place) => {
                let bytes = &self.skb.packet.bytes()[from];
                if let Some(log) = &mut self.log {
                    log.write(to, place, bytes);
                }
                place.copy_from_slice(bytes);
                Ok(())
            }
            None => {
                let bytes = Bytes::new(&self.skb.packet.bytes()[from]);
                self.write(to, &bytes)
            }
        }
    }

    /// Copies memory to packet bytes, known to be there at `offset`.
    ///
    /// # Errors
    /// As for [`Call::read`].
    pub fn store_packet(&mut self, from: u64, offset: u32, len: u32) -> Result<(), FaultKind> {
        let to = offset as usize..offset as usize + len as usize;
        if let Some(bytes) = memory::read_beside(self.mem, self.maps, from, len as usize) {
            self.skb.packet.bytes_mut()[to].copy_from_slice(bytes);
            self.note(AccessKind::Read, from, len);
        } else {
            let bytes = self.copy(from, len)?;
            self.skb.packet.bytes_mut()[to].copy_from_slice(&bytes);
        }
        Ok(())
    }

    /// Writes bytes to memory.
    ///
    /// # Errors
    /// As for [`Call::read`], and for memory that is read only.
    pub fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), FaultKind> {
        let len = bytes.len() as u32;
        let Some(to) = memory::write(self.mem, self.maps, self.skb, addr, bytes.len()) else {
            return Err(self.fault(addr, len));
        };
        if let Some(log) = &mut self.log {
            log.write(addr, to, bytes);
        }
        to.copy_from_slice(bytes);
        Ok(())
    }

    /// The map that an argument (counted from 1) points to.
    ///
    /// # Errors
    /// An argument fault when it is not a map, a helper's fault when it is of a type that is not simulated.
    pub fn map(&self, arg: u64, argno: u8) -> Result<MapId, FaultKind> {
        let id = match Addr(arg).region() {
            Some(Region::Map(id)) if Addr(arg).offset() == 0 => id,
            _ => return Err(self.argument(argno, "a map", arg)),
        };
        match self.maps.def(id) {
            Some(def) if def.map_type.is_simulated() => Ok(id),
            Some(def) => {
                let reason = format!("map `{}` is a {}, which is not simulated", def.name, def.map_type);
                Err(FaultKind::Helper { name: self.helper.to_owned(), reason })
            }
            None => Err(self.argument(argno, "a map", arg)),
        }
    }

    /// Checks that an argument (counted from 1) is the context.
    ///
    /// # Errors
    /// An argument fault when it is not.
    pub fn ctx(&self, arg: u64, argno: u8) -> Result<(), FaultKind> {
        if arg == Addr::new(addr::CTX, 0).0 {
            return Ok(());
        }
        Err(self.argument(argno, "the context", arg))
    }

    /// The fault of memory that a helper needs and cannot have.
    pub fn out_of_memory(&self) -> FaultKind {
        FaultKind::Helper { name: self.helper.to_owned(), reason: "there is no memory left for it".to_owned() }
    }

    /// The address of a map's value, as a program holds it.
    pub fn value_addr(&self, map: MapId, value: ValueRef) -> u64 {
        memory::value_addr(map, value)
    }

    /// The fault of an argument (counted from 1) that is not what the helper takes.
    pub fn argument(&self, argno: u8, expected: &'static str, value: u64) -> FaultKind {
        FaultKind::Argument { helper: self.helper, arg: argno, expected, found: memory::describe(value, self.maps) }
    }

    /// Tells a recorder that the helper reads packet bytes by other means (`off` from the packet's start).
    pub fn note_packet_read(&mut self, off: u32, len: u32) {
        let base = memory::packet_start(self.skb);
        self.note(AccessKind::Read, base + u64::from(off), len);
    }

    fn note(&mut self, kind: AccessKind, addr: u64, len: u32) {
        if let Some(log) = &mut self.log {
            log.note(kind, addr, len);
        }
    }

    #[cold]
    fn fault(&self, addr: u64, len: u32) -> FaultKind {
        memory::fault(self.helper, addr, len, self.maps, self.skb)
    }
}
