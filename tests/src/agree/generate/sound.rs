//! Programs that our verifier accepts, run: a fault is a mistake of the verifier or of the machine.

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{MapId, MapType, ProgType};
use bpfscope_core::net::SkBuff;
use bpfscope_core::vm::{Config, FaultKind, Machine, NoObserver, ProgId};

use super::code;
use super::pool::{Pools, Sample};
use super::rng::Rng;

/// What went wrong, and with which packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// In words.
    pub what: String,
    /// The packet, or the context of a program that has none.
    pub input: Vec<u8>,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, on {} bytes:", self.what, self.input.len())?;
        self.input.iter().take(64).try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

/// Runs of one program.
const RUNS: u64 = 6;
/// Instructions of a run: loops of accepted programs may be long, but they end.
const BUDGET: u64 = 2_000_000;
/// Opcode and offset of an arena pointer's cast: a move, by its offset another one.
const CAST: (u8, i16) = (0xbf, 1);
/// Bytes of a context that is plain memory: `struct pt_regs`, a tracepoint's record.
const CONTEXT: usize = 8192;

/// Runs a program on a few packets with a few contents of maps; how often, and the first fault.
pub fn run(pools: &Pools, sample: &Sample, seed: u64) -> (u64, Option<Fault>) {
    let mut rng = Rng::new(seed, 0x50f7);
    let program = pools.program(sample);
    let maps = pools.pools[sample.pool].maps();
    let config = Config { budget: BUDGET, seed: rng.next(), ..Config::default() };
    // What the machine does not simulate says nothing about the verifier.
    let Ok(mut machine) = Machine::new(&[program], maps, config) else { return (0, None) };
    for run in 0..RUNS {
        fill(&mut machine, &mut rng, maps.len());
        let mut input = packet(&mut rng, run);
        let tracing = matches!(sample.prog_type, ProgType::Kprobe | ProgType::Tracepoint | ProgType::RawTracepoint);
        let outcome = if tracing {
            input.resize(CONTEXT, 0);
            machine.run_memory(ProgId(0), &mut input.clone(), &mut NoObserver)
        } else {
            let mut skb = SkBuff::default();
            skb.reset_ethernet(&input);
            skb.notes.mark = rng.next() as u32;
            skb.notes.priority = rng.interesting() as u32;
            skb.notes.cb = std::array::from_fn(|_| rng.interesting() as u32);
            machine.run(ProgId(0), &mut skb, &mut NoObserver)
        };
        match outcome.fault {
            Some(fault) if counts(&fault.what) && !is_the_kernels(&fault.what, sample) => {
                return (run + 1, Some(Fault { what: fault.to_string(), input }));
            }
            Some(_) => return (run + 1, None),
            None => {}
        }
    }
    (RUNS, None)
}

/// Whether a fault is what a verifier prevents, and not a limit of the simulation.
fn counts(what: &FaultKind) -> bool {
    match what {
        // Fields of the kernel's own structures: of maps by BTF, of a device map's context.
        FaultKind::Access { reason, .. } if reason.starts_with("a map is not") || reason.starts_with("not a field") => {
            false
        }
        // The kernel lets helpers take a value or null together with a size, and leaves it to the helper.
        FaultKind::Access { access, place, .. } if place == "0x0" && access.starts_with("bpf_") => false,
        // The context of a program without a packet is plain memory here, which helpers do not know.
        FaultKind::Argument { expected, .. } if expected.contains("context") => false,
        FaultKind::Access { .. }
        | FaultKind::Argument { .. }
        | FaultKind::OutOfProgram
        | FaultKind::CallDepth { .. } => true,
        FaultKind::Helper { .. } | FaultKind::Unsupported { .. } | FaultKind::Budget { .. } => false,
    }
}

/// Whether the kernel accepts what leads to a fault.
fn is_the_kernels(what: &FaultKind, sample: &Sample) -> bool {
    // It takes no pointer's lower half to be zero, and here that of everything's first byte is.
    let halves = |insn: &RawInsn| insn.opcode & (7 | code::X) == code::JMP32 && insn.imm == 0;
    // Whatever is added to an arena's pointer makes one of the arena's for it, which cannot leave that.
    let of_arena = |insn: &RawInsn| insn.opcode == CAST.0 && insn.off == CAST.1;
    match what {
        FaultKind::Access { .. } if sample.insns.iter().any(of_arena) => true,
        // It takes an iterator at the frame's end for the one in the first slot below it.
        FaultKind::Access { access, place, .. } if access.starts_with("bpf_iter_num_") => place == "fp",
        // It lets tracepoints read what lies before their record.
        FaultKind::Access { place, .. } if sample.prog_type == ProgType::Tracepoint => place.starts_with("pkt-"),
        FaultKind::Access { place, .. } => place.starts_with("null") && sample.insns.iter().any(halves),
        _ => false,
    }
}

/// Puts random values under the keys that generated programs use.
fn fill(machine: &mut Machine, rng: &mut Rng, maps: usize) {
    for id in (0..maps as u32).map(MapId) {
        let Some(def) = machine.maps.def(id).cloned() else { continue };
        let stored = matches!(
            def.map_type,
            MapType::Hash | MapType::Array | MapType::PercpuArray | MapType::LruHash | MapType::LpmTrie
        );
        if !stored || def.name.starts_with('.') || rng.chance(30) {
            continue;
        }
        for key in 0..3u8 {
            let mut bytes = vec![0; def.key_size as usize];
            bytes[0] = key;
            let value: Vec<u8> =
                (0..def.value_size).map(|_| rng.one([0, 1, 0x7f, 0xff, rng.clone().next() as u8])).collect();
            // An entry that does not fit is one that programs do not find.
            let _ = machine.maps.user_update(id, &bytes, &value, 0);
        }
    }
}

/// A packet: of any length, often with headers that programs look for.
fn packet(rng: &mut Rng, run: u64) -> Vec<u8> {
    let len = match run {
        0 => 14,
        1 => rng.range(14, 64),
        2 => rng.range(60, 200),
        _ => rng.one([14, 15, 34, 42, 54, 64, 128, 1500]),
    };
    let mut packet: Vec<u8> = (0..len).map(|_| rng.next() as u8).collect();
    if rng.chance(60) {
        for (at, byte) in [(12, 0x08), (13, 0x00), (14, 0x45), (23, 6)] {
            if let Some(place) = packet.get_mut(at) {
                *place = byte;
            }
        }
    }
    packet
}
