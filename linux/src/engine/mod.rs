//! The kernel as an [`Engine`]: a program and a packet given to it, and what came out.
//!
//! XDP and tc programs run by `BPF_PROG_TEST_RUN`. A socket filter runs where packet sockets have theirs: the frame is
//! sent through a pair of veth devices in a network namespace of this thread, and what the socket receives is the answer.
//! (A test run of a socket filter begins after the MAC header, where no packet socket does; for a packet that has none,
//! it is used.) Of a socket filter's return value only as much is seen as there are bytes to deliver.
//!
//! In a scenario with interfaces these are there ([`network`](crate::network)), and a packet is on the one that the simulator
//! has it on: redirect targets, look-ups of routes and MTUs mean the same. A test run does not tell where a packet is
//! redirected to, nor which VLAN tag is beside the frame afterwards: whoever compares takes that from the other side. A tag
//! beside the frame that comes in is pushed by a program of ours that runs before.
//!
//! A test run is attached to no control group: storage of one (`cgroup_storage`) is of zeroes at the start of each, and gone
//! at its end, where that of an attached program lasts.
//!
//! Instructions are not counted by the kernel, so every run has 0 of them; and a program that the kernel has accepted does
//! not fault. Time and randomness are the kernel's own.

mod fields;
mod program;

use std::ops::RangeInclusive;

use bpfscope_core::kernel::{Hook, MapId, MapType, ProgType};
use bpfscope_core::lab::{Attached, Contents, Engine, MapContents};
use bpfscope_core::net::{Device, Network, SkBuff};
use bpfscope_core::object::{Loaded, Object};
use bpfscope_core::vm::{Effects, Outcome};

use crate::bpf::{Map, Prog, RunBuffers, RunSpec};
use crate::events::{Events, EventsError};
use crate::load::{InKernel, LoadError};
use crate::network::{Built, NetworkError};
use crate::refusal::{Asked, Refusal};
use crate::veth::{Namespace, NamespaceError, Socket, Veth};
use fields::{Fields, XdpFields};
use program::Facts;

/// Lengths of packets that every test run takes: shorter and longer ones depend on the protocol and on the kernel.
const ORDINARY: RangeInclusive<usize> = 54..=2048;

/// Why the kernel cannot be the engine of a scenario.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The object is refused.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Ring and perf buffers cannot be read.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// There is no place for socket filters.
    #[error(transparent)]
    Namespace(#[from] NamespaceError),
    /// The scenario's interfaces cannot be had.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// Why the kernel cannot run a program on a packet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunError {
    /// The packet has no Ethernet header.
    #[error("the kernel's test runs of {prog_type} programs take Ethernet frames, and this packet has no MAC header")]
    NoMacHeader {
        /// The kernel's name of the type.
        prog_type: &'static str,
    },
    /// The kernel says so.
    #[error("{len} bytes: {refusal}")]
    Refused {
        /// Bytes of the packet.
        len: usize,
        /// What it said.
        refusal: Refusal,
    },
    /// The packet is on an interface where the kernel cannot put it.
    #[error("{0}")]
    Place(String),
    /// A frame cannot be sent, or did not arrive.
    #[error("{len} bytes: {what}")]
    Socket {
        /// Bytes of the frame.
        len: usize,
        /// What went wrong.
        what: String,
    },
}

/// The kernel of this machine with an object's programs and maps.
pub struct KernelEngine {
    kernel: InKernel,
    /// The scenario's interfaces, when it has some.
    network: Option<Built>,
    programs: Vec<Facts>,
    /// For maps that have entries to be read: bounds of how many.
    maps: Vec<(MapType, u32)>,
    /// By program.
    sockets: Vec<Option<Wire>>,
    events: Events,
    effects: Effects,
    buffers: RunBuffers,
    ctx: Vec<u8>,
    fields: Fields,
    xdp_fields: XdpFields,
    /// Whether some program may write fields of the context: only then are they asked for, which costs.
    writes_ctx: bool,
    /// Whether some program may put metadata before the packet: only then is it asked how much.
    adjusts_meta: bool,
}

/// A pair of devices with a socket that a program filters.
struct Wire {
    sender: Socket,
    /// Of two sockets on a device the kernel asks the one that was bound last first: when the witness has a frame, the
    /// filter has decided.
    witness: Socket,
    filtered: Socket,
}

impl KernelEngine {
    /// Puts the object into the kernel, with the programs that are attached and what maps hold at the start, and makes the
    /// interfaces of a network that has some. When there are interfaces, or one of the programs is a socket filter, the
    /// calling thread is in a network namespace of its own afterwards.
    ///
    /// # Errors
    /// The kernel refuses something.
    pub fn new(
        object: &Object,
        loaded: &Loaded,
        attached: &[Attached],
        contents: &[MapContents],
        network: &Network,
    ) -> Result<KernelEngine, SetupError> {
        // Before the maps, whose entries may name interfaces.
        let mut built = match network.interfaces.is_empty() {
            true => None,
            false => Some(Built::new(network)?),
        };
        let in_entries: Vec<&String> =
            contents.iter().flat_map(|map| map.entries.iter().filter_map(|entry| entry.program.as_ref())).collect();
        let kernel = InKernel::new(object, loaded, |at| {
            attached.iter().any(|a| a.program.0 as usize == at) || in_entries.contains(&&loaded.programs[at].name)
        })?;
        kernel.store(loaded, contents)?;
        let events = Events::new(loaded, kernel.maps())?;
        let fields = Fields::new();
        let mut sockets: Vec<Option<Wire>> = loaded.programs.iter().map(|_| None).collect();
        let mut namespace = None;
        for at in attached.iter().filter(|a| a.hook == Hook::Socket) {
            let namespace = match &mut namespace {
                Some(namespace) => namespace,
                none => none.insert(Namespace::enter()?),
            };
            let number = at.program.0 as usize;
            if let Some(prog) = &kernel.progs[number] {
                let interface = at.interface.and_then(|place| network.interfaces.get(usize::from(place)));
                let veth = match interface {
                    // A number is free in a namespace that has nothing else.
                    Some(interface) => {
                        *namespace = Namespace::enter()?;
                        namespace.veth_like(interface)?
                    }
                    None => namespace.veth()?,
                };
                sockets[number] = Some(Wire::new(&veth, prog)?);
            }
        }
        if let (Some(_), Some(built)) = (namespace, &mut built) {
            built.forget_where();
        }
        let programs: Vec<Facts> = loaded.programs.iter().map(Facts::new).collect();
        Ok(KernelEngine {
            adjusts_meta: programs.iter().any(|program| program.adjusts_meta),
            programs,
            network: built,
            maps: loaded.maps.iter().map(|def| (def.map_type, def.max_entries)).collect(),
            kernel,
            sockets,
            events,
            effects: Effects::default(),
            buffers: RunBuffers::default(),
            ctx: Vec::new(),
            writes_ctx: loaded.programs.iter().any(|program| fields.may_be_written(&program.insns)),
            fields,
            xdp_fields: XdpFields::new(),
        })
    }

    /// The object in the kernel.
    pub fn in_kernel(&self) -> &InKernel {
        &self.kernel
    }

    /// Runs an XDP or tc program by a test run.
    fn test_run(&mut self, at: Attached, skb: &mut SkBuff) -> Result<u32, RunError> {
        let number = at.program.0 as usize;
        let prog_type = self.programs[number].prog_type;
        if !skb.has_mac_header() {
            return Err(RunError::NoMacHeader { prog_type: prog_type.name() });
        }
        let place = self.enter(at, skb)?;
        let notes = &skb.notes;
        let noted = notes.mark != 0 || notes.priority != 0 || notes.cb != [0; 5];
        let is_skb = prog_type != ProgType::Xdp;
        let with_fields = is_skb && (self.writes_ctx || noted || place.is_some());
        self.ctx.clear();
        match place {
            _ if with_fields => self.fields.write(skb, place, &mut self.ctx),
            None if is_skb || !self.adjusts_meta => {}
            _ => self.xdp_fields.write(skb.packet.len() as u32, place, &mut self.ctx),
        }
        let Some(prog) = &self.kernel.progs[number] else { return Ok(0) };
        let prog = match skb.vlan {
            Some(tag) if is_skb => self.programs[number].tagged(prog, tag)?,
            _ => prog,
        };
        let spec = RunSpec { data: skb.packet.bytes(), ctx: &self.ctx, ..RunSpec::default() };
        let refused = |errno| refused(prog_type, skb.packet.len(), errno);
        let (ret, _) = prog.run_into(&spec, &mut self.buffers).map_err(refused)?;
        // What an XDP program has put before the packet comes out with it.
        let before = if is_skb { 0 } else { self.xdp_fields.before(self.buffers.ctx()) };
        let data = self.buffers.data().get(before..).unwrap_or_default();
        if data != skb.packet.bytes() {
            skb.packet.reset(data);
        }
        if with_fields {
            self.fields.read(self.buffers.ctx(), skb);
        }
        Ok(ret)
    }

    /// Goes where the packet is, in a scenario with interfaces; the device there.
    fn enter(&mut self, at: Attached, skb: &SkBuff) -> Result<Option<Device>, RunError> {
        let (Some(built), Some(interface)) = (&mut self.network, at.interface) else { return Ok(None) };
        let program = &self.programs[at.program.0 as usize];
        if program.is_entry {
            return Err(RunError::Place("programs of a map's entries have no test runs".to_owned()));
        }
        if program.assigns && at.hook == Hook::TcIngress {
            let what = "a test run is not at tc ingress of an interface, where bpf_sk_assign works";
            return Err(RunError::Place(what.to_owned()));
        }
        built.enter(usize::from(interface)).map_err(|e| RunError::Place(e.to_string()))?;
        Ok(Some(skb.device))
    }

    /// Runs a cgroup skb program by a test run, which takes the MAC header off that the packet is without here. Such a
    /// program cannot change bytes.
    fn test_run_of_cgroup(&mut self, at: Attached, skb: &mut SkBuff) -> Result<u32, RunError> {
        let number = at.program.0 as usize;
        let place = self.enter(at, skb)?;
        let Some(prog) = &self.kernel.progs[number] else { return Ok(0) };
        let data = with_mac_header(skb);
        self.ctx.clear();
        self.fields.write(skb, place, &mut self.ctx);
        let spec = RunSpec { data: &data, ctx: &self.ctx, ..RunSpec::default() };
        let refused = |errno| refused(ProgType::CgroupSkb, skb.packet.len(), errno);
        let (ret, _) = prog.run_into(&spec, &mut self.buffers).map_err(refused)?;
        self.fields.read(self.buffers.ctx(), skb);
        Ok(ret)
    }

    /// Has a socket filter decide about a frame on the wire.
    fn send(&mut self, at: Attached, skb: &mut SkBuff) -> Result<u32, RunError> {
        let number = at.program.0 as usize;
        if !skb.has_mac_header() {
            return self.test_run_without_header(number, skb);
        }
        let Some(wire) = &self.sockets[number] else { return Ok(0) };
        let frame = skb.frame();
        let failed = |what: std::io::Error| RunError::Socket { len: frame.len(), what: what.to_string() };
        wire.sender.send(&frame).map_err(failed)?;
        wire.witness.receive().map_err(failed)?;
        Ok(wire.filtered.try_receive().map_err(failed)?.map_or(0, |bytes| bytes.len() as u32))
    }

    /// A test run of a socket filter takes the MAC header off: it is given one to take off.
    fn test_run_without_header(&mut self, number: usize, skb: &SkBuff) -> Result<u32, RunError> {
        let Some(prog) = &self.kernel.progs[number] else { return Ok(0) };
        let data = [&[0; 12][..], &skb.protocol.to_be_bytes(), skb.packet.bytes()].concat();
        let spec = RunSpec { data: &data, ..RunSpec::default() };
        let run = prog.run_into(&spec, &mut self.buffers);
        run.map(|(ret, _)| ret).map_err(|errno| refused(ProgType::SocketFilter, skb.packet.len(), errno))
    }
}

/// A packet with the MAC header that it is without, for a test run to take off.
fn with_mac_header(skb: &SkBuff) -> Vec<u8> {
    let mut data = vec![0; 12];
    data.extend_from_slice(&skb.protocol.to_be_bytes());
    data.extend_from_slice(skb.packet.bytes());
    if let Some(addresses) = skb.mac_header().and_then(|header| header.get(..12)) {
        data[..12].copy_from_slice(addresses);
    }
    data
}

fn refused(prog_type: ProgType, len: usize, errno: i32) -> RunError {
    RunError::Refused { len, refusal: Refusal { asked: Asked::TestRun(prog_type), errno } }
}

impl Wire {
    fn new(veth: &Veth, prog: &Prog) -> Result<Wire, NamespaceError> {
        let (sender, witness, filtered) = (veth.sender()?, veth.receiver()?, veth.receiver()?);
        filtered.attach(prog)?;
        Ok(Wire { sender, witness, filtered })
    }
}

impl Engine for KernelEngine {
    type Error = RunError;

    fn packet_comes(&mut self, _time_ns: u64) {}

    fn keeps_group_storage(&self) -> bool {
        false
    }

    fn takes(&mut self, at: Attached, skb: &SkBuff) -> Result<(), RunError> {
        let facts = &mut self.programs[at.program.0 as usize];
        if facts.is_entry {
            return Err(RunError::Place("programs of a map's entries have no test runs".to_owned()));
        }
        if at.hook != Hook::Socket && !at.hook.is_cgroup() && !skb.has_mac_header() {
            return Err(RunError::NoMacHeader { prog_type: facts.prog_type.name() });
        }
        let len = skb.packet.len();
        if at.hook == Hook::Socket || ORDINARY.contains(&len) {
            return Ok(());
        }
        let data = if at.hook.is_cgroup() { with_mac_header(skb) } else { skb.packet.bytes().to_vec() };
        let nothing = facts.nothing()?;
        let run = nothing.run_into(&RunSpec { data: &data, ..RunSpec::default() }, &mut self.buffers);
        run.map(drop).map_err(|errno| refused(facts.prog_type, len, errno))
    }

    fn run(&mut self, at: Attached, skb: &mut SkBuff) -> Result<Outcome, RunError> {
        let ret = match at.hook {
            Hook::Socket => self.send(at, skb)?,
            Hook::TcIngress | Hook::TcEgress | Hook::Xdp => self.test_run(at, skb)?,
            Hook::CgroupIngress | Hook::CgroupEgress => self.test_run_of_cgroup(at, skb)?,
        };
        let outputs = &mut self.effects.outputs;
        self.events.read(|output| outputs.push(output));
        Ok(Outcome { ret: ret.into(), insns: 0, fault: None })
    }

    fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// Ring buffers are read after each run.
    fn drain(&mut self, _ring: MapId) {}
}

impl Contents for KernelEngine {
    fn entries(&self, map: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
        let (map_type, most) = self.maps[map.index()];
        entries(&self.kernel.maps()[map.index()], map_type, most)
    }
}

/// What a map holds, as user space reads it, while nobody else uses it; nothing when it cannot be read.
pub fn entries(map: &Map, map_type: MapType, most: u32) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
    match map_type {
        MapType::Ringbuf | MapType::PerfEventArray | MapType::UserRingbuf | MapType::Arena => {
            Box::new(std::iter::empty())
        }
        // They can only be looked at by taking out what is in them, oldest or newest first; it is put back as it was.
        MapType::Queue | MapType::Stack => {
            let mut values: Vec<_> =
                std::iter::from_fn(|| map.lookup_and_delete(&[]).ok()).take(most as usize).collect();
            if map_type == MapType::Stack {
                values.reverse();
            }
            for value in &values {
                // There was room for it.
                let _ = map.update(&[], value, 0);
            }
            Box::new(values.into_iter().map(|value| (Vec::new(), value)))
        }
        _ => {
            let keys = map.keys(most as usize).unwrap_or_default();
            Box::new(keys.into_iter().filter_map(|key| map.lookup(&key).ok().map(|value| (key, value))))
        }
    }
}
