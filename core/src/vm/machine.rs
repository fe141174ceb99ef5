//! [`Machine`]: programs, maps and environment, ready to run.

use std::sync::Arc;

use super::addr::{self, Addr};
use super::decode::Decoded;
use super::env::Env;
use super::exec::{self, Entry, Vm};
use super::fault::Fault;
use super::memory::Memory;
use super::observe::{Hits, NoObserver, Observer};
use super::record::{Place, Recorder, Room};
use super::trace::Trace;
use super::{ProgId, context};
use crate::isa::{DecodeError, Pc};
use crate::kernel::{KernelVersion, MapDef, Program};
use crate::maps::{FieldPlace, Limits, MapError, MapStore, TimerFunc};
use crate::net::SkBuff;

/// Timers that run between two packets, at most: one that starts itself anew never ends.
const MAX_TIMERS: u32 = 10_000;

/// What a machine is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Instructions that a run may take.
    pub budget: u64,
    /// CPUs: values of an entry in per-CPU maps.
    pub cpus: u32,
    /// Where random numbers start.
    pub seed: u64,
    /// Whose rules apply.
    pub kernel: KernelVersion,
    /// Bytes that all maps together may use.
    pub map_memory: u64,
}

impl Default for Config {
    fn default() -> Config {
        Config { budget: 1_000_000, cpus: 1, seed: 1, kernel: KernelVersion::LATEST, map_memory: 256 << 20 }
    }
}

/// Why a machine cannot be set up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetupError {
    /// An instruction that cannot be decoded.
    #[error("program `{name}`: {error}")]
    Decode {
        /// The program.
        prog: ProgId,
        /// Its name.
        name: String,
        /// What is wrong, and where.
        error: DecodeError,
    },
    /// An instruction that refers to a map which there is not.
    #[error("program `{name}`, instruction {pc}: there is no map {map}")]
    NoMap {
        /// The program.
        prog: ProgId,
        /// Its name.
        name: String,
        /// The instruction.
        pc: Pc,
        /// The map's number.
        map: i32,
    },
    /// A map that cannot be created.
    #[error(transparent)]
    Map(#[from] MapError),
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// `r0` at the end; 0 when the run ended in a fault.
    pub ret: u64,
    /// Instructions run; one that faulted is not counted.
    pub insns: u64,
    /// Why it ended early.
    pub fault: Option<Fault>,
}

/// Maps and environment at some moment between runs, to come back to.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    maps: MapStore,
    env: Env,
}

impl Checkpoint {
    /// The maps.
    pub fn maps(&self) -> &MapStore {
        &self.maps
    }
}

/// Programs, maps and environment, ready to run.
pub struct Machine {
    /// The maps.
    pub maps: MapStore,
    /// Clock, randomness, devices and what runs put out.
    pub env: Env,
    programs: Vec<Program>,
    decoded: Vec<Decoded>,
    /// For the next recording.
    room: Room,
    places: Arc<[Place]>,
    mem: Memory,
    budget: u64,
    test_runs: bool,
    /// The packet that stands for plain memory in [`Machine::run_memory`].
    plain: SkBuff,
}

impl Machine {
    /// Creates the maps with what they hold initially, and makes the programs ready to run.
    ///
    /// # Errors
    /// A map that cannot be created, or an instruction that cannot be decoded or refers to no map.
    pub fn new(programs: &[Program], maps: &[MapDef], config: Config) -> Result<Machine, SetupError> {
        let mut store = MapStore::new(Limits { memory: config.map_memory, cpus: config.cpus });
        store.create_all(maps)?;
        store.set_programs(|name| programs.iter().position(|p| p.name == name).map(|at| at as u32))?;
        let mut decoded = Vec::with_capacity(programs.len());
        let mut places = Vec::new();
        for (at, program) in programs.iter().enumerate() {
            let id = ProgId(at as u32);
            let ready = Decoded::new(id, places.len() as u32, program, &store, config.kernel)?;
            places.extend(ready.pcs.iter().zip(&ready.ops).map(|(&pc, op)| Place {
                prog: id,
                pc,
                dst: op.dst as u8,
                more: op.reaches_out(),
            }));
            decoded.push(ready);
        }
        Ok(Machine {
            maps: store,
            env: Env::new(config.kernel, config.cpus, config.seed),
            programs: programs.to_vec(),
            decoded,
            places: places.into(),
            room: Room::FIRST,
            mem: Memory::new(),
            budget: config.budget,
            test_runs: false,
            plain: SkBuff::default(),
        })
    }

    /// The programs; a [`ProgId`] is an index.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// From now on programs run as in `BPF_PROG_TEST_RUN`, which attaches them to no control group: storage of one is of
    /// zeroes at the start of each run.
    pub fn as_in_test_runs(&mut self) {
        self.test_runs = true;
        self.maps.group_renew();
    }

    /// Runs a program on a packet. What the context is follows from the program's type.
    ///
    /// Maps, packet and environment are left as the program left them. There is no program of that number:
    /// it runs no instruction and returns 0.
    pub fn run<O: Observer>(&mut self, prog: ProgId, skb: &mut SkBuff, obs: &mut O) -> Outcome {
        let (mut vm, _) = self.vm();
        let outcome = exec::run(&mut vm, Entry::main(prog, Addr::new(addr::CTX, 0).0, 0), skb, obs);
        if self.test_runs {
            self.maps.group_renew();
        }
        outcome
    }

    /// The clock goes on to a packet's capture time, in ns since the epoch: timers that are due by then run their
    /// functions, in order, each at its own time. What they put out is among the effects that are taken next.
    pub fn advance(&mut self, time_ns: u64) {
        for _ in 0..MAX_TIMERS {
            let Some((place, func, due)) = self.maps.timer_fires(time_ns) else { break };
            self.env.set_time(due);
            self.run_timer(place, func);
            self.maps.timer_ended();
        }
        self.env.set_time(time_ns);
    }

    /// Runs a timer's function with its map, the entry's key, and the entry's value.
    fn run_timer(&mut self, place: FieldPlace, func: TimerFunc) {
        let Some(entry) = self.maps.locate(place.map, place.offset) else { return };
        let Some(object) = self.maps.heap_alloc(entry.key.len() as u32) else { return };
        if let Some(key) = self.maps.heap.get_mut(object, 0, entry.key.len()) {
            key.copy_from_slice(&entry.key);
        }
        let program = ProgId(func.program);
        let start = self.decoded.get(program.0 as usize).and_then(|decoded| decoded.op_at(Pc(func.slot)));
        if let Some(pc) = start {
            let map = Addr::new(addr::MAP + place.map.0, 0).0;
            let value = Addr::new(addr::MAP_VALUE + place.map.0, place.offset - entry.within).0;
            let args = [map, Addr::new(addr::OBJECT + object, 0).0, value, 0, 0];
            let (mut vm, plain) = self.vm();
            exec::run(&mut vm, Entry { program, pc, args }, plain, &mut NoObserver);
        }
        self.maps.heap_free(object);
    }

    /// Runs a program on plain memory: `r1` is its address and `r2` its length.
    pub fn run_memory<O: Observer>(&mut self, prog: ProgId, mem: &mut Vec<u8>, obs: &mut O) -> Outcome {
        let (mut vm, plain) = self.vm();
        plain.packet.swap_memory(mem);
        let len = plain.packet.len() as u64;
        let outcome = exec::run(&mut vm, Entry::main(prog, context::packet_addr(0), len), plain, obs);
        plain.packet.swap_memory(mem);
        outcome
    }

    /// Runs a program on a packet as [`run`](Machine::run) does, and records every step. What is in `env` to be taken
    /// goes to the trace.
    pub fn record(&mut self, prog: ProgId, skb: &mut SkBuff) -> Trace {
        self.env.take_effects();
        let mut recorder = Recorder::new(prog, skb, &self.maps, self.room);
        self.maps.start_journal();
        let outcome = self.run(prog, skb, &mut recorder);
        self.maps.take_journal();
        self.maps.stop_journal();
        self.room = recorder.room();
        recorder.finish(outcome, self.env.take_effects(), Arc::clone(&self.places))
    }

    /// What [`Hits`] counted, by program and slot; instructions that never ran are left out.
    pub fn hits<'a>(&'a self, hits: &'a Hits) -> impl Iterator<Item = (ProgId, Pc, u64)> + 'a {
        self.places.iter().zip(hits.counts()).filter(|(_, n)| **n > 0).map(|(at, &n)| (at.prog, at.pc, n))
    }

    /// Maps and environment as they are now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { maps: self.maps.clone(), env: self.env.clone() }
    }

    /// Puts maps and environment back to what they were.
    pub fn restore(&mut self, checkpoint: &Checkpoint) {
        self.maps.clone_from(&checkpoint.maps);
        self.env.clone_from(&checkpoint.env);
    }

    fn vm(&mut self) -> (Vm<'_>, &mut SkBuff) {
        let vm = Vm {
            programs: &self.decoded,
            maps: &mut self.maps,
            env: &mut self.env,
            mem: &mut self.mem,
            budget: self.budget,
        };
        (vm, &mut self.plain)
    }
}
