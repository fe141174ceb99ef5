//! Traces: any step, both ways, is the state of a run up to there.

use proptest::prelude::*;

use super::random::programs;
use super::{Config, Machine, NoObserver, ProgId, machine, skb, text_program};
use crate::isa::{Pc, RawInsn};
use crate::kernel::{KernelVersion, MapDef, MapId, MapType, ProgType, Program};
use crate::vm::{AccessKind, FaultKind, Region, State, Trace};

/// Makes `r… = N ll` of a text the address of map N.
fn with_maps(mut program: Program) -> Program {
    for insn in &mut program.insns {
        if insn.opcode == 0x18 {
            insn.src = 1;
        }
    }
    program
}

/// In front of a random program that expects memory in `r1`: `r1 = ctx->data`.
fn on_packet(mut program: Program) -> Program {
    program.insns.insert(0, RawInsn { opcode: 0x61, dst: 1, src: 1, off: 0, imm: 0 });
    program
}

/// Seeks to the steps in turn; each state must be that of a trace that only went forwards to it, and at each step the
/// state left behind must be found again.
fn check_seeks(trace: &mut Trace, fresh: impl Fn() -> Trace, seeks: &[usize]) {
    let start = trace.state().clone();
    for &seek in seeks {
        let step = seek % (trace.steps() + 1);
        trace.seek(step);
        let mut other = fresh();
        other.seek(step);
        assert_eq!(trace.state(), other.state(), "step {step}");
        assert_eq!(trace.position(), step);
    }
    trace.seek(0);
    assert_eq!(trace.state(), &start);
}

/// Registers, stack and packet when a run is stopped by its budget at a step, or at its end.
fn executed(program: &Program, bytes: &[u8], steps: usize) -> Vec<u64> {
    // The recorder is not asked: the values are stored by an observer of its own.
    struct Keep {
        regs: [u64; 11],
        left: usize,
        dst: Vec<u8>,
    }
    impl crate::vm::observe::Watch for Keep {
        const ACTIVE: bool = true;
        fn step(&mut self, op: u32, delta: u64) {
            if self.left > 0 {
                self.regs[usize::from(self.dst[op as usize])] ^= delta;
                self.left -= 1;
            }
        }
    }
    let mut machine = machine(std::slice::from_ref(program), &[]);
    let mut regs = [0; 11];
    regs[1] = 1 << 32;
    regs[10] = 8 << 32 | 0x1000_0000;
    let maps = crate::maps::MapStore::new(crate::maps::Limits::default());
    let decoded = crate::vm::decode::Decoded::new(ProgId(0), 0, program, &maps, KernelVersion::LATEST).unwrap();
    let mut keep = Keep { regs, left: steps, dst: decoded.ops.iter().map(|op| op.dst as u8).collect() };
    machine.run(ProgId(0), &mut skb(bytes), &mut keep);
    keep.regs.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_seek_is_the_state_of_a_run_up_to_there(
        program in programs(),
        bytes in prop::collection::vec(any::<u8>(), 64),
        seeks in prop::collection::vec(any::<usize>(), 1..8),
    ) {
        let program = on_packet(program);
        let record = || {
            let config = Config { budget: 500, ..Config::default() };
            Machine::new(std::slice::from_ref(&program), &[], config).unwrap().record(ProgId(0), &mut skb(&bytes))
        };
        let mut trace = record();
        check_seeks(&mut trace, record, &seeks);
        // Against the run itself: registers on the way, the packet at the end.
        for &seek in &seeks {
            let step = seek % (trace.steps() + 1);
            trace.seek(step);
            prop_assert_eq!(trace.state().regs.to_vec(), executed(&program, &bytes, step));
        }
        trace.seek(trace.steps());
        let config = Config { budget: 500, ..Config::default() };
        let mut machine = Machine::new(std::slice::from_ref(&program), &[], config).unwrap();
        let mut packet = skb(&bytes);
        let outcome = machine.run(ProgId(0), &mut packet, &mut NoObserver);
        prop_assert_eq!(packet.packet.bytes(), trace.state().skb.packet.bytes());
        prop_assert_eq!(&outcome, trace.outcome());
        prop_assert_eq!(outcome.insns as usize, trace.steps());
    }
}

/// Calls, stack, packet, context, helpers that change packet and maps, output: everything that can be undone.
const EVERYTHING: &str = "
        r6 = r1
        *(u32 *)(r6 + 8) = 77
        *(u32 *)(r10 - 4) = 1
        *(u64 *)(r10 - 16) = 5
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        r1 = 0 ll
        call 2
        r2 = r10
        r2 += -4
        r1 = 0 ll
        call 1
        if r0 == 0 goto out
        r1 = 3
        lock *(u64 *)(r0 + 0) += r1
        r1 = 5
        call f
        r7 = r0
        r1 = r6
        r2 = 0x8100
        r3 = 5
        call 18
        r1 = r6
        r2 = 0x8100
        r3 = 6
        call 18
        r1 = r6
        r2 = 30
        r3 = r10
        r3 += -16
        r4 = 8
        r5 = 0
        call 9
        r2 = r10
        r2 += -4
        r1 = 0 ll
        call 3
        *(u16 *)(r10 - 24) = 0x6968
        *(u8 *)(r10 - 22) = 0
        r1 = r10
        r1 += -24
        r2 = 3
        call 6
        r1 = 4
        call f
out:    r0 = r7
        exit
f:      r6 = r1
        *(u64 *)(r10 - 8) = r1
        r1 += -1
        r0 = 1
        if r1 == 0 goto done
        call f
        r0 += r6
done:   exit";

fn everything() -> Trace {
    let program = with_maps(text_program(ProgType::SchedCls, EVERYTHING));
    let mut frame: Vec<u8> = (0..80).collect();
    frame[12..14].copy_from_slice(&[8, 0]);
    machine(&[program], &[MapDef::new("counts", MapType::Hash, 4, 8, 4)]).record(ProgId(0), &mut skb(&frame))
}

#[test]
fn everything_that_a_run_does_is_undone_and_redone() {
    let mut trace = everything();
    assert_eq!(trace.outcome().fault, None);
    assert_eq!(trace.outcome().ret, 1 + 2 + 3 + 4 + 5);
    let steps = trace.steps();
    let mut states: Vec<State> = Vec::new();
    for step in 0..=steps {
        trace.seek(step);
        states.push(trace.state().clone());
    }
    for step in (0..=steps).rev().chain([steps, 0, steps / 2, 3, steps - 1]) {
        trace.seek(step);
        assert_eq!(trace.state(), &states[step], "step {step}");
    }
    // And not because nothing ever changes.
    let (first, last) = (&states[0], &states[steps]);
    assert_eq!(last.outputs, 1);
    assert_eq!(first.skb.notes.mark, 0);
    assert_eq!(last.skb.notes.mark, 77);
    assert_eq!(last.skb.packet.len(), 84);
    assert_eq!(states.iter().map(|s| s.maps.count(MapId(0))).max(), Some(1));
    assert_eq!(last.maps.count(MapId(0)), 0);
    assert_eq!(states.iter().map(|s| s.frames.len()).max(), Some(6));
    let added = states.iter().any(|s| s.maps.entries(MapId(0)).any(|(_, value)| value == 8u64.to_le_bytes()));
    assert!(added, "the atomic addition through the pointer is seen");
}

#[test]
fn the_last_state_is_what_the_run_left() {
    let program = with_maps(text_program(ProgType::SchedCls, EVERYTHING));
    let mut frame: Vec<u8> = (0..80).collect();
    frame[12..14].copy_from_slice(&[8, 0]);
    let mut machine = machine(&[program], &[MapDef::new("counts", MapType::Hash, 4, 8, 4)]);
    let mut packet = skb(&frame);
    let outcome = machine.run(ProgId(0), &mut packet, &mut NoObserver);
    let mut trace = everything();
    trace.seek(usize::MAX);
    assert_eq!(&outcome, trace.outcome());
    assert_eq!(trace.state().skb.packet.bytes(), packet.packet.bytes());
    assert_eq!(trace.state().skb.notes, packet.notes);
    assert_eq!(trace.state().regs[0], outcome.ret);
}

#[test]
fn values_that_had_no_memory_before_the_run_are_seen() {
    // The first look at entry 5 gives it memory, in the machine's maps and so in the trace's too.
    let counts = "
        *(u32 *)(r10 - 4) = 5
        r2 = r10
        r2 += -4
        r1 = 0 ll
        call 1
        if r0 == 0 goto out
        *(u64 *)(r0 + 0) = 7
out:    exit";
    let queue = "
        *(u64 *)(r10 - 8) = 7
        r2 = r10
        r2 += -8
        r1 = 0 ll
        r3 = 0
        call 87
        exit";
    let cases = [(MapType::Array, 4, counts), (MapType::PercpuArray, 4, counts), (MapType::Queue, 0, queue)];
    for (map_type, key_size, text) in cases {
        let program = with_maps(text_program(ProgType::SchedCls, text));
        let map = MapDef::new("map", map_type, key_size, 8, 8);
        let mut trace = machine(&[program], &[map]).record(ProgId(0), &mut skb(&[0; 64]));
        let sevens = |trace: &Trace| {
            let entries = trace.state().maps.entries(MapId(0));
            entries.filter(|(_, value)| value.starts_with(&7u64.to_le_bytes())).count()
        };
        trace.seek(usize::MAX);
        assert_eq!(sevens(&trace), 1, "{map_type}");
        trace.seek(0);
        assert_eq!(sevens(&trace), 0, "{map_type}");
    }
}

#[test]
fn a_step_tells_what_it_changed() {
    let text =
        "r2 = *(u32 *)(r1 + 0)\nr3 = *(u16 *)(r2 + 12)\n*(u32 *)(r10 - 8) = 7\n*(u8 *)(r2 + 1) = 9\nr0 = 2\nexit";
    let mut trace = machine(&[text_program(ProgType::Xdp, text)], &[]).record(ProgId(0), &mut skb(&[3; 20]));
    let touched = |trace: &Trace, step| {
        let accesses: Vec<_> = trace.accesses(step..step + 1).collect();
        accesses.iter().map(|a| (a.kind, a.region, a.offset, a.len)).collect::<Vec<_>>()
    };
    assert_eq!(touched(&trace, 1), [(AccessKind::Read, Region::Packet, 12, 2)]);
    assert_eq!(touched(&trace, 2), [(AccessKind::Write, Region::Stack(0), -8, 4)]);
    assert_eq!(touched(&trace, 3), [(AccessKind::Write, Region::Packet, 1, 1)]);
    for position in [0, 3, 6] {
        trace.seek(position);
        let changed = trace.changes(1).regs;
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].reg, changed[0].old, changed[0].new), (3, 0, 0x0303));
    }
    trace.seek(3);
    let frame = &trace.state().frames[0];
    assert_eq!(frame.stack[504..508], 7u32.to_le_bytes());
    assert!(frame.written.contains(504) && !frame.written.contains(508) && !frame.written.contains(503));
    trace.seek(2);
    assert!(!trace.state().frames[0].written.contains(504));
}

#[test]
fn searches_find_the_next_place() {
    let trace = everything();
    let first_call = trace.find(0, true, |at| at.depth == 1).unwrap();
    let here = trace.location(first_call - 1);
    let over = trace.find(first_call - 1, true, |at| at.depth <= here.depth).unwrap();
    assert_eq!(trace.location(over).pc, Pc(here.pc.0 + 1));
    assert_eq!(trace.find(over, false, |at| at.depth == 0), Some(first_call - 1));
    assert_eq!(trace.find(0, false, |_| true), None);
    let hits = trace.hits();
    assert_eq!(hits.iter().map(|(_, _, n)| n).sum::<u64>(), trace.steps() as u64);
    assert_eq!(hits[0], (ProgId(0), Pc(0), 1));
}

#[test]
fn a_recording_is_bounded() {
    let text = "r2 = *(u32 *)(r1 + 0)\nagain: *(u64 *)(r2 + 0) = 1\ngoto again";
    let config = Config { budget: 5_000_000, ..Config::default() };
    let mut machine = Machine::new(&[text_program(ProgType::Xdp, text)], &[], config).unwrap();
    let mut trace = machine.record(ProgId(0), &mut skb(&[0; 64]));
    assert!(trace.is_cut());
    assert!(trace.steps() >= 1_000_000 && trace.steps() < 4_000_000, "{}", trace.steps());
    assert!(matches!(trace.outcome().fault.as_ref().unwrap().what, FaultKind::Budget { .. }));
    trace.seek(trace.steps());
    assert_eq!(trace.state().skb.packet.bytes()[0], 1);
    trace.seek(0);
    assert_eq!(trace.state().skb.packet.bytes()[0], 0);
}
