//! [`Machine`]: programs, maps and environment, ready to run.

use std::sync::Arc;

use super::addr::{self, Addr};
use super::decode::Decoded;
use super::env::Env;
use super::exec::{self, Vm};
use super::fault::Fault;
use super::memory::Memory;
use super::observe::{Hits, Observer};
use super::record::{Place, Recorder, Room};
use super::trace::Trace;
use super::{ProgId, context};
use crate::isa::{DecodeError, Pc};
use crate::kernel::{KernelVersion, MapDef, Program};
use crate::maps::{Limits, MapError, MapStore};
use crate::net::SkBuff;

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
            plain: SkBuff::default(),
        })
    }

    /// The programs; a [`ProgId`] is an index.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// Runs a program on a packet. What the context is follows from the program's type.
    ///
    /// Maps, packet and environment are left as the program left them. There is no program of that number:
    /// it runs no instruction and returns 0.
    pub fn run<O: Observer>(&mut self, prog: ProgId, skb: &mut SkBuff, obs: &mut O) -> Outcome {
        let (mut vm, _) = self.vm();
        exec::run(&mut vm, prog, skb, Addr::new(addr::CTX, 0).0, 0, obs)
    }

    /// Runs a program on plain memory: `r1` is its address and `r2` its length.
    pub fn run_memory<O: Observer>(&mut self, prog: ProgId, mem: &mut Vec<u8>, obs: &mut O) -> Outcome {
        let (mut vm, plain) = self.vm();
        plain.packet.swap_memory(mem);
        let len = plain.packet.len() as u64;
        let outcome = exec::run(&mut vm, prog, plain, context::packet_addr(0), len, obs);
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
