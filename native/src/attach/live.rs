//! A program on a device, and everything that is read from there.
//!
//! What costs is done in [`Live::tick`], some times a second, and has a bound: so many packets, events and lines. The
//! program and its maps are only looked at, except that ring and perf buffers are read as their consumer would.

use std::{
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::Instant,
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapType},
    lab::Replay,
    net::{LinkType, Packet},
    vm::{NoObserver, Output},
};
use bpfscope_linux::{
    attach::{Attachment, Counters, Device, Manner, attach, pin},
    bpf::{Prog, enable_stats},
    engine::entries,
    events::Events,
    host::lift_memory_limit,
    load::{InKernel, LoadError},
    printk::Printk,
    tap::{Depth, Seen, Tap},
};

use super::{
    of_device,
    record::Record,
    snapshot::{Held, Snapshot},
};
use crate::{
    args::{LiveArgs, ModeArg},
    error::Error,
    input::Input,
};

/// Packets that the simulator gets in a tick at most.
const SAMPLE: usize = 512;
/// Packets that are recorded in a tick at most.
const RECORDED: usize = 1 << 16;
/// Events, and lines, that wait for the next snapshot at most.
const WAITING: usize = 1000;
/// Helpers that print: `bpf_trace_printk` and `bpf_trace_vprintk`.
const PRINTING: [i32; 2] = [6, 177];
/// Kernels count runs since Linux 5.8.
const NO_STATS: &str = "the kernel does not count runs (it does since Linux 5.8): packets are those of the device";

/// What starting came to.
pub enum Start<'a> {
    Live(Box<Live<'a>>),
    /// The kernel's verifier rejects the program, which is an answer and no error.
    Rejected(String),
}

/// A program on a device. When this is dropped it is taken away, unless it is pinned.
pub struct Live<'a> {
    input: &'a Input,
    program: usize,
    hook: Hook,
    device: Device,
    manner: Manner,
    /// One line on how it is attached.
    how: String,
    not_native: Option<i32>,
    attachment: Option<Attachment>,
    pinned: Option<PathBuf>,
    kernel: InKernel,
    /// Held: the kernel counts as long as it is open.
    stats: Option<OwnedFd>,
    watched: Watched<'a>,
    since: Instant,
    /// What the device had counted before.
    before: Counters,
}

/// What comes in as time goes by.
struct Watched<'a> {
    tap: Option<Tap>,
    link: LinkType,
    record: Option<Record>,
    simulator: Option<Replay>,
    events: Events,
    printk: Option<Printk>,
    /// Packets that were seen whole.
    seen: u64,
    received: u64,
    missed: u64,
    accepted: Option<u64>,
    event_count: u64,
    lost: u64,
    waiting: Vec<Output>,
    printed: Vec<String>,
    input: &'a Input,
}

impl<'a> Live<'a> {
    /// Loads the program and attaches it.
    ///
    /// # Errors
    /// There is no such device, somebody else is there, the kernel refuses.
    pub fn start(args: &LiveArgs, input: &'a Input) -> Result<Start<'a>, Error> {
        let simulator = input.replay()?;
        let [at] = simulator.attached() else {
            let names: Vec<_> = simulator.attached().iter().map(|a| input.program(a.program)).collect();
            return Err(Error::Usage(format!(
                "which program? One is attached at a time: name it with --program ({})",
                names.join(", ")
            )));
        };
        let (program, hook) = (at.program.0 as usize, at.hook);
        if args.pin && hook == Hook::Socket {
            return Err(pin::PinError::Socket.into());
        }
        let device = Device::named(&args.dev)?;
        lift_memory_limit();
        let loaded = &input.compiled.loaded;
        let kernel = InKernel::new(&input.compiled.object, loaded, |at| at == program)
            .and_then(|kernel| kernel.store(loaded, &input.scenario.maps).map(|()| kernel));
        let kernel = match kernel {
            Ok(kernel) => kernel,
            Err(error @ LoadError::Program { .. }) if error.is_rejection() => {
                return Ok(Start::Rejected(error.to_string()));
            }
            Err(error) => return Err(Error::bad(&input.name, &error.to_string())),
        };
        let stats = enable_stats().ok();
        if stats.is_none() {
            note(NO_STATS);
        }
        let mut watched = Watched::new(args, input, &kernel, &device, hook, simulator)?;
        let before = device.counters().map_err(of_device(&device.name))?;
        let name = &loaded.programs[program].name;
        let attachment = attach(prog(&kernel, program), name, &device, hook, args.mode.map(Manner::from))?;
        let (manner, not_native, how) = (attachment.manner(), attachment.not_native(), attachment.to_string());
        watched.forget_what_came_before()?;
        let since = Instant::now();
        let mut live = Live {
            input,
            program,
            hook,
            device,
            manner,
            how,
            not_native,
            attachment: Some(attachment),
            pinned: None,
            kernel,
            stats,
            watched,
            since,
            before,
        };
        if args.pin {
            live.pin()?;
        }
        Ok(Start::Live(Box::new(live)))
    }

    fn pin(&mut self) -> Result<(), Error> {
        let Some(attachment) = self.attachment.take() else { return Ok(()) };
        let defs = &self.input.compiled.loaded.maps;
        let maps: Vec<_> = defs.iter().map(|def| def.name.as_str()).zip(self.kernel.maps()).collect();
        let (path, mounted) = pin::keep(attachment, self.program_name(), self.prog(), &maps)?;
        if mounted {
            note("mounted the bpf file system at /sys/fs/bpf");
        }
        self.pinned = Some(path);
        Ok(())
    }

    /// When it was attached.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// The program's name.
    pub fn program_name(&self) -> &'a str {
        &self.input.compiled.loaded.programs[self.program].name
    }

    /// Where it runs.
    pub fn hook(&self) -> Hook {
        self.hook
    }

    /// On which device.
    pub fn device(&self) -> &str {
        &self.device.name
    }

    /// Whether the program prints lines that can be read.
    pub fn prints(&self) -> bool {
        self.watched.printk.is_some()
    }

    /// How it is attached: a name for programs, a line for people.
    pub fn manner(&self) -> (Manner, &str) {
        (self.manner, &self.how)
    }

    /// Why XDP is not in native mode, when the driver refused that.
    pub fn not_native(&self) -> Option<String> {
        self.not_native.map(|errno| io::Error::from_raw_os_error(errno).to_string())
    }

    /// The directory that it is pinned in.
    pub fn pinned(&self) -> Option<&Path> {
        self.pinned.as_deref()
    }

    fn prog(&self) -> &Prog {
        prog(&self.kernel, self.program)
    }

    /// Takes in what has come.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn tick(&mut self) -> Result<(), Error> {
        let most = if self.watched.record.is_some() { RECORDED } else { SAMPLE };
        self.watched.read(most)?;
        if let Some(accepted) = self.attachment.as_ref().and_then(Attachment::take_accepted) {
            *self.watched.accepted.get_or_insert(0) += accepted;
        }
        Ok(())
    }

    /// What was seen so far, with at most so many entries of each map.
    ///
    /// # Errors
    /// The device is gone.
    pub fn snapshot(&mut self, most: usize) -> Result<Snapshot, Error> {
        let now = self.device.counters().map_err(of_device(&self.device.name))?;
        self.shown(most, now)
    }

    /// Takes the program away, unless it is pinned, and tells what was seen, all entries of maps included.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn end(mut self) -> Result<Snapshot, Error> {
        self.tick()?;
        // A device that is gone has no counters any more, and what was seen before is still true.
        let now = self.device.counters().unwrap_or(self.before);
        if let Some(attachment) = self.attachment.take() {
            attachment.detach().map_err(of_device(&self.device.name))?;
        }
        // What came up to that moment counts, too.
        self.watched.read(RECORDED)?;
        self.shown(usize::MAX, now)
    }

    fn shown(&mut self, most: usize, now: Counters) -> Result<Snapshot, Error> {
        let info = self.stats.as_ref().and_then(|_| self.prog().info().ok());
        let loaded = &self.input.compiled.loaded;
        let maps = self.kernel.maps().iter().zip(&loaded.maps).map(|(map, def)| {
            // One more tells whether there are more.
            let limit = most.saturating_add(1).min(def.max_entries as usize);
            let mut all: Vec<_> =
                if can_be_read(def) { entries(map, def.map_type, limit as u32).collect() } else { Vec::new() };
            let more = all.len() > most;
            all.truncate(most);
            Held { entries: all, more }
        });
        let maps = maps.collect();
        let watched = &mut self.watched;
        if let Some(record) = &mut watched.record {
            record.flush()?;
        }
        watched.count();
        let before = Tap::sees_before(self.hook);
        Ok(Snapshot {
            seconds: self.since.elapsed().as_secs_f64(),
            runs: info.as_ref().map(|info| info.run_cnt),
            run_ns: info.map_or(0, |info| info.run_time_ns),
            device: Counters {
                rx_packets: now.rx_packets.saturating_sub(self.before.rx_packets),
                rx_bytes: now.rx_bytes.saturating_sub(self.before.rx_bytes),
                tx_packets: now.tx_packets.saturating_sub(self.before.tx_packets),
                tx_bytes: now.tx_bytes.saturating_sub(self.before.tx_bytes),
            },
            passed: watched.accepted.or_else(|| watched.tap.as_ref().filter(|_| !before).map(|_| watched.received)),
            verdicts: watched.simulator.as_ref().map(|simulator| simulator.totals().verdicts.clone()),
            sampled: watched.simulator.as_ref().map_or(0, |_| watched.seen),
            recorded: watched.record.as_ref().map(|_| watched.seen),
            missed: watched.missed,
            maps,
            events: std::mem::take(&mut watched.waiting),
            printed: std::mem::take(&mut watched.printed),
            event_count: watched.event_count,
            lost: watched.lost,
        })
    }
}

fn prog(kernel: &InKernel, at: usize) -> &Prog {
    kernel.progs[at].as_ref().expect("it was asked for")
}

/// Something that is good to know and keeps nothing from working.
fn note(text: &str) {
    eprintln!("note: {text}");
}

/// Whether looking at a map takes nothing out of it, and shows what people look for.
fn can_be_read(def: &MapDef) -> bool {
    let taken_out = matches!(def.map_type, MapType::Queue | MapType::Stack);
    !taken_out && !def.name.starts_with(".rodata")
}

impl<'a> Watched<'a> {
    fn new(
        args: &LiveArgs,
        input: &'a Input,
        kernel: &InKernel,
        device: &Device,
        hook: Hook,
        simulator: Replay,
    ) -> Result<Watched<'a>, Error> {
        let loaded = &input.compiled.loaded;
        let events = Events::new(loaded, kernel.maps()).map_err(|e| Error::bad(&input.name, &e.to_string()))?;
        let calls = loaded.programs.iter().flat_map(|p| &p.insns).filter(|insn| insn.opcode == 0x85 && insn.src == 0);
        let prints = calls.into_iter().any(|call| PRINTING.contains(&call.imm));
        let printk = prints.then(Printk::listen).and_then(|listening| {
            listening.map_err(|why| note(&format!("what the program prints cannot be read: {why}"))).ok()
        });
        let link = device.link_type().map_err(of_device(&device.name))?;
        let sees_before = Tap::sees_before(hook) && link.is_some();
        let depth = match (&args.record, sees_before) {
            (Some(_), _) => Depth::All,
            (None, true) => Depth::Sample,
            (None, false) => Depth::Count,
        };
        let link = match link {
            Some(link) => link,
            None if args.record.is_none() => LinkType::Ethernet,
            None => return Err(Error::bad(&device.name, "packets of this kind of device cannot be recorded")),
        };
        // A program may well run without being looked at.
        let tap = match Tap::open(device, Tap::direction(hook), depth) {
            Err(error) if args.record.is_none() => {
                note(&format!("packets on {} cannot be looked at: {error}", device.name));
                None
            }
            tap => Some(tap.map_err(of_device(&device.name))?),
        };
        let record = Record::new(args, link, &device.name)?;
        let mut simulator = Some(simulator).filter(|_| sees_before && tap.is_some());
        if let Some(simulator) = &mut simulator {
            simulator.as_on_device();
        }
        Ok(Watched {
            tap,
            link,
            record,
            simulator,
            events,
            printk,
            seen: 0,
            received: 0,
            missed: 0,
            accepted: None,
            event_count: 0,
            lost: 0,
            waiting: Vec::new(),
            printed: Vec::new(),
            input,
        })
    }

    fn forget_what_came_before(&mut self) -> Result<(), Error> {
        if let Some(tap) = &mut self.tap {
            tap.read(RECORDED, |_| {}).and_then(|_| tap.take_received()).map_err(of_device(&self.input.name))?;
        }
        Ok(())
    }

    /// Takes in packets, events and lines.
    fn read(&mut self, most: usize) -> Result<(), Error> {
        let (mut written, mut count) = (Ok(()), self.seen);
        if let Some(tap) = &mut self.tap {
            let (record, simulator, link) = (&mut self.record, &mut self.simulator, self.link);
            let read = tap.read(most, |seen: Seen<'_>| {
                if let Some(record) = record
                    && written.is_ok()
                {
                    written = record.packet(&seen);
                }
                if let Some(simulator) = simulator {
                    let Seen { time_ns, orig_len, data, .. } = seen;
                    let packet = Packet { index: count as u32, time_ns, link, orig_len, offset: 0, data };
                    simulator.packet(&packet, &mut NoObserver, |_, _, _| {});
                }
                count += 1;
            });
            // A device that went down is told once, and may come up again.
            let _ = read;
        }
        self.seen = count;
        let (waiting, count) = (&mut self.waiting, &mut self.event_count);
        self.events.read(|output| {
            *count += 1;
            if waiting.len() < WAITING {
                waiting.push(output);
            }
        });
        self.lost += self.events.take_lost();
        if let Some(printk) = &mut self.printk {
            printk.read(|line| {
                if self.printed.len() < WAITING {
                    self.printed.push(line);
                }
            });
        }
        written
    }

    /// Brings up to date what the tap counted.
    fn count(&mut self) {
        if let Some(received) = self.tap.as_ref().and_then(|tap| tap.take_received().ok()) {
            self.received += received.packets;
            // A tap that only counts keeps none.
            self.missed += if self.simulator.is_some() || self.record.is_some() { received.lost } else { 0 };
        }
    }
}

impl From<ModeArg> for Manner {
    fn from(mode: ModeArg) -> Manner {
        match mode {
            ModeArg::Tcx => Manner::Tcx,
            ModeArg::Clsact => Manner::Clsact,
            ModeArg::Native => Manner::Native,
            ModeArg::Generic => Manner::Generic,
        }
    }
}
