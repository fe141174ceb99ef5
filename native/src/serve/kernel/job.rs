//! What a job does, in its own thread: programs to the kernel's verifier, or a capture through kernel and simulator.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use bpfscope_core::{
    kernel::{KernelVersion, MapDef, Program},
    lab::{
        CaptureRef, Compare, Compiled, Difference, Replay, Scenario,
        remote::{Answer, Refused, Tell},
        view::DifferenceView,
    },
    net::CaptureReader,
    object::{LoadOptions, Loaded},
    vm::Config,
};
use bpfscope_linux::{
    bpf::{self, Map, MapSpec, Prog, ProgSpec},
    engine::KernelEngine,
    host,
    load::{Prepared, message},
    log::{last_insn, number_after, said},
    refusal::{Asked, Refusal},
};

use super::{LIMITS, Stop, Watch};
use crate::{
    bundle, check,
    input::{KERNEL_BTF, kernel_types},
};

/// What line information calls the text.
const NAME: &str = "program.s";
/// Bytes that the maps of a program may have together.
const MAPS: u64 = 256 << 20;
/// Bytes of the buffer for the verifier's log, as much as every kernel takes.
const LOG: usize = (1 << 24) - 1;
/// Bytes of the log that are sent: of a longer one the beginning, and its end of [`TAIL`] bytes.
const SENT: usize = 4 << 20;
const TAIL: usize = 64 << 10;
/// `BPF_LOG_STATS`, with the level.
const STATS: u32 = 4;
/// Differences that are told.
const VIEWS: u32 = 5_000;
/// How often a replay tells how far it is.
const PROGRESS: Duration = Duration::from_millis(100);

/// Lifts what is in the way, and says what is.
pub fn prepare() {
    host::lift_memory_limit();
    let map_type = bpfscope_core::kernel::MapType::Array;
    let spec =
        MapSpec { map_type: map_type.number(), key_size: 4, value_size: 4, max_entries: 1, ..MapSpec::default() };
    if let Err(errno) = Map::create(&spec) {
        eprintln!("note: {}", Refusal { asked: Asked::CreateMap(map_type), errno });
    }
}

fn failed(error: impl ToString) -> Stop {
    Stop::Failed(error.to_string())
}

/// Assembles or parses the source, and loads it with this machine's types where it needs some.
fn load(version: KernelVersion, scenario: &Scenario) -> Result<Compiled, Stop> {
    let compiled = |btf| {
        let options = LoadOptions { kernel: version, btf, ..LoadOptions::default() };
        Compiled::new(&scenario.source, NAME, &options).map_err(failed)
    };
    let first = compiled(None)?;
    let needs_types = first.object.has_core_relocs() || first.loaded.programs.iter().any(check::needs_types);
    let compiled = match needs_types.then(|| kernel_types(Path::new(KERNEL_BTF))) {
        Some(Ok(btf)) => compiled(Some(&btf))?,
        _ => first,
    };
    let memory: u64 = compiled.loaded.maps.iter().map(memory).fold(0, u64::saturating_add);
    if memory > MAPS {
        return Err(Stop::Failed(format!("its maps take {} MB, of at most {}", memory >> 20, MAPS >> 20)));
    }
    Ok(compiled)
}

/// About so many bytes the kernel takes for a map that is full.
fn memory(def: &MapDef) -> u64 {
    let values = u64::from(def.value_size) * if def.map_type.is_percpu() { host::possible_cpus().into() } else { 1 };
    let own = u64::from(def.max_entries).saturating_mul(u64::from(def.key_size) + values);
    // Ring buffers have their size in place of a number of entries.
    own.max(def.max_entries.into())
}

/// The kernel's verdict on every program; each is let go again at once.
pub fn verify(version: KernelVersion, scenario: &Scenario, watch: &Watch) -> Result<Vec<Answer>, Stop> {
    let compiled = load(version, scenario)?;
    let loaded = &compiled.loaded;
    let prepared = Prepared::new(&compiled.object, loaded).map_err(failed)?;
    let ask = |(at, program)| {
        watch.look()?;
        ask(&prepared, loaded, at, program)
    };
    loaded.programs.iter().enumerate().map(ask).collect()
}

fn ask(prepared: &Prepared, loaded: &Loaded, at: usize, program: &Program) -> Result<Answer, Stop> {
    let insns = prepared.with_descriptors(&loaded.programs[at].insns);
    let load = |level| {
        let spec = prepared.spec(loaded, at, &insns);
        Prog::load(&ProgSpec { log_level: level | STATS, log_size: LOG, ..spec })
    };
    // With a log of every step that is too long, the path that was rejected, if one was.
    let (whole, answer) = match load(2) {
        Err(bpf::Refused { errno: libc::ENOSPC, .. }) => (false, load(1)),
        answer => (true, answer),
    };
    let (log, errno) = match answer {
        Ok(prog) => (prog.log, None),
        Err(bpf::Refused { errno, log }) => (log, Some(errno)),
    };
    let refusal = |errno| Refusal { asked: Asked::LoadProgram(program.prog_type), errno };
    if let (Some(errno @ libc::EPERM), "") = (errno, log.as_str()) {
        return Err(failed(refusal(errno)));
    }
    let rejected = errno.map(|errno| match message(&log) {
        "" => Refused { text: refusal(errno).to_string(), message: refusal(errno).to_string(), insn: None },
        message => Refused {
            text: said(&log),
            message: message.to_owned(),
            insn: last_insn(&log).map(|pc| pc.0).filter(|pc| (*pc as usize) < program.insns.len()),
        },
    });
    let number = |start| number_after(&log, start).unwrap_or(0);
    let (processed, verification_us) = (number("processed ") as u32, number("verification time "));
    let (log, cut) = shortened(log);
    let log_cut = cut.or((!whole).then_some(0));
    Ok(Answer { program: program.name.clone(), rejected, log, log_cut, processed, verification_us })
}

/// Beginning and end of a long log, and from which byte on something is missing.
fn shortened(log: String) -> (String, Option<u32>) {
    if log.len() <= SENT {
        return (log, None);
    }
    let line_end = |at: usize| log.as_bytes()[..at].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let (cut, tail) = (line_end(SENT - TAIL), line_end(log.len() - TAIL));
    // Both are behind a line's end, where a character begins.
    ([&log[..cut], &log[tail..]].concat(), Some(cut as u32))
}

/// The capture through both; tells how far it is, and gives what ends the job.
pub fn replay(
    version: KernelVersion,
    job: u32,
    scenario: &Scenario,
    watch: &Watch,
    tell: &dyn Fn(Tell),
) -> Result<Tell, Stop> {
    let capture: &[u8] = match &scenario.capture {
        CaptureRef::Inline { bytes, .. } => bytes,
        CaptureRef::Bundled(name) => {
            bundle::capture(name).ok_or_else(|| Stop::Failed(format!("there is no capture `{name}` here")))?
        }
        CaptureRef::File(name) => return Err(Stop::Failed(format!("`{name}` is not in the message"))),
        CaptureRef::None => return Err(Stop::Failed("there are no packets to replay".to_owned())),
    };
    let compiled = load(version, scenario)?;
    watch.look()?;
    // Per-CPU values are one CPU's on both sides.
    host::on_cpu(0, || both(version, job, (scenario, &compiled), capture, watch, tell))
}

fn both(
    version: KernelVersion,
    job: u32,
    (scenario, compiled): (&Scenario, &Compiled),
    capture: &[u8],
    watch: &Watch,
    tell: &dyn Fn(Tell),
) -> Result<Tell, Stop> {
    let loaded = &compiled.loaded;
    let config = Config { seed: scenario.seed, cpus: host::possible_cpus(), kernel: version, ..Config::default() };
    let mut ours = Replay::new(loaded, &scenario.attachments, &scenario.maps, config).map_err(failed)?;
    ours.in_network(&scenario.network).map_err(failed)?;
    let engine = KernelEngine::new(&compiled.object, loaded, ours.attached(), &scenario.maps, &scenario.network);
    let engine = engine.map_err(failed)?;
    let mut theirs = Replay::on(engine, loaded, &scenario.attachments).map_err(failed)?;
    theirs.in_network(&scenario.network).map_err(failed)?;
    let mut compare = Compare::new(ours, theirs, loaded);
    let mut seen = Seen::new(job);
    let mut reader = CaptureReader::new(capture).map_err(failed)?;
    while let Some(packet) = reader.next_packet().map_err(failed)? {
        watch.look()?;
        if seen.done == LIMITS.packets {
            return Err(Stop::Failed(format!(
                "the capture has more than {} packets: the rest is left out",
                LIMITS.packets
            )));
        }
        match compare.packet(&packet) {
            Ok(difference) => seen.packet(difference, |difference| difference.view(loaded, packet.link)),
            // The simulator has not seen it either.
            Err(error) => seen.leave_out(|| format!("packet {}: {error}", packet.index + 1)),
        }
        seen.tell(tell, PROGRESS);
    }
    seen.tell(tell, Duration::ZERO);
    let end = if seen.maps_differ { None } else { compare.end() };
    let verdicts = compare.theirs().totals().verdicts.iter().map(|v| (v.name.to_owned(), v.count)).collect();
    Ok(Tell::Replayed {
        job,
        packets: seen.done,
        seconds: seen.begun.elapsed().as_secs_f64(),
        verdicts,
        different: seen.different,
        left_out: seen.left_out,
        // No packet, and no frame of one, is meant by it.
        end: end.map(|difference| difference.view(loaded, bpfscope_core::net::LinkType::Ethernet)),
    })
}

/// What a replay has seen so far.
struct Seen {
    job: u32,
    done: u32,
    different: u32,
    /// An entry that differs goes on doing so: it is told of the packet that it showed at first.
    maps_differ: bool,
    views: Vec<DifferenceView>,
    left_out: Option<(u32, String)>,
    begun: Instant,
    told: Instant,
}

impl Seen {
    fn new(job: u32) -> Seen {
        let now = Instant::now();
        Seen {
            job,
            done: 0,
            different: 0,
            maps_differ: false,
            views: Vec::new(),
            left_out: None,
            begun: now,
            told: now,
        }
    }

    fn packet(&mut self, difference: Option<Difference>, view: impl FnOnce(&Difference) -> DifferenceView) {
        self.done += 1;
        let is_map = matches!(difference, Some(Difference::Map { .. }));
        let Some(difference) = difference.filter(|_| !is_map || !self.maps_differ) else { return };
        self.maps_differ |= is_map;
        self.different += 1;
        if self.different <= VIEWS {
            self.views.push(view(&difference));
        }
    }

    fn leave_out(&mut self, why: impl FnOnce() -> String) {
        self.done += 1;
        self.left_out.get_or_insert_with(|| (0, why())).0 += 1;
    }

    fn tell(&mut self, tell: &dyn Fn(Tell), every: Duration) {
        if self.told.elapsed() >= every {
            self.told = Instant::now();
            let views = std::mem::take(&mut self.views);
            tell(Tell::Packets { job: self.job, done: self.done, different: self.different, views });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_keeps_whole_lines_of_its_beginning_and_its_end() {
        let line = "12: (bf) r2 = r10 ; é\n";
        let long = line.repeat((SENT / line.len()) * 2) + "processed 9 insns\n";
        let (log, cut) = shortened(long);
        let cut = cut.unwrap() as usize;
        assert!(log.len() <= SENT && log.lines().rev().skip(1).all(|l| l == line.trim_end()));
        assert!(log[..cut].ends_with('\n') && log.ends_with("processed 9 insns\n"));
        assert_eq!(shortened("short\n".into()), ("short\n".into(), None));
    }
}
