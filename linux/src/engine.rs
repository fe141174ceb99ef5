//! The kernel as an [`Engine`]: a program and a packet given to it, and what came out.
//!
//! XDP and tc programs run by `BPF_PROG_TEST_RUN`. A socket filter runs where packet sockets have theirs: the frame is
//! sent through a pair of veth devices in a network namespace of this thread, and what the socket receives is the answer.
//! (A test run of a socket filter begins after the MAC header, where no packet socket does; for a packet that has none,
//! it is used.) Of a socket filter's return value only as much is seen as there are bytes to deliver.
//!
//! A test run is attached to no control group: storage of one (`cgroup_storage`) is of zeroes at the start of each, and gone
//! at its end, where that of an attached program lasts.
//!
//! Instructions are not counted by the kernel, so every run has 0 of them; and a program that the kernel has accepted does
//! not fault. Time and randomness are the kernel's own.

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{Hook, MapId, MapType, ProgType, context_fields};
use bpfscope_core::lab::{Attached, Contents, Engine, MapContents};
use bpfscope_core::net::SkBuff;
use bpfscope_core::object::{Loaded, Object};
use bpfscope_core::vm::{Effects, Outcome};

use crate::bpf::{Map, Prog, RunBuffers, RunSpec};
use crate::events::{Events, EventsError};
use crate::load::{InKernel, LoadError};
use crate::refusal::{Asked, Refusal};
use crate::veth::{Namespace, NamespaceError, Socket};

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
    types: Vec<ProgType>,
    /// For maps that have entries to be read: bounds of how many.
    maps: Vec<(MapType, u32)>,
    /// By program.
    sockets: Vec<Option<Wire>>,
    events: Events,
    effects: Effects,
    buffers: RunBuffers,
    ctx: Vec<u8>,
    fields: Fields,
    /// Whether some program may write fields of the context: only then are they asked for, which costs.
    writes_ctx: bool,
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
    /// Puts the object into the kernel, with the programs that are attached and what maps hold at the start. When one
    /// of the programs is a socket filter, the calling thread is in a network namespace of its own afterwards.
    ///
    /// # Errors
    /// The kernel refuses something.
    pub fn new(
        object: &Object,
        loaded: &Loaded,
        attached: &[Attached],
        contents: &[MapContents],
    ) -> Result<KernelEngine, SetupError> {
        let kernel = InKernel::new(object, loaded, |at| attached.iter().any(|a| a.program.0 as usize == at))?;
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
                sockets[number] = Some(Wire::new(namespace, prog)?);
            }
        }
        Ok(KernelEngine {
            types: loaded.programs.iter().map(|p| p.prog_type).collect(),
            maps: loaded.maps.iter().map(|def| (def.map_type, def.max_entries)).collect(),
            kernel,
            sockets,
            events,
            effects: Effects::default(),
            buffers: RunBuffers::default(),
            ctx: Vec::new(),
            writes_ctx: loaded.programs.iter().any(|program| fields.may_be_written(&program.insns)),
            fields,
        })
    }

    /// The object in the kernel.
    pub fn in_kernel(&self) -> &InKernel {
        &self.kernel
    }

    /// Runs an XDP or tc program by a test run.
    fn test_run(&mut self, at: Attached, skb: &mut SkBuff) -> Result<u32, RunError> {
        let number = at.program.0 as usize;
        let prog_type = self.types[number];
        if !skb.has_mac_header() {
            return Err(RunError::NoMacHeader { prog_type: prog_type.name() });
        }
        let notes = &skb.notes;
        let noted = notes.mark != 0 || notes.priority != 0 || notes.cb != [0; 5];
        let with_ctx = prog_type != ProgType::Xdp && (self.writes_ctx || noted);
        self.ctx.clear();
        if with_ctx {
            self.fields.write(skb, &mut self.ctx);
        }
        let Some(prog) = &self.kernel.progs[number] else { return Ok(0) };
        let spec = RunSpec { data: skb.packet.bytes(), ctx: &self.ctx, ..RunSpec::default() };
        let refused = |errno| refused(prog_type, skb.packet.len(), errno);
        let (ret, _) = prog.run_into(&spec, &mut self.buffers).map_err(refused)?;
        if self.buffers.data() != skb.packet.bytes() {
            skb.packet.reset(self.buffers.data());
        }
        if with_ctx {
            self.fields.read(self.buffers.ctx(), skb);
        }
        Ok(ret)
    }

    /// Runs a cgroup skb program by a test run, which takes the MAC header off that the packet is without here. Such a
    /// program cannot change bytes.
    fn test_run_of_cgroup(&mut self, at: Attached, skb: &mut SkBuff) -> Result<u32, RunError> {
        let number = at.program.0 as usize;
        let Some(prog) = &self.kernel.progs[number] else { return Ok(0) };
        let mut data = vec![0; 12];
        data.extend_from_slice(&skb.protocol.to_be_bytes());
        data.extend_from_slice(skb.packet.bytes());
        if let Some(addresses) = skb.mac_header().and_then(|header| header.get(..12)) {
            data[..12].copy_from_slice(addresses);
        }
        self.ctx.clear();
        self.fields.write(skb, &mut self.ctx);
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

fn refused(prog_type: ProgType, len: usize, errno: i32) -> RunError {
    RunError::Refused { len, refusal: Refusal { asked: Asked::TestRun(prog_type), errno } }
}

impl Wire {
    fn new(namespace: &mut Namespace, prog: &Prog) -> Result<Wire, NamespaceError> {
        let veth = namespace.veth()?;
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

/// Where in `struct __sk_buff` the fields are that a test run takes and gives back.
struct Fields {
    size: usize,
    mark: usize,
    priority: usize,
    cb: usize,
}

impl Fields {
    fn new() -> Fields {
        let fields = context_fields(ProgType::SchedCls);
        let offset = |name: &str| fields.iter().find(|f| f.name == name).map_or(0, |f| f.offset as usize);
        let end = fields.iter().map(|f| (f.offset + f.size) as usize).max().unwrap_or(0);
        Fields { size: end, mark: offset("mark"), priority: offset("priority"), cb: offset("cb") }
    }

    /// Whether instructions may store to one of the fields: the context is accessed at the field's own offset alone, so
    /// it is enough to look at these.
    fn may_be_written(&self, insns: &[RawInsn]) -> bool {
        const FP: u8 = 10;
        let is_store = |insn: &RawInsn| matches!(insn.opcode & 7, 2 | 3);
        let fields = [self.mark..self.mark + 4, self.priority..self.priority + 4, self.cb..self.cb + 20];
        let is_field = |off: i16| usize::try_from(off).is_ok_and(|off| fields.iter().any(|field| field.contains(&off)));
        insns.iter().any(|insn| is_store(insn) && insn.dst != FP && is_field(insn.off))
    }

    fn write(&self, skb: &SkBuff, ctx: &mut Vec<u8>) {
        ctx.resize(self.size, 0);
        let mut put = |at: usize, value: u32| ctx[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        put(self.mark, skb.notes.mark);
        put(self.priority, skb.notes.priority);
        for (at, word) in skb.notes.cb.iter().enumerate() {
            put(self.cb + 4 * at, *word);
        }
    }

    fn read(&self, ctx: &[u8], skb: &mut SkBuff) {
        let get = |at: usize| ctx.get(at..at + 4).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
        skb.notes.mark = get(self.mark);
        skb.notes.priority = get(self.priority);
        for at in 0..skb.notes.cb.len() {
            skb.notes.cb[at] = get(self.cb + 4 * at);
        }
    }
}
